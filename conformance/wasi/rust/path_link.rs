//! A second name of a file, never of a directory.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let link = |path: &str, new: &str| {
        path_link(ROOT, 0, path.as_ptr() as u32, path.len() as u32, ROOT, new.as_ptr() as u32, new.len() as u32)
    };
    let fd = file("file", b"contents");
    directory("d");
    is!(link("file", "d/second"), OK);
    is!(look("d/second", 0), OK);
    is!(u64_at(result() + 24), 2);
    is!(holds(opened("d/second", 0, READ | SEEK), b"contents"), true);
    is!(write(fd, b"!"), OK);
    is!(holds(opened("d/second", 0, READ | SEEK), b"!ontents"), true);
    is!(link("file", "d/second"), EXIST);
    is!(link("missing", "new"), NOENT);
    is!(link("d", "new"), PERM);
    is!(link("file", "missing/new"), NOENT);
    is!(link("file", "new/"), NOENT);
    // A link is given a second name itself, dangling or not.
    is!(symlink("missing", "soft"), OK);
    is!(link("soft", "soft2"), OK);
    is!(look("soft2", 0), OK);
    is!(u8_at(result() + 16), LINK_TYPE);
    odd_paths(|path, length| path_link(ROOT, 0, path, length, ROOT, "new".as_ptr() as u32, 3));
    odd_paths(|path, length| path_link(ROOT, 0, "file".as_ptr() as u32, 4, ROOT, path, length));
    is!(path_link(NONE, 0, data(), 1, ROOT, data(), 1), BADF);
    is!(path_link(ROOT, 0, data(), 1, NONE, data(), 1), BADF);
}
