//! References to objects and exceptions that the host holds, and what it can do with them.
//!
//! The collector keeps what the host holds: each reference that becomes a value of the host is put on a list of its store. What a host
//! function was given or got is taken off when it returns; what was got outside of one stays until the [`RootScope`] around
//! it ends, or the store's references are released. A reference that was taken off is refused, never misread.

// @need-ids: REQ_GC_005

use crate::error::{Error, UsageError};
use crate::externs::{ExternRef, Tag};
use crate::store::{AsContext, AsContextMut, Core, Handle, StoreContext, StoreContextMut};
use crate::types::{HeapType, ValType};
use crate::value::Val;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use wrt_runtime::heap::layout::{Field, Fields, Packed};
use wrt_runtime::heap::reference::{Referent, i31_get, i31_new};
use wrt_runtime::heap::{Heap, Object, ObjectType, Value};
use wrt_runtime::image::format::{self, form};
use wrt_runtime::table::Ref;

/// What the host of a store holds.
#[derive(Debug, Default)]
pub(crate) struct Held {
    refs: Vec<Ref>,
    /// The number under which each was put there: never 0.
    numbers: Vec<u64>,
    places: BTreeMap<Ref, usize>,
    last: u64,
    /// How often the list was another.
    changes: u64,
}

impl Held {
    /// Those that the collector keeps.
    pub(crate) fn refs(&self) -> &[Ref] {
        &self.refs
    }

    /// Makes the list of a twin, which only its collector reads, like this one.
    pub(crate) fn follow(&mut self, other: &Self) {
        if self.changes != other.changes {
            self.refs.clone_from(&other.refs);
            self.changes = other.changes;
        }
    }

    /// Puts a reference to an object on the list, where it is not there yet; its number.
    fn hold(&mut self, reference: Ref) -> u64 {
        if let Some(number) = self.places.get(&reference).and_then(|place| self.numbers.get(*place)) {
            return *number;
        }
        self.last = self.last.wrapping_add(1);
        self.places.insert(reference, self.refs.len());
        self.changes = self.changes.wrapping_add(1);
        self.refs.push(reference);
        self.numbers.push(self.last);
        self.last
    }

    fn holds(&self, reference: Ref, number: u64) -> bool {
        self.places.get(&reference).and_then(|place| self.numbers.get(*place)) == Some(&number)
    }

    /// How many there are: what is put there later can be taken off.
    pub(crate) const fn mark(&self) -> usize {
        self.refs.len()
    }

    /// Takes off all that were put there since a mark.
    #[inline]
    pub(crate) fn release(&mut self, mark: usize) {
        if mark < self.refs.len() {
            self.release_behind(mark);
        }
    }

    #[cold]
    fn release_behind(&mut self, mark: usize) {
        self.changes = self.changes.wrapping_add(1);
        for reference in self.refs.drain(mark.min(self.refs.len())..) {
            self.places.remove(&reference);
        }
        self.numbers.truncate(self.refs.len());
    }
}

/// A reference as a value of the host has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Rooted {
    /// The reference itself, in its store.
    handle: Handle,
    /// Its number among what the host holds; 0 for what needs not be held.
    number: u64,
}

impl Rooted {
    /// Takes a reference that is not null out of a store.
    pub(crate) fn new(core: &Core, reference: Ref) -> Self {
        let number = match Referent::of(reference) {
            Referent::Object(_) => core.storage.held.lock().hold(reference),
            _ => 0,
        };
        Self { handle: core.id.handle(reference), number }
    }

    /// The reference in the store `core`.
    pub(crate) fn get(self, core: &Core) -> Result<Ref, UsageError> {
        let reference = self.handle.addr(core.id)?;
        if self.number != 0 && !core.storage.held.lock().holds(reference, self.number) {
            return Err(UsageError::ReleasedReference);
        }
        Ok(reference)
    }
}

/// A reference to a structure, an array, an integer of 31 bits, or a value of the host that became an internal one: the same one
/// is equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AnyRef(pub(crate) Rooted);

/// A reference to an exception: the same one is equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExnRef(pub(crate) Rooted);

fn not_there() -> Error {
    UsageError::NoSuchField.into()
}

