//! The runner itself: what must pass passes, and what must fail fails.

use super::*;

fn run(text: &str) -> Report {
    super::run(text, Strategy::default())
}

fn counts(text: &str) -> (u64, u64) {
    let report = run(text);
    (report.passed, report.failed())
}

fn reasons(text: &str) -> Vec<String> {
    run(text).failures.into_iter().map(|failed| failed.reason).collect()
}

const MODULE: &str = r#"
(module $m
  (memory 1)
  (global (export "g") i64 (i64.const 9))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "two") (result i32 f64) (i32.const 1) (f64.const 2.5))
  (func (export "nan") (result f32) (f32.div (f32.const 0) (f32.const 0)))
  (func $deep (export "deep") (call $deep))
  (func (export "null") (result funcref) (ref.null func))
  (func (export "same") (param externref) (result externref) (local.get 0)))
"#;

fn with_module(directives: &str) -> String {
    format!("{MODULE}\n{directives}")
}

// @need-ids: REQ_022, IMPL_009
#[test]
fn assertions_that_hold_pass() {
    for directive in [
        r#"(assert_return (invoke "add" (i32.const 2) (i32.const -3)) (i32.const -1))"#,
        r#"(assert_return (invoke $m "two") (i32.const 1) (f64.const 2.5))"#,
        r#"(assert_return (invoke "nan") (f32.const nan:canonical))"#,
        r#"(assert_return (invoke "nan") (f32.const nan:arithmetic))"#,
        r#"(assert_return (invoke "add" (i32.const 1) (i32.const 1)) (either (i32.const 3) (i32.const 2)))"#,
        r#"(assert_return (get "g") (i64.const 9))"#,
        r#"(assert_return (invoke "null") (ref.null func))"#,
        r#"(assert_return (invoke "null") (ref.null))"#,
        r#"(assert_return (invoke "same" (ref.extern 7)) (ref.extern 7))"#,
        r#"(assert_return (invoke "same" (ref.extern 7)) (ref.extern))"#,
        r#"(assert_return (invoke "same" (ref.null extern)) (ref.null extern))"#,
        r#"(assert_trap (invoke "load" (i32.const 65536)) "out of bounds memory access")"#,
        r#"(assert_trap (invoke "load" (i32.const -1)) "out of bounds")"#,
        r#"(assert_trap (module (func $f unreachable) (start $f)) "unreachable")"#,
        r#"(assert_exhaustion (invoke "deep") "call stack exhausted")"#,
        r#"(assert_malformed (module quote "(func (result i32") "unexpected end")"#,
        r#"(assert_malformed (module binary "\00asm") "unexpected end")"#,
        r#"(assert_invalid (module (func (result i32))) "type mismatch")"#,
        r#"(assert_unlinkable (module (import "a" "b" (func))) "unknown import")"#,
        r#"(assert_unlinkable (module (import "spectest" "print" (func (param i64)))) "incompatible import type")"#,
    ] {
        let report = run(&with_module(directive));
        assert_eq!((report.passed, report.failures), (1, vec![]), "{directive}");
    }
}

