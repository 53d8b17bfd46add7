//! Handlers of the numeric operators: generic over the row and the form of its operands.

use super::context::{
    Acc, Context, Dispatch, Regs, Rest, Stop, TAKES, define, ended, ended_with, made, raise, step, taken,
};
use crate::instr::Instr;
use wrt_instructions::Slot;
use wrt_instructions::numeric::Canonical;
use wrt_instructions::op::Operands;
use wrt_instructions::operator::{Binary, Compare, FloatBinary, FloatUnary, Unary, Wide};
use wrt_instructions::slot::Facc;

/// The forms of [`Operands`] as constants that generics can take.
pub(crate) const RR: u8 = Operands::RR as u8;
pub(crate) const RI: u8 = Operands::RI as u8;
pub(crate) const IR: u8 = Operands::IR as u8;
pub(crate) const AR: u8 = Operands::AR as u8;
pub(crate) const RA: u8 = Operands::RA as u8;
pub(crate) const AI: u8 = Operands::AI as u8;
pub(crate) const IA: u8 = Operands::IA as u8;

/// The two operands of an instruction in form `FORM`.
#[inline(always)]
fn operands<T: Slot, const FORM: u8>(n: &Instr, regs: &Regs, acc: Acc, facc: Facc) -> (T, T) {
    let acc = taken(acc);
    let form = match FORM {
        AR | RA if !TAKES => RR,
        AI if !TAKES => RI,
        IA if !TAKES => IR,
        form => form,
    };
    match form {
        RR => (T::from_slot(regs[n.b as usize].get()), T::from_slot(regs[n.imm as u8 as usize].get())),
        RI => (T::from_slot(regs[n.b as usize].get()), T::from_immediate(n.imm)),
        IR => (T::from_immediate(n.imm), T::from_slot(regs[n.b as usize].get())),
        AR => (T::from_accumulators(acc, facc), T::from_slot(regs[n.imm as u8 as usize].get())),
        RA => (T::from_slot(regs[n.b as usize].get()), T::from_accumulators(acc, facc)),
        AI => (T::from_accumulators(acc, facc), T::from_immediate(n.imm)),
        _ => (T::from_immediate(n.imm), T::from_accumulators(acc, facc)),
    }
}

/// The one operand of an instruction.
#[inline(always)]
fn operand<T: Slot, const ACC: bool>(n: &Instr, regs: &Regs, acc: Acc, facc: Facc) -> T {
    if ACC && TAKES { T::from_accumulators(taken(acc), facc) } else { T::from_slot(regs[n.b as usize].get()) }
}

pub(crate) fn binary<'m, D: Dispatch, O: Binary, const FORM: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let (x, y) = operands::<O::Operand, FORM>(n, regs, acc, Facc::default());
    let value = match O::apply(x, y) {
        Ok(value) => value.to_slot(),
        Err(trap) => return raise(ctx, rest, trap),
    };
    define::<D>(n, regs, value);
    let acc = made(acc, value);
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn float_binary<'m, D: Dispatch, O: FloatBinary, const FORM: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let (x, y) = operands::<O::Float, FORM>(n, regs, acc, facc);
    let value = O::raw(x, y);
    // A select would sit on the critical path of every float loop; a NaN is rare, so it takes a way of its own.
    // (Not equal to itself: the one test that every float type offers.)
    #[allow(clippy::eq_op)]
    if value != value {
        return not_a_number::<D, O::Float>(code, regs, ctx, acc, facc);
    }
    define::<D>(n, regs, value.to_slot());
    let (value, facc) = value.accumulate(taken(acc), facc);
    let acc = made(acc, value);
    D::next(rest, regs, ctx, acc, facc)
}

#[cold]
#[inline(never)]
fn not_a_number<'m, D: Dispatch, T: Slot + Canonical>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    define::<D>(n, regs, T::NAN.to_slot());
    let (value, facc) = T::NAN.accumulate(taken(acc), facc);
    let acc = made(acc, value);
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn compare<'m, D: Dispatch, O: Compare, const FORM: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let (x, y) = operands::<O::Operand, FORM>(n, regs, acc, facc);
    let value = O::holds(x, y) as u64;
    define::<D>(n, regs, value);
    let acc = made(acc, value);
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn unary<'m, D: Dispatch, O: Unary, const ACC: bool>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended_with(ctx, facc) };
    let x = operand::<O::Operand, ACC>(n, regs, acc, facc);
    let value = match O::apply(x) {
        Ok(value) => value,
        Err(trap) => return raise(ctx, rest, trap),
    };
    define::<D>(n, regs, value.to_slot());
    let (value, facc) = value.accumulate(taken(acc), facc);
    let acc = made(acc, value);
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn float_unary<'m, D: Dispatch, O: FloatUnary, const ACC: bool>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let x = operand::<O::Operand, ACC>(n, regs, acc, facc);
    let value = O::raw(x).canonical();
    define::<D>(n, regs, value.to_slot());
    let (value, facc) = value.accumulate(taken(acc), facc);
    let acc = made(acc, value);
    D::next(rest, regs, ctx, acc, facc)
}

/// Wide arithmetic: both results are written after all operands were read.
pub(crate) fn wide<'m, D: Dispatch, O: Wide>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let (low, high) = O::apply(n.imm.to_le_bytes().map(|register| regs[register as usize].get()));
    regs[n.a as usize].set(low);
    regs[n.b as usize].set(high);
    D::next(rest, regs, ctx, acc, facc)
}
