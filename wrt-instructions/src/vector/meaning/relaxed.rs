//! Relaxed operators, as the specification's deterministic profile fixes them (core, appendix "profiles").
//!
//! Each gives the first of the results that the specification allows, on every processor.

// @need-ids: REQ_VECTOR_001

use super::floats::{double, single};
use super::integers::dot_i8x16_s;
use super::{
    Lanes, f32x4_max, f32x4_min, f32x4_neg, f64x2_max, f64x2_min, f64x2_neg, i8x16_swizzle, i16x8_q15mulr_sat_s,
    i32x4_extadd_pairwise_i16x8_s, i32x4_trunc_sat_f32x4_s, i32x4_trunc_sat_f32x4_u, i32x4_trunc_sat_f64x2_s_zero,
    i32x4_trunc_sat_f64x2_u_zero, v128_bitselect,
};
use crate::vector::V128;
use wide::{f32x4, f64x2, i32x4};

/// Operators that are, by the profile, others.
macro_rules! fixed {
    ($($name:ident($($x:ident),+) $other:ident;)*) => { $(
        #[inline(always)]
        pub fn $name($($x: V128),+) -> V128 {
            $other($($x),+)
        }
    )* };
}
// @need-ids: REQ_VECTOR_001, REQ_017
fixed! {
    i8x16_relaxed_swizzle(x, y) i8x16_swizzle;
    i32x4_relaxed_trunc_f32x4_s(x) i32x4_trunc_sat_f32x4_s;
    i32x4_relaxed_trunc_f32x4_u(x) i32x4_trunc_sat_f32x4_u;
    i32x4_relaxed_trunc_f64x2_s_zero(x) i32x4_trunc_sat_f64x2_s_zero;
    i32x4_relaxed_trunc_f64x2_u_zero(x) i32x4_trunc_sat_f64x2_u_zero;
    i8x16_relaxed_laneselect(x, y, z) v128_bitselect;
    i16x8_relaxed_laneselect(x, y, z) v128_bitselect;
    i32x4_relaxed_laneselect(x, y, z) v128_bitselect;
    i64x2_relaxed_laneselect(x, y, z) v128_bitselect;
    f32x4_relaxed_min(x, y) f32x4_min;
    f32x4_relaxed_max(x, y) f32x4_max;
    f64x2_relaxed_min(x, y) f64x2_min;
    f64x2_relaxed_max(x, y) f64x2_max;
    i16x8_relaxed_q15mulr_s(x, y) i16x8_q15mulr_sat_s;
    i16x8_relaxed_dot_i8x16_i7x16_s(x, y) dot_i8x16_s;
}

// Not fused: the product is rounded, and then the sum.

#[inline(always)]
pub fn f32x4_relaxed_madd(x: V128, y: V128, z: V128) -> V128 {
    single::canonical(f32x4::of(x) * f32x4::of(y) + f32x4::of(z)).v128()
}

#[inline(always)]
pub fn f32x4_relaxed_nmadd(x: V128, y: V128, z: V128) -> V128 {
    f32x4_relaxed_madd(f32x4_neg(x), y, z)
}

#[inline(always)]
pub fn f64x2_relaxed_madd(x: V128, y: V128, z: V128) -> V128 {
    double::canonical(f64x2::of(x) * f64x2::of(y) + f64x2::of(z)).v128()
}

#[inline(always)]
pub fn f64x2_relaxed_nmadd(x: V128, y: V128, z: V128) -> V128 {
    f64x2_relaxed_madd(f64x2_neg(x), y, z)
}

#[inline(always)]
pub fn i32x4_relaxed_dot_i8x16_i7x16_add_s(x: V128, y: V128, z: V128) -> V128 {
    (i32x4::of(i32x4_extadd_pairwise_i16x8_s(dot_i8x16_s(x, y))) + i32x4::of(z)).v128()
}
