//! What an engine borrows from its embedder.
//!
//! Persistent state is plain data that the embedder keeps where it likes: a host in vectors that grow under its limits,
//! a device in statics. Engines reach it only through [`Storage`], and only between stretches of running code.

// @need-ids: REQ_002

use crate::heap::roots::{CallView, Code, RefMaps, Roots, RootsAt, find_host_func};
use crate::heap::{Heap, HeapPart};
use crate::image::format::{CatchRecord, FuncRecord, GlobalRecord, HandlerRecord, NONE};
use crate::instr::{Cell, Instr};
use crate::memory::Memory;
use crate::side::{Body, SideEntry};
use crate::table::{Ref, Table};
use crate::typing::Types;
use wrt_instructions::op::Plain;
use wrt_instructions::{Op, Part};

/// The instance number of functions that the host provides.
pub const HOST: u32 = u32::MAX;

/// A function of the store (core 4.2.7, "function instances").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FuncInst {
    /// Its type, canonical in the store: equal types have equal numbers.
    pub ty: u32,
    /// The instance it belongs to, or [`HOST`].
    pub instance: u32,
    /// Its index in that instance's function index space, or the host function's number.
    pub index: u32,
}

/// Where a function's code begins and how many slots its frame has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Position where calls go on, or [`Entry::absent`]'s mark.
    start: u32,
    /// Slots of its frame: locals, operand stack at its highest, and the scratch of a wide frame.
    slots: u16,
    /// What its head charges, where handlers do that for it; calls go on behind the head then.
    price: u16,
}

/// Set in positions that are not positions.
pub(crate) const SPECIAL: u32 = 0x8000_0000;

impl Entry {
    /// In place of one, in storage that nothing was put into yet: all bits zero, so that statics take no flash.
    pub const EMPTY: Self = Self { start: 0, slots: 0, price: 0 };

    /// The entry of function `index`, as an image has it, with the instructions of its code.
    pub(crate) fn of(func: FuncRecord, index: u32, code: impl FnOnce(u32) -> Option<Instr>) -> Self {
        if !func.has_code() {
            return Self::absent(index);
        }
        Self::new(func.pc(), func.slots.get().into(), code(func.pc()).unwrap_or_default())
    }

    /// The entry of a function whose code begins at `pc`, with the instruction `head`.
    pub fn new(pc: u32, slots: u32, head: Instr) -> Self {
        let slots = u16::try_from(slots).unwrap_or(u16::MAX);
        // Handlers that call each other save a look at a head that only charges.
        let price = if cfg!(threaded) && head.op == Op::plain(Plain::Fuel).0 { head.imm } else { 0 };
        let price = u16::try_from(price).unwrap_or(0);
        Self { start: pc.wrapping_add(u32::from(price > 0)), slots, price }
    }
    /// The entry of function `index` while it has no code: not lowered yet, or an import.
    pub const fn absent(index: u32) -> Self {
        Self { start: SPECIAL | (index & 0x3FFF_FFFF), slots: 0, price: 0 }
    }
    /// Whether there is code for it.
    pub const fn is_present(&self) -> bool {
        self.start & SPECIAL == 0
    }
    /// Position of its first instruction, or [`Entry::absent`]'s mark.
    pub const fn pc(&self) -> u32 {
        if cfg!(threaded) { self.start.wrapping_sub((self.price > 0) as u32) } else { self.start }
    }
    /// Slots of its frame.
    pub const fn slots(&self) -> u32 {
        self.slots as u32
    }
    /// Where calls go on, and what they charge for the head before, if that is left to them.
    #[cfg(threaded)]
    pub(crate) const fn start(&self) -> (u32, u32) {
        (self.start, self.price as u32)
    }
}

/// Memories 1, 2 and 3 of an instance. One that is not there is empty, and so are all of them where two indices name the
/// same memory: an access that finds too few bytes here is the driver's, which goes by the index.
/// A build without further memories has no room for them.
pub type MoreMemories<'a> = [&'a mut [u8]; if Part::Memories.is_built() { 3 } else { 0 }];

/// Those of three memories for which there is room.
pub(crate) fn more_memories(given: [&mut [u8]; 3]) -> MoreMemories<'_> {
    let mut more = MoreMemories::default();
    for (place, memory) in more.iter_mut().zip(given) {
        *place = memory;
    }
    more
}

/// The bytes of memory 0, and of the next ones, of the instance whose memories are at `addrs` among `all`; `bytes` gives
/// those of one. `None` where there is no such memory.
// @need-ids: REQ_MULTI_MEMORY_001
#[inline]
pub fn first_memories<'a, T>(
    all: &'a mut [T],
    addrs: &[u32],
    bytes: impl Fn(&'a mut T) -> Option<&'a mut [u8]>,
) -> Option<(&'a mut [u8], MoreMemories<'a>)> {
    match addrs {
        [] => Some(Default::default()),
        // Most instances have one, and pay for no more.
        [only] => Some((bytes(all.get_mut(*only as usize)?)?, MoreMemories::default())),
        _ if !Part::Memories.is_built() => None,
        several => several_memories(all, several, bytes),
    }
}

