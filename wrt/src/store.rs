//! Stores: where instances live, with the machine that runs them and its fuel.

// @need-ids: REQ_RESOURCE_003, REQ_LIMITS_002

use crate::Engine;
use crate::agents::Waiters;
use crate::config::{Strategy, in_range};
use crate::error::{Error, LimitError, UsageError};
use crate::host::{HostCode, HostFunc};
use crate::lockstep::{Difference, Divergence};
use crate::machine::Machine;
use crate::profile::{Profile, Profiler};
use crate::storage::StoreStorage;
use crate::types::{FuncType, Scope};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};
use wrt_runtime::Stack;
use wrt_runtime::heap::roots::{CallView, Code, Outer, Pending};
use wrt_runtime::instantiate::Allocate;
use wrt_runtime::instr::WINDOW_SLOTS;
use wrt_runtime::stack::{self, CallState, Frame, Positions};
use wrt_runtime::stackless::Stats as EngineStats;
use wrt_runtime::storage::{FuncInst, HOST, Storage};
use wrt_safety::{LimitExceeded, Limits};
use zerocopy::FromZeros;

/// Which store a handle belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StoreId(usize);

impl StoreId {
    /// No store has this one.
    pub(crate) const NOWHERE: Self = Self(0);

    /// A new one: of a store, or of a module, whose types have handles too.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) const fn handle(self, addr: u32) -> Handle {
        Handle { store: self, addr }
    }
}

/// An address in a store, which knows its store: a handle of another one is refused, never misread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Handle {
    store: StoreId,
    addr: u32,
}

impl Handle {
    /// The address, in that store.
    pub(crate) fn addr(self, id: StoreId) -> Result<u32, UsageError> {
        if self.store == id { Ok(self.addr) } else { Err(UsageError::ForeignHandle) }
    }

    /// The address, whatever the store: for showing.
    pub(crate) const fn number(self) -> u32 {
        self.addr
    }
}

/// The stack of one call from outside: slots, frames, and the rest of the state.
pub(crate) struct StackMemory {
    slots: Vec<u64>,
    frames: Vec<Frame>,
    pub(crate) state: CallState,
    /// Whose positions its frames have.
    pub(crate) strategy: Strategy,
    /// Which of its store's machines ran it last: the number in [`Core::machines`].
    pub(crate) machine: u64,
    /// The same call as the other engine of two in lock-step has it.
    pub(crate) twin: Option<Box<StackMemory>>,
    max_frames: u32,
    /// The most slots and frames, pads and marks included.
    most: [usize; 2],
    /// Whether it has less than that.
    growable: bool,
    /// The first slot above the host function that runs on top, where a nested call may begin.
    pub(crate) free: u32,
    /// The host function that runs on top, or failed there.
    pub(crate) pending: Option<Pending>,
    /// What stands still below a nested call.
    pub(crate) outer: Vec<Outer>,
}

impl fmt::Debug for StackMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { slots, frames, state, .. } = self;
        f.debug_struct("StackMemory")
            .field("slots", &slots.len())
            .field("frames", &frames.len())
            .field("state", state)
            .finish_non_exhaustive()
    }
}

impl StackMemory {
    /// What a stack begins with, in slots and frames: more than most calls use, and little enough that the first call of a
    /// store costs nothing to speak of.
    const FIRST: [usize; 2] = [320, 16];

    fn new(limits: &Limits) -> Result<Self, LimitError> {
        let slots = (limits.max_slots as usize).saturating_add(WINDOW_SLOTS);
        // Marks for calls from outside and for each change of instance, of which there can be one a frame, or two where
        // host functions wait for each other.
        let frames = (limits.max_frames as usize).saturating_mul(3).saturating_add(16);
        let most = [slots, frames.saturating_add(limits.max_nested_calls as usize)];
        let (slots, frames) = (Vec::new(), Vec::new());
        let (state, strategy, max_frames) = (CallState::IDLE, Strategy::default(), limits.max_frames);
        let mut new = Self {
            slots,
            frames,
            state,
            strategy,
            machine: 0,
            twin: None,
            max_frames,
            most,
            growable: true,
            free: 0,
            pending: None,
            outer: Vec::new(),
        };
        new.enlarge(Self::FIRST)?;
        Ok(new)
    }

