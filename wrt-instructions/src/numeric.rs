//! What the numeric operators mean: one pure function each, named as the specification names it.
//!
//! Integers are taken unsigned, as slots hold them. An operator that can trap says so by its return type.
//! Arithmetic on floats returns the IEEE 754 result; the engines replace any NaN by the canonical one
//! ([`Canonical`]), so that results are the same bits on every CPU.
//! Operators that only move bits (`abs`, `neg`, `copysign`, `reinterpret`) take and give bits.

// @need-ids: REQ_018, REQ_TABLE_001, REQ_NAN_001, REQ_017

// The names repeat the text format's; that is the point.
#![allow(missing_docs)]
// Exact comparisons of floats are what these operators are.
#![allow(clippy::float_cmp)]
// Conversions round, as the specification says they do.
#![allow(clippy::cast_precision_loss)]

use crate::division;
use crate::trap::Trap;

/// Floats whose NaNs are made canonical (core 4.3.3, "NaN propagation", with the one deterministic choice).
// @need-ids: REQ_NAN_001, REQ_017
pub trait Canonical: Sized {
    /// The positive quiet NaN with an empty payload.
    const NAN: Self;
    /// The value, or the canonical NaN where it is a NaN.
    fn canonical(self) -> Self;
}

impl Canonical for f32 {
    const NAN: Self = Self::from_bits(0x7FC0_0000);
    #[inline(always)]
    fn canonical(self) -> Self {
        // On bits: the compiler takes every NaN for the same and drops a choice between two of them.
        let bits = self.to_bits();
        let magnitude = bits & (u32::MAX >> 1);
        Self::from_bits(if magnitude > Self::INFINITY.to_bits() { <Self as Canonical>::NAN.to_bits() } else { bits })
    }
}

impl Canonical for f64 {
    const NAN: Self = Self::from_bits(0x7FF8_0000_0000_0000);
    #[inline(always)]
    fn canonical(self) -> Self {
        // On bits: the compiler takes every NaN for the same and drops a choice between two of them.
        let bits = self.to_bits();
        let magnitude = bits & (u64::MAX >> 1);
        Self::from_bits(if magnitude > Self::INFINITY.to_bits() { <Self as Canonical>::NAN.to_bits() } else { bits })
    }
}

#[inline(always)]
pub fn i32_add(x: u32, y: u32) -> u32 {
    x.wrapping_add(y)
}

#[inline(always)]
pub fn i32_sub(x: u32, y: u32) -> u32 {
    x.wrapping_sub(y)
}

#[inline(always)]
pub fn i32_mul(x: u32, y: u32) -> u32 {
    x.wrapping_mul(y)
}

#[inline(always)]
pub fn i32_and(x: u32, y: u32) -> u32 {
    x & y
}

#[inline(always)]
pub fn i32_or(x: u32, y: u32) -> u32 {
    x | y
}

#[inline(always)]
pub fn i32_xor(x: u32, y: u32) -> u32 {
    x ^ y
}

#[inline(always)]
pub fn i32_shl(x: u32, y: u32) -> u32 {
    x.wrapping_shl(y)
}

#[inline(always)]
pub fn i32_shr_s(x: u32, y: u32) -> u32 {
    (x as i32).wrapping_shr(y) as u32
}

#[inline(always)]
pub fn i32_shr_u(x: u32, y: u32) -> u32 {
    x.wrapping_shr(y)
}

#[inline(always)]
pub fn i32_rotl(x: u32, y: u32) -> u32 {
    x.rotate_left(y & (u32::BITS - 1))
}

#[inline(always)]
pub fn i32_rotr(x: u32, y: u32) -> u32 {
    x.rotate_right(y & (u32::BITS - 1))
}

#[inline(always)]
pub fn i32_div_u(x: u32, y: u32) -> Result<u32, Trap> {
    x.checked_div(y).ok_or(Trap::IntegerDivideByZero)
}

#[inline(always)]
pub fn i32_div_s(x: u32, y: u32) -> Result<u32, Trap> {
    match (x as i32).checked_div(y as i32) {
        Some(quotient) => Ok(quotient as u32),
        None if y == 0 => Err(Trap::IntegerDivideByZero),
        None => Err(Trap::IntegerOverflow),
    }
}

#[inline(always)]
pub fn i32_rem_u(x: u32, y: u32) -> Result<u32, Trap> {
    x.checked_rem(y).ok_or(Trap::IntegerDivideByZero)
}

