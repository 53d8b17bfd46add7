//! A store over slices makes an instance new again, where it stands.

use wrt_instructions::Trap;
use wrt_runtime::fixed_store::{FixedStore, Instance, Loaded, MemoryRoom, Room, TableRoom};
use wrt_runtime::heap::Handle;
use wrt_runtime::image::format::{TypeRecord, ValType};
use wrt_runtime::instr::WINDOW_SLOTS;
use wrt_runtime::stack::{CallState, Frame};
use wrt_runtime::storage::{Entry, FuncInst};
use wrt_runtime::{Cell, Engine, Execute, Extern, InstantiateError, Outcome, Stack, StacklessEngine};
use wrt_safety::{Limits, VerificationLevel};

/// `change` changes all that an instance has, and gives a number that tells whether it was new before.
const GUEST: &str = r#"(module
    (import "host" "kept" (global $kept (mut i32)))
    (memory (export "memory") 10 30 (pagesize 1))
    (table $t 2 5 funcref)
    (global $g (mut i32) (i32.const 7))
    (data (i32.const 1) "\05")
    (data $passive "\09")
    (elem (table $t) (i32.const 0) func $one)
    (elem $later func $one $one)
    (func $one (result i32) (i32.const 1))
    (func (export "change") (result i32)
        (local $sum i32)
        (local.set $sum (i32.add (global.get $g) (i32.mul (memory.size) (i32.const 100))))
        (local.set $sum (i32.add (local.get $sum) (i32.mul (table.size $t) (i32.const 10000))))
        (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.const 1))))
        (local.set $sum (i32.add (local.get $sum) (call_indirect $t (result i32) (i32.const 0))))
        (memory.init $passive (i32.const 2) (i32.const 0) (i32.const 1))
        (table.init $t $later (i32.const 0) (i32.const 0) (i32.const 2))
        (global.set $g (i32.const 70))
        (global.set $kept (i32.add (global.get $kept) (i32.const 1)))
        (i32.store8 (i32.const 1) (i32.const 50))
        (drop (memory.grow (i32.const 20)))
        (drop (table.grow $t (ref.null func) (i32.const 3)))
        (table.set $t (i32.const 0) (ref.null func))
        (data.drop $passive)
        (elem.drop $later)
        (local.get $sum)))"#;

/// Gives the one global that the guest imports.
const GIVER: &str = r#"(module (global (export "kept") (mut i32) (i32.const 3)))"#;

fn image(text: &str) -> Vec<u8> {
    let engine = wrt::Engine::new(&wrt::Config::new().wasm_custom_page_sizes(true));
    wrt::Module::new(&engine, wat::parse_str(text).unwrap()).unwrap().compile().unwrap()
}

fn change(store: &mut FixedStore<'_>, instance: u32) -> Outcome {
    let Some(Extern::Func(addr)) = store.export(instance, "change") else { panic!("no such export") };
    let (mut slots, mut frames) = ([0; WINDOW_SLOTS + 32], [Frame::default(); 4]);
    let mut state = CallState::IDLE;
    let mut stack = Stack::new(&mut slots, &mut frames, 4, &mut state);
    let mut engine = StacklessEngine::new(VerificationLevel::Full);
    engine.set_fuel(10_000);
    engine.begin(store, &mut stack, addr, 0, &[]).unwrap();
    let outcome = engine.resume(store, &mut stack);
    if outcome == Outcome::Finished {
        assert_eq!(stack.slots(0, 1), Some(&[20_000 + 1000 + 7 + 5 + 1][..]));
    }
    outcome
}

// @need-ids: REQ_RESTART_001
#[test]
fn a_restarted_instance_is_as_it_was_when_new() {
    let (giver, guest) = (image(GIVER), image(GUEST));
    let (mut elements, mut bytes) = ([0; 5], [0; 30]);
    let mut tables = [TableRoom::new(&mut elements)];
    let mut memories = [MemoryRoom::new(&mut bytes)];
    let (mut modules, mut instances) = ([Loaded::default(); 2], [Instance::default(), Instance::default()]);
    let (mut types, mut val_types) = ([TypeRecord::default(); 4], [ValType::default(); 4]);
    let (mut globals, mut global_types) = ([0; 2], [None; 2]);
    let limits = Limits { max_total_memory_bytes: 30, ..Limits::DEVICE };
    let room = Room {
        modules: &mut modules,
        instances: &mut instances,
        funcs: &mut [FuncInst::default(); 2],
        types: &mut types,
        val_types: &mut val_types,
        globals: &mut globals,
        global_types: &mut global_types,
        tables: &mut tables,
        memories: &mut memories,
        tags: &mut [],
        objects: &mut [],
        handles: &mut [],
        words: &mut [0; 32],
        entries: &mut [Entry::default(); 2],
        cells: &mut [Cell::default(); 128],
    };
    let mut store = FixedStore::new(&limits, room);
    let giver = store.load(&giver).unwrap();
    let giver = store.instantiate(giver, &[]).unwrap();
    let kept = store.export(giver, "kept").unwrap();
    let module = store.load(&guest).unwrap();
    let instance = store.instantiate(module, &[kept]).unwrap();
    let memory = store.export(instance, "memory");

    assert_eq!(change(&mut store, instance), Outcome::Finished);
    // What was dropped is gone, and what was set is there.
    assert!(matches!(change(&mut store, instance), Outcome::Trapped(_)));
    for _ in 0..2 {
        store.restart(instance).unwrap();
        assert_eq!(store.export(instance, "memory"), memory);
        assert_eq!(change(&mut store, instance), Outcome::Finished);
    }
    // The imported global is not the instance's own. (Read as instantiation reads it.)
    let Extern::Global(slot) = kept else { panic!("not a global") };
    assert_eq!(wrt_runtime::Allocate::global(&store, slot), Some(6));
    assert_eq!(store.restart(9), Err(InstantiateError::Corrupt("no such instance")));
}

