//! Exceptions: how `throw` finds the clause that catches (core 4.4.8 and 4.6.8).
//!
//! Nothing is kept for handlers while code runs: a list by position says which clauses are around an instruction. A
//! `throw` walks the frames from its own outwards, pays for the walk, and only then changes the state: a pause stands at
//! the `throw`, all operands in their slots.

use super::engine::StacklessEngine;
use super::slow::{At, Next, stop, trap};
use crate::execute::{Detail, Outcome, TrapInfo};
use crate::image::format::NONE;
use crate::instr::{SPLIT, WIDE_LIMIT, WIDE_SCRATCH};
use crate::moves::{SLOTS, move_within};
use crate::stack::{ENTRY, HOST_RETURN, HOST_WAITS, Stack, boundary};
use crate::storage::Storage;
use wrt_instructions::Trap;

/// A clause that catches, and the frame that it belongs to.
struct Catcher {
    instance: u32,
    base: u32,
    /// Frames in use below it.
    depth: u32,
    target: u32,
    /// Where it wants what the exception carries.
    slot: Option<u32>,
}

/// How a walk ended.
enum Found {
    Catcher(Catcher),
    /// At the host: nothing catches.
    Nothing,
    /// Before its end, because it costs more than there is.
    Dear,
}

/// A walk over frames, and what it costs so far.
struct Walk {
    tag: u32,
    price: u64,
    fuel: u64,
}

impl StacklessEngine {
    // @need-ids: REQ_EXCEPTIONS_001, REQ_FUEL_SCHEDULE_001, REQ_003
    pub(super) fn throw(&mut self, at: At<'_, '_>) -> Option<Next> {
        let tag = at.storage.tag_addr(at.instance, at.n.imm)?;
        let mut walk = Walk { tag, price: 0, fuel: self.fuel };
        let found = walk.run(at.storage, at.stack)?;
        if let Found::Dear = found {
            // What all of it costs is not known: to go on would be work that nobody has paid for.
            return Some(stop(at.stack, Outcome::OutOfFuel { needed: walk.price }));
        }
        self.fuel = self.fuel.checked_sub(walk.price)?;
        let Found::Catcher(catcher) = found else {
            let detail = Detail::Tag { index: at.n.imm };
            return Some(trap(at.stack, TrapInfo { trap: Trap::UncaughtException, detail }));
        };
        if let Some(slot) = catcher.slot {
            let count = at.n.ab();
            let from = side_by_side(at.stack, at.data.imm, count)?;
            carry(at.stack, from, (catcher.base, slot), count)?;
        }
        while at.stack.state.depth > catcher.depth {
            at.stack.pop()?;
        }
        at.stack.state.instance = catcher.instance;
        at.stack.state.base = catcher.base;
        at.stack.state.pc = catcher.target;
        Some(Next::Go)
    }
}

impl Walk {
    /// From the running frame outwards; `None` where code or storage is corrupt.
    // @need-ids: REQ_EXCEPTIONS_001, REQ_EXCEPTIONS_002
    fn run(&mut self, storage: &dyn Storage, stack: &Stack<'_>) -> Option<Found> {
        let (mut instance, mut base, mut depth) = (stack.state.instance, stack.state.base, stack.state.depth);
        let mut pc = stack.state.pc;
        loop {
            for clause in storage.handlers(instance)?.around(pc) {
                if !self.pay() {
                    return Some(Found::Dear);
                }
                let tag = clause.tag.get();
                if tag == NONE || storage.tag_addr(instance, tag)? == self.tag {
                    let (target, slot) = (clause.target.get(), (tag != NONE).then_some(clause.slot.get()));
                    return Some(Found::Catcher(Catcher { instance, base, depth, target, slot }));
                }
            }
            if !self.pay() {
                return Some(Found::Dear);
            }
            loop {
                depth = depth.checked_sub(1)?;
                let frame = stack.frames.get(depth as usize)?;
                match frame.pc {
                    // A host function has no handlers, and must not be left without being told.
                    ENTRY | HOST_WAITS | HOST_RETURN => return Some(Found::Nothing),
                    mark if boundary(mark).is_some() => instance = boundary(mark)?,
                    // It stands behind its call.
                    after => {
                        (pc, base) = (after.checked_sub(1)?, frame.base);
                        break;
                    }
                }
            }
        }
    }

    /// Counts one clause or frame more, if the fuel covers it.
    const fn pay(&mut self) -> bool {
        self.price = self.price.saturating_add(1);
        self.price <= self.fuel
    }
}

/// Of `count` operands from `slot` on, how many stand before the scratch registers, if others stand behind them.
fn near(slot: u32, count: u32) -> u32 {
    if slot & SPLIT == 0 { count } else { WIDE_LIMIT.saturating_sub(slot & !SPLIT).min(count) }
}

/// Where `count` operands of the running frame begin, with those before the scratch registers moved over them to the rest.
fn side_by_side(stack: &mut Stack<'_>, slot: u32, count: u32) -> Option<u32> {
    let from = stack.state.base.checked_add(slot & !SPLIT)?;
    if slot & SPLIT == 0 {
        return Some(from);
    }
    let to = from.checked_add(WIDE_SCRATCH)?;
    move_within::<SLOTS, _>(stack.slots, from as usize, to as usize, near(slot, count) as usize)?;
    Some(to)
}

/// Moves `count` slots from `from` to a clause's slots, whose frame begins at `base`.
fn carry(stack: &mut Stack<'_>, from: u32, (base, slot): (u32, u32), count: u32) -> Option<()> {
    let first = slot & !SPLIT;
    let near = near(slot, count);
    let far = count.checked_sub(near)?;
    let (far_from, behind) = (from.checked_add(near)?, base.checked_add(WIDE_LIMIT)?.checked_add(WIDE_SCRATCH)?);
    let parts = [(from, base.checked_add(first)?, near), (far_from, behind, far)];
    // Either part may lie where the other is to go. The far one is written first where that moves it up, away from the near.
    let order = if behind > far_from { [1, 0] } else { [0, 1] };
    for index in order {
        let (from, to, count) = *parts.get::<usize>(index)?;
        move_within::<SLOTS, _>(stack.slots, from as usize, to as usize, count as usize)?;
    }
    Some(())
}
