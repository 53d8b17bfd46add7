//! One module for many threads: decoded and validated once, instantiated in a store for each thread.
//!
//! A module never changes, so nothing is locked: what a store lowers or a guest writes is the store's own. Stores move
//! between threads as their data allows, but each runs on one thread at a time.

use std::thread;
use wrt::{Engine, Error, Module, Store};

const SUM: &str = r#"(module
    (func (export "sum") (param $n i64) (result i64) (local $sum i64)
        (loop $next
            (local.set $sum (i64.add (local.get $sum) (local.get $n)))
            (br_if $next (i32.wrap_i64 (local.tee $n (i64.sub (local.get $n) (i64.const 1))))))
        (local.get $sum)))"#;

/// Runs the example.
pub fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(SUM).map_err(Error::host)?)?;
    let run = &|n: u64| -> Result<(u64, u64), Error> {
        let mut store = Store::new(&engine, ());
        let instance = module.instantiate(&mut store)?;
        let sum = instance.get_typed_func::<u64, u64>(&store, "sum")?.call(&mut store, n)?;
        Ok((sum, store.fuel_consumed()))
    };
    let sums = thread::scope(|scope| {
        let threads: Vec<_> = (1..=4).map(|i| scope.spawn(move || run(i * 1_000))).collect();
        threads.into_iter().map(|thread| thread.join().expect("runs to its end")).collect::<Result<Vec<_>, _>>()
    })?;
    println!("sums and fuel: {sums:?}");
    // Fuel is a matter of the module and its input, not of threads.
    assert_eq!(sums.first(), Some(&run(1_000)?));
    Ok(())
}
