//! Host functions that call the guest without nesting: however they are called, in slices of fuel, deep, failing.

use std::thread;
use wrt::{
    Caller, Config, Engine, Error, ErrorKind, Extern, FrameState, Func, FuncType, HostEntry, HostStep, Instance,
    Limits, Linker, Module, ResumableCall, Store, Strategy, Trap, Val, ValType, VerificationLevel,
};

/// `twice` calls the function in the caller's table at its first argument twice: `f(f(x)) + 100`.
const GUEST: &str = r#"(module $guest
    (import "h" "twice" (func $twice (param i32 i32) (result i32)))
    (import "h" "note" (func $note (param i32)))
    (type $fn (func (param i32) (result i32)))
    (type $two (func (param i32 i32) (result i32)))
    (table (export "table") 8 funcref)
    (elem (i32.const 0) $inc $fib $loop $bad $tail $host)
    (global $started (export "started") (mut i32) (i32.const 0))
    (func $inc (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func $fib (param i32) (result i32)
        (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
            (then (local.get 0))
            (else (i32.add
                (call $fib (i32.sub (local.get 0) (i32.const 1)))
                (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    ;; Goes down one level by `twice` until its argument is 0; `twice` passes what this returns in again.
    (func $loop (param i32) (result i32)
        (if (result i32) (i32.le_s (local.get 0) (i32.const 0))
            (then (i32.const -1000))
            (else (call $twice (i32.const 2) (i32.sub (local.get 0) (i32.const 1))))))
    (func $bad (param i32) (result i32) (call $note (local.get 0)) (i32.div_s (i32.const 1) (i32.const 0)))
    (func $tail (param i32) (result i32) (return_call $twice (i32.const 0) (local.get 0)))
    (func $host (param i32) (result i32) (call $note (local.get 0)) (local.get 0))
    (elem declare func $twice)
    (table $hosts 1 funcref)
    (elem (table $hosts) (i32.const 0) func $twice)
    (func (export "plain") (param i32 i32) (result i32)
        (i32.sub (call $twice (local.get 0) (local.get 1)) (i32.const 7)))
    (func (export "indirect") (param i32 i32) (result i32)
        (i32.sub (call_indirect $hosts (type $two) (local.get 0) (local.get 1) (i32.const 0)) (i32.const 7)))
    (func (export "tail") (param i32 i32) (result i32)
        (return_call $twice (local.get 0) (local.get 1)))
    (func (export "indirect tail") (param i32 i32) (result i32)
        (return_call_indirect $hosts (type $two) (local.get 0) (local.get 1) (i32.const 0)))
    (func (export "below") (param i32 i32) (result i32)
        (local i64 i64 i64)
        (local.set 2 (i64.const 5))
        (i32.const 3)
        (i32.sub (call $twice (local.get 0) (local.get 1)) (i32.const 7))
        (i32.mul)
        (i32.add (i32.wrap_i64 (local.get 2))))
    (export "twice" (func $twice)))"#;

type Notes = Vec<i32>;

fn table_func(caller: &Caller<'_, Notes>, index: i32) -> Result<Func, Error> {
    let table = caller.get_export("table").and_then(Extern::into_table).expect("exported");
    match table.get(caller, index as u64) {
        Some(Val::FuncRef(Some(func))) => Ok(func),
        _ => Err(Error::message("no function there")),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "what linkers take")]
fn twice(caller: Caller<'_, Notes>, entry: HostEntry<'_>) -> Result<HostStep, Error> {
    let [Val::I32(index), arg] = *entry.args else { return Err(Error::message("other arguments")) };
    let arg = match (entry.state, entry.returned) {
        (0, None) => arg,
        (1, Some([value])) => *value,
        (2, Some([Val::I32(value)])) => return Ok(HostStep::Return(vec![Val::I32(value + 100)])),
        other => return Err(Error::message(format!("unexpected step {other:?}"))),
    };
    Ok(HostStep::CallGuest { func: table_func(&caller, index)?, args: vec![arg], state: entry.state + 1 })
}

fn two_to_one() -> FuncType {
    FuncType::new([ValType::I32, ValType::I32], [ValType::I32])
}

fn linker(engine: &Engine) -> Linker<Notes> {
    let mut linker = Linker::new(engine);
    linker.func_reentrant("h", "twice", two_to_one(), twice).expect("new");
    linker.func_wrap("h", "note", |mut caller: Caller<'_, Notes>, n: i32| caller.data_mut().push(n)).expect("new");
    linker
}

/// Whatever waits and calls does so on each engine alike.
const STRATEGIES: [Strategy; 2] = [Strategy::Stackless, Strategy::Traditional];

fn engine(strategy: Strategy, change: impl FnOnce(&mut Limits)) -> Engine {
    let mut limits = Limits::DEFAULT;
    change(&mut limits);
    Engine::new(&Config::new().strategy(strategy).limits(limits).verification(VerificationLevel::Full))
}

fn set_up(engine: &Engine) -> (Store<Notes>, Instance) {
    let module = Module::new(engine, wat::parse_str(GUEST).expect("the text is right")).expect("the module is valid");
    let mut store = Store::new(engine, Vec::new());
    let instance = linker(engine).instantiate(&mut store, &module).expect("links");
    (store, instance)
}

fn run(store: &mut Store<Notes>, func: Func, args: &[Val]) -> Result<Val, Error> {
    let mut results = [Val::I32(0)];
    func.call(store, args, &mut results).map(|()| results[0])
}

// @need-ids: REQ_REENTRY_001
#[test]
fn a_host_function_calls_the_guest_however_it_was_called_itself() {
    for strategy in STRATEGIES {
        let engine = engine(strategy, |_| {});
        let (mut store, instance) = set_up(&engine);
        for (export, less, index, expected) in [
            ("plain", 7, 0, 5 + 2 + 100),
            ("indirect", 7, 0, 5 + 2 + 100),
            ("tail", 0, 0, 5 + 2 + 100),
            ("indirect tail", 0, 0, 5 + 2 + 100),
            // fib(fib(5)) = fib(5) = 5
            ("plain", 7, 1, 5 + 100),
            // What it calls is a guest function whose last call is the host function again.
            ("plain", 7, 4, (5 + 2 + 100) + 2 + 100 + 100),
            ("tail", 0, 4, (5 + 2 + 100) + 2 + 100 + 100),
            ("plain", 7, 5, 5 + 100),
        ] {
            let func = instance.func(&store, export).expect("exported");
            let result = run(&mut store, func, &[Val::I32(index), Val::I32(5)]).expect("runs");
            assert_eq!(result, Val::I32(expected - less), "{export} {index}");
        }
        assert_eq!(store.data().as_slice(), [5, 5]);
        let below = instance.func(&store, "below").expect("exported");
        assert_eq!(run(&mut store, below, &[Val::I32(0), Val::I32(5)]).expect("runs"), Val::I32(3 * 100 + 5));
    }
}

// @need-ids: REQ_REENTRY_001
#[test]
fn the_host_and_a_start_function_call_it_too_and_it_calls_host_functions() {
    for strategy in STRATEGIES {
        let engine = engine(strategy, |_| {});
        let mut store = Store::new(&engine, Vec::<i32>::new());
        let note = Func::wrap(&mut store, |mut caller: Caller<'_, Notes>, n: i32| -> i32 {
            assert!(caller.instance().is_none(), "no guest calls it");
            caller.data_mut().push(n);
            n + 1
        });
        let note = note.expect("new");
        // Calls `note` as often as its argument says, each time with what it returned.
        let one_to_one = || FuncType::new([ValType::I32], [ValType::I32]);
        let count =
            Func::new_reentrant(&mut store, one_to_one(), move |caller: Caller<'_, Notes>, entry: HostEntry<'_>| {
                assert!(caller.instance().is_none() || caller.data().is_empty());
                let last = entry.returned.map_or(Val::I32(10), |results| results[0]);
                if entry.args == [Val::I32(entry.state as i32)] {
                    return Ok(HostStep::Return(vec![last]));
                }
                Ok(HostStep::CallGuest { func: note, args: vec![last], state: entry.state + 1 })
            });
        let count = count.expect("new");
        assert_eq!(run(&mut store, count, &[Val::I32(3)]).expect("runs"), Val::I32(13));
        assert_eq!(store.data().as_slice(), [10, 11, 12]);
        // A host function step by step that calls a host function step by step.
        let outer =
            Func::new_reentrant(&mut store, one_to_one(), move |_, entry: HostEntry<'_>| match entry.returned {
                Some(results) => Ok(HostStep::Return(results.to_vec())),
                None => Ok(HostStep::CallGuest { func: count, args: entry.args.to_vec(), state: 0 }),
            });
        let outer = outer.expect("new");
        assert_eq!(run(&mut store, outer, &[Val::I32(2)]).expect("runs"), Val::I32(12));
        store.data_mut().clear();
        // As a start function, imported and called by the module's own, and in a call that can pause.
        let start = Func::new_reentrant(&mut store, FuncType::new([], []), move |_, entry: HostEntry<'_>| match entry
            .returned
        {
            Some(_) => Ok(HostStep::Return(vec![])),
            None => Ok(HostStep::CallGuest { func: outer, args: vec![Val::I32(1)], state: 9 }),
        });
        let start = start.expect("new");
        for text in [
            r#"(module (import "h" "start" (func $s)) (start $s))"#,
            r#"(module (import "h" "start" (func $s)) (func $go (call $s)) (start $go))"#,
        ] {
            let module = Module::new(&engine, wat::parse_str(text).expect("the text is right")).expect("valid");
            Instance::new(&mut store, &module, &[start.into()]).expect("starts");
            assert_eq!(store.data().as_slice(), [10]);
            store.data_mut().clear();
        }
        let done = start.call_resumable(&mut store, &[], &mut []).expect("runs");
        assert!(matches!(done, ResumableCall::Finished));
    }
}

/// Calls in slices of fuel; the result, the fuel used, and in how many slices.
fn sliced(strategy: Strategy, index: i32, arg: i32, slice: u64) -> (Val, u64, u32) {
    let (mut store, instance) = set_up(&engine(strategy, |_| {}));
    let func = instance.func(&store, "plain").expect("exported");
    let mut results = [Val::I32(0)];
    let (mut total, mut slices) = (slice, 1);
    store.set_fuel(slice);
    let mut call = func.call_resumable(&mut store, &[Val::I32(index), Val::I32(arg)], &mut results).expect("runs");
    while let ResumableCall::OutOfFuel(paused) = call {
        store.add_fuel(slice);
        total += slice;
        slices += 1;
        call = paused.resume(&mut store, &mut results).expect("runs");
    }
    assert!(matches!(call, ResumableCall::Finished));
    (results[0], total - store.get_fuel(), slices)
}

// @need-ids: REQ_REENTRY_001, REQ_001, REQ_FUEL_002
#[test]
fn a_call_pauses_inside_of_what_a_host_function_called_and_goes_on() {
    for strategy in STRATEGIES {
        for (index, arg) in [(1, 6), (2, 12), (4, 3)] {
            let (whole, fuel, slices) = sliced(strategy, index, arg, 1_000_000);
            assert_eq!(slices, 1);
            for slice in [1, 2, 3, 7, 30] {
                let (result, used, slices) = sliced(strategy, index, arg, slice);
                assert_eq!((result, used), (whole, fuel), "table element {index}, slices of {slice}");
                assert!(slices > 1);
            }
        }
    }
}

// @need-ids: REQ_REENTRY_001, REQ_SAFEPOINT_001
#[test]
fn a_waiting_host_function_is_a_frame_of_the_paused_state() {
    for strategy in STRATEGIES {
        let (mut store, instance) = set_up(&engine(strategy, |_| {}));
        let func = instance.func(&store, "plain").expect("exported");
        let mut results = [Val::I32(0)];
        store.set_fuel(30);
        let call = func.call_resumable(&mut store, &[Val::I32(1), Val::I32(9)], &mut results).expect("runs");
        let ResumableCall::OutOfFuel(paused) = call else { panic!("the fuel does not suffice") };
        let frames = paused.state(&store);
        let [.., fib, host, plain] = frames.as_slice() else { panic!("three frames at least") };
        assert_eq!((fib.func, fib.slots.first()), (3, Some(&9)));
        let expected = FrameState { instance: FrameState::HOST, func: host.func, offset: 0, slots: vec![1, 9, 1] };
        assert_eq!(*host, expected);
        assert_eq!((plain.func, &plain.slots), (8, &vec![1, 9]));
    }
}

// @need-ids: REQ_REENTRY_001, REQ_RESOURCE_001
#[test]
fn calls_to_and_fro_ten_thousand_deep_take_no_native_stack() {
    for strategy in STRATEGIES {
        const DEEP: i32 = 10_000;
        let run = move |deep: i32, max_frames: u32| {
            let limits = Limits { max_frames, ..Limits::DEFAULT };
            // Each check of the state would go through all the frames.
            let config = Config::new().strategy(strategy).limits(limits).verification(VerificationLevel::None);
            let (mut store, instance) = set_up(&Engine::new(&config));
            let func = instance.func(&store, "plain").expect("exported");
            run(&mut store, func, &[Val::I32(2), Val::I32(deep)])
        };
        // Not 7 bytes a level: no native frame is that small.
        let deep = thread::Builder::new().stack_size(64 << 10).spawn(move || {
            let result = run(DEEP, 100_000).expect("runs");
            // Two frames a level, with the two around them.
            let exhausted = run(DEEP, 2 * DEEP as u32).expect_err("one level too deep");
            let enough = run(DEEP, 2 * DEEP as u32 + 3).expect("runs");
            (result, exhausted, enough)
        });
        let (result, exhausted, enough) = deep.expect("starts").join().expect("does not overflow");
        assert_eq!(result, enough);
        assert_eq!(exhausted.trap().map(wrt::TrapError::trap), Some(Trap::CallStackExhausted));
    }
}

// @need-ids: REQ_REENTRY_001, REQ_RESOURCE_001
#[test]
fn host_functions_that_call_each_other_for_ever_reach_the_limit_of_frames() {
    for strategy in STRATEGIES {
        for max_frames in [1, 2, 7, 1_000] {
            let engine = engine(strategy, |limits| limits.max_frames = max_frames);
            let mut store = Store::new(&engine, 0_u32);
            let ty = FuncType::new([], []);
            let own = std::sync::Arc::new(std::sync::OnceLock::<Func>::new());
            let again = own.clone();
            let func = Func::new_reentrant(&mut store, ty, move |mut caller: Caller<'_, u32>, _: HostEntry<'_>| {
                *caller.data_mut() += 1;
                let func = *again.get().expect("set");
                Ok(HostStep::CallGuest { func, args: vec![], state: 0 })
            });
            let func = func.expect("new");
            own.set(func).expect("once");
            let error = func.call(&mut store, &[], &mut []).expect_err("goes on for ever");
            assert_eq!(error.trap().map(wrt::TrapError::trap), Some(Trap::CallStackExhausted));
            assert_eq!(*store.data(), max_frames, "each waiting one is a frame, and so is the running one");
            // The trap is the guest's, so there is nothing to try again.
            assert!(func.call_resumable(&mut store, &[], &mut []).is_err());
        }
    }
}

// @need-ids: REQ_REENTRY_001, REQ_TRAP_001
#[test]
fn a_trap_in_what_a_host_function_called_ends_the_whole_call_and_shows_all_guest_frames() {
    for strategy in STRATEGIES {
        let (mut store, instance) = set_up(&engine(strategy, |_| {}));
        let func = instance.func(&store, "plain").expect("exported");
        let error = run(&mut store, func, &[Val::I32(3), Val::I32(5)]).expect_err("divides by zero");
        let Error::Trap(trap) = error else { panic!("a trap: {error}") };
        assert_eq!(trap.trap(), Trap::IntegerDivideByZero);
        let names: Vec<_> = trap.backtrace.frames.iter().map(|frame| (frame.func, frame.name.as_deref())).collect();
        assert_eq!(names, [(5, Some("bad")), (8, None)]);
        let offsets: Vec<_> = trap.backtrace.frames.iter().map(|frame| frame.offset).collect();
        let wasm = instance.module(&store).and_then(Module::wasm).expect("a binary module").to_vec();
        assert_eq!(wasm[offsets[0].expect("known")], 0x6D, "the division");
        assert_eq!(wasm[offsets[1].expect("known")], 0x10, "the call");
        // The store is as good as before.
        assert_eq!(run(&mut store, func, &[Val::I32(0), Val::I32(5)]).expect("runs"), Val::I32(100));
    }
}

// @need-ids: REQ_REENTRY_001, REQ_ERROR_004
#[test]
fn a_step_that_fails_is_tried_again_with_the_same_results() {
    for strategy in STRATEGIES {
        let engine = engine(strategy, |_| {});
        let mut store = Store::new(&engine, vec![]);
        let mut linker = linker(&engine);
        linker.allow_shadowing(true);
        let flaky = |mut caller: Caller<'_, Notes>, entry: HostEntry<'_>| {
            if entry.state == 2 {
                // A native call in between must not touch arguments and results.
                let inc = table_func(&caller, 1)?;
                inc.call(&mut caller, &[Val::I32(12)], &mut [Val::I32(0)])?;
                caller.data_mut().push(0);
                if caller.data().len() < 3 {
                    return Err(Error::message("not yet"));
                }
            }
            twice(caller, entry)
        };
        linker.func_reentrant("h", "twice", two_to_one(), flaky).expect("may shadow");
        let module = Module::new(&engine, wat::parse_str(GUEST).expect("the text is right")).expect("valid");
        let instance = linker.instantiate(&mut store, &module).expect("links");
        let func = instance.func(&store, "plain").expect("exported");
        let args = [Val::I32(0), Val::I32(5)];
        let mut results = [Val::I32(0)];
        let mut call = func.call_resumable(&mut store, &args, &mut results).expect("runs");
        let mut tries = 0;
        while let ResumableCall::HostTrap(failed) = call {
            assert_eq!(failed.error().to_string(), "not yet");
            tries += 1;
            call = failed.resume(&mut store, &mut results).expect("runs");
        }
        assert_eq!((tries, results), (2, [Val::I32(100)]));
        // Or the embedder answers in its place, or gives up.
        store.data_mut().clear();
        let call = func.call_resumable(&mut store, &args, &mut results).expect("runs");
        let ResumableCall::HostTrap(failed) = call else { panic!("fails") };
        let call = failed.resume_with(&mut store, &[Val::I32(50)], &mut results).expect("runs");
        assert!(matches!(call, ResumableCall::Finished));
        assert_eq!(results, [Val::I32(43)]);
        store.data_mut().clear();
        let error = run(&mut store, func, &args).expect_err("fails");
        let trap = error.trap().expect("a trap");
        assert_eq!(trap.trap(), Trap::HostFunctionFailed);
        assert_eq!(trap.backtrace.frames.iter().map(|frame| frame.func).collect::<Vec<_>>(), [8]);
    }
}

// @need-ids: REQ_REENTRY_001, REQ_WASM_002
#[test]
fn calls_and_results_of_other_types_are_refused() {
    for strategy in STRATEGIES {
        let engine = engine(strategy, |_| {});
        let foreign = Func::wrap(&mut Store::new(&engine, ()), || {}).expect("new");
        let mut store = Store::new(&engine, 0_usize);
        let own = Func::wrap(&mut store, |_: i32| {}).expect("new");
        let steps = move |caller: Caller<'_, usize>, _: HostEntry<'_>| {
            Ok(match *caller.data() {
                0 => HostStep::Return(vec![]),
                1 => HostStep::Return(vec![Val::I64(0)]),
                2 => HostStep::CallGuest { func: own, args: vec![], state: 0 },
                3 => HostStep::CallGuest { func: own, args: vec![Val::F32(0)], state: 0 },
                _ => HostStep::CallGuest { func: foreign, args: vec![], state: 0 },
            })
        };
        let func = Func::new_reentrant(&mut store, FuncType::new([], [ValType::I32]), steps).expect("new");
        let expected = ["there are 1, and room for 0", "i64", "expected 1, got 0", "f32", "belongs to another store"];
        for (case, words) in expected.iter().enumerate() {
            *store.data_mut() = case;
            let error = run_usize(&mut store, func).expect_err("refused");
            let trap = error.trap().expect("a trap");
            assert_eq!(trap.trap(), Trap::HostFunctionFailed);
            let usage =
                trap.host_error().and_then(|error| error.downcast_ref::<Error>()).expect("an error of the runtime");
            assert_eq!(usage.kind(), ErrorKind::Usage);
            assert!(usage.to_string().contains(words), "{words}: {usage}");
        }
    }
}

// @need-ids: REQ_REENTRY_001, REQ_WASM_002
#[test]
fn values_of_two_slots_pass_through_a_host_function_of_steps() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = FuncType::new([ValType::V128, ValType::I32], [ValType::I32, ValType::V128]);
    let steps = |_: Caller<'_, ()>, entry: HostEntry<'_>| {
        let [vector, number] = *entry.args else { panic!("{:?}", entry.args) };
        Ok(HostStep::Return(vec![number, vector]))
    };
    let func = Func::new_reentrant(&mut store, ty, steps).expect("new");
    let (vector, mut results) = (Val::V128(7 << 64 | 5), [Val::I32(0); 2]);
    func.call(&mut store, &[vector, Val::I32(9)], &mut results).expect("runs");
    assert_eq!(results, [Val::I32(9), vector]);
}

fn run_usize(store: &mut Store<usize>, func: Func) -> Result<Val, Error> {
    let mut results = [Val::I32(0)];
    func.call(store, &[], &mut results).map(|()| results[0])
}

// @need-ids: REQ_REENTRY_001, REQ_IMAGE_002
#[test]
fn a_callee_whose_frame_does_not_fit_is_the_same_trap_from_a_module_and_from_an_image() {
    for strategy in STRATEGIES {
        let text = format!(
            r#"(module (import "h" "call" (func $call))
            (func $large (export "large") (local {}))
            (func (export "run") (call $call)))"#,
            "i64 ".repeat(50)
        );
        // Two slots are the host function's words.
        for (max_slots, fits) in [(52, true), (51, false)] {
            let engine = engine(strategy, |limits| limits.max_slots = max_slots);
            let module = Module::new(&engine, wat::parse_str(&text).expect("the text is right")).expect("valid");
            let image = Module::new(&engine, module.compile_with_bytecode().expect("compiles")).expect("loads");
            for module in [module, image] {
                let mut store = Store::new(&engine, ());
                let mut linker = Linker::new(&engine);
                let call = |caller: Caller<'_, ()>, entry: HostEntry<'_>| {
                    let func = caller.get_export("large").and_then(Extern::into_func).expect("exported");
                    Ok(match entry.returned {
                        Some(_) => HostStep::Return(vec![]),
                        None => HostStep::CallGuest { func, args: vec![], state: 0 },
                    })
                };
                linker.func_reentrant("h", "call", FuncType::new([], []), call).expect("new");
                let instance = linker.instantiate(&mut store, &module).expect("links");
                let run = instance.func(&store, "run").expect("exported");
                let result = run.call_resumable(&mut store, &[], &mut []);
                if fits {
                    assert!(matches!(result, Ok(ResumableCall::Finished)), "{max_slots}: {result:?}");
                    continue;
                }
                let error = result.expect_err("too large");
                let trap = error.trap().expect("a trap");
                assert_eq!(trap.trap(), Trap::CallStackExhausted);
                let frames: Vec<_> =
                    trap.backtrace.frames.iter().map(|frame| (frame.func, frame.offset.is_some())).collect();
                assert_eq!(frames, [(2, true)]);
            }
        }
    }
}
