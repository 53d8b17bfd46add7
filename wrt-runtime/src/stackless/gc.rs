//! Operators on objects, where the driver runs them (core 4.6.10, "reference instructions").
//!
//! What they mean is said in [`heap`](crate::heap), for both engines. Here their operands are found, and results put in place. An
//! operator that makes an object, or works on many elements, stands with all operands in their slots until it is done.

use super::engine::StacklessEngine;
use super::slow::{At, Next, get, operand, stop, trap};
use crate::execute::TrapInfo;
use crate::heap::layout::{Field, Fields, Packed, element};
use crate::heap::operators::{
    Copy, Fill, Many, Not, array_copy, array_fill, array_init_data, array_init_elem, array_new, array_new_data,
    array_new_elem, new_object,
};
use crate::heap::reference::i31_get;
use crate::heap::roots::Code;
use crate::heap::{ObjectType, Value, array_trap, matches};
use crate::image::format::ValType;
use crate::instr::Instr;
use crate::stack::Stack;
use crate::table::Ref;
use wrt_instructions::Trap;
use wrt_instructions::op::{Plain, second_index};

/// In the immediate of an access: the sign is extended.
pub(super) const SIGNED: u32 = 1 << 31;

/// Why an operator was not done, as the driver has it.
#[cold]
#[inline(never)]
fn refused(stack: &mut Stack<'_>, not: Not) -> Next {
    match not {
        Not::Trap(info) => trap(stack, info),
        Not::Wait(outcome) => stop(stack, outcome),
    }
}

/// The value whose first slot is that of operand `index`, counted from the slot `first`.
pub(super) fn value_at(stack: &Stack<'_>, first: u32, index: u32, packed: Packed) -> Option<Value> {
    let slot = |index: u32| get(stack, operand(Instr { imm: first, ..Instr::default() }, index)?);
    let high = if packed.slots() == 2 { slot(index.checked_add(1)?)? } else { 0 };
    Some([slot(index)?, high])
}

impl At<'_, '_> {
    /// The slot of an operand of an operator that takes them from slots.
    fn place(&self, index: u32) -> Option<u32> {
        operand(Instr { imm: self.data.imm, ..self.n }, index)
    }

    fn taken(&self, index: u32) -> Option<u32> {
        self.get(self.place(index)?).map(|slot| slot as u32)
    }

    fn put_back(&mut self, index: u32, value: u32) -> Option<()> {
        self.set(self.place(index)?, value.into())
    }

    /// The value whose first slot is that of operand `index`.
    fn value(&self, index: u32, packed: Packed) -> Option<Value> {
        value_at(self.stack, self.data.imm, index, packed)
    }

    /// The value in a register, or in two.
    fn register(&self, register: u32, packed: Packed) -> Option<Value> {
        let high = if packed.slots() == 2 { self.get(register.checked_add(1)?)? } else { 0 };
        Some([self.get(register)?, high])
    }

    fn set_register(&mut self, register: u32, packed: Packed, [low, high]: Value) -> Option<()> {
        self.set(register, low)?;
        if packed.slots() == 2 {
            self.set(register.checked_add(1)?, high)?;
        }
        Some(())
    }

    /// The second index of an operator that takes its operands from slots.
    const fn second(&self) -> u32 {
        second_index(self.n.ab(), self.data.ab())
    }

    /// The store's number of the operator's type.
    fn ty(&self) -> Option<u32> {
        self.storage.type_id(self.instance, self.n.imm)
    }

    /// How the elements of arrays of a type of the store are packed.
    fn packed(&self, ty: u32) -> Option<Packed> {
        element(self.storage.types(), ty).map(Packed::of)
    }
}

impl StacklessEngine {
    // @need-ids: REQ_GC_001, REQ_018
    pub(super) fn object(&mut self, at: At<'_, '_>, row: Plain) -> Option<Next> {
        match row {
            Plain::StructGet => struct_get(at),
            Plain::StructSet => struct_set(at),
            Plain::ArrayGet => array_get(at),
            Plain::ArraySet => array_set(at),
            Plain::ArrayLen => array_len(at),
            Plain::I31Get => i31(at),
            Plain::RefTest | Plain::RefCast | Plain::BrOnCast => cast(at, row),
            Plain::StructNew | Plain::StructNewDefault => self.struct_new(at, row == Plain::StructNew),
            Plain::ArrayNewFixed => self.array_new_fixed(at),
            Plain::ArrayNew | Plain::ArrayNewDefault | Plain::ArrayNewData | Plain::ArrayNewElem => {
                self.array_new(at, row)
            }
            Plain::ArrayFill | Plain::ArrayCopy | Plain::ArrayInitData | Plain::ArrayInitElem => self.many(at, row),
            _ => None,
        }
    }

