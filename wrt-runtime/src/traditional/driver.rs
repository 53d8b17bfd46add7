//! The driver loop: between instances, the host, and stretches of bytecode.

// @need-ids: REQ_TRADITIONAL_001, REQ_001, REQ_017, REQ_FUEL_002

use super::machine::{Cursor, Machine, Stop, prepare};
use crate::execute::{Execute, Fault, Missing, Outcome, TrapInfo};
use crate::side::Side;
use crate::stack::Waiting;
use crate::stack::{
    BOUNDARY, CallState, DONE, ENTRY, HOST_CALL, HOST_RETURN, HOST_WAITS, NO_INSTANCE, Stack, boundary,
};
use crate::stackless::{Stats, host_again, push_host};
use crate::storage::{HOST, SPECIAL, Storage};
use wrt_instructions::{Part, Trap};
use wrt_safety::{Event, VerificationLevel, Verifier};

/// How the driver goes on.
// What it stops with is in the stack, so that no state is copied from function to function.
#[derive(Clone, Copy)]
pub(super) enum Next {
    /// With the state as it is now.
    Go,
    /// In the same frame, with what was between two operators.
    Run(Cursor),
    /// With the trap that the state has, at the current position.
    Trap,
    /// A call does not fit.
    Full,
    /// Not at all, for now: with the outcome that the stack has.
    Stop,
}

/// The same, the cursor aside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Go,
    Trap,
    Full,
    Stop,
}

pub(super) fn stop(stack: &mut Stack<'_>, outcome: Outcome) -> Next {
    stack.outcome = outcome;
    Next::Stop
}

pub(super) fn trap(stack: &mut Stack<'_>, info: impl Into<TrapInfo>) -> Next {
    stack.state.trap = Some(info.into());
    Next::Trap
}

/// The traditional engine. It holds no guest state: only fuel, counters and the verification level.
// @need-ids: REQ_TRADITIONAL_001, REQ_001, REQ_003, REQ_005, REQ_007
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    pub(super) fuel: u64,
    stats: Stats,
    verifier: Verifier,
}

impl Engine {
    /// An engine without fuel.
    pub const fn new(level: VerificationLevel) -> Self {
        Self { fuel: 0, stats: Stats::NONE, verifier: Verifier::new(level) }
    }

    /// Sets the fuel left, in units of the fuel schedule.
    pub const fn set_fuel(&mut self, fuel: u64) {
        self.fuel = fuel;
    }

    /// The fuel left.
    pub const fn remaining_fuel(&self) -> u64 {
        self.fuel
    }

