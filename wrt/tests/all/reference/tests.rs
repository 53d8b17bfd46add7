//! Tests of the reference evaluator itself: against the guests' known answers, which another engine gave, and against
//! fuel that was counted by hand from `docs/fuel-schedule`.

use super::cases;
use super::guests::{self, Expected};
use super::machine::{Machine, Outcome, adding_host};
use super::{Bounds, Module};

/// Calls that cost more than this are left to the engines: the evaluator is slow.
const FUEL_MAX: u64 = 3_000_000;

/// Small, so that endless recursion ends soon.
const BOUNDS: Bounds = Bounds { frames: 100, slots: 10_000, memory_bytes: 1 << 32, table_elements: 10_000_000 };

fn machine<'m>(module: &'m Module<'m>, bounds: Bounds) -> Machine<'m> {
    let mut machine = Machine::new(module, bounds, adding_host).expect("instantiates");
    assert_eq!(machine.start(), Outcome::Finished(Vec::new()));
    machine
}

// @need-ids: REQ_SAFETY_002
#[test]
fn guests_answer_what_they_must() {
    let mut calls = guests::calls();
    calls.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    let (mut ran, mut left) = (0, 0);
    for calls in calls.chunk_by(|a, b| a.file == b.file) {
        // The evaluator has no objects.
        if ["exceptions.wasm", "objects.wasm"].contains(&calls[0].file.as_str()) {
            continue;
        }
        let bytes = guests::read(&calls[0].file);
        let module = Module::new(&bytes).unwrap_or_else(|error| panic!("{}: {error}", calls[0].file));
        let mut current: Option<Machine<'_>> = None;
        for call in calls {
            if !call.goes_on {
                current = Some(machine(&module, Bounds::default()));
            }
            let Some(machine) = &mut current else {
                left += 1;
                continue;
            };
            machine.fuel = FUEL_MAX;
            let outcome = machine.call_export(&call.export, &call.arguments);
            let right = match (&outcome, &call.expected) {
                (Outcome::Finished(results), Expected::Results(expected)) => results == expected,
                (Outcome::Trapped(trapped), Expected::Trap(expected)) => expected.contains(&trapped.trap),
                (Outcome::OutOfFuel(_), _) => {
                    // Calls that go on from here cannot be made either.
                    current = None;
                    left += 1;
                    continue;
                }
                _ => false,
            };
            assert!(right, "line {}: {call:?} gave {outcome:?}", call.line);
            ran += 1;
        }
    }
    println!("{ran} calls right, {left} left out for their length");
    assert!(ran > 1500 && left < 10);
}

// @need-ids: REQ_SAFETY_002
#[test]
fn fuel_is_what_was_counted_by_hand() {
    for case in cases::all() {
        let wasm = wat::parse_str(&case.wat).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let module = Module::new(&wasm).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let mut machine = machine(&module, BOUNDS);
        for (arguments, expected) in &case.calls {
            let before = machine.charged;
            let outcome = machine.call_export("f", arguments);
            let fuel = machine.charged - before;
            println!("{} {arguments:?}: {fuel} {outcome:?}", case.name);
            assert!(expected.is_none_or(|expected| expected == fuel), "{} {arguments:?}: {fuel}", case.name);
        }
    }
}

// @need-ids: REQ_SAFETY_002
#[test]
fn a_pause_changes_nothing_in_the_evaluator() {
    for case in cases::all() {
        let wasm = wat::parse_str(&case.wat).expect("parsed before");
        let module = Module::new(&wasm).expect("decoded before");
        let (mut whole, mut sliced) = (machine(&module, BOUNDS), machine(&module, BOUNDS));
        for (arguments, _) in &case.calls {
            let expected = whole.call_export("f", arguments);
            sliced.fuel = 0;
            let mut outcome = sliced.call_export("f", arguments);
            while let Outcome::OutOfFuel(needed) = outcome {
                assert!(needed > sliced.fuel);
                sliced.fuel += 1;
                outcome = sliced.resume();
            }
            assert_eq!(outcome, expected, "{} {arguments:?}", case.name);
            assert_eq!((sliced.fuel, sliced.charged), (0, whole.charged), "{} {arguments:?}", case.name);
            assert_eq!(sliced.executed_price, whole.executed_price);
            assert_eq!(sliced.globals, whole.globals);
            for (a, b) in sliced.memories.iter().zip(&whole.memories) {
                assert_eq!(a.bytes, b.bytes, "{} {arguments:?}", case.name);
            }
        }
    }
}

// @need-ids: REQ_SAFEPOINT_001
#[test]
fn a_paused_state_shows_frames_from_innermost_to_outermost() {
    let wasm = wat::parse_str(
        r#"(module (memory 1)
          (func $g (param i32 i32) (result i32) (local i64)
            local.get 0 i32.const 5 i32.const 0 i32.const 200 memory.fill local.get 1 i32.sub)
          (func (export "f") (param i32) (result i32)
            i32.const 7 local.get 0 i32.const 4 call $g i32.mul))"#,
    )
    .expect("text");
    let module = Module::new(&wasm).expect("valid");
    let mut machine = machine(&module, BOUNDS);
    // f: 3 reads, a call of 4, the product; g: 5 reads, the fill, the difference, and 2 of the fill's 4 units.
    machine.fuel = 8 + 7 + 2;
    assert_eq!(machine.call_export("f", &[9]), Outcome::OutOfFuel(1));
    let state = machine.state();
    assert_eq!(state.len(), 2);
    let offset_of = |func: usize, operator: usize| module.functions[func].operators[operator].1;
    assert_eq!((state[0].func, state[0].offset, state[0].behind), (0, offset_of(0, 4), None));
    assert_eq!(state[0].slots, [9, 4, 0, 9, 5 + 128, 0, 200 - 128]);
    // The caller stands behind its call: arguments popped, result not pushed.
    assert_eq!((state[1].func, state[1].offset, state[1].behind), (1, offset_of(1, 3), None));
    assert_eq!(state[1].slots, [9, 7]);
    machine.fuel = 2;
    assert_eq!(machine.resume(), Outcome::Finished(vec![35]));
    assert_eq!(machine.fuel, 0);
}

const SWITCH: &str = r#"(module (func (export "f") (param i32)
    block block local.get 0 br_table 0 1 end nop end nop nop))"#;

// @need-ids: REQ_SAFETY_002
#[test]
fn control_a_sound_schedule_is_accepted() {
    let wasm = wat::parse_str(SWITCH).expect("text");
    let module = Module::new(&wasm).expect("valid");
    assert_eq!(machine(&module, BOUNDS).call_export("f", &[0]), Outcome::Finished(Vec::new()));
}

// The evaluator notices what runs uncharged: here a head was taken out.
// @need-ids: REQ_SAFETY_002
#[test]
#[should_panic(expected = "runs uncharged")]
fn control_a_missing_head_is_noticed() {
    let wasm = wat::parse_str(SWITCH).expect("text");
    let mut module = Module::new(&wasm).expect("valid");
    let heads = &mut module.functions[0].schedule.head_at;
    let last = heads.iter().rposition(Option::is_some).expect("the end that a br_table targets");
    heads[last] = None;
    machine(&module, BOUNDS).call_export("f", &[0]);
}
