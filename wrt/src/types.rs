//! Types of values and of what modules import and export (core 2.3).

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use wrt_runtime::image::format;

/// The type of a value (core 2.3.4, "value types").
// @need-ids: REQ_018
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum ValType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 128-bit vector.
    V128,
    /// Reference to a function, or null.
    FuncRef,
    /// Reference to a value of the host, or null.
    ExternRef,
}

impl ValType {
    /// Every type, in the order of the variants.
    const ALL: [Self; 7] = [Self::I32, Self::I64, Self::F32, Self::F64, Self::V128, Self::FuncRef, Self::ExternRef];

    /// Its name in the text format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::V128 => "v128",
            Self::FuncRef => "funcref",
            Self::ExternRef => "externref",
        }
    }

    /// Whether its values are references.
    pub const fn is_reference(self) -> bool {
        matches!(self, Self::FuncRef | Self::ExternRef)
    }

    pub(crate) const fn record(self) -> format::ValType {
        match self {
            Self::I32 => format::ValType::I32,
            Self::I64 => format::ValType::I64,
            Self::F32 => format::ValType::F32,
            Self::F64 => format::ValType::F64,
            Self::V128 => format::ValType::V128,
            Self::FuncRef => format::ValType::FUNCREF,
            Self::ExternRef => format::ValType::EXTERNREF,
        }
    }

    /// The type that a record stands for; `None` for codes that this release does not know.
    pub(crate) fn from_record(record: format::ValType) -> Option<Self> {
        Self::ALL.into_iter().find(|ty| ty.record() == record)
    }

    /// How many slots a value takes.
    pub(crate) fn slots(self) -> u32 {
        self.record().slots()
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The type of a function: parameters and results (core 2.3.6). Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct FuncType {
    all: Arc<[ValType]>,
    params: usize,
}

impl FuncType {
    /// A function type.
    pub fn new(params: impl IntoIterator<Item = ValType>, results: impl IntoIterator<Item = ValType>) -> Self {
        let mut all: Vec<_> = params.into_iter().collect();
        let params = all.len();
        all.extend(results);
        Self { all: all.into(), params }
    }

    /// The types of the parameters.
    pub fn params(&self) -> &[ValType] {
        self.all.get(..self.params).unwrap_or_default()
    }

    /// The types of the results.
    pub fn results(&self) -> &[ValType] {
        self.all.get(self.params..).unwrap_or_default()
    }

    /// The type that records stand for.
    pub(crate) fn from_records(params: &[format::ValType], results: &[format::ValType]) -> Option<Self> {
        let all: Option<Arc<[_]>> = params.iter().chain(results).map(|record| ValType::from_record(*record)).collect();
        Some(Self { all: all?, params: params.len() })
    }

    /// Slots of the parameters, and of the results.
    pub(crate) fn slots(&self) -> (u32, u32) {
        let sum = |types: &[ValType]| types.iter().fold(0_u32, |sum, ty| sum.saturating_add(ty.slots()));
        (sum(self.params()), sum(self.results()))
    }
}

fn list(f: &mut fmt::Formatter<'_>, types: &[ValType]) -> fmt::Result {
    for (index, ty) in types.iter().enumerate() {
        write!(f, "{}{ty}", if index == 0 { "" } else { " " })?;
    }
    Ok(())
}

/// As `[i32 i64] -> [f32]`.
impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        list(f, self.params())?;
        f.write_str("] -> [")?;
        list(f, self.results())?;
        f.write_str("]")
    }
}

/// The type of a table (core 2.3.10).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct TableType {
    pub(crate) element: ValType,
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    pub(crate) index64: bool,
}

impl TableType {
    /// A table of `element`s with at least `min` and at most `max` of them.
    pub const fn new(element: ValType, min: u64, max: Option<u64>) -> Self {
        Self { element, min, max, index64: false }
    }
    /// The same with 64-bit indices.
    pub const fn new64(element: ValType, min: u64, max: Option<u64>) -> Self {
        Self { element, min, max, index64: true }
    }
    /// Whether its indices have 64 bits.
    pub const fn is_64(&self) -> bool {
        self.index64
    }
    /// The type of its elements.
    pub const fn element(&self) -> ValType {
        self.element
    }
    /// The least size, in elements.
    pub const fn minimum(&self) -> u64 {
        self.min
    }
    /// The greatest size, in elements.
    pub const fn maximum(&self) -> Option<u64> {
        self.max
    }
}

/// The type of a memory (core 2.3.9).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct MemoryType {
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    pub(crate) index64: bool,
    pub(crate) page_log2: u8,
}

