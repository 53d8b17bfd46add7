//! The records of an image: fixed-size, little-endian, without alignment, so that they are read where they lie.
//!
//! In a file each section is an array of one kind of record; in a running host the same records are made from a module
//! and point into its bytes. Names, data and bytecode are ranges of one *blob*.

// @need-ids: REQ_IMAGE_002

mod narrow;

use core::fmt;
pub use narrow::{Byte, U24};
use wrt_instructions::Part;
use zerocopy::byteorder::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// What a file begins with.
pub const MAGIC: [u8; 4] = *b"\0wrt";
/// The version of this format; readers take no other.
pub const VERSION: u16 = 8;
/// "There is none", where an index could stand.
pub const NONE: u32 = u32::MAX;
/// In [`AliasRecord::local`]: the record is no operand. Its `slot` is the suspended frame's size where the callee's frame does not begin behind it.
pub const HEIGHT: u32 = u32::MAX - 1;

macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
        #[repr(C)]
        pub struct $name { $($(#[$fdoc])* pub $field: $ty,)* }

        impl $name {
            /// The one that `bytes` begin with, and what follows it; `None` where they are too few.
            pub fn read(bytes: &[u8]) -> Option<(&Self, &[u8])> {
                Self::ref_from_prefix(bytes).ok()
            }
        }
    };
}

record! {
    /// The head of a file, 100 bytes; with wide counts 32 more. What is before the checksum is a constant or the length, which are compared.
    Header {
        /// [`MAGIC`].
        magic: [u8; 4],
        /// [`VERSION`].
        version: U16,
        /// Base-2 logarithm of the window's slots: 8.
        window_log2: u8,
        /// 1 where the upper halves of the counts follow the header, which needs [`Part::Large`]; else 0.
        wide: u8,
        /// Length of the file in bytes.
        length: U32,
        /// CRC-32.
        checksum: U32,
        /// The lower half of [`SCHEDULE_HASH`](wrt_instructions::price::SCHEDULE_HASH) of the schedule that priced the code.
        schedule: U32,
        /// The parts of the language that it needs, a set of [`Part::bit`]s. Builds without a part look for nothing of it.
        parts: U32,
        /// SHA-256 of the module it was made from.
        module_hash: [u8; 32],
        /// The function to run on instantiation, or [`NONE`].
        start: U32,
        /// Instructions.
        code: U32,
        /// Bytes of the blob.
        blob: U32,
        /// How many records the [`Section`]s between those two have: where they are wide, the lower halves; the upper ones follow the header.
        counts: [U16; Section::COUNT - 2],
        /// Reserved, 0.
        reserved: U16,
    }
}

/// Upper halves of counts, in order, and zero bytes up to a multiple of four.
type High = [U16; Section::COUNT - 1];

impl Header {
    /// How many records each section has, and the sections, in the order of their numbers. `None` where that leaves the file.
    pub fn sections<'a>(&self, file: &'a [u8]) -> Option<([u32; Section::COUNT], &'a [u8])> {
        let mut rest = file.get(size_of::<Self>()..)?;
        let mut high = &[U16::ZERO; Section::COUNT - 1];
        if self.wide != 0 {
            (high, rest) = High::ref_from_prefix(rest).ok().filter(|(high, _)| high.last() == Some(&U16::ZERO))?;
        }
        let mut others =
            self.counts.iter().zip(high).map(|(low, high)| u32::from(low.get()) | u32::from(high.get()) << 16);
        let mut counts = [self.code.get(); Section::COUNT];
        let [_, between @ .., blob] = &mut counts;
        between.fill_with(|| others.next().unwrap_or_default());
        *blob = self.blob.get();
        Some((counts, rest))
    }
}

record! {
    /// What stands before an optional section. They come last, in order of their kinds, none twice.
    OptionalHeader {
        /// An [`OptionalSection`] as a number.
        kind: U32,
        /// Length in bytes: a multiple of the record's size.
        length: U32,
    }
}