    /// Another of the same contents, without a twin.
    pub(crate) fn copy(&self) -> Self {
        let Self { state, strategy, machine, max_frames, most, growable, free, pending, .. } = *self;
        let (slots, frames, outer) = (self.slots.clone(), self.frames.clone(), self.outer.clone());
        let twin = None;
        Self { slots, frames, state, strategy, machine, twin, max_frames, most, growable, free, pending, outer }
    }

    /// Removes the frames of the innermost call from outside.
    pub(crate) fn unwind(&mut self) {
        self.view().unwind();
        if let Some(twin) = &mut self.twin {
            twin.view().unwind();
        }
    }

    /// Answers the operator that asked for it.
    pub(crate) fn answer(&mut self, value: u32) {
        if let Some(twin) = &mut self.twin {
            twin.answer(value);
        }
        self.view().answer(value);
    }

    /// Puts values into slots from `base` on; `None` where they do not fit.
    #[inline]
    pub(crate) fn put(&mut self, base: u32, values: &[u64]) -> Option<()> {
        if let Some(twin) = &mut self.twin {
            twin.put(base, values)?;
        }
        self.slots_mut(base, values.len())?.copy_from_slice(values);
        Some(())
    }

    /// Compares the `count` slots from `base` on with the twin's: what leaves the guest.
    ///
    /// # Errors
    /// [`Error::Diverged`] for the first that differs.
    // @need-ids: REQ_LOCKSTEP_001
    #[inline]
    pub(crate) fn check_twin(&self, base: u32, count: u32, fuel: u64) -> Result<(), Error> {
        self.twin.as_ref().map_or(Ok(()), |twin| self.compare(twin, base, count, fuel))
    }

    fn compare(&self, twin: &Self, base: u32, count: u32, fuel: u64) -> Result<(), Error> {
        let end = base.saturating_add(count);
        let mut both = self.slots(base, end).iter().zip(twin.slots(base, end)).enumerate();
        match both.find(|(_, (found, expected))| found != expected) {
            None => Ok(()),
            Some((slot, (found, expected))) => {
                let difference = Difference::Passed { slot, found: *found, expected: *expected };
                Err(Error::Diverged(Box::new(Divergence { difference, fuel })))
            }
        }
    }

    /// All its slots and frames, for faults on purpose.
    pub(crate) fn all_mut(&mut self) -> (&mut [u64], &mut [Frame], &mut CallState) {
        (&mut self.slots, &mut self.frames, &mut self.state)
    }

    /// Twice as large as it is, as far as the limits allow; whether it is larger now.
    // @need-ids: REQ_STACK_GROWTH_001, REQ_LIMITS_001
    pub(crate) fn grow(&mut self) -> Result<bool, LimitError> {
        if !self.growable {
            return Ok(false);
        }
        self.enlarge([self.slots.len(), self.frames.len()].map(|length| length.saturating_mul(2)))?;
        Ok(true)
    }

    /// Makes room for so many slots and frames, as far as the limits allow.
    fn enlarge(&mut self, wanted: [usize; 2]) -> Result<(), LimitError> {
        let ([slots, frames], [most_slots, most_frames]) = (wanted, self.most);
        let (slots, frames) = (slots.min(most_slots), frames.min(most_frames));
        let full = |what, count: usize| LimitError::out_of_memory(what, (count as u64).saturating_mul(8));
        if self.slots.is_empty() {
            // Zeroes from the allocator: the compiler makes a loop of `resize`, which is felt in the first call of a store.
            self.slots = u64::new_vec_zeroed(slots).map_err(|_| full("stack slots", slots))?;
        }
        let more = slots.saturating_sub(self.slots.len());
        self.slots.try_reserve_exact(more).map_err(|_| full("stack slots", slots))?;
        self.slots.resize(slots, 0);
        let more = frames.saturating_sub(self.frames.len());
        self.frames.try_reserve_exact(more).map_err(|_| full("stack frames", frames))?;
        self.frames.resize(frames, Frame::default());
        self.growable = [slots, frames] != self.most;
        Ok(())
    }

