//! Errors: one type, with a variant for each concern, so that an embedder sees at once whose business a failure is.
//!
//! Every message is one line. Nothing in this crate panics instead.

// @need-ids: REQ_ERROR_003

use crate::backtrace::TrapError;
use crate::config::Proposal;
use crate::lockstep::Divergence;
use crate::types::{ExternType, FuncType, MemoryType, TableType, ValType};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use wrt_instructions::Trap;
use wrt_runtime::execute::TrapInfo;
use wrt_safety::LimitExceeded;

/// An error of the host, of any type.
pub type BoxError = Box<dyn core::error::Error + Send + Sync + 'static>;

/// What went wrong.
// @need-ids: REQ_ERROR_003, REQ_ERROR_004
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A module or image cannot be used at all.
    Module(Box<ModuleError>),
    /// A module does not fit together with what it is linked to.
    Link(Box<LinkError>),
    /// A limit of the store or the host.
    Limit(LimitError),
    /// The guest trapped.
    Trap(Box<TrapError>),
    /// The interface was used in a way that does not fit: an unknown export, wrong arguments.
    Usage(Box<UsageError>),
    /// A host function's own error.
    Host(BoxError),
    /// Two engines in lock-step disagree ([`Strategy::Lockstep`](crate::Strategy::Lockstep)).
    Diverged(Box<Divergence>),
    /// Something that should not be; the text says what.
    Internal(Box<str>),
}

/// Whose business an error is: what exit codes and the like are chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes are no module or image.
    Malformed,
    /// A module that breaks a rule of validation (core 3), or an image that breaks one of the checker.
    Invalid,
    /// A valid module that uses what this release does not have.
    Unsupported,
    /// Imports are missing or of the wrong type.
    Link,
    /// A limit of the store or the host.
    Limit,
    /// The guest trapped.
    Trap,
    /// An unknown export, wrong arguments, or a handle of another store.
    Usage,
    /// A host function's own error.
    Host,
    /// Something that should not be.
    Internal,
}

impl Error {
    /// Whose business it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Module(error) => match error.defect {
                Defect::Malformed => ErrorKind::Malformed,
                Defect::Invalid => ErrorKind::Invalid,
                Defect::Unsupported => ErrorKind::Unsupported,
            },
            Self::Link(_) => ErrorKind::Link,
            Self::Limit(_) => ErrorKind::Limit,
            Self::Trap(_) => ErrorKind::Trap,
            Self::Usage(_) => ErrorKind::Usage,
            Self::Host(_) => ErrorKind::Host,
            Self::Diverged(_) | Self::Internal(_) => ErrorKind::Internal,
        }
    }

    /// Where in the module a malformed, invalid or unsupported one is wrong, in bytes from its start.
    pub fn offset(&self) -> Option<usize> {
        match self {
            Self::Module(error) => error.offset,
            _ => None,
        }
    }

    /// The proposal that a module was refused for because it is off.
    pub fn turned_off(&self) -> Option<Proposal> {
        match self {
            Self::Module(error) => error.turned_off,
            _ => None,
        }
    }

    /// The trap, if it is one.
    pub fn trap(&self) -> Option<&TrapError> {
        match self {
            Self::Trap(error) => Some(error),
            _ => None,
        }
    }

    /// An error of the host, for host functions to return.
    pub fn host(error: impl core::error::Error + Send + Sync + 'static) -> Self {
        Self::Host(Box::new(error))
    }

    /// An error of the host that is a message.
    pub fn message(message: impl Into<String>) -> Self {
        Self::Host(Box::new(Message(message.into())))
    }

    /// The host's error of type `E`, here or as the cause of a trap.
    pub fn downcast_ref<E: core::error::Error + 'static>(&self) -> Option<&E> {
        match self {
            Self::Host(error) => error.downcast_ref(),
            Self::Trap(error) => error.host_error()?.downcast_ref(),
            _ => None,
        }
    }

    /// Of an image that does not say where its instructions come from.
    pub(crate) fn no_positions() -> Self {
        let message = "the image was compiled with --strip: lock-step, and a change of engines, need its positions";
        Self::module(Defect::Unsupported, None, message)
    }

    /// Of an image that has code for the other engine alone.
    pub(crate) fn bytecode_alone() -> Self {
        let message =
            "an image of bytecode alone is the traditional engine's: for all else, compile with `--engine both`";
        Self::module(Defect::Unsupported, None, message)
    }

    pub(crate) fn no_bytecode() -> Self {
        let message = "an image without bytecode is the stackless engine's: for all else, compile with `--engine both`";
        Self::module(Defect::Unsupported, None, message)
    }

    pub(crate) fn internal(text: &str) -> Self {
        Self::Internal(text.into())
    }

    pub(crate) fn module(defect: Defect, offset: Option<usize>, message: impl AsRef<str>) -> Self {
        // Messages of the decoder can have line breaks; every error is one line.
        let message = message.as_ref().split_whitespace().collect::<Vec<_>>().join(" ");
        Self::Module(Box::new(ModuleError { defect, message, offset, turned_off: None }))
    }

    /// The same, of a module that a proposal which is off would allow.
    pub(crate) fn turned_on_by(mut self, proposal: Option<Proposal>) -> Self {
        if let Self::Module(error) = &mut self {
            error.turned_off = proposal;
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module(error) => error.fmt(f),
            Self::Link(error) => error.fmt(f),
            Self::Limit(error) => error.fmt(f),
            Self::Trap(error) => error.fmt(f),
            Self::Usage(error) => error.fmt(f),
            Self::Host(error) => error.fmt(f),
            Self::Diverged(divergence) => divergence.fmt(f),
            Self::Internal(text) => write!(f, "internal error: {text}"),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Trap(error) => error.source(),
            Self::Host(error) => error.source(),
            _ => None,
        }
    }
}

