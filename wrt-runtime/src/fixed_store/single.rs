//! The one instance of a store, in builds in which an instance imports functions of the host alone and has no more than one memory,
//! one table and globals that are numbers ([`SINGLE`](crate::image::reader::SINGLE)): what [`instantiate`](crate::instantiate) does, for what can be there.

use super::{FixedStore, Loaded, number, take};
use crate::execute::{Detail, TrapInfo};
use crate::heap::HeapPart;
use crate::image::Image;
use crate::image::format::{MemoryRecord, flag, items, mode};
use crate::instantiate::{CONTRADICTION, InstantiateError, OutOfStorage, Space, canonical};
use crate::memory::MemoryState;
use crate::moves::fill;
use crate::storage::{FuncInst, InstanceView, MoreMemories, MoreTables, Storage};
use crate::table::{NULL, TableState};
use crate::types::{Extern, ExternType, PAGE_LOG2};
use wrt_instructions::memory_ops::position;
use wrt_instructions::{Part, Trap};
use wrt_safety::LimitExceeded;
use zerocopy::byteorder::little_endian::{U32, U64};

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
        let mut result = Err(InstantiateError::Corrupt(CONTRADICTION));
        let mut single = Single { store: self, image: &loaded.image, result: &mut result };
        if single.add(loaded, imports).is_some() {
            result = Ok(0);
        }
        result
    }

    /// As [`instance`](Storage::instance).
    #[inline(always)]
    pub(super) fn single_view(&mut self, instance: u32) -> Option<InstanceView<'_>> {
        let this = self.instances.first().filter(|_| instance < self.instance_count)?;
        let loaded = this.loaded?;
        // Rooms without a memory or table were made empty.
        let (mut memory, mut page_log2, mut table) = Default::default();
        if let Some(room) = self.memories.first_mut() {
            page_log2 = room.state.page_log2;
            memory = room.bytes.get_mut(..room.state.bytes)?;
        }
        if let Some(room) = self.tables.first_mut() {
            table = room.elements.get_mut(..room.state.size as usize)?;
        }
        Some(InstanceView {
            code: loaded.code,
            entries: loaded.entries,
            types: loaded.types,
            funcs: self.funcs.as_slice(),
            func_addrs: this.list(Space::Func as usize),
            globals: self.globals.as_mut_slice(),
            global_base: 0,
            imported_globals: &[],
            memory,
            more_memories: MoreMemories::default(),
            page_log2,
            table,
            more_tables: MoreTables::default(),
            heap: HeapPart::default(),
        })
    }

    /// As [`restart`](crate::instantiate::restart).
    // @need-ids: REQ_RESTART_001
    pub(super) fn restart_single(&mut self, loaded: &'a Loaded<'a>) -> Result<(), InstantiateError> {
        let mut result = Err(InstantiateError::Corrupt(CONTRADICTION));
        let mut single = Single { store: self, image: &loaded.image, result: &mut result };
        if single.fill().is_some() {
            return Ok(());
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

    /// Whether `wanted` of something are within their limit, and there is room for them; else, the limit's key or what runs out.
    #[inline(always)]
    fn fits(
        &mut self,
        (key, what): (&'static str, OutOfStorage),
        wanted: usize,
        limit: u32,
        room: usize,
    ) -> Option<()> {
        if wanted > limit as usize {
            let (limit, wanted) = (limit.into(), wanted as u64);
            return self.fail(InstantiateError::Limit(LimitExceeded { key, limit, wanted }));
        }
        if wanted > room {
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
        // Those of the host, and the image's own.
        let funcs = self.store.funcs.len().wrapping_sub(imports.len()).wrapping_add(image.funcs.len());
        let room = self.store.instances.len();
        self.fits(("max-instances", OutOfStorage::Instances), 1, limits.max_instances, room)?;
        let room = self.store.funcs.capacity();
        self.fits(("max-functions", OutOfStorage::Functions), funcs, limits.max_functions, room)?;
        let room = self.store.tables.len();
        self.fits(("max-tables", OutOfStorage::Tables), image.tables.len(), limits.max_tables, room)?;
        let room = self.store.memories.len();
        self.fits(("max-memories", OutOfStorage::Memories), image.memories.len(), limits.max_memories, room)?;
        let room = self.store.globals.capacity();
        self.fits(("max-globals", OutOfStorage::Globals), image.globals.len(), limits.max_globals, room)?;
        let elements = image.tables.first().map_or(0, |table| table.min.get() as usize);
        let room = self.store.tables.first().map_or(0, |room| room.elements.len());
        self.fits(("max-table-elements", OutOfStorage::Elements), elements, limits.max_table_elements, room)?;
        let bytes = image.memories.first().map_or(0, bytes);
        let room = self.store.memories.first().map_or(0, |room| room.bytes.len());
        let (limit, all) = (position(limits.max_memory_bytes), self.store.budget.all());
        let key = if all < limit { "max-total-memory-bytes" } else { "max-memory-bytes" };
        self.fits((key, OutOfStorage::Bytes), bytes, number(limit.min(all)), room)?;
        let dropped = if Part::Bulk.is_built() { image.data.len().div_ceil(u32::BITS as usize) } else { 0 };
        let lists = take(&mut self.store.words, image.funcs.len().wrapping_add(dropped));
        let Some((list, dropped)) = lists.and_then(|lists| lists.split_at_mut_checked(image.funcs.len())) else {
            return self.fail(InstantiateError::OutOfStorage(OutOfStorage::Lists));
        };
        for (index, (addr, func)) in (0_u32..).zip(list.iter_mut().zip(image.funcs)) {
            let ty = *loaded.types.get(func.ty() as usize)?;
            let Some(import) = imports.get(index as usize) else {
                *addr = number(self.store.funcs.len());
                self.store.funcs.push(FuncInst { ty, instance: 0, index }).ok()?;
                continue;
            };
            // No other thing is there, and no function has the last address.
            *addr = if let Extern::Func(import) = import { *import } else { u32::MAX };
            let found = self.store.funcs.get(*addr as usize).map(|func| func.ty);
            if found != Some(ty) {
                let (expected, found) = (ExternType::Func(ty), found.map(ExternType::Func));
                return self.fail(InstantiateError::IncompatibleImport { import: index, expected, found });
            }
        }
        let instance = self.store.instances.first_mut()?;
        instance.loaded = Some(loaded);
        if let Some(funcs) = instance.lists.first_mut() {
            *funcs = list;
        }
        instance.dropped = dropped;
        self.store.instance_count = 1;
        self.store.table_count = number(image.tables.len());
        self.store.memory_count = number(image.memories.len());
        self.fill()
    }

    /// Globals, memory, table and segments as they are in a new instance.
    #[cfg_attr(feature = "compact", inline(always))]
    fn fill(&mut self) -> Option<()> {
        let (image, store) = (self.image, &mut *self.store);
        store.globals.clear();
        for global in image.globals {
            store.globals.push(canonical(global.ty, global.init.get())).ok()?;
        }
        if let Some(room) = store.memories.first_mut() {
            let (mut bytes, mut max_pages, mut page_log2) = (0, 0, 0);
            if let Some(memory) = image.memories.first() {
                page_log2 = memory.page_log2.get() as u8;
                bytes = self::bytes(memory);
                let most = position(store.limits.max_memory_bytes).min(room.bytes.len());
                max_pages = declared(memory.flags, memory.max).min(number(pages(most, page_log2)));
            }
            fill(room.bytes.get_mut(..bytes)?, 0);
            store.budget.set_used(bytes);
            room.state = MemoryState {
                bytes,
                max_pages: max_pages.into(),
                page_log2,
                #[cfg(feature = "threads")]
                shared: image.memories.first().is_some_and(|memory| memory.flags.get() & flag::SHARED != 0),
                ..MemoryState::EMPTY
            };
        }
        if let Some(room) = store.tables.first_mut() {
            let (mut size, mut max) = (0, 0);
            if let Some(table) = image.tables.first() {
                // No more than 32 bits count, as was checked.
                size = table.min.get() as u32;
                let most = number(room.elements.len()).min(store.limits.max_table_elements);
                max = declared(table.flags, table.max).min(most);
            }
            fill(room.elements.get_mut(..size as usize)?, NULL);
            room.state = TableState { size, max, index64: false };
        }
        if Part::Bulk.is_built() {
            fill(store.instances.first_mut()?.dropped, 0);
        }
        self.copy()
    }

    /// A segment that leaves its memory or table of `size`.
    #[cfg_attr(feature = "compact", inline(always))]
    fn outside(&mut self, trap: Trap, index: u64, length: usize, size: usize) -> Option<()> {
        let (length, size) = (length as u64, size as u64);
        let detail = if trap == Trap::MemoryOutOfBounds {
            Detail::Memory { address: index, length, size }
        } else {
            Detail::Table { index, length, size }
        };
        self.fail(InstantiateError::Trap(TrapInfo { trap, detail }))
    }

    /// Active segments in order.
    #[cfg_attr(feature = "compact", inline(always))]
    fn copy(&mut self) -> Option<()> {
        let (image, store) = (self.image, &mut *self.store);
        let addrs = store.instances.first()?.list(Space::Func as usize);
        for record in image.elements {
            let table = store.tables.first_mut()?.view()?.into_elements();
            let (index, length) = (record.offset.get(), record.length.get() as usize);
            let items = image.items(record)?;
            let size = table.len();
            let Some(target) = part(table, index, length) else {
                return self.outside(Trap::TableOutOfBounds, index, length, size);
            };
            for (to, func) in target.iter_mut().zip(items) {
                *to = addrs.get(items::func(func)? as usize)?.wrapping_add(1);
            }
        }
        for (segment, record) in (0..).zip(image.data) {
            if !mode::is_active(record.mode.get()) {
                continue;
            }
            let room = store.memories.first_mut()?;
            let memory = room.bytes.get_mut(..room.state.bytes)?;
            let (address, bytes) = (record.offset.get(), image.bytes(record.bytes));
            let size = memory.len();
            let Some(target) = part(memory, address, bytes.len()) else {
                return self.outside(Trap::MemoryOutOfBounds, address, bytes.len(), size);
            };
            target.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            if Part::Bulk.is_built() {
                store.drop_data(0, segment);
            }
        }
        Some(())
    }
}

/// What 32 bits hold, or the most that they do.
fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The maximum that a record declares, if it does.
fn declared(flags: U32, max: U64) -> u32 {
    if flags.get() & flag::MAXIMUM == 0 { u32::MAX } else { narrow(max.get()) }
}

/// Bytes of a memory when it is new, or the most that can be addressed here. Addresses of 32 bits reach all of them, as was checked.
fn bytes(memory: &MemoryRecord) -> usize {
    let min = memory.min.get() as usize;
    if memory.page_log2.get() == 0 { min } else { min.saturating_mul(1 << PAGE_LOG2) }
}

/// How many pages there are in so many bytes, and no more than addresses of 32 bits reach.
fn pages(bytes: usize, page_log2: u8) -> usize {
    if page_log2 == 0 { bytes } else { (bytes >> PAGE_LOG2).min(1 << (u32::BITS - u32::from(PAGE_LOG2))) }
}

/// `length` of something, from `start` on.
fn part<T>(all: &mut [T], start: u64, length: usize) -> Option<&mut [T]> {
    all.get_mut(usize::try_from(start).ok()?..)?.get_mut(..length)
}
