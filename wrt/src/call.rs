//! Calls: the loop that answers what the machine asks for until a call ends or pauses.
//!
//! Host functions are called here, never from inside the machine. A host function that calls the guest again nests
//! another run of this loop on the native stack, and on the same guest stack above the slots of the host function; one
//! that is called step by step does not ([`reentry`]).

use crate::agents::Wait;
use crate::backtrace::{FrameInfo, TrapError};
use crate::detached::DetachedHosts;
use crate::error::Error;
use crate::host::{HostCall, HostCode};
use crate::logging::{debug, trace};
use crate::machine::Machine;
use crate::reentry;
use crate::standing::StillStack;
use crate::store::{Core, Store};
use crate::translate::translate;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use wrt_instructions::Trap;
use wrt_runtime::Outcome;
use wrt_runtime::execute::{Detail, Fault};
use wrt_runtime::heap::roots::{Outer, Pending};
use wrt_runtime::stack::CallState;
use wrt_runtime::stackless::DetachedCalls;
use wrt_safety::LimitExceeded;

/// A call of a host function that the guest waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HostRequest {
    pub(crate) func: u32,
    pub(crate) base: u32,
    /// First slot of what the function returned that it had called, where it is called again.
    pub(crate) returned: Option<u32>,
}

impl HostRequest {
    /// Number of the host function.
    pub(crate) const fn func(self) -> u32 {
        self.func
    }

    pub(crate) const fn pending(self) -> Pending {
        Pending { host: self.func, base: self.base }
    }
}

/// How a run ended, other than with an error.
pub(crate) enum Ended {
    Finished,
    OutOfFuel { needed: u64 },
    Waits(Wait),
    HostFailed { error: Error, request: HostRequest },
}

/// A call that did not end with an error.
pub(crate) enum Progress {
    Finished,
    OutOfFuel { needed: u64, stack: StillStack },
    HostFailed { error: Error, request: HostRequest, stack: StillStack },
    Waits { wait: Wait, stack: StillStack },
}

