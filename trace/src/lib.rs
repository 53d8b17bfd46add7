//! Traces requirements to the code that meets them, to the tests that ran that code, and to their results; and refuses what
//! does not hold.

pub mod campaign;
pub mod coverage;
pub mod digest;
pub mod evidence;
pub mod gaps;
pub mod inventory;
pub mod join;
pub mod needs;
pub mod report;
pub mod review;
pub mod rules;
pub mod run;
pub mod source;
pub mod tokens;
