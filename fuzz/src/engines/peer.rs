//! One of those that are compared: an engine, or engines that take turns, with an instance in a store of its own.

use super::linked::{Again, Linked};
use crate::peers::wrt::{FUEL, answered, from_val, stand_in, to_val};
use crate::random::Random;
use crate::value::{Value, number};
use ::wrt::{
    AsContext, Error, Extern, ExternType, FaultPlace, Func, FuncType, Global, Instance, Memory, Module, ResumableCall,
    ResumableHostTrap, ResumableOutOfFuel, RootScope, Store, Strategy, Table, Val,
};
use std::fmt;

/// What runs calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// One engine.
    On(Strategy),
    /// Any of these, chosen anew wherever a call stands still.
    InTurn(&'static [Strategy]),
}

/// An exported function.
#[derive(Clone, Debug)]
pub(super) struct Export {
    pub(super) name: String,
    pub(super) ty: FuncType,
    func: Func,
}

/// An instance, and what can be seen of it.
pub(super) struct Peer {
    pub(super) store: Store<()>,
    runs: Runs,
    /// Which engine comes next.
    turns: Random,
    /// How often another one came.
    pub(super) changes: u64,
    /// What its host functions call.
    pub(super) again: Again,
    /// The exports of the module, and behind them those of the instance that is linked to it.
    pub(super) funcs: Vec<Export>,
    memories: Vec<(String, Memory)>,
    tables: Vec<(String, Table)>,
    globals: Vec<(String, Global)>,
}

/// Where a call got to.
pub(super) enum Step {
    Returned(Vec<Value>),
    /// A trap, or a limit.
    Ended(Error),
    OutOfFuel(ResumableOutOfFuel),
    HostFailed(ResumableHostTrap),
}

/// What becomes of a call whose host function failed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    Again,
    Zeroes,
    Trap,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Returned(values) => write!(f, "returned {values:?}"),
            Self::Ended(Error::Trap(trap)) => write!(f, "trapped: {:?} at {:?}", trap.info, trap.backtrace.frames),
            Self::Ended(error) => write!(f, "ended: {error}"),
            Self::OutOfFuel(paused) => write!(f, "paused, needs {}", paused.needed()),
            Self::HostFailed(paused) => write!(f, "the host failed: {}", paused.error()),
        }
    }
}

impl Peer {
    /// Instantiates a module; where it is linked, half of the host's functions call it again.
    pub(super) fn new(module: &Module, runs: Runs, seed: u64, linked: bool, again: Again) -> Result<Self, Error> {
        let mut store = Store::new(module.engine(), ());
        if let Runs::On(strategy) = runs {
            store.set_strategy(strategy);
        }
        let mut imports = Vec::new();
        for import in module.imports() {
            let number = number(import.module, import.name);
            imports.push(match import.ty {
                ExternType::Func(ty) if linked && number.is_multiple_of(2) => {
                    let types = ty.results().to_vec();
                    Extern::Func(again.host_func(&mut store, ty, true, move |args| answered(number, args, &types))?)
                }
                ty => stand_in(&mut store, number, ty)?,
            });
        }
        store.set_fuel(FUEL);
        let instance = Instance::new(&mut store, module, &imports)?;
        let mut peer = Self {
            store,
            runs,
            turns: Random(seed),
            changes: 0,
            again,
            funcs: Vec::new(),
            memories: Vec::new(),
            tables: Vec::new(),
            globals: Vec::new(),
        };
        peer.exports(instance);
        Ok(peer)
    }

    /// Makes the instance that is linked to the module's; whether there is one.
    pub(super) fn link(&mut self, engine: &::wrt::Engine, random: &mut Random) -> Result<bool, Error> {
        let exports: Vec<Extern> = [
            self.funcs.iter().map(|export| Extern::Func(export.func)).collect::<Vec<_>>(),
            self.memories.iter().map(|(_, memory)| Extern::Memory(*memory)).collect(),
            self.tables.iter().map(|(_, table)| Extern::Table(*table)).collect(),
            self.globals.iter().map(|(_, global)| Extern::Global(*global)).collect(),
        ]
        .concat();
        let linked = Linked::new(&mut self.store, &exports, &self.again, random)?;
        if let Some(Linked { text, imports }) = &linked {
            let wasm = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
            let instance = Instance::new(&mut self.store, &Module::new(engine, &wasm)?, imports)?;
            self.exports(instance);
        }
        self.again.set(self.funcs.iter().map(|export| (export.func, export.ty.clone())));
        Ok(linked.is_some())
    }

