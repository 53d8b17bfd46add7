//! Images that carry bytecode: what a device does with them on the traditional engine is what it does on the stackless one.

use crate::reference::guests;
use wrt::{Config, Engine as Host, Error, ErrorKind, Linker, Module, ResumableCall, Store, Strategy, Val};
use wrt_instructions::Part;
use wrt_runtime::fixed_store::{FixedStore, Instance, Loaded, MemoryRoom, Room, TableRoom};
use wrt_runtime::image::format::{OptionalSection, TypeRecord, ValType};
use wrt_runtime::image::reader::seal;
use wrt_runtime::instr::WINDOW_SLOTS;
use wrt_runtime::stack::{CallState, Frame};
use wrt_runtime::storage::{Entry, FuncInst, Storage};
use wrt_runtime::{Cell, Engine, Execute, Extern, Outcome, Stack, StacklessEngine};
use wrt_safety::{Limits, VerificationLevel};

const CALLS: [(&str, &str, &[u64]); 7] = [
    ("fib.wasm", "fib", &[12]),
    ("quicksort.wasm", "quicksort_rounds", &[100, 1]),
    ("machine.wasm", "machine", &[1]),
    ("sha256.wasm", "chain", &[10, 1]),
    ("vtable.wasm", "shapes", &[1]),
    ("dispatch.wasm", "closures", &[10, 7]),
    ("nbody.wasm", "nbody", &[1]),
];

/// Fuel that a run gets at a time, and how often.
const SLICE: u64 = 1000;
const SLICES: u32 = 10_000;

fn image(file: &str) -> Vec<u8> {
    let module = Module::new(&Host::default(), guests::read(file)).expect("a module");
    module.compile_with_bytecode().expect("an image")
}

/// What a call came to: where it stopped each time, what fuel was left, and the stack at its end.
type Found = (Vec<(Outcome, u64)>, Vec<u64>);

/// Calls an export in slices of fuel, at most so many. `None`: the image was refused, or has no such export.
fn run(image: &[u8], engine: &mut dyn Execute, (export, arguments): (&str, &[u64]), slices: u32) -> Option<Found> {
    let (mut elements, mut bytes) = (vec![0; 64], vec![0; 2 << 20]);
    let mut tables = [TableRoom::new(&mut elements)];
    let mut memories = [MemoryRoom::new(&mut bytes)];
    let (mut modules, mut instances) = ([Loaded::default()], [Instance::default()]);
    let mut cells = vec![Cell::default(); 1 << 16];
    let (mut words, mut entries, mut funcs) = (vec![0; 1024], [Entry::default(); 128], [FuncInst::default(); 128]);
    let room = Room {
        modules: &mut modules,
        instances: &mut instances,
        funcs: &mut funcs,
        types: &mut [TypeRecord::default(); 64],
        val_types: &mut [ValType::default(); 128],
        globals: &mut [0; 32],
        global_types: &mut [None; 32],
        tables: &mut tables,
        memories: &mut memories,
        tags: &mut [],
        objects: &mut [],
        handles: &mut [],
        words: &mut words,
        entries: &mut entries,
        cells: &mut cells,
    };
    let limits = Limits { max_total_memory_bytes: 2 << 20, max_memory_bytes: 2 << 20, ..Limits::DEFAULT };
    let mut store = FixedStore::new(&limits, room);
    let module = store.load(image).ok()?;
    let instance = store.instantiate(module, &[]).ok()?;
    let Some(Extern::Func(addr)) = store.export(instance, export) else { return None };
    let (mut slots, mut frames) = (vec![0; WINDOW_SLOTS + 4000], vec![Frame::default(); 200]);
    let mut state = CallState::IDLE;
    let mut stack = Stack::new(&mut slots, &mut frames, 200, &mut state);
    let index = store.func(addr)?.index;
    let mut stops = Vec::new();
    let mut outcome = engine.execute(&mut store, &mut stack, instance, index, 0, arguments);
    for _ in 0..slices {
        stops.push((outcome, engine.remaining_fuel()));
        let Outcome::OutOfFuel { .. } = outcome else { break };
        engine.set_fuel(engine.remaining_fuel() + SLICE);
        outcome = engine.resume(&mut store, &mut stack);
    }
    Some((stops, slots))
}

