//! What running bytecode works on: an instance, the stack, and where the running frame is.

use super::reader;
use crate::execute::{Detail, TrapInfo};
use crate::image::format::{GlobalRecord, ValType, flag};
use crate::instr::{WIDE_LIMIT, WIDE_SCRATCH, WINDOW};
use crate::moves::{SLOTS, move_within};
use crate::side::{Body, Side, SideEntry};
use crate::stack::Frame;
use crate::storage::{Bytecode, FuncInst, InstanceView, MoreMemories, SPECIAL};
use crate::table::Ref;
use wrt_instructions::Trap;

/// Where the running frame is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    /// Offset of the next operator from the module's start, in bytes.
    pub(super) pc: u32,
    /// The next entry of the side table.
    pub(super) side: u32,
    /// Its offset.
    pub(super) next: u32,
    /// One past the topmost operand's slot.
    pub(super) sp: u32,
    /// First slot of the frame.
    pub(super) base: u32,
    /// In a wide frame the slot at which its scratch slots begin; else [`NO_GAP`].
    pub(super) gap: u32,
    /// Whether this function was charged for anything since it was entered.
    pub(super) paid: bool,
}

/// Beyond all slots, and so is what scratch slots here would reach.
const NO_GAP: u32 = u32::MAX - WIDE_SCRATCH;

impl Cursor {
    /// The slot of the value with `height` others below it in the frame.
    #[inline(always)]
    pub(super) const fn place(&self, height: u32) -> u32 {
        let slot = self.base.wrapping_add(height);
        if slot >= self.gap { slot.wrapping_add(WIDE_SCRATCH) } else { slot }
    }

    /// The cursor of a frame that begins at `base` and has nothing on it yet, where an entry of the side table leads to.
    pub(super) const fn standing(entry: SideEntry, side: u32, base: u32) -> Self {
        let pc = entry.offset();
        Self { pc, side, next: pc, sp: base, base, gap: Self::gap(base, entry.is_wide()), paid: false }
    }

    /// The cursor of a function's frame that begins at `base`, its locals in their places.
    pub(super) const fn entering(body: &Body, base: u32) -> Self {
        let (pc, gap) = (body.start.get(), Self::gap(base, body.slots.get() > WINDOW as u32));
        let mut at = Self { pc, side: body.side.get(), next: pc, sp: base, base, gap, paid: false };
        at.sp = at.place(body.locals.get());
        at
    }

    /// One value more on top.
    #[inline(always)]
    pub(super) const fn raise(&mut self) {
        self.sp = self.sp.wrapping_add(1);
        if self.sp == self.gap {
            self.sp = self.sp.wrapping_add(WIDE_SCRATCH);
        }
    }

    /// One value less; `None` where there is none.
    #[inline(always)]
    pub(super) const fn drop(&mut self) -> Option<()> {
        if self.sp <= self.base {
            return None;
        }
        if self.sp == self.gap.wrapping_add(WIDE_SCRATCH) {
            self.sp = self.gap;
        }
        self.sp = self.sp.wrapping_sub(1);
        Some(())
    }

    /// How many values are in the frame below `sp`.
    pub(super) const fn height(&self) -> u32 {
        let slots = if self.sp > self.gap { self.sp.wrapping_sub(WIDE_SCRATCH) } else { self.sp };
        slots.wrapping_sub(self.base)
    }

    pub(super) const fn is_wide(&self) -> bool {
        self.gap != NO_GAP
    }

    const fn gap(base: u32, wide: bool) -> u32 {
        if wide { base.wrapping_add(WIDE_LIMIT) } else { NO_GAP }
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

/// Why bytecode stopped running.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop {
    /// The frame changed to one that is not this instance's, or a mark: `position` and `base` say where to go on.
    Left {
        /// Position or mark.
        position: u32,
        /// First slot of the frame.
        base: u32,
    },
    /// The charge at the head with this index exceeds what is left.
    Pause {
        /// Index of the head.
        head: u32,
        /// Where the frame is.
        at: Cursor,
    },
    /// A trap of the operator at an offset.
    Trap(TrapInfo, Cursor, u32),
    /// A call does not fit.
    Full(Cursor, u32),
    /// A function of the host is called, or one of another instance.
    Call {
        /// Address of the callee.
        addr: u32,
        /// First slot of its frame.
        callee: u32,
        /// The caller, at its call's entry.
        at: Cursor,
        /// Offset of the call.
        offset: u32,
    },
    /// The operator at an offset is the driver's.
    Slow(Cursor, u32),
}

/// A running instance.
pub(super) struct Machine<'m> {
    pub(super) code: &'m [u8],
    pub(super) side: &'m [SideEntry],
    pub(super) bodies: &'m [Body],
    pub(super) slots: &'m mut [u64],
    pub(super) memory: &'m mut [u8],
    /// Index of that memory: 0, unless the driver runs one access to another.
    pub(super) memory_index: u32,
    pub(super) fuel: u64,
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
    /// One past the slots of the largest frame entered.
    pub(super) top: u32,
}

