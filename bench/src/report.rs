//! What was measured, as a table and as JSON.

use std::fmt::Write as _;

/// The peers that are the measure: the better of them, kernel by kernel.
const MEASURE: [&str; 2] = ["wasm3", "wasmi"];

/// One engine's runs of one kernel.
#[derive(Clone, Default)]
pub(crate) struct Sample {
    pub(crate) seconds: Vec<f64>,
    /// Why there are no runs.
    pub(crate) absent: Option<String>,
}

impl Sample {
    fn min(&self) -> Option<f64> {
        self.sorted().first().copied()
    }

    fn median(&self) -> Option<f64> {
        let sorted = self.sorted();
        let middle = sorted.len() / 2;
        match sorted.len() {
            0 => None,
            n if n % 2 == 0 => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
            _ => Some(sorted[middle]),
        }
    }

    /// How far the slowest run is above the fastest, of the fastest.
    fn spread(&self) -> Option<f64> {
        let sorted = self.sorted();
        Some(sorted.last()? / sorted.first()? - 1.0)
    }

    fn sorted(&self) -> Vec<f64> {
        if self.absent.is_some() {
            return Vec::new();
        }
        let mut sorted = self.seconds.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

/// One kernel's samples, in the order of the engines.
pub(crate) struct Row {
    pub(crate) kernel: &'static str,
    pub(crate) samples: Vec<Sample>,
}

pub(crate) struct Report {
    engines: Vec<&'static str>,
    rounds: usize,
    pub(crate) rows: Vec<Row>,
}

impl Report {
    pub(crate) fn new(engines: Vec<&'static str>, rounds: usize) -> Self {
        Self { engines, rounds, rows: Vec::new() }
    }

    /// The better peer's time by `of` (least or median); of all engines' where neither peer took part.
    fn measure(&self, row: &Row, of: fn(&Sample) -> Option<f64>) -> Option<f64> {
        let best = |peers: bool| {
            let taking_part =
                self.engines.iter().zip(&row.samples).filter(|(name, _)| !peers || MEASURE.contains(name));
            taking_part.filter_map(|(_, sample)| of(sample)).min_by(f64::total_cmp)
        };
        best(true).or_else(|| best(false))
    }

    /// The geometric mean of an engine's ratios of least times. None unless it ran every kernel.
    pub(crate) fn geomean(&self, engine: &str) -> Option<f64> {
        let at = self.engines.iter().position(|&name| name == engine)?;
        self.geomean_at(at)
    }

    fn geomean_at(&self, engine: usize) -> Option<f64> {
        let mut sum = 0.0;
        for row in &self.rows {
            sum += (row.samples[engine].min()? / self.measure(row, Sample::min)?).ln();
        }
        #[allow(clippy::cast_precision_loss)]
        Some((sum / self.rows.len() as f64).exp())
    }

    /// Ratios of least times, with each one's spread.
    pub(crate) fn table(&self, times: bool) -> String {
        let mut out = format!("CPU time over the better of {}, least of {}\n\n", MEASURE.join(" and "), self.rounds);
        let _ = write!(out, "{:16}", "kernel");
        for engine in &self.engines {
            let _ = write!(out, "{engine:>16}");
        }
        out.push('\n');
        for row in &self.rows {
            let _ = write!(out, "{:16}", row.kernel);
            for sample in &row.samples {
                let cell = match (sample.min(), self.measure(row, Sample::min), sample.spread()) {
                    (Some(min), Some(measure), Some(spread)) => {
                        let seconds = if times { format!("{min:.2} s ") } else { String::new() };
                        format!("{seconds}{:.2} +{:.0}%", min / measure, spread * 100.0)
                    }
                    _ => "absent".into(),
                };
                let _ = write!(out, "{cell:>16}");
            }
            out.push('\n');
        }
        let _ = write!(out, "{:16}", "geometric mean");
        for engine in 0..self.engines.len() {
            let mean = self.geomean_at(engine).map_or("-".into(), |mean| format!("{mean:.3}     "));
            let _ = write!(out, "{mean:>16}");
        }
        out.push('\n');
        for row in &self.rows {
            for (engine, sample) in self.engines.iter().zip(&row.samples) {
                if let Some(reason) = &sample.absent {
                    let _ = writeln!(out, "{} on {engine}: absent, {reason}", row.kernel);
                }
            }
        }
        out
    }

    pub(crate) fn json(&self) -> String {
        let number = |value: Option<f64>| value.map_or("null".into(), |value| format!("{value:.4}"));
        let ratio = |row: &Row, sample: &Sample, of: fn(&Sample) -> Option<f64>| {
            number(of(sample).zip(self.measure(row, of)).map(|(value, measure)| value / measure))
        };
        let per_engine = |cell: &dyn Fn(usize) -> String| {
            let cells: Vec<_> =
                (0..self.engines.len()).map(|at| format!("\"{}\": {}", self.engines[at], cell(at))).collect();
            cells.join(", ")
        };
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|row| {
                let cell = |at: usize| {
                    let sample = &row.samples[at];
                    let (min, median) = (ratio(row, sample, Sample::min), ratio(row, sample, Sample::median));
                    format!("{{\"min\": {min}, \"median\": {median}, \"spread\": {}}}", number(sample.spread()))
                };
                format!("    \"{}\": {{{}}}", row.kernel, per_engine(&cell))
            })
            .collect();
        let means = per_engine(&|at| number(self.geomean_at(at)));
        format!(
            "{{\n  \"schema\": 1,\n  \"unit\": \"CPU time over the better of {}\",\n  \"rounds\": {},\n  \"geomean\": {{{means}}},\n  \
             \"kernels\": {{\n{}\n  }}\n}}\n",
            MEASURE.join(" and "),
            self.rounds,
            rows.join(",\n")
        )
    }
}
