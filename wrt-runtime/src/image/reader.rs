//! Reading an image where it lies: every rule about a file but those about its code.
//!
//! Nothing is copied and nothing converted: records have no alignment and say their byte order. Reading takes time
//! proportional to the file, whatever its records say: see [`SHARING`].

// @need-ids: REQ_IMAGE_001

use super::Image;
use super::error::{FileRule, ImageError};
use super::format::{
    Byte, ConstRange, ElementRecord, Header, MAGIC, NONE, OptionalHeader, OptionalSection, Range, Section, U24,
    VERSION, ValType, flag, form, items, kind, mode,
};
use crate::constant::Constant;
use crate::heap::layout::has_default;
use crate::instantiate::{CONST_DEPTH, operand_slots};
use crate::instr::{FRAME_SLOTS_MAX, WIDE_SCRATCH, WINDOW};
use crate::types::{MemoryType, TableType};
use wrt_instructions::Part;
use wrt_instructions::price::SCHEDULE_HASH;
use wrt_safety::Crc32;
use zerocopy::byteorder::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, KnownLayout};

/// How often, on average, a byte of the file may be pointed to by records. Names are shared at times; a file of records
/// that all point to the same megabyte would take hours to check and to instantiate.
pub const SHARING: usize = 16;

/// Where the checksum stands in a file, in bytes; it is of all that follows.
const CHECKSUM_AT: usize = 12;

/// Where the parts stand that are needed, in bytes.
const PARTS_AT: usize = 20;

/// Where the start function stands in a file, in bytes.
const START_AT: usize = 56;

/// Where the counts of records stand in a file, in bytes.
const COUNTS_AT: usize = 60;

/// Base-2 logarithm of the window's slots, as headers say it.
pub const WINDOW_LOG2: u8 = WINDOW.ilog2() as u8;

/// Whether this build evaluates constant expressions. Without, first values and offsets are numbers: writers compute what they can,
/// and what is left names imports, references or vectors.
pub(crate) const EXPRESSIONS: bool = Part::Linking.is_built() || Part::References.is_built() || Part::Simd.is_built();

/// Whether instances import functions of the host alone, and have no more than one memory, one table and globals that are numbers: what
/// records say of anything else is not looked at to run such an image, and need not be to load it.
pub(crate) const SINGLE: bool = !(EXPRESSIONS || Part::Memories.is_built() || Part::Exceptions.is_built());

/// The checksum of an image: CRC-32 of what follows its own bytes.
pub fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc32::new();
    crc.update(bytes.get(CHECKSUM_AT.saturating_add(size_of::<U32>())..).unwrap_or_default());
    crc.finish()
}

/// Writes into an image's header which parts of the language it needs, and its checksum: the last thing a writer does. `None` for less
/// than a header.
// @need-ids: REQ_IMAGE_001, REQ_PARTS_001
pub fn seal(bytes: &mut [u8]) -> Option<()> {
    let mut image = Image::default();
    let (header, _) = Header::read(bytes)?;
    // Of sections that leave the file nothing is said: it will be refused.
    let parts = find(&mut image, header, bytes, true).map_or(0, |()| image.parts(header, bytes));
    let parts = if header.wide == 0 { parts } else { parts | Part::Large.bit() };
    let (header, _) = Header::mut_from_prefix(bytes).ok()?;
    header.parts.set(parts);
    let sum = checksum(bytes);
    let (header, _) = Header::mut_from_prefix(bytes).ok()?;
    header.checksum.set(sum);
    Some(())
}

/// Whether a rule holds.
pub(super) type Checked = Result<(), FileRule>;

pub(super) const fn require(holds: bool, rule: FileRule) -> Checked {
    if holds { Ok(()) } else { Err(rule) }
}

/// Whether this build has values of a type.
fn built(ty: ValType) -> bool {
    ty.is_number() || ty.part().is_none_or(Part::is_built)
}

impl<'a> Image<'a> {
    /// The length in bytes of the image that `bytes` begins with, as its header says; for those who find one in a larger
    /// piece of flash.
    pub fn length_of(bytes: &[u8]) -> Option<usize> {
        let (header, _) = Header::read(bytes)?;
        usize::try_from(header.length.get()).ok().filter(|_| header.magic == MAGIC)
    }

