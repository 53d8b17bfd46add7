//! What is known about what is at a path, or about the link there.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    file("file", b"contents");
    directory("d");
    is!(symlink("file", "link"), OK);
    let at = result();
    is!(look("file", 0), OK);
    is!(u8_at(at + 16), FILE_TYPE);
    is!(u64_at(at + 24), 1);
    is!(u64_at(at + 32), 8);
    let inode = u64_at(at + 8);
    is!(look("link", 1), OK);
    is!(u8_at(at + 16), FILE_TYPE);
    is!(u64_at(at + 8), inode);
    is!(look("link", 0), OK);
    is!(u8_at(at + 16), LINK_TYPE);
    is!(u64_at(at + 32), 4);
    is!(look("d", 0), OK);
    is!(u8_at(at + 16), DIR_TYPE);
    is!(look("d/../file", 0), OK);
    is!(look(".", 0), OK);
    is!(look("missing", 0), NOENT);
    is!(look("file/below", 0), NOTDIR);
    is!(look("file/", 0), NOTDIR);
    is!(symlink("loop", "loop"), OK);
    is!(look("loop", 1), LOOP);
    is!(look("loop", 0), OK);
    is!(look("file", 2), INVAL);
    odd_paths(|path, length| path_filestat_get(ROOT, 0, path, length, at));
    is!(path_filestat_get(ROOT, 0, ".".as_ptr() as u32, 1, end() - 63), FAULT);
    is!(path_filestat_get(NONE, 0, data(), 1, at), BADF);
}
