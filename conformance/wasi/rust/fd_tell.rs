//! Where a descriptor stands.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let (fd, at) = (file("tell", b"0123456789"), result());
    is!(fd_tell(fd, at), OK);
    is!(u64_at(at), 0);
    is!(read(fd, 4), OK);
    is!(fd_tell(fd, at), OK);
    is!(u64_at(at), 4);
    is!(fd_tell(fd, end() - 7), FAULT);
    is!(fd_tell(ROOT, at), BADF);
    is!(fd_tell(NONE, at), BADF);
}
