//! Frames and slots.

use super::{
    BudgetError, Declarations, PLENTY, Reason, StackNeeds, assert_exact_stack, assert_tight, budget, declared, root,
    run, stack,
};
use crate::common::wasm;
use crate::reference::guests;
use std::collections::BTreeMap;
use std::fmt::Write;
use wrt::budget::{Entry, Import, Site};
use wrt::{
    Caller, Config, Engine, Extern, FuncType, HostEntry, HostStep, Limits, Linker, Module, Store, Trap, ValType,
};

/// Modules whose export `run` takes the same way each time.
const STRAIGHT: [(&str, &str); 12] = [
    ("nothing", r#"(module (func (export "run")))"#),
    ("results only", r#"(module (func (export "run") (result i64 i64 i32) i64.const 1 i64.const 2 i32.const 3))"#),
    (
        "arguments overlap",
        r#"(module
            (func (export "run") (result i32) (local i64 i64) i32.const 7 i32.const 1 i32.const 2 call $add i32.add)
            (func $add (param i32 i32) (result i32) (local f64) local.get 0 local.get 1 i32.add))"#,
    ),
    (
        "the deepest is not the widest",
        r#"(module
            (func (export "run") call $wide call $deep)
            (func $wide (local i64 i64 i64 i64 i64 i64 i64 i64 i64))
            (func $deep call $deeper) (func $deeper call $deepest) (func $deepest (local i32)))"#,
    ),
    (
        "tail calls",
        r#"(module
            (func (export "run") (local i64 i64 i64) call $a)
            (func $a (local i32) return_call $b)
            (func $b (local i32 i32 i32 i32 i32 i32) return_call $c)
            (func $c (local i32 i32)))"#,
    ),
    (
        "a tail call with more arguments",
        r#"(module
            (func (export "run") (result i32) (return_call $b (i32.const 1) (i32.const 2) (i32.const 3)))
            (func $b (param i32 i32 i32) (result i32) (local.get 2)))"#,
    ),
    (
        "vectors",
        r#"(module
            (func (export "run") (local v128) (drop (call $b (v128.const i64x2 1 2) (i32.const 1))))
            (func $b (param v128 i32) (result v128) (local v128) (local.get 0)))"#,
    ),
    (
        "an indirect call of one function",
        r#"(module (table 1 funcref) (elem (i32.const 0) $b)
            (func (export "run") (local i32) (call_indirect (i32.const 0)))
            (func $b (local i64 i64)))"#,
    ),
    (
        "a call of a reference",
        r#"(module (type $f (func)) (elem declare func $b)
            (func (export "run") (local i32) (call_ref $f (ref.func $b)))
            (func $b (type $f) (local i64 i64)))"#,
    ),
    (
        "host functions have no frame",
        r#"(module (import "h" "f" (func $f (param i64) (result i64 i64)))
            (func (export "run") (local i64) (call $f (i64.const 1)) drop drop))"#,
    ),
    (
        "code in a handler",
        r#"(module (tag $t (param i32))
            (func (export "run") (block $h (result i32) (try_table (catch $t $h) (call $b)) (i32.const 1)) drop)
            (func $b (local i64) (throw $t (i32.const 7))))"#,
    ),
    (
        "a chain in blocks",
        r#"(module
            (func (export "run") (block (loop (if (i32.const 1) (then (call $b) (br 2))))))
            (func $b (local i64) (call $c (i64.const 1) (i64.const 2)) drop)
            (func $c (param i64 i64) (result i64) (local i64) (i64.add (local.get 0) (local.get 1))))"#,
    ),
];

// @need-ids: REQ_BUDGET_001, REQ_RESOURCE_001
#[test]
fn what_is_computed_suffices_and_one_less_does_not() {
    for (what, text) in STRAIGHT {
        assert_exact_stack(&wasm(text), "run", what);
    }
}

/// A function with so many parameters that calls another with so many from so high on its operand stack.
fn wide(locals: usize, below: usize, params: usize, results: usize) -> String {
    let mut text = String::from("(module (func (export \"run\") ");
    let list = |word: &str, count: usize| format!("({word}{})", " i64".repeat(count));
    write!(text, "{} ", list("local", locals)).expect("text");
    text.push_str(&"i64.const 1 ".repeat(below + params));
    write!(
        text,
        "call $f {}) (func $f {} {} ",
        "drop ".repeat(below + results),
        list("param", params),
        list("result", results)
    )
    .expect("text");
    text.push_str(&"i64.const 2 ".repeat(results));
    text.push_str("))");
    text
}

