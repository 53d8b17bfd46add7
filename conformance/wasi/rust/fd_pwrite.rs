//! Writes at an offset; where the descriptor stands does not change.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let fd = file("pwrite", b"0123456789");
    let two = list(&[("ab".as_ptr() as u32, 2), ("cde".as_ptr() as u32, 3)]);
    is!(fd_pwrite(fd, two, 2, 1, result()), OK);
    is!(u32_at(result()), 5);
    is!(fd_tell(fd, result()), OK);
    is!(u64_at(result()), 0);
    is!(holds(fd, b"0abcde6789"), true);
    is!(fd_pwrite(fd, list(&[("xy".as_ptr() as u32, 2)]), 1, 11, result()), OK);
    is!(holds(fd, b"0abcde6789\0xy"), true);
    let one = list(&[(data(), 1)]);
    is!(fd_pwrite(fd, one, 1, u64::MAX, result()), INVAL);
    is!(fd_pwrite(fd, list(&[(end() - 1, 2)]), 1, 0, result()), FAULT);
    is!(fd_pwrite(fd, u32::MAX - 7, 1, 0, result()), FAULT);
    is!(fd_pwrite(opened("pwrite", 0, READ), list(&[(data(), 1)]), 1, 0, result()), BADF);
    is!(fd_pwrite(ROOT, list(&[(data(), 1)]), 1, 0, result()) != OK, true);
    is!(fd_pwrite(NONE, list(&[(data(), 1)]), 1, 0, result()), BADF);
    is!(holds(fd, b"0abcde6789\0xy"), true);
}
