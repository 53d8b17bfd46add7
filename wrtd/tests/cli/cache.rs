//! `--cache`: what it remembers, what it does with folders that are not this user's alone, and that it changes no result.

use super::{Run, command, file, folder, guest, module, run, wrtd};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

/// Names of what is in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A folder that is not there yet.
fn place() -> PathBuf {
    folder().join("a/cache")
}

fn cached(place: &Path, args: &[&str]) -> Run {
    wrtd(&[&["-v", "--cache-dir", place.to_str().unwrap()], args].concat())
}

// @need-ids: REQ_PERF_004
#[test]
fn a_module_is_remembered_and_runs_the_same() {
    let (place, fib) = (place(), guest("fib.wasm"));
    let call = ["--call", "fib", &fib, "10"];
    let first = cached(&place, &call);
    assert!(first.code == Some(0) && first.out == "55\n" && first.err.contains("now known"), "{first:?}");
    assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o700);
    let entries = names(&place);
    assert_eq!((entries.len(), fs::metadata(place.join(&entries[0])).unwrap().len()), (1, 0));
    let second = cached(&place, &call);
    assert!(second.out == first.out && second.err.contains("found valid before"), "{second:?}");
    assert_eq!(names(&place), entries);
    // Another module, from a text, and one that is instantiated before it; an image has no need of it.
    let preload = format!("m={fib}");
    let both = cached(&place, &["--preload", &preload, "--call", "add", &module(), "1", "2"]);
    assert!(
        both.code == Some(0) && both.err.contains("found valid before") && both.err.contains("now known"),
        "{both:?}"
    );
    assert_eq!(names(&place).len(), 2);
    let image = folder().join("fib.wrt").into_os_string().into_string().unwrap();
    assert_eq!(wrtd(&["compile", &fib, "-o", &image]).code, Some(0));
    assert_eq!(cached(&place, &["--call", "fib", &image, "10"]).out, "55\n");
    assert_eq!(names(&place).len(), 2);
    // With another proposal it is another question.
    assert!(cached(&place, &["--enable", "wide-arithmetic", "--call", "fib", &fib, "10"]).err.contains("now known"));
    assert_eq!(names(&place).len(), 3);
}

// @need-ids: REQ_PERF_004
#[test]
fn what_is_refused_is_not_remembered_and_an_entry_that_lies_lets_no_invalid_body_run() {
    let place = place();
    // The text is encoded as it stands: the second function's body is of the wrong type.
    let text =
        "(module (func (export \"a\") (result i32) (i32.const 7)) (func (export \"b\") (result i32) (i64.const 8)))";
    let wrong = file("wrong.wat", text);
    let plain = wrtd(&["--call", "b", &wrong]);
    assert_eq!(plain.code, Some(65));
    for _ in 0..2 {
        let refused = wrtd(&["--cache-dir", place.to_str().unwrap(), "--call", "a", &wrong]);
        assert_eq!((refused.code, &refused.err), (Some(65), &plain.err));
        assert!(names(&place).is_empty());
    }
    // Whoever can write into the folder can claim that it is valid.
    let right = file("right.wat", text.replace("i64", "i32"));
    assert_eq!(cached(&place, &["--call", "b", &right]).out, "8\n");
    let (entry, binary) = (names(&place).remove(0), wrtd::input::text_to_binary("", text.as_bytes()).unwrap());
    let hash = wrt::Module::hash_of(&binary).map(|byte| format!("{byte:02x}")).concat();
    fs::write(place.join(hash + &entry[64..]), "").unwrap();
    assert_eq!(cached(&place, &["--call", "a", &wrong]).out, "7\n");
    let later = wrtd(&["--cache-dir", place.to_str().unwrap(), "--call", "b", &wrong]);
    assert_eq!((later.code, later.err.lines().next()), (Some(65), plain.err.lines().next()));
}

