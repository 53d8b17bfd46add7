//! Values of two slots everywhere that values go: locals, blocks, branches, calls, globals, the host, pauses and images.

use crate::common::both;
use std::fmt::Write as _;
use wrt::{
    Engine, Error, Func, FuncType, Global, GlobalType, Limits, Linker, ResumableCall, Store, TypedResumableCall, Val,
    ValType,
};

const A: u128 = 0x0F0E_0D0C_0B0A_0908_0706_0504_0302_0100;
const B: u128 = 0x1111_1111_2222_2222_3333_3333_4444_4444;

/// Calls `run` of both.
fn results(text: &str, args: &[Val], count: usize) -> Vec<Val> {
    let engine = Engine::default();
    let [first, second] = both(&engine, text).map(|module| {
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("links");
        let run = instance.get_func(&store, "run").expect("exported");
        let mut results = vec![Val::I32(0); count];
        run.call(&mut store, args, &mut results).expect("runs");
        results
    });
    assert_eq!(first, second);
    first
}

fn lanes32(value: u128) -> [u32; 4] {
    [0, 32, 64, 96].map(|at| (value >> at) as u32)
}

fn of_lanes32(lanes: [u32; 4]) -> u128 {
    (0..).step_by(32).zip(lanes).fold(0, |all, (at, lane)| all | u128::from(lane) << at)
}

fn add32(x: u128, y: u128) -> u128 {
    let (x, y) = (lanes32(x), lanes32(y));
    of_lanes32([0, 1, 2, 3].map(|lane| x[lane].wrapping_add(y[lane])))
}

