//! Bulk operators and growth, apart from where an engine has their operands (core 4.6.9 ff., 4.6.11 ff.).
//!
//! Bounds are checked first. Then the work is charged and done stretch by stretch: what remains stands in the operands, as the
//! specification's reduction rules have it, so that a pause in the middle leaves a state in which the same operator goes on.

// @need-ids: REQ_018, REQ_MEMORY64_001

use crate::execute::{Detail, Outcome, TrapInfo};
use crate::memory::{Growth, Memory};
use crate::moves::{BYTES, REFS, copy, fill, move_within};
use crate::stack::Stack;
use crate::storage::Storage;
use wrt_instructions::memory_ops::position;
use wrt_instructions::{Part, Trap, price};

const MEMORIES: bool = Part::Memories.is_built();

/// Where one go at an operator got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// As far as the operands say, which it changed: with a length of 0 it is done.
    Done,
    /// It traps, as the stack says.
    Trap,
    /// It waits for what the stack says; nothing of what remains was done.
    Wait,
}

/// An operator at hand: what it works on and with.
// The store is an argument of its own: within this, an optimiser would lose sight of which it is, and link all that any could do.
pub(crate) struct Work<'r, 's> {
    /// Where traps and outcomes go.
    pub(crate) stack: &'r mut Stack<'s>,
    pub(crate) fuel: &'r mut u64,
    pub(crate) instance: u32,
    /// What remains: start, second operand, length.
    pub(crate) operands: [u64; 3],
}

/// Where a bulk operator takes its second operand from; of a segment, memory or table the size.
enum Source {
    /// It is a value.
    Value,
    /// An offset in a segment.
    Segment(usize),
    /// An address: what is there may overlap with the target.
    Copied(usize),
}

/// A stretch of a bulk operator that can be done at once.
struct Stretch {
    to: usize,
    from: usize,
    count: usize,
}

impl Stretch {
    fn target<'a, T>(&self, all: &'a mut [T]) -> Option<&'a mut [T]> {
        all.get_mut(self.to..)?.get_mut(..self.count)
    }

    fn source<'a, T>(&self, all: &'a [T]) -> Option<&'a [T]> {
        all.get(self.from..)?.get(..self.count)
    }
}

/// Whether `length` units at `start` lie inside `size`; those of one slice all do, so that nothing here is cut off.
const fn fits(start: usize, length: usize, size: usize) -> bool {
    length <= size && start <= size.saturating_sub(length)
}

/// What growing gives where it is refused: -1 in the index type.
const fn refused(index64: bool) -> u64 {
    if index64 && MEMORIES { u64::MAX } else { u32::MAX as u64 }
}

pub(crate) fn memory_trap(address: u64, length: u64, size: u64) -> TrapInfo {
    TrapInfo { trap: Trap::MemoryOutOfBounds, detail: Detail::Memory { address, length, size } }
}

pub(crate) fn table_trap(index: u64, length: u64, size: u64) -> TrapInfo {
    TrapInfo { trap: Trap::TableOutOfBounds, detail: Detail::Table { index, length, size } }
}

/// How many of `wanted` units of work the fuel covers, at `per` for one unit of fuel: all, or as many whole chunks as leave
/// something to do. Charges for them; `None` where not even one chunk is covered.
// @need-ids: REQ_003, REQ_FUEL_SCHEDULE_001, REQ_FUEL_002
#[inline(always)]
pub(crate) fn chunk(fuel: &mut u64, wanted: usize, per: usize) -> Option<usize> {
    // A power of two: a division would have to be told that it is not zero.
    let price = wanted.wrapping_add(per.wrapping_sub(1)).wrapping_shr(per.trailing_zeros()) as u64;
    match fuel.checked_sub(price) {
        Some(left) => *fuel = left,
        None if *fuel == 0 => return None,
        None => {
            // Less than the price, so less than all.
            let covered = (*fuel as usize).wrapping_mul(per);
            *fuel = 0;
            return Some(covered);
        }
    }
    Some(wanted)
}

impl Work<'_, '_> {
    fn wait(&mut self, outcome: Outcome) -> Step {
        self.stack.outcome = outcome;
        Step::Wait
    }

    /// Growth is done, and gives this.
    fn gives(&mut self, result: u64) -> Step {
        let [first, ..] = &mut self.operands;
        *first = result;
        Step::Done
    }

