//! Slots beyond the window. Instructions do not reach them, so their values are read into scratch registers and written from there. What such
//! a register holds is remembered: a slot that was read or defined is not read again, and is written where something looks at it, if it is not
//! defined anew before.
//!
//! Whoever looks at slots calls [`Lowering::settle`] first: labels, all that can stop, and what takes its operands where they stand. Whoever
//! changes them otherwise, or may have come from elsewhere, calls [`Lowering::fence`] behind it.

use super::stack::Lowering;
use wrt_instructions::Op;
use wrt_instructions::op::Plain;
use wrt_runtime::Instr;
use wrt_runtime::instr::WIDE_LIMIT;

/// The first scratch register of a wide frame.
const SCRATCH: u8 = WIDE_LIMIT as u8;
/// Registers whose values are remembered. An operator reads at most four, or three pairs.
const REMEMBERED: usize = 6;
/// The one for moves, and the last one of results.
pub(super) const SCRATCH_RESULT: u8 = u8::MAX;
/// The last two, for results that take two slots.
pub(super) const SCRATCH_RESULTS: u8 = u8::MAX - 1;

/// The value of a slot, in a register.
#[derive(Clone, Copy, Debug)]
struct Held {
    slot: u32,
    /// It was not written to the slot yet.
    owed: bool,
    /// The value, where it was written as a constant.
    constant: Option<u64>,
}

/// What the scratch registers hold.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    held: [Option<Held>; REMEMBERED],
    /// Whether the operator at hand reads it: it must not be used for something else.
    pinned: [bool; REMEMBERED],
    /// The registers by their last use, the oldest first.
    order: [u8; REMEMBERED],
}

impl Default for Scratch {
    fn default() -> Self {
        Self { held: [None; REMEMBERED], pinned: [false; REMEMBERED], order: [0, 1, 2, 3, 4, 5] }
    }
}

impl Scratch {
    /// The register that holds a slot.
    fn find(&self, slot: u32) -> Option<usize> {
        self.held.iter().position(|held| held.is_some_and(|held| held.slot == slot))
    }

    fn set(&mut self, index: usize, value: Option<Held>) {
        if let Some(held) = self.held.get_mut(index) {
            *held = value;
        }
    }

    fn get(&self, index: usize) -> Option<Held> {
        self.held.get(index).copied().flatten()
    }

    fn pin(&mut self, index: usize) {
        if let Some(pinned) = self.pinned.get_mut(index) {
            *pinned = true;
        }
    }

    fn is_pinned(&self, index: usize) -> bool {
        self.pinned.get(index).copied().unwrap_or(false)
    }

    /// Makes a register the one used last.
    fn touch(&mut self, index: usize) {
        let after = self.order.iter().skip_while(|other| usize::from(**other) != index).count();
        let at = REMEMBERED.saturating_sub(after);
        if let Some(newer) = self.order.get_mut(at..) {
            newer.rotate_left(usize::from(!newer.is_empty()));
        }
    }

    /// The register to use next: one that holds nothing, or else the one that was not used for longest.
    fn next(&self) -> usize {
        let free = |index: &usize| !self.is_pinned(*index);
        let order = || self.order.iter().map(|index| usize::from(*index)).filter(free);
        order().find(|index| self.get(*index).is_none()).or_else(|| order().next()).unwrap_or_default()
    }

    /// The slot's value is in no register.
    pub(super) fn forget(&mut self, slot: u32) {
        if let Some(index) = self.find(slot) {
            self.set(index, None);
        }
    }
}

/// The number of a remembered register.
fn number(index: usize) -> u8 {
    SCRATCH + index as u8
}

