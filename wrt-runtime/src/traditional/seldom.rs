//! Operators that are the driver's: they need the store, fuel in portions, or the frames below.

use super::driver::{Engine, Next, call_other, trap, turn_to};
use super::machine::{Cursor, Machine, Stop, call_immediates};
use super::reader;
use crate::bulk::{Step, Work, table_trap};
use crate::execute::{Detail, TrapInfo};
use crate::heap::HeapPart;
use crate::moves::{SLOTS, copy, move_within};
use crate::side::{Side, SideEntry};
use crate::stack::{BOUNDARY, HOST_CALL, Stack};
use crate::storage::{Bytecode, HOST, InstanceView, Storage};
use crate::table::NULL;
use wrt_instructions::{Part, Trap};

const BULK: bool = Part::Bulk.is_built();
const EXCEPTIONS: bool = Part::Exceptions.is_built();
const GC: bool = Part::Gc.is_built();
const MEMORIES: bool = Part::Memories.is_built();
const REFERENCES: bool = Part::References.is_built();
const TAIL_CALLS: bool = Part::TailCalls.is_built();
const THREADS: bool = Part::Threads.is_built();

/// The longest operator with a memory argument: prefix, opcode, alignment, memory, offset, lane.
const ACCESS_BYTES: usize = 1 + 5 + 5 + 5 + 10 + 1;

/// An operator at hand: its frame with all operands, its opcode, and the offset of its immediates.
#[derive(Clone, Copy)]
pub(super) struct Operator {
    pub(super) at: Cursor,
    pub(super) opcode: u32,
    pub(super) pc: u32,
}

impl Operator {
    fn read(code: &[u8], at: Cursor) -> Option<Self> {
        let mut rest = code.get(at.pc as usize..)?.iter();
        let opcode = match reader::byte(&mut rest)? {
            0xFB => 0xFB00 | reader::u32(&mut rest)?,
            0xFC => 0xFC00 | reader::u32(&mut rest)?,
            0xFE if THREADS => 0xFE00 | reader::u32(&mut rest)?,
            first => first.into(),
        };
        Some(Self { at, opcode, pc: code.len().wrapping_sub(rest.as_slice().len()) as u32 })
    }

    /// An immediate.
    pub(super) fn index(&mut self, code: &[u8]) -> Option<u32> {
        let mut rest = code.get(self.pc as usize..)?.iter();
        let index = reader::u32(&mut rest)?;
        self.pc = code.len().wrapping_sub(rest.as_slice().len()) as u32;
        Some(index)
    }
}

/// Goes on behind the operator, whose entry, if it has one, is passed.
pub(super) fn behind(side: &[SideEntry], operator: Operator) -> Next {
    let Operator { mut at, pc, .. } = operator;
    if side.get(at.side as usize).is_some_and(|entry| entry.offset() == at.pc) {
        at.side = at.side.wrapping_add(1);
    }
    at.pc = pc;
    Next::Run(at)
}

impl Engine {
    /// Runs the operator at a cursor. `None` for what validated bytecode never asks for.
    pub(super) fn slow(&mut self, storage: &mut dyn Storage, stack: &mut Stack<'_>, at: Cursor) -> Option<Next> {
        let operator = Operator::read(storage.bytecode(stack.state.instance)?.bytes, at)?;
        // What parts that a build leaves out have is not linked.
        match operator.opcode {
            0x11 if !REFERENCES => mismatch(storage, stack, operator),
            0x11 | 0x14 if REFERENCES => call_through(storage, stack, operator),
            0x12 | 0x13 | 0x15 if TAIL_CALLS => return_call(storage, stack, operator),
            0x08 if EXCEPTIONS => self.throw(storage, stack, operator.at, operator.pc),
            0x0A if EXCEPTIONS && GC => self.throw_ref(storage, stack, operator.at),
            0xFB00..=0xFB13 if GC => self.object(storage, stack, operator),
            0x25 | 0x26 if REFERENCES => table_element(storage, stack, operator),
            0x28..=0x3E | 0xFD if MEMORIES => access(storage, stack, operator),
            0x3F if MEMORIES => memory_size(storage, stack, operator),
            0xFC09 if BULK => small(storage, stack, operator),
            0xFC0D | 0xFC10 if REFERENCES => small(storage, stack, operator),
            0x40 => self.grow(storage, stack, operator),
            0xFC0F if REFERENCES => self.grow(storage, stack, operator),
            0xFC0A | 0xFC0B => self.bulk(storage, stack, operator),
            0xFC08 if BULK => self.bulk(storage, stack, operator),
            0xFC0C | 0xFC0E | 0xFC11 if REFERENCES => self.bulk(storage, stack, operator),
            #[cfg(feature = "threads")]
            0xFE00..=0xFEFF => super::atomic::atomic(storage, stack, operator),
            _ => None,
        }
    }