impl<'m> Machine<'m> {
    pub(super) fn new(
        (view, bytecode): (InstanceView<'m>, Bytecode<'m>),
        (slots, frames): (&'m mut [u64], &'m mut [Frame]),
        (instance, slot_limit, depth): (u32, u32, u32),
        fuel: u64,
    ) -> Self {
        Self {
            code: bytecode.bytes,
            side: bytecode.side,
            bodies: bytecode.bodies,
            slots,
            memory: view.memory,
            memory_index: 0,
            fuel,
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
            top: 0,
        }
    }

    // Operands.

    #[inline(always)]
    pub(super) fn push(&mut self, at: &mut Cursor, value: u64) -> Option<()> {
        *self.slots.get_mut(at.sp as usize)? = value;
        at.raise();
        Some(())
    }

    #[inline(always)]
    pub(super) fn pop(&self, at: &mut Cursor) -> Option<u64> {
        at.drop()?;
        self.slots.get(at.sp as usize).copied()
    }

    // The side table.

    /// The entry that the operator at hand has, which is taken.
    #[inline(always)]
    pub(super) fn take(&self, at: &mut Cursor) -> Option<Side> {
        let entry = self.side.get(at.side as usize)?.side();
        self.skip(at, 1);
        Some(entry)
    }

    /// Goes on `count` entries further in the side table.
    #[inline(always)]
    pub(super) fn skip(&self, at: &mut Cursor, count: u32) {
        at.side = at.side.wrapping_add(count);
        at.next = self.side.get(at.side as usize).map_or(u32::MAX, |entry| entry.offset());
    }

    /// Arrives at an offset with entries: passes labels, and charges for heads.
    // @need-ids: REQ_FUEL_SCHEDULE_001, REQ_007, REQ_003
    #[inline(always)]
    pub(super) fn arrive(&mut self, at: &mut Cursor) -> Result<(), Stop> {
        loop {
            let Some(entry) = self.side.get(at.side as usize).filter(|entry| entry.offset() == at.pc) else {
                self.skip(at, 0);
                return Ok(());
            };
            match entry.side() {
                Side::Label { .. } => {}
                Side::Head { charge, .. } => {
                    let Some(left) = self.fuel.checked_sub(charge.into()) else {
                        return Err(Stop::Pause { head: at.side, at: *at });
                    };
                    self.fuel = left;
                    at.paid |= charge > 0;
                }
                _ => return Ok(()),
            }
            at.side = at.side.wrapping_add(1);
        }
    }

    // Control.

    /// Goes to the label of an entry, with what the branch carries.
    #[inline(always)]
    pub(super) fn branch(&mut self, at: &mut Cursor, target: u32) -> Option<()> {
        let entry = self.side.get(target as usize)?;
        let Side::Label { height, arity } = entry.side() else { return None };
        let sum = at.height().checked_sub(arity)?;
        if sum != height {
            self.carry(*at, (height, sum), arity)?;
        }
        at.sp = at.place(height.wrapping_add(arity));
        let from = at.pc;
        at.pc = entry.offset();
        at.side = target.wrapping_add(1);
        let next = self.side.get(at.side as usize).filter(|next| next.offset() == at.pc).map(|next| next.side());
        self.skip(at, 0);
        // Every way back is paid for, whatever a side table says.
        if at.pc <= from && !matches!(next, Some(Side::Head { charge: 1.., .. })) {
            return None;
        }
        Some(())
    }

    /// Moves `count` values down in the frame.
    #[inline(never)]
    fn carry(&mut self, at: Cursor, (to, from): (u32, u32), count: u32) -> Option<()> {
        // Down, so that front to back is as good as at once.
        if to > from {
            return None;
        }
        for index in 0..count {
            let value = *self.slots.get(at.place(from.wrapping_add(index)) as usize)?;
            *self.slots.get_mut(at.place(to.wrapping_add(index)) as usize)? = value;
        }
        Some(())
    }

