//! The room of a store over slices: exactly what is computed suffices, and an entry less of anything does not.

use super::{Declarations, PLENTY, budget, declared, run, stack};
use crate::common::wasm;
use crate::reference::guests;
use std::collections::BTreeMap;
use wrt::budget::{Budget, Import, RoomNeeds, StackNeeds};
use wrt::{Image, Limits, VerificationLevel};
use wrt_runtime::fixed_store::{Instance, Loaded, MemoryRoom, Room, TableRoom};
use wrt_runtime::image::format::kind;
use wrt_runtime::instr::WINDOW_SLOTS;
use wrt_runtime::sizes::Sizes;
use wrt_runtime::stack::{CallState, Frame, Waiting};
use wrt_runtime::types::Extern;
use wrt_runtime::{Cell, Execute, FixedStore, Outcome, Stack, StacklessEngine};

/// Storage of a test, which is never given back.
fn many<T: Default>(count: u64) -> &'static mut [T] {
    let list: Vec<T> = (0..count).map(|_| T::default()).collect();
    Vec::leak(list)
}

/// A store with this much room.
fn store(needs: &RoomNeeds) -> FixedStore<'static> {
    let tables: Vec<_> = needs.tables.iter().map(|table| TableRoom::new(many(table.min))).collect();
    let memories: Vec<_> = needs.memories.iter().map(|memory| MemoryRoom::new(many(memory.min))).collect();
    let room = Room {
        modules: many::<Loaded<'_>>(needs.modules),
        instances: many::<Instance<'_>>(needs.instances),
        funcs: many(needs.funcs),
        types: many(needs.types),
        val_types: many(needs.val_types),
        globals: many(needs.globals),
        global_types: many(needs.globals),
        tables: Vec::leak(tables),
        memories: Vec::leak(memories),
        tags: many(needs.tags),
        objects: many(needs.objects.expect("known")),
        handles: many(needs.handles.expect("known")),
        words: many(needs.words),
        entries: many(needs.entries),
        cells: many(needs.cells),
    };
    FixedStore::new(&Limits::DEFAULT, room)
}

/// Loads an image and makes an instance of it, whose imported functions are the host's; both numbers.
fn instantiate(store: &mut FixedStore<'static>, image: &[u8]) -> Result<u32, String> {
    let image: &'static [u8] = Vec::leak(image.to_vec());
    let loaded = store.load(image).map_err(|error| error.to_string())?;
    let parsed = Image::parse(image).expect("an image");
    let mut imports: Vec<Extern> = Vec::new();
    for (number, import) in (0..).zip(parsed.imports) {
        assert_eq!(import.kind.get(), kind::FUNC, "functions alone are the host's");
        let ty = parsed.funcs[import.index.get() as usize].ty();
        let (params, results) = parsed.func_type(ty).expect("a function's type");
        imports.push(store.add_host_func(params, results, number).map_err(|error| error.to_string())?);
    }
    store.instantiate(loaded, &imports).map_err(|error| error.to_string())
}

/// Calls an export on a stack of this storage; what happened instead, if that does not work. The first call of the host
/// goes on in the function at `reentered`, if there is one; host functions return at once otherwise.
fn call(
    store: &mut FixedStore<'static>,
    (instance, export): (u32, &str),
    (slots, records): (u64, u64),
    frames: u64,
    mut reentered: Option<u32>,
) -> Result<(), String> {
    let Some(Extern::Func(addr)) = store.export(instance, export) else { panic!("no {export}") };
    let mut state = CallState::IDLE;
    let mut stack = Stack::new(many(slots), many::<Frame>(records), frames as u32, &mut state);
    let mut engine = StacklessEngine::new(VerificationLevel::Full);
    engine.set_fuel(1 << 40);
    engine.begin(store, &mut stack, addr, 0, &[]).map_err(|trap| trap.to_string())?;
    loop {
        match engine.resume(store, &mut stack) {
            Outcome::Finished => return Ok(()),
            Outcome::HostCall { func, base } => {
                let Some(callee) = reentered.take() else { continue };
                let waiting = Waiting { host: func, callee, state: 0 };
                engine.reenter(store, &mut stack, (base, 1), waiting, &[]).map_err(|trap| trap.to_string())?;
            }
            Outcome::HostAgain { .. } => {}
            Outcome::Trapped(trap) => return Err(trap.to_string()),
            other => return Err(format!("{other:?}")),
        }
    }
}

/// Calls an export of an image in a store with this much room.
fn run_in(image: &[u8], needs: &RoomNeeds, storage: (u64, u64), frames: u64, export: &str) -> Result<(), String> {
    let mut store = store(needs);
    let instance = instantiate(&mut store, image)?;
    call(&mut store, (instance, export), storage, frames, None)
}

