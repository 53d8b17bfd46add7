//! Host functions: typed and untyped, with the caller's memory, back into the guest, and failing.

use crate::common::{module, with_limits};
use wrt::{
    Caller, Config, Engine, Error, ErrorKind, Extern, Func, FuncType, Instance, LimitError, Linker, Store, Strategy,
    Trap, UsageError, Val, ValType,
};

// @need-ids: REQ_WASM_002
#[test]
fn typed_host_functions_get_arguments_and_give_results_of_every_type() {
    let engine = Engine::default();
    let mut linker = Linker::<()>::new(&engine);
    linker
        .func_wrap("h", "mix", |a: i32, b: u32, c: i64, d: u64, e: f32, f: f64| -> (i32, u32, i64, u64, f32, f64) {
            (a - 1, b + 1, c - 1, d + 1, e * 2.0, f * 2.0)
        })
        .expect("new");
    linker.func_wrap("h", "nothing", || {}).expect("new");
    linker.func_wrap("h", "fallible", |x: i32| -> Result<i32, Error> { Ok(x) }).expect("new");
    linker
        .func_wrap(
            "h",
            "sum16",
            |a: i32,
             b: i32,
             c: i32,
             d: i32,
             e: i32,
             f: i32,
             g: i32,
             h: i32,
             i: i32,
             j: i32,
             k: i32,
             l: i32,
             m: i32,
             n: i32,
             o: i32,
             p: i32|
             -> i32 { a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p },
        )
        .expect("new");
    let text = r#"(module
        (import "h" "mix" (func $mix (param i32 i32 i64 i64 f32 f64) (result i32 i32 i64 i64 f32 f64)))
        (import "h" "nothing" (func $nothing))
        (import "h" "fallible" (func $fallible (param i32) (result i32)))
        (import "h" "sum16" (func $sum16 (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
        (func (export "mix") (param i32 i32 i64 i64 f32 f64) (result i32 i32 i64 i64 f32 f64)
            call $nothing
            local.get 0 local.get 1 local.get 2 local.get 3 local.get 4 local.get 5 call $mix)
        (func (export "sum") (result i32)
            i32.const 1 i32.const 2 i32.const 3 i32.const 4 i32.const 5 i32.const 6 i32.const 7 i32.const 8
            i32.const 9 i32.const 10 i32.const 11 i32.const 12 i32.const 13 i32.const 14 i32.const 15 i32.const 16
            call $sum16 call $fallible))"#;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module(&engine, text)).expect("links");
    let mix = instance
        .get_typed_func::<(i32, u32, i64, u64, f32, f64), (i32, u32, i64, u64, f32, f64)>(&store, "mix")
        .expect("has that type");
    let results = mix.call(&mut store, (0, u32::MAX - 1, i64::MIN + 1, 7, 1.5, -2.5)).expect("runs");
    assert_eq!(results, (-1, u32::MAX, i64::MIN, 8, 3.0, -5.0));
    let sum = instance.get_typed_func::<(), i32>(&store, "sum").expect("has that type");
    assert_eq!(sum.call(&mut store, ()).expect("runs"), 136);
}

// @need-ids: REQ_WASM_002
#[test]
fn untyped_host_functions_get_values_and_their_results_are_checked() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 0_u64);
    let ty = FuncType::new([ValType::I32, ValType::F64], [ValType::I64, ValType::F32]);
    let good = Func::new(&mut store, ty.clone(), |mut caller, args, results| {
        *caller.data_mut() += 1;
        assert_eq!(results, [Val::I64(0), Val::F32(0)]);
        results[0] = Val::I64(args[0].i32().map_or(0, i64::from));
        results[1] = Val::from(args[1].f64().unwrap_or(0.0) as f32);
        Ok(())
    })
    .expect("fits");
    let mut results = [Val::I32(0), Val::I32(0)];
    good.call(&mut store, &[Val::I32(-5), Val::from(0.5_f64)], &mut results).expect("runs");
    assert_eq!(results, [Val::I64(-5), Val::from(0.5_f32)]);
    assert_eq!(*store.data(), 1);
    assert_eq!(good.ty(&store), ty);

    let wrong = Func::new(&mut store, ty, |_, _, results| {
        results[1] = Val::I32(1);
        Ok(())
    })
    .expect("fits");
    let error = wrong.call(&mut store, &[Val::I32(0), Val::F64(0)], &mut results).expect_err("a wrong type");
    assert_eq!(error.to_string(), "value 2 has the wrong type: expected f32, got i32");
}

