//! The program of the board.

use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU32, Ordering};
use cortex_m as _;
use embassy_executor::Spawner;
use embassy_futures::yield_now;
use semihosting::{println, process};
use static_cell::StaticCell;
use wrt_runtime::fixed_store::{Instance, Loaded, MemoryRoom, Room};
use wrt_runtime::image::format::{TypeRecord, ValType};
use wrt_runtime::instr::WINDOW_SLOTS;
use wrt_runtime::stack::{CallState, Frame};
use wrt_runtime::storage::{Entry, FuncInst};
use wrt_runtime::types::Extern;
use wrt_runtime::{Execute, FixedStore, Outcome, Stack, StacklessEngine};
use wrt_safety::{Limits, VerificationLevel};

/// Fuel that the guest gets before others have their turn.
const SLICE: u64 = 1_000;

/// What the guest works out.
const ARGUMENT: u64 = 15;
const RESULT: u64 = 610;

/// Slots of the stack; `fib` needs 3 for each of 15 calls.
const SLOTS: usize = 64 + WINDOW_SLOTS;

/// Turns that the other task had.
static TURNS: AtomicU32 = AtomicU32::new(0);

macro_rules! cell {
    ($ty:ty = $value:expr) => {{
        static CELL: StaticCell<$ty> = StaticCell::new();
        CELL.init_with(|| $value)
    }};
}

fn room() -> Room<'static> {
    Room {
        modules: cell!([Loaded<'static>; 1] = [Loaded::default()]),
        instances: cell!([Instance<'static>; 1] = [Instance::default()]),
        funcs: cell!([FuncInst; 2] = [FuncInst::default(); 2]),
        types: cell!([TypeRecord; 2] = [TypeRecord::default(); 2]),
        val_types: cell!([ValType; 4] = [ValType::default(); 4]),
        memories: cell!([MemoryRoom<'static>; 1] = [MemoryRoom::new(cell!([u8; 1024] = [0; 1024]))]),
        words: cell!([u32; 8] = [0; 8]),
        entries: cell!([Entry; 2] = [Entry::default(); 2]),
        ..Room::default()
    }
}

/// Runs the guest; its result and the slices that it took. `None` where anything is wrong.
async fn guest() -> Option<(u64, u32)> {
    let mut store = FixedStore::new(&Limits::DEVICE, room());
    let module = store.load(images::FIGURES).ok()?;
    let instance = store.instantiate(module, &[]).ok()?;
    let Some(Extern::Func(func)) = store.export(instance, "fib") else { return None };
    let frames = cell!([Frame; 24] = [Frame::default(); 24]);
    let mut stack = Stack::new(cell!([u64; SLOTS] = [0; SLOTS]), frames, 20, cell!(CallState = CallState::IDLE));
    let mut engine = StacklessEngine::new(VerificationLevel::Standard);
    engine.begin(&mut store, &mut stack, func, 0, &[ARGUMENT]).ok()?;
    for slices in 1.. {
        engine.set_fuel(engine.remaining_fuel().saturating_add(SLICE));
        match engine.resume(&mut store, &mut stack) {
            Outcome::Finished => return Some((*stack.slots(0, 1)?.first()?, slices)),
            Outcome::OutOfFuel { .. } if cfg!(feature = "fault") => {}
            Outcome::OutOfFuel { .. } => yield_now().await,
            _ => return None,
        }
    }
    None
}

/// What else the firmware does: here it counts its turns.
#[embassy_executor::task]
async fn other() {
    loop {
        TURNS.fetch_add(1, Ordering::Relaxed);
        yield_now().await;
    }
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    if spawner.spawn(other()).is_err() {
        process::exit(2);
    }
    let done = guest().await;
    let turns = TURNS.load(Ordering::Relaxed);
    let Some((result, slices)) = done else {
        println!("the guest did not end");
        process::exit(1)
    };
    println!("fib({ARGUMENT}) = {result} in {slices} slices, {turns} turns of the other task");
    // One turn between any two slices; the executor may begin with either task, and end with either.
    process::exit(i32::from(result != RESULT || slices < 2 || turns + 2 < slices))
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    process::exit(101)
}
