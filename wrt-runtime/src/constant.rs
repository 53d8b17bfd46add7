//! Operators of constant expressions (core 3.4.14), as images have them.

// @need-ids: REQ_018, REQ_TYPES_006

use crate::image::FileRule;
use crate::image::format::ConstInstr;
use crate::instantiate::CONST_NEAR;
use wrt_instructions::Part;
use wrt_instructions::operator::{Binary, BinaryOp, StructuralOp, rows};
use wrt_instructions::slot::Slot;

/// What an operator of a constant expression does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Constant {
    /// A value of 32 bits.
    Narrow,
    /// A value of 64 bits, or one half of a vector, the low one first.
    Wide,
    /// The value of a global.
    Global,
    /// The null reference.
    Null,
    /// A reference to a function.
    Func,
    /// A reference to a new structure.
    Struct,
    /// A reference to a new array, whose length is taken from the stack.
    Array,
    /// A reference to a new structure of values on the stack.
    StructOf,
    /// A reference to a new array, of one value and a length.
    ArrayOf,
    /// A reference to a new array of as many values as the immediate's upper half says.
    ArrayFixed,
    /// A reference to an integer.
    I31,
    /// `i32.add` on two values; the others likewise.
    I32Add,
    /// `i32.sub`.
    I32Sub,
    /// `i32.mul`.
    I32Mul,
    /// `i64.add`.
    I64Add,
    /// `i64.sub`.
    I64Sub,
    /// `i64.mul`.
    I64Mul,
}

/// Opcodes as patterns.
macro_rules! opcodes {
    ($($name:ident = $operator:expr;)*) => { $(const $name: u32 = $operator.info().opcode;)* };
}

opcodes! {
    I32_CONST = StructuralOp::I32Const;
    I64_CONST = StructuralOp::I64Const;
    F32_CONST = StructuralOp::F32Const;
    F64_CONST = StructuralOp::F64Const;
    V128_CONST = StructuralOp::V128Const;
    GLOBAL_GET = StructuralOp::GlobalGet;
    REF_NULL = StructuralOp::RefNull;
    REF_FUNC = StructuralOp::RefFunc;
    STRUCT_NEW_DEFAULT = StructuralOp::StructNewDefault;
    ARRAY_NEW_DEFAULT = StructuralOp::ArrayNewDefault;
    STRUCT_NEW = StructuralOp::StructNew;
    ARRAY_NEW = StructuralOp::ArrayNew;
    ARRAY_NEW_FIXED = StructuralOp::ArrayNewFixed;
    REF_I31 = StructuralOp::RefI31;
    I32_ADD = BinaryOp::I32Add;
    I32_SUB = BinaryOp::I32Sub;
    I32_MUL = BinaryOp::I32Mul;
    I64_ADD = BinaryOp::I64Add;
    I64_SUB = BinaryOp::I64Sub;
    I64_MUL = BinaryOp::I64Mul;
}

impl Constant {
    /// What the operator with this opcode does.
    pub(crate) const fn of(opcode: u32) -> Result<Self, FileRule> {
        let constant = match opcode {
            I32_CONST | F32_CONST => Self::Narrow,
            I64_CONST | F64_CONST | V128_CONST => Self::Wide,
            GLOBAL_GET => Self::Global,
            I32_ADD => Self::I32Add,
            I32_SUB => Self::I32Sub,
            I32_MUL => Self::I32Mul,
            I64_ADD => Self::I64Add,
            I64_SUB => Self::I64Sub,
            I64_MUL => Self::I64Mul,
            REF_NULL => Self::Null,
            REF_FUNC => Self::Func,
            STRUCT_NEW_DEFAULT => Self::Struct,
            ARRAY_NEW_DEFAULT => Self::Array,
            STRUCT_NEW => Self::StructOf,
            ARRAY_NEW => Self::ArrayOf,
            ARRAY_NEW_FIXED => Self::ArrayFixed,
            REF_I31 => Self::I31,
            _ => return Err(FileRule::ConstOperator),
        };
        match Self::part(opcode) {
            Some(part) if !part.is_built() => Err(FileRule::ConstOperator),
            _ => Ok(constant),
        }
    }

    /// The part of the language that the operator with this opcode belongs to, if builds may leave it out.
    // @need-ids: REQ_PARTS_001
    pub(crate) const fn part(opcode: u32) -> Option<Part> {
        match opcode {
            V128_CONST => Some(Part::Simd),
            REF_NULL | REF_FUNC => Some(Part::References),
            STRUCT_NEW_DEFAULT | ARRAY_NEW_DEFAULT | STRUCT_NEW | ARRAY_NEW | ARRAY_NEW_FIXED | REF_I31 => {
                Some(Part::Gc)
            }
            _ => None,
        }
    }

    /// The result of an operator on two values; `None` for the others.
    pub(crate) fn apply(self, x: u64, y: u64) -> Option<u64> {
        match self {
            Self::I32Add => result::<rows::I32Add>(x, y),
            Self::I32Sub => result::<rows::I32Sub>(x, y),
            Self::I32Mul => result::<rows::I32Mul>(x, y),
            Self::I64Add => result::<rows::I64Add>(x, y),
            Self::I64Sub => result::<rows::I64Sub>(x, y),
            Self::I64Mul => result::<rows::I64Mul>(x, y),
            _ => None,
        }
    }
}

/// The value of a constant expression of numbers, which whoever writes images puts in its place; `None` for any other. `global` gives
/// the value of a global where it is known.
// @need-ids: REQ_IMAGE_003
pub fn number(operators: &[ConstInstr], global: impl Fn(u32) -> Option<u64>) -> Option<u64> {
    let mut stack = heapless::Vec::<u64, CONST_NEAR>::new();
    for operator in operators {
        let (opcode, immediate) = (operator.opcode.get(), operator.immediate.get());
        let value = match Constant::of(opcode).ok()? {
            Constant::Narrow => u64::from(immediate as u32),
            // A half of a vector is no number.
            Constant::Wide if opcode != V128_CONST => immediate,
            Constant::Global => global(immediate as u32)?,
            constant => {
                let (y, x) = (stack.pop()?, stack.pop()?);
                constant.apply(x, y)?
            }
        };
        stack.push(value).ok()?;
    }
    if let [value] = *stack.as_slice() { Some(value) } else { None }
}

fn result<B: Binary>(x: u64, y: u64) -> Option<u64> {
    B::apply(Slot::from_slot(x), Slot::from_slot(y)).ok().map(Slot::to_slot)
}
