//! An empty directory is gone; anything else stays.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let remove = |path: &str| path_remove_directory(ROOT, path.as_ptr() as u32, path.len() as u32);
    directory("d");
    directory("d/below");
    is!(remove("d"), NOTEMPTY);
    is!(remove("d/below"), OK);
    is!(remove("d/below"), NOENT);
    is!(remove("d/"), OK);
    is!(look("d", 0), NOENT);
    file("file", b"");
    is!(remove("file"), NOTDIR);
    directory("e");
    is!(symlink("e", "link"), OK);
    is!(remove("link"), NOTDIR);
    is!(remove("."), INVAL);
    odd_paths(|path, length| path_remove_directory(ROOT, path, length));
    is!(path_remove_directory(NONE, data(), 1), BADF);
}
