//! Builds the tests with coverage, and runs each in a process and with a profile of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::coverage::{self, Tools};
use crate::digest::digest;
use crate::evidence::{Evidence, Outcome, Outcomes, Run};

/// How long one process may take before it counts as failed. The longest takes about a minute on an idle machine.
const TIME_LIMIT: Duration = Duration::from_mins(10);
/// A program of more tests than this is one process: the official suite has hundreds of files for each engine, and which of them
/// ran a function is no question that a requirement asks.
const SEPARATE_MOST: usize = 500;

/// A test program.
#[derive(Debug)]
struct Program {
    package: String,
    root: String,
    executable: PathBuf,
}

/// What one process runs.
#[derive(Debug)]
struct Task<'a> {
    program: &'a Program,
    tests: Vec<String>,
}

/// Where things are.
#[derive(Debug)]
pub struct Places<'a> {
    /// The root of the tree.
    pub root: &'a Path,
    /// Where the profiles go.
    pub target: &'a Path,
    /// Where the build goes.
    pub build: &'a Path,
    /// How many processes run at a time.
    pub workers: usize,
    /// Packages to test; none means all.
    pub packages: &'a [String],
    /// Whether to test optimised code, without coverage.
    pub release: bool,
    /// Lines of what tests print that are printed too: those with this in them.
    pub show: Option<&'a str>,
}

/// Builds and runs all tests of the workspace.
///
/// # Errors
/// Where the build fails, or a tool is missing. A test that fails is a result.
pub fn run(places: &Places<'_>) -> Result<Evidence> {
    let tools = Tools::find()?;
    let profiles = places.target.join("profiles");
    let _ = std::fs::remove_dir_all(&profiles);
    std::fs::create_dir_all(&profiles).with_context(|| profiles.display().to_string())?;
    let programs = build(places, &profiles)?;
    let listed: Vec<_> = programs.iter().map(|program| list(places.root, program)).collect::<Result<_>>()?;
    let mut runs = Vec::new();
    let mut tasks = Vec::new();
    for (program, tests) in programs.iter().zip(listed) {
        runs.extend(tests.ignored.iter().map(|name| result(places, program, name, Outcome::Ignored, 0.0)));
        tasks.extend(group(program, tests.active));
    }
    eprintln!("trace: {} programs, {} processes", programs.len(), tasks.len());
    let done = in_parallel(places, &tasks, &profiles, &tools)?;
    if places.release {
        let runs = runs.into_iter().chain(done.into_iter().flat_map(|(runs, _)| runs)).collect();
        return finish(places, runs, coverage::Map::default());
    }
    let executables: Vec<&Path> = programs.iter().map(|program| program.executable.as_path()).collect();
    let map = coverage::map(&tools, &profiles, &executables, &commands(places.build), places.root)?;
    for (runs_of_task, names) in done {
        let executed = map.indices(&names);
        runs.extend(runs_of_task.into_iter().map(|run| Run { executed: Some(executed.clone()), ..run }));
    }
    finish(places, runs, map)
}

fn finish(places: &Places<'_>, mut runs: Vec<Run>, map: coverage::Map) -> Result<Evidence> {
    runs.sort_by(|a, b| (&a.package, &a.root, &a.name).cmp(&(&b.package, &b.root, &b.name)));
    if runs.iter().all(|run| run.outcome == Outcome::Ignored) {
        bail!("no test ran");
    }
    Ok(Evidence {
        commit: commit(places.root, &[])?,
        compiler: compiler()?,
        runs,
        functions: map.functions,
        lines: map.lines,
        branches: map.branches.into_iter().map(|(file, branches)| (file, outcomes(&branches))).collect(),
        campaigns: Vec::new(),
    })
}

/// The outcomes that conditions have, and those that none had.
fn outcomes(branches: &coverage::Branches) -> Outcomes {
    let mut outcomes = Outcomes::default();
    for (&(line, ..), &(held, failed)) in branches {
        outcomes.all.extend([line, line]);
        outcomes.missed.extend(std::iter::repeat_n(line, usize::from(held == 0) + usize::from(failed == 0)));
    }
    outcomes
}