    /// Reads an image that takes up all of `bytes`, and checks everything about it but its code
    /// ([`check_code`](Self::check_code)).
    ///
    /// # Errors
    /// [`ImageError::File`] for the first rule that does not hold; [`ImageError::LeftOut`] for a part that this build leaves out.
    // @need-ids: REQ_IMAGE_001, REQ_IMAGE_002, REQ_VERIFY_003
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ImageError> {
        let mut image = Self::default();
        image.read_records(bytes, true)?;
        image.read_texts(bytes)?;
        Ok(image)
    }

    /// Reads an image, and checks of it all that running it rests on. What is for people is left to [`parse`](Self::parse): names
    /// may be no text or leave the blob, for which [`name`](Self::name) gives none, exports may be of what is not there, and the optional
    /// sections are not looked at. Nor is, where there are instances of one kind alone ([`SINGLE`]), what they make nothing of.
    ///
    /// # Errors
    /// As [`parse`](Self::parse). The image is then of no use.
    // @need-ids: REQ_IMAGE_001, REQ_IMAGE_002, REQ_VERIFY_003, REQ_PARTS_001
    #[cfg_attr(not(feature = "compact"), inline(never))]
    #[cfg_attr(feature = "compact", inline(always))]
    pub(crate) fn read(&mut self, bytes: &'a [u8]) -> Result<(), ImageError> {
        self.read_records(bytes, !SINGLE)
    }

    /// The same, with what no instance of this build makes anything of, if that is wanted too.
    #[inline(always)]
    fn read_records(&mut self, bytes: &'a [u8], all: bool) -> Result<(), ImageError> {
        let budget = bytes.len().saturating_mul(SHARING);
        let mut reader = Reader { image: self, bytes, at: 0, budget };
        match reader.read(all) {
            Ok(None) => Ok(()),
            Ok(Some(part)) => Err(ImageError::LeftOut(part)),
            Err(rule) => Err(ImageError::File { offset: reader.at, rule }),
        }
    }

    /// Reads what reports, debuggers and people do, and checks it.
    // @need-ids: REQ_IMAGE_001
    fn read_texts(&mut self, bytes: &'a [u8]) -> Result<(), ImageError> {
        let budget = bytes.len().saturating_mul(SHARING);
        let mut texts = Texts { image: self, base: bytes.as_ptr().addr(), at: 0, budget };
        texts.read().map_err(|rule| ImageError::File { offset: texts.at, rule })?;
        #[cfg(feature = "traditional")]
        self.read_bytecode(bytes)?;
        self.check_maps(bytes)
    }
}

/// Where a record stands in the file that begins at the address `base`.
pub(super) fn place_of<T>(record: &T, base: usize) -> usize {
    core::ptr::from_ref(record).addr().wrapping_sub(base)
}

/// No section of more records than this fits into memory: their bytes can be counted without overflow.
const RECORDS_MAX: usize = usize::MAX / 64;

/// So many records of a section, and the bytes that follow it in `rest`; `None` where it leaves them.
#[inline(always)]
fn take<'a, T: FromBytes + Immutable + KnownLayout>(rest: &mut &'a [u8], count: usize) -> Option<&'a [T]> {
    let (records, after) = <[T]>::ref_from_prefix_with_elems(rest, count & RECORDS_MAX).ok()?;
    *rest = after;
    Some(records)
}

