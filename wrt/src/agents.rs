//! Agents: calls of one store that take turns on its shared memories, wait for each other and notify (threads proposal).
//!
//! One agent runs at a time, for a slice of fuel, and the next takes its turn in the order in which they were added. So what
//! a program of several agents does is decided by its input and the slice alone, on every engine and every machine: there are no
//! races to lose. Where all agents wait, the time of the store goes on at once to the earliest end of a wait; where no
//! wait ends by time, that is a deadlock, and a trap.

// @need-ids: REQ_THREADS_003

use crate::error::{Error, LimitError};
use crate::func::Func;
use crate::resumable::{ResumableCall, ResumableOutOfFuel, ResumableWaiting};
use crate::store::{AsContext, AsContextMut, Core};
use crate::value::Val;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use wrt_runtime::atomic::waited;
use wrt_safety::LimitExceeded;

/// A wait in progress: where, and whether it was notified.
#[derive(Debug)]
struct Waiter {
    memory: u32,
    address: u64,
    notified: Arc<AtomicBool>,
}

/// The waits of a store, the longest first.
#[derive(Debug, Default)]
pub(crate) struct Waiters(VecDeque<Waiter>);

/// A call's half of a wait. Given up when it is dropped.
#[derive(Debug)]
pub(crate) struct Wait {
    notified: Arc<AtomicBool>,
    timeout: Option<Duration>,
}

impl Wait {
    /// Nanoseconds after which it ends by itself.
    pub(crate) const fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    pub(crate) fn is_notified(&self) -> bool {
        self.notified.load(Ordering::Relaxed)
    }

    /// What the operator gives, if the wait ends now.
    pub(crate) fn result(&self) -> u32 {
        if self.is_notified() { waited::OK } else { waited::TIMED_OUT }
    }
}

impl Waiters {
    /// Ends up to `count` waits at `address` of a memory; how many.
    // @need-ids: REQ_THREADS_002
    fn notify(&mut self, memory: u32, address: u64, count: u32) -> u32 {
        let mut ended: u32 = 0;
        self.0.retain(|waiter| {
            // A call that was dropped is nobody who could wake.
            if Arc::strong_count(&waiter.notified) == 1 {
                return false;
            }
            if ended == count || (waiter.memory, waiter.address) != (memory, address) {
                return true;
            }
            waiter.notified.store(true, Ordering::Relaxed);
            ended = ended.saturating_add(1);
            false
        });
        ended
    }

    /// Begins a wait.
    // @need-ids: REQ_THREADS_002, REQ_LIMITS_001
    fn wait(&mut self, memory: u32, address: u64, timeout: i64, limit: u32) -> Result<Wait, Error> {
        self.0.retain(|waiter| Arc::strong_count(&waiter.notified) > 1);
        if self.0.len() >= limit as usize {
            let wanted = (self.0.len() as u64).saturating_add(1);
            return Err(LimitExceeded { key: "max-waiting-agents", limit: limit.into(), wanted }.into());
        }
        self.0.try_reserve(1).map_err(|_| LimitError::out_of_memory("a waiting agent", 1))?;
        let notified = Arc::new(AtomicBool::new(false));
        self.0.push_back(Waiter { memory, address, notified: Arc::clone(&notified) });
        Ok(Wait { notified, timeout: u64::try_from(timeout).ok().map(Duration::from_nanos) })
    }
}

impl Core {
    /// `memory.atomic.notify` of the call in progress.
    pub(crate) fn notify(&mut self, (instance, memory): (u32, u32), address: u64, count: u32) -> Result<(), Error> {
        let memory = self.storage.memory_addr(instance, memory).ok_or_else(|| Error::internal("no such memory"))?;
        let ended = self.waiters.notify(memory, address, count);
        self.answer(ended)
    }

