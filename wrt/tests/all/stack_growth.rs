//! Stacks begin small and grow: a call that makes its stack grow does what it does on a stack that has the room.

use crate::common::module;
use wrt::{
    Caller, Config, Engine, Error, Func, FuncType, HostStep, Instance, Limits, Linker, Store, Strategy, Trap, Val,
    ValType,
};

/// Each export goes down as many calls as its argument says, with an effect before each, and comes back with what it
/// counted: by direct calls, through a table, through an import of another instance, with frames of 700 slots that
/// follow a tail call, and through the host.
const DOWN: &str = r#"(module
    (type $down (func (param i32) (result i32)))
    (import "other" "bounce" (func $bounce (param i32) (result i32)))
    (import "other" "table" (table 2 funcref))
    (import "h" "nested" (func $nested (param i32) (result i32)))
    (import "h" "stepped" (func $stepped (param i32) (result i32)))
    (global $effects (mut i32) (i32.const 0))
    (elem (i32.const 0) $indirect $across)
    (func $effect (global.set $effects (i32.add (global.get $effects) (i32.const 1))))
    (func (export "effects") (result i32) (global.get $effects))
    (func $direct (export "direct") (type $down)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
        (call $effect)
        (i32.add (call $direct (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
    (func $indirect (export "indirect") (type $down)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
        (call $effect)
        (i32.add (call_indirect (type $down) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)) (i32.const 1)))
    (func $across (export "across") (type $down)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
        (call $effect)
        (i32.add (call $bounce (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
    (func $tail (export "tail") (type $down)
        (call $effect)
        (return_call $wide (local.get 0)))
    (func $wide (type $down) LOCALS
        (call $effect)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
        (i32.add (call $tail (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
    (func (export "nested") (type $down) SOME
        (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
        (call $effect)
        (i32.add (call $nested (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
    (func (export "stepped") (type $down)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
        (call $effect)
        (i32.add (call $stepped (i32.sub (local.get 0) (i32.const 1))) (i32.const 1))))"#;

/// Calls back through its table, of which the second entry is the other instance's.
const OTHER: &str = r#"(module
    (type $down (func (param i32) (result i32)))
    (table (export "table") 2 funcref)
    (func (export "bounce") (type $down) (call_indirect (type $down) (local.get 0) (i32.const 1))))"#;

fn callee(mut caller: Caller<'_, ()>, name: &str) -> Result<Func, Error> {
    caller.instance().ok_or_else(|| Error::host(std::fmt::Error))?.func(&mut caller, name)
}

fn set_up(engine: &Engine) -> (Store<()>, Instance) {
    let (mut store, mut linker) = (Store::new(engine, ()), Linker::new(engine));
    let other = module(engine, OTHER).instantiate(&mut store).expect("no imports");
    for name in ["bounce", "table"] {
        let export = other.get_export(&store, name).expect("exported");
        linker.define("other", name, export).expect("once");
    }
    let nested = |mut caller: Caller<'_, ()>, n: i32| -> Result<i32, Error> {
        let nested = caller.instance().expect("a guest calls").get_typed_func::<i32, i32>(&caller, "nested")?;
        nested.call(&mut caller, n)
    };
    linker.func_wrap("h", "nested", nested).expect("once");
    let ty = FuncType::new([ValType::I32], [ValType::I32]);
    let stepped = |caller: Caller<'_, ()>, entry: wrt::HostEntry<'_>| match entry.returned {
        Some(results) => Ok(HostStep::Return(results.to_vec())),
        None => Ok(HostStep::CallGuest { func: callee(caller, "stepped")?, args: entry.args.to_vec(), state: 0 }),
    };
    linker.func_reentrant("h", "stepped", ty, stepped).expect("once");
    let locals = |count: usize| "(local i64)".repeat(count);
    let text = DOWN.replace("LOCALS", &locals(700)).replace("SOME", &locals(100));
    let instance = linker.instantiate(&mut store, &module(engine, &text)).expect("linked");
    (store, instance)
}

/// What a call gives, which effects it had, its fuel and where its frames stood.
fn observe(store: &mut Store<()>, instance: Instance, name: &str, depth: i32) -> (String, i32, u64) {
    let count = instance.get_typed_func::<(), i32>(&*store, "effects").expect("of that type");
    let before = count.call(&mut *store, ()).expect("runs");
    let (fuel, func) = (store.fuel_consumed(), instance.func(&*store, name).expect("exported"));
    let mut results = [Val::I32(-1)];
    let outcome = func.call(&mut *store, &[Val::I32(depth)], &mut results);
    let told = match &outcome {
        Ok(()) => format!("{results:?}"),
        Err(error) => {
            let trap = error.trap().unwrap_or_else(|| panic!("{name}: {error}"));
            assert_eq!(trap.trap(), Trap::CallStackExhausted, "{name}");
            format!("{:?}", trap.backtrace)
        }
    };
    let fuel = store.fuel_consumed() - fuel;
    (told, count.call(&mut *store, ()).expect("runs") - before, fuel)
}

const NAMES: [&str; 6] = ["direct", "indirect", "across", "tail", "nested", "stepped"];

/// Each name on each engine.
fn each<'a>(names: &'a [&'a str]) -> impl Iterator<Item = (Strategy, &'a str)> {
    let on = |strategy| names.iter().map(move |name| (strategy, *name));
    on(Strategy::Stackless).chain(on(Strategy::Traditional))
}

fn engine(strategy: Strategy, limits: Limits) -> Engine {
    Engine::new(&Config::new().strategy(strategy).limits(limits))
}

// @need-ids: REQ_STACK_GROWTH_001, REQ_001, REQ_007
#[test]
fn a_stack_that_grows_does_what_a_large_one_does() {
    for (strategy, name) in each(&NAMES) {
        let engine = engine(strategy, Limits::DEFAULT);
        let depth = if name == "nested" { 12 } else { 1_000 };
        let (mut store, instance) = set_up(&engine);
        let grown = observe(&mut store, instance, name, depth);
        assert_eq!(grown.0, format!("{:?}", [Val::I32(depth)]), "{name}");
        assert!(grown.1 >= depth, "{name}: {}", grown.1);
        assert_eq!(observe(&mut store, instance, name, depth), grown, "{name}: on what is a large stack now");
    }
}

// @need-ids: REQ_STACK_GROWTH_001, REQ_LIMITS_001, REQ_TRAP_001
#[test]
fn a_stack_that_grew_to_its_limit_is_exhausted_where_a_large_one_is() {
    for (slots, frames) in [(3_000, 100_000), (60_000, 777)] {
        let limits = Limits { max_slots: slots, max_frames: frames, ..Limits::DEFAULT };
        for (strategy, name) in each(&NAMES).filter(|(_, name)| *name != "nested") {
            let engine = engine(strategy, limits);
            let (mut store, instance) = set_up(&engine);
            let grown = observe(&mut store, instance, name, 1_000_000);
            assert!(grown.1 > 0, "{name}");
            assert_eq!(observe(&mut store, instance, name, 1_000_000), grown, "{name}: on what is a large stack now");
        }
    }
}

// @need-ids: REQ_STACK_GROWTH_001, REQ_003
#[test]
fn a_call_that_pauses_grows_its_stack_all_the_same() {
    let engine = Engine::default();
    let (mut store, instance) = set_up(&engine);
    let whole = observe(&mut store, instance, "direct", 5_000);
    let (mut store, instance) = set_up(&engine);
    let func = instance.func(&store, "direct").expect("exported");
    let mut results = [Val::I32(-1)];
    store.set_fuel(0);
    let mut call = func.call_resumable(&mut store, &[Val::I32(5_000)], &mut results).expect("pauses");
    let mut pauses = 0;
    while let wrt::ResumableCall::OutOfFuel(paused) = call {
        pauses += 1;
        store.add_fuel(97.max(paused.needed()));
        call = paused.resume(&mut store, &mut results).expect("goes on");
    }
    assert!(pauses > 100, "{pauses}");
    assert_eq!((format!("{results:?}"), store.fuel_consumed()), (whole.0, whole.2));
}

/// A function with `before` slots below the arguments of a call of another instance's, which calls it again, as often as its own say: by a
/// call, and by a last call. Its frame is a wide one.
fn far(before: usize) -> String {
    let (tall, flat) = ("(i64.const 9)".repeat(40), "(drop)".repeat(40));
    let locals = "i64 ".repeat(before - 3);
    format!(
        r#"(module
            (type $down (func (param i32 i64) (result i32)))
            (import "other" "bounce" (func $bounce (type $down)))
            (import "other" "table" (table 2 funcref))
            (elem (i32.const 0) $down $last)
            (func $down (export "down") (type $down) (local {locals})
                {tall} {flat}
                (if (i32.eqz (local.get 0)) (then (return (i32.wrap_i64 (local.get 1)))))
                (i32.const 1)
                (call $bounce (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 3)))
                (i32.add))
            (func $last (export "last") (type $down) (local i64 {locals})
                {tall} {flat}
                (if (i32.eqz (local.get 0)) (then (return (i32.wrap_i64 (local.get 1)))))
                (return_call $bounce (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 3)))))"#
    )
}

const OTHER_FAR: &str = r#"(module
    (type $down (func (param i32 i64) (result i32)))
    (table (export "table") 2 funcref) (global $which (export "which") (mut i32) (i32.const 0))
    (func (export "bounce") (type $down) (local LOCALS)
        (return_call_indirect (type $down) (local.get 0) (local.get 1) (global.get $which))))"#;

// Where arguments stand on both sides of the scratch slots they are put side by side for a call, and back for one that does not fit yet.
// @need-ids: REQ_STACK_GROWTH_001, REQ_018, REQ_TRAP_001
#[test]
fn arguments_on_both_sides_of_the_scratch_slots_survive_a_stack_that_grows() {
    for before in 230..=256 {
        let mut told = Vec::new();
        for strategy in [Strategy::Stackless, Strategy::Traditional] {
            let engine = engine(strategy, Limits { max_slots: 50_000, ..Limits::DEFAULT });
            let (mut store, mut linker) = (Store::new(&engine, ()), Linker::new(&engine));
            let text = OTHER_FAR.replace("LOCALS", &"i64 ".repeat(500));
            let other = module(&engine, &text).instantiate(&mut store).expect("no imports");
            linker.instance(&mut store, "other", other).expect("new names");
            let instance = linker.instantiate(&mut store, &module(&engine, &far(before))).expect("linked");
            let down = instance.get_typed_func::<(i32, i64), i32>(&store, "down").expect("of that type");
            assert_eq!(down.call(&mut store, (100, 5)).expect("fits"), 100 * 4 + 5, "{before} {strategy:?}");
            let which = other.get_global(&store, "which").expect("exported");
            which.set(&mut store, Val::I32(1)).expect("an i32");
            let last = instance.get_typed_func::<(i32, i64), i32>(&store, "last").expect("of that type");
            assert_eq!(last.call(&mut store, (1_000, 5)).expect("fits"), 1_000 * 3 + 5, "{before} {strategy:?}");
            which.set(&mut store, Val::I32(0)).expect("an i32");
            let fuel = store.fuel_consumed();
            let error = down.call(&mut store, (1_000, 5)).expect_err("too deep");
            let trap = error.trap().expect("a trap");
            assert_eq!(trap.trap(), Trap::CallStackExhausted, "{before} {strategy:?}");
            let frames: Vec<_> = trap.backtrace.frames.iter().map(|frame| (frame.func, frame.offset)).collect();
            told.push((frames, fuel, store.fuel_consumed()));
        }
        assert_eq!(told[0], told[1], "{before}");
    }
}

/// Functions whose first call is of one that needs more slots than there can be: directly, by a last call of another instance's, and through
/// a host function that waits.
const HUGE: &str = r#"(module
    (type $plain (func))
    (import "other" "last" (func $last))
    (import "other" "table" (table 2 funcref))
    (import "h" "steps" (func $steps))
    (elem (i32.const 0) $huge)
    (func $huge (export "huge") (local LOCALS))
    (func (export "direct") (call $huge))
    (func (export "indirect") (call_indirect (type $plain) (i32.const 0)))
    (func (export "across") (call $last))
    (func (export "tail") (return_call $huge))
    (func (export "steps") (call $steps)))"#;

const OTHER_HUGE: &str = r#"(module
    (type $plain (func))
    (table (export "table") 2 funcref)
    (func (export "last") (return_call_indirect (type $plain) (i32.const 0))))"#;

// @need-ids: REQ_STACK_GROWTH_001, REQ_LIMITS_001, REQ_TRAP_001
#[test]
fn a_function_that_turns_out_too_large_when_it_is_made_is_its_callers_trap() {
    let text = HUGE.replace("LOCALS", &"i64 ".repeat(5_000));
    for name in ["direct", "indirect", "across", "tail", "steps", "huge"] {
        let mut told = Vec::new();
        for strategy in [Strategy::Stackless, Strategy::Traditional] {
            let engine = engine(strategy, Limits { max_slots: 3_000, ..Limits::DEFAULT });
            let (mut store, mut linker) = (Store::new(&engine, ()), Linker::new(&engine));
            let other = module(&engine, OTHER_HUGE).instantiate(&mut store).expect("no imports");
            linker.instance(&mut store, "other", other).expect("new names");
            let steps = |caller: Caller<'_, ()>, entry: wrt::HostEntry<'_>| match entry.returned {
                Some(_) => Ok(HostStep::Return(vec![])),
                None => Ok(HostStep::CallGuest { func: callee(caller, "huge")?, args: vec![], state: 0 }),
            };
            linker.func_reentrant("h", "steps", FuncType::new([], []), steps).expect("once");
            let instance = linker.instantiate(&mut store, &module(&engine, &text)).expect("linked");
            let func = instance.func(&store, name).expect("exported");
            // Made by the first call, and there for the second.
            for _ in 0..2 {
                let error = func.call(&mut store, &[], &mut []).expect_err("too large");
                let trap = error.trap().unwrap_or_else(|| panic!("{name} {strategy:?}: {error}"));
                assert_eq!(trap.trap(), Trap::CallStackExhausted, "{name} {strategy:?}");
                let frames: Vec<_> = trap.backtrace.frames.iter().map(|frame| (frame.func, frame.offset)).collect();
                told.push((frames, store.fuel_consumed()));
            }
        }
        // A frame that a last call replaced is gone before the callee is made, and stands where its size is known.
        assert!(told[1].0.ends_with(&told[0].0), "{name}: made, and there: {told:?}");
        assert_eq!(told[..2], told[2..], "{name}: on both engines");
    }
}

/// Calls through a table that only the driver reaches: of the host, of another instance, of types below the one asked for. Each own call
/// is followed by a last call of the other instance, which calls back.
const REACH: &str = r#"(module
    (type $open (sub (func (param i32) (result i32)))) (type $below (sub final $open (func (param i32) (result i32))))
    (type $plain (func (param i32) (result i32)))
    (import "h" "add" (func $add (type $plain)))
    (import "other" "back" (func $back (type $open)))
    (import "other" "table" (table $first 2 funcref))
    (table 1 funcref) (table 1 funcref) (table 1 funcref) (table $last 4 funcref)
    (elem (table $first) (i32.const 0) func $down $across)
    (elem (table $last) (i32.const 0) func $add $back $mid $own)
    (func $own (type $below) (local.get 0))
    (func (export "host") (param i32) (result i32) (call_indirect $last (type $plain) (local.get 0) (i32.const 0)))
    (func (export "host last") (param i32) (result i32)
        (return_call_indirect $last (type $plain) (local.get 0) (i32.const 0)))
    (func (export "below") (param i32) (result i32) (call_indirect $last (type $open) (local.get 0) (i32.const 3)))
    (func $mid (type $open) (return_call $back (local.get 0)))
    (func $down (export "down") (type $open)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
        (i32.add (i32.const 1) (call $mid (i32.sub (local.get 0) (i32.const 1)))))
    (func (export "skewed") (type $open) (i32.add (i32.const 0) (call $down (local.get 0))))
    (func $across (export "across") (type $open)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
        (i32.add (i32.const 1) (call_indirect $last (type $open) (i32.sub (local.get 0) (i32.const 1)) (i32.const 1)))))"#;

const OTHER_REACH: &str = r#"(module
    (type $open (sub (func (param i32) (result i32))))
    (table (export "table") 2 funcref) (global $which (export "which") (mut i32) (i32.const 0))
    (func (export "back") (type $open) (return_call_indirect (type $open) (local.get 0) (global.get $which))))"#;

// @need-ids: REQ_STACK_GROWTH_001, REQ_TYPES_002, REQ_TRAP_001, REQ_ONE_STATE_001
#[test]
fn calls_that_only_the_driver_can_do_grow_stacks_and_trap_as_all_others() {
    let mut told = Vec::new();
    for strategy in [Strategy::Stackless, Strategy::Traditional] {
        let engine = engine(strategy, Limits { max_frames: 1_000, ..Limits::DEFAULT });
        let (mut store, mut linker) = (Store::new(&engine, ()), Linker::new(&engine));
        let other = module(&engine, OTHER_REACH).instantiate(&mut store).expect("no imports");
        linker.instance(&mut store, "other", other).expect("new names");
        linker.func_wrap("h", "add", |n: i32| n + 1).expect("once");
        let instance = linker.instantiate(&mut store, &module(&engine, REACH)).expect("linked");
        let mut found = Vec::new();
        for (name, argument) in [
            ("host", 4),
            ("host last", 4),
            ("below", 7),
            ("down", 400),
            ("skewed", 400),
            ("across", 400),
            ("down", 100_000),
            ("skewed", 100_000),
            ("across", 100_000),
        ] {
            let which = other.get_global(&store, "which").expect("exported");
            which.set(&mut store, Val::I32(i32::from(name == "across"))).expect("an i32");
            let func = instance.get_typed_func::<i32, i32>(&store, name).expect("of that type");
            let result = func.call(&mut store, argument).map_err(|error| {
                let trap = error.trap().unwrap_or_else(|| panic!("{name}: {error}"));
                assert_eq!(trap.trap(), Trap::CallStackExhausted, "{name}");
                let frames = trap.backtrace.frames.iter().map(|frame| (frame.func, frame.offset));
                frames.collect::<Vec<_>>()
            });
            let expected = argument + i32::from(name.starts_with("host"));
            assert_eq!(result.as_ref().ok(), Some(&expected).filter(|_| argument < 1_000), "{name} {argument}");
            found.push((result, store.fuel_consumed()));
        }
        told.push(found);
    }
    assert_eq!(told[0], told[1]);
}
