//! Measures the engine on QEMU's virt: RV32IMAC, which counts its instructions.
#![no_std]
#![no_main]

use control_loop::Exit;
use core::arch::asm;
use figures::Meter;
use riscv::register::minstret;

/// Bytes below the caller that are looked at.
const DEPTH: usize = 16 * 1024;

/// What stack that is not used is painted with.
const PAINT: u32 = 0x5AFE_C0DE;

struct Counter;

#[inline(always)]
fn stack_pointer() -> usize {
    let sp;
    // SAFETY: it copies a register.
    unsafe { asm!("mv {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
    sp
}

impl Meter for Counter {
    fn instructions(&mut self) -> u32 {
        minstret::read() as u32
    }

    #[inline(never)]
    fn stack(&mut self, work: &mut dyn FnMut()) -> Option<u32> {
        let top = stack_pointer();
        let bottom = top - DEPTH;
        // SAFETY: this is below the stack pointer and above the end of the memory's statics; no interrupt is on.
        unsafe { (bottom..top).step_by(4).for_each(|at| (at as *mut u32).write_volatile(PAINT)) };
        work();
        // SAFETY: as above.
        let used = unsafe { (bottom..top).step_by(4).find(|at| (*at as *const u32).read_volatile() != PAINT) };
        Some((top - used.unwrap_or(top)) as u32)
    }
}

#[riscv_rt::entry]
fn main() -> ! {
    let done = figures::run(control_loop::storage!(images::sizes::figures), &mut Counter);
    emulator::exit(if done.is_some() { Exit::Undisturbed } else { Exit::Broken })
}
