//! What differs in the snapshot before Preview 1, `wasi_unstable`: the numbers of `whence`, and how a `filestat` and a
//! `subscription` lie in memory.

use super::context::WasiP1;
use super::guest::Guest;
use super::poll::Layout;
use super::stat;
use crate::platform::Result;

/// A subscription to a clock begins with an identifier there.
const LAYOUT: Layout = Layout { size: 56, clock: 24 };

impl WasiP1 {
    pub(super) fn unstable_fd_seek(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        offset: i64,
        whence: u32,
        result: u32,
    ) -> Result<()> {
        let whence = match whence {
            0 => 1,
            1 => 2,
            2 => 0,
            other => other,
        };
        self.fd_seek(guest, fd, offset, whence, result)
    }

    pub(super) fn unstable_fd_filestat_get(&mut self, guest: &mut Guest<'_>, fd: u32, result: u32) -> Result<()> {
        let found = self.filestat(fd)?;
        guest.write(result, &stat::encode_unstable(&found))
    }

    pub(super) fn unstable_path_filestat_get(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        flags: u32,
        address: u32,
        length: u32,
        result: u32,
    ) -> Result<()> {
        let found = self.filestat_at(guest, fd, flags, (address, length))?;
        guest.write(result, &stat::encode_unstable(&found))
    }

    pub(super) fn unstable_poll_oneoff(
        &mut self,
        guest: &mut Guest<'_>,
        subscriptions: u32,
        events: u32,
        count: u32,
        result: u32,
    ) -> Result<()> {
        self.poll(guest, LAYOUT, (subscriptions, events, count), result)
    }
}
