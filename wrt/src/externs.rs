//! Handles to memories, tables, globals and host references: small, copyable, and good for one store.
//!
//! A handle of another store is refused with [`UsageError::ForeignHandle`] where there is an error to return; elsewhere it
//! behaves as an empty thing. It never means something else.

// @need-ids: REQ_WASM_002

use crate::error::{Error, LimitError, UsageError};
use crate::func::Func;
use crate::held::{AnyRef, Rooted};
use crate::module::{global_type, memory_type, table_type};
use crate::storage::{StoreStorage, StoredMemory, StoredTable};
use crate::store::{AsContext, AsContextMut, Core, Handle};
use crate::types::{ExternType, FuncType, GlobalType, MemoryType, TableType, TagType, ValType};
use crate::value::Val;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::any::Any;
use wrt_instructions::Trap;
use wrt_runtime::execute::{Detail, TrapInfo};
use wrt_runtime::heap::reference::Referent;
use wrt_runtime::instantiate::{self, Allocate, InstantiateError};
use wrt_runtime::memory::{Growth, MemoryMetrics};
use wrt_runtime::table::Ref;
use wrt_safety::{LimitExceeded, SafeSlice};

/// Something that can be imported and exported (core 4.2.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extern {
    /// A function.
    Func(Func),
    /// A table.
    Table(Table),
    /// A memory.
    Memory(Memory),
    /// A global.
    Global(Global),
    /// A tag.
    Tag(Tag),
}

macro_rules! into_extern {
    ($($kind:ident $into:ident $name:literal;)*) => {
        $(impl From<$kind> for Extern {
            fn from(value: $kind) -> Self {
                Self::$kind(value)
            }
        })*
        impl Extern {
            $(#[doc = concat!("The ", $name, ", if it is one.")]
            pub const fn $into(self) -> Option<$kind> {
                if let Self::$kind(value) = self { Some(value) } else { None }
            })*
            /// What kind of thing it is: `function`, `table`, `memory`, `global` or `tag`.
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$kind(_) => $name,)* }
            }
        }
    };
}
into_extern! {
    Func into_func "function";
    Table into_table "table";
    Memory into_memory "memory";
    Global into_global "global";
    Tag into_tag "tag";
}

impl Extern {
    /// Its type now: sizes of memories and tables are the least they have.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        match self {
            Self::Func(func) => ExternType::Func(func.ty(store)),
            Self::Table(table) => ExternType::Table(table.ty(store)),
            Self::Memory(memory) => ExternType::Memory(memory.ty(store)),
            Self::Global(global) => ExternType::Global(global.ty(store)),
            Self::Tag(tag) => ExternType::Tag(tag.ty(store)),
        }
    }

    /// As the runtime names it, in the store `core`.
    pub(crate) fn address(self, core: &Core) -> Result<instantiate::Extern, Error> {
        Ok(match self {
            Self::Func(func) => instantiate::Extern::Func(func.0.addr(core.id)?),
            Self::Table(table) => instantiate::Extern::Table(table.0.addr(core.id)?),
            Self::Memory(memory) => instantiate::Extern::Memory(memory.0.addr(core.id)?),
            Self::Global(global) => instantiate::Extern::Global(global.0.addr(core.id)?),
            Self::Tag(tag) => instantiate::Extern::Tag(tag.0.addr(core.id)?),
        })
    }

    /// From the runtime's name.
    pub(crate) fn from_address(core: &Core, thing: instantiate::Extern) -> Self {
        match thing {
            instantiate::Extern::Func(addr) => Self::Func(Func(core.id.handle(addr))),
            instantiate::Extern::Table(addr) => Self::Table(Table(core.id.handle(addr))),
            instantiate::Extern::Memory(addr) => Self::Memory(Memory(core.id.handle(addr))),
            instantiate::Extern::Global(slot) => Self::Global(Global(core.id.handle(slot))),
            instantiate::Extern::Tag(addr) => Self::Tag(Tag(core.id.handle(addr))),
        }
    }
}

