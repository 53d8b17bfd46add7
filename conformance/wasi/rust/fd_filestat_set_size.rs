//! A file is cut, or longer by zeroes.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let fd = file("set_size", b"contents");
    is!(fd_filestat_set_size(fd, 3), OK);
    is!(holds(fd, b"con"), true);
    is!(fd_filestat_set_size(fd, 5), OK);
    is!(holds(fd, b"con\0\0"), true);
    is!(fd_filestat_set_size(fd, u64::MAX), FBIG);
    is!(fd_filestat_set_size(ROOT, 0), BADF);
    is!(fd_filestat_set_size(NONE, 0), BADF);
    let reading = opened("set_size", 0, READ);
    is!(fd_filestat_set_size(reading, 0) != OK, true);
    is!(holds(fd, b"con\0\0"), true);
}
