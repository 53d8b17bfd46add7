//! `--timeout`: a run gets its fuel in slices and the clock is looked at between them. Where a guest cannot be stopped so,
//! because the host waits for it or its start function runs, the process ends.

// @need-ids: REQ_WASI_005, REQ_RESOURCE_004

use crate::failure::{Class, Failure, code};
use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

/// Fuel between two looks at the clock: some milliseconds.
const SLICE: u64 = 1 << 20;

/// How much longer than its time a run may wait inside a host call.
const GRACE: Duration = Duration::from_millis(500);

/// The time that a run has, and the fuel that it has not been given yet.
#[derive(Debug)]
pub struct TimeLimit {
    until: Option<(Duration, Instant)>,
    kept: u64,
}

impl TimeLimit {
    /// Starts now. The process ends if the run does not come back in time.
    pub fn start(limit: Option<Duration>) -> Self {
        let until = limit.and_then(|limit| Some((limit, Instant::now().checked_add(limit)?)));
        if let Some((limit, _)) = until {
            thread::spawn(move || {
                thread::sleep(limit.saturating_add(GRACE));
                // Nothing can be done about a stream that takes no message.
                let _ = writeln!(std::io::stderr(), "wrtd: {}", timed_out(limit));
                std::process::exit(code::EXHAUSTED.into());
            });
        }
        Self { until, kept: 0 }
    }

    /// Of `fuel`, what the run is given now.
    pub fn slice(&mut self, fuel: u64) -> u64 {
        let given = if self.until.is_some() { fuel.min(SLICE) } else { fuel };
        self.kept = fuel - given;
        given
    }

    /// More fuel for a run that needs at least `needed`: `None` if there is no more.
    ///
    /// # Errors
    /// The time is over.
    pub fn more(&mut self, needed: u64) -> Result<Option<u64>, Failure> {
        if self.kept == 0 {
            return Ok(None);
        }
        match self.until {
            Some((limit, until)) if Instant::now() >= until => Err(timed_out(limit)),
            _ => {
                let given = self.kept.min(needed.max(SLICE));
                self.kept -= given;
                Ok(Some(given))
            }
        }
    }
}

fn timed_out(limit: Duration) -> Failure {
    Failure::new(Class::TimedOut, format!("out of time: {limit:?} are over"))
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_WASI_005
    #[test]
    fn fuel_is_handed_out_in_slices_only_under_a_limit_of_time_and_none_is_lost() {
        let mut none = TimeLimit::start(None);
        assert_eq!((none.slice(10 * SLICE), none.more(1).unwrap()), (10 * SLICE, None));
        let mut limit = TimeLimit::start(Some(Duration::from_secs(3_600)));
        let mut given = limit.slice(3 * SLICE + 5);
        while let Some(more) = limit.more(1).unwrap() {
            given += more;
        }
        assert_eq!(given, 3 * SLICE + 5);
        let mut over = TimeLimit::start(Some(Duration::from_secs(3_600)));
        over.slice(2 * SLICE);
        over.until = Some((Duration::ZERO, Instant::now()));
        assert_eq!(over.more(1).unwrap_err().class, Class::TimedOut);
    }
}
