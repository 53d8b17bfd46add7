//! The command line as a process: exit codes, messages, and what it does with input that is wrong on purpose.

mod budget;
#[cfg(unix)]
mod cache;
mod diagnostics;
mod habits;
mod input;
mod output;
mod running;
mod scripts;
mod settings;
mod wasi;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// What a run of the program gave.
#[derive(Debug, PartialEq)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    /// The JSON document on standard output.
    fn json(&self) -> serde_json::Value {
        assert_eq!(self.out.lines().count(), 1, "one document, one line: {self:?}");
        let document: serde_json::Value = serde_json::from_str(&self.out).expect("well-formed");
        assert_eq!(document["schema"], 1);
        document
    }
}

/// Nothing here may take longer, however slow the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `wrtd` with these arguments.
fn wrtd<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Run {
    wrtd_with_input(args, b"")
}

fn wrtd_with_input<S: AsRef<std::ffi::OsStr>>(args: &[S], input: &[u8]) -> Run {
    run(command().args(args), input)
}

/// The program, without settings and wishes of who runs the tests.
fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wrtd"));
    command.env("XDG_CONFIG_HOME", env!("CARGO_TARGET_TMPDIR")).env_remove("NO_COLOR");
    command
}

fn run(command: &mut Command, input: &[u8]) -> Run {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("wrtd starts");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    // It may end without reading all of its input.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let out = read_all(child.stdout.take().expect("piped"));
    let err = read_all(child.stderr.take().expect("piped"));
    let code = wait(&mut child);
    writer.join().expect("no panic");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let run = Run { code, out: text(out.join().expect("no panic")), err: text(err.join().expect("no panic")) };
    assert!(!run.err.contains("panicked"), "{run:?}");
    run
}

fn read_all(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).expect("readable");
        bytes
    })
}

fn wait(child: &mut Child) -> Option<i32> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            return status.code();
        }
        if start.elapsed() > PATIENCE {
            child.kill().expect("a child of ours");
            panic!("wrtd did not end within {PATIENCE:?}");
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// A folder of one test.
fn folder() -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).expect("writable");
    folder
}

/// A file of one test; its path.
fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder().join(name);
    fs::write(&path, content).expect("writable");
    path.into_os_string().into_string().expect("UTF-8")
}

/// A guest program of the repository.
fn guest(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests/wasm").join(name);
    path.into_os_string().into_string().expect("UTF-8")
}

/// A module with something for every test.
const MODULE: &str = r#"
(module $sample
  (memory (export "memory") 1 3)
  (table 2 funcref)
  (elem (i32.const 0) $add)
  (type $none (func))
  (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "id64") (param i64) (result i64) (local.get 0))
  (func (export "half") (param f32) (result f32) (f32.mul (local.get 0) (f32.const 0.5)))
  (func (export "root") (param f64) (result f64) (f64.sqrt (local.get 0)))
  (func (export "two") (result i32 f64) (i32.const -1) (f64.const 0.1))
  (func (export "null") (result funcref) (ref.null func))
  (func (export "self") (result funcref) (ref.func $add))
  (func $load (export "load") (param i32) (result i32) (call $inner (local.get 0)))
  (func $inner (param i32) (result i32) (i32.load offset=2 (local.get 0)))
  (func (export "indirect") (param i32) (call_indirect (type $none) (local.get 0)))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $deep (export "deep") (call $deep))
  (func (export "spin") (loop (br 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
"#;

fn module() -> String {
    file("sample.wat", MODULE)
}
