# Every task by name. CI does not need just: `.ci/run` is plain bash.

# Runs a campaign, and stores what came of it with digests of what it covers: docs/campaigns.toml
record := "cargo run --quiet --release --manifest-path trace/Cargo.toml --target-dir target/trace/tool -- record"

# Inputs at random are few in an interpreter, also where a test asks for more, and where they come from is outside of it
in_miri := "env MIRIFLAGS=-Zmiri-disable-isolation PROPTEST_CASES=8"

# Unit tests, and tests of operators. The reference of operators is left out: it is text, and the same on each processor
miri_tests := "-p wrt-safety -p wrt-instructions -p wrt-runtime --lib --test rounding --test small --test small_floats --test vectors"

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

# The command line compiles for Windows and macOS
hosts:
    cargo check --locked -p wrtd --target x86_64-pc-windows-gnu
    cargo check --locked -p wrtd --target aarch64-apple-darwin

# No panic can be reached in a device build
no-panic:
    .ci/no-panic/check

# Firmware on emulated boards: builds, runs and checks it, and its figures against their budgets
firmware *PARTS:
    firmware/run.sh {{PARTS}}

# The command line for Linux as it is shipped, in target/dist/wrtd: one file that needs no library of the host, and begins sooner
dist:
    wrtd/dist.sh

# The documentation, in target/docs
docs:
    .ci/docs

# API documentation of the public crates, in target/doc, to which the pages in target/docs link
api:
    cargo doc --locked --no-deps --lib -p wrt-safety -p wrt-instructions -p wrt-runtime -p wrt -p wrt-component -p wrt-wasi
    .ci/docs --api

# Requirements joined with code, tests and results, in target/trace; refuses what does not hold
trace:
    .ci/run docs coverage release small fuzz firmware trace_tool trace

# Pictures of the way from each hazard to its code and tests, in target/trace/walk; after `just trace`, with Chromium
trace-walk *HAZARDS:
    trace/walk.sh {{HAZARDS}}

# Record that links between requirements, code and tests were reviewed as they stand
trace-review *REQUIREMENTS:
    cargo run --quiet --release --manifest-path trace/Cargo.toml --target-dir target/trace/tool -- review {{REQUIREMENTS}}

# Requirements with the number of their marks, and statuses that no longer fit
marks:
    .ci/marks

# Speed beside other runtimes; the workspace in bench/ says how
bench *ARGS:
    test -d bench/peers/wasm3 || bench/get-wasm3.sh
    test -d bench/peers/modules || bench/get-modules.sh || echo "without the real module"
    test -d bench/peers/programs || bench/get-programs.py || echo "without some of the real programs"
    {{ if ARGS == "" { record + " bench -- " } else { "" } }}cargo run --locked --release --manifest-path bench/Cargo.toml -- {{ARGS}}

# All that the page of benchmark results has, in one sitting; nothing else should run meanwhile
bench-page ROUNDS="5":
    test -d bench/peers/wasm3 || bench/get-wasm3.sh
    test -d bench/peers/modules || bench/get-modules.sh || echo "without the real module"
    test -d bench/peers/programs || bench/get-programs.py || echo "without some of the real programs"
    test -d bench/peers/wasmi || bench/get-wasmi.sh
    cargo build --locked --release -p wrtd
    wrtd/dist.sh
    {{record}} bench -- cargo run --locked --release --manifest-path bench/Cargo.toml -- programs start-up calls wasi classes linear memory processes kernels --rounds {{ROUNDS}}
    cp bench/target/benchmark.md docs/
    cp bench/target/bench.svg bench/target/programs.svg docs/_static/

# What each sequence of instructions gains that has a handler, for its page; nothing else should run meanwhile
sequences:
    cargo test --locked --release -p wrt-runtime --lib what_each_sequence_gains -- --ignored --nocapture | grep ' | ' >docs/sequences.csv

# Instructions instead of times, by callgrind; they repeat
bench-counts *ARGS: (bench "counts" ARGS)

# Fuzz a target, or each of them, for some seconds
fuzz TARGET="all" SECONDS="60":
    {{record}} fuzz -- fuzz/run.sh {{TARGET}} {{SECONDS}}

# Fuzz each target for an hour
fuzz-long:
    {{record}} fuzz -- fuzz/run.sh all 3600

# Write the seeds of the fuzz targets anew
fuzz-seeds:
    cd fuzz && cargo run --no-default-features --bin seeds

# Compare that many executions of random modules with another runtime's
differential EXECUTIONS="1000000" SEED="0":
    {{record}} differential -- cargo run --locked --release --manifest-path fuzz/Cargo.toml --no-default-features --bin differential-run -- {{EXECUTIONS}} {{SEED}}

# Compare that many executions of random modules on the stackless, the traditional, and engines in turn
engines EXECUTIONS="10000000" SEED="0":
    {{record}} engines -- cargo run --locked --profile long --manifest-path fuzz/Cargo.toml --no-default-features --bin engines-run -- {{EXECUTIONS}} {{SEED}}

# Write the operator reference anew, from the tables
reference:
    WRT_WRITE_REFERENCE=1 cargo test --locked -p wrt-instructions --test reference

# Build the guest programs from their sources
guests:
    guests/build.sh

# The programs of our own WASI suite on wasmtime and in node: where they differ
wasi-reference *PROGRAMS:
    conformance/wasi/reference.py {{PROGRAMS}}

# Real programs on WASI: built from the registries, run with real input, and compared with wasmtime
wasi-programs *PROGRAMS:
    conformance/wasi/programs/run.py {{PROGRAMS}}

# Guests that make objects all the time, in a heap of a mebibyte, for so many units of fuel each
heap-long FUEL="10000000000":
    {{record}} heap-long -- env WRT_LONG_FUEL={{FUEL}} cargo test --locked --release -p wrt --test all -- --nocapture a_mebibyte a_heap_of_a_mebibyte

# The official suite on emulated boards: results, traps, fuel and state as on the host
firmware-suite *FOLDERS:
    {{record}} firmware-suite -- firmware/suite.sh {{FOLDERS}}

# Unit tests of the qualified crates, and those of operators, in Miri, which finds undefined behaviour, also of what they use. As on
# RISC-V of 64 bits: on x86-64 a square root is inline assembly in libm, which Miri does not run
miri:
    rustup component add --toolchain nightly miri rust-src
    {{record}} miri -- {{in_miri}} cargo +nightly miri test --locked {{miri_tests}} --target riscv64gc-unknown-linux-gnu

# The same as on a big-endian processor
miri-be:
    rustup component add --toolchain nightly miri rust-src
    {{record}} miri-be -- {{in_miri}} cargo +nightly miri test --locked {{miri_tests}} --target s390x-unknown-linux-gnu

# Instructions of a Cortex-M4 for each unit of fuel, operator by operator
firmware-costs *FEATURES:
    firmware/costs.sh {{FEATURES}}

# All of CI, as from a fresh clone
ci *STAGES:
    .ci/run {{STAGES}}
