//! Lowered code means what the bytecode means: the engine and the reference evaluator run the same modules, made at
//! random, and must agree on results, traps, memories, tables, globals and fuel, and on the state at every pause.
//!
//! Cases are seeded: the same ones each time. `PROPTEST_CASES` makes them more, `PROPTEST_RNG_SEED` others.

use crate::reference::engine::{self, Guest, Random, Runs, bounds, in_step};
use crate::reference::machine::{Machine, adding_host};
use crate::reference::{self, generate, guests};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestCaseError, TestRunner};
use wrt::{Engine, Instance, Limits, Module, Store};

/// Units of fuel after which a call is left where it is: generated guests may loop for ever.
const FUEL: u64 = 30_000;

const LIMITS: Limits = Limits { max_frames: 50, max_slots: 5_000, max_memory_bytes: 1 << 20, ..Limits::DEFAULT };

fn runner(cases: u32) -> TestRunner {
    let mut config = Config::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(0x5EED);
    }
    config.failure_persistence = Some(Box::new(FileFailurePersistence::Off));
    config.max_shrink_time = 60_000;
    println!("{} cases, {:?}", config.cases, config.rng_seed);
    TestRunner::new(config)
}

/// Bytes to make a module of; a failure shows the module instead.
#[derive(Clone)]
struct Bytes(Vec<u8>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// Runs a test on modules made of bytes, by way of an image or not, with a seed for arguments and slices.
fn check(lengths: std::ops::Range<usize>, test: impl Fn(&[u8], bool, u64) -> Result<(), TestCaseError>) {
    let strategy = (vec(any::<u8>(), lengths).prop_map(Bytes), any::<bool>(), any::<u64>());
    let result = runner(300).run(&strategy, |(bytes, by_image, seed)| test(&bytes.0, by_image, seed));
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Calls every export on both sides in the same slices, comparing whatever can be seen.
fn compare(wasm: &[u8], by_image: bool, seed: u64) {
    let engine = engine::engine(LIMITS);
    let module = Module::new(&engine, wasm).expect("a module");
    let module = if by_image {
        let image = module.compile().expect("can be lowered");
        Module::new(&engine, image).expect("its own image")
    } else {
        module
    };
    let decoded = reference::Module::new(wasm).expect("a module");
    for runs in Runs::ALL.into_iter().filter(|runs| !by_image || *runs == Runs::ALL[0]) {
        compare_on(runs, &module, &decoded, seed);
    }
}

fn compare_on(runs: Runs, module: &Module, decoded: &reference::Module<'_>, seed: u64) {
    let made = (Guest::new(module, runs), Machine::new(decoded, bounds(&LIMITS), adding_host));
    let (mut guest, mut machine) = match made {
        (Ok(guest), Ok(machine)) => (guest, machine),
        (Err(error), Err(trap)) => return assert_eq!(error.trap().map(wrt::TrapError::trap), Some(trap)),
        (found, expected) => panic!("instantiation: {:?}, expected {:?}", found.err(), expected.err()),
    };
    let mut random = Random(seed);
    for (name, func) in decoded.exported_functions() {
        for _ in 0..2 {
            let types = decoded.func_type(func).params();
            let arguments: Vec<_> = types.iter().map(|ty| random.argument(*ty)).collect();
            in_step(&mut guest, &mut machine, (name, func), &arguments, || random.slice(8000), FUEL);
        }
    }
}

/// Runs a comparison; a panic becomes a failure that shrinks, and shows the module.
fn checked(wasm: &[u8], by_image: bool, seed: u64) -> Result<(), TestCaseError> {
    let compared = std::panic::catch_unwind(|| compare(wasm, by_image, seed));
    compared.map_err(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        let message = message.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let text = wasmprinter::print_bytes(wasm).unwrap_or_else(|error| error.to_string());
        TestCaseError::fail(format!("{}\n{text}", message.unwrap_or_default()))
    })
}

// @need-ids: REQ_017, REQ_FUEL_SCHEDULE_001, REQ_SAFEPOINT_001, REQ_023, REQ_025
#[test]
fn arithmetic_made_at_random_means_the_same_lowered() {
    check(0..1500, |bytes, by_image, seed| {
        let text = generate::module(bytes);
        let wasm = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        checked(&wasm, by_image, seed)
    });
}

/// Functions whose 32-bit addresses are wrapped 64-bit sums, as those of programs that compute with 64 bits. `$x` has all upper bits, and few of the
/// lower ones, so that some accesses are inside.
const WRAPPED: &str = r#"(module (memory 1 1) (global $g (mut i32) (i32.const 0))
    (func (export "loads") (param $x i64) (result i64 i32 i64 i64)
        (local.set $x (i64.and (local.get $x) (i64.const 0xFFFF_FFFF_0001_00FF)))
        (i64.store (i32.wrap_i64 (i64.add (local.get $x) (i64.const -16))) (i64.const 0x1234_5678_9ABC))
        (i64.load (i32.wrap_i64 (i64.add (local.get $x) (i64.const -12))))
        (i32.load offset=2 (i32.wrap_i64 (i64.add (local.get $x) (i64.const -16))))
        (i64.load offset=7 (i32.wrap_i64 (local.get $x)))
        (i64.load offset=9 (i32.wrap_i64 (i64.rotl (local.get $x) (i64.const 0)))))
    (func (export "stores") (param $x i64) (param $y i64) (result i64)
        (local.set $x (i64.and (local.get $x) (i64.const 0xFFFF_FFFF_0001_00FF)))
        (i64.store (i32.wrap_i64 (i64.add (local.get $x) (i64.const 40))) (i64.mul (local.get $y) (local.get $y)))
        (i64.store offset=3 (i32.wrap_i64 (i64.shl (local.get $x) (i64.const 1))) (local.get $y))
        (i64.store offset=3 (i32.wrap_i64 (local.get $x)) (i64.add (local.get $y) (local.get $x)))
        (i64.store16 offset=3 (i32.wrap_i64 (i64.rotl (local.get $x) (i64.const 1))) (i64.const 5))
        (i64.load (i32.wrap_i64 (i64.sub (i64.load (i32.wrap_i64 (local.get $x))) (i64.const 8)))))
    ;; Sums that are no address, wait while their local changes or while a call is made, or are extended.
    (func $id (param i32) (result i32) (local.get 0))
    (func (export "others") (param $x i64) (result i32 i64 i32 i32 i32 i64)
        (i32.wrap_i64 (i64.add (local.get $x) (i64.const 0x7FFF_FFFF)))
        (i64.extend_i32_u (i32.wrap_i64 (i64.add (local.get $x) (i64.const -1))))
        (local.set $x (i64.mul (local.get $x) (i64.const 3)))
        (i32.wrap_i64 (local.get $x))
        (local.set $x (i64.mul (local.get $x) (i64.const 5)))
        (call $id (i32.wrap_i64 (i64.add (local.get $x) (i64.const 1))))
        (global.set $g (i32.wrap_i64 (i64.add (i64.xor (local.get $x) (i64.const 77)) (i64.const 2))))
        (i32.add (i32.wrap_i64 (local.get $x)) (global.get $g))
        (i64.extend_i32_s (i32.wrap_i64 (i64.extend_i32_u (i32.wrap_i64 (local.get $x))))))
    (func (export "branches") (param $x i64) (result i32)
        (local.set $x (i64.or (local.get $x) (i64.const 0x2000_0000_0000)))
        (loop $again (result i32)
            (local.set $x (i64.shr_u (local.get $x) (i64.const 3)))
            (br_if $again (i32.eqz (i32.wrap_i64 (i64.and (local.get $x) (i64.const 0x2000)))))
            (if (result i32) (i32.and (i32.wrap_i64 (local.get $x)) (i32.const 7))
                (then (i32.wrap_i64 (i64.add (local.get $x) (i64.const 9))))
                (else (select (i32.wrap_i64 (local.get $x)) (i32.const 1) (i32.wrap_i64 (local.get $x))))))))"#;

