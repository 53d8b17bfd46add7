//! Handlers of moves, variables, fuel heads, calls and returns.

use super::context::{
    Acc, Context, Dispatch, Register, Regs, Rest, Stop, TAKES, dead, define, ended, made, no_cell, out_of_fuel, raise,
    raise_with, slow, step, step_data, take, taken,
};
use crate::execute::Detail;
use crate::instr::WINDOW;
use crate::storage::{Entry, FuncInst, HOST, MORE_TABLES};
use crate::table::{NULL, Ref};
use wrt_instructions::Trap;
use wrt_instructions::memory_ops::position;
use wrt_instructions::part::Part;
use wrt_instructions::slot::Facc;

pub(crate) fn corrupt<'m>(code: Rest<'m>, _: &Regs, ctx: &mut Context<'m>, _: Acc, _: Facc) -> Stop {
    let Some((_, rest)) = take(code) else { return ended(ctx) };
    raise(ctx, rest, Trap::CorruptCode)
}

pub(crate) fn unreachable<'m>(code: Rest<'m>, _: &Regs, ctx: &mut Context<'m>, _: Acc, _: Facc) -> Stop {
    let Some((_, rest)) = take(code) else { return ended(ctx) };
    raise(ctx, rest, Trap::Unreachable)
}

/// Rows that only the driver can run.
pub(crate) fn driver<'m>(code: Rest<'m>, _: &Regs, ctx: &mut Context<'m>, _: Acc, _: Facc) -> Stop {
    let Some((_, rest)) = take(code) else { return ended(ctx) };
    slow(ctx, rest)
}

pub(crate) fn mov<'m, D: Dispatch>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let value = regs[n.b as usize].get();
    regs[n.a as usize].set(value);
    let acc = made(acc, value);
    D::next(rest, regs, ctx, acc, facc)
}

/// `COUNT` moves in one, in order: 2 or 3.
pub(crate) fn movs<'m, D: Dispatch, const COUNT: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    regs[n.a as usize].set(regs[n.b as usize].get());
    regs[n.imm as u8 as usize].set(regs[(n.imm >> 8) as u8 as usize].get());
    if COUNT == 3 {
        regs[(n.imm >> 16) as u8 as usize].set(regs[(n.imm >> 24) as u8 as usize].get());
    }
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn mov_range<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    // Targets lie below their sources, so front to back is as good as at once.
    for i in 0..n.b {
        regs[n.a.wrapping_add(i) as usize].set(regs[(n.imm as u8).wrapping_add(i) as usize].get());
    }
    D::next(rest, regs, ctx, acc, facc)
}

/// Which constant an instruction stands for.
pub(crate) const ZERO_EXTENDED: u8 = 0;
pub(crate) const SIGN_EXTENDED: u8 = 1;
pub(crate) const UPPER_HALF: u8 = 2;

pub(crate) fn constant<'m, D: Dispatch, const KIND: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let value = match KIND {
        ZERO_EXTENDED => n.imm as u64,
        SIGN_EXTENDED => n.imm as i32 as i64 as u64,
        _ => (n.imm as u64) << 32,
    };
    regs[n.a as usize].set(value);
    let acc = made(acc, value);
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn constant64<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, data, rest)) = step_data(code) else { return ended(ctx) };
    regs[n.a as usize].set(n.imm as u64 | (data.imm as u64) << 32);
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn select<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let (first, second) = (regs[n.b as usize].get(), regs[n.imm as u8 as usize].get());
    let condition = regs[(n.imm >> 8) as u8 as usize].get() as u32 != 0;
    let value = core::hint::select_unpredictable(condition, first, second);
    define::<D>(n, regs, value);
    let acc = made(acc, value);
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn global_get<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(&value) = ctx.globals.get(ctx.global_base.wrapping_add(n.imm) as usize) else { return ended(ctx) };
    define::<D>(n, regs, value);
    let acc = made(acc, value);
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn global_set<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(global) = ctx.globals.get_mut(ctx.global_base.wrapping_add(n.imm) as usize) else { return ended(ctx) };
    *global = regs[n.a as usize].get();
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn imported_global_get<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(&at) = ctx.imported_globals.get(n.imm as usize) else { return ended(ctx) };
    let Some(&value) = ctx.globals.get(at as usize) else { return ended(ctx) };
    regs[n.a as usize].set(value);
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn imported_global_set<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(&at) = ctx.imported_globals.get(n.imm as usize) else { return ended(ctx) };
    let Some(global) = ctx.globals.get_mut(at as usize) else { return ended(ctx) };
    *global = regs[n.a as usize].get();
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn ref_func<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(&addr) = ctx.func_addrs.get(n.imm as usize) else { return ended(ctx) };
    regs[n.a as usize].set(addr.wrapping_add(1) as u64);
    D::next(rest, regs, ctx, acc, facc)
}

