//! A guest that makes far more objects than its heap holds: the same on each engine, in any slices of fuel, with engines that take turns
//! at every pause, and from an image.

use wrt::{
    AnyRef, Caller, Config, Engine, Error, Instance, Limits, Linker, Module, ResumableCall, Store, Strategy, Val,
    VerificationLevel,
};

/// Trees, lists, arrays and exceptions. References wait in locals, operands, globals, tables, segments, the host, and exceptions while
/// others are made.
const GUEST: &str = r#"(module
    (import "host" "swap" (func $swap (param anyref anyref) (result anyref anyref)))
    (rec (type $tree (sub (struct (field $left (ref null $tree)) (field $right (ref null $tree)) (field $value (mut i32)))))
         (type $leaf (sub final $tree (struct (field (ref null $tree)) (field (ref null $tree)) (field (mut i32)) (field i64)))))
    (type $trees (array (mut (ref null $tree))))
    (type $bytes (array (mut i8)))
    (tag $out (param i32 (ref $tree)))
    (global $kept (mut (ref null $trees)) (ref.null $trees))
    (global $fixed (ref $trees) (array.new_fixed $trees 2 (ref.null $tree) (struct.new $leaf (ref.null $tree) (ref.null $tree) (i32.const 3) (i64.const 4))))
    (table $t 4 (ref null $tree))
    (elem $e (ref null $tree) (struct.new $tree (ref.null $tree) (ref.null $tree) (i32.const 5)) (ref.null $tree))
    (data $d "abcdefghijklmnop")

    ;; Two references wait as operands while the next are made.
    (func $make (param $depth i32) (result (ref $tree))
        (if (i32.eqz (local.get $depth))
            (then (return (struct.new $leaf (ref.null $tree) (ref.null $tree) (i32.const 1) (i64.const -1)))))
        (struct.new $tree
            (call $make (i32.sub (local.get $depth) (i32.const 1)))
            (call $make (i32.sub (local.get $depth) (i32.const 1)))
            (local.get $depth)))
    (func $count (param $tree (ref null $tree)) (result i32)
        (local $sum i32)
        (block $done
            (loop $next
                (br_if $done (ref.is_null (local.get $tree)))
                (local.set $sum (i32.add (local.get $sum) (struct.get $tree $value (ref.as_non_null (local.get $tree)))))
                (br_if $done (ref.test (ref $leaf) (local.get $tree)))
                (local.set $sum (i32.add (local.get $sum) (call $count (struct.get $tree $left (local.get $tree)))))
                (local.set $tree (struct.get $tree $right (local.get $tree)))
                (br $next)))
        (local.get $sum))
    ;; What is thrown is reached by nothing but the exception.
    (func $throws (param $n i32)
        (if (i32.and (local.get $n) (i32.const 1))
            (then (throw $out (local.get $n) (call $make (i32.const 2))))))
    (func $caught (param $n i32) (result i32)
        (local $e exnref)
        (block $outer (result i32 (ref $tree))
            (try_table (catch $out $outer)
                (block $again (result exnref)
                    (try_table (catch_all_ref $again) (call $throws (local.get $n)))
                    (return (i32.const 1)))
                (local.set $e)
                (drop (call $make (i32.const 3)))
                (throw_ref (local.get $e)))
            unreachable)
        (i32.add (call $count)))
    (func $arrays (param $n i32) (result i32)
        (local $all (ref null $trees)) (local $bytes (ref null $bytes))
        (local.set $all (array.new $trees (call $make (i32.const 1)) (i32.const 5)))
        (local.set $bytes (array.new_data $bytes $d (i32.const 2) (i32.const 9)))
        (array.set $trees (local.get $all) (i32.const 2) (call $make (i32.const 2)))
        (array.fill $trees (local.get $all) (i32.const 3) (call $make (i32.const 0)) (i32.const 2))
        (array.init_elem $trees $e (local.get $all) (i32.const 0) (i32.const 0) (i32.const 2))
        (array.copy $trees $trees (local.get $all) (i32.const 1) (local.get $all) (i32.const 0) (i32.const 4))
        (global.set $kept (array.new_fixed $trees 3 (call $make (i32.const 1)) (array.get $trees (local.get $all) (i32.const 3))
            (array.get $trees (global.get $fixed) (i32.const 1))))
        (table.set $t (i32.const 1) (array.get $trees (local.get $all) (i32.const 4)))
        (drop (call $make (i32.const 3)))
        (i32.add (array.get_u $bytes (local.get $bytes) (i32.rem_u (local.get $n) (i32.const 9)))
            (i32.add (call $count (array.get $trees (global.get $kept) (i32.const 1)))
                (i32.add (call $count (table.get $t (i32.const 1)))
                    (i32.add (call $count (array.get $trees (local.get $all) (i32.const 1)))
                        (call $count (array.get $trees (global.get $kept) (i32.const 2))))))))
    ;; The host gets one reference and an integer, and gives others back; a cast finds which is which.
    (func $hosted (param $n i32) (result i32)
        (local $tree (ref null $tree)) (local $any anyref)
        (call $swap (call $make (i32.const 2)) (ref.i31 (local.get $n)))
        (local.set $any)
        (local.set $tree (ref.cast (ref null $tree)))
        (drop (call $make (i32.const 3)))
        (block $is (result (ref i31))
            (return (i32.add (call $count (local.get $tree))
                (call $count (ref.cast (ref null $tree) (br_on_cast $is anyref (ref i31) (local.get $any)))))))
        (i32.add (i31.get_u) (call $count (local.get $tree))))
    (func (export "run") (param $n i32) (result i32)
        (local $sum i32) (local $first (ref null $tree))
        (local.set $first (call $make (i32.const 3)))
        (loop $next
            (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (call $caught (local.get $n))))
            (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (call $arrays (local.get $n))))
            (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (call $hosted (local.get $n))))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br_if $next (local.get $n)))
        (i32.add (local.get $sum) (call $count (local.get $first)))))"#;

