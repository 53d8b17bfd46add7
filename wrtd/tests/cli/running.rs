//! Running: arguments, results, traps, fuel, statistics.

use super::{MODULE, file, folder, guest, module, wrtd, wrtd_with_input};
use std::fs;

/// Runs an export of the sample module.
fn call(export: &str, args: &[&str]) -> super::Run {
    let file = module();
    wrtd(&[["--call", export, &file].as_slice(), args].concat())
}

// @need-ids: REQ_CLI_001
#[test]
fn results_are_printed_one_a_line() {
    for (export, args, expected) in [
        ("add", ["2", "-3"].as_slice(), "-1\n"),
        ("add", &["0xffffffff", "1_000"], "999\n"),
        ("add", &["4294967295", "0"], "-1\n"),
        ("id64", &["18446744073709551615"], "-1\n"),
        ("half", &["3"], "1.5\n"),
        ("half", &["nan"], "nan\n"),
        ("root", &["-1"], "nan\n"),
        ("root", &["inf"], "inf\n"),
        ("root", &["0x1p-1074"], "2.2227587494850775e-162\n"),
        ("root", &[".25"], "0.5\n"),
        ("two", &[], "-1\n0.1\n"),
        ("null", &[], "ref.null\n"),
        ("self", &[], "ref.func\n"),
        ("grow", &["0"], "1\n"),
        ("grow", &["5"], "-1\n"),
    ] {
        let run = call(export, args);
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), expected, ""), "{export} {args:?}");
    }
}

// @need-ids: REQ_CLI_001, REQ_WASM_002
#[test]
fn vectors_are_given_by_lanes_and_printed_in_hexadecimal() {
    let text =
        r#"(module (func (export "add") (param v128 v128) (result v128) (i32x4.add (local.get 0) (local.get 1))))"#;
    let file = file("vectors.wat", text);
    let run = wrtd(&["--call", "add", &file, "i32x4:1,2,3,-1", "0x1_00000000_00000000_00000000"]);
    let expected = "0x00000000000000030000000200000001\n";
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), expected, ""));
    let run = wrtd(&["--call", "add", &file, "i32x4:1,2,3", "0"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(run.err.contains("'i32x4:1,2,3' is not a v128"), "{}", run.err);
}

// @need-ids: REQ_CLI_001
#[test]
fn run_and_invoke_and_stdin_and_dashes_are_understood() {
    let file = module();
    for args in [
        ["run", "--call", "add", &file, "2", "3"].as_slice(),
        &["--invoke", "add", &file, "2", "3"],
        &["--call=add", "--", &file, "2", "3"],
        &["--call", "add", &file, "--", "2", "3"],
        &["--call", "add", "--max-frames", "0x10", "--fuel", "1_000", &file, "2", "3"],
    ] {
        assert_eq!(wrtd(args).out, "5\n", "{args:?}");
    }
    assert_eq!(wrtd_with_input(&["--call", "add", "-", "2", "3"], MODULE.as_bytes()).out, "5\n");
    let run = wrtd(&["--call", "fib", "--fuel", "1000000", &guest("fib.wasm"), "20"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), "6765\n"));
}

// @need-ids: REQ_CLI_001
#[test]
fn a_command_wins_over_a_file_of_its_name() {
    let folder = folder();
    fs::write(folder.join("selftest"), "(module (func (export \"_start\")))").expect("writable");
    let run = |arg: &str| {
        let program = env!("CARGO_BIN_EXE_wrtd");
        std::process::Command::new(program).arg(arg).current_dir(&folder).output().expect("wrtd starts")
    };
    assert!(!run("selftest").stdout.is_empty());
    let output = run("./selftest");
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(0), true));
}

// @need-ids: REQ_CLI_001, REQ_WASM_002
#[test]
fn wrong_arguments_are_refused_before_anything_runs() {
    for (export, args, part) in [
        ("add", ["1"].as_slice(), "`add` [i32 i32] -> [i32] takes 2 arguments, not 1"),
        ("null", &["1"], "takes 0 arguments, not 1"),
        ("add", &["1", "300000000000"], "argument 2: '300000000000' is not an i32"),
        ("add", &["x", "1"], "argument 1: 'x' is not an i32"),
        ("add", &["1.5", "1"], "argument 1: '1.5' is not an i32"),
        ("half", &["1e39"], "argument 1: '1e39' is not an f32: it is too large"),
        ("nothing", &[], "no export 'nothing'"),
        ("aad", &["1", "2"], "no export 'aad'; did you mean `add`?"),
        ("memory", &[], "export 'memory' is a memory, not a function"),
    ] {
        let run = call(export, args);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{run:?}");
        assert!(run.err.starts_with("wrtd: ") && run.err.contains(part), "{run:?}");
    }
}

