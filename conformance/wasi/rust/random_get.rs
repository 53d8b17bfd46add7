//! Bytes that differ, into memory and not behind it.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    put(data(), &[0; 64]);
    is!(random_get(data(), 32), OK);
    is!(random_get(data() + 32, 31), OK);
    is!(bytes(data(), 31) != bytes(data() + 32, 31), true);
    is!(u8_at(data() + 63), 0);
    is!(random_get(data(), 0), OK);
    is!(random_get(end() - 16, 16), OK);
    is!(random_get(end() - 15, 16), FAULT);
    is!(random_get(u32::MAX, 1), FAULT);
}
