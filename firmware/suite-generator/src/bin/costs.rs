//! Writes calls that show what each operator costs on a board: `costs OUTPUT [bytecode]`, with images for the stackless engine or
//! the traditional one.
//!
//! Each episode has two functions with the same loop, one with an operator many times, one without. What the calls of both take is
//! told by the player; what one operator takes is the difference by the number that stands at the end of the episode's name.
//! For an operator whose price is in proportion to what it does, that number is 0: there it is the difference by fuel.

use std::process::ExitCode;
use suite_generator::play::{self, Board, Written};
use suite_generator::record::Code;
use suite_generator::{record, script};
use wrt::{Config, Engine, Module, Proposal};
use wrt_instructions::operator::OPERATORS;
use wrt_instructions::vector::OPERATORS as VECTOR_OPERATORS;

/// Turns of the loop, and operators in each.
const TURNS: u32 = 50;
const COPIES: u32 = 16;

/// Operands: what soft floats and divisions take long for, and what they do not.
const OPERANDS: [[&str; 5]; 3] = [
    ["i32 -7", "i64 -7000000000001", "f32 1.1", "f64 1.00000000000001", "i32x4 3 -5 7 -9"],
    ["i32 3", "i64 3", "f32 0x1p-140", "f64 0x1p-1060", "f32x4 1.5 -2.5 3.25 0x1p-140"],
    ["i32 123456789", "i64 123456789012345678", "f32 8388607.5", "f64 -4503599627370495.5", "f64x2 1.1 0x1p-1060"],
];
const TYPES: [&str; 5] = ["i32", "i64", "f32", "f64", "v128"];

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let (output, code) = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [output] => (output, Code::Register),
        [output, "bytecode"] => (output, Code::Bytecode),
        _ => {
            eprintln!("costs OUTPUT [bytecode]");
            return ExitCode::from(2);
        }
    };
    match write(output, code) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("costs: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn write(output: &str, code: Code) -> Result<(), String> {
    let config = Config::new().limits(suite::LIMITS);
    let engine =
        Engine::new(&Proposal::ALL.into_iter().fold(config, |config, proposal| config.proposal(proposal, true)));
    let spectest = wat::parse_str("(module)").map_err(|error| error.to_string())?;
    let spectest = record::compile(&engine, &spectest, &std::collections::HashMap::default())?;
    let mut file = Vec::new();
    let mut missing = Vec::new();
    for (name, price) in OPERATORS.iter().chain(VECTOR_OPERATORS).map(|info| (info.name, info.price)) {
        let Some(signature) = signature(&engine, name) else {
            missing.push(name);
            continue;
        };
        for operands in 0..OPERANDS.len() {
            let number = TURNS * COPIES * u32::from(price);
            let case = Case { name: format!("{name}/{operands} {number}"), text: numeric(&signature, operands) };
            file.extend(episode(&engine, &spectest, &case, code)?);
        }
    }
    for case in controls() {
        file.extend(episode(&engine, &spectest, &case, code)?);
    }
    println!("not straight: {}", missing.join(", "));
    std::fs::write(output, file).map_err(|error| format!("{output}: {error}"))
}

/// Functions to compare.
struct Case {
    /// Of the episode, with the divisor.
    name: String,
    /// A module that exports `base` and `op`, both without parameters.
    text: String,
}

/// How an operator is written, and the types of its operands and its results.
struct Signature {
    written: String,
    params: Vec<usize>,
    results: usize,
}

