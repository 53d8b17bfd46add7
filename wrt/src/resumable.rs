//! Calls that pause: values that hold a guest's whole stack, and borrow nothing.

// @need-ids: REQ_001

use crate::agents::Wait;
use crate::call::{HostRequest, Next, Progress, abandon, give_up_wait, proceed};
use crate::error::{Error, UsageError};
use crate::faults::{FaultPlace, inject};
use crate::func::{Func, check_types, put_values, result_slots};
use crate::standing::StillStack;
use crate::state::FrameState;
use crate::store::{AsContext, AsContextMut, Core, Store, StoreId};
use crate::types::FuncType;
use crate::value::{TYPED_SLOTS, Val, WasmResults, slots_of};
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;

/// What became of a call that may pause.
///
/// A paused call that is dropped ends there; what it did to memories, tables and globals stays.
// @need-ids: REQ_001, REQ_003
#[derive(Debug)]
pub enum ResumableCall {
    /// It returned, and the results are where they were asked for.
    Finished,
    /// A host function failed. The guest waits for its results.
    HostTrap(ResumableHostTrap),
    /// The fuel does not suffice for the next step.
    OutOfFuel(ResumableOutOfFuel),
    /// It waits on a shared memory until another call notifies it.
    Waiting(ResumableWaiting),
}

/// As [`ResumableCall`], of a typed function.
// @need-ids: REQ_001, REQ_003
#[derive(Debug)]
pub enum TypedResumableCall<R> {
    /// It returned this.
    Finished(R),
    /// A host function failed. The guest waits for its results.
    HostTrap(TypedResumableHostTrap<R>),
    /// The fuel does not suffice for the next step.
    OutOfFuel(TypedResumableOutOfFuel<R>),
    /// It waits on a shared memory until another call notifies it.
    Waiting(TypedResumableWaiting<R>),
}

/// What turns slots into values again.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    pub(crate) ty: FuncType,
    pub(crate) id: StoreId,
}

impl Values {
    pub(crate) fn progressed(
        self,
        core: &Core,
        progress: Progress,
        slots: &[u64],
        results: &mut [Val],
    ) -> ResumableCall {
        match progress {
            Progress::Finished => {
                put_values(&self.ty, slots, results, core);
                ResumableCall::Finished
            }
            Progress::OutOfFuel { needed, stack } => {
                ResumableCall::OutOfFuel(ResumableOutOfFuel { needed, paused: Paused { stack, values: self } })
            }
            Progress::Waits { wait, stack } => {
                ResumableCall::Waiting(ResumableWaiting { wait, paused: Paused { stack, values: self } })
            }
            Progress::HostFailed { error, request, stack } => {
                let paused = Paused { stack, values: self };
                ResumableCall::HostTrap(ResumableHostTrap { error, request, paused })
            }
        }
    }

    pub(crate) fn typed<R: WasmResults>(
        self,
        core: &Core,
        progress: Progress,
        slots: &[u64; TYPED_SLOTS],
    ) -> TypedResumableCall<R> {
        match progress {
            Progress::Finished => TypedResumableCall::Finished(R::of_slots(slots, core)),
            Progress::OutOfFuel { needed, stack } => {
                let call = ResumableOutOfFuel { needed, paused: Paused { stack, values: self } };
                TypedResumableCall::OutOfFuel(TypedResumableOutOfFuel { call, results: PhantomData })
            }
            Progress::Waits { wait, stack } => {
                let call = ResumableWaiting { wait, paused: Paused { stack, values: self } };
                TypedResumableCall::Waiting(TypedResumableWaiting { call, results: PhantomData })
            }
            Progress::HostFailed { error, request, stack } => {
                let call = ResumableHostTrap { error, request, paused: Paused { stack, values: self } };
                TypedResumableCall::HostTrap(TypedResumableHostTrap { call, results: PhantomData })
            }
        }
    }
}

/// A call that stands still.
struct Paused {
    stack: StillStack,
    values: Values,
}

impl fmt::Debug for Paused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paused").field("ty", &self.values.ty).field("stack", &self.stack).finish()
    }
}

impl Paused {
    fn check<T>(&self, store: &Store<T>) -> Result<(), UsageError> {
        if self.values.id == store.core.id { Ok(()) } else { Err(UsageError::ForeignHandle) }
    }

    fn resume<T>(self, store: &mut Store<T>, next: &Next<'_>, results: &mut [Val]) -> Result<ResumableCall, Error> {
        self.check(store)?;
        let expected = self.values.ty.results().len();
        if results.len() != expected {
            return Err(UsageError::ResultCount { expected, found: results.len() }.into());
        }
        let mut slots = result_slots(&self.values.ty);
        let progress = proceed(store, Some(self.stack), next, &mut slots)?;
        Ok(self.values.progressed(&store.core, progress, &slots, results))
    }

    fn resume_typed<T, R: WasmResults>(
        self,
        store: &mut Store<T>,
        next: &Next<'_>,
    ) -> Result<TypedResumableCall<R>, Error> {
        self.check(store)?;
        let mut slots = [0; TYPED_SLOTS];
        let results = slots.get_mut(..R::SLOTS).unwrap_or_default();
        let progress = proceed(store, Some(self.stack), next, results)?;
        Ok(self.values.typed(&store.core, progress, &slots))
    }
}