fn unknown() -> Error {
    Error::internal("a handle to nothing")
}

/// A linear memory of a store (core 4.2.9).
// @need-ids: REQ_MEM_SAFETY_002
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Memory(pub(crate) Handle);

impl Memory {
    /// Makes a memory for guests to import.
    ///
    /// # Errors
    /// A [`LimitError`] beyond `max-memories`, `max-memory-bytes` or `max-total-memory-bytes`, or where the host has no
    /// memory; [`UsageError::MemoryType`] for a type that no memory can have.
    // @need-ids: REQ_LIMITS_001, REQ_RESOURCE_003
    pub fn new(mut store: impl AsContextMut, ty: MemoryType) -> Result<Self, Error> {
        let core = &mut store.as_context_mut().store.core;
        let limits = *core.limits();
        Core::one_more("max-memories", limits.max_memories, core.storage.usage().memories)?;
        let MemoryType { min, max, index64, shared, page_log2 } = ty;
        if !matches!(page_log2, 0 | 16) || shared && max.is_none() {
            return Err(UsageError::MemoryType(ty).into());
        }
        let stored = instantiate::MemoryType { min, max, index64, shared, page_log2 };
        let state =
            instantiate::memory_state(&stored, &limits).map_err(|error| refused(error, UsageError::MemoryType(ty)))?;
        let (limit, bytes) = (limits.max_total_memory_bytes, state.bytes as u64);
        let wanted = core.storage.usage().memory_bytes.saturating_add(bytes);
        if wanted > limit {
            return Err(LimitExceeded { key: "max-total-memory-bytes", limit, wanted }.into());
        }
        let full = |_| LimitError::out_of_memory("linear memory", bytes);
        Ok(Self(core.id.handle(core.storage.add_memory(stored, state).map_err(full)?)))
    }

