//! A number is free when it is closed, and not before.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let fd = file("close", b"");
    is!(fd_close(fd), OK);
    is!(fd_close(fd), BADF);
    is!(write(fd, b"x"), BADF);
    is!(open(ROOT, "close", 0, READ), OK);
    is!(u32_at(result()), fd);
    is!(fd_close(NONE), BADF);
    is!(fd_close(u32::MAX), BADF);
    is!(fd_close(0), OK);
    is!(read(0, 1), BADF);
    is!(fd_close(ROOT), OK);
    is!(open(ROOT, "close", 0, READ), BADF);
}