/// A call that paused for want of fuel.
#[derive(Debug)]
pub struct ResumableOutOfFuel {
    needed: u64,
    paused: Paused,
}

impl ResumableOutOfFuel {
    /// How much fuel the store must have for the next step. What it has left counts.
    pub fn needed(&self) -> u64 {
        self.needed
    }

    /// The paused guest's frames, the running one first, in the canonical form that every engine agrees on.
    // @need-ids: REQ_SAFEPOINT_001
    pub fn state(&self, store: impl AsContext) -> Vec<FrameState> {
        let store = store.as_context().store;
        if self.paused.check(store).is_err() {
            return Vec::new();
        }
        crate::state::frames(&store.core.storage, &self.paused.stack)
    }

    /// Flips a bit of the state on purpose: the `bit`-th of its place, counted round and round. Whether there was one. For
    /// measuring what [`Strategy::Lockstep`](crate::Strategy::Lockstep) and verification levels find.
    // @need-ids: REQ_LOCKSTEP_002
    pub fn inject_fault(&mut self, mut store: impl AsContextMut, place: FaultPlace, bit: u64) -> bool {
        let store = store.as_context_mut().store;
        if self.paused.check(store).is_err() {
            return false;
        }
        let injected = match store.core.alone(&mut self.paused.stack) {
            Some(stack) => inject(store, stack, place, bit).is_some(),
            None => false,
        };
        store.core.share(&mut self.paused.stack);
        injected
    }

    /// Goes on. Without more fuel in the store, the call pauses again at once.
    ///
    /// # Errors
    /// As [`Func::call_resumable`]; [`UsageError`] for another store or the wrong room for results, which ends the call.
    // @need-ids: REQ_001, REQ_007
    pub fn resume(self, mut store: impl AsContextMut, results: &mut [Val]) -> Result<ResumableCall, Error> {
        self.paused.resume(store.as_context_mut().store, &Next::Resume, results)
    }
}

/// A call that waits on a shared memory (`memory.atomic.wait32` and `wait64`).
#[derive(Debug)]
pub struct ResumableWaiting {
    wait: Wait,
    paused: Paused,
}

impl ResumableWaiting {
    /// After how long the guest wants it to end by itself; `None` for never. Whose time that is, the host decides.
    pub fn timeout(&self) -> Option<Duration> {
        self.wait.timeout()
    }

    /// Whether another call of the store has notified it, so that it can go on.
    pub fn is_notified(&self) -> bool {
        self.wait.is_notified()
    }

    /// Ends the wait and goes on: with the result `ok` if it was notified, and otherwise as if its time were over. One that has no
    /// end by time and was not notified traps with [`Trap::Deadlock`](crate::Trap::Deadlock).
    ///
    /// # Errors
    /// As [`ResumableOutOfFuel::resume`].
    // @need-ids: REQ_THREADS_002, REQ_001
    pub fn end(self, mut store: impl AsContextMut, results: &mut [Val]) -> Result<ResumableCall, Error> {
        let store = store.as_context_mut().store;
        let (answer, paused) = self.answered(store)?;
        paused.resume(store, &answer, results)
    }

    /// How it goes on, unless that is a deadlock.
    fn answered<T>(self, store: &mut Store<T>) -> Result<(Next<'static>, Paused), Error> {
        self.paused.check(store)?;
        if self.wait.is_notified() || self.wait.timeout().is_some() {
            return Ok((Next::Answer(self.wait.result()), self.paused));
        }
        Err(give_up_wait(&mut store.core, self.paused.stack))
    }
}

/// A call that paused because a host function failed.
#[derive(Debug)]
pub struct ResumableHostTrap {
    error: Error,
    request: HostRequest,
    paused: Paused,
}

impl ResumableHostTrap {
    /// What the host function failed with.
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// The host function.
    pub fn host_func(&self, store: impl AsContext) -> Option<Func> {
        let store = store.as_context().store;
        self.paused.check(store).ok()?;
        store.host_func(self.request.func())
    }

    /// Goes on by calling the host function again, with the same arguments.
    ///
    /// # Errors
    /// As [`ResumableOutOfFuel::resume`].
    // @need-ids: REQ_001, REQ_ERROR_004
    pub fn resume(self, mut store: impl AsContextMut, results: &mut [Val]) -> Result<ResumableCall, Error> {
        self.paused.resume(store.as_context_mut().store, &Next::Retry(self.request), results)
    }

    /// Goes on as if the host function had returned `values`.
    ///
    /// # Errors
    /// As [`resume`](Self::resume); [`UsageError`] for values that the host function does not return, which ends the call.
    // @need-ids: REQ_001, REQ_ERROR_004
    pub fn resume_with(
        self,
        mut store: impl AsContextMut,
        values: &[Val],
        results: &mut [Val],
    ) -> Result<ResumableCall, Error> {
        let store = store.as_context_mut().store;
        self.paused.check(store)?;
        let slots = store.host_results(self.request.func(), values)?;
        self.paused.resume(store, &Next::Provide(self.request, &slots), results)
    }