/// How a call goes on, or begins.
pub(crate) enum Next<'a> {
    /// With the function at an address, and arguments.
    Begin(u32, &'a [u64]),
    /// Where it paused.
    Resume,
    /// Where it waits, with what the operator gives.
    Answer(u32),
    /// With the host function that failed, called again.
    Retry(HostRequest),
    /// With results in place of those of the host function that failed.
    Provide(HostRequest, &'a [u64]),
}

/// Calls the function at `addr`; it cannot pause. Slots in, slots out, as many as its type says.
// @need-ids: REQ_018, REQ_003
pub(crate) fn call<T>(store: &mut Store<T>, addr: u32, args: &[u64], results: &mut [u64]) -> Result<(), Error> {
    let func = store.core.func(addr)?;
    deeper(store, |store| {
        if store.is_plain_host(func) {
            return call_host(store, func.index, args, results);
        }
        if store.core.active.is_some() {
            return call_nested(store, addr, args, results);
        }
        store.core.active = Some(store.core.take_stack()?);
        let result = call_guest(store, addr, args, results);
        if let Some(stack) = store.core.active.take() {
            store.core.give_stack(stack);
        }
        result
    })
}

/// Calls the guest while a call is in progress, on its stack.
#[inline(never)]
fn call_nested<T>(store: &mut Store<T>, addr: u32, args: &[u64], results: &mut [u64]) -> Result<(), Error> {
    let saved = enter(&mut store.core)?;
    let result = call_guest(store, addr, args, results);
    leave(&mut store.core, &saved);
    result
}

/// Runs `call` one level deeper on the native stack, as far as the limit allows.
// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_001
fn deeper<T, R>(store: &mut Store<T>, call: impl FnOnce(&mut Store<T>) -> Result<R, Error>) -> Result<R, Error> {
    let (limit, depth) = (store.limits().max_nested_calls, store.core.nested);
    // The outermost call is not nested.
    if depth > limit {
        return Err(LimitExceeded { key: "max-nested-calls", limit: limit.into(), wanted: depth.into() }.into());
    }
    store.core.nested = depth.saturating_add(1);
    let result = call(store);
    store.core.nested = depth;
    result
}

/// A call that may pause, on a stack of its own.
// @need-ids: REQ_001, REQ_003
pub(crate) fn proceed<T>(
    store: &mut Store<T>,
    stack: Option<StillStack>,
    next: &Next<'_>,
    results: &mut [u64],
) -> Result<Progress, Error> {
    if let Next::Begin(addr, args) = next {
        let func = store.core.func(*addr)?;
        if store.is_plain_host(func) {
            deeper(store, |store| call_host(store, func.index, args, results))?;
            return Ok(Progress::Finished);
        }
    }
    let mut stack = match stack {
        Some(still) => {
            let mut stack = store.core.stir(still)?;
            // It waits for no host function any more: where it stands still next is elsewhere.
            stack.set_pending(None);
            stack
        }
        None => store.core.take_stack()?,
    };
    let strategy = store.core.storage.strategy;
    if stack.machine != store.core.machines {
        stack.machine = store.core.machines;
        // A twin stands in the code of the machine that made it.
        stack.twin = None;
        let in_call = matches!(next, Next::Retry(_) | Next::Provide(..));
        translate(&mut store.core.storage, &mut stack, (strategy, in_call))?;
        store.core.machine.adopt(&mut store.core.storage, &mut stack, in_call)?;
    }
    deeper(store, |store| {
        let outer = store.core.active.replace(stack).map(|outer| store.core.still(outer));
        let ended = run_on(store, next, results);
        let outer = outer.map(|outer| store.core.stir(outer)).transpose()?;
        let stack = core::mem::replace(&mut store.core.active, outer);
        let Some(mut stack) = stack else { return Err(Error::internal("the stack is gone")) };
        match ended {
            Ok(Ended::OutOfFuel { needed }) => Ok(Progress::OutOfFuel { needed, stack: store.core.still(stack) }),
            Ok(Ended::HostFailed { error, request }) => {
                stack.set_pending(Some(request.pending()));
                Ok(Progress::HostFailed { error, request, stack: store.core.still(stack) })
            }
            Ok(Ended::Waits(wait)) => Ok(Progress::Waits { wait, stack: store.core.still(stack) }),
            Ok(Ended::Finished) => {
                store.core.give_stack(stack);
                Ok(Progress::Finished)
            }
            Err(error) => {
                store.core.give_stack(stack);
                Err(error)
            }
        }
    })
}

fn run_on<T>(store: &mut Store<T>, next: &Next<'_>, results: &mut [u64]) -> Result<Ended, Error> {
    let mut request = None;
    match next {
        Next::Begin(addr, args) => begin(&mut store.core, *addr, args)?,
        Next::Resume => {}
        Next::Answer(value) => store.core.answer(*value)?,
        Next::Retry(again) => request = Some(*again),
        Next::Provide(request, values) => put_slots(&mut store.core, request.base, values)?,
    }
    let ended = run(store, request)?;
    if matches!(ended, Ended::Finished) {
        read_results(&mut store.core, results)?;
    }
    Ok(ended)
}

/// Turns a wait that nobody ends into a trap.
pub(crate) fn give_up_wait(core: &mut Core, stack: StillStack) -> Error {
    end_with(core, stack, |core| trapped(core, TrapError::new(Trap::Deadlock.into()), false))
}

/// Turns a failed host call of a call that may pause into the trap that it would have been.
pub(crate) fn abandon(core: &mut Core, stack: StillStack, error: Error) -> Error {
    end_with(core, stack, |core| host_failed(core, error))
}

/// Ends a call that stands still with an error, which is made while it is the call in progress.
fn end_with(core: &mut Core, stack: StillStack, error: impl FnOnce(&mut Core) -> Error) -> Error {
    let stack = match core.stir(stack) {
        Ok(stack) => stack,
        Err(internal) => return internal,
    };
    let outer = core.active.replace(stack);
    let error = error(core);
    if let Some(stack) = core::mem::replace(&mut core.active, outer) {
        core.give_stack(stack);
    }
    error
}

/// What a nested call puts back when it ends.
struct Saved {
    state: CallState,
    twin: Option<CallState>,
    free: u32,
}

/// Makes the stack of the call in progress ready for another.
fn enter(core: &mut Core) -> Result<Saved, Error> {
    let stack = core.active.as_mut().ok_or_else(no_stack)?;
    let twin = stack.twin.as_ref().map(|twin| twin.state);
    let pending = stack.pending;
    stack.outer.push(Outer { state: stack.state, pending });
    if let (Some(stack), Some(state)) = (&mut stack.twin, twin) {
        stack.outer.push(Outer { state, pending });
    }
    Ok(Saved { state: stack.state, twin, free: stack.free })
}

fn leave(core: &mut Core, saved: &Saved) {
    let Some(stack) = &mut core.active else { return };
    let CallState { peak_frames, peak_slots, .. } = stack.state;
    stack.state = CallState { peak_frames, peak_slots, ..saved.state };
    stack.outer.pop();
    if let (Some(stack), Some(state)) = (&mut stack.twin, saved.twin) {
        stack.state = state;
        stack.outer.pop();
    }
    stack.free = saved.free;
}

/// Calls a function on the active stack. Most calls end where the engine stops first: what takes more is done elsewhere.
#[inline(always)]
fn call_guest<T>(store: &mut Store<T>, addr: u32, args: &[u64], results: &mut [u64]) -> Result<(), Error> {
    let core = &mut store.core;
    let mut detached = DetachedHosts::new(&store.hosts);
    if core.profiler.is_none()
        && let (Machine::Stackless(engine), Some(stack)) = (&mut core.machine, &mut core.active)
    {
        // Begun, run and read on one view of the stack.
        let base = stack.free;
        let mut view = stack.view();
        match engine.call(&mut core.storage, &mut view, (addr, base), args, &mut detached) {
            Ok(Outcome::Finished) => {
                return take_results(view.slots(view.state.base, results.len() as u32), results);
            }
            Ok(outcome) => {
                let failed = detached.failed;
                return finish_guest(store, (outcome, failed), results);
            }
            Err(Trap::CallStackExhausted) if stack.grow()? => {}
            Err(trap) => return Err(trap.into()),
        }
    }
    call_stepwise(store, addr, args, results)
}

/// The same of a call that is watched, of other engines, and where the stack had to grow first.
#[inline(never)]
fn call_stepwise<T>(store: &mut Store<T>, addr: u32, args: &[u64], results: &mut [u64]) -> Result<(), Error> {
    begin(&mut store.core, addr, args)?;
    let mut detached = DetachedHosts::new(&store.hosts);
    match step(&mut store.core, &mut detached)? {
        Outcome::Finished => read_results(&mut store.core, results),
        outcome => {
            let failed = detached.failed;
            finish_guest(store, (outcome, failed), results)
        }
    }
}

/// Goes on with a call that stopped with `outcome` before its end.
#[inline(never)]
fn finish_guest<T>(
    store: &mut Store<T>,
    (outcome, failed): (Outcome, Option<Error>),
    results: &mut [u64],
) -> Result<(), Error> {
    let mut stop = match provide(&mut store.core, outcome, failed)? {
        Some(stop) => stop,
        None => advance(store)?,
    };
    let ended = loop {
        match run_from(store, stop)? {
            // No other agent gets a turn before this call ends: a wait with an end has it now.
            Ended::Waits(wait) if wait.timeout().is_some() => {
                store.core.answer(wait.result())?;
                stop = advance(store)?;
            }
            ended => break ended,
        }
    };
    match ended {
        Ended::Finished => read_results(&mut store.core, results),
        Ended::Waits(_) => Err(trapped(&mut store.core, TrapError::new(Trap::Deadlock.into()), false)),
        Ended::OutOfFuel { .. } => {
            // It stands at a position: no operator has trapped, and what one before left there is not this place.
            if let Some(stack) = &mut store.core.active {
                stack.state.offset = None;
            }
            Err(trapped(&mut store.core, TrapError::new(Trap::FuelExhausted.into()), false))
        }
        Ended::HostFailed { error, .. } => Err(host_failed(&mut store.core, error)),
    }
}

pub(crate) fn no_stack() -> Error {
    Error::internal("no stack for the call")
}

/// Starts a call on the active stack, above what is in use there.
fn begin(core: &mut Core, addr: u32, args: &[u64]) -> Result<(), Error> {
    let stack = core.active.as_mut().ok_or_else(no_stack)?;
    let base = stack.free;
    loop {
        match core.machine.begin(&mut core.storage, stack, (addr, base), args) {
            Err(error) if is_exhausted(&error) && stack.grow()? => {}
            begun => return begun,
        }
    }
}

/// Whether a call did not fit.
pub(crate) fn is_exhausted(error: &Error) -> bool {
    error.trap().is_some_and(|trap| trap.trap() == Trap::CallStackExhausted)
}

/// Enlarges the stack of the call in progress.
fn enlarge_stack(core: &mut Core) -> Result<(), Error> {
    let grown = core.active.as_mut().ok_or_else(no_stack)?.grow()?;
    if grown { Ok(()) } else { Err(Error::internal("a stack that cannot grow was to grow")) }
}

fn read_results(core: &mut Core, results: &mut [u64]) -> Result<(), Error> {
    let fuel = core.machine.remaining_fuel();
    let stack = core.active.as_mut().ok_or_else(no_stack)?;
    stack.check_twin(stack.state.base, results.len() as u32, fuel)?;
    take_results(stack.slots_mut(stack.state.base, results.len()).map(|slots| &*slots), results)
}

#[inline(always)]
fn take_results(slots: Option<&[u64]>, results: &mut [u64]) -> Result<(), Error> {
    match (slots.ok_or_else(|| Error::internal("results outside of the stack"))?, results) {
        // Most functions have one: no routine of the C library for it.
        ([slot], [result]) => *result = *slot,
        (slots, results) => results.iter_mut().zip(slots).for_each(|(result, slot)| *result = *slot),
    }
    Ok(())
}

#[inline]
pub(crate) fn put_slots(core: &mut Core, base: u32, values: &[u64]) -> Result<(), Error> {
    let stack = core.active.as_mut().ok_or_else(no_stack)?;
    Ok(stack.put(base, values).ok_or(Trap::CallStackExhausted)?)
}

/// Runs the call on the active stack until it ends or cannot go on. A `request` is answered first.
fn run<T>(store: &mut Store<T>, request: Option<HostRequest>) -> Result<Ended, Error> {
    let stop = match request {
        Some(request) => Stop::Host(request),
        None => advance(store)?,
    };
    run_from(store, stop)
}

/// The same from where the engine has stopped.
fn run_from<T>(store: &mut Store<T>, mut stop: Stop) -> Result<Ended, Error> {
    let mut last = None;
    loop {
        match stop {
            Stop::Host(request) => match answer(store, request, &mut last) {
                Ok(None) => {}
                Ok(Some(trap)) => return Err(trapped(&mut store.core, TrapError::new(trap.into()), true)),
                Err(error) => return Ok(Ended::HostFailed { error, request }),
            },
            Stop::Ended(ended) => return Ok(ended),
        }
        stop = advance(store)?;
    }
}

/// What [`advance`] leaves to its caller.
enum Stop {
    Host(HostRequest),
    Ended(Ended),
}

/// Logs why the engine has stopped. Calls of the host are not among it: programs make millions.
// @need-ids: REQ_009
fn tell(outcome: &Outcome) {
    match outcome {
        Outcome::HostCall { .. } | Outcome::HostAgain { .. } | Outcome::Finished => {}
        Outcome::Trapped(trap) => debug!("trap {}: {trap}", trap.code()),
        Outcome::NeedsCode { instance, func } => trace!("instance {instance}: function {func} is lowered"),
        Outcome::NeedsMemory { instance, memory, bytes } => {
            debug!("instance {instance}: memory {memory} grows to {bytes} bytes");
        }
        Outcome::NeedsTable { instance, table, elements } => {
            debug!("instance {instance}: table {table} grows to {elements} elements");
        }
        other => trace!("{other:?}"),
    }
}

/// Runs on, providing code and room as they are asked for. A call of the host stays in registers.
#[inline(always)]
fn advance<T>(store: &mut Store<T>) -> Result<Stop, Error> {
    let mut detached = DetachedHosts::new(&store.hosts);
    let core = &mut store.core;
    loop {
        match step(core, &mut detached)? {
            Outcome::HostCall { func, base } if detached.failed.is_none() => {
                return Ok(Stop::Host(HostRequest { func, base, returned: None }));
            }
            Outcome::Finished => return Ok(Stop::Ended(Ended::Finished)),
            other => {
                if let Some(stop) = provide(core, other, detached.failed.take())? {
                    return Ok(stop);
                }
            }
        }
    }
}

/// Provides what is asked for, or says what the run stops for. A host function that the engine called itself may have `failed`.
#[cold]
fn provide(core: &mut Core, outcome: Outcome, failed: Option<Error>) -> Result<Option<Stop>, Error> {
    tell(&outcome);
    let ended = |ended: Ended| Ok(Some(Stop::Ended(ended)));
    let provided = match outcome {
        Outcome::Finished => return ended(Ended::Finished),
        Outcome::OutOfFuel { needed } => return ended(Ended::OutOfFuel { needed }),
        Outcome::HostCall { func, base } => {
            let request = HostRequest { func, base, returned: None };
            return match failed {
                None => Ok(Some(Stop::Host(request))),
                Some(error) => ended(Ended::HostFailed { error, request }),
            };
        }
        Outcome::HostAgain { func, base, results } => {
            return Ok(Some(Stop::Host(HostRequest { func, base, returned: Some(results) })));
        }
        Outcome::Trapped(trap) => {
            let info = core.active.as_ref().and_then(|stack| stack.state.trap);
            return Err(trapped(core, TrapError::new(info.unwrap_or_else(|| trap.into())), false));
        }
        Outcome::Wait { instance, memory, address, timeout } => match core.wait((instance, memory), address, timeout) {
            Ok(wait) => return ended(Ended::Waits(wait)),
            Err(error) => Err(error),
        },
        Outcome::Notify { instance, memory, address, count } => core.notify((instance, memory), address, count),
        Outcome::NeedsStack => enlarge_stack(core),
        Outcome::NeedsCode { instance, func } => core.storage.provide_code(instance, func),
        Outcome::NeedsMemory { instance, memory, bytes } => core.storage.enlarge_memory(instance, memory, bytes),
        Outcome::NeedsTable { instance, table, elements } => core.storage.enlarge_table(instance, table, elements),
        Outcome::NeedsHeap(wanted) => core.storage.heap.provide(wanted).map_err(Error::from),
        Outcome::Fault(Fault::Missing(what)) => Err(Error::internal(&format!("the store has no such {what}"))),
        Outcome::Fault(Fault::Integrity(rule)) => Err(match core.machine.take_divergence() {
            Some(divergence) => Error::Diverged(divergence),
            None => Error::internal(&format!("damaged machine state: {rule}")),
        }),
    };
    if provided.is_err() {
        unwind(core);
    }
    provided.map(|()| None)
}

/// Runs the machine until it asks for something.
#[inline(always)]
fn step(core: &mut Core, detached: &mut dyn DetachedCalls) -> Result<Outcome, Error> {
    let stack = core.active.as_mut().ok_or_else(no_stack)?;
    match core.profiler.as_mut().filter(|profiler| profiler.active) {
        Some(profiler) => {
            profiler.meet(&core.storage);
            core.machine.resume_observed(&mut core.storage, stack, &mut **profiler)
        }
        None => core.machine.resume(&mut core.storage, stack, detached),
    }
}

/// Most host functions have no more slots than this; theirs are copied to the native stack, without allocation.
const FEW_SLOTS: usize = 16;

/// `count` slots: in `few`, which are zeroes, or else in `many`.
#[inline(always)]
pub(crate) fn few_or_many<'s, const FEW: usize>(
    few: &'s mut [u64; FEW],
    many: &'s mut Vec<u64>,
    count: u32,
) -> &'s mut [u64] {
    if let Some(few) = few.get_mut(..count as usize) {
        return few;
    }
    many.resize(count as usize, 0);
    many
}

