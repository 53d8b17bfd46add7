//! The command line.

use crate::engines::{self, Engine};

pub(crate) const HELP: &str = "\
Measures WRT beside other interpreters; ratios of CPU time over the better of wasm3 and wasmi without fuel.

    --rounds N         measure each kernel N times on each engine, in turns (5)
    --only A,B         only kernels whose names contain one of these
    --engines A,B      only these engines
    --check-max R      fail if the geometric mean of wrt is above R
    --times            seconds beside the ratios
    --help             this
";

pub(crate) struct Options {
    pub(crate) rounds: usize,
    pub(crate) check_max: Option<f64>,
    pub(crate) times: bool,
    only: Vec<String>,
    engines: Vec<String>,
}

impl Options {
    /// None when help is asked for.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self { rounds: 5, check_max: None, times: false, only: Vec::new(), engines: Vec::new() };
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
                "--only" => options.only = list(value()?),
                "--engines" => options.engines = list(value()?),
                "--times" => options.times = true,
                "--help" | "-h" => return Ok(None),
                _ => return Err(format!("unknown option {option}; --help lists them")),
            }
        }
        Ok(Some(options))
    }

    pub(crate) fn takes(&self, kernel: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| kernel.contains(part.as_str()))
    }

    /// The engines asked for, in the order they are asked for; all there are without such a wish.
    pub(crate) fn engines(&self) -> Result<Vec<Box<dyn Engine>>, String> {
        let mut all = engines::all();
        if self.engines.is_empty() {
            return Ok(all);
        }
        let names = all.iter().map(|engine| engine.name()).collect::<Vec<_>>().join(", ");
        self.engines
            .iter()
            .map(|name| {
                let found = all.iter().position(|engine| engine.name() == name);
                found.map(|at| all.remove(at)).ok_or_else(|| format!("no engine {name} in this build, only {names}"))
            })
            .collect()
    }
}
