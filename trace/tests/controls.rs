//! Negative controls: a small tree that holds, and one seeded fault after the other, each of which must be refused by its rule.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};
use tempfile::TempDir;

use trace::campaign::{self, Recorded};
use trace::evidence::Evidence;
use trace::gaps::Stated;
use trace::inventory;
use trace::join::{Inputs, Joined, Status, join};
use trace::review::Record;
use trace::{needs, report, source};

const CODE: &str = "\
/// Doubles.
// @need-ids: REQ_001
pub fn double(x: u32) -> u32 {
    x.wrapping_mul(2)
}

/// Halves.
pub(crate) fn halve(x: u32) -> u32 {
    x / 2
}

#[cfg(test)]
mod tests {
    // @need-ids: REQ_001
    #[test]
    fn two_is_doubled() {
        assert_eq!(super::double(2), 4);
    }
}
";

/// A tree in a folder of its own.
struct Tree {
    folder: TempDir,
}

impl Tree {
    fn new() -> Self {
        let tree = Self { folder: tempfile::tempdir().expect("a folder") };
        tree.write("part/src/lib.rs", CODE);
        tree.write("needs.json", &export("Doubling", "It shall double.", "built").to_string());
        tree.write("results/host-debug.json", &evidence("passed", &[0]).to_string());
        tree.review();
        tree
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// `text` with the one place where `from` stands changed.
    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path().join(file)).expect("a file");
        assert_eq!(text.matches(from).count(), 1, "{from:?} stands once in {file}");
        self.write(file, &text.replace(from, to));
    }

    fn with<T>(&self, look: impl FnOnce(&Inputs<'_>, &Joined) -> T) -> Result<T> {
        let needs = needs::read(&self.path().join("needs.json"))?;
        let sources = source::read(self.path())?;
        let mut evidence = Evidence::read_all(&self.path().join("results"))?;
        campaign::add(self.path(), &mut evidence)?;
        let record = Record::read(&self.path().join("reviewed.txt"))?;
        let stated = Stated::read(self.path())?;
        let inventory = inventory::read(self.path(), &needs)?;
        let inputs = Inputs {
            needs: &needs,
            sources: &sources,
            evidence: &evidence,
            record: &record,
            stated: &stated,
            inventory: &inventory,
        };
        Ok(look(&inputs, &join(&inputs)))
    }

    fn review(&self) {
        let file = self.path().join("reviewed.txt");
        self.with(|inputs, joined| inputs.record.write(&file, inputs.needs, inputs.sources, joined, &[]))
            .expect("a sound tree")
            .expect("a record");
    }

    fn rules(&self) -> Vec<&'static str> {
        self.with(|_, joined| joined.findings.iter().map(|finding| finding.rule).collect())
            .expect("a tree that can be read")
    }

    fn status(&self) -> Status {
        self.with(|_, joined| joined.rows["REQ_001"].status).expect("a tree that can be read")
    }

    /// The fault is refused by this rule, and the requirement is no longer called verified.
    fn refused(&self, rule: &str, status: Status) {
        let rules = self.rules();
        assert!(rules.contains(&rule), "{rule} is among {rules:?}");
        assert_eq!(self.status(), status);
    }
}

fn export(title: &str, content: &str, status: &str) -> Value {
    json!({ "current_version": "1", "versions": { "1": { "needs": {
        "REQ_001": {
            "id": "REQ_001", "type": "req", "title": title, "status": status, "integrity": "high",
            "verification": ["test"], "links": [], "assumes": [], "content": content, "docname": "requirements",
        },
    } } } })
}

fn evidence(outcome: &str, executed: &[u32]) -> Value {
    json!({
        "commit": "c0ffee", "compiler": "rustc",
        "runs": [{
            "package": "part", "root": "part/src/lib.rs", "name": "tests::two_is_doubled",
            "target": "host-debug", "outcome": outcome, "seconds": 0.1, "executed": executed,
        }],
        "functions": [{ "file": "part/src/lib.rs", "lines": [3, 5] }, { "file": "part/src/lib.rs", "lines": [8, 10] }],
        "lines": { "part/src/lib.rs": { "code": [3, 4, 5, 8, 9, 10], "run": [3, 4, 5] } },
        "branches": { "part/src/lib.rs": { "all": [], "missed": [] } },
    })
}

