//! Handlers of loads, stores and the bulk operators on memory 0.

use super::context::{Context, Dispatch, Regs, Rest, Stop, define, ended, outside, slow, step};
use crate::instr::Instr;
use crate::moves::{BYTES, move_within};
use wrt_instructions::memory_ops::position;
use wrt_instructions::op::{LoadForm, StoreForm};
use wrt_instructions::operator::{Load, Store};
use wrt_instructions::price;

/// The effective address: a 33-bit sum where there is an offset, and none at all where it was folded.
// @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
#[inline(always)]
fn load_address<const FORM: u8>(n: &Instr, regs: &Regs, acc: u64) -> u64 {
    const R: u8 = LoadForm::R as u8;
    const ABS: u8 = LoadForm::Abs as u8;
    const IDX: u8 = LoadForm::Idx as u8;
    const WRAP: u8 = LoadForm::Wrap as u8;
    const A: u8 = LoadForm::A as u8;
    const A_IDX: u8 = LoadForm::AIdx as u8;
    let base = |register: bool| if register { regs[n.b as usize] as u32 } else { acc as u32 };
    let index = |base: u32| (base.wrapping_add(regs[n.imm as u8 as usize] as u32) as u64) + (n.imm >> 8) as u64;
    match FORM {
        R => base(true) as u64 + n.imm as u64,
        ABS => n.imm as u64,
        IDX => index(base(true)),
        WRAP => base(true).wrapping_add(n.imm) as u64,
        A => base(false) as u64 + n.imm as u64,
        A_IDX => index(base(false)),
        _ => base(false).wrapping_add(n.imm) as u64,
    }
}

pub(crate) fn load<'m, D: Dispatch, O: Load, const FLOAT: bool, const FORM: u8>(
    code: Rest<'m>,
    regs: &mut Regs,
    ctx: &mut Context<'m>,
    acc: u64,
    facc: f64,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended() };
    let address = load_address::<FORM>(n, regs, acc);
    let Some(value) = O::load(ctx.memory, position(address)) else {
        return outside(ctx, rest, address, O::BYTES as u64);
    };
    define::<D>(n, regs, value);
    if FLOAT {
        return D::next(rest, regs, ctx, acc, f64::from_bits(value));
    }
    D::next(rest, regs, ctx, value, facc)
}

#[inline(always)]
fn store_address<const FORM: u8>(n: &Instr, regs: &Regs) -> u64 {
    const ABS: u8 = StoreForm::Abs as u8;
    const ABS_A: u8 = StoreForm::AbsA as u8;
    const IDX: u8 = StoreForm::Idx as u8;
    const IDX_A: u8 = StoreForm::IdxA as u8;
    const WRAP: u8 = StoreForm::Wrap as u8;
    const WRAP_A: u8 = StoreForm::WrapA as u8;
    const WRAP_IMM: u8 = StoreForm::WrapImm as u8;
    let base = regs[n.a as usize] as u32;
    match FORM {
        ABS | ABS_A => n.imm as u64,
        IDX | IDX_A => (base.wrapping_add(regs[n.imm as u8 as usize] as u32) as u64) + (n.imm >> 8) as u64,
        WRAP | WRAP_A | WRAP_IMM => base.wrapping_add(n.imm) as u64,
        _ => base as u64 + n.imm as u64,
    }
}

pub(crate) fn store<'m, D: Dispatch, O: Store, const FLOAT: bool, const FORM: u8>(
    code: Rest<'m>,
    regs: &mut Regs,
    ctx: &mut Context<'m>,
    acc: u64,
    facc: f64,
) -> Stop {
    const IMM: u8 = StoreForm::Imm as u8;
    const WRAP_IMM: u8 = StoreForm::WrapImm as u8;
    let Some((n, rest)) = step(code) else { return ended() };
    let address = store_address::<FORM>(n, regs);
    let value = if FORM == IMM || FORM == WRAP_IMM {
        n.b as i8 as i64 as u64
    } else if FORM >= StoreForm::A as u8 {
        if FLOAT { facc.to_bits() } else { acc }
    } else {
        regs[n.b as usize]
    };
    if O::store(ctx.memory, position(address), value).is_none() {
        return outside(ctx, rest, address, O::BYTES as u64);
    }
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn memory_size<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &mut Regs,
    ctx: &mut Context<'m>,
    _: u64,
    facc: f64,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended() };
    if n.imm != 0 {
        return slow(ctx, rest);
    }
    let pages = (ctx.memory.len() as u64).wrapping_shr(ctx.page_log2 as u32);
    regs[n.a as usize] = pages;
    D::next(rest, regs, ctx, pages, facc)
}

/// The three operands of a bulk operator, where they stand in the window.
#[inline(always)]
fn three(n: &Instr, regs: &Regs) -> Option<[u64; 3]> {
    regs.get(n.imm as usize..)?.first_chunk::<3>().copied()
}

/// Copies small enough for the quantum, inside memory 0; all else, traps included, is the driver's.
pub(crate) fn memory_copy<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &mut Regs,
    ctx: &mut Context<'m>,
    acc: u64,
    facc: f64,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended() };
    if let Some([to, from, length]) = three(n, regs)
        && n.ab() == 0
        && copy_within(ctx, to as u32, from as u32, length as u32)
    {
        return D::next(rest, regs, ctx, acc, facc);
    }
    slow(ctx, rest)
}

#[inline(never)]
fn copy_within(ctx: &mut Context<'_>, to: u32, from: u32, length: u32) -> bool {
    let Some(fuel) = ctx.fuel.checked_sub(price::bytes(length as u64) as u32) else { return false };
    if move_within::<BYTES, _>(ctx.memory, from as usize, to as usize, length as usize).is_none() {
        return false;
    }
    ctx.fuel = fuel;
    true
}

/// Fills small enough for the quantum, of memory 0.
pub(crate) fn memory_fill<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &mut Regs,
    ctx: &mut Context<'m>,
    acc: u64,
    facc: f64,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended() };
    if let Some([to, value, length]) = three(n, regs)
        && n.ab() == 0
        && fill(ctx, to as u32, value as u8, length as u32)
    {
        return D::next(rest, regs, ctx, acc, facc);
    }
    slow(ctx, rest)
}

#[inline(never)]
fn fill(ctx: &mut Context<'_>, to: u32, value: u8, length: u32) -> bool {
    let Some(fuel) = ctx.fuel.checked_sub(price::bytes(length as u64) as u32) else { return false };
    let Some(bytes) = ctx.memory.get_mut(to as usize..(to as usize).saturating_add(length as usize)) else {
        return false;
    };
    bytes.fill(value);
    ctx.fuel = fuel;
    true
}
