//! Reading an image where it lies: every rule about a file but those about its code.
//!
//! Nothing is copied and nothing converted: records have no alignment and say their byte order. Reading takes time
//! proportional to the file, whatever its records say: see [`SHARING`].

use super::Image;
use super::error::{FileRule, ImageError, Refusal};
use super::format::{
    ConstRange, ElementRecord, Header, MAGIC, NONE, Range, Section, SectionEntry, VERSION, ValType, flag, form, kind,
    mode,
};
use crate::constant::Constant;
use crate::heap;
use crate::instantiate::CONST_DEPTH;
use crate::instr::{FRAME_SLOTS_MAX, WIDE_SCRATCH, WINDOW};
use crate::storage::Entry;
use crate::types::MemoryType;
use crate::typing::slots_of;
use wrt_instructions::Part;
use wrt_instructions::price::SCHEDULE_HASH;
use wrt_safety::Crc32;
use zerocopy::byteorder::little_endian::U32;
use zerocopy::{FromBytes, Immutable, KnownLayout};

/// How often, on average, a byte of the file may be pointed to by records. Names are shared at times; a file of records
/// that all point to the same megabyte would take hours to check and to instantiate.
pub const SHARING: usize = 16;

/// Where the checksum stands in a file, in bytes.
const CHECKSUM_AT: usize = 12;

/// Base-2 logarithm of the window's slots, as headers say it.
pub const WINDOW_LOG2: u8 = WINDOW.ilog2() as u8;

/// The checksum of an image: CRC-32 with the checksum's own bytes zero.
pub fn checksum(bytes: &[u8]) -> u32 {
    let (before, rest) = bytes.split_at_checked(CHECKSUM_AT).unwrap_or((bytes, &[]));
    let after = rest.get(4..).unwrap_or_default();
    let mut crc = Crc32::new();
    crc.update(before);
    crc.update(&[0; 4]);
    crc.update(after);
    crc.finish()
}

/// Writes an image's checksum into its header: the last thing a writer does. `None` for less than a header.
pub fn seal(bytes: &mut [u8]) -> Option<()> {
    let sum = checksum(bytes);
    let (header, _) = Header::mut_from_prefix(bytes).ok()?;
    header.checksum.set(sum);
    Some(())
}

/// Whether a rule holds.
type Checked = Result<(), Refusal>;

const fn require(holds: bool, rule: FileRule) -> Checked {
    if holds { Ok(()) } else { Err(Refusal::Rule(rule)) }
}

/// Whether this build has a part.
const fn need(part: Part) -> Checked {
    if part.is_built() { Ok(()) } else { Err(Refusal::LeftOut(part)) }
}

/// Whether this build has values of a type.
fn built(ty: ValType) -> Checked {
    ty.part().map_or(Ok(()), need)
}

impl<'a> Image<'a> {
    /// The length in bytes of the image that `bytes` begins with, as its header says; for those who find one in a larger
    /// piece of flash.
    pub fn length_of(bytes: &[u8]) -> Option<usize> {
        let (header, _) = Header::ref_from_prefix(bytes).ok()?;
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
        image.read(bytes)?;
        image.check_texts(bytes)?;
        Ok(image)
    }

    /// Reads an image, and checks of it all that running it rests on. What only people read is left to
    /// [`check_texts`](Self::check_texts).
    ///
    /// # Errors
    /// As [`parse`](Self::parse). The image is then of no use.
    // @need-ids: REQ_IMAGE_001, REQ_IMAGE_002, REQ_VERIFY_003, REQ_PARTS_001
    #[inline(never)]
    pub(crate) fn read(&mut self, bytes: &'a [u8]) -> Result<(), ImageError> {
        let budget = bytes.len().saturating_mul(SHARING);
        let mut reader = Reader { image: self, bytes, at: 0, budget, imported: [0; kind::COUNT] };
        reader.read().map_err(|refusal| refusal.at(reader.at))
    }

    /// Checks what reports, debuggers and people read: names, and the optional sections. An image that was read without can be
    /// run. Its names may then be no text, for which [`name`](Self::name) gives none, and what is looked up in the optional
    /// sections may not be found.
    ///
    /// # Errors
    /// [`ImageError::File`] for the first rule that does not hold.
    // @need-ids: REQ_IMAGE_001
    pub fn check_texts(&self, bytes: &[u8]) -> Result<(), ImageError> {
        let budget = bytes.len().saturating_mul(SHARING);
        let mut texts = Texts { image: self, base: bytes.as_ptr().addr(), at: 0, budget };
        texts.check().map_err(|refusal| refusal.at(texts.at))
    }
}

