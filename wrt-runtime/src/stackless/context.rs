//! What handlers work on, and how one hands over to the next.

use crate::execute::{Detail, TrapInfo};
use crate::instr::{Cell, Instr, WINDOW_SLOTS};
use crate::stack::Frame;
use crate::storage::{Entry, FuncInst, InstanceView, MoreMemories, SPECIAL};
use crate::table::Ref;
use wrt_instructions::Trap;
use wrt_instructions::slot::Facc;

/// The window on the running frame: an 8-bit register needs no bounds check, and nor does the slot after it.
pub(crate) type Regs = [u64; WINDOW_SLOTS];

/// The instructions that are left, the one at hand first.
pub type Rest<'m> = &'m [Cell];

/// A handler: one instruction's whole work, ending in the next one's handler or a stop.
///
/// Five integer registers and one for floats carry all of it on the common 64-bit ABIs. The instruction at hand is read
/// where it lies: a field is one load where it is needed, while a packed word in a register would be shifted and masked for
/// each. One comparison says that both it and the one after are there ([`step`]).
pub type Handler = for<'a, 'm> fn(Rest<'m>, &'a mut Regs, &'a mut Context<'m>, u64, Facc) -> Stop;

/// The instruction at hand, and what follows it.
#[inline(always)]
pub(crate) fn take(code: Rest<'_>) -> Option<(&Instr, Rest<'_>)> {
    code.split_first().map(|(cell, rest)| (&cell.instr, rest))
}

/// The instruction at hand, of a kind that others follow, and those: never none.
#[inline(always)]
pub(crate) fn step(code: Rest<'_>) -> Option<(&Instr, Rest<'_>)> {
    // The one comparison.
    if code.len() < 2 {
        return None;
    }
    take(code)
}

/// Why handlers gave control back to the driver loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// The frame or position changed: go on at `pc` with the window at `base`.
    Switch,
    /// A head costs more than what is left of the quantum.
    Fuel,
    /// A trap, described in the context.
    Trap,
    /// The instruction at `pc` needs what only the driver has.
    Slow,
    /// A call of the function `callee`, which is not this instance's own; arguments start at slot `start`.
    CallOther,
    /// A call of the host's function with the number `callee`; arguments start at slot `start`.
    CallHost,
    /// Code ran off its end or met a data word.
    Corrupt,
    /// One instruction done ([`Stepped`] only).
    Next,
}

/// The running instance, the fuel of the quantum, and the frames.
pub struct Context<'m> {
    pub(crate) memory: &'m mut [u8],
    pub(crate) code: &'m [Cell],
    pub(crate) fuel: u32,
    pub(crate) pc: u32,
    pub(crate) base: u32,
    pub(crate) depth: u32,
    pub(crate) slot_limit: u32,
    pub(crate) instance: u32,
    pub(crate) entries: &'m [Entry],
    pub(crate) frames: &'m mut [Frame],
    pub(crate) globals: &'m mut [u64],
    pub(crate) global_base: u32,
    pub(crate) page_log2: u8,
    pub(crate) table: &'m mut [Ref],
    pub(crate) types: &'m [u32],
    pub(crate) funcs: &'m [FuncInst],
    pub(crate) func_addrs: &'m [u32],
    pub(crate) imported_globals: &'m [u32],
    pub(crate) callee: u32,
    pub(crate) start: u32,
    /// One past the slots of the frame entered last; what observed runs keep the maximum of.
    pub(crate) top: u32,
    pub(crate) trap: Option<TrapInfo>,
    // Where a stepped instruction ended; chained handlers pass these in registers.
    pub(crate) rest: Rest<'m>,
    pub(crate) acc: u64,
    pub(crate) facc: Facc,
    // Last, so that what calls use stays within reach of short offsets.
    pub(crate) more_memories: MoreMemories<'m>,
}

impl<'m> Context<'m> {
    pub(crate) fn new(view: InstanceView<'m>, frames: &'m mut [Frame], instance: u32, slot_limit: u32) -> Self {
        Self {
            memory: view.memory,
            code: view.code,
            fuel: 0,
            pc: 0,
            base: 0,
            depth: 0,
            slot_limit,
            instance,
            entries: view.entries,
            frames,
            globals: view.globals,
            global_base: view.global_base,
            page_log2: view.page_log2,
            table: view.table,
            types: view.types,
            funcs: view.funcs,
            func_addrs: view.func_addrs,
            imported_globals: view.imported_globals,
            callee: 0,
            start: 0,
            top: 0,
            trap: None,
            rest: &[],
            acc: 0,
            facc: Facc::default(),
            more_memories: view.more_memories,
        }
    }

