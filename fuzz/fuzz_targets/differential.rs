//! See [`wrt_fuzz::differential`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wrt_fuzz::differential::check(bytes));
