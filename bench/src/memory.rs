//! The greatest resident memory of a process that loads a module and runs it, beyond what it had before.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde_json::{Map, json};

use crate::engines;
use crate::kernels;
use crate::modules;
use crate::options::Options;
use crate::page::Page;
use crate::sample::new_table;
use crate::{read, write_json};

/// Kernels that have data, beside the modules of the start-up.
const KERNELS: [&str; 3] = ["sieve", "hash_table", "json"];

struct Case {
    name: String,
    wasm: Arc<[u8]>,
    export: String,
    arguments: Vec<i32>,
}

pub(crate) fn run(options: &Options, page: &mut Page) -> Result<(), String> {
    let names: Vec<_> = options.engines(engines::loading())?.iter().map(|engine| engine.name()).collect();
    let mut table = new_table([&["KiB at most: loaded, run"], &names[..]].concat());
    let mut rows = Map::new();
    for case in cases(options)? {
        let file = options.out.join(format!("{}.wasm", case.name));
        fs::write(&file, &case.wasm).map_err(|error| format!("{}: {error}", file.display()))?;
        let measured: Vec<_> = names.iter().map(|name| measure(name, &file, &case)).collect();
        let cells = measured.iter().map(|cell| match cell {
            Ok([load, run]) => format!("{load}, {run}"),
            Err(_) => "absent".into(),
        });
        table.add_row([case.name.clone()].into_iter().chain(cells));
        let cells: Map<_, _> = names
            .iter()
            .zip(&measured)
            .map(|(name, cell)| {
                let cell = match cell {
                    Ok([load, run]) => json!({"loaded": load, "run": run}),
                    Err(reason) => json!({"absent": reason}),
                };
                ((*name).to_owned(), cell)
            })
            .collect();
        rows.insert(case.name, cells.into());
    }
    println!("{table}\n");
    page.add("Memory", "Greatest resident memory in KiB, after loading and after running, beyond what a process had with the bytes read", &table, "");
    write_json(options, "memory.json", json!({"title": "Greatest resident memory", "unit": "KiB", "rows": rows}))
}

fn cases(options: &Options) -> Result<Vec<Case>, String> {
    let modules = modules::chosen(options)?.into_iter();
    let mut cases: Vec<_> = modules
        .map(|subject| Case { name: subject.name, wasm: subject.wasm, export: subject.export, arguments: Vec::new() })
        .collect();
    for kernel in kernels::all()?.into_iter().filter(|kernel| KERNELS.contains(&kernel.name)) {
        if options.takes(kernel.name) {
            let (wasm, export) = (kernel.wasm()?, kernel.export.to_owned());
            cases.push(Case { name: kernel.name.into(), wasm, export, arguments: kernel.arguments });
        }
    }
    Ok(cases)
}

/// KiB after loading and after running, in a process of its own.
fn measure(engine: &str, file: &Path, case: &Case) -> Result<[u64; 2], String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(program)
        .args(["child", "memory", engine])
        .arg(file)
        .arg(&case.export)
        .args(case.arguments.iter().map(ToString::to_string))
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Result<Vec<u64>, _> = text.split_whitespace().map(str::parse).collect();
    match numbers.as_deref() {
        Ok(&[before, load, run]) => Ok([load.saturating_sub(before), run.saturating_sub(before)]),
        _ => Err(format!("a child that says {text}")),
    }
}

/// ENGINE FILE EXPORT ARGUMENT…: the greatest resident memory before, after loading, after a call.
pub(crate) fn child(arguments: &[String]) -> Result<(), String> {
    let [engine, file, export, arguments @ ..] = arguments else { return Err("too few arguments".into()) };
    let wasm = read(Path::new(file))?;
    let engine = engines::named(engines::loading(), engine)?;
    let arguments: Result<Vec<i32>, _> = arguments.iter().map(|argument| argument.parse()).collect();
    let before = peak()?;
    let mut loaded = engine.load(&wasm, export)?;
    let load = peak()?;
    loaded.call(&arguments.map_err(|error| error.to_string())?)?;
    println!("{before} {load} {}", peak()?);
    Ok(())
}

/// KiB, as Linux gives it.
fn peak() -> Result<u64, String> {
    let status = fs::read_to_string("/proc/self/status").map_err(|error| format!("no /proc/self/status: {error}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    line.trim().trim_end_matches(" kB").parse().map_err(|_| format!("VmHWM: {line}"))
}
