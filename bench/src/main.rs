//! Measures WRT beside other interpreters: the same work, in the same run, in turns.
//!
//! What is reported are ratios. Times depend on the machine and the hour, and are not.

mod calls;
mod classes;
mod counts;
mod engines;
mod kernels;
mod linear;
mod memory;
mod modules;
mod options;
mod page;
mod plot;
mod processes;
mod programs;
mod sample;
mod sizes;
mod speed;
mod start_up;
mod turns;
mod wasi;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use options::Options;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

fn main() -> ExitCode {
    let mut arguments: Vec<_> = std::env::args().skip(1).collect();
    let ended = match arguments.first().map(String::as_str) {
        // What this program runs itself as, in a process of its own or under callgrind.
        Some("child") => {
            arguments.remove(0);
            child(&arguments)
        }
        _ => run(arguments.into_iter()),
    };
    match ended {
        Ok(code) => code,
        Err(message) => {
            eprintln!("bench: {message}");
            ExitCode::from(2)
        }
    }
}

fn child(arguments: &[String]) -> Result<ExitCode, String> {
    let (part, rest) = arguments.split_first().ok_or("child of what?")?;
    match part.as_str() {
        "memory" => memory::child(rest),
        "counts" => counts::child(rest),
        "calls" => calls::child(rest),
        "processes" => processes::child(rest),
        _ => Err(format!("child of {part}?")),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn run(arguments: impl Iterator<Item = String>) -> Result<ExitCode, String> {
    let Some(options) = Options::parse(arguments)? else {
        print!("{}", options::HELP);
        return Ok(ExitCode::SUCCESS);
    };
    fs::create_dir_all(&options.out).map_err(|error| format!("{}: {error}", options.out.display()))?;
    let (mut code, mut page) = (ExitCode::SUCCESS, page::Page::default());
    for part in &options.parts {
        match part.as_str() {
            "kernels" => code = speed::run(&options, &mut page)?,
            "start-up" => start_up::run(&options, &mut page)?,
            "programs" => programs::run(&options, &mut page)?,
            "calls" => calls::run(&options, &mut page)?,
            "memory" => memory::run(&options, &mut page)?,
            "processes" => processes::run(&options, &mut page)?,
            "classes" => classes::run(&options, &mut page)?,
            "linear" => {
                let linear = linear::run(&options, &mut page)?;
                code = if code == ExitCode::SUCCESS { linear } else { code };
            }
            "sizes" => sizes::run(&options)?,
            "wasi" => wasi::run(&options, &mut page)?,
            _ => counts::run(&options)?,
        }
    }
    page.write(&options)?;
    Ok(code)
}

fn read(path: &Path) -> Result<Arc<[u8]>, String> {
    fs::read(path).map(Arc::from).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file of results and says where.
fn write(options: &Options, name: &str, text: &str) -> Result<(), String> {
    let path = options.out.join(name);
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    eprintln!("written: {}", path.display());
    Ok(())
}

/// Writes a document of results, with the number of its form.
fn write_json(options: &Options, name: &str, mut document: serde_json::Value) -> Result<(), String> {
    document["schema"] = 2.into();
    let text = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    write(options, name, &(text + "\n"))
}
