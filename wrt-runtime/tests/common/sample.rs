//! An image that has a bit of everything.

use super::{ACTIVE, Builder, PASSIVE, add, fuel, operator, plain, raw_operator, small_table};
use wrt_instructions::Op;
use wrt_instructions::op::{Compared, LoadForm, Operand, Operands, Plain, StoreForm, Target, Test};
use wrt_instructions::operator::{
    BinaryOp, CompareOp, FloatBinaryOp, FloatCompareOp, LoadOp, StoreOp, StructuralOp, UnaryOp,
};
use wrt_runtime::Instr;
use wrt_runtime::image::format::{
    AliasRecord, ElementRecord, FuncRecord, HeapType, NONE, NameRecord, PositionRecord, Sub, TableRecord, ValType,
    flag, form, items, kind, mode,
};
use zerocopy::byteorder::little_endian::U32;

const I32: ValType = ValType::I32;

/// Position of the first instruction of each own function of [`sample`], in the order of their indices.
pub fn functions(image: &Builder) -> Vec<u32> {
    image.funcs.iter().filter(|func| func.slots.get() > 0).map(FuncRecord::pc).collect()
}

/// The image, with a host function to import and exports that run all of its code.
pub fn sample() -> Builder {
    let mut image = Builder::default();
    let unary = image.ty(&[I32], &[I32]);
    let binary = image.ty(&[I32, I32], &[I32]);
    let empty = image.ty(&[], &[]);
    let (general, special) = types(&mut image);
    image.tag(empty);
    let host = image.import_func("host", unary);
    image.table(4, 8);
    let element = ValType::reference(true, HeapType::Concrete(general));
    image.tables.push(TableRecord { element, ..small_table(1, 2) });
    image.memory(48, 64);
    image.global(I32, flag::MUTABLE, &[operator(StructuralOp::I32Const, 5)]);
    image.global(
        I32,
        0,
        &[operator(StructuralOp::GlobalGet, 0), operator(StructuralOp::I32Const, 2), raw_operator(0x6A, 0)],
    );
    let funcs = [
        counting(&mut image, unary),
        switching(&mut image, unary),
        calling(&mut image, binary, unary, host),
        accessing(&mut image, unary),
        floating(&mut image, unary),
        tailing(&mut image, unary, host),
        wide(&mut image, unary),
    ];
    let referring = referring(&mut image, unary, general, special);
    image.element(ACTIVE, 0, &[funcs[0], funcs[1]]);
    let (null, this) = (image.constant(&[raw_operator(0xD0, 0x70)]), image.constant(&[raw_operator(0xD2, 2)]));
    let start = u32::try_from(image.items.len()).unwrap().into();
    image.items.extend(
        [null, this].map(|range| [range.start, range.length].map(|word| items::halved(word.get()))).concat().concat(),
    );
    let passive = ElementRecord { mode: mode::PASSIVE.into(), ty: ValType::FUNCREF, ..ElementRecord::default() };
    image.elements.push(ElementRecord { items: items::EXPRESSIONS.into(), start, length: U32::new(2), ..passive });
    image.data(ACTIVE, 8, b"sample");
    image.data(PASSIVE, 0, b"passive");
    for (name, func) in ["count", "switch", "call", "access", "float", "tail", "wide"].into_iter().zip(funcs) {
        image.export(name, kind::FUNC, func);
        let name = image.blob(name.as_bytes());
        image.names.push(NameRecord { index: func.into(), name });
    }
    image.export("memory", kind::MEMORY, 0);
    image.export("table", kind::TABLE, 0);
    image.export("global", kind::GLOBAL, 0);
    image.export("tag", kind::TAG, 0);
    image.export("refer", kind::FUNC, referring);
    image.positions.push(PositionRecord { pc: 1.into(), offset: 7.into() });
    let alias = AliasRecord { pc: 2.into(), slot: 1.into(), local: NONE.into(), ..AliasRecord::default() };
    image.aliases.push(alias);
    image
}

