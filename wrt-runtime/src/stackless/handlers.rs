//! The table of handlers: every row of the register IR and the function that runs it.

// @need-ids: REQ_023, REQ_TABLE_001

use super::access::{far_load, far_store, load, store};
use super::accumulator;
#[cfg(threaded)]
use super::accumulator::Acc;
use super::branch::{compare_branch, sum_branch, target, test};
use super::context::{Context, Dispatch, Handler, Stepped, Stop, no_cell, window};
use super::control as c;
use super::engine::{Observer, is_head, reborrow};
use super::numeric::{AI, AR, IA, IR, RA, RI, RR, binary, compare, float_binary, float_unary, unary, wide};
pub(super) use super::plain::put;
use super::plain::{plain_rows, value_rows};
use super::vector;
use crate::instr::Cell;
use wrt_instructions::op::{Compared, LoadForm, Operand, Operands, StoreForm, Target, Test};
use wrt_instructions::operator::{
    Binary, BinaryOp, Compare, CompareOp, FLOATS, FloatBinary, FloatBinaryOp, FloatCompareOp, FloatUnary, FloatUnaryOp,
    Load, LoadOp, Store, StoreOp, Unary, UnaryOp, WideOp, rows,
};
use wrt_instructions::slot::Facc;
use wrt_instructions::vector::BUILT;
use wrt_instructions::{Op, Part};

/// Vector rows come last, and take no room where they have no handlers: the image checker refuses them.
const COUNT: usize = if BUILT { Op::COUNT } else { Op::SCALAR_COUNT };
/// Where a handler is looked up for each instruction that runs, there is room for every number that the mask lets through, so that
/// it needs no check. Cells have theirs already, and a loader has fewer places to fill in.
const SIZE: usize = if cfg!(cells) { COUNT } else { COUNT.next_power_of_two() };
#[cfg(not(cells))]
const MASK: u16 = (SIZE - 1) as u16;

pub(crate) type Handlers = [Handler; SIZE];

/// The handler that goes on to the next one, where the cell is.
#[cfg(cells)]
#[inline(always)]
pub(crate) fn threaded(cell: &Cell, _: Acc, _: &Context<'_>) -> Handler {
    cell.handler
}

/// The handler that goes on to the next one. All write their results: a bit less to look at.
#[cfg(all(threaded, not(cells)))]
#[inline(always)]
pub(crate) fn threaded(cell: &Cell, acc: Acc, ctx: &Context<'_>) -> Handler {
    #[cfg(table_argument)]
    let (Acc(table), _) = (acc, ctx);
    #[cfg(not(table_argument))]
    let ((), table) = (acc, ctx.handlers);
    table[(cell.instr.op & MASK) as usize]
}

/// All of them.
#[cfg(all(threaded, not(cells)))]
pub(crate) const fn threaded_handlers() -> &'static Handlers {
    &THREADED
}

/// The handler for an instruction; [`c::corrupt`] where there is no row.
#[cfg(cells)]
pub(crate) fn handler(instr: crate::Instr) -> Handler {
    look_up(if instr.is_unwritten() { &UNWRITTEN } else { &THREADED }, instr.op())
}

#[cfg(cells)]
fn look_up(handlers: &Handlers, op: Op) -> Handler {
    handlers.get(op.0 as usize).copied().unwrap_or(c::corrupt)
}

#[inline(always)]
pub(crate) fn stepped(op: Op) -> Handler {
    #[cfg(cells)]
    return look_up(&STEPPED, op);
    #[cfg(not(cells))]
    STEPPED[(op.0 & MASK) as usize]
}

/// The loop over stepped handlers.
#[inline(always)]
pub(super) fn step(ctx: &mut Context<'_>, mut observer: Option<&mut dyn Observer>) -> Stop {
    let Some(regs) = window(ctx.slots, ctx.base) else { return Stop::Corrupt };
    let Some(mut rest) = ctx.code.get(ctx.pc as usize..) else { return no_cell(ctx, ctx.pc) };
    let (mut acc, mut facc) = (accumulator::first(), Facc::default());
    loop {
        let at = ctx.position(rest);
        let Some(cell) = rest.first() else { return Stop::Corrupt };
        if let Some(observer) = reborrow(&mut observer) {
            let data = rest.get(1).map(Cell::instr).unwrap_or_default();
            observer.instruction(ctx.instance, at, cell.instr, data);
        }
        match stepped(cell.instr.op())(rest, regs, ctx, acc, facc) {
            Stop::Next => {
                (rest, acc, facc) = (ctx.rest, ctx.acc, ctx.facc);
                if let Some(observer) = reborrow(&mut observer)
                    && is_head(cell.instr.op())
                {
                    observer.paid(ctx.instance, at);
                }
            }
            stop => return stop,
        }
    }
}

