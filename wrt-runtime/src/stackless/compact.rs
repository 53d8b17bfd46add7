//! In place of a handler for each row, where the feature `compact` is on: one function takes instructions apart when it
//! runs them, and asks the operator table for what they mean.
//!
//! A few kilobytes of code instead of more than a hundred, for several times as many instructions of the processor.

// Instructions are read where they lie, as handlers do.
#![allow(clippy::trivially_copy_pass_by_ref)]

use super::access::{address, far};
use super::context::{Context, Handler, Regs, Rest, Stepped, Stop, ended, out_of_fuel, outside, raise, slow, take};
use super::{control as c, vector};
use crate::instr::Instr;
use wrt_instructions::memory_ops::position;
use wrt_instructions::op::{Compared, Group, LoadForm, Operand, Operands, Plain, StoreForm, Target, Test, table};
use wrt_instructions::operator::{
    BinaryOp, CompareOp, FloatBinaryOp, FloatCompareOp, FloatUnaryOp, LoadOp, StoreOp, UnaryOp, WideOp,
};
use wrt_instructions::part::Part;
use wrt_instructions::slot::{Facc, accumulate_float, float_slot};
use wrt_instructions::vector::BUILT;
use wrt_instructions::{Op, Trap};

const FLOATS: bool = Part::Float.is_built();
const MEMORIES: bool = Part::Memories.is_built();

/// Vector rows come last; the numbers before them have no handler here.
const VECTORS: usize = if BUILT { Op::COUNT } else { 0 };

static VECTOR: [Handler; VECTORS] = {
    let mut t = [c::corrupt as Handler; VECTORS];
    vector::rows::<Stepped>(&mut t);
    t
};

// Runs at compile time only: an index out of the table would not compile.
#[cfg(feature = "simd")]
#[allow(clippy::indexing_slicing)]
pub(super) const fn put(table: &mut [Handler], op: Op, handler: Handler) {
    table[op.0 as usize] = handler;
}

#[inline(always)]
pub(crate) fn stepped(_: Op) -> Handler {
    run
}

/// The instruction at hand, taken apart.
#[derive(Clone, Copy)]
struct At<'m> {
    code: Rest<'m>,
    n: Instr,
    rest: Rest<'m>,
    /// Its operator's index in its group.
    op: usize,
    /// Its form's index.
    form: usize,
    acc: u64,
    facc: Facc,
}

#[allow(clippy::unnecessary_wraps, reason = "what every other way on gives")]
impl<'m> At<'m> {
    fn go_on(self, ctx: &mut Context<'m>) -> Option<Stop> {
        ctx.go_on(self.rest, self.acc, self.facc);
        Some(Stop::Next)
    }

    /// Goes on with the value that the instruction makes.
    fn define(self, value: u64, regs: &mut Regs, ctx: &mut Context<'m>) -> Option<Stop> {
        regs[self.n.a as usize] = value;
        Self { acc: value, ..self }.go_on(ctx)
    }

    /// As [`define`](Self::define), of a value that travels in the float accumulator.
    fn define_float(mut self, value: u64, regs: &mut Regs, ctx: &mut Context<'m>) -> Option<Stop> {
        regs[self.n.a as usize] = value;
        (self.acc, self.facc) = accumulate_float(value, self.acc, self.facc);
        self.go_on(ctx)
    }

    /// Skips `distance` instructions of `from`.
    fn jump(mut self, from: Rest<'m>, distance: u32, ctx: &mut Context<'m>) -> Option<Stop> {
        self.rest = from.get(distance as usize..)?;
        self.go_on(ctx)
    }

    /// Runs it by a handler of its own.
    #[inline(always)]
    fn handle(self, handler: Handler, regs: &mut Regs, ctx: &mut Context<'m>) -> Option<Stop> {
        Some(handler(self.code, regs, ctx, self.acc, self.facc))
    }

    /// The data word that follows.
    fn data(&mut self) -> Option<Instr> {
        let (data, rest) = take(self.rest)?;
        self.rest = rest;
        Some(*data)
    }
}