const MODULE: &str = r#"(module
    (type $other (func (param i64 f64) (result i32)))
    (import "h" "f" (func $f (param i32) (result i64)))
    (import "h" "g" (func $g))
    (global $a (mut i64) (i64.const 1)) (global $v (mut v128) (v128.const i64x2 0 0))
    (type $array (array i16)) (type $struct (struct (field i64 i8)))
    (global $n i32 (i32.const 20)) (global (ref $array) (array.new_default $array (i32.add (global.get $n) (i32.const 3))))
    (global (ref $struct) (struct.new_default $struct))
    (memory 1) (table 3 5 funcref) (table 2 externref) (tag $t (param i32))
    (elem (i32.const 0) $h $f) (elem $passive func $h) (data (i32.const 0) "a") (data $d "b")
    (func $h (local i64 i64) (call $g))
    (func (export "run") (local i64)
        (drop (call $f (i32.const 1))) (call $h) (call_indirect (i32.const 0))
        (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))
        (table.init $passive (i32.const 0) (i32.const 0) (i32.const 1))))"#;

/// Takes one entry of something away.
type Less = fn(&mut RoomNeeds);

fn fits(budget: &Budget, room: &RoomNeeds) -> Result<(), String> {
    let needs = stack(budget, "run");
    run_in(&budget.image, room, (needs.storage_slots(), needs.records), needs.frames, "run")
}

// @need-ids: REQ_BUDGET_003, REQ_RESOURCE_002
#[test]
fn the_room_computed_suffices_and_one_entry_less_of_anything_does_not() {
    let budget = budget(&wasm(MODULE));
    let room = &budget.room;
    assert_eq!(fits(&budget, room), Ok(()));
    let less: [(&str, Less); 14] = [
        ("handles", |room| room.handles = room.handles.map(|count| count - 1)),
        ("objects", |room| room.objects = room.objects.map(|words| words - 1)),
        ("modules", |room| room.modules -= 1),
        ("instances", |room| room.instances -= 1),
        ("funcs", |room| room.funcs -= 1),
        ("types", |room| room.types -= 1),
        ("val_types", |room| room.val_types -= 1),
        ("globals", |room| room.globals -= 1),
        ("tags", |room| room.tags -= 1),
        ("words", |room| room.words -= 1),
        ("entries", |room| room.entries -= 1),
        ("tables", |room| room.tables.truncate(1)),
        ("elements", |room| room.tables[0].min -= 1),
        ("memory bytes", |room| room.memories[0].min -= 1),
    ];
    for (what, less) in less {
        let mut smaller = room.clone();
        less(&mut smaller);
        assert!(fits(&budget, &smaller).is_err(), "{what}");
    }
    // Instructions are copied where they cannot be run in place.
    if Cell::in_place(&[0; 8]).is_none() {
        let smaller = RoomNeeds { cells: room.cells - 1, ..room.clone() };
        assert!(fits(&budget, &smaller).is_err());
    }
}

// @need-ids: REQ_BUDGET_001, REQ_BUDGET_003
#[test]
fn the_storage_of_a_stack_has_a_pad_and_records_for_marks() {
    let budget = budget(&wasm(MODULE));
    let needs = stack(&budget, "run");
    assert_eq!(needs.storage_slots(), needs.slots + WINDOW_SLOTS as u64);
    let full = (needs.storage_slots(), needs.records);
    let exhausted = Err("call stack exhausted".to_owned());
    for (storage, frames, expected) in [
        (full, needs.frames, Ok(())),
        ((full.0 - 1, full.1), needs.frames, exhausted.clone()),
        ((full.0, full.1 - 1), needs.frames, exhausted.clone()),
        (full, needs.frames - 1, exhausted),
    ] {
        assert_eq!(run_in(&budget.image, &budget.room, storage, frames, "run"), expected, "{storage:?} {frames}");
    }
}

/// With this storage it works, and with a record or a frame less it does not.
fn assert_tight(needs: StackNeeds, mut run: impl FnMut((u64, u64), u64) -> Result<(), String>) {
    let full = (needs.storage_slots(), needs.records);
    assert_eq!(run(full, needs.frames), Ok(()), "{needs:?}");
    for (storage, frames) in
        [((full.0, full.1 - 1), needs.frames), ((full.0 - 1, full.1), needs.frames), (full, needs.frames - 1)]
    {
        assert_eq!(run(storage, frames), Err("call stack exhausted".to_owned()), "{needs:?} {storage:?} {frames}");
    }
}

