//! Reading the command line: words to a command, with the settings from files where the words leave them open.

// @need-ids: REQ_CLI_001

use super::{Cli, Command, Everywhere, RunOptions, definition, definition_of_run, spellings};
use crate::config::Config;
use crate::failure::{Class, Failure};
use crate::output::{Color, Format};
use crate::settings::Listing;
use clap::error::ErrorKind;
use clap::{ArgMatches, Args, FromArgMatches, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::sync::OnceLock;

/// What the command line asks for.
#[derive(Debug)]
pub enum Parsed {
    /// A command.
    Command(Command),
    /// This text on standard output: the help or the version.
    Text(clap::builder::StyledStr),
}

/// What is asked for, and how it is to be printed.
#[derive(Debug)]
pub struct Invocation {
    /// What is asked for.
    pub parsed: Result<Parsed, Failure>,
    /// The form of the output.
    pub format: Format,
    /// Whether there are colours.
    pub color: Color,
    /// How often `-v` was said.
    pub verbose: u8,
}

/// Reads the command line, program name first.
// @need-ids: REQ_CLI_001
pub fn parse(args: &[OsString]) -> Invocation {
    command(args).unwrap_or_else(|failure| Invocation::early(Err(failure), args))
}

impl Invocation {
    /// Where the words are no command: it is told in the form that is asked for all the same.
    fn early(parsed: Result<Parsed, Failure>, args: &[OsString]) -> Self {
        let (format, color) = (early(args, "--format"), early(args, "--color"));
        Self { parsed, format: format.unwrap_or_default(), color: color.unwrap_or_default(), verbose: 0 }
    }
}

fn command(words: &[OsString]) -> Result<Invocation, Failure> {
    let (args, run_is_implied) = with_command(words);
    let mut read = match Read::by_definition(&args) {
        Ok(read) => read,
        Err(error) => return Ok(Invocation::early(Ok(not_parsed(&error)?), words)),
    };
    let config = Config::load(read.matches().get_one("config"), read.matches().get_flag("no_config"))?;
    let translated = read.translated()?;
    if !config.is_empty() || !translated.is_empty() {
        // Once more, with defaults from the files and with other runtimes' options in our words.
        let at = command_at(&args).map_or(args.len(), |at| at + 1);
        let mut args = args;
        args.splice(at..at, translated);
        let definition = config.as_defaults(definition().clone());
        read = Read::Whole(definition.try_get_matches_from(&args).map_err(|error| usage(&error))?);
    }
    let is_listed = read.matches().subcommand_name() == Some("config");
    let listing = is_listed.then(|| Listing::new(read.matches(), &config));
    let cli = read.into_cli().map_err(|error| usage(&error))?;
    let command = match cli.command {
        Command::Run(options) if run_is_implied => Command::Run(run_or_command(options)?),
        Command::Config(mut options) => {
            options.listing = listing.unwrap_or_default();
            Command::Config(options)
        }
        command => command,
    };
    let Everywhere { format, color, verbose, .. } = cli.everywhere;
    Ok(Invocation { parsed: Ok(Parsed::Command(command)), format, color, verbose })
}

/// The words as clap has read them.
#[derive(Debug)]
enum Read {
    /// A run, by the part of the definition that it needs, in which there is one command.
    Run(ArgMatches),
    /// Anything, by the whole.
    Whole(ArgMatches),
}

impl Read {
    /// By the part of the definition, and where they do not fit that, by the whole, which has the messages.
    fn by_definition(args: &[OsString]) -> Result<Self, clap::Error> {
        let run = command_at(args).filter(|at| args.get(*at).is_some_and(|word| word == "run"));
        let by_part = run.and_then(|run| {
            // Options of all commands stand in front of the word, if anything, and can as well stand behind.
            let others = args.iter().enumerate().filter(|(at, _)| *at != run).map(|(_, word)| word);
            definition_of_run().try_get_matches_from(others).ok()
        });
        by_part
            .map_or_else(|| definition().clone().try_get_matches_from(args).map(Self::Whole), |run| Ok(Self::Run(run)))
    }

    /// Those of all commands, and of a run by the part the others, too.
    fn matches(&self) -> &ArgMatches {
        let (Self::Run(matches) | Self::Whole(matches)) = self;
        matches
    }

    /// What other runtimes' options are in our words.
    fn translated(&self) -> Result<Vec<OsString>, Failure> {
        let of_command = match self {
            Self::Run(matches) => Some(matches),
            Self::Whole(matches) => {
                matches.subcommand().filter(|(name, _)| matches!(*name, "run" | "config")).map(|(_, matches)| matches)
            }
        };
        let given = of_command.and_then(|matches| matches.get_many::<String>("wasmtime"));
        spellings::from_wasmtime(given.into_iter().flatten())
    }

    /// The values, which are taken out: to copy them first takes a tenth of the time in which a line is read.
    fn into_cli(self) -> Result<Cli, clap::Error> {
        match self {
            Self::Run(mut matches) => {
                let everywhere = Everywhere::from_arg_matches_mut(&mut matches)?;
                let options = RunOptions::from_arg_matches_mut(&mut matches)?;
                Ok(Cli { everywhere, command: Command::Run(Box::new(options)) })
            }
            Self::Whole(mut matches) => Cli::from_arg_matches_mut(&mut matches),
        }
    }
}

/// Puts `run` in front of everything where no command stands there. What all commands have may stand before it.
fn with_command(args: &[OsString]) -> (Vec<OsString>, bool) {
    let mut args = args.to_vec();
    if args.is_empty() {
        args.push("wrtd".into());
    }
    let first = args.get(first_word(&args)).and_then(|word| word.to_str());
    let is_for_all = |word: &str| matches!(word, "-h" | "--help" | "-V" | "--version");
    let run_is_implied = match first {
        Some(word) => !is_command(word) && !is_for_all(word),
        // No arguments at all: the help.
        None => args.len() > 1,
    };
    if run_is_implied {
        args.insert(1, "run".into());
    }
    (args, run_is_implied)
}

/// The place of the first word that is neither an option of all commands nor its value.
fn first_word(args: &[OsString]) -> usize {
    static NAMES: OnceLock<Vec<(String, bool)>> = OnceLock::new();
    let names = NAMES.get_or_init(|| option_names(&Everywhere::augment_args(clap::Command::new("wrtd"))));
    let mut at = 1;
    while let Some(word) = args.get(at).and_then(|word| word.to_str()) {
        match words_of_option(names, word) {
            Some(words) => at += words,
            None => break,
        }
    }
    at
}

/// The place of the command's name.
fn command_at(args: &[OsString]) -> Option<usize> {
    let at = first_word(args);
    args.get(at).and_then(|word| word.to_str()).is_some_and(is_command).then_some(at)
}

fn is_command(word: &str) -> bool {
    word == "help" || Command::has_subcommand(word)
}

/// Without `run`, a file that is called as a command is the command: `wrtd --fuel 9 run m.wasm`.
fn run_or_command(mut options: Box<RunOptions>) -> Result<Box<RunOptions>, Failure> {
    let Some(word) = options.file().to_str().filter(|word| is_command(word)) else {
        return Ok(options);
    };
    if word == "run" && options.file_and_args.len() > 1 {
        // Its options may stand on both sides; those after it have not been read as options yet.
        if options.args().first().and_then(|arg| arg.to_str()).is_some_and(|arg| !arg.starts_with('-')) {
            options.file_and_args.remove(0);
            return Ok(options);
        }
    }
    let message = format!("`{word}` is a command: its options stand behind it; write `./{word}` for the file");
    Err(Failure::new(Class::Usage, message))
}

fn not_parsed(error: &clap::Error) -> Result<Parsed, Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(Parsed::Text(error.render())),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let lines = error.render().to_string().lines().map(str::to_owned).collect();
            Err(Failure::new(Class::Usage, "a file or a command is wanted").with_lines(lines))
        }
        _ => Err(usage(error)),
    }
}

