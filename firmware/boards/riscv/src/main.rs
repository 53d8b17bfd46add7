//! QEMU's virt: RV32IMAC. The guest works on floats. The machine timer is the tick.
#![no_std]
#![no_main]

use control_loop::{Board, Event};
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};
use riscv::asm;
use riscv::interrupt::{self, Interrupt};
use riscv_rt::{core_interrupt, entry};

/// The timer of the first processor (core-local interruptor).
const MTIMECMP: *mut u32 = 0x0200_4000 as *mut u32;
/// What it counts, in units of 100 ns.
const MTIME: *const u32 = 0x0200_BFF8 as *const u32;
/// Units of a tick.
const PERIOD: u32 = 5_000;

/// Ticks so far. The interrupt alone writes.
static TICKS: AtomicU32 = AtomicU32::new(0);

/// Sets the next interrupt. The upper halves of both registers stay 0 for the 7 minutes that the lower one lasts, which
/// is longer than any run here.
fn set_timer() {
    // SAFETY: both are registers of this board, which nothing else touches.
    unsafe {
        let next = ptr::read_volatile(MTIME).wrapping_add(PERIOD);
        ptr::write_volatile(MTIMECMP.add(1), 0);
        ptr::write_volatile(MTIMECMP, next);
    }
}

#[core_interrupt(Interrupt::MachineTimer)]
fn tick() {
    set_timer();
    TICKS.store(TICKS.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}

struct Virt {
    seen: u32,
}

impl Board for Virt {
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

#[entry]
fn main() -> ! {
    let scenario = emulator::scenario();
    set_timer();
    // SAFETY: the handler is there, and nothing is in a critical section.
    unsafe {
        interrupt::enable_interrupt(Interrupt::MachineTimer);
        interrupt::enable();
    }
    let board = &mut Virt { seen: 0 };
    if scenario.is_linked() {
        let storage = control_loop::storage!(images::sizes::linked);
        let all = [images::LINKED_FILTER, images::LINKED_CONTROL];
        emulator::exit(control_loop::run_linked::<f32>(storage, &all, scenario, board))
    }
    let all = [images::CONTROL_FLOAT_DAMAGED, images::CONTROL_FLOAT_FORGED, images::CONTROL_FLOAT];
    let storage = control_loop::storage!(images::sizes::control_float);
    emulator::exit(control_loop::run::<f32>(storage, scenario.images(&all), scenario, board))
}
