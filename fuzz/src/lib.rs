//! What the fuzz targets do with an input, and the seeds they start from.
//!
//! - [`module`]: any bytes, or a generated module with bytes changed, as a module;
//! - [`differential`]: a generated module in WRT and in another runtime ([`peers`]), whose own faults are [`known`];
//! - [`engines`]: a module in each engine of WRT, and in engines that take turns, unit by unit of fuel;
//! - [`mutate`]: real modules that were changed;
//! - [`image`]: any bytes as an image, without an allocator;
//! - [`wast`]: any text as a test script;
//! - [`cli`]: any words as a command line, and as values;
//! - [`seeds`]: what each starts from.
//!
//! `just fuzz` runs them, `just differential` the comparison alone, and `just fuzz-seeds` writes the seeds anew.

pub mod cli;
pub mod differential;
pub mod engines;
pub mod image;
pub mod known;
pub mod module;
pub mod mutate;
pub mod peers;
pub mod random;
pub mod seeds;
pub mod smith;
pub mod value;
pub mod wast;
