//! Operators on memories and tables.

use super::machine::{Machine, Memory, Stop};
use super::operators::{self, Access};
use wasmparser::{MemArg, MemArgTarget, Operator};
use wrt_instructions::Trap;

/// Bytes and elements for one unit of fuel.
const BYTES: u64 = 64;
const ELEMENTS: u64 = 16;

/// Where an access begins, if all of it lies inside.
fn effective(memory: &Memory, address: u64, argument: MemArg, bytes: usize) -> Result<usize, Trap> {
    let address = if memory.index64 { address } else { u64::from(address as u32) };
    let start = u128::from(address) + u128::from(argument.offset);
    if start + bytes as u128 > memory.bytes.len() as u128 {
        return Err(Trap::MemoryOutOfBounds);
    }
    Ok(start as usize)
}

pub(super) fn memory_of(argument: MemArg) -> usize {
    match argument.target {
        MemArgTarget::Memory(index) => index as usize,
        MemArgTarget::Array(_) => panic!("the evaluator has no arrays"),
    }
}

/// Runs a load or a store; `None` if it is none.
pub(crate) fn access(machine: &mut Machine<'_>, operator: &Operator<'_>) -> Option<Result<(), Trap>> {
    Some(match operators::access(operator)? {
        Access::Load(op, argument) => {
            let address = machine.pop();
            let memory = &machine.memories[memory_of(argument)];
            let value = effective(memory, address, argument, op.bytes())
                .map(|start| op.load(&memory.bytes, start).expect("inside"));
            value.map(|value| machine.push(value))
        }
        Access::Store(op, argument) => {
            let (value, address) = (machine.pop(), machine.pop());
            let memory = &mut machine.memories[memory_of(argument)];
            effective(memory, address, argument, op.bytes())
                .map(|start| op.store(&mut memory.bytes, start, value).expect("inside"))
        }
    })
}

/// A bulk operator's work: from `source` (a segment's part, a value or another range) to `target`.
enum Work {
    MemoryCopy(usize, usize),
    MemoryFill(usize),
    MemoryInit(usize, usize),
    TableCopy(usize, usize),
    TableFill(usize),
    TableInit(usize, usize),
}

impl Work {
    /// How much one unit of fuel does.
    fn unit(&self) -> u64 {
        match self {
            Self::MemoryCopy(..) | Self::MemoryFill(_) | Self::MemoryInit(..) => BYTES,
            Self::TableCopy(..) | Self::TableFill(_) | Self::TableInit(..) => ELEMENTS,
        }
    }

    /// Size of the target, size of the source if there is a range of it, and the trap beyond them.
    fn sizes(&self, machine: &Machine<'_>) -> (usize, Option<usize>, Trap) {
        let memory = |index: &usize| machine.memories[*index].bytes.len();
        let table = |index: &usize| machine.tables[*index].elements.len();
        match self {
            Self::MemoryCopy(to, from) => (memory(to), Some(memory(from)), Trap::MemoryOutOfBounds),
            Self::MemoryFill(to) => (memory(to), None, Trap::MemoryOutOfBounds),
            Self::MemoryInit(to, from) => (memory(to), Some(machine.data[*from].len()), Trap::MemoryOutOfBounds),
            Self::TableCopy(to, from) => (table(to), Some(table(from)), Trap::TableOutOfBounds),
            Self::TableFill(to) => (table(to), None, Trap::TableOutOfBounds),
            Self::TableInit(to, from) => (table(to), Some(machine.elements[*from].len()), Trap::TableOutOfBounds),
        }
    }

    /// Moves `n` from `source` to `target`, at once.
    fn move_unit(&self, machine: &mut Machine<'_>, target: u64, source: u64, n: u64) {
        let (to, from) = (target as usize..(target + n) as usize, source as usize..(source + n) as usize);
        match self {
            Self::MemoryCopy(target, source) => {
                let unit = machine.memories[*source].bytes[from].to_vec();
                machine.memories[*target].bytes[to].copy_from_slice(&unit);
            }
            Self::MemoryFill(target) => machine.memories[*target].bytes[to].fill(source as u8),
            Self::MemoryInit(target, segment) => {
                let unit = &machine.data[*segment][from];
                machine.memories[*target].bytes[to].copy_from_slice(unit);
            }
            Self::TableCopy(target, source) => {
                let unit = machine.tables[*source].elements[from].to_vec();
                machine.tables[*target].elements[to].copy_from_slice(&unit);
            }
            Self::TableFill(target) => machine.tables[*target].elements[to].fill(source),
            Self::TableInit(target, segment) => {
                let unit = machine.elements[*segment][from].to_vec();
                machine.tables[*target].elements[to].copy_from_slice(&unit);
            }
        }
    }