#[test]
fn a_sound_tree_is_verified() {
    let tree = Tree::new();
    assert_eq!(tree.rules(), [""; 0]);
    assert_eq!(tree.status(), Status::Verified);
}

#[test]
fn the_report_says_what_was_joined() {
    let tree = Tree::new();
    let out = tree.path().join("out");
    tree.with(|inputs, joined| report::write(&out, inputs, joined)).expect("a tree").expect("a report");
    let text = std::fs::read_to_string(out.join("trace.json")).expect("trace.json");
    let machine: Value = serde_json::from_str(&text).expect("a file for machines");
    assert_eq!(machine["commit"], "c0ffee");
    assert_eq!(machine["requirements"][0]["id"], "REQ_001");
    assert_eq!(machine["requirements"][0]["status"], "verified");
    assert_eq!(machine["requirements"][0]["lines"], 3);
    assert_eq!(machine["headline"]["verified"], 1);
    let page = std::fs::read_to_string(out.join("html/need/REQ_001.html")).expect("a page");
    assert!(page.contains("part/src/lib.rs:2") && page.contains("part-src-lib.rs.html#L2"), "it leads to the line");
}

#[test]
fn results_are_told_by_target_and_a_suspect_one_does_not_count_as_passed() {
    let tree = Tree::new();
    let mut evidence = evidence("passed", &[0]);
    let run = evidence["runs"][0].clone();
    for (name, target, outcome, suspect) in [
        ("<&\">", "host-debug", "failed", false),
        ("left", "host-debug", "ignored", false),
        ("long", "board", "passed", true),
    ] {
        let mut other = run.clone();
        (other["name"], other["target"]) = (name.into(), target.into());
        (other["outcome"], other["suspect"]) = (outcome.into(), suspect.into());
        evidence["runs"].as_array_mut().expect("runs").push(other);
    }
    tree.write("results/host-debug.json", &evidence.to_string());
    let out = tree.path().join("out");
    tree.with(|inputs, joined| report::write(&out, inputs, joined)).expect("a tree").expect("a report");
    let xml = std::fs::read_to_string(out.join("junit.xml")).expect("junit.xml");
    for line in [
        r#"<testsuite name="board" tests="1" failures="0" errors="0" skipped="1" time="0.100">"#,
        r#"<testsuite name="host-debug" tests="3" failures="1" errors="0" skipped="1" time="0.300">"#,
        r#"<testcase classname="part/src/lib.rs" name="tests::two_is_doubled" time="0.100"></testcase>"#,
        r#"name="&lt;&amp;&quot;&gt;" time="0.100"><failure "#,
        r#"name="long" time="0.100"><skipped message="of a campaign that is suspect"/>"#,
    ] {
        assert!(xml.contains(line), "{line} in {xml}");
    }
}

#[test]
fn a_mark_of_nothing_is_refused() {
    let tree = Tree::new();
    tree.edit("part/src/lib.rs", "/// Halves.\n", "/// Halves.\n// @need-ids: REQ_999\n");
    assert!(tree.rules().contains(&"dangling"));
}

#[test]
fn a_hazard_that_nothing_stands_against_is_refused() {
    let tree = Tree::new();
    let hazard = |by: &[&str]| json!({ "id": "HAZ_001", "type": "hazard", "title": "Halving", "mitigated_by": by });
    let mut needs = export("Doubling", "It shall double.", "built");
    needs["versions"]["1"]["needs"]["HAZ_001"] = hazard(&[]);
    tree.write("needs.json", &needs.to_string());
    assert_eq!(tree.rules(), ["uncontrolled"]);
    needs["versions"]["1"]["needs"]["HAZ_001"] = hazard(&["REQ_002"]);
    tree.write("needs.json", &needs.to_string());
    assert_eq!(tree.rules(), ["dangling"]);
    needs["versions"]["1"]["needs"]["HAZ_001"] = hazard(&["REQ_001"]);
    tree.write("needs.json", &needs.to_string());
    assert_eq!(tree.rules(), [""; 0]);
}

