//! The pages: all requirements, one for each item, and one for each marked source file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::style::SHEET;
use super::{results, save};
use crate::campaign::{Campaign, Record};
use crate::evidence::Outcome;
use crate::gaps::Share;
use crate::inventory::Use;
use crate::join::{Inputs, Joined, Row, Status, TestLink, headline};
use crate::needs::Need;
use crate::source::Place;

/// Writes all pages.
pub(super) fn write(folder: &Path, inputs: &Inputs<'_>, joined: &Joined) -> Result<()> {
    for part in ["", "need", "source"] {
        std::fs::create_dir_all(folder.join(part)).with_context(|| folder.display().to_string())?;
    }
    save(&folder.join("index.html"), &index(inputs, joined).into_string())?;
    save(&folder.join("findings.html"), &findings(inputs, joined).into_string())?;
    save(&folder.join("campaigns.html"), &campaigns(inputs).into_string())?;
    save(&folder.join("coverage.html"), &coverage(inputs, joined).into_string())?;
    save(&folder.join("inventory.html"), &inventory(inputs).into_string())?;
    for need in inputs.needs.values() {
        let page = need_page(inputs, joined, need);
        save(&folder.join("need").join(format!("{}.html", need.id)), &page.into_string())?;
    }
    let marked = inputs.sources.places.iter().map(|place| &place.file);
    let files: BTreeSet<&String> = marked.chain(joined.coverage.gaps.iter().map(|gap| &gap.file)).collect();
    for file in files {
        let page = source_page(inputs, file);
        save(&folder.join("source").join(source_name(file)), &page.into_string())?;
    }
    Ok(())
}

fn source_name(file: &str) -> String {
    format!("{}.html", file.trim_start_matches('.').replace('/', "-"))
}

fn page(inputs: &Inputs<'_>, title: &str, up: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · WRT" }
                style { (PreEscaped(SHEET)) }
            }
            body {
                nav { a href={ (up) "index.html" } { "All requirements" } " · " a href={ (up) "coverage.html" } { "Coverage" } " · " a href={ (up) "inventory.html" } { "Inventory" } " · " a href={ (up) "campaigns.html" } { "Campaigns" } " · " a href={ (up) "findings.html" } { "What is refused" } }
                h1 { (title) }
                (body)
                footer { "Commit " code { (inputs.evidence.commit) } ", " (inputs.evidence.compiler) }
            }
        }
    }
}

fn badge(status: Status) -> Markup {
    html! { span class={ "status " (status.name()) } { (status.name()) } }
}

fn index(inputs: &Inputs<'_>, joined: &Joined) -> Markup {
    let counts = headline(&joined.rows);
    let body = html! {
        p { "Each requirement with the code that meets it and the tests that ran that code. The status is computed from these; nobody types it." }
        ul class="counts" {
            li { b { (joined.rows.len()) } "requirements" }
            @for status in Status::ALL { li { b { (counts.get(status.name()).copied().unwrap_or(0)) } (badge(status)) } }
            li { b { (joined.findings.len()) } a href="findings.html" { "refused" } }
        }
        (kinds(inputs))
        h2 { "Requirements" }
        table {
            thead { tr { th { "requirement" } th { "title" } th { "status" } th { "integrity" } th.number { "code" } th.number { "tests" } th.number { "lines run" } } }
            tbody { @for row in joined.rows.values() { (index_row(inputs, row)) } }
        }
    };
    page(inputs, "Traceability", "", &body)
}

/// Items that are no requirements: hazards first, since they are where a reader begins.
fn kinds(inputs: &Inputs<'_>) -> Markup {
    let mut kinds: BTreeMap<&str, Vec<&Need>> = BTreeMap::new();
    for need in inputs.needs.values().filter(|need| !need.is_requirement()) {
        kinds.entry(&need.kind).or_default().push(need);
    }
    let title = |kind: &str| match kind {
        "constraint" => "Assumptions of use".to_owned(),
        "hazard" => "Hazards".to_owned(),
        "failure" => "Failure modes".to_owned(),
        "spec" => "Design".to_owned(),
        "impl" => "Implementation".to_owned(),
        other => other.to_owned(),
    };
    let place =
        |kind: &str| ["hazard", "failure", "constraint", "spec", "impl"].iter().position(|named| *named == kind);
    let mut kinds: Vec<(&str, Vec<&Need>)> = kinds.into_iter().collect();
    kinds.sort_by_key(|(kind, _)| place(kind).unwrap_or(usize::MAX));
    html! {
        @for (kind, needs) in kinds {
            details open[kind == "hazard"] {
                summary { (title(kind)) " (" (needs.len()) ")" }
                ul { @for need in needs { li { (link(need, "")) } } }
            }
        }
    }
}

