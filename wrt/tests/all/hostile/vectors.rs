//! Bodies full of vectors: constants and shuffles of 18 bytes, locals of two slots.

use super::encode::{body, byte, functions};
use super::measure::{cost, grows_linearly};
use wrt::{Engine, ErrorKind, Module};

const PREFIX: u8 = 0xFD;
const CONST: [u8; 2] = [PREFIX, 0x0C];
const SHUFFLE: [u8; 2] = [PREFIX, 0x0D];
const I8X16_NEG: [u8; 2] = [PREFIX, 0x61];
const I8X16_EXTRACT_LANE_U: [u8; 3] = [PREFIX, 0x16, 15];
const BITSELECT: [u8; 2] = [PREFIX, 0x52];

fn compile(wasm: &[u8]) {
    let module = Module::new(&Engine::default(), wasm).unwrap_or_else(|error| panic!("{error}"));
    module.compile().unwrap_or_else(|error| panic!("{error}"));
}

/// A function with ten vectors as locals.
fn with_locals(operators: &[u8]) -> Vec<u8> {
    functions((0, 0), &[body(&[(10, byte::V128)], operators)])
}

// @need-ids: REQ_RESOURCE_001
#[test]
fn bodies_of_vector_operators_cost_what_they_are_long() {
    let constant: Vec<u8> = [CONST.to_vec(), (0..16).collect()].concat();
    let get = [byte::LOCAL_GET, 0];
    let shuffle = [SHUFFLE.to_vec(), (16..32).collect()].concat();
    let constants = |count: usize| with_locals(&[&constant[..], &[byte::DROP]].concat().repeat(count));
    grows_linearly(30_000, 100, constants, compile);
    let shuffles = |count: usize| {
        let again = [&get[..], &shuffle].concat().repeat(count);
        with_locals(&[&get[..], &again, &[byte::DROP]].concat())
    };
    grows_linearly(30_000, 100, shuffles, compile);
    let stored =
        |count: usize| with_locals(&[&constant[..], &get, &shuffle, &[byte::LOCAL_SET, 9]].concat().repeat(count));
    grows_linearly(15_000, 100, stored, compile);
    let chain = |count: usize| with_locals(&[&get[..], &I8X16_NEG.repeat(count), &[byte::DROP]].concat());
    grows_linearly(100_000, 100, chain, compile);
    let lanes = |count: usize| with_locals(&[&get[..], &I8X16_EXTRACT_LANE_U, &[byte::DROP]].concat().repeat(count));
    grows_linearly(50_000, 100, lanes, compile);
}

// A frame holds 65,000 slots: constants and locals that wait as operands take two each.
// @need-ids: REQ_RESOURCE_001, REQ_025
#[test]
fn deep_stacks_of_vectors_cost_what_they_are_long() {
    let constant: Vec<u8> = [CONST.to_vec(), vec![0xA5; 16]].concat();
    let deep = |count: usize| {
        let select = [BITSELECT.repeat(count / 2 - 1), vec![byte::DROP; 2 - count % 2]].concat();
        with_locals(&[constant.repeat(count), select].concat())
    };
    grows_linearly(5_000, 150, deep, compile);
    let set = |count: usize| {
        let gets = [byte::LOCAL_GET, 0].repeat(count);
        with_locals(&[gets, [byte::LOCAL_GET, 1, byte::LOCAL_SET, 0].repeat(count), vec![byte::DROP; count]].concat())
    };
    grows_linearly(5_000, 150, set, compile);
}

// @need-ids: REQ_RESOURCE_001, REQ_025
#[test]
fn vectors_as_locals_are_counted_by_their_slots() {
    let many = |count: usize| functions((0, 0), &vec![body(&[(30_000, byte::V128)], &[]); count]);
    grows_linearly(2_500, 100, many, compile);
    let runs: Vec<(u32, u8)> = (0..5_000).map(|at| (5, if at % 2 == 0 { byte::V128 } else { byte::I32 })).collect();
    let many = |count: usize| functions((0, 0), &vec![body(&runs, &[byte::LOCAL_GET, 0, byte::DROP]); count]);
    grows_linearly(10, 20, many, compile);
    let wide = functions((0, 0), &[body(&[(50_000, byte::V128)], &[])]);
    let cost = cost(|| {
        let module = Module::new(&Engine::default(), &wide).expect("valid");
        let error = module.compile().expect_err("100,000 slots");
        assert!(matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Limit), "{error}");
        println!("{error}");
    });
    assert!(cost.bytes < 4 << 20, "{cost:?}");
}
