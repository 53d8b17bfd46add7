//! What can go wrong, as it is told to the user: one line with the file, the place and the cause, and an exit code.

// @need-ids: REQ_CLI_001

use crate::excerpt::Excerpt;
use serde_json::{Map, Value, json};
use std::fmt;

/// The exit codes of `wrtd`; a guest's own come beside them.
// @need-ids: REQ_CLI_001
pub mod code {
    /// Finished.
    pub const OK: u8 = 0;
    /// An assertion of a test script or of the self test failed.
    pub const ASSERTION: u8 = 1;
    /// Wrong usage, an unknown export, wrong arguments.
    pub const USAGE: u8 = 2;
    /// The input is malformed, invalid, unsupported or cannot be linked (`EX_DATAERR`).
    pub const DATA: u8 = 65;
    /// The input is missing or cannot be read (`EX_NOINPUT`).
    pub const NO_INPUT: u8 = 66;
    /// A limit of the host was reached (`EX_UNAVAILABLE`).
    pub const LIMIT: u8 = 69;
    /// An internal error, or output that cannot be written (`EX_SOFTWARE`).
    pub const INTERNAL: u8 = 70;
    /// Fuel or time ran out (as `timeout` has it).
    pub const EXHAUSTED: u8 = 124;
    /// The guest trapped (128 + SIGABRT, as a shell shows an abort).
    pub const TRAP: u8 = 134;
}

/// The classes of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The command line is wrong, or names an export that is not there.
    Usage,
    /// Arguments do not fit the function.
    Arguments,
    /// The input does not follow the format.
    Malformed,
    /// The input follows the format, but not the rules.
    Invalid,
    /// The input needs what is not built.
    Unsupported,
    /// Imports are missing or do not fit.
    Link,
    /// The input is missing or cannot be read.
    NoInput,
    /// A limit of the host was reached.
    Limit,
    /// The fuel is used up.
    OutOfFuel,
    /// The time is over.
    TimedOut,
    /// The guest trapped.
    Trap,
    /// A host function reported an error.
    Host,
    /// Output cannot be written.
    Output,
    /// Something is wrong in WRT itself.
    Internal,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Usage,
        Self::Arguments,
        Self::Malformed,
        Self::Invalid,
        Self::Unsupported,
        Self::Link,
        Self::NoInput,
        Self::Limit,
        Self::OutOfFuel,
        Self::TimedOut,
        Self::Trap,
        Self::Host,
        Self::Output,
        Self::Internal,
    ];

    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Usage | Self::Arguments => code::USAGE,
            Self::Malformed | Self::Invalid | Self::Unsupported | Self::Link => code::DATA,
            Self::NoInput => code::NO_INPUT,
            Self::Limit => code::LIMIT,
            Self::OutOfFuel | Self::TimedOut => code::EXHAUSTED,
            Self::Trap | Self::Host => code::TRAP,
            Self::Output | Self::Internal => code::INTERNAL,
        }
    }

    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Arguments => "arguments",
            Self::Malformed => "malformed",
            Self::Invalid => "invalid",
            Self::Unsupported => "unsupported",
            Self::Link => "link",
            Self::NoInput => "input",
            Self::Limit => "limit",
            Self::OutOfFuel => "fuel",
            Self::TimedOut => "time",
            Self::Trap => "trap",
            Self::Host => "host",
            Self::Output => "output",
            Self::Internal => "internal",
        }
    }
}

/// Where in a file something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// In a binary: bytes from its start.
    Offset(u64),
    /// In a text: line and column, from 1.
    LineColumn(u32, u32),
}

/// One failure.
// @need-ids: REQ_ERROR_003, REQ_CLI_001
#[derive(Clone, Debug)]
pub struct Failure {
    /// What kind it is.
    pub class: Class,
    /// The file it is about.
    pub file: Option<Box<str>>,
    /// The place in that file.
    pub position: Option<Position>,
    /// The cause.
    pub message: Box<str>,
    /// The line of source that it is about.
    pub excerpt: Option<Box<Excerpt>>,
    /// Lines that follow: a backtrace, a list of exports, a usage.
    pub lines: Vec<String>,
    /// What a program can read of it, beside the above.
    pub details: Map<String, Value>,
    /// What had been used when it happened, if statistics were wanted.
    pub stats: Option<Box<Value>>,
}

impl Failure {
    /// A failure with its cause.
    pub fn new(class: Class, message: impl Into<Box<str>>) -> Self {
        Self {
            class,
            file: None,
            position: None,
            message: message.into(),
            excerpt: None,
            lines: Vec::new(),
            details: Map::new(),
            stats: None,
        }
    }

    /// The same, about a file.
    pub fn in_file(mut self, file: &str) -> Self {
        self.file = Some(file.into());
        self
    }

    /// The same, at a place.
    pub fn at(mut self, position: Option<Position>) -> Self {
        self.position = position;
        self
    }

    /// The same, showing its place in the text of its file.
    pub fn with_source(mut self, text: &str) -> Self {
        if let (Some(file), Some(Position::LineColumn(line, column))) = (&self.file, self.position) {
            self.excerpt = Excerpt::new(file, text, line, column).map(Box::new);
        }
        self
    }

