//! Structures and arrays of a store (core 4.2.15 and 4.2.16), as constant expressions make them.
//!
//! An object is a header of one word, type and number of elements, and its fields, packed. A reference to it is the place of its
//! header plus 1. Objects live as long as their store: nothing is collected yet.

use crate::image::format::{ValType, form};
use crate::typing::Types;

/// Bytes that a field takes.
fn field_bytes(ty: ValType) -> u64 {
    match ty.storage() {
        ValType::I8 => 1,
        ValType::I16 => 2,
        ValType::I64 | ValType::F64 => 8,
        ValType::V128 => 16,
        // References have 32 bits, too.
        _ => 4,
    }
}

/// How many words of 64 bits an object of type `ty` takes, its header included: a structure, or an array of `length` elements.
/// `None` where the type is neither or one of its fields has no default value (core 3.1.2, "defaultable types").
pub fn words(types: Types<'_>, ty: u32, length: u32) -> Option<u64> {
    let (kind, fields) = types.fields(ty)?;
    let has_default = |field: &ValType| !field.storage().is_reference() || field.storage().is_nullable();
    if !fields.iter().all(has_default) {
        return None;
    }
    let one = fields.iter().fold(0_u64, |sum, field| sum.saturating_add(field_bytes(*field)));
    let count = if kind == form::ARRAY { length.into() } else { 1 };
    Some(one.saturating_mul(count).div_ceil(8).saturating_add(1))
}

/// The first word of an object.
pub const fn header(ty: u32, length: u32) -> u64 {
    ty as u64 | (length as u64) << 32
}

/// The type of the object whose header stands at `addr`.
pub fn type_of(objects: &[u64], addr: u32) -> Option<u32> {
    objects.get(addr as usize).map(|header| *header as u32)
}