    /// Growth: [`Work`] does it, with the operands that were popped.
    fn grow(&mut self, storage: &mut dyn Storage, stack: &mut Stack<'_>, mut operator: Operator) -> Option<Next> {
        let instance = stack.state.instance;
        let index = operator.index(storage.bytecode(instance)?.bytes)?;
        let mut at = operator.at;
        let delta = pop(stack, &mut at)?;
        let value = if operator.opcode == 0x40 || !REFERENCES { 0 } else { pop(stack, &mut at)? };
        let mut work = Work { stack, fuel: &mut self.fuel, instance, operands: [0; 3] };
        let step = if operator.opcode == 0x40 || !REFERENCES {
            work.memory_grow(storage, index, delta)?
        } else {
            work.table_grow(storage, index, (value, delta))?
        };
        let [result, ..] = work.operands;
        if step == Step::Done {
            push(stack, &mut at, result)?;
            operator.at = at;
            return Some(behind(storage.bytecode(instance)?.side, operator));
        }
        Some(not_done(stack, step))
    }

    /// Bulk operators, likewise: what remains of one that stops is pushed again.
    fn bulk(&mut self, storage: &mut dyn Storage, stack: &mut Stack<'_>, mut operator: Operator) -> Option<Next> {
        let instance = stack.state.instance;
        let code = storage.bytecode(instance)?.bytes;
        let first = operator.index(code)?;
        let second = if matches!(operator.opcode, 0xFC0B | 0xFC11) { first } else { operator.index(code)? };
        let mut at = operator.at;
        let (n, from, to) = (pop(stack, &mut at)?, pop(stack, &mut at)?, pop(stack, &mut at)?);
        let mut work = Work { stack, fuel: &mut self.fuel, instance, operands: [to, from, n] };
        loop {
            let step = match operator.opcode {
                // Segments are named first.
                0xFC08 if BULK => work.memory_init(storage, second, first)?,
                0xFC0C if REFERENCES => work.table_init(storage, second, first)?,
                0xFC0E if REFERENCES => work.table_copy(storage, (first, second))?,
                0xFC11 if REFERENCES => work.table_fill(storage, first)?,
                fills => work.memory_copy(storage, (first, second), fills == 0xFC0B)?,
            };
            let (operands, [.., left]) = (work.operands, work.operands);
            if step == Step::Done && left == 0 {
                operator.at = at;
                return Some(behind(storage.bytecode(instance)?.side, operator));
            }
            if step != Step::Done {
                operands.into_iter().try_for_each(|value| push(stack, &mut at, value))?;
                return Some(not_done(stack, step));
            }
        }
    }
}

/// What an operator that is not done stops with.
fn not_done(stack: &Stack<'_>, step: Step) -> Next {
    match stack.state.trap {
        Some(_) if step == Step::Trap => Next::Trap,
        _ => Next::Stop,
    }
}

pub(super) fn pop(stack: &Stack<'_>, at: &mut Cursor) -> Option<u64> {
    at.height = at.height.checked_sub(1)?;
    stack.slots.get(at.place(at.height) as usize).copied()
}

pub(super) fn push(stack: &mut Stack<'_>, at: &mut Cursor, value: u64) -> Option<()> {
    *stack.slots.get_mut(at.place(at.height) as usize)? = value;
    at.height = at.height.wrapping_add(1);
    Some(())
}

/// `data.drop`, `elem.drop`, `table.size`.
fn small(storage: &mut dyn Storage, stack: &mut Stack<'_>, mut operator: Operator) -> Option<Next> {
    let instance = stack.state.instance;
    let index = operator.index(storage.bytecode(instance)?.bytes)?;
    match operator.opcode {
        0xFC09 if BULK => storage.drop_data(instance, index),
        0xFC0D if REFERENCES => storage.drop_elements(instance, index),
        _ => {
            let size = storage.table(instance, index)?.size();
            push(stack, &mut operator.at, size.into())?;
        }
    }
    Some(behind(storage.bytecode(instance)?.side, operator))
}

