//! Tables over the caller's storage.

// @need-ids: REQ_018

use crate::memory::Growth;
use wrt_instructions::Trap;
use wrt_instructions::memory_ops::in_bounds;

/// A reference as slots and tables hold it: 0 is null, any other number a handle one above an address.
///
/// A function's handle is its address in the store plus 1; an external reference's, its index in the host's table plus 1.
pub type Ref = u32;

/// The null reference of every type.
pub const NULL: Ref = 0;

/// The part of a table that is plain data: everything but its elements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableState {
    /// Number of elements.
    pub size: u32,
    /// The most elements it may have: the lower of its type's maximum and the limits'.
    pub max: u32,
    /// Whether its indices have 64 bits.
    pub index64: bool,
}

/// A table: a view over storage that its caller owns (core 4.2.8, "table instances").
// @need-ids: REQ_018, REQ_RESOURCE_002
#[derive(Debug)]
pub struct Table<'a> {
    storage: &'a mut [Ref],
    state: &'a mut TableState,
}

impl<'a> Table<'a> {
    /// A view of the table described by `state`; `None` where the storage is shorter than its size.
    pub fn new(storage: &'a mut [Ref], state: &'a mut TableState) -> Option<Self> {
        if storage.len() < state.size as usize {
            return None;
        }
        Some(Self { storage, state })
    }

    /// Number of elements.
    pub fn size(&self) -> u32 {
        self.state.size
    }

    /// Whether its indices have 64 bits.
    pub fn index64(&self) -> bool {
        self.state.index64
    }

    /// All elements.
    pub fn elements(&self) -> &[Ref] {
        self.storage.get(..self.state.size as usize).unwrap_or_default()
    }

    /// All elements, to change.
    pub fn elements_mut(&mut self) -> &mut [Ref] {
        self.storage.get_mut(..self.state.size as usize).unwrap_or_default()
    }

    /// All elements, for as long as the storage is borrowed.
    pub fn into_elements(self) -> &'a mut [Ref] {
        self.storage.get_mut(..self.state.size as usize).unwrap_or_default()
    }

    /// Element `index`.
    ///
    /// # Errors
    /// [`Trap::TableOutOfBounds`] past the end.
    pub fn get(&self, index: u64) -> Result<Ref, Trap> {
        let at = usize::try_from(index).map_err(|_| Trap::TableOutOfBounds)?;
        self.elements().get(at).copied().ok_or(Trap::TableOutOfBounds)
    }

    /// Sets element `index`.
    ///
    /// # Errors
    /// [`Trap::TableOutOfBounds`] past the end.
    pub fn set(&mut self, index: u64, value: Ref) -> Result<(), Trap> {
        let at = usize::try_from(index).map_err(|_| Trap::TableOutOfBounds)?;
        *self.elements_mut().get_mut(at).ok_or(Trap::TableOutOfBounds)? = value;
        Ok(())
    }

    /// Whether its type and the limits allow `delta` more elements.
    pub fn can_grow(&self, delta: u64) -> bool {
        u64::from(self.state.size).checked_add(delta).is_some_and(|size| size <= u64::from(self.state.max))
    }

    /// Grows by `delta` elements of `value` (core 4.6.8, `table.grow`).
    // @need-ids: REQ_RESOURCE_001
    pub fn grow(&mut self, delta: u64, value: Ref) -> Growth {
        let old = self.state.size;
        let Some(size) = u64::from(old).checked_add(delta).filter(|size| *size <= u64::from(self.state.max)) else {
            return Growth::Refused;
        };
        let Some(new) = self.storage.get_mut(old as usize..size as usize) else { return Growth::NeedsStorage(size) };
        new.fill(value);
        self.state.size = size as u32;
        Growth::Grown(u64::from(old))
    }

    /// Copies `source[offset..][..length]` to `start` (core 4.6.8, `table.init`).
    ///
    /// # Errors
    /// [`Trap::TableOutOfBounds`], with nothing written, where either range leaves its bounds.
    pub fn init(&mut self, start: u64, source: &[Ref], offset: u64, length: u64) -> Result<(), Trap> {
        if !in_bounds(offset, length, source.len() as u64) || !in_bounds(start, length, u64::from(self.state.size)) {
            return Err(Trap::TableOutOfBounds);
        }
        let from = source.iter().skip(offset as usize).take(length as usize);
        for (to, from) in self.elements_mut().iter_mut().skip(start as usize).zip(from) {
            *to = *from;
        }
        Ok(())
    }
}
