//! `completion` and `man`: what shells and readers of manuals need, made from the definition of the options.

use crate::cli::{self, CompletionOptions, ManOptions};
use crate::failure::{Class, Failure, code};
use crate::output::Output;
use std::path::Path;

/// Prints a completion script.
// @need-ids: REQ_CLI_006
pub fn completion(options: &CompletionOptions, output: &mut Output<'_>) -> u8 {
    let mut script = Vec::new();
    // Without a command the options are those of `run`.
    let mut definition = cli::with_run_left_out();
    clap_complete::generate(options.shell, &mut definition, "wrtd", &mut script);
    output.bytes(&script);
    code::OK
}

/// Prints the manual page of a command, or writes all of them into a folder.
// @need-ids: REQ_CLI_006
pub fn man(options: &ManOptions, output: &mut Output<'_>) -> Result<u8, Failure> {
    let failed = |error: std::io::Error| Failure::new(Class::Output, format!("cannot write the manual: {error}"));
    if let Some(folder) = &options.output {
        let folder = Path::new(folder);
        std::fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(cli::definition().clone(), folder))
            .map_err(failed)?;
        return Ok(code::OK);
    }
    let definition = match options.page.as_deref() {
        None => cli::definition().clone(),
        Some(name) => {
            let command = cli::definition().find_subcommand(name).cloned();
            let command = command.ok_or_else(|| Failure::new(Class::Usage, format!("there is no command `{name}`")))?;
            command.name(format!("wrtd-{name}"))
        }
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(definition).render(&mut page).map_err(failed)?;
    output.bytes(&page);
    Ok(code::OK)
}
