//! WASI on WRT, behind traits that a platform fills in.
//!
//! - [`preview1`]: `wasi_snapshot_preview1`, all functions; what a guest gets is in its [`WasiP1`];
//! - [`platform`]: what a platform gives: clocks, random bytes, files, directories. Without one, everything is refused;
//! - [`memory`]: streams that are kept in memory;
//! - `host`: the platform of a host, with the feature `std`: every path is resolved beneath the directory that the guest
//!   was given, on Linux by the kernel, elsewhere by cap-std;
//! - [`logging`]: the levels of wasi:logging. Preview 2 is not built yet.
//!
//! A guest has what it was handed and nothing else. What it does wrong, or may not do, is an error number; nothing panics.
#![no_std]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

/// The code in the documentation's page on WASI.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../../docs/wasi.md")]
mod wasi {}

pub mod errno;
#[cfg(feature = "std")]
pub mod host;
pub mod logging;
pub mod memory;
pub mod platform;
pub mod preview1;

pub use errno::Errno;
pub use logging::LogLevel;
pub use preview1::{Exit, WasiP1, WasiP1Builder};
