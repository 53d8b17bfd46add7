//! The driver loop.

// @need-ids: REQ_001, REQ_003, REQ_017, REQ_FUEL_002, REQ_STACK_001

use core::cell::Cell;
use core::hint::black_box;
use core::mem;

#[cfg(threaded)]
use super::accumulator;
use super::context::{Context, Stop, is_special};
#[cfg(threaded)]
use super::context::{Dispatch, Threaded};
use super::handlers;
use super::slow::{Next, call_other, missing, stop, trap};
use crate::execute::{Execute, Fault, Missing, Outcome};
use crate::instr::{Instr, WINDOW_SLOTS};
use crate::stack::{
    BOUNDARY, CallState, DONE, ENTRY, HOST_CALL, HOST_FRAME_WORDS, HOST_RETURN, HOST_WAITS, NO_INSTANCE, Stack,
    Waiting, boundary, check_frames,
};
use crate::storage::{HOST, SPECIAL, Storage};
use wrt_instructions::op::{Plain, Row};
use wrt_instructions::part::Part;
use wrt_instructions::{Op, Trap};
use wrt_safety::{Event, VerificationLevel, Verifier};

/// Units of fuel that handlers get at a time. At its end they return here, which bounds the native stack even where a
/// compiler did not turn their calls into jumps. Hosts have more stack, and fill or copy more at a time.
const QUANTUM: u32 = if cfg!(cells) { 4096 } else { 1024 };

/// A count, which starts again at 0 after its greatest number.
#[cfg(not(all(feature = "compact", target_pointer_width = "32")))]
pub(crate) type Count = u64;
/// A count, which starts again at 0 after its greatest number.
#[cfg(all(feature = "compact", target_pointer_width = "32"))]
pub(crate) type Count = u32;

/// What an engine counted about itself.
// @need-ids: REQ_012
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Calls from outside.
    pub calls: Count,
    /// Calls of host functions.
    pub host_calls: Count,
    /// Pauses for want of fuel.
    pub pauses: Count,
    /// Quanta of fuel handed to handlers.
    pub quanta: Count,
    /// Checks of the machine state that the verification level asked for.
    pub verifications: Count,
}

impl Stats {
    pub(crate) const NONE: Self = Self { calls: 0, host_calls: 0, pauses: 0, quanta: 0, verifications: 0 };

    /// What two engines counted together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            calls: self.calls.wrapping_add(other.calls),
            host_calls: self.host_calls.wrapping_add(other.host_calls),
            pauses: self.pauses.wrapping_add(other.pauses),
            quanta: self.quanta.wrapping_add(other.quanta),
            verifications: self.verifications.wrapping_add(other.verifications),
        }
    }
}

/// Sees every instruction before it runs; for statistics, coverage and debuggers. Observed runs are slower, and the
/// same in every other way.
pub trait Observer {
    /// The instruction at position `pc` of the code of `instance` is next; `data` is its data word, where its row has one.
    fn instruction(&mut self, instance: u32, pc: u32, instr: Instr, data: Instr);
    /// The fuel head at position `pc` was paid: its segment's operators run. Told once for each time, however often the
    /// head was tried for want of fuel.
    fn paid(&mut self, _instance: u32, _pc: u32) {}
}

/// Functions of the host that see nothing of the store. The engine calls them itself and keeps what it has at hand, since none
/// of it can have changed.
// @need-ids: REQ_WASM_002
pub trait DetachedCalls {
    /// Whether the host's function with this number is one of them.
    fn has(&self, func: u32) -> bool;
    /// Calls it: its arguments are the first of `slots`, and its results after it. False where it failed or the slots do not
    /// suffice: they are as before then, and the engine stops with [`Outcome::HostCall`].
    fn call(&mut self, func: u32, slots: &[Cell<u64>]) -> bool;
}

/// Whether this build calls such functions itself: code for it is for hosts alone.
const DETACHED: bool = cfg!(all(target_pointer_width = "64", not(feature = "compact")));

