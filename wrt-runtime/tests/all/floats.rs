//! Operators on floats in images: a build without them refuses what computes, and takes what only moves bits.

use crate::common::{Builder, fuel, plain};
use wrt_instructions::op::{Compared, LoadForm, Operand, Operands, Plain, Target};
use wrt_instructions::operator::{BinaryOp, FLOATS, FloatBinaryOp, FloatCompareOp, FloatUnaryOp, LoadOp, UnaryOp};
use wrt_instructions::{Op, Part};
use wrt_runtime::image::ImageError;
use wrt_runtime::{Image, Instr};

fn check(op: Op) -> Result<(), ImageError> {
    let mut image = Builder::default();
    let ty = image.ty(&[], &[]);
    image.memory(64, 64);
    // A branch leads behind the next instruction, to the return.
    image.func(ty, 4, |_| vec![fuel(9), Instr::new(op, 0, 0, 0), plain(Plain::Return, 0, 0, 0)]);
    Image::parse(&image.build()).and_then(|image| image.check_code())
}

// @need-ids: REQ_FLOAT_001, REQ_IMAGE_001
#[test]
fn what_computes_with_floats_is_refused_where_it_was_left_out() {
    let binary = FloatBinaryOp::ALL.iter().map(|op| Op::float_binary(*op, Operands::RR));
    let unary = FloatUnaryOp::ALL.iter().map(|op| Op::float_unary(*op, Operand::R));
    let compare = FloatCompareOp::ALL.iter().map(|op| Op::float_compare(*op, Operands::RR));
    let branch =
        FloatCompareOp::ALL.iter().map(|op| Op::float_compare_branch(*op, true, Compared::RR, Target::Forward));
    let others = [
        Op::binary(BinaryOp::F32Min, Operands::RR),
        Op::binary(BinaryOp::F64Max, Operands::RR),
        Op::unary(UnaryOp::I32TruncF32S, Operand::R),
        Op::unary(UnaryOp::I64TruncSatF64U, Operand::R),
        Op::unary(UnaryOp::F64ConvertI32U, Operand::R),
    ];
    let expected = if FLOATS { Ok(()) } else { Err(ImageError::LeftOut(Part::Float)) };
    for op in binary.chain(unary).chain(compare).chain(branch).chain(others) {
        assert_eq!(check(op), expected, "{:?}", op.row());
    }
}

// @need-ids: REQ_FLOAT_001
#[test]
fn what_only_moves_bits_is_always_there() {
    let rows = [
        Op::binary(BinaryOp::I32Add, Operands::RR),
        Op::binary(BinaryOp::F64Copysign, Operands::RR),
        Op::unary(UnaryOp::F32Abs, Operand::R),
        Op::unary(UnaryOp::I64ReinterpretF64, Operand::R),
        Op::load(LoadOp::F64Load, LoadForm::R),
    ];
    for op in rows {
        assert_eq!(check(op), Ok(()), "{:?}", op.row());
    }
}
