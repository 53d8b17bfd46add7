//! Loads an image, links one host function, and runs an export in slices of fuel.

use core::hint::black_box;
use static_cell::StaticCell;
use wrt_runtime::fixed_store::{FixedStore, Instance, Loaded, MemoryRoom, Room, TableRoom};
use wrt_runtime::image::format::{TypeRecord, ValType};
use wrt_runtime::stack::{CallState, Frame};
use wrt_runtime::storage::{Entry, FuncInst};
use wrt_runtime::types::GlobalType;
use wrt_runtime::{Execute, Extern, Outcome, Stack, StacklessEngine};
use wrt_safety::{Limits, VerificationLevel};

/// A static of a type and its first value, handed out once.
macro_rules! cell {
    ($ty:ty = $value:expr) => {{
        static CELL: StaticCell<$ty> = StaticCell::new();
        CELL.init_with(|| $value)
    }};
}

/// Runs the export `run`; `None` where anything is wrong.
#[inline(never)]
pub fn run(image: &'static [u64; 64]) -> Option<u64> {
    // The bytes of words, whose alignment code in flash needs.
    let bytes: &'static [u8] = zerocopy::IntoBytes::as_bytes(image);
    let room = Room {
        modules: cell!([Loaded<'static>; 1] = Default::default()),
        instances: cell!([Instance<'static>; 1] = Default::default()),
        funcs: cell!([FuncInst; 16] = Default::default()),
        types: cell!([TypeRecord; 8] = Default::default()),
        val_types: cell!([ValType; 16] = Default::default()),
        globals: cell!([u64; 8] = Default::default()),
        global_types: cell!([Option<GlobalType>; 8] = Default::default()),
        tables: cell!([TableRoom<'static>; 1] = [TableRoom::new(cell!([u32; 8] = [0; 8]))]),
        memories: cell!([MemoryRoom<'static>; 1] = [MemoryRoom::new(cell!([u8; 1024] = [0; 1024]))]),
        tags: &mut [],
        objects: &mut [],
        words: cell!([u32; 32] = [0; 32]),
        entries: cell!([Entry; 16] = Default::default()),
        cells: &mut [],
    };
    let mut store = FixedStore::new(&Limits::DEVICE, room);
    let host = store.add_host_func(&[ValType::I32], &[ValType::I32], 0).ok()?;
    let module = store.load(bytes).ok()?;
    let instance = store.instantiate(module, &[host]).ok()?;
    let Some(Extern::Func(addr)) = store.export(instance, "run") else { return None };
    let mut stack = Stack::new(
        cell!([u64; 321] = [0; 321]),
        cell!([Frame; 16] = [Frame::default(); 16]),
        16,
        cell!(CallState = CallState::IDLE),
    );
    let mut engine = StacklessEngine::new(VerificationLevel::Standard);
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
