//! [`BoundedMap`]: a map of sorted entries in the caller's slice.

use core::{mem, slice};

use crate::bounded_vec::BoundedVec;
use crate::error::{CapacityError, IntegrityError};

/// A map whose storage is a slice of the caller's: it never allocates and never grows beyond that slice.
///
/// Entries are kept sorted by key, so a lookup is a binary search and iteration has one order everywhere; adding
/// and removing move the entries behind. Lengths and capacities count entries. Nothing here panics unless the
/// key's `Ord` does.
// @need-ids: REQ_RESOURCE_002, REQ_ERROR_001
#[derive(Debug)]
pub struct BoundedMap<'a, K, V> {
    entries: BoundedVec<'a, (K, V)>,
}

impl<'a, K: Copy + Ord, V: Copy> BoundedMap<'a, K, V> {
    /// An empty map that can hold as many entries as `storage` has. Never panics.
    pub const fn new(storage: &'a mut [(K, V)]) -> Self {
        Self { entries: BoundedVec::new(storage) }
    }

    /// Rebuilds the view of a map that was taken apart: the first `len` entries of `storage` are live.
    ///
    /// This takes constant time, so the order of the entries is not looked at: [`validate`](Self::validate) does
    /// that when the verification level asks. Entries out of order make lookups miss, nothing worse. The peak
    /// starts again at `len`. Never panics.
    ///
    /// # Errors
    ///
    /// [`IntegrityError::Length`] if `len` is greater than `storage.len()`.
    // @need-ids: REQ_VERIFY_003
    pub const fn with_len(storage: &'a mut [(K, V)], len: usize) -> Result<Self, IntegrityError> {
        match BoundedVec::with_len(storage, len) {
            Ok(entries) => Ok(Self { entries }),
            Err(error) => Err(error),
        }
    }

    /// Sets the value of `key` and returns the one it had. Never panics.
    ///
    /// # Errors
    ///
    /// [`CapacityError`] if the key is new and the map is full; it is then unchanged.
    // @need-ids: REQ_RESOURCE_002, REQ_ERROR_001
    pub fn insert(&mut self, key: K, value: V) -> Result<Option<V>, CapacityError> {
        match self.find(&key) {
            Ok(index) => Ok(self.entries.get_mut(index).map(|entry| mem::replace(&mut entry.1, value))),
            Err(index) => self.entries.insert(index, (key, value)).map(|()| None),
        }
    }

    /// Removes `key` and returns its value; `None` if it was not there. Never panics.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let index = self.find(key).ok()?;
        self.entries.remove(index).map(|(_, value)| value)
    }

    /// The value of `key`; `None` if it is not there. Never panics.
    pub fn get(&self, key: &K) -> Option<&V> {
        let index = self.find(key).ok()?;
        self.entries.get(index).map(|(_, value)| value)
    }

    /// The value of `key`, to be changed; `None` if it is not there. Never panics.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let index = self.find(key).ok()?;
        self.entries.get_mut(index).map(|(_, value)| value)
    }

    /// Removes all entries; the high-water mark stays. Never panics.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The entries in the order of their keys. Never panics.
    pub fn as_slice(&self) -> &[(K, V)] {
        self.entries.as_slice()
    }

    /// The entries in the order of their keys. Never panics.
    pub fn iter(&self) -> slice::Iter<'_, (K, V)> {
        self.entries.iter()
    }

    /// Entries held. Never panics.
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries. Never panics.
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Entries there is room for in all. Never panics.
    pub const fn capacity(&self) -> usize {
        self.entries.capacity()
    }

    /// Whether no new key can be added. Never panics.
    pub const fn is_full(&self) -> bool {
        self.entries.is_full()
    }

    /// High-water mark: the most entries held at once since this view was made. Never panics.
    pub const fn peak(&self) -> usize {
        self.entries.peak()
    }

    /// Checks the structure: the counters, and that the keys strictly increase (linear time). Never panics.
    ///
    /// # Errors
    ///
    /// [`IntegrityError::Length`], [`IntegrityError::Peak`] or [`IntegrityError::Order`].
    // @need-ids: REQ_VERIFY_002
    pub fn validate(&self) -> Result<(), IntegrityError> {
        self.entries.validate()?;
        let mut neighbours = self.iter().zip(self.iter().skip(1));
        match neighbours.position(|(before, after)| before.0 >= after.0) {
            Some(before) => Err(IntegrityError::Order { index: before.saturating_add(1) }),
            None => Ok(()),
        }
    }

    /// Where `key` is, or where it belongs.
    fn find(&self, key: &K) -> Result<usize, usize> {
        self.as_slice().binary_search_by_key(key, |entry| entry.0)
    }
}

