//! See [`wrt_fuzz::wast`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wrt_fuzz::wast::check(bytes));
