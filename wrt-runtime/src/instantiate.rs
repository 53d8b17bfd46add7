//! Instantiation: from an image and what it imports to an instance of a store (core 4.5.4).
//!
//! [`instantiate`] owns the order and the rules; the store ([`Allocate`]) owns the room. Everything that can be refused
//! is refused before anything is added: imports that do not match, sizes beyond [`Limits`], storage that is too small.
//! What can still fail after that is a constant expression of a corrupt image or one that makes more objects than there is room
//! for, and an active segment that lies outside of its table or memory, which traps as the specification says.
//!
//! The start function is not run: it may pause, so it is the embedder's to call ([`Image::start`]).

// @need-ids: REQ_018, REQ_WASM_002, REQ_TYPES_005

mod error;
mod objects;

use crate::constant::Constant;
use crate::execute::{Detail, TrapInfo};
use crate::heap::Wanted;
use crate::heap::reference::i31_new;
use crate::image::Image;
use crate::image::format::{
    Byte, ConstRange, ElementRecord, ImportRecord, TableRecord, ValType, flag, items, kind, mode,
};
use crate::image::reader::EXPRESSIONS;
use crate::memory::MemoryState;
use crate::moves::equal;
use crate::storage::{FuncInst, Storage};
use crate::table::{NULL, Ref, TableState};
use crate::types::to_pages;
pub use crate::types::{Extern, ExternType, GlobalType, MemoryType, TableType};
use wrt_instructions::memory_ops::position;
use wrt_instructions::{Part, Trap};
use wrt_safety::{LimitExceeded, Limits};
use zerocopy::byteorder::little_endian::U64;

pub use error::{InstantiateError, OutOfStorage};
use objects::Operands;
pub use objects::far_room;
pub(crate) use objects::operand_slots;

use InstantiateError::Corrupt;

/// How many values a constant expression may have on its stack at once. Front ends refuse modules that need more. Objects are made of
/// many, which lie in the heap's storage.
pub const CONST_DEPTH: usize = if Part::Gc.is_built() { 1 << 16 } else { CONST_NEAR };

/// How many of them may be on the native stack. Others have room at the arena's end: [`far_room`].
pub const CONST_NEAR: usize = 16;

/// How much of everything a store holds, as its limits count it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Functions, those of the host among them.
    pub funcs: u32,
    /// Tables.
    pub tables: u32,
    /// Memories.
    pub memories: u32,
    /// Slots of globals: a `v128` counts as two.
    pub globals: u32,
    /// Instances.
    pub instances: u32,
    /// Bytes of all memories together.
    pub memory_bytes: u64,
    /// Tags.
    pub tags: u32,
    /// Bytes of structures and arrays.
    pub gc_bytes: u64,
}

impl Usage {
    /// More than any limit allows.
    pub const UNBOUNDED: Self = Self {
        funcs: u32::MAX,
        tables: u32::MAX,
        memories: u32::MAX,
        globals: u32::MAX,
        instances: u32::MAX,
        memory_bytes: u64::MAX,
        tags: u32::MAX,
        gc_bytes: u64::MAX,
    };

    /// What [`COUNTED`] is in the order of.
    const fn counts(&self) -> [u32; COUNTED.len()] {
        [self.instances, self.funcs, self.tables, self.memories, self.globals, self.tags]
    }
}

/// What is counted: the keys of the limits, and what runs out.
const COUNTED: [(&str, OutOfStorage); 6] = [
    ("max-instances", OutOfStorage::Instances),
    ("max-functions", OutOfStorage::Functions),
    ("max-tables", OutOfStorage::Tables),
    ("max-memories", OutOfStorage::Memories),
    ("max-globals", OutOfStorage::Globals),
    ("max-tags", OutOfStorage::Tags),
];

/// What one more instance of an image takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Functions in its index space.
    pub funcs: u32,
    /// Those of them that are imported.
    pub imported_funcs: u32,
    /// Tables in its index space.
    pub tables: u32,
    /// Those of them that are imported.
    pub imported_tables: u32,
    /// Memories in its index space.
    pub memories: u32,
    /// Those of them that are imported.
    pub imported_memories: u32,
    /// Globals that are imported.
    pub imported_globals: u32,
    /// Slots of its own globals.
    pub global_slots: u32,
    /// Tags in its index space.
    pub tags: u32,
    /// Those of them that are imported.
    pub imported_tags: u32,
    /// Element segments.
    pub elements: u32,
    /// References in all element segments together.
    pub references: u32,
    /// Data segments.
    pub data: u32,
}

