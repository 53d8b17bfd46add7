//! A store over slices that its caller owns: what firmware runs instances in, without an allocator.
//!
//! Its capacities are the lengths of the slices ([`Room`]). What is full is refused with an error; memories and tables
//! grow as far as their own slices reach, which the guest sees as any other maximum.

use core::error::Error;
use core::fmt;
use core::mem;

use crate::image::format::{NONE, TypeRecord, ValType};
use crate::image::{Image, ImageError};
use crate::instantiate::{self, Allocate, InstantiateError, Needs, OutOfStorage, Restart, Space, Usage};
use crate::instr::Cell;
use crate::memory::{Memory, MemoryBudget, MemoryMetrics, MemoryState};
use crate::storage::{Entry, FuncInst, HOST, Handlers, InstanceView, Storage, first_memories};
use crate::table::{Ref, Table, TableState};
use crate::types::{Extern, GlobalType, MemoryType, TableType};
use crate::typing::{self, Group, TypeError, TypeStore, Types};
use wrt_instructions::memory_ops::position;
use wrt_safety::{BoundedVec, LimitExceeded, Limits};

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
    /// As many as there are slots of globals.
    pub global_types: &'a mut [Option<GlobalType>],
    /// One for each table, in the order in which they are added.
    pub tables: &'a mut [TableRoom<'a>],
    /// One for each memory, in the order in which they are added.
    pub memories: &'a mut [MemoryRoom<'a>],
    /// As many as there are tags.
    pub tags: &'a mut [u32],
    /// Structures and arrays: [`heap::words`](crate::heap::words) for each.
    pub objects: &'a mut [u64],
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
    code: &'a [Cell],
    entries: &'a [Entry],
    /// The store's number of each type.
    types: &'a [u32],
}

/// Room for a table: its elements may become as many as the slice has.
#[derive(Debug, Default)]
pub struct TableRoom<'a> {
    elements: &'a mut [Ref],
    state: TableState,
    ty: TableType,
}

impl<'a> TableRoom<'a> {
    /// Room in `elements`, whatever they are now.
    pub fn new(elements: &'a mut [Ref]) -> Self {
        Self { elements, ..Self::default() }
    }

    /// Makes it a table of `state.size` times `value`; `None`, and unchanged, where there is no room.
    fn reset(&mut self, mut state: TableState, value: Ref) -> Option<()> {
        self.elements.get_mut(..state.size as usize)?.fill(value);
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
    ty: MemoryType,
    metrics: MemoryMetrics,
}

impl<'a> MemoryRoom<'a> {
    /// Room in `bytes`, whatever they are now.
    pub fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, ..Self::default() }
    }

    /// Makes it a memory of `state.bytes` zeroes; `None`, and unchanged, where there is no room.
    fn reset(&mut self, mut state: MemoryState) -> Option<()> {
        self.bytes.get_mut(..position(state.bytes))?.fill(0);
        let most = (self.bytes.len() as u64).wrapping_shr(state.page_log2.into());
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
    module: u32,
    global_base: u32,
    funcs: &'a mut [u32],
    tables: &'a mut [u32],
    memories: &'a mut [u32],
    imported_globals: &'a mut [u32],
    tags: &'a mut [u32],
    /// Where each element segment begins in the references; [`NONE`] once it was dropped.
    elements: &'a mut [u32],
    references: &'a mut [Ref],
    /// A bit for each data segment that was dropped.
    dropped: &'a mut [u32],
}

