//! The heap of a store over slices, beside what it is used with, and what a collection looks at.

use super::{ELEMENTS, FixedStore, instance_of};
use crate::heap::roots::{Code, RefMaps, Roots, RootsAt, collect};
use crate::heap::{Handle, Heap, HeapState, is_collectable};
use crate::image::format::{NONE, flag, kind};
use crate::instantiate::Space;
use crate::moves::fill;
use crate::table::{NULL, Ref};
use crate::typing::Types;
use wrt_instructions::Part;
use wrt_safety::Limits;

/// What there is only where objects are collected; elsewhere none.
pub(super) type Collected<T> = [T; if Part::Gc.is_built() { 1 } else { 0 }];

/// What a heap lies in.
#[derive(Debug, Default)]
pub(super) struct HeapRoom<'a> {
    pub(super) state: HeapState,
    pub(super) objects: &'a mut [u64],
    pub(super) handles: &'a mut [Handle],
}

impl<'a> HeapRoom<'a> {
    /// An empty heap, where there is one.
    pub(super) fn new(limits: &Limits, objects: &'a mut [u64], handles: &'a mut [Handle]) -> Collected<Self> {
        let mut all = Collected::<Self>::default();
        if let Some(room) = all.first_mut() {
            // The storage may have been another store's: a handle of its would be looked up as one of this store.
            fill(handles, Handle::NONE);
            *room = Self { state: HeapState::within(limits, objects.len(), handles.len()), objects, handles };
        }
        all
    }
}

/// A view of the heap beside other parts of the store; none where nothing is collected.
macro_rules! heap {
    ($store:expr) => {
        $store.heap.first_mut().map(|heap| Heap {
            state: Some(&mut heap.state),
            words: heap.objects,
            handles: heap.handles,
            types: Types { records: $store.types.as_slice(), val_types: $store.val_types.as_slice() },
            tags: $store.tags.as_slice(),
        })
    };
}
pub(super) use heap;

impl FixedStore<'_> {
    /// As [`Storage::ref_maps`](crate::Storage::ref_maps).
    pub(super) fn maps_of(&self, instance: u32, code: Code) -> RefMaps<'_> {
        self.image(instance).map_or_else(RefMaps::default, |image| image.ref_maps(code))
    }

    /// As [`Storage::heap_and_data`](crate::Storage::heap_and_data).
    pub(super) fn heap_beside_data(&mut self, instance: u32, segment: u32) -> Option<(Heap<'_>, &[u8])> {
        let this = self.instance_at(instance).filter(|_| Part::Gc.is_built())?;
        let image = &this.loaded?.image;
        let record = image.data.get(segment as usize)?;
        let bytes = if this.is_dropped(segment) { &[] } else { image.bytes(record.bytes) };
        Some((heap!(self)?, bytes))
    }

    /// As [`Storage::heap_and_elements`](crate::Storage::heap_and_elements).
    pub(super) fn heap_beside_elements(&mut self, instance: u32, segment: u32) -> Option<(Heap<'_>, &[Ref])> {
        let this = instance_of(self.instances, instance, self.instance_count).filter(|_| Part::Gc.is_built())?;
        let length = this.loaded?.image.elements.get(segment as usize)?.length.get();
        Some((heap!(self)?, this.segment(segment, length)?))
    }

    /// As [`Storage::roots`](crate::Storage::roots).
    // @need-ids: REQ_GC_003
    pub(super) fn next_roots(&mut self, at: &mut RootsAt) -> Option<(Heap<'_>, Roots<'_>)> {
        if !Part::Gc.is_built() {
            return None;
        }
        let types = Types { records: self.types.as_slice(), val_types: self.val_types.as_slice() };
        loop {
            let found: &[Ref] = match at.next() {
                (0, 0) => {
                    let globals = Roots::Globals(self.globals.as_slice(), self.global_types);
                    return Some((heap!(self)?, globals));
                }
                (1, index) if index < self.table_count => {
                    let room = self.tables.get(index as usize)?;
                    let elements = room.elements.get(..room.state.size as usize)?;
                    let refers = room.ty.first().is_some_and(|ty| is_collectable(ty.element, types));
                    if refers { elements } else { &[] }
                }
                (group @ 2.., index) => {
                    let this = instance_of(self.instances, group.wrapping_sub(2), self.instance_count)?;
                    let image = &this.loaded?.image;
                    let Some(record) = image.elements.get(index as usize) else {
                        at.next_group();
                        continue;
                    };
                    let elements = this.segment(index, record.length.get())?;
                    if is_collectable(record.ty, image.all_types()) { elements } else { &[] }
                }
                _ => {
                    at.next_group();
                    continue;
                }
            };
            return Some((heap!(self)?, Roots::Refs(found)));
        }
    }

    /// Collects what an instance that is to be restarted reached alone. No call may be in progress that still needs an object.
    // @need-ids: REQ_RESTART_001, REQ_GC_003
    pub(super) fn let_go(&mut self, instance: u32) -> Option<()> {
        let image = self.image(instance)?;
        let this = instance_of(self.instances, instance, self.instance_count)?;
        let base = this.global_base as usize;
        let globals = image.globals.iter().filter(|global| global.flags.get() & flag::IMPORTED == 0);
        for global in globals.filter(|global| global.ty.is_reference()) {
            *self.globals.as_mut_slice().get_mut(base.checked_add(global.slot.get() as usize)?)? = 0;
        }
        for addr in this.list(Space::Table as usize).iter().skip(image.imported(kind::TABLE) as usize) {
            let room = self.tables.get_mut(*addr as usize)?;
            fill(room.elements.get_mut(..room.state.size as usize)?, NULL);
        }
        fill(self.instance_at_mut(instance)?.list_mut(ELEMENTS), NONE);
        collect(self, None)
    }
}
