//! A module in each of WRT's engines: everything must be the same, at every pause.
//!
//! The stackless and the traditional engine run each call in the same slices of fuel; wherever it stands still, fuel, what is
//! needed, frames and slots are compared, and memories, tables and globals now and then. A third runs it in slices of its own, with
//! another engine after each, and is compared where the call ends.
//!
//! Every other module is linked: another instance imports what it exports, and host functions call either again, step by step. With
//! every other of these they call nested on the native stack too. Such a call cannot pause, so that the third gets the same slices there.

mod linked;
mod peer;

use crate::differential::{Counts, EXECUTIONS, input};
use crate::peers::wrt::engine;
use crate::random::Random;
use crate::smith::{self, Features};
use crate::value::Value;
use ::wrt::{Error, FaultPlace, Module, Strategy, VerificationLevel};
use linked::Again;
use peer::{Answer, Peer, Runs, Step, steps_differ};
use std::sync::atomic::Ordering;

/// Calls of a module's functions: for each of them, and at most.
const CALLS: usize = 24;
const MOST_CALLS: usize = 240;

/// Pauses of a call, at most.
const PAUSES: usize = 40;

/// Failures of the host in a call that are answered, at most.
const FAILURES: usize = 8;

/// The two that take turns; seldom lock-step too, which begins with a copy of everything.
const TWO: &[Strategy] = &[Strategy::Stackless, Strategy::Traditional];
const THREE: &[Strategy] = &[Strategy::Stackless, Strategy::Traditional, Strategy::Lockstep];

/// A fault on purpose: a bit that is flipped when a peer pauses first.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Which peer's: stackless, traditional, in turn.
    pub peer: usize,
    /// Where.
    pub place: FaultPlace,
    /// Which bit.
    pub bit: u64,
}

/// How thoroughly a module is compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// Contents are compared at every pause, not now and then.
    pub exact: bool,
    /// The negative control.
    pub fault: Option<Fault>,
    /// The control of host functions that call again: on the traditional engine they call another function.
    pub astray: bool,
}

/// A difference.
#[derive(Clone, Debug)]
pub struct Found {
    /// The module.
    pub wasm: Vec<u8>,
    /// Export, arguments, and what differs first.
    pub text: String,
}

/// For fuzzing: see [`run`].
///
/// # Panics
/// Where engines differ.
// @need-ids: REQ_QA_003, REQ_QA_005
pub fn check(input: &[u8]) {
    if let Err(found) = run(input, Settings { exact: true, ..Settings::default() }, &mut Counts::default()) {
        panic!("{}", found.text);
    }
}

/// Runs a seed's module and compares; one that differs is run again, to find what differs first.
///
/// # Errors
/// What differs.
pub fn run_seed(seed: u64, fault: Option<Fault>, counts: &mut Counts) -> Result<(), Found> {
    let input = input(seed);
    run(&input, Settings { fault, ..Settings::default() }, counts).map_err(|found| {
        run(&input, Settings { exact: true, fault, astray: false }, &mut Counts::default()).err().unwrap_or(found)
    })
}

/// Runs the module of an input in all engines and compares.
///
/// # Errors
/// What differs.
pub fn run(input: &[u8], settings: Settings, counts: &mut Counts) -> Result<(), Found> {
    let Some((plan, wasm)) = smith::module(input, Features::Own) else {
        counts.skip("no module");
        return Ok(());
    };
    let mut random = Random(plan.seed);
    let text = match compare(&wasm, &mut random, settings, counts) {
        Ok(()) => return Ok(()),
        Err(text) => text,
    };
    Err(Found { wasm, text })
}

/// A module as it is, and, some of the time, by way of an image for the stackless engine.
fn load(wasm: &[u8], random: &mut Random) -> Result<[Module; 3], Error> {
    let level = VerificationLevel::ALL[random.below(VerificationLevel::ALL.len())];
    let module = Module::new(&engine(level), wasm)?;
    let first = if random.below(4) == 0 { Module::new(module.engine(), module.compile()?)? } else { module.clone() };
    Ok([first, module.clone(), module])
}

