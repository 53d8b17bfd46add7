//! Function bodies that are dear to validate or to lower.

use super::encode::{body, byte, func_type, functions, leb, list, module, section};
use super::measure::{cost, grows_linearly};
use wrt::{Config, Engine, Error, LimitError, Limits, Module};

/// Lowers everything.
fn compile(wasm: &[u8]) {
    let module = Module::new(&Engine::default(), wasm).unwrap_or_else(|error| panic!("{error}"));
    module.compile().unwrap_or_else(|error| panic!("{error}"));
}

fn one(operators: &[u8]) -> Vec<u8> {
    functions((0, 0), &[body(&[], operators)])
}

// @need-ids: REQ_025, REQ_RESOURCE_001
#[test]
fn many_functions_with_many_locals_cost_what_they_are_long() {
    let many = |count: usize| functions((0, 0), &vec![body(&[(50_000, byte::I32)], &[]); count]);
    grows_linearly(2_500, 100, many, compile);
    let runs: Vec<(u32, u8)> = (0..10_000).map(|at| (5, if at % 2 == 0 { byte::I32 } else { byte::I64 })).collect();
    let many = |count: usize| functions((0, 0), &vec![body(&runs, &[byte::LOCAL_GET, 0, byte::DROP]); count]);
    grows_linearly(10, 20, many, compile);
}

// @need-ids: REQ_025, REQ_RESOURCE_001
#[test]
fn br_tables_cost_what_they_are_long() {
    let nest = 100;
    let table = |count: usize, labels: usize| {
        let targets = list(count, |at| leb((at % labels) as u32));
        [vec![byte::I32_CONST, 0, byte::BR_TABLE], targets, vec![0]].concat()
    };
    let wide = |count: usize| one(&[vec![byte::BLOCK, byte::EMPTY], table(count, 1), vec![byte::END]].concat());
    grows_linearly(250_000, 100, wide, compile);
    let nested = |count: usize| {
        let open = [byte::BLOCK, byte::EMPTY].repeat(nest);
        one(&[open, table(count, nest), vec![byte::END; nest]].concat())
    };
    grows_linearly(100_000, 100, nested, compile);
    let small =
        |count: usize| one(&[vec![byte::BLOCK, byte::EMPTY], table(1, 1), vec![byte::END]].concat().repeat(count));
    grows_linearly(10_000, 100, small, compile);
    // Values must be moved for each target, by one stub for each label.
    let moving = |count: usize| {
        let value = [byte::I32_CONST, 1];
        let open = [vec![byte::BLOCK, byte::I32], value.repeat(3)].concat();
        let close = [vec![byte::END], vec![byte::DROP]].concat();
        one(&[open, table(count, 1), close].concat())
    };
    grows_linearly(100_000, 100, moving, compile);
}

// @need-ids: REQ_025, REQ_RESOURCE_001
#[test]
fn deep_nesting_costs_what_it_is_long() {
    let condition = [byte::I32_CONST, 1];
    for (open, close) in [
        (vec![byte::BLOCK, byte::EMPTY], vec![byte::END]),
        (vec![byte::LOOP, byte::EMPTY], vec![byte::END]),
        ([&condition[..], &[byte::IF, byte::EMPTY]].concat(), vec![byte::END]),
        ([&condition[..], &[byte::IF, byte::EMPTY]].concat(), vec![byte::ELSE, byte::END]),
        ([&[byte::BLOCK, byte::EMPTY], &condition[..], &[byte::BR_IF, 0]].concat(), vec![byte::END]),
    ] {
        let deep = |count: usize| one(&[open.repeat(count), close.repeat(count)].concat());
        grows_linearly(25_000, 80, deep, compile);
    }
}

// @need-ids: REQ_025, REQ_RESOURCE_001
#[test]
fn unreachable_code_costs_what_it_is_long() {
    for code in [
        vec![byte::I32_ADD, byte::DROP],
        vec![byte::BLOCK, byte::EMPTY, byte::END],
        vec![byte::BLOCK, byte::EMPTY, byte::UNREACHABLE, byte::END, byte::UNREACHABLE],
        vec![byte::BR_TABLE, 1, 0, 0],
        vec![byte::BR, 0],
    ] {
        let dead = |count: usize| one(&[vec![byte::UNREACHABLE], code.repeat(count)].concat());
        grows_linearly(50_000, 60, dead, compile);
    }
}

