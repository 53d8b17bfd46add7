//! Evidence that takes too long for each commit: what ran, what came of it, and a digest of all that it stands for, stored in the
//! tree. Where that changed, the campaign is suspect: it is still shown, and vouches for nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::digest::digest;
use crate::evidence::{Evidence, Outcome, Run};
use crate::run::commit;
use crate::source;
use crate::tokens;

/// What campaigns there are; marks stand before their definitions.
pub const DEFINITIONS: &str = "docs/campaigns.toml";
/// Where the records lie, each as `NAME.toml`.
pub const RECORDS: &str = "docs/campaigns";

/// A campaign as it is defined.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// What it is, in a line.
    pub title: String,
    /// What covers it: paths from the root of the tree, or folders with `/**` behind them.
    pub covers: Vec<String>,
    /// Where its results hold; without any, on a target with its name.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Expressions for what it prints: the sum of the numbers that they capture, or how many lines match if they capture none.
    pub counts: BTreeMap<String, String>,
    /// What there has to be of some of these for a record.
    pub least: BTreeMap<String, u64>,
    /// Expressions for figures that are no counts: the last text that they capture.
    #[serde(default)]
    pub figures: BTreeMap<String, String>,
    /// Commands whose first line of output names a tool with its version.
    #[serde(default)]
    pub tools: Vec<String>,
    /// Whether it prints results of single tests, as `cargo test` does. Without, it does not cover unit tests among the sources.
    #[serde(default)]
    pub tests: bool,
}

/// What came of a campaign.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// `passed` or `failed`.
    pub outcome: String,
    /// When it began, in UTC.
    pub date: String,
    /// How long it took.
    pub seconds: u64,
    /// The commit, with `+` and a digest where the tree differs from it.
    pub commit: String,
    /// What ran.
    pub command: String,
    /// The tools, with their versions.
    pub tools: Vec<String>,
    /// How much happened.
    pub counts: BTreeMap<String, u64>,
    /// What was measured.
    #[serde(default)]
    pub figures: BTreeMap<String, String>,
    /// Digests of what it covers.
    pub covers: BTreeMap<String, String>,
    /// Tests that passed, by the source file that their program begins with.
    #[serde(default)]
    pub passed: BTreeMap<String, BTreeSet<String>>,
    /// Tests that failed, likewise.
    #[serde(default)]
    pub failed: BTreeMap<String, BTreeSet<String>>,
}

/// A campaign with what is known of it.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Its name.
    pub name: String,
    /// What it is.
    pub definition: Definition,
    /// What came of it; none where it never ran.
    pub record: Option<Record>,
    /// What it covers and what changed since.
    pub changed: Vec<String>,
}

impl Campaign {
    /// Whether its results say nothing about the tree as it is.
    pub fn is_suspect(&self) -> bool {
        !self.changed.is_empty()
    }

    /// `current`, `suspect`, or `not run`.
    pub fn state(&self) -> &'static str {
        match (&self.record, self.is_suspect()) {
            (None, _) => "not run",
            (Some(_), true) => "suspect",
            (Some(_), false) => "current",
        }
    }

    /// Where its results hold.
    pub fn targets(&self) -> &[String] {
        if self.definition.targets.is_empty() { std::slice::from_ref(&self.name) } else { &self.definition.targets }
    }
}

fn definitions(root: &Path) -> Result<BTreeMap<String, Definition>> {
    let file = root.join(DEFINITIONS);
    if !file.exists() {
        return Ok(BTreeMap::new());
    }
    let text = std::fs::read_to_string(&file).context(DEFINITIONS)?;
    let found: BTreeMap<String, Definition> = toml::from_str(&text).context(DEFINITIONS)?;
    for (name, definition) in &found {
        if definition.covers.is_empty() || !definition.least.values().any(|least| *least > 0) {
            bail!("{DEFINITIONS}: {name} covers nothing, or nothing has to happen in it");
        }
        if let Some(unknown) = definition.least.keys().find(|count| !definition.counts.contains_key(*count)) {
            bail!("{DEFINITIONS}: {name} does not count {unknown}");
        }
    }
    Ok(found)
}

