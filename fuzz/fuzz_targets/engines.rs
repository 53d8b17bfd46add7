//! See [`wrt_fuzz::engines`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wrt_fuzz::engines::check(bytes));
