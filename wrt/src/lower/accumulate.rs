//! The accumulator pass: an instruction that reads what the one before it made takes it from a machine register.

use alloc::vec::Vec;
use core::ops::Range;
use wrt_instructions::Op;
use wrt_instructions::op::{Compared, LoadForm, Operand, Operands, Plain, Row, StoreForm, Target, Test};
use wrt_instructions::operator::{BinaryOp, CompareOp};
use wrt_runtime::Instr;
use wrt_runtime::instr::UNWRITTEN;

/// Functions of no more instructions need no list of labels from the allocator.
const FEW: usize = 128;

/// In the free field `b` of a branch on one value: the value stays on the operand stack.
pub(super) const KEPT: u8 = 1;

/// Replaces rows of `code`, which begins at position `at` of the module's code, by their accumulator forms. Registers in
/// `operands` are the operand stack's, each value of which is read once; catch clauses lead to `landings`.
// The accumulators are dead at labels: whoever jumps there left something else.
// @need-ids: REQ_023
pub(super) fn accumulate(code: &mut [Instr], at: u32, operands: &Range<u32>, landings: &[usize]) {
    let (mut few, mut many) = ([false; FEW], Vec::new());
    let labels = if let Some(few) = few.get_mut(..code.len()) {
        few
    } else {
        many.resize(code.len(), false);
        many.as_mut_slice()
    };
    find_labels(labels, code, at, landings);
    let labels = &*labels;
    count(code, labels);
    let mut index = 0;
    while let Some((maker, rest)) = code.get_mut(index..).and_then(<[_]>::split_first_mut) {
        let made = maker.op().row();
        index += 1 + usize::from(made.map_or(0, Row::data_words));
        if let (Some(made), Some(taker), Some(false)) = (made, rest.first_mut(), labels.get(index))
            && !made.has_data()
            && let Some(row) = taker.op().row()
            && let Some(taking) = taking(row, *taker, maker.a)
            && taking.exists()
            && taking.takes() == made.makes()
        {
            taker.op = number(taking).0;
            // An operand is popped once, so nothing reads the register of one that was taken; but see KEPT.
            if operands.contains(&u32::from(maker.a)) && made.can_stay() && !reads(taking, *taker, maker.a) {
                maker.op |= UNWRITTEN;
            }
        }
    }
}

/// Joins an addition to a register with the branch back that compares that register. Two instructions become one with a
/// data word, so that nothing moves.
fn count(code: &mut [Instr], labels: &[bool]) {
    let mut index = 0;
    while let Some([sum, branch]) = code.get_mut(index..).and_then(|rest| rest.first_chunk_mut::<2>()) {
        let target = labels.get(index + 1).copied().unwrap_or(true);
        if !target && let Some((instr, data)) = counted(*sum, *branch) {
            (*sum, *branch) = (instr, data);
        }
        index += 1 + usize::from(sum.op().row().map_or(0, Row::data_words));
    }
}

fn counted(sum: Instr, branch: Instr) -> Option<(Instr, Instr)> {
    let Row::Binary(BinaryOp::I32Add, Operands::RI) = sum.op().row()? else { return None };
    if sum.a != sum.b {
        return None;
    }
    let counter = sum.a;
    let (op, form, b) = match branch.op().row()? {
        Row::CompareBranch(op, Compared::RR, Target::Back) if op.is_i32() && branch.a == counter => {
            (op, Compared::SR, branch.b)
        }
        Row::CompareBranch(op, Compared::RR, Target::Back) if op.is_i32() && branch.b == counter => {
            (op.swapped(), Compared::SR, branch.a)
        }
        Row::CompareBranch(op, Compared::R8, Target::Back) if op.is_i32() && branch.a == counter => {
            (op, Compared::S8, branch.b)
        }
        Row::Branch(test, Operand::R, Target::Back) if branch.a == counter => {
            let op = if test == Test::NonZero { CompareOp::I32Ne } else { CompareOp::I32Eq };
            (op, Compared::S8, 0)
        }
        _ => return None,
    };
    let op = Op::compare_branch(op, form, Target::Back);
    Some((Instr::new(op, counter, b, sum.imm), Instr::data(0, 0, branch.imm)))
}

/// Says of each instruction, of which there are as many as `labels`, whether something jumps to it.
fn find_labels(labels: &mut [bool], code: &[Instr], at: u32, landings: &[usize]) {
    let mut set = |index: usize| {
        if let Some(label) = labels.get_mut(index) {
            *label = true;
        }
    };
    for index in landings {
        set(*index);
    }
    for (index, instr) in code.iter().enumerate() {
        let Some(row) = instr.op().row() else { continue };
        let (at_data, target) = match row {
            Row::CompareBranch(_, form, target) | Row::FloatCompareBranch(_, _, form, target) => {
                (matches!(form, Compared::RK | Compared::AK | Compared::SR | Compared::S8), target)
            }
            Row::Branch(_, _, target) => (false, target),
            Row::Plain(Plain::BrOnCast) => (true, Target::Forward),
            Row::Plain(Plain::Jump) => (false, Target::Forward),
            Row::Plain(Plain::JumpBack) => (false, Target::Back),
            _ => continue,
        };
        let word = index + usize::from(at_data);
        let imm = code.get(word).map_or(0, |word| word.imm);
        match target {
            Target::Back => set(imm.wrapping_sub(at) as usize),
            Target::Forward | Target::If | Target::IfElse => set(word + 1 + imm as usize),
        }
    }
}

