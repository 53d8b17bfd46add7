//! Hostile images: every rule refuses what breaks it, and what no rule refuses does no harm.

use crate::common::sample::{functions, sample};
use crate::common::{
    Buffers, Builder, Machine, Rooms, add, at, fuel, operator, optional_at, optional_record, plain, raw_operator,
    record, refused, section_at, store,
};
use std::collections::BTreeSet;
use wrt_instructions::op::{Compared, LoadForm, Operand, Operands, Plain, StoreForm, Target, Test};
use wrt_instructions::operator::{CompareOp, FloatCompareOp, LoadOp, StoreOp, StructuralOp, UnaryOp};
use wrt_instructions::{Op, Part, Trap};
use wrt_runtime::fixed_store::LoadError;
use wrt_runtime::image::format::{
    AbstractHeapType, AliasRecord, ConstInstr, ConstRange, DataRecord, ElementRecord, ExportRecord, FuncRecord,
    GlobalRecord, Header, HeapType, ImportRecord, MemoryRecord, NONE, NameRecord, OptionalHeader, OptionalSection,
    Range, Section, Sub, TableRecord, TagRecord, TypeRecord, VERSION, ValType, flag, form, kind, mode,
};
use wrt_runtime::image::reader::seal;
use wrt_runtime::image::{CodeRule, FileRule, ImageError};
use wrt_runtime::instantiate::{CONST_DEPTH, CONST_NEAR};
use wrt_runtime::instr::{PACKED_ENTRIES, UNWRITTEN};
use wrt_runtime::typing::SUPERTYPES_MAX;
use wrt_runtime::{Extern, FixedStore, Image, InstantiateError, Instr, Outcome};
use wrt_safety::Limits;
use zerocopy::byteorder::little_endian::{U16, U32};

const FUEL: u64 = 10_000;

/// Loads an image, instantiates it with host functions, and runs every function it exports; whether it could be loaded.
///
/// It may trap or run out of fuel. What must not happen, besides a panic, is that the engine meets something that the
/// checker should have refused.
fn survive(bytes: &[u8]) -> bool {
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let Ok(module) = store.load(bytes) else { return false };
    let image = store.loaded_image(module).unwrap();
    let mut imports = Vec::new();
    for import in image.imports {
        let ty = image.funcs.get(import.index.get() as usize).and_then(|func| image.func_type(func.ty()));
        let (params, results) = ty.unwrap_or_default();
        let host = store.add_host_func(params, results, 1);
        imports.push(host.unwrap_or(Extern::Func(0)));
    }
    let instance = match store.instantiate(module, &imports) {
        Ok(instance) => instance,
        Err(InstantiateError::Corrupt(what)) => panic!("a checked image is corrupt: {what}"),
        Err(_) => return true,
    };
    for export in image.exports {
        let Some(func @ Extern::Func(_)) = store.export(instance, image.name(export.name)) else { continue };
        for argument in [0, 1, 3, u64::MAX] {
            run(&mut store, func, &[argument, 2]);
        }
    }
    true
}

fn run(store: &mut FixedStore<'_>, func: Extern, args: &[u64]) {
    let mut machine = Machine::new();
    let mut outcome = machine.call(store, func, args, FUEL);
    for _ in 0..100 {
        let Outcome::HostCall { .. } = outcome else { break };
        outcome = machine.resume(store, 0);
    }
    let done = matches!(outcome, Outcome::Finished | Outcome::OutOfFuel { .. } | Outcome::HostCall { .. });
    let trapped = matches!(outcome, Outcome::Trapped(trap) if trap != Trap::CorruptCode);
    assert!(done || trapped, "{outcome:?} at {}", machine.state.pc);
}

// @need-ids: REQ_IMAGE_002, REQ_001
#[test]
fn the_sample_passes_and_all_of_it_runs() {
    let bytes = sample().build();
    let image = Image::parse(&bytes).unwrap();
    assert_eq!(image.check_code(), Ok(()));
    assert_eq!(Image::length_of(&bytes), Some(bytes.len()));
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&bytes).unwrap();
    let host = store.add_host_func(&[ValType::I32], &[ValType::I32], 1).unwrap();
    let instance = store.instantiate(module, &[host]).unwrap();
    for (name, args, expected) in [
        ("count", [3, 0], 13),
        ("switch", [7, 0], 9),
        ("call", [2, 1], 9),
        ("tail", [6, 0], 1),
        ("access", [9, 0], 4),
        ("float", [5, 0], 20),
        ("wide", [77, 0], 77),
        ("refer", [5, 0], 8),
    ] {
        let func = store.export(instance, name).unwrap();
        let mut machine = Machine::new();
        let mut outcome = machine.call(&mut store, func, &args, FUEL);
        while let Outcome::HostCall { .. } = outcome {
            outcome = machine.resume(&mut store, 0);
        }
        assert_eq!((outcome, machine.result()), (Outcome::Finished, expected), "{name}");
    }
}

// @need-ids: REQ_IMAGE_001, REQ_VERIFY_003
#[test]
fn every_flipped_bit_is_found_by_the_checksum() {
    let mut bytes = sample().build();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            assert!(Image::parse(&bytes).is_err(), "byte {at} bit {bit}");
            bytes[at] ^= 1 << bit;
        }
    }
}

// @need-ids: REQ_IMAGE_001, REQ_MEM_SAFETY_001, REQ_003
#[test]
fn every_flipped_bit_does_no_harm_even_where_the_checksum_was_made_to_fit() {
    let mut bytes = sample().build();
    let mut ran = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            seal(&mut bytes).unwrap();
            ran += usize::from(survive(&bytes));
            bytes[at] ^= 1 << bit;
        }
    }
    // Flipped constants, names and padding leave an image that runs.
    assert!(ran > bytes.len(), "{ran} of {} ran", bytes.len() * 8);
}

// @need-ids: REQ_IMAGE_001, REQ_MEM_SAFETY_001, REQ_003
#[test]
fn bytes_changed_at_random_do_no_harm() {
    let sample = sample().build();
    // A linear congruential generator (Knuth's MMIX): the same changes every time.
    let mut seed = 7_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let code = section_at(&sample, Section::Code)..section_at(&sample, Section::ValTypes);
    let mut ran = 0;
    for _ in 0..20_000 {
        let mut bytes = sample.clone();
        for _ in 0..=random(4) {
            let at = if random(2) == 0 { random(bytes.len()) } else { code.start + random(code.len()) };
            bytes[at] = [0, 1, 2, 0xFF, bytes[random(sample.len())], random(256) as u8][random(6)];
        }
        seal(&mut bytes).unwrap();
        ran += usize::from(survive(&bytes));
    }
    assert!(ran > 1_000, "{ran} ran");
}

