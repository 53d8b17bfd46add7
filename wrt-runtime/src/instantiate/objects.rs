//! Objects that constant expressions make (core 4.6.10), and the operands of those that have many.

// @need-ids: REQ_TYPES_006, REQ_GC_002

use super::{Allocate, CONST_NEAR, New, OutOfStorage};
use crate::heap::layout::{self, Fields, Packed};
use crate::heap::{Full, Heap, ObjectType, Value, Wanted};
use crate::image::format::ValType;
use crate::moves::{SLOTS, move_within};
use crate::table::Ref;
use wrt_instructions::Part;

/// The operands of a constant expression: few on the native stack, and the others in words of the heap that no object takes up, at the
/// end of what there is.
#[derive(Debug, Default)]
pub(super) struct Operands {
    near: heapless::Vec<u64, CONST_NEAR>,
    /// Where the others begin in the arena, how many there are, and how many fit.
    start: u32,
    far: u32,
    room: u32,
}

impl Operands {
    /// The whole stack, where all of it is near.
    pub(super) fn as_slice(&self) -> &[u64] {
        if self.far == 0 { &self.near } else { &[] }
    }

    fn len(&self) -> u32 {
        (self.near.len() as u32).saturating_add(self.far)
    }

    pub(super) fn push<A: Allocate + ?Sized>(&mut self, store: &mut A, value: u64) -> Result<(), OutOfStorage> {
        let Err(value) = self.near.push(value) else { return Ok(()) };
        if !Part::Gc.is_built() {
            return Err(OutOfStorage::Objects);
        }
        if self.far == self.room {
            self.settle(store, far_room(self.room), 0)?;
        }
        let at = self.start.saturating_add(self.far);
        let heap = store.heap().ok_or(OutOfStorage::Objects)?;
        *heap.words.get_mut(at as usize).ok_or(OutOfStorage::Objects)? = value;
        self.far = self.far.saturating_add(1);
        Ok(())
    }

    pub(super) fn pop<A: Allocate + ?Sized>(&mut self, store: &mut A) -> Option<u64> {
        let top = self.len().checked_sub(1)?;
        let value = self.get(top, |far| store.heap()?.words.get(far).copied())?;
        self.truncate(top);
        Some(value)
    }

    /// The one above `at` others; `far` gives those of them that lie in the arena.
    fn get(&self, at: u32, far: impl FnOnce(usize) -> Option<u64>) -> Option<u64> {
        match at.checked_sub(self.near.len() as u32) {
            None => self.near.get(at as usize).copied(),
            Some(index) if Part::Gc.is_built() && index < self.far => far(self.start.checked_add(index)? as usize),
            Some(_) => None,
        }
    }

    /// The value at `at`, which is passed.
    fn value(&self, heap: &Heap<'_>, at: &mut u32, packed: Packed) -> Option<Value> {
        let get = |at: u32| self.get(at, |far| heap.words.get(far).copied());
        let low = get(*at)?;
        let high = if packed.slots() == 2 { get(at.checked_add(1)?)? } else { 0 };
        *at = at.checked_add(packed.slots())?;
        Some([low, high])
    }

    fn truncate(&mut self, length: u32) {
        self.far = length.saturating_sub(self.near.len() as u32).min(self.far);
        self.near.truncate(length as usize);
    }

    /// Puts the far ones to the end of the arena, where `room` of them fit behind `words` that an object is to take.
    fn settle<A: Allocate + ?Sized>(&mut self, store: &mut A, room: u32, words: u64) -> Result<(), OutOfStorage> {
        let full = OutOfStorage::Objects;
        let used = store.heap().and_then(|heap| heap.state.as_deref().map(|state| state.used)).ok_or(full)?;
        let wanted = u64::from(used).saturating_add(words).saturating_add(room.into());
        let wanted = u32::try_from(wanted).map_err(|_| full)?;
        if store.heap().is_none_or(|heap| heap.words.len() < wanted as usize) {
            store.reserve_heap(Wanted { words: wanted, handles: 0 })?;
        }
        let heap = store.heap().ok_or(full)?;
        let start = u32::try_from(heap.words.len()).ok().and_then(|end| end.checked_sub(room)).ok_or(full)?;
        move_within::<SLOTS, _>(heap.words, self.start as usize, start as usize, self.far as usize).ok_or(full)?;
        (self.start, self.room) = (start, room);
        Ok(())
    }