    fn stored<'s>(&self, core: &'s Core) -> Option<&'s StoredMemory> {
        core.storage.memories.get(self.0.addr(core.id).ok()? as usize)
    }

    #[inline]
    fn stored_mut<'s>(&self, core: &'s mut Core) -> Result<&'s mut StoredMemory, Error> {
        let addr = self.0.addr(core.id)?;
        let memory = core.storage.memories.get_mut(addr as usize).ok_or_else(unknown)?;
        memory.touched = true;
        Ok(memory)
    }

    /// Its type, with its size now as the least.
    pub fn ty(&self, store: impl AsContext) -> MemoryType {
        let core = &store.as_context().store.core;
        let ty = self.0.addr(core.id).ok().and_then(|addr| core.storage.memory_type(addr));
        ty.map_or(MemoryType::new(0, Some(0)), |ty| memory_type(&ty))
    }

    /// Size in pages.
    pub fn size(&self, store: impl AsContext) -> u64 {
        self.ty(store).min
    }

    /// Size in bytes.
    pub fn data_size(&self, store: impl AsContext) -> usize {
        self.stored(&store.as_context().store.core).map_or(0, |memory| memory.data().len())
    }

    /// Grows it by `delta` pages; the size before, in pages.
    ///
    /// # Errors
    /// [`LimitExceeded`] of `max-memory-bytes` beyond what its type or the limits allow, of `max-total-memory-bytes` beyond what
    /// is left for all memories of the store; out of memory.
    // @need-ids: REQ_RESOURCE_001
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64) -> Result<u64, Error> {
        let core = &mut store.as_context_mut().store.core;
        let addr = self.0.addr(core.id)?;
        loop {
            let memory = self.stored_mut(core)?;
            let (state, mut view) = (*memory.state(), memory.view().ok_or_else(unknown)?);
            match view.grow(delta) {
                Growth::Grown(old) => return Ok(old),
                Growth::Refused => {
                    let bytes = |pages: u64| pages.saturating_mul(1 << state.page_log2);
                    let wanted = bytes(view.size().saturating_add(delta));
                    let limit = bytes(state.max_pages);
                    if wanted > limit {
                        return Err(LimitExceeded { key: "max-memory-bytes", limit, wanted }.into());
                    }
                    let (used, limit) =
                        (core.storage.usage().memory_bytes, core.engine.limits().max_total_memory_bytes);
                    let wanted = used.saturating_add(bytes(delta));
                    return Err(LimitExceeded { key: "max-total-memory-bytes", limit, wanted }.into());
                }
                Growth::NeedsStorage(bytes) => core.storage.enlarge_memory_at(addr, bytes)?,
            }
        }
    }

    /// Copies the bytes at `address` into `buffer`.
    ///
    /// # Errors
    /// The trap [`Trap::MemoryOutOfBounds`], with the buffer unchanged, where any byte lies outside.
    // @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003, REQ_PERF_002
    pub fn read(&self, store: impl AsContext, address: usize, buffer: &mut [u8]) -> Result<(), Error> {
        let context = store.as_context();
        let core = &context.store.core;
        self.0.addr(core.id)?;
        let memory = self.stored(core).ok_or_else(unknown)?;
        memory.metrics.add_accesses(1);
        let bytes = address.checked_add(buffer.len()).and_then(|end| memory.data().get(address..end));
        buffer.copy_from_slice(bytes.ok_or_else(|| outside(address, buffer.len(), memory.data().len()))?);
        Ok(())
    }

    /// Copies `bytes` to `address`.
    ///
    /// # Errors
    /// The trap [`Trap::MemoryOutOfBounds`], with nothing written, where any byte lies outside.
    // @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003, REQ_PERF_002
    pub fn write(&self, mut store: impl AsContextMut, address: usize, bytes: &[u8]) -> Result<(), Error> {
        let memory = self.stored_mut(&mut store.as_context_mut().store.core)?;
        let size = memory.data().len();
        let mut view = memory.view().ok_or_else(unknown)?;
        view.write(address as u64, bytes).map_err(|_| outside(address, bytes.len(), size))
    }

    /// All its bytes.
    pub fn data<'s, T: 's>(&self, store: impl Into<crate::store::StoreContext<'s, T>>) -> &'s [u8] {
        let core = &store.into().store.core;
        self.stored(core).map_or(&[], StoredMemory::data)
    }

    /// All its bytes, to change.
    pub fn data_mut<'s, T: 's>(&self, store: impl Into<crate::store::StoreContextMut<'s, T>>) -> &'s mut [u8] {
        let core = &mut store.into().store.core;
        self.stored_mut(core).ok().and_then(StoredMemory::data_mut).unwrap_or_default()
    }

    /// All its bytes, and the host's data, to change both.
    pub fn data_and_store_mut<'s, T: 's>(
        &self,
        store: impl Into<crate::store::StoreContextMut<'s, T>>,
    ) -> (&'s mut [u8], &'s mut T) {
        let crate::store::Store { core, data, .. } = store.into().store;
        (self.stored_mut(core).ok().and_then(StoredMemory::data_mut).unwrap_or_default(), data)
    }

    /// A checked read-only view of `length` bytes at `address`, passed to `inspect`.
    ///
    /// # Errors
    /// The trap [`Trap::MemoryOutOfBounds`] where any byte lies outside.
    // @need-ids: REQ_MEM_SAFETY_002
    pub fn get_safe_slice<R>(
        &self,
        mut store: impl AsContextMut,
        address: u64,
        length: u64,
        inspect: impl FnOnce(SafeSlice<'_>) -> R,
    ) -> Result<R, Error> {
        let core = &mut store.as_context_mut().store.core;
        let level = core.engine.verification();
        let view = self.stored_mut(core)?.view().ok_or_else(unknown)?;
        let size = view.len();
        let detail = Detail::Memory { address, length, size };
        let slice = view.get_safe_slice(address, length, level).map_err(|trap| TrapInfo { trap, detail })?;
        Ok(inspect(slice))
    }

    /// The largest size so far, in bytes.
    pub fn peak_memory(&self, store: impl AsContext) -> usize {
        self.stored(&store.as_context().store.core).map_or(0, |memory| memory.metrics.peak_bytes())
    }

    /// How often it was accessed: by the host, and by the guest where its calls were profiled.
    pub fn access_count(&self, store: impl AsContext) -> usize {
        self.stored(&store.as_context().store.core).map_or(0, |memory| memory.metrics.accesses())
    }

    /// Its figures, which another thread may read while the guest runs. Those of a foreign handle stay zero.
    // @need-ids: REQ_012
    pub fn metrics(&self, store: impl AsContext) -> Arc<MemoryMetrics> {
        let memory = store.as_context().store;
        self.stored(&memory.core).map_or_else(|| Arc::new(MemoryMetrics::new()), |memory| Arc::clone(&memory.metrics))
    }

    /// Its name for messages: the first it is exported under, if no other was given; else empty.
    pub fn debug_name(&self, store: impl AsContext) -> String {
        let name = |memory: &StoredMemory| memory.name().to_string();
        self.stored(&store.as_context().store.core).map(name).unwrap_or_default()
    }

    /// Names it for messages; long names are cut to 32 bytes.
    ///
    /// # Errors
    /// [`UsageError::ForeignHandle`].
    pub fn set_debug_name(&self, mut store: impl AsContextMut, name: &str) -> Result<(), Error> {
        let memory = self.stored_mut(&mut store.as_context_mut().store.core)?;
        memory.set_name(name);
        Ok(())
    }
}

/// Why there is no state for a new memory or table: a limit, or `otherwise` a type that contradicts itself.
fn refused(error: InstantiateError, otherwise: UsageError) -> Error {
    match error {
        InstantiateError::Limit(exceeded) => exceeded.into(),
        _ => otherwise.into(),
    }
}

fn outside(address: usize, length: usize, size: usize) -> Error {
    let detail = Detail::Memory { address: address as u64, length: length as u64, size: size as u64 };
    TrapInfo { trap: Trap::MemoryOutOfBounds, detail }.into()
}

/// A table of a store (core 4.2.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Table(pub(crate) Handle);

impl Table {
    /// Makes a table of `init`s for guests to import.
    ///
    /// # Errors
    /// A [`LimitError`] beyond `max-tables` or `max-table-elements`; [`UsageError::Type`] where `init` is of another type.
    // @need-ids: REQ_LIMITS_001, REQ_RESOURCE_002
    pub fn new(mut store: impl AsContextMut, ty: TableType, init: Val) -> Result<Self, Error> {
        let core = &mut store.as_context_mut().store.core;
        let limits = *core.limits();
        Core::one_more("max-tables", limits.max_tables, core.storage.usage().tables)?;
        let [value, _] = init.checked_slots(ty.element, None, core)?;
        let value = value as Ref;
        let TableType { min, max, index64, .. } = ty;
        let stored = instantiate::TableType { element: ty.element.record(core.id)?, min, max, index64 };
        let state =
            instantiate::table_state(&stored, &limits).map_err(|error| refused(error, UsageError::TableType(ty)))?;
        let full = |_| LimitError::out_of_memory("table elements", min.saturating_mul(4));
        let addr = core.storage.add_table(stored, state, value).map_err(full)?;
        Ok(Self(core.id.handle(addr)))
    }

    fn stored<'s>(&self, core: &'s Core) -> Option<&'s StoredTable> {
        core.storage.tables.get(self.0.addr(core.id).ok()? as usize)
    }

    fn stored_mut<'s>(&self, core: &'s mut Core) -> Result<&'s mut StoredTable, Error> {
        let addr = self.0.addr(core.id)?;
        let table = core.storage.tables.get_mut(addr as usize).ok_or_else(unknown)?;
        table.touched = true;
        Ok(table)
    }

    /// Its type, with its size now as the least.
    pub fn ty(&self, store: impl AsContext) -> TableType {
        let core = &store.as_context().store.core;
        let ty = self.0.addr(core.id).ok().and_then(|addr| core.storage.table_type(addr));
        ty.map_or(TableType::new(ValType::FUNCREF, 0, Some(0)), |ty| table_type(&ty, core.scope()))
    }

    /// The type of its elements.
    fn element(&self, core: &Core) -> ValType {
        self.stored(core).map_or(ValType::FUNCREF, |table| table_type(&table.ty, core.scope()).element)
    }

    /// Number of elements.
    pub fn size(&self, store: impl AsContext) -> u64 {
        self.ty(store).min
    }

    /// Element `index`; `None` past the end.
    pub fn get(&self, store: impl AsContext, index: u64) -> Option<Val> {
        let context = store.as_context();
        let core = &context.store.core;
        let table = self.stored(core)?;
        let value = *table.elements().get(usize::try_from(index).ok()?)?;
        Some(Val::from_slots(ValType::from_record(table.ty.element, core.scope())?, [u64::from(value), 0], core))
    }

    /// Sets element `index`.
    ///
    /// # Errors
    /// The trap [`Trap::TableOutOfBounds`] past the end; [`UsageError::Type`] for a value of another type.
    pub fn set(&self, mut store: impl AsContextMut, index: u64, value: Val) -> Result<(), Error> {
        let core = &mut store.as_context_mut().store.core;
        let [value, _] = value.checked_slots(self.element(core), None, core)?;
        let value = value as Ref;
        let mut table = self.stored_mut(core)?.view().ok_or_else(unknown)?;
        let size = u64::from(table.size());
        let detail = Detail::Table { index, length: 1, size };
        Ok(table.set(index, value).map_err(|trap| TrapInfo { trap, detail })?)
    }

    /// Grows it by `delta` elements of `init`; the size before.
    ///
    /// # Errors
    /// [`LimitExceeded`] of `max-table-elements` beyond what its type or the limits allow; out of memory;
    /// [`UsageError::Type`] for a value of another type.
    // @need-ids: REQ_RESOURCE_001
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64, init: Val) -> Result<u64, Error> {
        let core = &mut store.as_context_mut().store.core;
        let addr = self.0.addr(core.id)?;
        let [value, _] = init.checked_slots(self.element(core), None, core)?;
        let value = value as Ref;
        loop {
            let mut table = self.stored_mut(core)?.view().ok_or_else(unknown)?;
            match table.grow(delta, value) {
                Growth::Grown(old) => return Ok(old),
                Growth::Refused => {
                    let wanted = u64::from(table.size()).saturating_add(delta);
                    let limit = u64::from(core.limits().max_table_elements);
                    let limit = self.stored(core).and_then(|table| table.ty.max).map_or(limit, |max| max.min(limit));
                    return Err(LimitExceeded { key: "max-table-elements", limit, wanted }.into());
                }
                Growth::NeedsStorage(elements) => core.storage.enlarge_table_at(addr, elements)?,
            }
        }
    }
}

