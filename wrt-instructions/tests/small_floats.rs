//! Floats in few bytes are those of the table, bit for bit: edge values, values near them, and random ones.

use wrt_instructions::operator::{BinaryOp, FloatBinaryOp, FloatCompareOp, FloatUnaryOp, UnaryOp};
use wrt_instructions::small::{self, floats};

/// One of how many values is taken: an interpreter of the compiler's own code (Miri) takes a thousand times as long. There each operator
/// runs with a few; that results are right is tested natively on all.
const EVERY: usize = if cfg!(miri) { 31 } else { 1 };

/// Slots around what floats of both types and integers are at the edges.
fn edges() -> Vec<u64> {
    let f32s = [
        0.0,
        0.5,
        1.0,
        1.5,
        2.5,
        3.0,
        1e-45,
        1.4e-40,
        f32::MIN_POSITIVE,
        16_777_216.0,
        2_147_483_648.0,
        4_294_967_296.0,
    ];
    let more = [9.223_372e18, 1.844_674_4e19, f32::MAX, f32::INFINITY, f32::NAN, 0.333_333_34, 4.0, 1e10, 8_388_609.5];
    let f64s =
        [0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 5e-324, 1e-310, f64::MIN_POSITIVE, 2_147_483_648.0, 4_294_967_296.0, 1e-45];
    let many = [
        9_007_199_254_740_992.0,
        9.223_372_036_854_776e18,
        1.844_674_407_370_955_2e19,
        f64::MAX,
        f64::INFINITY,
        f64::NAN,
    ];
    let f64s = f64s.into_iter().chain(many).chain([f32::MAX.into(), f32::MIN_POSITIVE.into(), 0.1, 4.0, 1e300, 4.5e15]);
    let singles = f32s.into_iter().chain(more).map(|x: f32| u64::from(x.to_bits()));
    let values = singles
        .flat_map(|bits| [bits, bits ^ 1 << 31])
        .chain(f64s.map(f64::to_bits).flat_map(|bits| [bits, bits ^ 1 << 63]));
    values
        .flat_map(|bits| [bits, bits.wrapping_add(1), bits.wrapping_sub(1)])
        .chain([u64::MAX, 1 << 63, 0xFF80_0001, 0x7F80_0001])
        .step_by(EVERY)
        .collect()
}

fn same(x: u64, y: u64) {
    for op in FloatBinaryOp::ALL {
        assert_eq!(floats::binary(*op, x, y), op.evaluate(x, y), "{op:?} {x:#x} {y:#x}");
    }
    for op in FloatCompareOp::ALL {
        assert_eq!(floats::compare(*op, x, y), op.evaluate(x, y), "{op:?} {x:#x} {y:#x}");
    }
    for op in [BinaryOp::F32Min, BinaryOp::F32Max, BinaryOp::F64Min, BinaryOp::F64Max] {
        let mut value = x;
        assert_eq!(small::binary(op, &mut value, y).map(|()| value), op.evaluate(x, y), "{op:?} {x:#x} {y:#x}");
    }
}

fn same_of_one(x: u64) {
    for op in FloatUnaryOp::ALL {
        assert_eq!(floats::unary(*op, x), op.evaluate(x), "{op:?} {x:#x}");
    }
    for op in UnaryOp::ALL {
        let mut value = x;
        assert_eq!(small::unary(*op, &mut value).map(|()| value), op.evaluate(x), "{op:?} {x:#x}");
    }
}

// @need-ids: REQ_COMPACT_001, REQ_TABLE_001, REQ_018, REQ_NAN_001
#[test]
fn floats_in_few_bytes_are_the_tables_at_the_edges() {
    let values = edges();
    for &x in &values {
        same_of_one(x);
        for &y in &values {
            same(x, y);
        }
    }
}

/// The next of a sequence that is always the same (`SplitMix64`).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ *state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

// @need-ids: REQ_COMPACT_001, REQ_TABLE_001, REQ_018, REQ_NAN_001
#[test]
fn floats_in_few_bytes_are_the_tables() {
    let mut state = 64;
    for round in 0..if cfg!(miri) { 8 } else { 120_000_u64 } {
        let (x, y, choice) = (next(&mut state), next(&mut state), next(&mut state));
        same_of_one(x);
        same_of_one(x >> (choice & 63));
        same(x, y);
        // Exponents that lie near each other, of either type, and mantissas with few bits: sums that cancel out, products and
        // quotients that are ties or subnormal.
        let mask = u64::MAX << (choice >> 8 & 63);
        let (upper, lower) = (0xFFF0_0000_0000_0000, 0x000F_FFFF_FFFF_FFFF);
        same(x & mask, (x & upper).wrapping_add((choice >> 16 & 0xFF) << 50) ^ y & lower & mask);
        let mask = u32::MAX << (choice >> 8 & 31);
        let (upper, lower) = (0xFF80_0000, 0x007F_FFFF);
        let near = (x as u32 & upper).wrapping_add((choice as u32 >> 16 & 0x3F) << 22) ^ y as u32 & lower & mask;
        same((x as u32 & mask).into(), near.into());
        // Small exponents of both.
        same(x & 0x83FF_FFFF, y & 0xBFFF_FFFF);
        same(x >> (round & 7) & 0x803F_FFFF_FFFF_FFFF, y & 0xBFFF_FFFF_FFFF_FFFF);
        same_of_one((x & 0x807F_FFFF) | (choice & 0xFF) << 23);
    }
}