impl Needs {
    /// What an instance of `image` takes; `None` where it has more of something than 32 bits count.
    pub fn of(image: &Image<'_>) -> Option<Self> {
        let count = |len: usize| u32::try_from(len).ok();
        let own = image.globals.iter().filter(|global| global.flags.get() & flag::IMPORTED == 0);
        let slots: u64 = own.map(|global| u64::from(global.ty.slots())).sum();
        let references: u64 = image.elements.iter().map(|segment| u64::from(segment.length.get())).sum();
        Some(Self {
            funcs: count(image.funcs.len())?,
            imported_funcs: image.imported(kind::FUNC),
            tables: count(image.tables.len())?,
            imported_tables: image.imported(kind::TABLE),
            memories: count(image.memories.len())?,
            imported_memories: image.imported(kind::MEMORY),
            imported_globals: image.imported(kind::GLOBAL),
            global_slots: u32::try_from(slots).ok()?,
            tags: count(image.tags().len())?,
            imported_tags: image.imported(kind::TAG),
            // Segments are kept only where the guest can get at them.
            elements: if Part::References.is_built() { count(image.elements.len())? } else { 0 },
            references: if Part::References.is_built() { u32::try_from(references).ok()? } else { 0 },
            data: if Part::Bulk.is_built() { count(image.data.len())? } else { 0 },
        })
    }
}

impl Needs {
    /// How many 32-bit words all lists of the instance take: an address for each thing in its index spaces, a word for
    /// each element segment and each reference in one, and a bit for each data segment.
    pub fn words(&self) -> usize {
        let lists = [self.funcs, self.tables, self.memories, self.imported_globals, self.tags];
        let segments = [self.elements, self.references, self.data.div_ceil(u32::BITS)];
        lists.iter().chain(&segments).fold(0, |sum, count| sum.saturating_add(*count as usize))
    }
}

/// The lists of an instance that say which things of the store its indices mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// The address of each function.
    Func,
    /// The address of each table.
    Table,
    /// The address of each memory.
    Memory,
    /// The first slot of each imported global.
    ImportedGlobal,
    /// The address of each tag.
    Tag,
}

/// What instantiation adds to a store.
///
/// Addresses count from 0 for each kind of thing and never change. What an instance runs (its code, entries and data
/// segments) is between the store and its embedder, who knows the image's lifetime: the store is told beforehand which
/// image the next [`add_instance`](Self::add_instance) is for, and took in its types.
// @need-ids: REQ_018, REQ_RESOURCE_002
pub trait Allocate: Storage {
    /// The limits of this store.
    fn limits(&self) -> &Limits;
    /// How much it holds already.
    fn usage(&self) -> Usage;
    /// The number of each type of the image that the next instance is for.
    fn next_types(&self) -> &[u32];
    /// The type of a table, with its size now as the least.
    fn table_type(&self, addr: u32) -> Option<TableType>;
    /// The type of a memory, with its size now as the least.
    fn memory_type(&self, addr: u32) -> Option<MemoryType>;
    /// The type of the global whose first slot this is.
    fn global_type(&self, slot: u32) -> Option<GlobalType>;
    /// The number of a tag's type.
    fn tag_type(&self, addr: u32) -> Option<u32>;
    /// The value in a slot of the globals.
    fn global(&self, slot: u32) -> Option<u64>;

    /// How much of everything there is room for, beside the limits.
    fn room(&self) -> Usage {
        Usage::UNBOUNDED
    }
    /// The most elements that the table which is added after `more` others may have.
    fn table_room(&self, _more: u32) -> u64 {
        u64::MAX
    }
    /// The most bytes that the memory which is added after `more` others may have.
    fn memory_room(&self, _more: u32) -> u64 {
        u64::MAX
    }
    /// Makes sure that an instance fits, beside what is counted, so that nothing is left half done. Nothing is added yet.
    ///
    /// # Errors
    /// [`OutOfStorage`] says for what there is no room.
    fn reserve(&mut self, needs: &Needs) -> Result<(), OutOfStorage>;
    /// Adds a function; returns its address.
    ///
    /// # Errors
    /// [`OutOfStorage`], with nothing added.
    fn add_func(&mut self, func: FuncInst) -> Result<u32, OutOfStorage>;
    /// Adds a table of `state.size` elements that are all `value`; returns its address.
    ///
    /// # Errors
    /// [`OutOfStorage`], with nothing added.
    fn add_table(&mut self, ty: TableType, state: TableState, value: Ref) -> Result<u32, OutOfStorage>;
    /// Adds a memory of `state.bytes` zeroes; returns its address.
    ///
    /// # Errors
    /// [`OutOfStorage`], with nothing added.
    fn add_memory(&mut self, ty: MemoryType, state: MemoryState) -> Result<u32, OutOfStorage>;
    /// Adds a tag; returns its address.
    ///
    /// # Errors
    /// [`OutOfStorage`], with nothing added.
    fn add_tag(&mut self, ty: u32) -> Result<u32, OutOfStorage>;
    /// Adds an instance whose lists have the lengths in `needs`; returns its number. Its element segments have room for
    /// their references, and none of its segments is dropped.
    ///
    /// # Errors
    /// [`OutOfStorage`], with nothing added.
    fn add_instance(&mut self, needs: &Needs) -> Result<u32, OutOfStorage>;
    /// Adds `slots` consecutive zeroed slots for the own globals of `instance`; returns the first.
    ///
    /// # Errors
    /// [`OutOfStorage`], with nothing added.
    fn add_globals(&mut self, instance: u32, slots: u32) -> Result<u32, OutOfStorage>;

