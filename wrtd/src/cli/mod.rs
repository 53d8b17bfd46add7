//! What can be written on the command line.

// @need-ids: REQ_CLI_001

mod limits;
mod parse;
mod spellings;

pub use limits::LimitOptions;
pub(crate) use parse::usage;
pub use parse::{Invocation, Parsed, misplaced_option, parse};

use crate::cache::Cache;
use crate::failure::Failure;
use crate::output::{Color, Format};
use crate::settings::Listing;
use crate::wasi::{self, WasiOptions};
use clap::builder::PossibleValuesParser;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, ValueHint};
use limits::parse_count;
use spellings::Params;
use std::ffi::{OsStr, OsString};
use std::sync::OnceLock;
use std::time::Duration;
use wrt::{Config, Engine, Proposal, Strategy};
use wrt_safety::Limits;

/// What is tried first.
const EXAMPLES: &str = "\
Examples:
  wrtd app.wasm input.txt                     run a WASI program with its words
  wrtd --dir . --env LANG=C app.wasm          hand it a directory and a variable
  wrtd --call fib --fuel 1000000 fib.wasm 20  call a function, bounded
  wrtd --stats --timeout 5s app.wasm          tell what it used, and stop it in time
  wrtd inspect app.wasm                       what is in it
  wrtd explain trap[2]                        what a message means

`wrtd help run` lists the options of a run, `-h` the most important of them.";

/// Runs WebAssembly: metered, bounded, the same everywhere.
///
/// `run` may be left out: `wrtd [OPTIONS] FILE [ARGS]...`. FILE ends the options of wrtd; what follows is the guest's.
/// A word that is a command is the command; write `./compile` for the file.
#[derive(Debug, Parser)]
#[command(name = "wrtd", version, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = EXAMPLES)]
#[command(override_usage = "wrtd [run] [OPTIONS] FILE [ARGS]...\n       wrtd COMMAND [OPTIONS] ...")]
struct Cli {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    command: Command,
}

