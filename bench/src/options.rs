//! The command line.

use std::path::{Path, PathBuf};

use crate::HERE;
use crate::engines::Engine;

pub(crate) const HELP: &str = "\
wrt-bench [PART...] [OPTIONS]: measures WRT beside other interpreters, as ratios.

    kernels            CPU time over the fastest interpreter's, without fuel (the part without a name)
    programs           the same of real programs on WASI
    start-up           CPU time from bytes to the first result over wasmi's in its default configuration
    calls              CPU time of a call into a guest and of one to the host, over wasmi's
    wasi               CPU time of calls of WASI that do next to nothing, over wasmi's
    classes            nanoseconds of an operator of each class
    linear             whether time grows with work, and with the number of functions, as they do
    memory             greatest resident memory after loading and after running, each in a process of its own
    processes          CPU time and memory of command lines that run a small module, over wasmi's
    sizes              bytes of stripped programs
    counts             instructions of the same, by callgrind: they repeat where times do not

    --rounds N         measure everything N times on each engine, in turns (5)
    --only A,B         only kernels and modules whose names contain one of these
    --engines A,B      only these engines
    --module FILE      also start up this module (with --export NAME, a function without parameters)
    --python FILE      a Python that may have the package wasmtime (python3)
    --check-max R      kernels: fail if the geometric mean of wrt (of least times) is above R
    --compare FILE     counts: beside those of an earlier counts.json
    --out DIR          where results go (target/)
    --times            seconds too
    --help             this
";

const PARTS: [&str; 11] =
    ["kernels", "programs", "start-up", "calls", "wasi", "classes", "linear", "memory", "processes", "sizes", "counts"];

pub(crate) struct Options {
    pub(crate) parts: Vec<String>,
    pub(crate) rounds: usize,
    pub(crate) check_max: Option<f64>,
    pub(crate) compare: Option<PathBuf>,
    pub(crate) out: PathBuf,
    /// A module of the caller's, and the export to call.
    pub(crate) module: Option<(PathBuf, String)>,
    pub(crate) python: String,
    pub(crate) times: bool,
    pub(crate) only: Vec<String>,
    engines: Vec<String>,
}

impl Options {
    /// None when help is asked for.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self {
            parts: Vec::new(),
            rounds: 5,
            check_max: None,
            compare: None,
            out: Path::new(HERE).join("target"),
            module: None,
            python: "python3".into(),
            times: false,
            only: Vec::new(),
            engines: Vec::new(),
        };
        let (mut module, mut export) = (None, None);
        while let Some(option) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{option} needs a value"));
            let list = |text: String| text.split(',').map(str::to_owned).collect();
            match option.as_str() {
                "--rounds" => {
                    let text = value()?;
                    options.rounds = text.parse().ok().filter(|&n| n > 0).ok_or(format!("--rounds {text}"))?;
                }
                "--check-max" => {
                    let text = value()?;
                    options.check_max = Some(text.parse().map_err(|_| format!("--check-max {text}"))?);
                }
                "--compare" => options.compare = Some(value()?.into()),
                "--python" => options.python = value()?,
                "--out" => options.out = value()?.into(),
                "--module" => module = Some(PathBuf::from(value()?)),
                "--export" => export = Some(value()?),
                "--only" => options.only = list(value()?),
                "--engines" => options.engines = list(value()?),
                "--times" => options.times = true,
                "--help" | "-h" => return Ok(None),
                part if PARTS.contains(&part) => options.parts.push(option),
                _ => return Err(format!("unknown option {option}; --help lists them")),
            }
        }
        if let Some(module) = module {
            options.module = Some((module, export.ok_or("--module needs --export")?));
        }
        if options.parts.is_empty() {
            options.parts.push("kernels".into());
        }
        Ok(Some(options))
    }

    pub(crate) fn takes(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part.as_str()))
    }

    /// Whether no engine is asked for by name.
    pub(crate) fn is_any_engine(&self) -> bool {
        self.engines.is_empty()
    }

    /// Those of a list that are asked for; all of them without such a wish.
    pub(crate) fn engines_among(&self, all: Vec<Box<dyn Engine>>) -> Vec<Box<dyn Engine>> {
        let asked = |name: &str| self.is_any_engine() || self.engines.iter().any(|asked| asked == name);
        all.into_iter().filter(|engine| asked(engine.name())).collect()
    }

    /// The engines asked for, in the order they are asked for; all of them without such a wish.
    pub(crate) fn engines(&self, mut all: Vec<Box<dyn Engine>>) -> Result<Vec<Box<dyn Engine>>, String> {
        if self.engines.is_empty() {
            return Ok(all);
        }
        let names = all.iter().map(|engine| engine.name()).collect::<Vec<_>>().join(", ");
        self.engines
            .iter()
            .map(|name| {
                let found = all.iter().position(|engine| engine.name() == name);
                found.map(|at| all.remove(at)).ok_or_else(|| format!("no engine {name} here, only {names}"))
            })
            .collect()
    }
}
