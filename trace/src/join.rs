//! Joins requirements with code, tests and results, and computes what can be said of each.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::campaign::DEFINITIONS;
use crate::evidence::{Evidence, Outcome, Run};
use crate::gaps::{self, Coverage, Stated};
use crate::inventory::Inventory;
use crate::needs::Need;
use crate::review::Record;
use crate::source::{Kind, Place, Sources};

/// What can be said of a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Tests that ran its code passed on every target that it claims.
    Verified,
    /// It is built in part, or a target that it claims is untested.
    Partial,
    /// One of its tests failed, or it has none, or no code.
    Failed,
    /// None of its tests runs any of its code.
    Vacuous,
    /// Its text, its code or a test of it changed since the link between them was reviewed.
    Suspect,
    /// No test verifies it, for a stated reason.
    Excluded,
    /// Its feature is not built.
    Open,
}

impl Status {
    /// All of them, in the order of the headline.
    pub const ALL: [Self; 7] =
        [Self::Verified, Self::Partial, Self::Failed, Self::Vacuous, Self::Suspect, Self::Excluded, Self::Open];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Vacuous => "vacuous",
            Self::Suspect => "suspect",
            Self::Excluded => "excluded",
            Self::Open => "open",
        }
    }
}

/// Something that is refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The rule that it breaks, such as `dangling`.
    pub rule: &'static str,
    /// Where: a file with a line, or an identifier.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

/// A test that a requirement names, or that names it.
#[derive(Clone, Debug)]
pub struct TestLink {
    /// The mark, by its index among the places.
    pub place: usize,
    /// Its results, by their indices among the runs.
    pub runs: Vec<usize>,
    /// Whether it executed a function of the requirement's code; none where there is no such function, or nothing measured it.
    pub executes: Option<bool>,
}

/// A requirement with all that belongs to it.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its identifier.
    pub id: String,
    /// Its status.
    pub status: Status,
    /// Why it is so, where that is not plain.
    pub reason: String,
    /// The code that meets it, by the index among the places.
    pub code: Vec<usize>,
    /// The tests that verify it.
    pub tests: Vec<TestLink>,
    /// Targets on which a test of it passed.
    pub targets: BTreeSet<String>,
    /// Lines with code in its places, and those of them that its own tests' functions cover.
    pub lines: (usize, usize),
}

/// All that a report needs.
#[derive(Debug)]
pub struct Joined {
    /// One row for each requirement.
    pub rows: BTreeMap<String, Row>,
    /// What is refused.
    pub findings: Vec<Finding>,
    /// For each place, its results if it is a test.
    pub runs_of_place: Vec<Vec<usize>>,
    /// What ran of the crates for which something is stated.
    pub coverage: Coverage,
    /// Links between requirements and places, with the digests that a review looks at.
    pub links: Vec<(String, usize)>,
}

/// What is joined.
#[derive(Debug)]
pub struct Inputs<'a> {
    /// The requirements.
    pub needs: &'a BTreeMap<String, Need>,
    /// The marks.
    pub sources: &'a Sources,
    /// The results.
    pub evidence: &'a Evidence,
    /// The reviews.
    pub record: &'a Record,
    /// What is stated of coverage.
    pub stated: &'a Stated,
    /// What is built on and with.
    pub inventory: &'a Inventory,
}

/// Joins.
pub fn join(inputs: &Inputs<'_>) -> Joined {
    let runs_of_place = runs_of_places(inputs.sources, inputs.evidence);
    let functions = functions_of_places(&inputs.sources.places, inputs.evidence);
    let mut findings = crate::rules::of_needs(inputs);
    findings.extend(crate::rules::of_marks(inputs));
    findings.extend(crate::rules::of_items(inputs));
    findings.extend(crate::rules::of_tests(inputs, &runs_of_place));
    let mut links = Vec::new();
    for (at, place) in inputs.sources.places.iter().enumerate() {
        if place.kind != Kind::Support {
            links.extend(place.needs.iter().filter(|id| inputs.needs.contains_key(*id)).map(|id| (id.clone(), at)));
        }
    }
    links.sort();
    let mut rows = BTreeMap::new();
    for need in inputs.needs.values().filter(|need| need.is_requirement()) {
        let row = row(inputs, need, &links, &runs_of_place, &functions);
        findings.extend(crate::rules::of_row(inputs, need, &row));
        rows.insert(need.id.clone(), row);
    }
    let mut coverage = gaps::coverage(inputs.stated, inputs.sources, inputs.evidence);
    findings.append(&mut coverage.findings);
    findings.extend_from_slice(&inputs.inventory.findings);
    findings.extend(crate::rules::of_figures(inputs, &headline(&rows)));
    findings.sort();
    findings.dedup();
    Joined { rows, findings, runs_of_place, coverage, links }
}

