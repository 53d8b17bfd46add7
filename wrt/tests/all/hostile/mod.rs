//! Modules made to use more than they should: what they cost is bounded by their size, by limits and by fuel.
//!
//! All of them are made by code. Time and memory are measured ([`measure`]); the answer must be the right one, too.

mod declarations;
pub(crate) mod encode;
mod functions;
mod measure;
mod memories;
mod running;
mod vectors;
