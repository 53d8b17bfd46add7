//! What was written is on the device; a directory too.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let fd = file("sync", b"contents");
    is!(fd_sync(fd), OK);
    is!(fd_sync(ROOT), OK);
    is!(fd_sync(NONE), BADF);
    fd_close(fd);
    is!(fd_sync(fd), BADF);
}