/// `memory.size` of a memory that running bytecode has not at hand.
fn memory_size(storage: &mut dyn Storage, stack: &mut Stack<'_>, mut operator: Operator) -> Option<Next> {
    let instance = stack.state.instance;
    let index = operator.index(storage.bytecode(instance)?.bytes)?;
    let pages = storage.memory(instance, index)?.size();
    push(stack, &mut operator.at, pages)?;
    Some(behind(storage.bytecode(instance)?.side, operator))
}

/// `table.get` and `table.set` of other tables than the first.
fn table_element(storage: &mut dyn Storage, stack: &mut Stack<'_>, mut operator: Operator) -> Option<Next> {
    let instance = stack.state.instance;
    let table = operator.index(storage.bytecode(instance)?.bytes)?;
    let set = operator.opcode == 0x26;
    let value = if set { pop(stack, &mut operator.at)? } else { 0 };
    let index = pop(stack, &mut operator.at)?;
    let mut table = storage.table(instance, table)?;
    let size = u64::from(table.size());
    let element = if set { table.set(index, value as u32).map(|()| NULL) } else { table.get(index) };
    let Ok(element) = element else { return Some(trap(stack, table_trap(index, 1, size))) };
    if !set {
        push(stack, &mut operator.at, element.into())?;
    }
    Some(behind(storage.bytecode(instance)?.side, operator))
}

/// A load or store of a memory that running bytecode has not at hand: run alone, on a copy of its bytes.
// @need-ids: REQ_MULTI_MEMORY_001, REQ_MEMORY64_001, REQ_MEM_SAFETY_001
fn access(storage: &mut dyn Storage, stack: &mut Stack<'_>, mut operator: Operator) -> Option<Next> {
    let instance = stack.state.instance;
    let code = storage.bytecode(instance)?.bytes;
    let offset = operator.at.pc;
    let whole = code.get(offset as usize..)?;
    let (mut rest, mut lane) = (code.get(operator.pc as usize..)?.iter(), 0);
    if operator.opcode == 0xFD {
        lane = usize::from((0x54..=0x5B).contains(&reader::u32(&mut rest)?));
    }
    let (memory, _) = reader::memarg(&mut rest)?;
    let length = whole.len().checked_sub(rest.as_slice().len())?.checked_add(lane)?;
    let mut bytes = [0; ACCESS_BYTES];
    let bytes = bytes.get_mut(..length)?;
    copy(bytes, whole);
    let (limit, depth) = (stack.slot_limit(), stack.state.depth);
    let view = InstanceView { memory: storage.memory(instance, memory)?.into_data(), ..empty() };
    let bytecode = Bytecode { bytes, ..Bytecode::default() };
    let mut info = None;
    let mut machine = Machine::new((view, bytecode), &mut [], (instance, limit, depth), (0, &mut info));
    machine.memory_index = memory;
    let stop = machine.run(stack.slots, Cursor { pc: 0, side: 0, ..operator.at });
    let after = machine.at;
    if stop != Stop::Trap {
        return None;
    }
    if after.pc as usize != length {
        return Some(trap(stack, info?));
    }
    // Its bytes ended: it is done.
    operator.at.height = after.height;
    operator.pc = offset.checked_add(length as u32)?;
    Some(behind(storage.bytecode(instance)?.side, operator))
}

/// An instance of nothing.
pub(super) fn empty<'a>() -> InstanceView<'a> {
    InstanceView {
        code: &[],
        entries: &[],
        types: &[],
        funcs: &[],
        func_addrs: &[],
        globals: &mut [],
        global_base: 0,
        imported_globals: &[],
        memory: &mut [],
        more_memories: Default::default(),
        page_log2: 0,
        table: &mut [],
        more_tables: Default::default(),
        heap: HeapPart::default(),
    }
}

/// Calls through other tables than the first, of subtypes, and through references.
fn call_through(storage: &mut dyn Storage, stack: &mut Stack<'_>, operator: Operator) -> Option<Next> {
    let mut at = operator.at;
    let addr = match callee(storage, stack, &mut at)? {
        Ok(addr) => addr,
        Err(info) => return Some(trap(stack, info)),
    };
    let func = storage.func(addr)?;
    let (instance, limit, usable) = (stack.state.instance, stack.slot_limit(), stack.usable_frames());
    let depth = stack.state.depth;
    let frames = stack.frames.get_mut(..usable).unwrap_or_default();
    let both = storage.instance_with_bytecode(instance)?;
    let mut machine = Machine::new(both, frames, (instance, limit, depth), (0, &mut stack.state.trap));
    (machine.at, machine.with) = (at, addr);
    let called = machine.call(stack.slots);
    let after = machine.at;
    stack.state.depth = machine.depth;
    Some(match called {
        None => Next::Run(after),
        Some(Stop::Left) => {
            stack.state.pc = after.side;
            stack.state.base = after.base;
            Next::Go
        }
        Some(Stop::Full) => Next::Full,
        Some(Stop::Call { addr, base }) if func.instance != instance => call_other(storage, stack, (addr, base), &at),
        Some(_) => return None,
    })
}