/// What handlers left behind when they stopped.
struct Ran {
    stop: Stop,
    callee: u32,
    start: u32,
    /// The instruction that is the driver's, and its data word.
    words: [Instr; 2],
}

/// The stackless engine. It holds no guest state: only fuel, counters and the verification level.
// @need-ids: REQ_001, REQ_003, REQ_005, REQ_007
#[derive(Clone, Copy, Debug)]
pub struct StacklessEngine {
    /// The fuel left beyond the quantum at hand.
    pub(super) fuel: u64,
    /// What is left of the quantum at hand. It outlasts calls of the host, so that each of them does not begin a new one.
    quantum: u32,
    stats: Stats,
    verifier: Verifier,
    /// Whether the state was checked for the quantum that comes next.
    quantum_checked: bool,
}

impl StacklessEngine {
    /// An engine without fuel.
    pub const fn new(level: VerificationLevel) -> Self {
        // By stores: a row of zeroes that the compiler sees would be cleared by a routine of the C library, which is large.
        let stats = Stats { host_calls: black_box(0), quanta: black_box(0), ..Stats::NONE };
        Self { fuel: 0, quantum: black_box(0), stats, verifier: Verifier::new(level), quantum_checked: false }
    }

    /// Sets the fuel left, in units of the fuel schedule.
    pub const fn set_fuel(&mut self, fuel: u64) {
        self.fuel = fuel;
        self.quantum = 0;
    }

    /// The fuel left.
    pub const fn remaining_fuel(&self) -> u64 {
        // The quantum was taken out of it.
        self.fuel.wrapping_add(self.quantum as u64)
    }

    /// Ends the quantum at hand: what is left of it is fuel like all other.
    pub(super) const fn end_quantum(&mut self) {
        self.fuel = self.remaining_fuel();
        self.quantum = 0;
    }

    /// What the engine counted so far.
    pub const fn stats(&self) -> Stats {
        self.stats
    }

    /// Starts a call of the function at `addr` of the store, its frame at slot `base`, without running it yet.
    ///
    /// # Errors
    /// [`Trap::CallStackExhausted`] where arguments or frame do not fit.
    pub fn begin(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        addr: u32,
        base: u32,
        args: &[u64],
    ) -> Result<(), Trap> {
        self.begin_in(storage, stack, (addr, base), args)
    }

    #[inline(always)]
    fn begin_in<S: Storage + ?Sized>(
        &mut self,
        storage: &mut S,
        stack: &mut Stack<'_>,
        (addr, base): (u32, u32),
        args: &[u64],
    ) -> Result<(), Trap> {
        self.stats.calls = self.stats.calls.wrapping_add(1);
        let limit = stack.slot_limit();
        if base > limit || args.len() as u64 > u64::from(limit - base) {
            return Err(Trap::CallStackExhausted);
        }
        let slots = stack.slots_mut(base, args.len() as u32).ok_or(Trap::CallStackExhausted)?;
        for (slot, arg) in slots.iter_mut().zip(args) {
            *slot = *arg;
        }
        stack.state.trap = None;
        stack.state.offset = None;
        match turn_to_in(storage, stack, addr, base) {
            Next::Go => stack.push_mark(ENTRY, base),
            // No such function, or none that fits.
            _ => Err(stack.state.trap.take().map_or(Trap::CorruptCode, |info| info.trap)),
        }
        .inspect_err(|_| stack.state.pc = DONE)
    }

