//! What the checker asks of a row, as one word, so that it asks once.
//!
//! The words are made from the definitions of rows when this is compiled. Many rows have the same one: there is a table of
//! the different words, and one that says for each kind of row which of them is its own.

use super::flow::{self, is_call, is_end, is_head, is_table};
use crate::instr::{Instr, UNWRITTEN};
use wrt_instructions::op::{Accumulator, Compared, LoadForm, Operand, Operands, Plain, Row, StoreForm, Target};
use wrt_instructions::vector::{BUILT, VectorRow};
use wrt_instructions::{Op, Part};

/// What the checker asks of a row: some of the bits below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape(u32);

/// What it takes from the accumulators.
const TAKES_INTEGER: u32 = 1 << 0;
const TAKES_FLOAT: u32 = 1 << 1;
/// Takes nothing. It stands where instructions say that their result is not written, after which no such row may follow.
pub(super) const TAKES_NOTHING: u32 = UNWRITTEN as u32;
/// What may not follow if nothing was made.
pub(super) const NOTHING_MADE: u32 = TAKES_INTEGER | TAKES_FLOAT;
/// Where those of these bits stand that may not follow this row: at the end, so that they come out by shifting.
const FORBIDS_AT: u32 = 30;
/// The fields `a` and `b`, and the bytes of `imm`, that name a register.
pub(super) const A: u32 = 1 << 2;
pub(super) const B: u32 = 1 << 3;
pub(super) const C: [u32; 4] = [1 << 4, 1 << 5, 1 << 6, 1 << 7];
/// How many data words follow.
const WORDS_AT: u32 = 8;
const WORDS: u32 = 0b111;
/// It reads or writes the first memory, or the one that its data word names.
pub(super) const MEMORY: u32 = 1 << 11;
/// More of it has to be looked at than registers and target.
pub(super) const SPECIAL: u32 = 1 << 12;
/// It leads elsewhere, as the target's two bits say.
pub(super) const BRANCHES: u32 = 1 << 16;
const TARGET_AT: u32 = 17;
const TARGET: u32 = 0b11;
/// Its target stands in its data word.
pub(super) const FAR_TARGET: u32 = 1 << 19;
/// It is a head: its `imm` is what it charges.
pub(super) const HEAD: u32 = 1 << 20;
/// The jumps of a branch table follow.
pub(super) const TABLE: u32 = 1 << 21;
/// It branches, calls or throws, which functions that charge nothing may not.
pub(super) const GOES_ON: u32 = 1 << 22;
/// The code behind it is reached by branches only.
pub(super) const ENDS: u32 = 1 << 23;
/// What it makes may not stay in the accumulator alone.
const WRITES: u32 = 1 << 24;
/// No engine runs it.
pub(super) const ABSENT: u32 = 1 << 25;
/// It is no row, or a data word.
const NO_INSTRUCTION: u32 = 1 << 26;
/// The part of the language that it is left out with: its place among all, and after them none.
const PART_AT: u32 = 27;
/// It may do more than compute.
pub(super) const MORE: u32 = BRANCHES | HEAD | TABLE | GOES_ON | ENDS | ABSENT | WORDS << WORDS_AT;
/// The shape of numbers that stand for no row.
const NONE: Shape = Shape(TAKES_NOTHING | ABSENT | NO_INSTRUCTION | (Part::ALL.len() as u32) << PART_AT);

impl Shape {
    /// The shape of the row that a number stands for.
    #[inline(never)]
    pub(super) fn of(op: Op) -> Self {
        Self::look_up(op)
    }

    /// [`of`](Self::of), without a call.
    #[inline(always)]
    pub(super) fn look_up(op: Op) -> Self {
        match TABLES.index.get(op.kind() as usize).and_then(|index| TABLES.shapes.get(*index as usize)) {
            Some(shape) => *shape,
            None => Self::outside(op),
        }
    }

    /// The shape of a number outside of the table.
    #[cold]
    fn outside(op: Op) -> Self {
        if (op.0 as usize) < Op::COUNT { VECTOR } else { NONE }
    }

    /// The shape of a row, from its definition.
    const fn new(row: Row) -> Self {
        if row.exists() {
            return Self::existing(row);
        }
        let mut part = 0;
        while part < Part::ALL.len()
            && (row.is_built() || !matches!(row.part(), Some(left) if left as u8 == Part::ALL[part] as u8))
        {
            part += 1;
        }
        let data = if matches!(row, Row::Plain(Plain::Data)) { NO_INSTRUCTION } else { 0 };
        Self(takes(row.takes()) | ABSENT | data | (part as u32) << PART_AT)
    }

