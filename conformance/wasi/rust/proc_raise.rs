//! No signal goes anywhere; 0 does nothing.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    is!(proc_raise(0), OK);
    is!(proc_raise(1), NOTSUP);
}
