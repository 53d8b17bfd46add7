//! A guest as a software task of RTIC: the system timer's task starts it for a slice of fuel at each tick, and it returns when that is used
//! up. Others of its priority wait no longer than a slice takes, whatever the guest does; the timer's task, of a higher one, does not wait at all.
//! Exit code: 0 if all of them did what they should.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod board;

#[cfg(target_os = "none")]
mod device;

/// There is no such board on a host.
#[cfg(not(target_os = "none"))]
fn main() {}