/// How many slots a function's head zeroes: those the instruction says, or a fixed number, which compiles to plain stores.
pub(crate) const NONE: u8 = 0;
pub(crate) const COUNTED: u8 = 1;

// @need-ids: REQ_007, REQ_003, REQ_FUEL_SCHEDULE_001
pub(crate) fn fuel<'m, D: Dispatch, const ZEROES: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let count = if ZEROES == COUNTED { n.b } else { ZEROES };
    for i in 0..count {
        regs[n.a.wrapping_add(i) as usize].set(0);
    }
    if !ctx.charge(n.imm) {
        return out_of_fuel(ctx, rest);
    }
    D::next(rest, regs, ctx, acc, facc)
}

/// Calls the function with this entry; its frame starts at slot `start`. The instruction has `data` data words.
#[cfg_attr(feature = "compact", inline(never))]
#[cfg_attr(not(feature = "compact"), inline(always))]
fn call_entry<D: Dispatch>(
    ctx: &mut Context<'_>,
    acc: Acc,
    (rest, after): (Rest<'_>, Rest<'_>),
    entry: &Entry,
    start: u32,
) -> Stop {
    let return_to = ctx.position(after);
    match ctx.enter(entry, start, return_to) {
        Some(()) => D::enter(entry, ctx, dead(acc)),
        None => raise(ctx, rest, Trap::CallStackExhausted),
    }
}

pub(crate) fn call<'m, D: Dispatch>(code: Rest<'m>, _: &Regs, ctx: &mut Context<'m>, acc: Acc, _: Facc) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(entry) = ctx.entries.get(n.imm as usize) else { return ended(ctx) };
    call_entry::<D>(ctx, acc, (rest, rest), entry, n.ab())
}

/// A call of an import: one of the host's needs no more than its number, another instance's is the driver's.
pub(crate) fn call_import<'m>(code: Rest<'m>, _: &Regs, ctx: &mut Context<'m>, _: Acc, _: Facc) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(&addr) = ctx.func_addrs.get(n.imm as usize) else { return ended(ctx) };
    match ctx.funcs.get(addr as usize) {
        Some(&func) if func.instance == HOST => call_host(ctx, rest, func, n.ab()),
        _ => slow(ctx, rest),
    }
}

/// Leaves to the host, whose functions have no frame: the guest stands at its return position until they are done.
#[inline(always)]
fn call_host(ctx: &mut Context<'_>, after: Rest<'_>, func: FuncInst, start: u32) -> Stop {
    ctx.callee = func.index;
    ctx.start = start;
    ctx.pc = ctx.position(after);
    Stop::CallHost
}

pub(crate) fn call_indirect<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some((data, after)) = take(rest) else { return ended(ctx) };
    if data.ab() != 0 {
        if MORE_TABLES {
            return call_indirect_more::<D>(code, regs, ctx, acc, facc);
        }
        return slow(ctx, rest);
    }
    let index = regs[n.b as usize].get();
    let Some(&reference) = ctx.table.get(position(index)) else {
        return no_callee(ctx, rest, Trap::UndefinedElement, index);
    };
    let Some(&func) = ctx.funcs.get(reference.wrapping_sub(1) as usize) else {
        return no_callee(ctx, rest, Trap::IndirectCallToNull, index);
    };
    let Some(&expected) = ctx.types.get(n.imm as usize) else { return ended(ctx) };
    if func.ty != expected {
        // Without references no type has subtypes.
        if !Part::References.is_built() {
            let detail = Detail::Type { expected, actual: func.ty };
            return raise_with(ctx, rest, Trap::IndirectCallTypeMismatch, detail);
        }
        return slow(ctx, rest);
    }
    call_func::<D>(ctx, acc, (rest, after), (reference, func), data.imm)
}