    /// The next stretch of a bulk operator on `target` units: as much of it as the fuel covers, which is charged for at `per` units
    /// of work for one of fuel. All of it, or as many whole chunks as leave something to do; the operands are those after it. `Err` where
    /// not even one chunk is covered, or the operator traps.
    // Slices are no longer than an address of this machine reaches, so neither is what lies inside of them.
    // @need-ids: REQ_003, REQ_FUEL_SCHEDULE_001, REQ_FUEL_002, REQ_PERF_002
    #[inline(never)]
    fn stretch(&mut self, target: usize, source: &Source, per: u64) -> Result<Stretch, Step> {
        let [first, second, length] = self.operands;
        let (to, from, all) = (position(first), position(second), position(length));
        let outside = match *source {
            Source::Copied(size) if !fits(from, all, size) => Some((second, size)),
            Source::Segment(size) if !fits(from, all, size) => Some((first, target)),
            _ if !fits(to, all, target) => Some((first, target)),
            _ => None,
        };
        if let Some((start, size)) = outside {
            let trap = if per == price::ELEMENTS_PER_UNIT { table_trap } else { memory_trap };
            self.stack.state.trap = Some(trap(start, length, size as u64));
            return Err(Step::Trap);
        }
        let per = per as usize;
        // One chunk at a time is slower, and less code.
        let wanted = if cfg!(feature = "compact") { all.min(per) } else { all };
        let Some(count) = chunk(self.fuel, wanted, per) else {
            return Err(self.wait(Outcome::OutOfFuel { needed: 1 }));
        };
        let left = all.saturating_sub(count);
        // Forward from the front, backward from the end, so that what is left can be copied later.
        let backward = matches!(source, Source::Copied(_)) && to > from;
        let (skip, moved) = if backward { (left, 0) } else { (0, count) };
        let after = if matches!(source, Source::Value) { from } else { from.wrapping_add(moved) };
        self.operands = [to.wrapping_add(moved), after, left].map(|operand| operand as u64);
        Ok(Stretch { to: to.wrapping_add(skip), from: from.wrapping_add(skip), count })
    }

