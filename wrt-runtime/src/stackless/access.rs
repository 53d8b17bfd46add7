//! Handlers of loads and stores, and of the bulk operators on memory 0.

use super::context::{
    Acc, Context, Dispatch, Register, Regs, Rest, Stop, TAKES, define, ended, made, outside, slow, step, taken,
};
use crate::instr::Instr;
use crate::moves::{BYTES, move_within};
use wrt_instructions::memory_ops::position;
use wrt_instructions::op::{LoadForm, StoreForm};
use wrt_instructions::operator::{Load, Store};
use wrt_instructions::price;
use wrt_instructions::slot::{Facc, accumulate_float, float_slot};
use zerocopy::FromBytes;

/// What an effective address is wanted as.
pub(super) trait Effective {
    fn sum(base: u32, offset: u32) -> Self;
    fn sum64(base: u64, offset: u32) -> Self;
}

/// The number: for what traps tell.
impl Effective for u64 {
    #[inline(always)]
    fn sum(base: u32, offset: u32) -> Self {
        base as Self + offset as Self
    }
    #[inline(always)]
    fn sum64(base: u64, offset: u32) -> Self {
        base.saturating_add(offset as Self)
    }
}

/// A place in memory, if this machine can have it: half the work where an index has 32 bits.
impl Effective for Option<usize> {
    #[inline(always)]
    fn sum(base: u32, offset: u32) -> Self {
        (base as usize).checked_add(offset as usize)
    }
    #[inline(always)]
    fn sum64(base: u64, offset: u32) -> Self {
        Some(position(u64::sum64(base, offset)))
    }
}

/// The effective address: a 33-bit sum where there is an offset, and none at all where it was folded. Of a 64-bit
/// address, a sum that would not fit is the greatest number, which lies outside of every memory. `FORM` is a [`LoadForm`]
/// that takes its base from a register.
// @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
#[inline(always)]
pub(super) fn effective<const FORM: u8, T: Effective>(base: u64, imm: u32, regs: &Regs) -> T {
    const R: u8 = LoadForm::R as u8;
    const ABS: u8 = LoadForm::Abs as u8;
    const IDX: u8 = LoadForm::Idx as u8;
    match FORM {
        R => T::sum(base as u32, imm),
        ABS => T::sum(imm, 0),
        IDX => T::sum((base as u32).wrapping_add(regs[imm as u8 as usize].get() as u32), imm >> 8),
        _ => T::sum((base as u32).wrapping_add(imm), 0),
    }
}

/// Whether words have to be put together from bytes, unless they are aligned.
const STRICT: bool = cfg!(target_arch = "riscv32");

/// The value at `place`. On Arm, two comparisons without a sum take fewer instructions than one with it.
#[inline(always)]
fn load_at<O: Load>(memory: &[u8], place: usize) -> Option<u64> {
    if cfg!(target_arch = "arm") {
        return O::load(memory.get(place..)?, 0);
    }
    if STRICT && O::BYTES == 4 {
        // Not aligned is as seldom as outside, and goes the same way.
        let word = u32::ref_from_bytes(memory.get(place..place.wrapping_add(4))?).ok()?;
        return O::load(&word.to_ne_bytes(), 0);
    }
    O::load(memory, place)
}

#[inline(always)]
fn store_at<O: Store>(memory: &mut [u8], place: usize, value: u64) -> Option<()> {
    if cfg!(target_arch = "arm") {
        return O::store(memory.get_mut(place..)?, 0, value);
    }
    if STRICT && O::BYTES == 4 {
        let bytes = memory.get_mut(place..place.wrapping_add(4))?;
        if let Ok(word) = u32::mut_from_bytes(bytes) {
            let mut stored = [0; 4];
            O::store(&mut stored, 0, value)?;
            *word = u32::from_ne_bytes(stored);
            return Some(());
        }
    }
    O::store(memory, place, value)
}

#[inline(always)]
fn load_address<const FORM: u8, T: Effective>(n: &Instr, regs: &Regs, acc: u64) -> T {
    const A: u8 = LoadForm::A as u8;
    const A_IDX: u8 = LoadForm::AIdx as u8;
    const A_WRAP: u8 = LoadForm::AWrap as u8;
    const R64: u8 = LoadForm::R64 as u8;
    const A64: u8 = LoadForm::A64 as u8;
    let base = if TAKES && matches!(FORM, A | A_IDX | A_WRAP | A64) { acc } else { regs[n.b as usize].get() };
    match FORM {
        A => effective::<{ LoadForm::R as u8 }, T>(base, n.imm, regs),
        A_IDX => effective::<{ LoadForm::Idx as u8 }, T>(base, n.imm, regs),
        A_WRAP => effective::<{ LoadForm::Wrap as u8 }, T>(base, n.imm, regs),
        R64 | A64 => T::sum64(base, n.imm),
        _ => effective::<FORM, T>(base, n.imm, regs),
    }
}

pub(crate) fn load<'m, D: Dispatch, O: Load, const FLOAT: bool, const FORM: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let place = load_address::<FORM, Option<usize>>(n, regs, taken(acc));
    let value = place.and_then(|place| load_at::<O>(ctx.memory, place));
    let Some(value) = value else { return load_seldom::<D, O, FLOAT, FORM>(code, regs, ctx, acc, facc) };
    loaded::<D, FLOAT>(n, rest, value, regs, ctx, acc, facc)
}

