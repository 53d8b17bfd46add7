//! See [`wrt_fuzz::cli`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wrt_fuzz::cli::check(bytes));