#[cfg(threaded)]
static THREADED: Handlers = handlers::<super::context::Threaded<true>>();
/// For instructions whose result is in the accumulator alone: those that make one.
#[cfg(cells)]
static UNWRITTEN: Handlers = handlers::<super::context::Threaded<false>>();
static STEPPED: Handlers = handlers::<Stepped>();

const fn binary_row<D: Dispatch, O: Binary>(t: &mut Handlers, op: BinaryOp) {
    if !op.is_built() {
        return;
    }
    put(t, Op::binary(op, Operands::RR), binary::<D, O, RR>);
    if O::IMMEDIATE {
        put(t, Op::binary(op, Operands::AR), binary::<D, O, AR>);
        put(t, Op::binary(op, Operands::RA), binary::<D, O, RA>);
        put(t, Op::binary(op, Operands::RI), binary::<D, O, RI>);
        put(t, Op::binary(op, Operands::AI), binary::<D, O, AI>);
        if !O::COMMUTES {
            put(t, Op::binary(op, Operands::IR), binary::<D, O, IR>);
            put(t, Op::binary(op, Operands::IA), binary::<D, O, IA>);
        }
    }
}

const fn float_binary_row<D: Dispatch, O: FloatBinary>(t: &mut Handlers, op: FloatBinaryOp) {
    if !FLOATS {
        return;
    }
    put(t, Op::float_binary(op, Operands::RR), float_binary::<D, O, RR>);
    put(t, Op::float_binary(op, Operands::AR), float_binary::<D, O, AR>);
    put(t, Op::float_binary(op, Operands::RA), float_binary::<D, O, RA>);
    put(t, Op::float_binary(op, Operands::RI), float_binary::<D, O, RI>);
    put(t, Op::float_binary(op, Operands::AI), float_binary::<D, O, AI>);
    if !O::COMMUTES {
        put(t, Op::float_binary(op, Operands::IR), float_binary::<D, O, IR>);
        put(t, Op::float_binary(op, Operands::IA), float_binary::<D, O, IA>);
    }
}

const fn compare_forms<D: Dispatch, O: Compare>(t: &mut Handlers, op: CompareOp) {
    put(t, Op::compare(op, Operands::RR), compare::<D, O, RR>);
    put(t, Op::compare(op, Operands::RI), compare::<D, O, RI>);
    put(t, Op::compare(op, Operands::AR), compare::<D, O, AR>);
    put(t, Op::compare(op, Operands::RA), compare::<D, O, RA>);
    put(t, Op::compare(op, Operands::AI), compare::<D, O, AI>);
}

const fn float_compare_forms<D: Dispatch, O: Compare>(t: &mut Handlers, op: FloatCompareOp) {
    put(t, Op::float_compare(op, Operands::RR), compare::<D, O, RR>);
    put(t, Op::float_compare(op, Operands::RI), compare::<D, O, RI>);
    put(t, Op::float_compare(op, Operands::AR), compare::<D, O, AR>);
    put(t, Op::float_compare(op, Operands::RA), compare::<D, O, RA>);
    put(t, Op::float_compare(op, Operands::AI), compare::<D, O, AI>);
}

macro_rules! branch_forms {
    ($t:ident, $op:expr, [$($form:ident)*], $make:expr, $D:ident, $O:ident, $not:literal) => { $(
        put($t, $make($op, Compared::$form, Target::Forward), compare_branch::<$D, $O, $not, { Compared::$form as u8 }, { target::FORWARD }>);
        put($t, $make($op, Compared::$form, Target::Back), compare_branch::<$D, $O, $not, { Compared::$form as u8 }, { target::BACK }>);
        put($t, $make($op, Compared::$form, Target::If), compare_branch::<$D, $O, $not, { Compared::$form as u8 }, { target::IF }>);
        put($t, $make($op, Compared::$form, Target::IfElse), compare_branch::<$D, $O, $not, { Compared::$form as u8 }, { target::IF_ELSE }>);
    )* };
}

const fn holds(op: FloatCompareOp, compared: Compared, to: Target) -> Op {
    Op::float_compare_branch(op, false, compared, to)
}
const fn fails(op: FloatCompareOp, compared: Compared, to: Target) -> Op {
    Op::float_compare_branch(op, true, compared, to)
}

const fn compare_row<D: Dispatch, O: Compare>(t: &mut Handlers, op: CompareOp) {
    compare_forms::<D, O>(t, op);
    if !D::WRITES {
        return;
    }
    branch_forms!(t, op, [RR AR RA R8 A8 RK AK], Op::compare_branch, D, O, false);
    if op.is_i32() {
        put(t, Op::compare_branch(op, Compared::SR, Target::Back), sum_branch::<D, O, false>);
        put(t, Op::compare_branch(op, Compared::S8, Target::Back), sum_branch::<D, O, true>);
    }
}

