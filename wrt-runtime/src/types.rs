//! The types of what modules import and export, and the rules by which one fits another (core 2.3, 3.3).

// @need-ids: REQ_WASM_002, REQ_ERROR_003

use core::fmt;

use crate::image::format::{GlobalRecord, MemoryRecord, TableRecord, ValType, flag};
use crate::typing::Types;
use wrt_instructions::Part;

/// Something that can be imported and exported, by its address in the store (core 4.2.11, "external instances").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Extern {
    /// The function at this address.
    Func(u32),
    /// The table at this address.
    Table(u32),
    /// The memory at this address.
    Memory(u32),
    /// The global whose first slot this is.
    Global(u32),
    /// The tag at this address.
    Tag(u32),
}

/// The type of a table (core 2.3.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TableType {
    /// Type of its elements.
    pub element: ValType,
    /// Least size in elements; of a table that exists, its size now.
    pub min: u64,
    /// Greatest size in elements, as declared: limits of the store do not show here.
    pub max: Option<u64>,
    /// Whether its indices have 64 bits.
    pub index64: bool,
}

impl Default for TableType {
    fn default() -> Self {
        Self { element: ValType::FUNCREF, min: 0, max: None, index64: false }
    }
}

impl TableType {
    /// Whether its sizes make sense: the least is no more than the greatest (core 3.2.4, "table types"), nor than what its
    /// indices reach.
    pub fn is_sound(&self) -> bool {
        self.min <= self.max.unwrap_or(u64::MAX).min(self.most())
    }

    /// The most elements that its indices can reach.
    pub fn most(&self) -> u64 {
        if self.index64 { u64::MAX } else { u32::MAX.into() }
    }
}

impl From<&TableRecord> for TableType {
    fn from(record: &TableRecord) -> Self {
        let flags = record.flags.get();
        Self {
            element: record.element,
            min: record.min.get(),
            max: (flags & flag::MAXIMUM != 0).then(|| record.max.get()),
            index64: Part::Memories.is_built() && flags & flag::INDEX64 != 0,
        }
    }
}

/// Base-2 logarithm of the size of a page that is not custom.
pub const PAGE_LOG2: u8 = 16;

/// How many whole pages there are in so many bytes. Pages have two sizes, so nothing has to be shifted by a variable.
pub(crate) const fn to_pages(bytes: u64, page_log2: u8) -> u64 {
    if page_log2 == 0 { bytes } else { bytes >> PAGE_LOG2 }
}

/// The type of a memory (core 2.3.13).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MemoryType {
    /// Least size in pages; of a memory that exists, its size now.
    pub min: u64,
    /// Greatest size in pages, as declared: limits of the store do not show here.
    pub max: Option<u64>,
    /// Whether its addresses have 64 bits.
    pub index64: bool,
    /// Whether it is shared between agents.
    pub shared: bool,
    /// Base-2 logarithm of its page size in bytes.
    pub page_log2: u8,
}

impl MemoryType {
    /// Of pages of one byte, none of them there from the start.
    pub const EMPTY: Self = Self { min: 0, max: None, index64: false, shared: false, page_log2: 0 };

    /// The most pages it can have, whatever its maximum says: all that its addresses reach, and that its own index type
    /// can count.
    pub fn most_pages(&self) -> u64 {
        // Of pages of one byte there may be one more than can be counted.
        let more = u64::from(self.page_log2 > 0);
        let pages =
            if self.index64 { to_pages(u64::MAX, self.page_log2) } else { to_pages(u32::MAX.into(), self.page_log2) };
        pages.saturating_add(more)
    }

    /// Whether its sizes make sense: the least is no more than the greatest, nor than what its addresses reach
    /// (core 3.2.3, "memory types"); and pages have 64 KiB, or the one other size of the custom-page-sizes proposal, 1 byte.
    pub fn is_sound(&self) -> bool {
        matches!(self.page_log2, 0 | PAGE_LOG2) && self.min <= self.max.unwrap_or(u64::MAX).min(self.most_pages())
    }

