//! Runs modules at random in all of WRT's engines, and compares: `engines-run EXECUTIONS [SEED]`.
//!
//! Each module has a seed of its own, from `SEED` on. Of one that differs, seed, export, arguments and what differs first are told,
//! and the module is written to `artifacts/engines/`. `engines-run seed SEED` runs it again. A run in which little happens is a failure
//! too: see [`wrt_fuzz::engines::enough`].
//!
//! `engines-run spoilt EXECUTIONS` is the control: a bit of a memory is flipped in the middle of a call, on one of the engines.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;
use std::{fs, io};
use wrt::FaultPlace;
use wrt_fuzz::differential::{Counts, input};
use wrt_fuzz::engines::{self, Fault, Found};
use wrt_fuzz::smith::{self, Features};

/// Seeds between two lines that tell how far it is.
const REPORT: u64 = 5_000;

/// Differences after which a run ends.
const MOST: u64 = 50;

fn module(seed: u64) -> Vec<u8> {
    smith::module(&input(seed), Features::Own).map(|(_, wasm)| wasm).unwrap_or_default()
}

/// Runs a seed; whether nothing differed. A panic is a difference.
fn seed(seed: u64, fault: Option<Fault>, counts: &mut Counts) -> io::Result<bool> {
    let run = catch_unwind(AssertUnwindSafe(|| engines::run_seed(seed, fault, counts)));
    let Found { wasm, text } = match run {
        Ok(Ok(())) => return Ok(true),
        Ok(Err(found)) => found,
        Err(_) => Found { wasm: module(seed), text: "a panic".into() },
    };
    counts.add("differences");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts/engines");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{seed}.wasm"));
    fs::write(&file, wasm)?;
    eprintln!("seed {seed}: {text}; {}", file.display());
    Ok(false)
}

fn compare(wanted: u64, first: u64, fault: Option<Fault>) -> io::Result<bool> {
    let (start, mut counts, mut next) = (Instant::now(), Counts::default(), first);
    while counts.executions() < wanted && counts.of("differences") < MOST {
        seed(next, fault, &mut counts)?;
        next += 1;
        if next.is_multiple_of(REPORT) {
            eprintln!("{} executions, {:.0} s", counts.executions(), start.elapsed().as_secs_f64());
        }
    }
    print!("{counts}");
    let same = counts.of("differences") == 0;
    let result = if same { "no difference" } else { "DIFFERENT" };
    println!("{result}; seeds {first} to {}; {:.0} s", next - 1, start.elapsed().as_secs_f64());
    if let Err(little) = engines::enough(&counts) {
        println!("TOO LITTLE HAPPENS: {little}");
        return Ok(false);
    }
    Ok(same)
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let number = |word: &str| word.parse::<u64>().ok();
    let done = match words.as_slice() {
        ["seed", word] => number(word).map(|number| seed(number, None, &mut Counts::default())),
        ["spoilt", wanted] => {
            let fault = Fault { peer: 1, place: FaultPlace::Memory, bit: 0 };
            number(wanted).map(|wanted| compare(wanted, 0, Some(fault)))
        }
        [wanted] => number(wanted).map(|wanted| compare(wanted, 0, None)),
        [wanted, first] => number(wanted).zip(number(first)).map(|(wanted, first)| compare(wanted, first, None)),
        _ => None,
    };
    match done {
        None => {
            eprintln!("usage: engines-run EXECUTIONS [SEED]");
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
