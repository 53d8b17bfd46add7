//! Nothing changes beneath a directory that may only be read: descriptor 4, with a file and a directory in it. 3 is writable.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

const RO: u32 = 4;

program! {
    let two = |path: &str, fd: u32, new: &str, to: u32| {
        let (path, length, new, new_length) = (path.as_ptr() as u32, path.len() as u32, new.as_ptr() as u32, new.len() as u32);
        [path_link(fd, 0, path, length, to, new, new_length), path_rename(fd, path, length, to, new, new_length)]
    };
    file("own", b"own");
    is!(open(RO, "file", 0, READ | SEEK | 1 << 21), OK);
    let fd = u32_at(result());
    is!(holds(fd, b"contents"), true);
    for (flags, rights) in [
        (TRUNCATE, 0), (TRUNCATE, READ), (TRUNCATE, WRITE), (CREATE, WRITE), (CREATE | EXCLUSIVE, READ), (0, WRITE),
        (0, READ | WRITE),
    ] {
        for path in ["file", "new", "d/new"] {
            is!(open(RO, path, flags, rights) != OK, true);
        }
    }
    // What is there already is only opened, or refused.
    open(RO, "file", CREATE, READ);
    for (path, new) in [("file", "new"), ("file", "d/new"), ("d", "e")] {
        for errno in two(path, RO, new, RO).into_iter().chain(two(path, RO, new, ROOT)) {
            is!(errno != OK, true);
        }
    }
    for errno in two("own", ROOT, "new", RO).into_iter().chain(two("own", ROOT, "file", RO)) {
        is!(errno != OK, true);
    }
    for path in ["file", "d", "new"] {
        let (at, length) = (path.as_ptr() as u32, path.len() as u32);
        is!(path_create_directory(RO, at, length) != OK, true);
        is!(path_remove_directory(RO, at, length) != OK, true);
        is!(path_unlink_file(RO, at, length) != OK, true);
        is!(path_symlink("x".as_ptr() as u32, 1, RO, at, length) != OK, true);
        is!(path_filestat_set_times(RO, 0, at, length, 0, 5, 4) != OK, true);
    }
    is!(write(fd, b"x") != OK, true);
    is!(fd_pwrite(fd, list(&[(data(), 1)]), 1, 0, result()) != OK, true);
    is!(fd_filestat_set_size(fd, 0) != OK, true);
    is!(fd_allocate(fd, 0, 100) != OK, true);
    is!(fd_filestat_set_times(fd, 0, 5, 4) != OK, true);
    is!(fd_filestat_set_times(RO, 0, 5, 4) != OK, true);
    // Under another number, and through a directory below, it is no different.
    is!(open(RO, "d", DIRECTORY, BELOW), OK);
    let below = u32_at(result());
    is!(open(below, "new", CREATE, WRITE) != OK, true);
    is!(fd_renumber(below, ROOT), OK);
    is!(open(ROOT, "new", CREATE, WRITE) != OK, true);
    is!(holds(fd, b"contents"), true);
    is!(fd_filestat_get(fd, result()), OK);
    is!(u64_at(result() + 24), 1);
    is!(u64_at(result() + 48) != 5, true);
}
