//! The WRT command line.
