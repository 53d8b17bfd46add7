//! Reading and writing fields and elements (core 4.6.10, "reference instructions").

// @need-ids: REQ_GC_001

use super::layout::{Field, Packed};
use super::{Heap, Object, ObjectType};
use crate::execute::{Detail, TrapInfo};
use crate::table::Ref;
use wrt_instructions::Trap;
use wrt_instructions::memory_ops::{read, write};
use zerocopy::IntoBytes;

/// A value in slots: the second one is a vector's upper half, and 0 of everything else.
pub type Value = [u64; 2];

/// What lies at `at`, as slots.
#[cfg_attr(not(feature = "compact"), inline(always))]
#[cfg_attr(feature = "compact", inline(never))]
fn read_packed(bytes: &[u8], at: usize, packed: Packed, signed: bool) -> Option<Value> {
    let low = match packed {
        Packed::I8 => {
            let [byte] = read::<1>(bytes, at)?;
            if signed { u64::from(byte as i8 as u32) } else { byte.into() }
        }
        Packed::I16 => {
            let half = u16::from_le_bytes(read(bytes, at)?);
            if signed { u64::from(half as i16 as u32) } else { half.into() }
        }
        Packed::W32 => u32::from_le_bytes(read(bytes, at)?).into(),
        Packed::W64 => u64::from_le_bytes(read(bytes, at)?),
        Packed::V128 => return Some([read_word(bytes, at)?, read_word(bytes, at.checked_add(8)?)?]),
    };
    Some([low, 0])
}

fn read_word(bytes: &[u8], at: usize) -> Option<u64> {
    read(bytes, at).map(u64::from_le_bytes)
}

/// Writes slots to `at`.
#[cfg_attr(not(feature = "compact"), inline(always))]
#[cfg_attr(feature = "compact", inline(never))]
fn write_packed(bytes: &mut [u8], at: usize, packed: Packed, [low, high]: Value) -> Option<()> {
    match packed {
        Packed::I8 => write(bytes, at, [low as u8]),
        Packed::I16 => write(bytes, at, (low as u16).to_le_bytes()),
        Packed::W32 => write(bytes, at, (low as u32).to_le_bytes()),
        Packed::W64 => write(bytes, at, low.to_le_bytes()),
        Packed::V128 => {
            write(bytes, at.checked_add(8)?, high.to_le_bytes())?;
            write(bytes, at, low.to_le_bytes())
        }
    }
}

/// An access to elements of an array that are not there.
pub fn array_trap(index: u64, length: u64, size: u32) -> TrapInfo {
    TrapInfo { trap: Trap::ArrayOutOfBounds, detail: Detail::Array { index, length, size } }
}

