//! Runs the directives of a script, one after the other.

use super::modules::{Encoded, Modules};
use super::threads::Threads;
use super::{Failed, Places, Report, values};
use crate::trap;
use wast::token::Span;
use wast::{QuoteWat, WastDirective, WastExecute, WastInvoke, WastRet, Wat};
use wrt::{Engine, Error, ErrorKind, Func, Trap, Val};

/// The state that the directives of one script share.
pub(super) struct Runner<'a> {
    pub(super) modules: Modules,
    pub(super) threads: Threads<'a>,
    report: Report,
}

/// Why an action gave no results.
pub(super) enum Stop {
    /// The guest trapped, with this message.
    Trap(String),
    /// It could not be carried out.
    Other(String),
}

impl Stop {
    pub(super) fn reason(self) -> String {
        match self {
            Self::Trap(message) => format!("trap: {message}"),
            Self::Other(reason) => reason,
        }
    }
}

impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Self::Other(reason)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error.trap() {
            Some(_) if trap::is_out_of_fuel(&error) => Self::Other("does not end within its fuel".into()),
            Some(trap) => Self::Trap(trap.trap().message().into()),
            None => Self::Other(error.to_string()),
        }
    }
}

/// What a directive is to the count.
#[derive(PartialEq)]
pub(super) enum Role {
    Assertion,
    /// It prepares what assertions look at: counted only where it fails.
    Setting,
}

impl<'a> Runner<'a> {
    pub(super) fn new(engine: &Engine, fuel: u64) -> Result<Self, String> {
        Ok(Self { modules: Modules::new(engine, fuel)?, threads: Threads::default(), report: Report::default() })
    }

    pub(super) fn run(&mut self, directives: Vec<WastDirective<'a>>, places: &Places<'_>) -> Report {
        for directive in directives {
            self.directive(directive, places);
        }
        self.finish_threads(places);
        std::mem::take(&mut self.report)
    }

    fn directive(&mut self, directive: WastDirective<'a>, places: &Places<'_>) {
        let span = directive.span();
        let role = role(&directive);
        let done = match directive {
            WastDirective::Thread(thread) => self.begin_thread(thread),
            WastDirective::Wait { thread, .. } => self.wait(thread.name(), places),
            directive => self.carry_out(directive),
        };
        self.count(&role, span, done, places);
    }

    pub(super) fn count(&mut self, role: &Role, span: Span, done: Result<(), String>, places: &Places<'_>) {
        match done {
            Ok(()) if *role == Role::Assertion => self.report.passed += 1,
            Ok(()) => {}
            Err(reason) => {
                let (line, column) = places.find(span.offset());
                self.report.failures.push(Failed { line, column, reason });
            }
        }
    }

    pub(super) fn carry_out(&mut self, directive: WastDirective<'_>) -> Result<(), String> {
        match directive {
            WastDirective::Module(module) => self.modules.load(module),
            WastDirective::ModuleDefinition(module) => self.modules.define(module),
            WastDirective::ModuleInstance { instance, module, .. } => self.modules.instantiate(instance, module),
            WastDirective::Register { name, module, .. } => self.modules.register(name, module),
            WastDirective::Invoke(invoke) => self.invoke(&invoke).map(drop).map_err(Stop::reason),
            WastDirective::AssertReturn { exec, results, .. } => self.assert_return(exec, &results),
            WastDirective::AssertTrap { exec, message, .. } => self.assert_trap(exec, message),
            WastDirective::AssertExhaustion { call, message, .. } => {
                self.assert_trap(WastExecute::Invoke(call), message)
            }
            WastDirective::AssertMalformed { module, .. } => self.assert_refused(module),
            WastDirective::AssertInvalid { module, .. } => self.assert_refused(module),
            WastDirective::AssertUnlinkable { module, message, .. } => self.assert_unlinkable(module, message),
            WastDirective::AssertMalformedCustom { module, .. } | WastDirective::AssertInvalidCustom { module, .. } => {
                assert_bad_custom(module)
            }
            WastDirective::AssertException { exec, .. } => self.assert_exception(exec),
            WastDirective::AssertSuspension { .. } => Err("stack switching is not supported".into()),
            // Where they stand says who carries them out.
            WastDirective::Thread(_) | WastDirective::Wait { .. } => Err("a thread where none can be".into()),
        }
    }

    // --- Actions ----------------------------------------------------------------------------------

