//! Whether cost grows with the work and with the size of a module as they do, and no faster.

use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::engines::{self, Engine, Loaded};
use crate::modules::{functions, wat};
use crate::options::Options;
use crate::page::Page;
use crate::sample::{Sample, new_table, rounded};
use crate::start_up::sampled;
use crate::{kernels, write_json};

/// So much of one kind of work.
struct Step {
    name: String,
    times: f64,
    seconds: Vec<f64>,
}

/// What is measured for some work on an engine: seconds.
type Measure<'a> = &'a dyn Fn(&dyn Engine) -> Result<f64, String>;

/// Work that is done more often, and its export.
const KERNELS: [&str; 3] = ["crc32", "fib", "hash_table"];
const TIMES: [u32; 3] = [1, 10, 100];
const FUNCTIONS: [usize; 6] = [1, 10, 100, 1_000, 10_000, 100_000];
/// The first number of functions of which loading is mostly theirs, so that others can be compared with it.
const BASE: usize = 3;
/// More than this over the proportional time is not linear any more.
const MOST: f64 = 1.5;

pub(crate) fn run(options: &Options, page: &mut Page) -> Result<ExitCode, String> {
    let engines = options.engines_among(engines::in_process());
    let names: Vec<_> = engines.iter().map(|engine| engine.name()).collect();
    let title = "Growth: CPU time over the time in proportion to the work";
    let mut table = new_table([&["", ""], &names[..]].concat());
    let (mut rows, mut linear) = (Map::new(), true);
    let mut tell = |what: &str, steps: &[Step], base: usize| {
        for (at, step) in steps.iter().enumerate() {
            let ratios: Vec<_> =
                (0..names.len()).map(|engine| ratio(step, &steps[base], engine).filter(|_| at >= base)).collect();
            linear &= ratios.iter().take(1).flatten().all(|ratio| *ratio <= MOST);
            let cells = ratios.iter().map(|ratio| ratio.map_or("-".into(), |ratio| format!("{ratio:.2}")));
            table.add_row([what.to_owned(), step.name.clone()].into_iter().chain(cells));
            let cells: Map<_, _> = (0..names.len())
                .map(|at| {
                    let seconds = step.seconds[at];
                    let seconds = if seconds.is_nan() { Value::Null } else { json!(seconds) };
                    (names[at].to_owned(), json!({"over proportional": rounded(ratios[at]), "seconds": seconds}))
                })
                .collect();
            rows.insert(format!("{what}, {}", step.name), cells.into());
        }
    };
    for name in KERNELS.into_iter().filter(|name| options.takes(name)) {
        eprintln!("{name}");
        tell(name, &work(name, &engines, options.rounds)?, 0);
    }
    if options.takes("functions") {
        eprintln!("functions");
        tell("loading", &loading(&engines, options.rounds)?, BASE);
    }
    println!("{title}, {} rounds\n{table}\n", options.rounds);
    page.add(
        "Growth",
        title,
        &table,
        "Loading is compared with that of a thousand functions, as what is less is mostly the engine's own beginning.",
    );
    write_json(options, "linear.json", json!({"title": title, "rounds": options.rounds, "rows": rows}))?;
    if !linear {
        eprintln!("bench: wrt's time grows faster than the work");
    }
    Ok(if linear { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How much more than in proportion an engine took.
fn ratio(step: &Step, base: &Step, engine: usize) -> Option<f64> {
    let per = |step: &Step| step.seconds[engine] / step.times;
    Some(per(step) / per(base)).filter(|ratio| ratio.is_finite())
}

/// The least of some rounds, in turns; not a number where an engine cannot.
fn step(
    name: String,
    times: f64,
    engines: &[Box<dyn Engine>],
    rounds: usize,
    measure: Measure<'_>,
) -> Result<Step, String> {
    let mut samples = vec![Sample::default(); engines.len()];
    for _ in 0..rounds {
        for (engine, sample) in engines.iter().zip(&mut samples) {
            match measure(engine.as_ref()) {
                Ok(seconds) => sample.values.push(seconds),
                Err(reason) if engine.may_be_absent() => sample.absent = Some(reason),
                Err(reason) => return Err(format!("{name} on {}: {reason}", engine.name())),
            }
        }
    }
    let seconds = samples.iter().map(|sample| sample.min().unwrap_or(f64::NAN)).collect();
    Ok(Step { name, times, seconds })
}

/// A kernel's small call, some times in one instance.
fn work(kernel: &str, engines: &[Box<dyn Engine>], rounds: usize) -> Result<Vec<Step>, String> {
    let all = kernels::all()?;
    let kernel = all.iter().find(|found| found.name == kernel).ok_or_else(|| format!("no kernel {kernel}"))?;
    let wasm = kernel.wasm()?;
    let few = TIMES.into_iter().map(|times| {
        let measure = |engine: &dyn Engine| {
            let mut loaded = engine.load(&wasm, kernel.export)?;
            loaded.call(&kernel.warm)?;
            repeated(loaded.as_mut(), &kernel.warm, times)
        };
        step(format!("{times} times"), times.into(), engines, rounds, &measure)
    });
    few.collect()
}

/// Calls that are too short to be measured alone are made a hundred times as often, whatever their number.
fn repeated(loaded: &mut dyn Loaded, arguments: &[i32], times: u32) -> Result<f64, String> {
    const OFTEN: u32 = 100;
    let start = cpu_time::ThreadTime::now();
    for _ in 0..OFTEN * times {
        loaded.call(arguments)?;
    }
    Ok(start.elapsed().as_secs_f64())
}

/// Modules with more and more functions, from their bytes to the first result.
fn loading(engines: &[Box<dyn Engine>], rounds: usize) -> Result<Vec<Step>, String> {
    let modules = FUNCTIONS.into_iter().map(|count| {
        let wasm: Arc<[u8]> = wat(&functions(count))?;
        let subject = crate::modules::subject("functions", wasm, "first");
        let measure = |engine: &dyn Engine| sampled(engine, &subject).map(|(seconds, _)| seconds);
        #[allow(clippy::cast_precision_loss)]
        step(format!("{count} functions"), count as f64, engines, rounds, &measure)
    });
    modules.collect()
}
