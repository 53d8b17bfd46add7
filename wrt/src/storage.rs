//! What a store holds, in vectors that grow under its limits: instances, functions, tables, memories, globals and code.

use crate::code::ModuleCode;
use crate::config::Strategy;
use crate::error::{Error, LimitError};
use crate::heap::StoredHeap;
use crate::held::Held;
use crate::linear::LinearBytes;
use crate::module::Module;
use crate::standing::Calls;
use crate::store::{StackMemory, StoreId};
use crate::type_pool::TypePool;
use crate::types::{FuncType, Scope};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use spin::Mutex;
use wrt_runtime::heap::is_collectable;
use wrt_runtime::heap::roots::{self, CallView, RefMaps, Roots, RootsAt};
use wrt_runtime::heap::{Heap, Wanted, heap_part};
use wrt_runtime::instantiate::{Allocate, GlobalType, MemoryType, Needs, OutOfStorage, Space, TableType, Usage};
use wrt_runtime::memory::{MemoryBudget, MemoryMetrics, MemoryState};
use wrt_runtime::storage::{Bytecode, Entry, FuncInst, Handlers, InstanceView, Storage, first_memories, first_tables};
use wrt_runtime::table::{Ref, TableState};
use wrt_runtime::typing::Types;
use wrt_runtime::{Memory, Table};
use wrt_safety::Limits;

/// A memory and its bytes, of which there may be more than it has pages.
#[derive(Debug)]

pub(crate) struct StoredMemory {
    bytes: LinearBytes,
    state: MemoryState,
    /// For messages; empty if none was given.
    name: String,
    pub(crate) ty: MemoryType,
    pub(crate) metrics: Arc<MemoryMetrics>,
    budget: Arc<MemoryBudget>,
    /// Whether the host may have written into it since the twin of a store in lock-step was last told.
    pub(crate) touched: bool,
}

/// The longest name of a memory, in bytes; longer ones are cut at a character.
const NAME_BYTES: usize = 32;

impl StoredMemory {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Names it; what is longer than [`NAME_BYTES`] is cut.
    pub(crate) fn set_name(&mut self, name: &str) {
        let end = |(at, c): (usize, char)| at + c.len_utf8();
        let length = name.char_indices().map(end).take_while(|end| *end <= NAME_BYTES).last();
        self.name = String::from(name.get(..length.unwrap_or(0)).unwrap_or_default());
    }

    pub(crate) fn view(&mut self) -> Option<Memory<'_>> {
        // No memory becomes shorter, and nothing is written beyond one.
        Memory::new(self.bytes.get_mut(), &mut self.state, &self.metrics, &self.budget).map(Memory::over_zeros)
    }

    /// The same memory in a twin, which has a budget of its own.
    pub(crate) fn twin(&self, budget: &Arc<MemoryBudget>) -> Option<Self> {
        let bytes = self.bytes.try_clone()?;
        budget.take(self.state.bytes)?;
        let (budget, metrics) = (Arc::clone(budget), Arc::default());
        Some(Self { bytes, state: self.state, name: self.name.clone(), ty: self.ty, metrics, budget, touched: false })
    }

    /// Makes a twin like this one again.
    pub(crate) fn take_over(&mut self, other: &Self) -> Option<()> {
        let more = other.state.bytes.checked_sub(self.state.bytes)?;
        self.budget.take(more)?;
        self.bytes.take_over(&other.bytes).ok()?;
        self.state = other.state;
        Some(())
    }

    /// Its bytes, as many as it has pages.
    pub(crate) fn data(&self) -> &[u8] {
        self.bytes.get().get(..self.state.bytes).unwrap_or_default()
    }

    /// The same, to change; `None` where it has fewer than that.
    pub(crate) fn data_mut(&mut self) -> Option<&mut [u8]> {
        self.bytes.get_mut().get_mut(..self.state.bytes)
    }

    pub(crate) fn state(&self) -> &MemoryState {
        &self.state
    }
}

/// A table and its elements.
#[derive(Clone, Debug)]
pub(crate) struct StoredTable {
    elements: Vec<Ref>,
    state: TableState,
    pub(crate) ty: TableType,
    /// As [`StoredMemory::touched`].
    pub(crate) touched: bool,
}