/// `count` zeroes for the slots of a host function, with `args` in the first of them.
#[inline(always)]
fn host_slots<'s>(few: &'s mut [u64; FEW_SLOTS], many: &'s mut Vec<u64>, count: u32, args: &[u64]) -> &'s mut [u64] {
    let slots = few_or_many(few, many, count);
    slots.iter_mut().zip(args).for_each(|(slot, arg)| *slot = *arg);
    slots
}

/// The host function that a run called last. Most are called again, and a handle that is kept is not counted anew.
struct LastHost<T> {
    func: u32,
    slots: (u32, u32),
    call: Arc<HostCall<T>>,
}

pub(crate) fn no_host() -> Error {
    Error::internal("no such host function")
}

/// Calls the host function that the guest asks for, and puts its results where the guest expects them. Returns the trap
/// of what it called in turn, where that could not even begin.
// @need-ids: REQ_WASM_002
#[inline(always)]
fn answer<T>(
    store: &mut Store<T>,
    request: HostRequest,
    last: &mut Option<LastHost<T>>,
) -> Result<Option<Trap>, Error> {
    let HostRequest { func, base, .. } = request;
    let LastHost { slots: (params, results), call, .. } = match last {
        Some(last) if last.func == func => last,
        _ => {
            let host = store.hosts.get(func as usize).ok_or_else(no_host)?;
            let HostCode::Plain(call) = &host.code else { return reentry::answer(store, request) };
            last.insert(LastHost { func, slots: host.slots, call: Arc::clone(call) })
        }
    };
    let (params, results) = (*params, *results);
    let count = params.max(results);
    let fuel = store.core.machine.remaining_fuel();
    let stack = store.core.active.as_mut().ok_or_else(no_stack)?;
    stack.check_twin(base, params, fuel)?;
    let instance = stack.state.caller();
    let (mut few, mut many) = ([0; FEW_SLOTS], Vec::new());
    let args = stack.slots_mut(base, params as usize).ok_or(Trap::CallStackExhausted)?;
    let slots = host_slots(&mut few, &mut many, count, args);
    let outer = stack.call_host(base.saturating_add(count), request.pending());
    let mark = store.core.storage.held.get_mut().mark();
    let result = call(store, instance, &mut *slots);
    store.core.storage.held.get_mut().release(mark);
    store.core.active.as_mut().ok_or_else(no_stack)?.back_from_host(outer);
    result?;
    put_slots(&mut store.core, base, slots.get(..results as usize).unwrap_or_default()).map(|()| None)
}

