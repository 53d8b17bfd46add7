//! A host function that needs the guest again, and can still be paused: it sorts, and the guest compares.
//!
//! A plain host function may call the guest through its `Caller`, but stands on the native stack meanwhile; such a call
//! cannot pause. This one is called step by step instead: it says what to call, leaves a word of state, and returns.

use wrt::{
    Caller, Engine, Error, FuncType, HostEntry, HostStep, Linker, Module, Store, TypedResumableCall, Val, ValType,
};

const GUEST: &str = r#"(module
    (import "host" "sort" (func $sort (param i32 i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\09\02\07\01\08\03\06\05")
    ;; Greatest first: the guest says whether the first must come after the second.
    (func (export "after") (param i32 i32) (result i32) (i32.lt_u (local.get 0) (local.get 1)))
    (func (export "run") (result i64)
        (call $sort (i32.const 0) (i32.const 8))
        (i64.load (i32.const 0))))"#;

/// One step of an insertion sort of bytes. The word of state holds the positions of the two that were compared last; the
/// bytes themselves are in the guest's memory, so between two steps the host keeps nothing.
fn sort(mut caller: Caller<'_, ()>, entry: HostEntry<'_>) -> Result<HostStep, Error> {
    let [Val::I32(address), Val::I32(length)] = *entry.args else { return Err(Error::message("wrong arguments")) };
    let export =
        |caller: &Caller<'_, ()>, name| caller.get_export(name).ok_or_else(|| Error::message("no such export"));
    let memory = export(&caller, "memory")?.into_memory().ok_or_else(|| Error::message("no memory"))?;
    let after = export(&caller, "after")?.into_func().ok_or_else(|| Error::message("no function"))?;
    let data = memory.data_mut(&mut caller);
    let bytes = data.get_mut(address as usize..).and_then(|bytes| bytes.get_mut(..length as usize));
    let bytes = bytes.ok_or_else(|| Error::message("outside of the memory"))?;
    // The byte at `next` goes down; it has come as far as `at`.
    let (mut next, mut at) = ((entry.state >> 32) as usize, entry.state as u32 as usize);
    match entry.returned {
        Some([Val::I32(0)]) => at = 0,
        Some(_) => {
            bytes.swap(at - 1, at);
            at -= 1;
        }
        None => {}
    }
    if at == 0 {
        next += 1;
        at = next;
    }
    if next >= bytes.len() {
        return Ok(HostStep::Return(vec![]));
    }
    let args = vec![Val::I32(bytes[at - 1].into()), Val::I32(bytes[at].into())];
    Ok(HostStep::CallGuest { func: after, args, state: (next as u64) << 32 | at as u64 })
}

/// Runs the example.
pub fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(GUEST).map_err(Error::host)?)?;
    let mut linker = Linker::new(&engine);
    linker.func_reentrant("host", "sort", FuncType::new([ValType::I32, ValType::I32], []), sort)?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<(), u64>(&store, "run")?;

    // Fuel runs out in the middle of the guest's comparisons, which the host's sort waits for.
    store.set_fuel(10);
    let mut pauses = 0;
    let mut call = run.call_resumable(&mut store, ())?;
    let sorted = loop {
        call = match call {
            TypedResumableCall::Finished(sorted) => break sorted.to_le_bytes(),
            TypedResumableCall::OutOfFuel(paused) => {
                pauses += 1;
                store.add_fuel(10);
                paused.resume(&mut store)?
            }
            // Nobody else is there to notify it: its time is over.
            TypedResumableCall::Waiting(waiting) => waiting.end(&mut store)?,
            TypedResumableCall::HostTrap(failed) => return Err(failed.into_trap(&mut store)),
        };
    };
    println!("{sorted:?} after {pauses} pauses");
    assert_eq!(sorted, [9, 8, 7, 6, 5, 3, 2, 1]);
    assert!(pauses > 5);
    Ok(())
}
