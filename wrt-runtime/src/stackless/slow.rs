//! What only the driver can do: everything that needs the store, the whole stack or fuel beyond the quantum.
//!
//! Bulk operators keep what remains of them in their operands' slots, as the specification's reduction rules have it:
//! a pause in the middle leaves a state in which the same instruction goes on.

use super::access::far;
use super::engine::{StacklessEngine, turn_to};
use super::vector;
use crate::bulk::{self, Step, Work};
use crate::execute::{Detail, Fault, Missing, Outcome, TrapInfo};
use crate::instr::{Instr, SPLIT, WIDE_LIMIT, WIDE_SCRATCH};
use crate::moves::{SLOTS, fill, move_within};
use crate::stack::{BOUNDARY, HOST_CALL, Stack};
use crate::storage::{HOST, Storage};
use crate::table::{NULL, Ref};
use wrt_instructions::Trap;
use wrt_instructions::memory_ops::{MemoryLoad, MemoryStore};
use wrt_instructions::op::{Group, Plain};
use wrt_instructions::operator::{LoadOp, StoreOp};
use wrt_instructions::part::Part;
use wrt_instructions::vector::VectorRow;

const LINKING: bool = Part::Linking.is_built();
const MEMORIES: bool = Part::Memories.is_built();
const REFERENCES: bool = Part::References.is_built();
const WIDE_FRAMES: bool = Part::WideFrames.is_built();
/// Whether bulk operators on memories run where all else does.
const BULK_ELSEWHERE: bool = cfg!(feature = "compact") && !MEMORIES && !WIDE_FRAMES;

/// How the driver goes on.
// What it stops with is in the stack, so that no state is copied from function to function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// With the state as it is now.
    Go,
    /// With the trap that the state has, at the current position.
    Trap,
    /// Not at all, for now: with the outcome that the stack has.
    Stop,
}

pub(super) fn stop(stack: &mut Stack<'_>, outcome: Outcome) -> Next {
    stack.outcome = outcome;
    Next::Stop
}

pub(super) fn missing(stack: &mut Stack<'_>, what: Missing) -> Next {
    stop(stack, Outcome::Fault(Fault::Missing(what)))
}

pub(super) fn trap(stack: &mut Stack<'_>, info: impl Into<TrapInfo>) -> Next {
    stack.state.trap = Some(info.into());
    Next::Trap
}

pub(super) fn memory_trap(stack: &mut Stack<'_>, address: u64, length: u64, size: u64) -> Next {
    trap(stack, bulk::memory_trap(address, length, size))
}

fn table_trap(stack: &mut Stack<'_>, index: u64, length: u64, size: u64) -> Next {
    trap(stack, bulk::table_trap(index, length, size))
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
        get(self.stack, index)
    }

    pub(super) fn set(&mut self, index: u32, value: u64) -> Option<()> {
        set(self.stack, index, value)
    }

    /// The slot of operand `index` of an operator that has its operands side by side.
    #[cfg(feature = "threads")]
    pub(super) fn operand(&self, index: u32) -> Option<u32> {
        operand(self.n, index)
    }

    /// Goes on after the instruction and `words` data words.
    pub(super) fn after(&mut self, words: u32) -> Next {
        self.stack.state.pc = self.stack.state.pc.wrapping_add(1).wrapping_add(words);
        Next::Go
    }
}

// A word says where a slot is, and two registers do not hold an optional one: small builds hand that on, from one place each.

/// Frame slot `index`.
#[cfg_attr(all(feature = "compact", feature = "references"), inline(never))]
fn slot<'s>(stack: &'s Stack<'_>, index: u32) -> Option<&'s u64> {
    stack.slots.get(stack.state.base.checked_add(index)? as usize)
}

#[cfg_attr(all(feature = "compact", feature = "references"), inline(never))]
fn slot_mut<'s>(stack: &'s mut Stack<'_>, index: u32) -> Option<&'s mut u64> {
    stack.slots.get_mut(stack.state.base.checked_add(index)? as usize)
}