#[inline(always)]
fn loaded<'m, D: Dispatch, const FLOAT: bool>(
    n: &Instr,
    rest: Rest<'m>,
    value: u64,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    define::<D>(n, regs, value);
    if FLOAT {
        let (value, facc) = accumulate_float(value, taken(acc), facc);
        let acc = made(acc, value);
        return D::next(rest, regs, ctx, acc, facc);
    }
    let acc = made(acc, value);
    D::next(rest, regs, ctx, acc, facc)
}

#[inline(always)]
fn store_address<const FORM: u8, T: Effective>(n: &Instr, regs: &Regs) -> T {
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
    let base = regs[n.a as usize].get() as u32;
    match FORM {
        ABS | ABS_A => T::sum(n.imm, 0),
        IDX | IDX_A => T::sum(base.wrapping_add(regs[n.imm as u8 as usize].get() as u32), n.imm >> 8),
        WRAP | WRAP_A | WRAP_IMM => T::sum(base.wrapping_add(n.imm), 0),
        R64 | IMM64 | A64 => T::sum64(regs[n.a as usize].get(), n.imm),
        _ => T::sum(base, n.imm),
    }
}

pub(crate) fn store<'m, D: Dispatch, O: Store, const FLOAT: bool, const FORM: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    const IMM: u8 = StoreForm::Imm as u8;
    const WRAP_IMM: u8 = StoreForm::WrapImm as u8;
    const IMM64: u8 = StoreForm::Imm64 as u8;
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let place = store_address::<FORM, Option<usize>>(n, regs);
    let value = if FORM == IMM || FORM == WRAP_IMM || FORM == IMM64 {
        n.b as i8 as i64 as u64
    } else if TAKES && FORM >= StoreForm::A as u8 {
        {
            let acc = taken(acc);
            if FLOAT { float_slot(acc, facc) } else { acc }
        }
    } else {
        regs[n.b as usize].get()
    };
    let stored = place.and_then(|place| store_at::<O>(ctx.memory, place, value));
    if stored.is_none() {
        return store_outside::<O, FORM>(code, regs, ctx, acc, facc);
    }
    D::next(rest, regs, ctx, acc, facc)
}

/// A load that is outside of memory 0, or of bytes that no word has. With the arguments of a handler, the way here is a
/// jump.
#[cold]
#[inline(never)]
fn load_seldom<'m, D: Dispatch, O: Load, const FLOAT: bool, const FORM: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    if STRICT
        && let Some(place) = load_address::<FORM, Option<usize>>(n, regs, taken(acc))
        && let Some(value) = O::load(ctx.memory, place)
    {
        return loaded::<D, FLOAT>(n, rest, value, regs, ctx, acc, facc);
    }
    let address = load_address::<FORM, u64>(n, regs, taken(acc));
    outside(ctx, rest, address, O::BYTES as u64)
}

#[cold]
#[inline(never)]
fn store_outside<'m, O: Store, const FORM: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    _: Acc,
    _: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    outside(ctx, rest, store_address::<FORM, u64>(n, regs), O::BYTES as u64)
}

/// The static offset of an access in the form `Far`, and its memory.
pub(super) fn far(n: Instr, data: Instr) -> (u64, u32) {
    (n.imm as u64 | (data.imm as u64) << 32, data.ab())
}

/// A load from one of the first memories; all else, traps included, is the driver's.
// @need-ids: REQ_MULTI_MEMORY_001, REQ_MEMORY64_001, REQ_MEM_SAFETY_001
pub(crate) fn far_load<'m, D: Dispatch, O: Load>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some((data, after)) = step(rest) else { return ended(ctx) };
    let (offset, memory) = far(*n, *data);
    let address = regs[n.b as usize].get().saturating_add(offset);
    let memory = ctx.memory_at(memory);
    let Some(value) = memory.and_then(|memory| O::load(memory, position(address))) else { return slow(ctx, rest) };
    regs[n.a as usize].set(value);
    D::next(after, regs, ctx, acc, facc)
}

/// A store to one of the first memories; all else, traps included, is the driver's.
// @need-ids: REQ_MULTI_MEMORY_001, REQ_MEMORY64_001, REQ_MEM_SAFETY_001
pub(crate) fn far_store<'m, D: Dispatch, O: Store>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some((data, after)) = step(rest) else { return ended(ctx) };
    let (offset, memory) = far(*n, *data);
    let address = regs[n.a as usize].get().saturating_add(offset);
    let memory = ctx.memory_at(memory);
    let stored = memory.and_then(|memory| O::store(memory, position(address), regs[n.b as usize].get()));
    if stored.is_none() {
        return slow(ctx, rest);
    }
    D::next(after, regs, ctx, acc, facc)
}

pub(crate) fn memory_size<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    if n.imm != 0 {
        return slow(ctx, rest);
    }
    let pages = (ctx.memory.len() as u64).wrapping_shr(ctx.page_log2 as u32);
    regs[n.a as usize].set(pages);
    let acc = made(acc, pages);
    D::next(rest, regs, ctx, acc, facc)
}

/// The three operands of a bulk operator, where they stand in the window.
#[inline(always)]
fn three(n: &Instr, regs: &Regs) -> Option<[u64; 3]> {
    Some(regs.get(n.imm as usize..)?.first_chunk::<3>()?.each_ref().map(Register::get))
}

/// Copies small enough for the quantum, inside memory 0; all else, traps included, is the driver's.
pub(crate) fn memory_copy<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
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
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
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
