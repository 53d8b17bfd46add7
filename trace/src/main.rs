//! `trace run`, `trace report`, `trace review`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};

use trace::campaign::{self, Recorded};
use trace::evidence::{Evidence, Outcome};
use trace::gaps::Stated;
use trace::inventory::{self, Inventory};
use trace::join::{Inputs, Joined, headline, join};
use trace::review::Record;
use trace::{needs, report, run, source};

#[derive(Parser)]
#[command(about = "Traces requirements to code, to the tests that ran it, and to their results")]
struct Arguments {
    /// The root of the tree.
    #[arg(long, default_value = ".")]
    root: PathBuf,
    /// Where builds, profiles, results and the report go.
    #[arg(long, default_value = "target/trace")]
    target: PathBuf,
    /// What sphinx-needs exported.
    #[arg(long, default_value = "target/docs/needs.json")]
    needs: PathBuf,
    /// The record of reviews, relative to the root.
    #[arg(long, default_value = "docs/reviewed.txt")]
    record: PathBuf,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build and run the tests with coverage, each in a process of its own
    Run {
        /// How many processes at a time
        #[arg(long, default_value_t = std::thread::available_parallelism().map_or(1, usize::from))]
        workers: usize,
        /// Where builds with coverage go: where others go already, what the workspace depends on is built once
        #[arg(long, default_value = "target")]
        build: PathBuf,
        /// Optimised code, without coverage
        #[arg(long)]
        release: bool,
        /// Print the lines with this in them that tests print
        #[arg(long)]
        show: Option<String>,
        /// Only these packages
        #[arg(long = "package", short)]
        packages: Vec<String>,
    },
    /// Join requirements, code and results, write the report, and refuse what does not hold
    Report,
    /// Record that the links of these requirements were reviewed as they stand
    Review {
        /// The requirements; none means all
        requirements: Vec<String>,
    },
    /// Run a campaign, and record what came of it with digests of what it covers
    Record {
        /// The campaign, by its name in docs/campaigns.toml
        name: String,
        /// What runs
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    // Cargo calls it in front of the compiler, for the packages of the tree alone: what they depend on is not measured.
    if let Some(compiler) =
        arguments.get(1).filter(|argument| Path::new(argument).file_stem().is_some_and(|stem| stem == "rustc"))
    {
        // Outcomes of conditions are still an option of nightly compilers. What this compiler makes is the same with it and without.
        let flags = ["-Cinstrument-coverage", "-Zcoverage-options=branch"];
        let status = Command::new(compiler).env("RUSTC_BOOTSTRAP", "1").args(&arguments[2..]).args(flags).status();
        return status
            .ok()
            .and_then(|status| status.code())
            .map_or(ExitCode::FAILURE, |code| ExitCode::from(u8::try_from(code).unwrap_or(1)));
    }
    match act(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("trace: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn act(arguments: &Arguments) -> Result<bool> {
    let results = arguments.target.join("results");
    std::fs::create_dir_all(&results).with_context(|| results.display().to_string())?;
    if let Task::Run { .. } = &arguments.task {
        return measure(arguments, &results);
    }
    if let Task::Record { name, command } = &arguments.task {
        return record(&arguments.root, name, command);
    }
    let needs = needs::read(&arguments.needs)?;
    let sources = source::read(&arguments.root)?;
    // A review looks at texts, not at results.
    let mut evidence = match arguments.task {
        Task::Review { .. } => Evidence::default(),
        _ => Evidence::read_all(&results)?,
    };
    let commit = run::commit(&arguments.root, &[])?;
    if matches!(arguments.task, Task::Report) && evidence.commit != commit {
        bail!("the results are of {}, and the tree is {commit}", evidence.commit);
    }
    campaign::add(&arguments.root, &mut evidence)?;
    let file = arguments.root.join(&arguments.record);
    let record = Record::read(&file)?;
    let stated = Stated::read(&arguments.root)?;
    let inventory = match arguments.task {
        Task::Review { .. } => Inventory::default(),
        _ => inventory::read(&arguments.root, &needs)?,
    };
    let inputs = Inputs {
        needs: &needs,
        sources: &sources,
        evidence: &evidence,
        record: &record,
        stated: &stated,
        inventory: &inventory,
    };
    let joined = join(&inputs);
    if let Task::Review { requirements } = &arguments.task {
        let new = record.write(&file, &needs, &sources, &joined, requirements)?;
        println!("{new} links recorded as reviewed");
        return Ok(true);
    }
    report::write(&arguments.target, &inputs, &joined)?;
    for campaign in &evidence.campaigns {
        println!("campaign {}: {}", campaign.name, campaign.state());
    }
    Ok(tell(&joined, &arguments.target))
}

/// Runs tests, measured one by one.
fn measure(arguments: &Arguments, results: &Path) -> Result<bool> {
    let Task::Run { workers, packages, build, release, show } = &arguments.task else { return Ok(true) };
    let target = arguments.target.canonicalize()?;
    let root = arguments.root.canonicalize()?;
    std::fs::create_dir_all(build)?;
    let build = build.canonicalize()?;
    let places = run::Places {
        root: &root,
        target: &target,
        build: &build,
        workers: *workers,
        packages,
        release: *release,
        show: show.as_deref(),
    };
    let evidence = run::run(&places)?;
    evidence.write(&results.join(if *release { "host-release.json" } else { "host-debug.json" }))?;
    Ok(evidence.runs.iter().all(|run| run.outcome != Outcome::Failed))
}

fn record(root: &Path, name: &str, command: &[String]) -> Result<bool> {
    let recorded = campaign::record(root, name, command)?;
    match &recorded {
        Recorded::Short(why) => println!("trace: not recorded: {why}"),
        _ => println!("trace: recorded in {}/{name}.toml", campaign::RECORDS),
    }
    Ok(recorded != Recorded::Failed)
}

/// Says how it stands; whether nothing is refused.
fn tell(joined: &Joined, target: &Path) -> bool {
    const SHOWN: usize = 40;
    for finding in joined.findings.iter().take(SHOWN) {
        println!("{}: {}: {}", finding.rule, finding.place, finding.what);
    }
    if joined.findings.len() > SHOWN {
        println!("and {} more, in {}", joined.findings.len() - SHOWN, target.join("html/findings.html").display());
    }
    let counts = headline(&joined.rows);
    let told: Vec<String> =
        counts.iter().filter(|(_, count)| **count > 0).map(|(name, count)| format!("{count} {name}")).collect();
    println!("{}; {} findings", told.join(", "), joined.findings.len());
    joined.findings.is_empty()
}