/// A section, with its number and the record that it has many of.
macro_rules! sections {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $section:ident = $number:literal, $record:ty;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub enum $name { $($(#[$fdoc])* $section = $number,)* }

        impl $name {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$section,)*];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// Length of one of its records in bytes.
            pub const fn record_bytes(self) -> usize {
                match self { $(Self::$section => size_of::<$record>(),)* }
            }
        }
    };
}

sections! {
    /// The sections that every image has, empty or not. Code is the first: it lies at a multiple of 8.
    Section {
        /// Instructions ([`Instr`](crate::Instr)), little-endian.
        Code = 0, crate::Instr;
        /// [`ValType`]s of all types, one after the other.
        ValTypes = 1, ValType;
        /// [`TypeRecord`]s.
        Types = 2, TypeRecord;
        /// [`ImportRecord`]s.
        Imports = 3, ImportRecord;
        /// [`FuncRecord`]s, imported functions first.
        Funcs = 4, FuncRecord;
        /// [`TableRecord`]s, imported ones first.
        Tables = 5, TableRecord;
        /// [`MemoryRecord`]s, imported ones first.
        Memories = 6, MemoryRecord;
        /// [`GlobalRecord`]s, imported ones first.
        Globals = 7, GlobalRecord;
        /// [`ExportRecord`]s.
        Exports = 8, ExportRecord;
        /// [`ElementRecord`]s.
        Elements = 9, ElementRecord;
        /// What the element segments have, as [`items`] says.
        Items = 10, U16;
        /// [`DataRecord`]s.
        Data = 11, DataRecord;
        /// [`ConstInstr`]s of all constant expressions.
        Consts = 12, ConstInstr;
        /// [`TagRecord`]s, imported ones first.
        Tags = 13, TagRecord;
        /// [`HandlerRecord`]s, sorted by `pc`.
        Handlers = 14, HandlerRecord;
        /// [`CatchRecord`]s, function by function.
        Catches = 15, CatchRecord;
        /// The blob.
        Blob = 16, u8;
    }
}

sections! {
    /// The sections that tell where something comes from. Running rests on none of them.
    OptionalSection {
        /// [`PositionRecord`]s, sorted by `pc`.
        Positions = 32, PositionRecord;
        /// [`AliasRecord`]s, sorted by `pc`.
        Aliases = 33, AliasRecord;
        /// [`NameRecord`]s of functions, sorted by index.
        Names = 34, NameRecord;
        /// [`BodyRecord`]s: one for each function.
        Bodies = 35, BodyRecord;
        /// [`Body`](crate::side::Body)s: one for each function, for the traditional engine. Offsets are those of the bytecode.
        TraditionalBodies = 36, crate::side::Body;
        /// [`SideEntry`](crate::side::SideEntry)s of all functions.
        SideTable = 37, crate::side::SideEntry;
        /// [`HandlerRecord`]s by indices of the side table.
        SideHandlers = 38, HandlerRecord;
        /// [`CatchRecord`]s with indices of the side table.
        SideCatches = 39, CatchRecord;
        /// A [`BytecodeHeader`]; then the bytecode, from the first function's body to the end of the last.
        Bytecode = 40, u8;
        /// [`RefMapRecord`]s of the code, sorted by `pc`.
        RefMaps = 41, RefMapRecord;
        /// The slots that they name, counted from the frame's first.
        RefSlots = 42, U32;
        /// [`RefMapRecord`]s of the side table, sorted by `pc`.
        SideRefMaps = 43, RefMapRecord;
        /// The slots that they name.
        SideRefSlots = 44, U32;
    }
}

record! {
    /// What stands before bytecode.
    BytecodeHeader {
        /// Where in the module it begins.
        origin: U32,
        /// The parts that its operators need, a set of [`Part::bit`]s: nothing looks through bytecode before it runs.
        parts: U32,
    }
}

record! {
    /// A range of the blob.
    Range {
        /// Offset in bytes.
        start: U32,
        /// Length in bytes.
        length: U32,
    }
}

record! {
    /// A constant expression: a range of [`ConstInstr`]s. Empty where there is none.
    ConstRange {
        /// Index of the first.
        start: U32,
        /// How many.
        length: U32,
    }
}

impl From<ConstRange> for U64 {
    fn from(range: ConstRange) -> Self {
        Self::new(u64::from(range.start.get()) | u64::from(range.length.get()) << 32)
    }
}

