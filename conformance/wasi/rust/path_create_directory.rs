//! A directory is made where there is nothing.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let make = |path: &str| path_create_directory(ROOT, path.as_ptr() as u32, path.len() as u32);
    is!(make("made"), OK);
    is!(look("made", 0), OK);
    is!(u8_at(result() + 16), DIR_TYPE);
    is!(make("made"), EXIST);
    is!(make("made/below"), OK);
    is!(make("missing/below"), NOENT);
    file("file", b"");
    is!(make("file"), EXIST);
    is!(make("file/below"), NOTDIR);
    is!(symlink("nowhere", "link"), OK);
    is!(make("link"), EXIST);
    odd_paths(|path, length| path_create_directory(ROOT, path, length));
    is!(path_create_directory(NONE, data(), 1), BADF);
    is!(path_create_directory(1, data(), 1) != OK, true);
}