    /// The position of the first of the instructions that are left.
    #[inline(always)]
    pub(crate) fn position(&self, rest: Rest<'_>) -> u32 {
        self.code.len().wrapping_sub(rest.len()) as u32
    }

    /// A memory by its index, where this view has it: one it has not is empty, or `None`.
    #[inline(always)]
    pub(crate) fn memory_at(&mut self, index: u32) -> Option<&mut [u8]> {
        match index.checked_sub(1) {
            None => Some(self.memory),
            Some(more) => self.more_memories.get_mut(more as usize).map(|memory| &mut **memory),
        }
    }

    /// Pushes the caller's frame and turns to the callee's: check depth and slots, then push.
    // @need-ids: REQ_005, REQ_RESOURCE_001
    #[inline(always)]
    pub(crate) fn enter(&mut self, entry: Entry, start: u32, return_to: u32) -> Option<Stop> {
        let base = self.base.wrapping_add(start);
        let top = base.wrapping_add(entry.slots);
        if top > self.slot_limit {
            return None;
        }
        *self.frames.get_mut(self.depth as usize)? = Frame { pc: return_to, base: self.base };
        self.depth = self.depth.wrapping_add(1);
        self.base = base;
        self.top = top;
        self.pc = entry.pc;
        Some(Stop::Switch)
    }

    /// Where a stepped instruction ended.
    #[inline(always)]
    pub(crate) fn go_on(&mut self, rest: Rest<'m>, acc: u64, facc: Facc) {
        self.rest = rest;
        self.acc = acc;
        self.facc = facc;
    }

    /// Returns to the caller; a mark in place of a position is the driver's business.
    #[inline(always)]
    pub(crate) fn leave(&mut self) -> Stop {
        self.depth = self.depth.wrapping_sub(1);
        let Some(frame) = self.frames.get(self.depth as usize) else { return ended() };
        self.base = frame.base;
        self.pc = frame.pc;
        Stop::Switch
    }
}

// The cold ends. None of them is inlined: what they need would cost every handler registers.

/// Code that ends where an instruction should be. Cold, so that the test for it never jumps: a jump taken in each handler
/// costs a quarter of the speed (x86-64).
#[cold]
#[inline(never)]
pub(crate) fn ended() -> Stop {
    Stop::Corrupt
}

/// A trap at the instruction before `rest`.
#[cold]
#[inline(never)]
pub(crate) fn raise(ctx: &mut Context<'_>, rest: Rest<'_>, trap: Trap) -> Stop {
    raise_with(ctx, rest, trap, Detail::None)
}

#[cold]
#[inline(never)]
pub(crate) fn raise_with(ctx: &mut Context<'_>, rest: Rest<'_>, trap: Trap, detail: Detail) -> Stop {
    ctx.pc = ctx.position(rest).wrapping_sub(1);
    ctx.trap = Some(TrapInfo { trap, detail });
    Stop::Trap
}

/// An access of `length` bytes at `address`, outside of memory 0.
#[cold]
#[inline(never)]
pub(crate) fn outside(ctx: &mut Context<'_>, rest: Rest<'_>, address: u64, length: u64) -> Stop {
    let detail = Detail::Memory { address, length, size: ctx.memory.len() as u64 };
    raise_with(ctx, rest, Trap::MemoryOutOfBounds, detail)
}

/// The instruction before `rest` is the driver's.
#[cold]
#[inline(never)]
pub(crate) fn slow(ctx: &mut Context<'_>, rest: Rest<'_>) -> Stop {
    ctx.pc = ctx.position(rest).wrapping_sub(1);
    Stop::Slow
}

/// The head before `rest` costs more than is left.
#[cold]
#[inline(never)]
pub(crate) fn out_of_fuel(ctx: &mut Context<'_>, rest: Rest<'_>) -> Stop {
    ctx.pc = ctx.position(rest).wrapping_sub(1);
    Stop::Fuel
}

