//! What RTIC asks of a device's crate, for one interrupt that no peripheral raises: software tasks are started by it.

use cortex_m::interrupt::InterruptNumber;

/// Bits of an interrupt's priority.
pub const NVIC_PRIO_BITS: u8 = 3;

/// The interrupts.
#[derive(Clone, Copy, Debug)]
pub enum Interrupt {
    /// The first one.
    SLICES,
}

pub use Interrupt as interrupt;

// SAFETY: it is the position in the table below.
unsafe impl InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        self as u16
    }
}

unsafe extern "C" {
    fn SLICES();
}

/// The vectors of the interrupts, which follow those of the processor.
// SAFETY: the linker's script looks for it by this name, in this section.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".vector_table.interrupts")]
pub static __INTERRUPTS: [unsafe extern "C" fn(); 1] = [SLICES];
