//! Repeated measurements of one thing, and tables of them.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

use crate::engines::MEASURE;
use crate::page::Page;

/// One engine's runs of one thing.
#[derive(Clone, Default)]
pub(crate) struct Sample {
    pub(crate) values: Vec<f64>,
    /// Why there are no runs.
    pub(crate) absent: Option<String>,
}

impl Sample {
    pub(crate) fn min(&self) -> Option<f64> {
        self.sorted().first().copied()
    }

    pub(crate) fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// Between the two values nearest to that part of them.
    fn quantile(&self, part: f64) -> Option<f64> {
        let sorted = self.sorted();
        #[allow(clippy::cast_precision_loss)]
        let place = part * sorted.len().checked_sub(1)? as f64;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (low, high) = (place.floor() as usize, place.ceil() as usize);
        Some(sorted[low] + (sorted[high] - sorted[low]) * place.fract())
    }

    fn sorted(&self) -> Vec<f64> {
        if self.absent.is_some() {
            return Vec::new();
        }
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

/// One thing's samples, in the order of the engines.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) samples: Vec<Sample>,
}

/// What was measured of several things on several engines, to be shown as ratios.
pub(crate) struct Grid {
    pub(crate) title: String,
    /// Names of the engines.
    pub(crate) engines: Vec<&'static str>,
    /// The engines of which the fastest one is the measure.
    pub(crate) measure: &'static [&'static str],
    pub(crate) rounds: usize,
    pub(crate) rows: Vec<Row>,
    /// Whether all rows are of one kind, so that a mean of them says something.
    pub(crate) alike: bool,
}

/// Peers that a goal names: the traditional engine's, and that for running with fuel.
const OVER: [&str; 2] = ["wasm3", "wasmi-fuel"];

type Statistic = fn(&Sample) -> Option<f64>;

impl Grid {
    pub(crate) fn new(title: &str, engines: Vec<&'static str>, rounds: usize) -> Self {
        Self { title: title.into(), engines, measure: &MEASURE, rounds, rows: Vec::new(), alike: true }
    }

    /// The fastest peer's value by `of`; the first engine's where no peer took part.
    fn base(&self, row: &Row, of: Statistic) -> Option<f64> {
        let peers = self.engines.iter().zip(&row.samples).filter(|(name, _)| self.measure.contains(name));
        let best = peers.filter_map(|(_, sample)| of(sample)).min_by(f64::total_cmp);
        best.or_else(|| row.samples.first().and_then(of))
    }

    /// An engine's value over the measure's.
    pub(crate) fn ratio(&self, row: &Row, engine: usize, of: Statistic) -> Option<f64> {
        Some(of(&row.samples[engine])? / self.base(row, of)?)
    }

    /// An engine's least and greatest value over the measure's median.
    pub(crate) fn range(&self, row: &Row, engine: usize) -> Option<(f64, f64)> {
        let (base, sample) = (self.base(row, Sample::median)?, &row.samples[engine]);
        Some((sample.min()? / base, sample.quantile(1.0)? / base))
    }

    /// The geometric mean of an engine's ratios. None unless it took part everywhere.
    pub(crate) fn geomean(&self, engine: usize, of: Statistic) -> Option<f64> {
        geomean(self.rows.iter().map(|row| self.ratio(row, engine, of)))
    }

    /// The geometric mean of an engine's values over those of another, of the rows in which that took part.
    fn geomean_over(&self, engine: usize, other: usize, of: Statistic) -> Option<f64> {
        let rows = self.rows.iter().filter_map(|row| Some((row, of(&row.samples[other])?)));
        geomean(rows.map(|(row, base)| Some(of(&row.samples[engine])? / base)))
    }

    /// The peers of [`OVER`] that took part.
    fn over(&self) -> impl Iterator<Item = (&'static str, usize)> {
        OVER.into_iter().filter_map(|name| Some((name, self.at(name)?)))
    }

    pub(crate) fn at(&self, engine: &str) -> Option<usize> {
        self.engines.iter().position(|&name| name == engine)
    }

    /// Ratios of medians, with the range of all runs over the measure's median.
    pub(crate) fn table(&self) -> String {
        format!("{}, {} rounds\n{}\n{}", self.title, self.rounds, self.ratios(), self.absences())
    }

