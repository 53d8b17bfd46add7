//! WASI on WRT: what it will hold, and the types its interface speaks in.
//!
//! No WASI function is implemented yet, and none pretends to be: a module that imports one is refused with the list of
//! its missing imports. The crate will hold Preview 1, Preview 2 and wasi:logging behind one platform trait, so that
//! the same code serves desktops, devices and WRT running inside WebAssembly. What is here already is the vocabulary
//! of wasi:logging.
#![no_std]

pub mod logging;

pub use logging::LogLevel;
