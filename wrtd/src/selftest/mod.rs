//! `selftest`: the check after an installation. It runs modules whose results are known, in this build on this machine.

// @need-ids: REQ_INSTALL_002

use crate::failure::{Failure, code, one_line};
use crate::output::Output;
use crate::wast;
use serde_json::{Map, Value, json};
use wrt::{Config, Engine, Error, ErrorKind, Func, Limits, Module, ResumableCall, Store, Strategy, Val};

/// What is wrong, if anything.
type Checked = Result<(), String>;

/// Scripts with assertions, by what they check.
const SCRIPTS: &[(&str, &str)] = &[
    ("integers", include_str!("integers.wast")),
    ("floats", include_str!("floats.wast")),
    ("control", include_str!("control.wast")),
    ("memory", include_str!("memory.wast")),
    ("tables", include_str!("tables.wast")),
    ("linking", include_str!("linking.wast")),
    ("traps", include_str!("traps.wast")),
    ("refusal", include_str!("refusal.wast")),
];

/// A check by what it checks.
type Check = (&'static str, fn() -> Checked);

/// Checks of what scripts cannot say.
const CHECKS: &[Check] = &[
    ("fuel counts the same whole and in slices", fuel_in_slices),
    ("an image runs as its module does", image_runs_alike),
    ("damaged images are refused", damaged_images),
    ("limits hold", limits_hold),
];

/// Runs all checks and tells of each. The exit code is 1 if one fails.
// @need-ids: REQ_INSTALL_002, REQ_CLI_001
pub fn run(output: &mut Output<'_>) -> Result<u8, Failure> {
    let scripts = SCRIPTS.iter().map(|(name, text)| (*name, script(text)));
    let checks = CHECKS.iter().map(|(name, check)| (*name, check()));
    let mut told: Vec<Value> = Vec::new();
    let (mut passed, mut failed) = (0_u64, 0_u64);
    for (name, checked) in scripts.chain(checks) {
        let (count, word) = if checked.is_ok() { (&mut passed, "ok  ") } else { (&mut failed, "FAIL") };
        *count += 1;
        let reason = checked.err();
        if output.is_text() {
            let why = reason.as_deref().map_or(String::new(), |reason| format!(": {}", one_line(reason)));
            output.line(&format!("{word} {name}{why}"));
        }
        told.push(json!({ "check": name, "passed": reason.is_none(), "reason": reason }));
    }
    let code = if failed == 0 { code::OK } else { code::ASSERTION };
    if output.is_text() {
        output.line(&format!("wrtd {}: {passed} passed, {failed} failed", env!("CARGO_PKG_VERSION")));
    } else {
        let mut document = Map::new();
        document.insert("command".into(), "selftest".into());
        document.insert("version".into(), env!("CARGO_PKG_VERSION").into());
        document.insert("passed".into(), passed.into());
        document.insert("failed".into(), failed.into());
        document.insert("checks".into(), told.into());
        document.insert("exit".into(), code.into());
        output.json(document);
    }
    Ok(code)
}

fn script(text: &str) -> Checked {
    let report = wast::run(text, Strategy::Stackless);
    match report.failures.first() {
        Some(failed) => Err(format!("line {}: {}", failed.line, failed.reason)),
        None if report.passed == 0 => Err("no assertion ran".into()),
        None => Ok(()),
    }
}

/// Calls itself, loops, and writes to memory.
const PROGRAM: &str = r#"
(module
  (memory 1)
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add
        (call $fib (i32.sub (local.get 0) (i32.const 1)))
        (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "run") (param i32) (result i32) (local i32)
    (memory.fill (i32.const 0) (i32.const 3) (i32.const 5000))
    (loop $again
      (i32.store (local.get 1) (i32.add (i32.load (local.get 1)) (local.get 1)))
      (br_if $again (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 4))) (i32.const 400))))
    (i32.add (call $fib (local.get 0)) (i32.load8_u (i32.const 396)))))
"#;

/// fib(13) + (3 + 396) mod 256.
const ARGUMENT: Val = Val::I32(13);
const RESULT: Val = Val::I32(233 + 143);

fn told(error: &Error) -> String {
    error.to_string()
}

fn program() -> Result<Vec<u8>, String> {
    crate::input::text_to_binary("selftest", PROGRAM.as_bytes()).map_err(|failure| failure.to_string())
}