/// Options of all commands.
#[derive(Debug, Args)]
struct Everywhere {
    /// The form of the output
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM", help_heading = "Everywhere")]
    format: Format,
    /// Colours: when standard error, or for help standard output, is a terminal and `NO_COLOR` is not set; or always, or never
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", help_heading = "Everywhere")]
    color: Color,
    /// Log what happens to standard error: -v, -vv for more, -vvv for all; without it, what `WRT_LOG` says
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Everywhere")]
    verbose: u8,
    /// Take the settings from FILE, and not from wrt.toml in this directory and the user's
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    config: Option<OsString>,
    /// Take no settings from files
    #[arg(long, global = true, conflicts_with = "config", help_heading = "Everywhere")]
    no_config: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a module, text module or image (the default)
    Run(Box<RunOptions>),
    /// Compile a module to an image
    Compile(CompileOptions),
    /// Run test scripts
    Wast(WastOptions),
    /// Show what is in a module or image
    Inspect(InspectOptions),
    /// Compute what a module needs at most: frames, slots, fuel, storage
    Budget(Box<BudgetOptions>),
    /// Check this installation: run modules whose results are known
    Selftest(SelftestOptions),
    /// Explain a trap, a kind of error, an exit code or a limit; without one, list all
    Explain(ExplainOptions),
    /// Show each setting of `run` with its value and where that comes from, in the form of wrt.toml
    Config(ConfigOptions),
    /// Print a completion script for a shell
    Completion(CompletionOptions),
    /// Print the manual page of wrtd or of a command, or write all of them
    Man(ManOptions),
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct RunOptions {
    /// The exported function to call; without it `_start`, or else a list of the exports
    #[arg(short = 'i', long, visible_alias = "invoke", value_name = "NAME")]
    pub call: Option<String>,
    /// The most fuel to use; without it there is no limit, and fuel is still counted
    #[arg(long, value_name = "N", value_parser = parse_count)]
    pub fuel: Option<u64>,
    /// The engine that runs it: results, traps and fuel are the same
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineName,
    /// Tell what the run used: fuel, operators, memory, stack, time
    #[arg(long)]
    pub stats: bool,
    /// The longest time to run: seconds, or milliseconds with `ms`
    #[arg(long, value_name = "TIME", value_parser = wasi::parse_time)]
    pub timeout: Option<Duration>,
    /// Instantiate this module before, and let FILE import from it by that name; again for more
    #[arg(long, value_name = "NAME=FILE", value_parser = parse_preload)]
    pub preload: Vec<(String, OsString)>,
    /// Leave lines of source out of backtraces
    #[arg(long)]
    pub no_dwarf: bool,
    /// Remember in a folder which modules were found valid: the next time their functions are validated when they are first called
    #[arg(long)]
    cache: bool,
    /// As --cache, in this folder and not in the user's; it must be this user's alone, and is made if there is none
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    cache_dir: Option<OsString>,
    /// What a WASI guest is given.
    #[command(flatten)]
    pub wasi: WasiOptions,
    /// Proposals.
    #[command(flatten)]
    pub proposals: ProposalOptions,
    /// Limits of the store.
    #[command(flatten)]
    pub limits: LimitOptions,
    /// Options as wasmtime has them, where they mean the same: `fuel=N`, `timeout=TIME`, `max-memory-size=N`…
    #[arg(
        short = 'W',
        value_name = "KEY[=VALUE],…",
        value_delimiter = ',',
        help_heading = "As other runtimes have them"
    )]
    wasmtime: Vec<String>,
    /// The function's arguments with their types, as Chiwawa has them: `I32(1),F64(2.5)`
    #[arg(short = 'p', long, value_name = "TYPE(VALUE),…", help_heading = "As other runtimes have them")]
    pub params: Option<Params>,
    /// The words of a WASI command, separated by spaces, as Chiwawa has them
    #[arg(long, value_name = "WORDS", allow_hyphen_values = true, help_heading = "As other runtimes have them")]
    app_args: Vec<String>,
    /// Understood, and it changes nothing: pure functions are not remembered
    #[arg(long, visible_alias = "memoize", value_enum, value_name = "WHEN", num_args = 0..=1, default_missing_value = "on", require_equals = true, help_heading = "As other runtimes have them")]
    memoization: Option<Switch>,
    /// Understood, and it changes nothing: register code has its fused operators always
    #[arg(long, value_enum, value_name = "WHEN", num_args = 0..=1, default_missing_value = "on", require_equals = true, help_heading = "As other runtimes have them")]
    superinstructions: Option<Switch>,
    /// A module, text module or image, `-` for standard input; then the arguments of the function or the WASI command
    #[arg(required = true, trailing_var_arg = true, value_names = ["FILE", "ARGS"], value_hint = ValueHint::FilePath, help_heading = "Arguments")]
    file_and_args: Vec<OsString>,
}

impl RunOptions {
    /// The file.
    pub fn file(&self) -> &OsStr {
        self.file_and_args.first().map_or(OsStr::new(""), OsString::as_os_str)
    }

    /// The guest's arguments, as they stand behind the file.
    pub fn args(&self) -> &[OsString] {
        self.file_and_args.get(1..).unwrap_or_default()
    }

    /// The cache, if one is wanted.
    ///
    /// # Errors
    /// Those of [`Cache::open`].
    // @need-ids: REQ_PERF_004
    pub fn cache(&self) -> Result<Option<Cache>, Failure> {
        let wanted = self.cache || self.cache_dir.is_some();
        wanted.then(|| Cache::open(self.cache_dir.as_deref())).transpose()
    }

    /// The words that `--app-args` gives, if it is there.
    pub fn app_args(&self) -> Option<Vec<OsString>> {
        let words = self.app_args.iter().flat_map(|words| words.split_whitespace());
        (!self.app_args.is_empty()).then(|| words.map(OsString::from).collect())
    }

    /// What was asked for and is not done. Results and fuel are the same with and without it, so the run goes on.
    // @need-ids: REQ_CLI_002
    pub fn without_effect(&self) -> impl Iterator<Item = &'static str> {
        let memoization = self.memoization == Some(Switch::On);
        let superinstructions = self.superinstructions == Some(Switch::Off);
        [
            memoization.then_some("`--memoization` has no effect: no real program was found that gains from it"),
            superinstructions
                .then_some("`--superinstructions=off` has no effect: register code has its fused operators always"),
        ]
        .into_iter()
        .flatten()
    }
}

