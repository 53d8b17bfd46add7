//! Every limit, met: a clear error or the specification's trap, and a store that goes on.

use crate::common::{exceeded, module, with_limits};
use wrt::{
    Config, Engine, Error, ErrorKind, ExternRef, Func, Global, GlobalType, Limits, Memory, MemoryType, Module, Store,
    Table, TableType, Trap, TypedFunc, Val, ValType, VerificationLevel,
};

fn instantiate(change: impl FnOnce(&mut Limits), text: &str) -> Result<(), Error> {
    let engine = with_limits(change);
    module(&engine, text).instantiate(Store::new(&engine, ())).map(drop)
}

// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_001, REQ_RESOURCE_003, REQ_RESOURCE_005, REQ_ERROR_005
#[test]
fn a_module_beyond_a_limit_is_not_instantiated() {
    type Case = (&'static str, fn(&mut Limits), &'static str, u64);
    let cases: [Case; 6] = [
        ("(module (memory 2))", |limits| limits.max_memory_bytes = 131_071, "max-memory-bytes", 131_072),
        ("(module (memory 0))", |limits| limits.max_memories = 0, "max-memories", 1),
        ("(module (table 11 funcref))", |limits| limits.max_table_elements = 10, "max-table-elements", 11),
        ("(module (table 1 funcref) (table 1 funcref))", |limits| limits.max_tables = 1, "max-tables", 2),
        ("(module (func) (func))", |limits| limits.max_functions = 1, "max-functions", 2),
        (
            "(module (global i32 (i32.const 0)) (global i64 (i64.const 0)))",
            |limits| limits.max_globals = 1,
            "max-globals",
            2,
        ),
    ];
    for (text, change, key, wanted) in cases {
        let error = instantiate(change, text).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert_eq!(exceeded(&error), (key, wanted), "{text}");
        assert!(error.to_string().starts_with(&format!("limit {key} exceeded: wanted {wanted} ")), "{error}");
        instantiate(|_| {}, text).expect("fits by default");
    }
    let error = instantiate(|limits| limits.max_instances = 0, "(module)").expect_err("no instance");
    assert_eq!(exceeded(&error), ("max-instances", 1));
}

// @need-ids: REQ_LIMITS_001
#[test]
fn a_module_larger_than_allowed_is_not_decoded() {
    let wasm = wat::parse_str("(module (memory 1))").expect("the text is right");
    let bytes = wasm.len() as u64;
    Module::new(&with_limits(|limits| limits.max_module_bytes = bytes), &wasm).expect("fits");
    let error = Module::new(&with_limits(|limits| limits.max_module_bytes = bytes - 1), &wasm).expect_err("too large");
    assert_eq!(exceeded(&error), ("max-module-bytes", bytes));
}

const RECURSE: &str = r#"(module
    (func $deep (export "deep") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0))))
    (func $endless (export "endless") (call $endless)))"#;

fn recursion(engine: &Engine) -> (Store<()>, TypedFunc<i32, i32>, Func) {
    let mut store = Store::new(engine, ());
    let instance = module(engine, RECURSE).instantiate(&mut store).expect("no imports");
    let deep = instance.get_typed_func(&store, "deep").expect("has that type");
    let endless = instance.func(&store, "endless").expect("exported");
    (store, deep, endless)
}

// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_001, REQ_STACK_001, REQ_024
#[test]
fn frames_and_slots_are_limited_and_exhausting_them_is_a_trap() {
    let frames = with_limits(|limits| limits.max_frames = 50);
    let slots = with_limits(|limits| limits.max_slots = 300);
    for engine in [frames, slots] {
        let (mut store, deep, endless) = recursion(&engine);
        let most = (0..1_000).take_while(|n| deep.call(&mut store, *n).is_ok()).last().expect("some fit");
        assert!((20..200).contains(&most), "{most}");
        for _ in 0..2 {
            let error = deep.call(&mut store, most + 1).expect_err("too deep");
            let trap = error.trap().expect("a trap");
            assert_eq!(trap.trap(), Trap::CallStackExhausted);
            assert_eq!(error.to_string(), "call stack exhausted");
            let error = endless.call(&mut store, &[], &mut []).expect_err("endless");
            assert_eq!(error.trap().map(wrt::TrapError::trap), Some(Trap::CallStackExhausted));
            assert_eq!(deep.call(&mut store, most).expect("the store is as before"), most);
        }
    }
}

