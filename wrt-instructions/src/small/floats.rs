//! Operators that compute with floats, for processors without a unit for them: of what the compiler links for each type and operator
//! nothing is shared, and it takes ten times as much.
//!
//! A float of either type is taken apart, and a result of either type is rounded once, from 64 bits of which the lowest says
//! whether anything lies below them. So no result is rounded twice. All goes by one bit each time round.

use core::cmp::Ordering;

use super::{narrow, sign_extended};
use crate::operator::{BinaryOp, FloatBinaryOp, FloatCompareOp, FloatUnaryOp, UnaryOp};
use crate::trap::Trap;

const TOP: u64 = 1 << 63;
/// The exponent of what is infinite: so great that what is computed with it is beyond the greatest float of either type, and what is
/// divided by it below the smallest.
const INFINITE: i32 = 1 << 16;

/// A type of floats.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    F32,
    F64,
}

impl Type {
    /// That of `f64` where it holds.
    const fn of(is_double: bool) -> Self {
        if is_double { Self::F64 } else { Self::F32 }
    }

    /// The bits of its canonical NaN.
    const fn nan(self) -> u64 {
        match self {
            Self::F32 => 0x7FC0_0000,
            Self::F64 => 0x7FF8_0000_0000_0000,
        }
    }

    const fn bias(self) -> i32 {
        match self {
            Self::F32 => 127,
            Self::F64 => 1023,
        }
    }

    /// Bits with the sign at the top, so that both types can be looked at alike.
    const fn aligned(self, bits: u64) -> u64 {
        match self {
            Self::F32 => bits << 32,
            Self::F64 => bits,
        }
    }

    const fn is_nan(self, bits: u64) -> bool {
        let infinity = match self {
            Self::F32 => 0x7F80_0000 << 33,
            Self::F64 => 0x7FF0_0000_0000_0000 << 1,
        };
        self.aligned(bits) << 1 > infinity
    }

    /// How two floats lie to each other; `None` where one of them is a NaN.
    #[inline(never)]
    fn order(self, x: u64, y: u64) -> Option<Ordering> {
        // A number in the order of the floats: of bits without the sign, or the negation of that.
        let key = |bits: u64| {
            let aligned = self.aligned(bits);
            let magnitude = (aligned & !TOP) as i64;
            if aligned & TOP == 0 { magnitude } else { magnitude.wrapping_neg() }
        };
        if self.is_nan(x) || self.is_nan(y) { None } else { Some(key(x).cmp(&key(y))) }
    }
}

/// What is no NaN: `mantissa`, whose top bit is set and counts `1 << exponent`. Zero has no mantissa, and the opposite of an
/// infinite exponent.
#[derive(Clone, Copy)]
struct Number {
    is_negative: bool,
    exponent: i32,
    mantissa: u64,
}

/// Without its lowest `count` bits: what is left, the bit below it, and whether there are ones below that.
#[inline(never)]
fn without(mut mantissa: u64, count: i32) -> (u64, bool, bool) {
    let (mut half, mut rest) = (false, false);
    // Nothing changes beyond.
    for _ in 0..count.min(66) {
        rest |= half;
        half = mantissa & 1 != 0;
        mantissa >>= 1;
    }
    (mantissa, half, rest)
}

impl Number {
    const fn is_infinite(self) -> bool {
        self.exponent == INFINITE
    }

    const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// With the top bit of its mantissa set.
    #[inline(never)]
    fn normalized(mut self) -> Self {
        if self.is_zero() {
            self.exponent = -INFINITE;
            return self;
        }
        while self.mantissa & TOP == 0 {
            self.mantissa <<= 1;
            self.exponent = self.exponent.wrapping_sub(1);
        }
        self
    }

    /// Takes a float apart; `None` for a NaN.
    #[inline(never)]
    fn from_bits(ty: Type, bits: u64) -> Option<Self> {
        if ty.is_nan(bits) {
            return None;
        }
        let aligned = ty.aligned(bits);
        let (biased, fraction) = match ty {
            Type::F32 => (aligned << 1 >> 56, aligned << 9),
            Type::F64 => (aligned << 1 >> 53, aligned << 12),
        };
        let (biased, is_negative) = (biased as i32, aligned & TOP != 0);
        let exponent = biased.wrapping_sub(ty.bias());
        Some(if exponent > ty.bias() {
            Self { is_negative, exponent: INFINITE, mantissa: TOP }
        } else if biased == 0 {
            Self { is_negative, exponent, mantissa: fraction }.normalized()
        } else {
            Self { is_negative, exponent, mantissa: fraction >> 1 | TOP }
        })
    }

