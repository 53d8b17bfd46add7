//! The operators on integers in few bytes, for engines that take rows apart as they run: what is the same for integers of 32
//! and of 64 bits is there once.
//!
//! An operator on `i32` runs as its counterpart on `i64`, whose function in [`numeric`] is the meaning of both: the upper
//! halves of its operands are made what the counterpart needs, and the upper half of its result is zeroed. A comparison
//! runs as one of four that stand for all, by what the table says of negated and exchanged ones. Loads and stores follow from how
//! many bytes they move and how far a sign reaches, which the table's functions tell. The tests compare all of it with
//! the table's functions.

// @need-ids: REQ_COMPACT_001, REQ_018

pub mod floats;

use crate::division;
use crate::numeric;
use crate::operator::{BinaryOp, CompareOp, FLOATS, LoadOp, StoreOp, UnaryOp};
use crate::trap::Trap;

/// The value in the lower half, its sign in the upper one.
const fn sign_extended(x: u64) -> u64 {
    x as i32 as i64 as u64
}

/// The lower half alone, as slots hold an `i32`.
const fn narrow(x: u64) -> u64 {
    x as u32 as u64
}

/// How many binary operators each type of integers has, in the same order.
const TYPE: usize = BinaryOp::I64Add as usize;

/// [`BinaryOp::evaluate`], whose result takes the place of `x`.
///
/// # Errors
/// As there, with `x` as it was.
// @need-ids: REQ_TABLE_001, REQ_COMPACT_001
#[inline(never)]
pub fn binary(op: BinaryOp, x: &mut u64, y: u64) -> Result<(), Trap> {
    use BinaryOp as B;
    let is_narrow = (op as usize) < TYPE;
    let wide = if is_narrow { BinaryOp::from_index((op as usize).wrapping_add(TYPE)).unwrap_or(op) } else { op };
    let is_signed = matches!(wide, B::I64DivS | B::I64RemS | B::I64ShrS);
    let extended = |value: u64| match (is_narrow, is_signed) {
        (false, _) => value,
        (true, true) => sign_extended(value),
        (true, false) => narrow(value),
    };
    let (first, second) = (extended(*x), extended(y));
    let value = match wide {
        B::I64Add => numeric::i64_add(first, second),
        B::I64Sub => numeric::i64_sub(first, second),
        B::I64Mul => numeric::i64_mul(first, second),
        B::I64And => numeric::i64_and(first, second),
        B::I64Or => numeric::i64_or(first, second),
        B::I64Xor => numeric::i64_xor(first, second),
        B::I64Shl | B::I64ShrS | B::I64ShrU | B::I64Rotl | B::I64Rotr => shifted(wide, is_narrow, first, second as u32),
        B::I64DivS | B::I64DivU | B::I64RemS | B::I64RemU => {
            let wants_remainder = matches!(wide, B::I64RemS | B::I64RemU);
            let value =
                division::divided(first, second, is_signed, wants_remainder).ok_or(Trap::IntegerDivideByZero)?;
            // The one quotient that does not fit.
            if matches!(wide, B::I64DivS) && (first & second & extended(value)) as i64 >> 63 != 0 {
                return Err(Trap::IntegerOverflow);
            }
            value
        }
        B::F32Copysign => numeric::f64_copysign(first << 32, second << 32) >> 32,
        B::F64Copysign => numeric::f64_copysign(first, second),
        _ if FLOATS => floats::extreme(op, *x, y).ok_or(Trap::CorruptCode)?,
        _ => return Err(Trap::CorruptCode),
    };
    *x = if is_narrow { narrow(value) } else { value };
    Ok(())
}

/// Shifts and rotations, by one bit each time round: at once they would take 40 bytes each on processors of 32 bits.
fn shifted(op: BinaryOp, is_narrow: bool, mut x: u64, count: u32) -> u64 {
    let mut left = if matches!(op, BinaryOp::I64Rotl) { count.wrapping_neg() } else { count };
    // Both halves alike turn as one of them does.
    x = if is_narrow && matches!(op, BinaryOp::I64Rotl | BinaryOp::I64Rotr) { x | x << 32 } else { x };
    left &= if is_narrow { 31 } else { 63 };
    while left != 0 {
        x = match op {
            BinaryOp::I64Shl => numeric::i64_shl(x, 1),
            BinaryOp::I64ShrS => numeric::i64_shr_s(x, 1),
            BinaryOp::I64ShrU => numeric::i64_shr_u(x, 1),
            _ => numeric::i64_rotr(x, 1),
        };
        left = left.wrapping_sub(1);
    }
    x
}

/// The comparisons that all others follow from.
const BASES: [CompareOp; 4] = [CompareOp::I64Eq, CompareOp::I64LtS, CompareOp::I64LtU, CompareOp::I32Test];
/// Besides the index of one of them: its operands are exchanged.
const SWAPPED: u8 = 4;
/// It must not hold.
const NEGATED: u8 = 8;

/// How each comparison follows, by its index. Those on `i32` follow from those on `i64`: the extension of a sign keeps all orders.
static WAYS: [u8; CompareOp::ALL.len()] = {
    const TYPE: usize = CompareOp::I64Eq as usize;
    let mut ways = [0; CompareOp::ALL.len()];
    let mut way = 0_u8;
    while way < 16 {
        let base = BASES[(way & 3) as usize];
        let op = if way & SWAPPED != 0 { base.swapped() } else { base };
        let index = (if way & NEGATED != 0 { op.negated() } else { op }) as usize;
        ways[index] = way;
        if !base.is_i32() {
            ways[index - TYPE] = way;
        }
        way += 1;
    }
    ways
};

