//! What embedders of other runtimes look for: names made in bulk, parts of tables, memory beside the host's data.

use crate::common::module;
use wrt::{
    Caller, Engine, ExternType, Func, Global, GlobalType, Limits, Linker, Memory, MemoryType, Module, Store, Table,
    TableType, Trap, TypedResumableCall, UsageError, Val, ValType,
};

// @need-ids: REQ_018
#[test]
fn a_linker_names_whole_modules_and_single_things_anew() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.func_wrap("h", "one", || -> i32 { 1 }).expect("new");
    let library = module(
        &engine,
        r#"(module (import "h" "one" (func $one (result i32)))
            (func (export "two") (result i32) (i32.add (call $one) (call $one)))
            (memory (export "memory") 1))"#,
    );
    linker.module(&mut store, "library", &library).expect("links");
    linker.alias("library", "two", "env", "zwei").expect("defined");
    let error = linker.alias("library", "twoo", "env", "x").expect_err("misspelt");
    assert!(
        matches!(&error, wrt::Error::Usage(error) if matches!(**error, UsageError::UnknownExport { .. })),
        "{error}"
    );
    assert!(error.to_string().contains("`two`") || error.to_string().contains("\"two\""), "{error}");
    assert!(linker.alias("library", "memory", "env", "zwei").is_err(), "defined twice");
    let names: Vec<_> = linker
        .iter(&mut store)
        .map(|(module, name, thing)| (module.to_string(), name.to_string(), thing.kind()))
        .collect();
    let expected = [
        ("env", "zwei", "function"),
        ("h", "one", "function"),
        ("library", "memory", "memory"),
        ("library", "two", "function"),
    ];
    assert_eq!(names, expected.map(|(module, name, kind)| (module.to_string(), name.to_string(), kind)));
    let user = module(&engine, r#"(module (import "env" "zwei" (func $f (result i32))) (export "f" (func $f)))"#);
    let instance = linker.instantiate(&mut store, &user).expect("links");
    assert_eq!(instance.get_typed_func::<(), i32>(&store, "f").expect("typed").call(&mut store, ()).expect("runs"), 2);
}

// @need-ids: REQ_018, REQ_WASM_002
#[test]
fn functions_that_nobody_defined_fail_when_they_are_called() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.func_wrap("h", "known", |x: i32| -> i32 { x + 1 }).expect("new");
    let module = module(
        &engine,
        r#"(module (import "h" "known" (func $known (param i32) (result i32)))
            (import "h" "unknown" (func $unknown (param i64 f32) (result externref)))
            (func (export "good") (result i32) (call $known (i32.const 1)))
            (func (export "bad") (drop (call $unknown (i64.const 0) (f32.const 0)))))"#,
    );
    assert!(linker.instantiate(&mut store, &module).is_err());
    linker.define_unknown_imports_as_traps(&module).expect("none is known twice");
    let instance = linker.instantiate(&mut store, &module).expect("links");
    assert_eq!(
        instance.get_typed_func::<(), i32>(&store, "good").expect("typed").call(&mut store, ()).expect("runs"),
        2
    );
    let bad = instance.get_typed_func::<(), ()>(&store, "bad").expect("typed");
    let error = bad.call(&mut store, ()).expect_err("not defined");
    assert_eq!(error.trap().map(wrt::TrapError::trap), Some(Trap::HostFunctionFailed));
    assert!(error.to_string().contains("import unknown of h is not defined"), "{error}");
}

