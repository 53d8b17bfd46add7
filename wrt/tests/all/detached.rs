//! Host functions that see nothing of the store, which engines call without giving back what they have at hand.

use crate::common::STRATEGIES;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use wrt::{
    Caller, Config, Engine, Error, ExternRef, Instance, Linker, Module, ResumableCall, Store, Strategy, Val,
    VerificationLevel,
};

const WAT: &str = r#"(module
    (import "host" "mix" (func $mix (param i32 i64 f32 f64) (result i64 f64)))
    (import "host" "wide" (func $wide (param v128) (result v128)))
    (import "host" "pass" (func $pass (param externref) (result externref)))
    (import "host" "odd" (func $odd (param i32) (result i32)))
    (import "host" "see" (func $see (param i32) (result i32)))
    (memory (export "memory") 1)
    (table 2 funcref) (elem (i32.const 0) $odd $see)
    (type $one (func (param i32) (result i32)))
    (func (export "mixed") (param i32 i64 f32 f64) (result i64 f64)
        (call $mix (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
    (func (export "vector") (param i64) (result i64)
        (i64x2.extract_lane 1 (call $wide (i64x2.splat (local.get 0)))))
    (func (export "passed") (param externref) (result externref) (call $pass (local.get 0)))
    (func $deep (export "deep") (param $n i32) (result i32)
        (if (result i32) (local.get $n)
            (then (i32.add (call $odd (local.get $n)) (call $deep (i32.sub (local.get $n) (i32.const 1)))))
            (else (i32.const 0))))
    (func (export "chosen") (param i32 i32) (result i32) (call_indirect (type $one) (local.get 0) (local.get 1)))
    (func (export "last") (param i32) (result i32) (return_call $odd (local.get 0))))"#;

#[derive(Debug)]
struct Even(i32);

impl fmt::Display for Even {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is even", self.0)
    }
}

impl StdError for Even {}

/// A store whose `odd` passes on what is odd, and also what is even while `lenient` is not 0.
fn set_up(strategy: Strategy, lenient: &Arc<AtomicU32>) -> (Store<u32>, Instance) {
    let engine = Engine::new(&Config::new().strategy(strategy).verification(VerificationLevel::Full));
    let bytes = wat::parse_str(WAT).expect("the text is right");
    let module = Module::new(&engine, &bytes).expect("the module is valid");
    let (mut linker, mut store) = (Linker::new(&engine), Store::new(&engine, 0));
    let lenient = Arc::clone(lenient);
    let odd = move |value: i32| {
        let passes = value % 2 != 0 || lenient.load(Ordering::Relaxed) != 0;
        if passes { Ok(value) } else { Err(Error::host(Even(value))) }
    };
    let see = |mut caller: Caller<'_, u32>, value: i32| {
        *caller.data_mut() += 1;
        value
    };
    linker
        .func_wrap("host", "mix", |a: i32, b: i64, c: f32, d: f64| (i64::from(a) - b, f64::from(c) * d))
        .and_then(|linker| linker.func_wrap("host", "wide", |value: u128| value << 3))
        .and_then(|linker| linker.func_wrap("host", "pass", |value: Option<ExternRef>| value))
        .and_then(|linker| linker.func_wrap("host", "odd", odd))
        .and_then(|linker| linker.func_wrap("host", "see", see))
        .expect("no name is defined twice");
    let instance = linker.instantiate(&mut store, &module).expect("all imports are there");
    (store, instance)
}

