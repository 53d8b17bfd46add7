//! Exceptions between instances, past host functions, with vectors, and at limits. What happens in one module is compared
//! with the reference evaluator, in `slicing`.

use wrt::{
    Caller, Config, Detail, Engine, Error, ErrorKind, FuncType, HostEntry, HostStep, Instance, Limits, Linker, Module,
    ResumableCall, Store, Strategy, Tag, TagType, Trap, Val, ValType, VerificationLevel,
};

fn engine(limits: Limits) -> Engine {
    Engine::new(&Config::new().limits(limits).verification(VerificationLevel::Full))
}

/// Modules by their names, linked to each other and to `linker`'s host; as they are, or by way of images.
fn link(linker: &mut Linker<()>, store: &mut Store<()>, modules: &[(&str, &str)], images: bool) -> Vec<Instance> {
    let engine = store.engine().clone();
    let mut instances = Vec::new();
    for (name, text) in modules {
        let mut module = Module::new(&engine, wat::parse_str(text).expect("the text is right")).expect("valid");
        if images {
            module = Module::new(&engine, module.compile().expect("compiles")).expect("an image");
        }
        let instance = linker.instantiate(&mut *store, &module).expect("links");
        linker.instance(&mut *store, name, instance).expect("new names");
        instances.push(instance);
    }
    instances
}

/// How `run` is called: by way of images or not, in slices, and on which engines, in turn.
const WAYS: [(bool, u64, &[Strategy]); 8] = [
    (false, u64::MAX, &[Strategy::Stackless]),
    (true, u64::MAX, &[Strategy::Stackless]),
    (false, 1, &[Strategy::Stackless]),
    (true, 3, &[Strategy::Stackless]),
    (false, u64::MAX, &[Strategy::Traditional]),
    (false, 1, &[Strategy::Traditional]),
    (false, u64::MAX, &[Strategy::Lockstep]),
    (false, 2, &[Strategy::Traditional, Strategy::Stackless]),
];

/// Calls `run` of the last module, whole and in slices, as it is and by way of images, on each engine.
fn results(modules: &[(&str, &str)], args: &[Val], count: usize) -> Vec<Result<Vec<Val>, String>> {
    let engine = engine(Limits::DEFAULT);
    let mut all = Vec::new();
    let mut fuel = Vec::new();
    for (images, slice, strategies) in WAYS {
        let mut turns = strategies.iter().cycle();
        let mut turn = |store: &mut Store<()>| store.set_strategy(*turns.next().expect("one at least"));
        let mut store = Store::new(&engine, ());
        turn(&mut store);
        let instances = link(&mut Linker::new(&engine), &mut store, modules, images);
        let run = instances.last().expect("some").func(&store, "run").expect("exported");
        let mut found = vec![Val::I32(0); count];
        let before = store.fuel_consumed();
        store.set_fuel(slice);
        let mut call = run.call_resumable(&mut store, args, &mut found);
        while let Ok(ResumableCall::OutOfFuel(paused)) = call {
            turn(&mut store);
            store.add_fuel(slice);
            call = paused.resume(&mut store, &mut found);
        }
        all.push(call.map(|_| found).map_err(|error| error.to_string()));
        fuel.push(store.fuel_consumed() - before);
    }
    assert!(fuel.iter().all(|used| *used == fuel[0]), "{fuel:?}");
    assert!(all.iter().all(|found| *found == all[0]), "{all:?}");
    all
}

fn run(modules: &[(&str, &str)], args: &[Val]) -> Val {
    results(modules, args, 1).remove(0).expect("runs")[0]
}

/// Two tags of one type; its function throws either, through a frame of its own and one of the caller's table.
const LIBRARY: &str = r#"(module
    (tag $a (export "a") (param i32)) (tag $b (export "b") (param i32))
    (type $fn (func (param i32))) (table (export "table") 4 funcref)
    (func $throw (export "throw") (param i32)
      local.get 0 i32.const 1 i32.and if local.get 0 throw $a end
      local.get 0 i32.const 2 i32.and if local.get 0 throw $b end)
    (func (export "back") (param i32) (local i64 i64)
      i64.const 1 local.set 1 local.get 0 i32.const 0 call_indirect (type $fn))
    (func (export "tail") (param i32) local.get 0 return_call $throw)
    (elem (i32.const 1) func $throw))"#;

