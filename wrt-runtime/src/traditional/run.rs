//! The operators, one after the other, as they stand in the bytecode (core 4.4 to 4.6).
//!
//! The numeric ones are made from the operator table; the others are written out. What needs the store, or fuel in portions, is the
//! driver's ([`Stop::Slow`]).

use super::machine::{Cursor, Machine, Stop};
use super::{reader, vector};
use crate::execute::{Detail, TrapInfo};
use crate::moves::{BYTES, move_within};
use crate::side::Side;
use crate::table::NULL;
use wrt_instructions::memory_ops::position;
use wrt_instructions::numeric::Canonical;
use wrt_instructions::operator::{
    Binary, BinaryOp, Compare, FLOATS, FloatBinary, FloatUnary, Load, Store, Unary, UnaryOp, Wide, rows,
};
use wrt_instructions::{Part, Slot, Trap, price};

/// Prefixes of opcodes.
const PREFIX_MISC: u32 = 0xFC;
const PREFIX_VECTOR: u32 = 0xFD;

/// A trap of the operator at `offset`.
#[cold]
#[inline(never)]
pub(super) fn trap(at: Cursor, offset: u32, trap: Trap) -> Stop {
    Stop::Trap(trap.into(), at, offset)
}

#[cold]
#[inline(never)]
fn table_trap(at: Cursor, offset: u32, trap: Trap, (index, size): (u64, usize)) -> Stop {
    let detail = Detail::Table { index, length: 1, size: size as u64 };
    Stop::Trap(TrapInfo { trap, detail }, at, offset)
}

/// The value, or the stop of an operator whose bytecode, side table or operands are not what they should be.
macro_rules! some {
    ($at:ident, $offset:ident, $value:expr) => {
        match $value {
            Some(value) => value,
            None => return trap($at, $offset, Trap::CorruptCode),
        }
    };
}

/// The value, or the stop.
macro_rules! ok {
    ($value:expr) => {
        match $value {
            Ok(value) => value,
            Err(stop) => return stop,
        }
    };
}