    /// Says of a slot that was added that a global begins there, and gives it its value. A `v128` takes the next slot
    /// too. `None` where there is no such slot.
    fn define_global(&mut self, slot: u32, ty: GlobalType, value: [u64; 2]) -> Option<()>;
    /// Enters the address of thing `index` in a list of an instance; `None` where the list is shorter.
    fn link(&mut self, instance: u32, space: Space, index: u32, addr: u32) -> Option<()>;
    /// The address of thing `index` in a list of an instance.
    fn linked(&self, instance: u32, space: Space, index: u32) -> Option<u32>;
    /// Where an instance's own globals begin.
    fn global_base(&self, instance: u32) -> Option<u32>;
    /// Sets reference `at` of an element segment; `None` where it has fewer.
    fn set_reference(&mut self, instance: u32, segment: u32, at: u32, value: Ref) -> Option<()>;
    /// Makes the storage of the heap as large as this.
    ///
    /// # Errors
    /// [`OutOfStorage`], with nothing changed.
    fn reserve_heap(&mut self, _wanted: Wanted) -> Result<(), OutOfStorage> {
        Err(OutOfStorage::Objects)
    }
}

/// What a restart puts back in a store.
pub trait Restart: Allocate {
    /// Makes the segments of an instance what they were before any was dropped. `None` where there is no such instance.
    fn restore_segments(&mut self, instance: u32) -> Option<()>;
    /// Makes a memory `state.bytes` zeroes again. `None` where there is no such memory, or no room.
    fn reset_memory(&mut self, addr: u32, state: MemoryState) -> Option<()>;
    /// Makes a table `state.size` times `value` again. `None` where there is no such table, or no room.
    fn reset_table(&mut self, addr: u32, state: TableState, value: Ref) -> Option<()>;
}

/// The type of something in the store.
pub fn extern_type<A: Allocate + ?Sized>(store: &A, thing: Extern) -> Option<ExternType> {
    Some(match thing {
        Extern::Func(addr) => ExternType::Func(store.func(addr)?.ty),
        // Nothing else can be imported.
        _ if !Part::Linking.is_built() => return None,
        Extern::Table(addr) => ExternType::Table(store.table_type(addr)?),
        Extern::Memory(addr) => ExternType::Memory(store.memory_type(addr)?),
        Extern::Global(slot) => ExternType::Global(store.global_type(slot)?),
        Extern::Tag(addr) => ExternType::Tag(store.tag_type(addr)?),
    })
}

/// What an instance of `image` has at `index` of the index space `what` (one of [`kind`]).
pub fn resolve<A: Allocate + ?Sized>(
    store: &A,
    image: &Image<'_>,
    instance: u32,
    what: u32,
    index: u32,
) -> Option<Extern> {
    let linked = |space| store.linked(instance, space, index);
    match what {
        kind::FUNC => linked(Space::Func).map(Extern::Func),
        kind::TABLE => linked(Space::Table).map(Extern::Table),
        kind::MEMORY => linked(Space::Memory).map(Extern::Memory),
        kind::GLOBAL => global_slot(store, image, instance, index).map(Extern::Global),
        kind::TAG if Part::Exceptions.is_built() => linked(Space::Tag).map(Extern::Tag),
        _ => None,
    }
}

/// What an instance of `image` exports under `name`.
pub fn export<A: Allocate + ?Sized>(store: &A, image: &Image<'_>, instance: u32, name: &str) -> Option<Extern> {
    let export = image.exports.iter().find(|export| equal(image.bytes(export.name), name.as_bytes()))?;
    resolve(store, image, instance, export.kind(), export.index())
}

/// The first slot of global `index`.
fn global_slot<A: Allocate + ?Sized>(store: &A, image: &Image<'_>, instance: u32, index: u32) -> Option<u32> {
    let global = image.globals.get(index as usize)?;
    let slot = global.slot.get();
    if Part::Linking.is_built() && global.flags.get() & flag::IMPORTED != 0 {
        return store.linked(instance, Space::ImportedGlobal, slot);
    }
    store.global_base(instance)?.checked_add(slot)
}

