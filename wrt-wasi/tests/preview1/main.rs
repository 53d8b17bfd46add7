//! WASI Preview 1 as a guest sees it, on the host's platform.
#![cfg(all(target_os = "linux", feature = "std"))]

mod functions;
mod guest;
mod property;
mod sandbox;
mod unstable;
