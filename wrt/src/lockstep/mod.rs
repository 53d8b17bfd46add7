//! Two engines in lock-step: each runs the same calls on a state of its own, and the states are compared.
//!
//! The stackless engine runs on the store's state, which the host sees; the traditional one on a twin. Both get the same slices of
//! fuel, so both stop at the same places: at the end of each slice, at every call of the host, and where the call ends or traps. There
//! outcomes are compared, and, as often as the verification level says, everything that the states hold. A host function is called once:
//! what it returns goes to both, and what it wrote into memories, tables and globals is copied to the twin.

mod difference;
mod twin;

pub use difference::{Difference, Divergence};

use crate::config::Strategy;
use crate::error::Error;
use crate::storage::StoreStorage;
use crate::store::StackMemory;
use crate::translate::{places, stand_at};
use alloc::boxed::Box;
use wrt_instructions::Trap;
use wrt_runtime::execute::{Broken, Fault};
use wrt_runtime::stack::Waiting;
use wrt_runtime::stackless::Stats;
use wrt_runtime::{Engine, Execute, Outcome, StacklessEngine};
use wrt_safety::VerificationLevel;

/// Both engines, and what the second of them works on.
#[derive(Debug)]
pub(crate) struct Lockstep {
    first: StacklessEngine,
    second: Engine,
    fuel: u64,
    level: VerificationLevel,
    /// Stops so far, for levels that look at some of them.
    stops: u64,
    storage: StoreStorage,
    divergence: Option<Box<Divergence>>,
}

impl Lockstep {
    pub(crate) fn new(level: VerificationLevel, like: &StoreStorage) -> Self {
        Self {
            first: StacklessEngine::new(level),
            second: Engine::new(level),
            fuel: 0,
            level,
            stops: 0,
            storage: twin::like(like),
            divergence: None,
        }
    }

    pub(crate) const fn twin(&mut self) -> &mut StoreStorage {
        &mut self.storage
    }

    pub(crate) const fn set_fuel(&mut self, fuel: u64) {
        self.fuel = fuel;
    }

    pub(crate) const fn remaining_fuel(&self) -> u64 {
        self.fuel
    }

    pub(crate) const fn stats(&self) -> Stats {
        self.first.stats()
    }

    /// What the engines disagreed about, if they did.
    pub(crate) const fn take_divergence(&mut self) -> Option<Box<Divergence>> {
        self.divergence.take()
    }

    /// Units of fuel between two comparisons.
    const fn every(&self) -> u64 {
        match self.level {
            VerificationLevel::None => u64::MAX,
            VerificationLevel::Sampling | VerificationLevel::Standard => 1 << 20,
            VerificationLevel::Full => 1 << 14,
        }
    }

    /// Gives a call that another engine began a twin. `in_call` says that its innermost frame waits for a host function.
    pub(crate) fn adopt(
        &mut self,
        storage: &mut StoreStorage,
        stack: &mut StackMemory,
        in_call: bool,
    ) -> Result<(), Error> {
        twin::sync(storage, &mut self.storage)?;
        if stack.twin.is_none() {
            let mut twin = Box::new(stack.copy());
            // Its positions are those of the store's code; the twin's side tables are in an order of their own.
            let places = places(storage, &mut twin, in_call)?;
            stand_at(&mut self.storage, &mut twin, &places, Strategy::Traditional)?;
            stack.twin = Some(twin);
        }
        Ok(())
    }

    pub(crate) fn begin(
        &mut self,
        storage: &mut StoreStorage,
        stack: &mut StackMemory,
        (addr, base): (u32, u32),
        args: &[u64],
    ) -> Result<(), Error> {
        // A stack without frames: nothing has to be translated.
        self.adopt(storage, stack, false)?;
        self.first.begin(storage, &mut stack.view(), addr, base, args)?;
        let Some(twin) = &mut stack.twin else { return Err(Error::internal("a stack without its twin")) };
        loop {
            match self.second.begin(&mut self.storage, &mut twin.view(), addr, base, args) {
                Err(Trap::CallStackExhausted) if twin.grow()? => {}
                begun => return Ok(begun?),
            }
        }
    }

