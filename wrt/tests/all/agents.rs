//! Agents of shared memories: turns, waits, notifications, and what becomes of those that nobody wakes.

use crate::common::STRATEGIES;
use std::time::Duration;
use wrt::{
    Agents, Config, Engine, Error, Image, Instance, Limits, Linker, Memory, MemoryType, Module, ResumableCall, Store,
    Strategy, Trap, Turn, UsageError, Val, VerificationLevel,
};

/// A lock of one word, of which 0 is free, 1 taken, 2 taken and waited for; and a counter that is no atomic one.
const LOCK: &str = r#"(module
    (memory (export "memory") 1 1 shared)
    (func $lock (local $seen i32)
        (local.set $seen (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1)))
        (if (local.get $seen) (then
            (loop $again
                (if (i32.or (i32.eq (local.get $seen) (i32.const 2))
                        (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 1) (i32.const 2)))
                    (then (drop (memory.atomic.wait32 (i32.const 0) (i32.const 2) (i64.const -1)))))
                (local.set $seen (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 2)))
                (br_if $again (local.get $seen))))))
    (func $unlock
        (if (i32.ne (i32.atomic.rmw.sub (i32.const 0) (i32.const 1)) (i32.const 1)) (then
            (i32.atomic.store (i32.const 0) (i32.const 0))
            (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))))
    (func (export "work") (param $rounds i32) (param $me i64) (result i64) (local $mine i64)
        (loop $next
            (call $lock)
            ;; Read, do something, write: another agent in between would be lost.
            (local.set $mine (i64.load (i32.const 8)))
            (i64.store (i32.const 16) (i64.add (i64.mul (i64.load (i32.const 16)) (i64.const 31)) (local.get $me)))
            (i64.store (i32.const 8) (i64.add (local.get $mine) (i64.const 1)))
            (call $unlock)
            (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
        (i64.load (i32.const 16)))
    (func (export "wait") (param $address i32) (param $nanoseconds i64) (result i32)
        (memory.atomic.wait32 offset=64 (local.get $address) (i32.const 0) (local.get $nanoseconds)))
    (func (export "wait64") (param $expected i64) (result i32)
        (memory.atomic.wait64 (i32.const 128) (local.get $expected) (i64.const -1)))
    (func (export "notify") (param $address i32) (param $count i32) (result i32)
        (memory.atomic.notify offset=64 (local.get $address) (local.get $count))))"#;

fn instance(text: &str, strategy: Strategy) -> (Store<()>, Instance) {
    let engine = Engine::new(&Config::new().verification(VerificationLevel::Full));
    let module = Module::new(&engine, wat::parse_str(text).expect("text")).expect("valid");
    let mut store = Store::new(&engine, ());
    store.set_strategy(strategy);
    let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("links");
    (store, instance)
}

/// The results of all agents, in the order in which they ended.
fn finish(agents: &mut Agents, store: &mut Store<()>) -> Vec<Result<Vec<Val>, Error>> {
    let mut all = Vec::new();
    loop {
        match agents.turn(&mut *store) {
            Turn::Ended(_, results) => all.push(results),
            Turn::Went(_) => {}
            Turn::OutOfFuel(id) => panic!("no fuel for {id:?}"),
            Turn::Idle => return all,
        }
    }
}

fn traps(result: &Result<Vec<Val>, Error>) -> Option<Trap> {
    result.as_ref().err().and_then(Error::trap).map(wrt::TrapError::trap)
}

// @need-ids: REQ_THREADS_001, REQ_THREADS_002, REQ_THREADS_003, REQ_017, REQ_LOCKSTEP_001
#[test]
fn a_lock_keeps_agents_apart_and_their_order_is_the_same_on_every_engine() {
    const AGENTS: i64 = 5;
    const ROUNDS: i32 = 40;
    for slice in [1, 7, 20, 1_000_000] {
        let mut seen = Vec::new();
        for strategy in STRATEGIES {
            let (mut store, instance) = instance(LOCK, strategy);
            let mut agents = Agents::new(slice);
            let work = instance.get_func(&store, "work").expect("exported");
            for me in 1..=AGENTS {
                agents.spawn(&store, work, &[Val::I32(ROUNDS), Val::I64(me)]).expect("fits");
            }
            assert_eq!(agents.len(), 5);
            let ended: Vec<_> = finish(&mut agents, &mut store).into_iter().map(|end| end.expect("no trap")).collect();
            let memory = instance.get_memory(&store, "memory").expect("exported").data(&store)[..24].to_vec();
            assert_eq!(memory[8..16], (AGENTS as u64 * ROUNDS as u64).to_le_bytes(), "{slice} {strategy:?}");
            seen.push((ended, memory, store.fuel_consumed()));
        }
        assert_eq!(seen[0], seen[1], "{slice}");
        assert_eq!(seen[0], seen[2], "{slice}");
    }
}

// @need-ids: REQ_THREADS_002, REQ_THREADS_003
#[test]
fn time_passes_while_all_wait_and_ends_waits_in_its_order() {
    for strategy in STRATEGIES {
        let (mut store, instance) = instance(LOCK, strategy);
        let wait = instance.get_func(&store, "wait").expect("exported");
        let mut agents = Agents::new(100);
        let ids = [3_000_000_000_000, 5, 0, 5]
            .map(|time| agents.spawn(&store, wait, &[Val::I32(8), Val::I64(time)]).expect("fits"));
        let mut order = Vec::new();
        loop {
            match agents.turn(&mut store) {
                Turn::Ended(id, results) => {
                    assert_eq!(results.expect("no trap"), [Val::I32(2)]);
                    order.push(id);
                }
                Turn::Idle => break,
                Turn::Went(_) | Turn::OutOfFuel(_) => {}
            }
        }
        assert_eq!(order, [ids[2], ids[1], ids[3], ids[0]], "{strategy:?}");
    }
}

// @need-ids: REQ_THREADS_002, REQ_TRAP_001, REQ_RESOURCE_001
#[test]
fn agents_that_nobody_can_wake_trap_instead_of_hanging() {
    for strategy in STRATEGIES {
        let (mut store, instance) = instance(LOCK, strategy);
        let wait = instance.get_func(&store, "wait").expect("exported");
        let mut agents = Agents::new(100);
        for address in [0, 4] {
            agents.spawn(&store, wait, &[Val::I32(address), Val::I64(-1)]).expect("fits");
        }
        let ended = finish(&mut agents, &mut store);
        assert_eq!(ended.iter().map(traps).collect::<Vec<_>>(), [Some(Trap::Deadlock); 2], "{strategy:?}");
        // A call that is no agent: nobody else gets a turn.
        let mut results = [Val::I32(-1)];
        let error = wait.call(&mut store, &[Val::I32(0), Val::I64(-1)], &mut results).expect_err("for ever");
        let trap = error.trap().expect("a trap");
        assert_eq!(trap.trap(), Trap::Deadlock);
        assert_eq!(trap.backtrace.frames.len(), 1, "{trap:?}");
        wait.call(&mut store, &[Val::I32(0), Val::I64(1 << 40)], &mut results).expect("it ends");
        assert_eq!(results, [Val::I32(2)], "{strategy:?}");
        // The value is another one: no wait at all.
        let wait64 = instance.get_func(&store, "wait64").expect("exported");
        wait64.call(&mut store, &[Val::I64(1 << 32)], &mut results).expect("it ends");
        assert_eq!(results, [Val::I32(1)], "{strategy:?}");
    }
}

/// Begins a call that waits.
fn waiting(store: &mut Store<()>, instance: Instance, time: i64, results: &mut [Val]) -> wrt::ResumableWaiting {
    let wait = instance.get_func(&*store, "wait").expect("exported");
    match wait.call_resumable(&mut *store, &[Val::I32(0), Val::I64(time)], results) {
        Ok(ResumableCall::Waiting(waiting)) => waiting,
        other => panic!("{other:?}"),
    }
}

// @need-ids: REQ_THREADS_002, REQ_ONE_STATE_001, REQ_001
#[test]
fn a_wait_is_a_pause_that_any_engine_ends() {
    for begins in STRATEGIES {
        for ends in STRATEGIES {
            let (mut store, instance) = instance(LOCK, begins);
            let notify = instance.get_func(&store, "notify").expect("exported");
            let mut count = [Val::I32(-1)];
            let (mut first, mut second, mut third) = ([Val::I32(-1)], [Val::I32(-1)], [Val::I32(-1)]);
            let one = waiting(&mut store, instance, -1, &mut first);
            let dropped = waiting(&mut store, instance, -1, &mut second);
            let two = waiting(&mut store, instance, 77, &mut second);
            let three = waiting(&mut store, instance, -1, &mut third);
            assert_eq!((one.timeout(), two.timeout()), (None, Some(Duration::from_nanos(77))));
            drop(dropped);
            store.set_strategy(ends);
            // Another place: nobody waits there.
            notify.call(&mut store, &[Val::I32(4), Val::I32(9)], &mut count).expect("no trap");
            assert_eq!(count, [Val::I32(0)]);
            notify.call(&mut store, &[Val::I32(0), Val::I32(2)], &mut count).expect("no trap");
            assert_eq!(count, [Val::I32(2)], "the first two, and not the one that was given up");
            assert!(one.is_notified() && two.is_notified() && !three.is_notified());
            assert!(matches!(two.end(&mut store, &mut second), Ok(ResumableCall::Finished)));
            assert!(matches!(one.end(&mut store, &mut first), Ok(ResumableCall::Finished)));
            assert_eq!((first, second), ([Val::I32(0)], [Val::I32(0)]), "{begins:?} {ends:?}");
            let error = three.end(&mut store, &mut third).expect_err("it would wait for ever");
            assert_eq!(error.trap().map(wrt::TrapError::trap), Some(Trap::Deadlock));
            let timed = waiting(&mut store, instance, 5, &mut first);
            assert!(matches!(timed.end(&mut store, &mut first), Ok(ResumableCall::Finished)));
            assert_eq!(first, [Val::I32(2)], "{begins:?} {ends:?}");
        }
    }
}

// @need-ids: REQ_THREADS_002, REQ_LIMITS_001, REQ_RESOURCE_001
#[test]
fn agents_that_wait_are_limited_and_those_taken_out_count_no_more() {
    let limits = Limits { max_waiting_agents: 2, ..Limits::DEFAULT };
    let engine = Engine::new(&Config::new().limits(limits));
    let module = Module::new(&engine, wat::parse_str(LOCK).expect("text")).expect("valid");
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("links");
    let mut results = [Val::I32(-1)];
    let kept = waiting(&mut store, instance, -1, &mut results);
    let dropped = waiting(&mut store, instance, -1, &mut results);
    let wait = instance.get_func(&store, "wait").expect("exported");
    let error = wait.call_resumable(&mut store, &[Val::I32(0), Val::I64(-1)], &mut results).expect_err("the third");
    assert!(error.to_string().contains("max-waiting-agents"), "{error}");
    drop(dropped);
    drop(waiting(&mut store, instance, -1, &mut results));
    drop(kept);

    let mut agents = Agents::new(10);
    let id = agents.spawn(&store, wait, &[Val::I32(0), Val::I64(-1)]).expect("fits");
    assert!(agents.remove(id) && !agents.remove(id) && agents.is_empty());
    assert!(matches!(agents.turn(&mut store), Turn::Idle));
    let error = agents.spawn(&store, wait, &[]).expect_err("arguments are missing");
    assert!(error.to_string().contains("argument"), "{error}");
}

// @need-ids: REQ_THREADS_003, REQ_003
#[test]
fn turns_are_paid_for_from_the_store_and_stop_where_it_has_too_little() {
    let (mut store, instance) = instance(LOCK, Strategy::Stackless);
    let work = instance.get_func(&store, "work").expect("exported");
    let mut agents = Agents::new(100);
    let id = agents.spawn(&store, work, &[Val::I32(1_000), Val::I64(1)]).expect("fits");
    store.set_fuel(250);
    assert!(matches!(agents.turn(&mut store), Turn::Went(found) if found == id));
    while !matches!(agents.turn(&mut store), Turn::OutOfFuel(found) if found == id) {}
    assert!(store.get_fuel() < 100);
    store.add_fuel(1_000_000);
    assert_eq!(finish(&mut agents, &mut store).len(), 1);
}

/// Atomic operators where operands lie beyond the window, on further memories, with 64-bit addresses and far offsets.
fn far(locals: usize) -> String {
    let locals = "i64 ".repeat(locals);
    format!(
        r#"(module
        (memory $a 1 1 shared) (memory $b i64 1 2) (memory $c 1 1)
        (func (export "f") (param $x i64) (result i64) (local {locals})
            (i64.atomic.store $b offset=8 (i64.const 8) (local.get $x))
            (drop (i64.atomic.rmw32.add_u $b offset=16 (i64.const 0) (i64.const 0xF_FFFF_FFFF)))
            (i32.atomic.store16 $c (i32.const 2) (i32.const 0x1_2345))
            (i64.add
                (i64.add (i64.const 1) (i64.atomic.rmw.cmpxchg $b (i64.const 16) (i64.sub (local.get $x) (i64.const 1)) (i64.const 5)))
                (i64.add (i64.atomic.load $b (i64.const 16)) (i64.atomic.load16_u $c (i32.const 2)))))
        (func (export "outside") (result i64) (local {locals})
            (i64.atomic.load $b offset=0x1_0000_0000 (i64.const 0)))
        (func (export "far") (param i64) (result i64) (i64.atomic.load $b offset=0x100_0000_0000 (local.get 0)))
        (func (export "farthest") (param i64) (result i64)
            (i64.atomic.rmw.add $b offset=0xFFFF_FFFF_FFFF_FFFC (local.get 0) (i64.const 1)))
        (func (export "wakes") (param i64) (result i64)
            (i64.extend_i32_u (memory.atomic.notify $b offset=0xFFFF_FFFF_FFFF_FFFC (local.get 0) (i32.const 1))))
        (func (export "wraps") (result i64) (i64.atomic.load $b offset=8 (i64.const -8)))
        (func (export "unaligned") (result i64) (i64.atomic.load $b offset=4 (i64.const 8)))
        (func (export "fence") (result i64) (atomic.fence) (i64.const 3))
        (func (export "unshared") (result i64) (i64.extend_i32_u (memory.atomic.notify $c (i32.const 0) (i32.const 1))))
        (func (export "waits") (result i64)
            (i64.extend_i32_u (memory.atomic.wait32 $c (i32.const 0) (i32.const 0) (i64.const -1)))))"#
    )
}

