//! What was handed over is a directory with a name of so many bytes.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    is!(fd_prestat_get(ROOT, result()), OK);
    is!(u8_at(result()), 0);
    is!(u32_at(result() + 4), 1);
    is!(fd_prestat_get(ROOT, end() - 7), FAULT);
    is!(fd_prestat_get(ROOT + 1, result()), BADF);
    is!(fd_prestat_get(1, result()) != OK, true);
    is!(fd_prestat_get(NONE, result()), BADF);
    let below = opened(".", DIRECTORY, 0);
    is!(fd_prestat_get(below, result()) != OK, true);
}