/// A recursion group of a structure and an array, and a function type below another: those two.
fn types(image: &mut Builder) -> (u32, u32) {
    let first = u32::try_from(image.types.len()).unwrap();
    let to = |index| ValType::reference(true, HeapType::Concrete(index));
    let array = to(first).mutable();
    image.sub_type(Sub { form: form::STRUCT | form::OPEN, ..Sub::PLAIN }, &[ValType::I8.mutable(), to(first + 1)], &[]);
    image.sub_type(Sub { form: form::ARRAY, is_joined: true, ..Sub::PLAIN }, &[array], &[]);
    image.sub_type(Sub { form: form::FUNC | form::OPEN, ..Sub::PLAIN }, &[I32], &[I32]);
    image.sub_type(Sub { supertype: first + 2, ..Sub::PLAIN }, &[I32], &[I32]);
    (first + 2, first + 3)
}

/// Calls through references: as what the function is, and as what it is below.
fn referring(image: &mut Builder, ty: u32, general: u32, special: u32) -> u32 {
    let callee = image.func(special, 1, |_| vec![fuel(2), add(Operands::RI, 0, 0, 1), plain(Plain::Return1, 0, 0, 0)]);
    image.func(ty, 3, |_| {
        vec![
            fuel(12),
            plain(Plain::RefFunc, 1, 0, callee),
            plain(Plain::RefAsNonNull, 1, 0, 0),
            plain(Plain::Mov, 2, 0, 0),
            plain(Plain::CallRef, 0, 1, general),
            Instr::data(0, 0, 2),
            plain(Plain::CallRef, 0, 1, special),
            Instr::data(0, 0, 2),
            plain(Plain::ReturnCallRef, 0, 1, general),
            Instr::data(0, 0, 2 << 16 | 1),
        ]
    })
}

/// Loops, arms, and operands in accumulators.
fn counting(image: &mut Builder, ty: u32) -> u32 {
    let branch =
        |compared, target, a, b, imm| Instr::new(Op::compare_branch(CompareOp::I32LtS, compared, target), a, b, imm);
    image.func(ty, 3, |at| {
        vec![
            plain(Plain::Enter4, 1, 2, 4),
            fuel(12),
            add(Operands::RI, 1, 1, 1),
            add(Operands::AR, 2, 1, 2),
            branch(Compared::R8, Target::If, 1, 3, 2),
            fuel(1),
            add(Operands::RI, 2, 2, 7),
            branch(Compared::RK, Target::IfElse, 1, 0, 5),
            Instr::data(0, 0, 3),
            fuel(2),
            plain(Plain::Const64, 2, 0, 1),
            Instr::data(0, 0, 1),
            fuel(1),
            branch(Compared::RR, Target::Forward, 1, 0, 1),
            plain(Plain::Return1, 2, 0, 0),
            plain(Plain::JumpBack, 0, 0, at + 1),
        ]
    })
}

/// A branch table with each kind of entry.
fn switching(image: &mut Builder, ty: u32) -> u32 {
    image.func(ty, 3, |_| {
        vec![
            plain(Plain::Enter8, 1, 2, 2),
            fuel(4),
            plain(Plain::BrTable, 0, 0, 2),
            Instr::entries([3, -2, 1]),
            fuel(2),
            plain(Plain::ReturnConst, 0, 0, 9),
            plain(Plain::Mov3, 1, 0, 0x0100_0002),
            Instr::new(Op::branch(Test::Zero, Operand::R, Target::Forward), 1, 0, 0),
            plain(Plain::Select, 1, 0, 0x0201),
            Instr::new(Op::unary(UnaryOp::I32Eqz, Operand::A), 1, 1, 0),
            plain(Plain::MovRange, 0, 2, 1),
            plain(Plain::ReturnMany, 0, 0, 1),
        ]
    })
}

/// Calls of every kind.
fn calling(image: &mut Builder, ty: u32, callee: u32, host: u32) -> u32 {
    let this = u32::try_from(image.funcs.len()).unwrap();
    image.func(ty, 6, |_| {
        vec![
            fuel(12),
            plain(Plain::Mov2, 2, 0, 0x0003),
            plain(Plain::CallImport, 2, 0, host),
            plain(Plain::Call, 3, 0, this - 2),
            plain(Plain::CallIndirect, 0, 1, callee),
            Instr::data(0, 0, 2),
            plain(Plain::GlobalGet, 4, 0, 0),
            add(Operands::AI, 4, 4, 1),
            plain(Plain::GlobalSet, 4, 0, 0),
            plain(Plain::RefFunc, 5, 0, this),
            plain(Plain::Return1, 2, 0, 0),
        ]
    })
}

