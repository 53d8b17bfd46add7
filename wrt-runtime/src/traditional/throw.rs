//! Exceptions: how `throw` finds the clause that catches (core 4.4.8 and 4.6.8).

use super::driver::{Engine, Next, stop, trap};
use super::machine::Cursor;
use super::reader;
use super::seldom::{pop, push};
use crate::execute::{Detail, Outcome, TrapInfo};
use crate::heap::ObjectType;
use crate::heap::layout::Fields;
use crate::heap::operators::{Not, new_object};
use crate::heap::roots::Code;
use crate::image::format::{CATCH_REF, NONE};
use crate::instr::{WIDE_LIMIT, WIDE_SCRATCH};
use crate::moves::{SLOTS, move_within};
use crate::side::Side;
use crate::stack::{ENTRY, HOST_RETURN, HOST_WAITS, Stack, boundary};
use crate::storage::Storage;
use crate::table::{NULL, Ref};
use crate::typing::slots_of;
use wrt_instructions::{Part, Trap, price};

/// A clause that catches, and the frame that it belongs to.
struct Catcher {
    instance: u32,
    base: u32,
    /// Frames in use below it.
    depth: u32,
    /// Index of its label.
    target: u32,
    /// Whether it wants what the exception carries, and a reference to it.
    carries: bool,
    refers: bool,
}

/// What is thrown.
#[derive(Clone, Copy)]
enum Thrown {
    /// A new exception, with the tag of this index; what it carries is on top.
    New(u32),
    /// One that was caught before.
    Again(Ref),
}

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

impl Engine {
    // @need-ids: REQ_TRADITIONAL_001, REQ_EXCEPTIONS_001, REQ_FUEL_SCHEDULE_001, REQ_003
    pub(super) fn throw(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        at: Cursor,
        pc: u32,
    ) -> Option<Next> {
        let instance = stack.state.instance;
        let index = reader::u32(&mut storage.bytecode(instance)?.bytes.get(pc as usize..)?.iter())?;
        let tag = storage.tag_addr(instance, index)?;
        self.throw_to_clause(storage, stack, at, (tag, Thrown::New(index)))
    }

    // @need-ids: REQ_TRADITIONAL_001, REQ_EXCEPTIONS_003, REQ_FUEL_SCHEDULE_001, REQ_003
    pub(super) fn throw_ref(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        mut at: Cursor,
    ) -> Option<Next> {
        let reference = pop(stack, &mut at)? as Ref;
        let found = storage.heap()?.exception(reference);
        match found {
            Ok((_, tag)) => self.throw_to_clause(storage, stack, at, (tag, Thrown::Again(reference))),
            Err(why) => Some(trap(stack, why)),
        }
    }

    fn throw_to_clause(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        at: Cursor,
        (tag, thrown): (u32, Thrown),
    ) -> Option<Next> {
        let mut walk = Walk { tag, price: 0, fuel: self.fuel };
        let catcher = match walk.run(storage, stack)? {
            // What all of it costs is not known: to go on would be work that nobody has paid for.
            Found::Dear => return Some(stop(stack, Outcome::OutOfFuel { needed: walk.price })),
            Found::Catcher(catcher) => catcher,
            Found::Nothing => {
                self.fuel = self.fuel.checked_sub(walk.price)?;
                return Some(uncaught(storage, stack, tag, thrown));
            }
        };
        let reference = match self.pay_for(storage, stack, (&at, tag, thrown), &catcher, walk.price)? {
            Ok(reference) => reference,
            Err(next) => return Some(next),
        };
        let entry = *storage.bytecode(catcher.instance)?.side.get(catcher.target as usize)?;
        let Side::Label { height, arity } = entry.side() else { return None };
        let to = Cursor::standing(entry, catcher.target.wrapping_add(1), catcher.base);
        let mut end = Cursor { height, ..to };
        let carried = arity.checked_sub(u32::from(catcher.refers))?;
        match thrown {
            Thrown::New(_) if catcher.carries => {
                carry(stack, &at, (&to, height), carried)?;
                end.height = height.checked_add(carried)?;
            }
            Thrown::Again(reference) if catcher.carries => read_exception(storage, stack, &mut end, reference)?,
            _ => {}
        }
        if catcher.refers {
            push(stack, &mut end, reference.into())?;
        }
        while stack.state.depth > catcher.depth {
            stack.pop()?;
        }
        stack.state.instance = catcher.instance;
        stack.state.base = catcher.base;
        // It counts as paid: its engine may come back here without end, but not for nothing, as a clause that catches costs.
        Some(Next::Run(Cursor { height: height.wrapping_add(arity), ..to }))
    }

