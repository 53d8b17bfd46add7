//! Kernels on all engines, in turns. Every result is checked.

use std::process::ExitCode;

use crate::engines::{self, Engine};
use crate::kernels::{self, Kernel};
use crate::options::Options;
use crate::page::Page;
use crate::sample::{Grid, Row, Sample};
use crate::{plot, turns, write, write_json};

pub(crate) fn run(options: &Options, page: &mut Page) -> Result<ExitCode, String> {
    let engines = options.engines(engines::all(&options.python))?;
    let kernels = kernels::chosen(|name| options.takes(name))?;
    let names = engines.iter().map(|engine| engine.name()).collect();
    let mut grid =
        Grid::new("CPU time over the fastest of wasm3, wasmi, stitch and Pulley without fuel", names, options.rounds);
    for kernel in &kernels {
        eprintln!("{}", kernel.name);
        grid.rows.push(measure(kernel, &engines, options.rounds)?);
    }
    println!("{}", grid.table());
    grid.show(page, "Kernels");
    page.picture("bench.svg", "the same as a picture");
    if options.times {
        for row in &grid.rows {
            let seconds = row.samples.iter().map(|sample| sample.min().map_or("-".into(), |s| format!("{s:.3}")));
            println!("{}: {} s", row.name, seconds.collect::<Vec<_>>().join(" "));
        }
    }
    write_json(options, "bench.json", grid.json())?;
    write(options, "bench.svg", &plot::svg(&grid))?;
    let Some(most) = options.check_max else { return Ok(ExitCode::SUCCESS) };
    let Some(measured) = grid.at("wrt").and_then(|at| grid.geomean(at, Sample::min)) else {
        return Err("--check-max needs the engine wrt".into());
    };
    if measured > most {
        eprintln!("bench: wrt takes {measured:.3} of the fastest peer's time, more than {most}");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(kernel: &Kernel, engines: &[Box<dyn Engine>], rounds: usize) -> Result<Row, String> {
    let wasm = kernel.wasm()?;
    let once = |engine: &dyn Engine| once(kernel, engine, &wasm);
    turns::measure(kernel.name, engines, rounds, once, |engine, result| kernel.check(engine, result))
}

/// CPU seconds and result of one call on a fresh instance. A small call before it does what is done once: compiling
/// lazily, touching memory.
fn once(kernel: &Kernel, engine: &dyn Engine, wasm: &std::sync::Arc<[u8]>) -> Result<(f64, u64), String> {
    let mut loaded = engine.load(wasm, kernel.export)?;
    loaded.call(&kernel.warm)?;
    loaded.timed(&kernel.arguments)
}