impl Table {
    /// Sets `length` elements from `index` on.
    ///
    /// # Errors
    /// As [`set`](Self::set), with nothing changed where any of them lies outside.
    pub fn fill(&self, mut store: impl AsContextMut, index: u64, value: Val, length: u64) -> Result<(), Error> {
        let core = &mut store.as_context_mut().store.core;
        let ty = self.element(core);
        let [value, _] = value.checked_slots(ty, None, core)?;
        let value = value as Ref;
        self.part(core, index, length)?.fill(value);
        Ok(())
    }

    /// Copies `length` elements of `from`, from `from_index` on, to `index` on. Both may be the same table.
    ///
    /// # Errors
    /// As [`fill`](Self::fill); [`UsageError::Type`] where `from` has elements of another type.
    pub fn copy(
        &self,
        mut store: impl AsContextMut,
        index: u64,
        from: Self,
        from_index: u64,
        length: u64,
    ) -> Result<(), Error> {
        let (expected, found) = (self.ty(&store).element, from.ty(&store).element);
        if expected != found {
            return Err(UsageError::Type { position: None, expected, found }.into());
        }
        let core = &mut store.as_context_mut().store.core;
        self.part(core, index, length)?;
        let elements = from.part(core, from_index, length)?.to_vec();
        self.part(core, index, length)?.copy_from_slice(&elements);
        Ok(())
    }

