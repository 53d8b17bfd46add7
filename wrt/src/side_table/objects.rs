//! What operators on structures, arrays and references cost, and what they do to the operand stack.

use super::{Kept, LowerError, Pass, unsupported};
use crate::decode::val_type;
use alloc::format;
use wasmparser::{Operator, RefType};
use wrt_instructions::price;
use wrt_runtime::heap::layout::struct_words;
use wrt_runtime::image::format::ValType;

impl Pass<'_> {
    /// The types of a structure's fields, or of an array's elements.
    fn fields(&self, ty: u32) -> Result<&'_ [ValType], LowerError> {
        let fields = self.image.all_types().fields(ty);
        fields.map(|(_, fields)| fields).ok_or_else(|| self.internal("no such object"))
    }

    /// What an element, or a field, is as a value.
    fn element(&self, ty: u32, index: u32) -> Result<Kept, LowerError> {
        let field = self.fields(ty)?.get(index as usize);
        Ok(self.kept(field.ok_or_else(|| self.internal("no such field"))?.storage()))
    }

    /// Price of an operator beyond that of its row.
    // @need-ids: REQ_FUEL_SCHEDULE_001
    pub(super) fn object_price(&mut self, operator: &Operator<'_>) -> Result<u32, LowerError> {
        Ok(match *operator {
            Operator::StructNew { struct_type_index } => {
                self.fields(struct_type_index)?.iter().map(|field| field.storage().slots()).sum()
            }
            Operator::StructNewDefault { struct_type_index } => {
                let words = struct_words(self.image.all_types(), struct_type_index).unwrap_or_default();
                u32::try_from(price::bytes(u64::from(words) * 8)).unwrap_or(u32::MAX)
            }
            Operator::ArrayNewFixed { array_type_index, array_size } => {
                self.element(array_type_index, 0)?.slots().saturating_mul(array_size)
            }
            Operator::BrOnCast { relative_depth, .. } | Operator::BrOnCastFail { relative_depth, .. } => {
                self.label_at(relative_depth)?.arity()
            }
            _ => 0,
        })
    }

    pub(super) fn object(&mut self, operator: &Operator<'_>) -> Result<(), LowerError> {
        match *operator {
            Operator::StructGet { struct_type_index, field_index }
            | Operator::StructGetS { struct_type_index, field_index }
            | Operator::StructGetU { struct_type_index, field_index } => {
                self.pop();
                self.push_kept(self.element(struct_type_index, field_index)?);
            }
            Operator::StructSet { .. } => self.pop_many(2),
            Operator::ArrayGet { array_type_index }
            | Operator::ArrayGetS { array_type_index }
            | Operator::ArrayGetU { array_type_index } => {
                self.pop_many(2);
                self.push_kept(self.element(array_type_index, 0)?);
            }
            Operator::ArraySet { .. } => self.pop_many(3),
            Operator::ArrayLen
            | Operator::I31GetS
            | Operator::I31GetU
            | Operator::RefTestNonNull { .. }
            | Operator::RefTestNullable { .. } => {
                self.pop();
                self.push_kept(Kept::Plain);
            }
            Operator::RefI31 => {
                self.pop();
                self.push_kept(Kept::Reference);
            }
            // The same hierarchy, or one of the same coding.
            Operator::RefCastNonNull { .. }
            | Operator::RefCastNullable { .. }
            | Operator::AnyConvertExtern
            | Operator::ExternConvertAny => {}
            Operator::BrOnCast { relative_depth, to_ref_type, .. }
            | Operator::BrOnCastFail { relative_depth, to_ref_type, .. } => {
                self.leave(relative_depth)?;
                self.pop();
                self.push_reference(to_ref_type);
            }
            Operator::ThrowRef => {
                self.point();
                self.unreachable = true;
            }
            _ => return self.taking(operator),
        }
        Ok(())
    }

    fn push_reference(&mut self, ty: RefType) {
        self.push_kept(self.kept(val_type(ty.into())));
    }

    /// Operators that may pause, with their operands where they are.
    fn taking(&mut self, operator: &Operator<'_>) -> Result<(), LowerError> {
        let (operands, makes) = match *operator {
            Operator::StructNew { struct_type_index } => (self.fields(struct_type_index)?.len(), true),
            Operator::StructNewDefault { .. } => (0, true),
            Operator::ArrayNewDefault { .. } => (1, true),
            Operator::ArrayNew { .. } | Operator::ArrayNewData { .. } | Operator::ArrayNewElem { .. } => (2, true),
            Operator::ArrayNewFixed { array_size, .. } => (array_size as usize, true),
            Operator::ArrayFill { .. } | Operator::ArrayInitData { .. } | Operator::ArrayInitElem { .. } => (4, false),
            Operator::ArrayCopy { .. } => (5, false),
            ref other => return Err(unsupported(self.offset, format!("operator {other:?} is not supported"))),
        };
        self.point();
        self.pop_many(operands);
        if makes {
            self.push_kept(Kept::Reference);
        }
        Ok(())
    }
}
