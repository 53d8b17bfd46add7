//! The official suite once more, on the traditional engine: the same list of expected failures holds.

// @need-ids: REQ_TRADITIONAL_001
const STRATEGY: wrt::Strategy = wrt::Strategy::Traditional;
const SUITE: &str = "official suite, traditional engine";

include!("suite/official.rs");
