//! What is measured: the calls of guests that `kernels.txt` lists.

use std::path::Path;
use std::sync::Arc;

use crate::HERE;

/// An export of a guest and the arguments that make it work long.
#[derive(Clone)]
pub(crate) struct Kernel {
    pub(crate) name: &'static str,
    pub(crate) file: &'static str,
    pub(crate) export: &'static str,
    pub(crate) arguments: Vec<i32>,
    /// The same with little work, for the call before the measured one.
    pub(crate) warm: Vec<i32>,
    /// The bits that wasmtime gives.
    pub(crate) result: u64,
}

impl Kernel {
    pub(crate) fn wasm(&self) -> Result<Arc<[u8]>, String> {
        let path = Path::new(HERE).join("../guests/wasm").join(self.file);
        crate::read(&path)
    }

    /// An error unless `result` is what it has to be.
    pub(crate) fn check(&self, engine: &str, result: u64) -> Result<(), String> {
        if result == self.result {
            return Ok(());
        }
        Err(format!("{} on {engine}: the result is {result:#x} and has to be {:#x}", self.name, self.result))
    }
}

/// All of them, in the order of the file.
pub(crate) fn all() -> Result<Vec<Kernel>, String> {
    let lines = include_str!("../kernels.txt").lines().enumerate();
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| parse(line).ok_or_else(|| format!("kernels.txt:{}: {line}", number + 1)))
        .collect()
}

fn parse(line: &'static str) -> Option<Kernel> {
    let (call, result) = line.split_once("->")?;
    let (call, warm) = call.split_once('/')?;
    let numbers = |text: &str| text.split_whitespace().map(|word| word.parse().ok()).collect::<Option<Vec<_>>>();
    let mut words = call.split_whitespace();
    let (name, file, export) = (words.next()?, words.next()?, words.next()?);
    let arguments = words.map(|word| word.parse().ok()).collect::<Option<_>>()?;
    let result = u64::from_str_radix(result.trim().strip_prefix("0x")?, 16).ok()?;
    Some(Kernel { name, file, export, arguments, warm: numbers(warm)?, result })
}

/// Those that are asked for by a part of their names.
pub(crate) fn chosen(takes: impl Fn(&str) -> bool) -> Result<Vec<Kernel>, String> {
    let all = all()?;
    let chosen: Vec<_> = all.iter().filter(|kernel| takes(kernel.name)).cloned().collect();
    if chosen.is_empty() {
        let names: Vec<_> = all.iter().map(|kernel| kernel.name).collect();
        return Err(format!("no kernel is named so; there are {}", names.join(", ")));
    }
    Ok(chosen)
}