    /// Lets a host function that was asked for call the function `waiting.callee` of the store before it has results:
    /// [`Outcome::HostAgain`] follows when that function returned. Nothing of it stays with the host: all is in frames
    /// and slots, so that it can pause like any other call.
    ///
    /// `base` is that of the outcome that asked, and `count` the number of the host function's arguments, which keep their
    /// slots. The number and types of `args` are the caller's duty.
    ///
    /// # Errors
    /// [`Trap::CallStackExhausted`] where frames or slots do not suffice; the state is then as before.
    // @need-ids: REQ_REENTRY_001, REQ_001, REQ_RESOURCE_001
    pub fn reenter(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        (base, count): (u32, u32),
        waiting: Waiting,
        args: &[u64],
    ) -> Result<(), Trap> {
        let before = *stack.state;
        let entered = push_host(stack, (base, count), waiting, args);
        let next = entered.map(|callee| turn_to(storage, stack, waiting.callee, callee));
        let trap = match next {
            Ok(Next::Go) => return Ok(()),
            Ok(Next::Trap) => stack.state.trap.map_or(Trap::CorruptCode, |info| info.trap),
            Err(trap) => trap,
            // No such function.
            Ok(Next::Stop) => Trap::CorruptCode,
        };
        *stack.state = before;
        Err(trap)
    }

    /// Runs on until something stops it, showing every instruction to `observer`.
    pub fn resume_observed(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        observer: &mut dyn Observer,
    ) -> Outcome {
        self.run(storage, stack, Some(observer), None);
        stack.outcome
    }

    /// Runs on until something stops it that is none of `calls`.
    // @need-ids: REQ_WASM_002
    #[inline(always)]
    pub fn resume_calling(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        calls: &mut dyn DetachedCalls,
    ) -> Outcome {
        self.run(storage, stack, None, Some(calls));
        stack.outcome
    }

    /// [Begins](Self::begin) a call and [runs](Self::resume_calling) it.
    ///
    /// # Errors
    /// Those of `begin`.
    #[inline(always)]
    pub fn call<S: Storage>(
        &mut self,
        storage: &mut S,
        stack: &mut Stack<'_>,
        call: (u32, u32),
        args: &[u64],
        calls: &mut dyn DetachedCalls,
    ) -> Result<Outcome, Trap> {
        self.begin_in(storage, stack, call, args)?;
        Ok(self.resume_calling(storage, stack, calls))
    }

    /// Runs on until something stops it: the stack has what.
    #[inline(never)]
    fn run(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        mut observer: Option<&mut dyn Observer>,
        mut calls: Option<&mut dyn DetachedCalls>,
    ) {
        if !self.verify(stack, Event::Entry) {
            return;
        }
        let next = loop {
            let next = self.turn(storage, stack, reborrow(&mut observer), reborrow_calls(&mut calls));
            if next != Next::Go {
                break next;
            }
        };
        if next == Next::Stop {
            if !(cfg!(cells) && stack.outcome == Outcome::Finished) {
                self.stopped(stack);
            }
        } else {
            let trap = stack.state.trap.map_or(Trap::CorruptCode, |info| info.trap);
            stack.outcome = Outcome::Trapped(trap);
            // What could not be entered left the state as it was.
            if trap == Trap::CallStackExhausted && stack.is_growable() {
                stack.state.trap = None;
                stack.outcome = Outcome::NeedsStack;
            }
        }
    }

    /// Runs on to what only the driver can do, and does it.
    fn turn(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        mut observer: Option<&mut dyn Observer>,
        calls: Option<&mut dyn DetachedCalls>,
    ) -> Next {
        if is_special(stack.state.pc) {
            return special(storage, stack);
        }
        let Some(ran) = self.run_instance(storage, stack, reborrow(&mut observer), calls) else {
            return missing(stack, Missing::Instance);
        };
        match ran.stop {
            Stop::Slow => {
                let (instance, pc) = (stack.state.instance, stack.state.pc);
                let next = self.slow(storage, stack, ran.words);
                if let (Next::Go, Some(observer)) = (next, observer)
                    && ran.words[0].op() == Op::plain(Plain::EnterWide)
                {
                    observer.paid(instance, pc);
                }
                next
            }
            Stop::CallHost => {
                let base = stack.state.base.wrapping_add(ran.start);
                stop(stack, Outcome::HostCall { func: ran.callee, base })
            }
            Stop::CallOther if Part::Linking.is_built() => {
                let next = call_other(storage, stack, ran.callee, ran.start);
                if next == Next::Trap {
                    // A trap on entering is the caller's, whose instruction has a data word.
                    stack.state.pc = stack.state.pc.wrapping_sub(2);
                }
                next
            }
            Stop::Trap => Next::Trap,
            Stop::Fuel if self.quantum_checked && self.check(stack) => Next::Go,
            // What is needed or broken was said.
            Stop::Fuel => Next::Stop,
            // A position that is not in the code: a mark, or nonsense.
            // How most calls end: on hosts that is met at once.
            Stop::Switch if cfg!(cells) && stack.state.pc == ENTRY => end(stack),
            Stop::Switch if is_special(stack.state.pc) => Next::Go,
            _ => trap(stack, Trap::CorruptCode),
        }
    }