/// Finds out by trying: validation knows.
fn signature(engine: &Engine, name: &str) -> Option<Signature> {
    // Control, and what needs more than a memory and immediates of zero.
    let skip = ["unreachable", "return", "else", "end", "memory.grow", "select t", "call", "return_call"];
    if skip.contains(&name) || name.contains("br") || name.starts_with("ref.as") || name.starts_with("memory.") {
        return None;
    }
    let lanes = "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31";
    let writings = [name.to_owned(), format!("{name} 0"), format!("{name} {lanes}")];
    let mut lists: Vec<Vec<usize>> = (0..TYPES.len()).map(|ty| vec![ty]).collect();
    lists.extend((0..TYPES.len()).flat_map(|a| (0..TYPES.len()).map(move |b| vec![a, b])));
    lists.extend((0..TYPES.len()).map(|ty| vec![ty; 3]));
    lists.push(vec![1; 4]);
    for written in &writings {
        if wat::parse_str(format!("(module (func {written}))")).is_err() && !written.contains("0 1 2") {
            continue;
        }
        for params in &lists {
            for results in [1, 0, 2] {
                for result in 0..if results == 0 { 1 } else { TYPES.len() } {
                    let gets: String = params.iter().enumerate().map(|(at, _)| format!("(local.get {at})")).collect();
                    let types = |list: &[usize]| list.iter().map(|ty| TYPES[*ty]).collect::<Vec<_>>().join(" ");
                    let (taken, made) = (types(params), types(&vec![result; results]));
                    let text = format!("(module (memory 1) (func (param {taken}) (result {made}) {gets} {written}))");
                    let valid = wat::parse_str(&text).is_ok_and(|bytes| Module::new(engine, bytes).is_ok());
                    if valid {
                        return Some(Signature { written: written.clone(), params: params.clone(), results });
                    }
                }
            }
        }
    }
    None
}

fn numeric(signature: &Signature, operands: usize) -> String {
    let mut declared = String::new();
    let mut set = String::new();
    let mut gets = String::new();
    for (at, ty) in signature.params.iter().enumerate() {
        let (_, number) = OPERANDS[operands][*ty].split_once(' ').unwrap_or_default();
        let shape = OPERANDS[operands][*ty].split(' ').next().unwrap_or_default();
        let constant = match TYPES[*ty] {
            // Addresses: the first operand of what works on the memory must lie in it.
            "i32" if signature.written.contains("load") || signature.written.contains("store") => "i32.const 64".into(),
            "v128" => format!("v128.const {shape} {number}"),
            ty => format!("{ty}.const {number}"),
        };
        declared += &format!("(local {})", TYPES[*ty]);
        set += &format!("(local.set {at} ({constant}))");
        gets += &format!("(local.get {at})");
    }
    // Conversions that trap get what they can convert.
    if signature.written.contains("trunc_f") && !signature.params.contains(&4) {
        for (at, ty) in signature.params.iter().enumerate() {
            set += &format!("(local.set {at} ({}.const 41.5))", TYPES[*ty]);
        }
    }
    let one = format!("{gets} {} {}", signature.written, "drop ".repeat(signature.results));
    pair("(memory 1)", &declared, &set, &one, COPIES)
}

/// A module whose function `op` does `one` so many times in each turn, and whose function `base` does not.
fn pair(fields: &str, locals: &str, set: &str, one: &str, copies: u32) -> String {
    let func = |name: &str, body: &str| {
        format!(
            "(func (export \"{name}\") {locals} (local $turns i32) {set} (local.set $turns (i32.const {TURNS}))
                (loop $turn {body} (br_if $turn (local.tee $turns (i32.sub (local.get $turns) (i32.const 1))))))"
        )
    };
    let body = one.repeat(copies as usize);
    format!("(module {fields} {} {})", func("base", ""), func("op", &body))
}