impl<'s, K: Copy + Ord, V: Copy> IntoIterator for &'s BoundedMap<'_, K, V> {
    type Item = &'s (K, V);
    type IntoIter = slice::Iter<'s, (K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    // @need-ids: REQ_RESOURCE_002, REQ_ERROR_001
    #[test]
    fn a_full_map_refuses_new_keys_only() {
        let mut storage = [(0, ' '); 2];
        let mut m = BoundedMap::new(&mut storage);
        assert_eq!(m.insert(5, 'a'), Ok(None));
        assert_eq!(m.insert(3, 'b'), Ok(None));
        assert_eq!(m.insert(4, 'c'), Err(CapacityError { capacity: 2 }));
        assert_eq!(m.insert(5, 'd'), Ok(Some('a')));
        assert_eq!(m.as_slice(), [(3, 'b'), (5, 'd')]);
        assert_eq!((m.remove(&3), m.remove(&3)), (Some('b'), None));
    }

    // @need-ids: REQ_VERIFY_003
    #[test]
    fn a_view_is_rebuilt_only_from_a_possible_length() {
        let mut storage = [(1, 'a'), (2, 'b')];
        let m = BoundedMap::with_len(&mut storage, 1).unwrap();
        assert_eq!((m.get(&1), m.get(&2)), (Some(&'a'), None));
        assert_eq!(BoundedMap::with_len(&mut storage, 3).unwrap_err(), IntegrityError::Length { len: 3, capacity: 2 });
    }

    // @need-ids: REQ_VERIFY_002
    #[test]
    fn validate_finds_entries_out_of_order_and_repeated() {
        for (keys, index) in [([2, 1, 3], 1), ([1, 3, 2], 2), ([1, 2, 2], 2)] {
            let mut storage = keys.map(|key| (key, ()));
            let m = BoundedMap::with_len(&mut storage, 3).unwrap();
            assert_eq!(m.validate(), Err(IntegrityError::Order { index }));
        }
        let mut storage = [(2, ()), (1, ())];
        let dead_entries_do_not_count = BoundedMap::with_len(&mut storage, 1).unwrap();
        assert_eq!(dead_entries_do_not_count.validate(), Ok(()));
    }

    proptest! {
        // @need-ids: REQ_RESOURCE_002, REQ_ERROR_001, REQ_VERIFY_002
        #[test]
        fn behaves_as_a_btree_map_with_a_bound(
            capacity in 0..7_usize,
            // What to do (0..5 insert, 5..8 remove, 8 change, 9 clear), to which key, with which value.
            steps in vec((0..10_u8, 0..9_u8, any::<u8>()), 0..80),
        ) {
            let mut storage = [(0, 0); 7];
            let mut model = BTreeMap::new();
            let mut m = BoundedMap::new(&mut storage[..capacity]);
            let mut peak = 0;
            for (step, key, value) in steps {
                match step {
                    0..5 if model.contains_key(&key) || model.len() < capacity => {
                        prop_assert_eq!(m.insert(key, value), Ok(model.insert(key, value)));
                    }
                    0..5 => {
                        prop_assert_eq!(m.insert(key, value), Err(CapacityError { capacity }));
                    }
                    5..8 => prop_assert_eq!(m.remove(&key), model.remove(&key)),
                    8 => {
                        let old = model.get_mut(&key).map(|old| mem::replace(old, value));
                        prop_assert_eq!(m.get_mut(&key).map(|old| mem::replace(old, value)), old);
                    }
                    _ => {
                        m.clear();
                        model.clear();
                    }
                }
                peak = peak.max(model.len());
                prop_assert!(m.into_iter().map(|(k, v)| (k, v)).eq(&model));
                prop_assert_eq!(m.get(&key), model.get(&key));
                prop_assert_eq!((m.len(), m.is_empty()), (model.len(), model.is_empty()));
                prop_assert_eq!((m.is_full(), m.capacity()), (model.len() == capacity, capacity));
                prop_assert_eq!(m.peak(), peak);
                prop_assert_eq!(m.validate(), Ok(()));
            }
        }
    }
}
