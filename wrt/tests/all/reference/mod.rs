//! The reference evaluator: the scalar core language, objects and exceptions that are not collected, and atomic operators of one
//! agent, by the specification's rules and `docs/fuel-schedule`, slow and plain.
//!
//! It shares with the runtime the operators' pure functions and nothing else: it decodes modules for itself
//! ([`module`]), finds prices, heads and frame sizes in a pass of its own over validated bytecode ([`schedule`]), and
//! runs the bytecode on an explicit operand stack for each frame ([`machine`]). Where it and an engine differ, one
//! of the two is wrong.

mod atomics;
pub(crate) mod bulk;
pub(crate) mod cases;
pub(crate) mod engine;
mod exceptions;
pub(crate) mod generate;
pub(crate) mod guests;
pub(crate) mod machine;
pub(crate) mod module;
mod objects;
pub(crate) mod operators;
pub(crate) mod schedule;
mod tests;

pub(crate) use machine::Bounds;
pub(crate) use module::Module;