// @need-ids: REQ_LIMITS_001, REQ_TRAP_001
#[test]
fn a_backtrace_is_cut_at_its_limit_and_says_so() {
    let engine = with_limits(|limits| limits.max_backtrace_frames = 5);
    let (mut store, _, endless) = recursion(&engine);
    let error = endless.call(&mut store, &[], &mut []).expect_err("endless");
    let trap = error.trap().expect("a trap");
    assert_eq!((trap.backtrace.frames.len(), trap.truncated), (5, true));
    assert!(trap.backtrace.frames.iter().all(|frame| frame.name.as_deref() == Some("endless")));
}

// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_003
#[test]
fn growth_beyond_a_limit_fails_as_the_specification_says() {
    let engine = with_limits(|limits| {
        limits.max_memory_bytes = 3 << 16;
        limits.max_table_elements = 6;
    });
    let text = r#"(module
        (memory (export "m") 1) (table (export "t") 2 funcref)
        (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "table") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))"#;
    let mut store = Store::new(&engine, ());
    let instance = module(&engine, text).instantiate(&mut store).expect("fits");
    let memory = instance.get_typed_func::<i32, i32>(&store, "memory").expect("has that type");
    let table = instance.get_typed_func::<i32, i32>(&store, "table").expect("has that type");
    let results = |store: &mut Store<()>, func: &TypedFunc<i32, i32>, deltas: [i32; 5]| {
        deltas.map(|delta| func.call(&mut *store, delta).expect("no trap"))
    };
    assert_eq!(results(&mut store, &memory, [3, 2, 1, 0, -1]), [-1, 1, -1, 3, -1]);
    assert_eq!(results(&mut store, &table, [5, 4, 1, 0, -1]), [-1, 2, -1, 6, -1]);
    let handle = instance.get_memory(&store, "m").expect("exported");
    assert_eq!(exceeded(&handle.grow(&mut store, 1).expect_err("full")), ("max-memory-bytes", 4 << 16));
    let handle = instance.get_table(&store, "t").expect("exported");
    let error = handle.grow(&mut store, 1, Val::FuncRef(None)).expect_err("full");
    assert_eq!(exceeded(&error), ("max-table-elements", 7));
}

// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_002
#[test]
fn what_the_host_makes_counts_too() {
    let engine = with_limits(|limits| {
        limits.max_memories = 1;
        limits.max_memory_bytes = 1 << 16;
        limits.max_tables = 1;
        limits.max_table_elements = 3;
        limits.max_globals = 1;
        limits.max_functions = 1;
        limits.max_extern_refs = 1;
    });
    let mut store = Store::new(&engine, ());
    let memory = |store: &mut Store<()>, min| Memory::new(store, MemoryType::new(min, None));
    assert_eq!(exceeded(&memory(&mut store, 2).expect_err("too large")), ("max-memory-bytes", 2 << 16));
    assert_eq!(exceeded(&memory(&mut store, 1 << 48).expect_err("absurd")).0, "max-memory-bytes");
    memory(&mut store, 1).expect("fits");
    assert_eq!(exceeded(&memory(&mut store, 0).expect_err("one too many")), ("max-memories", 2));
    let table =
        |store: &mut Store<()>, min| Table::new(store, TableType::new(ValType::FUNCREF, min, None), Val::FuncRef(None));
    assert_eq!(exceeded(&table(&mut store, u64::MAX).expect_err("absurd")), ("max-table-elements", u64::MAX));
    table(&mut store, 3).expect("fits");
    assert_eq!(exceeded(&table(&mut store, 0).expect_err("one too many")), ("max-tables", 2));
    let global = |store: &mut Store<()>| Global::new(store, GlobalType::new(ValType::I32, true), Val::I32(0));
    global(&mut store).expect("fits");
    assert_eq!(exceeded(&global(&mut store).expect_err("one too many")), ("max-globals", 2));
    Func::wrap(&mut store, || {}).expect("fits");
    assert_eq!(exceeded(&Func::wrap(&mut store, || {}).expect_err("one too many")), ("max-functions", 2));
    ExternRef::new(&mut store, ()).expect("fits");
    let error = ExternRef::new(&mut store, ()).expect_err("one too many");
    assert_eq!(exceeded(&error), ("max-extern-refs", 2));
}

