//! Built with `rustc --edition 2021 -O -g --target wasm32-wasip1 --crate-type cdylib --remap-path-prefix=$PWD= inlined.rs`: what a
//! trap's backtrace says of functions that the compiler put into others.
#![no_std]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[inline(always)]
fn refuse(x: i32) -> i32 {
    if x > 3 {
        core::arch::wasm32::unreachable()
    }
    x + 1
}

#[inline(always)]
fn middle(x: i32) -> i32 {
    refuse(x) * 2
}

#[no_mangle]
pub extern "C" fn outer(x: i32) -> i32 {
    middle(x) + 5
}
