//! The runner of test scripts (`.wast`): what the official suite is written in.
//!
//! Nothing passes by omission: a directive that is not supported fails, and so does each that depends on a module which
//! could not be loaded.

// @need-ids: REQ_022

mod modules;
mod runner;
mod spectest;
mod threads;
mod values;

use wast::lexer::{Lexer, TokenKind};
use wast::parser::{self, ParseBuffer};
use wrt::{Config, Engine, Proposal, Strategy};
use wrt_safety::Limits;

/// What came of a script.
// @need-ids: REQ_022
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Assertions that hold.
    pub passed: u64,
    /// Everything that does not: assertions, and modules and calls between them that fail.
    pub failures: Vec<Failed>,
}

impl Report {
    /// How many directives failed.
    pub fn failed(&self) -> u64 {
        self.failures.len() as u64
    }
}

/// A directive that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1.
    pub column: usize,
    /// Why it failed.
    pub reason: String,
}

/// The limits that scripts run under: endless recursion is found within milliseconds.
pub fn limits() -> Limits {
    Limits { max_frames: 10_000, max_slots: 400_000, max_memory_bytes: 1 << 30, ..Limits::DEFAULT }
}

/// Fuel of one call: some thousand times what the longest of the official suite needs. More is endless, and a script that
/// does not end tells nothing about the others.
// @need-ids: REQ_003
const FUEL: u64 = 1_000_000_000;

/// Runs a script. Never panics.
// @need-ids: REQ_022
pub fn run(text: &str, strategy: Strategy) -> Report {
    run_within(text, strategy, limits(), FUEL)
}

/// Runs a script of a stranger, with `fuel` for each call. Never panics.
// @need-ids: REQ_022, REQ_RESOURCE_001
pub fn run_within(text: &str, strategy: Strategy, limits: Limits, fuel: u64) -> Report {
    let places = Places::of(text);
    let mut lexer = Lexer::new(text);
    // Tests of names and comments have them on purpose.
    lexer.allow_confusing_unicode(true);
    if is_empty(&lexer) {
        return Report::default();
    }
    let buffer = match ParseBuffer::new_with_lexer(lexer) {
        Ok(buffer) => buffer,
        Err(error) => return unreadable(&places, &error),
    };
    let script = match parser::parse::<wast::Wast<'_>>(&buffer) {
        Ok(script) => script,
        Err(error) => return unreadable(&places, &error),
    };
    // Files of the official suite need proposals or do not mind them.
    let config = Config::new().limits(limits).strategy(strategy);
    let engine =
        Engine::new(&Proposal::ALL.into_iter().fold(config, |config, proposal| config.proposal(proposal, true)));
    match runner::Runner::new(&engine, fuel) {
        Ok(mut runner) => runner.run(script.directives, &places),
        Err(reason) => Report { passed: 0, failures: vec![Failed { line: 1, column: 1, reason }] },
    }
}

/// Whether there is nothing but blanks and comments, which the parser does not take for a script.
fn is_empty(lexer: &Lexer<'_>) -> bool {
    let blank = [TokenKind::Whitespace, TokenKind::LineComment, TokenKind::BlockComment];
    lexer.iter(0).all(|token| token.is_ok_and(|token| blank.contains(&token.kind)))
}

fn unreadable(places: &Places<'_>, error: &wast::Error) -> Report {
    let (line, column) = places.find(error.span().offset());
    let reason = format!("not a script: {}", error.message());
    Report { passed: 0, failures: vec![Failed { line, column, reason }] }
}

/// Lines and columns of a text.
struct Places<'a> {
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, lines }
    }

    /// Line and column of a byte, from 1.
    fn find(&self, offset: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}

#[cfg(test)]
mod tests;
