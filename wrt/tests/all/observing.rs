//! What can be seen of a run: profiles, statistics, and metrics from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use wrt::{Engine, Linker, MemoryMetrics, Module, Store};

const WORK: &str = r#"(module
    (import "h" "pause" (func $pause))
    (memory (export "memory") 1 10)
    (func (export "work") (param i32) (result i32) (local $sum i32)
        (loop $l
            (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (local.get 0)))
            (call $pause)
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (drop (memory.grow (i32.const 1)))
        (call $pause)
        (i32.load (i32.const 8))))"#;

fn set_up(pause: impl Fn() + Send + Sync + 'static) -> (Store<()>, wrt::Instance) {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(WORK).expect("the text is right")).expect("the module is valid");
    let mut linker = Linker::new(&engine);
    linker.func_wrap("h", "pause", pause).expect("new");
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).expect("links");
    (store, instance)
}

// @need-ids: REQ_012
#[test]
fn a_profiled_run_is_counted_and_otherwise_the_same() {
    let (mut plain, instance) = set_up(|| {});
    let work = instance.get_typed_func::<i32, i32>(&plain, "work").expect("has that type");
    let result = work.call(&mut plain, 10).expect("runs");
    assert_eq!(plain.profile(), wrt::Profile::default());
    assert_eq!(plain.stats().peak_frames, 0);

    let (mut store, instance) = set_up(|| {});
    let work = instance.get_typed_func::<i32, i32>(&store, "work").expect("has that type");
    store.set_profiling(true);
    assert_eq!(work.call(&mut store, 10).expect("runs"), result);
    assert_eq!(store.fuel_consumed(), plain.fuel_consumed());
    let profile = store.profile();
    let count = |name: &str| profile.by_class.iter().find(|(class, _)| *class == name).map_or(0, |(_, count)| *count);
    assert_eq!((count("load"), count("store")), (11, 10));
    assert_eq!(profile.instructions, profile.by_class.iter().map(|(_, count)| count).sum::<u64>());
    let memory = instance.get_memory(&store, "memory").expect("exported");
    assert_eq!(memory.access_count(&store), 21);
    let stats = store.stats();
    assert_eq!((stats.engine.calls, stats.engine.host_calls), (1, 11));
    assert_eq!((stats.peak_frames, stats.peak_memory), (1, 131_072));
    store.set_profiling(false);
    work.call(&mut store, 10).expect("runs");
    assert_eq!(store.profile(), profile, "kept, and not added to");
}

// @need-ids: REQ_012, IMPL_003
#[test]
fn another_thread_reads_metrics_while_the_guest_runs() {
    let (seen, stop) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let ready = Arc::clone(&seen);
    // The guest runs on only when the reader has seen accesses that the guest made before.
    let (mut store, instance) = set_up(move || {
        while !ready.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
    });
    store.set_profiling(true);
    let memory = instance.get_memory(&store, "memory").expect("exported");
    let metrics: Arc<MemoryMetrics> = memory.metrics(&store);
    let work = instance.get_typed_func::<i32, i32>(&store, "work").expect("has that type");
    let reader = {
        let (seen, stop) = (Arc::clone(&seen), Arc::clone(&stop));
        std::thread::spawn(move || {
            let mut last = 0;
            while !stop.load(Ordering::Acquire) {
                let now = metrics.accesses();
                assert!(now >= last && metrics.peak_bytes() >= 65_536);
                last = now;
                if now >= 2 {
                    seen.store(true, Ordering::Release);
                }
                std::thread::yield_now();
            }
            (last, metrics.peak_bytes())
        })
    };
    let result = work.call(&mut store, 100).expect("runs");
    assert_eq!(result, 5_050);
    stop.store(true, Ordering::Release);
    let (last, peak) = reader.join().expect("reads on");
    assert!(last >= 2, "{last}");
    assert_eq!((memory.access_count(&store), memory.peak_memory(&store)), (201, 131_072));
    assert!(peak >= 65_536);
}

