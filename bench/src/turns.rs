//! One thing on all engines, in turns.

use crate::engines::Engine;
use crate::sample::{Row, Sample};

/// A run that takes no longer than this, in seconds, is repeated within its round.
pub(crate) const QUICK: f64 = 0.5;

/// How many turns a round has, of which the least counts. Whatever else this machine's cores do at the time makes a run longer and never shorter;
/// it comes and goes within tenths of a second, and the engine whose turn it is would have it held against it.
pub(crate) const TURNS: usize = 3;

/// What `once` says of each engine: seconds, and a result that `check` compares. An error of an engine that may be absent makes it that.
pub(crate) fn measure(
    name: &str,
    engines: &[Box<dyn Engine>],
    rounds: usize,
    once: impl Fn(&dyn Engine) -> Result<(f64, u64), String>,
    mut check: impl FnMut(&'static str, u64) -> Result<(), String>,
) -> Result<Row, String> {
    let mut row = Row { name: name.into(), samples: vec![Sample::default(); engines.len()] };
    for _ in 0..rounds {
        let mut least: Vec<Option<f64>> = vec![None; engines.len()];
        for _ in 0..TURNS {
            for ((engine, sample), least) in engines.iter().zip(&mut row.samples).zip(&mut least) {
                if sample.absent.is_some() || least.is_some_and(|seconds| seconds > QUICK) {
                    continue;
                }
                match once(engine.as_ref()) {
                    Ok((seconds, result)) => {
                        check(engine.name(), result)?;
                        *least = Some(least.map_or(seconds, |least| least.min(seconds)));
                    }
                    // A peer may lack what a module needs; WRT may not.
                    Err(reason) if engine.may_be_absent() => sample.absent = Some(reason),
                    Err(reason) => return Err(format!("{name} on {}: {reason}", engine.name())),
                }
            }
        }
        for (sample, least) in row.samples.iter_mut().zip(least) {
            sample.values.extend(least);
        }
    }
    Ok(row)
}
