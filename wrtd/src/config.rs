//! `wrt.toml`: what the command line leaves open. A key is an option's long name, a value what the option would take.
//!
//! Two files are read, that of the working directory and the user's; the first wins. A file that comes along with a
//! project may not hand anything of the system to a guest, or running a stranger's module in the stranger's directory would.

// @need-ids: REQ_CONFIG_001

use crate::cli;
use crate::failure::{Class, Failure, Position, line_and_column};
use crate::input;
use crate::suggest;
use crate::wasi::WasiOptions;
use clap::{ArgAction, Args};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use wrt_safety::Limits;

/// The name of the file in the working directory, and of the user's.
pub const FILE: &str = "wrt.toml";

/// The folder of the user's files, among those of other programs.
const FOLDER: &str = "wrtd";

/// The longest file that is read, in bytes: a thousand times what anyone writes.
const LONGEST: u64 = 1 << 20;

/// What files say.
// @need-ids: REQ_CONFIG_001
#[derive(Clone, Debug, Default)]
pub struct Config {
    settings: BTreeMap<String, Given>,
}

/// A setting from a file.
#[derive(Clone, Debug)]
pub struct Given {
    /// What the option would have been given: one word, or those of a list.
    pub values: Vec<String>,
    /// The file.
    pub file: Arc<str>,
    /// The line there, from 1.
    pub line: u32,
}

impl Config {
    /// Reads the file `named`; without one that of the working directory and the user's, or `none`.
    ///
    /// # Errors
    /// A file that cannot be read, a key that is none, or a value that it cannot have.
    pub fn load(named: Option<&OsString>, none: bool) -> Result<Self, Failure> {
        let mut config = Self::default();
        if let Some(path) = named {
            let text = read(path)?
                .ok_or_else(|| input::unreadable(path, &std::io::Error::from(std::io::ErrorKind::NotFound)))?;
            config.add(&input::name_of(path), &text, true)?;
        } else if !none {
            if let Some(text) = read(OsStr::new(FILE))? {
                config.add(FILE, &text, false)?;
            }
            if let Some(path) = Users::Settings.folder().map(|folder| folder.join(FILE))
                && let Some(text) = read(path.as_os_str())?
            {
                config.add(&path.to_string_lossy(), &text, true)?;
            }
        }
        Ok(config)
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    /// What is said about an option.
    pub fn get(&self, id: &str) -> Option<&Given> {
        self.settings.get(id)
    }

    /// The definition of the command line with what files say as defaults.
    pub fn as_defaults(&self, definition: clap::Command) -> clap::Command {
        let definition = self.with_defaults(definition, |_| true);
        let names: Vec<String> = definition.get_subcommands().map(|command| command.get_name().to_owned()).collect();
        names.iter().fold(definition, |definition, name| {
            let all = matches!(name.as_str(), "run" | "config");
            // Other commands share limits and proposals with `run`; what else is called the same is another matter.
            let is_shared = |id: &str| all || id == "enable" || Limits::describe(id).is_some();
            definition.mut_subcommand(name, |command| self.with_defaults(command, is_shared))
        })
    }

    fn with_defaults(&self, command: clap::Command, takes: impl Fn(&str) -> bool) -> clap::Command {
        let has = |command: &clap::Command, id: &str| command.get_arguments().any(|arg| arg.get_id() == id);
        self.settings.iter().filter(|(id, _)| takes(id)).fold(command, |command, (id, given)| {
            if has(&command, id) {
                command.mut_arg(id, |arg| arg.default_values(given.values.clone()))
            } else {
                command
            }
        })
    }

    /// Adds what a file says about options that no file before it has.
    fn add(&mut self, file: &str, text: &str, may_grant: bool) -> Result<(), Failure> {
        let name: Arc<str> = file.into();
        let at = |offset: usize| {
            let (line, column) = line_and_column(text, offset);
            Some(Position::LineColumn(line, column))
        };
        let wrong = |offset: usize, message: String| {
            Failure::new(Class::Usage, message).in_file(file).at(at(offset)).with_source(text)
        };
        let table = DeTable::parse(text)
            .map_err(|error| wrong(error.span().map_or(0, |span| span.start), error.message().replace('\n', ", ")))?;
        let mut found = BTreeMap::new();
        for (key, value) in table.get_ref() {
            let arg = find(key.get_ref()).ok_or_else(|| wrong(key.span().start, unknown(key.get_ref())))?;
            if !may_grant && grants(arg) {
                let message = format!(
                    "`{}` hands something to the guest, which the file of a directory may not: give it as an option, in \
                     your own file, or say --config {file}",
                    key.get_ref()
                );
                return Err(wrong(key.span().start, message));
            }
            let values = values(arg, value).map_err(|(offset, message)| wrong(offset, message))?;
            let (line, _) = line_and_column(text, key.span().start);
            let id = arg.get_id().to_string();
            if found.insert(id, Given { values, file: name.clone(), line }).is_some() {
                return Err(wrong(key.span().start, format!("`{}` is said twice", key.get_ref())));
            }
        }
        for (id, given) in found {
            self.settings.entry(id).or_insert(given);
        }
        Ok(())
    }
}

/// The text of a file; `None` if there is none.
fn read(path: &OsStr) -> Result<Option<String>, Failure> {
    let bytes = match input::read_up_to(path, LONGEST) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(input::unreadable(path, &error)),
        Ok(None) => {
            let message = format!("settings are longer than {LONGEST} bytes");
            return Err(Failure::new(Class::Usage, message).in_file(&input::name_of(path)));
        }
        Ok(Some(bytes)) => bytes,
    };
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::new(Class::Usage, "settings are not UTF-8 text").in_file(&input::name_of(path)))?;
    Ok(Some(text))
}