    fn execute(&mut self, execute: WastExecute<'_>) -> Result<Vec<Val>, Stop> {
        match execute {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Get { module, global, .. } => {
                let instance = self.modules.find(module)?;
                let store = &mut self.modules.store;
                let Some(found) = instance.get_global(&*store, global) else {
                    return Err(format!("no exported global `{global}`").into());
                };
                Ok(vec![found.get(&*store)])
            }
            WastExecute::Wat(mut module) => {
                let bytes = module.encode().map_err(|error| error.message())?;
                let module = self.modules.compile(&bytes)?;
                self.modules.blame_lost_imports(&module)?;
                self.modules.link(&module)?;
                Ok(Vec::new())
            }
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Vec<Val>, Stop> {
        let (func, args) = self.callee(invoke)?;
        let store = &mut self.modules.store;
        let ty = func.ty(&*store);
        let mut results = ty.results().iter().map(|ty| values::zero(*ty)).collect::<Result<Vec<_>, _>>()?;
        store.set_fuel(self.modules.fuel);
        func.call(store, &args, &mut results)?;
        Ok(results)
    }

    /// The function that is called, and its arguments.
    pub(super) fn callee(&mut self, invoke: &WastInvoke<'_>) -> Result<(Func, Vec<Val>), String> {
        let instance = self.modules.find(invoke.module)?;
        let store = &mut self.modules.store;
        let Some(func) = instance.get_func(&*store, invoke.name) else {
            return Err(format!("no exported function `{}`", invoke.name));
        };
        let args = invoke.args.iter().map(|arg| values::argument(store, arg)).collect::<Result<Vec<_>, _>>()?;
        Ok((func, args))
    }

    // --- Assertions --------------------------------------------------------------------------------

    fn assert_return(&mut self, execute: WastExecute<'_>, expected: &[WastRet<'_>]) -> Result<(), String> {
        let found = self.execute(execute);
        self.returned(found, expected)
    }

    /// Whether an action gave these results.
    pub(super) fn returned(&self, found: Result<Vec<Val>, Stop>, expected: &[WastRet<'_>]) -> Result<(), String> {
        values::compare(&self.modules.store, &found.map_err(Stop::reason)?, expected)
    }

    fn assert_trap(&mut self, execute: WastExecute<'_>, expected: &str) -> Result<(), String> {
        trapped(self.execute(execute), expected)
    }

    fn assert_exception(&mut self, execute: WastExecute<'_>) -> Result<(), String> {
        match self.execute(execute) {
            Ok(results) => Err(format!("expected an exception, got results [{}]", values::list(&results))),
            Err(Stop::Trap(message)) if message == Trap::UncaughtException.message() => Ok(()),
            Err(stop) => Err(format!("expected an exception: {}", stop.reason())),
        }
    }

    /// Malformed and invalid: some of what the specification calls the one, the validator calls the other.
    fn assert_refused(&mut self, module: QuoteWat<'_>) -> Result<(), String> {
        let bytes = match super::modules::encode(module) {
            Encoded::Refused(_) => return Ok(()),
            Encoded::Unsupported(reason) => return Err(reason),
            Encoded::Bytes(bytes) => bytes,
        };
        match self.modules.validate(&bytes) {
            Ok(()) => Err("expected to be refused, but it is valid".into()),
            Err(error) if matches!(error.kind(), ErrorKind::Malformed | ErrorKind::Invalid) => Ok(()),
            Err(error) => Err(format!("expected to be refused as malformed or invalid: {error}")),
        }
    }

    fn assert_unlinkable(&mut self, mut module: Wat<'_>, expected: &str) -> Result<(), String> {
        let bytes = module.encode().map_err(|error| error.message())?;
        let module = self.modules.compile(&bytes)?;
        self.modules.blame_lost_imports(&module)?;
        match self.modules.link(&module) {
            Ok(_) => Err(format!("expected to be unlinkable (`{expected}`), but it links")),
            Err(error) if error.kind() == ErrorKind::Link && error.to_string().starts_with(expected) => Ok(()),
            Err(error) => Err(format!("expected to be unlinkable (`{expected}`): {error}")),
        }
    }
}

/// Whether an action trapped with this message.
pub(super) fn trapped(found: Result<Vec<Val>, Stop>, expected: &str) -> Result<(), String> {
    match found {
        Ok(results) => {
            let found = values::list(&results);
            Err(format!("expected the trap `{expected}`, got results [{found}]"))
        }
        Err(Stop::Trap(message)) if is_same_message(&message, expected) => Ok(()),
        Err(Stop::Trap(message)) => Err(format!("expected the trap `{expected}`, got `{message}`")),
        Err(Stop::Other(reason)) => Err(format!("expected the trap `{expected}`: {reason}")),
    }
}

pub(super) fn role(directive: &WastDirective<'_>) -> Role {
    match directive {
        WastDirective::Module(_)
        | WastDirective::ModuleDefinition(_)
        | WastDirective::ModuleInstance { .. }
        | WastDirective::Register { .. }
        | WastDirective::Invoke(_)
        | WastDirective::Thread(_)
        | WastDirective::Wait { .. } => Role::Setting,
        _ => Role::Assertion,
    }
}

/// A custom section that is refused is refused while the text is read: what the runtime gets ignores unknown sections.
fn assert_bad_custom(module: QuoteWat<'_>) -> Result<(), String> {
    match super::modules::encode(module) {
        Encoded::Refused(_) => Ok(()),
        Encoded::Unsupported(reason) => Err(reason),
        Encoded::Bytes(_) => Err("expected the custom section to be refused".into()),
    }
}

/// Messages are compared by their beginning: `uninitialized element 7` is `uninitialized element`, and `indirect call`
/// is `indirect call type mismatch`.
fn is_same_message(found: &str, expected: &str) -> bool {
    !expected.is_empty() && (expected.starts_with(found) || found.starts_with(expected))
}
