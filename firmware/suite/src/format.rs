//! What a file of scripts is made of. The generator writes it on the host, with results that it saw there.
//!
//! A file is a sequence of episodes, each a little-endian length in four bytes and that many bytes: an [`Episode`], then its
//! [`Command`]s, all in postcard. An episode has a store of its own, so that a board needs room for one at a time.

use serde::{Deserialize, Serialize};

/// What all commands of an episode need, and what is left in the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Episode<'a> {
    /// File and line in the official suite.
    pub name: &'a str,
    /// Sizes of the memories in bytes, in the order in which they are made: [`Number`]s.
    pub memories: &'a [u8],
    /// Sizes of the tables in elements, likewise.
    pub tables: &'a [u8],
    /// How many commands follow.
    pub commands: u32,
    /// [`digest`](crate::digest) of the store after the last.
    pub digest: u32,
}

/// A size.
pub type Number = u32;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command<'a> {
    /// Instantiates an image, and runs its start function. Instances are numbered by these commands, from 0.
    Module {
        /// The line in the file.
        line: u32,
        /// Whether it is an assertion, which counts.
        asserted: bool,
        /// The image.
        image: &'a [u8],
        /// Where the imports come from: pairs of an instance and a name of an export of it, in postcard.
        imports: &'a [u8],
        /// What came of it.
        expected: End<'a>,
    },
    /// Calls a function, or reads a global.
    Action {
        /// The line in the file.
        line: u32,
        /// Whether it is an assertion, which counts.
        asserted: bool,
        /// Of which instance.
        instance: u32,
        /// Name of the export.
        export: &'a str,
        /// Arguments: slots, in postcard.
        args: &'a [u8],
        /// What came of it.
        expected: End<'a>,
    },
}

/// How a command ended on the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End<'a> {
    /// Code of the trap; 0 for none.
    pub trap: u8,
    /// Fuel that was used.
    pub fuel: u64,
    /// Results: [`Slot`]s, in postcard.
    pub results: &'a [u8],
}

/// A slot of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Slot {
    /// These bits.
    Exactly(u64),
    /// A reference that is not null.
    Reference,
}