/// Options of `compile`.
#[derive(Debug, Args)]
pub struct CompileOptions {
    /// A module, text module or image, `-` for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: OsString,
    /// The image to write, `-` for standard output
    #[arg(short, long, value_name = "OUT")]
    pub output: OsString,
    /// The engines that it is for; with the traditional one, what only tells is left out
    #[arg(long, value_enum, default_value_t, value_name = "ENGINE")]
    pub engine: ImageEngine,
    /// Leave out what only tells: names, offsets for backtraces, and operands of paused calls
    #[arg(long)]
    pub strip: bool,
    /// Proposals.
    #[command(flatten)]
    pub proposals: ProposalOptions,
    /// Limits of the module.
    #[command(flatten)]
    pub limits: LimitOptions,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// What an image is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ImageEngine {
    /// Register code
    #[default]
    Stackless,
    /// Bytecode and side tables, which devices alone run from images
    Traditional,
    /// All of them
    Both,
}

/// Options of `inspect`.
#[derive(Debug, Args)]
pub struct InspectOptions {
    /// A module, text module or image, `-` for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: OsString,
    /// Show the register code of the functions
    #[arg(long, conflicts_with = "wat")]
    pub ir: bool,
    /// Show the module as text
    #[arg(long)]
    pub wat: bool,
    /// Proposals.
    #[command(flatten)]
    pub proposals: ProposalOptions,
    /// Limits of the module.
    #[command(flatten)]
    pub limits: LimitOptions,
}

/// Options of `budget`. Functions are given by index or name, places by the offsets that the report shows.
#[derive(Debug, Args)]
pub struct BudgetOptions {
    /// A module, text module or image, `-` for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: OsString,
    /// The target whose storage is sized: a triple, or `host`
    #[arg(long, value_name = "TRIPLE", default_value = "host")]
    pub target: String,
    /// Write Rust constants for the storage to this file, `-` for standard output in place of the report
    #[arg(short = 'o', long, value_name = "OUT")]
    pub rust: Option<OsString>,
    /// At most N calls of a function in a circle are in progress at once
    #[arg(long, value_name = "FUNC=N")]
    pub recursion: Vec<String>,
    /// A loop's head is passed at most N times for each time that the loop is entered
    #[arg(long = "loop", value_name = "FUNC:OFFSET=N")]
    pub loops: Vec<String>,
    /// An operator works on at most N bytes, pages or elements
    #[arg(long, value_name = "FUNC:OFFSET=N")]
    pub length: Vec<String>,
    /// An indirect call calls one of these functions
    #[arg(long, value_name = "FUNC:OFFSET=FUNC,…")]
    pub callees: Vec<String>,
    /// What an import is: `calls:FUNC,…` for a host function that calls the guest, or `frames:N,slots:N[,records:N][,fuel:N]`
    /// for a function of another instance
    #[arg(long, value_name = "MODULE.NAME=WHAT")]
    pub import: Vec<String>,
    /// Proposals.
    #[command(flatten)]
    pub proposals: ProposalOptions,
    /// Limits of the module.
    #[command(flatten)]
    pub limits: LimitOptions,
}

/// Options of `wast`.
#[derive(Debug, Args)]
pub struct WastOptions {
    /// Scripts, or folders with scripts at any depth
    #[arg(required = true, value_name = "FILE|DIR")]
    pub paths: Vec<OsString>,
    /// The engine that runs them
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineName,
    /// Tell every failure with its place and reason
    #[arg(long)]
    pub list_failures: bool,
}

/// Options of `selftest`: none.
#[derive(Debug, Args)]
pub struct SelftestOptions {}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct ExplainOptions {
    /// `trap[2]`, `link`, `65`, `max-frames`…
    pub code: Option<String>,
}

/// Options of `completion`.
#[derive(Debug, Args)]
pub struct CompletionOptions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// Options of `man`.
#[derive(Debug, Args)]
pub struct ManOptions {
    /// A command; without one the page of wrtd
    #[arg(value_name = "COMMAND", conflicts_with = "output")]
    pub page: Option<String>,
    /// Write the pages of all commands into this folder
    #[arg(short, long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub output: Option<OsString>,
}