impl From<U64> for ConstRange {
    fn from(both: U64) -> Self {
        Self { start: U32::new(both.get() as u32), length: U32::new((both.get() >> 32) as u32) }
    }
}

record! {
    /// A value type, or the type of a field.
    ///
    /// The lower 7 bits are the binary format's byte: 0x7F i32, 0x7E i64, 0x7D f32, 0x7C f64, 0x7B v128, 0x78 i8 and 0x77 i16 in
    /// fields, an [`AbstractHeapType`], or 0x63 for a type of the module or store. Bit 7 says of a reference that it is never
    /// null; bits 8 to 30 are the index of that type, and bit 31 says of a field that it is mutable.
    ValType {
        /// All of it.
        code: U32,
    }
}

/// The heap types that no definition stands behind (core 2.3.3), by the binary format's byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum AbstractHeapType {
    /// No exception.
    NoExn = 0x74,
    /// No function.
    NoFunc = 0x73,
    /// Nothing of the host.
    NoExtern = 0x72,
    /// No internal value.
    None = 0x71,
    /// Functions.
    Func = 0x70,
    /// What the host has.
    Extern = 0x6F,
    /// Internal values.
    Any = 0x6E,
    /// Internal values that can be compared.
    Eq = 0x6D,
    /// Integers of 31 bits.
    I31 = 0x6C,
    /// Structures.
    Struct = 0x6B,
    /// Arrays.
    Array = 0x6A,
    /// Exceptions.
    Exn = 0x69,
}

impl AbstractHeapType {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::NoExn,
        Self::NoFunc,
        Self::NoExtern,
        Self::None,
        Self::Func,
        Self::Extern,
        Self::Any,
        Self::Eq,
        Self::I31,
        Self::Struct,
        Self::Array,
        Self::Exn,
    ];

    /// Its name in the text format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoExn => "noexn",
            Self::NoFunc => "nofunc",
            Self::NoExtern => "noextern",
            Self::None => "none",
            Self::Func => "func",
            Self::Extern => "extern",
            Self::Any => "any",
            Self::Eq => "eq",
            Self::I31 => "i31",
            Self::Struct => "struct",
            Self::Array => "array",
            Self::Exn => "exn",
        }
    }

    /// The name of the nullable reference type (core 6.4.3, "abbreviations").
    const fn reference_name(self) -> &'static str {
        match self {
            Self::NoExn => "nullexnref",
            Self::NoFunc => "nullfuncref",
            Self::NoExtern => "nullexternref",
            Self::None => "nullref",
            Self::Func => "funcref",
            Self::Extern => "externref",
            Self::Any => "anyref",
            Self::Eq => "eqref",
            Self::I31 => "i31ref",
            Self::Struct => "structref",
            Self::Array => "arrayref",
            Self::Exn => "exnref",
        }
    }
}

/// What a reference refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeapType {
    /// A type that is always there.
    Abstract(AbstractHeapType),
    /// A type by its index in the module, or by its number in the store.
    Concrete(u32),
}

/// The greatest index of a type that a [`ValType`] holds.
pub const TYPE_INDEX_MAX: u32 = (1 << 23) - 1;

/// The marks of the heap types that no definition stands behind, of which there are no others between.
const HEAP_FIRST: u32 = AbstractHeapType::Exn as u32;
const HEAP_LAST: u32 = AbstractHeapType::NoExn as u32;
const TAG: u32 = 0x7F;
const CONCRETE: u32 = 0x63;
const NON_NULL: u32 = 0x80;
const FIELD_MUTABLE: u32 = 1 << 31;

impl ValType {
    /// `i32`.
    pub const I32: Self = Self { code: U32::new(0x7F) };
    /// `i64`.
    pub const I64: Self = Self { code: U32::new(0x7E) };
    /// `f32`.
    pub const F32: Self = Self { code: U32::new(0x7D) };
    /// `f64`.
    pub const F64: Self = Self { code: U32::new(0x7C) };
    /// `v128`, which takes two slots.
    pub const V128: Self = Self { code: U32::new(0x7B) };
    /// `i8`, in fields only.
    pub const I8: Self = Self { code: U32::new(0x78) };
    /// `i16`, in fields only.
    pub const I16: Self = Self { code: U32::new(0x77) };
    /// `funcref`.
    pub const FUNCREF: Self = Self { code: U32::new(0x70) };
    /// `externref`.
    pub const EXTERNREF: Self = Self { code: U32::new(0x6F) };