    /// A wait of the call in progress.
    pub(crate) fn wait(&mut self, (instance, memory): (u32, u32), address: u64, timeout: i64) -> Result<Wait, Error> {
        let memory = self.storage.memory_addr(instance, memory).ok_or_else(|| Error::internal("no such memory"))?;
        let limit = self.limits().max_waiting_agents;
        self.waiters.wait(memory, address, timeout, limit)
    }

    /// Answers what the call in progress asked for.
    pub(crate) fn answer(&mut self, value: u32) -> Result<(), Error> {
        let stack = self.active.as_mut().ok_or_else(crate::call::no_stack)?;
        stack.answer(value);
        Ok(())
    }
}

/// Which of the agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgentId(u64);

/// Where an agent stands.
enum State {
    Begins(Func, Vec<Val>),
    Ready(ResumableOutOfFuel),
    /// Until the time of the group, in nanoseconds, if it ends by time.
    Waits(ResumableWaiting, Option<Duration>),
}

struct Agent {
    id: AgentId,
    results: Vec<Val>,
    state: State,
}

/// What came of a turn.
#[derive(Debug)]
pub enum Turn {
    /// An agent ran for its slice, or until it had to wait.
    Went(AgentId),
    /// An agent ended, with these results or this error.
    Ended(AgentId, Result<Vec<Val>, Error>),
    /// The store's fuel does not suffice for the next step of this agent.
    OutOfFuel(AgentId),
    /// There are no agents.
    Idle,
}

/// A group of agents that take turns in one store.
///
/// What is not an agent's call (a host function that calls the guest, [`Func::call`]) must not wait: nobody else would
/// get a turn, so a wait without an end traps, and one with an end ends at once.
///
/// ```
/// # fn main() -> Result<(), wrt::Error> {
/// use wrt::{Agents, Engine, Instance, Module, Store, Turn, Val};
/// let engine = Engine::default();
/// let module = Module::new(&engine, wat::parse_str(r#"(module (memory 1 1 shared)
///     (func (export "waits") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
///     (func (export "wakes") (result i32) (memory.atomic.notify (i32.const 0) (i32.const 1))))"#).expect("well-formed"))?;
/// let mut store = Store::new(&engine, ());
/// let instance = wrt::Linker::new(&engine).instantiate(&mut store, &module)?;
/// let mut agents = Agents::new(1_000);
/// for name in ["waits", "wakes"] {
///     let func = instance.get_func(&store, name).expect("it is exported");
///     agents.spawn(&store, func, &[])?;
/// }
/// let mut all = Vec::new();
/// loop {
///     match agents.turn(&mut store) {
///         Turn::Ended(_, results) => all.push(results?),
///         Turn::Idle => break,
///         Turn::Went(_) | Turn::OutOfFuel(_) => {}
///     }
/// }
/// assert_eq!(all, [[Val::I32(1)], [Val::I32(0)]]); // one was woken; 0 says that it was notified
/// # Ok(())
/// # }
/// ```
// @need-ids: REQ_THREADS_002, REQ_THREADS_003, REQ_007
pub struct Agents {
    all: VecDeque<Agent>,
    /// Units of fuel for a turn.
    slice: u64,
    /// How long it is since the group began, in the time that only passes while all wait.
    now: Duration,
    next: u64,
}

impl fmt::Debug for Agents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { all, slice, now, .. } = self;
        f.debug_struct("Agents").field("agents", &all.len()).field("slice", slice).field("now", now).finish()
    }
}

