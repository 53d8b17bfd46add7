//! Lowering: from a function's validated bytecode to the register IR.
//!
//! One pass over the operators, with a symbolic operand stack ([`stack`]): an entry is its slot, a local not read yet, or a
//! constant not written yet, so that most operators take their operands where they are. [`control`] turns structured
//! control into jumps and keeps the fuel segments ([`segments`]), [`exceptions`] lists handlers beside the code; [`numeric`],
//! [`memory`] and [`vector`] pick forms of rows; [`jumps`] and [`accumulate`] go over the finished code: jumps to jumps go
//! straight to the end, and the second pass lets instructions take a value from the one before.
//!
//! At every head the stack is canonical: all entries are in their slots. At calls, entries below the arguments may
//! still be locals or constants; [`AliasRecord`]s say which.

mod accumulate;
mod atomic;
mod control;
mod exceptions;
mod gc;
mod jumps;
mod memory;
mod numeric;
mod operators;
mod scratch;
mod segments;
mod stack;
mod tables;
mod variable;
mod vector;

pub(crate) use operators::{Group, Vector, group};
pub(crate) use vector::halves_of;

use crate::handlers::HandlerLists;
use crate::maps::MapLists;
use crate::profile::Census;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use stack::Lowering;
use wasmparser::{BinaryReader, BinaryReaderError, FunctionBody};
use wrt_runtime::Image;
use wrt_runtime::Instr;
use wrt_runtime::image::format::{AliasRecord, PositionRecord};
use wrt_runtime::instr::FRAME_SLOTS_MAX;

/// A function's code and what goes with it. Positions are absolute in the module's code.
#[derive(Debug, Default)]
pub(crate) struct Lowered {
    /// Instructions.
    pub(crate) code: Vec<Instr>,
    /// Slots of the frame.
    pub(crate) slots: u32,
    /// Where instructions that can stop come from, sorted.
    pub(crate) positions: Vec<PositionRecord>,
    /// Operands not in their slots during calls, sorted by position.
    pub(crate) aliases: Vec<AliasRecord>,
    /// Which clauses are around instructions. Clauses are counted from 0.
    pub(crate) handlers: HandlerLists,
    /// Where references are. Lists are counted from 0.
    pub(crate) maps: MapLists,
}

impl Lowered {
    /// Bytes that this takes, in an image and as counted by `max-code-bytes`.
    pub(crate) fn bytes(&self) -> u64 {
        bytes(self.code.len(), self.positions.len(), self.aliases.len())
            .saturating_add(self.handlers.bytes())
            .saturating_add(self.maps.bytes())
    }
}

/// Bytes of so many instructions and records, handlers apart.
pub(crate) fn bytes(instructions: usize, positions: usize, aliases: usize) -> u64 {
    let of = |count: usize, size: usize| (count as u64).saturating_mul(size as u64);
    of(instructions, size_of::<Instr>())
        .saturating_add(of(positions, size_of::<PositionRecord>()))
        .saturating_add(of(aliases, size_of::<AliasRecord>()))
}

/// Why a function could not be lowered.
#[derive(Debug)]
pub(crate) enum LowerError {
    /// It uses what cannot be lowered.
    Unsupported {
        /// In words.
        message: String,
        /// Offset in the module, in bytes.
        offset: u64,
    },
    /// Its code needs at least so many bytes, more than there is room for.
    Room(u64),
}

impl From<BinaryReaderError> for LowerError {
    fn from(error: BinaryReaderError) -> Self {
        Self::Unsupported { message: error.message().into(), offset: error.offset() }
    }
}

/// Where lowering one function failed.
#[derive(Debug)]
enum Failure {
    /// Its frame needs more than the window: lower it again, as a wide one.
    Wide,
    /// A branch table does not reach that far: lower it again, with jumps behind the table.
    Far,
    Error(LowerError),
}

impl From<BinaryReaderError> for Failure {
    fn from(error: BinaryReaderError) -> Self {
        Self::Error(error.into())
    }
}

impl Failure {
    fn internal(offset: u32, what: &str) -> Self {
        let message = format!("internal error in lowering: {what}");
        Self::Error(LowerError::Unsupported { message, offset: u64::from(offset) })
    }
}

/// Lowers function `func` of the module's index space to code that will stand at position `at` of the module's code, and
/// has `room` bytes there.
///
/// # Errors
/// Operators that this release has no lowering for, frames above [`FRAME_SLOTS_MAX`], branch tables of more entries and labels than they reach (the web's
/// engines allow 65,520 entries), more code than there is room for, and
/// bytecode that was not validated.
// @need-ids: REQ_025, REQ_018, REQ_023, REQ_LIMITS_001
pub(crate) fn lower(image: &Image<'_>, func: u32, at: u32, room: u64) -> Result<Lowered, LowerError> {
    lower_within(image, func, at, (room, None))
}

/// As [`lower`], of a function that was lowered before, counting operators into `census`.
pub(crate) fn lower_counting(
    image: &Image<'_>,
    func: u32,
    at: u32,
    census: &mut Census,
) -> Result<Lowered, LowerError> {
    lower_within(image, func, at, (u64::MAX, Some(census)))
}

fn lower_within(
    image: &Image<'_>,
    func: u32,
    at: u32,
    (room, mut census): (u64, Option<&mut Census>),
) -> Result<Lowered, LowerError> {
    let (mut wide, mut far) = (false, false);
    loop {
        let failure = match lower_as(image, func, at, (room, [wide, far], census.as_deref_mut())) {
            Ok(lowered) => return Ok(lowered),
            Err(failure) => failure,
        };
        let what = match failure {
            Failure::Error(error) => return Err(error),
            Failure::Wide if wide => format!("a frame of more than {FRAME_SLOTS_MAX} slots"),
            Failure::Far if far => String::from("a branch table of fewer entries or labels"),
            Failure::Wide => {
                wide = true;
                continue;
            }
            Failure::Far => {
                far = true;
                continue;
            }
        };
        let message = format!("function {func} needs {what}");
        return Err(LowerError::Unsupported { message, offset: image.body(func).start.get().into() });
    }
}

fn lower_as(
    image: &Image<'_>,
    func: u32,
    at: u32,
    (room, [wide, far], census): (u64, [bool; 2], Option<&mut Census>),
) -> Result<Lowered, Failure> {
    let record = image.funcs.get(func as usize).ok_or_else(|| Failure::internal(0, "no such function"))?;
    let body = image.body(func);
    let (start, length) = (body.start.get() as usize, body.length.get() as usize);
    let code = image.blob.get(start..start.saturating_add(length)).unwrap_or_default();
    let body = FunctionBody::new(BinaryReader::new(code, start as u64));
    let mut lowering = Lowering::new(image, record.ty(), at, wide)?;
    lowering.tables.is_far = far;
    lowering.census = census.is_some().then(Census::default);
    for group in body.get_locals_reader()? {
        let (count, ty) = group?;
        lowering.declare_locals(count, ty)?;
    }
    let mut operators = body.get_operators_reader()?;
    lowering.begin(operators.original_position() as u32);
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset()?;
        lowering.operator(&operator, offset as u32)?;
        // An operator writes a bounded number of instructions: some thousands, for as many values.
        let written = bytes(lowering.code.len(), lowering.positions.len(), lowering.aliases.len());
        let written = written.saturating_add(lowering.handlers.bytes()).saturating_add(lowering.references.bytes());
        if written > room {
            return Err(Failure::Error(LowerError::Room(written)));
        }
    }
    if let (Some(into), Some(counted)) = (census, lowering.census.take()) {
        *into = counted;
    }
    lowering.finish()
}
