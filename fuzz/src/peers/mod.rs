//! The runtimes that are compared, each with an instance of one module.

pub mod wasmi;
pub mod wrt;

/// Frames, for both; what one frame takes differs.
const FRAMES: u32 = 400;

/// The names of the host's things that arguments may be.
const HOST_THINGS: &str = "a number of the host";