// @need-ids: REQ_WASM_002, REQ_ERROR_003
#[test]
fn wrong_arguments_are_refused_before_anything_runs() {
    let engine = Engine::default();
    let text = r#"(module
        (func (export "f") (param i32 i64) (result i32) local.get 0)
        (memory (export "m") 1))"#;
    let mut store = Store::new(&engine, ());
    let instance = module(&engine, text).instantiate(&mut store).expect("no imports");
    let f = instance.get_func(&store, "f").expect("exported");
    let mut one = [Val::I32(0)];
    for (args, results, message) in [
        (&[][..], &mut one[..], "wrong number of arguments: expected 2, got 0"),
        (&[Val::I32(1), Val::I64(2)], &mut [], "wrong number of results: there are 1, and room for 0"),
        (&[Val::I32(1), Val::I32(2)], &mut [Val::I32(0)], "value 2 has the wrong type: expected i64, got i32"),
    ] {
        let error = f.call(&mut store, args, results).expect_err("does not fit");
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::Usage, message.to_string()));
    }
    let error = instance.get_typed_func::<i32, i32>(&store, "f").expect_err("another type");
    assert_eq!(error.to_string(), "the function has type [i32 i64] -> [i32], not [i32] -> [i32]");
    let error = instance.func(&store, "m").expect_err("a memory");
    assert_eq!(error.to_string(), "export \"m\" is a memory, not a function");
    let error = instance.func(&store, "ff").expect_err("unknown");
    assert_eq!(error.to_string(), "unknown export \"ff\": did you mean \"f\"?");
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert_eq!(instance.get_export(&store, "nothing of the sort"), None);
    assert_eq!(store.fuel_consumed(), 0);
}

// @need-ids: REQ_WASM_002, REQ_MEM_SAFETY_002
#[test]
fn a_host_function_reads_and_writes_the_memory_of_its_caller() {
    let engine = Engine::default();
    let mut linker = Linker::<Vec<String>>::new(&engine);
    linker
        .func_wrap("h", "print", |mut caller: Caller<'_, Vec<String>>, at: u32, length: u32| -> Result<u32, Error> {
            let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
                return Err(Error::message("the caller has no memory"));
            };
            let mut bytes = vec![0; length as usize];
            memory.read(&caller, at as usize, &mut bytes)?;
            let text = String::from_utf8(bytes).map_err(Error::host)?;
            memory.write(&mut caller, at as usize, b"J")?;
            caller.data_mut().push(text);
            Ok(length)
        })
        .expect("new");
    let text = r#"(module
        (import "h" "print" (func $print (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 8) "Hello")
        (func (export "run") (param i32) (result i32) i32.const 8 local.get 0 call $print)
        (func (export "first") (result i32) i32.const 8 i32.load8_u))"#;
    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate(&mut store, &module(&engine, text)).expect("links");
    let run = instance.get_typed_func::<u32, u32>(&store, "run").expect("has that type");
    assert_eq!(run.call(&mut store, 5).expect("runs"), 5);
    assert_eq!(store.data(), &["Hello"]);
    let first = instance.get_typed_func::<(), u32>(&store, "first").expect("has that type");
    assert_eq!(first.call(&mut store, ()).expect("runs"), u32::from(b'J'));

    // Out of bounds in the host is the guest's trap, with the operands and the guest's frame.
    let error = run.call(&mut store, 65_536).expect_err("outside");
    let trap = error.trap().expect("a trap");
    assert_eq!(trap.trap(), Trap::MemoryOutOfBounds);
    assert_eq!(error.to_string(), "out of bounds memory access: address 0x8, length 65536, memory size 65536");
    assert_eq!(trap.backtrace.frames.len(), 1);
    assert_eq!(trap.backtrace.frames[0].func, 1);
    assert_eq!(run.call(&mut store, 0).expect("still runs"), 0);
}

// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_001
#[test]
fn calls_back_into_the_guest_nest_to_the_limit_and_no_further() {
    let engine = with_limits(|limits| limits.max_nested_calls = 10);
    let mut linker = Linker::<u32>::new(&engine);
    linker
        .func_wrap("h", "again", |mut caller: Caller<'_, u32>, depth: i32| -> Result<i32, Error> {
            *caller.data_mut() += 1;
            let Some(Extern::Func(f)) = caller.get_export("f") else { return Err(Error::message("no f")) };
            f.typed::<i32, i32>(&caller)?.call(&mut caller, depth)
        })
        .expect("new");
    // Each level keeps a local that the levels above must not touch.
    let text = r#"(module
        (import "h" "again" (func $again (param i32) (result i32)))
        (func (export "f") (param $n i32) (result i32) (local $keep i32)
            (local.set $keep (i32.mul (local.get $n) (i32.const 1000)))
            (if (i32.eqz (local.get $n)) (then (return (i32.const 7))))
            (i32.add (call $again (i32.sub (local.get $n) (i32.const 1))) (local.get $keep))))"#;
    let mut store = Store::new(&engine, 0);
    let instance = linker.instantiate(&mut store, &module(&engine, text)).expect("links");
    let f = instance.get_typed_func::<i32, i32>(&store, "f").expect("has that type");
    assert_eq!(f.call(&mut store, 10).expect("ten levels"), 55_007);
    assert_eq!(*store.data(), 10);
    let error = f.call(&mut store, 11).expect_err("eleven levels");
    let trap = error.trap().expect("a trap");
    assert_eq!(trap.trap(), Trap::HostFunctionFailed);
    let Some(Error::Limit(LimitError::Exceeded(exceeded))) = error.downcast_ref::<Error>() else {
        panic!("another error: {error:?}")
    };
    assert_eq!((exceeded.key, exceeded.limit, exceeded.wanted), ("max-nested-calls", 10, 11));
    assert_eq!(trap.backtrace.frames.len(), 11, "a frame of each level");
    assert_eq!(f.call(&mut store, 3).expect("the store is as before"), 6_007);
}

// @need-ids: REQ_LIMITS_001
#[test]
fn the_deepest_nesting_that_can_be_configured_fits_a_native_stack() {
    let work = || {
        let engine = with_limits(|limits| limits.max_nested_calls = 256);
        let mut linker = Linker::<()>::new(&engine);
        let again = |mut caller: Caller<'_, ()>, depth: i32| -> Result<i32, Error> {
            let Some(Extern::Func(f)) = caller.get_export("f") else { return Err(Error::message("no f")) };
            let mut results = [Val::I32(0)];
            f.call(&mut caller, &[Val::I32(depth + 1)], &mut results).map(|()| results[0].i32().unwrap_or(0))
        };
        linker.func_wrap("h", "again", again).expect("new");
        let text = r#"(module (import "h" "again" (func $again (param i32) (result i32)))
            (func (export "f") (param i32) (result i32)
                (if (i32.eq (local.get 0) (i32.const 256)) (then (return (local.get 0))))
                (call $again (local.get 0))))"#;
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate(&mut store, &module(&engine, text)).expect("links");
        let f = instance.get_typed_func::<i32, i32>(&store, "f").expect("has that type");
        assert_eq!(f.call(&mut store, 0).expect("fits"), 256);
        // Endless nesting is stopped by the limit.
        assert!(f.call(&mut store, 257).is_err());
    };
    // What the limit's own reason promises: 256 times 32 KiB.
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(work).expect("starts");
    thread.join().expect("does not overflow");
}

