//! How engines are configured.

// @need-ids: REQ_LIMITS_001, REQ_WASM_PROPOSALS_001

use crate::error::Error;
use crate::module::Module;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroUsize;
use wrt_safety::{Limits, VerificationLevel};

/// The most threads that validate a module; one where there are none to be had.
pub const MAX_VALIDATION_THREADS: usize = if cfg!(feature = "std") { 16 } else { 1 };

/// What an [`Engine`] is made with. Start from the default and change what differs.
///
/// ```
/// let mut limits = wrt::Limits::DEFAULT;
/// limits.max_memory_bytes = 16 << 20;
/// let engine = wrt::Engine::new(&wrt::Config::new().limits(limits));
/// assert_eq!(engine.limits().max_memory_bytes, 16 << 20);
/// ```
// @need-ids: REQ_RESOURCE_001, REQ_LIMITS_001, REQ_VERIFY_001
#[derive(Clone, Debug, Default)]
pub struct Config {
    limits: Limits,
    verification: VerificationLevel,
    strategy: Strategy,
    /// Threads that validate a module; `None` for what the host has.
    validation_threads: Option<NonZeroUsize>,
    /// By [`Proposal`].
    proposals: [bool; Proposal::ALL.len()],
}

/// A proposal to WebAssembly that is built, and off until a [`Config`] turns it on: it is not part of the standard yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Proposal {
    /// Memories with pages of one byte ([`Config::wasm_custom_page_sizes`]).
    CustomPageSizes,
    /// `i64` operators with results of 128 bits ([`Config::wasm_wide_arithmetic`]).
    WideArithmetic,
}

/// Which engine runs code. Results, traps and fuel are the same with each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// The stackless engine: runs a register form that functions are lowered to when they are first called. The default.
    #[default]
    Stackless,
    /// The traditional engine: runs the bytecode in place, with a side table that is made when a function is first called.
    Traditional,
    /// Both, each on a state of its own, compared as often as the [`VerificationLevel`] says. A difference ends the call with
    /// [`Error::Diverged`].
    Lockstep,
}

impl Strategy {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Stackless, Self::Traditional, Self::Lockstep];

    /// The engine whose positions frames have that this one runs.
    pub(crate) const fn positions(self) -> Self {
        match self {
            Self::Stackless | Self::Lockstep => Self::Stackless,
            Self::Traditional => Self::Traditional,
        }
    }

    /// Its name, as the command line has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stackless => "stackless",
            Self::Traditional => "traditional",
            Self::Lockstep => "lockstep",
        }
    }
}

impl Proposal {
    /// All of them, in order.
    pub const ALL: [Self; 2] = [Self::CustomPageSizes, Self::WideArithmetic];

    /// Its name, as its repository has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CustomPageSizes => "custom-page-sizes",
            Self::WideArithmetic => "wide-arithmetic",
        }
    }

    /// The method of [`Config`] that turns it on.
    pub const fn option(self) -> &'static str {
        match self {
            Self::CustomPageSizes => "wasm_custom_page_sizes",
            Self::WideArithmetic => "wasm_wide_arithmetic",
        }
    }
}

impl Config {
    /// The defaults: [`Limits::DEFAULT`], [`VerificationLevel::Standard`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets all limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets on how many threads at most, this one among them, a large module is validated, up to [`MAX_VALIDATION_THREADS`]. By default as
    /// many as the host gives the process; without the feature `std` one. They end before the module is there, and what is refused is
    /// refused with the same error.
    // @need-ids: REQ_PERF_003
    pub fn validation_threads(mut self, threads: NonZeroUsize) -> Self {
        self.validation_threads = Some(threads);
        self
    }

    /// Sets how much the runtime verifies its own state.
    pub fn verification(mut self, level: VerificationLevel) -> Self {
        self.verification = level;
        self
    }