/// What of the user's there is a folder for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Users {
    /// Settings.
    Settings,
    /// What can be found out anew.
    Cache,
}

impl Users {
    /// The folder, as other programs have it: below `XDG_CONFIG_HOME` or `XDG_CACHE_HOME`, or `.config` or `.cache` at home; on Windows, `APPDATA`.
    // @need-ids: REQ_ENV_001
    pub fn folder(self) -> Option<PathBuf> {
        let absolute = |value: Option<OsString>| value.map(PathBuf::from).filter(|path| path.is_absolute());
        let folder = if cfg!(windows) {
            absolute(std::env::var_os("APPDATA"))
        } else {
            let (named, at_home) = match self {
                Self::Settings => (std::env::var_os("XDG_CONFIG_HOME"), ".config"),
                Self::Cache => (std::env::var_os("XDG_CACHE_HOME"), ".cache"),
            };
            absolute(named).or_else(|| absolute(std::env::var_os("HOME")).map(|home| home.join(at_home)))
        };
        folder.map(|folder| folder.join(FOLDER))
    }
}

/// Whether an option hands something of the system to a guest, as all of WASI's do.
fn grants(arg: &clap::Arg) -> bool {
    WasiOptions::augment_args(clap::Command::new(FILE)).get_arguments().any(|grant| grant.get_id() == arg.get_id())
}

fn names(arg: &clap::Arg) -> impl Iterator<Item = &str> {
    arg.get_long().into_iter().chain(arg.get_visible_aliases().unwrap_or_default())
}

fn find(key: &str) -> Option<&'static clap::Arg> {
    cli::settings().find(|arg| names(arg).any(|name| name == key))
}

fn unknown(key: &str) -> String {
    match suggest::nearest(key, cli::settings().flat_map(names)) {
        Some(near) => format!("unknown key `{key}`; did you mean `{near}`?"),
        None => format!("unknown key `{key}`; `wrtd config` shows all"),
    }
}

