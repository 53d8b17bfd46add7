//! In place of a handler for each row, where the feature `compact` is on: one function takes instructions apart when it
//! runs them, and asks the operator table for what they mean.
//!
//! A few kilobytes of code instead of more than a hundred, for several times as many instructions of the processor.

// Instructions are read where they lie, as handlers do.
#![allow(clippy::trivially_copy_pass_by_ref)]

use super::access::{far, load_address, store_address};
use super::context::{Context, Dispatch, Handler, Regs, Rest, Stepped, Stop, ended, outside, raise, slow, step, take};
use super::control as c;
#[cfg(feature = "simd")]
pub(super) use super::plain::put;
use super::plain::{plain_rows, value_rows};
use super::vector;
use crate::instr::Instr;
use wrt_instructions::Op;
use wrt_instructions::memory_ops::position;
use wrt_instructions::op::{Accumulator, Compared, LoadForm, Operand, Operands, Plain, Row, StoreForm, Target, Test};
use wrt_instructions::operator::StoreOp;
use wrt_instructions::slot::{Facc, accumulate_float, float_slot};
use wrt_instructions::vector::BUILT;

static PLAIN: [Handler; Plain::ALL.len()] = {
    let mut t = [c::corrupt as Handler; Plain::ALL.len()];
    value_rows::<Stepped>(&mut t);
    plain_rows::<Stepped>(&mut t);
    t
};

/// Vector rows come last; the numbers before them have no handler here.
const VECTORS: usize = if BUILT { Op::COUNT } else { 0 };

static VECTOR: [Handler; VECTORS] = {
    let mut t = [c::corrupt as Handler; VECTORS];
    vector::rows::<Stepped>(&mut t);
    t
};

#[inline(always)]
pub(crate) fn stepped(_: Op) -> Handler {
    run
}

/// Runs the instruction at hand.
// @need-ids: REQ_COMPACT_001, REQ_TABLE_001
fn run<'m>(code: Rest<'m>, regs: &mut Regs, ctx: &mut Context<'m>, acc: u64, facc: Facc) -> Stop {
    let Some((n, _)) = take(code) else { return ended() };
    match n.op().row() {
        Some(Row::Plain(row)) => {
            let handler = PLAIN.get(row as usize).copied().unwrap_or(c::corrupt);
            handler(code, regs, ctx, acc, facc)
        }
        Some(Row::Vector(_)) => {
            let handler = VECTOR.get(n.op().0 as usize).copied().unwrap_or(c::corrupt);
            handler(code, regs, ctx, acc, facc)
        }
        Some(row) if row.exists() => grouped(row, code, regs, ctx, (acc, facc)),
        _ => c::corrupt(code, regs, ctx, acc, facc),
    }
}

