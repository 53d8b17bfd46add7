//! Another name, in place of what had it before.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let rename = |path: &str, new: &str| {
        path_rename(ROOT, path.as_ptr() as u32, path.len() as u32, ROOT, new.as_ptr() as u32, new.len() as u32)
    };
    file("one", b"one");
    file("two", b"two");
    directory("d");
    directory("full");
    file("full/file", b"");
    is!(rename("one", "three"), OK);
    is!(look("one", 0), NOENT);
    is!(rename("three", "two"), OK);
    is!(holds(opened("two", 0, READ | SEEK), b"one"), true);
    is!(rename("two", "d/four"), OK);
    is!(rename("d/four", "d/four"), OK);
    is!(look("d/four", 0), OK);
    is!(rename("missing", "new"), NOENT);
    is!(rename("d/four", "missing/new"), NOENT);
    is!(rename("d/four", "full"), ISDIR);
    is!(rename("full", "d/four"), NOTDIR);
    is!(rename("d", "full"), NOTEMPTY);
    is!(rename("d", "d/below"), INVAL);
    is!(rename("full", "moved"), OK);
    is!(look("moved/file", 0), OK);
    // A link is renamed itself.
    is!(symlink("nowhere", "link"), OK);
    is!(rename("link", "renamed"), OK);
    is!(look("renamed", 0), OK);
    is!(u8_at(result() + 16), LINK_TYPE);
    odd_paths(|path, length| path_rename(ROOT, path, length, ROOT, "new".as_ptr() as u32, 3));
    odd_paths(|path, length| path_rename(ROOT, "d/four".as_ptr() as u32, 6, ROOT, path, length));
    is!(path_rename(NONE, data(), 1, ROOT, data(), 1), BADF);
    is!(path_rename(ROOT, data(), 1, NONE, data(), 1), BADF);
}
