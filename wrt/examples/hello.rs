//! The shortest way from text to a result: compile, instantiate, call.
//!
//! A typed function has its type checked once, when it is looked up; calls after that check and allocate nothing.

use wrt::{Engine, Error, Module, Store};

const ADD: &str = r#"(module
    (func (export "add") (param i32 i32) (result i32)
        (i32.add (local.get 0) (local.get 1))))"#;

/// Runs the example.
pub fn main() -> Result<(), Error> {
    // An engine is configuration; modules are validated against it, stores take its limits.
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(ADD).map_err(Error::host)?)?;
    // A store owns everything that runs, and data of the host: here none.
    let mut store = Store::new(&engine, ());
    let instance = module.instantiate(&mut store)?;
    let add = instance.get_typed_func::<(i32, i32), i32>(&store, "add")?;
    let sum = add.call(&mut store, (40, 2))?;
    println!("40 + 2 = {sum}, for {} units of fuel", store.fuel_consumed());
    assert_eq!(sum, 42);
    Ok(())
}
