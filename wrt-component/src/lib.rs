//! The WebAssembly Component Model on WRT.
