//! Sequences against their rows one by one, and how much native stack they leave behind.
//!
//! Only optimised builds have handlers beside instructions, so this runs in `cargo test --release -p wrt-runtime`.

use super::{NONE, Sequence, fuse, sequence};
use crate::instr::{Cell, Instr, UNWRITTEN};
use crate::stackless::context::{Context, Register, Regs, Stop};
use crate::stackless::stack_growth_tests::{
    Callees, TIMES, differing, environments, note, plain, probe, run_with, start, target, unit, with_handler,
};
use crate::storage::{Entry, FuncInst};
use core::fmt::Debug;
use std::format;
use std::string::String;
use std::time::Instant;
use std::vec::Vec;
use std::{println, vec};
use wrt_instructions::Op;
use wrt_instructions::op::{Plain, Row, Target};
use wrt_instructions::slot::float_slot;

fn rows(sequence: &Sequence) -> Vec<u16> {
    sequence.numbers.into_iter().filter(|number| *number != NONE).collect()
}

fn row(number: u16) -> Row {
    Op(number & !UNWRITTEN).row().unwrap()
}

/// The instructions of a sequence that begins at a position, with what the last one leads to.
fn cells(sequence: &Sequence, at: usize) -> Vec<Cell> {
    let numbers = rows(sequence);
    let (last, others) = numbers.split_last().unwrap();
    let mut code: Vec<Cell> = others.iter().map(|op| Instr { op: *op, a: 1, b: 2, imm: 3 }.into()).collect();
    let mut unit = match row(*last) {
        Row::Plain(Plain::Jump) => vec![plain(Plain::Jump, 0, 0), plain(Plain::Fuel, 0, 1)],
        Row::Plain(Plain::JumpBack) => {
            let to = u32::try_from(at + numbers.len()).unwrap();
            vec![plain(Plain::JumpBack, 0, to), plain(Plain::Fuel, 0, 1)]
        }
        Row::Plain(Plain::Call) => vec![plain(Plain::Call, 6, 3)],
        Row::Plain(Plain::CallIndirect) => {
            vec![Instr::new(Op::plain(Plain::CallIndirect), 0, 2, 3).into(), Instr::data(0, 0, 6).into()]
        }
        row => unit(Op(last & !UNWRITTEN), row, at + others.len()),
    };
    // What makes the accumulator anew is part of no sequence.
    let own = unit.iter().position(|cell| cell.instr.op == last & !UNWRITTEN).unwrap();
    unit.drain(..own);
    unit[0] = Instr { op: *last, ..unit[0].instr }.into();
    code.extend(unit);
    // Branches before the last row lead to a head behind all of it.
    for (place, op) in others.iter().enumerate() {
        let imm = match target(row(*op)) {
            Some(Target::Forward) => code.len() - place - 1,
            Some(Target::Back) => at + code.len(),
            _ => continue,
        };
        code[place] = Instr { imm: u32::try_from(imm).unwrap(), ..code[place].instr }.into();
    }
    code.push(plain(Plain::Fuel, 0, 1));
    code
}

/// Puts the handler of a sequence where it begins.
fn fused(sequence: &Sequence, mut code: Vec<Cell>) -> Vec<Cell> {
    code[0].handler = sequence.handler;
    code
}

/// All that a run leaves, as text.
pub(super) fn left(code: &[Cell], values: [u64; 4], callees: &Callees) -> String {
    let told = |stop: Stop, ctx: &mut Context<'_>, regs: &Regs| {
        let regs: [u64; 16] = regs.first_chunk::<16>()?.each_ref().map(Register::get);
        let (callee, float) = (ctx.callee, float_slot(ctx.acc, ctx.facc));
        let place = (ctx.pc, ctx.base, ctx.depth(), ctx.start, ctx.fuel, callee);
        let parts: [&dyn Debug; 7] =
            [&stop, &place, &regs, &(ctx.acc, float), &ctx.trap, &ctx.globals, &(&ctx.memory, &ctx.table)];
        Some(format!("{parts:x?}"))
    };
    start(code, values, core::array::from_fn(differing), callees, told).unwrap()
}

