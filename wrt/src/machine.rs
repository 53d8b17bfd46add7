//! The machine of a store: one of the engines, or both.

use crate::config::Strategy;
use crate::error::Error;
use crate::lockstep::{Divergence, Lockstep};
use crate::storage::StoreStorage;
use crate::store::StackMemory;
use alloc::boxed::Box;
use wrt_runtime::stack::Waiting;
use wrt_runtime::stackless::{DetachedCalls, Observer, Stats};
use wrt_runtime::{Engine, Execute, Outcome, StacklessEngine};
use wrt_safety::VerificationLevel;

/// What runs the calls of a store.
#[derive(Debug)]
pub(crate) enum Machine {
    Stackless(StacklessEngine),
    Traditional(Engine),
    Lockstep(Box<Lockstep>),
}

/// Does the same with whichever engine it is.
macro_rules! each {
    ($self:ident, $engine:ident => $value:expr) => {
        match $self {
            Self::Stackless($engine) => $value,
            Self::Traditional($engine) => $value,
            Self::Lockstep($engine) => $value,
        }
    };
}

impl Machine {
    /// What runs calls on `storage`, as its strategy says.
    pub(crate) fn new(level: VerificationLevel, storage: &StoreStorage) -> Self {
        match storage.strategy {
            Strategy::Stackless => Self::Stackless(StacklessEngine::new(level)),
            Strategy::Traditional => Self::Traditional(Engine::new(level)),
            Strategy::Lockstep => Self::Lockstep(Box::new(Lockstep::new(level, storage))),
        }
    }

    pub(crate) fn set_fuel(&mut self, fuel: u64) {
        each!(self, engine => engine.set_fuel(fuel));
    }

    pub(crate) fn remaining_fuel(&self) -> u64 {
        each!(self, engine => engine.remaining_fuel())
    }

    pub(crate) fn stats(&self) -> Stats {
        each!(self, engine => engine.stats())
    }

    /// What two engines disagreed about.
    pub(crate) fn take_divergence(&mut self) -> Option<Box<Divergence>> {
        match self {
            Self::Lockstep(engines) => engines.take_divergence(),
            Self::Stackless(_) | Self::Traditional(_) => None,
        }
    }

    /// What the second of two engines works on.
    pub(crate) fn twin(&mut self) -> Option<&mut StoreStorage> {
        match self {
            Self::Lockstep(engines) => Some(engines.twin()),
            Self::Stackless(_) | Self::Traditional(_) => None,
        }
    }

    /// Takes up a call that another machine began.
    pub(crate) fn adopt(
        &mut self,
        storage: &mut StoreStorage,
        stack: &mut StackMemory,
        in_call: bool,
    ) -> Result<(), Error> {
        match self {
            Self::Lockstep(engines) => engines.adopt(storage, stack, in_call),
            Self::Stackless(_) | Self::Traditional(_) => Ok(()),
        }
    }

    /// # Errors
    /// A trap where arguments or frame do not fit.
    pub(crate) fn begin(
        &mut self,
        storage: &mut StoreStorage,
        stack: &mut StackMemory,
        (addr, base): (u32, u32),
        args: &[u64],
    ) -> Result<(), Error> {
        match self {
            Self::Stackless(engine) => Ok(engine.begin(storage, &mut stack.view(), addr, base, args)?),
            Self::Traditional(engine) => Ok(engine.begin(storage, &mut stack.view(), addr, base, args)?),
            Self::Lockstep(engines) => engines.begin(storage, stack, (addr, base), args),
        }
    }

    /// # Errors
    /// A trap where frames or slots do not suffice.
    pub(crate) fn reenter(
        &mut self,
        storage: &mut StoreStorage,
        stack: &mut StackMemory,
        (slots, waiting): ((u32, u32), Waiting),
        args: &[u64],
    ) -> Result<(), Error> {
        match self {
            Self::Stackless(engine) => Ok(engine.reenter(storage, &mut stack.view(), slots, waiting, args)?),
            Self::Traditional(engine) => Ok(engine.reenter(storage, &mut stack.view(), slots, waiting, args)?),
            Self::Lockstep(engines) => engines.reenter(storage, stack, (slots, waiting), args),
        }
    }

    /// Runs until something is asked for that is none of `detached`, where the engine calls such functions.
    #[inline(always)]
    pub(crate) fn resume(
        &mut self,
        storage: &mut StoreStorage,
        stack: &mut StackMemory,
        detached: &mut dyn DetachedCalls,
    ) -> Result<Outcome, Error> {
        match self {
            Self::Stackless(engine) => Ok(engine.resume_calling(storage, &mut stack.view(), detached)),
            Self::Traditional(engine) => Ok(engine.resume(storage, &mut stack.view())),
            Self::Lockstep(engines) => engines.resume(storage, stack),
        }
    }

    /// Runs until something is asked for; shown to `observer` where there are instructions to show.
    pub(crate) fn resume_observed(
        &mut self,
        storage: &mut StoreStorage,
        stack: &mut StackMemory,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, Error> {
        match self {
            Self::Stackless(engine) => Ok(engine.resume_observed(storage, &mut stack.view(), observer)),
            Self::Traditional(engine) => Ok(engine.resume(storage, &mut stack.view())),
            Self::Lockstep(engines) => engines.resume(storage, stack),
        }
    }
}