impl StoredTable {
    pub(crate) fn view(&mut self) -> Option<Table<'_>> {
        Table::new(&mut self.elements, &mut self.state)
    }

    pub(crate) fn elements(&self) -> &[Ref] {
        self.elements.get(..self.state.size as usize).unwrap_or_default()
    }
}

/// An instance: which things of the store its indices mean (core 4.2.6).
#[derive(Clone, Debug, Default)]
pub(crate) struct StoredInstance {
    /// Its module's number in the store.
    pub(crate) module: u32,
    pub(crate) funcs: Vec<u32>,
    pub(crate) tables: Vec<u32>,
    pub(crate) memories: Vec<u32>,
    imported_globals: Vec<u32>,
    tags: Vec<u32>,
    global_base: u32,
    /// References of the element segments; none once a segment was dropped.
    elements: Vec<Vec<Ref>>,
    /// Whether a data segment was dropped.
    dropped: Vec<bool>,
}

impl StoredInstance {
    /// Whether the same segments were dropped, and the others have the same references.
    pub(crate) fn has_same_segments(&self, other: &Self) -> bool {
        self.elements == other.elements && self.dropped == other.dropped
    }

    fn list(&self, space: Space) -> &[u32] {
        match space {
            Space::Func => &self.funcs,
            Space::Table => &self.tables,
            Space::Memory => &self.memories,
            Space::ImportedGlobal => &self.imported_globals,
            Space::Tag => &self.tags,
        }
    }

    fn list_mut(&mut self, space: Space) -> &mut [u32] {
        match space {
            Space::Func => &mut self.funcs,
            Space::Table => &mut self.tables,
            Space::Memory => &mut self.memories,
            Space::ImportedGlobal => &mut self.imported_globals,
            Space::Tag => &mut self.tags,
        }
    }
}

/// All of a store that engines reach.
#[derive(Debug)]
pub(crate) struct StoreStorage {
    pub(crate) limits: Limits,
    /// Whose positions frames have, and whose code functions get.
    pub(crate) strategy: Strategy,
    pub(crate) budget: Arc<MemoryBudget>,
    pub(crate) instances: Vec<StoredInstance>,
    pub(crate) modules: Vec<ModuleCode>,
    pub(crate) funcs: Vec<FuncInst>,
    pub(crate) tables: Vec<StoredTable>,
    pub(crate) memories: Vec<StoredMemory>,
    pub(crate) globals: Vec<u64>,
    /// The type of each global, at its first slot.
    pub(crate) global_types: Vec<Option<GlobalType>>,
    /// As [`StoredMemory::touched`], of all globals.
    pub(crate) globals_touched: bool,
    /// The type of each tag.
    pub(crate) tags: Vec<u32>,
    pub(crate) heap: StoredHeap,
    /// References that the host holds.
    pub(crate) held: Mutex<Held>,
    /// Calls that stand still.
    pub(crate) calls: Calls,
    /// Whether it is the twin's of a store in lock-step: the stacks of its calls are the twins, too.
    pub(crate) is_twin: bool,
    pub(crate) types: TypePool,
    /// The module of the instance that is added next.
    next_module: u32,
}

fn number(length: usize) -> Option<u32> {
    u32::try_from(length).ok()
}

fn filled<T: Clone>(length: u32, value: T) -> Option<Vec<T>> {
    let mut list = Vec::new();
    list.try_reserve_exact(length as usize).ok()?;
    list.resize(length as usize, value);
    Some(list)
}

/// Adds to the end of a list; the new element's number.
fn push<T>(list: &mut Vec<T>, value: T) -> Option<u32> {
    let at = number(list.len())?;
    more(list)?;
    list.push(value);
    Some(at)
}

/// Makes room for one more. Most stores have one module, one instance and one memory, and a vector that grows begins with four.
fn more<T>(list: &mut Vec<T>) -> Option<()> {
    if list.is_empty() { list.try_reserve_exact(1) } else { list.try_reserve(1) }.ok()
}