/// How a handler goes on.
pub(crate) trait Dispatch {
    /// Whether results are written to their registers, besides being left in the accumulator.
    const WRITES: bool;
    /// Runs the first instruction of `rest`.
    fn next<'m>(rest: Rest<'m>, regs: &mut Regs, ctx: &mut Context<'m>, acc: u64, facc: Facc) -> Stop;
    /// Runs the fuel head that `rest` begins with, and what follows.
    fn head<'m>(rest: Rest<'m>, regs: &mut Regs, ctx: &mut Context<'m>, acc: u64, facc: Facc) -> Stop;
    /// Skips `distance` instructions.
    fn forward<'m>(distance: u32, rest: Rest<'m>, regs: &mut Regs, ctx: &mut Context<'m>, acc: u64, facc: Facc)
    -> Stop;
    /// Skips `distance` instructions, to a fuel head, and runs that.
    fn forward_head<'m>(
        distance: u32,
        rest: Rest<'m>,
        regs: &mut Regs,
        ctx: &mut Context<'m>,
        acc: u64,
        facc: Facc,
    ) -> Stop;
}

/// Writes the result of an instruction.
#[inline(always)]
pub(crate) fn define<D: Dispatch>(n: &Instr, regs: &mut Regs, value: u64) {
    if D::WRITES {
        regs[n.a as usize] = value;
    }
}

/// Handlers call each other; optimised, the call is a jump.
#[cfg(threaded)]
pub(crate) struct Threaded<const WRITES: bool>;

#[cfg(threaded)]
impl<const WRITES: bool> Dispatch for Threaded<WRITES> {
    const WRITES: bool = WRITES;

    #[inline(always)]
    fn next<'m>(rest: Rest<'m>, regs: &mut Regs, ctx: &mut Context<'m>, acc: u64, facc: Facc) -> Stop {
        let Some(cell) = rest.first() else { return ended() };
        super::handlers::threaded(cell)(rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn head<'m>(rest: Rest<'m>, regs: &mut Regs, ctx: &mut Context<'m>, acc: u64, facc: Facc) -> Stop {
        let Some((n, rest)) = step(rest) else { return ended() };
        match ctx.fuel.checked_sub(n.imm) {
            Some(left) => ctx.fuel = left,
            None => return out_of_fuel(ctx, rest),
        }
        Self::next(rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn forward<'m>(
        distance: u32,
        rest: Rest<'m>,
        regs: &mut Regs,
        ctx: &mut Context<'m>,
        acc: u64,
        facc: Facc,
    ) -> Stop {
        let Some(rest) = rest.get(distance as usize..) else { return ended() };
        Self::next(rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn forward_head<'m>(
        distance: u32,
        rest: Rest<'m>,
        regs: &mut Regs,
        ctx: &mut Context<'m>,
        acc: u64,
        facc: Facc,
    ) -> Stop {
        let Some(rest) = rest.get(distance as usize..) else { return ended() };
        Self::head(rest, regs, ctx, acc, facc)
    }
}

/// Each handler returns after its instruction; a loop runs the next one. Heads are instructions of their own here, so
/// that an observer sees each of them.
pub(crate) struct Stepped;

impl Dispatch for Stepped {
    const WRITES: bool = true;

    #[inline(always)]
    fn next<'m>(rest: Rest<'m>, _regs: &mut Regs, ctx: &mut Context<'m>, acc: u64, facc: Facc) -> Stop {
        ctx.go_on(rest, acc, facc);
        Stop::Next
    }

    #[inline(always)]
    fn head<'m>(rest: Rest<'m>, regs: &mut Regs, ctx: &mut Context<'m>, acc: u64, facc: Facc) -> Stop {
        Self::next(rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn forward<'m>(
        distance: u32,
        rest: Rest<'m>,
        regs: &mut Regs,
        ctx: &mut Context<'m>,
        acc: u64,
        facc: Facc,
    ) -> Stop {
        let Some(rest) = rest.get(distance as usize..) else { return ended() };
        Self::next(rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn forward_head<'m>(
        distance: u32,
        rest: Rest<'m>,
        regs: &mut Regs,
        ctx: &mut Context<'m>,
        acc: u64,
        facc: Facc,
    ) -> Stop {
        Self::forward(distance, rest, regs, ctx, acc, facc)
    }
}

/// Whether a position is a mark or a function without code.
pub(crate) const fn is_special(pc: u32) -> bool {
    pc & SPECIAL != 0
}
