//! Lowering of structures, arrays, integers of 31 bits, casts and conversions (core 4.6.10, "reference instructions").
//!
//! What cannot pause names registers. What makes an object may collect, and what works on many elements may pause: both take their
//! operands from the stack's slots, where the collector and other engines find them.

use super::control::Kind;
use super::memory::halves;
use super::stack::{Lowering, Value};
use super::{Failure, LowerError};
use crate::decode::{ref_type, val_type};
use alloc::format;
use wasmparser::{HeapType, Operator, RefType};
use wrt_instructions::Op;
use wrt_instructions::op::{Operands, Plain};
use wrt_instructions::operator::BinaryOp;
use wrt_instructions::price;
use wrt_runtime::Instr;
use wrt_runtime::heap::layout::{Packed, element, field, struct_words};
use wrt_runtime::heap::reference::I31;

/// In the immediate of an access: the sign is extended.
const SIGNED: u32 = 1 << 31;

/// What an operator that takes its operands from slots works on: a type, a second index, slots of operands, and whether it leaves a
/// reference.
struct Taking {
    ty: u32,
    second: u32,
    operands: u32,
    makes: bool,
}

impl Lowering<'_> {
    // @need-ids: REQ_GC_001
    pub(super) fn object_operator(&mut self, operator: &Operator<'_>) -> Result<(), Failure> {
        match *operator {
            Operator::StructGet { struct_type_index, field_index }
            | Operator::StructGetU { struct_type_index, field_index } => {
                self.struct_get(struct_type_index, field_index, false)
            }
            Operator::StructGetS { struct_type_index, field_index } => {
                self.struct_get(struct_type_index, field_index, true)
            }
            Operator::StructSet { struct_type_index, field_index } => self.struct_set(struct_type_index, field_index),
            Operator::ArrayGet { array_type_index } | Operator::ArrayGetU { array_type_index } => {
                self.array_get(array_type_index, false)
            }
            Operator::ArrayGetS { array_type_index } => self.array_get(array_type_index, true),
            Operator::ArraySet { array_type_index } => self.array_set(array_type_index),
            Operator::ArrayLen => self.of_reference(Plain::ArrayLen, 0),
            Operator::RefI31 => self.ref_i31(),
            Operator::I31GetS => self.of_reference(Plain::I31Get, 1),
            Operator::I31GetU => self.of_reference(Plain::I31Get, 0),
            Operator::RefTestNonNull { hty } => self.ref_test(false, hty),
            Operator::RefTestNullable { hty } => self.ref_test(true, hty),
            Operator::RefCastNonNull { hty } => self.ref_cast(false, hty),
            Operator::RefCastNullable { hty } => self.ref_cast(true, hty),
            Operator::BrOnCast { relative_depth, to_ref_type, .. } => {
                self.br_on_cast(relative_depth, to_ref_type, false)
            }
            Operator::BrOnCastFail { relative_depth, to_ref_type, .. } => {
                self.br_on_cast(relative_depth, to_ref_type, true)
            }
            // The same number in both hierarchies.
            Operator::AnyConvertExtern | Operator::ExternConvertAny => Ok(()),
            Operator::ThrowRef => self.throw_ref(),
            _ => self.taking_operator(operator),
        }
    }

    /// Operators that take their operands from slots.
    fn taking_operator(&mut self, operator: &Operator<'_>) -> Result<(), Failure> {
        let taking = |ty: u32, second: u32, operands: u32, makes: bool| Taking { ty, second, operands, makes };
        let (row, what) = match *operator {
            Operator::StructNew { struct_type_index: ty } => {
                (Plain::StructNew, taking(ty, 0, self.field_slots(ty)?, true))
            }
            Operator::StructNewDefault { struct_type_index: ty } => (Plain::StructNewDefault, taking(ty, 0, 0, true)),
            Operator::ArrayNew { array_type_index: ty } => {
                (Plain::ArrayNew, taking(ty, 0, self.element(ty)?.slots() + 1, true))
            }
            Operator::ArrayNewDefault { array_type_index: ty } => (Plain::ArrayNewDefault, taking(ty, 0, 1, true)),
            Operator::ArrayNewFixed { array_type_index: ty, array_size } => {
                let slots = self.element(ty)?.slots().saturating_mul(array_size);
                (Plain::ArrayNewFixed, taking(ty, array_size, slots, true))
            }
            Operator::ArrayNewData { array_type_index: ty, array_data_index } => {
                (Plain::ArrayNewData, taking(ty, array_data_index, 2, true))
            }
            Operator::ArrayNewElem { array_type_index: ty, array_elem_index } => {
                (Plain::ArrayNewElem, taking(ty, array_elem_index, 2, true))
            }
            Operator::ArrayFill { array_type_index: ty } => {
                (Plain::ArrayFill, taking(ty, 0, self.element(ty)?.slots() + 3, false))
            }
            Operator::ArrayCopy { array_type_index_dst: ty, array_type_index_src } => {
                (Plain::ArrayCopy, taking(ty, array_type_index_src, 5, false))
            }
            Operator::ArrayInitData { array_type_index: ty, array_data_index } => {
                (Plain::ArrayInitData, taking(ty, array_data_index, 4, false))
            }
            Operator::ArrayInitElem { array_type_index: ty, array_elem_index } => {
                (Plain::ArrayInitElem, taking(ty, array_elem_index, 4, false))
            }
            ref other => {
                let message = format!("operator {other:?} is not supported");
                return Err(Failure::Error(LowerError::Unsupported { message, offset: u64::from(self.offset) }));
            }
        };
        self.take(row, &what)
    }

    // @need-ids: REQ_SAFEPOINT_001, REQ_GC_003
    fn take(&mut self, row: Plain, what: &Taking) -> Result<(), Failure> {
        let Some(first) = self.height().checked_sub(what.operands) else {
            return Err(Failure::internal(self.offset, "an object without its operands"));
        };
        self.materialise_all();
        self.note_references();
        let place = self.operands(first, what.operands.max(1));
        self.truncate(first);
        let ((a, b), (data_a, data_b)) = (halves(what.second), halves(what.second >> 16));
        self.mark();
        self.emit(Instr::new(Op::plain(row), a, b, what.ty));
        self.emit(Instr::data(data_a, data_b, place));
        self.fence();
        if what.makes {
            self.push_typed(Value::Slot, true)?;
        }
        Ok(())
    }

    /// Price of an operator beyond that of its row: the slots of operands of which there may be many, or what a branch carries.
    // @need-ids: REQ_FUEL_SCHEDULE_001
    pub(super) fn object_price(&self, operator: &Operator<'_>) -> Result<u32, Failure> {
        Ok(match *operator {
            Operator::StructNew { struct_type_index } => self.field_slots(struct_type_index)?,
            Operator::StructNewDefault { struct_type_index } => {
                let words = struct_words(self.image.all_types(), struct_type_index);
                let words = words.ok_or_else(|| Failure::internal(self.offset, "no such structure"))?;
                u32::try_from(price::bytes(u64::from(words) * 8)).unwrap_or(u32::MAX)
            }
            Operator::ArrayNewFixed { array_type_index, array_size } => {
                self.element(array_type_index)?.slots().saturating_mul(array_size)
            }
            Operator::BrOnCast { relative_depth, .. } | Operator::BrOnCastFail { relative_depth, .. } => {
                self.label(relative_depth)?.arity()
            }
            _ => 0,
        })
    }

    /// Slots of the values that a structure is made of.
    fn field_slots(&self, ty: u32) -> Result<u32, Failure> {
        let fields = self.image.all_types().fields(ty);
        let (_, fields) = fields.ok_or_else(|| Failure::internal(self.offset, "no such structure"))?;
        Ok(fields.iter().map(|field| Packed::of(*field).slots()).sum())
    }

    /// How elements of an array are packed.
    fn element(&self, ty: u32) -> Result<Packed, Failure> {
        let element = element(self.image.all_types(), ty);
        Ok(Packed::of(element.ok_or_else(|| Failure::internal(self.offset, "no such array"))?))
    }

    fn is_traced_element(&self, ty: u32) -> bool {
        let types = self.image.all_types();
        element(types, ty).is_some_and(|element| types.is_traced(element))
    }

    /// The value that an instruction gives, in one slot or in two.
    fn push_read(&mut self, op: Op, b: u8, imm: u32, (packed, traced): (Packed, bool)) -> Result<(), Failure> {
        if packed == Packed::V128 {
            let slot = self.push_pair([Value::Slot; 2])?;
            self.define_pair(op, slot, b, imm, &[]);
            self.fence();
            return Ok(());
        }
        self.push_defined(op, b, imm)?;
        self.trace_top(traced);
        Ok(())
    }

    /// The register of a value on top of the stack, the first of two for a vector.
    fn value(&mut self, packed: Packed) -> Result<u8, Failure> {
        if packed == Packed::V128 {
            let pair = self.pop_pair()?;
            return Ok(self.pair_of(pair));
        }
        let value = self.pop()?;
        Ok(self.register_of(value))
    }

    fn struct_get(&mut self, ty: u32, index: u32, signed: bool) -> Result<(), Failure> {
        let types = self.image.all_types();
        let found = field(types, ty, index).ok_or_else(|| Failure::internal(self.offset, "no such field"))?;
        let traced = types.fields(ty).and_then(|(_, fields)| fields.get(index as usize));
        let traced = traced.is_some_and(|field| types.is_traced(*field));
        let reference = self.pop()?;
        let b = self.register_of(reference);
        self.mark();
        let imm = found.to_word() | if signed { SIGNED } else { 0 };
        self.push_read(Op::plain(Plain::StructGet), b, imm, (found.packed, traced))
    }

    fn struct_set(&mut self, ty: u32, index: u32) -> Result<(), Failure> {
        let found = field(self.image.all_types(), ty, index);
        let found = found.ok_or_else(|| Failure::internal(self.offset, "no such field"))?;
        let b = self.value(found.packed)?;
        let reference = self.pop()?;
        let a = self.register_of(reference);
        self.mark();
        self.emit(Instr::new(Op::plain(Plain::StructSet), a, b, found.to_word()));
        Ok(())
    }

    fn array_get(&mut self, ty: u32, signed: bool) -> Result<(), Failure> {
        let packed = self.element(ty)?;
        let index = self.pop()?;
        let reference = self.pop()?;
        let b = self.register_of(reference);
        let c = self.register_of(index);
        self.mark();
        let imm = u32::from(c) | packed.log2() << 8 | if signed { SIGNED } else { 0 };
        self.push_read(Op::plain(Plain::ArrayGet), b, imm, (packed, self.is_traced_element(ty)))
    }

    fn array_set(&mut self, ty: u32) -> Result<(), Failure> {
        let packed = self.element(ty)?;
        let value = self.value(packed)?;
        let index = self.pop()?;
        let reference = self.pop()?;
        let a = self.register_of(reference);
        let b = self.register_of(index);
        self.mark();
        self.emit(Instr::new(Op::plain(Plain::ArraySet), a, b, u32::from(value) | packed.log2() << 8));
        Ok(())
    }

    /// A number that a reference is, or that is known of what it refers to.
    fn of_reference(&mut self, row: Plain, imm: u32) -> Result<(), Failure> {
        let reference = self.pop()?;
        let b = self.register_of(reference);
        self.mark();
        self.push_defined(Op::plain(row), b, imm)
    }

    fn ref_i31(&mut self) -> Result<(), Failure> {
        let value = self.pop()?;
        if let (Value::Const(constant), _) = value {
            let reference = constant as u32 | I31;
            return self.push_typed(Value::Const(reference.into()), true).map(|_| ());
        }
        let b = self.register_of(value);
        self.push_defined(Op::binary(BinaryOp::I32Or, Operands::RI), b, I31)?;
        self.trace_top(true);
        Ok(())
    }

    /// A reference type as instructions have it.
    fn code_of(&self, nullable: bool, heap: HeapType) -> Result<u32, Failure> {
        let ty = RefType::new(nullable, heap).ok_or_else(|| Failure::internal(self.offset, "no such type"))?;
        Ok(ref_type(ty).code.get())
    }

    fn ref_test(&mut self, nullable: bool, heap: HeapType) -> Result<(), Failure> {
        let code = self.code_of(nullable, heap)?;
        let reference = self.pop()?;
        let b = self.register_of(reference);
        self.push_defined(Op::plain(Plain::RefTest), b, code)
    }

    fn ref_cast(&mut self, nullable: bool, heap: HeapType) -> Result<(), Failure> {
        let code = self.code_of(nullable, heap)?;
        let a = self.reference()?;
        self.mark();
        self.emit(Instr::new(Op::plain(Plain::RefCast), a, 0, code));
        self.fence();
        Ok(())
    }

    /// The branch carries the reference, which stays where the branch is not taken.
    fn br_on_cast(&mut self, depth: u32, to: RefType, fails: bool) -> Result<(), Failure> {
        let code = val_type(to.into()).code.get();
        let a = self.reference()?;
        let over = self.label(depth)?.kind != Kind::Block && self.label(depth)?.kind != Kind::If;
        let over = over || self.needs_moves(depth)?;
        self.emit(Instr::new(Op::plain(Plain::BrOnCast), a, 0, code));
        self.emit(Instr::data(u8::from(fails != over), 0, 0));
        self.fence();
        let word = self.code.len() - 1;
        if over {
            self.branch(depth)?;
            self.patch(word);
            self.fence();
        } else {
            self.label_mut(depth)?.leads_here(word);
        }
        Ok(())
    }
}
