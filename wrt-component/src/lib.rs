//! The WebAssembly Component Model on WRT: what it will hold, and the types its interface speaks in.
//!
//! Nothing here runs a component yet, and nothing pretends to: `wrtd` refuses components with a message that says so.
//! The crate will parse and validate component binaries (by `wasmparser`), instantiate and link them over `wrt`,
//! lift and lower values by the canonical ABI, and keep resources. What is here already is used by no stub: the
//! vocabulary of resources, which host code can be written against.
#![no_std]

pub mod resource;

pub use resource::{Representation, ResourceOperation, ResourceType};