    /// What the engine counted so far. It has no quanta.
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
        self.stats.calls = self.stats.calls.wrapping_add(1);
        let fits = base
            .checked_add(u32::try_from(args.len()).unwrap_or(u32::MAX))
            .is_some_and(|end| end <= stack.slot_limit());
        let slots = stack.slots_mut(base, args.len() as u32).filter(|_| fits).ok_or(Trap::CallStackExhausted)?;
        slots.iter_mut().zip(args).for_each(|(slot, arg)| *slot = *arg);
        stack.state.trap = None;
        stack.state.offset = None;
        stack.state.base = base;
        stack.push_mark(ENTRY, base)?;
        match turn_to(storage, stack, addr, base) {
            Next::Full => {
                stack.unwind();
                Err(Trap::CallStackExhausted)
            }
            _ => Ok(()),
        }
    }

    /// As [`StacklessEngine::reenter`](crate::StacklessEngine::reenter).
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
        let trap = match entered.map(|callee| turn_to(storage, stack, waiting.callee, callee)) {
            Ok(Next::Go) => return Ok(()),
            Ok(Next::Full) => Trap::CallStackExhausted,
            Err(trap) => trap,
            // No such function.
            Ok(_) => Trap::CorruptCode,
        };
        *stack.state = before;
        Err(trap)
    }

    fn run(&mut self, storage: &mut dyn Storage, stack: &mut Stack<'_>) -> Outcome {
        if !self.verify(stack, Event::Entry) {
            return stack.outcome;
        }
        let mut cursor = None;
        let ended = loop {
            let ended = self.turn(storage, stack, &mut cursor);
            if ended != Turn::Go {
                break ended;
            }
        };
        match ended {
            // What could not be entered left the state as it was.
            Turn::Full if stack.is_growable() => stack.outcome = Outcome::NeedsStack,
            Turn::Full => trapped(stack, Trap::CallStackExhausted.into()),
            Turn::Trap => {
                // Looked at where it is: a copy would lie on the stack while code runs.
                let trap = stack.state.trap.map_or(Trap::CorruptCode, |info| info.trap);
                stack.outcome = Outcome::Trapped(trap);
            }
            _ => self.count(stack),
        }
        stack.outcome
    }

    /// Runs on, from `cursor` or from the state's position, to what only the driver can do, and does it.
    fn turn(&mut self, storage: &mut dyn Storage, stack: &mut Stack<'_>, cursor: &mut Option<Cursor>) -> Turn {
        if stack.state.pc & SPECIAL != 0 {
            return marked(storage, stack);
        }
        match self.run_instance(storage, stack, cursor) {
            Ok(why) => self.stopped(storage, stack, why, cursor),
            Err(what) => {
                stack.outcome = Outcome::Fault(Fault::Missing(what));
                Turn::Stop
            }
        }
    }

    fn count(&mut self, stack: &mut Stack<'_>) {
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
    // @need-ids: REQ_VERIFY_001, REQ_VERIFY_004
    fn verify(&mut self, stack: &mut Stack<'_>, event: Event) -> bool {
        !self.verifier.should_verify(event) || self.check(stack)
    }

    #[inline(never)]
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

    /// Runs bytecode of the current instance, from `cursor` or from the state's position, to where the cursor is then. What lacks
    /// otherwise is named.
    #[inline(never)]
    fn run_instance(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        cursor: &mut Option<Cursor>,
    ) -> Result<Stop, Missing> {
        let (instance, limit, usable) = (stack.state.instance, stack.slot_limit(), stack.usable_frames());
        let both = storage.instance_with_bytecode(instance).ok_or(Missing::Bytecode)?;
        let frames = stack.frames.get_mut(..usable).unwrap_or_default();
        let (position, base, depth) = (stack.state.pc, stack.state.base, stack.state.depth);
        let mut machine = Machine::new(both, frames, (instance, limit, depth), (self.fuel, &mut stack.state.trap));
        let at = match *cursor {
            Some(at) => at,
            None => machine.resume(stack.slots, position, base).ok_or(Missing::Position)?,
        };
        let stop = machine.run(stack.slots, at);
        *cursor = Some(machine.at);
        self.fuel = machine.remaining();
        let (depth, top) = (machine.depth, machine.top);
        stack.state.depth = depth;
        stack.state.peak_slots = stack.state.peak_slots.max(top);
        Ok(stop)
    }

    /// Puts the state where bytecode stopped, and does what it stopped for.
    #[inline(never)]
    fn stopped(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        why: Stop,
        cursor: &mut Option<Cursor>,
    ) -> Turn {
        let Some(at) = *cursor else { return Turn::Go };
        let next = match why {
            Stop::Left | Stop::Pause => {
                stack.state.pc = at.side;
                stack.state.base = at.base;
                match why {
                    Stop::Left => Next::Go,
                    _ => stop(stack, Outcome::OutOfFuel { needed: charge(storage, stack.state) }),
                }
            }
            Stop::Trap => {
                stand_to_trap(storage, stack, &at);
                Next::Trap
            }
            Stop::Full => {
                stand(storage, stack, &at);
                Next::Full
            }
            Stop::Call { addr, base } => call_other(storage, stack, (addr, base), &at),
            Stop::Slow => {
                stand(storage, stack, &at);
                let next = match self.slow(storage, stack, at) {
                    Some(next) => next,
                    // Only bytecode that nobody validated asks for what is not there.
                    None => trap(stack, Trap::CorruptCode),
                };
                if matches!(next, Next::Trap) && stack.state.pc == at.side {
                    stand_to_trap(storage, stack, &at);
                }
                next
            }
        };
        next.set(cursor)
    }
}

impl Next {
    /// Sets the cursor where there is one.
    fn set(self, cursor: &mut Option<Cursor>) -> Turn {
        *cursor = None;
        match self {
            Self::Run(at) => *cursor = Some(at),
            Self::Go => {}
            Self::Trap => return Turn::Trap,
            Self::Full => return Turn::Full,
            Self::Stop => return Turn::Stop,
        }
        Turn::Go
    }
}

