//! Measures the engine on QEMU's virt: RV32IMAC, which counts its instructions.
#![no_std]
#![no_main]

use control_loop::Exit;
use figures::Meter;
use riscv::register::minstret;

struct Counter;

impl Meter for Counter {
    fn instructions(&mut self) -> u32 {
        minstret::read() as u32
    }

    fn stack(&mut self, work: &mut dyn FnMut()) -> Option<u32> {
        work();
        None
    }
}

#[riscv_rt::entry]
fn main() -> ! {
    let done = figures::run(control_loop::storage!(images::sizes::figures), &mut Counter);
    emulator::exit(if done.is_some() { Exit::Undisturbed } else { Exit::Broken })
}