macro_rules! define_run {
    (
        binary { $($bv:ident $bo:literal $bn:literal $bk:ident $bf:ident($bx:ty) -> $br:ty, $bp:literal, $ba:literal;)* }
        float_binary { $($fv:ident $fo:literal $fn:literal $fk:ident $ff:ident($fx:ty) -> $fr:ty, $fp:literal, $fa:literal;)* }
        compare { $($cv:ident $co:literal $cn:literal $cf:ident($cx:ty) -> bool, $cp:literal, $ca:literal, not $cnot:ident, swap $cswap:ident;)* }
        fused_compare { $($fused:tt)* }
        float_compare { $($gv:ident $go:literal $gn:literal $gf:ident($gx:ty) -> bool, $gp:literal, $ga:literal;)* }
        unary { $($uv:ident $uo:literal $un:literal $uf:ident($ux:ty) -> $ur:ty, $up:literal, $ua:literal;)* }
        float_unary { $($wv:ident $wo:literal $wn:literal $wf:ident($wx:ty) -> $wr:ty, $wp:literal, $wa:literal;)* }
        load { $($lv:ident $lo:literal $ln:literal $lf:ident($lb:literal bytes) -> $lt:ty, $lp:literal, $la:literal;)* }
        store { $($sv:ident $so:literal $sn:literal $sf:ident($st:ty) -> $sb:literal bytes, $sp:literal, $sa:literal;)* }
        wide { $($dv:ident $do:literal $dn:literal $df:ident($dc:tt operands), $dp:literal, $da:literal;)* }
        structural { $($structural:tt)* }
    ) => {
        impl Machine<'_> {
            /// Runs on from `at` until something stops it.
            // @need-ids: REQ_TRADITIONAL_001, REQ_TABLE_001, REQ_018
            #[allow(clippy::too_many_lines, reason = "the operator table")]
            pub(super) fn run(&mut self, from: Cursor) -> Stop {
                // Field by field: what comes in by reference would be kept in memory all the time.
                let Cursor { pc, side, next, sp, base, gap, paid } = from;
                let mut at = Cursor { pc, side, next, sp, base, gap, paid };
                loop {
                    if at.pc == at.next {
                        ok!(self.arrive(&mut at));
                    }
                    let offset = at.pc;
                    let (opcode, pc) = some!(at, offset, reader::byte(self.code, at.pc));
                    at.pc = pc;
                    let mut opcode = u32::from(opcode);
                    if opcode == PREFIX_MISC {
                        let (second, pc) = some!(at, offset, reader::u32(self.code, at.pc));
                        at.pc = pc;
                        opcode = PREFIX_MISC << 8 | second;
                    }
                    match opcode {
                        $($bo => {
                            let (y, x) = some!(at, offset, self.two(&mut at));
                            if !BinaryOp::$bv.is_built() {
                                return trap(at, offset, Trap::CorruptCode);
                            }
                            match <rows::$bv as Binary>::apply(Slot::from_slot(x), Slot::from_slot(y)) {
                                Ok(value) => some!(at, offset, self.push(&mut at, value.to_slot())),
                                Err(kind) => return trap(at, offset, kind),
                            }
                        })*
                        $($fo if FLOATS => {
                            let (y, x) = some!(at, offset, self.two(&mut at));
                            let value = <rows::$fv as FloatBinary>::raw(Slot::from_slot(x), Slot::from_slot(y));
                            some!(at, offset, self.push(&mut at, value.canonical().to_slot()));
                        })*
                        $($co => {
                            let (y, x) = some!(at, offset, self.two(&mut at));
                            let holds = <rows::$cv as Compare>::holds(Slot::from_slot(x), Slot::from_slot(y));
                            some!(at, offset, self.push(&mut at, holds.into()));
                        })*
                        $($go if FLOATS => {
                            let (y, x) = some!(at, offset, self.two(&mut at));
                            let holds = <rows::$gv as Compare>::holds(Slot::from_slot(x), Slot::from_slot(y));
                            some!(at, offset, self.push(&mut at, holds.into()));
                        })*
                        $($uo => {
                            let x = some!(at, offset, self.pop(&mut at));
                            if !UnaryOp::$uv.is_built() {
                                return trap(at, offset, Trap::CorruptCode);
                            }
                            match <rows::$uv as Unary>::apply(Slot::from_slot(x)) {
                                Ok(value) => some!(at, offset, self.push(&mut at, value.to_slot())),
                                Err(kind) => return trap(at, offset, kind),
                            }
                        })*
                        $($wo if FLOATS => {
                            let x = some!(at, offset, self.pop(&mut at));
                            let value = <rows::$wv as FloatUnary>::raw(Slot::from_slot(x));
                            some!(at, offset, self.push(&mut at, value.canonical().to_slot()));
                        })*
                        $($lo => {
                            let (memory, fixed, pc) = some!(at, offset, reader::memarg(self.code, at.pc));
                            let before = at;
                            let base = some!(at, offset, self.pop(&mut at));
                            let address = base.saturating_add(fixed);
                            let bytes = self.memory_at(memory);
                            match bytes.and_then(|bytes| <rows::$lv as Load>::load(bytes, position(address))) {
                                Some(value) => some!(at, offset, self.push(&mut at, value)),
                                None => return self.outside(before, offset, memory, (address, $lb)),
                            }
                            at.pc = pc;
                        })*
                        $($so => {
                            let (memory, fixed, pc) = some!(at, offset, reader::memarg(self.code, at.pc));
                            let before = at;
                            let (value, base) = some!(at, offset, self.two(&mut at));
                            let address = base.saturating_add(fixed);
                            let bytes = self.memory_at(memory);
                            if bytes.and_then(|bytes| <rows::$sv as Store>::store(bytes, position(address), value)).is_none() {
                                return self.outside(before, offset, memory, (address, $sb));
                            }
                            at.pc = pc;
                        })*
                        $($do if Part::WideArithmetic.is_built() => {
                            let mut operands = [0; 4];
                            for operand in operands.iter_mut().take($dc).rev() {
                                *operand = some!(at, offset, self.pop(&mut at));
                            }
                            let (low, high) = <rows::$dv as Wide>::apply(operands);
                            some!(at, offset, self.push(&mut at, low));
                            some!(at, offset, self.push(&mut at, high));
                        })*

                        // Variables and constants: what bytecode has most of.
                        0x20 => {
                            let (index, pc) = some!(at, offset, reader::u32(self.code, at.pc));
                            at.pc = pc;
                            some!(at, offset, self.local_get(&mut at, offset, index));
                        }
                        0x21 => {
                            let (index, pc) = some!(at, offset, reader::u32(self.code, at.pc));
                            at.pc = pc;
                            some!(at, offset, self.local_set(&mut at, offset, index, false));
                        }
                        0x22 => {
                            let (index, pc) = some!(at, offset, reader::u32(self.code, at.pc));
                            at.pc = pc;
                            some!(at, offset, self.local_set(&mut at, offset, index, true));
                        }
                        0x23 => {
                            let (index, pc) = some!(at, offset, reader::u32(self.code, at.pc));
                            at.pc = pc;
                            some!(at, offset, self.global_get(&mut at, index));
                        }
                        0x24 => {
                            let (index, pc) = some!(at, offset, reader::u32(self.code, at.pc));
                            at.pc = pc;
                            some!(at, offset, self.global_set(&mut at, index));
                        }
                        0x41 => {
                            let (value, pc) = some!(at, offset, reader::i32(self.code, at.pc));
                            at.pc = pc;
                            some!(at, offset, self.push(&mut at, value));
                        }
                        0x42 => {
                            let (value, pc) = some!(at, offset, reader::i64(self.code, at.pc));
                            at.pc = pc;
                            some!(at, offset, self.push(&mut at, value));
                        }
                        0x43 => {
                            let (bytes, pc) = some!(at, offset, reader::bytes::<4>(self.code, at.pc));
                            at.pc = pc;
                            some!(at, offset, self.push(&mut at, u32::from_le_bytes(bytes).into()));
                        }
                        0x44 => {
                            let (bytes, pc) = some!(at, offset, reader::bytes::<8>(self.code, at.pc));
                            at.pc = pc;
                            some!(at, offset, self.push(&mut at, u64::from_le_bytes(bytes)));
                        }

                        // Structure: blocks do nothing, and so do their ends.
                        0x01 => {}
                        0x02 | 0x03 => at.pc = some!(at, offset, reader::skip_type(self.code, at.pc)),
                        0x04 => {
                            if some!(at, offset, self.pop(&mut at)) as u32 == 0 {
                                ok!(self.follow(&mut at, offset, 0));
                            } else {
                                at.pc = some!(at, offset, reader::skip_type(self.code, at.pc));
                                self.skip(&mut at, 1);
                            }
                        }
                        0x05 | 0x0C | 0x0F => ok!(self.follow(&mut at, offset, 0)),
                        0x0B => {
                            if at.next == offset {
                                ok!(self.follow(&mut at, offset, 0));
                            }
                        }
                        0x0D => {
                            if some!(at, offset, self.pop(&mut at)) as u32 != 0 {
                                ok!(self.follow(&mut at, offset, 0));
                            } else {
                                at.pc = some!(at, offset, reader::u32(self.code, at.pc)).1;
                                self.skip(&mut at, 1);
                            }
                        }
                        0x0E => {
                            let (count, _) = some!(at, offset, reader::u32(self.code, at.pc));
                            let index = some!(at, offset, self.pop(&mut at)) as u32;
                            ok!(self.follow(&mut at, offset, index.min(count)));
                        }
                        0xD5 => {
                            let reference = some!(at, offset, self.pop(&mut at));
                            if reference as u32 == NULL {
                                ok!(self.follow(&mut at, offset, 0));
                            } else {
                                some!(at, offset, self.push(&mut at, reference));
                                at.pc = some!(at, offset, reader::u32(self.code, at.pc)).1;
                                self.skip(&mut at, 1);
                            }
                        }
                        0xD6 => {
                            let reference = some!(at, offset, self.pop(&mut at));
                            if reference as u32 == NULL {
                                at.pc = some!(at, offset, reader::u32(self.code, at.pc)).1;
                                self.skip(&mut at, 1);
                            } else {
                                some!(at, offset, self.push(&mut at, reference));
                                ok!(self.follow(&mut at, offset, 0));
                            }
                        }
                        0x00 => return trap(at, offset, Trap::Unreachable),
                        0x10 => {
                            let (index, _) = some!(at, offset, reader::u32(self.code, at.pc));
                            let addr = *some!(at, offset, self.func_addrs.get(index as usize));
                            ok!(self.call(&mut at, addr, offset));
                        }
                        0x11 => ok!(self.call_indirect(&mut at, offset)),
                        PREFIX_VECTOR => at = ok!(vector::run(self, at, offset)),
                        _ => match self.seldom(at, offset, opcode) {
                            Ok(Some(after)) => at = after,
                            Ok(None) => return trap(at, offset, Trap::CorruptCode),
                            Err(stop) => return stop,
                        },
                    }
                }
            }
        }
    };
}
wrt_instructions::operators!(define_run);