    /// Where its guest frames stand, the running one first.
    pub(crate) fn positions(&self) -> Positions<'_> {
        stack::positions(&self.frames, &self.state)
    }

    /// Gives a guest frame another position.
    pub(crate) fn set_position(&mut self, record: Option<u32>, pc: u32) {
        match record {
            None => self.state.pc = pc,
            Some(record) => {
                if let Some(frame) = self.frames.get_mut(record as usize) {
                    frame.pc = pc;
                }
            }
        }
    }

    /// The slots from `start` up to `end`.
    pub(crate) fn slots(&self, start: u32, end: u32) -> &[u64] {
        self.slots.get(start as usize..end as usize).unwrap_or_default()
    }

    /// `count` slots from `start` on, to change.
    #[inline]
    pub(crate) fn slots_mut(&mut self, start: u32, count: usize) -> Option<&mut [u64]> {
        self.slots.get_mut(start as usize..(start as usize).checked_add(count)?)
    }

    /// A host function runs on top, and needs the slots below `free`. What to give back when it is done.
    #[inline]
    pub(crate) fn call_host(&mut self, free: u32, pending: Pending) -> (u32, Option<Pending>) {
        let outer = (core::mem::replace(&mut self.free, free), self.pending);
        self.set_pending(Some(pending));
        outer
    }

    /// The host function that ran on top is done.
    #[inline]
    pub(crate) fn back_from_host(&mut self, (free, pending): (u32, Option<Pending>)) {
        self.free = free;
        self.set_pending(pending);
    }

    /// Says which host function it waits for.
    #[inline]
    pub(crate) fn set_pending(&mut self, pending: Option<Pending>) {
        self.pending = pending;
        if let Some(twin) = &mut self.twin {
            twin.pending = pending;
        }
    }

    /// The view that engines take.
    pub(crate) fn view(&mut self) -> Stack<'_> {
        let stack = Stack::new(&mut self.slots, &mut self.frames, self.max_frames, &mut self.state);
        stack.growable(self.growable).above(&self.outer)
    }

    /// What a collection looks at, of a call that stands still.
    pub(crate) fn call_view(&self) -> CallView<'_> {
        let code = match self.strategy.positions() {
            Strategy::Traditional => Code::Bytecode,
            Strategy::Stackless | Strategy::Lockstep => Code::Register,
        };
        let Self { slots, frames, state, outer, pending, .. } = self;
        CallView { slots, frames, state, outer, pending: *pending, code }
    }

    /// The same of a call that was dropped.
    pub(crate) const fn empty_view<'a>() -> CallView<'a> {
        let state = &CallState::IDLE;
        CallView { slots: &[], frames: &[], state, outer: &[], pending: None, code: Code::Register }
    }
}

/// What a store counted.
// @need-ids: REQ_012
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// What its machine counted about itself.
    pub engine: EngineStats,
    /// Units of fuel used since it was last set.
    pub fuel_consumed: u64,
    /// Most frames in use at once, as far as profiled.
    pub peak_frames: u32,
    /// Most slots in use at once, as far as profiled.
    pub peak_slots: u32,
    /// Greatest size of all memories together, in bytes.
    pub peak_memory: u64,
}

/// The value behind an `externref`.
pub(crate) type ExternValue = Arc<dyn Any + Send + Sync>;