/// The running frame stands at an operator.
fn stand(storage: &dyn Storage, stack: &mut Stack<'_>, at: &Cursor) {
    stack.state.pc = at.side;
    stack.state.base = at.base;
    let origin = storage.bytecode(stack.state.instance).map_or(0, |bytecode| bytecode.origin);
    stack.state.offset = Some(at.pc.wrapping_add(origin));
}

/// The running frame stands at an operator that traps. The next entry may be another function's; the one passed last is not.
fn stand_to_trap(storage: &dyn Storage, stack: &mut Stack<'_>, at: &Cursor) {
    stand(storage, stack, at);
    stack.state.pc = at.side.saturating_sub(1);
}

fn trapped(stack: &mut Stack<'_>, info: TrapInfo) {
    stack.state.trap = Some(info);
    stack.outcome = Outcome::Trapped(info.trap);
}

/// What the head at the current position costs.
fn charge(storage: &dyn Storage, state: &CallState) -> u64 {
    let entry = storage.bytecode(state.instance).and_then(|bytecode| bytecode.side.get(state.pc as usize));
    match entry.map(|entry| entry.side()) {
        Some(Side::Head { charge, .. }) => charge.into(),
        _ => 1,
    }
}

/// Calls a function of the host or of another instance, whose frame begins at `callee`.
pub(super) fn call_other(
    storage: &mut dyn Storage,
    stack: &mut Stack<'_>,
    (addr, callee): (u32, u32),
    at: &Cursor,
) -> Next {
    let Some(func) = storage.func(addr) else { return trap(stack, Trap::CorruptCode) };
    let after = at.side.wrapping_add(1);
    if func.instance == HOST {
        // The host's functions have no frame: the guest stands behind its call until they are done.
        stack.state.pc = after;
        stack.state.base = at.base;
        return stop(stack, Outcome::HostCall { func: func.index, base: callee });
    }
    if !Part::Linking.is_built() {
        return trap(stack, Trap::CorruptCode);
    }
    let before = *stack.state;
    let mark = BOUNDARY | stack.state.instance;
    let pushed = stack.push_counted(after, at.base).and_then(|()| stack.push_mark(mark, callee));
    let next = match pushed {
        Ok(()) => turn_to(storage, stack, addr, callee),
        Err(_) => Next::Full,
    };
    if let Next::Full = next {
        *stack.state = before;
        stand(storage, stack, at);
        // It is tried again from where the arguments were.
        if back_to_places(storage, stack, (at, callee)).is_none() {
            return trap(stack, Trap::CorruptCode);
        }
    }
    next
}

/// Arguments that were put side by side for a call go back to their places.
fn back_to_places(storage: &mut dyn Storage, stack: &mut Stack<'_>, (at, callee): (&Cursor, u32)) -> Option<()> {
    let instance = stack.state.instance;
    let Side::Call { height, params } = storage.bytecode(instance)?.side.get(at.side as usize)?.side() else {
        return None;
    };
    if callee == at.place(height) {
        return Some(());
    }
    for index in 0..params {
        let value = *stack.slots.get(callee.wrapping_add(index) as usize)?;
        *stack.slots.get_mut(at.place(height.wrapping_add(index)) as usize)? = value;
    }
    Some(())
}

/// Turns to the function at `addr`, whose frame begins at `base` and whose return mark or frame is pushed.
pub(super) fn turn_to(storage: &mut dyn Storage, stack: &mut Stack<'_>, addr: u32, base: u32) -> Next {
    let Some(func) = storage.func(addr) else { return stop(stack, Outcome::Fault(Fault::Missing(Missing::Function))) };
    stack.state.base = base;
    if func.instance == HOST {
        stack.state.pc = HOST_CALL;
        stack.state.host = func.index;
        stack.state.instance = NO_INSTANCE;
        return Next::Go;
    }
    stack.state.instance = func.instance;
    stack.state.pc = SPECIAL | (func.index & 0x3FFF_FFFF);
    begin_body(storage, stack, func.index).unwrap_or(Next::Go)
}

