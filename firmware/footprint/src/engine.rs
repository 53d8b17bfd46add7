//! Loads an image, links one host function, and runs an export in slices of fuel.

use core::hint::black_box;
#[cfg(feature = "traditional")]
use wrt_runtime::Engine;
#[cfg(not(feature = "traditional"))]
use wrt_runtime::StacklessEngine as Engine;
use wrt_runtime::fixed_store::{FixedStore, Instance, Loaded, MemoryRoom, Room, TableRoom};
use wrt_runtime::image::format::{TypeRecord, ValType};
use wrt_runtime::stack::{CallState, Frame};
use wrt_runtime::storage::{Entry, FuncInst};
use wrt_runtime::types::GlobalType;
use wrt_runtime::{Execute, Extern, Outcome, Stack};
use wrt_safety::{Limits, VerificationLevel};
use zerocopy::little_endian::{U16, U32};

/// Room for the types of globals, which are kept where instances are linked to one another.
const GLOBAL_TYPES: usize = if cfg!(feature = "scalar") { 8 } else { 0 };

/// What needs no code to begin with: zeroes, which start-up clears with all others.
pub struct Zeroed {
    funcs: [FuncInst; 16],
    types: [TypeRecord; 8],
    val_types: [ValType; 16],
    globals: [u64; 8],
    elements: [u32; 8],
    bytes: [u8; 1024],
    words: [u32; 32],
    entries: [Entry; 16],
    slots: [u64; 321],
    frames: [Frame; 16],
}

const TYPE: TypeRecord = TypeRecord { start: U32::ZERO, params: U16::ZERO, results: U16::ZERO };

impl Zeroed {
    /// Nothing.
    pub const EMPTY: Self = Self {
        funcs: [FuncInst { ty: 0, instance: 0, index: 0 }; 16],
        types: [TYPE; 8],
        val_types: [ValType { code: U32::ZERO }; 16],
        globals: [0; 8],
        elements: [0; 8],
        bytes: [0; 1024],
        words: [0; 32],
        entries: [Entry::EMPTY; 16],
        slots: [0; 321],
        frames: [Frame { pc: 0, base: 0 }; 16],
    };
}

/// What came of something, where the program looks at why there is none.
fn told<T, E>(result: &Result<T, E>) -> Option<&T> {
    if cfg!(feature = "reasons")
        && let Err(reason) = result
    {
        black_box(reason);
    }
    result.as_ref().ok()
}

/// Runs the export `run`; `None` where anything is wrong.
#[inline(never)]
pub fn run(image: &'static [u64; 64], zeroed: &mut Zeroed) -> Option<u64> {
    // The bytes of words, whose alignment code in flash needs.
    let bytes: &'static [u8] = zerocopy::IntoBytes::as_bytes(image);
    let (mut modules, mut instances) = ([Loaded::default()], [Instance::default()]);
    let (mut tables, mut memories) = ([TableRoom::new(&mut zeroed.elements)], [MemoryRoom::new(&mut zeroed.bytes)]);
    let mut global_types = [None::<GlobalType>; GLOBAL_TYPES];
    let mut state = CallState::default();
    let room = Room {
        modules: &mut modules,
        instances: &mut instances,
        funcs: &mut zeroed.funcs,
        types: &mut zeroed.types,
        val_types: &mut zeroed.val_types,
        globals: &mut zeroed.globals,
        global_types: &mut global_types,
        tables: &mut tables,
        memories: &mut memories,
        tags: &mut [],
        objects: &mut [],
        handles: &mut [],
        words: &mut zeroed.words,
        entries: &mut zeroed.entries,
        cells: &mut [],
    };
    let mut store = FixedStore::new(&Limits::DEVICE, room);
    let host = store.add_host_func(&[ValType::I32], &[ValType::I32], 0).ok()?;
    let module = *told(&store.load(bytes))?;
    let instance = *told(&store.instantiate(module, &[host]))?;
    let Some(Extern::Func(addr)) = store.export(instance, "run") else { return None };
    let mut stack = Stack::new(&mut zeroed.slots, &mut zeroed.frames, 16, &mut state);
    let mut engine = Engine::new(VerificationLevel::Standard);
    engine.begin(&mut store, &mut stack, addr, 0, &[1]).ok()?;
    loop {
        match engine.resume(&mut store, &mut stack) {
            Outcome::OutOfFuel { .. } => engine.set_fuel(black_box(1000)),
            Outcome::HostCall { base, .. } => *stack.slots_mut(base, 1)?.first_mut()? = black_box(1),
            Outcome::Finished => return stack.slots(0, 1)?.first().copied(),
            _ => return None,
        }
    }
}
