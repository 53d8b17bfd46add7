//! Fuel.

use super::{BudgetError, Declarations, PLENTY, Reason, Site, budget, declared, root, run};
use crate::common::wasm;
use crate::reference::guests;
use std::collections::BTreeMap;
use wrt::Trap;

/// With exactly the bound a run ends, and it uses all of it.
fn assert_exact(wasm: &[u8], declarations: &Declarations, what: &str) -> u64 {
    let budget = declared(wasm, declarations).unwrap_or_else(|error| panic!("{what}: {error}"));
    let bound = root(&budget, "run").fuel.clone().unwrap_or_else(|reasons| panic!("{what}: {reasons:?}"));
    let ran = run(wasm, "run", &[], PLENTY, bound);
    assert!(ran.end.is_ok(), "{what}: {bound} suffice: {ran:?}");
    assert_eq!(ran.fuel, bound, "{what}: all of it is used");
    if bound > 0 {
        assert_eq!(run(wasm, "run", &[], PLENTY, bound - 1).trap(), Some(Trap::FuelExhausted), "{what}: one less");
    }
    bound
}

const ONE_WAY: [(&str, &str); 11] = [
    ("nothing", r#"(module (func (export "run")))"#),
    ("operators", r#"(module (func (export "run") (drop (i32.add (i32.const 1) (i32.const 2)))))"#),
    (
        "calls",
        r#"(module (import "h" "f" (func $f (param i32)))
            (func (export "run") (call $b (i64.const 1)) (call $f (i32.const 2)) (call $b (i64.const 1)))
            (func $b (param i64) (local i64 i64 i64 i64 i64 i64 i64 i64 i64) (nop) (nop)))"#,
    ),
    ("the dearer arm", r#"(module (func (export "run") (if (i32.const 1) (then (nop) (nop) (nop)) (else (nop)))))"#),
    (
        "a way out of a block",
        r#"(module (func (export "run") (block (br_if 0 (i32.const 0)) (call $b))) (func $b (nop)))"#,
    ),
    (
        "a switch",
        r#"(module (func (export "run")
            (block $c (block $b (block $a (br_table $a $b $c (i32.const 0))) (nop) (call $f)) (nop))) (func $f (nop)))"#,
    ),
    (
        "constant lengths",
        r#"(module (memory 1) (func (export "run")
            (memory.fill (i32.const 0) (i32.const 7) (i32.const 1000))
            (memory.copy (i32.const 0) (i32.const 9) (i32.const 65))
            (drop (memory.grow (i32.const 2)))))"#,
    ),
    (
        "a segment's length",
        r#"(module (memory 1) (data $d "0123456789012345678901234567890123456789012345678901234567890123456789")
            (table 40 funcref) (elem $e func $f $f $f)
            (func $f)
            (func (export "run") (local $n i32) (local.set $n (i32.const 70))
                (memory.init $d (i32.const 0) (i32.const 0) (local.get $n)) (local.set $n (i32.const 3))
                (table.init $e (i32.const 0) (i32.const 0) (local.get $n))))"#,
    ),
    (
        "growth up to the maximum",
        r#"(module (memory 1 3) (table 1 20 funcref) (func (export "run") (local $n i32) (local.set $n (i32.const 2))
            (drop (memory.grow (local.get $n))) (local.set $n (i32.const 19))
            (drop (table.grow (ref.null func) (local.get $n)))))"#,
    ),
    (
        "an exception caught at home",
        r#"(module (tag $t) (tag $u) (func (export "run")
            (block $h (try_table (catch $u $h) (catch $t $h) (throw $t))) (nop)))"#,
    ),
    (
        "an indirect call of the dearest",
        r#"(module (table 2 funcref) (elem (i32.const 0) $a $b)
            (func $a (nop)) (func $b (nop) (nop)) (func (export "run") (call_indirect (i32.const 1))))"#,
    ),
];

// @need-ids: REQ_BUDGET_002, REQ_FUEL_SCHEDULE_001
#[test]
fn the_bound_suffices_and_is_all_used_where_there_is_one_way() {
    for (what, text) in ONE_WAY {
        assert_exact(&wasm(text), &Declarations::default(), what);
    }
    let long = format!("(module (func (export \"run\") (block (br_if 0 (i32.const 0)) {})))", "(nop)".repeat(1000));
    assert_exact(&wasm(&long), &Declarations::default(), "several segments");
}

