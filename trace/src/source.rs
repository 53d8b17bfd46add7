//! Marks in the sources: `// @need-ids: REQ_…`, and what each of them stands before.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::campaign;
use crate::digest::digest;
use crate::tokens::{self, Unit};

/// A mark with the item that it stands before.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file, relative to the root of the tree, with `/`.
    pub file: String,
    /// The line of the mark, from 1.
    pub line: usize,
    /// What it names.
    pub needs: Vec<String>,
    /// What it stands before, as in `fn grow`.
    pub title: String,
    /// First and last lines of that, and for a type of its implementations in the same file.
    pub lines: Vec<(usize, usize)>,
    /// A digest of these, without comments and white space.
    pub digest: String,
    /// Code, a test, or what tests use.
    pub kind: Kind,
    /// For a test: that it looks at the sources instead of running them, as `// @inspection` after its mark says.
    pub inspects: bool,
}

impl Place {
    /// The name of the place in the record of reviews: it stays where lines move.
    pub fn name(&self) -> String {
        format!("{} {}", self.file, self.title)
    }
}

/// What a mark stands before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Code that meets a requirement.
    Code,
    /// A test of this name, in modules of its file from the outermost on.
    Test {
        /// The modules written in the file itself.
        modules: Vec<String>,
        /// The function.
        name: String,
    },
    /// A macro or a module of tests: all in these modules that have no mark of their own.
    Tests {
        /// The modules written in the file itself.
        modules: Vec<String>,
    },
    /// What tests use: neither code that meets a requirement nor a test.
    Support,
}

/// A test in the sources, marked or not.
#[derive(Clone, Debug)]
pub struct TestFunction {
    /// Its file.
    pub file: String,
    /// The line of its name.
    pub line: usize,
    /// The modules of its file that it is in, and its name.
    pub path: Vec<String>,
    /// The reason that its `#[ignore]` gives; empty where it gives none.
    pub ignored: Option<String>,
}

/// An item that others can use.
#[derive(Clone, Debug)]
pub struct PublicItem {
    /// Its file.
    pub file: String,
    /// First and last line.
    pub lines: (usize, usize),
    /// What it is, as in `fn grow`.
    pub title: String,
}

/// A function or another item with code of its own.
#[derive(Clone, Debug)]
pub struct Body {
    /// What it is, as in `impl Memory: fn grow`.
    pub title: String,
    /// First and last line.
    pub lines: (usize, usize),
    /// Whether it is there for tests alone.
    pub tests: bool,
}

impl Body {
    /// Whether a line is in it.
    pub fn has(&self, line: u32) -> bool {
        usize::try_from(line).is_ok_and(|line| (self.lines.0..=self.lines.1).contains(&line))
    }
}

/// A figure of this report that a page quotes, as in `<!-- trace:verified -->99`.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Its file.
    pub file: String,
    /// Its line.
    pub line: usize,
    /// What of the headline it is.
    pub name: String,
    /// What stands there.
    pub value: String,
}

/// What the tree's sources say.
#[derive(Debug, Default)]
pub struct Sources {
    /// All marks.
    pub places: Vec<Place>,
    /// All tests.
    pub tests: Vec<TestFunction>,
    /// Files that others take in, each with the one that does.
    pub includes: Vec<(String, String)>,
    /// Figures that pages quote.
    pub figures: Vec<Figure>,
    /// What the crates offer.
    pub items: Vec<PublicItem>,
    /// What has code in each file.
    pub bodies: BTreeMap<String, Vec<Body>>,
    /// Every source file, for the report.
    pub texts: BTreeMap<String, String>,
}

