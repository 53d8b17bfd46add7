//! Lets others run, and comes back.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    for _ in 0..3 {
        is!(sched_yield(), OK);
    }
}
