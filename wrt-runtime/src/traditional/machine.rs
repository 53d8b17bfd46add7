//! What running bytecode works on: an instance and where the running frame is; and how it changes frames.

use super::reader;
use crate::execute::{Detail, TrapInfo};
use crate::heap::HeapPart;
use crate::image::format::{GlobalRecord, ValType, flag};
use crate::instr::{WIDE_LIMIT, WIDE_SCRATCH, WINDOW};
use crate::moves::{SLOTS, move_within};
use crate::side::{Body, Side, SideEntry};
use crate::stack::Frame;
use crate::storage::{Bytecode, FuncInst, InstanceView, MoreMemories, SPECIAL};
use crate::table::Ref;
use wrt_instructions::{Part, Trap};

/// Where the running frame is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    /// Offset of the next operator from the module's start, in bytes.
    pub(super) pc: u32,
    /// The next entry of the side table.
    pub(super) side: u32,
    /// First slot of the frame.
    pub(super) base: u32,
    /// How many values are in the frame, in slots: locals, then operands.
    pub(super) height: u32,
    /// Whether it has scratch slots.
    pub(super) wide: bool,
    /// Whether this function was charged for anything since it was entered.
    pub(super) paid: bool,
}

impl Cursor {
    /// The slot of the value with `height` others below it in the frame.
    #[inline(always)]
    pub(super) const fn place(&self, height: u32) -> u32 {
        let slot = self.base.wrapping_add(height);
        if self.is_wide() && height >= WIDE_LIMIT { slot.wrapping_add(WIDE_SCRATCH) } else { slot }
    }

    /// The cursor of a frame that begins at `base`, where an entry of the side table leads to; its height is not known yet.
    pub(super) const fn standing(entry: SideEntry, side: u32, base: u32) -> Self {
        Self { pc: entry.offset(), side, base, height: 0, wide: entry.is_wide(), paid: true }
    }

    /// The cursor of a function's frame that begins at `base`, its locals in their places.
    pub(super) const fn entering(body: &Body, base: u32) -> Self {
        let (pc, side, height) = (body.start.get(), body.side.get(), body.locals.get());
        Self { pc, side, base, height, wide: body.slots.get() > WINDOW as u32, paid: false }
    }

    #[inline(always)]
    pub(super) const fn is_wide(&self) -> bool {
        self.wide && Part::WideFrames.is_built()
    }

    /// Where `count` values from `height` on are handed to a callee, or taken from it: side by side, behind the window where
    /// they would stand on both sides of the scratch slots.
    pub(super) const fn handed_over(&self, height: u32, count: u32) -> u32 {
        if self.splits(height, count) { self.base.wrapping_add(WINDOW as u32) } else { self.place(height) }
    }

    pub(super) const fn splits(&self, height: u32, count: u32) -> bool {
        self.is_wide() && height < WIDE_LIMIT && height.saturating_add(count) > WIDE_LIMIT
    }
}

/// Why bytecode stopped running, at [`Machine::at`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The frame changed to one that is not this instance's, or a mark: [`Cursor::side`] and [`Cursor::base`] say where to go on.
    Left,
    /// The charge at the head where the frame stands exceeds what is left.
    Pause,
    /// The trap that the state has, of the operator there.
    Trap,
    /// A call does not fit.
    Full,
    /// A function of the host is called, or one of another instance.
    Call {
        /// Address of the callee.
        addr: u32,
        /// First slot of its frame.
        base: u32,
    },
    /// The operator there is the driver's.
    Slow,
}

/// Why a frame's operators stopped. What goes with it is in the [`Machine`]: it fits a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// They did not: go on where [`Machine::at`] says.
    Go,
    /// A call of the function at [`Machine::with`].
    Call,
    /// The same in place of the running frame.
    ReturnCall,
    /// So many slots are returned as [`Machine::with`] says.
    Return,
    /// The charge at the head is more than there is for now.
    Pause,
    /// [`Machine::trap`] at [`Machine::at`].
    Trap,
    /// The operator at [`Machine::at`] is the driver's.
    Slow,
}

