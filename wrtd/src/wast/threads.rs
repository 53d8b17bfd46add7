//! Threads of a script (threads proposal): their calls are agents of the one store, and take turns.
//!
//! A thread begins where it is waited for, or at the script's end: which of the orders that the proposal allows is tested is
//! so the same every time.

use super::Places;
use super::modules::Scope;
use super::runner::{Role, Runner, Stop, role, trapped};
use std::collections::VecDeque;
use std::mem::{swap, take};
use wast::token::Span;
use wast::{WastDirective, WastExecute, WastInvoke, WastRet, WastThread};
use wrt::{AgentId, Agents, Turn, Val};

/// Fuel of a turn.
const SLICE: u64 = 1_000;

/// All threads of a script.
pub(super) struct Threads<'a> {
    threads: Vec<Thread<'a>>,
    agents: Agents,
}

impl Default for Threads<'_> {
    fn default() -> Self {
        Self { threads: Vec::new(), agents: Agents::new(SLICE) }
    }
}

struct Thread<'a> {
    name: String,
    scope: Scope,
    directives: VecDeque<WastDirective<'a>>,
    pending: Option<Pending<'a>>,
    /// The thread that it waits for.
    waits: Option<String>,
}

impl Threads<'_> {
    fn find(&self, name: &str) -> Result<&Thread<'_>, String> {
        let found = self.threads.iter().find(|thread| thread.name == name);
        found.ok_or_else(|| format!("no thread `${name}`"))
    }

    /// Whether a thread can carry out its next directive: it has one, makes no call, and what it waited for is done.
    fn can_go_on(&self, index: usize) -> bool {
        let Some(thread) = self.threads.get(index) else { return false };
        let waits = thread.waits.as_ref().is_some_and(|name| self.find(name).is_ok_and(|other| !other.is_done()));
        thread.pending.is_none() && !waits && !thread.is_done()
    }
}

impl Thread<'_> {
    fn is_done(&self) -> bool {
        self.directives.is_empty() && self.pending.is_none() && self.waits.is_none()
    }
}

/// A call that has not ended yet, and what is expected of it.
struct Pending<'a> {
    agent: AgentId,
    span: Span,
    role: Role,
    expected: Expected<'a>,
}