/// Runs the instruction at hand. The image's check saw to it that its row exists.
// @need-ids: REQ_COMPACT_001, REQ_TABLE_001
fn run<'m>(code: Rest<'m>, regs: &mut Regs, ctx: &mut Context<'m>, acc: u64, facc: Facc) -> Stop {
    let Some((n, rest)) = take(code) else { return ended() };
    let (group, op, form) = n.op().split();
    let at = At { code, n: *n, rest, op: op as usize, form: form as usize, acc, facc };
    let ran = match group {
        Group::Plain => plain(at, regs, ctx),
        Group::Vector if BUILT => {
            let handler = VECTOR.get(n.op().0 as usize).copied().unwrap_or(c::corrupt);
            return handler(code, regs, ctx, acc, facc);
        }
        Group::Load => load(at, regs, ctx),
        Group::Store => store(at, regs, ctx),
        Group::Branch => test(at, regs, ctx),
        Group::CompareBranch => compare_branch(at, regs, ctx),
        Group::FloatCompareBranch if FLOATS => float_compare_branch(at, regs, ctx),
        Group::Wide if Part::WideArithmetic.is_built() => wide(at, regs, ctx),
        _ => numeric(group, at, regs, ctx),
    };
    ran.unwrap_or_else(ended)
}

/// Whether the build has a row.
macro_rules! built {
    ($row:ident) => {
        const { Plain::$row.is_built() }
    };
}

/// Rows with one form.
fn plain<'m>(mut at: At<'m>, regs: &mut Regs, ctx: &mut Context<'m>) -> Option<Stop> {
    let n = at.n;
    let value = match Plain::from_index(at.op)? {
        Plain::Mov => regs[n.b as usize],
        Plain::Const => n.imm as u64,
        Plain::ConstS => n.imm as i32 as i64 as u64,
        Plain::ConstHi => (n.imm as u64) << 32,
        Plain::Const64 => n.imm as u64 | (at.data()?.imm as u64) << 32,
        Plain::Select => {
            let condition = regs[(n.imm >> 8) as u8 as usize] as u32;
            regs[if condition != 0 { n.b } else { n.imm as u8 } as usize]
        }
        Plain::GlobalGet => *ctx.globals.get(ctx.global_base.wrapping_add(n.imm) as usize)?,
        Plain::MemorySize if n.imm == 0 => ctx.memory.len().wrapping_shr(ctx.page_log2.into()) as u64,
        Plain::GlobalSet => {
            *ctx.globals.get_mut(ctx.global_base.wrapping_add(n.imm) as usize)? = regs[n.a as usize];
            return at.go_on(ctx);
        }
        row @ (Plain::Mov2 | Plain::Mov3) => return moves((row == Plain::Mov3).into(), at, regs, ctx),
        Plain::MovRange => {
            // Targets lie below their sources, so front to back is as good as at once.
            for i in 0..n.b {
                regs[n.a.wrapping_add(i) as usize] = regs[(n.imm as u8).wrapping_add(i) as usize];
            }
            return at.go_on(ctx);
        }
        row @ (Plain::Fuel | Plain::Enter | Plain::Enter4 | Plain::Enter8) => {
            let count = match row {
                Plain::Enter => n.b,
                Plain::Enter4 => 4,
                Plain::Enter8 => 8,
                _ => 0,
            };
            return fuel(count, at, regs, ctx);
        }
        Plain::Jump => return at.jump(at.rest, n.imm, ctx),
        Plain::JumpBack => return at.jump(ctx.code, n.imm, ctx),
        row @ (Plain::BrTable | Plain::BrTableAcc) => {
            let index = if row == Plain::BrTable { regs[n.a as usize] } else { at.acc };
            return br_table(index, at, ctx);
        }
        row @ (Plain::Return | Plain::Return1 | Plain::Return1Acc | Plain::ReturnConst) => {
            regs[0] = match row {
                Plain::Return => regs[0],
                Plain::Return1 => regs[n.a as usize],
                Plain::Return1Acc => at.acc,
                _ => n.imm as u64,
            };
            return Some(ctx.leave());
        }
        Plain::Unreachable => return Some(raise(ctx, at.rest, Trap::Unreachable)),
        Plain::Call => return at.handle(c::call, regs, ctx),
        Plain::CallImport => return at.handle(c::call_import, regs, ctx),
        Plain::CallIndirect => return at.handle(c::call_indirect, regs, ctx),
        Plain::CallRef if built!(CallRef) => return at.handle(c::call_ref, regs, ctx),
        Plain::ReturnCall if built!(ReturnCall) => return at.handle(c::return_call, regs, ctx),
        Plain::ReturnMany => return at.handle(c::return_many, regs, ctx),
        Plain::ImportedGlobalGet if built!(ImportedGlobalGet) => {
            return at.handle(c::imported_global_get::<Stepped>, regs, ctx);
        }
        Plain::ImportedGlobalSet if built!(ImportedGlobalSet) => {
            return at.handle(c::imported_global_set::<Stepped>, regs, ctx);
        }
        Plain::RefFunc if built!(RefFunc) => return at.handle(c::ref_func::<Stepped>, regs, ctx),
        Plain::RefAsNonNull if built!(RefAsNonNull) => return at.handle(c::ref_as_non_null::<Stepped>, regs, ctx),
        // All others, and those that no lowering writes, which are a trap there.
        _ => return Some(slow(ctx, at.rest)),
    };
    at.define(value, regs, ctx)
}

