//! `budget`: what a module needs at most, and constants that size storage for it.

mod declare;
mod names;
mod report;
mod rust;
mod target;

use crate::cli::BudgetOptions;
use crate::failure::{Class, Failure, code};
use crate::input;
use crate::output::Output;
use names::Names;
use report::Report;
use std::fs;
use std::path::Path;
use target::Target;
use wrt::budget::{Budget, BudgetError};

/// Computes what `options.file` needs, tells it, and writes the constants that were asked for.
// @need-ids: REQ_CLI_001, REQ_BUDGET_001, REQ_BUDGET_002, REQ_BUDGET_003
pub fn run(options: &BudgetOptions, output: &mut Output<'_>) -> Result<u8, Failure> {
    let target = Target::named(&options.target)?;
    let limits = options.limits.limits;
    let input = input::load(&options.file, &limits)?;
    let engine = options.proposals.engine(limits);
    let module = input::module(&engine, &input)?;
    let names = Names::of(&module);
    let declared = declare::declarations(options, &names)?;
    let budget = Budget::of(&module, &declared).map_err(|error| match error {
        BudgetError::Module(error) => input::failure(&input.name, input.kind, &error),
        other => Failure::new(Class::Usage, other.to_string()).in_file(&input.name),
    })?;
    let report = Report { input: &input, names: &names, declared: &declared, budget: &budget, target: &target };
    if let Some(path) = &options.rust {
        let text = rust::constants(&report)?;
        if path == "-" {
            output.text(&text);
            return Ok(code::OK);
        }
        let name = path.to_string_lossy().into_owned();
        fs::write(Path::new(path), text)
            .map_err(|error| Failure::new(Class::Output, format!("cannot write: {error}")).in_file(&name))?;
    }
    if output.is_text() {
        report.lines().iter().for_each(|line| output.line(line));
    } else {
        output.json(report.document());
    }
    Ok(code::OK)
}
