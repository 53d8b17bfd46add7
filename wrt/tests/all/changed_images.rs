//! Images with a bit of all of the language, changed in their code: they are refused, trap, or compute nonsense and pause without fuel.

use wrt::{Config, Engine as Host, Module};
use wrt_instructions::Trap;
use wrt_runtime::fixed_store::{FixedStore, Instance, Loaded, MemoryRoom, Room, TableRoom};
use wrt_runtime::heap::Handle;
use wrt_runtime::image::format::{Header, OptionalSection, Section, TypeRecord, ValType};
use wrt_runtime::image::reader::seal;
use wrt_runtime::instr::WINDOW_SLOTS;
use wrt_runtime::stack::{CallState, Frame};
use wrt_runtime::storage::{Entry, FuncInst};
use wrt_runtime::{Cell, Engine, Execute, Extern, Image, Outcome, Stack, StacklessEngine, Storage};
use wrt_safety::{Limits, VerificationLevel};

/// What all functions name.
const COMMON: &str = r#"
    (type $unary (func (param i32) (result i32)))
    (type $open (sub (func (param i32) (result i32))))
    (type $below (sub final $open (func (param i32) (result i32))))
    (type $s (sub (struct (field (mut i32)) (field (mut i8)) (field (mut v128)) (field (mut anyref)))))
    (type $t (sub $s (struct (field (mut i32)) (field (mut i8)) (field (mut v128)) (field (mut anyref)) (field i64))))
    (type $b (array (mut i8)))
    (type $w (array (mut v128)))
    (type $r (array (mut anyref)))
    (type $f (array (mut funcref)))
    (memory $m 1 1 shared) (memory $n 1) (memory $o 1) (memory $p 1) (memory $q 1)
    (table $t0 4 funcref) (table $t1 4 funcref) (table $t2 4 funcref)
    (global $g (mut v128) (v128.const i64x2 1 2)) (global $h (mut i32) (i32.const 3))
    (data $d "0123456789abcdef0123456789abcdef") (elem $e funcref (ref.func $leaf) (ref.func $subtype) (ref.null func))
    (elem (table $t0) (i32.const 0) func $leaf $subtype) (elem (table $t1) (i32.const 0) func $leaf $subtype)
    (elem (table $t2) (i32.const 0) func $leaf $subtype) (elem declare func $leaf $subtype)
    (tag $x (param i32 v128)) (tag $y)
    (func $leaf (type $unary) (i32.add (local.get 0) (i32.const 1)))
    (func $subtype (type $below) (i32.sub (local.get 0) (i32.const 1)))"#;

