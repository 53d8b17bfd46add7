//! Vectors that scalar instructions put together: both halves are written at once.
//!
//! A `v128` stands in two registers. A constant is two instructions, a copy moves two registers, and what reads all of it then waits until
//! both halves are in memory: processors hand on what one store wrote, not what two did. Which registers instructions name tells
//! whether it is one vector; written at once, two numbers that are none do not mind.

use crate::instr::Cell;
use crate::stackless::context::{Acc, Context, Dispatch, Handler, Regs, Rest, Stop, Threaded, ended, made, step, take};
use crate::stackless::control::{SIGN_EXTENDED, UPPER_HALF, ZERO_EXTENDED};
use crate::stackless::vector::{get, put};
use wrt_instructions::Op;
use wrt_instructions::op::Plain;
use wrt_instructions::slot::Facc;
use wrt_instructions::vector::meaning::in_one;

/// A constant with a data word, besides the kinds that have none.
const WIDE: u8 = 3;

/// The number of a row.
const fn plain(row: Plain) -> u16 {
    Op::plain(row).0
}

/// Which kind of constant an instruction is.
fn kind(cell: &Cell) -> Option<u8> {
    const CONST: u16 = plain(Plain::Const);
    const CONST_S: u16 = plain(Plain::ConstS);
    const CONST_HI: u16 = plain(Plain::ConstHi);
    const CONST_64: u16 = plain(Plain::Const64);
    match cell.instr.op {
        CONST => Some(ZERO_EXTENDED),
        CONST_S => Some(SIGN_EXTENDED),
        CONST_HI => Some(UPPER_HALF),
        CONST_64 => Some(WIDE),
        _ => None,
    }
}

/// The handler for a vector that code begins with.
pub(super) fn handler(cells: &[Cell]) -> Option<Handler> {
    let first = cells.first()?;
    let neighbour = first.instr.a.checked_add(1)?;
    if first.instr.op == plain(Plain::Mov2) {
        let [to, from, ..] = first.instr.imm.to_le_bytes();
        // One after the other, the second move would see what the first one wrote.
        let is_one = to == neighbour && Some(from) == first.instr.b.checked_add(1) && from != first.instr.a;
        return is_one.then_some(copy as Handler);
    }
    let low = kind(first)?;
    let second = cells.get(if low == WIDE { 2 } else { 1 })?;
    let high = kind(second)?;
    if second.instr.a != neighbour {
        return None;
    }
    macro_rules! of {
        ($($low:literal)*) => { [$([constants::<$low, 0> as Handler, constants::<$low, 1> as Handler, constants::<$low, 2> as Handler, constants::<$low, 3> as Handler]),*] };
    }
    let handlers: [[Handler; 4]; 4] = of!(0 1 2 3);
    handlers.get(low as usize)?.get(high as usize).copied()
}

/// The value of the constant that code begins with, and what follows it.
#[inline(always)]
fn constant<const KIND: u8>(code: Rest<'_>) -> Option<(u64, Rest<'_>)> {
    let (n, rest) = step(code)?;
    Some(match KIND {
        ZERO_EXTENDED => (n.imm as u64, rest),
        SIGN_EXTENDED => (n.imm as i32 as i64 as u64, rest),
        UPPER_HALF => ((n.imm as u64) << 32, rest),
        _ => {
            let (data, rest) = step(rest)?;
            (n.imm as u64 | (data.imm as u64) << 32, rest)
        }
    })
}

fn constants<'m, const LOW: u8, const HIGH: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, _)) = take(code) else { return ended(ctx) };
    let Some((low, rest)) = constant::<LOW>(code) else { return super::apart(code, regs, ctx, acc, facc) };
    let Some((high, rest)) = constant::<HIGH>(rest) else { return super::apart(code, regs, ctx, acc, facc) };
    put(regs, n.a, in_one([low, high], ctx.zeroes));
    // Those with a data word leave nothing there.
    let acc = match (LOW, HIGH) {
        (WIDE, WIDE) => acc,
        (_, WIDE) => made(acc, low),
        _ => made(acc, high),
    };
    Threaded::<true>::next(rest, regs, ctx, acc, facc)
}

fn copy<'m>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    put(regs, n.a, get(regs, n.b));
    Threaded::<true>::next(rest, regs, ctx, acc, facc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instr::Instr;
    use crate::stackless::fused::tests::left;
    use crate::stackless::stack_growth_tests::{Callees, TIMES, environments, note, probe, run_with, with_handler};
    use std::vec::Vec;

    fn row(row: Plain, a: u8, b: u8, imm: u32) -> Cell {
        Instr::new(Op::plain(row), a, b, imm).into()
    }

    /// A constant of a kind, with a data word where it has one.
    fn constant(kind: u8, a: u8, imm: u32) -> Vec<Cell> {
        let plain = [Plain::Const, Plain::ConstS, Plain::ConstHi, Plain::Const64][kind as usize];
        let mut code = std::vec![row(plain, a, 0, imm)];
        if kind == WIDE {
            code.push(Instr::data(0, 0, !imm).into());
        }
        code
    }

    /// What one handler runs, as the first of its cells has it.
    fn vectors() -> Vec<Vec<Cell>> {
        let kinds = (0..4).flat_map(|low| (0..4).map(move |high| (low, high)));
        let constants =
            kinds.map(|(low, high)| [constant(low, 3, 0x8765_4321), constant(high, 4, 0xFFFF_0001)].concat());
        let copies = [row(Plain::Mov2, 5, 1, 0x0206), row(Plain::Mov2, 1, 4, 0x0502)];
        constants.chain(copies.map(|copy| std::vec![copy])).collect()
    }

    // @need-ids: REQ_018, REQ_023
    #[test]
    fn both_halves_at_once_are_what_they_are_one_by_one() {
        for mut code in vectors() {
            let handler = handler(&code).expect("one vector");
            code.push(with_handler(note));
            let mut at_once = code.clone();
            at_once[0].handler = handler;
            for values in environments() {
                assert_eq!(left(&code, values, &Callees::default()), left(&at_once, values, &Callees::default()));
            }
            for length in 1..code.len() {
                let (one, other) = (&code[..length], &at_once[..length]);
                assert_eq!(left(one, [7; 4], &Callees::default()), left(other, [7; 4], &Callees::default()));
            }
        }
    }

    // @need-ids: REQ_003, REQ_023
    #[test]
    fn they_leave_nothing_on_the_native_stack() {
        for mut code in vectors() {
            code[0].handler = handler(&code).expect("one vector");
            let depth = |times: usize| {
                let mut code = code.repeat(times);
                code.push(with_handler(probe));
                run_with(&code, [1; 4], &Callees::default()).expect("reached").0
            };
            assert_eq!(depth(1), depth(TIMES));
        }
    }

    // @need-ids: REQ_018
    #[test]
    fn what_is_no_vector_stays_as_it_is() {
        let others = [
            // Other registers, and moves of which the second one takes what the first one gave.
            [constant(0, 3, 1), constant(0, 5, 1)].concat(),
            [constant(3, 3, 1), constant(0, 2, 1)].concat(),
            [constant(0, 255, 1), constant(0, 0, 1)].concat(),
            std::vec![row(Plain::Mov2, 5, 4, 0x0506)],
            std::vec![row(Plain::Mov2, 5, 1, 0x0306)],
            std::vec![row(Plain::Mov2, 5, 1, 0x0207)],
            constant(3, 3, 1),
            constant(0, 3, 1),
        ];
        for code in others {
            assert!(handler(&code).is_none(), "{:?}", code[0].instr);
        }
    }
}
