//! Conversions between integer and float lanes.

use super::floats::{double, single};
use super::{Lanes, lanewise};
use crate::numeric;
use crate::vector::V128;
use wide::{f32x4, f64x2, i32x4, u32x4};

lanewise! {
    f32x4_convert_i32x4_s(x: i32x4) f32x4::from_i32x4(x);
    // Both parts are exact, so their sum is rounded once.
    f32x4_convert_i32x4_u(x: u32x4) {
        let part = |part: u32x4| f32x4::from_i32x4(i32x4::of(part.v128()));
        part(x >> 16_u32) * f32x4::new([65_536.0; 4]) + part(x & u32x4::new([0xFFFF; 4]))
    };
    f64x2_convert_low_i32x4_s(x: i32x4) f64x2::from_i32x4_lower2(x);
    f64x2_convert_low_i32x4_u(x: V128) [x[0] as u32 as f64, (x[0] >> 32) as u32 as f64];
    i32x4_trunc_sat_f32x4_s(x: f32x4) x.trunc_int();
    i32x4_trunc_sat_f32x4_u(x: [f32; 4]) x.map(numeric::i32_trunc_sat_f32_u);
    i32x4_trunc_sat_f64x2_s_zero(x: [f64; 2]) low(x.map(numeric::i32_trunc_sat_f64_s));
    i32x4_trunc_sat_f64x2_u_zero(x: [f64; 2]) low(x.map(numeric::i32_trunc_sat_f64_u));
    f32x4_demote_f64x2_zero(x: [f64; 2]) {
        let [first, second] = x.map(numeric::f32_demote_f64);
        single::canonical(f32x4::new([first, second, 0.0, 0.0]))
    };
    f64x2_promote_low_f32x4(x: [f32; 4]) {
        let [first, second, ..] = x.map(numeric::f64_promote_f32);
        double::canonical(f64x2::new([first, second]))
    };
}

/// Two lanes, and two that are zero.
#[inline(always)]
fn low([first, second]: [u32; 2]) -> [u32; 4] {
    [first, second, 0, 0]
}
