//! The guests of the repository and the calls whose answers are known.

use std::path::{Path, PathBuf};
use wrt_instructions::Trap;

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests")
}

/// The bytes of a guest.
pub(crate) fn read(file: &str) -> Vec<u8> {
    let path = folder().join("wasm").join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of all guests, sorted.
pub(crate) fn all() -> Vec<String> {
    let entries = std::fs::read_dir(folder().join("wasm")).expect("guests are there");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name.to_lowercase().ends_with(".wasm"));
    names.sort();
    names
}

/// What a call must come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Results(Vec<u64>),
    /// One of these traps: the file knows fewer than the runtime does.
    Trap(&'static [Trap]),
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) line: usize,
    pub(crate) file: String,
    /// On the instance of the call before.
    pub(crate) goes_on: bool,
    pub(crate) export: String,
    pub(crate) arguments: Vec<u64>,
    pub(crate) expected: Expected,
}

/// All calls of `expected.txt` but those on guests that are linked to others.
pub(crate) fn calls() -> Vec<Call> {
    let text = std::fs::read_to_string(folder().join("expected.txt")).expect("guests are there");
    let mut linked = Vec::new();
    let mut calls = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut words = line.split_whitespace().peekable();
        let goes_on = words.next_if(|word| *word == "+").is_some();
        let Some(file) = words.next().filter(|word| !word.starts_with('#')) else { continue };
        if file == "link" {
            linked.push(words.next().expect("a file").to_owned());
            continue;
        }
        if linked.iter().any(|name| name == file) {
            continue;
        }
        let export = words.next().expect("an export").to_owned();
        let arguments = words.by_ref().take_while(|word| *word != "->").map(literal).collect();
        let expected = match words.peek() {
            Some(&"exhausted") => Expected::Trap(&[Trap::CallStackExhausted]),
            Some(&"exception") => Expected::Trap(&[Trap::UncaughtException]),
            Some(word) if word.starts_with("trap:") => Expected::Trap(traps(&word[5..])),
            _ => Expected::Results(words.map(literal).collect()),
        };
        calls.push(Call { line: number + 1, file: file.to_owned(), goes_on, export, arguments, expected });
    }
    calls
}

/// The slot that a literal stands for.
fn literal(word: &str) -> u64 {
    let (ty, value) = word.split_once(':').expect("TYPE:VALUE");
    let bits = || u64::from_str_radix(value.strip_prefix("0x").expect("0x"), 16).expect("hexadecimal");
    match ty {
        "i32" => u64::from(value.parse::<i32>().expect("an i32") as u32),
        "i64" => value.parse::<i64>().expect("an i64") as u64,
        "f32" | "f64" => bits(),
        other => panic!("type {other}"),
    }
}

fn traps(reason: &str) -> &'static [Trap] {
    match reason {
        "unreachable" => &[Trap::Unreachable],
        "memory-out-of-bounds" => &[Trap::MemoryOutOfBounds],
        "table-out-of-bounds" => &[Trap::TableOutOfBounds, Trap::UndefinedElement],
        "uninitialized-element" => &[Trap::IndirectCallToNull],
        "indirect-call-type-mismatch" => &[Trap::IndirectCallTypeMismatch],
        "integer-overflow" => &[Trap::IntegerOverflow],
        "integer-divide-by-zero" => &[Trap::IntegerDivideByZero],
        "invalid-conversion-to-integer" => &[Trap::InvalidConversionToInteger],
        "null-reference" => &[Trap::NullReference, Trap::NullFunctionReference],
        "array-out-of-bounds" => &[Trap::ArrayOutOfBounds],
        other => panic!("trap {other}"),
    }
}
