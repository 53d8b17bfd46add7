//! Images assembled by hand, instantiated in a store without an allocator, and run.

use crate::common::{
    self, ACTIVE, Buffers, Builder, Machine, PASSIVE, PLENTY, Rooms, add, fuel, operator, plain, raw_operator, run,
    store,
};
use wrt_instructions::op::{Compared, LoadForm, Operand, Operands, Plain, StoreForm, Target, Test};
use wrt_instructions::operator::{BinaryOp, CompareOp, LoadOp, StoreOp, StructuralOp};
use wrt_instructions::{Op, Trap};
use wrt_runtime::execute::Detail;
use wrt_runtime::image::format::{ElementRecord, Sub, ValType, flag, form, items, kind};
use wrt_runtime::instantiate::{Allocate, Needs, OutOfStorage};
use wrt_runtime::stack::{CallState, Waiting};
use wrt_runtime::types::{ExternType, MemoryType};
use wrt_runtime::{Extern, FixedStore, Image, InstantiateError, Instr, Outcome, Storage, TrapInfo};
use wrt_safety::{LimitExceeded, Limits};
use zerocopy::byteorder::little_endian::U32;

const I32: ValType = ValType::I32;

/// Loads and instantiates an image without imports.
fn only<'a>(store: &mut FixedStore<'a>, image: &'a [u8]) -> u32 {
    let module = store.load(image).unwrap();
    store.instantiate(module, &[]).unwrap()
}

/// Runs the export `name` to its end; its one result.
fn fib(image: &mut Builder) -> u32 {
    let ty = image.ty(&[I32], &[I32]);
    let this = u32::try_from(image.funcs.len()).unwrap();
    let sub = |a: u8, imm: u32| Instr::new(Op::binary(BinaryOp::I32Sub, Operands::RI), a, 0, imm);
    image.func(ty, 3, |_| {
        vec![
            fuel(3),
            Instr::new(Op::compare_branch(CompareOp::I32GeS, Compared::R8, Target::If), 0, 2, 2),
            fuel(1),
            plain(Plain::Return1, 0, 0, 0),
            fuel(12),
            sub(1, 1),
            plain(Plain::Call, 1, 0, this),
            sub(2, 2),
            plain(Plain::Call, 2, 0, this),
            add(Operands::RR, 1, 1, 2),
            plain(Plain::Return1, 1, 0, 0),
        ]
    })
}

/// The sum of 1 to n, in a loop with an accumulator.
fn sum(image: &mut Builder) -> u32 {
    let ty = image.ty(&[I32], &[I32]);
    image.func(ty, 2, |at| {
        vec![
            plain(Plain::Enter, 1, 1, 3),
            fuel(9),
            Instr::new(Op::branch(Test::Zero, Operand::R, Target::Forward), 0, 0, 3),
            add(Operands::RR, 1, 1, 0),
            add(Operands::RI, 0, 0, u32::MAX),
            Instr::new(Op::branch(Test::NonZero, Operand::A, Target::Back), 0, 0, at + 1),
            plain(Plain::Return1, 1, 0, 0),
        ]
    })
}

// @need-ids: REQ_IMAGE_002, REQ_005, REQ_002
#[test]
fn recursion_runs_in_a_store_without_an_allocator() {
    let mut image = Builder::default();
    let func = fib(&mut image);
    image.export("fib", kind::FUNC, func);
    let bytes = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let instance = only(&mut store, &bytes);
    for (n, expected) in [(0, 0), (1, 1), (2, 1), (10, 55), (20, 6765)] {
        assert_eq!(run(&mut store, instance, "fib", &[n]), Ok(expected));
    }
    assert_eq!(run(&mut store, instance, "fib", &[100]), Err(Trap::CallStackExhausted));
    assert_eq!(store.export(instance, "fab"), None);
}

