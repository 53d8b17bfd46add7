//! Runs steps on the host and writes down how they end.

use crate::script::{Placed, Step, Wanted};
use std::collections::{BTreeSet, HashMap};
use suite::format::{Command, End, Slot};
use wast::WastArg;
use wast::core::{AbstractHeapType, HeapType, WastArgCore};
use wrt::{Engine, Error, ExternRef, Instance, Module, Store, Trap, Val};
use wrt_runtime::heap::reference::Referent;

/// What an image's functions consist of, and so which engine plays a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// For the stackless engine.
    Register,
    /// For the traditional one.
    Bytecode,
}

impl Code {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Register, Self::Bytecode];
}

/// A module of the script, compiled.
pub struct Compiled {
    /// As the host runs it.
    pub module: Module,
    /// As boards get it, in each [`Code`].
    images: [Vec<u8>; 2],
    /// Places of the steps it imports from.
    pub from: BTreeSet<usize>,
}

/// Compiles the module of a step.
pub fn compile(engine: &Engine, binary: &[u8], imports: &HashMap<String, usize>) -> Result<Compiled, String> {
    let module = Module::new(engine, binary).map_err(|error| error.to_string())?;
    let shown = |error: Error| error.to_string();
    let images = [module.compile().map_err(shown)?, module.compile_bytecode().map_err(shown)?];
    let from = module.imports().filter_map(|import| imports.get(import.module).copied()).collect();
    Ok(Compiled { module, images, from })
}

/// An episode on the host.
// @need-ids: REQ_QA_004
pub struct Recorder<'c> {
    spectest: &'c Compiled,
    store: Store<()>,
    /// Instances by the places of their steps: number in the episode, and the instance.
    instances: HashMap<usize, (u32, Option<Instance>)>,
    /// The host's module, where one imports from it: number and instance.
    spectest_instance: Option<(u32, Instance)>,
    /// How many external references there are.
    externs: u64,
    /// The commands in postcard, with images of each [`Code`].
    commands: [Vec<u8>; 2],
    /// How many there are.
    pub count: u32,
    /// Assertions among them.
    pub asserted: u32,
    /// Steps that a board cannot repeat, with the reason.
    pub left: Vec<(u32, String)>,
}

/// How a step ended: the trap or 0, and results.
type Ended = (u8, Vec<Slot>);

impl<'c> Recorder<'c> {
    /// An episode whose modules may import from the host's.
    pub fn new(engine: &Engine, spectest: &'c Compiled) -> Self {
        Self {
            spectest,
            store: Store::with_limits(engine, (), suite::LIMITS),
            instances: HashMap::new(),
            spectest_instance: None,
            externs: 0,
            commands: [const { Vec::new() }; 2],
            count: 0,
            asserted: 0,
            left: Vec::new(),
        }
    }

    /// The host's module, which an episode has from the first import on: what imports nothing is alone.
    fn host(&mut self) -> Result<(u32, Instance), String> {
        if let Some(host) = self.spectest_instance {
            return Ok(host);
        }
        let instance = Instance::new(&mut self.store, &self.spectest.module, &[]).map_err(|error| error.to_string())?;
        let number = u32::try_from(self.modules()).map_err(|error| error.to_string())?;
        let expected = End { trap: 0, fuel: 0, results: &[] };
        let spectest = self.spectest;
        self.push(|code| {
            let image = &spectest.images[code as usize];
            Command::Module { line: 0, asserted: false, image, imports: &[], expected: expected.clone() }
        })?;
        Ok(*self.spectest_instance.insert((number, instance)))
    }