    fn exports(&mut self, instance: Instance) {
        for (name, thing) in instance.exports(&self.store) {
            let name = name.to_string();
            match thing {
                Extern::Func(func) => self.funcs.push(Export { name, ty: func.ty(&self.store), func }),
                Extern::Memory(memory) => self.memories.push((name, memory)),
                Extern::Table(table) => self.tables.push((name, table)),
                Extern::Global(global) => self.globals.push((name, global)),
                Extern::Tag(_) => {}
            }
        }
    }

    /// Whose turn it is.
    fn turn(&mut self) {
        if let Runs::InTurn(strategies) = self.runs {
            let next = strategies[self.turns.below(strategies.len())];
            self.changes += u64::from(next != self.store.strategy());
            self.store.set_strategy(next);
        }
    }

    /// Arguments as this store has them.
    pub(super) fn arguments(&mut self, values: &[Value]) -> Result<Vec<Val>, Error> {
        values.iter().map(|value| to_val(&mut self.store, *value)).collect()
    }

    /// Begins a call with so much fuel.
    pub(super) fn begin(&mut self, func: usize, args: &[Val], fuel: u64) -> Step {
        self.turn();
        let Export { func, ty, .. } = &self.funcs[func];
        let mut results = vec![Val::I32(0); ty.results().len()];
        self.store.set_fuel(fuel);
        let call = func.call_resumable(&mut self.store, args, &mut results);
        self.step(call, &results)
    }

    fn step(&self, call: Result<ResumableCall, Error>, results: &[Val]) -> Step {
        match call {
            Ok(ResumableCall::Finished) => {
                Step::Returned(results.iter().map(|value| from_val(&self.store, *value)).collect())
            }
            Ok(ResumableCall::OutOfFuel(paused)) => Step::OutOfFuel(paused),
            Ok(ResumableCall::Waiting(waiting)) => panic!("no memory is shared: {waiting:?}"),
            Ok(ResumableCall::HostTrap(paused)) => Step::HostFailed(paused),
            Err(error) => Step::Ended(error),
        }
    }

    /// Goes on with more fuel.
    pub(super) fn resume(&mut self, func: usize, paused: ResumableOutOfFuel, fuel: u64) -> Step {
        self.turn();
        self.store.add_fuel(fuel);
        let mut results = vec![Val::I32(0); self.funcs[func].ty.results().len()];
        let call = paused.resume(&mut self.store, &mut results);
        self.step(call, &results)
    }

    /// Goes on after the host failed.
    pub(super) fn answer(&mut self, func: usize, paused: ResumableHostTrap, answer: Answer) -> Step {
        self.turn();
        let mut results = vec![Val::I32(0); self.funcs[func].ty.results().len()];
        let zeroes = || -> Option<Vec<Val>> {
            let ty = paused.host_func(&self.store)?.ty(&self.store);
            ty.results().iter().map(|ty| Val::default_for(*ty)).collect()
        };
        let call = match (answer, zeroes()) {
            (Answer::Again, _) => paused.resume(&mut self.store, &mut results),
            (Answer::Zeroes, Some(zeroes)) => paused.resume_with(&mut self.store, &zeroes, &mut results),
            _ => Err(paused.into_trap(&mut self.store)),
        };
        self.step(call, &results)
    }

    /// Flips a bit of a paused call's state; whether there was one.
    pub(super) fn spoil(&mut self, step: &mut Step, place: FaultPlace, bit: u64) -> bool {
        match step {
            Step::OutOfFuel(paused) => paused.inject_fault(&mut self.store, place, bit),
            _ => false,
        }
    }

