//! What only the driver can do: everything that needs the store, the whole stack or fuel beyond the quantum.
//!
//! Bulk operators keep what remains of them in their operands' slots, as the specification's reduction rules have it:
//! a pause in the middle leaves a state in which the same instruction goes on.

use super::access::far;
use super::engine::{StacklessEngine, turn_to};
use super::vector;
use crate::execute::{Detail, Fault, Outcome, TrapInfo};
use crate::instr::{Instr, SPLIT, WIDE_LIMIT, WIDE_SCRATCH};
use crate::memory::Growth;
use crate::moves::{BYTES, REFS, SLOTS, copy, move_within};
use crate::stack::{BOUNDARY, HOST_CALL, Stack};
use crate::storage::{HOST, Storage};
use crate::table::{NULL, Ref};
use wrt_instructions::memory_ops::{MemoryLoad, MemoryStore, position};
use wrt_instructions::op::{Group, Plain};
use wrt_instructions::operator::{LoadOp, StoreOp};
use wrt_instructions::part::Part;
use wrt_instructions::vector::VectorRow;
use wrt_instructions::{Trap, price};

const LINKING: bool = Part::Linking.is_built();
const MEMORIES: bool = Part::Memories.is_built();
const REFERENCES: bool = Part::References.is_built();
const WIDE_FRAMES: bool = Part::WideFrames.is_built();

/// How the driver goes on.
pub(super) enum Next {
    /// With the state as it is now.
    Go,
    /// With a trap at the current position.
    Trap(TrapInfo),
    /// Not at all, for now.
    Stop(Outcome),
}

impl From<TrapInfo> for Next {
    fn from(info: TrapInfo) -> Self {
        Self::Trap(info)
    }
}

const fn missing(what: &'static str) -> Next {
    Next::Stop(Outcome::Fault(Fault::Missing(what)))
}

pub(super) fn memory_trap(address: u64, length: u64, size: u64) -> Next {
    TrapInfo { trap: Trap::MemoryOutOfBounds, detail: Detail::Memory { address, length, size } }.into()
}