#[test]
fn an_assumption_that_nothing_guards_is_refused() {
    let tree = Tree::new();
    let mut needs = export("Doubling", "It shall double.", "built");
    needs["versions"]["1"]["needs"]["CNST_001"] =
        json!({ "id": "CNST_001", "type": "constraint", "title": "Small numbers" });
    tree.write("needs.json", &needs.to_string());
    assert_eq!(tree.rules(), ["unguarded"]);
}

#[test]
fn a_mark_that_repeats_is_refused() {
    let tree = Tree::new();
    tree.edit("part/src/lib.rs", "/// Doubles.\n// @need-ids: REQ_001", "/// Doubles.\n// @need-ids: REQ_001, REQ_001");
    assert!(tree.rules().contains(&"duplicate"));
}

#[test]
fn a_requirement_without_code_is_refused() {
    let tree = Tree::new();
    tree.edit("part/src/lib.rs", "/// Doubles.\n// @need-ids: REQ_001\n", "/// Doubles.\n");
    tree.refused("unverified", Status::Failed);
}

#[test]
fn a_requirement_without_a_test_is_refused() {
    let tree = Tree::new();
    tree.edit("part/src/lib.rs", "    // @need-ids: REQ_001\n    #[test]", "    #[test]");
    tree.refused("unverified", Status::Failed);
    assert!(tree.rules().contains(&"orphan-test"), "and so is the test that is for nothing");
}

#[test]
fn a_test_that_fails_is_refused() {
    let tree = Tree::new();
    tree.write("results/host-debug.json", &evidence("failed", &[0]).to_string());
    tree.refused("failed", Status::Failed);
}

#[test]
fn a_test_that_did_not_run_verifies_nothing() {
    let tree = Tree::new();
    tree.write("results/host-debug.json", &evidence("ignored", &[]).to_string());
    tree.refused("unverified", Status::Failed);
}

#[test]
fn a_marked_test_without_a_result_is_refused() {
    let tree = Tree::new();
    tree.edit("results/host-debug.json", "tests::two_is_doubled", "tests::another");
    tree.refused("not-run", Status::Failed);
}

#[test]
fn a_test_that_runs_none_of_the_code_is_vacuous() {
    let tree = Tree::new();
    tree.write("results/host-debug.json", &evidence("passed", &[1]).to_string());
    tree.refused("vacuous", Status::Vacuous);
}

#[test]
fn an_inspection_runs_nothing_where_the_requirement_allows_for_one() {
    let tree = Tree::new();
    tree.write("results/host-debug.json", &evidence("passed", &[1]).to_string());
    tree.edit(
        "part/src/lib.rs",
        "    // @need-ids: REQ_001\n    #[test]",
        "    // @need-ids: REQ_001\n    // @inspection\n    #[test]",
    );
    assert_eq!(tree.rules(), ["inspection"]);
    tree.edit("needs.json", "\"verification\":[\"test\"]", "\"verification\":[\"inspection\",\"test\"]");
    assert_eq!(tree.rules(), [""; 0]);
}

#[test]
fn code_that_changed_since_its_review_is_suspect() {
    let tree = Tree::new();
    tree.edit("part/src/lib.rs", "x.wrapping_mul(2)", "x.wrapping_add(x)");
    tree.refused("suspect", Status::Suspect);
}

#[test]
fn a_test_that_changed_since_its_review_is_suspect() {
    let tree = Tree::new();
    tree.edit("part/src/lib.rs", "assert_eq!(super::double(2), 4);", "let _ = super::double(2);");
    tree.refused("suspect", Status::Suspect);
}

#[test]
fn a_requirement_that_changed_since_its_review_is_suspect() {
    let tree = Tree::new();
    tree.edit("needs.json", "It shall double.", "It shall double, and never wrap.");
    tree.refused("suspect", Status::Suspect);
}

#[test]
fn comments_and_layout_leave_a_review_as_it_is() {
    let tree = Tree::new();
    tree.edit("part/src/lib.rs", "    x.wrapping_mul(2)", "    // Twice.\n\n    x . wrapping_mul( 2 )");
    assert!(!tree.rules().contains(&"suspect"));
}

#[test]
fn what_is_reviewed_again_is_no_longer_suspect() {
    let tree = Tree::new();
    tree.edit("part/src/lib.rs", "x.wrapping_mul(2)", "x.wrapping_add(x)");
    tree.review();
    assert_eq!(tree.status(), Status::Verified);
    let record = std::fs::read_to_string(tree.path().join("reviewed.txt")).expect("a record");
    assert_eq!(record.lines().filter(|line| line.starts_with("REQ_")).count(), 2, "and the old links are gone");
}