impl Instance<'_> {
    const fn list(&self, space: Space) -> &[u32] {
        match space {
            Space::Func => self.funcs,
            Space::Table => self.tables,
            Space::Memory => self.memories,
            Space::ImportedGlobal => self.imported_globals,
            Space::Tag => self.tags,
        }
    }

    const fn list_mut(&mut self, space: Space) -> &mut [u32] {
        match space {
            Space::Func => self.funcs,
            Space::Table => self.tables,
            Space::Memory => self.memories,
            Space::ImportedGlobal => self.imported_globals,
            Space::Tag => self.tags,
        }
    }

    fn get(&self, space: Space, index: u32) -> Option<u32> {
        self.list(space).get(index as usize).copied()
    }

    fn is_dropped(&self, segment: u32) -> bool {
        let word = self.dropped.get((segment / u32::BITS) as usize).copied().unwrap_or(u32::MAX);
        word.wrapping_shr(segment % u32::BITS) & 1 != 0
    }

    /// Says where the references of each element segment are: one segment's behind the other's.
    fn place_references(&mut self, image: &Image<'_>) {
        let mut start = 0_u32;
        for (segment, record) in self.elements.iter_mut().zip(image.elements) {
            *segment = start;
            start = start.saturating_add(record.length.get());
        }
    }

    /// The references of an element segment of `length`.
    fn segment(&self, segment: u32, length: u32) -> Option<&[Ref]> {
        let start = *self.elements.get(segment as usize)?;
        if start == NONE {
            return Some(&[]);
        }
        self.references.get(start as usize..)?.get(..length as usize)
    }
}

/// Why an image was not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The image breaks a rule.
    Image(ImageError),
    /// A limit of the store.
    Limit(LimitExceeded),
    /// The store is full.
    OutOfStorage(OutOfStorage),
}

impl From<ImageError> for LoadError {
    fn from(error: ImageError) -> Self {
        Self::Image(error)
    }
}

impl From<LimitExceeded> for LoadError {
    fn from(error: LimitExceeded) -> Self {
        Self::Limit(error)
    }
}

impl From<TypeError> for LoadError {
    fn from(error: TypeError) -> Self {
        match error {
            TypeError::Rule(rule) => Self::Image(ImageError::File { offset: 0, rule }),
            TypeError::Limit(error) => Self::Limit(error),
            TypeError::Full => Self::OutOfStorage(OutOfStorage("types")),
        }
    }
}

impl From<OutOfStorage> for LoadError {
    fn from(error: OutOfStorage) -> Self {
        Self::OutOfStorage(error)
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(error) => error.fmt(f),
            Self::Limit(error) => error.fmt(f),
            Self::OutOfStorage(error) => error.fmt(f),
        }
    }
}

impl Error for LoadError {}

/// A store over slices.
// @need-ids: REQ_002, REQ_006, REQ_RESOURCE_002, REQ_IMAGE_002
#[derive(Debug)]
pub struct FixedStore<'a> {
    limits: Limits,
    modules: &'a mut [Loaded<'a>],
    module_count: u32,
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
    global_types: BoundedVec<'a, Option<GlobalType>>,
    tags: BoundedVec<'a, u32>,
    objects: BoundedVec<'a, u64>,
    words: &'a mut [u32],
    entries: &'a mut [Entry],
    cells: &'a mut [Cell],
    /// The image of the instance that is added next.
    next_module: u32,
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

fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

impl<'a> FixedStore<'a> {
    /// An empty store. What the slices hold does not matter.
    #[allow(clippy::needless_pass_by_value, reason = "the store takes the room over")]
    pub fn new(limits: &Limits, room: Room<'a>) -> Self {
        Self {
            limits: *limits,
            modules: room.modules,
            module_count: 0,
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
            global_types: BoundedVec::new(room.global_types),
            tags: BoundedVec::new(room.tags),
            objects: BoundedVec::new(room.objects),
            words: room.words,
            entries: room.entries,
            cells: room.cells,
            next_module: NONE,
        }
    }