// Seldom, and asked for in two places: apart, what most instances need is inlined.
#[cfg_attr(any(feature = "compact", target_pointer_width = "64"), inline(never))]
fn several_memories<'a, T>(
    all: &'a mut [T],
    addrs: &[u32],
    bytes: impl Fn(&'a mut T) -> Option<&'a mut [u8]>,
) -> Option<(&'a mut [u8], MoreMemories<'a>)> {
    let at = |addr: u32| addr as usize;
    let none = || -> &'a mut [u8] { &mut [] };
    Some(match *addrs {
        [a, b] if a != b => {
            let [a, b] = all.get_disjoint_mut([a, b].map(at)).ok()?;
            (bytes(a)?, more_memories([bytes(b)?, none(), none()]))
        }
        [a, b, c] if a != b && a != c && b != c => {
            let [a, b, c] = all.get_disjoint_mut([a, b, c].map(at)).ok()?;
            (bytes(a)?, more_memories([bytes(b)?, bytes(c)?, none()]))
        }
        [a, b, c, d, ..] if a != b && a != c && a != d && b != c && b != d && c != d => {
            let [a, b, c, d] = all.get_disjoint_mut([a, b, c, d].map(at)).ok()?;
            (bytes(a)?, more_memories([bytes(b)?, bytes(c)?, bytes(d)?]))
        }
        [a, ..] => (bytes(all.get_mut(at(a))?)?, MoreMemories::default()),
        [] => return None,
    })
}

/// Table 1 of an instance, on hosts: programs that hold the host's references keep them there. One that is not there is empty, and so
/// it is where both indices name the same table: an access that finds too few elements here is the driver's.
pub type MoreTables<'a> = [&'a mut [Ref]; if MORE_TABLES { 1 } else { 0 }];

/// Whether there is such a thing in this build.
pub(crate) const MORE_TABLES: bool =
    Part::References.is_built() && cfg!(all(target_pointer_width = "64", not(feature = "compact")));

/// The elements of table 0, and of the next one, of the instance whose tables are at `addrs` among `all`; `elements` gives those of
/// one. `None` where there is no such table.
#[inline]
pub fn first_tables<'a, T>(
    all: &'a mut [T],
    addrs: &[u32],
    elements: impl Fn(&'a mut T) -> Option<&'a mut [Ref]>,
) -> Option<(&'a mut [Ref], MoreTables<'a>)> {
    let (mut table, mut more): (&mut [Ref], _) = (&mut [], MoreTables::default());
    match (addrs, more.first_mut()) {
        ([first, second, ..], Some(place)) if first != second => {
            let [first, second] = all.get_disjoint_mut([*first as usize, *second as usize]).ok()?;
            (table, *place) = (elements(first)?, elements(second)?);
        }
        ([first, ..], _) => table = elements(all.get_mut(*first as usize)?)?,
        _ => {}
    }
    Some((table, more))
}

/// Everything that code of one instance works on while it runs, borrowed at once.
#[derive(Debug)]
pub struct InstanceView<'a> {
    /// The code of the instance's module: one array for all its functions.
    pub code: &'a [Cell],
    /// An entry for each function of the index space.
    pub entries: &'a [Entry],
    /// The store's number for each type of the module.
    pub types: &'a [u32],
    /// All functions of the store, by address.
    pub funcs: &'a [FuncInst],
    /// The store's address for each function of the index space.
    pub func_addrs: &'a [u32],
    /// All global slots of the store.
    pub globals: &'a mut [u64],
    /// Where the instance's own globals begin in them.
    pub global_base: u32,
    /// The slot of each imported global.
    pub imported_globals: &'a [u32],
    /// Memory 0 at its current size; empty if there is none.
    pub memory: &'a mut [u8],
    /// Memories 1 to 3, at their current sizes.
    pub more_memories: MoreMemories<'a>,
    /// Base-2 logarithm of memory 0's page size.
    pub page_log2: u8,
    /// Table 0 at its current size; empty if there is none.
    pub table: &'a mut [Ref],
    /// Table 1, at its current size.
    pub more_tables: MoreTables<'a>,
    /// The store's heap.
    pub heap: HeapPart<'a>,
}

/// What the traditional engine runs of an instance.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bytecode<'a> {
    /// The module, or what is kept of it: offsets count from its start.
    pub bytes: &'a [u8],
    /// Where in the module that is; added to offsets where they are told.
    pub origin: u32,
    /// The side table: one array for all its functions.
    pub side: &'a [SideEntry],
    /// A body for each function of the index space.
    pub bodies: &'a [Body],
    /// A record for each global of the index space.
    pub globals: &'a [GlobalRecord],
    /// The handlers, by indices of the side table.
    pub handlers: Handlers<'a>,
}

/// The handlers in the code of a module.
#[derive(Clone, Copy, Debug, Default)]
pub struct Handlers<'a> {
    /// Which is the innermost, by position.
    pub records: &'a [HandlerRecord],
    /// Their clauses.
    pub clauses: &'a [CatchRecord],
}