/// How much fuel is handed out at a time. Where operators call each other it bounds how deep, whatever the compiler made of the
/// calls: a unit pays for a few of them.
const QUANTUM: u32 = 1024;

/// A running instance.
pub(super) struct Machine<'m> {
    pub(super) code: &'m [u8],
    pub(super) side: &'m [SideEntry],
    pub(super) bodies: &'m [Body],
    pub(super) memory: &'m mut [u8],
    /// Where the running frame is. While it runs, `pc` and `height` are kept elsewhere.
    pub(super) at: Cursor,
    /// Offset at which the code that is run ends: where the next entry of the side table is.
    pub(super) end: u32,
    /// Index of that memory: 0, unless the driver runs one access to another.
    pub(super) memory_index: u32,
    /// What is left of the quantum, and what is left beside it.
    pub(super) fuel: u32,
    pub(super) reserve: u64,
    /// What goes with a [`Halt`]: the address of a callee, or how many slots are returned.
    pub(super) with: u32,
    pub(super) trap: &'m mut Option<TrapInfo>,
    pub(super) frames: &'m mut [Frame],
    pub(super) depth: u32,
    pub(super) slot_limit: u32,
    pub(super) instance: u32,
    pub(super) globals: &'m mut [u64],
    pub(super) global_base: u32,
    pub(super) global_records: &'m [GlobalRecord],
    pub(super) imported_globals: &'m [u32],
    pub(super) page_log2: u8,
    pub(super) table: &'m mut [Ref],
    pub(super) types: &'m [u32],
    pub(super) funcs: &'m [FuncInst],
    pub(super) func_addrs: &'m [u32],
    pub(super) more_memories: MoreMemories<'m>,
    pub(super) heap: HeapPart<'m>,
    /// One past the slots of the largest frame entered.
    pub(super) top: u32,
}

