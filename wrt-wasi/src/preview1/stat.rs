//! What is known about a file, as guests read it, and times to set.

use crate::errno::Errno;
use crate::platform::{FileStat, Result, SetTime};

/// Bytes of a `filestat`.
const FILESTAT: usize = 64;

/// A `filestat` in the guest's memory.
pub(super) fn encode(stat: &FileStat) -> [u8; FILESTAT] {
    let FileStat { device, inode, file_type, links, size, accessed, modified, changed } = *stat;
    let words = [device, inode, file_type as u64, links, size, accessed, modified, changed];
    let mut bytes = [0; FILESTAT];
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