// @need-ids: REQ_022, REQ_SAFETY_002
#[test]
fn assertions_that_do_not_hold_fail() {
    for (directive, part) in [
        (r#"(assert_return (invoke "add" (i32.const 2) (i32.const 3)) (i32.const 6))"#, "expected i32 6, got i32 5"),
        (r#"(assert_return (invoke "add" (i32.const 2) (i32.const 3)))"#, "expected 0 results"),
        (r#"(assert_return (invoke "add" (i32.const 2) (i32.const 3)) (i64.const 5))"#, "expected i64 5"),
        (r#"(assert_return (invoke "add" (i32.const 2)) (i32.const 5))"#, "argument"),
        (r#"(assert_return (invoke "two") (i32.const 1) (f64.const nan:canonical))"#, "result 2: expected"),
        (r#"(assert_return (invoke "nope"))"#, "no exported function `nope`"),
        (r#"(assert_return (get "nope") (i32.const 1))"#, "no exported global `nope`"),
        (r#"(assert_return (invoke $other "add"))"#, "no instance `$other`"),
        (r#"(assert_return (invoke "load" (i32.const -1)) (i32.const 0))"#, "trap: out of bounds memory access"),
        (r#"(assert_return (invoke "same" (ref.extern 7)) (ref.extern 8))"#, "expected ref.extern 8"),
        (r#"(assert_return (invoke "null") (ref.null extern))"#, "expected ref.null"),
        (r#"(assert_return (invoke "null") (ref.func))"#, "expected ref.func"),
        (r#"(assert_trap (invoke "add" (i32.const 2) (i32.const 3)) "unreachable")"#, "got results [i32 5]"),
        (r#"(assert_trap (invoke "load" (i32.const -1)) "integer overflow")"#, "got `out of bounds memory access`"),
        (r#"(assert_trap (invoke "load" (i32.const -1)) "")"#, "expected the trap ``"),
        (r#"(assert_trap (invoke "nope") "unreachable")"#, "no exported function"),
        (r#"(assert_exhaustion (invoke "add" (i32.const 2) (i32.const 3)) "call stack exhausted")"#, "got results"),
        (r#"(assert_malformed (module quote "(func)") "unexpected end")"#, "it is valid"),
        (r#"(assert_invalid (module (func)) "type mismatch")"#, "it is valid"),
        (r#"(assert_invalid (module (func (atomic.fence))) "x")"#, "expected to be refused"),
        (r#"(assert_unlinkable (module (func)) "unknown import")"#, "it links"),
        (r#"(assert_unlinkable (module (import "a" "b" (func))) "incompatible import type")"#, "unknown import"),
        (r#"(assert_unlinkable (module (func $f unreachable) (start $f)) "unknown import")"#, "unreachable"),
        (
            r#"(assert_exception (invoke "add" (i32.const 2) (i32.const 3)))"#,
            "expected an exception, got results [i32 5]",
        ),
        (r#"(assert_suspension (invoke "deep") "unhandled")"#, "stack switching is not supported"),
        (r"(wait $t)", "no thread `$t`"),
        (r"(module (func (result i32)))", "type mismatch"),
        (r#"(register "x" $other)"#, "no instance `$other`"),
        (r#"(invoke "load" (i32.const -1))"#, "trap: out of bounds"),
        (r"(component)", "components are not supported"),
    ] {
        let report = run(&with_module(directive));
        let reasons: Vec<_> = report.failures.iter().map(|failed| failed.reason.as_str()).collect();
        assert_eq!(report.passed, 0, "{directive}");
        assert!(reasons.len() == 1 && reasons[0].contains(part), "{directive}: {reasons:?}");
    }
}

// @need-ids: REQ_022, REQ_SAFETY_002
#[test]
fn what_depends_on_a_failed_module_fails() {
    let script = r#"
        (module $bad (func (export "f") try catch_all end))
        (register "lib")
        (assert_return (invoke "f"))
        (assert_return (invoke $bad "f"))
        (assert_trap (invoke "f") "unreachable")
        (assert_unlinkable (module (import "lib" "g" (func))) "unknown import")
        (module (import "lib" "f" (func)))
        (assert_unlinkable (module (import "lib2" "g" (func))) "unknown import")"#;
    let report = run(script);
    assert_eq!((report.passed, report.failed()), (1, 7));
    let depends = report.failures.iter().filter(|failed| failed.reason.contains("its module failed: "));
    assert_eq!(depends.count(), 6);
}

// @need-ids: REQ_022, REQ_SAFETY_002
#[test]
fn vectors_are_compared_lane_by_lane() {
    let module = r#"(module (func (export "v") (param v128) (result v128) (local.get 0)))"#;
    let with = |arg: &str, expected: &str| {
        counts(&format!(r#"{module} (assert_return (invoke "v" (v128.const {arg})) (v128.const {expected}))"#))
    };
    let floats = "i32x4 0x3fc00000 0x80000000 0x7fc00000 0xffc00001";
    for (arg, right, wrong) in [
        ("i64x2 1 -1", "i8x16 1 0 0 0 0 0 0 0 -1 -1 -1 -1 -1 -1 -1 -1", "i8x16 1 0 0 0 0 0 0 0 -1 -1 -1 -1 -1 -1 -1 0"),
        ("i64x2 1 -1", "i16x8 1 0 0 0 -1 -1 -1 -1", "i16x8 1 0 0 0 -1 -1 -1 1"),
        ("i64x2 1 -1", "i32x4 1 0 -1 -1", "i32x4 1 0 -1 1"),
        ("i64x2 1 -1", "i64x2 1 -1", "i64x2 1 1"),
        (floats, "f32x4 1.5 -0 nan:canonical nan:arithmetic", "f32x4 1.5 -0 nan:canonical nan:canonical"),
        (floats, "f32x4 1.5 -0 nan:arithmetic nan:arithmetic", "f32x4 1.5 0 nan:arithmetic nan:arithmetic"),
        ("f64x2 2 -0", "f64x2 2 -0", "f64x2 2 0"),
        ("f64x2 2 nan", "f64x2 2 nan:canonical", "f64x2 nan:canonical nan:canonical"),
    ] {
        assert_eq!((with(arg, right), with(arg, wrong)), ((1, 0), (0, 1)), "{arg}: {right}, {wrong}");
    }
}

// @need-ids: REQ_022
#[test]
fn modules_are_found_by_name_and_definitions_make_instances() {
    let script = r#"
        (module $a (global $g (mut i32) (i32.const 0))
          (func (export "next") (result i32)
            (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))
        (register "a" $a)
        (module $b (import "a" "next" (func $next (result i32))) (export "n" (func $next)))
        (assert_return (invoke "n") (i32.const 1))
        (assert_return (invoke $a "next") (i32.const 2))
        (module definition $d (global $g (mut i32) (i32.const 0))
          (func (export "next") (result i32)
            (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))
        (module instance $i1 $d)
        (module instance $i2 $d)
        (assert_return (invoke $i1 "next") (i32.const 1))
        (assert_return (invoke $i1 "next") (i32.const 2))
        (assert_return (invoke $i2 "next") (i32.const 1))
        (assert_return (invoke "next") (i32.const 2))"#;
    assert_eq!(counts(script), (6, 0), "{:?}", reasons(script));
}

// @need-ids: REQ_022
#[test]
fn spectest_is_there() {
    let script = r#"
        (module
          (import "spectest" "print_i32" (func $print (param i32)))
          (import "spectest" "global_i32" (global i32))
          (import "spectest" "global_i64" (global i64))
          (import "spectest" "global_f32" (global f32))
          (import "spectest" "global_f64" (global f64))
          (import "spectest" "table" (table 10 20 funcref))
          (import "spectest" "memory" (memory 1 2))
          (func (export "f") (result i32 i64 f32 f64)
            (call $print (i32.const 1)) (global.get 0) (global.get 1) (global.get 2) (global.get 3)))
        (assert_return (invoke "f") (i32.const 666) (i64.const 666) (f32.const 666.6) (f64.const 666.6))"#;
    assert_eq!(counts(script), (1, 0), "{:?}", reasons(script));
}

// @need-ids: REQ_022, REQ_THREADS_002, REQ_THREADS_003
#[test]
fn threads_take_turns_and_what_they_assert_counts() {
    let module = r#"(module $m (memory (export "m") 1 1 shared))"#;
    let waiter = r#"(register "m" $m) (module (memory (import "m" "m") 1 1 shared)
        (func (export "f") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))"#;
    let waker = r#"(register "m" $m) (module (memory (import "m" "m") 1 1 shared)
        (func (export "g") (loop (br_if 0 (i32.eqz (memory.atomic.notify (i32.const 0) (i32.const 1)))))))"#;
    let waits = format!(r#"(thread $w (shared (module $m)) {waiter} (assert_return (invoke "f") (i32.const 0)))"#);
    let wakes = format!(r#"(thread $k (shared (module $m)) {waker} (assert_return (invoke "g")))"#);
    let both = format!("{module} {waits} {wakes}");
    assert_eq!(counts(&format!("{both} (wait $w) (wait $k)")), (2, 0));
    // They count without anybody waiting for them, and in a thread of their own.
    assert_eq!(counts(&both), (2, 0));
    assert_eq!(counts(&format!("{module} (thread $t (shared (module $m)) {waits} {wakes} (wait $w))")), (2, 0));
    // Nobody wakes it; nobody is there; it waits for itself; there are two of the name; it never ends.
    let reasons_of = |script: &str| reasons(script).join("; ");
    assert!(reasons_of(&format!("{module} {waits} (wait $w)")).contains("all agents wait"));
    assert!(reasons_of(&format!("{module} (wait $w)")).contains("no thread `$w`"));
    let itself = format!(r#"{module} (thread $t (wait $t) (assert_return (invoke "f")))"#);
    assert!(reasons_of(&itself).contains("does not get there"), "{}", reasons_of(&itself));
    assert!(reasons_of(&format!("{module} (thread $t) (thread $t)")).contains("is there already"));
    let endless = format!(r#"{module} (thread $k (shared (module $m)) {waker} (invoke "g"))"#);
    // With a thousandth of the fuel of a script, which takes a minute where code is not optimised.
    let report = run_within(&endless, Strategy::default(), limits(), FUEL / 1000);
    assert!(report.failures.iter().any(|failed| failed.reason.contains("does not end within its fuel")));
    let shared = format!(r#"{module} (thread $t (shared (module $none)) (invoke "f"))"#);
    assert!(reasons_of(&shared).contains("no instance `$none`"), "{}", reasons_of(&shared));
}

// @need-ids: REQ_022
#[test]
fn places_are_lines_and_columns() {
    let report = run("(module)\n  ;; é\n (;é;) (assert_return (invoke \"f\"))");
    assert_eq!(report.failures.len(), 1);
    assert_eq!((report.failures[0].line, report.failures[0].column), (3, 9));
    let report = run("(module)\n(assert_cheese)");
    assert_eq!((report.failures[0].line, report.failures[0].column), (2, 2));
    assert!(report.failures[0].reason.starts_with("not a script"));
    assert_eq!(counts("(module \u{202e})"), (0, 1));
    assert_eq!(counts(";; \u{202e}\n(module)"), (0, 0));
    assert_eq!(counts(""), (0, 0));
    assert_eq!(counts(" ;; nothing\n(;;)"), (0, 0));
}
