//! What ran: profiles, by the compiler's own tools.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::evidence::{Function, Lines};

/// The compiler's own `llvm-profdata` and `llvm-cov`, which fit what it writes.
#[derive(Debug)]
pub struct Tools {
    profdata: PathBuf,
    cov: PathBuf,
}

impl Tools {
    /// Finds those of the toolchain in use.
    ///
    /// # Errors
    /// Where the component `llvm-tools` is not installed.
    pub fn find() -> Result<Self> {
        let output = Command::new("rustc").args(["--print", "target-libdir"]).output().context("rustc")?;
        let libraries = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        let folder = libraries.parent().context("no folder of libraries")?.join("bin");
        let tools = Self { profdata: folder.join("llvm-profdata"), cov: folder.join("llvm-cov") };
        if !tools.profdata.exists() {
            bail!("llvm-profdata is missing: `rustup component add llvm-tools` installs it");
        }
        Ok(tools)
    }
}

/// Conditions by place, with how often they held and did not.
pub type Branches = BTreeMap<(u32, u32, u32, u32), (u64, u64)>;

/// Functions and lines of a whole run.
#[derive(Debug, Default)]
pub struct Map {
    /// All functions of the tree that have code.
    pub functions: Vec<Function>,
    /// Lines by file.
    pub lines: BTreeMap<String, Lines>,
    /// Conditions by file.
    pub branches: BTreeMap<String, Branches>,
    names: BTreeMap<String, Vec<u32>>,
}

impl Map {
    /// The functions that have these symbols: generic ones have many symbols, and a symbol of a macro may have more than one
    /// place.
    pub fn indices(&self, symbols: &[String]) -> Vec<u32> {
        let mut found: Vec<u32> =
            symbols.iter().filter_map(|symbol| self.names.get(symbol)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Makes one profile of the raw ones in a folder, and tells the symbols of the functions that ran.
///
/// # Errors
/// Where a tool fails. A process that wrote nothing, since it was killed, ran nothing.
pub fn executed(tools: &Tools, raw: &Path, merged: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(raw)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "profraw") && path.metadata()?.len() > 0 {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Ok(Vec::new());
    }
    // A child that a test kills leaves a torn profile; the others count.
    let made = Command::new(&tools.profdata)
        .args(["merge", "-sparse", "--failure-mode=all", "-o"])
        .arg(merged)
        .args(&files)
        .output()?;
    if !made.status.success() {
        bail!("llvm-profdata merge: {}", String::from_utf8_lossy(&made.stderr));
    }
    let shown = Command::new(&tools.profdata).args(["show", "--all-functions"]).arg(merged).output()?;
    if !shown.status.success() {
        bail!("llvm-profdata show: {}", String::from_utf8_lossy(&shown.stderr));
    }
    Ok(symbols(&String::from_utf8_lossy(&shown.stdout)))
}

/// Function names stand two spaces in, each before its counters, which stand further in.
fn symbols(shown: &str) -> Vec<String> {
    shown
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'))
        .filter(|name| !name.starts_with(' '))
        .map(|name| bare(name).to_owned())
        .collect()
}

/// Local functions have their file before the name.
fn bare(name: &str) -> &str {
    name.rsplit([';', ':']).next().unwrap_or(name)
}

#[derive(Deserialize)]
struct Export {
    data: Vec<Data>,
}

#[derive(Deserialize)]
struct Data {
    files: Vec<FileData>,
    #[serde(default)]
    functions: Vec<FunctionData>,
}

#[derive(Deserialize)]
struct FileData {
    filename: PathBuf,
    segments: Vec<(u32, u32, u64, bool, bool, bool)>,
    #[serde(default)]
    branches: Vec<Branch>,
}

#[derive(Deserialize)]
struct FunctionData {
    name: String,
    filenames: Vec<PathBuf>,
    regions: Vec<Region>,
}

/// Line and column of the first and last character, count, file, and two that are not looked at.
type Region = (usize, usize, usize, usize, u64, usize, usize, usize);

/// As a region, with the counts of how often the condition held and did not: a place has one for each copy of a generic function.
type Branch = (u32, u32, u32, u32, u64, u64, u32, u32, u32);

/// Reads the map of all functions, with the coverage of all profiles together.
///
/// # Errors
/// Where a tool fails.
pub fn map(tools: &Tools, profiles: &Path, programs: &[&Path], more: &[PathBuf], root: &Path) -> Result<Map> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(profiles)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "profdata") {
            files.push(path);
        }
    }
    let list = profiles.join("all.txt");
    std::fs::write(&list, files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join("\n"))?;
    let total = profiles.join("total.profdata");
    let made =
        Command::new(&tools.profdata).args(["merge", "-sparse", "-o"]).arg(&total).arg("-f").arg(&list).output()?;
    if !made.status.success() {
        bail!("llvm-profdata merge: {}", String::from_utf8_lossy(&made.stderr));
    }
    let root = root.canonicalize()?;
    let mut map = Map::default();
    let programs: Vec<&Path> = programs.iter().copied().chain(more.iter().map(PathBuf::as_path)).collect();
    for data in export(tools, &total, &programs, &[])? {
        map.add_functions(&data, &root);
    }
    // A program has a record that says "not run" of each function that is there for others and that it does not use. Of all programs
    // together the first one's would be believed: each is asked by itself.
    for program in programs {
        for data in export(tools, &total, &[program], &["-skip-functions", "-skip-expansions"])? {
            map.add_lines(&data, &root);
        }
    }
    Ok(map)
}

