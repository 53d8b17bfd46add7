//! The code of a module in a store: one arena, shared by all instances of the module there.

use crate::decode::func_name;
use crate::error::{Defect, Error, LimitError};
use crate::faults::flip_byte;
use crate::handlers::HandlerLists;
use crate::lower::{self, LowerError, Lowered, lower, lower_counting};
use crate::maps::MapLists;
use crate::module::Module;
use crate::profile::Census;
use crate::side_table::side_table;
use crate::translate::Stand;
use alloc::format;
use alloc::vec::Vec;
use core::fmt;
use wrt_instructions::Op;
use wrt_instructions::op::{Plain, Row};
use wrt_runtime::heap::roots::{self, RefMaps};
use wrt_runtime::image::flow;
use wrt_runtime::image::format::{AliasRecord, PositionRecord};
use wrt_runtime::side::{Body, Side, SideEntry};
use wrt_runtime::storage::{Bytecode, Entry, Handlers};
use wrt_runtime::{Cell, Image, Instr};
use wrt_safety::LimitExceeded;
use zerocopy::IntoBytes;

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
    /// Where references are in frames of lowered code; an image has its own lists.
    maps: MapLists,
    /// First position and index of each function that has code, by position.
    starts: Vec<(u32, u32)>,
    /// The store's number of each type.
    types: Vec<u32>,
    side: SideTables,
    /// In place of the module's bytecode: with a fault on purpose.
    spoilt: Option<Vec<u8>>,
}

/// The side tables of functions that the traditional engine called.
#[derive(Default)]
struct SideTables {
    entries: Vec<SideEntry>,
    bodies: Vec<Body>,
    handlers: HandlerLists,
    maps: MapLists,
    /// First entry and index of each function that has a table, by entry.
    starts: Vec<(u32, u32)>,
}

