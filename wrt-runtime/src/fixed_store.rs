//! A store over slices that its caller owns: what firmware runs instances in, without an allocator.
//!
//! Its capacities are the lengths of the slices ([`Room`]). What is full is refused with an error; memories and tables
//! grow as far as their own slices reach, which the guest sees as any other maximum.

// @need-ids: REQ_002, REQ_RESOURCE_001

mod error;
mod objects;
mod single;

use core::hint::black_box;
use core::mem;

use crate::heap::roots::{Code, RefMaps, Roots, RootsAt};
use crate::heap::{Handle, Heap, HeapPart, heap_part};
use crate::image::format::{NONE, TypeRecord, ValType};
use crate::image::reader::SINGLE;
use crate::image::{FileRule, Image, ImageError};
use crate::instantiate::{self, Allocate, InstantiateError, Needs, OutOfStorage, Restart, Space, Usage};
use crate::instr::{Cell, Instr};
use crate::memory::{Memory, MemoryBudget, MemoryMetrics, MemoryState};
use crate::moves::fill;
#[cfg(feature = "traditional")]
use crate::storage::Bytecode;
use crate::storage::{Entry, FuncInst, HOST, Handlers, InstanceView, Storage, first_memories, first_tables};
use crate::table::{Ref, Table, TableState};
use crate::types::{Extern, GlobalType, MemoryType, TableType, to_pages};
use crate::typing::{self, ARITY_MAX, Group, TypeError, TypeStore, Types};
use objects::{Collected, HeapRoom, heap};
use wrt_instructions::Part;
use wrt_safety::{BoundedVec, LimitExceeded, Limits};

pub use error::LoadError;

/// Everything that a [`FixedStore`] puts things into. Start from [`Room::default`], which has room for nothing.
#[derive(Debug, Default)]
pub struct Room<'a> {
    /// One for each image.
    pub modules: &'a mut [Loaded<'a>],
    /// One for each instance.
    pub instances: &'a mut [Instance<'a>],
    /// One for each function, those of the host among them; imported ones count where they are defined.
    pub funcs: &'a mut [FuncInst],
    /// One for each different type.
    pub types: &'a mut [TypeRecord],
    /// One for each parameter, result and field of the different types.
    pub val_types: &'a mut [ValType],
    /// One for each slot of globals.
    pub globals: &'a mut [u64],
    /// As many as there are slots of globals; none without [`Part::Linking`] and [`Part::Gc`].
    pub global_types: &'a mut [Option<GlobalType>],
    /// One for each table, in the order in which they are added.
    pub tables: &'a mut [TableRoom<'a>],
    /// One for each memory, in the order in which they are added.
    pub memories: &'a mut [MemoryRoom<'a>],
    /// As many as there are tags.
    pub tags: &'a mut [u32],
    /// Words of structures, arrays and exceptions: [`layout::object_words`](crate::heap::layout::object_words) for each.
    pub objects: &'a mut [u64],
    /// One for each of them.
    pub handles: &'a mut [Handle],
    /// The instances' lists, [`Needs::words`] for each; and one for each type of each image.
    pub words: &'a mut [u32],
    /// One for each function of each image, imported ones included.
    pub entries: &'a mut [Entry],
    /// One for each instruction of images that cannot be run in place ([`Cell::in_place`]).
    pub cells: &'a mut [Cell],
}

/// An image in a store.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loaded<'a> {
    image: Image<'a>,
    /// The one that was loaded before.
    before: Option<&'a Self>,
    code: &'a [Cell],
    entries: &'a [Entry],
    /// The store's number of each type.
    types: &'a [u32],
}

/// What is asked for only where instances are linked to one another, or objects are collected; elsewhere none.
type Linked<T> = [T; LINKED];
const LINKED: usize = if TYPED { 1 } else { 0 };

/// Room for a table: its elements may become as many as the slice has.
#[derive(Debug, Default)]
pub struct TableRoom<'a> {
    elements: &'a mut [Ref],
    state: TableState,
    ty: Linked<TableType>,
}

impl<'a> TableRoom<'a> {
    /// Room in `elements`, whatever they are now.
    pub fn new(elements: &'a mut [Ref]) -> Self {
        Self { elements, ..Self::default() }
    }

    /// Makes it a table of `state.size` times `value`; `None`, and unchanged, where there is no room.
    fn reset(&mut self, mut state: TableState, value: Ref) -> Option<()> {
        fill(self.elements.get_mut(..state.size as usize)?, value);
        state.max = state.max.min(number(self.elements.len()));
        self.state = state;
        Some(())
    }

    fn view(&mut self) -> Option<Table<'_>> {
        Table::new(self.elements, &mut self.state)
    }
}

/// Room for a memory: it may become as large as the slice.
#[derive(Debug, Default)]
pub struct MemoryRoom<'a> {
    bytes: &'a mut [u8],
    state: MemoryState,
    ty: Linked<MemoryType>,
    metrics: MemoryMetrics,
}

