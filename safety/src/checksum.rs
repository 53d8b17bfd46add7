//! CRC-32 as IEEE 802.3, zlib and PNG use it: reflected polynomial `0xEDB88320`, initial value and final
//! exclusive-or all ones.
//!
//! The table has 16 entries (64 bytes), one per nibble: a quarter of a kilobyte more flash per device would buy
//! speed that nothing here needs. A checksum finds damage by accident; it is no protection against an attacker.

/// Polynomial of CRC-32/ISO-HDLC, lowest-order bit first.
const POLYNOMIAL: u32 = 0xEDB8_8320;

/// Effect of each nibble on the remainder.
const TABLE: [u32; 16] = table();

#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated only at compile time, where a failure is a build error"
)]
const fn table() -> [u32; 16] {
    let mut table = [0; 16];
    let mut nibble = 0;
    while nibble < table.len() {
        let mut remainder = nibble as u32;
        let mut bit = 0;
        while bit < 4 {
            let carry = if remainder & 1 == 1 { POLYNOMIAL } else { 0 };
            remainder = (remainder >> 1) ^ carry;
            bit += 1;
        }
        table[nibble] = remainder;
        nibble += 1;
    }
    table
}

/// A CRC-32 taken piece by piece: how the bytes are cut into pieces makes no difference to the result.
// @need-ids: REQ_VERIFY_003
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crc32 {
    remainder: u32,
}

impl Crc32 {
    /// The checksum of no bytes yet. Never panics.
    pub const fn new() -> Self {
        Self { remainder: !0 }
    }

    /// Takes `bytes` in after all earlier ones. Never panics.
    pub fn update(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.remainder = shift_nibble(shift_nibble(self.remainder ^ u32::from(byte)));
        }
    }

    /// The CRC-32 of all bytes taken in; more may follow. Never panics.
    pub const fn finish(&self) -> u32 {
        !self.remainder
    }
}

impl Default for Crc32 {
    fn default() -> Self {
        Self::new()
    }
}

/// The CRC-32 of `bytes` in one go. Never panics.
///
/// ```
/// assert_eq!(wrt_safety::crc32(b"123456789"), 0xCBF4_3926);
/// ```
// @need-ids: REQ_VERIFY_003
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = Crc32::new();
    crc.update(bytes);
    crc.finish()
}

#[allow(clippy::indexing_slicing, reason = "four bits index sixteen entries: the compiler drops the check")]
const fn shift_nibble(remainder: u32) -> u32 {
    TABLE[(remainder & 0xF) as usize] ^ (remainder >> 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// The definition, bit by bit, to hold the table against.
    fn bitwise(bytes: &[u8]) -> u32 {
        let mut remainder = !0;
        for &byte in bytes {
            remainder ^= u32::from(byte);
            for _ in 0..8 {
                remainder = (remainder >> 1) ^ (POLYNOMIAL * (remainder & 1));
            }
        }
        !remainder
    }

    // @need-ids: REQ_VERIFY_003
    #[test]
    fn published_check_values_hold() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
        assert_eq!(crc32(&[0; 32]), 0x190A_55AD);
        assert_eq!(crc32(&[0xFF; 32]), 0xFF6C_AB0B);
        assert_eq!(Crc32::default().finish(), 0);
    }

    proptest! {
        // @need-ids: REQ_VERIFY_003
        #[test]
        fn pieces_give_what_the_whole_and_the_definition_give(pieces in vec(vec(any::<u8>(), 0..40), 0..6)) {
            let mut crc = Crc32::new();
            for piece in &pieces {
                crc.update(piece);
            }
            let whole = pieces.concat();
            prop_assert_eq!(crc.finish(), crc32(&whole));
            prop_assert_eq!(crc.finish(), bitwise(&whole));
        }

        // @need-ids: REQ_VERIFY_003
        #[test]
        fn any_burst_of_up_to_32_bits_is_found(
            mut bytes in vec(any::<u8>(), 4..200),
            at in any::<prop::sample::Index>(),
            burst in 1..=u32::MAX,
        ) {
            let before = crc32(&bytes);
            let at = at.index(bytes.len() - 3);
            for (byte, flip) in bytes[at..].iter_mut().zip(burst.to_le_bytes()) {
                *byte ^= flip;
            }
            prop_assert_ne!(crc32(&bytes), before);
        }
    }
}
