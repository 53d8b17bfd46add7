//! Exceptions: how `throw` finds the clause that catches (core 4.4.8 and 4.6.8).
//!
//! Nothing is kept for handlers while code runs: a list by position says which clauses are around an instruction. A
//! `throw` walks the frames from its own outwards, pays for the walk, and only then changes the state: a pause stands at
//! the `throw`, all operands in their slots.

use super::engine::StacklessEngine;
use super::gc::value_at;
use super::slow::{At, Next, operand, stop, trap};
use crate::execute::{Detail, Outcome, TrapInfo};
use crate::heap::ObjectType;
use crate::heap::layout::{Fields, Packed};
use crate::heap::operators::{Not, new_object};
use crate::heap::roots::Code;
use crate::image::format::{CATCH_REF, NONE};
use crate::instr::{Instr, SPLIT, WIDE_LIMIT, WIDE_SCRATCH};
use crate::moves::{SLOTS, move_within};
use crate::stack::{ENTRY, HOST_RETURN, HOST_WAITS, Stack, boundary};
use crate::storage::Storage;
use crate::table::{NULL, Ref};
use wrt_instructions::{Part, Trap, price};

/// Whether there are references to exceptions.
const GC: bool = Part::Gc.is_built();

/// A clause that catches, and the frame that it belongs to.
struct Catcher {
    instance: u32,
    base: u32,
    /// Frames in use below it.
    depth: u32,
    target: u32,
    /// Where it wants what the exception carries, and the reference to it.
    slot: u32,
    /// Whether it wants the one, and the other.
    carries: bool,
    refers: bool,
}

/// What is thrown.
#[derive(Clone, Copy)]
enum Thrown {
    /// A new exception, with so many slots from this operand's on, and the tag of this index.
    New { slot: u32, count: u32, index: u32 },
    /// One that was caught before.
    Again(Ref),
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
        let thrown = Thrown::New { slot: at.data.imm, count: at.n.ab(), index: at.n.imm };
        self.throw_to_clause(at, tag, thrown)
    }

    // @need-ids: REQ_EXCEPTIONS_003, REQ_FUEL_SCHEDULE_001, REQ_003
    pub(super) fn throw_ref(&mut self, at: At<'_, '_>) -> Option<Next> {
        let reference = at.get(at.data.imm)? as Ref;
        let found = at.storage.heap()?.exception(reference);
        match found {
            Ok((_, tag)) => self.throw_to_clause(at, tag, Thrown::Again(reference)),
            Err(found) => Some(trap(at.stack, found)),
        }
    }

    fn throw_to_clause(&mut self, mut at: At<'_, '_>, tag: u32, thrown: Thrown) -> Option<Next> {
        let mut walk = Walk { tag, price: 0, fuel: self.fuel };
        let found = walk.run(at.storage, at.stack)?;
        if let Found::Dear = found {
            // What all of it costs is not known: to go on would be work that nobody has paid for.
            return Some(stop(at.stack, Outcome::OutOfFuel { needed: walk.price }));
        }
        let left = self.fuel.checked_sub(walk.price)?;
        let Found::Catcher(catcher) = found else {
            self.fuel = left;
            return Some(uncaught(at, tag, thrown));
        };
        let reference = match self.hand_over(&mut at, (tag, thrown), &catcher, walk.price)? {
            Ok(reference) => reference,
            Err(next) => return Some(next),
        };
        if let (Thrown::New { slot, count, .. }, true) = (thrown, catcher.carries) {
            let from = side_by_side(at.stack, slot, count)?;
            carry(at.stack, from, (catcher.base, catcher.slot), count)?;
        }
        if catcher.refers && GC {
            let behind = if catcher.carries { carried_slots(&mut at, tag)? } else { 0 };
            put(at.stack, &catcher, behind, reference.into())?;
        }
        while at.stack.state.depth > catcher.depth {
            at.stack.pop()?;
        }
        at.stack.state.instance = catcher.instance;
        at.stack.state.base = catcher.base;
        at.stack.state.pc = catcher.target;
        Some(Next::Go)
    }

    /// Pays for the walk, whose price is given, and for what goes over the heap: an exception that a clause wants to refer to is made,
    /// and what one carries that was thrown again is put in its place. Gives the reference to it, where there is one.
    // @need-ids: REQ_EXCEPTIONS_003, REQ_FUEL_SCHEDULE_001
    fn hand_over(
        &mut self,
        at: &mut At<'_, '_>,
        (tag, thrown): (u32, Thrown),
        catcher: &Catcher,
        walk: u64,
    ) -> Option<Result<Ref, Next>> {
        let left = self.fuel.checked_sub(walk)?;
        match thrown {
            Thrown::New { slot, .. } if catcher.refers && GC => {
                let words = Fields::new(at.storage.heap()?.carried(tag)?).words();
                let (mut fuel, price) = (left, price::bytes(u64::from(words).saturating_mul(8)));
                let made = new_object(
                    at.storage,
                    (at.stack, Code::Register),
                    (ObjectType::Exception(tag), 0),
                    price,
                    &mut fuel,
                );
                match made {
                    Ok(reference) => {
                        self.fuel = fuel;
                        fill_exception(at, tag, slot, reference)?;
                        Some(Ok(reference))
                    }
                    Err(Not::Trap(info)) => Some(Err(trap(at.stack, info))),
                    Err(Not::Wait(outcome)) => {
                        // A collection stays paid; the walk is begun anew.
                        self.fuel = fuel.saturating_add(walk);
                        let outcome = match outcome {
                            Outcome::OutOfFuel { needed } => Outcome::OutOfFuel { needed: needed.saturating_add(walk) },
                            other => other,
                        };
                        Some(Err(stop(at.stack, outcome)))
                    }
                }
            }
            Thrown::New { .. } => {
                self.fuel = left;
                Some(Ok(NULL))
            }
            Thrown::Again(reference) => {
                let slots = if catcher.carries { carried_slots(at, tag)? } else { 0 };
                let Some(left) = left.checked_sub(slots.into()) else {
                    let needed = walk.saturating_add(slots.into());
                    return Some(Err(stop(at.stack, Outcome::OutOfFuel { needed })));
                };
                self.fuel = left;
                if catcher.carries {
                    read_exception(at, tag, reference, catcher)?;
                }
                Some(Ok(reference))
            }
        }
    }
}