// @need-ids: REQ_TRADITIONAL_002, REQ_ONE_STATE_001
#[test]
fn a_device_runs_bytecode_from_an_image_as_it_runs_register_code() {
    for (file, export, arguments) in CALLS {
        let image = image(file);
        let mut stackless = StacklessEngine::new(VerificationLevel::Standard);
        let mut traditional = Engine::new(VerificationLevel::Standard);
        let (stops, slots) = run(&image, &mut stackless, (export, arguments), SLICES).expect("runs");
        let (twins, twin) = run(&image, &mut traditional, (export, arguments), SLICES).expect("runs");
        assert!(stops.len() > 1, "{file}: {stops:?}");
        assert_eq!(stops.last().map(|(outcome, _)| *outcome), Some(Outcome::Finished), "{file}");
        assert_eq!(stops, twins, "{file}");
        assert_eq!(slots.first(), twin.first(), "{file}");
        let module = Module::new(&Host::default(), guests::read(file)).expect("a module");
        let alone = module.compile_bytecode().expect("an image");
        assert!(alone.len() < image.len(), "{file}");
        let mut traditional = Engine::new(VerificationLevel::Standard);
        let (alone, _) = run(&alone, &mut traditional, (export, arguments), SLICES).expect("runs");
        assert_eq!(stops, alone, "{file}");
    }
}

/// What a host makes of a call of `add`, `nest` or `trap` of an image: results, or the trap with its frames; and the fuel. The engine
/// changes at each pause, in this order.
fn on_host(image: &[u8], strategies: &[Strategy], (export, argument): (&str, i32)) -> Result<(String, u64), Error> {
    let first = *strategies.first().expect("an engine");
    let engine = Host::new(&Config::new().strategy(first).verification(VerificationLevel::Full));
    let module = Module::new(&engine, image)?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    let func = instance.get_func(&store, export).expect("an export");
    let mut results = [Val::I32(0)];
    store.set_fuel(0);
    let mut turns = strategies.iter().cycle().skip(1);
    let mut call = func.call_resumable(&mut store, &[Val::I32(argument)], &mut results);
    let said = loop {
        match call {
            Ok(ResumableCall::OutOfFuel(_)) if store.fuel_consumed() > 20_000 => break "goes on".into(),
            Ok(ResumableCall::OutOfFuel(paused)) => {
                store.set_strategy(*turns.next().expect("an engine"));
                store.add_fuel(7);
                call = paused.resume(&mut store, &mut results);
            }
            Ok(_) => break format!("{results:?}"),
            Err(error) => match error.trap() {
                Some(trap) => {
                    let frames = trap.backtrace.frames.iter().map(|frame| (frame.func, frame.offset));
                    break format!("{} {:x?}", trap.trap(), frames.collect::<Vec<_>>());
                }
                None => return Err(error),
            },
        }
    };
    Ok((said, store.fuel_consumed()))
}

