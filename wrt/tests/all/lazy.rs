//! Modules whose bodies are validated when their functions are first called.

use crate::common::{STRATEGIES, wasm};
use wrt::{Config, Engine, Error, ErrorKind, Module, Store, Val};

/// A module of two exports that return 7 and 8, the second called by the third.
const TWO: &str = r#"(module
    (func (export "seven") (result i32) (i32.const 7))
    (func $eight (export "eight") (result i32) (i32.const 8))
    (func (export "through") (result i32) (call $eight)))"#;

/// The same, but what returns 8 leaves a value of another type.
fn with_a_wrong_body() -> Vec<u8> {
    let mut bytes = wasm(TWO);
    let at = bytes.windows(3).position(|window| window == [0x41, 8, 0x0B]).expect("i32.const 8, end");
    bytes[at] = 0x42;
    bytes
}

fn engines() -> [Engine; 3] {
    STRATEGIES.map(|strategy| Engine::new(&Config::new().strategy(strategy)))
}

fn call(module: &Module, name: &str) -> Result<i32, Error> {
    let mut store = Store::new(module.engine(), ());
    let instance = module.instantiate(&mut store)?;
    instance.get_typed_func::<(), i32>(&store, name)?.call(&mut store, ())
}

// @need-ids: REQ_PERF_004, REQ_WASM_001
#[test]
fn an_invalid_body_is_refused_by_the_call_that_needs_it_with_the_error_it_has_at_once() {
    let bytes = with_a_wrong_body();
    for engine in engines() {
        let refused = Module::new(&engine, &bytes).expect_err("invalid");
        assert_eq!(refused.kind(), ErrorKind::Invalid);
        assert!(refused.offset().is_some(), "{refused}");
        let module = Module::new_lazy(&engine, &bytes).expect("all but a body is valid");
        assert_eq!(call(&module, "seven").expect("valid"), 7);
        for name in ["eight", "through", "eight"] {
            let later = call(&module, name).expect_err("its body is invalid");
            assert_eq!((later.kind(), later.to_string()), (refused.kind(), refused.to_string()), "{name}");
        }
        for image in [module.compile(), module.compile_stripped(), module.compile_with_bytecode()] {
            assert_eq!(image.expect_err("it has all bodies").to_string(), refused.to_string());
        }
    }
}

// @need-ids: REQ_PERF_004, REQ_WASM_001
#[test]
fn what_is_wrong_outside_of_bodies_is_refused_at_once() {
    let engine = Engine::default();
    for text in [
        "(module (func (export \"a\")) (func (export \"a\")))",
        "(module (memory 1) (data (i64.const 0) \"a\"))",
        "(module (start 0) (func (param i32)))",
    ] {
        let bytes = wasm(text);
        let refused = Module::new(&engine, &bytes).expect_err("invalid").to_string();
        assert_eq!(Module::new_lazy(&engine, &bytes).expect_err("invalid").to_string(), refused);
    }
    let bytes = wasm(TWO);
    for length in 0..bytes.len() {
        let (at_once, later) = (Module::new(&engine, &bytes[..length]), Module::new_lazy(&engine, &bytes[..length]));
        assert_eq!(
            later.map(drop).map_err(|error| error.to_string()),
            at_once.map(drop).map_err(|error| error.to_string())
        );
    }
}

// @need-ids: REQ_PERF_004
#[test]
fn a_valid_module_is_the_same_either_way() {
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../guests/wasm/json.wasm")).expect("a guest");
    assert_eq!(Module::hash_of(&bytes), Module::new(&Engine::default(), &bytes).expect("valid").module_hash());
    for engine in engines() {
        let runs = [Module::new(&engine, &bytes), Module::new_lazy(&engine, &bytes)].map(|module| {
            let module = module.expect("valid");
            let mut store = Store::new(&engine, ());
            let instance = module.instantiate(&mut store).expect("it imports nothing");
            let rounds = instance.get_func(&store, "rounds").expect("an export");
            let mut results = [Val::I32(0)];
            rounds.call(&mut store, &[Val::I32(1)], &mut results).expect("no trap");
            (format!("{results:?}"), store.fuel_consumed(), module.compile().expect("lowered"))
        });
        assert!(runs[0] == runs[1]);
    }
}
