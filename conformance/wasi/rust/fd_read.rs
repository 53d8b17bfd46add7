//! Reads into one buffer after the other, to the end and no further.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    is!(read(0, 4), OK);
    is!(bytes(data(), u32_at(result())) == b"line", true);
    is!(read(0, 100), OK);
    is!(bytes(data(), u32_at(result())) == b"s of input\n", true);
    is!(read(0, 100), OK);
    is!(u32_at(result()), 0);
    let fd = file("read", b"0123456789");
    let three = list(&[(data(), 3), (data() + 50, 0), (data() + 100, 4)]);
    is!(fd_read(fd, three, 3, result()), OK);
    is!(u32_at(result()), 7);
    is!(bytes(data(), 3) == b"012" && bytes(data() + 100, 4) == b"3456", true);
    is!(fd_read(fd, three, 0, result()), OK);
    is!(u32_at(result()), 0);
    is!(fd_read(fd, list(&[(end() - 3, 4)]), 1, result()), FAULT);
    is!(fd_read(fd, list(&[(u32::MAX, 2)]), 1, result()), FAULT);
    is!(fd_read(fd, end() - 7, 1, result()), FAULT);
    is!(fd_read(fd, 0, u32::MAX, result()), FAULT);
    is!(fd_read(fd, list(&[(data(), 1)]), 1, end() - 3), FAULT);
    // What was refused took nothing.
    is!(read(fd, 100), OK);
    is!(bytes(data(), u32_at(result())) == b"789", true);
    is!(read(ROOT, 1), ISDIR);
    is!(read(NONE, 1), BADF);
    is!(read(opened("read", 0, WRITE), 1), BADF);
}