// Around slot 248 arguments and results are put side by side, and frames get scratch slots.
// @need-ids: REQ_BUDGET_001, REQ_RESOURCE_001
#[test]
fn wide_frames_are_counted_with_what_they_take_besides() {
    for locals in [200, 240, 247, 248, 255, 256, 300] {
        for (below, params, results) in [(0, 0, 0), (5, 3, 1), (40, 10, 2), (3, 2, 60), (8, 12, 4)] {
            let text = wide(locals, below, params, results);
            assert_exact_stack(&wasm(&text), "run", &format!("{locals} {below} {params} {results}"));
        }
    }
}

// @need-ids: REQ_BUDGET_001
#[test]
fn a_circle_is_named_and_a_declared_depth_bounds_it() {
    let text = r#"(module
        (func (export "run") (param i32) (call $even (local.get 0)))
        (func $even (param i32) (local i64) (if (local.get 0) (then (call $odd (i32.sub (local.get 0) (i32.const 1))))))
        (func $odd (param i32) (local i64 i64)
            (if (local.get 0) (then (call $even (i32.sub (local.get 0) (i32.const 1))))) (call $leaf))
        (func $leaf (local i64 i64 i64 i64 i64 i64)))"#;
    let wasm = wasm(text);
    let reasons = root(&budget(&wasm), "run").stack.clone().expect_err("it has no bound");
    assert_eq!(reasons, [Reason::Recursion { cycle: vec![1, 2], length: 2 }]);
    for (func, depth, argument) in [(1, 1, 1), (1, 4, 7), (1, 10, 19), (2, 5, 10)] {
        let declarations = Declarations { recursion: BTreeMap::from([(func, depth)]), ..Declarations::default() };
        let needs = stack(&declared(&wasm, &declarations).expect("right"), "run");
        let fits = run(&wasm, "run", &[argument], (needs.frames, needs.slots), u64::MAX);
        assert!(fits.end.is_ok(), "{func} {depth}: {fits:?}");
        for less in [(needs.frames - 1, needs.slots), (needs.frames, needs.slots - 1)] {
            let short = run(&wasm, "run", &[argument], less, u64::MAX);
            assert_eq!(short.trap(), Some(Trap::CallStackExhausted), "{func} {depth} {needs:?} {less:?}");
        }
    }
    let both = Declarations { recursion: BTreeMap::from([(1, 4), (2, 4)]), ..Declarations::default() };
    let needs = stack(&declared(&wasm, &both).expect("right"), "run");
    let ran = run(&wasm, "run", &[7], PLENTY, u64::MAX);
    assert!((ran.frames, ran.slots) <= (needs.frames, needs.slots), "{ran:?} {needs:?}");
}

// @need-ids: REQ_BUDGET_001
#[test]
fn a_circle_of_tail_calls_needs_no_declaration() {
    let text = r#"(module
        (func (export "run") (local i64) (call $even (i32.const 9)))
        (func $even (param i32) (local i64)
            (if (local.get 0) (then (return_call $odd (i32.sub (local.get 0) (i32.const 1))))))
        (func $odd (param i32) (local i64 i64 i64)
            (if (local.get 0) (then (return_call $even (i32.sub (local.get 0) (i32.const 1)))))))"#;
    assert_exact_stack(&wasm(text), "run", "tail calls in a circle");
}

