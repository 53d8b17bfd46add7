//! The side table of the traditional engine: what bytecode does not say where it is run.
//!
//! An entry is 8 bytes: an offset in the bytecode, and a word that a kind says how to read. The entries of a function stand in the
//! order of their offsets, and those of one offset as an engine meets them there: label, head, operator. Positions of the
//! traditional engine are indices of entries: all safepoints have one.
//!
//! Heights are numbers of frame slots in use, locals included, without the scratch slots of wide frames.

// @need-ids: REQ_TRADITIONAL_001

use zerocopy::byteorder::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// An entry of the side table.
// @need-ids: REQ_TRADITIONAL_001
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct SideEntry {
    at: U32,
    word: U32,
}

/// In the offset of an entry: it belongs to a function with a wide frame.
const WIDE: u32 = 1 << 31;

/// Offsets of bytecode lie below this, for all modules that can be run.
pub const OFFSET_MAX: u32 = WIDE - 1;

/// How many entries a module can have: a branch names its target in 29 bits.
pub const ENTRIES_MAX: u32 = 1 << 29;

/// The highest charge of a head: entering a function of the largest frame, or an operator with the most operands.
pub const CHARGE_MAX: u32 = (1 << 13) - 1;

/// The most slots that a label, a call or a return can carry.
pub const ARITY_MAX: u32 = (1 << 12) - 1;

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Branches lead here: to this height, with so many slots on top.
    Label {
        /// Height below what the branch carries.
        height: u32,
        /// Slots that the branch carries.
        arity: u32,
    },
    /// A segment begins.
    Head {
        /// What it costs.
        charge: u32,
        /// Height there.
        height: u32,
    },
    /// The operator branches to the label of this entry.
    Branch {
        /// Index of a [`Label`](Self::Label).
        target: u32,
    },
    /// The operator returns, or branches to the end of its function.
    Return {
        /// Slots of the results.
        results: u32,
    },
    /// The operator calls; an [`After`](Self::After) follows.
    Call {
        /// Height below the arguments.
        height: u32,
        /// Slots of the arguments.
        params: u32,
    },
    /// The call in the entry before has returned: where suspended frames stand.
    After {
        /// Slots of the results.
        results: u32,
        /// Length of the call's operator in bytes.
        length: u32,
    },
    /// The operator may pause, with its operands where they are.
    Point {
        /// Height with the operands.
        height: u32,
    },
    /// The operator works on this local, or on a pair of slots.
    Slot {
        /// First slot of the local.
        slot: u32,
        /// Whether it is a pair.
        pair: bool,
    },
}

impl Side {
    /// How many slots of the frame are in use at a safepoint; of a frame that waits for a callee, those below its arguments.
    pub const fn height(self) -> Option<u32> {
        match self {
            Self::Head { height, .. } | Self::Call { height, .. } | Self::Point { height } => Some(height),
            _ => None,
        }
    }
}

const KIND_SHIFT: u32 = 29;
const LOW: u32 = 0xFFFF;

impl SideEntry {
    /// An entry at `offset`. `None` where a number is too large for it.
    pub const fn new(offset: u32, wide: bool, side: Side) -> Option<Self> {
        const fn two(low: u32, high: u32, most: u32) -> Option<u32> {
            if low > LOW || high > most { None } else { Some(low | high << 16) }
        }
        let (kind, payload) = match side {
            Side::Label { height, arity } => (0, two(height, arity, ARITY_MAX)),
            Side::Head { charge, height } => (1, two(height, charge, CHARGE_MAX)),
            Side::Branch { target } => (2, if target < ENTRIES_MAX { Some(target) } else { None }),
            Side::Return { results } => (3, two(results, 0, 0)),
            Side::Call { height, params } => (4, two(height, params, ARITY_MAX)),
            Side::After { results, length } => (5, two(results, length, 0xFF)),
            Side::Point { height } => (6, two(height, 0, 0)),
            Side::Slot { slot, pair } => (7, two(slot, pair as u32, 1)),
        };
        let Some(payload) = payload else { return None };
        if offset > OFFSET_MAX {
            return None;
        }
        let at = offset | if wide { WIDE } else { 0 };
        Some(Self { at: U32::new(at), word: U32::new(kind << KIND_SHIFT | payload) })
    }