// @need-ids: REQ_007, REQ_003, REQ_001, REQ_FUEL_SCHEDULE_001
#[test]
fn however_a_run_is_sliced_its_result_and_its_fuel_are_the_same() {
    let mut image = Builder::default();
    let func = sum(&mut image);
    image.export("sum", kind::FUNC, func);
    let bytes = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let instance = only(&mut store, &bytes);
    let func = store.export(instance, "sum").unwrap();
    let expected = 3 + 9 * 500;
    for slice in [1, 2, 5, 9, 100, 1_000, 1 << 30] {
        let mut machine = Machine::new();
        let mut outcome = machine.call(&mut store, func, &[500], slice);
        let mut given = slice;
        while let Outcome::OutOfFuel { needed } = outcome {
            assert!(needed <= 9 && machine.engine.remaining_fuel() < needed, "slice {slice}");
            outcome = machine.resume(&mut store, slice);
            given += slice;
        }
        assert_eq!(outcome, Outcome::Finished);
        assert_eq!(machine.result(), 125_250);
        assert_eq!(given - machine.engine.remaining_fuel(), expected, "slice {slice}");
    }
}

// @need-ids: REQ_WASM_002, REQ_001
#[test]
fn a_host_function_is_asked_for_with_its_arguments_and_answered_with_results() {
    let mut image = Builder::default();
    let ty = image.ty(&[I32, I32], &[I32]);
    let host = image.import_func("mix", ty);
    let func = image.func(ty, 4, |_| {
        vec![
            fuel(8),
            plain(Plain::Mov2, 2, 1, 3),
            plain(Plain::CallImport, 2, 0, host),
            add(Operands::RI, 2, 2, 100),
            plain(Plain::Return1, 2, 0, 0),
        ]
    });
    image.export("f", kind::FUNC, func);
    let bytes = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&bytes).unwrap();
    let mix = store.add_host_func(&[I32, I32], &[I32], 42).unwrap();
    let instance = store.instantiate(module, &[mix]).unwrap();
    let func = store.export(instance, "f").unwrap();
    let mut machine = Machine::new();
    let outcome = machine.call(&mut store, func, &[3, 5], PLENTY);
    let Outcome::HostCall { func: 42, base } = outcome else { panic!("{outcome:?}") };
    let args = machine.slots(base, 2);
    assert_eq!(args, [5, 3]);
    args[0] = 15;
    assert_eq!(machine.resume(&mut store, 0), Outcome::Finished);
    assert_eq!(machine.result(), 115);
    // Called from outside, it is the host's as well.
    assert!(matches!(machine.call(&mut store, mix, &[1, 2], 0), Outcome::HostCall { func: 42, base: 0 }));
    assert_eq!(machine.resume(&mut store, 0), Outcome::Finished);
}

// @need-ids: REQ_REENTRY_001, REQ_001, REQ_RESOURCE_001
#[test]
fn a_host_function_has_the_guest_called_and_waits_in_frames_and_slots_alone() {
    let mut image = Builder::default();
    let ty = image.ty(&[I32], &[I32]);
    let host = image.import_func("ask", ty);
    let fib = fib(&mut image);
    let func = image.func(ty, 2, |_| {
        vec![
            fuel(8),
            plain(Plain::Mov, 1, 0, 0),
            plain(Plain::CallImport, 1, 0, host),
            add(Operands::RI, 1, 1, 100),
            plain(Plain::Return1, 1, 0, 0),
        ]
    });
    image.export("f", kind::FUNC, func);
    image.export("fib", kind::FUNC, fib);
    let bytes = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&bytes).unwrap();
    let ask = store.add_host_func(&[I32], &[I32], 7).unwrap();
    let instance = store.instantiate(module, &[ask]).unwrap();
    let func = store.export(instance, "f").unwrap();
    let Some(Extern::Func(callee)) = store.export(instance, "fib") else { panic!("exported") };
    let mut machine = Machine::new();
    let Outcome::HostCall { func: 7, base } = machine.call(&mut store, func, &[6], 8) else { panic!("asks") };
    let (called, waiting) = (machine.state, Waiting { host: 7, callee, state: 0xDEAD_BEEF_0000_0001 });
    // What cannot be entered leaves the state as it was: no such function, and no room for its arguments.
    let nobody = Waiting { callee: 99, ..waiting };
    assert_eq!(machine.reenter(&mut store, (base, 1), nobody, &[]), Err(Trap::CorruptCode));
    assert_eq!(machine.reenter(&mut store, (base, 1), waiting, &[0; 2_000]), Err(Trap::CallStackExhausted));
    assert_eq!(machine.reenter(&mut store, (base, u32::MAX), waiting, &[0]), Err(Trap::CallStackExhausted));
    assert_eq!(machine.state, called);
    machine.reenter(&mut store, (base, 1), waiting, &[10]).unwrap();
    let (mut outcome, mut pauses) = (machine.resume(&mut store, 0), 0);
    while let Outcome::OutOfFuel { .. } = outcome {
        pauses += 1;
        outcome = machine.resume(&mut store, 12);
    }
    let Outcome::HostAgain { func: 7, base: again, results } = outcome else { panic!("{outcome:?}") };
    assert!(pauses > 10);
    let peak_slots = machine.state.peak_slots;
    assert_eq!((again, machine.state), (base, CallState { peak_slots, ..called }), "as when it was called");
    assert_eq!(Waiting::from_slots(machine.slots(0, results as usize)), Some(waiting));
    assert_eq!(machine.slots(results, 1), [55]);
    assert_eq!(machine.slots(base, 1), [6], "its arguments are as they were");
    machine.slots(base, 1)[0] = 1;
    assert_eq!(machine.resume(&mut store, 8), Outcome::Finished);
    assert_eq!(machine.result(), 101);
}