#[inline(always)]
pub fn i32_rem_s(x: u32, y: u32) -> Result<u32, Trap> {
    if y == 0 { Err(Trap::IntegerDivideByZero) } else { Ok((x as i32).wrapping_rem(y as i32) as u32) }
}

#[inline(always)]
pub fn i32_eq(x: u32, y: u32) -> bool {
    x == y
}

#[inline(always)]
pub fn i32_ne(x: u32, y: u32) -> bool {
    x != y
}

#[inline(always)]
pub fn i32_lt_u(x: u32, y: u32) -> bool {
    x < y
}

#[inline(always)]
pub fn i32_gt_u(x: u32, y: u32) -> bool {
    x > y
}

#[inline(always)]
pub fn i32_le_u(x: u32, y: u32) -> bool {
    x <= y
}

#[inline(always)]
pub fn i32_ge_u(x: u32, y: u32) -> bool {
    x >= y
}

#[inline(always)]
pub fn i32_lt_s(x: u32, y: u32) -> bool {
    (x as i32) < (y as i32)
}

#[inline(always)]
pub fn i32_gt_s(x: u32, y: u32) -> bool {
    (x as i32) > (y as i32)
}

#[inline(always)]
pub fn i32_le_s(x: u32, y: u32) -> bool {
    (x as i32) <= (y as i32)
}

#[inline(always)]
pub fn i32_ge_s(x: u32, y: u32) -> bool {
    (x as i32) >= (y as i32)
}

#[inline(always)]
pub fn i32_eqz(x: u32) -> bool {
    x == 0
}

#[inline(always)]
pub fn i32_clz(x: u32) -> u32 {
    x.leading_zeros()
}

#[inline(always)]
pub fn i32_ctz(x: u32) -> u32 {
    x.trailing_zeros()
}

#[inline(always)]
pub fn i32_popcnt(x: u32) -> u32 {
    x.count_ones()
}

#[inline(always)]
pub fn i32_extend8_s(x: u32) -> u32 {
    x as i8 as i32 as u32
}

#[inline(always)]
pub fn i32_extend16_s(x: u32) -> u32 {
    x as i16 as i32 as u32
}

#[inline(always)]
pub fn i64_add(x: u64, y: u64) -> u64 {
    x.wrapping_add(y)
}

#[inline(always)]
pub fn i64_sub(x: u64, y: u64) -> u64 {
    x.wrapping_sub(y)
}

#[inline(always)]
pub fn i64_mul(x: u64, y: u64) -> u64 {
    x.wrapping_mul(y)
}

#[inline(always)]
pub fn i64_and(x: u64, y: u64) -> u64 {
    x & y
}

#[inline(always)]
pub fn i64_or(x: u64, y: u64) -> u64 {
    x | y
}

#[inline(always)]
pub fn i64_xor(x: u64, y: u64) -> u64 {
    x ^ y
}

#[inline(always)]
pub fn i64_shl(x: u64, y: u64) -> u64 {
    x.wrapping_shl(y as u32)
}

#[inline(always)]
pub fn i64_shr_s(x: u64, y: u64) -> u64 {
    (x as i64).wrapping_shr(y as u32) as u64
}

#[inline(always)]
pub fn i64_shr_u(x: u64, y: u64) -> u64 {
    x.wrapping_shr(y as u32)
}

#[inline(always)]
pub fn i64_rotl(x: u64, y: u64) -> u64 {
    x.rotate_left(y as u32 & (u64::BITS - 1))
}

#[inline(always)]
pub fn i64_rotr(x: u64, y: u64) -> u64 {
    x.rotate_right(y as u32 & (u64::BITS - 1))
}

// Wide arithmetic (proposal): numbers of 128 bits are two of 64, the lower half first.

const fn join(low: u64, high: u64) -> u128 {
    low as u128 | (high as u128) << u64::BITS
}

const fn halves(x: u128) -> (u64, u64) {
    (x as u64, (x >> u64::BITS) as u64)
}

#[inline(always)]
pub const fn i64_add128(x_low: u64, x_high: u64, y_low: u64, y_high: u64) -> (u64, u64) {
    halves(join(x_low, x_high).wrapping_add(join(y_low, y_high)))
}

#[inline(always)]
pub const fn i64_sub128(x_low: u64, x_high: u64, y_low: u64, y_high: u64) -> (u64, u64) {
    halves(join(x_low, x_high).wrapping_sub(join(y_low, y_high)))
}