impl<'a> MemoryRoom<'a> {
    /// Room in `bytes`, whatever they are now.
    pub const fn new(bytes: &'a mut [u8]) -> Self {
        // By stores: a row of zeroes that the compiler sees would be cleared by a routine of the C library, which is large.
        let state = MemoryState { max_pages: black_box(0), ..MemoryState::EMPTY };
        Self { bytes, state, ty: [MemoryType::EMPTY; LINKED], metrics: MemoryMetrics::new() }
    }

    /// Makes it a memory of `state.bytes` zeroes; `None`, and unchanged, where there is no room.
    fn reset(&mut self, mut state: MemoryState) -> Option<()> {
        fill(self.bytes.get_mut(..state.bytes)?, 0);
        let most = to_pages(self.bytes.len() as u64, state.page_log2);
        state.max_pages = state.max_pages.min(most);
        self.state = state;
        Some(())
    }

    fn view<'s>(&'s mut self, budget: &'s MemoryBudget) -> Option<Memory<'s>> {
        Memory::new(self.bytes, &mut self.state, &self.metrics, budget)
    }
}

/// An instance: which things of the store its indices mean (core 4.2.6, "module instances").
#[derive(Debug, Default)]
pub struct Instance<'a> {
    loaded: Option<&'a Loaded<'a>>,
    global_base: u32,
    /// The addresses of things for each [`Space`]; then [`ELEMENTS`] and [`REFERENCES`].
    lists: [&'a mut [u32]; LISTS],
    /// A bit for each data segment that was dropped.
    dropped: &'a mut [u32],
}

/// The list that says where each element segment begins in the references; [`NONE`] once it was dropped.
const ELEMENTS: usize = Space::Tag as usize + 1;
/// The list of the references of all element segments.
const REFERENCES: usize = ELEMENTS + 1;
/// Where there is one table and one memory, they have no lists.
const LISTS: usize = if SINGLE { 1 } else { REFERENCES + 1 };

impl Instance<'_> {
    fn list(&self, list: usize) -> &[u32] {
        self.lists.get(list).map_or(&[], |list| &**list)
    }

    fn list_mut(&mut self, list: usize) -> &mut [u32] {
        self.lists.get_mut(list).map_or(&mut [], |list| &mut **list)
    }

    fn get(&self, space: Space, index: u32) -> Option<u32> {
        // The one table and the one memory have the address 0, and no list.
        if SINGLE && space != Space::Func {
            return (index == 0).then_some(0);
        }
        self.list(space as usize).get(index as usize).copied()
    }

    fn is_dropped(&self, segment: u32) -> bool {
        let word = self.dropped.get((segment / u32::BITS) as usize).copied().unwrap_or(u32::MAX);
        word.wrapping_shr(segment % u32::BITS) & 1 != 0
    }

    /// Says where the references of each element segment are: one segment's behind the other's.
    fn place_references(&mut self, image: &Image<'_>) {
        let mut start = 0_u32;
        for (segment, record) in self.list_mut(ELEMENTS).iter_mut().zip(image.elements) {
            *segment = start;
            start = start.saturating_add(record.length.get());
        }
    }

    /// The references of an element segment of `length`.
    fn segment(&self, segment: u32, length: u32) -> Option<&[Ref]> {
        let start = *self.list(ELEMENTS).get(segment as usize)?;
        if start == NONE {
            return Some(&[]);
        }
        self.list(REFERENCES).get(start as usize..)?.get(..length as usize)
    }
}

/// A store over slices.
// @need-ids: REQ_002, REQ_006, REQ_RESOURCE_002, REQ_IMAGE_002
#[derive(Debug)]
pub struct FixedStore<'a> {
    limits: &'a Limits,
    /// Room for more.
    modules: &'a mut [Loaded<'a>],
    module_count: u32,
    /// The one that was loaded last.
    last: Option<&'a Loaded<'a>>,
    instances: &'a mut [Instance<'a>],
    instance_count: u32,
    tables: &'a mut [TableRoom<'a>],
    table_count: u32,
    memories: &'a mut [MemoryRoom<'a>],
    memory_count: u32,
    budget: MemoryBudget,
    funcs: BoundedVec<'a, FuncInst>,
    types: BoundedVec<'a, TypeRecord>,
    val_types: BoundedVec<'a, ValType>,
    globals: BoundedVec<'a, u64>,
    /// As many of them count as there are globals.
    global_types: &'a mut [Option<GlobalType>],
    tags: BoundedVec<'a, u32>,
    heap: Collected<HeapRoom<'a>>,
    words: &'a mut [u32],
    entries: &'a mut [Entry],
    cells: &'a mut [Cell],
    /// The image of the instance that is added next.
    next: Option<&'a Loaded<'a>>,
}

/// The first `count` of a pool, which keeps the others; `None`, and the pool as it was, where it has fewer.
#[allow(clippy::mut_mut, reason = "the pool is the caller's slice, of which the head is given away for good")]
fn take<'a, T>(pool: &mut &'a mut [T], count: usize) -> Option<&'a mut [T]> {
    if pool.len() < count {
        return None;
    }
    let (taken, left) = mem::take(pool).split_at_mut_checked(count)?;
    *pool = left;
    Some(taken)
}

