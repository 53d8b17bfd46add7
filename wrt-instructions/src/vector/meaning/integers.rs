//! Integer lanes: arithmetic, logic, comparisons, shifts and tests.

// @need-ids: REQ_018, REQ_TABLE_001

use super::{Lanes, lanewise};
use crate::vector::V128;
use bytemuck::must_cast;
use wide::{CmpEq, CmpGt, CmpLt, i8x16, i16x8, i32x4, i32x8, i64x2, u8x16, u16x8, u32x4, u64x2};

// With its sign bit inverted, an unsigned number compares as a signed one.
const SIGN8: i8x16 = i8x16::new([i8::MIN; 16]);
const SIGN16: i16x8 = i16x8::new([i16::MIN; 8]);
const SIGN32: i32x4 = i32x4::new([i32::MIN; 4]);

const ZERO8: i8x16 = i8x16::new([0; 16]);
const ZERO16: i16x8 = i16x8::new([0; 8]);
const ZERO32: i32x4 = i32x4::new([0; 4]);
const ZERO64: i64x2 = i64x2::new([0; 2]);

lanewise! {
    v128_not(x: u64x2) !x;
    v128_and(x, y: u64x2) (x & y);
    v128_andnot(x, y: u64x2) (x & !y);
    v128_or(x, y: u64x2) (x | y);
    v128_xor(x, y: u64x2) (x ^ y);
    v128_bitselect(x, y, z: u64x2) ((x & z) | (y & !z));

    i8x16_eq(x, y: i8x16) x.cmp_eq(y);
    i8x16_ne(x, y: i8x16) (!x.cmp_eq(y));
    i8x16_lt_s(x, y: i8x16) x.cmp_lt(y);
    i8x16_lt_u(x, y: i8x16) (x ^ SIGN8).cmp_lt(y ^ SIGN8);
    i8x16_gt_s(x, y: i8x16) x.cmp_gt(y);
    i8x16_gt_u(x, y: i8x16) (x ^ SIGN8).cmp_gt(y ^ SIGN8);
    i8x16_le_s(x, y: i8x16) (!x.cmp_gt(y));
    i8x16_le_u(x, y: i8x16) (!(x ^ SIGN8).cmp_gt(y ^ SIGN8));
    i8x16_ge_s(x, y: i8x16) (!x.cmp_lt(y));
    i8x16_ge_u(x, y: i8x16) (!(x ^ SIGN8).cmp_lt(y ^ SIGN8));

    i16x8_eq(x, y: i16x8) x.cmp_eq(y);
    i16x8_ne(x, y: i16x8) (!x.cmp_eq(y));
    i16x8_lt_s(x, y: i16x8) x.cmp_lt(y);
    i16x8_lt_u(x, y: i16x8) (x ^ SIGN16).cmp_lt(y ^ SIGN16);
    i16x8_gt_s(x, y: i16x8) x.cmp_gt(y);
    i16x8_gt_u(x, y: i16x8) (x ^ SIGN16).cmp_gt(y ^ SIGN16);
    i16x8_le_s(x, y: i16x8) (!x.cmp_gt(y));
    i16x8_le_u(x, y: i16x8) (!(x ^ SIGN16).cmp_gt(y ^ SIGN16));
    i16x8_ge_s(x, y: i16x8) (!x.cmp_lt(y));
    i16x8_ge_u(x, y: i16x8) (!(x ^ SIGN16).cmp_lt(y ^ SIGN16));

    i32x4_eq(x, y: i32x4) x.cmp_eq(y);
    i32x4_ne(x, y: i32x4) (!x.cmp_eq(y));
    i32x4_lt_s(x, y: i32x4) x.cmp_lt(y);
    i32x4_lt_u(x, y: i32x4) (x ^ SIGN32).cmp_lt(y ^ SIGN32);
    i32x4_gt_s(x, y: i32x4) x.cmp_gt(y);
    i32x4_gt_u(x, y: i32x4) (x ^ SIGN32).cmp_gt(y ^ SIGN32);
    i32x4_le_s(x, y: i32x4) (!x.cmp_gt(y));
    i32x4_le_u(x, y: i32x4) (!(x ^ SIGN32).cmp_gt(y ^ SIGN32));
    i32x4_ge_s(x, y: i32x4) (!x.cmp_lt(y));
    i32x4_ge_u(x, y: i32x4) (!(x ^ SIGN32).cmp_lt(y ^ SIGN32));

    i64x2_eq(x, y: i64x2) x.cmp_eq(y);
    i64x2_ne(x, y: i64x2) (!x.cmp_eq(y));
    i64x2_lt_s(x, y: i64x2) y.cmp_gt(x);
    i64x2_gt_s(x, y: i64x2) x.cmp_gt(y);
    i64x2_le_s(x, y: i64x2) (!x.cmp_gt(y));
    i64x2_ge_s(x, y: i64x2) (!y.cmp_gt(x));

    i8x16_add(x, y: i8x16) (x + y);
    i8x16_sub(x, y: i8x16) (x - y);
    i8x16_neg(x: i8x16) (ZERO8 - x);
    i8x16_abs(x: i8x16) magnitude(x, x.cmp_lt(ZERO8));
    i8x16_add_sat_s(x, y: i8x16) x.saturating_add(y);
    i8x16_add_sat_u(x, y: u8x16) x.saturating_add(y);
    i8x16_sub_sat_s(x, y: i8x16) x.saturating_sub(y);
    i8x16_sub_sat_u(x, y: u8x16) x.saturating_sub(y);
    i8x16_min_s(x, y: i8x16) x.cmp_lt(y).blend(x, y);
    i8x16_max_s(x, y: i8x16) x.cmp_lt(y).blend(y, x);
    i8x16_min_u(x, y: u8x16) x.min(y);
    i8x16_max_u(x, y: u8x16) x.max(y);

    i16x8_add(x, y: i16x8) (x + y);
    i16x8_sub(x, y: i16x8) (x - y);
    i16x8_mul(x, y: i16x8) (x * y);
    i16x8_neg(x: i16x8) (ZERO16 - x);
    i16x8_abs(x: i16x8) magnitude(x, x >> 15_u32);
    i16x8_add_sat_s(x, y: i16x8) x.saturating_add(y);
    i16x8_add_sat_u(x, y: u16x8) x.saturating_add(y);
    i16x8_sub_sat_s(x, y: i16x8) x.saturating_sub(y);
    i16x8_sub_sat_u(x, y: u16x8) x.saturating_sub(y);
    i16x8_min_s(x, y: i16x8) x.min(y);
    i16x8_max_s(x, y: i16x8) x.max(y);
    i16x8_min_u(x, y: i16x8) ((x ^ SIGN16).min(y ^ SIGN16) ^ SIGN16);
    i16x8_max_u(x, y: i16x8) ((x ^ SIGN16).max(y ^ SIGN16) ^ SIGN16);
    // Half the sum, rounded up, without a carry.
    i16x8_avgr_u(x, y: u16x8) ((x | y) - ((x ^ y) >> 1_u32));

    i32x4_add(x, y: i32x4) (x + y);
    i32x4_sub(x, y: i32x4) (x - y);
    i32x4_mul(x, y: i32x4) (x * y);
    i32x4_neg(x: i32x4) (ZERO32 - x);
    i32x4_abs(x: i32x4) magnitude(x, x >> 31_u32);
    i32x4_min_s(x, y: i32x4) x.cmp_lt(y).blend(x, y);
    i32x4_max_s(x, y: i32x4) x.cmp_lt(y).blend(y, x);
    i32x4_min_u(x, y: i32x4) (x ^ SIGN32).cmp_lt(y ^ SIGN32).blend(x, y);
    i32x4_max_u(x, y: i32x4) (x ^ SIGN32).cmp_lt(y ^ SIGN32).blend(y, x);

    i64x2_add(x, y: i64x2) (x + y);
    i64x2_sub(x, y: i64x2) (x - y);
    i64x2_mul(x, y: i64x2) (x * y);
    i64x2_neg(x: i64x2) (ZERO64 - x);
    i64x2_abs(x: [i64; 2]) x.map(i64::wrapping_abs);

    i16x8_extadd_pairwise_i8x16_s(x: i16x8) (even_bytes(x) + odd_bytes(x));
    i16x8_extadd_pairwise_i8x16_u(x: u16x8) ((x & u16x8::new([0xFF; 8])) + (x >> 8_u32));
    i32x4_extadd_pairwise_i16x8_s(x: i32x4) (even_halves(x) + odd_halves(x));
    i32x4_extadd_pairwise_i16x8_u(x: u32x4) ((x & u32x4::new([0xFFFF; 4])) + (x >> 16_u32));

    // Only the smallest number times itself is too large.
    i16x8_q15mulr_sat_s(x, y: i16x8) {
        let product = x.mul_scale_round(y);
        let too_large = x.cmp_eq(SIGN16) & y.cmp_eq(SIGN16);
        too_large.blend(i16x8::new([i16::MAX; 8]), product)
    };

    i16x8_extmul_low_i8x16_s(x, y: V128) {
        i16x8::of(i16x8_extend_low_i8x16_s(x)) * i16x8::of(i16x8_extend_low_i8x16_s(y))
    };
    i16x8_extmul_high_i8x16_s(x, y: V128) {
        i16x8::of(i16x8_extend_high_i8x16_s(x)) * i16x8::of(i16x8_extend_high_i8x16_s(y))
    };
    i16x8_extmul_low_i8x16_u(x, y: V128) {
        i16x8::of(i16x8_extend_low_i8x16_u(x)) * i16x8::of(i16x8_extend_low_i8x16_u(y))
    };
    i16x8_extmul_high_i8x16_u(x, y: V128) {
        i16x8::of(i16x8_extend_high_i8x16_u(x)) * i16x8::of(i16x8_extend_high_i8x16_u(y))
    };
    i32x4_extmul_low_i16x8_s(x, y: i16x8) must_cast::<_, [i32x4; 2]>(x.mul_widen(y))[0];
    i32x4_extmul_high_i16x8_s(x, y: i16x8) must_cast::<_, [i32x4; 2]>(x.mul_widen(y))[1];
    i32x4_extmul_low_i16x8_u(x, y: u16x8) must_cast::<_, [u32x4; 2]>(x.mul_widen(y))[0];
    i32x4_extmul_high_i16x8_u(x, y: u16x8) must_cast::<_, [u32x4; 2]>(x.mul_widen(y))[1];
    i64x2_extmul_low_i32x4_s(x, y: i32x4) must_cast::<_, [i64x2; 2]>(x.mul_widen(y))[0];
    i64x2_extmul_high_i32x4_s(x, y: i32x4) must_cast::<_, [i64x2; 2]>(x.mul_widen(y))[1];
    i64x2_extmul_low_i32x4_u(x, y: u32x4) must_cast::<_, [u64x2; 2]>(x.mul_widen(y))[0];
    i64x2_extmul_high_i32x4_u(x, y: u32x4) must_cast::<_, [u64x2; 2]>(x.mul_widen(y))[1];

    i16x8_extend_low_i8x16_u(x: u8x16) i16x8::from_u8x16_low(x);
    i16x8_extend_high_i8x16_u(x: u8x16) i16x8::from_u8x16_high(x);
    // Each byte twice: shifted down, the upper one is the lane with its sign.
    i16x8_extend_low_i8x16_s(x: u8x16) (i16x8::of(u8x16::unpack_low(x, x).v128()) >> 8_u32);
    i16x8_extend_high_i8x16_s(x: u8x16) (i16x8::of(u8x16::unpack_high(x, x).v128()) >> 8_u32);
    i32x4_extend_low_i16x8_s(x: i16x8) must_cast::<_, [i32x4; 2]>(i32x8::from_i16x8(x))[0];
    i32x4_extend_high_i16x8_s(x: i16x8) must_cast::<_, [i32x4; 2]>(i32x8::from_i16x8(x))[1];
    i32x4_extend_low_i16x8_u(x: u16x8) must_cast::<_, [i32x4; 2]>(i32x8::from_u16x8(x))[0];
    i32x4_extend_high_i16x8_u(x: u16x8) must_cast::<_, [i32x4; 2]>(i32x8::from_u16x8(x))[1];
    i64x2_extend_low_i32x4_s(x: V128) [x[0] as i32 as i64, (x[0] >> 32) as i32 as i64];
    i64x2_extend_high_i32x4_s(x: V128) [x[1] as i32 as i64, (x[1] >> 32) as i32 as i64];
    i64x2_extend_low_i32x4_u(x: V128) [x[0] & 0xFFFF_FFFF, x[0] >> 32];
    i64x2_extend_high_i32x4_u(x: V128) [x[1] & 0xFFFF_FFFF, x[1] >> 32];

    i8x16_narrow_i16x8_s(x, y: i16x8) i8x16::from_i16x16_saturate(must_cast([x, y]));
    i8x16_narrow_i16x8_u(x, y: i16x8) u8x16::narrow_i16x8(x, y);
    i16x8_narrow_i32x4_s(x, y: i32x4) i16x8::from_i32x8_saturate(must_cast([x, y]));
    // Moved down, so that what fits without a sign fits with one.
    i16x8_narrow_i32x4_u(x, y: i32x4) (i16x8::from_i32x8_saturate(must_cast([moved_down(x), moved_down(y)])) ^ SIGN16);

    // Counts by twos, fours and eights.
    i8x16_popcnt(x: u64x2) {
        let (pairs, fours) = (u64x2::new([0x5555_5555_5555_5555; 2]), u64x2::new([0x3333_3333_3333_3333; 2]));
        let x = x - ((x >> 1_u32) & pairs);
        let x = (x & fours) + ((x >> 2_u32) & fours);
        (x + (x >> 4_u32)) & u64x2::new([0x0F0F_0F0F_0F0F_0F0F; 2])
    };
}