fn export(tools: &Tools, profile: &Path, programs: &[&Path], options: &[&str]) -> Result<Vec<Data>> {
    let mut command = Command::new(&tools.cov);
    command.args(["export", "--format=text"]).args(options).arg("-instr-profile").arg(profile);
    for (number, program) in programs.iter().enumerate() {
        if number > 0 {
            command.arg("-object");
        }
        command.arg(program);
    }
    let exported = command.output()?;
    if !exported.status.success() {
        let why = String::from_utf8_lossy(&exported.stderr);
        // The tests of a package that has none are a program without code of the tree.
        if why.contains("no coverage data found") {
            return Ok(Vec::new());
        }
        bail!("llvm-cov export: {why}");
    }
    let export: Export = serde_json::from_slice(&exported.stdout).context("what llvm-cov exports")?;
    Ok(export.data)
}

impl Map {
    fn add_functions(&mut self, data: &Data, root: &Path) {
        let mut known: BTreeMap<(String, usize, usize), u32> = BTreeMap::new();
        for function in &data.functions {
            // The first region is the whole body.
            let Some(&(first, _, last, _, _, file, ..)) = function.regions.first() else { continue };
            let Some(file) = function.filenames.get(file).and_then(|file| file.strip_prefix(root).ok()) else {
                continue;
            };
            let file = file.to_string_lossy().into_owned();
            let functions = &mut self.functions;
            let index = *known.entry((file.clone(), first, last)).or_insert_with(|| {
                functions.push(Function { file, lines: (first, last) });
                u32::try_from(functions.len() - 1).unwrap_or(u32::MAX)
            });
            self.names.entry(bare(&function.name).to_owned()).or_default().push(index);
        }
    }

    fn add_lines(&mut self, data: &Data, root: &Path) {
        for file in &data.files {
            let Ok(name) = file.filename.strip_prefix(root) else { continue };
            let name = name.to_string_lossy().into_owned();
            let branches = self.branches.entry(name.clone()).or_default();
            for &(line, column, last, end, held, failed, ..) in &file.branches {
                let taken = branches.entry((line, column, last, end)).or_default();
                *taken = (taken.0 + held, taken.1 + failed);
            }
            self.lines.entry(name).or_default().add(lines(&file.segments));
        }
    }
}

/// Lines with code. A segment holds from its place to the next one's: what begins on a line, or covers it whole, counts there.
fn lines(segments: &[(u32, u32, u64, bool, bool, bool)]) -> Lines {
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    for (segment, next) in segments.iter().zip(segments.iter().skip(1).chain(segments.last())) {
        let &(first, _, count, has_count, ..) = segment;
        let gap = segment.5;
        if !has_count || gap {
            continue;
        }
        let last = if next.1 <= 1 && next.0 > first { next.0 - 1 } else { next.0 };
        for line in first..=last.max(first) {
            let most = counts.entry(line).or_default();
            *most = (*most).max(count);
        }
    }
    Lines {
        run: counts.iter().filter(|(_, count)| **count > 0).map(|(line, _)| *line).collect(),
        code: counts.into_keys().collect(),
    }
}
