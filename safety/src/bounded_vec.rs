//! [`BoundedVec`]: a vector over the caller's slice.

use core::{mem, slice};

use crate::error::{CapacityError, IntegrityError};

/// A vector whose storage is a slice of the caller's: it never allocates and never grows beyond that slice.
///
/// Lengths, indices and capacities count elements. Elements that were removed stay in the storage as dead values.
// @need-ids: REQ_RESOURCE_002, REQ_ERROR_001
#[derive(Debug)]
pub struct BoundedVec<'a, T> {
    storage: &'a mut [T],
    len: usize,
    peak: usize,
}

impl<'a, T: Copy> BoundedVec<'a, T> {
    /// An empty vector that can hold as many elements as `storage` has. Never panics.
    pub const fn new(storage: &'a mut [T]) -> Self {
        Self { storage, len: 0, peak: 0 }
    }

    /// A full vector: every element of `storage` is live. Never panics.
    pub const fn from_full(storage: &'a mut [T]) -> Self {
        let len = storage.len();
        Self { storage, len, peak: len }
    }

    /// Rebuilds the view of a vector that was taken apart: the first `len` elements of `storage` are live.
    ///
    /// [`peak`](Self::peak) starts again at `len`; whoever wants it across views keeps the maximum. Never panics.
    ///
    /// # Errors
    ///
    /// [`IntegrityError::Length`] if `len` is greater than `storage.len()`.
    // @need-ids: REQ_VERIFY_003
    pub const fn with_len(storage: &'a mut [T], len: usize) -> Result<Self, IntegrityError> {
        let capacity = storage.len();
        if len > capacity {
            return Err(IntegrityError::Length { len, capacity });
        }
        Ok(Self { storage, len, peak: len })
    }

    /// Adds `value` at the end. Never panics.
    ///
    /// # Errors
    ///
    /// [`CapacityError`] if the vector is full; it is then unchanged.
    // @need-ids: REQ_RESOURCE_002, REQ_ERROR_001
    pub fn push(&mut self, value: T) -> Result<(), CapacityError> {
        let capacity = self.storage.len();
        let slot = self.storage.get_mut(self.len).ok_or(CapacityError { capacity })?;
        *slot = value;
        self.set_len(self.len.saturating_add(1));
        Ok(())
    }

    /// Adds all of `values` at the end, in order, or none of them. Never panics.
    ///
    /// # Errors
    ///
    /// [`CapacityError`] if not all of them fit; the vector is then unchanged.
    // @need-ids: REQ_RESOURCE_002, REQ_ERROR_001, REQ_PERF_002
    pub fn extend_from_slice(&mut self, values: &[T]) -> Result<(), CapacityError> {
        let capacity = self.storage.len();
        let end = self.len.saturating_add(values.len());
        let slots = self.storage.get_mut(self.len..end).ok_or(CapacityError { capacity })?;
        copy(slots, values);
        self.set_len(end);
        Ok(())
    }

    /// Adds `count` times `value` at the end. Never panics.
    ///
    /// # Errors
    ///
    /// [`CapacityError`] if not all of them fit; the vector is then unchanged.
    // @need-ids: REQ_RESOURCE_002, REQ_ERROR_001, REQ_PERF_002
    pub fn extend(&mut self, count: usize, value: T) -> Result<(), CapacityError> {
        let capacity = self.storage.len();
        let end = self.len.saturating_add(count);
        self.storage.get_mut(self.len..end).ok_or(CapacityError { capacity })?.fill(value);
        self.set_len(end);
        Ok(())
    }

    /// Takes the last element away; `None` if the vector is empty. Never panics.
    pub fn pop(&mut self) -> Option<T> {
        let last = self.len.checked_sub(1)?;
        let value = *self.storage.get(last)?;
        self.len = last;
        Some(value)
    }

