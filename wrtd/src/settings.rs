//! `config`: each setting with its value and where that comes from.

// @need-ids: REQ_CONFIG_002

use crate::cli;
use crate::config::Config;
use crate::failure::{code, one_line};
use crate::output::Output;
use clap::ArgMatches;
use clap::parser::ValueSource;
use serde_json::{Map, Value, json};

/// The settings as a command line leaves them.
#[derive(Clone, Debug, Default)]
pub struct Listing(Vec<Setting>);

/// A setting.
#[derive(Clone, Debug)]
struct Setting {
    key: &'static str,
    /// What is set: a word, or several of a list; none if it is not set.
    values: Vec<String>,
    is_list: bool,
    is_word: bool,
    from: Source,
}

/// Where a value comes from.
#[derive(Clone, Debug)]
enum Source {
    Default,
    CommandLine,
    File(std::sync::Arc<str>, u32),
}

impl Listing {
    /// Of `config`, whose options are those of `run`.
    // @need-ids: REQ_CONFIG_002
    pub fn new(matches: &ArgMatches, config: &Config) -> Self {
        let matches = matches.subcommand_matches("config").unwrap_or(matches);
        let setting = |arg: &'static clap::Arg| {
            let id = arg.get_id().as_str();
            let values = matches.get_raw(id).into_iter().flatten();
            Setting {
                key: arg.get_long().unwrap_or_default(),
                values: values.map(|value| value.to_string_lossy().into_owned()).collect(),
                is_list: matches!(arg.get_action(), clap::ArgAction::Append),
                is_word: arg.get_action().takes_values(),
                from: match (matches.value_source(id), config.get(id)) {
                    (Some(ValueSource::CommandLine), _) => Source::CommandLine,
                    (_, Some(given)) => Source::File(given.file.clone(), given.line),
                    _ => Source::Default,
                },
            }
        };
        Self(cli::settings().map(setting).collect())
    }

    /// Prints it, so that the text can be a `wrt.toml`.
    pub fn tell(&self, output: &mut Output<'_>) -> u8 {
        if output.is_text() {
            self.0.iter().for_each(|setting| output.line(&setting.line()));
        } else {
            let mut document = Map::new();
            document.insert("command".into(), "config".into());
            document.insert("settings".into(), self.0.iter().map(Setting::to_json).collect());
            document.insert("exit".into(), code::OK.into());
            output.json(document);
        }
        code::OK
    }
}

impl Setting {
    fn line(&self) -> String {
        let source = match &self.from {
            Source::Default if self.values.is_empty() => "not set".into(),
            Source::Default => "default".into(),
            Source::CommandLine => "command line".into(),
            Source::File(file, line) => format!("{}:{line}", one_line(file)),
        };
        let value = match (self.values.as_slice(), self.is_list) {
            ([], _) => return format!("# {:<38} # {source}", self.key),
            (values, true) => {
                let values: Vec<String> = values.iter().map(|value| self.literal(value)).collect();
                format!("[{}]", values.join(", "))
            }
            ([value, ..], false) => self.literal(value),
        };
        format!("{:<40} # {source}", format!("{} = {value}", self.key))
    }

    /// As TOML has it. Its strings may be written as those of JSON.
    fn literal(&self, value: &str) -> String {
        let is_number = value.parse::<i64>().is_ok() && !value.starts_with('+') && !value.starts_with("-0");
        let is_number = is_number && (value == "0" || !value.starts_with('0'));
        if !self.is_word || (is_number && !self.is_list) { value.to_owned() } else { json!(value).to_string() }
    }

    fn to_json(&self) -> Value {
        let value = match (self.values.as_slice(), self.is_list) {
            (values, true) => json!(values),
            ([value, ..], false) => json!(value),
            ([], false) => Value::Null,
        };
        let (source, file, line) = match &self.from {
            Source::Default => ("default", None, None),
            Source::CommandLine => ("command line", None, None),
            Source::File(file, line) => ("file", Some(file.to_string()), Some(*line)),
        };
        json!({ "key": self.key, "value": value, "source": source, "file": file, "line": line })
    }
}
