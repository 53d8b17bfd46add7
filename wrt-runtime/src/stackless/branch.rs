//! Handlers of branches: tests and comparisons fused with the jump that depends on them.

use super::context::{Acc, Context, Dispatch, Regs, Rest, Stop, TAKES, ended, made, step, step_data, take, taken};
use crate::instr::table_entry;
use wrt_instructions::op::{Compared, Plain, Target, Test};
use wrt_instructions::operator::Compare;
use wrt_instructions::slot::Facc;
use wrt_instructions::{Op, Slot};

const FORWARD: u8 = Target::Forward as u8;
const BACK: u8 = Target::Back as u8;
const IF: u8 = Target::If as u8;
const IF_ELSE: u8 = Target::IfElse as u8;

/// The number of heads that branches run.
const HEAD: u16 = Op::plain(Plain::Fuel).0;

const RR: u8 = Compared::RR as u8;
const AR: u8 = Compared::AR as u8;
const RA: u8 = Compared::RA as u8;
const R8: u8 = Compared::R8 as u8;
const A8: u8 = Compared::A8 as u8;
const RK: u8 = Compared::RK as u8;
const AK: u8 = Compared::AK as u8;

/// Goes on at the head at `position`, and runs it here: half a dispatch less for every loop.
#[inline(always)]
fn back<D: Dispatch>(position: u32, regs: &Regs, ctx: &mut Context<'_>, acc: Acc, facc: Facc) -> Stop {
    D::forward_head(position, ctx.code, regs, ctx, acc, facc)
}

#[inline(always)]
fn branch<'m, D: Dispatch, const TARGET: u8>(
    taken: bool,
    target: u32,
    rest: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    if taken {
        if TARGET == BACK {
            return back::<D>(target, regs, ctx, acc, facc);
        }
        if TARGET == IF_ELSE {
            return D::forward_head(target, rest, regs, ctx, acc, facc);
        }
        return D::forward(target, rest, regs, ctx, acc, facc);
    }
    if TARGET == IF || TARGET == IF_ELSE {
        D::head(rest, regs, ctx, acc, facc)
    } else {
        D::next(rest, regs, ctx, acc, facc)
    }
}

pub(crate) fn jump<'m, D: Dispatch>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
    let Some((n, rest)) = take(code) else { return ended(ctx) };
    D::forward(n.imm, rest, regs, ctx, acc, facc)
}

pub(crate) fn jump_back<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, _)) = take(code) else { return ended(ctx) };
    back::<D>(n.imm, regs, ctx, acc, facc)
}

pub(crate) fn br_table<'m, D: Dispatch, const ACC: bool>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let index = (if ACC && TAKES { taken(acc) } else { regs[n.a as usize].get() } as u32).min(n.imm);
    let word = |at: u32| rest.get(at as usize).map(|cell| &cell.instr);
    let Some(distance) = table_entry(n.imm, index, word) else { return ended(ctx) };
    // Nothing but one addition waits for the distance: the next instruction waits for all of this.
    let table = ctx.code.len().wrapping_sub(rest.len());
    let Some(rest) = ctx.code.get(table.wrapping_add_signed(distance)..) else { return ended(ctx) };
    // Most lead to heads, which are run here: as a choice of the table's this would be a jump to predict besides that to the target.
    match step(rest) {
        Some((target, _)) if target.op == HEAD => D::head(rest, regs, ctx, acc, facc),
        _ => D::next(rest, regs, ctx, acc, facc),
    }
}

pub(crate) fn test<'m, D: Dispatch, const TEST: u8, const ACC: bool, const TARGET: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let x = (if ACC && TAKES { taken(acc) } else { regs[n.a as usize].get() }) as u32;
    let taken = (x != 0) == (TEST == Test::NonZero as u8);
    branch::<D, TARGET>(taken, n.imm, rest, regs, ctx, acc, facc)
}

pub(crate) fn compare_branch<'m, D: Dispatch, O: Compare, const NEGATED: bool, const FORM: u8, const TARGET: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let value = taken(acc);
    let eight = || O::Operand::from_immediate(n.b as i8 as i32 as u32);
    let form = match FORM {
        AR | RA if !TAKES => RR,
        A8 if !TAKES => R8,
        AK if !TAKES => RK,
        form => form,
    };
    let (x, y) = match form {
        RR => (O::Operand::from_slot(regs[n.a as usize].get()), O::Operand::from_slot(regs[n.b as usize].get())),
        AR => (O::Operand::from_accumulators(value, facc), O::Operand::from_slot(regs[n.b as usize].get())),
        RA => (O::Operand::from_slot(regs[n.a as usize].get()), O::Operand::from_accumulators(value, facc)),
        R8 => (O::Operand::from_slot(regs[n.a as usize].get()), eight()),
        A8 => (O::Operand::from_accumulators(value, facc), eight()),
        RK => (O::Operand::from_slot(regs[n.a as usize].get()), O::Operand::from_immediate(n.imm)),
        _ => (O::Operand::from_accumulators(value, facc), O::Operand::from_immediate(n.imm)),
    };
    let taken = O::holds(x, y) != NEGATED;
    if FORM < RK {
        return branch::<D, TARGET>(taken, n.imm, rest, regs, ctx, acc, facc);
    }
    let Some((data, rest)) = step(rest) else { return ended(ctx) };
    branch::<D, TARGET>(taken, data.imm, rest, regs, ctx, acc, facc)
}

/// The end of a counted loop: adds to the counter, compares it, and goes round.
pub(crate) fn sum_branch<'m, D: Dispatch, O: Compare, const SMALL: bool>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, data, rest)) = step_data(code) else { return ended(ctx) };
    let sum = (regs[n.a as usize].get() as u32).wrapping_add(n.imm) as u64;
    regs[n.a as usize].set(sum);
    let y = if SMALL {
        O::Operand::from_immediate(n.b as i8 as i32 as u32)
    } else {
        O::Operand::from_slot(regs[n.b as usize].get())
    };
    let taken = O::holds(O::Operand::from_slot(sum), y);
    let acc = made(acc, sum);
    branch::<D, BACK>(taken, data.imm, rest, regs, ctx, acc, facc)
}

/// Names for the targets, so that the table of handlers reads like the forms.
pub(crate) mod target {
    pub(crate) const FORWARD: u8 = super::FORWARD;
    pub(crate) const BACK: u8 = super::BACK;
    pub(crate) const IF: u8 = super::IF;
    pub(crate) const IF_ELSE: u8 = super::IF_ELSE;
}