/// Adds an instance of `image` to `store` (core 4.5.4, "instantiation"); returns its number. `imports` are in the order of
/// [`Image::imports`]. The start function is not run.
///
/// # Errors
/// Whatever [`InstantiateError`] says. After all but [`Trap`](InstantiateError::Trap), [`Corrupt`] and the limit `max-gc-bytes`
/// the store is as it was.
// @need-ids: REQ_018, REQ_WASM_002, REQ_RESOURCE_001
pub fn instantiate<A: Allocate + ?Sized>(
    store: &mut A,
    image: &Image<'_>,
    imports: &[Extern],
) -> Result<u32, InstantiateError> {
    let needs = Needs::of(image).ok_or(CONTRADICTS)?;
    let mut new = New { store, image, needs, instance: 0, error: None };
    match new.add(imports) {
        Some(()) => Ok(new.instance),
        None => Err(new.error.unwrap_or(CONTRADICTS)),
    }
}

/// Makes `instance`, which was made of `image`, what it was when it was new: its own globals, memories, tables and segments.
/// What it imports stays as it is, and all addresses stay what they were. The start function is not run.
///
/// # Errors
/// As [`instantiate`], for what the image itself says.
// @need-ids: REQ_RESTART_001
pub fn restart<A: Restart + ?Sized>(store: &mut A, image: &Image<'_>, instance: u32) -> Result<(), InstantiateError> {
    let needs = Needs::of(image).ok_or(CONTRADICTS)?;
    let mut new = New { store, image, needs, instance, error: None };
    match new.again() {
        Some(()) => Ok(()),
        None => Err(new.error.unwrap_or(CONTRADICTS)),
    }
}

/// What no image says that was read and checked.
const CONTRADICTS: InstantiateError = Corrupt(CONTRADICTION);
pub(crate) const CONTRADICTION: &str = "an image that contradicts itself";

fn within(key: &'static str, limit: u64, wanted: u64) -> Result<(), LimitExceeded> {
    if wanted > limit { Err(LimitExceeded { key, limit, wanted }) } else { Ok(()) }
}

/// A new table of a type, within the limits of one.
///
/// # Errors
/// [`InstantiateError::Limit`] for `max-table-elements`; [`Corrupt`] for a maximum below the size.
pub fn table_state(ty: &TableType, limits: &Limits) -> Result<TableState, InstantiateError> {
    within("max-table-elements", limits.max_table_elements.into(), ty.min)?;
    if !ty.is_sound() {
        return Err(Corrupt("table with a maximum below its size"));
    }
    Ok(new_table(ty, limits))
}

/// The same of a type that was checked: no more elements than the limit, which has 32 bits.
fn new_table(ty: &TableType, limits: &Limits) -> TableState {
    let max = ty.max.map_or(u32::MAX, |max| u32::try_from(max).unwrap_or(u32::MAX)).min(limits.max_table_elements);
    TableState { size: ty.min as u32, max, index64: ty.index64 }
}

/// A new memory of a type, within the limits of one.
///
/// # Errors
/// [`InstantiateError::Limit`] for `max-memory-bytes`; [`Corrupt`] for sizes that contradict each other.
pub fn memory_state(ty: &MemoryType, limits: &Limits) -> Result<MemoryState, InstantiateError> {
    within("max-memory-bytes", limits.max_memory_bytes, all_bytes(ty))?;
    if !ty.is_sound() {
        return Err(Corrupt("memory of sizes that contradict each other"));
    }
    Ok(new_memory(ty, limits))
}

/// All that 64 bits address is a byte more than they count: beyond every limit but the greatest.
fn all_bytes(ty: &MemoryType) -> u64 {
    ty.bytes().unwrap_or(u64::MAX)
}

/// [`memory_state`] of a type that was checked.
fn new_memory(ty: &MemoryType, limits: &Limits) -> MemoryState {
    let most = to_pages(limits.max_memory_bytes, ty.page_log2);
    let max_pages = ty.max.unwrap_or(u64::MAX).min(ty.most_pages()).min(most);
    MemoryState {
        bytes: position(all_bytes(ty)),
        max_pages,
        page_log2: ty.page_log2,
        index64: ty.index64,
        #[cfg(feature = "threads")]
        shared: ty.shared,
    }
}

/// A value as the slot of its type holds it: the upper bits of a narrower one are zero, whatever an image says.
pub(crate) fn canonical(ty: ValType, value: u64) -> u64 {
    if ty == ValType::I64 || ty == ValType::F64 { value } else { u64::from(value as u32) }
}

/// The records of an index space that are not imported, with their indices.
fn own<T>(all: &[T], imported: u32) -> impl Iterator<Item = (u32, &T)> {
    (imported..).zip(all.get(imported as usize..).unwrap_or_default())
}

