//! What emulated boards have in common: log, scenario and exit code go through semihosting. On a real board the log would
//! go through a debug probe, and nothing would end.
#![no_std]

use control_loop::{Event, Exit, Scenario};
use core::panic::PanicInfo;
use defmt_semihosting as _;
use semihosting::{experimental::env, process};

/// Exit code of a panic, which is an error in start-up code: the device crates have no panic path.
const PANICKED: i32 = 101;

/// Exit code for a scenario that is none.
const USAGE: i32 = 2;

/// Bytes of the command line that are read.
const COMMAND_LINE: usize = 64;

/// The scenario that the emulator was started with.
pub fn scenario() -> Scenario {
    let args = env::args::<COMMAND_LINE>();
    let scenario = args.ok().and_then(|args| (&args).last().and_then(Result::ok).and_then(Scenario::named));
    scenario.unwrap_or_else(|| process::exit(USAGE))
}

/// Logs an event. Its text stays on the host: what is sent is a number and the fields.
pub fn log(event: Event) {
    defmt::println!("{}", event);
}

/// Ends the emulation.
pub fn exit(exit: Exit) -> ! {
    process::exit(exit as i32)
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    process::exit(PANICKED)
}
