//! Times are set, left, or now.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let (fd, at) = (file("set_times", b""), result());
    is!(fd_filestat_set_times(fd, 1_000_000_007, 2_000_000_009, 1 | 4), OK);
    is!(fd_filestat_get(fd, at), OK);
    is!(u64_at(at + 40), 1_000_000_007);
    is!(u64_at(at + 48), 2_000_000_009);
    is!(fd_filestat_set_times(fd, 5, 5, 2), OK);
    is!(fd_filestat_get(fd, at), OK);
    is!(u64_at(at + 40) > 1_700_000_000_000_000_000, true);
    is!(u64_at(at + 48), 2_000_000_009);
    is!(fd_filestat_set_times(fd, 5, 5, 0), OK);
    is!(fd_filestat_get(fd, at), OK);
    is!(u64_at(at + 48), 2_000_000_009);
    is!(fd_filestat_set_times(fd, 0, 0, 1 | 2), INVAL);
    is!(fd_filestat_set_times(fd, 0, 0, 4 | 8), INVAL);
    is!(fd_filestat_set_times(fd, 0, 0, 16), INVAL);
    is!(fd_filestat_set_times(NONE, 0, 0, 1), BADF);
}
