//! Type, flags and rights of a descriptor.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let fd = file("fdstat", b"");
    let at = result();
    is!(fd_fdstat_get(fd, at), OK);
    is!(u8_at(at), FILE_TYPE);
    is!(u16_at(at + 2), 0);
    is!(u64_at(at + 8) & (READ | WRITE | SEEK), READ | WRITE | SEEK);
    is!(fd_fdstat_get(ROOT, at), OK);
    is!(u8_at(at), DIR_TYPE);
    // What it may do itself, and what may be done through it.
    is!(u64_at(at + 8) & (1 << 13), 1 << 13);
    is!(u64_at(at + 16) & (READ | WRITE), READ | WRITE);
    path_open(ROOT, 1, "fdstat".as_ptr() as u32, 6, 0, READ | WRITE, 0, APPEND | NONBLOCK, at);
    is!(fd_fdstat_get(u32_at(at), at), OK);
    is!(u16_at(at + 2), APPEND | NONBLOCK);
    is!(u64_at(at + 8) & (READ | WRITE), READ | WRITE);
    let reading = opened("fdstat", 0, READ);
    is!(fd_fdstat_get(reading, at), OK);
    is!(u64_at(at + 8) & (READ | WRITE), READ);
    is!(fd_fdstat_get(fd, end() - 23), FAULT);
    is!(fd_fdstat_get(NONE, at), BADF);
}
