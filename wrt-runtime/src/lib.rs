//! The qualified item: what is linked into a device.
//!
//! - [`instr`]: instructions of the register IR, and the cells an engine runs;
//! - [`memory`], [`table`]: linear memories and tables over the caller's storage;
//! - [`storage`]: what an engine borrows from its embedder, instance by instance;
//! - [`stack`]: the machine state of a call in progress;
//! - [`execute`]: what engines have in common;
//! - [`image`], [`types`], [`typing`], [`mod@instantiate`]: what is run, and how it becomes an instance of a store;
//! - `atomic`: atomic operators, and agents that wait for each other;
//! - [`heap`]: structures, arrays and exceptions, and their collection;
//! - [`fixed_store`]: a store over slices, for devices, and [`sizes`] of its parts;
//! - [`stackless`]: the register engine;
//! - [`traditional`]: the engine that runs bytecode in place, with the [side table](`side`).
//!
//! There is no allocation, no panic path, and no growth behind the caller's back.
#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(feature = "threads")]
pub mod atomic;
mod bulk;
pub mod constant;
pub mod execute;
pub mod fixed_store;
pub mod heap;
pub mod image;
pub mod instantiate;
pub mod instr;
pub mod memory;
mod moves;
pub mod side;
pub mod sizes;
pub mod stack;
pub mod stackless;
pub mod storage;
pub mod table;
pub mod traditional;
pub mod types;
pub mod typing;

pub use execute::{Execute, Fault, Outcome, TrapInfo};
pub use fixed_store::FixedStore;
pub use image::Image;
pub use instantiate::{Allocate, Extern, InstantiateError, instantiate};
pub use instr::{Cell, Instr};
pub use memory::Memory;
pub use stack::Stack;
pub use stackless::StacklessEngine;
pub use storage::Storage;
pub use table::Table;
pub use traditional::Engine;