impl From<LimitExceeded> for Error {
    fn from(error: LimitExceeded) -> Self {
        Self::Limit(LimitError::Exceeded(error))
    }
}

impl From<LimitError> for Error {
    fn from(error: LimitError) -> Self {
        Self::Limit(error)
    }
}

impl From<UsageError> for Error {
    fn from(error: UsageError) -> Self {
        Self::Usage(Box::new(error))
    }
}

impl From<LinkError> for Error {
    fn from(error: LinkError) -> Self {
        Self::Link(Box::new(error))
    }
}

impl From<TrapError> for Error {
    fn from(error: TrapError) -> Self {
        Self::Trap(Box::new(error))
    }
}

/// A trap with its operands and no backtrace, as host functions and memory accesses give it.
impl From<TrapInfo> for Error {
    fn from(info: TrapInfo) -> Self {
        TrapError::new(info).into()
    }
}

/// A trap that a host function raises.
impl From<Trap> for Error {
    fn from(trap: Trap) -> Self {
        TrapInfo::from(trap).into()
    }
}

/// A message as an error.
#[derive(Debug)]
struct Message(String);

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Message {}

/// What is wrong with a module or image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// It cannot be decoded.
    Malformed,
    /// It breaks a rule of validation or of the image checker.
    Invalid,
    /// It is valid, but uses what this release does not have.
    Unsupported,
}

/// Why a module or image cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleError {
    defect: Defect,
    message: String,
    offset: Option<usize>,
    turned_off: Option<Proposal>,
}

impl ModuleError {
    /// What is wrong.
    pub fn defect(&self) -> Defect {
        self.defect
    }
    /// The cause, without the offset.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ModuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let defect = match self.defect {
            Defect::Malformed => "malformed module",
            Defect::Invalid => "invalid module",
            Defect::Unsupported => "unsupported module",
        };
        write!(f, "{defect}: {}", self.message)?;
        self.offset.map_or(Ok(()), |offset| write!(f, " (at offset {offset:#x})"))
    }
}

/// An import that nothing was found for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingImport {
    /// The module that it was to come from.
    pub module: String,
    /// Its name there.
    pub name: String,
    /// Its type.
    pub ty: ExternType,
}