    fn stopped(&mut self, stack: &mut Stack<'_>) {
        let event = match stack.outcome {
            Outcome::OutOfFuel { .. } => {
                self.stats.pauses = self.stats.pauses.wrapping_add(1);
                Event::Pause
            }
            Outcome::HostCall { .. } => {
                self.stats.host_calls = self.stats.host_calls.wrapping_add(1);
                Event::HostCall
            }
            Outcome::HostAgain { .. } => Event::HostCall,
            _ => return,
        };
        self.verify(stack, event);
    }

    /// Checks the state where its level asks for it at `event`. Where it is broken, that is what the engine stops with.
    // @need-ids: REQ_VERIFY_001, REQ_VERIFY_004, REQ_PERF_001
    fn verify(&mut self, stack: &mut Stack<'_>, event: Event) -> bool {
        !self.should_verify(event) || self.check(stack)
    }

    // Asked seldom and in several places: once is enough where flash is short.
    #[cfg_attr(feature = "compact", inline(never))]
    fn should_verify(&mut self, event: Event) -> bool {
        self.verifier.should_verify(event)
    }

    fn check(&mut self, stack: &mut Stack<'_>) -> bool {
        self.stats.verifications = self.stats.verifications.wrapping_add(1);
        match stack.validate() {
            Ok(()) => true,
            Err(rule) => {
                stack.outcome = Outcome::Fault(Fault::Integrity(rule));
                false
            }
        }
    }

    /// Runs code of the current instance until a stop that is not between its own frames.
    #[cfg_attr(not(any(cells, feature = "compact")), inline(never))]
    fn run_instance(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        mut observer: Option<&mut dyn Observer>,
        mut calls: Option<&mut dyn DetachedCalls>,
    ) -> Option<Ran> {
        let (instance, usable) = (stack.state.instance, stack.usable_frames());
        let slots = (stack.slot_limit() as usize).saturating_add(WINDOW_SLOTS);
        // Looked at where it was put: it is large.
        let mut view = storage.instance(instance);
        let view = view.as_mut()?;
        let frames = stack.frames.get_mut(..usable).unwrap_or_default();
        let slots = stack.slots.get_mut(..slots).unwrap_or_default();
        let mut ctx = Context::new(view, (frames, stack.state.depth), slots, (instance, &mut stack.state.trap));
        ctx.pc = stack.state.pc;
        ctx.base = stack.state.base;
        ctx.fuel = self.quantum;
        let stop = loop {
            let stop = match reborrow(&mut observer) {
                None => run_frames(&mut ctx),
                Some(observer) => {
                    let frames = ctx.depth().saturating_sub(stack.state.marks).saturating_add(1);
                    stack.state.peak_frames = stack.state.peak_frames.max(frames);
                    stack.state.peak_slots = stack.state.peak_slots.max(ctx.top);
                    handlers::step(&mut ctx, Some(observer))
                }
            };
            match stop {
                Stop::Switch if !is_special(ctx.pc) => {}
                Stop::Fuel => {
                    let needed = if cfg!(feature = "compact") { ctx.start } else { head_price(&ctx) };
                    let Some(quantum) = self.next_quantum(ctx.fuel, needed) else {
                        stack.outcome = Outcome::OutOfFuel { needed: needed.into() };
                        break stop;
                    };
                    ctx.fuel = quantum;
                }
                Stop::CallHost if DETACHED => {
                    let Some(calls) = reborrow_calls(&mut calls) else { break stop };
                    if !calls.has(ctx.callee) {
                        break stop;
                    }
                    // Should it panic, the call stands where it was.
                    (stack.state.pc, stack.state.base, stack.state.depth) = (ctx.pc, ctx.base, ctx.depth());
                    self.quantum = ctx.fuel;
                    if !self.call_detached(&ctx, stack.state.marks, calls) {
                        break stop;
                    }
                }
                other => break other,
            }
        };
        self.quantum = ctx.fuel;
        let words = match ctx.code.get(ctx.pc as usize..) {
            Some([n, data, ..]) => [n.instr, data.instr],
            Some([n]) => [n.instr, Instr::default()],
            _ => [Instr::default(); 2],
        };
        let ran = Ran { stop, callee: ctx.callee, start: ctx.start, words };
        let (pc, base, depth) = (ctx.pc, ctx.base, ctx.depth());
        stack.state.pc = pc;
        stack.state.base = base;
        stack.state.depth = depth;
        Some(ran)
    }