fn compare(wasm: &[u8], random: &mut Random, settings: Settings, counts: &mut Counts) -> Result<(), String> {
    let modules = match load(wasm, random) {
        Ok(modules) => modules,
        Err(error) => {
            counts.skip(if error.kind() == ::wrt::ErrorKind::Unsupported { "unsupported" } else { "refused" });
            return Ok(());
        }
    };
    let third = match random.below(32) {
        0 => Runs::On(Strategy::Lockstep),
        1 => Runs::InTurn(THREE),
        _ => Runs::InTurn(TWO),
    };
    let runs = [Runs::On(Strategy::Stackless), Runs::On(Strategy::Traditional), third];
    let (seed, linked) = (random.number(), random.below(2) == 0);
    let nested = linked && random.below(2) == 0;
    let mut made = modules.iter().zip(runs).enumerate().map(|(peer, (module, runs))| {
        Peer::new(module, runs, seed, linked, Again::new(nested, settings.astray && peer == 1))
    });
    let mut next = || made.next().expect("three");
    match [next(), next(), next()] {
        [Ok(a), Ok(b), Ok(c)] => {
            counts.add("modules");
            let mut all = Compared { peers: [a, b, c], settings, nested, spoilt: false };
            if linked {
                all.link(modules[0].engine(), random.number(), counts)?;
            }
            let compared = all.run(random, counts);
            counts.add_many("faults", all.spoilt.into());
            let again = &all.peers[0].again;
            for (name, count) in [
                ("calls by the host", &again.calls),
                ("nested calls", &again.nested_calls),
                ("nested calls out of fuel", &again.out_of_fuel),
            ] {
                counts.add_many(name, count.load(Ordering::Relaxed));
            }
            compared
        }
        [Err(a), Err(b), Err(c)] => {
            counts.skip("not instantiated");
            let same = a.kind() == b.kind() && a.kind() == c.kind();
            let same = same && a.to_string() == b.to_string() && a.to_string() == c.to_string();
            if same { Ok(()) } else { Err(format!("instantiation: {a}, or {b}, or {c}")) }
        }
        other => {
            let errors = other.map(|made| made.err().map(|error| error.to_string()));
            Err(format!("instantiation: {errors:?}"))
        }
    }
}

/// What is compared, and how.
struct Compared {
    peers: [Peer; 3],
    settings: Settings,
    /// Whether the host's functions call nested.
    nested: bool,
    spoilt: bool,
}

/// Fuel of a call: little, most of the time.
fn fuel(random: &mut Random) -> u64 {
    let most = [200, 1_000, 1_000, 3_000, 3_000, 3_000, 10_000, 20_000][random.below(8)];
    1 + random.below(most) as u64
}

/// An amount of fuel in slices: as one, or of any sizes up to a size.
fn slices(fuel: u64, random: &mut Random) -> Vec<u64> {
    let mut slices = Vec::new();
    let size = if random.below(4) == 0 { fuel } else { 1 + random.below(fuel as usize) as u64 };
    let mut left = fuel;
    while left > 0 && slices.len() < PAUSES {
        let slice = if size == fuel { fuel } else { random.below(size as usize + 1) as u64 };
        let slice = slice.min(left);
        slices.push(slice);
        left -= slice;
    }
    if left > 0 {
        slices.push(left);
    }
    slices
}

/// What becomes of each failure of the host.
fn answers(random: &mut Random) -> [Answer; FAILURES] {
    std::array::from_fn(|_| [Answer::Again, Answer::Zeroes, Answer::Zeroes, Answer::Trap][random.below(4)])
}

