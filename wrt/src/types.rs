//! Types of values and of what modules import and export (core 2.3).

// @need-ids: REQ_TYPES_004

use crate::error::{Error, UsageError};
use crate::store::{AsContext, AsContextMut, Handle, StoreId};
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use wrt_runtime::image::format::{self, AbstractHeapType, form};
use wrt_runtime::typing::Types;

/// What the types of a module or store are named in: a module's indices, or a store's numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) id: StoreId,
    pub(crate) types: Types<'a>,
}

/// A type that a module defines, or a store knows (core 2.3.8, "defined types").
///
/// Types of a store are equal if they are the same type by the rules of the specification. A module's are told apart by
/// their index, and mean nothing in a store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct DefinedType(pub(crate) Handle);

impl DefinedType {
    /// A function type as a store knows it: final, without a supertype, in a recursion group of its own.
    ///
    /// # Errors
    /// [`UsageError::ForeignHandle`] where it names types of another store, or of a module; the limit `max-types`.
    // @need-ids: REQ_TYPES_004, REQ_LIMITS_001
    pub fn func(mut store: impl AsContextMut, ty: &FuncType) -> Result<Self, Error> {
        let core = &mut store.as_context_mut().store.core;
        let number = core.storage.type_number(ty)?;
        Ok(Self(core.id.handle(number)))
    }

    /// Its index in the module, or number in the store.
    pub const fn index(self) -> u32 {
        self.0.number()
    }

    /// Its parameters and results, if it is a function type of this store.
    pub fn func_type(self, store: impl AsContext) -> Option<FuncType> {
        let core = &store.as_context().store.core;
        core.storage.func_type(self.0.addr(core.id).ok()?).cloned()
    }
}

/// What a reference refers to (core 2.3.3, "heap types").
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum HeapType {
    /// Functions.
    Func,
    /// Values of the host.
    Extern,
    /// Internal values.
    Any,
    /// Internal values that can be compared.
    Eq,
    /// Integers of 31 bits.
    I31,
    /// Structures.
    Struct,
    /// Arrays.
    Array,
    /// No internal value.
    None,
    /// No function.
    NoFunc,
    /// No value of the host.
    NoExtern,
    /// Exceptions.
    Exn,
    /// No exception.
    NoExn,
    /// Functions of a type.
    ConcreteFunc(DefinedType),
    /// Structures of a type.
    ConcreteStruct(DefinedType),
    /// Arrays of a type.
    ConcreteArray(DefinedType),
}

impl HeapType {
    /// The type above all it has to do with: `Func`, `Extern`, `Any` or `Exn`.
    #[must_use]
    pub const fn top(self) -> Self {
        match self {
            Self::Func | Self::NoFunc | Self::ConcreteFunc(_) => Self::Func,
            Self::Extern | Self::NoExtern => Self::Extern,
            Self::Exn | Self::NoExn => Self::Exn,
            _ => Self::Any,
        }
    }

    /// The type with this number in a store or module.
    pub(crate) fn concrete(number: u32, scope: Scope<'_>) -> Option<Self> {
        let ty = DefinedType(scope.id.handle(number));
        Some(match scope.types.records.get(number as usize)?.kind() {
            form::FUNC => Self::ConcreteFunc(ty),
            form::STRUCT => Self::ConcreteStruct(ty),
            _ => Self::ConcreteArray(ty),
        })
    }

    fn of_abstract(heap: AbstractHeapType) -> Self {
        match heap {
            AbstractHeapType::NoExn => Self::NoExn,
            AbstractHeapType::NoFunc => Self::NoFunc,
            AbstractHeapType::NoExtern => Self::NoExtern,
            AbstractHeapType::None => Self::None,
            AbstractHeapType::Func => Self::Func,
            AbstractHeapType::Extern => Self::Extern,
            AbstractHeapType::Any => Self::Any,
            AbstractHeapType::Eq => Self::Eq,
            AbstractHeapType::I31 => Self::I31,
            AbstractHeapType::Struct => Self::Struct,
            AbstractHeapType::Array => Self::Array,
            AbstractHeapType::Exn => Self::Exn,
        }
    }

    fn record(self, id: StoreId) -> Result<format::HeapType, UsageError> {
        Ok(format::HeapType::Abstract(match self {
            Self::NoExn => AbstractHeapType::NoExn,
            Self::NoFunc => AbstractHeapType::NoFunc,
            Self::NoExtern => AbstractHeapType::NoExtern,
            Self::None => AbstractHeapType::None,
            Self::Func => AbstractHeapType::Func,
            Self::Extern => AbstractHeapType::Extern,
            Self::Any => AbstractHeapType::Any,
            Self::Eq => AbstractHeapType::Eq,
            Self::I31 => AbstractHeapType::I31,
            Self::Struct => AbstractHeapType::Struct,
            Self::Array => AbstractHeapType::Array,
            Self::Exn => AbstractHeapType::Exn,
            Self::ConcreteFunc(ty) | Self::ConcreteStruct(ty) | Self::ConcreteArray(ty) => {
                return Ok(format::HeapType::Concrete(ty.0.addr(id)?));
            }
        }))
    }
}

