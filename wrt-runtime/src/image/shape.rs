//! What the checker asks of a row, as one word, so that it asks once.
//!
//! The words are made from the definitions of rows when this is compiled, and listed for each kind of row; in builds that have to
//! be small, they are put together from what all operators of a group and what all its forms have in common.

// @need-ids: REQ_IMAGE_001, REQ_TABLE_001

#[cfg(any(feature = "compact", test))]
mod computed;

use super::flow::{self, is_call, is_end, is_head, is_table};
use crate::instr::Instr;
#[cfg(any(test, not(feature = "compact")))]
use crate::instr::UNWRITTEN;
use wrt_instructions::Op;
use wrt_instructions::op::{Accumulator, Compared, LoadForm, Operands, Plain, Row, StoreForm};
use wrt_instructions::vector::{BUILT, VectorRow};

/// What the checker asks of a row: some of the bits below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape(u32);

/// What it takes from the accumulators.
const TAKES_INTEGER: u32 = 1 << 0;
const TAKES_FLOAT: u32 = 1 << 1;
pub(super) const TAKES: u32 = TAKES_INTEGER | TAKES_FLOAT;
/// What it leaves in the accumulators: where it stands in what is taken, so many bits further on.
const MAKES_AT: u32 = 2;
/// What it makes may stay in the accumulator alone.
pub(super) const STAYS: u32 = 1 << 4;
/// The fields `a` and `b`, and the bytes of `imm`, that name a register. The last two do so together or not at all.
pub(super) const A: u32 = 1 << 5;
pub(super) const B: u32 = 1 << 6;
pub(super) const C: [u32; 3] = [1 << 7, 1 << 8, 1 << 9];
/// A data word follows.
pub(super) const DATA_WORD: u32 = 1 << 10;
/// More of it has to be looked at than registers and target.
pub(super) const SPECIAL: u32 = 1 << 11;
/// It branches, calls or throws, which functions that charge nothing may not. What is not special besides branches.
pub(super) const GOES_ON: u32 = 1 << 12;
/// The code behind it is reached by branches only.
pub(super) const ENDS: u32 = 1 << 13;
/// What it takes stands in the register that `a` names, for engines without an accumulator, or in that of the lowest byte of `imm`;
/// else in that of `b`.
pub(super) const IN_A: u32 = 1 << 14;
pub(super) const IN_IMM: u32 = 1 << 15;
/// It reads or writes the first memory, or the one that its data word names.
pub(super) const MEMORY: u32 = 1 << 16;
/// No engine runs it.
pub(super) const ABSENT: u32 = 1 << 17;
/// Which target it has, if it branches.
const TARGET_AT: u32 = 18;
const TARGET: u32 = 0b11;
/// It is a head. Where shapes are computed, that is left to its number.
const HEAD: u32 = 1 << 24;
/// So many data words follow: those of vector rows alone.
const MORE_WORDS_AT: u32 = 20;
/// It may do more than compute.
pub(super) const MORE: u32 = DATA_WORD | SPECIAL | GOES_ON | ENDS | HEAD | ABSENT;

impl Shape {
    /// The shape of numbers that stand for no row.
    pub(super) const NONE: Self = Self(ABSENT);

    /// The shape of the row that a number stands for, be it marked as unwritten or not.
    #[inline(always)]
    pub(super) fn of(op: u16) -> Self {
        #[cfg(feature = "compact")]
        return computed::shape(op);
        #[cfg(not(feature = "compact"))]
        Self::look_up(Op(op & !UNWRITTEN))
    }

    #[inline(always)]
    fn look_up(op: Op) -> Self {
        let kind = (op.kind() as usize).wrapping_sub(FIRST_KIND);
        match TABLES.index.get(kind).and_then(|index| TABLES.shapes.get(*index as usize)) {
            Some(shape) => *shape,
            None => Self::outside(),
        }
    }

    /// The shape of a number outside of the table.
    #[cold]
    const fn outside() -> Self {
        Self::NONE
    }

    /// The shape of a row, from its definition.
    const fn new(row: Row) -> Self {
        if row.exists() { Self::existing(row) } else { Self::NONE }
    }

