//! Operators on structures and arrays that allocate, or take fuel in portions (core 4.6.10).

use super::driver::{Engine, Next, stop, trap};
use super::machine::Cursor;
use super::seldom::{Operator, behind, pop, push};
use crate::heap::layout::{self, Fields, Packed};
use crate::heap::operators::{
    Copy, Fill, Many, Not, array_copy, array_fill, array_init_data, array_init_elem, array_new, array_new_data,
    array_new_elem, new_object,
};
use crate::heap::roots::Code;
use crate::heap::{ObjectType, Value};
use crate::stack::Stack;
use crate::storage::Storage;
use crate::table::Ref;

/// A go at an operator that was not its last.
fn stopped(stack: &mut Stack<'_>, not: Not) -> Next {
    match not {
        Not::Trap(info) => trap(stack, info),
        Not::Wait(outcome) => stop(stack, outcome),
    }
}

fn pop_value(stack: &Stack<'_>, at: &mut Cursor, packed: Packed) -> Option<Value> {
    let high = if packed.slots() == 2 { pop(stack, at)? } else { 0 };
    Some([pop(stack, at)?, high])
}

fn push_value(stack: &mut Stack<'_>, at: &mut Cursor, packed: Packed, [low, high]: Value) -> Option<()> {
    push(stack, at, low)?;
    if packed.slots() == 2 { push(stack, at, high) } else { Some(()) }
}

impl Engine {
    /// An operator behind the prefix 0xFB that has an entry.
    // @need-ids: REQ_GC_001, REQ_GC_002, REQ_TRADITIONAL_001
    pub(super) fn object(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        mut operator: Operator,
    ) -> Option<Next> {
        let instance = stack.state.instance;
        let code = storage.bytecode(instance)?.bytes;
        let named = operator.index(code)?;
        let two = matches!(operator.opcode, 0xFB08..=0xFB0A | 0xFB11..=0xFB13);
        let second = if two { operator.index(code)? } else { 0 };
        if matches!(operator.opcode, 0xFB10..=0xFB13) {
            return self.many(storage, stack, operator, (named, second));
        }
        let ty = storage.type_id(instance, named)?;
        let made = match operator.opcode {
            0xFB00 | 0xFB08 => self.of_operands(storage, stack, &mut operator.at, (ty, second))?,
            0xFB01 => {
                let at = (&*stack, Code::Bytecode);
                new_object(storage, at, (ObjectType::Of(ty), 0), 0, &mut self.fuel)
            }
            _ => self.array(storage, stack, &mut operator, (ty, (instance, second)))?,
        };
        match made {
            Ok(reference) => {
                push(stack, &mut operator.at, reference.into())?;
                Some(behind(storage.bytecode(instance)?.side, operator))
            }
            Err(not) => Some(stopped(stack, not)),
        }
    }

    /// `struct.new`, and `array.new_fixed` with so many elements.
    fn of_operands(
        &mut self,
        storage: &mut dyn Storage,
        stack: &Stack<'_>,
        at: &mut Cursor,
        (ty, length): (u32, u32),
    ) -> Option<Result<Ref, Not>> {
        let element = layout::element(storage.types(), ty).map(Packed::of);
        let slots = match element {
            Some(element) => length.checked_mul(element.slots())?,
            None => crate::instantiate::operand_slots(storage.types().fields(ty)?.1),
        };
        let first = at.height.checked_sub(slots)?;
        let made = new_object(storage, (stack, Code::Bytecode), (ObjectType::Of(ty), length), 0, &mut self.fuel);
        let reference = match made {
            Ok(reference) => reference,
            Err(not) => return Some(Err(not)),
        };
        let mut heap = storage.heap()?;
        let (object, types) = (heap.object(reference)?, heap.types);
        let mut next = first;
        let mut value = |packed: Packed| {
            let slot = |height: u32| stack.slots.get(at.place(height) as usize).copied();
            let low = slot(next)?;
            let high = if packed.slots() == 2 { slot(next.checked_add(1)?)? } else { 0 };
            next = next.checked_add(packed.slots())?;
            Some([low, high])
        };
        if let Some(element) = element {
            for index in 0..length {
                heap.array_set(reference, element, index, value(element)?).ok()?;
            }
        } else {
            for (_, field) in Fields::new(types.fields(ty)?.1) {
                heap.set_field(&object, field, value(field.packed)?)?;
            }
        }
        at.height = first;
        Some(Ok(reference))
    }

