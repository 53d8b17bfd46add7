//! Where the next byte is read, from three places.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let (fd, at) = (file("seek", b"0123456789"), result());
    for (offset, whence, expected) in [(4, 0, 4), (2, 1, 6), (-1, 1, 5), (-3, 2, 7), (5, 2, 15), (0, 1, 15), (0, 0, 0)] {
        is!(fd_seek(fd, offset, whence, at), OK);
        is!(u64_at(at), expected);
    }
    is!(fd_seek(fd, -1, 0, at), INVAL);
    is!(fd_seek(fd, -11, 2, at), INVAL);
    is!(fd_seek(fd, i64::MIN, 1, at), INVAL);
    is!(fd_seek(fd, 0, 3, at), INVAL);
    is!(fd_seek(fd, 1, 0, end() - 7), FAULT);
    is!(fd_seek(ROOT, 0, 0, at), BADF);
    is!(fd_seek(NONE, 0, 0, at), BADF);
}
