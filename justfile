# Every task by name. CI does not need just: `.ci/run` is plain bash.

# List the tasks
default:
    @just --list

# All tests
test *ARGS:
    cargo test {{ARGS}}

# Lints, as errors
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# Format the code
fmt:
    cargo fmt --all

# The oldest supported compiler builds every crate but the test suite
msrv:
    .ci/run msrv

# The device crates build for the device targets
targets:
    .ci/run targets

# No panic can be reached in a device build
no-panic:
    .ci/no-panic/check

# The documentation, in target/docs
docs:
    .ci/docs

# Requirements with the number of their marks, and statuses that no longer fit
marks:
    .ci/marks

# Speed beside other runtimes; the workspace in bench/ says how
bench *ARGS:
    test -d bench/peers/wasm3 || bench/get-wasm3.sh
    test -d bench/peers/modules || bench/get-modules.sh || echo "without the real module"
    cd bench && cargo run --release -- {{ARGS}}

# Instructions instead of times, by callgrind; they repeat
bench-counts *ARGS: (bench "counts" ARGS)

# Fuzz one target for some seconds
fuzz TARGET SECONDS="60":
    cd fuzz && cargo +nightly fuzz run {{TARGET}} -- -max_total_time={{SECONDS}}

# Build the guest programs from their sources
guests:
    guests/build.sh

# All of CI, as from a fresh clone
ci *STAGES:
    .ci/run {{STAGES}}
