//! Lowering of loads, stores and the operators on whole memories and tables.

use super::Failure;
use super::stack::{Lowering, Taken, Value, registers};
use wasmparser::{MemArg, MemArgTarget};
use wrt_instructions::Op;
use wrt_instructions::op::{LoadForm, Operands, Plain, Row, StoreForm};
use wrt_instructions::operator::{BinaryOp, LoadOp, StoreOp, UnaryOp};
use wrt_runtime::Instr;
use wrt_runtime::image::format::flag;

/// Offsets that an indexed form holds besides a register.
const INDEXED_OFFSET_MAX: u64 = 1 << 24;

/// How an address just computed folds into its access.
pub(super) enum Address {
    /// The sum of two registers: base and index.
    Indexed(u8, u8),
    /// A register plus a constant, wrapping.
    Wrapping(u8, u32),
}

/// What a load or store accesses.
struct Place {
    /// The data word of the form `Far`, where no other serves: of memories but the first, and for large offsets.
    far: Option<Instr>,
    /// Whether addresses have 64 bits.
    index64: bool,
    /// The static offset.
    offset: u64,
}

/// The address of an access with a constant operand, where the form `Abs` holds it.
fn absolute(address: u64, offset: u64) -> Option<u32> {
    address.checked_add(offset).and_then(|at| u32::try_from(at).ok())
}

impl Lowering<'_> {
    /// The addition that made the address in stack entry `index`, if it is the last instruction and folds.
    pub(super) fn address(&self, index: u32, offset: u64) -> Option<Address> {
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

    /// The register of a 32-bit address, of which accesses take the lower half: what was wrapped, if that was done last.
    fn base_of(&mut self, x: Taken) -> u8 {
        if let Value::Sum(local, 0) = x.0 {
            return self.register(local);
        }
        if x.0 == Value::Slot
            && !self.wide
            && let Some((instr, Row::Unary(UnaryOp::I32WrapI64, _))) = self.last_definition(self.slot(x.1))
        {
            self.take_last();
            return instr.b;
        }
        self.register_of(x)
    }

    pub(super) fn load(&mut self, op: LoadOp, memarg: MemArg) -> Result<(), Failure> {
        let Place { far, index64, offset } = self.accessed(memarg)?;
        let x = self.pop()?;
        if let Some(data) = far {
            let b = self.register_of(x);
            self.mark();
            let slot = self.push(Value::Slot)?;
            self.define_with_data(Op::load(op, LoadForm::Far), slot, b, offset as u32, data);
            return Ok(());
        }
        if let Value::Const(address) = x.0
            && let Some(at) = absolute(address, offset)
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
        let b = if index64 { self.register_of(x) } else { self.base_of(x) };
        self.mark();
        let form = if index64 { LoadForm::R64 } else { LoadForm::R };
        self.push_defined(Op::load(op, form), b, offset as u32)
    }

    pub(super) fn store(&mut self, op: StoreOp, memarg: MemArg) -> Result<(), Failure> {
        let Place { far, index64, offset } = self.accessed(memarg)?;
        let value = self.pop()?;
        let x = self.pop()?;
        if let Some(data) = far {
            let a = self.register_of(x);
            let b = self.register_of(value);
            self.store_instr(op, StoreForm::Far, a, b, offset as u32);
            self.emit(data);
            self.fence();
            return Ok(());
        }
        if let Value::Const(address) = x.0
            && let Some(at) = absolute(address, offset)
        {
            let b = self.register_of(value);
            self.store_instr(op, StoreForm::Abs, 0, b, at);
            return Ok(());
        }
        if let Value::Const(constant) = value.0
            && let Some(byte) = small(op, constant)
        {
            self.store_small(op, x, byte, (offset, index64));
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
        let a = if index64 { self.register_of(x) } else { self.base_of(x) };
        let b = self.register_of(value);
        let form = if index64 { StoreForm::R64 } else { StoreForm::R };
        self.store_instr(op, form, a, b, offset as u32);
        Ok(())
    }

    fn store_small(&mut self, op: StoreOp, x: Taken, byte: u8, (offset, index64): (u64, bool)) {
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
        let a = if index64 { self.register_of(x) } else { self.base_of(x) };
        let form = if index64 { StoreForm::Imm64 } else { StoreForm::Imm };
        self.store_instr(op, form, a, byte, offset as u32);
    }

    fn store_instr(&mut self, op: StoreOp, form: StoreForm, a: u8, b: u8, imm: u32) {
        self.mark();
        self.emit(Instr::new(Op::store(op, form), a, b, imm));
    }

    /// What an access accesses. Forms that fold an addition serve 64-bit addresses as well: what is added are `i32`s, of
    /// which such an address is the zero extension.
    // @need-ids: REQ_MULTI_MEMORY_001, REQ_MEMORY64_001
    fn accessed(&self, memarg: MemArg) -> Result<Place, Failure> {
        let MemArgTarget::Memory(memory) = memarg.target else {
            return Err(Failure::internal(self.offset, "an access that is of no memory"));
        };
        let record = self.image.memories.get(memory as usize);
        let index64 = record.is_some_and(|record| record.flags.get() & flag::INDEX64 != 0);
        let offset = memarg.offset;
        let far = (memory != 0 || offset > u64::from(u32::MAX)).then(|| {
            let (a, b) = halves(memory);
            Instr::data(a, b, (offset >> 32) as u32)
        });
        Ok(Place { far, index64, offset })
    }

    /// A bulk operator on three operands, which stay in their slots while it runs.
    // @need-ids: REQ_SAFEPOINT_001, REQ_FUEL_002
    pub(super) fn bulk(&mut self, row: Plain, a: u8, b: u8, data: Option<u32>) -> Result<(), Failure> {
        self.materialise_all();
        self.note_references();
        self.pop()?;
        self.pop()?;
        let first = self.pop()?.1;
        let place = self.operands(first, 3);
        self.mark();
        self.emit(Instr::new(Op::plain(row), a, b, place));
        if let Some(data) = data {
            self.emit(Instr::data(0, 0, data));
        }
        self.fence();
        Ok(())
    }

    pub(super) fn memory_grow(&mut self, memory: u32) -> Result<(), Failure> {
        self.materialise_all();
        self.note_references();
        let (_, index) = self.pop()?;
        let place = self.place_of(index);
        let (a, b) = halves(memory);
        self.mark();
        self.emit(Instr::new(Op::plain(Plain::MemoryGrow), a, b, place));
        self.fence();
        self.push(Value::Slot).map(|_| ())
    }

    pub(super) fn table_grow(&mut self, table: u32) -> Result<(), Failure> {
        self.materialise_all();
        self.note_references();
        self.pop()?;
        let (_, index) = self.pop()?;
        let place = self.operands(index, 2);
        let (a, b) = halves(table);
        self.mark();
        self.emit(Instr::new(Op::plain(Plain::TableGrow), a, b, place));
        self.fence();
        self.push(Value::Slot).map(|_| ())
    }

    pub(super) fn table_get(&mut self, table: u32) -> Result<(), Failure> {
        let x = self.pop()?;
        let b = self.register_of(x);
        self.mark();
        self.push_defined(Op::plain(Plain::TableGet), b, table)?;
        let element = self.image.tables.get(table as usize).map(|record| record.element).unwrap_or_default();
        self.trace_top(self.image.all_types().is_traced(element));
        Ok(())
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