// @need-ids: REQ_017, REQ_IMAGE_003, REQ_SAFEPOINT_001
#[test]
fn wrapped_addresses_mean_the_same_lowered() {
    let wasm = wat::parse_str(WRAPPED).expect("the text is right");
    for seed in 0..200 {
        compare(&wasm, seed % 2 == 0, seed);
    }
}

/// Ends that nothing leads to, with what may stand behind them: ends, jumps, operators that need no code, and some that do.
const DEAD_ENDS: &str = r#"(module (memory 1 1)
    (func (export "both arms") (param i32) (result i32)
        local.get 0
        if (result i32) i32.const 1 return else local.get 0 i32.const 3 i32.add return end)
    (func (export "jumps") (param i32) (result i32)
        (block $out (result i32)
            (block $in
                local.get 0
                if local.get 0 i32.const 7 i32.and br_if $in i32.const 5 br $out
                else i32.const 9 i32.const 8 br $out end
                i32.const 10 local.get 0 drop br $out)
            (loop $again
                local.get 0 i32.const 1 i32.shr_u local.set 0
                local.get 0 i32.const 6 i32.and br_if $again
                local.get 0 return)
            i32.const 11))
    (func (export "nested") (param i32) (result i32)
        (block $a (block $b (block $c
            local.get 0 br_table $a $b $c)
            (block (block (block i32.const 1 return) unreachable) br $a) (i32.store (i32.const 0) (local.get 0)) br $b)
            i32.const 2 return)
        (i32.load offset=4 (i32.const 0)) local.get 0 i32.add)
    (func (export "code behind") (param i32) (result i32)
        (block i32.const 7 i32.const 8 br 0)
        (block (result i32) local.get 0 br 0)
        i32.eqz (if (then i32.const 3 return) (else i32.const 4 return))
        (i32.store (i32.const 0) (i32.const 1))
        (if (i32.load (i32.const 0)) (then nop))
        (loop (br_if 0 (i32.const 0)))
        i32.const 5)
    (func (export "many operands") (param i32) (result i32)
        (block local.get 0 return)
        MANY DROPS i32.const 6))"#;