#[inline(always)]
pub const fn i64_mul_wide_s(x: u64, y: u64) -> (u64, u64) {
    // The product of two 64-bit numbers fits in 128 bits: nothing wraps.
    halves((x as i64 as i128).wrapping_mul(y as i64 as i128) as u128)
}

#[inline(always)]
pub const fn i64_mul_wide_u(x: u64, y: u64) -> (u64, u64) {
    halves((x as u128).wrapping_mul(y as u128))
}

#[inline(always)]
pub fn i64_div_u(x: u64, y: u64) -> Result<u64, Trap> {
    division::div_u(x, y).ok_or(Trap::IntegerDivideByZero)
}

#[inline(always)]
pub fn i64_div_s(x: u64, y: u64) -> Result<u64, Trap> {
    match division::div_s(x as i64, y as i64) {
        Some(quotient) => Ok(quotient as u64),
        None if y == 0 => Err(Trap::IntegerDivideByZero),
        None => Err(Trap::IntegerOverflow),
    }
}

#[inline(always)]
pub fn i64_rem_u(x: u64, y: u64) -> Result<u64, Trap> {
    division::rem_u(x, y).ok_or(Trap::IntegerDivideByZero)
}

#[inline(always)]
pub fn i64_rem_s(x: u64, y: u64) -> Result<u64, Trap> {
    match division::rem_s(x as i64, y as i64) {
        Some(remainder) => Ok(remainder as u64),
        None => Err(Trap::IntegerDivideByZero),
    }
}

#[inline(always)]
pub fn i64_eq(x: u64, y: u64) -> bool {
    x == y
}

#[inline(always)]
pub fn i64_ne(x: u64, y: u64) -> bool {
    x != y
}

#[inline(always)]
pub fn i64_lt_u(x: u64, y: u64) -> bool {
    x < y
}

#[inline(always)]
pub fn i64_gt_u(x: u64, y: u64) -> bool {
    x > y
}

#[inline(always)]
pub fn i64_le_u(x: u64, y: u64) -> bool {
    x <= y
}

#[inline(always)]
pub fn i64_ge_u(x: u64, y: u64) -> bool {
    x >= y
}

#[inline(always)]
pub fn i64_lt_s(x: u64, y: u64) -> bool {
    (x as i64) < (y as i64)
}

#[inline(always)]
pub fn i64_gt_s(x: u64, y: u64) -> bool {
    (x as i64) > (y as i64)
}

#[inline(always)]
pub fn i64_le_s(x: u64, y: u64) -> bool {
    (x as i64) <= (y as i64)
}

#[inline(always)]
pub fn i64_ge_s(x: u64, y: u64) -> bool {
    (x as i64) >= (y as i64)
}

#[inline(always)]
pub fn i64_eqz(x: u64) -> bool {
    x == 0
}

#[inline(always)]
pub fn i64_clz(x: u64) -> u64 {
    x.leading_zeros() as u64
}

#[inline(always)]
pub fn i64_ctz(x: u64) -> u64 {
    x.trailing_zeros() as u64
}

#[inline(always)]
pub fn i64_popcnt(x: u64) -> u64 {
    x.count_ones() as u64
}

#[inline(always)]
pub fn i64_extend8_s(x: u64) -> u64 {
    x as i8 as i64 as u64
}

#[inline(always)]
pub fn i64_extend16_s(x: u64) -> u64 {
    x as i16 as i64 as u64
}

#[inline(always)]
pub fn i64_extend32_s(x: u64) -> u64 {
    x as i32 as i64 as u64
}

/// Whether two words have a bit in common: `i32.and` and a branch on the result, in one.
#[inline(always)]
pub fn i32_test(x: u32, y: u32) -> bool {
    x & y != 0
}

/// The opposite of [`i32_test`].
#[inline(always)]
pub fn i32_test_not(x: u32, y: u32) -> bool {
    x & y == 0
}

#[inline(always)]
pub fn i32_wrap_i64(x: u64) -> u32 {
    x as u32
}

#[inline(always)]
pub fn i64_extend_i32_s(x: u32) -> u64 {
    x as i32 as i64 as u64
}

#[inline(always)]
pub fn i64_extend_i32_u(x: u32) -> u64 {
    x as u64
}

#[inline(always)]
pub fn i32_reinterpret_f32(x: u32) -> u32 {
    x
}

#[inline(always)]
pub fn i64_reinterpret_f64(x: u64) -> u64 {
    x
}

