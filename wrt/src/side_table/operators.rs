//! What operators cost, and what they do to the operand stack.

use super::{Kept, Kind, LowerError, Pass, slots};
use crate::decode::val_type;
use crate::lower::{Group, Vector, group};
use wasmparser::{BrTable, Catch, Operator, RefType, TryTable};
use wrt_instructions::atomic::Atomic;
use wrt_instructions::operator::StructuralOp;
use wrt_instructions::price;
use wrt_runtime::image::format::{CATCH_REF, NONE, ValType};
use wrt_runtime::side::Side;

/// Types of parameters and of results.
type Arity<'a> = (&'a [ValType], &'a [ValType]);

/// The base price of a row.
fn base(operator: StructuralOp) -> u32 {
    u32::from(operator.info().price)
}

impl Pass<'_> {
    // @need-ids: REQ_FUEL_SCHEDULE_001, REQ_007
    pub(super) fn price(&mut self, operator: &Operator<'_>) -> Result<u32, LowerError> {
        Ok(match operator {
            Operator::End => base(StructuralOp::End),
            Operator::Else => base(StructuralOp::Else),
            Operator::Br { relative_depth }
            | Operator::BrIf { relative_depth }
            | Operator::BrOnNull { relative_depth }
            | Operator::BrOnNonNull { relative_depth } => {
                price::with_arity(base(StructuralOp::Br), self.label_at(*relative_depth)?.arity())
            }
            Operator::BrTable { targets } => {
                price::with_arity(base(StructuralOp::BrTable), self.label_at(targets.default())?.arity())
            }
            Operator::Return => {
                let results = self.open.first().map_or(0, |function| function.results);
                price::with_arity(base(StructuralOp::Return), results)
            }
            Operator::Throw { tag_index } => {
                price::with_arity(base(StructuralOp::Throw), slots(self.carried(*tag_index)?))
            }
            _ => match self.callee(operator)? {
                Some((params, results)) => {
                    price::with_arity(base(StructuralOp::Call), slots(params).saturating_add(slots(results)))
                }
                None => price::with_arity(base(StructuralOp::Nop), self.object_price(operator)?),
            },
        })
    }

    /// Parameters and results of what an operator calls.
    fn callee(&self, operator: &Operator<'_>) -> Result<Option<Arity<'_>>, LowerError> {
        let ty = match operator {
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                let record = self.image.funcs.get(*function_index as usize);
                record.ok_or_else(|| self.internal("no such function"))?.ty()
            }
            Operator::CallIndirect { type_index, .. }
            | Operator::ReturnCallIndirect { type_index, .. }
            | Operator::CallRef { type_index }
            | Operator::ReturnCallRef { type_index } => *type_index,
            _ => return Ok(None),
        };
        self.image.func_type(ty).map(Some).ok_or_else(|| self.internal("no such type"))
    }

    fn carried(&self, tag: u32) -> Result<&'_ [ValType], LowerError> {
        let ty = self.image.tags.get(tag as usize).and_then(|tag| self.image.func_type(tag.ty.get()));
        Ok(ty.ok_or_else(|| self.internal("no such tag"))?.0)
    }

    /// Entries of an operator, and the operand stack after it.
    pub(super) fn effect(&mut self, operator: &Operator<'_>) -> Result<(), LowerError> {
        match group(operator) {
            Group::Binary(_) | Group::FloatBinary(_) | Group::Compare(_) | Group::FloatCompare(_) => {
                self.pop();
            }
            Group::Unary(_) | Group::FloatUnary(_) | Group::Load(..) => {}
            Group::Store(..) => self.pop_many(2),
            Group::Wide(op) => {
                self.pop_many(op.operands() as usize);
                self.push(false);
                self.push(false);
            }
            Group::Vector(op) => self.vector(op),
            Group::Atomic(op, _) => self.atomic(op),
            Group::Structural | Group::Unknown => return self.structural(operator),
        }
        Ok(())
    }

    fn vector(&mut self, op: Vector) {
        let (operands, result) = match op {
            Vector::Unary(_) | Vector::Load(..) | Vector::Splat(_) => (1, Some(true)),
            Vector::Binary(_) | Vector::Shift(_) | Vector::ReplaceLane(..) | Vector::LoadLane(..) => (2, Some(true)),
            Vector::Ternary(_) => (3, Some(true)),
            Vector::Test(_) | Vector::ExtractLane(..) => (1, Some(false)),
            Vector::Store(..) | Vector::StoreLane(..) => (2, None),
        };
        self.pop_many(operands);
        if let Some(pair) = result {
            self.push(pair);
        }
    }

    fn atomic(&mut self, op: Atomic) {
        if matches!(op, Atomic::Agent(_)) {
            self.point();
        }
        self.pop_many(op.operands() as usize);
        if op.has_result() {
            self.push(false);
        }
    }

    fn structural(&mut self, operator: &Operator<'_>) -> Result<(), LowerError> {
        match operator {
            Operator::Nop | Operator::AtomicFence { .. } | Operator::RefAsNonNull => {}
            Operator::Unreachable => self.unreachable = true,
            Operator::Block { blockty } => self.block(Kind::Block, *blockty),
            Operator::Loop { blockty } => self.block(Kind::Loop, *blockty),
            Operator::If { blockty } => self.if_(*blockty),
            Operator::TryTable { try_table } => self.try_table(try_table)?,
            Operator::Else => self.else_()?,
            Operator::End => {
                if self.open.len() == 1 && !self.unreachable {
                    self.hand_over_results();
                }
                self.end()?;
            }
            Operator::Br { relative_depth } => {
                self.leave(*relative_depth)?;
                self.unreachable = true;
            }
            Operator::BrIf { relative_depth } => {
                self.pop();
                self.leave(*relative_depth)?;
            }
            Operator::BrOnNull { relative_depth } => {
                let kept = self.top();
                self.pop();
                self.leave(*relative_depth)?;
                self.push_kept(kept);
            }
            Operator::BrOnNonNull { relative_depth } => {
                self.leave(*relative_depth)?;
                self.pop();
            }
            Operator::BrTable { targets } => self.br_table(targets)?,
            Operator::Return => {
                self.hand_over_results();
                let results = self.open.first().map_or(0, |function| function.results);
                self.entry(Side::Return { results });
                self.unreachable = true;
            }
            Operator::Throw { .. } => {
                self.point();
                self.unreachable = true;
            }
            Operator::LocalGet { .. }
            | Operator::LocalSet { .. }
            | Operator::LocalTee { .. }
            | Operator::Drop
            | Operator::Select
            | Operator::TypedSelect { .. } => self.parametric(operator)?,
            _ => match self.callee(operator)? {
                Some(_) => self.call(operator)?,
                None => self.other(operator)?,
            },
        }
        Ok(())
    }

    /// Operators on values of any type: what is a pair of slots is told beside the bytecode.
    fn parametric(&mut self, operator: &Operator<'_>) -> Result<(), LowerError> {
        match operator {
            Operator::LocalGet { local_index } => {
                let kept = self.local_operator(*local_index)?;
                self.push_kept(kept);
            }
            Operator::LocalSet { local_index } => {
                self.local_operator(*local_index)?;
                self.pop();
            }
            Operator::LocalTee { local_index } => {
                self.local_operator(*local_index)?;
            }
            Operator::Drop => self.pop_any(),
            Operator::Select | Operator::TypedSelect { .. } => {
                self.pop();
                // What is left is of the same type.
                self.pop_any();
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes a value for an operator that does not say of which type it is.
    fn pop_any(&mut self) {
        if self.pop() {
            self.entry(Side::Slot { slot: 0, pair: true });
        }
    }

    /// A branch out of the structures inside of a label.
    pub(super) fn leave(&mut self, depth: u32) -> Result<(), LowerError> {
        if self.label_at(depth)?.kind == Kind::Function {
            self.hand_over_results();
        }
        self.branch(depth)
    }

    fn br_table(&mut self, targets: &BrTable<'_>) -> Result<(), LowerError> {
        self.pop();
        for target in targets.targets().chain(core::iter::once(Ok(targets.default()))) {
            let depth = target?;
            self.leave(depth)?;
            self.label_at(depth)?.targeted_by_table = true;
        }
        self.unreachable = true;
        Ok(())
    }

    // @need-ids: REQ_EXCEPTIONS_001
    fn try_table(&mut self, table: &TryTable) -> Result<(), LowerError> {
        let outer = self.handler;
        let mut next = outer;
        // From the last to the first, so that each leads to one that is there already. Their labels are those outside.
        for clause in table.catches.iter().rev() {
            next = match *clause {
                Catch::One { tag, label } => self.catch(tag, label, next, 0)?,
                Catch::All { label } => self.catch(NONE, label, next, 0)?,
                Catch::OneRef { tag, label } => self.catch(tag, label, next, CATCH_REF)?,
                Catch::AllRef { label } => self.catch(NONE, label, next, CATCH_REF)?,
            };
        }
        self.block(Kind::Block, table.ty);
        if next != outer {
            if let Some(open) = self.open.last_mut() {
                open.outer_handler = Some(outer);
            }
            self.handle(next);
        }
        Ok(())
    }

    /// Says where a local is, unless it is in the slot of its index; whether it is a pair.
    fn local_operator(&mut self, index: u32) -> Result<Kept, LowerError> {
        let (slot, kept) = self.local(index).ok_or_else(|| self.internal("no such local"))?;
        let pair = kept == Kept::Pair;
        if slot != index || pair {
            self.entry(Side::Slot { slot, pair });
        }
        Ok(kept)
    }

    /// What the topmost value is.
    fn top(&self) -> Kept {
        match self.values.last() {
            Some(true) => Kept::Pair,
            _ if self.references.has(self.height.saturating_sub(1)) => Kept::Reference,
            _ => Kept::Plain,
        }
    }

    /// An operator that may pause, with its operands where they are.
    pub(super) fn point(&mut self) {
        self.note_references();
        let height = self.height;
        self.entry(Side::Point { height });
    }

    fn call(&mut self, operator: &Operator<'_>) -> Result<(), LowerError> {
        let tail = matches!(
            operator,
            Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. } | Operator::ReturnCallRef { .. }
        );
        if !matches!(operator, Operator::Call { .. } | Operator::ReturnCall { .. }) {
            self.pop();
        }
        let Some((params, results)) = self.callee(operator)? else { return Ok(()) };
        let (count, pushed) = (params.len(), results.to_vec());
        let (params, results) = (slots(params), slots(results));
        self.pop_many(count);
        let height = self.height;
        if !tail {
            self.note_references();
        }
        self.entry(Side::Call { height, params });
        if tail {
            self.hand_over(height, params);
            self.unreachable = true;
            return Ok(());
        }
        self.hand_over(height, params.max(results));
        let length = self.after.saturating_sub(self.offset);
        self.entry(Side::After { results, length });
        self.push_types(&pushed);
        Ok(())
    }

    fn other(&mut self, operator: &Operator<'_>) -> Result<(), LowerError> {
        match operator {
            Operator::GlobalGet { global_index } => {
                let global = self.image.globals.get(*global_index as usize);
                let ty = global.ok_or_else(|| self.internal("no such global"))?.ty;
                self.push_types(&[ty]);
            }
            Operator::GlobalSet { .. } => {
                self.pop();
            }
            Operator::I32Const { .. }
            | Operator::I64Const { .. }
            | Operator::F32Const { .. }
            | Operator::F64Const { .. }
            | Operator::RefFunc { .. }
            | Operator::MemorySize { .. }
            | Operator::TableSize { .. } => self.push(false),
            Operator::V128Const { .. } => self.push(true),
            Operator::I8x16Shuffle { .. } => {
                self.pop();
            }
            Operator::RefIsNull => {
                self.pop();
                self.push(false);
            }
            Operator::RefEq => {
                self.pop_many(2);
                self.push(false);
            }
            Operator::RefNull { hty } => {
                let ty = RefType::new(true, *hty).map_or(ValType::FUNCREF, |ty| val_type(ty.into()));
                self.push_types(&[ty]);
            }
            Operator::TableGet { table } => {
                self.pop();
                let element = self.image.tables.get(*table as usize).map(|record| record.element);
                self.push_types(&[element.unwrap_or_default()]);
            }
            Operator::DataDrop { .. } | Operator::ElemDrop { .. } => {}
            Operator::TableSet { .. } => self.pop_many(2),
            Operator::MemoryGrow { .. } => self.point(),
            Operator::TableGrow { .. } => {
                self.point();
                self.pop_many(2);
                self.push(false);
            }
            Operator::MemoryCopy { .. }
            | Operator::MemoryFill { .. }
            | Operator::MemoryInit { .. }
            | Operator::TableCopy { .. }
            | Operator::TableFill { .. }
            | Operator::TableInit { .. } => {
                self.point();
                self.pop_many(3);
            }
            other => self.object(other)?,
        }
        Ok(())
    }
}
