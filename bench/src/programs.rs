//! Real programs on WASI, in turns: a command runs to its end, and what it wrote has to be the same on every engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::HERE;
use crate::engines::{self, Engine};
use crate::options::Options;
use crate::page::Page;
use crate::sample::{Grid, Row};
use crate::{plot, read, turns, write, write_json};

/// What a command is started with.
pub(crate) struct Start {
    /// The first is the program's name.
    pub(crate) arguments: Vec<String>,
    /// Standard input.
    pub(crate) input: Arc<[u8]>,
}

struct Program {
    name: &'static str,
    file: &'static str,
    arguments: &'static [&'static str],
    /// A file of `programs/`, and how often it is repeated.
    input: (&'static str, usize),
}

/// What `get-programs.py` builds, and what it does here.
const PROGRAMS: [Program; 6] = [
    Program { name: "lua", file: "lua", arguments: &[], input: ("work.lua", 1) },
    Program { name: "sqlite", file: "sqlite", arguments: &[], input: ("work.sql", 1) },
    Program { name: "zstd 3", file: "zstd", arguments: &["3"], input: ("../../guests/expected.txt", 40) },
    Program { name: "zstd 17", file: "zstd", arguments: &["17"], input: ("../../guests/expected.txt", 2) },
    Program {
        name: "regex",
        file: "rg",
        arguments: &["-j1", "-c", r"(\w+)\s+i32:(\d)\d*\s.*(ff|0b)\w+$", "-"],
        input: ("../../guests/expected.txt", 60),
    },
    Program { name: "json", file: "json", arguments: &["60"], input: ("work.json", 1) },
];

fn folder() -> PathBuf {
    Path::new(HERE).join("peers/programs")
}

pub(crate) fn run(options: &Options, page: &mut Page) -> Result<(), String> {
    let mut engines = options.engines_among(engines::all(&options.python));
    let nothing = Start { arguments: Vec::new(), input: Arc::from([]) };
    engines.retain(|engine| engine.command(&Arc::from([]), &nothing).is_some());
    let names = engines.iter().map(|engine| engine.name()).collect();
    let title = "Programs: CPU time over the fastest of wasmi and Pulley without fuel";
    let mut grid = Grid::new(title, names, options.rounds);
    for program in PROGRAMS.iter().filter(|program| options.takes(program.name)) {
        let path = folder().join(program.file).with_extension("wasm");
        if !path.exists() {
            eprintln!("the program {} is absent: get-programs.py builds it", program.file);
            continue;
        }
        eprintln!("{}", program.name);
        grid.rows.push(measure(program, &read(&path)?, &engines, options.rounds)?);
    }
    println!("{}", grid.table());
    grid.show(page, "Programs");
    page.picture("programs.svg", "the same as a picture");
    write_json(options, "programs.json", grid.json())?;
    write(options, "programs.svg", &plot::svg(&grid))
}

fn measure(program: &Program, wasm: &Arc<[u8]>, engines: &[Box<dyn Engine>], rounds: usize) -> Result<Row, String> {
    let (file, times) = program.input;
    let input = read(&Path::new(HERE).join("programs").join(file))?.repeat(times);
    let arguments = [&[program.file], program.arguments].concat().into_iter().map(str::to_owned).collect();
    let command = Start { arguments, input: input.into() };
    let mut agreed = None;
    let once = |engine: &dyn Engine| engine.command(wasm, &command).ok_or("no commands")??.timed(&[]);
    turns::measure(program.name, engines, rounds, once, |engine, sum| {
        if *agreed.get_or_insert(sum) == sum {
            return Ok(());
        }
        Err(format!("{}: {engine} writes other text, {sum:#x}", program.name))
    })
}

/// Adler-32, which Python has too.
pub(crate) fn sum(bytes: &[u8]) -> u64 {
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    u64::from(b) << 16 | u64::from(a)
}