    /// Unit by unit: charge 1, move. What remains is in the operands.
    fn run(&self, machine: &mut Machine<'_>) -> Result<(), Stop> {
        let (mut n, mut source, mut target) = (machine.pop(), machine.pop(), machine.pop());
        let (target_size, source_size, trap) = self.sizes(machine);
        let beyond = |start: u64, size: usize| u128::from(start) + u128::from(n) > size as u128;
        if beyond(target, target_size) || source_size.is_some_and(|size| beyond(source, size)) {
            return Err(trap.into());
        }
        // Only copies within a memory or table can go backward; of two different ones the rule is the same.
        let backward = matches!(self, Self::MemoryCopy(..) | Self::TableCopy(..)) && target > source;
        while n > 0 {
            if let Err(stop) = machine.charge_work(1) {
                machine.push(target);
                machine.push(source);
                machine.push(n);
                return Err(stop);
            }
            let unit = n.min(self.unit());
            if backward {
                self.move_unit(machine, target + n - unit, source + n - unit, unit);
            } else {
                self.move_unit(machine, target, source, unit);
                target += unit;
                if source_size.is_some() {
                    source += unit;
                }
            }
            n -= unit;
        }
        Ok(())
    }
}

/// Runs any other operator on memories and tables.
pub(crate) fn bulk(machine: &mut Machine<'_>, operator: &Operator<'_>) -> Result<(), Stop> {
    let at = |index: &u32| *index as usize;
    match operator {
        Operator::MemorySize { mem } => {
            let memory = &machine.memories[at(mem)];
            machine.push(memory.bytes.len() as u64 >> memory.page_log2);
        }
        Operator::MemoryGrow { mem } => memory_grow(machine, at(mem))?,
        Operator::MemoryCopy { dst_mem, src_mem } => Work::MemoryCopy(at(dst_mem), at(src_mem)).run(machine)?,
        Operator::MemoryFill { mem } => Work::MemoryFill(at(mem)).run(machine)?,
        Operator::MemoryInit { data_index, mem } => Work::MemoryInit(at(mem), at(data_index)).run(machine)?,
        Operator::DataDrop { data_index } => machine.data[at(data_index)] = &[],
        Operator::ElemDrop { elem_index } => machine.elements[at(elem_index)].clear(),
        Operator::TableGet { table } => {
            let index = machine.pop() as usize;
            let value = *machine.tables[at(table)].elements.get(index).ok_or(Trap::TableOutOfBounds)?;
            machine.push(value);
        }
        Operator::TableSet { table } => {
            let (value, index) = (machine.pop(), machine.pop() as usize);
            *machine.tables[at(table)].elements.get_mut(index).ok_or(Trap::TableOutOfBounds)? = value;
        }
        Operator::TableSize { table } => machine.push(machine.tables[at(table)].elements.len() as u64),
        Operator::TableGrow { table } => table_grow(machine, at(table))?,
        Operator::TableCopy { dst_table, src_table } => Work::TableCopy(at(dst_table), at(src_table)).run(machine)?,
        Operator::TableFill { table } => Work::TableFill(at(table)).run(machine)?,
        Operator::TableInit { elem_index, table } => Work::TableInit(at(table), at(elem_index)).run(machine)?,
        other => panic!("operator {other:?} is not of the scalar core language"),
    }
    Ok(())
}

/// The result of growth that failed: -1 in the index type.
fn failed(index64: bool) -> u64 {
    if index64 { u64::MAX } else { u32::MAX.into() }
}

fn memory_grow(machine: &mut Machine<'_>, index: usize) -> Result<(), Stop> {
    let delta = machine.pop();
    let memory = &machine.memories[index];
    let (page_log2, old) = (memory.page_log2, memory.bytes.len() as u64 >> memory.page_log2);
    if delta > memory.max_pages - old {
        let failed = failed(memory.index64);
        machine.push(failed);
        return Ok(());
    }
    let added = delta << page_log2;
    if let Err(stop) = machine.charge_work(added.div_ceil(BYTES)) {
        machine.push(delta);
        return Err(stop);
    }
    let bytes = &mut machine.memories[index].bytes;
    bytes.resize(bytes.len() + added as usize, 0);
    machine.push(old);
    Ok(())
}

fn table_grow(machine: &mut Machine<'_>, index: usize) -> Result<(), Stop> {
    let (delta, value) = (machine.pop(), machine.pop());
    let table = &machine.tables[index];
    let old = table.elements.len() as u64;
    if delta > table.max - old {
        let failed = failed(table.index64);
        machine.push(failed);
        return Ok(());
    }
    if let Err(stop) = machine.charge_work(delta.div_ceil(ELEMENTS)) {
        machine.push(value);
        machine.push(delta);
        return Err(stop);
    }
    machine.tables[index].elements.resize((old + delta) as usize, value);
    machine.push(old);
    Ok(())
}