impl<'m> Machine<'m> {
    pub(super) fn new(
        (view, bytecode): (InstanceView<'m>, Bytecode<'m>),
        frames: &'m mut [Frame],
        (instance, slot_limit, depth): (u32, u32, u32),
        (fuel, trap): (u64, &'m mut Option<TrapInfo>),
    ) -> Self {
        Self {
            code: bytecode.bytes,
            side: bytecode.side,
            bodies: bytecode.bodies,
            memory: view.memory,
            at: Cursor { pc: 0, side: 0, base: 0, height: 0, wide: false, paid: false },
            end: 0,
            memory_index: 0,
            fuel: 0,
            reserve: fuel,
            with: 0,
            trap,
            frames,
            depth,
            slot_limit,
            instance,
            globals: view.globals,
            global_base: view.global_base,
            global_records: bytecode.globals,
            imported_globals: view.imported_globals,
            page_log2: view.page_log2,
            table: view.table,
            types: view.types,
            funcs: view.funcs,
            func_addrs: view.func_addrs,
            more_memories: view.more_memories,
            heap: view.heap,
            top: 0,
        }
    }

    /// The fuel that is left.
    pub(super) const fn remaining(&self) -> u64 {
        self.reserve.saturating_add(self.fuel as u64)
    }

    /// Runs on from `from` until something stops it. A change of frame is a turn of this loop.
    // @need-ids: REQ_TRADITIONAL_001, REQ_018
    pub(super) fn run(&mut self, slots: &mut [u64], from: Cursor) -> Stop {
        self.at = from;
        loop {
            let stop = match self.run_frame(slots) {
                Halt::Go => None,
                Halt::Call => self.call(slots),
                Halt::ReturnCall => self.return_call(slots),
                Halt::Return => self.return_(slots),
                Halt::Pause => self.hand_out(),
                Halt::Trap => Some(Stop::Trap),
                Halt::Slow => Some(Stop::Slow),
            };
            if let Some(stop) = stop {
                return stop;
            }
        }
    }

    /// The next quantum, if it covers the head at hand.
    fn hand_out(&mut self) -> Option<Stop> {
        let entry = self.side.get(self.at.side as usize).map(|entry| entry.side());
        let Some(Side::Head { charge: needed, .. }) = entry else { return Some(self.corrupt()) };
        let total = self.remaining();
        if total < needed.into() {
            return Some(Stop::Pause);
        }
        self.set_fuel(total, QUANTUM.max(needed));
        None
    }

    /// So much fuel is left, of which the engine has `quantum` in its hands, or all.
    pub(super) fn set_fuel(&mut self, left: u64, quantum: u32) {
        // No more than 32 bits: the lesser of both.
        self.fuel = left.min(quantum.into()) as u32;
        self.reserve = left.wrapping_sub(self.fuel.into());
    }

    /// The frame's operators stop at the one at `offset`, with this height.
    #[inline(always)]
    pub(super) fn halt(&mut self, offset: u32, height: usize, halt: Halt) -> Halt {
        self.at.pc = offset;
        self.at.height = height as u32;
        halt
    }

    #[cold]
    #[inline(never)]
    pub(super) fn fail(&mut self, offset: u32, height: usize, trap: Trap) -> Halt {
        *self.trap = Some(trap.into());
        self.halt(offset, height, Halt::Trap)
    }

    /// The operator that called or returned is not what it should be.
    #[cold]
    fn corrupt(&mut self) -> Stop {
        *self.trap = Some(Trap::CorruptCode.into());
        Stop::Trap
    }

    /// The frame at hand is one that is not run here.
    fn leave(&mut self, position: u32, base: u32) -> Stop {
        self.at.side = position;
        self.at.base = base;
        Stop::Left
    }

    // Calls.

    /// Returns to the caller.
    #[inline(always)]
    fn return_(&mut self, slots: &mut [u64]) -> Option<Stop> {
        let Some(first) = self.at.height.checked_sub(self.with) else { return Some(self.corrupt()) };
        for index in 0..self.with {
            let value = slots.get(self.at.place(first.wrapping_add(index)) as usize).copied();
            let to = slots.get_mut(self.at.base.wrapping_add(index) as usize);
            let (Some(value), Some(to)) = (value, to) else { return Some(self.corrupt()) };
            *to = value;
        }
        let below = self.depth.wrapping_sub(1);
        let Some(&Frame { pc: position, base }) = self.frames.get(below as usize) else { return Some(self.corrupt()) };
        self.depth = below;
        if position & SPECIAL == 0
            && let Some(at) = self.resume(slots, position, base)
        {
            self.at = at;
            return None;
        }
        Some(self.leave(position, base))
    }

    /// The cursor of a frame that stands at a safepoint; `None` for a position that is none.
    #[inline(always)]
    pub(super) fn resume(&self, slots: &mut [u64], position: u32, base: u32) -> Option<Cursor> {
        let entry = *self.side.get(position as usize)?;
        let mut at = Cursor::standing(entry, position, base);
        match entry.side() {
            Side::After { results, length } => {
                let call = self.side.get(position.checked_sub(1)? as usize)?.side();
                let Side::Call { height, params } = call else { return None };
                at.pc = at.pc.wrapping_add(length);
                let count = params.max(results);
                if at.splits(height, count) {
                    scatter(slots, at, height, results)?;
                }
                at.height = height.wrapping_add(results);
                at.side = at.side.wrapping_add(1);
            }
            Side::Head { height, .. } => {
                at.height = height;
                at.paid = false;
            }
            Side::Point { height } => at.height = height,
            // Its call did not fit yet. Above the arguments of a call through a table or reference stands what it calls.
            Side::Call { height, params } => {
                let through = self.code.get(at.pc as usize).is_some_and(|opcode| matches!(opcode, 0x11 | 0x13..=0x15));
                at.height = height.wrapping_add(params).wrapping_add(through.into());
            }
            _ => return None,
        }
        Some(at)
    }

    /// The height, arguments and results of the call at hand, and the position behind it.
    #[inline(always)]
    fn call_site(&self) -> Option<(u32, (u32, u32), u32)> {
        let Side::Call { height, params } = self.side.get(self.at.side as usize)?.side() else { return None };
        let after = self.at.side.wrapping_add(1);
        let Side::After { results, .. } = self.side.get(after as usize)?.side() else { return None };
        Some((height, (params, results), after))
    }

    /// Calls the function at [`with`](Self::with).
    // @need-ids: REQ_005, REQ_RESOURCE_001
    #[inline(always)]
    pub(super) fn call(&mut self, slots: &mut [u64]) -> Option<Stop> {
        let Some((height, arity, after)) = self.call_site() else { return Some(self.corrupt()) };
        let Some(&func) = self.funcs.get(self.with as usize) else { return Some(self.corrupt()) };
        // A function that calls itself twice runs for very long: not for nothing.
        if !self.at.paid {
            return Some(self.corrupt());
        }
        if func.instance != self.instance {
            let Some(base) = self.arguments(slots, height, arity) else { return Some(self.corrupt()) };
            return Some(Stop::Call { addr: self.with, base });
        }
        let Some(&body) = self.bodies.get(func.index as usize) else { return Some(self.corrupt()) };
        let base = self.at.handed_over(height, arity.0.max(arity.1));
        let frame = self.frames.get_mut(self.depth as usize);
        let Some(frame) = frame.filter(|_| base.saturating_add(body.slots.get()) <= self.slot_limit) else {
            return Some(Stop::Full);
        };
        *frame = Frame { pc: after, base: self.at.base };
        self.depth = self.depth.wrapping_add(1);
        // Only now: a call that does not fit is tried again, from where its arguments were.
        match self.arguments(slots, height, arity) {
            Some(callee) => self.enter(slots, &body, (func.index, callee)),
            None => Some(self.corrupt()),
        }
    }

    /// Puts arguments side by side, with room for results; returns where they stand.
    #[inline(always)]
    fn arguments(&self, slots: &mut [u64], height: u32, (params, results): (u32, u32)) -> Option<u32> {
        let callee = self.at.handed_over(height, params.max(results));
        if self.at.is_wide() && callee != self.at.place(height) {
            gather(slots, self.at, (callee, height), params)?;
        }
        Some(callee)
    }

    /// Turns to a function's beginning; its locals are zero then.
    // @need-ids: REQ_005, REQ_RESOURCE_001
    #[inline(always)]
    fn enter(&mut self, slots: &mut [u64], body: &Body, (index, base): (u32, u32)) -> Option<Stop> {
        if !body.is_present() {
            return Some(self.leave(SPECIAL | (index & 0x3FFF_FFFF), base));
        }
        self.top = self.top.max(base.wrapping_add(body.slots.get()));
        self.at = Cursor::entering(body, base);
        match prepare(slots, &self.at, body) {
            Some(()) => None,
            None => Some(self.corrupt()),
        }
    }

    /// Replaces the running frame by the function at [`with`](Self::with).
    fn return_call(&mut self, slots: &mut [u64]) -> Option<Stop> {
        let Some(&func) = self.funcs.get(self.with as usize) else { return Some(self.corrupt()) };
        let entry = self.side.get(self.at.side as usize).map(|entry| entry.side());
        let Some(Side::Call { height, params }) = entry else { return Some(self.corrupt()) };
        // A function that replaces itself comes back here: not for nothing.
        if !self.at.paid {
            return Some(self.corrupt());
        }
        if func.instance != self.instance {
            return Some(Stop::Slow);
        }
        let Some(&body) = self.bodies.get(func.index as usize) else { return Some(self.corrupt()) };
        if self.at.base.saturating_add(body.slots.get()) > self.slot_limit {
            return Some(Stop::Full);
        }
        for index in 0..params {
            let value = slots.get(self.at.place(height.wrapping_add(index)) as usize).copied();
            let to = slots.get_mut(self.at.base.wrapping_add(index) as usize);
            let (Some(value), Some(to)) = (value, to) else { return Some(self.corrupt()) };
            *to = value;
        }
        self.enter(slots, &body, (func.index, self.at.base))
    }

    // Variables.

    /// The first slot of a global, and whether it is a pair.
    #[inline(always)]
    pub(super) fn global(&self, index: u32) -> Option<(usize, bool)> {
        let record = self.global_records.get(index as usize)?;
        let slot = record.slot.get();
        let at = if record.flags.get() & flag::IMPORTED == 0 {
            self.global_base.wrapping_add(slot)
        } else {
            *self.imported_globals.get(slot as usize)?
        };
        Some((at as usize, record.ty == ValType::V128))
    }

    /// A memory by its index, where this view has it: one it has not is empty, or `None`.
    #[inline(always)]
    pub(super) fn memory_at(&mut self, index: u32) -> Option<&mut [u8]> {
        let at_hand = if Part::Memories.is_built() { self.memory_index } else { 0 };
        if index == at_hand {
            return Some(self.memory);
        }
        self.more_memories.get_mut(index.checked_sub(1)? as usize).map(|memory| &mut **memory)
    }

    /// An access outside of the memory at hand traps; one of another memory is the driver's.
    #[cold]
    #[inline(never)]
    pub(super) fn outside(&mut self, (offset, height): (u32, usize), memory: u32, address: u64, length: u32) -> Halt {
        if memory != self.memory_index {
            return self.halt(offset, height, Halt::Slow);
        }
        let detail = Detail::Memory { address, length: length.into(), size: self.memory.len() as u64 };
        *self.trap = Some(TrapInfo { trap: Trap::MemoryOutOfBounds, detail });
        self.halt(offset, height, Halt::Trap)
    }
}

/// Values that stand side by side behind the window, as a callee left them or was to get them, go to their places on both
/// sides of the scratch slots.
#[cold]
#[inline(never)]
fn scatter(slots: &mut [u64], at: Cursor, height: u32, results: u32) -> Option<()> {
    let from = at.base.wrapping_add(WINDOW as u32);
    for index in 0..results {
        let value = *slots.get(from.wrapping_add(index) as usize)?;
        *slots.get_mut(at.place(height.wrapping_add(index)) as usize)? = value;
    }
    Some(())
}

/// `count` values from `height` on go side by side to slot `to`, behind the window; from the end, because they move up.
#[cold]
#[inline(never)]
fn gather(slots: &mut [u64], at: Cursor, (to, height): (u32, u32), count: u32) -> Option<()> {
    for index in (0..count).rev() {
        let value = *slots.get(at.place(height.wrapping_add(index)) as usize)?;
        *slots.get_mut(to.wrapping_add(index) as usize)? = value;
    }
    Some(())
}

/// Puts parameters in their places and zeroes the other locals.
#[inline(always)]
pub(super) fn prepare(slots: &mut [u64], at: &Cursor, body: &Body) -> Option<()> {
    let (params, locals) = (body.params.get(), body.locals.get());
    if at.is_wide() && params > WIDE_LIMIT {
        // Behind the scratch slots.
        let from = at.base.wrapping_add(WIDE_LIMIT) as usize;
        let count = params.wrapping_sub(WIDE_LIMIT) as usize;
        move_within::<SLOTS, _>(slots, from, from.wrapping_add(WIDE_SCRATCH as usize), count)?;
    }
    let (from, to) = (at.place(params), at.place(locals));
    slots.get_mut(from as usize..to as usize)?.iter_mut().for_each(|slot| *slot = 0);
    Some(())
}

/// The immediates of the call at an offset: its opcode, function or type, and table.
pub(super) fn call_immediates(code: &[u8], offset: u32) -> Option<(u8, u32, u32)> {
    let mut rest = code.get(offset as usize..)?.iter();
    let opcode = reader::byte(&mut rest)?;
    let first = reader::u32(&mut rest)?;
    let table = if matches!(opcode, 0x11 | 0x13) { reader::u32(&mut rest)? } else { 0 };
    Some((opcode, first, table))
}
