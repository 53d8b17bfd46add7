//! Files: reading them within the limits, and telling by their content what they are.

// @need-ids: REQ_CLI_001

use crate::failure::{Class, Failure, Position, line_and_column};
use crate::imports;
use crate::progress;
use crate::source::{Bytes, Source};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, Instant};
use wast::core::{EncodeOptions, GenerateDwarf};
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wrt::{Engine, Error, ErrorKind, Module};
use wrt_safety::Limits;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A module in the binary format.
    Binary,
    /// A component in the binary format.
    Component,
    /// An image.
    Image,
    /// A text: a module in the text format, if anything.
    Text,
}

/// What `bytes` are, by their first ones.
// @need-ids: REQ_CLI_001
pub fn kind_of(bytes: &[u8]) -> Kind {
    if bytes.starts_with(b"\0asm") {
        // The version is followed by the layer: 0 for modules, 1 for components.
        return if bytes.get(6..8) == Some(&[1, 0]) { Kind::Component } else { Kind::Binary };
    }
    if bytes.starts_with(b"\0wrt") {
        return Kind::Image;
    }
    // A cut-off head is told as such and not as bad text.
    match bytes {
        [0, ..] => Kind::Binary,
        _ => Kind::Text,
    }
}

/// A file that has been read.
pub struct Input {
    /// Its name as in messages.
    pub name: String,
    /// What it was.
    pub kind: Kind,
    /// Its content; of a text, the module it stands for.
    pub bytes: Vec<u8>,
    /// The text that it was.
    pub text: Option<String>,
    /// How long reading took, and turning text into binary.
    pub read_time: Duration,
}

/// Reads `path`, or standard input for `-`, and turns text into binary.
// @need-ids: REQ_CLI_001, REQ_RESOURCE_001
pub fn load(path: &OsStr, limits: &Limits) -> Result<Input, Failure> {
    let start = Instant::now();
    let name = name_of(path);
    let bytes = read(path, limits.max_module_bytes)?;
    let kind = kind_of(&bytes);
    let (bytes, text) = match kind {
        Kind::Binary | Kind::Image => (bytes, None),
        Kind::Component => return Err(component(&name)),
        Kind::Text => (
            progress::during(&format!("reading {name}"), bytes.len(), || text_to_binary(&name, &bytes))?,
            String::from_utf8(bytes).ok(),
        ),
    };
    log::info!("{name}: {kind:?} of {} bytes", bytes.len());
    Ok(Input { name, kind, bytes, text, read_time: start.elapsed() })
}

/// What a path is called in messages.
pub fn name_of(path: &OsStr) -> String {
    if path == "-" { "<stdin>".into() } else { path.to_string_lossy().into_owned() }
}

/// Reads `path`, or standard input for `-`, up to `most` bytes.
// @need-ids: REQ_RESOURCE_001
pub fn read(path: &OsStr, most: u64) -> Result<Vec<u8>, Failure> {
    match read_up_to(path, most) {
        Err(error) => Err(unreadable(path, &error)),
        Ok(None) => {
            let message = format!("limit max-module-bytes exceeded: the file is longer than {most} bytes");
            Err(Failure::new(Class::Limit, message).in_file(&name_of(path)))
        }
        Ok(Some(bytes)) => Ok(bytes),
    }
}

/// The same; `None` if there are more bytes.
pub fn read_up_to(path: &OsStr, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut read_from = |source: &mut dyn Read| source.take(most.saturating_add(1)).read_to_end(&mut bytes);
    let length =
        if path == "-" { read_from(&mut io::stdin().lock())? } else { read_from(&mut File::open(Path::new(path))?)? };
    Ok((length as u64 <= most).then_some(bytes))
}

/// The failure that a file cannot be read.
pub fn unreadable(path: &OsStr, error: &io::Error) -> Failure {
    Failure::new(Class::NoInput, format!("cannot read: {}", why(error))).in_file(&name_of(path))
}

/// Why the system refuses something of a file: in our words where its own are less clear, and without its error number.
pub fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::IsADirectory => "it is a directory".into(),
        io::ErrorKind::OutOfMemory => "it does not fit into memory".into(),
        _ => error.to_string(),
    }
}

/// The module that a text stands for.
// @need-ids: REQ_CLI_001
pub fn text_to_binary(name: &str, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let malformed = |message: String| Failure::new(Class::Malformed, message).in_file(name);
    if bytes.is_empty() {
        return Err(malformed("the file is empty".into()));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        malformed("neither a module, an image nor UTF-8 text".into())
            .at(Some(Position::Offset(error.valid_up_to() as u64)))
    })?;
    let refused = |error: &wast::Error| {
        let (line, column) = line_and_column(text, error.span().offset());
        malformed(error.message()).at(Some(Position::LineColumn(line, column))).with_source(text)
    };
    let buffer = tokens(text).map_err(|error| refused(&error))?;
    match parser::parse::<wast::Wat<'_>>(&buffer) {
        Ok(wast::Wat::Component(_)) => Err(component(name)),
        Ok(mut module) => module.encode().map_err(|error| refused(&error)),
        Err(error) if is_script(text) => {
            let hint = format!("{}; this is a test script: `wrtd wast` runs it", error.message());
            Err(Failure { message: hint.into(), ..refused(&error) })
        }
        Err(error) => Err(refused(&error)),
    }
}

/// The refusal of a component.
fn component(name: &str) -> Failure {
    let message = "this is a component, and a core module is wanted: the Component Model is not built yet";
    let advice =
        "build the program for wasm32-wasip1; a core module within is got out by `wasm-tools component unbundle`";
    Failure::new(Class::Unsupported, message).in_file(name).with_lines(vec![advice.into()])
}