fn link(need: &Need, up: &str) -> Markup {
    html! { a href={ (up) "need/" (need.id) ".html" } { (need.id) } " " (need.title) }
}

fn index_row(inputs: &Inputs<'_>, row: &Row) -> Markup {
    let Some(need) = inputs.needs.get(&row.id) else { return html! {} };
    html! {
        tr {
            td { a href={ "need/" (row.id) ".html" } { (row.id) } }
            td { (need.title) }
            td { (badge(row.status)) " " small { (row.reason) } }
            td { (need.integrity.as_deref().unwrap_or("")) }
            td.number { (row.code.len()) }
            td.number { (row.tests.len()) }
            td.number { (share(row.lines)) }
        }
    }
}

fn share((all, run): (usize, usize)) -> String {
    if all == 0 { String::new() } else { format!("{run} of {all}") }
}

fn need_page(inputs: &Inputs<'_>, joined: &Joined, need: &Need) -> Markup {
    let row = joined.rows.get(&need.id);
    let related = |title: &str, ids: Vec<&String>| -> Markup {
        let needs: Vec<&Need> = ids.into_iter().filter_map(|id| inputs.needs.get(id)).collect();
        html! {
            @if !needs.is_empty() {
                h2 { (title) }
                ul { @for need in needs { li { (link(need, "../")) " " (status_of(joined, &need.id)) } } }
            }
        }
    };
    let back =
        inputs.needs.values().filter(|other| other.named().any(|id| *id == need.id)).map(|other| &other.id).collect();
    let body = html! {
        @if let Some(row) = row { p { (badge(row.status)) " " (row.reason) } }
        @if !need.docname.is_empty() { p { a href={ "../../../docs/" (need.docname) ".html#" (need.id) } { "In the documentation" } } }
        @for paragraph in need.content.split("\n\n") { p { (paragraph) } }
        @if let Some(rationale) = &need.rationale { p { b { "Why: " } (rationale) } }
        @if let Some(integrity) = &need.integrity { p { b { "Integrity: " } (integrity) } }
        @if let Some(ways) = &need.verification { p { b { "Verified by: " } (ways.join(", ")) } }
        (related("Mitigated by", need.mitigated_by.iter().collect()))
        (related("Guarded by", need.guarded_by.iter().collect()))
        (related("Leads to", need.leads_to.iter().collect()))
        (related("Refines or answers", need.links.iter().collect()))
        (related("Assumes", need.assumes.iter().collect()))
        @if let Some(row) = row {
            h2 id="code" { "Code" }
            table {
                thead { tr { th { "item" } th { "place" } th { "digest" } } }
                tbody { @for &at in &row.code { (code_row(&inputs.sources.places[at])) } }
            }
            @if row.lines.0 > 0 { p { "Lines with code that ran: " (share(row.lines)) "." } }
            h2 id="tests" { "Tests" }
            table {
                thead { tr { th { "test" } th { "place" } th { "runs the code" } th { "results" } } }
                tbody { @for test in &row.tests { (test_row(inputs, test)) } }
            }
        }
        (related("Named by", back))
    };
    page(inputs, &format!("{}: {}", need.id, need.title), "../", &body)
}

fn status_of(joined: &Joined, id: &str) -> Markup {
    html! { @if let Some(row) = joined.rows.get(id) { (badge(row.status)) } }
}

fn place_link(place: &Place, up: &str) -> Markup {
    html! { a href={ (up) "source/" (source_name(&place.file)) "#L" (place.line) } { (place.file) ":" (place.line) } }
}

fn code_row(place: &Place) -> Markup {
    html! { tr { td { code { (place.title) } } td { (place_link(place, "../")) } td { code { (place.digest) } } } }
}

fn test_row(inputs: &Inputs<'_>, test: &TestLink) -> Markup {
    let place = &inputs.sources.places[test.place];
    html! {
        tr {
            td { code { (place.title) } }
            td { (place_link(place, "../")) }
            td { (test.executes.map_or("not measured", |yes| if yes { "yes" } else { "no" })) }
            td.results {
                @for (target, [passed, failed, ignored]) in results(inputs.evidence, &test.runs) {
                    div {
                        (target) ": " (passed) " passed"
                        @if failed > 0 { ", " b { (failed) " failed" } }
                        @if ignored > 0 { ", " (ignored) " left out" }
                    }
                }
            }
        }
    }
}