impl StoreStorage {
    pub(crate) fn new(limits: Limits, id: StoreId, strategy: Strategy) -> Self {
        Self {
            limits,
            strategy,
            budget: Arc::new(MemoryBudget::new(limits.max_total_memory_bytes)),
            instances: Vec::new(),
            modules: Vec::new(),
            funcs: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            global_types: Vec::new(),
            globals_touched: false,
            tags: Vec::new(),
            heap: StoredHeap::new(&limits),
            held: Mutex::default(),
            calls: Calls::default(),
            is_twin: false,
            types: TypePool::new(id),
            next_module: 0,
        }
    }

    /// Says which module the instance that is added next is of; makes room for its code on its first use.
    pub(crate) fn use_module(&mut self, module: &Module) -> Result<(), Error> {
        let known = self.modules.iter().position(|code| code.module.is_same(module));
        self.next_module = if let Some(known) = known.and_then(number) {
            known
        } else {
            let types = self.types.take_in(&module.image(), self.limits.max_types)?;
            let code = ModuleCode::new(module, types)?;
            push(&mut self.modules, code).ok_or(LimitError::out_of_memory("modules", 0))?
        };
        Ok(())
    }

    /// The heap.
    pub(crate) fn heap_view(&mut self) -> Heap<'_> {
        self.heap.view(self.types.scope().types, &self.tags)
    }

    /// The type of the structure or array that a reference refers to.
    pub(crate) fn object_type(&self, reference: Ref) -> Option<u32> {
        self.heap.object_type(reference)
    }

    pub(crate) fn module_of(&self, instance: u32) -> Option<&ModuleCode> {
        self.modules.get(self.instances.get(instance as usize)?.module as usize)
    }

    /// The function whose code holds a position, and the offset of the operator there from the module's start.
    pub(crate) fn locate(&self, strategy: Strategy, instance: u32, pc: u32) -> Option<(u32, Option<usize>)> {
        let code = self.module_of(instance)?;
        match strategy.positions() {
            Strategy::Traditional => code.locate_entry(pc),
            Strategy::Stackless | Strategy::Lockstep => code.locate(pc),
        }
    }

    /// Makes a function's code, or side table, on its first call.
    pub(crate) fn provide_code(&mut self, instance: u32, func: u32) -> Result<(), Error> {
        self.provide_for(instance, func, self.strategy)
    }

    /// Makes what an engine needs of a function, unless it is there.
    pub(crate) fn provide_for(&mut self, instance: u32, func: u32, strategy: Strategy) -> Result<(), Error> {
        let module = self.instances.get(instance as usize).map(|instance| instance.module);
        let code = module.and_then(|module| self.modules.get_mut(module as usize));
        let code = code.ok_or_else(|| Error::internal("code of an unknown instance"))?;
        match strategy {
            Strategy::Stackless | Strategy::Lockstep => code.provide(func),
            Strategy::Traditional => code.provide_side_table(func),
        }
    }

    /// Enlarges the storage of a memory. New bytes are zero.
    pub(crate) fn enlarge_memory(&mut self, instance: u32, memory: u32, bytes: u64) -> Result<(), Error> {
        let missing = || Error::internal("storage of an unknown memory");
        let addr = self.linked(instance, Space::Memory, memory).ok_or_else(missing)?;
        self.enlarge_memory_at(addr, bytes)
    }

    pub(crate) fn enlarge_memory_at(&mut self, addr: u32, bytes: u64) -> Result<(), Error> {
        let memory =
            self.memories.get_mut(addr as usize).ok_or_else(|| Error::internal("storage of an unknown memory"))?;
        let full = LimitError::out_of_memory("linear memory", bytes);
        let length = usize::try_from(bytes).map_err(|_| full)?;
        Ok(memory.bytes.enlarge(length).map_err(|_| full)?)
    }

    /// Enlarges the storage of a table.
    pub(crate) fn enlarge_table(&mut self, instance: u32, table: u32, elements: u64) -> Result<(), Error> {
        let missing = || Error::internal("storage of an unknown table");
        let addr = self.linked(instance, Space::Table, table).ok_or_else(missing)?;
        self.enlarge_table_at(addr, elements)
    }

    pub(crate) fn enlarge_table_at(&mut self, addr: u32, elements: u64) -> Result<(), Error> {
        let table = self.tables.get_mut(addr as usize).ok_or_else(|| Error::internal("storage of an unknown table"))?;
        let full = LimitError::out_of_memory("table elements", elements.saturating_mul(4));
        let length = usize::try_from(elements).map_err(|_| full)?;
        let more = length.saturating_sub(table.elements.len());
        table.elements.try_reserve(more).or_else(|_| table.elements.try_reserve_exact(more)).map_err(|_| full)?;
        table.elements.resize(length.max(table.elements.len()), 0);
        Ok(())
    }

    /// The store's number of a type.
    pub(crate) fn type_number(&mut self, ty: &FuncType) -> Result<u32, Error> {
        self.types.number(ty, self.limits.max_types)
    }

    /// The function type with a number.
    pub(crate) fn func_type(&self, number: u32) -> Option<&FuncType> {
        self.types.func(number)
    }

    /// One past the slots of a paused call's frames.
    pub(crate) fn frame_end(&self, stack: &StackMemory) -> u32 {
        let Some(position) = stack.positions().next() else { return 0 };
        let func = self.locate(stack.strategy, position.instance, position.pc).map(|(func, _)| func);
        let entry = func.and_then(|func| self.entry(position.instance, func));
        position.base.saturating_add(entry.map_or(0, |entry| entry.slots()))
    }

    /// The store that it is of.
    pub(crate) fn id(&self) -> StoreId {
        self.types.id()
    }

    /// Says that the host may have written into all there is, as instantiation does.
    pub(crate) fn touch_all(&mut self) {
        self.globals_touched = true;
        self.heap.touched = true;
        self.memories.iter_mut().for_each(|memory| memory.touched = true);
        self.tables.iter_mut().for_each(|table| table.touched = true);
    }

    /// What types are named in.
    pub(crate) fn scope(&self) -> Scope<'_> {
        self.types.scope()
    }

    /// The type of a function.
    pub(crate) fn type_of_func(&self, addr: u32) -> Option<&FuncType> {
        self.func_type(self.func(addr)?.ty)
    }

    /// The address of a thing in an instance's list, as a list position.
    fn addr(&self, instance: u32, space: Space, index: u32) -> Option<usize> {
        Some(self.linked(instance, space, index)? as usize)
    }

    /// All that code of an instance works on, and its module. In each place where it is made: it is large.
    #[inline(always)]
    fn view(&mut self, instance: u32) -> Option<(InstanceView<'_>, &ModuleCode)> {
        let instance = self.instances.get(instance as usize)?;
        let module = self.modules.get(instance.module as usize)?;
        let first = instance.memories.first().and_then(|addr| self.memories.get(*addr as usize));
        let page_log2 = first.map_or(16, |memory| memory.state.page_log2);
        let (memory, more_memories) = match instance.memories.as_slice() {
            // Most instances have one or none. Said here, so that nothing of the others is put together first.
            [] => (Default::default(), Default::default()),
            [only] => (self.memories.get_mut(*only as usize)?.data_mut()?, Default::default()),
            several => first_memories(&mut self.memories, several, StoredMemory::data_mut)?,
        };
        let (table, more_tables) =
            first_tables(&mut self.tables, &instance.tables, |table| Some(table.view()?.into_elements()))?;
        let view = InstanceView {
            code: module.cells(),
            entries: module.entries(),
            types: module.types(),
            funcs: &self.funcs,
            func_addrs: &instance.funcs,
            globals: &mut self.globals,
            global_base: instance.global_base,
            imported_globals: &instance.imported_globals,
            memory,
            more_memories,
            page_log2,
            table,
            more_tables,
            heap: heap_part(self.heap.view(self.types.scope().types, &self.tags)),
        };
        Some((view, module))
    }
}