// @need-ids: REQ_FUEL_SCHEDULE_001, REQ_RESOURCE_004
#[test]
fn a_nested_call_that_runs_out_of_fuel_traps() {
    let engine = Engine::default();
    let mut linker = Linker::<()>::new(&engine);
    linker
        .func_wrap("h", "spin", |mut caller: Caller<'_, ()>| -> Result<(), Error> {
            let Some(Extern::Func(spin)) = caller.get_export("spin") else { return Err(Error::message("no spin")) };
            spin.call(&mut caller, &[], &mut [])
        })
        .expect("new");
    let text = r#"(module
        (import "h" "spin" (func $h))
        (func $spin (export "spin") (loop (br 0)))
        (func $outer (export "outer") call $h))"#;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module(&engine, text)).expect("links");
    store.set_fuel(1_000);
    for name in ["outer", "spin"] {
        let error = instance.func(&store, name).expect("exported").call(&mut store, &[], &mut []).expect_err("spins");
        let trap = error.trap().expect("a trap");
        assert_eq!(trap.trap(), Trap::FuelExhausted);
        assert_eq!(error.to_string(), "all fuel consumed");
        let names: Vec<_> = trap.backtrace.frames.iter().map(|frame| frame.name.as_deref()).collect();
        let all = [Some("spin"), Some("outer")];
        assert_eq!(names, if name == "outer" { &all[..] } else { &all[..1] });
    }
    // A resumable call cannot pause inside of the nested call either.
    let outer = instance.func(&store, "outer").expect("exported");
    store.set_fuel(1_000);
    match outer.call_resumable(&mut store, &[], &mut []).expect("pauses") {
        wrt::ResumableCall::HostTrap(call) => {
            assert_eq!(call.error().trap().map(wrt::TrapError::trap), Some(Trap::FuelExhausted));
            let error = call.into_trap(&mut store);
            assert_eq!(error.trap().map(|trap| trap.backtrace.frames.len()), Some(2));
        }
        other => panic!("{other:?}"),
    }
}

// @need-ids: REQ_FUEL_SCHEDULE_001, REQ_TRADITIONAL_001, REQ_TRAP_001
#[test]
fn fuel_ends_at_the_same_place_on_each_engine_whatever_operator_ran_before() {
    // To grow is the driver's work, which notes where it stands; the fuel ends in the loop behind, in another function.
    let text = r#"(module (memory 1)
        (func $grow (drop (memory.grow (i32.const 0))))
        (func (export "run") (call $grow) (loop (br 0))))"#;
    let [stackless, traditional] = [Strategy::Stackless, Strategy::Traditional].map(|strategy| {
        let engine = Engine::new(&Config::new().strategy(strategy));
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module(&engine, text), &[]).expect("instantiates");
        store.set_fuel(1_000);
        let run = instance.func(&store, "run").expect("exported");
        let error = run.call(&mut store, &[], &mut []).expect_err("spins");
        error.trap().expect("a trap").backtrace.frames.clone()
    });
    assert_eq!(stackless, traditional);
    assert_eq!(stackless.len(), 1);
}