#[inline(always)]
pub fn f32_reinterpret_i32(x: u32) -> u32 {
    x
}

#[inline(always)]
pub fn f64_reinterpret_i64(x: u64) -> u64 {
    x
}

#[inline(always)]
pub fn f32_add(x: f32, y: f32) -> f32 {
    x + y
}

#[inline(always)]
pub fn f32_sub(x: f32, y: f32) -> f32 {
    x - y
}

#[inline(always)]
pub fn f32_mul(x: f32, y: f32) -> f32 {
    x * y
}

#[inline(always)]
pub fn f32_div(x: f32, y: f32) -> f32 {
    x / y
}

#[inline(always)]
pub fn f32_eq(x: f32, y: f32) -> bool {
    x == y
}

#[inline(always)]
pub fn f32_ne(x: f32, y: f32) -> bool {
    x != y
}

#[inline(always)]
pub fn f32_lt(x: f32, y: f32) -> bool {
    x < y
}

#[inline(always)]
pub fn f32_gt(x: f32, y: f32) -> bool {
    x > y
}

#[inline(always)]
pub fn f32_le(x: f32, y: f32) -> bool {
    x <= y
}

#[inline(always)]
pub fn f32_ge(x: f32, y: f32) -> bool {
    x >= y
}

#[inline(always)]
pub fn f32_min(x: f32, y: f32) -> f32 {
    // On bits, as in `canonical`.
    f32::from_bits(if x < y {
        x.to_bits()
    } else if y < x {
        y.to_bits()
    } else if x == y {
        // At most the signs of two zeros differ.
        x.to_bits() | y.to_bits()
    } else {
        <f32 as Canonical>::NAN.to_bits()
    })
}

#[inline(always)]
pub fn f32_max(x: f32, y: f32) -> f32 {
    // On bits, as in `canonical`.
    f32::from_bits(if x > y {
        x.to_bits()
    } else if y > x {
        y.to_bits()
    } else if x == y {
        // At most the signs of two zeros differ.
        x.to_bits() & y.to_bits()
    } else {
        <f32 as Canonical>::NAN.to_bits()
    })
}

#[inline(always)]
pub fn f32_copysign(x: u32, y: u32) -> u32 {
    (x & !0x8000_0000) | (y & 0x8000_0000)
}

#[inline(always)]
pub fn f32_abs(x: u32) -> u32 {
    x & !0x8000_0000
}

#[inline(always)]
pub fn f32_neg(x: u32) -> u32 {
    x ^ 0x8000_0000
}

// Rounding and square roots: by libm where there is no standard library, the same bits either way.
// @need-ids: REQ_010
#[inline(always)]
pub fn f32_ceil(x: f32) -> f32 {
    #[cfg(feature = "std")]
    return x.ceil();
    #[cfg(not(feature = "std"))]
    return libm::ceilf(x);
}

#[inline(always)]
pub fn f32_floor(x: f32) -> f32 {
    #[cfg(feature = "std")]
    return x.floor();
    #[cfg(not(feature = "std"))]
    return libm::floorf(x);
}

#[inline(always)]
pub fn f32_trunc(x: f32) -> f32 {
    #[cfg(feature = "std")]
    return x.trunc();
    #[cfg(not(feature = "std"))]
    return libm::truncf(x);
}

#[inline(always)]
pub fn f32_nearest(x: f32) -> f32 {
    #[cfg(feature = "std")]
    return x.round_ties_even();
    #[cfg(not(feature = "std"))]
    return libm::rintf(x);
}

#[inline(always)]
pub fn f32_sqrt(x: f32) -> f32 {
    #[cfg(feature = "std")]
    return x.sqrt();
    #[cfg(not(feature = "std"))]
    return libm::sqrtf(x);
}

#[inline(always)]
pub fn f32_convert_i32_s(x: u32) -> f32 {
    x as i32 as f32
}

#[inline(always)]
pub fn f32_convert_i32_u(x: u32) -> f32 {
    x as f32
}

#[inline(always)]
pub fn f32_convert_i64_s(x: u64) -> f32 {
    x as i64 as f32
}

#[inline(always)]
pub fn f32_convert_i64_u(x: u64) -> f32 {
    x as f32
}

#[inline(always)]
pub fn f64_add(x: f64, y: f64) -> f64 {
    x + y
}

#[inline(always)]
pub fn f64_sub(x: f64, y: f64) -> f64 {
    x - y
}

