//! Handlers of operators on objects that go on by themselves: accesses, casts, and allocations for which there is room.
//!
//! What they mean is said in [`heap`](crate::heap). All that cannot be done here is the driver's, which does it from the start: it
//! collects, asks for storage, and tells traps.

use super::context::{Acc, Context, Dispatch, Regs, Rest, Stop, ended, slow, step, step_data, take};
use super::gc::SIGNED;
use crate::heap::layout::{Field, Fields, Packed, element};
use crate::heap::operators::price_of;
use crate::heap::reference::i31_get;
use crate::heap::{Heap, Object, ObjectType, Value, matches};
use crate::image::format::ValType;
use crate::instr::{Instr, WINDOW};
use crate::table::{NULL, Ref};
use wrt_instructions::slot::Facc;

/// The value in a register, or in two.
#[inline(always)]
fn value(regs: &Regs, register: u8, packed: Packed) -> Value {
    let high = if packed == Packed::V128 { regs[register as usize + 1].get() } else { 0 };
    [regs[register as usize].get(), high]
}

#[inline(always)]
fn set(regs: &Regs, register: u8, packed: Packed, [low, high]: Value) {
    regs[register as usize].set(low);
    if packed == Packed::V128 {
        regs[register as usize + 1].set(high);
    }
}

/// What a reference in a register refers to.
#[inline(always)]
fn reference(regs: &Regs, register: u8) -> Ref {
    regs[register as usize].get() as Ref
}

// @need-ids: REQ_GC_001, REQ_018
pub(super) fn struct_get<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let field = Field::from_word(n.imm & !SIGNED);
    let (Some(field), Some(heap)) = (field, ctx.heap.first()) else { return slow(ctx, rest) };
    let Ok(found) = heap.struct_get(reference(regs, n.b), field, n.imm & SIGNED != 0) else { return slow(ctx, rest) };
    set(regs, n.a, field.packed, found);
    D::next(rest, regs, ctx, acc, facc)
}

// @need-ids: REQ_GC_001, REQ_018
pub(super) fn struct_set<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let (Some(field), Some(heap)) = (Field::from_word(n.imm), ctx.heap.first_mut()) else { return slow(ctx, rest) };
    match heap.struct_set(reference(regs, n.a), field, value(regs, n.b, field.packed)) {
        Ok(()) => D::next(rest, regs, ctx, acc, facc),
        Err(_) => slow(ctx, rest),
    }
}

// @need-ids: REQ_GC_001, REQ_018
pub(super) fn array_get<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let packed = Packed::from_log2(n.imm >> 8 & 0b111);
    let (Some(packed), Some(heap)) = (packed, ctx.heap.first()) else { return slow(ctx, rest) };
    let index = regs[n.imm as u8 as usize].get() as u32;
    let found = heap.array_get(reference(regs, n.b), packed, index, n.imm & SIGNED != 0);
    let Ok(found) = found else { return slow(ctx, rest) };
    set(regs, n.a, packed, found);
    D::next(rest, regs, ctx, acc, facc)
}

// @need-ids: REQ_GC_001, REQ_018
pub(super) fn array_set<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let packed = Packed::from_log2(n.imm >> 8 & 0b111);
    let (Some(packed), Some(heap)) = (packed, ctx.heap.first_mut()) else { return slow(ctx, rest) };
    let index = regs[n.b as usize].get() as u32;
    match heap.array_set(reference(regs, n.a), packed, index, value(regs, n.imm as u8, packed)) {
        Ok(()) => D::next(rest, regs, ctx, acc, facc),
        Err(_) => slow(ctx, rest),
    }
}

// @need-ids: REQ_GC_001
pub(super) fn array_len<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let length = ctx.heap.first().and_then(|heap| heap.array_len(reference(regs, n.b)).ok());
    let Some(length) = length else { return slow(ctx, rest) };
    regs[n.a as usize].set(length.into());
    D::next(rest, regs, ctx, acc, facc)
}

// @need-ids: REQ_GC_001
pub(super) fn i31<'m, D: Dispatch>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(found) = i31_get(reference(regs, n.b), n.imm != 0) else { return slow(ctx, rest) };
    regs[n.a as usize].set(found.into());
    D::next(rest, regs, ctx, acc, facc)
}

/// Whether a reference is a value of the type that an instruction names. `None` where there is no such type.
#[inline(always)]
fn holds(ctx: &Context<'_>, reference: Ref, imm: u32) -> Option<bool> {
    let heap = ctx.heap.first()?;
    let wanted = ValType { code: imm.into() };
    let Some(index) = wanted.type_index() else { return Some(holds_seldom(ctx, heap, reference, wanted)) };
    let ty = *ctx.types.get(index as usize)?;
    // Mostly it is of that very type. What a function's reference would mean as an object is none of a function's type.
    match heap.object(reference) {
        Some(Object { ty: ObjectType::Of(found), .. }) if found == ty => Some(true),
        _ if reference == NULL => Some(wanted.is_nullable()),
        _ => Some(holds_seldom(ctx, heap, reference, wanted.with_type_index(ty))),
    }
}

