//! What is known about an open file.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let fd = file("filestat", b"contents");
    let at = result();
    is!(fd_filestat_get(fd, at), OK);
    is!(u8_at(at + 16), FILE_TYPE);
    is!(u64_at(at + 24), 1);
    is!(u64_at(at + 32), 8);
    is!(u64_at(at + 48) > 1_700_000_000_000_000_000, true);
    let (device, inode) = (u64_at(at), u64_at(at + 8));
    is!(look("filestat", 0), OK);
    is!(u64_at(at) == device && u64_at(at + 8) == inode, true);
    is!(fd_filestat_get(ROOT, at), OK);
    is!(u8_at(at + 16), DIR_TYPE);
    is!(u64_at(at), device);
    is!(fd_filestat_get(1, at), OK);
    is!(fd_filestat_get(fd, end() - 63), FAULT);
    is!(fd_filestat_get(fd, end() - 64), OK);
    is!(fd_filestat_get(NONE, at), BADF);
}