/// Objects in constants, a global, a table and a passive segment; `run` makes many more than there is room for.
const OBJECTS: &str = r#"(module
    (rec (type $node (struct (field $next (mut (ref null $node))) (field $v (mut i32)))))
    (type $list (array (mut (ref null $node))))
    (global $g (mut (ref null $node)) (struct.new $node (ref.null $node) (i32.const 1)))
    (global $many (ref $list) (array.new_fixed $list 20
        (ref.null $node) (ref.null $node) (ref.null $node) (ref.null $node) (ref.null $node) (ref.null $node) (ref.null $node)
        (ref.null $node) (ref.null $node) (ref.null $node) (ref.null $node) (ref.null $node) (ref.null $node) (ref.null $node)
        (ref.null $node) (ref.null $node) (ref.null $node) (ref.null $node) (ref.null $node)
        (struct.new $node (ref.null $node) (i32.const 2))))
    (table $t 2 (ref null $node) (struct.new $node (ref.null $node) (i32.const 3)))
    (elem $e (ref null $node) (struct.new $node (ref.null $node) (i32.const 4)) (ref.null $node))
    (func $chain (param $n i32) (result (ref null $node)) (local $list (ref null $node))
        (loop $again
            (local.set $list (struct.new $node (local.get $list) (local.get $n)))
            (drop (array.new_default $list (i32.const 9)))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br_if $again (i32.gt_s (local.get $n) (i32.const 0))))
        (local.get $list))
    (func $sum (param $n (ref null $node)) (result i32) (local $sum i32)
        (loop $again
            (if (ref.is_null (local.get $n)) (then (return (local.get $sum))))
            (local.set $sum (i32.add (local.get $sum) (struct.get $node $v (local.get $n))))
            (local.set $n (struct.get $node $next (local.get $n)))
            (br $again))
        (unreachable))
    (func (export "run") (result i32) (local $turn i32) (local $sum i32) (local $kept (ref null $node))
        (loop $again
            (local.set $kept (call $chain (i32.const 4)))
            (local.set $sum (i32.add (call $sum (call $chain (i32.const 5))) (call $sum (local.get $kept))))
            (local.set $turn (i32.add (local.get $turn) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $turn) (i32.const 50))))
        (local.set $sum (i32.add (local.get $sum) (call $sum (global.get $g))))
        (local.set $sum (i32.add (local.get $sum) (call $sum (array.get $list (global.get $many) (i32.const 19)))))
        (local.set $sum (i32.add (local.get $sum) (call $sum (table.get $t (i32.const 1)))))
        (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 2))
        (local.set $sum (i32.add (local.get $sum) (call $sum (table.get $t (i32.const 0)))))
        (struct.set $node $v (global.get $g) (i32.const 1000))
        (global.set $g (call $chain (i32.const 3)))
        (elem.drop $e)
        (local.get $sum)))"#;

/// Runs it; its result, and the fuel that is left.
fn run_objects(engine: &mut dyn Execute, store: &mut FixedStore<'_>, instance: u32) -> (u64, u64) {
    let (mut slots, mut frames) = ([0; WINDOW_SLOTS + 64], [Frame::default(); 8]);
    let mut state = CallState::IDLE;
    let mut stack = Stack::new(&mut slots, &mut frames, 8, &mut state);
    engine.set_fuel(1_000_000);
    // Imports come first, of which there are none: `run` is the third function.
    let outcome = engine.execute(store, &mut stack, instance, 2, 0, &[]);
    assert_eq!(outcome, Outcome::Finished, "{:?}", stack.state);
    (stack.slots(0, 1).unwrap()[0], engine.remaining_fuel())
}

