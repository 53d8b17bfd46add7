//! What `wrt-instructions` offers: the meaning of every row of the table.

use wrt_instructions::memory_ops::{MemoryGrow, MemoryLoad, MemorySize, MemoryStore};
use wrt_instructions::operator::{
    BinaryOp, CompareOp, FloatBinaryOp, FloatCompareOp, FloatUnaryOp, LoadOp, StoreOp, UnaryOp, WideOp,
};
use wrt_instructions::vector::meaning::i8x16_shuffle;
use wrt_instructions::vector::{
    ExtractLaneOp, ReplaceLaneOp, SplatOp, VectorBinaryOp, VectorLoadOp, VectorShiftOp, VectorStoreOp, VectorTernaryOp,
    VectorTestOp, VectorUnaryOp,
};
use wrt_instructions::{Op, Trap, price};

use crate::{any, keep};

#[inline(never)]
pub fn exercise_instructions() {
    numeric();
    memory();
    vectors();
    for op in 0..=any(u16::MAX) {
        keep(Op(op).row().map(|row| (row.makes(), row.takes(), row.has_data(), row.exists())));
        keep(Op(op).kind());
    }
    keep(Trap::from_code(any(15)).map(Trap::message));
    keep((price::bytes(any(65)), price::elements(any(17)), price::entry(any(9)), price::with_arity(any(1), any(1))));
}

fn numeric() {
    BinaryOp::ALL.iter().for_each(|op| keep(op.evaluate(any(1), any(0))));
    FloatBinaryOp::ALL.iter().for_each(|op| keep(op.evaluate(any(1), any(0))));
    CompareOp::ALL.iter().for_each(|op| keep(op.evaluate(any(1), any(0))));
    FloatCompareOp::ALL.iter().for_each(|op| keep(op.evaluate(any(1), any(0))));
    UnaryOp::ALL.iter().for_each(|op| keep(op.evaluate(any(1))));
    WideOp::ALL.iter().for_each(|op| keep(op.evaluate([any(1), any(2), any(3), any(4)])));
    FloatUnaryOp::ALL.iter().for_each(|op| keep(op.evaluate(any(1))));
}

fn vectors() {
    let (x, y, z) = any(([1, 2], [3, 4], [5, 6]));
    VectorUnaryOp::ALL.iter().for_each(|op| keep(op.evaluate(x)));
    VectorBinaryOp::ALL.iter().for_each(|op| keep(op.evaluate(x, y)));
    VectorTernaryOp::ALL.iter().for_each(|op| keep(op.evaluate(x, y, z)));
    VectorShiftOp::ALL.iter().for_each(|op| keep(op.evaluate(x, any(200))));
    VectorTestOp::ALL.iter().for_each(|op| keep(op.evaluate(x)));
    SplatOp::ALL.iter().for_each(|op| keep(op.evaluate(any(1))));
    ExtractLaneOp::ALL.iter().for_each(|op| keep(op.evaluate(x, any(200))));
    ReplaceLaneOp::ALL.iter().for_each(|op| keep(op.evaluate(x, any(200), any(1))));
    keep(i8x16_shuffle(x, y, any([200; 16])));
    let mut memory = any([0_u8; 32]);
    VectorLoadOp::ALL.iter().for_each(|op| keep(op.load(&memory, any(31))));
    VectorStoreOp::ALL.iter().for_each(|op| keep(op.store(&mut memory, any(31), x)));
}

fn memory() {
    let mut memory = any([0_u8; 32]);
    for operator in LoadOp::ALL.iter().copied() {
        keep(operator.load(&memory, any(31)));
        keep(MemoryLoad { operator, offset: any(u64::MAX) }.execute(&memory, any(31)));
    }
    for operator in StoreOp::ALL.iter().copied() {
        keep(operator.store(&mut memory, any(31), any(1)));
        keep(MemoryStore { operator, offset: any(u64::MAX) }.execute(&mut memory, any(31), any(1)));
    }
    keep(MemorySize { page_log2: any(16) }.execute(any(1 << 16)));
    keep(MemoryGrow { page_log2: any(16), max_pages: any(2) }.execute(any(1 << 16), any(u64::MAX)));
}