/// Slots of what exceptions with a tag carry.
fn carried_slots(at: &mut At<'_, '_>, tag: u32) -> Option<u32> {
    let heap = at.storage.heap()?;
    Some(heap.carried(tag)?.iter().fold(0, |sum: u32, ty| sum.saturating_add(Packed::of(*ty).slots())))
}

/// Puts operands of a `throw` into the exception that it made.
fn fill_exception(at: &mut At<'_, '_>, tag: u32, slot: u32, reference: Ref) -> Option<()> {
    let mut heap = at.storage.heap()?;
    let object = heap.object(reference)?;
    let mut index = 0_u32;
    for (_, field) in Fields::new(heap.carried(tag)?) {
        heap.set_field(&object, field, value_at(at.stack, slot, index, field.packed)?)?;
        index = index.checked_add(field.packed.slots())?;
    }
    Some(())
}

/// Puts what an exception carries into the slots of a clause.
fn read_exception(at: &mut At<'_, '_>, tag: u32, reference: Ref, catcher: &Catcher) -> Option<()> {
    let heap = at.storage.heap()?;
    let object = heap.object(reference)?;
    let mut index = 0_u32;
    for (_, field) in Fields::new(heap.carried(tag)?) {
        let [low, high] = heap.field(&object, field, false)?;
        put(at.stack, catcher, index, low)?;
        if field.packed.slots() == 2 {
            put(at.stack, catcher, index.checked_add(1)?, high)?;
        }
        index = index.checked_add(field.packed.slots())?;
    }
    Some(())
}

/// Puts a value into a slot that a clause has for it.
fn put(stack: &mut Stack<'_>, catcher: &Catcher, index: u32, value: u64) -> Option<()> {
    let slot = operand(Instr { imm: catcher.slot, ..Instr::default() }, index)?;
    *stack.slots.get_mut(catcher.base.checked_add(slot)? as usize)? = value;
    Some(())
}

/// Nothing catches: the trap stands where the exception was thrown.
fn uncaught(at: At<'_, '_>, tag: u32, thrown: Thrown) -> Next {
    let index = match thrown {
        Thrown::New { index, .. } => Some(index),
        // An exception of another instance may have a tag that this one does not know.
        Thrown::Again(_) => (0..)
            .map_while(|index| Some((index, at.storage.tag_addr(at.instance, index)?)))
            .find(|(_, own)| *own == tag)
            .map(|(index, _)| index),
    };
    let detail = index.map_or(Detail::None, |index| Detail::Tag { index });
    trap(at.stack, TrapInfo { trap: Trap::UncaughtException, detail })
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
                let (tag, slot, target) = (clause.tag.get(), clause.slot.get(), clause.target.get());
                if tag == NONE || storage.tag_addr(instance, tag)? == self.tag {
                    let (carries, refers, slot) = (tag != NONE, slot & CATCH_REF != 0, slot & !CATCH_REF);
                    return Some(Found::Catcher(Catcher { instance, base, depth, target, slot, carries, refers }));
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
