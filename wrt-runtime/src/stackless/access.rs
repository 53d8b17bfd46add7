//! Handlers of loads and stores, and of the bulk operators on memory 0.

use super::context::{Context, Dispatch, Regs, Rest, Stop, define, ended, outside, slow, step};
use crate::instr::Instr;
use crate::moves::{BYTES, move_within};
use wrt_instructions::memory_ops::position;
use wrt_instructions::op::{LoadForm, StoreForm};
use wrt_instructions::operator::{Load, Store};
use wrt_instructions::price;
use wrt_instructions::slot::{Facc, accumulate_float, float_slot};

/// The effective address: a 33-bit sum where there is an offset, and none at all where it was folded. Of a 64-bit
/// address, a sum that would not fit is the greatest number, which lies outside of every memory. `FORM` is a [`LoadForm`]
/// that takes its base from a register.
// @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
#[inline(always)]
pub(super) fn address<const FORM: u8>(base: u64, imm: u32, regs: &Regs) -> u64 {
    const R: u8 = LoadForm::R as u8;
    const ABS: u8 = LoadForm::Abs as u8;
    const IDX: u8 = LoadForm::Idx as u8;
    match FORM {
        R => base as u32 as u64 + imm as u64,
        ABS => imm as u64,
        IDX => ((base as u32).wrapping_add(regs[imm as u8 as usize] as u32) as u64) + (imm >> 8) as u64,
        _ => (base as u32).wrapping_add(imm) as u64,
    }
}

#[inline(always)]
pub(super) fn load_address<const FORM: u8>(n: &Instr, regs: &Regs, acc: u64) -> u64 {
    const A: u8 = LoadForm::A as u8;
    const A_IDX: u8 = LoadForm::AIdx as u8;
    const A_WRAP: u8 = LoadForm::AWrap as u8;
    const R64: u8 = LoadForm::R64 as u8;
    const A64: u8 = LoadForm::A64 as u8;
    match FORM {
        A => address::<{ LoadForm::R as u8 }>(acc, n.imm, regs),
        A_IDX => address::<{ LoadForm::Idx as u8 }>(acc, n.imm, regs),
        A_WRAP => address::<{ LoadForm::Wrap as u8 }>(acc, n.imm, regs),
        R64 => regs[n.b as usize].saturating_add(n.imm as u64),
        A64 => acc.saturating_add(n.imm as u64),
        _ => address::<FORM>(regs[n.b as usize], n.imm, regs),
    }
}

pub(crate) fn load<'m, D: Dispatch, O: Load, const FLOAT: bool, const FORM: u8>(
    code: Rest<'m>,
    regs: &mut Regs,
    ctx: &mut Context<'m>,
    acc: u64,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended() };
    let address = load_address::<FORM>(n, regs, acc);
    let Some(value) = O::load(ctx.memory, position(address)) else {
        return outside(ctx, rest, address, O::BYTES as u64);
    };
    define::<D>(n, regs, value);
    if FLOAT {
        let (acc, facc) = accumulate_float(value, acc, facc);
        return D::next(rest, regs, ctx, acc, facc);
    }
    D::next(rest, regs, ctx, value, facc)
}

#[inline(always)]
pub(super) fn store_address<const FORM: u8>(n: &Instr, regs: &Regs) -> u64 {
    const ABS: u8 = StoreForm::Abs as u8;
    const ABS_A: u8 = StoreForm::AbsA as u8;
    const IDX: u8 = StoreForm::Idx as u8;
    const IDX_A: u8 = StoreForm::IdxA as u8;
    const WRAP: u8 = StoreForm::Wrap as u8;
    const WRAP_A: u8 = StoreForm::WrapA as u8;
    const WRAP_IMM: u8 = StoreForm::WrapImm as u8;
    const R64: u8 = StoreForm::R64 as u8;
    const IMM64: u8 = StoreForm::Imm64 as u8;
    const A64: u8 = StoreForm::A64 as u8;
    let base = regs[n.a as usize] as u32;
    match FORM {
        ABS | ABS_A => n.imm as u64,
        IDX | IDX_A => (base.wrapping_add(regs[n.imm as u8 as usize] as u32) as u64) + (n.imm >> 8) as u64,
        WRAP | WRAP_A | WRAP_IMM => base.wrapping_add(n.imm) as u64,
        R64 | IMM64 | A64 => regs[n.a as usize].saturating_add(n.imm as u64),
        _ => base as u64 + n.imm as u64,
    }
}

