//! The texts with a NUL behind each, and where each begins.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    is!(args_get(result(), data()), OK);
    is!(bytes(data(), 22) == b"wasi\0one\0\0three words\0", true);
    let mut at = data();
    for index in 0..4 {
        is!(u32_at(result() + 4 * index), at);
        while u8_at(at) != 0 {
            at += 1;
        }
        at += 1;
    }
    is!(args_get(result(), end() - 22), OK);
    is!(args_get(result(), end() - 21), FAULT);
    is!(args_get(end() - 15, data()), FAULT);
    is!(args_get(u32::MAX - 3, data()), FAULT);
}