/// What runs as a process of its own in tests: its coverage counts too.
fn commands(build: &Path) -> Vec<PathBuf> {
    vec![build.join("debug/wrtd")].into_iter().filter(|path| path.exists()).collect()
}

fn result(places: &Places<'_>, program: &Program, name: &str, outcome: Outcome, seconds: f64) -> Run {
    Run {
        package: program.package.clone(),
        root: program.root.clone(),
        name: name.to_owned(),
        target: if places.release { "host-release" } else { "host-debug" }.to_owned(),
        outcome,
        seconds,
        executed: None,
        suspect: false,
    }
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    target: Option<Target>,
    profile: Option<Profile>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    src_path: PathBuf,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

fn build(places: &Places<'_>, profiles: &Path) -> Result<Vec<Program>> {
    let root = places.root.canonicalize()?;
    let mut command = Command::new("cargo");
    command.current_dir(&root).args([
        "test",
        "--locked",
        "--no-run",
        "--lib",
        "--bins",
        "--tests",
        "--message-format=json-render-diagnostics",
    ]);
    if places.packages.is_empty() {
        command.arg("--workspace");
    }
    for package in places.packages {
        command.args(["--package", package]);
    }
    if places.release {
        command.arg("--release");
    } else {
        // What places are called is not looked at here, and takes time to write and to link.
        command
            .env("CARGO_TARGET_DIR", places.build)
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("RUSTC_WORKSPACE_WRAPPER", std::env::current_exe()?);
    }
    let output = command
        .env("LLVM_PROFILE_FILE", profiles.join("build-%p.profraw"))
        .stderr(Stdio::inherit())
        .output()
        .context("cargo")?;
    if !output.status.success() {
        bail!("the tests cannot be built");
    }
    for written in std::fs::read_dir(profiles)? {
        std::fs::remove_file(written?.path())?;
    }
    let mut programs = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.starts_with('{')) {
        let message: Message = serde_json::from_str(line).context("what cargo says")?;
        let (Some(target), Some(profile), Some(executable)) = (message.target, message.profile, message.executable)
        else {
            continue;
        };
        if message.reason != "compiler-artifact" || !profile.test {
            continue;
        }
        let folder = message.manifest_path.parent().unwrap_or(&root);
        programs.push(Program {
            package: relative(&root, folder),
            root: relative(&root, &target.src_path),
            executable,
        });
    }
    programs.sort_by(|a, b| (&a.package, &a.root).cmp(&(&b.package, &b.root)));
    Ok(programs)
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

struct Listed {
    active: Vec<String>,
    ignored: Vec<String>,
}

fn list(root: &Path, program: &Program) -> Result<Listed> {
    let names = |more: &[&str]| -> Result<Vec<String>> {
        let output = Command::new(&program.executable)
            .args(["--list", "--format", "terse"])
            .args(more)
            .current_dir(root.join(&program.package))
            .env("LLVM_PROFILE_FILE", "/dev/null")
            .output()
            .with_context(|| program.executable.display().to_string())?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
    };
    let ignored = names(&["--ignored"])?;
    let active = names(&[])?.into_iter().filter(|name| !ignored.contains(name)).collect();
    Ok(Listed { active, ignored })
}

fn group(program: &Program, tests: Vec<String>) -> Vec<Task<'_>> {
    if tests.len() > SEPARATE_MOST {
        return vec![Task { program, tests }];
    }
    tests.into_iter().map(|test| Task { program, tests: vec![test] }).collect()
}

type Done = (Vec<Run>, Vec<String>);

fn in_parallel(places: &Places<'_>, tasks: &[Task<'_>], profiles: &Path, tools: &Tools) -> Result<Vec<Done>> {
    // What takes long begins first, so that none of it is left alone at the end.
    let mut order: Vec<usize> = (0..tasks.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(tasks[at].tests.len()));
    let queue = Mutex::new(order.into_iter());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| -> Result<()> {
        let work = || -> Result<()> {
            loop {
                let Some(at) = queue.lock().ok().and_then(|mut queue| queue.next()) else { return Ok(()) };
                let finished = one(places, &tasks[at], at, profiles, tools)?;
                if let Ok(mut done) = done.lock() {
                    done.push(finished);
                }
            }
        };
        let workers: Vec<_> = (0..places.workers.max(1)).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            worker.join().map_err(|_| anyhow::anyhow!("a worker stopped"))??;
        }
        Ok(())
    })?;
    Ok(done.into_inner().unwrap_or_default())
}

