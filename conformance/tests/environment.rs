//! The page on environment variables names those that the sources read, and no others.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Folders that hold no sources.
const SKIPPED: [&str; 5] = ["target", ".git", "corpus", "artifacts", "peers"];

/// Where the name is not in the call: what `--env` names, and Cargo's names of features in a build script.
const NAMED_ELSEWHERE: [&str; 2] = ["wrtd/src/wasi.rs", "wrt-runtime/build.rs"];

/// The names of variables that a source reads; `Err` for a read whose name is not in it.
fn read_by(path: &str, text: &str) -> BTreeSet<Result<String, String>> {
    let mut found = BTreeSet::new();
    // In two parts, or this file would be found.
    for call in [concat!("env::", "var("), concat!("env::", "var_os(")] {
        for (at, _) in text.match_indices(call) {
            let argument = text[at + call.len()..].split(')').next().unwrap_or_default().trim();
            let name = argument.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            found.insert(name.map(str::to_owned).ok_or_else(|| format!("{path}: {argument}")));
        }
    }
    found
}

/// The names of variables that a shell script takes with a default.
fn taken_by(text: &str) -> BTreeSet<String> {
    let names = text.split("${").skip(1).filter_map(|rest| rest.split_once(":-")).map(|(name, _)| name);
    names
        .filter(|name| name.starts_with(|first: char| first.is_ascii_uppercase()) && name.chars().all(is_of_a_name))
        .map(str::to_owned)
        .collect()
}

fn is_of_a_name(character: char) -> bool {
    character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_'
}

fn sources(folder: &Path, root: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("readable").map(|entry| entry.expect("readable").path()) {
        let name = entry.file_name().expect("named").to_string_lossy().into_owned();
        if entry.is_symlink() || SKIPPED.contains(&name.as_str()) {
            continue;
        }
        if entry.is_dir() {
            sources(&entry, root, files);
        } else if let Ok(text) = fs::read_to_string(&entry) {
            let path = entry.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            files.push((path, text));
        }
    }
}

/// The names in the first column of the page's tables.
fn documented(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|row| row.split(" | ").next());
    rows.flat_map(|names| names.split('`'))
        .filter(|name| name.chars().all(is_of_a_name) && !name.is_empty())
        .map(str::to_owned)
        .collect()
}

// @need-ids: REQ_ENV_001
// @inspection
#[test]
fn every_variable_that_is_read_is_documented_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace");
    let mut files = Vec::new();
    sources(root, root, &mut files);
    let mut read = BTreeSet::new();
    for (path, text) in &files {
        // Guests read what they are handed.
        if path.starts_with("conformance/wasi/") {
            continue;
        }
        let is = |extension: &str| Path::new(path).extension().is_some_and(|found| found == extension);
        if is("rs") {
            for name in read_by(path, text) {
                match name {
                    Ok(name) => drop(read.insert(name)),
                    Err(place) => {
                        assert!(NAMED_ELSEWHERE.contains(&path.as_str()) || path.ends_with("tests/tidy.rs"), "{place}");
                    }
                }
            }
        } else if is("sh") || text.starts_with("#!/usr/bin/env bash") {
            read.extend(taken_by(text));
        }
    }
    let page = fs::read_to_string(root.join("docs/environment.md")).expect("readable");
    assert_eq!(read, documented(&page), "what is read, and what docs/environment.md names");
}

// @need-ids: REQ_ENV_001
// @inspection
#[test]
fn reads_are_seen_however_they_are_written() {
    let text = concat!("std::env::", "var(\"A_1\"); env::", "var_os(name)");
    let found: Vec<_> = read_by("x.rs", text).into_iter().collect();
    assert_eq!(found, [Ok("A_1".into()), Err("x.rs: name".into())]);
    assert_eq!(taken_by("${PYTHON:-python3} ${1:-x} ${lower:-y}").into_iter().collect::<Vec<_>>(), ["PYTHON"]);
    assert_eq!(documented("| `A`, `B_C` | x `D` |\n| variable |").into_iter().collect::<Vec<_>>(), ["A", "B_C"]);
}