    /// Returns `results` slots to the caller.
    #[inline(always)]
    pub(super) fn return_(&mut self, at: &mut Cursor, results: u32) -> Result<(), Stop> {
        let corrupt = |at: &Cursor| Stop::Trap(Trap::CorruptCode.into(), *at, at.pc);
        let first = at.height().checked_sub(results).ok_or_else(|| corrupt(at))?;
        for index in 0..results {
            let value = self.slots.get(at.place(first.wrapping_add(index)) as usize).copied();
            let to = self.slots.get_mut(at.base.wrapping_add(index) as usize);
            let (Some(value), Some(to)) = (value, to) else { return Err(corrupt(at)) };
            *to = value;
        }
        let Some(frame) = self.depth.checked_sub(1).and_then(|below| self.frames.get(below as usize)) else {
            return Err(corrupt(at));
        };
        self.depth = self.depth.wrapping_sub(1);
        let Frame { pc: position, base } = *frame;
        match self.resume(position, base) {
            Some(cursor) if position & SPECIAL == 0 => *at = cursor,
            _ => return Err(Stop::Left { position, base }),
        }
        Ok(())
    }

    /// The cursor of a frame that stands at a safepoint; `None` for a position that is none.
    pub(super) fn resume(&mut self, position: u32, base: u32) -> Option<Cursor> {
        let entry = *self.side.get(position as usize)?;
        let mut at = Cursor::standing(entry, position, base);
        at.paid = true;
        match entry.side() {
            Side::Head { height, .. } => {
                at.sp = at.place(height);
                at.paid = false;
            }
            Side::Point { height } => at.sp = at.place(height),
            // Its call did not fit yet. Above the arguments of a call through a table or reference stands what it calls.
            Side::Call { height, params } => {
                let through = self.code.get(at.pc as usize).is_some_and(|opcode| matches!(opcode, 0x11 | 0x13..=0x15));
                at.sp = at.place(height.wrapping_add(params).wrapping_add(through.into()));
            }
            Side::After { results, length } => {
                let call = self.side.get(position.checked_sub(1)? as usize)?.side();
                let Side::Call { height, params } = call else { return None };
                at.pc = at.pc.wrapping_add(length);
                let count = params.max(results);
                if at.splits(height, count) {
                    self.scatter(at, height, results)?;
                }
                at.sp = at.place(height.wrapping_add(results));
                self.skip(&mut at, 1);
            }
            _ => return None,
        }
        Some(at)
    }

    /// Values that stand side by side behind the window, as a callee left them or was to get them, go to their places on both
    /// sides of the scratch slots.
    #[cold]
    #[inline(never)]
    pub(super) fn scatter(&mut self, at: Cursor, height: u32, results: u32) -> Option<()> {
        let from = at.base.wrapping_add(WINDOW as u32);
        for index in 0..results {
            let value = *self.slots.get(from.wrapping_add(index) as usize)?;
            *self.slots.get_mut(at.place(height.wrapping_add(index)) as usize)? = value;
        }
        Some(())
    }

    /// Puts `params` arguments side by side, with room for `results`; returns where they stand.
    #[inline(always)]
    fn arguments(&mut self, at: &Cursor, height: u32, (params, results): (u32, u32)) -> Option<u32> {
        let callee = at.handed_over(height, params.max(results));
        if at.is_wide() && callee != at.place(height) {
            self.gather(*at, callee, height, params)?;
        }
        Some(callee)
    }

    /// Side by side behind the window; from the end, because they move up.
    #[cold]
    #[inline(never)]
    fn gather(&mut self, at: Cursor, callee: u32, height: u32, count: u32) -> Option<()> {
        for index in (0..count).rev() {
            let value = *self.slots.get(at.place(height.wrapping_add(index)) as usize)?;
            *self.slots.get_mut(callee.wrapping_add(index) as usize)? = value;
        }
        Some(())
    }

    // Calls.

    /// The height, arguments and results of the call at hand, and the position behind it.
    #[inline(always)]
    fn call_site(&self, at: &Cursor) -> Option<(u32, (u32, u32), u32)> {
        let Side::Call { height, params } = self.side.get(at.side as usize)?.side() else { return None };
        let after = at.side.wrapping_add(1);
        let Side::After { results, .. } = self.side.get(after as usize)?.side() else { return None };
        Some((height, (params, results), after))
    }