/// Puts the running frame at the beginning of its function; `None` where that has no side table yet.
fn begin_body(storage: &mut dyn Storage, stack: &mut Stack<'_>, index: u32) -> Option<Next> {
    let base = stack.state.base;
    let bytecode = storage.bytecode(stack.state.instance)?;
    let body = *bytecode.bodies.get(index as usize).filter(|body| body.is_present())?;
    let top = base.saturating_add(body.slots.get());
    if top > stack.slot_limit() {
        return Some(Next::Full);
    }
    stack.state.peak_slots = stack.state.peak_slots.max(top);
    stack.state.pc = body.side.get();
    let at = Cursor::entering(&body, base);
    Some(match prepare(stack.slots, &at, &body) {
        Some(()) => Next::Go,
        None => trap(stack, Trap::CorruptCode),
    })
}

/// Does what the position says where it is a mark; the next one is the state's.
// Not inlined: it takes more stack than running code leaves.
#[inline(never)]
fn marked(storage: &mut dyn Storage, stack: &mut Stack<'_>) -> Turn {
    special(storage, stack).set(&mut None)
}

fn special(storage: &mut dyn Storage, stack: &mut Stack<'_>) -> Next {
    match stack.state.pc {
        DONE => stop(stack, Outcome::Finished),
        ENTRY => {
            stack.state.marks = stack.state.marks.saturating_sub(1);
            stack.state.pc = DONE;
            stop(stack, Outcome::Finished)
        }
        HOST_CALL => {
            stack.state.pc = HOST_RETURN;
            let CallState { host: func, base, .. } = *stack.state;
            stop(stack, Outcome::HostCall { func, base })
        }
        HOST_RETURN => back(stack),
        HOST_WAITS => match host_again(stack) {
            Some(outcome) => stop(stack, outcome),
            None => trap(stack, Trap::CorruptCode),
        },
        mark => match boundary(mark).filter(|_| Part::Linking.is_built()) {
            Some(instance) => {
                // Returned into another instance: the frame below the mark is the caller's.
                stack.state.marks = stack.state.marks.saturating_sub(1);
                stack.state.instance = instance;
                back(stack)
            }
            None => absent(storage, stack, mark & !SPECIAL),
        },
    }
}

/// Back in the frame below.
fn back(stack: &mut Stack<'_>) -> Next {
    let Some(frame) = stack.pop_marked() else { return trap(stack, Trap::CorruptCode) };
    stack.state.pc = frame.pc;
    stack.state.base = frame.base;
    Next::Go
}

/// Entered a function that had no side table when it was called.
fn absent(storage: &mut dyn Storage, stack: &mut Stack<'_>, func: u32) -> Next {
    let instance = stack.state.instance;
    match begin_body(storage, stack, func) {
        // A store that has all there is cannot be asked for more.
        None if storage.is_complete() => return trap(stack, Trap::CorruptCode),
        None => return stop(stack, Outcome::NeedsCode { instance, func }),
        Some(Next::Full) if stack.is_growable() => return stop(stack, Outcome::NeedsStack),
        Some(Next::Full) => {}
        Some(next) => return next,
    }
    // The size was not known when the frame was pushed. The trap is the caller's, as if it had been.
    while let Some(frame) = stack.top().filter(|frame| frame.pc != ENTRY) {
        stack.pop();
        stack.state.base = frame.base;
        match frame.pc {
            HOST_WAITS | HOST_RETURN => {}
            pc if boundary(pc).is_some() => stack.state.instance = boundary(pc).unwrap_or_default(),
            pc => {
                stack.state.pc = pc.wrapping_sub(1);
                let bytecode = storage.bytecode(stack.state.instance);
                stack.state.offset = bytecode.and_then(|bytecode| {
                    let entry = bytecode.side.get(stack.state.pc as usize)?;
                    Some(entry.offset().wrapping_add(bytecode.origin))
                });
                break;
            }
        }
    }
    trap(stack, Trap::CallStackExhausted)
}

impl Execute for Engine {
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
            Ok(()) => self.run(storage, stack),
            Err(trap) => {
                trapped(stack, trap.into());
                stack.outcome
            }
        }
    }

    fn resume(&mut self, storage: &mut dyn Storage, stack: &mut Stack<'_>) -> Outcome {
        self.run(storage, stack)
    }
}