/// Notes where the sections are; `None` where they leave the file. Who writes one looks at all of it; who reads one has seen in the header that it has
/// none of what the build leaves out.
fn find<'a>(image: &mut Image<'a>, header: &'a Header, bytes: &'a [u8], all: bool) -> Option<()> {
    let mut large = None;
    let mut rest = bytes.get(size_of::<Header>()..)?;
    if all || Part::Large.is_built() {
        let (counts, sections) = header.sections(bytes)?;
        (large, rest) = (Some(counts), sections);
    }
    let counts = large.iter().flatten().copied().chain([header.code.get(), header.blob.get()]);
    if counts.fold(0, |all, count| all | count as usize) > RECORDS_MAX {
        return None;
    }
    let count = |section: Section, low: U16| match &large {
        Some(counts) => counts.get(section as usize).map_or(0, |count| *count as usize),
        None => low.get().into(),
    };
    let [val_types, types, imports, funcs, tables, memories, globals, exports, others @ ..] = header.counts;
    let [elements, items, data, consts, tags, handlers, catches] = others;
    let rest = &mut rest;
    let start = header.start.get();
    image.module_hash = Some(&header.module_hash);
    image.start = (start != NONE).then_some(start);
    image.code = take::<[u8; 8]>(rest, header.code.get() as usize)?.as_flattened();
    image.val_types = take(rest, count(Section::ValTypes, val_types))?;
    image.types = take(rest, count(Section::Types, types))?;
    image.imports = take(rest, count(Section::Imports, imports))?;
    image.funcs = take(rest, count(Section::Funcs, funcs))?;
    image.tables = take(rest, count(Section::Tables, tables))?;
    image.memories = take(rest, count(Section::Memories, memories))?;
    image.globals = take(rest, count(Section::Globals, globals))?;
    image.exports = take(rest, count(Section::Exports, exports))?;
    image.elements = take(rest, count(Section::Elements, elements))?;
    image.items = take(rest, count(Section::Items, items))?;
    image.data = take(rest, count(Section::Data, data))?;
    if all || EXPRESSIONS {
        image.consts = take(rest, count(Section::Consts, consts))?;
    }
    if all || Part::Exceptions.is_built() {
        image.tags = take(rest, count(Section::Tags, tags))?;
        image.handlers = take(rest, count(Section::Handlers, handlers))?;
        image.catches = take(rest, count(Section::Catches, catches))?;
    }
    image.blob = take(rest, header.blob.get() as usize)?;
    image.optional = rest;
    Some(())
}

/// Checks records, section by section.
pub(super) struct Reader<'i, 'a> {
    image: &'i mut Image<'a>,
    pub(super) bytes: &'a [u8],
    /// Where in the file what is looked at stands.
    pub(super) at: usize,
    /// How many more bytes, constant operators and items records may point to.
    budget: usize,
}