    /// The nearest float, of two that are as near the even one (core 4.3.3, "rounding").
    #[inline(never)]
    fn to_bits(self, ty: Type) -> u64 {
        let (dropped, width) = match ty {
            Type::F32 => (40, 23),
            Type::F64 => (11, 52),
        };
        let mut bits = 0;
        let mut biased = self.exponent.wrapping_add(ty.bias());
        if self.is_zero() {
            // Whatever its exponent.
        } else if biased > ty.bias().wrapping_mul(2) {
            // Beyond the greatest: infinite.
            bits = (ty.bias() as u64).wrapping_mul(2).wrapping_add(1) << width;
        } else {
            // The least exponent holds smaller ones too, without the bit at the top.
            let below = 1_i32.wrapping_sub(biased).max(0);
            biased = biased.max(1);
            let (mantissa, half, rest) = without(self.mantissa, below.wrapping_add(dropped));
            let up = half && (rest || mantissa & 1 != 0);
            bits = mantissa.wrapping_add(up.into());
            // A carry, and the bit at the top, count the exponent up.
            bits = bits.wrapping_add((biased as u64).wrapping_sub(1) << width);
        }
        let sign = if ty == Type::F32 { TOP >> 32 } else { TOP };
        if self.is_negative { bits | sign } else { bits }
    }

    fn negated(self) -> Self {
        Self { is_negative: !self.is_negative, ..self }
    }

    fn plus(self, other: Self) -> Option<Self> {
        let (big, small) = if self.exponent < other.exponent { (other, self) } else { (self, other) };
        let differ = big.is_negative != small.is_negative;
        if differ && small.is_infinite() {
            return None;
        }
        // Room for a carry: the lowest bits of what was taken apart are zero.
        let (mantissa, half, rest) = without(small.mantissa >> 1, big.exponent.wrapping_sub(small.exponent));
        let (first, second) = (big.mantissa >> 1, mantissa | u64::from(half || rest));
        let mut mantissa = if differ { first.wrapping_sub(second) } else { first.wrapping_add(second) };
        let mut is_negative = big.is_negative;
        if differ {
            // The lesser one was taken for the greater, or they cancel out, which gives a positive zero.
            let is_wrong = mantissa & TOP != 0;
            mantissa = if is_wrong { mantissa.wrapping_neg() } else { mantissa };
            is_negative = is_negative != is_wrong && mantissa != 0;
        }
        Some(Self { is_negative, exponent: big.exponent.wrapping_add(1), mantissa }.normalized())
    }

    fn times(self, other: Self) -> Option<Self> {
        let is_negative = self.is_negative != other.is_negative;
        if self.is_infinite() && other.is_zero() || self.is_zero() && other.is_infinite() {
            return None;
        }
        // Half of one, so that no sum is too long.
        let half = self.mantissa >> 1;
        let (mut product, mut rest, mut left) = (0_u64, 0, other.mantissa);
        for _ in 0..u64::BITS {
            if left & 1 != 0 {
                product = product.wrapping_add(half);
            }
            rest |= product & 1;
            product >>= 1;
            left >>= 1;
        }
        let exponent = self.exponent.wrapping_add(other.exponent).wrapping_add(2);
        Some(Self { is_negative, exponent, mantissa: product | rest }.normalized())
    }

    fn divided_by(self, other: Self) -> Option<Self> {
        let is_negative = self.is_negative != other.is_negative;
        if self.is_infinite() && other.is_infinite() || self.is_zero() && other.is_zero() {
            return None;
        }
        let (mut rest, divisor, mut quotient) = (self.mantissa >> 1, other.mantissa >> 1, 0_u64);
        for _ in 0..u64::BITS {
            quotient <<= 1;
            if rest >= divisor {
                rest = rest.wrapping_sub(divisor);
                quotient |= 1;
            }
            rest <<= 1;
        }
        let exponent = self.exponent.wrapping_sub(other.exponent);
        Some(Self { is_negative, exponent, mantissa: quotient | u64::from(rest != 0) }.normalized())
    }

