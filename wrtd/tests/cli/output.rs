//! The forms of the output, closed pipes, and the commands that only tell.

use super::{file, folder, guest, module, wrtd};
use std::io::Read;
use std::process::{Command, Stdio};

// @need-ids: REQ_CLI_001
#[test]
fn json_is_one_document_for_results_and_errors() {
    let file = module();
    let document = wrtd(&["--format", "json", "--call", "two", &file]).json();
    assert_eq!(document["results"][0], serde_json::json!({ "type": "i32", "value": "-1" }));
    assert_eq!(document["results"][1]["bits"], "0x3fb999999999999a");
    assert_eq!(document["exit"], 0);

    for (args, code, kind) in [
        (["--call", "add", &file, "x", "1"].as_slice(), 2, "arguments"),
        (&["--call", "nope", &file], 2, "usage"),
        (&["--cheese", &file], 2, "usage"),
        (&["no/such/file"], 66, "input"),
        (&["--call", "divide", &file, "1", "0"], 134, "trap"),
        (&["--fuel", "9", "--call", "spin", &file], 124, "fuel"),
        (&["--max-memory-bytes", "1", "--call", "null", &file], 69, "limit"),
    ] {
        let run = wrtd(&[["--format", "json"].as_slice(), args].concat());
        let document = run.json();
        assert_eq!((run.code, run.err.as_str()), (Some(code), ""), "{run:?}");
        assert_eq!((&document["error"]["kind"], &document["exit"]), (&kind.into(), &code.into()), "{run:?}");
        assert!(document["error"]["message"].is_string());
    }

    let trap = wrtd(&["--format=json", "--stats", "--call", "load", &file, "-1"]).json();
    let error = &trap["error"];
    assert_eq!((&error["code"], &error["operands"]["address"]), (&2.into(), &4_294_967_297_u64.into()));
    assert_eq!(error["backtrace"][0]["name"], "inner");
    assert!(trap["stats"]["fuel"]["used"].is_u64());
    let malformed = wrtd(&["--format=json", &super::file("cut.wasm", b"\0asm")]).json();
    assert!(malformed["error"]["offset"].is_u64());
    let text = wrtd(&["--format=json", &super::file("bad.wat", "(module\n (x))")]).json();
    assert_eq!((&text["error"]["line"], &text["error"]["column"]), (&2.into(), &3.into()));
}