    /// A reference type; its index must be at most [`TYPE_INDEX_MAX`].
    pub const fn reference(nullable: bool, heap: HeapType) -> Self {
        let heap = match heap {
            HeapType::Abstract(heap) => heap as u32,
            HeapType::Concrete(index) => CONCRETE | (index & TYPE_INDEX_MAX) << 8,
        };
        Self { code: U32::new(if nullable { heap } else { heap | NON_NULL }) }
    }

    /// As a field that can be changed.
    #[must_use]
    pub const fn mutable(self) -> Self {
        Self { code: U32::new(self.code.get() | FIELD_MUTABLE) }
    }

    /// Whether it is a field that can be changed.
    pub const fn is_mutable(self) -> bool {
        self.code.get() & FIELD_MUTABLE != 0
    }

    /// What a field holds, whether or not it can be changed.
    #[must_use]
    pub const fn storage(self) -> Self {
        Self { code: U32::new(self.code.get() & !FIELD_MUTABLE) }
    }

    /// Whether it is a value type that this version of the format knows.
    pub fn is_known(self) -> bool {
        self.is_number() || self == Self::V128 || self.is_reference()
    }

    /// Whether it is the type of a field that this version of the format knows.
    pub fn is_field(self) -> bool {
        let storage = self.storage();
        storage == Self::I8 || storage == Self::I16 || storage.is_known()
    }

    /// Whether it is `i32`, `i64`, `f32` or `f64`.
    pub const fn is_number(self) -> bool {
        matches!(self.code.get(), 0x7C..=0x7F)
    }

    /// Whether it is a reference type.
    pub const fn is_reference(self) -> bool {
        let (code, tag) = (self.code.get(), self.code.get() & TAG);
        if tag == CONCRETE {
            code & FIELD_MUTABLE == 0
        } else {
            matches!(tag, HEAP_FIRST..=HEAP_LAST) && code >> 8 == 0
        }
    }

    /// Whether it is that of functions, with or without the null.
    pub const fn is_func(self) -> bool {
        self.code.get() & !NON_NULL == AbstractHeapType::Func as u32
    }

    /// The part of the language without which there are no values of this type.
    pub fn part(self) -> Option<Part> {
        match self {
            Self::V128 => Some(Part::Simd),
            _ if self.is_number() => None,
            _ => Some(Part::References),
        }
    }

    /// What it refers to, if it is a reference type.
    pub fn heap(self) -> Option<HeapType> {
        let (code, tag, index) = (self.code.get(), self.code.get() & TAG, self.code.get() >> 8);
        if tag == CONCRETE {
            return (code & FIELD_MUTABLE == 0).then_some(HeapType::Concrete(index));
        }
        let heap = AbstractHeapType::ALL.into_iter().find(|heap| *heap as u32 == tag)?;
        (index == 0).then_some(HeapType::Abstract(heap))
    }

    /// The index of the type that it, or the field's type, refers to.
    pub const fn type_index(self) -> Option<u32> {
        let code = self.storage().code.get();
        if code & TAG == CONCRETE { Some(code >> 8) } else { None }
    }

    /// With another index in place of its own; as it is, where it has none.
    #[must_use]
    pub const fn with_type_index(self, index: u32) -> Self {
        let code = self.code.get();
        if code & TAG != CONCRETE {
            return self;
        }
        let kept = code & (TAG | NON_NULL | FIELD_MUTABLE);
        Self { code: U32::new(kept | (index & TYPE_INDEX_MAX) << 8) }
    }

    /// Whether it is a reference type that has a null.
    pub fn is_nullable(self) -> bool {
        self.is_reference() && self.code.get() & NON_NULL == 0
    }