/// Everything of a store but the host's part of it, so that most code is compiled once for all `T`.
pub struct Core {
    pub(crate) id: StoreId,
    pub(crate) engine: Engine,
    pub(crate) machine: Machine,
    /// How many it had before: each change of the strategy makes another.
    pub(crate) machines: u64,
    /// What engines counted that ran before.
    earlier: EngineStats,
    pub(crate) storage: StoreStorage,
    /// A stack not in use: in most stores there is no other.
    spare: Option<Box<StackMemory>>,
    /// Further stacks not in use.
    #[allow(clippy::vec_box, reason = "a box moves in and out, its contents do not")]
    pool: Vec<Box<StackMemory>>,
    /// The stack of the call in progress.
    pub(crate) active: Option<Box<StackMemory>>,
    /// How many calls stand on the native stack.
    pub(crate) nested: u32,
    /// What the fuel was last set to.
    fuel_set: u64,
    pub(crate) externs: Vec<ExternValue>,
    /// Calls that wait on shared memories.
    pub(crate) waiters: Waiters,
    pub(crate) profiler: Option<Box<Profiler>>,
    peak_frames: u32,
    peak_slots: u32,
}

impl Core {
    fn new(engine: &Engine, limits: Limits) -> Self {
        let id = StoreId::new();
        let storage = StoreStorage::new(limits, id, engine.strategy());
        let mut machine = Machine::new(engine.verification(), &storage);
        machine.set_fuel(u64::MAX);
        Self {
            id,
            engine: engine.clone(),
            machine,
            machines: 0,
            earlier: EngineStats::default(),
            storage,
            spare: None,
            pool: Vec::new(),
            active: None,
            nested: 0,
            fuel_set: u64::MAX,
            externs: Vec::new(),
            waiters: Waiters::default(),
            profiler: None,
            peak_frames: 0,
            peak_slots: 0,
        }
    }

    /// The store's limits.
    pub(crate) fn limits(&self) -> &Limits {
        self.storage.limits()
    }

    /// A stack with nothing on it.
    pub(crate) fn take_stack(&mut self) -> Result<Box<StackMemory>, Error> {
        let mut stack = match self.spare.take().or_else(|| self.pool.pop()) {
            Some(stack) => stack,
            None => Box::new(StackMemory::new(self.limits())?),
        };
        (stack.strategy, stack.machine) = (self.storage.strategy, self.machines);
        Ok(stack)
    }

    /// Takes a stack back whose call ended.
    pub(crate) fn give_stack(&mut self, mut stack: Box<StackMemory>) {
        self.note_peaks(&stack);
        stack.state = CallState::IDLE;
        stack.twin = None;
        stack.free = 0;
        stack.pending = None;
        stack.outer.clear();
        match &self.spare {
            None => self.spare = Some(stack),
            Some(_) => self.pool.push(stack),
        }
    }

    pub(crate) fn note_peaks(&mut self, stack: &StackMemory) {
        // Seldom: most calls are not the largest so far.
        if stack.state.peak_frames > self.peak_frames {
            self.peak_frames = stack.state.peak_frames;
        }
        if stack.state.peak_slots > self.peak_slots {
            self.peak_slots = stack.state.peak_slots;
        }
    }

    /// What types are named in.
    pub(crate) fn scope(&self) -> Scope<'_> {
        self.storage.scope()
    }

    /// A function's number of host function, if it is one.
    pub(crate) fn func(&self, addr: u32) -> Result<FuncInst, Error> {
        self.storage.func(addr).ok_or_else(|| Error::internal("a handle to no function"))
    }

    /// Notes a value of the host; the number that stands for it.
    // @need-ids: REQ_LIMITS_001
    pub(crate) fn add_extern(&mut self, value: ExternValue) -> Result<u32, Error> {
        let limit = u64::from(self.limits().max_extern_refs);
        let wanted = (self.externs.len() as u64).saturating_add(1);
        if wanted > limit {
            return Err(LimitExceeded { key: "max-extern-refs", limit, wanted }.into());
        }
        self.externs.try_reserve(1).map_err(|_| LimitError::out_of_memory("references", 0))?;
        let number = u32::try_from(self.externs.len()).map_err(|_| Error::internal("too many references"))?;
        self.externs.push(value);
        Ok(number)
    }

    /// Refuses one more thing where `used` of `key` are as many as `limit` allows.
    pub(crate) fn one_more(key: &'static str, limit: u32, used: u32) -> Result<(), Error> {
        if used < limit {
            return Ok(());
        }
        Err(LimitExceeded { key, limit: u64::from(limit), wanted: u64::from(used).saturating_add(1) }.into())
    }
}