// @need-ids: REQ_BUDGET_001, REQ_REENTRY_001
#[test]
fn a_host_function_that_waits_has_records_and_marks() {
    let wasm = wasm(
        r#"(module (import "h" "f" (func $f (param i64)))
        (func (export "run") (local i64) (call $f (i64.const 1)))
        (func (export "tail") (local i64) (call $by_tail))
        (func $by_tail (local i64) (return_call $f (i64.const 1)))
        (func (export "tick") (local i64 i64 i64) (call $leaf)) (func $leaf (local i64)))"#,
    );
    let imports = BTreeMap::from([(0, Import::Calls(vec![4]))]);
    let budget = declared(&wasm, &Declarations { imports, ..Declarations::default() }).expect("right");
    for export in ["run", "tail"] {
        assert_tight(stack(&budget, export), |storage, frames| {
            let mut store = store(&budget.room);
            let instance = instantiate(&mut store, &budget.image)?;
            let Some(Extern::Func(tick)) = store.export(instance, "tick") else { panic!("no tick") };
            call(&mut store, (instance, export), storage, frames, Some(tick))
        });
    }
}

/// The room of two modules together.
fn sum(a: &RoomNeeds, b: &RoomNeeds) -> RoomNeeds {
    RoomNeeds {
        modules: a.modules + b.modules,
        instances: a.instances + b.instances,
        funcs: a.funcs + b.funcs,
        types: a.types + b.types,
        val_types: a.val_types + b.val_types,
        globals: a.globals + b.globals,
        tags: a.tags + b.tags,
        objects: a.objects.zip(b.objects).map(|(a, b)| a + b),
        handles: a.handles.zip(b.handles).map(|(a, b)| a + b),
        words: a.words + b.words,
        entries: a.entries + b.entries,
        cells: a.cells + b.cells,
        tables: [a.tables.as_slice(), &b.tables].concat(),
        memories: [a.memories.as_slice(), &b.memories].concat(),
    }
}

// @need-ids: REQ_BUDGET_001, REQ_BUDGET_003, REQ_WASM_002
#[test]
fn two_instances_fit_in_the_sum_of_their_rooms_with_a_mark_between_them() {
    let provider = budget(&wasm(
        r#"(module (memory 1) (func (export "f") (local i64 i64) (call $g)) (func $g (local i64 i64 i64)))"#,
    ));
    for user in ["(call $f)", "(call $by_tail)"] {
        let user = wasm(&format!(
            r#"(module (import "p" "f" (func $f)) (global i64 (i64.const 1))
            (func (export "run") (local i64 i64 i64) {user}) (func $by_tail (local i64) (return_call $f)))"#
        ));
        let imports = BTreeMap::from([(0, Import::Instance { stack: stack(&provider, "f"), fuel: None })]);
        let user = declared(&user, &Declarations { imports, ..Declarations::default() }).expect("right");
        assert_tight(stack(&user, "run"), |storage, frames| {
            let mut store = store(&sum(&provider.room, &user.room));
            let from = instantiate(&mut store, &provider.image)?;
            let f = store.export(from, "f").expect("exported");
            let image: &'static [u8] = Vec::leak(user.image.clone());
            let loaded = store.load(image).map_err(|error| error.to_string())?;
            let instance = store.instantiate(loaded, &[f]).map_err(|error| error.to_string())?;
            call(&mut store, (instance, "run"), storage, frames, None)
        });
    }
}

// @need-ids: REQ_BUDGET_003
#[test]
fn guests_run_in_the_room_that_was_computed_for_them() {
    let mut ran = 0;
    for file in guests::all().into_iter().filter(|file| !file.starts_with("link_")) {
        // What it allocates while it runs is no part of the budget.
        if file == "objects.wasm" {
            continue;
        }
        let wasm = guests::read(&file);
        let budget = budget(&wasm);
        let bounded = budget.roots.iter().filter_map(|root| match (&root.entry, &root.stack) {
            (wrt::budget::Entry::Export(name), Ok(needs)) => Some((name, needs)),
            _ => None,
        });
        for (export, needs) in bounded {
            // Without arguments there are few that end; what matters is that they are there.
            let outcome = run(&wasm, export, &[], PLENTY, 100_000);
            let Ok(_) = outcome.end else { continue };
            if Image::parse(&budget.image).is_ok_and(|image| has_params(&image, export)) {
                continue;
            }
            ran += 1;
            let storage = (needs.storage_slots(), needs.records);
            assert_eq!(run_in(&budget.image, &budget.room, storage, needs.frames, export), Ok(()), "{file} {export}");
        }
    }
    assert!(ran > 5, "{ran}");
}

