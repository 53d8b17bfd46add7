//! Where everything is printed: results to one stream, the rest to the other, as text or as one JSON document.

// @need-ids: REQ_CLI_001

use crate::SCHEMA;
use crate::failure::{Class, Failure, code, one_line};
use clap::builder::styling::{AnsiColor, Style};
use serde_json::{Map, Value};
use std::io::{self, ErrorKind, IsTerminal, Write};

/// How a failure begins where there are colours.
const ERROR: Style = AnsiColor::Red.on_default().bold();

/// The form of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Lines for people and shells.
    #[default]
    Text,
    /// One JSON document on standard output, also for errors.
    Json,
}

/// Whether there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// Where a person reads it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Whether what goes to `stream` has colours.
    // @need-ids: REQ_CLI_003, REQ_ENV_001
    pub fn is_wanted(self, stream: &impl IsTerminal) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
                !refused && !is_dumb && stream.is_terminal()
            }
        }
    }
}

/// The two streams of a command.
///
/// A closed pipe is no error: nobody wants to read on, so nothing more is written. Everything else that goes wrong with
/// the results is told at the end.
// @need-ids: REQ_CLI_001
pub struct Output<'a> {
    out: Stream<'a>,
    err: Stream<'a>,
    format: Format,
    colored: bool,
    /// Whether a person looks on, who can be told more.
    hints: bool,
}

struct Stream<'a> {
    to: &'a mut dyn Write,
    closed: bool,
    error: Option<io::Error>,
}

impl Stream<'_> {
    fn write(&mut self, text: &str) {
        if !self.closed {
            let done = self.to.write_all(text.as_bytes());
            self.note(done);
        }
    }

    fn flush(&mut self) {
        if !self.closed {
            let done = self.to.flush();
            self.note(done);
        }
    }

    fn note(&mut self, done: io::Result<()>) {
        if let Err(error) = done {
            self.closed = true;
            if error.kind() != ErrorKind::BrokenPipe {
                self.error = Some(error);
            }
        }
    }
}

impl<'a> Output<'a> {
    /// Prints to `out` and `err`.
    pub fn new(out: &'a mut dyn Write, err: &'a mut dyn Write, format: Format) -> Self {
        let stream = |to| Stream { to, closed: false, error: None };
        Self { out: stream(out), err: stream(err), format, colored: false, hints: false }
    }

    /// The same, with colours on standard error.
    pub fn colored(mut self, colored: bool) -> Self {
        self.colored = colored;
        self
    }

    /// The same, with hints for a person who looks on.
    pub fn with_hints(mut self, hints: bool) -> Self {
        self.hints = hints;
        self
    }

    /// The form of the output.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether text is wanted.
    pub fn is_text(&self) -> bool {
        self.format == Format::Text
    }

    /// Whether nobody reads the results any more.
    pub fn is_closed(&self) -> bool {
        self.out.closed
    }

    /// Prints text as it is to standard output.
    pub fn text(&mut self, text: &str) {
        self.out.write(text);
    }

    /// Prints bytes to standard output.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if !self.out.closed {
            let done = self.out.to.write_all(bytes);
            self.out.note(done);
        }
    }

    /// Prints a line to standard output.
    pub fn line(&mut self, line: &str) {
        self.out.write(line);
        self.out.write("\n");
    }

    /// Prints a line to standard error.
    pub fn note(&mut self, line: &str) {
        self.err.write(line);
        self.err.write("\n");
    }

    /// Prints the one JSON document.
    pub fn json(&mut self, mut document: Map<String, Value>) {
        document.insert("schema".into(), SCHEMA.into());
        self.line(&Value::Object(document).to_string());
    }

    /// Tells a failure and returns its exit code.
    pub fn fail(&mut self, failure: &Failure) -> u8 {
        match self.format {
            Format::Json => self.json(failure.to_json()),
            Format::Text => {
                let (before, behind) = if self.colored {
                    (ERROR.render().to_string(), ERROR.render_reset().to_string())
                } else {
                    Default::default()
                };
                self.note(&format!("{before}wrtd: {behind}{failure}"));
                for line in &failure.lines {
                    self.note(&one_line(line));
                }
                let excerpt = failure.excerpt.iter().flat_map(|excerpt| excerpt.lines(self.colored));
                for line in excerpt.collect::<Vec<_>>() {
                    self.note(&line);
                }
                if let Some(code) = failure.explained_by().filter(|_| self.hints) {
                    self.note(&format!("`wrtd explain {code}` says more"));
                }
            }
        }
        failure.class.code()
    }

    /// Writes out what is buffered. Returns `code`, or another if the results could not be written.
    pub fn finish(mut self, code: u8) -> u8 {
        self.out.flush();
        let mut code = code;
        if let Some(error) = self.out.error.take() {
            let failure = Failure::new(Class::Output, format!("cannot write the output: {error}"));
            self.note(&format!("wrtd: {failure}"));
            if code == code::OK {
                code = failure.class.code();
            }
        }
        self.err.flush();
        code
    }
}

/// A heading with its lines under it; nothing where there are none.
pub fn section(lines: &mut Vec<String>, heading: &str, content: impl Iterator<Item = String>) {
    let before = lines.len();
    lines.extend(content.map(|line| format!("  {line}")));
    if lines.len() > before {
        lines.insert(before, format!("{heading}:"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that takes some bytes and then fails.
    struct Failing(usize, ErrorKind);

    impl Write for Failing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::Error::from(self.1));
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn a_closed_pipe_is_quiet_and_a_full_disk_is_not() {
        for (kind, expected, told) in
            [(ErrorKind::BrokenPipe, code::OK, false), (ErrorKind::StorageFull, code::INTERNAL, true)]
        {
            let (mut out, mut err) = (Failing(3, kind), Vec::new());
            let mut output = Output::new(&mut out, &mut err, Format::Text);
            output.line("12345");
            output.line("12345");
            assert!(output.is_closed());
            assert_eq!(output.finish(code::OK), expected);
            assert_eq!(!err.is_empty(), told);
        }
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn a_failure_is_told_on_one_stream() {
        let failure = Failure::new(Class::NoInput, "no such file").in_file("a").with_lines(vec!["b\nc".into()]);
        for (format, out_is_empty) in [(Format::Text, true), (Format::Json, false)] {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let mut output = Output::new(&mut out, &mut err, format);
            let code = output.fail(&failure);
            assert_eq!(output.finish(code), 66);
            assert_eq!((out.is_empty(), err.is_empty()), (out_is_empty, !out_is_empty));
            if format == Format::Text {
                assert_eq!(String::from_utf8_lossy(&err), "wrtd: a: no such file\nb\\nc\n");
            } else {
                assert_eq!(serde_json::from_slice::<Value>(&out).unwrap()["schema"], 1);
            }
        }
    }
}