    /// The offset of its operator from the module's start, in bytes.
    #[inline(always)]
    pub const fn offset(self) -> u32 {
        self.at.get() & !WIDE
    }

    /// Whether its function has a wide frame.
    #[inline(always)]
    pub const fn is_wide(self) -> bool {
        self.at.get() & WIDE != 0
    }

    /// What it says.
    #[inline(always)]
    pub const fn side(self) -> Side {
        let word = self.word.get();
        let (low, high) = (word & LOW, (word >> 16) & 0x1FFF);
        match word >> KIND_SHIFT {
            0 => Side::Label { height: low, arity: high },
            1 => Side::Head { charge: high, height: low },
            2 => Side::Branch { target: word & (ENTRIES_MAX - 1) },
            3 => Side::Return { results: low },
            4 => Side::Call { height: low, params: high },
            5 => Side::After { results: low, length: high },
            6 => Side::Point { height: low },
            _ => Side::Slot { slot: low, pair: high != 0 },
        }
    }

    /// The same entry in bytecode that lies so many bytes further down.
    #[must_use]
    pub const fn moved_down(self, bytes: u32) -> Option<Self> {
        match self.offset().checked_sub(bytes) {
            Some(offset) => Self::new(offset, self.is_wide(), self.side()),
            None => None,
        }
    }
}

/// A function's bytecode, as the traditional engine enters it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct Body {
    /// Offset of the first operator from the module's start, in bytes.
    pub start: U32,
    /// Its first entry in the side table, a head; [`Body::ABSENT`] while it has none.
    pub side: U32,
    /// Slots of the parameters.
    pub params: U32,
    /// Slots of all locals.
    pub locals: U32,
    /// Slots of the frame, as [`Entry::slots`](crate::storage::Entry::slots) has them.
    pub slots: U32,
}

impl Body {
    /// In place of the first entry: there is none yet.
    pub const ABSENT: u32 = u32::MAX;

    /// A function without a side table.
    pub const fn absent() -> Self {
        Self { start: U32::ZERO, side: U32::new(Self::ABSENT), params: U32::ZERO, locals: U32::ZERO, slots: U32::ZERO }
    }

    /// Whether it has a side table.
    pub const fn is_present(&self) -> bool {
        self.side.get() != Self::ABSENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_TRADITIONAL_001
    #[test]
    fn an_entry_says_what_it_was_made_of_or_was_not_made() {
        let sides = [
            Side::Label { height: LOW, arity: ARITY_MAX },
            Side::Head { charge: CHARGE_MAX, height: 7 },
            Side::Branch { target: ENTRIES_MAX - 1 },
            Side::Return { results: 3 },
            Side::Call { height: 0, params: ARITY_MAX },
            Side::After { results: 2000, length: 11 },
            Side::Point { height: LOW },
            Side::Slot { slot: 9, pair: true },
            Side::Slot { slot: LOW, pair: false },
        ];
        for side in sides {
            for wide in [false, true] {
                let entry = SideEntry::new(OFFSET_MAX, wide, side).unwrap();
                assert_eq!((entry.offset(), entry.is_wide(), entry.side()), (OFFSET_MAX, wide, side));
            }
            assert_eq!(SideEntry::new(OFFSET_MAX + 1, false, side), None);
        }
        let too_large = [
            Side::Label { height: LOW + 1, arity: 0 },
            Side::Label { height: 0, arity: ARITY_MAX + 1 },
            Side::Head { charge: CHARGE_MAX + 1, height: 0 },
            Side::Branch { target: ENTRIES_MAX },
            Side::Return { results: LOW + 1 },
            Side::After { results: 0, length: 256 },
        ];
        for side in too_large {
            assert_eq!(SideEntry::new(0, false, side), None, "{side:?}");
        }
        assert_eq!(size_of::<SideEntry>(), 8);
    }
}