/// A store in which the program has been instantiated, and its function.
fn instance(bytes: &[u8]) -> Result<(Store<()>, Func), String> {
    let engine = Engine::default();
    let module = Module::new(&engine, bytes).map_err(|error| told(&error))?;
    let mut store = Store::new(&engine, ());
    let instance = module.instantiate(&mut store).map_err(|error| told(&error))?;
    let func = instance.get_func(&store, "run").ok_or("the export is missing")?;
    Ok((store, func))
}

/// Runs the program and returns the fuel used.
fn whole(bytes: &[u8]) -> Result<u64, String> {
    let (mut store, func) = instance(bytes)?;
    let mut results = [Val::I32(0)];
    func.call(&mut store, &[ARGUMENT], &mut results).map_err(|error| told(&error))?;
    expect(results[0])?;
    Ok(store.fuel_consumed())
}

fn expect(result: Val) -> Checked {
    if result == RESULT { Ok(()) } else { Err(format!("the program gave {result:?}")) }
}

fn fuel_in_slices() -> Checked {
    const SLICE: u64 = 97;
    let bytes = program()?;
    let total = whole(&bytes)?;
    let (mut store, func) = instance(&bytes)?;
    store.set_fuel(0);
    let mut results = [Val::I32(0)];
    let mut given = 0;
    let mut state = func.call_resumable(&mut store, &[ARGUMENT], &mut results).map_err(|error| told(&error))?;
    while let ResumableCall::OutOfFuel(paused) = state {
        if given > 2 * total {
            return Err(format!("in slices it uses more than {given} units, whole {total}"));
        }
        let more = paused.needed().max(SLICE);
        given += more;
        store.set_fuel(store.get_fuel().saturating_add(more));
        state = paused.resume(&mut store, &mut results).map_err(|error| told(&error))?;
    }
    expect(results[0])?;
    let used = given - store.get_fuel();
    if used == total { Ok(()) } else { Err(format!("{used} units in slices, {total} whole")) }
}

fn image() -> Result<(Vec<u8>, Vec<u8>), String> {
    let bytes = program()?;
    let module = Module::new(&Engine::default(), &bytes).map_err(|error| told(&error))?;
    let image = module.compile().map_err(|error| told(&error))?;
    Ok((bytes, image))
}

fn image_runs_alike() -> Checked {
    let (bytes, image) = image()?;
    let (as_module, as_image) = (whole(&bytes)?, whole(&image)?);
    if as_module == as_image { Ok(()) } else { Err(format!("{as_module} units as module, {as_image} as image")) }
}

fn damaged_images() -> Checked {
    let (_, mut image) = image()?;
    let engine = Engine::default();
    for at in (0..image.len()).step_by(7) {
        let bit = 1 << (at % 8);
        image[at] ^= bit;
        if Module::new(&engine, &image).is_ok() {
            return Err(format!("bit {} of byte {at} does not matter", at % 8));
        }
        image[at] ^= bit;
    }
    Module::new(&engine, &image).map(drop).map_err(|error| told(&error))
}

fn limits_hold() -> Checked {
    let limits = Limits { max_memory_bytes: 65_535, ..Limits::DEFAULT };
    let engine = Engine::new(&Config::new().limits(limits));
    let module = Module::new(&engine, program()?).map_err(|error| told(&error))?;
    match module.instantiate(&mut Store::new(&engine, ())) {
        Err(error) if error.kind() == ErrorKind::Limit => Ok(()),
        Err(error) => Err(told(&error)),
        Ok(_) => Err("a memory beyond the limit was made".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_INSTALL_002, REQ_SAFETY_002
    #[test]
    fn a_script_that_fails_is_told() {
        assert_eq!(script("(assert_invalid (module (func (result i32))) \"type mismatch\")"), Ok(()));
        assert_eq!(script("(module)"), Err("no assertion ran".into()));
        assert!(script("\n(assert_invalid (module) \"x\")").is_err_and(|reason| reason.starts_with("line 2: ")));
    }

    // @need-ids: REQ_INSTALL_002
    #[test]
    fn every_check_passes_here() {
        for (name, text) in SCRIPTS {
            assert_eq!(script(text), Ok(()), "{name}");
        }
        for (name, check) in CHECKS {
            assert_eq!(check(), Ok(()), "{name}");
        }
    }
}
