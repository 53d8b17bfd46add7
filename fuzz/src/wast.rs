//! Any text as a test script.

use crate::peers::wrt::LIMITS;
use wrt::Limits;

/// Fuel of one call.
const FUEL: u64 = 10_000;

/// Runs a script. What is longer is cut: the time is that of reading it.
///
/// # Panics
/// Where the runner does.
// @need-ids: REQ_QA_003, REQ_022
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    // Of what the runner offers to import, the table and the memory are the largest.
    let limits = Limits { max_tables: 20, max_memories: 20, ..LIMITS };
    let report = wrtd::wast::run_within(&text, wrt::Strategy::Stackless, limits, FUEL);
    for failure in report.failures {
        assert!(failure.line > 0 && failure.column > 0 && !failure.reason.is_empty(), "{failure:?}");
        // The script's own words may stand in a reason.
        assert!(text.contains("internal error") || !failure.reason.contains("internal error"), "{failure:?}");
    }
}
