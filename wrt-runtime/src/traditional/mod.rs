//! The traditional engine: runs bytecode where it lies, on an operand stack, with a [side table](crate::side).
//!
//! It is the plain twin of the specification's execution rules (core 4.4 to 4.6): control, stack, calls and decoding are its own,
//! and what operators on values mean comes from the same table as everywhere. Frames, slots, fuel and safepoints are those of the one
//! machine state, so that what it left another engine takes up.
//!
//! Bytecode and side table are read with checked reads, and operands are popped with checked pops: what was never
//! validated, or damaged since, traps or computes nonsense inside its own instance.

#[cfg(feature = "threads")]
mod atomic;
mod control;
mod driver;
mod gc;
mod machine;
mod objects;
mod operands;
mod reader;
mod run;
mod seldom;
#[cfg(all(test, threaded))]
mod stack_growth_tests;
mod throw;
#[cfg_attr(not(feature = "simd"), path = "no_vector.rs")]
mod vector;

pub use driver::Engine;