    const fn existing(row: Row) -> Self {
        let mut bits = takes(row.takes()) | (NOTHING_MADE & !takes(row.makes())) << FORBIDS_AT;
        bits |= registers(row) | (row.data_words() as u32) << WORDS_AT;
        if let Some((target, at)) = flow::target(row, Instr::data(0, 0, 0), Instr::data(0, 0, 1)) {
            bits |= BRANCHES | GOES_ON | (target as u32) << TARGET_AT | if at == 1 { FAR_TARGET } else { 0 };
        }
        if let Row::Plain(row) = row {
            bits |= if is_head(row) { HEAD } else { 0 } | if is_table(row) { TABLE } else { 0 };
            bits |= if is_table(row) || is_call(row) || matches!(row, Plain::Throw) { GOES_ON } else { 0 };
        }
        bits |= if is_end(row) { ENDS } else { 0 } | if row.can_stay() { 0 } else { WRITES };
        bits |= if accesses_memory(row) { MEMORY } else { 0 } | if is_special(row) { SPECIAL } else { 0 };
        Self(bits)
    }

    /// Whether it has some of these bits.
    #[inline(always)]
    pub(super) const fn has(self, bits: u32) -> bool {
        self.0 & bits != 0
    }

    /// The part of the language that it is left out with.
    // @need-ids: REQ_PARTS_001
    pub(super) fn left_out(self) -> Option<Part> {
        Part::ALL.get((self.0 >> PART_AT) as usize).copied().filter(|_| self.has(ABSENT))
    }

    /// Whether it is an instruction, be it one that this build leaves out.
    pub(super) const fn is_instruction(self) -> bool {
        !self.has(NO_INSTRUCTION)
    }

    /// Shapes that may not follow, as there is nothing in the accumulator for them.
    #[inline(always)]
    pub(super) const fn forbids(self) -> u32 {
        self.0 >> FORBIDS_AT
    }

    /// Whether an instruction of this shape leaves unwritten what must be written.
    #[inline(always)]
    pub(super) const fn misses_write(self, n: Instr) -> bool {
        n.is_unwritten() && self.has(WRITES)
    }

    /// How many data words follow.
    #[inline(always)]
    pub(super) const fn data_words(self) -> u32 {
        self.0 >> WORDS_AT & WORDS
    }

    /// Whether it branches to a target of this kind.
    #[inline(always)]
    pub(super) const fn targets(self, target: Target) -> bool {
        self.0 & (BRANCHES | TARGET << TARGET_AT) == BRANCHES | (target as u32) << TARGET_AT
    }
}

const fn takes(accumulator: Accumulator) -> u32 {
    match accumulator {
        Accumulator::None => TAKES_NOTHING,
        Accumulator::Integer => TAKES_INTEGER,
        Accumulator::Float => TAKES_FLOAT,
    }
}

/// The fields that name one register each. Ranges of registers, and pairs, are looked at by themselves.
const fn registers(row: Row) -> u32 {
    let [c0, c1, c2, c3] = C;
    match row {
        Row::Binary(_, form) | Row::FloatBinary(_, form) | Row::Compare(_, form) | Row::FloatCompare(_, form) => {
            A | match form {
                Operands::RR => B | c0,
                Operands::RI | Operands::IR | Operands::RA => B,
                Operands::AR => c0,
                Operands::AI | Operands::IA => 0,
            }
        }
        Row::CompareBranch(_, form, _) | Row::FloatCompareBranch(_, _, form, _) => match form {
            Compared::RR | Compared::SR => A | B,
            Compared::AR => B,
            Compared::RA | Compared::R8 | Compared::RK | Compared::S8 => A,
            Compared::A8 | Compared::AK => 0,
        },
        Row::Unary(_, Operand::R) | Row::FloatUnary(_, Operand::R) => A | B,
        Row::Unary(_, Operand::A) | Row::FloatUnary(_, Operand::A) => A,
        Row::Load(_, form) => {
            A | match form {
                LoadForm::R | LoadForm::Wrap | LoadForm::R64 | LoadForm::Far => B,
                LoadForm::Idx => B | c0,
                LoadForm::AIdx => c0,
                LoadForm::Abs | LoadForm::A | LoadForm::AWrap | LoadForm::A64 => 0,
            }
        }
        Row::Store(_, form) => match form {
            StoreForm::R | StoreForm::Wrap | StoreForm::R64 | StoreForm::Far => A | B,
            StoreForm::Abs => B,
            StoreForm::Idx => A | B | c0,
            StoreForm::IdxA => A | c0,
            StoreForm::Imm | StoreForm::WrapImm | StoreForm::Imm64 => A,
            StoreForm::A | StoreForm::WrapA | StoreForm::A64 => A,
            StoreForm::AbsA => 0,
        },
        Row::Branch(_, Operand::R, _) => A,
        Row::Branch(_, Operand::A, _) => 0,
        Row::Wide(op) => A | B | c0 | c1 | if op.operands() > 2 { c2 | c3 } else { 0 },
        Row::Plain(row) => plain_registers(row),
        Row::Vector(_) => 0,
    }
}