    /// The name of a type that is no reference; `?` for a code that is none.
    const fn number_name(self) -> &'static str {
        match self.code.get() {
            0x7F => "i32",
            0x7E => "i64",
            0x7D => "f32",
            0x7C => "f64",
            0x7B => "v128",
            0x78 => "i8",
            0x77 => "i16",
            _ => "?",
        }
    }

    /// How many slots a value takes.
    pub fn slots(self) -> u32 {
        if Part::Simd.is_built() && self == Self::V128 { 2 } else { 1 }
    }
}

/// As in the text format, types by their indices; `?` for a code that is none.
impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let null = if self.is_nullable() { "null " } else { "" };
        match self.heap() {
            Some(HeapType::Abstract(heap)) if self.is_nullable() => f.write_str(heap.reference_name()),
            Some(HeapType::Abstract(heap)) => write!(f, "(ref {})", heap.name()),
            Some(HeapType::Concrete(index)) => write!(f, "(ref {null}{index})"),
            None if self.is_mutable() => write!(f, "(mut {})", self.storage()),
            None => f.write_str(self.number_name()),
        }
    }
}

/// The same for the log of devices, whose texts stay on the host.
// @need-ids: REQ_009
#[cfg(feature = "defmt")]
impl defmt::Format for ValType {
    fn format(&self, f: defmt::Formatter<'_>) {
        let null = if self.is_nullable() { "null " } else { "" };
        match self.heap() {
            Some(HeapType::Abstract(heap)) if self.is_nullable() => defmt::write!(f, "{=str}", heap.reference_name()),
            Some(HeapType::Abstract(heap)) => defmt::write!(f, "(ref {=str})", heap.name()),
            Some(HeapType::Concrete(index)) => defmt::write!(f, "(ref {=str}{=u32})", null, index),
            None if self.is_mutable() => defmt::write!(f, "(mut {=str})", self.storage().number_name()),
            None => defmt::write!(f, "{=str}", self.number_name()),
        }
    }
}

/// The forms of types, and what else is said of them.
pub mod form {
    /// A function.
    pub const FUNC: u16 = 0;
    /// A structure.
    pub const STRUCT: u16 = 1;
    /// An array.
    pub const ARRAY: u16 = 2;
    /// The bits that say which.
    pub const KIND: u16 = 3;
    /// It may have subtypes.
    pub const OPEN: u16 = 4;
}

record! {
    /// A type: of a function, a structure or an array.
    TypeRecord {
        /// Index of its first [`ValType`]: parameters, then results; or fields.
        start: U32,
        /// How many parameters or fields.
        params: U16,
        /// How many results; and, from bit [`RESULT_BITS`](Self::RESULT_BITS) on, its [`form`] and two flags.
        results: U16,
    }
}

impl TypeRecord {
    /// How many bits the number of results has.
    pub const RESULT_BITS: u32 = 10;
    /// The index of its supertype stands before its first part.
    pub const HAS_SUPERTYPE: u16 = 8 << Self::RESULT_BITS;
    /// It is in the recursion group of the type before it (core 2.3.9).
    pub const IS_JOINED: u16 = 16 << Self::RESULT_BITS;

    /// A function type as there is one for most: final, without a supertype, in a group of its own.
    pub const fn func(start: u32, params: u16, results: u16) -> Self {
        Sub::PLAIN.record(start, params, results)
    }

    /// How many results; without references there is nothing else beside them.
    pub const fn results(&self) -> u16 {
        let results = self.results.get();
        if Part::References.is_built() { results & ((1 << Self::RESULT_BITS) - 1) } else { results }
    }

    /// Its form and flags.
    const fn marks(self) -> u16 {
        self.results.get() >> Self::RESULT_BITS
    }

    /// Its form, one of [`form`].
    pub const fn kind(&self) -> u16 {
        self.marks() & form::KIND
    }

    /// Whether it has no subtypes.
    pub const fn is_final(&self) -> bool {
        self.marks() & form::OPEN == 0
    }

    /// Its form, with its flag.
    pub const fn form(&self) -> u16 {
        self.marks() & !((Self::HAS_SUPERTYPE | Self::IS_JOINED) >> Self::RESULT_BITS)
    }

