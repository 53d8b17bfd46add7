//! Source lines of a module's offsets: from the DWARF that it carries, or, of a text module, from the text.
//!
//! Nothing of this is read before there is a backtrace to print. What a module says may be wrong on purpose: it is shown, with
//! a bound on how much, and of the files that it names only those in the working directory are looked at.

// @need-ids: REQ_DIAGNOSTICS_002

use crate::excerpt::Excerpt;
use crate::input::{self, Input};
use crate::sections;
use addr2line::Context;
use addr2line::gimli::{ColumnType, Dwarf, EndianSlice, Error, LittleEndian, Section, SectionId};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fs;
use std::io::Read;
use std::path::Path;

/// How many functions that were put into each other are told of one frame.
const MOST_INLINED: usize = 32;

/// The longest file of source that is shown a line of, in bytes.
const LONGEST_SOURCE: u64 = 4 << 20;

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// The bytes of a module with DWARF in them.
pub struct Bytes<'a>(Cow<'a, [u8]>);

impl<'a> Bytes<'a> {
    /// Of what was read. `None` where there can be no lines.
    pub fn of(input: &'a Input) -> Option<Self> {
        match &input.text {
            // The same module once more: DWARF stands behind its code, which so keeps its place.
            Some(text) => Some(Self(Cow::Owned(input::with_lines(&input.name, text)?))),
            None => Some(Self(Cow::Borrowed(&input.bytes))),
        }
    }
}

/// Where the code of a module comes from.
pub struct Source<'a> {
    lines: Lines<'a>,
    /// Where addresses count from: the content of the code section.
    code: usize,
}

enum Lines<'a> {
    /// Of a binary module.
    Dwarf(Context<Slice<'a>>),
    /// Of a text module, called so: operators in rising order of their addresses, each with line and column.
    Text { file: &'a str, text: &'a str, rows: Vec<(u64, u32, u32)> },
}

/// A place in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The function, as its language calls it.
    pub function: Option<String>,
    /// Its file, as far as possible as seen from the working directory.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: Option<u32>,
    /// Whether the function was put into the one below.
    pub inlined: bool,
}

impl<'a> Source<'a> {
    /// Reads where the code of `bytes` comes from. `None` if they do not say, or not as DWARF has it.
    // @need-ids: REQ_DIAGNOSTICS_002
    pub fn new(bytes: &'a Bytes<'_>, input: &'a Input) -> Option<Self> {
        let bytes = bytes.0.as_ref();
        let sections = sections::of_module(bytes);
        let code = sections.iter().find(|section| section.name == "code")?.offset;
        let load = |id: SectionId| {
            let content = sections::custom(bytes, &sections, id.name()).unwrap_or_default();
            Ok::<_, Error>(EndianSlice::new(content, LittleEndian))
        };
        let dwarf = Dwarf::load(load).ok()?;
        if dwarf.debug_info.reader().is_empty() {
            return None;
        }
        let lines = match &input.text {
            Some(text) => Lines::Text { file: &input.name, text, rows: rows(&dwarf).ok()? },
            None => Lines::Dwarf(Context::from_dwarf(dwarf).ok()?),
        };
        Some(Self { lines, code })
    }

    /// The places that an offset in the module comes from: first the innermost function.
    pub fn places(&self, offset: usize) -> Vec<Place> {
        let Some(address) = offset.checked_sub(self.code) else { return Vec::new() };
        let context = match &self.lines {
            Lines::Dwarf(context) => context,
            Lines::Text { file, text, rows } => {
                let behind = rows.partition_point(|(start, ..)| *start <= address as u64);
                let row = behind.checked_sub(1).and_then(|at| rows.get(at));
                return row.map(|(_, line, bytes)| text_place(file, text, *line, *bytes)).into_iter().collect();
            }
        };
        let Ok(mut frames) = context.find_frames(address as u64).skip_all_loads() else { return Vec::new() };
        let mut places = Vec::new();
        while let Ok(Some(frame)) = frames.next()
            && places.len() < MOST_INLINED
        {
            let function = frame.function.and_then(|name| Some(name.demangle().ok()?.into_owned()));
            let Some(location) = frame.location else { continue };
            if let (Some(file), Some(line)) = (location.file, location.line.filter(|line| *line > 0)) {
                let column = location.column.filter(|column| *column > 0);
                places.push(Place { function, file: from_here(file), line, column, inlined: true });
            }
        }
        if let Some(last) = places.last_mut() {
            last.inlined = false;
        }
        places
    }