/// The average of bytes: the one bit that crosses into a byte when halves are shifted together is masked.
#[inline(always)]
pub fn i8x16_avgr_u(x: V128, y: V128) -> V128 {
    let half = i8x16_shr_u(v128_xor(x, y), 1);
    (i8x16::of(v128_or(x, y)) - i8x16::of(half)).v128()
}

/// `x`, or where the mask is set `-x`.
#[inline(always)]
fn magnitude<T>(x: T, negative: T) -> T
where
    T: Copy + core::ops::BitXor<Output = T> + core::ops::Sub<Output = T>,
{
    (x ^ negative) - negative
}

#[inline(always)]
fn even_bytes(x: i16x8) -> i16x8 {
    (x << 8_u32) >> 8_u32
}
#[inline(always)]
fn odd_bytes(x: i16x8) -> i16x8 {
    x >> 8_u32
}
#[inline(always)]
fn even_halves(x: i32x4) -> i32x4 {
    (x << 16_u32) >> 16_u32
}
#[inline(always)]
fn odd_halves(x: i32x4) -> i32x4 {
    x >> 16_u32
}

/// Less by 2¹⁵, after negative numbers became 0.
#[inline(always)]
fn moved_down(x: i32x4) -> i32x4 {
    (x & !(x >> 31_u32)) - i32x4::new([0x8000; 4])
}

