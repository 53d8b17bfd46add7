//! Instantiation: from an image and what it imports to an instance of a store (core 4.5.4).
//!
//! [`instantiate`] owns the order and the rules; the store ([`Allocate`]) owns the room. Everything that can be refused
//! is refused before anything is added: imports that do not match, sizes beyond [`Limits`], storage that is too small.
//! What can still fail after that is a constant expression of a corrupt image or one that makes more objects than there is room
//! for, and an active segment that lies outside of its table or memory, which traps as the specification says.
//!
//! The start function is not run: it may pause, so it is the embedder's to call ([`Image::start`]).

use core::error::Error;
use core::fmt;

use crate::execute::{Detail, TrapInfo};
use crate::heap;
use crate::image::Image;
use crate::image::format::{ConstRange, ElementRecord, GlobalRecord, TableRecord, ValType, flag, kind, mode};
use crate::memory::MemoryState;
use crate::storage::{FuncInst, Storage};
use crate::table::{NULL, Ref, TableState};
pub use crate::types::{Extern, ExternType, GlobalType, MemoryType, TableType};
use wrt_instructions::Trap;
use wrt_instructions::memory_ops::{in_bounds, position};
use wrt_instructions::operator::{BinaryOp, StructuralOp};
use wrt_safety::{LimitExceeded, Limits};

use InstantiateError::Corrupt;

/// How many values a constant expression may have on its stack at once. Front ends refuse modules that need more.
pub const CONST_DEPTH: usize = 32;

/// The store has no room for something; the text says for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfStorage(pub &'static str);

impl fmt::Display for OutOfStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store has no room for more {}", self.0)
    }
}

impl Error for OutOfStorage {}

/// Why there is no instance.
// @need-ids: REQ_ERROR_003, REQ_LIMITS_001
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstantiateError {
    /// Another number of imports was given than the image has.
    ImportCount {
        /// How many it has.
        expected: u32,
        /// How many were given.
        found: u32,
    },
    /// Something of another type was given for an import.
    IncompatibleImport {
        /// Index of the import in [`Image::imports`].
        import: u32,
        /// The type it has.
        expected: ExternType,
        /// The type of what was given; `None` where the store has no such thing.
        found: Option<ExternType>,
    },
    /// A limit of the store.
    Limit(LimitExceeded),
    /// An active segment lies outside of its table or memory. Segments before it were copied.
    Trap(TrapInfo),
    /// The store's memory is full.
    OutOfStorage(OutOfStorage),
    /// The image contradicts itself; the text says in what.
    Corrupt(&'static str),
}

impl From<LimitExceeded> for InstantiateError {
    fn from(error: LimitExceeded) -> Self {
        Self::Limit(error)
    }
}

impl From<OutOfStorage> for InstantiateError {
    fn from(error: OutOfStorage) -> Self {
        Self::OutOfStorage(error)
    }
}

impl fmt::Display for InstantiateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ImportCount { expected, found } => write!(f, "{found} imports given, expected {expected}"),
            Self::IncompatibleImport { import, expected, found: Some(found) } => {
                write!(f, "import {import} has an incompatible type: expected {expected}, found {found}")
            }
            Self::IncompatibleImport { import, expected, found: None } => {
                write!(f, "import {import} is not of this store: expected {expected}")
            }
            Self::Limit(error) => error.fmt(f),
            Self::Trap(info) => info.trap.fmt(f),
            Self::OutOfStorage(error) => error.fmt(f),
            Self::Corrupt(what) => write!(f, "corrupt image: {what}"),
        }
    }
}

