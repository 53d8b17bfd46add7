//! The driver loop: between instances, the host, and stretches of bytecode.

use super::machine::{Cursor, Machine, Stop, prepare};
use crate::execute::{Execute, Fault, Outcome, TrapInfo};
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
pub(super) enum Next {
    /// With the state as it is now.
    Go,
    /// In the same frame, with what was between two operators.
    Run(Cursor),
    /// With a trap at the current position.
    Trap(TrapInfo),
    /// A call does not fit.
    Full,
    /// Not at all, for now.
    Stop(Outcome),
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
        if let Some(fault) = self.verify(stack, Event::Entry) {
            return fault;
        }
        let mut cursor = None;
        loop {
            let next = match special(storage, stack) {
                Some(next) => next,
                None => match self.run_instance(storage, stack, cursor.take()) {
                    Ok(stop) => self.stopped(storage, stack, stop),
                    Err(fault) => return Outcome::Fault(fault),
                },
            };
            match next {
                Next::Go => {}
                Next::Run(at) => cursor = Some(at),
                // What could not be entered left the state as it was.
                Next::Full if stack.is_growable() => return Outcome::NeedsStack,
                Next::Full => return trapped(stack, Trap::CallStackExhausted.into()),
                Next::Trap(info) => return trapped(stack, info),
                Next::Stop(outcome) => return self.count(stack, outcome),
            }
        }
    }

    fn count(&mut self, stack: &Stack<'_>, outcome: Outcome) -> Outcome {
        let event = match outcome {
            Outcome::OutOfFuel { .. } => {
                self.stats.pauses = self.stats.pauses.wrapping_add(1);
                Event::Pause
            }
            Outcome::HostCall { .. } => {
                self.stats.host_calls = self.stats.host_calls.wrapping_add(1);
                Event::HostCall
            }
            Outcome::HostAgain { .. } => Event::HostCall,
            _ => return outcome,
        };
        self.verify(stack, event).unwrap_or(outcome)
    }

    // @need-ids: REQ_VERIFY_001, REQ_VERIFY_004
    fn verify(&mut self, stack: &Stack<'_>, event: Event) -> Option<Outcome> {
        if !self.verifier.should_verify(event) {
            return None;
        }
        self.stats.verifications = self.stats.verifications.wrapping_add(1);
        stack.validate().err().map(|rule| Outcome::Fault(Fault::Integrity(rule)))
    }

    /// Runs bytecode of the current instance, from `cursor` or from the state's position.
    fn run_instance(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        cursor: Option<Cursor>,
    ) -> Result<Stop, Fault> {
        let (instance, limit, usable) = (stack.state.instance, stack.slot_limit(), stack.usable_frames());
        let both = storage.instance_with_bytecode(instance).ok_or(Fault::Missing("bytecode"))?;
        let frames = stack.frames.get_mut(..usable).unwrap_or_default();
        let (position, base, depth) = (stack.state.pc, stack.state.base, stack.state.depth);
        let mut machine = Machine::new(both, frames, (instance, limit, depth), self.fuel);
        let at = match cursor {
            Some(at) => at,
            None => machine.resume(stack.slots, position, base).ok_or(Fault::Missing("position"))?,
        };
        let stop = machine.run(stack.slots, at);
        self.fuel = machine.remaining();
        let (depth, top) = (machine.depth, machine.top);
        stack.state.depth = depth;
        stack.state.peak_slots = stack.state.peak_slots.max(top);
        Ok(stop)
    }

    /// Puts the state where bytecode stopped, and does what it stopped for.
    fn stopped(&mut self, storage: &mut dyn Storage, stack: &mut Stack<'_>, stop: Stop) -> Next {
        match stop {
            Stop::Left { position, base } => {
                stack.state.pc = position;
                stack.state.base = base;
                Next::Go
            }
            Stop::Pause(at) => {
                stack.state.pc = at.side;
                stack.state.base = at.base;
                Next::Stop(Outcome::OutOfFuel { needed: charge(storage, stack.state) })
            }
            Stop::Trap(info, at, offset) => {
                stand_to_trap(storage, stack, &at, offset);
                Next::Trap(info)
            }
            Stop::Full(at, offset) => {
                stand(storage, stack, &at, offset);
                Next::Full
            }
            Stop::Call { addr, callee, at, offset } => call_other(storage, stack, (addr, callee), (at, offset)),
            Stop::Slow(at, offset) => {
                stand(storage, stack, &at, offset);
                // Only bytecode that nobody validated asks for what is not there.
                let next = self.slow(storage, stack, at, offset).unwrap_or(Next::Trap(Trap::CorruptCode.into()));
                if matches!(next, Next::Trap(_)) && stack.state.pc == at.side {
                    stand_to_trap(storage, stack, &at, offset);
                }
                next
            }
        }
    }
}

