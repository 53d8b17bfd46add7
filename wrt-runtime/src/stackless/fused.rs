//! Pairs of instructions that one handler runs, where each instruction has its handler beside it.
//!
//! The code stays as it is: the first one's cell has the handler for both, the second one's cell its own, for those who come there by a
//! branch. So nothing that positions, prices, images and snapshots mean is touched, and an engine that has no pairs does the same. A
//! pair is put together from the two handlers that its rows have: the first goes on to the second without looking for it. What is
//! saved is one jump to predict, one load, and the test that there is a next instruction.
//!
//! Which pairs there are comes from counting what follows what in programs: docs/speed.md has the method and the gain.

// @need-ids: REQ_023

use super::context::{Acc, Context, Dispatch, Handler, Regs, Rest, Stop, Threaded};
use super::control as c;
use crate::instr::{Cell, UNWRITTEN};
use crate::storage::Entry;
use core::marker::PhantomData;
use wrt_instructions::slot::Facc;

/// A row with the handler that it has, as a type.
trait Half {
    /// Its number, with the mark of those that leave their result in the accumulator alone.
    const NUMBER: u16;
    const WRITES: bool = Self::NUMBER & UNWRITTEN == 0;
    /// Its handler.
    fn run<'m, D: Dispatch>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop;
}

/// The same row where its result is left in the accumulator alone.
struct Alone<H>(PhantomData<H>);

impl<H: Half> Half for Alone<H> {
    const NUMBER: u16 = H::NUMBER | UNWRITTEN;
    #[inline(always)]
    fn run<'m, D: Dispatch>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
        H::run::<D>(code, regs, ctx, acc, facc)
    }
}

/// A type for each row that is part of a pair: its name, its operator, and its form.
macro_rules! halves {
    ($($group:ident { $($name:ident: $op:ident $($a:ident $($b:ident)?)? $(= $handler:expr)?;)* })*) => {
        $($(half!($group $name: $op $($a $($b)?)? $(= $handler)?);)*)*
    };
}

macro_rules! half {
    (binary $name:ident: $op:ident $form:ident) => {
        half!(@ $name, Op::binary(o::BinaryOp::$op, Operands::$form), binary::<D, rows::$op, { Operands::$form as u8 }>);
    };
    (float_binary $name:ident: $op:ident $form:ident) => {
        half!(@ $name, Op::float_binary(o::FloatBinaryOp::$op, Operands::$form), float_binary::<D, rows::$op, { Operands::$form as u8 }>);
    };
    (compare $name:ident: $op:ident $form:ident) => {
        half!(@ $name, Op::compare(o::CompareOp::$op, Operands::$form), compare::<D, rows::$op, { Operands::$form as u8 }>);
    };
    (unary $name:ident: $op:ident $form:ident) => {
        half!(@ $name, Op::unary(o::UnaryOp::$op, Operand::$form), unary::<D, rows::$op, { Operand::$form as u8 == Operand::A as u8 }>);
    };
    (load $name:ident: $op:ident $form:ident) => {
        half!(@ $name, Op::load(o::LoadOp::$op, LoadForm::$form), load::<D, rows::$op, false, { LoadForm::$form as u8 }>);
    };
    (float_load $name:ident: $op:ident $form:ident) => {
        half!(@ $name, Op::load(o::LoadOp::$op, LoadForm::$form), load::<D, rows::$op, true, { LoadForm::$form as u8 }>);
    };
    (store $name:ident: $op:ident $form:ident) => {
        half!(@ $name, Op::store(o::StoreOp::$op, StoreForm::$form), store::<D, rows::$op, false, { StoreForm::$form as u8 }>);
    };
    (float_store $name:ident: $op:ident $form:ident) => {
        half!(@ $name, Op::store(o::StoreOp::$op, StoreForm::$form), store::<D, rows::$op, true, { StoreForm::$form as u8 }>);
    };
    (compare_branch $name:ident: $op:ident $form:ident $target:ident) => {
        half!(@ $name, Op::compare_branch(o::CompareOp::$op, Compared::$form, Target::$target),
            compare_branch::<D, rows::$op, false, { Compared::$form as u8 }, { Target::$target as u8 }>);
    };
    (sum_branch $name:ident: $op:ident $form:ident) => {
        half!(@ $name, Op::compare_branch(o::CompareOp::$op, Compared::$form, Target::Back),
            sum_branch::<D, rows::$op, { Compared::$form as u8 == Compared::S8 as u8 }>);
    };
    (test $name:ident: $test:ident $form:ident $target:ident) => {
        half!(@ $name, Op::branch(Test::$test, Operand::$form, Target::$target),
            test::<D, { Test::$test as u8 }, { Operand::$form as u8 == Operand::A as u8 }, { Target::$target as u8 }>);
    };
    (plain $name:ident: $row:ident = $handler:expr) => {
        half!(@ $name, Op::plain(Plain::$row), $handler);
    };
    (@ $name:ident, $op:expr, $handler:expr) => {
        struct $name;
        impl Half for $name {
            const NUMBER: u16 = $op.0;
            #[inline(always)]
            fn run<'m, D: Dispatch>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
                $handler(code, regs, ctx, acc, facc)
            }
        }
    };
}

