//! Single lanes: splats, reading and replacing, and choosing lanes by number.

// @need-ids: REQ_018, REQ_TABLE_001

use super::Lanes;
use crate::vector::V128;
use wide::{i8x16, u8x16};

/// Lane number `lane` of lanes of `bits` bits. A number that is too large counts from the start again.
#[inline(always)]
fn extract(x: V128, lane: u8, bits: u32) -> u64 {
    let (half, shift) = place(lane, bits);
    (if half { x[1] } else { x[0] }) >> shift & ones(bits)
}

/// `x` with lane number `lane` of lanes of `bits` bits replaced by the lowest bits of `value`.
#[inline(always)]
fn replace(x: V128, lane: u8, bits: u32, value: u64) -> V128 {
    let (half, shift) = place(lane, bits);
    // Rotated, not shifted: of `!(ones(32) << shift)`, with a shift of 0 or 32, LLVM 22.1 for 32-bit Arm loses the upper half.
    let kept = (!ones(bits)).rotate_left(shift);
    let with = |old: u64| old & kept | (value & ones(bits)) << shift;
    if half { [x[0], with(x[1])] } else { [with(x[0]), x[1]] }
}

/// Whether a lane is in the high half, and its lowest bit there.
#[inline(always)]
const fn place(lane: u8, bits: u32) -> (bool, u32) {
    let lowest = (lane as u32).wrapping_mul(bits) % 128;
    (lowest >= 64, lowest % 64)
}

#[inline(always)]
const fn ones(bits: u32) -> u64 {
    u64::MAX >> (64 - bits)
}

macro_rules! splats {
    ($($name:ident($t:ty) $bits:literal;)*) => { $(
        #[inline(always)]
        pub fn $name(x: $t) -> V128 {
            // A one in each lane's lowest bit.
            let lanes = u64::MAX / ones($bits);
            [(x as u64 & ones($bits)).wrapping_mul(lanes); 2]
        }
    )* };
}
splats! {
    i8x16_splat(u32) 8;
    i16x8_splat(u32) 16;
    i32x4_splat(u32) 32;
    i64x2_splat(u64) 64;
    f32x4_splat(u32) 32;
    f64x2_splat(u64) 64;
}

macro_rules! extracts {
    ($($name:ident($bits:literal) -> $t:ty, $x:ident $value:expr;)*) => { $(
        #[inline(always)]
        pub fn $name(x: V128, lane: u8) -> $t {
            let $x = extract(x, lane, $bits);
            $value
        }
    )* };
}
extracts! {
    i8x16_extract_lane_s(8) -> u32, x x as i8 as i32 as u32;
    i8x16_extract_lane_u(8) -> u32, x x as u32;
    i16x8_extract_lane_s(16) -> u32, x x as i16 as i32 as u32;
    i16x8_extract_lane_u(16) -> u32, x x as u32;
    i32x4_extract_lane(32) -> u32, x x as u32;
    i64x2_extract_lane(64) -> u64, x x;
    f32x4_extract_lane(32) -> f32, x f32::from_bits(x as u32);
    f64x2_extract_lane(64) -> f64, x f64::from_bits(x);
}

macro_rules! replaces {
    ($($name:ident($bits:literal, $t:ty);)*) => { $(
        #[inline(always)]
        pub fn $name(x: V128, lane: u8, y: $t) -> V128 {
            replace(x, lane, $bits, y as u64)
        }
    )* };
}
replaces! {
    i8x16_replace_lane(8, u32);
    i16x8_replace_lane(16, u32);
    i32x4_replace_lane(32, u32);
    i64x2_replace_lane(64, u64);
    f32x4_replace_lane(32, u32);
    f64x2_replace_lane(64, u64);
}

#[inline(always)]
pub fn i8x16_swizzle(x: V128, y: V128) -> V128 {
    if cfg!(any(target_feature = "ssse3", all(target_feature = "neon", target_arch = "aarch64"))) {
        return i8x16::of(x).swizzle(i8x16::of(y)).v128();
    }
    // Without an instruction for it, every number that is too large becomes that of a zero behind the lanes.
    i8x16_shuffle(x, [0; 2], <[u8; 16]>::of(u8x16::of(y).min(u8x16::new([16; 16])).v128()))
}

/// Numbers from 16 on are lanes of `y`; beyond 31 they count from the start again.
#[inline(always)]
pub fn i8x16_shuffle(x: V128, y: V128, lanes: [u8; 16]) -> V128 {
    let all: [u8; 32] = bytemuck::must_cast([<[u8; 16]>::of(x), <[u8; 16]>::of(y)]);
    lanes.map(|lane| all[(lane & 31) as usize]).v128()
}