#[inline(always)]
pub fn i32x4_dot_i16x8_s(x: V128, y: V128) -> V128 {
    // The one instruction for it wraps as the operator does; sums written out elsewhere are checked in debug builds.
    if cfg!(target_feature = "sse2") {
        return i16x8::of(x).dot(i16x8::of(y)).v128();
    }
    let (x, y) = (i32x4::of(x), i32x4::of(y));
    (even_halves(x) * even_halves(y) + odd_halves(x) * odd_halves(y)).v128()
}

/// The dot product of pairs of bytes, saturated; what the relaxed one is in the deterministic profile.
#[inline(always)]
pub(super) fn dot_i8x16_s(x: V128, y: V128) -> V128 {
    let (x, y) = (i16x8::of(x), i16x8::of(y));
    let (even, odd) = (even_bytes(x) * even_bytes(y), odd_bytes(x) * odd_bytes(y));
    even.saturating_add(odd).v128()
}

// Shifts take the distance modulo the lane's width.

#[inline(always)]
pub fn i8x16_shl(x: V128, y: u32) -> V128 {
    let y = y % 8;
    let mask = u8x16::new([0xFF_u8.wrapping_shl(y); 16]);
    (u8x16::of((u16x8::of(x) << y).v128()) & mask).v128()
}