impl Error for InstantiateError {}

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
        let imported = |what: u32| image.imports.iter().filter(|import| import.kind.get() == what).count();
        let own = image.globals.iter().filter(|global| global.flags.get() & flag::IMPORTED == 0);
        let slots: u64 = own.map(|global| u64::from(global.ty.slots())).sum();
        let references: u64 = image.elements.iter().map(|segment| u64::from(segment.length.get())).sum();
        Some(Self {
            funcs: count(image.funcs.len())?,
            imported_funcs: count(imported(kind::FUNC))?,
            tables: count(image.tables.len())?,
            imported_tables: count(imported(kind::TABLE))?,
            memories: count(image.memories.len())?,
            imported_memories: count(imported(kind::MEMORY))?,
            imported_globals: count(imported(kind::GLOBAL))?,
            global_slots: u32::try_from(slots).ok()?,
            tags: count(image.tags.len())?,
            imported_tags: count(imported(kind::TAG))?,
            elements: count(image.elements.len())?,
            references: u32::try_from(references).ok()?,
            data: count(image.data.len())?,
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

    /// Makes sure that an instance of `image` fits, so that nothing is left half done. Nothing is added yet.
    ///
    /// # Errors
    /// [`OutOfStorage`] says for what there is no room.
    fn reserve(&mut self, image: &Image<'_>, needs: &Needs) -> Result<(), OutOfStorage>;
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
    /// Adds an object ([`heap`](crate::heap)) of this header and `words` words, that one included; the others are zero. Returns
    /// the reference to it.
    ///
    /// # Errors
    /// [`OutOfStorage`], with nothing added.
    fn add_object(&mut self, header: u64, words: u64) -> Result<Ref, OutOfStorage>;
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
pub fn extern_type(store: &dyn Allocate, thing: Extern) -> Option<ExternType> {
    Some(match thing {
        Extern::Func(addr) => ExternType::Func(store.func(addr)?.ty),
        Extern::Table(addr) => ExternType::Table(store.table_type(addr)?),
        Extern::Memory(addr) => ExternType::Memory(store.memory_type(addr)?),
        Extern::Global(slot) => ExternType::Global(store.global_type(slot)?),
        Extern::Tag(addr) => ExternType::Tag(store.tag_type(addr)?),
    })
}

/// What an instance of `image` has at `index` of the index space `what` (one of [`kind`]).
pub fn resolve(store: &dyn Allocate, image: &Image<'_>, instance: u32, what: u32, index: u32) -> Option<Extern> {
    let linked = |space| store.linked(instance, space, index);
    match what {
        kind::FUNC => linked(Space::Func).map(Extern::Func),
        kind::TABLE => linked(Space::Table).map(Extern::Table),
        kind::MEMORY => linked(Space::Memory).map(Extern::Memory),
        kind::GLOBAL => global_slot(store, image, instance, index).map(Extern::Global),
        kind::TAG => linked(Space::Tag).map(Extern::Tag),
        _ => None,
    }
}

/// What an instance of `image` exports under `name`.
pub fn export(store: &dyn Allocate, image: &Image<'_>, instance: u32, name: &str) -> Option<Extern> {
    let export = image.exports.iter().find(|export| image.bytes(export.name) == name.as_bytes())?;
    resolve(store, image, instance, export.kind.get(), export.index.get())
}

/// The first slot of global `index`.
fn global_slot(store: &dyn Allocate, image: &Image<'_>, instance: u32, index: u32) -> Option<u32> {
    let global = image.globals.get(index as usize)?;
    let slot = global.slot.get();
    if global.flags.get() & flag::IMPORTED != 0 {
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
pub fn instantiate(store: &mut dyn Allocate, image: &Image<'_>, imports: &[Extern]) -> Result<u32, InstantiateError> {
    let needs = Needs::of(image).ok_or(Corrupt("more records than 32 bits count"))?;
    check_spaces(image, &needs)?;
    check_imports(store, image, imports)?;
    check_limits(store, image, &needs)?;
    store.reserve(image, &needs)?;
    let instance = store.add_instance(&needs)?;
    let mut new = New { store, image, needs, instance };
    new.link_imports(imports)?;
    new.add_funcs()?;
    new.add_tags()?;
    new.add_globals()?;
    new.add_memories()?;
    new.add_tables()?;
    new.fill()?;
    Ok(instance)
}

/// Makes `instance`, which was made of `image`, what it was when it was new: its own globals, memories, tables and segments.
/// What it imports stays as it is, and all addresses stay what they were. The start function is not run.
///
/// # Errors
/// As [`instantiate`], for what the image itself says.
// @need-ids: REQ_RESTART_001
pub fn restart(store: &mut dyn Restart, image: &Image<'_>, instance: u32) -> Result<(), InstantiateError> {
    let needs = Needs::of(image).ok_or(Corrupt("more records than 32 bits count"))?;
    let missing = Corrupt("instance without what its image has");
    let base = store.global_base(instance).ok_or(missing)?;
    store.restore_segments(instance).ok_or(missing)?;
    New { store, image, needs, instance }.define_globals(base)?;
    for (index, record) in (0..needs.memories).zip(image.memories).skip(needs.imported_memories as usize) {
        let state = memory_state(&record.into(), store.limits())?;
        let addr = store.linked(instance, Space::Memory, index).ok_or(missing)?;
        store.reset_memory(addr, state).ok_or(missing)?;
    }
    for (index, record) in (0..needs.tables).zip(image.tables).skip(needs.imported_tables as usize) {
        let (_, state, value) = New { store, image, needs, instance }.table(record)?;
        let addr = store.linked(instance, Space::Table, index).ok_or(missing)?;
        store.reset_table(addr, state, value).ok_or(missing)?;
    }
    New { store, image, needs, instance }.fill()
}

/// Imported things come first in each index space, and imports count up in each.
fn check_spaces(image: &Image<'_>, needs: &Needs) -> Result<(), InstantiateError> {
    let mut next = [0_u32; kind::COUNT];
    for import in image.imports {
        let next = next.get_mut(import.kind.get() as usize).ok_or(Corrupt("import of an unknown kind"))?;
        if import.index.get() != *next {
            return Err(Corrupt("imports out of order"));
        }
        *next = next.saturating_add(1);
    }
    let own = |flags: u32| flags & flag::IMPORTED == 0;
    let right = image.funcs.len() >= needs.imported_funcs as usize
        && come_first(needs.imported_tables, image.tables.iter().map(|table| own(table.flags.get())))
        && come_first(needs.imported_memories, image.memories.iter().map(|memory| own(memory.flags.get())))
        && come_first(needs.imported_tags, image.tags.iter().map(|tag| own(tag.flags.get())))
        && come_first(needs.imported_globals, image.globals.iter().map(|global| own(global.flags.get())));
    if right { Ok(()) } else { Err(Corrupt("imported things do not come first")) }
}

/// Whether exactly the first `imported` of an index space are not the module's own.
fn come_first(imported: u32, own: impl Iterator<Item = bool>) -> bool {
    let mut others = 0_u32;
    for (index, own) in (0_u32..).zip(own) {
        if own != (index >= imported) {
            return false;
        }
        others = others.saturating_add(u32::from(!own));
    }
    others == imported
}

/// The store's number for a type of the image that the next instance is for.
fn number(store: &dyn Allocate, index: u32) -> Result<u32, InstantiateError> {
    store.next_types().get(index as usize).copied().ok_or(Corrupt("no such type"))
}

/// A value type of that image in the store's numbers.
fn numbered(store: &dyn Allocate, ty: ValType) -> Result<ValType, InstantiateError> {
    match ty.type_index() {
        Some(index) => Ok(ty.with_type_index(number(store, index)?)),
        None => Ok(ty),
    }
}

/// The type that an import asks for.
fn wanted_type(store: &dyn Allocate, image: &Image<'_>, what: u32, index: u32) -> Result<ExternType, InstantiateError> {
    let missing = Corrupt("import without a record");
    let index = index as usize;
    Ok(match what {
        kind::FUNC => {
            let ty = image.funcs.get(index).ok_or(missing)?.ty.get();
            ExternType::Func(number(store, ty)?)
        }
        kind::TABLE => {
            let ty = TableType::from(image.tables.get(index).ok_or(missing)?);
            ExternType::Table(TableType { element: numbered(store, ty.element)?, ..ty })
        }
        kind::MEMORY => ExternType::Memory(image.memories.get(index).ok_or(missing)?.into()),
        kind::GLOBAL => {
            let ty = GlobalType::from(image.globals.get(index).ok_or(missing)?);
            ExternType::Global(GlobalType { ty: numbered(store, ty.ty)?, ..ty })
        }
        kind::TAG => ExternType::Tag(number(store, image.tags.get(index).ok_or(missing)?.ty.get())?),
        _ => return Err(missing),
    })
}

fn check_imports(store: &dyn Allocate, image: &Image<'_>, imports: &[Extern]) -> Result<(), InstantiateError> {
    let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    if imports.len() != image.imports.len() {
        return Err(InstantiateError::ImportCount {
            expected: count(image.imports.len()),
            found: count(imports.len()),
        });
    }
    for (import, (record, thing)) in image.imports.iter().zip(imports).enumerate() {
        let expected = wanted_type(store, image, record.kind.get(), record.index.get())?;
        let found = extern_type(store, *thing);
        if !found.is_some_and(|found| found.matches(&expected, store.types())) {
            return Err(InstantiateError::IncompatibleImport { import: count(import), expected, found });
        }
    }
    Ok(())
}

fn within(key: &'static str, limit: u64, wanted: u64) -> Result<(), LimitExceeded> {
    if wanted > limit { Err(LimitExceeded { key, limit, wanted }) } else { Ok(()) }
}

// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_001, REQ_RESOURCE_003
fn check_limits(store: &dyn Allocate, image: &Image<'_>, needs: &Needs) -> Result<(), InstantiateError> {
    let (limits, used) = (store.limits(), store.usage());
    let more =
        |used: u32, all: u32, imported: u32| u64::from(used).saturating_add(u64::from(all.saturating_sub(imported)));
    within("max-instances", limits.max_instances.into(), more(used.instances, 1, 0))?;
    within("max-functions", limits.max_functions.into(), more(used.funcs, needs.funcs, needs.imported_funcs))?;
    within("max-tables", limits.max_tables.into(), more(used.tables, needs.tables, needs.imported_tables))?;
    within("max-memories", limits.max_memories.into(), more(used.memories, needs.memories, needs.imported_memories))?;
    within("max-globals", limits.max_globals.into(), more(used.globals, needs.global_slots, 0))?;
    within("max-tags", limits.max_tags.into(), more(used.tags, needs.tags, needs.imported_tags))?;
    for table in image.tables.iter().skip(needs.imported_tables as usize) {
        table_state(&table.into(), limits)?;
    }
    let mut bytes = used.memory_bytes;
    for memory in image.memories.iter().skip(needs.imported_memories as usize) {
        bytes = bytes.saturating_add(memory_state(&memory.into(), limits)?.bytes);
    }
    within("max-total-memory-bytes", limits.max_total_memory_bytes, bytes)?;
    Ok(())
}

/// A new table of a type, within the limits of one.
///
/// # Errors
/// [`InstantiateError::Limit`] for `max-table-elements`; [`Corrupt`] for a maximum below the size.
pub fn table_state(ty: &TableType, limits: &Limits) -> Result<TableState, InstantiateError> {
    within("max-table-elements", limits.max_table_elements.into(), ty.min)?;
    let max = ty.max.unwrap_or(u64::MAX);
    if ty.min > max {
        return Err(Corrupt("table with a maximum below its size"));
    }
    let max = u32::try_from(max).unwrap_or(u32::MAX).min(limits.max_table_elements);
    let size = u32::try_from(ty.min).map_err(|_| Corrupt("table of more elements than 32 bits count"))?;
    Ok(TableState { size, max, index64: ty.index64 })
}

/// A new memory of a type, within the limits of one.
///
/// # Errors
/// [`InstantiateError::Limit`] for `max-memory-bytes`; [`Corrupt`] for sizes that contradict each other.
pub fn memory_state(ty: &MemoryType, limits: &Limits) -> Result<MemoryState, InstantiateError> {
    // Pages of 64 KiB, and of custom sizes below it (custom-page-sizes proposal).
    if ty.page_log2 > 16 {
        return Err(Corrupt("page size"));
    }
    // All that 64 bits address is a byte more than they count: beyond every limit but the greatest.
    let bytes = ty.bytes().unwrap_or(u64::MAX);
    within("max-memory-bytes", limits.max_memory_bytes, bytes)?;
    if !ty.is_sound() {
        return Err(Corrupt("memory of sizes that contradict each other"));
    }
    let most = limits.max_memory_bytes.wrapping_shr(ty.page_log2.into());
    let max_pages = ty.max.unwrap_or(u64::MAX).min(ty.most_pages()).min(most);
    let (page_log2, index64) = (ty.page_log2, ty.index64);
    Ok(MemoryState { bytes, max_pages, page_log2, index64, name: heapless::String::new() })
}

/// Operators without operands that are constant (core 3.4.14, "constant expressions").
const CONST_LEAVES: [StructuralOp; 9] = [
    StructuralOp::I32Const,
    StructuralOp::I64Const,
    StructuralOp::F32Const,
    StructuralOp::F64Const,
    // One for each half of the value, the low one first.
    StructuralOp::V128Const,
    StructuralOp::GlobalGet,
    StructuralOp::RefNull,
    StructuralOp::RefFunc,
    StructuralOp::StructNewDefault,
];

/// Whether this is the opcode of `array.new_default`, the constant operator on one value.
pub(crate) fn is_const_array(opcode: u32) -> bool {
    opcode == StructuralOp::ArrayNewDefault.info().opcode
}

/// The operator without operands that has this opcode, where it is constant.
pub(crate) fn const_leaf(opcode: u32) -> Option<StructuralOp> {
    CONST_LEAVES.into_iter().find(|operator| operator.info().opcode == opcode)
}

/// Operators on two values that are constant.
const CONST_BINARY: [BinaryOp; 6] =
    [BinaryOp::I32Add, BinaryOp::I32Sub, BinaryOp::I32Mul, BinaryOp::I64Add, BinaryOp::I64Sub, BinaryOp::I64Mul];

/// The operator on two values with this opcode, where it is constant.
pub(crate) fn const_binary(opcode: u32) -> Option<BinaryOp> {
    CONST_BINARY.into_iter().find(|operator| operator.info().opcode == opcode)
}

/// A value as the slot of its type holds it: the upper bits of a narrower one are zero, whatever an image says.
fn canonical(ty: ValType, value: u64) -> u64 {
    if ty == ValType::I64 || ty == ValType::F64 { value } else { u64::from(value as u32) }
}

/// An instance in the making.
struct New<'s, 'i> {
    store: &'s mut dyn Allocate,
    image: &'s Image<'i>,
    needs: Needs,
    instance: u32,
}

impl New<'_, '_> {
    fn link(&mut self, space: Space, index: u32, addr: u32) -> Result<(), InstantiateError> {
        self.store.link(self.instance, space, index, addr).ok_or(Corrupt("index outside of its space"))
    }

    fn link_imports(&mut self, imports: &[Extern]) -> Result<(), InstantiateError> {
        for (record, thing) in self.image.imports.iter().zip(imports) {
            let (space, addr) = match *thing {
                Extern::Func(addr) => (Space::Func, addr),
                Extern::Table(addr) => (Space::Table, addr),
                Extern::Memory(addr) => (Space::Memory, addr),
                Extern::Global(slot) => (Space::ImportedGlobal, slot),
                Extern::Tag(addr) => (Space::Tag, addr),
            };
            self.link(space, record.index.get(), addr)?;
        }
        Ok(())
    }

    fn add_funcs(&mut self) -> Result<(), InstantiateError> {
        let instance = self.instance;
        for (index, func) in (0..self.needs.funcs).zip(self.image.funcs).skip(self.needs.imported_funcs as usize) {
            let ty = self.store.type_id(instance, func.ty.get()).ok_or(Corrupt("function without a type"))?;
            let addr = self.store.add_func(FuncInst { ty, instance, index })?;
            self.link(Space::Func, index, addr)?;
        }
        Ok(())
    }

    fn add_tags(&mut self) -> Result<(), InstantiateError> {
        for (index, tag) in (0..self.needs.tags).zip(self.image.tags).skip(self.needs.imported_tags as usize) {
            let addr = self.store.add_tag(number(self.store, tag.ty.get())?)?;
            self.link(Space::Tag, index, addr)?;
        }
        Ok(())
    }

    fn add_globals(&mut self) -> Result<(), InstantiateError> {
        let base = self.store.add_globals(self.instance, self.needs.global_slots)?;
        self.define_globals(base)
    }

    /// Gives the instance's own globals, whose slots begin at `base`, their first values.
    fn define_globals(&mut self, base: u32) -> Result<(), InstantiateError> {
        let mut next = 0_u32;
        for global in self.image.globals.iter().skip(self.needs.imported_globals as usize) {
            let GlobalRecord { ty, slot, init, .. } = global;
            if slot.get() != next {
                return Err(Corrupt("global out of its slot"));
            }
            next = next.saturating_add(ty.slots());
            let value = match self.evaluate_slots(*init)?.as_slice() {
                [low, high] if *ty == ValType::V128 => [*low, *high],
                [value] if *ty != ValType::V128 => [canonical(*ty, *value), 0],
                _ => return Err(Corrupt("constant expression without one result")),
            };
            let at = base.checked_add(slot.get()).ok_or(Corrupt("global out of its slot"))?;
            let ty = GlobalType { ty: numbered(self.store, *ty)?, ..global.into() };
            self.store.define_global(at, ty, value).ok_or(Corrupt("global out of its slot"))?;
        }
        Ok(())
    }

    fn add_memories(&mut self) -> Result<(), InstantiateError> {
        let all = (0..self.needs.memories).zip(self.image.memories);
        for (index, record) in all.skip(self.needs.imported_memories as usize) {
            let state = memory_state(&record.into(), self.store.limits())?;
            let addr = self.store.add_memory(record.into(), state)?;
            self.link(Space::Memory, index, addr)?;
        }
        Ok(())
    }

    fn add_tables(&mut self) -> Result<(), InstantiateError> {
        for (index, record) in (0..self.needs.tables).zip(self.image.tables).skip(self.needs.imported_tables as usize) {
            let (ty, state, value) = self.table(record)?;
            let addr = self.store.add_table(ty, state, value)?;
            self.link(Space::Table, index, addr)?;
        }
        Ok(())
    }

    /// A table's type and state when it is new, and what each element is then.
    fn table(&mut self, record: &TableRecord) -> Result<(TableType, TableState, Ref), InstantiateError> {
        let ty = TableType::from(record);
        let ty = TableType { element: numbered(self.store, ty.element)?, ..ty };
        let state = table_state(&ty, self.store.limits())?;
        let value = if record.init.length.get() == 0 { NULL } else { self.evaluate(record.init)? as Ref };
        Ok((ty, state, value))
    }

    /// Makes the references of the element segments, and copies the active segments.
    fn fill(&mut self) -> Result<(), InstantiateError> {
        self.make_references()?;
        self.copy_elements()?;
        self.copy_data()
    }

    /// Evaluates the items of all element segments.
    fn make_references(&mut self) -> Result<(), InstantiateError> {
        for (segment, record) in (0..self.needs.elements).zip(self.image.elements) {
            for at in 0..record.length.get() {
                let value = self.item(record, at)?;
                let set = self.store.set_reference(self.instance, segment, at, value);
                set.ok_or(Corrupt("element segment without room"))?;
            }
        }
        Ok(())
    }

    fn item(&mut self, record: &ElementRecord, at: u32) -> Result<Ref, InstantiateError> {
        let missing = Corrupt("element outside of the items");
        let words = if record.expressions.get() == 0 { 1 } else { 2 };
        let first = u64::from(record.start.get()).saturating_add(u64::from(at).saturating_mul(words));
        let items = usize::try_from(first).ok().and_then(|first| self.image.items.get(first..)).ok_or(missing)?;
        match items {
            [func, ..] if words == 1 => self.ref_func(func.get()),
            [start, length, ..] if words == 2 => {
                Ok(self.evaluate(ConstRange { start: *start, length: *length })? as Ref)
            }
            _ => Err(missing),
        }
    }

    fn ref_func(&self, index: u32) -> Result<Ref, InstantiateError> {
        let addr = self.store.func_addr(self.instance, index);
        addr.and_then(|addr| addr.checked_add(1)).ok_or(Corrupt("reference to no function"))
    }

    /// Active segments in order, each with `table.init` and `elem.drop`; declared ones are only dropped.
    fn copy_elements(&mut self) -> Result<(), InstantiateError> {
        for (segment, record) in (0..self.needs.elements).zip(self.image.elements) {
            if record.mode.get() == mode::PASSIVE {
                continue;
            }
            if record.mode.get() == mode::ACTIVE {
                let offset = self.evaluate(record.offset)?;
                let both = self.store.table_and_elements(self.instance, record.table.get(), segment);
                let (mut table, elements) = both.ok_or(Corrupt("element segment without a table"))?;
                let (length, size) = (elements.len() as u64, u64::from(table.size()));
                table.init(offset, elements, 0, length).map_err(|trap| {
                    let detail = Detail::Table { index: offset, length, size };
                    InstantiateError::Trap(TrapInfo { trap, detail })
                })?;
            }
            self.store.drop_elements(self.instance, segment);
        }
        Ok(())
    }

    /// Active segments in order, each with `memory.init` and `data.drop`.
    fn copy_data(&mut self) -> Result<(), InstantiateError> {
        for (segment, record) in (0..self.needs.data).zip(self.image.data) {
            if record.mode.get() != mode::ACTIVE {
                continue;
            }
            let address = self.evaluate(record.offset)?;
            let both = self.store.memory_and_data(self.instance, record.memory.get(), segment);
            let (mut memory, bytes) = both.ok_or(Corrupt("data segment without a memory"))?;
            let (length, size) = (bytes.len() as u64, memory.len());
            let target = memory.data_mut().get_mut(position(address)..);
            match target.and_then(|target| target.get_mut(..bytes.len())) {
                Some(target) if in_bounds(address, length, size) => {
                    target.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
                }
                _ => {
                    let detail = Detail::Memory { address, length, size };
                    return Err(InstantiateError::Trap(TrapInfo { trap: Trap::MemoryOutOfBounds, detail }));
                }
            }
            self.store.drop_data(self.instance, segment);
        }
        Ok(())
    }

    /// The value of a constant expression (core 4.4.13, "expressions") that takes one slot.
    fn evaluate(&mut self, range: ConstRange) -> Result<u64, InstantiateError> {
        match self.evaluate_slots(range)?.as_slice() {
            [value] => Ok(*value),
            _ => Err(Corrupt("constant expression without one result")),
        }
    }

    /// The slots that a constant expression leaves.
    // @need-ids: REQ_TABLE_001
    fn evaluate_slots(&mut self, range: ConstRange) -> Result<heapless::Vec<u64, CONST_DEPTH>, InstantiateError> {
        let (start, length) = (range.start.get() as usize, range.length.get() as usize);
        let operators = self.image.consts.get(start..).and_then(|consts| consts.get(..length));
        let mut stack = heapless::Vec::<u64, CONST_DEPTH>::new();
        for operator in operators.ok_or(Corrupt("constant expression outside of its section"))? {
            let (opcode, immediate) = (operator.opcode.get(), operator.immediate.get());
            let value = if let Some(leaf) = const_leaf(opcode) {
                if leaf == StructuralOp::GlobalGet && self.is_vector(immediate as u32) {
                    let low = self.global(immediate as u32, 0)?;
                    stack.push(low).map_err(|_| Corrupt("constant expression too deep"))?;
                    self.global(immediate as u32, 1)?
                } else {
                    self.leaf(leaf, immediate)?
                }
            } else if is_const_array(opcode) {
                let length = stack.pop().ok_or(Corrupt("constant expression without operands"))?;
                self.object(immediate, length as u32)?
            } else {
                let operator = const_binary(opcode).ok_or(Corrupt("operator that is not constant"))?;
                let (Some(y), Some(x)) = (stack.pop(), stack.pop()) else {
                    return Err(Corrupt("constant expression without operands"));
                };
                operator.evaluate(x, y).map_err(|_| Corrupt("operator that is not constant"))?
            };
            stack.push(value).map_err(|_| Corrupt("constant expression too deep"))?;
        }
        Ok(stack)
    }

    fn is_vector(&self, global: u32) -> bool {
        self.image.globals.get(global as usize).is_some_and(|global| global.ty == ValType::V128)
    }

    /// Slot `slot` of the global with this index.
    fn global(&self, index: u32, slot: u32) -> Result<u64, InstantiateError> {
        let first = global_slot(self.store, self.image, self.instance, index);
        let value = first.and_then(|first| first.checked_add(slot)).and_then(|slot| self.store.global(slot));
        value.ok_or(Corrupt("constant expression reads no global"))
    }

    /// A reference to a new object of a type of the image (core 4.6.10, `struct.new_default` and `array.new_default`).
    // @need-ids: REQ_TYPES_006, REQ_LIMITS_001
    fn object(&mut self, ty: u64, length: u32) -> Result<u64, InstantiateError> {
        let ty = number(self.store, ty as u32)?;
        let words = heap::words(self.store.types(), ty, length).ok_or(Corrupt("object of no such type"))?;
        let used = self.store.usage().gc_bytes;
        within("max-gc-bytes", self.store.limits().max_gc_bytes, used.saturating_add(words.saturating_mul(8)))?;
        Ok(self.store.add_object(heap::header(ty, length), words)?.into())
    }

    fn leaf(&mut self, operator: StructuralOp, immediate: u64) -> Result<u64, InstantiateError> {
        Ok(match operator {
            StructuralOp::I32Const | StructuralOp::F32Const => u64::from(immediate as u32),
            StructuralOp::RefNull => u64::from(NULL),
            StructuralOp::RefFunc => u64::from(self.ref_func(immediate as u32)?),
            StructuralOp::GlobalGet => self.global(immediate as u32, 0)?,
            StructuralOp::StructNewDefault => self.object(immediate, 0)?,
            _ => immediate,
        })
    }
}
