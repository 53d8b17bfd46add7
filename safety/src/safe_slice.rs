//! [`SafeSlice`] and [`SafeSliceMut`]: bytes that are only reached through checked offsets.
//!
//! # Checksums
//!
//! At [`VerificationLevel::Full`] a slice carries the CRC-32 of its contents, taken when it is made (linear time);
//! below that it carries none and `verify` has nothing to compare. Reading does not verify: the owner calls
//! `verify` when its [`Verifier`](crate::Verifier) says so.
//!
//! A write at `Full` verifies the contents, writes, and takes the checksum anew. Without the first step, damage
//! elsewhere in the slice would enter the new checksum and never be found; a checksum recomputed later would leave
//! a gap in which damage goes unseen. So a write costs two passes over the slice at `Full`, and nothing extra
//! below it.

use crate::bounded_vec::copy;
use crate::checksum::crc32;
use crate::error::{AccessError, IntegrityError, OutOfBounds};
use crate::verification::VerificationLevel;

/// A read-only view of bytes in which every access is checked. Offsets and lengths count bytes.
// @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_002
#[derive(Clone, Copy, Debug)]
pub struct SafeSlice<'a> {
    data: &'a [u8],
    level: VerificationLevel,
    checksum: Option<u32>,
}

impl<'a> SafeSlice<'a> {
    /// A view of all of `data`; at [`VerificationLevel::Full`] its checksum is taken now. Never panics.
    pub fn new(data: &'a [u8], level: VerificationLevel) -> Self {
        let checksum = take_checksum(data, level);
        Self { data, level, checksum }
    }

    /// Bytes in the slice. Never panics.
    pub const fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether there are no bytes. Never panics.
    pub const fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// The level the slice was made with. Never panics.
    pub const fn level(&self) -> VerificationLevel {
        self.level
    }

    /// The `len` bytes from `offset` on; none at the very end is allowed. Never panics.
    ///
    /// # Errors
    ///
    /// [`OutOfBounds`] if not all of them lie inside the slice.
    // @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003, REQ_PERF_002
    pub fn get(&self, offset: usize, len: usize) -> Result<&'a [u8], OutOfBounds> {
        let size = self.data.len();
        offset.checked_add(len).and_then(|end| self.data.get(offset..end)).ok_or(OutOfBounds { offset, len, size })
    }

    /// The same bytes as [`get`](Self::get) as a slice of their own, with the same level. At
    /// [`VerificationLevel::Full`] it takes its own checksum of the contents as they are now. Never panics.
    ///
    /// # Errors
    ///
    /// [`OutOfBounds`] if not all of them lie inside the slice.
    pub fn sub_slice(&self, offset: usize, len: usize) -> Result<Self, OutOfBounds> {
        Ok(Self::new(self.get(offset, len)?, self.level))
    }

    /// The byte at `offset`. Never panics.
    ///
    /// # Errors
    ///
    /// [`OutOfBounds`] if it lies outside.
    pub fn read_u8(&self, offset: usize) -> Result<u8, OutOfBounds> {
        self.array(offset).map(u8::from_le_bytes)
    }

    /// The little-endian value in the 2 bytes from `offset` on. Never panics.
    ///
    /// # Errors
    ///
    /// [`OutOfBounds`] if not all of them lie inside the slice.
    pub fn read_u16(&self, offset: usize) -> Result<u16, OutOfBounds> {
        self.array(offset).map(u16::from_le_bytes)
    }

    /// The little-endian value in the 4 bytes from `offset` on. Never panics.
    ///
    /// # Errors
    ///
    /// [`OutOfBounds`] if not all of them lie inside the slice.
    pub fn read_u32(&self, offset: usize) -> Result<u32, OutOfBounds> {
        self.array(offset).map(u32::from_le_bytes)
    }

    /// The little-endian value in the 8 bytes from `offset` on. Never panics.
    ///
    /// # Errors
    ///
    /// [`OutOfBounds`] if not all of them lie inside the slice.
    pub fn read_u64(&self, offset: usize) -> Result<u64, OutOfBounds> {
        self.array(offset).map(u64::from_le_bytes)
    }

    /// Compares the contents with the checksum, if the level has one: a pass over the slice at
    /// [`VerificationLevel::Full`], nothing below it. Never panics.
    ///
    /// # Errors
    ///
    /// [`IntegrityError::Checksum`] if the contents are not what they were.
    // @need-ids: REQ_VERIFY_001, REQ_VERIFY_003
    pub fn verify(&self) -> Result<(), IntegrityError> {
        let Some(expected) = self.checksum else {
            return Ok(());
        };
        let found = crc32(self.data);
        if found == expected { Ok(()) } else { Err(IntegrityError::Checksum { expected, found }) }
    }

    fn array<const N: usize>(&self, offset: usize) -> Result<[u8; N], OutOfBounds> {
        let size = self.data.len();
        self.get(offset, N)?.first_chunk().copied().ok_or(OutOfBounds { offset, len: N, size })
    }
}