    fn push<'a>(&mut self, command: impl Fn(Code) -> Command<'a>) -> Result<(), String> {
        for code in Code::ALL {
            let bytes = postcard::to_stdvec(&command(code)).map_err(|error| error.to_string())?;
            self.commands[code as usize].extend(bytes);
        }
        self.count += 1;
        Ok(())
    }

    /// The commands in postcard, with images of this code.
    pub fn commands(&self, code: Code) -> &[u8] {
        &self.commands[code as usize]
    }

    /// Runs a step and writes it down.
    pub fn step(&mut self, at: usize, placed: &Placed<'_>, compiled: Option<&Compiled>) {
        let done = match (&placed.step, compiled) {
            (Step::Module { imports, .. }, Some(compiled)) => self.module(at, placed, compiled, imports),
            (Step::Module { .. }, None) => Ok(()),
            (Step::Call { module, name, args }, _) => self.call(placed, *module, name, args),
            (Step::Get { module, name }, _) => self.get(placed, *module, name),
        };
        if let Err(reason) = done {
            self.left.push((placed.line, reason));
        }
    }

    fn instance(&self, module: usize) -> Result<(u32, Instance), String> {
        match self.instances.get(&module) {
            Some((number, Some(instance))) => Ok((*number, *instance)),
            _ => Err("its module is missing".into()),
        }
    }

    fn module(
        &mut self,
        at: usize,
        placed: &Placed<'_>,
        compiled: &Compiled,
        imports: &HashMap<String, usize>,
    ) -> Result<(), String> {
        let mut externs = Vec::new();
        let mut from = Vec::new();
        for import in compiled.module.imports() {
            let (number, instance) = if import.module == "spectest" {
                self.host()?
            } else {
                let module = imports.get(import.module).ok_or("its import is missing")?;
                self.instance(*module)?
            };
            let found = instance.get_export(&self.store, import.name).ok_or("its import is missing")?;
            externs.push(found);
            from.extend(postcard::to_stdvec(&(number, import.name)).map_err(|error| error.to_string())?);
        }
        self.store.set_fuel(suite::FUEL);
        let made = Instance::new(&mut self.store, &compiled.module, &externs);
        let fuel = suite::FUEL - self.store.get_fuel();
        let trap = made.as_ref().map_or_else(trap_of, |_| Ok(0))?;
        let number = u32::try_from(self.modules()).map_err(|error| error.to_string())?;
        self.instances.insert(at, (number, made.ok()));
        let asserted = self.counts(placed, trap)?;
        let expected = End { trap, fuel, results: &[] };
        self.push(|code| {
            let (line, image) = (placed.line, compiled.images[code as usize].as_slice());
            Command::Module { line, asserted, image, imports: &from, expected: expected.clone() }
        })
    }

    /// Whether an assertion counts: it ended as the script says.
    fn counts(&mut self, placed: &Placed<'_>, trap: u8) -> Result<bool, String> {
        let exhausted = Trap::CallStackExhausted.code();
        let right = match placed.wanted {
            Wanted::Nothing => return Ok(false),
            Wanted::Return => trap == 0,
            Wanted::Trap => trap != 0 && trap != exhausted,
            Wanted::Exhaustion => trap == exhausted,
        };
        if !right && trap == exhausted {
            self.left.push((placed.line, "needs a larger stack".into()));
            return Ok(false);
        }
        if !right {
            return Err(format!("ends with trap {trap} on the host"));
        }
        self.asserted += 1;
        Ok(true)
    }

    fn call(&mut self, placed: &Placed<'_>, module: usize, name: &str, args: &[WastArg<'_>]) -> Result<(), String> {
        let (number, instance) = self.instance(module)?;
        let func = instance.get_func(&self.store, name).ok_or("no such function")?;
        let mut values = Vec::new();
        let mut slots = Vec::new();
        for arg in args {
            let (value, of_value) = self.argument(arg)?;
            values.push(value);
            slots.extend(of_value);
        }
        let mut results: Vec<Val> = func.ty(&self.store).results().iter().map(|ty| null_of(*ty)).collect();
        self.store.set_fuel(suite::FUEL);
        let done = func.call(&mut self.store, &values, &mut results);
        let fuel = suite::FUEL - self.store.get_fuel();
        let trap = done.as_ref().map_or_else(trap_of, |()| Ok(0))?;
        let results = if trap == 0 { results.iter().flat_map(slots_of).collect() } else { Vec::new() };
        self.action(placed, (number, name), &slots, (trap, results), fuel)
    }

    fn get(&mut self, placed: &Placed<'_>, module: usize, name: &str) -> Result<(), String> {
        let (number, instance) = self.instance(module)?;
        let global = instance.get_global(&self.store, name).ok_or("no such global")?;
        let value = global.get(&self.store);
        self.action(placed, (number, name), &[], (0, slots_of(&value)), 0)
    }

    fn action(
        &mut self,
        placed: &Placed<'_>,
        (instance, export): (u32, &str),
        args: &[u64],
        (trap, results): Ended,
        fuel: u64,
    ) -> Result<(), String> {
        let asserted = self.counts(placed, trap)?;
        let mut all = (Vec::new(), Vec::new());
        for arg in args {
            all.0.extend(postcard::to_stdvec(arg).map_err(|error| error.to_string())?);
        }
        for slot in &results {
            all.1.extend(postcard::to_stdvec(slot).map_err(|error| error.to_string())?);
        }
        let expected = End { trap, fuel, results: &all.1 };
        self.push(|_| {
            let (line, expected) = (placed.line, expected.clone());
            Command::Action { line, asserted, instance, export, args: &all.0, expected }
        })
    }

    /// An argument and its slots.
    fn argument(&mut self, arg: &WastArg<'_>) -> Result<(Val, Vec<u64>), String> {
        let WastArg::Core(arg) = arg else { return Err("components are not supported".into()) };
        let value = match arg {
            WastArgCore::I32(value) => Val::I32(*value),
            WastArgCore::I64(value) => Val::I64(*value),
            WastArgCore::F32(value) => Val::F32(value.bits),
            WastArgCore::F64(value) => Val::F64(value.bits),
            WastArgCore::V128(value) => Val::V128(u128::from_le_bytes(value.to_le_bytes())),
            WastArgCore::RefNull(heap) => null(*heap),
            WastArgCore::RefExtern(number) => {
                let reference = ExternRef::new(&mut self.store, *number).map_err(|error| error.to_string())?;
                self.externs += 1;
                // As the slot has it: one above the reference's place in the host's list.
                let slot = Referent::HostValue(self.externs as u32 - 1).reference();
                return Ok((Val::ExternRef(Some(reference)), vec![slot.into()]));
            }
            WastArgCore::RefHost(_) => return Err("a host's internal reference".into()),
        };
        let slots = slots_of(&value).into_iter();
        let slots = slots.map(|slot| match slot {
            Slot::Exactly(bits) => bits,
            Slot::Reference => 0,
        });
        Ok((value, slots.collect()))
    }

    /// Instances in this episode, the host's module included.
    pub fn modules(&self) -> usize {
        self.instances.len() + usize::from(self.spectest_instance.is_some())
    }
}

