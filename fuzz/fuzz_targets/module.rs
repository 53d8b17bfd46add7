//! See [`wrt_fuzz::module`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wrt_fuzz::module::check(bytes));