    /// Loads an image: reads and checks it, code included. Returns its number, for [`instantiate`](Self::instantiate).
    ///
    /// # Errors
    /// [`LoadError`], with nothing loaded.
    // @need-ids: REQ_IMAGE_001, REQ_LIMITS_001
    pub fn load(&mut self, bytes: &'a [u8]) -> Result<u32, LoadError> {
        let (limit, wanted) = (self.limits.max_module_bytes, bytes.len() as u64);
        if wanted > limit {
            return Err(LimitExceeded { key: "max-module-bytes", limit, wanted }.into());
        }
        let image = Image::parse(bytes)?;
        image.check_code()?;
        if self.module_count as usize >= self.modules.len() {
            return Err(OutOfStorage("images").into());
        }
        if self.entries.len() < image.funcs.len() {
            return Err(OutOfStorage("entries of functions").into());
        }
        if self.words.len() < image.types.len() {
            return Err(OutOfStorage("instances' lists").into());
        }
        let (types, parts) = (self.types.len(), self.val_types.len());
        // Out of the store for the time that types are added to it.
        let words = mem::take(&mut self.words);
        let numbered = self.take_in_types(&image, words);
        self.words = words;
        let loaded = numbered.map_err(LoadError::from).and_then(|()| Ok(self.add_image(&image)?));
        if loaded.is_err() {
            self.types.truncate(types);
            self.val_types.truncate(parts);
        }
        loaded
    }

    /// Adds an image whose types were taken in, and whose other lists fit.
    fn add_image(&mut self, image: &Image<'a>) -> Result<u32, OutOfStorage> {
        let module = self.module_count;
        let code = match Cell::in_place(image.code) {
            Some(code) => code,
            None => self.copy_code(image).ok_or(OutOfStorage("instructions"))?,
        };
        let entries = take(&mut self.entries, image.funcs.len()).ok_or(OutOfStorage("entries of functions"))?;
        for (entry, func) in entries.iter_mut().zip(image.funcs) {
            *entry = Entry { pc: func.pc.get(), slots: func.slots.get() };
        }
        let types = take(&mut self.words, image.types.len()).ok_or(OutOfStorage("instances' lists"))?;
        let loaded = self.modules.get_mut(module as usize).ok_or(OutOfStorage("images"))?;
        *loaded = Loaded { image: *image, code, entries, types };
        self.module_count = module.saturating_add(1);
        Ok(module)
    }

    /// Puts the numbers of an image's types into `numbers`, group by group.
    // @need-ids: REQ_TYPES_001
    fn take_in_types(&mut self, image: &Image<'_>, numbers: &mut [u32]) -> Result<(), TypeError> {
        let mut first = 0_u32;
        while (first as usize) < image.types.len() {
            let (known, new) = numbers.split_at_mut_checked(first as usize).ok_or(TypeError::Full)?;
            let group = Group::of_image(image.all_types(), first, known)?;
            let number = match typing::find(self.types(), &group) {
                Some(number) => number,
                None => typing::append(&mut Pool(&mut self.types, &mut self.val_types), &group, self.limits.max_types)?,
            };
            new.iter_mut().zip(number..number.saturating_add(group.length())).for_each(|(to, number)| *to = number);
            first = first.saturating_add(group.length());
        }
        Ok(())
    }