/// How many requirements have each status, and how many there are.
pub fn headline(rows: &BTreeMap<String, Row>) -> BTreeMap<&'static str, usize> {
    let mut counts: BTreeMap<&str, usize> = Status::ALL.iter().map(|status| (status.name(), 0)).collect();
    for row in rows.values() {
        *counts.entry(row.status.name()).or_default() += 1;
    }
    counts.insert("requirements", rows.len());
    counts
}

fn row(
    inputs: &Inputs<'_>,
    need: &Need,
    links: &[(String, usize)],
    runs_of_place: &[Vec<usize>],
    functions: &[BTreeSet<u32>],
) -> Row {
    let places = &inputs.sources.places;
    let marked = || links.iter().filter(|(id, _)| *id == need.id).map(|(_, at)| *at);
    let code: Vec<usize> = marked().filter(|&at| places[at].kind == Kind::Code).collect();
    let own: BTreeSet<u32> = code.iter().flat_map(|&at| functions[at].iter().copied()).collect();
    let runs = &inputs.evidence.runs;
    let mut tests = Vec::new();
    for at in marked().filter(|&at| places[at].kind != Kind::Code) {
        let of_test = runs_of_place[at].clone();
        let mut measured = of_test.iter().filter_map(|&run| runs[run].executed.as_ref()).peekable();
        let executes = (!own.is_empty() && measured.peek().is_some() && !places[at].inspects)
            .then(|| measured.flatten().any(|function| own.contains(function)));
        tests.push(TestLink { place: at, runs: of_test, executes });
    }
    let targets = tests
        .iter()
        .flat_map(|test| &test.runs)
        .filter(|&&run| runs[run].outcome == Outcome::Passed && !runs[run].suspect)
        .map(|&run| runs[run].target.clone())
        .collect();
    let lines = lines(inputs, &code);
    let mut row =
        Row { id: need.id.clone(), status: Status::Verified, reason: String::new(), code, tests, targets, lines };
    (row.status, row.reason) = status(inputs, need, &row);
    row
}

fn status(inputs: &Inputs<'_>, need: &Need, row: &Row) -> (Status, String) {
    let runs = &inputs.evidence.runs;
    if need.status.as_deref() == Some("open") {
        return (Status::Open, "not built".into());
    }
    let ways = need.verification.as_deref().unwrap_or_default();
    if row.tests.is_empty() && !ways.iter().any(|way| way == "test") {
        return (Status::Excluded, format!("verified by {}, not by tests", ways.join(" and ")));
    }
    if row.tests.iter().flat_map(|test| &test.runs).any(|&run| runs[run].outcome == Outcome::Failed) {
        return (Status::Failed, "a test of it failed".into());
    }
    let partial = need.status.as_deref() == Some("partial");
    let in_part = || (Status::Partial, "built in part; its text says what is missing".to_owned());
    if partial && row.targets.is_empty() {
        return in_part();
    }
    if row.targets.is_empty() {
        return if row.tests.iter().all(|test| inputs.sources.places[test.place].file == DEFINITIONS)
            && !row.tests.is_empty()
        {
            (Status::Partial, "its campaigns have not run, or what they cover has changed since".into())
        } else {
            (Status::Failed, "no test of it passed".into())
        };
    }
    if row.code.is_empty() && !need.met_by_tree() && !partial {
        return (Status::Failed, "no code is marked with it".into());
    }
    if row.tests.iter().all(|test| test.executes == Some(false)) {
        return (Status::Vacuous, "none of its tests runs any of its code".into());
    }
    let linked = row.code.iter().chain(row.tests.iter().map(|test| &test.place));
    let unreviewed = linked.filter(|&&at| !inputs.record.holds(need, &inputs.sources.places[at])).count();
    if unreviewed > 0 {
        return (Status::Suspect, format!("{unreviewed} of its links changed since they were reviewed"));
    }
    if partial {
        return in_part();
    }
    let missing: Vec<&str> = need.claimed_targets().filter(|target| !row.targets.contains(*target)).collect();
    if !missing.is_empty() {
        return (Status::Partial, format!("untested on {}", missing.join(", ")));
    }
    (Status::Verified, String::new())
}