/// Where instances, functions, memories, tables and globals live (core 4.2.5), with the host's data `T`.
///
/// A store has one machine: one call runs at a time, with the store's fuel and under its limits. Nothing in it
/// is given back before the store is.
pub struct Store<T> {
    pub(crate) core: Core,
    pub(crate) hosts: Vec<HostFunc<T>>,
    /// The address of each.
    host_addrs: Vec<u32>,
    /// Addresses of the host functions that linkers brought, by identity.
    shared_hosts: BTreeMap<usize, u32>,
    pub(crate) data: T,
}

impl<T: fmt::Debug> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("data", &self.data).field("stats", &self.stats()).finish_non_exhaustive()
    }
}

impl<T> Store<T> {
    /// An empty store, with its engine's limits.
    pub fn new(engine: &Engine, data: T) -> Self {
        Self::with_limits(engine, data, *engine.limits())
    }

    /// An empty store with limits of its own. What modules may be is still bounded by their engine's.
    ///
    /// A limit above the most that it can be is taken as that most. Limits of a store never change, so that what a guest may do
    /// does not depend on when it does it.
    ///
    /// ```
    /// # use wrt::{Engine, Limits, Memory, MemoryType, Store};
    /// let engine = Engine::default();
    /// let small = Limits { max_memory_bytes: 64 << 10, ..*engine.limits() };
    /// let mut store = Store::with_limits(&engine, (), small);
    /// let memory = Memory::new(&mut store, MemoryType::new(1, None)).expect("one page is allowed");
    /// assert!(memory.grow(&mut store, 1).is_err());
    /// ```
    // @need-ids: REQ_LIMITS_002
    pub fn with_limits(engine: &Engine, data: T, limits: Limits) -> Self {
        let core = Core::new(engine, in_range(limits));
        Self { core, hosts: Vec::new(), host_addrs: Vec::new(), shared_hosts: BTreeMap::new(), data }
    }

    /// The host's data.
    pub fn data(&self) -> &T {
        &self.data
    }

