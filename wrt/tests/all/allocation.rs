//! Calls with types known at compile time allocate nothing once they are warm.

use allocation_counter::measure;
use wrt::{Caller, Engine, Extern, Linker, Module, Store, VerificationLevel};

const GUEST: &str = r#"(module
    (import "h" "plain" (func $plain (param i32 i64) (result i64)))
    (import "h" "data" (func $data (param i32)))
    (import "h" "many" (func $many (param i64 i64 i64 i64 i64 i64 i64 i64) (result i64 i64 i64)))
    (memory (export "memory") 1)
    (table 1 funcref)
    (elem (i32.const 0) $plain)
    (type $plain (func (param i32 i64) (result i64)))
    (func $fib (export "fib") (param i32) (result i64)
        (if (result i64) (i32.lt_u (local.get 0) (i32.const 2))
            (then (i64.extend_i32_u (local.get 0)))
            (else (i64.add
                (call $fib (i32.sub (local.get 0) (i32.const 1)))
                (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "mixed") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
        (local.get 3) (local.get 2) (local.get 1) (local.get 0))
    (func (export "hosts") (param $n i32) (result i64) (local $sum i64)
        (loop $again
            (local.set $sum (call $plain (local.get $n) (local.get $sum)))
            (local.set $sum (call_indirect (type $plain) (local.get $n) (local.get $sum) (i32.const 0)))
            (call $data (local.get $n))
            (call $many (local.get $sum) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5)
                (i64.const 6) (i64.const 7))
            (local.set $sum (i64.add (i64.add)))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))"#;

type Three = (i64, i64, i64);
type Mixed = (f64, f32, i64, i32);

/// Allocations and reallocations of `run`, as the host's allocator sees them.
fn allocations(run: impl FnOnce()) -> u64 {
    measure(run).count_total
}

// @need-ids: REQ_CALL_001
#[test]
fn typed_calls_and_calls_of_typed_host_functions_allocate_nothing() {
    for level in [VerificationLevel::Standard, VerificationLevel::Full] {
        let engine = Engine::new(&wrt::Config::new().verification(level));
        let module = Module::new(&engine, wat::parse_str(GUEST).expect("the text is right")).expect("valid");
        let mut linker = Linker::<u64>::new(&engine);
        linker.func_wrap("h", "plain", |a: i32, b: i64| -> i64 { b.wrapping_add(a.into()) }).expect("new");
        let data = |mut caller: Caller<'_, u64>, n: u32| -> Result<(), wrt::Error> {
            *caller.data_mut() += u64::from(n);
            let memory = caller.get_export("memory").and_then(Extern::into_memory).expect("exported");
            memory.write(&mut caller, 8, &n.to_le_bytes())
        };
        linker.func_wrap("h", "data", data).expect("new");
        let many =
            |a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64, h: i64| -> Three { (a + b + c, d + e, f + g + h) };
        linker.func_wrap("h", "many", many).expect("new");
        let mut store = Store::new(&engine, 0);
        let instance = linker.instantiate(&mut store, &module).expect("links");
        let fib = instance.get_typed_func::<u32, u64>(&store, "fib").expect("of that type");
        let hosts = instance.get_typed_func::<u32, i64>(&store, "hosts").expect("of that type");
        let mixed = instance.get_typed_func::<(i32, i64, f32, f64), Mixed>(&store, "mixed").expect("of that type");
        let mut calls = || {
            for n in 1..20 {
                let sum = fib.call(&mut store, n % 12).expect("runs");
                assert_eq!(hosts.call(&mut store, n).expect("runs").signum(), 1, "{sum}");
                assert_eq!(mixed.call(&mut store, (1, 2, 3.0, 4.0)).expect("runs"), (4.0, 3.0, 2, 1));
            }
        };
        assert!(allocations(&mut calls) > 0, "the first calls lower code and get a stack: the counter counts");
        assert_eq!(allocations(&mut calls), 0, "{level:?}");
    }
}
