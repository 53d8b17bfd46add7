//! What the vector operators mean: one pure function each, named as the specification names it (core 4.4.3, 4.3.5).
//!
//! Results are the same bits on every processor. Lanes are computed with the processor's vector instructions wherever the
//! library of them has the operation or a combination of its operations does; what is left goes lane by lane.

// @need-ids: REQ_018, REQ_017

// The names repeat the text format's; that is the point.
#![allow(missing_docs)]

mod conversions;
mod floats;
mod integers;
mod lanes;
mod memory;
mod relaxed;
mod rows;

pub use conversions::*;
pub use floats::*;
pub use integers::*;
pub use lanes::*;
pub use memory::*;
pub use relaxed::*;
pub use rows::*;

use super::V128;
use bytemuck::{Pod, must_cast};
use wide::{f32x4, f64x2, i8x16, i16x8, i32x4, i64x2, u8x16, u16x8, u32x4, u64x2};

/// A `v128` as lanes (core 4.3.5, "lanes").
trait Lanes: Pod {
    /// Bytes of a lane.
    const BYTES: u32;
    /// The lanes of a value.
    fn of(x: V128) -> Self;
    /// The value of these lanes.
    fn v128(self) -> V128;
}

/// Lane 0 is in the lowest bits of a value; a big-endian processor has it in the highest bits of its half.
#[inline(always)]
fn in_order(x: V128, bytes: u32) -> V128 {
    if cfg!(target_endian = "big") { x.map(|half| reversed(half, bytes)) } else { x }
}

/// The lanes of a half in reverse order.
#[inline(always)]
const fn reversed(half: u64, bytes: u32) -> u64 {
    const ODD_BYTES: u64 = 0xFF00_FF00_FF00_FF00;
    let swapped = half.swap_bytes();
    match bytes {
        1 => swapped,
        2 => (swapped & ODD_BYTES) >> 8 | (swapped & !ODD_BYTES) << 8,
        4 => half.rotate_left(32),
        _ => half,
    }
}

/// The same value, if `zeroes` are that: put together by an operator on vectors, it is stored at once. What reads 16 bytes that two
/// stores wrote waits until both are in memory (x86-64: some 20 cycles). The compiler must not know that they are zeroes.
#[inline(always)]
pub fn in_one(x: V128, zeroes: V128) -> V128 {
    (u64x2::new(x) | u64x2::new(zeroes)).to_array()
}

macro_rules! lanes {
    ($($t:ty, $bytes:literal;)*) => { $(
        impl Lanes for $t {
            const BYTES: u32 = $bytes;
            #[inline(always)]
            fn of(x: V128) -> Self {
                must_cast(u64x2::new(in_order(x, Self::BYTES)))
            }
            #[inline(always)]
            fn v128(self) -> V128 {
                in_order(must_cast::<Self, u64x2>(self).to_array(), Self::BYTES)
            }
        }
    )* };
}
lanes! {
    i8x16, 1; u8x16, 1; i16x8, 2; u16x8, 2; i32x4, 4; u32x4, 4; i64x2, 8; u64x2, 8; f32x4, 4; f64x2, 8;
    [u8; 16], 1; [u32; 4], 4; [i64; 2], 8; [u64; 2], 8; [f32; 4], 4; [f64; 2], 8;
}

/// Functions whose operands and result are lanes of one type.
macro_rules! lanewise {
    ($($name:ident($($x:ident),+: $lanes:ty) $value:expr;)*) => { $(
        #[inline(always)]
        pub fn $name($($x: V128),+) -> V128 {
            $(let $x = <$lanes>::of($x);)+
            $value.v128()
        }
    )* };
}
use lanewise;

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_018
    #[test]
    fn a_value_in_one_is_the_same() {
        for value in [[0, 0], [u64::MAX, 7], [1, u64::MAX]] {
            assert_eq!(in_one(value, [0, 0]), value);
        }
    }

    // @need-ids: REQ_017, REQ_018
    #[test]
    fn lanes_of_a_half_are_reversed_by_their_size() {
        let half = 0x0102_0304_0506_0708;
        let by_size = [1, 2, 4, 8].map(|bytes| reversed(half, bytes));
        assert_eq!(by_size, [0x0807_0605_0403_0201, 0x0708_0506_0304_0102, 0x0506_0708_0102_0304, half]);
    }
}
