//! Lowering of exceptions. Handlers are lists beside the code, by position, which only `throw` reads: a `try_table` itself
//! is no instruction.

use super::Failure;
use super::control::Kind;
use super::memory::halves;
use super::stack::Lowering;
use alloc::vec::Vec;
use wasmparser::{Catch, TryTable};
use wrt_instructions::Op;
use wrt_instructions::op::Plain;
use wrt_runtime::Instr;
use wrt_runtime::image::format::{CATCH_REF, CatchRecord, HandlerRecord, NONE};

impl Lowering<'_> {
    /// Slots of what an exception with this tag carries.
    pub(super) fn tag_slots(&self, tag: u32) -> Result<u32, Failure> {
        let tag = self.image.tags.get(tag as usize);
        let tag = tag.ok_or_else(|| Failure::internal(self.offset, "no such tag"))?;
        Ok(self.type_slots(tag.ty.get())?.0)
    }

    // @need-ids: REQ_EXCEPTIONS_001, REQ_SAFEPOINT_001
    pub(super) fn throw(&mut self, tag: u32) -> Result<(), Failure> {
        let count = self.tag_slots(tag)?;
        let Some(first) = self.height().checked_sub(count) else {
            return Err(Failure::internal(self.offset, "throw without its values"));
        };
        // It can pause, as a bulk operator can.
        self.materialise_all();
        self.note_references();
        let (a, b) = halves(count);
        self.mark();
        self.emit(Instr::new(Op::plain(Plain::Throw), a, b, tag));
        self.emit(Instr::data(0, 0, self.operands(first, count)));
        self.unreachable = true;
        self.fence();
        Ok(())
    }

    // @need-ids: REQ_EXCEPTIONS_003, REQ_SAFEPOINT_001
    pub(super) fn throw_ref(&mut self) -> Result<(), Failure> {
        self.materialise_all();
        self.note_references();
        let (_, index) = self.pop()?;
        let place = self.place_of(index);
        self.mark();
        self.emit(Instr::new(Op::plain(Plain::ThrowRef), 0, 0, 0));
        self.emit(Instr::data(0, 0, place));
        self.unreachable = true;
        self.fence();
        Ok(())
    }

    // @need-ids: REQ_EXCEPTIONS_001, REQ_SAFEPOINT_001
    pub(super) fn try_table(&mut self, table: &TryTable) -> Result<(), Failure> {
        // What was pending is written before the handler begins: clauses find everything in place.
        self.materialise_all();
        let outer = self.handler;
        let mut next = outer;
        // From the last to the first, so that each leads to one that is there already. Their labels are those outside.
        for clause in table.catches.iter().rev() {
            next = self.catch(clause, next)?;
        }
        self.block(Kind::Block, table.ty)?;
        if next != outer {
            self.label_mut(0)?.outer_handler = Some(outer);
            self.handle(next);
        }
        Ok(())
    }

    /// Adds a clause in front of the clause `next`; returns its index.
    fn catch(&mut self, clause: &Catch, next: u32) -> Result<u32, Failure> {
        let (tag, depth, reference) = match *clause {
            Catch::One { tag, label } => (tag, label, false),
            Catch::All { label } => (NONE, label, false),
            Catch::OneRef { tag, label } => (tag, label, true),
            Catch::AllRef { label } => (NONE, label, true),
        };
        let carried = if tag == NONE { 0 } else { self.tag_slots(tag)? } + u32::from(reference);
        let index = self.handlers.clauses.len();
        let label = self.label(depth)?;
        let (height, head, is_loop) = (label.height, label.head, label.kind == Kind::Loop);
        let slot = match label.kind {
            _ if carried == 0 => 0,
            // Where results are returned.
            Kind::Function => 0,
            _ => self.operands(height, carried),
        };
        let slot = if reference { slot | CATCH_REF } else { slot };
        if !is_loop {
            self.label_mut(depth)?.catches.push(index);
        }
        let (tag, target, slot, next) = (tag.into(), head.into(), slot.into(), next.into());
        self.handlers.clauses.push(CatchRecord { tag, target, slot, next });
        Ok(index as u32)
    }

    /// From here on the innermost handler is the one whose first clause is `first`.
    pub(super) fn handle(&mut self, first: u32) {
        self.handler = first;
        let pc = self.at + self.code.len() as u32;
        self.handlers.records.push(HandlerRecord { pc: pc.into(), first: first.into() });
        self.barrier = self.code.len();
    }

    /// Lets clauses lead to the next instruction.
    pub(super) fn land(&mut self, catches: &[usize]) {
        let pc = self.at + self.code.len() as u32;
        for index in catches {
            if let Some(clause) = self.handlers.clauses.get_mut(*index) {
                clause.target = pc.into();
            }
        }
    }

    /// The return that clauses lead to which name the function's own label: results are where they must be.
    pub(super) fn land_in_return(&mut self, catches: &[usize], results: u32) -> Result<(), Failure> {
        self.land(catches);
        self.emit(Instr::new(Op::plain(Plain::Return), 0, 0, 0));
        // As if they were operands: a frame has the same size however they come there.
        self.reach(self.locals + results)
    }

    /// Indices in the function's code to which clauses lead.
    pub(super) fn landings(&self) -> Vec<usize> {
        self.handlers.clauses.iter().map(|clause| clause.target.get().wrapping_sub(self.at) as usize).collect()
    }
}
