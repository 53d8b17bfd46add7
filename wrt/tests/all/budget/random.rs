//! Modules at random: straight ones, of which each bound is exact, and any, of which none is too low.

use super::{Declarations, PLENTY, START_FUEL, assert_exact_stack, budget, declared, root, try_run};
use crate::common::wasm;
use std::fmt::Write;
use wrt::Trap;
use wrt::budget::Entry;

/// A generator of numbers, seeded (xorshift).
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

const TYPES: [(&str, &str); 4] =
    [("i32", "i32.const 1 "), ("i64", "i64.const 2 "), ("f64", "f64.const 3 "), ("v128", "v128.const i64x2 4 5 ")];

/// Functions that call later ones, always all of the same ones.
fn straight(random: &mut Random) -> String {
    let count = 2 + random.below(8);
    let pick = |random: &mut Random, most: usize| -> Vec<usize> {
        (0..random.below(most + 1)).map(|_| random.below(TYPES.len())).collect()
    };
    let signatures: Vec<(Vec<usize>, Vec<usize>)> = (0..count)
        .map(|index| match index {
            0 => (Vec::new(), Vec::new()),
            _ => (pick(random, 5), pick(random, 3)),
        })
        .collect();
    let list = |word: &str, types: &[usize]| {
        let names: Vec<&str> = types.iter().map(|ty| TYPES[*ty].0).collect();
        format!("({word} {}) ", names.join(" "))
    };
    let values = |types: &[usize]| types.iter().map(|ty| TYPES[*ty].1).collect::<String>();
    let mut text = String::from("(module (memory 1)\n");
    for (index, (params, results)) in signatures.iter().enumerate() {
        write!(text, "(func $f{index} ").expect("text");
        if index == 0 {
            text.push_str("(export \"run\") ");
        }
        let few = if random.below(6) == 0 { 260 } else { 12 };
        let locals = pick(random, few);
        write!(text, "{}{}{}", list("param", params), list("result", results), list("local", &locals)).expect("text");
        for _ in 0..random.below(4) {
            let callee = index + 1 + random.below(count);
            let Some((arguments, returned)) = signatures.get(callee) else { continue };
            // What waits below the arguments stays on the operand stack.
            let below = pick(random, 6);
            write!(text, "{}{}call $f{callee} ", values(&below), values(arguments)).expect("text");
            text.push_str(&"drop ".repeat(below.len() + returned.len()));
        }
        let last = signatures.iter().enumerate().skip(index + 1).find(|(_, signature)| signature.1 == *results);
        match last {
            Some((callee, (arguments, _))) if random.below(3) == 0 => {
                write!(text, "{}return_call $f{callee}", values(arguments)).expect("text");
            }
            _ => text.push_str(&values(results)),
        }
        text.push_str(")\n");
    }
    text.push(')');
    text
}

// @need-ids: REQ_BUDGET_001, REQ_BUDGET_002
#[test]
fn of_modules_with_direct_calls_alone_every_bound_is_exact() {
    for seed in 0..300 {
        let text = straight(&mut Random::new(seed));
        let wasm = wasm(&text);
        assert_exact_stack(&wasm, "run", &format!("seed {seed}:\n{text}"));
        let bound = root(&budget(&wasm), "run").fuel.clone().expect("nothing without a bound");
        let ran = try_run(&wasm, "run", &[], PLENTY, bound).expect("links");
        assert!(ran.end.is_ok() && ran.fuel == bound, "seed {seed}: {bound}, {ran:?}\n{text}");
    }
}

