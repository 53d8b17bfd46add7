//! The code of a module in a store: one arena, shared by all instances of the module there.

use crate::decode::func_name;
use crate::error::{Defect, Error, LimitError};
use crate::handlers::HandlerLists;
use crate::lower::{self, LowerError, Lowered, lower, lower_counting};
use crate::module::Module;
use crate::profile::Census;
use alloc::format;
use alloc::vec::Vec;
use core::fmt;
use wrt_instructions::Op;
use wrt_runtime::image::format::{AliasRecord, PositionRecord};
use wrt_runtime::storage::{Entry, Handlers};
use wrt_runtime::{Cell, Image, Instr};
use wrt_safety::LimitExceeded;

/// Where code may end: positions above stand for something else.
const CODE_MAX: u32 = 0x3FFF_FFFF;

/// The code of a module, as far as functions were called. That of an image is there from the start.
pub(crate) struct ModuleCode {
    pub(crate) module: Module,
    cells: Vec<Cell>,
    entries: Vec<Entry>,
    /// Where lowered instructions come from; an image has its own list.
    positions: Vec<PositionRecord>,
    /// Operands of lowered code that are not in their slots during calls; an image has its own list.
    aliases: Vec<AliasRecord>,
    /// The handlers of lowered code; an image has its own lists.
    handlers: HandlerLists,
    /// First position and index of each function that has code, by position.
    starts: Vec<(u32, u32)>,
    /// The store's number of each type.
    types: Vec<u32>,
}

impl fmt::Debug for ModuleCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { module, cells, starts, .. } = self;
        f.debug_struct("ModuleCode")
            .field("module", module)
            .field("instructions", &cells.len())
            .field("functions", &starts.len())
            .finish_non_exhaustive()
    }
}

/// The bytes left of the limit on a module's code, and the error for a function that was validated and could not be lowered.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    pub(crate) limit: u64,
    pub(crate) used: u64,
}

impl Room {
    /// Lowers a function into it.
    // @need-ids: REQ_LIMITS_001, REQ_RESOURCE_005
    pub(crate) fn lower(self, image: &Image<'_>, func: u32, at: u32) -> Result<Lowered, Error> {
        let left = self.limit.saturating_sub(self.used);
        lower(image, func, at, left).map_err(|error| match error {
            LowerError::Unsupported { message, offset } => {
                Error::module(Defect::Unsupported, usize::try_from(offset).ok(), message)
            }
            LowerError::Room(bytes) => {
                let wanted = self.used.saturating_add(bytes);
                LimitExceeded { key: "max-code-bytes", limit: self.limit, wanted }.into()
            }
        })
    }
}

/// The instruction in 8 little-endian bytes.
fn instr(bytes: [u8; 8]) -> Instr {
    let [op0, op1, a, b, i0, i1, i2, i3] = bytes;
    Instr::new(Op(u16::from_le_bytes([op0, op1])), a, b, u32::from_le_bytes([i0, i1, i2, i3]))
}

/// The 8 little-endian bytes of an instruction.
pub(crate) fn instr_bytes(instr: Instr) -> [u8; 8] {
    let ([op0, op1], [i0, i1, i2, i3]) = (instr.op.to_le_bytes(), instr.imm.to_le_bytes());
    [op0, op1, instr.a, instr.b, i0, i1, i2, i3]
}

impl ModuleCode {
    /// The arena for a module: empty, or with all code of an image.
    pub(crate) fn new(module: &Module, types: Vec<u32>) -> Result<Self, Error> {
        let image = module.image();
        let full = |bytes: usize| LimitError::out_of_memory("code", bytes as u64);
        let mut cells = Vec::new();
        cells.try_reserve_exact(image.code.len() / 8).map_err(|_| full(image.code.len()))?;
        cells.extend(image.code.as_chunks::<8>().0.iter().map(|bytes| Cell::from(instr(*bytes))));
        let mut entries = Vec::new();
        entries.try_reserve_exact(image.funcs.len()).map_err(|_| full(image.funcs.len().saturating_mul(8)))?;
        entries.extend(image.funcs.iter().map(|func| Entry { pc: func.pc.get(), slots: func.slots.get() }));
        let with_code = (0_u32..).zip(&entries).filter(|(_, entry)| entry.is_present());
        let mut starts: Vec<_> = with_code.map(|(func, entry)| (entry.pc, func)).collect();
        starts.sort_unstable();
        let (positions, aliases, handlers) = (Vec::new(), Vec::new(), HandlerLists::default());
        Ok(Self { module: module.clone(), cells, entries, positions, aliases, handlers, starts, types })
    }

