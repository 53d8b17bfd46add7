//! Parts of the language: what needs one is refused by its name where the build leaves it out, and taken where it has it.

use crate::common::{
    Buffers, Builder, Machine, Rooms, fuel, operator, plain, raw_operator, small_memory, small_table, store,
};
use std::collections::BTreeSet;
use wrt_instructions::op::{LoadForm, Operands, Plain};
use wrt_instructions::operator::{FloatBinaryOp, LoadOp, StructuralOp, WideOp};
use wrt_instructions::{Op, Part, Trap};
use wrt_runtime::Cell;
use wrt_runtime::fixed_store::LoadError;
use wrt_runtime::image::format::{
    AbstractHeapType, ElementRecord, HandlerRecord, Header, HeapType, MemoryRecord, Sub, TableRecord, TypeRecord,
    ValType, flag, form, items, kind, mode,
};
use wrt_runtime::image::reader::checksum;
use wrt_runtime::image::{FileRule, ImageError};
use wrt_runtime::instantiate::OutOfStorage;
use wrt_runtime::instr::PACKED_ENTRIES;
use wrt_runtime::typing::ARITY_MAX;
use wrt_runtime::{Extern, InstantiateError, Instr, Outcome, Storage};
use wrt_safety::{LimitExceeded, Limits};
use zerocopy::FromBytes;

/// What needs a part, as an addition to an image with a function type, a memory and a table.
type Addition = fn(&mut Builder);

fn base() -> Builder {
    let mut image = Builder::default();
    image.ty(&[], &[]);
    image.memory(8, 8);
    image.table(4, 4);
    image
}

fn run(image: &mut Builder, code: &[Instr]) {
    let all = [&[fuel(9)], code, &[plain(Plain::Return, 0, 0, 0)]].concat();
    image.func(0, 8, |_| all);
}

fn additions() -> Vec<(Part, Addition)> {
    let mut all = references();
    all.extend::<[(Part, Addition); 21]>([
        (Part::Float, |image| {
            run(image, &[Instr::new(Op::float_binary(FloatBinaryOp::F32Add, Operands::RR), 0, 0, 0)]);
        }),
        (Part::Simd, |image| {
            image.ty(&[ValType::V128], &[]);
        }),
        (Part::Simd, |image| {
            let halves = [operator(StructuralOp::V128Const, 1), operator(StructuralOp::V128Const, 2)];
            image.global(ValType::V128, 0, &halves);
        }),
        (Part::Simd, |image| {
            // One half, as an operator of a value of 64 bits.
            image.global(ValType::I64, 0, &[operator(StructuralOp::V128Const, 1)]);
        }),
        (Part::Bulk, |image| {
            image.data(mode::PASSIVE, 0, b"x");
        }),
        (Part::Exceptions, |image| {
            image.tag(0);
        }),
        (Part::Exceptions, |image| {
            run(image, &[]);
            image.handlers.push(HandlerRecord { pc: 0.into(), first: u32::MAX.into() });
        }),
        (Part::Exceptions, |image| {
            run(image, &[plain(Plain::Mov, 0, 0, 0), plain(Plain::Mov, 0, 0, 0)]);
            image.handler(1, 2, &[(u32::MAX, 3, 0)]);
        }),
        (Part::Gc, |image| {
            image.sub_type(Sub { form: form::STRUCT, ..Sub::PLAIN }, &[], &[]);
            let made = operator(StructuralOp::StructNewDefault, image.types.len() as u64 - 1);
            image.global(ValType::reference(true, HeapType::Abstract(AbstractHeapType::Any)), 0, &[made]);
        }),
        (Part::Memories, |image| {
            image.memory(0, 0);
        }),
        (Part::Memories, |image| {
            image.memories[0] = MemoryRecord { flags: (flag::MAXIMUM | flag::INDEX64).into(), ..small_memory(0, 0) };
        }),
        (Part::Memories, |image| {
            image.tables[0] = TableRecord { flags: (flag::MAXIMUM | flag::INDEX64).into(), ..small_table(0, 0) };
        }),
        (Part::TailCalls, |image| {
            run(image, &[]);
            run(image, &[plain(Plain::ReturnCall, 0, 0, 0), Instr::data(0, 0, 0)]);
        }),
        (Part::Threads, |image| run(image, &[plain(Plain::Atomic, 0, 0, 0), Instr::data(0, 0, 0)])),
        (Part::WideArithmetic, |image| run(image, &[Instr::new(Op::wide(WideOp::ALL[0]), 0, 0, 0)])),
        (Part::WideFrames, |image| {
            run(image, &[]);
            image.funcs[0].slots.set(264);
        }),
        (Part::Large, |image| image.val_types.extend(vec![ValType::I32; 65_536])),
        (Part::Large, |image| {
            let words = i32::try_from(PACKED_ENTRIES).unwrap() + 1;
            let table = vec![Instr::far_entry(words); words as usize];
            run(image, &[vec![plain(Plain::BrTable, 0, 0, PACKED_ENTRIES)], table].concat());
        }),
        (Part::Linking, |image| {
            image.import_global("g", ValType::I32, 0);
        }),
        (Part::Linking, |image| {
            image.memories.clear();
            image.import_memory("m", small_memory(0, 0));
        }),
        (Part::Linking, |image| {
            image.tables.clear();
            image.import_table("t", small_table(0, 0));
        }),
    ]);
    all
}

