//! The program of the board.

use control_loop::storage::Storage;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU32, Ordering};
use cortex_m as _;
use embassy_executor::Spawner;
use embassy_futures::yield_now;
use semihosting::{println, process};
use wrt_runtime::types::Extern;
use wrt_runtime::{Execute, FixedStore, Outcome, Stack, StacklessEngine};
use wrt_safety::{Limits, VerificationLevel};

/// Fuel that the guest gets before others have their turn.
const SLICE: u64 = 1_000;

/// What the guest works out.
const ARGUMENT: u64 = 15;
const RESULT: u64 = 610;

/// Turns that the other task had.
static TURNS: AtomicU32 = AtomicU32::new(0);

/// Runs the guest; its result and the slices that it took. `None` where anything is wrong.
async fn guest() -> Option<(u64, u32)> {
    let Storage { room, slots, frames, state } = control_loop::storage!(images::sizes::figures);
    let most = u32::try_from(frames.len()).ok()?;
    let mut store = FixedStore::new(&Limits::DEVICE, room);
    let module = store.load(images::FIGURES).ok()?;
    let instance = store.instantiate(module, &[]).ok()?;
    let Some(Extern::Func(func)) = store.export(instance, "fib") else { return None };
    let mut stack = Stack::new(slots, frames, most, state);
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
