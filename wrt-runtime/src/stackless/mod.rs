//! The stackless engine: runs the register IR as a state machine, metered and resumable.
//!
//! Handlers (`numeric`, `branch`, `access`, `control`) run straight on until something needs more than they
//! hold; the driver (`engine`, `slow`) owns the store, the stack and the fuel, does that, and goes on. Guest calls never
//! use the host's stack, so a pause can happen at any head and be resumed at any time.

// What is left of the code is handed on from handler to handler in registers; a reference to it would put it on the stack.
#![allow(clippy::needless_pass_by_value)]
// Fields of an entry are read where each is needed: taken over at once, they are one word to take apart (RISC-V).
#![allow(clippy::trivially_copy_pass_by_ref)]

#[cfg_attr(feature = "compact", allow(dead_code, reason = "handlers of single rows are not used"))]
mod access;
mod accumulator;
#[cfg(feature = "threads")]
mod atomic;
#[cfg_attr(feature = "compact", allow(dead_code, reason = "handlers of single rows are not used"))]
mod branch;
mod context;
#[cfg_attr(feature = "compact", allow(dead_code, reason = "some rows are run by the driver, or taken apart"))]
mod control;
mod engine;
#[cfg(cells)]
mod fused;
mod gc;
#[cfg_attr(feature = "compact", path = "compact.rs")]
mod handlers;
#[cfg(not(feature = "compact"))]
mod numeric;
#[cfg(not(feature = "compact"))]
mod objects;
#[cfg(not(feature = "compact"))]
mod plain;
#[cfg(test)]
mod row_tests;
mod slow;
#[cfg(all(test, cells))]
mod stack_growth_tests;
mod throw;
#[cfg_attr(not(feature = "simd"), path = "no_vector.rs")]
mod vector;
#[cfg(all(test, feature = "simd"))]
mod vector_row_tests;

pub use context::{Context, Handler, Rest, Stop};
pub use engine::{DetachedCalls, Observer, StacklessEngine, Stats};
pub(crate) use engine::{host_again, push_host};
#[cfg(cells)]
pub(crate) use fused::fuse;
#[cfg(cells)]
pub(crate) use handlers::handler;
