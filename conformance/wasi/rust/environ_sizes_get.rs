//! How many there are, and the bytes of all.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let at = result();
    is!(environ_sizes_get(at, at + 4), OK);
    is!(u32_at(at), 3);
    is!(u32_at(at + 4), 17);
    is!(environ_sizes_get(end() - 3, at), FAULT);
    is!(environ_sizes_get(at, u32::MAX), FAULT);
    is!(environ_sizes_get(end(), end()), FAULT);
}