/// Reads every file of a tree that version control knows, or, outside of it, every file.
///
/// # Errors
/// Where a file cannot be read, or a Rust file is not made of tokens.
pub fn read(root: &Path) -> Result<Sources> {
    let mut sources = Sources::default();
    for file in files(root)? {
        if Path::new(&file).extension().is_some_and(|extension| extension == "md") {
            let text = std::fs::read_to_string(root.join(&file)).with_context(|| file.clone())?;
            sources.figures.extend(figures(&file, &text));
        }
        let Some(comment) = comment_of(&file) else { continue };
        let text = std::fs::read_to_string(root.join(&file)).with_context(|| file.clone())?;
        if comment == "//" {
            let units = tokens::units(&text).with_context(|| file.clone())?;
            rust_tests(&file, &units, &mut sources.tests);
            sources.items.extend(public_items(&file, &units));
            sources.includes.extend(includes(&file, &text));
            sources.bodies.insert(file.clone(), bodies(&units));
            for (line, needs) in marks(&text, comment) {
                if units.in_literal(line) {
                    continue;
                }
                let follows = text.lines().nth(line).unwrap_or_default().trim_start();
                let inspects = follows == "// @inspection";
                let whole = follows.is_empty();
                let place = if whole {
                    file_place(&file, line, needs, &units)
                } else {
                    rust_place(&file, line, needs, &units)?
                };
                sources.places.push(Place { inspects, ..place });
            }
        } else {
            sources.places.extend(marks(&text, comment).map(|(line, needs)| paragraph(&file, line, needs, &text)));
        }
        sources.texts.insert(file, text);
    }
    Ok(sources)
}

/// What comments begin with in a file of this name; none where there are no marks to be looked for.
fn comment_of(file: &str) -> Option<&'static str> {
    if file.starts_with("trace/tests/") {
        return None; // faults that are seeded on purpose
    }
    match Path::new(file).extension().and_then(|extension| extension.to_str()) {
        Some("rs") => Some("//"),
        Some("sh" | "toml" | "py") => Some("#"),
        None if file.starts_with(".ci/") || file == "justfile" => Some("#"),
        _ => None,
    }
}