    // @need-ids: REQ_GC_001, REQ_FUEL_SCHEDULE_001
    fn struct_new(&mut self, mut at: At<'_, '_>, with_values: bool) -> Option<Next> {
        let ty = at.ty()?;
        // Paid for in its segment, by the fields.
        let made = new_object(at.storage, (at.stack, Code::Register), (ObjectType::Of(ty), 0), 0, &mut self.fuel);
        let reference = match made {
            Ok(reference) => reference,
            Err(not) => return Some(refused(at.stack, not)),
        };
        if with_values {
            let mut heap = at.storage.heap()?;
            let object = heap.object(reference)?;
            let mut index = 0_u32;
            for (_, field) in Fields::new(heap.types.fields(ty)?.1) {
                heap.set_field(&object, field, value_at(at.stack, at.data.imm, index, field.packed)?)?;
                index = index.checked_add(field.packed.slots())?;
            }
        }
        at.put_back(0, reference)?;
        Some(at.after(1))
    }

    fn array_new_fixed(&mut self, mut at: At<'_, '_>) -> Option<Next> {
        let (ty, count) = (at.ty()?, at.second());
        let packed = at.packed(ty)?;
        let made = new_object(at.storage, (at.stack, Code::Register), (ObjectType::Of(ty), count), 0, &mut self.fuel);
        let reference = match made {
            Ok(reference) => reference,
            Err(not) => return Some(refused(at.stack, not)),
        };
        let mut heap = at.storage.heap()?;
        for index in 0..count {
            let value = value_at(at.stack, at.data.imm, index.checked_mul(packed.slots())?, packed)?;
            heap.array_set(reference, packed, index, value).ok()?;
        }
        at.put_back(0, reference)?;
        Some(at.after(1))
    }

    fn array_new(&mut self, mut at: At<'_, '_>, row: Plain) -> Option<Next> {
        let (ty, segment) = (at.ty()?, (at.instance, at.second()));
        let here = (&*at.stack, Code::Register);
        let fuel = &mut self.fuel;
        let made = match row {
            Plain::ArrayNew => {
                let packed = at.packed(ty)?;
                let (value, length) = (at.value(0, packed)?, at.taken(packed.slots())?);
                array_new(at.storage, here, (ty, length), value, fuel)
            }
            Plain::ArrayNewDefault => {
                let length = at.taken(0)?;
                array_new(at.storage, here, (ty, length), Value::default(), fuel)
            }
            _ => {
                let from = (at.taken(0)?, at.taken(1)?);
                if row == Plain::ArrayNewData {
                    array_new_data(at.storage, here, (ty, segment), from, fuel)
                } else {
                    array_new_elem(at.storage, here, (ty, segment), from, fuel)
                }
            }
        };
        match made {
            Ok(reference) => {
                at.put_back(0, reference)?;
                Some(at.after(1))
            }
            Err(not) => Some(refused(at.stack, not)),
        }
    }

    /// Operators on many elements: as much as the fuel covers, and what is left of them stands in their operands.
    // @need-ids: REQ_003, REQ_FUEL_SCHEDULE_001, REQ_FUEL_002
    fn many(&mut self, mut at: At<'_, '_>, row: Plain) -> Option<Next> {
        let (ty, segment) = (at.ty()?, (at.instance, at.second()));
        let fuel = &mut self.fuel;
        loop {
            let done = if row == Plain::ArrayCopy {
                let mut operands =
                    Copy { to: (at.taken(0)?, at.taken(1)?), from: (at.taken(2)?, at.taken(3)?), n: at.taken(4)? };
                let done = array_copy(at.storage, ty, &mut operands, fuel);
                if done == Many::Part {
                    at.put_back(1, operands.to.1)?;
                    at.put_back(3, operands.from.1)?;
                    at.put_back(4, operands.n)?;
                }
                done
            } else {
                let packed = at.packed(ty)?;
                let fills = row == Plain::ArrayFill;
                let last = if fills { packed.slots().checked_add(2)? } else { 3 };
                let mut operands = Fill { array: at.taken(0)?, d: at.taken(1)?, s: at.taken(2)?, n: at.taken(last)? };
                let done = match row {
                    Plain::ArrayFill => {
                        let value = at.value(2, packed)?;
                        array_fill(at.storage, ty, &mut operands, value, fuel)
                    }
                    Plain::ArrayInitData => array_init_data(at.storage, (ty, segment), &mut operands, fuel),
                    _ => array_init_elem(at.storage, segment, &mut operands, fuel),
                };
                if done == Many::Part {
                    at.put_back(1, operands.d)?;
                    if !fills {
                        at.put_back(2, operands.s)?;
                    }
                    at.put_back(last, operands.n)?;
                }
                done
            };
            match done {
                Many::Part => {}
                Many::Done => return Some(at.after(1)),
                Many::Not(not) => return Some(refused(at.stack, not)),
            }
        }
    }
}