enum Expected<'a> {
    Anything,
    Results(Vec<WastRet<'a>>),
    Trap(&'a str),
}

impl<'a> Runner<'a> {
    /// `(thread …)`: remembers it.
    pub(super) fn begin_thread(&mut self, thread: WastThread<'a>) -> Result<(), String> {
        let name = thread.name.name();
        if self.threads.threads.iter().any(|thread| thread.name == name) {
            return Err(format!("a thread `${name}` is there already"));
        }
        let scope = self.modules.thread_scope(thread.shared_module)?;
        let directives = thread.directives.into();
        self.threads.threads.push(Thread { name: name.into(), scope, directives, pending: None, waits: None });
        Ok(())
    }

    /// `(wait …)`: lets all threads run until this one is done.
    pub(super) fn wait(&mut self, name: &str, places: &Places<'_>) -> Result<(), String> {
        self.threads.find(name)?;
        self.run_threads(places, |threads| threads.iter().any(|thread| thread.name == name && thread.is_done()));
        Ok(())
    }

    /// Threads that nobody waited for count as well.
    pub(super) fn finish_threads(&mut self, places: &Places<'_>) {
        self.run_threads(places, |threads| threads.iter().all(Thread::is_done));
        for thread in take(&mut self.threads.threads) {
            for directive in thread.directives {
                let reason = format!("the thread `${}` does not get there", thread.name);
                self.count(&role(&directive), directive.span(), Err(reason), places);
            }
        }
    }

    fn run_threads(&mut self, places: &Places<'_>, done: impl Fn(&[Thread<'a>]) -> bool) {
        // All calls of threads between two waits share what one call has otherwise.
        let mut fuel = self.modules.fuel;
        while !done(&self.threads.threads) {
            let mut went = false;
            // What a thread begins comes last, and has its turn in the same round.
            let mut index = 0;
            while index < self.threads.threads.len() {
                while self.threads.can_go_on(index) {
                    self.go_on(index, places);
                    went = true;
                }
                index += 1;
            }
            self.modules.store.set_fuel(fuel);
            match self.threads.agents.turn(&mut self.modules.store) {
                Turn::Ended(agent, results) => self.end_call(agent, results.map_err(Stop::from), places),
                Turn::OutOfFuel(agent) => {
                    self.threads.agents.remove(agent);
                    self.end_call(agent, Err(Stop::Other("does not end within its fuel".into())), places);
                }
                Turn::Went(_) => {}
                Turn::Idle if went => {}
                // They wait for each other.
                Turn::Idle => return,
            }
            fuel = self.modules.store.get_fuel();
        }
    }

    /// Carries out the next directive of a thread, or begins its call.
    fn go_on(&mut self, index: usize, places: &Places<'_>) {
        let Some(thread) = self.threads.threads.get_mut(index) else { return };
        thread.waits = None;
        let Some(directive) = thread.directives.pop_front() else { return };
        let (span, role) = (directive.span(), role(&directive));
        self.swap_scope(index);
        let begun = match directive {
            WastDirective::Invoke(invoke) => self.spawn(&invoke).map(|agent| Some((agent, Expected::Anything))),
            WastDirective::AssertReturn { exec: WastExecute::Invoke(invoke), results, .. } => {
                self.spawn(&invoke).map(|agent| Some((agent, Expected::Results(results))))
            }
            WastDirective::AssertTrap { exec: WastExecute::Invoke(invoke), message, .. } => {
                self.spawn(&invoke).map(|agent| Some((agent, Expected::Trap(message))))
            }
            WastDirective::Thread(thread) => self.begin_thread(thread).map(|()| None),
            WastDirective::Wait { thread, .. } => self.wait_in(index, thread.name()).map(|()| None),
            directive => self.carry_out(directive).map(|()| None),
        };
        self.swap_scope(index);
        match (begun, self.threads.threads.get_mut(index)) {
            (Ok(Some((agent, expected))), Some(thread)) => {
                thread.pending = Some(Pending { agent, span, role, expected });
            }
            (begun, _) => self.count(&role, span, begun.map(drop), places),
        }
    }

    /// `(wait …)` of a thread.
    fn wait_in(&mut self, index: usize, name: &str) -> Result<(), String> {
        self.threads.find(name)?;
        if let Some(thread) = self.threads.threads.get_mut(index) {
            thread.waits = Some(name.into());
        }
        Ok(())
    }

    fn swap_scope(&mut self, index: usize) {
        if let Some(thread) = self.threads.threads.get_mut(index) {
            swap(&mut thread.scope, &mut self.modules.scope);
        }
    }

    fn spawn(&mut self, invoke: &WastInvoke<'a>) -> Result<AgentId, String> {
        let (func, args) = self.callee(invoke)?;
        self.threads.agents.spawn(&self.modules.store, func, &args).map_err(|error| error.to_string())
    }

    fn end_call(&mut self, agent: AgentId, found: Result<Vec<Val>, Stop>, places: &Places<'_>) {
        let is_its = |pending: &Pending<'_>| pending.agent == agent;
        let mut all = self.threads.threads.iter_mut();
        let Some(thread) = all.find(|thread| thread.pending.as_ref().is_some_and(is_its)) else { return };
        let Some(Pending { span, role, expected, .. }) = take(&mut thread.pending) else { return };
        let done = match expected {
            Expected::Anything => found.map(drop).map_err(Stop::reason),
            Expected::Results(expected) => self.returned(found, &expected),
            Expected::Trap(message) => trapped(found, message),
        };
        self.count(&role, span, done, places);
    }
}