/// All records of a section, put in their place; whether its length is a multiple of theirs.
fn all<'a, T: FromBytes + Immutable + KnownLayout>(bytes: &'a [u8], to: &mut &'a [T]) -> bool {
    let Ok((records, rest)) = <[T]>::ref_from_prefix(bytes) else { return false };
    *to = records;
    rest.is_empty()
}

/// Where a record stands in the file that begins at the address `base`.
fn place_of<T>(record: &T, base: usize) -> usize {
    core::ptr::from_ref(record).addr().wrapping_sub(base)
}

/// Checks records, section by section.
struct Reader<'i, 'a> {
    image: &'i mut Image<'a>,
    bytes: &'a [u8],
    /// Where in the file what is looked at stands.
    at: usize,
    /// How many more bytes, constant operators and items records may point to.
    budget: usize,
    /// How many things of each kind are imported.
    imported: [u32; kind::COUNT],
}

impl<'a> Reader<'_, 'a> {
    fn read(&mut self) -> Checked {
        let header = self.header()?;
        self.sections(header)?;
        self.types()?;
        self.imports()?;
        self.funcs()?;
        self.tables()?;
        self.memories()?;
        self.globals()?;
        self.tags()?;
        self.exports()?;
        self.elements()?;
        self.data()?;
        self.start()
    }

    /// Looks at a record.
    fn turn_to<T>(&mut self, record: &T) {
        self.at = place_of(record, self.bytes.as_ptr().addr());
    }

    fn require_at(&mut self, holds: bool, at: usize, rule: FileRule) -> Checked {
        self.at = at;
        require(holds, rule)
    }

    fn header(&mut self) -> Result<&'a Header, Refusal> {
        let bytes = self.bytes;
        self.at = bytes.len();
        let (header, _) = Header::ref_from_prefix(bytes).map_err(|_| FileRule::Header)?;
        self.require_at(header.magic == MAGIC, 0, FileRule::Magic)?;
        self.require_at(header.version.get() == VERSION, 4, FileRule::Version)?;
        self.require_at(header.window_log2 == WINDOW_LOG2, 6, FileRule::Window)?;
        self.require_at(header.length.get() as usize == bytes.len(), 8, FileRule::Length)?;
        self.require_at(header.checksum.get() == checksum(bytes), CHECKSUM_AT, FileRule::Checksum)?;
        self.require_at(header.schedule.get() == SCHEDULE_HASH, 16, FileRule::Schedule)?;
        let reserved = header.reserved.iter().fold(header.flags, |all, byte| all | byte);
        self.require_at(reserved == 0, 7, FileRule::Reserved)?;
        let start = header.start.get();
        *self.image = Image {
            module_hash: Some(&header.module_hash),
            start: (start != NONE).then_some(start),
            ..Image::default()
        };
        Ok(header)
    }

    fn sections(&mut self, header: &Header) -> Checked {
        let start = size_of::<Header>();
        self.at = start;
        let count = header.sections.get() as usize;
        require(count <= Section::ALL.len(), FileRule::SectionTable)?;
        let table = self.bytes.get(start..).unwrap_or_default();
        let (table, _) =
            <[SectionEntry]>::ref_from_prefix_with_elems(table, count).map_err(|_| FileRule::SectionTable)?;
        let mut end = start.saturating_add(size_of_val(table));
        let mut last = 0;
        for entry in table {
            self.turn_to(entry);
            let kind = entry.kind.get();
            let section = Section::from_number(kind).filter(|_| kind > last).ok_or(FileRule::SectionKind)?;
            last = kind;
            require(entry.reserved.get() == 0, FileRule::Reserved)?;
            let offset = entry.offset.get() as usize;
            require(offset.is_multiple_of(8) && offset >= end, FileRule::SectionPlace)?;
            end = offset.saturating_add(entry.length.get() as usize);
            let bytes = self.bytes.get(offset..end).ok_or(FileRule::SectionPlace)?;
            require(self.section(section, bytes), FileRule::SectionLength)?;
            if matches!(section, Section::Tags | Section::Handlers | Section::Catches) && !bytes.is_empty() {
                need(Part::Exceptions)?;
            }
        }
        Ok(())
    }

    /// Notes where a section is; whether it is a whole number of records.
    fn section(&mut self, section: Section, bytes: &'a [u8]) -> bool {
        let image = &mut *self.image;
        match section {
            Section::Types => all(bytes, &mut image.types),
            Section::ValTypes => all(bytes, &mut image.val_types),
            Section::Imports => all(bytes, &mut image.imports),
            Section::Funcs => all(bytes, &mut image.funcs),
            Section::Tables => all(bytes, &mut image.tables),
            Section::Memories => all(bytes, &mut image.memories),
            Section::Globals => all(bytes, &mut image.globals),
            Section::Exports => all(bytes, &mut image.exports),
            Section::Elements => all(bytes, &mut image.elements),
            Section::Items => all(bytes, &mut image.items),
            Section::Data => all(bytes, &mut image.data),
            Section::Consts => all(bytes, &mut image.consts),
            Section::Code => {
                image.code = bytes;
                bytes.len().is_multiple_of(size_of::<crate::Instr>())
            }
            Section::Positions => all(bytes, &mut image.positions),
            Section::Aliases => all(bytes, &mut image.aliases),
            Section::Names => all(bytes, &mut image.names),
            Section::Blob => all(bytes, &mut image.blob),
            Section::Tags if Part::Exceptions.is_built() => all(bytes, &mut image.tags),
            Section::Handlers if Part::Exceptions.is_built() => all(bytes, &mut image.handlers),
            Section::Catches if Part::Exceptions.is_built() => all(bytes, &mut image.catches),
            // One that is not empty is refused.
            Section::Tags | Section::Handlers | Section::Catches => true,
        }
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

    /// A constant expression that gives `slots` slots, and may read globals below `globals`.
    fn constant(&mut self, range: ConstRange, globals: usize, slots: u32) -> Checked {
        let (start, length) = (range.start.get() as usize, range.length.get() as usize);
        self.spend(length)?;
        let operators = self.image.consts.get(start..).and_then(|consts| consts.get(..length));
        let mut depth = 0_usize;
        for operator in operators.ok_or(FileRule::ConstRange)? {
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
                    self.objects(index, form::STRUCT)?;
                    (0, 1)
                }
                Constant::Array => {
                    self.objects(index, form::ARRAY)?;
                    (1, 1)
                }
                _ => (2, 1),
            };
            depth = depth.checked_sub(taken).ok_or(FileRule::ConstStack)?.saturating_add(made);
            require(depth <= CONST_DEPTH, FileRule::ConstStack)?;
        }
        require(depth == slots as usize, FileRule::ConstStack)
    }

    /// Type `index` is of this form, and its objects can be made without values.
    fn objects(&mut self, index: usize, kind: u32) -> Checked {
        // Fields may be shared, and are looked at for each object.
        let fields = self.image.types.get(index).map_or(0, |record| record.params.get());
        self.spend(fields as usize)?;
        let types = self.image.all_types();
        let index = u32::try_from(index).unwrap_or(NONE);
        let right =
            types.fields(index).is_some_and(|(found, _)| found == kind) && heap::words(types, index, 0).is_some();
        require(right, FileRule::ConstIndex)
    }

    fn types(&mut self) -> Checked {
        for ty in self.image.val_types {
            self.turn_to(ty);
            require(ty.is_field(), FileRule::ValueType)?;
            built(*ty)?;
        }
        let all = self.image.all_types();
        for (index, record) in (0..).zip(all.records) {
            self.turn_to(record);
            // Parts may be shared, and are looked at for each type.
            self.spend((record.params.get() as usize).saturating_add(record.results.get() as usize))?;
            if Part::References.is_built() {
                all.check(index)?;
            } else {
                all.check_plain(record)?;
            }
        }
        Ok(())
    }

    /// A type of values or references that stands outside of a type.
    fn value_type(&self, ty: ValType, rule: FileRule) -> Checked {
        require(ty.is_known(), rule)?;
        built(ty)?;
        let inside = ty.type_index().is_none_or(|index| (index as usize) < self.image.types.len());
        require(inside, FileRule::TypeIndex)
    }

    /// The type of a table's or segment's elements. Functions by themselves are no references as values.
    fn element_type(&self, ty: ValType) -> Checked {
        require(ty.is_reference(), FileRule::ElementType)?;
        if ty.is_func() { Ok(()) } else { self.value_type(ty, FileRule::ElementType) }
    }

    fn imports(&mut self) -> Checked {
        for import in self.image.imports {
            self.turn_to(import);
            self.range(import.module)?;
            self.range(import.name)?;
            let what = import.kind.get();
            let next = self.imported.get_mut(what as usize).ok_or(FileRule::ImportKind)?;
            require(import.index.get() == *next, FileRule::ImportOrder)?;
            *next = next.saturating_add(1);
            if what != kind::FUNC {
                need(Part::Linking)?;
            }
        }
        Ok(())
    }

    /// How many of `all` things of a kind are imported.
    fn imported(&self, what: u32, all: usize) -> Result<usize, Refusal> {
        if what != kind::FUNC && !Part::Linking.is_built() {
            return Ok(0);
        }
        let imported = self.imported.get(what as usize).map_or(0, |imported| *imported as usize);
        require(imported <= all, FileRule::ImportOrder)?;
        Ok(imported)
    }

    /// Flags that are known, allowed, and say "imported" of exactly the first ones.
    fn flags(flags: u32, allowed: u32, imported: bool) -> Checked {
        require(flags & !allowed == u32::from(imported), FileRule::Flags)?;
        if flags & flag::INDEX64 == 0 { Ok(()) } else { need(Part::Memories) }
    }

    fn funcs(&mut self) -> Checked {
        let imported = self.imported(kind::FUNC, self.image.funcs.len())?;
        for (index, func) in self.image.funcs.iter().enumerate() {
            self.turn_to(func);
            let ty = self.image.all_types().func(func.ty.get());
            let (params, _) = ty.ok_or(FileRule::TypeIndex)?;
            let entry = Entry { pc: func.pc.get(), slots: func.slots.get() };
            if index < imported {
                let absent = Entry::absent(u32::try_from(index).unwrap_or(u32::MAX)).pc;
                require(entry.pc == absent, FileRule::FuncCode)?;
                continue;
            }
            require(entry.is_present(), FileRule::FuncCode)?;
            let most = FRAME_SLOTS_MAX.saturating_add(WIDE_SCRATCH);
            require(slots_of(params) <= entry.slots && entry.slots <= most, FileRule::FuncSlots)?;
            if entry.slots > WINDOW as u32 {
                need(Part::WideFrames)?;
            }
        }
        Ok(())
    }

    fn tables(&mut self) -> Checked {
        let imported = self.imported(kind::TABLE, self.image.tables.len())?;
        for (index, table) in self.image.tables.iter().enumerate() {
            self.turn_to(table);
            if index > 0 {
                need(Part::References)?;
            }
            let flags = table.flags.get();
            Self::flags(flags, flag::MAXIMUM | flag::INDEX64, index < imported)?;
            self.element_type(table.element)?;
            let (min, most) =
                (table.min.get(), if flags & flag::INDEX64 == 0 { u64::from(u32::MAX) } else { u64::MAX });
            let below = flags & flag::MAXIMUM == 0 || min <= table.max.get();
            require(below && min <= most, FileRule::Sizes)?;
            if table.init.length.get() != 0 {
                need(Part::References)?;
                require(index >= imported, FileRule::ConstRange)?;
                self.constant(table.init, self.image.globals.len(), 1)?;
            }
        }
        Ok(())
    }

    fn memories(&mut self) -> Checked {
        let imported = self.imported(kind::MEMORY, self.image.memories.len())?;
        for (index, memory) in self.image.memories.iter().enumerate() {
            self.turn_to(memory);
            if index > 0 {
                need(Part::Memories)?;
            }
            let allowed = flag::MAXIMUM | flag::INDEX64 | flag::SHARED;
            Self::flags(memory.flags.get(), allowed, index < imported)?;
            // 64 KiB, and the one other size of the custom-page-sizes proposal.
            require(matches!(memory.page_log2.get(), 0 | 16), FileRule::PageSize)?;
            let ty = MemoryType::from(memory);
            require(ty.is_sound(), FileRule::Sizes)?;
            require(!ty.shared || ty.max.is_some(), FileRule::Flags)?;
        }
        Ok(())
    }

    fn globals(&mut self) -> Checked {
        let imported = self.imported(kind::GLOBAL, self.image.globals.len())?;
        let mut slot = 0_u32;
        for (index, global) in self.image.globals.iter().enumerate() {
            self.turn_to(global);
            Self::flags(global.flags.get(), flag::MUTABLE, index < imported)?;
            self.value_type(global.ty, FileRule::ValueType)?;
            if index == imported {
                slot = 0;
            }
            require(global.slot.get() == slot, FileRule::GlobalSlot)?;
            // Imported ones are counted, and the instance's own lie one behind the other.
            slot = slot.saturating_add(if index < imported { 1 } else { global.ty.slots() });
            if index >= imported {
                self.constant(global.init, index, global.ty.slots())?;
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

    fn exports(&mut self) -> Checked {
        for export in self.image.exports {
            self.turn_to(export);
            self.range(export.name)?;
            let image = &self.image;
            let things = match export.kind.get() {
                kind::FUNC => image.funcs.len(),
                kind::TABLE => image.tables.len(),
                kind::MEMORY => image.memories.len(),
                kind::GLOBAL => image.globals.len(),
                kind::TAG => image.tags().len(),
                _ => return Err(FileRule::ExportKind.into()),
            };
            require((export.index.get() as usize) < things, FileRule::ExportIndex)?;
        }
        Ok(())
    }

    fn elements(&mut self) -> Checked {
        let mut references = 0_usize;
        for segment in self.image.elements {
            self.turn_to(segment);
            references = references.saturating_add(segment.length.get() as usize);
            require(segment.mode.get() <= mode::DECLARED, FileRule::Mode)?;
            self.element_type(segment.ty)?;
            if segment.mode.get() == mode::ACTIVE {
                require((segment.table.get() as usize) < self.image.tables.len(), FileRule::SegmentTarget)?;
                self.constant(segment.offset, self.image.globals.len(), 1)?;
            } else {
                need(Part::References)?;
            }
            self.items(segment)?;
        }
        // 32 bits count the records of a file, but not the references in shared items.
        require(u32::try_from(references).is_ok(), FileRule::Count)
    }

    fn items(&mut self, segment: &ElementRecord) -> Checked {
        let expressions = segment.expressions.get();
        require(expressions <= 1, FileRule::Items)?;
        if expressions != 0 {
            need(Part::References)?;
        }
        // One word each, or two.
        let count = (segment.length.get() as usize).saturating_mul(1 + usize::from(expressions != 0));
        self.spend(count)?;
        let all: &[U32] = self.image.items;
        let items = all.get(segment.start.get() as usize..).and_then(|items| items.get(..count));
        let items = items.ok_or(FileRule::Items)?;
        if expressions == 0 {
            let inside = items.iter().all(|func| (func.get() as usize) < self.image.funcs.len());
            return require(inside, FileRule::FuncIndex);
        }
        for pair in items.chunks_exact(2) {
            let [start, length] = pair else { continue };
            self.constant(ConstRange { start: *start, length: *length }, self.image.globals.len(), 1)?;
        }
        Ok(())
    }

    fn data(&mut self) -> Checked {
        for segment in self.image.data {
            self.turn_to(segment);
            require(segment.mode.get() <= mode::ACTIVE, FileRule::Mode)?;
            self.range(segment.bytes)?;
            if segment.mode.get() == mode::ACTIVE {
                require((segment.memory.get() as usize) < self.image.memories.len(), FileRule::SegmentTarget)?;
                self.constant(segment.offset, self.image.globals.len(), 1)?;
            } else {
                need(Part::Bulk)?;
            }
        }
        Ok(())
    }

    fn start(&mut self) -> Checked {
        let Some(start) = self.image.start else { return Ok(()) };
        self.at = size_of::<Header>().saturating_sub(40);
        let ty = self.image.funcs.get(start as usize).and_then(|func| self.image.types.get(func.ty.get() as usize));
        require(ty.is_some_and(|ty| ty.params.get() | ty.results.get() == 0), FileRule::Start)
    }
}

/// Checks what only people read.
struct Texts<'i, 'a> {
    image: &'i Image<'a>,
    base: usize,
    at: usize,
    /// How many more bytes names may point to.
    budget: usize,
}

impl Texts<'_, '_> {
    fn turn_to<T>(&mut self, record: &T) {
        self.at = place_of(record, self.base);
    }

    fn name(&mut self, range: Range) -> Checked {
        self.budget = self.budget.checked_sub(range.length.get() as usize).ok_or(FileRule::Sharing)?;
        require(core::str::from_utf8(self.image.bytes(range)).is_ok(), FileRule::Name)
    }

    fn check(&mut self) -> Checked {
        for import in self.image.imports {
            self.turn_to(import);
            self.name(import.module)?;
            self.name(import.name)?;
        }
        for export in self.image.exports {
            self.turn_to(export);
            self.name(export.name)?;
        }
        self.optional()
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
            let (start, length) = (name.name.start.get() as usize, name.name.length.get() as usize);
            let bytes = self.image.blob.get(start..).and_then(|bytes| bytes.get(..length));
            require(bytes.is_some(), FileRule::BlobRange)?;
            self.name(name.name)?;
        }
        Ok(())
    }
}