// @need-ids: REQ_RESTART_001, REQ_GC_002, REQ_GC_003, REQ_TRADITIONAL_002, REQ_TYPES_006
#[test]
fn objects_do_not_add_up_on_a_device_however_often_it_restarts() {
    let engine = wrt::Engine::default();
    let module = wrt::Module::new(&engine, wat::parse_str(OBJECTS).unwrap()).unwrap();
    let image = module.compile_with_bytecode().unwrap();
    let mut elements = [0; 2];
    let mut tables = [TableRoom::new(&mut elements)];
    let (mut modules, mut instances) = ([Loaded::default()], [Instance::default()]);
    let (mut types, mut val_types) = ([TypeRecord::default(); 8], [ValType::default(); 16]);
    let (mut globals, mut global_types) = ([0; 2], [None; 2]);
    // What constants need, with those that lie in wait, and some 60 words more.
    let (mut objects, mut handles) = ([u64::MAX; 150], [Handle::NONE; 40]);
    let mut cells = vec![Cell::default(); 1024];
    let room = Room {
        modules: &mut modules,
        instances: &mut instances,
        funcs: &mut [FuncInst::default(); 3],
        types: &mut types,
        val_types: &mut val_types,
        globals: &mut globals,
        global_types: &mut global_types,
        tables: &mut tables,
        memories: &mut [],
        tags: &mut [],
        objects: &mut objects,
        handles: &mut handles,
        words: &mut [0; 64],
        entries: &mut [Entry::default(); 3],
        cells: &mut cells,
    };
    let limits = Limits { max_gc_bytes: 900, ..Limits::DEVICE };
    let mut store = FixedStore::new(&limits, room);
    let module = store.load(&image).unwrap();
    let instance = store.instantiate(module, &[]).unwrap();
    let used = wrt_runtime::Allocate::usage(&store).gc_bytes;
    let (mut stackless, mut traditional) =
        (StacklessEngine::new(VerificationLevel::Full), Engine::new(VerificationLevel::Full));
    let expected = 15 + 10 + 1 + 2 + 3 + 4;
    let first = run_objects(&mut stackless, &mut store, instance);
    assert_eq!(first.0, expected);
    for turn in 0..20 {
        store.restart(instance).unwrap();
        assert_eq!(wrt_runtime::Allocate::usage(&store).gc_bytes, used);
        let engine: &mut dyn Execute = if turn % 2 == 0 { &mut traditional } else { &mut stackless };
        assert_eq!(run_objects(engine, &mut store, instance), first, "{turn}");
    }
}

// @need-ids: REQ_GC_001, REQ_TYPES_002
#[test]
fn objects_that_lay_in_the_storage_before_are_none_of_a_new_store() {
    let image = image(
        r#"(module
            (type $open (sub (func))) (type $final (sub final (func)))
            (table funcref (elem $f))
            (func $f (type $open))
            (func (export "run") (drop (ref.cast (ref $final) (table.get (i32.const 0))))))"#,
    );
    let mut elements = [0];
    let mut tables = [TableRoom::new(&mut elements)];
    let (mut modules, mut instances) = ([Loaded::default()], [Instance::default()]);
    let (mut types, mut val_types) = ([TypeRecord::default(); 2], [ValType::default(); 1]);
    // Handles of an object at the beginning, whose type has the number that `$final` gets.
    let (mut objects, mut handles) = ([1; 4], [Handle::default(); 4]);
    let room = Room {
        modules: &mut modules,
        instances: &mut instances,
        funcs: &mut [FuncInst::default(); 2],
        types: &mut types,
        val_types: &mut val_types,
        globals: &mut [],
        global_types: &mut [],
        tables: &mut tables,
        memories: &mut [],
        tags: &mut [],
        objects: &mut objects,
        handles: &mut handles,
        words: &mut [0; 32],
        entries: &mut [Entry::default(); 2],
        cells: &mut [Cell::default(); 128],
    };
    let mut store = FixedStore::new(&Limits::DEVICE, room);
    let module = store.load(&image).unwrap();
    let instance = store.instantiate(module, &[]).unwrap();
    let Some(Extern::Func(addr)) = store.export(instance, "run") else { panic!("no such export") };
    let (mut slots, mut frames, mut state) = ([0; WINDOW_SLOTS + 32], [Frame::default(); 4], CallState::IDLE);
    let mut stack = Stack::new(&mut slots, &mut frames, 4, &mut state);
    let mut engine = StacklessEngine::new(VerificationLevel::Full);
    engine.set_fuel(1_000);
    engine.begin(&mut store, &mut stack, addr, 0, &[]).unwrap();
    assert_eq!(engine.resume(&mut store, &mut stack), Outcome::Trapped(Trap::CastFailure));
}