/// Lines with code in places, and how many of them ran at all.
fn lines(inputs: &Inputs<'_>, code: &[usize]) -> (usize, usize) {
    let mut counted = (0, 0);
    for place in code.iter().map(|&at| &inputs.sources.places[at]) {
        let Some(lines) = inputs.evidence.lines.get(&place.file) else { continue };
        let inside = |line: &&u32| place.lines.iter().any(|&(first, last)| (first..=last).contains(&(**line as usize)));
        counted.0 += lines.code.iter().filter(inside).count();
        counted.1 += lines.run.iter().filter(inside).count();
    }
    counted
}

/// The functions inside each place, or around it where it is a part of one.
fn functions_of_places(places: &[Place], evidence: &Evidence) -> Vec<BTreeSet<u32>> {
    let mut by_file: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (index, function) in evidence.functions.iter().enumerate() {
        by_file.entry(&function.file).or_default().push(u32::try_from(index).unwrap_or(u32::MAX));
    }
    places
        .iter()
        .map(|place| {
            let candidates = by_file.get(place.file.as_str()).map(Vec::as_slice).unwrap_or_default();
            let lines = |index: u32| evidence.functions[index as usize].lines;
            let inside = |index: &u32| {
                place.lines.iter().any(|&(first, last)| first <= lines(*index).0 && lines(*index).1 <= last)
            };
            let found: BTreeSet<u32> = candidates.iter().copied().filter(inside).collect();
            if !found.is_empty() {
                return found;
            }
            let around = |index: &u32| {
                place.lines.iter().any(|&(first, last)| lines(*index).0 <= first && last <= lines(*index).1)
            };
            candidates.iter().copied().filter(around).collect()
        })
        .collect()
}

/// The runs of each place that is a test.
fn runs_of_places(sources: &Sources, evidence: &Evidence) -> Vec<Vec<usize>> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, run) in evidence.runs.iter().enumerate() {
        by_name.entry(run.name.rsplit("::").next().unwrap_or_default()).or_default().push(index);
    }
    let mut found: Vec<Vec<usize>> = vec![Vec::new(); sources.places.len()];
    for (place, runs) in sources.places.iter().zip(&mut found) {
        if let Kind::Test { modules, name } = &place.kind {
            let path: Vec<&str> = modules.iter().map(String::as_str).chain([name.as_str()]).collect();
            let same_name = by_name.get(name.as_str()).into_iter().flatten().copied();
            *runs = same_name.filter(|&run| is_in(sources, &evidence.runs[run], &place.file, &path, false)).collect();
        }
    }
    let own: BTreeSet<usize> = found.iter().flatten().copied().collect();
    for (place, runs) in sources.places.iter().zip(&mut found) {
        if let Kind::Tests { modules } = &place.kind {
            let path: Vec<&str> = modules.iter().map(String::as_str).collect();
            let others = (0..evidence.runs.len()).filter(|run| !own.contains(run));
            *runs = others.filter(|&run| is_in(sources, &evidence.runs[run], &place.file, &path, true)).collect();
        }
    }
    found
}

/// Whether a run's name is a path in a file, or begins with it.
fn is_in(sources: &Sources, run: &Run, file: &str, path: &[&str], prefix: bool) -> bool {
    let includers = sources.includes.iter().filter(|(included, _)| included == file).map(|(_, by)| by.as_str());
    includers.chain([file]).any(|file| {
        let Some(modules) = modules_of(file, &run.root) else { return false };
        let full: Vec<&str> = modules.iter().map(String::as_str).chain(path.iter().copied()).collect();
        let name: Vec<&str> = run.name.split("::").collect();
        if prefix { name.starts_with(&full) } else { name == full }
    })
}

/// The modules from the file that a program begins with down to one of its files, by the rules of where files lie.
fn modules_of(file: &str, root: &str) -> Option<Vec<String>> {
    if file == root {
        return Some(Vec::new());
    }
    let (folder, _) = root.rsplit_once('/')?;
    let path = file.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".rs")?;
    let mut modules: Vec<String> = path.split('/').map(str::to_owned).collect();
    if modules.last().is_some_and(|last| last == "mod") {
        modules.pop();
    }
    Some(modules)
}
