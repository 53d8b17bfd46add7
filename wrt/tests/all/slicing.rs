//! However a run is cut into slices of fuel, it comes to the same: results, traps, memory, and the total of fuel, which
//! is the one that the reference evaluator counts. And wherever it is cut, the machine state is the evaluator's.

use crate::reference::engine::{
    self, End, Guest, Random, Runs, assert_same_bytes, both_ways, bounds, end_of, exported_by, in_step, small_limits,
};
use crate::reference::machine::{Machine, Outcome, adding_host};
use crate::reference::{self, cases, guests};
use std::panic::catch_unwind;
use wasmparser::ExternalKind;
use wrt::{Limits, Module, Strategy};

/// All that a run of one call leaves behind.
#[derive(Clone, Debug, PartialEq)]
struct Left {
    end: End,
    fuel: u64,
    exported: Vec<(String, Vec<u8>)>,
}

/// Runs one call on a fresh instance with fuel in slices.
fn run(module: &Module, runs: Runs, export: &str, arguments: &[u64], slices: impl Iterator<Item = u64>) -> Left {
    let mut guest = Guest::new(module, runs).expect("instantiates");
    let (end, fuel) = guest.run(export, arguments, slices);
    Left { end, fuel, exported: guest.exported() }
}

fn machine<'m>(module: &'m reference::Module<'m>, limits: &Limits) -> Machine<'m> {
    let mut machine = Machine::new(module, bounds(limits), adding_host).expect("instantiates");
    assert_eq!(machine.start(), Outcome::Finished(Vec::new()));
    machine
}

fn function(module: &reference::Module<'_>, export: &str) -> u32 {
    module.export(export, ExternalKind::Func).expect("an exported function")
}

/// The same as [`run`], by the evaluator.
fn evaluate(module: &reference::Module<'_>, limits: &Limits, export: &str, arguments: &[u64]) -> Left {
    let mut machine = machine(module, limits);
    let (before, func) = (machine.charged, function(module, export));
    let outcome = machine.call(func, arguments);
    let end = end_of(&machine, func, &outcome).expect("fuel is not limited");
    Left { end, fuel: machine.charged - before, exported: exported_by(&machine) }
}

fn assert_same(found: &Left, expected: &Left, what: &str) {
    assert_eq!(found.end, expected.end, "{what}");
    assert_eq!(found.fuel, expected.fuel, "{what}: fuel");
    assert_eq!(found.exported.len(), expected.exported.len());
    for (found, expected) in found.exported.iter().zip(&expected.exported) {
        assert_same_bytes(found, expected, what);
    }
}

/// Calls of guests that are cut in every way: real functions of every kind, none of them long.
const CALLS: [(&str, &str, &[u64]); 40] = [
    ("fib.wasm", "fib", &[10]),
    ("fib.wasm", "fib_loop", &[50]),
    ("sieve.wasm", "sieve", &[100, 1]),
    ("matmul.wasm", "matmul", &[2, 3]),
    ("nbody.wasm", "nbody", &[1]),
    ("mandelbrot.wasm", "mandelbrot", &[4, 10]),
    ("spectral.wasm", "spectral", &[1, 1]),
    ("keccak.wasm", "keccak_f", &[0]),
    ("heapsort.wasm", "heapsort", &[2, 5]),
    ("mergesort.wasm", "mergesort", &[2, 5]),
    ("quicksort.wasm", "quicksort", &[13, 3]),
    ("quicksort.wasm", "select", &[10, 10, 3]),
    ("hashtable.wasm", "probing", &[0, 1, 1]),
    ("list.wasm", "list_sort", &[2, 1]),
    ("lz.wasm", "lz", &[3, 0, 1]),
    ("memory_loops.wasm", "copy", &[1, 100, 3]),
    ("vtable.wasm", "shapes", &[0]),
    ("dispatch.wasm", "path", &[23_130, 40, 0]),
    ("machine.wasm", "machine", &[2]),
    ("branches.wasm", "automaton", &[7, 0xFFFF_FFFF]),
    ("json.wasm", "count", &[4]),
    ("json.wasm", "digest", &[1]),
    ("expression.wasm", "evaluate", &[12]),
    ("expression_o0.wasm", "evaluate", &[12]),
    ("strings.wasm", "code_points", &[8, 5]),
    ("stackvm.wasm", "collatz", &[2]),
    ("stackvm.wasm", "recurse", &[1]),
    ("stackvm.wasm", "divide", &[7, 0]),
    ("brainf.wasm", "run", &[2, 1]),
    ("bigframe.wasm", "integers", &[1, 0]),
    ("frame.wasm", "operands", &[1]),
    ("frame.wasm", "wide", &[1]),
    ("frame.wasm", "far", &[100]),
    ("recursion.wasm", "ackermann", &[2, 3]),
    ("recursion.wasm", "deep", &[100]),
    ("multi.wasm", "fib", &[10]),
    ("floats.wasm", "exp", &[0x3FF0 << 48, 20]),
    ("memory.wasm", "fill", &[0, 7, 65_536]),
    ("memory.wasm", "copy", &[0, 16, 65_520]),
    ("memory.wasm", "run_off", &[65_500]),
];

