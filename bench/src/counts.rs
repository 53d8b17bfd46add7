//! Instructions, counted by callgrind: the same for the same program, whatever else the machine does.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::calls;
use crate::engines;
use crate::kernels;
use crate::modules;
use crate::options::Options;
use crate::sample::{geomean, new_table};
use crate::sizes::succeed;
use crate::start_up;
use crate::{read, write_json};

/// How often calls are made, less and more: what both share is no cost of a call.
const TIMES: [i32; 2] = [1_000, 2_000];

pub(crate) fn run(options: &Options) -> Result<(), String> {
    succeed(Command::new("valgrind").arg("--version"))?;
    let mut rows = Map::new();
    count_kernels(options, &mut rows)?;
    count_loading(options, &mut rows)?;
    count_calls(options, &mut rows)?;
    let document = json!({"title": "Instructions by callgrind", "unit": "instructions", "rows": rows});
    if cells(&document).next().is_none() {
        return Err("nothing is named so, or no engine".into());
    }
    show(&document);
    if let Some(path) = &options.compare {
        let old = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let old = serde_json::from_str(&old).map_err(|error| format!("{}: {error}", path.display()))?;
        compare(&old, &document);
    }
    write_json(options, "counts.json", document)
}

/// WRT alone, without a wish for others.
fn count_kernels(options: &Options, rows: &mut Map<String, Value>) -> Result<(), String> {
    let engines = options.engines_among(engines::in_process());
    let mut names: Vec<_> = engines.iter().map(|engine| engine.name()).collect();
    if options.is_any_engine() {
        names.truncate(1);
    }
    let all = kernels::all()?;
    for kernel in all.iter().filter(|kernel| options.takes(kernel.name)) {
        eprintln!("{}", kernel.name);
        let mut cells = Map::new();
        for name in &names {
            cells.insert((*name).into(), callgrind(options, &["kernel", name, kernel.name])?.into());
        }
        rows.insert(kernel.name.into(), cells.into());
    }
    Ok(())
}

fn count_loading(options: &Options, rows: &mut Map<String, Value>) -> Result<(), String> {
    let engines = options.engines_among(engines::loading());
    for subject in modules::chosen(options)? {
        eprintln!("start-up of {}", subject.name);
        let file = options.out.join(format!("{}.wasm", subject.name));
        fs::write(&file, &subject.wasm).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut cells = Map::new();
        for engine in &engines {
            let arguments = ["load", engine.name(), &file.to_string_lossy(), &subject.export];
            cells.insert(engine.name().into(), callgrind(options, &arguments)?.into());
        }
        rows.insert(format!("start-up of {}", subject.name), cells.into());
    }
    Ok(())
}

fn count_calls(options: &Options, rows: &mut Map<String, Value>) -> Result<(), String> {
    for (kind, _) in calls::KINDS {
        if !options.takes(kind) {
            continue;
        }
        let mut cells = Map::new();
        for engine in options.engines_among(calls::engines()) {
            let count = |times: i32| callgrind(options, &["calls", engine.name(), kind, &times.to_string()]);
            let more = count(TIMES[1])?.saturating_sub(count(TIMES[0])?);
            cells.insert(engine.name().into(), (more / u64::from(TIMES[0].unsigned_abs())).into());
        }
        rows.insert(kind.into(), cells.into());
    }
    Ok(())
}

/// Instructions of what `counted` does in a child.
fn callgrind(options: &Options, arguments: &[&str]) -> Result<u64, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let name: String = arguments[..3].join("-").chars().filter(|c| c.is_alphanumeric() || *c == '-').collect();
    let file: PathBuf = options.out.join(format!("callgrind.{name}"));
    succeed(
        Command::new("valgrind")
            .args(["--tool=callgrind", "--collect-atstart=no", "--toggle-collect=*counts::counted*"])
            .arg(format!("--callgrind-out-file={}", file.display()))
            .arg(program)
            .args(["child", "counts"])
            .args(arguments),
    )?;
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let total = text.lines().rev().find_map(|line| line.strip_prefix("totals:").or(line.strip_prefix("summary:")));
    let count = total.and_then(|total| total.trim().parse().ok());
    count.filter(|&count| count > 0).ok_or_else(|| format!("{}: nothing was counted", file.display()))
}

/// What is counted: nothing is before and after it.
#[inline(never)]
fn counted(work: &mut dyn FnMut() -> Result<u64, String>) -> Result<u64, String> {
    std::hint::black_box(work())
}

/// `kernel ENGINE NAME`, `load ENGINE FILE EXPORT` or `calls ENGINE KIND TIMES`.
pub(crate) fn child(arguments: &[String]) -> Result<(), String> {
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["kernel", engine, name] => {
            let engine = engines::named(engines::in_process(), engine)?;
            let kernel = kernels::chosen(|other| other == name)?.remove(0);
            let mut loaded = engine.load(&kernel.wasm()?, kernel.export)?;
            loaded.call(&kernel.warm)?;
            let result = counted(&mut || loaded.call(&kernel.arguments))?;
            kernel.check(engine.name(), result)
        }
        ["load", engine, file, export] => {
            let engine = engines::named(engines::loading(), engine)?;
            let wasm = read(Path::new(file))?;
            counted(&mut || start_up::once(engine.as_ref(), &wasm, export)).map(drop)
        }
        ["calls", engine, kind, times] => {
            let engine = engines::named(engines::in_process(), engine)?;
            let mut loaded = calls::load(engine.as_ref(), &modules::wat(calls::MODULE)?)?;
            let (_, call) = calls::KINDS.iter().find(|(name, _)| *name == kind).ok_or("no such call")?;
            let times = times.parse().map_err(|_| format!("{times} calls"))?;
            call(loaded.as_mut(), 10)?;
            counted(&mut || call(loaded.as_mut(), times).map(|sum| u64::from(sum.cast_unsigned()))).map(drop)
        }
        _ => Err("count what?".into()),
    }
}

/// Engine by engine in each row of a document.
fn cells(document: &Value) -> impl Iterator<Item = (&str, &str, u64)> {
    let rows = document["rows"].as_object().into_iter().flatten();
    rows.flat_map(|(row, cells)| {
        let cells = cells.as_object().into_iter().flatten();
        cells.filter_map(move |(engine, count)| Some((row.as_str(), engine.as_str(), count.as_u64()?)))
    })
}

fn show(document: &Value) {
    let mut table = new_table(["instructions", "engine", "count", "over wasmi's"]);
    for (row, engine, count) in cells(document) {
        let peer = document["rows"][row]["wasmi"].as_u64();
        let ratio = peer.map_or(String::new(), |peer| format!("{:.3}", quotient(count, peer)));
        table.add_row([row.to_owned(), engine.to_owned(), count.to_string(), ratio]);
    }
    println!("{table}\n");
}

fn compare(old: &Value, new: &Value) {
    let mut table = new_table(["instructions", "engine", "before", "now", "now / before"]);
    let mut ratios = Vec::new();
    for (row, engine, now) in cells(new) {
        let Some(before) = old["rows"][row][engine].as_u64() else { continue };
        let ratio = quotient(now, before);
        ratios.push(Some(ratio));
        table.add_row([row.into(), engine.into(), before.to_string(), now.to_string(), format!("{ratio:.4}")]);
    }
    println!("{table}\n");
    if let Some(mean) = geomean(ratios.into_iter()) {
        println!("geometric mean of now / before: {mean:.4}\n");
    }
}

#[allow(clippy::cast_precision_loss)]
fn quotient(a: u64, b: u64) -> f64 {
    a as f64 / b as f64
}
