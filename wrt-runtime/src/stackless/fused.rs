//! Instructions that one handler runs together, two or three of them, where each instruction has its handler beside it.
//!
//! The code stays as it is: the first one's cell has the handler for all, the others' cells their own, for those who come there by a
//! branch. So nothing that positions, prices, images and snapshots mean is touched, and an engine that has none of this does the same.
//! A handler is put together from those of its rows: each goes on to the next one without looking for it. What is saved is a jump
//! to predict, a load, and the test that there is a next instruction, which is made once for all.
//!
//! Which sequences there are ([`pairs`], [`triples`]) comes from counting what follows what in programs: docs/speed.md has the method and the gain.

// @need-ids: REQ_023

use super::context::{Acc, Context, Dispatch, Handler, Regs, Rest, Stop, Threaded, ended};
use super::handlers::handler;
use crate::instr::{Cell, UNWRITTEN};
use crate::storage::Entry;
use core::marker::PhantomData;
use wrt_instructions::slot::Facc;

/// A row with the handler that it has, as a type.
trait Part {
    /// Its number, with the mark of those that leave their result in the accumulator alone.
    const NUMBER: u16;
    const WRITES: bool = Self::NUMBER & UNWRITTEN == 0;
    /// Its handler.
    fn run<'m, D: Dispatch>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop;
}

/// The same row where its result is left in the accumulator alone.
struct Alone<P>(PhantomData<P>);

impl<P: Part> Part for Alone<P> {
    const NUMBER: u16 = P::NUMBER | UNWRITTEN;
    #[inline(always)]
    fn run<'m, D: Dispatch>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
        P::run::<D>(code, regs, ctx, acc, facc)
    }
}

/// What stands behind the first row of a sequence.
trait Tail {
    fn run<'m>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop;
}

/// The last row.
struct Last<P>(PhantomData<P>);

impl<P: Part> Tail for Last<P> {
    #[inline(always)]
    fn run<'m>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
        if P::WRITES {
            P::run::<Threaded<true>>(code, regs, ctx, acc, facc)
        } else {
            P::run::<Threaded<false>>(code, regs, ctx, acc, facc)
        }
    }
}

/// A row with what stands behind it.
struct Then<P, T>(PhantomData<(P, T)>);

impl<P: Part, T: Tail> Tail for Then<P, T> {
    #[inline(always)]
    fn run<'m>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
        P::run::<Self>(code, regs, ctx, acc, facc)
    }
}

/// A type for each row that is part of a sequence: its name, its operator, and its form.
macro_rules! parts {
    ($($group:ident { $($name:ident: $op:ident $($form:ident)* $(= $handler:expr)?;)* })*) => {
        $($(part!($group $name: $op $($form)* $(= $handler)?);)*)*
    };
}