    /// Makes way for an object of so many words.
    fn make_way<A: Allocate + ?Sized>(&mut self, store: &mut A, words: u64) -> Result<(), OutOfStorage> {
        let used = store.heap().and_then(|heap| heap.state.as_deref().map(|state| state.used)).unwrap_or(0);
        if self.far > 0 && u64::from(used).saturating_add(words) > self.start.into() {
            return self.settle(store, self.room, words);
        }
        Ok(())
    }
}

impl<A: Allocate + ?Sized> New<'_, '_, A> {
    /// A reference to a new object of a type of the image, its fields zero.
    // @need-ids: REQ_TYPES_006, REQ_GC_002, REQ_LIMITS_001
    pub(super) fn object(&mut self, operands: &mut Operands, ty: u64, length: u32) -> Option<Ref> {
        if !Part::Gc.is_built() {
            return None;
        }
        let ty = self.number(ty as u32)?;
        let words = layout::object_words(self.store.types(), ty, length)?;
        let wanted = self.store.usage().gc_bytes.saturating_add(words.saturating_mul(8));
        let (bytes, objects) = (self.store.limits().max_gc_bytes, self.store.limits().max_gc_objects);
        self.within("max-gc-bytes", bytes, wanted)?;
        let way = operands.make_way(self.store, words);
        self.fits(way)?;
        loop {
            let Some(mut heap) = self.store.heap() else {
                self.full(OutOfStorage::Objects);
                return None;
            };
            let used = heap.state.as_deref().map_or(0, |state| state.handles);
            // Nothing is collected here: what calls in progress have is not known.
            if !heap.admit(words) {
                self.within("max-gc-objects", objects.into(), u64::from(used).saturating_add(1))?;
                self.full(OutOfStorage::Objects);
                return None;
            }
            match heap.allocate(ObjectType::Of(ty), length, words) {
                Ok(reference) => return Some(reference),
                Err(Full::Storage(wanted)) => {
                    let reserved = self.store.reserve_heap(wanted);
                    self.fits(reserved)?;
                }
                Err(Full::Collect) => return None,
            }
        }
    }

    /// `struct.new` and `array.new_fixed` with so many elements: the topmost operands become fields.
    pub(super) fn object_of(&mut self, operands: &mut Operands, ty: u32, length: Option<u32>) -> Option<Ref> {
        let (_, fields) = self.store.types().fields(self.number(ty)?)?;
        let element = Packed::of(fields.first().copied().unwrap_or_default());
        let slots = match length {
            Some(length) => length.checked_mul(element.slots())?,
            None => operand_slots(fields),
        };
        let mut at = operands.len().checked_sub(slots)?;
        let first = at;
        let reference = self.object(operands, ty.into(), length.unwrap_or(0))?;
        let mut heap = self.store.heap()?;
        let (object, types) = (heap.object(reference)?, heap.types);
        match (object.ty, length) {
            (_, Some(length)) => {
                for index in 0..length {
                    let value = operands.value(&heap, &mut at, element)?;
                    heap.array_set(reference, element, index, value).ok()?;
                }
            }
            (ObjectType::Of(ty), None) => {
                for (_, field) in Fields::new(types.fields(ty)?.1) {
                    let value = operands.value(&heap, &mut at, field.packed)?;
                    heap.set_field(&object, field, value)?;
                }
            }
            _ => return None,
        }
        operands.truncate(first);
        Some(reference)
    }

    /// `array.new`: the operands are the value of all elements and how many.
    pub(super) fn array_of(&mut self, operands: &mut Operands, ty: u32) -> Option<Ref> {
        let length = operands.pop(self.store)? as u32;
        let (_, fields) = self.store.types().fields(self.number(ty)?)?;
        let element = Packed::of(fields.first().copied().unwrap_or_default());
        let high = if element.slots() == 2 { operands.pop(self.store)? } else { 0 };
        let low = operands.pop(self.store)?;
        let array = self.object(operands, ty.into(), length)?;
        let mut heap = self.store.heap()?;
        let object = heap.array(array).ok()?;
        heap.fill(&object, element, (0, length), [low, high])?;
        Some(array)
    }
}

/// Words of the arena for operands that are not on the native stack, where `room` words of them are full.
pub const fn far_room(room: u32) -> u32 {
    if room < FAR_LEAST / 2 { FAR_LEAST } else { room.saturating_mul(2) }
}

/// The least that is set aside for operands, in words: few constants have more.
const FAR_LEAST: u32 = 64;

/// How many slots the values of these fields take.
pub(crate) fn operand_slots(fields: &[ValType]) -> u32 {
    // There are 10,000 of them at most.
    fields.iter().map(|field| Packed::of(*field).slots()).sum()
}