/// Whether exactly the first `imported` of an index space are not the module's own.
fn come_first(imported: u32, flags: impl ExactSizeIterator<Item = u32>) -> bool {
    let enough = flags.len() >= imported as usize;
    enough && (0_u32..).zip(flags).all(|(index, flags)| (flags & flag::IMPORTED != 0) == (index < imported))
}

/// An instance in the making. Its methods give `None` where it cannot be made, and say why in `error`, or leave that where
/// the image contradicts itself: that way, each result fits in registers.
struct New<'s, 'i, A: ?Sized> {
    store: &'s mut A,
    image: &'s Image<'i>,
    needs: Needs,
    instance: u32,
    error: Option<InstantiateError>,
}

impl<A: Allocate + ?Sized> New<'_, '_, A> {
    #[cold]
    fn fail<T>(&mut self, error: InstantiateError) -> Option<T> {
        self.error = Some(error);
        None
    }

    #[cold]
    #[inline(never)]
    fn full(&mut self, what: OutOfStorage) {
        self.error = Some(InstantiateError::OutOfStorage(what));
    }

    #[cold]
    #[inline(never)]
    fn exceeds(&mut self, key: &'static str, limit: u64, wanted: u64) {
        self.error = Some(InstantiateError::Limit(LimitExceeded { key, limit, wanted }));
    }

    fn fits<T>(&mut self, result: Result<T, OutOfStorage>) -> Option<T> {
        result.map_err(|what| self.full(what)).ok()
    }

    fn within(&mut self, key: &'static str, limit: u64, wanted: u64) -> Option<()> {
        if wanted > limit {
            self.exceeds(key, limit, wanted);
            return None;
        }
        Some(())
    }

    fn add(&mut self, imports: &[Extern]) -> Option<()> {
        self.check_spaces()?;
        self.check_imports(imports)?;
        self.check_limits()?;
        let reserved = self.store.reserve(&self.needs);
        self.fits(reserved)?;
        let instance = self.store.add_instance(&self.needs);
        self.instance = self.fits(instance)?;
        self.link_imports(imports)?;
        self.add_funcs()?;
        self.add_tags()?;
        let base = self.store.add_globals(self.instance, self.needs.global_slots);
        let base = self.fits(base)?;
        self.define_globals(base)?;
        self.add_memories()?;
        self.add_tables()?;
        self.fill()
    }

    /// Imported things come first in each index space, and imports count up in each.
    fn check_spaces(&self) -> Option<()> {
        let (image, needs) = (self.image, &self.needs);
        if !Part::Linking.is_built() {
            // Nothing is imported but functions, whose order was checked when the image was read.
            return (image.funcs.len() >= image.imports.len()).then_some(());
        }
        let mut next = [0_u32; kind::COUNT];
        for import in image.imports {
            let next = next.get_mut(import.kind.get() as usize)?;
            if import.index.get() != *next {
                return None;
            }
            *next = next.saturating_add(1);
        }
        let right = image.funcs.len() >= needs.imported_funcs as usize
            && come_first(needs.imported_tables, image.tables.iter().map(|table| table.flags.get()))
            && come_first(needs.imported_memories, image.memories.iter().map(|memory| memory.flags.get()))
            && come_first(needs.imported_tags, image.tags().iter().map(|tag| tag.flags.get()))
            && come_first(needs.imported_globals, image.globals.iter().map(|global| global.flags.get()));
        right.then_some(())
    }

    /// The store's number for a type of the image that the next instance is for.
    fn number(&self, index: u32) -> Option<u32> {
        self.store.next_types().get(index as usize).copied()
    }

    /// A value type of that image in the store's numbers.
    fn numbered(&self, ty: ValType) -> Option<ValType> {
        match ty.type_index() {
            Some(index) if Part::References.is_built() => Some(ty.with_type_index(self.number(index)?)),
            _ => Some(ty),
        }
    }

    /// The type that an import asks for.
    fn wanted_type(&self, import: &ImportRecord) -> Option<ExternType> {
        let (image, index) = (self.image, import.index.get() as usize);
        Some(match import.kind.get() {
            kind::FUNC => ExternType::Func(self.number(image.funcs.get(index)?.ty())?),
            // Refused when the image was read.
            _ if !Part::Linking.is_built() => return None,
            kind::TABLE => {
                let ty = TableType::from(image.tables.get(index)?);
                ExternType::Table(TableType { element: self.numbered(ty.element)?, ..ty })
            }
            kind::MEMORY => ExternType::Memory(image.memories.get(index)?.into()),
            kind::GLOBAL => {
                let ty = GlobalType::from(image.globals.get(index)?);
                ExternType::Global(GlobalType { ty: self.numbered(ty.ty)?, ..ty })
            }
            kind::TAG => ExternType::Tag(self.number(image.tags().get(index)?.ty.get())?),
            _ => return None,
        })
    }

