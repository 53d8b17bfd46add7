//! A link to whatever, which need not be there, but has no absolute path.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    file("file", b"contents");
    directory("d");
    is!(symlink("file", "link"), OK);
    is!(holds(opened("link", 0, READ | SEEK), b"contents"), true);
    is!(symlink("../file", "d/up"), OK);
    is!(holds(opened("d/up", 0, READ | SEEK), b"contents"), true);
    is!(symlink("nowhere", "dangling"), OK);
    is!(symlink("file", "link"), EXIST);
    is!(symlink("file", "d"), EXIST);
    is!(symlink("file", "missing/link"), NOENT);
    is!(symlink("/etc/passwd", "absolute"), PERM);
    is!(look("absolute", 0), NOENT);
    // It may say so; it does not lead there.
    is!(symlink("../../outside", "out"), OK);
    is!(look("out", 1), PERM);
    odd_paths(|path, length| path_symlink("x".as_ptr() as u32, 1, ROOT, path, length));
    is!(path_symlink(end(), 1, ROOT, "new".as_ptr() as u32, 3), FAULT);
    is!(path_symlink("x".as_ptr() as u32, 1, NONE, data(), 1), BADF);
}