/// The type of a reference (core 2.3.4, "reference types").
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct RefType {
    nullable: bool,
    heap: HeapType,
}

impl RefType {
    /// `funcref`.
    pub const FUNCREF: Self = Self::new(true, HeapType::Func);
    /// `externref`.
    pub const EXTERNREF: Self = Self::new(true, HeapType::Extern);
    /// `anyref`.
    pub const ANYREF: Self = Self::new(true, HeapType::Any);
    /// `exnref`.
    pub const EXNREF: Self = Self::new(true, HeapType::Exn);

    /// References to what `heap` says, and null if `nullable`.
    pub const fn new(nullable: bool, heap: HeapType) -> Self {
        Self { nullable, heap }
    }
    /// Whether null is one of its values.
    pub const fn is_nullable(&self) -> bool {
        self.nullable
    }
    /// What it refers to.
    pub const fn heap_type(&self) -> HeapType {
        self.heap
    }
}

/// The type of a value (core 2.3.5, "value types").
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
    /// Reference.
    Ref(RefType),
}

impl ValType {
    /// Reference to a function, or null.
    pub const FUNCREF: Self = Self::Ref(RefType::FUNCREF);
    /// Reference to a value of the host, or null.
    pub const EXTERNREF: Self = Self::Ref(RefType::EXTERNREF);

    /// Whether its values are references.
    pub const fn is_reference(self) -> bool {
        matches!(self, Self::Ref(_))
    }

    /// The record that stands for it in the store or module `id`.
    pub(crate) fn record(self, id: StoreId) -> Result<format::ValType, UsageError> {
        Ok(match self {
            Self::I32 => format::ValType::I32,
            Self::I64 => format::ValType::I64,
            Self::F32 => format::ValType::F32,
            Self::F64 => format::ValType::F64,
            Self::V128 => format::ValType::V128,
            Self::Ref(ty) => format::ValType::reference(ty.nullable, ty.heap.record(id)?),
        })
    }

    /// The type that a record stands for; `None` for codes that this release does not know.
    pub(crate) fn from_record(record: format::ValType, scope: Scope<'_>) -> Option<Self> {
        const PLAIN: [(format::ValType, ValType); 5] = [
            (format::ValType::I32, ValType::I32),
            (format::ValType::I64, ValType::I64),
            (format::ValType::F32, ValType::F32),
            (format::ValType::F64, ValType::F64),
            (format::ValType::V128, ValType::V128),
        ];
        let heap = match record.heap() {
            None => return PLAIN.into_iter().find(|(code, _)| *code == record).map(|(_, ty)| ty),
            Some(format::HeapType::Abstract(heap)) => HeapType::of_abstract(heap),
            Some(format::HeapType::Concrete(index)) => HeapType::concrete(index, scope)?,
        };
        Some(Self::Ref(RefType::new(record.is_nullable(), heap)))
    }

    /// Whether every value of this type is one of type `wanted`, in a store.
    pub(crate) fn matches(self, wanted: Self, scope: Scope<'_>) -> bool {
        let both = (self.record(scope.id), wanted.record(scope.id));
        self == wanted || matches!(both, (Ok(found), Ok(wanted)) if scope.types.matches(found, wanted))
    }

    /// How many slots a value takes.
    pub(crate) fn slots(self) -> u32 {
        if self == Self::V128 { 2 } else { 1 }
    }
}

/// As in the text format, with the index of a type that a module defines.
impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::V128 => "v128",
            Self::Ref(ty) => return ty.fmt(f),
        };
        f.pad(text)
    }
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The index in whatever it belongs to.
        let heap = match self.heap {
            HeapType::ConcreteFunc(ty) | HeapType::ConcreteStruct(ty) | HeapType::ConcreteArray(ty) => {
                Some(format::HeapType::Concrete(ty.index()))
            }
            heap => heap.record(StoreId::NOWHERE).ok(),
        };
        let record = heap.map(|heap| format::ValType::reference(self.nullable, heap));
        f.pad(&record.unwrap_or_default().to_string())
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
    pub(crate) fn from_records(
        (params, results): (&[format::ValType], &[format::ValType]),
        scope: Scope<'_>,
    ) -> Option<Self> {
        let all = || params.iter().chain(results).map(|record| ValType::from_record(*record, scope));
        if all().any(|ty| ty.is_none()) {
            return None;
        }
        // What is collected into an option is first put into a list of its own: felt in the first call of a small module.
        Some(Self { all: all().map(|ty| ty.unwrap_or(ValType::I32)).collect(), params: params.len() })
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
    pub(crate) shared: bool,
    pub(crate) page_log2: u8,
}

