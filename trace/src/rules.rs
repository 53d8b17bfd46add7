//! What is refused. Each rule has a name, by which its negative control asks for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::evidence::Outcome;
use crate::join::{Finding, Inputs, Row, Status};
use crate::needs::Need;
use crate::source::{Kind, PublicItem};

fn finding(rule: &'static str, place: impl Into<String>, what: impl Into<String>) -> Finding {
    Finding { rule, place: place.into(), what: what.into() }
}

/// Marks that name nothing, the same thing twice, or what no item is.
pub(crate) fn of_marks(inputs: &Inputs<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for place in &inputs.sources.places {
        let at = format!("{}:{}", place.file, place.line);
        if place.needs.is_empty() {
            findings.push(finding("dangling", &at, "the mark names nothing"));
        }
        let mut seen = BTreeSet::new();
        for id in &place.needs {
            if !inputs.needs.contains_key(id) {
                findings.push(finding("dangling", &at, format!("{id} is not defined")));
            }
            let inspectable = |need: &Need| need.verified_by("inspection") || need.verified_by("analysis");
            if place.inspects && inputs.needs.get(id).is_some_and(|need| !inspectable(need)) {
                findings.push(finding("inspection", &at, format!("{id} is not verified by inspection or analysis")));
            }
            if !seen.insert(id) {
                findings.push(finding("duplicate", &at, format!("{id} is named twice")));
            }
        }
    }
    findings
}

/// Tests that trace to nothing, are left out for no reason, or did not run.
pub(crate) fn of_tests(inputs: &Inputs<'_>, runs_of_place: &[Vec<usize>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let traced: BTreeSet<usize> = runs_of_place.iter().flatten().copied().collect();
    for (at, run) in inputs.evidence.runs.iter().enumerate() {
        // What a campaign ran may be gone by now.
        if !traced.contains(&at) && !run.suspect {
            findings.push(finding(
                "orphan-test",
                format!("{} {}", run.root, run.name),
                "no mark says what the test is for",
            ));
        }
        if run.outcome == Outcome::Failed {
            findings.push(finding("failed", format!("{} {}", run.root, run.name), format!("failed on {}", run.target)));
        }
    }
    for test in &inputs.sources.tests {
        if test.ignored.as_deref() == Some("") {
            findings.push(finding(
                "ignored",
                format!("{}:{}", test.file, test.line),
                "the test is ignored without a reason",
            ));
        }
    }
    for (place, runs) in inputs.sources.places.iter().zip(runs_of_place) {
        // Of scripts, not every part runs each time.
        let script = place.title.ends_with("() {");
        if matches!(place.kind, Kind::Test { .. } | Kind::Tests { .. })
            && !script
            && runs.is_empty()
            && tested(inputs, &place.file)
        {
            findings.push(finding(
                "not-run",
                format!("{}:{}", place.file, place.line),
                format!("{}: no result of it", place.title),
            ));
        }
    }
    findings
}

/// Whether a file belongs to a package whose tests have results.
fn tested(inputs: &Inputs<'_>, file: &str) -> bool {
    let programs = inputs
        .evidence
        .runs
        .iter()
        .filter(|run| Path::new(&run.root).extension().is_some_and(|extension| extension == "rs"));
    programs.map(|run| &run.package).any(|package| file.strip_prefix(package).is_some_and(|rest| rest.starts_with('/')))
}

/// What is claimed and not shown.
pub(crate) fn of_row(inputs: &Inputs<'_>, need: &Need, row: &Row) -> Vec<Finding> {
    let mut findings = Vec::new();
    let marked = !row.code.is_empty() || !row.tests.is_empty();
    match row.status {
        Status::Open if marked => findings.push(finding("open", &row.id, "called open, but marks name it")),
        Status::Failed => findings.push(finding("unverified", &row.id, row.reason.clone())),
        Status::Vacuous => findings.push(finding("vacuous", &row.id, row.reason.clone())),
        _ => {}
    }
    if row.status == Status::Open {
        return findings;
    }
    let places = &inputs.sources.places;
    for test in row.tests.iter().filter(|test| test.executes == Some(false) && !test.runs.is_empty()) {
        let place = &places[test.place];
        findings.push(finding(
            "vacuous",
            format!("{}:{}", place.file, place.line),
            format!("{} runs no code that is marked with {}", place.title, row.id),
        ));
    }
    for &at in row.code.iter().chain(row.tests.iter().map(|test| &test.place)) {
        if !inputs.record.holds(need, &places[at]) {
            let place = &places[at];
            findings.push(finding(
                "suspect",
                format!("{}:{}", place.file, place.line),
                format!("the link of {} with {} is not reviewed as it stands", row.id, place.title),
            ));
        }
    }
    findings
}

/// Links between items that lead nowhere, and dangers that nothing stands against.
pub(crate) fn of_needs(inputs: &Inputs<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for need in inputs.needs.values() {
        for id in need.named().filter(|id| !inputs.needs.contains_key(*id)) {
            findings.push(finding("dangling", &need.id, format!("{id} is not defined")));
        }
        if need.is_danger() && need.mitigated_by.is_empty() {
            findings.push(finding("uncontrolled", &need.id, "no requirement stands against it"));
        }
        if need.kind == "constraint" && need.guarded_by.is_empty() {
            findings.push(finding("unguarded", &need.id, "no requirement checks the assumption or helps to"));
        }
    }
    findings
}

/// What a library offers and no mark is for: neither its own, nor that of what it is in or of the type it belongs to.
pub(crate) fn of_items(inputs: &Inputs<'_>) -> Vec<Finding> {
    let marked = |item: &PublicItem| {
        inputs.sources.places.iter().any(|place| {
            place.file == item.file
                && place.lines.iter().any(|&(first, last)| first <= item.lines.0 && item.lines.1 <= last)
        })
    };
    let untraced = inputs.sources.items.iter().filter(|item| tested(inputs, &item.file) && !marked(item));
    untraced
        .map(|item| {
            finding(
                "orphan-item",
                format!("{}:{}", item.file, item.lines.0),
                format!("{} traces to nothing", item.title),
            )
        })
        .collect()
}

/// Figures that pages quote, and that are not the report's.
pub(crate) fn of_figures(inputs: &Inputs<'_>, headline: &BTreeMap<&'static str, usize>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for figure in &inputs.sources.figures {
        let at = format!("{}:{}", figure.file, figure.line);
        match headline.get(figure.name.as_str()) {
            None => findings.push(finding("figure", at, format!("the report has no figure {}", figure.name))),
            Some(count) if figure.value.replace(',', "") != count.to_string() => {
                findings.push(finding("figure", at, format!("{} is {count}, not {:?}", figure.name, figure.value)));
            }
            Some(_) => {}
        }
    }
    findings
}