#[test]
fn a_test_ignored_without_reason_is_refused() {
    let tree = Tree::new();
    tree.edit("part/src/lib.rs", "    #[test]\n", "    #[test]\n    #[ignore]\n");
    assert!(tree.rules().contains(&"ignored"));
    tree.edit("part/src/lib.rs", "#[ignore]", "#[ignore = \"takes an hour\"]");
    assert!(!tree.rules().contains(&"ignored"), "a reason will do");
}

#[test]
fn what_is_called_open_has_no_marks() {
    let tree = Tree::new();
    tree.write("needs.json", &export("Doubling", "It shall double.", "open").to_string());
    tree.refused("open", Status::Open);
}

#[test]
fn what_is_built_in_part_is_never_verified() {
    let tree = Tree::new();
    tree.write("needs.json", &export("Doubling", "It shall double.", "partial").to_string());
    assert_eq!(tree.status(), Status::Partial);
    tree.write("results/host-debug.json", &evidence("failed", &[0]).to_string());
    tree.refused("failed", Status::Failed);
}

#[test]
fn a_target_without_a_result_leaves_it_partial() {
    let tree = Tree::new();
    tree.edit("needs.json", "\"status\":\"built\"", "\"status\":\"built\",\"targets\":[\"host-debug\",\"cortex-m4\"]");
    assert_eq!(tree.status(), Status::Partial);
}

#[test]
fn an_empty_set_is_not_everything() {
    let tree = Tree::new();
    tree.write("needs.json", &json!({ "current_version": "1", "versions": { "1": { "needs": {} } } }).to_string());
    assert!(tree.with(|_, _| ()).is_err(), "no requirement");
    let tree = Tree::new();
    std::fs::remove_file(tree.path().join("results/host-debug.json")).expect("the results");
    assert!(tree.with(|_, _| ()).is_err(), "no result");
}

#[test]
fn results_of_another_commit_are_refused() {
    let tree = Tree::new();
    let mut other = evidence("passed", &[0]);
    other["commit"] = json!("decaf");
    tree.write("results/host-release.json", &other.to_string());
    assert!(tree.with(|_, _| ()).is_err());
}

#[test]
fn a_figure_that_differs_is_refused() {
    let tree = Tree::new();
    tree.write("README.md", "Of <!-- trace:requirements -->1 requirement <!-- trace:verified -->1 is verified.\n");
    assert_eq!(tree.rules(), [""; 0]);
    tree.edit("README.md", "-->1 is", "-->2 is");
    assert_eq!(tree.rules(), ["figure"]);
    tree.write("README.md", "<!-- trace:perfect -->1\n");
    assert_eq!(tree.rules(), ["figure"]);
}

#[test]
fn a_public_item_that_traces_to_nothing_is_refused() {
    let tree = Tree::new();
    tree.edit("part/src/lib.rs", "/// Halves.", "/// Thirds.\npub const THIRD: u32 = 3;\n/// Halves.");
    assert_eq!(tree.rules(), ["orphan-item"]);
}

#[test]
fn what_a_script_says_counts_for_its_target() {
    let tree = Tree::new();
    tree.edit("needs.json", "\"status\":\"built\"", "\"status\":\"built\",\"targets\":[\"host-debug\",\"cortex-m4\"]");
    tree.write("boards/run.sh", "# All of it.\n# @need-ids: REQ_001\nboards() {\n    true\n}\n");
    tree.review();
    assert_eq!(tree.status(), Status::Partial, "it has not run");
    tree.write("results/boards.tsv", "commit\tc0ffee\ncortex-m4\tboards/run.sh\tboards\tpassed\n");
    assert_eq!(tree.status(), Status::Verified);
    tree.edit("results/boards.tsv", "passed", "failed");
    assert_eq!(tree.status(), Status::Failed);
    tree.write("results/boards.tsv", "commit\tc0ffee\ncortex-m4 boards passed\n");
    assert!(tree.with(|_, _| ()).is_err(), "a line that is no result");
}