    /// The host's data, to change.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.data
    }

    /// The host's data, out of the store.
    pub fn into_data(self) -> T {
        self.data
    }

    /// The engine it was made with.
    pub fn engine(&self) -> &Engine {
        &self.core.engine
    }

    /// Its limits.
    pub fn limits(&self) -> &Limits {
        self.core.limits()
    }

    /// Sets the fuel left, in units of the fuel schedule. `u64::MAX`, as in a new store, is as good as unlimited.
    // @need-ids: REQ_007, REQ_RESOURCE_004
    pub fn set_fuel(&mut self, fuel: u64) {
        self.core.fuel_set = fuel;
        self.core.machine.set_fuel(fuel);
    }

    /// Adds to the fuel left; what was consumed so far stays counted. Stops at `u64::MAX`.
    // @need-ids: REQ_007
    pub fn add_fuel(&mut self, fuel: u64) {
        let left = self.get_fuel().saturating_add(fuel);
        let added = left.saturating_sub(self.get_fuel());
        self.core.fuel_set = self.core.fuel_set.saturating_add(added);
        self.core.machine.set_fuel(left);
    }

    /// The fuel left, in units of the fuel schedule.
    pub fn get_fuel(&self) -> u64 {
        self.core.machine.remaining_fuel()
    }

    /// Units of fuel used since it was last set, or since the store was made. Counted whether or not it is limited.
    pub fn fuel_consumed(&self) -> u64 {
        self.core.fuel_set.saturating_sub(self.get_fuel())
    }

    /// Which engine runs calls.
    pub fn strategy(&self) -> Strategy {
        self.core.storage.strategy
    }

    /// Lets another engine run calls from now on, those among them that are paused: they go on where they stand, with
    /// the same results, traps and fuel. Functions that it has not run before are made ready when it comes to them.
    // @need-ids: REQ_ONE_STATE_001, REQ_TRADITIONAL_001
    pub fn set_strategy(&mut self, strategy: Strategy) {
        let core = &mut self.core;
        if core.storage.strategy == strategy {
            return;
        }
        core.storage.strategy = strategy;
        core.machines = core.machines.saturating_add(1);
        let fuel = core.machine.remaining_fuel();
        core.earlier = core.earlier.plus(core.machine.stats());
        core.machine = Machine::new(core.engine.verification(), &core.storage);
        core.machine.set_fuel(fuel);
    }

    /// What the store counted so far.
    pub fn stats(&self) -> Stats {
        let core = &self.core;
        Stats {
            engine: core.earlier.plus(core.machine.stats()),
            fuel_consumed: self.fuel_consumed(),
            peak_frames: core.peak_frames,
            peak_slots: core.peak_slots,
            peak_memory: core.storage.memories.iter().map(|memory| memory.metrics.peak_bytes() as u64).sum(),
        }
    }

    /// Starts or stops profiling. Calls made from then on are observed: slower, and the same in every other way. What was
    /// counted is kept until profiling is started anew.
    // @need-ids: REQ_012
    pub fn set_profiling(&mut self, on: bool) {
        match (&mut self.core.profiler, on) {
            (Some(profiler), false) => profiler.active = false,
            (profiler, true) => *profiler = Some(Box::new(Profiler::new())),
            (None, false) => {}
        }
    }

    /// What profiling counted; empty where it never was on.
    pub fn profile(&self) -> Profile {
        self.core.profiler.as_ref().map(|profiler| profiler.profile(&self.core.storage)).unwrap_or_default()
    }

    /// Adds a host function; its address.
    pub(crate) fn add_host(&mut self, host: HostFunc<T>) -> Result<u32, Error> {
        let limit = self.limits().max_functions;
        let storage = &mut self.core.storage;
        Core::one_more("max-functions", limit, storage.usage().funcs)?;
        let full = LimitError::out_of_memory("functions", 0);
        let ty = storage.type_number(&host.ty)?;
        let index = u32::try_from(self.hosts.len()).map_err(|_| full)?;
        let addr = storage.add_func(FuncInst { ty, instance: HOST, index }).map_err(|_| full)?;
        self.hosts.push(host);
        self.host_addrs.push(addr);
        Ok(addr)
    }

    /// The address of a linker's host function, which is added on first use. The store keeps the function, so its
    /// identity stays its own.
    pub(crate) fn share_host(&mut self, host: &HostFunc<T>) -> Result<u32, Error> {
        let identity = host.identity();
        if let Some(addr) = self.shared_hosts.get(&identity) {
            return Ok(*addr);
        }
        let addr = self.add_host(host.clone())?;
        self.shared_hosts.insert(identity, addr);
        Ok(addr)
    }

    /// Whether a function is one of the host's that is called at once.
    pub(crate) fn is_plain_host(&self, func: FuncInst) -> bool {
        let host = if func.instance == HOST { self.hosts.get(func.index as usize) } else { None };
        host.is_some_and(|host| matches!(host.code, HostCode::Plain(_)))
    }

    /// The address of a host function by its number.
    pub(crate) fn host_addr(&self, number: u32) -> Option<u32> {
        self.host_addrs.get(number as usize).copied()
    }

    pub(crate) fn func_type(&self, addr: u32) -> Result<&FuncType, Error> {
        self.core.storage.type_of_func(addr).ok_or_else(|| Error::internal("a function without a type"))
    }
}