/// The failure that the words do not fit the definition.
pub(crate) fn usage(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
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
    Failure::new(Class::Usage, message).with_lines(rest)
}

/// The value of an option of all commands, also where the rest is wrong.
fn early<T: ValueEnum>(args: &[OsString], name: &str) -> Option<T> {
    let options = run_option_names();
    let mut rest = args.iter().skip(1).map(|arg| arg.to_string_lossy());
    while let Some(arg) = rest.next() {
        if let Some(value) = arg.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
            return T::from_str(value, true).ok();
        }
        if arg == name {
            return rest.next().and_then(|value| T::from_str(&value, true).ok());
        }
        match words_of_option(&options, &arg) {
            Some(2) => drop(rest.next()),
            Some(_) => {}
            // The options of other commands may stand behind the file; those of the guest are none of ours.
            None if arg.starts_with('-') || is_command(&arg) => {}
            None if ends_options(args) => return None,
            None => {}
        }
    }
    None
}

/// Whether the file ends the options: in `run`, said or not.
fn ends_options(args: &[OsString]) -> bool {
    let (args, _) = with_command(args);
    command_at(&args).is_some_and(|at| args.get(at).is_some_and(|word| word == "run"))
}

/// The option of `run` that `arg` would have been in front of the file.
// @need-ids: REQ_CLI_001
pub fn misplaced_option(arg: &str) -> Option<String> {
    let name = arg.split_once('=').map_or(arg, |(name, _)| name);
    // Of one letter guests have their own; a hint about each would only disturb.
    let name = Some(name).filter(|name| name.starts_with("--"))?;
    run_option_names().into_iter().map(|(known, _)| known).find(|known| known == name)
}