macro_rules! part {
    (binary $name:ident: $op:ident $form:ident) => {
        part!(@ $name, Op::binary(o::BinaryOp::$op, Operands::$form), binary::<D, rows::$op, { Operands::$form as u8 }>);
    };
    (float_binary $name:ident: $op:ident $form:ident) => {
        part!(@ $name, Op::float_binary(o::FloatBinaryOp::$op, Operands::$form), float_binary::<D, rows::$op, { Operands::$form as u8 }>);
    };
    (compare $name:ident: $op:ident $form:ident) => {
        part!(@ $name, Op::compare(o::CompareOp::$op, Operands::$form), compare::<D, rows::$op, { Operands::$form as u8 }>);
    };
    (float_compare $name:ident: $op:ident $form:ident) => {
        part!(@ $name, Op::float_compare(o::FloatCompareOp::$op, Operands::$form), compare::<D, rows::$op, { Operands::$form as u8 }>);
    };
    (float_unary $name:ident: $op:ident $form:ident) => {
        part!(@ $name, Op::float_unary(o::FloatUnaryOp::$op, Operand::$form),
            float_unary::<D, rows::$op, { Operand::$form as u8 == Operand::A as u8 }>);
    };
    (unary $name:ident: $op:ident $form:ident) => {
        part!(@ $name, Op::unary(o::UnaryOp::$op, Operand::$form), unary::<D, rows::$op, { Operand::$form as u8 == Operand::A as u8 }>);
    };
    (load $name:ident: $op:ident $form:ident) => {
        part!(@ $name, Op::load(o::LoadOp::$op, LoadForm::$form), load::<D, rows::$op, false, { LoadForm::$form as u8 }>);
    };
    (float_load $name:ident: $op:ident $form:ident) => {
        part!(@ $name, Op::load(o::LoadOp::$op, LoadForm::$form), load::<D, rows::$op, true, { LoadForm::$form as u8 }>);
    };
    (store $name:ident: $op:ident $form:ident) => {
        part!(@ $name, Op::store(o::StoreOp::$op, StoreForm::$form), store::<D, rows::$op, false, { StoreForm::$form as u8 }>);
    };
    (float_store $name:ident: $op:ident $form:ident) => {
        part!(@ $name, Op::store(o::StoreOp::$op, StoreForm::$form), store::<D, rows::$op, true, { StoreForm::$form as u8 }>);
    };
    (compare_branch $name:ident: $op:ident $form:ident $target:ident) => {
        part!(@ $name, Op::compare_branch(o::CompareOp::$op, Compared::$form, Target::$target),
            compare_branch::<D, rows::$op, false, { Compared::$form as u8 }, { Target::$target as u8 }>);
    };
    (float_branch $name:ident: $op:ident $not:ident $form:ident $target:ident) => {
        part!(@ $name, Op::float_compare_branch(o::FloatCompareOp::$op, $not, Compared::$form, Target::$target),
            compare_branch::<D, rows::$op, { $not }, { Compared::$form as u8 }, { Target::$target as u8 }>);
    };
    (sum_branch $name:ident: $op:ident $form:ident) => {
        part!(@ $name, Op::compare_branch(o::CompareOp::$op, Compared::$form, Target::Back),
            sum_branch::<D, rows::$op, { Compared::$form as u8 == Compared::S8 as u8 }>);
    };
    (test $name:ident: $test:ident $form:ident $target:ident) => {
        part!(@ $name, Op::branch(Test::$test, Operand::$form, Target::$target),
            test::<D, { Test::$test as u8 }, { Operand::$form as u8 == Operand::A as u8 }, { Target::$target as u8 }>);
    };
    (vector_binary $name:ident: $op:ident) => {
        part!(@ $name, Op::vector(VectorRow::Binary(o::VectorBinaryOp::$op)), binary::<D, rows::$op>);
    };
    (vector_ternary $name:ident: $op:ident) => {
        part!(@ $name, Op::vector(VectorRow::Ternary(o::VectorTernaryOp::$op)), ternary::<D, rows::$op>);
    };
    (vector_test $name:ident: $op:ident) => {
        part!(@ $name, Op::vector(VectorRow::Test(o::VectorTestOp::$op)), test::<D, rows::$op>);
    };
    (extract_lane $name:ident: $op:ident) => {
        part!(@ $name, Op::vector(VectorRow::ExtractLane(o::ExtractLaneOp::$op)), extract_lane::<D, rows::$op>);
    };
    (splat $name:ident: $op:ident) => {
        part!(@ $name, Op::vector(VectorRow::Splat(o::SplatOp::$op)), splat::<D, rows::$op>);
    };
    (vector_load $name:ident: $op:ident $form:ident) => {
        part!(@ $name, Op::vector(VectorRow::Load(o::VectorLoadOp::$op, VectorAccess::$form)),
            load::<D, rows::$op, { VectorAccess::$form as u8 }>);
    };
    (vector_store $name:ident: $op:ident $form:ident) => {
        part!(@ $name, Op::vector(VectorRow::Store(o::VectorStoreOp::$op, VectorAccess::$form)),
            store::<D, rows::$op, { VectorAccess::$form as u8 }>);
    };
    (plain $name:ident: $row:ident = $handler:expr) => {
        part!(@ $name, Op::plain(Plain::$row), $handler);
    };
    (@ $name:ident, $op:expr, $handler:expr) => {
        pub(super) struct $name;
        impl Part for $name {
            const NUMBER: u16 = $op.0;
            #[inline(always)]
            fn run<'m, D: Dispatch>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
                $handler(code, regs, ctx, acc, facc)
            }
        }
    };
}

/// Sequences, from what follows each row: one row, or two.
macro_rules! sequences {
    ($(pairs { $($a:ty: $($b:ty),*;)* })? $(triples { $($x:ty: $([$y:ty, $z:ty]),*;)* })?) => {
        pub(in crate::stackless) static SEQUENCES: &[Sequence] = &[
            $($($(two::<$a, $b>(),)*)*)?
            $($($(three::<$x, $y, $z>(),)*)*)?
        ];
    };
}

mod pairs;
mod parts;
#[cfg(test)]
mod tests;
mod triples;
#[cfg(feature = "simd")]
mod vectors;
#[cfg(feature = "simd")]
mod whole;

/// How a row of a sequence goes on: with what stands behind it.
impl<P: Part, T: Tail> Dispatch for Then<P, T> {
    const WRITES: bool = P::WRITES;

    #[inline(always)]
    fn next<'m>(rest: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
        T::run(rest, regs, ctx, acc, facc)
    }

    // Only what goes on to the instruction behind it has others behind it.
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

/// Rows that follow each other, and the handler for all of them.
pub(super) struct Sequence {
    /// Of two rows, or three.
    pub(super) numbers: [u16; 3],
    pub(super) handler: Handler,
}