/// All loops with the same bound.
fn with_loops(wasm: &[u8], times: &[u64]) -> Declarations {
    let sites = budget(wasm).loops.into_iter().map(|found| found.site);
    Declarations { loops: sites.zip(times.iter().copied()).collect(), ..Declarations::default() }
}

// @need-ids: REQ_BUDGET_002
#[test]
fn loops_are_bounded_by_what_is_declared_of_them() {
    let counted = |turns: u32, body: &str| {
        format!(
            "(local.set $i (i32.const {turns})) (loop {body} (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"
        )
    };
    let in_function =
        |code: &str| format!("(module (func $f (nop)) (func (export \"run\") (local $i i32) (local $j i32) {code}))");
    let cases = [
        ("one", in_function(&counted(10, "(nop)")), vec![10]),
        ("a call in it", in_function(&counted(10, "(call $f)")), vec![10]),
        ("two", in_function(&format!("{} {}", counted(3, "(nop)"), counted(5, "(call $f)"))), vec![3, 5]),
        (
            "nested",
            in_function(&counted(
                4,
                "(local.set $j (i32.const 6)) (loop (nop) (br_if 0 (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))",
            )),
            vec![4, 6],
        ),
        (
            "left from the middle",
            in_function(
                "(block $out (loop (br_if $out (i32.eq (local.get $i) (i32.const 7))) (call $f)
                    (local.set $i (i32.add (local.get $i) (i32.const 1))) (br 0)))",
            ),
            vec![8],
        ),
    ];
    for (what, text, times) in cases {
        let wasm = wasm(&text);
        let reasons = root(&budget(&wasm), "run").fuel.clone().expect_err("nothing is declared");
        assert!(reasons.iter().all(|reason| matches!(reason, Reason::Loop { .. })), "{what}: {reasons:?}");
        assert_eq!(reasons.len(), times.len(), "{what}");
        let bound = assert_at_least(&wasm, &with_loops(&wasm, &times), what);
        let fewer: Vec<u64> = times.iter().map(|times| times - 1).collect();
        let short = declared(&wasm, &with_loops(&wasm, &fewer)).expect("right");
        assert!(root(&short, "run").fuel.clone().is_ok_and(|fuel| fuel < bound), "{what}");
    }
}

/// The bound suffices, and where the loop is not left from its middle it is all used.
fn assert_at_least(wasm: &[u8], declarations: &Declarations, what: &str) -> u64 {
    if what != "left from the middle" {
        return assert_exact(wasm, declarations, what);
    }
    let budget = declared(wasm, declarations).expect("right");
    let bound = root(&budget, "run").fuel.clone().expect("bounded");
    let ran = run(wasm, "run", &[], PLENTY, bound);
    assert!(ran.end.is_ok(), "{what}: {ran:?}");
    // The last turn is not gone through to its end: what the function that it calls costs is counted once too often.
    assert_eq!(bound - ran.fuel, 1, "{what}");
    bound
}

// @need-ids: REQ_BUDGET_002
#[test]
fn a_loop_is_named_by_the_first_operator_in_it() {
    let wasm = wasm("(module (func (export \"run\") (nop) (loop (nop) (br 0))))");
    let site = budget(&wasm).loops[0].site;
    // `loop` and its type stand in front.
    assert_eq!(&wasm[site.at as usize - 2..=site.at as usize], [0x03, 0x40, 0x01]);
    assert_eq!(site.func, 0);
}