/// Two moves, and one more: the registers of those after the first are in the constant.
fn moves<'m>(more: u32, at: At<'m>, regs: &mut Regs, ctx: &mut Context<'m>) -> Option<Stop> {
    let (mut to, mut from) = (at.n.a, at.n.b);
    for i in 0..more.wrapping_add(2) {
        regs[to as usize] = regs[from as usize];
        let next = at.n.imm.wrapping_shr(i.wrapping_mul(16));
        (to, from) = (next as u8, (next >> 8) as u8);
    }
    at.go_on(ctx)
}

/// A head: zeroes `count` slots, then charges.
// @need-ids: REQ_007, REQ_003, REQ_FUEL_SCHEDULE_001
fn fuel<'m>(count: u8, at: At<'m>, regs: &mut Regs, ctx: &mut Context<'m>) -> Option<Stop> {
    for i in 0..count {
        regs[at.n.a.wrapping_add(i) as usize] = 0;
    }
    match ctx.fuel.checked_sub(at.n.imm) {
        Some(left) => ctx.fuel = left,
        None => return Some(out_of_fuel(ctx, at.rest)),
    }
    at.go_on(ctx)
}

fn br_table<'m>(index: u64, mut at: At<'m>, ctx: &mut Context<'m>) -> Option<Stop> {
    at.rest = at.rest.get((index as u32).min(at.n.imm) as usize..)?;
    // The table's jumps are never dispatched: what they do is done here.
    let to = at.data()?;
    let from = if to.a == table::HEAD { ctx.code } else { at.rest };
    at.jump(from, to.imm, ctx)
}

/// Groups of rows that make a value of one or two.
fn numeric<'m>(group: Group, at: At<'m>, regs: &mut Regs, ctx: &mut Context<'m>) -> Option<Stop> {
    let float = float_slot(at.acc, at.facc);
    let value = match group {
        Group::Binary => {
            let op = BinaryOp::from_index(at.op)?;
            let (x, y) = operands(&at, regs, at.acc, op.from_immediate(at.n.imm))?;
            op.evaluate(x, y)
        }
        Group::Compare => {
            let op = CompareOp::from_index(at.op)?;
            let (x, y) = operands(&at, regs, at.acc, op.from_immediate(at.n.imm))?;
            Ok(op.evaluate(x, y).into())
        }
        Group::Unary => {
            let op = UnaryOp::from_index(at.op)?;
            let (takes, makes) = if FLOATS { op.floats() } else { (false, false) };
            let value = op.evaluate(operand(&at, at.n.b, regs, if takes { float } else { at.acc }));
            if let (Ok(value), true) = (value, makes) {
                return at.define_float(value, regs, ctx);
            }
            value
        }
        Group::FloatBinary if FLOATS => {
            let op = FloatBinaryOp::from_index(at.op)?;
            let (x, y) = operands(&at, regs, float, op.from_immediate(at.n.imm))?;
            return at.define_float(op.evaluate(x, y), regs, ctx);
        }
        Group::FloatCompare if FLOATS => {
            let op = FloatCompareOp::from_index(at.op)?;
            let (x, y) = operands(&at, regs, float, op.from_immediate(at.n.imm))?;
            Ok(op.evaluate(x, y).into())
        }
        Group::FloatUnary if FLOATS => {
            let op = FloatUnaryOp::from_index(at.op)?;
            return at.define_float(op.evaluate(operand(&at, at.n.b, regs, float)), regs, ctx);
        }
        _ => return None,
    };
    match value {
        Ok(value) => at.define(value, regs, ctx),
        Err(trap) => Some(raise(ctx, at.rest, trap)),
    }
}