/// What the option would have been given on the command line. A fault comes with its place.
fn values(arg: &clap::Arg, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, (usize, String)> {
    let place = value.span().start;
    let wrong = |message: String| (place, message);
    let word = |value: &Spanned<DeValue<'_>>| match value.get_ref() {
        DeValue::String(text) => Ok(text.clone().into_owned()),
        DeValue::Integer(number) => Ok(number.to_string()),
        DeValue::Float(number) => Ok(number.to_string()),
        other => Err((value.span().start, format!("a number or a string is wanted, not a {}", other.type_str()))),
    };
    let values = match (arg.get_action(), value.get_ref()) {
        (ArgAction::SetTrue, DeValue::Boolean(on)) => return Ok(vec![on.to_string()]),
        (ArgAction::SetTrue, other) => {
            return Err(wrong(format!("`true` or `false` is wanted, not a {}", other.type_str())));
        }
        (ArgAction::Count, DeValue::Integer(number)) if number.to_string().parse::<u8>().is_ok() => {
            return Ok(vec![number.to_string()]);
        }
        (ArgAction::Count, _) => return Err(wrong("a small number is wanted".into())),
        (ArgAction::Append, DeValue::Array(items)) => items.iter().map(word).collect::<Result<Vec<_>, _>>()?,
        _ => vec![word(value)?],
    };
    // What the option itself would say about it.
    let name = arg.get_long().unwrap_or_default();
    let words = values.iter().map(|value| format!("--{name}={value}"));
    clap::Command::new(FILE)
        .no_binary_name(true)
        .arg(arg.clone())
        .try_get_matches_from(words)
        .map_err(|error| wrong(cli::usage(&error).message.into()))?;
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str, may_grant: bool) -> Result<Config, String> {
        let mut config = Config::default();
        config.add("wrt.toml", text, may_grant).map_err(|failure| failure.to_string())?;
        Ok(config)
    }

    // @need-ids: REQ_CONFIG_001
    #[test]
    fn every_option_of_run_is_a_key_and_its_values_are_checked_as_the_options_are() {
        let text =
            "fuel = 1_000\n'max-memory' = \"64K\"\nenable = [\"wide-arithmetic\"]\nstats = true\nmax-frames = 0x10\n";
        let config = added(text, false).unwrap();
        assert_eq!(config.get("fuel").unwrap().values, ["1000"]);
        assert_eq!(config.get("max-memory-bytes").unwrap().values, ["64K"]);
        assert_eq!((config.get("stats").unwrap().line, config.get("max-frames").unwrap().line), (4, 5));
        for info in Limits::DESCRIPTIONS {
            assert!(added(&format!("{} = 1", info.key), false).unwrap().get(info.key).is_some());
        }
        for (text, part) in [
            ("\nfule = 1", "wrt.toml:2:1: unknown key `fule`; did you mean `fuel`?"),
            ("cheese = 1", "unknown key `cheese`; `wrtd config` shows all"),
            ("fuel = \"x\"", "wrt.toml:1:8: invalid value 'x' for '--fuel <N>': not a number"),
            ("fuel = true", "a number or a string is wanted, not a boolean"),
            ("fuel = [1]", "a number or a string is wanted, not a array"),
            ("stats = 1", "`true` or `false` is wanted"),
            ("enable = [\"cheese\"]", "invalid value 'cheese'"),
            ("max-nested-calls = 257", "at most 256"),
            ("max-memory = 1\nmax-memory-bytes = 2", "is said twice"),
            ("fuel = 1\nfuel = 2", "wrt.toml:2:1: duplicate key"),
            ("fuel = ", "wrt.toml:1:"),
            ("[fuel]\nx = 1", "wanted, not a table"),
            ("config = \"x\"", "unknown key `config`"),
        ] {
            let told = added(text, false).unwrap_err();
            assert!(told.contains(part), "{text}: {told}");
        }
    }

    // @need-ids: REQ_CONFIG_001
    #[test]
    fn the_file_of_a_directory_hands_nothing_of_the_system_to_a_guest() {
        for text in
            ["dir = [\"/\"]", "ro-dir = [\"/\"]", "env = [\"A=1\"]", "env-inherit = true", "stdin = \"/dev/zero\""]
        {
            assert!(added(text, true).is_ok(), "{text}");
            assert!(added(text, false).unwrap_err().contains("may not"), "{text}");
        }
    }
}