// @need-ids: REQ_BUDGET_002
#[test]
fn what_has_no_bound_is_named() {
    let only = |text: &str| {
        let reasons = root(&budget(&wasm(text)), "run").fuel.clone().expect_err("no bound");
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        reasons.into_iter().next().expect("one")
    };
    let run = |code: &str| {
        format!("(module (memory 1) (table 1 funcref) (tag $t) (func (export \"run\") (param i32) {code}))")
    };
    for (code, name) in [
        ("(memory.fill (i32.const 0) (i32.const 0) (local.get 0))", "memory.fill"),
        ("(memory.copy (i32.const 0) (i32.const 0) (local.get 0))", "memory.copy"),
        ("(drop (memory.grow (local.get 0)))", "memory.grow"),
        ("(table.fill (i32.const 0) (ref.null func) (local.get 0))", "table.fill"),
        // The constant is that of one way only.
        (
            "(memory.fill (i32.const 0) (i32.const 0) (if (result i32) (local.get 0) (then (i32.const 64)) (else (i32.const 0))))",
            "memory.fill",
        ),
    ] {
        match only(&run(code)) {
            Reason::Length { site: Site { func: 0, .. }, operator } => assert_eq!(operator, name),
            other => panic!("{code}: {other:?}"),
        }
    }
    assert!(matches!(only(&run("(throw $t)")), Reason::Exception { .. }));
    assert!(matches!(only(&run("(return_call 0 (local.get 0))")), Reason::Recursion { cycle, .. } if cycle == [0]));
    let foreign =
        "(module (import \"m\" \"t\" (table 1 funcref)) (func (export \"run\") (call_indirect (i32.const 0))))";
    let reasons = root(&budget(&wasm(foreign)), "run").fuel.clone().expect_err("no bound");
    // It may call itself, and what nobody knows.
    assert!(matches!(reasons.as_slice(), [Reason::Recursion { .. }, Reason::Foreign { .. }]), "{reasons:?}");
    // Each loop is told, also where its function is in a circle.
    let text = "(module (func $f (export \"run\") (loop (br_if 0 (i32.const 0))) (call $f)))";
    assert_eq!(budget(&wasm(text)).loops.len(), 1);
}

// @need-ids: REQ_BUDGET_002
#[test]
fn a_declared_length_bounds_an_operator() {
    let text = "(module (memory 1) (func (export \"run\") (local i32) (local.set 0 (i32.const 640))
        (memory.fill (i32.const 0) (i32.const 0) (local.get 0))))";
    let variable = wasm(text);
    let reasons = root(&budget(&variable), "run").fuel.clone().expect_err("no bound");
    let [Reason::Length { site, .. }] = reasons.as_slice() else { panic!("{reasons:?}") };
    let declarations = Declarations { lengths: BTreeMap::from([(*site, 640)]), ..Declarations::default() };
    assert_exact(&variable, &declarations, "declared");
    // Of a constant there is nothing to declare.
    let constant =
        wasm("(module (memory 1) (func (export \"run\") (memory.fill (i32.const 0) (i32.const 0) (i32.const 64))))");
    let site = Site { func: 0, at: constant.windows(2).position(|pair| pair == [0xFC, 0x0B]).expect("there") as u32 };
    let declarations = Declarations { lengths: BTreeMap::from([(site, 64)]), ..Declarations::default() };
    assert!(matches!(declared(&constant, &declarations), Err(BudgetError::Unknown { .. })));
}

// @need-ids: REQ_BUDGET_002
#[test]
fn overflow_is_told_and_not_wrapped() {
    let text = "(module (func (export \"run\") (loop (loop (br_if 0 (i32.const 0)) (br_if 1 (i32.const 0))))))";
    let wasm = wasm(text);
    let budget = declared(&wasm, &with_loops(&wasm, &[u64::MAX, u64::MAX])).expect("right");
    assert_eq!(root(&budget, "run").fuel, Err(vec![Reason::Overflow { func: 0 }]));
}

// @need-ids: REQ_BUDGET_002
#[test]
fn no_call_of_a_guest_uses_more_than_its_bound() {
    let mut bounded = 0;
    let mut known = BTreeMap::new();
    for call in guests::calls().into_iter().filter(|call| !call.goes_on) {
        let wasm = guests::read(&call.file);
        let budget = known.entry(call.file.clone()).or_insert_with(|| budget(&wasm));
        let Ok(bound) = root(budget, &call.export).fuel.clone() else { continue };
        bounded += 1;
        let ran = run(&wasm, &call.export, &call.arguments, PLENTY, bound);
        assert_ne!(ran.trap(), Some(Trap::FuelExhausted), "{call:?} {bound}");
    }
    assert!(bounded > 50, "{bounded}");
}