    fn check_imports(&mut self, imports: &[Extern]) -> Option<()> {
        let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        let (expected, found) = (count(self.image.imports.len()), count(imports.len()));
        if expected != found {
            return self.fail(InstantiateError::ImportCount { expected, found });
        }
        for (import, (record, thing)) in (0..).zip(self.image.imports.iter().zip(imports)) {
            let expected = self.wanted_type(record)?;
            let found = extern_type(self.store, *thing);
            if !found.is_some_and(|found| found.matches(&expected, self.store.types())) {
                return self.fail(InstantiateError::IncompatibleImport { import, expected, found });
            }
        }
        Some(())
    }

    /// Limits, and what the store has room for.
    // @need-ids: REQ_LIMITS_001, REQ_RESOURCE_001, REQ_RESOURCE_003
    fn check_limits(&mut self) -> Option<()> {
        let (image, limits) = (self.image, self.store.limits());
        let (used, room, needs) = (self.store.usage(), self.store.room(), &self.needs);
        let most = [
            limits.max_instances,
            limits.max_functions,
            limits.max_tables,
            limits.max_memories,
            limits.max_globals,
            limits.max_tags,
        ];
        let (elements, bytes, total) =
            (limits.max_table_elements, limits.max_memory_bytes, limits.max_total_memory_bytes);
        let more = [
            1,
            needs.funcs.wrapping_sub(needs.imported_funcs),
            needs.tables.wrapping_sub(needs.imported_tables),
            needs.memories.wrapping_sub(needs.imported_memories),
            needs.global_slots,
            needs.tags.wrapping_sub(needs.imported_tags),
        ];
        let (tables, memories) = (needs.imported_tables, needs.imported_memories);
        let counted = if Part::Exceptions.is_built() { COUNTED.len() } else { COUNTED.len() - 1 };
        let counts = most.iter().zip(used.counts()).zip(more.iter().zip(room.counts()));
        for ((key, what), ((limit, used), (more, room))) in COUNTED.iter().zip(counts).take(counted) {
            let wanted = u64::from(used).saturating_add((*more).into());
            self.within(key, (*limit).into(), wanted)?;
            if wanted > room.into() {
                self.full(*what);
                return None;
            }
        }
        for (at, table) in own(image.tables, tables) {
            let ty = TableType::from(table);
            self.within("max-table-elements", elements.into(), ty.min)?;
            if ty.min > self.store.table_room(at.wrapping_sub(tables)) {
                self.full(OutOfStorage::Elements);
                return None;
            }
            ty.is_sound().then_some(())?;
        }
        let mut sum = used.memory_bytes;
        for (at, memory) in own(image.memories, memories) {
            let ty = MemoryType::from(memory);
            let wanted = all_bytes(&ty);
            self.within("max-memory-bytes", bytes, wanted)?;
            if wanted > self.store.memory_room(at.wrapping_sub(memories)) {
                self.full(OutOfStorage::Bytes);
                return None;
            }
            ty.is_sound().then_some(())?;
            sum = sum.saturating_add(wanted);
        }
        self.within("max-total-memory-bytes", total, sum)
    }

    fn link(&mut self, space: Space, index: u32, addr: u32) -> Option<()> {
        self.store.link(self.instance, space, index, addr)
    }

    fn link_imports(&mut self, imports: &[Extern]) -> Option<()> {
        for (record, thing) in self.image.imports.iter().zip(imports) {
            let (space, addr) = match *thing {
                Extern::Func(addr) => (Space::Func, addr),
                // Refused before.
                _ if !Part::Linking.is_built() => return None,
                Extern::Table(addr) => (Space::Table, addr),
                Extern::Memory(addr) => (Space::Memory, addr),
                Extern::Global(slot) => (Space::ImportedGlobal, slot),
                Extern::Tag(addr) => (Space::Tag, addr),
            };
            self.link(space, record.index.get(), addr)?;
        }
        Some(())
    }

    fn add_funcs(&mut self) -> Option<()> {
        let instance = self.instance;
        for (index, func) in own(self.image.funcs, self.needs.imported_funcs) {
            let ty = self.store.type_id(instance, func.ty())?;
            let addr = self.store.add_func(FuncInst { ty, instance, index });
            let addr = self.fits(addr)?;
            self.link(Space::Func, index, addr)?;
        }
        Some(())
    }

    fn add_tags(&mut self) -> Option<()> {
        for (index, tag) in own(self.image.tags(), self.needs.imported_tags) {
            let addr = self.store.add_tag(self.number(tag.ty.get())?);
            let addr = self.fits(addr)?;
            self.link(Space::Tag, index, addr)?;
        }
        Some(())
    }