/// Bytes of the heap: about three times what lives at once, so that it is collected all the time.
const HEAP: u64 = 4096;

type Hosted = Store<Option<AnyRef>>;

fn engine(heap: u64) -> Engine {
    let limits = Limits { max_gc_bytes: heap, ..Limits::DEFAULT };
    Engine::new(&Config::new().limits(limits).verification(VerificationLevel::Full))
}

fn start(module: &Module, strategy: Strategy) -> (Hosted, Instance) {
    let mut store = Store::new(module.engine(), None);
    store.set_strategy(strategy);
    let mut linker = Linker::new(module.engine());
    // Its own child in its place, or all of it; and by turns a number or the other child.
    let swap = |mut caller: Caller<'_, Option<AnyRef>>, tree: Option<AnyRef>, number: Option<AnyRef>| {
        let (whole, number) = (tree.expect("a tree"), number.expect("a number"));
        let n = number.as_i31(&caller).expect("a number");
        let mut child = |index: u32| match whole.get(&mut caller, index)? {
            Val::AnyRef(child) => Ok(child),
            _ => Err(Error::message("no child")),
        };
        let first = if n % 2 == 0 { child(0)? } else { tree };
        Ok::<_, Error>((first, if n % 3 == 0 { child(1)? } else { Some(number) }))
    };
    linker.func_wrap("host", "swap", swap).expect("new");
    let instance = linker.instantiate(&mut store, module).expect("links");
    (store, instance)
}

/// Result and fuel of `run`, in slices of this much fuel; `at_pause` may choose an engine.
fn run(module: &Module, strategy: Strategy, slice: u64, at_pause: impl Fn(u64, &mut Hosted)) -> (i32, u64) {
    let (mut store, instance) = start(module, strategy);
    let func = instance.get_func(&store, "run").expect("exported");
    let mut results = [Val::I32(0)];
    store.set_fuel(slice);
    let mut call = func.call_resumable(&mut store, &[Val::I32(12)], &mut results).expect("no trap");
    let mut pauses = 0;
    while let ResumableCall::OutOfFuel(paused) = call {
        pauses += 1;
        at_pause(pauses, &mut store);
        store.add_fuel(slice);
        call = paused.resume(&mut store, &mut results).expect("no trap");
    }
    assert!(slice == u64::MAX || pauses > 100, "{pauses}");
    (results[0].i32().expect("a number"), store.fuel_consumed())
}

// @need-ids: REQ_GC_001, REQ_GC_003, REQ_GC_004, REQ_ONE_STATE_001, REQ_SAFEPOINT_001, REQ_EXCEPTIONS_003
#[test]
fn collections_change_nothing_whatever_engine_runs_and_wherever_it_pauses() {
    let bytes = wat::parse_str(GUEST).expect("well-formed");
    let large = Module::new(&engine(1 << 24), &bytes).expect("valid");
    let small = Module::new(&engine(HEAP), &bytes).expect("valid");
    let (sum, _) = run(&large, Strategy::Stackless, u64::MAX, |_, _| {});
    let expected = run(&small, Strategy::Stackless, u64::MAX, |_, _| {});
    assert_eq!(expected.0, sum);
    for strategy in Strategy::ALL {
        assert_eq!(run(&small, strategy, u64::MAX, |_, _| {}), expected, "{strategy:?}");
        for slice in [1, 7, 50] {
            assert_eq!(run(&small, strategy, slice, |_, _| {}), expected, "{strategy:?} {slice}");
        }
    }
    for slice in [1, 3, 20] {
        let turns = |pause: u64, store: &mut Hosted| store.set_strategy(Strategy::ALL[(pause % 3) as usize]);
        assert_eq!(run(&small, Strategy::Traditional, slice, turns), expected, "{slice}");
    }
    let image = Module::new(&engine(HEAP), small.compile().expect("an image")).expect("an image");
    for slice in [1, u64::MAX] {
        assert_eq!(run(&image, Strategy::Stackless, slice, |_, _| {}), expected, "image, {slice}");
    }
}

/// The fuel of [`a_heap_of_a_mebibyte_lasts`], unless the environment says another (`just heap-long`).
const LONG: u64 = 100_000_000;

// @need-ids: REQ_GC_002, REQ_GC_003, REQ_GC_004
#[test]
fn a_heap_of_a_mebibyte_lasts() {
    let fuel = std::env::var("WRT_LONG_FUEL").ok().map_or(LONG, |text| text.parse().expect("a number of units"));
    let module = Module::new(&engine(1 << 20), wat::parse_str(GUEST).expect("well-formed")).expect("valid");
    let (mut store, instance) = start(&module, Strategy::Stackless);
    let func = instance.get_func(&store, "run").expect("exported").typed::<i32, i32>(&store).expect("its type");
    let (mut used, mut first) = (0, None);
    while used < fuel {
        store.set_fuel(u64::MAX);
        let result = func.call(&mut store, 2_000).expect("no trap, however long it runs");
        assert_eq!(*first.get_or_insert(result), result);
        used += store.fuel_consumed();
    }
    println!("{used} units of fuel of trees, arrays, exceptions and references of the host");
}