// @need-ids: REQ_017, REQ_FUEL_SCHEDULE_001, REQ_SAFEPOINT_001, REQ_IMAGE_003
#[test]
fn what_nothing_leads_to_means_the_same_lowered() {
    let text = DEAD_ENDS.replace("MANY", &"local.get 0 ".repeat(100)).replace("DROPS", &"drop ".repeat(100));
    let wasm = wat::parse_str(&text).expect("the text is right");
    for seed in 0..50 {
        compare(&wasm, seed % 2 == 0, seed);
    }
}

/// How many instructions a function takes.
fn instructions(func: &str) -> usize {
    let text = format!("(module (type $s (struct (field i32) (field (ref null $s)))) (type $a (array i8)) {func})");
    let module = Module::new(&engine::engine(Limits::DEFAULT), wat::parse_str(&text).expect("the text is right"));
    let image = module.and_then(|module| module.compile_stripped()).expect("compiles");
    wrt::Image::parse(&image).expect("an image").code.len() / 8
}

// @need-ids: REQ_IMAGE_003, REQ_023
#[test]
fn nothing_is_written_for_what_nothing_leads_to() {
    let arms = "local.get 0 if (result i32) i32.const 1 return else i32.const 2 return end";
    let func = |behind: &str| format!("(func (param i32) (result i32) (block (result i32) {arms} {behind}))");
    // The function's head, the branch, and each arm's head and return.
    let expected = instructions(&func(""));
    assert_eq!(expected, 6);
    for behind in ["return", "br 0", "unreachable", "drop local.get 0 i32.const 3 return"] {
        assert_eq!(instructions(&func(behind)), expected, "{behind}");
    }
    // The negative control: an operator that needs code has it, and so has the return behind it.
    assert_eq!(instructions(&func("i32.clz")), expected + 2);
}

// @need-ids: REQ_IMAGE_003, REQ_023
#[test]
fn what_is_read_of_an_object_goes_to_its_local_at_once() {
    for (ty, read) in [
        ("i32", "struct.get $s 0 (local.get 0)"),
        ("(ref null $s)", "struct.get $s 1 (local.get 0)"),
        ("i32", "array.get_u $a (local.get 1) (i32.const 0)"),
        ("i32", "array.len (local.get 1)"),
        ("i32", "i31.get_s (local.get 2)"),
        ("i32", "ref.test (ref i31) (local.get 2)"),
    ] {
        let func = |body: &str| {
            let params = "(param (ref $s) (ref $a) (ref i31))";
            instructions(&format!("(func {params} (result {ty}) (local {ty}) {body})"))
        };
        let returned = func(&format!("({read})"));
        assert_eq!(func(&format!("(local.set 3 ({read})) (local.get 3)")), returned, "{read}");
        assert_eq!(func(&format!("(local.tee 3 ({read}))")), returned, "{read}");
    }
}

