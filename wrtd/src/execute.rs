//! `run`: calls an exported function, or the program that a module is.

use crate::cli::{self, RunOptions};
use crate::failure::{Class, Failure, code, one_line};
use crate::input::{self, Input};
use crate::literal;
use crate::output::Output;
use crate::stats::{Phase, Stats};
use crate::suggest;
use crate::trap;
use serde_json::{Map, Value, json};
use std::ffi::OsString;
use wrt::{Engine, Error, ExternType, FuncType, Instance, Linker, Module, ResumableCall, Store, Val};

/// What a program exports to be run.
const ENTRY: &str = "_start";

/// How many exports a message lists.
const EXPORTS_SHOWN: usize = 100;

/// Runs what `options` say and prints the results. Without fuel in the options there is no limit, and it is still counted.
// @need-ids: REQ_CLI_001, REQ_003, REQ_RESOURCE_004
pub fn run(options: &RunOptions, output: &mut Output<'_>) -> Result<u8, Failure> {
    hint_at_misplaced_options(options.args(), output);
    let mut stats = Stats::default();
    let limits = options.limits.limits;
    let input = input::load(options.file(), &limits)?;
    stats.spent(Phase::Read, input.read_time);
    let engine = Engine::new(&options.proposals.config(limits).strategy(options.engine.into()));
    let module = stats.time(Phase::Validate, || input::module(&engine, &input))?;
    let call = Call::choose(&module, options).map_err(|failure| failure.in_file(&input.name))?;

    let mut store = Store::new(&engine, ());
    store.set_profiling(options.stats);
    if let Some(fuel) = options.fuel {
        store.set_fuel(fuel);
    }
    let done = call.make(&mut store, &module, &input, &mut stats);
    stats.take(&store, options.fuel);
    match done {
        Ok(results) => {
            tell(&input, &call, &results, options.stats.then_some(&stats), output);
            Ok(code::OK)
        }
        Err(failure) if options.stats && output.is_text() => {
            let code = output.fail(&failure);
            stats.lines().iter().for_each(|line| output.note(line));
            Ok(code)
        }
        Err(failure) => Err(Failure { stats: options.stats.then(|| Box::new(stats.to_json())), ..failure }),
    }
}

/// What follows the file is the guest's; who wrote one of our options there most likely meant us.
fn hint_at_misplaced_options(args: &[OsString], output: &mut Output<'_>) {
    for arg in args.iter().map(|arg| arg.to_string_lossy()).take_while(|arg| arg != "--") {
        if let Some(option) = cli::misplaced_option(&arg) {
            output.note(&format!(
                "wrtd: hint: `{option}` stands after FILE, so it goes to the guest; options of wrtd stand before FILE"
            ));
        }
    }
}

/// A call that has been chosen and whose arguments fit.
struct Call {
    /// The function; `None` where instantiation is all there is to run.
    export: Option<String>,
    args: Vec<Val>,
    results: Vec<Val>,
}

impl Call {
    /// Chooses by the module alone: nothing of the guest runs before the command line is known to be right.
    fn choose(module: &Module, options: &RunOptions) -> Result<Self, Failure> {
        let wanted = options.call.as_deref().unwrap_or(ENTRY);
        let found = module.exports().find(|export| export.name == wanted).map(|export| export.ty);
        let ty = match (found, &options.call) {
            (Some(ExternType::Func(ty)), _) => ty,
            (Some(other), _) => {
                let message = format!("export '{wanted}' is a {}, not a function", other.kind());
                return Err(Failure::new(Class::Usage, message));
            }
            (None, Some(name)) => return Err(unknown_export(module, name)),
            (None, None) => return Self::instantiation(module, options.args()),
        };
        let name = one_line(wanted);
        let args = arguments(&name, &ty, options.args())?;
        let results = ty.results().iter().map(|ty| Val::default_for(*ty)).collect::<Option<_>>();
        let results = results.ok_or_else(|| {
            Failure::new(
                Class::Unsupported,
                format!("`{name}` {ty}: its results cannot be returned to the command line"),
            )
        })?;
        Ok(Self { export: Some(wanted.to_owned()), args, results })
    }

    /// A module that exports no function may still run something when it is instantiated.
    fn instantiation(module: &Module, args: &[OsString]) -> Result<Self, Failure> {
        let has_functions = module.exports().any(|export| matches!(export.ty, ExternType::Func(_)));
        if has_functions || module.image().start.is_none() {
            return Err(nothing_to_call(module));
        }
        if !args.is_empty() {
            return Err(Failure::new(Class::Arguments, "the module's start function takes no arguments"));
        }
        Ok(Self { export: None, args: Vec::new(), results: Vec::new() })
    }

    fn make(
        &self,
        store: &mut Store<()>,
        module: &Module,
        input: &Input,
        stats: &mut Stats,
    ) -> Result<Vec<Val>, Failure> {
        let linker = Linker::new(module.engine());
        let instance = stats
            .time(Phase::Instantiate, || linker.instantiate(&mut *store, module))
            .map_err(|error| failure(input, store, &error))?;
        match &self.export {
            Some(name) => stats.time(Phase::Run, || self.call(store, instance, name, input)),
            None => Ok(Vec::new()),
        }
    }

