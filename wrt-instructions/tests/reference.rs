//! The operator reference, `docs/operators.md`, says what the tables say: this writes it anew where `WRT_WRITE_REFERENCE` is set, and
//! compares it where not.

use std::fmt::Write;
use std::path::Path;

use wrt_instructions::operator::OperatorInfo;
use wrt_instructions::{atomic, operator, vector};

const HEAD: &str = "\
# Operators

Every operator, from the tables of `wrt-instructions` (`table.rs`, `vector_table.rs`, `atomic_table.rs`): its bytes, its base price in
units of fuel, and its rule in the WebAssembly specification. {doc}`fuel-schedule` says what is added to a price. `just reference`
writes this page, and a test compares it with the tables ({need}`REQ_TABLE_001`).
";

/// Where the specification lies; rules of numeric operators are on a page of their own.
const SPECIFICATION: &str = "https://webassembly.github.io/spec/core/exec/";

/// Where rules are that the core specification does not have yet.
const WIDE: &str = "https://github.com/WebAssembly/wide-arithmetic/blob/main/proposals/wide-arithmetic/Overview.md";
const THREADS: &str = "https://webassembly.github.io/threads/core/exec/instructions.html";

/// The address of an operator's rule.
fn rule(row: &OperatorInfo) -> String {
    let anchor = row.anchor;
    match row.name {
        "i64.add128" | "i64.sub128" | "i64.mul_wide_s" | "i64.mul_wide_u" => WIDE.into(),
        name if name.starts_with("memory.atomic.") || name == "atomic.fence" => format!("{THREADS}#{anchor}"),
        _ if anchor.starts_with("op-") => format!("{SPECIFICATION}numerics.html#{anchor}"),
        _ => format!("{SPECIFICATION}instructions.html#{anchor}"),
    }
}

/// The bytes of an opcode: the number behind a prefix is LEB128.
fn bytes(opcode: u32) -> String {
    let (prefix, mut number) = match opcode {
        0..0x100 => return format!("`{opcode:02X}`"),
        0xFB00..0xFF00 if opcode < 0x1_0000 => (opcode >> 8, opcode & 0xFF),
        _ => (opcode >> 12, opcode & 0xFFF),
    };
    let mut text = format!("`{prefix:02X}");
    loop {
        let more = number >= 0x80;
        let _ = write!(text, " {:02X}", (number & 0x7F) | if more { 0x80 } else { 0 });
        number >>= 7;
        if !more {
            return text + "`";
        }
    }
}

fn table(title: &str, rows: &[&OperatorInfo]) -> String {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| row.opcode);
    let mut text = format!("\n## {title}\n\n| bytes | operator | price | rule |\n|---|---|--:|---|\n");
    for row in rows {
        let (name, price) = (row.name, row.price);
        let _ = writeln!(text, "| {} | `{name}` | {price} | [{}]({}) |", bytes(row.opcode), row.anchor, rule(row));
    }
    text
}

fn reference() -> String {
    let scalar: Vec<_> = operator::OPERATORS.iter().filter(|row| row.opcode < 0xF_D000).collect();
    let vectors: Vec<_> =
        operator::OPERATORS.iter().filter(|row| row.opcode >= 0xF_D000).chain(vector::OPERATORS).collect();
    let atomics: Vec<_> = atomic::OPERATORS.iter().collect();
    let count = scalar.len() + vectors.len() + atomics.len();
    format!(
        "{HEAD}\nThere are {count}: {} without vectors and atomics, {} on vectors, {} atomic ones.\n{}{}{}",
        scalar.len(),
        vectors.len(),
        atomics.len(),
        table("Control, variables, references, memories and numbers", &scalar),
        table("Vectors", &vectors),
        table("Atomics", &atomics),
    )
}

// @need-ids: REQ_TABLE_001, REQ_FUEL_SCHEDULE_001
// @inspection
#[test]
fn the_operator_reference_is_that_of_the_tables() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operators.md");
    let reference = reference();
    if std::env::var_os("WRT_WRITE_REFERENCE").is_some() {
        std::fs::write(&file, &reference).expect("the page");
    }
    let page = std::fs::read_to_string(&file).expect("the page");
    assert!(page == reference, "docs/operators.md is not that of the tables: `just reference` writes it");
}

// @need-ids: REQ_TABLE_001
// @inspection
#[test]
fn opcodes_are_written_as_their_bytes() {
    let written = [0x6A, 0xFC0B, 0xFB1E, 0xF_D04D, 0xF_D100, 0xF_D113, 0xFE10].map(bytes);
    assert_eq!(written, ["`6A`", "`FC 0B`", "`FB 1E`", "`FD 4D`", "`FD 80 02`", "`FD 93 02`", "`FE 10`"]);
}
