//! Profiles: how many instructions of each class ran, and how often memories were accessed.
//!
//! What is counted are instructions of the register IR, of which there are fewer than operators of the bytecode. Profiled
//! runs use a handler loop of their own, so that other runs pay nothing for it.

use crate::storage::StoreStorage;
use alloc::sync::Arc;
use alloc::vec::Vec;
use wrt_instructions::op::{Plain, Row};
use wrt_runtime::Instr;
use wrt_runtime::memory::MemoryMetrics;
use wrt_runtime::stackless::Observer;

/// What kind of work an instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Class {
    /// Arithmetic, logic and shifts.
    Arithmetic,
    /// Comparisons that give a value.
    Compare,
    /// Unary operators and conversions between types.
    Conversion,
    /// Loads.
    Load,
    /// Stores.
    Store,
    /// Jumps, with or without a comparison.
    Branch,
    /// Calls and returns.
    Call,
    /// Moves, selects and globals.
    Variable,
    /// Constants.
    Constant,
    /// Heads of functions and segments, where fuel is charged.
    Fuel,
    /// Size, growth and bulk operators of memories.
    Bulk,
    /// Tables and references.
    Table,
    /// `unreachable`, and what no lowering writes.
    Other,
}

impl Class {
    /// All classes, in order.
    pub const ALL: [Self; 13] = [
        Self::Arithmetic,
        Self::Compare,
        Self::Conversion,
        Self::Load,
        Self::Store,
        Self::Branch,
        Self::Call,
        Self::Variable,
        Self::Constant,
        Self::Fuel,
        Self::Bulk,
        Self::Table,
        Self::Other,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arithmetic => "arithmetic",
            Self::Compare => "compare",
            Self::Conversion => "conversion",
            Self::Load => "load",
            Self::Store => "store",
            Self::Branch => "branch",
            Self::Call => "call",
            Self::Variable => "variable",
            Self::Constant => "constant",
            Self::Fuel => "fuel",
            Self::Bulk => "bulk",
            Self::Table => "table",
            Self::Other => "other",
        }
    }

    /// The class of an instruction.
    pub fn of(instr: Instr) -> Self {
        match instr.op().row() {
            None => Self::Other,
            Some(row) => match row {
                Row::Binary(..) | Row::FloatBinary(..) => Self::Arithmetic,
                Row::Compare(..) | Row::FloatCompare(..) => Self::Compare,
                Row::Unary(..) | Row::FloatUnary(..) => Self::Conversion,
                Row::Load(..) => Self::Load,
                Row::Store(..) => Self::Store,
                Row::CompareBranch(..) | Row::FloatCompareBranch(..) | Row::Branch(..) => Self::Branch,
                Row::Plain(plain) => Self::of_plain(plain),
            },
        }
    }

    const fn of_plain(plain: Plain) -> Self {
        match plain {
            Plain::Corrupt | Plain::Data | Plain::Unreachable => Self::Other,
            Plain::Mov
            | Plain::Mov2
            | Plain::Mov3
            | Plain::MovRange
            | Plain::Select
            | Plain::GlobalGet
            | Plain::GlobalSet
            | Plain::ImportedGlobalGet
            | Plain::ImportedGlobalSet
            | Plain::FarGet
            | Plain::FarPut
            | Plain::WideParams => Self::Variable,
            Plain::Const | Plain::ConstS | Plain::ConstHi | Plain::Const64 => Self::Constant,
            Plain::Fuel | Plain::Enter | Plain::Enter4 | Plain::Enter8 | Plain::EnterWide => Self::Fuel,
            Plain::Jump | Plain::JumpBack | Plain::BrTable => Self::Branch,
            Plain::Call
            | Plain::CallImport
            | Plain::CallIndirect
            | Plain::ReturnCall
            | Plain::ReturnCallImport
            | Plain::ReturnCallIndirect
            | Plain::Return
            | Plain::Return1
            | Plain::ReturnConst
            | Plain::ReturnMany => Self::Call,
            Plain::MemorySize
            | Plain::MemoryGrow
            | Plain::MemoryCopy
            | Plain::MemoryFill
            | Plain::MemoryInit
            | Plain::DataDrop => Self::Bulk,
            Plain::TableGet
            | Plain::TableSet
            | Plain::TableSize
            | Plain::TableGrow
            | Plain::TableFill
            | Plain::TableCopy
            | Plain::TableInit
            | Plain::ElemDrop
            | Plain::RefFunc => Self::Table,
        }
    }
}

/// What profiled calls did.
// @need-ids: REQ_012
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Instructions of the register IR that ran.
    pub instructions: u64,
    /// How many of each class, the most frequent first; classes without any are left out.
    pub by_class: Vec<(&'static str, u64)>,
}

/// Counts while it observes.
#[derive(Debug)]
pub(crate) struct Profiler {
    pub(crate) active: bool,
    counts: [u64; Class::ALL.len()],
    /// The figures of each instance's memory 0, which guests' loads and stores are counted in.
    memories: Vec<Option<Arc<MemoryMetrics>>>,
}

impl Profiler {
    pub(crate) const fn new() -> Self {
        Self { active: true, counts: [0; Class::ALL.len()], memories: Vec::new() }
    }

    /// Learns of instances that came since the last run.
    pub(crate) fn meet(&mut self, storage: &StoreStorage) {
        for instance in storage.instances.iter().skip(self.memories.len()) {
            let memory = instance.memories.first().and_then(|addr| storage.memories.get(*addr as usize));
            self.memories.push(memory.map(|memory| Arc::clone(&memory.metrics)));
        }
    }

    pub(crate) fn profile(&self) -> Profile {
        let counts = Class::ALL.iter().zip(self.counts);
        let mut by_class: Vec<_> =
            counts.filter(|(_, count)| *count > 0).map(|(class, count)| (class.name(), count)).collect();
        by_class.sort_by_key(|(_, count)| core::cmp::Reverse(*count));
        Profile { instructions: self.counts.iter().fold(0, |sum, count| sum.wrapping_add(*count)), by_class }
    }
}

impl Observer for Profiler {
    fn instruction(&mut self, instance: u32, _: u32, instr: Instr) {
        let class = Class::of(instr);
        if let Some(count) = self.counts.get_mut(class as usize) {
            *count = count.wrapping_add(1);
        }
        if matches!(class, Class::Load | Class::Store)
            && let Some(Some(metrics)) = self.memories.get(instance as usize)
        {
            metrics.add_accesses(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wrt_instructions::Op;
    use wrt_instructions::op::Operands;
    use wrt_instructions::operator::BinaryOp;

    // @need-ids: REQ_012
    #[test]
    fn every_number_has_a_class_and_counts_add_up() {
        let mut profiler = Profiler::new();
        for op in 0..=u16::MAX {
            profiler.instruction(0, 0, Instr { op, ..Instr::default() });
        }
        let profile = profiler.profile();
        assert_eq!(profile.instructions, 65_536);
        assert_eq!(profile.by_class.iter().map(|(_, count)| count).sum::<u64>(), 65_536);
        assert!(Class::ALL.iter().all(|class| profile.by_class.iter().any(|(name, _)| *name == class.name())));
        let add = Instr::new(Op::binary(BinaryOp::I32Add, Operands::RI), 0, 0, 0);
        assert_eq!(Class::of(add), Class::Arithmetic);
    }
}
