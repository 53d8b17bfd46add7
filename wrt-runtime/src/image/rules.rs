//! What must hold of single fields of records, as a table: one loop over all sections checks it, whatever the records are. What takes
//! more than one field, or a part of the language, is for [`reader`](super::reader).

use super::error::{FileRule, Refusal};
use super::format::{
    DataRecord, ElementRecord, GlobalRecord, Header, ImportRecord, MemoryRecord, Section, TableRecord, flag, kind, mode,
};
use super::reader::{Checked, EXPRESSIONS, Reader, SEGMENTS, SLOTS};
use core::mem::offset_of;
use wrt_instructions::Part;
use zerocopy::byteorder::little_endian::U32;

/// What must hold of a field of a section's records: without some of its bits, and others inverted, it is less than something.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    section: u8,
    /// Where in the record the field is, and one of the two below.
    offset: u8,
    /// Lowest bits of the field that may be set, whatever else holds.
    ignored: u8,
    /// The section that has as many records, or how much more than the number of sections.
    below: u8,
    refusal: Refusal,
}

/// Besides the offset: the lowest bit is inverted.
const INVERTED: u8 = 1 << 6;
/// Besides the offset: what is set in the record's own number is inverted.
const NUMBERED: u8 = 1 << 7;
/// In place of a section: the rule is for builds that leave more out.
const NOWHERE: u8 = u8::MAX;

impl Rule {
    /// The field is zero.
    const fn new(section: Section, offset: usize, refusal: Refusal) -> Self {
        let (section, offset) = (section as u8, offset as u8);
        Self { section, offset, ignored: 0, below: 0, refusal }.at_most(0)
    }

    const fn at_most(self, most: u32) -> Self {
        Self { below: Section::COUNT as u8 + most as u8 + 1, ..self }
    }

    const fn below(self, section: Section) -> Self {
        Self { below: section as u8, ..self }
    }

    /// But for these bits.
    const fn but(self, ignored: u32) -> Self {
        Self { ignored: ignored as u8, ..self }
    }

    /// But for the lowest bit, which is one.
    const fn but_one(self) -> Self {
        Self { offset: self.offset | INVERTED, ..self }
    }

    /// But for the record's own number.
    const fn but_number(self) -> Self {
        Self { offset: self.offset | NUMBERED, ..self }
    }

    /// Only where something is left out; elsewhere more has to be looked at.
    const fn unless(self, built: bool) -> Self {
        Self { section: if built { NOWHERE } else { self.section }, ..self }
    }

    /// Whether it holds of a field of a record.
    #[inline(always)]
    fn holds(self, field: u32, number: u32, counts: &[U32]) -> bool {
        let inverted = if self.offset & NUMBERED == 0 { u32::from(self.offset / INVERTED) } else { number };
        let limit = match counts.get(self.below as usize) {
            Some(count) => count.get(),
            None => u32::from(self.below).wrapping_sub(Section::COUNT as u32),
        };
        (field ^ inverted) & !u32::from(self.ignored) < limit
    }
}

const fn rule(section: Section, offset: usize, rule: FileRule) -> Rule {
    Rule::new(section, offset, Refusal::Rule(rule))
}

/// What can't be without a part.
const fn without(part: Part, section: Section, offset: usize) -> Rule {
    Rule::new(section, offset, Refusal::LeftOut(part)).unless(part.is_built())
}

const IMPORTED: u32 = if Part::Linking.is_built() { flag::IMPORTED } else { 0 };
const TABLE: u32 = IMPORTED | flag::MAXIMUM | flag::INDEX64;

