//! Locals beyond the window: programs made at random do the same with them as with near ones, however they are sliced, and on both engines
//! step by step.

use std::fmt::Write as _;
use wrt::{Config, Engine, Linker, Module, ResumableCall, Store, Strategy, Val, VerificationLevel};

/// Variables of a program.
const VARIABLES: u32 = 14;
/// Counters of loops, one for each level.
const LEVELS: u32 = 3;
const PROGRAMS: u64 = 160;
/// Units of fuel after which nothing of use comes any more.
const FUEL_MAX: u64 = 60_000;

/// A program in the making: the text of a function's body.
struct Program {
    seed: u64,
    text: String,
}

impl Program {
    fn new(seed: u64) -> Self {
        let mut program = Self { seed: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, text: String::new() };
        for _ in 0..10 {
            program.statement(0);
        }
        for variable in 0..VARIABLES {
            write!(
                program.text,
                "(local.set $r (i32.add (i32.mul (local.get $r) (i32.const 31)) (local.get $v{variable})))"
            )
            .unwrap();
        }
        program.text.push_str("local.get $r");
        program
    }

    fn below(&mut self, bound: u32) -> u32 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        (self.seed >> 33) as u32 % bound
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push(' ');
    }

    fn variable(&mut self, operator: &str) {
        let variable = self.below(VARIABLES);
        write!(self.text, "{operator} $v{variable} ").unwrap();
    }

    fn statements(&mut self, level: u32) {
        for _ in 0..=self.below(4) {
            self.statement(level);
        }
    }

    fn statement(&mut self, level: u32) {
        let kinds = if level < LEVELS { 14 } else { 9 };
        match self.below(kinds) {
            0..=4 => {
                self.value(4);
                self.variable("local.set");
            }
            5 | 6 => {
                self.address();
                self.value(3);
                self.put("i32.store offset=16");
            }
            7 => {
                self.value(3);
                self.put("drop");
            }
            8 => {
                // Moves between variables, which may be on either side of the window.
                self.variable("local.get");
                self.variable("local.get");
                self.variable("local.set");
                self.variable("local.set");
            }
            9 => {
                self.value(3);
                self.put("if");
                self.statements(level + 1);
                self.put("else");
                self.statements(level + 1);
                self.put("end");
            }
            10 => {
                self.put("block");
                self.statements(level + 1);
                self.value(3);
                self.put("br_if 0");
                self.statements(level + 1);
                self.put("end");
            }
            11 => self.turns(level),
            12 => {
                self.put("block block");
                self.value(3);
                self.put("br_table 0 1 0 1 end");
                self.statements(level + 1);
                self.put("end");
            }
            _ => {
                self.value(3);
                self.put("i32.const 255 i32.and i32.eqz if");
                self.value(2);
                self.put("return end");
            }
        }
    }

    fn turns(&mut self, level: u32) {
        let turns = 1 + self.below(4);
        write!(self.text, "i32.const {turns} local.set $c{level} loop ").unwrap();
        self.statements(level + 1);
        write!(self.text, "local.get $c{level} i32.const -1 i32.add local.tee $c{level} br_if 0 end ").unwrap();
    }

    /// An address, mostly inside the memory.
    fn address(&mut self) {
        self.value(2);
        if self.below(60) > 0 {
            self.put("i32.const 1023 i32.and");
        }
    }

    fn value(&mut self, depth: u32) {
        let kinds = if depth == 0 { 5 } else { 17 };
        match self.below(kinds) {
            0 => {
                let constant = self.below(1_000);
                write!(self.text, "i32.const {constant} ").unwrap();
            }
            1..=4 => self.variable("local.get"),
            5..=8 => {
                self.value(depth - 1);
                self.value(depth - 1);
                let operators =
                    ["i32.add", "i32.sub", "i32.mul", "i32.xor", "i32.and", "i32.lt_s", "i32.eq", "i32.shr_u"];
                let operator = self.below(8) as usize;
                self.put(operators[operator]);
            }
            9 => {
                self.value(depth - 1);
                self.put("i32.eqz");
            }
            10 => {
                self.value(depth - 1);
                self.variable("local.tee");
            }
            11 => {
                self.address();
                self.put("i32.load offset=16");
            }
            kind => self.rarer_value(kind, depth - 1),
        }
    }

    fn rarer_value(&mut self, kind: u32, depth: u32) {
        match kind {
            12 => {
                self.value(depth);
                self.value(depth);
                let traps = self.below(20) == 0;
                self.put(if traps { "i32.div_s" } else { "i32.const 1 i32.or i32.div_u" });
            }
            13 => {
                for _ in 0..3 {
                    self.value(depth);
                }
                self.put("select");
            }
            14 => {
                self.value(depth);
                self.value(depth);
                // What leaves the registers: calls, and growth by nothing.
                let leaving = [
                    "call $mix",
                    "i32.const 0 call_indirect (param i32 i32) (result i32)",
                    "i32.const 0 i32.mul i32.mul memory.grow",
                ];
                let at = self.below(3) as usize;
                self.put(leaving[at]);
            }
            15 => {
                self.put("block (result i32)");
                self.value(depth);
                self.value(depth);
                self.put("br_if 0 drop");
                self.value(depth);
                self.put("end");
            }
            _ => {
                self.value(depth);
                self.put("i64.extend_i32_u i64.const 0x1234567890abc i64.mul i64.const 17 i64.shr_u i32.wrap_i64");
            }
        }
    }

    /// The module, with so many locals that nobody uses before each variable.
    fn module(&self, between: usize) -> Vec<u8> {
        let unused = format!("(local {})", "i32 ".repeat(between));
        let mut locals = String::new();
        for variable in 0..VARIABLES {
            write!(locals, "{unused} (local $v{variable} i32)").unwrap();
        }
        for level in 0..LEVELS {
            write!(locals, "{unused} (local $c{level} i32)").unwrap();
        }
        let body = &self.text;
        let text = format!(
            r#"(module (memory (export "memory") 1) (table funcref (elem $mix))
                (func $mix (param i32 i32) (result i32)
                    (i32.add (i32.mul (local.get 0) (i32.const 7)) (i32.rotl (local.get 1) (i32.const 3))))
                (func (export "run") (param $v i32) (result i32) (local $r i32) {locals}
                    (local.set $v3 (local.get $v)) (local.set $v11 (i32.const 5)) {body}))"#
        );
        wat::parse_str(text).expect("the text is right")
    }
}

