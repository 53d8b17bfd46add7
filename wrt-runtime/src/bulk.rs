//! Bulk operators and growth, apart from where an engine has their operands (core 4.6.9 ff., 4.6.11 ff.).
//!
//! Bounds are checked first. Then the work is charged and done chunk by chunk: what remains stands in the operands, as the
//! specification's reduction rules have it, so that a pause in the middle leaves a state in which the same operator goes on.

use crate::execute::{Detail, Fault, Outcome, TrapInfo};
use crate::memory::Growth;
use crate::moves::{BYTES, REFS, move_within};
use crate::storage::Storage;
use wrt_instructions::memory_ops::{in_bounds, position};
use wrt_instructions::{Trap, price};

/// Where one go at an operator got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is done; it gives nothing.
    Done,
    /// It is done, and gives this value.
    Value(u64),
    /// These operands remain, and fuel may be left for more of them.
    Part([u64; 3]),
    /// It traps.
    Trap(TrapInfo),
    /// It waits for something; nothing of what remains was done.
    Wait(Outcome),
}

/// What growing gives where it is refused: -1 in the index type.
const fn refused(index64: bool) -> u64 {
    if index64 { u64::MAX } else { u32::MAX as u64 }
}

pub(crate) fn memory_trap(address: u64, length: u64, size: u64) -> TrapInfo {
    TrapInfo { trap: Trap::MemoryOutOfBounds, detail: Detail::Memory { address, length, size } }
}

pub(crate) fn table_trap(index: u64, length: u64, size: u64) -> TrapInfo {
    TrapInfo { trap: Trap::TableOutOfBounds, detail: Detail::Table { index, length, size } }
}

const fn missing(what: &'static str) -> Step {
    Step::Wait(Outcome::Fault(Fault::Missing(what)))
}

/// How many of `n` units of work the fuel covers, at `per` for one unit of fuel: all, or as many whole chunks as leave
/// something to do. Charges for them; `None` where not even one chunk is covered.
// @need-ids: REQ_003, REQ_FUEL_SCHEDULE_001, REQ_FUEL_002
pub(crate) fn chunk(fuel: &mut u64, n: u64, per: u64) -> Option<u64> {
    // A power of two: a division would have to be told that it is not zero.
    let price = n.wrapping_shr(per.trailing_zeros()).wrapping_add((n & per.wrapping_sub(1) != 0).into());
    if price <= *fuel {
        *fuel = fuel.saturating_sub(price);
        return Some(n);
    }
    if *fuel == 0 {
        return None;
    }
    let part = fuel.saturating_mul(per);
    *fuel = 0;
    Some(part)
}

const DRY: Step = Step::Wait(Outcome::OutOfFuel { needed: 1 });

/// What remains after `part` of `n` units from the front.
fn rest([to, from, n]: [u64; 3], part: u64) -> Option<Step> {
    if part == n {
        return Some(Step::Done);
    }
    Some(Step::Part([to.checked_add(part)?, from.checked_add(part)?, n.checked_sub(part)?]))
}

/// `memory.grow`. `None` here and below: an instance without what its code asks for.
pub(crate) fn memory_grow(
    storage: &mut dyn Storage,
    (instance, index): (u32, u32),
    delta: u64,
    fuel: &mut u64,
) -> Step {
    let Some(mut memory) = storage.memory(instance, index) else { return missing("memory") };
    let old = memory.size();
    let Some(bytes) = memory.growth(delta) else { return Step::Value(refused(memory.index64())) };
    let price = price::bytes(bytes.saturating_sub(memory.len()));
    if *fuel < price {
        return Step::Wait(Outcome::OutOfFuel { needed: price });
    }
    if let Growth::NeedsStorage(bytes) = memory.grow(delta) {
        return Step::Wait(Outcome::NeedsMemory { instance, memory: index, bytes });
    }
    *fuel = fuel.saturating_sub(price);
    Step::Value(old)
}

