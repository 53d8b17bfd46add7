//! Measures the engine on the Cortex-M4 of MPS2+ AN386. The emulator counts an instruction as a nanosecond, and the system timer
//! counts 25 a microsecond: a figure is off by less than 80 instructions.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "the stack is painted and looked at")]

use control_loop::Exit;
use cortex_m::Peripherals;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m::register::msp;
use figures::Meter;

/// Nanoseconds, and so instructions, of a clock of the timer.
const CLOCK: u32 = 40;

/// The timer counts down from here: all of its 24 bits.
const TIMER: u32 = 0x00FF_FFFF;

/// Bytes below the caller that are looked at.
const DEPTH: u32 = 16 * 1024;

/// What stack that is not used is painted with.
const PAINT: u32 = 0x5AFE_C0DE;

struct Timer;

impl Meter for Timer {
    fn instructions(&mut self) -> u32 {
        (TIMER - SYST::get_current()) * CLOCK
    }

    #[inline(never)]
    fn stack(&mut self, work: &mut dyn FnMut()) -> Option<u32> {
        let top = msp::read();
        let bottom = top - DEPTH;
        // SAFETY: this is below the stack pointer and above the end of the memory's statics; no interrupt is on.
        unsafe { (bottom..top).step_by(4).for_each(|at| (at as *mut u32).write_volatile(PAINT)) };
        work();
        // SAFETY: as above.
        let used = unsafe { (bottom..top).step_by(4).find(|at| (*at as *const u32).read_volatile() != PAINT) };
        Some(top - used.unwrap_or(top))
    }
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let Some(mut peripherals) = Peripherals::take() else { emulator::exit(Exit::Broken) };
    peripherals.SYST.set_clock_source(SystClkSource::Core);
    peripherals.SYST.set_reload(TIMER);
    peripherals.SYST.clear_current();
    peripherals.SYST.enable_counter();
    let done = figures::run(control_loop::storage!(images::sizes::figures), &mut Timer);
    emulator::exit(if done.is_some() { Exit::Undisturbed } else { Exit::Broken })
}