/// The code of the trap that an error is.
fn trap_of(error: &Error) -> Result<u8, String> {
    match error.trap() {
        Some(info) if info.trap() != Trap::FuelExhausted => Ok(info.trap().code()),
        _ => Err(error.to_string()),
    }
}

fn null_of(ty: wrt::ValType) -> Val {
    match ty {
        wrt::ValType::Ref(ty) => Val::null(ty.heap_type()),
        _ => Val::default_for(ty).unwrap_or(Val::I32(0)),
    }
}

fn null(heap: HeapType<'_>) -> Val {
    use AbstractHeapType as Heap;
    Val::null(match heap {
        HeapType::Abstract { ty: Heap::Extern | Heap::NoExtern, .. } => wrt::HeapType::Extern,
        HeapType::Abstract { ty: Heap::Exn | Heap::NoExn, .. } => wrt::HeapType::Exn,
        HeapType::Abstract { ty: Heap::Func | Heap::NoFunc, .. } | HeapType::Concrete(_) | HeapType::Exact(_) => {
            wrt::HeapType::Func
        }
        HeapType::Abstract { .. } => wrt::HeapType::Any,
    })
}

/// What the slots of a value are.
fn slots_of(value: &Val) -> Vec<Slot> {
    vec![match value {
        Val::I32(value) => Slot::Exactly(u64::from(*value as u32)),
        Val::I64(value) => Slot::Exactly(*value as u64),
        Val::F32(bits) => Slot::Exactly(u64::from(*bits)),
        Val::F64(bits) => Slot::Exactly(*bits),
        Val::V128(value) => {
            return vec![Slot::Exactly(*value as u64), Slot::Exactly((*value >> 64) as u64)];
        }
        other if other.is_null() => Slot::Exactly(0),
        _ => Slot::Reference,
    }]
}