/// Functions with calls, a loop, a branch table, an exception that is caught, and a trap at the end of a chain of calls.
const HOSTED: &str = r#"(module
    (memory 1) (tag $e (param i32))
    (func $nest (export "nest") (param i32) (result i32)
        (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1))
            (else (i32.add (call $nest (i32.sub (local.get 0) (i32.const 1))) (local.get 0)))))
    (func (export "add") (param i32) (result i32) (local i32)
        (loop $next
            (local.set 1 (i32.add (local.get 1) (local.get 0)))
            (i32.store (local.get 0) (local.get 1))
            (block (block (block (br_table 0 1 2 (i32.and (local.get 0) (i32.const 3))))) (local.set 1 (i32.const 5)))
            (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (block $caught (result i32)
            (try_table (catch $e $caught) (call $throw (local.get 1)))
            (i32.const 0)))
    (func $throw (param i32) (throw $e (local.get 0)))
    (func (export "trap") (param i32) (result i32)
        (i32.div_u (i32.const 1) (call $nest (i32.const 3))) drop
        (i32.load offset=65530 (local.get 0))))"#;

// @need-ids: REQ_TRADITIONAL_002, REQ_ONE_STATE_001, REQ_LOCKSTEP_001, REQ_FUEL_SCHEDULE_001
#[test]
fn a_host_runs_bytecode_of_an_image_as_it_runs_the_module() {
    use Strategy::{Lockstep, Stackless, Traditional};
    let wasm = wat::parse_str(HOSTED).expect("text");
    let module = Module::new(&Host::default(), &wasm).expect("a module");
    let both = module.compile_with_bytecode().expect("an image");
    let alone = module.compile_bytecode().expect("an image");
    for call in [("add", 40), ("nest", 9), ("trap", 20)] {
        let expected = on_host(&wasm, &[Stackless], call).expect("runs");
        assert!(expected.0.contains(if call.0 == "trap" { "out of bounds" } else { "I32" }), "{expected:?}");
        for strategies in
            [&[Stackless][..], &[Traditional], &[Lockstep], &[Stackless, Traditional], &[Traditional, Lockstep]]
        {
            assert_eq!(on_host(&both, strategies, call).expect("runs"), expected, "{call:?} {strategies:?}");
        }
        assert_eq!(on_host(&alone, &[Traditional], call).expect("runs"), expected, "{call:?}");
    }
}

// A host translates positions besides, from one engine to the other and for backtraces.
// @need-ids: REQ_TRADITIONAL_002, REQ_IMAGE_001
#[test]
fn changed_bytecode_and_side_tables_do_a_host_no_harm() {
    use Strategy::{Stackless, Traditional};
    let module = Module::new(&Host::default(), wat::parse_str(HOSTED).expect("text")).expect("a module");
    let (mut seed, mut refused, mut changed) = (5, 0, 0);
    for (image, strategies) in [
        (module.compile_bytecode().expect("an image"), &[Traditional][..]),
        (module.compile_with_bytecode().expect("an image"), &[Traditional, Stackless]),
    ] {
        let from = sections(&image);
        for call in [("add", 12), ("nest", 5), ("trap", 20)] {
            let sound = on_host(&image, strategies, call).expect("runs");
            for _ in 0..300 {
                let mut image = image.clone();
                let at = from + random(&mut seed) % (image.len() - from);
                image[at] ^= 1 << (random(&mut seed) % 8);
                seal(&mut image).expect("a header");
                match on_host(&image, strategies, call) {
                    Ok(found) => changed += u32::from(found != sound),
                    Err(_) => refused += 1,
                }
            }
        }
    }
    assert!(refused > 100 && changed > 100, "{refused} refused, {changed} changed");
}

// @need-ids: REQ_TRADITIONAL_002, REQ_ERROR_003
#[test]
fn what_an_image_lacks_for_an_engine_is_told_with_how_to_compile_it() {
    use Strategy::{Lockstep, Stackless, Traditional};
    let module = Module::new(&Host::default(), wat::parse_str(HOSTED).expect("text")).expect("a module");
    let alone = module.compile_bytecode().expect("an image");
    let plain = module.compile().expect("an image");
    let stripped = module.compile_stripped_with_bytecode().expect("an image");
    for (image, strategy, advice) in [
        (&alone, Stackless, "`--engine both`"),
        (&alone, Lockstep, "`--engine both`"),
        (&plain, Traditional, "`--engine both`"),
        (&plain, Lockstep, "`--engine both`"),
        (&stripped, Lockstep, "--strip"),
    ] {
        let error = on_host(image, &[strategy], ("nest", 3)).expect_err("nothing to run");
        assert!(error.kind() == ErrorKind::Unsupported && error.to_string().contains(advice), "{strategy:?}: {error}");
    }
    assert!(
        on_host(&stripped, &[Stackless], ("nest", 3)).is_ok()
            && on_host(&stripped, &[Traditional], ("nest", 3)).is_ok()
    );
    // Nothing else can be made of it either.
    let alone = Module::new(&Host::default(), &alone).expect("an image");
    let error = alone.compile_stripped().expect_err("no register code");
    assert!(error.to_string().contains("bytecode alone"), "{error}");
}

// @need-ids: REQ_TRADITIONAL_002, REQ_ERROR_003
#[test]
fn an_image_of_bytecode_alone_has_nothing_for_the_other_engine() {
    let module = Module::new(&Host::default(), guests::read("fib.wasm")).expect("a module");
    let image = module.compile_bytecode().expect("an image");
    let mut engine = StacklessEngine::new(VerificationLevel::Standard);
    let (stops, _) = run(&image, &mut engine, ("fib", &[3]), SLICES).expect("loads");
    assert!(matches!(stops[..], [(Outcome::Trapped(_), _)]), "{stops:?}");
}

// @need-ids: REQ_TRADITIONAL_002
#[test]
fn without_bytecode_the_traditional_engine_says_that_it_is_missing() {
    let module = Module::new(&Host::default(), guests::read("fib.wasm")).expect("a module");
    let image = module.compile_stripped().expect("an image");
    let mut engine = Engine::new(VerificationLevel::Standard);
    let (stops, _) = run(&image, &mut engine, ("fib", &[3]), SLICES).expect("loads");
    assert!(!matches!(stops.last(), Some((Outcome::Finished | Outcome::OutOfFuel { .. }, _))), "{stops:?}");
}

/// Where the sections that only the traditional engine reads begin in an image: the last ones.
fn sections(image: &[u8]) -> usize {
    let bodies = (OptionalSection::TraditionalBodies as u32).to_le_bytes();
    let funcs = wrt_runtime::Image::parse(image).expect("an image").funcs.len();
    let length = u32::try_from(funcs * OptionalSection::TraditionalBodies.record_bytes()).expect("few");
    let header = [bodies, length.to_le_bytes()].concat();
    (0..image.len()).rev().find(|at| image[*at..].starts_with(&header)).expect("bytecode")
}

/// The parts of the language that the bytecode of an image says it needs.
fn parts(image: &[u8]) -> u32 {
    let kind = (OptionalSection::Bytecode as u32).to_le_bytes();
    let mut rest = &image[sections(image)..];
    loop {
        let (header, after) = rest.split_at(8);
        let length = u32::from_le_bytes(header[4..].try_into().expect("four")) as usize;
        if header[..4] == kind {
            return u32::from_le_bytes(after[4..8].try_into().expect("four"));
        }
        rest = &after[length..];
    }
}

// @need-ids: REQ_PARTS_001, REQ_TRADITIONAL_002
#[test]
fn bytecode_says_which_parts_of_the_language_it_needs() {
    let operators = [
        ("(drop (i32.add (i32.const 1) (i32.const 2)))", None),
        ("(drop (i32.reinterpret_f32 (f32.neg (f32.const 1))))", None),
        ("(drop (f32.add (f32.const 1) (f32.const 1)))", Some(Part::Float)),
        ("(drop (f64.lt (f64.const 1) (f64.const 1)))", Some(Part::Float)),
        ("(drop (f64.convert_i32_s (i32.const 1)))", Some(Part::Float)),
        ("(drop (i64.trunc_sat_f64_u (f64.const 1)))", Some(Part::Float)),
        ("(drop (i32.load (i32.const 1)))", None),
        ("(drop (v128.const i64x2 1 2))", Some(Part::Simd)),
        ("(memory.init $d (i32.const 0) (i32.const 0) (i32.const 0))", Some(Part::Bulk)),
        ("(data.drop $d)", Some(Part::Bulk)),
        ("(memory.copy (i32.const 0) (i32.const 0) (i32.const 0))", None),
        ("(drop (table.get $t (i32.const 0)))", Some(Part::References)),
        ("(drop (table.size $t))", Some(Part::References)),
        ("(drop (ref.func $f))", Some(Part::References)),
        ("(call_indirect (type $f) (i32.const 0))", None),
        ("(return_call $f)", Some(Part::TailCalls)),
        ("(throw $e)", Some(Part::Exceptions)),
        ("(try_table)", Some(Part::Exceptions)),
        ("(atomic.fence)", Some(Part::Threads)),
        ("(drop (ref.i31 (i32.const 1)))", Some(Part::Gc)),
        ("(drop (i32.atomic.load (i32.const 0)))", Some(Part::Threads)),
        ("(unreachable) (drop (f32.add (f32.const 1) (f32.const 1)))", None),
    ];
    for (operator, part) in operators {
        let text = format!(
            "(module (memory 1) (data $d \"x\") (table $t 1 funcref) (tag $e) (type $f (func)) (elem declare func $f)
                (func $f (type $f)) (func {operator}))"
        );
        let module = Module::new(&Host::default(), wat::parse_str(&text).expect("text")).expect("a module");
        let image = module.compile_bytecode().expect("an image");
        assert_eq!(parts(&image), part.map_or(0, Part::bit), "{operator}");
    }
}