    /// Gives the call up: the trap that [`Func::call`] would have ended with, with the guest's call stack.
    pub fn into_trap(self, mut store: impl AsContextMut) -> Error {
        let store = store.as_context_mut().store;
        match self.paused.check(store) {
            Ok(()) => abandon(&mut store.core, self.paused.stack, self.error),
            Err(error) => error.into(),
        }
    }

    /// Gives the call up, and keeps what the host function failed with.
    pub fn into_error(self) -> Error {
        self.error
    }
}

/// As [`ResumableOutOfFuel`], of a typed function.
#[derive(Debug)]
pub struct TypedResumableOutOfFuel<R> {
    call: ResumableOutOfFuel,
    results: PhantomData<fn() -> R>,
}

impl<R: WasmResults> TypedResumableOutOfFuel<R> {
    /// See [`ResumableOutOfFuel::needed`].
    pub fn needed(&self) -> u64 {
        self.call.needed
    }

    /// See [`ResumableOutOfFuel::state`].
    pub fn state(&self, store: impl AsContext) -> Vec<FrameState> {
        self.call.state(store)
    }

    /// See [`ResumableOutOfFuel::resume`].
    ///
    /// # Errors
    /// Those of [`ResumableOutOfFuel::resume`].
    // @need-ids: REQ_001, REQ_007
    pub fn resume(self, mut store: impl AsContextMut) -> Result<TypedResumableCall<R>, Error> {
        self.call.paused.resume_typed(store.as_context_mut().store, &Next::Resume)
    }
}

/// As [`ResumableWaiting`], of a typed function.
#[derive(Debug)]
pub struct TypedResumableWaiting<R> {
    call: ResumableWaiting,
    results: PhantomData<fn() -> R>,
}

impl<R: WasmResults> TypedResumableWaiting<R> {
    /// See [`ResumableWaiting::timeout`].
    pub fn timeout(&self) -> Option<Duration> {
        self.call.timeout()
    }

    /// See [`ResumableWaiting::is_notified`].
    pub fn is_notified(&self) -> bool {
        self.call.is_notified()
    }

    /// See [`ResumableWaiting::end`].
    ///
    /// # Errors
    /// Those of [`ResumableWaiting::end`].
    // @need-ids: REQ_THREADS_002, REQ_001
    pub fn end(self, mut store: impl AsContextMut) -> Result<TypedResumableCall<R>, Error> {
        let store = store.as_context_mut().store;
        let (answer, paused) = self.call.answered(store)?;
        paused.resume_typed(store, &answer)
    }
}

/// As [`ResumableHostTrap`], of a typed function.
#[derive(Debug)]
pub struct TypedResumableHostTrap<R> {
    call: ResumableHostTrap,
    results: PhantomData<fn() -> R>,
}

impl<R: WasmResults> TypedResumableHostTrap<R> {
    /// See [`ResumableHostTrap::error`].
    pub fn error(&self) -> &Error {
        &self.call.error
    }

    /// See [`ResumableHostTrap::host_func`].
    pub fn host_func(&self, store: impl AsContext) -> Option<Func> {
        self.call.host_func(store)
    }

    /// See [`ResumableHostTrap::into_error`].
    pub fn into_error(self) -> Error {
        self.call.into_error()
    }

    /// See [`ResumableHostTrap::resume`].
    ///
    /// # Errors
    /// Those of [`ResumableHostTrap::resume`].
    pub fn resume(self, mut store: impl AsContextMut) -> Result<TypedResumableCall<R>, Error> {
        self.call.paused.resume_typed(store.as_context_mut().store, &Next::Retry(self.call.request))
    }

    /// See [`ResumableHostTrap::resume_with`].
    ///
    /// # Errors
    /// Those of [`ResumableHostTrap::resume_with`].
    pub fn resume_with(self, mut store: impl AsContextMut, values: &[Val]) -> Result<TypedResumableCall<R>, Error> {
        let store = store.as_context_mut().store;
        self.call.paused.check(store)?;
        let slots = store.host_results(self.call.request.func(), values)?;
        self.call.paused.resume_typed(store, &Next::Provide(self.call.request, &slots))
    }

    /// See [`ResumableHostTrap::into_trap`].
    pub fn into_trap(self, store: impl AsContextMut) -> Error {
        self.call.into_trap(store)
    }
}

impl<T> Store<T> {
    /// The handle of a host function by its number.
    fn host_func(&self, number: u32) -> Option<Func> {
        let addr = self.host_addr(number)?;
        Some(Func(self.core.id.handle(addr)))
    }

    /// The slots of what a host function is to return.
    fn host_results(&self, number: u32, values: &[Val]) -> Result<Vec<u64>, Error> {
        let host = self.hosts.get(number as usize).ok_or_else(|| Error::internal("no such host function"))?;
        let results = host.ty.results();
        if values.len() != results.len() {
            return Err(UsageError::ResultCount { expected: results.len(), found: values.len() }.into());
        }
        check_types(&self.core, results, values)?;
        slots_of(values, &self.core)
    }
}
