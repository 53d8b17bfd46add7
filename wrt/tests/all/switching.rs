//! Engines take each other's place while calls of several instances and of host functions are in progress.

use wrt::{
    Caller, Config, Engine, Error, Extern, FrameState, FuncType, HostEntry, HostStep, Instance, Linker, Module,
    ResumableCall, Store, Strategy, Val, ValType, VerificationLevel,
};

/// What the other one imports: a memory, a global, a table, and functions that call back through the table and the host.
const BELOW: &str = r#"(module
    (import "host" "again" (func $again (param i32 i64) (result i64)))
    (import "host" "note" (func $note (param i64)))
    (type $step (func (param i64) (result i64)))
    (memory (export "memory") 1)
    (global (export "count") (mut i32) (i32.const 0))
    (table (export "table") 4 funcref)
    (func (export "sum") (param $from i32) (param $to i32) (result i64) (local $sum i64)
        (loop $next
            (local.set $sum (i64.add (local.get $sum) (i64.load8_u (local.get $from))))
            (local.set $from (i32.add (local.get $from) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $from) (local.get $to))))
        (call $note (local.get $sum))
        (local.get $sum))
    ;; Through the table, into the caller's instance.
    (func (export "apply") (param $index i32) (param $value i64) (result i64)
        (global.set 0 (i32.add (global.get 0) (i32.const 1)))
        (i64.mul (i64.const 3) (call_indirect (type $step) (local.get $value) (local.get $index))))
    ;; Through the host, which calls table element `index` twice.
    (func (export "twice") (param $index i32) (param $value i64) (result i64)
        (i64.sub (call $again (local.get $index) (local.get $value)) (i64.const 1))))"#;

const ABOVE: &str = r#"(module
    (import "below" "memory" (memory 1))
    (import "below" "count" (global $count (mut i32)))
    (import "below" "table" (table 4 funcref))
    (import "below" "sum" (func $sum (param i32 i32) (result i64)))
    (import "below" "apply" (func $apply (param i32 i64) (result i64)))
    (import "below" "twice" (func $twice (param i32 i64) (result i64)))
    (elem (i32.const 0) func $bad $half $down $tail)
    (func $bad (param i64) (result i64)
        (i64.div_s (call $sum (i32.const 0) (i32.const 9)) (i64.sub (local.get 0) (local.get 0))))
    (func $half (param i64) (result i64)
        (i64.store (i32.const 64) (local.get 0))
        (if (result i64) (i64.eqz (i64.and (local.get 0) (i64.const 1)))
            (then (i64.shr_u (local.get 0) (i64.const 1)))
            (else (i64.add (local.get 0) (i64.extend_i32_u (global.get $count))))))
    ;; Down and down, by turns through the table and through the host.
    (func $down (param i64) (result i64)
        (if (i64.le_s (local.get 0) (i64.const 0))
            (then (return (call $sum (i32.const 60) (i32.const 80)))))
        (i64.add (local.get 0)
            (if (result i64) (i64.eqz (i64.rem_u (local.get 0) (i64.const 3)))
                (then (call $twice (i32.const 1) (i64.sub (local.get 0) (i64.const 1))))
                (else (call $apply (i32.const 2) (i64.sub (local.get 0) (i64.const 1)))))))
    (func $tail (param i64) (result i64) (return_call $apply (i32.const 2) (local.get 0)))
    (func (export "run") (param i32) (result i64)
        (memory.fill (i32.const 60) (i32.const 5) (i32.const 300))
        (i64.add
            (call $apply (i32.const 2) (i64.extend_i32_s (local.get 0)))
            (call $twice (i32.const 3) (i64.extend_i32_s (local.get 0)))))
    ;; Traps while the other instance and a host function wait.
    (func (export "trap") (param i32) (result i64)
        (call $twice (i32.const 0) (i64.extend_i32_s (local.get 0)))))"#;