// @need-ids: REQ_PARTS_001, REQ_IMAGE_001
#[test]
fn an_image_names_the_parts_of_the_language_that_it_needs() {
    let modules = [
        ("(memory 1) (table 1 funcref) (global i32 (i32.const 1)) (func (drop (i32.load (i32.const 1))))", 0),
        ("(func (param f64) (result f32) (f32.neg (f32.const 1)))", 0),
        ("(func (param f32) (result f32) (f32.add (local.get 0) (local.get 0)))", Part::Float.bit()),
        ("(func (param v128))", Part::Simd.bit()),
        ("(memory 1) (data \"x\")", Part::Bulk.bit()),
        ("(table 1 externref)", Part::References.bit()),
        ("(tag)", Part::Exceptions.bit()),
        ("(memory i64 1)", Part::Memories.bit()),
        ("(func $f (return_call $f))", Part::TailCalls.bit()),
        ("(memory 1 1 shared) (func (result i32) (i32.atomic.load (i32.const 0)))", Part::Threads.bit()),
        ("(import \"m\" \"g\" (global i32))", Part::Linking.bit()),
        (
            "(type $s (struct (field i32))) (func (param (ref $s)) (result i32) (struct.get $s 0 (local.get 0)))",
            Part::Gc.bit() | Part::References.bit(),
        ),
    ];
    for (fields, parts) in modules {
        let module = wat::parse_str(format!("(module {fields})")).expect("text");
        let module = Module::new(&Host::default(), module).expect("a module");
        for image in [module.compile(), module.compile_with_bytecode()] {
            let image = image.expect("an image");
            let (header, _) = wrt_runtime::image::format::Header::read(&image).expect("a header");
            assert_eq!(header.parts.get(), parts, "{fields}");
        }
    }
}

