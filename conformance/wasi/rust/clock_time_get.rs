//! The time, which does not go back where it must not.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    is!(clock_time_get(0, 1, result()), OK);
    // After 2023.
    is!(u64_at(result()) > 1_700_000_000_000_000_000, true);
    for id in 1..4 {
        let mut last = 0;
        for precision in [0, 1, 1_000_000, u64::MAX] {
            is!(clock_time_get(id, precision, result()), OK);
            is!(u64_at(result()) >= last, true);
            last = u64_at(result());
        }
    }
    is!(clock_time_get(4, 0, result()), INVAL);
    is!(clock_time_get(u32::MAX, 0, result()), INVAL);
    is!(clock_time_get(1, 0, end() - 7), FAULT);
    is!(clock_time_get(1, 0, end()), FAULT);
}
