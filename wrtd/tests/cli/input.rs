//! Input that is missing, malformed, invalid, unsupported, or absurd: few lines, the right code, in bounded time.

use super::{file, folder, guest, wrtd, wrtd_with_input};
use std::fs;

/// How many lines say that something is refused: one, and what goes with it, such as its place in a text.
const FEW: usize = 8;

/// Refused with this code in a few lines that have these parts.
fn refused(args: &[&str], code: i32, parts: &[&str]) {
    let run = wrtd(args);
    assert_eq!((run.code, run.out.as_str()), (Some(code), ""), "{args:?}: {run:?}");
    assert!((1..=FEW).contains(&run.err.lines().count()), "{args:?}: {run:?}");
    assert!(run.err.starts_with("wrtd: "), "{args:?}: {run:?}");
    for part in parts {
        assert!(run.err.contains(part), "{args:?}: no `{part}` in {run:?}");
    }
}

// @need-ids: REQ_CLI_001, REQ_ERROR_003
#[test]
fn missing_and_unreadable_files() {
    refused(&["no/such/file.wasm"], 66, &["no/such/file.wasm: cannot read: there is no such file"]);
    let folder = folder().into_os_string().into_string().expect("UTF-8");
    for command in ["run", "inspect"] {
        refused(&[command, &folder], 66, &["it is a directory"]);
    }
    refused(&["compile", "no/such/file.wasm", "-o", "x.wrt"], 66, &["no such file"]);
    refused(&["wast", "no/such/file.wast"], 66, &["no such file"]);
    refused(&["wast", &folder], 66, &["no .wast file"]);
}

// @need-ids: REQ_CLI_001, REQ_WASM_001
#[test]
fn malformed_files() {
    refused(&[&file("empty.wasm", "")], 65, &["empty.wasm: the file is empty"]);
    refused(&[&file("text.wat", "(module\n  (funk))")], 65, &["text.wat:2:4: "]);
    refused(&[&file("noise", b"\xFF\xFE\x00\x01")], 65, &["neither a module"]);
    refused(&[&file("head.wasm", b"\0as")], 65, &[""]);
    refused(&[&file("head.wasm", b"\0asm")], 65, &["offset 0x"]);
    refused(&[&file("version.wasm", b"\0asm\x02\0\0\0")], 65, &["offset 0x"]);
    refused(&[&file("section.wasm", b"\0asm\x01\0\0\0\x01\xFF\xFF\xFF\xFF\x0F")], 65, &["offset 0x"]);
    refused(&[&file("image.wrt", b"\0wrt")], 65, &[""]);
    refused(&[&file("script.wast", "(module) (assert_return (invoke \"f\"))")], 65, &["`wrtd wast`"]);
    // As a fuzzer would: a real module cut off anywhere. Between two sections it is a module still.
    let module = fs::read(guest("fib.wasm")).expect("readable");
    for end in (0..module.len()).step_by(module.len() / 50 + 1) {
        let run = wrtd_with_input(&["--call", "fib", "-", "1"], &module[..end]);
        let refused = matches!(run.code, Some(2 | 65)) && run.err.starts_with("wrtd: <stdin>: ");
        assert!(refused || (run.code == Some(0) && run.out == "1\n"), "{end}: {run:?}");
    }
}

// @need-ids: REQ_CLI_001, REQ_WASM_001, REQ_WASM_002
#[test]
fn invalid_unsupported_and_unlinkable_files() {
    refused(&[&file("invalid.wat", "(module (func (result i32)))")], 65, &["type mismatch"]);
    let binary = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7F\x03\x02\x01\0\x0A\x04\x01\x02\0\x0B";
    refused(&[&file("invalid.wasm", binary)], 65, &["offset 0x", "type mismatch"]);
    refused(&[&file("stacks.wat", "(module (type $f (func)) (type (cont $f)))")], 65, &["unsupported"]);
    refused(&[&file("component.wasm", b"\0asm\x0D\0\x01\0")], 65, &["this is a component", "wasm32-wasip1"]);
    refused(&[&file("component.wat", "(component)")], 65, &["this is a component", "wasm32-wasip1"]);
    let imports = r#"(module (import "env" "f" (func (param i32))) (import "env" "m" (memory 1))
        (func (export "_start")))"#;
    refused(
        &[&file("imports.wat", imports)],
        65,
        &["imports that nobody provides", "\"f\" (func (param i32))", "\"m\" (memory 1)"],
    );
}

/// A binary module of one function of type [] -> [] that is exported as `_start`, with these locals and this body.
fn module_of(locals: &[u8], body: &[u8]) -> Vec<u8> {
    let mut code = locals.to_vec();
    code.extend(body);
    let mut entry = leb(code.len());
    entry.extend(code);
    let mut section = vec![1];
    section.extend(entry);
    let mut module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x0A\x01\x06_start\0\0\x0A".to_vec();
    module.extend(leb(section.len()));
    module.extend(section);
    module
}

fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7F) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

