//! What was written is on the device; a directory too.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let fd = file("sync", b"contents");
    is!(fd_datasync(fd), OK);
    is!(fd_datasync(ROOT), OK);
    is!(fd_datasync(NONE), BADF);
    fd_close(fd);
    is!(fd_datasync(fd), BADF);
}