/// Control and bulk operators: what they take by the fuel that they use.
fn controls() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, fields: &str, locals: &str, one: &str| {
        cases.push(Case { name: format!("{name} 0"), text: pair(fields, locals, "", one, COPIES) });
    };
    let many = "i64 ".repeat(400);
    add("call", "(func $f)", "", "(call $f)");
    add(
        "call of 8 parameters",
        "(func $f (param i64 i64 i64 i64 i64 i64 i64 i64))",
        "(local i64)",
        &format!("{} (call $f)", "(local.get 0)".repeat(8)),
    );
    add("call with 400 locals", &format!("(func $f (local {many}))"), "", "(call $f)");
    add("return_call", "(func $g) (func $f (return_call $g))", "", "(call $f)");
    let table = "(type $t (func)) (table 4 funcref) (elem (i32.const 0) $f) (func $f)";
    add("call_indirect", table, "", "(call_indirect (type $t) (i32.const 0))");
    add("call_ref", "(type $t (func)) (func $f (type $t)) (elem declare func $f)", "", "(call_ref $t (ref.func $f))");
    add("br_table", "", "(local i32)", &format!("(block (block (br_table {} (local.get 0))))", "0 1 ".repeat(50)));
    add("if", "", "(local i32)", "(if (local.get 0) (then) (else))");
    add("select", "", "(local i64 i32)", "(drop (select (local.get 0) (local.get 0) (local.get 1)))");
    add("global.set", "(global $g (mut i64) (i64.const 0))", "(local i64)", "(global.set $g (local.get 0))");
    add("global.get", "(global $g (mut i64) (i64.const 0))", "(local i64)", "(local.set 0 (global.get $g))");
    add("table.get", table, "(local funcref)", "(local.set 0 (table.get 0 (i32.const 0)))");
    add("table.set", table, "(local funcref)", "(table.set 0 (i32.const 0) (local.get 0))");
    add("ref.func", table, "(local funcref)", "(local.set 0 (ref.func $f))");
    add("memory.size", "(memory 1)", "", "(drop (memory.size))");
    add("memory.grow by 0", "(memory 1)", "", "(drop (memory.grow (i32.const 0)))");
    add("memory.grow in vain", "(memory 1 1)", "", "(drop (memory.grow (i32.const 1)))");
    for length in [0, 1, 63, 64, 1_000, 30_000] {
        let at = format!("(i32.const 8) (i32.const 32768) (i32.const {length})");
        add(
            &format!("memory.fill of {length}"),
            "(memory 1)",
            "",
            &format!("(memory.fill (i32.const 8) (i32.const 1) (i32.const {length}))"),
        );
        add(&format!("memory.copy of {length}"), "(memory 1)", "", &format!("(memory.copy {at})"));
    }
    for length in [0, 1, 7, 8, 500] {
        let fields = "(table 1000 funcref)";
        add(
            &format!("table.fill of {length}"),
            fields,
            "",
            &format!("(table.fill 0 (i32.const 0) (ref.null func) (i32.const {length}))"),
        );
        add(
            &format!("table.copy of {length}"),
            fields,
            "",
            &format!("(table.copy (i32.const 0) (i32.const 500) (i32.const {length}))"),
        );
    }
    let data = format!("(memory 1) (data $d \"{}\")", "x".repeat(1_000));
    for length in [0, 64, 1_000] {
        add(
            &format!("memory.init of {length}"),
            &data,
            "",
            &format!("(memory.init $d (i32.const 0) (i32.const 0) (i32.const {length}))"),
        );
    }
    add("throw to the next frame", "(tag $e) (func $f (throw $e))", "", "(block (try_table (catch_all 0) (call $f)))");
    cases
}

fn episode(engine: &Engine, spectest: &record::Compiled, case: &Case, code: Code) -> Result<Vec<u8>, String> {
    let script = format!("{}\n(invoke \"base\")\n(invoke \"op\")", case.text.replace('\n', " "));
    script::read(&script, |script| {
        if let Some((_, reason)) = script.left.first() {
            return Err(format!("{}: {reason}", case.name));
        }
        let mut recorder = record::Recorder::new(engine, spectest);
        for (at, placed) in script.steps.iter().enumerate() {
            let compiled = match &placed.step {
                script::Step::Module { binary, imports } => Some(record::compile(engine, binary, imports)?),
                _ => None,
            };
            recorder.step(at, placed, compiled.as_ref());
        }
        if let Some((_, reason)) = recorder.left.first() {
            return Err(format!("{}: {reason}", case.name));
        }
        let board = Board { memory: 4 << 20, elements: 65_536, episode: 1 << 20 };
        match play::write(&case.name, &recorder, code, &board)? {
            Written::Fits(bytes, _) => Ok(bytes),
            Written::Large(reason) | Written::Differs(reason) => Err(format!("{}: {reason}", case.name)),
        }
    })?
}
