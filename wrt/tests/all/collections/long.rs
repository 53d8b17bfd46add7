//! A guest of a garbage-collected language in an arena of a mebibyte: it runs as long as it likes, in slices, and when it keeps all that
//! it makes, it traps.

use std::fs;
use std::path::Path;
use wrt::{Config, Engine, Instance, Limits, Linker, Module, ResumableCall, Store, Strategy, Trap, Val};

/// Units of fuel that the guest uses in an ordinary run of the tests; `WRT_LONG_FUEL` says another amount.
const FUEL: u64 = 30_000_000;

/// Units of fuel of a slice.
const SLICE: u64 = 20_000;

/// The most that one step may want: a collection of the whole arena, and the roots. So a slice bounds a pause.
const STEP_MOST: u64 = 200_000;

/// What the guest does by turns, with the answers that an independent engine gives (`guests/expected.txt`).
const CALLS: [(&str, &[i32], i32); 5] = [
    ("tree", &[5, 2_000], -66_538_671),
    ("shapes", &[40, 50], 986_018_112),
    ("life", &[24, 10], 1_507_216_202),
    ("texts", &[200], 513_349_115),
    ("closures", &[50, 40], 1_558_967_828),
];

fn start(strategy: Strategy) -> (Store<()>, Instance) {
    let limits = Limits { max_gc_bytes: 1 << 20, ..Limits::DEFAULT };
    let engine = Engine::new(&Config::new().limits(limits).strategy(strategy));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests/wasm/objects.wasm");
    let module = Module::new(&engine, fs::read(path).expect("it is there")).expect("valid");
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("no imports");
    (store, instance)
}

/// Makes a call in slices; the most that a step wanted.
fn call(store: &mut Store<()>, instance: Instance, (name, args, expected): (&str, &[i32], i32)) -> u64 {
    let func = instance.get_func(&*store, name).expect("exported");
    let args: Vec<Val> = args.iter().copied().map(Val::I32).collect();
    let (mut results, mut most) = ([Val::I32(0)], 0);
    store.set_fuel(SLICE);
    let mut call = func.call_resumable(&mut *store, &args, &mut results).expect("no trap");
    while let ResumableCall::OutOfFuel(paused) = call {
        most = most.max(paused.needed());
        store.add_fuel(SLICE.max(paused.needed()));
        call = paused.resume(&mut *store, &mut results).expect("no trap");
    }
    assert_eq!(results, [Val::I32(expected)], "{name}");
    most
}

// @need-ids: REQ_GC_002, REQ_GC_003, REQ_GC_004, REQ_RESOURCE_001
#[test]
fn a_mebibyte_is_enough_for_as_long_as_the_guest_runs() {
    let fuel = std::env::var("WRT_LONG_FUEL").ok().and_then(|fuel| fuel.parse().ok()).unwrap_or(FUEL);
    let (mut store, instance) = start(Strategy::Stackless);
    let (mut used, mut rounds, mut most) = (0_u64, 0_u64, 0);
    while used < fuel {
        for round in CALLS {
            most = call(&mut store, instance, round).max(most);
            used += store.fuel_consumed();
        }
        rounds += 1;
    }
    println!("{used} units of fuel, {rounds} rounds; the dearest step wanted {most}");
    assert!(most <= STEP_MOST, "a step that wants {most}");
}

// @need-ids: REQ_GC_001, REQ_GC_003, REQ_GC_004, REQ_ONE_STATE_001, REQ_LOCKSTEP_001
#[test]
fn engines_collect_at_the_same_places_and_go_on_with_each_others_calls() {
    let mut fuel = Vec::new();
    for strategy in [Strategy::Stackless, Strategy::Traditional, Strategy::Lockstep] {
        let (mut store, instance) = start(strategy);
        let all = [0; 3].map(|_| CALLS.map(|round| (call(&mut store, instance, round), store.fuel_consumed())));
        fuel.push(all);
    }
    assert_eq!(fuel[0], fuel[1]);
    assert_eq!(fuel[0], fuel[2]);

    let (mut store, instance) = start(Strategy::Stackless);
    let func = instance.get_func(&store, "tree").expect("exported");
    let mut results = [Val::I32(0)];
    store.set_fuel(5_000);
    let mut call = func.call_resumable(&mut store, &[Val::I32(5), Val::I32(2_000)], &mut results).expect("no trap");
    let mut pauses = 0;
    while let ResumableCall::OutOfFuel(paused) = call {
        let other = [Strategy::Traditional, Strategy::Lockstep, Strategy::Stackless][pauses % 3];
        store.set_strategy(other);
        store.add_fuel(5_000.max(paused.needed()));
        call = paused.resume(&mut store, &mut results).expect("no trap");
        pauses += 1;
    }
    assert_eq!(results, [Val::I32(CALLS[0].2)]);
    assert_eq!(store.fuel_consumed(), fuel[0][0][0].1);
    assert!(pauses > 100, "{pauses}");
}

// @need-ids: REQ_GC_002, REQ_TRAP_001
#[test]
fn a_guest_that_keeps_all_it_makes_traps_and_can_be_called_again() {
    for strategy in [Strategy::Stackless, Strategy::Traditional, Strategy::Lockstep] {
        let (mut store, instance) = start(strategy);
        let hoard = instance.get_func(&store, "hoard").expect("exported");
        for _ in 0..3 {
            store.set_fuel(u64::MAX);
            let error = hoard.call(&mut store, &[], &mut [Val::I32(0)]).expect_err("no room for ever");
            assert_eq!(error.trap().map(wrt::TrapError::trap), Some(Trap::HeapExhausted), "{strategy:?}");
            call(&mut store, instance, CALLS[1]);
        }
    }
}
