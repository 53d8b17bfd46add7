//! WASI on WRT, behind a platform trait.
