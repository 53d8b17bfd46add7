//! Handlers of vector operators: generic over the row. A `v128` stands in two registers, of which instructions name the low one.
//!
//! The window is one slot longer than registers reach, so that both are read and written without a check, as one access
//! of 16 bytes.

// @need-ids: REQ_018, REQ_023

use super::access::effective;
use super::context::{Acc, Context, Dispatch, Handler, Regs, Rest, Stop, define, ended, made, outside, step, taken};
use super::control;
use super::slow::{At, Next, memory_trap};
use crate::instr::Instr;
use wrt_instructions::memory_ops::position;
use wrt_instructions::op::{LoadForm, Op};
use wrt_instructions::slot::Facc;
#[cfg(cells)]
use wrt_instructions::vector::meaning::in_one;
use wrt_instructions::vector::meaning::{
    ExtractLane, ReplaceLane, Splat, VectorBinary, VectorLoad, VectorShift, VectorStore, VectorTernary, VectorTest,
    VectorUnary, i8x16_shuffle, vectors as rows,
};
use wrt_instructions::vector::{
    Distance, ExtractLaneOp, ReplaceLaneOp, SplatOp, VectorAccess, VectorBinaryOp, VectorLoadOp, VectorPlain,
    VectorRow, VectorShiftOp, VectorStoreOp, VectorTernaryOp, VectorTestOp, VectorUnaryOp,
};
use wrt_instructions::{Slot, V128};

#[inline(always)]
pub(super) fn get(regs: &Regs, register: u8) -> V128 {
    [regs[register as usize].get(), regs[register as usize + 1].get()]
}

#[inline(always)]
pub(super) fn put(regs: &Regs, register: u8, value: V128) {
    regs[register as usize].set(value[0]);
    regs[register as usize + 1].set(value[1]);
}

/// The registers in the two low bytes of the immediate.
#[inline(always)]
const fn immediate_registers(n: &Instr) -> (u8, u8) {
    (n.imm as u8, (n.imm >> 8) as u8)
}

/// A handler that gives a vector of the instruction and the registers, and goes on.
macro_rules! handlers {
    ($($name:ident<$O:ident: $Row:ident $(, const $form:ident: $t:ty)?>($n:ident, $regs:ident) $value:expr;)*) => { $(
        pub(super) fn $name<'m, D: Dispatch, $O: $Row $(, const $form: $t)?>(
            code: Rest<'m>,
            $regs: &Regs,
            ctx: &mut Context<'m>,
            acc: Acc,
            facc: Facc,
        ) -> Stop {
            let Some(($n, rest)) = step(code) else { return ended(ctx) };
            let value = $value;
            put($regs, $n.a, value);
            D::next(rest, $regs, ctx, acc, facc)
        }
    )* };
}
handlers! {
    unary<O: VectorUnary>(n, regs) O::apply(get(regs, n.b));
    binary<O: VectorBinary>(n, regs) O::apply(get(regs, n.b), get(regs, n.imm as u8));
    ternary<O: VectorTernary>(n, regs) {
        let (y, z) = immediate_registers(n);
        O::apply(get(regs, n.b), get(regs, y), get(regs, z))
    };
    shift<O: VectorShift, const REGISTER: bool>(n, regs) {
        let distance = if REGISTER { regs[n.imm as u8 as usize].get() as u32 } else { n.imm };
        O::apply(get(regs, n.b), distance)
    };
    replace_lane<O: ReplaceLane>(n, regs) {
        let (value, lane) = immediate_registers(n);
        O::apply(get(regs, n.b), lane, regs[value as usize].get())
    };
}

pub(super) fn splat<'m, D: Dispatch, O: Splat>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let value = O::apply(regs[n.b as usize].get());
    #[cfg(cells)]
    let value = in_one(value, ctx.zeroes);
    put(regs, n.a, value);
    D::next(rest, regs, ctx, acc, facc)
}

pub(super) fn test<'m, D: Dispatch, O: VectorTest>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let value = u64::from(O::apply(get(regs, n.b)));
    define::<D>(n, regs, value);
    let acc = made(acc, value);
    D::next(rest, regs, ctx, acc, facc)
}

pub(super) fn extract_lane<'m, D: Dispatch, O: ExtractLane>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let value = O::apply(get(regs, n.b), n.imm as u8);
    define::<D>(n, regs, value.to_slot());
    let (value, facc) = value.accumulate(taken(acc), facc);
    let acc = made(acc, value);
    D::next(rest, regs, ctx, acc, facc)
}

/// The address of a load or store of a vector, as those of scalars form theirs.
#[inline(always)]
fn vector_address<const FORM: u8>(base: u64, imm: u32, regs: &Regs) -> u64 {
    const R: u8 = VectorAccess::R as u8;
    const ABS: u8 = VectorAccess::Abs as u8;
    const IDX: u8 = VectorAccess::Idx as u8;
    match FORM {
        R => effective::<{ LoadForm::R as u8 }, u64>(base, imm, regs),
        ABS => effective::<{ LoadForm::Abs as u8 }, u64>(base, imm, regs),
        IDX => effective::<{ LoadForm::Idx as u8 }, u64>(base, imm, regs),
        _ => effective::<{ LoadForm::Wrap as u8 }, u64>(base, imm, regs),
    }
}

