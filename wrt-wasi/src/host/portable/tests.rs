//! The platform of other systems, run on Linux: the programs of our own suite, and ways out of a directory.

use super::{HostPlatform, directory};
use crate::errno::Errno;
use crate::memory::{Input, Output};
use crate::platform::{Directory, OpenHow, Opened, Preopen};
use crate::{Exit, WasiP1, preview1};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};
use std::format;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread;
use wrt::{Engine, Linker, Module, Store};

/// Programs of which something is not there on this platform, with what is not.
const DIFFERENT: [(&str, &str); 2] =
    [("clock_res_get", "clocks of CPU time"), ("clock_time_get", "clocks of CPU time")];

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("wrt-portable-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("inside/d")).unwrap();
        fs::create_dir_all(path.join("outside")).unwrap();
        fs::write(path.join("outside/file"), "secret").unwrap();
        Self(path)
    }

    fn inside(&self) -> Arc<dyn Directory> {
        directory(&self.0.join("inside")).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What is wrong with a program's run, if anything is.
fn run(program: &Path, name: &str) -> Option<String> {
    let folder = Folder::new(name);
    fs::remove_dir(folder.0.join("inside/d")).unwrap();
    fs::create_dir_all(folder.0.join("ro/d")).unwrap();
    fs::write(folder.0.join("ro/file"), "contents").unwrap();
    let errors = Output::new(1 << 20);
    let mut builder = WasiP1::builder();
    builder.platform(HostPlatform).stdin(Input::new(*b"lines of input\n"));
    builder.stdout(Output::new(1 << 20)).stderr(errors.clone());
    for arg in ["wasi", "one", "", "three words"] {
        builder.arg(arg).unwrap();
    }
    for (variable, value) in [("A", "1"), ("EMPTY", ""), ("B", "x=y")] {
        builder.env(variable, value).unwrap();
    }
    builder.preopen(Preopen { name: "/".into(), directory: folder.inside(), writable: true });
    if name == "read_only" {
        let directory = directory(&folder.0.join("ro")).unwrap();
        builder.preopen(Preopen { name: "/ro".into(), directory, writable: false });
    }
    let engine = Engine::default();
    let module = Module::new(&engine, fs::read(program).unwrap()).unwrap();
    let mut linker = Linker::new(&engine);
    preview1::add_to_linker(&mut linker, |wasi: &mut WasiP1| wasi).unwrap();
    let mut store = Store::new(&engine, builder.build().unwrap());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let ended = instance.get_typed_func::<(), ()>(&store, "_start").unwrap().call(&mut store, ());
    let status = match ended {
        Ok(()) => 0,
        Err(error) => match error.downcast_ref::<Exit>() {
            Some(exit) => exit.0,
            None => return Some(error.to_string()),
        },
    };
    let expected = match name {
        "proc_exit" => 33,
        "c_stdio" => 5,
        _ => 0,
    };
    (status != expected).then(|| format!("{name}: {status}\n{}", String::from_utf8_lossy(&errors.contents())))
}

// @need-ids: REQ_WASI_001, REQ_WASI_004
#[test]
fn programs_pass_but_for_what_the_platform_does_not_have() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/wasi/wasm");
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for file in fs::read_dir(folder).unwrap() {
        let program = file.unwrap().path();
        let name = program.file_stem().unwrap().to_string_lossy().into_owned();
        let differs = run(&program, &name);
        let known = DIFFERENT.iter().any(|(known, _)| *known == name);
        seen += 1;
        match differs {
            Some(differs) if !known => wrong.push(differs),
            None if known => wrong.push(format!("{name} passes, and is said to differ")),
            _ => {}
        }
    }
    assert!(seen > 46 && wrong.is_empty(), "{seen} programs\n{}", wrong.join("\n"));
}

fn read() -> OpenHow {
    OpenHow { follow: true, read: true, ..OpenHow::default() }
}

// @need-ids: REQ_WASI_003
#[test]
fn no_path_leads_outside() {
    let folder = Folder::new("outside");
    let inside = folder.0.join("inside");
    symlink("../outside", inside.join("up")).unwrap();
    symlink(folder.0.join("outside"), inside.join("absolute")).unwrap();
    symlink("up", inside.join("twice")).unwrap();
    let directory = folder.inside();
    let secret = folder.0.join("outside/file");
    for path in
        ["../outside/file", "d/../../outside/file", "up/file", "absolute/file", "twice/file", secret.to_str().unwrap()]
    {
        assert_eq!(directory.open(path, read()).unwrap_err(), Errno::Permission, "{path}");
        let write = OpenHow { write: true, create: true, truncate: true, ..read() };
        assert_eq!(directory.open(path, write).unwrap_err(), Errno::Permission, "{path}");
        assert_eq!(directory.stat_at(path, true).unwrap_err(), Errno::Permission, "{path}");
        assert!(directory.unlink(path).is_err() && directory.rename(path, &*directory, "new").is_err(), "{path}");
        assert!(
            directory.link(path, &*directory, "new").is_err() && directory.create_directory(path).is_err(),
            "{path}"
        );
    }
    assert_eq!(fs::read_to_string(secret).unwrap(), "secret");
}

// @need-ids: REQ_WASI_003
#[test]
fn a_folder_that_becomes_a_link_meanwhile_does_not_lead_outside() {
    let folder = Folder::new("race");
    let inside = folder.0.join("inside");
    fs::write(inside.join("d/file"), "inside").unwrap();
    symlink("../outside", inside.join("link")).unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let other = thread::spawn({
        let (over, inside) = (Arc::clone(&over), fs::File::open(&inside).unwrap());
        move || {
            while !over.load(Ordering::Relaxed) {
                let exchange = rustix::fs::RenameFlags::EXCHANGE;
                rustix::fs::renameat_with(&inside, "d", &inside, "link", exchange).unwrap();
            }
        }
    });
    let directory = folder.inside();
    let mut seen = 0;
    for round in 0..200_000 {
        match (round, seen) {
            (0..2_000, _) => {}
            // The other may have had no turn yet: a machine may have other work.
            (_, 0) => thread::yield_now(),
            _ => break,
        }
        if let Ok(Opened::File(file)) = directory.open("d/file", read()) {
            let mut bytes = [0; 6];
            assert_eq!(file.read(&mut bytes), Ok(6));
            assert_eq!(&bytes, b"inside");
            seen += 1;
        }
    }
    over.store(true, Ordering::Relaxed);
    other.join().unwrap();
    assert!(seen > 0, "the guest never came in time");
    assert_eq!(fs::read_dir(folder.0.join("outside")).unwrap().count(), 1);
}
