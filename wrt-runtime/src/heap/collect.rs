//! Collecting: marking what is reached, and sliding it together.

// @need-ids: REQ_GC_003, REQ_GC_004

use super::layout::{Fields, Packed};
use super::reference::{HANDLES_MAX, Referent};
use super::{FREE, Handle, Heap, MARK, NONE, Object, ObjectType, THRESHOLD_WORDS};
use crate::image::format::{AbstractHeapType, HeapType, ValType, form};
use crate::moves::{SLOTS, move_within};
use crate::table::Ref;
use crate::typing::Types;

/// The objects that were reached and not yet looked at: a list through the handles, by its first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reached {
    first: u32,
}

impl Reached {
    /// None yet.
    pub(super) const fn new() -> Self {
        Self { first: NONE }
    }
}

/// Whether references of this type can refer to an object or exception.
pub fn is_collectable(ty: ValType, types: Types<'_>) -> bool {
    use AbstractHeapType::{Any, Array, Eq, Exn, Extern, Struct};
    match ty.storage().heap() {
        // The other side of `any.convert_extern` is an `externref`.
        Some(HeapType::Abstract(heap)) => matches!(heap, Any | Eq | Struct | Array | Extern | Exn),
        Some(HeapType::Concrete(index)) => types.fields(index).is_some(),
        None => false,
    }
}

impl Heap<'_> {
    /// Notes what a reference refers to as reached.
    pub(super) fn reach(&mut self, reached: &mut Reached, reference: Ref) {
        let Referent::Object(handle) = Referent::of(reference) else { return };
        let Some(entry) = self.handles.get_mut(handle as usize) else { return };
        let Some(header) = self.words.get_mut(entry.place as usize) else { return };
        if *header & u64::from(MARK) == 0 {
            *header |= u64::from(MARK);
            entry.link = reached.first;
            reached.first = handle;
        }
    }

    /// Reaches all that the objects reach which were reached so far.
    // @need-ids: REQ_GC_003
    pub(super) fn follow(&mut self, reached: &mut Reached) {
        while let Some(entry) = self.handles.get(reached.first as usize) {
            let reference = Referent::Object(reached.first).reference();
            reached.first = entry.link;
            let Some(object) = self.object(reference) else { continue };
            let types = self.types;
            match object.ty {
                ObjectType::Of(ty) => match types.fields(ty) {
                    Some((form::ARRAY, [element])) if is_collectable(*element, types) => {
                        self.follow_elements(reached, &object);
                    }
                    Some((form::ARRAY, _)) => {}
                    Some((_, fields)) => self.follow_fields(reached, &object, fields),
                    None => {}
                },
                ObjectType::Exception(tag) => {
                    let carried = self.carried(tag).unwrap_or_default();
                    self.follow_fields(reached, &object, carried);
                }
            }
        }
    }

    fn follow_fields(&mut self, reached: &mut Reached, object: &Object, fields: &[ValType]) {
        let types = self.types;
        for (ty, field) in Fields::new(fields) {
            if is_collectable(ty, types)
                && let Some([reference, _]) = self.field(object, field, false)
            {
                self.reach(reached, reference as Ref);
            }
        }
    }

    fn follow_elements(&mut self, reached: &mut Reached, object: &Object) {
        for word in 0..object.length.div_ceil(2) {
            let Some(place) = object.body.checked_add(word) else { return };
            let Some(both) = self.words.get(place as usize).map(|both| both.to_le()) else { return };
            // Behind the last one there is a null.
            self.reach(reached, both as Ref);
            self.reach(reached, (both >> 32) as Ref);
        }
    }

    /// Gives back the handles of what was not reached, and slides the rest together.
    // @need-ids: REQ_GC_003
    pub(super) fn slide(&mut self) {
        let Some((used, handles)) = self.state.as_deref().map(|state| (state.used, state.handles)) else { return };
        let (free, handles) = self.sweep(handles);
        let end = self.compact(used);
        let Some(state) = self.state.as_deref_mut() else { return };
        (state.free, state.handles) = (free, handles);
        state.used = end;
        state.threshold = end.saturating_mul(2).max(THRESHOLD_WORDS).min(state.max_words);
        state.collections = state.collections.wrapping_add(1);
    }

    /// Frees handles, the lowest to be used first: that one, and how many are left up to the last that is used. Those that stay are put
    /// in the headers of their objects, and keep what stood there, so that who comes upon an object finds its handle.
    fn sweep(&mut self, handles: u32) -> (u32, u32) {
        let (mut free, mut left) = (NONE, 0);
        for handle in (0..handles.min(HANDLES_MAX)).rev() {
            let Some(entry) = self.handles.get_mut(handle as usize) else { continue };
            match self.words.get_mut(entry.place as usize) {
                Some(header) if *header & u64::from(MARK) != 0 => {
                    left = left.max(handle.wrapping_add(1));
                    entry.link = *header as u32 & !MARK;
                    *header = *header >> 32 << 32 | u64::from(handle | MARK);
                }
                // Behind the last one they are as if they had never been used.
                _ if left == 0 => *entry = Handle::NONE,
                _ => {
                    *entry = Handle { place: FREE, link: free };
                    free = handle;
                }
            }
        }
        (free, left)
    }

    /// Moves objects down over those that were not reached; where the last one ends.
    fn compact(&mut self, used: u32) -> u32 {
        let (mut from, mut to) = (0_u32, 0_u32);
        while from < used {
            let Some(header) = self.words.get(from as usize).copied() else { break };
            let (low, length) = (header as u32, (header >> 32) as u32);
            let entry = if low & MARK == 0 { None } else { self.handles.get_mut((low & !MARK) as usize) };
            let word = entry.as_ref().map_or(low, |entry| entry.link);
            let ty = ObjectType::of_word(word);
            if let Some(entry) = entry {
                *entry = Handle { place: to, link: NONE };
            }
            let Some(words) = self.words_of(ty, length) else { break };
            if low & MARK != 0 {
                if from != to {
                    move_within::<SLOTS, _>(self.words, from as usize, to as usize, words as usize);
                }
                if let Some(header) = self.words.get_mut(to as usize) {
                    *header = *header >> 32 << 32 | u64::from(word);
                }
                to = to.saturating_add(words);
            }
            from = from.saturating_add(words);
        }
        to
    }

    /// The words of an object with this header: at least 1.
    fn words_of(&self, ty: ObjectType, length: u32) -> Option<u32> {
        let body = match ty {
            ObjectType::Of(ty) => match self.types.fields(ty)? {
                (form::ARRAY, [element]) => super::layout::array_words(Packed::of(*element), length),
                _ => length.into(),
            },
            ObjectType::Exception(_) => length.into(),
        };
        u32::try_from(body.saturating_add(1)).ok()
    }

    /// Lets the next allocation of so many words through, if the heap may become that large; whether it may.
    pub(crate) fn admit(&mut self, words: u64) -> bool {
        let Some(state) = self.state.as_deref_mut() else { return false };
        let wanted = u64::from(state.used).saturating_add(words);
        if wanted > state.max_words.into() || (state.free == NONE && state.handles >= state.max_handles) {
            return false;
        }
        state.threshold = state.threshold.max(wanted as u32);
        true
    }
}
