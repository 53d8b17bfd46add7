//! Reading an image where it lies: every rule about a file but those about its code.
//!
//! Nothing is copied and nothing converted: records have no alignment and say their byte order. Reading takes time
//! proportional to the file, whatever its records say: see [`SHARING`].

use super::Image;
use super::error::{FileRule, ImageError};
use super::format::{
    ConstRange, ElementRecord, Header, MAGIC, NONE, Range, Section, SectionEntry, TableRecord, VERSION, ValType, flag,
    form, kind, mode,
};
use crate::heap;
use crate::instantiate::{self, CONST_DEPTH, Needs};
use crate::instr::{FRAME_SLOTS_MAX, WIDE_SCRATCH, WINDOW};
use crate::storage::Entry;
use crate::types::{MemoryType, TableType};
use wrt_instructions::operator::StructuralOp;
use wrt_instructions::price::SCHEDULE_HASH;
use wrt_safety::Crc32;
use zerocopy::byteorder::little_endian::U32;
use zerocopy::{FromBytes, Immutable, KnownLayout};

/// How often, on average, a byte of the file may be pointed to by records. Names are shared at times; a file of records
/// that all point to the same megabyte would take hours to check and to instantiate.
pub const SHARING: u64 = 16;

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

const fn file_error(offset: usize, rule: FileRule) -> ImageError {
    ImageError::File { offset, rule }
}

fn require(holds: bool, offset: usize, rule: FileRule) -> Result<(), ImageError> {
    if holds { Ok(()) } else { Err(file_error(offset, rule)) }
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
    /// [`ImageError::File`] for the first rule that does not hold.
    // @need-ids: REQ_IMAGE_001, REQ_IMAGE_002, REQ_VERIFY_003
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ImageError> {
        let header = read_header(bytes)?;
        let places = Places::read(bytes, header)?;
        let image = places.image(bytes, header)?;
        let mut reader = Reader { image, places, budget: (bytes.len() as u64).saturating_mul(SHARING) };
        reader.types()?;
        reader.imports()?;
        reader.funcs()?;
        reader.tables()?;
        reader.memories()?;
        reader.globals()?;
        reader.tags()?;
        reader.exports()?;
        reader.elements()?;
        reader.data()?;
        reader.optional()?;
        reader.start(header)?;
        require(Needs::of(&image).is_some(), 0, FileRule::Count)?;
        Ok(image)
    }
}

fn read_header(bytes: &[u8]) -> Result<&Header, ImageError> {
    let (header, _) = Header::ref_from_prefix(bytes).map_err(|_| file_error(bytes.len(), FileRule::Header))?;
    require(header.magic == MAGIC, 0, FileRule::Magic)?;
    require(header.version.get() == VERSION, 4, FileRule::Version)?;
    require(header.window_log2 == WINDOW_LOG2, 6, FileRule::Window)?;
    require(header.length.get() as usize == bytes.len(), 8, FileRule::Length)?;
    require(header.checksum.get() == checksum(bytes), CHECKSUM_AT, FileRule::Checksum)?;
    require(header.schedule.get() == SCHEDULE_HASH, 16, FileRule::Schedule)?;
    require(header.flags == 0 && header.reserved == [0; 32], 7, FileRule::Reserved)?;
    Ok(header)
}

/// Where each section lies: offset and length in bytes, (0, 0) for one that is not there.
struct Places([(usize, usize); Section::ALL.len()]);

impl Places {
    fn read(bytes: &[u8], header: &Header) -> Result<Self, ImageError> {
        let start = size_of::<Header>();
        let count = header.sections.get() as usize;
        let wrong = file_error(start, FileRule::SectionTable);
        require(count <= Section::ALL.len(), start, FileRule::SectionTable)?;
        let table = bytes.get(start..).ok_or(wrong)?;
        let (table, _) = <[SectionEntry]>::ref_from_prefix_with_elems(table, count).map_err(|_| wrong)?;
        let mut places = [(0, 0); Section::ALL.len()];
        let mut end = start.saturating_add(size_of_val(table));
        let mut last = 0;
        for (index, entry) in table.iter().enumerate() {
            let here = start.saturating_add(index.saturating_mul(size_of::<SectionEntry>()));
            let section = Section::from_number(entry.kind.get()).filter(|_| entry.kind.get() > last);
            let section = section.ok_or(file_error(here, FileRule::SectionKind))?;
            last = entry.kind.get();
            require(entry.reserved.get() == 0, here, FileRule::Reserved)?;
            let (offset, length) = (entry.offset.get() as usize, entry.length.get() as usize);
            let aligned = offset.is_multiple_of(8);
            require(aligned && offset >= end, here, FileRule::SectionPlace)?;
            end = offset.saturating_add(length);
            require(end <= bytes.len(), here, FileRule::SectionPlace)?;
            require(length.is_multiple_of(section.record_bytes()), here, FileRule::SectionLength)?;
            let place = places.get_mut((section as usize).wrapping_sub(1));
            *place.ok_or(file_error(here, FileRule::SectionKind))? = (offset, length);
        }
        Ok(Self(places))
    }

