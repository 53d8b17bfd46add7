//! What every Rust guest shares: storage without an allocator, random numbers, a digest, a panic that traps.

#![allow(dead_code)]

use core::cell::UnsafeCell;

/// A guest's static storage. A guest has one thread and no call is made while another runs, so a reference is unique
/// as long as a function takes each `Global` once.
pub struct Global<T>(UnsafeCell<T>);

unsafe impl<T> Sync for Global<T> {}

impl<T> Global<T> {
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    #[allow(clippy::mut_from_ref)]
    pub fn take(&'static self) -> &'static mut T {
        unsafe { &mut *self.0.get() }
    }
}

/// xorshift32, as in the C guests. The seed must not be 0.
pub struct Random(pub u32);

impl Random {
    pub fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

/// Folds a value into a digest.
pub fn mix(digest: u32, value: u32) -> u32 {
    let digest = (digest ^ value).wrapping_mul(0x0100_0193);
    digest ^ (digest >> 15)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
