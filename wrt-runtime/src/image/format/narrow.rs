//! Numbers of fewer bits than a word, where records would be larger else.

// @need-ids: REQ_IMAGE_002, REQ_IMAGE_003

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

macro_rules! narrow {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
        #[repr(C)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// The number; of a larger one the lowest bits.
            pub const fn new(value: u32) -> Self {
                match value.to_le_bytes().first_chunk() {
                    Some(lowest) => Self(*lowest),
                    None => Self([0; $bytes]),
                }
            }

            /// It.
            pub fn get(&self) -> u32 {
                match self.0.as_slice() {
                    [first] => u32::from(*first),
                    [first, second, third] => u32::from_le_bytes([*first, *second, *third, 0]),
                    _ => 0,
                }
            }

            /// Makes it another.
            pub const fn set(&mut self, value: u32) {
                *self = Self::new(value);
            }
        }

        impl From<u32> for $name {
            fn from(value: u32) -> Self {
                Self::new(value)
            }
        }
    };
}

narrow! {
    /// 8 bits.
    Byte, 1
}

narrow! {
    /// 24 bits, little-endian.
    U24, 3
}