impl Storage for StoreStorage {
    fn instance(&mut self, instance: u32) -> Option<InstanceView<'_>> {
        self.view(instance).map(|(view, _)| view)
    }

    fn bytecode(&self, instance: u32) -> Option<Bytecode<'_>> {
        Some(self.module_of(instance)?.bytecode())
    }

    fn instance_with_bytecode(&mut self, instance: u32) -> Option<(InstanceView<'_>, Bytecode<'_>)> {
        self.view(instance).map(|(view, module)| (view, module.bytecode()))
    }

    #[inline]
    fn func(&self, addr: u32) -> Option<FuncInst> {
        self.funcs.get(addr as usize).copied()
    }

    fn func_addr(&self, instance: u32, index: u32) -> Option<u32> {
        self.linked(instance, Space::Func, index)
    }

    #[inline]
    fn entry(&self, instance: u32, index: u32) -> Option<Entry> {
        self.module_of(instance)?.entries().get(index as usize).copied()
    }

    fn types(&self) -> Types<'_> {
        self.types.scope().types
    }

    fn type_id(&self, instance: u32, index: u32) -> Option<u32> {
        self.module_of(instance)?.types().get(index as usize).copied()
    }

    fn tag_addr(&self, instance: u32, index: u32) -> Option<u32> {
        self.linked(instance, Space::Tag, index)
    }

    fn handlers(&self, instance: u32) -> Option<Handlers<'_>> {
        Some(self.module_of(instance)?.handlers())
    }

    fn memory(&mut self, instance: u32, index: u32) -> Option<Memory<'_>> {
        let at = self.addr(instance, Space::Memory, index)?;
        self.memories.get_mut(at)?.view()
    }

    fn two_memories(&mut self, instance: u32, a: u32, b: u32) -> Option<(Memory<'_>, Memory<'_>)> {
        let both = [self.addr(instance, Space::Memory, a)?, self.addr(instance, Space::Memory, b)?];
        let [a, b] = self.memories.get_disjoint_mut(both).ok()?;
        Some((a.view()?, b.view()?))
    }

    fn memory_and_data(&mut self, instance: u32, memory: u32, segment: u32) -> Option<(Memory<'_>, &[u8])> {
        let at = self.addr(instance, Space::Memory, memory)?;
        let instance = self.instances.get(instance as usize)?;
        let dropped = *instance.dropped.get(segment as usize)?;
        let bytes = self.modules.get(instance.module as usize)?.module.data_segment(segment)?;
        let bytes = if dropped { &[] } else { bytes };
        Some((self.memories.get_mut(at)?.view()?, bytes))
    }

    fn drop_data(&mut self, instance: u32, segment: u32) {
        let instance = self.instances.get_mut(instance as usize);
        if let Some(dropped) = instance.and_then(|instance| instance.dropped.get_mut(segment as usize)) {
            *dropped = true;
        }
    }

    fn table(&mut self, instance: u32, index: u32) -> Option<Table<'_>> {
        let at = self.addr(instance, Space::Table, index)?;
        self.tables.get_mut(at)?.view()
    }

    fn two_tables(&mut self, instance: u32, a: u32, b: u32) -> Option<(Table<'_>, Table<'_>)> {
        let both = [self.addr(instance, Space::Table, a)?, self.addr(instance, Space::Table, b)?];
        let [a, b] = self.tables.get_disjoint_mut(both).ok()?;
        Some((a.view()?, b.view()?))
    }

    fn table_and_elements(&mut self, instance: u32, table: u32, segment: u32) -> Option<(Table<'_>, &[Ref])> {
        let at = self.addr(instance, Space::Table, table)?;
        let elements = self.instances.get(instance as usize)?.elements.get(segment as usize)?;
        Some((self.tables.get_mut(at)?.view()?, elements))
    }

    fn drop_elements(&mut self, instance: u32, segment: u32) {
        let instance = self.instances.get_mut(instance as usize);
        if let Some(elements) = instance.and_then(|instance| instance.elements.get_mut(segment as usize)) {
            *elements = Vec::new();
        }
    }

    fn ref_maps(&self, instance: u32, code: roots::Code) -> RefMaps<'_> {
        self.module_of(instance).map_or_else(RefMaps::default, |module| module.maps(code))
    }

    fn heap(&mut self) -> Option<Heap<'_>> {
        Some(self.heap.view(self.types.scope().types, &self.tags))
    }

    fn heap_and_data(&mut self, instance: u32, segment: u32) -> Option<(Heap<'_>, &[u8])> {
        let instance = self.instances.get(instance as usize)?;
        let dropped = *instance.dropped.get(segment as usize)?;
        let bytes = self.modules.get(instance.module as usize)?.module.data_segment(segment)?;
        let bytes = if dropped { &[] } else { bytes };
        Some((self.heap.view(self.types.scope().types, &self.tags), bytes))
    }

    fn heap_and_elements(&mut self, instance: u32, segment: u32) -> Option<(Heap<'_>, &[Ref])> {
        let elements = self.instances.get(instance as usize)?.elements.get(segment as usize)?;
        Some((self.heap.view(self.types.scope().types, &self.tags), elements))
    }

    // @need-ids: REQ_GC_003
    fn roots(&mut self, at: &mut RootsAt) -> Option<(Heap<'_>, Roots<'_>)> {
        let types = self.types.scope().types;
        let heap = self.heap.view(types, &self.tags);
        loop {
            let list = at.next();
            let found: &[Ref] = match list {
                (0, 0) => self.held.get_mut().refs(),
                (0, 1) => return Some((heap, Roots::Globals(&self.globals, &self.global_types))),
                (1, index) if (index as usize) < self.tables.len() => {
                    let table = self.tables.get(index as usize)?;
                    if is_collectable(table.ty.element, types) { table.elements() } else { &[] }
                }
                (group @ 2.., index) => {
                    let instance = self.instances.get(group as usize - 2)?;
                    let Some(elements) = instance.elements.get(index as usize) else {
                        at.next_group();
                        continue;
                    };
                    let image = self.modules.get(instance.module as usize)?.module.image();
                    let ty = image.elements.get(index as usize)?.ty;
                    if is_collectable(ty, image.all_types()) { elements } else { &[] }
                }
                _ => {
                    at.next_group();
                    continue;
                }
            };
            return Some((heap, Roots::Refs(found)));
        }
    }

    fn call(&self, index: u32) -> Option<CallView<'_>> {
        self.calls.view(index, self.is_twin)
    }
}

