//! One test for each group of functions: what it does, and how it refuses.

use crate::guest::*;
use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use wrt_safety::Limits;
use wrt_wasi::memory::{Input, Output};
use wrt_wasi::{Exit, WasiP1, host};

/// The end of the guest's memory.
const END: i64 = (PAGES as i64) << 16;

fn nothing() -> Guest {
    Guest::new(WasiP1::builder().build().unwrap())
}

// @need-ids: REQ_WASI_001, REQ_WASI_003
#[test]
fn without_a_platform_and_anything_handed_over_everything_is_refused() {
    let mut guest = nothing();
    for clock in 0..4 {
        assert_eq!(guest.call("clock_time_get", &[clock, 0, RESULT]), NOTSUP);
        assert_eq!(guest.call("clock_res_get", &[clock, RESULT]), NOTSUP);
    }
    assert_eq!(guest.call("random_get", &[DATA, 8]), NOTSUP);
    for fd in [0, 1, 2, 3, 1 << 20, -1] {
        for (name, params) in FUNCTIONS {
            let on_descriptor = name.starts_with("fd_") || name.starts_with("sock_");
            if on_descriptor && !matches!(name, "fd_fdstat_set_flags" | "fd_advise") {
                let args: Vec<i64> = std::iter::once(fd).chain((1..params.len()).map(|_| 0)).collect();
                assert_eq!(guest.call(name, &args), BADF, "{name} {fd}");
            }
        }
        assert_eq!(guest.open(fd, "file", 0, READ), Err(BADF));
    }
    assert_eq!(guest.call("args_sizes_get", &[RESULT, RESULT + 4]), OK);
    assert_eq!((guest.u32_at(RESULT), guest.u32_at(RESULT + 4)), (0, 0));
}

// @need-ids: REQ_WASI_001
#[test]
fn arguments_and_environment_are_those_of_the_host() {
    let mut builder = WasiP1::builder();
    builder.arg("guest").unwrap().arg("a b").unwrap().arg("").unwrap();
    builder.env("A", "1").unwrap().env("B", "x=y").unwrap();
    assert!(builder.arg("a\0b").is_err());
    let mut guest = Guest::new(builder.build().unwrap());
    for (get, sizes, expected) in
        [("args_get", "args_sizes_get", &b"guest\0a b\0\0"[..]), ("environ_get", "environ_sizes_get", b"A=1\0B=x=y\0")]
    {
        assert_eq!(guest.call(sizes, &[RESULT, RESULT + 4]), OK);
        let (count, size) = (guest.u32_at(RESULT), guest.u32_at(RESULT + 4));
        assert_eq!(size as usize, expected.len());
        assert_eq!(guest.call(get, &[LIST, DATA]), OK);
        assert_eq!(guest.bytes(DATA, size as usize), expected);
        let texts = expected.split_inclusive(|byte| *byte == 0);
        let starts = texts.scan(DATA as u32, |at, text| Some(std::mem::replace(at, *at + text.len() as u32)));
        let pointers: Vec<u32> = (0..count).map(|index| guest.u32_at(LIST + i64::from(index) * 4)).collect();
        assert_eq!(pointers, starts.collect::<Vec<_>>());
        // The last place where they fit, and one further.
        assert_eq!(guest.call(get, &[LIST, END - i64::from(size)]), OK);
        assert_eq!(guest.call(get, &[LIST, END - i64::from(size) + 1]), FAULT);
        assert_eq!(guest.call(get, &[END - i64::from(count) * 4 + 1, DATA]), FAULT);
        assert_eq!(guest.call(sizes, &[END - 3, RESULT]), FAULT);
        assert_eq!(guest.call(sizes, &[RESULT, -1]), FAULT);
    }
}

