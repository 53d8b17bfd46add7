//! Heaps that are full or nearly so: each way to make an object collects, goes on or traps alike on both engines.

use crate::common::STRATEGIES;
use wrt::{Config, Engine, Limits, Linker, Module, ResumableCall, Store, Strategy, Trap, Val};

/// What makes one object, with a reference to it as its result.
const MAKERS: [(&str, &str); 6] = [
    ("structures", "(struct.new $s (i64.const 1))"),
    ("structures of zeroes", "(struct.new_default $s)"),
    ("arrays", "(array.new $a (i64.const 2) (i32.const 3))"),
    ("arrays of zeroes", "(array.new_default $a (i32.const 3))"),
    ("arrays of given elements", "(array.new_fixed $a 3 (i64.const 1) (i64.const 2) (i64.const 3))"),
    ("arrays of data", "(array.new_data $a $d (i32.const 0) (i32.const 3))"),
];

/// `waste` makes so many objects that nothing keeps, `keep` keeps them all in an array; exceptions in one of their own.
fn module(maker: &str) -> String {
    format!(
        r#"(module
            (type $s (struct (field (mut i64)))) (type $a (array (mut i64)))
            (type $refs (array (mut anyref))) (type $exns (array (mut exnref)))
            (data $d "012345678901234567890123") (tag $e (param i64 i64))
            (func (export "waste") (param $n i32) (result i32) (local $i i32)
                (loop $again
                    (drop {maker})
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
                (local.get $i))
            (func (export "keep") (param $n i32) (result i32) (local $i i32) (local $r (ref null $refs))
                (local.set $r (array.new_default $refs (local.get $n)))
                (loop $again
                    (array.set $refs (local.get $r) (local.get $i) {maker})
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
                (local.get $i))
            (func $caught (param $i i32) (result exnref)
                (block $caught (result exnref)
                    (try_table (catch_all_ref $caught) (throw $e (i64.extend_i32_u (local.get $i)) (i64.const 2)))
                    (unreachable)))
            (func (export "waste exceptions") (param $n i32) (result i32) (local $i i32)
                (loop $again
                    (drop (call $caught (local.get $i)))
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
                (local.get $i))
            (func (export "keep exceptions") (param $n i32) (result i32) (local $i i32) (local $r (ref null $exns))
                (local.set $r (array.new_default $exns (local.get $n)))
                (loop $again
                    (array.set $exns (local.get $r) (local.get $i) (call $caught (local.get $i)))
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
                (local.get $i)))"#
    )
}

/// What a call comes to in slices of fuel: its result, or where it trapped; and the fuel.
fn call(strategy: Strategy, text: &str, (name, count): (&str, i32), slice: u64) -> (Result<i32, String>, u64) {
    let limits = Limits { max_gc_bytes: 8 << 10, max_gc_objects: 400, ..Limits::DEFAULT };
    let engine = Engine::new(&Config::new().strategy(strategy).limits(limits));
    let module = Module::new(&engine, wat::parse_str(text).expect("the text is right")).expect("valid");
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("no imports");
    let (func, mut results) = (instance.func(&store, name).expect("exported"), [Val::I32(0)]);
    store.set_fuel(slice);
    let mut call = func.call_resumable(&mut store, &[Val::I32(count)], &mut results);
    while let Ok(ResumableCall::OutOfFuel(paused)) = call {
        store.add_fuel(slice.max(paused.needed()));
        call = paused.resume(&mut store, &mut results);
    }
    let told = match call {
        Ok(_) => Ok(results[0].i32().expect("an i32")),
        Err(error) => {
            let trap = error.trap().expect("a trap");
            assert_eq!(trap.trap(), Trap::HeapExhausted, "{name} {count}");
            let frames: Vec<_> = trap.backtrace.frames.iter().map(|frame| (frame.func, frame.offset)).collect();
            Err(format!("{frames:?}"))
        }
    };
    (told, store.fuel_consumed())
}

// @need-ids: REQ_GC_002, REQ_GC_004, REQ_ONE_STATE_001, REQ_EXCEPTIONS_003
#[test]
fn what_is_kept_fills_the_heap_and_what_is_not_never_does() {
    for (what, maker) in MAKERS {
        let text = module(maker);
        for (name, count, fits) in [
            ("waste", 5_000, true),
            ("keep", 50, true),
            ("keep", 500, false),
            ("waste exceptions", 5_000, true),
            ("keep exceptions", 50, true),
            ("keep exceptions", 500, false),
        ] {
            let expected = call(Strategy::Stackless, &text, (name, count), u64::MAX);
            assert_eq!(expected.0.is_ok(), fits, "{what}: {name} {count}: {expected:?}");
            assert!(!fits || expected.0 == Ok(count), "{what}: {name} {count}: {expected:?}");
            for strategy in STRATEGIES {
                for slice in [u64::MAX, 97] {
                    let found = call(strategy, &text, (name, count), slice);
                    assert_eq!(found, expected, "{what}: {name} {count}, {strategy:?} in slices of {slice}");
                }
            }
        }
    }
}

// @need-ids: REQ_GC_001, REQ_018, REQ_ONE_STATE_001
#[test]
fn objects_are_made_wherever_in_a_frame_their_operands_stand() {
    for locals in 240..=262 {
        let text = format!(
            r#"(module
                (type $s (struct (field (mut i64)) (field (mut v128)))) (type $a (array (mut i64))) (type $w (array (mut v128)))
                (func (export "run") (param i32) (result i32) (local {})
                    (i32.add
                        (array.len (array.new $a (i64.const 5) (i32.const 7)))
                        (i32.add
                            (array.len (array.new_fixed $a 3 (i64.const 1) (i64.const 2) (i64.const 3)))
                            (i32.add
                                (i32.wrap_i64 (array.get $a (array.new $a (i64.const 5) (i32.const 7)) (i32.const 6)))
                                (i32.add
                                    (i32x4.extract_lane 1
                                        (array.get $w (array.new $w (v128.const i32x4 1 20 3 4) (local.get 0)) (i32.const 1)))
                                    (i32x4.extract_lane 1
                                        (struct.get $s 1 (struct.new $s (i64.const 1) (v128.const i32x4 1 30 3 4))))))))))"#,
            "i64 ".repeat(locals)
        );
        for strategy in STRATEGIES {
            assert_eq!(call(strategy, &text, ("run", 4), u64::MAX).0, Ok(7 + 3 + 5 + 20 + 30), "{locals} {strategy:?}");
        }
    }
}
