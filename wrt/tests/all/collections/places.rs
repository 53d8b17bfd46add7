//! Collections under running code: whatever reaches an object, on each engine, in whatever slices, it stays as it was.

use crate::common::STRATEGIES;
use wrt::{
    Caller, Config, Engine, Error, Extern, FuncType, HostEntry, HostStep, Instance, Limits, Linker, Module,
    ResumableCall, Store, Strategy, Trap, Val, ValType, VerificationLevel,
};

/// Each function makes far more objects than there is room for, and counts what it still finds.
const GUEST: &str = r#"(module
    (import "h" "plain" (func $plain (param anyref i32) (result anyref)))
    (import "h" "steps" (func $steps (param anyref i32) (result anyref)))
    (rec (type $node (struct (field $l (mut (ref null $node))) (field $r (mut (ref null $node))) (field $v (mut i32)))))
    (type $refs (array (mut (ref null $node))))
    (type $bytes (array (mut i8)))
    (type $wide (struct (field (ref null $node)) (field v128) (field i16) (field (ref null $node))))
    (tag $t (param i32 (ref null $node)))
    (global $g (mut (ref null $node)) (ref.null $node))
    (table $table 4 (ref null $node))
    (elem $elem (ref null $node) (struct.new $node (ref.null $node) (ref.null $node) (i32.const 1000)) (ref.null $node))
    (data $data "abcdefghijklmnop")

    (func $leaf (param i32) (result (ref $node))
        (struct.new $node (ref.null $node) (ref.null $node) (local.get 0)))
    ;; What the first call gives is an operand while the second runs.
    (func $tree (param $depth i32) (result (ref $node))
        (if (result (ref $node)) (i32.eqz (local.get $depth))
            (then (call $leaf (i32.const 1)))
            (else (struct.new $node
                (call $tree (i32.sub (local.get $depth) (i32.const 1)))
                (call $tree (i32.sub (local.get $depth) (i32.const 1)))
                (local.get $depth)))))
    (func $sum (param $n (ref null $node)) (result i32)
        (if (result i32) (ref.is_null (local.get $n))
            (then (i32.const 0))
            (else (i32.add (struct.get $node $v (local.get $n))
                (i32.add (call $sum (struct.get $node $l (local.get $n))) (call $sum (struct.get $node $r (local.get $n))))))))
    ;; Garbage of several kinds.
    (func $waste (param $n i32)
        (loop $again
            (drop (array.new_default $bytes (i32.const 100)))
            (drop (array.new $refs (call $leaf (i32.const 7)) (i32.const 5)))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br_if $again (i32.gt_s (local.get $n) (i32.const 0)))))
    (func (export "trees") (param $count i32) (result i32) (local $sum i32) (local $kept (ref null $node))
        (loop $again
            (local.set $kept (call $tree (i32.const 5)))
            (local.set $sum (i32.add (local.get $sum) (call $sum (call $tree (i32.const 6)))))
            (local.set $sum (i32.add (local.get $sum) (call $sum (local.get $kept))))
            (local.set $count (i32.sub (local.get $count) (i32.const 1)))
            (br_if $again (local.get $count)))
        (local.get $sum))
    ;; From a global, a table, an element segment, an array, fields beside a vector, and operands over a block.
    (func (export "places") (param $count i32) (result i32) (local $a (ref null $refs)) (local $w (ref null $wide)) (local $sum i32)
        (global.set $g (call $leaf (i32.const 1)))
        (table.set $table (i32.const 2) (call $leaf (i32.const 10)))
        (local.set $a (array.new_fixed $refs 3 (ref.null $node) (call $leaf (i32.const 100)) (call $leaf (i32.const 0))))
        (local.set $w (struct.new $wide (call $leaf (i32.const 10000)) (v128.const i64x2 -1 -1) (i32.const -1) (call $leaf (i32.const 20000))))
        (loop $again
            (call $leaf (i32.const 100000))
            (block (call $waste (i32.const 3)))
            (local.set $sum (struct.get $node $v))
            (array.copy $refs $refs (local.get $a) (i32.const 2) (local.get $a) (i32.const 1) (i32.const 1))
            (drop (array.new_elem $refs $elem (i32.const 0) (i32.const 2)))
            (drop (array.new_data $bytes $data (i32.const 3) (i32.const 9)))
            (local.set $count (i32.sub (local.get $count) (i32.const 1)))
            (br_if $again (local.get $count)))
        (i32.add (local.get $sum) (i32.add
            (i32.add (call $sum (global.get $g)) (call $sum (table.get $table (i32.const 2))))
            (i32.add
                (i32.add (call $sum (array.get $refs (local.get $a) (i32.const 2)))
                    (call $sum (array.get $refs (array.new_elem $refs $elem (i32.const 0) (i32.const 1)) (i32.const 0))))
                (i32.add (call $sum (struct.get $wide 0 (local.get $w))) (call $sum (struct.get $wide 3 (local.get $w))))))))
    ;; Exceptions hold what they carry, and are thrown again and again.
    (func $throws (param $n i32) (throw $t (local.get $n) (call $tree (i32.const 2))))
    (func (export "exceptions") (param $count i32) (result i32) (local $sum i32) (local $e exnref) (local $n (ref null $node))
        (loop $again
            (block $caught (result exnref)
                (try_table (catch_all_ref $caught) (call $throws (local.get $count)))
                (unreachable))
            (local.set $e)
            (call $waste (i32.const 2))
            (block $twice (result i32 (ref null $node) exnref)
                (try_table (catch_ref $t $twice) (throw_ref (local.get $e)))
                (unreachable))
            (drop)
            (local.set $n)
            (call $waste (i32.const 2))
            (local.set $sum (i32.add (local.get $sum)))
            (local.set $sum (i32.add (local.get $sum) (call $sum (local.get $n))))
            (local.set $count (i32.sub (local.get $count) (i32.const 1)))
            (br_if $again (local.get $count)))
        (local.get $sum))
    ;; What the host holds, and what waits for it.
    (func (export "host") (param $count i32) (result i32) (local $sum i32) (local $any anyref) (local $n (ref null $node))
        (loop $again
            (call $leaf (i32.const 5))
            (local.set $any (call $plain (call $tree (i32.const 3)) (local.get $count)))
            (local.set $n)
            (local.set $sum (i32.add (local.get $sum) (call $sum (ref.cast (ref $node) (local.get $any)))))
            (local.set $sum (i32.add (local.get $sum) (call $sum (local.get $n))))
            (local.set $any (ref.null any))
            (call $leaf (i32.const 6))
            (local.set $any (call $steps (call $tree (i32.const 4)) (local.get $count)))
            (local.set $n)
            (local.set $sum (i32.add (local.get $sum) (call $sum (ref.cast (ref $node) (local.get $any)))))
            (local.set $sum (i32.add (local.get $sum) (call $sum (local.get $n))))
            (local.set $count (i32.sub (local.get $count) (i32.const 1)))
            (br_if $again (local.get $count)))
        (local.get $sum))
    ;; What the host functions call: it makes garbage.
    (func (export "wasteful") (param i32) (result i32) (call $waste (i32.const 20)) (local.get 0))
    (func (export "for ever") (result i32) (local $list (ref null $node))
        (loop $again (result i32)
            (local.set $list (struct.new $node (local.get $list) (ref.null $node) (i32.const 1)))
            (br $again)))
    (func (export "too long") (param i32) (result i32) (array.len (array.new_default $bytes (local.get 0)))))"#;

