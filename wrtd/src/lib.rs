//! The WRT command line, as a library: [`run`] is the whole program, and [`wast`] runs test scripts.
//!
//! - [`cli`]: what can be written on the command line;
//! - [`execute`], [`compile`], [`inspect`], [`mod@budget`], [`selftest`], [`scripts`]: the commands;
//! - [`config`]: `wrt.toml`, and [`settings`], which shows what is set;
//! - [`input`]: files, and [`sections`] in them; [`cache`]: which were found valid before; [`literal`]: values as text;
//! - [`failure`]: errors with their places and exit codes; [`output`]: where everything is printed;
//! - [`wast`]: the runner of test scripts, which the conformance suite uses as well.

// @need-ids: REQ_CLI_001

pub mod budget;
pub mod cache;
pub mod cli;
pub mod compile;
pub mod config;
pub mod disassembly;
pub mod excerpt;
pub mod execute;
pub mod explain;
pub mod failure;
pub mod imports;
pub mod input;
pub mod inspect;
pub mod literal;
pub mod logging;
pub mod manual;
pub mod output;
pub mod progress;
pub mod scripts;
pub mod sections;
pub mod selftest;
pub mod settings;
pub mod source;
pub mod stats;
pub mod suggest;
pub mod time_limit;
pub mod trap;
pub mod wasi;
pub mod wast;

use cli::{Command, Invocation, Parsed};
use failure::{Failure, code};
use output::Output;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};

/// The version of the JSON schema; every document names it.
pub const SCHEMA: u32 = 1;

/// Runs the command line `args`, program name first, and returns the exit code.
///
/// Results go to `out`, everything else to `err`. Neither is written to again once it is a closed pipe. Never panics.
// @need-ids: REQ_CLI_001
pub fn run(args: impl IntoIterator<Item = OsString>, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let Invocation { parsed, format, color, verbose } = cli::parse(&args);
    let mut output = Output::new(out, err, format)
        .colored(color.is_wanted(&std::io::stderr()))
        .with_hints(std::io::stderr().is_terminal());
    logging::start(verbose);
    let code = match parsed {
        Ok(Parsed::Command(command)) => match dispatch(command, &mut output) {
            Ok(code) => code,
            Err(failure) => output.fail(&failure),
        },
        Ok(Parsed::Text(text)) => {
            let colored = color.is_wanted(&std::io::stdout());
            output.text(&if colored { text.ansi().to_string() } else { text.to_string() });
            code::OK
        }
        Err(failure) => output.fail(&failure),
    };
    output.finish(code)
}

fn dispatch(command: Command, output: &mut Output<'_>) -> Result<u8, Failure> {
    match command {
        Command::Run(options) => execute::run(&options, output),
        Command::Compile(options) => compile::run(&options, output),
        Command::Inspect(options) => inspect::run(&options, output),
        Command::Budget(options) => budget::run(&options, output),
        Command::Wast(options) => scripts::run(&options, output),
        Command::Selftest(_) => selftest::run(output),
        Command::Completion(options) => Ok(manual::completion(&options, output)),
        Command::Man(options) => manual::man(&options, output),
        Command::Explain(options) => explain::run(&options, output),
        Command::Config(options) => Ok(options.listing.tell(output)),
    }
}