/// What a call comes to, in slices of so much fuel, with the memory after it; the trap with its place; and the fuel that it used.
fn run(wasm: &[u8], strategy: Strategy, slice: u64) -> (String, String, u64) {
    let config = Config::new().strategy(strategy).verification(VerificationLevel::Full);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, wasm).expect("valid");
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("links");
    let func = instance.get_func(&store, "run").expect("exported");
    let mut results = [Val::I32(0)];
    store.set_fuel(slice);
    let mut call = func.call_resumable(&mut store, &[Val::I32(77)], &mut results);
    let mut place = String::new();
    let ended = loop {
        match call {
            Ok(ResumableCall::OutOfFuel(_)) if store.fuel_consumed() > FUEL_MAX => break String::from("runs on"),
            Ok(ResumableCall::OutOfFuel(paused)) => {
                store.add_fuel(slice);
                call = paused.resume(&mut store, &mut results);
            }
            Ok(ResumableCall::Finished) => break format!("{results:?}"),
            Ok(other) => unreachable!("nothing is imported: {other:?}"),
            Err(error) => {
                let trap = error.trap().expect("a trap");
                place = format!("{trap:?}");
                break format!("{:?}", trap.info);
            }
        }
    };
    let memory = instance.get_memory(&mut store, "memory").expect("exported");
    let digest = memory.data(&store).iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into()));
    (format!("{ended} {digest:x}"), place, store.fuel_consumed())
}

// @need-ids: REQ_018, REQ_SAFEPOINT_001, REQ_FUEL_002
#[test]
fn programs_do_the_same_with_locals_beyond_the_window() {
    let mut traps = 0;
    for seed in 1..=PROGRAMS {
        let program = Program::new(seed);
        let (near, place, _) = run(&program.module(0), Strategy::Stackless, u64::MAX / 2);
        traps += usize::from(!place.is_empty());
        // The window ends among the variables, or before most of them.
        for between in [17, 100] {
            let wasm = program.module(between);
            let far = run(&wasm, Strategy::Stackless, u64::MAX / 2);
            assert_eq!(far.0, near, "program {seed}, {between} between");
            let found = run(&wasm, Strategy::Lockstep, 97);
            if !found.0.starts_with("runs on") {
                assert_eq!(found, far, "program {seed}, {between} between, in lock-step");
            }
        }
    }
    assert!((5..PROGRAMS as usize / 2).contains(&traps), "{traps} programs trapped");
}