    /// Keeps the first `len` elements; does nothing if there are no more than that. Never panics.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Removes all elements; the high-water mark stays. Never panics.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// The element at `index`; `None` if there is none. Never panics.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.as_slice().get(index)
    }

    /// The element at `index`, to be changed; `None` if there is none. Never panics.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.as_mut_slice().get_mut(index)
    }

    /// The last element; `None` if the vector is empty. Never panics.
    pub fn last(&self) -> Option<&T> {
        self.as_slice().last()
    }

    /// The last element, to be changed; `None` if the vector is empty. Never panics.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        self.as_mut_slice().last_mut()
    }

    /// The live elements in order; none if the length is damaged. Never panics.
    pub fn as_slice(&self) -> &[T] {
        self.storage.get(..self.len).unwrap_or_default()
    }

    /// The live elements in order, to be changed; none if the length is damaged. Never panics.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        self.storage.get_mut(..self.len).unwrap_or_default()
    }

    /// The live elements in order. Never panics.
    pub fn iter(&self) -> slice::Iter<'_, T> {
        self.as_slice().iter()
    }

    /// Elements held. Never panics.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no elements. Never panics.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Elements there is room for in all. Never panics.
    pub const fn capacity(&self) -> usize {
        self.storage.len()
    }

    /// Whether nothing more can be added. Never panics.
    pub const fn is_full(&self) -> bool {
        self.len >= self.storage.len()
    }

    /// High-water mark: the most elements held at once since this view was made. Never panics.
    pub const fn peak(&self) -> usize {
        self.peak
    }

    /// Checks the structure: length within the capacity, high-water mark between the two. Never panics.
    ///
    /// # Errors
    ///
    /// [`IntegrityError::Length`] or [`IntegrityError::Peak`].
    // @need-ids: REQ_VERIFY_002
    pub const fn validate(&self) -> Result<(), IntegrityError> {
        check_counts(self.len, self.peak, self.storage.len())
    }

    /// Inserts before the element at `index`, or at the end if there is none; the later ones move up.
    pub(crate) fn insert(&mut self, index: usize, value: T) -> Result<(), CapacityError> {
        if self.is_full() {
            let capacity = self.capacity();
            return Err(CapacityError { capacity });
        }
        let mut carried = value;
        for slot in self.as_mut_slice().iter_mut().skip(index) {
            mem::swap(slot, &mut carried);
        }
        self.push(carried)
    }

    /// Removes the element at `index`; the later ones move down.
    pub(crate) fn remove(&mut self, index: usize) -> Option<T> {
        self.get(index)?;
        let mut carried = self.pop()?;
        for slot in self.as_mut_slice().iter_mut().skip(index).rev() {
            mem::swap(slot, &mut carried);
        }
        Some(carried)
    }

    fn set_len(&mut self, len: usize) {
        self.len = len;
        self.peak = self.peak.max(len);
    }
}

impl<'s, T: Copy> IntoIterator for &'s BoundedVec<'_, T> {
    type Item = &'s T;
    type IntoIter = slice::Iter<'s, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The invariant of every collection here: `len <= peak <= capacity`.
// @need-ids: REQ_VERIFY_002
pub(crate) const fn check_counts(len: usize, peak: usize, capacity: usize) -> Result<(), IntegrityError> {
    if len > capacity {
        return Err(IntegrityError::Length { len, capacity });
    }
    if peak < len || peak > capacity {
        return Err(IntegrityError::Peak { peak, len, capacity });
    }
    Ok(())
}

