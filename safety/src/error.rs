//! The errors that the collections and slices share. All are plain data; none is ever raised by a panic.

// @need-ids: REQ_ERROR_001, REQ_ERROR_005

use core::error::Error;
use core::fmt;

/// A bounded collection has no room for what was to be added. The collection is unchanged.
// @need-ids: REQ_RESOURCE_002, REQ_ERROR_001
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CapacityError {
    /// Elements the collection can hold in all.
    pub capacity: usize,
}

impl fmt::Display for CapacityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bounded collection is full: capacity {}", self.capacity)
    }
}

impl Error for CapacityError {}

/// Stored state contradicts itself: memory was damaged, or parts that do not belong together were combined.
// @need-ids: REQ_VERIFY_002, REQ_VERIFY_003
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum IntegrityError {
    /// More elements than the storage has room for.
    Length {
        /// Elements the collection claims to hold.
        len: usize,
        /// Elements the storage has room for.
        capacity: usize,
    },
    /// The high-water mark lies below the current length or above the capacity.
    Peak {
        /// Greatest number of elements the collection claims to have held.
        peak: usize,
        /// Elements it holds.
        len: usize,
        /// Elements the storage has room for.
        capacity: usize,
    },
    /// The oldest element of a queue lies outside the storage.
    Head {
        /// Index of the oldest element in the storage.
        head: usize,
        /// Elements the storage has room for.
        capacity: usize,
    },
    /// The keys of a map do not strictly increase.
    Order {
        /// Index of the first entry whose key is not greater than the one before it.
        index: usize,
    },
    /// Contents changed although nobody was allowed to change them.
    Checksum {
        /// CRC-32 taken when the contents were last known to be right.
        expected: u32,
        /// CRC-32 of the contents as they are.
        found: u32,
    },
}

impl fmt::Display for IntegrityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Length { len, capacity } => {
                write!(f, "length {len} is beyond the capacity {capacity}")
            }
            Self::Peak { peak, len, capacity } => {
                write!(f, "high-water mark {peak} is not between the length {len} and the capacity {capacity}")
            }
            Self::Head { head, capacity } => {
                write!(f, "queue head {head} is outside the capacity {capacity}")
            }
            Self::Order { index } => write!(f, "map entry {index} is out of order"),
            Self::Checksum { expected, found } => {
                write!(f, "checksum is {found:#010x}, expected {expected:#010x}")
            }
        }
    }
}

impl Error for IntegrityError {}

/// An access reaches outside its slice. Nothing was read or written.
// @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OutOfBounds {
    /// First byte of the access, counted from the start of the slice.
    pub offset: usize,
    /// Bytes the access covers.
    pub len: usize,
    /// Bytes the slice has.
    pub size: usize,
}

impl fmt::Display for OutOfBounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "access of {} bytes at offset {} is outside a slice of {} bytes", self.len, self.offset, self.size)
    }
}

impl Error for OutOfBounds {}

/// Why a checked write was refused. Nothing was written.
// @need-ids: REQ_MEM_SAFETY_001, REQ_VERIFY_003
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AccessError {
    /// The write reaches outside the slice.
    OutOfBounds(OutOfBounds),
    /// The contents had been damaged before the write.
    Integrity(IntegrityError),
}

impl From<OutOfBounds> for AccessError {
    fn from(error: OutOfBounds) -> Self {
        Self::OutOfBounds(error)
    }
}

impl From<IntegrityError> for AccessError {
    fn from(error: IntegrityError) -> Self {
        Self::Integrity(error)
    }
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfBounds(error) => error.fmt(f),
            Self::Integrity(error) => error.fmt(f),
        }
    }
}

impl Error for AccessError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    // @need-ids: REQ_ERROR_001, REQ_ERROR_005
    #[test]
    fn every_error_reads_as_a_sentence() {
        let capacity = 4;
        let errors: [(&dyn Error, &str); 8] = [
            (&CapacityError { capacity }, "bounded collection is full: capacity 4"),
            (&IntegrityError::Length { len: 5, capacity }, "length 5 is beyond the capacity 4"),
            (
                &IntegrityError::Peak { peak: 1, len: 2, capacity },
                "high-water mark 1 is not between the length 2 and the capacity 4",
            ),
            (&IntegrityError::Head { head: 9, capacity }, "queue head 9 is outside the capacity 4"),
            (&IntegrityError::Order { index: 3 }, "map entry 3 is out of order"),
            (
                &IntegrityError::Checksum { expected: 1, found: 0xABCD_EF01 },
                "checksum is 0xabcdef01, expected 0x00000001",
            ),
            (
                &AccessError::OutOfBounds(OutOfBounds { offset: 7, len: 2, size: 8 }),
                "access of 2 bytes at offset 7 is outside a slice of 8 bytes",
            ),
            (&AccessError::Integrity(IntegrityError::Order { index: 1 }), "map entry 1 is out of order"),
        ];
        for (error, text) in errors {
            assert_eq!(error.to_string(), text);
        }
    }
}
