//! Lines of the qualified crates that no test ran, and outcomes of conditions that no test had: each with a written reason, or refused.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, Outcomes};
use crate::join::Finding;
use crate::source::{Body, Sources};

/// Where the reasons are.
pub const FILE: &str = "docs/uncovered.toml";

/// What is stated of coverage.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// For each crate, by its folder, how many percent of its lines have to have run or be justified.
    #[serde(default)]
    pub least: BTreeMap<String, f64>,
    /// For each file, its items with lines that no test runs.
    #[serde(default)]
    pub uncovered: BTreeMap<String, BTreeMap<String, Reason>>,
}

/// Why no test runs lines of an item, or has all outcomes of its conditions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// How many lines.
    #[serde(default)]
    pub lines: usize,
    /// How many outcomes of conditions on lines that ran.
    #[serde(default)]
    pub branches: usize,
    /// Why.
    pub why: String,
}

impl Stated {
    /// Reads it; without the file, nothing is stated.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(root: &Path) -> Result<Self> {
        let file = root.join(FILE);
        if !file.exists() {
            return Ok(Self::default());
        }
        toml::from_str(&std::fs::read_to_string(&file).context(FILE)?).context(FILE)
    }
}

/// An item with lines that no test ran, or outcomes that none had.
#[derive(Debug, Serialize)]
pub struct Gap {
    /// Its file.
    pub file: String,
    /// What it is, as in `impl Stack: fn grow`.
    pub item: String,
    /// The lines.
    pub lines: Vec<u32>,
    /// The lines of the conditions, once for each outcome. Those that are among the lines are no outcomes of their own.
    pub branches: Vec<u32>,
    /// The reason that holds for them.
    pub why: Option<String>,
}

/// What ran of a crate.
#[derive(Debug, Default, Serialize)]
pub struct Share {
    /// Its folder.
    pub name: String,
    /// Lines with code.
    pub lines: usize,
    /// Those of them that ran.
    pub lines_run: usize,
    /// Those that did not, for a written reason.
    pub lines_justified: usize,
    /// How many percent of its lines have to have run or be justified.
    pub least: f64,
    /// Functions.
    pub functions: usize,
    /// Those of them that ran.
    pub functions_run: usize,
    /// Outcomes of conditions, where they were measured.
    pub branches: usize,
    /// Those of them that happened.
    pub branches_taken: usize,
    /// Those that did not, for a written reason, be it that of their line.
    pub branches_justified: usize,
}

impl Share {
    /// The percentage of a part, cut after two digits, so that nothing short of all is a hundred.
    #[expect(clippy::cast_precision_loss, reason = "lines of a project")]
    pub fn percent(part: usize, all: usize) -> f64 {
        (part * 10_000).checked_div(all).unwrap_or(0) as f64 / 100.0
    }
}

/// What ran of the crates for which something is stated.
#[derive(Debug, Default)]
pub struct Coverage {
    /// Each crate.
    pub shares: Vec<Share>,
    /// What did not run.
    pub gaps: Vec<Gap>,
    /// What is refused.
    pub findings: Vec<Finding>,
}

/// Looks at what ran.
pub fn coverage(stated: &Stated, sources: &Sources, evidence: &Evidence) -> Coverage {
    let mut all = Coverage::default();
    let ran: BTreeSet<u32> = evidence.runs.iter().filter_map(|run| run.executed.as_ref()).flatten().copied().collect();
    for (name, least) in &stated.least {
        let mut share = Share { name: name.clone(), least: *least, ..Share::default() };
        let own = |file: &str| file.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with("/src/"));
        let no_bodies = Vec::new();
        for (file, lines) in evidence.lines.iter().filter(|(file, _)| own(file) && !file.ends_with("tests.rs")) {
            let bodies = sources.bodies.get(file).unwrap_or(&no_bodies);
            let tested = |line: &&u32| !bodies.iter().any(|body| body.tests && body.has(**line));
            let code: Vec<u32> = lines.code.iter().filter(tested).copied().collect();
            let missed: Vec<u32> = code.iter().filter(|line| lines.run.binary_search(line).is_err()).copied().collect();
            share.lines += code.len();
            share.lines_run += code.len() - missed.len();
            let functions = evidence.functions.iter().zip(0_u32..).filter(|(function, _)| function.file == *file);
            let first = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
            for (_, index) in functions.filter(|(function, _)| tested(&&first(function.lines.0))) {
                share.functions += 1;
                share.functions_run += usize::from(ran.contains(&index));
            }
            let no_outcomes = Outcomes::default();
            let outcomes = evidence.branches.get(file).unwrap_or(&no_outcomes);
            let untaken: Vec<u32> = outcomes.missed.iter().filter(tested).copied().collect();
            let conditions = outcomes.all.iter().filter(tested).count();
            share.branches += conditions;
            share.branches_taken += conditions - untaken.len();
            let (on_missed, untaken): (Vec<u32>, Vec<u32>) =
                untaken.into_iter().partition(|line| missed.binary_search(line).is_ok());
            let found = gaps(file, bodies, (&missed, &untaken), stated, &mut all.findings);
            let justified = || found.iter().filter(|gap| gap.why.is_some());
            share.lines_justified += justified().map(|gap| gap.lines.len()).sum::<usize>();
            let of_lines = |line: &&u32| justified().any(|gap| gap.lines.contains(line));
            share.branches_justified +=
                justified().map(|gap| gap.branches.len()).sum::<usize>() + on_missed.iter().filter(of_lines).count();
            all.gaps.extend(found);
        }
        all.findings.extend(enough(&share, &all.gaps));
        all.shares.push(share);
    }
    // Without a measurement nothing is missed.
    if evidence.branches.is_empty() && !stated.least.is_empty() {
        all.findings.push(refused("uncovered", "branches".into(), "no outcome of a condition was measured".into()));
    }
    all.findings.extend(stale(stated, &all.gaps));
    all
}