/// A view of bytes in which every access is checked and which can be written. Offsets and lengths count bytes.
///
/// It is read through [`as_safe_slice`](Self::as_safe_slice).
// @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_002
#[derive(Debug)]
pub struct SafeSliceMut<'a> {
    data: &'a mut [u8],
    level: VerificationLevel,
    checksum: Option<u32>,
}

impl<'a> SafeSliceMut<'a> {
    /// A view of all of `data`; at [`VerificationLevel::Full`] its checksum is taken now. Never panics.
    pub fn new(data: &'a mut [u8], level: VerificationLevel) -> Self {
        let checksum = take_checksum(data, level);
        Self { data, level, checksum }
    }

    /// A read-only view of the same bytes with the same checksum. Never panics.
    pub const fn as_safe_slice(&self) -> SafeSlice<'_> {
        SafeSlice { data: self.data, level: self.level, checksum: self.checksum }
    }

    /// Bytes in the slice. Never panics.
    pub const fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether there are no bytes. Never panics.
    pub const fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Compares the contents with the checksum, as [`SafeSlice::verify`] does. Never panics.
    ///
    /// # Errors
    ///
    /// [`IntegrityError::Checksum`] if the contents changed by anything but this view's writes.
    // @need-ids: REQ_VERIFY_001, REQ_VERIFY_003
    pub fn verify(&self) -> Result<(), IntegrityError> {
        self.as_safe_slice().verify()
    }

    /// Writes `bytes` from `offset` on, all or none. Never panics.
    ///
    /// # Errors
    ///
    /// [`AccessError::OutOfBounds`] if they do not all fit inside the slice; [`AccessError::Integrity`] if the
    /// contents had been damaged. Either way nothing is written.
    // @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003, REQ_VERIFY_003, REQ_PERF_002
    pub fn write(&mut self, offset: usize, bytes: &[u8]) -> Result<(), AccessError> {
        let (len, size) = (bytes.len(), self.data.len());
        self.verify()?;
        let target = offset.checked_add(len).and_then(|end| self.data.get_mut(offset..end)).ok_or(OutOfBounds {
            offset,
            len,
            size,
        })?;
        copy(target, bytes);
        self.checksum = take_checksum(self.data, self.level);
        Ok(())
    }

    /// Writes one byte at `offset`. Never panics.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_u8(&mut self, offset: usize, value: u8) -> Result<(), AccessError> {
        self.write(offset, &value.to_le_bytes())
    }

    /// Writes `value`, little-endian, into the 2 bytes from `offset` on. Never panics.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_u16(&mut self, offset: usize, value: u16) -> Result<(), AccessError> {
        self.write(offset, &value.to_le_bytes())
    }

    /// Writes `value`, little-endian, into the 4 bytes from `offset` on. Never panics.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_u32(&mut self, offset: usize, value: u32) -> Result<(), AccessError> {
        self.write(offset, &value.to_le_bytes())
    }

    /// Writes `value`, little-endian, into the 8 bytes from `offset` on. Never panics.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_u64(&mut self, offset: usize, value: u64) -> Result<(), AccessError> {
        self.write(offset, &value.to_le_bytes())
    }
}

