//! Profiles: how many operators and instructions of each class ran, and how often memories were accessed.
//!
//! Operators are those that were paid for: each fuel head that is passed stands for the operators of its segment, which are
//! counted in the bytecode afterwards. Instructions are those of the register IR, of which there are fewer. Profiled runs use
//! a handler loop of their own, so that other runs pay nothing for it.

// @need-ids: REQ_012

use crate::lower::{Group, Vector, group};
use crate::storage::StoreStorage;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use wasmparser::Operator;
use wrt_instructions::op::{Plain, Row};
use wrt_instructions::vector::{VectorPlain, VectorRow};
use wrt_runtime::Instr;
use wrt_runtime::memory::MemoryMetrics;
use wrt_runtime::stackless::Observer;

/// What kind of work an operator or instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Class {
    /// Arithmetic, logic and shifts.
    Arithmetic,
    /// Comparisons that give a value.
    Compare,
    /// Unary operators and conversions between types.
    Conversion,
    /// Vector operators on values.
    Vector,
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
    /// Atomic operators.
    Atomic,
    /// Tables and references.
    Table,
    /// Structures, arrays and casts.
    Object,
    /// `unreachable`, and what no lowering writes.
    Other,
}

impl Class {
    /// All classes, in order.
    pub const ALL: [Self; 16] = [
        Self::Arithmetic,
        Self::Compare,
        Self::Conversion,
        Self::Vector,
        Self::Load,
        Self::Store,
        Self::Branch,
        Self::Call,
        Self::Variable,
        Self::Constant,
        Self::Fuel,
        Self::Bulk,
        Self::Atomic,
        Self::Table,
        Self::Object,
        Self::Other,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arithmetic => "arithmetic",
            Self::Compare => "compare",
            Self::Conversion => "conversion",
            Self::Vector => "vector",
            Self::Load => "load",
            Self::Store => "store",
            Self::Branch => "branch",
            Self::Call => "call",
            Self::Variable => "variable",
            Self::Constant => "constant",
            Self::Fuel => "fuel",
            Self::Bulk => "bulk",
            Self::Atomic => "atomic",
            Self::Table => "table",
            Self::Object => "object",
            Self::Other => "other",
        }
    }

    /// The class of an instruction.
    pub fn of(instr: Instr) -> Self {
        match instr.op().row() {
            None => Self::Other,
            Some(row) => match row {
                Row::Binary(..) | Row::FloatBinary(..) | Row::Wide(..) => Self::Arithmetic,
                Row::Compare(..) | Row::FloatCompare(..) => Self::Compare,
                Row::Unary(..) | Row::FloatUnary(..) => Self::Conversion,
                Row::Load(..) => Self::Load,
                Row::Store(..) => Self::Store,
                Row::CompareBranch(..) | Row::FloatCompareBranch(..) | Row::Branch(..) => Self::Branch,
                Row::Plain(plain) => Self::of_plain(plain),
                Row::Vector(row) => Self::of_vector(row),
            },
        }
    }

    /// The class of an operator of the bytecode.
    pub(crate) fn of_operator(operator: &Operator<'_>) -> Self {
        match group(operator) {
            Group::Binary(_) | Group::FloatBinary(_) | Group::Wide(_) => Self::Arithmetic,
            Group::Compare(_) | Group::FloatCompare(_) => Self::Compare,
            Group::Unary(_) | Group::FloatUnary(_) => Self::Conversion,
            Group::Load(..) | Group::Vector(Vector::Load(..) | Vector::LoadLane(..)) => Self::Load,
            Group::Store(..) | Group::Vector(Vector::Store(..) | Vector::StoreLane(..)) => Self::Store,
            Group::Vector(_) => Self::Vector,
            Group::Atomic(..) => Self::Atomic,
            Group::Structural | Group::Unknown => Self::of_structural(operator),
        }
    }

    const fn of_structural(operator: &Operator<'_>) -> Self {
        match operator {
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::TryTable { .. }
            | Operator::Throw { .. }
            | Operator::ThrowRef
            | Operator::BrOnCast { .. }
            | Operator::BrOnCastFail { .. }
            | Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. }
            | Operator::BrTable { .. } => Self::Branch,
            Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
            | Operator::CallRef { .. }
            | Operator::ReturnCallRef { .. }
            | Operator::Return => Self::Call,
            Operator::LocalGet { .. }
            | Operator::LocalSet { .. }
            | Operator::LocalTee { .. }
            | Operator::GlobalGet { .. }
            | Operator::GlobalSet { .. }
            | Operator::Drop
            | Operator::Select
            | Operator::TypedSelect { .. } => Self::Variable,
            Operator::I32Const { .. }
            | Operator::I64Const { .. }
            | Operator::F32Const { .. }
            | Operator::F64Const { .. }
            | Operator::V128Const { .. } => Self::Constant,
            Operator::I8x16Shuffle { .. } => Self::Vector,
            Operator::MemorySize { .. }
            | Operator::MemoryGrow { .. }
            | Operator::MemoryCopy { .. }
            | Operator::MemoryFill { .. }
            | Operator::MemoryInit { .. }
            | Operator::DataDrop { .. } => Self::Bulk,
            Operator::Nop | Operator::Unreachable => Self::Other,
            Operator::TableGet { .. }
            | Operator::TableSet { .. }
            | Operator::TableSize { .. }
            | Operator::TableGrow { .. }
            | Operator::TableFill { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. }
            | Operator::ElemDrop { .. }
            | Operator::RefNull { .. }
            | Operator::RefIsNull
            | Operator::RefFunc { .. }
            | Operator::RefEq
            | Operator::RefAsNonNull => Self::Table,
            _ => Self::Object,
        }
    }

    const fn of_vector(row: VectorRow) -> Self {
        match row {
            VectorRow::Load(..) => Self::Load,
            VectorRow::Store(..) => Self::Store,
            VectorRow::Plain(VectorPlain::Shuffle) => Self::Vector,
            VectorRow::Plain(_) => Self::Variable,
            _ => Self::Vector,
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
            Plain::Jump | Plain::JumpBack | Plain::BrTable | Plain::BrTableAcc | Plain::Throw => Self::Branch,
            Plain::BrOnCast | Plain::ThrowRef => Self::Branch,
            Plain::Call
            | Plain::CallImport
            | Plain::CallIndirect
            | Plain::ReturnCall
            | Plain::ReturnCallImport
            | Plain::ReturnCallIndirect
            | Plain::CallRef
            | Plain::ReturnCallRef
            | Plain::Return
            | Plain::Return1
            | Plain::Return1Acc
            | Plain::ReturnConst
            | Plain::ReturnMany => Self::Call,
            Plain::MemorySize
            | Plain::MemoryGrow
            | Plain::MemoryCopy
            | Plain::MemoryFill
            | Plain::MemoryInit
            | Plain::DataDrop => Self::Bulk,
            Plain::Atomic => Self::Atomic,
            Plain::TableGet
            | Plain::TableSet
            | Plain::TableSize
            | Plain::TableGrow
            | Plain::TableFill
            | Plain::TableCopy
            | Plain::TableInit
            | Plain::ElemDrop
            | Plain::RefFunc
            | Plain::RefAsNonNull => Self::Table,
            Plain::StructGet
            | Plain::StructSet
            | Plain::ArrayGet
            | Plain::ArraySet
            | Plain::ArrayLen
            | Plain::I31Get
            | Plain::RefTest
            | Plain::RefCast
            | Plain::StructNew
            | Plain::StructNewDefault
            | Plain::ArrayNew
            | Plain::ArrayNewDefault
            | Plain::ArrayNewFixed
            | Plain::ArrayNewData
            | Plain::ArrayNewElem
            | Plain::ArrayFill
            | Plain::ArrayCopy
            | Plain::ArrayInitData
            | Plain::ArrayInitElem => Self::Object,
        }
    }
}

