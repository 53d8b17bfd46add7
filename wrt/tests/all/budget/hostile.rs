//! Modules and images that are made to be hard: the analysis ends soon, and says why it gives no bound.

use super::{Declarations, Reason, budget, module, root};
use crate::common::wasm;
use cpu_time::ThreadTime;
use std::fmt::Write;
use std::time::Duration;
use wrt::budget::{Budget, CIRCLE_MAX};
use wrt::{Engine, Image, Module};
use wrt_instructions::Op;
use wrt_instructions::op::{Row, Target};
use wrt_runtime::image::reader::seal;

/// Nothing here may take longer, also where tests are not optimised much.
const PATIENCE: Duration = Duration::from_secs(30);

fn in_time(text: &str) -> Budget {
    let wasm = wasm(text);
    let module = module(&wasm);
    let start = ThreadTime::now();
    let found = Budget::of(&module, &Declarations::default()).expect("a budget");
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    found
}

// @need-ids: REQ_BUDGET_002, REQ_RESOURCE_001
#[test]
fn loops_nested_deeply_are_refused_and_not_gone_through_for_ever() {
    let nested = |depth: usize| {
        let open = "(loop (nop) ".repeat(depth);
        let close = "(br_if 0 (local.get 0)))".repeat(depth);
        format!("(module (func (export \"run\") (param i32) {open}{close}))")
    };
    let reasons = |text: &str| root(&in_time(text), "run").fuel.clone().expect_err("no bound");
    assert!(reasons(&nested(100)).iter().all(|reason| matches!(reason, Reason::Loop { .. })));
    assert!(reasons(&nested(20_000)).contains(&Reason::Complex { func: 0 }));
}

// @need-ids: REQ_BUDGET_001, REQ_RESOURCE_001
#[test]
fn many_functions_that_call_each_other_take_no_time_to_speak_of() {
    // Each calls itself, the next one, and anything through a table; each is exported, and every type is used.
    let count = 2_000;
    let mut text = format!("(module (table {count} funcref) (elem (i32.const 0) func ");
    (0..count).for_each(|index| write!(text, "{index} ").expect("text"));
    text.push_str(") (type $f (func))");
    for index in 0..count {
        let next = (index + 1) % count;
        write!(
            text,
            "(func (export \"{index}\") (type $f) (call {index}) (call {next}) (call_indirect (type $f) (i32.const 0)))"
        )
        .expect("text");
    }
    text.push(')');
    let found = in_time(&text);
    assert_eq!(found.roots.len(), count);
    assert!(found.roots.iter().all(|root| root.stack.is_err() && root.fuel.is_err()));
}

// @need-ids: REQ_BUDGET_001, REQ_RESOURCE_001
#[test]
fn of_a_long_circle_the_beginning_is_told() {
    let count = 5_000;
    let mut text = String::from("(module ");
    for index in 0..count {
        write!(text, "(func (export \"{index}\") (call {}))", (index + 1) % count).expect("text");
    }
    text.push(')');
    let found = in_time(&text);
    for export in ["0", "4999"] {
        match root(&found, export).stack.clone().expect_err("no bound").as_slice() {
            [Reason::Recursion { cycle, length }] => assert_eq!((cycle.len(), *length), (CIRCLE_MAX, count)),
            other => panic!("{other:?}"),
        }
    }
}

// @need-ids: REQ_BUDGET_001, REQ_RESOURCE_001
#[test]
fn a_long_chain_has_exact_bounds() {
    let count = 20_000_u64;
    let mut text = String::from("(module ");
    for index in 0..count {
        write!(text, "(func (export \"{index}\") (local i32) (call {}))", index + 1).expect("text");
    }
    text.push_str("(func (local i32)))");
    let found = in_time(&text);
    let needs = root(&found, "0").stack.clone().expect("bounded");
    assert_eq!((needs.frames, needs.slots), (count + 1, count + 1));
    assert_eq!(root(&found, "0").fuel, Ok(count));
}

/// The image of a module with the branch that skips the call before a loop made to lead into the loop.
fn into_a_loop() -> Vec<u8> {
    let wasm = wasm(
        r#"(module (func $f) (func (export "run") (param i32)
        (block (br_if 0 (local.get 0)) (call $f)) (loop (call $f) (call $f) (br_if 0 (local.get 0)))))"#,
    );
    let mut bytes = module(&wasm).compile().expect("compiles");
    let image = Image::parse(&bytes).expect("an image");
    let forward = |op: Op| matches!(op.row(), Some(Row::Branch(_, _, Target::Forward)));
    let at = image.instrs().position(|instr| forward(instr.op())).expect("a branch");
    let code = image.code.as_ptr().addr() - bytes.as_ptr().addr();
    // One further: behind the loop's head. The distance is the instruction's last word.
    bytes[code + at * 8 + 4] += 1;
    seal(&mut bytes).expect("a header");
    bytes
}

// @need-ids: REQ_BUDGET_002, REQ_IMAGE_001
#[test]
fn code_that_enters_a_loop_in_its_middle_has_no_bound() {
    let image = Module::new(&Engine::default(), into_a_loop()).expect("the checker lets it pass");
    let found = Budget::of(&image, &Declarations::default()).expect("a budget");
    let reasons = root(&found, "run").fuel.clone().expect_err("no bound");
    assert!(reasons.contains(&Reason::Unstructured { func: 1 }), "{reasons:?}");
    // Frames and slots do not depend on it.
    assert!(root(&found, "run").stack.is_ok());
    // As it was written it would be bounded but for the loop.
    let straight = wasm("(module (func (export \"run\") (param i32) (block (br_if 0 (local.get 0)))))");
    assert!(root(&budget(&straight), "run").fuel.is_ok());
}
