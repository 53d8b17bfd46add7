//! A JSON parser into a flat tree, with a validator's strictness, over texts that are built in, and its printer.
#![no_std]

mod common;
use common::{Global, mix};
use core::fmt::{self, Write};

const TEXTS: [&str; 14] = [
    /* 0 */ include_str!("sample.json"),
    /* 1 */ "[]",
    /* 2 */ " { \"a\" : [ 1 , -2.5e+3 , true , null , \"\\u00e9\\n\" ] } ",
    /* 3 */ "-0.0625",
    /* 4 */ "\"\\ud83d\\ude00 \u{1f600}\"",
    // From here on each is wrong somewhere.
    /* 5 */ "",
    /* 6 */ "[1, 2,]",
    /* 7 */ "{\"a\" 1}",
    /* 8 */ "01",
    /* 9 */ "\"\\x\"",
    /* 10 */ "[1, 2",
    /* 11 */ "tru",
    /* 12 */ "1e",
    /* 13 */ "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Null,
    False,
    True,
    Number,
    String,
    Array,
    Object,
}

/// A value: its children follow it at once; `next` is where its next sibling would stand.
#[derive(Clone, Copy)]
struct Node {
    kind: Kind,
    key: (u32, u32),
    /// Where a string's text is, with its quotes.
    string: (u32, u32),
    number: f64,
    hash: u32,
    next: u32,
}

const EMPTY: Node = Node { kind: Kind::Null, key: (0, 0), string: (0, 0), number: 0.0, hash: 0, next: 0 };
static NODES: Global<[Node; 1024]> = Global::new([EMPTY; 1024]);

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    nodes: &'a mut [Node],
    used: usize,
}

/// The text is wrong at the parser's position.
struct Wrong;

impl Parser<'_> {
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\t' | b'\r') {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, bytes: &[u8]) -> Result<(), Wrong> {
        bytes.iter().all(|&byte| self.take(byte)).then_some(()).ok_or(Wrong)
    }

    fn value(&mut self, key: (u32, u32), depth: u32) -> Result<(), Wrong> {
        let place = self.used;
        if depth == 0 || place == self.nodes.len() {
            return Err(Wrong);
        }
        self.used += 1;
        let mut node = Node { key, ..EMPTY };
        self.blanks();
        node.kind = match self.peek() {
            b'n' => self.expect(b"null").map(|()| Kind::Null)?,
            b'f' => self.expect(b"false").map(|()| Kind::False)?,
            b't' => self.expect(b"true").map(|()| Kind::True)?,
            b'"' => {
                let begin = self.at as u32;
                node.hash = self.string()?;
                node.string = (begin, self.at as u32);
                Kind::String
            }
            b'[' => {
                self.at += 1;
                self.blanks();
                if !self.take(b']') {
                    loop {
                        self.value((0, 0), depth - 1)?;
                        self.blanks();
                        if !self.take(b',') {
                            self.expect(b"]")?;
                            break;
                        }
                    }
                }
                Kind::Array
            }
            b'{' => {
                self.at += 1;
                self.blanks();
                if !self.take(b'}') {
                    loop {
                        self.blanks();
                        let begin = self.at as u32;
                        self.string()?;
                        let key = (begin, self.at as u32);
                        self.blanks();
                        self.expect(b":")?;
                        self.value(key, depth - 1)?;
                        self.blanks();
                        if !self.take(b',') {
                            self.expect(b"}")?;
                            break;
                        }
                    }
                }
                Kind::Object
            }
            _ => {
                node.number = self.number()?;
                Kind::Number
            }
        };
        node.next = self.used as u32;
        self.nodes[place] = node;
        Ok(())
    }

    /// A string's digest, escapes resolved.
    fn string(&mut self) -> Result<u32, Wrong> {
        self.expect(b"\"")?;
        let mut hash = 0;
        loop {
            let byte = self.peek();
            if byte < b' ' {
                return Err(Wrong);
            }
            self.at += 1;
            let unit = match byte {
                b'"' => return Ok(hash),
                b'\\' => {
                    self.at += 1;
                    match self.text.get(self.at - 1) {
                        Some(b'n') => 10,
                        Some(b't') => 9,
                        Some(b'r') => 13,
                        Some(b'b') => 8,
                        Some(b'f') => 12,
                        Some(&plain @ (b'"' | b'\\' | b'/')) => u32::from(plain),
                        Some(b'u') => {
                            let mut unit = 0;
                            for _ in 0..4 {
                                let digit = char::from(self.peek()).to_digit(16).ok_or(Wrong)?;
                                self.at += 1;
                                unit = unit * 16 + digit;
                            }
                            unit
                        }
                        _ => return Err(Wrong),
                    }
                }
                _ => u32::from(byte),
            };
            hash = mix(hash, unit);
        }
    }

    fn digits(&mut self, number: &mut f64) -> Result<i32, Wrong> {
        let begin = self.at;
        while self.peek().is_ascii_digit() {
            *number = *number * 10.0 + f64::from(self.peek() - b'0');
            self.at += 1;
        }
        if self.at == begin { Err(Wrong) } else { Ok((self.at - begin) as i32) }
    }

    fn number(&mut self) -> Result<f64, Wrong> {
        let negative = self.take(b'-');
        let mut number = 0.0;
        let mut scale = 0;
        if !self.take(b'0') {
            self.digits(&mut number)?;
        } else if self.peek().is_ascii_digit() {
            return Err(Wrong);
        }
        if self.take(b'.') {
            scale -= self.digits(&mut number)?;
        }
        if self.take(b'e') || self.take(b'E') {
            let down = !self.take(b'+') && self.take(b'-');
            let mut exponent = 0.0;
            self.digits(&mut exponent)?;
            scale += if down { -(exponent as i32) } else { exponent as i32 };
        }
        for _ in 0..scale.unsigned_abs().min(400) {
            number = if scale < 0 { number / 10.0 } else { number * 10.0 };
        }
        Ok(if negative { -number } else { number })
    }
}