fn table_trap(index: u64, length: u64, size: u64) -> Next {
    TrapInfo { trap: Trap::TableOutOfBounds, detail: Detail::Table { index, length, size } }.into()
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
    /// The operands of what remains then.
    remaining: Option<[usize; 3]>,
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

/// One instruction at hand, with where it stands.
pub(super) struct At<'r, 's> {
    pub(super) storage: &'r mut dyn Storage,
    pub(super) stack: &'r mut Stack<'s>,
    pub(super) instance: u32,
    pub(super) n: Instr,
    pub(super) data: Instr,
}

impl At<'_, '_> {
    /// Frame slot `index`.
    pub(super) fn get(&self, index: u32) -> Option<u64> {
        self.stack.slots.get(self.stack.state.base.checked_add(index)? as usize).copied()
    }

    pub(super) fn set(&mut self, index: u32, value: u64) -> Option<()> {
        *self.stack.slots.get_mut(self.stack.state.base.checked_add(index)? as usize)? = value;
        Some(())
    }

    /// The slot of operand `index` of a bulk operator.
    fn operand(&self, index: u32) -> Option<u32> {
        if !Part::WideFrames.is_built() {
            return self.n.imm.checked_add(index);
        }
        let slot = (self.n.imm & !SPLIT).checked_add(index)?;
        let behind = self.n.imm & SPLIT != 0 && slot >= WIDE_LIMIT;
        if behind { slot.checked_add(WIDE_SCRATCH) } else { Some(slot) }
    }

    /// The three operands of a bulk operator.
    #[inline(never)]
    fn three(&self) -> Option<[u64; 3]> {
        Some([self.get(self.operand(0)?)?, self.get(self.operand(1)?)?, self.get(self.operand(2)?)?])
    }

    /// Goes on after `stretch` of a bulk operator with `words` data words: behind it, or with what remains of it.
    #[inline(never)]
    fn after_stretch(&mut self, stretch: Stretch, words: u32) -> Option<Next> {
        let Some(remaining) = stretch.remaining else { return Some(self.after(words)) };
        for (index, value) in (0..).zip(remaining) {
            self.set(self.operand(index)?, value as u64)?;
        }
        Some(Next::Go)
    }

    /// Goes on after the instruction and `words` data words.
    pub(super) fn after(&mut self, words: u32) -> Next {
        self.stack.state.pc = self.stack.state.pc.wrapping_add(1).wrapping_add(words);
        Next::Go
    }
}

impl StacklessEngine {
    /// Runs the instruction at the current position.
    pub(super) fn slow(&mut self, storage: &mut dyn Storage, stack: &mut Stack<'_>) -> Next {
        self.end_quantum();
        let (instance, pc) = (stack.state.instance, stack.state.pc as usize);
        let Some(view) = storage.instance(instance) else { return missing("instance") };
        let Some(n) = view.code.get(pc).map(crate::Cell::instr) else { return Next::Trap(Trap::CorruptCode.into()) };
        let data = view.code.get(pc.wrapping_add(1)).map(crate::Cell::instr).unwrap_or_default();
        let at = At { storage, stack, instance, n, data };
        let (group, op, _) = n.op().split();
        let op = op as usize;
        let done = match group {
            Group::Plain => Plain::ALL.get(op).and_then(|row| self.slow_plain(at, *row)),
            Group::Load if MEMORIES => LoadOp::ALL.get(op).and_then(|op| far_load(at, *op)),
            Group::Store if MEMORIES => StoreOp::ALL.get(op).and_then(|op| far_store(at, *op)),
            Group::Vector if Part::Simd.is_built() => {
                VectorRow::from_number(op as u16).and_then(|row| vector::far(at, row))
            }
            _ => None,
        };
        // Only code that no lowering writes asks for slots outside of the stack or for rows that are not the driver's.
        done.unwrap_or(Next::Trap(Trap::CorruptCode.into()))
    }

    fn slow_plain(&mut self, mut at: At<'_, '_>, row: Plain) -> Option<Next> {
        // What a build leaves out is not linked.
        match row {
            Plain::EnterWide if WIDE_FRAMES => self.enter_wide(at),
            Plain::CallImport if LINKING => Some(call_import(at)),
            Plain::ReturnCall | Plain::ReturnCallImport | Plain::ReturnCallIndirect | Plain::ReturnCallRef
                if Part::TailCalls.is_built() =>
            {
                tail_call(at, row)
            }
            Plain::CallIndirect | Plain::CallRef if REFERENCES => call_other_type(at, row),
            Plain::ReturnMany if WIDE_FRAMES => return_many(at),
            Plain::Throw if Part::Exceptions.is_built() => self.throw(at),
            Plain::MemorySize if MEMORIES => memory_size(at),
            Plain::MemoryGrow => self.memory_grow(at),
            Plain::MemoryCopy => self.memory_copy(at),
            Plain::MemoryFill => self.memory_fill(at),
            Plain::MemoryInit if Part::Bulk.is_built() => self.memory_init(at),
            Plain::DataDrop if Part::Bulk.is_built() => {
                at.storage.drop_data(at.instance, at.n.imm);
                Some(at.after(0))
            }
            Plain::ElemDrop if REFERENCES => {
                at.storage.drop_elements(at.instance, at.n.imm);
                Some(at.after(0))
            }
            Plain::TableGet if REFERENCES => table_get(at),
            Plain::TableSet if REFERENCES => table_set(at),
            Plain::TableSize if REFERENCES => table_size(at),
            Plain::TableGrow if REFERENCES => self.table_grow(at),
            Plain::TableFill if REFERENCES => self.table_fill(at),
            Plain::TableCopy if REFERENCES => self.table_copy(at),
            Plain::TableInit if REFERENCES => self.table_init(at),
            Plain::FarGet if WIDE_FRAMES => far_get(at),
            Plain::FarPut if WIDE_FRAMES => far_put(at),
            Plain::WideParams if WIDE_FRAMES => wide_params(at),
            _ => None,
        }
    }

    /// Charges `units`, or says how many are wanted.
    fn charge(&mut self, units: u64) -> Result<(), Next> {
        match self.fuel.checked_sub(units) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => Err(Next::Stop(Outcome::OutOfFuel { needed: units })),
        }
    }

    /// The next stretch of a bulk operator on `target` units, with operands `three`: as much of it as the fuel covers, which
    /// is charged for at `per` units of work for one of fuel. All of it, or as many whole chunks as leave something to do;
    /// `Err` where not even one chunk is covered, or the operator traps.
    // Slices are no longer than an address of this machine reaches, so neither is what lies inside of them.
    // @need-ids: REQ_003, REQ_FUEL_SCHEDULE_001, REQ_FUEL_002
    #[inline(never)]
    fn stretch(&mut self, three: [u64; 3], target: usize, source: Source, per: u64) -> Result<Stretch, Next> {
        let [to, second, n] = three.map(position);
        let outside = match source {
            Source::Copied(size) if !fits(second, n, size) => Some((1, size)),
            Source::Segment(size) if !fits(second, n, size) => Some((0, target)),
            _ if !fits(to, n, target) => Some((0, target)),
            _ => None,
        };
        if let Some((operand, size)) = outside {
            let ([first, second, n], size) = (three, size as u64);
            let start = if operand == 0 { first } else { second };
            let is_table = per == price::ELEMENTS_PER_UNIT;
            return Err(if is_table { table_trap(start, n, size) } else { memory_trap(start, n, size) });
        }
        let per = per as usize;
        // A power of two: a division would have to be told that it is not zero.
        let whole = n.wrapping_shr(per.trailing_zeros());
        let price = (whole as u64).wrapping_add((n & per.wrapping_sub(1) != 0).into());
        let mut count = n;
        match self.fuel.checked_sub(price) {
            Some(left) => self.fuel = left,
            None if self.fuel == 0 => return Err(Next::Stop(Outcome::OutOfFuel { needed: 1 })),
            None => {
                // Less than the price, so less than `n`.
                count = (self.fuel as usize).wrapping_mul(per);
                self.fuel = 0;
            }
        }
        let left = n.saturating_sub(count);
        // Forward from the front, backward from the end, so that what is left can be copied later.
        let backward = matches!(source, Source::Copied(_)) && to > second;
        let (skip, moved) = if backward { (left, 0) } else { (0, count) };
        let after = match source {
            Source::Value => second,
            _ => second.wrapping_add(moved),
        };
        Ok(Stretch {
            to: to.wrapping_add(skip),
            from: second.wrapping_add(skip),
            count,
            remaining: (left != 0).then_some([to.wrapping_add(moved), after, left]),
        })
    }

    fn enter_wide(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let first = at.stack.state.base.checked_add(at.data.ab())?;
        at.stack.slots_mut(first, at.data.imm)?.fill(0);
        let price = u64::from(at.n.imm);
        Some(match self.charge(price) {
            Ok(()) => at.after(1),
            Err(stop) => stop,
        })
    }

    fn memory_grow(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let slot = at.n.imm;
        let index = at.n.ab();
        let delta = at.get(slot)?;
        let Some(mut memory) = at.storage.memory(at.instance, index) else { return Some(missing("memory")) };
        let old = memory.size();
        let result = match memory.growth(delta) {
            None => refused(memory.index64()),
            Some(bytes) => {
                let price = price::bytes(bytes.saturating_sub(memory.len()));
                let Some(left) = self.fuel.checked_sub(price) else {
                    return Some(Next::Stop(Outcome::OutOfFuel { needed: price }));
                };
                if memory.extend(bytes).is_none() {
                    let (instance, memory) = (at.instance, index);
                    return Some(Next::Stop(Outcome::NeedsMemory { instance, memory, bytes }));
                }
                self.fuel = left;
                old
            }
        };
        at.set(slot, result)?;
        Some(at.after(0))
    }

    fn memory_copy(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let (a, b) = (u32::from(at.n.a), u32::from(at.n.b));
        let three = at.three()?;
        let target = at.storage.memory(at.instance, a)?.data().len();
        let source = if MEMORIES { at.storage.memory(at.instance, b)?.data().len() } else { target };
        let stretch = match self.stretch(three, target, Source::Copied(source), price::BYTES_PER_UNIT) {
            Ok(stretch) => stretch,
            Err(next) => return Some(next),
        };
        // Two indices may name one memory, which was imported twice.
        let both = if a == b || !MEMORIES { None } else { at.storage.two_memories(at.instance, a, b) };
        if let Some((mut memory, other)) = both {
            copy(stretch.target(memory.data_mut())?, stretch.source(other.data())?);
        } else {
            let mut memory = at.storage.memory(at.instance, a)?;
            move_within::<BYTES, _>(memory.data_mut(), stretch.from, stretch.to, stretch.count)?;
        }
        at.after_stretch(stretch, 0)
    }

    fn memory_fill(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let three = at.three()?;
        let mut memory = at.storage.memory(at.instance, at.n.ab())?;
        let stretch = match self.stretch(three, memory.data().len(), Source::Value, price::BYTES_PER_UNIT) {
            Ok(stretch) => stretch,
            Err(next) => return Some(next),
        };
        stretch.target(memory.data_mut())?.fill(stretch.from as u8);
        at.after_stretch(stretch, 0)
    }

    fn memory_init(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let three = at.three()?;
        let (mut memory, bytes) = at.storage.memory_and_data(at.instance, at.n.ab(), at.data.imm)?;
        let source = Source::Segment(bytes.len());
        let stretch = match self.stretch(three, memory.data().len(), source, price::BYTES_PER_UNIT) {
            Ok(stretch) => stretch,
            Err(next) => return Some(next),
        };
        copy(stretch.target(memory.data_mut())?, stretch.source(bytes)?);
        at.after_stretch(stretch, 1)
    }

    fn table_grow(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let slot = at.operand(0)?;
        let (value, delta) = (at.get(slot)?, at.get(at.operand(1)?)?);
        let index = at.n.ab();
        let Some(mut table) = at.storage.table(at.instance, index) else { return Some(missing("table")) };
        let price = price::elements(delta);
        let result = if table.can_grow(delta) {
            if self.fuel < price {
                return Some(Next::Stop(Outcome::OutOfFuel { needed: price }));
            }
            match table.grow(delta, value as u32) {
                Growth::Grown(old) => {
                    self.fuel = self.fuel.saturating_sub(price);
                    old
                }
                Growth::Refused => refused(table.index64()),
                Growth::NeedsStorage(elements) => {
                    let (instance, table) = (at.instance, index);
                    return Some(Next::Stop(Outcome::NeedsTable { instance, table, elements }));
                }
            }
        } else {
            refused(table.index64())
        };
        at.set(slot, result)?;
        Some(at.after(0))
    }

    fn table_fill(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let three = at.three()?;
        let mut table = at.storage.table(at.instance, at.n.ab())?;
        let stretch = match self.stretch(three, table.elements().len(), Source::Value, price::ELEMENTS_PER_UNIT) {
            Ok(stretch) => stretch,
            Err(next) => return Some(next),
        };
        stretch.target(table.elements_mut())?.fill(stretch.from as u32);
        at.after_stretch(stretch, 0)
    }

    fn table_copy(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let (a, b) = (at.n.ab(), at.data.imm);
        let three = at.three()?;
        let target = at.storage.table(at.instance, a)?.elements().len();
        let source = at.storage.table(at.instance, b)?.elements().len();
        let stretch = match self.stretch(three, target, Source::Copied(source), price::ELEMENTS_PER_UNIT) {
            Ok(stretch) => stretch,
            Err(next) => return Some(next),
        };
        // Two indices may name one table, which was imported twice.
        let both = if a == b { None } else { at.storage.two_tables(at.instance, a, b) };
        if let Some((mut table, other)) = both {
            copy(stretch.target(table.elements_mut())?, stretch.source(other.elements())?);
        } else {
            let mut table = at.storage.table(at.instance, a)?;
            move_within::<REFS, _>(table.elements_mut(), stretch.from, stretch.to, stretch.count)?;
        }
        at.after_stretch(stretch, 1)
    }

    fn table_init(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let three = at.three()?;
        let (mut table, elements) = at.storage.table_and_elements(at.instance, at.n.ab(), at.data.imm)?;
        let source = Source::Segment(elements.len());
        let stretch = match self.stretch(three, table.elements().len(), source, price::ELEMENTS_PER_UNIT) {
            Ok(stretch) => stretch,
            Err(next) => return Some(next),
        };
        copy(stretch.target(table.elements_mut())?, stretch.source(elements)?);
        at.after_stretch(stretch, 1)
    }
}

