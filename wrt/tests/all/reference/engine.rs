//! The engine under test, through the embedding interface, and its comparison with the evaluator.
// Each of the test crates uses another part of it.
use super::Bounds;
use super::machine::{FrameState, Machine, Outcome, adding_host};
use wrt::{
    Config, Engine, Error, Extern, Func, Instance, Limits, Linker, Module, ResumableCall, ResumableOutOfFuel, Store,
    Strategy, Trap, Val, ValType,
};

/// Limits for guests that recurse on purpose: small, so that they end soon.
pub(crate) fn small_limits() -> Limits {
    Limits { max_frames: 100, max_slots: 10_000, ..Limits::DEFAULT }
}

pub(crate) fn engine(limits: Limits) -> Engine {
    Engine::new(&Config::new().limits(limits).wasm_custom_page_sizes(true).wasm_wide_arithmetic(true))
}

/// A module and the same by way of an image, whose code is all there before the first call, for either engine.
pub(crate) fn both_ways(engine: &Engine, wasm: &[u8]) -> [Module; 2] {
    let module = Module::new(engine, wasm).expect("a module");
    let image = module.compile_with_bytecode().expect("can be lowered");
    let image = Module::new(engine, image).expect("its own image");
    [module, image]
}

/// What runs a guest: one engine, or each in turn, from one pause to the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Runs {
    On(Strategy),
    InTurn,
}

impl Runs {
    pub(crate) const ALL: [Self; 3] = [Self::On(Strategy::Stackless), Self::On(Strategy::Traditional), Self::InTurn];
}

/// An instance in a store of its own. Imported functions do what [`adding_host`] does.
pub(crate) struct Guest {
    pub(crate) runs: Runs,
    pub(crate) store: Store<()>,
    pub(crate) instance: Instance,
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Finished(Vec<u64>),
    /// The trap, with function and offset of the operator.
    Trapped(Trap, Option<(u32, u32)>),
}

fn slot(value: &Val) -> u64 {
    match value {
        Val::I32(value) => u64::from(*value as u32),
        Val::I64(value) => *value as u64,
        Val::F32(bits) => u64::from(*bits),
        Val::F64(bits) => *bits,
        Val::V128(_) => panic!("no vectors here"),
        // Handles are the store's business; null and not null can be told apart.
        Val::FuncRef(func) => u64::from(func.is_some()),
        Val::ExternRef(reference) => u64::from(reference.is_some()),
        Val::AnyRef(_) | Val::ExnRef(_) => 0,
    }
}

fn value(ty: ValType, slot: u64) -> Val {
    match ty {
        ValType::I32 => Val::I32(slot as i32),
        ValType::I64 => Val::I64(slot as i64),
        ValType::F32 => Val::F32(slot as u32),
        ValType::F64 => Val::F64(slot),
        ValType::Ref(ty) => Val::null(ty.heap_type()),
        ValType::V128 => panic!("no vectors here"),
    }
}

/// A call that can be looked at whenever it pauses.
pub(crate) enum Progress {
    Ended(End),
    Paused(ResumableOutOfFuel),
}

/// A call's function, and room for its results.
pub(crate) struct Call {
    func: Func,
    arguments: Vec<Val>,
    results: Vec<Val>,
}

impl Guest {
    /// # Errors
    /// The trap of an active segment or of the start function.
    pub(crate) fn new(module: &Module, runs: Runs) -> Result<Self, Error> {
        let mut store = Store::new(module.engine(), ());
        if let Runs::On(strategy) = runs {
            store.set_strategy(strategy);
        }
        let mut linker = Linker::new(module.engine());
        for (index, import) in module.imports().enumerate() {
            let wrt::ExternType::Func(ty) = import.ty else { panic!("only functions are imported here") };
            linker.func_new(import.module, import.name, ty.clone(), move |_, arguments, results| {
                let arguments: Vec<_> = arguments.iter().map(slot).collect();
                let made = adding_host(index, &arguments, results.len());
                for (result, made) in results.iter_mut().zip(made) {
                    *result = value(result.ty(), made);
                }
                Ok(())
            })?;
        }
        let instance = linker.instantiate(&mut store, module)?;
        Ok(Self { runs, store, instance })
    }

    pub(crate) fn call(&self, export: &str, arguments: &[u64]) -> Call {
        let func = self.instance.get_func(&self.store, export).expect("an exported function");
        let ty = func.ty(&self.store);
        let arguments = ty.params().iter().zip(arguments).map(|(ty, slot)| value(*ty, *slot)).collect();
        let results = ty.results().iter().map(|ty| value(*ty, 0)).collect();
        Call { func, arguments, results }
    }

    /// Begins a call with the fuel that the store has.
    pub(crate) fn begin(&mut self, call: &mut Call) -> Progress {
        let progress = call.func.call_resumable(&mut self.store, &call.arguments, &mut call.results);
        progressed(progress, call)
    }