    /// Calls a function of the host that sees nothing of the store. False where that failed, or the state is broken: the driver
    /// stops for it then, and finds that out.
    fn call_detached(&mut self, ctx: &Context<'_>, marks: u32, calls: &mut dyn DetachedCalls) -> bool {
        if self.should_verify(Event::HostCall) {
            self.stats.verifications = self.stats.verifications.wrapping_add(1);
            let limit = ctx.slots.len().saturating_sub(WINDOW_SLOTS);
            if check_frames(ctx.used.iter().map(Cell::get), ctx.base, limit, marks).is_err() {
                return false;
            }
        }
        let slots = ctx.slots.get(ctx.base.wrapping_add(ctx.start) as usize..);
        let called = slots.is_some_and(|slots| calls.call(ctx.callee, slots));
        if called {
            self.stats.host_calls = self.stats.host_calls.wrapping_add(1);
        }
        called
    }

    /// The next quantum, of which `left` is left and a head costs `needed`. `None` where that is more than there is, or the
    /// caller is to check the state before and come back for it.
    // On hosts what it works on is not made ready where each stretch of code begins.
    #[cfg_attr(not(feature = "compact"), inline(never))]
    #[cfg_attr(feature = "compact", inline(always))]
    fn next_quantum(&mut self, left: u32, needed: u32) -> Option<u32> {
        let total = self.fuel.wrapping_add(left.into());
        let checked = mem::take(&mut self.quantum_checked);
        if total < needed.into() {
            return None;
        }
        if !checked && self.should_verify(Event::Quantum) {
            self.quantum_checked = true;
            return None;
        }
        // No more than 32 bits: the lesser of both.
        let quantum = total.min(needed.max(QUANTUM).into());
        self.fuel = total.wrapping_sub(quantum);
        self.stats.quanta = self.stats.quanta.wrapping_add(1);
        Some(quantum as u32)
    }
}

/// What to do where the position is a mark.
#[cfg_attr(not(any(cells, feature = "compact")), inline(never))]
fn special(storage: &mut dyn Storage, stack: &mut Stack<'_>) -> Next {
    let pc = stack.state.pc;
    match pc {
        DONE => return stop(stack, Outcome::Finished),
        ENTRY => return end(stack),
        HOST_CALL => {
            stack.state.pc = HOST_RETURN;
            let CallState { host: func, base, .. } = *stack.state;
            return stop(stack, Outcome::HostCall { func, base });
        }
        HOST_RETURN => return return_to(stack),
        HOST_WAITS => {
            return match host_again(stack) {
                Some(outcome) => stop(stack, outcome),
                None => trap(stack, Trap::CorruptCode),
            };
        }
        _ => {}
    }
    if let Some(instance) = boundary(pc)
        && Part::Linking.is_built()
    {
        // Returned into another instance: the frame below the mark is the caller's.
        stack.state.marks = stack.state.marks.saturating_sub(1);
        stack.state.instance = instance;
        return return_to(stack);
    }
    if storage.is_complete() {
        return trap(stack, Trap::CorruptCode);
    }
    absent(storage, stack, pc & !SPECIAL)
}