    /// Whether the index of its supertype stands before its first part.
    pub const fn has_supertype(&self) -> bool {
        self.results.get() & Self::HAS_SUPERTYPE != 0
    }

    /// Whether it is in the recursion group of the type before it.
    pub const fn is_joined(&self) -> bool {
        self.results.get() & Self::IS_JOINED != 0
    }
}

/// What is said of a type besides its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sub {
    /// One of [`form`], with its flag.
    pub form: u16,
    /// Index of its supertype, which comes before it, or [`NONE`].
    pub supertype: u32,
    /// It is in the recursion group of the type before it (core 2.3.9).
    pub is_joined: bool,
}

impl Sub {
    /// Of a final function type without a supertype, in a group that begins with it.
    pub const PLAIN: Self = Self { form: form::FUNC, supertype: NONE, is_joined: false };

    /// The word that stands before the type's parts, where it has a supertype.
    pub fn word(self) -> Option<ValType> {
        (self.supertype != NONE).then_some(ValType { code: U32::new(self.supertype) })
    }

    /// The record of a type whose first part has the index `start`, with its supertype before.
    pub const fn record(self, start: u32, params: u16, results: u16) -> TypeRecord {
        let supertype = if self.supertype == NONE { 0 } else { TypeRecord::HAS_SUPERTYPE };
        let joined = if self.is_joined { TypeRecord::IS_JOINED } else { 0 };
        let results = results | self.form << TypeRecord::RESULT_BITS | supertype | joined;
        TypeRecord { start: U32::new(start), params: U16::new(params), results: U16::new(results) }
    }
}

/// The kinds of imports and exports, as in the binary format.
pub mod kind {
    /// A function.
    pub const FUNC: u32 = 0;
    /// A table.
    pub const TABLE: u32 = 1;
    /// A memory.
    pub const MEMORY: u32 = 2;
    /// A global.
    pub const GLOBAL: u32 = 3;
    /// A tag.
    pub const TAG: u32 = 4;
    /// How many kinds there are.
    pub const COUNT: usize = 5;
}

record! {
    /// An import.
    ImportRecord {
        /// Module name.
        module: Range,
        /// Field name.
        name: Range,
        /// One of [`kind`].
        kind: U32,
        /// Its index in the index space of that kind.
        index: U32,
    }
}

record! {
    /// A function.
    FuncRecord {
        /// Position of its first instruction, below [`NO_CODE`](Self::NO_CODE); the upper four bits of the index of its type above.
        pc_and_type: U32,
        /// Slots of its frame.
        slots: U16,
        /// The lower half of the index of its type.
        type_low: U16,
    }
}

impl FuncRecord {
    /// How many bits a position has.
    const PC_BITS: u32 = 28;
    /// In place of a position: it has no code. All positions are lower.
    pub const NO_CODE: u32 = (1 << Self::PC_BITS) - 1;
    /// The greatest index that its type may have.
    pub const TYPE_MAX: u32 = (1 << 20) - 1;

    /// One with a position or [`NO_CODE`](Self::NO_CODE).
    pub const fn new(ty: u32, pc: u32, slots: u16) -> Self {
        let pc_and_type = (pc & Self::NO_CODE) | (ty >> 16) << Self::PC_BITS;
        Self { pc_and_type: U32::new(pc_and_type), slots: U16::new(slots), type_low: U16::new(ty as u16) }
    }

    /// Index of its type.
    pub const fn ty(&self) -> u32 {
        // Others have no more types than 16 bits count, and what stands there is no position.
        let high = if Part::Large.is_built() { self.pc_and_type.get() >> Self::PC_BITS } else { 0 };
        high << 16 | self.type_low.get() as u32
    }

    /// Position of its first instruction, or [`NO_CODE`](Self::NO_CODE).
    pub const fn pc(&self) -> u32 {
        if Part::Large.is_built() { self.pc_and_type.get() & Self::NO_CODE } else { self.pc_and_type.get() }
    }

    /// Whether it has code.
    pub const fn has_code(&self) -> bool {
        self.pc() != Self::NO_CODE
    }
}