pub(crate) fn store<'m, D: Dispatch, O: Store, const FLOAT: bool, const FORM: u8>(
    code: Rest<'m>,
    regs: &mut Regs,
    ctx: &mut Context<'m>,
    acc: u64,
    facc: Facc,
) -> Stop {
    const IMM: u8 = StoreForm::Imm as u8;
    const WRAP_IMM: u8 = StoreForm::WrapImm as u8;
    const IMM64: u8 = StoreForm::Imm64 as u8;
    let Some((n, rest)) = step(code) else { return ended() };
    let address = store_address::<FORM>(n, regs);
    let value = if FORM == IMM || FORM == WRAP_IMM || FORM == IMM64 {
        n.b as i8 as i64 as u64
    } else if FORM >= StoreForm::A as u8 {
        if FLOAT { float_slot(acc, facc) } else { acc }
    } else {
        regs[n.b as usize]
    };
    if O::store(ctx.memory, position(address), value).is_none() {
        return outside(ctx, rest, address, O::BYTES as u64);
    }
    D::next(rest, regs, ctx, acc, facc)
}

/// The static offset of an access in the form `Far`, and its memory.
pub(super) fn far(n: Instr, data: Instr) -> (u64, u32) {
    (n.imm as u64 | (data.imm as u64) << 32, data.ab())
}

/// A load from one of the first memories; all else, traps included, is the driver's.
// @need-ids: REQ_MULTI_MEMORY_001, REQ_MEMORY64_001, REQ_MEM_SAFETY_001
pub(crate) fn far_load<'m, D: Dispatch, O: Load>(
    code: Rest<'m>,
    regs: &mut Regs,
    ctx: &mut Context<'m>,
    acc: u64,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended() };
    let Some((data, after)) = step(rest) else { return ended() };
    let (offset, memory) = far(*n, *data);
    let address = regs[n.b as usize].saturating_add(offset);
    let memory = ctx.memory_at(memory);
    let Some(value) = memory.and_then(|memory| O::load(memory, position(address))) else { return slow(ctx, rest) };
    regs[n.a as usize] = value;
    D::next(after, regs, ctx, acc, facc)
}

/// A store to one of the first memories; all else, traps included, is the driver's.
// @need-ids: REQ_MULTI_MEMORY_001, REQ_MEMORY64_001, REQ_MEM_SAFETY_001
pub(crate) fn far_store<'m, D: Dispatch, O: Store>(
    code: Rest<'m>,
    regs: &mut Regs,
    ctx: &mut Context<'m>,
    acc: u64,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended() };
    let Some((data, after)) = step(rest) else { return ended() };
    let (offset, memory) = far(*n, *data);
    let address = regs[n.a as usize].saturating_add(offset);
    let memory = ctx.memory_at(memory);
    let stored = memory.and_then(|memory| O::store(memory, position(address), regs[n.b as usize]));
    if stored.is_none() {
        return slow(ctx, rest);
    }
    D::next(after, regs, ctx, acc, facc)
}

pub(crate) fn memory_size<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &mut Regs,
    ctx: &mut Context<'m>,
    _: u64,
    facc: Facc,
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
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended() };
    if let Some([to, from, length]) = three(n, regs)
        && n.ab() == 0
        && copy_within(ctx, to, from, length)
    {
        return D::next(rest, regs, ctx, acc, facc);
    }
    slow(ctx, rest)
}

#[inline(never)]
fn copy_within(ctx: &mut Context<'_>, to: u64, from: u64, length: u64) -> bool {
    let Some(fuel) = left_of(ctx.fuel, length) else { return false };
    if move_within::<BYTES, _>(ctx.memory, position(from), position(to), position(length)).is_none() {
        return false;
    }
    ctx.fuel = fuel;
    true
}

/// What is left of the quantum after work on `length` bytes.
fn left_of(fuel: u32, length: u64) -> Option<u32> {
    u32::try_from(price::bytes(length)).ok().and_then(|price| fuel.checked_sub(price))
}

/// Fills small enough for the quantum, of memory 0.
pub(crate) fn memory_fill<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &mut Regs,
    ctx: &mut Context<'m>,
    acc: u64,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended() };
    if let Some([to, value, length]) = three(n, regs)
        && n.ab() == 0
        && fill(ctx, to, value as u8, length)
    {
        return D::next(rest, regs, ctx, acc, facc);
    }
    slow(ctx, rest)
}

#[inline(never)]
fn fill(ctx: &mut Context<'_>, to: u64, value: u8, length: u64) -> bool {
    let Some(fuel) = left_of(ctx.fuel, length) else { return false };
    let Some(bytes) = ctx.memory.get_mut(position(to)..position(to.saturating_add(length))) else {
        return false;
    };
    bytes.fill(value);
    ctx.fuel = fuel;
    true
}
