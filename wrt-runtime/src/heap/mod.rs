//! The heap of a store: structures, arrays and exceptions (core 4.2.15 to 4.2.17), and how they are collected.
//!
//! Objects lie in an *arena* of words, one behind the other: a header of one word, then fields, packed ([`layout`]). References are
//! handles ([`mod@reference`]): numbers of entries in a table that says where each object lies, so that none has to be rewritten when
//! objects move. Arena and table are the caller's storage, within [`Limits`].
//!
//! A collection (`collect`) marks what the [`roots`] reach, without recursion: objects that are still to be looked at are a
//! list through the table. Then it slides what is left together. When it happens is decided by [`HeapState`] alone, so that it happens
//! at the same allocations whatever the storage is, on every engine.

// @need-ids: REQ_GC_002

mod access;
mod cast;
mod collect;
pub mod layout;
pub mod operators;
pub mod reference;
pub mod roots;

use crate::image::format::{ValType, form};
use crate::table::Ref;
use crate::typing::Types;
use core::fmt;
use layout::Fields;
use reference::{HANDLES_MAX, Referent};
use wrt_instructions::Part;
use wrt_safety::Limits;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

pub use access::{Value, array_trap};
pub use cast::matches;
pub use collect::is_collectable;

/// An entry of the table of handles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Handle {
    /// Where its object's header is in the arena; [`FREE`] where it has none.
    place: u32,
    /// The next free handle, or [`NONE`]. During a collection, the next object to be looked at, or what the header has lent.
    link: u32,
}

impl Handle {
    /// Of no object.
    pub const NONE: Self = Self { place: FREE, link: NONE };
}

/// In place of an object's place.
const FREE: u32 = u32::MAX;
/// In place of a handle.
const NONE: u32 = u32::MAX;

/// In the lower half of a header: the object was reached.
const MARK: u32 = 1 << 31;
/// In the lower half of a header: it is an exception, and the rest is its tag's address.
const EXCEPTION: u32 = 1 << 30;

/// The least that is allocated between two collections of a heap that may become that large, in words: a mebibyte, so that hosts do
/// not collect small heaps all the time.
pub const THRESHOLD_WORDS: u32 = 1 << 17;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectType {
    /// A structure or an array of this type of the store.
    Of(u32),
    /// An exception with the tag at this address.
    Exception(u32),
}

impl ObjectType {
    #[inline(always)]
    const fn word(self) -> u32 {
        match self {
            Self::Of(ty) => ty & (EXCEPTION - 1),
            Self::Exception(tag) => tag & (EXCEPTION - 1) | EXCEPTION,
        }
    }

    #[inline(always)]
    const fn of_word(word: u32) -> Self {
        let number = word & (EXCEPTION - 1);
        if word & EXCEPTION == 0 { Self::Of(number) } else { Self::Exception(number) }
    }
}

/// The part of a heap that is plain data, besides its arena and its handles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapState {
    /// Words in use, from the arena's start.
    pub used: u32,
    /// With more than so many in use, an allocation collects first.
    pub threshold: u32,
    /// The most words that there may be.
    pub max_words: u32,
    /// Handles, up to the last in use.
    pub handles: u32,
    /// The first of the free ones among them, or [`u32::MAX`].
    free: u32,
    /// The most handles that there may be.
    pub max_handles: u32,
    /// Collections so far.
    pub collections: u32,
}

impl HeapState {
    /// An empty heap of at most so many words and handles.
    pub const fn new(max_words: u32, max_handles: u32) -> Self {
        let threshold = if max_words < THRESHOLD_WORDS { max_words } else { THRESHOLD_WORDS };
        Self { used: 0, threshold, max_words, handles: 0, free: NONE, max_handles, collections: 0 }
    }

    /// An empty heap within the limits `max-gc-bytes` and `max-gc-objects`, and within so many words and handles of storage.
    pub fn within(limits: &Limits, words: usize, handles: usize) -> Self {
        let most = |limit: u64, room: usize, most: u32| limit.min(room as u64).min(most.into()) as u32;
        Self::new(
            most(limits.max_gc_bytes / 8, words, FREE - 1),
            most(limits.max_gc_objects.into(), handles, HANDLES_MAX),
        )
    }
}

/// Why an object was not allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The heap's rule wants a collection first.
    Collect,
    /// There is too little storage, within the heap's limits: so many words and handles are wanted in all.
    Storage(Wanted),
}

/// How much storage a heap wants in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Wanted {
    /// Words of the arena.
    pub words: u32,
    /// Handles.
    pub handles: u32,
}

/// A store's heap: a view over storage that its caller owns, with what says how to read it.
///
/// References that refer to nothing are treated like null everywhere: only damaged code has them.
#[derive(Debug, Default)]
pub struct Heap<'a> {
    /// `None` of a heap that has no room for any object.
    pub state: Option<&'a mut HeapState>,
    /// The arena.
    pub words: &'a mut [u64],
    /// The table of handles.
    pub handles: &'a mut [Handle],
    /// All types of the store.
    pub types: Types<'a>,
    /// The number of each tag's type, by address.
    pub tags: &'a [u32],
}