// @need-ids: REQ_ERROR_004, REQ_TRAP_001
#[test]
fn the_error_of_a_host_function_comes_out_whole() {
    #[derive(Debug, PartialEq)]
    struct DiskFull(u32);
    impl std::fmt::Display for DiskFull {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "disk {} is full", self.0)
        }
    }
    impl std::error::Error for DiskFull {}

    let engine = Engine::default();
    let mut linker = Linker::<()>::new(&engine);
    linker.func_wrap("h", "write", || -> Result<(), Error> { Err(Error::host(DiskFull(3))) }).expect("new");
    linker.func_wrap("h", "trap", || -> Result<(), Error> { Err(Trap::Unreachable.into()) }).expect("new");
    let text = r#"(module $disk
        (import "h" "write" (func $write))
        (import "h" "trap" (func $trap))
        (func $inner (drop (i32.const 0)) call $write)
        (func (export "write") call $inner)
        (func (export "trap") call $trap)
        (func (export "tail") return_call $write))"#;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module(&engine, text)).expect("links");
    let call = |store: &mut Store<()>, name: &str| {
        instance.func(&*store, name).expect("exported").call(store, &[], &mut []).expect_err("fails")
    };
    let error = call(&mut store, "write");
    assert_eq!(error.to_string(), "host function failed: disk 3 is full");
    assert_eq!(error.downcast_ref::<DiskFull>(), Some(&DiskFull(3)));
    let frames = &error.trap().expect("a trap").backtrace.frames;
    assert_eq!(frames.len(), 2);
    assert_eq!((frames[0].name.as_deref(), frames[0].module.as_deref()), (Some("inner"), Some("disk")));
    assert!(frames.iter().all(|frame| frame.offset.is_some()));
    assert_eq!(call(&mut store, "trap").trap().map(wrt::TrapError::trap), Some(Trap::Unreachable));
    let tail = call(&mut store, "tail");
    assert_eq!(tail.downcast_ref::<DiskFull>(), Some(&DiskFull(3)));
}

// @need-ids: REQ_WASM_002
#[test]
fn a_handle_of_another_store_is_refused_everywhere() {
    let engine = Engine::default();
    let text = r#"(module
        (func (export "f"))
        (memory (export "m") 1)
        (global (export "g") (mut i32) (i32.const 3))
        (table (export "t") 1 funcref)
        (func (export "take") (param funcref)))"#;
    let module = module(&engine, text);
    let (mut a, mut b) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let theirs = module.instantiate(&mut a).expect("no imports");
    let ours: Instance = module.instantiate(&mut b).expect("no imports");
    let f = theirs.get_func(&a, "f").expect("exported");
    let foreign = |error: Error| matches!(error, Error::Usage(error) if *error == UsageError::ForeignHandle);
    assert!(foreign(f.call(&mut b, &[], &mut []).expect_err("foreign")));
    assert!(foreign(f.typed::<(), ()>(&b).expect_err("foreign")));
    assert!(foreign(theirs.func(&b, "f").expect_err("foreign")));
    assert_eq!(theirs.get_export(&b, "f"), None);
    assert_eq!(theirs.exports(&b).count(), 0);
    let take = ours.get_func(&b, "take").expect("exported");
    assert!(foreign(take.call(&mut b, &[Val::FuncRef(Some(f))], &mut []).expect_err("foreign")));
    let memory = theirs.get_memory(&a, "m").expect("exported");
    assert_eq!((memory.size(&b), memory.data(&b).len(), memory.data_mut(&mut b).len()), (0, 0, 0));
    assert!(foreign(memory.read(&b, 0, &mut []).expect_err("foreign")));
    assert!(foreign(memory.write(&mut b, 0, &[]).expect_err("foreign")));
    assert!(foreign(memory.grow(&mut b, 0).expect_err("foreign")));
    let global = theirs.get_global(&a, "g").expect("exported");
    assert_eq!((global.get(&a), global.get(&b)), (Val::I32(3), Val::I32(0)));
    assert!(foreign(global.set(&mut b, Val::I32(1)).expect_err("foreign")));
    let table = theirs.get_table(&a, "t").expect("exported");
    assert_eq!((table.get(&a, 0), table.get(&b, 0)), (Some(Val::FuncRef(None)), None));
    assert!(foreign(table.set(&mut b, 0, Val::FuncRef(None)).expect_err("foreign")));
    let error = Instance::new(&mut b, &module, &[Extern::Func(f)]).expect_err("foreign");
    assert!(foreign(error));
}