const fn float_compare_row<D: Dispatch, O: Compare>(t: &mut Handlers, op: FloatCompareOp) {
    if !FLOATS {
        return;
    }
    float_compare_forms::<D, O>(t, op);
    if !D::WRITES {
        return;
    }
    branch_forms!(t, op, [RR AR RA RK AK], holds, D, O, false);
    branch_forms!(t, op, [RR AR RA RK AK], fails, D, O, true);
}

const fn unary_row<D: Dispatch, O: Unary>(t: &mut Handlers, op: UnaryOp) {
    if !op.is_built() {
        return;
    }
    put(t, Op::unary(op, Operand::R), unary::<D, O, false>);
    put(t, Op::unary(op, Operand::A), unary::<D, O, true>);
}

const fn float_unary_row<D: Dispatch, O: FloatUnary>(t: &mut Handlers, op: FloatUnaryOp) {
    if !FLOATS {
        return;
    }
    put(t, Op::float_unary(op, Operand::R), float_unary::<D, O, false>);
    put(t, Op::float_unary(op, Operand::A), float_unary::<D, O, true>);
}

macro_rules! forms {
    ($t:ident, $make:path, $op:expr, $handler:ident::<$D:ident, $O:ident, $float:literal>, $Form:ident, [$($form:ident)*]) => { $(
        put($t, $make($op, $Form::$form), $handler::<$D, $O, $float, { $Form::$form as u8 }>);
    )* };
}

const fn load_row<D: Dispatch, O: Load>(t: &mut Handlers, op: LoadOp) {
    if matches!(op, LoadOp::F32Load | LoadOp::F64Load) {
        forms!(t, Op::load, op, load::<D, O, true>, LoadForm, [R Abs Idx Wrap A AIdx AWrap]);
    } else {
        forms!(t, Op::load, op, load::<D, O, false>, LoadForm, [R Abs Idx Wrap A AIdx AWrap]);
    }
    if !Part::Memories.is_built() {
        return;
    }
    if matches!(op, LoadOp::F32Load | LoadOp::F64Load) {
        forms!(t, Op::load, op, load::<D, O, true>, LoadForm, [R64 A64]);
    } else {
        forms!(t, Op::load, op, load::<D, O, false>, LoadForm, [R64 A64]);
    }
    if D::WRITES {
        put(t, Op::load(op, LoadForm::Far), far_load::<D, O>);
    }
}

const fn store_row<D: Dispatch, O: Store>(t: &mut Handlers, op: StoreOp) {
    if !D::WRITES {
        return;
    }
    if matches!(op, StoreOp::F32Store | StoreOp::F64Store) {
        forms!(t, Op::store, op, store::<D, O, true>, StoreForm,
            [R Abs Idx Wrap Imm WrapImm A AbsA IdxA WrapA]);
    } else {
        forms!(t, Op::store, op, store::<D, O, false>, StoreForm,
            [R Abs Idx Wrap Imm WrapImm A AbsA IdxA WrapA]);
    }
    if !Part::Memories.is_built() {
        return;
    }
    if matches!(op, StoreOp::F32Store | StoreOp::F64Store) {
        forms!(t, Op::store, op, store::<D, O, true>, StoreForm, [R64 Imm64 A64]);
    } else {
        forms!(t, Op::store, op, store::<D, O, false>, StoreForm, [R64 Imm64 A64]);
    }
    put(t, Op::store(op, StoreForm::Far), far_store::<D, O>);
}

macro_rules! tests {
    ($t:ident, $D:ident, $($test:ident)*) => { $(
        put($t, Op::branch(Test::$test, Operand::R, Target::Forward), test::<$D, { Test::$test as u8 }, false, { target::FORWARD }>);
        put($t, Op::branch(Test::$test, Operand::R, Target::Back), test::<$D, { Test::$test as u8 }, false, { target::BACK }>);
        put($t, Op::branch(Test::$test, Operand::R, Target::If), test::<$D, { Test::$test as u8 }, false, { target::IF }>);
        put($t, Op::branch(Test::$test, Operand::R, Target::IfElse), test::<$D, { Test::$test as u8 }, false, { target::IF_ELSE }>);
        put($t, Op::branch(Test::$test, Operand::A, Target::Forward), test::<$D, { Test::$test as u8 }, true, { target::FORWARD }>);
        put($t, Op::branch(Test::$test, Operand::A, Target::Back), test::<$D, { Test::$test as u8 }, true, { target::BACK }>);
        put($t, Op::branch(Test::$test, Operand::A, Target::If), test::<$D, { Test::$test as u8 }, true, { target::IF }>);
        put($t, Op::branch(Test::$test, Operand::A, Target::IfElse), test::<$D, { Test::$test as u8 }, true, { target::IF_ELSE }>);
    )* };
}