/// The heap as running code has it: a build without objects has none.
pub type HeapPart<'a> = [Heap<'a>; HEAPS];

/// Where that is: a heap is too large to be copied for each stretch of running code.
#[cfg(not(feature = "compact"))]
pub(crate) type HeapAtHand<'a> = [&'a mut Heap<'a>; HEAPS];

const HEAPS: usize = if Part::Gc.is_built() { 1 } else { 0 };

/// A heap as running code has it.
pub fn heap_part(heap: Heap<'_>) -> HeapPart<'_> {
    let mut part = HeapPart::default();
    if let Some(place) = part.first_mut() {
        *place = heap;
    }
    part
}

/// An object, found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    /// What it is.
    pub ty: ObjectType,
    /// Elements of an array; words of the fields of anything else.
    pub length: u32,
    /// Where its fields begin in the arena.
    body: u32,
}

impl<'a> Heap<'a> {
    /// The object that a reference refers to; `None` where it refers to none.
    // @need-ids: REQ_GC_001, REQ_018
    #[inline(always)]
    pub fn object(&self, reference: Ref) -> Option<Object> {
        // One comparison tells it from null, integers and values of the host: as handles all of these would be greater.
        let handle = reference.wrapping_sub(1);
        if handle >= HANDLES_MAX {
            return None;
        }
        let place = self.handles.get(handle as usize)?.place;
        let header = *self.words.get(place as usize)?;
        Some(Object {
            ty: ObjectType::of_word(header as u32 & !MARK),
            length: (header >> 32) as u32,
            body: place.wrapping_add(1),
        })
    }

    /// The type of the structure or array that a reference refers to, of a heap that lies there.
    pub fn type_in(words: &[u64], handles: &[Handle], reference: Ref) -> Option<u32> {
        let Referent::Object(handle) = Referent::of(reference) else { return None };
        let header = *words.get(handles.get(handle as usize)?.place as usize)?;
        match ObjectType::of_word(header as u32 & !MARK) {
            ObjectType::Of(ty) => Some(ty),
            ObjectType::Exception(_) => None,
        }
    }

    /// The words of an object of this type and length, its header included; `None` where there is no such type.
    pub fn object_words(&self, ty: ObjectType, length: u32) -> Option<u64> {
        match ty {
            ObjectType::Of(ty) => layout::object_words(self.types, ty, length),
            ObjectType::Exception(tag) => Some(u64::from(Fields::new(self.carried(tag)?).words()).saturating_add(1)),
        }
    }

    /// What exceptions with the tag at an address carry.
    pub fn carried(&self, tag: u32) -> Option<&'a [ValType]> {
        self.types.func(*self.tags.get(tag as usize)?).map(|(params, _)| params)
    }

    /// Adds an object of `words` words, as [`object_words`](Self::object_words) gives them, whose fields are zero: an array of
    /// `length` elements, or anything else.
    ///
    /// # Errors
    /// [`Full`], with nothing added.
    // @need-ids: REQ_GC_002, REQ_RESOURCE_001
    pub fn allocate(&mut self, ty: ObjectType, length: u32, words: u64) -> Result<Ref, Full> {
        let Some(state) = self.state.as_deref_mut() else { return Err(Full::Collect) };
        let wanted = u64::from(state.used).saturating_add(words);
        if wanted > state.threshold.into() || (state.free == NONE && state.handles >= state.max_handles) {
            return Err(Full::Collect);
        }
        let (start, end) = (state.used as usize, wanted as usize);
        let (handle, handles) = match state.free {
            NONE => (state.handles, state.handles.saturating_add(1)),
            free => (free, state.handles),
        };
        let (Some(body), Some(entry)) = (self.words.get_mut(start..end), self.handles.get_mut(handle as usize)) else {
            return Err(Full::Storage(Wanted { words: wanted as u32, handles }));
        };
        let Some((header, fields)) = body.split_first_mut() else { return Err(Full::Collect) };
        let length = if is_array(self.types, ty) { length } else { fields.len() as u32 };
        *header = u64::from(ty.word()) | u64::from(length) << 32;
        crate::moves::fill(fields, 0);
        if state.free != NONE {
            state.free = entry.link;
        }
        *entry = Handle { place: state.used, link: NONE };
        state.handles = handles;
        state.used = wanted as u32;
        Ok(Referent::Object(handle).reference())
    }
}

fn is_array(types: Types<'_>, ty: ObjectType) -> bool {
    match ty {
        ObjectType::Of(ty) => matches!(types.fields(ty), Some((form::ARRAY, _))),
        ObjectType::Exception(_) => false,
    }
}

// @need-ids: REQ_ERROR_003
impl fmt::Display for ObjectType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(ty) => write!(f, "type {ty}"),
            Self::Exception(tag) => write!(f, "exception with tag {tag}"),
        }
    }
}