    fn root(self) -> Option<Self> {
        if self.is_negative && !self.is_zero() {
            return None;
        }
        // Between 1 and 4, whose root is between 1 and 2, with 1 at bit 60.
        let mut rest = if self.exponent & 1 == 0 { self.mantissa >> 3 } else { self.mantissa >> 2 };
        let (mut root, mut twice, mut bit) = (0_u64, 0_u64, 1_u64 << 60);
        while bit != 0 {
            let next = twice.wrapping_add(bit);
            if next <= rest {
                twice = next.wrapping_add(bit);
                rest = rest.wrapping_sub(next);
                root |= bit;
            }
            rest <<= 1;
            bit >>= 1;
        }
        Some(Self { exponent: self.exponent >> 1, mantissa: root << 3 | u64::from(rest != 0), ..self })
    }

    /// The integer that `op` rounds to.
    fn rounded(self, op: FloatUnaryOp) -> Self {
        use FloatUnaryOp as F;
        if self.exponent >= 63 {
            return self;
        }
        let (mantissa, half, rest) = without(self.mantissa, 63_i32.wrapping_sub(self.exponent));
        let is_exact = !half && !rest;
        let up = match op {
            F::F32Ceil | F::F64Ceil => !is_exact && !self.is_negative,
            F::F32Floor | F::F64Floor => !is_exact && self.is_negative,
            F::F32Nearest | F::F64Nearest => half && (rest || mantissa & 1 != 0),
            _ => false,
        };
        Self { exponent: 63, mantissa: mantissa.wrapping_add(up.into()), ..self }.normalized()
    }
}

fn bits(number: Option<Number>, ty: Type) -> u64 {
    number.map_or(ty.nan(), |number| number.to_bits(ty))
}

/// [`FloatBinaryOp::evaluate`].
// @need-ids: REQ_TABLE_001, REQ_COMPACT_001, REQ_NAN_001, REQ_017
#[inline(never)]
pub fn binary(op: FloatBinaryOp, x: u64, y: u64) -> u64 {
    use FloatBinaryOp as F;
    let ty = Type::of(matches!(op, F::F64Add | F::F64Sub | F::F64Mul | F::F64Div));
    let (Some(x), Some(y)) = (Number::from_bits(ty, x), Number::from_bits(ty, y)) else { return ty.nan() };
    let result = match op {
        F::F32Mul | F::F64Mul => x.times(y),
        F::F32Div | F::F64Div => x.divided_by(y),
        F::F32Sub | F::F64Sub => x.plus(y.negated()),
        F::F32Add | F::F64Add => x.plus(y),
    };
    bits(result, ty)
}

/// [`FloatCompareOp::evaluate`].
// @need-ids: REQ_TABLE_001, REQ_COMPACT_001
#[inline(never)]
pub fn compare(op: FloatCompareOp, x: u64, y: u64) -> bool {
    use FloatCompareOp as F;
    let ty = Type::of(matches!(op, F::F64Eq | F::F64Ne | F::F64Lt | F::F64Gt | F::F64Le | F::F64Ge));
    let Some(order) = ty.order(x, y) else { return matches!(op, F::F32Ne | F::F64Ne) };
    match op {
        F::F32Eq | F::F64Eq => order.is_eq(),
        F::F32Ne | F::F64Ne => order.is_ne(),
        F::F32Lt | F::F64Lt => order.is_lt(),
        F::F32Gt | F::F64Gt => order.is_gt(),
        F::F32Le | F::F64Le => order.is_le(),
        F::F32Ge | F::F64Ge => order.is_ge(),
    }
}