// @need-ids: REQ_VERIFY_001, REQ_VERIFY_004, REQ_PERF_001
#[test]
fn verification_changes_neither_results_nor_fuel() {
    let mut all = Vec::new();
    for level in
        [VerificationLevel::None, VerificationLevel::Sampling, VerificationLevel::Standard, VerificationLevel::Full]
    {
        let engine = Engine::new(&Config::new().verification(level));
        let (mut store, deep, _) = recursion(&engine);
        assert_eq!(deep.call(&mut store, 1_000).expect("runs"), 1_000);
        let verified = store.stats().engine.verifications > 0;
        assert_eq!(verified, level >= VerificationLevel::Standard, "{level}");
        all.push(store.fuel_consumed());
    }
    assert!(all.iter().all(|fuel| *fuel == all[0]), "{all:?}");
}

// @need-ids: REQ_LIMITS_002
#[test]
fn stores_of_one_engine_have_limits_of_their_own() {
    let engine = with_limits(|limits| limits.max_memory_bytes = 5 << 16);
    let module = module(
        &engine,
        r#"(module (memory (export "m") 1) (table (export "t") 1 funcref)
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
            (func $down (export "down") (param i32) (result i32)
                (if (result i32) (local.get 0)
                    (then (call $down (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0)))))"#,
    );
    for (pages, frames, elements) in [(2, 10, 3), (4, 50, 2)] {
        let limits = Limits {
            max_memory_bytes: pages << 16,
            max_frames: frames,
            max_table_elements: elements,
            ..*engine.limits()
        };
        let mut store = Store::with_limits(&engine, (), limits);
        assert_eq!((store.limits(), store.engine().limits().max_memory_bytes), (&limits, 5 << 16));
        let instance = module.instantiate(&mut store).expect("fits");
        let grow = instance.get_typed_func::<i32, i32>(&store, "grow").expect("of that type");
        assert_eq!(grow.call(&mut store, pages as i32).expect("runs"), -1);
        assert_eq!(grow.call(&mut store, pages as i32 - 1).expect("runs"), 1);
        let memory = instance.get_memory(&store, "m").expect("exported");
        assert_eq!(exceeded(&memory.grow(&mut store, 1).expect_err("full")), ("max-memory-bytes", (pages + 1) << 16));
        let wide = Memory::new(&mut store, MemoryType::new(pages + 1, None)).expect_err("too large");
        assert_eq!(exceeded(&wide), ("max-memory-bytes", (pages + 1) << 16));
        let table = instance.get_table(&store, "t").expect("exported");
        let error = table.grow(&mut store, elements.into(), Val::FuncRef(None)).expect_err("full");
        assert_eq!(exceeded(&error), ("max-table-elements", u64::from(elements) + 1));
        let down = instance.get_typed_func::<u32, u32>(&store, "down").expect("of that type");
        assert_eq!(down.call(&mut store, frames - 1).expect("fits"), 0);
        let error = down.call(&mut store, frames).expect_err("too deep");
        assert_eq!(error.trap().map(wrt::TrapError::trap), Some(Trap::CallStackExhausted));
    }
    // A limit cannot be higher than there is a reason for, here as in an engine.
    let limits = Limits { max_nested_calls: 10_000, ..Limits::DEFAULT };
    assert_eq!(Store::with_limits(&engine, (), limits).limits().max_nested_calls, 256);
    assert_eq!(Store::new(&engine, ()).limits().max_memory_bytes, 5 << 16);
}