fn operands(at: &At<'_>, regs: &Regs, taken: u64, immediate: u64) -> Option<(u64, u64)> {
    let (first, second) = (regs[at.n.b as usize], regs[at.n.imm as u8 as usize]);
    Some(match Operands::from_index(at.form)? {
        Operands::RR => (first, second),
        Operands::RI => (first, immediate),
        Operands::IR => (immediate, first),
        Operands::AR => (taken, second),
        Operands::RA => (first, taken),
        Operands::AI => (taken, immediate),
        Operands::IA => (immediate, taken),
    })
}

fn operand(at: &At<'_>, register: u8, regs: &Regs, taken: u64) -> u64 {
    if at.form == Operand::R as usize { regs[register as usize] } else { taken }
}

/// The form of an instruction that branches: what it compares, and how it finds its target.
fn split_form(at: &At<'_>) -> (usize, usize) {
    (at.form / Target::ALL.len(), at.form % Target::ALL.len())
}

fn test<'m>(mut at: At<'m>, regs: &Regs, ctx: &mut Context<'m>) -> Option<Stop> {
    let target;
    (at.form, target) = split_form(&at);
    let x = operand(&at, at.n.a, regs, at.acc) as u32;
    branch((x != 0) == (at.op == Test::NonZero as usize), (target, at.n.imm), at, ctx)
}

/// Operands of a comparison; a constant is the operator's to give.
fn compared(form: usize, at: &At<'_>, regs: &Regs, taken: u64, immediate: u64) -> Option<(u64, u64)> {
    let (first, second) = (regs[at.n.a as usize], regs[at.n.b as usize]);
    Some(match Compared::from_index(form)? {
        Compared::RR | Compared::SR => (first, second),
        Compared::AR => (taken, second),
        Compared::RA => (first, taken),
        Compared::R8 | Compared::S8 | Compared::RK => (first, immediate),
        Compared::A8 | Compared::AK => (taken, immediate),
    })
}

const RK: usize = Compared::RK as usize;
const AK: usize = Compared::AK as usize;
const SR: usize = Compared::SR as usize;

fn compare_branch<'m>(mut at: At<'m>, regs: &mut Regs, ctx: &mut Context<'m>) -> Option<Stop> {
    let op = CompareOp::from_index(at.op)?;
    let (form, target) = split_form(&at);
    if form >= SR {
        at.acc = (regs[at.n.a as usize] as u32).wrapping_add(at.n.imm).into();
        regs[at.n.a as usize] = at.acc;
    }
    let constant = if matches!(form, RK | AK) { at.n.imm } else { at.n.b as i8 as i32 as u32 };
    let (x, y) = compared(form, &at, regs, at.acc, op.from_immediate(constant))?;
    end_branch(op.evaluate(x, y), (form, target), at, ctx)
}

fn float_compare_branch<'m>(at: At<'m>, regs: &Regs, ctx: &mut Context<'m>) -> Option<Stop> {
    let op = FloatCompareOp::from_index(at.op / 2)?;
    let (form, target) = split_form(&at);
    let (x, y) = compared(form, &at, regs, float_slot(at.acc, at.facc), op.from_immediate(at.n.imm))?;
    end_branch(op.evaluate(x, y) != (at.op % 2 == 1), (form, target), at, ctx)
}

fn end_branch<'m>(holds: bool, (form, target): (usize, usize), mut at: At<'m>, ctx: &mut Context<'m>) -> Option<Stop> {
    let to = if form >= RK { at.data()?.imm } else { at.n.imm };
    branch(holds, (target, to), at, ctx)
}

/// Goes on at the target if `taken`, else behind the instruction. Heads are instructions of their own here.
fn branch<'m>(taken: bool, (target, to): (usize, u32), at: At<'m>, ctx: &mut Context<'m>) -> Option<Stop> {
    if !taken {
        return at.go_on(ctx);
    }
    let from = if target == Target::Back as usize { ctx.code } else { at.rest };
    at.jump(from, to, ctx)
}

/// How an access finds its address: as a load of this form, the base being a register.
fn effective(form: LoadForm, base: u64, n: Instr, regs: &Regs) -> u64 {
    const R: u8 = LoadForm::R as u8;
    const ABS: u8 = LoadForm::Abs as u8;
    const IDX: u8 = LoadForm::Idx as u8;
    const WRAP: u8 = LoadForm::Wrap as u8;
    match form {
        LoadForm::Abs => address::<ABS>(base, n.imm, regs),
        LoadForm::Idx => address::<IDX>(base, n.imm, regs),
        LoadForm::Wrap => address::<WRAP>(base, n.imm, regs),
        LoadForm::R64 if MEMORIES => base.saturating_add(n.imm as u64),
        _ => address::<R>(base, n.imm, regs),
    }
}

