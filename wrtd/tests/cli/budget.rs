//! `wrtd budget`: the report, declarations right and wrong, and constants that do or do not let a program be built.

use super::{Run, file, folder, guest, wrtd};
use serde_json::Value;
use std::fs;
use std::process::Command;

const CONTROL: &str = r#"
(module $control
  (import "env" "read" (func $read (param i32) (result i32)))
  (import "env" "write" (func $write (param i32)))
  (memory 1 2)
  (table 2 funcref)
  (elem (i32.const 0) $low $high)
  (global $sum (mut i32) (i32.const 0))
  (type $filter (func (param i32) (result i32)))
  (func $low (type $filter) (local.get 0))
  (func $high (type $filter) (local i64) (i32.add (local.get 0) (i32.const 1)))
  (func $tick (export "tick") (local $i i32)
    (local.set $i (i32.const 10))
    (loop $each
      (call $write (call_indirect (type $filter) (call $read (local.get $i)) (i32.const 1)))
      (br_if $each (local.tee $i (i32.sub (local.get $i) (i32.const 1))))))
  (func $deep (export "deep") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0)))))
"#;

/// As [`CONTROL`], without recursion.
fn bounded() -> String {
    let text = CONTROL.replace("(call $deep (i32.sub (local.get 0) (i32.const 1)))", "(i32.const 1)");
    file("control.wat", text)
}

fn run(args: &[&str]) -> Run {
    let all: Vec<&str> = ["budget"].iter().chain(args).copied().collect();
    wrtd(&all)
}

fn json(args: &[&str]) -> Value {
    let all: Vec<&str> = ["--format", "json"].iter().chain(args).copied().collect();
    let run = run(&all);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.json()
}

fn root<'d>(document: &'d Value, name: &str) -> &'d Value {
    let roots = document["roots"].as_array().expect("a list");
    roots.iter().find(|root| root["name"] == name).expect("a root")
}