    fn copy_code(&mut self, image: &Image<'_>) -> Option<&'a [Cell]> {
        let instrs = image.instrs();
        let cells = take(&mut self.cells, instrs.len())?;
        for (cell, instr) in cells.iter_mut().zip(instrs) {
            *cell = Cell::from(instr);
        }
        Some(cells)
    }

    /// Adds an instance of an image that was loaded; returns its number. The start function is the caller's to run.
    ///
    /// # Errors
    /// As [`instantiate::instantiate`].
    pub fn instantiate(&mut self, module: u32, imports: &[Extern]) -> Result<u32, InstantiateError> {
        let loaded = self.modules.get(module as usize).filter(|_| module < self.module_count);
        let image = loaded.ok_or(InstantiateError::Corrupt("no such image"))?.image;
        self.next_module = module;
        instantiate::instantiate(self, &image, imports)
    }

    /// Makes an instance what it was when it was new, where it stands: after a trap, say. Calls in progress are the caller's
    /// to unwind before, and the start function is the caller's to run after.
    ///
    /// # Errors
    /// As [`instantiate::restart`].
    // @need-ids: REQ_RESTART_001
    pub fn restart(&mut self, instance: u32) -> Result<(), InstantiateError> {
        let module = self.instance_at(instance).map(|instance| instance.module);
        let module = module.ok_or(InstantiateError::Corrupt("no such instance"))?;
        let loaded = self.modules.get(module as usize).ok_or(InstantiateError::Corrupt("no such image"))?;
        let image = loaded.image;
        self.next_module = module;
        instantiate::restart(self, &image, instance)
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
        let ty = if let Some(known) = typing::find_func(self.types(), params, results) {
            known
        } else {
            let mut pool = Pool(&mut self.types, &mut self.val_types);
            typing::append_func(&mut pool, params, results, self.limits.max_types)?
        };
        Ok(Extern::Func(self.add_func(FuncInst { ty, instance: HOST, index: number })?))
    }

    /// The image of an instance.
    pub fn image(&self, instance: u32) -> Option<Image<'a>> {
        let instance = self.instance_at(instance)?;
        Some(self.modules.get(instance.module as usize)?.image)
    }

    /// What an instance exports under `name`.
    pub fn export(&self, instance: u32, name: &str) -> Option<Extern> {
        instantiate::export(self, &self.image(instance)?, instance, name)
    }

    /// The bytes of the memory at an address.
    pub fn memory_bytes(&self, addr: u32) -> Option<&[u8]> {
        let room = self.memories.get(addr as usize).filter(|_| addr < self.memory_count)?;
        room.bytes.get(..position(room.state.bytes))
    }

    /// The elements of the table at an address.
    pub fn table_elements(&self, addr: u32) -> Option<&[Ref]> {
        let room = self.tables.get(addr as usize).filter(|_| addr < self.table_count)?;
        room.elements.get(..room.state.size as usize)
    }