    fn place(&self, section: Section) -> (usize, usize) {
        self.0.get((section as usize).wrapping_sub(1)).copied().unwrap_or_default()
    }

    fn bytes<'a>(&self, bytes: &'a [u8], section: Section) -> &'a [u8] {
        let (offset, length) = self.place(section);
        bytes.get(offset..).and_then(|bytes| bytes.get(..length)).unwrap_or_default()
    }

    /// The records of a section.
    fn records<'a, T>(&self, bytes: &'a [u8], section: Section) -> Result<&'a [T], ImageError>
    where
        T: FromBytes + Immutable + KnownLayout,
    {
        <[T]>::ref_from_bytes(self.bytes(bytes, section))
            .map_err(|_| file_error(self.place(section).0, FileRule::SectionLength))
    }

    fn image<'a>(&self, bytes: &'a [u8], header: &Header) -> Result<Image<'a>, ImageError> {
        let start = header.start.get();
        Ok(Image {
            module_hash: Some(header.module_hash),
            start: (start != NONE).then_some(start),
            types: self.records(bytes, Section::Types)?,
            val_types: self.records(bytes, Section::ValTypes)?,
            imports: self.records(bytes, Section::Imports)?,
            funcs: self.records(bytes, Section::Funcs)?,
            tables: self.records(bytes, Section::Tables)?,
            memories: self.records(bytes, Section::Memories)?,
            globals: self.records(bytes, Section::Globals)?,
            tags: self.records(bytes, Section::Tags)?,
            exports: self.records(bytes, Section::Exports)?,
            elements: self.records(bytes, Section::Elements)?,
            items: self.records(bytes, Section::Items)?,
            data: self.records(bytes, Section::Data)?,
            consts: self.records(bytes, Section::Consts)?,
            code: self.bytes(bytes, Section::Code),
            handlers: self.records(bytes, Section::Handlers)?,
            catches: self.records(bytes, Section::Catches)?,
            positions: self.records(bytes, Section::Positions)?,
            aliases: self.records(bytes, Section::Aliases)?,
            names: self.records(bytes, Section::Names)?,
            blob: self.bytes(bytes, Section::Blob),
        })
    }
}

/// Checks records, section by section.
struct Reader<'a> {
    image: Image<'a>,
    places: Places,
    /// How many more bytes, constant operators and items records may point to.
    budget: u64,
}