/// The table of pairs, from what follows each row.
macro_rules! pairs {
    ($($first:ty: $($second:ty),*;)*) => {
        pub(super) static TABLE: [Pair; SIZE] = table(&[$($(pair::<$first, $second>(),)*)*]);
    };
}

mod pairs;

/// How the first of a pair goes on: with the second.
struct Then<A, B>(PhantomData<(A, B)>);

impl<A: Half, B: Half> Dispatch for Then<A, B> {
    const WRITES: bool = A::WRITES;

    #[inline(always)]
    fn next<'m>(rest: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
        if B::WRITES {
            B::run::<Threaded<true>>(rest, regs, ctx, acc, facc)
        } else {
            B::run::<Threaded<false>>(rest, regs, ctx, acc, facc)
        }
    }

    // Only what goes on to the instruction behind it is first in a pair.
    #[inline(always)]
    fn head<'m>(rest: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
        Threaded::<true>::head(rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn forward<'m>(distance: u32, rest: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
        Threaded::<true>::forward(distance, rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn forward_head<'m>(
        distance: u32,
        rest: Rest<'m>,
        regs: &Regs,
        ctx: &mut Context<'m>,
        acc: Acc,
        facc: Facc,
    ) -> Stop {
        Threaded::<true>::forward_head(distance, rest, regs, ctx, acc, facc)
    }

    #[inline(always)]
    fn switch(pc: u32, ctx: &mut Context<'_>, acc: Acc) -> Stop {
        Threaded::<true>::switch(pc, ctx, acc)
    }

    #[inline(always)]
    fn enter(entry: &Entry, ctx: &mut Context<'_>, acc: Acc) -> Stop {
        Threaded::<true>::enter(entry, ctx, acc)
    }
}

/// Runs both.
fn both<'m, A: Half, B: Half>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
    // One comparison for what either asks for.
    let [_, _, _, ..] = code else { return A::run::<Threaded<true>>(code, regs, ctx, acc, facc) };
    A::run::<Then<A, B>>(code, regs, ctx, acc, facc)
}

/// A pair: the numbers of its rows, and the handler for both.
#[derive(Clone, Copy)]
struct Pair {
    numbers: u32,
    handler: Handler,
}

const fn numbers(first: u16, second: u16) -> u32 {
    (first as u32) << 16 | second as u32
}

const fn pair<A: Half, B: Half>() -> Pair {
    Pair { numbers: numbers(A::NUMBER, B::NUMBER), handler: both::<A, B> }
}

/// Room for pairs, by what [`place`] makes of their numbers: sparse, so that most are where they are looked for first.
const SIZE: usize = 1024;
const NOTHING: Pair = Pair { numbers: u32::MAX, handler: c::corrupt };

const fn place(numbers: u32) -> usize {
    (numbers.wrapping_mul(0x9E37_79B1) >> 22) as usize % SIZE
}

// Runs at compile time only: an index out of the table would not compile.
#[allow(clippy::indexing_slicing)]
const fn table(pairs: &[Pair]) -> [Pair; SIZE] {
    let mut table = [NOTHING; SIZE];
    let mut at = 0;
    while at < pairs.len() {
        let pair = pairs[at];
        let mut free = place(pair.numbers);
        while table[free].numbers != NOTHING.numbers {
            assert!(table[free].numbers != pair.numbers, "a pair stands twice in the list");
            free = (free + 1) % SIZE;
        }
        table[free] = pair;
        at += 1;
    }
    table
}

/// The handler for two instructions that follow each other, if they are a pair.
#[inline]
fn find(first: u16, second: u16) -> Option<Handler> {
    let wanted = numbers(first, second);
    let mut at = place(wanted);
    loop {
        let pair = pairs::TABLE[at % SIZE];
        if pair.numbers == wanted {
            return Some(pair.handler);
        }
        if pair.numbers == NOTHING.numbers {
            return None;
        }
        at = at.wrapping_add(1);
    }
}

/// Gives the first of each pair the handler for both.
pub(crate) fn fuse(cells: &mut [Cell]) {
    let Some((mut next, before)) = cells.split_last_mut().map(|(last, before)| (last.instr.op, before)) else { return };
    for cell in before.iter_mut().rev() {
        if let Some(handler) = find(cell.instr.op, next) {
            cell.handler = handler;
        }
        next = cell.instr.op;
    }
}