/// What growing gives where it is refused: -1 in the index type.
const fn refused(index64: bool) -> u64 {
    if index64 && MEMORIES { u64::MAX } else { u32::MAX as u64 }
}

/// Calls a function that is not this instance's own. The position is the one to return to.
pub(super) fn call_other(storage: &mut dyn Storage, stack: &mut Stack<'_>, addr: u32, start: u32) -> Next {
    let Some(func) = storage.func(addr) else { return missing("function") };
    let (pc, base, instance) = (stack.state.pc, stack.state.base, stack.state.instance);
    let callee = base.wrapping_add(start);
    if func.instance == HOST {
        // The host's functions have no frame: the guest stands at its return position until they are done.
        return Next::Stop(Outcome::HostCall { func: func.index, base: callee });
    }
    let depth = stack.state.depth;
    if stack.push_counted(pc, base).is_err() || stack.push_mark(BOUNDARY | instance, callee).is_err() {
        stack.state.depth = depth;
        return Next::Trap(Trap::CallStackExhausted.into());
    }
    let next = turn_to(storage, stack, addr, callee);
    if let Next::Trap(_) = next {
        // The trap is the caller's: take both frames back.
        stack.state.depth = depth;
        stack.state.marks = stack.state.marks.saturating_sub(1);
        stack.state.instance = instance;
        stack.state.base = base;
        stack.state.pc = pc;
    }
    next
}