/// What is cut in every way must not be longer: the time goes with the square.
const CUTS: u64 = 10_000;

/// Room for the guests' recursion, and not so much that a fresh store takes long.
const LIMITS: Limits = Limits { max_frames: 1_000, max_slots: 20_000, ..Limits::DEFAULT };

/// Cuts a call at every unit, runs it unit by unit, and in `random` seeded ways.
fn cut(modules: &[Module; 2], expected: &Left, export: &str, arguments: &[u64], random: u64, what: &str) {
    assert!(expected.fuel <= CUTS, "{what} is too long: {}", expected.fuel);
    let [lowered, image] = modules;
    let whole = run(lowered, Runs::ALL[0], export, arguments, [u64::MAX].into_iter());
    assert_same(&whole, expected, &format!("{what}, whole, lowered on its first call"));
    for runs in Runs::ALL {
        // Where there are many runs, by way of an image: to lower takes longer than to run.
        let module = if runs == Runs::On(Strategy::Traditional) { lowered } else { image };
        let whole = run(module, runs, export, arguments, [u64::MAX].into_iter());
        assert_same(&whole, expected, &format!("{what}, whole, {runs:?}"));
        // Engines in turn cut the traditional one's run as well, and start with the other.
        let cuts = if runs == Runs::On(Strategy::Traditional) { 0..=0 } else { 0..=expected.fuel };
        for first in cuts {
            let found = run(module, runs, export, arguments, [first, expected.fuel - first, 1].into_iter());
            assert_same(&found, expected, &format!("{what}, cut at {first}, {runs:?}"));
        }
        for (module, way) in modules.iter().zip(["lowered on its first call", "an image"]) {
            let found = run(module, runs, export, arguments, [0, 1].into_iter());
            assert_same(&found, expected, &format!("{what}, unit by unit, {runs:?}, {way}"));
        }
        for seed in 0..if runs == Runs::ALL[0] { random } else { random / 10 } {
            let mut random = Random(seed);
            let slices = std::iter::repeat_with(|| random.slice(expected.fuel));
            let module = if seed % 10 == 0 { lowered } else { image };
            let found = run(module, runs, export, arguments, slices);
            assert_same(&found, expected, &format!("{what}, slicing of seed {seed}, {runs:?}"));
        }
    }
}

/// Fails with all that failed.
fn all_right(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} failed: {wrong:#?}", wrong.len());
}

// @need-ids: REQ_001, REQ_FUEL_002, REQ_017, REQ_FUEL_SCHEDULE_001
#[test]
fn guests_can_be_cut_anywhere() {
    let engine = engine::engine(LIMITS);
    let mut wrong = Vec::new();
    for (file, export, arguments) in CALLS {
        let what = format!("{file} {export} {arguments:?}");
        let wasm = guests::read(file);
        let modules = both_ways(&engine, &wasm);
        let done = catch_unwind(|| {
            let module = reference::Module::new(&wasm).expect("a guest");
            let expected = evaluate(&module, &LIMITS, export, arguments);
            cut(&modules, &expected, export, arguments, 1_000, &what);
        });
        wrong.extend(done.err().map(|_| what));
    }
    all_right(&wrong);
}

// @need-ids: REQ_FUEL_SCHEDULE_001, REQ_FUEL_002, REQ_001, REQ_003
#[test]
fn the_schedules_corners_can_be_cut_anywhere() {
    let limits = small_limits();
    let engine = engine::engine(limits);
    let mut wrong = Vec::new();
    for case in cases::all() {
        let wasm = wat::parse_str(&case.wat).expect("text");
        let modules = both_ways(&engine, &wasm);
        for (arguments, _) in &case.calls {
            let what = format!("{} {arguments:?}", case.name);
            let done = catch_unwind(|| {
                let module = reference::Module::new(&wasm).expect("a module");
                let expected = evaluate(&module, &limits, "f", arguments);
                cut(&modules, &expected, "f", arguments, 20, &what);
            });
            wrong.extend(done.err().map(|_| what));
        }
    }
    all_right(&wrong);
}

