//! What is known about a file, as guests read it, and times to set.

use crate::errno::Errno;
use crate::platform::{FileStat, Result, SetTime};

/// Bytes of a `filestat`.
const FILESTAT: usize = 64;

/// Bytes of that of `wasi_unstable`.
const UNSTABLE_FILESTAT: usize = 56;

/// A `filestat` in the guest's memory.
pub(super) fn encode(stat: &FileStat) -> [u8; FILESTAT] {
    let FileStat { device, inode, file_type, links, size, accessed, modified, changed } = *stat;
    in_memory([device, inode, file_type as u64, links, size, accessed, modified, changed])
}

/// One of `wasi_unstable`: the number of links has 32 bits, behind the type.
pub(super) fn encode_unstable(stat: &FileStat) -> [u8; UNSTABLE_FILESTAT] {
    let FileStat { device, inode, file_type, links, size, accessed, modified, changed } = *stat;
    let links = u64::from(u32::try_from(links).unwrap_or(u32::MAX));
    in_memory([device, inode, file_type as u64 | links << 32, size, accessed, modified, changed])
}

fn in_memory<const WORDS: usize, const BYTES: usize>(words: [u64; WORDS]) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// The times that `fstflags` say.
pub(super) fn times(accessed: u64, modified: u64, flags: u32) -> Result<(SetTime, SetTime)> {
    let one = |time: u64, to: bool, now: bool| match (to, now) {
        (false, false) => Ok(SetTime::Keep),
        (true, false) => Ok(SetTime::To(time)),
        (false, true) => Ok(SetTime::Now),
        (true, true) => Err(Errno::Invalid),
    };
    if flags >= 1 << 4 {
        return Err(Errno::Invalid);
    }
    let has = |bit: u32| flags & (1 << bit) != 0;
    Ok((one(accessed, has(0), has(1))?, one(modified, has(2), has(3))?))
}