    /// Gives the instance's own globals, whose slots begin at `base`, their first values.
    fn define_globals(&mut self, base: u32) -> Option<()> {
        let mut next = 0_u32;
        for (_, global) in own(self.image.globals, self.needs.imported_globals) {
            let (ty, slot) = (global.ty, global.slot.get());
            if slot != next {
                return None;
            }
            next = next.saturating_add(ty.slots());
            let [low, high] = if global.flags.get() & flag::EXPRESSION == 0 {
                [global.init.get(), 0]
            } else {
                self.evaluate_slots(global.init.into(), ty.slots())?
            };
            let value = if ty.slots() == 1 { [canonical(ty, low), 0] } else { [low, high] };
            let ty = GlobalType { ty: self.numbered(ty)?, ..global.into() };
            self.store.define_global(base.checked_add(slot)?, ty, value)?;
        }
        Some(())
    }

    fn add_memories(&mut self) -> Option<()> {
        for (index, record) in own(self.image.memories, self.needs.imported_memories) {
            let ty = MemoryType::from(record);
            let state = new_memory(&ty, self.store.limits());
            let addr = self.store.add_memory(ty, state);
            let addr = self.fits(addr)?;
            self.link(Space::Memory, index, addr)?;
        }
        Some(())
    }

    fn add_tables(&mut self) -> Option<()> {
        for (index, record) in own(self.image.tables, self.needs.imported_tables) {
            let (ty, state, value) = self.table(record)?;
            let addr = self.store.add_table(ty, state, value);
            let addr = self.fits(addr)?;
            self.link(Space::Table, index, addr)?;
        }
        Some(())
    }

    /// A table's type and state when it is new, and what each element is then.
    fn table(&mut self, record: &TableRecord) -> Option<(TableType, TableState, Ref)> {
        let ty = TableType::from(record);
        let ty = TableType { element: self.numbered(ty.element)?, ..ty };
        let state = new_table(&ty, self.store.limits());
        let init = Part::References.is_built() && record.init.length.get() != 0;
        let value = if init { self.evaluate(record.init)? as Ref } else { NULL };
        Some((ty, state, value))
    }

    /// Makes the references of the element segments, and copies the active segments.
    fn fill(&mut self) -> Option<()> {
        if Part::References.is_built() {
            self.make_references()?;
            self.copy_elements()?;
        } else {
            self.copy_functions()?;
        }
        self.copy_data()
    }

    /// Evaluates the items of all element segments.
    fn make_references(&mut self) -> Option<()> {
        for (segment, record) in own(self.image.elements, 0) {
            for at in 0..record.length.get() {
                let value = self.item(record, at)?;
                self.store.set_reference(self.instance, segment, at, value)?;
            }
        }
        Some(())
    }

    fn item(&mut self, record: &ElementRecord, at: u32) -> Option<Ref> {
        let item = self.image.items(record)?.nth(at as usize)?;
        match items::expression(item) {
            Some(range) => Some(self.evaluate(range)? as Ref),
            None => self.ref_func(items::func(item)?),
        }
    }

    fn ref_func(&self, index: u32) -> Option<Ref> {
        self.store.func_addr(self.instance, index)?.checked_add(1)
    }

    #[cold]
    fn outside(&mut self, trap: Trap, detail: Detail) -> Option<()> {
        self.fail(InstantiateError::Trap(TrapInfo { trap, detail }))
    }

    /// Active segments in order, each with `table.init` and `elem.drop`; declared ones are only dropped.
    fn copy_elements(&mut self) -> Option<()> {
        for (segment, record) in own(self.image.elements, 0) {
            if record.mode.get() == mode::PASSIVE {
                continue;
            }
            if mode::is_active(record.mode.get()) {
                let offset = self.offset(record.mode, record.offset)?;
                let both = self.store.table_and_elements(self.instance, record.table.get(), segment);
                let (mut table, elements) = both?;
                let (length, size) = (elements.len() as u64, u64::from(table.size()));
                if let Err(trap) = table.init(offset, elements, 0, length) {
                    return self.outside(trap, Detail::Table { index: offset, length, size });
                }
            }
            self.store.drop_elements(self.instance, segment);
        }
        Some(())
    }

    /// Where all segments are active and name functions, they are copied without being kept.
    fn copy_functions(&mut self) -> Option<()> {
        let image = self.image;
        for record in image.elements {
            let offset = self.offset(record.mode, record.offset)?;
            let items = image.items(record)?;
            let view = self.store.instance(self.instance)?;
            let (length, size) = (items.len(), view.table.len());
            let target = view.table.get_mut(position(offset)..).and_then(|table| table.get_mut(..length));
            let Some(target) = target else {
                let detail = Detail::Table { index: offset, length: length as u64, size: size as u64 };
                return self.outside(Trap::TableOutOfBounds, detail);
            };
            for (to, func) in target.iter_mut().zip(items) {
                *to = view.func_addrs.get(items::func(func)? as usize)?.checked_add(1)?;
            }
        }
        Some(())
    }