fn references() -> Vec<(Part, Addition)> {
    fn null(image: &mut Builder, ty: ValType) {
        image.global(ty, 0, &[operator(StructuralOp::RefNull, 0)]);
    }
    let additions: [Addition; 15] = [
        |image| {
            image.ty(&[ValType::EXTERNREF], &[]);
        },
        |image| {
            image.ty(&[], &[ValType::FUNCREF]);
        },
        |image| null(image, ValType::FUNCREF),
        |image| {
            image.global(ValType::I32, 0, &[operator(StructuralOp::RefNull, 0)]);
        },
        |image| {
            image.table(0, 0);
        },
        |image| image.tables[0].element = ValType::EXTERNREF,
        |image| image.tables[0].element = ValType::reference(true, HeapType::Concrete(0)),
        |image| {
            run(image, &[]);
            image.tables[0].init = image.constant(&[operator(StructuralOp::RefFunc, 0)]);
        },
        |image| {
            image.element(mode::PASSIVE, 0, &[]);
        },
        |image| {
            image.element(mode::DECLARED, 0, &[]);
        },
        |image| {
            image.elements.push(ElementRecord {
                mode: mode::ACTIVE.into(),
                ty: ValType::FUNCREF,
                items: items::EXPRESSIONS.into(),
                ..ElementRecord::default()
            });
        },
        |image| image.types[0].results |= form::OPEN << TypeRecord::RESULT_BITS,
        |image| {
            image.sub_type(Sub { form: form::STRUCT, ..Sub::PLAIN }, &[], &[]);
        },
        |image| {
            image.sub_type(Sub { is_joined: true, ..Sub::PLAIN }, &[], &[]);
        },
        |image| {
            image.types[0].results |= form::OPEN << TypeRecord::RESULT_BITS;
            image.sub_type(Sub { supertype: 0, ..Sub::PLAIN }, &[], &[]);
        },
    ];
    additions.into_iter().map(|addition| (Part::References, addition)).collect()
}

fn load(image: &Builder) -> Result<(), LoadError> {
    let bytes = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    // Optimised hosts copy the code, and a long branch table is much of it.
    buffers.cells.resize(image.code.len(), Cell::default());
    store(&Limits::DEFAULT, &mut buffers, &mut rooms).load(&bytes).map(drop)
}

// @need-ids: REQ_PARTS_001, REQ_IMAGE_001
#[test]
fn what_needs_a_part_is_refused_by_its_name_where_it_was_left_out() {
    assert_eq!(load(&base()), Ok(()));
    let mut seen = BTreeSet::new();
    for (number, (part, addition)) in additions().into_iter().enumerate() {
        let mut image = base();
        addition(&mut image);
        let found = load(&image);
        if part.is_built() {
            // Some additions need a second part.
            let other = matches!(found, Err(LoadError::Image(ImageError::LeftOut(other))) if other != part);
            assert!(found == Ok(()) || other, "case {number}, {part:?}: {found:?}");
        } else {
            let Err(LoadError::Image(ImageError::LeftOut(found))) = found else {
                panic!("case {number}, {part:?}: {found:?}")
            };
            // There are no objects without references.
            let part = if part == Part::Gc && !Part::References.is_built() { Part::References } else { part };
            assert_eq!(found, part, "case {number}");
        }
        seen.insert(part.name());
    }
    for part in Part::ALL {
        assert!(seen.contains(part.name()), "{part:?} has no case");
    }
}

/// Says which parts a file needs, whatever is in it.
fn name(bytes: &mut [u8], parts: u32) {
    let (header, _) = Header::mut_from_prefix(bytes).unwrap();
    header.parts.set(parts);
    let sum = checksum(bytes);
    let (header, _) = Header::mut_from_prefix(bytes).unwrap();
    header.checksum.set(sum);
}