    /// Some of its elements.
    fn part<'s>(&self, core: &'s mut Core, index: u64, length: u64) -> Result<&'s mut [Ref], Error> {
        let elements = self.stored_mut(core)?.view().ok_or_else(unknown)?.into_elements();
        let size = elements.len() as u64;
        let outside = TrapInfo { trap: Trap::TableOutOfBounds, detail: Detail::Table { index, length, size } };
        let range = || Some(usize::try_from(index).ok()?..usize::try_from(index.checked_add(length)?).ok()?);
        Ok(range().and_then(|range| elements.get_mut(range)).ok_or(outside)?)
    }
}

/// A global of a store (core 4.2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Global(pub(crate) Handle);

impl Global {
    /// Makes a global for guests to import.
    ///
    /// # Errors
    /// A [`LimitError`] beyond `max-globals`; [`UsageError::Type`] where `value` is of another type.
    // @need-ids: REQ_LIMITS_001
    pub fn new(mut store: impl AsContextMut, ty: GlobalType, value: Val) -> Result<Self, Error> {
        let core = &mut store.as_context_mut().store.core;
        let value = value.checked_slots(ty.content, None, core)?;
        let count = ty.content.slots();
        let used = core.storage.usage().globals.saturating_add(count - 1);
        Core::one_more("max-globals", core.limits().max_globals, used)?;
        let content = ty.content.record(core.id)?;
        let slot = core.storage.add_global_slots(count).ok_or(LimitError::out_of_memory("globals", 0))?;
        let ty = instantiate::GlobalType { ty: content, mutable: ty.mutable };
        core.storage.define_global(slot, ty, value).ok_or_else(unknown)?;
        Ok(Self(core.id.handle(slot)))
    }