// @need-ids: REQ_SAFEPOINT_001, REQ_017, REQ_FUEL_SCHEDULE_001
#[test]
fn wherever_a_guest_pauses_its_state_is_canonical() {
    let engine = engine::engine(LIMITS);
    let (mut wrong, mut pauses) = (Vec::new(), 0);
    for (file, export, arguments) in CALLS {
        let wasm = guests::read(file);
        let modules = both_ways(&engine, &wasm);
        let module = reference::Module::new(&wasm).expect("a guest");
        let ways = modules.iter().zip([1, 200]).map(|(module, most)| (module, most, Runs::ALL[0]));
        let others = Runs::ALL[1..].iter().flat_map(|runs| [1, 200].map(|most| (&modules[0], most, *runs)));
        for (way, most, runs) in ways.chain(others) {
            let done = catch_unwind(|| {
                let mut random = Random(most);
                let mut guest = Guest::new(way, runs).expect("instantiates");
                let called = (export, function(&module, export));
                let mut machine = machine(&module, &LIMITS);
                in_step(&mut guest, &mut machine, called, arguments, || random.slice(most), u64::MAX)
            });
            match done {
                Ok(found) => pauses += found,
                Err(_) => wrong.push(format!("{file} {export} {arguments:?}, slices up to {most}, {runs:?}")),
            }
        }
    }
    println!("{pauses} states compared");
    all_right(&wrong);
}

// All calls of a case, one after the other on one instance.
// @need-ids: REQ_SAFEPOINT_001, REQ_017, REQ_FUEL_SCHEDULE_001
#[test]
fn wherever_a_corner_of_the_schedule_pauses_its_state_is_canonical() {
    let limits = small_limits();
    let engine = engine::engine(limits);
    let mut wrong = Vec::new();
    for case in cases::all() {
        let wasm = wat::parse_str(&case.wat).expect("text");
        let module = reference::Module::new(&wasm).expect("a module");
        let modules = both_ways(&engine, &wasm);
        let ways = modules.iter().zip([1, 40]).map(|(module, most)| (module, most, Runs::ALL[0]));
        let others = Runs::ALL[1..].iter().flat_map(|runs| [1, 40].map(|most| (&modules[0], most, *runs)));
        for (way, most, runs) in ways.chain(others) {
            let done = catch_unwind(|| {
                let mut random = Random(most);
                let mut guest = Guest::new(way, runs).expect("instantiates");
                let mut machine = machine(&module, &limits);
                for (arguments, _) in &case.calls {
                    let called = ("f", function(&module, "f"));
                    in_step(&mut guest, &mut machine, called, arguments, || random.slice(most), u64::MAX);
                }
            });
            wrong.extend(done.err().map(|_| format!("{}, slices up to {most}, {runs:?}", case.name)));
        }
    }
    all_right(&wrong);
}

// Both pauses have the same function, locals and operands, and what is charged next differs: were their positions
// equal, no engine could take the state up.
// @need-ids: REQ_SAFEPOINT_001
#[test]
fn a_position_tells_a_loops_head_from_a_cut_before_the_loop() {
    let text = format!(
        r#"(module (func (export "f") (param i32) {}
          loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end))"#,
        "nop ".repeat(256)
    );
    let engine = engine::engine(small_limits());
    let wasm = wat::parse_str(&text).expect("text");
    let module = Module::new(&engine, &wasm).expect("a module");
    let pause = |fuel: u64| {
        let mut guest = Guest::new(&module, Runs::ALL[0]).expect("instantiates");
        let mut call = guest.call("f", &[2]);
        guest.store.set_fuel(fuel);
        match guest.begin(&mut call) {
            engine::Progress::Paused(paused) => (paused.needed(), paused.state(&guest.store)),
            engine::Progress::Ended(end) => panic!("{end:?}"),
        }
    };
    // 256 for the nops, 1 for the loop, 5 for each turn.
    let (before, head) = (pause(256), pause(257));
    assert_eq!((before.0, head.0), (1, 5));
    assert_ne!(before.1, head.1);
}