// @need-ids: REQ_IMAGE_003, REQ_SAFEPOINT_001
#[test]
fn a_constant_for_several_slots_beyond_the_window_is_made_once() {
    let unused = "i64 ".repeat(300);
    let module = |constants: [i64; 4]| {
        let set = |(local, value)| format!("(local.set {local} (i64.const {value}))");
        let sets = (300..).zip(constants).map(set).collect::<Vec<_>>().concat();
        let add = |local| format!("(i64.mul (i64.const 10)) (i64.add (local.get {local}))");
        let sum = (300..304).map(add).collect::<Vec<_>>().concat();
        // The call looks at all slots.
        format!(
            "(func $nothing) (func (export \"run\") (result i64) (local {unused} i64 i64 i64 i64) {sets} (call $nothing) (i64.const 0) {sum})"
        )
    };
    let apart = instructions(&module([1, 2, 3, 4]));
    assert_eq!(instructions(&module([7, 7, 7, 7])), apart - 3);
    // Also where others stand between.
    assert_eq!(instructions(&module([7, 1, 7, 1])), apart - 2);
    for constants in [[1, 2, 3, 4], [7, 7, 7, 7], [7, 1, 7, 1]] {
        let wasm = wat::parse_str(format!("(module {})", module(constants))).expect("the text is right");
        let mut store = Store::new(&Engine::default(), ());
        let module = Module::new(store.engine(), &wasm).expect("valid");
        let instance = Instance::new(&mut store, &module, &[]).expect("links");
        let run = instance.get_typed_func::<(), i64>(&mut store, "run").expect("exported");
        let digits = constants.iter().fold(0, |sum, digit| sum * 10 + digit);
        assert_eq!(run.call(&mut store, ()).expect("returns"), digits);
    }
}

/// The scalar language, exported whole, without imports, small.
fn smith_config() -> wasm_smith::Config {
    wasm_smith::Config {
        allow_start_export: false,
        allow_invalid_funcs: false,
        allowed_instructions: wasm_smith::InstructionKinds::all(),
        bulk_memory_enabled: true,
        compact_imports_enabled: false,
        custom_page_sizes_enabled: false,
        exceptions_enabled: false,
        export_everything: true,
        extended_const_enabled: true,
        gc_enabled: false,
        max_data_segments: 3,
        max_element_segments: 3,
        max_funcs: 6,
        max_globals: 6,
        max_imports: 0,
        max_instructions: 200,
        max_memories: 1,
        max_memory32_bytes: 1 << 18,
        max_table_elements: 100,
        max_tables: 2,
        max_tags: 0,
        max_types: 10,
        max_values: 40,
        memory64_enabled: false,
        memory_max_size_required: true,
        min_funcs: 1,
        multi_value_enabled: true,
        reference_types_enabled: true,
        relaxed_simd_enabled: false,
        saturating_float_to_int_enabled: true,
        shared_everything_threads_enabled: false,
        sign_extension_ops_enabled: true,
        simd_enabled: false,
        table_max_size_required: true,
        tail_call_enabled: true,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..wasm_smith::Config::default()
    }
}

// @need-ids: REQ_017, REQ_FUEL_SCHEDULE_001, REQ_SAFEPOINT_001, REQ_023, REQ_025
#[test]
fn any_module_means_the_same_lowered() {
    check(100..3000, |bytes, by_image, seed| {
        let mut source = arbitrary::Unstructured::new(bytes);
        let Ok(module) = wasm_smith::Module::new(smith_config(), &mut source) else {
            return Err(TestCaseError::reject("too few bytes"));
        };
        let wasm = module.to_bytes();
        checked(&wasm, by_image, seed)
    });
}

// The checker refuses an image with more instructions in a segment than four for each unit of its price, eight in wide
// frames.
// @need-ids: REQ_003, REQ_FUEL_SCHEDULE_001, REQ_IMAGE_001
#[test]
fn no_segment_of_a_guest_has_more_instructions_than_its_price_allows() {
    let engine = engine::engine(Limits::DEFAULT);
    for file in guests::all() {
        // Typed function references are not of the scalar core language.
        if file == "tail_ref.wasm" {
            continue;
        }
        let image = Module::new(&engine, guests::read(&file)).and_then(|module| module.compile());
        let image = image.unwrap_or_else(|error| panic!("{file}: {error}"));
        let image = wrt::Image::parse(&image).unwrap_or_else(|error| panic!("{file}: {error}"));
        image.check_code().unwrap_or_else(|error| panic!("{file}: {error}"));
    }
}
