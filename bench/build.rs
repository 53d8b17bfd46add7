//! Compiles the C source of wasm3 if it is there. Without it the benchmark builds all the same and says that this peer
//! is absent.

use std::env;
use std::fs;
use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-env-changed=WASM3_SOURCE");
    println!("cargo::rerun-if-changed=build.rs");
    let beside = || PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo")).join("peers/wasm3");
    let folder = env::var_os("WASM3_SOURCE").map_or_else(beside, PathBuf::from);
    println!("cargo::rerun-if-changed={}", folder.display());
    let Ok(entries) = fs::read_dir(&folder) else { return };
    let sources: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("m3_") && !name.starts_with("m3_api_")
        })
        .collect();
    if sources.is_empty() {
        return;
    }
    // What wasm3's own release build sets. Its dispatch needs tail calls made at -O3, whatever this profile is.
    cc::Build::new()
        .files(sources)
        .include(&folder)
        .opt_level(3)
        .debug(false)
        .define("NDEBUG", None)
        .flag("-fomit-frame-pointer")
        .flag_if_supported("-fno-stack-check")
        .flag("-fno-stack-protector")
        .flag("-fno-sanitize=all")
        .warnings(false)
        .compile("wasm3");
    println!("cargo::rustc-cfg=wasm3");
}
