//! Where code goes on after an instruction: what the checker and whoever else reads code need to know of rows.

// @need-ids: REQ_IMAGE_001

use crate::instr::{Instr, table_words};
use wrt_instructions::op::{Compared, Plain, Row, Target};

/// Where an instruction branches to, as it says it; `data` is its first data word, where it has one.
pub const fn target(row: Row, n: Instr, data: Instr) -> Option<(Target, u32)> {
    match row {
        Row::CompareBranch(_, Compared::RK | Compared::AK | Compared::SR | Compared::S8, target)
        | Row::FloatCompareBranch(_, _, Compared::RK | Compared::AK, target) => Some((target, data.imm)),
        Row::CompareBranch(_, _, target) | Row::FloatCompareBranch(_, _, _, target) | Row::Branch(_, _, target) => {
            Some((target, n.imm))
        }
        Row::Plain(Plain::BrOnCast) => Some((Target::Forward, data.imm)),
        Row::Plain(Plain::Jump) => Some((Target::Forward, n.imm)),
        Row::Plain(Plain::JumpBack) => Some((Target::Back, n.imm)),
        _ => None,
    }
}

/// Whether it is followed by a branch table, which has an entry more than its `imm` says.
pub const fn is_table(row: Plain) -> bool {
    matches!(row, Plain::BrTable | Plain::BrTableAcc)
}

/// How many words belong to an instruction behind it: its data words, or its branch table.
pub const fn words(row: Row, n: Instr) -> u32 {
    match row {
        Row::Plain(plain) if is_table(plain) => table_words(n.imm),
        _ => row.data_words() as u32,
    }
}

/// Whether it calls.
pub const fn is_call(row: Plain) -> bool {
    matches!(row, Plain::Call | Plain::CallImport | Plain::CallIndirect | Plain::CallRef) || is_tail_call(row)
}

/// Whether it calls in place of its own frame.
pub const fn is_tail_call(row: Plain) -> bool {
    matches!(row, Plain::ReturnCall | Plain::ReturnCallImport | Plain::ReturnCallIndirect | Plain::ReturnCallRef)
}

/// Whether it is a fuel head: its `imm` is what it charges.
pub const fn is_head(row: Plain) -> bool {
    matches!(row, Plain::Fuel | Plain::Enter | Plain::Enter4 | Plain::Enter8 | Plain::EnterWide)
}

/// Whether the code behind an instruction is reached by branches only.
pub const fn is_end(row: Row) -> bool {
    let Row::Plain(row) = row else { return false };
    let leaves =
        matches!(row, Plain::Return | Plain::Return1 | Plain::Return1Acc | Plain::ReturnConst | Plain::ReturnMany);
    leaves
        || is_tail_call(row)
        || matches!(row, Plain::Jump | Plain::JumpBack | Plain::Unreachable | Plain::Throw | Plain::ThrowRef)
}
