//! Calls that pause: in slices of fuel, at failing host functions, beside each other.

use wrt::{
    Caller, Engine, Error, ErrorKind, Extern, ExternRef, Instance, Limits, Linker, Module, ResumableCall, Store,
    Strategy, Trap, TypedResumableCall, Val,
};

const WORK: &str = r#"(module $work
    (import "h" "note" (func $note (param i32)))
    (memory (export "memory") 1 20)
    (table $t 4 funcref)
    (elem (i32.const 0) $leaf)
    (type $leaf (func (param i32) (result i32)))
    (func $leaf (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
    (func $fib (param i32) (result i32)
        (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
            (then (local.get 0))
            (else (i32.add
                (call $fib (i32.sub (local.get 0) (i32.const 1)))
                (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "work") (param $n i32) (result i32 i64) (local $i i32) (local $sum i64)
        (loop $again
            (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (call $fib (local.get $i)))))
            (i64.store (i32.mul (local.get $i) (i32.const 8)) (local.get $sum))
            (call $note (local.get $i))
            (local.set $sum (i64.add (local.get $sum)
                (i64.extend_i32_u (call_indirect (type $leaf) (local.get $i) (i32.const 0)))))
            (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (drop (memory.grow (i32.const 2)))
        (memory.fill (i32.const 1000) (i32.const 7) (i32.const 5000))
        (memory.copy (i32.const 1500) (i32.const 1000) (i32.const 5000))
        (memory.size)
        (i64.add (local.get $sum) (i64.load (i32.const 6492))))
    (func (export "trap") (param i32) (loop $l
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br_if $l (local.get 0)))
        (i32.store (i32.const -1) (i32.const 0))))"#;

fn set_up() -> (Store<Vec<i32>>, Instance) {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(WORK).expect("the text is right")).expect("the module is valid");
    let mut linker = Linker::<Vec<i32>>::new(&engine);
    linker.func_wrap("h", "note", |mut caller: Caller<'_, Vec<i32>>, n: i32| caller.data_mut().push(n)).expect("new");
    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate(&mut store, &module).expect("links");
    (store, instance)
}

/// Runs `work` in slices of so much fuel; results, fuel used, memory, notes of the host.
fn sliced(slice: u64) -> (Vec<Val>, u64, Vec<u8>, Vec<i32>) {
    let (mut store, instance) = set_up();
    let work = instance.func(&store, "work").expect("exported");
    let mut results = [Val::I32(0), Val::I64(0)];
    store.set_fuel(slice);
    let mut total = slice;
    let mut call = work.call_resumable(&mut store, &[Val::I32(9)], &mut results).expect("runs");
    while let ResumableCall::OutOfFuel(paused) = call {
        assert!(paused.needed() > store.get_fuel());
        store.add_fuel(slice);
        total += slice;
        call = paused.resume(&mut store, &mut results).expect("runs");
    }
    assert!(matches!(call, ResumableCall::Finished));
    assert_eq!(store.fuel_consumed(), total - store.get_fuel());
    let memory = instance.get_memory(&store, "memory").expect("exported").data(&store).to_vec();
    (results.to_vec(), store.fuel_consumed(), memory, store.into_data())
}

// @need-ids: REQ_001, REQ_003, REQ_007, REQ_017, REQ_FUEL_SCHEDULE_001, REQ_FUEL_002
#[test]
fn however_a_run_is_sliced_it_does_the_same_for_the_same_fuel() {
    let (mut store, instance) = set_up();
    let work = instance.get_typed_func::<i32, (i32, i64)>(&store, "work").expect("has that type");
    let (pages, sum) = work.call(&mut store, 9).expect("runs");
    assert_eq!(store.get_fuel(), u64::MAX - store.fuel_consumed(), "unlimited, and counted");
    let whole = sliced(u64::MAX / 2);
    assert_eq!(whole.0, [Val::I32(pages), Val::I64(sum)]);
    assert_eq!(pages, 3);
    assert_eq!(whole.1, store.fuel_consumed());
    assert_eq!(whole.3, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    for slice in [1, 2, 7, 100, 1_023, 1_024, 5_000] {
        let slices = sliced(slice);
        assert_eq!((&slices.0, slices.1, &slices.3), (&whole.0, whole.1, &whole.3), "slices of {slice}");
        assert!(slices.2 == whole.2, "memory after slices of {slice}");
    }
}

// @need-ids: REQ_001, REQ_TRAP_001
#[test]
fn a_trap_after_many_pauses_is_the_same_trap() {
    let (mut store, instance) = set_up();
    let trap = instance.func(&store, "trap").expect("exported");
    let whole = trap.call(&mut store, &[Val::I32(50)], &mut []).expect_err("traps");
    store.set_fuel(0);
    let mut call = trap.call_resumable(&mut store, &[Val::I32(50)], &mut []);
    let mut pauses = 0;
    while let Ok(ResumableCall::OutOfFuel(paused)) = call {
        store.add_fuel(1);
        pauses += 1;
        call = paused.resume(&mut store, &mut []);
    }
    let error = call.expect_err("traps");
    assert_eq!(error.to_string(), whole.to_string());
    let (trap, whole) = (error.trap().expect("a trap"), whole.trap().expect("a trap"));
    assert_eq!((trap.info, &trap.backtrace), (whole.info, &whole.backtrace));
    assert_eq!(trap.trap(), Trap::MemoryOutOfBounds);
    assert!(pauses > 100, "{pauses}");
}

// @need-ids: REQ_001, REQ_RESOURCE_005
#[test]
fn a_call_that_cannot_pause_traps_for_want_of_fuel_and_the_store_goes_on() {
    let (mut store, instance) = set_up();
    let work = instance.get_typed_func::<i32, (i32, i64)>(&store, "work").expect("has that type");
    store.set_fuel(500);
    let error = work.call(&mut store, 9).expect_err("too little");
    assert_eq!(error.trap().map(wrt::TrapError::trap), Some(Trap::FuelExhausted));
    assert!(error.trap().is_some_and(|trap| !trap.backtrace.frames.is_empty()));
    assert!(store.get_fuel() < 500);
    store.set_fuel(u64::MAX);
    work.call(&mut store, 9).expect("runs");
}

// @need-ids: REQ_001, REQ_005
#[test]
fn paused_calls_stand_beside_each_other_and_can_be_dropped() {
    let (mut store, instance) = set_up();
    let work = instance.get_typed_func::<i32, (i32, i64)>(&store, "work").expect("has that type");
    store.set_fuel(0);
    let mut paused = Vec::new();
    for n in 1..5 {
        match work.call_resumable(&mut store, n).expect("pauses") {
            TypedResumableCall::OutOfFuel(call) => paused.push(call),
            other => panic!("{other:?}"),
        }
    }
    drop(paused.remove(1));
    store.set_fuel(u64::MAX);
    // In another order than they began.
    for call in paused.into_iter().rev() {
        assert!(call.needed() > 0);
        assert!(matches!(call.resume(&mut store).expect("runs"), TypedResumableCall::Finished(_)));
    }
    assert_eq!(*store.data(), [0, 1, 2, 3, 0, 1, 2, 0]);
}

// @need-ids: REQ_001, REQ_ERROR_004
#[test]
fn a_guest_whose_host_function_failed_goes_on_when_the_host_is_ready() {
    let engine = Engine::default();
    let text = r#"(module
        (import "h" "read" (func $read (param i32) (result i32)))
        (func (export "sum") (result i32) (i32.add (i32.const 100) (i32.add (call $read (i32.const 1)) (call $read (i32.const 2)))))
        (func (export "tail") (result i32) (return_call $read (i32.const 7))))"#;
    let module = Module::new(&engine, wat::parse_str(text).expect("the text is right")).expect("the module is valid");
    let mut linker = Linker::<Option<i32>>::new(&engine);
    linker
        .func_wrap("h", "read", |mut caller: Caller<'_, Option<i32>>, n: i32| -> Result<i32, Error> {
            let ready = caller.data_mut().take().ok_or_else(|| Error::message("not ready"))?;
            Ok(ready + n)
        })
        .expect("new");
    let mut store = Store::new(&engine, None);
    let instance = linker.instantiate(&mut store, &module).expect("links");
    let sum = instance.get_typed_func::<(), i32>(&store, "sum").expect("has that type");
    let waiting = |call| match call {
        Ok(TypedResumableCall::HostTrap(call)) => call,
        other => panic!("{other:?}"),
    };
    let call = waiting(sum.call_resumable(&mut store, ()));
    assert_eq!(call.error().to_string(), "not ready");
    let call = waiting(call.resume(&mut store));
    *store.data_mut() = Some(10);
    // The first read is done now, the second waits; it is answered from outside.
    let call = waiting(call.resume(&mut store));
    match call.resume_with(&mut store, &[Val::I32(1_000)]).expect("runs") {
        TypedResumableCall::Finished(result) => assert_eq!(result, 1_111),
        other => panic!("{other:?}"),
    }
    let tail = instance.func(&store, "tail").expect("exported");
    let mut results = [Val::I32(0)];
    match tail.call_resumable(&mut store, &[], &mut results).expect("pauses") {
        ResumableCall::HostTrap(call) => {
            assert!(call.host_func(&store).is_some());
            let done = call.resume_with(&mut store, &[Val::I32(3)], &mut results).expect("runs");
            assert!(matches!(done, ResumableCall::Finished));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(results, [Val::I32(3)]);
    // Values that the host function does not return are refused.
    let call = waiting(sum.call_resumable(&mut store, ()));
    assert_eq!(call.resume_with(&mut store, &[Val::I64(0)]).expect_err("a wrong type").kind(), ErrorKind::Usage);
    let call = waiting(sum.call_resumable(&mut store, ()));
    let error = call.into_trap(&mut store);
    assert_eq!(error.to_string(), "host function failed: not ready");
}

// @need-ids: REQ_001
#[test]
fn a_paused_call_resumes_in_its_own_store_only() {
    let (mut store, instance) = set_up();
    let (mut other, _) = set_up();
    let work = instance.get_typed_func::<i32, (i32, i64)>(&store, "work").expect("has that type");
    store.set_fuel(0);
    let TypedResumableCall::OutOfFuel(call) = work.call_resumable(&mut store, 1).expect("pauses") else {
        panic!("did not pause")
    };
    let error = call.resume(&mut other).expect_err("another store");
    assert_eq!(error.to_string(), "the handle belongs to another store");
}

// @need-ids: REQ_001
#[test]
fn a_host_function_can_keep_a_call_of_its_own_paused() {
    type Kept = Option<TypedResumableCall<i32>>;
    let engine = Engine::default();
    let text = r#"(module
        (import "h" "spawn" (func $spawn))
        (func (export "task") (param i32) (result i32) (loop $l
            (local.set 0 (i32.add (local.get 0) (i32.const 1)))
            (br_if $l (i32.lt_u (local.get 0) (i32.const 1000))))
            (local.get 0))
        (func (export "main") (result i32) (call $spawn) (i32.const 5)))"#;
    let module = Module::new(&engine, wat::parse_str(text).expect("the text is right")).expect("the module is valid");
    let mut linker = Linker::<Kept>::new(&engine);
    linker
        .func_wrap("h", "spawn", |mut caller: Caller<'_, Kept>| -> Result<(), Error> {
            let Some(Extern::Func(task)) = caller.get_export("task") else { return Err(Error::message("no task")) };
            let task = task.typed::<i32, i32>(&caller)?;
            let fuel = caller.get_fuel();
            caller.set_fuel(100);
            let call = task.call_resumable(&mut caller, 3)?;
            caller.set_fuel(fuel);
            *caller.data_mut() = Some(call);
            Ok(())
        })
        .expect("new");
    let mut store = Store::new(&engine, None);
    let instance = linker.instantiate(&mut store, &module).expect("links");
    let main = instance.get_typed_func::<(), i32>(&store, "main").expect("has that type");
    assert_eq!(main.call(&mut store, ()).expect("runs"), 5);
    let Some(TypedResumableCall::OutOfFuel(task)) = store.data_mut().take() else { panic!("it was kept") };
    match task.resume(&mut store).expect("runs") {
        TypedResumableCall::Finished(result) => assert_eq!(result, 1_000),
        other => panic!("{other:?}"),
    }
}

/// `held` waits for the host, makes an object, counts down, and looks at the object; `waste` makes objects that nothing holds.
const HOLDER: &str = r#"(module
    (type $box (struct (field i32)))
    (import "h" "read" (func $read (param externref) (result i32)))
    (func (export "held") (param $turns i32) (result i32) (local $box (ref null $box)) (local $read i32)
        (local.set $read (call $read (ref.null extern)))
        (local.set $box (struct.new $box (i32.const 41)))
        (loop $again
            (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
        (i32.add (struct.get $box 0 (local.get $box)) (local.get $read)))
    (func (export "waste") (param $turns i32) (result i32) (local $box (ref null $box))
        (loop $again
            (local.set $box (struct.new $box (i32.const 7)))
            (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
        (struct.get $box 0 (local.get $box))))"#;

// @need-ids: REQ_ONE_STATE_001, REQ_GC_003, REQ_LOCKSTEP_001
#[test]
fn a_call_that_waited_for_the_host_stands_elsewhere_later() {
    const ALL: [Strategy; 3] = [Strategy::Stackless, Strategy::Traditional, Strategy::Lockstep];
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(HOLDER).expect("the text is right")).expect("the module is valid");
    for (begins, wastes, ends) in
        ALL.into_iter().flat_map(|a| ALL.into_iter().flat_map(move |b| ALL.map(|c| (a, b, c))))
    {
        let mut linker = Linker::<()>::new(&engine);
        let fails = |_: Option<ExternRef>| -> Result<i32, Error> { Err(Error::message("not ready")) };
        linker.func_wrap("h", "read", fails).expect("new");
        let mut store = Store::with_limits(&engine, (), Limits { max_gc_bytes: 400, ..Limits::default() });
        let instance = linker.instantiate(&mut store, &module).expect("links");
        let held = instance.get_typed_func::<i32, i32>(&store, "held").expect("has that type");
        let waste = instance.get_typed_func::<i32, i32>(&store, "waste").expect("has that type");
        store.set_strategy(begins);
        store.set_fuel(60);
        let Ok(TypedResumableCall::HostTrap(waits)) = held.call_resumable(&mut store, 50) else { panic!("it waits") };
        let paused = match waits.resume_with(&mut store, &[Val::I32(1)]).expect("runs") {
            TypedResumableCall::OutOfFuel(paused) => paused,
            other => panic!("{other:?}"),
        };
        // Many collections, in one of which the object of the call that stands still would go if it stood where it waited.
        store.set_strategy(wastes);
        store.set_fuel(1_000_000);
        assert_eq!(waste.call(&mut store, 200).expect("runs"), 7);
        store.set_strategy(ends);
        match paused.resume(&mut store).expect("runs") {
            TypedResumableCall::Finished(result) => assert_eq!(result, 42, "{begins:?}, {wastes:?}, {ends:?}"),
            other => panic!("{other:?}"),
        }
    }
}
