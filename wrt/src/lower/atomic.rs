//! Lowering of atomic operators.

use super::Failure;
use super::memory::halves;
use super::stack::{Lowering, Value};
use wasmparser::{MemArg, MemArgTarget};
use wrt_instructions::Op;
use wrt_instructions::atomic::Atomic;
use wrt_instructions::op::Plain;
use wrt_runtime::Instr;
use wrt_runtime::atomic::instruction_offset;

impl Lowering<'_> {
    /// An atomic operator on operands that stay in their slots: it may wait, and what stands in between is a pause.
    // @need-ids: REQ_THREADS_001, REQ_THREADS_002, REQ_SAFEPOINT_001
    pub(super) fn atomic(&mut self, op: Atomic, memarg: MemArg) -> Result<(), Failure> {
        let MemArgTarget::Memory(memory) = memarg.target else {
            return Err(Failure::internal(self.offset, "an access that is of no memory"));
        };
        let offset = instruction_offset(memarg.offset);
        self.materialise_all();
        for _ in 1..op.operands() {
            self.pop()?;
        }
        let first = self.pop()?.1;
        let place = self.operands(first, op.operands());
        let (a, b) = halves(memory);
        self.mark();
        self.emit(Instr::new(Op::plain(Plain::Atomic), op.number(), (offset >> 32) as u8, place));
        self.emit(Instr::data(a, b, offset as u32));
        self.fence();
        if op.has_result() {
            self.push(Value::Slot)?;
        }
        Ok(())
    }
}