// @need-ids: REQ_WASI_001
#[test]
fn clocks_tell_the_time_and_random_bytes_differ() {
    let folder = Folder::new("clocks");
    let mut guest = Guest::in_directory(folder.path(), true);
    for clock in 0..4 {
        assert_eq!(guest.call("clock_res_get", &[clock, RESULT]), OK);
        assert!(guest.u64_at(RESULT) > 0);
        assert_eq!(guest.call("clock_time_get", &[clock, 0, RESULT]), OK);
        let first = guest.u64_at(RESULT);
        assert_eq!(guest.call("clock_time_get", &[clock, 0, RESULT]), OK);
        assert!(clock == 0 || guest.u64_at(RESULT) >= first, "clock {clock} went back");
    }
    assert_eq!(guest.call("clock_time_get", &[0, 0, RESULT]), OK);
    assert!(guest.u64_at(RESULT) > 1_700_000_000_000_000_000);
    for clock in [4, -1] {
        assert_eq!(guest.call("clock_time_get", &[clock, 0, RESULT]), INVAL);
        assert_eq!(guest.call("clock_res_get", &[clock, RESULT]), INVAL);
    }
    assert_eq!(guest.call("clock_time_get", &[0, 0, END - 7]), FAULT);
    assert_eq!(guest.call("random_get", &[DATA, 32]), OK);
    let first = guest.bytes(DATA, 32);
    assert_eq!(guest.call("random_get", &[DATA, 32]), OK);
    assert_ne!(guest.bytes(DATA, 32), first);
    assert_eq!(guest.call("random_get", &[0, END]), OK);
    assert_eq!(guest.call("random_get", &[END, 0]), OK);
    assert_eq!(guest.call("random_get", &[END, 1]), FAULT);
    assert_eq!(guest.call("random_get", &[1, -1]), INVAL, "more than may be copied");
    assert_eq!(guest.call("sched_yield", &[]), OK);
    assert_eq!((guest.call("proc_raise", &[0]), guest.call("proc_raise", &[6])), (OK, NOTSUP));
}

// @need-ids: REQ_WASI_001
#[test]
fn proc_exit_ends_the_call_with_the_status() {
    for status in [0, 1, 127, -1] {
        let error = nothing().try_call("proc_exit", &[status]).unwrap_err();
        assert_eq!(error.downcast_ref::<Exit>(), Some(&Exit(status as u32)));
    }
}

// @need-ids: REQ_WASI_001
#[test]
fn streams_in_memory_are_read_and_written() {
    let (out, err) = (Output::new(10), Output::new(100));
    let mut builder = WasiP1::builder();
    builder.stdin(Input::new(*b"hello")).stdout(out.clone()).stderr(err.clone());
    let mut guest = Guest::new(builder.build().unwrap());
    assert_eq!(guest.read(0, 3).unwrap(), b"hel");
    assert_eq!(guest.read(0, 9).unwrap(), b"lo");
    assert_eq!(guest.read(0, 9).unwrap(), b"");
    assert_eq!(guest.write(0, b"x"), Err(BADF));
    assert_eq!(guest.read(1, 1), Err(BADF));
    assert_eq!(guest.write(2, b"error"), Ok(5));
    assert_eq!(guest.write(1, b"12345678"), Ok(8));
    assert_eq!(guest.write(1, b"12345678"), Ok(2), "what there is room for");
    assert_eq!(guest.write(1, b"x"), Err(51), "no space");
    assert_eq!((out.contents(), err.contents()), (b"1234567812".to_vec(), b"error".to_vec()));
    assert_eq!(guest.call("fd_seek", &[1, 0, 0, RESULT]), SPIPE);
    assert_eq!(guest.close(1), OK);
    assert_eq!(guest.write(1, b"x"), Err(BADF));
}