/// Loops in loops and one after the other, each with how often its head is passed; in the order in which they begin.
fn loops(random: &mut Random, depth: usize, text: &mut String, times: &mut Vec<u64>) {
    for _ in 0..=random.below(3) {
        match random.below(if depth < 4 { 4 } else { 3 }) {
            0 => text.push_str("(nop) "),
            1 => text.push_str("(call $f) "),
            2 => text.push_str(&"(local.set $x (i32.add (local.get $x) (i32.const 1))) ".repeat(random.below(80))),
            _ => {
                let count = 1 + random.below(4) as u64;
                times.push(count);
                write!(text, "(local.set {depth} (i32.const {count})) (loop ").expect("text");
                loops(random, depth + 1, text, times);
                let next = format!("(local.tee {depth} (i32.sub (local.get {depth}) (i32.const 1)))");
                write!(text, "(br_if 0 {next})) ").expect("text");
            }
        }
    }
}

// @need-ids: REQ_BUDGET_002
#[test]
fn of_loops_with_constant_counts_the_bound_is_exact() {
    let mut seen = 0;
    for seed in 0..600 {
        let (mut random, mut body, mut times) = (Random::new(seed), String::new(), Vec::new());
        loops(&mut random, 0, &mut body, &mut times);
        let locals = "(local i32 i32 i32 i32) (local $x i32)";
        let text = format!("(module (func $f (nop) (nop)) (func (export \"run\") {locals} {body}))");
        let wasm = wasm(&text);
        let found = budget(&wasm).loops;
        assert_eq!(found.len(), times.len(), "seed {seed}\n{text}");
        seen += times.len();
        let loops = found.iter().map(|found| found.site).zip(times).collect();
        let declarations = Declarations { loops, ..Declarations::default() };
        let budget = declared(&wasm, &declarations).expect("right");
        let bound = root(&budget, "run").fuel.clone().expect("all is declared");
        let ran = try_run(&wasm, "run", &[], PLENTY, bound).expect("links");
        assert!(ran.end.is_ok() && ran.fuel == bound, "seed {seed}: {bound}, {ran:?}\n{text}");
    }
    assert!(seen > 300, "{seen}");
}

/// How deep the circles are gone through.
const DEPTH: usize = 6;

/// Functions that call each other, each all of its callees until `$n` calls were made.
fn circles(random: &mut Random) -> (String, Vec<Vec<usize>>) {
    let count = 2 + random.below(4);
    let calls: Vec<Vec<usize>> =
        (0..count).map(|_| (0..random.below(3)).map(|_| random.below(count)).collect()).collect();
    let mut text = format!("(module (func (export \"run\") (call $f0 (i32.const {DEPTH})))");
    for (index, callees) in calls.iter().enumerate() {
        let locals = " i64".repeat(random.below(6));
        write!(text, "(func $f{index} (param $n i32) (local{locals}) (if (local.get $n) (then ").expect("text");
        for callee in callees {
            let below = random.below(4);
            let next = "(i32.sub (local.get $n) (i32.const 1))";
            write!(text, "{}(call $f{callee} {next}) ", "i64.const 1 ".repeat(below)).expect("text");
            text.push_str(&"drop ".repeat(below));
        }
        text.push_str(")))");
    }
    text.push(')');
    (text, calls)
}

/// How often each function is on the way at most, of all ways of so many calls from `at`.
fn visits(calls: &[Vec<usize>], at: usize, left: usize, on_the_way: &mut Vec<u32>, most: &mut [u32]) {
    on_the_way[at] += 1;
    most.iter_mut().zip(on_the_way.iter()).for_each(|(most, now)| *most = (*most).max(*now));
    if left > 0 {
        for callee in &calls[at] {
            visits(calls, *callee, left - 1, on_the_way, most);
        }
    }
    on_the_way[at] -= 1;
}

