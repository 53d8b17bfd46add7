//! How large the parts of a store are on other targets than this one: what sizes storage for a device on a host.

use crate::fixed_store::{FixedStore, Instance, Loaded, MemoryRoom, TableRoom};
use crate::image::format::{TypeRecord, ValType};
use crate::instr::Cell;
use crate::stack::{CallState, Frame};
use crate::stackless::StacklessEngine;
use crate::storage::{Entry, FuncInst};
use crate::types::GlobalType;

/// Bytes of one entry of each slice of a [`Room`](crate::fixed_store::Room), and of what stands beside it. Entries that are
/// left out have the same size everywhere: 8 bytes for slots, globals and words of objects, 4 for words, tags and elements of tables.
///
/// The two tables are upper bounds. Each build compares the one that it is for with what its compiler made of the types,
/// and fails where a type became larger.
// @need-ids: REQ_BUDGET_003
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// A pointer.
    pub pointer: usize,
    /// [`Loaded`].
    pub module: usize,
    /// [`Instance`].
    pub instance: usize,
    /// [`FuncInst`].
    pub func: usize,
    /// [`TypeRecord`].
    pub ty: usize,
    /// [`ValType`].
    pub val_type: usize,
    /// The type of a global.
    pub global_type: usize,
    /// [`TableRoom`], without elements.
    pub table: usize,
    /// [`MemoryRoom`], without bytes.
    pub memory: usize,
    /// [`Entry`].
    pub entry: usize,
    /// [`Cell`].
    pub cell: usize,
    /// [`Frame`].
    pub frame: usize,
    /// [`CallState`].
    pub call: usize,
    /// [`FixedStore`].
    pub store: usize,
    /// [`StacklessEngine`].
    pub engine: usize,
}

impl Sizes {
    /// With pointers of 32 bits.
    pub const POINTERS_32: Self = Self {
        pointer: 4,
        module: 316,
        instance: 72,
        func: 12,
        ty: 28,
        val_type: 4,
        global_type: 5,
        table: 56,
        memory: 64,
        entry: 8,
        cell: 8,
        frame: 8,
        call: 88,
        store: 312,
        engine: 72,
    };

    /// With pointers of 64 bits.
    pub const POINTERS_64: Self = Self {
        pointer: 8,
        module: 592,
        instance: 144,
        func: 12,
        ty: 28,
        val_type: 4,
        global_type: 5,
        table: 64,
        memory: 88,
        entry: 8,
        cell: 16,
        frame: 8,
        call: 88,
        store: 496,
        engine: 72,
    };

    /// Here.
    pub const HERE: Self = Self {
        pointer: size_of::<usize>(),
        module: size_of::<Loaded<'static>>(),
        instance: size_of::<Instance<'static>>(),
        func: size_of::<FuncInst>(),
        ty: size_of::<TypeRecord>(),
        val_type: size_of::<ValType>(),
        global_type: size_of::<Option<GlobalType>>(),
        table: size_of::<TableRoom<'static>>(),
        memory: size_of::<MemoryRoom<'static>>(),
        entry: size_of::<Entry>(),
        cell: size_of::<Cell>(),
        frame: size_of::<Frame>(),
        call: size_of::<CallState>(),
        store: size_of::<FixedStore<'static>>(),
        engine: size_of::<StacklessEngine>(),
    };

    /// The table for a width of pointers in bits; `None` for other widths than 32 and 64.
    pub const fn of_pointers(bits: u32) -> Option<Self> {
        match bits {
            32 => Some(Self::POINTERS_32),
            64 => Some(Self::POINTERS_64),
            _ => None,
        }
    }

    /// Whether no type is larger here than `other` says.
    pub const fn is_within(&self, other: &Self) -> bool {
        self.module <= other.module
            && self.instance <= other.instance
            && self.func <= other.func
            && self.ty <= other.ty
            && self.val_type <= other.val_type
            && self.global_type <= other.global_type
            && self.table <= other.table
            && self.memory <= other.memory
            && self.entry <= other.entry
            && self.cell <= other.cell
            && self.frame <= other.frame
            && self.call <= other.call
            && self.store <= other.store
            && self.engine <= other.engine
    }
}

// A type that became larger: measure it on both widths, and change the tables above.
const _: () = if let Some(sizes) = Sizes::of_pointers(usize::BITS) {
    assert!(Sizes::HERE.is_within(&sizes), "a type is larger than the table of sizes says");
};

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_BUDGET_003
    #[test]
    fn a_table_that_is_too_small_is_told() {
        let small = Sizes { memory: Sizes::HERE.memory - 1, ..Sizes::HERE };
        assert!(!Sizes::HERE.is_within(&small));
        assert!(Sizes::HERE.is_within(&Sizes::HERE));
        assert_eq!(Sizes::of_pointers(16), None);
    }
}