// @need-ids: REQ_WASI_001
#[test]
fn files_are_read_written_sought_and_resized() {
    let folder = Folder::new("files");
    let mut guest = Guest::in_directory(folder.path(), true);
    let fd = guest.open(3, "file", CREATE | EXCLUSIVE, ALL).unwrap();
    assert_eq!(guest.open(3, "file", CREATE | EXCLUSIVE, ALL), Err(EXIST));
    assert_eq!(guest.write(fd, b"0123456789"), Ok(10));
    for (offset, whence, expected) in [(2, 0, 2), (3, 1, 5), (-1, 2, 9), (0, 1, 9), (100, 0, 100)] {
        assert_eq!(guest.call("fd_seek", &[fd, offset, whence, RESULT]), OK);
        assert_eq!(guest.u64_at(RESULT), expected);
    }
    assert_eq!(guest.call("fd_tell", &[fd, RESULT]), OK);
    assert_eq!(guest.u64_at(RESULT), 100);
    for (offset, whence) in [(-1, 0), (-200, 1), (0, 3), (i64::MIN, 2)] {
        assert_eq!(guest.call("fd_seek", &[fd, offset, whence, RESULT]), INVAL, "{offset} {whence}");
    }
    guest.list(&[(DATA as u32, 3), (DATA as u32 + 10, 2)]);
    assert_eq!(guest.call("fd_pread", &[fd, LIST, 2, 4, RESULT]), OK);
    assert_eq!(
        (guest.u32_at(RESULT), guest.bytes(DATA, 3), guest.bytes(DATA + 10, 2)),
        (5, b"456".into(), b"78".into())
    );
    assert_eq!(guest.call("fd_pwrite", &[fd, LIST, 2, 0, RESULT]), OK);
    assert_eq!(fs::read(folder.join("file")).unwrap(), b"4567856789");
    assert_eq!(guest.call("fd_pread", &[fd, LIST, 1, -1, RESULT]), INVAL);
    assert_eq!(guest.call("fd_filestat_set_size", &[fd, 4]), OK);
    assert_eq!(guest.call("fd_allocate", &[fd, 2, 10]), OK);
    assert_eq!(fs::read(folder.join("file")).unwrap(), b"4567\0\0\0\0\0\0\0\0");
    assert_eq!(guest.call("fd_allocate", &[fd, 0, 0]), INVAL);
    assert_eq!(guest.call("fd_allocate", &[fd, -1, -1]), 22, "too big");
    assert_eq!(guest.call("fd_filestat_set_size", &[fd, -1]), 22, "too big");
    assert_eq!(guest.call("fd_advise", &[fd, 0, 0, 2]), OK);
    assert_eq!(guest.call("fd_advise", &[fd, 0, 0, 6]), INVAL);
    assert_eq!((guest.call("fd_sync", &[fd]), guest.call("fd_datasync", &[fd])), (OK, OK));
    assert_eq!(guest.call("fd_filestat_set_times", &[fd, 5_000_000_007, 9, 1 | 4]), OK);
    assert_eq!(guest.call("fd_filestat_get", &[fd, RESULT]), OK);
    assert_eq!(
        (guest.u64_at(RESULT + 32), guest.u64_at(RESULT + 40), guest.u64_at(RESULT + 48)),
        (12, 5_000_000_007, 9)
    );
    assert_eq!(guest.bytes(RESULT + 16, 1), [4], "a regular file");
    assert_eq!(guest.call("fd_filestat_set_times", &[fd, 0, 0, 3]), INVAL);
    assert_eq!(guest.call("fd_filestat_set_times", &[fd, 0, 0, 16]), INVAL);
    assert_eq!(guest.open(3, "file", TRUNCATE, WRITE).map(|fd| guest.close(fd)), Ok(OK));
    assert_eq!(fs::metadata(folder.join("file")).unwrap().len(), 0);
}

// @need-ids: REQ_WASI_001
#[test]
fn flags_of_descriptors_are_told_and_set() {
    let folder = Folder::new("flags");
    let mut guest = Guest::in_directory(folder.path(), true);
    let fd = guest.open(3, "file", CREATE, ALL).unwrap();
    assert_eq!(guest.write(fd, b"abc"), Ok(3));
    assert_eq!(guest.call("fd_fdstat_set_flags", &[fd, 1]), OK);
    assert_eq!(guest.call("fd_fdstat_get", &[fd, RESULT]), OK);
    assert_eq!(guest.bytes(RESULT, 4), [4, 0, 1, 0]);
    assert_eq!(guest.call("fd_seek", &[fd, 0, 0, RESULT]), OK);
    assert_eq!(guest.write(fd, b"d"), Ok(1));
    assert_eq!(fs::read(folder.join("file")).unwrap(), b"abcd", "appended");
    assert_eq!(guest.call("fd_fdstat_set_flags", &[fd, 16]), INVAL, "cannot be set later");
    assert_eq!(guest.call("fd_fdstat_set_flags", &[fd, 32]), INVAL, "no such flag");
    assert_eq!(guest.call("fd_fdstat_set_flags", &[3, 1]), BADF, "a directory");
}

