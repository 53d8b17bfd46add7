//! Settings: `wrt.toml`, `wrtd config`, colours, and options as users of other runtimes write them.

use super::{Run, command, file, folder, guest, module, wrtd};
use std::fs;
use std::path::Path;

/// Runs in `folder`, with the user's settings in `users` below it.
fn in_folder(folder: &Path, args: &[&str]) -> Run {
    super::run(command().args(args).current_dir(folder).env("XDG_CONFIG_HOME", folder.join("users")), b"")
}

// @need-ids: REQ_CONFIG_001
#[test]
fn options_win_over_the_directorys_file_and_that_over_the_users() {
    let (folder, fib) = (folder(), guest("fib.wasm"));
    let call = |options: &[&str]| in_folder(&folder, &[options, &["--call", "fib", &fib, "20"]].concat()).code;
    assert_eq!(call(&[]), Some(0));
    fs::create_dir_all(folder.join("users/wrtd")).unwrap();
    fs::write(folder.join("users/wrtd/wrt.toml"), "fuel = 10\nstats = true\n").unwrap();
    assert_eq!(call(&[]), Some(124), "the user's");
    fs::write(folder.join("wrt.toml"), "fuel = 1_000_000\n").unwrap();
    let run = in_folder(&folder, &["--call", "fib", &fib, "20"]);
    assert!(run.code == Some(0) && run.err.contains("fuel limit"), "of both: {run:?}");
    assert_eq!(call(&["--fuel", "10"]), Some(124), "an option");
    assert_eq!(call(&["-W", "fuel=10"]), Some(124), "an option in other words");
    fs::write(folder.join("other.toml"), "fuel = 11\n").unwrap();
    let run = in_folder(&folder, &["--config", "other.toml", "--call", "fib", &fib, "20"]);
    assert!(run.code == Some(124) && !run.err.contains("fuel limit"), "that file alone: {run:?}");
    fs::write(folder.join("wrt.toml"), "fuel = 10\n").unwrap();
    assert_eq!(call(&["--no-config"]), Some(0));
    fs::write(folder.join("wrt.toml"), "format = \"json\"\nmax-memory = \"64K\"\nengine = \"lockstep\"\n").unwrap();
    let run = in_folder(&folder, &["--call", "add", &module(), "1", "2"]);
    assert_eq!((run.code, run.json()["results"][0]["value"].as_str()), (Some(0), Some("3")));
    let run = in_folder(&folder, &["inspect", &file("big.wat", "(module (memory 2))")]);
    assert_eq!(run.json()["command"], "inspect", "forms are everybody's, and engines are not those of `compile`");
}

// @need-ids: REQ_CONFIG_001
#[test]
fn a_bad_file_is_told_with_line_and_suggestion() {
    for (text, part) in [
        ("# limits\nmax-frame = 3\n", "wrt.toml:2:1: unknown key `max-frame`; did you mean `max-frames`?"),
        ("fuel = \"many\"\n", "wrt.toml:1:8: invalid value 'many' for '--fuel <N>': not a number"),
        ("fuel = \n", "wrt.toml:1:"),
        ("dir = [\"/\"]\n", "wrt.toml:1:1: `dir` hands something to the guest"),
    ] {
        let folder = folder();
        fs::write(folder.join("wrt.toml"), text).unwrap();
        let run = in_folder(&folder, &[&module()]);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{run:?}");
        assert!(run.err.contains(part) && run.err.contains('^'), "{run:?}");
    }
    let (folder, module) = (folder(), module());
    for content in [vec![0xFF], vec![b' '; 2 << 20]] {
        fs::write(folder.join("wrt.toml"), content).unwrap();
        assert_eq!(in_folder(&folder, &[&module]).code, Some(2));
    }
    fs::remove_file(folder.join("wrt.toml")).unwrap();
    fs::create_dir(folder.join("wrt.toml")).unwrap();
    assert_eq!(in_folder(&folder, &[&module]).code, Some(66));
    assert_eq!(wrtd(&["--config", "no/such/file", &module]).code, Some(66));
    assert_eq!(wrtd(&["--no-config", "--config", "a", &module]).code, Some(2));
}

