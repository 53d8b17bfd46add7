//! WASI commands and libraries as processes: arguments, environment, streams, directories, exit status, time.

use crate::{file, folder, wrtd, wrtd_with_input};
use std::fs;
use std::time::{Duration, Instant};

/// What all guests here import and have in common.
const COMMON: &str = r#"
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func $check (param $errno i32) (if (local.get $errno) (then (call $exit (local.get $errno)))))
  ;; Writes bytes to a descriptor.
  (func $write (param $fd i32) (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (call $check (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
  ;; Reads at most 1,000 bytes to 4096.
  (func $read (param $fd i32) (result i32)
    (i32.store (i32.const 0) (i32.const 4096))
    (i32.store (i32.const 4) (i32.const 1000))
    (call $check (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.load (i32.const 8)))
  ;; Opens the file `f` in the first directory.
  (func $open (param $flags i32) (param $rights i64) (result i32)
    (i32.store8 (i32.const 64) (i32.const 0x66))
    (call $check (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (local.get $flags)
      (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 16)))
    (i32.load (i32.const 16)))
"#;

/// A guest's file: `body` is what `_start` does.
fn command(body: &str) -> String {
    file("guest.wat", format!("(module {COMMON} (func (export \"_start\") {body}))"))
}

const SHOW_ARGS: &str = "(drop (call $args_sizes (i32.const 16) (i32.const 20)))
    (drop (call $args (i32.const 1024) (i32.const 4096)))
    (call $write (i32.const 1) (i32.const 4096) (i32.load (i32.const 20)))";

const SHOW_ENVIRONMENT: &str = "(drop (call $environ_sizes (i32.const 16) (i32.const 20)))
    (drop (call $environ (i32.const 1024) (i32.const 4096)))
    (call $write (i32.const 1) (i32.const 4096) (i32.load (i32.const 20)))";

/// Copies the first bytes of standard input to both other streams.
const COPY: &str = "(call $write (i32.const 2) (i32.const 4096) (call $read (i32.const 0)))
    (call $write (i32.const 1) (i32.const 4096) (i32.load (i32.const 8)))";

// @need-ids: REQ_WASI_005
#[test]
fn a_command_gets_the_words_behind_it_and_no_other() {
    let guest = command(SHOW_ARGS);
    let run = wrtd(&[guest.as_str(), "a b", "--fuel", "", "--"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "guest.wat\0a b\0--fuel\0\0--\0", ""));
    let run = wrtd(&["--argv0", "name", &guest]);
    assert_eq!(run.out, "name\0");
    // A function that is named takes its own arguments, not words.
    assert_eq!(wrtd(&["--invoke", "memory", &guest]).code, Some(2));
}

// @need-ids: REQ_CLI_002, REQ_WASI_005
#[test]
fn words_can_be_given_in_one_option_in_front_of_the_file() {
    let guest = command(SHOW_ARGS);
    assert_eq!(wrtd(&["--app-args", "--version  b", &guest]).out, wrtd(&[&guest, "--version", "b"]).out);
    for args in [["--app-args", "a", &guest, "b"].as_slice(), &["--params", "I32(1)", &guest]] {
        let run = wrtd(args);
        assert!(run.code == Some(2) && run.err.contains("--app-args"), "{run:?}");
    }
}

// @need-ids: REQ_CLI_002
#[test]
fn what_other_runtimes_have_and_changes_nothing_is_understood() {
    let guest = command(SHOW_ARGS);
    let plain = wrtd(&[&guest, "a"]);
    for option in ["--memoization=off", "--superinstructions", "--superinstructions=on"] {
        assert_eq!(wrtd(&[option, &guest, "a"]), plain, "{option}");
    }
    for option in ["--memoization", "--memoize", "--memoization=on", "--superinstructions=off"] {
        let run = wrtd(&[option, &guest, "a"]);
        assert_eq!((run.code, &run.out), (plain.code, &plain.out), "{option}");
        assert!(run.err.starts_with("wrtd: hint: ") && run.err.contains("has no effect"), "{run:?}");
    }
    assert_eq!(wrtd(&["--memoization=maybe", &guest]).code, Some(2));
}

// @need-ids: REQ_WASI_003, REQ_WASI_005
#[test]
fn the_environment_is_what_is_said_and_nothing_by_default() {
    let guest = command(SHOW_ENVIRONMENT);
    assert_eq!(wrtd(&[&guest]).out, "");
    let run = wrtd(&["--env", "A=1", "--env", "B=x=y", "--env", "A=2", "--env", "SURELY_NOT_SET", &guest]);
    assert_eq!(run.out, "B=x=y\0A=2\0");
    let taken_over = wrtd(&["--env", "PATH", &guest]).out;
    assert_eq!(taken_over, format!("PATH={}\0", std::env::var("PATH").unwrap()));
    let all = wrtd(&["--env-inherit", "--env", "PATH=mine", &guest]).out;
    assert_eq!(all.split('\0').filter(|entry| entry.starts_with("PATH=")).collect::<Vec<_>>(), ["PATH=mine"]);
    assert!(all.split('\0').count() >= std::env::vars().count());
}

// @need-ids: REQ_WASI_005
#[cfg(unix)]
#[test]
fn what_is_not_utf_8_goes_to_the_guest_as_it_is_and_a_variable_has_a_name() {
    use std::os::unix::ffi::OsStrExt as _;
    let out = folder().join("out");
    let run_with = |option: &str, value: &[u8], guest: &str| {
        let args =
            [option.as_ref(), std::ffi::OsStr::from_bytes(value), "--stdout".as_ref(), out.as_ref(), guest.as_ref()];
        let run = wrtd(&args);
        (run.code, fs::read(&out).unwrap_or_default(), run.err)
    };
    let (code, shown, _) = run_with("--env", b"A=\xff=", &command(SHOW_ENVIRONMENT));
    assert_eq!((code, shown.as_slice()), (Some(0), b"A=\xff=\0".as_slice()));
    let (code, shown, _) = run_with("--argv0", b"\xfe", &command(SHOW_ARGS));
    assert_eq!((code, shown.as_slice()), (Some(0), b"\xfe\0".as_slice()));
    for nameless in [b"=x".as_slice(), b""] {
        let (code, _, err) = run_with("--env", nameless, &command(SHOW_ENVIRONMENT));
        assert!(code == Some(2) && err.contains("names no variable"), "{code:?} {err}");
    }
    // A directory's name need not be UTF-8, but the guest's name of it.
    let odd = folder().join(std::ffi::OsStr::from_bytes(b"\xff"));
    fs::create_dir(&odd).unwrap();
    let odd = odd.as_os_str().as_bytes();
    assert_eq!(run_with("--dir", &[odd, b"::/in"].concat(), &command("")).0, Some(0));
    let (code, _, err) = run_with("--dir", odd, &command(""));
    assert!(code == Some(2) && err.contains("is not UTF-8"), "{code:?} {err}");
}

// @need-ids: REQ_WASI_005
#[test]
fn streams_are_those_of_the_process_or_files() {
    let guest = command(COPY);
    let run = wrtd_with_input(&[&guest], b"hello\n");
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "hello\n", "hello\n"));
    let folder = folder();
    let path = |name: &str| folder.join(name).into_os_string().into_string().unwrap();
    fs::write(path("in"), "from a file").unwrap();
    let run = wrtd(&["--stdin", &path("in"), "--stdout", &path("out"), "--stderr", &path("err"), &guest]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "", ""));
    for name in ["out", "err"] {
        assert_eq!(fs::read_to_string(path(name)).unwrap(), "from a file");
    }
    let run = wrtd(&["--stdin", &path("gone"), &guest]);
    assert_eq!(run.code, Some(66));
    assert!(run.err.contains("cannot open standard input"), "{run:?}");
    let run = wrtd(&["--stdin", &path(""), &guest]);
    assert!(run.code == Some(66) && run.err.contains("cannot open standard input `"), "{run:?}");
}

// @need-ids: REQ_WASI_003, REQ_WASI_004, REQ_WASI_005
#[test]
fn directories_are_handed_over_one_by_one_and_read_only_ones_stay_as_they_are() {
    let folder = folder();
    fs::write(folder.join("f"), "contents").unwrap();
    let host = folder.to_str().unwrap();
    let reads =
        command("(call $write (i32.const 1) (i32.const 4096) (call $read (call $open (i32.const 0) (i64.const 2))))");
    for dir in ["--dir", "--ro-dir"] {
        for given in [host.to_owned(), format!("{host}::/")] {
            let run = wrtd(&[dir, &given, &reads]);
            assert_eq!((run.code, run.out.as_str()), (Some(0), "contents"), "{dir} {given}");
        }
    }
    assert_eq!(wrtd(&[&reads]).code, Some(8), "without one: no such descriptor");
    let empties = command("(drop (call $open (i32.const 8) (i64.const 0)))");
    assert_eq!(wrtd(&["--ro-dir", host, &empties]).code, Some(69), "the guest's status: read-only");
    assert_eq!(fs::read_to_string(folder.join("f")).unwrap(), "contents");
    assert_eq!(wrtd(&["--dir", host, &empties]).code, Some(0));
    assert_eq!(fs::read_to_string(folder.join("f")).unwrap(), "");
    let run = wrtd(&["--max-descriptors", "4", "--dir", host, "--ro-dir", host, &reads]);
    assert!(run.code == Some(69) && run.err.contains("limit max-descriptors exceeded: wanted 5 "), "{run:?}");
    let run = wrtd(&["--dir", "no/such/folder::/", &reads]);
    assert_eq!(run.code, Some(66));
    assert!(run.err.contains("cannot open directory `no/such/folder`"), "{run:?}");
}

// @need-ids: REQ_WASI_005, REQ_TRAP_001
#[test]
fn the_status_is_the_guests_and_a_trap_is_still_told() {
    for status in [0, 1, 33, 255, 256 + 7] {
        let run = wrtd(&[command(&format!("(call $exit (i32.const {status}))"))]);
        assert_eq!((run.code, run.err.as_str()), (Some(status % 256), ""));
    }
    let run = wrtd(&["--format", "json", &command("(call $exit (i32.const 3))")]);
    assert_eq!((run.code, run.json()["exit"].as_i64()), (Some(3), Some(3)));
    let run = wrtd(&["--format", "json", "--stats", &command("(call $check (i32.const 3))")]);
    assert_eq!(run.json()["stats"]["stack"]["peak_frames"].as_i64(), Some(2), "{run:?}");
    let start = file("start.wat", format!("(module {COMMON} (func $go (call $exit (i32.const 5))) (start $go))"));
    assert_eq!(wrtd(&[start]).code, Some(5), "also while it is instantiated");
    let run = wrtd(&[command("(call $write (i32.const 1) (i32.const 0) (i32.const 1)) unreachable")]);
    assert_eq!((run.code, run.out.as_str()), (Some(134), "\0"));
    assert!(run.err.contains("trap[1] unreachable"), "{run:?}");
}

// @need-ids: REQ_009
#[test]
fn what_a_guest_may_not_do_is_a_warning_ten_times_and_calls_are_logged_with_their_paths() {
    let folder = folder();
    fs::write(folder.join("f"), "contents").unwrap();
    // Would make and empty the file so many times, which fails, and then only reads it.
    let open = |flags: u32, rights: u32| {
        format!(
            "(drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const {flags})
            (i64.const {rights}) (i64.const 0) (i32.const 0) (i32.const 16)))"
        )
    };
    let guest =
        command(&format!("(i32.store8 (i32.const 64) (i32.const 0x66)) {}{}", open(9, 64).repeat(12), open(0, 2)));
    let log = |verbose: &str| {
        let run = wrtd(&[verbose, "--ro-dir", &format!("{}::/in", folder.display()), &guest]);
        assert_eq!(run.code, Some(0), "{run:?}");
        run.err
    };
    let refused = "(fd: 3, lookup: 0, path: \"f\", open: 9, base: 64, inheriting: 0, flags: 0, result: 16)";
    let refused = format!("path_open{refused}: read-only file system");
    let (info, debug, trace) = (log("-v"), log("-vv"), log("-vvv"));
    assert!(
        info.contains(&format!("[info wrtd::wasi] the guest has directory {} as \"/in\", read-only", folder.display()))
    );
    assert_eq!(info.matches(&format!("[warn wrt_wasi::preview1::calls] refused: {refused}")).count(), 10, "{info}");
    assert_eq!(info.matches(&refused).count(), 10, "{info}");
    assert_eq!(debug.matches(&format!("[debug wrt_wasi::preview1::calls] {refused}")).count(), 2, "{debug}");
    assert!(
        debug.contains("[debug wrt_wasi::preview1::path] descriptor 4 is \"f\" beneath descriptor 3: Regular"),
        "{debug}"
    );
    assert!(
        trace.contains("[trace wrt_wasi::preview1::calls] path_open(fd: 3, lookup: 0, path: \"f\", open: 0, "),
        "{trace}"
    );
    assert!(!debug.contains("path: \"f\", open: 0, "), "{debug}");
}