/// The module that a text stands for, with DWARF that says which line each operator is from. `None` if it is no module.
pub fn with_lines(name: &str, text: &str) -> Option<Vec<u8>> {
    let mut buffer = tokens(text).ok()?;
    buffer.track_instr_spans(true);
    let mut module = parser::parse::<wast::Wat<'_>>(&buffer).ok()?;
    EncodeOptions::new().dwarf(Path::new(name), text, GenerateDwarf::Lines).encode_wat(&mut module).ok()
}

/// The tokens of a text. It may have characters that could confuse a reader: the format allows them, and what is
/// printed of a module is escaped.
pub fn tokens(text: &str) -> Result<ParseBuffer<'_>, wast::Error> {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    ParseBuffer::new_with_lexer(lexer)
}

fn is_script(text: &str) -> bool {
    let script =
        tokens(text).and_then(|buffer| parser::parse::<wast::Wast<'_>>(&buffer).map(|script| script.directives.len()));
    script.is_ok_and(|directives| directives > 1)
}

/// Decodes and validates a module or image.
// @need-ids: REQ_WASM_001
pub fn module(engine: &Engine, input: &Input) -> Result<Module, Failure> {
    made(input, || Module::new(engine, &input.bytes))
}

/// The same, made in one of the ways in which a module can be.
pub fn made(input: &Input, make: impl FnOnce() -> Result<Module, Error>) -> Result<Module, Failure> {
    let module = progress::during(&format!("checking {}", input.name), input.bytes.len(), make);
    module.map_err(|error| failure(&input.name, input.kind, &error).placed(input, &error))
}

impl Failure {
    /// The same, with the place in the text that a module was made from.
    // @need-ids: REQ_DIAGNOSTICS_001
    pub(crate) fn placed(self, input: &Input, error: &Error) -> Self {
        let place = || {
            let bytes = Bytes::of(input)?;
            Source::new(&bytes, input)?.places(error.offset()?).into_iter().next()
        };
        match (&input.text, place()) {
            (Some(text), Some(place)) => {
                let position = Position::LineColumn(place.line, place.column.unwrap_or(1));
                self.at(Some(position)).with_source(text)
            }
            _ => self,
        }
    }
}

/// A failure from an error of the embedding interface that is no trap.
// @need-ids: REQ_ERROR_003
pub fn failure(name: &str, kind: Kind, error: &Error) -> Failure {
    let class = match error.kind() {
        ErrorKind::Malformed => Class::Malformed,
        ErrorKind::Invalid => Class::Invalid,
        ErrorKind::Unsupported => Class::Unsupported,
        ErrorKind::Link => Class::Link,
        ErrorKind::Limit => Class::Limit,
        ErrorKind::Trap => Class::Trap,
        ErrorKind::Usage => Class::Usage,
        ErrorKind::Host => Class::Host,
        _ => Class::Internal,
    };
    // An offset into the binary made from a text would lead nowhere.
    let offset = error.offset().filter(|_| kind != Kind::Text);
    let mut message = error.to_string();
    if let Some(at) = error.offset() {
        message = message.replace(&format!(" (at offset {at:#x})"), "");
    }
    if let Some(proposal) = error.turned_off() {
        let (option, ours) = (format!("`Config::{}`", proposal.option()), format!("`--enable {}`", proposal.name()));
        message = message.replace(&option, &ours);
    }
    let failure = Failure::new(class, message).in_file(name).at(offset.map(|at| Position::Offset(at as u64)));
    match error {
        Error::Link(link) => imports::told(failure, link),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_CLI_001
    #[test]
    fn kinds_are_told_by_content() {
        for (bytes, expected) in [
            (b"\0asm\x01\0\0\0".as_slice(), Kind::Binary),
            (b"\0asm\x0d\0\x01\0", Kind::Component),
            (b"\0asm", Kind::Binary),
            (b"\0as", Kind::Binary),
            (b"\0wrt\x01\0", Kind::Image),
            (b"(module)", Kind::Text),
            (b"", Kind::Text),
            (b"\x7FELF", Kind::Text),
        ] {
            assert_eq!(kind_of(bytes), expected, "{bytes:?}");
        }
    }

    fn refusal(text: &[u8]) -> String {
        text_to_binary("a.wat", text).unwrap_err().to_string()
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn bad_text_is_told_with_its_place() {
        assert!(text_to_binary("a.wat", b"(module)").is_ok());
        assert!(text_to_binary("a.wat", "(module (func (export \"\u{202e}\")))".as_bytes()).is_ok());
        assert_eq!(refusal(b""), "a.wat: the file is empty");
        assert_eq!(refusal(b"ab\xFF"), "a.wat: offset 0x2: neither a module, an image nor UTF-8 text");
        assert!(refusal(b"(module\n  (funk))").starts_with("a.wat:2:4: "));
        assert!(refusal(b"(module (func (call $f)))").contains("$f"));
        assert!(refusal(b"(module) (assert_return (invoke \"f\"))").contains("`wrtd wast`"));
        assert!(refusal(b"(component)").contains("this is a component"));
        let deep = "(module (func ".to_owned() + &"(block ".repeat(100_000);
        assert!(refusal(deep.as_bytes()).starts_with("a.wat:1:"));
    }

    // @need-ids: REQ_CLI_001, REQ_RESOURCE_001
    #[test]
    fn files_are_read_within_the_limit() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(read(path.as_os_str(), 1 << 20).is_ok());
        assert_eq!(read(path.as_os_str(), 10).unwrap_err().class, Class::Limit);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(read(folder.as_os_str(), 10).unwrap_err().class, Class::NoInput);
        assert_eq!(read(OsStr::new("no/such/file"), 10).unwrap_err().class, Class::NoInput);
    }
}