/// The options of `run`, and whether each takes a value.
fn run_option_names() -> Vec<(String, bool)> {
    let mut names = option_names(definition());
    names.extend(definition().find_subcommand("run").map(option_names).unwrap_or_default());
    names.push(("--help".into(), false));
    names
}

/// The options of a command, each with its dashes, and whether each takes a value.
fn option_names(command: &clap::Command) -> Vec<(String, bool)> {
    let mut names = Vec::new();
    for arg in command.get_arguments().filter(|arg| !arg.is_positional()) {
        let takes_value = arg.get_action().takes_values();
        let long = arg.get_long().into_iter().chain(arg.get_visible_aliases().unwrap_or_default());
        names.extend(long.map(|name| (format!("--{name}"), takes_value)));
        names.extend(arg.get_short().map(|name| (format!("-{name}"), takes_value)));
    }
    names
}

/// How many words an option takes, itself and its value, if `word` is one of those.
fn words_of_option(names: &[(String, bool)], word: &str) -> Option<usize> {
    let takes_value = |wanted: &str| names.iter().find(|(name, _)| name == wanted).map(|(_, takes_value)| *takes_value);
    if let Some(takes_value) = takes_value(word) {
        return Some(if takes_value { 2 } else { 1 });
    }
    if let Some((name, _)) = word.split_once('=') {
        return takes_value(name).map(|_| 1);
    }
    // `-vv`: one letter, which takes no value, more than once.
    let mut letters = word.strip_prefix('-')?.chars();
    let first = letters.next().filter(|letter| *letter != '-')?;
    (takes_value(&format!("-{first}")) == Some(false) && letters.all(|letter| letter == first)).then_some(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wrt_safety::Limits;

    fn words(line: &str) -> Vec<OsString> {
        std::iter::once("wrtd").chain(line.split_whitespace()).map(OsString::from).collect()
    }

    fn parsed(line: &str) -> Command {
        match parse(&words(line)).parsed {
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
        definition().clone().debug_assert();
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
        assert_eq!(run_options("--color never --no-config run --fuel 3 m.wasm").fuel, Some(3));
        assert_eq!(run_options("--color=never m.wasm --fuel").args(), ["--fuel"]);
        assert_eq!(run_options("-W fuel=7 -i f m.wasm").fuel, Some(7));
        assert_eq!(run_options("run -Wfuel=7,max-memory-size=64K m.wasm").limits.limits.max_memory_bytes, 65_536);
        assert_eq!(run_options("--app-args --version m.wasm").app_args().unwrap(), ["--version"]);
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn a_run_is_read_alike_by_the_part_of_the_definition_and_by_the_whole() {
        for line in [
            "run m.wasm",
            "--format json -vv run --call f --fuel 9 m.wasm -1 --stats",
            "run --no-config -W fuel=7 --color never --dir . --env A=1 -- -m.wasm",
            "-v run run",
        ] {
            let part = Read::by_definition(&words(line)).expect("a run");
            assert!(matches!(part, Read::Run(_)), "{line}");
            let whole = Read::Whole(definition().clone().try_get_matches_from(words(line)).expect("a run"));
            let [part, whole] = [part, whole].map(|read| format!("{:?}", read.into_cli().expect("a run")));
            assert_eq!(part, whole);
        }
        // What does not fit the part is read by the whole: limits, and what is wrong, for which it has the messages.
        assert_eq!(run_options("run --max-frames 7 m.wasm").limits.limits.max_frames, 7);
        for line in ["run --max-frames 7 m.wasm", "--format json run --format text m.wasm", "config"] {
            assert!(matches!(Read::by_definition(&words(line)), Ok(Read::Whole(_))), "{line}");
        }
        let whole = definition().clone().try_get_matches_from(words("run --cheese m")).expect_err("no such option");
        let told = Read::by_definition(&words("run --cheese m")).expect_err("no such option");
        assert_eq!(told.to_string(), whole.to_string());
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn commands_win_over_files() {
        assert!(matches!(parsed("compile a.wasm -o b.wrt"), Command::Compile(_)));
        assert!(matches!(parsed("--format json inspect a.wasm --ir"), Command::Inspect(_)));
        assert!(matches!(parsed("wast a b --list-failures --engine stackless"), Command::Wast(_)));
        assert!(matches!(parsed("selftest --format=json"), Command::Selftest(_)));
        for line in ["--fuel 9 compile a.wasm", "--stats run --fuel 9 m.wasm"] {
            let failure = parse(&words(line)).parsed.unwrap_err();
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
            match parse(&words(line)).parsed {
                Ok(Parsed::Text(text)) => assert!(text.to_string().contains(part), "{line}: {text}"),
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
            ("--fuel 1 -W fuel=2 m.wasm", "cannot be used multiple times"),
            ("-W cheese m.wasm", "no `-W cheese` here"),
            ("-W fuel=x m.wasm", "invalid value 'x'"),
            ("--params 1 m.wasm", "is not `TYPE(VALUE)`"),
            ("--no-config --config a m.wasm", "cannot be used with"),
            ("--color red m.wasm", "red"),
        ] {
            let failure = parse(&words(line)).parsed.unwrap_err();
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
        assert_eq!(run_options("--max-memory 64K m").limits.limits.max_memory_bytes, 65_536);
        assert_eq!(run_options("m").limits.limits, Limits::DEFAULT);
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
            ("-W fuel=1 m.wasm --format json", Format::Text),
            ("-W fuel=1 --format json", Format::Json),
        ] {
            assert_eq!(early::<Format>(&words(line), "--format").unwrap_or_default(), expected, "{line}");
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
            ("--loud", None),
        ] {
            assert_eq!(misplaced_option(arg).as_deref(), expected, "{arg}");
        }
    }
}