// @need-ids: REQ_CLI_001
#[test]
fn without_a_name_the_program_runs_or_the_exports_are_listed() {
    let run = wrtd(&[&module()]);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
    assert!(run.err.contains("  add [i32 i32] -> [i32]\n") && !run.err.contains("  memory"), "{run:?}");
    let start = file("start.wat", "(module (func (export \"_start\") (drop (i32.const 1))))");
    assert_eq!(wrtd(&[&start]).code, Some(0));
    let trapping = file("trap.wat", "(module (func (export \"_start\") unreachable))");
    assert_eq!(wrtd(&[&trapping]).code, Some(134));
    let empty = file("empty.wat", "(module)");
    let run = wrtd(&[&empty]);
    assert!(run.code == Some(2) && run.err.contains("nothing to call"), "{run:?}");
    let section = file("section.wat", "(module (func $f unreachable) (start $f))");
    assert_eq!(wrtd(&[&section]).code, Some(134));
}

// @need-ids: REQ_CLI_001
#[test]
fn an_option_behind_the_file_gets_a_hint() {
    let file = module();
    let run = wrtd(&["--call", "null", &file, "--fuel=5"]);
    assert!(run.code == Some(2) && run.err.contains("hint: `--fuel` stands after FILE"), "{run:?}");
    let run = wrtd(&["--call", "null", &file, "--", "--fuel=5"]);
    assert!(run.code == Some(2) && !run.err.contains("hint"), "{run:?}");
}

// @need-ids: REQ_TRAP_001, REQ_CLI_001
#[test]
fn traps_are_told_with_operands_and_backtrace() {
    for (export, args, expected) in [
        (
            "load",
            ["65533"].as_slice(),
            "trap[2] out of bounds memory access: 4 bytes at address 65535, memory size 65536 bytes",
        ),
        (
            "load",
            &["-1"],
            "trap[2] out of bounds memory access: 4 bytes at address 4294967297, memory size 65536 bytes",
        ),
        (
            "indirect",
            &["0"],
            "trap[5] indirect call type mismatch: expected type [] -> [], actual type [i32 i32] -> [i32]",
        ),
        ("indirect", &["1"], "trap[4] uninitialized element: index 1, table size 2"),
        ("indirect", &["7"], "trap[12] undefined element: index 7, table size 2"),
        ("divide", &["1", "0"], "trap[6] integer divide by zero"),
        ("divide", &["-2147483648", "-1"], "trap[7] integer overflow"),
        ("deep", &[], "trap[9] call stack exhausted"),
    ] {
        let run = call(export, args);
        assert_eq!((run.code, run.out.as_str()), (Some(134), ""), "{run:?}");
        let first = run.err.lines().next().unwrap_or_default();
        assert!(first.starts_with("wrtd: ") && first.ends_with(&format!(": {expected}")), "{run:?}");
        assert!(run.err.lines().nth(1).is_some_and(|line| line.starts_with("   0: ")), "{run:?}");
    }
    let run = call("load", &["-1"]);
    let frames: Vec<&str> = run.err.lines().filter(|line| line.contains(") at 0x")).collect();
    assert_eq!(frames.len(), 2);
    assert!(frames[0].contains("inner (func 8) at 0x") && frames[1].contains("load (func 7) at 0x"), "{frames:?}");
}

// @need-ids: REQ_003, REQ_RESOURCE_004, REQ_CLI_001
#[test]
fn fuel_bounds_every_run() {
    let file = module();
    for fuel in ["0", "1", "1000", "1_000_000"] {
        let run = wrtd(&["--fuel", fuel, "--call", "spin", &file]);
        assert_eq!((run.code, run.out.as_str()), (Some(124), ""), "{run:?}");
        assert!(run.err.contains("out of fuel: "), "{run:?}");
    }
    let start = super::file("start.wat", "(module (func $f (loop (br 0))) (start $f))");
    assert_eq!(wrtd(&["--fuel", "1000", &start]).code, Some(124));
    // Exactly enough is enough, and one less is not.
    let stats = wrtd(&["--format", "json", "--stats", "--call", "add", &file, "1", "2"]).json();
    let used = stats["stats"]["fuel"]["used"].as_u64().expect("a number");
    let with = |fuel: u64| wrtd(&["--fuel", &fuel.to_string(), "--call", "add", &file, "1", "2"]).code;
    assert_eq!((with(used), with(used - 1)), (Some(0), Some(124)));
}

// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_001, REQ_CLI_001
#[test]
fn limits_are_options() {
    let file = module();
    let run = wrtd(&["--max-memory-bytes", "65535", "--call", "null", &file]);
    assert!(run.code == Some(69) && run.err.contains("max-memory-bytes"), "{run:?}");
    let run = wrtd(&["--max-module-bytes", "10", "--call", "null", &file]);
    assert!(run.code == Some(69) && run.err.contains("max-module-bytes"), "{run:?}");
    let run = wrtd(&["--max-memory-bytes", "128K", "--call", "grow", &file, "2"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), "-1\n"));
    let run = wrtd(&["--no-dwarf", "--max-frames", "10", "--call", "deep", &file]);
    assert!(run.code == Some(134) && run.err.lines().count() <= 12, "{run:?}");
    let run = wrtd(&["--no-dwarf", "--max-backtrace-frames", "3", "--call", "deep", &file]);
    assert!(run.err.lines().count() == 5 && run.err.contains("frames further out"), "{run:?}");
    let run = wrtd(&["--max-nested-calls", "1000", "--call", "deep", &file]);
    assert!(run.code == Some(2) && run.err.contains("at most 256"), "{run:?}");
}

// @need-ids: REQ_CLI_001, REQ_012
#[test]
fn statistics_go_to_standard_error() {
    let run = wrtd(&["--stats", "--call", "fib", &guest("fib.wasm"), "10"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), "55\n"));
    for name in
        ["fuel", "instructions", "  call", "peak memory", "peak frames", "peak slots", "read", "validate", "run"]
    {
        assert!(run.err.lines().any(|line| line.starts_with(name)), "{name}: {run:?}");
    }
    let run = wrtd(&["--stats", "--call", "divide", &module(), "1", "0"]);
    assert!(run.code == Some(134) && run.err.contains("trap[6]") && run.err.contains("peak frames"), "{run:?}");
    // Looking on changes nothing: the fuel is the same as without.
    let fib = guest("fib.wasm");
    let with = |stats: &[&str]| {
        let args = [stats, &["--format", "json", "--fuel", "1000", "--call", "fib", &fib, "25"]].concat();
        wrtd(&args).json()["error"]["used"].as_u64()
    };
    assert!(with(&[]).is_some());
    assert_eq!(with(&[]), with(&["--stats"]));
}

// @need-ids: REQ_IMAGE_001, REQ_CLI_001
#[test]
fn an_image_runs_as_its_module_does() {
    let folder = folder();
    let image = folder.join("fib.wrt").into_os_string().into_string().expect("UTF-8");
    let run = wrtd(&["compile", &guest("fib.wasm"), "-o", &image]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "", ""));
    let used = |file: &str| {
        let document = wrtd(&["--format", "json", "--stats", "--call", "fib", file, "15"]).json();
        assert_eq!(document["results"][0]["value"], "610");
        document["stats"]["fuel"]["used"].as_u64()
    };
    assert_eq!(used(&image), used(&guest("fib.wasm")));
    assert_eq!(wrtd(&["compile", &guest("fib.wasm"), "-o", "no/such/folder/x.wrt"]).code, Some(70));
    // Of an image, the image.
    let again = folder.join("again.wrt").into_os_string().into_string().expect("UTF-8");
    assert_eq!(wrtd(&["compile", &image, "-o", &again]).code, Some(0));
    assert_eq!(fs::read(&image).expect("readable"), fs::read(&again).expect("readable"));
}

// @need-ids: REQ_IMAGE_001, REQ_VERIFY_003, REQ_CLI_001
#[test]
fn damaged_images_are_refused() {
    let folder = folder();
    let path = folder.join("add.wrt").into_os_string().into_string().expect("UTF-8");
    assert_eq!(wrtd(&["compile", &module(), "-o", &path]).code, Some(0));
    let image = fs::read(&path).expect("readable");
    for at in (0..image.len()).step_by(image.len() / 40 + 1) {
        let mut damaged = image.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::write(&path, &damaged).expect("writable");
        let run = wrtd(&["--call", "add", &path, "1", "2"]);
        assert_eq!((run.code, run.out.as_str(), run.err.lines().count()), (Some(65), "", 1), "byte {at}: {run:?}");
    }
    for end in [4, 50, image.len() / 2, image.len() - 1] {
        fs::write(&path, &image[..end]).expect("writable");
        assert_eq!(wrtd(&["--call", "add", &path, "1", "2"]).code, Some(65), "cut off at {end}");
    }
}