/// What profiled calls did.
// @need-ids: REQ_012
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Operators of the bytecode that were paid for, without those of images, which have no bytecode.
    pub operators: u64,
    /// How many of each class, the most frequent first; classes without any are left out.
    pub operators_by_class: Vec<(&'static str, u64)>,
    /// Instructions of the register IR that ran.
    pub instructions: u64,
    /// How many of each class, the most frequent first; classes without any are left out.
    pub by_class: Vec<(&'static str, u64)>,
}

type Counts = [u64; Class::ALL.len()];

/// The operators of each class in each segment, by the position of the segment's head.
#[derive(Debug, Default)]
pub(crate) struct Census(BTreeMap<u32, Counts>);

impl Census {
    pub(crate) fn count(&mut self, head: u32, operator: &Operator<'_>) {
        let counts = self.0.entry(head).or_default();
        if let Some(count) = counts.get_mut(Class::of_operator(operator) as usize) {
            *count = count.wrapping_add(1);
        }
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }
}

fn by_class(counts: &Counts) -> (u64, Vec<(&'static str, u64)>) {
    let named = Class::ALL.iter().zip(counts).filter(|(_, count)| **count > 0);
    let mut named: Vec<_> = named.map(|(class, count)| (class.name(), *count)).collect();
    named.sort_by_key(|(_, count)| core::cmp::Reverse(*count));
    (counts.iter().fold(0, |sum, count| sum.wrapping_add(*count)), named)
}

/// Counts while it observes.
#[derive(Debug)]
pub(crate) struct Profiler {
    pub(crate) active: bool,
    counts: Counts,
    /// How often each head was paid, by instance and position.
    paid: Vec<Vec<u64>>,
    /// The figures of each instance's memories, which guests' loads and stores are counted in.
    memories: Vec<Vec<Arc<MemoryMetrics>>>,
}

impl Profiler {
    pub(crate) const fn new() -> Self {
        Self { active: true, counts: [0; Class::ALL.len()], paid: Vec::new(), memories: Vec::new() }
    }

    /// Learns of instances that came since the last run.
    pub(crate) fn meet(&mut self, storage: &StoreStorage) {
        for instance in storage.instances.iter().skip(self.memories.len()) {
            let memories = instance.memories.iter().filter_map(|addr| storage.memories.get(*addr as usize));
            self.memories.push(memories.map(|memory| Arc::clone(&memory.metrics)).collect());
        }
    }

    pub(crate) fn profile(&self, storage: &StoreStorage) -> Profile {
        let (instructions, by_class_of_instructions) = by_class(&self.counts);
        let (operators, operators_by_class) = by_class(&self.operators(storage));
        Profile { operators, operators_by_class, instructions, by_class: by_class_of_instructions }
    }

    /// The operators that the heads paid so far stand for.
    fn operators(&self, storage: &StoreStorage) -> Counts {
        let mut sums = [0_u64; Class::ALL.len()];
        for (instance, paid) in (0..).zip(&self.paid) {
            let Some(code) = storage.module_of(instance) else { continue };
            for (head, counts) in code.census(paid).0 {
                let times = paid.get(head as usize).copied().unwrap_or_default();
                for (sum, count) in sums.iter_mut().zip(counts) {
                    *sum = sum.wrapping_add(count.wrapping_mul(times));
                }
            }
        }
        sums
    }
}

impl Observer for Profiler {
    fn instruction(&mut self, instance: u32, _: u32, instr: Instr, data: Instr) {
        let class = Class::of(instr);
        if let Some(count) = self.counts.get_mut(class as usize) {
            *count = count.wrapping_add(1);
        }
        if !matches!(class, Class::Load | Class::Store) {
            return;
        }
        // Only accesses of other memories than the first have a data word, which names the memory.
        let memory = if instr.op().row().is_some_and(Row::has_data) { data.ab() as usize } else { 0 };
        if let Some(metrics) = self.memories.get(instance as usize).and_then(|memories| memories.get(memory)) {
            metrics.add_accesses(1);
        }
    }

    fn paid(&mut self, instance: u32, pc: u32) {
        let (instance, pc) = (instance as usize, pc as usize);
        if self.paid.len() <= instance {
            self.paid.resize_with(instance.saturating_add(1), Vec::new);
        }
        let Some(paid) = self.paid.get_mut(instance) else { return };
        if paid.len() <= pc {
            paid.resize(pc.saturating_add(1), 0);
        }
        if let Some(times) = paid.get_mut(pc) {
            *times = times.wrapping_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreId;
    use wrt_instructions::Op;
    use wrt_instructions::op::Operands;
    use wrt_instructions::operator::BinaryOp;

    // @need-ids: REQ_012
    #[test]
    fn every_number_has_a_class_and_counts_add_up() {
        let mut profiler = Profiler::new();
        for op in 0..=u16::MAX {
            profiler.instruction(0, 0, Instr { op, ..Instr::default() }, Instr::default());
        }
        let profile = profiler.profile(&StoreStorage::new(
            wrt_safety::Limits::DEFAULT,
            StoreId::new(),
            crate::Strategy::default(),
        ));
        assert_eq!(profile.instructions, 65_536);
        assert_eq!(profile.by_class.iter().map(|(_, count)| count).sum::<u64>(), 65_536);
        assert!(Class::ALL.iter().all(|class| profile.by_class.iter().any(|(name, _)| *name == class.name())));
        let add = Instr::new(Op::binary(BinaryOp::I32Add, Operands::RI), 0, 0, 0);
        assert_eq!(Class::of(add), Class::Arithmetic);
    }
}
