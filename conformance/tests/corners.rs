//! Corners of the language that the official suite leaves out: what the specification says there, on each engine and in lock-step.

use wrt::Strategy;
use wrtd::wast;

/// Scripts, and how many assertions each has.
const SCRIPTS: [(&str, &str, u64); 8] = [
    ("arrays", include_str!("corners/arrays.wast"), 51),
    ("atomics", include_str!("corners/atomics.wast"), 32),
    ("casts", include_str!("corners/casts.wast"), 13),
    ("collections", include_str!("corners/collections.wast"), 2),
    ("exceptions", include_str!("corners/exceptions.wast"), 14),
    ("exceptions between instances", include_str!("corners/exceptions_between_instances.wast"), 21),
    ("far addresses", include_str!("corners/far_addresses.wast"), 48),
    ("tail calls", include_str!("corners/tail_calls.wast"), 5),
];

const STRATEGIES: [Strategy; 3] = [Strategy::Stackless, Strategy::Traditional, Strategy::Lockstep];

// @need-ids: REQ_018, REQ_022, REQ_LOCKSTEP_001, REQ_EXCEPTIONS_001, REQ_EXCEPTIONS_002, REQ_EXCEPTIONS_003, REQ_GC_001, REQ_GC_002, REQ_THREADS_001, REQ_MEMORY64_001
#[test]
fn every_engine_does_what_the_specification_says_in_corners() {
    for (name, script, assertions) in SCRIPTS {
        for strategy in STRATEGIES {
            let report = wast::run(script, strategy);
            let failures: Vec<_> =
                report.failures.iter().map(|failed| format!("{}: {}", failed.line, failed.reason)).collect();
            assert!(failures.is_empty(), "{name}, {strategy:?}: {failures:#?}");
            assert_eq!(report.passed, assertions, "{name}, {strategy:?}");
        }
    }
}

// @need-ids: REQ_018
#[test]
fn an_assertion_that_does_not_hold_is_a_failure() {
    let script =
        "(module (func (export \"f\") (result i32) (i32.const 1))) (assert_return (invoke \"f\") (i32.const 2))";
    for strategy in STRATEGIES {
        assert_eq!(wast::run(script, strategy).failed(), 1, "{strategy:?}");
    }
}