impl MemoryType {
    /// A memory with at least `min` and at most `max` pages of 64 KiB.
    pub const fn new(min: u64, max: Option<u64>) -> Self {
        Self { min, max, index64: false, page_log2: 16 }
    }
    /// The same with 64-bit addresses.
    pub const fn new64(min: u64, max: Option<u64>) -> Self {
        Self { min, max, index64: true, page_log2: 16 }
    }
    /// The same with pages of `1 << log2` bytes (custom-page-sizes proposal): 16, or 0 for pages of one byte. A memory of
    /// any other size cannot be made.
    pub const fn with_page_size_log2(self, log2: u8) -> Self {
        Self { page_log2: log2, ..self }
    }
    /// Whether its addresses have 64 bits.
    pub const fn is_64(&self) -> bool {
        self.index64
    }
    /// Base-2 logarithm of the size of a page in bytes.
    pub const fn page_size_log2(&self) -> u8 {
        self.page_log2
    }
    /// The least size, in pages.
    pub const fn minimum(&self) -> u64 {
        self.min
    }
    /// The greatest size, in pages.
    pub const fn maximum(&self) -> Option<u64> {
        self.max
    }
    /// The size of a page in bytes; 0 for one that no 64-bit number holds.
    pub fn page_size(&self) -> u64 {
        1_u64.checked_shl(u32::from(self.page_log2)).unwrap_or(0)
    }
}

/// The type of a global (core 2.3.11).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct GlobalType {
    pub(crate) content: ValType,
    pub(crate) mutable: bool,
}

impl GlobalType {
    /// A global of `content`, which code may change if `mutable`.
    pub const fn new(content: ValType, mutable: bool) -> Self {
        Self { content, mutable }
    }
    /// The type of its value.
    pub const fn content(&self) -> ValType {
        self.content
    }
    /// Whether it can be changed.
    pub const fn is_mutable(&self) -> bool {
        self.mutable
    }
}

/// The type of an import or export (core 2.3.12).
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(MemoryType),
    /// A global.
    Global(GlobalType),
}

impl ExternType {
    /// What kind of thing it is: `function`, `table`, `memory` or `global`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Func(_) => "function",
            Self::Table(_) => "table",
            Self::Memory(_) => "memory",
            Self::Global(_) => "global",
        }
    }
}

fn limits(f: &mut fmt::Formatter<'_>, index64: bool, min: u64, max: Option<u64>) -> fmt::Result {
    write!(f, "{}{min}", if index64 { "i64 " } else { "" })?;
    max.map_or(Ok(()), |max| write!(f, " {max}"))
}

/// As in the text format: `(func (param i32) (result i64))`, `(memory 1 2)`.
impl fmt::Display for ExternType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Func(ty) => {
                f.write_str("(func")?;
                for (word, types) in [(" (param ", ty.params()), (" (result ", ty.results())] {
                    if !types.is_empty() {
                        f.write_str(word)?;
                        list(f, types)?;
                        f.write_str(")")?;
                    }
                }
                f.write_str(")")
            }
            Self::Table(ty) => {
                f.write_str("(table ")?;
                limits(f, ty.index64, ty.min, ty.max)?;
                write!(f, " {})", ty.element)
            }
            Self::Memory(ty) => {
                f.write_str("(memory ")?;
                limits(f, ty.index64, ty.min, ty.max)?;
                if ty.page_log2 != 16 {
                    write!(f, " (pagesize {})", ty.page_size())?;
                }
                f.write_str(")")
            }
            Self::Global(ty) if ty.mutable => write!(f, "(global (mut {}))", ty.content),
            Self::Global(ty) => write!(f, "(global {})", ty.content),
        }
    }
}

/// An import of a module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportType<'m> {
    /// The module it is to come from.
    pub module: &'m str,
    /// Its name there.
    pub name: &'m str,
    /// Its type.
    pub ty: ExternType,
}

/// An export of a module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportType<'m> {
    /// Its name.
    pub name: &'m str,
    /// Its type.
    pub ty: ExternType,
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    // @need-ids: REQ_018
    #[test]
    fn types_are_shown_as_in_the_text_format() {
        let ty = FuncType::new([ValType::I32, ValType::FuncRef], [ValType::F64]);
        assert_eq!(ty.to_string(), "[i32 funcref] -> [f64]");
        assert_eq!(ExternType::Func(ty).to_string(), "(func (param i32 funcref) (result f64))");
        assert_eq!(ExternType::Func(FuncType::new([], [])).to_string(), "(func)");
        assert_eq!(ExternType::Memory(MemoryType::new(1, Some(2))).to_string(), "(memory 1 2)");
        let memory = |ty| ExternType::Memory(ty).to_string();
        assert_eq!(memory(MemoryType::new64(1, None)), "(memory i64 1)");
        assert_eq!(memory(MemoryType::new(5, None).with_page_size_log2(0)), "(memory 5 (pagesize 1))");
        let table = TableType::new64(ValType::FuncRef, 3, Some(4));
        assert_eq!(ExternType::Table(table).to_string(), "(table i64 3 4 funcref)");
        let table = TableType::new(ValType::ExternRef, 3, None);
        assert_eq!(ExternType::Table(table).to_string(), "(table 3 externref)");
        assert_eq!(ExternType::Global(GlobalType::new(ValType::I64, true)).to_string(), "(global (mut i64))");
        assert_eq!(ExternType::Global(GlobalType::new(ValType::V128, false)).to_string(), "(global v128)");
    }

    // @need-ids: REQ_018
    #[test]
    fn every_type_has_a_record_and_comes_back() {
        for ty in ValType::ALL {
            assert_eq!(ValType::from_record(ty.record()), Some(ty));
            assert_eq!(ty.slots(), if ty == ValType::V128 { 2 } else { 1 });
        }
        assert_eq!(ValType::from_record(format::ValType::default()), None);
    }
}
