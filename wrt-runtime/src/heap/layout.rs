//! Where the fields of objects lie: packed, each at a multiple of its own size, in the order of the type.
//!
//! What comes before a field decides where it lies, so that it lies there in objects of all subtypes.

// @need-ids: REQ_GC_001, REQ_GC_002

use crate::image::format::{ValType, form};
use crate::typing::Types;

/// How many bytes a field or element takes, and how it is made a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Packed {
    /// `i8`.
    I8 = 0,
    /// `i16`.
    I16 = 1,
    /// 32 bits: numbers and references.
    W32 = 2,
    /// 64 bits.
    W64 = 3,
    /// A vector.
    V128 = 4,
}

impl Packed {
    /// That of a field's type.
    pub fn of(ty: ValType) -> Self {
        match ty.storage() {
            ValType::I8 => Self::I8,
            ValType::I16 => Self::I16,
            ValType::I64 | ValType::F64 => Self::W64,
            ValType::V128 => Self::V128,
            _ => Self::W32,
        }
    }

    /// Base-2 logarithm of the bytes that it takes.
    #[inline(always)]
    pub const fn log2(self) -> u32 {
        self as u32
    }

    /// How many slots its value takes.
    #[inline(always)]
    pub const fn slots(self) -> u32 {
        if matches!(self, Self::V128) { 2 } else { 1 }
    }

    /// The one of this number.
    pub const fn from_log2(log2: u32) -> Option<Self> {
        Some(match log2 {
            0 => Self::I8,
            1 => Self::I16,
            2 => Self::W32,
            3 => Self::W64,
            4 => Self::V128,
            _ => return None,
        })
    }
}

/// A field, found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Offset from the end of the object's header in bytes: a multiple of its size, but of 8 for a vector.
    pub offset: u32,
    /// What it takes.
    pub packed: Packed,
}

const PACKED_BITS: u32 = 3;

impl Field {
    /// As an immediate of an instruction.
    pub const fn to_word(self) -> u32 {
        self.offset << PACKED_BITS | self.packed.log2()
    }

    /// Of an immediate; `None` where it is none.
    #[inline(always)]
    pub const fn from_word(word: u32) -> Option<Self> {
        match Packed::from_log2(word & ((1 << PACKED_BITS) - 1)) {
            Some(packed) => Some(Self { offset: word >> PACKED_BITS, packed }),
            None => None,
        }
    }
}

/// Puts fields of these types one behind the other.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    types: &'a [ValType],
    end: u32,
}

impl<'a> Fields<'a> {
    /// Of a structure's fields, or of what an exception carries.
    pub const fn new(types: &'a [ValType]) -> Self {
        Self { types, end: 0 }
    }

    /// How many words of 64 bits all that are left take, with those before.
    pub fn words(mut self) -> u32 {
        while self.next().is_some() {}
        self.end.div_ceil(8)
    }
}

impl Iterator for Fields<'_> {
    type Item = (ValType, Field);

    fn next(&mut self) -> Option<Self::Item> {
        let (ty, rest) = self.types.split_first()?;
        self.types = rest;
        let packed = Packed::of(*ty);
        let size = 1_u32.wrapping_shl(packed.log2());
        // Fields are 10,000 at most, of 16 bytes at most. Vectors are two words, wherever these begin.
        let last = size.min(8).wrapping_sub(1);
        let offset = self.end.wrapping_add(last) & !last;
        self.end = offset.wrapping_add(size);
        Some((ty.storage(), Field { offset, packed }))
    }
}

/// Field `index` of structure type `ty`.
pub fn field(types: Types<'_>, ty: u32, index: u32) -> Option<Field> {
    let (kind, fields) = types.fields(ty)?;
    if kind != form::STRUCT {
        return None;
    }
    Fields::new(fields).nth(index as usize).map(|(_, field)| field)
}

/// Words of the fields of structure type `ty`, without the header.
pub fn struct_words(types: Types<'_>, ty: u32) -> Option<u32> {
    let (kind, fields) = types.fields(ty)?;
    (kind == form::STRUCT).then(|| Fields::new(fields).words())
}

/// The type of the elements of array type `ty`.
pub fn element(types: Types<'_>, ty: u32) -> Option<ValType> {
    match types.fields(ty)? {
        (form::ARRAY, [element]) => Some(element.storage()),
        _ => None,
    }
}

/// Words of `length` elements, without the header.
#[inline(always)]
pub const fn array_words(packed: Packed, length: u32) -> u64 {
    ((length as u64) << packed.log2()).div_ceil(8)
}

/// Words of an object of type `ty` of a module or store, its header included: a structure, or an array of `length` elements.
pub fn object_words(types: Types<'_>, ty: u32, length: u32) -> Option<u64> {
    let body = match types.fields(ty)? {
        (form::ARRAY, [element]) => array_words(Packed::of(*element), length),
        (_, fields) => Fields::new(fields).words().into(),
    };
    Some(body.saturating_add(1))
}

/// Whether a field has a default value (core 3.1.2, "defaultable types").
pub fn has_default(field: ValType) -> bool {
    !field.storage().is_reference() || field.storage().is_nullable()
}