    /// All bytes of a memory. `None` here and below: an instance without what its code asks for.
    #[cfg_attr(not(cells), inline(never))]
    fn bytes<'m>(&self, storage: &'m mut dyn Storage, index: u32) -> Option<&'m mut [u8]> {
        storage.memory(self.instance, index).map(Memory::into_data)
    }

    /// `memory.grow` by `delta`: what it gives stands in the first operand.
    pub(crate) fn memory_grow(&mut self, storage: &mut dyn Storage, index: u32, delta: u64) -> Option<Step> {
        let mut memory = storage.memory(self.instance, index)?;
        let result = match memory.growth(delta) {
            None => refused(memory.index64()),
            Some(bytes) => {
                let price = price::bytes((bytes as u64).wrapping_sub(memory.len()));
                let Some(left) = self.fuel.checked_sub(price) else {
                    return Some(self.wait(Outcome::OutOfFuel { needed: price }));
                };
                let old = memory.size();
                if memory.extend(bytes).is_none() {
                    let instance = self.instance;
                    return Some(self.wait(Outcome::NeedsMemory { instance, memory: index, bytes: bytes as u64 }));
                }
                *self.fuel = left;
                old
            }
        };
        Some(self.gives(result))
    }

    /// `memory.copy` to memory `a` from memory `b`, or `memory.fill` of memory `a`.
    #[cfg_attr(feature = "compact", inline(always))]
    pub(crate) fn memory_copy(&mut self, storage: &mut dyn Storage, (a, b): (u32, u32), fills: bool) -> Option<Step> {
        let target = self.bytes(storage, a)?.len();
        let source = match fills {
            true => Source::Value,
            false if MEMORIES => Source::Copied(self.bytes(storage, b)?.len()),
            false => Source::Copied(target),
        };
        let stretch = match self.stretch(target, &source, price::BYTES_PER_UNIT) {
            Ok(stretch) => stretch,
            Err(step) => return Some(step),
        };
        // Two indices may name one memory, which was imported twice.
        let both = if a == b || !MEMORIES { None } else { storage.two_memories(self.instance, a, b) };
        if let Some((mut memory, other)) = both {
            copy(stretch.target(memory.data_mut())?, stretch.source(other.data())?);
        } else if fills {
            fill(stretch.target(self.bytes(storage, a)?)?, stretch.from as u8);
        } else {
            move_within::<BYTES, _>(self.bytes(storage, a)?, stretch.from, stretch.to, stretch.count)?;
        }
        Some(Step::Done)
    }

    /// `memory.init` from data segment `segment`.
    pub(crate) fn memory_init(&mut self, storage: &mut dyn Storage, index: u32, segment: u32) -> Option<Step> {
        let (memory, bytes) = storage.memory_and_data(self.instance, index, segment)?;
        let (target, source) = (memory.data().len(), Source::Segment(bytes.len()));
        let stretch = match self.stretch(target, &source, price::BYTES_PER_UNIT) {
            Ok(stretch) => stretch,
            Err(step) => return Some(step),
        };
        let (mut memory, bytes) = storage.memory_and_data(self.instance, index, segment)?;
        copy(stretch.target(memory.data_mut())?, stretch.source(bytes)?);
        Some(Step::Done)
    }

    /// `table.grow` by `delta` times `value`: what it gives stands in the first operand.
    pub(crate) fn table_grow(
        &mut self,
        storage: &mut dyn Storage,
        index: u32,
        (value, delta): (u64, u64),
    ) -> Option<Step> {
        let instance = self.instance;
        let mut table = storage.table(instance, index)?;
        let price = price::elements(delta);
        let result = if table.can_grow(delta) {
            if *self.fuel < price {
                return Some(self.wait(Outcome::OutOfFuel { needed: price }));
            }
            match table.grow(delta, value as u32) {
                Growth::Grown(old) => {
                    *self.fuel = self.fuel.saturating_sub(price);
                    old
                }
                Growth::Refused => refused(table.index64()),
                Growth::NeedsStorage(elements) => {
                    return Some(self.wait(Outcome::NeedsTable { instance, table: index, elements }));
                }
            }
        } else {
            refused(table.index64())
        };
        Some(self.gives(result))
    }

    /// `table.fill`: start, value, length.
    pub(crate) fn table_fill(&mut self, storage: &mut dyn Storage, index: u32) -> Option<Step> {
        let target = storage.table(self.instance, index)?.elements().len();
        let stretch = match self.stretch(target, &Source::Value, price::ELEMENTS_PER_UNIT) {
            Ok(stretch) => stretch,
            Err(step) => return Some(step),
        };
        let mut table = storage.table(self.instance, index)?;
        fill(stretch.target(table.elements_mut())?, stretch.from as u32);
        Some(Step::Done)
    }

    /// `table.copy` to table `a` from table `b`.
    pub(crate) fn table_copy(&mut self, storage: &mut dyn Storage, (a, b): (u32, u32)) -> Option<Step> {
        let instance = self.instance;
        let target = storage.table(instance, a)?.elements().len();
        let source = storage.table(instance, b)?.elements().len();
        let stretch = match self.stretch(target, &Source::Copied(source), price::ELEMENTS_PER_UNIT) {
            Ok(stretch) => stretch,
            Err(step) => return Some(step),
        };
        // Two indices may name one table, which was imported twice.
        let both = if a == b { None } else { storage.two_tables(instance, a, b) };
        if let Some((mut table, other)) = both {
            copy(stretch.target(table.elements_mut())?, stretch.source(other.elements())?);
        } else {
            let mut table = storage.table(instance, a)?;
            move_within::<REFS, _>(table.elements_mut(), stretch.from, stretch.to, stretch.count)?;
        }
        Some(Step::Done)
    }

    /// `table.init` from element segment `segment`.
    pub(crate) fn table_init(&mut self, storage: &mut dyn Storage, index: u32, segment: u32) -> Option<Step> {
        let (table, elements) = storage.table_and_elements(self.instance, index, segment)?;
        let (target, source) = (table.elements().len(), Source::Segment(elements.len()));
        let stretch = match self.stretch(target, &source, price::ELEMENTS_PER_UNIT) {
            Ok(stretch) => stretch,
            Err(step) => return Some(step),
        };
        let (mut table, elements) = storage.table_and_elements(self.instance, index, segment)?;
        copy(stretch.target(table.elements_mut())?, stretch.source(elements)?);
        Some(Step::Done)
    }
}