/// Steps of `again`: it calls element `index` of the caller's table with the value, and again with what that returned.
#[allow(clippy::needless_pass_by_value, reason = "what linkers take")]
fn again(caller: Caller<'_, Vec<i64>>, entry: HostEntry<'_>) -> Result<HostStep, Error> {
    let [Val::I32(index), argument] = *entry.args else { return Err(Error::message("other arguments")) };
    let argument = match (entry.state, entry.returned) {
        (0, None) => argument,
        (1, Some([value])) => *value,
        (2, Some([value])) => return Ok(HostStep::Return(vec![*value])),
        other => return Err(Error::message(format!("unexpected step {other:?}"))),
    };
    let table = caller.get_export("table").and_then(Extern::into_table).expect("exported");
    let Some(Val::FuncRef(Some(func))) = table.get(&caller, index as u64) else {
        return Err(Error::message("no function there"));
    };
    Ok(HostStep::CallGuest { func, args: vec![argument], state: entry.state + 1 })
}

/// Two instances and a host, new.
struct Linked {
    store: Store<Vec<i64>>,
    below: Instance,
    above: Instance,
}

fn linked(modules: &[Module; 2], strategy: Strategy) -> Linked {
    let engine = modules[0].engine();
    let mut store = Store::new(engine, Vec::new());
    store.set_strategy(strategy);
    let mut linker = Linker::new(engine);
    let ty = FuncType::new([ValType::I32, ValType::I64], [ValType::I64]);
    linker.func_reentrant("host", "again", ty, again).expect("new");
    let note = |mut caller: Caller<'_, Vec<i64>>, n: i64| caller.data_mut().push(n);
    linker.func_wrap("host", "note", note).expect("new");
    let below = linker.instantiate(&mut store, &modules[0]).expect("links");
    linker.instance(&mut store, "below", below).expect("new");
    let above = linker.instantiate(&mut store, &modules[1]).expect("links");
    Linked { store, below, above }
}

/// All that a call leaves.
#[derive(Debug, PartialEq)]
struct Left {
    end: Result<Val, String>,
    fuel: u64,
    notes: Vec<i64>,
    memory: Vec<u8>,
    count: Val,
}

/// Calls with these slices of fuel, the last of them as often as needed. `at_pause` sees each state, and may choose an engine.
fn run(
    mut linked: Linked,
    (export, argument): (&str, i32),
    slices: &[u64],
    mut at_pause: impl FnMut(&mut Store<Vec<i64>>, Vec<FrameState>),
) -> Left {
    let Linked { store, below, above } = &mut linked;
    let func = above.func(&*store, export).expect("exported");
    let mut results = [Val::I64(0)];
    let mut slices = slices.iter().copied();
    let mut slice = slices.next().expect("a slice");
    store.set_fuel(slice);
    let mut call = func.call_resumable(&mut *store, &[Val::I32(argument)], &mut results);
    while let Ok(ResumableCall::OutOfFuel(paused)) = call {
        at_pause(store, paused.state(&*store));
        slice = slices.next().unwrap_or(slice);
        store.add_fuel(slice);
        call = paused.resume(&mut *store, &mut results);
    }
    Left {
        end: call.map(|_| results[0]).map_err(|error| format!("{error:?}")),
        fuel: store.fuel_consumed(),
        notes: store.data().clone(),
        memory: below.get_memory(&*store, "memory").expect("exported").data(&*store)[..512].to_vec(),
        count: below.get_global(&*store, "count").expect("exported").get(&*store),
    }
}

fn modules() -> [Module; 2] {
    let engine = Engine::new(&Config::new().verification(VerificationLevel::Full));
    [BELOW, ABOVE].map(|text| Module::new(&engine, wat::parse_str(text).expect("text")).expect("valid"))
}

/// The traditional engine knows where the running frame's operands end; what lies above them means nothing.
fn assert_same_states(found: Vec<Vec<FrameState>>, traditional: &[Vec<FrameState>], what: &str) {
    assert_eq!(found.len(), traditional.len(), "{what}");
    for (mut found, expected) in found.into_iter().zip(traditional) {
        found[0].slots.truncate(expected[0].slots.len());
        assert_eq!(&found, expected, "{what}");
    }
}

const fn other(strategy: Strategy) -> Strategy {
    if matches!(strategy, Strategy::Stackless) { Strategy::Traditional } else { Strategy::Stackless }
}

const CALLS: [(&str, i32); 3] = [("run", 4), ("run", 9), ("trap", 5)];

