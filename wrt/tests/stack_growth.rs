//! Stacks begin small and grow: a call that makes its stack grow does what it does on a stack that has the room.

use wrt::{
    Caller, Engine, Error, Func, FuncType, HostStep, Instance, Limits, Linker, Module, Store, Trap, Val, ValType,
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

fn module(engine: &Engine, text: &str) -> Module {
    Module::new(engine, wat::parse_str(text).expect("the text is right")).expect("valid")
}

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

// @need-ids: REQ_STACK_GROWTH_001, REQ_001, REQ_007
#[test]
fn a_stack_that_grows_does_what_a_large_one_does() {
    let engine = Engine::default();
    for name in NAMES {
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
        let engine = Engine::new(&wrt::Config::new().limits(limits));
        for name in NAMES.into_iter().filter(|name| *name != "nested") {
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
