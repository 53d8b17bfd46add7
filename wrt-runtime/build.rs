//! Chooses how handlers are dispatched, once: `threaded` where they call each other, `cells` where each instruction has its
//! handler beside it, `table_argument` where small processors have a register to spare for the table of handlers.

use std::env;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(threaded)");
    println!("cargo::rustc-check-cfg=cfg(cells)");
    println!("cargo::rustc-check-cfg=cfg(table_argument)");
    println!("cargo::rerun-if-changed=build.rs");
    let is_set = |name: &str| env::var_os(name).is_some();
    let wide = env::var("CARGO_CFG_TARGET_POINTER_WIDTH").is_ok_and(|width| width == "64");
    let optimised = env::var("OPT_LEVEL").is_ok_and(|level| matches!(level.as_str(), "2" | "3"));
    let plain = ["CARGO_FEATURE_LOOP_DISPATCH", "CARGO_FEATURE_COMPACT", "CARGO_CFG_MIRI", "CARGO_CFG_COVERAGE"];
    // Only optimised code turns a last call into a jump; everything else runs the same handlers from a loop.
    if !optimised || plain.into_iter().any(is_set) {
        return;
    }
    if wide {
        println!("cargo::rustc-cfg=cells");
    }
    if wide || is_set("CARGO_FEATURE_CHAINED") {
        println!("cargo::rustc-cfg=threaded");
        if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "riscv32") {
            println!("cargo::rustc-cfg=table_argument");
        }
    }
}