/// Frame slot `index`.
#[cfg_attr(feature = "compact", inline(always))]
pub(super) fn get(stack: &Stack<'_>, index: u32) -> Option<u64> {
    slot(stack, index).copied()
}

#[cfg_attr(feature = "compact", inline(always))]
fn set(stack: &mut Stack<'_>, index: u32, value: u64) -> Option<()> {
    *slot_mut(stack, index)? = value;
    Some(())
}

/// The slot of operand `index` of a bulk operator.
pub(super) fn operand(n: Instr, index: u32) -> Option<u32> {
    if !Part::WideFrames.is_built() {
        return n.imm.checked_add(index);
    }
    let slot = (n.imm & !SPLIT).checked_add(index)?;
    let behind = n.imm & SPLIT != 0 && slot >= WIDE_LIMIT;
    if behind { slot.checked_add(WIDE_SCRATCH) } else { Some(slot) }
}

/// The three operands of a bulk operator.
fn three(stack: &Stack<'_>, n: Instr) -> Option<[u64; 3]> {
    if WIDE_FRAMES {
        return Some([get(stack, operand(n, 0)?)?, get(stack, operand(n, 1)?)?, get(stack, operand(n, 2)?)?]);
    }
    stack.slots.get(stack.state.base.checked_add(n.imm)? as usize..)?.first_chunk().copied()
}

fn set_three(stack: &mut Stack<'_>, n: Instr, values: [u64; 3]) -> Option<()> {
    if WIDE_FRAMES {
        return (0..).zip(values).try_for_each(|(index, value)| set(stack, operand(n, index)?, value));
    }
    *stack.slots.get_mut(stack.state.base.checked_add(n.imm)? as usize..)?.first_chunk_mut()? = values;
    Some(())
}