#[inline(always)]
pub fn f64_mul(x: f64, y: f64) -> f64 {
    x * y
}

#[inline(always)]
pub fn f64_div(x: f64, y: f64) -> f64 {
    x / y
}

#[inline(always)]
pub fn f64_eq(x: f64, y: f64) -> bool {
    x == y
}

#[inline(always)]
pub fn f64_ne(x: f64, y: f64) -> bool {
    x != y
}

#[inline(always)]
pub fn f64_lt(x: f64, y: f64) -> bool {
    x < y
}

#[inline(always)]
pub fn f64_gt(x: f64, y: f64) -> bool {
    x > y
}

#[inline(always)]
pub fn f64_le(x: f64, y: f64) -> bool {
    x <= y
}

#[inline(always)]
pub fn f64_ge(x: f64, y: f64) -> bool {
    x >= y
}

#[inline(always)]
pub fn f64_min(x: f64, y: f64) -> f64 {
    // On bits, as in `canonical`.
    f64::from_bits(if x < y {
        x.to_bits()
    } else if y < x {
        y.to_bits()
    } else if x == y {
        // At most the signs of two zeros differ.
        x.to_bits() | y.to_bits()
    } else {
        <f64 as Canonical>::NAN.to_bits()
    })
}

#[inline(always)]
pub fn f64_max(x: f64, y: f64) -> f64 {
    // On bits, as in `canonical`.
    f64::from_bits(if x > y {
        x.to_bits()
    } else if y > x {
        y.to_bits()
    } else if x == y {
        // At most the signs of two zeros differ.
        x.to_bits() & y.to_bits()
    } else {
        <f64 as Canonical>::NAN.to_bits()
    })
}

#[inline(always)]
pub fn f64_copysign(x: u64, y: u64) -> u64 {
    (x & !0x8000_0000_0000_0000) | (y & 0x8000_0000_0000_0000)
}

#[inline(always)]
pub fn f64_abs(x: u64) -> u64 {
    x & !0x8000_0000_0000_0000
}

#[inline(always)]
pub fn f64_neg(x: u64) -> u64 {
    x ^ 0x8000_0000_0000_0000
}

#[inline(always)]
pub fn f64_ceil(x: f64) -> f64 {
    #[cfg(feature = "std")]
    return x.ceil();
    #[cfg(not(feature = "std"))]
    return libm::ceil(x);
}

#[inline(always)]
pub fn f64_floor(x: f64) -> f64 {
    #[cfg(feature = "std")]
    return x.floor();
    #[cfg(not(feature = "std"))]
    return libm::floor(x);
}

#[inline(always)]
pub fn f64_trunc(x: f64) -> f64 {
    #[cfg(feature = "std")]
    return x.trunc();
    #[cfg(not(feature = "std"))]
    return libm::trunc(x);
}

#[inline(always)]
pub fn f64_nearest(x: f64) -> f64 {
    #[cfg(feature = "std")]
    return x.round_ties_even();
    #[cfg(not(feature = "std"))]
    return libm::rint(x);
}

#[inline(always)]
pub fn f64_sqrt(x: f64) -> f64 {
    #[cfg(feature = "std")]
    return x.sqrt();
    #[cfg(not(feature = "std"))]
    return libm::sqrt(x);
}

#[inline(always)]
pub fn f64_convert_i32_s(x: u32) -> f64 {
    x as i32 as f64
}

#[inline(always)]
pub fn f64_convert_i32_u(x: u32) -> f64 {
    x as f64
}

#[inline(always)]
pub fn f64_convert_i64_s(x: u64) -> f64 {
    x as i64 as f64
}

#[inline(always)]
pub fn f64_convert_i64_u(x: u64) -> f64 {
    x as f64
}

#[inline(always)]
pub fn f32_demote_f64(x: f64) -> f32 {
    x as f32
}

#[inline(always)]
pub fn f64_promote_f32(x: f32) -> f64 {
    x as f64
}

#[inline(always)]
pub fn i32_trunc_f32_s(x: f32) -> Result<u32, Trap> {
    if x > -2_147_483_904.0 && x < 2_147_483_648.0 {
        Ok(x as i32 as u32)
    } else if x.is_nan() {
        Err(Trap::InvalidConversionToInteger)
    } else {
        Err(Trap::IntegerOverflow)
    }
}

#[inline(always)]
pub fn i32_trunc_sat_f32_s(x: f32) -> u32 {
    x as i32 as u32
}

