//! Several instances in one store: a library with a memory, a program that uses both, and a second program beside it.
//!
//! Handles such as instances and memories are small and copyable; they belong to their store, and another one refuses them.

use wrt::{Engine, Error, Global, GlobalType, Linker, Module, Store, Val, ValType};

const LIBRARY: &str = r#"(module
    (global $step (import "host" "step") i32)
    (memory (export "memory") 1)
    ;; Hands out memory from the front.
    (func (export "alloc") (result i32)
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (global.get $step)))
        (i32.load (i32.const 0))))"#;

const PROGRAM: &str = r#"(module
    (import "library" "memory" (memory 1))
    (import "library" "alloc" (func $alloc (result i32)))
    (func (export "keep") (param i32) (result i32) (local $at i32)
        (i32.store (local.tee $at (call $alloc)) (local.get 0))
        (local.get $at)))"#;

/// Runs the example.
pub fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let compile = |text: &str| Module::new(&engine, wat::parse_str(text).map_err(Error::host)?);
    let (library, program) = (compile(LIBRARY)?, compile(PROGRAM)?);
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);

    // All that is missing is named at once.
    let Err(missing) = linker.instantiate(&mut store, &program) else {
        return Err(Error::message("imports are missing"));
    };
    println!("{missing}");

    let step = Global::new(&mut store, GlobalType::new(ValType::I32, false), Val::I32(16))?;
    linker.define("host", "step", step)?;
    // Instantiates the library and gives its exports a module name.
    linker.module(&mut store, "library", &library)?;
    let (first, second) = (linker.instantiate(&mut store, &program)?, linker.instantiate(&mut store, &program)?);
    let keep = |instance: wrt::Instance| instance.get_typed_func::<i32, u32>(&store, "keep");
    let (one, two) = (keep(first)?, keep(second)?);
    // Both use the one memory of the library.
    assert_eq!((one.call(&mut store, 11)?, two.call(&mut store, 22)?), (16, 32));
    let memory = linker.get(&mut store, "library", "memory").and_then(wrt::Extern::into_memory);
    let data = memory.map(|memory| memory.data(&store)).unwrap_or_default();
    println!("the first kept {}, the second {}", data[16], data[32]);
    assert_eq!((data[16], data[32]), (11, 22));
    Ok(())
}