    /// The same, with lines that follow.
    pub fn with_lines(mut self, lines: Vec<String>) -> Self {
        self.lines = lines;
        self
    }

    /// What `wrtd explain` is asked for more about it; `None` where the message says all there is.
    pub fn explained_by(&self) -> Option<String> {
        match (self.class, self.details.get("code")) {
            (Class::Trap, Some(code)) => Some(format!("trap[{code}]")),
            (Class::Usage | Class::Arguments | Class::NoInput | Class::Output, _) => None,
            (class, _) => Some(class.name().into()),
        }
    }

    /// The document that tells it, without the schema's version.
    pub fn to_json(&self) -> Map<String, Value> {
        let mut error = self.details.clone();
        error.insert("kind".into(), self.class.name().into());
        error.insert("message".into(), self.message.as_ref().into());
        if let Some(file) = &self.file {
            error.insert("file".into(), file.as_ref().into());
        }
        match self.position {
            Some(Position::Offset(offset)) => drop(error.insert("offset".into(), offset.into())),
            Some(Position::LineColumn(line, column)) => {
                error.insert("line".into(), line.into());
                error.insert("column".into(), column.into());
            }
            None => {}
        }
        let mut document = Map::new();
        document.insert("error".into(), Value::Object(error));
        document.insert("exit".into(), json!(self.class.code()));
        if let Some(stats) = &self.stats {
            document.insert("stats".into(), Value::clone(stats));
        }
        document
    }
}

/// The first line: `FILE: offset 0x1f: cause`. It is one line whatever names the input has.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            f.write_str(&one_line(file))?;
            if let Some(Position::LineColumn(line, column)) = self.position {
                write!(f, ":{line}:{column}")?;
            }
            f.write_str(": ")?;
        }
        if let Some(Position::Offset(offset)) = self.position {
            write!(f, "offset {offset:#x}: ")?;
        }
        f.write_str(&one_line(&self.message))
    }
}

/// Line and column of a place in a text that is given in bytes. Both are counted from 1, columns in characters.
pub fn line_and_column(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit_once('\n').map_or(before, |(_, line)| line);
    let from_one = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
    (from_one(before.matches('\n').count()), from_one(line.chars().count()))
}

/// How much of a text from a file is shown: names may be megabytes long.
const SHOWN_CHARACTERS: usize = 1_000;

/// `text` in one line: what a file calls its functions must neither break lines nor steer the user's terminal.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(SHOWN_CHARACTERS));
    for (count, character) in text.chars().enumerate() {
        if count == SHOWN_CHARACTERS {
            line.push('…');
            break;
        }
        if is_unsafe_to_print(character) {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

/// Control characters, and those that change the direction of the text after them.
pub(crate) fn is_unsafe_to_print(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_CLI_001
    #[test]
    fn every_class_has_the_documented_code() {
        let codes = [
            (Class::Usage, 2),
            (Class::Arguments, 2),
            (Class::Malformed, 65),
            (Class::Invalid, 65),
            (Class::Unsupported, 65),
            (Class::Link, 65),
            (Class::NoInput, 66),
            (Class::Limit, 69),
            (Class::Output, 70),
            (Class::Internal, 70),
            (Class::OutOfFuel, 124),
            (Class::TimedOut, 124),
            (Class::Trap, 134),
            (Class::Host, 134),
        ];
        assert_eq!(codes.len(), Class::ALL.len());
        for (class, code) in codes {
            assert_eq!(class.code(), code, "{}", class.name());
        }
    }

    // @need-ids: REQ_CLI_001, REQ_ERROR_003
    #[test]
    fn a_failure_is_one_line_with_file_place_and_cause() {
        let failure = Failure::new(Class::Malformed, "unexpected end").in_file("a.wasm");
        assert_eq!(failure.to_string(), "a.wasm: unexpected end");
        let at = failure.clone().at(Some(Position::Offset(31)));
        assert_eq!(at.to_string(), "a.wasm: offset 0x1f: unexpected end");
        let in_text = failure.at(Some(Position::LineColumn(3, 4)));
        assert_eq!(in_text.to_string(), "a.wasm:3:4: unexpected end");
        let odd = Failure::new(Class::Link, "no `a\nb\u{1b}[31m\u{202e}`").in_file("x\ny");
        assert_eq!(odd.to_string(), "x\\ny: no `a\\nb\\u{1b}[31m\\u{202e}`");
        assert!(one_line(&"x".repeat(5_000)).len() < 1_010);
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn json_has_kind_place_and_exit_code() {
        let failure = Failure::new(Class::Invalid, "type mismatch").in_file("a.wasm").at(Some(Position::Offset(7)));
        let document = Value::Object(failure.to_json());
        let expected = json!({
            "error": { "kind": "invalid", "message": "type mismatch", "file": "a.wasm", "offset": 7 },
            "exit": 65,
        });
        assert_eq!(document, expected);
    }
}