/// A call through a table of what has another type: without references, types have no subtypes.
fn mismatch(storage: &mut dyn Storage, stack: &mut Stack<'_>, operator: Operator) -> Option<Next> {
    let mut at = operator.at;
    match callee(storage, stack, &mut at)? {
        Ok(_) => None,
        Err(info) => Some(trap(stack, info)),
    }
}

/// The callee of a call through a table or a reference, which is popped; the outer `None` is corrupt code.
fn callee(storage: &mut dyn Storage, stack: &Stack<'_>, at: &mut Cursor) -> Option<Result<u32, TrapInfo>> {
    let instance = stack.state.instance;
    let (opcode, ty, table) = call_immediates(storage.bytecode(instance)?.bytes, at.pc)?;
    let operand = pop(stack, at)?;
    let reference = if matches!(opcode, 0x14 | 0x15) {
        operand as u32
    } else {
        let table = storage.table(instance, table)?;
        let detail = Detail::Table { index: operand, length: 1, size: table.size().into() };
        match table.get(operand) {
            Ok(NULL) => return Some(Err(TrapInfo { trap: Trap::IndirectCallToNull, detail })),
            Ok(reference) => reference,
            Err(_) => return Some(Err(TrapInfo { trap: Trap::UndefinedElement, detail })),
        }
    };
    let addr = reference.wrapping_sub(1);
    let Some(func) = storage.func(addr) else { return Some(Err(Trap::NullFunctionReference.into())) };
    let (actual, expected) = (func.ty, storage.type_id(instance, ty)?);
    if !storage.types().is_subtype(actual, expected) {
        let detail = Detail::Type { expected, actual };
        return Some(Err(TrapInfo { trap: Trap::IndirectCallTypeMismatch, detail }));
    }
    Some(Ok(addr))
}

/// Tail calls through tables and references, and to what is not this instance's.
fn return_call(storage: &mut dyn Storage, stack: &mut Stack<'_>, operator: Operator) -> Option<Next> {
    let (mut at, instance, base) = (operator.at, stack.state.instance, stack.state.base);
    if !at.paid {
        return None;
    }
    let addr = if operator.opcode == 0x12 {
        let (_, index, _) = call_immediates(storage.bytecode(instance)?.bytes, at.pc)?;
        storage.func_addr(instance, index)?
    } else {
        match callee(storage, stack, &mut at)? {
            Ok(addr) => addr,
            Err(info) => return Some(trap(stack, info)),
        }
    };
    let Side::Call { height, params } = storage.bytecode(instance)?.side.get(at.side as usize)?.side() else {
        return None;
    };
    let func = storage.func(addr)?;
    if func.instance != HOST {
        let bytecode = storage.bytecode(func.instance)?;
        // What has no side table yet is looked at once it has one.
        let slots = bytecode.bodies.get(func.index as usize).map_or(0, |body| body.slots.get());
        if base.saturating_add(slots) > stack.slot_limit() {
            return Some(Next::Full);
        }
        if func.instance != instance {
            // The caller's instance must be found again on return, unless a mark says so already.
            let marked = stack.top()?.pc >= BOUNDARY;
            if !marked && stack.push_mark(BOUNDARY | instance, base).is_err() {
                return Some(Next::Full);
            }
        }
    }
    let from = at.place(height);
    if at.splits(height, params) {
        for index in 0..params {
            let value = *stack.slots.get(at.place(height.wrapping_add(index)) as usize)?;
            *stack.slots.get_mut(base.wrapping_add(index) as usize)? = value;
        }
    } else {
        move_within::<SLOTS, _>(stack.slots, from as usize, base as usize, params as usize)?;
    }
    if func.instance == HOST {
        stack.state.pc = HOST_CALL;
        stack.state.host = func.index;
        return Some(Next::Go);
    }
    Some(turn_to(storage, stack, addr, base))
}
