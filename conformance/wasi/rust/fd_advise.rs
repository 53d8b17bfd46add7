//! Advice that is taken or left; what is none is refused.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let fd = file("advise", b"contents");
    for advice in 0..6 {
        is!(fd_advise(fd, 0, 8, advice), OK);
    }
    is!(fd_advise(fd, 1 << 40, 0, 0), OK);
    is!(fd_advise(fd, 0, 8, 6), INVAL);
    is!(fd_advise(fd, u64::MAX, 8, 0), INVAL);
    is!(fd_advise(fd, 0, u64::MAX, 0), INVAL);
    is!(fd_advise(ROOT, 0, 8, 0), BADF);
    is!(fd_advise(NONE, 0, 8, 0), BADF);
}