    /// `array.new`, `array.new_default`, `array.new_data`, `array.new_elem`.
    fn array(
        &mut self,
        storage: &mut dyn Storage,
        stack: &Stack<'_>,
        operator: &mut Operator,
        (ty, segment): (u32, (u32, u32)),
    ) -> Option<Result<Ref, Not>> {
        let element = Packed::of(layout::element(storage.types(), ty)?);
        let mut at = operator.at;
        let length = pop(stack, &mut at)? as u32;
        let (place, fuel) = ((stack, Code::Bytecode), &mut self.fuel);
        let made = match operator.opcode {
            0xFB06 => {
                let value = pop_value(stack, &mut at, element)?;
                array_new(storage, place, (ty, length), value, fuel)
            }
            0xFB07 => array_new(storage, place, (ty, length), [0, 0], fuel),
            opcode => {
                let from = pop(stack, &mut at)? as u32;
                let new = if opcode == 0xFB09 { array_new_data } else { array_new_elem };
                new(storage, place, (ty, segment), (from, length), fuel)
            }
        };
        operator.at.height = at.height;
        Some(made)
    }

    /// `array.fill`, `array.copy`, `array.init_data`, `array.init_elem`.
    fn many(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        mut operator: Operator,
        (named, second): (u32, u32),
    ) -> Option<Next> {
        let (instance, mut at) = (stack.state.instance, operator.at);
        let ty = storage.type_id(instance, named)?;
        let element = Packed::of(layout::element(storage.types(), ty)?);
        loop {
            let n = pop(stack, &mut at)? as u32;
            let is_fill = operator.opcode == 0xFB10;
            let value = if is_fill { pop_value(stack, &mut at, element)? } else { [0, 0] };
            let s = if is_fill { 0 } else { pop(stack, &mut at)? as u32 };
            let source = if operator.opcode == 0xFB11 { pop(stack, &mut at)? as Ref } else { 0 };
            let (d, array) = (pop(stack, &mut at)? as u32, pop(stack, &mut at)? as Ref);
            let (mut fill, mut copy) = (Fill { array, d, s, n }, Copy { to: (array, d), from: (source, s), n });
            let (segment, fuel) = ((instance, second), &mut self.fuel);
            let step = match operator.opcode {
                0xFB10 => array_fill(storage, ty, &mut fill, value, fuel),
                0xFB11 => array_copy(storage, ty, &mut copy, fuel),
                0xFB12 => array_init_data(storage, (ty, segment), &mut fill, fuel),
                _ => array_init_elem(storage, segment, &mut fill, fuel),
            };
            match step {
                Many::Done => {
                    operator.at = at;
                    return Some(behind(storage.bytecode(instance)?.side, operator));
                }
                Many::Not(not) => return Some(stopped(stack, not)),
                Many::Part if operator.opcode == 0xFB11 => {
                    let Copy { to, from, n } = copy;
                    for value in [to.0, to.1, from.0, from.1, n] {
                        push(stack, &mut at, value.into())?;
                    }
                }
                Many::Part => {
                    push(stack, &mut at, fill.array.into())?;
                    push(stack, &mut at, fill.d.into())?;
                    if is_fill {
                        push_value(stack, &mut at, element, value)?;
                    } else {
                        push(stack, &mut at, fill.s.into())?;
                    }
                    push(stack, &mut at, fill.n.into())?;
                }
            }
        }
    }
}