/// Calls a host function for the host itself.
fn call_host<T>(store: &mut Store<T>, func: u32, args: &[u64], results: &mut [u64]) -> Result<(), Error> {
    let host = store.hosts.get(func as usize).ok_or_else(no_host)?;
    let HostCode::Plain(call) = &host.code else { return Err(no_host()) };
    let ((params, returned), call) = (host.slots, Arc::clone(call));
    let (mut few, mut many) = ([0; FEW_SLOTS], Vec::new());
    let slots = host_slots(&mut few, &mut many, params.max(returned), args);
    call(store, None, &mut *slots)?;
    results.iter_mut().zip(slots.iter().take(returned as usize)).for_each(|(result, slot)| *result = *slot);
    Ok(())
}

fn unwind(core: &mut Core) {
    if let Some(stack) = &mut core.active {
        stack.unwind();
    }
}

/// Ends the call with what its host function failed with. A trap from further in stays that trap.
fn host_failed(core: &mut Core, error: Error) -> Error {
    let error = match error {
        Error::Trap(error) => *error,
        Error::Host(error) => TrapError::from_host(error),
        other => TrapError::from_host(Box::new(other)),
    };
    trapped(core, error, true)
}

/// Ends the call with a trap: notes where the guest was, then removes its frames. With `in_call` the innermost frame waits
/// for a host function, and stands behind its call.
fn trapped(core: &mut Core, mut error: TrapError, in_call: bool) -> Error {
    if let Detail::Type { expected, actual } = error.info.detail {
        let ty = |number| core.storage.func_type(number).cloned();
        error.set_types(ty(expected).zip(ty(actual)));
    }
    let limit = core.limits().max_backtrace_frames as usize;
    if let Some(stack) = &mut core.active {
        let strategy = stack.strategy;
        let view = stack.view();
        let (mut suspended, mut first) = (in_call, true);
        for position in view.positions() {
            if error.backtrace.frames.len() >= limit {
                error.truncated = true;
                break;
            }
            // A suspended frame stands behind its call.
            let pc = position.pc.wrapping_sub(u32::from(suspended));
            suspended = true;
            let Some(code) = core.storage.module_of(position.instance) else { continue };
            let Some((func, offset)) = core.storage.locate(strategy, position.instance, pc) else { continue };
            let running = first && !in_call;
            first = false;
            let offset = view.state.offset.filter(|_| running).map(|offset| offset as usize).or(offset);
            error.backtrace.frames.push(FrameInfo {
                instance: position.instance,
                module: code.module.name().map(ToString::to_string),
                func,
                name: code.func_name(func).map(ToString::to_string),
                offset,
            });
        }
    }
    unwind(core);
    error.into()
}
