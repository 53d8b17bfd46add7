//! Validation of function bodies: on as many threads as an engine may take, or of each when it is called.

mod operators;

use crate::config::Engine;
use alloc::vec::Vec;
use wasmparser::{
    BinaryReader, FuncToValidate, FuncValidatorAllocations, FunctionBody, Result, ValidatorResources, WasmFeatures,
};
use wrt_runtime::Image;

/// Bytes of a code section from which on its bodies are shared among threads: less is validated before a second thread has begun.
pub(crate) const SHARED_FROM: u32 = 1 << 18;

/// A body with what it is validated against.
type Body<'w> = (FuncToValidate<ValidatorResources>, FunctionBody<'w>);

/// When bodies are validated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Before there is a module.
    Now,
    /// When their functions are first called.
    Called,
}

/// What bodies are validated against when their functions are called.
#[derive(Debug)]
pub(crate) struct Later {
    resources: ValidatorResources,
    features: WasmFeatures,
}

impl Later {
    /// Validates the body of a function, if it has one.
    ///
    /// # Errors
    /// It is invalid.
    // @need-ids: REQ_WASM_001, REQ_PERF_004
    pub(crate) fn validate(&self, image: &Image<'_>, index: u32) -> Result<()> {
        let range = image.body(index);
        let (start, length) = (range.start.get() as usize, range.length.get() as usize);
        let body = image.blob.get(start..).and_then(|rest| rest.get(..length)).unwrap_or_default();
        let (Some(record), false) = (image.funcs.get(index as usize), body.is_empty()) else { return Ok(()) };
        let Self { resources, features } = self;
        let func = FuncToValidate { resources: resources.clone(), index, ty: record.ty(), features: *features };
        let body = FunctionBody::new(BinaryReader::new_features(body, start as u64, *features));
        one((func, body), &mut FuncValidatorAllocations::default())
    }
}

/// The bodies of a module, validated one after the other, or put off until all are there and threads can share them.
// @need-ids: REQ_WASM_001, REQ_PERF_003
pub(crate) struct Bodies<'w, 'e> {
    engine: &'e Engine,
    when: When,
    /// Of a module whose bodies are validated when they are called: by what.
    later: Option<Later>,
    /// On how many threads at most. Only a large section makes the engine ask its host, which takes as long as a small module.
    threads: usize,
    /// How many there will be that wait: those of a section that is worth more than one thread.
    expected: usize,
    waiting: Vec<Body<'w>>,
    allocations: FuncValidatorAllocations,
}

impl<'w, 'e> Bodies<'w, 'e> {
    /// To be validated on as many threads as the engine may take, if it is now.
    pub(crate) fn new(engine: &'e Engine, when: When) -> Self {
        let allocations = FuncValidatorAllocations::default();
        Self { engine, when, later: None, threads: 1, expected: 0, waiting: Vec::new(), allocations }
    }

    /// A code section of so many bytes begins, with so many bodies.
    pub(crate) fn begin(&mut self, bytes: u32, count: u32) {
        self.threads =
            if bytes >= SHARED_FROM && self.when == When::Now { self.engine.validation_threads() } else { 1 };
        self.expected = if self.threads > 1 { count as usize } else { 0 };
    }

    /// The next body.
    ///
    /// # Errors
    /// It is invalid, if it was looked at now.
    pub(crate) fn add(&mut self, func: FuncToValidate<ValidatorResources>, body: FunctionBody<'w>) -> Result<()> {
        if self.when == When::Called {
            let FuncToValidate { resources, features, .. } = func;
            self.later.get_or_insert(Later { resources, features });
            return Ok(());
        }
        if self.waiting.len() < self.expected {
            self.waiting.push((func, body));
            return Ok(());
        }
        one((func, body), &mut self.allocations)
    }

    /// What those are validated against that were put off until they are called.
    pub(crate) fn take_later(&mut self) -> Option<Later> {
        self.later.take()
    }

    /// Whether all were put off.
    pub(crate) fn all_wait(&self) -> bool {
        self.expected > 0 && self.waiting.len() == self.expected
    }

    /// Validates what was put off, and does something else meanwhile. Its result comes second.
    ///
    /// # Errors
    /// Of the first body that is invalid, whichever thread came upon one first.
    pub(crate) fn finish<T>(mut self, meanwhile: impl FnOnce(&mut Self) -> T) -> (Result<()>, T) {
        let waiting = core::mem::take(&mut self.waiting);
        self.expected = 0;
        if waiting.is_empty() {
            return (Ok(()), meanwhile(&mut self));
        }
        #[cfg(feature = "std")]
        return threads::validate(waiting, self.threads, || meanwhile(&mut self));
        #[cfg(not(feature = "std"))]
        (waiting.into_iter().try_for_each(|body| one(body, &mut self.allocations)), meanwhile(&mut self))
    }
}

fn one((func, body): Body<'_>, allocations: &mut FuncValidatorAllocations) -> Result<()> {
    let mut func = func.into_validator(core::mem::take(allocations));
    operators::validate(&mut func, &body)?;
    *allocations = func.into_allocations();
    Ok(())
}

#[cfg(feature = "std")]
mod threads {
    use super::{Body, FuncValidatorAllocations, Result, one};
    use alloc::vec::Vec;
    use std::sync::{Mutex, PoisonError};
    use std::thread::{Builder, scope};

    /// How many bytes of bodies a thread takes at a time: the lock is not waited for, and the last ones end at about the same time.
    const TAKEN: usize = 1 << 15;

    /// What threads share.
    struct Shared<I> {
        bodies: I,
        /// The first invalid body, by its place.
        refused: Option<(usize, wasmparser::Error)>,
    }

    pub(super) fn validate<T>(
        waiting: Vec<Body<'_>>,
        threads: usize,
        meanwhile: impl FnOnce() -> T,
    ) -> (Result<()>, T) {
        let shared = Mutex::new(Shared { bodies: waiting.into_iter().enumerate(), refused: None });
        let done = scope(|scope| {
            for _ in 1..threads {
                // A system that gives no more threads leaves the work to those that are there.
                let _ = Builder::new().name("validation".into()).spawn_scoped(scope, || work(&shared));
            }
            let done = meanwhile();
            work(&shared);
            done
        });
        let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        (shared.refused.map_or(Ok(()), |(_, error)| Err(error)), done)
    }

    /// Validates bodies until there are none, or one was refused: all that stand before that one have been taken by then.
    fn work<'w>(shared: &Mutex<Shared<impl Iterator<Item = (usize, Body<'w>)>>>) {
        let mut allocations = FuncValidatorAllocations::default();
        let mut taken = Vec::new();
        loop {
            {
                let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                if shared.refused.is_some() {
                    return;
                }
                let mut bytes = 0_usize;
                while bytes < TAKEN
                    && let Some((at, (func, body))) = shared.bodies.next()
                {
                    bytes = bytes.saturating_add(body.as_bytes().len());
                    taken.push((at, (func, body)));
                }
            }
            if taken.is_empty() {
                return;
            }
            for (at, body) in taken.drain(..) {
                if let Err(error) = one(body, &mut allocations) {
                    let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                    if shared.refused.as_ref().is_none_or(|(first, _)| at < *first) {
                        shared.refused = Some((at, error));
                    }
                    return;
                }
            }
        }
    }
}
