//! All tests of the crate from outside, as one program: each program of its own would link the same again. What stands before a module
//! is what its tests are about, or what their samples have.

#[path = "../common/mod.rs"]
mod common;
mod errors;
#[cfg(feature = "scalar")]
mod exceptions;
mod floats;
#[cfg(feature = "gc")]
mod heap;
#[cfg(feature = "scalar")]
mod hostile;
#[cfg(feature = "scalar")]
mod instances;
#[cfg(feature = "scalar")]
mod memories;
mod memory;
#[cfg(all(feature = "scalar", feature = "traditional"))]
mod misuse;
#[cfg(feature = "scalar")]
mod objects;
mod parts;
#[cfg(feature = "references")]
mod subtypes;
mod vectors;
