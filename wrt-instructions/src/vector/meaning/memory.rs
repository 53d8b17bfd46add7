//! Loads and stores: bytes to values and values to bytes.

// @need-ids: REQ_018, REQ_MEM_SAFETY_003

use super::{
    i8x16_splat, i16x8_extend_low_i8x16_s, i16x8_extend_low_i8x16_u, i16x8_splat, i32x4_extend_low_i16x8_s,
    i32x4_extend_low_i16x8_u, i32x4_splat, i64x2_extend_low_i32x4_s, i64x2_extend_low_i32x4_u, i64x2_splat,
};
use crate::vector::V128;

#[inline(always)]
pub fn v128_load(bytes: [u8; 16]) -> V128 {
    let value = u128::from_le_bytes(bytes);
    [value as u64, (value >> 64) as u64]
}

#[inline(always)]
pub fn v128_store(x: V128) -> [u8; 16] {
    (x[0] as u128 | (x[1] as u128) << 64).to_le_bytes()
}

macro_rules! loads {
    ($($name:ident($bytes:literal, $t:ty) $x:ident $value:expr;)*) => { $(
        #[inline(always)]
        pub fn $name(bytes: [u8; $bytes]) -> V128 {
            let $x = <$t>::from_le_bytes(bytes);
            $value
        }
    )* };
}
loads! {
    v128_load8x8_s(8, u64) x i16x8_extend_low_i8x16_s([x, 0]);
    v128_load8x8_u(8, u64) x i16x8_extend_low_i8x16_u([x, 0]);
    v128_load16x4_s(8, u64) x i32x4_extend_low_i16x8_s([x, 0]);
    v128_load16x4_u(8, u64) x i32x4_extend_low_i16x8_u([x, 0]);
    v128_load32x2_s(8, u64) x i64x2_extend_low_i32x4_s([x, 0]);
    v128_load32x2_u(8, u64) x i64x2_extend_low_i32x4_u([x, 0]);
    v128_load8_splat(1, u8) x i8x16_splat(x as u32);
    v128_load16_splat(2, u16) x i16x8_splat(x as u32);
    v128_load32_splat(4, u32) x i32x4_splat(x);
    v128_load64_splat(8, u64) x i64x2_splat(x);
    v128_load32_zero(4, u32) x [x as u64, 0];
    v128_load64_zero(8, u64) x [x, 0];
}
