//! From a module's bytes to the result of a first call.

use std::sync::Arc;
use std::time::Instant;

use cpu_time::ThreadTime;

use crate::engines::{self, Engine};
use crate::modules::{self, Subject};
use crate::options::Options;
use crate::page::Page;
use crate::sample::{Grid, Row};
use crate::{turns, write_json};

/// A sample repeats what is measured until it has taken this long, or is one run.
const SAMPLE_SECONDS: f64 = 0.02;

pub(crate) fn run(options: &Options, page: &mut Page) -> Result<(), String> {
    let engines = options.engines(engines::loading())?;
    let names = engines.iter().map(|engine| engine.name()).collect();
    let title = "Start-up: CPU time from bytes to the first result, over wasmi's in its default configuration; of two threads, time on the clock";
    let mut grid = Grid::new(title, names, options.rounds);
    grid.measure = &["wasmi"];
    grid.alike = false;
    for subject in modules::chosen(options)? {
        eprintln!("{}, {} bytes", subject.name, subject.wasm.len());
        grid.rows.push(measure(&subject, &engines, options.rounds)?);
    }
    println!("{}", grid.table());
    grid.show(page, "Start-up");
    if options.times {
        for row in &grid.rows {
            let cells = row.samples.iter().map(|sample| sample.min().map_or("-".into(), |s| format!("{:.4}", s * 1e3)));
            println!("{}: {} ms", row.name, cells.collect::<Vec<_>>().join(" "));
        }
    }
    write_json(options, "start-up.json", grid.json())
}

fn measure(subject: &Subject, engines: &[Box<dyn Engine>], rounds: usize) -> Result<Row, String> {
    let mut agreed = None;
    let once = |engine: &dyn Engine| sampled(engine, subject);
    turns::measure(&subject.name, engines, rounds, once, |engine, result| {
        if *agreed.get_or_insert(result) == result {
            return Ok(());
        }
        Err(format!("{}: {engine} gives {result:#x}", subject.name))
    })
}

/// The mean of as many runs as a sample needs.
pub(crate) fn sampled(engine: &dyn Engine, subject: &Subject) -> Result<(f64, u64), String> {
    let (mut total, mut runs) = (0.0, 0_u32);
    loop {
        let (start, wall) = (ThreadTime::now(), Instant::now());
        let mut loaded = engine.load(&subject.wasm, &subject.export)?;
        let result = loaded.call(&[])?;
        total += if engine.is_threaded() { wall.elapsed() } else { start.elapsed() }.as_secs_f64();
        runs += 1;
        if total > SAMPLE_SECONDS {
            return Ok((total / f64::from(runs), result));
        }
    }
}

/// The same once, for those who count.
pub(crate) fn once(engine: &dyn Engine, wasm: &Arc<[u8]>, export: &str) -> Result<u64, String> {
    engine.load(wasm, export)?.call(&[])
}
