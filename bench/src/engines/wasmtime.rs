//! wasmtime, by its Python package and in a process of its own: its compiler, for reference, and its interpreter, Pulley. Absent where the
//! package is.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;

use super::{Engine, Loaded};
use crate::programs::Start;

/// The process that `driver.py` runs in: a command a line, an answer a line.
struct Driver {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts it, and has its first answer.
    fn start(python: &str, options: &[&str]) -> Result<Self, String> {
        let mut child = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("driver.py"))
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{python}: {error}"))?;
        let commands = child.stdin.take().ok_or("no pipe")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no pipe")?);
        let mut driver = Self { child, commands, answers };
        driver.answer()?;
        Ok(driver)
    }

    /// What follows `ok` in the next line, or what that says instead.
    fn answer(&mut self) -> Result<String, String> {
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|error| error.to_string())?;
        match line.trim().strip_prefix("ok") {
            Some(rest) => Ok(rest.trim().to_owned()),
            None if line.is_empty() => Err("the driver ended".into()),
            None => Err(line.trim().to_owned()),
        }
    }

    fn command(&mut self, line: &str, bytes: &[u8]) -> Result<String, String> {
        let sent = writeln!(self.commands, "{line}")
            .and_then(|()| self.commands.write_all(bytes))
            .and_then(|()| self.commands.flush());
        sent.map_err(|error| error.to_string())?;
        self.answer()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It ends with its input, which it may not read to the end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Wasmtime {
    name: &'static str,
    driver: Rc<RefCell<Driver>>,
}

pub(crate) fn engines(python: &str) -> Vec<Box<dyn Engine>> {
    let mut engines: Vec<Box<dyn Engine>> = Vec::new();
    let configurations: [(_, &[&str]); 3] =
        [("pulley", &["--pulley"]), ("wasmtime", &[]), ("wasmtime-fuel", &["--fuel"])];
    for (name, options) in configurations {
        match Driver::start(python, options) {
            Ok(driver) => engines.push(Box::new(Wasmtime { name, driver: Rc::new(RefCell::new(driver)) })),
            Err(reason) => {
                eprintln!("{name} is absent, it needs a Python (--python) with the package wasmtime: {reason}");
                break;
            }
        }
    }
    engines
}

impl Engine for Wasmtime {
    fn name(&self) -> &'static str {
        self.name
    }

    fn load(&self, wasm: &Arc<[u8]>, export: &str) -> Result<Box<dyn Loaded>, String> {
        self.driver.borrow_mut().command(&format!("load {export} {}", wasm.len()), wasm)?;
        Ok(Box::new(Export(Rc::clone(&self.driver))))
    }

    /// The driver always has WASI.
    fn wasi(&self, wasm: &Arc<[u8]>, export: &str) -> Option<Result<Box<dyn Loaded>, String>> {
        Some(self.load(wasm, export))
    }

    fn command(&self, wasm: &Arc<[u8]>, command: &Start) -> Option<Result<Box<dyn Loaded>, String>> {
        let arguments = command.arguments.iter().map(|argument| escaped(argument)).collect::<Vec<_>>().join(" ");
        let line = format!("command {} {} {arguments}", wasm.len(), command.input.len());
        let loaded = self.driver.borrow_mut().command(&line, &[&wasm[..], &command.input].concat());
        Some(loaded.map(|_| Box::new(Export(Rc::clone(&self.driver))) as Box<dyn Loaded>))
    }
}

/// A word without blanks: each byte in hexadecimal.
fn escaped(argument: &str) -> String {
    argument.bytes().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// The export that the driver loaded last.
struct Export(Rc<RefCell<Driver>>);

impl Loaded for Export {
    fn call(&mut self, arguments: &[i32]) -> Result<u64, String> {
        self.timed(arguments).map(|(_, result)| result)
    }

    /// As measured in the process that ran it.
    fn timed(&mut self, arguments: &[i32]) -> Result<(f64, u64), String> {
        let words: Vec<_> = arguments.iter().map(ToString::to_string).collect();
        let answer = self.0.borrow_mut().command(&format!("call {}", words.join(" ")), &[])?;
        let wrong = || format!("the driver answered {answer}");
        let (seconds, result) = answer.split_once(' ').ok_or_else(wrong)?;
        Ok((seconds.parse().map_err(|_| wrong())?, result.parse().map_err(|_| wrong())?))
    }
}