/// Loads a file, makes an instance and runs its functions. What does not panic is right.
fn survive(bytes: &[u8]) -> bool {
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let host = store.add_host_func(&[ValType::I32], &[ValType::I64], 4).unwrap();
    let Ok(module) = store.load(bytes) else { return false };
    let imports = store.loaded_image(module).unwrap().imports.len();
    let Ok(instance) = store.instantiate(module, &vec![host; imports]) else { return true };
    for index in 0..8 {
        let Some(func) = store.func_addr(instance, index) else { break };
        let mut machine = Machine::new();
        let mut outcome = machine.call(&mut store, Extern::Func(func), &[1, 2], 1_000);
        for _ in 0..100 {
            let Outcome::HostCall { .. } = outcome else { break };
            outcome = machine.resume(&mut store, 0);
        }
    }
    let _ = store.restart(instance);
    true
}

// @need-ids: REQ_PARTS_001, REQ_IMAGE_001, REQ_MEM_SAFETY_001
#[test]
fn what_a_file_needs_and_does_not_name_does_no_harm() {
    for (_, addition) in additions() {
        let mut image = base();
        addition(&mut image);
        let mut bytes = image.build();
        name(&mut bytes, 0);
        survive(&bytes);
    }
    let mut image = base();
    let ty = image.ty(&[ValType::I32], &[ValType::I64]);
    let import = image.import_func("f", ty);
    let func = image.func(ty, 8, |_| {
        vec![
            fuel(20),
            plain(Plain::CallIndirect, 0, 0, ty),
            Instr::data(0, 0, 2),
            plain(Plain::MemoryGrow, 0, 0, 0),
            plain(Plain::GlobalGet, 1, 0, 0),
            Instr::new(Op::load(LoadOp::I64Load, LoadForm::R), 0, 1, 0),
            plain(Plain::Return, 0, 0, 0),
        ]
    });
    image.element(mode::ACTIVE, 1, &[func, import]);
    image.data(mode::ACTIVE, 5, b"abc");
    image.global(ValType::I32, 0, &[operator(StructuralOp::I32Const, 2)]);
    let mut bytes = image.build();
    let mut ran = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            name(&mut bytes, 0);
            ran += usize::from(survive(&bytes));
            bytes[at] ^= 1 << bit;
        }
    }
    assert!(ran > bytes.len(), "{ran} of {} ran", bytes.len() * 8);
}

// @need-ids: REQ_PARTS_001
#[test]
fn a_file_that_needs_what_no_build_knows_is_refused() {
    let mut bytes = base().build();
    name(&mut bytes, 1 << Part::ALL.len());
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let found = store(&Limits::DEFAULT, &mut buffers, &mut rooms).load(&bytes);
    assert_eq!(found, Err(LoadError::Image(ImageError::File { offset: 20, rule: FileRule::Flags })));
}

// @need-ids: REQ_PARTS_001, REQ_TRADITIONAL_002
#[cfg(feature = "traditional")]
#[test]
fn bytecode_that_needs_what_is_left_out_is_refused_by_its_name() {
    let load = |set| {
        let bytes = Builder { parts_of_bytecode: Some(set), ..base() }.build();
        let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
        store(&Limits::DEFAULT, &mut buffers, &mut rooms).load(&bytes)
    };
    assert_eq!(load(0), Ok(0));
    for part in Part::ALL {
        let refused = Err(LoadError::Image(ImageError::LeftOut(part)));
        assert_eq!(load(part.bit()), if part.is_built() { Ok(0) } else { refused });
    }
    let unknown = load(1 << Part::ALL.len());
    assert!(matches!(unknown, Err(LoadError::Image(ImageError::File { rule: FileRule::Flags, .. }))), "{unknown:?}");
}

// @need-ids: REQ_PARTS_001
#[test]
fn without_linking_a_store_has_one_instance() {
    let bytes = base().build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&bytes).unwrap();
    assert_eq!(store.instantiate(module, &[]), Ok(0));
    let again = store.instantiate(module, &[]);
    let refused = Err(InstantiateError::LeftOut(Part::Linking));
    assert_eq!(again, if Part::Linking.is_built() { Ok(1) } else { refused });
}