// @need-ids: REQ_CLI_001
#[test]
fn inspect_tells_what_is_in_a_module() {
    let run = wrtd(&["inspect", &guest("fib.wasm")]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    for part in
        ["sections:\n", "  code", "types:\n", "exports:\n", "\"fib\" (func (param i32) (result i32))", "functions:\n"]
    {
        assert!(run.out.contains(part), "{part}: {run:?}");
    }
    let document = wrtd(&["inspect", "--format", "json", &guest("fib.wasm")]).json();
    assert_eq!(document["exports"][0]["kind"], "function");
    assert!(document["sections"].as_array().is_some_and(|sections| sections.len() > 2));

    let run = wrtd(&["inspect", "--wat", &guest("fib.wasm")]);
    assert!(run.code == Some(0) && run.out.starts_with("(module") && run.out.contains("i32.add"), "{run:?}");
    let run = wrtd(&["inspect", "--ir", &guest("fib.wasm")]);
    assert!(run.code == Some(0) && run.out.contains("func 0") && run.out.contains("enter"), "{run:?}");
    let document = wrtd(&["inspect", "--ir", "--format", "json", &guest("fib.wasm")]).json();
    assert!(document["functions"][0]["code"][0]["do"].is_string());
}

// @need-ids: REQ_CLI_001, REQ_IMAGE_002
#[test]
fn inspect_tells_what_is_in_an_image() {
    let image = folder().join("sample.wrt").into_os_string().into_string().expect("UTF-8");
    assert_eq!(wrtd(&["compile", &module(), "-o", &image]).code, Some(0));
    let run = wrtd(&["inspect", &image]);
    assert!(run.code == Some(0) && run.out.contains(": image, ") && run.out.contains("\"add\""), "{run:?}");
    assert_eq!(wrtd(&["inspect", "--ir", &image]).out, wrtd(&["inspect", "--ir", &module()]).out);
    let run = wrtd(&["inspect", "--wat", &image]);
    assert!(run.code == Some(65) && run.err.contains("no bytecode"), "{run:?}");
}

// @need-ids: REQ_CLI_001, REQ_TRADITIONAL_002, REQ_ERROR_003
#[test]
fn images_run_on_the_engines_that_they_have_code_for() {
    let path = |name| folder().join(name).into_os_string().into_string().expect("UTF-8");
    let (both, alone, plain) = (path("both.wrt"), path("alone.wrt"), path("plain.wrt"));
    for (engine, to) in [("both", &both), ("traditional", &alone), ("stackless", &plain)] {
        assert_eq!(wrtd(&["compile", "--engine", engine, &guest("fib.wasm"), "-o", to]).code, Some(0));
    }
    let run = |engine: &str, file: &str| wrtd(&["--engine", engine, "--call", "fib", file, "10"]);
    let expected = run("stackless", &guest("fib.wasm")).out;
    let runs = [("stackless", &both), ("traditional", &both), ("lockstep", &both), ("traditional", &alone)];
    for (engine, file) in runs.into_iter().chain([("stackless", &plain)]) {
        let found = run(engine, file);
        assert!(found.code == Some(0) && found.out == expected, "{engine} {file}: {found:?}");
    }
    let refused = [("stackless", &alone), ("lockstep", &alone), ("traditional", &plain), ("lockstep", &plain)];
    for (engine, file) in refused {
        let found = run(engine, file);
        assert!(found.code == Some(65) && found.err.contains("`--engine both`"), "{engine} {file}: {found:?}");
    }
}

// @need-ids: REQ_CLI_001, REQ_IMAGE_003
#[test]
fn a_stripped_image_is_smaller_and_does_the_same() {
    let path = |name| folder().join(name).into_os_string().into_string().expect("UTF-8");
    let (whole, stripped) = (path("whole.wrt"), path("stripped.wrt"));
    assert_eq!(wrtd(&["compile", &guest("fib.wasm"), "-o", &whole]).code, Some(0));
    assert_eq!(wrtd(&["compile", "--strip", &guest("fib.wasm"), "-o", &stripped]).code, Some(0));
    let size = |file: &str| std::fs::metadata(file).expect("is written").len();
    assert!(size(&stripped) + 100 < size(&whole), "{} and {}", size(&stripped), size(&whole));
    let run = |file: &str| wrtd(&["--call", "fib", file, "10"]);
    assert_eq!((run(&stripped).code, run(&stripped).out), (Some(0), run(&whole).out));
    let again = path("again.wrt");
    assert_eq!(wrtd(&["compile", "--strip", &whole, "-o", &again]).code, Some(0));
    assert_eq!(std::fs::read(&again).expect("is written"), std::fs::read(&stripped).expect("is written"));
}

// @need-ids: REQ_INSTALL_002, REQ_CLI_001
#[test]
fn the_self_test_passes() {
    let run = wrtd(&["selftest"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{run:?}");
    assert!(run.out.lines().last().is_some_and(|line| line.ends_with(" 0 failed")), "{run:?}");
    let document = wrtd(&["selftest", "--format=json"]).json();
    assert_eq!((&document["failed"], &document["version"]), (&0.into(), &env!("CARGO_PKG_VERSION").into()));
}

// @need-ids: REQ_CLI_001
#[test]
fn help_and_version() {
    let run = wrtd(&["--version"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), concat!("wrtd ", env!("CARGO_PKG_VERSION"), "\n")));
    for args in [["--help"].as_slice(), &["help"], &["-h"]] {
        let run = wrtd(args);
        assert!(run.code == Some(0) && run.out.contains("Usage") && run.err.is_empty(), "{run:?}");
    }
    assert!(wrtd(&["help", "run"]).out.contains("--max-frames"));
    let run = wrtd::<&str>(&[]);
    assert!(run.code == Some(2) && run.out.is_empty() && run.err.contains("Usage"), "{run:?}");
}

// @need-ids: REQ_CLI_001
#[test]
fn a_closed_pipe_is_quiet() {
    let many = format!("(module (func (export \"f\") (result {}) {}))", "i32 ".repeat(900), "i32.const 7 ".repeat(900));
    let many = file("many.wat", many);
    for args in [["--call", "f", &many].as_slice(), &["inspect", "--ir", &guest("json.wasm")], &["run", "--help"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wrtd"))
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("wrtd starts");
        // Nobody reads a byte of it.
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut err).expect("UTF-8");
        let code = child.wait().expect("a child of ours").code();
        assert_eq!((code, err.as_str()), (Some(0), ""), "{args:?}");
    }
}

// @need-ids: REQ_CLI_001, REQ_ERROR_003
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let output = Command::new(env!("CARGO_BIN_EXE_wrtd"))
        .args(["--call", "two", &module()])
        .stdout(full)
        .output()
        .expect("wrtd starts");
    assert_eq!(output.status.code(), Some(70));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write the output"));
}
