//! The WebAssembly operators, defined once.
//!
//! - [`operators!`](crate::operators): the table, one row an operator;
//! - [`numeric`] and [`memory_ops`]: what the rows mean, as pure functions;
//! - [`vector_operators!`](crate::vector_operators) and [`vector`]: the same for vector operators;
//! - [`operator`]: enums and traits made from the table;
//! - [`op`]: the rows of the register IR, which is the table times the forms an operand can take;
//! - [`trap`]: what can go wrong, with stable codes;
//! - [`price`]: fuel schedule v1;
//! - [`small`]: the operators on integers in few bytes;
//! - [`part`]: parts of the language that a build may leave out.
//!
//! No allocation, no panic path, no state.
#![no_std]

#[cfg(any(feature = "std", test))]
extern crate std;

#[macro_use]
mod table;
#[macro_use]
mod vector_table;
#[macro_use]
mod atomic_table;
pub mod atomic;
mod division;
pub mod memory_ops;
pub mod numeric;
pub mod op;
pub mod operator;
pub mod part;
pub mod price;
pub mod slot;
pub mod small;
pub mod trap;
pub mod vector;

pub use op::{Op, Row};
pub use part::Part;
pub use slot::Slot;
pub use trap::Trap;
pub use vector::V128;
