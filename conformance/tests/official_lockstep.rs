//! The official suite once more, on both engines in lock-step: the same list of expected failures holds.

// @need-ids: REQ_LOCKSTEP_001
const STRATEGY: wrt::Strategy = wrt::Strategy::Lockstep;
const SUITE: &str = "official suite, engines in lock-step";

include!("suite/official.rs");