/// Functions that return at once, at the end of `code`, for every index that instructions name.
fn callees(code: &mut Vec<Cell>, back: &[Cell]) -> Callees {
    let at = u32::try_from(code.len()).unwrap();
    code.push(plain(Plain::Fuel, 0, 1));
    code.extend(back);
    code.push(plain(Plain::Unreachable, 0, 0));
    let entry = Entry::new(at, 1, Instr::default());
    Callees { entries: vec![entry; 8], funcs: (0..8).map(|index| FuncInst { ty: 3, instance: 0, index }).collect() }
}

// @need-ids: REQ_023, REQ_TABLE_001
#[test]
fn a_sequence_does_what_its_rows_do() {
    for sequence in (0..).map_while(sequence) {
        let mut code = cells(sequence, 0);
        // Branches back lead to where their unit says; what is not reached is not run.
        code.push(with_handler(note));
        let callees = callees(&mut code, &[plain(Plain::Return, 0, 0)]);
        let both = fused(sequence, code.clone());
        for values in environments() {
            let (one, other) = (left(&code, values, &callees), left(&both, values, &callees));
            assert_eq!(one, other, "{:?} {values:x?}", rows(sequence).into_iter().map(row).collect::<Vec<_>>());
        }
        // Where the code ends with it, each row sees that for itself.
        for length in 1..code.len().min(5) {
            let (one, other) = (left(&code[..length], [7; 4], &callees), left(&both[..length], [7; 4], &callees));
            assert_eq!(one, other, "the first {length} of {:?}", rows(sequence));
        }
    }
}

// The comparison above sees a handler that does something else: here each sequence has the next one's.
// @need-ids: REQ_023
#[test]
fn the_handler_of_another_sequence_is_noticed() {
    let (mut of, mut missed) = (0, Vec::new());
    for (sequence, next) in (0..).map_while(|at| Some((sequence(at)?, sequence(at + 1)?))) {
        let mut code = cells(sequence, 0);
        code.push(with_handler(note));
        let callees = callees(&mut code, &[plain(Plain::Return, 0, 0)]);
        let mut wrong = code.clone();
        wrong[0].handler = next.handler;
        let noticed = |values| left(&code, values, &callees) != left(&wrong, values, &callees);
        let [own, other] = [sequence, next].map(|sequence| rows(sequence).into_iter().map(row).collect::<Vec<_>>());
        // Which of two leaves its result in the accumulator alone is not seen where the next row writes the same register.
        if own != other {
            of += 1;
            if !environments().into_iter().any(noticed) {
                missed.push(format!("{own:?} as {other:?}"));
            }
        }
    }
    // Such as a loop's end that compares with one number or another, neither of which the counter has.
    assert!(of > 800 && missed.len() < of / 50, "{} of {of}: {missed:#?}", missed.len());
}

// @need-ids: REQ_003, REQ_023, REQ_005
#[test]
fn no_sequence_leaves_anything_on_the_native_stack() {
    let mut measured = 0;
    for sequence in (0..).map_while(sequence) {
        let last = row(*rows(sequence).last().unwrap());
        let returns = matches!(last, Row::Plain(Plain::Return | Plain::Return1 | Plain::Return1Acc));
        let depth = |times: usize, values: [u64; 4]| {
            let mut code = Vec::new();
            for _ in 0..times {
                let at = code.len();
                if returns {
                    code.push(plain(Plain::Call, 6, 3));
                } else {
                    code.extend(fused(sequence, cells(sequence, at)));
                }
            }
            code.push(with_handler(probe));
            let back = if returns { fused(sequence, cells(sequence, 0)) } else { vec![plain(Plain::Return, 0, 0)] };
            let callees = callees(&mut code, &back);
            run_with(&code, values, &callees).map(|(depth, _)| depth)
        };
        let depths = environments().into_iter().filter_map(|values| Some((depth(1, values)?, depth(TIMES, values)?)));
        let mut reached = 0;
        for (once, often) in depths {
            assert_eq!(once, often, "{:?}", rows(sequence).into_iter().map(row).collect::<Vec<_>>());
            reached += 1;
        }
        measured += usize::from(reached > 0);
        assert!(reached > 0, "{:?}: the probe is not reached", rows(sequence).into_iter().map(row).collect::<Vec<_>>());
    }
    assert!(measured > 300, "{measured}");
}

