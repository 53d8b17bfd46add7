//! Levels of wasi:logging.

// @need-ids: REQ_015

use core::fmt;
use core::str::FromStr;

/// How serious a message is, in rising order (`wasi:logging/logging`, enum `level`).
// @need-ids: REQ_015
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum LogLevel {
    /// Details of control flow.
    Trace,
    /// Of use to whoever debugs.
    Debug,
    /// Of use to whoever watches.
    Info,
    /// Something to look into.
    Warn,
    /// Something failed.
    Error,
    /// Something failed that stops the program.
    Critical,
}

impl LogLevel {
    /// All levels; a level's place is its number in the interface.
    pub const ALL: [Self; 6] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Critical];

    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name or number that is no level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLevel;

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("log levels are trace, debug, info, warn, error and critical")
    }
}

impl core::error::Error for UnknownLevel {}

impl TryFrom<u8> for LogLevel {
    type Error = UnknownLevel;

    fn try_from(number: u8) -> Result<Self, UnknownLevel> {
        Self::ALL.get(usize::from(number)).copied().ok_or(UnknownLevel)
    }
}

impl FromStr for LogLevel {
    type Err = UnknownLevel;

    fn from_str(name: &str) -> Result<Self, UnknownLevel> {
        Self::ALL.into_iter().find(|level| level.name() == name).ok_or(UnknownLevel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_015
    #[test]
    fn names_and_numbers_lead_back_to_their_level_and_nothing_else_does() {
        for (number, level) in (0_u8..).zip(LogLevel::ALL) {
            assert_eq!(LogLevel::try_from(number), Ok(level));
            assert_eq!(level.name().parse(), Ok(level));
        }
        assert_eq!(LogLevel::try_from(6), Err(UnknownLevel));
        assert_eq!("warning".parse::<LogLevel>(), Err(UnknownLevel));
        assert!(LogLevel::Trace < LogLevel::Critical);
    }
}