impl<'a> Reader<'_, 'a> {
    /// Gives the part of the language that is needed and left out.
    fn read(&mut self, all: bool) -> Result<Option<Part>, FileRule> {
        let header = self.header()?;
        self.at = PARTS_AT;
        let left_out = Part::left_out(header.parts.get()).map_err(|_| FileRule::Flags)?;
        if left_out.is_some() {
            return Ok(left_out);
        }
        self.require_at(header.wide <= Part::Large.is_built().into(), 7, FileRule::Reserved)?;
        self.require_at(header.reserved == U16::ZERO, 98, FileRule::Reserved)?;
        self.at = COUNTS_AT;
        find(self.image, header, self.bytes, false).ok_or(FileRule::SectionPlace)?;
        if all {
            self.types()?;
            self.imports()?;
            self.globals()?;
        }
        self.funcs()?;
        if all {
            self.tables()?;
            self.memories()?;
            self.tags()?;
        }
        self.elements(all)?;
        self.data(all)?;
        self.start()?;
        Ok(None)
    }

    /// Looks at a record.
    fn turn_to<T>(&mut self, record: &T) {
        self.at = place_of(record, self.bytes.as_ptr().addr());
    }

    fn require_at(&mut self, holds: bool, at: usize, rule: FileRule) -> Checked {
        self.at = at;
        require(holds, rule)
    }

    #[cfg_attr(not(feature = "compact"), inline(never))]
    fn header(&mut self) -> Result<&'a Header, FileRule> {
        let bytes = self.bytes;
        self.at = bytes.len();
        let (header, _) = Header::read(bytes).ok_or(FileRule::Header)?;
        self.require_at(header.magic == MAGIC, 0, FileRule::Magic)?;
        self.require_at(header.version.get() == VERSION, 4, FileRule::Version)?;
        self.require_at(header.window_log2 == WINDOW_LOG2, 6, FileRule::Window)?;
        self.require_at(header.length.get() as usize == bytes.len(), 8, FileRule::Length)?;
        self.require_at(header.checksum.get() == checksum(bytes), CHECKSUM_AT, FileRule::Checksum)?;
        self.require_at(header.schedule.get() == SCHEDULE_HASH as u32, 16, FileRule::Schedule)?;
        Ok(header)
    }

    fn spend(&mut self, amount: usize) -> Checked {
        self.budget = self.budget.checked_sub(amount).ok_or(FileRule::Sharing)?;
        Ok(())
    }

    fn range(&mut self, range: Range) -> Checked {
        let (start, length) = (range.start.get() as usize, range.length.get() as usize);
        let inside = start.checked_add(length).is_some_and(|end| end <= self.image.blob.len());
        require(inside, FileRule::BlobRange)?;
        self.spend(length)
    }

    /// A first value or offset of `slots` slots: a number, or an expression that may read globals below `globals`.
    fn value(&mut self, value: U64, expression: bool, globals: usize, slots: u32) -> Checked {
        if expression {
            return self.constant(value.into(), globals, slots);
        }
        require(slots == 1, FileRule::ConstStack)
    }

    /// A constant expression that gives `slots` slots, and may read globals below `globals`.
    fn constant(&mut self, range: ConstRange, globals: usize, slots: u32) -> Checked {
        self.spend(range.length.get() as usize)?;
        let mut depth = 0_usize;
        for operator in self.image.expression(range).ok_or(FileRule::ConstRange)? {
            require(operator.reserved.get() == 0, FileRule::Reserved)?;
            let constant = Constant::of(operator.opcode.get())?;
            let index = usize::try_from(operator.immediate.get()).unwrap_or(usize::MAX);
            let (taken, made) = match constant {
                Constant::Narrow | Constant::Wide | Constant::Null => (0, 1),
                Constant::Global => {
                    let global = self.image.globals.get(index).filter(|_| index < globals);
                    (0, global.ok_or(FileRule::ConstIndex)?.ty.slots() as usize)
                }
                Constant::Func => {
                    require(index < self.image.funcs.len(), FileRule::ConstIndex)?;
                    (0, 1)
                }
                Constant::Struct => {
                    self.objects(index, form::STRUCT, true)?;
                    (0, 1)
                }
                Constant::Array => {
                    self.objects(index, form::ARRAY, true)?;
                    (1, 1)
                }
                Constant::StructOf => (self.objects(index, form::STRUCT, false)?, 1),
                Constant::ArrayOf => (self.objects(index, form::ARRAY, false)?.saturating_add(1), 1),
                Constant::ArrayFixed => {
                    let slots = self.objects(operator.immediate.get() as u32 as usize, form::ARRAY, false)?;
                    (slots.saturating_mul((operator.immediate.get() >> 32) as usize), 1)
                }
                Constant::I31 => (1, 1),
                _ => (2, 1),
            };
            depth = depth.checked_sub(taken).ok_or(FileRule::ConstStack)?.saturating_add(made);
            require(depth <= CONST_DEPTH, FileRule::ConstStack)?;
        }
        require(depth == slots as usize, FileRule::ConstStack)
    }

    /// Type `index` is of this form, and its objects can be made without values, where they are. The slots of its fields.
    fn objects(&mut self, index: usize, kind: u16, default: bool) -> Result<usize, FileRule> {
        // Fields may be shared, and are looked at for each object.
        let fields = self.image.types.get(index).map_or(0, |record| record.params.get());
        self.spend(fields as usize)?;
        let types = self.image.all_types();
        let index = u32::try_from(index).unwrap_or(NONE);
        let fields = match types.fields(index) {
            Some((found, fields)) if found == kind => fields,
            _ => return Err(FileRule::ConstIndex),
        };
        require(!default || fields.iter().copied().all(has_default), FileRule::ConstIndex)?;
        Ok(operand_slots(fields) as usize)
    }

    #[cfg_attr(not(feature = "compact"), inline(never))]
    fn types(&mut self) -> Checked {
        let all = self.image.all_types();
        let groups = all.groups().flat_map(|(first, end)| (first..end).map(move |index| (index, end)));
        for ((index, end), record) in groups.zip(all.records) {
            self.turn_to(record);
            // Parts may be shared, and are looked at for each type.
            self.spend((record.params.get() as usize).saturating_add(record.results().into()))?;
            all.check(index, end)?;
            let parts = all.all_parts(*record).unwrap_or_default();
            require(parts.iter().all(|ty| built(*ty)), FileRule::ValueType)?;
        }
        Ok(())
    }

    /// A type of values or references that stands outside of a type.
    fn value_type(&self, ty: ValType, rule: FileRule) -> Checked {
        require(built(ty) && ty.is_known(), rule)?;
        let inside = ty.type_index().is_none_or(|index| (index as usize) < self.image.types.len());
        require(inside, FileRule::TypeIndex)
    }

    /// The type of a table's or segment's elements. Functions by themselves are no references as values.
    fn element_type(&self, ty: ValType) -> Checked {
        if ty.is_func() {
            return Ok(());
        }
        require(ty.is_reference(), FileRule::ElementType)?;
        self.value_type(ty, FileRule::ElementType)
    }

    #[cfg_attr(not(feature = "compact"), inline(never))]
    fn imports(&mut self) -> Checked {
        let mut imported = [0_u32; kind::COUNT];
        for import in self.image.imports {
            self.turn_to(import);
            let what = import.kind.get();
            let next = imported.get_mut(what as usize).ok_or(FileRule::ImportKind)?;
            require(import.index.get() == *next, FileRule::ImportOrder)?;
            *next = next.saturating_add(1);
        }
        Ok(())
    }

    /// How many of `all` things of a kind are imported.
    fn imported(&self, what: u32, all: usize) -> Result<usize, FileRule> {
        let imported = self.image.imported(what) as usize;
        require(imported <= all, FileRule::ImportOrder)?;
        Ok(imported)
    }

    /// Flags that say "imported" of exactly the first ones, and else nothing that is not among `known`.
    fn flags(flags: u32, known: u32, imported: bool) -> Checked {
        require(flags & !known == u32::from(imported), FileRule::Flags)
    }

    /// Sizes are in order, and the least is within what indices reach.
    #[cfg_attr(not(feature = "compact"), inline(never))]
    fn sizes(flags: U32, min: U64, max: U64, most: u64) -> Checked {
        let max = if flags.get() & flag::MAXIMUM == 0 { u64::MAX } else { max.get() };
        require(min.get() <= max.min(most), FileRule::Sizes)
    }

    #[cfg_attr(not(feature = "compact"), inline(never))]
    #[cfg_attr(feature = "compact", inline(always))]
    fn funcs(&mut self) -> Checked {
        let imported = self.imported(kind::FUNC, self.image.funcs.len())?;
        for (index, func) in self.image.funcs.iter().enumerate() {
            self.turn_to(func);
            let params = self.image.param_slots(func.ty()).ok_or(FileRule::TypeIndex)?;
            let slots = func.slots.get().into();
            // Of an image of bytecode alone no function has register code.
            if index < imported || (cfg!(feature = "traditional") && self.image.code.is_empty()) {
                require(!func.has_code(), FileRule::FuncCode)?;
                continue;
            }
            require(func.has_code(), FileRule::FuncCode)?;
            require(params <= slots, FileRule::FuncSlots)?;
            let wide = FRAME_SLOTS_MAX.saturating_add(WIDE_SCRATCH);
            let most = if Part::WideFrames.is_built() { wide } else { WINDOW as u32 };
            require(slots <= most, FileRule::FuncSlots)?;
        }
        Ok(())
    }

    #[cfg_attr(not(feature = "compact"), inline(never))]
    #[cfg_attr(feature = "compact", inline(always))]
    fn tables(&mut self) -> Checked {
        let imported = self.imported(kind::TABLE, self.image.tables.len())?;
        for (index, table) in self.image.tables.iter().enumerate() {
            self.turn_to(table);
            Self::flags(table.flags.get(), flag::MAXIMUM | flag::INDEX64, index < imported)?;
            self.element_type(table.element)?;
            Self::sizes(table.flags, table.min, table.max, TableType::from(table).most())?;
            if table.init.length != U32::ZERO {
                require(index >= imported, FileRule::ConstRange)?;
                self.constant(table.init, self.image.globals.len(), 1)?;
            }
        }
        Ok(())
    }

    #[cfg_attr(not(feature = "compact"), inline(never))]
    #[cfg_attr(feature = "compact", inline(always))]
    fn memories(&mut self) -> Checked {
        let imported = self.imported(kind::MEMORY, self.image.memories.len())?;
        for (index, memory) in self.image.memories.iter().enumerate() {
            self.turn_to(memory);
            let flags = memory.flags.get();
            Self::flags(flags, flag::MAXIMUM | flag::INDEX64 | flag::SHARED, index < imported)?;
            // 64 KiB, and the one other size of the custom-page-sizes proposal.
            require(matches!(memory.page_log2.get(), 0 | 16), FileRule::PageSize)?;
            Self::sizes(memory.flags, memory.min, memory.max, MemoryType::from(memory).most_pages())?;
            require(flags & (flag::SHARED | flag::MAXIMUM) != flag::SHARED, FileRule::Flags)?;
        }
        Ok(())
    }

    #[cfg_attr(not(feature = "compact"), inline(never))]
    #[cfg_attr(feature = "compact", inline(always))]
    fn globals(&mut self) -> Checked {
        let imported = self.imported(kind::GLOBAL, self.image.globals.len())?;
        let mut slot = 0_u32;
        for (index, global) in self.image.globals.iter().enumerate() {
            self.turn_to(global);
            let (flags, own) = (global.flags.get(), index >= imported);
            let known = if own { flag::MUTABLE | flag::EXPRESSION } else { flag::MUTABLE };
            Self::flags(flags, known, !own)?;
            self.value_type(global.ty, FileRule::ValueType)?;
            if index == imported {
                slot = 0;
            }
            require(global.slot.get() == slot, FileRule::GlobalSlot)?;
            // Imported ones are counted, and the instance's own lie one behind the other.
            slot = slot.saturating_add(if own { global.ty.slots() } else { 1 });
            if own {
                self.value(global.init, flags & flag::EXPRESSION != 0, index, global.ty.slots())?;
            }
        }
        Ok(())
    }

    fn tags(&mut self) -> Checked {
        if !Part::Exceptions.is_built() {
            return Ok(());
        }
        let imported = self.imported(kind::TAG, self.image.tags.len())?;
        for (index, tag) in self.image.tags.iter().enumerate() {
            self.turn_to(tag);
            Self::flags(tag.flags.get(), 0, index < imported)?;
            let ty = self.image.func_type(tag.ty.get());
            require(ty.is_some_and(|(_, results)| results.is_empty()), FileRule::TypeIndex)?;
        }
        Ok(())
    }

    /// Where a segment is copied to, if it is: a table or memory with an index below `targets`, and an offset.
    fn target(&mut self, (mode, target, offset): (Byte, U24, U64), targets: usize) -> Checked {
        let mode = mode.get();
        require(mode <= mode::COMPUTED, FileRule::Mode)?;
        if mode::is_active(mode) {
            require((target.get() as usize) < targets, FileRule::SegmentTarget)?;
            self.value(offset, mode == mode::COMPUTED, self.image.globals.len(), 1)?;
        }
        Ok(())
    }

    #[cfg_attr(not(feature = "compact"), inline(never))]
    #[cfg_attr(feature = "compact", inline(always))]
    fn elements(&mut self, all: bool) -> Checked {
        let mut references = 0_usize;
        for segment in self.image.elements {
            self.turn_to(segment);
            references = references.saturating_add(segment.length.get() as usize);
            if all {
                self.element_type(segment.ty)?;
                self.target((segment.mode, segment.table, segment.offset), self.image.tables.len())?;
            }
            self.items(segment, all)?;
        }
        // 32 bits count the records of a file, but not the references in shared items.
        require(u32::try_from(references).is_ok(), FileRule::Count)
    }

    fn items(&mut self, segment: &ElementRecord, all: bool) -> Checked {
        let kind = if all { segment.items.get() } else { items::FUNCS };
        require(kind <= items::WIDE_FUNCS, FileRule::Items)?;
        self.spend((segment.length.get() as usize).saturating_mul(items::halves(kind)))?;
        let stored = self.image.items(segment).ok_or(FileRule::Items)?;
        if !all {
            return Ok(());
        }
        for item in stored {
            if let Some(range) = items::expression(item) {
                self.constant(range, self.image.globals.len(), 1)?;
            } else {
                let inside = items::func(item).is_some_and(|func| (func as usize) < self.image.funcs.len());
                require(inside, FileRule::FuncIndex)?;
            }
        }
        Ok(())
    }

    #[cfg_attr(not(feature = "compact"), inline(never))]
    #[cfg_attr(feature = "compact", inline(always))]
    fn data(&mut self, all: bool) -> Checked {
        for segment in self.image.data {
            self.turn_to(segment);
            self.range(segment.bytes)?;
            if all {
                require(segment.mode.get() != mode::DECLARED, FileRule::Mode)?;
                self.target((segment.mode, segment.memory, segment.offset), self.image.memories.len())?;
            }
        }
        Ok(())
    }

    #[cfg_attr(feature = "compact", inline(always))]
    fn start(&mut self) -> Checked {
        let Some(start) = self.image.start else { return Ok(()) };
        self.at = START_AT;
        let ty = self.image.funcs.get(start as usize).and_then(|func| self.image.types.get(func.ty() as usize));
        require(ty.is_some_and(|ty| ty.params.get() | ty.results() == 0), FileRule::Start)
    }
}