// @need-ids: REQ_PERF_004
#[test]
fn a_folder_that_is_not_this_users_alone_is_refused() {
    let (place, fib) = (place(), guest("fib.wasm"));
    let told = |place: &Path, part: &str| {
        let run = cached(place, &["--call", "fib", &fib, "10"]);
        assert!(run.code == Some(2) && run.out.is_empty() && run.err.contains(part), "{part}: {run:?}");
    };
    fs::create_dir_all(&place).unwrap();
    for mode in [0o755, 0o770, 0o701] {
        fs::set_permissions(&place, fs::Permissions::from_mode(mode)).unwrap();
        told(&place, &format!("its mode is {mode:o}"));
        assert!(names(&place).is_empty());
    }
    fs::set_permissions(&place, fs::Permissions::from_mode(0o700)).unwrap();
    let link = place.with_file_name("link");
    symlink(&place, &link).unwrap();
    told(&link, "it is no directory");
    told(Path::new(&fib), "it is no directory");
    told(Path::new("/dev/null/x"), "cannot be the folder of the cache");
    // Only the superuser can give a folder away, or write where others can.
    if chown(&place, Some(65_534), None).is_ok() {
        told(&place, "it is another user's, of number 65534");
    }
}

// @need-ids: REQ_PERF_004, REQ_ENV_001, REQ_CONFIG_001
#[test]
fn the_users_folder_is_where_caches_are() {
    let (home, fib) = (folder(), guest("fib.wasm"));
    let call = |variables: &[(&str, &Path)], args: &[&str]| {
        let mut command = command();
        command.env_remove("XDG_CACHE_HOME").env_remove("HOME").envs(variables.iter().copied()).current_dir(&home);
        run(command.args(args).args(["--call", "fib", &fib, "10"]), b"")
    };
    let run = call(&[], &["--cache"]);
    assert!(run.code == Some(2) && run.err.contains("HOME is not set: --cache-dir names one"), "{run:?}");
    assert_eq!(call(&[("HOME", &home)], &["--cache"]).code, Some(0));
    assert_eq!(names(&home.join(".cache/wrtd")).len(), 1);
    let xdg = home.join("x");
    assert_eq!(call(&[("HOME", &home), ("XDG_CACHE_HOME", &xdg)], &["--cache"]).code, Some(0));
    assert_eq!(names(&xdg.join("wrtd")).len(), 1);
    // A setting turns it on; where it is is none, as the file of a directory could have files written anywhere.
    fs::write(home.join("wrt.toml"), "cache = true\n").unwrap();
    assert!(call(&[("HOME", &home)], &["-v"]).err.contains("found valid before"));
    fs::write(home.join("wrt.toml"), "cache-dir = \"/tmp\"\n").unwrap();
    let run = call(&[("HOME", &home)], &[]);
    assert!(run.code == Some(2) && run.err.contains("unknown key `cache-dir`"), "{run:?}");
}

// @need-ids: REQ_PERF_004, REQ_RESOURCE_001
#[test]
fn beyond_the_most_entries_the_older_half_is_removed_and_nothing_else() {
    let (place, fib) = (place(), guest("fib.wasm"));
    cached(&place, &["--call", "fib", &fib, "10"]);
    let first = names(&place).remove(0);
    let foreign = ["README", "0123-x"];
    for name in foreign {
        fs::write(place.join(name), "kept").unwrap();
    }
    for number in 1..4_096 {
        fs::write(place.join(format!("{number:064x}-{}", &first[65..])), "").unwrap();
    }
    let another = file("another.wat", "(module (func (export \"a\") (result i32) (i32.const 7)))");
    assert_eq!(cached(&place, &["--call", "a", &another]).out, "7\n");
    let left = names(&place);
    assert_eq!(left.len(), 4_096 - 2_048 + 1 + foreign.len());
    assert!(!left.contains(&first), "the oldest");
    assert!(foreign.iter().all(|name| left.iter().any(|left| left == name)));
    assert!(cached(&place, &["--call", "a", &another]).err.contains("found valid before"));
}
