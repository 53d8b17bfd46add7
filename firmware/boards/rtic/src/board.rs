//! The program of the board.

use core::panic::PanicInfo;
use cortex_m_rt as _;
use semihosting::process;

#[rtic::app(device = crate::device, peripherals = false, dispatchers = [SLICES])]
mod app {
    use control_loop::storage::Storage;
    use cortex_m::peripheral::syst::SystClkSource;
    use semihosting::{println, process};
    use wrt_runtime::types::Extern;
    use wrt_runtime::{Execute, FixedStore, Outcome, Stack, StacklessEngine};
    use wrt_safety::{Limits, VerificationLevel};

    /// Clocks of a tick: several times what a slice takes.
    const PERIOD: u32 = 25_000;

    /// Fuel that the guest gets at each tick.
    const SLICE: u64 = 1_000;

    /// What the guest works out.
    const ARGUMENT: u64 = 15;
    const RESULT: u64 = 610;

    #[shared]
    struct Shared {
        /// Turns that the other task had.
        turns: u32,
    }

    #[local]
    struct Local {
        guest: Guest,
    }

    /// A call in progress.
    pub struct Guest {
        store: FixedStore<'static>,
        stack: Stack<'static>,
        engine: StacklessEngine,
        slices: u32,
    }

    impl Guest {
        fn begin() -> Option<Self> {
            let Storage { room, slots, frames, state } = control_loop::storage!(images::sizes::figures);
            let most = u32::try_from(frames.len()).ok()?;
            let mut store = FixedStore::new(&Limits::DEVICE, room);
            let module = store.load(images::FIGURES).ok()?;
            let instance = store.instantiate(module, &[]).ok()?;
            let Some(Extern::Func(func)) = store.export(instance, "fib") else { return None };
            let mut stack = Stack::new(slots, frames, most, state);
            let mut engine = StacklessEngine::new(VerificationLevel::Standard);
            engine.begin(&mut store, &mut stack, func, 0, &[ARGUMENT]).ok()?;
            Some(Self { store, stack, engine, slices: 0 })
        }

        /// Runs for a slice of fuel.
        fn slice(&mut self) -> Outcome {
            self.slices += 1;
            self.engine.set_fuel(self.engine.remaining_fuel().saturating_add(SLICE));
            self.engine.resume(&mut self.store, &mut self.stack)
        }
    }

    #[init]
    fn init(cx: init::Context) -> (Shared, Local) {
        let Some(guest) = Guest::begin() else { process::exit(1) };
        let mut timer = cx.core.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(PERIOD);
        timer.clear_current();
        timer.enable_counter();
        timer.enable_interrupt();
        (Shared { turns: 0 }, Local { guest })
    }

    #[idle]
    fn idle(_: idle::Context) -> ! {
        loop {
            cortex_m::asm::wfi();
        }
    }

    /// A tick: a slice for the guest, and a turn for the other task. What has not come to its turn yet is not started twice.
    #[task(binds = SysTick, priority = 2)]
    fn tick(_: tick::Context) {
        let _ = guest::spawn();
        let _ = other::spawn();
    }

    #[task(priority = 1, local = [guest], shared = [turns])]
    async fn guest(mut cx: guest::Context) {
        let guest = cx.local.guest;
        let mut outcome = guest.slice();
        while cfg!(feature = "fault") && matches!(outcome, Outcome::OutOfFuel { .. }) {
            outcome = guest.slice();
        }
        let slices = guest.slices;
        let result = match outcome {
            Outcome::OutOfFuel { .. } => return,
            Outcome::Finished => guest.stack.slots(0, 1).and_then(|slots| slots.first().copied()),
            _ => None,
        };
        let turns = cx.shared.turns.lock(|turns| *turns);
        println!(
            "fib({ARGUMENT}) = {} in {slices} slices, {turns} turns of the other task",
            result.unwrap_or_default()
        );
        // One turn after each slice but the last.
        process::exit(i32::from(result != Some(RESULT) || slices < 2 || turns + 1 < slices))
    }

    /// What else the firmware does: here it counts its turns.
    #[task(priority = 1, shared = [turns])]
    async fn other(mut cx: other::Context) {
        cx.shared.turns.lock(|turns| *turns += 1);
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    process::exit(101)
}