// @need-ids: REQ_BUDGET_001, REQ_BUDGET_002, REQ_CLI_001
#[test]
fn the_report_says_what_is_bounded_and_why_the_rest_is_not() {
    let path = file("control.wat", CONTROL);
    let run = run(&[&path, "--target", "thumbv7em-none-eabi"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{run:?}");
    for part in [
        "calls from outside:",
        "export \"tick\"",
        "recursion: 5 $deep calls 5 $deep; --recursion 5=N bounds frames and slots",
        "loop in function 4 $tick at 0x",
        "indirect calls:\n  function 4 $tick at 0x",
        ": 2 $low, 3 $high\n",
        "import env.read is a function of the host that does not call the guest",
        "0: 65536 bytes, at most 131072, in pages of 65536",
        "storage on thumbv7em-none-eabi:",
        "sections of the image:",
    ] {
        assert!(run.out.contains(part), "{part}\n{}", run.out);
    }
}

// @need-ids: REQ_BUDGET_001, REQ_BUDGET_002, REQ_CLI_001
#[test]
fn a_module_its_text_and_its_image_have_one_budget() {
    let text = file("control.wat", CONTROL);
    let image = folder().join("control.wrt");
    let image = image.to_str().expect("UTF-8");
    assert_eq!(wrtd(&["compile", &text, "-o", image]).code, Some(0));
    let (mut first, mut second) = (json(&[&text]), json(&[image]));
    for document in [&mut first, &mut second] {
        for key in ["file", "bytes"] {
            document[key] = Value::Null;
        }
    }
    assert_eq!(first, second);
    assert_eq!(first["command"], "budget");
    assert_eq!(root(&first, "deep")["stack"]["reasons"][0]["cycle"], serde_json::json!([5]));
    assert_eq!(first["stack"]["bound"], Value::Null);
}

// @need-ids: REQ_BUDGET_001, REQ_BUDGET_002, REQ_CLI_001
#[test]
fn declarations_give_bounds_that_runs_keep() {
    let path = file("control.wat", CONTROL);
    let before = json(&[&path]);
    let found = &before["loops"][0];
    let place = format!("tick:{:#x}=10", found["offset"].as_u64().expect("an offset"));
    let call = &before["indirect"][0];
    let callees = format!("$tick:{}=high", call["offset"]);
    let after = json(&[
        &path,
        "--loop",
        &place,
        "--recursion",
        "$deep=8",
        "--callees",
        &callees,
        "--target",
        "thumbv6m-none-eabi",
    ]);
    let tick = root(&after, "tick");
    assert!(tick["fuel"]["bound"].is_u64(), "{tick}");
    assert_eq!(after["indirect"][0]["callees"], serde_json::json!([3]));
    assert_eq!(root(&after, "deep")["stack"]["bound"]["frames"], 8);
    assert_eq!(root(&after, "deep")["fuel"]["reasons"][0]["kind"], "recursion");
    assert!(after["ram"]["total"].is_u64());
    // Of a module that imports nothing, the program itself shows what a run uses.
    let fib = guest("fib.wasm");
    let offset = json(&[&fib])["loops"][0]["offset"].to_string();
    let document = json(&[&fib, "--loop", &format!("fib_loop:{offset}=51")]);
    let fuel = root(&document, "fib_loop")["fuel"]["bound"].as_u64().expect("a bound").to_string();
    let ran = wrtd(&["--call", "fib_loop", "--fuel", &fuel, &fib, "50"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let bound = &root(&document, "fib_loop")["stack"]["bound"];
    let (frames, slots) = (bound["frames"].to_string(), bound["slots"].to_string());
    let ran = wrtd(&["--call", "fib_loop", "--max-frames", &frames, "--max-slots", &slots, &fib, "50"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

// @need-ids: REQ_BUDGET_001, REQ_CLI_001, REQ_ERROR_003
#[test]
fn what_is_wrong_is_told_in_a_line() {
    let path = file("control.wat", CONTROL);
    let cases: [(&[&str], i32, &str); 24] = [
        (&["--recursion", "deeep=3"], 2, "there is no function called `deeep`; did you mean `deep`?"),
        (&["--recursion", "77=3"], 2, "there is no function 77: the module has 6"),
        (&["--recursion", "tick=3"], 2, "function 4 was declared, but it is not recursive"),
        (&["--recursion", "deep"], 2, "FUNC=N is wanted"),
        (&["--recursion", "deep=0"], 2, "at least 1"),
        (&["--recursion", "deep=99999999999"], 2, "at most 4294967295"),
        (&["--recursion", "deep=1", "--recursion", "5=2"], 2, "this was declared already"),
        (&["--loop", "tick=3"], 2, "FUNC:OFFSET is wanted"),
        (&["--loop", "tick:zero=3"], 2, "FUNC:OFFSET is wanted"),
        (&["--loop", "tick:0x7=0"], 2, "a number from 1 on"),
        (&["--loop", "tick:0x7=3"], 2, "there is no loop there"),
        (&["--length", "tick:0x7=3"], 2, "no operator there whose length"),
        (&["--callees", "tick:0x7=low"], 2, "no indirect call there"),
        (&["--callees", "tick:0x7=lou"], 2, "did you mean `low`?"),
        (&["--import", "env.reed=calls:low"], 2, "did you mean `env.read`?"),
        (&["--import", "env.read=sometimes"], 2, "calls:FUNC,… or frames:N"),
        (&["--import", "env.read=frames:1"], 2, "calls:FUNC,… or frames:N"),
        (&["--import", "env.read=frames:1,slots:2,spoons:3"], 2, "calls:FUNC,… or frames:N"),
        (&["--target", "thumbv7emm-none-eabi"], 2, "did you mean `thumbv7em-none-eabi`?"),
        (&["--target", "pdp11"], 2, "known targets: thumbv6m-none-eabi"),
        (&["--rust", "no/such/folder/out.rs", "--recursion", "deep=2"], 70, "cannot write"),
        (&["--rust", "-"], 65, "no constants without a bound for the stack"),
        (&["--cheese"], 2, "--cheese"),
        (&["--max-module-bytes", "10"], 69, "max-module-bytes"),
    ];
    for (args, code, part) in cases {
        let all: Vec<&str> = [path.as_str()].iter().chain(args).copied().collect();
        let run = run(&all);
        assert_eq!(run.code, Some(code), "{args:?} {run:?}");
        assert!(run.err.contains(part), "{args:?}: {part}\n{}", run.err);
        assert_eq!(run.out, "", "{args:?}");
    }
    for (path, code) in [
        ("no/such/file".to_owned(), 66),
        (file("bad.wasm", b"\0asm\x01\0\0\0\x0A"), 65),
        (file("bad.wrt", b"\0wrt"), 65),
    ] {
        let run = run(&[&path]);
        assert_eq!(run.code, Some(code), "{run:?}");
        assert!(run.err.starts_with("wrtd: "), "{run:?}");
    }
}

/// Whether a program builds that includes the constants, and what the compiler says.
fn builds(constants: &str, program: &str) -> (bool, String) {
    let folder = folder();
    fs::write(folder.join("budget.rs"), constants).expect("writable");
    fs::write(
        folder.join("main.rs"),
        format!("#![deny(warnings)]\nmod budget {{ include!(\"budget.rs\"); }}\n{program}"),
    )
    .expect("writable");
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(compiler)
        .args(["--edition", "2021", "--crate-type", "lib", "--emit", "metadata", "--out-dir"])
        .arg(&folder)
        .arg(folder.join("main.rs"))
        .output()
        .expect("a compiler");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

// @need-ids: REQ_BUDGET_004
#[test]
fn a_program_whose_storage_is_too_small_does_not_build() {
    let path = bounded();
    let place = json(&[&path])["loops"][0]["offset"].to_string();
    let out = folder().join("budget.rs");
    let run = run(&[
        &path,
        "--target",
        "thumbv7em-none-eabi",
        "--loop",
        &format!("tick:{place}=10"),
        "-o",
        out.to_str().expect("UTF-8"),
    ]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let constants = fs::read_to_string(&out).expect("written");
    assert!(constants.contains("// Taken for granted: import env.read is a function of the host"), "{constants}");
    assert!(constants.contains("is passed at most 10 times for each entry (declared)"), "{constants}");
    let least = "pub static STACK: [u64; budget::STACK_SLOTS] = [0; budget::STACK_SLOTS];
        const _: () = budget::require(&budget::LEAST);
        const _: () = assert!(budget::export_tick::FUEL > 0 && budget::export_deep::MAX_FRAMES == 1);";
    let (ok, said) = builds(&constants, least);
    assert!(ok, "{said}");
    for (field, value, part) in [
        ("stack_slots", "budget::STACK_SLOTS - 1", "the stack has fewer slots than the module's budget"),
        ("stack_frames", "budget::STACK_FRAMES - 1", "the stack has fewer frames than the module's budget"),
        ("max_frames", "budget::MAX_FRAMES - 1", "max_frames is below"),
        ("max_slots", "budget::MAX_SLOTS - 1", "max_slots is below"),
        ("words", "budget::WORDS - 1", "fewer words"),
        ("entries", "budget::ENTRIES - 1", "fewer entries"),
        ("memory_bytes", "[65_535]", "a memory is smaller"),
        ("table_elements", "[1]", "a table is smaller"),
    ] {
        let program =
            format!("const _: () = budget::require(&budget::Storage {{ {field}: {value}, ..budget::LEAST }});");
        let (ok, said) = builds(&constants, &program);
        assert!(!ok && said.contains(part), "{field}: {said}");
    }
    // Larger is fine, and a bound that there is none of is not there to be relied on.
    let more = "const _: () = budget::require(&budget::Storage { stack_slots: 4_096, ..budget::LEAST });";
    assert!(builds(&constants, more).0);
    let unbounded = wrtd(&["budget", &path, "--rust", "-"]);
    assert_eq!(unbounded.code, Some(0), "{unbounded:?}");
    let (ok, said) = builds(&unbounded.out, "const _: u64 = budget::export_tick::FUEL;");
    assert!(!ok && said.contains("FUEL"), "{said}");
}

// @need-ids: REQ_BUDGET_001
#[test]
fn every_guest_has_a_report() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests/wasm");
    let mut seen = 0;
    for entry in fs::read_dir(folder).expect("guests are there") {
        let path = entry.expect("readable").path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            let document = json(&[path.to_str().expect("UTF-8"), "--target", "riscv32imac-unknown-none-elf"]);
            let unbounded = document["stack"]["bound"].is_null();
            assert_eq!(unbounded, !document["stack"]["reasons"].as_array().expect("a list").is_empty(), "{path:?}");
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
}