    /// Its type.
    pub fn ty(&self, store: impl AsContext) -> GlobalType {
        self.stored(&store.as_context().store.core).unwrap_or(GlobalType::new(ValType::I32, false))
    }

    fn stored(&self, core: &Core) -> Option<GlobalType> {
        core.storage.global_type(self.0.addr(core.id).ok()?).map(|ty| global_type(ty, core.scope()))
    }

    /// Its value. A global of another store reads as the `i32` 0.
    pub fn get(&self, store: impl AsContext) -> Val {
        let context = store.as_context();
        let core = &context.store.core;
        let value = || {
            let (first, ty) = (self.0.addr(core.id).ok()?, self.stored(core)?.content);
            let high = if ty == ValType::V128 { core.storage.global(first.checked_add(1)?)? } else { 0 };
            Some(Val::from_slots(ty, [core.storage.global(first)?, high], core))
        };
        value().unwrap_or(Val::I32(0))
    }

    /// Sets its value.
    ///
    /// # Errors
    /// [`UsageError::Immutable`], or [`UsageError::Type`] for a value of another type.
    pub fn set(&self, mut store: impl AsContextMut, value: Val) -> Result<(), Error> {
        let core = &mut store.as_context_mut().store.core;
        let addr = self.0.addr(core.id)?;
        let ty = self.stored(core).ok_or_else(unknown)?;
        if !ty.mutable {
            return Err(UsageError::Immutable.into());
        }
        let value = value.checked_slots(ty.content, None, core)?;
        core.storage.globals_touched = true;
        let slots = core.storage.globals.get_mut(addr as usize..).ok_or_else(unknown)?;
        slots.iter_mut().zip(value).take(ty.content.slots() as usize).for_each(|(slot, value)| *slot = value);
        Ok(())
    }
}