impl Lowering<'_> {
    pub(super) fn is_far(&self, slot: u32) -> bool {
        self.wide && slot >= WIDE_LIMIT
    }

    /// Operands of the operator before were read.
    pub(super) fn reset_scratch(&mut self) {
        self.scratch.pinned = [false; REMEMBERED];
    }

    /// Begins an operator. Entries that were taken before are owed nothing any more.
    pub(super) fn sweep(&mut self) {
        self.reset_scratch();
        let live = self.slot(self.height());
        for held in &mut self.scratch.held {
            held.take_if(|held| held.slot >= live);
        }
    }

    /// A register with the value of slot `slot`: the slot itself, or a scratch register that holds it.
    pub(super) fn register(&mut self, slot: u32) -> u8 {
        if !self.is_far(slot) {
            return slot as u8;
        }
        let index = self.fetch(slot);
        self.scratch.pin(index);
        number(index)
    }

    /// A register with the value of an entry that was taken, from its slot: nothing reads the slot again.
    pub(super) fn taken(&mut self, slot: u32) -> u8 {
        let register = self.register(slot);
        self.scratch.forget(slot);
        register
    }

    /// The scratch register that holds a slot, after it was read there if it was in none.
    fn fetch(&mut self, slot: u32) -> usize {
        if let Some(index) = self.scratch.find(slot) {
            self.scratch.touch(index);
            return index;
        }
        let index = self.vacate();
        self.far(Plain::FarGet, number(index), slot);
        self.scratch.set(index, Some(Held { slot, owed: false, constant: None }));
        index
    }

    /// A scratch register for something new.
    fn vacate(&mut self) -> usize {
        let index = self.scratch.next();
        self.evict(index);
        self.scratch.touch(index);
        index
    }

    /// Writes what a scratch register owes to its slot, and forgets it.
    fn evict(&mut self, index: usize) {
        if let Some(Held { slot, owed: true, .. }) = self.scratch.get(index) {
            self.far(Plain::FarPut, number(index), slot);
        }
        self.scratch.set(index, None);
    }

    fn far(&mut self, row: Plain, register: u8, slot: u32) {
        let place = self.place(slot);
        self.emit(Instr::new(Op::plain(row), register, 0, place));
    }

    /// The register that a slot's value is in, if it is in one.
    pub(super) fn home(&self, slot: u32) -> Option<u8> {
        if self.is_far(slot) { self.scratch.find(slot).map(number) } else { u8::try_from(slot).ok() }
    }

    /// The instruction that defined this register was taken back.
    pub(super) fn unmake(&mut self, register: u8) {
        if self.wide
            && let Some(index) = register.checked_sub(SCRATCH)
        {
            self.scratch.set(index.into(), None);
        }
    }

    /// The scratch register that is to define a slot, which is beyond the window.
    pub(super) fn defining(&mut self, slot: u32) -> u8 {
        self.scratch.forget(slot);
        let index = self.vacate();
        self.scratch.set(index, Some(Held { slot, owed: true, constant: None }));
        number(index)
    }

    /// Says that the register that defined a slot last holds a constant.
    pub(super) fn note_constant(&mut self, slot: u32, value: u64) {
        if let Some(held) = self.scratch.held.iter_mut().flatten().find(|held| held.slot == slot) {
            held.constant = Some(value);
        }
    }

    /// Writes a constant to a slot from the scratch register that holds it; whether there is one, and the slot is beyond the window.
    pub(super) fn copy_constant(&mut self, slot: u32, value: u64) -> bool {
        let holds = |held: &Option<Held>| held.is_some_and(|held| held.constant == Some(value));
        let Some(index) = self.scratch.held.iter().position(holds).filter(|_| self.is_far(slot)) else { return false };
        self.scratch.forget(slot);
        self.far(Plain::FarPut, number(index), slot);
        self.barrier = self.code.len();
        true
    }

    /// Local `local` = the value of a taken entry, whose slot is beyond the window.
    pub(super) fn local_set_far(&mut self, local: u32, slot: u32) {
        let register = self.taken(slot);
        // Reads of the old value go in before. What they write is in other registers, for this one is an operand.
        self.materialise_local(local);
        if self.is_far(local) {
            self.scratch.forget(local);
            self.scratch.set(usize::from(register - SCRATCH), Some(Held { slot: local, owed: true, constant: None }));
            return;
        }
        // What was made last, or read, goes to the local at once.
        if self.last_result(register).is_some()
            && let Some(last) = self.code.last_mut()
        {
            last.a = local as u8;
            return;
        }
        self.emit(Instr::new(Op::plain(Plain::Mov), local as u8, register, 0));
    }

    /// slot `to` = slot `from`, one of which is beyond the window at least.
    pub(super) fn move_far(&mut self, to: u32, from: u32) {
        if !self.is_far(from) {
            self.scratch.forget(to);
            self.far(Plain::FarPut, from as u8, to);
        } else if self.is_far(to) {
            self.scratch.forget(to);
            let index = self.fetch(from);
            if self.scratch.get(index).is_some_and(|held| held.owed) {
                self.far(Plain::FarPut, number(index), to);
            } else {
                // The copy is what is read next, if one of them is.
                self.scratch.set(index, Some(Held { slot: to, owed: true, constant: None }));
            }
        } else if let Some(index) = self.scratch.find(from) {
            self.emit(Instr::new(Op::plain(Plain::Mov), to as u8, number(index), 0));
        } else {
            self.far(Plain::FarGet, to as u8, from);
        }
        self.barrier = self.code.len();
    }

    /// Two scratch registers side by side, for the operator at hand to read.
    pub(super) fn scratch_pair(&mut self) -> u8 {
        let free = |first: &usize| !self.scratch.is_pinned(*first) && !self.scratch.is_pinned(*first + 1);
        let first = (0..REMEMBERED).step_by(2).find(free).unwrap_or_default();
        for index in [first, first + 1] {
            self.evict(index);
            self.scratch.pin(index);
        }
        number(first)
    }

    /// Writes what is owed to slots.
    // @need-ids: REQ_SAFEPOINT_001
    pub(super) fn settle(&mut self) {
        if !self.wide {
            return;
        }
        for index in 0..REMEMBERED {
            if let Some(held @ Held { slot, owed: true, .. }) = self.scratch.get(index) {
                self.far(Plain::FarPut, number(index), slot);
                self.scratch.set(index, Some(Held { owed: false, ..held }));
            }
        }
    }

    /// Nothing that was said of the code so far holds behind the next instruction: a label or a call lies between, and what scratch registers
    /// hold is unknown.
    pub(super) fn fence(&mut self) {
        self.barrier = self.code.len();
        self.scratch.held = [None; REMEMBERED];
    }
}
