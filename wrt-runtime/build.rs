//! Chooses how handlers are dispatched, once, as the cfg `threaded`.

use std::env;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(threaded)");
    println!("cargo::rerun-if-changed=build.rs");
    let wide = env::var("CARGO_CFG_TARGET_POINTER_WIDTH").is_ok_and(|width| width == "64");
    let optimised = env::var("OPT_LEVEL").is_ok_and(|level| matches!(level.as_str(), "2" | "3"));
    let plain = ["CARGO_FEATURE_LOOP_DISPATCH", "CARGO_CFG_MIRI", "CARGO_CFG_COVERAGE"]
        .iter()
        .any(|name| env::var_os(name).is_some());
    // Only optimised code turns a last call into a jump; everything else runs the same handlers from a loop.
    if wide && optimised && !plain {
        println!("cargo::rustc-cfg=threaded");
    }
}