// @need-ids: REQ_WASM_002
#[test]
fn functions_on_numbers_get_their_arguments_and_give_their_results_on_all_engines() {
    let lenient = Arc::new(AtomicU32::new(1));
    let results = STRATEGIES.map(|strategy| {
        let (mut store, instance) = set_up(strategy, &lenient);
        let mixed =
            instance.get_typed_func::<(i32, i64, f32, f64), (i64, f64)>(&store, "mixed").expect("has that type");
        assert_eq!(mixed.call(&mut store, (-3, 1 << 40, 1.5, -4.0)).expect("runs"), (-3 - (1 << 40), -6.0));
        let vector = instance.get_typed_func::<i64, i64>(&store, "vector").expect("has that type");
        assert_eq!(vector.call(&mut store, -1).expect("runs"), -1, "bits go from one lane to the other");
        let passed = instance.get_func(&store, "passed").expect("is exported");
        let value = Val::ExternRef(Some(ExternRef::new(&mut store, 7_u8).expect("there is room")));
        let mut result = [Val::ExternRef(None)];
        passed.call(&mut store, &[value], &mut result).expect("runs");
        assert_eq!(result, [value], "references are no numbers, and passed on all the same");
        let deep = instance.get_typed_func::<i32, i32>(&store, "deep").expect("has that type");
        assert_eq!(deep.call(&mut store, 10).expect("runs"), 55);
        let chosen = instance.get_typed_func::<(i32, i32), i32>(&store, "chosen").expect("has that type");
        assert_eq!(chosen.call(&mut store, (5, 0)).expect("runs"), 5);
        assert_eq!(chosen.call(&mut store, (6, 1)).expect("runs"), 6);
        let last = instance.get_typed_func::<i32, i32>(&store, "last").expect("has that type");
        assert_eq!(last.call(&mut store, 8).expect("runs"), 8);
        assert_eq!(*store.data(), 1);
        (store.fuel_consumed(), store.stats().engine.host_calls)
    });
    assert!(results.iter().all(|result| *result == results[0]), "fuel and calls of the host differ: {results:?}");
    assert_eq!(results[0].1, 16);
}

// @need-ids: REQ_WASM_002, REQ_ERROR_003
#[test]
fn where_such_a_function_fails_the_guest_traps_with_all_its_frames() {
    let lenient = Arc::new(AtomicU32::new(0));
    let told = STRATEGIES.map(|strategy| {
        let (mut store, instance) = set_up(strategy, &lenient);
        let deep = instance.get_typed_func::<i32, i32>(&store, "deep").expect("has that type");
        let error = deep.call(&mut store, 3).expect_err("2 is even");
        assert_eq!(error.downcast_ref::<Even>().map(|even| even.0), Some(2));
        assert_eq!(deep.call(&mut store, 1).expect("goes on with other calls"), 1);
        (error.to_string(), format!("{:?}", error.trap().map(|trap| &trap.backtrace.frames)))
    });
    assert!(told.iter().all(|text| *text == told[0]), "{told:?}");
}

// @need-ids: REQ_001, REQ_WASM_002
#[test]
fn a_call_whose_host_function_failed_is_resumed_with_it_or_with_results_in_its_place() {
    for strategy in STRATEGIES {
        let lenient = Arc::new(AtomicU32::new(0));
        let (mut store, instance) = set_up(strategy, &lenient);
        let deep = instance.get_func(&store, "deep").expect("is exported");
        let mut results = [Val::I32(0)];
        let call = deep.call_resumable(&mut store, &[Val::I32(5)], &mut results).expect("no trap");
        let ResumableCall::HostTrap(failed) = call else { panic!("4 is even") };
        let call = failed.resume_with(&mut store, &[Val::I32(40)], &mut results).expect("no trap");
        let ResumableCall::HostTrap(failed) = call else { panic!("2 is even") };
        lenient.store(1, Ordering::Relaxed);
        let call = failed.resume(&mut store, &mut results).expect("no trap");
        assert!(matches!(call, ResumableCall::Finished));
        assert_eq!(results, [Val::I32(5 + 40 + 3 + 2 + 1)]);
    }
}

// @need-ids: REQ_VERIFY_004, REQ_007
#[test]
fn the_level_of_verification_and_the_fuel_count_the_same_with_or_without_a_caller() {
    let lenient = Arc::new(AtomicU32::new(1));
    let (mut store, instance) = set_up(Strategy::Stackless, &lenient);
    let chosen = instance.get_typed_func::<(i32, i32), i32>(&store, "chosen").expect("has that type");
    let mut count = |function: i32| {
        let (fuel, checks) = (store.fuel_consumed(), store.stats().engine.verifications);
        chosen.call(&mut store, (1, function)).expect("runs");
        (store.fuel_consumed() - fuel, store.stats().engine.verifications - checks)
    };
    count(0);
    let ((fuel, detached), (same, attached)) = (count(0), count(1));
    assert_eq!(fuel, same);
    // Checked at the entry and at the call of the host; that the guest goes on is an entry only where it was left.
    assert_eq!((detached, attached), (2, 3));
}
