//! Rights can be given up; they do not come back.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let fd = file("set_rights", b"contents");
    is!(fd_fdstat_get(fd, result()), OK);
    let all = u64_at(result() + 8);
    is!(fd_fdstat_set_rights(fd, all, 0), OK);
    is!(fd_fdstat_set_rights(fd, all & !WRITE, 0), OK);
    is!(write(fd, b"x"), BADF);
    is!(read(fd, 8), OK);
    is!(u32_at(result()), 8);
    is!(fd_fdstat_set_rights(fd, all, 0), NOTCAPABLE);
    is!(fd_fdstat_set_rights(fd, all & !WRITE, FILE), NOTCAPABLE);
    is!(fd_fdstat_set_rights(NONE, 0, 0), BADF);
}
