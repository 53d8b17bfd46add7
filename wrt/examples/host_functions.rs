//! Functions of the host that the guest imports: with the host's data, and with the guest's memory.
//!
//! The guest passes an address and a length, as compiled programs do. Both are the guest's word only: every access is
//! checked, and what lies outside becomes a trap of the guest.

use wrt::{Caller, Engine, Error, Extern, Linker, Module, Store, Trap};

const GUEST: &str = r#"(module
    (import "host" "print" (func $print (param i32 i32)))
    (import "host" "roll" (func $roll (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 16) "Hello from the guest")
    (func (export "greet") (call $print (i32.const 16) (i32.const 20)))
    (func (export "beyond") (call $print (i32.const 65530) (i32.const 20)))
    (func (export "dice") (result i32) (i32.add (call $roll) (call $roll))))"#;

/// What the host keeps in the store: reached from host functions through their caller.
#[derive(Default)]
struct Host {
    lines: Vec<String>,
    rolls: u32,
}

fn print(mut caller: Caller<'_, Host>, address: u32, length: u32) -> Result<(), Error> {
    let memory = caller.get_export("memory").and_then(Extern::into_memory);
    let memory = memory.ok_or_else(|| Error::message("the guest exports no memory"))?;
    // Before the room for the copy is made: the length is whatever the guest likes.
    if length > 1000 {
        return Err(Error::message("a line of more than 1000 bytes"));
    }
    let mut bytes = vec![0; length as usize];
    memory.read(&caller, address as usize, &mut bytes)?;
    caller.data_mut().lines.push(String::from_utf8_lossy(&bytes).into_owned());
    Ok(())
}

/// Runs the example.
pub fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(GUEST).map_err(Error::host)?)?;
    // Imports are found by name. Types follow from the closures; a module that imports other types is refused.
    let mut linker = Linker::<Host>::new(&engine);
    linker.func_wrap("host", "print", print)?;
    linker.func_wrap("host", "roll", |mut caller: Caller<'_, Host>| -> u32 {
        caller.data_mut().rolls += 1;
        // Nothing random: what a guest does should be repeatable.
        caller.data().rolls % 6 + 1
    })?;
    let mut store = Store::new(&engine, Host::default());
    let instance = linker.instantiate(&mut store, &module)?;

    instance.get_typed_func::<(), ()>(&store, "greet")?.call(&mut store, ())?;
    assert_eq!(store.data().lines, ["Hello from the guest"]);
    let dice = instance.get_typed_func::<(), u32>(&store, "dice")?.call(&mut store, ())?;
    println!("{:?}, and {dice}", store.data().lines);
    assert_eq!((dice, store.data().rolls), (5, 2));

    let beyond = instance.get_typed_func::<(), ()>(&store, "beyond")?;
    let Err(error) = beyond.call(&mut store, ()) else { return Err(Error::message("that lies outside")) };
    println!("{error}");
    assert_eq!(error.trap().map(wrt::TrapError::trap), Some(Trap::MemoryOutOfBounds));
    Ok(())
}