// @need-ids: REQ_THREADS_001, REQ_MULTI_MEMORY_001, REQ_MEMORY64_001, REQ_MEM_SAFETY_001, REQ_IMAGE_001
#[test]
fn atomic_operators_reach_all_memories_from_all_frames() {
    for locals in [0, 246, 250, 300] {
        let engine = Engine::default();
        let module = Module::new(&engine, wat::parse_str(far(locals)).expect("text")).expect("valid");
        let image = module.compile().expect("lowers");
        let parsed = Image::parse(&image).expect("sound");
        parsed.check_code().expect("sound");
        for module in [module, Module::new(&engine, image).expect("an image")] {
            for strategy in STRATEGIES {
                if strategy != Strategy::Stackless && module.compile_bytecode().is_err() {
                    continue;
                }
                let mut store = Store::new(&engine, ());
                store.set_strategy(strategy);
                let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("links");
                let mut call = |name: &str, args: &[Val]| {
                    let func = instance.get_func(&store, name).expect("exported");
                    let mut results = [Val::I64(-1)];
                    func.call(&mut store, args, &mut results)
                        .map(|()| results[0])
                        .map_err(|error| error.trap().unwrap_or_else(|| panic!("{error}")).trap())
                };
                let x: i64 = 0x11_0000_0007;
                let stored = x & !0xFFFF_FFFF | (x + 0xF_FFFF_FFFF) & 0xFFFF_FFFF;
                assert_eq!(stored, x - 1);
                assert_eq!(call("f", &[Val::I64(x)]), Ok(Val::I64(1 + stored + 5 + 0x2345)), "{locals} {strategy:?}");
                assert_eq!(call("outside", &[]), Err(Trap::MemoryOutOfBounds), "{locals} {strategy:?}");
                assert_eq!(call("wraps", &[]), Err(Trap::MemoryOutOfBounds));
                // An offset beyond every memory is one, and how the sum is aligned comes first, as for any other.
                for (name, base, trap) in [
                    ("far", 0, Trap::MemoryOutOfBounds),
                    ("far", 4, Trap::UnalignedAtomic),
                    ("far", -8, Trap::MemoryOutOfBounds),
                    ("farthest", 0, Trap::UnalignedAtomic),
                    ("farthest", 4, Trap::MemoryOutOfBounds),
                    ("farthest", 12, Trap::MemoryOutOfBounds),
                    ("wakes", 0, Trap::MemoryOutOfBounds),
                    ("wakes", 2, Trap::UnalignedAtomic),
                ] {
                    assert_eq!(call(name, &[Val::I64(base)]), Err(trap), "{name} {base} {strategy:?}");
                }
                assert_eq!(call("unaligned", &[]), Err(Trap::UnalignedAtomic));
                assert_eq!(call("fence", &[]), Ok(Val::I64(3)));
                assert_eq!(call("unshared", &[]), Ok(Val::I64(0)));
                assert_eq!(call("waits", &[]), Err(Trap::ExpectedSharedMemory));
            }
        }
    }
}

// @need-ids: REQ_WASM_002, REQ_ERROR_003
#[test]
fn what_cannot_be_is_refused() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = MemoryType::new(1, None).shared();
    let error = Memory::new(&mut store, ty).expect_err("without a greatest size");
    assert!(matches!(&error, Error::Usage(usage) if **usage == UsageError::MemoryType(ty)), "{error:?}");
    let shared = Memory::new(&mut store, MemoryType::new(1, Some(2)).shared()).expect("fits");
    assert!(shared.ty(&store).is_shared());
    let module = r#"(module (import "m" "m" (memory 1 2)))"#;
    let module = Module::new(&engine, wat::parse_str(module).expect("text")).expect("valid");
    let mut linker = Linker::new(&engine);
    linker.define("m", "m", wrt::Extern::Memory(shared)).expect("new");
    let error = linker.instantiate(&mut store, &module).expect_err("it is shared");
    assert!(error.to_string().contains("incompatible import type"), "{error}");
}