#[inline(always)]
pub fn i32_trunc_f32_u(x: f32) -> Result<u32, Trap> {
    if x > -1.0 && x < 4_294_967_296.0 {
        Ok(x as u32)
    } else if x.is_nan() {
        Err(Trap::InvalidConversionToInteger)
    } else {
        Err(Trap::IntegerOverflow)
    }
}

#[inline(always)]
pub fn i32_trunc_sat_f32_u(x: f32) -> u32 {
    x as u32
}

#[inline(always)]
pub fn i32_trunc_f64_s(x: f64) -> Result<u32, Trap> {
    if x > -2_147_483_649.0 && x < 2_147_483_648.0 {
        Ok(x as i32 as u32)
    } else if x.is_nan() {
        Err(Trap::InvalidConversionToInteger)
    } else {
        Err(Trap::IntegerOverflow)
    }
}

#[inline(always)]
pub fn i32_trunc_sat_f64_s(x: f64) -> u32 {
    x as i32 as u32
}

#[inline(always)]
pub fn i32_trunc_f64_u(x: f64) -> Result<u32, Trap> {
    if x > -1.0 && x < 4_294_967_296.0 {
        Ok(x as u32)
    } else if x.is_nan() {
        Err(Trap::InvalidConversionToInteger)
    } else {
        Err(Trap::IntegerOverflow)
    }
}

#[inline(always)]
pub fn i32_trunc_sat_f64_u(x: f64) -> u32 {
    x as u32
}

#[inline(always)]
pub fn i64_trunc_f32_s(x: f32) -> Result<u64, Trap> {
    if x > -9_223_373_136_366_403_584.0 && x < 9_223_372_036_854_775_808.0 {
        Ok(x as i64 as u64)
    } else if x.is_nan() {
        Err(Trap::InvalidConversionToInteger)
    } else {
        Err(Trap::IntegerOverflow)
    }
}

#[inline(always)]
pub fn i64_trunc_sat_f32_s(x: f32) -> u64 {
    x as i64 as u64
}

#[inline(always)]
pub fn i64_trunc_f32_u(x: f32) -> Result<u64, Trap> {
    if x > -1.0 && x < 18_446_744_073_709_551_616.0 {
        Ok(x as u64)
    } else if x.is_nan() {
        Err(Trap::InvalidConversionToInteger)
    } else {
        Err(Trap::IntegerOverflow)
    }
}

#[inline(always)]
pub fn i64_trunc_sat_f32_u(x: f32) -> u64 {
    x as u64
}

#[inline(always)]
pub fn i64_trunc_f64_s(x: f64) -> Result<u64, Trap> {
    if x > -9_223_372_036_854_777_856.0 && x < 9_223_372_036_854_775_808.0 {
        Ok(x as i64 as u64)
    } else if x.is_nan() {
        Err(Trap::InvalidConversionToInteger)
    } else {
        Err(Trap::IntegerOverflow)
    }
}

#[inline(always)]
pub fn i64_trunc_sat_f64_s(x: f64) -> u64 {
    x as i64 as u64
}

#[inline(always)]
pub fn i64_trunc_f64_u(x: f64) -> Result<u64, Trap> {
    if x > -1.0 && x < 18_446_744_073_709_551_616.0 {
        Ok(x as u64)
    } else if x.is_nan() {
        Err(Trap::InvalidConversionToInteger)
    } else {
        Err(Trap::IntegerOverflow)
    }
}

#[inline(always)]
pub fn i64_trunc_sat_f64_u(x: f64) -> u64 {
    x as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::hint::black_box;

    // @need-ids: REQ_NAN_001
    #[test]
    fn the_nan_that_a_processor_makes_becomes_canonical() {
        // x86-64 makes a negative one here.
        assert_eq!(f64_sqrt(black_box(-1.0)).canonical().to_bits(), 0x7FF8_0000_0000_0000);
        assert_eq!(f32_sqrt(black_box(-1.0)).canonical().to_bits(), 0x7FC0_0000);
        assert_eq!(
            f64_ceil(black_box(f64::from_bits(0xFFF0_0000_0000_0001))).canonical().to_bits(),
            0x7FF8_0000_0000_0000
        );
        for bits in [0, 1, 0x7F7F_FFFF, 0x7F80_0000, 0xFF80_0000, 0x8000_0000] {
            assert_eq!(f32::from_bits(black_box(bits)).canonical().to_bits(), bits);
        }
    }
}