// @need-ids: REQ_TRAP_001, REQ_MEM_SAFETY_001
#[test]
fn a_trap_says_what_where_and_why() {
    let mut image = Builder::default();
    let ty = image.ty(&[I32], &[I32]);
    image.memory(8, 8);
    let at = image.func(ty, 1, |_| {
        vec![fuel(3), Instr::new(Op::load(LoadOp::I32Load, LoadForm::R), 0, 0, 2), plain(Plain::Return1, 0, 0, 0)]
    });
    let stop = image.func(ty, 1, |_| vec![fuel(1), plain(Plain::Unreachable, 0, 0, 0)]);
    image.export("at", kind::FUNC, at);
    image.export("stop", kind::FUNC, stop);
    let bytes = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let instance = only(&mut store, &bytes);
    assert_eq!(run(&mut store, instance, "at", &[2]), Ok(0));
    assert_eq!(run(&mut store, instance, "stop", &[0]), Err(Trap::Unreachable));
    let mut machine = Machine::new();
    let func = store.export(instance, "at").unwrap();
    assert_eq!(machine.call(&mut store, func, &[3], PLENTY), Outcome::Trapped(Trap::MemoryOutOfBounds));
    let detail = Detail::Memory { address: 5, length: 4, size: 8 };
    assert_eq!(machine.state.trap, Some(TrapInfo { trap: Trap::MemoryOutOfBounds, detail }));
    assert_eq!(machine.state.pc, 1);
}

/// Exports `load`, `store`, `grow` and `fill` of a memory of 4 to 600 bytes with "abc" at 1.
fn memory_image() -> Vec<u8> {
    let mut image = Builder::default();
    let one = image.ty(&[I32], &[I32]);
    let two = image.ty(&[I32, I32], &[]);
    let three = image.ty(&[I32, I32, I32], &[]);
    image.memory(4, 600);
    image.data(ACTIVE, 1, b"abc");
    let load = image.func(one, 1, |_| {
        vec![fuel(3), Instr::new(Op::load(LoadOp::I32Load8U, LoadForm::R), 0, 0, 0), plain(Plain::Return1, 0, 0, 0)]
    });
    let store = image.func(two, 2, |_| {
        vec![fuel(3), Instr::new(Op::store(StoreOp::I32Store8, StoreForm::R), 0, 1, 0), plain(Plain::Return, 0, 0, 0)]
    });
    let grow = image.func(one, 1, |_| vec![fuel(2), plain(Plain::MemoryGrow, 0, 0, 0), plain(Plain::Return1, 0, 0, 0)]);
    let fill =
        image.func(three, 3, |_| vec![fuel(4), plain(Plain::MemoryFill, 0, 0, 0), plain(Plain::Return, 0, 0, 0)]);
    for (name, func) in [("load", load), ("store", store), ("grow", grow), ("fill", fill)] {
        image.export(name, kind::FUNC, func);
    }
    image.export("memory", kind::MEMORY, 0);
    image.build()
}

