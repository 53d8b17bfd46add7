//! `run`: calls an exported function, or the program that a module is.

// @need-ids: REQ_CLI_004

use crate::cache::Cache;
use crate::cli::{self, RunOptions};
use crate::failure::{Class, Failure, code, one_line};
use crate::input::{self, Input};
use crate::literal;
use crate::output::Output;
use crate::source::{Bytes, Source};
use crate::stats::{Phase, Stats};
use crate::suggest;
use crate::time_limit::TimeLimit;
use crate::trap;
use crate::wasi;
use serde_json::{Map, Value, json};
use std::ffi::OsString;
use std::time::Instant;
use wrt::{Engine, Error, ExternType, FuncType, Instance, Linker, Module, ResumableCall, Store, Val};
use wrt_wasi::WasiP1;

/// What a program exports to be run.
const ENTRY: &str = "_start";

/// What a library exports to be run before anything else of it.
const INITIALIZE: &str = "_initialize";

/// How many exports a message lists.
const EXPORTS_SHOWN: usize = 100;

/// Runs what `options` say and prints the results. Without fuel in the options there is no limit, and it is still counted.
// @need-ids: REQ_CLI_001, REQ_003, REQ_RESOURCE_004
pub fn run(options: &RunOptions, output: &mut Output<'_>) -> Result<u8, Failure> {
    let mut stats = Stats::default();
    options.without_effect().for_each(|what| output.note(&format!("wrtd: hint: {what}")));
    let limits = options.limits.limits;
    let input = input::load(options.file(), &limits)?;
    stats.spent(Phase::Read, input.read_time);
    let engine = Engine::new(&options.proposals.config(limits).strategy(options.engine.into()));
    let cache = options.cache()?;
    let module = stats.time(Phase::Validate, || module(&engine, &input, cache.as_ref()))?;
    let preloaded = preloaded(&engine, options, cache.as_ref())?;
    let call = Call::choose(&module, options);
    // A command reads its words itself, and they may well be called as ours are.
    if !matches!(&call, Ok(call) if call.takes_words) {
        hint_at_misplaced_options(options.args(), output);
    }
    let call = call.map_err(|failure| failure.in_file(&input.name))?;

    let words = if call.takes_words { words(options)? } else { Vec::new() };
    let mut store = Store::new(&engine, options.wasi.context(options.file(), &words, &limits)?);
    store.set_profiling(options.stats);
    if let Some(fuel) = options.fuel {
        store.set_fuel(fuel);
    }
    let mut run = Run {
        input: &input,
        preloaded: &preloaded,
        dwarf: !options.no_dwarf,
        time: TimeLimit::start(options.timeout),
        stats: &mut stats,
    };
    let done = call.make(&mut store, &module, &mut run);
    stats.take(&store, options.fuel);
    match done {
        Ok(end) => {
            tell(&input, &call, &end, options.stats.then_some(&stats), output);
            Ok(end.status())
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

/// How a run came to its end.
enum End {
    /// The function returned these.
    Returned(Vec<Val>),
    /// The guest ended itself with this status.
    Exited(u8),
}

impl End {
    fn status(&self) -> u8 {
        match self {
            Self::Returned(_) => code::OK,
            Self::Exited(status) => *status,
        }
    }

    fn results(&self) -> &[Val] {
        match self {
            Self::Returned(results) => results,
            Self::Exited(_) => &[],
        }
    }
}

/// What goes along with a run.
struct Run<'a> {
    input: &'a Input,
    /// The modules that are instantiated before, by the names that their exports get.
    preloaded: &'a [(String, Input, Module)],
    /// Whether backtraces have lines of source.
    dwarf: bool,
    time: TimeLimit,
    stats: &'a mut Stats,
}

/// A call that has been chosen and whose arguments fit.
struct Call {
    /// The function; `None` where instantiation is all there is to run.
    export: Option<String>,
    /// Whether the words behind the file are those of a WASI command, which reads them itself.
    takes_words: bool,
    /// Whether the module wants to be initialised first.
    initialize: bool,
    args: Vec<Val>,
    results: Vec<Val>,
}

impl Call {
    /// Chooses by the module alone: nothing of the guest runs before the command line is known to be right.
    fn choose(module: &Module, options: &RunOptions) -> Result<Self, Failure> {
        let wanted = options.call.as_deref().unwrap_or(ENTRY);
        let find = |name| module.exports().find(|export| export.name == name).map(|export| export.ty);
        let ty = match (find(wanted), &options.call) {
            (Some(ExternType::Func(ty)), _) => ty,
            (Some(other), _) => {
                let message = format!("export '{wanted}' is a {}, not a function", other.kind());
                return Err(Failure::new(Class::Usage, message));
            }
            (None, Some(name)) => return Err(unknown_export(module, name)),
            (None, None) => return Self::instantiation(module, options.args()),
        };
        let name = one_line(wanted);
        let takes_words = wanted == ENTRY && ty.params().is_empty() && wasi::is_used(module);
        let args = if takes_words { Vec::new() } else { arguments(&name, &ty, &params(options, &ty)?)? };
        let results = ty.results().iter().map(|ty| Val::default_for(*ty)).collect::<Option<_>>();
        let results = results.ok_or_else(|| {
            Failure::new(
                Class::Unsupported,
                format!("`{name}` {ty}: its results cannot be returned to the command line"),
            )
        })?;
        let initialize = wanted != ENTRY && wanted != INITIALIZE && is_reactor(module);
        Ok(Self { export: Some(wanted.to_owned()), takes_words, initialize, args, results })
    }

    /// A module that exports no function to call may still run something when it is instantiated.
    fn instantiation(module: &Module, args: &[OsString]) -> Result<Self, Failure> {
        let has_functions = module.exports().any(|export| matches!(export.ty, ExternType::Func(_)));
        if has_functions || module.image().start.is_none() {
            return Err(nothing_to_call(module));
        }
        if !args.is_empty() {
            return Err(Failure::new(Class::Arguments, "the module's start function takes no arguments"));
        }
        Ok(Self { export: None, takes_words: false, initialize: false, args: Vec::new(), results: Vec::new() })
    }

    fn make(&self, store: &mut Store<WasiP1>, module: &Module, run: &mut Run<'_>) -> Result<End, Failure> {
        let mut linker = Linker::new(module.engine());
        // A module that imports nothing is begun and done before forty functions are linked.
        if module.imports().next().is_some() || !run.preloaded.is_empty() {
            wasi::link(&mut linker).map_err(|error| failure(run, store, &error))?;
        }
        for (name, input, module) in run.preloaded {
            let done = linker.module(&mut *store, name, module).map(drop);
            done.map_err(|error| Failure { file: Some(input.name.as_str().into()), ..failure(run, store, &error) })?;
        }
        let instance = run.stats.time(Phase::Instantiate, || linker.instantiate(&mut *store, module));
        let instance = match instance {
            Ok(instance) => instance,
            Err(error) => return ended(&error).ok_or_else(|| failure(run, store, &error)),
        };
        store.set_fuel(run.time.slice(store.get_fuel()));
        if self.initialize {
            match call(store, instance, INITIALIZE, (&[], Vec::new()), run)? {
                End::Returned(_) => {}
                exited @ End::Exited(_) => return Ok(exited),
            }
        }
        match &self.export {
            Some(name) => call(store, instance, name, (&self.args, self.results.clone()), run),
            None => Ok(End::Returned(Vec::new())),
        }
    }
}

/// Whether a module is a WASI library, which wants to be initialised before anything else.
// @need-ids: REQ_WASI_005
fn is_reactor(module: &Module) -> bool {
    module.exports().any(|export| match export.ty {
        ExternType::Func(ty) => export.name == INITIALIZE && ty.params().is_empty() && ty.results().is_empty(),
        _ => false,
    })
}

/// The end that an error stands for, if the guest ended itself.
fn ended(error: &Error) -> Option<End> {
    wasi::exit_status(error).map(End::Exited)
}

/// Calls an export and has it go on for as long as there are fuel and time.
fn call(
    store: &mut Store<WasiP1>,
    instance: Instance,
    name: &str,
    (args, mut results): (&[Val], Vec<Val>),
    run: &mut Run<'_>,
) -> Result<End, Failure> {
    let Some(func) = instance.get_func(&*store, name) else {
        return Err(Failure::new(Class::Internal, format!("export '{name}' has vanished")).in_file(&run.input.name));
    };
    log::info!("{name} is called with {} of fuel", store.get_fuel());
    let start = Instant::now();
    let call = func.call_resumable(&mut *store, args, &mut results);
    let call = go_on(store, call, &mut results, &mut run.time);
    run.stats.spent(Phase::Run, start.elapsed());
    log::info!("{name} has ended; {} of fuel were used", store.fuel_consumed());
    match call {
        Err(over) => Err(over.in_file(&run.input.name)),
        Ok(Ok(ResumableCall::OutOfFuel(paused))) => Err(out_of_fuel(run.input, store, Some(paused.needed()))),
        Ok(Ok(ResumableCall::HostTrap(stopped))) => {
            ended(stopped.error()).ok_or_else(|| failure(run, store, stopped.error()))
        }
        Ok(Ok(_)) => Ok(End::Returned(results)),
        Ok(Err(error)) => ended(&error).ok_or_else(|| failure(run, store, &error)),
    }
}

/// Resumes a call until it ends or there is no more fuel.
///
/// # Errors
/// There is no more time.
fn go_on(
    store: &mut Store<WasiP1>,
    mut call: Result<ResumableCall, Error>,
    results: &mut [Val],
    time: &mut TimeLimit,
) -> Result<Result<ResumableCall, Error>, Failure> {
    loop {
        call = match call {
            // There is no other agent that could end a wait: its time is over at once.
            Ok(ResumableCall::Waiting(waiting)) => waiting.end(&mut *store, results),
            Ok(ResumableCall::OutOfFuel(paused)) => match time.more(paused.needed())? {
                Some(fuel) => {
                    store.add_fuel(fuel);
                    paused.resume(&mut *store, results)
                }
                None => return Ok(Ok(ResumableCall::OutOfFuel(paused))),
            },
            ended => return Ok(ended),
        };
    }
}

fn failure(run: &Run<'_>, store: &Store<WasiP1>, error: &Error) -> Failure {
    let input = run.input;
    match error.trap() {
        Some(_) if trap::is_out_of_fuel(error) => out_of_fuel(input, store, None),
        Some(trap) => {
            // Instances have numbers in the order in which they are made.
            let inputs = run.preloaded.iter().map(|(_, input, _)| input).chain([input]).filter(|_| run.dwarf);
            let bytes: Vec<_> = inputs.map(|input| (input, Bytes::of(input))).collect();
            let sources: Vec<_> = bytes.iter().map(|(input, bytes)| Source::new(bytes.as_ref()?, input)).collect();
            trap::failure(&input.name, trap, &sources)
        }
        None => {
            let failure = input::failure(&input.name, input.kind, error);
            // A body that is refused when it is called may be another module's.
            if run.preloaded.is_empty() { failure.placed(input, error) } else { failure }
        }
    }
}

/// The module of a file, which a cache may know.
fn module(engine: &Engine, input: &Input, cache: Option<&Cache>) -> Result<Module, Failure> {
    cache.map_or_else(|| input::module(engine, input), |cache| cache.module(engine, input))
}

/// Reads the modules that are instantiated before.
fn preloaded(
    engine: &Engine,
    options: &RunOptions,
    cache: Option<&Cache>,
) -> Result<Vec<(String, Input, Module)>, Failure> {
    let read = |(name, file): &(String, OsString)| {
        let input = input::load(file, &options.limits.limits)?;
        let module = module(engine, &input, cache)?;
        Ok((name.clone(), input, module))
    };
    options.preload.iter().map(read).collect()
}

fn out_of_fuel(input: &Input, store: &Store<WasiP1>, needed: Option<u64>) -> Failure {
    let (used, left) = (store.fuel_consumed(), store.get_fuel());
    let next = needed.map_or(String::new(), |needed| format!(", the next step needs {needed}"));
    let mut failure = Failure::new(Class::OutOfFuel, format!("out of fuel: {used} used, {left} left{next}"));
    failure.details.insert("used".into(), used.into());
    failure.details.insert("left".into(), left.into());
    failure.details.insert("needed".into(), needed.into());
    failure.in_file(&input.name)
}

/// The words of a WASI command: what stands behind the file, or what `--app-args` says.
// @need-ids: REQ_CLI_002
fn words(options: &RunOptions) -> Result<Vec<OsString>, Failure> {
    let wrong = |message: &str| Err(Failure::new(Class::Usage, message));
    match (options.app_args(), options.args()) {
        _ if options.params.is_some() => wrong("--params is for a function; a WASI command takes words: --app-args"),
        (Some(words), []) => Ok(words),
        (Some(_), _) => wrong("the guest's words are given twice: by --app-args and behind FILE"),
        (None, words) => Ok(words.to_vec()),
    }
}

/// The arguments of a function: what stands behind the file, or what `--params` says.
// @need-ids: REQ_CLI_002
fn params(options: &RunOptions, ty: &FuncType) -> Result<Vec<OsString>, Failure> {
    let wrong = |message: &str| Err(Failure::new(Class::Usage, message));
    match (&options.params, options.args()) {
        _ if options.app_args().is_some() => wrong("--app-args is for WASI commands; a function takes --params"),
        (Some(params), []) => params.words(ty.params()).map_err(|message| Failure::new(Class::Arguments, message)),
        (Some(_), _) => wrong("the arguments are given twice: by --params and behind FILE"),
        (None, args) => Ok(args.to_vec()),
    }
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

fn tell(input: &Input, call: &Call, end: &End, stats: Option<&Stats>, output: &mut Output<'_>) {
    if output.is_text() {
        for value in end.results() {
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
    document.insert("results".into(), end.results().iter().map(value).collect());
    document.insert("exit".into(), end.status().into());
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