/// The value of a field or element.
fn value_of(core: &Core, ty: format::ValType, [low, high]: Value) -> Result<Val, Error> {
    let ty = value_type(core, ty)?;
    Ok(Val::from_slots(ty, [low, high], core))
}

/// The type of a field's values.
fn value_type(core: &Core, ty: format::ValType) -> Result<ValType, Error> {
    match ty.storage() {
        format::ValType::I8 | format::ValType::I16 => Ok(ValType::I32),
        ty => ValType::from_record(ty, core.scope()).ok_or_else(|| Error::internal("a field of no type")),
    }
}

/// An object that the host looks at.
struct Found {
    object: Object,
    /// Whether it is an array, and the types of its fields or of its elements.
    array: bool,
    fields: Vec<format::ValType>,
}

impl Found {
    fn new(core: &mut Core, reference: Ref) -> Result<Self, Error> {
        let heap = core.storage.heap_view();
        let object = heap.object(reference).ok_or_else(not_there)?;
        let (kind, fields) = match object.ty {
            ObjectType::Of(ty) => heap.types.fields(ty).ok_or_else(not_there)?,
            ObjectType::Exception(tag) => (form::STRUCT, heap.carried(tag).ok_or_else(not_there)?),
        };
        Ok(Self { object, array: kind == form::ARRAY, fields: fields.to_vec() })
    }

    fn len(&self) -> u32 {
        if self.array { self.object.length } else { u32::try_from(self.fields.len()).unwrap_or(u32::MAX) }
    }

    /// Type and place of a field or element.
    fn at(&self, index: u32) -> Result<(format::ValType, Field), Error> {
        if index >= self.len() {
            return Err(not_there());
        }
        if !self.array {
            let found = Fields::new(&self.fields).nth(index as usize).ok_or_else(not_there)?;
            let ty = *self.fields.get(index as usize).ok_or_else(not_there)?;
            return Ok((ty, found.1));
        }
        let ty = *self.fields.first().ok_or_else(not_there)?;
        Ok((ty, Field { offset: 0, packed: Packed::of(ty) }))
    }

    fn read(&self, heap: &Heap<'_>, reference: Ref, index: u32, field: Field) -> Option<Value> {
        if self.array {
            return heap.array_get(reference, field.packed, index, false).ok();
        }
        heap.field(&self.object, field, false)
    }
}

fn get(core: &mut Core, reference: Ref, index: u32) -> Result<Val, Error> {
    let found = Found::new(core, reference)?;
    let (ty, field) = found.at(index)?;
    let value = found.read(&core.storage.heap_view(), reference, index, field).ok_or_else(not_there)?;
    value_of(core, ty, value)
}

impl AnyRef {
    /// An integer of 31 bits; the highest bit of `value` is lost (core 4.6.10, `ref.i31`).
    pub fn from_i31(store: impl AsContext, value: u32) -> Self {
        Self(Rooted::new(&store.as_context().store.core, i31_new(value)))
    }

    /// The integer that it is, with its sign, if it is one.
    pub fn as_i31(&self, store: impl AsContext) -> Option<i32> {
        let reference = self.0.get(&store.as_context().store.core).ok()?;
        i31_get(reference, true).map(u32::cast_signed)
    }

    /// The least type that it is of.
    ///
    /// # Errors
    /// [`UsageError::ForeignHandle`], [`UsageError::ReleasedReference`].
    pub fn ty(&self, store: impl AsContext) -> Result<HeapType, Error> {
        let core = &store.as_context().store.core;
        Ok(heap_type(core, self.0.get(core)?))
    }

    /// Fields of the structure, or elements of the array, that it refers to; 0 of anything else.
    ///
    /// # Errors
    /// As [`ty`](Self::ty).
    pub fn len(&self, mut store: impl AsContextMut) -> Result<u32, Error> {
        let core = &mut store.as_context_mut().store.core;
        let reference = self.0.get(core)?;
        Ok(Found::new(core, reference).map_or(0, |found| found.len()))
    }

    /// Whether it has no fields or elements.
    ///
    /// # Errors
    /// As [`ty`](Self::ty).
    pub fn is_empty(&self, store: impl AsContextMut) -> Result<bool, Error> {
        Ok(self.len(store)? == 0)
    }