    /// The line of a place, if its text is at hand.
    pub fn excerpt(&self, place: &Place) -> Option<Excerpt> {
        let (line, column) = (place.line, place.column.unwrap_or(1));
        match &self.lines {
            Lines::Text { text, .. } => Excerpt::new(&place.file, text, line, column),
            Lines::Dwarf(_) => Excerpt::new(&place.file, &text_of(Path::new(&place.file))?, line, column),
        }
    }
}

impl Place {
    /// For people.
    pub fn line(&self) -> String {
        let Self { function, file, line, column, inlined } = self;
        let column = column.map_or(String::new(), |column| format!(":{column}"));
        match (function, inlined) {
            (Some(function), true) => format!("        {function}, inlined, at {file}:{line}{column}"),
            (None, true) => format!("        inlined, at {file}:{line}{column}"),
            (_, false) => format!("        at {file}:{line}{column}"),
        }
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        json!({
            "function": self.function, "file": self.file, "line": self.line, "column": self.column, "inlined": self.inlined
        })
    }
}

/// The rows of the one unit that a text module becomes. It does not say which addresses it has, so that nobody else finds them.
fn rows(dwarf: &Dwarf<Slice<'_>>) -> Result<Vec<(u64, u32, u32)>, Error> {
    let mut found = Vec::new();
    let Some(header) = dwarf.units().next()? else { return Ok(found) };
    if let Some(program) = dwarf.unit(header)?.line_program {
        let mut rows = program.rows();
        while let Some((_, row)) = rows.next_row()? {
            let line = row.line().and_then(|line| u32::try_from(line.get()).ok());
            if let (Some(line), ColumnType::Column(column), false) = (line, row.column(), row.end_sequence()) {
                found.push((row.address(), line, u32::try_from(column.get()).unwrap_or(1)));
            }
        }
    }
    found.sort_by_key(|(address, ..)| *address);
    Ok(found)
}

/// A place in a text, whose column DWARF counts in bytes.
fn text_place(file: &str, text: &str, line: u32, bytes: u32) -> Place {
    let before =
        text.lines().nth(line.saturating_sub(1) as usize).and_then(|text| text.get(..bytes.saturating_sub(1) as usize));
    let column =
        before.map_or(bytes, |before| u32::try_from(before.chars().count()).unwrap_or(u32::MAX).saturating_add(1));
    Place { function: None, file: file.to_owned(), line, column: Some(column), inlined: false }
}

/// A path as seen from the working directory, where it is below.
fn from_here(path: &str) -> String {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| Path::new(path).strip_prefix(here).ok().map(Path::to_path_buf));
    below.map_or_else(|| path.to_owned(), |path| path.to_string_lossy().into_owned())
}

/// The text of a file in the working directory or below. A module could name any file: others are not opened.
// @need-ids: REQ_DIAGNOSTICS_002
fn text_of(path: &Path) -> Option<String> {
    let path = fs::canonicalize(path).ok()?;
    if !path.starts_with(fs::canonicalize(".").ok()?) || !fs::metadata(&path).ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    let length = fs::File::open(&path).ok()?.take(LONGEST_SOURCE + 1).read_to_string(&mut text).ok()?;
    (length as u64 <= LONGEST_SOURCE).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_DIAGNOSTICS_002
    #[test]
    fn each_operator_of_a_text_has_its_line() {
        let text = "(module\n  (func $\"a\\00b\"\n    (drop (i32.const 1))\n    (; é ;) unreachable))";
        let bytes = input::text_to_binary("a.wat", text.as_bytes()).expect("a module");
        let (kind, text) = (input::Kind::Text, Some(text.to_owned()));
        let input = Input { name: "a.wat".into(), kind, bytes, text, read_time: std::time::Duration::ZERO };
        let with_lines = Bytes::of(&input).expect("a module");
        // The code is where it was.
        assert!(with_lines.0.starts_with(&input.bytes[..input.bytes.len() - 40]));
        let source = Source::new(&with_lines, &input).expect("has lines");
        let at = input.bytes.iter().rposition(|byte| *byte == 0x0B).expect("the function ends");
        let at = (0..at).rev().find(|at| input.bytes[*at] == 0x00 && input.bytes[at + 1] == 0x0B).expect("unreachable");
        let places = source.places(at);
        assert_eq!(places.iter().map(|place| (place.line, place.column)).collect::<Vec<_>>(), [(4, Some(13))]);
        assert!(source.excerpt(&places[0]).is_some());
        assert_eq!(source.places(0), []);
    }
}