    pub(crate) fn resume(&mut self, paused: ResumableOutOfFuel, call: &mut Call) -> Progress {
        if self.runs == Runs::InTurn {
            let other = match self.store.strategy() {
                Strategy::Stackless => Strategy::Traditional,
                _ => Strategy::Stackless,
            };
            self.store.set_strategy(other);
        }
        let progress = paused.resume(&mut self.store, &mut call.results);
        progressed(progress, call)
    }

    /// Calls with fuel in slices, the last of them as often as needed; the end, and the fuel used in all.
    pub(crate) fn run(&mut self, export: &str, arguments: &[u64], mut slices: impl Iterator<Item = u64>) -> (End, u64) {
        let mut call = self.call(export, arguments);
        let mut slice = slices.next().expect("a slice");
        self.store.set_fuel(slice);
        let mut progress = self.begin(&mut call);
        loop {
            match progress {
                Progress::Ended(end) => return (end, self.store.fuel_consumed()),
                Progress::Paused(paused) => {
                    assert!(paused.needed() > self.store.get_fuel(), "paused with enough fuel");
                    slice = slices.next().unwrap_or(slice);
                    self.store.add_fuel(slice);
                    progress = self.resume(paused, &mut call);
                }
            }
        }
    }

    /// What can be seen of the instance's state: memories, globals and tables that are exported.
    pub(crate) fn exported(&self) -> Vec<(String, Vec<u8>)> {
        let mut seen = Vec::new();
        for (name, thing) in self.instance.exports(&self.store) {
            let bytes = match thing {
                Extern::Memory(memory) => memory.data(&self.store).to_vec(),
                Extern::Global(global) => slot(&global.get(&self.store)).to_le_bytes().to_vec(),
                Extern::Table(table) => {
                    let size = table.size(&self.store);
                    (0..size).map(|index| slot(&table.get(&self.store, index).expect("inside")) as u8).collect()
                }
                Extern::Func(_) | Extern::Tag(_) => continue,
            };
            seen.push((name.to_owned(), bytes));
        }
        seen
    }
}

fn progressed(progress: Result<ResumableCall, Error>, call: &Call) -> Progress {
    match progress {
        Ok(ResumableCall::Finished) => Progress::Ended(End::Finished(call.results.iter().map(slot).collect())),
        Ok(ResumableCall::OutOfFuel(paused)) => Progress::Paused(paused),
        Ok(ResumableCall::Waiting(waiting)) => panic!("no agents here: {waiting:?}"),
        Ok(ResumableCall::HostTrap(failed)) => panic!("the host does not fail here: {}", failed.error()),
        Err(error) => {
            let trap = error.trap().unwrap_or_else(|| panic!("neither result nor trap: {error}"));
            let frame = trap.backtrace.frames.first();
            let place = frame.map(|frame| (frame.func, frame.offset.expect("an offset") as u32));
            Progress::Ended(End::Trapped(trap.trap(), place))
        }
    }
}

/// Compares one export of both sides.
pub(crate) fn assert_same_bytes(found: &(String, Vec<u8>), expected: &(String, Vec<u8>), what: &str) {
    if found != expected {
        let first = found.1.iter().zip(&expected.1).position(|(a, b)| a != b);
        let lengths = (found.1.len(), expected.1.len());
        panic!("{what}: `{}` differs: first at {first:?}, lengths {lengths:?}", found.0);
    }
}

/// The evaluator's side of [`Guest::exported`].
pub(crate) fn exported_by(machine: &Machine<'_>) -> Vec<(String, Vec<u8>)> {
    use super::module::is_reference;
    use wasmparser::ExternalKind;
    let mut seen = Vec::new();
    for (name, kind, index) in &machine.module.exports {
        let index = *index as usize;
        let bytes = match kind {
            ExternalKind::Memory => machine.memories[index].bytes.clone(),
            ExternalKind::Global => {
                let value = machine.globals[index];
                let reference = is_reference(machine.module.globals[index].ty);
                let value = if reference { u64::from(value != 0) } else { value };
                value.to_le_bytes().to_vec()
            }
            ExternalKind::Table => {
                machine.tables[index].elements.iter().map(|element| u8::from(*element != 0)).collect()
            }
            _ => continue,
        };
        seen.push(((*name).to_owned(), bytes));
    }
    seen
}

/// The evaluator's outcome as the engine would give it; `None` for a pause.
pub(crate) fn end_of(machine: &Machine<'_>, func: u32, outcome: &Outcome) -> Option<End> {
    use super::module::is_reference;
    Some(match outcome {
        Outcome::Finished(results) => {
            let types = machine.module.func_type(func).results();
            let values = results.iter().zip(types);
            End::Finished(
                values.map(|(slot, ty)| if is_reference(*ty) { u64::from(*slot != 0) } else { *slot }).collect(),
            )
        }
        Outcome::Trapped(trapped) => End::Trapped(trapped.trap, trapped.place),
        Outcome::OutOfFuel(_) => return None,
    })
}

