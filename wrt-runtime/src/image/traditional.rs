//! The optional sections that the traditional engine runs.

use super::Image;
use super::error::{FileRule, ImageError};
use super::format::{BytecodeHeader, OptionalHeader, OptionalSection};
use super::reader::{Checked, all, require};
use crate::instr::{FRAME_SLOTS_MAX, WIDE_SCRATCH};
use crate::side::Side;
use crate::storage::Bytecode;
use zerocopy::FromBytes;

/// The sections that belong together: kinds of [`OptionalSection`].
const BODIES: u32 = OptionalSection::TraditionalBodies as u32;
const SIDE: u32 = OptionalSection::SideTable as u32;
const HANDLERS: u32 = OptionalSection::SideHandlers as u32;
const CATCHES: u32 = OptionalSection::SideCatches as u32;
const BYTECODE: u32 = OptionalSection::Bytecode as u32;

impl<'a> Image<'a> {
    /// Reads bytecode and side tables, which an image may lack, and checks what the engine rests on. All else it checks itself, when it
    /// runs: what an entry says, and that every way round a loop is paid for.
    ///
    /// # Errors
    /// [`ImageError::File`] for the first rule that does not hold.
    // @need-ids: REQ_TRADITIONAL_002, REQ_IMAGE_001
    pub(crate) fn read_bytecode(&mut self, bytes: &'a [u8]) -> Result<(), ImageError> {
        let mut found = Bytecode { globals: self.globals, ..Bytecode::default() };
        let mut rest = self.optional;
        while !rest.is_empty() {
            let offset = bytes.len().saturating_sub(rest.len());
            rest = section(rest, &mut found).map_err(|rule| ImageError::File { offset, rule })?;
        }
        let end = |rule| ImageError::File { offset: bytes.len(), rule };
        let present = !found.bodies.is_empty();
        // Functions that have no register code either are none.
        let own = self.funcs.len() > self.imported(super::format::kind::FUNC) as usize;
        let code = present || !own || !self.code.is_empty();
        require(code, FileRule::FuncCode).map_err(end)?;
        for (index, body) in found.bodies.iter().enumerate() {
            self.check_body(index, body.side.get(), &found).map_err(end)?;
        }
        require(!present || found.bodies.len() == self.funcs.len(), FileRule::Count).map_err(end)?;
        self.bytecode = if present { found } else { Bytecode::default() };
        Ok(())
    }

    /// A function that the module defines begins at a head, in a frame that holds its locals.
    fn check_body(&self, index: usize, first: u32, found: &Bytecode<'_>) -> Checked {
        let imported = index < self.imported(super::format::kind::FUNC) as usize;
        let Some(body) = found.bodies.get(index) else { return Ok(()) };
        require(body.is_present() != imported, FileRule::FuncCode)?;
        if imported {
            return Ok(());
        }
        let (params, locals, slots) = (body.params.get(), body.locals.get(), body.slots.get());
        let most = FRAME_SLOTS_MAX.saturating_add(WIDE_SCRATCH);
        require(params <= locals && locals <= slots && slots <= most, FileRule::FuncSlots)?;
        let entry = found.side.get(first as usize).filter(|entry| entry.offset() == body.start.get());
        require(matches!(entry.map(|entry| entry.side()), Some(Side::Head { .. })), FileRule::Order)
    }
}

/// Notes where the first section of `rest` is, if it is one of these; what follows it.
fn section<'a>(rest: &'a [u8], found: &mut Bytecode<'a>) -> Result<&'a [u8], FileRule> {
    let (header, after) = OptionalHeader::read(rest).ok_or(FileRule::SectionPlace)?;
    let (bytes, after) = after.split_at_checked(header.length.get() as usize).ok_or(FileRule::SectionPlace)?;
    let whole = match header.kind.get() {
        BODIES => all(bytes, &mut found.bodies),
        SIDE => all(bytes, &mut found.side),
        HANDLERS => all(bytes, &mut found.handlers.records),
        CATCHES => all(bytes, &mut found.handlers.clauses),
        BYTECODE => match BytecodeHeader::ref_from_prefix(bytes) {
            Ok((header, code)) => {
                (found.origin, found.bytes) = (header.origin.get(), code);
                true
            }
            Err(_) => false,
        },
        _ => true,
    };
    require(whole, FileRule::SectionLength)?;
    Ok(after)
}
