//! Bytes of stripped programs: the command line, and the least programs that embed an engine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::HERE;
use crate::options::Options;
use crate::sample::new_table;
use crate::write_json;

/// What cargo is to build, each the name of a program with the folder of its workspace.
const PROGRAMS: [(&str, &str, &[&str]); 3] = [
    ("wrtd", "..", &["--package", "wrtd"]),
    ("minimal-wrt", ".", &["--bin", "minimal-wrt"]),
    ("minimal-wasmi", ".", &["--bin", "minimal-wasmi"]),
];

pub(crate) fn run(options: &Options) -> Result<(), String> {
    let mut table = new_table(["stripped program", "bytes"]);
    let mut rows = Map::new();
    for (name, folder, what) in PROGRAMS {
        let program = build(name, &Path::new(HERE).join(folder), what)?;
        let stripped = options.out.join(format!("{name}.stripped"));
        succeed(Command::new("strip").arg("-o").arg(&stripped).arg(&program))?;
        let bytes = fs::metadata(&stripped).map_err(|error| format!("{}: {error}", stripped.display()))?.len();
        table.add_row([name.to_owned(), bytes.to_string()]);
        rows.insert(name.into(), bytes.into());
    }
    println!("{table}\n");
    write_json(options, "sizes.json", json!({"title": "Stripped release programs", "unit": "bytes", "rows": rows}))
}

/// Builds a program as a release and says where it is.
fn build(name: &str, folder: &Path, what: &[&str]) -> Result<PathBuf, String> {
    let mut cargo = Command::new("cargo");
    let options = ["build", "--release", "--locked", "--message-format", "json-render-diagnostics"];
    let output = succeed(cargo.current_dir(folder).args(options).args(what))?;
    output
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == name)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| format!("cargo built no {name}"))
}

/// What a command writes, if it ends well.
pub(crate) fn succeed(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
