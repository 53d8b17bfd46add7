//! Measures WRT beside other interpreters: the same kernels, in the same run, in turns.
//!
//! What is reported are ratios of CPU time. Times depend on the machine and the hour, and are not.

mod engines;
mod kernels;
mod options;
mod report;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use cpu_time::ThreadTime;

use engines::Engine;
use kernels::{KERNELS, Kernel};
use options::Options;
use report::{Report, Row, Sample};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(message) => {
            eprintln!("bench: {message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode, String> {
    let Some(options) = Options::parse(std::env::args().skip(1))? else {
        print!("{}", options::HELP);
        return Ok(ExitCode::SUCCESS);
    };
    let engines = options.engines()?;
    let kernels: Vec<_> = KERNELS.iter().filter(|kernel| options.takes(kernel.name)).collect();
    if kernels.is_empty() {
        return Err(format!("no kernel is named so; there are {}", kernels::names()));
    }
    let mut report = Report::new(engines.iter().map(|engine| engine.name()).collect(), options.rounds);
    for kernel in kernels {
        eprintln!("{}", kernel.name);
        report.rows.push(measure(kernel, &engines, options.rounds)?);
    }
    print!("{}", report.table(options.times));
    let json = Path::new(HERE).join("target/bench.json");
    fs::create_dir_all(json.parent().unwrap_or(Path::new(HERE)))
        .and_then(|()| fs::write(&json, report.json()))
        .map_err(|error| format!("{}: {error}", json.display()))?;
    let Some(most) = options.check_max else { return Ok(ExitCode::SUCCESS) };
    let Some(measured) = report.geomean("wrt") else {
        return Err("--check-max needs the engine wrt and a peer for every kernel measured".into());
    };
    if measured > most {
        eprintln!("bench: wrt takes {measured:.3} of the better peer's time, more than {most}");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// One kernel on all engines, in turns. All must give the same result.
fn measure(kernel: &Kernel, engines: &[Box<dyn Engine>], rounds: usize) -> Result<Row, String> {
    let path = Path::new(HERE).join("../guests/wasm").join(kernel.file);
    let wasm = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut row = Row { kernel: kernel.name, samples: vec![Sample::default(); engines.len()] };
    let mut agreed: Option<(u64, &str)> = None;
    for _ in 0..rounds {
        for (engine, sample) in engines.iter().zip(&mut row.samples) {
            if sample.absent.is_some() {
                continue;
            }
            let (seconds, result) = match once(kernel, engine.as_ref(), &wasm) {
                Ok(measured) => measured,
                // A peer may lack what a module needs; WRT may not.
                Err(reason) if engine.may_be_absent() => {
                    sample.absent = Some(reason);
                    continue;
                }
                Err(reason) => return Err(format!("{} on {}: {reason}", kernel.name, engine.name())),
            };
            match agreed {
                Some((other, name)) if other != result => {
                    let engine = engine.name();
                    return Err(format!("{}: {engine} gives {result:#x}, {name} {other:#x}", kernel.name));
                }
                _ => agreed = Some((result, engine.name())),
            }
            sample.seconds.push(seconds);
        }
    }
    Ok(row)
}

/// CPU seconds and result of one call on a fresh instance. A small call before it does what is done once: compiling
/// lazily, touching memory.
fn once(kernel: &Kernel, engine: &dyn Engine, wasm: &[u8]) -> Result<(f64, u64), String> {
    let mut loaded = engine.load(wasm, kernel.export)?;
    loaded.call(kernel.warm)?;
    let start = ThreadTime::now();
    let result = loaded.call(kernel.arguments)?;
    Ok((start.elapsed().as_secs_f64(), result))
}