/// [`FloatUnaryOp::evaluate`].
// @need-ids: REQ_TABLE_001, REQ_COMPACT_001, REQ_NAN_001, REQ_017
#[inline(never)]
pub fn unary(op: FloatUnaryOp, x: u64) -> u64 {
    use FloatUnaryOp as F;
    let to =
        Type::of(matches!(op, F::F64Ceil | F::F64Floor | F::F64Trunc | F::F64Nearest | F::F64Sqrt | F::F64PromoteF32));
    let from = match op {
        F::F32DemoteF64 => Type::F64,
        F::F64PromoteF32 => Type::F32,
        _ => to,
    };
    let result = Number::from_bits(from, x).and_then(|x| match op {
        F::F32Sqrt | F::F64Sqrt => x.root(),
        F::F32DemoteF64 | F::F64PromoteF32 => Some(x),
        _ => Some(x.rounded(op)),
    });
    bits(result, to)
}

/// The least or greatest of two; `None` for another operator.
pub(super) fn extreme(op: BinaryOp, x: u64, y: u64) -> Option<u64> {
    use BinaryOp as B;
    let (ty, is_least) = match op {
        B::F32Min => (Type::F32, true),
        B::F32Max => (Type::F32, false),
        B::F64Min => (Type::F64, true),
        B::F64Max => (Type::F64, false),
        _ => return None,
    };
    let (x, y) = if ty == Type::F32 { (narrow(x), narrow(y)) } else { (x, y) };
    Some(match ty.order(x, y) {
        None => ty.nan(),
        // At most the signs of two zeros differ.
        Some(Ordering::Equal) if is_least => x | y,
        Some(Ordering::Equal) => x & y,
        Some(order) if order.is_lt() == is_least => x,
        Some(_) => y,
    })
}

/// Conversions between integers and floats.
///
/// # Errors
/// As those of the table.
pub(super) fn converted(op: UnaryOp, x: u64) -> Result<u64, Trap> {
    use UnaryOp as U;
    let (ty, is_wide, is_signed) = match op {
        U::F32ConvertI32S | U::I32TruncF32S | U::I32TruncSatF32S => (Type::F32, false, true),
        U::F32ConvertI32U | U::I32TruncF32U | U::I32TruncSatF32U => (Type::F32, false, false),
        U::F32ConvertI64S | U::I64TruncF32S | U::I64TruncSatF32S => (Type::F32, true, true),
        U::F32ConvertI64U | U::I64TruncF32U | U::I64TruncSatF32U => (Type::F32, true, false),
        U::F64ConvertI32S | U::I32TruncF64S | U::I32TruncSatF64S => (Type::F64, false, true),
        U::F64ConvertI32U | U::I32TruncF64U | U::I32TruncSatF64U => (Type::F64, false, false),
        U::F64ConvertI64S | U::I64TruncF64S | U::I64TruncSatF64S => (Type::F64, true, true),
        U::F64ConvertI64U | U::I64TruncF64U | U::I64TruncSatF64U => (Type::F64, true, false),
        _ => return Err(Trap::CorruptCode),
    };
    if op.floats().1 {
        let x = match (is_wide, is_signed) {
            (true, _) => x,
            (false, true) => sign_extended(x),
            (false, false) => narrow(x),
        };
        let is_negative = is_signed && x & TOP != 0;
        let mantissa = if is_negative { x.wrapping_neg() } else { x };
        return Ok(Number { is_negative, exponent: 63, mantissa }.normalized().to_bits(ty));
    }
    let saturates = !op.can_trap();
    let Some(x) = Number::from_bits(ty, x) else {
        return if saturates { Ok(0) } else { Err(Trap::InvalidConversionToInteger) };
    };
    // The greatest magnitude.
    let most = match (is_signed, x.is_negative) {
        (false, true) => 0,
        (false, false) => u64::MAX,
        (true, is_negative) => (TOP >> if is_wide { 0 } else { 32 }).wrapping_sub((!is_negative).into()),
    };
    let most = if is_wide { most } else { narrow(most) };
    let (mut magnitude, _, _) = without(x.mantissa, 63_i32.wrapping_sub(x.exponent));
    if x.exponent > 63 || magnitude > most {
        if !saturates {
            return Err(Trap::IntegerOverflow);
        }
        magnitude = most;
    }
    let value = if x.is_negative { magnitude.wrapping_neg() } else { magnitude };
    Ok(if is_wide { value } else { narrow(value) })
}
