//! Jumps to jumps, and to returns: the end of a `switch` arm leaves the block, and then the loop goes round or the function
//! ends.
//!
//! Only the jumps in between are skipped; heads are never, so what is charged stays the same.

use wrt_instructions::Op;
use wrt_instructions::op::{Compared, Plain, Row, Target};
use wrt_runtime::Instr;

/// How many jumps in a row are followed; enough for nested blocks, and a bound for hostile ones.
const HOPS_MAX: usize = 16;

/// Where a chain of jumps ends.
#[derive(Clone, Copy)]
enum End {
    /// At this instruction, further on.
    Forward(usize),
    /// At the head at this position of the module's code.
    Back(u32),
}

/// Lets the jumps and branches of `code`, which begins at position `at`, lead to where the jumps they lead to lead.
pub(super) fn thread(code: &mut [Instr], at: u32) {
    let mut index = 0;
    while let Some(instr) = code.get(index).copied() {
        let row = instr.op().row();
        let words = row.map_or(0, Row::data_words);
        if let Some(row) = row {
            thread_one(code, at, index, row);
        }
        if instr.op() == Op::plain(Plain::Jump) {
            return_at_once(code, index);
        }
        index += 1 + usize::from(words);
    }
}

fn thread_one(code: &mut [Instr], at: u32, index: usize, row: Row) {
    let (target, long) = match row {
        Row::Plain(Plain::Jump) => (Target::Forward, false),
        Row::CompareBranch(_, form, target) | Row::FloatCompareBranch(_, _, form, target) => {
            (target, matches!(form, Compared::RK | Compared::AK))
        }
        Row::Branch(_, _, target) => (target, false),
        _ => return,
    };
    let word = index + usize::from(long);
    let Some(first) = code.get(word).map(|word_at| word + 1 + word_at.imm as usize) else { return };
    if matches!(target, Target::Back | Target::IfElse) {
        return;
    }
    match follow(code, first) {
        End::Forward(end) if end != first => set(code, word, (end - word - 1) as u32),
        End::Back(head) if target == Target::Forward && head >= at => {
            let back = match row {
                Row::Plain(_) => Op::plain(Plain::JumpBack),
                Row::CompareBranch(op, form, _) => Op::compare_branch(op, form, Target::Back),
                Row::FloatCompareBranch(op, not, form, _) => Op::float_compare_branch(op, not, form, Target::Back),
                Row::Branch(test, operand, _) => Op::branch(test, operand, Target::Back),
                _ => return,
            };
            set(code, word, head);
            if let Some(instr) = code.get_mut(index) {
                instr.op = back.0;
            }
        }
        _ => {}
    }
}

/// Where a jump to the instruction at `index` of `code`, which begins at position `at`, ends.
pub(super) fn end(code: &[Instr], at: u32, index: usize) -> usize {
    match follow(code, index) {
        End::Forward(end) => end,
        End::Back(head) => head.wrapping_sub(at) as usize,
    }
}

/// Puts the return that the jump at `index` leads to in its place.
fn return_at_once(code: &mut [Instr], index: usize) {
    let Some(jump) = code.get(index).filter(|jump| jump.op() == Op::plain(Plain::Jump)) else { return };
    let Some(end) = code.get(index + 1 + jump.imm as usize).copied() else { return };
    let returns = [Plain::Return, Plain::Return1, Plain::ReturnConst].map(Op::plain);
    if returns.contains(&end.op())
        && let Some(jump) = code.get_mut(index)
    {
        *jump = end;
        return_value(code, index);
    }
}

/// Lets a move or a constant that only the return at `index` reads be returned itself. The return stays: something may lead
/// to it.
fn return_value(code: &mut [Instr], index: usize) {
    let Some([value, end]) = index.checked_sub(1).and_then(|at| code.get_mut(at..)?.first_chunk_mut::<2>()) else {
        return;
    };
    if end.op() != Op::plain(Plain::Return1) || value.a != end.a {
        return;
    }
    match value.op().row() {
        Some(Row::Plain(Plain::Mov)) => *value = Instr::new(end.op(), value.b, 0, 0),
        Some(Row::Plain(Plain::Const)) => *value = Instr::new(Op::plain(Plain::ReturnConst), 0, 0, value.imm),
        _ => {}
    }
}

fn set(code: &mut [Instr], word: usize, imm: u32) {
    if let Some(word) = code.get_mut(word) {
        word.imm = imm;
    }
}

fn follow(code: &[Instr], mut index: usize) -> End {
    for _ in 0..HOPS_MAX {
        let Some(instr) = code.get(index) else { break };
        if instr.op() == Op::plain(Plain::Jump) {
            index += 1 + instr.imm as usize;
        } else if instr.op() == Op::plain(Plain::JumpBack) {
            return End::Back(instr.imm);
        } else {
            break;
        }
    }
    End::Forward(index)
}