// @need-ids: REQ_WASI_001
#[test]
fn directories_are_listed_whole_however_small_the_buffer() {
    let folder = Folder::new("listing");
    for number in 0..300 {
        fs::write(folder.join(&format!("file-{number:03}")), "").unwrap();
    }
    let mut guest = Guest::in_directory(folder.path(), true);
    for buffer in [40, 64, 100, 4_096] {
        let (mut names, mut cookie) = (Vec::new(), 0);
        loop {
            assert_eq!(guest.call("fd_readdir", &[3, DATA, buffer, cookie, RESULT]), OK);
            let used = i64::from(guest.u32_at(RESULT));
            let mut at = 0;
            while at + 24 <= used {
                let length = i64::from(guest.u32_at(DATA + at + 16));
                if at + 24 + length > used {
                    break;
                }
                cookie = guest.u64_at(DATA + at) as i64;
                names.push(String::from_utf8(guest.bytes(DATA + at + 24, length as usize)).unwrap());
                at += 24 + length;
            }
            assert!(at > 0 || used < buffer, "a buffer of {buffer} bytes holds no entry");
            if used < buffer {
                break;
            }
        }
        names.sort();
        let files = (0..300).map(|number| format!("file-{number:03}"));
        let expected: Vec<String> = [".".into(), "..".into()].into_iter().chain(files).collect();
        assert_eq!(names, expected, "a buffer of {buffer} bytes");
    }
    assert_eq!(guest.call("fd_readdir", &[3, END - 8, 9, 0, RESULT]), FAULT);
    assert_eq!(guest.call("fd_readdir", &[3, DATA, 100, 0, END - 3]), FAULT);
    let file = guest.open(3, "file-000", 0, ALL & !WRITE).unwrap();
    assert_eq!(guest.call("fd_readdir", &[file, DATA, 100, 0, RESULT]), NOTDIR);
}