// @need-ids: REQ_PERF_002
#[test]
fn what_works_on_many_elements_is_checked_once_however_many_they_are() {
    const TEXT: &str = r#"(module
        (memory (export "memory") 2) (table 60000 funcref) (data $d "0123456789")
        (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 7) (local.get 0)))
        (func (export "copy") (param i32) (memory.copy (i32.const 65536) (i32.const 0) (local.get 0)))
        (func (export "table") (param i32) (table.fill (i32.const 0) (ref.null func) (local.get 0)))
        (func (export "each") (param i32)
            (loop $l
                (i32.store8 (local.get 0) (i32.const 7))
                (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"#;
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(TEXT).expect("the text is right")).expect("the module is valid");
    let instructions = |name: &str, elements: i32| {
        let mut store = Store::new(&engine, ());
        let instance = module.instantiate(&mut store).expect("it imports nothing");
        store.set_profiling(true);
        let call = instance.get_typed_func::<i32, ()>(&store, name).expect("has that type");
        call.call(&mut store, elements).expect("inside");
        store.profile().instructions
    };
    for name in ["fill", "copy", "table"] {
        assert_eq!(instructions(name, 60_000), instructions(name, 60), "{name}");
        assert!(instructions(name, 60) < 10, "{name}");
    }
    assert!(instructions("each", 60_000) > 60_000);

    let mut store = Store::new(&engine, ());
    let instance = module.instantiate(&mut store).expect("it imports nothing");
    let memory = instance.get_memory(&store, "memory").expect("exported");
    let (written, mut buffer) = (vec![9; 60_000], vec![0; 60_000]);
    memory.write(&mut store, 1, &written).expect("inside");
    memory.read(&store, 1, &mut buffer).expect("inside");
    assert!(memory.access_count(&store) == 2 && buffer == written);
    // All or nothing.
    memory.write(&mut store, 131_072 - 59_999, &written).expect_err("one byte is outside");
    memory.read(&store, 131_072 - 59_999, &mut buffer).expect_err("one byte is outside");
    assert!(buffer == written && memory.data(&store)[60_001..].iter().all(|byte| *byte == 0));
}

// @need-ids: REQ_MEM_SAFETY_002
#[test]
fn a_safe_slice_shows_a_checked_part_of_a_memory() {
    let (mut store, instance) = set_up(|| {});
    let memory = instance.get_memory(&store, "memory").expect("exported");
    memory.write(&mut store, 100, b"hello").expect("inside");
    let length = memory.get_safe_slice(&mut store, 100, 5, |slice| slice.len()).expect("inside");
    assert_eq!(length, 5);
    let error = memory.get_safe_slice(&mut store, 65_535, 2, |_| ()).expect_err("outside");
    assert_eq!(error.to_string(), "out of bounds memory access: address 0xffff, length 2, memory size 65536");
    memory.set_debug_name(&mut store, "main memory").expect("ours");
    assert_eq!(memory.debug_name(&store), "main memory");
}

// @need-ids: REQ_012, REQ_FUEL_SCHEDULE_001
#[test]
fn the_operators_counted_are_those_that_were_paid_for() {
    // Every operator of it costs 1, so that their number is the fuel.
    let wat = "(module (func (export \"count\") (param i32) (result i32) (local i32)
        (loop $l
            (if (i32.and (local.get 0) (i32.const 1)) (then (local.set 1 (i32.add (local.get 1) (i32.const 3)))))
            (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
            (br_if $l (local.get 0)))
        (local.get 1)))";
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(wat).expect("the text is right")).expect("the module is valid");
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("links");
    let count = instance.get_typed_func::<i32, i32>(&store, "count").expect("has that type");
    store.set_profiling(true);
    // More than a quantum of fuel: heads that are tried twice are counted once.
    assert_eq!(count.call(&mut store, 1000).expect("runs"), 1500);
    let profile = store.profile();
    assert_eq!(profile.operators, store.fuel_consumed());
    let of = |name: &str| profile.operators_by_class.iter().find(|(class, _)| *class == name).map(|(_, count)| *count);
    assert_eq!(of("arithmetic"), Some(1000 + 500 + 1000));
    assert_eq!(of("branch"), Some(1 + 1000 + 1000));
    assert_eq!(profile.operators_by_class.iter().map(|(_, count)| count).sum::<u64>(), profile.operators);
}

// @need-ids: REQ_VERIFY_001, REQ_VERIFY_004, REQ_PERF_001
#[test]
fn the_level_says_how_often_the_state_is_checked_and_changes_nothing_else() {
    let wat = "(module (func (export \"count\") (param i32)
        (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))";
    let bytes = wat::parse_str(wat).expect("the text is right");
    let run = |level| {
        let engine = Engine::new(&wrt::Config::new().verification(level));
        let module = Module::new(&engine, &bytes).expect("the module is valid");
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("links");
        let count = instance.get_typed_func::<i32, ()>(&store, "count").expect("has that type");
        count.call(&mut store, 100_000).expect("runs");
        // Too little fuel is still told, whatever was checked before.
        store.set_fuel(5000);
        count.call(&mut store, 100_000).expect_err("the fuel does not suffice");
        let engine = store.stats().engine;
        (engine.quanta, engine.verifications, store.get_fuel())
    };
    let levels = wrt::VerificationLevel::ALL.map(run);
    let [none, sampling, standard, full] = levels;
    assert!(levels.iter().all(|(quanta, _, fuel)| (*quanta, *fuel) == (none.0, none.2)), "{levels:?}");
    assert_eq!(none.1, 0);
    assert!(0 < standard.1 && standard.1 < sampling.1 && sampling.1 < full.1, "{levels:?}");
    assert!(full.1 > full.0, "each quantum, and more: {full:?}");
}