    /// Active segments in order, each with `memory.init` and `data.drop`.
    fn copy_data(&mut self) -> Option<()> {
        let image = self.image;
        for (segment, record) in own(image.data, 0) {
            if !mode::is_active(record.mode.get()) {
                continue;
            }
            let address = self.offset(record.mode, record.offset)?;
            let bytes = image.bytes(record.bytes);
            let memory = self.store.memory(self.instance, record.memory.get())?.into_data();
            let (length, size) = (bytes.len(), memory.len());
            let target = memory.get_mut(position(address)..).and_then(|memory| memory.get_mut(..length));
            let Some(target) = target else {
                let detail = Detail::Memory { address, length: length as u64, size: size as u64 };
                return self.outside(Trap::MemoryOutOfBounds, detail);
            };
            target.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            if Part::Bulk.is_built() {
                self.store.drop_data(self.instance, segment);
            }
        }
        Some(())
    }

    /// Where an active segment is copied to.
    fn offset(&mut self, mode: Byte, offset: U64) -> Option<u64> {
        if mode.get() == mode::COMPUTED { self.evaluate(offset.into()) } else { Some(offset.get()) }
    }

    /// The value of a constant expression (core 4.4.13, "expressions") that takes one slot.
    fn evaluate(&mut self, range: ConstRange) -> Option<u64> {
        self.evaluate_slots(range, 1).map(|[value, _]| value)
    }

    /// The slots that a constant expression leaves: one or two.
    // @need-ids: REQ_TABLE_001
    fn evaluate_slots(&mut self, range: ConstRange, slots: u32) -> Option<[u64; 2]> {
        if !EXPRESSIONS {
            return None;
        }
        let mut stack = Operands::default();
        for operator in self.image.expression(range)? {
            let immediate = operator.immediate.get();
            let constant = Constant::of(operator.opcode.get()).ok()?;
            let value = match constant {
                Constant::Narrow => u64::from(immediate as u32),
                Constant::Wide => immediate,
                Constant::Null => NULL.into(),
                Constant::Func => self.ref_func(immediate as u32)?.into(),
                Constant::Struct => self.object(&mut stack, immediate, 0)?.into(),
                Constant::Array => {
                    let length = stack.pop(self.store)?;
                    self.object(&mut stack, immediate, length as u32)?.into()
                }
                Constant::StructOf => self.object_of(&mut stack, immediate as u32, None)?.into(),
                Constant::ArrayOf => self.array_of(&mut stack, immediate as u32)?.into(),
                Constant::ArrayFixed => {
                    self.object_of(&mut stack, immediate as u32, Some((immediate >> 32) as u32))?.into()
                }
                Constant::I31 => i31_new(stack.pop(self.store)? as u32).into(),
                Constant::Global if self.is_vector(immediate as u32) => {
                    let low = self.global(immediate as u32, 0)?;
                    let pushed = stack.push(self.store, low);
                    self.fits(pushed)?;
                    self.global(immediate as u32, 1)?
                }
                Constant::Global => self.global(immediate as u32, 0)?,
                _ => {
                    let (y, x) = (stack.pop(self.store)?, stack.pop(self.store)?);
                    constant.apply(x, y)?
                }
            };
            let pushed = stack.push(self.store, value);
            self.fits(pushed)?;
        }
        match *stack.as_slice() {
            [value] if slots == 1 => Some([value, 0]),
            [low, high] if slots == 2 => Some([low, high]),
            _ => None,
        }
    }

    fn is_vector(&self, global: u32) -> bool {
        let vector = |global: usize| self.image.globals.get(global).is_some_and(|global| global.ty == ValType::V128);
        Part::Simd.is_built() && vector(global as usize)
    }

    /// Slot `slot` of the global with this index.
    fn global(&self, index: u32, slot: u32) -> Option<u64> {
        let first = global_slot(self.store, self.image, self.instance, index)?;
        self.store.global(first.checked_add(slot)?)
    }
}

impl<A: Restart + ?Sized> New<'_, '_, A> {
    fn again(&mut self) -> Option<()> {
        let base = self.store.global_base(self.instance)?;
        self.store.restore_segments(self.instance)?;
        self.define_globals(base)?;
        for (index, record) in own(self.image.memories, self.needs.imported_memories) {
            let state = new_memory(&record.into(), self.store.limits());
            let addr = self.store.linked(self.instance, Space::Memory, index)?;
            self.store.reset_memory(addr, state)?;
        }
        for (index, record) in own(self.image.tables, self.needs.imported_tables) {
            let (_, state, value) = self.table(record)?;
            let addr = self.store.linked(self.instance, Space::Table, index)?;
            self.store.reset_table(addr, state, value)?;
        }
        self.fill()
    }
}
