//! The one instance of a store, in builds in which an instance imports functions of the host alone and has no more than one memory,
//! one table and globals that are numbers ([`SINGLE`]): what [`instantiate`](crate::instantiate) does, for what can be there.

use super::{FixedStore, Loaded, number, take};
use crate::execute::{Detail, TrapInfo};
use crate::heap::HeapPart;
use crate::image::Image;
use crate::image::format::{DataRecord, flag, mode};
use crate::instantiate::{CONTRADICTION, InstantiateError, OutOfStorage, canonical};
use crate::memory::MemoryState;
use crate::moves::fill;
use crate::storage::{FuncInst, InstanceView, MoreMemories, Storage};
use crate::table::{NULL, TableState};
use crate::types::{Extern, ExternType, PAGE_LOG2, to_pages};
use wrt_instructions::memory_ops::position;
use wrt_instructions::{Part, Trap};
use wrt_safety::LimitExceeded;
use zerocopy::byteorder::little_endian::{U32, U64};

/// Whether this is such a build.
pub(super) const SINGLE: bool = !(Part::Linking.is_built()
    || Part::References.is_built()
    || Part::Memories.is_built()
    || Part::Exceptions.is_built()
    || Part::Simd.is_built());

/// What is counted: the key of its limit, and what runs out.
#[derive(Clone, Copy)]
enum Counted {
    Instances,
    Functions,
    Tables,
    Memories,
    Globals,
    Elements,
    Bytes,
    Total,
}

const COUNTED: [(&str, OutOfStorage); 8] = [
    ("max-instances", OutOfStorage::Instances),
    ("max-functions", OutOfStorage::Functions),
    ("max-tables", OutOfStorage::Tables),
    ("max-memories", OutOfStorage::Memories),
    ("max-globals", OutOfStorage::Globals),
    ("max-table-elements", OutOfStorage::Elements),
    ("max-memory-bytes", OutOfStorage::Bytes),
    ("max-total-memory-bytes", OutOfStorage::Bytes),
];

/// An instance in the making, and why there is none: that way, results fit in registers.
struct Single<'s, 'a> {
    store: &'s mut FixedStore<'a>,
    image: &'a Image<'a>,
    /// Where the caller takes it from: an error is large, and copied nowhere.
    result: &'s mut Result<u32, InstantiateError>,
}

impl<'a> FixedStore<'a> {
    /// As [`instantiate`](crate::instantiate::instantiate).
    // @need-ids: REQ_018, REQ_WASM_002, REQ_RESOURCE_001
    pub(super) fn add_single(&mut self, loaded: &'a Loaded<'a>, imports: &[Extern]) -> Result<u32, InstantiateError> {
        let mut result = Ok(0);
        let mut single = Single { store: self, image: &loaded.image, result: &mut result };
        if single.add(loaded, imports).is_none() && result.is_ok() {
            result = Err(InstantiateError::Corrupt(CONTRADICTION));
        }
        result
    }

    /// As [`instance`](Storage::instance).
    pub(super) fn single_view(&mut self, instance: u32) -> Option<InstanceView<'_>> {
        let this = self.instances.first().filter(|_| instance < self.instance_count)?;
        let loaded = this.loaded?;
        let (mut memory, mut page_log2, mut table) = Default::default();
        if self.memory_count > 0 {
            let room = self.memories.first_mut()?;
            page_log2 = room.state.page_log2;
            memory = room.bytes.get_mut(..position(room.state.bytes))?;
        }
        if self.table_count > 0 {
            let room = self.tables.first_mut()?;
            table = room.elements.get_mut(..room.state.size as usize)?;
        }
        Some(InstanceView {
            code: loaded.code,
            entries: loaded.entries,
            types: loaded.types,
            funcs: self.funcs.as_slice(),
            func_addrs: this.funcs,
            globals: self.globals.as_mut_slice(),
            global_base: 0,
            imported_globals: &[],
            memory,
            more_memories: MoreMemories::default(),
            page_log2,
            table,
            heap: HeapPart::default(),
        })
    }

    /// As [`restart`](crate::instantiate::restart).
    // @need-ids: REQ_RESTART_001
    pub(super) fn restart_single(&mut self, loaded: &'a Loaded<'a>) -> Result<(), InstantiateError> {
        let mut result = Ok(0);
        let mut single = Single { store: self, image: &loaded.image, result: &mut result };
        if single.fill().is_none() && result.is_ok() {
            result = Err(InstantiateError::Corrupt(CONTRADICTION));
        }
        result.map(|_| ())
    }
}