#[inline(always)]
pub fn i8x16_shr_u(x: V128, y: u32) -> V128 {
    let y = y % 8;
    let mask = u8x16::new([0xFF_u8.wrapping_shr(y); 16]);
    (u8x16::of((u16x8::of(x) >> y).v128()) & mask).v128()
}

#[inline(always)]
pub fn i8x16_shr_s(x: V128, y: u32) -> V128 {
    // Where the sign bit ended up, it is copied to all bits above.
    let sign = i8x16::new([0x80_u8.wrapping_shr(y % 8) as i8; 16]);
    magnitude(i8x16::of(i8x16_shr_u(x, y)), sign).v128()
}

macro_rules! shifts {
    ($($name:ident($lanes:ty) $shift:tt $bits:literal;)*) => { $(
        #[inline(always)]
        pub fn $name(x: V128, y: u32) -> V128 {
            (<$lanes>::of(x) $shift (y % $bits)).v128()
        }
    )* };
}
shifts! {
    i16x8_shl(u16x8) << 16;
    i16x8_shr_s(i16x8) >> 16;
    i16x8_shr_u(u16x8) >> 16;
    i32x4_shl(u32x4) << 32;
    i32x4_shr_s(i32x4) >> 32;
    i32x4_shr_u(u32x4) >> 32;
    i64x2_shl(u64x2) << 64;
    i64x2_shr_s(i64x2) >> 64;
    i64x2_shr_u(u64x2) >> 64;
}

#[inline(always)]
pub fn v128_any_true(x: V128) -> u32 {
    u32::from(x[0] | x[1] != 0)
}

macro_rules! tests {
    ($($all:ident $mask:ident($lanes:ty);)*) => { $(
        #[inline(always)]
        pub fn $all(x: V128) -> u32 {
            let zero = <$lanes>::of([0; 2]);
            u32::from(<$lanes>::of(x).cmp_eq(zero).move_mask() == 0)
        }
        #[inline(always)]
        pub fn $mask(x: V128) -> u32 {
            <$lanes>::of(x).move_mask() as u32
        }
    )* };
}
tests! {
    i8x16_all_true i8x16_bitmask(i8x16);
    i16x8_all_true i16x8_bitmask(i16x8);
    i32x4_all_true i32x4_bitmask(i32x4);
    i64x2_all_true i64x2_bitmask(i64x2);
}