    pub(crate) fn reenter(
        &mut self,
        storage: &mut StoreStorage,
        stack: &mut StackMemory,
        (slots, waiting): ((u32, u32), Waiting),
        args: &[u64],
    ) -> Result<(), Error> {
        twin::sync(storage, &mut self.storage)?;
        self.first.reenter(storage, &mut stack.view(), slots, waiting, args)?;
        let Some(twin) = &mut stack.twin else { return Err(Error::internal("a stack without its twin")) };
        loop {
            match self.second.reenter(&mut self.storage, &mut twin.view(), slots, waiting, args) {
                Err(Trap::CallStackExhausted) if twin.grow()? => {}
                entered => return Ok(entered?),
            }
        }
    }

    /// Runs both until they stop for something that is the host's.
    // @need-ids: REQ_LOCKSTEP_001, REQ_VERIFY_001
    pub(crate) fn resume(&mut self, storage: &mut StoreStorage, stack: &mut StackMemory) -> Result<Outcome, Error> {
        twin::sync(storage, &mut self.storage)?;
        self.provide_twins(storage)?;
        let mut slice = self.every().min(self.fuel);
        loop {
            self.first.set_fuel(slice);
            self.second.set_fuel(slice);
            let found = run(&mut self.first, storage, stack)?;
            let Some(mut twin) = stack.twin.take() else { return Err(Error::internal("a stack without its twin")) };
            // Their twins are found through the same stacks.
            core::mem::swap(&mut storage.calls, &mut self.storage.calls);
            let expected = run(&mut self.second, &mut self.storage, &mut twin);
            core::mem::swap(&mut storage.calls, &mut self.storage.calls);
            let expected = expected?;
            let left = (self.first.remaining_fuel(), self.second.remaining_fuel());
            self.fuel = self.fuel.saturating_sub(slice).saturating_add(left.0);
            let difference = difference::of_stop((found, left.0), (expected, left.1))
                .or_else(|| self.differ((storage, stack), &twin, found));
            stack.twin = Some(twin);
            if let Some(difference) = difference {
                let fuel = self.fuel;
                self.divergence = Some(Box::new(Divergence { difference, fuel }));
                return Ok(Outcome::Fault(Fault::Integrity(Broken::Step)));
            }
            match found {
                // The end of a slice, not of the fuel.
                Outcome::OutOfFuel { needed } if needed <= self.fuel => {
                    slice = self.every().max(needed).min(self.fuel);
                }
                _ => return Ok(found),
            }
        }
    }

    /// Gives twins to the calls that stand still since before the store was in lock-step.
    fn provide_twins(&mut self, storage: &mut StoreStorage) -> Result<(), Error> {
        let mut calls = core::mem::take(&mut storage.calls);
        let provided = calls.provide_twins(|stack| {
            let mut twin = Box::new(stack.copy());
            let places = places(storage, &mut twin, stack.pending.is_some())?;
            stand_at(&mut self.storage, &mut twin, &places, Strategy::Traditional)?;
            Ok(twin)
        });
        storage.calls = calls;
        provided
    }

    /// Compares all that both states hold, where the level asks for it.
    fn differ(
        &mut self,
        (storage, stack): (&StoreStorage, &StackMemory),
        twin: &StackMemory,
        outcome: Outcome,
    ) -> Option<Difference> {
        self.stops = self.stops.wrapping_add(1);
        let looks = match self.level {
            VerificationLevel::None => false,
            VerificationLevel::Sampling => self.stops.is_multiple_of(VerificationLevel::SAMPLE_PERIOD),
            VerificationLevel::Standard | VerificationLevel::Full => true,
        };
        if !looks {
            return None;
        }
        difference::of_states((storage, stack), (&self.storage, twin), outcome)
    }
}

/// Runs an engine until it stops for something else than code or room.
fn run(engine: &mut dyn Execute, storage: &mut StoreStorage, stack: &mut StackMemory) -> Result<Outcome, Error> {
    loop {
        match engine.resume(storage, &mut stack.view()) {
            Outcome::NeedsCode { instance, func } => storage.provide_code(instance, func)?,
            Outcome::NeedsMemory { instance, memory, bytes } => storage.enlarge_memory(instance, memory, bytes)?,
            Outcome::NeedsTable { instance, table, elements } => storage.enlarge_table(instance, table, elements)?,
            Outcome::NeedsHeap(wanted) => storage.heap.provide(wanted)?,
            Outcome::NeedsStack => {
                if !stack.grow()? {
                    return Err(Error::internal("a stack that cannot grow was to grow"));
                }
            }
            outcome => return Ok(outcome),
        }
    }
}