impl SideTables {
    /// Those of an image that carries them; else none yet.
    fn of(module: &Module) -> Self {
        let Bytecode { side, bodies, handlers, .. } = module.image().bytecode;
        let present = (0_u32..).zip(bodies).filter(|(_, body)| body.is_present());
        let mut starts: Vec<_> = present.map(|(func, body)| (body.side.get(), func)).collect();
        starts.sort_unstable();
        Self {
            entries: side.to_vec(),
            bodies: bodies.to_vec(),
            handlers: HandlerLists::copied(handlers),
            maps: MapLists::copied(module.side_maps()),
            starts,
        }
    }
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
        self.make(|left| lower(image, func, at, left))
    }

    /// Makes what takes at most as many bytes as are left.
    pub(crate) fn make<T>(self, make: impl FnOnce(u64) -> Result<T, LowerError>) -> Result<T, Error> {
        make(self.limit.saturating_sub(self.used)).map_err(|error| match error {
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

/// Adds to the end of a list, or makes it the list: that of the function called first, in most stores the only one.
fn append<T>(list: &mut Vec<T>, more: Vec<T>) {
    if list.is_empty() {
        *list = more;
    } else {
        list.extend(more);
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
        Cell::fuse(&mut cells);
        let mut entries = Vec::new();
        entries.try_reserve_exact(image.funcs.len()).map_err(|_| full(image.funcs.len().saturating_mul(8)))?;
        entries.extend((0..).map_while(|func| image.entry(func)));
        let with_code = (0_u32..).zip(&entries).filter(|(_, entry)| entry.is_present());
        let mut starts: Vec<_> = with_code.map(|(func, entry)| (entry.pc(), func)).collect();
        starts.sort_unstable();
        let (positions, aliases, handlers) = (Vec::new(), Vec::new(), HandlerLists::default());
        let side = SideTables::of(module);
        let maps = MapLists::default();
        Ok(Self {
            module: module.clone(),
            cells,
            entries,
            positions,
            aliases,
            handlers,
            maps,
            starts,
            types,
            side,
            spoilt: None,
        })
    }

    /// Whether it is an image's, without where its instructions come from.
    pub(crate) fn is_stripped(&self) -> bool {
        let image = self.module.image();
        !image.code.is_empty() && image.positions.is_empty()
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
        if self.entries.get(func as usize).is_some_and(Entry::is_present) {
            return Ok(());
        }
        if self.module.is_image() {
            return Err(Error::bytecode_alone());
        }
        self.module.validate_body(func)?;
        let at = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        let used = lower::bytes(self.cells.len(), self.positions.len(), self.aliases.len());
        let used = used.saturating_add(self.handlers.bytes()).saturating_add(self.maps.bytes());
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
        let head = lowered.code.first().copied().unwrap_or_default();
        self.cells.try_reserve(lowered.code.len()).map_err(|_| full)?;
        self.cells.extend(lowered.code.into_iter().map(Cell::from));
        Cell::fuse(self.cells.get_mut(at as usize..).unwrap_or_default());
        append(&mut self.positions, lowered.positions);
        append(&mut self.aliases, lowered.aliases);
        self.handlers.append(lowered.handlers);
        self.maps.append(lowered.maps);
        self.starts.push((at, func));
        *entry = Entry::new(at, lowered.slots, head);
        Ok(())
    }

    /// Makes the side table of a function.
    // @need-ids: REQ_TRADITIONAL_001, REQ_LIMITS_001
    pub(crate) fn provide_side_table(&mut self, func: u32) -> Result<(), Error> {
        let image = self.module.image();
        if self.body(func).is_some_and(|body| body.is_present()) {
            return Ok(());
        }
        if self.module.is_image() {
            return Err(Error::no_bytecode());
        }
        self.module.validate_body(func)?;
        if self.side.bodies.is_empty() {
            let full = LimitError::out_of_memory("side tables", (image.funcs.len() as u64).saturating_mul(20));
            self.side.bodies.try_reserve_exact(image.funcs.len()).map_err(|_| full)?;
            self.side.bodies.resize(image.funcs.len(), Body::absent());
        }
        let at = u32::try_from(self.side.entries.len()).unwrap_or(u32::MAX);
        let used = (size_of_val(self.side.entries.as_slice()) as u64).saturating_add(self.side.handlers.bytes());
        let used = used.saturating_add(self.side.maps.bytes());
        let room = Room { limit: self.module.engine().limits().max_code_bytes, used };
        let table = room.make(|left| side_table(&image, func, at, left))?;
        let body = self.side.bodies.get_mut(func as usize);
        let body = body.ok_or_else(|| Error::internal("side table of an unknown function"))?;
        let full = LimitError::out_of_memory("side tables", table.bytes());
        self.side.entries.try_reserve(table.entries.len()).map_err(|_| full)?;
        self.side.entries.extend(table.entries);
        self.side.handlers.append(table.handlers);
        self.side.maps.append(table.maps);
        self.side.starts.push((at, func));
        *body = table.body;
        Ok(())
    }

    pub(crate) fn body(&self, func: u32) -> Option<Body> {
        self.side.bodies.get(func as usize).copied()
    }

    /// Flips a bit of an instruction's registers or constant, on purpose.
    pub(crate) fn spoil(&mut self, bit: u64) -> Option<()> {
        let cells = self.cells.len() as u64;
        let first = (bit / 48).checked_rem(cells)?;
        // From there on, the first whose fields are registers and constants alone.
        let places = (first..cells).chain(0..first).map(|at| at as usize);
        let plain = |cell: &Cell| {
            let row = cell.instr().op().row();
            row.is_some_and(|row| matches!(row, Row::Binary(..) | Row::Compare(..) | Row::Unary(..) | Row::Load(..)))
        };
        let at = places.into_iter().find(|at| self.cells.get(*at).is_some_and(plain))?;
        let mut instr = self.cells.get(at)?.instr();
        match bit % 48 {
            bit @ 0..8 => instr.a ^= 1 << bit,
            bit @ 8..16 => instr.b ^= 1 << (bit - 8),
            bit => instr.imm ^= 1 << (bit - 16),
        }
        Cell::put(&mut self.cells, at, instr)
    }

    /// Flips a bit of what a head charges, on purpose.
    pub(crate) fn spoil_price(&mut self, bit: u64) -> Option<()> {
        let heads = (0..self.cells.len() as u32).filter(|pc| self.row_at(*pc).is_some_and(flow::is_head));
        let heads: Vec<u32> = heads.collect();
        let at = *heads.get((bit / 8).checked_rem(heads.len() as u64)? as usize)? as usize;
        let mut instr = self.cells.get(at)?.instr();
        instr.imm ^= 1 << (bit % 8);
        Cell::put(&mut self.cells, at, instr)
    }

    /// Flips any bit of any instruction, on purpose. One that none stands for is none that any engine runs.
    pub(crate) fn spoil_structure(&mut self, bit: u64) -> Option<()> {
        let at = (bit / 64).checked_rem(self.cells.len() as u64)? as usize;
        let mut bytes = instr_bytes(self.cells.get(at)?.instr());
        flip_byte(&mut bytes, bit)?;
        Cell::put(&mut self.cells, at, instr(bytes))
    }

    /// Flips a bit of the side table, on purpose.
    pub(crate) fn spoil_side_table(&mut self, bit: u64) -> Option<()> {
        flip_byte(self.side.entries.as_mut_bytes(), bit)
    }

    /// Flips a bit of a function's bytecode, on purpose.
    pub(crate) fn spoil_bytecode(&mut self, bit: u64) -> Option<()> {
        let (first, last) = (self.side.entries.first()?.offset(), self.side.entries.last()?.offset());
        let (first, last) = (first.min(last) as usize, first.max(last) as usize);
        let mut bytes = self.bytecode().bytes.to_vec();
        flip_byte(bytes.get_mut(first..=last)?, bit)?;
        self.spoilt = Some(bytes);
        Some(())
    }

    /// The slots that a function's head at this position zeroes when it runs: the first, and how many.
    pub(crate) fn zeroed_by(&self, pc: u32) -> Option<(u32, u32)> {
        let n = self.cells.get(pc as usize)?.instr();
        match self.row_at(pc)? {
            Plain::Enter => Some((n.a.into(), n.b.into())),
            Plain::Enter4 => Some((n.a.into(), 4)),
            Plain::Enter8 => Some((n.a.into(), 8)),
            Plain::EnterWide => {
                let data = self.cells.get(pc.checked_add(1)? as usize)?.instr();
                Some((data.ab(), data.imm))
            }
            _ => None,
        }
    }

    /// What an entry of the side table says.
    pub(crate) fn side_at(&self, index: u32) -> Option<Side> {
        self.side.entries.get(index as usize).map(|entry| entry.side())
    }

    /// The entry of a function for a frame that stands at the operator at `offset`.
    pub(crate) fn entry_at(&self, func: u32, offset: u32, stand: Stand) -> Option<u32> {
        let first = self.body(func).filter(Body::is_present)?.side.get();
        let after = self.side.starts.partition_point(|(start, _)| *start <= first);
        let end = self.side.starts.get(after).map_or(self.side.entries.len(), |(start, _)| *start as usize);
        let entries = self.side.entries.get(first as usize..end)?;
        let offset = offset.checked_sub(self.module.image().bytecode.origin)?;
        let at = entries.partition_point(|entry| entry.offset() < offset);
        let here = (first.saturating_add(at as u32)..).zip(entries.get(at..)?);
        let here = here.take_while(|(_, entry)| entry.offset() == offset);
        let mut fitting = here.filter(|(_, entry)| match stand {
            Stand::Entry | Stand::Head => matches!(entry.side(), Side::Head { .. }),
            Stand::Operator => matches!(entry.side(), Side::Point { .. }),
            Stand::Call => matches!(entry.side(), Side::After { .. }),
        });
        let (index, _) = if stand == Stand::Entry { fitting.next() } else { fitting.last() }?;
        Some(index)
    }

    /// Whether the head at a position is its function's.
    pub(crate) fn is_entry(&self, pc: u32) -> bool {
        let before = pc.checked_sub(1).and_then(|before| self.row_at(before));
        // A wide frame's parameters are put in their places before.
        let start = if before == Some(Plain::WideParams) { pc.saturating_sub(1) } else { pc };
        self.starts.binary_search_by_key(&start, |(first, _)| *first).is_ok()
    }

    /// The row of the instruction at a position, if it is one with one form.
    pub(crate) fn row_at(&self, pc: u32) -> Option<Plain> {
        match self.cells.get(pc as usize)?.instr().op().row()? {
            Row::Plain(row) => Some(row),
            _ => None,
        }
    }

    /// The position of the instruction of a function for a frame that stands at the operator at `offset`.
    pub(crate) fn instruction_at(&self, func: u32, offset: u32, stand: Stand) -> Option<u32> {
        let start = self.entries.get(func as usize).filter(|entry| entry.is_present())?.pc();
        let after = self.starts.partition_point(|(first, _)| *first <= start);
        let end = self.starts.get(after).map_or(self.cells.len(), |(first, _)| *first as usize);
        let image = self.module.image();
        let positions = if image.code.is_empty() { self.positions.as_slice() } else { image.positions };
        let from = positions.partition_point(|record| record.pc.get() < start);
        let own = positions.get(from..)?.iter().take_while(|record| (record.pc.get() as usize) < end);
        let here = own.filter(|record| record.offset.get() == offset);
        let mut fitting = here.filter_map(|record| {
            let pc = record.pc.get();
            let row = self.row_at(pc)?;
            match stand {
                Stand::Entry | Stand::Head => flow::is_head(row).then_some(pc),
                Stand::Operator => (!flow::is_head(row)).then_some(pc),
                Stand::Call => {
                    flow::is_call(row).then(|| pc.saturating_add(1).saturating_add(Row::Plain(row).data_words().into()))
                }
            }
        });
        if stand == Stand::Entry { fitting.next() } else { fitting.last() }
    }

    /// What the traditional engine runs.
    pub(crate) fn bytecode(&self) -> Bytecode<'_> {
        let image = self.module.image();
        Bytecode {
            bytes: if let Some(spoilt) = &self.spoilt {
                spoilt
            } else if self.module.is_image() {
                image.bytecode.bytes
            } else {
                image.blob
            },
            origin: image.bytecode.origin,
            side: &self.side.entries,
            bodies: &self.side.bodies,
            globals: image.globals,
            handlers: self.side.handlers.view(),
        }
    }

    /// The function whose side table holds an entry, and the offset that the entry is for.
    pub(crate) fn locate_entry(&self, index: u32) -> Option<(u32, Option<usize>)> {
        let after = self.side.starts.partition_point(|(start, _)| *start <= index);
        let (_, func) = *self.side.starts.get(after.checked_sub(1)?)?;
        let origin = self.module.image().bytecode.origin;
        let offset = self.side.entries.get(index as usize).map(|entry| entry.offset().saturating_add(origin) as usize);
        Some((func, offset))
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

    /// Where references are in frames of the code.
    pub(crate) fn maps(&self, code: roots::Code) -> RefMaps<'_> {
        let image = self.module.image();
        match code {
            roots::Code::Bytecode => self.side.maps.view(),
            roots::Code::Register if image.code.is_empty() => self.maps.view(),
            roots::Code::Register => image.ref_maps(code),
        }
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
