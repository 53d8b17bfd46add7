//! Objects of a call that stands still, in a store that knows of no calls by itself.

use wrt_runtime::fixed_store::{FixedStore, Instance, Loaded, Room};
use wrt_runtime::heap::Handle;
use wrt_runtime::heap::roots::{CallView, Code};
use wrt_runtime::image::format::{TypeRecord, ValType};
use wrt_runtime::instantiate::Allocate;
use wrt_runtime::instr::WINDOW_SLOTS;
use wrt_runtime::stack::{CallState, Frame};
use wrt_runtime::storage::{Entry, FuncInst};
use wrt_runtime::{Cell, Execute, Extern, Outcome, Stack, StacklessEngine};
use wrt_safety::{Limits, VerificationLevel};

fn image(text: &str) -> Vec<u8> {
    let engine = wrt::Engine::default();
    wrt::Module::new(&engine, wat::parse_str(text).unwrap()).unwrap().compile().unwrap()
}

/// `hold` makes a list of three, counts down, and sums the list up; `waste` makes lists that nothing holds.
const HOLDER: &str = r#"(module
    (type $node (struct (field i32) (field (ref null $node))))
    (func $list (param $n i32) (result (ref $node))
        (struct.new $node (local.get $n) (struct.new $node (i32.const 20) (struct.new $node (i32.const 3) (ref.null $node)))))
    (func $sum (param $list (ref null $node)) (result i32)
        (if (result i32) (ref.is_null (local.get $list)) (then (i32.const 0))
            (else (i32.add (struct.get $node 0 (local.get $list)) (call $sum (struct.get $node 1 (local.get $list)))))))
    (func (export "hold") (param $turns i32) (result i32) (local $list (ref null $node))
        (local.set $list (call $list (i32.const 100)))
        (loop $again
            (local.set $turns (i32.sub (local.get $turns) (i32.const 1)))
            (br_if $again (local.get $turns)))
        (call $sum (local.get $list)))
    (func (export "waste") (param $turns i32) (result i32)
        (loop $again
            (drop (call $list (i32.const 7)))
            (local.set $turns (i32.sub (local.get $turns) (i32.const 1)))
            (br_if $again (local.get $turns)))
        (i32.const 1)))"#;

/// A call of an export, begun.
fn begin(
    store: &mut FixedStore<'_>,
    instance: u32,
    name: &str,
    args: &[u64],
    stack: &mut Stack<'_>,
) -> StacklessEngine {
    let Some(Extern::Func(addr)) = store.export(instance, name) else { panic!("no such export") };
    let mut engine = StacklessEngine::new(VerificationLevel::Full);
    engine.begin(store, stack, addr, 0, args).unwrap();
    engine
}

// @need-ids: REQ_GC_003, REQ_001
#[test]
fn what_a_call_holds_that_stands_still_lives_on_where_it_is_named() {
    let guest = image(HOLDER);
    for named in [true, false] {
        let (mut modules, mut instances) = ([Loaded::default(); 1], [Instance::default()]);
        let room = Room {
            modules: &mut modules,
            instances: &mut instances,
            funcs: &mut [FuncInst::default(); 8],
            types: &mut [TypeRecord::default(); 8],
            val_types: &mut [ValType::default(); 16],
            globals: &mut [],
            global_types: &mut [],
            tables: &mut [],
            memories: &mut [],
            tags: &mut [],
            // Two lists and a half.
            objects: &mut [0; 24],
            handles: &mut [Handle::NONE; 12],
            words: &mut [0; 32],
            entries: &mut [Entry::default(); 8],
            cells: &mut [Cell::default(); 256],
        };
        let mut store = FixedStore::new(&Limits::DEVICE, room);
        let module = store.load(&guest).unwrap();
        let instance = store.instantiate(module, &[]).unwrap();

        let (mut slots, mut frames, mut state) = ([0; WINDOW_SLOTS + 64], [Frame::default(); 8], CallState::IDLE);
        let mut stack = Stack::new(&mut slots, &mut frames, 8, &mut state);
        let mut holder = begin(&mut store, instance, "hold", &[50], &mut stack);
        holder.set_fuel(100);
        assert!(matches!(holder.resume(&mut store, &mut stack), Outcome::OutOfFuel { .. }));
        let held =
            CallView { slots: &slots, frames: &frames, state: &state, outer: &[], pending: None, code: Code::Register };

        let (mut waste_slots, mut waste_frames) = ([0; WINDOW_SLOTS + 64], [Frame::default(); 8]);
        let mut waste_state = CallState::IDLE;
        let calls = [held];
        let mut waste = Stack::new(&mut waste_slots, &mut waste_frames, 8, &mut waste_state).beside(if named {
            &calls
        } else {
            &[]
        });
        let mut waster = begin(&mut store, instance, "waste", &[50], &mut waste);
        waster.set_fuel(1_000_000);
        assert_eq!(waster.resume(&mut store, &mut waste), Outcome::Finished);
        // It made far more than there is room for.
        assert!(store.usage().gc_bytes <= 24 * 8);

        let mut stack = Stack::new(&mut slots, &mut frames, 8, &mut state);
        holder.set_fuel(1_000_000);
        let outcome = holder.resume(&mut store, &mut stack);
        let kept = outcome == Outcome::Finished && stack.slots(0, 1) == Some(&[123]);
        assert_eq!(kept, named, "{outcome:?}");
    }
}
