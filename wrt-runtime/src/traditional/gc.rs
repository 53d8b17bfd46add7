//! Operators on structures, arrays and references that run where they stand: they neither allocate nor pause (core 4.6.10).

use super::machine::Machine;
use super::operands::{Operands, Values};
use super::reader::{self, Code};
use super::run::{CORRUPT, Not};
use crate::heap::layout::{self, Packed};
use crate::heap::reference::{i31_get, i31_new};
use crate::heap::{Heap, Value, array_trap, matches};
use crate::image::format::{AbstractHeapType, HeapType, ValType};
use crate::table::Ref;
use wrt_instructions::Trap;

/// What `br_on_cast` and its like begin with: whether the operand may be null, which is not asked, and the type wanted.
const WANTED_NULLABLE: u8 = 2;

impl<'m> Machine<'m> {
    /// The heap; `None` in a build without objects.
    fn heap(&mut self) -> Result<&mut Heap<'m>, Not> {
        self.heap.first_mut().ok_or(CORRUPT)
    }

    /// The store's number of a type that an immediate names.
    fn type_number(&self, rest: &mut Code<'_>) -> Option<u32> {
        self.types.get(reader::u32(rest)? as usize).copied()
    }

    /// A heap type, as a reference type in the store's numbers.
    fn reference_type(&self, rest: &mut Code<'_>, nullable: bool) -> Option<ValType> {
        let code = reader::s33(rest)? as i64;
        let heap = if let Ok(index) = u32::try_from(code) {
            HeapType::Concrete(*self.types.get(index as usize)?)
        } else {
            // The abstract ones are bytes of which bit 6 is the sign.
            let mark = (code as u8) & 0x7F;
            HeapType::Abstract(AbstractHeapType::ALL.into_iter().find(|heap| *heap as u8 == mark)?)
        };
        Some(ValType::reference(nullable, heap))
    }

    fn is_of_type(&mut self, reference: Ref, wanted: ValType) -> Result<bool, Not> {
        let funcs = self.funcs;
        let heap = self.heap()?;
        Ok(matches(heap, reference, wanted, |addr| funcs.get(addr as usize).map(|func| func.ty)))
    }

    /// An operator behind the prefix 0xFB that has no entry.
    // @need-ids: REQ_GC_001, REQ_TRADITIONAL_001
    #[inline(never)]
    pub(super) fn object<V: Values>(&mut self, operands: &mut Operands<'_, V>, rest: &mut Code<'m>) -> Result<(), Not> {
        let opcode = reader::u32(rest).ok_or(CORRUPT)?;
        match opcode {
            0x02..=0x05 => {
                let ty = self.type_number(rest).ok_or(CORRUPT)?;
                let index = reader::u32(rest).ok_or(CORRUPT)?;
                let heap = self.heap()?;
                let field = layout::field(heap.types, ty, index).ok_or(CORRUPT)?;
                if opcode == 0x05 {
                    let value = pop(operands, field.packed).ok_or(CORRUPT)?;
                    let reference = operands.pop().ok_or(CORRUPT)?;
                    return heap.struct_set(reference as Ref, field, value).map_err(Not::Trap);
                }
                let reference = operands.pop().ok_or(CORRUPT)?;
                let value = heap.struct_get(reference as Ref, field, opcode == 0x03).map_err(Not::Trap)?;
                push(operands, field.packed, value).ok_or(CORRUPT)
            }
            0x0B..=0x0E => {
                let ty = self.type_number(rest).ok_or(CORRUPT)?;
                let packed = Packed::of(layout::element(self.heap()?.types, ty).ok_or(CORRUPT)?);
                self.element(operands, packed, opcode)
            }
            0x0F => {
                let reference = operands.pop().ok_or(CORRUPT)?;
                let length = self.heap()?.array_len(reference as Ref).map_err(Not::Trap)?;
                operands.push(length.into()).ok_or(CORRUPT)
            }
            0x14..=0x17 => {
                let wanted = self.reference_type(rest, opcode & 1 != 0).ok_or(CORRUPT)?;
                let reference = operands.pop().ok_or(CORRUPT)?;
                let holds = self.is_of_type(reference as Ref, wanted)?;
                if opcode <= 0x15 {
                    return operands.push(holds.into()).ok_or(CORRUPT);
                }
                if !holds {
                    return Err(Not::Trap(Trap::CastFailure));
                }
                operands.push(reference).ok_or(CORRUPT)
            }
            // Both sides have one coding.
            0x1A | 0x1B => Ok(()),
            0x1C => {
                let value = operands.pop().ok_or(CORRUPT)?;
                operands.push(i31_new(value as u32).into()).ok_or(CORRUPT)
            }
            0x1D | 0x1E => {
                let reference = operands.pop().ok_or(CORRUPT)?;
                let value = i31_get(reference as Ref, opcode == 0x1D).ok_or(Not::Trap(Trap::NullI31Reference))?;
                operands.push(value.into()).ok_or(CORRUPT)
            }
            _ => Err(CORRUPT),
        }
    }

    /// `array.get`, its like, and `array.set`.
    fn element<V: Values>(&mut self, operands: &mut Operands<'_, V>, packed: Packed, opcode: u32) -> Result<(), Not> {
        let set = opcode == 0x0E;
        let value = if set { pop(operands, packed).ok_or(CORRUPT)? } else { [0, 0] };
        let index = operands.pop().ok_or(CORRUPT)? as u32;
        let reference = operands.pop().ok_or(CORRUPT)? as Ref;
        let heap = self.heap()?;
        let element = if set {
            heap.array_set(reference, packed, index, value).map(|()| [0, 0])
        } else {
            heap.array_get(reference, packed, index, opcode == 0x0C)
        };
        match element {
            Ok(_) if set => Ok(()),
            Ok(value) => push(operands, packed, value).ok_or(CORRUPT),
            Err(Trap::ArrayOutOfBounds) => {
                *self.trap = Some(array_trap(index.into(), 1, heap.array_len(reference).unwrap_or(0)));
                Err(Not::Noted)
            }
            Err(trap) => Err(Not::Trap(trap)),
        }
    }

    /// Whether `br_on_cast` or `br_on_cast_fail`, whose opcode `rest` follows, branches with this operand; `rest` is passed.
    /// `None` for another operator.
    pub(super) fn branches_on_cast(&mut self, rest: &mut Code<'_>, reference: Ref) -> Option<bool> {
        let opcode = reader::u32(rest)?;
        if !matches!(opcode, 0x18 | 0x19) {
            return None;
        }
        let flags = reader::byte(rest)?;
        reader::u32(rest)?;
        reader::s33(rest)?;
        let wanted = self.reference_type(rest, flags & WANTED_NULLABLE != 0)?;
        let holds = self.is_of_type(reference, wanted).ok()?;
        Some(holds == (opcode == 0x18))
    }
}

fn pop<V: Values>(operands: &mut Operands<'_, V>, packed: Packed) -> Option<Value> {
    let high = if packed.slots() == 2 { operands.pop()? } else { 0 };
    Some([operands.pop()?, high])
}

fn push<V: Values>(operands: &mut Operands<'_, V>, packed: Packed, [low, high]: Value) -> Option<()> {
    operands.push(low)?;
    if packed.slots() == 2 { operands.push(high) } else { Some(()) }
}
