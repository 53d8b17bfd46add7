//! The engines, each behind the same two traits.

mod wasm3;
mod wasmi;
mod wrt;

/// A runtime in one configuration.
pub(crate) trait Engine {
    fn name(&self) -> &'static str;

    /// Whether a kernel it cannot run is left out instead of ending the run.
    fn may_be_absent(&self) -> bool {
        true
    }

    /// A fresh instance of a module that imports nothing, ready to call one export.
    fn load(&self, wasm: &[u8], export: &str) -> Result<Box<dyn Loaded>, String>;
}

/// An export of an instance.
pub(crate) trait Loaded {
    /// Calls it with i32 arguments; the bits of its one result, upper bits zero.
    fn call(&mut self, arguments: &[i32]) -> Result<u64, String>;
}

/// Every engine in this build, WRT first.
pub(crate) fn all() -> Vec<Box<dyn Engine>> {
    let mut all = wrt::engines();
    all.extend(wasmi::engines());
    all.extend(wasm3::engines());
    all
}