impl Reader<'_> {
    /// Where record `index` of a section stands in the file.
    fn at(&self, section: Section, index: usize) -> usize {
        self.places.place(section).0.saturating_add(index.saturating_mul(section.record_bytes()))
    }

    fn spend(&mut self, amount: u64, at: usize) -> Result<(), ImageError> {
        self.budget = self.budget.checked_sub(amount).ok_or(file_error(at, FileRule::Sharing))?;
        Ok(())
    }

    fn range(&mut self, range: Range, at: usize) -> Result<(), ImageError> {
        let (start, length) = (u64::from(range.start.get()), u64::from(range.length.get()));
        require(start.saturating_add(length) <= self.image.blob.len() as u64, at, FileRule::BlobRange)?;
        self.spend(length, at)
    }

    fn name(&mut self, range: Range, at: usize) -> Result<(), ImageError> {
        self.range(range, at)?;
        require(core::str::from_utf8(self.image.bytes(range)).is_ok(), at, FileRule::Name)
    }

    /// A constant expression of a value in one slot, which may read globals below `globals`.
    fn constant(&mut self, range: ConstRange, globals: usize, at: usize) -> Result<(), ImageError> {
        self.constant_slots(range, globals, 1, at)
    }

    /// A constant expression that gives `slots` slots.
    fn constant_slots(&mut self, range: ConstRange, globals: usize, slots: u32, at: usize) -> Result<(), ImageError> {
        let (start, length) = (range.start.get() as usize, range.length.get() as usize);
        self.spend(length as u64, at)?;
        let operators = self.image.consts.get(start..).and_then(|consts| consts.get(..length));
        let mut depth = 0_usize;
        for operator in operators.ok_or(file_error(at, FileRule::ConstRange))? {
            require(operator.reserved.get() == 0, at, FileRule::Reserved)?;
            let opcode = operator.opcode.get();
            let index = usize::try_from(operator.immediate.get()).unwrap_or(usize::MAX);
            if let Some(space) = instantiate::const_leaf(opcode) {
                if space == StructuralOp::StructNewDefault {
                    self.spend_fields(index, at)?;
                }
                let below = match space {
                    StructuralOp::GlobalGet => globals,
                    StructuralOp::RefFunc => self.image.funcs.len(),
                    StructuralOp::StructNewDefault if !self.has_objects(index, form::STRUCT) => 0,
                    _ => usize::MAX,
                };
                require(index < below || below == usize::MAX, at, FileRule::ConstIndex)?;
                let global = self.image.globals.get(index).filter(|_| space == StructuralOp::GlobalGet);
                depth = depth.saturating_add(global.map_or(1, |global| global.ty.slots()) as usize);
                require(depth <= CONST_DEPTH, at, FileRule::ConstStack)?;
            } else if instantiate::is_const_array(opcode) {
                self.spend_fields(index, at)?;
                require(self.has_objects(index, form::ARRAY), at, FileRule::ConstIndex)?;
                require(depth >= 1, at, FileRule::ConstStack)?;
            } else {
                require(instantiate::const_binary(opcode).is_some(), at, FileRule::ConstOperator)?;
                require(depth >= 2, at, FileRule::ConstStack)?;
                depth = depth.saturating_sub(1);
            }
        }
        require(depth == slots as usize, at, FileRule::ConstStack)
    }

    /// Whether type `index` is of this form and its objects can be made without values.
    fn has_objects(&self, index: usize, kind: u32) -> bool {
        let types = self.image.all_types();
        let index = u32::try_from(index).unwrap_or(NONE);
        types.fields(index).is_some_and(|(found, _)| found == kind) && heap::words(types, index, 0).is_some()
    }

    /// Fields may be shared, and are looked at for each object.
    fn spend_fields(&mut self, index: usize, at: usize) -> Result<(), ImageError> {
        let fields = self.image.types.get(index).map_or(0, |record| record.params.get());
        self.spend(fields.into(), at)
    }

    fn types(&mut self) -> Result<(), ImageError> {
        for (index, ty) in self.image.val_types.iter().enumerate() {
            require(ty.is_field(), self.at(Section::ValTypes, index), FileRule::ValueType)?;
        }
        let all = self.image.all_types();
        for (number, (index, record)) in (0..).zip(self.image.types.iter().enumerate()) {
            let at = self.at(Section::Types, index);
            // Parts may be shared, and are looked at for each type.
            self.spend(u64::from(record.params.get()).saturating_add(record.results.get().into()), at)?;
            all.check(number).map_err(|rule| file_error(at, rule))?;
        }
        Ok(())
    }

    /// A value type that stands outside of a type.
    fn value_type(&self, ty: ValType, at: usize, rule: FileRule) -> Result<(), ImageError> {
        require(ty.is_known(), at, rule)?;
        let inside = ty.type_index().is_none_or(|index| (index as usize) < self.image.types.len());
        require(inside, at, FileRule::TypeIndex)
    }

    fn imports(&mut self) -> Result<(), ImageError> {
        let mut next = [0_u32; kind::COUNT];
        for (index, import) in self.image.imports.iter().enumerate() {
            let at = self.at(Section::Imports, index);
            self.name(import.module, at)?;
            self.name(import.name, at)?;
            let next = next.get_mut(import.kind.get() as usize).ok_or(file_error(at, FileRule::ImportKind))?;
            require(import.index.get() == *next, at, FileRule::ImportOrder)?;
            *next = next.saturating_add(1);
        }
        Ok(())
    }

    /// How many things of a kind are imported.
    fn imported(&self, what: u32) -> usize {
        self.image.imports.iter().filter(|import| import.kind.get() == what).count()
    }

    /// Flags that are known, allowed, and say "imported" of exactly the first ones.
    fn flags(flags: u32, allowed: u32, imported: bool, at: usize) -> Result<(), ImageError> {
        require(flags & !(allowed | flag::IMPORTED) == 0, at, FileRule::Flags)?;
        require((flags & flag::IMPORTED != 0) == imported, at, FileRule::Flags)
    }

    fn funcs(&mut self) -> Result<(), ImageError> {
        let imported = self.imported(kind::FUNC);
        require(imported <= self.image.funcs.len(), self.at(Section::Funcs, 0), FileRule::ImportOrder)?;
        for (index, func) in self.image.funcs.iter().enumerate() {
            let at = self.at(Section::Funcs, index);
            let ty = self.image.func_type(func.ty.get());
            let (params, _) = ty.ok_or(file_error(at, FileRule::TypeIndex))?;
            let absent = Entry::absent(u32::try_from(index).unwrap_or(u32::MAX)).pc;
            if index < imported {
                require(func.pc.get() == absent, at, FileRule::FuncCode)?;
                continue;
            }
            let entry = Entry { pc: func.pc.get(), slots: func.slots.get() };
            require(entry.is_present(), at, FileRule::FuncCode)?;
            let least: u32 = params.iter().map(|param| param.slots()).sum();
            let most = FRAME_SLOTS_MAX.saturating_add(WIDE_SCRATCH);
            require((least..=most).contains(&entry.slots), at, FileRule::FuncSlots)?;
        }
        Ok(())
    }

    fn tables(&mut self) -> Result<(), ImageError> {
        let imported = self.imported(kind::TABLE);
        require(imported <= self.image.tables.len(), self.at(Section::Tables, 0), FileRule::ImportOrder)?;
        for (index, table) in self.image.tables.iter().enumerate() {
            let at = self.at(Section::Tables, index);
            let TableRecord { element, flags, init, .. } = table;
            Self::flags(flags.get(), flag::MAXIMUM | flag::INDEX64, index < imported, at)?;
            require(element.is_reference(), at, FileRule::ElementType)?;
            self.value_type(*element, at, FileRule::ElementType)?;
            let ty = TableType::from(table);
            let most = if ty.index64 { u64::MAX } else { u64::from(u32::MAX) };
            require(ty.max.is_none_or(|max| ty.min <= max) && ty.min <= most, at, FileRule::Sizes)?;
            if init.length.get() != 0 {
                require(index >= imported, at, FileRule::ConstRange)?;
                self.constant(*init, self.image.globals.len(), at)?;
            }
        }
        Ok(())
    }

    fn memories(&mut self) -> Result<(), ImageError> {
        let imported = self.imported(kind::MEMORY);
        require(imported <= self.image.memories.len(), self.at(Section::Memories, 0), FileRule::ImportOrder)?;
        for (index, memory) in self.image.memories.iter().enumerate() {
            let at = self.at(Section::Memories, index);
            let allowed = flag::MAXIMUM | flag::INDEX64 | flag::SHARED;
            Self::flags(memory.flags.get(), allowed, index < imported, at)?;
            // 64 KiB, and the one other size of the custom-page-sizes proposal.
            require(matches!(memory.page_log2.get(), 0 | 16), at, FileRule::PageSize)?;
            let ty = MemoryType::from(memory);
            require(ty.is_sound(), at, FileRule::Sizes)?;
            require(!ty.shared || ty.max.is_some(), at, FileRule::Flags)?;
        }
        Ok(())
    }

    fn globals(&mut self) -> Result<(), ImageError> {
        let imported = self.imported(kind::GLOBAL);
        require(imported <= self.image.globals.len(), self.at(Section::Globals, 0), FileRule::ImportOrder)?;
        let mut slot = 0_u32;
        for (index, global) in self.image.globals.iter().enumerate() {
            let at = self.at(Section::Globals, index);
            Self::flags(global.flags.get(), flag::MUTABLE, index < imported, at)?;
            self.value_type(global.ty, at, FileRule::ValueType)?;
            if index == imported {
                slot = 0;
            }
            require(global.slot.get() == slot, at, FileRule::GlobalSlot)?;
            // Imported ones are counted, and the instance's own lie one behind the other.
            slot = slot.saturating_add(if index < imported { 1 } else { global.ty.slots() });
            if index >= imported {
                self.constant_slots(global.init, index, global.ty.slots(), at)?;
            }
        }
        Ok(())
    }

    fn tags(&mut self) -> Result<(), ImageError> {
        let imported = self.imported(kind::TAG);
        require(imported <= self.image.tags.len(), self.at(Section::Tags, 0), FileRule::ImportOrder)?;
        for (index, tag) in self.image.tags.iter().enumerate() {
            let at = self.at(Section::Tags, index);
            Self::flags(tag.flags.get(), 0, index < imported, at)?;
            let ty = self.image.func_type(tag.ty.get());
            require(ty.is_some_and(|(_, results)| results.is_empty()), at, FileRule::TypeIndex)?;
        }
        Ok(())
    }

    fn exports(&mut self) -> Result<(), ImageError> {
        for (index, export) in self.image.exports.iter().enumerate() {
            let at = self.at(Section::Exports, index);
            self.name(export.name, at)?;
            let things = match export.kind.get() {
                kind::FUNC => self.image.funcs.len(),
                kind::TABLE => self.image.tables.len(),
                kind::MEMORY => self.image.memories.len(),
                kind::GLOBAL => self.image.globals.len(),
                kind::TAG => self.image.tags.len(),
                _ => return Err(file_error(at, FileRule::ExportKind)),
            };
            require((export.index.get() as usize) < things, at, FileRule::ExportIndex)?;
        }
        Ok(())
    }

    fn elements(&mut self) -> Result<(), ImageError> {
        for (index, segment) in self.image.elements.iter().enumerate() {
            let at = self.at(Section::Elements, index);
            require(segment.mode.get() <= mode::DECLARED, at, FileRule::Mode)?;
            require(segment.ty.is_reference(), at, FileRule::ElementType)?;
            self.value_type(segment.ty, at, FileRule::ElementType)?;
            if segment.mode.get() == mode::ACTIVE {
                let table = segment.table.get() as usize;
                require(table < self.image.tables.len(), at, FileRule::SegmentTarget)?;
                self.constant(segment.offset, self.image.globals.len(), at)?;
            }
            self.items(segment, at)?;
        }
        Ok(())
    }

    fn items(&mut self, segment: &ElementRecord, at: usize) -> Result<(), ImageError> {
        let words = match segment.expressions.get() {
            0 => 1,
            1 => 2,
            _ => return Err(file_error(at, FileRule::Items)),
        };
        let count = u64::from(segment.length.get()).saturating_mul(words);
        self.spend(count, at)?;
        let all: &[U32] = self.image.items;
        let items = all.get(segment.start.get() as usize..);
        let items = items.and_then(|items| items.get(..usize::try_from(count).ok()?));
        let items = items.ok_or(file_error(at, FileRule::Items))?;
        if words == 1 {
            let inside = items.iter().all(|func| (func.get() as usize) < self.image.funcs.len());
            return require(inside, at, FileRule::FuncIndex);
        }
        for pair in items.chunks_exact(2) {
            let [start, length] = pair else { continue };
            self.constant(ConstRange { start: *start, length: *length }, self.image.globals.len(), at)?;
        }
        Ok(())
    }

    fn data(&mut self) -> Result<(), ImageError> {
        for (index, segment) in self.image.data.iter().enumerate() {
            let at = self.at(Section::Data, index);
            require(segment.mode.get() <= mode::ACTIVE, at, FileRule::Mode)?;
            self.range(segment.bytes, at)?;
            if segment.mode.get() == mode::ACTIVE {
                let memory = segment.memory.get() as usize;
                require(memory < self.image.memories.len(), at, FileRule::SegmentTarget)?;
                self.constant(segment.offset, self.image.globals.len(), at)?;
            }
        }
        Ok(())
    }

    /// The sections that only reports, pauses and debuggers read.
    fn optional(&mut self) -> Result<(), ImageError> {
        let code = self.image.instr_count();
        let inside = |pc: u32| (pc as usize) < code;
        let mut last = 0;
        for (index, position) in self.image.positions.iter().enumerate() {
            let pc = position.pc.get();
            require(inside(pc) && pc >= last, self.at(Section::Positions, index), FileRule::Order)?;
            last = pc;
        }
        last = 0;
        for (index, alias) in self.image.aliases.iter().enumerate() {
            let (pc, at) = (alias.pc.get(), self.at(Section::Aliases, index));
            require(inside(pc) && pc >= last, at, FileRule::Order)?;
            require(alias.reserved.get() == 0, at, FileRule::Reserved)?;
            last = pc;
        }
        let mut next = 0;
        for (index, name) in self.image.names.iter().enumerate() {
            let (func, at) = (name.index.get(), self.at(Section::Names, index));
            require(func >= next && (func as usize) < self.image.funcs.len(), at, FileRule::Order)?;
            next = func.saturating_add(1);
            self.name(name.name, at)?;
        }
        Ok(())
    }

    fn start(&self, header: &Header) -> Result<(), ImageError> {
        let Some(start) = self.image.start else { return Ok(()) };
        let ty = self.image.funcs.get(start as usize).and_then(|func| self.image.func_type(func.ty.get()));
        let plain = ty.is_some_and(|(params, results)| params.is_empty() && results.is_empty());
        require(plain && header.start.get() == start, size_of::<Header>().saturating_sub(40), FileRule::Start)
    }
}
