//! The twin of a store's state: made like it, and told what the host did to it.

use crate::code::ModuleCode;
use crate::config::Strategy;
use crate::error::{Error, LimitError};
use crate::storage::StoreStorage;

/// An empty twin.
pub(super) fn like(storage: &StoreStorage) -> StoreStorage {
    let mut twin = StoreStorage::new(storage.limits, storage.id(), Strategy::Traditional);
    twin.is_twin = true;
    // It was told nothing yet.
    twin.heap.touched = true;
    twin
}

/// Adds to the twin what the host added since, and copies what it changed. What the engines did is theirs to agree on.
// @need-ids: REQ_LOCKSTEP_001
pub(super) fn sync(storage: &mut StoreStorage, twin: &mut StoreStorage) -> Result<(), Error> {
    let full = || LimitError::out_of_memory("the twin's state", 0);
    for code in storage.modules.iter().skip(twin.modules.len()) {
        if code.is_stripped() {
            return Err(Error::no_positions());
        }
        twin.modules.push(ModuleCode::new(&code.module, code.types().to_vec())?);
    }
    if storage.types.len() != twin.types.len() {
        twin.types = storage.types.copy();
    }
    extend(&mut twin.funcs, &storage.funcs).ok_or_else(full)?;
    extend(&mut twin.tags, &storage.tags).ok_or_else(full)?;
    if core::mem::take(&mut storage.heap.touched) | core::mem::take(&mut twin.heap.touched) {
        twin.heap.take_over(&storage.heap).ok_or_else(full)?;
    }
    twin.held.get_mut().follow(storage.held.get_mut());
    extend(&mut twin.global_types, &storage.global_types).ok_or_else(full)?;
    extend(&mut twin.globals, &storage.globals).ok_or_else(full)?;
    if core::mem::take(&mut storage.globals_touched) {
        twin.globals.copy_from_slice(&storage.globals);
    }
    for instance in storage.instances.iter().skip(twin.instances.len()) {
        twin.instances.push(instance.clone());
    }
    let budget = twin.budget.clone();
    for (index, memory) in storage.memories.iter_mut().enumerate() {
        let touched = core::mem::take(&mut memory.touched);
        match twin.memories.get_mut(index) {
            None => twin.memories.push(memory.twin(&budget).ok_or_else(full)?),
            Some(twin) if touched => twin.take_over(memory).ok_or_else(full)?,
            Some(_) => {}
        }
    }
    for (index, table) in storage.tables.iter_mut().enumerate() {
        let touched = core::mem::take(&mut table.touched);
        match twin.tables.get_mut(index) {
            None => twin.tables.push(table.clone()),
            Some(twin) if touched => *twin = table.clone(),
            Some(_) => {}
        }
    }
    Ok(())
}

/// Adds what is new at the end.
fn extend<T: Clone>(twin: &mut alloc::vec::Vec<T>, all: &[T]) -> Option<()> {
    let new = all.get(twin.len()..)?;
    twin.try_reserve(new.len()).ok()?;
    twin.extend_from_slice(new);
    Some(())
}
