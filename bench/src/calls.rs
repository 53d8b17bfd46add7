//! What it costs to call a guest, and a guest to call its host.

use std::env;
use std::process::Command;

use cpu_time::ThreadTime;
use serde_json::json;

use crate::engines::{self, Calls, Engine};
use crate::modules::wat;
use crate::options::Options;
use crate::page::Page;
use crate::sample::{Grid, Row, Sample, rounded};
use crate::write_json;

/// `add` is to be called, `host` calls so often.
pub(crate) const MODULE: &str = "(module
    (import \"host\" \"add\" (func $add (param i32 i32) (result i32)))
    (func (export \"add\") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
    (func (export \"host\") (param $n i32) (result i32) (local $sum i32)
        loop $again
            local.get $sum local.get $n call $add local.set $sum
            local.get $n i32.const 1 i32.sub local.tee $n br_if $again
        end
        local.get $sum))";

const TIMES: i32 = 1_000_000;
/// Processes for each round, one for each sample: where things lie in one decides over a tenth of its time.
const PROCESSES: usize = 5;

pub(crate) type Kind = fn(&mut dyn Calls, i32) -> Result<i32, String>;

/// A typed call of an export, and a call of a host function from a loop in a guest.
pub(crate) const KINDS: [(&str, Kind); 2] =
    [("typed call", |calls, times| calls.typed(times)), ("host call", |calls, times| calls.host(times))];

pub(crate) fn run(options: &Options, page: &mut Page) -> Result<(), String> {
    let engines = options.engines_among(engines());
    let names = engines.iter().map(|engine| engine.name()).collect();
    let title = format!("Calls: CPU time over wasmi's without fuel, in {PROCESSES} processes a round");
    let mut grid = Grid::new(&title, names, options.rounds);
    grid.measure = &["wasmi"];
    for (name, _) in KINDS.into_iter().filter(|(name, _)| options.takes(name)) {
        let mut row = Row { name: name.into(), samples: vec![Sample::default(); engines.len()] };
        for _ in 0..options.rounds * PROCESSES {
            for (engine, sample) in engines.iter().zip(&mut row.samples) {
                sample.values.push(apart(engine.name(), name)?);
            }
        }
        grid.rows.push(row);
    }
    println!("{}", grid.table());
    grid.show(page, "Calls");
    let mut document = grid.json();
    for row in &grid.rows {
        for (name, sample) in grid.engines.iter().zip(&row.samples) {
            let nanoseconds = sample.median().map(|seconds| seconds / f64::from(TIMES) * 1e9);
            println!("{} of {name}: {:.1} ns", row.name, nanoseconds.unwrap_or(f64::NAN));
            document["rows"][&row.name][name]["nanoseconds"] = rounded(nanoseconds);
        }
    }
    document["calls"] = json!(TIMES);
    write_json(options, "calls.json", document)
}

/// Those that can be asked.
pub(crate) fn engines() -> Vec<Box<dyn Engine>> {
    engines::in_process().into_iter().filter(|engine| engine.calls(&[]).is_some()).collect()
}

/// The module on an engine that can be asked.
pub(crate) fn load(engine: &dyn Engine, wasm: &[u8]) -> Result<Box<dyn Calls>, String> {
    engine.calls(wasm).ok_or_else(|| format!("{} is not asked for calls", engine.name()))?
}

/// The same as [`once`], in a process of its own.
fn apart(engine: &str, kind: &str) -> Result<f64, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let output =
        Command::new(program).args(["child", "calls", engine, kind]).output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|_| format!("{engine}: {text}{}", String::from_utf8_lossy(&output.stderr).trim()))
}

/// ENGINE KIND: CPU seconds.
pub(crate) fn child(arguments: &[String]) -> Result<(), String> {
    let [engine, kind] = arguments else { return Err("which engine, and which calls?".into()) };
    let engine = engines::named(engines(), engine)?;
    let (_, kind) = KINDS.into_iter().find(|(name, _)| name == kind).ok_or_else(|| format!("no {kind}"))?;
    println!("{}", once(engine.as_ref(), &wat(MODULE)?, kind)?);
    Ok(())
}

/// CPU seconds of all calls. Some go before, for what is done once.
fn once(engine: &dyn Engine, wasm: &[u8], kind: Kind) -> Result<f64, String> {
    let mut calls = load(engine, wasm)?;
    kind(calls.as_mut(), 10)?;
    let start = ThreadTime::now();
    let sum = kind(calls.as_mut(), TIMES)?;
    let seconds = start.elapsed().as_secs_f64();
    // Counted up from 0 or down to 1: the first leaves the last number out.
    let whole = (0..=TIMES).fold(0_i32, i32::wrapping_add);
    if sum != whole && sum != whole.wrapping_sub(TIMES) {
        return Err(format!("{}: calls add up to {sum}", engine.name()));
    }
    Ok(seconds)
}