    pub(crate) fn types(&self) -> &[u32] {
        &self.types
    }

    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Lowers a function into the arena.
    pub(crate) fn provide(&mut self, func: u32) -> Result<(), Error> {
        let at = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        let used = lower::bytes(self.cells.len(), self.positions.len(), self.aliases.len());
        let used = used.saturating_add(self.handlers.bytes());
        let room = Room { limit: self.module.engine().limits().max_code_bytes, used };
        let lowered = room.lower(&self.module.image(), func, at)?;
        let end = self.cells.len().saturating_add(lowered.code.len());
        let entry =
            self.entries.get_mut(func as usize).ok_or_else(|| Error::internal("code of an unknown function"))?;
        if end > CODE_MAX as usize || lowered.code.is_empty() {
            let message = format!("the code of function {func} does not fit");
            return Err(Error::module(Defect::Unsupported, None, message));
        }
        let full = LimitError::out_of_memory("code", (lowered.code.len() as u64).saturating_mul(16));
        self.cells.try_reserve(lowered.code.len()).map_err(|_| full)?;
        self.cells.extend(lowered.code.into_iter().map(Cell::from));
        self.positions.extend(lowered.positions);
        self.aliases.extend(lowered.aliases);
        self.handlers.append(lowered.handlers);
        self.starts.push((at, func));
        *entry = Entry { pc: at, slots: lowered.slots };
        Ok(())
    }

    /// The function whose code holds a position, and the offset of the operator there from the module's start.
    pub(crate) fn locate(&self, pc: u32) -> Option<(u32, Option<usize>)> {
        let after = self.starts.partition_point(|(start, _)| *start <= pc);
        let (start, func) = *self.starts.get(after.checked_sub(1)?)?;
        let image = self.module.image();
        let positions = if image.code.is_empty() { self.positions.as_slice() } else { image.positions };
        let after = positions.partition_point(|record| record.pc.get() <= pc);
        let record = after.checked_sub(1).and_then(|at| positions.get(at)).filter(|record| record.pc.get() >= start);
        Some((func, record.map(|record| record.offset.get() as usize)))
    }

    /// The handlers of the code.
    pub(crate) fn handlers(&self) -> Handlers<'_> {
        let image = self.module.image();
        if image.code.is_empty() {
            return self.handlers.view();
        }
        Handlers { records: image.handlers, clauses: image.catches }
    }

    /// The operands that are not in their slots while a frame waits at `pc` for its callee.
    pub(crate) fn aliases_at(&self, pc: u32) -> &[AliasRecord] {
        let image = self.module.image();
        let aliases = if image.code.is_empty() { self.aliases.as_slice() } else { image.aliases };
        let first = aliases.partition_point(|record| record.pc.get() < pc);
        let last = aliases.partition_point(|record| record.pc.get() <= pc);
        aliases.get(first..last).unwrap_or_default()
    }

    /// The operators of each segment of the functions that have a head which was passed, by `paid`.
    pub(crate) fn census(&self, paid: &[u64]) -> Census {
        let image = self.module.image();
        let mut all = Census::default();
        for (at, (start, func)) in self.starts.iter().enumerate() {
            let end = self.starts.get(at.saturating_add(1)).map_or(self.cells.len(), |(next, _)| *next as usize);
            let passed =
                paid.get(*start as usize..end.min(paid.len())).is_some_and(|heads| heads.iter().any(|n| *n > 0));
            let mut census = Census::default();
            // An image has no bytecode to count in, and what was lowered once is lowered again.
            if passed && image.code.is_empty() && lower_counting(&image, *func, *start, &mut census).is_ok() {
                all.append(census);
            }
        }
        all
    }

    /// The name that the module gives a function.
    pub(crate) fn func_name(&self, func: u32) -> Option<&str> {
        let image = self.module.image();
        func_name(image.names, func).map(|record| image.name(record.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_IMAGE_002
    #[test]
    fn instructions_survive_their_bytes() {
        let before = Instr { op: 0x1234, a: 5, b: 6, imm: 0x789A_BCDE };
        let bytes = instr_bytes(before);
        assert_eq!(bytes, [0x34, 0x12, 5, 6, 0xDE, 0xBC, 0x9A, 0x78]);
        assert_eq!(instr(bytes), before);
    }
}