/// A call through another table than the first, where it is within reach. What cannot be done is the driver's, which tells traps.
#[inline(never)]
fn call_indirect_more<'m, D: Dispatch>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, _: Facc) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some((data, after)) = take(rest) else { return ended(ctx) };
    let index = position(regs[n.b as usize].get());
    let reference = ctx.table_at(data.ab()).and_then(|table| table.get(index)).copied().unwrap_or_default();
    let (func, expected) = (ctx.funcs.get(reference.wrapping_sub(1) as usize), ctx.types.get(n.imm as usize));
    match (func, expected) {
        (Some(&func), Some(expected)) if func.ty == *expected => {
            call_func::<D>(ctx, acc, (rest, after), (reference, func), data.imm)
        }
        _ => slow(ctx, rest),
    }
}

/// Calls what a reference means, which was checked, with the frame at slot `start`.
#[inline(always)]
fn call_func<'m, D: Dispatch>(
    ctx: &mut Context<'m>,
    acc: Acc,
    (rest, after): (Rest<'m>, Rest<'m>),
    (reference, func): (Ref, FuncInst),
    start: u32,
) -> Stop {
    if func.instance == HOST {
        return call_host(ctx, after, func, start);
    }
    if func.instance != ctx.instance && Part::Linking.is_built() {
        ctx.callee = reference.wrapping_sub(1);
        ctx.start = start;
        ctx.pc = ctx.position(after);
        return Stop::CallOther;
    }
    let Some(entry) = ctx.entries.get(func.index as usize) else { return ended(ctx) };
    call_entry::<D>(ctx, acc, (rest, after), entry, start)
}

/// Validation has seen to the type; an image's word for it is not taken. A subtype of the expected one is the driver's.
pub(crate) fn call_ref<'m, D: Dispatch>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, _: Facc) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some((data, after)) = take(rest) else { return ended(ctx) };
    let reference = regs[n.b as usize].get() as u32;
    let Some(&func) = ctx.funcs.get(reference.wrapping_sub(1) as usize) else { return slow(ctx, rest) };
    let Some(&expected) = ctx.types.get(n.imm as usize) else { return ended(ctx) };
    if func.ty != expected {
        return slow(ctx, rest);
    }
    call_func::<D>(ctx, acc, (rest, after), (reference, func), data.imm)
}

pub(crate) fn ref_as_non_null<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    if regs[n.a as usize].get() as u32 == NULL {
        return raise(ctx, rest, Trap::NullReference);
    }
    D::next(rest, regs, ctx, acc, facc)
}

#[cold]
#[inline(never)]
fn no_callee(ctx: &mut Context<'_>, rest: Rest<'_>, trap: Trap, index: u64) -> Stop {
    let detail = Detail::Table { index, length: 1, size: ctx.table.len() as u64 };
    raise_with(ctx, rest, trap, detail)
}

/// A tail call: the arguments move down to this frame's start, and the frame is the callee's from then on.
pub(crate) fn return_call<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    _: Facc,
) -> Stop {
    let Some((n, rest)) = take(code) else { return ended(ctx) };
    let Some((data, _)) = take(rest) else { return ended(ctx) };
    let Some(entry) = ctx.entries.get(n.imm as usize) else { return ended(ctx) };
    replace::<D>(ctx, regs, acc, rest, entry, (n.ab(), data.imm))
}

/// The frame is from now on that of the function with this entry, with `count` arguments from register `from` on.
#[inline(always)]
fn replace<'m, D: Dispatch>(
    ctx: &mut Context<'m>,
    regs: &Regs,
    acc: Acc,
    rest: Rest<'m>,
    entry: &Entry,
    (from, count): (u32, u32),
) -> Stop {
    if from.wrapping_add(count) > WINDOW as u32 {
        return slow(ctx, rest);
    }
    if ctx.end_of(ctx.base, entry).is_none() {
        return raise(ctx, rest, Trap::CallStackExhausted);
    }
    for i in 0..count as u8 {
        regs[i as usize].set(regs[(from as u8).wrapping_add(i) as usize].get());
    }
    D::enter(entry, ctx, dead(acc))
}

