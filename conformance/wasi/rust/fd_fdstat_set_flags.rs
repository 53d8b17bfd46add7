//! Writes go to the end once that is said.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let fd = file("set_flags", b"start");
    is!(fd_fdstat_set_flags(fd, APPEND), OK);
    is!(fd_fdstat_get(fd, result()), OK);
    is!(u16_at(result() + 2), APPEND);
    is!(write(fd, b"+"), OK);
    is!(holds(fd, b"start+"), true);
    is!(fd_fdstat_set_flags(fd, 0), OK);
    is!(fd_seek(fd, 0, 0, result()), OK);
    is!(write(fd, b"S"), OK);
    is!(holds(fd, b"Start+"), true);
    is!(fd_fdstat_set_flags(fd, 1 << 5), INVAL);
    is!(fd_fdstat_set_flags(ROOT, APPEND), BADF);
    is!(fd_fdstat_set_flags(NONE, APPEND), BADF);
}