/// Functions of an `i32`, each with operators of a kind.
const FUNCTIONS: [&str; 12] = [
    // Objects.
    "(local $s (ref null $s)) (local $a (ref null $b)) (local $w (ref null $w)) (local $r (ref null $r)) (local $f (ref null $f))
        (local.set $s (struct.new $t (local.get 0) (i32.const 2) (global.get $g) (ref.i31 (i32.const 4)) (i64.const 5)))
        (struct.set $s 2 (local.get $s) (v128.const i64x2 7 8))
        (struct.set $s 1 (local.get $s) (i32.const 200))
        (global.set $g (struct.get $s 2 (local.get $s)))
        (local.set $a (array.new_data $b $d (i32.const 1) (i32.const 9)))
        (array.init_data $b $d (local.get $a) (i32.const 2) (i32.const 0) (i32.const 3))
        (array.fill $b (local.get $a) (i32.const 1) (i32.const 7) (i32.const 4))
        (array.copy $b $b (local.get $a) (i32.const 0) (local.get $a) (i32.const 3) (i32.const 4))
        (local.set $w (array.new $w (global.get $g) (i32.const 3)))
        (array.set $w (local.get $w) (i32.const 1) (array.get $w (local.get $w) (i32.const 2)))
        (local.set $w (array.new_fixed $w 2 (global.get $g) (global.get $g)))
        (local.set $r (array.new_default $r (i32.const 4)))
        (array.set $r (local.get $r) (i32.const 1) (local.get $s))
        (local.set $f (array.new_elem $f $e (i32.const 0) (i32.const 2)))
        (array.init_elem $f $e (local.get $f) (i32.const 0) (i32.const 1) (i32.const 2))
        (i32.add
            (i32.add (array.get_s $b (local.get $a) (i32.const 2)) (array.get_u $b (local.get $a) (i32.const 3)))
            (i32.add (struct.get_s $s 1 (local.get $s)) (array.len (local.get $r))))",
    // Casts.
    "(local $any anyref) (local $s (ref null $s))
        (local.set $any (struct.new_default $s))
        (if (i32.and (local.get 0) (i32.const 1)) (then (local.set $any (ref.i31 (i32.const 9)))))
        (block $is (result (ref $s))
            (drop (br_on_cast $is anyref (ref $s) (local.get $any)))
            (block $not (result anyref)
                (br_on_cast_fail $not anyref (ref i31) (local.get $any))
                (return (i31.get_s)))
            (drop) (return (i32.const 1)))
        (local.set $s)
        (block $null (br_on_null $null (local.get $s)) (drop))
        (block $there (result (ref $s)) (br_on_non_null $there (local.get $s)) (unreachable))
        (drop)
        (i32.add (ref.test (ref $t) (local.get $any))
            (i32.add (ref.eq (local.get $s) (ref.null none))
                (struct.get $s 0 (ref.cast (ref $s) (local.get $any)))))",
    // Exceptions.
    "(local $v v128) (local $e exnref)
        (block $one (result i32 v128)
            (try_table (catch $x $one) (call $throws (local.get 0)))
            (i32.const 3) (global.get $g))
        (local.set $v) (local.set 0)
        (block $two (result i32 v128 exnref)
            (try_table (catch_ref $x $two) (call $throws (local.get 0)))
            (i32.const 3) (global.get $g) (ref.null exn))
        (local.set $e) (local.set $v) (drop)
        (block $three (result i32 v128)
            (try_table (catch $x $three) (throw_ref (local.get $e)))
            (unreachable))
        (local.set $v) (drop)
        (block $four (result exnref)
            (try_table (catch_all_ref $four) (throw $y))
            (unreachable))
        (drop)
        (block $five (try_table (catch_all $five) (throw $y)))
        (local.get 0)",
    // Calls.
    "(local.set 0 (call_indirect $t0 (type $unary) (local.get 0) (i32.const 0)))
        (local.set 0 (call_indirect $t1 (type $unary) (local.get 0) (i32.const 0)))
        (local.set 0 (call_indirect $t2 (type $open) (local.get 0) (i32.const 1)))
        (local.set 0 (call_ref $unary (local.get 0) (ref.func $leaf)))
        (local.set 0 (call_ref $open (local.get 0) (ref.func $subtype)))
        (if (i32.eq (local.get 0) (i32.const 2)) (then (return_call_ref $open (local.get 0) (ref.func $subtype))))
        (if (i32.eq (local.get 0) (i32.const 3)) (then (return_call $leaf (local.get 0))))
        (return_call_indirect $t1 (type $open) (local.get 0) (i32.const 1))",
    // Memories and tables.
    "(memory.fill $m (i32.const 3) (i32.const 7) (i32.const 40)) (memory.copy $m $n (i32.const 3) (i32.const 7) (i32.const 40))
        (memory.copy $q $q (i32.const 3) (i32.const 7) (i32.const 40)) (memory.init $m $d (i32.const 9) (i32.const 1) (i32.const 8))
        (table.init $t0 $e (i32.const 1) (i32.const 0) (i32.const 2)) (table.copy $t0 $t2 (i32.const 1) (i32.const 0) (i32.const 2))
        (table.fill $t1 (i32.const 1) (ref.null func) (i32.const 2))
        (table.set $t1 (i32.const 1) (table.get $t0 (i32.const 0))) (table.set $t2 (i32.const 1) (table.get $t2 (i32.const 0)))
        (i64.store $q offset=8 (local.get 0) (i64.load $n (local.get 0)))
        (v128.store $q (local.get 0) (v128.load8_lane $q 3 (local.get 0) (global.get $g)))
        (v128.store16_lane $m 2 (local.get 0) (v128.load $n (local.get 0)))
        (drop (i32.atomic.rmw.add $m (i32.const 8) (local.get 0))) (drop (i32.atomic.load8_u $q (i32.const 8)))
        (i32.atomic.store $m (i32.const 4) (local.get 0)) (drop (memory.atomic.notify $m (i32.const 4) (i32.const 1)))
        (drop (memory.grow $n (i32.const 0))) (drop (table.grow $t2 (ref.null func) (i32.const 0)))
        (data.drop $d) (elem.drop $e)
        (i32.add (i32.add (memory.size $q) (memory.size $m)) (i32.add (table.size $t2) (ref.is_null (table.get $t1 (i32.const 0)))))",
    // Pairs of slots, and what is told apart by them.
    "(local $v v128) (local $u v128)
        (local.set $v (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (global.get $g) (v128.const i64x2 3 4)))
        (local.set $u (local.tee $v (i32x4.add (local.get $v) (i32x4.splat (local.get 0)))))
        (drop (local.get $u))
        (local.set $v (select (local.get $v) (local.get $u) (local.get 0)))
        (local.set $v (select (result v128) (local.get $v) (local.get $u) (local.get 0)))
        (local.set $v (i8x16.shl (v128.bitselect (local.get $v) (local.get $u) (global.get $g)) (local.get 0)))
        (local.set $v (f64x2.replace_lane 1 (i16x8.neg (local.get $v)) (f64.const 2)))
        (i32.add (i8x16.extract_lane_s 3 (local.get $v)) (v128.any_true (local.get $u)))",
    // Control, floats, wide arithmetic.
    "(local $i i32) (local $l i64)
        (loop $again (result i32)
            (block $b (block $a (br_table $a $b $a (i32.and (local.get 0) (i32.const 3)))) (local.set $i (i32.add (local.get $i) (i32.const 5))))
            (drop (i32.trunc_sat_f64_s (f64.sqrt (f64.convert_i32_s (local.get $i)))))
            (i64.add128 (i64.const 1) (local.get $l) (i64.const 3) (i64.const 4)) (local.set $l) (drop)
            (i64.mul_wide_u (local.get $l) (i64.const -3)) (local.set $l) (drop)
            (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
            (br_if $again (i32.gt_s (local.get 0) (i32.const 0)))
            (global.set $h (i32.add (global.get $h) (local.get $i)))
            (if (result i32) (i64.eqz (local.get $l)) (then (i32.wrap_i64 (local.get $l))) (else (global.get $h))))",
    // A wide frame.
    "(local i64 WIDE v128)
        (local.set 270 (local.get 1)) (local.set 271 (global.get $g))
        (local.set 0 (call $three (i32.const 1) (local.get 0) (i32.const 3))) (drop)
        (memory.copy $m $m (i32.const 3) (i32.const 7) (i32.const 40))
        (global.set $g (i64x2.add (local.get 271) (global.get $g)))
        (return_call $leaf (i32.add (local.get 0) (i32.wrap_i64 (local.get 270))))",
    // A call whose arguments stand on both sides of the scratch slots.
    "(local SPLIT)
        TALL
        (call $three (i32.const 1) (local.get 0) (i32.const 3)) (i32.add)",
    // Last calls alone.
    "(return_call_indirect $t1 (type $open) (local.get 0) (i32.const 1))",
    "(return_call $leaf (local.get 0))",
    // Recursion.
    "(if (i32.le_s (local.get 0) (i32.const 1)) (then (return (i32.const 1))))
        (i32.add (call $SELF (i32.sub (local.get 0) (i32.const 1))) (call $SELF (i32.sub (local.get 0) (i32.const 2))))",
];

const HELPERS: &str = "
    (func $throws (param i32) (throw $x (local.get 0) (v128.const i64x2 5 6)))
    (func $three (param i32 i32 i32) (result i32 i32) (local.get 0) (i32.add (local.get 1) (local.get 2)))";

/// The image of each function, with what it names.
fn images(compile: impl Fn(&Module) -> Vec<u8>) -> Vec<Vec<u8>> {
    let engine = Host::new(&Config::new().wasm_wide_arithmetic(true));
    let image = |body: &&str| {
        let body = body.replace("WIDE", &"i64 ".repeat(269)).replace("SELF", "run");
        let body = body.replace("SPLIT", &"i64 ".repeat(245));
        let body = body.replace("TALL", &["(i64.const 9)", "(drop)"].map(|one| one.repeat(40)).concat());
        let text = format!("(module {COMMON} {HELPERS} (func $run (export \"run\") (type $unary) {body}))");
        let module = Module::new(&engine, wat::parse_str(text).expect("the text is right")).expect("valid");
        compile(&module)
    };
    FUNCTIONS.iter().map(image).collect()
}

/// Calls the export in slices of fuel, at most so many. `None`: the image was refused, or no instance could be made.
fn run(image: &[u8], engine: &mut dyn Execute, argument: u64) -> Option<(Outcome, u64)> {
    let mut elements = vec![0; 3 * 64];
    let mut bytes = vec![0; 5 << 16];
    let mut tables: Vec<_> = elements.chunks_mut(64).map(TableRoom::new).collect();
    let mut memories: Vec<_> = bytes.chunks_mut(1 << 16).map(MemoryRoom::new).collect();
    let (mut modules, mut instances) = ([Loaded::default()], [Instance::default()]);
    let mut cells = vec![Cell::default(); 2048];
    let (mut words, mut entries, mut funcs) = (vec![0; 256], [Entry::default(); 16], [FuncInst::default(); 16]);
    let (mut objects, mut handles) = ([0; 128], [Handle::NONE; 32]);
    let room = Room {
        modules: &mut modules,
        instances: &mut instances,
        funcs: &mut funcs,
        types: &mut [TypeRecord::default(); 64],
        val_types: &mut [ValType::default(); 256],
        globals: &mut [0; 8],
        global_types: &mut [None; 8],
        tables: &mut tables,
        memories: &mut memories,
        tags: &mut [0; 4],
        objects: &mut objects,
        handles: &mut handles,
        words: &mut words,
        entries: &mut entries,
        cells: &mut cells,
    };
    let mut store = FixedStore::new(&Limits::DEFAULT, room);
    let module = store.load(image).ok()?;
    let instance = store.instantiate(module, &[]).ok()?;
    let Some(Extern::Func(addr)) = store.export(instance, "run") else { return None };
    let index = store.func(addr)?.index;
    let (mut slots, mut frames) = (vec![0; WINDOW_SLOTS + 1_000], [Frame::default(); 20]);
    let mut state = CallState::IDLE;
    let mut stack = Stack::new(&mut slots, &mut frames, 16, &mut state);
    engine.set_fuel(0);
    let mut outcome = engine.execute(&mut store, &mut stack, instance, index, 0, &[argument]);
    for _ in 0..40 {
        match outcome {
            Outcome::OutOfFuel { .. } => engine.set_fuel(engine.remaining_fuel() + 50),
            Outcome::Wait { .. } | Outcome::Notify { .. } => stack.answer(0),
            _ => break,
        }
        outcome = engine.resume(&mut store, &mut stack);
    }
    Some((outcome, slots[0]))
}

/// A generator that is the same everywhere (splitmix64).
fn random(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    usize::try_from((z ^ (z >> 31)) >> 8).expect("56 bits")
}

/// How many ways there are to change a byte: each bit, to the least and the greatest, and to others at random.
const WAYS: usize = 16;

/// Runs an image with each byte of a range changed: how many were refused, ran into what nobody checked, and did something else than the
/// sound one.
fn changed(image: &[u8], range: core::ops::Range<usize>, engine: &mut dyn Execute) -> [u32; 3] {
    let (mut counts, mut seed) = ([0; 3], 1);
    let sound = run(image, engine, 3);
    let mut image = image.to_vec();
    for at in range {
        let before = image[at];
        for way in 0..WAYS {
            image[at] = match way {
                0..8 => before ^ 1 << way,
                8 => 0,
                9 => u8::MAX,
                _ => random(&mut seed) as u8,
            };
            seal(&mut image).expect("a header");
            let found = run(&image, engine, 3);
            counts[0] += u32::from(found.is_none());
            counts[1] += u32::from(matches!(found, Some((Outcome::Trapped(Trap::CorruptCode), _))));
            counts[2] += u32::from(found.is_some() && found != sound);
        }
        image[at] = before;
    }
    counts
}

// @need-ids: REQ_TRADITIONAL_002, REQ_ONE_STATE_001, REQ_IMAGE_002
#[test]
fn all_of_the_language_runs_from_images_on_both_engines_alike() {
    for (number, image) in images(|module| module.compile_with_bytecode().expect("an image")).iter().enumerate() {
        for argument in 0..5 {
            let stackless = run(image, &mut StacklessEngine::new(VerificationLevel::Full), argument).expect("runs");
            let traditional = run(image, &mut Engine::new(VerificationLevel::Full), argument).expect("runs");
            assert_eq!(stackless, traditional, "function {number} of {argument}");
            assert_eq!(stackless.0, Outcome::Finished, "function {number} of {argument}");
        }
    }
}

// @need-ids: REQ_IMAGE_001, REQ_TRADITIONAL_002, REQ_003, REQ_MEM_SAFETY_001
#[test]
fn changed_bytecode_is_refused_traps_or_computes_nonsense() {
    let mut all = [0; 3];
    for image in images(|module| module.compile_bytecode().expect("an image")) {
        let kind = OptionalSection::TraditionalBodies as u32;
        let bodies =
            Image::parse(&image).expect("an image").funcs.len() * OptionalSection::TraditionalBodies.record_bytes();
        let header = [kind, u32::try_from(bodies).expect("few")].map(u32::to_le_bytes).concat();
        let from = (0..image.len()).rev().find(|at| image[*at..].starts_with(&header)).expect("bytecode");
        let engine = &mut Engine::new(VerificationLevel::Standard);
        let found = changed(&image, from..image.len(), engine);
        all = [0, 1, 2].map(|at| all[at] + found[at]);
    }
    assert!(all[0] > 1_000 && all[1] > 1_000 && all[2] > 1_000, "{all:?}");
}

// @need-ids: REQ_IMAGE_001, REQ_003, REQ_MEM_SAFETY_001
#[test]
fn changed_register_code_is_refused_traps_or_computes_nonsense() {
    let mut all = [0; 3];
    for image in images(|module| module.compile_stripped().expect("an image")) {
        let (header, _) = Header::read(&image).expect("a header");
        let (_, sections) = header.sections(&image).expect("sections");
        let from = image.len() - sections.len();
        let to = from + header.code.get() as usize * Section::Code.record_bytes();
        let engine = &mut StacklessEngine::new(VerificationLevel::Standard);
        let found = changed(&image, from..to, engine);
        all = [0, 1, 2].map(|at| all[at] + found[at]);
    }
    assert!(all[0] > 1_000 && all[2] > 1_000, "{all:?}");
}
