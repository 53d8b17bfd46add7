//! See [`wrt_fuzz::image`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wrt_fuzz::image::check(bytes));