// @need-ids: REQ_018, REQ_RESOURCE_003, REQ_MEM_SAFETY_001
#[test]
fn a_memory_starts_with_its_data_and_grows_as_far_as_its_slice() {
    let bytes = memory_image();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let instance = only(&mut store, &bytes);
    for (address, byte) in [(0, 0), (1, 97), (3, 99)] {
        assert_eq!(run(&mut store, instance, "load", &[address]), Ok(byte));
    }
    assert_eq!(run(&mut store, instance, "load", &[4]), Err(Trap::MemoryOutOfBounds));
    assert_eq!(run(&mut store, instance, "grow", &[3]), Ok(4));
    assert_eq!(run(&mut store, instance, "load", &[4]), Ok(0));
    assert!(run(&mut store, instance, "store", &[6, 9]).is_ok());
    assert_eq!(run(&mut store, instance, "load", &[6]), Ok(9));
    assert!(run(&mut store, instance, "fill", &[0, 5, 7]).is_ok());
    assert_eq!(run(&mut store, instance, "load", &[6]), Ok(5));
    assert_eq!(run(&mut store, instance, "fill", &[1, 5, 7]), Err(Trap::MemoryOutOfBounds));
    // The type allows 600 bytes, the slice has 512.
    assert_eq!(run(&mut store, instance, "grow", &[505]), Ok(7));
    assert_eq!(run(&mut store, instance, "grow", &[1]), Ok(u64::from(u32::MAX)));
    let ty = MemoryType { min: 512, max: Some(600), ..MemoryType::default() };
    assert_eq!(store.memory_type(0), Some(ty));
}

/// Exports `call`, which calls element r0 of its table with r1, and the table.
fn table_image() -> Builder {
    let mut image = Builder::default();
    let ty = image.ty(&[I32], &[I32]);
    let two = image.ty(&[I32, I32], &[I32]);
    let plus = image.func(ty, 1, |_| vec![fuel(3), add(Operands::RI, 0, 0, 1), plain(Plain::Return1, 0, 0, 0)]);
    let both = image.func(two, 2, |_| vec![fuel(3), plain(Plain::Return1, 0, 0, 0)]);
    image.table(4, 8);
    image.element(ACTIVE, 1, &[plus, both]);
    let call = image.func(two, 3, |_| {
        vec![
            fuel(6),
            plain(Plain::Mov, 2, 1, 0),
            plain(Plain::CallIndirect, 0, 0, ty),
            Instr::data(0, 0, 2),
            plain(Plain::Return1, 2, 0, 0),
        ]
    });
    image.export("call", kind::FUNC, call);
    image.export("table", kind::TABLE, 0);
    image.export("plus", kind::FUNC, plus);
    image
}

// @need-ids: REQ_018, REQ_TRAP_001
#[test]
fn a_table_is_called_through_with_its_type_checked() {
    let bytes = table_image().build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let instance = only(&mut store, &bytes);
    assert_eq!(run(&mut store, instance, "call", &[1, 41]), Ok(42));
    assert_eq!(run(&mut store, instance, "call", &[2, 41]), Err(Trap::IndirectCallTypeMismatch));
    assert_eq!(run(&mut store, instance, "call", &[0, 41]), Err(Trap::IndirectCallToNull));
    assert_eq!(run(&mut store, instance, "call", &[4, 41]), Err(Trap::UndefinedElement));
}