pub(super) fn load<'m, D: Dispatch, O: VectorLoad, const FORM: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let address = vector_address::<FORM>(regs[n.b as usize].get(), n.imm, regs);
    let Some(value) = O::load(ctx.memory, position(address)) else {
        return outside(ctx, rest, address, O::BYTES as u64);
    };
    put(regs, n.a, value);
    D::next(rest, regs, ctx, acc, facc)
}

pub(super) fn store<'m, D: Dispatch, O: VectorStore, const FORM: u8>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let address = vector_address::<FORM>(regs[n.a as usize].get(), n.imm, regs);
    if O::store(ctx.memory, position(address), get(regs, n.b)).is_none() {
        return outside(ctx, rest, address, O::BYTES as u64);
    }
    D::next(rest, regs, ctx, acc, facc)
}

fn shuffle<'m, D: Dispatch>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some((data, rest)) = rest.split_first_chunk::<4>() else { return ended(ctx) };
    let [l0, l1, l2, l3] = data.each_ref().map(|cell| u128::from(cell.instr.imm));
    let lanes = (l0 | l1 << 32 | l2 << 64 | l3 << 96).to_le_bytes();
    let value = i8x16_shuffle(get(regs, n.b), get(regs, n.imm as u8), lanes);
    put(regs, n.a, value);
    D::next(rest, regs, ctx, acc, facc)
}

fn select<'m, D: Dispatch>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let (second, condition) = immediate_registers(n);
    let chosen = if regs[condition as usize].get() as u32 != 0 { n.b } else { second };
    let value = get(regs, chosen);
    put(regs, n.a, value);
    D::next(rest, regs, ctx, acc, facc)
}

/// The first slot of a global in the store's list.
#[inline(always)]
fn global_at<const IMPORTED: bool>(n: &Instr, ctx: &Context<'_>) -> Option<usize> {
    if IMPORTED {
        return ctx.imported_globals.get(n.imm as usize).map(|at| *at as usize);
    }
    Some(ctx.global_base.wrapping_add(n.imm) as usize)
}

fn global_get<'m, D: Dispatch, const IMPORTED: bool>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(at) = global_at::<IMPORTED>(n, ctx) else { return ended(ctx) };
    let Some(&value) = ctx.globals.get(at..).and_then(|slots| slots.first_chunk::<2>()) else { return ended(ctx) };
    put(regs, n.a, value);
    D::next(rest, regs, ctx, acc, facc)
}

fn global_set<'m, D: Dispatch, const IMPORTED: bool>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(at) = global_at::<IMPORTED>(n, ctx) else { return ended(ctx) };
    let slots = ctx.globals.get_mut(at..).and_then(|slots| slots.first_chunk_mut::<2>());
    let Some(global) = slots else { return ended(ctx) };
    *global = get(regs, n.a);
    D::next(rest, regs, ctx, acc, facc)
}

/// Loads and stores with 64-bit addresses, or of memories other than the first: only the driver reaches those.
pub(super) fn far(mut at: At<'_, '_>, row: VectorRow) -> Option<Next> {
    let (register, bytes) = match row {
        VectorRow::Load(op, VectorAccess::Far) => (at.n.b, op.bytes()),
        VectorRow::Store(op, VectorAccess::Far) => (at.n.a, op.bytes()),
        _ => return None,
    };
    let offset = u64::from(at.n.imm) | u64::from(at.data.imm) << 32;
    let address = at.get(u32::from(register))?.checked_add(offset);
    let place = address.map_or(usize::MAX, position);
    let mut memory = at.storage.memory(at.instance, at.data.ab())?;
    let size = memory.len();
    let done = match row {
        VectorRow::Load(op, _) => {
            let value = op.load(memory.data(), place);
            if let Some([low, high]) = value {
                at.set(u32::from(at.n.a), low)?;
                at.set(u32::from(at.n.a).saturating_add(1), high)?;
            }
            value.is_some()
        }
        VectorRow::Store(op, _) => {
            let first = at.stack.state.base.checked_add(at.n.b.into())?;
            let value = at.stack.slots(first, 2)?.first_chunk::<2>()?;
            op.store(memory.data_mut(), place, *value).is_some()
        }
        _ => false,
    };
    if !done {
        return Some(memory_trap(at.stack, address.unwrap_or(u64::MAX), bytes as u64, size));
    }
    Some(at.after(1))
}

macro_rules! accesses {
    ($t:ident, $row:ident, $op:expr, $handler:ident::<$D:ident, $O:ident>, [$($form:ident)*]) => { $(
        super::handlers::put($t, Op::vector(VectorRow::$row($op, VectorAccess::$form)), $handler::<$D, $O, { VectorAccess::$form as u8 }>);
    )* };
}

