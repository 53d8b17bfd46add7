//! Vector instructions in images: what the checker refuses, what the driver does, and globals of two slots.

use crate::common::{Buffers, Builder, Machine, Rooms, fuel, operator, plain, store};
use wrt_instructions::op::Plain;
use wrt_instructions::operator::StructuralOp;
use wrt_instructions::vector::{
    BUILT, VectorAccess, VectorBinaryOp, VectorLoadOp, VectorPlain, VectorRow, VectorStoreOp,
};
use wrt_instructions::{Op, Part, Trap};
use wrt_runtime::image::format::{ValType, flag, kind};
use wrt_runtime::image::{CodeRule, ImageError};
use wrt_runtime::{Image, Instr, Outcome, Storage};
use wrt_safety::Limits;

/// Slots of the frame in these images.
const FRAME: u8 = 12;

/// An image of one function that has this body between a head and a return. Globals: an imported vector, an imported `i32`;
/// of its own a vector at slot 0, an `i32` at slot 2, and a vector at slot 3 that is not set.
fn image(code: &[Instr]) -> Builder {
    let mut image = Builder::default();
    let ty = image.ty(&[], &[]);
    image.memory(64, 64);
    if BUILT {
        image.import_global("v", ValType::V128, flag::MUTABLE);
        image.import_global("i", ValType::I32, flag::MUTABLE);
        let vector = |low| [operator(StructuralOp::V128Const, low), operator(StructuralOp::V128Const, low + 1)];
        image.global(ValType::V128, flag::MUTABLE, &vector(7));
        image.global(ValType::I32, flag::MUTABLE, &[operator(StructuralOp::I32Const, 9)]);
        image.global(ValType::V128, 0, &vector(20));
        image.memory(48, 48);
    }
    let all = [&[fuel(9)], code, &[plain(Plain::Return, 0, 0, 0)]].concat();
    let run = image.func(ty, FRAME.into(), |_| all);
    image.export("run", kind::FUNC, run);
    image
}

fn check(code: &[Instr]) -> Result<(), ImageError> {
    let bytes = image(code).build();
    Image::parse(&bytes).and_then(|image| image.check_code())
}

fn refused(rule: CodeRule) -> Result<(), ImageError> {
    Err(ImageError::Code { pc: 1, rule })
}

/// The instruction with registers in its four fields, and its data words.
fn instruction(row: VectorRow, fields: [u8; 4]) -> Vec<Instr> {
    let [a, b, low, next] = fields;
    let data = vec![Instr::data(0, 0, 0); row.data_words().into()];
    [vec![Instr::new(Op::vector(row), a, b, u32::from(low) | u32::from(next) << 8)], data].concat()
}

fn rows() -> impl Iterator<Item = VectorRow> {
    (0..VectorRow::COUNT).filter_map(VectorRow::from_number)
}

// @need-ids: REQ_IMAGE_001, REQ_VERIFY_003, REQ_VECTOR_002
#[test]
fn both_slots_of_a_pair_lie_in_the_frame() {
    for row in rows() {
        if !BUILT {
            assert_eq!(check(&instruction(row, [0; 4])), Err(ImageError::LeftOut(Part::Simd)), "{row:?}");
            continue;
        }
        assert_eq!(check(&instruction(row, [0; 4])), Ok(()), "{row:?}");
        for (field, slots) in row.registers().into_iter().enumerate().filter(|(_, slots)| *slots > 0) {
            let mut fields = [0; 4];
            fields[field] = FRAME - slots;
            assert_eq!(check(&instruction(row, fields)), Ok(()), "{row:?} {field}");
            for beyond in [FRAME - slots + 1, 255] {
                fields[field] = beyond;
                assert_eq!(check(&instruction(row, fields)), refused(CodeRule::Register), "{row:?} {field}");
            }
        }
    }
}

// @need-ids: REQ_IMAGE_001
#[test]
fn the_last_register_has_no_pair() {
    if !BUILT {
        return;
    }
    let at = |a: u8| {
        let mut image = Builder::default();
        let ty = image.ty(&[], &[]);
        let add = Instr::new(Op::vector(VectorRow::Binary(VectorBinaryOp::I8x16Add)), a, 0, 0);
        image.func(ty, 1_000, |_| vec![fuel(1), add, plain(Plain::Return, 0, 0, 0)]);
        Image::parse(&image.build()).unwrap().check_code()
    };
    assert_eq!(at(254), Ok(()));
    assert_eq!(at(255), refused(CodeRule::Register));
}

