//! The WRT command line.

use std::io::{self, BufWriter};
use std::process::ExitCode;

fn main() -> ExitCode {
    // Buffered: a module with many results is not one system call a line. `wrtd::run` flushes before it returns.
    // Neither is locked: who ends a run whose time is over says so from another thread.
    let mut out = BufWriter::new(io::stdout());
    let mut err = BufWriter::new(io::stderr());
    ExitCode::from(wrtd::run(std::env::args_os(), &mut out, &mut err))
}
