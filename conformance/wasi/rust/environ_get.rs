//! The texts with a NUL behind each, and where each begins.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    is!(environ_get(result(), data()), OK);
    is!(bytes(data(), 17) == b"A=1\0EMPTY=\0B=x=y\0", true);
    let mut at = data();
    for index in 0..3 {
        is!(u32_at(result() + 4 * index), at);
        while u8_at(at) != 0 {
            at += 1;
        }
        at += 1;
    }
    is!(environ_get(result(), end() - 17), OK);
    is!(environ_get(result(), end() - 16), FAULT);
    is!(environ_get(end() - 11, data()), FAULT);
    is!(environ_get(u32::MAX - 3, data()), FAULT);
}
