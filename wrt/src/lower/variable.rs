//! Lowering of locals, globals, `select`, constants and references.

use super::Failure;
use super::stack::{Lowering, Value};
use wrt_instructions::Op;
use wrt_instructions::op::Plain;
use wrt_runtime::Instr;
use wrt_runtime::image::format::{ValType, flag};

impl Lowering<'_> {
    pub(super) fn local_get(&mut self, index: u32) -> Result<(), Failure> {
        let slot = self.local(index)?;
        if self.is_vector_local(index)? {
            return self.push_pair([Value::Local(slot), Value::Local(slot + 1)]).map(|_| ());
        }
        let traced = self.is_traced_local(index)?;
        self.push_typed(Value::Local(slot), traced).map(|_| ())
    }

    pub(super) fn local_set(&mut self, index: u32) -> Result<(), Failure> {
        let local = self.local(index)?;
        if self.is_vector_local(index)? {
            return self.vector_local_set(local);
        }
        let (value, entry) = self.pop()?;
        let slot = self.slot(entry);
        match value {
            Value::Slot => self.local_set_slot(local, slot),
            Value::Local(from) => {
                self.materialise_local(local);
                self.move_slot(local, from);
            }
            Value::Const(constant) => {
                self.materialise_local(local);
                self.constant(local, constant);
            }
            Value::Sum(from, constant) => {
                self.materialise_local(local);
                self.sum(local, from, constant);
            }
        }
        Ok(())
    }

    /// The local becomes what stands in `slot`: where the instruction before made it, that one writes the local instead.
    fn local_set_slot(&mut self, local: u32, slot: u32) {
        if self.is_far(slot) {
            return self.local_set_far(local, slot);
        }
        let near = local < 256 && !(self.wide && (local >= 248 || self.is_read_later(local)));
        if near
            && self.last_definition(slot).is_some()
            && let Some((mut instr, mark)) = self.take_last()
        {
            // Reads of the old value go in before.
            self.materialise_local(local);
            if instr.op() == Op::plain(Plain::Mov) {
                self.move_slot(local, u32::from(instr.b));
            } else {
                instr.a = local as u8;
                self.put_last(instr, mark);
            }
            return;
        }
        self.materialise_local(local);
        self.move_slot(local, slot);
    }

    pub(super) fn local_tee(&mut self, index: u32) -> Result<(), Failure> {
        self.local_set(index)?;
        self.local_get(index)
    }

    pub(super) fn drop(&mut self) -> Result<(), Failure> {
        if self.is_vector() { self.pop_pair().map(|_| ()) } else { self.pop().map(|_| ()) }
    }

    pub(super) fn select(&mut self) -> Result<(), Failure> {
        // The condition is on top, and below it the second operand.
        if self.high_halves.iter().rev().nth(1).copied().unwrap_or(false) {
            return self.vector_select();
        }
        let condition = self.pop()?;
        let traced = self.is_top_traced();
        let second = self.pop()?;
        let first = self.pop()?;
        let b = self.register_of(first);
        let (second, condition) = {
            let second = self.register_of(second);
            (second, self.register_of(condition))
        };
        self.push_defined(Op::plain(Plain::Select), b, u32::from(second) | u32::from(condition) << 8)?;
        self.trace_top(traced);
        Ok(())
    }

    /// The type of a global, whether it is imported, and its number: the instance's own are reached directly, imported ones by a list.
    fn global(&self, index: u32) -> Result<(ValType, bool, u32), Failure> {
        let record = self.image.globals.get(index as usize);
        let record = record.ok_or_else(|| Failure::internal(self.offset, "no such global"))?;
        Ok((record.ty, record.flags.get() & flag::IMPORTED != 0, record.slot.get()))
    }

    pub(super) fn global_get(&mut self, index: u32) -> Result<(), Failure> {
        let (ty, imported, number) = self.global(index)?;
        if ty == ValType::V128 {
            return self.vector_global_get(imported, number);
        }
        let row = if imported { Plain::ImportedGlobalGet } else { Plain::GlobalGet };
        self.push_defined(Op::plain(row), 0, number)?;
        self.trace_top(self.image.all_types().is_traced(ty));
        Ok(())
    }

    pub(super) fn global_set(&mut self, index: u32) -> Result<(), Failure> {
        let (ty, imported, number) = self.global(index)?;
        if ty == ValType::V128 {
            return self.vector_global_set(imported, number);
        }
        let row = if imported { Plain::ImportedGlobalSet } else { Plain::GlobalSet };
        let value = self.pop()?;
        let a = self.register_of(value);
        self.emit(Instr::new(Op::plain(row), a, 0, number));
        Ok(())
    }
}