// @need-ids: REQ_RESOURCE_002, REQ_LIMITS_001, REQ_018
impl Allocate for StoreStorage {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn usage(&self) -> Usage {
        let count = |length: usize| number(length).unwrap_or(u32::MAX);
        Usage {
            funcs: count(self.funcs.len()),
            tables: count(self.tables.len()),
            memories: count(self.memories.len()),
            globals: count(self.globals.len()),
            instances: count(self.instances.len()),
            memory_bytes: self.budget.used(),
            tags: count(self.tags.len()),
            gc_bytes: self.heap.bytes(),
        }
    }

    fn next_types(&self) -> &[u32] {
        self.modules.get(self.next_module as usize).map_or(&[], ModuleCode::types)
    }

    fn table_type(&self, addr: u32) -> Option<TableType> {
        let table = self.tables.get(addr as usize)?;
        Some(TableType { min: u64::from(table.state.size), ..table.ty })
    }

    fn memory_type(&self, addr: u32) -> Option<MemoryType> {
        let memory = self.memories.get(addr as usize)?;
        let min = (memory.state.bytes as u64).checked_shr(u32::from(memory.state.page_log2)).unwrap_or(0);
        Some(MemoryType { min, ..memory.ty })
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

    fn reserve(&mut self, needs: &Needs) -> Result<(), OutOfStorage> {
        let own = |all: u32, imported: u32| all.saturating_sub(imported) as usize;
        self.funcs.try_reserve(own(needs.funcs, needs.imported_funcs)).map_err(|_| OutOfStorage::Functions)?;
        self.tables.try_reserve(own(needs.tables, needs.imported_tables)).map_err(|_| OutOfStorage::Tables)?;
        self.memories.try_reserve(own(needs.memories, needs.imported_memories)).map_err(|_| OutOfStorage::Memories)?;
        self.globals.try_reserve(needs.global_slots as usize).map_err(|_| OutOfStorage::Globals)?;
        more(&mut self.instances).ok_or(OutOfStorage::Instances)
    }

    fn add_func(&mut self, func: FuncInst) -> Result<u32, OutOfStorage> {
        push(&mut self.funcs, func).ok_or(OutOfStorage::Functions)
    }

    fn add_tag(&mut self, ty: u32) -> Result<u32, OutOfStorage> {
        push(&mut self.tags, ty).ok_or(OutOfStorage::Tags)
    }

    fn add_table(&mut self, ty: TableType, state: TableState, value: Ref) -> Result<u32, OutOfStorage> {
        let elements = filled(state.size, value).ok_or(OutOfStorage::Elements)?;
        push(&mut self.tables, StoredTable { elements, state, ty, touched: false }).ok_or(OutOfStorage::Tables)
    }

    fn add_memory(&mut self, ty: MemoryType, state: MemoryState) -> Result<u32, OutOfStorage> {
        let full = OutOfStorage::Bytes;
        let bytes = LinearBytes::zeroed(state.bytes).ok_or(full)?;
        self.budget.take(state.bytes).ok_or(full)?;
        let (metrics, budget) = (Arc::new(MemoryMetrics::new()), Arc::clone(&self.budget));
        let mut memory = StoredMemory { bytes, state, name: String::new(), ty, metrics, budget, touched: false };
        // The first view notes the initial size as the peak so far.
        memory.view();
        push(&mut self.memories, memory).ok_or(OutOfStorage::Memories)
    }

    fn add_instance(&mut self, needs: &Needs) -> Result<u32, OutOfStorage> {
        let instance = || {
            Some(StoredInstance {
                module: self.next_module,
                funcs: filled(needs.funcs, 0)?,
                tables: filled(needs.tables, 0)?,
                memories: filled(needs.memories, 0)?,
                imported_globals: filled(needs.imported_globals, 0)?,
                tags: filled(needs.tags, 0)?,
                global_base: 0,
                elements: self.segments()?,
                dropped: filled(needs.data, false)?,
            })
        };
        let instance = instance().ok_or(OutOfStorage::Instances)?;
        push(&mut self.instances, instance).ok_or(OutOfStorage::Instances)
    }

    fn add_globals(&mut self, instance: u32, slots: u32) -> Result<u32, OutOfStorage> {
        let base = self.add_global_slots(slots).ok_or(OutOfStorage::Globals)?;
        if let Some(instance) = self.instances.get_mut(instance as usize) {
            instance.global_base = base;
        }
        Ok(base)
    }

    fn define_global(&mut self, slot: u32, ty: GlobalType, value: [u64; 2]) -> Option<()> {
        let at = slot as usize;
        *self.global_types.get_mut(at)? = Some(ty);
        let slots = self.globals.get_mut(at..at.checked_add(ty.ty.slots() as usize)?)?;
        slots.iter_mut().zip(value).for_each(|(slot, value)| *slot = value);
        Some(())
    }

    fn link(&mut self, instance: u32, space: Space, index: u32, addr: u32) -> Option<()> {
        *self.instances.get_mut(instance as usize)?.list_mut(space).get_mut(index as usize)? = addr;
        Some(())
    }

    fn linked(&self, instance: u32, space: Space, index: u32) -> Option<u32> {
        self.instances.get(instance as usize)?.list(space).get(index as usize).copied()
    }

    fn global_base(&self, instance: u32) -> Option<u32> {
        Some(self.instances.get(instance as usize)?.global_base)
    }

    fn set_reference(&mut self, instance: u32, segment: u32, at: u32, value: Ref) -> Option<()> {
        let elements = self.instances.get_mut(instance as usize)?.elements.get_mut(segment as usize)?;
        *elements.get_mut(at as usize)? = value;
        Some(())
    }

    fn reserve_heap(&mut self, wanted: Wanted) -> Result<(), OutOfStorage> {
        self.heap.enlarge(wanted).ok_or(OutOfStorage::Objects)
    }
}

impl StoreStorage {
    /// The address of a memory that an instance has at this index.
    pub(crate) fn memory_addr(&self, instance: u32, index: u32) -> Option<u32> {
        self.linked(instance, Space::Memory, index)
    }

    /// Room for the element segments of the module that is instantiated next.
    fn segments(&self) -> Option<Vec<Vec<Ref>>> {
        let image = self.modules.get(self.next_module as usize)?.module.image();
        image.elements.iter().map(|record| filled(record.length.get(), 0)).collect()
    }

    pub(crate) fn add_global_slots(&mut self, slots: u32) -> Option<u32> {
        let base = number(self.globals.len())?;
        let length = base.checked_add(slots)? as usize;
        self.globals.try_reserve(slots as usize).ok()?;
        self.global_types.try_reserve(slots as usize).ok()?;
        self.globals.resize(length, 0);
        self.global_types.resize(length, None);
        Some(base)
    }
}