impl Compared {
    /// Links each module's instance to another one, in all peers alike.
    fn link(&mut self, engine: &::wrt::Engine, seed: u64, counts: &mut Counts) -> Result<(), String> {
        let made =
            self.peers.each_mut().map(|peer| peer.link(engine, &mut Random(seed)).map_err(|error| error.to_string()));
        match &made {
            [a, b, c] if a != b || a != c => return Err(format!("linking: {made:?}")),
            [Ok(true), ..] => counts.add("linked modules"),
            [Ok(false), ..] => counts.skip("nothing to link"),
            [Err(_), ..] => counts.skip("not linked"),
        }
        Ok(())
    }

    fn run(&mut self, random: &mut Random, counts: &mut Counts) -> Result<(), String> {
        let funcs = self.peers[0].funcs.len();
        for _ in 0..(funcs * CALLS).min(MOST_CALLS) {
            let func = random.below(funcs);
            let Some(values) = Value::arguments(self.peers[0].funcs[func].ty.params(), random) else { continue };
            if let Err(text) = self.call(func, &values, random, counts) {
                let name = &self.peers[0].funcs[func].name;
                return Err(format!("`{name}` with {values:?}: {text}"));
            }
        }
        let changes = self.peers[2].changes;
        counts.add_many("changes of the engine", changes);
        self.contents()
    }

    fn contents(&mut self) -> Result<(), String> {
        let [a, b, c] = &mut self.peers;
        match a.contents_differ(b).or_else(|| a.contents_differ(c).map(|text| format!("in turn: {text}"))) {
            Some(text) => Err(text),
            None => Ok(()),
        }
    }

    /// Flips the bit of the control, once.
    fn spoil(&mut self, peer: usize, step: &mut Step) {
        if let Some(fault) = self.settings.fault.filter(|fault| fault.peer == peer && !self.spoilt) {
            self.spoilt = self.peers[peer].spoil(step, fault.place, fault.bit);
        }
    }

    fn call(&mut self, func: usize, values: &[Value], random: &mut Random, counts: &mut Counts) -> Result<(), String> {
        let mut args = Vec::new();
        for peer in &mut self.peers {
            args.push(peer.arguments(values));
        }
        let [Ok(a), Ok(b), Ok(c)] = args.as_slice() else {
            counts.skip("no room for arguments");
            return Ok(());
        };
        let fuel = fuel(random);
        let answers = answers(random);
        let first = slices(fuel, random);
        let last = self.in_step(func, [a, b], (&first, &answers), random, counts)?;
        let other = if self.nested { first } else { slices(fuel, random) };
        let third = self.alone(func, c, (&other, &answers));
        if let Some(text) = steps_differ((&self.peers[1], &last), (&self.peers[2], &third)) {
            return Err(format!("in turn: {text}"));
        }
        count(&last, counts);
        counts.add_many("units of fuel", self.peers[0].store.fuel_consumed());
        if self.settings.exact || random.below(16) == 0 { self.contents() } else { Ok(()) }
    }

    /// A call on the first two, compared wherever it stands still; where the second, traditional engine got to.
    fn in_step(
        &mut self,
        func: usize,
        [a, b]: [&[::wrt::Val]; 2],
        (slices, answers): (&[u64], &[Answer]),
        random: &mut Random,
        counts: &mut Counts,
    ) -> Result<Step, String> {
        let (mut slices, mut answers) = (slices.iter(), answers.iter());
        let first = *slices.next().unwrap_or(&0);
        let mut steps = [self.peers[0].begin(func, a, first), self.peers[1].begin(func, b, first)];
        loop {
            if let Some(text) = steps_differ((&self.peers[0], &steps[0]), (&self.peers[1], &steps[1])) {
                return Err(text);
            }
            let looks = self.settings.exact || random.below(64) == 0;
            let [a, b, _] = &mut self.peers;
            if looks && let Some(text) = a.contents_differ(b) {
                return Err(format!("{text}, at {:?}", steps[0]));
            }
            for (peer, step) in steps.iter_mut().enumerate() {
                self.spoil(peer, step);
            }
            steps = match steps {
                [Step::OutOfFuel(a), Step::OutOfFuel(b)] => {
                    let Some(more) = slices.next() else { return Ok(Step::OutOfFuel(b)) };
                    counts.add("pauses");
                    [self.peers[0].resume(func, a, *more), self.peers[1].resume(func, b, *more)]
                }
                [Step::HostFailed(a), Step::HostFailed(b)] => {
                    counts.add("failures of the host");
                    let answer = *answers.next().unwrap_or(&Answer::Trap);
                    [self.peers[0].answer(func, a, answer), self.peers[1].answer(func, b, answer)]
                }
                [_, last] => return Ok(last),
            };
        }
    }