fn take_checksum(data: &[u8], level: VerificationLevel) -> Option<u32> {
    level.checks_contents().then(|| crc32(data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const FULL: VerificationLevel = VerificationLevel::Full;

    // @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
    #[test]
    fn accesses_stop_exactly_at_the_end() {
        let data = [1, 2, 3, 4, 5, 6, 7, 8];
        for level in VerificationLevel::ALL {
            let s = SafeSlice::new(&data, level);
            assert_eq!(s.get(8, 0), Ok([].as_slice()));
            assert_eq!(s.get(6, 2), Ok([7, 8].as_slice()));
            assert_eq!(s.read_u8(7), Ok(8));
            assert_eq!(s.read_u16(6), Ok(0x0807));
            assert_eq!(s.read_u32(4), Ok(0x0807_0605));
            assert_eq!(s.read_u64(0), Ok(0x0807_0605_0403_0201));
            for (offset, len) in [(9, 0), (8, 1), (7, 2), (0, 9), (usize::MAX, 2), (2, usize::MAX)] {
                let outside = OutOfBounds { offset, len, size: 8 };
                assert_eq!(s.get(offset, len), Err(outside));
                assert_eq!(s.sub_slice(offset, len).unwrap_err(), outside);
            }
            assert_eq!(s.read_u64(1).unwrap_err().len, 8);
            assert_eq!(s.read_u8(usize::MAX).unwrap_err().offset, usize::MAX);
        }
        assert!(SafeSlice::new(&[], FULL).is_empty());
        assert!(SafeSliceMut::new(&mut [], FULL).is_empty());
    }

    // @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003, REQ_PERF_002
    #[test]
    fn a_write_outside_changes_nothing() {
        let mut data = [0; 4];
        let mut s = SafeSliceMut::new(&mut data, FULL);
        assert_eq!(s.len(), 4);
        assert!(s.write_u32(1, !0).is_err());
        assert!(s.write_u64(0, !0).is_err());
        assert!(s.write_u16(3, !0).is_err());
        let outside = OutOfBounds { offset: usize::MAX, len: 1, size: 4 };
        assert_eq!(s.write_u8(usize::MAX, 1), Err(AccessError::OutOfBounds(outside)));
        assert_eq!(s.as_safe_slice().read_u32(0), Ok(0));
        assert_eq!(s.verify(), Ok(()));
        assert_eq!(s.write(4, &[]), Ok(()));
    }

    // @need-ids: REQ_VERIFY_001, REQ_VERIFY_003
    #[test]
    fn damage_is_found_at_full_and_not_looked_for_below() {
        let (good, bad) = (*b"image", *b"imagf");
        for level in VerificationLevel::ALL {
            let mut s = SafeSlice::new(&good, level);
            assert_eq!((s.verify(), s.level(), s.len()), (Ok(()), level, 5));
            // Stands for a bit that flips behind the borrow.
            s.data = &bad;
            let damage = IntegrityError::Checksum { expected: crc32(&good), found: crc32(&bad) };
            assert_eq!(s.verify(), if level == FULL { Err(damage) } else { Ok(()) });
        }
    }

    // @need-ids: REQ_VERIFY_003
    #[test]
    fn a_write_does_not_hide_damage_elsewhere() {
        let mut data = [0; 8];
        let mut s = SafeSliceMut::new(&mut data, FULL);
        s.write_u8(0, 1).unwrap();
        s.data[7] ^= 4;
        let damage = s.verify().unwrap_err();
        assert_eq!(s.write_u8(0, 2), Err(AccessError::Integrity(damage)));
        assert_eq!(s.as_safe_slice().read_u8(0), Ok(1));
        assert_eq!(s.verify(), Err(damage));
    }

    proptest! {
        // @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003, REQ_PERF_002
        #[test]
        fn reads_as_a_slice_does(data in vec(any::<u8>(), 0..40), offset in 0..50_usize, len in 0..50_usize) {
            let s = SafeSlice::new(&data, FULL);
            prop_assert_eq!(s.get(offset, len).ok(), data.get(offset..offset + len));
            if let Ok(part) = s.sub_slice(offset, len) {
                prop_assert_eq!(part.get(0, len).ok(), data.get(offset..offset + len));
                prop_assert!(part.get(0, len + 1).is_err());
                prop_assert_eq!(part.verify(), Ok(()));
            }
        }

        // @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003, REQ_VERIFY_003, REQ_PERF_002
        #[test]
        fn writes_as_a_slice_does(
            mut data in vec(any::<u8>(), 0..24),
            level in prop::sample::select(&VerificationLevel::ALL),
            writes in vec((0..32_usize, 0..5_u8, any::<u64>()), 0..20),
        ) {
            let mut model = data.clone();
            let mut s = SafeSliceMut::new(&mut data, level);
            for (offset, kind, value) in writes {
                let (done, len) = match kind {
                    0 => (s.write_u8(offset, value as u8), 1),
                    1 => (s.write_u16(offset, value as u16), 2),
                    2 => (s.write_u32(offset, value as u32), 4),
                    3 => (s.write_u64(offset, value), 8),
                    _ => (s.write(offset, &value.to_le_bytes()[..3]), 3),
                };
                let target = model.get_mut(offset..offset + len);
                prop_assert_eq!(done.is_ok(), target.is_some());
                if let Some(target) = target {
                    target.copy_from_slice(&value.to_le_bytes()[..len]);
                    let low = u64::MAX >> (64 - 8 * len);
                    let view = s.as_safe_slice();
                    let read = match len {
                        1 => view.read_u8(offset).map(u64::from),
                        2 => view.read_u16(offset).map(u64::from),
                        4 => view.read_u32(offset).map(u64::from),
                        8 => view.read_u64(offset),
                        _ => Ok(value & low),
                    };
                    prop_assert_eq!(read, Ok(value & low));
                }
                prop_assert_eq!(s.as_safe_slice().get(0, model.len()), Ok(model.as_slice()));
                prop_assert_eq!(s.verify(), Ok(()));
            }
        }
    }
}
