//! What can be written on the command line.

use crate::FALLBACK_FORMAT;
use crate::failure::{Class, Failure};
use crate::output::Format;
use crate::wasi::{self, WasiOptions};
use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{ArgAction, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::ffi::{OsStr, OsString};
use std::time::Duration;
use wrt::{Config, Engine, Proposal, Strategy};
use wrt_safety::Limits;
use wrt_safety::limits::LimitInfo;

/// Runs WebAssembly: metered, bounded, the same everywhere.
///
/// `run` may be left out: `wrtd [OPTIONS] FILE [ARGS]...`. FILE ends the options of wrtd; what follows is the guest's.
/// A word that is a command is the command; write `./compile` for the file.
#[derive(Debug, Parser)]
#[command(name = "wrtd", version, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
#[command(override_usage = "wrtd [run] [OPTIONS] FILE [ARGS]...\n       wrtd COMMAND [OPTIONS] ...")]
struct Cli {
    /// The form of the output
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM")]
    format: Format,
    #[command(subcommand)]
    command: Command,
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
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct RunOptions {
    /// The exported function to call; without it `_start`, or else a list of the exports
    #[arg(long, visible_alias = "invoke", value_name = "NAME")]
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
    /// What a WASI guest is given.
    #[command(flatten)]
    pub wasi: WasiOptions,
    /// Proposals.
    #[command(flatten)]
    pub proposals: ProposalOptions,
    /// Limits of the store.
    #[command(flatten)]
    pub limits: LimitOptions,
    /// A module, text module or image, `-` for standard input; then the arguments of the function or the WASI command
    #[arg(required = true, trailing_var_arg = true, value_names = ["FILE", "ARGS"])]
    file_and_args: Vec<OsString>,
}

impl RunOptions {
    /// The file.
    pub fn file(&self) -> &OsStr {
        self.file_and_args.first().map_or(OsStr::new(""), OsString::as_os_str)
    }

    /// The guest's arguments.
    pub fn args(&self) -> &[OsString] {
        self.file_and_args.get(1..).unwrap_or_default()
    }
}

/// Options of `compile`.
#[derive(Debug, Args)]
pub struct CompileOptions {
    /// A module, text module or image, `-` for standard input
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
    #[arg(long, value_name = "PROPOSAL", value_delimiter = ',', value_parser = proposal_names())]
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

fn proposal_names() -> PossibleValuesParser {
    Proposal::ALL.map(Proposal::name).into()
}

/// An option for each limit, by its key.
// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_001
#[derive(Clone, Copy, Debug, Default)]
pub struct LimitOptions {
    /// The limits: those given, and the defaults.
    pub limits: Limits,
}

impl Args for LimitOptions {
    fn augment_args(mut command: clap::Command) -> clap::Command {
        for info in Limits::DESCRIPTIONS {
            let help = format!("{} (in {}) [default: {}]", info.meaning, info.unit, info.default);
            command = command.arg(
                clap::Arg::new(info.key)
                    .long(info.key)
                    .value_name("N")
                    .value_parser(|text: &str| parse_count(text))
                    .action(ArgAction::Set)
                    .help(help)
                    .help_heading("Limits")
                    .hide_short_help(true),
            );
        }
        command
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for LimitOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut options = Self::default();
        options.update_from_arg_matches(matches)?;
        Ok(options)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for LimitInfo { key, set, .. } in Limits::DESCRIPTIONS {
            if let Some(value) = matches.get_one::<u64>(key) {
                set(&mut self.limits, *value)
                    .map_err(|error| clap::Error::raw(ErrorKind::ValueValidation, format!("{error}\n")))?;
            }
        }
        Ok(())
    }
}

/// A count: decimal or hexadecimal, with underscores, and with K, M, G or T for powers of 1024.
fn parse_count(text: &str) -> Result<u64, String> {
    let digits: String = text.chars().filter(|character| *character != '_').collect();
    let (digits, shift) = match digits.char_indices().last() {
        Some((at, suffix)) if !digits.starts_with("0x") => match suffix.to_ascii_uppercase() {
            'K' => (&digits[..at], 10),
            'M' => (&digits[..at], 20),
            'G' => (&digits[..at], 30),
            'T' => (&digits[..at], 40),
            _ => (digits.as_str(), 0),
        },
        _ => (digits.as_str(), 0),
    };
    let number = match digits.strip_prefix("0x") {
        Some(hex) if hex.starts_with(|c: char| c.is_ascii_hexdigit()) => u64::from_str_radix(hex, 16),
        _ if digits.starts_with(|c: char| c.is_ascii_digit()) => digits.parse(),
        _ => return Err("not a number".into()),
    };
    let number = number.map_err(|error| match error.kind() {
        std::num::IntErrorKind::PosOverflow => String::from("more than 64 bits"),
        _ => String::from("not a number"),
    })?;
    number.checked_mul(1 << shift).ok_or_else(|| "more than 64 bits".into())
}

/// What the command line asks for.
#[derive(Debug)]
pub enum Parsed {
    /// A command.
    Command(Command),
    /// This text on standard output: the help or the version.
    Text(String),
}

/// Reads the command line, program name first.
// @need-ids: REQ_CLI_001
pub fn parse(args: &[OsString]) -> Result<Parsed, Failure> {
    let (args, run_is_implied) = with_command(args);
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return not_parsed(&error),
    };
    match cli.command {
        Command::Run(options) if run_is_implied => run_or_command(options),
        command => Ok(Parsed::Command(command)),
    }
}

/// Puts `run` in front of everything where no command stands there. `--format`, which all commands have, may stand before it.
fn with_command(args: &[OsString]) -> (Vec<OsString>, bool) {
    let mut args = args.to_vec();
    if args.is_empty() {
        args.push("wrtd".into());
    }
    let mut at = 1;
    loop {
        match args.get(at).map(OsString::as_os_str).and_then(OsStr::to_str) {
            Some("--format") => at += 2,
            Some(word) if word.starts_with("--format=") => at += 1,
            Some(word) if is_command(word) || is_for_all(word) => return (args, false),
            // No arguments at all: the help.
            None if args.len() == 1 => return (args, false),
            _ => break,
        }
    }
    args.insert(1, "run".into());
    (args, true)
}

fn is_command(word: &str) -> bool {
    word == "help" || Cli::command().get_subcommands().any(|command| command.get_name() == word)
}

fn is_for_all(word: &str) -> bool {
    matches!(word, "-h" | "--help" | "-V" | "--version")
}

/// Without `run`, a file that is called as a command is the command: `wrtd --fuel 9 run m.wasm`.
fn run_or_command(mut options: Box<RunOptions>) -> Result<Parsed, Failure> {
    let Some(word) = options.file().to_str().filter(|word| is_command(word)) else {
        return Ok(Parsed::Command(Command::Run(options)));
    };
    if word == "run" && options.file_and_args.len() > 1 {
        // Its options may stand on both sides; those after it have not been read as options yet.
        if options.args().first().and_then(|arg| arg.to_str()).is_some_and(|arg| !arg.starts_with('-')) {
            options.file_and_args.remove(0);
            return Ok(Parsed::Command(Command::Run(options)));
        }
    }
    let message = format!("`{word}` is a command: its options stand behind it; write `./{word}` for the file");
    Err(Failure::new(Class::Usage, message))
}

fn not_parsed(error: &clap::Error) -> Result<Parsed, Failure> {
    let text = error.render().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(Parsed::Text(text)),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let lines = text.lines().map(str::to_owned).collect();
            Err(Failure::new(Class::Usage, "a file or a command is wanted").with_lines(lines))
        }
        _ => {
            let mut lines = text.lines().map(|line| line.strip_prefix("error: ").unwrap_or(line));
            let mut message = lines.next().unwrap_or("wrong usage").to_owned();
            // A list of what is missing goes on in indented lines.
            let mut rest: Vec<String> = Vec::new();
            for line in lines {
                if rest.is_empty() && line.starts_with("  ") && !line.trim_start().starts_with("tip: ") {
                    message.push(' ');
                    message.push_str(line.trim());
                } else if !line.is_empty() {
                    rest.push(line.trim_start().to_owned());
                }
            }
            Err(Failure::new(Class::Usage, message).with_lines(rest))
        }
    }
}