/// A function that moves vectors through everything; `locals` more locals stand before its own.
fn everything(locals: usize, operands: usize) -> String {
    let mut text = String::from(
        r#"(module (memory 1)
        (global $g (mut v128) (v128.const i32x4 1 2 3 4)) (global $h v128 (global.get $g0))
        (global $g0 v128 (v128.const i64x2 5 6)) (global $i (mut i32) (i32.const 9))
        (table funcref (elem $swap $pick))
        (type $two (func (param v128 i32 v128) (result v128 v128 i32)))
        (func $swap (type $two) local.get 2 local.get 0 local.get 1)
        (func $pick (type $two) local.get 0 local.get 2 local.get 1 i32.const 1 i32.add)
        (func $tail (param i32 v128 v128) (result v128 i32 v128)
            local.get 1 local.get 0 local.get 2)
        (func (export "run") (param $n i32) (param $x v128) (param $y v128) (result v128 i32 v128)"#,
    )
    .replace("(global.get $g0)", "(v128.const i64x2 5 6)");
    write!(text, " (local {})", "i64 ".repeat(locals)).expect("text");
    text.push_str(" (local $a v128) (local $b v128) (local $c v128) (local $k i32) ");
    // Something to stay below, so that operands stand on both sides of the window's end.
    text.push_str(&"i64.const -1 ".repeat(operands));
    text.push_str(
        r"
        local.get $x local.set $a
        (local.set $b (i32x4.add (local.get $a) (local.get $y)))
        ;; The old value of a local that is set while it waits on the stack, alone and below an operator.
        local.get $a local.get $b (local.set $a (v128.const i32x4 7 8 9 10)) i32x4.add local.set $c
        (local.set $c (i8x16.shuffle 0 1 2 3 20 21 22 23 8 9 10 11 28 29 30 31 (local.get $c) (local.get $a)))
        local.get $c (local.set $c (i8x16.shuffle 4 5 6 7 0 1 2 3 12 13 14 15 8 9 10 11 (local.get $c) (local.get $c)))
        local.get $c i32x4.add local.set $c
        (global.set $g (v128.xor (global.get $g) (local.get $c)))
        (global.set $i (i32.add (global.get $i) (i32x4.extract_lane 1 (global.get $h))))
        ;; Blocks, branches and a loop with vectors.
        (block $out (result v128 i32)
            (v128.const i64x2 -1 -2) (i32.const 3) (local.get $n) (br_if $out) drop drop
            (local.get $b) (i32.const 4))
        (global.set $i (i32.add (global.get $i))) (local.set $b (i32x4.sub (local.get $b)))
        (local.get $b) (i32.add (i32.and (local.get $n) (i32.const 3)) (i32.const 1))
        (loop $again (param v128 i32) (result v128)
            (local.set $k) (i32x4.add (local.get $a)) (i32.sub (local.get $k) (i32.const 1)) (local.tee $k)
            (local.get $k) (br_if $again) drop)
        local.set $b
        (if (result v128) (i8x16.all_true (local.get $b)) (then (local.get $a)) (else (i32x4.neg (local.get $a))))
        local.set $a
        ;; Choices, and values that are dropped.
        (select (local.get $a) (local.get $b) (local.get $n)) (drop (local.get $a)) drop
        (select (result v128) (local.get $a) (v128.const i32x4 0 0 0 1) (i32.eqz (local.get $n))) local.set $a
        ;; Memory, by lanes too.
        (v128.store offset=16 (i32.const 0) (local.get $b))
        (v128.store (i32.add (local.get $n) (i32.const 48)) (local.get $c))
        (v128.store32_lane 2 (i32.const 20) (local.get $c))
        (local.set $b (v128.load16_lane 3 (i32.const 50) (v128.load offset=16 (local.get $n))))
        (local.set $c (v128.xor (v128.load32x2_u (i32.const 16)) (v128.load8_splat (i32.const 17))))
        (local.set $c (v128.xor (local.get $c) (v128.load64_zero (i32.const 24))))
        (local.set $c (i32x4.replace_lane 1 (local.get $c) (i32x4.extract_lane 0 (local.get $b))))
        (local.set $c (v128.bitselect (local.get $a) (local.get $b) (i16x8.shl (local.get $c) (i32.const 3))))
        (local.set $c (i64x2.shr_u (local.get $c) (local.get $n)))
        (local.set $c (i32x4.add (local.get $c) (i16x8.splat (i8x16.bitmask (local.get $c)))))
        ;; Calls with vectors side by side, through a table, and a tail call.
        (call $swap (local.get $a) (i32.const 5) (local.get $b))
        (global.set $i (i32.add (global.get $i))) local.set $a local.set $b
        (call_indirect (type $two) (local.get $b) (i32.const 6) (local.get $c) (i32.const 1))
        (global.set $i (i32.mul (global.get $i))) i32x4.add local.set $c
        (local.get $n) (if (then (return (local.get $a) (global.get $i) (local.get $c))))
        (return_call $tail (global.get $i) (v128.xor (global.get $g) (local.get $a)) (i32x4.add (local.get $b) (local.get $c)))))",
    );
    text
}

// @need-ids: REQ_018, REQ_SAFEPOINT_001, REQ_RESOURCE_001
#[test]
fn vectors_in_wide_frames_come_out_as_in_small_ones() {
    for n in [0, 1, 5] {
        let args = [Val::I32(n), Val::V128(A), Val::V128(B)];
        let expected = results(&everything(0, 0), &args, 3);
        assert!(expected[0] != Val::V128(0) && expected[2] != Val::V128(0), "{expected:?}");
        for locals in [1, 232, 233, 234, 235, 236, 237, 238, 239, 240, 241, 242, 243, 244, 245, 250, 251, 300] {
            for operands in [0, 1, 2, 3] {
                assert_eq!(results(&everything(locals, operands), &args, 3), expected, "{n}: {locals}, {operands}");
            }
        }
    }
}