// @need-ids: REQ_BUDGET_001
#[test]
fn of_circles_with_declared_depths_no_bound_is_too_low() {
    let mut bounded = 0;
    for seed in 0..400 {
        let (text, calls) = circles(&mut Random::new(seed));
        let wasm = wasm(&text);
        let (count, mut most) = (calls.len(), vec![0; calls.len()]);
        visits(&calls, 0, DEPTH, &mut vec![0; count], &mut most);
        // Every choice of functions whose depths are declared; `run` is the first function.
        for chosen in 1..1_u32 << count {
            let chosen = (0..count).filter(|index| chosen >> index & 1 == 1);
            let recursion = chosen.map(|index| (index as u32 + 1, most[index].max(1))).collect();
            let Ok(budget) = declared(&wasm, &Declarations { recursion, ..Declarations::default() }) else { continue };
            let Ok(needs) = root(&budget, "run").stack.clone() else { continue };
            let ran = try_run(&wasm, "run", &[], (needs.frames, needs.slots), u64::MAX).expect("links");
            assert!(ran.end.is_ok(), "seed {seed}: {needs:?} {ran:?}\n{text}");
            bounded += 1;
        }
    }
    assert!(bounded > 500, "{bounded}");
}

fn config() -> wasm_smith::Config {
    wasm_smith::Config {
        allowed_instructions: wasm_smith::InstructionKinds::all(),
        allow_start_export: true,
        bulk_memory_enabled: true,
        compact_imports_enabled: false,
        custom_page_sizes_enabled: false,
        exceptions_enabled: true,
        export_everything: true,
        gc_enabled: false,
        max_funcs: 8,
        max_imports: 0,
        max_instructions: 150,
        max_memories: 1,
        max_memory32_bytes: 1 << 18,
        max_table_elements: 100,
        max_tables: 2,
        memory64_enabled: false,
        memory_max_size_required: true,
        min_funcs: 2,
        multi_value_enabled: true,
        reference_types_enabled: true,
        relaxed_simd_enabled: false,
        shared_everything_threads_enabled: false,
        simd_enabled: true,
        table_max_size_required: true,
        tail_call_enabled: true,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..wasm_smith::Config::default()
    }
}

/// Fuel that is tried at most.
const FUEL: u64 = 20_000;

// @need-ids: REQ_BUDGET_001, REQ_BUDGET_002
#[test]
fn of_any_module_no_bound_is_too_low() {
    let (mut stacks, mut fuels) = (0, 0);
    for seed in 0..1500 {
        let mut random = Random::new(seed);
        let input: Vec<u8> = (0..200 + random.below(1500)).map(|_| random.next() as u8).collect();
        let mut source = arbitrary::Unstructured::new(&input);
        let Ok(module) = wasm_smith::Module::new(config(), &mut source) else { continue };
        let wasm = module.to_bytes();
        // What this release cannot lower has no budget.
        let Ok(module) = wrt::Module::new(&wrt::Engine::default(), &wasm) else { continue };
        let Ok(budget) = wrt::budget::Budget::of(&module, &Declarations::default()) else { continue };
        for root in &budget.roots {
            let Entry::Export(export) = &root.entry else { continue };
            let argument = [random.next(), random.next(), random.next()];
            if let Ok(needs) = &root.stack {
                // The start function runs under the same limits.
                let whole = budget.stack.as_ref().unwrap_or(needs);
                let limits = (needs.frames.max(whole.frames).max(1), needs.slots.max(whole.slots));
                let tight = if budget.roots.iter().any(|root| root.entry == Entry::Start) {
                    limits
                } else {
                    (needs.frames.max(1), needs.slots)
                };
                if let Some(ran) = try_run(&wasm, export, &argument, tight, FUEL) {
                    stacks += 1;
                    assert_ne!(ran.trap(), Some(Trap::CallStackExhausted), "seed {seed}, {export}: {needs:?}");
                }
            }
            if let Ok(bound) = root.fuel
                && bound <= START_FUEL
                && let Some(ran) = try_run(&wasm, export, &argument, PLENTY, bound)
            {
                fuels += 1;
                assert_ne!(ran.trap(), Some(Trap::FuelExhausted), "seed {seed}, {export}: {bound}");
            }
        }
    }
    assert!(stacks > 500 && fuels > 300, "{stacks} {fuels}");
}