/// Every row, from the operator table.
macro_rules! numeric_rows {
    (@$t:ident $D:ident binary { $($v:ident $o:literal $n:literal $k:ident $f:ident($x:ty) -> $r:ty, $p:literal, $a:literal;)* }) => {
        $(binary_row::<$D, rows::$v>($t, BinaryOp::$v);)*
    };
    (@$t:ident $D:ident float_binary { $($v:ident $o:literal $n:literal $k:ident $f:ident($x:ty) -> $r:ty, $p:literal, $a:literal;)* }) => {
        $(float_binary_row::<$D, rows::$v>($t, FloatBinaryOp::$v);)*
    };
    (@$t:ident $D:ident compare { $($v:ident $o:literal $n:literal $f:ident($x:ty) -> bool, $p:literal, $a:literal, not $not:ident, swap $swap:ident;)* }) => {
        $(compare_row::<$D, rows::$v>($t, CompareOp::$v);)*
    };
    (@$t:ident $D:ident fused_compare { $($v:ident $n:literal $f:ident($x:ty) -> bool, not $not:ident, swap $swap:ident;)* }) => {
        $(compare_row::<$D, rows::$v>($t, CompareOp::$v);)*
    };
    (@$t:ident $D:ident float_compare { $($v:ident $o:literal $n:literal $f:ident($x:ty) -> bool, $p:literal, $a:literal;)* }) => {
        $(float_compare_row::<$D, rows::$v>($t, FloatCompareOp::$v);)*
    };
    (@$t:ident $D:ident unary { $($v:ident $o:literal $n:literal $f:ident($x:ty) -> $r:ty, $p:literal, $a:literal;)* }) => {
        $(unary_row::<$D, rows::$v>($t, UnaryOp::$v);)*
    };
    (@$t:ident $D:ident float_unary { $($v:ident $o:literal $n:literal $f:ident($x:ty) -> $r:ty, $p:literal, $a:literal;)* }) => {
        $(float_unary_row::<$D, rows::$v>($t, FloatUnaryOp::$v);)*
    };
    (@$t:ident $D:ident load { $($v:ident $o:literal $n:literal $f:ident($b:literal bytes) -> $r:ty, $p:literal, $a:literal;)* }) => {
        $(load_row::<$D, rows::$v>($t, LoadOp::$v);)*
    };
    (@$t:ident $D:ident store { $($v:ident $o:literal $n:literal $f:ident($x:ty) -> $b:literal bytes, $p:literal, $a:literal;)* }) => {
        $(store_row::<$D, rows::$v>($t, StoreOp::$v);)*
    };
    (@$t:ident $D:ident wide { $($v:ident $o:literal $n:literal $f:ident($c:tt operands), $p:literal, $a:literal;)* }) => {
        if $D::WRITES && Part::WideArithmetic.is_built() {
            $(put($t, Op::wide(WideOp::$v), wide::<$D, rows::$v>);)*
        }
    };
    (@$t:ident $D:ident structural { $($rest:tt)* }) => {};
    ($($group:ident { $($body:tt)* })*) => {
        const fn table_rows<D: Dispatch>(t: &mut Handlers) {
            $(numeric_rows!(@t D $group { $($body)* });)*
        }
    };
}
wrt_instructions::operators!(numeric_rows);

// Made at compile time, and never on a stack.
#[allow(clippy::large_stack_arrays)]
const fn handlers<D: Dispatch>() -> Handlers {
    let mut t: Handlers = [c::corrupt as Handler; SIZE];
    table_rows::<D>(&mut t);
    vector::rows::<D>(&mut t);
    value_rows::<D>(&mut t);
    if D::WRITES {
        plain_rows::<D>(&mut t);
        let branches = &mut t;
        tests!(branches, D, NonZero Zero);
    }
    t
}

#[cfg(test)]
mod tests {
    use super::*;
    use wrt_instructions::op::Plain;

    // @need-ids: REQ_TABLE_001
    #[test]
    fn a_number_has_a_handler_exactly_if_its_row_exists() {
        let corrupt = STEPPED[Op::plain(Plain::Corrupt).0 as usize] as usize;
        for n in 0..Op::COUNT as u16 {
            let row = Op(n).row().unwrap();
            let found = STEPPED.get(n as usize).is_some_and(|handler| *handler as usize != corrupt);
            assert_eq!(found, row.exists(), "{row:?}");
        }
    }
}
