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

/// A module of many functions with so much code that threads share it; functions of these places return nothing where they should return a
/// number.
fn large(wrong: &[usize]) -> Vec<u8> {
    use core::fmt::Write as _;
    let mut text = String::from("(module ");
    for i in 0..4_000 {
        let result = if wrong.contains(&i) { "" } else { "(i32.const 7)" };
        let sums = "(drop (i32.add (local.get 0) (i32.const 123456789)))".repeat(10);
        let _ = write!(text, "(func $f{i} (export \"f{i}\") (param i32) (result i32) {sums} {result})");
    }
    wat::parse_str(text + ")").expect("the text is right")
}

/// What comes of loading on so many threads.
fn loaded(bytes: &[u8], threads: usize) -> Result<usize, (Option<usize>, String)> {
    let threads = threads.try_into().expect("not none");
    let engine = Engine::new(&wrt::Config::new().validation_threads(threads));
    match Module::new(&engine, bytes) {
        Ok(module) => Ok(module.exports().len()),
        Err(error) => Err((error.offset(), error.to_string())),
    }
}

// @need-ids: REQ_PERF_003, REQ_WASM_001
#[test]
fn a_module_is_loaded_or_refused_alike_on_any_number_of_threads() {
    let good = large(&[]);
    assert!(good.len() > 400_000, "less would not be shared");
    // Bodies that are wrong, early, late and in several threads' parts; and what is wrong behind the bodies, which is told if they are right.
    let mut cut = good.clone();
    cut.extend_from_slice(&[11, 200]);
    let mut wrong_and_cut = large(&[3_990]);
    wrong_and_cut.extend_from_slice(&[11, 200]);
    let refused =
        [large(&[0]), large(&[3_999]), large(&[70, 71, 200, 2_500]), large(&[1_000, 3_000]), cut, wrong_and_cut];
    let mut told = std::collections::BTreeSet::new();
    for bytes in &refused {
        let alone = loaded(bytes, 1);
        told.insert(alone.clone().expect_err("wrong"));
        for threads in [2, 3, 8, 1_000] {
            for _ in 0..5 {
                assert_eq!(loaded(bytes, threads), alone, "{threads} threads");
            }
        }
    }
    assert_eq!(told.len(), refused.len(), "each is told of its own place");
    for threads in [1, 2, 16] {
        assert_eq!(loaded(&good, threads), Ok(4_000));
    }
    assert_eq!(
        Engine::new(&wrt::Config::new().validation_threads(1_000.try_into().expect("not none"))).validation_threads(),
        wrt::MAX_VALIDATION_THREADS
    );
}
