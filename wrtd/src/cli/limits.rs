//! An option for each limit, and counts as they are written there.

// @need-ids: REQ_LIMITS_001, REQ_CLI_001

use clap::error::ErrorKind;
use clap::{ArgAction, ArgMatches, Args, FromArgMatches};
use wrt_safety::Limits;
use wrt_safety::limits::LimitInfo;

/// Names that users of other runtimes try first.
const ALIASES: [(&str, &str); 1] = [("max-memory-bytes", "max-memory")];

/// An option for each limit, by its key.
// @need-ids: REQ_LIMITS_001, REQ_RESOURCE_001
#[derive(Clone, Copy, Debug, Default)]
pub struct LimitOptions {
    /// The limits: those given, and the defaults.
    pub limits: Limits,
}

impl Args for LimitOptions {
    fn augment_args(command: clap::Command) -> clap::Command {
        // What nobody reads is the part of the definition that most runs need: they leave the limits as they are.
        if command.is_hide_set() {
            return command;
        }
        Limits::DESCRIPTIONS.iter().fold(command, |command, info| {
            let aliases = ALIASES.iter().filter(|(key, _)| *key == info.key).map(|(_, alias)| *alias);
            command.arg(
                clap::Arg::new(info.key)
                    .long(info.key)
                    .visible_aliases(aliases.collect::<Vec<_>>())
                    .value_name("N")
                    .value_parser(move |text: &str| parse_limit(info, text))
                    .default_value(info.default.to_string())
                    .action(ArgAction::Set)
                    .help(format!("{} (in {})", info.meaning, info.unit))
                    .help_heading("Limits")
                    .hide_short_help(true),
            )
        })
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
            // A definition may be without them, see above.
            if let Ok(Some(value)) = matches.try_get_one::<u64>(key) {
                set(&mut self.limits, *value)
                    .map_err(|error| clap::Error::raw(ErrorKind::ValueValidation, format!("{error}\n")))?;
            }
        }
        Ok(())
    }
}

fn parse_limit(info: &LimitInfo, text: &str) -> Result<u64, String> {
    let value = parse_count(text)?;
    (info.set)(&mut Limits::DEFAULT.clone(), value).map_err(|error| error.to_string())?;
    Ok(value)
}

/// A count: decimal or hexadecimal, with underscores, and with K, M, G or T for powers of 1024.
pub(super) fn parse_count(text: &str) -> Result<u64, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

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

    /// The rows of the page on the command line.
    fn rows() -> String {
        let row = |info: &LimitInfo| {
            let LimitInfo { key, meaning, unit, default, reason, .. } = info;
            format!("| `{key}` | {meaning} | {unit} | {default} | {reason} |\n")
        };
        Limits::DESCRIPTIONS.iter().map(row).collect()
    }

    // @need-ids: REQ_CODE_QUALITY_001
    #[test]
    fn the_page_on_the_command_line_lists_every_limit() {
        let page = include_str!("../../../docs/command-line.md");
        assert!(page.contains(&rows()), "docs/command-line.md should have these rows:\n{}", rows());
    }
}
