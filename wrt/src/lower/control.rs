//! Lowering of structured control, calls and returns; and the dispatch over all operators.

use super::Failure;
use super::accumulate::KEPT;
use super::memory::halves;
use super::operators::{Group, group};
use super::stack::{Lowering, Value};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use wasmparser::{BlockType, BrTable, Operator, RefType};
use wrt_instructions::Op;
use wrt_instructions::op::{Compared, Operand, Operands, Plain, Row, Target, Test};
use wrt_instructions::operator::{BinaryOp, CompareOp, FloatCompareOp, StructuralOp};
use wrt_instructions::price;
use wrt_runtime::Instr;
use wrt_runtime::image::format::ValType;
use wrt_runtime::instr::table_words;

/// What opened a control frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Function,
    Block,
    Loop,
    If,
}

/// An open block.
pub(super) struct Control {
    pub(super) kind: Kind,
    /// Stack entries below its parameters.
    pub(super) height: u32,
    params: u32,
    results: u32,
    ty: BlockType,
    /// Position of a loop's head in the module's code.
    pub(super) head: u32,
    /// Words that hold the distance to its end.
    fixups: Vec<usize>,
    /// Clauses that lead to its end, by their indices.
    pub(super) catches: Vec<usize>,
    /// Of a `try_table` with clauses, the first clause of the handler around it.
    pub(super) outer_handler: Option<u32>,
    /// The word that holds the distance to an `if`'s else arm, or end.
    else_jump: Option<usize>,
    /// The segment that was charged when it was opened.
    segment: usize,
    /// Whether a `br_table` targets its end.
    table_target: bool,
    /// Whether a `br` to which nothing leads names it. It has no code, but counts where heads are: those are the schedule's.
    dead_target: bool,
    /// Whether its segment was cut inside it.
    pub(super) cut: bool,
}

impl Control {
    pub(super) fn function(results: u32) -> Self {
        Self::new(Kind::Function, 0, (0, results), BlockType::Empty, 0)
    }

    fn new(kind: Kind, height: u32, (params, results): (u32, u32), ty: BlockType, segment: usize) -> Self {
        Self {
            kind,
            height,
            params,
            results,
            ty,
            head: 0,
            fixups: Vec::new(),
            catches: Vec::new(),
            outer_handler: None,
            else_jump: None,
            segment,
            table_target: false,
            dead_target: false,
            cut: false,
        }
    }

    /// How many values a branch to it carries.
    pub(super) fn arity(&self) -> u32 {
        if self.kind == Kind::Loop { self.params } else { self.results }
    }

    /// The distance to its end is to be put into the word at this index.
    pub(super) fn leads_here(&mut self, word: usize) {
        self.fixups.push(word);
    }
}

/// What a conditional branch tests.
#[derive(Clone, Copy)]
struct Condition {
    test: Tested,
    a: u8,
    b: u8,
    /// The constant of forms that have a data word.
    constant: Option<u32>,
}

#[derive(Clone, Copy)]
enum Tested {
    Value(Test),
    Compare(CompareOp, Compared),
    Float(FloatCompareOp, bool, Compared),
}

impl Condition {
    fn op(self, target: Target) -> Op {
        match self.test {
            Tested::Value(test) => Op::branch(test, Operand::R, target),
            Tested::Compare(op, form) => Op::compare_branch(op, form, target),
            Tested::Float(op, negated, form) => Op::float_compare_branch(op, negated, form, target),
        }
    }

    fn negated(self) -> Self {
        let test = match self.test {
            Tested::Value(Test::NonZero) => Tested::Value(Test::Zero),
            Tested::Value(Test::Zero) => Tested::Value(Test::NonZero),
            Tested::Compare(op, form) => Tested::Compare(op.negated(), form),
            Tested::Float(op, negated, form) => Tested::Float(op, !negated, form),
        };
        Self { test, ..self }
    }

    /// The condition that the instruction `n` computes, if there is a branch for it.
    fn of(n: Instr, row: Row) -> Option<Self> {
        let compare = |op: CompareOp, form: Operands| match form {
            Operands::RR => {
                Some(Self { test: Tested::Compare(op, Compared::RR), a: n.b, b: n.imm as u8, constant: None })
            }
            Operands::RI => Some(match i8::try_from(n.imm as i32) {
                Ok(small) => Self { test: Tested::Compare(op, Compared::R8), a: n.b, b: small as u8, constant: None },
                Err(_) => Self { test: Tested::Compare(op, Compared::RK), a: n.b, b: 0, constant: Some(n.imm) },
            }),
            _ => None,
        };
        match row {
            Row::Compare(op, form) => compare(op, form),
            Row::Binary(BinaryOp::I32And, form) => compare(CompareOp::I32Test, form),
            Row::FloatCompare(op, Operands::RR) => {
                Some(Self { test: Tested::Float(op, false, Compared::RR), a: n.b, b: n.imm as u8, constant: None })
            }
            Row::FloatCompare(op, Operands::RI) => {
                Some(Self { test: Tested::Float(op, false, Compared::RK), a: n.b, b: 0, constant: Some(n.imm) })
            }
            _ => None,
        }
    }
}

