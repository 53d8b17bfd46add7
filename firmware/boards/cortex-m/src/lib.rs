//! What boards with a Cortex-M have in common: the system timer is the tick.
#![no_std]

use control_loop::{Board, Event};
use core::sync::atomic::{AtomicU32, Ordering};
use cortex_m::Peripherals;
use cortex_m::asm;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::exception;

/// Ticks so far. The interrupt alone writes: loads and stores do, which every Cortex-M has.
static TICKS: AtomicU32 = AtomicU32::new(0);

#[exception]
fn SysTick() {
    TICKS.store(TICKS.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}

/// A board whose tick is running.
#[derive(Debug)]
pub struct SysTickBoard {
    seen: u32,
}

impl SysTickBoard {
    /// Lets the timer tick every `period` processor clocks. `None` the second time.
    pub fn start(period: u32) -> Option<Self> {
        let mut timer = Peripherals::take()?.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(period);
        timer.clear_current();
        timer.enable_counter();
        timer.enable_interrupt();
        Some(Self { seen: TICKS.load(Ordering::Relaxed) })
    }
}

impl Board for SysTickBoard {
    fn wait_for_tick(&mut self) {
        while TICKS.load(Ordering::Relaxed) == self.seen {
            // One that comes just before this is seen a tick late, which costs time and nothing else.
            asm::wfi();
        }
        self.seen = TICKS.load(Ordering::Relaxed);
    }

    fn log(&mut self, event: Event) {
        emulator::log(event);
    }
}

/// Runs the control loop on signals of type `$signal`, in storage of the sizes in the
/// module `$sizes` of the crate `images`, with the images called `$images` there; or, if the scenario has two guests, with those called `$guests`, in storage
/// for both: the whole of a board's program.
#[macro_export]
macro_rules! program {
    (
        $signal:ty, $sizes:ident, [$($images:ident),*], $(linked $linked:ident, [$($guests:ident),*],)?
        tick every $period:literal clocks
    ) => {
        #[cortex_m_rt::entry]
        fn main() -> ! {
            let scenario = emulator::scenario();
            let Some(mut board) = $crate::SysTickBoard::start($period) else { emulator::exit(control_loop::Exit::Broken) };
            if scenario.is_linked() {
                $(
                    let (storage, all) = (control_loop::storage!(images::sizes::$linked), [$(images::$guests),*]);
                    emulator::exit(control_loop::run_linked::<$signal>(storage, &all, scenario, &mut board));
                )?
                #[allow(unreachable_code, reason = "of a board that has both")]
                emulator::exit(control_loop::Exit::Broken)
            }
            let all = [$(images::$images),*];
            let storage = control_loop::storage!(images::sizes::$sizes);
            emulator::exit(control_loop::run::<$signal>(storage, scenario.images(&all), scenario, &mut board))
        }
    };
}