/// An image that imports a function, a table, a memory and a global of another, and shows that it shares them.
fn second_image() -> Vec<u8> {
    let mut image = Builder::default();
    let ty = image.ty(&[I32], &[I32]);
    let plus = image.import_func("plus", ty);
    image.import_table("table", common::small_table(2, 9));
    image.import_global("counter", I32, flag::MUTABLE);
    let minus = image.func(ty, 1, |_| vec![fuel(3), add(Operands::RI, 0, 0, u32::MAX), plain(Plain::Return1, 0, 0, 0)]);
    image.element(ACTIVE, 0, &[minus, plus]);
    // counter = plus(counter + r0)
    let bump = image.func(ty, 2, |_| {
        vec![
            fuel(6),
            plain(Plain::ImportedGlobalGet, 1, 0, 0),
            add(Operands::RR, 1, 1, 0),
            plain(Plain::CallImport, 1, 0, plus),
            plain(Plain::ImportedGlobalSet, 1, 0, 0),
            plain(Plain::Return1, 1, 0, 0),
        ]
    });
    image.global(
        I32,
        0,
        &[operator(StructuralOp::GlobalGet, 0), operator(StructuralOp::I32Const, 5), raw_operator(0x6A, 0)],
    );
    image.export("bump", kind::FUNC, bump);
    image.export("five more", kind::GLOBAL, 1);
    image.build()
}

// @need-ids: REQ_018, REQ_WASM_002
#[test]
fn linked_instances_share_functions_tables_and_globals() {
    let mut first = table_image();
    let counter = first.global(I32, flag::MUTABLE, &[operator(StructuralOp::I32Const, 10)]);
    first.export("counter", kind::GLOBAL, counter);
    let (first, second) = (first.build(), second_image());
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let one = only(&mut store, &first);
    let module = store.load(&second).unwrap();
    let imports = ["plus", "table", "counter"].map(|name| store.export(one, name).unwrap());
    let two = store.instantiate(module, &imports).unwrap();
    assert_eq!(run(&mut store, two, "bump", &[31]), Ok(42));
    let Some(Extern::Global(slot)) = store.export(one, "counter") else { panic!("no global") };
    assert_eq!(store.global(slot), Some(42));
    let Some(Extern::Global(slot)) = store.export(two, "five more") else { panic!("no global") };
    assert_eq!(store.global(slot), Some(15));
    // The second's elements lie in the first's table; called from there, code runs in the second.
    assert_eq!(run(&mut store, one, "call", &[0, 41]), Ok(40));
    assert_eq!(run(&mut store, one, "call", &[1, 41]), Ok(42));
    // A third instance of the same image shares the same things, but not the first's globals.
    let three = only(&mut store, &first);
    assert_eq!(run(&mut store, three, "call", &[0, 41]), Err(Trap::IndirectCallToNull));
    let Some(Extern::Global(slot)) = store.export(three, "counter") else { panic!("no global") };
    assert_eq!(store.global(slot), Some(10));
}

// @need-ids: REQ_018
#[test]
fn a_memory_or_table_imported_twice_is_one_thing_under_two_indices() {
    let mut first = table_image();
    first.memory(8, 8);
    first.data(ACTIVE, 0, b"abcdefgh");
    first.export("memory", kind::MEMORY, 0);
    let mut second = Builder::default();
    let ty = second.ty(&[I32, I32, I32], &[]);
    for _ in 0..2 {
        second.import_memory("memory", common::small_memory(8, 8));
        second.import_table("table", common::small_table(4, 8));
    }
    let memory =
        second.func(ty, 3, |_| vec![fuel(4), plain(Plain::MemoryCopy, 0, 1, 0), plain(Plain::Return, 0, 0, 0)]);
    let table = second.func(ty, 3, |_| {
        vec![fuel(4), plain(Plain::TableCopy, 1, 0, 0), Instr::data(0, 0, 0), plain(Plain::Return, 0, 0, 0)]
    });
    second.export("memory.copy", kind::FUNC, memory);
    second.export("table.copy", kind::FUNC, table);
    let (first, second) = (first.build(), second.build());
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let one = only(&mut store, &first);
    let module = store.load(&second).unwrap();
    let imports = ["memory", "table", "memory", "table"].map(|name| store.export(one, name).unwrap());
    let two = store.instantiate(module, &imports).unwrap();
    assert!(run(&mut store, two, "memory.copy", &[2, 0, 5]).is_ok());
    assert_eq!(store.memory(one, 0).unwrap().data(), b"ababcdeh");
    assert!(run(&mut store, two, "table.copy", &[0, 1, 3]).is_ok());
    assert_eq!(store.table(one, 0).unwrap().elements(), [1, 2, 0, 0]);
    assert_eq!(run(&mut store, two, "memory.copy", &[4, 0, 5]), Err(Trap::MemoryOutOfBounds));
}