// @need-ids: REQ_IMAGE_001
#[test]
fn data_words_globals_and_memories_must_be_there() {
    if !BUILT {
        return;
    }
    for row in rows().filter(|row| row.data_words() > 0) {
        let mut code = instruction(row, [0; 4]);
        code.pop();
        assert_eq!(check(&code), refused(CodeRule::DataWord), "{row:?}");
    }
    let plain = |row, imm| check(&[Instr::new(Op::vector(VectorRow::Plain(row)), 0, 0, imm)]);
    for (row, imm, result) in [
        (VectorPlain::GlobalGet, 0, Ok(())),
        (VectorPlain::GlobalGet, 3, Ok(())),
        (VectorPlain::GlobalGet, 1, refused(CodeRule::Index)),
        (VectorPlain::GlobalGet, 2, refused(CodeRule::Index)),
        (VectorPlain::GlobalGet, 5, refused(CodeRule::Index)),
        (VectorPlain::GlobalSet, 0, Ok(())),
        (VectorPlain::GlobalSet, 3, refused(CodeRule::Index)),
        (VectorPlain::ImportedGlobalGet, 0, Ok(())),
        (VectorPlain::ImportedGlobalGet, 1, refused(CodeRule::Index)),
        (VectorPlain::ImportedGlobalSet, 2, refused(CodeRule::Index)),
    ] {
        assert_eq!(plain(row, imm), result, "{row:?} {imm}");
    }
    let far = Instr::new(Op::vector(VectorRow::Load(VectorLoadOp::V128Load, VectorAccess::Far)), 0, 0, 0);
    assert_eq!(check(&[far, Instr::data(1, 0, 0)]), Ok(()));
    assert_eq!(check(&[far, Instr::data(2, 0, 0)]), refused(CodeRule::Index));
    assert_eq!(check(&[far, Instr::data(0, 1, 0)]), refused(CodeRule::Index));
}

/// Runs the body; the outcome, and the second memory.
fn run(code: &[Instr]) -> (Outcome, Vec<u8>) {
    let mut made = image(code);
    // Nothing to import here.
    made.imports.clear();
    made.globals.drain(..2);
    let bytes = made.build();
    let (mut buffers, mut rooms) = (Buffers::new(), Rooms::default());
    let mut store = store(&Limits::DEFAULT, &mut buffers, &mut rooms);
    let module = store.load(&bytes).expect("loads");
    let instance = store.instantiate(module, &[]).expect("instantiates");
    let func = store.export(instance, "run").expect("exported");
    let outcome = Machine::new().call(&mut store, func, &[], 100);
    let memory = store.memory(instance, 1).expect("a memory").data().to_vec();
    (outcome, memory)
}

// @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003, REQ_018
#[test]
fn other_memories_and_long_offsets_are_the_drivers() {
    if !BUILT {
        return;
    }
    let vector = |row, a, b, imm| Instr::new(Op::vector(row), a, b, imm);
    let get = vector(VectorRow::Plain(VectorPlain::GlobalGet), 2, 0, 3);
    let store = |a, imm| vector(VectorRow::Store(VectorStoreOp::V128Store, VectorAccess::Far), a, 2, imm);
    let load = |b, imm| vector(VectorRow::Load(VectorLoadOp::V128Load, VectorAccess::Far), 4, b, imm);
    let again = vector(VectorRow::Store(VectorStoreOp::V128Store, VectorAccess::Far), 0, 4, 32);
    let second = Instr::data(1, 0, 0);
    let base = plain(Plain::ConstS, 6, 0, 16);
    let (outcome, memory) = run(&[base, get, store(6, 0), second, load(6, 0), second, again, second]);
    assert_eq!(outcome, Outcome::Finished);
    let value: Vec<u8> = [20_u64, 21].iter().flat_map(|half| half.to_le_bytes()).collect();
    assert_eq!((&memory[..16], &memory[16..32], &memory[32..48]), (&[0; 16][..], &value[..], &value[..]));
    // One byte too far, an offset above 4 GiB, and a sum that 64 bits do not hold.
    for code in [
        vec![base, store(6, 17), second],
        vec![base, load(6, 17), second],
        vec![load(0, 0), Instr::data(1, 0, 1)],
        vec![store(0, 0), Instr::data(1, 0, 1)],
        vec![plain(Plain::ConstS, 6, 0, u32::MAX), load(6, 1), second],
        vec![plain(Plain::ConstS, 6, 0, u32::MAX), store(6, 1), second],
    ] {
        let (outcome, memory) = run(&code);
        assert_eq!((outcome, memory), (Outcome::Trapped(Trap::MemoryOutOfBounds), vec![0; 48]), "{code:?}");
    }
}