// @need-ids: REQ_PARTS_001, REQ_018
#[test]
fn what_every_build_has_is_the_same_in_all() {
    let mut image = base();
    let ty = image.ty(&[ValType::I32, ValType::F64], &[ValType::I64]);
    // The same type again, and the host's.
    image.ty(&[ValType::I32, ValType::F64], &[ValType::I64]);
    let import = image.import_func("f", ty + 1);
    let func = image.func(0, 0, |_| vec![fuel(0), plain(Plain::Return, 0, 0, 0)]);
    image.element(mode::ACTIVE, 1, &[func, import]);
    image.data(mode::ACTIVE, 5, b"abc");
    image.global(ValType::I32, 0, &[operator(StructuralOp::I32Const, u64::MAX)]);
    image.global(ValType::F64, 0, &[operator(StructuralOp::F64Const, u64::MAX)]);
    let sum = [operator(StructuralOp::GlobalGet, 0), operator(StructuralOp::I32Const, 3), raw_operator(0x6A, 0)];
    image.global(ValType::I32, 0, &sum);
    image.export("m", kind::MEMORY, 0);
    image.export("t", kind::TABLE, 0);
    image.export("g", kind::GLOBAL, 2);
    let bytes = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let host = store.add_host_func(&[ValType::I32, ValType::F64], &[ValType::I64], 4).unwrap();
    let other = store.add_host_func(&[ValType::I32], &[ValType::I64], 5).unwrap();
    let module = store.load(&bytes).unwrap();
    let error = store.instantiate(module, &[other]).unwrap_err();
    assert!(matches!(error, InstantiateError::IncompatibleImport { import: 0, .. }), "{error}");
    assert_eq!(store.instantiate(module, &[]), Err(InstantiateError::ImportCount { expected: 1, found: 0 }));
    let instance = store.instantiate(module, &[host]).unwrap();
    let Some(Extern::Memory(memory)) = store.export(instance, "m") else { panic!("no memory") };
    assert_eq!(store.memory_bytes(memory), Some(&b"\0\0\0\0\0abc"[..]));
    let Some(Extern::Table(table)) = store.export(instance, "t") else { panic!("no table") };
    // The host's function stands at address 0, and a reference is one more.
    assert_eq!(store.table_elements(table), Some(&[0, 3, 1, 0][..]));
    let Some(Extern::Global(global)) = store.export(instance, "g") else { panic!("no global") };
    assert_eq!(wrt_runtime::Allocate::global(&store, global), Some(2));
    assert_eq!(wrt_runtime::Allocate::global(&store, global - 1), Some(u64::MAX));
}

// @need-ids: REQ_TABLE_001, REQ_MEM_SAFETY_001
#[test]
fn segments_outside_trap_in_every_build() {
    let additions: [Addition; 2] = [
        |image| {
            run(image, &[]);
            image.element(mode::ACTIVE, 4, &[0]);
        },
        |image| {
            image.data(mode::ACTIVE, 6, b"abc");
        },
    ];
    for addition in additions {
        let mut image = base();
        addition(&mut image);
        let bytes = image.build();
        let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
        let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
        let module = store.load(&bytes).unwrap();
        let error = store.instantiate(module, &[]).unwrap_err();
        assert!(matches!(error, InstantiateError::Trap(_)), "{error}");
    }
}

// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_002
#[test]
fn host_functions_are_added_within_limits_and_room_or_not_at_all() {
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let limits = Limits { max_functions: 2, max_types: 1, ..Limits::DEFAULT };
    let mut store = store(&limits, &mut buffers, &mut rooms);
    assert_eq!(store.add_host_func(&[ValType::I32], &[], 0), Ok(Extern::Func(0)));
    let types = LimitExceeded { key: "max-types", limit: 1, wanted: 2 };
    assert_eq!(store.add_host_func(&[], &[], 1), Err(InstantiateError::Limit(types)));
    assert_eq!((store.types().records.len(), store.types().val_types.len()), (1, 1));
    assert_eq!(store.add_host_func(&[ValType::I32], &[], 1), Ok(Extern::Func(1)));
    let full = LimitExceeded { key: "max-functions", limit: 2, wanted: 3 };
    assert_eq!(store.add_host_func(&[ValType::I32], &[], 2), Err(InstantiateError::Limit(full)));
}

// @need-ids: REQ_RESOURCE_002
#[test]
fn a_type_that_is_none_is_no_host_functions() {
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let corrupt = |rule: FileRule| Err(InstantiateError::Corrupt(rule.message()));
    for part in [ValType::default(), ValType::I8, ValType::reference(true, HeapType::Concrete(0))] {
        assert_eq!(store.add_host_func(&[part], &[], 0), corrupt(FileRule::ValueType), "{part}");
        assert_eq!(store.add_host_func(&[], &[part], 0), corrupt(FileRule::ValueType), "{part}");
    }
    let many = vec![ValType::I32; usize::from(ARITY_MAX) + 1];
    // Without references, what cannot be a type is one error.
    let rule = if Part::References.is_built() { FileRule::TypeArity } else { FileRule::ValueType };
    assert_eq!(store.add_host_func(&many, &[], 0), corrupt(rule));
    // There is room for 64 parts.
    let full = Err(InstantiateError::OutOfStorage(OutOfStorage::Types));
    assert_eq!(store.add_host_func(&many[..65], &[], 0), full);
    assert_eq!(store.types().records.len(), 0);
    assert_eq!(store.add_host_func(&many[..64], &[], 0), Ok(Extern::Func(0)));
}

