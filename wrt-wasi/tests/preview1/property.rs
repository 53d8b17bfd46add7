//! Random sequences of calls: none ends the host, none reaches outside, none leaves more open than the guest may have.

use crate::guest::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::fs;
use std::os::unix::fs::symlink;
use wrt_safety::Limits;
use wrt_wasi::memory::{Input, Output};
use wrt_wasi::{Exit, WasiP1, host};

/// Descriptors that the guest may have: few, so that it meets the limit.
const DESCRIPTORS: u32 = 12;

/// Paths that a guest might try, good and bad.
const PATHS: [&str; 24] = [
    "a",
    "b",
    "d",
    "d/a",
    "d/e",
    "d/e/f",
    "l",
    "l/a",
    "out",
    "out/x",
    "up",
    "up/x",
    ".",
    "..",
    "../x",
    "d/../../x",
    "/",
    "/etc/passwd",
    "d/",
    "a/",
    "l/",
    "loop",
    "",
    "d/../a",
];

/// An argument: a number that means something somewhere, or any.
fn argument() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => 0_i64..14,
        3 => prop_oneof![Just(RESULT), Just(LIST), Just(PATH), Just(DATA), Just(OTHER_PATH)],
        2 => 0_i64..400,
        1 => prop_oneof![Just(i64::from(PAGES) << 16), Just((i64::from(PAGES) << 16) - 1), Just(-1_i64), Just(-8)],
        1 => Just(ALL),
        1 => Just(READ | WRITE),
        1 => any::<i64>(),
    ]
}

/// A call: the function, its arguments, and the paths and numbers that lie in memory.
fn call() -> impl Strategy<Value = (usize, Vec<i64>, usize, usize, Vec<u32>)> {
    (
        0..FUNCTIONS.len() + 12,
        prop::collection::vec(argument(), 9),
        0..PATHS.len(),
        0..PATHS.len(),
        prop::collection::vec(prop_oneof![0_u32..64, Just(DATA as u32), any::<u32>()], 8),
    )
}

/// Arguments of a path function that make sense, so that sequences get somewhere.
fn sensible(name: &str, args: &[i64], path: &str, other: &str) -> Option<Vec<i64>> {
    let (fd, to, length, new) = (3 + args[0] % 4, 3 + args[1] % 4, path.len() as i64, other.len() as i64);
    Some(match name {
        "path_open" => vec![fd, args[2] & 1, PATH, length, args[3] & 15, ALL & args[4], ALL, args[5] & 1, RESULT],
        "path_create_directory" | "path_remove_directory" | "path_unlink_file" => vec![fd, PATH, length],
        "path_filestat_get" => vec![fd, args[2] & 1, PATH, length, RESULT],
        "path_filestat_set_times" => vec![fd, args[2] & 1, PATH, length, args[3], args[4], 5],
        "path_link" => vec![fd, 0, PATH, length, to, OTHER_PATH, new],
        "path_rename" => vec![fd, PATH, length, to, OTHER_PATH, new],
        "path_symlink" => vec![OTHER_PATH, new, fd, PATH, length],
        "path_readlink" => vec![fd, PATH, length, DATA, 64, RESULT],
        "fd_readdir" => vec![fd, DATA, 200, args[2] & 7, RESULT],
        _ => return None,
    })
}

/// Calls that the sensible ones are drawn from again.
const AGAIN: [&str; 12] = [
    "path_open",
    "path_create_directory",
    "path_remove_directory",
    "path_unlink_file",
    "path_filestat_get",
    "path_filestat_set_times",
    "path_link",
    "path_rename",
    "path_symlink",
    "path_readlink",
    "fd_readdir",
    "path_open",
];

fn world() -> (Folder, Guest) {
    let folder = Folder::new("property");
    for name in ["inside", "inside/d", "read-only", "outside"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    for name in ["inside/a", "read-only/a", "outside/x", "x"] {
        fs::write(folder.join(name), name).unwrap();
    }
    symlink("d", folder.join("inside/l")).unwrap();
    symlink("../outside", folder.join("inside/out")).unwrap();
    symlink("..", folder.join("inside/up")).unwrap();
    symlink("loop", folder.join("inside/loop")).unwrap();
    let mut builder = WasiP1::builder();
    builder.limits(&Limits { max_descriptors: DESCRIPTORS, max_host_copy_bytes: 1 << 12, ..Limits::DEFAULT });
    builder.platform(host::HostPlatform);
    builder.stdin(Input::new(*b"input")).stdout(Output::new(1 << 10)).stderr(Output::new(1 << 10));
    builder.arg("guest").unwrap().env("NAME", "value").unwrap();
    give(&mut builder, "/", &folder.join("inside"), true);
    give(&mut builder, "/ro", &folder.join("read-only"), false);
    (folder, Guest::new(builder.build().unwrap()))
}

fn assert_outside_is_untouched(folder: &Folder) {
    let count = |name: &str| fs::read_dir(folder.join(name)).unwrap().count();
    assert_eq!((count(""), count("outside"), count("read-only")), (4, 1, 1));
    for name in ["read-only/a", "outside/x", "x"] {
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), name);
        assert_eq!(fs::metadata(folder.join(name)).unwrap().len(), name.len() as u64);
    }
}

// @need-ids: REQ_WASI_002, REQ_WASI_003, REQ_WASI_004
#[test]
fn no_sequence_of_calls_reaches_outside_or_ends_the_host() {
    let cases = std::env::var("WRT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(150);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config { cases, failure_persistence: None, ..Config::default() }, rng);
    let sequences = prop::collection::vec(call(), 1..120);
    let done = runner.run(&sequences, |calls| {
        let (folder, mut guest) = world();
        for (function, args, path, other, list) in calls {
            let name = FUNCTIONS.get(function).map_or_else(|| AGAIN[function - FUNCTIONS.len()], |(name, _)| name);
            let (_, kinds) = FUNCTIONS.iter().find(|(known, _)| *known == name).unwrap();
            // What a guest may write is bounded by the device alone, which is not to be filled here.
            if name == "fd_allocate" && args[..3].iter().any(|arg| !(0..1 << 16).contains(arg)) {
                continue;
            }
            // Waiting for what never comes is what it was asked to do.
            if name == "poll_oneoff" && args[2] != 0 {
                continue;
            }
            let (path, other) = (PATHS[path], PATHS[other]);
            guest.put(PATH, path.as_bytes());
            guest.put(OTHER_PATH, other.as_bytes());
            let words: Vec<u8> = list.iter().flat_map(|word| word.to_le_bytes()).collect();
            guest.put(LIST, &words);
            let made = if args[8] & 1 == 0 { sensible(name, &args, path, other) } else { None };
            let args = made.unwrap_or_else(|| args[..kinds.len()].to_vec());
            match guest.try_call(name, &args) {
                Ok(errno) => prop_assert!(errno <= NOTCAPABLE, "{name} {args:?}: {errno}"),
                Err(error) => prop_assert!(error.downcast_ref::<Exit>().is_some(), "{name} {args:?}: {error}"),
            }
            prop_assert!(guest.store.data().descriptors() <= DESCRIPTORS);
        }
        assert_outside_is_untouched(&folder);
        Ok(())
    });
    done.unwrap();
}