    fn call(&self, store: &mut Store<()>, instance: Instance, name: &str, input: &Input) -> Result<Vec<Val>, Failure> {
        let Some(func) = instance.get_func(&*store, name) else {
            return Err(Failure::new(Class::Internal, format!("export '{name}' has vanished")).in_file(&input.name));
        };
        let mut results = self.results.clone();
        let mut call = func.call_resumable(&mut *store, &self.args, &mut results);
        // There is no other agent that could end a wait: its time is over at once.
        while let Ok(ResumableCall::Waiting(waiting)) = call {
            call = waiting.end(&mut *store, &mut results);
        }
        match call {
            Ok(ResumableCall::Finished) => Ok(results),
            Ok(ResumableCall::OutOfFuel(paused)) => Err(out_of_fuel(input, store, Some(paused.needed()))),
            Ok(ResumableCall::HostTrap(stopped)) => Err(failure(input, store, stopped.error())),
            Ok(ResumableCall::Waiting(_)) => Err(Failure::new(Class::Internal, "a wait that did not end")),
            Err(error) => Err(failure(input, store, &error)),
        }
    }
}

fn failure(input: &Input, store: &Store<()>, error: &Error) -> Failure {
    match error.trap() {
        Some(_) if trap::is_out_of_fuel(error) => out_of_fuel(input, store, None),
        Some(trap) => trap::failure(&input.name, trap),
        None => input::failure(&input.name, input.kind, error),
    }
}

fn out_of_fuel(input: &Input, store: &Store<()>, needed: Option<u64>) -> Failure {
    let (used, left) = (store.fuel_consumed(), store.get_fuel());
    let next = needed.map_or(String::new(), |needed| format!(", the next step needs {needed}"));
    let mut failure = Failure::new(Class::OutOfFuel, format!("out of fuel: {used} used, {left} left{next}"));
    failure.details.insert("used".into(), used.into());
    failure.details.insert("left".into(), left.into());
    failure.details.insert("needed".into(), needed.into());
    failure.in_file(&input.name)
}

/// The guest's arguments by the function's signature.
// @need-ids: REQ_CLI_001, REQ_WASM_002
fn arguments(name: &str, ty: &FuncType, args: &[OsString]) -> Result<Vec<Val>, Failure> {
    // No value is written `--`: it can only have been meant to end the options once more.
    let args = match args {
        [first, rest @ ..] if first == "--" => rest,
        args => args,
    };
    let wrong = |message: String| Failure::new(Class::Arguments, message);
    let wanted = ty.params().len();
    if args.len() != wanted {
        let plural = if wanted == 1 { "" } else { "s" };
        return Err(wrong(format!("`{name}` {ty} takes {wanted} argument{plural}, not {}", args.len())));
    }
    let parse = |(index, (arg, ty)): (usize, (&OsString, &wrt::ValType))| {
        literal::parse(&arg.to_string_lossy(), *ty).map_err(|why| wrong(format!("argument {}: {why}", index + 1)))
    };
    args.iter().zip(ty.params()).enumerate().map(parse).collect()
}

fn unknown_export(module: &Module, name: &str) -> Failure {
    let functions = module.exports().filter(|export| matches!(export.ty, ExternType::Func(_)));
    let near = suggest::nearest(name, functions.map(|export| export.name));
    match near {
        Some(near) => Failure::new(Class::Usage, format!("no export '{name}'; did you mean `{near}`?")),
        None => Failure::new(Class::Usage, format!("no export '{name}'")).with_lines(signatures(module)),
    }
}

fn nothing_to_call(module: &Module) -> Failure {
    let lines = signatures(module);
    let message = if lines.is_empty() {
        format!("nothing to call: neither `{ENTRY}` nor another function is exported")
    } else {
        format!("nothing to call: `{ENTRY}` is not exported; name an export with --call")
    };
    Failure::new(Class::Usage, message).with_lines(lines)
}

/// The exported functions, one a line.
fn signatures(module: &Module) -> Vec<String> {
    let functions = module.exports().filter_map(|export| match export.ty {
        ExternType::Func(ty) => Some(format!("  {} {ty}", one_line(export.name))),
        _ => None,
    });
    let mut lines: Vec<String> = functions.collect();
    let more = lines.len().saturating_sub(EXPORTS_SHOWN);
    if more > 0 {
        lines.truncate(EXPORTS_SHOWN);
        lines.push(format!("  … and {more} more"));
    }
    lines
}

fn tell(input: &Input, call: &Call, results: &[Val], stats: Option<&Stats>, output: &mut Output<'_>) {
    if output.is_text() {
        for value in results {
            output.line(&literal::show(value));
        }
        for line in stats.map(Stats::lines).unwrap_or_default() {
            output.note(&line);
        }
        return;
    }
    let mut document = Map::new();
    document.insert("command".into(), "run".into());
    document.insert("file".into(), input.name.clone().into());
    document.insert("export".into(), call.export.clone().into());
    document.insert("results".into(), results.iter().map(value).collect());
    document.insert("exit".into(), code::OK.into());
    if let Some(stats) = stats {
        document.insert("stats".into(), stats.to_json());
    }
    output.json(document);
}

/// Values are strings: JSON's numbers hold neither all of an `i64` nor NaN.
fn value(value: &Val) -> Value {
    let ty = value.ty().to_string();
    match value {
        Val::F32(bits) => json!({ "type": ty, "value": literal::show(value), "bits": format!("{bits:#010x}") }),
        Val::F64(bits) => json!({ "type": ty, "value": literal::show(value), "bits": format!("{bits:#018x}") }),
        _ => json!({ "type": ty, "value": literal::show(value) }),
    }
}