/// Copies as far as the shorter slice reaches: unlike `copy_from_slice` it has no panic path.
pub(crate) fn copy<T: Copy>(to: &mut [T], from: &[T]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::vec::Vec;

    // @need-ids: REQ_RESOURCE_002, REQ_ERROR_001, REQ_PERF_002
    #[test]
    fn a_full_vector_refuses_and_stays_as_it_was() {
        let mut storage = [0; 2];
        let mut v = BoundedVec::new(&mut storage);
        assert_eq!(v.push(1), Ok(()));
        assert_eq!(v.extend_from_slice(&[2, 3]), Err(CapacityError { capacity: 2 }));
        assert_eq!(v.as_slice(), [1]);
        assert_eq!(v.push(2), Ok(()));
        assert!(v.is_full());
        assert_eq!(v.push(3), Err(CapacityError { capacity: 2 }));
        assert_eq!(v.insert(0, 3), Err(CapacityError { capacity: 2 }));
        assert_eq!(v.as_slice(), [1, 2]);
        assert_eq!(v.extend_from_slice(&[]), Ok(()));
    }

    // @need-ids: REQ_RESOURCE_002
    #[test]
    fn a_vector_without_storage_is_both_empty_and_full() {
        let mut v = BoundedVec::<u8>::new(&mut []);
        assert!(v.is_empty() && v.is_full());
        assert_eq!(v.pop(), None);
        assert_eq!(v.push(1), Err(CapacityError { capacity: 0 }));
        assert_eq!(v.validate(), Ok(()));
    }

    // @need-ids: REQ_VERIFY_003
    #[test]
    fn a_view_is_rebuilt_only_from_a_possible_length() {
        let mut storage = [7, 8, 9];
        let v = BoundedVec::with_len(&mut storage, 2).unwrap();
        assert_eq!((v.as_slice(), v.peak()), ([7, 8].as_slice(), 2));
        assert_eq!(BoundedVec::with_len(&mut storage, 4).unwrap_err(), IntegrityError::Length { len: 4, capacity: 3 });
        let full = BoundedVec::from_full(&mut storage);
        assert!(full.is_full());
        assert_eq!((full.as_slice(), full.peak()), ([7, 8, 9].as_slice(), 3));
        assert_eq!(full.validate(), Ok(()));
    }

    // @need-ids: REQ_VERIFY_002
    #[test]
    fn validate_names_what_is_damaged() {
        let mut storage = [1, 2, 3];
        let mut v = BoundedVec::from_full(&mut storage);
        let capacity = 3;
        for (len, peak, error) in [
            (4, 4, IntegrityError::Length { len: 4, capacity }),
            (usize::MAX, 3, IntegrityError::Length { len: usize::MAX, capacity }),
            (2, 1, IntegrityError::Peak { peak: 1, len: 2, capacity }),
            (2, 4, IntegrityError::Peak { peak: 4, len: 2, capacity }),
        ] {
            v.len = len;
            v.peak = peak;
            assert_eq!(v.validate(), Err(error));
        }
    }

    // @need-ids: REQ_RESOURCE_002
    #[test]
    fn a_damaged_length_neither_panics_nor_reaches_outside() {
        let mut storage = [1, 2, 3];
        let mut v = BoundedVec::from_full(&mut storage);
        for len in [4, usize::MAX] {
            v.len = len;
            assert_eq!(v.pop(), None);
            assert!(v.push(1).is_err());
            assert!(v.extend_from_slice(&[1]).is_err());
            assert!(v.insert(0, 1).is_err());
            assert_eq!(v.remove(0), None);
            assert_eq!((v.get(0), v.last()), (None, None));
            assert_eq!(v.get_mut(0), None);
            assert_eq!(v.last_mut(), None);
            assert_eq!(v.iter().count(), 0);
        }
        v.truncate(2);
        assert_eq!(v.as_slice(), [1, 2]);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Push(u8),
        Extend(Vec<u8>),
        Pop,
        Truncate(usize),
        Clear,
        Insert(usize, u8),
        Remove(usize),
        SetLast(u8),
        Set(usize, u8),
        Rebuild,
    }

    /// An interpreter of the compiler's own code (Miri) takes a thousand times as long: there, as many as fill the storage twice.
    const STEPS: usize = if cfg!(miri) { 20 } else { 60 };

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => any::<u8>().prop_map(Step::Push),
            2 => vec(any::<u8>(), 0..4).prop_map(Step::Extend),
            2 => Just(Step::Pop),
            1 => (0..12_usize).prop_map(Step::Truncate),
            1 => Just(Step::Clear),
            2 => (0..12_usize, any::<u8>()).prop_map(|(i, x)| Step::Insert(i, x)),
            2 => (0..12_usize).prop_map(Step::Remove),
            1 => any::<u8>().prop_map(Step::SetLast),
            1 => (0..12_usize, any::<u8>()).prop_map(|(i, x)| Step::Set(i, x)),
            1 => Just(Step::Rebuild),
        ]
    }

    /// Does `step` to both; `Err` of either means it must not have changed anything.
    fn apply(v: &mut BoundedVec<'_, u8>, model: &mut Vec<u8>, step: Step) -> bool {
        let room = v.capacity() - model.len();
        match step {
            Step::Push(x) => {
                if room > 0 {
                    model.push(x);
                }
                v.push(x).is_ok() == (room > 0)
            }
            Step::Extend(xs) => {
                let fits = xs.len() <= room;
                if fits {
                    model.extend_from_slice(&xs);
                }
                v.extend_from_slice(&xs).is_ok() == fits
            }
            Step::Pop => v.pop() == model.pop(),
            Step::Truncate(len) => {
                model.truncate(len);
                v.truncate(len);
                true
            }
            Step::Clear => {
                model.clear();
                v.clear();
                true
            }
            Step::Insert(i, x) => {
                if room > 0 {
                    model.insert(i.min(model.len()), x);
                }
                v.insert(i, x).is_ok() == (room > 0)
            }
            Step::Remove(i) => {
                let expected = (i < model.len()).then(|| model.remove(i));
                v.remove(i) == expected
            }
            Step::SetLast(x) => {
                let old = model.last_mut().map(|last| mem::replace(last, x));
                v.last_mut().map(|last| mem::replace(last, x)) == old
            }
            Step::Set(i, x) => {
                let old = model.get_mut(i).map(|slot| mem::replace(slot, x));
                v.get_mut(i).map(|slot| mem::replace(slot, x)) == old
            }
            Step::Rebuild => true,
        }
    }

    proptest! {
        // @need-ids: REQ_RESOURCE_002, REQ_ERROR_001, REQ_VERIFY_002
        #[test]
        fn behaves_as_a_vec_with_a_bound(capacity in 0..10_usize, steps in vec(step(), 0..STEPS)) {
            let mut storage = [0; 10];
            let storage = &mut storage[..capacity];
            let mut model = Vec::new();
            let mut peak = 0;
            let mut v = BoundedVec::new(storage);
            for step in steps {
                if let Step::Rebuild = step {
                    let len = v.len();
                    v = BoundedVec::with_len(v.storage, len).unwrap();
                    peak = len;
                }
                prop_assert!(apply(&mut v, &mut model, step));
                peak = peak.max(model.len());
                prop_assert_eq!(v.as_slice(), model.as_slice());
                prop_assert!(v.into_iter().eq(&model));
                prop_assert_eq!(v.last(), model.last());
                prop_assert_eq!(v.get(3), model.get(3));
                prop_assert_eq!(v.is_empty(), model.is_empty());
                prop_assert_eq!(v.is_full(), model.len() == capacity);
                prop_assert_eq!(v.peak(), peak);
                prop_assert_eq!(v.validate(), Ok(()));
            }
        }
    }
}