/// The running frame stands at an operator.
fn stand(storage: &dyn Storage, stack: &mut Stack<'_>, at: &Cursor, offset: u32) {
    stack.state.pc = at.side;
    stack.state.base = at.base;
    let origin = storage.bytecode(stack.state.instance).map_or(0, |bytecode| bytecode.origin);
    stack.state.offset = Some(offset.wrapping_add(origin));
}

/// The running frame stands at an operator that traps. The next entry may be another function's; the one passed last is not.
fn stand_to_trap(storage: &dyn Storage, stack: &mut Stack<'_>, at: &Cursor, offset: u32) {
    stand(storage, stack, at, offset);
    stack.state.pc = at.side.saturating_sub(1);
}

fn trapped(stack: &mut Stack<'_>, info: TrapInfo) -> Outcome {
    stack.state.trap = Some(info);
    Outcome::Trapped(info.trap)
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
    (at, offset): (Cursor, u32),
) -> Next {
    let Some(func) = storage.func(addr) else { return Next::Trap(Trap::CorruptCode.into()) };
    let after = at.side.wrapping_add(1);
    if func.instance == HOST {
        // The host's functions have no frame: the guest stands behind its call until they are done.
        stack.state.pc = after;
        stack.state.base = at.base;
        return Next::Stop(Outcome::HostCall { func: func.index, base: callee });
    }
    if !Part::Linking.is_built() {
        return Next::Trap(Trap::CorruptCode.into());
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
        stand(storage, stack, &at, offset);
        // It is tried again from where the arguments were.
        if back_to_places(storage, stack, (&at, callee)).is_none() {
            return Next::Trap(Trap::CorruptCode.into());
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
    let Some(func) = storage.func(addr) else { return Next::Stop(Outcome::Fault(Fault::Missing("function"))) };
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
        None => Next::Trap(Trap::CorruptCode.into()),
    })
}

/// What to do where the position is a mark; `None` where it is code.
fn special(storage: &mut dyn Storage, stack: &mut Stack<'_>) -> Option<Next> {
    let pc = stack.state.pc;
    if pc & SPECIAL == 0 {
        return None;
    }
    let corrupt = Next::Trap(Trap::CorruptCode.into());
    Some(match pc {
        DONE => Next::Stop(Outcome::Finished),
        ENTRY => {
            stack.state.marks = stack.state.marks.saturating_sub(1);
            stack.state.pc = DONE;
            Next::Stop(Outcome::Finished)
        }
        HOST_CALL => {
            stack.state.pc = HOST_RETURN;
            Next::Stop(Outcome::HostCall { func: stack.state.host, base: stack.state.base })
        }
        HOST_RETURN => back(stack).unwrap_or(corrupt),
        HOST_WAITS => host_again(stack).map_or(corrupt, Next::Stop),
        mark => match boundary(mark).filter(|_| Part::Linking.is_built()) {
            Some(instance) => {
                // Returned into another instance: the frame below the mark is the caller's.
                stack.state.marks = stack.state.marks.saturating_sub(1);
                stack.state.instance = instance;
                back(stack).unwrap_or(corrupt)
            }
            None => absent(storage, stack, pc & !SPECIAL),
        },
    })
}

/// Back in the frame below.
fn back(stack: &mut Stack<'_>) -> Option<Next> {
    let frame = stack.pop_marked()?;
    stack.state.pc = frame.pc;
    stack.state.base = frame.base;
    Some(Next::Go)
}

/// Entered a function that had no side table when it was called.
fn absent(storage: &mut dyn Storage, stack: &mut Stack<'_>, func: u32) -> Next {
    let instance = stack.state.instance;
    match begin_body(storage, stack, func) {
        // A store that has all there is cannot be asked for more.
        None if storage.is_complete() => return Next::Trap(Trap::CorruptCode.into()),
        None => return Next::Stop(Outcome::NeedsCode { instance, func }),
        Some(Next::Full) if stack.is_growable() => return Next::Stop(Outcome::NeedsStack),
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
    Next::Trap(Trap::CallStackExhausted.into())
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
            return Outcome::Fault(Fault::Missing("function"));
        };
        match self.begin(storage, stack, addr, base, args) {
            Ok(()) => self.run(storage, stack),
            Err(trap) => trapped(stack, trap.into()),
        }
    }

    fn resume(&mut self, storage: &mut dyn Storage, stack: &mut Stack<'_>) -> Outcome {
        self.run(storage, stack)
    }
}