    /// Pays for the walk, whose price is given, and for what goes over the heap. The reference to the exception, where the clause wants
    /// it: one that is new is made.
    // @need-ids: REQ_EXCEPTIONS_003, REQ_FUEL_SCHEDULE_001
    fn pay_for(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        (at, tag, thrown): (&Cursor, u32, Thrown),
        catcher: &Catcher,
        walk: u64,
    ) -> Option<Result<Ref, Next>> {
        let mut fuel = self.fuel.checked_sub(walk)?;
        let wait = |stack: &mut Stack<'_>, needed: u64| {
            Some(Err(stop(stack, Outcome::OutOfFuel { needed: needed.saturating_add(walk) })))
        };
        match thrown {
            Thrown::New(_) if catcher.refers && Part::Gc.is_built() => {
                let words = Fields::new(storage.heap()?.carried(tag)?).words();
                let price = price::bytes(u64::from(words).saturating_mul(8));
                let object = (ObjectType::Exception(tag), 0);
                match new_object(storage, (stack, Code::Bytecode), object, price, &mut fuel) {
                    Ok(reference) => {
                        self.fuel = fuel;
                        fill_exception(storage, stack, at, reference)?;
                        Some(Ok(reference))
                    }
                    Err(Not::Trap(info)) => Some(Err(trap(stack, info))),
                    Err(Not::Wait(outcome)) => {
                        // A collection stays paid; the walk is begun anew.
                        self.fuel = fuel.saturating_add(walk);
                        match outcome {
                            Outcome::OutOfFuel { needed } => wait(stack, needed),
                            other => Some(Err(stop(stack, other))),
                        }
                    }
                }
            }
            Thrown::New(_) => {
                self.fuel = fuel;
                Some(Ok(NULL))
            }
            Thrown::Again(reference) => {
                let heap = storage.heap()?;
                let slots = if catcher.carries { slots_of(heap.carried(tag)?) } else { 0 };
                match fuel.checked_sub(slots.into()) {
                    Some(left) => self.fuel = left,
                    None => return wait(stack, slots.into()),
                }
                Some(Ok(reference))
            }
        }
    }
}

/// Puts what a `throw` has on top into the exception that it made.
fn fill_exception(storage: &mut dyn Storage, stack: &Stack<'_>, at: &Cursor, reference: Ref) -> Option<()> {
    let mut heap = storage.heap()?;
    let (object, tag) = heap.exception(reference).ok()?;
    let carried = heap.carried(tag)?;
    let mut from = at.height.checked_sub(slots_of(carried))?;
    for (_, field) in Fields::new(carried) {
        let slot = |height: u32| stack.slots.get(at.place(height) as usize).copied();
        let high = if field.packed.slots() == 2 { slot(from.checked_add(1)?)? } else { 0 };
        heap.set_field(&object, field, [slot(from)?, high])?;
        from = from.checked_add(field.packed.slots())?;
    }
    Some(())
}

/// Puts what an exception carries on top.
fn read_exception(storage: &mut dyn Storage, stack: &mut Stack<'_>, to: &mut Cursor, reference: Ref) -> Option<()> {
    let heap = storage.heap()?;
    let (object, tag) = heap.exception(reference).ok()?;
    for (_, field) in Fields::new(heap.carried(tag)?) {
        let [low, high] = heap.field(&object, field, false)?;
        push(stack, to, low)?;
        if field.packed.slots() == 2 {
            push(stack, to, high)?;
        }
    }
    Some(())
}

/// Nothing catches: the trap stands where the exception was thrown.
fn uncaught(storage: &dyn Storage, stack: &mut Stack<'_>, tag: u32, thrown: Thrown) -> Next {
    let instance = stack.state.instance;
    let index = match thrown {
        Thrown::New(index) => Some(index),
        // An exception of another instance may have a tag that this one does not know.
        Thrown::Again(_) => {
            let mut own = (0..).map_while(|index| Some((index, storage.tag_addr(instance, index)?)));
            own.find(|(_, addr)| *addr == tag).map(|(index, _)| index)
        }
    };
    let detail = index.map_or(Detail::None, |index| Detail::Tag { index });
    trap(stack, TrapInfo { trap: Trap::UncaughtException, detail })
}

/// Moves what the exception carries, the topmost `count` values of the frame that throws, to their places in the frame that
/// catches.
fn carry(stack: &mut Stack<'_>, from: &Cursor, (to, height): (&Cursor, u32), count: u32) -> Option<()> {
    let first = from.height.checked_sub(count)?;
    let mut source = from.place(first);
    if from.splits(first, count) {
        // The scratch slots between them make them one piece.
        let near = WIDE_LIMIT.checked_sub(first)? as usize;
        let moved = source.checked_add(WIDE_SCRATCH)?;
        move_within::<SLOTS, _>(stack.slots, source as usize, moved as usize, near)?;
        source = moved;
    }
    let near = if to.splits(height, count) { WIDE_LIMIT.checked_sub(height)? } else { count };
    let (far, behind) = (source.checked_add(near)?, to.place(height.checked_add(near)?));
    let parts = [(source, to.place(height), near), (far, behind, count.checked_sub(near)?)];
    // Either part may lie where the other is to go. The far one is written first where that moves it up, away from the near.
    let order = if behind > far { [1, 0] } else { [0, 1] };
    for index in order {
        let (from, to, count) = *parts.get::<usize>(index)?;
        move_within::<SLOTS, _>(stack.slots, from as usize, to as usize, count as usize)?;
    }
    Some(())
}

impl Walk {
    /// From the running frame outwards; `None` where side table or storage is corrupt.
    // @need-ids: REQ_EXCEPTIONS_001, REQ_EXCEPTIONS_002
    fn run(&mut self, storage: &dyn Storage, stack: &Stack<'_>) -> Option<Found> {
        let (mut instance, mut base, mut depth) = (stack.state.instance, stack.state.base, stack.state.depth);
        let mut position = stack.state.pc;
        loop {
            for clause in storage.bytecode(instance)?.handlers.around(position) {
                if !self.pay() {
                    return Some(Found::Dear);
                }
                let tag = clause.tag.get();
                if tag == NONE || storage.tag_addr(instance, tag)? == self.tag {
                    let (target, carries) = (clause.target.get(), tag != NONE);
                    let refers = clause.slot.get() & CATCH_REF != 0;
                    return Some(Found::Catcher(Catcher { instance, base, depth, target, carries, refers }));
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
                        (position, base) = (after.checked_sub(1)?, frame.base);
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
