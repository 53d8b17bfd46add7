//! A name is gone; the file stays while it is open.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let unlink = |path: &str| path_unlink_file(ROOT, path.as_ptr() as u32, path.len() as u32);
    let fd = file("file", b"contents");
    is!(unlink("file"), OK);
    is!(look("file", 0), NOENT);
    is!(holds(fd, b"contents"), true);
    is!(fd_filestat_get(fd, result()), OK);
    is!(u64_at(result() + 24), 0);
    is!(unlink("file"), NOENT);
    directory("d");
    is!(unlink("d"), ISDIR);
    file("other", b"");
    is!(unlink("other/"), NOTDIR);
    is!(symlink("other", "link"), OK);
    is!(unlink("link"), OK);
    is!(look("other", 0), OK);
    odd_paths(|path, length| path_unlink_file(ROOT, path, length));
    is!(path_unlink_file(NONE, data(), 1), BADF);
}