/// A tag of a store: what exceptions are told apart by (core 4.2.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tag(pub(crate) Handle);

impl Tag {
    /// Makes a tag for guests to import.
    ///
    /// # Errors
    /// The limits `max-tags` and `max-types`; [`UsageError::ForeignHandle`] where the type names types of another store;
    /// [`UsageError::TagResults`] for a type with results.
    // @need-ids: REQ_TYPES_005, REQ_LIMITS_001
    pub fn new(mut store: impl AsContextMut, ty: &TagType) -> Result<Self, Error> {
        let core = &mut store.as_context_mut().store.core;
        if !ty.ty.results().is_empty() {
            return Err(UsageError::TagResults.into());
        }
        Core::one_more("max-tags", core.engine.limits().max_tags, core.storage.usage().tags)?;
        let number = core.storage.type_number(&ty.ty)?;
        let full = |_| LimitError::out_of_memory("tags", 0);
        Ok(Self(core.id.handle(core.storage.add_tag(number).map_err(full)?)))
    }

    /// Its type; that of a tag that carries nothing, for a handle of another store.
    pub fn ty(&self, store: impl AsContext) -> TagType {
        let core = &store.as_context().store.core;
        let number = self.0.addr(core.id).ok().and_then(|addr| core.storage.tag_type(addr));
        tag_type(&core.storage, number)
    }
}

fn tag_type(storage: &StoreStorage, number: Option<u32>) -> TagType {
    let ty = number.and_then(|number| storage.func_type(number)).cloned();
    TagType::new(ty.unwrap_or_else(|| FuncType::new([], [])))
}

/// A value of the host that guests hold as `externref`, or an internal value that became one. The store keeps a value of the host
/// until it ends itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExternRef(pub(crate) Rooted);

impl ExternRef {
    /// Gives a value to a store.
    ///
    /// # Errors
    /// [`LimitExceeded`] of `max-extern-refs`.
    // @need-ids: REQ_LIMITS_001
    pub fn new<V: Any + Send + Sync>(mut store: impl AsContextMut, value: V) -> Result<Self, Error> {
        let core = &mut store.as_context_mut().store.core;
        let number = core.add_extern(Arc::new(value))?;
        Ok(Self(Rooted::new(core, Referent::HostValue(number).reference())))
    }

    /// The value of the host that it is; `None` for a handle of another store, and for an internal value.
    pub fn value(&self, store: impl AsContext) -> Option<Arc<dyn Any + Send + Sync>> {
        let context = store.as_context();
        let core = &context.store.core;
        let Referent::HostValue(number) = Referent::of(self.0.get(core).ok()?) else { return None };
        core.externs.get(number as usize).cloned()
    }

    /// The same as an internal value (core 4.6.10, `any.convert_extern`).
    pub const fn to_any(self) -> AnyRef {
        AnyRef(self.0)
    }

    /// The value, if it is a `V`.
    pub fn downcast<V: Any + Send + Sync>(&self, store: impl AsContext) -> Option<Arc<V>> {
        self.value(store)?.downcast().ok()
    }
}

/// The type of something in a store by the store's numbers, for messages.
pub(crate) fn shown_type(storage: &StoreStorage, ty: &instantiate::ExternType) -> ExternType {
    match ty {
        instantiate::ExternType::Func(number) => {
            ExternType::Func(storage.func_type(*number).cloned().unwrap_or_else(|| FuncType::new([], [])))
        }
        instantiate::ExternType::Table(ty) => ExternType::Table(table_type(ty, storage.scope())),
        instantiate::ExternType::Memory(ty) => ExternType::Memory(memory_type(ty)),
        instantiate::ExternType::Global(ty) => ExternType::Global(global_type(*ty, storage.scope())),
        instantiate::ExternType::Tag(number) => ExternType::Tag(tag_type(storage, Some(*number))),
    }
}