impl Agents {
    /// None yet. A turn has `slice` units of fuel, at least 1, or what one step costs, if that is more.
    pub const fn new(slice: u64) -> Self {
        let slice = if slice == 0 { 1 } else { slice };
        Self { all: VecDeque::new(), slice, now: Duration::ZERO, next: 0 }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Adds one, which calls `func` when it is its turn, after all that are there.
    ///
    /// # Errors
    /// As [`Func::call`] for arguments that do not fit, and for handles of another store.
    pub fn spawn(&mut self, store: impl AsContext, func: Func, args: &[Val]) -> Result<AgentId, Error> {
        let store = store.as_context().store;
        func.check_args(store, args)?;
        let results = func.ty(store).results().iter().map(|ty| Val::default_for(*ty).unwrap_or(Val::I32(0))).collect();
        let id = AgentId(self.next);
        self.next = self.next.wrapping_add(1);
        self.all.push_back(Agent { id, results, state: State::Begins(func, args.to_vec()) });
        Ok(id)
    }

    /// Takes an agent out of the group; its call ends where it stands. Whether it was there.
    pub fn remove(&mut self, id: AgentId) -> bool {
        let before = self.all.len();
        self.all.retain(|agent| agent.id != id);
        self.all.len() < before
    }

    /// Gives the next agent that can go on its turn.
    // @need-ids: REQ_THREADS_002, REQ_THREADS_003, REQ_003
    pub fn turn(&mut self, mut store: impl AsContextMut) -> Turn {
        let Some(index) = self.first_ready().or_else(|| self.pass_time()) else { return Turn::Idle };
        let Some(Agent { id, mut results, state }) = self.all.remove(index) else { return Turn::Idle };
        let context = store.as_context_mut();
        let (all, wanted) = (context.store.get_fuel(), needed(&state).max(self.slice));
        let slice = wanted.min(all);
        context.store.set_fuel(slice);
        let was_wait = matches!(state, State::Waits(..));
        let call = match state {
            State::Begins(func, args) => func.call_resumable(&mut *context.store, &args, &mut results),
            State::Ready(call) => call.resume(&mut *context.store, &mut results),
            State::Waits(call, _) => call.end(&mut *context.store, &mut results),
        };
        let used = slice.saturating_sub(context.store.get_fuel());
        context.store.set_fuel(all.saturating_sub(used));
        let (state, turn) = match call {
            Ok(ResumableCall::Finished) => return Turn::Ended(id, Ok(results)),
            Err(error) => return Turn::Ended(id, Err(error)),
            Ok(ResumableCall::HostTrap(call)) => return Turn::Ended(id, Err(call.into_trap(&mut *context.store))),
            Ok(ResumableCall::OutOfFuel(call)) => {
                // A wait that ended has gone on, even where the fuel did not suffice for a step.
                let dry = call.needed() > all.saturating_sub(used) && !was_wait;
                (State::Ready(call), if dry { Turn::OutOfFuel(id) } else { Turn::Went(id) })
            }
            Ok(ResumableCall::Waiting(call)) => {
                let until = call.timeout().map(|timeout| self.now.saturating_add(timeout));
                (State::Waits(call, until), Turn::Went(id))
            }
        };
        self.all.push_back(Agent { id, results, state });
        turn
    }

    /// The first in order that does not wait.
    fn first_ready(&self) -> Option<usize> {
        let now = self.now;
        self.all.iter().position(|agent| match &agent.state {
            State::Begins(..) | State::Ready(_) => true,
            State::Waits(call, until) => call.is_notified() || until.is_some_and(|until| until <= now),
        })
    }

    /// Where all wait: lets the time pass until the first wait ends by itself. Where none does, the first agent goes on,
    /// to trap.
    fn pass_time(&mut self) -> Option<usize> {
        let ends = |(index, agent): (usize, &Agent)| match agent.state {
            State::Waits(_, Some(until)) => Some((until, index)),
            _ => None,
        };
        match self.all.iter().enumerate().filter_map(ends).min() {
            Some((until, index)) => {
                self.now = until;
                Some(index)
            }
            None => (!self.all.is_empty()).then_some(0),
        }
    }
}

/// Fuel that the next step needs.
fn needed(state: &State) -> u64 {
    match state {
        State::Ready(call) => call.needed(),
        State::Begins(..) | State::Waits(..) => 0,
    }
}