/// An instruction of a group of rows.
fn grouped<'m>(row: Row, code: Rest<'m>, regs: &mut Regs, ctx: &mut Context<'m>, (acc, facc): (u64, Facc)) -> Stop {
    let Some((n, rest)) = step(code) else { return ended() };
    let taken = if row.takes() == Accumulator::Float { float_slot(acc, facc) } else { acc };
    let value = match row {
        Row::Binary(op, form) => {
            let (x, y) = operands(form, n, regs, taken, op.from_immediate(n.imm));
            match op.evaluate(x, y) {
                Ok(value) => value,
                Err(trap) => return raise(ctx, rest, trap),
            }
        }
        Row::FloatBinary(op, form) => {
            let (x, y) = operands(form, n, regs, taken, op.from_immediate(n.imm));
            op.evaluate(x, y)
        }
        Row::Compare(op, form) => {
            let (x, y) = operands(form, n, regs, taken, op.from_immediate(n.imm));
            op.evaluate(x, y).into()
        }
        Row::FloatCompare(op, form) => {
            let (x, y) = operands(form, n, regs, taken, op.from_immediate(n.imm));
            op.evaluate(x, y).into()
        }
        Row::Unary(op, form) => match op.evaluate(operand(form, regs[n.b as usize], taken)) {
            Ok(value) => value,
            Err(trap) => return raise(ctx, rest, trap),
        },
        Row::FloatUnary(op, form) => op.evaluate(operand(form, regs[n.b as usize], taken)),
        Row::Load(_, LoadForm::Far) | Row::Store(_, StoreForm::Far) => {
            let Some((data, after)) = step(rest) else { return ended() };
            if far_access(row, (n, data), regs, ctx).is_none() {
                return slow(ctx, rest);
            }
            return Stepped::next(after, regs, ctx, acc, facc);
        }
        Row::Load(op, form) => {
            let address = load(form, n, regs, taken);
            match op.load(ctx.memory, position(address)) {
                Some(value) => value,
                None => return outside(ctx, rest, address, op.bytes() as u64),
            }
        }
        Row::Store(op, form) => {
            if let Err(stop) = store((op, form), (n, rest), regs, ctx, taken) {
                return stop;
            }
            return Stepped::next(rest, regs, ctx, acc, facc);
        }
        Row::Branch(..) | Row::CompareBranch(..) | Row::FloatCompareBranch(..) => {
            return branching(row, (n, rest), regs, ctx, taken, (acc, facc));
        }
        Row::Wide(op) => {
            let (low, high) = op.evaluate(n.imm.to_le_bytes().map(|register| regs[register as usize]));
            regs[n.a as usize] = low;
            regs[n.b as usize] = high;
            return Stepped::next(rest, regs, ctx, acc, facc);
        }
        // They have handlers of their own.
        Row::Plain(_) | Row::Vector(_) => return ended(),
    };
    regs[n.a as usize] = value;
    if row.makes() == Accumulator::Float {
        let (acc, facc) = accumulate_float(value, acc, facc);
        return Stepped::next(rest, regs, ctx, acc, facc);
    }
    Stepped::next(rest, regs, ctx, value, facc)
}

/// An instruction of a group of rows that branch.
fn branching<'m>(
    row: Row,
    (n, rest): (&Instr, Rest<'m>),
    regs: &mut Regs,
    ctx: &mut Context<'m>,
    taken: u64,
    (acc, facc): (u64, Facc),
) -> Stop {
    match row {
        Row::Branch(test, form, target) => {
            let x = operand(form, regs[n.a as usize], taken) as u32;
            branch((x != 0) == (test == Test::NonZero), (target, n.imm), rest, ctx, (acc, facc))
        }
        Row::CompareBranch(op, form @ (Compared::SR | Compared::S8), target) => {
            let sum = (regs[n.a as usize] as u32).wrapping_add(n.imm).into();
            regs[n.a as usize] = sum;
            let y = if form == Compared::S8 { op.from_immediate(eight(n)) } else { regs[n.b as usize] };
            let Some((data, rest)) = step(rest) else { return ended() };
            branch(op.evaluate(sum, y), (target, data.imm), rest, ctx, (sum, facc))
        }
        Row::CompareBranch(op, form, target) => {
            let (x, y) = compared(form, n, regs, taken, |immediate| op.from_immediate(immediate));
            compare_branch(op.evaluate(x, y), (form, target), (n, rest), ctx, (acc, facc))
        }
        Row::FloatCompareBranch(op, negated, form, target) => {
            let (x, y) = compared(form, n, regs, taken, |immediate| op.from_immediate(immediate));
            compare_branch(op.evaluate(x, y) != negated, (form, target), (n, rest), ctx, (acc, facc))
        }
        _ => ended(),
    }
}

/// An access to one of the first memories; `None` where it is the driver's, traps included.
fn far_access(row: Row, (n, data): (&Instr, &Instr), regs: &mut Regs, ctx: &mut Context<'_>) -> Option<()> {
    let (offset, memory) = far(*n, *data);
    let base = regs[if matches!(row, Row::Load(..)) { n.b } else { n.a } as usize];
    let at = position(base.saturating_add(offset));
    let memory = ctx.memory_at(memory)?;
    match row {
        Row::Load(op, _) => regs[n.a as usize] = op.load(memory, at)?,
        Row::Store(op, _) => op.store(memory, at, regs[n.b as usize])?,
        _ => return None,
    }
    Some(())
}

