//! What runs of tests showed: the file between running and reporting.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::campaign::Campaign;

/// Results of one commit.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Evidence {
    /// The commit, with `+` where the tree differs from it.
    pub commit: String,
    /// The compiler.
    pub compiler: String,
    /// What ran.
    pub runs: Vec<Run>,
    /// The functions that coverage knows.
    pub functions: Vec<Function>,
    /// Lines with code and those of them that ran, by file.
    pub lines: BTreeMap<String, Lines>,
    /// Outcomes of conditions by file, where they were measured.
    #[serde(default)]
    pub branches: BTreeMap<String, Outcomes>,
    /// Campaigns, whose results are among the runs.
    #[serde(skip)]
    pub campaigns: Vec<Campaign>,
}

/// A test that ran on a target, or was left out.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Run {
    /// The folder of its package, such as `wrt`.
    pub package: String,
    /// The source file that its program begins with.
    pub root: String,
    /// Its name in that program, as in `collecting::a_heap_is_full`.
    pub name: String,
    /// Where it ran, such as `host-debug`.
    pub target: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Seconds that it took.
    pub seconds: f64,
    /// Indices of the functions that it executed, ascending; none where that was not measured.
    #[serde(default)]
    pub executed: Option<Vec<u32>>,
    /// Whether it is of a campaign that covers what has changed since: it vouches for nothing.
    #[serde(default)]
    pub suspect: bool,
}

/// What came of a test.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It failed, or did not end in time.
    Failed,
    /// It was not run.
    Ignored,
}

/// A function with code.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Function {
    /// The file, relative to the root.
    pub file: String,
    /// First and last line.
    pub lines: (usize, usize),
}

/// Lines of a file: with code, and run by at least one test.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Lines {
    /// Lines that have code.
    pub code: Vec<u32>,
    /// Those of them that ran.
    pub run: Vec<u32>,
}

/// Outcomes of the conditions of a file: each has two.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Outcomes {
    /// The line of each.
    pub all: Vec<u32>,
    /// The line of each that never happened.
    pub missed: Vec<u32>,
}

impl Lines {
    /// What another program has and ran of the same file, beside this.
    pub fn add(&mut self, other: Self) {
        for (all, more) in [(&mut self.code, other.code), (&mut self.run, other.run)] {
            all.extend(more);
            all.sort_unstable();
            all.dedup();
        }
    }
}

impl Evidence {
    /// Reads what [`Evidence::write`] wrote.
    ///
    /// # Errors
    /// Where the file is missing or something else.
    pub fn read(file: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("{}: `trace run` makes it", file.display()))?;
        serde_json::from_str(&text).with_context(|| file.display().to_string())
    }

    /// Reads all results of a folder. What coverage knows comes from the one run that measures it.
    ///
    /// # Errors
    /// Where there are none, or they are of different commits.
    pub fn read_all(folder: &Path) -> Result<Self> {
        let mut files: Vec<_> = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.sort();
        let mut all: Option<Self> = None;
        for file in files {
            let one = match file.extension().and_then(|extension| extension.to_str()) {
                Some("json") => Self::read(&file)?,
                Some("tsv") => Self::read_lines(&file)?,
                _ => continue,
            };
            match &mut all {
                None => all = Some(one),
                Some(all) if all.commit != one.commit => {
                    bail!("{} is of commit {}, others are of {}", file.display(), one.commit, all.commit);
                }
                Some(all) => {
                    all.runs.extend(one.runs);
                    // One of them measured.
                    if all.functions.is_empty() {
                        (all.functions, all.lines, all.branches) = (one.functions, one.lines, one.branches);
                    }
                }
            }
        }
        all.with_context(|| format!("{}: no results; `trace run` makes them", folder.display()))
    }

    /// Reads what a script wrote of its tests: a line `commit` with the commit, and for each test one with target, file of the
    /// script, name and outcome, tabs between them.
    fn read_lines(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let mut evidence = Self::default();
        for (number, line) in text.lines().enumerate() {
            match line.split('\t').collect::<Vec<_>>().as_slice() {
                ["commit", commit] => (*commit).clone_into(&mut evidence.commit),
                [target, root, name, outcome @ ("passed" | "failed")] => evidence.runs.push(Run {
                    package: root.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(),
                    root: (*root).to_owned(),
                    name: (*name).to_owned(),
                    target: (*target).to_owned(),
                    outcome: if *outcome == "passed" { Outcome::Passed } else { Outcome::Failed },
                    seconds: 0.0,
                    executed: None,
                    suspect: false,
                }),
                _ => bail!("{}:{}: not a result: {line}", file.display(), number + 1),
            }
        }
        Ok(evidence)
    }

    /// Writes it.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&self, file: &Path) -> Result<()> {
        std::fs::write(file, serde_json::to_vec(self)?).with_context(|| file.display().to_string())
    }
}