fn call_import(mut at: At<'_, '_>) -> Next {
    let Some(addr) = at.storage.func_addr(at.instance, at.n.imm) else { return missing("function") };
    let start = at.n.ab();
    at.after(0);
    let next = call_other(at.storage, at.stack, addr, start);
    if let Next::Trap(_) = next {
        // A trap on entering is the caller's.
        at.stack.state.pc = at.stack.state.pc.wrapping_sub(1);
    }
    next
}

/// Calls that the handlers pass on: through other tables than the first, of subtypes, and those that trap.
fn call_other_type(mut at: At<'_, '_>, row: Plain) -> Option<Next> {
    let addr = match callee(&mut at, row)? {
        Ok(addr) => addr,
        Err(next) => return Some(next),
    };
    let func = at.storage.func(addr)?;
    let start = at.data.imm;
    at.after(1);
    if func.instance != at.instance {
        let next = call_other(at.storage, at.stack, addr, start);
        if let Next::Trap(_) = next {
            at.stack.state.pc = at.stack.state.pc.wrapping_sub(2);
        }
        return Some(next);
    }
    let (pc, base, depth) = (at.stack.state.pc, at.stack.state.base, at.stack.state.depth);
    if at.stack.push_counted(pc, base).is_err() {
        at.stack.state.pc = pc.wrapping_sub(2);
        return Some(Next::Trap(Trap::CallStackExhausted.into()));
    }
    let next = turn_to(at.storage, at.stack, addr, base.wrapping_add(start));
    if let Next::Trap(_) = next {
        at.stack.state.depth = depth;
        at.stack.state.base = base;
        at.stack.state.pc = pc.wrapping_sub(2);
    }
    Some(next)
}