/// The form of `row` that takes register `made` from an accumulator, if that register is an operand.
fn taking(row: Row, n: Instr, made: u8) -> Option<Row> {
    let operands = |form: Operands| match form {
        Operands::RR if n.b == made => Some(Operands::AR),
        Operands::RR if n.imm as u8 == made => Some(Operands::RA),
        Operands::RI if n.b == made => Some(Operands::AI),
        Operands::IR if n.b == made => Some(Operands::IA),
        _ => None,
    };
    let compared = |form: Compared| match form {
        Compared::RR if n.a == made => Some(Compared::AR),
        Compared::RR if n.b == made => Some(Compared::RA),
        Compared::R8 if n.a == made => Some(Compared::A8),
        Compared::RK if n.a == made => Some(Compared::AK),
        _ => None,
    };
    let operand = |form: Operand, register: u8| (form == Operand::R && register == made).then_some(Operand::A);
    Some(match row {
        Row::Binary(op, form) => Row::Binary(op, operands(form)?),
        Row::FloatBinary(op, form) => Row::FloatBinary(op, operands(form)?),
        Row::Compare(op, form) => Row::Compare(op, operands(form)?),
        Row::FloatCompare(op, form) => Row::FloatCompare(op, operands(form)?),
        Row::CompareBranch(op, form, target) => Row::CompareBranch(op, compared(form)?, target),
        Row::FloatCompareBranch(op, not, form, target) => Row::FloatCompareBranch(op, not, compared(form)?, target),
        Row::Unary(op, form) => Row::Unary(op, operand(form, n.b)?),
        Row::FloatUnary(op, form) => Row::FloatUnary(op, operand(form, n.b)?),
        Row::Branch(test, form, target) => Row::Branch(test, operand(form, n.a)?, target),
        Row::Load(op, form) if n.b == made => match form {
            LoadForm::R => Row::Load(op, LoadForm::A),
            LoadForm::Idx => Row::Load(op, LoadForm::AIdx),
            LoadForm::Wrap => Row::Load(op, LoadForm::AWrap),
            LoadForm::R64 => Row::Load(op, LoadForm::A64),
            _ => return None,
        },
        Row::Store(op, form) if n.b == made => match form {
            StoreForm::R => Row::Store(op, StoreForm::A),
            StoreForm::Abs => Row::Store(op, StoreForm::AbsA),
            StoreForm::Idx => Row::Store(op, StoreForm::IdxA),
            StoreForm::Wrap => Row::Store(op, StoreForm::WrapA),
            StoreForm::R64 => Row::Store(op, StoreForm::A64),
            _ => return None,
        },
        Row::Plain(Plain::BrTable) if n.a == made => Row::Plain(Plain::BrTableAcc),
        Row::Plain(Plain::Return1) if n.a == made => Row::Plain(Plain::Return1Acc),
        _ => return None,
    })
}

/// Whether an instruction that takes one operand from an accumulator has `register` for another one.
fn reads(row: Row, n: Instr, register: u8) -> bool {
    let second = n.imm as u8 == register;
    match row {
        Row::Binary(_, form) | Row::FloatBinary(_, form) | Row::Compare(_, form) | Row::FloatCompare(_, form) => {
            form == Operands::AR && second || form == Operands::RA && n.b == register
        }
        Row::CompareBranch(_, form, _) | Row::FloatCompareBranch(_, _, form, _) => {
            form == Compared::AR && n.b == register || form == Compared::RA && n.a == register
        }
        Row::Load(_, form) => form == LoadForm::AIdx && second,
        Row::Store(_, form) => n.a == register || form == StoreForm::IdxA && second,
        Row::Branch(..) => n.b == KEPT,
        _ => false,
    }
}

fn number(row: Row) -> Op {
    match row {
        Row::Plain(row) => Op::plain(row),
        Row::Binary(op, form) => Op::binary(op, form),
        Row::FloatBinary(op, form) => Op::float_binary(op, form),
        Row::Compare(op, form) => Op::compare(op, form),
        Row::CompareBranch(op, form, target) => Op::compare_branch(op, form, target),
        Row::FloatCompare(op, form) => Op::float_compare(op, form),
        Row::FloatCompareBranch(op, not, form, target) => Op::float_compare_branch(op, not, form, target),
        Row::Unary(op, form) => Op::unary(op, form),
        Row::FloatUnary(op, form) => Op::float_unary(op, form),
        Row::Load(op, form) => Op::load(op, form),
        Row::Store(op, form) => Op::store(op, form),
        Row::Branch(test, form, target) => Op::branch(test, form, target),
        Row::Wide(op) => Op::wide(op),
        Row::Vector(row) => Op::vector(row),
    }
}
