//! The guest's memory: every access is checked, every address outside is an error number.

use super::unstable::Snapshot;
use crate::errno::Errno;
use crate::platform::Result;
use alloc::vec::Vec;
use core::ops::Range;

/// Buffers that one call reads or writes at most; the rest is left to the next call.
pub(super) const MAX_BUFFERS: usize = 1_024;

/// Buffers that one call looks at at most: many may be empty.
const MAX_BUFFERS_SEEN: u32 = 1 << 16;

/// The calling guest's memory, empty where it exports none, and how it reads it.
pub(super) struct Guest<'a> {
    bytes: &'a mut [u8],
    pub(super) snapshot: Snapshot,
}

impl<'a> Guest<'a> {
    pub(super) fn new(bytes: &'a mut [u8], snapshot: Snapshot) -> Self {
        Self { bytes, snapshot }
    }

    /// Where `length` bytes at `address` lie.
    fn range(&self, address: u32, length: u32) -> Result<Range<usize>> {
        let end = u64::from(address) + u64::from(length);
        if end > self.bytes.len() as u64 {
            return Err(Errno::Fault);
        }
        Ok(address as usize..end as usize)
    }

    pub(super) fn slice(&self, address: u32, length: u32) -> Result<&[u8]> {
        self.range(address, length).and_then(|range| self.bytes.get(range).ok_or(Errno::Fault))
    }

    pub(super) fn slice_mut(&mut self, address: u32, length: u32) -> Result<&mut [u8]> {
        let range = self.range(address, length)?;
        self.bytes.get_mut(range).ok_or(Errno::Fault)
    }

    /// A path or other text. It must be UTF-8.
    pub(super) fn text(&self, address: u32, length: u32) -> Result<&str> {
        core::str::from_utf8(self.slice(address, length)?).map_err(|_| Errno::IllegalSequence)
    }

    pub(super) fn write(&mut self, address: u32, bytes: &[u8]) -> Result<()> {
        let length = u32::try_from(bytes.len()).map_err(|_| Errno::Overflow)?;
        self.slice_mut(address, length)?.copy_from_slice(bytes);
        Ok(())
    }

    pub(super) fn write_u32(&mut self, address: u32, value: u32) -> Result<()> {
        self.write(address, &value.to_le_bytes())
    }

    pub(super) fn write_u64(&mut self, address: u32, value: u64) -> Result<()> {
        self.write(address, &value.to_le_bytes())
    }

    /// Writes words side by side, or none of them.
    pub(super) fn write_words(&mut self, address: u32, words: &[u64]) -> Result<()> {
        let length = u32::try_from(size_of_val(words)).map_err(|_| Errno::Overflow)?;
        for (place, word) in self.slice_mut(address, length)?.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        Ok(())
    }

    /// The buffers of a list, without empty ones: at most [`MAX_BUFFERS`] and together at most `most` bytes. All that are
    /// returned lie in memory.
    // @need-ids: REQ_WASI_002
    pub(super) fn buffers(&self, list: u32, count: u32, most: u64) -> Result<Buffers> {
        let bytes = count.checked_mul(8).ok_or(Errno::Fault)?;
        let list = self.slice(list, bytes)?;
        if count > MAX_BUFFERS_SEEN {
            return Err(Errno::Invalid);
        }
        let mut found = Buffers::default();
        let mut left = most;
        for entry in list.chunks_exact(8) {
            let word = entry.first_chunk().copied().map(u64::from_le_bytes).ok_or(Errno::Fault)?;
            let (address, length) = (word as u32, (word >> 32) as u32);
            if length == 0 {
                continue;
            }
            if left == 0 || found.len() == MAX_BUFFERS {
                break;
            }
            self.range(address, length)?;
            // What is longer than may be copied at once is cut: a short read or write.
            let length = u64::from(length).min(left) as u32;
            left -= u64::from(length);
            found.push((address, length));
        }
        Ok(found)
    }

    /// The contents of buffers.
    pub(super) fn pieces(&self, buffers: &Buffers) -> Result<Vec<&[u8]>> {
        buffers.all().map(|(address, length)| self.slice(address, length)).collect()
    }
}

/// Addresses and lengths of buffers. The usual one or none takes no allocation.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    first: Option<(u32, u32)>,
    more: Vec<(u32, u32)>,
}

impl Buffers {
    fn push(&mut self, buffer: (u32, u32)) {
        match self.first {
            None => self.first = Some(buffer),
            Some(_) => self.more.push(buffer),
        }
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.more.len()
    }

    pub(super) fn first(&self) -> Option<(u32, u32)> {
        self.first
    }

    pub(super) fn is_single(&self) -> bool {
        self.more.is_empty()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.first.into_iter().chain(self.more.iter().copied())
    }
}