// @need-ids: REQ_RESOURCE_002, REQ_ERROR_001, REQ_PARTS_001
#[test]
fn a_store_without_words_for_its_lists_says_so() {
    let bytes = base().build();
    let mut many = base();
    for params in 1..=8 {
        many.ty(&vec![ValType::I32; params], &[]);
    }
    let many = many.build();
    let mut funcs = base();
    (0..9).for_each(|_| run(&mut funcs, &[]));
    let funcs = funcs.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    buffers.words.truncate(8);
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    assert_eq!(store.load(&many), Err(LoadError::OutOfStorage(OutOfStorage::Lists)));
    let module = store.load(&funcs).unwrap();
    assert_eq!(store.instantiate(module, &[]), Err(InstantiateError::OutOfStorage(OutOfStorage::Lists)));
    let module = store.load(&bytes).unwrap();
    assert_eq!(store.instantiate(module, &[]), Ok(0));
}

// @need-ids: REQ_PARTS_001, REQ_018
#[test]
fn an_instance_needs_neither_a_memory_nor_a_table() {
    let mut image = Builder::default();
    image.ty(&[], &[]);
    run(&mut image, &[]);
    image.export("run", kind::FUNC, 0);
    let bytes = image.build();
    // Nor does the store have room for any.
    for rooms_of_each in [4, 0] {
        let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
        buffers.tables.truncate(rooms_of_each);
        buffers.memories.truncate(rooms_of_each);
        let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
        let module = store.load(&bytes).unwrap();
        let instance = store.instantiate(module, &[]).unwrap();
        for _ in 0..2 {
            let func = store.export(instance, "run").unwrap();
            assert_eq!(Machine::new().call(&mut store, func, &[], 100), Outcome::Finished);
            assert_eq!(store.restart(instance), Ok(()));
        }
    }
}

// @need-ids: REQ_PARTS_001, REQ_FUEL_002, REQ_MEM_SAFETY_003, REQ_PERF_002
#[test]
fn bulk_operators_go_on_where_fuel_ended_and_trap_outside_in_every_build() {
    let mut image = Builder::default();
    let ty = image.ty(&[ValType::I32; 3], &[]);
    image.memory(512, 512);
    for (name, row) in [("fill", Plain::MemoryFill), ("copy", Plain::MemoryCopy)] {
        let code = vec![fuel(2), plain(row, 0, 0, 0), plain(Plain::Return, 0, 0, 0)];
        let func = image.func(ty, 3, |_| code);
        image.export(name, kind::FUNC, func);
    }
    image.data(mode::ACTIVE, 0, &[1, 2, 3]);
    let bytes = image.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&bytes).unwrap();
    let instance = store.instantiate(module, &[]).unwrap();
    let mut call = |name: &str, arguments: [u64; 3]| {
        let func = store.export(instance, name).unwrap();
        let mut machine = Machine::new();
        let (mut outcome, mut pauses) = (machine.call(&mut store, func, &arguments, 0), 0);
        while let Outcome::OutOfFuel { .. } = outcome {
            pauses += 1;
            outcome = machine.resume(&mut store, 1);
        }
        (outcome, pauses, store.memory_bytes(0).unwrap().to_vec())
    };
    let mut expected = vec![0; 512];
    expected[..3].copy_from_slice(&[1, 2, 3]);
    expected[10..500].fill(7);
    // Two units for the head, and those for the bytes one at a time.
    let (outcome, pauses, found) = call("fill", [10, 7, 490]);
    assert!(outcome == Outcome::Finished && pauses > 2 && found == expected, "{outcome:?} after {pauses}");
    expected.copy_within(0..400, 5);
    let (outcome, pauses, found) = call("copy", [5, 0, 400]);
    assert!(outcome == Outcome::Finished && pauses > 2 && found == expected, "{outcome:?} after {pauses}");
    for (name, arguments) in [("fill", [500, 7, 13]), ("copy", [0, 500, 13]), ("copy", [u64::from(u32::MAX), 0, 1])] {
        let (outcome, _, found) = call(name, arguments);
        assert_eq!((outcome, found == expected), (Outcome::Trapped(Trap::MemoryOutOfBounds), true), "{name}");
    }
}
