//! Two engines in lock-step agree on everything, and on nothing that was spoilt.

use crate::reference::guests;
use std::collections::BTreeMap;
use wrt::{
    Config, Engine, Error, FaultPlace, Instance, Linker, Module, ResumableCall, Store, Strategy, Val, VerificationLevel,
};

/// Guests with recursion, memory, tables and globals, and calls of theirs.
const CALLS: [(&str, &str, &[i32]); 6] = [
    ("fib.wasm", "fib", &[10]),
    ("quicksort.wasm", "quicksort", &[13, 3]),
    ("vtable.wasm", "shapes", &[0]),
    ("stackvm.wasm", "collatz", &[2]),
    ("list.wasm", "list_sort", &[2, 1]),
    ("keccak.wasm", "keccak_f", &[0]),
];

fn module(level: VerificationLevel, strategy: Strategy, file: &str) -> Module {
    let engine = Engine::new(&Config::new().strategy(strategy).verification(level));
    Module::new(&engine, guests::read(file)).expect("a guest")
}

fn instance(module: &Module) -> (Store<()>, Instance) {
    let mut store = Store::new(module.engine(), ());
    let instance = Linker::new(module.engine()).instantiate(&mut store, module).expect("instantiates");
    (store, instance)
}

/// What a call came to, with the memories after it; `Err` for anything but an end of its own.
fn finish(
    store: &mut Store<()>,
    instance: &Instance,
    call: ResumableCall,
    results: &mut [Val],
) -> Result<String, Error> {
    let mut call = call;
    while let ResumableCall::OutOfFuel(paused) = call {
        if store.fuel_consumed() > 200_000 {
            return Err(Error::message("runs on and on"));
        }
        store.add_fuel(100_000);
        call = paused.resume(&mut *store, results)?;
    }
    let memory = instance.get_memory(&*store, "memory").map(|memory| memory.data(&*store).to_vec());
    Ok(format!("{results:?} {memory:?}"))
}

/// Calls, pauses after `fuel` units, lets `spoil` at it, and goes on.
fn run(
    (store, instance): &mut (Store<()>, Instance),
    (export, arguments): (&str, &[i32]),
    fuel: u64,
    spoil: impl FnOnce(&mut Store<()>, &mut wrt::ResumableOutOfFuel) -> bool,
) -> Option<Result<String, Error>> {
    let func = instance.get_func(&*store, export).expect("an export");
    let arguments: Vec<_> = arguments.iter().map(|argument| Val::I32(*argument)).collect();
    let mut results = vec![Val::I32(0); func.ty(&*store).results().len()];
    store.set_fuel(fuel);
    let call = func.call_resumable(&mut *store, &arguments, &mut results).expect("begins");
    let ResumableCall::OutOfFuel(mut paused) = call else { return None };
    if !spoil(store, &mut paused) {
        return None;
    }
    let call = match paused.resume(&mut *store, &mut results) {
        Ok(call) => call,
        Err(error) => return Some(Err(error)),
    };
    Some(finish(store, instance, call, &mut results))
}

/// Fuel that a call uses.
fn cost(file: &str, call: (&str, &[i32])) -> (u64, String) {
    let mut both = instance(&module(VerificationLevel::None, Strategy::Stackless, file));
    let found = run(&mut both, call, 1, |_, _| true).expect("pauses").expect("ends well");
    (both.0.fuel_consumed(), found)
}

// @need-ids: REQ_LOCKSTEP_001, REQ_ONE_STATE_001, REQ_FUEL_SCHEDULE_001
#[test]
fn what_two_engines_agree_on_is_what_one_says() {
    for (file, export, arguments) in CALLS {
        let (fuel, expected) = cost(file, (export, arguments));
        for level in VerificationLevel::ALL {
            let mut both = instance(&module(level, Strategy::Lockstep, file));
            let found = run(&mut both, (export, arguments), fuel / 2, |_, _| true).expect("pauses");
            assert_eq!(found.expect("agrees"), expected, "{file} {export} {level:?}");
            assert_eq!(both.0.fuel_consumed(), fuel, "{file} {export} {level:?}");
        }
    }
}

// @need-ids: REQ_TRADITIONAL_001, REQ_ERROR_003
#[test]
fn an_image_without_bytecode_says_so() {
    let image = module(VerificationLevel::None, Strategy::Stackless, "fib.wasm").compile().expect("an image");
    for strategy in [Strategy::Traditional, Strategy::Lockstep] {
        let engine = Engine::new(&Config::new().strategy(strategy));
        let (mut store, instance) = instance(&Module::new(&engine, &image).expect("its own image"));
        let fib = instance.get_func(&store, "fib").expect("an export");
        let error = fib.call(&mut store, &[Val::I32(3)], &mut [Val::I32(0)]).expect_err("nothing to run");
        assert!(error.to_string().contains("compile with `--engine both`"), "{strategy:?}: {error}");
    }
}

/// Functions that trap behind the last entry of their side table, as their ends are not reached; with one before and one after them.
const TRAPS: &str = r#"(module
    (memory 1) (memory 0) (memory 0) (memory 0) (memory $far 0) (table $other 1 funcref) (table $t 2 externref)
    (func $before (export "before"))
    (func (export "element") (param i32) (drop (table.get $t (local.get 0))) (unreachable))
    (func (export "load") (param i32) (drop (i32.load $far (local.get 0))) (unreachable))
    (func (export "size") (param i32) (drop (i32.div_u (table.size $t) (local.get 0))) (unreachable))
    (func (export "reference") (param i32) (call_ref 0 (ref.null 0)) (unreachable))
    (func $after (export "after")))"#;