// @need-ids: REQ_BUDGET_001
#[test]
fn a_table_that_nobody_else_writes_bounds_what_is_called_through_it() {
    let functions = r"(func $small (type $t)) (func $large (type $t) (local i64 i64 i64 i64 i64 i64 i64 i64 i64))
        (func $other (param i32) (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64))";
    let text = |table: &str, more: &str| {
        format!(
            r#"(module (type $t (func)) {table} {functions}
            (func (export "run") (call_indirect (type $t) (i32.const 0))) {more})"#
        )
    };
    let slots = |text: &str| {
        let budget = budget(&wasm(text));
        let site = budget.indirect.first().cloned().expect("an indirect call");
        (stack(&budget, "run").slots, site.callees.to_vec())
    };
    // The operand stack's one slot is the callee's index; the callee begins there.
    let own = "(table 2 funcref) (elem (i32.const 0) $small $other)";
    assert_eq!(slots(&text(own, "")), (1, vec![0]));
    // Referred to elsewhere, and not in the table.
    let declared_too = "(func (drop (ref.func $large))) (elem declare func $large)";
    assert_eq!(slots(&text(own, declared_too)), (1, vec![0]));
    // Written by an operator: anything that is referred to.
    let set = "(func (param funcref) (table.set (i32.const 0) (ref.func $large))) (elem declare func $large)";
    assert_eq!(slots(&text(own, set)), (9, vec![0, 1]));
    let grown = "(func (drop (table.grow (ref.func $large) (i32.const 1)))) (elem declare func $large)";
    assert_eq!(slots(&text(own, grown)), (9, vec![0, 1]));
    // From a segment that is not active, and by way of another table.
    let init = "(elem $e func $large) (func (table.init $e (i32.const 0) (i32.const 0) (i32.const 1)))";
    assert_eq!(slots(&text(own, init)), (9, vec![0, 1]));
    let copied = "(table $u 1 funcref) (elem (table $u) (i32.const 0) func $large)
        (func (table.copy 0 $u (i32.const 0) (i32.const 0) (i32.const 1)))";
    assert_eq!(slots(&text(own, copied)), (9, vec![0, 1]));
    // The host can put exported functions into an exported table.
    let exported = "(table (export \"t\") 2 funcref) (elem (i32.const 0) $small) (export \"l\" (func $large))";
    let callees = budget(&wasm(&text(exported, ""))).indirect[0].callees.to_vec();
    assert_eq!(callees, [0, 1, 3], "with itself, for it is exported too");
    // A null table never calls.
    assert_eq!(slots(&text("(table 1 funcref)", "")).1, [0_u32; 0]);
    // Another module's table may hold anything.
    let foreign = wasm(&text("(import \"m\" \"t\" (table 1 funcref))", ""));
    let reasons = root(&budget(&foreign), "run").stack.clone().expect_err("it has no bound");
    assert!(reasons.iter().any(|reason| matches!(reason, Reason::Foreign { site } if site.func == 3)), "{reasons:?}");
}

// @need-ids: REQ_BUDGET_001
#[test]
fn subtypes_are_called_through_the_types_above_them() {
    let text = r#"(module (type $f (sub (func))) (type $g (sub final $f (func))) (type $h (func))
        (table 3 funcref) (elem (i32.const 0) $b $c)
        (func (export "run") (call_indirect (type $f) (i32.const 0)))
        (func $b (type $g) (local i64 i64 i64)) (func $c (type $h) (local i64 i64 i64 i64 i64)))"#;
    let wasm = wasm(text);
    let budget = budget(&wasm);
    assert_eq!(&*budget.indirect[0].callees, [1]);
    assert_tight(&wasm, "run", stack(&budget, "run"), "a subtype");
}

// @need-ids: REQ_BUDGET_001
#[test]
fn a_host_function_that_calls_the_guest_is_counted_where_it_is_declared() {
    let text = r#"(module (import "h" "f" (func $f (param i64)))
        (func (export "run") (local i64) (call $f (i64.const 1)))
        (func (export "tick") (local i64 i64 i64)))"#;
    let wasm = wasm(text);
    let plain = stack(&budget(&wasm), "run");
    assert_eq!(plain, StackNeeds { frames: 1, slots: 2, records: 1 });
    let declarations = |what| Declarations { imports: BTreeMap::from([(0, what)]), ..Declarations::default() };
    let calls = declared(&wasm, &declarations(Import::Calls(vec![2]))).expect("right");
    // The caller, the host function with its argument and two words, and the callee behind them.
    assert_eq!(stack(&calls, "run"), StackNeeds { frames: 3, slots: 1 + 1 + 2 + 3, records: 4 });
    assert_eq!(root(&calls, "run").fuel, Err(vec![Reason::Calls { import: 0 }]));
    let circle = declared(&wasm, &declarations(Import::Calls(vec![1]))).expect("right");
    assert_eq!(root(&circle, "run").stack, Err(vec![Reason::Recursion { cycle: vec![0, 1], length: 2 }]));
    let needs = StackNeeds { frames: 2, slots: 10, records: 2 };
    let other = declared(&wasm, &declarations(Import::Instance { stack: needs, fuel: Some(5) })).expect("right");
    assert_eq!(stack(&other, "run"), StackNeeds { frames: 3, slots: 11, records: 4 });
    assert_eq!(root(&other, "run").fuel.clone().map(|fuel| fuel - 5), root(&budget(&wasm), "run").fuel);
}