/// So little room that a tree of depth 6, one of depth 5 and a few kilobytes fill it.
const BYTES: u64 = 12 << 10;

fn engine(strategy: Strategy) -> Engine {
    let limits = Limits { max_gc_bytes: BYTES, max_gc_objects: 2_000, ..Limits::default() };
    Engine::new(&Config::new().limits(limits).strategy(strategy).verification(VerificationLevel::Full))
}

fn wasteful(caller: &Caller<'_, ()>) -> wrt::Func {
    caller.get_export("wasteful").and_then(Extern::into_func).expect("exported")
}

/// Gives back what it got, after the guest has made much garbage.
fn plain(mut caller: Caller<'_, ()>, args: &[Val], results: &mut [Val]) -> Result<(), Error> {
    let func = wasteful(&caller);
    func.call(&mut caller, &args[1..], &mut [Val::I32(0)])?;
    results[0] = args[0];
    Ok(())
}

/// The same without nesting.
#[allow(clippy::needless_pass_by_value, clippy::unnecessary_wraps, reason = "what linkers take")]
fn steps(caller: Caller<'_, ()>, entry: HostEntry<'_>) -> Result<HostStep, Error> {
    if entry.state < 3 {
        let args = vec![entry.args[1]];
        return Ok(HostStep::CallGuest { func: wasteful(&caller), args, state: entry.state + 1 });
    }
    Ok(HostStep::Return(vec![entry.args[0]]))
}

