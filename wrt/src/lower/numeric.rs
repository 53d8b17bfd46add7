//! Lowering of numeric operators: which form of a row the operands allow.

use super::Failure;
use super::stack::{Lowering, Taken, Value};
use core::mem::swap;
use wrt_instructions::Op;
use wrt_instructions::op::{Operand, Operands, Row};
use wrt_instructions::operator::{BinaryOp, CompareOp, FloatBinaryOp, FloatCompareOp, FloatUnaryOp, UnaryOp, WideOp};

impl Lowering<'_> {
    /// Pushes a constant that was folded; its slot is where its operands were.
    fn push_constant(&mut self, value: u64) -> Result<(), Failure> {
        self.push(Value::Const(value)).map(|_| ())
    }

    pub(super) fn binary(&mut self, op: BinaryOp) -> Result<(), Failure> {
        let mut y = self.pop()?;
        let mut x = self.pop()?;
        if let (Value::Const(a), Value::Const(b)) = (x.0, y.0)
            && let Ok(value) = op.evaluate(a, b)
        {
            return self.push_constant(value);
        }
        if op.commutes() && matches!(x.0, Value::Const(_)) {
            swap(&mut x, &mut y);
        }
        if let Value::Const(constant) = y.0
            && let Some((op, imm)) = immediate(op, constant)
        {
            // An address in the making: loads and stores add it up themselves, and nothing else pays more for waiting.
            if op == BinaryOp::I32Add && !self.wide {
                match x.0 {
                    Value::Local(local) => return self.push(Value::Sum(local, imm)).map(|_| ()),
                    Value::Sum(local, sum) => return self.push(Value::Sum(local, sum.wrapping_add(imm))).map(|_| ()),
                    _ => {}
                }
            }
            let b = self.register_of(x);
            self.mark_if(op.can_trap());
            return self.push_defined(Op::binary(op, Operands::RI), b, imm);
        }
        if let Value::Const(constant) = x.0
            && !op.commutes()
            && let Some(imm) = op.immediate(constant)
        {
            let b = self.register_of(y);
            self.mark_if(op.can_trap());
            return self.push_defined(Op::binary(op, Operands::IR), b, imm);
        }
        let (b, c) = self.two_registers(x, y);
        self.mark_if(op.can_trap());
        self.push_defined(Op::binary(op, Operands::RR), b, c)
    }

    pub(super) fn float_binary(&mut self, op: FloatBinaryOp) -> Result<(), Failure> {
        let mut y = self.pop()?;
        let mut x = self.pop()?;
        if let (Value::Const(a), Value::Const(b)) = (x.0, y.0) {
            return self.push_constant(op.evaluate(a, b));
        }
        if op.commutes() && matches!(x.0, Value::Const(_)) {
            swap(&mut x, &mut y);
        }
        if let Value::Const(constant) = y.0
            && let Some(imm) = op.immediate(constant)
        {
            let b = self.register_of(x);
            return self.push_defined(Op::float_binary(op, Operands::RI), b, imm);
        }
        if let Value::Const(constant) = x.0
            && !op.commutes()
            && let Some(imm) = op.immediate(constant)
        {
            let b = self.register_of(y);
            return self.push_defined(Op::float_binary(op, Operands::IR), b, imm);
        }
        let (b, c) = self.two_registers(x, y);
        self.push_defined(Op::float_binary(op, Operands::RR), b, c)
    }

    pub(super) fn compare(&mut self, op: CompareOp) -> Result<(), Failure> {
        let y = self.pop()?;
        let x = self.pop()?;
        if let (Value::Const(a), Value::Const(b)) = (x.0, y.0) {
            return self.push_constant(u64::from(op.evaluate(a, b)));
        }
        self.compare_taken(op, x, y)
    }

    fn compare_taken(&mut self, op: CompareOp, x: Taken, y: Taken) -> Result<(), Failure> {
        if let Value::Const(constant) = y.0
            && let Some(imm) = op.immediate(constant)
        {
            let b = self.register_of(x);
            return self.push_defined(Op::compare(op, Operands::RI), b, imm);
        }
        if let Value::Const(constant) = x.0
            && let Some(imm) = op.immediate(constant)
        {
            let b = self.register_of(y);
            return self.push_defined(Op::compare(op.swapped(), Operands::RI), b, imm);
        }
        let (b, c) = self.two_registers(x, y);
        self.push_defined(Op::compare(op, Operands::RR), b, c)
    }

    pub(super) fn float_compare(&mut self, op: FloatCompareOp) -> Result<(), Failure> {
        let y = self.pop()?;
        let x = self.pop()?;
        if let (Value::Const(a), Value::Const(b)) = (x.0, y.0) {
            return self.push_constant(u64::from(op.evaluate(a, b)));
        }
        if let Value::Const(constant) = y.0
            && let Some(imm) = op.immediate(constant)
        {
            let b = self.register_of(x);
            return self.push_defined(Op::float_compare(op, Operands::RI), b, imm);
        }
        let (b, c) = self.two_registers(x, y);
        self.push_defined(Op::float_compare(op, Operands::RR), b, c)
    }

    pub(super) fn unary(&mut self, op: UnaryOp) -> Result<(), Failure> {
        match op {
            UnaryOp::I32Eqz => return self.is_zero(CompareOp::I32Eq),
            UnaryOp::I64Eqz => return self.is_zero(CompareOp::I64Eq),
            // Slots hold bits, upper ones zero: nothing is to be done.
            UnaryOp::I32ReinterpretF32
            | UnaryOp::I64ReinterpretF64
            | UnaryOp::F32ReinterpretI32
            | UnaryOp::F64ReinterpretI64
            | UnaryOp::I64ExtendI32U => return Ok(()),
            UnaryOp::I32WrapI64 if !self.wide => return self.wrap(),
            _ => {}
        }
        let x = self.pop()?;
        if let Value::Const(constant) = x.0
            && let Ok(value) = op.evaluate(constant)
        {
            return self.push_constant(value);
        }
        let b = self.register_of(x);
        self.mark_if(op.can_trap());
        self.push_defined(Op::unary(op, Operand::R), b, 0)
    }

    /// `i32.wrap_i64`, which addresses of guests that compute with 64 bits go through. Operators on `i32` take the lower halves of
    /// their registers, so of a local, or of a sum with a constant just made, it is a sum that waits.
    fn wrap(&mut self) -> Result<(), Failure> {
        let x = self.pop()?;
        match x.0 {
            Value::Const(constant) => return self.push_constant(u64::from(constant as u32)),
            Value::Local(local) => return self.push(Value::Sum(local, 0)).map(|_| ()),
            Value::Sum(..) => return self.push(x.0).map(|_| ()),
            Value::Slot => {}
        }
        if let Some((instr, Row::Binary(BinaryOp::I64Add, Operands::RI))) = self.last_definition(self.slot(x.1)) {
            self.take_last();
            if u32::from(instr.b) < self.locals {
                return self.push(Value::Sum(instr.b.into(), instr.imm)).map(|_| ());
            }
            return self.push_defined(Op::binary(BinaryOp::I32Add, Operands::RI), instr.b, instr.imm);
        }
        let b = self.register_of(x);
        self.push_defined(Op::unary(UnaryOp::I32WrapI64, Operand::R), b, 0)
    }

    pub(super) fn float_unary(&mut self, op: FloatUnaryOp) -> Result<(), Failure> {
        let x = self.pop()?;
        if let Value::Const(constant) = x.0 {
            return self.push_constant(op.evaluate(constant));
        }
        let b = self.register_of(x);
        self.push_defined(Op::float_unary(op, Operand::R), b, 0)
    }

    /// `eqz`: the negation of a comparison just made, or a comparison with 0.
    pub(super) fn is_zero(&mut self, equal: CompareOp) -> Result<(), Failure> {
        let x = self.pop()?;
        if let Value::Const(constant) = x.0 {
            return self.push_constant(u64::from(equal.evaluate(constant, 0)));
        }
        if x.0 == Value::Slot
            && let Some((_, Row::Compare(op, form))) = self.last_definition(self.slot(x.1))
            && let Some(last) = self.code.last_mut()
        {
            last.op = Op::compare(op.negated(), form).0;
            return self.push(Value::Slot).map(|_| ());
        }
        let b = self.register_of(x);
        self.push_defined(Op::compare(equal, Operands::RI), b, 0)
    }

    /// Wide arithmetic: the two results stand where the first two operands did.
    pub(super) fn wide_arithmetic(&mut self, op: WideOp) -> Result<(), Failure> {
        let count = op.operands() as usize;
        let mut operands = [(Value::Slot, 0); 4];
        for operand in operands.iter_mut().take(count).rev() {
            *operand = self.pop()?;
        }
        let mut registers = [0; 4];
        for (register, operand) in registers.iter_mut().zip(operands).take(count) {
            *register = self.register_of(operand);
        }
        let low = self.push(Value::Slot)?;
        let high = self.push(Value::Slot)?;
        self.define_two(Op::wide(op), low, high, u32::from_le_bytes(registers));
        Ok(())
    }

    /// Registers of two operands, as the fields `b` and `imm` take them.
    pub(super) fn two_registers(&mut self, x: Taken, y: Taken) -> (u8, u32) {
        let b = self.register_of(x);
        let c = self.register_of(y);
        (b, u32::from(c))
    }

    pub(super) fn mark_if(&mut self, can_trap: bool) {
        if can_trap {
            self.mark();
        }
    }
}

/// The immediate form for a constant on the right; a subtraction becomes an addition, which has more fused rows.
fn immediate(op: BinaryOp, constant: u64) -> Option<(BinaryOp, u32)> {
    let (op, constant) = match op {
        BinaryOp::I32Sub => (BinaryOp::I32Add, u64::from((constant as u32).wrapping_neg())),
        BinaryOp::I64Sub if BinaryOp::I64Add.immediate(constant.wrapping_neg()).is_some() => {
            (BinaryOp::I64Add, constant.wrapping_neg())
        }
        other => (other, constant),
    };
    op.immediate(constant).map(|imm| (op, imm))
}
