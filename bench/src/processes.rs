//! Command lines as users have them: what a process takes that loads a small module, calls it and ends.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use wait4::Wait4;

use crate::modules;
use crate::options::Options;
use crate::page::Page;
use crate::sample::{Grid, Row, Sample};
use crate::{HERE, write_json};

/// How often a program runs for one sample, which is the median of their times: single ones differ by a tenth.
const RUNS: usize = 40;

/// A program, where it is and how it is told to call an export of a file.
struct Program {
    name: &'static str,
    path: PathBuf,
    call: &'static [&'static str],
    /// What makes it.
    made_by: &'static str,
}

/// The shipped one stands for WRT. What is no runtime tells what a process takes whatever it does.
fn programs() -> [Program; 4] {
    let here = Path::new(HERE);
    let program = |name, path: PathBuf, call, made_by| Program { name, path, call, made_by };
    [
        program("wrtd", here.join("../target/dist/wrtd"), &["--call"], "just dist"),
        program("wrtd-cargo", here.join("../target/release/wrtd"), &["--call"], "cargo build --release"),
        program("wasmi", here.join("peers/wasmi/bin/wasmi"), &["--invoke"], "bench/get-wasmi.sh"),
        program("true", "/bin/true".into(), &[], "the system"),
    ]
}

pub(crate) fn run(options: &Options, page: &mut Page) -> Result<(), String> {
    let subject = modules::chosen(options)?.into_iter().find(|subject| subject.name == "empty");
    let Some(subject) = subject else { return Ok(()) };
    let file = options.out.join("empty.wasm");
    std::fs::write(&file, &subject.wasm).map_err(|error| format!("{}: {error}", file.display()))?;
    let programs = programs();
    let title = "Processes: CPU time and greatest resident memory of a process that loads a module of one function, calls it and ends, over those of wasmi's command line";
    let mut grid = Grid::new(title, programs.iter().map(|program| program.name).collect(), options.rounds);
    grid.measure = &["wasmi"];
    grid.alike = false;
    let row = |name: &str| Row { name: name.into(), samples: vec![Sample::default(); programs.len()] };
    let (mut time, mut memory) = (row("CPU time"), row("resident memory"));
    for _ in 0..options.rounds {
        for (at, program) in programs.iter().enumerate() {
            match sampled(program, &file, &subject.export) {
                Ok([seconds, kib]) => {
                    time.samples[at].values.push(seconds);
                    memory.samples[at].values.push(kib);
                }
                Err(reason) => {
                    for row in [&mut time, &mut memory] {
                        row.samples[at].absent = Some(reason.clone());
                    }
                }
            }
        }
    }
    if options.times {
        for row in [&time, &memory] {
            let medians =
                row.samples.iter().map(|sample| sample.median().map_or("-".into(), |value| value.to_string()));
            println!("{}: {} (seconds or KiB)", row.name, medians.collect::<Vec<_>>().join(" "));
        }
    }
    grid.rows = vec![time, memory];
    println!("{}", grid.table());
    grid.show(page, "Processes");
    write_json(options, "processes.json", grid.json())
}

/// CPU seconds and KiB. Asked of a process that has nothing else: the greatest memory of a process is never told to be less than what the
/// one had that began it.
fn sampled(program: &Program, file: &Path, export: &str) -> Result<[f64; 2], String> {
    if !program.path.exists() {
        return Err(format!("{} is not there: {} makes it", program.path.display(), program.made_by));
    }
    let own = env::current_exe().map_err(|error| error.to_string())?;
    let mut child = Command::new(own);
    child.args(["child", "processes"]).arg(&program.path);
    if !program.call.is_empty() {
        child.args(program.call).arg(export).arg(file);
    }
    let output = child.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Result<Vec<f64>, _> = text.split_whitespace().map(str::parse).collect();
    match numbers.as_deref() {
        Ok(&[seconds, kib]) => Ok([seconds, kib]),
        _ => Err(format!("a child that says {text}")),
    }
}

/// PROGRAM ARGUMENT…: the median of its CPU seconds in some runs, and the greatest of their resident memory in KiB.
pub(crate) fn child(arguments: &[String]) -> Result<(), String> {
    let (program, arguments) = arguments.split_first().ok_or("child of what?")?;
    let (mut seconds, mut kib) = (Sample::default(), 0);
    for _ in 0..RUNS {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let ended =
            command.spawn().and_then(|mut child| child.wait4()).map_err(|error| format!("{program}: {error}"))?;
        if !ended.status.success() {
            return Err(format!("{program}: {}", ended.status));
        }
        seconds.values.push((ended.rusage.utime + ended.rusage.stime).as_secs_f64());
        kib = kib.max(ended.rusage.maxrss / 1024);
    }
    println!("{} {kib}", seconds.median().unwrap_or_default());
    Ok(())
}