    /// Field `index` of the structure, or element `index` of the array, that it refers to. Packed ones are zero-extended.
    ///
    /// # Errors
    /// [`UsageError::NoSuchField`] where there is none; as [`ty`](Self::ty).
    // @need-ids: REQ_GC_005
    pub fn get(&self, mut store: impl AsContextMut, index: u32) -> Result<Val, Error> {
        let core = &mut store.as_context_mut().store.core;
        let reference = self.0.get(core)?;
        get(core, reference, index)
    }

    /// Sets a field or element.
    ///
    /// # Errors
    /// [`UsageError::ImmutableField`], [`UsageError::Type`] for a value of another type; as [`get`](Self::get).
    // @need-ids: REQ_GC_005, REQ_TYPES_004
    pub fn set(&self, mut store: impl AsContextMut, index: u32, value: Val) -> Result<(), Error> {
        let core = &mut store.as_context_mut().store.core;
        let reference = self.0.get(core)?;
        let found = Found::new(core, reference)?;
        let (ty, field) = found.at(index)?;
        if !ty.is_mutable() {
            return Err(UsageError::ImmutableField.into());
        }
        let value = value.checked_slots(value_type(core, ty)?, None, core)?;
        core.storage.heap.touched = true;
        let mut heap = core.storage.heap_view();
        let done = if found.array {
            heap.array_set(reference, field.packed, index, value).ok()
        } else {
            heap.set_field(&found.object, field, value)
        };
        done.ok_or_else(not_there)
    }

    /// The same as a value of the host's side (core 4.6.10, `extern.convert_any`).
    pub const fn to_extern(self) -> ExternRef {
        ExternRef(self.0)
    }
}

impl ExnRef {
    /// Its tag.
    ///
    /// # Errors
    /// As [`AnyRef::ty`].
    pub fn tag(&self, mut store: impl AsContextMut) -> Result<Tag, Error> {
        let core = &mut store.as_context_mut().store.core;
        let reference = self.0.get(core)?;
        let found = core.storage.heap_view().exception(reference).map_err(|_| not_there())?;
        Ok(Tag(core.id.handle(found.1)))
    }

    /// What it carries at `index`.
    ///
    /// # Errors
    /// [`UsageError::NoSuchField`] where there is nothing; as [`AnyRef::ty`].
    // @need-ids: REQ_GC_005, REQ_EXCEPTIONS_003
    pub fn get(&self, mut store: impl AsContextMut, index: u32) -> Result<Val, Error> {
        let core = &mut store.as_context_mut().store.core;
        let reference = self.0.get(core)?;
        get(core, reference, index)
    }
}

/// The least type of what a reference in a store refers to, if that is an internal value.
pub(crate) fn heap_type(core: &Core, reference: Ref) -> HeapType {
    match Referent::of(reference) {
        Referent::Null => HeapType::None,
        Referent::I31(_) => HeapType::I31,
        Referent::HostValue(_) => HeapType::Any,
        Referent::Object(_) => {
            let number = core.storage.object_type(reference);
            number.and_then(|number| HeapType::concrete(number, core.scope())).unwrap_or(HeapType::Any)
        }
    }
}

/// A stretch of the host's work, at whose end all references are released that it got of a store.
///
/// It is a store like any other: pass it where one is wanted.
#[derive(Debug)]
pub struct RootScope<C: AsContextMut> {
    store: C,
    mark: usize,
}

impl<C: AsContextMut> RootScope<C> {
    /// Begins it.
    pub fn new(mut store: C) -> Self {
        let mark = store.as_context_mut().store.core.storage.held.get_mut().mark();
        Self { store, mark }
    }
}

impl<C: AsContextMut> Drop for RootScope<C> {
    fn drop(&mut self) {
        self.store.as_context_mut().store.core.storage.held.get_mut().release(self.mark);
    }
}

impl<C: AsContextMut> AsContext for RootScope<C> {
    type Data = C::Data;
    fn as_context(&self) -> StoreContext<'_, C::Data> {
        self.store.as_context()
    }
}

impl<C: AsContextMut> AsContextMut for RootScope<C> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        self.store.as_context_mut()
    }
}