impl MemoryType {
    /// A memory with at least `min` and at most `max` pages of 64 KiB.
    pub const fn new(min: u64, max: Option<u64>) -> Self {
        Self { min, max, index64: false, shared: false, page_log2: 16 }
    }
    /// The same with 64-bit addresses.
    pub const fn new64(min: u64, max: Option<u64>) -> Self {
        Self { min, max, index64: true, shared: false, page_log2: 16 }
    }
    /// The same with pages of `1 << log2` bytes (custom-page-sizes proposal): 16, or 0 for pages of one byte. A memory of
    /// any other size cannot be made.
    pub const fn with_page_size_log2(self, log2: u8) -> Self {
        Self { page_log2: log2, ..self }
    }
    /// The same, shared between agents (threads proposal). It needs a greatest size.
    pub const fn shared(self) -> Self {
        Self { shared: true, ..self }
    }
    /// Whether it is shared between agents.
    pub const fn is_shared(&self) -> bool {
        self.shared
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

/// The type of a tag (core 2.3.13): what its exceptions carry.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct TagType {
    pub(crate) ty: FuncType,
}

impl TagType {
    /// A tag whose exceptions carry the parameters of `ty`, which has no results.
    pub const fn new(ty: FuncType) -> Self {
        Self { ty }
    }
    /// The function type whose parameters it carries.
    pub const fn ty(&self) -> &FuncType {
        &self.ty
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
    /// A tag.
    Tag(TagType),
}

impl ExternType {
    /// What kind of thing it is: `function`, `table`, `memory`, `global` or `tag`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Func(_) => "function",
            Self::Table(_) => "table",
            Self::Memory(_) => "memory",
            Self::Global(_) => "global",
            Self::Tag(_) => "tag",
        }
    }
}

fn limits(f: &mut fmt::Formatter<'_>, index64: bool, min: u64, max: Option<u64>) -> fmt::Result {
    write!(f, "{}{min}", if index64 { "i64 " } else { "" })?;
    max.map_or(Ok(()), |max| write!(f, " {max}"))
}

/// Parameters and results in the text format, with the closing bracket.
fn parts(f: &mut fmt::Formatter<'_>, ty: &FuncType) -> fmt::Result {
    for (word, types) in [(" (param ", ty.params()), (" (result ", ty.results())] {
        if !types.is_empty() {
            f.write_str(word)?;
            list(f, types)?;
            f.write_str(")")?;
        }
    }
    f.write_str(")")
}

/// As in the text format: `(func (param i32) (result i64))`, `(memory 1 2)`.
impl fmt::Display for ExternType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Func(ty) => {
                f.write_str("(func")?;
                parts(f, ty)
            }
            Self::Tag(ty) => {
                f.write_str("(tag")?;
                parts(f, &ty.ty)
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
        let ty = FuncType::new([ValType::I32, ValType::FUNCREF], [ValType::F64]);
        assert_eq!(ty.to_string(), "[i32 funcref] -> [f64]");
        assert_eq!(ExternType::Func(ty).to_string(), "(func (param i32 funcref) (result f64))");
        assert_eq!(ExternType::Func(FuncType::new([], [])).to_string(), "(func)");
        assert_eq!(ExternType::Memory(MemoryType::new(1, Some(2))).to_string(), "(memory 1 2)");
        let memory = |ty| ExternType::Memory(ty).to_string();
        assert_eq!(memory(MemoryType::new64(1, None)), "(memory i64 1)");
        assert_eq!(memory(MemoryType::new(5, None).with_page_size_log2(0)), "(memory 5 (pagesize 1))");
        let table = TableType::new64(ValType::FUNCREF, 3, Some(4));
        assert_eq!(ExternType::Table(table).to_string(), "(table i64 3 4 funcref)");
        let table = TableType::new(ValType::EXTERNREF, 3, None);
        assert_eq!(ExternType::Table(table).to_string(), "(table 3 externref)");
        assert_eq!(ExternType::Global(GlobalType::new(ValType::I64, true)).to_string(), "(global (mut i64))");
        assert_eq!(ExternType::Global(GlobalType::new(ValType::V128, false)).to_string(), "(global v128)");
    }

    // @need-ids: REQ_018
    #[test]
    fn every_type_has_a_record_and_comes_back() {
        let id = StoreId::new();
        let records = [format::TypeRecord::func(0, 0, 0)];
        let scope = Scope { id, types: Types { records: &records, val_types: &[] } };
        let concrete = HeapType::ConcreteFunc(DefinedType(id.handle(0)));
        let heaps = AbstractHeapType::ALL.into_iter().map(HeapType::of_abstract).chain([concrete]);
        let references =
            heaps.flat_map(|heap| [true, false].map(|nullable| ValType::Ref(RefType::new(nullable, heap))));
        let plain = [ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128];
        for ty in references.chain(plain) {
            let record = ty.record(id).expect("of this store");
            assert_eq!(ValType::from_record(record, scope), Some(ty));
            assert_eq!(ty.to_string(), record.to_string());
            assert_eq!(ty.slots(), if ty == ValType::V128 { 2 } else { 1 });
        }
        assert_eq!(ValType::from_record(format::ValType::default(), scope), None);
        let foreign = ValType::Ref(RefType::new(true, concrete)).record(StoreId::new());
        assert_eq!(foreign, Err(UsageError::ForeignHandle));
    }
}