// @need-ids: REQ_CLI_001, REQ_LIMITS_001, REQ_RESOURCE_001
#[test]
fn absurd_limits_are_refused() {
    let memory = "(module (memory i64 0x1000000000000) (func (export \"_start\")))";
    refused(&[&file("memory64.wat", memory)], 69, &["memory64.wat: ", "limit max-memory-bytes exceeded"]);
    refused(&[&file("memory.wat", "(module (memory 65537))")], 65, &["65536"]);
    let large = file("large.wat", "(module (memory 65536) (func (export \"_start\")))");
    refused(&["--max-memory-bytes", "1G", &large], 69, &["max-memory-bytes"]);
    // 10^6 locals.
    let locals = [[1].as_slice(), &leb(1_000_000), &[0x7F]].concat();
    refused(&[&file("locals.wasm", module_of(&locals, &[0x0B]))], 65, &["offset 0x"]);
    let locals = [[1].as_slice(), &leb(u32::MAX as usize), &[0x7F]].concat();
    refused(&[&file("locals.wasm", module_of(&locals, &[0x0B]))], 65, &["offset 0x"]);
    refused(
        &[&file("table.wat", "(module (table 0xffffffff funcref) (func (export \"_start\")))")],
        69,
        &["max-table"],
    );
}

// @need-ids: REQ_CLI_001, REQ_LIMITS_001, REQ_003
#[test]
fn deep_nesting_is_bounded() {
    const DEEP: usize = 100_000;
    for opcode in [0x02, 0x03] {
        let body = [[opcode, 0x40].repeat(DEEP), vec![0x0B; DEEP + 1]].concat();
        let run = wrtd(&[&file("deep.wasm", module_of(&[0], &body))]);
        assert!(matches!(run.code, Some(0 | 65 | 69)), "{run:?}");
        assert!(run.code == Some(0) || run.err.lines().count() == 1, "{run:?}");
    }
    let text = format!("(module (func {}", "(block ".repeat(DEEP));
    refused(&[&file("deep.wat", text)], 65, &["deep.wat:1:"]);
    refused(&[&file("deep.wat", "(".repeat(DEEP))], 65, &["deep.wat:1:"]);
    let text = format!("(module (func (export \"_start\") {} {}))", "block ".repeat(DEEP), "end ".repeat(DEEP));
    let run = wrtd(&[&file("flat.wat", text)]);
    assert!(matches!(run.code, Some(0 | 65 | 69)), "{run:?}");
}

// @need-ids: REQ_CLI_001
#[test]
fn names_from_files_do_not_reach_the_terminal_as_they_are() {
    let module = "(module (import \"x\\0ay\" \"z\" (func)) (func (export \"a\\1b[31m\\0a\\e2\\80\\ae\")))";
    let run = wrtd(&[&file("names.wat", module)]);
    assert!(!run.err.contains('\u{1b}') && !run.err.contains('\u{202e}'), "{run:?}");
    assert!(run.err.contains("a\\u{1b}[31m\\n\\u{202e}"), "{run:?}");
    let run = wrtd(&["inspect", &file("names.wat", module)]);
    assert!(run.code == Some(0) && !run.out.contains('\u{1b}'), "{run:?}");
}

// @need-ids: REQ_EXCEPTIONS_004, REQ_CLI_001
#[test]
fn legacy_exceptions_are_refused_with_what_to_rebuild_them_with() {
    let old = file("old.wat", "(module (tag $e) (func (export \"f\") try throw $e catch $e rethrow 0 end))");
    let expected = ["old.wat", "unsupported module", "-wasm-use-legacy-eh=false", "--translate-to-exnref"];
    refused(&["--call", "f", &old], 65, &expected);
    refused(&["compile", &old, "-o", "-"], 65, &expected);
    // Of a binary, with the place.
    let binary =
        b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0d\x03\x01\0\0\x0a\x08\x01\x06\0\x06\x40\x19\x0b\x0b";
    refused(&[&file("old.wasm", binary)], 65, &["old.wasm", "offset 0x1c", "-sWASM_LEGACY_EXCEPTIONS=0"]);
}

// @need-ids: REQ_WASM_PROPOSALS_001, REQ_CLI_001
#[test]
fn a_proposal_that_is_off_is_told_with_the_option_that_turns_it_on() {
    let pages = file("pages.wat", "(module (memory 7 (pagesize 1)) (func (export \"f\") (result i32) (memory.size)))");
    let wide = file(
        "wide.wat",
        "(module (func (export \"f\") (result i64 i64) (i64.mul_wide_u (i64.const -1) (i64.const 3))))",
    );
    let image = folder().join("wide.wrt").into_os_string().into_string().expect("UTF-8");
    refused(&["--call", "f", &pages], 65, &["unsupported module", "(`--enable custom-page-sizes` turns it on)"]);
    refused(&["inspect", &wide], 65, &["(`--enable wide-arithmetic` turns it on)"]);
    refused(&["compile", &wide, "-o", &image], 65, &["`--enable wide-arithmetic`"]);
    refused(&["--enable", "custom-page-sizes", &wide], 65, &["`--enable wide-arithmetic`"]);
    let run = wrtd(&["--enable", "threads", &wide]);
    assert!(run.code == Some(2) && run.err.contains("custom-page-sizes, wide-arithmetic"), "{run:?}");
    let ran = |args: &[&str], expected: &str| {
        let run = wrtd(args);
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), expected, ""), "{args:?}");
    };
    ran(&["--enable", "custom-page-sizes", "--call", "f", &pages], "7\n");
    ran(&["--enable=wide-arithmetic,custom-page-sizes", "--call", "f", &wide], "-3\n2\n");
    ran(&["--enable", "custom-page-sizes", "--enable", "wide-arithmetic", "--call", "f", &wide], "-3\n2\n");
    ran(&["compile", "--enable", "wide-arithmetic", &wide, "-o", &image], "");
    ran(&["--call", "f", &image], "-3\n2\n");
    let run = wrtd(&["inspect", "--enable", "custom-page-sizes", &pages]);
    assert!(run.code == Some(0) && run.out.contains("  7 pages of 1 byte\n"), "{run:?}");
}