/// Its own first tag is not the library's first; it imports one of them twice.
const USER: &str = r#"(module
    (import "lib" "b" (tag $b1 (param i32))) (import "lib" "b" (tag $b2 (param i32)))
    (import "lib" "a" (tag $a (param i32))) (tag $own (param i32))
    (import "lib" "throw" (func $throw (param i32))) (import "lib" "back" (func $back (param i32)))
    (import "lib" "tail" (func $tail (param i32)))
    (type $fn (func (param i32))) (import "lib" "table" (table 4 funcref))
    (func $through (param i32) (local i32 i64) i32.const 9 local.set 1
      block $own (result i32) try_table (catch $own $own) local.get 0 call $throw end return end drop)
    (elem (i32.const 0) $through)
    (func (export "run") (param $how i32) (param $what i32) (result i32) (local $kept i32)
      i32.const 1000 local.set $kept
      block $a (result i32) block $b (result i32)
        try_table (catch $own $a) (catch $b2 $b) (catch $a $a)
          i32.const 2000 local.set $kept
          block block block block local.get $how br_table 0 1 2 3 end
            local.get $what call $throw br 2 end
            local.get $what call $back br 1 end
            local.get $what call $tail br 0 end
          i32.const 3 local.get $how i32.eq if local.get $what return_call $late end
        end
        local.get $kept return
      end
      i32.const 100 i32.add local.get $kept i32.add return
      end
      i32.const 200 i32.add local.get $kept i32.add)
    (func $late (param i32) (result i32)
      block $h (result i32) try_table (catch $b1 $h) local.get 0 i32.const 1 call_indirect (type $fn) end i32.const -7 end))"#;

// @need-ids: REQ_EXCEPTIONS_001, REQ_TYPES_005, REQ_FUEL_002
#[test]
fn exceptions_pass_from_instance_to_instance_and_tags_are_told_apart_by_identity() {
    let modules = [("lib", LIBRARY), ("user", USER)];
    for how in 0..3 {
        for (what, expected) in [(0, 2000), (1, 2201), (2, 2102), (3, 2203)] {
            assert_eq!(run(&modules, &[Val::I32(how), Val::I32(what)]), Val::I32(expected), "{how} {what}");
        }
    }
    assert_eq!(run(&modules, &[Val::I32(3), Val::I32(2)]), Val::I32(2));
    assert_eq!(run(&modules, &[Val::I32(3), Val::I32(0)]), Val::I32(-7));
    let uncaught = results(&modules, &[Val::I32(3), Val::I32(1)], 1).remove(0).expect_err("a tag that nobody catches");
    assert!(uncaught.starts_with("uncaught exception: tag 0"), "{uncaught}");
}

// @need-ids: REQ_EXCEPTIONS_001
#[test]
fn vectors_are_carried_in_both_their_slots() {
    let text = r#"(module (tag $t (param v128 i32 v128))
        (func $g (param v128) local.get 0 i32.const 7 v128.const i64x2 3 4 throw $t)
        (func (export "run") (param v128) (result v128 i32 v128) (local i64)
          i64.const 5 local.set 1
          block $h (result v128 i32 v128) try_table (catch $t $h) local.get 0 call $g end unreachable end))"#;
    let found = results(&[("m", text)], &[Val::V128(1 << 100 | 2)], 3).remove(0).expect("runs");
    assert_eq!(found, [Val::V128(1 << 100 | 2), Val::I32(7), Val::V128(4 << 64 | 3)]);
}

// @need-ids: REQ_EXCEPTIONS_002, REQ_TRAP_001, REQ_ERROR_003
#[test]
fn what_nothing_catches_is_a_trap_at_the_throw() {
    let engine = engine(Limits::DEFAULT);
    let mut store = Store::new(&engine, ());
    let text = r#"(module $m (tag $a) (tag $b (param i32))
        (func $inner (param i32) local.get 0 throw $b)
        (func (export "run") block try_table (catch $a 0) i32.const 3 call $inner end end))"#;
    let instance = link(&mut Linker::new(&engine), &mut store, &[("m", text)], false)[0];
    let error = instance.func(&store, "run").expect("exported").call(&mut store, &[], &mut []).expect_err("uncaught");
    let trap = error.trap().expect("a trap");
    assert_eq!((trap.trap(), trap.info.detail), (Trap::UncaughtException, Detail::Tag { index: 1 }));
    assert_eq!(trap.trap().code(), 16);
    let names: Vec<_> = trap.backtrace.frames.iter().map(|frame| frame.name.as_deref()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(names[0], Some("inner"));
    // The store goes on.
    assert!(instance.func(&store, "run").expect("exported").call(&mut store, &[], &mut []).is_err());
}

/// A host function between the throw and the clause: `call` is the host's way to call `throw` of the caller.
const PAST_HOST: &str = r#"(module (tag $t) (import "h" "call" (func $call (result i32)))
    (func (export "throw") (result i32) throw $t)
    (func (export "run") (result i32)
      block try_table (catch_all 0) call $call return end end i32.const 5))"#;

fn throw_of(caller: &Caller<'_, ()>) -> wrt::Func {
    caller.get_export("throw").and_then(wrt::Extern::into_func).expect("exported")
}

