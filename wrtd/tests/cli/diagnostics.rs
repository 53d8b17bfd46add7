//! Messages that help: lines of source, carets, explanations, imports that nobody provides.

use super::{Run, command, file, folder, module, run, wrtd};
use std::path::Path;

/// A module that was built from `inlined.rs`, which says how.
fn inlined(folder: &str, options: &[&str]) -> Run {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let module = here.join("inlined.wasm").into_os_string().into_string().expect("UTF-8");
    let args = [options, &["--call", "outer", &module, "9"]].concat();
    run(command().args(args).current_dir(here.join(folder)), b"")
}

// @need-ids: REQ_DIAGNOSTICS_002
#[test]
fn a_backtrace_has_lines_of_source_also_of_inlined_functions() {
    let run = inlined(".", &[]);
    assert_eq!(run.code, Some(134));
    let text = include_str!("inlined.rs");
    let line_of = |code: &str| text.lines().position(|line| line.contains(code)).expect("is there") + 1;
    for (function, code) in [("inlined::refuse", "if x > 3"), ("inlined::middle", "refuse(x) * 2")] {
        let near = [line_of(code), line_of(code) + 1].map(|line| format!("{function}, inlined, at inlined.rs:{line}:"));
        assert!(near.iter().any(|expected| run.err.contains(expected)), "{near:?}: {run:?}");
    }
    let outer = format!("        at inlined.rs:{}:", line_of("middle(x) + 5"));
    assert!(run.err.contains("outer (func ") && run.err.contains(&outer), "{run:?}");
    // The text is in the working directory, so its line is shown; it would not be elsewhere.
    assert!(run.err.contains('^') && run.err.contains("core::arch::wasm32::unreachable()"), "{run:?}");
    assert!(!inlined("..", &[]).err.contains('^'));
    let without = inlined(".", &["--no-dwarf"]);
    assert!(without.code == Some(134) && !without.err.contains("inlined.rs"), "{without:?}");
    let document = inlined(".", &["--format", "json"]).json();
    let places = &document["error"]["backtrace"][0]["source"];
    assert_eq!((&places[1]["function"], &places[1]["inlined"]), (&"inlined::refuse".into(), &true.into()), "{places}");
}

// @need-ids: REQ_DIAGNOSTICS_001, REQ_DIAGNOSTICS_002
#[test]
fn text_modules_have_their_own_lines() {
    let trapping = file("trap.wat", "(module\n  (func $f (export \"f\")\n    (drop (i32.const 1))\n    unreachable))");
    let run = wrtd(&["--call", "f", &trapping]);
    assert!(run.code == Some(134) && run.err.contains("trap.wat:4:"), "{run:?}");
    let lines: Vec<&str> = run.err.lines().collect();
    let caret = lines.iter().position(|line| line.contains('^')).expect("a caret");
    assert!(lines[caret - 1].contains("unreachable"), "{run:?}");

    let invalid = file("invalid.wat", "(module\n  (func (result i32)\n    (i64.add (i64.const 1) (i32.const 2))))");
    let run = wrtd(&[&invalid]);
    assert!(run.code == Some(65) && run.err.contains("invalid.wat:3:") && run.err.contains('^'), "{run:?}");
    let document = wrtd(&["--format", "json", &invalid]).json();
    assert_eq!((&document["error"]["kind"], &document["error"]["line"]), (&"invalid".into(), &3.into()));

    let malformed = file("malformed.wat", "(module\n  (funk))");
    let run = wrtd(&[&malformed]);
    assert!(run.code == Some(65) && run.err.contains("malformed.wat:2:4: ") && run.err.contains("   ^"), "{run:?}");
}

// @need-ids: REQ_DIAGNOSTICS_002
#[test]
fn dwarf_that_is_wrong_on_purpose_changes_nothing_but_the_lines() {
    let good = include_bytes!("inlined.wasm");
    let begin = good.windows(12).position(|window| window == b".debug_abbre").expect("DWARF is there");
    for seed in 0..24_usize {
        let mut bad = good.to_vec();
        // Beyond the code there are custom sections only: whatever is in them, the module is valid.
        for index in 0..40 {
            let at = begin + 20 + (seed * 7_919 + index * 104_729) % (bad.len() - begin - 20);
            bad[at] ^= 1 << ((seed + index) % 8);
        }
        let run = wrtd(&["--call", "outer", &file("bad.wasm", &bad), "9"]);
        // Where a section's size was hit, it is no module any more.
        assert!(matches!(run.code, Some(134 | 65)), "{seed}: {run:?}");
    }
}