/// The form of the output that `args` ask for, also where they are wrong otherwise.
pub fn format_of(args: &[OsString]) -> Format {
    let options = run_option_names();
    let mut rest = args.iter().skip(1).map(|arg| arg.to_string_lossy());
    while let Some(arg) = rest.next() {
        if let Some(value) = arg.strip_prefix("--format=") {
            return Format::from_str(value, true).unwrap_or(FALLBACK_FORMAT);
        }
        if arg == "--format" {
            return rest.next().and_then(|value| Format::from_str(&value, true).ok()).unwrap_or(FALLBACK_FORMAT);
        }
        match options.iter().find(|(name, _)| *name == arg) {
            Some((_, takes_value)) if *takes_value => drop(rest.next()),
            Some(_) => {}
            // The options of other commands may stand behind the file; those of the guest are none of ours.
            None if arg.starts_with('-') || is_command(&arg) => {}
            None if ends_options(args) => return FALLBACK_FORMAT,
            None => {}
        }
    }
    FALLBACK_FORMAT
}

/// Whether the file ends the options: in `run`, said or not.
fn ends_options(args: &[OsString]) -> bool {
    let (args, _) = with_command(args);
    !args.iter().skip(1).take(3).any(|arg| arg.to_str().is_some_and(|word| word != "run" && is_command(word)))
}

