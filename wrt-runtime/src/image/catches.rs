//! Checking an image's handlers, function by function, beside its code.
//!
//! Which function a clause belongs to is told by its target, so that both lists are walked once, without any memory.

use super::checker::{Checker, Fault, Function};
use super::error::CodeRule;
use super::format::{CATCH_REF, CatchRecord, NONE};
use crate::instr::{SPLIT, WIDE_SCRATCH};
use wrt_instructions::Part;

/// How many handlers and clauses belong to the functions so far.
#[derive(Default)]
pub(super) struct Seen {
    handlers: usize,
    clauses: usize,
}

fn require(holds: bool, pc: u32) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err((pc, CodeRule::Handler)) }
}

impl Checker<'_> {
    /// The handlers of a function, and their clauses.
    // @need-ids: REQ_EXCEPTIONS_001, REQ_IMAGE_001, REQ_VERIFY_003
    pub(super) fn handlers(&self, f: &Function<'_>, seen: &mut Seen) -> Result<(), Fault> {
        if !Part::Exceptions.is_built() {
            return Ok(());
        }
        let first = seen.clauses;
        while let Some(clause) = self.image.catches.get(seen.clauses)
            && (f.start..f.end()).contains(&clause.target.get())
        {
            let next = clause.next.get();
            let below = (first..seen.clauses).contains(&(next as usize));
            require((next == NONE || below) && self.clause(f, clause), clause.target.get())?;
            seen.clauses = seen.clauses.saturating_add(1);
        }
        let (mut pc, mut open) = (f.start, false);
        while let Some(handler) = self.image.handlers.get(seen.handlers)
            && handler.pc.get() < f.end()
        {
            let clause = handler.first.get();
            open = clause != NONE;
            let own = (first..seen.clauses).contains(&(clause as usize));
            require(handler.pc.get() >= pc && (own || !open), handler.pc.get())?;
            pc = handler.pc.get();
            seen.handlers = seen.handlers.saturating_add(1);
        }
        // One that does not end would go on in the next function.
        require(!open, pc)
    }

    /// No handlers are left when all functions were seen.
    pub(super) fn no_more_handlers(&self, seen: &Seen) -> Result<(), Fault> {
        if !Part::Exceptions.is_built() {
            return Ok(());
        }
        let (handlers, clauses) = (self.image.handlers.get(seen.handlers), self.image.catches.get(seen.clauses));
        require(handlers.is_none(), handlers.map_or(0, |handler| handler.pc.get()))?;
        require(clauses.is_none(), clauses.map_or(0, |clause| clause.target.get()))
    }

    /// A clause leads to an instruction as a branch does, and has room for what its tag carries.
    fn clause(&self, f: &Function<'_>, clause: &CatchRecord) -> bool {
        let leads = f.entrance(clause.target.get()).is_ok();
        let (slot, all) = (clause.slot.get(), clause.tag.get() == NONE);
        let reference = slot & CATCH_REF != 0;
        if all && !reference {
            return leads && slot == 0;
        }
        if reference && !Part::Gc.is_built() {
            return false;
        }
        let scratch = if slot & SPLIT == 0 { 0 } else { WIDE_SCRATCH };
        let first = (slot & !(SPLIT | CATCH_REF)).saturating_add(u32::from(reference)).saturating_add(scratch);
        let arity = if all { Some(0) } else { self.tag_arity(clause.tag.get()) };
        leads && arity.is_some_and(|arity| first.saturating_add(arity) <= f.slots)
    }
}
