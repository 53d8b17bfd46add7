//! Counts instructions, where the emulator makes each take a nanosecond (`-icount shift=0`).

#[cfg(target_arch = "arm")]
use cortex_m::peripheral::{SYST, syst::SystClkSource};

/// Nanoseconds, and so instructions, of a clock of the system timer.
#[cfg(target_arch = "arm")]
const CLOCK: u32 = 40;

/// The timer counts down from here: all of its 24 bits.
#[cfg(target_arch = "arm")]
const TIMER: u32 = 0x00FF_FFFF;

/// The board's counter.
pub(crate) struct Counter {
    /// What the timer said last, and what that makes together.
    #[cfg(target_arch = "arm")]
    seen: (u32, u32),
}

impl Counter {
    /// Starts it; `None` the second time.
    #[cfg(target_arch = "arm")]
    pub(crate) fn start() -> Option<Self> {
        let mut timer = cortex_m::Peripherals::take()?.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(TIMER);
        timer.clear_current();
        timer.enable_counter();
        Some(Self { seen: (TIMER, 0) })
    }

    /// Starts it.
    #[cfg(target_arch = "riscv32")]
    #[allow(clippy::unnecessary_wraps, reason = "as on the other board")]
    pub(crate) fn start() -> Option<Self> {
        Some(Self {})
    }

    /// Instructions so far, if it is asked for more often than every 600 millions.
    #[cfg(target_arch = "arm")]
    pub(crate) fn instructions(&mut self) -> u32 {
        let now = SYST::get_current();
        let (then, sum) = self.seen;
        let sum = sum.wrapping_add((then.wrapping_sub(now) & TIMER).wrapping_mul(CLOCK));
        self.seen = (now, sum);
        sum
    }

    /// Instructions so far.
    #[cfg(target_arch = "riscv32")]
    pub(crate) fn instructions(&mut self) -> u32 {
        riscv::register::mcycle::read() as u32
    }
}