/// All of them.
// @need-ids: REQ_IMAGE_001, REQ_PARTS_001
static RULES: [Rule; 22] = {
    use Part::{Bulk, Linking, References};
    use Section::{Data, Elements, Funcs, Globals, Imports, Items, Memories, Tables};
    const LINKING: bool = Linking.is_built();
    const REFERENCES: bool = References.is_built();
    let init = offset_of!(TableRecord, init) + size_of::<U32>();
    [
        rule(Imports, offset_of!(ImportRecord, kind), FileRule::ImportKind).at_most(kind::COUNT as u32 - 1),
        without(Linking, Imports, offset_of!(ImportRecord, kind)),
        rule(Imports, offset_of!(ImportRecord, index), FileRule::ImportOrder).but_number().unless(LINKING),
        rule(Tables, offset_of!(TableRecord, flags), FileRule::Flags).but(TABLE),
        without(Part::Memories, Tables, offset_of!(TableRecord, flags)).but(TABLE ^ flag::INDEX64),
        without(References, Tables, init),
        rule(Memories, offset_of!(MemoryRecord, flags), FileRule::Flags).but(TABLE | flag::SHARED),
        without(Part::Memories, Memories, offset_of!(MemoryRecord, flags)).but((TABLE | flag::SHARED) ^ flag::INDEX64),
        // 64 KiB, and the one other size of the custom-page-sizes proposal.
        rule(Memories, offset_of!(MemoryRecord, page_log2), FileRule::PageSize).but(16),
        rule(Globals, offset_of!(GlobalRecord, flags), FileRule::Flags)
            .but(IMPORTED | flag::MUTABLE | flag::EXPRESSION),
        without(References, Globals, offset_of!(GlobalRecord, flags)).but(flag::MUTABLE).unless(EXPRESSIONS),
        rule(Globals, offset_of!(GlobalRecord, slot), FileRule::GlobalSlot).but_number().unless(SLOTS),
        rule(Elements, offset_of!(ElementRecord, mode), FileRule::Mode).at_most(mode::COMPUTED),
        without(References, Elements, offset_of!(ElementRecord, mode)).but_one().unless(EXPRESSIONS),
        rule(Elements, offset_of!(ElementRecord, table), FileRule::SegmentTarget).below(Tables).unless(EXPRESSIONS),
        rule(Elements, offset_of!(ElementRecord, expressions), FileRule::Items).at_most(1),
        without(References, Elements, offset_of!(ElementRecord, expressions)),
        rule(Items, 0, FileRule::FuncIndex).below(Funcs).unless(REFERENCES),
        rule(Data, offset_of!(DataRecord, mode), FileRule::Mode).at_most(mode::COMPUTED),
        without(References, Data, offset_of!(DataRecord, mode)).but(mode::ACTIVE).unless(EXPRESSIONS),
        without(Bulk, Data, offset_of!(DataRecord, mode)).but_one().unless(EXPRESSIONS),
        rule(Data, offset_of!(DataRecord, memory), FileRule::SegmentTarget).below(Memories).unless(SEGMENTS),
    ]
};

/// How long the records of each section are.
static RECORD_BYTES: [u8; Section::COUNT] = {
    let mut all = [0; Section::COUNT];
    let mut section = 0;
    while section < all.len() {
        all[section] = Section::ALL[section].record_bytes() as u8;
        section += 1;
    }
    all
};

impl Reader<'_, '_> {
    /// Checks all fields that there are rules for.
    #[cfg_attr(not(feature = "compact"), inline(never))]
    pub(super) fn fields(&mut self, header: &Header) -> Checked {
        let counts = &header.counts;
        let mut start = size_of::<Header>();
        let mut section = 0;
        while let (Some(bytes), Some(count)) = (RECORD_BYTES.get(section), counts.get(section)) {
            for rule in &RULES {
                self.at = start;
                // Nothing is read of other sections.
                let count = if rule.section as usize == section { count.get() } else { 0 };
                for number in 0..count {
                    let offset = self.at.wrapping_add((rule.offset % INVERTED) as usize);
                    let field = self.bytes.get(offset..).and_then(|field| field.first_chunk());
                    let field = u32::from_le_bytes(*field.ok_or(FileRule::SectionPlace)?);
                    if !rule.holds(field, number, counts) {
                        return Err(rule.refusal);
                    }
                    self.at = self.at.wrapping_add(*bytes as usize);
                }
            }
            // The sections were found: none leaves the file.
            start = start.wrapping_add((*bytes as usize).wrapping_mul(count.get() as usize));
            section = section.wrapping_add(1);
        }
        Ok(())
    }
}
