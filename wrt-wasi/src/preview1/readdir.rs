//! `fd_readdir`.

use super::context::WasiP1;
use super::guest::Guest;
use super::rights::Rights;
use crate::platform::{Entry, Result};

/// Bytes of a `dirent`, in front of the name.
const DIRENT: usize = 24;

fn header(entry: &Entry<'_>) -> [u8; DIRENT] {
    let mut bytes = [0; DIRENT];
    let words = [entry.next, entry.inode, entry.name.len() as u64 & 0xffff_ffff | (entry.file_type as u64) << 32];
    for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

impl WasiP1 {
    /// Fills the buffer with entries; the last is cut where the buffer ends, which tells the guest that there are more.
    pub(super) fn fd_readdir(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        buffer: u32,
        length: u32,
        cookie: u64,
        result: u32,
    ) -> Result<()> {
        let descriptor = self.table.get(fd)?;
        let directory = descriptor.directory()?;
        descriptor.rights.need(Rights::FD_READDIR)?;
        guest.slice(result, 4)?;
        let all = guest.slice_mut(buffer, length)?;
        let most = usize::try_from(self.max_copy).unwrap_or(usize::MAX).min(all.len());
        let mut left = all.get_mut(..most).unwrap_or_default();
        directory.entries(cookie, &mut |entry| {
            for bytes in [&header(&entry), entry.name] {
                let fits = bytes.len().min(left.len());
                let (here, behind) = core::mem::take(&mut left).split_at_mut(fits);
                here.copy_from_slice(bytes.get(..fits).unwrap_or_default());
                left = behind;
            }
            !left.is_empty()
        })?;
        let used = most - left.len();
        guest.write_u32(result, used as u32)
    }
}