const CAMPAIGN: &str = "\
# All numbers.
# @need-ids: REQ_001
[numbers]
title = \"Numbers at random\"
covers = [\"part/src/**\", \"tool.sh\"]
counts = { numbers = '^(\\d+) numbers', rounds = '^round' }
least = { numbers = 10 }
figures = { dearest = 'dearest: (\\S+)' }
";

/// Runs a campaign that prints this, and ends with this exit code.
fn run_campaign(tree: &Tree, prints: &str, code: u8) -> Result<Recorded> {
    let words = ["sh", "-c", &format!("printf '{prints}'; exit {code}")].map(str::to_owned);
    campaign::record(tree.path(), "numbers", &words)
}

/// A tree whose requirement claims a target that a campaign alone has, which ran.
fn with_campaign() -> Tree {
    let tree = Tree::new();
    let git = |words: &[&str]| {
        let git = std::process::Command::new("git").arg("-C").arg(tree.path()).args(words).output().expect("git");
        assert!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
    };
    tree.write("docs/campaigns.toml", CAMPAIGN);
    tree.write("tool.sh", "true\n");
    tree.edit("needs.json", "\"status\":\"built\"", "\"status\":\"built\",\"targets\":[\"host-debug\",\"numbers\"]");
    tree.review();
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "All"]);
    assert_eq!(tree.status(), Status::Partial, "it has not run");
    let recorded = run_campaign(&tree, "round\nround\n7 numbers\n8 numbers\ndearest: 1.5\n", 0).expect("a campaign");
    assert_eq!(recorded, Recorded::Passed);
    tree
}

#[test]
fn a_campaign_vouches_for_what_it_covers() {
    let tree = with_campaign();
    assert_eq!((tree.rules(), tree.status()), (vec![], Status::Verified));
    let record = std::fs::read_to_string(tree.path().join("docs/campaigns/numbers.toml")).expect("a record");
    for line in ["numbers = 15", "rounds = 2", "dearest = \"1.5\"", "outcome = \"passed\""] {
        assert!(record.lines().any(|found| found == line), "{line} is in {record}");
    }
    assert!(!record.contains('+'), "the tree was as committed");
    tree.edit("part/src/lib.rs", "    x / 2", "    // Rounded down.\n    x / 2");
    assert_eq!(tree.status(), Status::Verified, "comments change nothing");
}

#[test]
fn a_campaign_is_suspect_where_a_source_or_tool_changed() {
    for (file, from, to) in [("part/src/lib.rs", "x / 2", "x >> 1"), ("tool.sh", "true", "false")] {
        let tree = with_campaign();
        tree.edit(file, from, to);
        assert_eq!((tree.rules(), tree.status()), (vec![], Status::Partial), "{file}");
        let states: Vec<_> =
            campaign::read(tree.path()).expect("campaigns").iter().map(campaign::Campaign::state).collect();
        assert_eq!(states, ["suspect"], "{file}");
    }
}

#[test]
fn a_requirement_with_nothing_but_a_suspect_campaign_is_partial() {
    let tree = with_campaign();
    tree.edit("part/src/lib.rs", "    // @need-ids: REQ_001\n    #[test]", "    #[test]");
    tree.edit("needs.json", "[\"host-debug\",\"numbers\"]", "[\"numbers\"]");
    assert_eq!(tree.status(), Status::Verified, "the campaign shows it");
    tree.edit("tool.sh", "true", "false");
    assert_eq!((tree.rules(), tree.status()), (vec!["orphan-test"], Status::Partial));
    run_campaign(&tree, "11 numbers\ndearest: 1\n", 0).expect("a campaign");
    assert_eq!(tree.status(), Status::Verified);
}

#[test]
fn unit_tests_are_covered_by_campaigns_that_run_them() {
    let tree = with_campaign();
    tree.edit(
        "part/src/lib.rs",
        "        assert_eq!(super::double(2), 4);",
        "        assert_eq!(super::double(2), 2 + 2);",
    );
    tree.write("part/src/row_tests.rs", "#[test]\nfn more() {}\n");
    let state = || campaign::read(tree.path()).expect("campaigns")[0].state();
    assert_eq!(state(), "current");
    tree.write("docs/campaigns.toml", &CAMPAIGN.replace("[numbers]\n", "[numbers]\ntests = true\n"));
    assert_eq!(state(), "suspect");
}

