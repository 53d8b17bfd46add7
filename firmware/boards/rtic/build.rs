//! Gives the linker the memory map, and the interrupt that nothing else handles.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    if !env::var("TARGET")?.contains("-none-") {
        return Ok(());
    }
    let map = "../cortex-m/mps2-an386.x";
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    fs::copy(map, out.join("memory.x"))?;
    fs::write(out.join("device.x"), "PROVIDE(SLICES = DefaultHandler);\n")?;
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg=-Tlink.x");
    println!("cargo::rerun-if-changed={map}");
    Ok(())
}
