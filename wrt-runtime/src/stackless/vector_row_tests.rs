//! Every vector row on edge values: a handler gives what its operator's pure function says, whatever registers overlap.

use super::context::Stop;
use super::row_tests::{EVERY, MEMORY, Ran, step_with};
use crate::instr::Instr;
use std::vec;
use std::vec::Vec;
use wrt_instructions::op::{Accumulator, Op};
use wrt_instructions::vector::meaning::i8x16_shuffle;
use wrt_instructions::vector::{Distance, VectorAccess, VectorPlain, VectorRow};
use wrt_instructions::{Row, V128};

const VALUES: [u64; 7] =
    [0, 1, 0x8000_0000_7F80_0001, 0x0102_0304_0506_0708, 0x7FF0_0000_0000_0001, 0xFFFE_8081_7FFF_8000, u64::MAX];

/// Registers: pairs from 2, 4 and 6 on, and a scalar in 8.
fn registers(seed: usize) -> [u64; 9] {
    core::array::from_fn(|at| VALUES[(seed * (at + 3) + at) % VALUES.len()])
}

fn pair(regs: &[u64; 9], at: usize) -> V128 {
    [regs[at], regs[at + 1]]
}

fn result(ran: &Ran, a: u8) -> V128 {
    [ran.regs[usize::from(a)], ran.regs[usize::from(a) + 1]]
}

const LANES: [u8; 16] = [0, 31, 1, 30, 2, 29, 3, 28, 4, 27, 5, 26, 6, 25, 32, 255];

fn lane_words() -> Vec<Instr> {
    LANES.chunks(4).map(|four| Instr::data(0, 0, u32::from_le_bytes(four.try_into().unwrap()))).collect()
}

/// Runs a row that gives a vector, into register `a`.
fn vector_of(row: VectorRow, a: u8, imm: u32, regs: &[u64; 9]) -> V128 {
    let data = if row.data_words() > 0 { lane_words() } else { vec![] };
    let ran = step_with(Instr::new(Op::vector(row), a, 2, imm), &data, regs, 0);
    assert_eq!((ran.stop, ran.rest), (Stop::Next, 1 + data.len()), "{row:?}");
    result(&ran, a)
}

/// What a row gives as a vector for the registers, and its immediate.
fn expected_vector(row: VectorRow, regs: &[u64; 9]) -> Option<(V128, u32)> {
    let (x, y, z, scalar) = (pair(regs, 2), pair(regs, 4), pair(regs, 6), regs[8]);
    Some(match row {
        VectorRow::Unary(op) => (op.evaluate(x), 0),
        VectorRow::Binary(op) => (op.evaluate(x, y), 4),
        VectorRow::Ternary(op) => (op.evaluate(x, y, z), 4 | 6 << 8),
        VectorRow::Shift(op, Distance::R) => (op.evaluate(x, scalar as u32), 8),
        VectorRow::Shift(op, Distance::I) => (op.evaluate(x, 77), 77),
        VectorRow::Splat(op) => (op.evaluate(x[0]), 0),
        VectorRow::ReplaceLane(op) => (op.evaluate(x, 1, scalar), 8 | 1 << 8),
        VectorRow::Plain(VectorPlain::Shuffle) => (i8x16_shuffle(x, y, LANES), 4),
        VectorRow::Plain(VectorPlain::Select) => (if scalar as u32 != 0 { x } else { y }, 4 | 8 << 8),
        VectorRow::Plain(VectorPlain::GlobalGet) => ([3, 4], 3),
        VectorRow::Plain(VectorPlain::ImportedGlobalGet) => ([4, 5], 0),
        _ => return None,
    })
}

fn check_scalar(row: VectorRow, imm: u32, regs: &[u64; 9], expected: u64) {
    let ran = step_with(Instr::new(Op::vector(row), 0, 2, imm), &[], regs, 0xACC);
    assert_eq!((ran.stop, ran.regs[0]), (Stop::Next, expected), "{row:?} {regs:x?}");
    assert_eq!(ran.regs[1], regs[1], "{row:?} writes one slot");
    let made = if row.makes() == Accumulator::Float { ran.facc } else { ran.acc };
    assert_eq!(made, expected, "{row:?} {regs:x?}");
}

// @need-ids: REQ_TABLE_001, REQ_018, REQ_023
#[test]
fn vector_rows_give_what_their_functions_say() {
    let mut cases = 0;
    for row in (0..VectorRow::COUNT).filter_map(VectorRow::from_number) {
        for seed in (0..VALUES.len()).step_by(EVERY) {
            let regs = registers(seed);
            match row {
                VectorRow::Test(op) => check_scalar(row, 0, &regs, u64::from(op.evaluate(pair(&regs, 2)))),
                VectorRow::ExtractLane(op) => {
                    (0..op.lanes()).for_each(|lane| {
                        check_scalar(row, lane.into(), &regs, op.evaluate(pair(&regs, 2), lane));
                    });
                }
                _ => {}
            }
            if let Some((expected, imm)) = expected_vector(row, &regs) {
                // The last pair of registers, and every way in which the result overlaps the operands.
                let places = [0, 1, 2, 3, 4, 5, 6, 7, 8, 100, 255];
                for a in places.into_iter().step_by(if cfg!(miri) { 5 } else { 1 }) {
                    assert_eq!(vector_of(row, a, imm, &regs), expected, "{row:?} {regs:x?} {a}");
                    cases += 1;
                }
            }
        }
    }
    assert!(cases > if cfg!(miri) { 500 } else { 10_000 }, "{cases}");
}