// @need-ids: REQ_WASM_002, REQ_ERROR_003
#[test]
fn imports_that_do_not_fit_are_refused_with_both_types() {
    let (first, second) = (table_image().build(), second_image());
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let one = only(&mut store, &first);
    let module = store.load(&second).unwrap();
    let plus = store.export(one, "plus").unwrap();
    let table = store.export(one, "table").unwrap();
    let used = store.usage();
    let count = store.instantiate(module, &[plus]).unwrap_err();
    assert_eq!(count.to_string(), "1 imports given, expected 3");
    let error = store.instantiate(module, &[table, table, table]).unwrap_err();
    let InstantiateError::IncompatibleImport { import: 0, expected: ExternType::Func(0), found: Some(_) } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(
        error.to_string(),
        "import 0 has an incompatible type: expected (func (type 0)), found (table 4 8 funcref)"
    );
    let other = store.export(one, "call").unwrap();
    let error = store.instantiate(module, &[other, table, table]).unwrap_err();
    assert!(matches!(error, InstantiateError::IncompatibleImport { import: 0, .. }));
    let error = store.instantiate(module, &[plus, table, Extern::Global(0)]).unwrap_err();
    assert_eq!(error.to_string(), "import 2 is not of this store: expected (global (mut i32))");
    assert_eq!(store.usage(), used);
}

// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_001, REQ_RESOURCE_005
#[test]
fn every_limit_is_checked_by_name_before_anything_is_added() {
    let mut image = table_image();
    image.memory(8, 600);
    image.global(I32, 0, &[operator(StructuralOp::I32Const, 1)]);
    let bytes = image.build();
    let refused = |limits: Limits, key: &str| {
        let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
        let mut store = store(&limits, &mut buffers, &mut rooms);
        let module = store.load(&bytes).unwrap();
        let error = store.instantiate(module, &[]).unwrap_err();
        let InstantiateError::Limit(LimitExceeded { key: found, .. }) = error else { panic!("{error:?}") };
        assert_eq!(found, key);
        assert_eq!(store.usage(), wrt_runtime::instantiate::Usage::default());
    };
    let limits = Limits::DEFAULT;
    refused(Limits { max_instances: 0, ..limits }, "max-instances");
    refused(Limits { max_functions: 2, ..limits }, "max-functions");
    refused(Limits { max_tables: 0, ..limits }, "max-tables");
    refused(Limits { max_memories: 0, ..limits }, "max-memories");
    refused(Limits { max_globals: 0, ..limits }, "max-globals");
    refused(Limits { max_table_elements: 3, ..limits }, "max-table-elements");
    refused(Limits { max_memory_bytes: 7, ..limits }, "max-memory-bytes");
    // A maximum beyond the limit is no error: growth stops there.
    let limits = Limits { max_memory_bytes: 9, max_table_elements: 5, ..limits };
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&limits, &mut buffers, &mut rooms);
    let instance = only(&mut store, &bytes);
    let mut memory = store.memory(instance, 0).unwrap();
    assert_eq!((memory.growth(1), memory.growth(2)), (Some(9), None));
    assert_eq!(memory.grow(1), wrt_runtime::memory::Growth::Grown(8));
    let table = store.table(instance, 0).unwrap();
    assert!(table.can_grow(1) && !table.can_grow(2));
    // And one image at most of this size.
    let limits = Limits { max_module_bytes: bytes.len() as u64 - 1, ..limits };
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let error = common::store(&limits, &mut buffers, &mut rooms).load(&bytes).unwrap_err();
    assert!(error.to_string().starts_with("limit max-module-bytes exceeded"), "{error}");
}

