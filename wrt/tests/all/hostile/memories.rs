//! Addresses of 64 bits and modules of many memories.

use super::encode::{body, byte, func_type, leb, list, module, section};
use super::measure::{cost, grows_linearly};
use wrt::{Config, Engine, Error, ErrorKind, Instance, LimitError, Module, Store, Trap, Val};

/// An instance of a module in the text format, with its store.
fn start(text: &str) -> (Store<()>, Instance) {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(text).expect("the text is right")).expect("valid");
    let mut store = Store::new(&engine, ());
    let instance = module.instantiate(&mut store).expect("instantiates");
    (store, instance)
}

// A sum that wraps round would be within the page.
// @need-ids: REQ_MEM_SAFETY_001, REQ_TRAP_001
#[test]
fn accesses_whose_addresses_wrap_round_trap() {
    const OPERATORS: [(&str, &str); 9] = [
        ("(drop (i32.load8_u OFFSET (local.get 0)))", ""),
        ("(drop (i64.load OFFSET (local.get 0)))", ""),
        ("(drop (v128.load OFFSET (local.get 0)))", ""),
        ("(drop (v128.load8_lane OFFSET 0 (local.get 0) (v128.const i64x2 0 0)))", ""),
        ("(i32.store8 OFFSET (local.get 0) (i32.const 1))", ""),
        ("(f64.store OFFSET (local.get 0) (f64.const 1))", ""),
        ("(v128.store OFFSET (local.get 0) (v128.const i64x2 0 0))", ""),
        ("(v128.store64_lane OFFSET 1 (local.get 0) (v128.const i64x2 0 0))", ""),
        ("(i64.store OFFSET MEMORY (local.get 0) (i64.const 1))", "$far"),
    ];
    for offset in [u64::MAX, u64::MAX - 7, u64::MAX - 65_535, 1 << 63, 1 << 32, 65_536] {
        let funcs = OPERATORS.iter().enumerate().map(|(at, (operator, memory))| {
            let operator = operator.replace("OFFSET", &format!("{memory} offset={offset}")).replace("MEMORY", "");
            format!(r#"(func (export "{at}") (param i64) {operator})"#)
        });
        let text = format!("(module (memory i64 1) (memory $far i64 1) {})", funcs.collect::<String>());
        let (mut store, instance) = start(&text);
        for (at, (operator, _)) in OPERATORS.iter().enumerate() {
            let func = instance.get_func(&store, &at.to_string()).expect("exported");
            for address in [0, 1, 7, 8, 16, 65_535, 65_536, 1 << 32, 1 << 63, u64::MAX - 65_535, u64::MAX - 7, u64::MAX]
            {
                let error = func.call(&mut store, &[Val::I64(address as i64)], &mut []).expect_err("far outside");
                let trap = error.trap().map(wrt::TrapError::trap);
                assert_eq!(trap, Some(Trap::MemoryOutOfBounds), "{operator} of {offset} at {address}");
            }
        }
    }
}

// @need-ids: REQ_MEM_SAFETY_001, REQ_TRAP_001, REQ_RESOURCE_001, REQ_PERF_002
#[test]
fn bulk_operators_of_endless_lengths_trap_at_once() {
    let (mut store, instance) = start(
        r#"(module (memory i64 1) (table $t i64 10 funcref) (data $d "0123456789")
        (func (export "fill") (param i64 i64) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
        (func (export "copy") (param i64 i64) (memory.copy (local.get 0) (i64.const 0) (local.get 1)))
        (func (export "from") (param i64 i64) (memory.copy (i64.const 0) (local.get 0) (local.get 1)))
        (func (export "init") (param i64 i64) (memory.init $d (local.get 0) (i32.const 0) (i32.wrap_i64 (local.get 1))))
        (func (export "table") (param i64 i64) (table.fill $t (local.get 0) (ref.null func) (local.get 1)))
        (func (export "grow") (param i64 i64) (result i64) (memory.grow (local.get 1)))
        (func (export "more") (param i64 i64) (result i64) (table.grow $t (ref.null func) (local.get 1))))"#,
    );
    store.set_fuel(100_000);
    for (at, length) in [(u64::MAX, 1), (u64::MAX - 9, 10), (1, u64::MAX), (u64::MAX, u64::MAX), (1 << 63, 1 << 63)] {
        let args = [at, length].map(|number| Val::I64(number as i64));
        for name in ["fill", "copy", "from", "init", "table"] {
            let func = instance.get_func(&store, name).expect("exported");
            let cost = cost(|| {
                let error = func.call(&mut store, &args, &mut []).expect_err("far outside");
                let expected = if name == "table" { Trap::TableOutOfBounds } else { Trap::MemoryOutOfBounds };
                assert_eq!(error.trap().map(wrt::TrapError::trap), Some(expected), "{name} of {length} at {at}");
            });
            // The first call makes the stack.
            assert!(cost.bytes < 32 << 20, "{name}: {cost:?}");
        }
    }
    for length in [u64::MAX, u64::MAX - 1, 1 << 63, 1 << 48, (1 << 48) - 1] {
        for name in ["grow", "more"] {
            let func = instance.get_func(&store, name).expect("exported");
            let mut results = [Val::I64(0)];
            let cost = cost(|| {
                func.call(&mut store, &[Val::I64(0), Val::I64(length as i64)], &mut results).expect("refused quietly");
            });
            assert_eq!(results, [Val::I64(-1)], "{name} by {length}");
            assert!(cost.bytes < 1 << 20, "{name}: {cost:?}");
        }
    }
}

// @need-ids: REQ_RESOURCE_001, REQ_RESOURCE_002, REQ_LIMITS_001
#[test]
fn declared_sizes_of_64_bits_allocate_nothing() {
    let engine = Engine::new(&Config::new().wasm_custom_page_sizes(true));
    let memories = "(memory 65536)".repeat(100);
    for (text, key) in [
        (format!("(memory i64 {})", 1_u64 << 48), "max-memory-bytes"),
        (format!("(memory i64 {})", (1_u64 << 48) - 1), "max-memory-bytes"),
        (format!("(memory i64 0 {0}) (memory i64 {0} {0})", 1_u64 << 48), "max-memory-bytes"),
        (format!("(memory i64 {} (pagesize 1))", u64::MAX), "max-memory-bytes"),
        (format!("(table i64 {} funcref)", u64::MAX), "max-table-elements"),
        (format!("(table i64 {} externref)", 1_u64 << 63), "max-table-elements"),
        (memories, "max-total-memory-bytes"),
    ] {
        let wasm = wat::parse_str(format!("(module {text})")).expect("the text is right");
        let cost = cost(|| {
            let error = match Module::new(&engine, &wasm) {
                Ok(module) => module.instantiate(&mut Store::new(&engine, ())).expect_err("too large"),
                Err(error) => error,
            };
            assert!(
                matches!(error, Error::Limit(LimitError::Exceeded(exceeded)) if exceeded.key == key),
                "{text}: {error}"
            );
        });
        assert!(cost.bytes < 1 << 20, "{text}: {cost:?}");
    }
}

/// A module of some memories of a page each; its function stores into the last one, so many times.
fn many(memories: usize, accesses: usize) -> Vec<u8> {
    const I32_STORE: u8 = 0x36;
    // Bit 6 of the alignment says that the memory's number follows.
    let access = [byte::I32_CONST, 0, byte::I32_CONST, 1, I32_STORE, 0x40, (memories - 1) as u8, 0];
    module(&[
        (section::TYPE, list(1, |_| func_type(0, 0))),
        (section::FUNCTION, list(1, |_| vec![0])),
        (section::MEMORY, list(memories, |_| [vec![0], leb(1)].concat())),
        (section::CODE, list(1, |_| body(&[], &access.repeat(accesses)))),
    ])
}

// @need-ids: REQ_WASM_001, REQ_RESOURCE_001
#[test]
fn a_hundred_memories_cost_their_pages() {
    let cost = cost(|| {
        let module = Module::new(&Engine::default(), many(100, 1)).expect("valid");
        module.compile().expect("lowers");
        module.instantiate(&mut Store::new(module.engine(), ())).expect("instantiates");
    });
    assert!(cost.bytes < 2 * 100 * 65_536, "{cost:?}");
    let error = Module::new(&Engine::default(), many(101, 1)).expect_err("too many");
    assert!(matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Unsupported | ErrorKind::Limit), "{error}");
    let far = |count: usize| many(100, count);
    grows_linearly(25_000, 60, far, |wasm| {
        Module::new(&Engine::default(), wasm).expect("valid").compile().expect("lowers");
    });
}
