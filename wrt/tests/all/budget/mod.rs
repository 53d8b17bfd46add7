//! Budgets against what runs really need: never below, and equal where calls are direct and there is one way.

mod fuel;
mod hostile;
mod random;
mod room;
mod stack;

use wrt::budget::{Budget, BudgetError, Declarations, Entry, Reason, Root, Site, StackNeeds};
use wrt::{Config, Engine, Error, ExternType, Limits, Linker, Module, Store, Trap, Val, ValType};

fn module(bytes: &[u8]) -> Module {
    Module::new(&Engine::default(), bytes).expect("the module is valid")
}

fn budget(bytes: &[u8]) -> Budget {
    declared(bytes, &Declarations::default()).expect("no declarations to be wrong")
}

/// The budget by way of the module, which is that of its image.
fn declared(bytes: &[u8], declarations: &Declarations) -> Result<Budget, BudgetError> {
    let module = module(bytes);
    let budget = Budget::of(&module, declarations)?;
    let image = Module::new(&Engine::default(), &budget.image).expect("an image");
    let again = Budget::of(&image, declarations)?;
    assert_eq!(format!("{:?}", again.roots), format!("{:?}", budget.roots), "the same from the image");
    Ok(budget)
}

fn root<'b>(budget: &'b Budget, export: &str) -> &'b Root {
    let named = |root: &&Root| matches!(&root.entry, Entry::Export(name) if name == export);
    budget.roots.iter().find(named).unwrap_or_else(|| panic!("no root {export}"))
}

fn stack(budget: &Budget, export: &str) -> StackNeeds {
    root(budget, export).stack.clone().unwrap_or_else(|reasons| panic!("{export}: {reasons:?}"))
}

/// How a run ended, and what it used.
#[derive(Debug)]
struct Ran {
    end: Result<Vec<Val>, Error>,
    fuel: u64,
    frames: u64,
    slots: u64,
}

impl Ran {
    fn trap(&self) -> Option<Trap> {
        self.end.as_ref().err().and_then(Error::trap).map(wrt::TrapError::trap)
    }
}

/// A value of each type for the parameters, that of `bits` where it has that many.
fn argument(ty: &ValType, bits: u64) -> Val {
    match ty {
        ValType::I32 => Val::I32(bits as i32),
        ValType::I64 => Val::I64(bits as i64),
        ValType::F32 => Val::F32(bits as u32),
        ValType::F64 => Val::F64(bits),
        ValType::V128 => Val::V128(bits.into()),
        ValType::Ref(_) => Val::FuncRef(None),
    }
}

/// Calls an export under these limits of the stack and with so much fuel; imported functions do nothing.
fn run(bytes: &[u8], export: &str, arguments: &[u64], stack: (u64, u64), fuel: u64) -> Ran {
    try_run(bytes, export, arguments, stack, fuel).expect("links")
}

/// The most fuel for a start function.
const START_FUEL: u64 = 100_000;

/// As [`run`]; `None` where there is no instance.
fn try_run(bytes: &[u8], export: &str, arguments: &[u64], (frames, slots): (u64, u64), fuel: u64) -> Option<Ran> {
    let limit = |count: u64| u32::try_from(count).expect("a limit");
    let limits = Limits { max_frames: limit(frames), max_slots: limit(slots), ..Limits::DEFAULT };
    let engine = Engine::new(&Config::new().limits(limits));
    let module = Module::new(&engine, bytes).expect("the module is valid");
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    for import in module.imports() {
        let ExternType::Func(ty) = import.ty else { continue };
        linker.func_new(import.module, import.name, ty, |_, _, _| Ok(())).expect("new");
    }
    store.set_fuel(START_FUEL);
    let instance = linker.instantiate(&mut store, &module).ok()?;
    store.set_profiling(true);
    store.set_fuel(fuel);
    let func = instance.func(&store, export).expect("exported");
    let ty = func.ty(&store);
    let at = |index: usize| arguments.get(index).copied().unwrap_or(0);
    let arguments: Vec<Val> = ty.params().iter().enumerate().map(|(index, ty)| argument(ty, at(index))).collect();
    let mut results = vec![Val::I32(0); ty.results().len()];
    let end = func.call(&mut store, &arguments, &mut results).map(|()| results);
    let stats = store.stats();
    let fuel = fuel - store.get_fuel();
    Some(Ran { end, fuel, frames: stats.peak_frames.into(), slots: stats.peak_slots.into() })
}

const PLENTY: (u64, u64) = (100_000, 1_000_000);

/// With what the budget says it runs; with a slot or a frame less it does not.
fn assert_exact_stack(bytes: &[u8], export: &str, what: &str) {
    let needs = stack(&budget(bytes), export);
    assert_tight(bytes, export, needs, what);
}

fn assert_tight(bytes: &[u8], export: &str, needs: StackNeeds, what: &str) {
    let (frames, slots) = (needs.frames, needs.slots);
    let ran = run(bytes, export, &[], (frames, slots), u64::MAX);
    assert!(ran.end.is_ok(), "{what}: {needs:?} suffice: {ran:?}");
    assert_eq!(ran.frames, frames, "{what}: the peak of frames");
    // What a tail call needs is not observed, but checked below all the same.
    assert!(ran.slots <= slots, "{what}: the peak of slots is {}", ran.slots);
    if frames > 1 {
        let short = run(bytes, export, &[], (frames - 1, slots), u64::MAX);
        assert_eq!(short.trap(), Some(Trap::CallStackExhausted), "{what}: one frame less");
    }
    if slots > 0 {
        let short = run(bytes, export, &[], (frames, slots - 1), u64::MAX);
        assert_eq!(short.trap(), Some(Trap::CallStackExhausted), "{what}: one slot less");
    }
}