    /// The same on a page.
    pub(crate) fn show(&self, page: &mut Page, section: &str) {
        page.add(section, &self.title, &self.ratios(), &self.absences().replace('\n', "  \n"));
    }

    fn ratios(&self) -> Table {
        let mut table = new_table([&["", ""], &self.engines[..]].concat());
        for row in &self.rows {
            let mut cells = vec![row.name.clone(), String::new()];
            cells.extend((0..self.engines.len()).map(|at| {
                match (self.ratio(row, at, Sample::median), self.range(row, at)) {
                    (Some(ratio), Some((low, high))) => format!("{ratio:.2} ({low:.2}…{high:.2})"),
                    _ => "absent".into(),
                }
            }));
            table.add_row(cells);
        }
        if !self.alike {
            return table;
        }
        for (name, of) in [("of medians", Sample::median as Statistic), ("of least", Sample::min)] {
            let means =
                (0..self.engines.len()).map(|at| self.geomean(at, of).map_or("-".into(), |mean| format!("{mean:.3}")));
            table.add_row(["geometric mean".to_owned(), name.to_owned()].into_iter().chain(means));
        }
        // One peer alone, where it can run what is measured.
        for (name, peer) in self.over() {
            let means = (0..self.engines.len())
                .map(|at| self.geomean_over(at, peer, Sample::median).map_or("-".into(), |mean| format!("{mean:.3}")));
            table.add_row(["the same".to_owned(), format!("over {name}")].into_iter().chain(means));
        }
        table
    }

    fn absences(&self) -> String {
        let mut out = String::new();
        for row in &self.rows {
            for (engine, sample) in self.engines.iter().zip(&row.samples) {
                if let Some(reason) = &sample.absent {
                    let _ = writeln!(out, "{} on {engine}: absent, {reason}", row.name);
                }
            }
        }
        out
    }

    /// The same ratios, with the quartiles' distance over the median as the spread.
    pub(crate) fn json(&self) -> Value {
        let rows: serde_json::Map<_, _> = self
            .rows
            .iter()
            .map(|row| {
                let cells: serde_json::Map<_, _> =
                    (0..self.engines.len()).map(|at| (self.engines[at].to_owned(), self.cell(row, at))).collect();
                (row.name.clone(), cells.into())
            })
            .collect();
        let mut document = json!({
            "title": self.title,
            "over the fastest of": self.measure,
            "rounds": self.rounds,
            "rows": rows,
        });
        let means = |of: Statistic| -> serde_json::Map<_, _> {
            (0..self.engines.len()).map(|at| (self.engines[at].to_owned(), rounded(self.geomean(at, of)))).collect()
        };
        if !self.alike {
            return document;
        }
        let mut geomean = json!({"median": means(Sample::median), "min": means(Sample::min)});
        for (name, peer) in self.over() {
            let over: serde_json::Map<_, _> = (0..self.engines.len())
                .map(|at| (self.engines[at].to_owned(), rounded(self.geomean_over(at, peer, Sample::median))))
                .collect();
            geomean[format!("median over {name}")] = over.into();
        }
        document["geomean"] = geomean;
        document
    }

    fn cell(&self, row: &Row, at: usize) -> Value {
        let sample = &row.samples[at];
        let base = self.base(row, Sample::median);
        let over = |value: Option<f64>| rounded(value.zip(base).map(|(value, base)| value / base));
        json!({
            "median": over(sample.median()),
            "min": rounded(self.ratio(row, at, Sample::min)),
            "quartiles": [over(sample.quantile(0.25)), over(sample.quantile(0.75))],
            "range": [over(sample.min()), over(sample.quantile(1.0))],
        })
    }
}

/// None if a value is missing.
pub(crate) fn geomean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let logarithms = values.map(|value| value.map(f64::ln)).collect::<Option<Vec<_>>>()?;
    #[allow(clippy::cast_precision_loss)]
    Some((logarithms.iter().sum::<f64>() / logarithms.len() as f64).exp())
}

/// To four digits after the point: more say nothing.
pub(crate) fn rounded(value: Option<f64>) -> Value {
    value.map_or(Value::Null, |value| ((value * 1e4).round() / 1e4).into())
}

/// A table with a header; all columns but the first to the right.
pub(crate) fn new_table<T: Into<comfy_table::Row>>(header: T) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