    /// Sets which engine runs code.
    // @need-ids: REQ_TRADITIONAL_001
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Whether modules may have memories with pages of one byte (custom-page-sizes proposal). Off by default. Images were made
    /// by someone who had turned it on, and are not asked.
    // @need-ids: REQ_WASM_PROPOSALS_001
    pub fn wasm_custom_page_sizes(self, enable: bool) -> Self {
        self.proposal(Proposal::CustomPageSizes, enable)
    }

    /// Whether modules may use `i64.add128`, `i64.sub128`, `i64.mul_wide_s` and `i64.mul_wide_u` (wide-arithmetic proposal). Off
    /// by default. Images were made by someone who had turned it on, and are not asked.
    // @need-ids: REQ_WASM_PROPOSALS_001
    pub fn wasm_wide_arithmetic(self, enable: bool) -> Self {
        self.proposal(Proposal::WideArithmetic, enable)
    }

    /// Turns a proposal on or off.
    pub fn proposal(mut self, proposal: Proposal, enable: bool) -> Self {
        if let Some(on) = self.proposals.get_mut(proposal as usize) {
            *on = enable;
        }
        self
    }
}

/// The configuration that modules and stores share. A cheap handle: clones are the same engine.
///
/// It runs nothing itself: each [`Store`](crate::Store) has its own machine and its own fuel.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    config: Arc<Config>,
}

impl Engine {
    /// An engine. A limit above the most that it can be ([`Limits::DESCRIPTIONS`]) is taken as that most.
    pub fn new(config: &Config) -> Self {
        Self { config: Arc::new(Config { limits: in_range(config.limits), ..config.clone() }) }
    }

    /// Whether two handles are the same engine.
    pub fn same(a: &Self, b: &Self) -> bool {
        Arc::ptr_eq(&a.config, &b.config)
    }

    /// A binary module as a complete image: [`Module::new`](crate::Module::new), then
    /// [`Module::compile`](crate::Module::compile).
    ///
    /// # Errors
    /// Those of the two.
    // @need-ids: REQ_IMAGE_002
    pub fn precompile_module(&self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        Module::new(self, bytes)?.compile()
    }

    /// Its limits, which are those of its stores unless a store was made with others.
    pub fn limits(&self) -> &Limits {
        &self.config.limits
    }

    /// The proposals that are on.
    pub fn proposals(&self) -> impl Iterator<Item = Proposal> + '_ {
        Proposal::ALL.into_iter().zip(self.config.proposals).filter_map(|(proposal, on)| on.then_some(proposal))
    }

    /// On how many threads at most a large module is validated.
    pub fn validation_threads(&self) -> usize {
        self.config.validation_threads.map_or_else(host_threads, NonZeroUsize::get).min(MAX_VALIDATION_THREADS)
    }

    /// Which engine its stores run code with.
    pub fn strategy(&self) -> Strategy {
        self.config.strategy
    }

    /// How much its stores verify of their own state.
    pub fn verification(&self) -> VerificationLevel {
        self.config.verification
    }
}

/// The threads that the host gives the process.
fn host_threads() -> usize {
    #[cfg(feature = "std")]
    return std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    #[cfg(not(feature = "std"))]
    1
}

/// Limits none of which is above the most that it can be.
pub(crate) fn in_range(mut limits: Limits) -> Limits {
    for info in Limits::DESCRIPTIONS {
        if (info.get)(&limits) > info.most {
            // Setting to the most it can be does not fail.
            let _ = (info.set)(&mut limits, info.most);
        }
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_LIMITS_001
    #[test]
    fn a_limit_above_its_range_is_taken_as_the_greatest_in_range() {
        let limits = Limits { max_nested_calls: 10_000, ..Limits::DEFAULT };
        let engine = Engine::new(&Config::new().limits(limits).verification(VerificationLevel::Full));
        assert_eq!(engine.limits().max_nested_calls, 256);
        assert_eq!(engine.verification(), VerificationLevel::Full);
        assert_eq!(engine.limits().validate(), Ok(()));
    }
}