/// [`CompareOp::evaluate`].
// @need-ids: REQ_TABLE_001, REQ_COMPACT_001
#[inline(never)]
pub fn compare(op: CompareOp, x: u64, y: u64) -> bool {
    let way = WAYS.get(op as usize).copied().unwrap_or_default();
    let (x, y) = if op.is_i32() { (sign_extended(x), sign_extended(y)) } else { (x, y) };
    let (x, y) = if way & SWAPPED != 0 { (y, x) } else { (x, y) };
    let holds = match way & 3 {
        0 => numeric::i64_eq(x, y),
        1 => numeric::i64_lt_s(x, y),
        2 => numeric::i64_lt_u(x, y),
        _ => numeric::i32_test(x as u32, y as u32),
    };
    holds != (way & NEGATED != 0)
}

/// [`UnaryOp::evaluate`], whose result takes the place of `x`.
///
/// # Errors
/// As there, with `x` as it was.
// @need-ids: REQ_TABLE_001, REQ_COMPACT_001
#[inline(never)]
pub fn unary(op: UnaryOp, x: &mut u64) -> Result<(), Trap> {
    use UnaryOp as U;
    const TOP: u64 = 1 << 63;
    let value = *x;
    *x = match op {
        U::I32Eqz => numeric::i64_eqz(narrow(value)).into(),
        U::I64Eqz => numeric::i64_eqz(value).into(),
        U::I32Clz => numeric::i64_clz(value << 32 | TOP >> 32),
        U::I64Clz => numeric::i64_clz(value),
        U::I32Ctz | U::I64Ctz | U::I32Popcnt | U::I64Popcnt => {
            let counted = match op {
                U::I32Ctz => below(value | 1 << 32),
                U::I64Ctz => below(value),
                U::I32Popcnt => narrow(value),
                _ => value,
            };
            ones(counted)
        }
        U::I32WrapI64 | U::I64ExtendI32U | U::I32ReinterpretF32 | U::F32ReinterpretI32 => narrow(value),
        U::I64ReinterpretF64 | U::F64ReinterpretI64 => value,
        U::I32Extend8S => narrow(numeric::i64_extend8_s(value)),
        U::I32Extend16S => narrow(numeric::i64_extend16_s(value)),
        U::I64Extend8S => numeric::i64_extend8_s(value),
        U::I64Extend16S => numeric::i64_extend16_s(value),
        U::I64Extend32S | U::I64ExtendI32S => numeric::i64_extend32_s(value),
        U::F32Abs => narrow(value) & !(TOP >> 32),
        U::F32Neg => narrow(value) ^ (TOP >> 32),
        U::F64Abs => numeric::f64_abs(value),
        U::F64Neg => numeric::f64_neg(value),
        _ if FLOATS => floats::converted(op, value)?,
        _ => return Err(Trap::CorruptCode),
    };
    Ok(())
}

/// Ones below the lowest one.
const fn below(x: u64) -> u64 {
    !x & x.wrapping_sub(1)
}

/// `i64.popcnt`, a one each time round.
fn ones(mut x: u64) -> u64 {
    let mut count = 0_u32;
    while x != 0 {
        x &= x.wrapping_sub(1);
        count = count.wrapping_add(1);
    }
    count.into()
}

/// How many bytes an access moves, and how many of a slot they make together with their sign.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// In memory.
    pub bytes: u8,
    reach: u8,
}

/// Of loads, and then of stores.
static EXTENTS: [Extent; LoadOp::ALL.len() + StoreOp::ALL.len()] = {
    let mut extents = [Extent { bytes: 0, reach: 0 }; LoadOp::ALL.len() + StoreOp::ALL.len()];
    let mut index = 0;
    while index < extents.len() {
        extents[index] = if index < LoadOp::ALL.len() {
            let op = LoadOp::ALL[index];
            Extent { bytes: op.bytes() as u8, reach: op.reach() as u8 }
        } else {
            let bytes = StoreOp::ALL[index - LoadOp::ALL.len()].bytes() as u8;
            Extent { bytes, reach: bytes }
        };
        index += 1;
    }
    extents
};

impl Extent {
    /// That of the load or store with this index.
    pub fn of(index: usize, loads: bool) -> Option<Self> {
        EXTENTS.get(if loads { index } else { index.wrapping_add(LoadOp::ALL.len()) }).copied()
    }

    /// The bytes at `at`.
    // @need-ids: REQ_MEM_SAFETY_001
    pub fn place(self, memory: &mut [u8], at: usize) -> Option<&mut [u8]> {
        memory.get_mut(at..)?.get_mut(..self.bytes as usize)
    }

    /// The slot that a load makes of its bytes.
    // @need-ids: REQ_TABLE_001, REQ_COMPACT_001
    pub fn load(self, bytes: &[u8]) -> u64 {
        let sign = (bytes.last().map_or(0, |last| *last as i8) >> 7) as u8;
        let mut slot = 0;
        for index in (0..self.reach as usize).rev() {
            slot = slot << 8 | u64::from(*bytes.get(index).unwrap_or(&sign));
        }
        slot
    }
}

/// Writes as much of a slot as there are bytes.
// @need-ids: REQ_TABLE_001, REQ_COMPACT_001
pub fn store(bytes: &mut [u8], mut slot: u64) {
    for byte in bytes {
        *byte = slot as u8;
        slot >>= 8;
    }
}
