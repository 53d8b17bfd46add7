//! Host functions that call the guest without nesting: small state machines, which the driver calls step by step.
//!
//! Between two steps nothing of such a function is on the native stack. That it waits, for what, its state word and its
//! arguments are in the guest's frames and slots, where they pause, and are resumed, with the rest.

// @need-ids: REQ_REENTRY_001

use crate::call::{HostRequest, is_exhausted, no_host, no_stack, put_slots};
use crate::error::{Error, UsageError};
use crate::func::{Func, check_types};
use crate::host::{Caller, HostCode, HostFunc};
use crate::store::Store;
use crate::types::FuncType;
use crate::value::{Val, slots_of, values_of};
use alloc::sync::Arc;
use alloc::vec::Vec;
use wrt_instructions::Trap;
use wrt_runtime::stack::Waiting;

/// What a host function that is called step by step gets, besides the [`Caller`].
#[derive(Clone, Copy, Debug)]
pub struct HostEntry<'a> {
    /// The arguments that the guest gave, the same at every step.
    pub args: &'a [Val],
    /// The state word of the [`HostStep::CallGuest`] before; 0 when it is called first.
    pub state: u64,
    /// The results of the function that the step before called; `None` when it is called first.
    pub returned: Option<&'a [Val]>,
}

/// What a host function that is called step by step does next.
#[derive(Clone, Debug)]
pub enum HostStep {
    /// Returns these results to the guest.
    Return(Vec<Val>),
    /// Has a function called, and is then called again with its results.
    CallGuest {
        /// The function, a guest's or the host's.
        func: Func,
        /// Its arguments.
        args: Vec<Val>,
        /// What the next step is told ([`HostEntry::state`]). More than a word belongs into the store's data.
        state: u64,
    },
}

/// A host function that is called step by step.
pub(crate) type HostSteps<T> = dyn Fn(Caller<'_, T>, HostEntry<'_>) -> Result<HostStep, Error> + Send + Sync;

impl<T> HostFunc<T> {
    /// A function that is called step by step.
    pub(crate) fn steps(
        ty: FuncType,
        steps: impl Fn(Caller<'_, T>, HostEntry<'_>) -> Result<HostStep, Error> + Send + Sync + 'static,
    ) -> Self {
        Self { slots: ty.slots(), ty, code: HostCode::Steps(Arc::new(steps)), detached: None }
    }
}

/// Calls a step of the host function that the guest asks for, and does what it says. Returns the trap of a function that
/// could not be entered: the guest's, as if it had trapped later.
// @need-ids: REQ_REENTRY_001, REQ_WASM_002
pub(crate) fn answer<T>(store: &mut Store<T>, request: HostRequest) -> Result<Option<Trap>, Error> {
    let mark = store.core.storage.held.get_mut().mark();
    let answered = answer_step(store, request);
    store.core.storage.held.get_mut().release(mark);
    answered
}

fn answer_step<T>(store: &mut Store<T>, request: HostRequest) -> Result<Option<Trap>, Error> {
    let HostRequest { func: number, base, returned } = request;
    let host = store.hosts.get(number as usize).ok_or_else(no_host)?;
    let HostCode::Steps(steps) = &host.code else { return Err(no_host()) };
    let (steps, ty, count) = (Arc::clone(steps), host.ty.clone(), host.slots.0);
    let args: Vec<_> = values_of(ty.params(), slots(store, base, count)?, &store.core).collect();
    let fuel = store.core.machine.remaining_fuel();
    store.core.active.as_ref().ok_or_else(no_stack)?.check_twin(base, count, fuel)?;
    let (mut state, mut results, mut free) = (0, None, base.saturating_add(count));
    if let Some(first) = returned {
        let frame = slots(store, base, first.saturating_sub(base))?;
        let waiting = Waiting::from_slots(frame).ok_or_else(|| Error::internal("a host function without its words"))?;
        let callee = store.func_type(waiting.callee)?;
        let length = callee.slots().1;
        (state, free) = (waiting.state, first.saturating_add(length));
        results = Some(values_of(callee.results(), slots(store, first, length)?, &store.core).collect::<Vec<_>>());
    }
    let stack = store.core.active.as_mut().ok_or_else(no_stack)?;
    let instance = stack.state.caller();
    // Arguments and results stay where they are while the step runs, whatever it calls natively: it may be tried again.
    let outer = stack.call_host(free, request.pending());
    let step = steps(Caller { store, instance }, HostEntry { args: &args, state, returned: results.as_deref() });
    store.core.active.as_mut().ok_or_else(no_stack)?.back_from_host(outer);
    match step? {
        HostStep::Return(results) => {
            if results.len() != ty.results().len() {
                return Err(UsageError::ResultCount { expected: ty.results().len(), found: results.len() }.into());
            }
            check_types(&store.core, ty.results(), &results)?;
            let results = slots_of(&results, &store.core)?;
            put_slots(&mut store.core, base, &results).map(|()| None)
        }
        HostStep::CallGuest { func, args, state } => {
            let callee = func.check_args(store, &args)?;
            let waiting = Waiting { host: number, callee, state };
            let args = slots_of(&args, &store.core)?;
            let core = &mut store.core;
            let stack = core.active.as_mut().ok_or_else(no_stack)?;
            loop {
                let entered = core.machine.reenter(&mut core.storage, stack, ((base, count), waiting), &args);
                match entered {
                    Err(error) if is_exhausted(&error) && stack.grow()? => {}
                    Err(error) => return error.trap().map(|trap| Some(trap.trap())).ok_or(error),
                    Ok(()) => return Ok(None),
                }
            }
        }
    }
}

/// Slots of the call in progress.
fn slots<T>(store: &Store<T>, first: u32, count: u32) -> Result<&[u64], Error> {
    let stack = store.core.active.as_ref().ok_or_else(no_stack)?;
    let slots = stack.slots(first, first.saturating_add(count));
    if slots.len() == count as usize { Ok(slots) } else { Err(Trap::CallStackExhausted.into()) }
}