impl<'a> Handlers<'a> {
    /// The clauses around the instruction at position `pc`, in the order in which they are looked at.
    pub fn around(self, pc: u32) -> impl Iterator<Item = &'a CatchRecord> + use<'a> {
        let after = self.records.partition_point(|record| record.pc.get() <= pc);
        let record = after.checked_sub(1).and_then(|last| self.records.get(last));
        let mut next = record.map_or(NONE, |record| record.first.get());
        let clauses = self.clauses;
        core::iter::from_fn(move || {
            let clause = clauses.get(next as usize)?;
            // Downwards only, so that it comes to an end.
            next = Some(clause.next.get()).filter(|after| *after < next).unwrap_or(NONE);
            Some(clause)
        })
    }
}

/// The store, as engines see it. Indices are those of the named instance's index spaces.
///
/// `None` everywhere means "no such thing", which validated code never asks for.
pub trait Storage {
    /// Whether every function has its code from the start, so that engines never ask for any.
    fn is_complete(&self) -> bool {
        false
    }
    /// All that code of `instance` works on.
    fn instance(&mut self, instance: u32) -> Option<InstanceView<'_>>;
    /// The function at an address of the store.
    fn func(&self, addr: u32) -> Option<FuncInst>;
    /// The address of an instance's function.
    fn func_addr(&self, instance: u32, index: u32) -> Option<u32>;
    /// The entry of an instance's function.
    fn entry(&self, instance: u32, index: u32) -> Option<Entry>;
    /// All types of the store, by their numbers.
    fn types(&self) -> Types<'_>;
    /// The store's number for an instance's type.
    fn type_id(&self, instance: u32, index: u32) -> Option<u32>;
    /// The address of an instance's tag, which tells it from all others.
    fn tag_addr(&self, instance: u32, index: u32) -> Option<u32>;
    /// The handlers in the code of an instance.
    fn handlers(&self, instance: u32) -> Option<Handlers<'_>>;
    /// What the traditional engine runs of an instance; `None` where there is none of it.
    fn bytecode(&self, _instance: u32) -> Option<Bytecode<'_>> {
        None
    }
    /// All that bytecode of an instance works on, with [`bytecode`](Self::bytecode).
    fn instance_with_bytecode(&mut self, _instance: u32) -> Option<(InstanceView<'_>, Bytecode<'_>)> {
        None
    }
    /// A memory.
    fn memory(&mut self, instance: u32, index: u32) -> Option<Memory<'_>>;
    /// Two different memories; `None` also where both indices name the same one.
    fn two_memories(&mut self, instance: u32, a: u32, b: u32) -> Option<(Memory<'_>, Memory<'_>)>;
    /// A memory and the bytes of a data segment, which are none once it was dropped.
    fn memory_and_data(&mut self, instance: u32, memory: u32, segment: u32) -> Option<(Memory<'_>, &[u8])>;
    /// Drops a data segment.
    fn drop_data(&mut self, instance: u32, segment: u32);
    /// A table.
    fn table(&mut self, instance: u32, index: u32) -> Option<Table<'_>>;
    /// Two different tables; `None` also where both indices name the same one.
    fn two_tables(&mut self, instance: u32, a: u32, b: u32) -> Option<(Table<'_>, Table<'_>)>;
    /// A table and the references of an element segment, which are none once it was dropped.
    fn table_and_elements(&mut self, instance: u32, table: u32, segment: u32) -> Option<(Table<'_>, &[Ref])>;
    /// Drops an element segment.
    fn drop_elements(&mut self, instance: u32, segment: u32);

    /// The heap; `None` where there is none.
    fn heap(&mut self) -> Option<Heap<'_>> {
        None
    }
    /// The heap, and the bytes of a data segment, which are none once it was dropped.
    fn heap_and_data(&mut self, _instance: u32, _segment: u32) -> Option<(Heap<'_>, &[u8])> {
        None
    }
    /// The heap, and the references of an element segment, which are none once it was dropped.
    fn heap_and_elements(&mut self, _instance: u32, _segment: u32) -> Option<(Heap<'_>, &[Ref])> {
        None
    }
    /// The next list of references that are roots, with the heap; `None` behind the last one. A list of references of which
    /// none can be to an object counts as empty.
    fn roots(&mut self, _at: &mut RootsAt) -> Option<(Heap<'_>, Roots<'_>)> {
        None
    }
    /// Calls of the store that stand still, beside the one that runs; `None` behind the last one.
    fn call(&self, _index: u32) -> Option<CallView<'_>> {
        None
    }
    /// Where references are in the frames of an instance's functions.
    fn ref_maps(&self, _instance: u32, _code: Code) -> RefMaps<'_> {
        RefMaps::default()
    }
    /// The number of the type of the host's function with a number.
    fn host_func_type(&self, number: u32) -> Option<u32> {
        find_host_func(self, number)
    }
}
