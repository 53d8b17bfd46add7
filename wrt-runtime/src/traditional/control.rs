//! Where stretches of code end: labels, heads of segments, and the operators that have entries in the side table, which are those of
//! control above all (core 4.4.8).

use super::machine::{Halt, Machine};
use super::operands::Values;
use super::reader::{self, Code};
use super::run::{Flow, no_element};
use crate::moves::{BYTES, move_within};
use crate::side::Side;
use crate::table::NULL;
use wrt_instructions::memory_ops::position;
use wrt_instructions::{Part, Trap, price};

/// Where an operator with an entry leads: an offset and a height, or to a halt.
type Way = Result<(u32, usize), Halt>;

impl<'m> Machine<'m> {
    /// Goes on at the end of a stretch of code: passes labels, charges for heads, and runs operators that have entries, to
    /// the next stretch.
    // @need-ids: REQ_FUEL_SCHEDULE_001, REQ_007, REQ_003
    #[inline(always)]
    pub(super) fn noted<V: Values>(&mut self, values: &mut V, mut height: usize) -> Flow<'m> {
        let mut pc = self.end;
        loop {
            let entry = self.side.get(self.at.side as usize);
            let Some(entry) = entry.filter(|entry| entry.offset() == pc) else {
                return self.stretch(pc, height);
            };
            match entry.side() {
                Side::Label { .. } => {}
                Side::Head { charge, .. } => {
                    let Some(left) = self.fuel.checked_sub(charge) else {
                        return Flow::Halt(self.halt(pc, height, Halt::Pause));
                    };
                    self.fuel = left;
                    self.at.paid |= charge > 0;
                }
                _ => {
                    match self.operator(values, (pc, height)) {
                        Some(Ok(way)) => (pc, height) = way,
                        Some(Err(halt)) => return Flow::Halt(halt),
                        None => return Flow::Halt(self.fail(pc, height, Trap::CorruptCode)),
                    }
                    continue;
                }
            }
            self.at.side = self.at.side.wrapping_add(1);
        }
    }

    /// The code from `pc` to the next entry, or to its end.
    #[inline(always)]
    fn stretch(&mut self, pc: u32, height: usize) -> Flow<'m> {
        let end = self.side.get(self.at.side as usize).map_or(0, |entry| entry.offset());
        if let Some(rest @ [_, ..]) = self.code.get(pc as usize..end as usize) {
            self.end = end;
            return Flow::Next(rest.iter(), height);
        }
        // Entries of functions stand in the order of first calls.
        self.end = self.code.len() as u32;
        match self.code.get(pc as usize..) {
            Some(rest @ [_, ..]) => Flow::Next(rest.iter(), height),
            _ => Flow::Halt(self.fail(pc, height, Trap::CorruptCode)),
        }
    }

    /// The offset of what is left of the code.
    #[inline(always)]
    fn offset_of(&self, rest: &Code<'_>) -> u32 {
        self.code.len().wrapping_sub(rest.as_slice().len()) as u32
    }

    /// Past the operator whose immediates end where `rest` begins, and past its entry.
    #[inline(always)]
    fn pass(&mut self, rest: &Code<'_>, height: usize) -> (u32, usize) {
        self.at.side = self.at.side.wrapping_add(1);
        (self.offset_of(rest), height)
    }

    /// The operator at `pc`, which has an entry. `None`: it is not what an entry goes with, or its operands are not there.
    #[inline(always)]
    fn operator<V: Values>(&mut self, values: &mut V, (pc, height): (u32, usize)) -> Option<Way> {
        let mut rest = self.code.get(pc as usize..)?.iter();
        let opcode = reader::byte(&mut rest)?;
        let below = height.wrapping_sub(1);
        let here = (pc, height);
        match opcode {
            // `br_if`
            0x0D => {
                if values.get(below)? as u32 != 0 {
                    return self.follow(values, (pc, below), 0);
                }
                reader::u32(&mut rest)?;
                Some(Ok(self.pass(&rest, below)))
            }
            // `if`
            0x04 => {
                if values.get(below)? as u32 == 0 {
                    return self.follow(values, (pc, below), 0);
                }
                reader::skip_type(&mut rest)?;
                Some(Ok(self.pass(&rest, below)))
            }
            // `else` behind the first arm, `end` of a function, `br`, `return`
            0x05 | 0x0B | 0x0C | 0x0F => self.follow(values, here, 0),
            // `br_table`
            0x0E => {
                let count = reader::u32(&mut rest)?;
                let index = values.get(below)? as u32;
                self.follow(values, (pc, below), index.min(count))
            }
            // `br_on_null`, which drops it, and `br_on_non_null`, which keeps it
            0xD5 | 0xD6 if Part::References.is_built() => {
                let is_null = values.get(below)? as u32 == NULL;
                let after = if is_null { below } else { height };
                if is_null == (opcode == 0xD5) {
                    return self.follow(values, (pc, after), 0);
                }
                reader::u32(&mut rest)?;
                Some(Ok(self.pass(&rest, after)))
            }
            // `call`, `return_call`
            0x10 | 0x12 => {
                let index = reader::u32(&mut rest)?;
                self.with = *self.func_addrs.get(index as usize)?;
                let halt = if opcode == 0x10 { Halt::Call } else { Halt::ReturnCall };
                Some(Err(self.halt(pc, height, halt)))
            }
            0x11 => self.call_indirect(values, rest, here),
            0x1A..=0x1C | 0x20..=0x22 if Part::Simd.is_built() => Some(Err(self.seldom_noted(values, pc, height))),
            // Small builds leave all of these to the driver.
            0xFC if cfg!(feature = "compact") => Some(Err(self.halt(pc, height, Halt::Slow))),
            0xFC => Some(Err(self.seldom_noted(values, pc, height))),
            // To wait and to notify.
            0xFE if Part::Threads.is_built() => Some(Err(self.halt(pc, height, Halt::Slow))),
            0xFB if Part::Gc.is_built() => Some(Err(self.seldom_noted(values, pc, height))),
            0x0A if Part::Gc.is_built() => Some(Err(self.halt(pc, height, Halt::Slow))),
            // `throw`, `return_call_indirect`, `call_ref`, `return_call_ref`, `memory.grow`
            0x08 | 0x13..=0x15 | 0x40 => Some(Err(self.halt(pc, height, Halt::Slow))),
            _ => None,
        }
    }

    /// Branches or returns as the entry with this index among those of the operator at `pc` says.
    #[inline(always)]
    fn follow<V: Values>(&mut self, values: &mut V, (pc, height): (u32, usize), index: u32) -> Option<Way> {
        match self.side.get(self.at.side.wrapping_add(index) as usize)?.side() {
            Side::Branch { target } => self.branch(values, (pc, height), target),
            Side::Return { results } => {
                self.with = results;
                Some(Err(self.halt(pc, height, Halt::Return)))
            }
            _ => None,
        }
    }

    /// Goes to the label of an entry, with what the branch carries.
    #[inline(always)]
    fn branch<V: Values>(&mut self, values: &mut V, (pc, height): (u32, usize), target: u32) -> Option<Way> {
        let entry = self.side.get(target as usize)?;
        let Side::Label { height: to, arity } = entry.side() else { return None };
        let from = height.checked_sub(arity as usize)?;
        // Down, so that front to back is as good as at once.
        let distance = from.checked_sub(to as usize)?;
        if distance != 0 {
            for at in (to..).take(arity as usize) {
                let value = values.get((at as usize).wrapping_add(distance))?;
                values.set(at as usize, value)?;
            }
        }
        self.at.side = target.wrapping_add(1);
        // Every way back is paid for, whatever a side table says.
        if entry.offset() <= pc {
            let next = self.side.get(self.at.side as usize).filter(|next| next.offset() == entry.offset())?;
            let Side::Head { charge: 1.., .. } = next.side() else { return None };
        }
        Some(Ok((entry.offset(), height.wrapping_sub(distance))))
    }

    #[inline(always)]
    fn call_indirect<V: Values>(&mut self, values: &V, mut rest: Code<'_>, (pc, height): (u32, usize)) -> Option<Way> {
        let ty = reader::u32(&mut rest)?;
        let table = reader::u32(&mut rest)?;
        let below = height.checked_sub(1)?;
        let index = values.get(below)?;
        if table != 0 {
            return Some(Err(self.halt(pc, height, Halt::Slow)));
        }
        let Some(&reference) = self.table.get(position(index)) else {
            return Some(Err(no_element(self, (pc, height), Trap::UndefinedElement, index)));
        };
        let addr = reference.wrapping_sub(1);
        let Some(func) = self.funcs.get(addr as usize) else {
            return Some(Err(no_element(self, (pc, height), Trap::IndirectCallToNull, index)));
        };
        // A subtype of the one expected is the driver's to find out.
        if func.ty != *self.types.get(ty as usize)? {
            return Some(Err(self.halt(pc, height, Halt::Slow)));
        }
        self.with = addr;
        Some(Err(self.halt(pc, below, Halt::Call)))
    }

    /// Operators that seldom have an entry. They go on in the loop over frames.
    // Its result fits a register, or each operator with an entry would need a stack frame.
    #[inline(never)]
    fn seldom_noted<V: Values>(&mut self, values: &mut V, pc: u32, height: usize) -> Halt {
        let mut rest = self.code.get(pc as usize..).unwrap_or_default().iter();
        let way = match rest.next() {
            Some(0xFC) if !cfg!(feature = "compact") => self.few_bytes(values, rest, (pc, height)),
            Some(0xFB) if Part::Gc.is_built() => self.on_cast(values, rest, (pc, height)),
            Some(&opcode) if Part::Simd.is_built() => self.pair(values, (opcode, rest), height),
            _ => None,
        };
        match way {
            Some(Ok((pc, height))) => self.halt(pc, height, Halt::Go),
            Some(Err(halt)) => halt,
            None => self.fail(pc, height, Trap::CorruptCode),
        }
    }

    /// Operators on values of any type, where the value is a pair of slots or pairs have moved its local.
    fn pair<V: Values>(&mut self, values: &mut V, (opcode, mut rest): (u8, Code<'_>), height: usize) -> Option<Way> {
        let Side::Slot { slot, pair } = self.side.get(self.at.side as usize)?.side() else { return None };
        let (slot, width) = (slot as usize, if pair { 2 } else { 1 });
        let operand = height.checked_sub(width)?;
        let (from, to, after) = match opcode {
            0x20 => (slot, height, height.wrapping_add(width)),
            0x21 => (operand, slot, operand),
            0x22 => (operand, slot, height),
            0x1A => (operand, operand, operand),
            _ => {
                let second = operand.checked_sub(1)?;
                let first = second.checked_sub(width)?;
                let is_first = values.get(height.wrapping_sub(1))? as u32 != 0;
                (if is_first { first } else { second }, first, second)
            }
        };
        for index in 0..width {
            let value = values.get(from.wrapping_add(index))?;
            values.set(to.wrapping_add(index), value)?;
        }
        match opcode {
            0x1A | 0x1B => {}
            0x1C => skip_types(&mut rest)?,
            _ => drop(reader::u32(&mut rest)?),
        }
        Some(Ok(self.pass(&rest, after)))
    }

    /// `br_on_cast` and `br_on_cast_fail`; all else behind the same prefix that has an entry is the driver's.
    fn on_cast<V: Values>(&mut self, values: &mut V, mut rest: Code<'_>, (pc, height): (u32, usize)) -> Option<Way> {
        let entry = self.side.get(self.at.side as usize)?.side();
        if matches!(entry, Side::Point { .. }) {
            return Some(Err(self.halt(pc, height, Halt::Slow)));
        }
        let reference = values.get(height.wrapping_sub(1))? as u32;
        if self.branches_on_cast(&mut rest, reference)? {
            return self.follow(values, (pc, height), 0);
        }
        Some(Ok(self.pass(&rest, height)))
    }

    /// `memory.copy` and `memory.fill` of memory 0, where fuel and bounds cover them whole; all else is the driver's.
    fn few_bytes<V: Values>(&mut self, values: &V, mut rest: Code<'_>, (pc, height): (u32, usize)) -> Option<Way> {
        let slow = Some(Err(self.halt(pc, height, Halt::Slow)));
        let (copy, memories) = match reader::u32(&mut rest)? {
            0x0A => (true, 2),
            0x0B => (false, 1),
            0x08..=0x11 => return slow,
            _ => return None,
        };
        for _ in 0..memories {
            if reader::u32(&mut rest)? != 0 {
                return slow;
            }
        }
        let below = height.checked_sub(3)?;
        let (to, second) = values.two(below.wrapping_add(2))?;
        let length = values.get(below.wrapping_add(2))?;
        let Some(left) = self.remaining().checked_sub(price::bytes(length)) else { return slow };
        if copy {
            let moved = move_within::<BYTES, _>(self.memory, position(second), position(to), position(length));
            if moved.is_none() {
                return slow;
            }
        } else {
            let Some(bytes) = self.memory.get_mut(position(to)..position(to.saturating_add(length))) else {
                return slow;
            };
            bytes.fill(second as u8);
        }
        self.set_fuel(left, self.fuel);
        Some(Ok(self.pass(&rest, below)))
    }
}

/// Passes over the types of a `select`.
pub(super) fn skip_types(rest: &mut Code<'_>) -> Option<()> {
    let count = reader::u32(rest)?;
    (0..count).try_for_each(|_| reader::skip_type(rest))
}