impl StacklessEngine {
    /// Runs the instruction at the current position, with its data word.
    #[cfg_attr(not(any(cells, feature = "compact")), inline(never))]
    pub(super) fn slow(&mut self, storage: &mut dyn Storage, stack: &mut Stack<'_>, [n, data]: [Instr; 2]) -> Next {
        self.end_quantum();
        let instance = stack.state.instance;
        let at = At { storage, stack: &mut *stack, instance, n, data };
        let (group, op, _) = n.op().split();
        let op = op as usize;
        let done = match group {
            Group::Plain => Plain::from_index(op).and_then(|row| self.slow_plain(at, row)),
            Group::Load if MEMORIES => LoadOp::ALL.get(op).and_then(|op| far_load(at, *op)),
            Group::Store if MEMORIES => StoreOp::ALL.get(op).and_then(|op| far_store(at, *op)),
            Group::Vector if Part::Simd.is_built() => {
                VectorRow::from_number(op as u16).and_then(|row| vector::far(at, row))
            }
            _ => None,
        };
        // Only code that no lowering writes asks for slots outside of the stack or for rows that are not the driver's.
        done.unwrap_or_else(|| trap(stack, Trap::CorruptCode))
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
            Plain::ThrowRef if Part::Exceptions.is_built() && Part::Gc.is_built() => self.throw_ref(at),
            Plain::MemorySize if MEMORIES => memory_size(at),
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
            #[cfg(feature = "threads")]
            Plain::Atomic => super::atomic::atomic(at),
            Plain::FarGet if WIDE_FRAMES => far_get(at),
            Plain::FarPut if WIDE_FRAMES => far_put(at),
            Plain::WideParams if WIDE_FRAMES => wide_params(at),
            Plain::MemoryGrow
            | Plain::MemoryCopy
            | Plain::MemoryFill
            | Plain::MemoryInit
            | Plain::TableGrow
            | Plain::TableFill
            | Plain::TableCopy
            | Plain::TableInit => self.bulk(at, row),
            row if Part::Gc.is_built() => self.object(at, row),
            _ => None,
        }
    }

    /// Charges `units`, or says how many are wanted.
    fn charge(&mut self, stack: &mut Stack<'_>, units: u64) -> Result<(), Next> {
        match self.fuel.checked_sub(units) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => Err(stop(stack, Outcome::OutOfFuel { needed: units })),
        }
    }

    fn enter_wide(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let first = at.stack.state.base.checked_add(at.data.ab())?;
        fill(at.stack.slots_mut(first, at.data.imm)?, 0);
        let price = u64::from(at.n.imm);
        Some(match self.charge(at.stack, price) {
            Ok(()) => at.after(1),
            Err(stop) => stop,
        })
    }

    /// Bulk operators and growth: [`Work`] does them, on the operands that are in the frame.
    #[cfg_attr(not(cells), inline(always))]
    fn bulk(&mut self, at: At<'_, '_>, row: Plain) -> Option<Next> {
        let At { storage, stack, instance, n, data } = at;
        let grows = matches!(row, Plain::MemoryGrow | Plain::TableGrow);
        let only_grows = BULK_ELSEWHERE && !Part::Bulk.is_built() && !REFERENCES;
        let operands = if grows || only_grows { [0; 3] } else { three(stack, n)? };
        let mut work = Work { stack: &mut *stack, fuel: &mut self.fuel, instance, operands };
        let step = match row {
            Plain::MemoryGrow => {
                let delta = get(work.stack, n.imm)?;
                work.memory_grow(storage, n.ab(), delta)?
            }
            Plain::MemoryInit if Part::Bulk.is_built() => work.memory_init(storage, n.ab(), data.imm)?,
            Plain::TableGrow if REFERENCES => {
                let both = (get(work.stack, operand(n, 0)?)?, get(work.stack, operand(n, 1)?)?);
                work.table_grow(storage, n.ab(), both)?
            }
            Plain::TableFill if REFERENCES => work.table_fill(storage, n.ab())?,
            Plain::TableCopy if REFERENCES => work.table_copy(storage, (n.ab(), data.imm))?,
            Plain::TableInit if REFERENCES => work.table_init(storage, n.ab(), data.imm)?,
            Plain::MemoryCopy | Plain::MemoryFill if !BULK_ELSEWHERE => {
                let fills = row == Plain::MemoryFill;
                let both = if fills { (n.ab(), n.ab()) } else { (n.a.into(), n.b.into()) };
                work.memory_copy(storage, both, fills)?
            }
            _ => return None,
        };
        let (operands, [.., left]) = (work.operands, work.operands);
        match step {
            Step::Done if grows => set(stack, operand(n, 0)?, operands[0])?,
            Step::Done if left != 0 => {
                set_three(stack, n, operands)?;
                return Some(Next::Go);
            }
            Step::Done => {}
            Step::Trap => return Some(Next::Trap),
            Step::Wait => return Some(Next::Stop),
        }
        let words = match row {
            Plain::MemoryInit | Plain::TableCopy | Plain::TableInit => 1,
            _ => 0,
        };
        stack.state.pc = stack.state.pc.wrapping_add(1).wrapping_add(words);
        Some(Next::Go)
    }
}

