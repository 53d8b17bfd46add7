//! Ends at once, with the status: 33.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    if failed() == 0 {
        proc_exit(33);
    }
}
