//! Atomic operators: their rows as data, and their meaning.
//!
//! Agents of a store take turns (the engines run one at a time), so an access is atomic because nothing runs beside it, and the
//! order of all accesses is one that every engine and every processor agrees on.

// @need-ids: REQ_THREADS_001, REQ_TABLE_001

use crate::memory_ops::position;
use crate::operator::{LoadOp, OperatorInfo, StoreOp, group_enum};
use crate::trap::Trap;

/// What happens to a value between the load and the store of an access.
// @need-ids: REQ_THREADS_001
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Modify {
    /// Nothing: it is loaded.
    Load,
    /// It is not loaded: the operand is stored.
    Store,
    /// The operand is added.
    Add,
    /// The operand is subtracted.
    Sub,
    /// Bits in which the operand has a 0 are cleared.
    And,
    /// Bits in which the operand has a 1 are set.
    Or,
    /// Bits in which the operand has a 1 are changed.
    Xor,
    /// The operand takes its place.
    Xchg,
    /// The second operand takes its place where it equals the first.
    Cmpxchg,
}

macro_rules! define {
    (
        atomic_load { $($lv:ident $lo:literal $ln:literal as $lf:ident, $lp:literal, $la:literal;)* }
        atomic_store { $($sv:ident $so:literal $sn:literal as $sf:ident, $sp:literal, $sa:literal;)* }
        atomic_rmw { $($rv:ident $ro:literal $rn:literal $rm:ident of $rl:ident $rs:ident, $rp:literal, $ra:literal;)* }
        atomic_structural { $($xv:ident $xo:literal $xn:literal, $xp:literal, $xa:literal;)* }
    ) => {
        group_enum! { /// Atomic operators that access a memory and never wait.
            AtomicOp { $($lv $lo $ln $lp $la,)* $($sv $so $sn $sp $sa,)* $($rv $ro $rn $rp $ra,)* } }
        group_enum! { /// The other atomic operators.
            AtomicPlain { $($xv $xo $xn $xp $xa,)* } }

        /// Every row of the table of atomic operators, for pages and hashes.
        pub const OPERATORS: &[OperatorInfo] = &[
            $(AtomicOp::$lv.info(),)* $(AtomicOp::$sv.info(),)* $(AtomicOp::$rv.info(),)* $(AtomicPlain::$xv.info(),)*
        ];

        impl AtomicOp {
            /// What it does.
            pub const fn modify(self) -> Modify {
                match self {
                    $(Self::$lv => Modify::Load,)* $(Self::$sv => Modify::Store,)* $(Self::$rv => Modify::$rm,)*
                }
            }
            /// The load that it begins with.
            const fn load(self) -> Option<LoadOp> {
                match self {
                    $(Self::$lv => Some(LoadOp::$lf),)* $(Self::$sv => None,)* $(Self::$rv => Some(LoadOp::$rl),)*
                }
            }
            /// The store that it ends with.
            const fn store(self) -> Option<StoreOp> {
                match self {
                    $(Self::$lv => None,)* $(Self::$sv => Some(StoreOp::$sf),)* $(Self::$rv => Some(StoreOp::$rs),)*
                }
            }
        }
    };
}
crate::atomic_operators!(define);

/// Any atomic operator that has operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Atomic {
    /// An access.
    Access(AtomicOp),
    /// To wait or to notify.
    Agent(AtomicPlain),
}

impl Atomic {
    /// The operator's number in the register IR: accesses in the order of the table, then the others.
    pub const fn number(self) -> u8 {
        match self {
            Self::Access(op) => op as u8,
            Self::Agent(op) => (AtomicOp::ALL.len() as u8).wrapping_add(op as u8),
        }
    }

    /// The operator with this [`number`](Self::number).
    pub const fn from_number(number: u8) -> Option<Self> {
        if let Some(op) = AtomicOp::from_index(number as usize) {
            return Some(Self::Access(op));
        }
        match AtomicPlain::from_index((number as usize).wrapping_sub(AtomicOp::ALL.len())) {
            None | Some(AtomicPlain::AtomicFence) => None,
            Some(op) => Some(Self::Agent(op)),
        }
    }