    /// Its least size in bytes; `None` where 64 bits do not hold it.
    pub fn bytes(&self) -> Option<u64> {
        if self.page_log2 == 0 {
            return Some(self.min);
        }
        (self.min <= to_pages(u64::MAX, self.page_log2)).then(|| self.min.wrapping_shl(PAGE_LOG2.into()))
    }
}

impl From<&MemoryRecord> for MemoryType {
    fn from(record: &MemoryRecord) -> Self {
        let flags = record.flags.get();
        Self {
            min: record.min.get(),
            max: (flags & flag::MAXIMUM != 0).then(|| record.max.get()),
            index64: Part::Memories.is_built() && flags & flag::INDEX64 != 0,
            shared: flags & flag::SHARED != 0,
            page_log2: u8::try_from(record.page_log2.get()).unwrap_or(u8::MAX),
        }
    }
}

/// The type of a global (core 2.3.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GlobalType {
    /// Type of its value.
    pub ty: ValType,
    /// Whether it can be set.
    pub mutable: bool,
}

impl Default for GlobalType {
    fn default() -> Self {
        Self { ty: ValType::I32, mutable: false }
    }
}

impl From<&GlobalRecord> for GlobalType {
    fn from(record: &GlobalRecord) -> Self {
        Self { ty: record.ty, mutable: record.flags.get() & flag::MUTABLE != 0 }
    }
}

/// The type of something that can be imported (core 2.3.16, "external types").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ExternType {
    /// A function of this type, by the store's number.
    Func(u32),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(MemoryType),
    /// A global.
    Global(GlobalType),
    /// A tag of this type, by the store's number.
    Tag(u32),
}

/// Whether sizes within `(min, max)` are sizes within `(wanted_min, wanted_max)` (core 3.3.6, "limits").
fn sizes_match(min: u64, max: Option<u64>, wanted_min: u64, wanted_max: Option<u64>) -> bool {
    min >= wanted_min && wanted_max.is_none_or(|wanted| max.is_some_and(|max| max <= wanted))
}

impl ExternType {
    /// Whether something of this type can be imported where `wanted` is asked for (core 3.3.9, "external types"). Both are in
    /// the numbers of the store whose types are given.
    // @need-ids: REQ_018, REQ_WASM_002, REQ_TYPES_002
    pub fn matches(&self, wanted: &Self, types: Types<'_>) -> bool {
        match (self, wanted) {
            (Self::Func(found), Self::Func(wanted)) => types.is_subtype(*found, *wanted),
            _ if !Part::Linking.is_built() => false,
            (Self::Tag(found), Self::Tag(wanted)) => found == wanted,
            (Self::Table(found), Self::Table(wanted)) => {
                found.element == wanted.element
                    && found.index64 == wanted.index64
                    && sizes_match(found.min, found.max, wanted.min, wanted.max)
            }
            (Self::Memory(found), Self::Memory(wanted)) => {
                (found.index64, found.shared, found.page_log2) == (wanted.index64, wanted.shared, wanted.page_log2)
                    && sizes_match(found.min, found.max, wanted.min, wanted.max)
            }
            (Self::Global(found), Self::Global(wanted)) if found.mutable || wanted.mutable => found == wanted,
            (Self::Global(found), Self::Global(wanted)) => types.matches(found.ty, wanted.ty),
            _ => false,
        }
    }
}