/// In place of a third row.
pub(super) const NONE: u16 = u16::MAX;

const fn two<A: Part, B: Part>() -> Sequence {
    Sequence { numbers: [A::NUMBER, B::NUMBER, NONE], handler: run_two::<A, B> }
}

const fn three<A: Part, B: Part, C: Part>() -> Sequence {
    Sequence { numbers: [A::NUMBER, B::NUMBER, C::NUMBER], handler: run_three::<A, B, C> }
}

fn run_two<'m, A: Part, B: Part>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
    // One comparison for what each of them asks for.
    let [_, _, _, ..] = code else { return apart(code, regs, ctx, acc, facc) };
    A::run::<Then<A, Last<B>>>(code, regs, ctx, acc, facc)
}

fn run_three<'m, A: Part, B: Part, C: Part>(
    code: Rest<'m>,
    regs: &Regs,
    ctx: &mut Context<'m>,
    acc: Acc,
    facc: Facc,
) -> Stop {
    let [_, _, _, _, ..] = code else { return apart(code, regs, ctx, acc, facc) };
    A::run::<Then<A, Then<B, Last<C>>>>(code, regs, ctx, acc, facc)
}

/// At the end of all code: one by one, as the last of them may need nothing behind it.
#[cold]
#[inline(never)]
fn apart<'m>(code: Rest<'m>, regs: &Regs, ctx: &mut Context<'m>, acc: Acc, facc: Facc) -> Stop {
    let Some(cell) = code.first() else { return ended(ctx) };
    handler(cell.instr)(code, regs, ctx, acc, facc)
}

/// Places for the sequences' positions in their lists, by their numbers: sparse, so that most are where they are looked for first.
const PLACES: usize = 8192;
const FREE: u16 = u16::MAX;
static INDEX: [u16; PLACES] = index();

/// What vectors add to the lists.
#[cfg(feature = "simd")]
use vectors::SEQUENCES as VECTORS;
#[cfg(not(feature = "simd"))]
const VECTORS: &[Sequence] = &[];

/// The sequence with a number, which counts through all lists.
// Indices that are compared with the length before they are used.
#[allow(clippy::indexing_slicing)]
#[inline(always)]
pub(super) const fn sequence(number: u16) -> Option<&'static Sequence> {
    let mut at = number as usize;
    if at < pairs::SEQUENCES.len() {
        return Some(&pairs::SEQUENCES[at]);
    }
    at -= pairs::SEQUENCES.len();
    if at < triples::SEQUENCES.len() {
        return Some(&triples::SEQUENCES[at]);
    }
    at -= triples::SEQUENCES.len();
    if at < VECTORS.len() { Some(&VECTORS[at]) } else { None }
}

/// All numbers in one.
const fn key([first, second, third]: [u16; 3]) -> u64 {
    first as u64 | (second as u64) << 16 | (third as u64) << 32
}

const fn place(key: u64) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize % PLACES
}

// Runs at compile time only: an index out of the table would not compile.
#[allow(clippy::indexing_slicing)]
const fn index() -> [u16; PLACES] {
    let mut index = [FREE; PLACES];
    let mut at = 0;
    while let Some(new) = sequence(at) {
        let mut place = place(key(new.numbers));
        while let Some(other) = sequence(index[place]) {
            assert!(key(other.numbers) != key(new.numbers), "a sequence stands twice in the lists");
            place = (place + 1) % PLACES;
        }
        index[place] = at;
        at += 1;
    }
    index
}

/// The handler for instructions that follow each other, if they are a sequence.
#[inline]
fn find(numbers: [u16; 3]) -> Option<Handler> {
    let mut place = place(key(numbers));
    // A free place ends it.
    while let Some(sequence) = sequence(INDEX[place]) {
        if key(sequence.numbers) == key(numbers) {
            return Some(sequence.handler);
        }
        place = place.wrapping_add(1) % PLACES;
    }
    None
}

/// The handler for the instructions that code begins with, where they have one together: the longest sequence.
fn beginning(cells: &[Cell]) -> Option<Handler> {
    let number = |at: usize| cells.get(at).map_or(NONE, |cell: &Cell| cell.instr.op);
    let numbers = [number(0), number(1), number(2)];
    #[cfg(feature = "simd")]
    if let Some(handler) = whole::handler(cells) {
        return Some(handler);
    }
    let three = if numbers[2] == NONE { None } else { find(numbers) };
    three.or_else(|| find([numbers[0], numbers[1], NONE]))
}

/// Gives the first of each sequence the handler for all of it.
pub(crate) fn fuse(cells: &mut [Cell]) {
    let mut rest = cells;
    loop {
        let handler = beginning(rest);
        let Some((first, others)) = rest.split_first_mut() else { return };
        if let Some(handler) = handler {
            first.handler = handler;
        }
        rest = others;
    }
}
