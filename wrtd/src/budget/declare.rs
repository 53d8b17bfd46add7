//! What is declared on the command line: functions by index or name, places by offsets.

use super::names::Names;
use crate::cli::BudgetOptions;
use crate::failure::{Class, Failure, one_line};
use std::collections::BTreeMap;
use wrt::budget::{Declarations, Import, Site, StackNeeds};

/// Reads all declarations of a command line.
// @need-ids: REQ_CLI_001, REQ_BUDGET_001, REQ_BUDGET_002
pub(super) fn declarations(options: &BudgetOptions, names: &Names<'_>) -> Result<Declarations, Failure> {
    let mut declared = Declarations::default();
    for text in &options.recursion {
        let (name, depth) = assignment("--recursion", text, "FUNC=N")?;
        let depth = count("--recursion", text, depth, "at least 1", u64::from(u32::MAX))?;
        once("--recursion", text, declared.recursion.insert(names.func(name)?, depth as u32).is_some())?;
    }
    for (option, list, into, least) in
        [("--loop", &options.loops, &mut declared.loops, 1), ("--length", &options.length, &mut declared.lengths, 0)]
    {
        for text in list {
            let (place, value) = assignment(option, text, "FUNC:OFFSET=N")?;
            let value = number(value).filter(|value| *value >= least);
            let what = if least == 1 { "a number from 1 on" } else { "a number" };
            let value = value.ok_or_else(|| wrong(option, text, &format!("{what} is wanted behind `=`")))?;
            once(option, text, into.insert(site(option, text, place, names)?, value).is_some())?;
        }
    }
    for text in &options.callees {
        let (place, list) = assignment("--callees", text, "FUNC:OFFSET=FUNC,…")?;
        let functions = functions(list, names)?;
        once("--callees", text, declared.callees.insert(site("--callees", text, place, names)?, functions).is_some())?;
    }
    for text in &options.import {
        let (name, what) = assignment("--import", text, "MODULE.NAME=…")?;
        let import = names.import(name)?;
        once("--import", text, declared.imports.insert(import, import_of(text, what, names)?).is_some())?;
    }
    Ok(declared)
}

fn wrong(option: &str, text: &str, why: &str) -> Failure {
    Failure::new(Class::Usage, format!("{option} {}: {why}", one_line(text)))
}

/// Refuses what took the place of something that was declared before.
fn once(option: &str, text: &str, replaced: bool) -> Result<(), Failure> {
    if replaced { Err(wrong(option, text, "this was declared already")) } else { Ok(()) }
}

/// What is in front of the last `=`, and behind it: names may have some.
fn assignment<'t>(option: &str, text: &'t str, form: &str) -> Result<(&'t str, &'t str), Failure> {
    text.rsplit_once('=').ok_or_else(|| wrong(option, text, &format!("{form} is wanted")))
}

/// A number, decimal or hexadecimal.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) if hex.starts_with(|c: char| c.is_ascii_hexdigit()) => u64::from_str_radix(hex, 16).ok(),
        _ if text.starts_with(|c: char| c.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

fn count(option: &str, text: &str, value: &str, what: &str, most: u64) -> Result<u64, Failure> {
    let value = number(value).filter(|value| (1..=most).contains(value));
    value.ok_or_else(|| wrong(option, text, &format!("a number of {what} and at most {most} is wanted behind `=`")))
}

fn site(option: &str, text: &str, place: &str, names: &Names<'_>) -> Result<Site, Failure> {
    let form = || wrong(option, text, "FUNC:OFFSET is wanted in front of `=`");
    let (func, offset) = place.rsplit_once(':').ok_or_else(form)?;
    let at = number(offset).and_then(|at| u32::try_from(at).ok()).ok_or_else(form)?;
    Ok(Site { func: names.func(func)?, at })
}

/// Functions by index or name, separated by commas; none is allowed.
fn functions(list: &str, names: &Names<'_>) -> Result<Vec<u32>, Failure> {
    list.split(',').filter(|name| !name.is_empty()).map(|name| names.func(name)).collect()
}

fn import_of(text: &str, what: &str, names: &Names<'_>) -> Result<Import, Failure> {
    if let Some(list) = what.strip_prefix("calls:") {
        return Ok(Import::Calls(functions(list, names)?));
    }
    let form = || {
        let form = "calls:FUNC,… or frames:N,slots:N[,records:N][,fuel:N] is wanted behind `=`";
        wrong("--import", text, form)
    };
    let mut parts: BTreeMap<&str, u64> = BTreeMap::new();
    for part in what.split(',') {
        let (key, value) = part.split_once(':').ok_or_else(form)?;
        let known = ["frames", "slots", "records", "fuel"].contains(&key);
        let value = number(value).filter(|_| known).ok_or_else(form)?;
        once("--import", text, parts.insert(key, value).is_some())?;
    }
    let (frames, slots) = parts.get("frames").copied().zip(parts.get("slots").copied()).ok_or_else(form)?;
    // Without calls into further instances there is a record for each frame.
    let records = parts.get("records").copied().unwrap_or(frames);
    Ok(Import::Instance { stack: StackNeeds { frames, slots, records }, fuel: parts.get("fuel").copied() })
}