    /// The operator with this opcode; the fence, which has no operands, is none.
    pub fn from_opcode(opcode: u32) -> Option<Self> {
        let access = |op: &&AtomicOp| op.info().opcode == opcode;
        if let Some(op) = AtomicOp::ALL.iter().find(access) {
            return Some(Self::Access(*op));
        }
        let agent = |op: &&AtomicPlain| op.info().opcode == opcode && **op != AtomicPlain::AtomicFence;
        AtomicPlain::ALL.iter().find(agent).map(|op| Self::Agent(*op))
    }

    /// How many operands it takes, the address included: 1 to 3.
    pub const fn operands(self) -> u32 {
        match self {
            Self::Access(op) => op.operands().wrapping_add(1),
            Self::Agent(AtomicPlain::MemoryAtomicNotify) => 2,
            Self::Agent(_) => 3,
        }
    }

    /// Whether it gives a value.
    pub const fn has_result(self) -> bool {
        match self {
            Self::Access(op) => op.has_result(),
            Self::Agent(_) => true,
        }
    }

    /// The name in the text format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Access(op) => op.name(),
            Self::Agent(op) => op.name(),
        }
    }
}

impl AtomicOp {
    /// How many operands it takes besides the address: 0 to 2.
    pub const fn operands(self) -> u32 {
        match self.modify() {
            Modify::Load => 0,
            Modify::Cmpxchg => 2,
            _ => 1,
        }
    }

    /// Whether it gives a value: what was in memory before.
    pub const fn has_result(self) -> bool {
        !matches!(self.modify(), Modify::Store)
    }

    /// Bytes that it accesses. Their address must be a multiple of that.
    pub const fn bytes(self) -> usize {
        match (self.load(), self.store()) {
            (Some(load), _) => load.bytes(),
            (None, Some(store)) => store.bytes(),
            (None, None) => 1,
        }
    }

    /// The operator at the effective `address`, in bytes; gives what was there, zero-extended, or 0 for a store. Of three
    /// operands the address is not looked at here.
    ///
    /// # Errors
    /// [`Trap::UnalignedAtomic`] and [`Trap::MemoryOutOfBounds`], with nothing written.
    // @need-ids: REQ_THREADS_001, REQ_MEM_SAFETY_001
    pub fn execute(self, memory: &mut [u8], address: u64, [first, second]: [u64; 2]) -> Result<u64, Trap> {
        check_alignment(address, self.bytes())?;
        let at = position(address);
        let old = match self.load() {
            Some(load) => load.load(memory, at).ok_or(Trap::MemoryOutOfBounds)?,
            None => 0,
        };
        // Stores take the lower bytes, so narrow operators need no arithmetic of their own.
        let new = match self.modify() {
            Modify::Load => return Ok(old),
            Modify::Store | Modify::Xchg => first,
            Modify::Add => old.wrapping_add(first),
            Modify::Sub => old.wrapping_sub(first),
            Modify::And => old & first,
            Modify::Or => old | first,
            Modify::Xor => old ^ first,
            // Of an operand that is wider than the access, the lower part is compared.
            Modify::Cmpxchg if (old ^ first) & low_bytes(self.bytes()) == 0 => second,
            Modify::Cmpxchg => return Ok(old),
        };
        if let Some(store) = self.store() {
            store.store(memory, at, new).ok_or(Trap::MemoryOutOfBounds)?;
        }
        Ok(old)
    }
}

/// The lowest `bytes` bytes of a slot.
const fn low_bytes(bytes: usize) -> u64 {
    if bytes >= 8 { u64::MAX } else { 1_u64.wrapping_shl((bytes as u32).wrapping_mul(8)).wrapping_sub(1) }
}