/// Reads and checks what is for people.
struct Texts<'i, 'a> {
    image: &'i mut Image<'a>,
    base: usize,
    at: usize,
    /// How many more bytes names may point to.
    budget: usize,
}

/// All records of a section, put in their place; whether its length is a multiple of theirs.
pub(super) fn all<'a, T: FromBytes + Immutable + KnownLayout>(bytes: &'a [u8], to: &mut &'a [T]) -> bool {
    <[T]>::ref_from_bytes(bytes).map(|records| *to = records).is_ok()
}

impl Texts<'_, '_> {
    fn turn_to<T>(&mut self, record: &T) {
        self.at = place_of(record, self.base);
    }

    fn name(&mut self, range: Range) -> Checked {
        let (start, length) = (range.start.get() as usize, range.length.get() as usize);
        self.budget = self.budget.checked_sub(length).ok_or(FileRule::Sharing)?;
        let bytes = self.image.blob.get(start..).and_then(|bytes| bytes.get(..length));
        require(core::str::from_utf8(bytes.ok_or(FileRule::BlobRange)?).is_ok(), FileRule::Name)
    }

    fn read(&mut self) -> Checked {
        self.sections()?;
        for import in self.image.imports {
            self.turn_to(import);
            self.name(import.module)?;
            self.name(import.name)?;
        }
        for export in self.image.exports {
            self.turn_to(export);
            self.name(export.name)?;
            let image = &self.image;
            let things = match export.kind() {
                kind::FUNC => image.funcs.len(),
                kind::TABLE => image.tables.len(),
                kind::MEMORY => image.memories.len(),
                kind::GLOBAL => image.globals.len(),
                kind::TAG => image.tags().len(),
                _ => return Err(FileRule::ExportKind),
            };
            require((export.index() as usize) < things, FileRule::ExportIndex)?;
        }
        self.optional()
    }

