//! The WRT command line.
fn main() {}
