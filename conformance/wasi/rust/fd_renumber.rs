//! A descriptor under another number, which has to be open and is closed.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let (one, two) = (file("one", b"one"), file("two", b"two"));
    is!(fd_renumber(one, two), OK);
    is!(read(one, 1), BADF);
    is!(holds(two, b"one"), true);
    is!(fd_renumber(two, two), OK);
    is!(holds(two, b"one"), true);
    is!(fd_renumber(two, NONE), BADF);
    is!(fd_renumber(NONE, two), BADF);
    is!(holds(two, b"one"), true);
    is!(fd_renumber(two, 1), OK);
    is!(write(1, b"x"), OK);
    is!(holds(1, b"xne") || holds(1, b"onex"), true);
}
