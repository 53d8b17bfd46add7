//! Plays the file of scripts that the emulator was started with, and tells what does not end as on the host. Exit code: 0 if
//! all does, 1 if not, 2 for a file that cannot be read.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod board;

/// On a host there is nothing to run: the generator has played all scripts already.
#[cfg(not(target_os = "none"))]
fn main() {}
