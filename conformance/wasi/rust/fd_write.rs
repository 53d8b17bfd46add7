//! Writes one buffer after the other, or nothing at all.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    is!(write(1, b"to standard output\n"), OK);
    is!(u32_at(result()), 19);
    let fd = file("write", b"");
    let three = list(&[("one ".as_ptr() as u32, 4), (end(), 0), ("two".as_ptr() as u32, 3)]);
    is!(fd_write(fd, three, 3, result()), OK);
    is!(u32_at(result()), 7);
    is!(holds(fd, b"one two"), true);
    is!(fd_write(fd, three, 0, result()), OK);
    is!(u32_at(result()), 0);
    is!(fd_write(fd, list(&[(end() - 3, 4)]), 1, result()), FAULT);
    is!(fd_write(fd, list(&[(u32::MAX, 2)]), 1, result()), FAULT);
    is!(fd_write(fd, list(&[(data(), 1), (end(), 1)]), 2, result()), FAULT);
    is!(fd_write(fd, end() - 7, 1, result()), FAULT);
    is!(fd_write(fd, 0, u32::MAX, result()), FAULT);
    is!(holds(fd, b"one two"), true);
    is!(write(0, b"x"), BADF);
    is!(write(ROOT, b"x"), BADF);
    is!(write(NONE, b"x"), BADF);
    is!(write(opened("write", 0, READ), b"x"), BADF);
    // Where writes go to the end.
    path_open(ROOT, 1, "write".as_ptr() as u32, 5, 0, READ | WRITE | SEEK, 0, APPEND, result());
    let appending = u32_at(result());
    is!(write(appending, b"!"), OK);
    is!(holds(fd, b"one two!"), true);
}