/// The option of `run` that `arg` would have been in front of the file.
// @need-ids: REQ_CLI_001
pub fn misplaced_option(arg: &str) -> Option<String> {
    let name = arg.split_once('=').map_or(arg, |(name, _)| name);
    run_option_names().into_iter().map(|(known, _)| known).find(|known| known == name)
}

/// The long options of `run`, and whether each takes a value.
fn run_option_names() -> Vec<(String, bool)> {
    let mut cli = Cli::command();
    cli.build();
    let Some(run) = cli.find_subcommand("run") else { return Vec::new() };
    let mut names = Vec::new();
    for arg in run.get_arguments() {
        let takes_value = arg.get_action().takes_values();
        let aliases = arg.get_visible_aliases().unwrap_or_default();
        names.extend(arg.get_long().into_iter().chain(aliases).map(|name| (format!("--{name}"), takes_value)));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        std::iter::once("wrtd").chain(line.split_whitespace()).map(OsString::from).collect()
    }

    fn parsed(line: &str) -> Command {
        match parse(&words(line)) {
            Ok(Parsed::Command(command)) => command,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn run_options(line: &str) -> RunOptions {
        match parsed(line) {
            Command::Run(options) => *options,
            other => panic!("{line}: {other:?}"),
        }
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn run_may_be_left_out_and_the_file_ends_the_options() {
        for line in ["--call f --fuel 9 m.wasm -1 --stats", "run --call f --fuel 9 m.wasm -1 --stats"] {
            let options = run_options(line);
            assert_eq!((options.call.as_deref(), options.fuel), (Some("f"), Some(9)));
            assert!(!options.stats);
            assert_eq!(options.file(), "m.wasm");
            assert_eq!(options.args(), ["-1", "--stats"]);
        }
        assert_eq!(run_options("--invoke f m.wasm").call.as_deref(), Some("f"));
        assert_eq!(run_options("--stats -- -m.wasm 1").file(), "-m.wasm");
        assert_eq!(run_options("m.wasm -- 1").args(), ["--", "1"]);
        assert_eq!(run_options("-").file(), "-");
        assert_eq!(run_options("./compile").file(), "./compile");
        assert_eq!(run_options("--format json m.wasm run").args(), ["run"]);
        assert_eq!(run_options("--fuel 9 run m.wasm").file(), "m.wasm");
        assert_eq!(run_options("run run").file(), "run");
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn commands_win_over_files() {
        assert!(matches!(parsed("compile a.wasm -o b.wrt"), Command::Compile(_)));
        assert!(matches!(parsed("--format json inspect a.wasm --ir"), Command::Inspect(_)));
        assert!(matches!(parsed("wast a b --list-failures --engine stackless"), Command::Wast(_)));
        assert!(matches!(parsed("selftest --format=json"), Command::Selftest(_)));
        for line in ["--fuel 9 compile a.wasm", "--stats run --fuel 9 m.wasm"] {
            let failure = parse(&words(line)).unwrap_err();
            assert_eq!(failure.class, Class::Usage);
            assert!(failure.message.contains("is a command"), "{failure}");
        }
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn help_and_version_are_texts_and_wrong_usage_is_a_failure() {
        for (line, part) in [
            ("--version", env!("CARGO_PKG_VERSION")),
            ("-h", "selftest"),
            ("help", "selftest"),
            ("help run", "--max-frames"),
            ("run --help", "--max-memory-bytes"),
        ] {
            match parse(&words(line)) {
                Ok(Parsed::Text(text)) => assert!(text.contains(part), "{line}: {text}"),
                other => panic!("{line}: {other:?}"),
            }
        }
        for (line, part) in [
            ("", "wanted"),
            ("--cheese m.wasm", "--cheese"),
            ("--fuel m.wasm", "invalid value 'm.wasm'"),
            ("--fuel -1 m.wasm", "-1"),
            ("--call", "--call"),
            ("compile a.wasm", "--output"),
            ("run --max-nested-calls 257 m.wasm", "limit max-nested-calls cannot be 257: at most 256"),
            ("wast --engine steam a", "steam"),
        ] {
            let failure = parse(&words(line)).unwrap_err();
            assert_eq!(failure.class, Class::Usage, "{line}");
            assert!(failure.message.contains(part), "{line}: {failure:?}");
        }
    }

    // @need-ids: REQ_LIMITS_001
    #[test]
    fn every_limit_is_an_option() {
        for info in Limits::DESCRIPTIONS {
            let options = run_options(&format!("--{} 0x1_0 m.wasm", info.key));
            assert_eq!(options.limits.limits.get(info.key), Some(16));
        }
        assert_eq!(run_options("--max-memory-bytes 64K m").limits.limits.max_memory_bytes, 65_536);
        assert_eq!(run_options("m").limits.limits, Limits::DEFAULT);
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn counts() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1_000", Some(1_000)),
            ("0x1F", Some(31)),
            ("2k", Some(2_048)),
            ("3M", Some(3 << 20)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("17179869184G", None),
            ("", None),
            ("_", None),
            ("K", None),
            ("-1", None),
            ("+1", None),
            ("0x", None),
            ("0x+1", None),
            ("1.5", None),
            ("é", None),
        ] {
            assert_eq!(parse_count(text).ok(), expected, "{text}");
        }
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn the_form_is_known_also_where_the_rest_is_wrong() {
        for (line, expected) in [
            ("--format json --cheese", Format::Json),
            ("run --format=json", Format::Json),
            ("compile a --format json", Format::Json),
            ("--call f m.wasm --format json", Format::Text),
            ("run --fuel 9 m.wasm --format json", Format::Text),
            ("--call --format m.wasm", Format::Text),
            ("--format xml m", Format::Text),
            ("", Format::Text),
        ] {
            assert_eq!(format_of(&words(line)), expected, "{line}");
        }
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn options_behind_the_file_are_recognised() {
        for (arg, expected) in [
            ("--fuel", Some("--fuel")),
            ("--fuel=9", Some("--fuel")),
            ("--invoke", Some("--invoke")),
            ("--stats", Some("--stats")),
            ("--max-frames", Some("--max-frames")),
            ("--format", Some("--format")),
            ("-1", None),
            ("--", None),
            ("--verbose", None),
        ] {
            assert_eq!(misplaced_option(arg).as_deref(), expected, "{arg}");
        }
    }
}