/// Why a module cannot be linked.
// @need-ids: REQ_WASM_002
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkError {
    /// These imports are defined nowhere: all of them, in the module's order.
    Missing(Vec<MissingImport>),
    /// An import was given something of another type.
    Incompatible {
        /// The module that it comes from.
        module: String,
        /// Its name there.
        name: String,
        /// The type it has, in the text format.
        expected: String,
        /// The type that was given, in the text format.
        found: String,
    },
    /// Another number of imports was given than the module has.
    ImportCount {
        /// How many it has.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// The name is defined already, and shadowing is not allowed.
    Duplicate {
        /// Module name.
        module: String,
        /// Field name.
        name: String,
    },
}

/// How many missing imports a message names.
const MISSING_SHOWN: usize = 16;

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(imports) => {
                f.write_str(if imports.len() == 1 { "unknown import: " } else { "unknown imports: " })?;
                for (index, import) in imports.iter().take(MISSING_SHOWN).enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}\"{}\" \"{}\" {}", import.module, import.name, import.ty)?;
                }
                match imports.len().saturating_sub(MISSING_SHOWN) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            Self::Incompatible { module, name, expected, found } => {
                // The text does not show all that types are told apart by.
                let unseen = if expected == found { " of another group, finality or supertype" } else { "" };
                write!(
                    f,
                    "incompatible import type: \"{module}\" \"{name}\" is imported as {expected}, but it is {found}{unseen}"
                )
            }
            Self::ImportCount { expected, found } => {
                write!(f, "the module has {expected} imports, but {found} were given")
            }
            Self::Duplicate { module, name } => write!(f, "\"{module}\" \"{name}\" is defined already"),
        }
    }
}

impl core::error::Error for LinkError {}

/// A limit that was met.
// @need-ids: REQ_RESOURCE_005, REQ_ERROR_005
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitError {
    /// One of the store's [`Limits`](wrt_safety::Limits).
    Exceeded(LimitExceeded),
    /// The host has no memory left for something that the limits allow.
    OutOfMemory {
        /// What it was for.
        what: &'static str,
        /// Bytes wanted, as far as known.
        bytes: u64,
    },
}

impl LimitError {
    pub(crate) const fn out_of_memory(what: &'static str, bytes: u64) -> Self {
        Self::OutOfMemory { what, bytes }
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exceeded(error) => error.fmt(f),
            Self::OutOfMemory { what, bytes: 0 } => write!(f, "the host has no memory for more {what}"),
            Self::OutOfMemory { what, bytes } => write!(f, "the host has no memory for {bytes} bytes of {what}"),
        }
    }
}

impl core::error::Error for LimitError {}

/// A use of the interface that does not fit.
// @need-ids: REQ_ERROR_003
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsageError {
    /// The instance exports nothing of this name.
    UnknownExport {
        /// The name asked for.
        name: String,
        /// An export with a similar name.
        similar: Option<String>,
    },
    /// The export is something else.
    WrongKind {
        /// Its name.
        name: String,
        /// What was asked for.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A function was called with the wrong number of arguments.
    ArgumentCount {
        /// How many it takes.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// Room was given for the wrong number of results.
    ResultCount {
        /// How many there are.
        expected: usize,
        /// How many there was room for.
        found: usize,
    },
    /// A value of the wrong type was given.
    Type {
        /// Which one, counted from 1; `None` where there is only one.
        position: Option<usize>,
        /// The type that it should have.
        expected: ValType,
        /// The type that it has.
        found: ValType,
    },
    /// The function has another type than the one it was to be used with.
    Signature {
        /// The type asked for.
        expected: FuncType,
        /// The type it has.
        found: FuncType,
    },
    /// A handle of another store.
    ForeignHandle,
    /// A reference to an object that the host released, or that the end of a host function or [`RootScope`](crate::RootScope) did.
    ReleasedReference,
    /// No such field or element, or no object that has any.
    NoSuchField,
    /// The field or element cannot be changed.
    ImmutableField,
    /// The global cannot be changed.
    Immutable,
    /// No memory can have this type: its sizes contradict each other, or there are no such pages.
    MemoryType(MemoryType),
    /// No table can have this type: its sizes contradict each other.
    TableType(TableType),
    /// A tag of a type with results.
    TagResults,
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MemoryType(ty) => write!(f, "no memory can be a {}", ExternType::Memory(*ty)),
            Self::TableType(ty) => write!(f, "no table can be a {}", ExternType::Table(*ty)),
            Self::UnknownExport { name, similar: None } => write!(f, "unknown export \"{name}\""),
            Self::UnknownExport { name, similar: Some(similar) } => {
                write!(f, "unknown export \"{name}\": did you mean \"{similar}\"?")
            }
            Self::WrongKind { name, expected, found } => write!(f, "export \"{name}\" is a {found}, not a {expected}"),
            Self::ArgumentCount { expected, found } => {
                write!(f, "wrong number of arguments: expected {expected}, got {found}")
            }
            Self::ResultCount { expected, found } => {
                write!(f, "wrong number of results: there are {expected}, and room for {found}")
            }
            Self::Type { position: Some(position), expected, found } => {
                write!(f, "value {position} has the wrong type: expected {expected}, got {found}")
            }
            Self::Type { position: None, expected, found } => {
                write!(f, "the value has the wrong type: expected {expected}, got {found}")
            }
            Self::Signature { expected, found } => write!(f, "the function has type {found}, not {expected}"),
            Self::ForeignHandle => f.write_str("the handle belongs to another store"),
            Self::ReleasedReference => f.write_str("the reference was released: it is no longer held"),
            Self::NoSuchField => f.write_str("there is no such field or element"),
            Self::ImmutableField => f.write_str("the field is immutable"),
            Self::Immutable => f.write_str("the global is immutable"),
            Self::TagResults => f.write_str("exceptions return nothing: the type of a tag has no results"),
        }
    }
}

