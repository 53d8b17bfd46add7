//! What handlers work on, and how one hands over to the next.

// @need-ids: REQ_023, REQ_TRAP_001

use super::accumulator;
pub(crate) use super::accumulator::{Acc, TAKES, dead, made, taken};
use crate::execute::{Detail, TrapInfo};
#[cfg(not(feature = "compact"))]
use crate::heap::HeapAtHand;
use crate::instr::{Cell, Instr, WINDOW_SLOTS};
use crate::stack::Frame;
use crate::storage::{Entry, FuncInst, InstanceView, MoreMemories, MoreTables, SPECIAL};
use crate::table::Ref;
use core::cell;
use core::hint::black_box;
use wrt_instructions::Trap;
use wrt_instructions::slot::Facc;

/// A slot of the stack. The windows of a caller and its callee overlap, and a call or return goes from one to the other
/// without giving the first one back.
pub(crate) type Register = cell::Cell<u64>;

/// The window on the running frame: an 8-bit register needs no bounds check, and nor does the slot after it.
pub(crate) type Regs = [Register; WINDOW_SLOTS];

/// The window on the frame at `base`; the stack's pad keeps it inside.
#[inline(always)]
pub(crate) fn window(slots: &[Register], base: u32) -> Option<&Regs> {
    let from = base as usize;
    // Where the sum cannot go round, one comparison is enough for both ends.
    let to = if cfg!(target_pointer_width = "64") { from.wrapping_add(WINDOW_SLOTS) } else { slots.len() };
    slots.get(from..to)?.first_chunk::<WINDOW_SLOTS>()
}

/// The instructions that are left, the one at hand first.
pub type Rest<'m> = &'m [Cell];

/// A handler: one instruction's whole work, ending in the next one's handler or a stop.
///
/// Five integer registers and one for floats carry all of it on the common 64-bit ABIs. The instruction at hand is read
/// where it lies: a field is one load where it is needed, while a packed word in a register would be shifted and masked for
/// each. One comparison says that both it and the one after are there (`step`).
pub type Handler = for<'a, 'm> fn(Rest<'m>, &'a Regs, &'a mut Context<'m>, Acc, Facc) -> Stop;

/// The instruction at hand, and what follows it.
#[inline(always)]
pub(crate) fn take(code: Rest<'_>) -> Option<(&Instr, Rest<'_>)> {
    code.split_first().map(|(cell, rest)| (&cell.instr, rest))
}

/// The instruction at hand, of a kind that others follow, and those: never none.
#[inline(always)]
pub(crate) fn step(code: Rest<'_>) -> Option<(&Instr, Rest<'_>)> {
    // The one comparison: of the number that is handed on. No slice has more than half of all numbers.
    if code.len().wrapping_sub(1).cast_signed() <= 0 {
        return None;
    }
    take(code)
}

/// The instruction at hand with its data word, of a kind that others follow, and those: never none.
#[inline(always)]
pub(crate) fn step_data(code: Rest<'_>) -> Option<(&Instr, &Instr, Rest<'_>)> {
    match code {
        [cell, data, rest @ ..] if !rest.is_empty() => Some((&cell.instr, &data.instr, rest)),
        _ => None,
    }
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
    /// One instruction done (`Stepped` only).
    Next,
}

/// The running instance, the fuel of the quantum, and the frames.
pub struct Context<'m> {
    pub(crate) memory: &'m mut [u8],
    pub(crate) code: &'m [Cell],
    pub(crate) fuel: u32,
    pub(crate) pc: u32,
    pub(crate) base: u32,
    pub(crate) instance: u32,
    pub(crate) entries: &'m [Entry],
    /// Room for frames, and those of them that are in use.
    pub(crate) frames: &'m [cell::Cell<Frame>],
    pub(crate) used: &'m [cell::Cell<Frame>],
    pub(crate) slots: &'m [Register],
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
    /// Where a trap is told: the call's state.
    pub(crate) trap: &'m mut Option<TrapInfo>,
    // Where a stepped instruction ended; chained handlers pass these in registers.
    pub(crate) rest: Rest<'m>,
    pub(crate) acc: Acc,
    pub(crate) facc: Facc,
    // Last, so that what calls use stays within reach of short offsets.
    pub(crate) more_memories: MoreMemories<'m>,
    pub(crate) more_tables: MoreTables<'m>,
    #[cfg(not(feature = "compact"))]
    pub(crate) heap: HeapAtHand<'m>,
    /// Zeroes of which the compiler does not know that they are ([`in_one`](wrt_instructions::vector::meaning::in_one)).
    #[cfg(all(cells, feature = "simd"))]
    pub(crate) zeroes: [u64; 2],
    /// Where to look handlers up: an address that need not be put together for each.
    #[cfg(all(threaded, not(cells), not(table_argument)))]
    pub(crate) handlers: &'static super::handlers::Handlers,
}