    /// The first thing that can be seen in both and is not the same. What is looked at is held no longer than that: a collection looks at
    /// all that the host holds, and its price is for that too.
    pub(super) fn contents_differ(&mut self, other: &mut Self) -> Option<String> {
        let (here, there) = (RootScope::new(&mut self.store), RootScope::new(&mut other.store));
        for ((name, a), (_, b)) in self.globals.iter().zip(&other.globals) {
            let (a, b) = (from_val(&here, a.get(&here)), from_val(&there, b.get(&there)));
            if a != b {
                return Some(format!("global {name} is {a:?}, or {b:?}"));
            }
        }
        for ((name, a), (_, b)) in self.memories.iter().zip(&other.memories) {
            let (a, b) = (a.data(here.as_context()), b.data(there.as_context()));
            if a != b {
                let at = a.iter().zip(b).position(|(a, b)| a != b);
                return Some(format!("memory {name} of {} or {} bytes differs at {at:?}", a.len(), b.len()));
            }
        }
        for ((name, a), (_, b)) in self.tables.iter().zip(&other.tables) {
            let elements = |store: &RootScope<&mut Store<()>>, table: &Table| -> Vec<Value> {
                let all = (0..table.size(store)).filter_map(|index| table.get(store, index));
                all.map(|value| from_val(store, value)).collect()
            };
            if elements(&here, a) != elements(&there, b) {
                return Some(format!("table {name} differs"));
            }
        }
        None
    }
}

/// The first difference of two calls that stand still or ended; fuel and frames included. Of two running frames, one shows no more
/// than its operands where its engine is the traditional one.
pub(super) fn steps_differ((a, at): (&Peer, &Step), (b, there): (&Peer, &Step)) -> Option<String> {
    let fuel = (a.store.fuel_consumed(), b.store.fuel_consumed());
    if fuel.0 != fuel.1 {
        return Some(format!("{} units of fuel are used, or {}: {at:?}, or {there:?}", fuel.0, fuel.1));
    }
    let same = match (at, there) {
        (Step::Returned(a), Step::Returned(b)) => a == b,
        (Step::Ended(Error::Trap(a)), Step::Ended(Error::Trap(b))) => {
            a.info == b.info && a.backtrace == b.backtrace && a.truncated == b.truncated
        }
        (Step::Ended(a), Step::Ended(b)) => a.kind() == b.kind() && a.to_string() == b.to_string(),
        (Step::OutOfFuel(paused), Step::OutOfFuel(other)) => {
            if paused.needed() == other.needed() {
                return frames_differ(&paused.state(&a.store), &other.state(&b.store));
            }
            false
        }
        (Step::HostFailed(paused), Step::HostFailed(other)) => {
            let index = |peer: &Peer, paused: &ResumableHostTrap| {
                paused.host_func(&peer.store).map(|func| func.ty(&peer.store))
            };
            paused.error().to_string() == other.error().to_string() && index(a, paused) == index(b, other)
        }
        _ => false,
    };
    (!same).then(|| format!("{at:?}, or {there:?}"))
}

fn frames_differ(a: &[::wrt::FrameState], b: &[::wrt::FrameState]) -> Option<String> {
    if a.len() != b.len() {
        return Some(format!("{} frames, or {}", a.len(), b.len()));
    }
    a.iter().zip(b).enumerate().find_map(|(depth, (a, b))| {
        let place = |frame: &::wrt::FrameState| (frame.instance, frame.func, frame.offset);
        if place(a) != place(b) {
            return Some(format!("frame {depth} is at {:x?}, or {:x?}", place(a), place(b)));
        }
        // Of the running frame, what lies above the operands means nothing.
        let known = if depth == 0 { a.slots.len().min(b.slots.len()) } else { a.slots.len() };
        if depth > 0 && a.slots.len() != b.slots.len() {
            return Some(format!("frame {depth} has {} slots, or {}", a.slots.len(), b.slots.len()));
        }
        let slot = (0..known).find(|slot| a.slots[*slot] != b.slots[*slot])?;
        let place = place(a);
        Some(format!("slot {slot} of frame {depth} at {place:x?} is {:#x}, or {:#x}", a.slots[slot], b.slots[slot]))
    })
}
