//! The smallest step of each clock.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    for id in 0..4 {
        is!(clock_res_get(id, result()), OK);
        is!(u64_at(result()) > 0 && u64_at(result()) <= 1_000_000_000, true);
    }
    is!(clock_res_get(4, result()), INVAL);
    is!(clock_res_get(u32::MAX, result()), INVAL);
    is!(clock_res_get(0, end() - 7), FAULT);
    is!(clock_res_get(0, end() - 8), OK);
}