const fn load_row<D: Dispatch, O: VectorLoad>(t: &mut [Handler], op: VectorLoadOp) {
    accesses!(t, Load, op, load::<D, O>, [R Abs Idx Wrap]);
    put_row(t, VectorRow::Load(op, VectorAccess::Far), control::driver);
}

const fn store_row<D: Dispatch, O: VectorStore>(t: &mut [Handler], op: VectorStoreOp) {
    accesses!(t, Store, op, store::<D, O>, [R Abs Idx Wrap]);
    put_row(t, VectorRow::Store(op, VectorAccess::Far), control::driver);
}

const fn put_row(t: &mut [Handler], row: VectorRow, handler: Handler) {
    super::handlers::put(t, Op::vector(row), handler);
}

/// Every row, from the table of vector operators.
macro_rules! table_rows {
    (
        vector_unary { $($uv:ident $uo:literal $un:literal $uf:ident, $up:literal, $ua:literal;)* }
        vector_binary { $($bv:ident $bo:literal $bn:literal $bf:ident, $bp:literal, $ba:literal;)* }
        vector_ternary { $($tv:ident $to:literal $tn:literal $tf:ident, $tp:literal, $ta:literal;)* }
        vector_shift { $($sv:ident $so:literal $sn:literal $sf:ident, $sp:literal, $sa:literal;)* }
        vector_test { $($qv:ident $qo:literal $qn:literal $qf:ident, $qp:literal, $qa:literal;)* }
        splat { $($pv:ident $po:literal $pn:literal $pf:ident($px:ty), $pp:literal, $pa:literal;)* }
        extract_lane { $($ev:ident $eo:literal $en:literal $ef:ident($el:literal lanes) -> $er:ty, $ep:literal, $ea:literal;)* }
        replace_lane { $($rv:ident $ro:literal $rn:literal $rf:ident($rl:literal lanes, $rx:ty), $rp:literal, $ra:literal;)* }
        vector_load { $($lv:ident $lo:literal $ln:literal $lf:ident($lb:literal bytes), $lp:literal, $la:literal;)* }
        vector_store { $($wv:ident $wo:literal $wn:literal $wf:ident($wb:literal bytes), $wp:literal, $wa:literal;)* }
        load_lane { $($load_lane:tt)* }
        store_lane { $($store_lane:tt)* }
    ) => {
        const fn table_rows<D: Dispatch>(t: &mut [Handler]) {
            $(put_row(t, VectorRow::Test(VectorTestOp::$qv), test::<D, rows::$qv>);)*
            $(put_row(t, VectorRow::ExtractLane(ExtractLaneOp::$ev), extract_lane::<D, rows::$ev>);)*
            // Only these leave their results in an accumulator.
            if !D::WRITES {
                return;
            }
            $(put_row(t, VectorRow::Unary(VectorUnaryOp::$uv), unary::<D, rows::$uv>);)*
            $(put_row(t, VectorRow::Binary(VectorBinaryOp::$bv), binary::<D, rows::$bv>);)*
            $(put_row(t, VectorRow::Ternary(VectorTernaryOp::$tv), ternary::<D, rows::$tv>);)*
            $(put_row(t, VectorRow::Shift(VectorShiftOp::$sv, Distance::R), shift::<D, rows::$sv, true>);)*
            $(put_row(t, VectorRow::Shift(VectorShiftOp::$sv, Distance::I), shift::<D, rows::$sv, false>);)*
            $(put_row(t, VectorRow::Splat(SplatOp::$pv), splat::<D, rows::$pv>);)*
            $(put_row(t, VectorRow::ReplaceLane(ReplaceLaneOp::$rv), replace_lane::<D, rows::$rv>);)*
            $(load_row::<D, rows::$lv>(t, VectorLoadOp::$lv);)*
            $(store_row::<D, rows::$wv>(t, VectorStoreOp::$wv);)*
        }
    };
}
wrt_instructions::vector_operators!(table_rows);

/// Enters the handlers of all vector rows.
pub(super) const fn rows<D: Dispatch>(t: &mut [Handler]) {
    table_rows::<D>(t);
    if !D::WRITES {
        return;
    }
    put_row(t, VectorRow::Plain(VectorPlain::Shuffle), shuffle::<D>);
    put_row(t, VectorRow::Plain(VectorPlain::Select), select::<D>);
    put_row(t, VectorRow::Plain(VectorPlain::GlobalGet), global_get::<D, false>);
    put_row(t, VectorRow::Plain(VectorPlain::GlobalSet), global_set::<D, false>);
    put_row(t, VectorRow::Plain(VectorPlain::ImportedGlobalGet), global_get::<D, true>);
    put_row(t, VectorRow::Plain(VectorPlain::ImportedGlobalSet), global_set::<D, true>);
}
