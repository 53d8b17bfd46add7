//! What is known about a file, as guests read it, and times to set.

use super::guest::Guest;
use super::unstable::Snapshot;
use crate::errno::Errno;
use crate::platform::{FileStat, Result, SetTime};

/// Writes a `filestat`. That of `wasi_unstable` is shorter: the number of links has 32 bits, behind the type.
pub(super) fn write(guest: &mut Guest<'_>, result: u32, stat: &FileStat) -> Result<()> {
    let FileStat { device, inode, file_type, links, size, accessed, modified, changed } = *stat;
    let short = || u64::from(u32::try_from(links).unwrap_or(u32::MAX)) << 32;
    match guest.snapshot {
        Snapshot::Preview1 => {
            guest.write_words(result, &[device, inode, file_type as u64, links, size, accessed, modified, changed])
        }
        Snapshot::Unstable => {
            guest.write_words(result, &[device, inode, file_type as u64 | short(), size, accessed, modified, changed])
        }
    }
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