// @need-ids: REQ_018
#[test]
fn segments_are_copied_in_order_and_stay_where_a_later_one_traps() {
    let build = |elements_fit: bool| {
        let mut image = table_image();
        image.memory(8, 8);
        image.data(ACTIVE, 0, b"abcd");
        image.data(PASSIVE, 100, b"xx");
        image.data(ACTIVE, 2, b"ef");
        image.data(ACTIVE, 7, b"gh");
        image.data(ACTIVE, 4, b"ij");
        image.element(ACTIVE, if elements_fit { 3 } else { 4 }, &[0]);
        image.export("memory", kind::MEMORY, 0);
        image.build()
    };
    let (bytes, late) = (build(true), build(false));
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&bytes).unwrap();
    let detail = Detail::Memory { address: 7, length: 2, size: 8 };
    let trap = InstantiateError::Trap(TrapInfo { trap: Trap::MemoryOutOfBounds, detail });
    assert_eq!(store.instantiate(module, &[]), Err(trap));
    assert_eq!(store.memory(0, 0).unwrap().data(), b"abef\0\0\0\0");
    assert_eq!(store.table(0, 0).unwrap().elements()[3], 1);
    // Elements come first: where they trap, no data was copied.
    let module = store.load(&late).unwrap();
    let detail = Detail::Table { index: 4, length: 1, size: 4 };
    let trap = InstantiateError::Trap(TrapInfo { trap: Trap::TableOutOfBounds, detail });
    assert_eq!(store.instantiate(module, &[]), Err(trap));
    assert_eq!(store.memory(1, 0).unwrap().data(), [0; 8]);
    // Active segments were dropped as they were copied, passive ones were not.
    assert_eq!(store.memory_and_data(0, 0, 0).unwrap().1, b"");
    assert_eq!(store.memory_and_data(0, 0, 1).unwrap().1, b"xx");
    assert!(store.table_and_elements(0, 0, 0).unwrap().1.is_empty());
}

// @need-ids: REQ_TABLE_001, REQ_018
#[test]
fn constant_expressions_are_evaluated_by_the_table_of_operators() {
    let mut image = Builder::default();
    let ty = image.ty(&[], &[]);
    let func = image.func(ty, 0, |_| vec![fuel(0), plain(Plain::Return, 0, 0, 0)]);
    let constant = |opcode: u32, value: u64| raw_operator(opcode, value);
    let cases: [(ValType, Vec<_>, u64); 8] = [
        (I32, vec![constant(0x41, 7), constant(0x41, 9), raw_operator(0x6B, 0)], u64::from(7_u32.wrapping_sub(9))),
        (ValType::I64, vec![constant(0x42, 7), constant(0x42, 9), raw_operator(0x7D, 0)], 7_u64.wrapping_sub(9)),
        (ValType::I64, vec![constant(0x42, 7), constant(0x42, 9), raw_operator(0x7E, 0)], 63),
        (ValType::F32, vec![constant(0x43, u64::MAX)], u64::from(u32::MAX)),
        (ValType::F64, vec![constant(0x44, u64::MAX)], u64::MAX),
        (ValType::FUNCREF, vec![raw_operator(0xD2, u64::from(func))], 1),
        (ValType::EXTERNREF, vec![raw_operator(0xD0, 0x6F)], 0),
        (I32, vec![raw_operator(0x23, 0), constant(0x41, 2), raw_operator(0x6C, 0)], u64::from(0_u32.wrapping_sub(4))),
    ];
    for (ty, init, _) in &cases {
        image.global(*ty, 0, init);
    }
    // An element segment of expressions, with a null among them, and a table that starts with a reference.
    let (null, this) = (image.constant(&[raw_operator(0xD0, 0x70)]), image.constant(&[raw_operator(0xD2, 0)]));
    image.table(3, 3);
    image.tables[0].init = this;
    image.items.extend(
        [null, this].map(|range| [range.start, range.length].map(|word| items::halved(word.get()))).concat().concat(),
    );
    let record = ElementRecord { items: items::EXPRESSIONS.into(), ..image.elements.pop().unwrap_or_default() };
    let length = U32::new(2);
    image.elements.push(ElementRecord { mode: ACTIVE.into(), length, ty: ValType::FUNCREF, ..record });
    let bytes = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let instance = only(&mut store, &bytes);
    for (slot, (ty, _, value)) in cases.iter().enumerate() {
        let slot = u32::try_from(slot).unwrap();
        assert_eq!(store.global(slot), Some(*value), "global {slot}");
        assert_eq!(store.global_type(slot).map(|global| global.ty), Some(*ty));
    }
    assert_eq!(store.table(instance, 0).unwrap().elements(), [0, 1, 1]);
}

