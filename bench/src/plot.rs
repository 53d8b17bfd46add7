//! Ratios as a picture: a row for each kernel, a dot for each engine, on a logarithmic axis.

use std::fmt::Write as _;

use crate::sample::{Grid, Row, Sample};

/// One for each engine that there is, WRT's own in red.
const COLOURS: [&str; 10] =
    ["#c0392b", "#e59866", "#1f618d", "#85c1e9", "#1e8449", "#b7950b", "#7d3c98", "#839192", "#cacfd2", "#17202a"];
/// So many of the legend's names stand in one line.
const NAMES: usize = 6;
const LEFT: f64 = 130.0;
const WIDTH: f64 = 640.0;
const LINE: f64 = 20.0;
const LEGEND: f64 = 36.0;
/// Ratios at the ends of the axis; what is beyond stands at the end.
const AXIS: (f64, f64) = (0.02, 8.0);
const TICKS: [f64; 9] = [0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0];

fn x(ratio: f64) -> f64 {
    let (low, high) = (AXIS.0.ln(), AXIS.1.ln());
    LEFT + WIDTH * ((ratio.clamp(AXIS.0, AXIS.1).ln() - low) / (high - low))
}

/// The whole picture.
pub(crate) fn svg(grid: &Grid) -> String {
    #[allow(clippy::cast_precision_loss)]
    let top = LEGEND + LINE * grid.engines.len().div_ceil(NAMES) as f64 + 4.0;
    let mut bottom = top;
    let mut rows = String::new();
    for row in &grid.rows {
        draw(&mut rows, grid, row, bottom);
        bottom += LINE;
    }
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"10\" y=\"18\">{}</text>\n",
        LEFT + WIDTH + 30.0,
        bottom + 30.0,
        grid.title,
    );
    for (at, (engine, colour)) in grid.engines.iter().zip(COLOURS.iter().cycle()).enumerate() {
        #[allow(clippy::cast_precision_loss)]
        let (left, y) = (LEFT + 110.0 * (at % NAMES) as f64, LEGEND + LINE * (at / NAMES) as f64);
        let _ = writeln!(
            out,
            "<circle cx=\"{left}\" cy=\"{y}\" r=\"4\" fill=\"{colour}\"/><text x=\"{}\" y=\"{}\">{engine}</text>",
            left + 8.0,
            y + 4.0
        );
    }
    for tick in TICKS {
        let (x, colour) = (x(tick), if (tick - 1.0).abs() < f64::EPSILON { "#333" } else { "#ccc" });
        let _ = writeln!(
            out,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"{colour}\"/>\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{tick}</text>",
            bottom + 16.0
        );
    }
    out + &rows + "</svg>\n"
}

/// Dots at the medians, lines from the least to the greatest.
fn draw(out: &mut String, grid: &Grid, row: &Row, top: f64) {
    let y = top + LINE / 2.0;
    let _ = writeln!(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", LEFT - 10.0, y + 4.0, row.name);
    // WRT last: nothing hides it.
    for at in (0..grid.engines.len()).rev() {
        let colour = COLOURS[at % COLOURS.len()];
        let Some((low, high)) = grid.range(row, at) else { continue };
        let Some(ratio) = grid.ratio(row, at, Sample::median) else { continue };
        let _ = writeln!(
            out,
            "<line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"2\"/>\
             <circle cx=\"{:.1}\" cy=\"{y}\" r=\"4\" fill=\"{colour}\"/>",
            x(low),
            x(high),
            x(ratio)
        );
    }
}