#[test]
fn a_file_that_is_new_makes_a_campaign_suspect() {
    let tree = with_campaign();
    tree.write("part/src/more.rs", "fn more() {}\n");
    assert_eq!(tree.status(), Status::Partial);
}

#[test]
fn an_empty_campaign_is_refused() {
    let tree = with_campaign();
    assert!(run_campaign(&tree, "0 numbers\n", 0).is_err());
    assert!(run_campaign(&tree, "nothing\n", 0).is_err());
    tree.edit("docs/campaigns/numbers.toml", "numbers = 15", "numbers = 0");
    assert!(tree.with(|_, _| ()).is_err(), "and one that was made so by hand");
    tree.write("docs/campaigns.toml", &CAMPAIGN.replace("numbers = 10", "numbers = 0"));
    assert!(tree.with(|_, _| ()).is_err(), "and one in which nothing has to happen");
    tree.write("docs/campaigns.toml", &CAMPAIGN.replace("tool.sh", "none.sh"));
    assert!(tree.with(|_, _| ()).is_err(), "and one that covers nothing");
}

#[test]
fn a_short_campaign_is_not_recorded() {
    let tree = with_campaign();
    let record = || std::fs::read_to_string(tree.path().join("docs/campaigns/numbers.toml")).expect("a record");
    let before = record();
    assert!(matches!(run_campaign(&tree, "9 numbers\ndearest: 1\n", 0), Ok(Recorded::Short(_))));
    assert_eq!(record(), before);
}

#[test]
fn a_campaign_that_failed_is_refused() {
    let tree = with_campaign();
    assert_eq!(run_campaign(&tree, "9 numbers\ndearest: 1\n", 1).expect("a campaign"), Recorded::Failed);
    tree.refused("failed", Status::Failed);
    tree.edit("tool.sh", "true", "false");
    assert_eq!(tree.status(), Status::Failed, "until it passes");
}

#[test]
fn a_record_of_no_campaign_is_refused() {
    let tree = with_campaign();
    tree.write("docs/campaigns/letters.toml", "");
    assert!(tree.with(|_, _| ()).is_err());
}

/// A reason for this many lines of an item, where all lines have to have run or one.
fn reason(item: &str, lines: usize) -> String {
    format!(
        "[least]\npart = 100.0\n[uncovered.\"part/src/lib.rs\"]\n\"{item}\" = {{ lines = {lines}, why = \"so\" }}\n"
    )
}

#[test]
fn a_line_that_nothing_runs_is_refused_without_a_reason() {
    let tree = Tree::new();
    tree.write("docs/uncovered.toml", "[least]\npart = 50.0\n");
    assert_eq!(tree.rules(), [""; 0], "half of it runs");
    tree.write("docs/uncovered.toml", "[least]\npart = 50.1\n");
    assert_eq!(tree.rules(), ["uncovered"]);
    tree.write("docs/uncovered.toml", "[least]\npart = 100.0\n");
    assert_eq!(tree.rules(), ["uncovered", "uncovered"], "the crate, and the item in it");
    tree.write("docs/uncovered.toml", &reason("fn halve", 3));
    assert_eq!(tree.rules(), [""; 0]);
    tree.write("docs/uncovered.toml", "[least]\nnone = 1.0\n");
    assert_eq!(tree.rules(), ["uncovered"], "nothing is not everything");
}

#[test]
fn a_reason_for_other_lines_is_refused() {
    let tree = Tree::new();
    for (item, lines) in [("fn halve", 2), ("fn halve", 4), ("fn double", 3), ("fn third", 3)] {
        tree.write("docs/uncovered.toml", &reason(item, lines));
        let rules = tree.rules();
        assert!(rules.contains(&"stale-reason") && rules.contains(&"uncovered"), "{item}, {lines}: {rules:?}");
    }
}