/// Every file of a tree that version control knows, or, outside of it, every file, in order.
///
/// # Errors
/// Where they cannot be listed.
pub fn files(root: &Path) -> Result<Vec<String>> {
    let known = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output();
    if root.join(".git").exists() {
        let known = known.context("git")?;
        if !known.status.success() {
            bail!("git ls-files: {}", String::from_utf8_lossy(&known.stderr));
        }
        let names = String::from_utf8(known.stdout).context("a file name")?;
        let mut names: Vec<String> =
            names.split('\0').filter(|name| root.join(name).is_file()).map(str::to_owned).collect();
        names.sort();
        return Ok(names);
    }
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Lines that are marks, with what they name.
fn marks<'a>(text: &'a str, comment: &'a str) -> impl Iterator<Item = (usize, Vec<String>)> + 'a {
    text.lines().enumerate().filter_map(move |(number, line)| {
        let rest = line.trim_start().strip_prefix(comment)?.trim_start_matches(['/', '!']).trim_start();
        let names = rest.strip_prefix("@need-ids:")?;
        Some((
            number + 1,
            names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect(),
        ))
    })
}

fn rust_place(file: &str, line: usize, needs: Vec<String>, units: &tokens::File) -> Result<Place> {
    let Some((unit, context)) = units.after(line) else { bail!("{file}:{line}: the mark stands before nothing") };
    let in_tests = context.tests || file.split('/').any(|part| part == "tests") || file.ends_with("tests.rs");
    let modules = context.modules;
    let kind = if unit.is_test() {
        Kind::Test { modules, name: unit.name.clone() }
    } else if in_tests && unit.keyword == "macro" {
        Kind::Tests { modules }
    } else if in_tests && unit.keyword == "mod" {
        Kind::Tests { modules: [modules, vec![unit.name.clone()]].concat() }
    } else if in_tests {
        Kind::Support
    } else {
        Kind::Code
    };
    let mut lines = vec![(unit.first, unit.last)];
    let mut text = unit.text.clone();
    if matches!(unit.keyword.as_str(), "struct" | "enum" | "union") {
        for part in units.implementations(&unit.name) {
            lines.push((part.first, part.last));
            text.push_str(&part.text);
        }
    }
    Ok(Place {
        file: file.to_owned(),
        line,
        needs,
        title: title(unit, &context.owner),
        lines,
        digest: digest(&text),
        kind,
        inspects: false,
    })
}

fn title(unit: &Unit, owner: &str) -> String {
    let own = if unit.name.is_empty() { unit.head.clone() } else { format!("{} {}", unit.keyword, unit.name) };
    if owner.is_empty() { own } else { format!("{owner}: {own}") }
}

/// What a mark with an empty line behind it stands for: all of the file but its tests.
fn file_place(file: &str, line: usize, needs: Vec<String>, units: &tokens::File) -> Place {
    let own: Vec<&Unit> = units.top().filter(|unit| !unit.only_for_tests()).collect();
    let text: String = own.iter().map(|unit| unit.text.as_str()).collect();
    let lines = own.iter().map(|unit| (unit.first, unit.last)).collect();
    Place {
        file: file.to_owned(),
        line,
        needs,
        title: "file".into(),
        lines,
        digest: digest(&text),
        kind: Kind::Code,
        inspects: false,
    }
}

/// Files that a file takes in as they are, with `include!`.
fn includes<'a>(file: &'a str, text: &'a str) -> impl Iterator<Item = (String, String)> + 'a {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    text.lines().filter_map(move |line| {
        let included = line.trim().strip_prefix("include!(\"")?.strip_suffix("\");")?;
        Some((format!("{folder}/{included}"), file.to_owned()))
    })
}

/// What a mark in a script or a table stands before: the lines up to the next empty one.
fn paragraph(file: &str, line: usize, needs: Vec<String>, text: &str) -> Place {
    let lines: Vec<&str> = text.lines().skip(line).take_while(|line| !line.trim().is_empty()).collect();
    let head = lines.iter().find(|line| !line.trim_start().starts_with('#')).copied().unwrap_or_default();
    // A function of a script is a test, such as one that runs boards; it says itself how it ended. So is a campaign.
    let campaign = || head.strip_prefix('[')?.strip_suffix(']').filter(|_| file == campaign::DEFINITIONS);
    let function = head.split_once("() {").map(|(name, _)| name).or_else(campaign).map(str::to_owned);
    let kind = function.map_or(Kind::Code, |name| Kind::Test { modules: Vec::new(), name });
    Place {
        file: file.to_owned(),
        line,
        needs,
        title: head.trim().chars().take(60).collect(),
        lines: vec![(line + 1, line + lines.len())],
        digest: digest(lines.join("\n")),
        kind,
        inspects: false,
    }
}

fn rust_tests(file: &str, units: &tokens::File, tests: &mut Vec<TestFunction>) {
    for (unit, context) in units.all() {
        if !unit.is_test() {
            continue;
        }
        let mut path = context.modules.clone();
        path.push(unit.name.clone());
        tests.push(TestFunction { file: file.to_owned(), line: unit.signature, path, ignored: unit.ignored() });
    }
}

fn bodies(units: &tokens::File) -> Vec<Body> {
    let named = ["fn", "const", "static", "macro", "macro_rules", "mod"];
    units
        .all()
        .into_iter()
        .filter(|(unit, _)| named.contains(&unit.keyword.as_str()))
        .map(|(unit, around)| Body {
            title: title(unit, &around.owner),
            lines: (unit.first, unit.last),
            tests: around.tests || unit.only_for_tests() || unit.is_test(),
        })
        .collect()
}

/// What a file of a library offers: fields and methods of what is offered belong to it.
fn public_items<'a>(file: &'a str, units: &'a tokens::File) -> impl Iterator<Item = PublicItem> + 'a {
    let library = file.contains("/src/") && !file.starts_with('.') && !file.ends_with("tests.rs");
    units.all().into_iter().filter(move |(unit, around)| library && !around.tests && unit.is_public()).map(
        |(unit, around)| PublicItem {
            file: file.to_owned(),
            lines: (unit.first, unit.last),
            title: title(unit, &around.owner),
        },
    )
}

fn figures<'a>(file: &'a str, text: &'a str) -> impl Iterator<Item = Figure> + 'a {
    text.lines().enumerate().flat_map(move |(number, line)| {
        line.split("<!-- trace:").skip(1).filter_map(move |rest| {
            let (name, after) = rest.split_once(" -->")?;
            let value = after.chars().take_while(|character| character.is_ascii_digit() || *character == ',').collect();
            Some(Figure { file: file.to_owned(), line: number + 1, name: name.to_owned(), value })
        })
    })
}
