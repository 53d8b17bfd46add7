//! What a reference in a slot, table, global or field stands for.
//!
//! References to functions are a hierarchy of their own: the address in the store plus 1. All other hierarchies share one coding,
//! so that `any.convert_extern` and `extern.convert_any` change nothing (core 4.2.1, "values").

// @need-ids: REQ_GC_001

use crate::table::{NULL, Ref};

/// In a reference: the lower 31 bits are an integer.
pub const I31: Ref = 0x8000_0000;

/// In a reference that is no integer: the lower 30 bits are the number of something of the host's.
pub const HOST_VALUE: Ref = 0x4000_0000;

/// How many objects and exceptions there can be: references to them are less than [`HOST_VALUE`], and not null.
pub const HANDLES_MAX: u32 = HOST_VALUE - 1;

/// How many values of the host there can be.
pub const HOST_VALUES_MAX: u32 = 1 << 30;

/// What a reference that is none to a function refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Referent {
    /// Nothing.
    Null,
    /// An integer of 31 bits.
    I31(u32),
    /// Something of the host's, by its number.
    HostValue(u32),
    /// The object or exception with this handle.
    Object(u32),
}

impl Referent {
    /// What a reference refers to.
    #[inline(always)]
    pub const fn of(reference: Ref) -> Self {
        if reference & I31 != 0 {
            Self::I31(reference & !I31)
        } else if reference & HOST_VALUE != 0 {
            Self::HostValue(reference & !HOST_VALUE)
        } else if reference == NULL {
            Self::Null
        } else {
            Self::Object(reference.wrapping_sub(1))
        }
    }

    /// The reference to it; bits beyond those that a number of its kind may have are lost.
    pub const fn reference(self) -> Ref {
        match self {
            Self::Null => NULL,
            Self::I31(value) => value | I31,
            Self::HostValue(number) => number & (HOST_VALUE - 1) | HOST_VALUE,
            Self::Object(handle) => (handle & (HOST_VALUE - 1)).wrapping_add(1),
        }
    }
}

/// `ref.i31` (core 4.6.10).
pub const fn i31_new(value: u32) -> Ref {
    value | I31
}

/// `i31.get_s` and `i31.get_u`; `None` for the null reference.
pub const fn i31_get(reference: Ref, signed: bool) -> Option<u32> {
    match Referent::of(reference) {
        Referent::I31(value) if signed => Some(((value << 1) as i32 >> 1) as u32),
        Referent::I31(value) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_GC_001
    #[test]
    fn every_reference_says_what_it_was_made_of() {
        let all = [
            Referent::Null,
            Referent::I31(0),
            Referent::I31((1 << 31) - 1),
            Referent::HostValue(0),
            Referent::HostValue(HOST_VALUES_MAX - 1),
            Referent::Object(0),
            Referent::Object(HANDLES_MAX - 1),
        ];
        for (at, referent) in all.into_iter().enumerate() {
            assert_eq!(Referent::of(referent.reference()), referent);
            assert!(all.iter().skip(at + 1).all(|other| other.reference() != referent.reference()));
        }
    }

    // @need-ids: REQ_GC_001
    #[test]
    fn integers_keep_31_bits_and_their_sign() {
        for value in [0, 1, 0x3FFF_FFFF, 0x4000_0000, 0x7FFF_FFFF, u32::MAX] {
            let reference = i31_new(value);
            assert_eq!(i31_get(reference, false), Some(value & 0x7FFF_FFFF));
            assert_eq!(i31_get(reference, true), Some(((value << 1) as i32 >> 1) as u32));
        }
        assert_eq!(i31_get(NULL, true), None);
        assert_eq!(i31_get(Referent::Object(5).reference(), true), None);
    }
}
