//! A device program that calls what the device crates offer, with values that the compiler can't know.
//!
//! Linking it shows whether any of that can panic: the handler below stays in the program only if something calls it.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering};

mod instructions;
mod runtime;
mod safety;

static PANICKED: AtomicBool = AtomicBool::new(false);

/// Not inlined and with an effect, so that it has a symbol wherever it can be reached.
#[panic_handler]
#[inline(never)]
fn panic(_: &PanicInfo<'_>) -> ! {
    PANICKED.store(true, Ordering::SeqCst);
    loop {
        core::hint::spin_loop();
    }
}

// The entry needs its plain name for the linker, which is the only reason that this program is outside the lint table.
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    safety::exercise_safety();
    instructions::exercise_instructions();
    runtime::exercise_runtime();
    #[cfg(feature = "fault")]
    exercise_fault();
    loop {
        core::hint::spin_loop();
    }
}

#[cfg(feature = "fault")]
#[inline(never)]
fn exercise_fault() {
    let values = black_box([1_u8, 2, 3]);
    black_box(values[black_box(5_usize)]);
}

/// A value the compiler can't know.
fn any<T>(value: T) -> T {
    black_box(value)
}

/// A result that the compiler must compute.
fn keep<T>(value: T) {
    drop(black_box(value));
}
