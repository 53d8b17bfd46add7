//! Why there is no instance.

// @need-ids: REQ_ERROR_003, REQ_ERROR_005

use crate::execute::TrapInfo;
use crate::types::ExternType;
use core::error::Error;
use core::fmt;
use wrt_instructions::Part;
use wrt_safety::LimitExceeded;

/// What the store has no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum OutOfStorage {
    /// Images.
    Images,
    /// Entries of functions.
    Entries,
    /// Instructions that cannot be run where they lie.
    Instructions,
    /// Types, or their parts.
    Types,
    /// Instances.
    Instances,
    /// The instances' lists.
    Lists,
    /// Functions.
    Functions,
    /// Slots of globals.
    Globals,
    /// Tags.
    Tags,
    /// Tables.
    Tables,
    /// Elements of a table.
    Elements,
    /// Memories.
    Memories,
    /// Bytes of a memory.
    Bytes,
    /// Structures and arrays.
    Objects,
}

impl OutOfStorage {
    /// Of what there is too much, in words.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Entries => "entries of functions",
            Self::Instructions => "instructions",
            Self::Types => "types",
            Self::Instances => "instances",
            Self::Lists => "instances' lists",
            Self::Functions => "functions",
            Self::Globals => "globals",
            Self::Tags => "tags",
            Self::Tables => "tables",
            Self::Elements => "elements of a table",
            Self::Memories => "memories",
            Self::Bytes => "bytes of a memory",
            Self::Objects => "structures and arrays",
        }
    }
}

impl fmt::Display for OutOfStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store has no room for more {}", self.what())
    }
}

impl Error for OutOfStorage {}

/// Why there is no instance.
// @need-ids: REQ_ERROR_003, REQ_LIMITS_001
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum InstantiateError {
    /// Another number of imports was given than the image has.
    ImportCount {
        /// How many it has.
        expected: u32,
        /// How many were given.
        found: u32,
    },
    /// Something of another type was given for an import.
    IncompatibleImport {
        /// Index of the import in [`Image::imports`](crate::Image::imports).
        import: u32,
        /// The type it has.
        expected: ExternType,
        /// The type of what was given; `None` where the store has no such thing.
        found: Option<ExternType>,
    },
    /// A limit of the store.
    Limit(LimitExceeded),
    /// An active segment lies outside of its table or memory. Segments before it were copied.
    Trap(TrapInfo),
    /// The store's memory is full.
    OutOfStorage(OutOfStorage),
    /// It takes a part of the language that this build leaves out.
    LeftOut(Part),
    /// The image contradicts itself; the text says in what.
    Corrupt(&'static str),
}

impl From<LimitExceeded> for InstantiateError {
    fn from(error: LimitExceeded) -> Self {
        Self::Limit(error)
    }
}

impl From<OutOfStorage> for InstantiateError {
    fn from(error: OutOfStorage) -> Self {
        Self::OutOfStorage(error)
    }
}

impl fmt::Display for InstantiateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ImportCount { expected, found } => write!(f, "{found} imports given, expected {expected}"),
            Self::IncompatibleImport { import, expected, found: Some(found) } => {
                write!(f, "import {import} has an incompatible type: expected {expected}, found {found}")
            }
            Self::IncompatibleImport { import, expected, found: None } => {
                write!(f, "import {import} is not of this store: expected {expected}")
            }
            Self::Limit(error) => error.fmt(f),
            Self::Trap(info) => info.trap.fmt(f),
            Self::OutOfStorage(error) => error.fmt(f),
            Self::LeftOut(part) => write!(f, "it takes `{}`, which this build leaves out", part.name()),
            Self::Corrupt(what) => write!(f, "corrupt image: {what}"),
        }
    }
}

impl Error for InstantiateError {}
