//! Gives the linker a memory map with room for whole test suites: all of the emulated board's memory.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let target = env::var("TARGET")?;
    if !target.contains("-none-") {
        return Ok(());
    }
    let riscv = target.starts_with("riscv");
    let map = if riscv { "virt.x" } else { "mps2-an386.x" };
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    fs::copy(map, out.join("memory.x"))?;
    println!("cargo::rustc-link-search={}", out.display());
    if riscv {
        println!("cargo::rustc-link-arg=-Tmemory.x");
    }
    println!("cargo::rustc-link-arg=-Tlink.x");
    println!("cargo::rerun-if-changed={map}");
    Ok(())
}