// @need-ids: REQ_RESOURCE_002, REQ_ERROR_005
#[test]
fn a_store_that_is_full_says_of_what_and_adds_nothing() {
    let mut image = table_image();
    image.memory(8, 8);
    image.global(I32, 0, &[operator(StructuralOp::I32Const, 1)]);
    let bytes = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&bytes).unwrap();
    for _ in 0..4 {
        store.instantiate(module, &[]).unwrap();
    }
    let used = store.usage();
    assert_eq!(store.instantiate(module, &[]), Err(OutOfStorage::Instances.into()));
    assert_eq!(store.usage(), used);
    let error = store.instantiate(module + 1, &[]).unwrap_err();
    assert_eq!(error.to_string(), "corrupt image: no such image");
    for _ in 0..3 {
        store.load(&bytes).unwrap();
    }
    assert_eq!(store.load(&bytes).unwrap_err().to_string(), "the store has no room for more images");
    // So are types, of which there is room for 32.
    let mut image = Builder::default();
    for count in 0..33 {
        image.ty(&vec![I32; count % 2], &vec![ValType::I64; count / 2]);
    }
    let many = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = common::store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    assert_eq!(store.load(&many).unwrap_err().to_string(), "the store has no room for more types");
    assert_eq!(store.load(&bytes), Ok(0));
    // Memories larger than their slice, and so on, are refused before anything is added.
    let mut image = Builder::default();
    image.memory(513, 600);
    let large = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = common::store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&large).unwrap();
    assert_eq!(store.instantiate(module, &[]), Err(OutOfStorage::Bytes.into()));
    let needs = Needs::of(&Image::parse(&bytes).unwrap()).unwrap();
    assert_eq!(needs.words(), 3 + 1 + 1 + 1 + 2);
}

/// An image with a function type below another and a tag, both exported, behind `before` types of its own.
fn typed(before: u32) -> Builder {
    let mut image = Builder::default();
    for _ in 0..before {
        image.ty(&[ValType::F64], &[]);
    }
    image.sub_type(Sub { form: form::FUNC | form::OPEN, ..Sub::PLAIN }, &[I32], &[I32]);
    image.sub_type(Sub { supertype: before, ..Sub::PLAIN }, &[I32], &[I32]);
    image.ty(&[I32], &[]);
    image
}

// @need-ids: REQ_TYPES_001, REQ_TYPES_002, REQ_TYPES_005
#[test]
fn imports_take_functions_below_the_type_they_ask_for_and_tags_of_exactly_it() {
    let mut image = typed(0);
    let func = image.func(1, 1, |_| vec![fuel(1), plain(Plain::Return1, 0, 0, 0)]);
    let tag = image.tag(2);
    image.export("func", kind::FUNC, func);
    image.export("tag", kind::TAG, tag);
    let exporting = image.build();
    let mut image = typed(3);
    image.import_func("above", 3);
    image.import_func("same", 4);
    image.import_tag("tag", 5);
    image.export("tag", kind::TAG, 0);
    let importing = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let first = only(&mut store, &exporting);
    let (func, tag) = (store.export(first, "func").unwrap(), store.export(first, "tag").unwrap());
    let second = store.load(&importing).unwrap();
    let instance = store.instantiate(second, &[func, func, tag]).unwrap();
    // What was the same type is the same number, wherever it stood.
    assert_eq!(store.type_id(instance, 3), store.type_id(first, 0));
    assert_eq!(store.type_id(instance, 4), store.type_id(first, 1));
    assert_eq!(store.export(instance, "tag"), Some(tag));
    // The type above is not the one below, nor a plain one the one that is open.
    let above = store.add_host_func(&[I32], &[I32], 1).unwrap();
    for imports in [[above, func, tag], [func, above, tag], [func, func, func]] {
        let error = store.instantiate(second, &imports).unwrap_err();
        assert!(matches!(error, InstantiateError::IncompatibleImport { .. }), "{error}");
    }
    assert_eq!(store.usage().tags, 1);
}
