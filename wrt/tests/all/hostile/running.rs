//! Guests that run as long and as deep as they may, and take what they can get.

use super::measure::{cost, grows_linearly};
use std::time::Duration;
use wrt::{
    Caller, Config, Engine, Error, Extern, Func, Instance, Limits, Module, ResumableCall, Store, Trap, Val, ValType,
};

fn engine(change: impl FnOnce(&mut Limits)) -> Engine {
    let mut limits = Limits::DEFAULT;
    change(&mut limits);
    Engine::new(&Config::new().limits(limits))
}

fn module(engine: &Engine, text: &str) -> Module {
    Module::new(engine, wat::parse_str(text).expect("the text is right")).expect("valid")
}

fn trap(error: &Error) -> Option<Trap> {
    error.trap().map(wrt::TrapError::trap)
}

/// Calls an export without results, with fuel.
fn call(store: &mut Store<()>, instance: Instance, name: &str, fuel: u64) -> Result<ResumableCall, Error> {
    store.set_fuel(fuel);
    instance.func(&*store, name).expect("exported").call_resumable(store, &[], &mut [])
}

// @need-ids: REQ_RESOURCE_001, REQ_STACK_001, REQ_TRAP_001
#[test]
fn endless_recursion_of_any_kind_ends_at_the_limit() {
    let engine = engine(|_| {});
    let text = r#"(module
        (type $t (func)) (import "h" "back" (func $back))
        (table funcref (elem $indirect $even $odd))
        (func $direct (export "direct") (call $direct))
        (func $wide (export "wide") (local i64 i64 i64 i64 i64 i64 i64 i64) (call $wide))
        (func $indirect (export "indirect") (call_indirect (type $t) (i32.const 0)))
        (func $even (export "mutual") (call_indirect (type $t) (i32.const 2)))
        (func $odd (call $even))
        (func (export "host") (call $back)))"#;
    let mut store = Store::new(&engine, ());
    // The host calls the guest, which calls the host.
    let back = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| {
        let func = caller.get_export("host").and_then(Extern::into_func).expect("exported");
        func.call(&mut caller, &[], &mut [])
    });
    let imports = [Extern::Func(back.expect("fits"))];
    let instance = Instance::new(&mut store, &module(&engine, text), &imports).expect("instantiates");
    for name in ["direct", "wide", "indirect", "mutual"] {
        let cost = cost(|| {
            let error = call(&mut store, instance, name, u64::MAX).expect_err(name);
            assert_eq!(trap(&error), Some(Trap::CallStackExhausted), "{name}");
        });
        assert!(cost.time < Duration::from_secs(2) && cost.bytes < 32 << 20, "{name}: {cost:?}");
    }
    let cost = cost(|| match call(&mut store, instance, "host", u64::MAX) {
        Ok(ResumableCall::HostTrap(stop)) => assert!(stop.error().to_string().contains("max-nested-calls"), "{stop:?}"),
        other => panic!("{other:?}"),
    });
    assert!(cost.time < Duration::from_secs(2), "{cost:?}");
}