    /// Notes where the optional sections are.
    fn sections(&mut self) -> Checked {
        let (mut rest, mut last) = (self.image.optional, 0);
        while !rest.is_empty() {
            self.at = rest.as_ptr().addr().wrapping_sub(self.base);
            let (header, after) = OptionalHeader::read(rest).ok_or(FileRule::SectionPlace)?;
            let bytes = after.split_at_checked(header.length.get() as usize).ok_or(FileRule::SectionPlace)?;
            let kind = header.kind.get();
            let section = OptionalSection::ALL.iter().find(|section| **section as u32 == kind && kind > last);
            let image = &mut *self.image;
            let whole = match section.ok_or(FileRule::SectionKind)? {
                OptionalSection::Positions => all(bytes.0, &mut image.positions),
                OptionalSection::Aliases => all(bytes.0, &mut image.aliases),
                OptionalSection::Names => all(bytes.0, &mut image.names),
                OptionalSection::Bodies => all(bytes.0, &mut image.bodies),
                // Read for the engine that runs them, where the build has it.
                _ => true,
            };
            require(whole, FileRule::SectionLength)?;
            (rest, last) = (bytes.1, kind);
        }
        Ok(())
    }

    /// The sections that only reports, pauses and debuggers read.
    fn optional(&mut self) -> Checked {
        let code = self.image.instr_count();
        let inside = |pc: u32| (pc as usize) < code;
        let mut last = 0;
        for position in self.image.positions {
            self.turn_to(position);
            let pc = position.pc.get();
            require(inside(pc) && pc >= last, FileRule::Order)?;
            last = pc;
        }
        last = 0;
        for alias in self.image.aliases {
            self.turn_to(alias);
            let pc = alias.pc.get();
            require(inside(pc) && pc >= last, FileRule::Order)?;
            require(alias.reserved.get() == 0, FileRule::Reserved)?;
            last = pc;
        }
        let mut next = 0;
        for name in self.image.names {
            self.turn_to(name);
            let func = name.index.get();
            require(func >= next && (func as usize) < self.image.funcs.len(), FileRule::Order)?;
            next = func.saturating_add(1);
            self.name(name.name)?;
        }
        Ok(())
    }
}