#[inline(never)]
fn holds_seldom(ctx: &Context<'_>, heap: &Heap<'_>, reference: Ref, wanted: ValType) -> bool {
    matches(heap, reference, wanted, |addr| ctx.funcs.get(addr as usize).map(|func| func.ty))
}

// @need-ids: REQ_GC_001, REQ_TYPES_002
pub(super) fn ref_test<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    let Some(holds) = holds(ctx, reference(regs, n.b), n.imm) else { return slow(ctx, rest) };
    regs[n.a as usize].set(holds.into());
    D::next(rest, regs, ctx, acc, facc)
}

// @need-ids: REQ_GC_001, REQ_TYPES_002
pub(super) fn ref_cast<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, rest)) = step(code) else { return ended(ctx) };
    match holds(ctx, reference(regs, n.a), n.imm) {
        Some(true) => D::next(rest, regs, ctx, acc, facc),
        _ => slow(ctx, rest),
    }
}

// @need-ids: REQ_GC_001, REQ_TYPES_002
pub(super) fn br_on_cast<'m, D: Dispatch>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, data, rest)) = step_data(code) else { return ended(ctx) };
    let Some(holds) = holds(ctx, reference(regs, n.a), n.imm) else { return seldom(code, ctx) };
    if holds == (data.a == 0) {
        return D::forward(data.imm, rest, regs, ctx, acc, facc);
    }
    D::next(rest, regs, ctx, acc, facc)
}

/// The instruction that `code` begins with is the driver's.
#[cold]
fn seldom(code: Rest<'_>, ctx: &mut Context<'_>) -> Stop {
    let Some((_, rest)) = take(code) else { return ended(ctx) };
    slow(ctx, rest)
}

/// `struct.new` with values, or without.
// @need-ids: REQ_GC_001, REQ_GC_002
pub(super) fn struct_new<'m, D: Dispatch, const VALUES: bool>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, data, rest)) = step_data(code) else { return ended(ctx) };
    match new_struct::<VALUES>(ctx, regs, n.imm, data.imm) {
        Some(reference) => {
            regs[data.imm as u8 as usize].set(reference.into());
            D::next(rest, regs, ctx, acc, facc)
        }
        None => seldom(code, ctx),
    }
}

/// A structure of the instance's type `ty`, made of the values from register `first` on; `None` where the heap has no room for it, or
/// registers do not reach.
#[inline(never)]
fn new_struct<const VALUES: bool>(ctx: &mut Context<'_>, regs: &Regs, ty: u32, first: u32) -> Option<Ref> {
    let ty = *ctx.types.get(ty as usize)?;
    let heap = ctx.heap.first_mut()?;
    let fields = heap.types.fields(ty)?.1;
    // No value takes more than two registers, and there is one for what is made.
    if first.saturating_add((fields.len() as u32).saturating_mul(2)).max(first.saturating_add(1)) > WINDOW as u32 {
        return None;
    }
    let words = u64::from(Fields::new(fields).words()).saturating_add(1);
    let reference = heap.allocate(ObjectType::Of(ty), 0, words).ok()?;
    if VALUES {
        let object = heap.object(reference)?;
        let mut register = first as u8;
        for (_, field) in Fields::new(fields) {
            heap.set_field(&object, field, value(regs, register, field.packed))?;
            register = register.wrapping_add(field.packed.slots() as u8);
        }
    }
    Some(reference)
}

/// `array.new` with a value, or without.
// @need-ids: REQ_GC_001, REQ_GC_002, REQ_FUEL_SCHEDULE_001
pub(super) fn array_new<'m, D: Dispatch, const VALUE: bool>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let Some((n, data, rest)) = step_data(code) else { return ended(ctx) };
    match new_array::<VALUE>(ctx, regs, n, data.imm) {
        Some(reference) => {
            regs[data.imm as u8 as usize].set(reference.into());
            D::next(rest, regs, ctx, acc, facc)
        }
        None => seldom(code, ctx),
    }
}

/// An array, as [`new_struct`] makes structures. It is paid for out of the quantum, if that suffices.
#[inline(never)]
fn new_array<const VALUE: bool>(ctx: &mut Context<'_>, regs: &Regs, n: &Instr, first: u32) -> Option<Ref> {
    let ty = *ctx.types.get(n.imm as usize)?;
    let fuel = ctx.fuel;
    let heap = ctx.heap.first_mut()?;
    let packed = Packed::of(element(heap.types, ty)?);
    let value_slots = if VALUE { packed.slots() } else { 0 };
    if first.saturating_add(value_slots) >= WINDOW as u32 {
        return None;
    }
    let length = regs[first.wrapping_add(value_slots) as u8 as usize].get() as u32;
    let left = u64::from(fuel).checked_sub(price_of(packed, length))?;
    let words = heap.object_words(ObjectType::Of(ty), length)?;
    let reference = heap.allocate(ObjectType::Of(ty), length, words).ok()?;
    ctx.fuel = left as u32;
    let value = value(regs, first as u8, packed);
    if VALUE && value != Value::default() {
        let array = heap.object(reference)?;
        heap.fill(&array, packed, (0, length), value)?;
    }
    Some(reference)
}