/// Whether `address` is a multiple of `bytes`, a power of two.
///
/// # Errors
/// [`Trap::UnalignedAtomic`] where it is not.
// @need-ids: REQ_THREADS_001
pub const fn check_alignment(address: u64, bytes: usize) -> Result<(), Trap> {
    if address & (bytes as u64).wrapping_sub(1) == 0 { Ok(()) } else { Err(Trap::UnalignedAtomic) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    // @need-ids: REQ_TABLE_001
    // @inspection
    #[test]
    fn the_table_has_every_atomic_operator_once() {
        let mut opcodes: Vec<u32> = OPERATORS.iter().map(|row| row.opcode).collect();
        opcodes.sort_unstable();
        let expected: Vec<u32> = (0xFE00..=0xFE03).chain(0xFE10..=0xFE4E).collect();
        assert_eq!(opcodes, expected);
    }

    // @need-ids: REQ_TABLE_001
    #[test]
    fn numbers_and_opcodes_lead_back_to_the_operator() {
        let all: Vec<Atomic> = (0..=u8::MAX).filter_map(Atomic::from_number).collect();
        assert_eq!(all.len(), OPERATORS.len() - 1, "all but the fence");
        for (number, op) in (0..).zip(all) {
            assert_eq!(op.number(), number);
            let row = OPERATORS.iter().find(|row| row.name == op.name()).expect("it is in the table");
            assert_eq!(Atomic::from_opcode(row.opcode), Some(op));
        }
        assert_eq!(Atomic::from_opcode(0xFE03), None);
    }

    // @need-ids: REQ_THREADS_001
    #[test]
    fn each_access_gives_what_was_there_and_leaves_what_it_says() {
        for op in AtomicOp::ALL.iter().copied() {
            let (first, second) = (0x1122_3344_5566_7788_u64, 0x99AA_BBCC_DDEE_FF00_u64);
            let mut memory = [0xA5_u8; 16];
            let width = op.bytes();
            let mask = if width == 8 { u64::MAX } else { (1 << (8 * width)) - 1 };
            let before = 0xA5A5_A5A5_A5A5_A5A5 & mask;
            let expected = match op.modify() {
                Modify::Load | Modify::Cmpxchg => before,
                Modify::Store | Modify::Xchg => first & mask,
                Modify::Add => before.wrapping_add(first) & mask,
                Modify::Sub => before.wrapping_sub(first) & mask,
                Modify::And => before & first,
                Modify::Or => (before | first) & mask,
                Modify::Xor => (before ^ first) & mask,
            };
            let given = op.execute(&mut memory, 8, [first, second]).expect("inside and aligned");
            assert_eq!(given, if op.has_result() { before } else { 0 }, "{}", op.name());
            let mut after = [0; 8];
            after[..width].copy_from_slice(&memory[8..8 + width]);
            assert_eq!(u64::from_le_bytes(after), expected, "{}", op.name());
            assert!(memory[..8].iter().chain(&memory[8 + width..]).all(|byte| *byte == 0xA5), "{}", op.name());
            if op.modify() == Modify::Cmpxchg {
                let wide = before | !mask & 0x5555_5555_5555_5555;
                assert_eq!(op.execute(&mut memory, 8, [wide, second]), Ok(before), "{}", op.name());
                assert_eq!(op.execute(&mut memory, 8, [before, first]), Ok(second & mask), "{}", op.name());
            }
        }
    }

    // @need-ids: REQ_THREADS_001
    #[test]
    fn what_is_not_aligned_or_not_inside_traps_and_writes_nothing() {
        for op in AtomicOp::ALL.iter().copied() {
            let mut memory = [7; 16];
            let width = op.bytes() as u64;
            for off in 1..width {
                assert_eq!(op.execute(&mut memory, off, [1, 2]), Err(Trap::UnalignedAtomic), "{} at {off}", op.name());
            }
            for at in [16, 1 << 32, u64::MAX - 7] {
                assert_eq!(op.execute(&mut memory, at, [1, 2]), Err(Trap::MemoryOutOfBounds), "{} at {at}", op.name());
            }
            assert_eq!(memory, [7; 16], "{}", op.name());
        }
    }
}