/// Memory and table operators.
fn accessing(image: &mut Builder, ty: u32) -> u32 {
    image.func(ty, 5, |_| {
        vec![
            fuel(20),
            plain(Plain::Const, 1, 0, 2),
            plain(Plain::Const, 2, 0, 3),
            plain(Plain::MemoryFill, 0, 0, 0),
            plain(Plain::MemoryCopy, 0, 0, 0),
            plain(Plain::MemoryInit, 0, 0, 0),
            Instr::data(0, 0, 1),
            plain(Plain::DataDrop, 0, 0, 1),
            Instr::new(Op::store(StoreOp::I32Store, StoreForm::R), 1, 0, 4),
            Instr::new(Op::load(LoadOp::I32Load8U, LoadForm::Idx), 3, 1, 0x0102),
            Instr::new(Op::store(StoreOp::I32Store8, StoreForm::AbsA), 0, 3, 3),
            plain(Plain::Const, 3, 0, 1),
            plain(Plain::MemoryGrow, 0, 0, 3),
            plain(Plain::MemorySize, 3, 0, 0),
            plain(Plain::TableSize, 3, 0, 0),
            plain(Plain::TableGet, 3, 1, 0),
            plain(Plain::TableSet, 1, 3, 0),
            plain(Plain::Const, 2, 0, 1),
            plain(Plain::Const, 0, 0, 0),
            plain(Plain::TableCopy, 0, 0, 0),
            Instr::data(0, 0, 0),
            plain(Plain::Const, 1, 0, 0),
            plain(Plain::TableInit, 0, 0, 0),
            Instr::data(0, 0, 1),
            plain(Plain::ElemDrop, 0, 0, 1),
            plain(Plain::TableFill, 0, 0, 0),
            plain(Plain::TableGrow, 0, 0, 1),
            plain(Plain::Return1, 1, 0, 0),
        ]
    })
}

/// Floats, and constants of all kinds.
fn floating(image: &mut Builder, ty: u32) -> u32 {
    image.func(ty, 3, |_| {
        vec![
            fuel(9),
            plain(Plain::ConstHi, 1, 0, 0x3FF0_0000),
            plain(Plain::ConstS, 2, 0, u32::MAX),
            Instr::new(Op::unary(UnaryOp::F64ConvertI32S, Operand::R), 2, 0, 0),
            Instr::new(Op::float_binary(FloatBinaryOp::F64Div, Operands::AR), 2, 2, 1),
            Instr::new(Op::float_compare_branch(FloatCompareOp::F64Lt, true, Compared::AK, Target::Forward), 2, 0, 0),
            Instr::data(0, 0, 1),
            plain(Plain::Unreachable, 0, 0, 0),
            Instr::new(Op::binary(BinaryOp::I32DivS, Operands::IR), 0, 0, 100),
            plain(Plain::Return1, 0, 0, 0),
        ]
    })
}

/// Tail calls: of an own function, through the table, of the host.
fn tailing(image: &mut Builder, ty: u32, host: u32) -> u32 {
    let this = u32::try_from(image.funcs.len()).unwrap();
    image.func(ty, 2, |_| {
        vec![
            plain(Plain::Enter, 1, 1, 6),
            Instr::new(Op::branch(Test::Zero, Operand::R, Target::Forward), 0, 0, 4),
            Instr::new(Op::compare_branch(CompareOp::I32Eq, Compared::R8, Target::Forward), 0, 1, 5),
            add(Operands::RI, 0, 0, u32::MAX),
            plain(Plain::ReturnCall, 0, 0, this),
            Instr::data(0, 0, 1),
            plain(Plain::ReturnCallImport, 0, 0, host),
            Instr::data(0, 0, 1),
            plain(Plain::ReturnCallIndirect, 0, 1, ty),
            Instr::data(0, 0, 1),
        ]
    })
}

/// A frame that is wider than the window.
fn wide(image: &mut Builder, ty: u32) -> u32 {
    image.func(ty, 300, |_| {
        vec![
            plain(Plain::EnterWide, 0, 0, 40),
            Instr::data(1, 0, 299),
            plain(Plain::FarPut, 0, 0, 299),
            plain(Plain::FarGet, 255, 0, 299),
            plain(Plain::Mov, 0, 255, 0),
            plain(Plain::ReturnMany, 0x2B, 1, 1),
        ]
    })
}
