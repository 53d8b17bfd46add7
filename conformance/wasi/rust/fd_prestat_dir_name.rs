//! The name of a directory that was handed over.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    put(data(), b"....");
    is!(fd_prestat_dir_name(ROOT, data(), 1), OK);
    is!(bytes(data(), 4) == b"/...", true);
    is!(fd_prestat_dir_name(ROOT, data(), 0), NAMETOOLONG);
    is!(fd_prestat_dir_name(ROOT, end(), 1), FAULT);
    is!(fd_prestat_dir_name(1, data(), 1) != OK, true);
    is!(fd_prestat_dir_name(NONE, data(), 1), BADF);
}