impl Machine<'_> {
    /// The two topmost operands, the upper one first.
    #[inline(always)]
    fn two(&self, at: &mut Cursor) -> Option<(u64, u64)> {
        let upper = self.pop(at)?;
        Some((upper, self.pop(at)?))
    }

    /// The slot of a local and whether it is a pair: told beside the bytecode where pairs shift slots.
    #[inline(always)]
    fn local(&self, at: &mut Cursor, offset: u32, index: u32) -> Option<(u32, bool)> {
        if at.next != offset {
            return Some((index, false));
        }
        match self.take(at)? {
            Side::Slot { slot, pair } => Some((slot, pair)),
            _ => None,
        }
    }

    #[inline(always)]
    fn local_get(&mut self, at: &mut Cursor, offset: u32, index: u32) -> Option<()> {
        let (slot, pair) = self.local(at, offset, index)?;
        let value = *self.slots.get(at.place(slot) as usize)?;
        self.push(at, value)?;
        if pair {
            let value = *self.slots.get(at.place(slot.wrapping_add(1)) as usize)?;
            self.push(at, value)?;
        }
        Some(())
    }

    #[inline(always)]
    fn local_set(&mut self, at: &mut Cursor, offset: u32, index: u32, tee: bool) -> Option<()> {
        let (slot, pair) = self.local(at, offset, index)?;
        let before = (at.sp, at.pc);
        if pair {
            let high = self.pop(at)?;
            *self.slots.get_mut(at.place(slot.wrapping_add(1)) as usize)? = high;
        }
        let value = self.pop(at)?;
        *self.slots.get_mut(at.place(slot) as usize)? = value;
        if tee {
            at.sp = before.0;
        }
        Some(())
    }

    #[inline(always)]
    fn global_get(&mut self, at: &mut Cursor, index: u32) -> Option<()> {
        let (slot, pair) = self.global(index)?;
        let value = *self.globals.get(slot)?;
        self.push(at, value)?;
        if pair {
            let value = *self.globals.get(slot.wrapping_add(1))?;
            self.push(at, value)?;
        }
        Some(())
    }

    #[inline(always)]
    fn global_set(&mut self, at: &mut Cursor, index: u32) -> Option<()> {
        let (slot, pair) = self.global(index)?;
        if pair {
            let high = self.pop(at)?;
            *self.globals.get_mut(slot.wrapping_add(1))? = high;
        }
        let value = self.pop(at)?;
        *self.globals.get_mut(slot)? = value;
        Some(())
    }

    /// Branches or returns as entry `index` of the operator at `offset` says.
    #[inline(always)]
    fn follow(&mut self, at: &mut Cursor, offset: u32, index: u32) -> Result<(), Stop> {
        let corrupt = |at: &Cursor| trap(*at, offset, Trap::CorruptCode);
        // Where the operator is: a branch to what lies behind it goes forward.
        at.pc = offset;
        let entry = self.side.get(at.side.wrapping_add(index) as usize).ok_or_else(|| corrupt(at))?;
        match entry.side() {
            Side::Branch { target } => self.branch(at, target).ok_or_else(|| corrupt(at)),
            Side::Return { results } => self.return_(at, results),
            _ => Err(corrupt(at)),
        }
    }

    #[inline(always)]
    fn call_indirect(&mut self, at: &mut Cursor, offset: u32) -> Result<(), Stop> {
        let before = *at;
        let corrupt = || trap(before, offset, Trap::CorruptCode);
        let (_, ty, table) = super::machine::call_immediates(self.code, offset).ok_or_else(corrupt)?;
        let index = self.pop(at).ok_or_else(corrupt)?;
        if table != 0 {
            return Err(Stop::Slow(before, offset));
        }
        let addr = self.callee(before, offset, (ty, index))?;
        self.call(at, addr, offset)
    }

    /// The address of what table 0 has at an index, for a call of this type.
    fn callee(&self, before: Cursor, offset: u32, (ty, index): (u32, u64)) -> Result<u32, Stop> {
        let no = |kind| table_trap(before, offset, kind, (index, self.table.len()));
        let reference = *self.table.get(position(index)).ok_or_else(|| no(Trap::UndefinedElement))?;
        let addr = reference.wrapping_sub(1);
        let func = self.funcs.get(addr as usize).ok_or_else(|| no(Trap::IndirectCallToNull))?;
        let expected = self.types.get(ty as usize).ok_or_else(|| trap(before, offset, Trap::CorruptCode))?;
        // A subtype of the one expected is the driver's to find out.
        if func.ty == *expected { Ok(addr) } else { Err(Stop::Slow(before, offset)) }
    }

    /// Operators that are seldom met. `None`: no such operator, or its operands are not there.
    // The cursor goes by value: what is lent out is kept in memory by everyone, all the time.
    #[inline(never)]
    fn seldom(&mut self, mut at: Cursor, offset: u32, opcode: u32) -> Result<Option<Cursor>, Stop> {
        Ok(self.seldom_at(&mut at, offset, opcode)?.map(|()| at))
    }

    fn seldom_at(&mut self, at: &mut Cursor, offset: u32, opcode: u32) -> Result<Option<()>, Stop> {
        let before = Cursor { pc: offset, ..*at };
        Ok(match opcode {
            0x12 => {
                let index = reader::u32(self.code, at.pc).and_then(|(index, _)| self.func_addrs.get(index as usize));
                let Some(addr) = index else { return Ok(None) };
                return self.return_call(at, *addr, offset).map(Some);
            }
            0x1A => self.drop(at, offset),
            0x1B => self.select(at, offset),
            0x1C => self.typed_select(at, offset),
            0x1F => self.try_table(at),
            0x25 | 0x26 => return self.table_element(at, before, opcode),
            0x3F => self.memory_size(at, before)?,
            0xD0 => reader::skip_s33(self.code, at.pc).and_then(|pc| {
                at.pc = pc;
                self.push(at, NULL.into())
            }),
            0xD1 => self.pop(at).and_then(|reference| self.push(at, u64::from(reference as u32 == NULL))),
            0xD2 => self.ref_func(at),
            0xD3 => self.two(at).and_then(|(y, x)| self.push(at, u64::from(x as u32 == y as u32))),
            0xD4 => {
                let reference = self.pop(at);
                if reference.is_some_and(|reference| reference as u32 == NULL) {
                    return Err(trap(before, offset, Trap::NullReference));
                }
                reference.and_then(|reference| self.push(at, reference))
            }
            0xFC0A | 0xFC0B => self.few_bytes(at, before, opcode)?,
            0x08 | 0x13..=0x15 | 0x40 | 0xFC08..=0xFC11 => return Err(Stop::Slow(before, offset)),
            _ => None,
        })
    }

    fn drop(&self, at: &mut Cursor, offset: u32) -> Option<()> {
        let (_, pair) = self.local(at, offset, 0)?;
        self.pop(at)?;
        if pair {
            self.pop(at)?;
        }
        Some(())
    }

    fn select(&mut self, at: &mut Cursor, offset: u32) -> Option<()> {
        let (_, pair) = self.local(at, offset, 0)?;
        let first = self.pop(at)? as u32 != 0;
        if pair {
            let (y1, y0) = self.two(at)?;
            let (x1, x0) = self.two(at)?;
            self.push(at, if first { x0 } else { y0 })?;
            return self.push(at, if first { x1 } else { y1 });
        }
        let (y, x) = self.two(at)?;
        self.push(at, if first { x } else { y })
    }

    fn typed_select(&mut self, at: &mut Cursor, offset: u32) -> Option<()> {
        let (count, mut pc) = reader::u32(self.code, at.pc)?;
        for _ in 0..count {
            pc = reader::skip_type(self.code, pc)?;
        }
        at.pc = pc;
        self.select(at, offset)
    }

    /// Its clauses are listed beside the code: here they are passed over.
    fn try_table(&self, at: &mut Cursor) -> Option<()> {
        let pc = reader::skip_type(self.code, at.pc)?;
        let (count, mut pc) = reader::u32(self.code, pc)?;
        for _ in 0..count {
            let (kind, after) = reader::byte(self.code, pc)?;
            pc = after;
            // A tag and a label, or a label.
            for _ in 0..if kind <= 1 { 2 } else { 1 } {
                pc = reader::u32(self.code, pc)?.1;
            }
        }
        at.pc = pc;
        Some(())
    }

    fn ref_func(&mut self, at: &mut Cursor) -> Option<()> {
        let (index, pc) = reader::u32(self.code, at.pc)?;
        at.pc = pc;
        let addr = *self.func_addrs.get(index as usize)?;
        self.push(at, addr.wrapping_add(1).into())
    }

    /// `table.get` and `table.set` of table 0.
    fn table_element(&mut self, at: &mut Cursor, before: Cursor, opcode: u32) -> Result<Option<()>, Stop> {
        let Some((0, pc)) = reader::u32(self.code, at.pc) else { return Err(Stop::Slow(before, before.pc)) };
        at.pc = pc;
        let set = opcode == 0x26;
        let value = if set { self.pop(at) } else { Some(0) };
        let (Some(value), Some(index)) = (value, self.pop(at)) else { return Ok(None) };
        let size = self.table.len();
        let Some(element) = self.table.get_mut(position(index)) else {
            return Err(table_trap(before, before.pc, Trap::TableOutOfBounds, (index, size)));
        };
        if set {
            *element = value as u32;
            return Ok(Some(()));
        }
        let value = u64::from(*element);
        Ok(self.push(at, value))
    }

    fn memory_size(&mut self, at: &mut Cursor, before: Cursor) -> Result<Option<()>, Stop> {
        let Some((0, pc)) = reader::u32(self.code, at.pc) else { return Err(Stop::Slow(before, before.pc)) };
        at.pc = pc;
        let pages = (self.memory.len() as u64).wrapping_shr(self.page_log2.into());
        Ok(self.push(at, pages))
    }

    /// `memory.copy` and `memory.fill` of memory 0, where fuel and bounds cover them whole; all else is the driver's.
    fn few_bytes(&mut self, at: &mut Cursor, before: Cursor, opcode: u32) -> Result<Option<()>, Stop> {
        let slow = Stop::Slow(before, before.pc);
        let copy = opcode == 0xFC0A;
        let mut pc = at.pc;
        for _ in 0..if copy { 2 } else { 1 } {
            let Some((0, after)) = reader::u32(self.code, pc) else { return Err(slow) };
            pc = after;
        }
        let (Some(length), Some(second), Some(to)) = (self.pop(at), self.pop(at), self.pop(at)) else {
            return Ok(None);
        };
        let left = self.fuel.checked_sub(price::bytes(length)).ok_or(slow)?;
        if copy {
            let moved = move_within::<BYTES, _>(self.memory, position(second), position(to), position(length));
            moved.ok_or(slow)?;
        } else {
            let bytes = self.memory.get_mut(position(to)..position(to.saturating_add(length)));
            bytes.ok_or(slow)?.fill(second as u8);
        }
        self.fuel = left;
        at.pc = pc;
        self.skip(at, 1);
        Ok(Some(()))
    }
}
