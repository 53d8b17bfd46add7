//! Runs modules at random in WRT and in wasmi, and compares: `differential-run EXECUTIONS [SEED]`.
//!
//! Each module has a seed of its own, from `SEED` on; the seed of one that differs is told. `differential-run worker SEED 1` runs
//! it again, and `differential-run module SEED` writes it to standard output.
//!
//! wasmi 2.0.0 has unsafe code that a few modules crash. So processes of their own run some hundred seeds each; those of one that
//! crashes are run one by one, and a seed that crashes both runtimes together must not crash WRT alone (`differential-run alone
//! SEED`). Panics of wasmi are caught, and what it is known to answer wrongly is listed in `known-faults.txt`.

use std::io::{self, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;
use wrt_fuzz::differential::{Counts, alone, input, run};
use wrt_fuzz::smith::{self, Features};

/// Seeds of one process.
const BATCH: u64 = 500;

/// Batches between two lines that tell how far it is.
const REPORT: u64 = 40;

/// What a worker ends with that found a difference, as opposed to one that crashed.
const DIFFERENT: u8 = 3;

/// Runs seeds in this process; differences go to standard error, counts to standard output.
fn worker(seed: u64, count: u64) -> ExitCode {
    let (mut counts, mut code) = (Counts::default(), 0);
    for seed in (seed..).take(usize::try_from(count).unwrap_or(usize::MAX)) {
        if let Err(difference) = run(&input(seed), &mut counts) {
            eprintln!("seed {seed}: {difference}");
            counts.add("differences");
            code = DIFFERENT;
        }
    }
    print!("{counts}");
    ExitCode::from(code)
}

/// Starts this program with other words; what it counted, and whether nothing differed. None where it crashed.
fn process(words: &[&str], errors: Stdio) -> io::Result<Option<(Counts, bool)>> {
    let output = Command::new(std::env::current_exe()?).args(words).stderr(errors).output()?;
    let counts = Counts::parse(&String::from_utf8_lossy(&output.stdout));
    let code = output.status.code();
    let ended = code == Some(0) || code == Some(i32::from(DIFFERENT));
    Ok(counts.filter(|_| ended).map(|counts| (counts, code == Some(0))))
}

/// Runs seeds in a process of their own; whether nothing differed.
fn batch(seed: u64, count: u64, counts: &mut Counts) -> io::Result<bool> {
    let (first, number) = (seed.to_string(), count.to_string());
    let errors = if count == 1 { Stdio::null() } else { Stdio::inherit() };
    if let Some((more, same)) = process(&["worker", &first, &number], errors)? {
        counts.merge(more);
        if count == 1 && !same {
            eprintln!("seed {seed}: a difference");
        }
        return Ok(same);
    }
    if count > 1 {
        return (seed..seed + count).try_fold(true, |same, seed| Ok(batch(seed, 1, counts)? && same));
    }
    let fine = process(&["alone", &first], Stdio::inherit())?.is_some_and(|(_, fine)| fine);
    counts.add(if fine { "not compared: the other crashed" } else { "crashes" });
    if !fine {
        eprintln!("seed {seed}: WRT crashes or refuses it");
    }
    Ok(fine)
}

fn compare(wanted: u64, mut seed: u64) -> io::Result<bool> {
    let (start, mut counts, mut same) = (Instant::now(), Counts::default(), true);
    while counts.executions() < wanted {
        same &= batch(seed, BATCH, &mut counts)?;
        seed += BATCH;
        if seed.is_multiple_of(BATCH * REPORT) {
            eprintln!("{} executions, {:.0} s", counts.executions(), start.elapsed().as_secs_f64());
        }
    }
    print!("{counts}");
    let result = if same { "no difference" } else { "DIFFERENT" };
    println!("{result}; seeds below {seed}; {:.0} s", start.elapsed().as_secs_f64());
    Ok(same)
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let number = |word: &str| word.parse::<u64>().ok();
    let done = match words.as_slice() {
        ["worker", seed, count] => {
            return number(seed).zip(number(count)).map_or(ExitCode::from(2), |(seed, count)| worker(seed, count));
        }
        ["alone", seed] => number(seed).map(|seed| alone(&input(seed)).map(|()| true).map_err(io::Error::other)),
        ["module", seed] => number(seed).map(|seed| {
            let wasm = smith::module(&input(seed), Features::Shared).map(|(_, wasm)| wasm).unwrap_or_default();
            io::stdout().write_all(&wasm).map(|()| true)
        }),
        [wanted] => number(wanted).map(|wanted| compare(wanted, 0)),
        [wanted, seed] => number(wanted).zip(number(seed)).map(|(wanted, seed)| compare(wanted, seed)),
        _ => None,
    };
    match done {
        None => {
            eprintln!("usage: differential-run EXECUTIONS [SEED]");
            ExitCode::from(2)
        }
        Some(Ok(true)) => ExitCode::SUCCESS,
        Some(Ok(false)) => ExitCode::FAILURE,
        Some(Err(error)) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