/// Returned to where the call came from, outside.
#[inline(always)]
fn end(stack: &mut Stack<'_>) -> Next {
    stack.state.marks = stack.state.marks.saturating_sub(1);
    stack.state.pc = DONE;
    stop(stack, Outcome::Finished)
}

/// Goes on in the topmost frame.
fn return_to(stack: &mut Stack<'_>) -> Next {
    let Some(frame) = stack.pop_marked() else { return trap(stack, Trap::CorruptCode) };
    stack.state.pc = frame.pc;
    stack.state.base = frame.base;
    Next::Go
}

/// Puts a host function that waits on the stack, above the guest that waits for it; the first slot of its callee, where
/// the arguments are then.
pub(crate) fn push_host(
    stack: &mut Stack<'_>,
    (base, count): (u32, u32),
    waiting: Waiting,
    args: &[u64],
) -> Result<u32, Trap> {
    const FULL: Trap = Trap::CallStackExhausted;
    let words = base.checked_add(count).ok_or(FULL)?;
    let callee = words.checked_add(HOST_FRAME_WORDS).ok_or(FULL)?;
    let length = u32::try_from(args.len()).map_err(|_| FULL)?;
    if callee.checked_add(length).is_none_or(|end| end > stack.slot_limit()) {
        return Err(FULL);
    }
    for (first, values) in [(words, waiting.words().as_slice()), (callee, args)] {
        let slots = stack.slots_mut(first, values.len() as u32).ok_or(FULL)?;
        slots.iter_mut().zip(values).for_each(|(slot, value)| *slot = *value);
    }
    let CallState { pc, base: caller, instance, .. } = *stack.state;
    if pc == HOST_RETURN {
        stack.push_mark(pc, caller)?;
    } else {
        stack.push_counted(pc, caller)?;
    }
    stack.push_mark(BOUNDARY | instance, base)?;
    stack.push_counted(HOST_WAITS, callee)?;
    Ok(callee)
}

/// Returned to a host function: the state is that of its call again.
pub(crate) fn host_again(stack: &mut Stack<'_>) -> Option<Outcome> {
    let results = stack.state.base;
    let (caller, host) = stack.pop_two()?;
    stack.state.instance = boundary(host.pc)?;
    stack.state.pc = caller.pc;
    stack.state.base = caller.base;
    let func = Waiting::from_slots(stack.slots.get(..results as usize)?)?.host;
    Some(Outcome::HostAgain { func, base: host.base, results })
}

/// Entered a function that had no code when it was called.
fn absent(storage: &mut dyn Storage, stack: &mut Stack<'_>, func: u32) -> Next {
    let instance = stack.state.instance;
    let Some(entry) = storage.entry(instance, func) else {
        return missing(stack, Missing::Function);
    };
    if !entry.is_present() {
        return stop(stack, Outcome::NeedsCode { instance, func });
    }
    let top = stack.state.base.saturating_add(entry.slots());
    if top > stack.slot_limit() && stack.is_growable() {
        return stop(stack, Outcome::NeedsStack);
    }
    if top <= stack.slot_limit() {
        stack.state.pc = entry.pc();
        stack.state.peak_slots = stack.state.peak_slots.max(top);
        return Next::Go;
    }
    // The size was not known when the frame was pushed. The trap is the caller's, as if it had been; where there is none, it is at no
    // position, as the function has not begun.
    while let Some(frame) = stack.top().filter(|frame| frame.pc != ENTRY) {
        stack.pop();
        stack.state.base = frame.base;
        match frame.pc {
            HOST_WAITS | HOST_RETURN => {}
            pc if boundary(pc).is_some() => stack.state.instance = boundary(pc).unwrap_or_default(),
            pc => {
                stack.state.pc = pc.wrapping_sub(1);
                break;
            }
        }
    }
    trap(stack, Trap::CallStackExhausted)
}

