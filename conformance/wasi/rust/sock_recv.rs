//! What is no socket receives nothing.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let list = list(&[(data(), 4)]);
    is!(sock_recv(ROOT, list, 1, 0, result(), result() + 4), NOTSOCK);
    is!(sock_recv(file("file", b""), list, 1, 0, result(), result() + 4), NOTSOCK);
    is!(sock_recv(NONE, list, 1, 0, result(), result() + 4), BADF);
}