// Register code has a part for each row, and devices without it refuse both forms alike.
// @need-ids: REQ_PARTS_001, REQ_TRADITIONAL_002
#[test]
fn bytecode_needs_the_parts_that_register_code_needs() {
    // What records tell of, and needs no operator.
    let told = [Part::Memories, Part::WideFrames, Part::Linking].map(Part::bit).iter().sum::<u32>();
    for name in guests::all() {
        let module = Module::new(&Host::default(), guests::read(&name)).expect("a module");
        let image = module.compile_with_bytecode().expect("an image");
        let mut instrs = wrt_runtime::Image::parse(&image).expect("an image").instrs();
        let mut register = 0;
        while let Some(instr) = instrs.next() {
            let row = instr.op().row().expect("an instruction");
            for _ in 0..row.data_words() {
                instrs.next();
            }
            register |= row.part().map_or(0, Part::bit);
        }
        assert_eq!(parts(&image), register & !told, "{name}");
    }
}

/// A generator that is the same everywhere (splitmix64).
fn random(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    usize::try_from((z ^ (z >> 31)) >> 8).expect("56 bits")
}

// @need-ids: REQ_TRADITIONAL_002, REQ_IMAGE_001
#[test]
fn changed_bytecode_and_side_tables_are_refused_trap_or_compute_nonsense_and_pause_without_fuel() {
    let (mut seed, mut refused, mut changed) = (1, 0, 0);
    for (file, export, arguments) in CALLS {
        let image = image(file);
        let from = sections(&image);
        let sound = run(&image, &mut Engine::new(VerificationLevel::Standard), (export, arguments), 20);
        for _ in 0..300 {
            let mut image = image.clone();
            for _ in 0..=(random(&mut seed) % 3) {
                let at = from + random(&mut seed) % (image.len() - from);
                image[at] ^= 1 << (random(&mut seed) % 8);
            }
            seal(&mut image).expect("a header");
            // Each of the slices of fuel comes to an end, or this does not.
            let found = run(&image, &mut Engine::new(VerificationLevel::Standard), (export, arguments), 20);
            refused += u32::from(found.is_none());
            changed += u32::from(found != sound);
        }
    }
    assert!(refused > 10 && changed > 100, "{refused} refused, {changed} changed");
}
