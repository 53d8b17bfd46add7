//! Reads at an offset; where the descriptor stands does not change.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let fd = file("pread", b"0123456789");
    fd_seek(fd, 7, 0, result());
    let two = list(&[(data(), 3), (data() + 100, 2)]);
    is!(fd_pread(fd, two, 2, 1, result()), OK);
    is!(u32_at(result()), 5);
    is!(bytes(data(), 3) == b"123" && bytes(data() + 100, 2) == b"45", true);
    is!(fd_pread(fd, two, 2, 8, result()), OK);
    is!(u32_at(result()), 2);
    is!(fd_pread(fd, two, 2, 10, result()), OK);
    is!(u32_at(result()), 0);
    is!(fd_tell(fd, result()), OK);
    is!(u64_at(result()), 7);
    is!(fd_pread(fd, two, 1, u64::MAX, result()), INVAL);
    is!(fd_pread(fd, list(&[(end() - 1, 2)]), 1, 0, result()), FAULT);
    is!(fd_pread(fd, end() - 7, 1, 0, result()), FAULT);
    is!(fd_pread(fd, two, 1, 0, end() - 3), FAULT);
    is!(fd_pread(1, two, 1, 0, result()) != OK, true);
    is!(fd_pread(ROOT, two, 1, 0, result()) != OK, true);
    is!(fd_pread(NONE, two, 1, 0, result()), BADF);
}