fn struct_get(mut at: At<'_, '_>) -> Option<Next> {
    let field = Field::from_word(at.n.imm & !SIGNED)?;
    let reference = at.get(at.n.b.into())? as Ref;
    match at.storage.heap()?.struct_get(reference, field, at.n.imm & SIGNED != 0) {
        Ok(value) => at.set_register(at.n.a.into(), field.packed, value)?,
        Err(found) => return Some(trap(at.stack, found)),
    }
    Some(at.after(0))
}

fn struct_set(mut at: At<'_, '_>) -> Option<Next> {
    let field = Field::from_word(at.n.imm & !SIGNED)?;
    let reference = at.get(at.n.a.into())? as Ref;
    let value = at.register(at.n.b.into(), field.packed)?;
    match at.storage.heap()?.struct_set(reference, field, value) {
        Ok(()) => Some(at.after(0)),
        Err(found) => Some(trap(at.stack, found)),
    }
}

/// The trap of an access to an element.
fn element_trap(at: &mut At<'_, '_>, (array, index): (Ref, u32), found: Trap) -> Option<Next> {
    let info = match found {
        Trap::ArrayOutOfBounds => {
            let size = at.storage.heap()?.array_len(array).unwrap_or_default();
            array_trap(index.into(), 1, size)
        }
        other => TrapInfo::from(other),
    };
    Some(trap(at.stack, info))
}

fn array_get(mut at: At<'_, '_>) -> Option<Next> {
    let packed = Packed::from_log2(at.n.imm >> 8 & 0b111)?;
    let (array, index) = (at.get(at.n.b.into())? as Ref, at.get(at.n.imm & 0xFF)? as u32);
    match at.storage.heap()?.array_get(array, packed, index, at.n.imm & SIGNED != 0) {
        Ok(value) => at.set_register(at.n.a.into(), packed, value)?,
        Err(found) => return element_trap(&mut at, (array, index), found),
    }
    Some(at.after(0))
}

fn array_set(mut at: At<'_, '_>) -> Option<Next> {
    let packed = Packed::from_log2(at.n.imm >> 8 & 0b111)?;
    let (array, index) = (at.get(at.n.a.into())? as Ref, at.get(at.n.b.into())? as u32);
    let value = at.register(at.n.imm & 0xFF, packed)?;
    match at.storage.heap()?.array_set(array, packed, index, value) {
        Ok(()) => Some(at.after(0)),
        Err(found) => element_trap(&mut at, (array, index), found),
    }
}

fn array_len(mut at: At<'_, '_>) -> Option<Next> {
    let array = at.get(at.n.b.into())? as Ref;
    match at.storage.heap()?.array_len(array) {
        Ok(length) => at.set(at.n.a.into(), length.into())?,
        Err(found) => return Some(trap(at.stack, found)),
    }
    Some(at.after(0))
}

fn i31(mut at: At<'_, '_>) -> Option<Next> {
    let reference = at.get(at.n.b.into())? as Ref;
    let Some(value) = i31_get(reference, at.n.imm != 0) else {
        return Some(trap(at.stack, Trap::NullI31Reference));
    };
    at.set(at.n.a.into(), value.into())?;
    Some(at.after(0))
}

/// `ref.test`, `ref.cast` and their branches.
// @need-ids: REQ_GC_001, REQ_TYPES_002
fn cast(mut at: At<'_, '_>, row: Plain) -> Option<Next> {
    let tests = row == Plain::RefTest;
    let reference = at.get(if tests { at.n.b } else { at.n.a }.into())? as Ref;
    let wanted = ValType { code: at.n.imm.into() };
    let wanted = match wanted.type_index() {
        Some(index) => wanted.with_type_index(at.storage.type_id(at.instance, index)?),
        None => wanted,
    };
    let func = at.storage.func(reference.wrapping_sub(1)).map(|func| func.ty);
    let holds = matches(&at.storage.heap()?, reference, wanted, |_| func);
    match row {
        Plain::RefTest => at.set(at.n.a.into(), holds.into())?,
        Plain::RefCast if !holds => return Some(trap(at.stack, Trap::CastFailure)),
        Plain::RefCast => {}
        _ => {
            let distance = if holds == (at.data.a == 0) { at.data.imm } else { 0 };
            return Some(at.after(distance.checked_add(1)?));
        }
    }
    Some(at.after(0))
}