/// The tree of text `i` (0 to 13; others trap), or where it is wrong.
fn parse(i: u32) -> Result<&'static [Node], usize> {
    let text = TEXTS[i as usize].as_bytes();
    let mut parser = Parser { text, at: 0, nodes: NODES.take(), used: 0 };
    let parsed = parser.value((0, 0), 64);
    parser.blanks();
    if parsed.is_err() || parser.at != text.len() {
        return Err(parser.at);
    }
    let used = parser.used;
    Ok(&parser.nodes[..used])
}

/// How many values text `i` holds, or -1 minus the position where it is wrong.
#[unsafe(no_mangle)]
pub extern "C" fn count(i: u32) -> i32 {
    parse(i).map_or_else(|at| -1 - at as i32, |nodes| nodes.len() as i32)
}

/// The sum of all numbers in text `i`, or -infinity if it is wrong.
#[unsafe(no_mangle)]
pub extern "C" fn sum(i: u32) -> f64 {
    parse(i).map_or(f64::NEG_INFINITY, |nodes| nodes.iter().map(|node| node.number).sum())
}

/// A digest of the whole tree of text `i`: kinds, strings, keys' lengths, shape. A wrong text traps.
#[unsafe(no_mangle)]
pub extern "C" fn digest(i: u32) -> u32 {
    let Ok(nodes) = parse(i) else { core::arch::wasm32::unreachable() };
    nodes.iter().fold(0, |digest, node| {
        let digest = mix(mix(digest, node.kind as u32), node.hash);
        mix(mix(digest, node.key.1 - node.key.0), node.next)
    })
}

/// Parses the large text `rounds` times.
#[unsafe(no_mangle)]
pub extern "C" fn rounds(rounds: u32) -> u32 {
    (0..rounds).fold(0, |sum, _| mix(sum, digest(0)))
}

/// The total under `total` fields of the objects of the large text's `orders`: walks the tree by keys.
#[unsafe(no_mangle)]
pub extern "C" fn orders() -> f64 {
    let Ok(nodes) = parse(0) else { core::arch::wasm32::unreachable() };
    let key = |node: &Node| &TEXTS[0].as_bytes()[node.key.0 as usize..node.key.1 as usize];
    let children = |parent: usize| {
        core::iter::successors(Some(parent + 1), |&at| nodes.get(at).map(|node| node.next as usize))
            .take_while(move |&at| at < nodes[parent].next as usize)
    };
    children(0)
        .filter(|&at| key(&nodes[at]) == b"\"orders\"")
        .flat_map(&children)
        .flat_map(&children)
        .filter(|&at| key(&nodes[at]) == b"\"total\"")
        .map(|at| nodes[at].number)
        .sum()
}

/// What is printed, which has to fit.
struct Page {
    bytes: &'static mut [u8; 2048],
    used: usize,
}

static PAGE: Global<[u8; 2048]> = Global::new([0; 2048]);

impl Write for Page {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.used..self.used + text.len()).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.used += text.len();
        Ok(())
    }
}

/// Writes the value at `at` without blanks; strings as they were read, numbers in the fewest digits that tell them.
fn print(text: &str, nodes: &[Node], at: usize, page: &mut Page) -> fmt::Result {
    let part = |(begin, end): (u32, u32)| &text[begin as usize..end as usize];
    let node = &nodes[at];
    match node.kind {
        Kind::Null => page.write_str("null"),
        Kind::False => page.write_str("false"),
        Kind::True => page.write_str("true"),
        Kind::Number => write!(page, "{}", node.number),
        Kind::String => page.write_str(part(node.string)),
        Kind::Array | Kind::Object => {
            let (open, close) = if node.kind == Kind::Array { ('[', ']') } else { ('{', '}') };
            page.write_char(open)?;
            let mut child = at + 1;
            while child < node.next as usize {
                if child > at + 1 {
                    page.write_char(',')?;
                }
                if node.kind == Kind::Object {
                    page.write_str(part(nodes[child].key))?;
                    page.write_char(':')?;
                }
                print(text, nodes, child, page)?;
                child = nodes[child].next as usize;
            }
            page.write_char(close)
        }
    }
}

/// Parses text `i` and prints it `rounds` times; a digest of the last page and its length. A wrong text traps.
#[unsafe(no_mangle)]
pub extern "C" fn prints(i: u32, rounds: u32) -> u32 {
    let Ok(nodes) = parse(i) else { core::arch::wasm32::unreachable() };
    let mut page = Page { bytes: PAGE.take(), used: 0 };
    for _ in 0..rounds {
        page.used = 0;
        if print(TEXTS[i as usize], nodes, 0, &mut page).is_err() {
            core::arch::wasm32::unreachable();
        }
    }
    let used = &page.bytes[..page.used];
    used.iter().fold(page.used as u32, |sum, &byte| mix(sum, u32::from(byte)))
}