// @need-ids: REQ_IMAGE_001
#[test]
fn every_truncation_is_refused_even_where_length_and_checksum_were_made_to_fit() {
    let bytes = sample().build();
    let ends = [OptionalSection::Positions, OptionalSection::Aliases, OptionalSection::Names]
        .map(|section| optional_at(&bytes, section));
    for length in 0..bytes.len() {
        let mut cut = bytes[..length].to_vec();
        assert!(Image::parse(&cut).is_err(), "{length}");
        if length >= size_of::<Header>() {
            cut[8..12].copy_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
            seal(&mut cut).unwrap();
            // An image may end before any optional section. Running registers rests on none; where the traditional engine is built, or
            // objects are collected, all are looked at.
            let runs = if cfg!(any(feature = "traditional", feature = "gc")) {
                ends.contains(&length)
            } else {
                length >= ends[0]
            };
            assert_eq!(survive(&cut), runs, "{length}");
            assert_eq!(Image::parse(&cut).is_ok(), ends.contains(&length), "{length}");
        }
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(Image::parse(&longer).unwrap_err(), ImageError::File { offset: 8, rule: FileRule::Length });
    assert_eq!(Image::length_of(&longer), Some(bytes.len()));
}

type Mutation = fn(&mut Vec<u8>);

/// A file rule with a change to the sample that breaks it.
fn file_cases() -> Vec<(FileRule, Mutation)> {
    let mut cases = header_cases();
    cases.extend(record_cases());
    cases.extend(segment_cases());
    if Part::Simd.is_built() {
        cases.push((FileRule::ConstStack, |file| record::<GlobalRecord>(file, Section::Globals, 0).ty = ValType::V128));
    }
    cases
}

fn header(file: &mut [u8]) -> &mut Header {
    zerocopy::FromBytes::mut_from_prefix(file).unwrap().0
}

fn optional(file: &mut [u8], section: OptionalSection) -> &mut OptionalHeader {
    at(file, optional_at(file, section))
}

fn header_cases() -> Vec<(FileRule, Mutation)> {
    vec![
        (FileRule::Header, |file| file.truncate(99)),
        (FileRule::Magic, |file| header(file).magic = *b"\0asm"),
        (FileRule::Version, |file| header(file).version.set(VERSION + 1)),
        (FileRule::Window, |file| header(file).window_log2 = 7),
        (FileRule::Length, |file| header(file).length += 1),
        (FileRule::Schedule, |file| header(file).schedule += 1),
        (FileRule::Reserved, |file| header(file).wide = 2),
        (FileRule::Reserved, |file| header(file).reserved.set(1)),
        (FileRule::SectionPlace, |file| header(file).code.set(u32::MAX)),
        (FileRule::SectionPlace, |file| header(file).counts[4].set(1_000)),
        (FileRule::SectionPlace, |file| header(file).blob.set(u32::MAX)),
        (FileRule::SectionPlace, |file| header(file).blob += 1_000_000),
        (FileRule::SectionPlace, |file| optional(file, OptionalSection::Names).length += 1),
        (FileRule::SectionPlace, |file| optional(file, OptionalSection::Names).length.set(u32::MAX)),
        (FileRule::SectionKind, |file| optional(file, OptionalSection::Names).kind.set(31)),
        (FileRule::SectionKind, |file| optional(file, OptionalSection::Names).kind.set(45)),
        (FileRule::SectionKind, |file| optional(file, OptionalSection::Aliases).kind.set(32)),
        (FileRule::SectionLength, |file| optional(file, OptionalSection::Positions).length -= 1),
        (FileRule::Start, |file| header(file).start.set(1)),
        (FileRule::Start, |file| header(file).start.set(99)),
    ]
}

/// Says something of the first type.
fn mark(file: &mut [u8], marks: u16) {
    record::<TypeRecord>(file, Section::Types, 0).results |= marks << TypeRecord::RESULT_BITS;
}

/// The index of a type's supertype.
fn supertype(file: &mut [u8], ty: usize) -> &mut U32 {
    let start = record::<TypeRecord>(file, Section::Types, ty).start.get() as usize;
    record(file, Section::ValTypes, start - 1)
}

/// Changes the expression of the second global.
fn init(file: &mut [u8], start: u32, length: u32) {
    let range = ConstRange { start: start.into(), length: length.into() };
    record::<GlobalRecord>(file, Section::Globals, 1).init = range.into();
}

fn record_cases() -> Vec<(FileRule, Mutation)> {
    vec![
        (FileRule::BlobRange, |file| record::<ImportRecord>(file, Section::Imports, 0).name.start.set(u32::MAX)),
        (FileRule::Name, |file| {
            let at = section_at(file, Section::Blob);
            file[at] = 0xFF;
        }),
        (FileRule::ValueType, |file| record::<ValType>(file, Section::ValTypes, 0).code.set(0)),
        (FileRule::ValueType, |file| record::<GlobalRecord>(file, Section::Globals, 0).ty.code.set(0)),
        (FileRule::TypeRange, |file| record::<TypeRecord>(file, Section::Types, 1).params.set(100)),
        (FileRule::TypeArity, |file| record::<TypeRecord>(file, Section::Types, 1).results.set(1_001)),
        (FileRule::TypeArity, |file| record::<TypeRecord>(file, Section::Types, 3).params.set(10_001)),
        (FileRule::TypeForm, |file| mark(file, form::KIND)),
        (FileRule::TypeForm, |file| mark(file, 32)),
        (FileRule::TypeForm, |file| mark(file, form::STRUCT)),
        (FileRule::TypeForm, |file| record::<TypeRecord>(file, Section::Types, 4).params.set(2)),
        (FileRule::TypeGroup, |file| mark(file, TypeRecord::IS_JOINED >> TypeRecord::RESULT_BITS)),
        // Nothing stands before its first part.
        (FileRule::Supertype, |file| mark(file, TypeRecord::HAS_SUPERTYPE >> TypeRecord::RESULT_BITS)),
        (FileRule::Supertype, |file| supertype(file, 6).set(NONE)),
        (FileRule::Supertype, |file| supertype(file, 6).set(6)),
        (FileRule::Supertype, |file| supertype(file, 6).set(3)),
        (FileRule::Supertype, |file| supertype(file, 6).set(0)),
        (FileRule::TypeIndex, |file| {
            let start = record::<TypeRecord>(file, Section::Types, 3).start.get() as usize;
            *record(file, Section::ValTypes, start + 1) = ValType::reference(true, HeapType::Concrete(5));
        }),
        // Where the type after it is not in its group any more.
        (FileRule::TypeIndex, |file| {
            record::<TypeRecord>(file, Section::Types, 4).results &= !TypeRecord::IS_JOINED;
        }),
        (FileRule::ValueType, |file| *record(file, Section::ValTypes, 0) = ValType::I8),
        (FileRule::ValueType, |file| *record(file, Section::ValTypes, 0) = ValType::I32.mutable()),
        (FileRule::TypeIndex, |file| record::<TagRecord>(file, Section::Tags, 0).ty.set(0)),
        (FileRule::TypeIndex, |file| record::<TagRecord>(file, Section::Tags, 0).ty.set(3)),
        (FileRule::Flags, |file| record::<TagRecord>(file, Section::Tags, 0).flags.set(flag::IMPORTED)),
        (FileRule::TypeIndex, |file| {
            record::<TableRecord>(file, Section::Tables, 1).element = ValType::reference(true, HeapType::Concrete(7));
        }),
        (FileRule::TypeIndex, |file| record::<FuncRecord>(file, Section::Funcs, 1).type_low.set(3)),
        (FileRule::ImportKind, |file| record::<ImportRecord>(file, Section::Imports, 0).kind.set(5)),
        (FileRule::ImportOrder, |file| record::<ImportRecord>(file, Section::Imports, 0).index.set(1)),
        (FileRule::FuncCode, |file| record::<FuncRecord>(file, Section::Funcs, 0).pc_and_type.set(0)),
        (FileRule::FuncCode, |file| record::<FuncRecord>(file, Section::Funcs, 1).pc_and_type.set(FuncRecord::NO_CODE)),
        (FileRule::FuncSlots, |file| record::<FuncRecord>(file, Section::Funcs, 1).slots.set(0)),
        (FileRule::FuncSlots, |file| record::<FuncRecord>(file, Section::Funcs, 1).slots.set(65_009)),
        (FileRule::Flags, |file| record::<TableRecord>(file, Section::Tables, 0).flags |= flag::MUTABLE),
        (FileRule::Flags, |file| record::<MemoryRecord>(file, Section::Memories, 0).flags |= flag::IMPORTED),
        (FileRule::Flags, |file| record::<MemoryRecord>(file, Section::Memories, 0).flags.set(flag::SHARED)),
        (FileRule::Flags, |file| record::<GlobalRecord>(file, Section::Globals, 0).flags.set(1 << 7)),
        (FileRule::Sizes, |file| record::<TableRecord>(file, Section::Tables, 0).max.set(3)),
        (FileRule::Sizes, |file| record::<MemoryRecord>(file, Section::Memories, 0).max.set(47)),
        (FileRule::Sizes, |file| {
            let memory = record::<MemoryRecord>(file, Section::Memories, 0);
            memory.min.set((1 << 32) + 1);
            memory.max.set(u64::MAX);
        }),
        (FileRule::PageSize, |file| record::<MemoryRecord>(file, Section::Memories, 0).page_log2.set(15)),
        (FileRule::ElementType, |file| record::<TableRecord>(file, Section::Tables, 0).element = ValType::I32),
        (FileRule::ElementType, |file| record::<ElementRecord>(file, Section::Elements, 0).ty = ValType::I64),
        (FileRule::GlobalSlot, |file| record::<GlobalRecord>(file, Section::Globals, 1).slot.set(2)),
        (FileRule::ConstRange, |file| init(file, 99, 3)),
        (FileRule::ConstOperator, |file| record::<ConstInstr>(file, Section::Consts, 2).opcode.set(0x6D)),
        (FileRule::ConstIndex, |file| record::<ConstInstr>(file, Section::Consts, 0).immediate.set(1)),
        (FileRule::ConstStack, |file| init(file, 0, 2)),
        (FileRule::ConstStack, |file| init(file, 0, 0)),
        (FileRule::ConstStack, |file| init(file, 2, 1)),
        (FileRule::ExportKind, |file| record::<ExportRecord>(file, Section::Exports, 0).thing.set(5 << 29)),
        (FileRule::ExportIndex, |file| record::<ExportRecord>(file, Section::Exports, 7).thing += 1),
        (FileRule::Order, |file| optional_record::<U32>(file, OptionalSection::Positions, 0).set(1_000)),
        (FileRule::Order, |file| optional_record::<AliasRecord>(file, OptionalSection::Aliases, 0).pc.set(1_000)),
        (FileRule::Order, |file| optional_record::<NameRecord>(file, OptionalSection::Names, 1).index.set(1)),
        (FileRule::Reserved, |file| optional_record::<AliasRecord>(file, OptionalSection::Aliases, 0).reserved.set(1)),
        (FileRule::Reserved, |file| record::<ConstInstr>(file, Section::Consts, 0).reserved.set(1)),
    ]
}

fn segment_cases() -> Vec<(FileRule, Mutation)> {
    vec![
        (FileRule::Mode, |file| record::<ElementRecord>(file, Section::Elements, 0).mode.set(4)),
        (FileRule::ConstStack, |file| record::<ElementRecord>(file, Section::Elements, 0).mode.set(mode::COMPUTED)),
        (FileRule::ConstRange, |file| record::<DataRecord>(file, Section::Data, 0).mode.set(mode::COMPUTED)),
        (FileRule::Mode, |file| record::<DataRecord>(file, Section::Data, 0).mode.set(2)),
        (FileRule::SegmentTarget, |file| record::<ElementRecord>(file, Section::Elements, 0).table.set(2)),
        (FileRule::SegmentTarget, |file| record::<DataRecord>(file, Section::Data, 0).memory.set(1)),
        (FileRule::Items, |file| record::<ElementRecord>(file, Section::Elements, 0).length.set(11)),
        (FileRule::Items, |file| record::<ElementRecord>(file, Section::Elements, 0).items.set(3)),
        (FileRule::FuncIndex, |file| record::<U16>(file, Section::Items, 0).set(10)),
        (FileRule::Sharing, |file| record::<ElementRecord>(file, Section::Elements, 0).length.set(u32::MAX)),
    ]
}

// @need-ids: REQ_IMAGE_001, REQ_VERIFY_003
#[test]
fn every_rule_about_files_refuses_what_breaks_it() {
    let sample = sample().build();
    let mut seen = BTreeSet::new();
    for (number, (rule, mutate)) in file_cases().into_iter().enumerate() {
        let mut file = sample.clone();
        mutate(&mut file);
        seal(&mut file);
        let found = Image::parse(&file).map(drop);
        let Err(ImageError::File { offset, rule: found }) = found else { panic!("case {number}, {rule:?}: {found:?}") };
        assert_eq!(found, rule, "case {number}");
        assert!(offset <= file.len(), "case {number}");
        seen.insert(format!("{rule:?}"));
    }
    let mut file = sample;
    file[200] ^= 1;
    assert_eq!(Image::parse(&file).unwrap_err(), ImageError::File { offset: 12, rule: FileRule::Checksum });
    seen.insert("Checksum".into());
    // More than 4 Gi references take a file of 256 MiB, in which they need not be shared too often.
    seen.insert("Count".into());
    for rule in FileRule::ALL {
        assert!(seen.contains(&format!("{rule:?}")), "{rule:?} has no case");
    }
}

// @need-ids: REQ_IMAGE_001
#[test]
fn records_that_share_what_they_point_to_are_refused_before_they_cost_time() {
    let mut image = Builder::default();
    let name = image.blob(&[b'x'; 10_000]);
    for _ in 0..1_000 {
        image.exports.push(ExportRecord::new(name, kind::FUNC, 0));
    }
    let ty = image.ty(&[], &[]);
    image.func(ty, 0, |_| vec![fuel(0), plain(Plain::Return, 0, 0, 0)]);
    let error = Image::parse(&image.build()).unwrap_err();
    assert!(matches!(error, ImageError::File { rule: FileRule::Sharing, .. }), "{error:?}");
    image.exports.truncate(10);
    assert!(Image::parse(&image.build()).is_ok());
}

// @need-ids: REQ_IMAGE_001
#[test]
fn constant_expressions_are_bounded_in_depth() {
    let build = |depth: usize| {
        let mut image = Builder::default();
        let mut operators = vec![operator(StructuralOp::I32Const, 1); depth];
        operators.extend(vec![raw_operator(0x6A, 0); depth - 1]);
        image.global(ValType::I32, 0, &operators);
        image.build()
    };
    assert!(survive(&build(CONST_NEAR)));
    let error = Image::parse(&build(CONST_DEPTH + 1)).unwrap_err();
    assert!(matches!(error, ImageError::File { rule: FileRule::ConstStack, .. }), "{error:?}");
}

/// A code rule, the function of the sample (by number) and the instruction in it that is changed, and how.
type CodeCase = (CodeRule, usize, u32, fn(&mut Instr));

const COUNT: usize = 0;
const SWITCH: usize = 1;
const CALL: usize = 2;
const ACCESS: usize = 3;
const FLOAT: usize = 4;
const TAIL: usize = 5;
const WIDE: usize = 6;
const REFER: usize = 8;

/// All cases, with the instruction that is refused beside the one that is changed.
fn code_cases() -> Vec<(u32, CodeCase)> {
    let here = shape_cases().into_iter().chain(operand_cases()).chain(index_cases());
    let mut cases: Vec<(u32, CodeCase)> = here.map(|case| (case.2, case)).collect();
    let elsewhere: [(u32, CodeCase); 15] = [
        (4, (CodeRule::BranchTable, SWITCH, 2, |n| n.imm = 3)),
        (3, (CodeRule::Accumulator, COUNT, 2, |n| n.op = Op::unary(UnaryOp::F64ConvertI32S, Operand::R).0)),
        (10, (CodeRule::DataWord, COUNT, 11, |n| *n = plain(Plain::Mov, 0, 0, 0))),
        (8, (CodeRule::DataWord, COUNT, 7, |n| n.op = Op::plain(Plain::Mov).0)),
        (4, (CodeRule::Slot, CALL, 5, |n| n.imm = 6)),
        (4, (CodeRule::Slot, REFER, 5, |n| n.imm = 3)),
        (8, (CodeRule::Slot, REFER, 9, |n| n.imm = 3 << 16 | 1)),
        (4, (CodeRule::Slot, TAIL, 5, |n| n.imm = 3)),
        (8, (CodeRule::Slot, TAIL, 9, |n| n.imm = 2 << 16 | 1)),
        (0, (CodeRule::Slot, WIDE, 1, |n| n.imm = 300)),
        (4, (CodeRule::Index, CALL, 5, |n| n.a = 2)),
        (5, (CodeRule::Index, ACCESS, 6, |n| n.imm = 2)),
        (19, (CodeRule::Index, ACCESS, 20, |n| n.imm = 2)),
        (22, (CodeRule::Index, ACCESS, 23, |n| n.imm = 2)),
        (17, (CodeRule::Unpriced, ACCESS, 0, |n| n.imm = 1)),
    ];
    cases.extend(elsewhere);
    cases
}

fn shape_cases() -> Vec<CodeCase> {
    vec![
        (CodeRule::Head, COUNT, 0, |n| *n = plain(Plain::Mov, 0, 0, 0)),
        (CodeRule::Head, COUNT, 2, |n| *n = plain(Plain::Enter, 1, 1, 1)),
        (CodeRule::Head, COUNT, 0, |n| n.a = 253),
        (CodeRule::Head, SWITCH, 0, |n| n.a = 249),
        (CodeRule::Operator, COUNT, 2, |n| n.op = u16::MAX),
        (CodeRule::Operator, COUNT, 2, |n| n.op = u16::try_from(Op::COUNT).unwrap()),
        (CodeRule::Operator, COUNT, 2, |n| *n = plain(Plain::Corrupt, 0, 0, 0)),
        (CodeRule::Operator, COUNT, 2, |n| *n = add(Operands::IR, 1, 1, 1)),
        (CodeRule::DataWord, COUNT, 2, |n| *n = Instr::data(0, 0, 0)),
        (CodeRule::Target, COUNT, 4, |n| n.imm = 11),
        (CodeRule::Target, COUNT, 4, |n| n.imm = u32::MAX),
        (CodeRule::Target, COUNT, 4, |n| n.imm = 3),
        (CodeRule::BackTarget, COUNT, 15, |n| n.imm += 1),
        // Entries of a branch table: to what is no such head, to the table itself, to another function; to its end, and beyond it; to what
        // takes from the accumulator.
        (CodeRule::BackTarget, SWITCH, 3, |n| *n = Instr::entries([3, -3, 1])),
        (CodeRule::BackTarget, SWITCH, 3, |n| *n = Instr::entries([3, -2, 0])),
        (CodeRule::BackTarget, SWITCH, 3, |n| *n = Instr::entries([-4, -2, 1])),
        (CodeRule::Target, SWITCH, 3, |n| *n = Instr::entries([3, -2, 9])),
        (CodeRule::Target, SWITCH, 3, |n| *n = Instr::entries([i16::MAX, -2, 1])),
        (CodeRule::Accumulator, SWITCH, 3, |n| *n = Instr::entries([3, 6, 1])),
        (CodeRule::IfHead, COUNT, 4, |n| n.op = Op::compare_branch(CompareOp::I32LtS, Compared::R8, Target::IfElse).0),
        (CodeRule::IfHead, COUNT, 13, |n| n.op = Op::compare_branch(CompareOp::I32LtS, Compared::RR, Target::If).0),
        (CodeRule::BranchTable, SWITCH, 3, |n| *n = plain(Plain::Jump, 0, 0, 0)),
        (CodeRule::BranchTable, SWITCH, 3, |n| *n = plain(Plain::Corrupt, 0, 0, 0)),
        (CodeRule::DataWord, SWITCH, 5, |n| *n = Instr::entries([0; 3])),
        (CodeRule::BranchTable, SWITCH, 2, |n| n.imm = 27),
        (CodeRule::BranchTable, SWITCH, 2, |n| n.imm = u32::MAX),
        (CodeRule::Accumulator, COUNT, 13, |n| {
            n.op = Op::compare_branch(CompareOp::I32LtS, Compared::AR, Target::Forward).0;
        }),
        // A result that is not written, though nothing takes it; and one of a row that makes none.
        (CodeRule::Accumulator, COUNT, 13, |n| n.op |= UNWRITTEN),
        (CodeRule::Accumulator, CALL, 8, |n| n.op |= UNWRITTEN),
        (CodeRule::Accumulator, COUNT, 15, |n| {
            *n = add(Operands::RR, 0, 0, 0);
            n.op |= UNWRITTEN;
        }),
        (CodeRule::FallsOff, COUNT, 15, |n| *n = plain(Plain::Mov, 0, 0, 0)),
    ]
}

fn operand_cases() -> Vec<CodeCase> {
    vec![
        (CodeRule::Register, COUNT, 2, |n| n.a = 3),
        (CodeRule::Register, REFER, 2, |n| n.a = 3),
        (CodeRule::Register, REFER, 4, |n| n.b = 3),
        (CodeRule::Register, REFER, 8, |n| n.b = 3),
        (CodeRule::Register, COUNT, 2, |n| n.b = 3),
        (CodeRule::Register, COUNT, 3, |n| n.imm = 3),
        (CodeRule::Register, COUNT, 4, |n| n.a = 3),
        (CodeRule::Register, COUNT, 13, |n| n.b = 3),
        (CodeRule::Register, SWITCH, 2, |n| n.a = 3),
        (CodeRule::Register, SWITCH, 6, |n| n.imm = 0x0300_0000),
        (CodeRule::Register, SWITCH, 7, |n| n.a = 3),
        (CodeRule::Register, SWITCH, 8, |n| n.imm = 0x0300),
        (CodeRule::Register, SWITCH, 10, |n| n.b = 3),
        (CodeRule::Register, SWITCH, 10, |n| n.imm = u32::MAX),
        (CodeRule::Register, CALL, 4, |n| n.b = 6),
        (CodeRule::Register, ACCESS, 8, |n| n.b = 5),
        (CodeRule::Register, ACCESS, 9, |n| n.imm = 5),
        (CodeRule::Register, FLOAT, 3, |n| n.b = 3),
        (CodeRule::Register, TAIL, 0, |n| n.b = 2),
        (CodeRule::Slot, SWITCH, 11, |n| n.a = 3),
        (CodeRule::Slot, SWITCH, 11, |n| n.imm = 4),
        (CodeRule::Slot, SWITCH, 11, |n| n.imm = u32::MAX),
        (CodeRule::Slot, CALL, 2, |n| n.a = 6),
        (CodeRule::Slot, CALL, 3, |n| n.b = 1),
        (CodeRule::Slot, ACCESS, 3, |n| n.imm = 3),
        (CodeRule::Slot, ACCESS, 12, |n| n.imm = 5),
        (CodeRule::Slot, ACCESS, 26, |n| n.imm = 4),
        (CodeRule::Slot, TAIL, 4, |n| n.a = 2),
        (CodeRule::Slot, WIDE, 2, |n| n.imm = 300),
        (CodeRule::Slot, WIDE, 3, |n| n.imm = u32::MAX),
    ]
}

fn index_cases() -> Vec<CodeCase> {
    vec![
        (CodeRule::Index, CALL, 2, |n| n.imm = 1),
        (CodeRule::Index, CALL, 3, |n| n.imm = 0),
        (CodeRule::Index, CALL, 3, |n| n.imm = 10),
        (CodeRule::Index, CALL, 4, |n| n.imm = 3),
        (CodeRule::Index, CALL, 6, |n| n.imm = 2),
        (CodeRule::Index, CALL, 8, |n| n.imm = 1),
        (CodeRule::Index, CALL, 9, |n| n.imm = 10),
        (CodeRule::Index, CALL, 6, |n| n.op = Op::plain(Plain::ImportedGlobalGet).0),
        (CodeRule::Index, CALL, 8, |n| n.op = Op::plain(Plain::ImportedGlobalSet).0),
        (CodeRule::Index, ACCESS, 3, |n| n.a = 1),
        (CodeRule::Index, ACCESS, 4, |n| n.b = 1),
        (CodeRule::Index, ACCESS, 5, |n| n.a = 1),
        (CodeRule::Index, ACCESS, 7, |n| n.imm = 2),
        (CodeRule::Index, ACCESS, 12, |n| n.a = 1),
        (CodeRule::Index, ACCESS, 13, |n| n.imm = 1),
        (CodeRule::Index, ACCESS, 14, |n| n.imm = 2),
        (CodeRule::Index, ACCESS, 15, |n| n.imm = 2),
        (CodeRule::Index, ACCESS, 16, |n| n.imm = 2),
        (CodeRule::Index, ACCESS, 19, |n| n.a = 2),
        (CodeRule::Index, ACCESS, 22, |n| n.a = 2),
        (CodeRule::Index, ACCESS, 24, |n| n.imm = 2),
        (CodeRule::Index, ACCESS, 25, |n| n.b = 1),
        (CodeRule::Index, ACCESS, 26, |n| n.a = 2),
        (CodeRule::Index, TAIL, 4, |n| n.imm = 0),
        (CodeRule::Index, TAIL, 6, |n| n.imm = 1),
        // A structure is not called.
        (CodeRule::Index, REFER, 4, |n| n.imm = 3),
        (CodeRule::Index, REFER, 8, |n| n.imm = 4),
    ]
}

/// What the checker says of an image, wherever its code lies.
fn check(image: &Builder) -> Result<(), ImageError> {
    let bytes = image.build();
    let image = Image::parse(&bytes).unwrap();
    let checked = image.check_code();
    for shift in 0..4 {
        let shifted = [&[0; 4][..shift], image.code].concat();
        assert_eq!(Image { code: &shifted[shift..], ..image }.check_code(), checked, "shifted by {shift}");
    }
    checked
}

// @need-ids: REQ_IMAGE_001, REQ_VERIFY_003
#[test]
fn each_entry_of_a_long_table_leads_to_where_a_branch_may() {
    let last = PACKED_ENTRIES as usize;
    let behind = i32::try_from(last).unwrap() + 1;
    let table = |at: usize, word: Instr| {
        let mut image = Builder::default();
        let ty = image.ty(&[ValType::I32], &[]);
        image.func(ty, 1, |_| {
            let mut words = vec![Instr::far_entry(behind); last + 1];
            words[at] = word;
            let table = [vec![fuel(9), plain(Plain::BrTable, 0, 0, PACKED_ENTRIES)], words].concat();
            [table, vec![plain(Plain::Return, 0, 0, 0)]].concat()
        });
        match check(&image) {
            Err(ImageError::Code { pc, rule }) => Some((pc as usize, rule)),
            other => other.map(|()| None).unwrap(),
        }
    };
    for at in [0, 1, last] {
        let pc = at + 2;
        // To the head, beside it, to the table's last word, behind all code, and out of what 32 bits count.
        let last_word = if at == last { CodeRule::BackTarget } else { CodeRule::Target };
        assert_eq!(table(at, Instr::far_entry(-2)), None);
        assert_eq!(table(at, Instr::far_entry(-1)), Some((pc, CodeRule::BackTarget)));
        assert_eq!(table(at, Instr::far_entry(behind - 1)), Some((pc, last_word)));
        assert_eq!(table(at, Instr::far_entry(behind + 1)), Some((pc, CodeRule::Target)));
        assert_eq!(table(at, Instr::far_entry(i32::MIN)), Some((pc, CodeRule::Target)));
        assert_eq!(table(at, Instr::data(1, 0, behind as u32)), Some((pc, CodeRule::BranchTable)));
        assert_eq!(table(at, plain(Plain::Return, 0, 0, 0)), Some((pc, CodeRule::BranchTable)));
    }
}

// @need-ids: REQ_IMAGE_001, REQ_VERIFY_003
#[test]
fn every_rule_about_code_refuses_what_breaks_it() {
    let starts = functions(&sample());
    let mut seen = BTreeSet::new();
    for (number, (at, (rule, func, changed, mutate))) in code_cases().into_iter().enumerate() {
        let mut image = sample();
        mutate(&mut image.code[(starts[func] + changed) as usize]);
        let pc = starts[func] + at;
        assert_eq!(check(&image), refused(pc, rule), "case {number}");
        seen.insert(format!("{rule:?}"));
    }
    // The rules of builds without vectors or floats and of handlers have tests of their own.
    seen.extend(["Length", "FuncOrder", "Vector", "Float", "Handler"].map(str::to_string));
    for rule in CodeRule::ALL {
        assert!(seen.contains(&format!("{rule:?}")), "{rule:?} has no case");
    }
}

/// What the checker says of one function with this body and a frame of four slots.
fn body(code: impl FnOnce(u32) -> Vec<Instr>) -> Result<(), ImageError> {
    let mut image = Builder::default();
    let ty = image.ty(&[], &[]);
    image.func(ty, 4, code);
    check(&image)
}

const RETURN: Plain = Plain::Return;

// @need-ids: REQ_IMAGE_001, REQ_003
#[test]
fn nothing_runs_uncharged() {
    let end = || plain(RETURN, 0, 0, 0);
    // A few instructions of a function without a price are its return and moves for it, but no branch and no call.
    assert_eq!(body(|_| vec![fuel(0), add(Operands::RI, 0, 0, 1), end()]), Ok(()));
    assert_eq!(body(|_| vec![fuel(0), plain(Plain::Call, 0, 0, 0), end()]), refused(1, CodeRule::Unpriced));
    assert_eq!(body(|_| vec![fuel(0), plain(Plain::Jump, 0, 0, 0), end()]), refused(1, CodeRule::Unpriced));
    let tail = vec![fuel(0), plain(Plain::ReturnCall, 0, 0, 0), Instr::data(0, 0, 0)];
    assert_eq!(body(|_| tail), refused(1, CodeRule::Unpriced));
    // A head that may be jumped over pays for nothing, if it is the first.
    let over = vec![fuel(0), plain(Plain::Jump, 0, 0, 1), fuel(9), end()];
    assert_eq!(body(|_| over), refused(1, CodeRule::Unpriced));
    // Straight on, 8 instructions are paid for by each unit, and 8 are free.
    let long = |price: u32, count: usize| {
        body(|_| [vec![fuel(price)], vec![add(Operands::RI, 0, 0, 1); count], vec![end()]].concat())
    };
    assert_eq!(long(2, 22), Ok(()));
    assert_eq!(long(2, 23), refused(24, CodeRule::Unpriced));
    // A loop's head must charge.
    let turn = |price: u32| body(|at| vec![fuel(1), fuel(price), plain(Plain::JumpBack, 0, 0, at + 1)]);
    assert_eq!(turn(1), Ok(()));
    assert_eq!(turn(0), refused(2, CodeRule::BackTarget));
    // And the head must lie before the branch, in its function.
    assert_eq!(
        body(|_| vec![fuel(1), plain(Plain::JumpBack, 0, 0, 2), fuel(1), end()]),
        refused(1, CodeRule::BackTarget)
    );
}

// @need-ids: REQ_IMAGE_001
#[test]
fn an_accumulator_is_read_only_just_after_it_was_made_and_never_at_a_target() {
    let end = || plain(RETURN, 0, 0, 0);
    let taking = || add(Operands::AI, 1, 0, 1);
    let ok = vec![fuel(4), plain(Plain::Mov, 0, 1, 0), taking(), add(Operands::AI, 0, 1, 1), end()];
    assert_eq!(body(|_| ok), Ok(()));
    // After a head, a branch, a store; after what makes none, or the other one.
    let makers = [
        plain(Plain::Mov2, 0, 1, 0),
        Instr::new(Op::branch(Test::Zero, Operand::R, Target::Forward), 0, 0, 1),
        plain(Plain::RefFunc, 0, 0, 0),
        Instr::new(Op::unary(UnaryOp::F64ConvertI32S, Operand::R), 0, 0, 0),
    ];
    for maker in makers {
        assert_eq!(body(|_| vec![fuel(4), maker, taking(), end()]), refused(2, CodeRule::Accumulator), "{maker:?}");
    }
    assert_eq!(body(|_| vec![fuel(4), taking(), end()]), refused(1, CodeRule::Accumulator));
    let wide = vec![fuel(4), plain(Plain::Const64, 0, 0, 0), Instr::data(0, 0, 0), taking(), end()];
    assert_eq!(body(|_| wide), refused(3, CodeRule::Accumulator));
    // The branch that leads there is the one refused.
    let target = vec![fuel(4), plain(Plain::Jump, 0, 0, 1), plain(Plain::Mov, 0, 1, 0), taking(), end()];
    assert_eq!(body(|_| target), refused(1, CodeRule::Accumulator));
    let float = Op::float_compare_branch(FloatCompareOp::F32Lt, false, Compared::AR, Target::Forward);
    let integer = vec![fuel(4), plain(Plain::Mov, 0, 1, 0), Instr::new(float, 0, 0, 0), end()];
    assert_eq!(body(|_| integer), refused(2, CodeRule::Accumulator));
}

// @need-ids: REQ_IMAGE_001
#[test]
fn what_an_accumulator_has_is_named_where_it_stands() {
    let forward = Target::Forward;
    let less = |form, [a, b]: [u8; 2]| vec![Instr::new(Op::compare_branch(CompareOp::I32LtS, form, forward), a, b, 0)];
    // Instructions that take what is in register 1, and name it.
    let takers = [
        vec![add(Operands::AR, 0, 1, 0)],
        vec![add(Operands::RA, 0, 0, 1)],
        vec![add(Operands::AI, 0, 1, 0)],
        vec![Instr::new(Op::compare(CompareOp::I32LtS, Operands::RA), 0, 0, 1)],
        vec![Instr::new(Op::unary(UnaryOp::I32Eqz, Operand::A), 0, 1, 0)],
        vec![Instr::new(Op::load(LoadOp::I32Load, LoadForm::A), 0, 1, 0)],
        vec![Instr::new(Op::load(LoadOp::I32Load, LoadForm::AIdx), 0, 1, 0)],
        vec![Instr::new(Op::store(StoreOp::I32Store, StoreForm::A), 0, 1, 0)],
        vec![Instr::new(Op::store(StoreOp::I32Store, StoreForm::AbsA), 0, 1, 0)],
        vec![Instr::new(Op::store(StoreOp::I32Store, StoreForm::IdxA), 0, 1, 0)],
        less(Compared::AR, [1, 0]),
        less(Compared::RA, [0, 1]),
        less(Compared::A8, [1, 0]),
        [less(Compared::AK, [1, 0]), vec![Instr::data(0, 0, 0)]].concat(),
        vec![Instr::new(Op::branch(Test::Zero, Operand::A, forward), 1, 0, 0)],
        vec![plain(Plain::Return1Acc, 1, 0, 0)],
    ];
    let with = |maker: Instr, taker: &[Instr]| {
        let code = [&[fuel(4), maker], taker, &[plain(RETURN, 0, 0, 0)]].concat();
        let mut image = Builder::default();
        image.memory(1, 1);
        let ty = image.ty(&[], &[]);
        image.func(ty, 4, |_| code);
        check(&image)
    };
    for taker in &takers {
        for maker in [plain(Plain::Mov, 1, 0, 0), add(Operands::RI, 1, 0, 1)] {
            assert_eq!(with(maker, taker), Ok(()), "{taker:?}");
            // Made in another register, it would be another value for some.
            for other in [0, 2] {
                let maker = Instr { a: other, ..maker };
                assert_eq!(with(maker, taker), refused(2, CodeRule::Accumulator), "{taker:?}");
            }
        }
    }
}

// @need-ids: REQ_IMAGE_001
#[test]
fn functions_take_up_all_of_the_code_in_order() {
    let order = |mutate: fn(&mut Builder)| {
        let mut image = sample();
        mutate(&mut image);
        let error = check(&image).unwrap_err();
        assert!(matches!(error, ImageError::Code { rule: CodeRule::FuncOrder, .. }), "{error:?}");
    };
    order(|image| image.funcs[1].pc_and_type.set(1));
    order(|image| image.funcs.swap(2, 3));
    order(|image| {
        let pc = image.funcs[2].pc_and_type;
        image.funcs[3].pc_and_type = pc;
    });
    order(|image| image.funcs[7].pc_and_type.set(10_000));
    let mut alone = Builder::default();
    alone.code.push(fuel(1));
    assert_eq!(check(&alone), refused(0, CodeRule::FuncOrder));
    assert_eq!(check(&Builder::default()), Ok(()));
    // Not even a whole instruction: such an image cannot be read, but it can be made.
    let bytes = Builder::default().build();
    let mut image = Image::parse(&bytes).unwrap();
    image.code = &[0; 7];
    assert_eq!(image.check_code(), refused(0, CodeRule::Length));
}

// @need-ids: REQ_IMAGE_001
#[test]
fn accesses_need_a_memory_and_registers_end_with_the_window() {
    let end = || plain(RETURN, 0, 0, 0);
    for n in [
        Instr::new(Op::load(LoadOp::I32Load, LoadForm::Abs), 0, 0, 0),
        Instr::new(Op::store(StoreOp::I32Store, StoreForm::Imm), 0, 0, 0),
        plain(Plain::MemorySize, 0, 0, 0),
    ] {
        assert_eq!(body(|_| vec![fuel(4), n, end()]), refused(1, CodeRule::Index), "{n:?}");
    }
    let mut image = Builder::default();
    let ty = image.ty(&[], &[]);
    image.func(ty, 1_000, |_| vec![fuel(1), plain(Plain::MovRange, 1, 0, 256), end()]);
    assert_eq!(check(&image), Ok(()));
    image.code[1] = plain(Plain::MovRange, 1, 1, 256);
    assert_eq!(check(&image), refused(1, CodeRule::Register));
    // What a constant return writes is a slot of the frame too.
    let mut image = Builder::default();
    let ty = image.ty(&[], &[ValType::I32]);
    image.func(ty, 0, |_| vec![fuel(0), plain(Plain::ReturnConst, 0, 0, 7)]);
    assert_eq!(check(&image), refused(1, CodeRule::Slot));
}

// @need-ids: REQ_IMAGE_001, REQ_THREADS_001
#[test]
fn an_atomic_operator_is_one_that_there_is_of_a_memory_that_there_is() {
    for (number, memory, slot, sound) in [(0, 0, 0, true), (0, 1, 0, false), (u8::MAX, 0, 0, false), (0, 0, 4, false)] {
        let mut image = Builder::default();
        image.memory(8, 8);
        let ty = image.ty(&[], &[]);
        let atomic = [plain(Plain::Atomic, number, 0, slot), Instr::data(memory, 0, 0)];
        image.func(ty, 4, |_| [&[fuel(4)], atomic.as_slice(), &[plain(RETURN, 0, 0, 0)]].concat());
        let rule = if slot == 4 { CodeRule::Slot } else { CodeRule::Index };
        assert_eq!(check(&image), if sound { Ok(()) } else { refused(1, rule) }, "{number} {memory} {slot}");
    }
}

// @need-ids: REQ_IMAGE_001, REQ_TRADITIONAL_002
#[cfg(feature = "traditional")]
#[test]
fn bytecode_is_not_shorter_than_what_stands_before_it() {
    let bytes = Builder { parts_of_bytecode: Some(0), ..sample() }.build();
    assert!(Image::parse(&bytes).is_ok());
    for left in 0..8 {
        let mut cut = bytes[..bytes.len() - 8 + left].to_vec();
        optional(&mut cut, OptionalSection::Bytecode).length.set(left as u32);
        header(&mut cut).length.set(bytes.len() as u32 - 8 + left as u32);
        seal(&mut cut).unwrap();
        let error = Image::parse(&cut).unwrap_err();
        assert!(matches!(error, ImageError::File { rule: FileRule::SectionLength, .. }), "{left}: {error:?}");
        assert!(!survive(&cut));
    }
}

// @need-ids: REQ_IMAGE_001
#[test]
fn a_constant_global_is_not_set() {
    for (flags, result) in [(flag::MUTABLE, Ok(())), (0, refused(1, CodeRule::Index))] {
        let mut image = Builder::default();
        let ty = image.ty(&[], &[]);
        image.import_global("g", ValType::I32, flags);
        image.func(ty, 1, |_| vec![fuel(1), plain(Plain::ImportedGlobalSet, 0, 0, 0), plain(RETURN, 0, 0, 0)]);
        assert_eq!(check(&image), result);
    }
}

// @need-ids: REQ_TYPES_003, REQ_IMAGE_001
#[test]
fn a_type_that_does_not_fit_its_supertype_is_refused_on_loading() {
    let load = |above: &[ValType], below: &[ValType], kind: u16| {
        let mut image = Builder::default();
        let open = Sub { form: kind | form::OPEN, ..Sub::PLAIN };
        image.sub_type(open, above, &[]);
        image.sub_type(Sub { supertype: 0, ..open }, below, &[]);
        let bytes = image.build();
        let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
        store(&Limits::DEFAULT, &mut buffers, &mut rooms).load(&bytes).map(drop)
    };
    let refused = Err(LoadError::Image(ImageError::File { offset: 0, rule: FileRule::Supertype }));
    let heap = |heap| ValType::reference(true, HeapType::Abstract(heap));
    let (any, none) = (heap(AbstractHeapType::Any), heap(AbstractHeapType::None));
    assert_eq!(load(&[none], &[any], form::FUNC), Ok(()));
    assert_eq!(load(&[any], &[none], form::FUNC), refused);
    assert_eq!(load(&[any], &[], form::FUNC), refused);
    assert_eq!(load(&[any], &[none, any], form::STRUCT), Ok(()));
    assert_eq!(load(&[none], &[any], form::STRUCT), refused);
    assert_eq!(load(&[any], &[], form::STRUCT), refused);
    assert_eq!(load(&[any.mutable()], &[none.mutable()], form::ARRAY), refused);
    assert_eq!(load(&[any.mutable()], &[any.mutable()], form::ARRAY), Ok(()));
    assert_eq!(load(&[any], &[any.mutable()], form::ARRAY), refused);
}

// @need-ids: REQ_TYPES_003, REQ_IMAGE_001
#[test]
fn a_chain_of_supertypes_has_an_end() {
    let chain = |length: u32| {
        let mut image = Builder::default();
        let open = Sub { form: form::FUNC | form::OPEN, ..Sub::PLAIN };
        image.sub_type(open, &[], &[]);
        for supertype in 0..length {
            image.sub_type(Sub { supertype, ..open }, &[], &[]);
        }
        Image::parse(&image.build()).map(drop)
    };
    assert_eq!(chain(SUPERTYPES_MAX), Ok(()));
    assert!(matches!(chain(SUPERTYPES_MAX + 1), Err(ImageError::File { rule: FileRule::Supertype, .. })));
}

// @need-ids: REQ_IMAGE_001, REQ_WASM_002
#[test]
fn what_only_a_made_image_can_say_is_refused_on_instantiation() {
    // A host makes images from modules without a file: the same errors, and nothing worse.
    let bytes = sample().build();
    let sane = Image::parse(&bytes).unwrap();
    let none = Range::default();
    let imports = [ImportRecord { module: none, name: none, kind: 5.into(), index: 0.into() }];
    let late = [ImportRecord { module: none, name: none, kind: kind::FUNC.into(), index: 1.into() }];
    let globals = [GlobalRecord { ty: ValType::I32, slot: 1.into(), ..GlobalRecord::default() }];
    let memories = [MemoryRecord { page_log2: 17.into(), ..MemoryRecord::default() }];
    let tags = [TagRecord { ty: 99.into(), flags: 0.into() }];
    let tables = [TableRecord { flags: flag::IMPORTED.into(), ..TableRecord::default() }];
    for image in [
        Image { imports: &imports, ..sane },
        Image { imports: &late, ..sane },
        Image { globals: &globals, ..sane },
        Image { memories: &memories, ..sane },
        Image { tables: &tables, ..sane },
        Image { consts: &[], ..sane },
        Image { tags: &tags, ..sane },
        Image { items: &[], ..sane },
    ] {
        let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
        let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
        let host = store.add_host_func(&[ValType::I32], &[ValType::I32], 1).unwrap();
        store.load(&bytes).unwrap();
        // Loading set which image the next instance is of.
        let _ = store.instantiate(0, &[]);
        let error = wrt_runtime::instantiate(&mut store, &image, &[host]).unwrap_err();
        assert!(matches!(error, InstantiateError::Corrupt(_)), "{error:?}");
    }
}