#[test]
fn an_outcome_that_no_test_had_is_refused_without_a_reason() {
    let tree = Tree::new();
    // Line 4 ran, and a condition there held each time; of the one on line 9 nothing is known but that its line never ran.
    let mut evidence = evidence("passed", &[0]);
    evidence["branches"] = json!({ "part/src/lib.rs": { "all": [4, 4, 9, 9], "missed": [4, 9, 9] } });
    tree.write("results/host-debug.json", &evidence.to_string());
    let stated = |double: &str| format!("{}\"fn double\" = {{ {double}why = \"so\" }}\n", reason("fn halve", 3));
    tree.write("docs/uncovered.toml", &reason("fn halve", 3));
    assert_eq!(tree.rules(), ["uncovered", "uncovered"], "the crate, and the item in it");
    for wrong in ["branches = 2, ", "lines = 1, branches = 1, ", ""] {
        tree.write("docs/uncovered.toml", &stated(wrong));
        let rules = tree.rules();
        assert!(rules.contains(&"stale-reason") && rules.contains(&"uncovered"), "{wrong}: {rules:?}");
    }
    tree.write("docs/uncovered.toml", &stated("branches = 1, "));
    assert_eq!(tree.rules(), [""; 0]);
    let [taken, justified] = tree
        .with(|_, joined| [joined.coverage.shares[0].branches_taken, joined.coverage.shares[0].branches_justified])
        .expect("a tree");
    assert_eq!((taken, justified), (1, 3), "the reason of a line is one for its conditions");
    evidence["branches"] = json!({});
    tree.write("results/host-debug.json", &evidence.to_string());
    assert!(tree.rules().contains(&"uncovered"), "nothing measured is not everything");
}

#[test]
fn the_report_tells_what_did_not_run() {
    let tree = Tree::new();
    tree.write("docs/uncovered.toml", &reason("fn halve", 3));
    let out = tree.path().join("out");
    tree.with(|inputs, joined| report::write(&out, inputs, joined)).expect("a tree").expect("a report");
    let text = std::fs::read_to_string(out.join("trace.json")).expect("trace.json");
    let machine: Value = serde_json::from_str(&text).expect("a file for machines");
    let share = &machine["coverage"][0];
    assert_eq!((&share["lines"], &share["lines_run"], &share["lines_justified"]), (&json!(6), &json!(3), &json!(3)));
    assert_eq!((&share["functions"], &share["functions_run"]), (&json!(2), &json!(1)));
    let page = std::fs::read_to_string(out.join("html/coverage.html")).expect("a page");
    assert!(page.contains("fn halve") && page.contains("part-src-lib.rs.html#L8"), "it leads to the line");
}

/// The page that a link leads to from another one, which must have what it names.
fn follow(html: &Path, page: &str, link: &str) -> String {
    let text = std::fs::read_to_string(html.join(page)).expect("a page");
    let href = text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).find(|href| href.contains(link));
    let href = href.unwrap_or_else(|| panic!("{page} leads to {link}"));
    let (file, anchor) = href.split_once('#').unwrap_or((href, ""));
    let file = Path::new(page).parent().expect("a folder").join(file);
    let file = file.to_string_lossy().replace("need/../", "").replace("source/../", "");
    let target = std::fs::read_to_string(html.join(&file)).expect("the page that it leads to");
    assert!(anchor.is_empty() || target.contains(&format!("id=\"{anchor}\"")), "{file} has {anchor}");
    file
}

#[test]
fn three_clicks_lead_from_a_hazard_to_the_code_and_to_what_its_tests_gave() {
    let tree = Tree::new();
    let mut needs = export("Doubling", "It shall double.", "built");
    needs["versions"]["1"]["needs"]["HAZ_001"] =
        json!({ "id": "HAZ_001", "type": "hazard", "title": "Halving", "mitigated_by": ["REQ_001"] });
    tree.write("needs.json", &needs.to_string());
    let out = tree.path().join("out");
    tree.with(|inputs, joined| report::write(&out, inputs, joined)).expect("a tree").expect("a report");
    let html = out.join("html");
    let hazard = follow(&html, "index.html", "HAZ_001");
    let requirement = follow(&html, &hazard, "REQ_001");
    let code = follow(&html, &requirement, "part-src-lib.rs.html#L2");
    let tests = follow(&html, &code, "REQ_001.html#tests");
    let text = std::fs::read_to_string(html.join(tests)).expect("a page");
    let (_, tests) = text.split_once("id=\"tests\"").expect("tests");
    assert!(tests.contains("fn two_is_doubled") && tests.contains("host-debug: 1 passed"), "{tests}");
}
