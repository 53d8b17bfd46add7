//! Branch tables in register code: as small as they are, and right however far away their targets are.

use std::fmt::Write as _;
use wrt::{Config, Engine, Error, Image, Instance, Module, Store, Strategy, Val};

/// A function with a table between a loop around all of it and two blocks whose ends lie `far` instructions further on. The labels
/// are in turn the blocks' and the loop's.
fn module(entries: usize, far: usize) -> Vec<u8> {
    let mut labels = String::new();
    for entry in 0..entries {
        let _ = write!(labels, "{} ", entry % 3);
    }
    let fill = "(local.set 1 (i32.add (local.get 1) (local.get 0)))".repeat(far);
    let text = format!(
        r#"(module (func (export "f") (param i32) (result i32) (local i32)
            (loop $again
              (block $one (block $two
                (local.set 0 (i32.add (local.get 0) (i32.const 1)))
                (br_table {labels} 1 (i32.sub (local.get 0) (i32.const 1))))
                {fill}
                (local.set 1 (i32.xor (local.get 1) (i32.const 0x55))))
              {fill})
            (local.get 1)))"#
    );
    wat::parse_str(text).expect("the text is right")
}

/// What a call with this argument gives, and the fuel that is left.
fn call(strategy: Strategy, module: &[u8], argument: i32) -> (i32, u64) {
    let engine = Engine::new(&Config::new().strategy(strategy));
    let module = Module::new(&engine, module).expect("valid");
    let mut store = Store::new(&engine, ());
    store.set_fuel(10_000_000);
    let instance = Instance::new(&mut store, &module, &[]).expect("links");
    let func = instance.get_func(&mut store, "f").expect("exported");
    let mut results = [Val::I32(0)];
    func.call(&mut store, &[Val::I32(argument)], &mut results).expect("returns");
    let [Val::I32(result)] = results else { panic!("{results:?}") };
    (result, store.get_fuel())
}

fn instructions(wasm: &[u8]) -> Result<usize, Error> {
    let image = Module::new(&Engine::default(), wasm)?.compile()?;
    Ok(Image::parse(&image).expect("its own image").instr_count())
}

// @need-ids: REQ_IMAGE_003
#[test]
fn three_entries_of_a_table_take_a_word() {
    let count = |entries: usize| instructions(&module(entries, 1)).expect("compiles");
    for entries in [3, 4, 5, 6, 30, 31, 600] {
        assert_eq!(count(entries) - count(3), entries / 3 - 1, "{entries}");
    }
    // So many that the words behind might be out of reach have a word each.
    assert_eq!(count(20_000) - count(19_000), 1_000);
}

// @need-ids: REQ_018, REQ_FUEL_SCHEDULE_001
#[test]
fn targets_of_a_table_may_be_far_away() {
    // Beyond what 16 bits reach, to one side and to the other; and a table that is long itself.
    for (entries, far) in
        [(5, 20), (5, 20_000), (5, 40_000), (16_380, 10), (16_390, 10), (60_000, 40_000), (300_000, 10)]
    {
        let wasm = module(entries, far);
        for argument in [0, 1, 2, 3, 4, 5, -1, 16_379, 16_380, 16_389, 16_390, 59_999, 60_000, 299_999, 300_000] {
            let register = call(Strategy::Stackless, &wasm, argument);
            assert_eq!(register, call(Strategy::Traditional, &wasm, argument), "{entries} {far} {argument}");
        }
    }
}

// @need-ids: REQ_IMAGE_003, REQ_LIMITS_001
#[test]
fn a_table_that_reaches_nothing_is_refused_in_words() {
    // Each label has instructions of its own behind the table, which move values.
    let mut labels = String::new();
    for label in 0..16_000 {
        let _ = write!(labels, "{label} ");
    }
    let text = format!(
        "(module (func (param i32) {} i32.const 9 i32.const 1 i32.const 2 i32.const 3 local.get 0 br_table {labels} {} drop drop drop))",
        "block (result i32 i32 i32) ".repeat(16_000),
        "end ".repeat(16_000),
    );
    let error = instructions(&wat::parse_str(text).expect("the text is right")).expect_err("too long");
    assert!(error.to_string().contains("a branch table of fewer entries or labels"), "{error}");
}