impl Lowering<'_> {
    /// Lowers one operator at `offset` of the module.
    pub(super) fn operator(&mut self, operator: &Operator<'_>, offset: u32) -> Result<(), Failure> {
        self.offset = offset;
        if let Some(head) = self.head_to_place.take().and_then(|head| self.positions.get_mut(head)) {
            head.offset = offset.into();
        }
        self.sweep();
        if self.unreachable {
            // Validation has seen it; it has no price and no code.
            match operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } | Operator::TryTable { .. } => {
                    self.skipped += 1;
                    return Ok(());
                }
                Operator::End if self.skipped > 0 => {
                    self.skipped -= 1;
                    return Ok(());
                }
                Operator::End => {}
                Operator::Else if self.skipped == 0 => {}
                _ => return Ok(()),
            }
        }
        let price = self.price(operator)?;
        self.charge(price)?;
        if price > 0
            && let Some(census) = &mut self.census
        {
            census.count(self.at + self.segment as u32, operator);
        }
        if self.is_dead() && self.leave_dead_end(operator)? {
            return Ok(());
        }
        match group(operator) {
            Group::Binary(op) => self.binary(op),
            Group::FloatBinary(op) => self.float_binary(op),
            Group::Compare(op) => self.compare(op),
            Group::FloatCompare(op) => self.float_compare(op),
            Group::Unary(op) => self.unary(op),
            Group::FloatUnary(op) => self.float_unary(op),
            Group::Load(op, memarg) => self.load(op, memarg),
            Group::Store(op, memarg) => self.store(op, memarg),
            Group::Wide(op) => self.wide_arithmetic(op),
            Group::Vector(op) => self.vector(op),
            Group::Atomic(op, memarg) => self.atomic(op, memarg),
            Group::Structural | Group::Unknown => self.structural(operator),
        }
    }

    /// The operator's price: its row's, and the slots that branches, calls and returns move.
    // @need-ids: REQ_FUEL_SCHEDULE_001, REQ_007
    fn price(&self, operator: &Operator<'_>) -> Result<u32, Failure> {
        let base = |op: StructuralOp| u32::from(op.info().price);
        Ok(match operator {
            Operator::End => base(StructuralOp::End),
            Operator::Else => base(StructuralOp::Else),
            Operator::Br { relative_depth }
            | Operator::BrIf { relative_depth }
            | Operator::BrOnNull { relative_depth }
            | Operator::BrOnNonNull { relative_depth } => {
                price::with_arity(base(StructuralOp::Br), self.label(*relative_depth)?.arity())
            }
            Operator::BrTable { targets } => {
                price::with_arity(base(StructuralOp::BrTable), self.label(targets.default())?.arity())
            }
            Operator::Return => price::with_arity(
                base(StructuralOp::Return),
                self.control.first().map_or(0, |function| function.results),
            ),
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                let (_, params, results) = self.func_type(*function_index)?;
                price::with_arity(base(StructuralOp::Call), params + results)
            }
            Operator::CallIndirect { type_index, .. } | Operator::ReturnCallIndirect { type_index, .. } => {
                let (params, results) = self.type_slots(*type_index)?;
                price::with_arity(base(StructuralOp::CallIndirect), params + results)
            }
            Operator::CallRef { type_index } | Operator::ReturnCallRef { type_index } => {
                let (params, results) = self.type_slots(*type_index)?;
                price::with_arity(base(StructuralOp::CallRef), params + results)
            }
            Operator::Throw { tag_index } => price::with_arity(base(StructuralOp::Throw), self.tag_slots(*tag_index)?),
            _ => price::with_arity(base(StructuralOp::Nop), self.object_price(operator)?),
        })
    }

    /// Goes past an operator to which nothing leads, if all it does is leave; whether it does.
    fn leave_dead_end(&mut self, operator: &Operator<'_>) -> Result<bool, Failure> {
        match operator {
            Operator::Br { relative_depth } => self.label_mut(*relative_depth)?.dead_target = true,
            Operator::Return | Operator::Unreachable => {}
            _ => return Ok(false),
        }
        self.unreachable = true;
        Ok(true)
    }

    fn structural(&mut self, operator: &Operator<'_>) -> Result<(), Failure> {
        match operator {
            // Agents take turns: a fence has nothing to order.
            Operator::Nop | Operator::AtomicFence { .. } => Ok(()),
            Operator::Unreachable => {
                self.mark();
                self.emit(Instr::new(Op::plain(Plain::Unreachable), 0, 0, 0));
                self.unreachable = true;
                Ok(())
            }
            Operator::Block { blockty } => self.block(Kind::Block, *blockty),
            Operator::Loop { blockty } => self.block(Kind::Loop, *blockty),
            Operator::If { blockty } => self.if_(*blockty),
            Operator::TryTable { try_table } => self.try_table(try_table),
            Operator::Throw { tag_index } => self.throw(*tag_index),
            Operator::Else => self.else_(),
            Operator::End => self.end(),
            Operator::Br { relative_depth } => {
                self.branch(*relative_depth)?;
                self.unreachable = true;
                Ok(())
            }
            Operator::BrIf { relative_depth } => self.br_if(*relative_depth),
            Operator::BrTable { targets } => self.br_table(targets),
            Operator::Return => {
                self.return_()?;
                self.unreachable = true;
                Ok(())
            }
            Operator::Call { function_index } => self.call(*function_index),
            Operator::CallIndirect { type_index, table_index } => self.call_indirect(*type_index, *table_index),
            Operator::ReturnCall { function_index } => self.return_call(*function_index),
            Operator::ReturnCallIndirect { type_index, table_index } => {
                self.return_call_indirect(*type_index, *table_index)
            }
            Operator::CallRef { type_index } => self.call_ref(*type_index),
            Operator::ReturnCallRef { type_index } => self.return_call_ref(*type_index),
            Operator::BrOnNull { relative_depth } => self.br_on_null(*relative_depth),
            Operator::BrOnNonNull { relative_depth } => self.br_on_non_null(*relative_depth),
            Operator::Drop => self.drop(),
            Operator::Select | Operator::TypedSelect { .. } => self.select(),
            Operator::LocalGet { local_index } => self.local_get(*local_index),
            Operator::LocalSet { local_index } => self.local_set(*local_index),
            Operator::LocalTee { local_index } => self.local_tee(*local_index),
            Operator::GlobalGet { global_index } => self.global_get(*global_index),
            Operator::GlobalSet { global_index } => self.global_set(*global_index),
            Operator::I32Const { value } => self.push(Value::Const(u64::from(*value as u32))).map(|_| ()),
            Operator::I64Const { value } => self.push(Value::Const(*value as u64)).map(|_| ()),
            Operator::F32Const { value } => self.push(Value::Const(u64::from(value.bits()))).map(|_| ()),
            Operator::F64Const { value } => self.push(Value::Const(value.bits())).map(|_| ()),
            Operator::V128Const { value } => self.vector_constant(*value.bytes()),
            Operator::I8x16Shuffle { lanes } => self.shuffle(*lanes),
            Operator::RefNull { hty } => self.ref_null(*hty),
            Operator::RefIsNull => self.is_zero(CompareOp::I32Eq),
            Operator::RefEq => self.compare(CompareOp::I32Eq),
            Operator::RefAsNonNull => self.ref_as_non_null(),
            Operator::RefFunc { function_index } => self.push_defined(Op::plain(Plain::RefFunc), 0, *function_index),
            other => self.bulk_operator(other),
        }
    }

    fn bulk_operator(&mut self, operator: &Operator<'_>) -> Result<(), Failure> {
        match operator {
            Operator::MemorySize { mem } => self.push_defined(Op::plain(Plain::MemorySize), 0, *mem),
            Operator::MemoryGrow { mem } => self.memory_grow(*mem),
            Operator::MemoryCopy { dst_mem, src_mem } => {
                // No module has as many memories as a byte counts: wasmparser refuses more than 100.
                let byte = |mem: u32| u8::try_from(mem).map_err(|_| Failure::internal(self.offset, "memory index"));
                let (to, from) = (byte(*dst_mem)?, byte(*src_mem)?);
                self.bulk(Plain::MemoryCopy, to, from, None)
            }
            Operator::MemoryFill { mem } => {
                let (a, b) = halves(*mem);
                self.bulk(Plain::MemoryFill, a, b, None)
            }
            Operator::MemoryInit { data_index, mem } => {
                let (a, b) = halves(*mem);
                self.bulk(Plain::MemoryInit, a, b, Some(*data_index))
            }
            Operator::DataDrop { data_index } => {
                self.drop_segment(Plain::DataDrop, *data_index);
                Ok(())
            }
            Operator::ElemDrop { elem_index } => {
                self.drop_segment(Plain::ElemDrop, *elem_index);
                Ok(())
            }
            Operator::TableGet { table } => self.table_get(*table),
            Operator::TableSet { table } => self.table_set(*table),
            Operator::TableSize { table } => self.push_defined(Op::plain(Plain::TableSize), 0, *table),
            Operator::TableGrow { table } => self.table_grow(*table),
            Operator::TableFill { table } => {
                let (a, b) = halves(*table);
                self.bulk(Plain::TableFill, a, b, None)
            }
            Operator::TableCopy { dst_table, src_table } => {
                let (a, b) = halves(*dst_table);
                self.bulk(Plain::TableCopy, a, b, Some(*src_table))
            }
            Operator::TableInit { elem_index, table } => {
                let (a, b) = halves(*table);
                self.bulk(Plain::TableInit, a, b, Some(*elem_index))
            }
            other => self.object_operator(other),
        }
    }

    fn drop_segment(&mut self, row: Plain, index: u32) {
        self.emit(Instr::new(Op::plain(row), 0, 0, index));
    }

    // Types.

    pub(super) fn type_slots(&self, ty: u32) -> Result<(u32, u32), Failure> {
        let (params, results) =
            self.image.func_type(ty).ok_or_else(|| Failure::internal(self.offset, "no such type"))?;
        let slots = |types: &[ValType]| types.iter().map(|ty| ty.slots()).sum();
        Ok((slots(params), slots(results)))
    }

    /// The index of a function's type, and slots of its parameters and results.
    fn func_type(&self, func: u32) -> Result<(u32, u32, u32), Failure> {
        let record = self.image.funcs.get(func as usize);
        let record = record.ok_or_else(|| Failure::internal(self.offset, "no such function"))?;
        let (params, results) = self.type_slots(record.ty())?;
        Ok((record.ty(), params, results))
    }

    fn block_type(&self, ty: BlockType) -> Result<(u32, u32), Failure> {
        match ty {
            BlockType::Empty => Ok((0, 0)),
            BlockType::Type(wasmparser::ValType::V128) => Ok((0, 2)),
            BlockType::Type(_) => Ok((0, 1)),
            BlockType::FuncType(index) => self.type_slots(index),
        }
    }

    fn label_index(&self, depth: u32) -> Result<usize, Failure> {
        let index = self.control.len().checked_sub(1 + depth as usize);
        index.ok_or_else(|| Failure::internal(self.offset, "no such label"))
    }

    pub(super) fn label(&self, depth: u32) -> Result<&Control, Failure> {
        let index = self.label_index(depth)?;
        self.control.get(index).ok_or_else(|| Failure::internal(self.offset, "no such label"))
    }

    pub(super) fn label_mut(&mut self, depth: u32) -> Result<&mut Control, Failure> {
        let (index, offset) = (self.label_index(depth)?, self.offset);
        self.control.get_mut(index).ok_or_else(|| Failure::internal(offset, "no such label"))
    }

    // Blocks.

    pub(super) fn block(&mut self, kind: Kind, ty: BlockType) -> Result<(), Failure> {
        let (params, results) = self.block_type(ty)?;
        // What was pending is written here: inside, an arm could change it, and heads want all of it in place.
        self.materialise_from(0);
        let height = self.height().saturating_sub(params);
        let mut control = Control::new(kind, height, (params, results), ty, self.segment);
        if kind == Kind::Loop {
            control.head = self.at + self.head() as u32;
        }
        self.control.push(control);
        Ok(())
    }

    fn if_(&mut self, ty: BlockType) -> Result<(), Failure> {
        let (params, results) = self.block_type(ty)?;
        self.settle_below_condition()?;
        let condition = self.condition()?.negated();
        let segment = self.segment;
        let else_jump = self.conditional(condition, Target::If, 0);
        self.head();
        let height = self.height().saturating_sub(params);
        let mut control = Control::new(Kind::If, height, (params, results), ty, segment);
        control.else_jump = Some(else_jump);
        self.control.push(control);
        Ok(())
    }

    /// Writes all entries below the topmost, the condition, to their slots; in front of the instruction that made the
    /// condition where that one can still be fused with the branch.
    fn settle_below_condition(&mut self) -> Result<(), Failure> {
        let Some(top) = self.height().checked_sub(1) else { return Ok(()) };
        let held = match self.stack.last() {
            Some(value) if *value != Value::Slot => Some(*value),
            _ => None,
        };
        if let Some(value) = held {
            // A local or constant: it stays out of the way, and nothing was computed for it.
            self.truncate(top);
            self.materialise_from(0);
            return self.push(value).map(|_| ());
        }
        if !self.is_pending() {
            return Ok(());
        }
        let fusable = !self.wide && self.last_definition(self.slot(top)).is_some();
        let last = if fusable { self.take_last() } else { None };
        self.materialise_from(0);
        if let Some((instr, mark)) = last {
            self.put_last(instr, mark);
            self.barrier = self.barrier.min(self.code.len() - 1);
        } else if self.wide {
            // The instruction's operands may be in scratch registers that were used again.
            self.barrier = self.code.len();
        }
        Ok(())
    }

    fn else_(&mut self) -> Result<(), Failure> {
        let offset = self.offset;
        if !self.unreachable && !self.is_dead() {
            self.moves(0)?;
            self.settle();
            let jump = self.code.len();
            self.emit(Instr::new(Op::plain(Plain::Jump), 0, 0, 0));
            self.label_mut(0)?.fixups.push(jump);
        }
        let control = self.label_mut(0)?;
        let (height, ty, else_jump) = (control.height, control.ty, control.else_jump.take());
        let else_jump = else_jump.ok_or_else(|| Failure::internal(offset, "else without if"))?;
        self.lead_to_head(else_jump);
        self.patch(else_jump);
        self.fence();
        self.unreachable = false;
        self.head();
        self.truncate(height);
        self.push_block(ty, true)
    }

    fn end(&mut self) -> Result<(), Failure> {
        let falls_through = !self.unreachable && !self.is_dead();
        if self.control.len() == 1 {
            if falls_through {
                self.return_()?;
            }
            if let Some(function) = self.control.pop().filter(|function| !function.catches.is_empty()) {
                self.land_in_return(&function.catches, function.results)?;
            }
            return Ok(());
        }
        if falls_through {
            let label = self.label(0)?;
            if label.kind == Kind::Loop {
                // Branches to a loop carry its parameters; what it ends with are its results, in their places already.
                self.materialise_from(label.height);
            } else {
                self.moves(0)?;
            }
            self.settle();
        }
        self.fence();
        let offset = self.offset;
        let control = self.control.pop().ok_or_else(|| Failure::internal(offset, "end without block"))?;
        let targeted = !control.fixups.is_empty() || !control.catches.is_empty();
        let targeted = self.tables.land_at_end(self.control.len(), self.code.len()) || targeted;
        if let Some(outer) = control.outer_handler {
            self.handle(outer);
        }
        self.land(&control.catches);
        if let Some(word) = control.else_jump {
            self.patch(word);
        }
        for word in &control.fixups {
            self.patch(*word);
        }
        // As in validation: what follows the end of a block counts as reachable, whether or not its end is.
        self.unreachable = false;
        let led_to = falls_through || targeted || control.else_jump.is_some();
        // Behind the end of a handler there is an instruction always, at which it ends.
        self.dead_end = (!led_to && control.outer_handler.is_none()).then_some(self.code.len());
        self.truncate(control.height);
        self.push_block(control.ty, false)?;
        // A guest's `switch` must not pay for all its cases each turn; and what a branch past a cut reaches was
        // not charged for by the segment after the cut.
        if control.table_target || (control.cut && (targeted || control.dead_target)) {
            self.head();
        } else if !(control.kind == Kind::Block && control.cut) {
            self.segment = control.segment;
        }
        Ok(())
    }

    /// Tells the branch of an `if`, whose target is in the word at `index`, that the else arm's head stands there.
    fn lead_to_head(&mut self, index: usize) {
        let branch = match self.code.get(index).map(|instr| instr.op()) {
            Some(op) if op == Op::plain(Plain::Data) => index.saturating_sub(1),
            _ => index,
        };
        let Some(instr) = self.code.get_mut(branch) else { return };
        let op = match instr.op().row() {
            Some(Row::CompareBranch(op, form, Target::If)) => Op::compare_branch(op, form, Target::IfElse),
            Some(Row::FloatCompareBranch(op, not, form, Target::If)) => {
                Op::float_compare_branch(op, not, form, Target::IfElse)
            }
            Some(Row::Branch(test, operand, Target::If)) => Op::branch(test, operand, Target::IfElse),
            _ => return,
        };
        instr.op = op.0;
    }

    /// Makes the word at `index` lead to the next instruction.
    pub(super) fn patch(&mut self, index: usize) {
        let distance = self.code.len().saturating_sub(index + 1) as u32;
        if let Some(word) = self.code.get_mut(index) {
            word.imm = distance;
        }
    }

    // Branches.

    /// Whether a branch to this label has to move values.
    pub(super) fn needs_moves(&self, depth: u32) -> Result<bool, Failure> {
        let label = self.label(depth)?;
        let (arity, top) = (label.arity(), self.height());
        let in_place = self.stack.iter().rev().take(arity as usize).all(|value| *value == Value::Slot);
        Ok(arity > 0 && (top != label.height + arity || !in_place))
    }

    /// Puts the values that a branch to this label carries into the label's slots. The symbolic stack stays as it is.
    fn moves(&mut self, depth: u32) -> Result<(), Failure> {
        let label = self.label(depth)?;
        let (arity, height) = (label.arity(), label.height);
        let Some(first) = self.height().checked_sub(arity) else {
            return Err(Failure::internal(self.offset, "branch without its values"));
        };
        let all_slots = self.stack.iter().rev().take(arity as usize).all(|value| *value == Value::Slot);
        if arity > 3 && all_slots {
            self.move_range(height, first, arity);
            return Ok(());
        }
        // Targets lie at or below their sources: front to back, no value is overwritten before it is read.
        for i in 0..arity {
            let to = self.slot(height + i);
            match self.stack.get((first + i) as usize) {
                Some(Value::Slot) => self.move_slot(to, self.slot(first + i)),
                Some(Value::Local(local)) => self.move_slot(to, *local),
                Some(Value::Const(constant)) => self.constant(to, *constant),
                Some(Value::Sum(local, constant)) => self.sum(to, *local, *constant),
                None => return Err(Failure::internal(self.offset, "branch without its values")),
            }
        }
        Ok(())
    }

    fn move_range(&mut self, to: u32, from: u32, count: u32) {
        if to == from {
            return;
        }
        let (to, from) = (self.slot(to), self.slot(from));
        if !self.wide && count < 256 {
            self.emit(Instr::new(Op::plain(Plain::MovRange), to as u8, count as u8, from));
            self.fence();
            return;
        }
        for i in 0..count {
            self.move_slot(to + i, from + i);
        }
    }

    pub(super) fn branch(&mut self, depth: u32) -> Result<(), Failure> {
        if self.label(depth)?.kind == Kind::Function {
            return self.return_();
        }
        self.moves(depth)?;
        self.jump(depth)?;
        self.fence();
        Ok(())
    }

    /// An unconditional jump to a label.
    fn jump(&mut self, depth: u32) -> Result<(), Failure> {
        self.settle();
        let at = self.code.len();
        let control = self.label_mut(depth)?;
        if control.kind == Kind::Loop {
            let head = control.head;
            self.emit(Instr::new(Op::plain(Plain::JumpBack), 0, 0, head));
        } else {
            control.fixups.push(at);
            self.emit(Instr::new(Op::plain(Plain::Jump), 0, 0, 0));
        }
        Ok(())
    }

    /// Emits a conditional branch; returns the word that holds its target.
    fn conditional(&mut self, condition: Condition, target: Target, to: u32) -> usize {
        self.settle();
        let op = condition.op(target);
        let word = match condition.constant {
            None => {
                self.emit(Instr::new(op, condition.a, condition.b, to));
                self.code.len() - 1
            }
            Some(constant) => {
                self.emit(Instr::new(op, condition.a, 0, constant));
                self.emit(Instr::data(0, 0, to));
                self.code.len() - 1
            }
        };
        // What scratch registers hold they hold behind it too, where it is not taken.
        self.barrier = self.code.len();
        word
    }

    fn br_if(&mut self, depth: u32) -> Result<(), Failure> {
        let condition = self.condition()?;
        self.branch_on(condition, depth)
    }

    /// A reference that stays on the stack, with a register that holds it.
    pub(super) fn reference(&mut self) -> Result<u8, Failure> {
        let traced = self.is_top_traced();
        let (value, index) = self.pop()?;
        let register = self.register_of_kept((value, index));
        // A local is not read for good; anything else is in its slot now.
        self.push_typed(if matches!(value, Value::Local(_)) { value } else { Value::Slot }, traced)?;
        self.settle();
        Ok(register)
    }

    fn ref_null(&mut self, heap: wasmparser::HeapType) -> Result<(), Failure> {
        let traced = RefType::new(true, heap).is_some_and(|ty| self.is_traced(ty.into()));
        self.push_typed(Value::Const(0), traced).map(|_| ())
    }

    fn ref_as_non_null(&mut self) -> Result<(), Failure> {
        let a = self.reference()?;
        self.mark();
        self.emit(Instr::new(Op::plain(Plain::RefAsNonNull), a, 0, 0));
        Ok(())
    }

    /// The branch carries what is below the reference, which stays where the branch is not taken.
    fn br_on_null(&mut self, depth: u32) -> Result<(), Failure> {
        let a = self.reference()?;
        let traced = self.is_top_traced();
        let (value, _) = self.pop()?;
        self.branch_on(Condition { test: Tested::Value(Test::Zero), a, b: KEPT, constant: None }, depth)?;
        self.push_typed(value, traced).map(|_| ())
    }

    /// The branch carries the reference, which is gone where the branch is not taken.
    fn br_on_non_null(&mut self, depth: u32) -> Result<(), Failure> {
        let a = self.reference()?;
        self.branch_on(Condition { test: Tested::Value(Test::NonZero), a, b: KEPT, constant: None }, depth)?;
        self.pop().map(|_| ())
    }

    fn branch_on(&mut self, condition: Condition, depth: u32) -> Result<(), Failure> {
        let label = self.label(depth)?;
        let (kind, head) = (label.kind, label.head);
        if kind == Kind::Function || self.needs_moves(depth)? {
            let over = self.conditional(condition.negated(), Target::Forward, 0);
            let scratch = self.scratch.clone();
            self.branch(depth)?;
            self.patch(over);
            self.fence();
            // Nothing else leads here.
            self.scratch = scratch;
        } else if kind == Kind::Loop {
            self.conditional(condition, Target::Back, head);
        } else {
            let word = self.conditional(condition, Target::Forward, 0);
            self.label_mut(depth)?.fixups.push(word);
        }
        Ok(())
    }

    /// Takes the condition from the stack, together with the comparison that made it where that was the last instruction.
    fn condition(&mut self) -> Result<Condition, Failure> {
        let taken = self.pop()?;
        let plain = |a: u8| Condition { test: Tested::Value(Test::NonZero), a, b: 0, constant: None };
        if taken.0 != Value::Slot {
            return Ok(plain(self.register_of(taken)));
        }
        let slot = self.slot(taken.1);
        let home = self.home(slot);
        let mut inverted = false;
        while let Some((instr, row)) = home.and_then(|home| self.last_result(home)) {
            let zero = match row {
                Row::Compare(op @ (CompareOp::I32Eq | CompareOp::I32Ne), Operands::RI) if instr.imm == 0 => Some(op),
                _ => None,
            };
            let found = match zero {
                // A test for zero of what was just computed: look at that instead, the other way round.
                Some(op) if Some(instr.b) == home && self.made_before(instr.b) => {
                    self.take_last();
                    inverted ^= op == CompareOp::I32Eq;
                    continue;
                }
                Some(op) => {
                    let test = if op == CompareOp::I32Eq { Test::Zero } else { Test::NonZero };
                    Condition { test: Tested::Value(test), a: instr.b, b: 0, constant: None }
                }
                None => match Condition::of(instr, row) {
                    Some(condition) => condition,
                    None => break,
                },
            };
            self.take_last();
            return Ok(if inverted { found.negated() } else { found });
        }
        self.scratch.forget(slot);
        let found = plain(home.unwrap_or_else(|| self.register(slot)));
        Ok(if inverted { found.negated() } else { found })
    }

    /// Whether the instruction before the last one defines `register` too and is in reach.
    fn made_before(&self, register: u8) -> bool {
        let Some(index) = self.code.len().checked_sub(2).filter(|index| *index >= self.barrier) else { return false };
        let Some(instr) = self.code.get(index) else { return false };
        let Some(row) = instr.op().row() else { return false };
        instr.a == register && Condition::of(*instr, row).is_some()
    }

    fn br_table(&mut self, targets: &BrTable<'_>) -> Result<(), Failure> {
        let index = self.pop()?;
        let a = self.register_of(index);
        self.settle();
        let at = self.code.len();
        self.emit(Instr::new(Op::plain(Plain::BrTable), a, 0, targets.len()));
        for _ in 0..table_words(targets.len()) {
            self.emit(Instr::data(0, 0, 0));
        }
        self.tables.begin(at);
        // Each label is looked at once, however often a hostile table names it.
        let mut labels: BTreeMap<u32, usize> = BTreeMap::new();
        let mut stubs: Vec<(usize, u32)> = Vec::new();
        for depth in targets.targets().chain(core::iter::once(Ok(targets.default()))) {
            let depth = depth?;
            let label = match labels.get(&depth) {
                Some(label) => *label,
                None => self.table_label(depth, &mut stubs)?,
            };
            labels.insert(depth, label);
            self.tables.entry(label);
        }
        self.fence();
        // Targets that values must be moved for, or that are too far away: one stub for each label.
        for (label, depth) in stubs {
            self.tables.land(label, self.code.len());
            self.fence();
            self.branch(depth)?;
        }
        self.unreachable = true;
        self.fence();
        Ok(())
    }

    /// A new label of a branch table, for a branch to this depth.
    fn table_label(&mut self, depth: u32, stubs: &mut Vec<(usize, u32)>) -> Result<usize, Failure> {
        let label = self.tables.label();
        let (kind, head) = (self.label(depth)?.kind, self.label(depth)?.head);
        if kind == Kind::Function || self.tables.is_far || self.needs_moves(depth)? {
            stubs.push((label, depth));
        } else if kind == Kind::Loop {
            self.tables.land(label, head.wrapping_sub(self.at) as usize);
        } else {
            let block = self.control.len().saturating_sub(depth as usize + 1);
            self.tables.wait(label, block);
        }
        if kind == Kind::Block {
            self.label_mut(depth)?.table_target = true;
        }
        Ok(label)
    }

    // Calls and returns.

    pub(super) fn return_(&mut self) -> Result<(), Failure> {
        let results = self.control.first().map_or(0, |function| function.results);
        let Some(first) = self.height().checked_sub(results) else {
            return Err(Failure::internal(self.offset, "return without its values"));
        };
        let plain = |row: Plain, a: u8, b: u8, imm: u32| Instr::new(Op::plain(row), a, b, imm);
        match (results, self.stack.last().copied()) {
            (0, _) => self.emit(plain(Plain::Return, 0, 0, 0)),
            (1, Some(Value::Const(constant))) if constant >> 32 == 0 => {
                self.emit(plain(Plain::ReturnConst, 0, 0, constant as u32));
            }
            (1, Some(value)) => {
                let a = self.register_of_kept((value, first));
                self.emit(plain(Plain::Return1, a, 0, 0));
            }
            _ => {
                // The symbolic stack must stay as it is for the code after a conditional return: write copies.
                for i in 0..results {
                    let to = self.slot(first + i);
                    match self.stack.get((first + i) as usize) {
                        Some(Value::Local(local)) => self.move_slot(to, *local),
                        Some(Value::Const(constant)) => self.constant(to, *constant),
                        Some(Value::Sum(local, constant)) => self.sum(to, *local, *constant),
                        Some(Value::Slot) | None => {}
                    }
                }
                let (a, b) = halves(self.gather(first, results, results));
                self.emit(plain(Plain::ReturnMany, a, b, results));
            }
        }
        self.fence();
        Ok(())
    }

    /// Takes the arguments of a call, side by side and with room for its results; returns the index of the first, and where
    /// they stand.
    fn arguments(&mut self, params: u32, results: u32) -> Result<(u32, u32), Failure> {
        let Some(first) = self.height().checked_sub(params) else {
            return Err(Failure::internal(self.offset, "call without its arguments"));
        };
        self.materialise_from(first);
        self.materialise_sums();
        self.materialise_references(first);
        let start = self.gather(first, params, results);
        self.truncate(first);
        Ok((first, start))
    }

    /// Imported functions are those without a body.
    fn is_imported(&self, func: u32) -> bool {
        self.image.body(func).length.get() == 0
    }

    fn call(&mut self, func: u32) -> Result<(), Failure> {
        let (ty, params, results) = self.func_type(func)?;
        let (first, start) = self.arguments(params, results)?;
        let (a, b) = halves(start);
        let row = if self.is_imported(func) { Plain::CallImport } else { Plain::Call };
        self.mark();
        self.emit(Instr::new(Op::plain(row), a, b, func));
        self.after_call(first, start, results, ty)
    }

    fn after_call(&mut self, first: u32, start: u32, results: u32, ty: u32) -> Result<(), Failure> {
        self.record_aliases(first);
        self.note_references_of_call();
        if start != self.place_of(first) {
            self.record_height(first);
        }
        self.fence();
        self.scatter(start, first, results);
        self.push_type(ty, false)
    }

    fn call_indirect(&mut self, ty: u32, table: u32) -> Result<(), Failure> {
        self.call_through(Plain::CallIndirect, ty, table)
    }

    fn call_ref(&mut self, ty: u32) -> Result<(), Failure> {
        self.call_through(Plain::CallRef, ty, 0)
    }

    /// A call through the table index or reference on top of the stack.
    fn call_through(&mut self, row: Plain, ty: u32, table: u32) -> Result<(), Failure> {
        let (params, results) = self.type_slots(ty)?;
        // It is read first: gathering the arguments may overwrite it.
        let index = self.pop()?;
        let b = self.register_of(index);
        let (first, start) = self.arguments(params, results)?;
        self.mark();
        self.emit(Instr::new(Op::plain(row), 0, b, ty));
        let (low, high) = halves(table);
        self.emit(Instr::data(low, high, start));
        self.after_call(first, start, results, ty)
    }

    fn return_call(&mut self, func: u32) -> Result<(), Failure> {
        let (_, params, _) = self.func_type(func)?;
        let (_, start) = self.arguments(params, 0)?;
        let (a, b) = halves(start);
        let row = if self.is_imported(func) { Plain::ReturnCallImport } else { Plain::ReturnCall };
        self.mark();
        self.emit(Instr::new(Op::plain(row), a, b, func));
        self.emit(Instr::data(0, 0, params));
        self.unreachable = true;
        self.fence();
        Ok(())
    }

    fn return_call_indirect(&mut self, ty: u32, table: u32) -> Result<(), Failure> {
        self.return_call_through(Plain::ReturnCallIndirect, ty, table)
    }

    fn return_call_ref(&mut self, ty: u32) -> Result<(), Failure> {
        self.return_call_through(Plain::ReturnCallRef, ty, 0)
    }

    fn return_call_through(&mut self, row: Plain, ty: u32, table: u32) -> Result<(), Failure> {
        let (params, _) = self.type_slots(ty)?;
        let index = self.pop()?;
        let b = self.register_of(index);
        let (_, start) = self.arguments(params, 0)?;
        self.mark();
        self.emit(Instr::new(Op::plain(row), 0, b, ty));
        let (low, high) = halves(table);
        self.emit(Instr::data(low, high, start << 16 | params));
        self.unreachable = true;
        self.fence();
        Ok(())
    }
}
