//! A page of what was measured, for the documentation: made by the run, so that no figure is anybody's memory.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use comfy_table::Table;

use crate::options::Options;
use crate::turns::{QUICK, TURNS};
use crate::write;

/// Sections as they come, by their titles.
#[derive(Default)]
pub(crate) struct Page(Vec<(String, String)>);

/// What stands first, whenever it was measured.
const FIRST: &str = "Kernels";

impl Page {
    /// A section with a table, and what has to be said about it.
    pub(crate) fn add(&mut self, title: &str, what: &str, table: &Table, notes: &str) {
        self.0.push((title.into(), format!("\n## {title}\n\n{what}.\n\n{}\n{notes}\n", markdown(table))));
    }

    /// A picture that the same run wrote.
    pub(crate) fn picture(&mut self, file: &str, what: &str) {
        if let Some((_, text)) = self.0.last_mut() {
            let _ = write!(text, "\n```{{image}} _static/{file}\n:alt: {what}\n:width: 100%\n```\n");
        }
    }

    /// Writes the page, if there is something on it.
    pub(crate) fn write(&self, options: &Options) -> Result<(), String> {
        if self.0.is_empty() {
            return Ok(());
        }
        let head = format!(
            "# Benchmark results\n\nWritten by `just bench-page`, in one sitting: {} rounds on {}, on {}. [Speed](speed.md) says what is \
             measured and how, and how to read it. Cells have the median, then the least and the greatest round; a round of what takes \
             at most {QUICK} s is the least of {TURNS} turns.\n",
            options.rounds,
            day(),
            machine(),
        );
        let (first, others): (Vec<_>, Vec<_>) = self.0.iter().partition(|(title, _)| title == FIRST);
        let sections: String = first.into_iter().chain(others).map(|(_, text)| text.as_str()).collect();
        write(options, "benchmark.md", &(head + &sections))
    }
}

/// The same table in Markdown.
fn markdown(table: &Table) -> String {
    let line = |row: &comfy_table::Row| {
        let cells: Vec<_> = row.cell_iter().map(|cell| cell.content().trim().replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let Some(header) = table.header() else { return String::new() };
    let rule: String = header.cell_iter().map(|_| "---|").collect();
    let rows: String = table.row_iter().map(line).collect();
    format!("{}|{rule}\n{rows}", line(header))
}

/// Today, as the system says it.
fn day() -> String {
    let output = Command::new("date").arg("+%Y-%m-%d").output();
    output.map_or("a day unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The processor, as Linux says it.
fn machine() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let value =
        |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.split_once(": ").map(|(_, value)| value));
    let cores = text.lines().filter(|line| line.starts_with("processor")).count();
    let name = value("model name").unwrap_or("a processor that does not say its name");
    format!(
        "{cores} cores of {name} (family {}, model {})",
        value("cpu family").unwrap_or("?"),
        value("model\t").unwrap_or("?")
    )
}