/// Tail calls that the handler passes on: to imports, through tables, or with arguments beyond the window.
fn tail_call(mut at: At<'_, '_>, row: Plain) -> Option<Next> {
    let (addr, from, count) = match row {
        Plain::ReturnCallIndirect | Plain::ReturnCallRef => match callee(&mut at, row)? {
            Ok(addr) => (addr, at.data.imm >> 16, at.data.imm & 0xFFFF),
            Err(next) => return Some(next),
        },
        _ => (at.storage.func_addr(at.instance, at.n.imm)?, at.n.ab(), at.data.imm),
    };
    let func = at.storage.func(addr)?;
    let base = at.stack.state.base;
    let entry = if func.instance == HOST { None } else { Some(at.storage.entry(func.instance, func.index)?) };
    if entry.is_some_and(|entry| base.saturating_add(entry.slots) > at.stack.slot_limit()) {
        return Some(Next::Trap(Trap::CallStackExhausted.into()));
    }
    if func.instance != HOST && func.instance != at.instance {
        // The caller's instance must be found again on return, unless a mark says so already.
        let below = at.stack.state.depth.checked_sub(1)?;
        let marked = at.stack.frames.get(below as usize)?.pc >= BOUNDARY;
        if !marked && at.stack.push_mark(BOUNDARY | at.instance, base).is_err() {
            return Some(Next::Trap(Trap::CallStackExhausted.into()));
        }
    }
    let start = base.checked_add(from)?;
    move_within::<SLOTS, _>(at.stack.slots, start as usize, base as usize, count as usize)?;
    if func.instance == HOST {
        at.stack.state.pc = HOST_CALL;
        at.stack.state.host = func.index;
        return Some(Next::Go);
    }
    at.stack.state.instance = func.instance;
    at.stack.state.pc = entry?.pc;
    Some(Next::Go)
}

