//! `wast`: runs test scripts, one after the other, and counts.

use crate::cli::WastOptions;
use crate::failure::{Class, Failure, code, one_line};
use crate::input;
use crate::output::Output;
use crate::progress::Steps;
use crate::wast::{self, Report};
use serde_json::{Map, Value, json};
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// How deep folders are searched.
const DEEPEST: usize = 64;

/// Runs the scripts that `options` name. Standard output ends with `N passed, N failed`.
// @need-ids: REQ_022, REQ_CLI_001
pub fn run(options: &WastOptions, output: &mut Output<'_>) -> Result<u8, Failure> {
    let mut files = Vec::new();
    for path in &options.paths {
        collect(path, &mut files)?;
    }
    let mut total = Total::default();
    let mut steps = Steps::new(files.len());
    for file in &files {
        let name = file.to_string_lossy().into_owned();
        steps.next(&name);
        let bytes = input::read(file, wast::limits().max_module_bytes)?;
        let report = match std::str::from_utf8(&bytes) {
            Ok(text) => wast::run(text, options.engine.into()),
            Err(_) => Report {
                passed: 0,
                failures: vec![wast::Failed { line: 1, column: 1, reason: "not a script: not UTF-8 text".into() }],
            },
        };
        steps.suspend(|| tell(&name, &report, options.list_failures, output));
        total.add(&name, &report);
    }
    drop(steps);
    let code = if total.failed == 0 { code::OK } else { code::ASSERTION };
    if output.is_text() {
        output.line(&format!("{} passed, {} failed", total.passed, total.failed));
    } else {
        output.json(total.document(code));
    }
    Ok(code)
}

fn tell(name: &str, report: &Report, list_failures: bool, output: &mut Output<'_>) {
    if !output.is_text() || report.failures.is_empty() {
        return;
    }
    let name = one_line(name);
    if list_failures {
        for failed in &report.failures {
            output.line(&format!("{name}:{}:{}: {}", failed.line, failed.column, one_line(&failed.reason)));
        }
    }
    output.line(&format!("{name}: {} passed, {} failed", report.passed, report.failed()));
}

#[derive(Default)]
struct Total {
    passed: u64,
    failed: u64,
    files: Vec<Value>,
}

impl Total {
    fn add(&mut self, name: &str, report: &Report) {
        self.passed += report.passed;
        self.failed += report.failed();
        let failures = report.failures.iter();
        let failures: Vec<Value> = failures
            .map(|failed| json!({ "line": failed.line, "column": failed.column, "reason": failed.reason }))
            .collect();
        self.files.push(json!({
            "file": name,
            "passed": report.passed,
            "failed": report.failed(),
            "failures": failures,
        }));
    }

    fn document(self, code: u8) -> Map<String, Value> {
        let mut document = Map::new();
        document.insert("command".into(), "wast".into());
        document.insert("passed".into(), self.passed.into());
        document.insert("failed".into(), self.failed.into());
        document.insert("files".into(), self.files.into());
        document.insert("exit".into(), code.into());
        document
    }
}

/// A file as it is; of a folder every `.wast` file at any depth, sorted.
fn collect(path: &OsString, files: &mut Vec<OsString>) -> Result<(), Failure> {
    let folder = Path::new(path);
    if path == "-" {
        files.push(path.clone());
        return Ok(());
    }
    if !folder.is_dir() {
        // A file that is missing is told before anything runs.
        File::open(folder).map_err(|error| input::unreadable(path, &error))?;
        files.push(path.clone());
        return Ok(());
    }
    let before = files.len();
    walk(folder, DEEPEST, files)?;
    if files.len() == before {
        return Err(Failure::new(Class::NoInput, "no .wast file in this folder").in_file(&input::name_of(path)));
    }
    Ok(())
}

fn walk(folder: &Path, deepest: usize, files: &mut Vec<OsString>) -> Result<(), Failure> {
    let unreadable = |error: std::io::Error| input::unreadable(folder.as_os_str(), &error);
    let mut entries: Vec<(PathBuf, bool)> = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        // Links to folders are not followed: they may lead in circles.
        entries.push((entry.path(), entry.file_type().map_err(unreadable)?.is_dir()));
    }
    entries.sort();
    for (path, is_folder) in entries {
        if is_folder && deepest > 0 {
            walk(&path, deepest - 1, files)?;
        } else if !is_folder && path.extension().is_some_and(|extension| extension == "wast") {
            files.push(path.into_os_string());
        }
    }
    Ok(())
}
