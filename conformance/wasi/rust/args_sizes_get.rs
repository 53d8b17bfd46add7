//! How many there are, and the bytes of all.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let at = result();
    is!(args_sizes_get(at, at + 4), OK);
    is!(u32_at(at), 4);
    is!(u32_at(at + 4), 22);
    is!(args_sizes_get(end() - 3, at), FAULT);
    is!(args_sizes_get(at, u32::MAX), FAULT);
    is!(args_sizes_get(end(), end()), FAULT);
}