/// The callee of a call through a table or a reference, checked; the outer `None` is corrupt code.
fn callee(at: &mut At<'_, '_>, row: Plain) -> Option<Result<u32, Next>> {
    let reference = match row {
        Plain::CallRef | Plain::ReturnCallRef => match at.get(u32::from(at.n.b))? as u32 {
            NULL => return Some(Err(TrapInfo::from(Trap::NullFunctionReference).into())),
            reference => reference,
        },
        _ => match table_entry(at)? {
            Ok(reference) => reference,
            Err(next) => return Some(Err(next)),
        },
    };
    let addr = reference.wrapping_sub(1);
    // Registers have no types: what an image takes for a reference may be none.
    let Some(func) = at.storage.func(addr) else {
        return Some(Err(TrapInfo::from(Trap::NullFunctionReference).into()));
    };
    let actual = func.ty;
    let expected = at.storage.type_id(at.instance, at.n.imm)?;
    if !at.storage.types().is_subtype(actual, expected) {
        let detail = Detail::Type { expected, actual };
        return Some(Err(TrapInfo { trap: Trap::IndirectCallTypeMismatch, detail }.into()));
    }
    Some(Ok(addr))
}

/// What stands in the table that an indirect call names; never null.
fn table_entry(at: &mut At<'_, '_>) -> Option<Result<Ref, Next>> {
    let index = at.get(u32::from(at.n.b))?;
    let table = at.storage.table(at.instance, at.data.ab())?;
    let size = u64::from(table.size());
    let Ok(reference) = table.get(index) else {
        let detail = Detail::Table { index, length: 1, size };
        return Some(Err(TrapInfo { trap: Trap::UndefinedElement, detail }.into()));
    };
    if reference == NULL {
        let detail = Detail::Table { index, length: 1, size };
        return Some(Err(TrapInfo { trap: Trap::IndirectCallToNull, detail }.into()));
    }
    Some(Ok(reference))
}