fn findings(inputs: &Inputs<'_>, joined: &Joined) -> Markup {
    let mut rules: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for finding in &joined.findings {
        rules.entry(finding.rule).or_default().push(finding);
    }
    let body = html! {
        @if rules.is_empty() { p { "Nothing." } }
        @for (rule, findings) in rules {
            h2 { (rule) " (" (findings.len()) ")" }
            table { tbody { @for finding in findings { tr { td { code { (finding.place) } } td { (finding.what) } } } } }
        }
    };
    page(inputs, "What is refused", "", &body)
}

fn coverage(inputs: &Inputs<'_>, joined: &Joined) -> Markup {
    let cell = |part: usize, all: usize| html! { td.number { (part) " of " (all) } td.number { (Share::percent(part, all)) " %" } };
    let body = html! {
        p { "What tests ran of the qualified crates, tests themselves aside. A line that none ran, and an outcome of a condition that none had, has a written reason, or the crate has less than it has to." }
        table {
            thead { tr { th { "crate" } th.number colspan="2" { "lines run" } th.number colspan="2" { "run or justified" } th.number colspan="2" { "branches taken" } th.number colspan="2" { "taken or justified" } th.number { "at least" } th.number colspan="2" { "functions run" } } }
            tbody { @for share in &joined.coverage.shares { tr {
                td { (share.name) }
                (cell(share.lines_run, share.lines))
                (cell(share.lines_run + share.lines_justified, share.lines))
                (cell(share.branches_taken, share.branches))
                (cell(share.branches_taken + share.branches_justified, share.branches))
                td.number { (share.least) " %" }
                (cell(share.functions_run, share.functions))
            } } }
        }
        h2 { "What no test runs" }
        table {
            thead { tr { th { "item" } th { "place" } th.number { "lines" } th.number { "outcomes" } th { "why" } } }
            tbody { @for gap in &joined.coverage.gaps { tr {
                td { code { (gap.item) } }
                td { @if let Some(line) = gap.lines.iter().chain(&gap.branches).min() { a href={ "source/" (source_name(&gap.file)) "#L" (line) } { (gap.file) ":" (line) } } }
                td.number { (gap.lines.len()) }
                td.number { (gap.branches.len()) }
                td { (gap.why.as_deref().unwrap_or("")) }
            } } }
        }
    };
    page(inputs, "Coverage", "", &body)
}