    /// The same call on the third, in other slices.
    fn alone(&mut self, func: usize, args: &[::wrt::Val], (slices, answers): (&[u64], &[Answer])) -> Step {
        let (mut slices, mut answers) = (slices.iter(), answers.iter());
        let mut step = self.peers[2].begin(func, args, *slices.next().unwrap_or(&0));
        loop {
            self.spoil(2, &mut step);
            step = match step {
                Step::OutOfFuel(paused) => {
                    let Some(more) = slices.next() else { return Step::OutOfFuel(paused) };
                    self.peers[2].resume(func, paused, *more)
                }
                Step::HostFailed(paused) => {
                    self.peers[2].answer(func, paused, *answers.next().unwrap_or(&Answer::Trap))
                }
                last => return last,
            };
        }
    }
}

fn count(last: &Step, counts: &mut Counts) {
    counts.add(EXECUTIONS);
    match last {
        Step::Returned(_) => counts.add("returned"),
        Step::OutOfFuel(_) => counts.add("out of fuel"),
        Step::HostFailed(_) => counts.add("stopped by the host"),
        Step::Ended(error) => match error.trap() {
            Some(trap) => counts.add(&format!("trapped: {:?}", trap.trap())),
            None => counts.add("stopped by a limit"),
        },
    }
}

/// Shares of executions, in hundredths: at least so many return, and at least so many stand still in between. What wasm-smith makes
/// traps at once more often than not.
const RETURNED: u64 = 25;
const PAUSED: u64 = 25;

/// Shares of the modules that are linked, and of executions in which the host calls a function, nested too, in hundredths, at least.
const LINKED: u64 = 20;
const CALLED: u64 = 2;
const NESTED: u64 = 1;

/// Fuel of an execution, on average, at least.
const FUEL_USED: u64 = 100;