impl Heap<'_> {
    /// The offset in the arena, in bytes, of something in an object's fields.
    #[inline(always)]
    const fn byte(object: &Object, offset: usize) -> usize {
        (object.body as usize).saturating_mul(8).saturating_add(offset)
    }

    /// A field of a structure, or of what an exception carries. `None` where the object has fewer.
    // @need-ids: REQ_GC_001, REQ_018
    #[inline(always)]
    pub fn field(&self, object: &Object, field: Field, signed: bool) -> Option<Value> {
        if field.offset >> 3 >= object.length {
            return None;
        }
        read_packed(self.words.as_bytes(), Self::byte(object, field.offset as usize), field.packed, signed)
    }

    /// Sets one.
    #[inline(always)]
    pub fn set_field(&mut self, object: &Object, field: Field, value: Value) -> Option<()> {
        if field.offset >> 3 >= object.length {
            return None;
        }
        let at = Self::byte(object, field.offset as usize);
        write_packed(self.words.as_mut_bytes(), at, field.packed, value)
    }

    /// `struct.get` and its like.
    ///
    /// # Errors
    /// [`Trap::NullStructReference`].
    #[inline(always)]
    pub fn struct_get(&self, reference: Ref, field: Field, signed: bool) -> Result<Value, Trap> {
        let object = self.object(reference).ok_or(Trap::NullStructReference)?;
        self.field(&object, field, signed).ok_or(Trap::CorruptCode)
    }

    /// `struct.set`.
    ///
    /// # Errors
    /// [`Trap::NullStructReference`].
    #[inline(always)]
    pub fn struct_set(&mut self, reference: Ref, field: Field, value: Value) -> Result<(), Trap> {
        let object = self.object(reference).ok_or(Trap::NullStructReference)?;
        self.set_field(&object, field, value).ok_or(Trap::CorruptCode)
    }

    /// The array that a reference refers to.
    ///
    /// # Errors
    /// [`Trap::NullArrayReference`].
    #[inline(always)]
    pub fn array(&self, reference: Ref) -> Result<Object, Trap> {
        self.object(reference).ok_or(Trap::NullArrayReference)
    }

    /// `array.len`.
    ///
    /// # Errors
    /// [`Trap::NullArrayReference`].
    #[inline(always)]
    pub fn array_len(&self, reference: Ref) -> Result<u32, Trap> {
        self.array(reference).map(|array| array.length)
    }

    /// `array.get` and its like, of elements that are `packed`.
    ///
    /// # Errors
    /// [`Trap::NullArrayReference`] and [`Trap::ArrayOutOfBounds`], of which [`array_trap`] makes a whole one.
    #[inline(always)]
    pub fn array_get(&self, reference: Ref, packed: Packed, index: u32, signed: bool) -> Result<Value, Trap> {
        let array = self.array(reference)?;
        if index >= array.length {
            return Err(Trap::ArrayOutOfBounds);
        }
        let at = Self::byte(&array, (index as usize).wrapping_shl(packed.log2()));
        read_packed(self.words.as_bytes(), at, packed, signed).ok_or(Trap::CorruptCode)
    }

    /// `array.set`.
    ///
    /// # Errors
    /// As [`array_get`](Self::array_get).
    #[inline(always)]
    pub fn array_set(&mut self, reference: Ref, packed: Packed, index: u32, value: Value) -> Result<(), Trap> {
        let array = self.array(reference)?;
        if index >= array.length {
            return Err(Trap::ArrayOutOfBounds);
        }
        let at = Self::byte(&array, (index as usize).wrapping_shl(packed.log2()));
        write_packed(self.words.as_mut_bytes(), at, packed, value).ok_or(Trap::CorruptCode)
    }

    /// The bytes of `count` elements of an array from `index` on; `None` where it has fewer.
    pub(super) fn elements(&mut self, array: &Object, packed: Packed, index: u32, count: u32) -> Option<&mut [u8]> {
        if u64::from(index).saturating_add(count.into()) > array.length.into() {
            return None;
        }
        let at = Self::byte(array, (index as usize).wrapping_shl(packed.log2()));
        self.words.as_mut_bytes().get_mut(at..)?.get_mut(..(count as usize).wrapping_shl(packed.log2()))
    }

    /// Makes `count` elements from `index` on all this value; `None` where there are fewer.
    pub fn fill(&mut self, array: &Object, packed: Packed, (index, count): (u32, u32), value: Value) -> Option<()> {
        let mut pattern = [0; 16];
        // However many elements fit.
        for at in (0..16).step_by(1_usize.wrapping_shl(packed.log2())) {
            write_packed(&mut pattern, at, packed, value)?;
        }
        for part in self.elements(array, packed, index, count)?.chunks_mut(16) {
            part.iter_mut().zip(pattern).for_each(|(to, from)| *to = from);
        }
        Some(())
    }

    /// Moves `count` elements of arrays of equal elements, as if all were read before any is written.
    pub fn copy(
        &mut self,
        packed: Packed,
        (to, d): (&Object, u32),
        (from, s): (&Object, u32),
        count: u32,
    ) -> Option<()> {
        self.elements(to, packed, d, count)?;
        self.elements(from, packed, s, count)?;
        let at = |array: &Object, index: u32| Self::byte(array, (index as usize).wrapping_shl(packed.log2()));
        let (from, to) = (at(from, s), at(to, d));
        let bytes = (count as usize).wrapping_shl(packed.log2());
        crate::moves::move_within::<{ crate::moves::BYTES }, _>(self.words.as_mut_bytes(), from, to, bytes)
    }

    /// The exception that a reference refers to, and its tag's address.
    ///
    /// # Errors
    /// [`Trap::NullExceptionReference`].
    pub fn exception(&self, reference: Ref) -> Result<(Object, u32), Trap> {
        match self.object(reference) {
            Some(object @ Object { ty: ObjectType::Exception(tag), .. }) => Ok((object, tag)),
            _ => Err(Trap::NullExceptionReference),
        }
    }
}
