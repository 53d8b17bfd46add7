//! The vector rows of the register IR. Where a field names the register of a `v128`, that is the number of its low slot.

// @need-ids: REQ_TABLE_001

use super::{
    ExtractLaneOp, ReplaceLaneOp, SplatOp, VectorBinaryOp, VectorLoadOp, VectorShiftOp, VectorStoreOp, VectorTernaryOp,
    VectorTestOp, VectorUnaryOp,
};
use crate::op::{Accumulator, at, count, forms, found, split};

forms! {
    /// Where the distance of a shift comes from.
    Distance {
        /// The register in the low byte of `imm`.
        R "",
        /// The constant `imm`.
        I ".i",
    }
}

forms! {
    /// How a load or store of a `v128` forms its address. The base is register `b` of a load and register `a` of a store.
    VectorAccess {
        /// The base plus offset `imm`.
        R "",
        /// The constant `imm`.
        Abs ".abs",
        /// The base plus (wrapping) register `imm & 255`, plus offset `imm >> 8`.
        Idx ".idx",
        /// The base plus (wrapping) the constant `imm`.
        Wrap ".w",
        /// The base, of 64 bits, plus offset `imm | data.imm << 32`, in memory `data.a | data.b << 8`.
        Far ".far",
    }
}

forms! {
    /// Vector rows with one form.
    VectorPlain {
        /// r\[a\] = lanes of r\[b\] and r\[imm & 255\], whose numbers are the bytes of the `imm` of four data words.
        Shuffle "i8x16.shuffle",
        /// r\[a\] = r\[imm >> 8 & 255\] != 0 ? r\[b\] : r\[imm & 255\].
        Select "select.v128",
        /// r\[a\] = the instance's own global slots imm and imm + 1.
        GlobalGet "global.get.v128",
        /// The instance's own global slots imm and imm + 1 = r\[a\].
        GlobalSet "global.set.v128",
        /// r\[a\] = the imported global number imm.
        ImportedGlobalGet "global.get.imported.v128",
        /// The imported global number imm = r\[a\].
        ImportedGlobalSet "global.set.imported.v128",
    }
}

/// A vector row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // the variants are the table's groups
pub enum VectorRow {
    /// r\[a\] = op r\[b\].
    Unary(VectorUnaryOp),
    /// r\[a\] = r\[b\] op r\[imm & 255\].
    Binary(VectorBinaryOp),
    /// r\[a\] = op of r\[b\], r\[imm & 255\] and r\[imm >> 8 & 255\].
    Ternary(VectorTernaryOp),
    /// r\[a\] = r\[b\] shifted.
    Shift(VectorShiftOp, Distance),
    /// Slot a = op r\[b\].
    Test(VectorTestOp),
    /// r\[a\] = slot b in every lane.
    Splat(SplatOp),
    /// Slot a = lane imm of r\[b\].
    ExtractLane(ExtractLaneOp),
    /// r\[a\] = r\[b\] with lane imm >> 8 & 255 replaced by slot imm & 255.
    ReplaceLane(ReplaceLaneOp),
    /// r\[a\] = what is at an address.
    Load(VectorLoadOp, VectorAccess),
    /// What is at an address = r\[b\].
    Store(VectorStoreOp, VectorAccess),
    Plain(VectorPlain),
}

/// How many slots from its register on a field of an instruction names; none where it names no register.
pub type Slots = u8;

const DISTANCES: u16 = count(Distance::ALL);
const ACCESSES: u16 = count(VectorAccess::ALL);

const UNARY_AT: u16 = 0;
const BINARY_AT: u16 = UNARY_AT + count(VectorUnaryOp::ALL);
const TERNARY_AT: u16 = BINARY_AT + count(VectorBinaryOp::ALL);
const SHIFT_AT: u16 = TERNARY_AT + count(VectorTernaryOp::ALL);
const TEST_AT: u16 = SHIFT_AT + count(VectorShiftOp::ALL) * DISTANCES;
const SPLAT_AT: u16 = TEST_AT + count(VectorTestOp::ALL);
const EXTRACT_AT: u16 = SPLAT_AT + count(SplatOp::ALL);
const REPLACE_AT: u16 = EXTRACT_AT + count(ExtractLaneOp::ALL);
const LOAD_AT: u16 = REPLACE_AT + count(ReplaceLaneOp::ALL);
const STORE_AT: u16 = LOAD_AT + count(VectorLoadOp::ALL) * ACCESSES;
const PLAIN_AT: u16 = STORE_AT + count(VectorStoreOp::ALL) * ACCESSES;

impl VectorRow {
    /// How many there are.
    pub const COUNT: u16 = PLAIN_AT + count(VectorPlain::ALL);

    /// Its number among the vector rows.
    pub const fn number(self) -> u16 {
        match self {
            Self::Unary(op) => UNARY_AT + op as u16,
            Self::Binary(op) => BINARY_AT + op as u16,
            Self::Ternary(op) => TERNARY_AT + op as u16,
            Self::Shift(op, distance) => SHIFT_AT + op as u16 * DISTANCES + distance as u16,
            Self::Test(op) => TEST_AT + op as u16,
            Self::Splat(op) => SPLAT_AT + op as u16,
            Self::ExtractLane(op) => EXTRACT_AT + op as u16,
            Self::ReplaceLane(op) => REPLACE_AT + op as u16,
            Self::Load(op, access) => LOAD_AT + op as u16 * ACCESSES + access as u16,
            Self::Store(op, access) => STORE_AT + op as u16 * ACCESSES + access as u16,
            Self::Plain(row) => PLAIN_AT + row as u16,
        }
    }