// @need-ids: REQ_ONE_STATE_001, REQ_001, REQ_017, REQ_REENTRY_001
#[test]
fn engines_take_turns_at_every_safepoint_of_several_instances_and_host_calls() {
    let modules = modules();
    for call in CALLS {
        let whole = run(linked(&modules, Strategy::Stackless), call, &[u64::MAX], |_, _| ());
        assert_eq!(whole.end.is_err(), call.0 == "trap", "{whole:?}");
        assert!(whole.fuel > 50, "{whole:?}");
        // Each engine alone: the same states at all safepoints.
        let mut traditional = Vec::new();
        for strategy in [Strategy::Traditional, Strategy::Stackless, Strategy::Lockstep] {
            let mut states = Vec::new();
            let left = run(linked(&modules, strategy), call, &[1], |_, state| states.push(state));
            assert_eq!(left, whole, "{call:?} {strategy:?}");
            if strategy == Strategy::Traditional {
                traditional.clone_from(&states);
            }
            assert_same_states(states, &traditional, &format!("{call:?} {strategy:?}"));
        }
        let waits = |frames: &[FrameState]| frames.iter().any(|frame| frame.instance == FrameState::HOST);
        let instances = |frames: &[FrameState]| frames.iter().any(|frame| frame.instance != frames[0].instance);
        assert!(call.0 == "trap" || traditional.iter().any(|frames| waits(frames) && instances(frames)), "{call:?}");
        // In turn: at each pause the other engine goes on.
        for begins in [Strategy::Stackless, Strategy::Traditional] {
            let mut states = Vec::new();
            let left = run(linked(&modules, begins), call, &[1], |store, state| {
                states.push(state);
                store.set_strategy(other(store.strategy()));
            });
            assert_eq!(left, whole, "{call:?} begins {begins:?}");
            assert_same_states(states, &traditional, &format!("{call:?} begins {begins:?}"));
            // Once, wherever it is.
            for cut in 0..whole.fuel {
                let left = run(linked(&modules, begins), call, &[cut, whole.fuel], |store, _| {
                    store.set_strategy(other(begins));
                });
                assert_eq!(left, whole, "{call:?} begins {begins:?}, changes at {cut}");
            }
        }
    }
}

// @need-ids: REQ_ONE_STATE_001, REQ_LOCKSTEP_001
#[test]
fn lock_step_begins_and_ends_wherever_a_call_stands() {
    let modules = modules();
    for call in CALLS {
        let whole = run(linked(&modules, Strategy::Stackless), call, &[u64::MAX], |_, _| ());
        for begins in [Strategy::Stackless, Strategy::Traditional] {
            for cut in 0..whole.fuel {
                let left = run(linked(&modules, begins), call, &[cut, 1], |store, _| {
                    let next = if store.strategy() == Strategy::Lockstep { begins } else { Strategy::Lockstep };
                    store.set_strategy(next);
                });
                assert_eq!(left, whole, "{call:?} begins {begins:?}, changes from {cut} on");
            }
        }
    }
}

// Each change makes another machine, whose twin has code of its own, in the order in which it meets functions.
// @need-ids: REQ_ONE_STATE_001, REQ_LOCKSTEP_001
#[test]
fn a_call_of_an_earlier_lock_step_is_taken_up_by_a_later_one() {
    let modules = modules();
    let whole = run(linked(&modules, Strategy::Stackless), ("run", 9), &[u64::MAX], |_, _| ());
    for cut in 0..whole.fuel {
        let mut linked = linked(&modules, Strategy::Lockstep);
        let func = linked.above.func(&linked.store, "run").expect("exported");
        let sum = linked.below.func(&linked.store, "sum").expect("exported");
        let mut results = [Val::I64(0)];
        linked.store.set_fuel(cut);
        let call = func.call_resumable(&mut linked.store, &[Val::I32(9)], &mut results).expect("begins");
        let ResumableCall::OutOfFuel(paused) = call else { panic!("{cut} units are too few") };
        linked.store.set_strategy(Strategy::Traditional);
        linked.store.set_strategy(Strategy::Lockstep);
        // The new twin meets another function first.
        linked.store.set_fuel(u64::MAX);
        sum.call(&mut linked.store, &[Val::I32(0), Val::I32(1)], &mut [Val::I64(0)]).expect("runs");
        let call = paused.resume(&mut linked.store, &mut results).expect("agrees");
        assert!(matches!(call, ResumableCall::Finished), "{cut}: {call:?}");
        assert_eq!(Ok(results[0]), whole.end, "{cut}");
    }
}