fn refused(rule: &'static str, place: String, what: String) -> Finding {
    Finding { rule, place, what }
}

/// Lines and outcomes by the innermost item that they are in.
fn gaps(
    file: &str,
    bodies: &[Body],
    (missed, untaken): (&[u32], &[u32]),
    stated: &Stated,
    findings: &mut Vec<Finding>,
) -> Vec<Gap> {
    let mut by_item: BTreeMap<&str, [Vec<u32>; 2]> = BTreeMap::new();
    let item = |line: u32| {
        let around = bodies.iter().filter(|body| body.has(line)).min_by_key(|body| body.lines.1 - body.lines.0);
        around.map_or("file", |body| &body.title)
    };
    for &line in missed {
        by_item.entry(item(line)).or_default()[0].push(line);
    }
    for &line in untaken {
        by_item.entry(item(line)).or_default()[1].push(line);
    }
    let reasons = stated.uncovered.get(file);
    let found = by_item.into_iter().map(|(item, [lines, branches])| {
        let reason = reasons.and_then(|reasons| reasons.get(item));
        let fits = |reason: &&Reason| (reason.lines, reason.branches) == (lines.len(), branches.len());
        if let Some(reason) = reason.filter(|reason| !fits(reason)) {
            let what = format!(
                "{item}: {} lines and {} outcomes are justified, and {} and {} did not happen",
                reason.lines,
                reason.branches,
                lines.len(),
                branches.len()
            );
            let first = lines.iter().chain(&branches).min().copied().unwrap_or_default();
            findings.push(refused("stale-reason", format!("{file}:{first}"), what));
        }
        let why = reason.filter(fits).map(|reason| reason.why.clone());
        Gap { file: file.to_owned(), item: item.to_owned(), lines, branches, why }
    });
    found.collect()
}

/// A crate of which too little ran; where everything has to, each item that is short of it.
fn enough(share: &Share, gaps: &[Gap]) -> Vec<Finding> {
    if share.lines == 0 {
        return vec![refused("uncovered", share.name.clone(), "nothing of it was measured".into())];
    }
    let lines = Share::percent(share.lines_run + share.lines_justified, share.lines);
    // A crate without conditions has had all outcomes.
    let branches = if share.branches == 0 {
        100.0
    } else {
        Share::percent(share.branches_taken + share.branches_justified, share.branches)
    };
    if lines.min(branches) >= share.least {
        return Vec::new();
    }
    let what = format!(
        "{lines} % of its lines and {branches} % of its branches ran or are justified, and {} have to",
        share.least
    );
    let mut findings = vec![refused("uncovered", share.name.clone(), what)];
    if share.least >= 100.0 {
        let own = gaps.iter().filter(|gap| gap.why.is_none() && gap.file.starts_with(&format!("{}/", share.name)));
        findings.extend(own.map(|gap| {
            let told = |lines: &[u32]| lines.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
            let what = format!(
                "{}: no test runs {} lines ({}) or has {} outcomes of conditions ({})",
                gap.item,
                gap.lines.len(),
                told(&gap.lines),
                gap.branches.len(),
                told(&gap.branches)
            );
            let first = gap.lines.iter().chain(&gap.branches).min().copied().unwrap_or_default();
            refused("uncovered", format!("{}:{first}", gap.file), what)
        }));
    }
    findings
}

/// Reasons for what ran, or is gone.
fn stale<'a>(stated: &'a Stated, gaps: &'a [Gap]) -> impl Iterator<Item = Finding> + 'a {
    let named = stated.uncovered.iter().flat_map(|(file, items)| items.keys().map(move |item| (file, item)));
    named
        .filter(|(file, item)| !gaps.iter().any(|gap| gap.file == **file && gap.item == **item))
        .map(|(file, item)| refused("stale-reason", file.clone(), format!("{item}: all of it ran, or it is gone")))
}
