//! A module at random, run by WRT and by another runtime: results, traps, memories, tables and globals must be the same.
//!
//! WRT runs it in one of several ways that must not matter: from an image or lowered as called, with its fuel at once or in
//! slices with pauses between, at any verification level.

use crate::known;
use crate::peers::{wasmi, wrt};
use crate::random::Random;
use crate::smith::{self, Features};
use crate::value::End;
use ::wrt::{ExternType, FuncType, Module, VerificationLevel};
use std::collections::BTreeMap;
use std::fmt;

/// Calls of each function.
const CALLS: usize = 4;

/// How often a module begins anew, at most.
const BEGINNINGS: u32 = 8;

/// What was compared, and what was not: how often, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<String, u64>);

/// The name under which compared calls and instantiations are counted.
pub(crate) const EXECUTIONS: &str = "executions";

/// The name under which modules are counted that are [`known`] to differ.
const KNOWN: &str = "known faults of the other";

/// Bytes that a seed's module is made of, at most.
const BYTES: usize = 6_000;

/// The input that a seed stands for.
pub fn input(seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let length = 100 + random.below(BYTES);
    random.bytes(length)
}

/// A line for each: the number, a blank, the name.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, count)| writeln!(f, "{count:>12} {name}"))
    }
}

impl Counts {
    /// Reads what [`Display`](fmt::Display) wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let line = |line: &str| {
            let (count, name) = line.trim_start().split_once(' ')?;
            Some((name.to_string(), count.parse().ok()?))
        };
        text.lines().map(line).collect::<Option<_>>().map(Self)
    }

    /// Calls and instantiations that were compared.
    pub fn executions(&self) -> u64 {
        self.of(EXECUTIONS)
    }

    /// Counts one more.
    pub fn add(&mut self, name: &str) {
        self.add_many(name, 1);
    }

    /// Counts that many more.
    pub fn add_many(&mut self, name: &str, many: u64) {
        if many == 0 {
            return;
        }
        match self.0.get_mut(name) {
            Some(count) => *count += many,
            None => drop(self.0.insert(name.to_string(), many)),
        }
    }

    /// How often something was counted.
    pub fn of(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: Self) {
        for (name, count) in other.0 {
            *self.0.entry(name).or_default() += count;
        }
    }

    pub(crate) fn skip(&mut self, reason: &str) {
        self.add(&format!("not compared: {reason}"));
    }

    /// Compares how a call ended; whether there is more to compare.
    fn compare(&mut self, what: &dyn Fn() -> String, ours: &End, theirs: &End) -> Result<bool, String> {
        // Both have types that are by themselves only.
        if *ours == wrt::NO_STAND_IN {
            return Err(format!("{}: WRT finds that imports do not fit", what()));
        }
        if let (End::Bound(reason), _) | (_, End::Bound(reason)) = (ours, theirs) {
            self.skip(reason);
            return Ok(false);
        }
        if ours != theirs {
            return Err(format!("{}: WRT {ours:?}, wasmi {theirs:?}", what()));
        }
        self.add(EXECUTIONS);
        match ours {
            End::Fault(fault) => self.add(&format!("trapped: {fault:?}")),
            _ => self.add("returned"),
        }
        Ok(true)
    }
}

/// For fuzzing: see [`run`].
///
/// # Panics
/// Where the two differ.
// @need-ids: REQ_QA_003
pub fn check(input: &[u8]) {
    if let Err(difference) = run(input, &mut Counts::default()) {
        panic!("{difference}");
    }
}

/// Runs the module of an input in both runtimes and compares.
///
/// # Errors
/// What differs; or that nothing does, of a module that is [`known`] to differ.
pub fn run(input: &[u8], counts: &mut Counts) -> Result<(), String> {
    let Some((plan, wasm)) = smith::module(input, Features::Shared) else {
        counts.skip("no module");
        return Ok(());
    };
    if known_fault(&wasm) {
        counts.skip("a known fault of the other");
        return Ok(());
    }
    let compared = compare(plan, [&wasm, &wasm], counts);
    match compared {
        compared if !known::has(&wasm) => compared,
        Ok(()) => Err("a known fault of the other is gone: take it off the list".into()),
        Err(_) => {
            counts.add(KNOWN);
            Ok(())
        }
    }
}

/// wasmi 2.0.0 takes the wrong operand of a `select` whose condition is an `eqz`, where another operand is in a register:
/// `(i32.sub (i32.add (local.get 1) (i32.const 5)) (select (i32.const 1) (local.get 0) (i32.eqz (local.get 0))))` of zeros is
/// 4, and there 5; with a comparison with zero in place of the `eqz` too. Such modules are left out, by the bytes of the operators.
fn known_fault(wasm: &[u8]) -> bool {
    const CONDITIONS: [&[u8]; 4] = [&[0x45], &[0x50], &[0x41, 0, 0x46], &[0x42, 0, 0x51]];
    const SELECT: [u8; 2] = [0x1B, 0x1C];
    let mut selects = (0..wasm.len()).filter(|at| SELECT.contains(&wasm[*at]));
    selects.any(|at| CONDITIONS.iter().any(|condition| wasm[..at].ends_with(condition)))
}