// @need-ids: REQ_001, REQ_003, REQ_SAFEPOINT_001
#[test]
fn a_pause_anywhere_leaves_vectors_whole() {
    let engine = Engine::default();
    for locals in [0, 239] {
        let text = everything(locals, 1);
        let args = [Val::I32(3), Val::V128(A), Val::V128(B)];
        let expected = results(&text, &args, 3);
        for module in both(&engine, &text) {
            let run = |slice: u64| {
                let mut store = Store::new(&engine, ());
                let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("links");
                let func = instance.get_func(&store, "run").expect("exported");
                let mut results = vec![Val::I32(0); 3];
                store.set_fuel(slice);
                let mut used = slice;
                let mut call = func.call_resumable(&mut store, &args, &mut results).expect("runs");
                loop {
                    match call {
                        ResumableCall::OutOfFuel(paused) => {
                            used += slice;
                            store.set_fuel(store.get_fuel() + slice);
                            call = paused.resume(&mut store, &mut results).expect("runs on");
                        }
                        ResumableCall::Finished => return (results, used - store.get_fuel()),
                        other => panic!("no host and no agents here: {other:?}"),
                    }
                }
            };
            let whole = run(1_000_000);
            assert_eq!(whole.0, expected);
            for slice in 1..40 {
                assert_eq!(run(slice), whole, "{locals} locals, slices of {slice}");
            }
        }
    }
}

const HOST: &str = r#"(module
    (import "host" "swap" (func $swap (param i32 v128 i64 v128) (result v128 i32 v128)))
    (func (export "run") (param i32 v128 i64 v128) (result v128 i32 v128)
        local.get 0 local.get 1 local.get 2 local.get 3 call $swap))"#;

fn swapped(number: i32, first: u128, long: i64, second: u128) -> (u128, i32, u128) {
    (second, number + long as i32, first)
}

// @need-ids: REQ_WASM_002, REQ_018
#[test]
fn vectors_pass_to_and_from_the_host() {
    let engine = Engine::default();
    let ty = FuncType::new(
        [ValType::I32, ValType::V128, ValType::I64, ValType::V128],
        [ValType::V128, ValType::I32, ValType::V128],
    );
    for module in both(&engine, HOST) {
        let mut store = Store::new(&engine, ());
        let typed = Func::wrap(&mut store, swapped).expect("fits");
        assert_eq!(typed.ty(&store), ty);
        let untyped = Func::new(&mut store, ty.clone(), |_, args, results| {
            let [Val::I32(number), Val::V128(first), Val::I64(long), Val::V128(second)] = args else {
                panic!("{args:?}")
            };
            let (x, y, z) = swapped(*number, *first, *long, *second);
            results.copy_from_slice(&[Val::V128(x), Val::I32(y), Val::V128(z)]);
            Ok(())
        })
        .expect("fits");
        for host in [typed, untyped] {
            let mut linker = Linker::new(&engine);
            linker.define("host", "swap", host).expect("new");
            let instance = linker.instantiate(&mut store, &module).expect("links");
            let run = instance.get_func(&store, "run").expect("exported");
            let args = [Val::I32(40), Val::V128(A), Val::I64(2), Val::V128(B)];
            let mut results = [Val::I32(0); 3];
            for func in [run, host] {
                func.call(&mut store, &args, &mut results).expect("runs");
                assert_eq!(results, [Val::V128(B), Val::I32(42), Val::V128(A)]);
            }
            let run = run.typed::<(i32, u128, i64, u128), (u128, i32, u128)>(&store).expect("its type");
            assert_eq!(run.call(&mut store, (1, B, 1, A)).expect("runs"), (A, 2, B));
            store.set_fuel(1);
            let call = run.call_resumable(&mut store, (1, B, 1, A)).expect("runs");
            let TypedResumableCall::OutOfFuel(paused) = call else { panic!("{call:?}") };
            store.set_fuel(u64::MAX);
            let call = paused.resume(&mut store).expect("runs on");
            assert!(matches!(call, TypedResumableCall::Finished(results) if results == (A, 2, B)));
        }
    }
}