// @need-ids: REQ_CONFIG_002
#[test]
fn config_shows_values_with_their_sources_and_reads_as_settings() {
    let folder = folder();
    fs::write(folder.join("wrt.toml"), "\nfuel = 77\nenable = [\"wide-arithmetic\"]\n").unwrap();
    let run = in_folder(&folder, &["config", "--max-memory", "64K", "--env", "A=\"1\""]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    for (key, value, source) in [
        ("fuel", "77", "wrt.toml:2"),
        ("enable", "[\"wide-arithmetic\"]", "wrt.toml:3"),
        ("max-memory-bytes", "\"64K\"", "command line"),
        ("env", "[\"A=\\\"1\\\"\"]", "command line"),
        ("max-frames", "100000", "default"),
        ("stats", "false", "default"),
        ("color", "\"auto\"", "default"),
    ] {
        let line = run.out.lines().find(|line| line.starts_with(&format!("{key} = "))).expect(key);
        assert!(line.contains(&format!(" = {value} ")) && line.ends_with(&format!(" # {source}")), "{line}");
    }
    assert!(run.out.lines().any(|line| line.starts_with("# timeout") && line.ends_with("# not set")), "{run:?}");
    // The text is a file of settings, which sets the same.
    fs::write(folder.join("all.toml"), &run.out).unwrap();
    let values =
        |run: &Run| run.out.lines().filter_map(|line| Some(line.split_once(" # ")?.0.to_owned())).collect::<Vec<_>>();
    let again = in_folder(&folder, &["--config", "all.toml", "config"]);
    assert_eq!(values(&again), values(&run), "{again:?}");
    let document = in_folder(&folder, &["config", "--format", "json"]).json();
    let fuel = document["settings"].as_array().unwrap().iter().find(|setting| setting["key"] == "fuel").unwrap();
    assert_eq!((&fuel["value"], &fuel["source"], &fuel["line"]), (&"77".into(), &"file".into(), &2.into()));
    assert_eq!(in_folder(&folder, &["config", "file.wasm"]).code, Some(2));
}

// @need-ids: REQ_CLI_002
#[test]
fn options_of_other_runtimes_mean_the_same() {
    let (file, fib) = (module(), guest("fib.wasm"));
    for args in [
        ["--invoke", "add", &file, "2", "3"].as_slice(),
        &["-i", "add", "--params", "I32(2),I32(3)", &file],
        &["run", "-W", "fuel=100000,max-memory-size=64K,simd=y", "--invoke", "add", &file, "2", "3"],
    ] {
        assert_eq!(wrtd(args).out, "5\n", "{args:?}");
    }
    assert_eq!(wrtd(&["-W", "fuel=9", "--invoke", "fib", &fib, "20"]).code, Some(124));
    assert_eq!(wrtd(&["-W", "timeout=100ms", "--invoke", "spin", &file]).code, Some(124));
    assert_eq!(wrtd(&["-W", "max-memory-size=1", "--invoke", "null", &file]).code, Some(69));
    for (args, part) in [
        (["-W", "gc=n", "--invoke", "null", &file].as_slice(), "cannot be turned off"),
        (&["-W", "fule=1", "--invoke", "null", &file], "did you mean `fuel`?"),
        (&["--params", "I32(1)", "--invoke", "add", &file], "takes 2 arguments, not 1"),
        (&["--params", "I32(1),F64(2)", "--invoke", "add", &file], "argument 2: '2' is given as f64"),
        (&["--params", "I32(1),I32(x)", "--invoke", "add", &file], "argument 2: 'x' is not an i32"),
        (&["--params", "I32(1)", "--invoke", "add", &file, "1"], "given twice"),
        (&["--params", "I32[1]", "--invoke", "add", &file], "is not `TYPE(VALUE)`"),
        (&["--app-args", "x", "--invoke", "add", &file], "--app-args is for WASI commands"),
    ] {
        let run = wrtd(args);
        assert!(run.code == Some(2) && run.out.is_empty() && run.err.contains(part), "{args:?}: {run:?}");
    }
}

// @need-ids: REQ_CLI_003
#[test]
fn colours_are_for_terminals_or_as_is_said() {
    let bad = file("bad.wat", "(module\n  (funk))");
    let colored = |args: &[&str]| wrtd(&[args, &[&bad]].concat()).err.contains('\u{1b}');
    assert!(!colored(&[]) && !colored(&["--color", "never"]) && colored(&["--color", "always"]));
    assert!(wrtd(&["--color", "always", "--help"]).out.contains('\u{1b}'));
    assert!(!wrtd(&["--help"]).out.contains('\u{1b}'));
    assert_eq!(wrtd(&["--color", "red", &bad]).code, Some(2));
}