// @need-ids: REQ_WASI_005
#[test]
fn libraries_are_initialised_before_they_are_called() {
    let library = file(
        "library.wat",
        format!(
            "(module {COMMON} (global $ready (mut i32) (i32.const 0))
              (func (export \"_initialize\") (global.set $ready (i32.add (global.get $ready) (i32.const 1))))
              (func (export \"answer\") (param i32) (result i32) (i32.add (global.get $ready) (local.get 0))))"
        ),
    );
    assert_eq!(wrtd(&["--call", "answer", &library, "40"]).out, "41\n");
    assert_eq!(wrtd(&["--invoke", "answer", "--engine", "lockstep", &library, "1"]).out, "2\n");
    assert_eq!(wrtd(&["--call", "_initialize", &library]).code, Some(0));
}

// @need-ids: REQ_WASI_005, REQ_007
#[test]
fn a_run_whose_time_is_over_ends_wherever_it_is() {
    let spins = command("(loop (br 0))");
    // Waits for a clock that strikes in a thousand years: 1 is the monotonic one.
    let waits = command(
        "(i32.store (i32.const 1040) (i32.const 1)) (i64.store (i32.const 1048) (i64.const 0x7fffffffffffffff))
         (call $check (call $poll (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 16)))",
    );
    let starts = file("start.wat", "(module (func $go (loop (br 0))) (start $go))");
    for guest in [&spins, &waits, &starts] {
        let start = Instant::now();
        let run = wrtd(&["--timeout", "100ms", guest]);
        assert_eq!(run.code, Some(124), "{run:?}");
        assert!(run.err.contains("out of time"), "{run:?}");
        assert!(start.elapsed() < Duration::from_secs(30));
    }
    let run = wrtd(&["--timeout", "60", "--fuel", "3000000", &spins]);
    assert_eq!(run.code, Some(124));
    assert!(run.err.contains("out of fuel"), "{run:?}");
    assert_eq!(wrtd(&["--timeout", "60s", &command(SHOW_ARGS)]).code, Some(0));
    assert_eq!(wrtd(&["--timeout", "soon", &spins]).code, Some(2));
}

// @need-ids: REQ_WASI_005, REQ_WASM_002
#[test]
fn imports_that_nobody_provides_are_all_named() {
    let guest = file(
        "guest.wat",
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_fly" (func))
            (import "env" "f" (func))
            (func (export "_start")))"#,
    );
    let run = wrtd(&[&guest]);
    assert_eq!(run.code, Some(65));
    assert!(run.err.contains("fd_fly") && run.err.contains("env") && !run.err.contains("fd_write"), "{run:?}");
}