/// Bits of the `flags` fields.
pub mod flag {
    /// It is imported.
    pub const IMPORTED: u32 = 1;
    /// It has a maximum.
    pub const MAXIMUM: u32 = 2;
    /// It has 64-bit indices.
    pub const INDEX64: u32 = 4;
    /// It is shared.
    pub const SHARED: u32 = 8;
    /// It is mutable.
    pub const MUTABLE: u32 = 16;
    /// Its first value is an expression.
    pub const EXPRESSION: u32 = 32;
}

record! {
    /// A table.
    TableRecord {
        /// Type of its elements.
        element: ValType,
        /// [`flag`]s.
        flags: U32,
        /// Initial size in elements.
        min: U64,
        /// Maximum in elements, if flagged.
        max: U64,
        /// Initial value of its elements; empty for null.
        init: ConstRange,
    }
}

record! {
    /// A memory.
    MemoryRecord {
        /// [`flag`]s.
        flags: U32,
        /// Base-2 logarithm of the page size in bytes.
        page_log2: U32,
        /// Initial size in pages.
        min: U64,
        /// Maximum in pages, if flagged.
        max: U64,
    }
}

record! {
    /// A global.
    GlobalRecord {
        /// Type of its value.
        ty: ValType,
        /// [`flag`]s.
        flags: Byte,
        /// Of an own global, its first slot among the instance's own; of an imported one, its number among the imported.
        slot: U24,
        /// First value: as its slot has it, or the [`ConstRange`] that gives it, if flagged.
        init: U64,
    }
}

record! {
    /// A tag.
    TagRecord {
        /// Index of its type: the parameters are what it carries.
        ty: U32,
        /// [`flag`]s.
        flags: U32,
    }
}

record! {
    /// An export.
    ExportRecord {
        /// Name.
        name: Range,
        /// Index in the index space of its kind; one of [`kind`] from bit 29 on.
        thing: U32,
    }
}

impl ExportRecord {
    const INDEX_BITS: u32 = 29;

    /// An export of the thing of that [`kind`] and index.
    pub const fn new(name: Range, kind: u32, index: u32) -> Self {
        let index = index & ((1 << Self::INDEX_BITS) - 1);
        Self { name, thing: U32::new(kind << Self::INDEX_BITS | index) }
    }

    /// One of [`kind`].
    pub const fn kind(&self) -> u32 {
        self.thing.get() >> Self::INDEX_BITS
    }

    /// Index in the index space of that kind.
    pub const fn index(&self) -> u32 {
        self.thing.get() & ((1 << Self::INDEX_BITS) - 1)
    }
}

/// How a segment is used.
pub mod mode {
    /// By `init` operators.
    pub const PASSIVE: u32 = 0;
    /// Copied on instantiation.
    pub const ACTIVE: u32 = 1;
    /// Only declares that functions are referenced.
    pub const DECLARED: u32 = 2;
    /// Copied on instantiation, to what an expression gives.
    pub const COMPUTED: u32 = 3;

    /// Whether a segment of this mode is copied on instantiation.
    pub const fn is_active(mode: u32) -> bool {
        mode & ACTIVE != 0
    }
}

/// What the items of an element segment are.
pub mod items {
    use super::{ConstRange, U32};
    use zerocopy::byteorder::little_endian::U16;

    /// Function indices of 16 bits.
    pub const FUNCS: u32 = 0;
    /// [`ConstRange`]s, in four halves each.
    pub const EXPRESSIONS: u32 = 1;
    /// Function indices of 32 bits, the lower half first, in images of so many functions ([`Part::Large`](wrt_instructions::Part::Large)).
    pub const WIDE_FUNCS: u32 = 2;

    /// How many halves an item has.
    pub const fn halves(items: u32) -> usize {
        match items {
            FUNCS => 1,
            EXPRESSIONS => 4,
            _ => 2,
        }
    }

    const fn word(low: U16, high: U16) -> u32 {
        low.get() as u32 | (high.get() as u32) << 16
    }

    /// The function that an item names; `None` where it does otherwise.
    pub fn func(halves: &[U16]) -> Option<u32> {
        match halves {
            [index] => Some(index.get().into()),
            [low, high] => Some(word(*low, *high)),
            _ => None,
        }
    }