/// A tail call through a table within reach, or of a reference (`REF`), to a function of this instance. All else is the driver's, which
/// tells traps.
pub(crate) fn return_call_through<'m, D: Dispatch, const REF: bool>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    _: Facc,
) -> Stop {
    let Some((n, rest)) = take(code) else { return ended(ctx) };
    let Some((data, _)) = take(rest) else { return ended(ctx) };
    let operand = regs[n.b as usize].get();
    let reference = if REF {
        operand as Ref
    } else {
        ctx.table_at(data.ab()).and_then(|table| table.get(position(operand))).copied().unwrap_or(NULL)
    };
    let (func, expected) = (ctx.funcs.get(reference.wrapping_sub(1) as usize), ctx.types.get(n.imm as usize));
    match (func, expected) {
        (Some(func), Some(expected)) if func.ty == *expected && func.instance == ctx.instance => {
            let Some(entry) = ctx.entries.get(func.index as usize) else { return ended(ctx) };
            replace::<D>(ctx, regs, acc, rest, entry, (data.imm >> 16, data.imm & 0xFFFF))
        }
        _ => slow(ctx, rest),
    }
}

/// Goes on in the caller.
#[inline(always)]
pub(crate) fn leave<D: Dispatch>(ctx: &mut Context<'_>, acc: Acc) -> Stop {
    match ctx.leave() {
        Some(pc) => D::switch(pc, ctx, dead(acc)),
        // Nowhere to return to. Another way than that of code which ends: one for both would be prepared for together.
        None => no_cell(ctx, 0),
    }
}

pub(crate) fn return_<'m, D: Dispatch>(_: Rest<'m>, _: &Regs, ctx: &mut Context<'m>, acc: Acc, _: Facc) -> Stop {
    leave::<D>(ctx, acc)
}

pub(crate) fn return_one<'m, D: Dispatch, const ACC: bool>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    _: Facc,
) -> Stop {
    let Some((n, _)) = take(code) else { return ended(ctx) };
    regs[0].set(if ACC && TAKES { taken(acc) } else { regs[n.a as usize].get() });
    leave::<D>(ctx, acc)
}

pub(crate) fn return_constant<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    _: Facc,
) -> Stop {
    let Some((n, _)) = take(code) else { return ended(ctx) };
    regs[0].set(n.imm as u64);
    leave::<D>(ctx, acc)
}

pub(crate) fn return_many<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    _: Facc,
) -> Stop {
    let Some((n, rest)) = take(code) else { return ended(ctx) };
    let (from, count) = (n.ab(), n.imm);
    if from.saturating_add(count) > WINDOW as u32 {
        return slow(ctx, rest);
    }
    for i in 0..count as u8 {
        regs[i as usize].set(regs[(from as u8).wrapping_add(i) as usize].get());
    }
    leave::<D>(ctx, acc)
}

pub(crate) fn table_get<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(table) = ctx.table_at(n.imm) else { return slow(ctx, rest) };
    let Some(&value) = table.get(position(regs[n.b as usize].get())) else { return slow(ctx, rest) };
    regs[n.a as usize].set(value as u64);
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn table_set<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(table) = ctx.table_at(n.imm) else { return slow(ctx, rest) };
    let Some(element) = table.get_mut(position(regs[n.a as usize].get())) else { return slow(ctx, rest) };
    *element = regs[n.b as usize].get() as u32;
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn table_size<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let size = match (n.imm, ctx.table_at(n.imm)) {
        (0, Some(table)) => table.len(),
        // An empty one may be out of reach.
        (_, Some(table)) if !table.is_empty() => table.len(),
        _ => return slow(ctx, rest),
    };
    regs[n.a as usize].set(size as u64);
    D::next(rest, regs, ctx, acc, facc)
}

/// A slot of a wide frame that registers do not reach.
#[inline(always)]
fn far_slot<'c>(ctx: &Context<'c>, index: u32) -> Option<&'c Register> {
    ctx.slots.get((ctx.base as usize).checked_add(index as usize)?)
}

pub(crate) fn far_get<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(slot) = far_slot(ctx, n.imm) else { return slow(ctx, rest) };
    regs[n.a as usize].set(slot.get());
    D::next(rest, regs, ctx, acc, facc)
}

pub(crate) fn far_put<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(slot) = far_slot(ctx, n.imm) else { return slow(ctx, rest) };
    slot.set(regs[n.a as usize].get());
    D::next(rest, regs, ctx, acc, facc)
}