/// The bounds that the evaluator must have for the same limits.
pub(crate) fn bounds(limits: &Limits) -> Bounds {
    Bounds::from(limits)
}

/// Compares the frames of two calls that paused: functions, positions, locals and operands.
pub(crate) fn assert_same_state(found: &[wrt::FrameState], expected: &[FrameState], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: frames");
    for (depth, (found, expected)) in found.iter().zip(expected).enumerate() {
        let what = format!("{what}: frame {depth}");
        assert_eq!(found.func, expected.func, "{what}: function");
        // A head of a structure may be shown as the operator that opens it, or as the one that comes next.
        let position = found.offset == expected.offset || Some(found.offset) == expected.behind;
        assert!(position, "{what}: offset {:#x}, expected {expected:#x?}", found.offset);
        // Of the running frame, what lies above the operands means nothing.
        let known = if depth == 0 { expected.slots.len().min(found.slots.len()) } else { found.slots.len() };
        assert_eq!(known, expected.slots.len(), "{what} at {:#x}: number of slots", found.offset);
        if let Some(at) = (0..known).find(|at| found.slots[*at] != expected.slots[*at]) {
            let (found_slot, slot) = (found.slots[at], expected.slots[at]);
            panic!("{what} at {:#x}: slot {at} of {known} is {found_slot:#x}, expected {slot:#x}", found.offset);
        }
    }
}

/// A generator that is the same everywhere (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A slice of fuel, of any order of size up to `most`.
    pub(crate) fn slice(&mut self, most: u64) -> u64 {
        let most = most >> (self.next() % u64::from(most.max(1).ilog2() + 1));
        self.next() % (most + 1)
    }

    /// The slot of an argument: often one where something happens.
    pub(crate) fn argument(&mut self, ty: wasmparser::ValType) -> u64 {
        const EDGES: [u64; 8] = [0, 1, u64::MAX, 1 << 31, 1 << 63, 0x7FF8 << 48, 0x3FF0 << 48, 100];
        let bits = if self.next().is_multiple_of(2) { EDGES[(self.next() % 8) as usize] } else { self.next() };
        match ty {
            wasmparser::ValType::I32 | wasmparser::ValType::F32 => bits & 0xFFFF_FFFF,
            wasmparser::ValType::Ref(_) => 0,
            _ => bits,
        }
    }
}

/// Makes the same call on both sides in the same slices of fuel, and compares at every pause what is needed and left,
/// the frames, and memories, tables and globals (large memories at some of the pauses, and at the end). A call that
/// used more than `most` is left where it is. Gives the number of pauses.
pub(crate) fn in_step(
    guest: &mut Guest,
    machine: &mut Machine<'_>,
    (name, func): (&str, u32),
    arguments: &[u64],
    mut slice: impl FnMut() -> u64,
    most: u64,
) -> u32 {
    let mut call = guest.call(name, arguments);
    let (mut given, before, mut pauses) = (slice(), machine.charged, 0);
    guest.store.set_fuel(given);
    machine.fuel = given;
    let mut progress = guest.begin(&mut call);
    let mut outcome = if machine.module.defined(func).is_some() {
        machine.call(func, arguments)
    } else {
        let results = machine.module.func_type(func).results().len();
        Outcome::Finished(adding_host(func as usize, arguments, results))
    };
    loop {
        let what = format!("{name} {arguments:?} with {given} of fuel");
        assert_eq!(guest.store.get_fuel(), machine.fuel, "{what}: fuel left, at {outcome:?}");
        assert_eq!(guest.store.fuel_consumed(), machine.charged - before, "{what}: fuel used");
        let paused = match progress {
            Progress::Ended(found) => {
                assert_eq!(Some(found), end_of(machine, func, &outcome), "{what}");
                assert_same_exports(guest, machine, &what);
                return pauses;
            }
            Progress::Paused(paused) => paused,
        };
        let Outcome::OutOfFuel(needed) = outcome else { panic!("{what}: paused, expected {outcome:?}") };
        assert_eq!(paused.needed(), needed, "{what}: needed");
        assert_same_state(&paused.state(&guest.store), &machine.state(), &what);
        pauses += 1;
        if pauses.is_multiple_of(64)
            || machine.memories.iter().map(|memory| memory.bytes.len()).sum::<usize>() <= 1 << 17
        {
            assert_same_exports(guest, machine, &what);
        }
        if given > most {
            return pauses;
        }
        let more = slice();
        given += more;
        guest.store.add_fuel(more);
        machine.fuel += more;
        progress = guest.resume(paused, &mut call);
        outcome = machine.resume();
    }
}

fn assert_same_exports(guest: &Guest, machine: &Machine<'_>, what: &str) {
    let (found, expected) = (guest.exported(), exported_by(machine));
    assert_eq!(found.len(), expected.len(), "{what}: exports");
    found.iter().zip(&expected).for_each(|(found, expected)| assert_same_bytes(found, expected, what));
}