// Storage doubles as it grows, so what is copied stays in proportion.
// @need-ids: REQ_RESOURCE_001, REQ_RESOURCE_003, REQ_007
#[test]
fn growing_in_small_steps_costs_what_is_grown() {
    let text = |what: &str, count: usize| {
        format!(
            r#"(module (memory 0) (table 0 funcref) (func (export "f") (local i32) (local.set 0 (i32.const {count}))
                (loop $l (drop ({what})) (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"#
        )
    };
    let run = |what: &'static str, size: usize| {
        grows_linearly(
            size,
            usize::MAX >> 40,
            |count| wat::parse_str(text(what, count)).expect("the text is right"),
            |wasm| {
                let engine = engine(|limits| limits.max_memory_bytes = 512 << 20);
                let module = Module::new(&engine, wasm).expect("valid");
                let mut store = Store::new(&engine, ());
                let instance = module.instantiate(&mut store).expect("instantiates");
                assert!(matches!(call(&mut store, instance, "f", u64::MAX), Ok(ResumableCall::Finished)));
            },
        );
    };
    // As few as show it: copying all at each step would take half a second. What it costs to touch much memory for the first time is the
    // system's, which has other ways for blocks of some 32 MiB and more.
    run("memory.grow (i32.const 1)", 60);
    run("memory.grow (i32.const 0)", 250_000);
    run("memory.grow (i32.const 65536)", 250_000);
    run("table.grow (ref.null func) (i32.const 1)", 250_000);
    run("table.grow (ref.null func) (i32.const -1)", 250_000);
}

// @need-ids: REQ_003, REQ_007, REQ_RESOURCE_004
#[test]
fn bulk_operators_go_no_further_than_their_fuel() {
    let text = r#"(module (memory (export "m") 65536) (table $t 10000000 funcref)
        (func (export "fill") (memory.fill (i32.const 0) (i32.const 7) (i32.const -1)))
        (func (export "copy") (memory.copy (i32.const 1) (i32.const 0) (i32.const -2)))
        (func (export "table") (table.fill $t (i32.const 0) (ref.null func) (i32.const 10000000))))"#;
    let engine = engine(|_| {});
    let mut store = Store::new(&engine, ());
    let instance = module(&engine, text).instantiate(&mut store).expect("instantiates");
    for name in ["fill", "copy", "table"] {
        let cost = cost(|| match call(&mut store, instance, name, 10_000) {
            Ok(ResumableCall::OutOfFuel(_)) => {}
            other => panic!("{name}: {other:?}"),
        });
        assert!(cost.time < Duration::from_millis(500) && cost.bytes < 32 << 20, "{name}: {cost:?}");
        assert!(store.get_fuel() < 10_000);
    }
    let memory = instance.get_memory(&store, "m").expect("exported");
    let written = memory.data(&store).iter().position(|byte| *byte == 0).expect("not all was written");
    assert!(written > 0 && written <= 10_000 * 128, "{written}");
}

// @need-ids: REQ_003, REQ_007, REQ_RESOURCE_004, REQ_018
#[test]
fn endless_loops_use_their_fuel_and_no_more() {
    let engine = engine(|_| {});
    let text = r#"(module (func $f (export "loop") (loop $l (br $l)))
        (func (export "tail") (return_call 1))
        (func (export "nested") (loop $a (loop $b (br_if $b (i32.const 0)) (br $a)))))"#;
    let mut store = Store::new(&engine, ());
    let instance = module(&engine, text).instantiate(&mut store).expect("instantiates");
    for name in ["loop", "tail", "nested"] {
        let cost = cost(|| {
            assert!(matches!(call(&mut store, instance, name, 200_000), Ok(ResumableCall::OutOfFuel(_))), "{name}");
        });
        assert!(store.get_fuel() < 1_000, "{name}");
        assert!(cost.time < Duration::from_secs(2) && cost.bytes < 32 << 20, "{name}: {cost:?}");
    }
    let start = module(&engine, "(module (func $f (loop $l (br $l))) (start $f))");
    let mut store = Store::new(&engine, ());
    store.set_fuel(200_000);
    let error = start.instantiate(&mut store).expect_err("endless");
    assert_eq!(trap(&error), Some(Trap::FuelExhausted));
}

// A host function that asks for much gets an answer, not an abort.
// @need-ids: REQ_RESOURCE_001
#[test]
fn calls_with_a_thousand_values_are_calls() {
    let types = "i32 ".repeat(1_000);
    let gets = (0..1_000).map(|at| format!("(local.get {at})")).collect::<Vec<_>>().concat();
    let engine = engine(|_| {});
    let text = format!(
        r#"(module (func $f (export "f") (param {types}) (result {types}) {gets})
        (func (export "g") (param {types}) (result {types}) {gets} (call $f)))"#
    );
    let mut store = Store::new(&engine, ());
    let instance = module(&engine, &text).instantiate(&mut store).expect("instantiates");
    let args: Vec<Val> = (0..1_000).map(Val::I32).collect();
    for name in ["f", "g"] {
        let func = instance.func(&store, name).expect("exported");
        assert_eq!(func.ty(&store).params(), vec![ValType::I32; 1_000]);
        let mut results = vec![Val::I32(0); 1_000];
        func.call(&mut store, &args, &mut results).expect("returns");
        assert_eq!(results, args);
    }
}