/// The result of a stage of CI.
fn stage(inputs: &Inputs<'_>, name: &str) -> &'static str {
    let outcome = inputs
        .evidence
        .runs
        .iter()
        .filter(|run| run.name == name)
        .map(|run| run.outcome)
        .max_by_key(|outcome| *outcome == Outcome::Failed);
    match outcome {
        Some(Outcome::Passed) => "passed",
        Some(_) => "failed",
        None => "not run",
    }
}

fn inventory(inputs: &Inputs<'_>) -> Markup {
    let packages = &inputs.inventory.packages;
    let own = || packages.iter().filter(|package| package.checksum.is_none());
    let body = html! {
        p { "What is built on and with. " a href="../sbom.cdx.json" { "The bill of materials" } " (CycloneDX) has what is linked." }
        h2 { "unsafe" }
        p { "In our own packages: " (own().filter_map(|package| package.unsafe_words).sum::<usize>()) ". In others it is counted below, where they are linked: how often the word stands in their sources, whatever of them is used." }
        h2 { "Panic paths and native stack" }
        p { "Of a device build none can be reached: the linked program has no panic handler (stage no_panic: " (stage(inputs, "stage_no_panic")) "). What running takes of the native stack on devices is measured against firmware/budgets.txt (figures: " (stage(inputs, "figures")) "); that no handler leaves anything behind on it is measured for every row, in optimised code." }
        h2 { "Packages" }
        p { "Device: linked into devices. Host: linked into hosts' programs. Compiler: macros for either, which are no part of a program. Tests: nothing but tests and building." }
        table {
            thead { tr { th { "package" } th { "used" } th { "licence" } th.number { "unsafe" } th { "why, and for what" } th { "checksum" } } }
            tbody { @for package in packages { tr {
                td { (package.name) " " (package.version) }
                td { (match package.used { Use::Device => "device", Use::Host => "host", Use::Compiler => "compiler", Use::Tests => "tests" }) }
                td { (package.licence) }
                td.number { @if let Some(count) = package.unsafe_words { (count) } }
                td {
                    @if let Some(reason) = &package.reason {
                        (reason.why) @for id in &reason.requirements { " " a href={ "need/" (id) ".html" } { (id) } }
                    } @else if package.checksum.is_none() { "ours" }
                }
                td { code { (package.checksum.as_deref().and_then(|sum| sum.get(..16)).unwrap_or("")) } }
            } } }
        }
        h2 { "Tools" }
        table {
            thead { tr { th { "tool" } th { "version" } th { "for" } th { "SHA-256 of the program" } } }
            tbody { @for tool in &inputs.inventory.tools { tr {
                td { (tool.name) }
                td { (tool.version.as_deref().unwrap_or("not installed")) }
                td { (tool.why) }
                td { code { (tool.sha256.as_deref().unwrap_or("")) } }
            } } }
        }
    };
    page(inputs, "Inventory", "", &body)
}

fn campaigns(inputs: &Inputs<'_>) -> Markup {
    let body = html! {
        p { "What takes too long for each commit. A campaign counts for the tree as long as what it covers is as it was when it ran; then it is suspect, and vouches for nothing." }
        @for campaign in &inputs.evidence.campaigns {
            h2 id=(campaign.name) { (campaign.name) " " span class={ "status " (campaign.state().replace(' ', "-")) } { (campaign.state()) } }
            p { (campaign.definition.title) "." }
            @if let Some(record) = &campaign.record { (campaign_record(campaign, record)) }
        }
    };
    page(inputs, "Campaigns", "", &body)
}

fn campaign_record(campaign: &Campaign, record: &Record) -> Markup {
    let row = |title: &str, cell: Markup| html! { tr { th { (title) } td { (cell) } } };
    html! {
        table {
            tbody {
                (row("outcome", html! { (record.outcome) }))
                (row("ran", html! { (record.date) ", " (record.seconds) " s, at commit " code { (record.commit) } }))
                (row("command", html! { code { (record.command) } }))
                (row("tools", html! { @for tool in &record.tools { div { (tool) } } }))
                @for (what, count) in &record.counts { (row(what, html! { (count) })) }
                @for (what, figure) in &record.figures { (row(what, html! { (figure) })) }
                (row("targets", html! { (campaign.targets().join(", ")) }))
                @for (title, tests) in [("tests passed", &record.passed), ("tests failed", &record.failed)] {
                    @for (file, names) in tests { (row(title, html! { (names.len()) " of " (file) })) }
                }
                (row("covers", html! { @for path in &campaign.definition.covers {
                    div { code { (path) } @if campaign.changed.contains(path) { " changed since" } }
                } }))
            }
        }
    }
}

/// A line of source; what a mark names leads to the tests of it.
fn source_line(inputs: &Inputs<'_>, line: &str) -> Markup {
    let Some((before, names)) = line.split_once("@need-ids:") else { return html! { (line) } };
    html! {
        (before) "@need-ids:"
        @for (at, name) in names.split(',').map(str::trim).enumerate() {
            @if at > 0 { "," } " "
            @if inputs.needs.contains_key(name) { a href={ "../need/" (name) ".html#tests" } { (name) } } @else { (name) }
        }
    }
}

fn source_page(inputs: &Inputs<'_>, file: &str) -> Markup {
    let text = inputs.sources.texts.get(file).map(String::as_str).unwrap_or_default();
    let lines = inputs.evidence.lines.get(file);
    let class = |number: usize| {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        match lines {
            Some(lines) if lines.run.binary_search(&number).is_ok() => "run",
            Some(lines) if lines.code.binary_search(&number).is_ok() => "missed",
            _ => "",
        }
    };
    let body = html! {
        @if lines.is_some() { p { "Green lines ran in at least one test, red ones in none." } }
        table class="source" {
            tbody {
                @for (number, line) in text.lines().enumerate().map(|(number, line)| (number + 1, line)) {
                    tr id={ "L" (number) } class=(class(number)) { td { (number) } td { pre { (source_line(inputs, line)) } } }
                }
            }
        }
    };
    page(inputs, file, "../", &body)
}