/// `memory.copy` to memory `a` from memory `b`.
pub(crate) fn memory_copy(
    storage: &mut dyn Storage,
    (instance, a, b): (u32, u32, u32),
    [to, from, n]: [u64; 3],
    fuel: &mut u64,
) -> Option<Step> {
    let target = storage.memory(instance, a)?.len();
    let source = storage.memory(instance, b)?.len();
    if !in_bounds(from, n, source) {
        return Some(Step::Trap(memory_trap(from, n, source)));
    }
    if !in_bounds(to, n, target) {
        return Some(Step::Trap(memory_trap(to, n, target)));
    }
    let Some(part) = chunk(fuel, n, price::BYTES_PER_UNIT) else { return Some(DRY) };
    let copy = Copied::new([to, from, n], part)?;
    // Two indices may name one memory, which was imported twice.
    let both = if a == b { None } else { storage.two_memories(instance, a, b) };
    if let Some((mut memory, other)) = both {
        let source = other.data().get(copy.from..copy.from.checked_add(copy.count)?)?;
        let target = memory.data_mut().get_mut(copy.to..copy.to.checked_add(copy.count)?)?;
        target.iter_mut().zip(source).for_each(|(to, from)| *to = *from);
    } else {
        let mut memory = storage.memory(instance, a)?;
        move_within::<BYTES, _>(memory.data_mut(), copy.from, copy.to, copy.count)?;
    }
    Some(copy.left)
}

/// A part of a copy, and what remains of the whole after it: forward from the front, backward from the end, so that what is
/// left can be copied later.
struct Copied {
    to: usize,
    from: usize,
    count: usize,
    left: Step,
}

impl Copied {
    fn new([to, from, n]: [u64; 3], part: u64) -> Option<Self> {
        let left = n.checked_sub(part)?;
        let (skip, moved) = if to <= from { (0, part) } else { (left, 0) };
        let rest = match left {
            0 => Step::Done,
            _ => Step::Part([to.checked_add(moved)?, from.checked_add(moved)?, left]),
        };
        let (to, from) = (position(to.checked_add(skip)?), position(from.checked_add(skip)?));
        Some(Self { to, from, count: position(part), left: rest })
    }
}

/// `memory.fill`: start, value, length.
pub(crate) fn memory_fill(
    storage: &mut dyn Storage,
    (instance, index): (u32, u32),
    [to, value, n]: [u64; 3],
    fuel: &mut u64,
) -> Option<Step> {
    let mut memory = storage.memory(instance, index)?;
    if !in_bounds(to, n, memory.len()) {
        return Some(Step::Trap(memory_trap(to, n, memory.len())));
    }
    let Some(part) = chunk(fuel, n, price::BYTES_PER_UNIT) else { return Some(DRY) };
    let end = to.checked_add(part)?;
    memory.data_mut().get_mut(position(to)..position(end))?.fill(value as u8);
    filled([end, value, n], part)
}

/// What remains of a fill that got to `end`.
fn filled([end, value, n]: [u64; 3], part: u64) -> Option<Step> {
    let left = n.checked_sub(part)?;
    Some(if left == 0 { Step::Done } else { Step::Part([end, value, left]) })
}

/// `memory.init` from data segment `segment`.
pub(crate) fn memory_init(
    storage: &mut dyn Storage,
    (instance, index, segment): (u32, u32, u32),
    [to, from, n]: [u64; 3],
    fuel: &mut u64,
) -> Option<Step> {
    let (mut memory, bytes) = storage.memory_and_data(instance, index, segment)?;
    if !in_bounds(from, n, bytes.len() as u64) || !in_bounds(to, n, memory.len()) {
        return Some(Step::Trap(memory_trap(to, n, memory.len())));
    }
    let Some(part) = chunk(fuel, n, price::BYTES_PER_UNIT) else { return Some(DRY) };
    let (end, until) = (to.checked_add(part)?, from.checked_add(part)?);
    let target = memory.data_mut().get_mut(position(to)..position(end))?;
    let source = bytes.get(position(from)..position(until))?;
    target.iter_mut().zip(source).for_each(|(to, from)| *to = *from);
    rest([to, from, n], part)
}

