//! `wrtd wast`.

use super::{file, folder, wrtd};
use std::fs;

const GOOD: &str = r#"(module (func (export "f") (result i32) (i32.const 5)))
(assert_return (invoke "f") (i32.const 5))
(assert_return (invoke "f") (i32.const 5))"#;
const BAD: &str = r#"(module (func (export "f") (result i32) (i32.const 5)))
(assert_return (invoke "f") (i32.const 5))
  (assert_return (invoke "f") (i32.const 6))"#;

// @need-ids: REQ_022, REQ_CLI_001
#[test]
fn scripts_are_counted_and_failures_set_the_exit_code() {
    let (good, bad) = (file("good.wast", GOOD), file("bad.wast", BAD));
    let run = wrtd(&["wast", &good]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "2 passed, 0 failed\n", ""));
    let run = wrtd(&["wast", "--engine", "stackless", &good, &bad]);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.out, format!("{bad}: 1 passed, 1 failed\n3 passed, 1 failed\n"));
    let run = wrtd(&["wast", "--list-failures", &bad]);
    assert!(run.out.starts_with(&format!("{bad}:3:4: expected i32 6, got i32 5\n")), "{run:?}");
    let document = wrtd(&["wast", "--format", "json", &bad]).json();
    assert_eq!((&document["passed"], &document["failed"], &document["exit"]), (&1.into(), &1.into(), &1.into()));
    assert_eq!(document["files"][0]["failures"][0]["line"], 3);
}

// @need-ids: REQ_022, REQ_CLI_001
#[test]
fn folders_are_searched_at_any_depth() {
    let folder = folder();
    fs::create_dir_all(folder.join("a/b")).expect("writable");
    fs::write(folder.join("one.wast"), GOOD).expect("writable");
    fs::write(folder.join("a/b/two.wast"), GOOD).expect("writable");
    fs::write(folder.join("a/three.wat"), "(module").expect("writable");
    let run = wrtd(&["wast", folder.to_str().expect("UTF-8")]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), "4 passed, 0 failed\n"));
}

// @need-ids: REQ_022, REQ_CLI_001
#[test]
fn what_is_no_script_fails_and_the_others_still_run() {
    let folder = folder();
    fs::write(folder.join("a.wast"), b"\xFF").expect("writable");
    fs::write(folder.join("b.wast"), "(module) (assert_cheese)").expect("writable");
    fs::write(folder.join("c.wast"), GOOD).expect("writable");
    let run = wrtd(&["wast", folder.to_str().expect("UTF-8")]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.ends_with("2 passed, 2 failed\n"), "{run:?}");
}
