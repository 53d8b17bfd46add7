//! Our own suite of WASI Preview 1 (`wasi/`): each program ends as it has to, on every engine.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use wrt::{Config, Engine, Error, Linker, Module, Store, Strategy};
use wrt_wasi::memory::{Input, Output};
use wrt_wasi::platform::Preopen;
use wrt_wasi::{Exit, WasiP1, host, preview1};

/// Functions of the interface.
const FUNCTIONS: usize = 46;

/// What programs may write to a stream, in bytes.
const MOST_OUTPUT: usize = 1 << 20;

/// Programs that end with a status of their own.
const STATUS: [(&str, u32); 2] = [("c_stdio", 5), ("proc_exit", 33)];

fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("wasi/wasm");
    let files = fs::read_dir(folder).expect("the suite is there");
    let mut programs: Vec<_> = files.map(|file| file.expect("readable").path()).collect();
    programs.sort();
    programs
}

fn name(program: &Path) -> &str {
    program.file_stem().and_then(|name| name.to_str()).expect("a plain name")
}

/// A folder of a program's own, gone when it is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("wasi-{name}-{}", std::process::id()));
        for below in ["root", "ro/d"] {
            fs::create_dir_all(path.join(below)).expect("writable");
        }
        fs::write(path.join("ro/file"), "contents").expect("writable");
        Self(path)
    }

    fn hand_over(&self, host_name: &str, guest_name: &str, writable: bool) -> Preopen {
        let directory = host::directory(&self.0.join(host_name)).expect("a directory");
        Preopen { name: guest_name.into(), directory, writable }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs a program; its status, and what it wrote to standard error.
fn run(program: &Path, strategy: Strategy) -> Result<(u32, String), Error> {
    let name = name(program);
    let folder = Folder::new(&format!("{name}-{strategy:?}"));
    let errors = Output::new(MOST_OUTPUT);
    let mut builder = WasiP1::builder();
    builder.platform(host::HostPlatform).stdin(Input::new(*b"lines of input\n"));
    builder.stdout(Output::new(MOST_OUTPUT)).stderr(errors.clone());
    for arg in ["wasi", "one", "", "three words"] {
        builder.arg(arg).expect("no NUL");
    }
    for (variable, value) in [("A", "1"), ("EMPTY", ""), ("B", "x=y")] {
        builder.env(variable, value).expect("no NUL");
    }
    builder.preopen(folder.hand_over("root", "/", true));
    if name == "read_only" {
        builder.preopen(folder.hand_over("ro", "/ro", false));
    }
    let engine = Engine::new(&Config::new().strategy(strategy));
    let module = Module::new(&engine, fs::read(program).expect("readable"))?;
    let mut linker = Linker::new(&engine);
    preview1::add_to_linker(&mut linker, |wasi| wasi)?;
    let mut store = Store::new(&engine, builder.build().expect("few descriptors"));
    let instance = linker.instantiate(&mut store, &module)?;
    let status = match instance.get_typed_func::<(), ()>(&store, "_start")?.call(&mut store, ()) {
        Ok(()) => 0,
        Err(error) => error.downcast_ref::<Exit>().map(|exit| exit.0).ok_or(error)?,
    };
    Ok((status, String::from_utf8_lossy(&errors.contents()).into_owned()))
}

fn all_pass_on(strategy: Strategy) {
    let mut wrong = Vec::new();
    for program in programs() {
        let expected = STATUS.iter().find(|(known, _)| *known == name(&program)).map_or(0, |(_, status)| *status);
        match run(&program, strategy) {
            Ok((status, _)) if status == expected => {}
            Ok((status, said)) => wrong.push(format!("{}: status {status}\n{said}", name(&program))),
            Err(error) => wrong.push(format!("{}: {error}", name(&program))),
        }
    }
    assert!(wrong.is_empty(), "{} programs fail on {strategy:?}:\n{}", wrong.len(), wrong.join("\n"));
}

// @need-ids: REQ_WASI_001, REQ_WASI_002, REQ_WASI_003, REQ_WASI_004
#[test]
fn programs_pass_on_the_stackless_engine() {
    all_pass_on(Strategy::Stackless);
}

// @need-ids: REQ_WASI_001, REQ_WASI_002, REQ_WASI_003, REQ_WASI_004
#[test]
fn programs_pass_on_the_traditional_engine() {
    all_pass_on(Strategy::Traditional);
}

// @need-ids: REQ_WASI_001, REQ_WASI_002, REQ_WASI_003, REQ_WASI_004
#[test]
fn programs_pass_on_both_engines_in_lockstep() {
    all_pass_on(Strategy::Lockstep);
}

// @need-ids: REQ_SAFETY_002
#[test]
fn each_function_has_a_program_of_its_own_that_calls_it() {
    let engine = Engine::default();
    let mut called = BTreeSet::new();
    for program in programs() {
        let module = Module::new(&engine, fs::read(&program).expect("readable")).expect("valid");
        let own = name(&program);
        called.extend(module.imports().filter(|import| import.name == own).map(|import| import.name.to_owned()));
    }
    assert_eq!(called.len(), FUNCTIONS, "{called:?}");
}
