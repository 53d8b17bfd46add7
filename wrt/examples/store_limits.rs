//! Limits for each store: one engine, one module, and guests that may take different amounts.
//!
//! Limits are on by default, wide. A host of strangers sets less where it makes the store; a guest meets the limit as a
//! refusal that it can handle, or as an error with the limit's name.

use wrt::{Engine, Error, Limits, Module, Store, Trap};

const GUEST: &str = r#"(module
    (memory 1)
    ;; As many pages as it can get.
    (func (export "hoard") (result i32)
        (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (memory.size))
    (func $dig (export "dig") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $dig (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0)))))"#;

/// Runs the example.
pub fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(GUEST).map_err(Error::host)?)?;
    for (name, pages, depth) in [("trusted", 100, 10_000), ("stranger", 3, 100)] {
        // What is not said here is as in the engine.
        let limits = Limits { max_memory_bytes: pages << 16, max_frames: depth, ..*engine.limits() };
        let mut store = Store::with_limits(&engine, name, limits);
        let instance = module.instantiate(&mut store)?;
        let got = instance.get_typed_func::<(), u32>(&store, "hoard")?.call(&mut store, ())?;
        let dig = instance.get_typed_func::<u32, u32>(&store, "dig")?;
        let fits = dig.call(&mut store, depth - 1)?;
        let deeper = dig.call(&mut store, depth).err();
        println!("the {name} guest got {got} pages, and went {fits} calls deep");
        assert_eq!(u64::from(got), pages);
        assert_eq!(deeper.as_ref().and_then(Error::trap).map(wrt::TrapError::trap), Some(Trap::CallStackExhausted));
    }
    Ok(())
}
