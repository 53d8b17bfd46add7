//! Frames of more slots than the window: what stands on both sides of the scratch registers must come out as in a small frame.

use std::fmt::Write as _;
use wrt::{Engine, Func, Linker, Module, ResumableCall, Store, Val};

/// A function with `locals` locals that does everything which takes several slots at once, then a tail call.
fn body(locals: usize, tall: bool) -> String {
    let mut code = String::new();
    let declared = "i32 ".repeat(locals);
    write!(code, "(func (export \"run\") (param i32) (result i32 i32 i32) (local {declared})").unwrap();
    if tall {
        code.push_str(&"i32.const 9 ".repeat(300));
        code.push_str(&"drop ".repeat(300));
    }
    for local in 1..=locals {
        write!(code, "i32.const {} local.set {local} ", local * 3).unwrap();
    }
    // Something to stay below.
    code.push_str("i32.const 1000003 local.get 0 ");
    code.push_str("i32.const 1 i32.const 2 i32.const 3 i32.const 4 i32.const 5 i32.const 6 i32.const 7 call $eight ");
    code.push_str("call $seven i32.add i32.mul i32.sub i32.xor i32.add i32.mul i32.add ");
    code.push_str("i32.const 11 i32.const 12 i32.const 13 i32.const 14 i32.const 1 call_indirect (type $four) ");
    // Bulk operators, and two-operand table.grow.
    code.push_str("i32.const 64 i32.const 171 i32.const 300 memory.fill ");
    code.push_str(
        "i32.const 70 i32.const 60 i32.const 500 memory.copy i32.const 3 i32.const 1 i32.const 5 memory.init $d ",
    );
    code.push_str("i32.const 300 i32.load i32.const 2 i32.load i32.add ");
    code.push_str("ref.null func i32.const 5 table.grow $t i32.add ");
    code.push_str(
        "i32.const 4 ref.func $eight i32.const 3 table.fill $t i32.const 5 i32.const 0 i32.const 2 table.copy $t $t ",
    );
    code.push_str("i32.const 1 i32.const 0 i32.const 1 table.init $t $e ");
    code.push_str("table.size $t i32.add i32.add i32.add i32.sub ");
    for local in (1..=locals).rev().step_by(7) {
        write!(code, "local.get {local} drop ").unwrap();
    }
    code.push_str("local.set 0 ");
    // A loop, whose body branches with values.
    code.push_str("(block $out (result i32 i32 i32) local.get 0 i32.const 21 i32.const 22 i32.const 23 local.get 0 br_if $out drop) ");
    code.push_str("drop drop drop ");
    code.push_str("local.get 0 i32.const 31 i32.const 32 i32.const 33 i32.const 34 return_call $three)");
    code
}

fn module(locals: usize, tall: bool) -> String {
    format!(
        r#"(module (memory 1) (data $d "abcdefgh") (table $t 4 100 funcref) (elem $e func $four) (elem declare func $eight) (elem (i32.const 0) $four $four)
        (type $four (func (param i32 i32 i32 i32) (result i32)))
        (func $four (type $four) local.get 0 local.get 1 i32.sub local.get 2 i32.mul local.get 3 i32.sub)
        (func $eight (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
            local.get 0 local.get 1 i32.mul local.get 2 i32.sub local.get 3 i32.mul local.get 4 i32.sub
            local.get 5 i32.mul local.get 6 i32.sub local.get 7 i32.mul)
        (func $seven (result i32 i32 i32 i32 i32 i32 i32)
            i32.const 41 i32.const 42 i32.const 43 i32.const 44 i32.const 45 i32.const 46 i32.const 47)
        (func $three (param i32 i32 i32 i32 i32) (result i32 i32 i32)
            local.get 0 local.get 1 i32.sub local.get 2 local.get 3 i32.mul local.get 4)
        {})"#,
        body(locals, tall)
    )
}

fn start(wat: &str) -> (Store<()>, Func) {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(wat).unwrap()).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
    let func = instance.get_func(&store, "run").unwrap();
    (store, func)
}

fn results(count: usize) -> Vec<Val> {
    vec![Val::I32(0); count]
}

fn show(values: &[Val]) -> String {
    format!("{values:?}")
}

fn whole(wat: &str, args: &[Val], count: usize) -> (String, u64) {
    let (mut store, func) = start(wat);
    let mut values = results(count);
    func.call(&mut store, args, &mut values).unwrap();
    (show(&values), store.fuel_consumed())
}

