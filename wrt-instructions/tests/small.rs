//! Operators in few bytes are those of the table: the same results and traps on edge values and on random ones.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use wrt_instructions::operator::{BinaryOp, CompareOp, LoadOp, StoreOp, UnaryOp};
use wrt_instructions::small::{self, Extent};

/// One of how many values is taken: an interpreter of the compiler's own code (Miri) takes a thousand times as long. There each operator
/// runs with a few; that results are right is tested natively on all.
const EVERY: usize = if cfg!(miri) { 61 } else { 1 };

/// Around each power of two, and patterns; with an upper half that an operator on `i32` must not look at, too.
fn edges() -> Vec<u64> {
    let powers = (0..64).step_by(3).chain([7, 8, 15, 16, 31, 32, 62, 63]).map(|bit| 1_u64 << bit);
    let near = powers.flat_map(|power| [power.wrapping_sub(1), power, power + 1]);
    let values =
        near.flat_map(|value| [value, value.wrapping_neg(), value << 32, 0xDEAD_BEEF << 32 | value & 0xFFFF_FFFF]);
    let patterns = [0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210, 0xAAAA_AAAA_5555_5555, 0x8080_8080_8080_8080];
    values.chain(patterns).step_by(EVERY).collect()
}

fn same(x: u64, y: u64) {
    for op in BinaryOp::ALL {
        let mut value = x;
        let done = small::binary(*op, &mut value, y).map(|()| value);
        assert_eq!(done, op.evaluate(x, y), "{op:?} {x:#x} {y:#x}");
    }
    for op in CompareOp::ALL {
        assert_eq!(small::compare(*op, x, y), op.evaluate(x, y), "{op:?} {x:#x} {y:#x}");
    }
}

fn same_of_one(x: u64) {
    for op in UnaryOp::ALL {
        let mut value = x;
        assert_eq!(small::unary(*op, &mut value).map(|()| value), op.evaluate(x), "{op:?} {x:#x}");
    }
    // Places inside, at the end, across it, beyond it, and where a sum would wrap.
    for at in [0, 1, 5, 8, 9, 12, 14, 15, 16, 17, usize::MAX - 3, usize::MAX] {
        let mut memory = [x.to_le_bytes(), (!x).to_be_bytes()].concat();
        for op in LoadOp::ALL {
            let extent = Extent::of(*op as usize, true).unwrap();
            let loaded = extent.place(&mut memory, at).map(|bytes| extent.load(bytes));
            assert_eq!(loaded, op.load(&memory, at), "{op:?} {x:#x} {at}");
        }
        for op in StoreOp::ALL {
            let mut expected = memory.clone();
            let done = op.store(&mut expected, at, x.rotate_left(5));
            let place = Extent::of(*op as usize, false).unwrap().place(&mut memory, at);
            assert_eq!(place.map(|bytes| small::store(bytes, x.rotate_left(5))), done, "{op:?} {x:#x} {at}");
            assert_eq!(memory, expected, "{op:?} {x:#x} {at}");
        }
    }
}

// @need-ids: REQ_COMPACT_001, REQ_TABLE_001, REQ_018
#[test]
fn operators_in_few_bytes_are_the_tables_at_the_edges() {
    let values = edges();
    for &x in &values {
        same_of_one(x);
        for &y in &values {
            same(x, y);
        }
    }
}

// Every count that a shift may be given, and more.
// @need-ids: REQ_COMPACT_001, REQ_TABLE_001, REQ_018
#[test]
fn shifts_in_few_bytes_are_the_tables_for_every_count() {
    for x in edges() {
        for count in (0..130).step_by(EVERY) {
            same(x, count);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, rng_seed: RngSeed::Fixed(81), ..ProptestConfig::default() })]
    // @need-ids: REQ_COMPACT_001, REQ_TABLE_001, REQ_018
    #[test]
    fn operators_in_few_bytes_are_the_tables(x: u64, y: u64, right in 0_u32..64, shift in 0_u32..64) {
        same(x, y);
        same(x >> right, y >> shift);
        same(x, x >> 32);
        same_of_one(x >> right);
    }
}
