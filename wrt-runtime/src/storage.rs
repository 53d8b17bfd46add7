//! What an engine borrows from its embedder.
//!
//! Persistent state is plain data that the embedder keeps where it likes: a host in vectors that grow under its limits,
//! a device in statics. Engines reach it only through [`Storage`], and only between stretches of running code.

use crate::instr::Cell;
use crate::memory::Memory;
use crate::table::{Ref, Table};

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
    /// Position of its first instruction, or [`Entry::absent`]'s mark.
    pub pc: u32,
    /// Slots of its frame: locals, operand stack at its highest, and the scratch of a wide frame.
    pub slots: u32,
}

/// Set in positions that are not positions.
pub(crate) const SPECIAL: u32 = 0x8000_0000;

impl Entry {
    /// The entry of function `index` while it has no code: not lowered yet, or an import.
    pub const fn absent(index: u32) -> Self {
        Self { pc: SPECIAL | (index & 0x3FFF_FFFF), slots: 0 }
    }
    /// Whether there is code for it.
    pub const fn is_present(self) -> bool {
        self.pc & SPECIAL == 0
    }
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
    /// Base-2 logarithm of memory 0's page size.
    pub page_log2: u8,
    /// Table 0 at its current size; empty if there is none.
    pub table: &'a mut [Ref],
}

/// The store, as engines see it. Indices are those of the named instance's index spaces.
///
/// `None` everywhere means "no such thing", which validated code never asks for.
pub trait Storage {
    /// All that code of `instance` works on.
    fn instance(&mut self, instance: u32) -> Option<InstanceView<'_>>;
    /// The function at an address of the store.
    fn func(&self, addr: u32) -> Option<FuncInst>;
    /// The address of an instance's function.
    fn func_addr(&self, instance: u32, index: u32) -> Option<u32>;
    /// The entry of an instance's function.
    fn entry(&self, instance: u32, index: u32) -> Option<Entry>;
    /// The store's number for an instance's type.
    fn type_id(&self, instance: u32, index: u32) -> Option<u32>;
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
}
