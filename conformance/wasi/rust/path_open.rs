//! What is at a path, opened or made, as the flags say.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    directory("d");
    file("d/file", b"contents");
    is!(symlink("d/file", "link"), OK);
    is!(symlink("missing", "dangling"), OK);
    is!(symlink("../outside", "out"), OK);
    is!(open(ROOT, "d/file", 0, READ | SEEK), OK);
    is!(holds(u32_at(result()), b"contents"), true);
    is!(open(ROOT, "link", 0, READ | SEEK), OK);
    is!(holds(u32_at(result()), b"contents"), true);
    is!(open(ROOT, "d/./../d//file", 0, READ), OK);
    is!(path_open(ROOT, 0, "link".as_ptr() as u32, 4, 0, READ, 0, 0, result()), LOOP);
    is!(open(ROOT, "missing", 0, READ), NOENT);
    is!(open(ROOT, "dangling", 0, READ), NOENT);
    is!(open(ROOT, "out", 0, READ), PERM);
    is!(open(ROOT, "out", CREATE, WRITE), PERM);
    is!(open(ROOT, "d/file/below", 0, READ), NOTDIR);
    is!(open(ROOT, "d/file", DIRECTORY, 0), NOTDIR);
    is!(open(ROOT, "d/file", CREATE | EXCLUSIVE, WRITE), EXIST);
    is!(open(ROOT, "link", CREATE | EXCLUSIVE, WRITE), EXIST);
    is!(open(ROOT, "d", 0, WRITE), ISDIR);
    is!(open(ROOT, "d", DIRECTORY, BELOW), OK);
    let d = u32_at(result());
    is!(open(d, "file", 0, READ), OK);
    is!(open(d, "../d/file", 0, READ), PERM);
    is!(open(d, "..", DIRECTORY, 0), PERM);
    is!(open(ROOT, "new", CREATE | EXCLUSIVE, READ | WRITE), OK);
    is!(open(ROOT, "missing/new", CREATE, WRITE), NOENT);
    is!(open(ROOT, "d/file", TRUNCATE, WRITE), OK);
    is!(look("d/file", 0), OK);
    is!(u64_at(result() + 32), 0);
    is!(open(ROOT, "d", 16, READ), INVAL);
    is!(path_open(ROOT, 2, "d".as_ptr() as u32, 1, 0, 0, 0, 0, result()), INVAL);
    is!(path_open(ROOT, 0, "d".as_ptr() as u32, 1, 0, 0, 0, 32, result()), INVAL);
    odd_paths(|path, length| path_open(ROOT, 0, path, length, 0, READ, 0, 0, result()));
    // Nothing is made that there is no place for the number of.
    is!(path_open(ROOT, 0, "unmade".as_ptr() as u32, 6, CREATE, WRITE, 0, 0, end() - 3), FAULT);
    is!(look("unmade", 0), NOENT);
    is!(open(NONE, "d", 0, READ), BADF);
    is!(open(1, "d", 0, READ) != OK, true);
}