// @need-ids: REQ_018
#[test]
fn parts_of_tables_are_filled_and_copied_or_refused_whole() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let func = Func::wrap(&mut store, || {}).expect("new");
    let new = |store: &mut Store<()>, size| {
        Table::new(store, TableType::new(ValType::FUNCREF, size, None), Val::FuncRef(None))
    };
    let (a, b) = (new(&mut store, 5).expect("new"), new(&mut store, 4).expect("new"));
    let (some, none) = (Val::FuncRef(Some(func)), Val::FuncRef(None));
    let all = |store: &Store<()>, table: Table| -> Vec<bool> {
        (0..table.size(store)).map(|at| table.get(store, at).expect("inside") == some).collect()
    };
    a.fill(&mut store, 1, some, 2).expect("inside");
    assert_eq!(all(&store, a), [false, true, true, false, false]);
    // Overlapping, in one table; then between two.
    a.copy(&mut store, 2, a, 1, 3).expect("inside");
    assert_eq!(all(&store, a), [false, true, true, true, false]);
    b.copy(&mut store, 0, a, 3, 2).expect("inside");
    assert_eq!(all(&store, b), [true, false, false, false]);
    a.fill(&mut store, 5, none, 0).expect("nothing at the end");
    for (index, length) in [(5, 1), (4, 2), (u64::MAX, 2), (1, u64::MAX)] {
        let outside = a.fill(&mut store, index, none, length).expect_err("outside");
        assert_eq!(outside.trap().map(wrt::TrapError::trap), Some(Trap::TableOutOfBounds));
        assert!(b.copy(&mut store, 0, a, index, length).is_err());
        assert!(a.copy(&mut store, index, b, 0, length).is_err());
    }
    assert_eq!(all(&store, a), [false, true, true, true, false]);
    assert!(a.fill(&mut store, 0, Val::I32(0), 1).is_err(), "another type");
    let ty = TableType::new(ValType::EXTERNREF, 5, None);
    let other = Table::new(&mut store, ty, Val::ExternRef(None)).expect("new");
    assert!(a.copy(&mut store, 0, other, 0, 1).is_err(), "another type");
}

// @need-ids: REQ_018, REQ_IMAGE_002
#[test]
fn memory_and_data_are_borrowed_together_and_modules_answer_by_name() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, vec![1_u8, 2, 3]);
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).expect("new");
    let (bytes, data) = memory.data_and_store_mut(&mut store);
    bytes[..3].copy_from_slice(data);
    data.push(bytes[2] + 1);
    assert_eq!((memory.data(&store)[..4].to_vec(), store.data().len()), (vec![1, 2, 3, 0], 4));
    let mut foreign = Store::new(&engine, ());
    assert!(memory.data_and_store_mut(&mut foreign).0.is_empty());

    let text = r#"(module (global (export "g") i64 (i64.const 1)) (func (export "f") (param f32)))"#;
    let wasm = wat::parse_str(text).expect("the text is right");
    let first = Module::new(&engine, &wasm).expect("valid");
    assert!(matches!(first.get_export("g"), Some(ExternType::Global(ty)) if ty.content() == ValType::I64));
    assert!(matches!(first.get_export("f"), Some(ExternType::Func(ty)) if ty.params() == [ValType::F32]));
    assert!(first.get_export("h").is_none());
    assert_eq!(engine.precompile_module(&wasm).expect("compiles"), first.compile().expect("compiles"));
    assert!(Engine::same(&engine, first.engine()) && !Engine::same(&engine, &Engine::default()));
    assert!(Module::from_file(&engine, "no such file").is_err());
}

// @need-ids: REQ_007, REQ_001
#[test]
fn host_functions_see_limits_and_add_fuel() {
    let engine = Engine::default();
    let limits = Limits { max_frames: 77, ..Limits::DEFAULT };
    let mut store = Store::with_limits(&engine, (), limits);
    let mut linker = Linker::new(&engine);
    let more = |mut caller: Caller<'_, ()>| -> u32 {
        caller.add_fuel(1_000);
        wrt::AsContext::as_context(&caller).limits().max_frames
    };
    linker.func_wrap("h", "more", more).expect("new");
    let text = r#"(module (import "h" "more" (func $more (result i32))) (global $g (import "h" "g") i32)
        (func (export "f") (result i32) (local $n i32)
            (call $more)
            (loop $l (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 50))))
            (i32.add (global.get $g))))"#;
    let global = Global::new(&mut store, GlobalType::new(ValType::I32, false), Val::I32(1)).expect("new");
    linker.define("h", "g", global).expect("new");
    let instance = linker.instantiate(&mut store, &module(&engine, text)).expect("links");
    store.set_fuel(20);
    let func = instance.get_typed_func::<(), u32>(&store, "f").expect("typed");
    let call = func.call_resumable(&mut store, ()).expect("runs");
    assert!(matches!(call, TypedResumableCall::Finished(78)), "{call:?}");
    store.set_fuel(1);
    let call = func.call_resumable(&mut store, ()).expect("runs");
    let TypedResumableCall::OutOfFuel(paused) = call else { panic!("the fuel does not suffice") };
    assert_eq!(paused.state(&store).len(), 1);
}