/// Whether the types of globals and tables are kept: for who imports them, and for collections.
const TYPED: bool = Part::Linking.is_built() || Part::Gc.is_built();

/// The instance with this number, of the first `count`. Without linking there is one at most.
fn instance_of<'s, 'a>(all: &'s [Instance<'a>], instance: u32, count: u32) -> Option<&'s Instance<'a>> {
    let found = if Part::Linking.is_built() { all.get(instance as usize) } else { all.first() };
    found.filter(|_| instance < count)
}

fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Whether these are the same types, as `==` says, by a loop that no compiler takes for a routine of the C library.
fn same(a: &[ValType], b: &[ValType]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b)
}

/// Checks what an image's functions consist of, for the engines that the build has.
// @need-ids: REQ_IMAGE_001, REQ_TRADITIONAL_002
fn check_functions<'a>(image: &mut Image<'a>, bytes: &'a [u8]) -> Result<(), ImageError> {
    if Part::Gc.is_built() {
        image.read_maps(bytes)?;
    }
    #[cfg(feature = "traditional")]
    {
        image.read_bytecode(bytes)?;
        if image.code.is_empty() {
            return Ok(());
        }
        if cfg!(feature = "bytecode-alone") {
            return Err(ImageError::File { offset: 0, rule: FileRule::FuncCode });
        }
    }
    image.check_code()
}

impl<'a> FixedStore<'a> {
    /// An empty store. What the slices hold does not matter.
    #[allow(clippy::needless_pass_by_value, reason = "the store takes the room over")]
    pub fn new(limits: &'a Limits, room: Room<'a>) -> Self {
        Self {
            limits,
            modules: room.modules,
            module_count: 0,
            last: None,
            instances: room.instances,
            instance_count: 0,
            tables: room.tables,
            table_count: 0,
            memories: room.memories,
            memory_count: 0,
            budget: MemoryBudget::new(limits.max_total_memory_bytes),
            funcs: BoundedVec::new(room.funcs),
            types: BoundedVec::new(room.types),
            val_types: BoundedVec::new(room.val_types),
            globals: BoundedVec::new(room.globals),
            global_types: room.global_types,
            tags: BoundedVec::new(room.tags),
            heap: HeapRoom::new(limits, room.objects, room.handles),
            words: room.words,
            entries: room.entries,
            cells: room.cells,
            next: None,
        }
    }

    /// Loads an image: reads and checks it, code included. Returns its number, for [`instantiate`](Self::instantiate).
    ///
    /// # Errors
    /// [`LoadError`], with nothing loaded.
    // @need-ids: REQ_IMAGE_001, REQ_LIMITS_001
    #[cfg_attr(not(feature = "compact"), inline(never))]
    pub fn load(&mut self, bytes: &'a [u8]) -> Result<u32, LoadError> {
        let (limit, wanted) = (self.limits.max_module_bytes, bytes.len() as u64);
        if wanted > limit {
            return Err(LimitExceeded { key: "max-module-bytes", limit, wanted }.into());
        }
        // Read where it stays. The slot counts as room until all is well.
        let slot = self.modules.first_mut().ok_or(OutOfStorage::Images)?;
        slot.image.read(bytes)?;
        check_functions(&mut slot.image, bytes)?;
        self.add_image()
    }

    /// Adds the image that was read into the first free slot.
    #[cfg_attr(not(feature = "compact"), inline(never))]
    fn add_image(&mut self) -> Result<u32, LoadError> {
        let slot = self.modules.first_mut().ok_or(OutOfStorage::Images)?;
        let (all, funcs, code) = (slot.image.all_types(), slot.image.funcs, slot.image.code);
        if self.entries.len() < funcs.len() {
            return Err(OutOfStorage::Entries.into());
        }
        let (types, parts) = (self.types.len(), self.val_types.len());
        let added = self.add_parts(all, code);
        let Ok(code) = added else {
            self.types.truncate(types);
            self.val_types.truncate(parts);
            return added.map(|_| 0);
        };
        let slot = take(&mut self.modules, 1).and_then(|slot| slot.first_mut()).ok_or(OutOfStorage::Images)?;
        let entries = take(&mut self.entries, funcs.len()).ok_or(OutOfStorage::Entries)?;
        for (index, (entry, func)) in (0..).zip(entries.iter_mut().zip(funcs)) {
            *entry = Entry::of(*func, index, |pc| code.get(pc as usize).map(Cell::instr));
        }
        slot.before = self.last;
        slot.code = code;
        slot.entries = entries;
        slot.types = take(&mut self.words, all.records.len()).ok_or(OutOfStorage::Lists)?;
        self.last = Some(slot);
        let module = self.module_count;
        self.module_count = module.saturating_add(1);
        Ok(module)
    }