    /// Calls the function at an address; the operator's is at `offset`.
    #[inline(always)]
    pub(super) fn call(&mut self, at: &mut Cursor, addr: u32, offset: u32) -> Result<(), Stop> {
        let corrupt = Stop::Trap(Trap::CorruptCode.into(), *at, offset);
        let (height, arity, after) = self.call_site(at).ok_or(corrupt)?;
        let func = *self.funcs.get(addr as usize).ok_or(corrupt)?;
        if func.instance != self.instance {
            let callee = self.arguments(at, height, arity).ok_or(corrupt)?;
            return Err(Stop::Call { addr, callee, at: *at, offset });
        }
        let body = *self.bodies.get(func.index as usize).ok_or(corrupt)?;
        let Some(frame) = self.frames.get_mut(self.depth as usize) else { return Err(Stop::Full(*at, offset)) };
        if at.handed_over(height, arity.0.max(arity.1)).saturating_add(body.slots.get()) > self.slot_limit {
            return Err(Stop::Full(*at, offset));
        }
        *frame = Frame { pc: after, base: at.base };
        self.depth = self.depth.wrapping_add(1);
        // Only now: a call that does not fit is tried again, from where its arguments were.
        let callee = self.arguments(at, height, arity).ok_or(corrupt)?;
        *at = self.enter(&body, func.index, callee)?;
        Ok(())
    }

    /// The cursor at a function's beginning; its locals are zero then.
    // @need-ids: REQ_005, REQ_RESOURCE_001
    #[inline(always)]
    pub(super) fn enter(&mut self, body: &Body, index: u32, base: u32) -> Result<Cursor, Stop> {
        if !body.is_present() {
            return Err(Stop::Left { position: SPECIAL | (index & 0x3FFF_FFFF), base });
        }
        self.top = self.top.max(base.wrapping_add(body.slots.get()));
        let at = Cursor::entering(body, base);
        match prepare(self.slots, &at, body) {
            Some(()) => Ok(at),
            None => Err(Stop::Trap(Trap::CorruptCode.into(), at, at.pc)),
        }
    }

    /// Replaces the running frame by the function at an address.
    pub(super) fn return_call(&mut self, at: &mut Cursor, addr: u32, offset: u32) -> Result<(), Stop> {
        let corrupt = Stop::Trap(Trap::CorruptCode.into(), *at, offset);
        let func = *self.funcs.get(addr as usize).ok_or(corrupt)?;
        let Some(Side::Call { height, params }) = self.side.get(at.side as usize).map(|entry| entry.side()) else {
            return Err(corrupt);
        };
        // A function that replaces itself comes back here: not for nothing.
        if !at.paid {
            return Err(corrupt);
        }
        if func.instance != self.instance {
            return Err(Stop::Slow(*at, offset));
        }
        let body = *self.bodies.get(func.index as usize).ok_or(corrupt)?;
        if at.base.saturating_add(body.slots.get()) > self.slot_limit {
            return Err(Stop::Full(*at, offset));
        }
        for index in 0..params {
            let value = *self.slots.get(at.place(height.wrapping_add(index)) as usize).ok_or(corrupt)?;
            *self.slots.get_mut(at.base.wrapping_add(index) as usize).ok_or(corrupt)? = value;
        }
        *at = self.enter(&body, func.index, at.base)?;
        Ok(())
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
        if index == self.memory_index {
            return Some(self.memory);
        }
        self.more_memories.get_mut(index.checked_sub(1)? as usize).map(|memory| &mut **memory)
    }

    /// The trap of an access outside of the memory at hand; of another, the driver looks again.
    #[cold]
    #[inline(never)]
    pub(super) fn outside(&self, at: Cursor, offset: u32, memory: u32, (address, length): (u64, usize)) -> Stop {
        if memory != self.memory_index {
            return Stop::Slow(at, offset);
        }
        let detail = Detail::Memory { address, length: length as u64, size: self.memory.len() as u64 };
        Stop::Trap(TrapInfo { trap: Trap::MemoryOutOfBounds, detail }, at, offset)
    }
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

/// The immediates of a call: function or type, table, and the offset after them.
pub(super) fn call_immediates(code: &[u8], offset: u32) -> Option<(u8, u32, u32)> {
    let (opcode, pc) = reader::byte(code, offset)?;
    let (first, pc) = reader::u32(code, pc)?;
    let table = if matches!(opcode, 0x11 | 0x13) { reader::u32(code, pc)?.0 } else { 0 };
    Some((opcode, first, table))
}
