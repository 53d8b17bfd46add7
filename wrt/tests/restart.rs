//! A store over slices makes an instance new again, where it stands.

use wrt_runtime::fixed_store::{FixedStore, Instance, Loaded, MemoryRoom, Room, TableRoom};
use wrt_runtime::image::format::{TypeRecord, ValType};
use wrt_runtime::instr::WINDOW_SLOTS;
use wrt_runtime::stack::{CallState, Frame};
use wrt_runtime::storage::{Entry, FuncInst};
use wrt_runtime::{Cell, Execute, Extern, InstantiateError, Outcome, Stack, StacklessEngine};
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