fn has_params(image: &Image<'_>, export: &str) -> bool {
    let record = image.exports.iter().find(|record| image.name(record.name) == export && record.kind() == kind::FUNC);
    let func = record.and_then(|record| image.funcs.get(record.index() as usize));
    func.and_then(|func| image.func_type(func.ty())).is_some_and(|(params, _)| !params.is_empty())
}

// @need-ids: REQ_BUDGET_003
#[test]
fn arrays_whose_length_is_imported_have_no_known_size() {
    let text = |length: &str| {
        format!(
            r#"(module (type $a (array i64)) (import "h" "n" (global $n i32))
            (global (ref $a) (array.new_default $a {length})) (func (export "run")))"#
        )
    };
    let known = budget(&wasm(&text("(i32.const 7)")));
    assert_eq!(known.room.objects, Some(8));
    let unknown = budget(&wasm(&text("(global.get $n)")));
    assert_eq!(unknown.room.objects, None);
    let needs = stack(&unknown, "run");
    assert_eq!(unknown.room.ram(&Sizes::POINTERS_32, true, Some(&needs)).total(), None);
}

// @need-ids: REQ_BUDGET_003
#[test]
fn ram_is_the_sum_of_its_parts() {
    let budget = budget(&wasm(MODULE));
    let needs = stack(&budget, "run");
    let ram = budget.room.ram(&Sizes::POINTERS_32, true, Some(&needs));
    let parts: u64 = ram.slices.iter().map(|(_, _, bytes)| bytes).sum();
    assert_eq!(ram.bookkeeping(), parts + ram.fixed);
    assert_eq!((ram.memories, ram.elements), (65_536, 5 * 4));
    assert_eq!(ram.stack, Some(needs.storage_slots() * 8 + needs.records * 8));
    assert_eq!(ram.total(), Some(ram.bookkeeping() + 65_536 + 20 + ram.stack.unwrap_or_default()));
    let copied = budget.room.ram(&Sizes::POINTERS_64, false, None);
    assert!(copied.bookkeeping() > ram.bookkeeping());
    assert_eq!(copied.total(), None);
    assert_eq!(run(&wasm("(module (func (export \"run\")))"), "run", &[], (1, 0), 10).fuel, 0);
}

// @need-ids: REQ_BUDGET_003, REQ_TYPES_006, REQ_GC_002
#[test]
fn the_room_for_objects_of_constants_suffices_and_a_word_or_handle_less_does_not() {
    let many = |count: usize| {
        let values = (0..count).map(|value| format!("(i64.const {value})")).collect::<Vec<_>>().concat();
        format!("(array.new_fixed $longs {count} {values})")
    };
    let structure = "(struct.new $s (i32.const 1) (v128.const i64x2 1 2) (i32.const 3))";
    // Operands that stand in the arena, some of them below an object that is made meanwhile.
    let nested = format!("(array.new_fixed $refs 17 {} {structure})", "(ref.null $s) ".repeat(16));
    let cases = [
        format!("(global (ref $s) {structure})"),
        "(global (ref $longs) (array.new $longs (i64.const 5) (i32.const 9)))".to_owned(),
        "(global (ref $v) (array.new $v (v128.const i64x2 1 2) (i32.const 3)))".to_owned(),
        format!("(global (ref $longs) {})", many(16)),
        format!("(global (ref $longs) {})", many(17)),
        format!("(global (ref $longs) {})", many(100)),
        format!("(global (ref $refs) {nested})"),
        format!("(global (ref $refs) {nested}) (global (ref $longs) {}) (global (ref $s) {structure})", many(20)),
        format!("(elem (ref $longs) {} {})", many(18), many(3)),
        format!("(table 2 (ref $s) {structure}) (global (ref i31) (ref.i31 (i32.const 4)))"),
    ];
    for case in cases {
        let budget = budget(&wasm(&format!(
            r#"(module (type $s (struct (field i8) (field v128) (field (mut i32)))) (type $longs (array i64))
            (type $v (array v128)) (type $refs (array (ref null $s))) {case} (func (export "run")))"#
        )));
        let room = &budget.room;
        let mut found = [Ok(()), Ok(()), Ok(())];
        for (less, found) in found.iter_mut().enumerate() {
            let (words, handles) = (u64::from(less == 1), u64::from(less == 2));
            let objects = room.objects.map(|count| count - words);
            let handles = room.handles.map(|count| count - handles);
            *found = fits(&budget, &RoomNeeds { objects, handles, ..room.clone() });
        }
        let [enough, words, handles] = found;
        assert_eq!(enough, Ok(()), "{case}: {room:?}");
        assert!(words.is_err() && handles.is_err(), "{case}: {room:?}");
    }
}