// @need-ids: REQ_WASI_001
#[test]
fn names_are_made_looked_at_renamed_and_removed() {
    let folder = Folder::new("names");
    let mut guest = Guest::in_directory(folder.path(), true);
    assert_eq!(guest.on_path("path_create_directory", 3, &[], b"d", &[]), OK);
    assert_eq!(guest.on_path("path_create_directory", 3, &[], b"d", &[]), EXIST);
    assert_eq!(guest.open(3, "d/file", CREATE, WRITE).map(|fd| guest.write(fd, b"abc")), Ok(Ok(3)));
    assert_eq!(guest.on_path("path_remove_directory", 3, &[], b"d", &[]), NOTEMPTY);
    assert_eq!(guest.on_paths("path_link", (3, "d/file"), (3, "hard")), OK);
    assert_eq!(guest.on_path("path_filestat_get", 3, &[0], b"hard", &[RESULT]), OK);
    assert_eq!((guest.u64_at(RESULT + 24), guest.u64_at(RESULT + 32)), (2, 3), "links and size");
    assert_eq!(guest.symlink("d/file", 3, "soft"), OK);
    assert_eq!(guest.on_path("path_readlink", 3, &[], b"soft", &[DATA, 4, RESULT]), OK);
    assert_eq!((guest.u32_at(RESULT), guest.bytes(DATA, 4)), (4, b"d/fi".into()), "cut to the buffer");
    assert_eq!(guest.on_path("path_readlink", 3, &[], b"hard", &[DATA, 4, RESULT]), INVAL);
    assert_eq!(guest.on_path("path_filestat_get", 3, &[0], b"soft", &[RESULT]), OK);
    assert_eq!(guest.bytes(RESULT + 16, 1), [7], "the link itself");
    assert_eq!(guest.on_path("path_filestat_set_times", 3, &[1], b"soft", &[0, 7, 4]), OK);
    assert_eq!(guest.on_path("path_filestat_get", 3, &[1], b"soft", &[RESULT]), OK);
    assert_eq!((guest.bytes(RESULT + 16, 1), guest.u64_at(RESULT + 48)), (vec![4], 7), "what it leads to");
    assert_eq!(guest.open_with(3, 0, b"soft", 0, READ, 0), Err(LOOP));
    assert!(guest.open_with(3, 1, b"soft", 0, READ, 0).is_ok());
    assert_eq!(guest.on_paths("path_rename", (3, "d/file"), (3, "moved")), OK);
    assert_eq!(guest.on_path("path_unlink_file", 3, &[], b"d", &[]), ISDIR);
    assert_eq!(guest.on_path("path_remove_directory", 3, &[], b"d", &[]), OK);
    assert_eq!(guest.on_path("path_remove_directory", 3, &[], b"moved", &[]), NOTDIR);
    for name in [&b"moved"[..], b"hard", b"soft"] {
        assert_eq!(guest.on_path("path_unlink_file", 3, &[], name, &[]), OK);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let gone = guest.open(3, "gone", 0, READ);
    assert_eq!((gone, guest.on_path("path_unlink_file", 3, &[], b"gone", &[])), (Err(NOENT), NOENT));
}

// @need-ids: REQ_WASI_002
#[test]
fn paths_that_are_none_are_refused() {
    let folder = Folder::new("odd");
    let mut guest = Guest::in_directory(folder.path(), true);
    let long = [b'a'; 4_097];
    for (path, expected) in [
        (&b""[..], NOENT),
        (b"a\0b", INVAL),
        (b"\0", INVAL),
        (b"\xff", ILSEQ),
        (b"a\xc3", ILSEQ),
        (b"/", PERM),
        (&long[..], NAMETOOLONG),
        (&long[..300], NAMETOOLONG),
    ] {
        assert_eq!(guest.open_with(3, 0, path, CREATE, WRITE, 0), Err(expected), "{path:?}");
        for name in ["path_create_directory", "path_remove_directory", "path_unlink_file"] {
            assert_eq!(guest.on_path(name, 3, &[], path, &[]), expected, "{name} {path:?}");
        }
    }
    for (at, length) in [(END - 3, 4), (END, 1), (-1, 1), (0, -1)] {
        assert_eq!(guest.call("path_create_directory", &[3, at, length]), FAULT, "{at} {length}");
    }
    assert_eq!(guest.open_with(3, 2, b"a", 0, READ, 0), Err(INVAL), "no such lookup flag");
    assert_eq!(guest.open(3, "a", 16, READ), Err(INVAL), "no such flag");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    // There is no place for the number, so nothing is made.
    guest.put(PATH, b"new");
    assert_eq!(guest.call("path_open", &[3, 0, PATH, 3, CREATE, WRITE, 0, 0, END - 3]), FAULT);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(guest.store.data().descriptors(), 1);
}

// @need-ids: REQ_WASI_002
#[test]
fn lists_of_buffers_are_bounded_and_checked() {
    let folder = Folder::new("buffers");
    let (mut builder, out) = (WasiP1::builder(), Output::new(1 << 20));
    builder.limits(&Limits { max_host_copy_bytes: 1_000, ..Limits::DEFAULT }).platform(host::HostPlatform);
    builder.stdout(out.clone());
    give(&mut builder, "/", folder.path(), true);
    let mut guest = Guest::new(builder.build().unwrap());
    let fd = guest.open(3, "file", CREATE, ALL).unwrap();
    let (start, end) = (DATA as u32, END as u32);
    // Cut to what one call may copy.
    guest.list(&[(start, 700), (start, 700)]);
    for fd in [fd, 1] {
        assert_eq!(guest.call("fd_write", &[fd, LIST, 2, RESULT]), OK);
        assert_eq!(guest.u32_at(RESULT), 1_000);
    }
    // Buffers that overlap each other, the list, and the result.
    guest.list(&[(start, 8), (start + 4, 8), (LIST as u32, 8), (RESULT as u32, 4)]);
    assert_eq!(guest.call("fd_pread", &[fd, LIST, 4, 0, RESULT]), OK);
    assert_eq!(guest.u32_at(RESULT), 28);
    // At the edge, and over it.
    for (buffer, expected) in [
        ((end - 8, 8), OK),
        ((end, 0), OK),
        ((u32::MAX, 0), OK),
        ((end - 8, 9), FAULT),
        ((u32::MAX, 2), FAULT),
        ((0, u32::MAX), FAULT),
    ] {
        guest.list(&[buffer]);
        for name in ["fd_write", "fd_read"] {
            assert_eq!(guest.call(name, &[fd, LIST, 1, RESULT]), expected, "{name} {buffer:?}");
        }
    }
    for (list, count) in [(END - 7, 1), (END, 1), (-8, 1), (LIST, -1), (0, 1 << 29), (LIST, 1 << 20)] {
        assert_eq!(guest.call("fd_write", &[fd, list, count, RESULT]), FAULT, "{list} {count}");
    }
    guest.list(&[(start, 1)]);
    assert_eq!(guest.call("fd_write", &[fd, LIST, 1, END - 3]), FAULT, "no place for the result");
    assert_eq!(guest.call("fd_write", &[fd, LIST, 0, RESULT]), OK, "no buffers");
    // More than are looked at: a short write.
    let many: Vec<(u32, u32)> = vec![(start, 1); 2_000];
    guest.list(&many);
    for fd in [fd, 1] {
        assert_eq!(guest.call("fd_write", &[fd, LIST, 2_000, RESULT]), OK);
        assert_eq!(guest.u32_at(RESULT), 1_000);
    }
}

/// Results that lie over each other, over the path, or over what is read: each is written whole, the last stays.
// @need-ids: REQ_WASI_002
#[test]
fn places_that_overlap_are_written_one_after_the_other() {
    let folder = Folder::new("overlap");
    let mut builder = WasiP1::builder();
    builder.arg("guest").unwrap().platform(host::HostPlatform);
    give(&mut builder, "/", folder.path(), true);
    let mut guest = Guest::new(builder.build().unwrap());
    assert_eq!(guest.call("args_sizes_get", &[RESULT, RESULT]), OK);
    assert_eq!(guest.u32_at(RESULT), 6, "the size, which is the second");
    assert_eq!(guest.call("args_get", &[DATA, DATA]), OK);
    assert_eq!((guest.u32_at(DATA), guest.bytes(DATA + 4, 2)), (DATA as u32, b"t\0".into()));
    // The number of a new descriptor over its path, and a link's contents over its name.
    guest.put(PATH, b"file");
    assert_eq!(guest.call("path_open", &[3, 0, PATH, 4, CREATE, ALL, 0, 0, PATH]), OK);
    assert_eq!(guest.u32_at(PATH), 4);
    assert_eq!(guest.symlink("contents", 3, "link"), OK);
    guest.put(PATH, b"link....");
    assert_eq!(guest.call("path_readlink", &[3, PATH, 4, PATH, 8, PATH + 2]), OK);
    assert_eq!(guest.bytes(PATH, 8), b"co\x08\0\0\0ts");
    // A name and its new name in the same place: nothing to do.
    guest.put(PATH, b"file");
    assert_eq!(guest.call("path_rename", &[3, PATH, 4, 3, PATH, 4]), OK);
    assert_eq!(guest.call("path_link", &[3, 0, PATH, 4, 3, PATH, 4]), EXIST);
    // What is read goes over the list that says where to, and its length over that.
    assert_eq!(guest.write(4, &[7; 64]), Ok(64));
    guest.list(&[(LIST as u32, 64)]);
    assert_eq!(guest.call("fd_pread", &[4, LIST, 1, 0, LIST + 4]), OK);
    assert_eq!(guest.bytes(LIST, 12), [7, 7, 7, 7, 64, 0, 0, 0, 7, 7, 7, 7]);
    assert_eq!(guest.call("fd_readdir", &[3, DATA, 100, 0, DATA]), OK);
    assert!(guest.u32_at(DATA) > 24);
}

// @need-ids: REQ_WASI_002
#[test]
fn descriptors_are_bounded_also_by_the_hundred_thousand() {
    let folder = Folder::new("many");
    fs::write(folder.join("file"), "").unwrap();
    let mut builder = WasiP1::builder();
    builder.limits(&Limits { max_descriptors: 200, ..Limits::DEFAULT }).platform(host::HostPlatform);
    give(&mut builder, "/", folder.path(), true);
    let mut guest = Guest::new(builder.build().unwrap());
    let mut last = 0;
    for number in 0..100_000 {
        match guest.open(3, "file", 0, READ) {
            Ok(fd) => last = fd,
            Err(errno) => assert_eq!((errno, number >= 199), (MFILE, true)),
        }
    }
    assert_eq!((guest.store.data().descriptors(), last), (200, 202));
    assert_eq!(guest.open(3, "new", CREATE, WRITE), Err(MFILE));
    assert!(!folder.join("new").exists(), "nothing is made that there is no number for");
    assert_eq!(guest.close(100), OK);
    assert_eq!(guest.open(3, "file", 0, READ), Ok(100), "the lowest that is free");
}

/// A subscription to a clock, or to a descriptor.
fn clock(userdata: u64, id: u32, timeout: u64, flags: u16) -> Vec<u8> {
    let mut bytes = [userdata.to_le_bytes(), [0; 8]].concat();
    bytes.extend(
        [&id.to_le_bytes()[..], &[0; 4], &timeout.to_le_bytes(), &[0; 8], &flags.to_le_bytes(), &[0; 6]].concat(),
    );
    bytes
}

fn descriptor(userdata: u64, tag: u8, fd: u32) -> Vec<u8> {
    let mut bytes = [userdata.to_le_bytes(), [tag, 0, 0, 0, 0, 0, 0, 0]].concat();
    bytes.extend(fd.to_le_bytes());
    bytes.resize(48, 0);
    bytes
}

/// What came of subscriptions: their userdata, error and type.
fn poll(guest: &mut Guest, subscriptions: &[Vec<u8>]) -> Result<Vec<(u64, u16, u8)>, u32> {
    guest.put(DATA, &subscriptions.concat());
    // Events overwrite the subscriptions on purpose.
    match guest.call("poll_oneoff", &[DATA, DATA, subscriptions.len() as i64, RESULT]) {
        OK => Ok((0..i64::from(guest.u32_at(RESULT)))
            .map(|index| {
                let event = guest.bytes(DATA + index * 32, 32);
                let userdata = u64::from_le_bytes(event[..8].try_into().unwrap());
                (userdata, u16::from_le_bytes([event[8], event[9]]), event[10])
            })
            .collect()),
        errno => Err(errno),
    }
}

// @need-ids: REQ_WASI_001, REQ_WASI_002
#[test]
fn polling_tells_what_is_ready_what_is_over_and_what_is_wrong() {
    let folder = Folder::new("poll");
    let mut builder = WasiP1::builder();
    builder.platform(host::HostPlatform).stdin(Input::new(*b"x")).stdout(Output::new(9));
    give(&mut builder, "/", folder.path(), true);
    let mut guest = Guest::new(builder.build().unwrap());
    let file = guest.open(3, "file", CREATE, ALL).unwrap() as u32;
    assert_eq!(poll(&mut guest, &[clock(7, 1, 1_000_000, 0)]), Ok(vec![(7, 0, 0)]));
    assert_eq!(poll(&mut guest, &[clock(7, 0, 5, 1)]), Ok(vec![(7, 0, 0)]), "long ago");
    assert_eq!(poll(&mut guest, &[clock(1, 1, u64::MAX, 0), clock(2, 1, 9, 0)]), Ok(vec![(2, 0, 0)]), "the first");
    assert_eq!(poll(&mut guest, &[clock(1, 9, 9, 0)]), Ok(vec![(1, INVAL as u16, 0)]), "no such clock");
    let waits = [clock(1, 1, u64::MAX, 0), descriptor(2, 1, 0), descriptor(3, 2, 1), descriptor(4, 2, file)];
    assert_eq!(poll(&mut guest, &waits), Ok(vec![(2, 0, 1), (3, 0, 2), (4, 0, 2)]));
    let wrong = [descriptor(1, 1, 99), descriptor(2, 1, 3), clock(3, 1, u64::MAX, 0)];
    assert_eq!(poll(&mut guest, &wrong), Ok(vec![(1, BADF as u16, 1), (2, BADF as u16, 1)]));
    assert_eq!(poll(&mut guest, &[descriptor(1, 3, 0)]), Err(INVAL), "no such type");
    assert_eq!(poll(&mut guest, &[]), Err(INVAL));
    for (subscriptions, count) in [(DATA, 4_097), (DATA, -1), (END - 47, 1), (-1, 1)] {
        let errno = guest.call("poll_oneoff", &[subscriptions, DATA, count, RESULT]);
        assert!(matches!(errno, INVAL | FAULT), "{subscriptions} {count}: {errno}");
    }
    assert_eq!(guest.call("poll_oneoff", &[DATA, END - 31, 1, RESULT]), FAULT);
}

// @need-ids: REQ_WASI_001, REQ_WASI_003
#[test]
fn sockets_that_were_handed_over_accept_send_and_receive() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let mut builder = WasiP1::builder();
    builder.platform(host::HostPlatform).stdin(Input::new(*b""));
    builder.socket(host::socket(OwnedFd::from(listener)).unwrap());
    let mut guest = Guest::new(builder.build().unwrap());
    assert_eq!(guest.call("sock_accept", &[3, 1, RESULT]), INVAL, "only nonblock");
    assert_eq!(guest.call("sock_accept", &[3, 0, RESULT]), OK);
    let fd = i64::from(guest.u32_at(RESULT));
    assert_eq!(fd, 4);
    peer.write_all(b"hello").unwrap();
    guest.list(&[(DATA as u32, 5)]);
    for flags in [1, 2] {
        guest.put(DATA, b".....");
        assert_eq!(
            guest.call("sock_recv", &[fd, LIST, 1, flags, RESULT, RESULT + 4]),
            OK,
            "peek, and then wait for all"
        );
        assert_eq!((guest.u32_at(RESULT), guest.bytes(DATA, 5)), (5, b"hello".into()));
    }
    assert_eq!(guest.call("sock_send", &[fd, LIST, 1, 0, RESULT]), OK);
    assert_eq!(guest.u32_at(RESULT), 5);
    assert_eq!(guest.call("sock_send", &[fd, LIST, 1, 1, RESULT]), INVAL);
    assert_eq!(guest.call("sock_recv", &[fd, LIST, 1, 4, RESULT, RESULT + 4]), INVAL);
    assert_eq!(guest.call("sock_shutdown", &[fd, 0]), INVAL);
    assert_eq!(guest.call("sock_shutdown", &[fd, 2]), OK);
    let mut all = Vec::new();
    std::io::Read::read_to_end(&mut peer, &mut all).unwrap();
    assert_eq!(all, b"hello");
    assert_eq!(guest.call("sock_shutdown", &[0, 1]), NOTSOCK);
    assert_eq!(guest.call("sock_shutdown", &[99, 1]), BADF);
}

// @need-ids: REQ_WASI_001
#[test]
fn directories_that_were_handed_over_have_names() {
    let folder = Folder::new("preopen");
    let mut guest = Guest::in_directory(folder.path(), true);
    assert_eq!(guest.call("fd_prestat_get", &[3, RESULT]), OK);
    assert_eq!((guest.u32_at(RESULT), guest.u32_at(RESULT + 4)), (0, 1));
    assert_eq!(guest.call("fd_prestat_dir_name", &[3, DATA, 1]), OK);
    assert_eq!(guest.bytes(DATA, 1), b"/");
    assert_eq!(guest.call("fd_prestat_dir_name", &[3, DATA, 0]), NAMETOOLONG);
    assert_eq!(guest.call("fd_prestat_dir_name", &[3, END, 1]), FAULT);
    let below = guest.open(3, ".", DIRECTORY, 0).unwrap();
    assert_eq!(guest.call("fd_prestat_get", &[below, RESULT]), BADF);
    let _shared: Arc<dyn wrt_wasi::platform::Directory> = host::directory(folder.path()).unwrap();
    assert!(host::directory(&folder.join("gone")).is_err());
}