fn load<'m>(at: At<'m>, regs: &mut Regs, ctx: &mut Context<'m>) -> Option<Stop> {
    let op = LoadOp::from_index(at.op)?;
    let register = regs[at.n.b as usize];
    let (form, base) = match LoadForm::from_index(at.form)? {
        LoadForm::Far if MEMORIES => return far_access(at, regs, ctx, Some(op)),
        LoadForm::A => (LoadForm::R, at.acc),
        LoadForm::AIdx => (LoadForm::Idx, at.acc),
        LoadForm::AWrap => (LoadForm::Wrap, at.acc),
        LoadForm::A64 => (LoadForm::R64, at.acc),
        form => (form, register),
    };
    let address = effective(form, base, at.n, regs);
    match op.load(ctx.memory, position(address)) {
        Some(value) if matches!(op, LoadOp::F32Load | LoadOp::F64Load) => at.define_float(value, regs, ctx),
        Some(value) => at.define(value, regs, ctx),
        None => Some(outside(ctx, at.rest, address, op.bytes() as u64)),
    }
}

fn store<'m>(at: At<'m>, regs: &mut Regs, ctx: &mut Context<'m>) -> Option<Stop> {
    let op = StoreOp::from_index(at.op)?;
    let register = regs[at.n.b as usize];
    let constant = at.n.b as i8 as i64 as u64;
    let is_float = matches!(op, StoreOp::F32Store | StoreOp::F64Store);
    let taken = if is_float { float_slot(at.acc, at.facc) } else { at.acc };
    let (form, value) = match StoreForm::from_index(at.form)? {
        StoreForm::Far if MEMORIES => return far_access(at, regs, ctx, None),
        StoreForm::R | StoreForm::Far => (LoadForm::R, register),
        StoreForm::Abs => (LoadForm::Abs, register),
        StoreForm::Idx => (LoadForm::Idx, register),
        StoreForm::Wrap => (LoadForm::Wrap, register),
        StoreForm::R64 => (LoadForm::R64, register),
        StoreForm::Imm => (LoadForm::R, constant),
        StoreForm::WrapImm => (LoadForm::Wrap, constant),
        StoreForm::Imm64 => (LoadForm::R64, constant),
        StoreForm::A => (LoadForm::R, taken),
        StoreForm::AbsA => (LoadForm::Abs, taken),
        StoreForm::IdxA => (LoadForm::Idx, taken),
        StoreForm::WrapA => (LoadForm::Wrap, taken),
        StoreForm::A64 => (LoadForm::R64, taken),
    };
    let address = effective(form, regs[at.n.a as usize], at.n, regs);
    match op.store(ctx.memory, position(address), value) {
        Some(()) => at.go_on(ctx),
        None => Some(outside(ctx, at.rest, address, op.bytes() as u64)),
    }
}

/// An access to one of the first memories; all else, traps included, is the driver's.
fn far_access<'m>(mut at: At<'m>, regs: &mut Regs, ctx: &mut Context<'m>, load: Option<LoadOp>) -> Option<Stop> {
    let here = at.rest;
    let (offset, memory) = far(at.n, at.data()?);
    let base = regs[if load.is_some() { at.n.b } else { at.n.a } as usize];
    let place = position(base.saturating_add(offset));
    let done = ctx.memory_at(memory).and_then(|memory| {
        match load {
            Some(op) => regs[at.n.a as usize] = op.load(memory, place)?,
            None => StoreOp::from_index(at.op)?.store(memory, place, regs[at.n.b as usize])?,
        }
        Some(())
    });
    if done.is_none() {
        return Some(slow(ctx, here));
    }
    at.go_on(ctx)
}

fn wide<'m>(at: At<'m>, regs: &mut Regs, ctx: &mut Context<'m>) -> Option<Stop> {
    let operands = at.n.imm.to_le_bytes().map(|register| regs[register as usize]);
    let (low, high) = WideOp::from_index(at.op)?.evaluate(operands);
    regs[at.n.a as usize] = low;
    regs[at.n.b as usize] = high;
    at.go_on(ctx)
}