/// Options of `config`: those of `run`.
#[derive(Clone, Debug, Default)]
pub struct ConfigOptions {
    /// What is to be shown.
    pub listing: Listing,
}

impl Args for ConfigOptions {
    fn augment_args(command: clap::Command) -> clap::Command {
        let run = RunOptions::augment_args(clap::Command::new("run"));
        let options = run.get_arguments().filter(|arg| !arg.is_positional());
        options.fold(command, |command, arg| command.arg(arg.clone()))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

/// The listing needs more than its own arguments: it is filled in when all are known.
impl clap::FromArgMatches for ConfigOptions {
    fn from_arg_matches(_: &clap::ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self::default())
    }

    fn update_from_arg_matches(&mut self, _: &clap::ArgMatches) -> Result<(), clap::Error> {
        Ok(())
    }
}

/// Of the definition what a run needs that leaves the limits as they are, its options and those of all commands side by side. The whole takes longer
/// to make and to read by than everything else that a small module needs, and so do options that two commands share.
fn definition_of_run() -> clap::Command {
    Everywhere::augment_args(RunOptions::augment_args(clap::Command::new("wrtd").hide(true)))
}

/// The definition of the whole command line. It is made once: it takes longer than reading the words by it.
pub fn definition() -> &'static clap::Command {
    static DEFINITION: OnceLock<clap::Command> = OnceLock::new();
    DEFINITION.get_or_init(Cli::command)
}

/// The same with the options of `run` where no command stands, for shells.
pub fn with_run_left_out() -> clap::Command {
    let run = definition().find_subcommand("run").into_iter().flat_map(clap::Command::get_arguments);
    run.fold(definition().clone().subcommand_required(false), |command, arg| command.arg(arg.clone().required(false)))
}

/// Options that are no settings: they say what to do now, or where settings are. Nor is in which folder there is a cache: the file of a directory
/// could have files written into any.
const NOT_SETTINGS: [&str; 7] =
    ["config", "no_config", "params", "app_args", "memoization", "superinstructions", "cache_dir"];

/// The options that `wrt.toml` can have, each by its long name: those of `run` and those of all commands.
// @need-ids: REQ_CONFIG_001
pub fn settings() -> impl Iterator<Item = &'static clap::Arg> {
    let run = definition().find_subcommand("run").into_iter().flat_map(clap::Command::get_arguments);
    run.chain(definition().get_arguments())
        .filter(|arg| arg.get_long().is_some() && !NOT_SETTINGS.contains(&arg.get_id().as_str()))
}

/// The engines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// The register engine
    #[default]
    Stackless,
    /// Bytecode in place
    Traditional,
    /// Both, checking each other
    Lockstep,
}

impl From<EngineName> for Strategy {
    fn from(name: EngineName) -> Self {
        match name {
            EngineName::Stackless => Self::Stackless,
            EngineName::Traditional => Self::Traditional,
            EngineName::Lockstep => Self::Lockstep,
        }
    }
}

/// The proposals that modules may use, although they are off by default.
// @need-ids: REQ_WASM_PROPOSALS_001
#[derive(Clone, Debug, Default, Args)]
pub struct ProposalOptions {
    /// Proposals to turn on, separated by commas
    #[arg(long, help_heading = "Proposals", value_name = "PROPOSAL", value_delimiter = ',', value_parser = proposal_names())]
    enable: Vec<String>,
}

impl ProposalOptions {
    /// An engine with these limits, and with the proposals turned on.
    pub fn engine(&self, limits: Limits) -> Engine {
        Engine::new(&self.config(limits))
    }

    /// The configuration of such an engine.
    pub fn config(&self, limits: Limits) -> Config {
        let wanted =
            Proposal::ALL.into_iter().filter(|proposal| self.enable.iter().any(|name| name == proposal.name()));
        wanted.fold(Config::new().limits(limits), |config, proposal| config.proposal(proposal, true))
    }
}

fn parse_preload(text: &str) -> Result<(String, OsString), String> {
    match text.split_once('=') {
        Some((name, file)) if !file.is_empty() => Ok((name.to_owned(), file.into())),
        _ => Err("not `NAME=FILE`".into()),
    }
}

fn proposal_names() -> PossibleValuesParser {
    Proposal::ALL.map(Proposal::name).into()
}