// @need-ids: REQ_TABLE_001, REQ_018
#[test]
fn vector_globals_are_set_in_both_halves() {
    let regs = registers(3);
    for (row, imm, at) in [(VectorPlain::GlobalSet, 2, 2), (VectorPlain::ImportedGlobalSet, 0, 4)] {
        let ran = step_with(Instr::new(Op::vector(VectorRow::Plain(row)), 2, 0, imm), &[], &regs, 0);
        let mut expected = [0, 1, 2, 3, 4, 5, 6, 7];
        expected[at..at + 2].copy_from_slice(&pair(&regs, 2));
        assert_eq!((ran.stop, ran.globals), (Stop::Next, expected), "{row:?}");
    }
    // The second slot is not there.
    for row in [VectorPlain::GlobalGet, VectorPlain::GlobalSet] {
        let ran = step_with(Instr::new(Op::vector(VectorRow::Plain(row)), 2, 0, 7), &[], &regs, 0);
        assert_eq!(ran.stop, Stop::Corrupt, "{row:?}");
    }
}

/// Fields and registers that give an access the parts of its address: the base is register 1, the index register 8.
fn address(access: VectorAccess, base: u32, part: u32) -> Option<(u32, u64)> {
    let wrapped = u64::from(base.wrapping_add(part));
    Some(match access {
        VectorAccess::R => (part, u64::from(base) + u64::from(part)),
        VectorAccess::Abs => (base, u64::from(base)),
        VectorAccess::Idx => (8 | 3 << 8, wrapped + 3),
        VectorAccess::Wrap => (part, wrapped),
        VectorAccess::Far => return None,
    })
}

// @need-ids: REQ_TABLE_001, REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
#[test]
fn vector_loads_and_stores_reach_exactly_the_memory() {
    let addresses = [(0, 0), (10, 5), (200, 40), (240, 0), (240, 1), (241, 0), (255, 0), (256, 0), (u32::MAX, 1)];
    let mut cases = 0;
    for row in (0..VectorRow::COUNT).filter_map(VectorRow::from_number) {
        let (VectorRow::Load(_, access) | VectorRow::Store(_, access)) = row else { continue };
        for (base, part) in addresses {
            let mut regs = registers(5);
            (regs[1], regs[8]) = (base.into(), part.into());
            let Some((imm, at)) = address(access, base, part) else { continue };
            cases += 1;
            match row {
                VectorRow::Load(op, _) => {
                    let ran = step_with(Instr::new(Op::vector(row), 4, 1, imm), &[], &regs, 0);
                    match op.load(&MEMORY, at as usize) {
                        Some(value) => assert_eq!((ran.stop, result(&ran, 4)), (Stop::Next, value), "{row:?} {at}"),
                        None => assert_eq!(ran.stop, Stop::Trap, "{row:?} {at}"),
                    }
                }
                VectorRow::Store(op, _) => {
                    let ran = step_with(Instr::new(Op::vector(row), 1, 2, imm), &[], &regs, 0);
                    let mut expected = MEMORY;
                    let done = op.store(&mut expected, at as usize, pair(&regs, 2)).is_some();
                    let stop = if done { Stop::Next } else { Stop::Trap };
                    assert_eq!((ran.stop, ran.memory), (stop, expected), "{row:?} {at}");
                }
                _ => {}
            }
        }
    }
    assert_eq!(cases, 14 * 4 * addresses.len());
}

// @need-ids: REQ_TABLE_001
#[test]
fn every_vector_row_is_checked_here_or_the_drivers() {
    let regs = registers(1);
    for row in (0..VectorRow::COUNT).filter_map(VectorRow::from_number) {
        assert_eq!(Op::vector(row).row(), Some(Row::Vector(row)));
        let one_slot = matches!(row, VectorRow::Test(_) | VectorRow::ExtractLane(_));
        let accesses = matches!(row, VectorRow::Load(..) | VectorRow::Store(..));
        let sets = matches!(row, VectorRow::Plain(VectorPlain::GlobalSet | VectorPlain::ImportedGlobalSet));
        assert!(one_slot || accesses || sets || expected_vector(row, &regs).is_some(), "{row:?}");
        if let VectorRow::Load(_, VectorAccess::Far) | VectorRow::Store(_, VectorAccess::Far) = row {
            let ran = step_with(Instr::new(Op::vector(row), 1, 2, 0), &[Instr::data(0, 0, 0)], &regs, 0);
            assert_eq!(ran.stop, Stop::Slow, "{row:?}");
        }
    }
}