fn return_many(at: At<'_, '_>) -> Option<Next> {
    let base = at.stack.state.base;
    let start = base.checked_add(at.n.ab())?;
    move_within::<SLOTS, _>(at.stack.slots, start as usize, base as usize, at.n.imm as usize)?;
    let frame = at.stack.pop_marked()?;
    at.stack.state.pc = frame.pc;
    at.stack.state.base = frame.base;
    Some(Next::Go)
}

// Accesses of memories that handlers do not see, and those that trap.

// @need-ids: REQ_MULTI_MEMORY_001, REQ_MEMORY64_001, REQ_MEM_SAFETY_001
fn far_load(mut at: At<'_, '_>, operator: LoadOp) -> Option<Next> {
    let (offset, index) = far(at.n, at.data);
    let address = at.get(u32::from(at.n.b))?;
    let memory = at.storage.memory(at.instance, index)?;
    match (MemoryLoad { operator, offset }).execute(memory.data(), address) {
        Ok(value) => at.set(u32::from(at.n.a), value)?,
        Err(_) => return Some(memory_trap(address.saturating_add(offset), operator.bytes() as u64, memory.len())),
    }
    Some(at.after(1))
}

// @need-ids: REQ_MULTI_MEMORY_001, REQ_MEMORY64_001, REQ_MEM_SAFETY_001
fn far_store(mut at: At<'_, '_>, operator: StoreOp) -> Option<Next> {
    let (offset, index) = far(at.n, at.data);
    let (address, value) = (at.get(u32::from(at.n.a))?, at.get(u32::from(at.n.b))?);
    let mut memory = at.storage.memory(at.instance, index)?;
    if (MemoryStore { operator, offset }).execute(memory.data_mut(), address, value).is_err() {
        return Some(memory_trap(address.saturating_add(offset), operator.bytes() as u64, memory.len()));
    }
    Some(at.after(1))
}

fn memory_size(mut at: At<'_, '_>) -> Option<Next> {
    let pages = at.storage.memory(at.instance, at.n.imm)?.size();
    at.set(u32::from(at.n.a), pages)?;
    Some(at.after(0))
}

fn table_get(mut at: At<'_, '_>) -> Option<Next> {
    let index = at.get(u32::from(at.n.b))?;
    let table = at.storage.table(at.instance, at.n.imm)?;
    let Ok(value) = table.get(index) else { return Some(table_trap(index, 1, u64::from(table.size()))) };
    at.set(u32::from(at.n.a), u64::from(value))?;
    Some(at.after(0))
}

fn table_set(mut at: At<'_, '_>) -> Option<Next> {
    let (index, value) = (at.get(u32::from(at.n.a))?, at.get(u32::from(at.n.b))?);
    let mut table = at.storage.table(at.instance, at.n.imm)?;
    if table.set(index, value as u32).is_err() {
        return Some(table_trap(index, 1, u64::from(table.size())));
    }
    Some(at.after(0))
}

fn table_size(mut at: At<'_, '_>) -> Option<Next> {
    let size = at.storage.table(at.instance, at.n.imm)?.size();
    at.set(u32::from(at.n.a), u64::from(size))?;
    Some(at.after(0))
}

fn far_get(mut at: At<'_, '_>) -> Option<Next> {
    let value = at.get(at.n.imm)?;
    at.set(u32::from(at.n.a), value)?;
    Some(at.after(0))
}

fn far_put(mut at: At<'_, '_>) -> Option<Next> {
    let value = at.get(u32::from(at.n.a))?;
    at.set(at.n.imm, value)?;
    Some(at.after(0))
}

fn wide_params(mut at: At<'_, '_>) -> Option<Next> {
    let base = at.stack.state.base;
    let (from, end) = (base.checked_add(WIDE_LIMIT)?, base.checked_add(at.n.imm)?);
    let to = from.checked_add(WIDE_SCRATCH)?;
    move_within::<SLOTS, _>(at.stack.slots, from as usize, to as usize, end.saturating_sub(from) as usize)?;
    Some(at.after(0))
}