/// `table.grow` by `delta` times `value`.
pub(crate) fn table_grow(
    storage: &mut dyn Storage,
    (instance, index): (u32, u32),
    (value, delta): (u64, u64),
    fuel: &mut u64,
) -> Step {
    let Some(mut table) = storage.table(instance, index) else { return missing("table") };
    if !table.can_grow(delta) {
        return Step::Value(refused(table.index64()));
    }
    let price = price::elements(delta);
    if *fuel < price {
        return Step::Wait(Outcome::OutOfFuel { needed: price });
    }
    match table.grow(delta, value as u32) {
        Growth::Grown(old) => {
            *fuel = fuel.saturating_sub(price);
            Step::Value(old)
        }
        Growth::Refused => Step::Value(refused(table.index64())),
        Growth::NeedsStorage(elements) => Step::Wait(Outcome::NeedsTable { instance, table: index, elements }),
    }
}

/// `table.fill`: start, value, length.
pub(crate) fn table_fill(
    storage: &mut dyn Storage,
    (instance, index): (u32, u32),
    [to, value, n]: [u64; 3],
    fuel: &mut u64,
) -> Option<Step> {
    let mut table = storage.table(instance, index)?;
    let size = u64::from(table.size());
    if !in_bounds(to, n, size) {
        return Some(Step::Trap(table_trap(to, n, size)));
    }
    let Some(part) = chunk(fuel, n, price::ELEMENTS_PER_UNIT) else { return Some(DRY) };
    let end = to.checked_add(part)?;
    table.elements_mut().get_mut(position(to)..position(end))?.fill(value as u32);
    filled([end, value, n], part)
}

/// `table.copy` to table `a` from table `b`.
pub(crate) fn table_copy(
    storage: &mut dyn Storage,
    (instance, a, b): (u32, u32, u32),
    [to, from, n]: [u64; 3],
    fuel: &mut u64,
) -> Option<Step> {
    let target = u64::from(storage.table(instance, a)?.size());
    let source = u64::from(storage.table(instance, b)?.size());
    if !in_bounds(from, n, source) {
        return Some(Step::Trap(table_trap(from, n, source)));
    }
    if !in_bounds(to, n, target) {
        return Some(Step::Trap(table_trap(to, n, target)));
    }
    let Some(part) = chunk(fuel, n, price::ELEMENTS_PER_UNIT) else { return Some(DRY) };
    let copy = Copied::new([to, from, n], part)?;
    // Two indices may name one table, which was imported twice.
    let both = if a == b { None } else { storage.two_tables(instance, a, b) };
    if let Some((mut table, other)) = both {
        let source = other.elements().get(copy.from..copy.from.checked_add(copy.count)?)?;
        let target = table.elements_mut().get_mut(copy.to..copy.to.checked_add(copy.count)?)?;
        target.iter_mut().zip(source).for_each(|(to, from)| *to = *from);
    } else {
        let mut table = storage.table(instance, a)?;
        move_within::<REFS, _>(table.elements_mut(), copy.from, copy.to, copy.count)?;
    }
    Some(copy.left)
}

/// `table.init` from element segment `segment`.
pub(crate) fn table_init(
    storage: &mut dyn Storage,
    (instance, index, segment): (u32, u32, u32),
    [to, from, n]: [u64; 3],
    fuel: &mut u64,
) -> Option<Step> {
    let (mut table, elements) = storage.table_and_elements(instance, index, segment)?;
    let size = u64::from(table.size());
    if !in_bounds(from, n, elements.len() as u64) || !in_bounds(to, n, size) {
        return Some(Step::Trap(table_trap(to, n, size)));
    }
    let Some(part) = chunk(fuel, n, price::ELEMENTS_PER_UNIT) else { return Some(DRY) };
    table.init(to, elements, from, part).ok()?;
    rest([to, from, n], part)
}