    fn instance_at(&self, instance: u32) -> Option<&Instance<'a>> {
        self.instances.get(instance as usize).filter(|_| instance < self.instance_count)
    }

    fn instance_at_mut(&mut self, instance: u32) -> Option<&mut Instance<'a>> {
        self.instances.get_mut(instance as usize).filter(|_| instance < self.instance_count)
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
    fn instance(&mut self, instance: u32) -> Option<InstanceView<'_>> {
        let this = self.instances.get(instance as usize).filter(|_| instance < self.instance_count)?;
        let loaded = self.modules.get(this.module as usize)?;
        let first = this.memories.first().and_then(|addr| self.memories.get(*addr as usize));
        let page_log2 = first.map_or(0, |room| room.state.page_log2);
        let (memory, more_memories) =
            first_memories(self.memories, this.memories, |room| room.bytes.get_mut(..position(room.state.bytes)))?;
        let table: &mut [Ref] = match this.tables.first() {
            Some(addr) => {
                let room = self.tables.get_mut(*addr as usize)?;
                room.elements.get_mut(..room.state.size as usize)?
            }
            None => &mut [],
        };
        Some(InstanceView {
            code: loaded.code,
            entries: loaded.entries,
            types: loaded.types,
            funcs: self.funcs.as_slice(),
            func_addrs: this.funcs,
            globals: self.globals.as_mut_slice(),
            global_base: this.global_base,
            imported_globals: this.imported_globals,
            memory,
            more_memories,
            page_log2,
            table,
        })
    }

    fn func(&self, addr: u32) -> Option<FuncInst> {
        self.funcs.get(addr as usize).copied()
    }

    fn func_addr(&self, instance: u32, index: u32) -> Option<u32> {
        self.linked(instance, Space::Func, index)
    }

    fn entry(&self, instance: u32, index: u32) -> Option<Entry> {
        let loaded = self.modules.get(self.instance_at(instance)?.module as usize)?;
        loaded.entries.get(index as usize).copied()
    }

    fn types(&self) -> Types<'_> {
        Types { records: self.types.as_slice(), val_types: self.val_types.as_slice() }
    }

    fn type_id(&self, instance: u32, index: u32) -> Option<u32> {
        let loaded = self.modules.get(self.instance_at(instance)?.module as usize)?;
        loaded.types.get(index as usize).copied()
    }

    fn tag_addr(&self, instance: u32, index: u32) -> Option<u32> {
        self.linked(instance, Space::Tag, index)
    }

    fn handlers(&self, instance: u32) -> Option<Handlers<'_>> {
        let image = &self.modules.get(self.instance_at(instance)?.module as usize)?.image;
        Some(Handlers { records: image.handlers, clauses: image.catches })
    }

    fn memory(&mut self, instance: u32, index: u32) -> Option<Memory<'_>> {
        let addr = self.linked(instance, Space::Memory, index)?;
        self.memories.get_mut(addr as usize)?.view(&self.budget)
    }

    fn two_memories(&mut self, instance: u32, a: u32, b: u32) -> Option<(Memory<'_>, Memory<'_>)> {
        let this = self.instance_at(instance)?;
        let (a, b) = (this.get(Space::Memory, a)? as usize, this.get(Space::Memory, b)? as usize);
        let [a, b] = self.memories.get_disjoint_mut([a, b]).ok()?;
        Some((a.view(&self.budget)?, b.view(&self.budget)?))
    }

    fn memory_and_data(&mut self, instance: u32, memory: u32, segment: u32) -> Option<(Memory<'_>, &[u8])> {
        let this = self.instance_at(instance)?;
        let image = self.modules.get(this.module as usize)?.image;
        let record = image.data.get(segment as usize)?;
        let bytes = if this.is_dropped(segment) { &[] } else { image.bytes(record.bytes) };
        let addr = this.get(Space::Memory, memory)?;
        Some((self.memories.get_mut(addr as usize)?.view(&self.budget)?, bytes))
    }

    fn drop_data(&mut self, instance: u32, segment: u32) {
        let word = self.instance_at_mut(instance).and_then(|this| this.dropped.get_mut((segment / u32::BITS) as usize));
        if let Some(word) = word {
            *word |= 1_u32.wrapping_shl(segment % u32::BITS);
        }
    }

    fn table(&mut self, instance: u32, index: u32) -> Option<Table<'_>> {
        let addr = self.linked(instance, Space::Table, index)?;
        self.tables.get_mut(addr as usize)?.view()
    }

    fn two_tables(&mut self, instance: u32, a: u32, b: u32) -> Option<(Table<'_>, Table<'_>)> {
        let this = self.instance_at(instance)?;
        let (a, b) = (this.get(Space::Table, a)? as usize, this.get(Space::Table, b)? as usize);
        let [a, b] = self.tables.get_disjoint_mut([a, b]).ok()?;
        Some((a.view()?, b.view()?))
    }

    fn table_and_elements(&mut self, instance: u32, table: u32, segment: u32) -> Option<(Table<'_>, &[Ref])> {
        let this = self.instances.get(instance as usize).filter(|_| instance < self.instance_count)?;
        let image = &self.modules.get(this.module as usize)?.image;
        let length = image.elements.get(segment as usize)?.length.get();
        let addr = this.get(Space::Table, table)?;
        Some((self.tables.get_mut(addr as usize)?.view()?, this.segment(segment, length)?))
    }

    fn drop_elements(&mut self, instance: u32, segment: u32) {
        let start = self.instance_at_mut(instance).and_then(|this| this.elements.get_mut(segment as usize));
        if let Some(start) = start {
            *start = NONE;
        }
    }
}