// @need-ids: REQ_023
#[test]
fn the_longest_sequence_is_taken_and_the_rest_stays() {
    let number = |op: u16| Cell::from(Instr { op, a: 1, b: 2, imm: 3 });
    for sequence in (0..).map_while(sequence) {
        let mut code: Vec<Cell> = rows(sequence).into_iter().map(number).collect();
        fuse(&mut code);
        assert!(core::ptr::fn_addr_eq(code[0].handler, sequence.handler), "{:?}", rows(sequence));
        let last = code.last().unwrap();
        assert!(core::ptr::fn_addr_eq(last.handler, Cell::from(last.instr).handler));
    }
    let mut none = [number(NONE), number(NONE), number(NONE)];
    fuse(&mut none);
    assert!(core::ptr::fn_addr_eq(none[0].handler, Cell::from(none[0].instr).handler));
}

// A sequence that an instruction was changed in runs as it is now, whichever of them that was.
// @need-ids: REQ_023
#[test]
fn what_is_changed_is_what_every_handler_before_it_runs() {
    for sequence in (0..).map_while(sequence) {
        let mut code = cells(sequence, 0);
        fuse(&mut code);
        for at in 0..code.len() {
            let mut changed = code.clone();
            Cell::put(&mut changed, at, Instr::new(Op::plain(Plain::Unreachable), 0, 0, 0)).unwrap();
            let mut fresh: Vec<Cell> = changed.iter().map(|cell| cell.instr.into()).collect();
            fuse(&mut fresh);
            for (place, (one, other)) in changed.iter().zip(&fresh).enumerate().take(at + 1) {
                assert!(core::ptr::fn_addr_eq(one.handler, other.handler), "{place} of {:?}", rows(sequence));
            }
        }
        assert!(Cell::put(&mut code, usize::MAX, Instr::default()).is_none());
    }
}

/// Nanoseconds of each of many copies of a sequence with values, the least of some runs; `None` where one of them stops.
fn nanoseconds(sequence: &Sequence, together: bool, values: [u64; 4]) -> Option<f64> {
    const COPIES: usize = 1000;
    let least = |copies: usize| {
        let mut code = Vec::new();
        for _ in 0..copies {
            let copy = cells(sequence, code.len());
            code.extend(if together { fused(sequence, copy) } else { copy });
        }
        code.push(with_handler(probe));
        let callees = callees(&mut code, &[plain(Plain::Return, 0, 0)]);
        let run = |_| {
            let start = Instant::now();
            run_with(&code, values, &callees)?;
            Some(start.elapsed())
        };
        (0..60).map(run).min().flatten()
    };
    let own = least(COPIES)?.saturating_sub(least(0)?);
    Some(own.as_secs_f64() * 1e9 / COPIES as f64)
}

// With the head that stands behind each. A line for each sequence, for a table.
// @need-ids: REQ_023
#[test]
#[ignore = "measures: `just sequences` makes a page of it"]
fn what_each_sequence_gains() {
    for sequence in (0..).map_while(sequence) {
        let names: Vec<String> = rows(sequence).into_iter().map(name).collect();
        let both = |values| Some((nanoseconds(sequence, false, values)?, nanoseconds(sequence, true, values)?));
        let names = names.join(", ");
        match environments().into_iter().find_map(both) {
            Some((apart, together)) => println!("{names} | {apart:.2} | {together:.2} | {:.2}", apart - together),
            // Those that return, and loops that end.
            None => println!("{names} | | |"),
        }
    }
}

/// As docs/speed.md has them: `alone` leaves its result in the accumulator alone.
fn name(number: u16) -> String {
    let alone = if number & UNWRITTEN == 0 { "" } else { " alone" };
    format!("``{:?}``{alone}", row(number))
}
