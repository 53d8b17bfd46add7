//! The report: pages, a table and a file for machines.

mod html;
mod junit;
mod style;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::campaign::{Campaign, Record};
use crate::evidence::{Evidence, Outcome};
use crate::gaps::{Gap, Share};
use crate::inventory::{self, Inventory};
use crate::join::{Finding, Inputs, Joined, Row, Status, headline};
use crate::needs::Need;

/// `trace.json`.
#[derive(Serialize)]
struct Machine<'a> {
    commit: &'a str,
    compiler: &'a str,
    headline: BTreeMap<&'static str, usize>,
    requirements: Vec<Requirement<'a>>,
    findings: &'a [Finding],
    campaigns: Vec<CampaignState<'a>>,
    coverage: &'a [Share],
    uncovered: &'a [Gap],
    inventory: &'a Inventory,
}

#[derive(Serialize)]
struct CampaignState<'a> {
    name: &'a str,
    state: &'static str,
    targets: &'a [String],
    changed: &'a [String],
    record: Option<&'a Record>,
}

#[derive(Serialize)]
struct Requirement<'a> {
    id: &'a str,
    status: Status,
    reason: &'a str,
    title: &'a str,
    integrity: Option<&'a str>,
    code: Vec<String>,
    tests: Vec<Test>,
    lines: usize,
    lines_run: usize,
}

#[derive(Serialize)]
struct Test {
    place: String,
    executes: Option<bool>,
    results: BTreeMap<String, [usize; 3]>,
}

/// Writes everything into a folder.
///
/// # Errors
/// Where a file cannot be written.
pub fn write(folder: &Path, inputs: &Inputs<'_>, joined: &Joined) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let machine = Machine {
        commit: &inputs.evidence.commit,
        compiler: &inputs.evidence.compiler,
        headline: headline(&joined.rows),
        requirements: joined.rows.values().map(|row| requirement(inputs, row)).collect(),
        findings: &joined.findings,
        campaigns: inputs.evidence.campaigns.iter().map(campaign_state).collect(),
        coverage: &joined.coverage.shares,
        uncovered: &joined.coverage.gaps,
        inventory: inputs.inventory,
    };
    save(&folder.join("trace.json"), &serde_json::to_string_pretty(&machine)?)?;
    save(&folder.join("trace.csv"), &table(inputs, joined))?;
    save(&folder.join("junit.xml"), &junit::results(inputs.evidence))?;
    let bill = inventory::bill(inputs.inventory, &inputs.evidence.commit);
    save(&folder.join("sbom.cdx.json"), &serde_json::to_string_pretty(&bill)?)?;
    html::write(&folder.join("html"), inputs, joined)
}

fn campaign_state(campaign: &Campaign) -> CampaignState<'_> {
    CampaignState {
        name: &campaign.name,
        state: campaign.state(),
        targets: campaign.targets(),
        changed: &campaign.changed,
        record: campaign.record.as_ref(),
    }
}

fn save(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).with_context(|| file.display().to_string())
}

fn requirement<'a>(inputs: &'a Inputs<'_>, row: &'a Row) -> Requirement<'a> {
    let places = &inputs.sources.places;
    let need = inputs.needs.get(&row.id);
    Requirement {
        id: &row.id,
        status: row.status,
        reason: &row.reason,
        title: need.map_or("", |need| &need.title),
        integrity: need.and_then(|need| need.integrity.as_deref()),
        code: row.code.iter().map(|&at| format!("{}:{}", places[at].file, places[at].line)).collect(),
        tests: row
            .tests
            .iter()
            .map(|test| Test {
                place: format!("{}:{}", places[test.place].file, places[test.place].line),
                executes: test.executes,
                results: results(inputs.evidence, &test.runs),
            })
            .collect(),
        lines: row.lines.0,
        lines_run: row.lines.1,
    }
}

/// Passed, failed and left out, by target; what a suspect campaign says stands apart.
fn results(evidence: &Evidence, runs: &[usize]) -> BTreeMap<String, [usize; 3]> {
    let mut results: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for run in runs.iter().map(|&run| &evidence.runs[run]) {
        let [passed, failed, ignored] =
            results.entry(format!("{}{}", run.target, if run.suspect { " (suspect)" } else { "" })).or_default();
        match run.outcome {
            Outcome::Passed => *passed += 1,
            Outcome::Failed => *failed += 1,
            Outcome::Ignored => *ignored += 1,
        }
    }
    results
}

/// A row for each link of a requirement with a place.
fn table(inputs: &Inputs<'_>, joined: &Joined) -> String {
    let mut table = String::from("requirement,status,title,role,file,line,item,digest,executes,results\n");
    for row in joined.rows.values() {
        let title = inputs.needs.get(&row.id).map_or("", |need: &Need| &need.title);
        let mut line = |role: &str, at: Option<usize>, executes: &str, results: &str| {
            let place = at.map(|at| &inputs.sources.places[at]);
            let cells = [
                row.id.clone(),
                row.status.name().to_owned(),
                title.to_owned(),
                role.to_owned(),
                place.map_or(String::new(), |place| place.file.clone()),
                place.map_or(String::new(), |place| place.line.to_string()),
                place.map_or(String::new(), |place| place.title.clone()),
                place.map_or(String::new(), |place| place.digest.clone()),
                executes.to_owned(),
                results.to_owned(),
            ];
            let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            let _ = writeln!(table, "{}", quoted.join(","));
        };
        for &at in &row.code {
            line("code", Some(at), "", "");
        }
        for test in &row.tests {
            let results = results(inputs.evidence, &test.runs)
                .iter()
                .map(|(target, [passed, failed, ignored])| {
                    format!("{target}: {passed} passed, {failed} failed, {ignored} left out")
                })
                .collect::<Vec<_>>()
                .join("; ");
            line("test", Some(test.place), test.executes.map_or("", |yes| if yes { "yes" } else { "no" }), &results);
        }
        if row.code.is_empty() && row.tests.is_empty() {
            line("none", None, "", "");
        }
    }
    table
}
