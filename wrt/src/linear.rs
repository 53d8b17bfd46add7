//! The bytes of a linear memory, which begin at a cache line.
//!
//! Allocators put large blocks 16 bytes behind the start of a page. Whatever guests copy and fill by the vector would then touch two
//! lines each time; compilers align what they put into a memory to the memory's own start.

// @need-ids: REQ_018

use alloc::collections::TryReserveError;
use alloc::vec::Vec;
use zerocopy::FromZeros;

/// What the first byte is aligned to, as the cache lines of most hosts are.
const LINE: usize = 64;
/// Bytes that are copied or left out together: a page of most hosts.
const PAGE: usize = 4096;

/// Bytes from a multiple of [`LINE`] on.
#[derive(Debug, Default)]
pub(crate) struct LinearBytes {
    /// Those behind them are zero, and room to grow: what hosts hand out zeroed they back when it is first written.
    all: Vec<u8>,
    /// Where they begin. What stands before belongs to nobody.
    start: usize,
    length: usize,
}

/// How many bytes to leave out. Where the compiler does not tell addresses, none.
fn start_of(all: &[u8]) -> usize {
    let start = all.as_ptr().align_offset(LINE);
    if start < LINE { start } else { 0 }
}

impl LinearBytes {
    /// So many zeros; `None` where the host has no room.
    pub(crate) fn zeroed(length: usize) -> Option<Self> {
        let mut all = u8::new_vec_zeroed(length.checked_add(LINE - 1)?).ok()?;
        let start = start_of(&all);
        all.truncate(start.checked_add(length)?);
        Some(Self { all, start, length })
    }

    /// A copy of them.
    pub(crate) fn try_clone(&self) -> Option<Self> {
        let mut copy = Self::zeroed(self.length)?;
        copy.write_onto_zeros(self.get());
        Some(copy)
    }

    /// Makes them like others; those that there are beyond become zero.
    ///
    /// # Errors
    /// Where the host has no room.
    pub(crate) fn take_over(&mut self, other: &Self) -> Result<(), TryReserveError> {
        let other = other.get();
        self.enlarge(other.len())?;
        if let Some((same, rest)) = self.get_mut().split_at_mut_checked(other.len()) {
            same.copy_from_slice(other);
            rest.fill(0);
        }
        Ok(())
    }

    pub(crate) fn get(&self) -> &[u8] {
        self.all.get(self.start..).and_then(|bytes| bytes.get(..self.length)).unwrap_or_default()
    }

    pub(crate) fn get_mut(&mut self) -> &mut [u8] {
        self.all.get_mut(self.start..).and_then(|bytes| bytes.get_mut(..self.length)).unwrap_or_default()
    }

    /// Enlarges them to `length`, if they are fewer. New bytes are zero, and no others change.
    ///
    /// # Errors
    /// Where the host has no room.
    pub(crate) fn enlarge(&mut self, length: usize) -> Result<(), TryReserveError> {
        if length > self.all.len().saturating_sub(self.start) && self.begin_anew(length).is_none() {
            self.extend(length)?;
        }
        self.length = self.length.max(length);
        Ok(())
    }

    /// Where more is added than there is, bytes move to zeros that the host made, which cost nothing until they are touched; there is
    /// room then to double once more. `None` where less is added, which is written sooner than all that there is would be moved, and
    /// where the host has no room for both.
    fn begin_anew(&mut self, length: usize) -> Option<()> {
        if length.saturating_sub(self.length) <= self.length {
            return None;
        }
        let mut larger = length.checked_mul(2).and_then(Self::zeroed).or_else(|| Self::zeroed(length))?;
        larger.write_onto_zeros(self.get());
        *self = Self { length: self.length, ..larger };
        Some(())
    }

    /// Adds zeros behind all, without moving it where the host can do that.
    fn extend(&mut self, length: usize) -> Result<(), TryReserveError> {
        // Room to grow further without a copy, if the host has it.
        let most = length.saturating_add(2 * LINE).saturating_sub(self.all.len());
        self.all.try_reserve(most).or_else(|_| self.all.try_reserve_exact(most))?;
        let (before, start) = (self.start, start_of(&self.all));
        self.all.resize(self.all.len().max(start.saturating_add(length)), 0);
        if start != before {
            // The host moved them to where a line begins elsewhere; large blocks it moves by whole pages.
            let (end, moved) = (before.saturating_add(self.length), start.saturating_add(self.length));
            self.all.copy_within(before..end, start);
            self.all.get_mut(moved..end.max(moved)).unwrap_or_default().fill(0);
            self.start = start;
        }
        Ok(())
    }

