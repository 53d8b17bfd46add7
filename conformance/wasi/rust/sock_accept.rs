//! What is no socket accepts nothing.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    is!(sock_accept(ROOT, 0, result()), NOTSOCK);
    is!(sock_accept(file("file", b""), 0, result()), NOTSOCK);
    is!(sock_accept(NONE, 0, result()), BADF);
    is!(sock_accept(1, 1 << 5, result()) != OK, true);
}
