//! The least program that runs an image, for its size: `figures.sh` links it with and without the engine.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;
use cortex_m_rt::entry;

#[cfg(feature = "engine")]
mod engine;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// The compiler can't know what is in it, so all that can be done with an image stays in the program.
static IMAGE: [u64; 64] = [0; 64];

#[entry]
fn main() -> ! {
    #[cfg(feature = "engine")]
    static mut ZEROED: engine::Zeroed = engine::Zeroed::EMPTY;
    let image: &'static [u64; 64] = black_box(&IMAGE);
    #[cfg(feature = "engine")]
    black_box(engine::run(image, ZEROED));
    #[cfg(not(feature = "engine"))]
    black_box(image);
    loop {
        core::hint::spin_loop();
    }
}