/// Whether so many executions did something at all: returned, trapped, ran out of fuel, paused, and used fuel.
///
/// # Errors
/// What there is too little of.
pub fn enough(counts: &Counts) -> Result<(), String> {
    let executions = counts.executions();
    let wanted = [
        ("modules", 1, u64::from(executions > 0)),
        ("linked modules", LINKED, counts.of("modules")),
        ("calls by the host", CALLED, executions),
        ("nested calls", NESTED, executions),
        ("nested calls out of fuel", 1, executions),
        ("returned", RETURNED, executions),
        ("pauses", PAUSED, executions),
        ("changes of the engine", PAUSED, executions),
        ("out of fuel", 1, executions),
        ("units of fuel", FUEL_USED * 100, executions),
    ];
    for (name, hundredths, of) in wanted {
        let found = counts.of(name);
        if found == 0 || found < of.saturating_mul(hundredths) / 100 {
            return Err(format!("{found} {name} in {executions} executions"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    /// Seeds that each kind of fault is tried on.
    const SEEDS: u64 = 60;

    /// What all engines have, and whose faults come to an end. The others are measured under a watchdog, in lock-step.
    const PLACES: [FaultPlace; 6] = [
        FaultPlace::Slot,
        FaultPlace::Frame,
        FaultPlace::Memory,
        FaultPlace::Global,
        FaultPlace::Table,
        FaultPlace::Code,
    ];

    /// How many of those faults that were made were found.
    fn found(peer: usize, place: FaultPlace) -> (u32, u32) {
        let (mut made, mut found) = (0, 0);
        // Most bits of slots stand above the operands, or in the upper half of a narrow value: few of them say little.
        let seeds = if place == FaultPlace::Slot { SEEDS * 4 } else { SEEDS };
        for seed in 0..seeds {
            let fault = Some(Fault { peer, place, bit: Random(seed).number() });
            let (mut counts, input) = (Counts::default(), input(seed));
            let settings = Settings { exact: true, fault, astray: false };
            // What is no reference any more panics where it is looked at.
            let result = catch_unwind(AssertUnwindSafe(|| run(&input, settings, &mut counts)));
            made += result.as_ref().map_or(1, |_| counts.of("faults") as u32);
            found += u32::from(!matches!(result, Ok(Ok(()))));
        }
        (made, found)
    }

    // @need-ids: REQ_QA_003, REQ_QA_005, REQ_LOCKSTEP_002
    #[test]
    fn faults_in_any_engine_are_found() {
        let mut least = Vec::new();
        for peer in 0..3 {
            for place in PLACES {
                let (made, found) = found(peer, place);
                println!("peer {peer}, {place}: {found} of {made} found");
                assert!(made > 0 || place == FaultPlace::Table || place == FaultPlace::Code, "peer {peer}, {place}");
                least.push((peer, place, made, found));
            }
        }
        for (peer, place, made, found) in least {
            // A bit of a memory or table is compared itself, of a global if it is in use; others may come to nothing.
            let share = match place {
                FaultPlace::Memory | FaultPlace::Table => 80,
                FaultPlace::Global | FaultPlace::Frame => 50,
                _ => 20,
            };
            assert!(found * 100 >= made * share, "peer {peer}, {place}: {found} of {made}");
        }
    }

    // @need-ids: REQ_QA_003, REQ_QA_005, REQ_REENTRY_001
    #[test]
    fn a_host_that_calls_another_function_is_found() {
        // Step by step alone, and nested too.
        let mut all = [(0, 0); 2];
        for seed in 0..SEEDS * 2 {
            let (mut counts, settings) = (Counts::default(), Settings { exact: true, astray: true, fault: None });
            let differs = run(&input(seed), settings, &mut counts).is_err();
            let nested = counts.of("nested calls") > 0;
            let (called, found) = &mut all[usize::from(nested)];
            *called += u32::from(nested || counts.of("calls by the host") > 0);
            *found += u32::from(differs);
        }
        for (called, found) in all {
            println!("{found} of {called} found");
            // Functions that do the same in the same number of units are no difference.
            assert!(found > 0 && found * 100 >= called * 50, "{found} of {called}");
        }
    }

    // @need-ids: REQ_QA_003, REQ_QA_005
    #[test]
    fn without_a_fault_nothing_differs_and_enough_happens() {
        let mut counts = Counts::default();
        for seed in 0..SEEDS {
            run_seed(seed, None, &mut counts).unwrap_or_else(|found| panic!("seed {seed}: {}", found.text));
        }
        assert_eq!(enough(&counts), Ok(()), "{counts}");
    }

    // @need-ids: REQ_QA_003, REQ_QA_005
    #[test]
    fn a_run_in_which_nothing_happens_is_noticed() {
        let mut counts = Counts::default();
        assert!(enough(&counts).is_err());
        for (name, many) in [
            (EXECUTIONS, 1_000),
            ("modules", 10),
            ("linked modules", 5),
            ("calls by the host", 100),
            ("nested calls", 100),
            ("nested calls out of fuel", 10),
            ("returned", 300),
            ("pauses", 900),
            ("changes of the engine", 500),
            ("out of fuel", 100),
            ("units of fuel", 1_000_000),
        ] {
            assert!(enough(&counts).is_err(), "{name} is missing");
            counts.add_many(name, many);
        }
        assert_eq!(enough(&counts), Ok(()));
        counts.add_many(EXECUTIONS, 1_000_000);
        assert!(enough(&counts).is_err());
    }
}
