#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

fn unlink(path: &str) -> u32 {
    path_unlink_file(ROOT, path.as_ptr() as u32, path.len() as u32)
}

fn remove(path: &str) -> u32 {
    path_remove_directory(ROOT, path.as_ptr() as u32, path.len() as u32)
}

fn create(path: &str) -> u32 {
    path_create_directory(ROOT, path.as_ptr() as u32, path.len() as u32)
}

fn rename(path: &str, new: &str) -> u32 {
    path_rename(ROOT, path.as_ptr() as u32, path.len() as u32, ROOT, new.as_ptr() as u32, new.len() as u32)
}

fn link(path: &str, new: &str) -> u32 {
    path_link(ROOT, 0, path.as_ptr() as u32, path.len() as u32, ROOT, new.as_ptr() as u32, new.len() as u32)
}

fn open_itself(path: &str) -> u32 {
    path_open(ROOT, 0, path.as_ptr() as u32, path.len() as u32, 0, READ, 0, 0, result())
}

// Slashes behind a name, dots, circles of links, and flags that contradict each other.
program! {
    directory("d");
    file("file", b"contents");
    is!(symlink("d", "to_d"), OK);
    is!(symlink("file", "to_file"), OK);
    is!(symlink("circle_2", "circle_1"), OK);
    is!(symlink("circle_1", "circle_2"), OK);
    is!(symlink("self/self", "self"), OK);
    // A slash behind a name: a directory, or none at all.
    is!(open(ROOT, "file/", 0, READ), NOTDIR);
    is!(open(ROOT, "to_file/", 0, READ), NOTDIR);
    is!(open(ROOT, "new/", CREATE, WRITE), ISDIR);
    is!(look("new", 0), NOENT);
    is!(look("file/", 0), NOTDIR);
    is!(look("d/", 0), OK);
    is!(look("d///", 0), OK);
    is!(look("to_d/", 0), OK);
    is!(u8_at(result() + 16), DIR_TYPE);
    is!(look("to_d", 0), OK);
    is!(u8_at(result() + 16), LINK_TYPE);
    is!(open_itself("to_d/"), OK);
    is!(unlink("file/"), NOTDIR);
    is!(unlink("to_d/"), NOTDIR);
    is!(remove("file/"), NOTDIR);
    is!(remove("to_d"), NOTDIR);
    is!(create("d/"), EXIST);
    is!(create("made/"), OK);
    is!(create("file/"), EXIST);
    is!(create("file"), EXIST);
    is!(rename("file/", "other"), NOTDIR);
    is!(rename("file", "other/"), NOTDIR);
    is!(rename("made/", "renamed/"), OK);
    is!(look("renamed", 0), OK);
    is!(remove("renamed/"), OK);
    is!(link("file", "linked/"), NOENT);
    is!(link("d", "linked"), PERM);
    // Dots.
    is!(look(".", 0), OK);
    is!(look("./././d/./.", 0), OK);
    is!(look("d/..", 0), OK);
    is!(look("..", 0), PERM);
    is!(look("d/../..", 0), PERM);
    is!(look("to_d/../..", 0), PERM);
    is!(look("missing/..", 0), NOENT);
    is!(look("file/..", 0) != OK, true);
    is!(look("file/.", 0) != OK, true);
    is!(remove("d/."), INVAL);
    is!(create("."), EXIST);
    is!(create("d/.."), EXIST);
    is!(unlink("."), ISDIR);
    is!(unlink("d"), ISDIR);
    is!(open(ROOT, ".", 0, READ), OK);
    is!(open(ROOT, ".", CREATE, 0), ISDIR);
    // Circles.
    is!(look("circle_1", 0), OK);
    is!(look("circle_1", 1), LOOP);
    is!(look("circle_1/x", 0), LOOP);
    is!(look("self/x", 0), LOOP);
    is!(open(ROOT, "circle_1", CREATE, WRITE), LOOP);
    is!(create("circle_1"), EXIST);
    is!(create("circle_1/x"), LOOP);
    is!(rename("circle_1", "circle_3"), OK);
    is!(look("circle_2", 1), NOENT);
    // Through a link to nowhere nothing is made with `exclusive`, and without it the file that it names.
    is!(symlink("d/target", "dangling"), OK);
    is!(open(ROOT, "dangling", CREATE | EXCLUSIVE, WRITE), EXIST);
    is!(look("d/target", 0), NOENT);
    is!(path_open(ROOT, 0, "dangling".as_ptr() as u32, 8, CREATE, WRITE, 0, 0, result()), LOOP);
    is!(open(ROOT, "dangling", CREATE, WRITE), OK);
    is!(look("d/target", 0), OK);
    // A directory is not made by opening it, and not emptied.
    is!(open(ROOT, "made_by_open", CREATE | DIRECTORY, 0), INVAL);
    is!(look("made_by_open", 0), NOENT);
    is!(open(ROOT, "d", CREATE | DIRECTORY, 0), INVAL);
    is!(open(ROOT, "d", TRUNCATE, READ), ISDIR);
    is!(open(ROOT, "d", TRUNCATE | DIRECTORY, WRITE), INVAL);
    is!(open(ROOT, "file", DIRECTORY | TRUNCATE, READ), INVAL);
    is!(open(ROOT, "file", DIRECTORY | EXCLUSIVE, READ), INVAL);
    is!(holds(opened("file", 0, READ | SEEK), b"contents"), true);
    // Offsets that no file has.
    let fd = opened("file", 0, FILE);
    is!(fd_pread(fd, list(&[(data(), 1)]), 1, u64::MAX, result()), INVAL);
    is!(fd_pread(fd, list(&[(data(), 1)]), 1, i64::MAX as u64 + 1, result()), INVAL);
    is!(fd_pwrite(fd, list(&[(data(), 1)]), 1, u64::MAX, result()), INVAL);
    is!(fd_seek(fd, -1, 0, result()), INVAL);
    is!(fd_seek(fd, i64::MIN, 1, result()), INVAL);
    is!(fd_filestat_set_size(fd, u64::MAX), FBIG);
    is!(fd_advise(fd, u64::MAX, 1, 0), INVAL);
    is!(fd_readdir(ROOT, data(), 100, u64::MAX, result()) != FAULT, true);
}