/// Runs an export whose import calls `tick` once, step by step.
fn reentering(wasm: &[u8], (frames, slots): (u64, u64)) -> Result<(), Option<Trap>> {
    let limits = Limits { max_frames: frames as u32, max_slots: slots as u32, ..Limits::DEFAULT };
    let engine = Engine::new(&Config::new().limits(limits));
    let module = Module::new(&engine, wasm).expect("valid");
    let mut linker = Linker::new(&engine);
    let ty = FuncType::new([ValType::I64], []);
    let steps = |caller: Caller<'_, ()>, entry: HostEntry<'_>| {
        if entry.returned.is_some() {
            return Ok(HostStep::Return(vec![]));
        }
        let func = caller.get_export("tick").and_then(Extern::into_func).expect("exported");
        Ok(HostStep::CallGuest { func, args: vec![], state: 0 })
    };
    linker.func_reentrant("h", "f", ty, steps).expect("new");
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).expect("links");
    let run = instance.func(&store, "run").expect("exported");
    run.call(&mut store, &[], &mut []).map_err(|error| error.trap().map(wrt::TrapError::trap))
}

// @need-ids: REQ_BUDGET_001, REQ_REENTRY_001
#[test]
fn what_a_host_function_that_waits_takes_is_exact() {
    let text = r#"(module (import "h" "f" (func $f (param i64)))
        (func (export "run") (local i64) (call $f (i64.const 1)))
        (func (export "tick") (local i64 i64 i64)))"#;
    let wasm = wasm(text);
    let imports = BTreeMap::from([(0, Import::Calls(vec![2]))]);
    let needs = stack(&declared(&wasm, &Declarations { imports, ..Declarations::default() }).expect("right"), "run");
    let (frames, slots) = (needs.frames, needs.slots);
    assert_eq!(reentering(&wasm, (frames, slots)), Ok(()));
    assert_eq!(reentering(&wasm, (frames - 1, slots)), Err(Some(Trap::CallStackExhausted)));
    assert_eq!(reentering(&wasm, (frames, slots - 1)), Err(Some(Trap::CallStackExhausted)));
}

// @need-ids: REQ_BUDGET_001, REQ_WASM_002
#[test]
fn calls_between_instances_add_up() {
    let provider = wasm(
        r#"(module (func (export "f") (param i64) (result i64) (local i64 i64) (call $g (local.get 0)))
        (func $g (param i64) (result i64) (local i64 i64 i64) (local.get 0)))"#,
    );
    for call in ["(drop (call $f (i64.const 1)))", "(call $by_tail)"] {
        let user = wasm(&format!(
            r#"(module (import "p" "f" (func $f (param i64) (result i64)))
            (func (export "run") (local i64 i64 i64) {call} (call $small))
            (func $by_tail (drop (call $tail)))
            (func $tail (result i64) (local i64) (return_call $f (i64.const 1))) (func $small))"#
        ));
        let of_provider = stack(&budget(&provider), "f");
        let import = Import::Instance { stack: of_provider, fuel: None };
        let imports = BTreeMap::from([(0, import)]);
        let needs = declared(&user, &Declarations { imports, ..Declarations::default() }).expect("right");
        let needs = stack(&needs, "run");
        let linked = |frames: u64, slots: u64| {
            let limits = Limits { max_frames: frames as u32, max_slots: slots as u32, ..Limits::DEFAULT };
            let engine = Engine::new(&Config::new().limits(limits));
            let mut store = Store::new(&engine, ());
            let mut linker = Linker::new(&engine);
            let from = Module::new(&engine, &provider).expect("valid").instantiate(&mut store).expect("no imports");
            linker.instance(&mut store, "p", from).expect("new names");
            let module = Module::new(&engine, &user).expect("valid");
            let instance = linker.instantiate(&mut store, &module).expect("links");
            let run = instance.func(&store, "run").expect("exported");
            run.call(&mut store, &[], &mut []).map_err(|error| error.trap().map(wrt::TrapError::trap))
        };
        assert_eq!(linked(needs.frames, needs.slots), Ok(()), "{call} {needs:?}");
        let exhausted = Err(Some(Trap::CallStackExhausted));
        assert_eq!(linked(needs.frames - 1, needs.slots), exhausted, "{call} {needs:?}");
        assert_eq!(linked(needs.frames, needs.slots - 1), exhausted, "{call} {needs:?}");
    }
}

