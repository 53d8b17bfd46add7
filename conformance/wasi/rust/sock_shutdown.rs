//! What is no socket cannot be shut down.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    is!(sock_shutdown(ROOT, 3), NOTSOCK);
    is!(sock_shutdown(file("file", b""), 3), NOTSOCK);
    is!(sock_shutdown(NONE, 3), BADF);
}