    /// The expression that an item is; `None` where it is none.
    pub fn expression(halves: &[U16]) -> Option<ConstRange> {
        let [a, b, c, d] = halves else { return None };
        Some(ConstRange { start: U32::new(word(*a, *b)), length: U32::new(word(*c, *d)) })
    }

    /// A word in halves.
    pub const fn halved(word: u32) -> [U16; 2] {
        [U16::new(word as u16), U16::new((word >> 16) as u16)]
    }
}

record! {
    /// An element segment.
    ElementRecord {
        /// One of [`mode`].
        mode: Byte,
        /// Table, where active.
        table: U24,
        /// Offset, where active: a number, or the [`ConstRange`] that gives it, where it is computed.
        offset: U64,
        /// Type of its elements.
        ty: ValType,
        /// One of [`items`].
        items: U32,
        /// Index of the first `U16` in the items.
        start: U32,
        /// How many elements.
        length: U32,
    }
}

record! {
    /// A data segment.
    DataRecord {
        /// One of [`mode`].
        mode: Byte,
        /// Memory, where active.
        memory: U24,
        /// Offset, where active: a number, or the [`ConstRange`] that gives it, where it is computed.
        offset: U64,
        /// Its bytes in the blob.
        bytes: Range,
    }
}

record! {
    /// One operator of a constant expression; `end` is left out.
    ConstInstr {
        /// Opcode as in the operator table.
        opcode: U32,
        /// Reserved, 0.
        reserved: U32,
        /// Constant, index, or heap type.
        immediate: U64,
    }
}

record! {
    /// Where an instruction that can stop comes from.
    PositionRecord {
        /// Position of the instruction.
        pc: U32,
        /// Offset of its operator from the module's start, in bytes.
        offset: U32,
    }
}

record! {
    /// An operand that is not in its slot while a call is under way, because it is a local or a constant.
    AliasRecord {
        /// Position after the call: where the suspended frame stands.
        pc: U32,
        /// The operand's slot.
        slot: U32,
        /// The local's slot, [`NONE`] for the constant, or [`HEIGHT`].
        local: U32,
        /// Reserved, 0.
        reserved: U32,
        /// The constant's slot value.
        constant: U64,
    }
}

record! {
    /// Which slots of a frame at a position hold references that may be to objects. All safepoints of a function have one, or none.
    RefMapRecord {
        /// Position: of the instruction or entry of the side table at which the frame stands. Of one that waits for a callee,
        /// the position before the one behind its call.
        pc: U32,
        /// Index of the first slot among those of all maps.
        start: U32,
        /// How many slots.
        count: U32,
    }
}

record! {
    /// The name of a function.
    NameRecord {
        /// Function index.
        index: U32,
        /// Its name.
        name: Range,
    }
}

record! {
    /// Where in the module the body of a function is: its locals and what follows.
    BodyRecord {
        /// Offset from the module's start, in bytes.
        start: U32,
        /// Length in bytes; 0 of an imported function.
        length: U32,
    }
}

/// In [`CatchRecord::slot`]: the clause also wants a reference to the exception, as one value more, behind what that carries.
pub const CATCH_REF: u32 = 1 << 30;

record! {
    /// Which handler is the innermost from a position on, up to the next record; a function's last one says that there is none.
    HandlerRecord {
        /// Position of the first instruction.
        pc: U32,
        /// Index of the handler's first [`CatchRecord`], or [`NONE`].
        first: U32,
    }
}

record! {
    /// A catch clause (core 2.4.3).
    CatchRecord {
        /// Index of the tag, or [`NONE`] for all.
        tag: U32,
        /// Position at which it goes on.
        target: U32,
        /// First slot for what the exception carries, with [`CATCH_REF`] where a reference to it follows; as the operands of a bulk operator have it: with
        /// [`SPLIT`](crate::instr::SPLIT) where it stands on both sides of a wide frame's scratch registers. 0 for all tags.
        slot: U32,
        /// Index of the clause to look at next, of this handler or of the one around it: less than its own, or [`NONE`].
        next: U32,
    }
}