/// Reads all campaigns and their records.
///
/// # Errors
/// Where a file cannot be read, a record is of no campaign or has less in it than there has to be, or a campaign covers nothing.
pub fn read(root: &Path) -> Result<Vec<Campaign>> {
    let definitions = definitions(root)?;
    if definitions.is_empty() {
        return Ok(Vec::new());
    }
    for entry in std::fs::read_dir(root.join(RECORDS)).into_iter().flatten() {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !definitions.contains_key(&name) {
            bail!("{}: {DEFINITIONS} has no campaign of this name", path.display());
        }
    }
    let (whole, tested) = (Covered::new(root, true)?, Covered::new(root, false)?);
    let mut campaigns = Vec::new();
    for (name, definition) in definitions {
        let file = root.join(RECORDS).join(format!("{name}.toml"));
        let mut changed = Vec::new();
        let mut record = None;
        if file.exists() {
            let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let read: Record = toml::from_str(&text).with_context(|| file.display().to_string())?;
            enough(&name, &definition, &read.outcome, &read.counts)?;
            // Where not even unit tests changed, nothing did that a record may have left out.
            let mut nows = vec![whole.digests(&definition.covers)?];
            nows.extend((!definition.tests).then(|| tested.digests(&definition.covers)).transpose()?);
            let paths: BTreeSet<&String> = nows[0].keys().chain(read.covers.keys()).collect();
            let same = |path: &String| nows.iter().any(|now| now.get(path) == read.covers.get(path));
            changed.extend(paths.into_iter().filter(|path| !same(path)).cloned());
            record = Some(read);
        }
        campaigns.push(Campaign { name, definition, record, changed });
    }
    Ok(campaigns)
}

/// Adds the campaigns and their results to what is known.
///
/// # Errors
/// As [`read`].
pub fn add(root: &Path, evidence: &mut Evidence) -> Result<()> {
    for campaign in read(root)? {
        if let Some(record) = &campaign.record {
            let own = BTreeMap::from([(DEFINITIONS.to_owned(), BTreeSet::from([campaign.name.clone()]))]);
            let whole = if record.outcome == "passed" { Outcome::Passed } else { Outcome::Failed };
            let sets = [(&own, whole), (&record.passed, Outcome::Passed), (&record.failed, Outcome::Failed)];
            for (target, (tests, outcome)) in campaign.targets().iter().flat_map(|target| sets.map(|set| (target, set)))
            {
                let named = tests.iter().flat_map(|(root, names)| names.iter().map(move |name| (root, name)));
                evidence.runs.extend(named.map(|(root, name)| Run {
                    package: package(root),
                    root: root.clone(),
                    name: name.clone(),
                    target: target.clone(),
                    outcome,
                    seconds: 0.0,
                    executed: None,
                    suspect: campaign.is_suspect(),
                }));
            }
        }
        evidence.campaigns.push(campaign);
    }
    Ok(())
}

fn package(root: &str) -> String {
    root.split_once("/src/").map_or(root, |(folder, _)| folder).to_owned()
}

/// Whether as much happened as has to; of a campaign that failed, whether anything did.
fn enough(name: &str, definition: &Definition, outcome: &str, counts: &BTreeMap<String, u64>) -> Result<()> {
    for (what, least) in &definition.least {
        let count = counts.get(what).copied().unwrap_or(0);
        let least = if outcome == "passed" { *least } else { 1 };
        if count < least {
            bail!("{name}: {count} {what}; a record takes at least {least}");
        }
    }
    Ok(())
}

/// Files with the digests of what they say: with their unit tests, or without.
struct Covered(BTreeMap<String, String>);

impl Covered {
    fn new(root: &Path, with_tests: bool) -> Result<Self> {
        let mut digests = BTreeMap::new();
        let unit_tests = |file: &str| file.contains("/src/") && file.ends_with("tests.rs");
        let left_out = |file: &str| file.starts_with(RECORDS) || (!with_tests && unit_tests(file));
        for file in source::files(root)?.into_iter().filter(|file| !left_out(file)) {
            let bytes = std::fs::read(root.join(&file)).with_context(|| file.clone())?;
            let rust = Path::new(&file).extension().is_some_and(|extension| extension == "rs");
            // Comments and layout of what is compiled change nothing.
            let text = std::str::from_utf8(&bytes).ok().filter(|_| rust);
            let words = text.and_then(|text| if with_tests { tokens::words(text) } else { tokens::shipped(text) }.ok());
            digests.insert(file, words.map_or_else(|| digest(&bytes), digest));
        }
        Ok(Self(digests))
    }

