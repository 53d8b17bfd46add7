//! What a run used: fuel, operators by class, memory, stack, and time by phase.

// @need-ids: REQ_012, REQ_CLI_001

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use wrt::Store;

/// The phases of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading the file, and turning text into binary.
    Read,
    /// Decoding and validating the module.
    Validate,
    /// Linking, initialising memories and tables, and the start function.
    Instantiate,
    /// The call.
    Run,
}

impl Phase {
    const ALL: [Self; 4] = [Self::Read, Self::Validate, Self::Instantiate, Self::Run];

    const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Validate => "validate",
            Self::Instantiate => "instantiate",
            Self::Run => "run",
        }
    }
}

/// What a run used.
// @need-ids: REQ_CLI_001, REQ_012
#[derive(Clone, Debug, Default)]
pub struct Stats {
    times: [Duration; 4],
    fuel: u64,
    fuel_limit: Option<u64>,
    operators: Counted,
    instructions: Counted,
    peak_memory: u64,
    peak_frames: u64,
    peak_slots: u64,
}

/// A number in all, and how many of each class.
#[derive(Clone, Debug, Default)]
struct Counted {
    total: u64,
    by_class: Vec<(&'static str, u64)>,
}

impl Counted {
    fn to_json(&self) -> Value {
        let classes: serde_json::Map<String, Value> =
            self.by_class.iter().map(|(class, count)| ((*class).to_owned(), json!(count))).collect();
        json!({ "total": self.total, "by_class": classes })
    }
}

impl Stats {
    /// Does `work` and notes how long it took.
    pub fn time<T>(&mut self, phase: Phase, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = work();
        self.spent(phase, start.elapsed());
        done
    }

    /// Notes time spent.
    pub fn spent(&mut self, phase: Phase, time: Duration) {
        if let Some(spent) = self.times.get_mut(phase as usize) {
            *spent += time;
        }
    }

    /// Takes over what the store counted.
    pub fn take<T>(&mut self, store: &Store<T>, fuel_limit: Option<u64>) {
        self.fuel = store.fuel_consumed();
        self.fuel_limit = fuel_limit;
        let profile = store.profile();
        self.operators = Counted { total: profile.operators, by_class: profile.operators_by_class };
        self.instructions = Counted { total: profile.instructions, by_class: profile.by_class };
        let stats = store.stats();
        self.peak_memory = stats.peak_memory;
        self.peak_frames = u64::from(stats.peak_frames);
        self.peak_slots = u64::from(stats.peak_slots);
    }

    /// For people: a name and a value on each line.
    pub fn lines(&self) -> Vec<String> {
        let row = |name: &str, value: String| format!("{name:<24} {value:>15}");
        let mut lines = vec![row("fuel", self.fuel.to_string())];
        if let Some(limit) = self.fuel_limit {
            lines.push(row("fuel limit", limit.to_string()));
        }
        // An image has no bytecode, so only its instructions can be counted.
        let (what, counted) = match self.operators.total {
            0 => ("instructions", &self.instructions),
            _ => ("operators", &self.operators),
        };
        lines.push(row(what, counted.total.to_string()));
        for (class, count) in &counted.by_class {
            lines.push(row(&format!("  {class}"), count.to_string()));
        }
        if self.operators.total > 0 {
            lines.push(row("instructions", self.instructions.total.to_string()));
        }
        lines.push(row("peak memory, bytes", self.peak_memory.to_string()));
        lines.push(row("peak frames", self.peak_frames.to_string()));
        lines.push(row("peak slots", self.peak_slots.to_string()));
        for (phase, time) in Phase::ALL.into_iter().zip(self.times) {
            lines.push(row(&format!("{}, µs", phase.name()), format!("{:.1}", time.as_secs_f64() * 1e6)));
        }
        lines
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let nanoseconds = |time: Duration| json!(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        let times: serde_json::Map<String, Value> = Phase::ALL
            .into_iter()
            .zip(self.times)
            .map(|(phase, time)| (phase.name().to_owned(), nanoseconds(time)))
            .collect();
        json!({
            "fuel": { "used": self.fuel, "limit": self.fuel_limit },
            "operators": self.operators.to_json(),
            "instructions": self.instructions.to_json(),
            "memory": { "peak_bytes": self.peak_memory },
            "stack": { "peak_frames": self.peak_frames, "peak_slots": self.peak_slots },
            "nanoseconds": times,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_CLI_001
    #[test]
    fn phases_are_timed_apart() {
        let mut stats = Stats::default();
        assert_eq!(stats.time(Phase::Run, || 5), 5);
        stats.spent(Phase::Read, Duration::from_micros(3));
        stats.spent(Phase::Read, Duration::from_micros(4));
        assert!(stats.lines().iter().any(|line| line.starts_with("read, µs") && line.ends_with("7.0")));
        assert_eq!(stats.to_json()["nanoseconds"]["read"], 7_000);
        assert_eq!(Phase::ALL.map(|phase| phase as usize), [0, 1, 2, 3]);
    }
}
