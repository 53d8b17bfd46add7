//! Arguments, environment, clocks, random bytes, and the end.

use super::Exit;
use super::context::{WasiP1, WasiText};
use super::guest::Guest;
use crate::errno::Errno;
use crate::platform::{Clock, Result};
use wrt::logging::debug;

/// The clock of a number.
pub(super) fn clock(number: u32) -> Result<Clock> {
    Ok(match number {
        0 => Clock::Realtime,
        1 => Clock::Monotonic,
        2 => Clock::ProcessCpu,
        3 => Clock::ThreadCpu,
        _ => return Err(Errno::Invalid),
    })
}

impl WasiText {
    fn write(&self, guest: &mut Guest<'_>, pointers: u32, buffer: u32) -> Result<()> {
        // Both places are looked at before either is written to.
        let size = u32::try_from(self.starts.len()).ok().and_then(|count| count.checked_mul(4));
        guest.slice(pointers, size.ok_or(Errno::Overflow)?)?;
        guest.write(buffer, &self.bytes)?;
        for (start, at) in self.starts.iter().zip((pointers..).step_by(4)) {
            guest.write_u32(at, buffer.checked_add(*start).ok_or(Errno::Overflow)?)?;
        }
        Ok(())
    }

    fn write_sizes(&self, guest: &mut Guest<'_>, count: u32, size: u32) -> Result<()> {
        guest.slice(size, 4)?;
        guest.write_u32(count, self.starts.len() as u32)?;
        guest.write_u32(size, self.bytes.len() as u32)
    }
}

impl WasiP1 {
    pub(super) fn args_get(&mut self, guest: &mut Guest<'_>, pointers: u32, buffer: u32) -> Result<()> {
        self.args.write(guest, pointers, buffer)
    }

    pub(super) fn args_sizes_get(&mut self, guest: &mut Guest<'_>, count: u32, size: u32) -> Result<()> {
        self.args.write_sizes(guest, count, size)
    }

    pub(super) fn environ_get(&mut self, guest: &mut Guest<'_>, pointers: u32, buffer: u32) -> Result<()> {
        self.env.write(guest, pointers, buffer)
    }

    pub(super) fn environ_sizes_get(&mut self, guest: &mut Guest<'_>, count: u32, size: u32) -> Result<()> {
        self.env.write_sizes(guest, count, size)
    }

    pub(super) fn clock_res_get(&mut self, guest: &mut Guest<'_>, id: u32, result: u32) -> Result<()> {
        let resolution = self.platform.resolution(clock(id)?)?;
        guest.write_u64(result, resolution)
    }

    pub(super) fn clock_time_get(
        &mut self,
        guest: &mut Guest<'_>,
        id: u32,
        _precision: u64,
        result: u32,
    ) -> Result<()> {
        let now = self.platform.now(clock(id)?)?;
        guest.write_u64(result, now)
    }

    pub(super) fn random_get(&mut self, guest: &mut Guest<'_>, buffer: u32, length: u32) -> Result<()> {
        if u64::from(length) > self.max_copy {
            return Err(Errno::Invalid);
        }
        self.platform.random(guest.slice_mut(buffer, length)?)
    }

    pub(super) fn sched_yield(&mut self, _guest: &mut Guest<'_>) -> Result<()> {
        self.platform.yield_now()
    }

    /// A signal to itself: there are none, but 0, which does nothing.
    #[allow(clippy::unused_self, reason = "as the others are")]
    pub(super) fn proc_raise(&mut self, _guest: &mut Guest<'_>, signal: u32) -> Result<()> {
        // No handler can be set, and nothing but the guest is to be hit.
        if signal == 0 { Ok(()) } else { Err(Errno::NotSupported) }
    }
}

/// Ends the guest.
pub(super) fn proc_exit(status: u32) -> wrt::Error {
    debug!("the guest ends itself with status {status}");
    wrt::Error::host(Exit(status))
}
