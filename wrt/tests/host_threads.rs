//! One module in several threads at once, each with a store of its own.

use std::sync::Barrier;
use std::thread;
use wrt::{Engine, Func, Instance, Linker, Memory, Module, ResumableCall, Store, TypedFunc, Val};

#[allow(dead_code, reason = "older compilers do not see the use below")]
const fn shared<T: Send + Sync>() {}
#[allow(dead_code, reason = "as above")]
const fn moved<T: Send>() {}

// Checked when this is compiled.
const _: () = {
    shared::<Engine>();
    shared::<Module>();
    shared::<Linker<()>>();
    shared::<(Func, Instance, Memory, TypedFunc<i32, i32>)>();
    shared::<wrt::Error>();
    moved::<Store<()>>();
    moved::<ResumableCall>();
};

/// Many functions, each called first by whichever thread comes first.
fn guest() -> String {
    use core::fmt::Write as _;
    let mut text = String::from("(module (memory 1) ");
    for i in 0..200 {
        let call = if i == 0 { "(local.get 0)".into() } else { format!("(call {} (local.get 0))", i - 1) };
        let _ = write!(
            text,
            r#"(func (export "f{i}") (param i32) (result i32)
                (i32.store (i32.const {i}) (i32.add (i32.load (i32.const {i})) (i32.const 1)))
                (i32.add (i32.mul {call} (i32.const 3)) (i32.const {i})))"#
        );
    }
    text + ")"
}

// @need-ids: REQ_MODULE_001, REQ_017
#[test]
fn stores_of_several_threads_run_one_module_at_once_with_the_same_results_and_fuel() {
    const THREADS: usize = 8;
    let engine = Engine::default();
    let wasm = wat::parse_str(guest()).expect("the text is right");
    let module = Module::new(&engine, &wasm).expect("valid");
    let image = Module::new(&engine, module.compile().expect("compiles")).expect("loads");
    let start = Barrier::new(THREADS);
    // Odd threads call from the top, so that functions are first called in another order.
    let run = |module: &Module, thread: usize| -> (Vec<Val>, u64) {
        let mut store = Store::new(&engine, ());
        let instance = module.instantiate(&mut store).expect("links");
        let mut results = vec![Val::I32(0); 200];
        for at in 0..200 {
            let at = if thread.is_multiple_of(2) { at } else { 199 - at };
            let func = instance.func(&store, &format!("f{at}")).expect("exported");
            func.call(&mut store, &[Val::I32(7)], &mut results[at..=at]).expect("runs");
        }
        (results, store.fuel_consumed())
    };
    let expected = run(&module, 0);
    for module in [&Module::new(&engine, &wasm).expect("valid"), &image] {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let (start, run) = (&start, &run);
                    scope.spawn(move || {
                        start.wait();
                        run(module, thread)
                    })
                })
                .collect();
            for thread in threads {
                assert_eq!(thread.join().expect("runs to its end"), expected);
            }
        });
    }
}

// @need-ids: REQ_MODULE_001, REQ_001
#[test]
fn a_store_with_its_paused_call_moves_to_another_thread() {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(guest()).expect("the text is right")).expect("valid");
    let mut store = Store::new(&engine, ());
    let instance = module.instantiate(&mut store).expect("links");
    let func = instance.func(&store, "f150").expect("exported");
    let mut expected = [Val::I32(0)];
    func.call(&mut store, &[Val::I32(1)], &mut expected).expect("runs");
    store.set_fuel(100);
    let paused = func.call_resumable(&mut store, &[Val::I32(1)], &mut [Val::I32(0)]).expect("runs");
    let elsewhere = thread::spawn(move || {
        let ResumableCall::OutOfFuel(paused) = paused else { panic!("the fuel does not suffice") };
        store.set_fuel(1_000_000);
        let mut results = [Val::I32(0)];
        let done = paused.resume(&mut store, &mut results).expect("runs");
        assert!(matches!(done, ResumableCall::Finished));
        results
    });
    assert_eq!(elsewhere.join().expect("runs to its end"), expected);
}
