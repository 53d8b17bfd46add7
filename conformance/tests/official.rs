//! The official suite: every file of every version and proposal is one test.
//!
//! A file passes if all its assertions hold. One that is named in `expected-failures.txt` must not pass: when what it
//! needs has been built, it is taken off the list.

const STRATEGY: wrt::Strategy = wrt::Strategy::Stackless;
const SUITE: &str = "official suite";

include!("suite/official.rs");