// Entries that still stand for a local are looked through when it changes.
// @need-ids: REQ_025, REQ_RESOURCE_001
#[test]
fn operands_that_stand_for_locals_cost_what_they_are_long() {
    let (get, set, tee) = ([byte::LOCAL_GET, 0], [byte::LOCAL_SET, 0], [byte::LOCAL_TEE, 0]);
    let with_local = |operators: &[u8]| functions((0, 0), &[body(&[(100, byte::I32)], operators)]);
    let high = |count: usize| [get.repeat(100), tee.repeat(count), set.repeat(100)].concat();
    grows_linearly(100_000, 60, |count| with_local(&high(count)), compile);
    let waves = |count: usize| [get.repeat(120), set.repeat(120)].concat().repeat(count);
    grows_linearly(500, 60, |count| with_local(&waves(count)), compile);
    let deep = |count: usize| {
        [get.repeat(count), [byte::LOCAL_GET, 1, byte::LOCAL_SET, 0].repeat(count), set.repeat(count)].concat()
    };
    grows_linearly(10_000, 100, |count| with_local(&deep(count)), compile);
    let chain = |count: usize| [&get[..], &[byte::I32_EQZ].repeat(count), &[byte::DROP]].concat();
    grows_linearly(100_000, 60, |count| with_local(&chain(count)), compile);
    let tests = |count: usize| [&get[..], &[byte::I32_EQZ].repeat(count), &[byte::BR_IF, 0]].concat();
    grows_linearly(100_000, 60, |count| with_local(&tests(count)), compile);
}

/// A function of `operators`, behind what leaves 1,000 values on the stack; type 1 takes and gives 1,000.
fn thousand(operators: &[u8]) -> Vec<u8> {
    let values = [[byte::LOCAL_GET, 0].repeat(999), vec![byte::LOCAL_GET, 1]].concat();
    let first = body(&[(2, byte::I32)], &[values, operators.to_vec(), vec![byte::DROP; 1_000]].concat());
    let second = body(&[], &[byte::UNREACHABLE]);
    module(&[
        (section::TYPE, list(2, |at| if at == 0 { func_type(0, 0) } else { func_type(1_000, 1_000) })),
        (section::FUNCTION, list(2, |at| vec![at as u8])),
        (section::CODE, list(2, |at| if at == 0 { first.clone() } else { second.clone() })),
    ])
}

// What moves 1,000 values is written in two bytes. Calls are lowered to a move for each; blocks, branches and what is recorded
// at calls stay small.
// @need-ids: REQ_025, REQ_RESOURCE_001, REQ_LIMITS_001
#[test]
fn code_that_grows_a_thousandfold_meets_its_limit() {
    let pending = [[byte::LOCAL_GET, 0].repeat(60), [byte::CALL, 0].repeat(400_000), vec![byte::DROP; 60]].concat();
    for (name, meets, wasm) in [
        ("calls", true, thousand(&[byte::CALL, 1].repeat(20_000))),
        ("blocks", false, thousand(&[byte::BLOCK, 1, byte::END].repeat(20_000))),
        (
            "branches",
            false,
            thousand(
                &[&[byte::BLOCK, 1][..], &[byte::I32_CONST, 1, byte::BR_IF, 0].repeat(20_000), &[byte::END]].concat(),
            ),
        ),
        ("records", false, functions((0, 0), &[body(&[(1, byte::I32)], &pending)])),
    ] {
        let limit = 8 << 20;
        let engine = Engine::new(&Config::new().limits(Limits { max_code_bytes: limit, ..Limits::DEFAULT }));
        let cost = cost(|| {
            let module = Module::new(&engine, &wasm).expect("valid");
            let compiled = module.compile();
            assert_eq!(compiled.is_err(), meets, "{name}");
            match compiled {
                Ok(image) => assert!(image.len() as u64 <= limit + 8 * wasm.len() as u64, "{name}: {}", image.len()),
                Err(Error::Limit(LimitError::Exceeded(exceeded))) => assert_eq!(exceeded.key, "max-code-bytes"),
                Err(error) => panic!("{name}: {error}"),
            }
        });
        println!("{name}: {cost:?}");
        assert!(cost.bytes < 16 * limit as usize, "{name}: {cost:?}");
    }
}