    /// A digest for each path: of the names and digests of its files.
    fn digests(&self, paths: &[String]) -> Result<BTreeMap<String, String>> {
        let of = |path: &String| -> Result<(String, String)> {
            let inside = |file: &str| match path.strip_suffix("**") {
                Some(folder) => file.starts_with(folder),
                None => file == path,
            };
            let lines: Vec<_> = self
                .0
                .iter()
                .filter(|(file, _)| inside(file))
                .map(|(file, digest)| format!("{digest} {file}"))
                .collect();
            if lines.is_empty() {
                bail!("{DEFINITIONS}: there is no {path}");
            }
            Ok((path.clone(), digest(lines.join("\n"))))
        };
        paths.iter().map(of).collect()
    }
}

/// What became of a campaign that ran.
#[derive(Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It passed and is recorded.
    Passed,
    /// It failed and is recorded.
    Failed,
    /// It passed and is too short for a record, for this reason.
    Short(String),
}

/// Runs a campaign's command, reads how much happened in what it prints, and records what came of it.
///
/// # Errors
/// Where nothing happened, the command cannot be run, or what it covers changed meanwhile.
pub fn record(root: &Path, name: &str, words: &[String]) -> Result<Recorded> {
    let definition =
        definitions(root)?.remove(name).with_context(|| format!("{DEFINITIONS} has no campaign {name}"))?;
    let covers = Covered::new(root, definition.tests)?.digests(&definition.covers)?;
    let date = first_line("date -u +%FT%TZ")?;
    let commit = commit(root, &[RECORDS])?;
    let start = Instant::now();
    let (passed, log) = run(words)?;
    let counts = count(&definition, &log)?;
    if let Some(what) = definition.least.keys().find(|what| counts.get(*what).is_none_or(|count| *count == 0)) {
        bail!("{name}: no {what}: an empty campaign is no evidence");
    }
    let outcome = if passed { "passed" } else { "failed" };
    if let Err(short) = enough(name, &definition, outcome, &counts) {
        return Ok(Recorded::Short(short.to_string()));
    }
    if Covered::new(root, definition.tests)?.digests(&definition.covers)? != covers {
        bail!("{name}: what it covers changed while it ran");
    }
    let (tests_passed, tests_failed) = if definition.tests { tests(root, &log)? } else { Default::default() };
    let record = Record {
        outcome: outcome.to_owned(),
        date,
        seconds: start.elapsed().as_secs(),
        commit,
        command: words.join(" "),
        tools: definition.tools.iter().map(|tool| first_line(tool)).collect::<Result<_>>()?,
        counts,
        figures: figures(&definition, &log)?,
        covers,
        passed: tests_passed,
        failed: tests_failed,
    };
    let folder = root.join(RECORDS);
    std::fs::create_dir_all(&folder).context(RECORDS)?;
    let text = format!("# What came of the campaign `{name}`; `trace record` wrote it.\n{}", toml::to_string(&record)?);
    std::fs::write(folder.join(format!("{name}.toml")), text).context(RECORDS)?;
    Ok(if passed { Recorded::Passed } else { Recorded::Failed })
}

fn first_line(command: &str) -> Result<String> {
    let output = Command::new("sh").args(["-c", command]).output().with_context(|| command.to_owned())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().next().filter(|_| output.status.success());
    Ok(line.with_context(|| format!("{command}: it says nothing"))?.trim().to_owned())
}

/// Runs a command; whether it ended well, and what it printed, which is passed on as it comes.
fn run(words: &[String]) -> Result<(bool, String)> {
    let (program, arguments) = words.split_first().context("no command")?;
    let (reader, writer) = std::io::pipe()?;
    let mut child = {
        let mut command = Command::new(program);
        command.args(arguments).stdout(writer.try_clone()?).stderr(writer);
        command.spawn().with_context(|| program.clone())?
    };
    let mut log = String::new();
    let mut lines = BufReader::new(reader);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        // What it says is recorded even where nobody reads along.
        let _ = std::io::stdout().write_all(&line);
        log.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok((child.wait()?.success(), log))
}

