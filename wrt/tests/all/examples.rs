//! The examples do what they say: each asserts its results, and is run here.
#![allow(unreachable_pub, reason = "an example stands at the root of its own program")]

#[path = "../../examples/call_guest.rs"]
mod call_guest;
#[path = "../../examples/hello.rs"]
mod hello;
#[path = "../../examples/host_functions.rs"]
mod host_functions;
#[path = "../../examples/images.rs"]
mod images;
#[path = "../../examples/linking.rs"]
mod linking;
#[path = "../../examples/pause.rs"]
mod pause;
#[path = "../../examples/store_limits.rs"]
mod store_limits;
#[path = "../../examples/threads.rs"]
mod threads;

// @need-ids: REQ_REENTRY_001
#[test]
fn call_guest_runs() {
    call_guest::main().expect("runs");
}

// @need-ids: REQ_018
#[test]
fn hello_runs() {
    hello::main().expect("runs");
}

// @need-ids: REQ_WASM_002
#[test]
fn host_functions_runs() {
    host_functions::main().expect("runs");
}

// @need-ids: REQ_IMAGE_002
#[test]
fn images_runs() {
    images::main().expect("runs");
}

// @need-ids: REQ_018
#[test]
fn linking_runs() {
    linking::main().expect("runs");
}

// @need-ids: REQ_001, REQ_FUEL_002
#[test]
fn pause_runs() {
    pause::main().expect("runs");
}

// @need-ids: REQ_LIMITS_002
#[test]
fn store_limits_runs() {
    store_limits::main().expect("runs");
}

// @need-ids: REQ_MODULE_001
#[test]
fn threads_runs() {
    threads::main().expect("runs");
}

// @need-ids: REQ_CODE_QUALITY_001
#[test]
fn no_example_is_left_out() {
    let this = include_str!("examples.rs");
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        assert!(this.contains(&format!("{name}::main()")), "{name} is not run");
    }
}