/// The same in slices of `slice` units.
fn sliced(wat: &str, args: &[Val], count: usize, slice: u64) -> (String, u64) {
    let (mut store, func) = start(wat);
    let mut values = results(count);
    store.set_fuel(0);
    let mut call = func.call_resumable(&mut store, args, &mut values).unwrap();
    loop {
        match call {
            ResumableCall::Finished => return (show(&values), store.fuel_consumed()),
            ResumableCall::OutOfFuel(paused) => {
                store.add_fuel(slice);
                call = paused.resume(&mut store, &mut values).unwrap();
            }
            other => unreachable!("nothing is imported: {other:?}"),
        }
    }
}

// @need-ids: REQ_018, REQ_SAFEPOINT_001, REQ_FUEL_002, REQ_025
#[test]
fn operands_on_both_sides_of_the_scratch_registers_come_out_right() {
    let args = [Val::I32(77)];
    let (expected, _) = whole(&module(3, false), &args, 3);
    for locals in (226..=264).chain([300, 400]) {
        let wat = module(locals, true);
        let (found, fuel) = whole(&wat, &args, 3);
        assert_eq!(found, expected, "{locals} locals");
        if locals % 4 == 0 {
            assert_eq!(sliced(&wat, &args, 3, 1), (found, fuel), "{locals} locals, in slices");
        }
    }
}

/// A function of `params` parameters that gives them all back, called with as many constants from below `below` others.
fn round_trip(params: usize, below: usize) -> String {
    let types = "i32 ".repeat(params);
    let gets = (0..params).fold(String::new(), |code, i| code + &format!("local.get {i} "));
    let constants = (0..params).fold(String::new(), |code, i| code + &format!("i32.const {} ", i * i + 1));
    let under = "i32.const 5 ".repeat(below);
    let mix = "i32.const 31 i32.mul i32.add ".repeat(params + below - 1);
    format!(
        "(module (type $all (func (param {types}) (result {types}))) (table 1 funcref) (elem (i32.const 0) $all)
        (func $all (type $all) (local i32 i64) {gets})
        (func $by_table (type $all) (local i64) {gets} i32.const 0 return_call_indirect (type $all))
        (func $direct (type $all) {gets} return_call $by_table)
        (func (export \"run\") (result i32) {under} {constants} call $direct i32.const 0 call_indirect (type $all) {mix}))"
    )
}

// @need-ids: REQ_018, REQ_FUEL_002
#[test]
fn more_parameters_and_results_than_the_window_arrive_in_order() {
    for (params, below) in
        [(5, 1), (130, 2), (248, 1), (249, 3), (256, 1), (257, 1), (300, 1), (300, 120), (700, 247), (1000, 2)]
    {
        let values: Vec<i32> = std::iter::repeat_n(5, below).chain((0..params).map(|i| (i * i + 1) as i32)).collect();
        let expected = values[..values.len() - 1]
            .iter()
            .rev()
            .fold(*values.last().unwrap(), |sum, value| sum.wrapping_mul(31).wrapping_add(*value));
        let wat = round_trip(params, below);
        let (found, fuel) = whole(&wat, &[], 1);
        assert_eq!(found, show(&[Val::I32(expected)]), "{params} parameters above {below}");
        if params <= 300 {
            assert_eq!(sliced(&wat, &[], 1, 7), (found, fuel), "{params} parameters above {below}, in slices");
        }
    }
}

// @need-ids: REQ_IMAGE_001, REQ_IMAGE_002
#[test]
fn the_checker_accepts_wide_frames_and_images_of_them_run() {
    for wat in [module(250, true), round_trip(300, 120), round_trip(249, 3)] {
        let engine = Engine::default();
        let module = Module::new(&engine, wat::parse_str(&wat).unwrap()).unwrap();
        let image = Module::new(&engine, module.compile().unwrap()).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate(&mut store, &image).unwrap();
        let func = instance.get_func(&store, "run").unwrap();
        let ty = func.ty(&store);
        let args = vec![Val::I32(77); ty.params().len()];
        let mut values = results(ty.results().len());
        func.call(&mut store, &args, &mut values).unwrap();
        assert_eq!(show(&values), whole(&wat, &args, values.len()).0);
    }
}