impl core::error::Error for UsageError {}

impl UsageError {
    /// An unknown export, with the most similar of `names` if one is similar enough.
    pub(crate) fn unknown_export<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Self {
        let close = name.chars().count().div_ceil(3).max(1);
        let similar = names
            .take(SIMILAR_TRIED)
            .filter(|other| other.len() <= SIMILAR_BYTES && name.len() <= SIMILAR_BYTES)
            .map(|other| (distance(name, other), other))
            .filter(|(distance, _)| *distance <= close)
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, other)| other.to_string());
        Self::UnknownExport { name: name.to_string(), similar }
    }
}

/// How many names a suggestion is looked for in; the time is bounded by this and by [`SIMILAR_BYTES`].
const SIMILAR_TRIED: usize = 10_000;
/// Longer names are not suggested.
const SIMILAR_BYTES: usize = 64;

/// How many characters must be inserted, removed or replaced to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut left = i.saturating_add(1);
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, y) in row.iter_mut().skip(1).zip(b.chars()) {
            let above = *cell;
            let replaced = diagonal.saturating_add(usize::from(x != y));
            left = replaced.min(above.saturating_add(1)).min(left.saturating_add(1));
            diagonal = above;
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    // @need-ids: REQ_ERROR_003
    #[test]
    fn a_misspelt_export_gets_the_nearest_name() {
        let suggest = |name, names: &[&str]| match UsageError::unknown_export(name, names.iter().copied()) {
            UsageError::UnknownExport { similar, .. } => similar,
            _ => None,
        };
        assert_eq!(suggest("fibb", &["main", "fib", "fob"]).as_deref(), Some("fib"));
        assert_eq!(suggest("x", &["main", "_start"]), None);
        assert_eq!(suggest("", &["a"]).as_deref(), Some("a"));
        assert_eq!(suggest("add", &[]), None);
        assert_eq!((distance("kitten", "sitting"), distance("", "abc"), distance("abc", "")), (3, 3, 3));
    }

    // @need-ids: REQ_ERROR_003
    #[test]
    fn every_message_is_one_line() {
        let error = Error::module(Defect::Malformed, Some(16), "bad\n   things");
        assert_eq!(error.to_string(), "malformed module: bad things (at offset 0x10)");
        assert_eq!((error.kind(), error.offset()), (ErrorKind::Malformed, Some(16)));
        let missing = |name: &str| MissingImport {
            module: "env".into(),
            name: name.into(),
            ty: ExternType::Func(FuncType::new([ValType::I32], [])),
        };
        let error = Error::from(LinkError::Missing(vec![missing("a"), missing("b")]));
        let text = "unknown imports: \"env\" \"a\" (func (param i32)), \"env\" \"b\" (func (param i32))";
        assert_eq!(error.to_string(), text);
        let many = LinkError::Missing(vec![missing("x"); 20]);
        assert!(many.to_string().ends_with(" and 4 more"));
    }

    // @need-ids: REQ_ERROR_004
    #[test]
    fn the_error_of_a_host_is_found_again() {
        let error = Error::host(LimitError::out_of_memory("memory", 3));
        assert_eq!(error.kind(), ErrorKind::Host);
        assert_eq!(error.downcast_ref::<LimitError>(), Some(&LimitError::out_of_memory("memory", 3)));
        assert!(error.downcast_ref::<LinkError>().is_none());
        assert_eq!(Error::message("no").to_string(), "no");
    }
}