/// A store to read from: a [`Store`] or what a host function gets of one.
pub trait AsContext {
    /// The host's data.
    type Data;
    /// The store.
    fn as_context(&self) -> StoreContext<'_, Self::Data>;
}

/// A store to work with: a [`Store`] or what a host function gets of one.
pub trait AsContextMut: AsContext {
    /// The store.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, Self::Data>;
}

/// A shared borrow of a store.
pub struct StoreContext<'a, T> {
    pub(crate) store: &'a Store<T>,
}

/// An exclusive borrow of a store. The store itself cannot be taken out or exchanged through it.
pub struct StoreContextMut<'a, T> {
    pub(crate) store: &'a mut Store<T>,
}

impl<T> fmt::Debug for StoreContext<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreContext").field(&self.store.core.id).finish()
    }
}

impl<T> fmt::Debug for StoreContextMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreContextMut").field(&self.store.core.id).finish()
    }
}

impl<'a, T> StoreContext<'a, T> {
    /// The host's data.
    pub fn data(&self) -> &'a T {
        &self.store.data
    }
    /// See [`Store::get_fuel`].
    pub fn get_fuel(&self) -> u64 {
        self.store.get_fuel()
    }
    /// See [`Store::engine`].
    pub fn engine(&self) -> &'a Engine {
        self.store.engine()
    }
    /// See [`Store::limits`].
    pub fn limits(&self) -> &'a Limits {
        self.store.limits()
    }
}

impl<T> StoreContextMut<'_, T> {
    /// The host's data.
    pub fn data(&self) -> &T {
        &self.store.data
    }
    /// The host's data, to change.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.store.data
    }
    /// See [`Store::get_fuel`].
    pub fn get_fuel(&self) -> u64 {
        self.store.get_fuel()
    }
    /// See [`Store::set_fuel`].
    pub fn set_fuel(&mut self, fuel: u64) {
        self.store.set_fuel(fuel);
    }
    /// See [`Store::add_fuel`].
    pub fn add_fuel(&mut self, fuel: u64) {
        self.store.add_fuel(fuel);
    }
    /// See [`Store::engine`].
    pub fn engine(&self) -> &Engine {
        self.store.engine()
    }
    /// See [`Store::limits`].
    pub fn limits(&self) -> &Limits {
        self.store.limits()
    }
}

impl<T> AsContext for Store<T> {
    type Data = T;
    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { store: self }
    }
}

impl<T> AsContextMut for Store<T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { store: self }
    }
}

impl<T> AsContext for StoreContext<'_, T> {
    type Data = T;
    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { store: self.store }
    }
}

impl<T> AsContext for StoreContextMut<'_, T> {
    type Data = T;
    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { store: self.store }
    }
}

impl<T> AsContextMut for StoreContextMut<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { store: self.store }
    }
}

impl<C: AsContext> AsContext for &C {
    type Data = C::Data;
    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContext> AsContext for &mut C {
    type Data = C::Data;
    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContextMut> AsContextMut for &mut C {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        C::as_context_mut(self)
    }
}

impl<'a, C: AsContext> From<&'a C> for StoreContext<'a, C::Data> {
    fn from(store: &'a C) -> Self {
        store.as_context()
    }
}

impl<'a, C: AsContextMut> From<&'a mut C> for StoreContext<'a, C::Data> {
    fn from(store: &'a mut C) -> Self {
        Self { store: store.as_context_mut().store }
    }
}

impl<'a, C: AsContextMut> From<&'a mut C> for StoreContextMut<'a, C::Data> {
    fn from(store: &'a mut C) -> Self {
        store.as_context_mut()
    }
}
