//! WASI Preview 1: all functions of `wasi_snapshot_preview1`, and those of the snapshot before, `wasi_unstable`.
//!
//! Every function is a method on what the guest has and its memory, answers with an error number, and never panics.
//! Bounds: a call copies at most `max-host-copy-bytes` (reads and writes are cut short, listed otherwise as errors), looks
//! at a bounded number of buffers and subscriptions, and a guest has at most `max-descriptors` descriptors.

// @need-ids: REQ_WASI_001

mod calls;
mod context;
mod fd;
mod guest;
mod link;
mod path;
mod poll;
mod process;
mod readdir;
mod rights;
mod socket;
mod stat;
mod table;
mod unstable;

pub use context::{WasiP1, WasiP1Builder, WasiText};
pub use link::{MODULE, UNSTABLE_MODULE, add_to_linker};
pub use rights::Rights;

use core::fmt;

/// The guest ended itself by `proc_exit`: the error with which its call comes back to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(
    /// The exit status.
    pub u32,
);

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the guest ended with exit status {}", self.0)
    }
}

impl core::error::Error for Exit {}
