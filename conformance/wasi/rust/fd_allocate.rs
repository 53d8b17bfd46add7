//! Room for a range: the file is longer, what it holds stays.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let fd = file("allocate", b"contents");
    is!(fd_allocate(fd, 0, 4), OK);
    is!(holds(fd, b"contents"), true);
    is!(fd_allocate(fd, 6, 6), OK);
    is!(holds(fd, b"contents\0\0\0\0"), true);
    is!(fd_allocate(fd, 0, 0), INVAL);
    is!(fd_allocate(fd, u64::MAX, 1), FBIG);
    is!(fd_allocate(fd, 1, u64::MAX), FBIG);
    is!(fd_allocate(ROOT, 0, 1), BADF);
    is!(fd_allocate(NONE, 0, 1), BADF);
}
