//! A guest as a task of Embassy: it gets a slice of fuel, and gives the processor to the other tasks when that is used up. How long
//! they wait is bounded by the slice, whatever the guest does. Exit code: 0 if both tasks did what they should.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod board;

/// There is no such board on a host.
#[cfg(not(target_os = "none"))]
fn main() {}
