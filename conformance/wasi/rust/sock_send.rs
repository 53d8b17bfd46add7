//! What is no socket sends nothing.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let fd = file("file", b"");
    let list = list(&[(data(), 4)]);
    is!(sock_send(ROOT, list, 1, 0, result()), NOTSOCK);
    is!(sock_send(fd, list, 1, 0, result()), NOTSOCK);
    is!(sock_send(NONE, list, 1, 0, result()), BADF);
    is!(holds(fd, b""), true);
}