    const fn existing(row: Row) -> Self {
        let mut bits = accumulators(row.takes()) | accumulators(row.makes()) << MAKES_AT | registers(row);
        bits |= match row {
            Row::Vector(row) if row.data_words() > 0 => DATA_WORD | (row.data_words() as u32) << MORE_WORDS_AT,
            _ if row.has_data() => DATA_WORD,
            _ => 0,
        };
        if let Some((target, _)) = flow::target(row, Instr::data(0, 0, 0), Instr::data(0, 0, 0)) {
            bits |= GOES_ON | (target as u32) << TARGET_AT;
        }
        if let Row::Plain(row) = row {
            bits |= if is_head(row) { HEAD } else { 0 };
            bits |= if is_table(row) || is_call(row) || matches!(row, Plain::Throw | Plain::ThrowRef) {
                GOES_ON
            } else {
                0
            };
        }
        bits |= if is_end(row) { ENDS } else { 0 } | if row.can_stay() { STAYS } else { 0 };
        bits |= taken_in(bits, takes_second(row));
        bits |= if accesses_memory(row) { MEMORY } else { 0 } | if is_special(row) { SPECIAL } else { 0 };
        Self(bits)
    }

    /// Whether it has some of these bits.
    #[inline(always)]
    pub(super) const fn has(self, bits: u32) -> bool {
        self.0 & bits != 0
    }

    /// What it leaves in the accumulators, as what the next one may take.
    #[inline(always)]
    pub(super) const fn makes(self) -> u32 {
        self.0 >> MAKES_AT & TAKES
    }

    /// How many data words follow.
    #[inline(always)]
    pub(super) const fn data_words(self) -> u32 {
        let one = self.has(DATA_WORD) as u32;
        if BUILT && self.0 >> MORE_WORDS_AT & 0b111 != 0 { self.0 >> MORE_WORDS_AT & 0b111 } else { one }
    }

    /// Whether it branches, and does nothing else.
    pub(super) const fn branches(self) -> bool {
        self.0 & (GOES_ON | SPECIAL) == GOES_ON
    }

    /// The kind of its target, if it branches.
    pub(super) const fn target(self) -> u32 {
        self.0 >> TARGET_AT & TARGET
    }
}

const fn accumulators(accumulator: Accumulator) -> u32 {
    match accumulator {
        Accumulator::None => 0,
        Accumulator::Integer => TAKES_INTEGER,
        Accumulator::Float => TAKES_FLOAT,
    }
}

/// Whether an accumulator has the second operand of a row rather than the first.
const fn takes_second(row: Row) -> bool {
    matches!(
        row,
        Row::Binary(_, Operands::RA)
            | Row::FloatBinary(_, Operands::RA)
            | Row::Compare(_, Operands::RA)
            | Row::FloatCompare(_, Operands::RA)
            | Row::CompareBranch(_, Compared::RA, _)
            | Row::FloatCompareBranch(_, _, Compared::RA, _)
    )
}

/// Where a row that takes something names it: rows with a result name that in `a`, and their operands behind it.
const fn taken_in(bits: u32, second: bool) -> u32 {
    match (second, bits & (GOES_ON | ENDS) != 0) {
        (false, true) if bits & TAKES != 0 => IN_A,
        (true, false) => IN_IMM,
        _ => 0,
    }
}

/// The fields that name one register each: also that of a value which is taken from an accumulator, for engines without one.
/// Ranges of registers, and pairs, are looked at by themselves.
const fn registers(row: Row) -> u32 {
    let [c0, c1, c23] = C;
    match row {
        Row::Binary(_, form) | Row::FloatBinary(_, form) | Row::Compare(_, form) | Row::FloatCompare(_, form) => {
            A | match form {
                Operands::RR | Operands::AR | Operands::RA => B | c0,
                Operands::RI | Operands::IR | Operands::AI | Operands::IA => B,
            }
        }
        Row::CompareBranch(_, form, _) | Row::FloatCompareBranch(_, _, form, _) => match form {
            Compared::RR | Compared::SR | Compared::AR | Compared::RA => A | B,
            Compared::R8 | Compared::RK | Compared::S8 | Compared::A8 | Compared::AK => A,
        },
        Row::Unary(..) | Row::FloatUnary(..) => A | B,
        Row::Load(_, form) => {
            A | match form {
                LoadForm::R | LoadForm::Wrap | LoadForm::R64 | LoadForm::Far => B,
                LoadForm::A | LoadForm::AWrap | LoadForm::A64 => B,
                LoadForm::Idx | LoadForm::AIdx => B | c0,
                LoadForm::Abs => 0,
            }
        }
        Row::Store(_, form) => match form {
            StoreForm::R | StoreForm::Wrap | StoreForm::R64 | StoreForm::Far => A | B,
            StoreForm::A | StoreForm::WrapA | StoreForm::A64 => A | B,
            StoreForm::Abs | StoreForm::AbsA => B,
            StoreForm::Idx | StoreForm::IdxA => A | B | c0,
            StoreForm::Imm | StoreForm::WrapImm | StoreForm::Imm64 => A,
        },
        Row::Branch(..) => A,
        Row::Wide(op) => A | B | c0 | c1 | if op.operands() > 2 { c23 } else { 0 },
        Row::Plain(row) => plain_registers(row),
        Row::Vector(_) => 0,
    }
}

