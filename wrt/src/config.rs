//! How engines are configured.

use crate::error::Error;
use crate::module::Module;
use alloc::sync::Arc;
use alloc::vec::Vec;
use wrt_safety::{Limits, VerificationLevel};

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

    /// Sets how much the runtime verifies its own state.
    pub fn verification(mut self, level: VerificationLevel) -> Self {
        self.verification = level;
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

    /// How much its stores verify of their own state.
    pub fn verification(&self) -> VerificationLevel {
        self.config.verification
    }
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