fn instance(engine: &Engine) -> (Store<()>, Instance) {
    let any = ValType::Ref(wrt::RefType::new(true, wrt::HeapType::Any));
    let mut linker = Linker::new(engine);
    let ty = FuncType::new([any, ValType::I32], [any]);
    linker.func_new("h", "plain", ty.clone(), plain).expect("new");
    linker.func_reentrant("h", "steps", ty, steps).expect("new");
    let module = Module::new(engine, wat::parse_str(GUEST).expect("the text is right")).expect("valid");
    let mut store = Store::new(engine, ());
    let instance = linker.instantiate(&mut store, &module).expect("links");
    (store, instance)
}

fn call(store: &mut Store<()>, instance: &Instance, name: &str, args: &[Val]) -> Result<i32, Error> {
    let mut results = [Val::I32(0)];
    instance.func(&*store, name)?.call(store, args, &mut results)?;
    let [Val::I32(result)] = results else { panic!("{results:?}") };
    Ok(result)
}

/// The sum of a tree.
fn tree(depth: i32) -> i32 {
    if depth == 0 { 1 } else { depth + 2 * tree(depth - 1) }
}

/// What each function gives for an argument.
fn expected() -> [(&'static str, i32, i32); 4] {
    let exceptions = (1..=200).map(|n| n + tree(2)).sum();
    [
        ("trees", 50, 50 * (tree(5) + tree(6))),
        ("places", 60, 131_111),
        ("exceptions", 200, exceptions),
        ("host", 20, 20 * (5 + tree(3) + 6 + tree(4))),
    ]
}

// @need-ids: REQ_GC_001, REQ_GC_002, REQ_GC_003, REQ_EXCEPTIONS_003
#[test]
fn whatever_reaches_an_object_keeps_it_on_each_engine() {
    let mut fuel = Vec::new();
    for strategy in STRATEGIES {
        let engine = engine(strategy);
        let (mut store, instance) = instance(&engine);
        for (name, count, result) in expected() {
            assert_eq!(
                call(&mut store, &instance, name, &[Val::I32(count)]).expect(name),
                result,
                "{name} {strategy:?}"
            );
        }
        fuel.push(store.fuel_consumed());
    }
    assert_eq!(fuel, [fuel[0]; 3]);
}

/// Runs a call in slices of so much fuel, `between` after each of them.
fn sliced(
    store: &mut Store<()>,
    instance: &Instance,
    (name, count): (&str, i32),
    slice: u64,
    mut between: impl FnMut(&mut Store<()>, u64),
) -> i32 {
    let mut results = [Val::I32(0)];
    store.set_fuel(slice);
    let func = instance.func(&*store, name).expect("exported");
    let mut call = func.call_resumable(&mut *store, &[Val::I32(count)], &mut results).expect(name);
    for turn in 0.. {
        match call {
            ResumableCall::Finished => break,
            ResumableCall::OutOfFuel(paused) => {
                between(store, turn);
                store.add_fuel(slice.max(paused.needed()));
                call = paused.resume(&mut *store, &mut results).expect(name);
            }
            other => panic!("{other:?}"),
        }
    }
    let [Val::I32(result)] = results else { panic!("{results:?}") };
    result
}

// @need-ids: REQ_GC_003, REQ_GC_004, REQ_ONE_STATE_001
#[test]
fn collections_do_not_mind_slices_nor_changes_of_the_engine() {
    for (name, count, result) in expected().into_iter().filter(|(name, ..)| *name != "host") {
        let (mut store, single) = instance(&engine(Strategy::Stackless));
        call(&mut store, &single, name, &[Val::I32(count)]).expect(name);
        let fuel = store.fuel_consumed();
        for slice in [29, 1_000, 20_011] {
            let (mut store, instance) = instance(&engine(Strategy::Stackless));
            store.set_fuel(u64::MAX);
            let found = sliced(&mut store, &instance, (name, count), slice, |store, turn| {
                // Not after each slice, as a change of the engine takes its time.
                if slice > 500 || turn % 50 == 0 {
                    store.set_strategy(STRATEGIES[(turn as usize) % 3]);
                }
            });
            assert_eq!(found, result, "{name} {slice}");
            assert_eq!(store.fuel_consumed(), fuel, "{name} {slice}");
        }
    }
}

// @need-ids: REQ_GC_003, REQ_REENTRY_001
#[test]
fn calls_that_stand_still_keep_their_objects() {
    for strategy in STRATEGIES {
        let (mut store, instance) = instance(&engine(strategy));
        let func = |store: &Store<()>, name: &str| instance.func(store, name).expect("exported");
        let mut results = [Val::I32(0)];
        // Several paused calls, and one that was dropped.
        let mut paused = Vec::new();
        for (name, count, result) in expected().into_iter().filter(|(name, ..)| *name != "host") {
            store.set_fuel(3_000);
            let call = func(&store, name).call_resumable(&mut store, &[Val::I32(count / 10)], &mut results);
            let ResumableCall::OutOfFuel(call) = call.expect(name) else { panic!("{name} ends too soon") };
            if name == "trees" {
                store.set_fuel(4_000);
                let dropped = func(&store, name).call_resumable(&mut store, &[Val::I32(1)], &mut results);
                assert!(matches!(dropped.expect("pauses"), ResumableCall::OutOfFuel(_)));
            }
            paused.push((name, result, call));
            store.set_fuel(u64::MAX);
            assert_eq!(call_wasteful(&mut store, &instance), 3);
        }
        for (name, _, call) in paused {
            store.set_fuel(u64::MAX);
            assert_eq!(call_wasteful(&mut store, &instance), 3);
            let done = call.resume(&mut store, &mut results).expect(name);
            assert!(matches!(done, ResumableCall::Finished));
            let single = self::instance(&engine(Strategy::Stackless));
            let (mut alone, instance) = single;
            let count = expected().into_iter().find(|(other, ..)| *other == name).expect("known").1 / 10;
            let result = call_of(&mut alone, &instance, name, count);
            assert_eq!(results, [Val::I32(result)], "{name} {strategy:?}");
        }
    }
}

fn call_of(store: &mut Store<()>, instance: &Instance, name: &str, count: i32) -> i32 {
    call(store, instance, name, &[Val::I32(count)]).expect(name)
}

fn call_wasteful(store: &mut Store<()>, instance: &Instance) -> i32 {
    call_of(store, instance, "wasteful", 3)
}

// @need-ids: REQ_GC_002, REQ_TRAP_001
#[test]
fn a_heap_that_is_full_is_a_trap_at_the_same_point_and_can_be_used_again() {
    let mut fuels = Vec::new();
    for strategy in STRATEGIES {
        let (mut store, instance) = instance(&engine(strategy));
        for _ in 0..3 {
            store.set_fuel(u64::MAX);
            let error = call(&mut store, &instance, "for ever", &[]).expect_err("it is full");
            assert_eq!(error.trap().expect("a trap").trap(), Trap::HeapExhausted, "{strategy:?}");
            fuels.push(store.fuel_consumed());
            for (length, fits) in [(8_000, true), (12 << 10, false), (-1, false)] {
                let made = call(&mut store, &instance, "too long", &[Val::I32(length)]);
                assert_eq!(made.is_ok(), fits, "{length} {made:?}");
            }
            assert_eq!(call_of(&mut store, &instance, "trees", 3), 3 * (tree(5) + tree(6)));
        }
    }
    assert_eq!(fuels[..3], fuels[3..6]);
    assert_eq!(fuels[..3], fuels[6..]);
}