impl<'a> Single<'_, 'a> {
    #[inline(always)]
    fn fail(&mut self, error: InstantiateError) -> Option<()> {
        *self.result = Err(error);
        None
    }

    /// Whether `wanted` of something are within its limit, and there is room for them.
    #[inline(never)]
    fn fits(&mut self, what: Counted, wanted: u64, limit: u64, room: usize) -> Option<()> {
        let (key, what) = *COUNTED.get(what as usize)?;
        if wanted > limit {
            return self.fail(InstantiateError::Limit(LimitExceeded { key, limit, wanted }));
        }
        if wanted > room as u64 {
            return self.fail(InstantiateError::OutOfStorage(what));
        }
        Some(())
    }

    /// Everything that can be refused is refused before anything is added.
    // @need-ids: REQ_LIMITS_001, REQ_RESOURCE_001, REQ_RESOURCE_003
    fn add(&mut self, loaded: &'a Loaded<'a>, imports: &[Extern]) -> Option<()> {
        let (image, limits) = (self.image, self.store.limits);
        let (expected, found) = (number(image.imports.len()), number(imports.len()));
        if expected != found {
            return self.fail(InstantiateError::ImportCount { expected, found });
        }
        let first = self.store.funcs.len();
        let funcs = first.wrapping_add(image.funcs.len().wrapping_sub(imports.len()));
        self.fits(Counted::Instances, 1, limits.max_instances.into(), self.store.instances.len())?;
        self.fits(Counted::Functions, funcs as u64, limits.max_functions.into(), self.store.funcs.capacity())?;
        let (tables, memories, globals) = (image.tables.len(), image.memories.len(), image.globals.len());
        self.fits(Counted::Tables, tables as u64, limits.max_tables.into(), self.store.tables.len())?;
        self.fits(Counted::Memories, memories as u64, limits.max_memories.into(), self.store.memories.len())?;
        self.fits(Counted::Globals, globals as u64, limits.max_globals.into(), self.store.globals.capacity())?;
        let elements = self.store.tables.first().map_or(0, |room| room.elements.len());
        self.fits(Counted::Elements, self.table().size.into(), limits.max_table_elements.into(), elements)?;
        let (bytes, room) = (
            self.memory().map_or(0, |memory| memory.bytes),
            self.store.memories.first().map_or(0, |room| room.bytes.len()),
        );
        self.fits(Counted::Bytes, bytes, limits.max_memory_bytes, room)?;
        self.fits(Counted::Total, bytes, limits.max_total_memory_bytes, room)?;
        let dropped = if Part::Bulk.is_built() { image.data.len().div_ceil(u32::BITS as usize) } else { 0 };
        let words = image.funcs.len().wrapping_add(tables).wrapping_add(memories).wrapping_add(dropped);
        let Some(list) = self.store.words.get_mut(..words) else {
            return self.fail(InstantiateError::OutOfStorage(OutOfStorage::Lists));
        };
        // The one table and the one memory have the address 0.
        fill(list, 0);
        for (index, (addr, func)) in (0_u32..).zip(list.iter_mut().zip(image.funcs)) {
            let ty = *loaded.types.get(func.ty.get() as usize)?;
            match imports.get(index as usize) {
                None => {
                    *addr = number(self.store.funcs.len());
                    self.store.funcs.push(FuncInst { ty, instance: 0, index }).ok()?;
                }
                Some(Extern::Func(import)) if self.store.funcs.get(*import as usize).is_some_and(|f| f.ty == ty) => {
                    *addr = *import;
                }
                Some(other) => {
                    let found = match other {
                        Extern::Func(import) => self.store.funcs.get(*import as usize),
                        _ => None,
                    };
                    let (expected, found) = (ExternType::Func(ty), found.map(|func| ExternType::Func(func.ty)));
                    return self.fail(InstantiateError::IncompatibleImport { import: index, expected, found });
                }
            }
        }
        let mut words = take(&mut self.store.words, words)?;
        let instance = self.store.instances.first_mut()?;
        instance.loaded = Some(loaded);
        instance.funcs = take(&mut words, image.funcs.len())?;
        instance.tables = take(&mut words, tables)?;
        instance.memories = take(&mut words, memories)?;
        instance.dropped = words;
        self.store.instance_count = 1;
        self.store.table_count = number(tables);
        self.store.memory_count = number(memories);
        for _ in 0..globals {
            self.store.globals.push(0).ok()?;
        }
        self.fill()
    }

    /// The table when it is new; nothing where there is none.
    fn table(&self) -> TableState {
        let Some(record) = self.image.tables.first() else { return TableState::default() };
        let declared = declared(record.flags, record.max);
        TableState {
            size: narrow(record.min.get()),
            max: declared.min(self.store.limits.max_table_elements),
            index64: false,
        }
    }

    /// The memory when it is new. Sizes of 32-bit memories in 32 bits, unlike
    /// [`memory_state`](crate::instantiate::memory_state).
    #[inline(never)]
    fn memory(&self) -> Option<MemoryState> {
        let record = self.image.memories.first()?;
        let (min, declared) = (narrow(record.min.get()), declared(record.flags, record.max));
        let limit = self.store.limits.max_memory_bytes;
        let state = MemoryState {
            #[cfg(feature = "threads")]
            shared: record.flags.get() & flag::SHARED != 0,
            ..MemoryState::EMPTY
        };
        if record.page_log2.get() == 0 {
            let max_pages = declared.min(narrow(limit)).into();
            return Some(MemoryState { bytes: min.into(), max_pages, page_log2: 0, ..state });
        }
        let max_pages = declared.min(1 << 16).min(narrow(to_pages(limit, PAGE_LOG2))).into();
        Some(MemoryState { bytes: u64::from(min) << PAGE_LOG2, max_pages, page_log2: PAGE_LOG2, ..state })
    }

    /// Globals, memory, table and segments as they are in a new instance.
    fn fill(&mut self) -> Option<()> {
        let (table, memory) = (self.table(), self.memory());
        let image = self.image;
        for (to, global) in self.store.globals.as_mut_slice().iter_mut().zip(image.globals) {
            *to = canonical(global.ty, global.init.get());
        }
        if let Some((room, memory)) = self.store.memories.first_mut().zip(memory) {
            self.store.budget.set_used(memory.bytes);
            room.reset(memory)?;
        }
        if let Some(room) = self.store.tables.first_mut().filter(|_| !image.tables.is_empty()) {
            room.reset(table, NULL)?;
        }
        if Part::Bulk.is_built() {
            fill(self.store.instances.first_mut()?.dropped, 0);
        }
        self.copy()
    }

    /// Active segments in order.
    fn copy(&mut self) -> Option<()> {
        let image = self.image;
        let view = self.store.instance(0)?;
        for record in image.elements {
            let (index, first) = (record.offset.get(), record.start.get() as usize);
            let items = image.items.get(first..)?.get(..record.length.get() as usize)?;
            let (length, size) = (items.len() as u64, view.table.len() as u64);
            let Some(target) = part(view.table, index, items.len()) else {
                let (trap, detail) = (Trap::TableOutOfBounds, Detail::Table { index, length, size });
                return self.fail(InstantiateError::Trap(TrapInfo { trap, detail }));
            };
            for (to, func) in target.iter_mut().zip(items) {
                *to = view.func_addrs.get(func.get() as usize)?.wrapping_add(1);
            }
        }
        for record in image.data {
            if !is_active(record) {
                continue;
            }
            let (address, bytes) = (record.offset.get(), image.bytes(record.bytes));
            let (length, size) = (bytes.len() as u64, view.memory.len() as u64);
            let Some(target) = part(view.memory, address, bytes.len()) else {
                let (trap, detail) = (Trap::MemoryOutOfBounds, Detail::Memory { address, length, size });
                return self.fail(InstantiateError::Trap(TrapInfo { trap, detail }));
            };
            target.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        }
        for (segment, _) in (0..).zip(image.data).filter(|(_, record)| Part::Bulk.is_built() && is_active(record)) {
            self.store.drop_data(0, segment);
        }
        Some(())
    }
}

fn is_active(record: &DataRecord) -> bool {
    mode::is_active(record.mode.get())
}

/// What 32 bits hold, or the most that they do.
fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The maximum that a record declares, if it does.
fn declared(flags: U32, max: U64) -> u32 {
    if flags.get() & flag::MAXIMUM == 0 { u32::MAX } else { narrow(max.get()) }
}

/// `length` of something, from `start` on.
fn part<T>(all: &mut [T], start: u64, length: usize) -> Option<&mut [T]> {
    all.get_mut(usize::try_from(start).ok()?..)?.get_mut(..length)
}
