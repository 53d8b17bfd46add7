//! The official WebAssembly suites and the repository's own rules, as tests.
