//! Fuel, pause and resume: a guest that gets its time in slices, and is never the worse for it.
//!
//! Fuel counts the guest's operators, not time: the same run costs the same on every machine, however it was sliced.

use wrt::{Engine, Error, Module, Store, TypedResumableCall};

const FIB: &str = r#"(module
    (func $fib (export "fib") (param i32) (result i64)
        (if (result i64) (i32.lt_u (local.get 0) (i32.const 2))
            (then (i64.extend_i32_u (local.get 0)))
            (else (i64.add
                (call $fib (i32.sub (local.get 0) (i32.const 1)))
                (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"#;

/// Runs the example.
pub fn main() -> Result<(), Error> {
    const SLICE: u64 = 1_000;
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(FIB).map_err(Error::host)?)?;
    let mut store = Store::new(&engine, ());
    let instance = module.instantiate(&mut store)?;
    let fib = instance.get_typed_func::<u32, i64>(&store, "fib")?;

    // A call that cannot pause traps where the fuel runs out.
    store.set_fuel(SLICE);
    assert!(fib.call(&mut store, 20).is_err());

    // One that can hands itself back. What it hands back borrows nothing: keep it in a queue, let others run.
    store.set_fuel(SLICE);
    let mut slices = 1;
    let mut call = fib.call_resumable(&mut store, 20)?;
    let result = loop {
        call = match call {
            TypedResumableCall::Finished(result) => break result,
            TypedResumableCall::OutOfFuel(paused) => {
                // The next step may need more than a slice; what is left adds up.
                store.add_fuel(SLICE.max(paused.needed()));
                slices += 1;
                paused.resume(&mut store)?
            }
            // Nobody else is there to notify it: its time is over.
            TypedResumableCall::Waiting(waiting) => waiting.end(&mut store)?,
            TypedResumableCall::HostTrap(failed) => return Err(failed.into_error()),
        };
    };
    let used = slices * SLICE - store.get_fuel();
    println!("fib(20) = {result} in {slices} slices, {used} units of fuel in all");

    // The same in one go: the same result, the same fuel.
    store.set_fuel(u64::MAX);
    assert_eq!(fib.call(&mut store, 20)?, result);
    assert_eq!(store.fuel_consumed(), used);
    Ok(())
}
