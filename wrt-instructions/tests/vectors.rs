//! Every vector operator against a reference that goes lane by lane, on edge values and at random.
//!
//! The reference is written from the specification (core 4.3.5 and the deterministic profile of its appendix) and shares nothing
//! with the operators: lanes are numbers of 128 bits with their signs, and floats are computed one at a time.
#![cfg(feature = "simd")]
// Exact comparisons of floats are what these operators are.
#![allow(clippy::float_cmp)]
// Conversions round, as the specification says they do.
#![allow(clippy::cast_precision_loss)]

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use wrt_instructions::V128;
use wrt_instructions::vector::meaning::i8x16_shuffle;
use wrt_instructions::vector::{
    ExtractLaneOp, ReplaceLaneOp, SplatOp, VectorBinaryOp, VectorLoadOp, VectorShiftOp, VectorStoreOp, VectorTernaryOp,
    VectorTestOp, VectorUnaryOp,
};

/// Lanes of `bits` bits, without signs.
fn unsigned(x: V128, bits: u32) -> Vec<i128> {
    let all = u128::from(x[0]) | u128::from(x[1]) << 64;
    (0..128 / bits).map(|lane| (all >> (lane * bits) & ((1 << bits) - 1)) as i128).collect()
}

fn with_sign(lane: i128, bits: u32) -> i128 {
    if lane >> (bits - 1) & 1 == 1 { lane - (1 << bits) } else { lane }
}

fn signed(x: V128, bits: u32) -> Vec<i128> {
    unsigned(x, bits).into_iter().map(|lane| with_sign(lane, bits)).collect()
}

/// The value whose lanes are the lowest `bits` bits of each number; those that are missing are zero.
fn packed(lanes: impl IntoIterator<Item = i128>, bits: u32) -> V128 {
    let place = |(at, lane): (u32, i128)| (lane as u128 & ((1 << bits) - 1)) << (at * bits);
    let all = (0..).zip(lanes).map(place).fold(0, |all, lane| all | lane);
    [all as u64, (all >> 64) as u64]
}