fn count(definition: &Definition, log: &str) -> Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for (what, expression) in &definition.counts {
        let expression = Regex::new(expression).with_context(|| expression.clone())?;
        let found = log.lines().filter_map(|line| expression.captures(line));
        let sum = found.map(|found| found.get(1).map_or(Some(1), |number| number.as_str().parse().ok()));
        counts.insert(what.clone(), sum.sum::<Option<u64>>().with_context(|| format!("{what}: no number"))?);
    }
    Ok(counts)
}

fn figures(definition: &Definition, log: &str) -> Result<BTreeMap<String, String>> {
    let mut figures = BTreeMap::new();
    for (what, expression) in &definition.figures {
        let expression = Regex::new(expression).with_context(|| expression.clone())?;
        let found =
            log.lines().filter_map(|line| Some(expression.captures(line)?.get(1)?.as_str().to_owned())).next_back();
        figures.insert(what.clone(), found.with_context(|| format!("{what}: it is not printed"))?);
    }
    Ok(figures)
}

type Tests = BTreeMap<String, BTreeSet<String>>;

/// Passed and failed tests in what `cargo test` prints.
fn tests(root: &Path, log: &str) -> Result<(Tests, Tests)> {
    let running = Regex::new(r"Running (unittests )?(\S+) \(\S*/([^/]+)-[0-9a-f]{16}(?:\.\w+)?\)")?;
    let (mut passed, mut failed) = (Tests::new(), Tests::new());
    let (mut folder, mut program) = (String::new(), None);
    for line in log.lines() {
        if let Some(found) = running.captures(line) {
            // Other test programs have names of their own, and follow the unit tests of their package.
            if found.get(1).is_some() {
                folder = folder_of(root, &found[3])?;
            }
            let file = format!("{folder}/{}", &found[2]);
            if !root.join(&file).exists() {
                bail!("{line}: there is no {file}");
            }
            program = Some(file);
        } else if let Some((name, outcome)) = line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... ")) {
            let into = match outcome {
                "ok" => &mut passed,
                "FAILED" => &mut failed,
                _ => continue,
            };
            let program = program.clone().with_context(|| format!("{line}: of no program"))?;
            into.entry(program).or_default().insert(name.to_owned());
        }
    }
    Ok((passed, failed))
}

/// The folder of the package that a program is named after.
fn folder_of(root: &Path, program: &str) -> Result<String> {
    for file in source::files(root)? {
        let Some(folder) = file.strip_suffix("/Cargo.toml") else { continue };
        let text = std::fs::read_to_string(root.join(&file)).with_context(|| file.clone())?;
        let manifest: toml::Table = toml::from_str(&text).with_context(|| file.clone())?;
        let name = manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
        if name.is_some_and(|name| name.replace('-', "_") == program) {
            return Ok(folder.to_owned());
        }
    }
    bail!("no package {program}")
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn results_of_single_tests_are_read() {
        let tree = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(tree.path().join("part")).expect("a folder");
        std::fs::write(tree.path().join("part/Cargo.toml"), "[package]\nname = \"wrt-part\"\n").expect("a file");
        for (folder, file) in [("part/src", "lib.rs"), ("part/tests", "other.rs")] {
            std::fs::create_dir(tree.path().join(folder)).expect("a folder");
            std::fs::write(tree.path().join(folder).join(file), "").expect("a file");
        }
        let log = "     Running unittests src/lib.rs (target/miri/x/debug/deps/wrt_part-0123456789abcdef)\n\
                   test a::b ... ok\ntest a::c ... FAILED\ntest a::d ... ignored, it takes an hour\n     \
                   Running tests/other.rs (target/miri/x/debug/deps/other-0123456789abcdef)\ntest e ... ok\n";
        let (passed, failed) = tests(tree.path(), log).expect("results");
        let expected = [("part/src/lib.rs", "a::b"), ("part/tests/other.rs", "e")];
        assert_eq!(passed, expected.into_iter().map(|(file, test)| (file.into(), [test.into()].into())).collect());
        let elsewhere = log.replace("tests/other.rs", "tests/another.rs");
        assert!(tests(tree.path(), &elsewhere).is_err(), "a program that is not there");
        assert_eq!(failed, Tests::from([("part/src/lib.rs".into(), BTreeSet::from(["a::c".into()]))]));
    }
}