    /// Makes zeros like these bytes. Pages without anything in them stay as the host made them, so a copy of a memory of which little
    /// is used is small.
    fn write_onto_zeros(&mut self, bytes: &[u8]) {
        for (to, from) in self.get_mut().chunks_mut(PAGE).zip(bytes.chunks(PAGE)) {
            if from.iter().fold(0, |all, byte| all | byte) != 0
                && let Some(to) = to.get_mut(..from.len())
            {
                to.copy_from_slice(from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LINE, LinearBytes, PAGE};
    use alloc::vec;
    use alloc::vec::Vec;

    // @need-ids: REQ_018
    #[test]
    fn bytes_begin_at_a_line_and_stay_what_they_were() {
        let mut bytes = LinearBytes::zeroed(100).unwrap();
        bytes.get_mut().copy_from_slice(&(0..100).collect::<Vec<_>>());
        let mut length = 100;
        for more in [0, 1, 63, 64, 4000, 65_536, 1 << 20] {
            length += more;
            bytes.enlarge(length).unwrap();
            assert!(cfg!(miri) || bytes.get().as_ptr().addr().is_multiple_of(LINE));
            assert!(
                (0..100).eq(bytes.get()[..100].iter().copied()) && bytes.get()[100..].iter().all(|byte| *byte == 0)
            );
        }
        bytes.enlarge(10).unwrap();
        assert_eq!(bytes.get().len(), length);
        assert_eq!(bytes.try_clone().unwrap().get(), bytes.get());
    }

    // @need-ids: REQ_018
    #[test]
    fn bytes_that_grow_by_little_seldom_move_and_lose_nothing() {
        let mut bytes = LinearBytes::zeroed(PAGE).unwrap();
        let (mut moved, mut place) = (0, bytes.get().as_ptr());
        // Three times as many at first: they move to zeros, and there is room for as many again.
        bytes.enlarge(3 * PAGE).unwrap();
        assert_eq!(bytes.all.len() - bytes.start, 6 * PAGE);
        for page in 1..=1000 {
            // Every third page has something in it, at its end.
            bytes.get_mut()[page * PAGE - 1] = u8::from(page.is_multiple_of(3));
            bytes.enlarge((page + 1) * PAGE).unwrap();
            moved += usize::from(bytes.get().as_ptr() != place);
            place = bytes.get().as_ptr();
        }
        assert!(moved <= 12, "{moved} times");
        let expected = |at: usize| u8::from(at % PAGE == PAGE - 1 && (at / PAGE + 1).is_multiple_of(3));
        assert!((0..1000 * PAGE).all(|at| bytes.get()[at] == expected(at)));
    }

    // An allocator may move a block to where a line begins earlier or later in it.
    // @need-ids: REQ_018
    #[test]
    fn bytes_move_to_where_a_line_begins() {
        for start in 0..2 * LINE {
            for length in [1, 40, 200] {
                let mut all = vec![0xAA; start];
                all.extend((0..length).map(|byte| byte as u8));
                let mut bytes = LinearBytes { all, start, length };
                bytes.extend(length + 150).unwrap();
                bytes.length += 150;
                let expected = (0..length).map(|byte| byte as u8).chain([0; 150]);
                assert!(expected.eq(bytes.get().iter().copied()), "{length} bytes from {start} on");
            }
        }
    }

    // @need-ids: REQ_018
    #[test]
    fn more_bytes_than_the_others_are_zero_afterwards() {
        let mut bytes = LinearBytes::zeroed(100).unwrap();
        bytes.get_mut().fill(1);
        let mut other = LinearBytes::zeroed(60).unwrap();
        other.get_mut().fill(2);
        bytes.take_over(&other).unwrap();
        assert_eq!(bytes.get(), [[2; 60].as_slice(), &[0; 40]].concat());
        other.take_over(&bytes).unwrap();
        assert_eq!(other.get(), bytes.get());
        assert!(LinearBytes::zeroed(usize::MAX).is_none() && bytes.enlarge(usize::MAX).is_err());
    }
}