fn saturated(x: i128, bits: u32, sign: bool) -> i128 {
    if sign { x.clamp(-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { x.clamp(0, (1 << bits) - 1) }
}

/// The parts of a name: kind and width of lanes, and what is behind the dot.
fn parts(name: &str) -> (char, u32, &str) {
    let (shape, op) = name.split_once('.').expect("a shape");
    let kind = shape.chars().next().expect("a kind");
    (kind, shape[1..].split('x').next().and_then(|bits| bits.parse().ok()).expect("a width"), op)
}

/// The width that a shape in the name of an operator on other lanes has: 16 of `narrow_i16x8_s`.
fn source_bits(op: &str) -> u32 {
    let shape = op.split('_').rfind(|part| part.contains('x') && part.starts_with(['i', 'f'])).expect("a shape");
    shape[1..].split('x').next().and_then(|bits| bits.parse().ok()).expect("a width")
}

fn half(lanes: &[i128], op: &str) -> Vec<i128> {
    let (low, high) = lanes.split_at(lanes.len() / 2);
    if op.contains("high") { high.to_vec() } else { low.to_vec() }
}

fn by_sign(x: V128, bits: u32, op: &str) -> Vec<i128> {
    if op.ends_with('u') || op.ends_with("u_zero") { unsigned(x, bits) } else { signed(x, bits) }
}

// Floats: a lane is its bits; NaNs that are made are canonical.

fn bits_of(x: f64, bits: u32) -> i128 {
    if x.is_nan() {
        return if bits == 32 { 0x7FC0_0000 } else { 0x7FF8_0000_0000_0000 };
    }
    if bits == 32 { i128::from((x as f32).to_bits()) } else { i128::from(x.to_bits()) }
}

fn float(lane: i128, bits: u32) -> f64 {
    if bits == 32 { f64::from(f32::from_bits(lane as u32)) } else { f64::from_bits(lane as u64) }
}

/// Arithmetic at the lane's own width.
fn calculated(op: &str, x: i128, y: i128, bits: u32) -> i128 {
    if bits == 32 {
        let (x, y) = (f32::from_bits(x as u32), f32::from_bits(y as u32));
        let z = match op {
            "add" => x + y,
            "sub" => x - y,
            "mul" => x * y,
            "div" => x / y,
            _ => x.sqrt(),
        };
        bits_of(f64::from(z), 32)
    } else {
        let (x, y) = (float(x, 64), float(y, 64));
        let z = match op {
            "add" => x + y,
            "sub" => x - y,
            "mul" => x * y,
            "div" => x / y,
            _ => x.sqrt(),
        };
        bits_of(z, 64)
    }
}

fn extreme(op: &str, x: i128, y: i128, bits: u32) -> i128 {
    let (a, b) = (float(x, bits), float(y, bits));
    let smaller = op.ends_with("min");
    if a.is_nan() || b.is_nan() {
        return bits_of(f64::NAN, bits);
    }
    let first = if a == b { a.is_sign_negative() == smaller } else { (a < b) == smaller };
    if first { x } else { y }
}

fn float_binary(op: &str, bits: u32, x: V128, y: V128) -> V128 {
    let ones = (1_i128 << bits) - 1;
    let holds = |holds: bool| if holds { ones } else { 0 };
    let lanes = unsigned(x, bits).into_iter().zip(unsigned(y, bits)).map(|(x, y)| {
        let (a, b) = (float(x, bits), float(y, bits));
        match op {
            "eq" => holds(a == b),
            "ne" => holds(a != b),
            "lt" => holds(a < b),
            "gt" => holds(a > b),
            "le" => holds(a <= b),
            "ge" => holds(a >= b),
            "pmin" => {
                if b < a {
                    y
                } else {
                    x
                }
            }
            "pmax" => {
                if a < b {
                    y
                } else {
                    x
                }
            }
            "min" | "max" | "relaxed_min" | "relaxed_max" => extreme(op, x, y, bits),
            _ => calculated(op, x, y, bits),
        }
    });
    packed(lanes.collect::<Vec<_>>(), bits)
}

fn dot(x: &[i128], y: &[i128]) -> Vec<i128> {
    x.chunks(2).zip(y.chunks(2)).map(|(x, y)| x[0] * y[0] + x[1] * y[1]).collect()
}

fn swizzled(x: V128, y: V128) -> V128 {
    let lanes = unsigned(x, 8);
    packed(unsigned(y, 8).into_iter().map(|at| lanes.get(at as usize).copied().unwrap_or(0)), 8)
}

fn relaxed_dot(x: V128, y: V128) -> Vec<i128> {
    dot(&signed(x, 8), &signed(y, 8)).into_iter().map(|sum| saturated(sum, 16, true)).collect()
}

fn lane_binary(op: &str, bits: u32, x: i128, y: i128) -> i128 {
    let sign = op.ends_with("_s");
    let holds = |holds: bool| if holds { -1 } else { 0 };
    match op {
        "add" => x + y,
        "sub" => x - y,
        "mul" => x * y,
        "add_sat_s" | "add_sat_u" => saturated(x + y, bits, sign),
        "sub_sat_s" | "sub_sat_u" => saturated(x - y, bits, sign),
        "min_s" | "min_u" => x.min(y),
        "max_s" | "max_u" => x.max(y),
        "avgr_u" => (x + y + 1) / 2,
        "q15mulr_sat_s" | "relaxed_q15mulr_s" => saturated((x * y + 0x4000) >> 15, 16, true),
        "eq" => holds(x == y),
        "ne" => holds(x != y),
        "lt_s" | "lt_u" => holds(x < y),
        "gt_s" | "gt_u" => holds(x > y),
        "le_s" | "le_u" => holds(x <= y),
        "ge_s" | "ge_u" => holds(x >= y),
        other => panic!("no reference for {other}"),
    }
}

fn binary(name: &str, x: V128, y: V128) -> V128 {
    let (kind, bits, op) = parts(name);
    match (kind, op) {
        ('v', "and") => [x[0] & y[0], x[1] & y[1]],
        ('v', "andnot") => [x[0] & !y[0], x[1] & !y[1]],
        ('v', "or") => [x[0] | y[0], x[1] | y[1]],
        ('v', "xor") => [x[0] ^ y[0], x[1] ^ y[1]],
        ('f', _) => float_binary(op, bits, x, y),
        (_, "swizzle" | "relaxed_swizzle") => swizzled(x, y),
        (_, "dot_i16x8_s") => packed(dot(&signed(x, 16), &signed(y, 16)), 32),
        (_, "relaxed_dot_i8x16_i7x16_s") => packed(relaxed_dot(x, y), 16),
        _ if op.starts_with("narrow") => {
            let lanes = signed(x, bits * 2).into_iter().chain(signed(y, bits * 2));
            packed(lanes.map(|lane| saturated(lane, bits, op.ends_with("_s"))), bits)
        }
        _ if op.starts_with("extmul") => {
            let from = source_bits(op);
            let (x, y) = (half(&by_sign(x, from, op), op), half(&by_sign(y, from, op), op));
            packed(x.into_iter().zip(y).map(|(x, y)| x * y), bits)
        }
        _ => {
            let lanes = by_sign(x, bits, op).into_iter().zip(by_sign(y, bits, op));
            packed(lanes.map(|(x, y)| lane_binary(op, bits, x, y)), bits)
        }
    }
}

fn float_unary(op: &str, bits: u32, lane: i128) -> i128 {
    let sign = 1_i128 << (bits - 1);
    let x = float(lane, bits);
    match op {
        "abs" => lane & !sign,
        "neg" => lane ^ sign,
        "ceil" => bits_of(x.ceil(), bits),
        "floor" => bits_of(x.floor(), bits),
        "trunc" => bits_of(x.trunc(), bits),
        "nearest" => bits_of(x.round_ties_even(), bits),
        "sqrt" => calculated(op, lane, lane, bits),
        other => panic!("no reference for {other}"),
    }
}

/// What a float becomes as an integer of 32 bits.
fn truncated(x: f64, op: &str) -> i128 {
    let (least, most) = if op.contains("_u") { (0.0, 4_294_967_295.0) } else { (-2_147_483_648.0, 2_147_483_647.0) };
    if x.is_nan() { 0 } else { x.trunc().clamp(least, most) as i128 }
}

fn unary(name: &str, x: V128) -> V128 {
    let (kind, bits, op) = parts(name);
    let floats = |bits: u32| unsigned(x, bits).into_iter().map(move |lane| float(lane, bits));
    match op {
        "not" => [!x[0], !x[1]],
        "demote_f64x2_zero" => packed(floats(64).map(|x| bits_of(f64::from(x as f32), 32)), 32),
        "promote_low_f32x4" => packed(floats(32).take(2).map(|x| bits_of(x, 64)), 64),
        // A 64-bit float holds every integer of 32 bits, so it is rounded once.
        "convert_i32x4_s" | "convert_i32x4_u" => {
            packed(by_sign(x, 32, op).into_iter().map(|lane| bits_of(lane as f64, 32)), 32)
        }
        "convert_low_i32x4_s" | "convert_low_i32x4_u" => {
            packed(by_sign(x, 32, op).into_iter().take(2).map(|lane| bits_of(lane as f64, 64)), 64)
        }
        _ if op.contains("trunc_") => packed(floats(source_bits(op)).map(|x| truncated(x, op)), 32),
        _ if kind == 'f' => packed(unsigned(x, bits).into_iter().map(|lane| float_unary(op, bits, lane)), bits),
        "popcnt" => packed(unsigned(x, 8).into_iter().map(|lane| i128::from(lane.count_ones())), 8),
        "abs" => packed(signed(x, bits).into_iter().map(i128::abs), bits),
        "neg" => packed(signed(x, bits).into_iter().map(|lane| -lane), bits),
        _ if op.starts_with("extend") => packed(half(&by_sign(x, source_bits(op), op), op), bits),
        _ if op.starts_with("extadd") => {
            packed(by_sign(x, source_bits(op), op).chunks(2).map(|pair| pair[0] + pair[1]).collect::<Vec<_>>(), bits)
        }
        other => panic!("no reference for {other}"),
    }
}

fn ternary(name: &str, x: V128, y: V128, z: V128) -> V128 {
    let (_, bits, op) = parts(name);
    match op {
        "bitselect" | "relaxed_laneselect" => [(x[0] & z[0]) | (y[0] & !z[0]), (x[1] & z[1]) | (y[1] & !z[1])],
        "relaxed_madd" | "relaxed_nmadd" => {
            let sign = if op == "relaxed_nmadd" { 1_i128 << (bits - 1) } else { 0 };
            let product = unsigned(x, bits).into_iter().zip(unsigned(y, bits));
            let product = product.map(|(x, y)| calculated("mul", x ^ sign, y, bits));
            packed(product.zip(unsigned(z, bits)).map(|(xy, z)| calculated("add", xy, z, bits)), bits)
        }
        "relaxed_dot_i8x16_i7x16_add_s" => {
            let sums = relaxed_dot(x, y).chunks(2).map(|pair| pair[0] + pair[1]).collect::<Vec<_>>();
            packed(sums.into_iter().zip(signed(z, 32)).map(|(sum, z)| sum + z), 32)
        }
        other => panic!("no reference for {other}"),
    }
}

fn shifted(name: &str, x: V128, distance: u32) -> V128 {
    let (_, bits, op) = parts(name);
    let by = distance % bits;
    match op {
        "shl" => packed(unsigned(x, bits).into_iter().map(|lane| lane << by), bits),
        _ => packed(by_sign(x, bits, op).into_iter().map(|lane| lane >> by), bits),
    }
}

fn test(name: &str, x: V128) -> u32 {
    let (_, bits, op) = parts(name);
    match op {
        "any_true" => u32::from(x != [0, 0]),
        "all_true" => u32::from(unsigned(x, bits).iter().all(|lane| *lane != 0)),
        _ => (0..).zip(signed(x, bits)).map(|(at, lane)| u32::from(lane < 0) << at).sum(),
    }
}

/// Vectors whose lanes are at edges, for every width at once.
fn edges() -> Vec<V128> {
    let halves = [
        0,
        u64::MAX,
        0x0102_0304_0506_0708,
        0x7F80_FF01_80FF_7F00,
        0x7FFF_8000_FFFF_0001,
        0x8000_8000_8000_8000,
        0x7FFF_FFFF_8000_0000,
        0x8000_0000_0000_0000,
        0x8080_8080_8080_8080,
        // 1.5 and -0.0, 2.5 and -0.5, infinities, NaNs that are not canonical, 2³¹ and 2³² as floats, 0.5 below 2²³.
        0x3FC0_0000_8000_0000,
        0x4020_0000_BF00_0000,
        0x7F80_0000_FF80_0000,
        0x7FC0_0001_FF80_0001,
        0xFFC0_0000_7FC0_0000,
        0x4F00_0000_4F80_0000,
        0x4AFF_FFFF_CAFF_FFFF,
        1.5_f64.to_bits(),
        (-2.5_f64).to_bits(),
        0.3_f64.to_bits(),
        (-0.7_f64).to_bits(),
        f64::INFINITY.to_bits(),
        f64::NEG_INFINITY.to_bits(),
        0x7FF8_0000_0000_0001,
        0xFFF0_0000_0000_0001,
        4_294_967_295.9_f64.to_bits(),
        (-2_147_483_649.0_f64).to_bits(),
        4_503_599_627_370_495.5_f64.to_bits(),
        5e-324_f64.to_bits(),
        0x1011_121F_0F0E_0100,
    ];
    // An interpreter of the compiler's own code (Miri) takes a thousand times as long: there, two.
    let every = if cfg!(miri) { 15 } else { 1 };
    halves.iter().zip(halves.iter().cycle().skip(7)).step_by(every).map(|(low, high)| [*low, *high]).collect()
}

fn check_all(x: V128, y: V128, z: V128) {
    for op in VectorUnaryOp::ALL {
        assert_eq!(op.evaluate(x), unary(op.name(), x), "{} {x:x?}", op.name());
    }
    for op in VectorBinaryOp::ALL {
        assert_eq!(op.evaluate(x, y), binary(op.name(), x, y), "{} {x:x?} {y:x?}", op.name());
    }
    for op in VectorTernaryOp::ALL {
        assert_eq!(op.evaluate(x, y, z), ternary(op.name(), x, y, z), "{} {x:x?} {y:x?} {z:x?}", op.name());
    }
    for op in VectorShiftOp::ALL {
        for distance in [y[0] as u32, (y[1] % 65) as u32] {
            assert_eq!(op.evaluate(x, distance), shifted(op.name(), x, distance), "{} {x:x?} {distance}", op.name());
        }
    }
    for op in VectorTestOp::ALL {
        assert_eq!(op.evaluate(x), test(op.name(), x), "{} {x:x?}", op.name());
    }
    check_lanes(x, y);
    check_memory(x, y);
}

fn check_lanes(x: V128, y: V128) {
    for op in SplatOp::ALL {
        let (_, bits, _) = parts(op.name());
        let lanes = vec![i128::from(y[0]); 128 / bits as usize];
        assert_eq!(op.evaluate(y[0]), packed(lanes, bits), "{} {:x}", op.name(), y[0]);
    }
    for op in ExtractLaneOp::ALL {
        let (kind, bits, name) = parts(op.name());
        assert_eq!(u32::from(op.lanes()), 128 / bits);
        for lane in 0..op.lanes() {
            let found = if name.ends_with("_s") { signed(x, bits) } else { unsigned(x, bits) }[usize::from(lane)];
            let slot = if kind == 'i' && bits < 64 { u64::from(found as u32) } else { found as u64 };
            assert_eq!(op.evaluate(x, lane), slot, "{} {x:x?} {lane}", op.name());
        }
    }
    for op in ReplaceLaneOp::ALL {
        let (_, bits, _) = parts(op.name());
        assert_eq!(u32::from(op.lanes()), 128 / bits);
        for lane in 0..op.lanes() {
            let mut lanes = unsigned(x, bits);
            lanes[usize::from(lane)] = i128::from(y[1]);
            assert_eq!(op.evaluate(x, lane, y[1]), packed(lanes, bits), "{} {x:x?} {lane} {:x}", op.name(), y[1]);
        }
    }
    let lanes: Vec<u8> = unsigned(y, 8).into_iter().map(|lane| lane as u8 & 31).collect();
    let all: Vec<i128> = unsigned(x, 8).into_iter().chain(unsigned(y, 8)).collect();
    let expected = packed(lanes.iter().map(|lane| all[usize::from(*lane)]), 8);
    assert_eq!(i8x16_shuffle(x, y, lanes.try_into().expect("16 lanes")), expected, "{x:x?} {y:x?}");
}

/// What a load gives for the lowest bytes of `x`.
fn loaded(op: VectorLoadOp, x: V128) -> V128 {
    let name = op.name().strip_prefix("v128.load").expect("a load");
    let width = |text: &str| text.parse::<u32>().expect("a width");
    match name.split_once(['x', '_']) {
        None => x,
        Some((bits, "splat")) => {
            let lane = unsigned(x, width(bits))[0];
            packed(vec![lane; 128 / width(bits) as usize], width(bits))
        }
        Some((bits, "zero")) => packed([unsigned(x, width(bits))[0]], width(bits)),
        Some((bits, sign)) => {
            let lanes = if sign.ends_with('s') { signed(x, width(bits)) } else { unsigned(x, width(bits)) };
            packed(lanes.into_iter().take(64 / width(bits) as usize), width(bits) * 2)
        }
    }
}

fn check_memory(x: V128, y: V128) {
    let bytes: Vec<u8> = [y, x, y].concat().iter().flat_map(|half| half.to_le_bytes()).collect();
    for op in VectorLoadOp::ALL {
        assert_eq!(op.load(&bytes, 16), Some(loaded(*op, x)), "{} {x:x?}", op.name());
        assert!(op.load(&bytes, 48 - op.bytes()).is_some(), "{}", op.name());
        assert_eq!(op.load(&bytes, 49 - op.bytes()), None, "{}", op.name());
        assert_eq!(op.load(&bytes, usize::MAX), None, "{}", op.name());
    }
    for op in VectorStoreOp::ALL {
        let mut written = bytes.clone();
        assert_eq!(op.store(&mut written, 3, y), Some(()));
        assert_eq!((VectorLoadOp::V128Load.load(&written, 3), &written[19..]), (Some(y), &bytes[19..]));
        assert_eq!(op.store(&mut written, 33, x), None);
    }
}

// @need-ids: REQ_TABLE_001, REQ_018, REQ_VECTOR_001, REQ_NAN_001
#[test]
fn operators_on_edges_give_what_their_lanes_say() {
    let edges = edges();
    for (index, x) in edges.iter().enumerate() {
        for y in &edges {
            check_all(*x, *y, edges[(index + 3) % edges.len()]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, rng_seed: RngSeed::Fixed(128), ..ProptestConfig::default() })]

    // @need-ids: REQ_TABLE_001, REQ_018, REQ_017
    #[test]
    fn operators_at_random_give_what_their_lanes_say(x: [u64; 2], y: [u64; 2], z: [u64; 2]) {
        check_all(x, y, z);
    }
}