/// Runs the module of an input in WRT alone.
///
/// # Errors
/// Where the module is refused.
///
/// # Panics
/// Where WRT does.
pub fn alone(input: &[u8]) -> Result<(), String> {
    let Some((plan, wasm)) = smith::module(input, Features::Shared) else { return Ok(()) };
    let mut random = Random(plan.seed);
    let (module, slice) = prepare(plan, &wasm, &mut random)?;
    let Ok(mut guest) = wrt::Guest::new(&module, slice) else { return Ok(()) };
    for export in module.exports() {
        let ExternType::Func(ty) = export.ty else { continue };
        for _ in 0..calls(&ty) {
            let Some(args) = plan.arguments(&ty, &mut random) else { continue };
            if let End::Bound(_) = guest.call(export.name, &args) {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn calls(ty: &FuncType) -> usize {
    if ty.params().is_empty() { 1 } else { CALLS }
}

/// The module as it is to be run, and how much fuel comes at a time.
fn prepare(plan: smith::Plan, wasm: &[u8], random: &mut Random) -> Result<(Module, u64), String> {
    let levels = [VerificationLevel::Standard, VerificationLevel::Full, VerificationLevel::None];
    let engine = wrt::engine(levels[random.below(levels.len())]);
    let mut module = Module::new(&engine, wasm).map_err(|error| format!("a valid module is refused: {error}"))?;
    if plan.choice(0) {
        module = match module.compile() {
            Ok(image) => Module::new(&engine, image).map_err(|error| format!("its image is refused: {error}"))?,
            Err(error) => return Err(format!("a valid module cannot be compiled: {error}")),
        };
    }
    let slice = if plan.choice(1) { 1 + random.below(300) as u64 } else { wrt::FUEL };
    Ok((module, slice))
}

/// Both, with an instance each.
struct Both {
    ours: wrt::Guest,
    theirs: wasmi::Guest,
}

/// Instantiates in both; `None` where neither can, for the same reason.
fn instantiate(module: &Module, slice: u64, other: &[u8], counts: &mut Counts) -> Result<Option<Both>, String> {
    match (wrt::Guest::new(module, slice), wasmi::Guest::new(other)) {
        (Ok(ours), Ok(theirs)) => Ok(Some(Both { ours, theirs })),
        (ours, theirs) => {
            let [ours, theirs] =
                [ours.map(drop), theirs.map(drop)].map(|made| made.err().unwrap_or(End::Values(vec![])));
            counts.compare(&|| "instantiation".into(), &ours, &theirs).map(|_| None)
        }
    }
}

/// Compares what WRT does with the first module and the other with the second: the same, but for tests. After a call that met
/// a bound, the states are no longer the same: both begin anew.
fn compare(plan: smith::Plan, [wasm, other]: [&[u8]; 2], counts: &mut Counts) -> Result<(), String> {
    let mut random = Random(plan.seed);
    let (module, slice) = prepare(plan, wasm, &mut random)?;
    let Some(mut both) = instantiate(&module, slice, other, counts)? else { return Ok(()) };
    counts.add("modules");
    let mut beginnings = 1;
    for export in module.exports() {
        let ExternType::Func(ty) = export.ty else { continue };
        for _ in 0..calls(&ty) {
            let Some(args) = plan.arguments(&ty, &mut random) else { continue };
            let our = both.ours.call(export.name, &args);
            // What has no end takes the other even longer.
            let endless = matches!(our, End::Bound(_));
            let their = if endless { our.clone() } else { both.theirs.call(export.name, &args) };
            if counts.compare(&|| format!("{}{args:?}", export.name), &our, &their)? {
                continue;
            }
            beginnings += 1;
            let anew = if beginnings > BEGINNINGS { None } else { instantiate(&module, slice, other, counts)? };
            let Some(anew) = anew else { return Ok(()) };
            both = anew;
        }
    }
    same_state(&module, &both.ours, &both.theirs)
}

/// Compares what is left in memories, tables and globals.
fn same_state(module: &Module, ours: &wrt::Guest, theirs: &wasmi::Guest) -> Result<(), String> {
    for export in module.exports() {
        let name = export.name;
        match export.ty {
            ExternType::Func(_) | ExternType::Tag(_) => {}
            ExternType::Memory(_) => {
                let (our, their) = (ours.memory(name).unwrap_or_default(), theirs.memory(name).unwrap_or_default());
                if our != their {
                    let at = our.iter().zip(their).position(|(our, their)| our != their);
                    return Err(format!("memory {name} of {} and {} bytes differs at {at:?}", our.len(), their.len()));
                }
            }
            ExternType::Table(_) => same(name, &ours.table(name), &theirs.table(name))?,
            ExternType::Global(_) => same(name, &ours.global(name), &theirs.global(name))?,
        }
    }
    Ok(())
}

fn same<T: PartialEq + fmt::Debug>(name: &str, ours: &T, theirs: &T) -> Result<(), String> {
    if ours == theirs { Ok(()) } else { Err(format!("{name}: WRT has {ours:?}, wasmi {theirs:?}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAME: &str = "(global (export \"g\") (mut i32) (i32.const 1)) (memory (export \"m\") 1)";

    fn differ(ours: &str, theirs: &str) -> Result<(), String> {
        let wasm = |text: &str| {
            let text = format!("(module {SAME} (func (export \"f\") (param i32) (result i32) {text}))");
            wat::parse_str(text).expect("the text is right")
        };
        let (ours, theirs) = (wasm(ours), wasm(theirs));
        (0..8).try_for_each(|choices: u64| {
            let plan = smith::Plan { shape: 0, seed: choices << 56 };
            compare(plan, [&ours, &theirs], &mut Counts::default())
        })
    }

    // @need-ids: REQ_QA_003
    #[test]
    fn differences_are_noticed() {
        let plain = "(local.get 0)";
        assert_eq!(differ(plain, plain), Ok(()));
        assert_eq!(differ(plain, "(i32.add (local.get 0) (i32.const 0))"), Ok(()));
        for other in [
            "(i32.add (local.get 0) (i32.const 1))",
            "unreachable",
            "(global.set 0 (i32.const 2)) (local.get 0)",
            "(i32.store8 (i32.const 9) (i32.const 1)) (local.get 0)",
            "(drop (memory.grow (i32.const 1))) (local.get 0)",
        ] {
            assert!(differ(plain, other).is_err() && differ(other, plain).is_err(), "{other}");
        }
        assert!(differ("unreachable", "(i32.div_u (i32.const 1) (i32.const 0))").is_err());
    }

    // @need-ids: REQ_QA_003
    #[test]
    fn counts_read_back() {
        let mut counts = Counts::default();
        counts.add(EXECUTIONS);
        counts.skip("no reason");
        let mut twice = Counts::parse(&counts.to_string()).expect("as it was written");
        assert_eq!(twice, counts);
        twice.merge(counts);
        assert_eq!(twice.executions(), 2);
    }

    // @need-ids: REQ_QA_003
    #[test]
    fn the_known_fault_is_still_there() {
        for condition in ["(i32.eqz (local.get 0))", "(i32.eq (local.get 0) (i32.const 0))"] {
            let choice = format!("(select (i32.const 1) (local.get 0) {condition})");
            let text = format!("(i32.sub (i32.add (local.get 0) (i32.const 5)) {choice})");
            let wasm = wat::parse_str(format!("(module (func (param i32) (result i32) {text}))"));
            assert!(known_fault(&wasm.expect("the text is right")));
            assert!(differ(&text, &text).is_err(), "{condition}: leave such modules in again");
        }
    }

    // What such modules have in common is no pattern of bytes: they are listed one by one. The specification leaves no doubt that
    // the local's old value is the result where the arm that sets it does not run.
    // @need-ids: REQ_QA_003
    #[test]
    fn the_cause_of_the_listed_faults_is_still_there() {
        let arms = "(if (param i32) (ref.is_null (ref.func 0)) (then (local.set 0) (unreachable)) (else (drop)))";
        let waiting = format!("(local.get 0) (i32.const 0) {arms}");
        assert!(differ(&waiting, &waiting).is_err(), "the listed modules are likely to be fine, too");
        assert_eq!(differ("(local.get 0)", &format!("(i32.const 0) {arms} (local.get 0)")), Ok(()));
    }

    // @need-ids: REQ_QA_003
    #[test]
    fn the_listed_faults_are_those_of_their_seeds_and_still_there() {
        for fault in known::all() {
            let mut counts = Counts::default();
            let (_, wasm) = smith::module(&input(fault.seed), Features::Shared).expect("long enough");
            assert_eq!(::wrt_safety::crc32(&wasm), fault.checksum, "seed {} makes another module", fault.seed);
            assert_eq!(run(&input(fault.seed), &mut counts), Ok(()), "{fault:?}");
            assert_eq!(counts.0.get(KNOWN), Some(&1), "{fault:?}");
        }
    }
}
