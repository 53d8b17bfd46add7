//! Finding words in a text: naive, Knuth-Morris-Pratt, Horspool; edit distance; UTF-8.
#![no_std]

mod common;
use common::{Global, Random, mix};

const TEXT: &str = include_str!("sample.json");
const WORDS: [&str; 8] = ["total", "\"P-105\"", "zebra", "T-00", "]]]]]]]]", "{", "\"paid\": false", " "];

static LONG: Global<[u8; 8192]> = Global::new([0; 8192]);

/// A text of few letters, so that a search has many near misses.
fn long() -> &'static [u8] {
    let long = LONG.take();
    let mut random = Random(7);
    long.fill_with(|| b"abaabbab"[(random.next() >> 9) as usize % 8]);
    long
}

fn naive(text: &[u8], word: &[u8]) -> u32 {
    text.windows(word.len()).filter(|window| *window == word).count() as u32
}

fn kmp(text: &[u8], word: &[u8]) -> u32 {
    let mut border = [0usize; 64];
    for i in 1..word.len() {
        let mut k = border[i - 1];
        while k > 0 && word[i] != word[k] {
            k = border[k - 1];
        }
        border[i] = k + usize::from(word[i] == word[k]);
    }
    let (mut matched, mut found) = (0, 0);
    for &byte in text {
        while matched > 0 && (matched == word.len() || byte != word[matched]) {
            matched = border[matched - 1];
        }
        matched += usize::from(byte == word[matched]);
        found += u32::from(matched == word.len());
    }
    found
}

fn horspool(text: &[u8], word: &[u8]) -> u32 {
    let mut skip = [word.len(); 256];
    for (i, &byte) in word[..word.len() - 1].iter().enumerate() {
        skip[usize::from(byte)] = word.len() - 1 - i;
    }
    let (mut end, mut found) = (word.len(), 0);
    while end <= text.len() {
        found += u32::from(&text[end - word.len()..end] == word);
        end += skip[usize::from(text[end - 1])];
    }
    found
}

fn find(method: u32, text: &[u8], word: &[u8]) -> u32 {
    match method {
        0 => naive(text, word),
        1 => kmp(text, word),
        2 => horspool(text, word),
        _ => core::arch::wasm32::unreachable(),
    }
}

/// How often word `word` (0 to 7; others trap) stands in the built-in text, by method 0, 1 or 2 (others trap).
#[unsafe(no_mangle)]
pub extern "C" fn occurrences(method: u32, word: u32) -> u32 {
    find(method, TEXT.as_bytes(), WORDS[word as usize].as_bytes())
}

/// Searches a long text for `rounds` stretches of itself, `size` bytes each (1 to 64; others trap).
#[unsafe(no_mangle)]
pub extern "C" fn search(method: u32, size: u32, rounds: u32) -> u32 {
    assert!((1..=64).contains(&size));
    let text = long();
    (0..rounds as usize).fold(0, |sum, round| {
        let at = round * 97 % (text.len() - 64);
        mix(sum, find(method, text, &text[at..at + size as usize]))
    })
}

/// The Levenshtein distance of two stretches of the long text, of `n` and `m` bytes (at most 255; more trap).
#[unsafe(no_mangle)]
pub extern "C" fn distance(n: u32, m: u32) -> u32 {
    let text = long();
    let (a, b) = (&text[..n as usize], &text[1000..1000 + m as usize]);
    let mut row = [0u32; 256];
    for (i, cell) in row.iter_mut().enumerate() {
        *cell = i as u32;
    }
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i as u32 + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + u32::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// Decodes the code points from `start` on for `count` of them, from texts of one to four bytes a character; their
/// digest.
#[unsafe(no_mangle)]
pub extern "C" fn code_points(start: u32, count: u32) -> u32 {
    let text = "plain, \u{e9}\u{e8}\u{ea}\u{fc}, \u{3b1}\u{3b2}\u{3b3}, \u{4e2d}\u{6587}\u{5b57}, \u{1f980}\u{1f9ed}\u{10348}!";
    text.chars().skip(start as usize).take(count as usize).fold(0, |digest, c| mix(digest, c as u32))
}