impl fmt::Display for ExternType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = |f: &mut fmt::Formatter<'_>, index64: bool, min: u64, max: Option<u64>| {
            write!(f, "{}{min}", if index64 { "i64 " } else { "" })?;
            max.map_or(Ok(()), |max| write!(f, " {max}"))
        };
        match self {
            Self::Func(ty) => write!(f, "(func (type {ty}))"),
            Self::Tag(ty) => write!(f, "(tag (type {ty}))"),
            Self::Table(ty) => {
                f.write_str("(table ")?;
                sizes(f, ty.index64, ty.min, ty.max)?;
                write!(f, " {})", ty.element)
            }
            Self::Memory(ty) => {
                f.write_str("(memory ")?;
                sizes(f, ty.index64, ty.min, ty.max)?;
                f.write_str(if ty.shared { " shared" } else { "" })?;
                if ty.page_log2 != 16 {
                    write!(f, " (pagesize {})", 1_u64.checked_shl(u32::from(ty.page_log2)).unwrap_or(0))?;
                }
                f.write_str(")")
            }
            Self::Global(ty) if ty.mutable => write!(f, "(global (mut {}))", ty.ty),
            Self::Global(ty) => write!(f, "(global {})", ty.ty),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[cfg(feature = "linking")]
    const NONE: Types<'_> = Types { records: &[], val_types: &[] };

    fn memory(min: u64, max: Option<u64>) -> MemoryType {
        MemoryType { min, max, page_log2: 16, ..MemoryType::default() }
    }

    // @need-ids: REQ_WASM_002
    #[cfg(feature = "linking")]
    #[test]
    fn sizes_match_where_every_size_that_can_come_up_is_allowed() {
        let fits = |found: (u64, Option<u64>), wanted: (u64, Option<u64>)| {
            let as_memory = ExternType::Memory(memory(found.0, found.1))
                .matches(&ExternType::Memory(memory(wanted.0, wanted.1)), NONE);
            let table = |(min, max)| ExternType::Table(TableType { min, max, ..TableType::default() });
            assert_eq!(table(found).matches(&table(wanted), NONE), as_memory);
            as_memory
        };
        assert!(fits((1, None), (1, None)));
        assert!(fits((2, None), (1, None)));
        assert!(!fits((1, None), (2, None)));
        assert!(fits((1, Some(3)), (1, None)));
        assert!(!fits((1, None), (1, Some(3))));
        assert!(fits((1, Some(3)), (1, Some(3))));
        assert!(!fits((1, Some(4)), (1, Some(3))));
        assert!(fits((1, Some(2)), (0, Some(3))));
    }

    // @need-ids: REQ_WASM_002
    #[cfg(feature = "linking")]
    #[test]
    fn what_differs_in_anything_but_size_does_not_match() {
        let page = memory(1, Some(2));
        for other in [
            MemoryType { index64: true, ..page },
            MemoryType { shared: true, ..page },
            MemoryType { page_log2: 0, ..page },
        ] {
            assert!(!ExternType::Memory(page).matches(&ExternType::Memory(other), NONE), "{other:?}");
        }
        let table = TableType::default();
        for other in [TableType { index64: true, ..table }, TableType { element: ValType::EXTERNREF, ..table }] {
            assert!(!ExternType::Table(table).matches(&ExternType::Table(other), NONE), "{other:?}");
        }
        let global = GlobalType { ty: ValType::I32, mutable: true };
        for other in [GlobalType { mutable: false, ..global }, GlobalType { ty: ValType::I64, ..global }] {
            assert!(!ExternType::Global(global).matches(&ExternType::Global(other), NONE), "{other:?}");
            assert!(!ExternType::Global(other).matches(&ExternType::Global(global), NONE), "{other:?}");
        }
        assert!(ExternType::Global(global).matches(&ExternType::Global(global), NONE));
        assert!(ExternType::Func(3).matches(&ExternType::Func(3), NONE));
        assert!(!ExternType::Func(3).matches(&ExternType::Func(4), NONE));
        assert!(!ExternType::Func(3).matches(&ExternType::Global(global), NONE));
    }

    // @need-ids: REQ_ERROR_003
    #[test]
    fn types_read_as_in_the_text_format() {
        let shared = MemoryType { shared: true, index64: true, ..memory(1, Some(2)) };
        for (ty, text) in [
            (ExternType::Func(7), "(func (type 7))"),
            (ExternType::Table(TableType { min: 1, max: Some(9), ..TableType::default() }), "(table 1 9 funcref)"),
            (ExternType::Memory(shared), "(memory i64 1 2 shared)"),
            (ExternType::Memory(MemoryType { page_log2: 0, ..memory(5, None) }), "(memory 5 (pagesize 1))"),
            (ExternType::Global(GlobalType { ty: ValType::F64, mutable: true }), "(global (mut f64))"),
            (ExternType::Global(GlobalType { ty: ValType::EXTERNREF, mutable: false }), "(global externref)"),
        ] {
            assert_eq!(ty.to_string(), text);
        }
    }
}
