//! The engines, each behind the same two traits.

mod stitch;
mod wasm3;
mod wasmi;
mod wasmtime;
mod wrt;

use std::sync::Arc;

use cpu_time::ThreadTime;

use crate::programs::Start;

/// The peers that are the measure: the fastest of them, kernel by kernel. Interpreters, without fuel.
pub(crate) const MEASURE: [&str; 4] = ["wasm3", "wasmi", "stitch", "pulley"];

/// A runtime in one configuration.
pub(crate) trait Engine {
    fn name(&self) -> &'static str;

    /// Whether a kernel it cannot run is left out instead of ending the run.
    fn may_be_absent(&self) -> bool {
        true
    }

    /// Whether it works on several threads, so that the clock on the wall has to measure it.
    fn is_threaded(&self) -> bool {
        false
    }

    /// A fresh instance of a module, ready to call one export. Functions it imports fail when they are called; it imports
    /// nothing else.
    fn load(&self, wasm: &Arc<[u8]>, export: &str) -> Result<Box<dyn Loaded>, String>;

    /// What calls cost into a guest and out of it. None for an engine that is not asked.
    fn calls(&self, _wasm: &[u8]) -> Option<Result<Box<dyn Calls>, String>> {
        None
    }

    /// The same as [`load`](Self::load), with WASI Preview 1 and this process's standard output. None for an engine that
    /// has no WASI of its own.
    fn wasi(&self, _wasm: &Arc<[u8]>, _export: &str) -> Option<Result<Box<dyn Loaded>, String>> {
        None
    }

    /// A command of WASI, ready to be started. Its call takes no arguments, runs it to its end, which has to be a good one, and gives a
    /// sum over its standard output. None for an engine that has no WASI of its own.
    fn command(&self, _wasm: &Arc<[u8]>, _command: &Start) -> Option<Result<Box<dyn Loaded>, String>> {
        None
    }
}

/// An export of an instance, or a command that was not started yet.
pub(crate) trait Loaded {
    /// Calls it with i32 arguments; the bits of its one result, upper bits zero.
    fn call(&mut self, arguments: &[i32]) -> Result<u64, String>;

    /// The same with the CPU seconds it took.
    fn timed(&mut self, arguments: &[i32]) -> Result<(f64, u64), String> {
        let start = ThreadTime::now();
        let result = self.call(arguments)?;
        Ok((start.elapsed().as_secs_f64(), result))
    }
}

/// The module of `calls::MODULE`, ready.
pub(crate) trait Calls {
    /// Calls `add` so often, by a typed handle; the sum.
    fn typed(&mut self, times: i32) -> Result<i32, String>;

    /// Has the guest call the host so often; the sum.
    fn host(&mut self, times: i32) -> Result<i32, String>;
}

/// Every engine of this build that runs kernels, WRT first. wasmtime, a compiler with an interpreter of its own, Pulley, is there if
/// this Python has it.
pub(crate) fn all(python: &str) -> Vec<Box<dyn Engine>> {
    let mut all = in_process();
    all.extend(wasmtime::engines(python));
    all
}

/// The same without those that are processes of their own.
pub(crate) fn in_process() -> Vec<Box<dyn Engine>> {
    let mut all = wrt::engines();
    all.extend(wasmi::engines());
    all.extend(wasm3::engines());
    all.extend(stitch::engines());
    all
}

/// Every engine of this build whose loading is measured: wasmi in each of its modes of compilation.
pub(crate) fn loading() -> Vec<Box<dyn Engine>> {
    let mut all = wrt::loading();
    all.extend(wasmi::modes());
    all.extend(wasm3::engines());
    all
}

/// The one of that name.
pub(crate) fn named(all: Vec<Box<dyn Engine>>, name: &str) -> Result<Box<dyn Engine>, String> {
    all.into_iter().find(|engine| engine.name() == name).ok_or_else(|| format!("no engine {name}"))
}