    /// The row with this number.
    pub const fn from_number(n: u16) -> Option<Self> {
        Some(if n < BINARY_AT {
            Self::Unary(found!(at(VectorUnaryOp::ALL, n - UNARY_AT)))
        } else if n < TERNARY_AT {
            Self::Binary(found!(at(VectorBinaryOp::ALL, n - BINARY_AT)))
        } else if n < SHIFT_AT {
            Self::Ternary(found!(at(VectorTernaryOp::ALL, n - TERNARY_AT)))
        } else if n < TEST_AT {
            let (op, form) = split(n - SHIFT_AT, DISTANCES);
            Self::Shift(found!(at(VectorShiftOp::ALL, op)), found!(at(Distance::ALL, form)))
        } else if n < SPLAT_AT {
            Self::Test(found!(at(VectorTestOp::ALL, n - TEST_AT)))
        } else if n < EXTRACT_AT {
            Self::Splat(found!(at(SplatOp::ALL, n - SPLAT_AT)))
        } else if n < REPLACE_AT {
            Self::ExtractLane(found!(at(ExtractLaneOp::ALL, n - EXTRACT_AT)))
        } else if n < LOAD_AT {
            Self::ReplaceLane(found!(at(ReplaceLaneOp::ALL, n - REPLACE_AT)))
        } else if n < STORE_AT {
            let (op, form) = split(n - LOAD_AT, ACCESSES);
            Self::Load(found!(at(VectorLoadOp::ALL, op)), found!(at(VectorAccess::ALL, form)))
        } else if n < PLAIN_AT {
            let (op, form) = split(n - STORE_AT, ACCESSES);
            Self::Store(found!(at(VectorStoreOp::ALL, op)), found!(at(VectorAccess::ALL, form)))
        } else {
            Self::Plain(found!(at(VectorPlain::ALL, n - PLAIN_AT)))
        })
    }

    /// The slots that the fields `a` and `b` and the two low bytes of `imm` name. What the first names is written where
    /// [`writes`](Self::writes) says so; all else is read.
    pub const fn registers(self) -> [Slots; 4] {
        match self {
            Self::Unary(_) | Self::Shift(_, Distance::I) => [2, 2, 0, 0],
            Self::Binary(_) | Self::Plain(VectorPlain::Shuffle) => [2, 2, 2, 0],
            Self::Ternary(_) => [2, 2, 2, 2],
            Self::Shift(_, Distance::R) | Self::ReplaceLane(_) => [2, 2, 1, 0],
            Self::Test(_) | Self::ExtractLane(_) => [1, 2, 0, 0],
            Self::Splat(_) => [2, 1, 0, 0],
            Self::Load(_, VectorAccess::R | VectorAccess::Wrap | VectorAccess::Far) => [2, 1, 0, 0],
            Self::Load(_, VectorAccess::Abs) => [2, 0, 0, 0],
            Self::Load(_, VectorAccess::Idx) => [2, 1, 1, 0],
            Self::Store(_, VectorAccess::R | VectorAccess::Wrap | VectorAccess::Far) => [1, 2, 0, 0],
            Self::Store(_, VectorAccess::Abs) => [0, 2, 0, 0],
            Self::Store(_, VectorAccess::Idx) => [1, 2, 1, 0],
            Self::Plain(VectorPlain::Select) => [2, 2, 2, 1],
            Self::Plain(
                VectorPlain::GlobalGet
                | VectorPlain::GlobalSet
                | VectorPlain::ImportedGlobalGet
                | VectorPlain::ImportedGlobalSet,
            ) => [2, 0, 0, 0],
        }
    }

    /// Whether it writes what its field `a` names.
    pub const fn writes(self) -> bool {
        !matches!(self, Self::Store(..) | Self::Plain(VectorPlain::GlobalSet | VectorPlain::ImportedGlobalSet))
    }

    /// The accumulator in which it leaves its result: none takes two slots.
    pub const fn makes(self) -> Accumulator {
        match self {
            Self::ExtractLane(ExtractLaneOp::F32x4ExtractLane | ExtractLaneOp::F64x2ExtractLane) => Accumulator::Float,
            Self::ExtractLane(_) | Self::Test(_) => Accumulator::Integer,
            _ => Accumulator::None,
        }
    }

    /// How many data words follow the instruction.
    pub const fn data_words(self) -> u8 {
        match self {
            Self::Plain(VectorPlain::Shuffle) => 4,
            Self::Load(_, VectorAccess::Far) | Self::Store(_, VectorAccess::Far) => 1,
            _ => 0,
        }
    }

    /// Its operator's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unary(op) => op.name(),
            Self::Binary(op) => op.name(),
            Self::Ternary(op) => op.name(),
            Self::Shift(op, _) => op.name(),
            Self::Test(op) => op.name(),
            Self::Splat(op) => op.name(),
            Self::ExtractLane(op) => op.name(),
            Self::ReplaceLane(op) => op.name(),
            Self::Load(op, _) => op.name(),
            Self::Store(op, _) => op.name(),
            Self::Plain(row) => row.suffix(),
        }
    }
}
