//! Exceptions: how `throw` finds the clause that catches (core 4.4.8 and 4.6.8).

use super::driver::{Engine, Next};
use super::machine::Cursor;
use super::reader;
use crate::execute::{Detail, Outcome, TrapInfo};
use crate::image::format::NONE;
use crate::instr::{WIDE_LIMIT, WIDE_SCRATCH};
use crate::moves::{SLOTS, move_within};
use crate::side::Side;
use crate::stack::{ENTRY, HOST_RETURN, HOST_WAITS, Stack, boundary};
use crate::storage::Storage;
use wrt_instructions::Trap;

/// A clause that catches, and the frame that it belongs to.
struct Catcher {
    instance: u32,
    base: u32,
    /// Frames in use below it.
    depth: u32,
    /// Index of its label.
    target: u32,
    /// Whether it wants what the exception carries.
    carries: bool,
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
        let index = reader::u32(&mut storage.bytecode(instance)?.bytes.get(pc as usize..)?)?;
        let mut walk = Walk { tag: storage.tag_addr(instance, index)?, price: 0, fuel: self.fuel };
        let catcher = match walk.run(storage, stack)? {
            // What all of it costs is not known: to go on would be work that nobody has paid for.
            Found::Dear => return Some(Next::Stop(Outcome::OutOfFuel { needed: walk.price })),
            Found::Catcher(catcher) => Some(catcher),
            Found::Nothing => None,
        };
        self.fuel = self.fuel.checked_sub(walk.price)?;
        let Some(catcher) = catcher else {
            let detail = Detail::Tag { index };
            return Some(Next::Trap(TrapInfo { trap: Trap::UncaughtException, detail }));
        };
        let entry = *storage.bytecode(catcher.instance)?.side.get(catcher.target as usize)?;
        let Side::Label { height, arity } = entry.side() else { return None };
        let to = Cursor::standing(entry, catcher.target.wrapping_add(1), catcher.base);
        if catcher.carries {
            carry(stack, &at, (&to, height), arity)?;
        }
        while stack.state.depth > catcher.depth {
            stack.pop()?;
        }
        stack.state.instance = catcher.instance;
        stack.state.base = catcher.base;
        // It counts as paid: its engine may come back here without end, but not for nothing, as a clause that catches costs.
        Some(Next::Run(Cursor { height: height.wrapping_add(arity), ..to }))
    }
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
                    return Some(Found::Catcher(Catcher { instance, base, depth, target, carries }));
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