impl Allocate for FixedStore<'_> {
    fn limits(&self) -> &Limits {
        &self.limits
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
            gc_bytes: (self.objects.len() as u64).saturating_mul(8),
        }
    }

    fn next_types(&self) -> &[u32] {
        let loaded = self.modules.get(self.next_module as usize).filter(|_| self.next_module < self.module_count);
        loaded.map_or(&[], |loaded| loaded.types)
    }

    fn table_type(&self, addr: u32) -> Option<TableType> {
        let room = self.tables.get(addr as usize).filter(|_| addr < self.table_count)?;
        Some(TableType { min: room.state.size.into(), ..room.ty })
    }

    fn memory_type(&self, addr: u32) -> Option<MemoryType> {
        let room = self.memories.get(addr as usize).filter(|_| addr < self.memory_count)?;
        Some(MemoryType { min: room.state.bytes.wrapping_shr(room.state.page_log2.into()), ..room.ty })
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

    fn reserve(&mut self, image: &Image<'_>, needs: &Needs) -> Result<(), OutOfStorage> {
        let room = |capacity: usize, used: usize, all: u32, imported: u32, what: &'static str| {
            let wanted = used.saturating_add(all.saturating_sub(imported) as usize);
            if wanted > capacity { Err(OutOfStorage(what)) } else { Ok(()) }
        };
        room(self.instances.len(), self.instance_count as usize, 1, 0, "instances")?;
        room(self.funcs.capacity(), self.funcs.len(), needs.funcs, needs.imported_funcs, "functions")?;
        let slots = self.globals.capacity().min(self.global_types.capacity());
        room(slots, self.globals.len(), needs.global_slots, 0, "globals")?;
        room(self.tags.capacity(), self.tags.len(), needs.tags, needs.imported_tags, "tags")?;
        room(self.tables.len(), self.table_count as usize, needs.tables, needs.imported_tables, "tables")?;
        room(self.memories.len(), self.memory_count as usize, needs.memories, needs.imported_memories, "memories")?;
        if needs.words() > self.words.len() {
            return Err(OutOfStorage("instances' lists"));
        }
        let tables = self.tables.iter().skip(self.table_count as usize);
        for (room, table) in tables.zip(image.tables.iter().skip(needs.imported_tables as usize)) {
            if table.min.get() > room.elements.len() as u64 {
                return Err(OutOfStorage("elements of a table"));
            }
        }
        let memories = self.memories.iter().skip(self.memory_count as usize);
        for (room, memory) in memories.zip(image.memories.iter().skip(needs.imported_memories as usize)) {
            if MemoryType::from(memory).bytes().is_none_or(|bytes| bytes > room.bytes.len() as u64) {
                return Err(OutOfStorage("bytes of a memory"));
            }
        }
        Ok(())
    }

    fn add_func(&mut self, func: FuncInst) -> Result<u32, OutOfStorage> {
        let addr = number(self.funcs.len());
        self.funcs.push(func).map_err(|_| OutOfStorage("functions"))?;
        Ok(addr)
    }

    fn add_tag(&mut self, ty: u32) -> Result<u32, OutOfStorage> {
        let addr = number(self.tags.len());
        self.tags.push(ty).map_err(|_| OutOfStorage("tags"))?;
        Ok(addr)
    }

    fn add_table(&mut self, ty: TableType, state: TableState, value: Ref) -> Result<u32, OutOfStorage> {
        let addr = self.table_count;
        let room = self.tables.get_mut(addr as usize).ok_or(OutOfStorage("tables"))?;
        room.reset(state, value).ok_or(OutOfStorage("elements of a table"))?;
        room.ty = ty;
        self.table_count = addr.saturating_add(1);
        Ok(addr)
    }

    fn add_memory(&mut self, ty: MemoryType, state: MemoryState) -> Result<u32, OutOfStorage> {
        let addr = self.memory_count;
        let room = self.memories.get_mut(addr as usize).ok_or(OutOfStorage("memories"))?;
        let bytes = state.bytes;
        if self.budget.left() < bytes {
            return Err(OutOfStorage("bytes of memories"));
        }
        room.reset(state).ok_or(OutOfStorage("bytes of a memory"))?;
        self.budget.take(bytes).ok_or(OutOfStorage("bytes of memories"))?;
        room.ty = ty;
        self.memory_count = addr.saturating_add(1);
        Ok(addr)
    }

    fn add_instance(&mut self, needs: &Needs) -> Result<u32, OutOfStorage> {
        let full = OutOfStorage("instances' lists");
        let (instance, module) = (self.instance_count, self.next_module);
        let image = self.modules.get(module as usize).ok_or(OutOfStorage("images"))?.image;
        let new = self.instances.get_mut(instance as usize).ok_or(OutOfStorage("instances"))?;
        if needs.words() > self.words.len() {
            return Err(full);
        }
        let words = &mut self.words;
        let mut list = |count: u32| {
            let list = take(words, count as usize).ok_or(full)?;
            list.fill(0);
            Ok::<_, OutOfStorage>(list)
        };
        *new = Instance {
            module,
            global_base: 0,
            funcs: list(needs.funcs)?,
            tables: list(needs.tables)?,
            memories: list(needs.memories)?,
            imported_globals: list(needs.imported_globals)?,
            tags: list(needs.tags)?,
            elements: list(needs.elements)?,
            references: list(needs.references)?,
            dropped: list(needs.data.div_ceil(u32::BITS))?,
        };
        new.place_references(&image);
        self.instance_count = instance.saturating_add(1);
        Ok(instance)
    }

    fn add_globals(&mut self, instance: u32, slots: u32) -> Result<u32, OutOfStorage> {
        let (full, base) = (OutOfStorage("globals"), self.globals.len());
        let wanted = base.saturating_add(slots as usize);
        if wanted > self.globals.capacity() || wanted > self.global_types.capacity() {
            return Err(full);
        }
        for _ in 0..slots {
            self.globals.push(0).map_err(|_| full)?;
            self.global_types.push(None).map_err(|_| full)?;
        }
        self.instance_at_mut(instance).ok_or(OutOfStorage("instances"))?.global_base = number(base);
        Ok(number(base))
    }

    fn define_global(&mut self, slot: u32, ty: GlobalType, value: [u64; 2]) -> Option<()> {
        let slots = self.globals.as_mut_slice().get_mut(slot as usize..)?.get_mut(..ty.ty.slots() as usize)?;
        slots.iter_mut().zip(value).for_each(|(slot, value)| *slot = value);
        *self.global_types.get_mut(slot as usize)? = Some(ty);
        Some(())
    }

    fn link(&mut self, instance: u32, space: Space, index: u32, addr: u32) -> Option<()> {
        *self.instance_at_mut(instance)?.list_mut(space).get_mut(index as usize)? = addr;
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
        let start = *this.elements.get(segment as usize)?;
        *this.references.get_mut(start.checked_add(at)? as usize)? = value;
        Some(())
    }

    fn add_object(&mut self, header: u64, words: u64) -> Result<Ref, OutOfStorage> {
        let full = OutOfStorage("structures and arrays");
        let start = self.objects.len();
        let reference = number(start).checked_add(1).ok_or(full)?;
        self.objects.push(header).map_err(|_| full)?;
        for _ in 1..words {
            if self.objects.push(0).is_err() {
                self.objects.truncate(start);
                return Err(full);
            }
        }
        Ok(reference)
    }
}

impl Restart for FixedStore<'_> {
    fn restore_segments(&mut self, instance: u32) -> Option<()> {
        let module = self.instance_at(instance)?.module;
        let image = self.modules.get(module as usize)?.image;
        let this = self.instance_at_mut(instance)?;
        this.dropped.fill(0);
        this.place_references(&image);
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