/// [`registers`] of the rows with one form.
const fn plain_registers(row: Plain) -> u32 {
    let [c0, c1, c2, c3] = C;
    match row {
        Plain::Mov | Plain::TableGet | Plain::TableSet => A | B,
        Plain::Mov2 | Plain::Select => A | B | c0 | c1,
        Plain::Mov3 => A | B | c0 | c1 | c2 | c3,
        Plain::Const
        | Plain::ConstS
        | Plain::ConstHi
        | Plain::Const64
        | Plain::GlobalGet
        | Plain::GlobalSet
        | Plain::ImportedGlobalGet
        | Plain::ImportedGlobalSet
        | Plain::BrTable
        | Plain::Return1
        | Plain::MemorySize
        | Plain::TableSize
        | Plain::RefFunc
        | Plain::RefAsNonNull
        | Plain::FarGet
        | Plain::FarPut => A,
        Plain::CallIndirect | Plain::ReturnCallIndirect | Plain::CallRef | Plain::ReturnCallRef => B,
        // Listed, so that a new row has to be put in its place.
        Plain::Corrupt
        | Plain::Data
        | Plain::Unreachable
        | Plain::MovRange
        | Plain::Fuel
        | Plain::Enter
        | Plain::Enter4
        | Plain::Enter8
        | Plain::EnterWide
        | Plain::WideParams
        | Plain::Jump
        | Plain::JumpBack
        | Plain::Call
        | Plain::CallImport
        | Plain::ReturnCall
        | Plain::ReturnCallImport
        | Plain::BrTableAcc
        | Plain::Throw
        | Plain::Return
        | Plain::Return1Acc
        | Plain::ReturnConst
        | Plain::ReturnMany
        | Plain::MemoryGrow
        | Plain::MemoryCopy
        | Plain::MemoryFill
        | Plain::MemoryInit
        | Plain::DataDrop
        | Plain::TableGrow
        | Plain::TableFill
        | Plain::TableCopy
        | Plain::TableInit
        | Plain::ElemDrop => 0,
    }
}

const fn accesses_memory(row: Row) -> bool {
    matches!(row, Row::Load(..) | Row::Store(..) | Row::Vector(VectorRow::Load(..) | VectorRow::Store(..)))
}

/// Whether more has to be looked at than what its shape says. Rows that are not special are listed, so that a new one is.
const fn is_special(row: Row) -> bool {
    match row {
        Row::Plain(row) => !matches!(
            row,
            Plain::Unreachable
                | Plain::Mov
                | Plain::Mov2
                | Plain::Mov3
                | Plain::Const
                | Plain::ConstS
                | Plain::ConstHi
                | Plain::Const64
                | Plain::Select
                | Plain::Fuel
                | Plain::Jump
                | Plain::JumpBack
                | Plain::BrTable
                | Plain::BrTableAcc
                | Plain::Return
                | Plain::Return1
                | Plain::RefAsNonNull
        ),
        Row::Load(_, LoadForm::Far) | Row::Store(_, StoreForm::Far) | Row::Vector(_) => true,
        _ => false,
    }
}

/// Rows of vectors where they are left out.
const VECTOR: Shape = match Op(Op::SCALAR_COUNT as u16).row() {
    Some(row) => Shape::new(row),
    None => NONE,
};

/// The kinds that the table lists.
const KINDS: usize = if BUILT { Op::KINDS } else { Op::SCALAR_KINDS };

/// How many different shapes there are.
const SHAPES: usize = KIND_SHAPES.1;

/// All shapes, and which each kind has.
struct Tables {
    shapes: [Shape; SHAPES],
    index: [u8; KINDS],
}

static TABLES: Tables = {
    let mut tables = Tables { shapes: [NONE; SHAPES], index: KIND_SHAPES.2 };
    let mut at = 0;
    while at < SHAPES {
        tables.shapes[at] = KIND_SHAPES.0[at];
        at += 1;
    }
    tables
};

/// The different shapes, how many they are, and which each kind has.
const KIND_SHAPES: ([Shape; 256], usize, [u8; KINDS]) = {
    let (mut shapes, mut count, mut index) = ([NONE; 256], 0, [0; KINDS]);
    let (mut kinds, mut op) = (0, Op(0));
    // The first row of each kind comes before those of later kinds.
    while kinds < KINDS {
        if op.kind() as usize == kinds
            && let Some(row) = op.row()
        {
            let shape = Shape::new(row);
            let mut at = 0;
            while at < count && shapes[at].0 != shape.0 {
                at += 1;
            }
            shapes[at] = shape;
            count = if at == count { at + 1 } else { count };
            index[kinds] = at as u8;
            kinds += 1;
        }
        op = Op(op.0 + 1);
    }
    (shapes, count, index)
};

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_IMAGE_001, REQ_TABLE_001
    #[test]
    fn rows_of_a_kind_have_the_same_shape() {
        for op in (0..=u16::MAX).map(Op) {
            assert_eq!(Shape::of(op), op.row().map_or(NONE, Shape::new), "{:?}", op.row());
        }
    }
}