    /// Takes in an image's types, whose numbers become the first of the words; gives its code.
    fn add_parts(&mut self, all: Types<'a>, code: &'a [u8]) -> Result<&'a [Cell], LoadError> {
        if self.words.len() < all.records.len() {
            return Err(OutOfStorage::Lists.into());
        }
        if Part::References.is_built() {
            self.take_in_groups(all)?;
        } else {
            self.take_in_types(all)?;
        }
        match Cell::in_place(code) {
            Some(code) => Ok(code),
            None => self.copy_code(code).ok_or(OutOfStorage::Instructions.into()),
        }
    }

    /// Numbers an image's types, group by group.
    // @need-ids: REQ_TYPES_001
    fn take_in_groups(&mut self, all: Types<'_>) -> Result<(), TypeError> {
        let mut first = 0_u32;
        while (first as usize) < all.records.len() {
            let (known, new) = self.words.split_at_mut_checked(first as usize).ok_or(TypeError::Full)?;
            let group = Group::of_image(all, first, known)?;
            let types = Types { records: self.types.as_slice(), val_types: self.val_types.as_slice() };
            let number = match typing::find(types, &group) {
                Some(number) => number,
                None => typing::append(&mut Pool(&mut self.types, &mut self.val_types), &group, self.limits.max_types)?,
            };
            new.iter_mut().zip(number..number.saturating_add(group.length())).for_each(|(to, number)| *to = number);
            first = first.saturating_add(group.length());
        }
        Ok(())
    }

    /// The same where all types are plain.
    // @need-ids: REQ_TYPES_001, REQ_PARTS_001
    fn take_in_types(&mut self, all: Types<'_>) -> Result<(), TypeError> {
        for index in 0..all.records.len() {
            let Some((params, results)) = all.func(index as u32) else { continue };
            let number = self.plain_type(params, results)?;
            *self.words.get_mut(index).ok_or(TypeError::Full)? = number;
        }
        Ok(())
    }

    /// The number of a plain function type, which is added where it is new.
    fn plain_type(&mut self, params: &[ValType], results: &[ValType]) -> Result<u32, TypeError> {
        if !Part::References.is_built() {
            return self.number_type(params, results).ok_or_else(|| self.no_more_types());
        }
        if let Some(known) = typing::find_func(self.types(), params, results) {
            return Ok(known);
        }
        typing::append_func(&mut Pool(&mut self.types, &mut self.val_types), params, results, self.limits.max_types)
    }

    /// The same where all types are plain; `None` where there is no room.
    // @need-ids: REQ_TYPES_001, REQ_LIMITS_001
    #[inline(never)]
    fn number_type(&mut self, params: &[ValType], results: &[ValType]) -> Option<u32> {
        let mut index = 0;
        while let Some(known) = self.types().func(index) {
            if same(known.0, params) && same(known.1, results) {
                return Some(index);
            }
            index = index.wrapping_add(1);
        }
        let start = number(self.val_types.len());
        let fits = index < self.limits.max_types;
        for part in params.iter().chain(results) {
            self.val_types.push(*part).ok()?;
        }
        let record = TypeRecord::func(start, params.len() as u16, results.len() as u16);
        self.types.push(record).ok().filter(|()| fits).map(|()| index)
    }

    /// Why there was no room for another type.
    #[cold]
    fn no_more_types(&self) -> TypeError {
        let (limit, types) = (u64::from(self.limits.max_types), self.types.len() as u64);
        if types < limit {
            return TypeError::Full;
        }
        TypeError::Limit(LimitExceeded { key: "max-types", limit, wanted: limit.saturating_add(1) })
    }

    fn copy_code(&mut self, code: &[u8]) -> Option<&'a [Cell]> {
        let (instrs, _) = code.as_chunks::<8>();
        let cells = take(&mut self.cells, instrs.len())?;
        for (cell, instr) in cells.iter_mut().zip(instrs) {
            *cell = Cell::from(Instr::from_le_bytes(*instr));
        }
        Cell::fuse(cells);
        Some(cells)
    }

    /// Adds an instance of an image that was loaded; returns its number. The start function is the caller's to run.
    ///
    /// # Errors
    /// As [`instantiate::instantiate`].
    #[cfg_attr(not(feature = "compact"), inline(never))]
    pub fn instantiate(&mut self, module: u32, imports: &[Extern]) -> Result<u32, InstantiateError> {
        if self.instance_count > 0 && !Part::Linking.is_built() {
            return Err(InstantiateError::LeftOut(Part::Linking));
        }
        let loaded = self.loaded(module).ok_or(InstantiateError::Corrupt("no such image"))?;
        if SINGLE {
            return self.add_single(loaded, imports);
        }
        self.next = Some(loaded);
        instantiate::instantiate(self, &loaded.image, imports)
    }

    /// Makes an instance what it was when it was new, where it stands: after a trap, say. Calls in progress are the caller's
    /// to unwind before, and the start function is the caller's to run after.
    ///
    /// # Errors
    /// As [`instantiate::restart`].
    // @need-ids: REQ_RESTART_001
    pub fn restart(&mut self, instance: u32) -> Result<(), InstantiateError> {
        let loaded = self.loaded_of(instance).ok_or(InstantiateError::Corrupt("no such instance"))?;
        if SINGLE {
            return self.restart_single(loaded);
        }
        self.next = Some(loaded);
        if Part::Gc.is_built() {
            self.let_go(instance);
        }
        instantiate::restart(self, &loaded.image, instance)
    }

    /// Adds a function of the host, which [`Outcome::HostCall`](crate::Outcome::HostCall) names by `number`. Types that its
    /// own names are told by the store's numbers.
    ///
    /// # Errors
    /// [`InstantiateError::Limit`] or [`InstantiateError::OutOfStorage`]; [`InstantiateError::Corrupt`] for a type that is none.
    pub fn add_host_func(
        &mut self,
        params: &[ValType],
        results: &[ValType],
        number: u32,
    ) -> Result<Extern, InstantiateError> {
        let (limit, wanted) = (u64::from(self.limits.max_functions), (self.funcs.len() as u64).saturating_add(1));
        if wanted > limit {
            return Err(LimitExceeded { key: "max-functions", limit, wanted }.into());
        }
        if !Part::References.is_built() {
            let arity = params.len().max(results.len());
            if arity > ARITY_MAX.into() || !params.iter().chain(results).all(|ty| ty.is_number()) {
                return Err(TypeError::Rule(FileRule::ValueType).into());
            }
        }
        let (types, parts) = (self.types.len(), self.val_types.len());
        let ty = self.plain_type(params, results).inspect_err(|_| {
            self.types.truncate(types);
            self.val_types.truncate(parts);
        })?;
        Ok(Extern::Func(self.add_func(FuncInst { ty, instance: HOST, index: number })?))
    }

    /// An image that was loaded, by its number. Its names and exports were not checked, and it has none of its
    /// optional sections: see [`parse`](Image::parse).
    pub fn loaded_image(&self, module: u32) -> Option<&'a Image<'a>> {
        self.loaded(module).map(|loaded| &loaded.image)
    }

    /// The image of an instance.
    pub fn image(&self, instance: u32) -> Option<&'a Image<'a>> {
        self.loaded_of(instance).map(|loaded| &loaded.image)
    }

    /// What an instance exports under `name`.
    pub fn export(&self, instance: u32, name: &str) -> Option<Extern> {
        instantiate::export(self, self.image(instance)?, instance, name)
    }

    /// The bytes of the memory at an address.
    pub fn memory_bytes(&self, addr: u32) -> Option<&[u8]> {
        let room = self.memories.get(addr as usize).filter(|_| addr < self.memory_count)?;
        room.bytes.get(..room.state.bytes)
    }

    /// The elements of the table at an address.
    pub fn table_elements(&self, addr: u32) -> Option<&[Ref]> {
        let room = self.tables.get(addr as usize).filter(|_| addr < self.table_count)?;
        room.elements.get(..room.state.size as usize)
    }

    /// The image with this number: images are few, and found from the last one on.
    fn loaded(&self, module: u32) -> Option<&'a Loaded<'a>> {
        let mut loaded = self.last?;
        for _ in module.checked_add(1)?..self.module_count {
            loaded = loaded.before?;
        }
        (module < self.module_count).then_some(loaded)
    }

    fn loaded_of(&self, instance: u32) -> Option<&'a Loaded<'a>> {
        self.instance_at(instance)?.loaded
    }

    fn instance_at(&self, instance: u32) -> Option<&Instance<'a>> {
        instance_of(self.instances, instance, self.instance_count)
    }

    fn instance_at_mut(&mut self, instance: u32) -> Option<&mut Instance<'a>> {
        let count = self.instance_count;
        if Part::Linking.is_built() {
            self.instances.get_mut(instance as usize).filter(|_| instance < count)
        } else {
            self.instances.first_mut().filter(|_| instance < count)
        }
    }
}