/// Turns to the function at `addr`, whose frame begins at `base` and whose return mark or frame is pushed.
pub(super) fn turn_to(storage: &mut dyn Storage, stack: &mut Stack<'_>, addr: u32, base: u32) -> Next {
    turn_to_in(storage, stack, addr, base)
}

/// Turns to the function at `addr`, whose frame begins at `base` and whose return mark or frame is pushed.
#[cfg_attr(cells, inline(always))]
pub(super) fn turn_to_in<S: Storage + ?Sized>(storage: &mut S, stack: &mut Stack<'_>, addr: u32, base: u32) -> Next {
    let Some(func) = storage.func(addr) else { return missing(stack, Missing::Function) };
    stack.state.base = base;
    if func.instance == HOST {
        stack.state.pc = HOST_CALL;
        stack.state.host = func.index;
        stack.state.instance = NO_INSTANCE;
        return Next::Go;
    }
    stack.state.instance = func.instance;
    let Some(entry) = storage.entry(func.instance, func.index) else {
        return missing(stack, Missing::Function);
    };
    let top = base.saturating_add(entry.slots());
    if top > stack.slot_limit() {
        return trap(stack, Trap::CallStackExhausted);
    }
    stack.state.peak_slots = stack.state.peak_slots.max(top);
    stack.state.pc = entry.pc();
    Next::Go
}

/// What the head at the context's position costs.
fn head_price(ctx: &Context<'_>) -> u32 {
    ctx.code.get(ctx.pc as usize).map_or(0, |cell| cell.instr.imm)
}

/// The observer again, for a shorter time.
pub(super) fn reborrow<'a>(observer: &'a mut Option<&mut dyn Observer>) -> Option<&'a mut dyn Observer> {
    match observer {
        Some(observer) => Some(&mut **observer),
        None => None,
    }
}

/// The same, of calls.
fn reborrow_calls<'a>(calls: &'a mut Option<&mut dyn DetachedCalls>) -> Option<&'a mut dyn DetachedCalls> {
    match calls {
        Some(calls) => Some(&mut **calls),
        None => None,
    }
}

/// Runs on, from frame to frame, until a handler stops.
#[cfg(threaded)]
fn run_frames(ctx: &mut Context<'_>) -> Stop {
    Threaded::<true>::switch(ctx.pc, ctx, accumulator::first())
}

#[cfg(not(threaded))]
fn run_frames(ctx: &mut Context<'_>) -> Stop {
    handlers::step(ctx, None)
}

pub(super) fn is_head(op: Op) -> bool {
    matches!(op.row(), Some(Row::Plain(Plain::Fuel | Plain::Enter | Plain::Enter4 | Plain::Enter8)))
}

impl Execute for StacklessEngine {
    fn set_fuel(&mut self, fuel: u64) {
        Self::set_fuel(self, fuel);
    }

    fn remaining_fuel(&self) -> u64 {
        Self::remaining_fuel(self)
    }

    fn execute(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        instance_idx: u32,
        func_idx: u32,
        base: u32,
        args: &[u64],
    ) -> Outcome {
        let Some(addr) = storage.func_addr(instance_idx, func_idx) else {
            return Outcome::Fault(Fault::Missing(Missing::Function));
        };
        match self.begin(storage, stack, addr, base, args) {
            Ok(()) => {
                self.run(storage, stack, None, None);
                stack.outcome
            }
            Err(trap) => {
                stack.state.trap = Some(trap.into());
                Outcome::Trapped(trap)
            }
        }
    }

    fn resume(&mut self, storage: &mut dyn Storage, stack: &mut Stack<'_>) -> Outcome {
        self.run(storage, stack, None, None);
        stack.outcome
    }
}