// Side tables stand in the order in which functions were called: behind one of them is any other's.
// @need-ids: REQ_TRADITIONAL_001, REQ_TRAP_001, REQ_ERROR_003
#[test]
fn a_trap_is_in_its_function_whatever_was_called_before() {
    let module = |strategy| {
        let engine = Engine::new(&Config::new().strategy(strategy));
        Module::new(&engine, wat::parse_str(TRAPS).expect("text")).expect("valid")
    };
    for (export, func) in [("element", 1), ("load", 2), ("size", 3), ("reference", 4)] {
        for next in ["before", "after"] {
            let places = Strategy::ALL.map(|strategy| {
                let (mut store, instance) = instance(&module(strategy));
                let mut found = Vec::new();
                let argument = if export == "size" { 0 } else { 9 };
                for (name, args) in [(export, &[Val::I32(argument)][..]), (next, &[]), (export, &[Val::I32(argument)])]
                {
                    let called = instance.get_func(&store, name).expect("an export");
                    let mut results = vec![Val::I32(0); called.ty(&store).results().len()];
                    if let Err(error) = called.call(&mut store, args, &mut results) {
                        let trap = error.trap().unwrap_or_else(|| panic!("{export} {strategy:?}: {error}"));
                        found.extend(trap.backtrace.frames.iter().map(|frame| (frame.func, frame.offset)));
                    }
                }
                found
            });
            assert_eq!(places[0].iter().map(|place| place.0).collect::<Vec<_>>(), [func; 2], "{export}");
            assert!(places.iter().all(|found| *found == places[0]), "{export}, {next}: {places:?}");
        }
    }
}

/// A generator that is the same everywhere (splitmix64).
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// How many faults were found, came to nothing, and were missed.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    detected: u32,
    harmless: u32,
    missed: u32,
    /// Went round in circles until a watchdog gave up: of these, nothing but one tells.
    circles: u32,
}

/// Does work beside a watchdog; `None` where it barks.
fn watched<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, waits) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(work()));
    match waits.recv_timeout(std::time::Duration::from_secs(5)) {
        Ok(found) => Some(found),
        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => None,
        Err(gone) => panic!("a fault led to a panic: {gone}"),
    }
}

/// Flips bits in the middle of calls, at a level, and counts what becomes of them.
fn inject(strategy: Strategy, level: VerificationLevel, each: u32) -> BTreeMap<&'static str, Share> {
    let mut shares: BTreeMap<&'static str, Share> = BTreeMap::new();
    let mut seed = 1;
    for (file, export, arguments) in CALLS {
        let (fuel, expected) = cost(file, (export, arguments));
        let module = module(level, strategy, file);
        for place in FaultPlace::ALL {
            for _ in 0..each {
                let (when, bit) = (random(&mut seed) % fuel, random(&mut seed));
                let module = module.clone();
                let found = watched(move || {
                    let mut both = instance(&module);
                    let spoilt = |store: &mut Store<()>, paused: &mut wrt::ResumableOutOfFuel| {
                        paused.inject_fault(store, place, bit)
                    };
                    let found = run(&mut both, (export, arguments), when, spoilt)?;
                    // Fuel is an answer too: a price that is wrong must not pass.
                    Some(found.map(|found| (found, both.0.fuel_consumed())).map_err(|error| error.to_string()))
                });
                let share = match found {
                    Some(None) => continue,
                    _ => shares.entry(place.name()).or_default(),
                };
                match found.flatten() {
                    Some(Ok(found)) if found == (expected.clone(), fuel) => share.harmless += 1,
                    Some(Ok(_)) => share.missed += 1,
                    Some(Err(_)) => share.detected += 1,
                    None => share.circles += 1,
                }
            }
        }
    }
    shares
}

fn tell(what: &str, shares: &BTreeMap<&'static str, Share>) -> (u32, u32) {
    for (place, Share { detected, harmless, missed, circles }) in shares {
        println!(
            "{what:24} {place:10} detected {detected:5} harmless {harmless:5} missed {missed:5} circles {circles:5}"
        );
    }
    let missed = shares.values().map(|share| share.missed + share.circles).sum();
    (missed, shares.values().map(|share| share.detected + share.harmless + share.missed + share.circles).sum())
}

// @need-ids: REQ_LOCKSTEP_001, REQ_LOCKSTEP_002, REQ_VERIFY_001
#[test]
fn at_the_full_level_single_bits_are_found_or_harmless() {
    let each = std::env::var("WRT_FAULTS").ok().and_then(|each| each.parse().ok()).unwrap_or(5);
    let (missed, all) = tell("lockstep full", &inject(Strategy::Lockstep, VerificationLevel::Full, each));
    assert!(all > 0 && missed * 100 <= all, "{missed} of {all} missed");
    for level in [VerificationLevel::Standard, VerificationLevel::Sampling, VerificationLevel::None] {
        let shares = inject(Strategy::Lockstep, level, each.div_ceil(5));
        tell(&format!("lockstep {}", level.name()), &shares);
    }
    // The control: faults are real, and one engine alone misses many of them.
    let (missed, all) = tell("stackless full", &inject(Strategy::Stackless, VerificationLevel::Full, each));
    assert!(missed * 20 > all, "only {missed} of {all} faults do anything");
}