/// Types and their parts, where they are added.
struct Pool<'s, 'a>(&'s mut BoundedVec<'a, TypeRecord>, &'s mut BoundedVec<'a, ValType>);

impl TypeStore for Pool<'_, '_> {
    fn types(&self) -> Types<'_> {
        Types { records: self.0.as_slice(), val_types: self.1.as_slice() }
    }

    fn reserve_types(&mut self, types: usize, parts: usize) -> Option<()> {
        let fits = self.0.len().checked_add(types)? <= self.0.capacity();
        (fits && self.1.len().checked_add(parts)? <= self.1.capacity()).then_some(())
    }

    fn push_part(&mut self, part: ValType) {
        // There is room: it was reserved.
        let _ = self.1.push(part);
    }

    fn push_type(&mut self, record: TypeRecord) {
        let _ = self.0.push(record);
    }

    fn truncate_types(&mut self, types: usize, parts: usize) {
        self.0.truncate(types);
        self.1.truncate(parts);
    }
}

impl Storage for FixedStore<'_> {
    fn is_complete(&self) -> bool {
        true
    }

    #[cfg_attr(feature = "compact", inline(always))]
    fn instance(&mut self, instance: u32) -> Option<InstanceView<'_>> {
        if SINGLE {
            return self.single_view(instance);
        }
        let this = instance_of(self.instances, instance, self.instance_count)?;
        let loaded = this.loaded?;
        let memories = this.list(Space::Memory as usize);
        let first = memories.first().and_then(|addr| self.memories.get(*addr as usize));
        let page_log2 = first.map_or(0, |room| room.state.page_log2);
        let (memory, more_memories) =
            first_memories(self.memories, memories, |room| room.bytes.get_mut(..room.state.bytes))?;
        let (table, more_tables) = first_tables(self.tables, this.list(Space::Table as usize), |room| {
            room.elements.get_mut(..room.state.size as usize)
        })?;
        Some(InstanceView {
            code: loaded.code,
            entries: loaded.entries,
            types: loaded.types,
            funcs: self.funcs.as_slice(),
            func_addrs: this.list(Space::Func as usize),
            globals: self.globals.as_mut_slice(),
            global_base: this.global_base,
            imported_globals: this.list(Space::ImportedGlobal as usize),
            memory,
            more_memories,
            page_log2,
            table,
            more_tables,
            heap: heap!(self).map_or_else(HeapPart::default, heap_part),
        })
    }

    fn func(&self, addr: u32) -> Option<FuncInst> {
        self.funcs.get(addr as usize).copied()
    }

    fn func_addr(&self, instance: u32, index: u32) -> Option<u32> {
        self.linked(instance, Space::Func, index)
    }

    fn entry(&self, instance: u32, index: u32) -> Option<Entry> {
        self.loaded_of(instance)?.entries.get(index as usize).copied()
    }

    fn types(&self) -> Types<'_> {
        Types { records: self.types.as_slice(), val_types: self.val_types.as_slice() }
    }

    fn type_id(&self, instance: u32, index: u32) -> Option<u32> {
        self.loaded_of(instance)?.types.get(index as usize).copied()
    }

    fn tag_addr(&self, instance: u32, index: u32) -> Option<u32> {
        if Part::Exceptions.is_built() { self.linked(instance, Space::Tag, index) } else { None }
    }

    fn handlers(&self, instance: u32) -> Option<Handlers<'_>> {
        let image = self.image(instance).filter(|_| Part::Exceptions.is_built())?;
        Some(Handlers { records: image.handlers, clauses: image.catches })
    }

    #[cfg(feature = "traditional")]
    fn bytecode(&self, instance: u32) -> Option<Bytecode<'_>> {
        Some(self.image(instance)?.bytecode).filter(|bytecode| !bytecode.bodies.is_empty())
    }

    #[cfg(feature = "traditional")]
    fn instance_with_bytecode(&mut self, instance: u32) -> Option<(InstanceView<'_>, Bytecode<'_>)> {
        let loaded = self.loaded_of(instance)?;
        let bytecode = Some(loaded.image.bytecode).filter(|bytecode| !bytecode.bodies.is_empty())?;
        Some((self.instance(instance)?, bytecode))
    }

    #[cfg_attr(feature = "compact", inline(always))]
    fn memory(&mut self, instance: u32, index: u32) -> Option<Memory<'_>> {
        let addr = self.linked(instance, Space::Memory, index)?;
        self.memories.get_mut(addr as usize)?.view(&self.budget)
    }

    fn two_memories(&mut self, instance: u32, a: u32, b: u32) -> Option<(Memory<'_>, Memory<'_>)> {
        let this = self.instance_at(instance).filter(|_| Part::Memories.is_built())?;
        let (a, b) = (this.get(Space::Memory, a)? as usize, this.get(Space::Memory, b)? as usize);
        let [a, b] = self.memories.get_disjoint_mut([a, b]).ok()?;
        Some((a.view(&self.budget)?, b.view(&self.budget)?))
    }

    fn memory_and_data(&mut self, instance: u32, memory: u32, segment: u32) -> Option<(Memory<'_>, &[u8])> {
        let this = self.instance_at(instance)?;
        let image = &this.loaded?.image;
        let record = image.data.get(segment as usize)?;
        let bytes = if Part::Bulk.is_built() && this.is_dropped(segment) { &[] } else { image.bytes(record.bytes) };
        let addr = this.get(Space::Memory, memory)?;
        Some((self.memories.get_mut(addr as usize)?.view(&self.budget)?, bytes))
    }

    fn drop_data(&mut self, instance: u32, segment: u32) {
        let this = self.instance_at_mut(instance).filter(|_| Part::Bulk.is_built());
        let word = this.and_then(|this| this.dropped.get_mut((segment / u32::BITS) as usize));
        if let Some(word) = word {
            *word |= 1_u32.wrapping_shl(segment % u32::BITS);
        }
    }

    fn table(&mut self, instance: u32, index: u32) -> Option<Table<'_>> {
        let addr = self.linked(instance, Space::Table, index)?;
        self.tables.get_mut(addr as usize)?.view()
    }

    fn two_tables(&mut self, instance: u32, a: u32, b: u32) -> Option<(Table<'_>, Table<'_>)> {
        let this = self.instance_at(instance).filter(|_| Part::References.is_built())?;
        let (a, b) = (this.get(Space::Table, a)? as usize, this.get(Space::Table, b)? as usize);
        let [a, b] = self.tables.get_disjoint_mut([a, b]).ok()?;
        Some((a.view()?, b.view()?))
    }

    fn table_and_elements(&mut self, instance: u32, table: u32, segment: u32) -> Option<(Table<'_>, &[Ref])> {
        if !Part::References.is_built() {
            return None;
        }
        let this = instance_of(self.instances, instance, self.instance_count)?;
        let image = &this.loaded?.image;
        let length = image.elements.get(segment as usize)?.length.get();
        let addr = this.get(Space::Table, table)?;
        Some((self.tables.get_mut(addr as usize)?.view()?, this.segment(segment, length)?))
    }

    fn drop_elements(&mut self, instance: u32, segment: u32) {
        let this = self.instance_at_mut(instance).filter(|_| Part::References.is_built());
        let start = this.and_then(|this| this.list_mut(ELEMENTS).get_mut(segment as usize));
        if let Some(start) = start {
            *start = NONE;
        }
    }

    fn ref_maps(&self, instance: u32, code: Code) -> RefMaps<'_> {
        self.maps_of(instance, code)
    }

    fn heap(&mut self) -> Option<Heap<'_>> {
        heap!(self)
    }

    fn heap_and_data(&mut self, instance: u32, segment: u32) -> Option<(Heap<'_>, &[u8])> {
        self.heap_beside_data(instance, segment)
    }

    fn heap_and_elements(&mut self, instance: u32, segment: u32) -> Option<(Heap<'_>, &[Ref])> {
        self.heap_beside_elements(instance, segment)
    }

    fn roots(&mut self, at: &mut RootsAt) -> Option<(Heap<'_>, Roots<'_>)> {
        self.next_roots(at)
    }
}