// @need-ids: REQ_BUDGET_001
#[test]
fn start_and_references_count_as_calls_from_outside() {
    let text = r#"(module (start $s) (func $s (local i64 i64))
        (func $r (local i64 i64 i64)) (elem declare func $r)
        (func (export "get") (result funcref) (ref.func $r)))"#;
    let budget = budget(&wasm(text));
    let entries: Vec<_> = budget.roots.iter().map(|root| (root.entry.clone(), root.func)).collect();
    assert_eq!(entries, [(Entry::Export("get".into()), 2), (Entry::Start, 0), (Entry::Reference, 1)]);
    assert_eq!(budget.stack.map(|needs| needs.slots), Ok(3));
}

/// A wrong declaration, where it is, and what is told of it.
type Case = (fn(&mut Declarations, Site), Site, &'static str);

// @need-ids: REQ_BUDGET_001, REQ_ERROR_003
#[test]
fn wrong_declarations_are_told() {
    let wasm = wasm(
        r#"(module (import "h" "f" (func)) (table 1 funcref) (elem (i32.const 0) $a)
        (func $a (param i32)) (func (export "run") (call 0) (call_indirect (i32.const 0))))"#,
    );
    let site = Site { func: 2, at: 7 };
    let call = budget(&wasm).indirect[0].site;
    let wrong = |change: fn(&mut Declarations, Site), site| {
        let mut declarations = Declarations::default();
        change(&mut declarations, site);
        match declared(&wasm, &declarations) {
            Err(error @ (BudgetError::Unknown { .. } | BudgetError::NotNeeded { .. })) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let cases: [Case; 8] = [
        (|d, _| d.recursion.extend([(9, 1)]), site, "no such function"),
        (|d, _| d.recursion.extend([(1, 1)]), site, "it is not recursive"),
        (|d, site| d.loops.extend([(site, 1)]), site, "no loop there"),
        (|d, site| d.lengths.extend([(site, 1)]), site, "no operator there"),
        (|d, site| d.callees.extend([(site, vec![])]), site, "no indirect call there"),
        (|d, site| d.callees.extend([(site, vec![1])]), call, "not of its type"),
        (|d, site| d.callees.extend([(site, vec![77])]), call, "not of its type"),
        (|d, _| d.imports.extend([(1, Import::Calls(vec![]))]), site, "no such import"),
    ];
    for (change, site, part) in cases {
        let message = wrong(change, site);
        assert!(message.contains(part), "{message}");
    }
    // And a right one narrows the choice.
    let declarations = Declarations { callees: BTreeMap::from([(call, vec![0])]), ..Declarations::default() };
    assert_eq!(&*declared(&wasm, &declarations).expect("right").indirect[0].callees, [0]);
}

// @need-ids: REQ_BUDGET_001
#[test]
fn no_call_of_a_guest_needs_more_than_its_bound() {
    let mut bounded = 0;
    let mut known = BTreeMap::new();
    for call in guests::calls().into_iter().filter(|call| !call.goes_on) {
        let wasm = guests::read(&call.file);
        let budget = known.entry(call.file.clone()).or_insert_with(|| budget(&wasm));
        let Ok(needs) = root(budget, &call.export).stack.clone() else { continue };
        bounded += 1;
        let ran = run(&wasm, &call.export, &call.arguments, (needs.frames, needs.slots), 2_000_000);
        assert_ne!(ran.trap(), Some(Trap::CallStackExhausted), "{call:?} {needs:?}");
        assert!(ran.frames <= needs.frames && ran.slots <= needs.slots, "{call:?}: {ran:?} {needs:?}");
    }
    assert!(bounded > 100, "{bounded}");
}