/// The 8-bit constant of a comparison.
fn eight(n: &Instr) -> u32 {
    n.b as i8 as i32 as u32
}

fn operands(form: Operands, n: &Instr, regs: &Regs, taken: u64, immediate: u64) -> (u64, u64) {
    let (first, second) = (regs[n.b as usize], regs[n.imm as u8 as usize]);
    match form {
        Operands::RR => (first, second),
        Operands::RI => (first, immediate),
        Operands::IR => (immediate, first),
        Operands::AR => (taken, second),
        Operands::RA => (first, taken),
        Operands::AI => (taken, immediate),
        Operands::IA => (immediate, taken),
    }
}

fn operand(form: Operand, register: u64, taken: u64) -> u64 {
    match form {
        Operand::R => register,
        Operand::A => taken,
    }
}

fn compared(form: Compared, n: &Instr, regs: &Regs, taken: u64, constant: impl Fn(u32) -> u64) -> (u64, u64) {
    let (first, second) = (regs[n.a as usize], regs[n.b as usize]);
    match form {
        Compared::RR | Compared::SR => (first, second),
        Compared::AR => (taken, second),
        Compared::RA => (first, taken),
        Compared::R8 | Compared::S8 => (first, constant(eight(n))),
        Compared::A8 => (taken, constant(eight(n))),
        Compared::RK => (first, constant(n.imm)),
        Compared::AK => (taken, constant(n.imm)),
    }
}

fn compare_branch<'m>(
    taken: bool,
    (form, target): (Compared, Target),
    (n, rest): (&Instr, Rest<'m>),
    ctx: &mut Context<'m>,
    accumulators: (u64, Facc),
) -> Stop {
    if matches!(form, Compared::RK | Compared::AK) {
        let Some((data, rest)) = step(rest) else { return ended() };
        return branch(taken, (target, data.imm), rest, ctx, accumulators);
    }
    branch(taken, (target, n.imm), rest, ctx, accumulators)
}

/// Goes on at the target if `taken`, else at `rest`. Heads are instructions of their own here.
fn branch<'m>(
    taken: bool,
    (target, to): (Target, u32),
    rest: Rest<'m>,
    ctx: &mut Context<'m>,
    (acc, facc): (u64, Facc),
) -> Stop {
    let from = if target == Target::Back { ctx.code } else { rest };
    let rest = if taken { from.get(to as usize..) } else { Some(rest) };
    let Some(rest) = rest else { return ended() };
    ctx.go_on(rest, acc, facc);
    Stop::Next
}

macro_rules! by_form {
    ($form:ident, $Form:ident [$($variant:ident)*], $address:ident $args:tt) => {
        match $form { $($Form::$variant => $address::<{ $Form::$variant as u8 }> $args,)* }
    };
}

fn load(form: LoadForm, n: &Instr, regs: &Regs, taken: u64) -> u64 {
    by_form!(form, LoadForm [R Abs Idx Wrap A AIdx AWrap R64 A64 Far], load_address(n, regs, taken))
}

fn store(
    (op, form): (StoreOp, StoreForm),
    (n, rest): (&Instr, Rest<'_>),
    regs: &Regs,
    ctx: &mut Context<'_>,
    taken: u64,
) -> Result<(), Stop> {
    let address = by_form!(
        form,
        StoreForm [R Abs Idx Wrap Imm WrapImm R64 Imm64 A AbsA IdxA WrapA A64 Far],
        store_address(n, regs)
    );
    let value = match form {
        StoreForm::Imm | StoreForm::WrapImm | StoreForm::Imm64 => n.b as i8 as i64 as u64,
        StoreForm::A | StoreForm::AbsA | StoreForm::IdxA | StoreForm::WrapA | StoreForm::A64 => taken,
        _ => regs[n.b as usize],
    };
    match op.store(ctx.memory, position(address), value) {
        Some(()) => Ok(()),
        None => Err(outside(ctx, rest, address, op.bytes() as u64)),
    }
}