impl Allocate for FixedStore<'_> {
    fn limits(&self) -> &Limits {
        self.limits
    }

    fn usage(&self) -> Usage {
        Usage {
            funcs: number(self.funcs.len()),
            tables: self.table_count,
            memories: self.memory_count,
            globals: number(self.globals.len()),
            instances: self.instance_count,
            memory_bytes: self.budget.used(),
            tags: number(self.tags.len()),
            gc_bytes: self.heap.first().map_or(0, |heap| u64::from(heap.state.used)).saturating_mul(8),
        }
    }

    fn next_types(&self) -> &[u32] {
        self.next.map_or(&[], |loaded| loaded.types)
    }

    fn table_type(&self, addr: u32) -> Option<TableType> {
        let room = self.tables.get(addr as usize).filter(|_| addr < self.table_count)?;
        room.ty.first().map(|ty| TableType { min: room.state.size.into(), ..*ty })
    }

    fn memory_type(&self, addr: u32) -> Option<MemoryType> {
        let room = self.memories.get(addr as usize).filter(|_| addr < self.memory_count)?;
        room.ty.first().map(|ty| MemoryType { min: to_pages(room.state.bytes as u64, room.state.page_log2), ..*ty })
    }

    fn global_type(&self, slot: u32) -> Option<GlobalType> {
        *self.global_types.get(slot as usize)?
    }

    fn global(&self, slot: u32) -> Option<u64> {
        self.globals.get(slot as usize).copied()
    }

    fn tag_type(&self, addr: u32) -> Option<u32> {
        self.tags.get(addr as usize).copied()
    }

    fn room(&self) -> Usage {
        let globals = self.globals.capacity();
        Usage {
            funcs: number(self.funcs.capacity()),
            tables: number(self.tables.len()),
            memories: number(self.memories.len()),
            globals: number(if TYPED { globals.min(self.global_types.len()) } else { globals }),
            instances: number(self.instances.len()),
            tags: number(self.tags.capacity()),
            ..Usage::UNBOUNDED
        }
    }

    fn table_room(&self, more: u32) -> u64 {
        let at = self.table_count.saturating_add(more);
        self.tables.get(at as usize).map_or(0, |room| room.elements.len() as u64)
    }

    fn memory_room(&self, more: u32) -> u64 {
        let at = self.memory_count.saturating_add(more);
        self.memories.get(at as usize).map_or(0, |room| room.bytes.len() as u64)
    }

    fn reserve(&mut self, needs: &Needs) -> Result<(), OutOfStorage> {
        if needs.words() > self.words.len() { Err(OutOfStorage::Lists) } else { Ok(()) }
    }

    fn add_func(&mut self, func: FuncInst) -> Result<u32, OutOfStorage> {
        let addr = number(self.funcs.len());
        self.funcs.push(func).map_err(|_| OutOfStorage::Functions)?;
        Ok(addr)
    }

    fn add_tag(&mut self, ty: u32) -> Result<u32, OutOfStorage> {
        let addr = number(self.tags.len());
        self.tags.push(ty).map_err(|_| OutOfStorage::Tags)?;
        Ok(addr)
    }

    fn add_table(&mut self, ty: TableType, state: TableState, value: Ref) -> Result<u32, OutOfStorage> {
        let addr = self.table_count;
        let room = self.tables.get_mut(addr as usize).ok_or(OutOfStorage::Tables)?;
        room.reset(state, value).ok_or(OutOfStorage::Elements)?;
        fill(&mut room.ty, ty);
        self.table_count = addr.saturating_add(1);
        Ok(addr)
    }

    fn add_memory(&mut self, ty: MemoryType, state: MemoryState) -> Result<u32, OutOfStorage> {
        let addr = self.memory_count;
        let room = self.memories.get_mut(addr as usize).ok_or(OutOfStorage::Memories)?;
        let bytes = state.bytes;
        room.reset(state).ok_or(OutOfStorage::Bytes)?;
        self.budget.take(bytes).ok_or(OutOfStorage::Bytes)?;
        fill(&mut room.ty, ty);
        self.memory_count = addr.saturating_add(1);
        Ok(addr)
    }

    fn add_instance(&mut self, needs: &Needs) -> Result<u32, OutOfStorage> {
        let instance = self.instance_count;
        let loaded = self.next.ok_or(OutOfStorage::Images)?;
        let new = self.instances.get_mut(instance as usize).ok_or(OutOfStorage::Instances)?;
        let mut words = take(&mut self.words, needs.words()).ok_or(OutOfStorage::Lists)?;
        fill(words, 0);
        let mut list = |count: u32| take(&mut words, count as usize).unwrap_or_default();
        new.loaded = Some(loaded);
        new.global_base = 0;
        let Needs { funcs, tables, memories, imported_globals, tags, elements, references, .. } = *needs;
        // In the order of the spaces, and of what follows them.
        let lengths = [funcs, tables, memories, imported_globals, tags, elements, references];
        new.lists.iter_mut().zip(lengths).for_each(|(to, length)| *to = list(length));
        new.dropped = list(needs.data.div_ceil(u32::BITS));
        if Part::References.is_built() {
            new.place_references(&loaded.image);
        }
        self.instance_count = instance.saturating_add(1);
        Ok(instance)
    }

    fn add_globals(&mut self, instance: u32, slots: u32) -> Result<u32, OutOfStorage> {
        let base = self.globals.len();
        self.globals.extend(slots as usize, 0).map_err(|_| OutOfStorage::Globals)?;
        if TYPED {
            fill(self.global_types.get_mut(base..self.globals.len()).ok_or(OutOfStorage::Globals)?, None);
        }
        self.instance_at_mut(instance).ok_or(OutOfStorage::Instances)?.global_base = number(base);
        Ok(number(base))
    }

    fn define_global(&mut self, slot: u32, ty: GlobalType, [low, high]: [u64; 2]) -> Option<()> {
        let slots = self.globals.as_mut_slice().get_mut(slot as usize..)?;
        *slots.first_mut()? = low;
        if ty.ty.slots() == 2 {
            *slots.get_mut(1)? = high;
        }
        if TYPED {
            *self.global_types.get_mut(slot as usize)? = Some(ty);
        }
        Some(())
    }

    fn link(&mut self, instance: u32, space: Space, index: u32, addr: u32) -> Option<()> {
        *self.instance_at_mut(instance)?.list_mut(space as usize).get_mut(index as usize)? = addr;
        Some(())
    }

    fn linked(&self, instance: u32, space: Space, index: u32) -> Option<u32> {
        self.instance_at(instance)?.get(space, index)
    }

    fn global_base(&self, instance: u32) -> Option<u32> {
        Some(self.instance_at(instance)?.global_base)
    }

    fn set_reference(&mut self, instance: u32, segment: u32, at: u32, value: Ref) -> Option<()> {
        let this = self.instance_at_mut(instance)?;
        let start = *this.list(ELEMENTS).get(segment as usize)?;
        *this.list_mut(REFERENCES).get_mut(start.checked_add(at)? as usize)? = value;
        Some(())
    }
}

impl Restart for FixedStore<'_> {
    fn restore_segments(&mut self, instance: u32) -> Option<()> {
        let this = self.instance_at_mut(instance)?;
        fill(this.dropped, 0);
        this.place_references(&this.loaded?.image);
        Some(())
    }

    fn reset_memory(&mut self, addr: u32, state: MemoryState) -> Option<()> {
        let room = self.memories.get_mut(addr as usize)?;
        let (before, after) = (room.state.bytes, state.bytes);
        room.reset(state)?;
        self.budget.give(before);
        self.budget.take(after)
    }

    fn reset_table(&mut self, addr: u32, state: TableState, value: Ref) -> Option<()> {
        self.tables.get_mut(addr as usize)?.reset(state, value)
    }
}
