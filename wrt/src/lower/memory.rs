//! Lowering of loads, stores and the operators on whole memories and tables.

use super::Failure;
use super::stack::{Lowering, Taken, Value, registers};
use wasmparser::{MemArg, MemArgTarget};
use wrt_instructions::Op;
use wrt_instructions::op::{LoadForm, Operands, Plain, Row, StoreForm};
use wrt_instructions::operator::{BinaryOp, LoadOp, StoreOp};
use wrt_runtime::Instr;

/// Offsets that an indexed form holds besides a register.
const INDEXED_OFFSET_MAX: u64 = 1 << 24;

/// How an address just computed folds into its access.
enum Address {
    /// The sum of two registers: base and index.
    Indexed(u8, u8),
    /// A register plus a constant, wrapping.
    Wrapping(u8, u32),
}

impl Lowering<'_> {
    /// The addition that made the address in stack entry `index`, if it is the last instruction and folds.
    fn address(&self, index: u32, offset: u64) -> Option<Address> {
        let (instr, row) = self.last_definition(self.slot(index))?;
        let Row::Binary(BinaryOp::I32Add, form) = row else { return None };
        match form {
            Operands::RI if offset == 0 => Some(Address::Wrapping(instr.b, instr.imm)),
            _ if offset < INDEXED_OFFSET_MAX => {
                registers(instr, form).map(|(base, index)| Address::Indexed(base, index))
            }
            _ => None,
        }
    }

    pub(super) fn load(&mut self, op: LoadOp, memarg: MemArg) -> Result<(), Failure> {
        let offset = self.static_offset(memarg)?;
        let x = self.pop()?;
        if let Value::Const(address) = x.0
            && let Ok(at) = u32::try_from(address + offset)
        {
            self.mark();
            return self.push_defined(Op::load(op, LoadForm::Abs), 0, at);
        }
        if x.0 == Value::Slot
            && let Some(address) = self.address(x.1, offset)
        {
            self.take_last();
            self.mark();
            return match address {
                Address::Indexed(base, index) => {
                    let imm = u32::from(index) | (offset as u32) << 8;
                    self.push_defined(Op::load(op, LoadForm::Idx), base, imm)
                }
                Address::Wrapping(base, constant) => self.push_defined(Op::load(op, LoadForm::Wrap), base, constant),
            };
        }
        if let (Value::Sum(local, constant), 0) = (x.0, offset) {
            let b = self.register(local);
            self.mark();
            return self.push_defined(Op::load(op, LoadForm::Wrap), b, constant);
        }
        let b = self.register_of(x);
        self.mark();
        self.push_defined(Op::load(op, LoadForm::R), b, offset as u32)
    }

    pub(super) fn store(&mut self, op: StoreOp, memarg: MemArg) -> Result<(), Failure> {
        let offset = self.static_offset(memarg)?;
        let value = self.pop()?;
        let x = self.pop()?;
        if let Value::Const(address) = x.0
            && let Ok(at) = u32::try_from(address + offset)
        {
            let b = self.register_of(value);
            self.store_instr(op, StoreForm::Abs, 0, b, at);
            return Ok(());
        }
        if let Value::Const(constant) = value.0
            && let Some(byte) = small(op, constant)
        {
            self.store_small(op, x, byte, offset);
            return Ok(());
        }
        if let (Value::Sum(local, constant), 0) = (x.0, offset) {
            let b = self.register_of(value);
            let a = self.register(local);
            self.store_instr(op, StoreForm::Wrap, a, b, constant);
            return Ok(());
        }
        // The address folds only while its addition is the last instruction: where the value is read in place.
        if let (Value::Slot, Value::Local(local)) = (x.0, value.0)
            && !self.wide
            && let Some(address) = self.address(x.1, offset)
        {
            self.take_last();
            let b = local as u8;
            match address {
                Address::Indexed(base, index) => {
                    let imm = u32::from(index) | (offset as u32) << 8;
                    self.store_instr(op, StoreForm::Idx, base, b, imm);
                }
                Address::Wrapping(base, constant) => self.store_instr(op, StoreForm::Wrap, base, b, constant),
            }
            return Ok(());
        }
        let a = self.register_of(x);
        let b = self.register_of(value);
        self.store_instr(op, StoreForm::R, a, b, offset as u32);
        Ok(())
    }

    fn store_small(&mut self, op: StoreOp, x: Taken, byte: u8, offset: u64) {
        if x.0 == Value::Slot
            && let Some(Address::Wrapping(base, constant)) = self.address(x.1, offset)
        {
            self.take_last();
            self.store_instr(op, StoreForm::WrapImm, base, byte, constant);
            return;
        }
        if let (Value::Sum(local, constant), 0) = (x.0, offset) {
            let a = self.register(local);
            self.store_instr(op, StoreForm::WrapImm, a, byte, constant);
            return;
        }
        let a = self.register_of(x);
        self.store_instr(op, StoreForm::Imm, a, byte, offset as u32);
    }

    fn store_instr(&mut self, op: StoreOp, form: StoreForm, a: u8, b: u8, imm: u32) {
        self.mark();
        self.emit(Instr::new(Op::store(op, form), a, b, imm));
    }

    fn static_offset(&self, memarg: MemArg) -> Result<u64, Failure> {
        if memarg.target != MemArgTarget::Memory(0) || memarg.offset > u64::from(u32::MAX) {
            return Err(Failure::internal(self.offset, "an access that this release cannot lower"));
        }
        Ok(memarg.offset)
    }

    /// A bulk operator on three operands, which stay in their slots while it runs.
    // @need-ids: REQ_SAFEPOINT_001, REQ_FUEL_002
    pub(super) fn bulk(&mut self, row: Plain, a: u8, b: u8, data: Option<u32>) -> Result<(), Failure> {
        self.materialise_all();
        self.pop()?;
        self.pop()?;
        let first = self.pop()?.1;
        let place = self.operands(first, 3);
        self.mark();
        self.emit(Instr::new(Op::plain(row), a, b, place));
        if let Some(data) = data {
            self.emit(Instr::data(0, 0, data));
        }
        self.barrier = self.code.len();
        Ok(())
    }

    pub(super) fn memory_grow(&mut self, memory: u32) -> Result<(), Failure> {
        self.materialise_all();
        let (_, index) = self.pop()?;
        let place = self.place_of(index);
        self.mark();
        self.emit(Instr::new(Op::plain(Plain::MemoryGrow), memory as u8, 0, place));
        self.barrier = self.code.len();
        self.push(Value::Slot).map(|_| ())
    }

    pub(super) fn table_grow(&mut self, table: u32) -> Result<(), Failure> {
        self.materialise_all();
        self.pop()?;
        let (_, index) = self.pop()?;
        let place = self.operands(index, 2);
        let (a, b) = halves(table);
        self.mark();
        self.emit(Instr::new(Op::plain(Plain::TableGrow), a, b, place));
        self.barrier = self.code.len();
        self.push(Value::Slot).map(|_| ())
    }

    pub(super) fn table_get(&mut self, table: u32) -> Result<(), Failure> {
        let x = self.pop()?;
        let b = self.register_of(x);
        self.mark();
        self.push_defined(Op::plain(Plain::TableGet), b, table)
    }

    pub(super) fn table_set(&mut self, table: u32) -> Result<(), Failure> {
        let value = self.pop()?;
        let x = self.pop()?;
        let a = self.register_of(x);
        let b = self.register_of(value);
        self.mark();
        self.emit(Instr::new(Op::plain(Plain::TableSet), a, b, table));
        Ok(())
    }
}

/// The two bytes of an index, as the fields `a` and `b` take them.
pub(super) fn halves(index: u32) -> (u8, u8) {
    (index as u8, (index >> 8) as u8)
}

/// The 8-bit constant whose sign extension has the bytes that storing `constant` writes.
fn small(op: StoreOp, constant: u64) -> Option<u8> {
    let value = match op.bytes() {
        1 => i64::from(constant as i8),
        2 => i64::from(constant as i16),
        4 => i64::from(constant as i32),
        _ => constant as i64,
    };
    i8::try_from(value).ok().map(|value| value as u8)
}