fn one(places: &Places<'_>, task: &Task<'_>, number: usize, profiles: &Path, tools: &Tools) -> Result<Done> {
    let start = Instant::now();
    let raw = profiles.join(number.to_string());
    std::fs::create_dir(&raw)?;
    let mut command = Command::new(&task.program.executable);
    match task.tests.as_slice() {
        [test] => command.args(["--exact", "--nocapture", test]),
        // One at a time: counters that two threads write take three times as long, and other processes run beside this one.
        _ => command.args(["--show-output", "--test-threads", "1"]),
    };
    let log = std::fs::File::create(raw.join("log"))?;
    let mut child = command
        .current_dir(places.root.join(&task.program.package))
        .env("CARGO_MANIFEST_DIR", places.root.join(&task.program.package))
        .env("LLVM_PROFILE_FILE", raw.join("%p-%m.profraw"))
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| task.program.executable.display().to_string())?;
    let passed = loop {
        if let Some(status) = child.try_wait()? {
            break status.success();
        }
        if start.elapsed() > TIME_LIMIT {
            child.kill()?;
            child.wait()?;
            break false;
        }
        std::thread::sleep(Duration::from_millis(3));
    };
    let seconds = start.elapsed().as_secs_f64();
    let log = String::from_utf8_lossy(&std::fs::read(raw.join("log"))?).into_owned();
    let many = task.tests.len() > 1;
    let runs: Vec<_> = task
        .tests
        .iter()
        .map(|test| result(places, task.program, test, outcome(test, many, passed, &log), seconds))
        .collect();
    if let Some(show) = places.show {
        log.lines().filter(|line| line.contains(show)).for_each(|line| println!("{line}"));
    }
    for run in runs.iter().filter(|run| run.outcome == Outcome::Failed).take(5) {
        let tail: Vec<&str> = log.lines().rev().take(20).collect();
        eprintln!("trace: {} {} failed", run.root, run.name);
        tail.iter().rev().for_each(|line| eprintln!("    {}", line.chars().take(200).collect::<String>()));
    }
    let names = coverage::executed(tools, &raw, &profiles.join(format!("{number}.profdata")))?;
    std::fs::remove_dir_all(&raw)?;
    Ok((runs, names))
}

fn outcome(test: &str, many: bool, passed: bool, log: &str) -> Outcome {
    let said_so =
        || log.lines().any(|line| line.starts_with("test ") && line.ends_with("... ok") && line.contains(test));
    // A process that ran nothing also ends well: what is not said to have passed has not.
    let ran = if many { said_so() } else { passed && log.contains("test result: ok. 1 passed") };
    if ran { Outcome::Passed } else { Outcome::Failed }
}

/// The commit of a tree, with `+` and a digest of the differences where its sources differ from it; these folders aside.
///
/// # Errors
/// Where version control does not know.
pub fn commit(root: &Path, aside: &[&str]) -> Result<String> {
    let git = |arguments: &[&str]| -> Result<String> {
        let output = Command::new("git").arg("-C").arg(root).args(arguments).output().context("git")?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let head = git(&["rev-parse", "HEAD"])?;
    let paths: Vec<String> = aside.iter().map(|path| format!(":(exclude){path}")).collect();
    let paths: Vec<&str> = ["--", "."].into_iter().chain(paths.iter().map(String::as_str)).collect();
    if git(&[&["status", "--porcelain"], paths.as_slice()].concat())?.is_empty() {
        return Ok(head);
    }
    Ok(format!("{head}+{}", digest(git(&[&["diff", "HEAD"], paths.as_slice()].concat())?)))
}

fn compiler() -> Result<String> {
    let output = Command::new("rustc").arg("--version").output().context("rustc")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