impl<'m> Context<'m> {
    pub(crate) fn new(
        view: &'m mut InstanceView<'m>,
        (frames, depth): (&'m mut [Frame], u32),
        slots: &'m mut [u64],
        (instance, trap): (u32, &'m mut Option<TrapInfo>),
    ) -> Self {
        let frames = cell::Cell::from_mut(frames).as_slice_of_cells();
        Self {
            memory: view.memory,
            code: view.code,
            fuel: 0,
            pc: 0,
            base: 0,
            instance,
            entries: view.entries,
            frames,
            used: frames.get(..depth as usize).unwrap_or_default(),
            slots: cell::Cell::from_mut(slots).as_slice_of_cells(),
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
            trap,
            rest: &[],
            acc: accumulator::first(),
            facc: Facc::default(),
            more_memories: view.more_memories.each_mut().map(|memory| &mut **memory),
            more_tables: view.more_tables.each_mut().map(|table| &mut **table),
            #[cfg(not(feature = "compact"))]
            heap: view.heap.each_mut(),
            #[cfg(all(cells, feature = "simd"))]
            zeroes: [0; 2],
            #[cfg(all(threaded, not(cells), not(table_argument)))]
            handlers: super::handlers::threaded_handlers(),
        }
    }

    /// How many frames are in use.
    pub(crate) fn depth(&self) -> u32 {
        self.used.len() as u32
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

    /// A table by its index, where this view has it: one it has not is empty, or `None`.
    #[inline(always)]
    pub(crate) fn table_at(&mut self, index: u32) -> Option<&mut [Ref]> {
        match index.checked_sub(1) {
            None => Some(self.table),
            Some(more) => self.more_tables.get_mut(more as usize).map(|table| &mut **table),
        }
    }

    /// Where the frame of a function at `base` and the pad behind it end, if the stack has room for them.
    #[inline(always)]
    pub(crate) fn end_of(&self, base: u32, entry: &Entry) -> Option<usize> {
        // One sum for both. A frame has too few slots for theirs to go round.
        let most = WINDOW_SLOTS.wrapping_add(entry.slots() as usize);
        (base as usize).checked_add(most).filter(|end| *end <= self.slots.len())
    }

    /// Pushes the caller's frame and turns to the callee's: check depth and slots, then push. Its window is left to those who
    /// need it.
    // @need-ids: REQ_005, REQ_RESOURCE_001
    #[inline(always)]
    pub(crate) fn enter(&mut self, entry: &Entry, start: u32, return_to: u32) -> Option<()> {
        let base = self.base.wrapping_add(start);
        self.end_of(base, entry)?;
        let depth = self.used.len();
        self.frames.get(depth)?.set(Frame { pc: return_to, base: self.base });
        self.used = self.frames.get(..depth.wrapping_add(1))?;
        self.base = base;
        Some(())
    }

    /// Where a stepped instruction ended.
    #[inline(always)]
    pub(crate) fn go_on(&mut self, rest: Rest<'m>, acc: Acc, facc: Facc) {
        self.rest = rest;
        self.acc = acc;
        self.facc = facc;
    }

    /// Takes the price of a segment from the quantum, if it is there.
    #[inline(always)]
    pub(crate) fn charge(&mut self, price: u32) -> bool {
        let (left, short) = self.fuel.overflowing_sub(price);
        if !short {
            self.fuel = left;
        }
        !short
    }

    /// Takes the frame of the caller off the stack; where it goes on, or a mark.
    #[inline(always)]
    pub(crate) fn leave(&mut self) -> Option<u32> {
        let (frame, below) = self.used.split_last()?;
        let frame = frame.get();
        self.used = below;
        self.base = frame.base;
        Some(frame.pc)
    }
}

// The cold ends. None of them is inlined: what they need would cost every handler registers.

/// A stop that handlers pass on as it is. Were it known to be a constant, they would come back to return it, or step over
/// the instructions that do (Arm).
#[inline(always)]
fn opaque(stop: Stop) -> Stop {
    black_box(stop)
}

/// Code that ends where an instruction should be. Cold, so that the test for it never jumps: a jump taken in each handler
/// costs a quarter of the speed (x86-64).
#[cold]
#[inline(never)]
pub(crate) fn ended(ctx: &mut Context<'_>) -> Stop {
    // With an argument on small processors alone: where there is nothing to do but to come here, Arm makes the test a third
    // instruction, and each handler has one.
    if !cfg!(cells) {
        ctx.pc = ctx.code.len() as u32;
    }
    opaque(Stop::Corrupt)
}

/// The same in handlers of conversions. They take the float accumulator, though they only overwrite it: a conversion from an integer
/// leaves the upper part of its register as it was (x86-64), so it waits for what made that, which may be all of a loop. The
/// compiler clears the register before, but only if it sees that it has a value.
#[cfg(not(feature = "compact"))]
#[cold]
#[inline(never)]
pub(crate) fn ended_with(ctx: &mut Context<'_>, facc: Facc) -> Stop {
    ctx.facc = facc;
    ended(ctx)
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
    *ctx.trap = Some(TrapInfo { trap, detail });
    opaque(Stop::Trap)
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
    opaque(Stop::Slow)
}

/// The head before `rest` costs more than is left.
#[cold]
#[inline(never)]
pub(crate) fn out_of_fuel(ctx: &mut Context<'_>, rest: Rest<'_>) -> Stop {
    ctx.pc = ctx.position(rest).wrapping_sub(1);
    opaque(Stop::Fuel)
}

/// The head of the function at `entry` costs more than is left.
#[cfg(threaded)]
#[cold]
#[inline(never)]
pub(crate) fn out_of_fuel_at(ctx: &mut Context<'_>, entry: &Entry) -> Stop {
    ctx.pc = entry.pc();
    opaque(Stop::Fuel)
}

/// Where there is no code: at a mark, whose meaning is the driver's business, or a damaged position.
#[cold]
#[inline(never)]
pub(crate) fn no_cell(ctx: &mut Context<'_>, pc: u32) -> Stop {
    ctx.pc = pc;
    opaque(if is_special(pc) { Stop::Switch } else { Stop::Corrupt })
}

/// How a handler goes on.
pub(crate) trait Dispatch {
    /// Whether results are written to their registers, besides being left in the accumulator.
    const WRITES: bool;
    /// Runs the first instruction of `rest`.
    fn next<'m>(rest: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop;
    /// Runs the fuel head that `rest` begins with, and what follows.
    fn head<'m>(rest: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop;
    /// Skips `distance` instructions.
    fn forward<'m>(distance: u32, rest: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop;
    /// Skips `distance` instructions, to a fuel head, and runs that.
    fn forward_head<'m>(
        distance: u32,
        rest: Rest<'m>,
        regs: &Regs,
        ctx: &mut Context<'m>,
        acc: Acc,
        facc: Facc,
    ) -> Stop;
    /// Goes on at `pc` in another frame, which is the context's by now.
    fn switch(pc: u32, ctx: &mut Context<'_>, acc: Acc) -> Stop;
    /// Begins the function at `entry`, whose frame is the context's by now: mostly with a head, which is run here.
    fn enter(entry: &Entry, ctx: &mut Context<'_>, acc: Acc) -> Stop;
}

/// Writes the result of an instruction.
#[inline(always)]
pub(crate) fn define<D: Dispatch>(n: &Instr, regs: &Regs, value: u64) {
    if D::WRITES {
        regs[n.a as usize].set(value);
    }
}

/// Handlers call each other; optimised, the call is a jump.
#[cfg(threaded)]
pub(crate) struct Threaded<const WRITES: bool>;

#[cfg(threaded)]
impl<const WRITES: bool> Dispatch for Threaded<WRITES> {
    const WRITES: bool = WRITES;

    #[inline(always)]
    fn next<'m>(rest: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
        let Some(cell) = rest.first() else { return ended(ctx) };
        super::handlers::threaded(cell, acc, ctx)(rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn head<'m>(rest: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
        let Some((n, rest)) = step(rest) else { return ended(ctx) };
        if !ctx.charge(n.imm) {
            return out_of_fuel(ctx, rest);
        }
        Self::next(rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn forward<'m>(distance: u32, rest: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
        let Some(rest) = rest.get(distance as usize..) else { return ended(ctx) };
        Self::next(rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn forward_head<'m>(
        distance: u32,
        rest: Rest<'m>,
        regs: &Regs,
        ctx: &mut Context<'m>,
        acc: Acc,
        facc: Facc,
    ) -> Stop {
        if cfg!(cells) {
            let Some(rest) = rest.get(distance as usize..) else { return ended(ctx) };
            return Self::head(rest, regs, ctx, acc, facc);
        }
        // What follows the head is looked for afterwards: to ask for both at once takes small processors an instruction more,
        // and hosts less time.
        let Some(n) = rest.get(distance as usize) else { return ended(ctx) };
        let rest = rest.get(distance as usize..).and_then(take).map(|(_, rest)| rest).unwrap_or_default();
        if !ctx.charge(n.instr.imm) {
            return out_of_fuel(ctx, rest);
        }
        Self::next(rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn switch(pc: u32, ctx: &mut Context<'_>, acc: Acc) -> Stop {
        let Some(regs) = window(ctx.slots, ctx.base) else { return ended(ctx) };
        let Some(code @ [cell, ..]) = ctx.code.get(pc as usize..) else { return no_cell(ctx, pc) };
        super::handlers::threaded(cell, acc, ctx)(code, regs, ctx, acc, Facc::default())
    }

    #[inline(always)]
    fn enter(entry: &Entry, ctx: &mut Context<'_>, acc: Acc) -> Stop {
        let (start, price) = entry.start();
        let Some(cell) = ctx.code.get(start as usize) else { return no_cell(ctx, start) };
        let code = ctx.code.get(start as usize..).unwrap_or_default();
        if !ctx.charge(price) {
            return out_of_fuel_at(ctx, entry);
        }
        let base = ctx.base;
        let slots = ctx.end_of(base, entry).and_then(|end| ctx.slots.get(base as usize..end));
        let Some(regs) = slots.and_then(<[Register]>::first_chunk) else { return ended(ctx) };
        super::handlers::threaded(cell, acc, ctx)(code, regs, ctx, acc, Facc::default())
    }
}

/// Each handler returns after its instruction; a loop runs the next one. Heads are instructions of their own here, so
/// that an observer sees each of them.
pub(crate) struct Stepped;

impl Dispatch for Stepped {
    const WRITES: bool = true;

    #[inline(always)]
    fn next<'m>(rest: Rest<'m>, _regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
        ctx.go_on(rest, acc, facc);
        Stop::Next
    }

    #[inline(always)]
    fn head<'m>(rest: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
        Self::next(rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn forward<'m>(distance: u32, rest: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
        let Some(rest) = rest.get(distance as usize..) else { return ended(ctx) };
        Self::next(rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn forward_head<'m>(
        distance: u32,
        rest: Rest<'m>,
        regs: &Regs,
        ctx: &mut Context<'m>,
        acc: Acc,
        facc: Facc,
    ) -> Stop {
        Self::forward(distance, rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn switch(pc: u32, ctx: &mut Context<'_>, _: Acc) -> Stop {
        ctx.pc = pc;
        Stop::Switch
    }

    #[inline(always)]
    fn enter(entry: &Entry, ctx: &mut Context<'_>, acc: Acc) -> Stop {
        ctx.top = ctx.base.wrapping_add(entry.slots());
        Self::switch(entry.pc(), ctx, acc)
    }
}

/// Whether a position is a mark or a function without code.
pub(crate) const fn is_special(pc: u32) -> bool {
    pc & SPECIAL != 0
}