/// [`registers`] of the rows with one form.
const fn plain_registers(row: Plain) -> u32 {
    let [c0, c1, c23] = C;
    match row {
        Plain::Mov | Plain::TableGet | Plain::TableSet | Plain::ArrayLen | Plain::I31Get | Plain::RefTest => A | B,
        // Fields may take two slots, which is looked at by itself.
        Plain::StructGet | Plain::StructSet => A | B,
        Plain::ArrayGet | Plain::ArraySet => A | B | c0,
        Plain::RefCast | Plain::BrOnCast => A,
        Plain::Mov2 | Plain::Select => A | B | c0 | c1,
        Plain::Mov3 => A | B | c0 | c1 | c23,
        Plain::Const
        | Plain::ConstS
        | Plain::ConstHi
        | Plain::Const64
        | Plain::GlobalGet
        | Plain::GlobalSet
        | Plain::ImportedGlobalGet
        | Plain::ImportedGlobalSet
        | Plain::BrTable
        | Plain::BrTableAcc
        | Plain::Return1
        | Plain::Return1Acc
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
        | Plain::Throw
        | Plain::Return
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
        | Plain::ElemDrop
        | Plain::Atomic => 0,
        // The others on objects take their operands from slots.
        _ => 0,
    }
}

// The rows on objects come last, and those of them that name registers stand above: a new row has to be put into its place.
const _: () = assert!(Plain::ALL.len() == Plain::ThrowRef as usize + 1);

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
                | Plain::Return
                | Plain::Return1
                | Plain::RefAsNonNull
        ),
        Row::Load(_, LoadForm::Far) | Row::Store(_, StoreForm::Far) | Row::Vector(_) => true,
        _ => false,
    }
}

/// The first kind that the table lists: where shapes are computed, vector rows alone.
const FIRST_KIND: usize = if cfg!(feature = "compact") { Op::SCALAR_KINDS } else { 0 };

/// How many kinds it lists.
const KINDS: usize = if BUILT { Op::KINDS } else { Op::SCALAR_KINDS } - FIRST_KIND;

/// How many different shapes there are.
const SHAPES: usize = KIND_SHAPES.1;

/// All shapes, and which each kind has.
struct Tables {
    shapes: [Shape; SHAPES],
    index: [u8; KINDS],
}

static TABLES: Tables = {
    let mut tables = Tables { shapes: [Shape::NONE; SHAPES], index: KIND_SHAPES.2 };
    let mut at = 0;
    while at < tables.shapes.len() {
        tables.shapes[at] = KIND_SHAPES.0[at];
        at += 1;
    }
    tables
};

/// The different shapes, how many they are, and which each kind has.
const KIND_SHAPES: ([Shape; 256], usize, [u8; KINDS]) = {
    let (mut shapes, mut count, mut index) = ([Shape::NONE; 256], 0, [0; KINDS]);
    let (mut kinds, mut op) = (0, Op(0));
    // The first row of each kind comes before those of later kinds.
    while kinds < index.len() {
        if op.kind() as usize == FIRST_KIND + kinds
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
        let listed = |op: &Op| op.kind() as usize >= FIRST_KIND;
        for op in (0..UNWRITTEN).map(Op).filter(listed) {
            assert_eq!(Shape::look_up(op), op.row().map_or(Shape::NONE, Shape::new), "{:?}", op.row());
        }
    }
}
