//! Ways out of a directory, and ways round its being read-only, that runtimes had; none may be one here.

use crate::guest::*;
use rustix::fs::RenameFlags;
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};
use wrt_wasi::{WasiP1, host};

/// A folder with `inside/` to hand over and `secret` beside it.
fn secret_beside() -> Folder {
    let folder = Folder::new("sandbox");
    fs::create_dir(folder.join("inside")).unwrap();
    fs::write(folder.join("secret"), "secret").unwrap();
    fs::create_dir(folder.join("outside")).unwrap();
    fs::write(folder.join("outside/file"), "secret").unwrap();
    folder
}

/// What must look as before, whatever the guest did.
fn assert_untouched(folder: &Folder) {
    assert_eq!(fs::read_to_string(folder.join("secret")).unwrap(), "secret");
    assert_eq!(fs::read_to_string(folder.join("outside/file")).unwrap(), "secret");
    assert_eq!(fs::read_dir(folder.join("outside")).unwrap().count(), 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

/// Tries every function that takes a path on one that leads outside. `link` says whether its last component is a link, which
/// those that name something do not follow.
fn all_refused(guest: &mut Guest, path: &str, link: bool) {
    let bytes = path.as_bytes();
    for (flags, rights) in [(0, READ), (0, WRITE), (CREATE, WRITE), (TRUNCATE, WRITE), (DIRECTORY, 0), (0, 0)] {
        let opened = guest.open(3, path, flags, rights);
        assert!(matches!(opened, Err(PERM | LOOP | NOTDIR | ISDIR)), "{path} {flags} {rights}: {opened:?}");
    }
    assert_eq!(guest.on_path("path_filestat_get", 3, &[1], bytes, &[RESULT]), PERM, "{path}");
    assert_eq!(guest.on_path("path_filestat_set_times", 3, &[1], bytes, &[0, 0, 10]), PERM, "{path}");
    if link {
        return;
    }
    for name in ["path_create_directory", "path_remove_directory", "path_unlink_file"] {
        assert_eq!(guest.on_path(name, 3, &[], bytes, &[]), PERM, "{name} {path}");
    }
    assert_eq!(guest.on_path("path_readlink", 3, &[], bytes, &[DATA, 100, RESULT]), PERM, "{path}");
    assert_eq!(guest.symlink("x", 3, path), PERM, "{path}");
    for name in ["path_link", "path_rename"] {
        assert_eq!(guest.on_paths(name, (3, path), (3, "new")), PERM, "{name} {path}");
        assert_eq!(guest.on_paths(name, (3, "own"), (3, path)), PERM, "{name} {path}");
    }
}

// @need-ids: REQ_WASI_003
#[test]
fn neither_dots_nor_absolute_paths_lead_outside() {
    let folder = secret_beside();
    fs::write(folder.join("inside/own"), "own").unwrap();
    fs::create_dir(folder.join("inside/deep")).unwrap();
    let mut guest = Guest::in_directory(&folder.join("inside"), true);
    let absolute = folder.join("secret");
    for path in [
        "../secret",
        "deep/../../secret",
        "./.././secret",
        "../outside/new",
        "..//secret",
        "/etc/passwd",
        "/",
        "//own",
        absolute.to_str().unwrap(),
    ] {
        all_refused(&mut guest, path, false);
    }
    for path in ["..", "deep/../..", "../..", "../"] {
        assert!(matches!(guest.open(3, path, DIRECTORY, 0), Err(PERM)), "{path}");
        assert_eq!(guest.on_path("path_filestat_get", 3, &[0], path.as_bytes(), &[RESULT]), PERM, "{path}");
        for name in ["path_create_directory", "path_remove_directory", "path_unlink_file"] {
            assert_eq!(guest.on_path(name, 3, &[], path.as_bytes(), &[]), PERM, "{name} {path}");
        }
        assert_eq!(guest.on_paths("path_rename", (3, "own"), (3, path)), PERM, "{path}");
    }
    // What stays inside works.
    assert!(guest.open(3, "deep/../own", 0, READ).is_ok());
    assert_untouched(&folder);
}

// @need-ids: REQ_WASI_003
#[test]
fn links_of_whoever_made_them_do_not_lead_outside() {
    let folder = secret_beside();
    let inside = folder.join("inside");
    fs::write(inside.join("own"), "own").unwrap();
    symlink("../secret", inside.join("to_file")).unwrap();
    symlink("../outside", inside.join("to_folder")).unwrap();
    symlink(folder.join("outside"), inside.join("absolute")).unwrap();
    symlink("/proc/self/root", inside.join("magic")).unwrap();
    symlink("to_folder", inside.join("twice")).unwrap();
    let mut guest = Guest::in_directory(&inside, true);
    assert_eq!(guest.symlink("../outside", 3, "made"), OK);
    assert_eq!(guest.symlink("/etc", 3, "refused"), PERM, "absolute contents");
    for path in ["to_file", "to_folder", "absolute", "magic", "twice", "made"] {
        all_refused(&mut guest, path, true);
    }
    for path in ["to_folder/file", "absolute/file", "magic/etc/passwd", "twice/file", "made/file", "made/new"] {
        all_refused(&mut guest, path, false);
    }
    // With a slash behind it a link is followed; not out of here.
    for path in ["to_folder/", "absolute/", "made/"] {
        assert_eq!(guest.on_path("path_filestat_get", 3, &[0], path.as_bytes(), &[RESULT]), PERM, "{path}");
        assert_eq!(guest.on_path("path_readlink", 3, &[], path.as_bytes(), &[DATA, 100, RESULT]), PERM, "{path}");
        assert_eq!(guest.on_paths("path_link", (3, path), (3, "hard")), PERM, "{path}");
        assert_ne!(guest.on_path("path_remove_directory", 3, &[], path.as_bytes(), &[]), OK, "{path}");
        assert_ne!(guest.on_path("path_create_directory", 3, &[], path.as_bytes(), &[]), OK, "{path}");
    }
    assert_untouched(&folder);
}

/// Rounds against whoever changes the directory meanwhile; more, up to the most, where it had no turn in them: a machine may
/// have other work.
const ROUNDS: usize = 3_000;
const MOST_ROUNDS: usize = 300_000;

fn goes_on(round: usize, both_had_turns: bool) -> bool {
    if round >= ROUNDS {
        thread::yield_now();
    }
    round < ROUNDS || !both_had_turns
}

/// Whoever else changes the directory puts a link in the place of a folder, again and again, while the guest walks through.
// @need-ids: REQ_WASI_003
#[test]
fn a_folder_that_becomes_a_link_meanwhile_does_not_lead_outside() {
    let folder = secret_beside();
    let inside = folder.join("inside");
    fs::create_dir(inside.join("swap")).unwrap();
    fs::write(inside.join("swap/file"), "inside").unwrap();
    symlink("../outside", inside.join("link")).unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let other = thread::spawn({
        let (over, inside) = (Arc::clone(&over), inside.clone());
        move || {
            while !over.load(Ordering::Relaxed) {
                fs::rename(inside.join("swap"), inside.join("kept")).unwrap();
                fs::rename(inside.join("link"), inside.join("swap")).unwrap();
                fs::rename(inside.join("swap"), inside.join("link")).unwrap();
                fs::rename(inside.join("kept"), inside.join("swap")).unwrap();
            }
        }
    });
    let mut guest = Guest::in_directory(&inside, true);
    let mut seen = 0;
    for round in 0..MOST_ROUNDS {
        if !goes_on(round, seen > 0) {
            break;
        }
        if let Ok(fd) = guest.open(3, "swap/file", 0, READ | WRITE) {
            assert_eq!(guest.read(fd, 100).unwrap(), b"inside");
            assert_eq!(guest.close(fd), OK);
            seen += 1;
        }
        if let Ok(fd) = guest.open(3, "swap", DIRECTORY, ALL & !READ & !WRITE) {
            if let Ok(file) = guest.open(fd, "file", 0, READ) {
                assert_eq!(guest.read(file, 100).unwrap(), b"inside");
                guest.close(file);
            }
            guest.close(fd);
        }
        if let Ok(fd) = guest.open(3, "swap/new", CREATE, WRITE) {
            guest.close(fd);
        }
        guest.on_path("path_unlink_file", 3, &[], b"swap/new", &[]);
        guest.on_path("path_create_directory", 3, &[], b"swap/dir", &[]);
        guest.on_path("path_remove_directory", 3, &[], b"swap/dir", &[]);
        guest.on_paths("path_rename", (3, "swap/file"), (3, "swap/file"));
    }
    over.store(true, Ordering::Relaxed);
    other.join().unwrap();
    assert!(seen > 0, "the guest never came in time");
    assert_untouched(&folder);
}

/// Whoever else changes the directory puts a link in the place of a file, in one step, while the guest works on it by name.
// @need-ids: REQ_WASI_003
#[test]
fn a_file_that_becomes_a_link_meanwhile_does_not_lead_outside() {
    let folder = secret_beside();
    let inside = folder.join("inside");
    fs::write(inside.join("swap"), "inside").unwrap();
    symlink("../secret", inside.join("link")).unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let other = thread::spawn({
        let (over, inside) = (Arc::clone(&over), fs::File::open(&inside).unwrap());
        move || {
            while !over.load(Ordering::Relaxed) {
                rustix::fs::renameat_with(&inside, "swap", &inside, "link", RenameFlags::EXCHANGE).unwrap();
            }
        }
    });
    let mut guest = Guest::in_directory(&inside, true);
    let mut seen = [0, 0];
    for round in 0..MOST_ROUNDS {
        if !goes_on(round, seen.iter().all(|count| *count > 0)) {
            break;
        }
        // With following and without.
        let lookup = i64::from(round % 2 == 0);
        match guest.open_with(3, lookup, b"swap", 0, READ | WRITE, 0) {
            Ok(fd) => {
                assert_eq!(guest.read(fd, 100).unwrap(), b"inside");
                assert_eq!(guest.close(fd), OK);
                seen[0] += 1;
            }
            Err(errno) => {
                assert!(matches!(errno, PERM | LOOP), "{errno}");
                seen[1] += 1;
            }
        }
        let size = guest.on_path("path_filestat_get", 3, &[lookup], b"swap", &[RESULT]);
        assert!(size != OK || lookup == 0 || guest.u64_at(RESULT + 32) == 6);
        guest.on_path("path_filestat_set_times", 3, &[lookup], b"swap", &[0, 5, 4]);
        if guest.on_paths("path_link", (3, "swap"), (3, "hard")) == OK {
            assert_eq!(guest.on_path("path_unlink_file", 3, &[], b"hard", &[]), OK);
        }
    }
    over.store(true, Ordering::Relaxed);
    other.join().unwrap();
    assert!(seen.iter().all(|count| *count > 0), "the other never came in between: {seen:?}");
    assert_untouched(&folder);
    assert_ne!(fs::metadata(folder.join("secret")).unwrap().modified().unwrap(), UNIX_EPOCH + Duration::from_nanos(5));
}

/// Runs `steps` in a thread of its own, which must come to an end.
fn ends(steps: impl FnOnce() + Send + 'static) {
    let (done, is_done) = mpsc::channel();
    let other = thread::spawn(move || {
        steps();
        done.send(()).unwrap();
    });
    match is_done.recv_timeout(Duration::from_secs(30)) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("the guest made its host wait"),
        // It failed, and says itself how.
        _ => other.join().unwrap(),
    }
}

// @need-ids: REQ_WASI_006
#[test]
fn to_open_a_pipe_with_a_name_does_not_wait_for_its_other_end() {
    let folder = Folder::new("pipes");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, folder.join("pipe"), rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let mut guest = Guest::in_directory(folder.path(), true);
    ends(move || {
        assert_eq!(guest.open(3, "pipe", 0, WRITE), Err(NXIO), "nobody reads");
        let reader = guest.open(3, "pipe", 0, READ | SET_FLAGS).unwrap();
        assert_eq!(guest.read(reader, 1).unwrap(), b"", "nobody writes");
        let writer = guest.open(3, "pipe", 0, WRITE).unwrap();
        assert_eq!(guest.write(writer, b"through"), Ok(7));
        assert_eq!(guest.read(reader, 100).unwrap(), b"through");
        // To wait in a read is what was asked for, unless it was not.
        assert_eq!(guest.call("fd_fdstat_get", &[reader, RESULT]), OK);
        assert_eq!(guest.bytes(RESULT, 4), [0, 0, 0, 0], "no flag that the guest did not set");
        assert_eq!(guest.call("fd_fdstat_set_flags", &[reader, 4]), OK);
        assert_eq!(guest.read(reader, 1), Err(AGAIN));
        assert_eq!(guest.on_path("path_filestat_get", 3, &[1], b"pipe", &[RESULT]), OK);
    });
    drop(folder);
}

/// Two directories, the first read-only: descriptors 3 and 4.
fn read_only_and_writable() -> (Folder, Guest) {
    let folder = Folder::new("read-only");
    for name in ["ro", "rw", "ro/folder"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    fs::write(folder.join("ro/file"), "contents").unwrap();
    fs::write(folder.join("rw/file"), "contents").unwrap();
    symlink("file", folder.join("ro/link")).unwrap();
    let mut builder = WasiP1::builder();
    builder.platform(host::HostPlatform);
    give(&mut builder, "/ro", &folder.join("ro"), false);
    give(&mut builder, "/rw", &folder.join("rw"), true);
    let guest = Guest::new(builder.build().unwrap());
    (folder, guest)
}

fn assert_read_only_untouched(folder: &Folder) {
    assert_eq!(fs::read_to_string(folder.join("ro/file")).unwrap(), "contents");
    assert_eq!(fs::read_dir(folder.join("ro")).unwrap().count(), 3);
    assert_eq!(fs::read_dir(folder.join("ro/folder")).unwrap().count(), 0);
}

// @need-ids: REQ_WASI_004
#[test]
fn nothing_changes_beneath_a_read_only_directory() {
    let (folder, mut guest) = read_only_and_writable();
    let before = fs::metadata(folder.join("ro/file")).unwrap().modified().unwrap();
    for (flags, rights) in [
        (TRUNCATE, 0),
        (TRUNCATE, READ),
        (CREATE, 0),
        (CREATE, READ),
        (CREATE | EXCLUSIVE, 0),
        (CREATE | TRUNCATE, WRITE),
        (0, WRITE),
        (0, READ | WRITE),
    ] {
        for path in ["file", "new", "link", "folder/new"] {
            assert_eq!(guest.open(3, path, flags, rights), Err(ROFS), "{path} {flags} {rights}");
        }
    }
    for name in ["path_create_directory", "path_remove_directory", "path_unlink_file"] {
        for path in ["file", "folder", "new"] {
            assert_eq!(guest.on_path(name, 3, &[], path.as_bytes(), &[]), ROFS, "{name}");
        }
    }
    assert_eq!(guest.symlink("file", 3, "new"), ROFS);
    assert_eq!(guest.on_path("path_filestat_set_times", 3, &[0], b"file", &[0, 0, 5]), ROFS);
    assert_eq!(guest.call("fd_filestat_set_times", &[3, 0, 0, 5]), ROFS);
    assert_read_only_untouched(&folder);
    assert_eq!(fs::metadata(folder.join("ro/file")).unwrap().modified().unwrap(), before);
}

// @need-ids: REQ_WASI_004
#[test]
fn links_and_renames_neither_leave_nor_enter_a_read_only_directory() {
    let (folder, mut guest) = read_only_and_writable();
    for name in ["path_link", "path_rename"] {
        assert_eq!(guest.on_paths(name, (3, "file"), (3, "new")), ROFS, "{name} inside");
        assert_eq!(guest.on_paths(name, (3, "file"), (4, "new")), ROFS, "{name} out of it");
        assert_eq!(guest.on_paths(name, (4, "file"), (3, "new")), ROFS, "{name} into it");
        assert_eq!(guest.on_paths(name, (4, "file"), (3, "file")), ROFS, "{name} over it");
    }
    assert_read_only_untouched(&folder);
    assert_eq!(guest.on_paths("path_link", (4, "file"), (4, "new")), OK, "the control");
    assert_eq!(guest.on_paths("path_rename", (4, "new"), (4, "newer")), OK, "the control");
}

// @need-ids: REQ_WASI_004
#[test]
fn descriptors_from_a_read_only_directory_stay_read_only() {
    let (folder, mut guest) = read_only_and_writable();
    let file = guest.open(3, "file", 0, ALL & !WRITE).unwrap();
    assert_eq!(guest.write(file, b"x"), Err(BADF));
    assert_ne!(guest.call("fd_filestat_set_size", &[file, 0]), OK);
    assert_ne!(guest.call("fd_allocate", &[file, 0, 1 << 20]), OK);
    assert_eq!(guest.call("fd_filestat_set_times", &[file, 0, 0, 5]), ROFS);
    guest.list(&[(DATA as u32, 1)]);
    assert_ne!(guest.call("fd_pwrite", &[file, LIST, 1, 0, RESULT]), OK);
    let below = guest.open(3, "folder", DIRECTORY, ALL & !READ & !WRITE).unwrap();
    assert_eq!(guest.open(below, "new", CREATE, 0), Err(ROFS));
    assert_eq!(guest.open(below, "../file", TRUNCATE, 0), Err(ROFS));
    assert_eq!(guest.on_path("path_create_directory", below, &[], b"new", &[]), ROFS);
    // Under another number too, and rights do not come back.
    assert_eq!(guest.call("fd_renumber", &[below, 4]), OK);
    assert_eq!(guest.open(4, "new", CREATE, WRITE), Err(ROFS));
    assert_eq!(guest.call("fd_fdstat_set_rights", &[4, ALL, ALL]), NOTCAPABLE);
    assert_read_only_untouched(&folder);
}

// @need-ids: REQ_WASI_004
#[test]
fn rights_that_were_given_up_are_gone_and_not_handed_on() {
    let (_folder, mut guest) = read_only_and_writable();
    assert_eq!(guest.call("fd_fdstat_get", &[4, RESULT]), OK);
    let (base, inheriting) = (guest.u64_at(RESULT + 8) as i64, guest.u64_at(RESULT + 16) as i64);
    assert_eq!(guest.call("fd_fdstat_set_rights", &[4, base, inheriting & !WRITE]), OK);
    assert_eq!(guest.open(4, "file", 0, WRITE), Err(NOTCAPABLE));
    assert_eq!(guest.call("fd_fdstat_set_rights", &[4, base, inheriting]), NOTCAPABLE);
    let below = guest.open(4, ".", DIRECTORY, base).unwrap();
    assert_eq!(guest.open(below, "file", 0, WRITE), Err(NOTCAPABLE), "through another descriptor");
    assert!(guest.open(below, "file", 0, READ).is_ok());
}

/// How many descriptors this process has open.
fn open_in_process(beneath: &std::path::Path) -> usize {
    let beneath = fs::canonicalize(beneath).unwrap();
    let entries = fs::read_dir("/proc/self/fd").unwrap().flatten();
    entries.filter(|entry| fs::read_link(entry.path()).is_ok_and(|to| to.starts_with(&beneath))).count()
}

// @need-ids: REQ_WASI_004
#[test]
fn closing_and_renumbering_release_what_the_host_has_open() {
    let folder = Folder::new("leaks");
    fs::write(folder.join("file"), "").unwrap();
    let mut guest = Guest::in_directory(folder.path(), true);
    let before = open_in_process(folder.path());
    for _ in 0..1_000 {
        let first = guest.open(3, "file", 0, READ).unwrap();
        let second = guest.open(3, "file", 0, READ).unwrap();
        assert_eq!(guest.call("fd_renumber", &[first, second]), OK);
        assert_eq!(guest.call("fd_renumber", &[second, second]), OK, "onto itself");
        assert_eq!(guest.call("fd_renumber", &[second, 77]), BADF);
        assert_eq!(guest.call("fd_renumber", &[77, second]), BADF);
        assert_eq!(guest.close(second), OK);
        assert_eq!(guest.close(first), BADF);
    }
    assert_eq!(open_in_process(folder.path()), before);
    assert_eq!(guest.store.data().descriptors(), 1);
    drop(guest);
    assert_eq!(open_in_process(folder.path()), 0);
}