// @need-ids: REQ_EXCEPTIONS_002, REQ_REENTRY_001
#[test]
fn no_exception_passes_a_host_function() {
    let engine = engine(Limits::DEFAULT);
    let ty = FuncType::new([], [ValType::I32]);
    let mut nested = Linker::<()>::new(&engine);
    let call = |mut caller: Caller<'_, ()>, _: &[Val], results: &mut [Val]| -> Result<(), Error> {
        let func = throw_of(&caller);
        func.call(&mut caller, &[], results)
    };
    nested.func_new("h", "call", ty.clone(), call).expect("new");
    let mut waiting = Linker::<()>::new(&engine);
    let step = |caller: Caller<'_, ()>, _: HostEntry<'_>| -> Result<HostStep, Error> {
        Ok(HostStep::CallGuest { func: throw_of(&caller), args: vec![], state: 1 })
    };
    waiting.func_reentrant("h", "call", ty, step).expect("new");
    for (linker, what) in [(&mut nested, "nested"), (&mut waiting, "waiting")] {
        let mut store = Store::new(&engine, ());
        let instance = link(linker, &mut store, &[("m", PAST_HOST)], false)[0];
        let run = instance.func(&store, "run").expect("exported");
        let error = run.call(&mut store, &[], &mut [Val::I32(0)]).expect_err(what);
        assert_eq!(error.kind(), ErrorKind::Trap, "{what}: {error}");
        assert!(error.to_string().contains("uncaught exception"), "{what}: {error}");
    }
}

// @need-ids: REQ_EXCEPTIONS_001, REQ_RESOURCE_001, REQ_001
#[test]
fn the_deepest_stack_is_left_at_once_and_can_be_used_again() {
    let limits = Limits { max_frames: 5_000, max_slots: 100_000, ..Limits::DEFAULT };
    let engine = engine(limits);
    let text = r#"(module (tag $t (param i32))
        (func $down (param i32) (result i32)
          local.get 0 i32.eqz if i32.const 77 throw $t end
          i32.const 1 local.get 0 i32.const 1 i32.sub call $down i32.add)
        (func $catch (param i32) (result i32)
          block $h (result i32) try_table (catch $t $h) local.get 0 call $down return end unreachable end)
        (func (export "run") (param i32 i32) (result i32) (local i32)
          loop $l
            local.get 0 call $catch local.get 2 i32.add local.set 2
            local.get 1 i32.const 1 i32.sub local.tee 1 br_if $l
          end local.get 2))"#;
    let mut store = Store::new(&engine, ());
    let instance = link(&mut Linker::new(&engine), &mut store, &[("m", text)], false)[0];
    let run = instance.get_typed_func::<(i32, i32), i32>(&store, "run").expect("has that type");
    let before = store.fuel_consumed();
    // `run`, `$catch`, and 4,998 of `$down`.
    assert_eq!(run.call(&mut store, (4_997, 100)).expect("fits"), 7_700);
    let error = run.call(&mut store, (4_998, 1)).expect_err("one frame too many");
    assert_eq!(error.trap().map(wrt::TrapError::trap), Some(Trap::CallStackExhausted));
    // Each frame left costs a unit, besides what it cost to enter.
    let fuel = |store: &mut Store<()>, depth: i32| {
        let before = store.fuel_consumed();
        run.call(&mut *store, (depth, 1)).expect("fits");
        store.fuel_consumed() - before
    };
    let (one, two) = (fuel(&mut store, 1), fuel(&mut store, 2));
    assert_eq!(fuel(&mut store, 102) - fuel(&mut store, 2), 100 * (two - one));
    assert!(store.fuel_consumed() > before);
}

// @need-ids: REQ_EXCEPTIONS_001, REQ_TYPES_005
#[test]
fn a_tag_of_the_host_is_shared_by_who_imports_it() {
    let engine = engine(Limits::DEFAULT);
    let mut store = Store::new(&engine, ());
    let ty = TagType::new(FuncType::new([ValType::I64], []));
    let (first, second) = (Tag::new(&mut store, &ty).expect("room"), Tag::new(&mut store, &ty).expect("room"));
    let mut linker = Linker::new(&engine);
    linker.define("h", "first", first).expect("new").define("h", "second", second).expect("new");
    let thrower = r#"(module (import "h" "second" (tag $t (param i64))) (func (export "throw") i64.const 8 throw $t))"#;
    let catcher = r#"(module (import "h" "first" (tag $f (param i64))) (import "h" "second" (tag $s (param i64)))
        (import "thrower" "throw" (func $throw))
        (func (export "run") (result i64)
          block $f (result i64) block $s (result i64)
            try_table (catch $f $f) (catch $s $s) call $throw end i64.const 0 end
            i64.const 100 i64.add end))"#;
    let instances = link(&mut linker, &mut store, &[("thrower", thrower), ("catcher", catcher)], true);
    let run = instances[1].get_typed_func::<(), i64>(&store, "run").expect("has that type");
    assert_eq!(run.call(&mut store, ()).expect("runs"), 108);
}