// @need-ids: REQ_DIAGNOSTICS_003
#[test]
fn codes_are_explained() {
    let run = wrtd(&["explain", "trap[2]"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert!(run.out.starts_with("trap[2]: out of bounds memory access\n") && run.out.contains("Mend: "), "{run:?}");
    for (code, part) in
        [("link", "exit code 65"), ("65", "malformed"), ("max-frames", "--max-frames N"), ("Deadlock", "26")]
    {
        assert!(wrtd(&["explain", code]).out.contains(part), "{code}");
    }
    assert!(wrtd(&["explain"]).out.lines().count() > 50);
    let run = wrtd(&["explain", "trap[99]"]);
    assert!(run.code == Some(2) && run.err.contains("nothing is known about `trap[99]`"), "{run:?}");
    assert_eq!(wrtd(&["explain", "--format=json", "9"]).json()["pages"][0]["code"], "trap[9]");
}

// @need-ids: REQ_DIAGNOSTICS_004, REQ_WASM_002
#[test]
fn imports_are_listed_with_who_provides_them() {
    let guest = file(
        "guest.wat",
        r#"(module
            (import "env" "f" (func (param i32)))
            (import "wasi_snapshot_preview1" "fd_fly" (func))
            (import "maths" "add" (func (param i32 i32) (result i32)))
            (import "wasi:io/streams@0.2.0" "read" (func))
            (func (export "_start")))"#,
    );
    let run = wrtd(&[&guest]);
    assert_eq!((run.code, run.out.as_str()), (Some(65), ""));
    for part in [
        "4 imports that nobody provides",
        "from \"env\": the host",
        "    \"f\" (func (param i32))",
        "WASI Preview 1 has no function of that name",
        "--preload maths=FILE",
        "Component Model",
    ] {
        assert!(run.err.contains(part), "{part}: {run:?}");
    }
    let imports = &wrtd(&["--format", "json", &guest]).json()["error"]["imports"];
    assert_eq!((imports.as_array().map(Vec::len), &imports[2]["name"]), (Some(4), &"add".into()));
}

// @need-ids: REQ_CLI_004, REQ_WASM_002
#[test]
fn modules_can_be_instantiated_before_to_import_from() {
    let user = file(
        "user.wat",
        r#"(module (import "sample" "divide" (func $divide (param i32 i32) (result i32)))
            (func (export "half") (param i32) (result i32) (call $divide (local.get 0) (i32.const 2)))
            (func (export "none") (param i32) (result i32) (call $divide (local.get 0) (i32.const 0))))"#,
    );
    let with = format!("sample={}", module());
    let run = wrtd(&["--preload", &with, "--call", "half", &user, "84"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), "42\n"), "{run:?}");
    let run = wrtd(&["--preload", &with, "--call", "none", &user, "1"]);
    assert!(run.code == Some(134) && run.err.contains("sample.wat:") && run.err.contains("user.wat:3:"), "{run:?}");
    for (preload, code) in [("sample", 2), ("sample=", 2), ("sample=no/such/file", 66)] {
        assert_eq!(wrtd(&["--preload", preload, "--call", "half", &user, "1"]).code, Some(code), "{preload}");
    }
    let broken = format!("sample={}", file("broken.wat", "(module (import \"a\" \"b\" (func)))"));
    let run = wrtd(&["--preload", &broken, "--call", "half", &user, "1"]);
    assert!(run.code == Some(65) && run.err.contains("broken.wat") && run.err.contains("\"a\""), "{run:?}");
    let text = folder().join("bad.wasm");
    std::fs::write(&text, "\0asm").expect("writable");
    assert_eq!(wrtd(&["--preload", &format!("sample={}", text.display()), &user]).code, Some(65));
}
