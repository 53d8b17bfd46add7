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
use crate::moves::{BYTES, REFS, SLOTS, move_within};
use crate::stack::{BOUNDARY, HOST_CALL, Stack};
use crate::storage::{HOST, Storage};
use crate::table::{NULL, Ref};
use wrt_instructions::memory_ops::{MemoryLoad, MemoryStore, in_bounds, position};
use wrt_instructions::op::{LoadForm, Plain, Row, StoreForm};
use wrt_instructions::operator::{LoadOp, StoreOp};
use wrt_instructions::{Trap, price};

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
        self.stack.slots(self.stack.state.base.checked_add(index)?, 1)?.first().copied()
    }

    pub(super) fn set(&mut self, index: u32, value: u64) -> Option<()> {
        let at = self.stack.state.base.checked_add(index)?;
        *self.stack.slots_mut(at, 1)?.first_mut()? = value;
        Some(())
    }

    /// The slot of operand `index` of a bulk operator.
    fn operand(&self, index: u32) -> Option<u32> {
        let slot = (self.n.imm & !SPLIT).checked_add(index)?;
        let behind = self.n.imm & SPLIT != 0 && slot >= WIDE_LIMIT;
        if behind { slot.checked_add(WIDE_SCRATCH) } else { Some(slot) }
    }

    /// The three operands of a bulk operator.
    fn three(&self) -> Option<[u64; 3]> {
        Some([self.get(self.operand(0)?)?, self.get(self.operand(1)?)?, self.get(self.operand(2)?)?])
    }

    fn set_three(&mut self, values: [u64; 3]) -> Option<()> {
        for (index, value) in (0..).zip(values) {
            self.set(self.operand(index)?, value)?;
        }
        Some(())
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
        let done = match n.op().row() {
            Some(Row::Plain(row)) => self.slow_plain(at, row),
            Some(Row::Load(operator, LoadForm::Far)) => far_load(at, operator),
            Some(Row::Store(operator, StoreForm::Far)) => far_store(at, operator),
            Some(Row::Vector(row)) => vector::far(at, row),
            _ => None,
        };
        // Only code that no lowering writes asks for slots outside of the stack or for rows that are not the driver's.
        done.unwrap_or(Next::Trap(Trap::CorruptCode.into()))
    }

    fn slow_plain(&mut self, mut at: At<'_, '_>, row: Plain) -> Option<Next> {
        match row {
            Plain::EnterWide => self.enter_wide(at),
            Plain::CallImport => Some(call_import(at)),
            Plain::ReturnCall | Plain::ReturnCallImport | Plain::ReturnCallIndirect | Plain::ReturnCallRef => {
                tail_call(at, row)
            }
            Plain::CallIndirect | Plain::CallRef => call_other_type(at, row),
            Plain::ReturnMany => return_many(at),
            Plain::Throw => self.throw(at),
            Plain::MemorySize => memory_size(at),
            Plain::MemoryGrow => self.memory_grow(at),
            Plain::MemoryCopy => self.memory_copy(at),
            Plain::MemoryFill => self.memory_fill(at),
            Plain::MemoryInit => self.memory_init(at),
            Plain::DataDrop => {
                at.storage.drop_data(at.instance, at.n.imm);
                Some(at.after(0))
            }
            Plain::ElemDrop => {
                at.storage.drop_elements(at.instance, at.n.imm);
                Some(at.after(0))
            }
            Plain::TableGet => table_get(at),
            Plain::TableSet => table_set(at),
            Plain::TableSize => table_size(at),
            Plain::TableGrow => self.table_grow(at),
            Plain::TableFill => self.table_fill(at),
            Plain::TableCopy => self.table_copy(at),
            Plain::TableInit => self.table_init(at),
            Plain::FarGet => far_get(at),
            Plain::FarPut => far_put(at),
            Plain::WideParams => wide_params(at),
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

    /// How many of `n` units of work the fuel covers, at `per` for one unit of fuel: all, or as many whole chunks as
    /// leave something to do. Charges for them; `Err` where not even one chunk is covered.
    // @need-ids: REQ_003, REQ_FUEL_SCHEDULE_001, REQ_FUEL_002
    fn chunk(&mut self, n: u64, per: u64) -> Result<u64, Next> {
        let price = n.div_ceil(per);
        if price <= self.fuel {
            self.fuel = self.fuel.saturating_sub(price);
            return Ok(n);
        }
        if self.fuel == 0 {
            return Err(Next::Stop(Outcome::OutOfFuel { needed: 1 }));
        }
        let part = self.fuel.saturating_mul(per);
        self.fuel = 0;
        Ok(part)
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
                if self.fuel < price {
                    return Some(Next::Stop(Outcome::OutOfFuel { needed: price }));
                }
                if let Growth::NeedsStorage(bytes) = memory.grow(delta) {
                    let (instance, memory) = (at.instance, index);
                    return Some(Next::Stop(Outcome::NeedsMemory { instance, memory, bytes }));
                }
                self.fuel = self.fuel.saturating_sub(price);
                old
            }
        };
        at.set(slot, result)?;
        Some(at.after(0))
    }

    fn memory_copy(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let [to, from, n] = at.three()?;
        let (a, b) = (u32::from(at.n.a), u32::from(at.n.b));
        let target = at.storage.memory(at.instance, a)?.len();
        let source = at.storage.memory(at.instance, b)?.len();
        if !in_bounds(from, n, source) {
            return Some(memory_trap(from, n, source));
        }
        if !in_bounds(to, n, target) {
            return Some(memory_trap(to, n, target));
        }
        let part = match self.chunk(n, price::BYTES_PER_UNIT) {
            Ok(part) => part,
            Err(stop) => return Some(stop),
        };
        let left = n.checked_sub(part)?;
        // Forward from the front, backward from the end, so that what is left can be copied later.
        let skip = if to <= from { 0 } else { left };
        let (start, end) = (position(from.checked_add(skip)?), position(from.checked_add(skip)?.checked_add(part)?));
        let at_to = position(to.checked_add(skip)?);
        // Two indices may name one memory, which was imported twice.
        let both = if a == b { None } else { at.storage.two_memories(at.instance, a, b) };
        if let Some((mut memory, other)) = both {
            let source = other.data().get(start..end)?;
            let target = memory.data_mut().get_mut(at_to..at_to.checked_add(source.len())?)?;
            target.iter_mut().zip(source).for_each(|(to, from)| *to = *from);
        } else {
            let mut memory = at.storage.memory(at.instance, a)?;
            move_within::<BYTES, _>(memory.data_mut(), start, at_to, end.checked_sub(start)?)?;
        }
        if left == 0 {
            return Some(at.after(0));
        }
        let moved = if to <= from { part } else { 0 };
        at.set_three([to.checked_add(moved)?, from.checked_add(moved)?, left])?;
        Some(Next::Go)
    }

    fn memory_fill(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let [to, value, n] = at.three()?;
        let mut memory = at.storage.memory(at.instance, at.n.ab())?;
        if !in_bounds(to, n, memory.len()) {
            return Some(memory_trap(to, n, memory.len()));
        }
        let part = match self.chunk(n, price::BYTES_PER_UNIT) {
            Ok(part) => part,
            Err(stop) => return Some(stop),
        };
        let end = to.checked_add(part)?;
        memory.data_mut().get_mut(position(to)..position(end))?.fill(value as u8);
        if part == n {
            return Some(at.after(0));
        }
        at.set_three([end, value, n.checked_sub(part)?])?;
        Some(Next::Go)
    }

    fn memory_init(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let [to, from, n] = at.three()?;
        let (mut memory, bytes) = at.storage.memory_and_data(at.instance, at.n.ab(), at.data.imm)?;
        if !in_bounds(from, n, bytes.len() as u64) || !in_bounds(to, n, memory.len()) {
            return Some(memory_trap(to, n, memory.len()));
        }
        let part = match self.chunk(n, price::BYTES_PER_UNIT) {
            Ok(part) => part,
            Err(stop) => return Some(stop),
        };
        let (end, until) = (to.checked_add(part)?, from.checked_add(part)?);
        let target = memory.data_mut().get_mut(position(to)..position(end))?;
        let source = bytes.get(position(from)..position(until))?;
        target.iter_mut().zip(source).for_each(|(to, from)| *to = *from);
        if part == n {
            return Some(at.after(1));
        }
        at.set_three([end, until, n.checked_sub(part)?])?;
        Some(Next::Go)
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
        let [to, value, n] = at.three()?;
        let index = at.n.ab();
        let mut table = at.storage.table(at.instance, index)?;
        let size = u64::from(table.size());
        if !in_bounds(to, n, size) {
            return Some(table_trap(to, n, size));
        }
        let part = match self.chunk(n, price::ELEMENTS_PER_UNIT) {
            Ok(part) => part,
            Err(stop) => return Some(stop),
        };
        let end = to.checked_add(part)?;
        table.elements_mut().get_mut(position(to)..position(end))?.fill(value as u32);
        if part == n {
            return Some(at.after(0));
        }
        at.set_three([end, value, n.checked_sub(part)?])?;
        Some(Next::Go)
    }

    fn table_copy(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let [to, from, n] = at.three()?;
        let (a, b) = (at.n.ab(), at.data.imm);
        let target = u64::from(at.storage.table(at.instance, a)?.size());
        let source = u64::from(at.storage.table(at.instance, b)?.size());
        if !in_bounds(from, n, source) {
            return Some(table_trap(from, n, source));
        }
        if !in_bounds(to, n, target) {
            return Some(table_trap(to, n, target));
        }
        let part = match self.chunk(n, price::ELEMENTS_PER_UNIT) {
            Ok(part) => part,
            Err(stop) => return Some(stop),
        };
        let left = n.checked_sub(part)?;
        let skip = if to <= from { 0 } else { left };
        let (start, end) = (position(from.checked_add(skip)?), position(from.checked_add(skip)?.checked_add(part)?));
        let at_to = position(to.checked_add(skip)?);
        // Two indices may name one table, which was imported twice.
        let both = if a == b { None } else { at.storage.two_tables(at.instance, a, b) };
        if let Some((mut table, other)) = both {
            let source = other.elements().get(start..end)?;
            let target = table.elements_mut().get_mut(at_to..at_to.checked_add(source.len())?)?;
            target.iter_mut().zip(source).for_each(|(to, from)| *to = *from);
        } else {
            let mut table = at.storage.table(at.instance, a)?;
            move_within::<REFS, _>(table.elements_mut(), start, at_to, end.checked_sub(start)?)?;
        }
        if left == 0 {
            return Some(at.after(1));
        }
        let moved = if to <= from { part } else { 0 };
        at.set_three([to.checked_add(moved)?, from.checked_add(moved)?, left])?;
        Some(Next::Go)
    }

    fn table_init(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let [to, from, n] = at.three()?;
        let (mut table, elements) = at.storage.table_and_elements(at.instance, at.n.ab(), at.data.imm)?;
        let size = u64::from(table.size());
        if !in_bounds(from, n, elements.len() as u64) || !in_bounds(to, n, size) {
            return Some(table_trap(to, n, size));
        }
        let part = match self.chunk(n, price::ELEMENTS_PER_UNIT) {
            Ok(part) => part,
            Err(stop) => return Some(stop),
        };
        table.init(to, elements, from, part).ok()?;
        if part == n {
            return Some(at.after(1));
        }
        at.set_three([to.checked_add(part)?, from.checked_add(part)?, n.checked_sub(part)?])?;
        Some(Next::Go)
    }
}

/// What growing gives where it is refused: -1 in the index type.
const fn refused(index64: bool) -> u64 {
    if index64 { u64::MAX } else { u32::MAX as u64 }
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