// @need-ids: REQ_WASM_002, REQ_LIMITS_001
#[test]
fn vector_globals_have_two_slots_on_both_sides() {
    let text = r#"(module (import "host" "g" (global $g (mut v128))) (import "host" "c" (global $c v128))
        (global $own (export "own") (mut v128) (global.get $c)) (global (export "after") i32 (i32.const 7))
        (func (export "run") (result v128)
            (global.set $g (i32x4.add (global.get $g) (global.get $own)))
            (global.set $own (v128.const i64x2 3 4)) (global.get $g)))"#;
    let engine = Engine::default();
    for module in both(&engine, text) {
        let mut store = Store::new(&engine, ());
        let ty = |mutable| GlobalType::new(ValType::V128, mutable);
        let global = Global::new(&mut store, ty(true), Val::V128(A)).expect("fits");
        let constant = Global::new(&mut store, ty(false), Val::V128(B)).expect("fits");
        let mut linker = Linker::new(&engine);
        linker.define("host", "g", global).and_then(|linker| linker.define("host", "c", constant)).expect("new");
        let instance = linker.instantiate(&mut store, &module).expect("links");
        let run = instance.get_typed_func::<(), u128>(&store, "run").expect("its type");
        assert_eq!(run.call(&mut store, ()).expect("runs"), add32(A, B));
        assert_eq!((global.get(&store), constant.get(&store)), (Val::V128(add32(A, B)), Val::V128(B)));
        let own = instance.get_global(&store, "own").expect("exported");
        assert_eq!(own.get(&store), Val::V128(4 << 64 | 3));
        own.set(&mut store, Val::V128(A)).expect("mutable");
        assert_eq!(own.get(&store), Val::V128(A));
        assert_eq!(instance.get_global(&store, "after").expect("exported").get(&store), Val::I32(7));
        assert!(own.set(&mut store, Val::I64(0)).is_err());
    }
    // A vector counts two in the limit of globals.
    let limits = Limits { max_globals: 3, ..Limits::DEFAULT };
    let engine = Engine::new(&wrt::Config::new().limits(limits));
    let mut store = Store::new(&engine, ());
    let one = |store: &mut Store<()>| Global::new(store, GlobalType::new(ValType::V128, true), Val::V128(0));
    one(&mut store).expect("fits");
    assert!(matches!(one(&mut store), Err(Error::Limit(_))));
}

// @need-ids: REQ_VECTOR_001, REQ_017
#[test]
fn relaxed_operators_are_those_of_the_deterministic_profile() {
    let text = r#"(module (func (export "run") (param v128 v128 v128) (result v128 v128 v128 v128)
        (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2))
        (i8x16.relaxed_swizzle (local.get 0) (local.get 1))
        (i8x16.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2))
        (i32x4.relaxed_trunc_f32x4_u (local.get 0))))"#;
    // (1 + 2⁻¹²)² - (1 + 2⁻¹¹) is 2⁻²⁴ where it is fused, and 0 where the product is rounded first.
    let x = f32::from_bits(0x3F80_0800);
    let minus = -f32::from_bits(0x3F80_1000);
    let lanes = |lane: f32| of_lanes32([lane.to_bits(); 4]);
    let args = [Val::V128(lanes(x)), Val::V128(lanes(x)), Val::V128(lanes(minus))];
    let expected = [0, 0, (lanes(x) & lanes(minus)) | (lanes(x) & !lanes(minus)), of_lanes32([1; 4])].map(Val::V128);
    let found = results(text, &args, 4);
    assert_eq!((found[0], found[2], found[3]), (expected[0], expected[2], expected[3]));
    // Numbers beyond 15 give 0, whatever their sign.
    let numbers = u128::from_le_bytes([0, 15, 16, 127, 128, 255, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let found = results(text, &[Val::V128(A), Val::V128(numbers), Val::V128(0)], 4);
    assert_eq!(found[1], Val::V128(u128::from_le_bytes([0, 15, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])));
}