/// Calls a function that is not this instance's own. The position is the one to return to.
pub(super) fn call_other(storage: &mut dyn Storage, stack: &mut Stack<'_>, addr: u32, start: u32) -> Next {
    let Some(func) = storage.func(addr) else { return missing(stack, Missing::Function) };
    let (pc, base, instance) = (stack.state.pc, stack.state.base, stack.state.instance);
    let callee = base.wrapping_add(start);
    if func.instance == HOST {
        // The host's functions have no frame: the guest stands at its return position until they are done.
        return stop(stack, Outcome::HostCall { func: func.index, base: callee });
    }
    let depth = stack.state.depth;
    if stack.push_counted(pc, base).is_err() || stack.push_mark(BOUNDARY | instance, callee).is_err() {
        stack.state.depth = depth;
        return trap(stack, Trap::CallStackExhausted);
    }
    let next = turn_to(storage, stack, addr, callee);
    if next == Next::Trap {
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
    let Some(addr) = at.storage.func_addr(at.instance, at.n.imm) else { return missing(at.stack, Missing::Function) };
    let start = at.n.ab();
    at.after(0);
    let next = call_other(at.storage, at.stack, addr, start);
    if next == Next::Trap {
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
        if next == Next::Trap {
            at.stack.state.pc = at.stack.state.pc.wrapping_sub(2);
        }
        return Some(next);
    }
    let (pc, base, depth) = (at.stack.state.pc, at.stack.state.base, at.stack.state.depth);
    if at.stack.push_counted(pc, base).is_err() {
        at.stack.state.pc = pc.wrapping_sub(2);
        return Some(trap(at.stack, Trap::CallStackExhausted));
    }
    let next = turn_to(at.storage, at.stack, addr, base.wrapping_add(start));
    if next == Next::Trap {
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
    if entry.is_some_and(|entry| base.saturating_add(entry.slots()) > at.stack.slot_limit()) {
        return Some(trap(at.stack, Trap::CallStackExhausted));
    }
    if func.instance != HOST && func.instance != at.instance {
        // The caller's instance must be found again on return, unless a mark says so already.
        let below = at.stack.state.depth.checked_sub(1)?;
        let marked = at.stack.frames.get(below as usize)?.pc >= BOUNDARY;
        if !marked && at.stack.push_mark(BOUNDARY | at.instance, base).is_err() {
            return Some(trap(at.stack, Trap::CallStackExhausted));
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
    at.stack.state.pc = entry?.pc();
    Some(Next::Go)
}

/// The callee of a call through a table or a reference, checked; the outer `None` is corrupt code.
fn callee(at: &mut At<'_, '_>, row: Plain) -> Option<Result<u32, Next>> {
    let reference = match row {
        Plain::CallRef | Plain::ReturnCallRef => match at.get(u32::from(at.n.b))? as u32 {
            NULL => return Some(Err(trap(at.stack, Trap::NullFunctionReference))),
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
        return Some(Err(trap(at.stack, Trap::NullFunctionReference)));
    };
    let actual = func.ty;
    let expected = at.storage.type_id(at.instance, at.n.imm)?;
    if !at.storage.types().is_subtype(actual, expected) {
        let detail = Detail::Type { expected, actual };
        return Some(Err(trap(at.stack, TrapInfo { trap: Trap::IndirectCallTypeMismatch, detail })));
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
        return Some(Err(trap(at.stack, TrapInfo { trap: Trap::UndefinedElement, detail })));
    };
    if reference == NULL {
        let detail = Detail::Table { index, length: 1, size };
        return Some(Err(trap(at.stack, TrapInfo { trap: Trap::IndirectCallToNull, detail })));
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
        Err(_) => {
            return Some(memory_trap(at.stack, address.saturating_add(offset), operator.bytes() as u64, memory.len()));
        }
    }
    Some(at.after(1))
}

// @need-ids: REQ_MULTI_MEMORY_001, REQ_MEMORY64_001, REQ_MEM_SAFETY_001
fn far_store(mut at: At<'_, '_>, operator: StoreOp) -> Option<Next> {
    let (offset, index) = far(at.n, at.data);
    let (address, value) = (at.get(u32::from(at.n.a))?, at.get(u32::from(at.n.b))?);
    let mut memory = at.storage.memory(at.instance, index)?;
    if (MemoryStore { operator, offset }).execute(memory.data_mut(), address, value).is_err() {
        return Some(memory_trap(at.stack, address.saturating_add(offset), operator.bytes() as u64, memory.len()));
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
    let Ok(value) = table.get(index) else { return Some(table_trap(at.stack, index, 1, u64::from(table.size()))) };
    at.set(u32::from(at.n.a), u64::from(value))?;
    Some(at.after(0))
}

fn table_set(mut at: At<'_, '_>) -> Option<Next> {
    let (index, value) = (at.get(u32::from(at.n.a))?, at.get(u32::from(at.n.b))?);
    let mut table = at.storage.table(at.instance, at.n.imm)?;
    if table.set(index, value as u32).is_err() {
        return Some(table_trap(at.stack, index, 1, u64::from(table.size())));
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
