//! [`BoundedQueue`]: a first-in, first-out queue over the caller's slice.

use crate::bounded_vec::check_counts;
use crate::error::{CapacityError, IntegrityError};

/// A ring buffer whose storage is a slice of the caller's: it never allocates and never grows beyond that slice.
///
/// Lengths, indices and capacities count elements. Index 0 is the oldest element, the one that leaves next.
// @need-ids: REQ_RESOURCE_002, REQ_ERROR_001
#[derive(Debug)]
pub struct BoundedQueue<'a, T> {
    storage: &'a mut [T],
    /// Where the oldest element lies in the storage.
    head: usize,
    len: usize,
    peak: usize,
}

impl<'a, T: Copy> BoundedQueue<'a, T> {
    /// An empty queue that can hold as many elements as `storage` has. Never panics.
    pub const fn new(storage: &'a mut [T]) -> Self {
        Self { storage, head: 0, len: 0, peak: 0 }
    }

    /// Rebuilds the view of a queue that was taken apart: [`head`](Self::head) and [`len`](Self::len) as they were.
    ///
    /// [`peak`](Self::peak) starts again at `len`; whoever wants it across views keeps the maximum. Never panics.
    ///
    /// # Errors
    ///
    /// [`IntegrityError::Length`] or [`IntegrityError::Head`] if the parts do not fit `storage`.
    // @need-ids: REQ_VERIFY_003
    pub const fn with_parts(storage: &'a mut [T], head: usize, len: usize) -> Result<Self, IntegrityError> {
        let queue = Self { storage, head, len, peak: len };
        match queue.validate() {
            Ok(()) => Ok(queue),
            Err(error) => Err(error),
        }
    }

    /// Adds `value` behind the newest element. Never panics.
    ///
    /// # Errors
    ///
    /// [`CapacityError`] if the queue is full; it is then unchanged.
    // @need-ids: REQ_RESOURCE_002, REQ_ERROR_001
    pub fn push(&mut self, value: T) -> Result<(), CapacityError> {
        let capacity = self.capacity();
        let full = CapacityError { capacity };
        if self.is_full() {
            return Err(full);
        }
        let position = self.position(self.len);
        *self.storage.get_mut(position).ok_or(full)? = value;
        self.len = self.len.saturating_add(1);
        self.peak = self.peak.max(self.len);
        Ok(())
    }

    /// Takes the oldest element away; `None` if the queue is empty. Never panics.
    pub fn pop(&mut self) -> Option<T> {
        let value = *self.front()?;
        self.head = self.position(1);
        self.len = self.len.saturating_sub(1);
        Some(value)
    }

    /// The oldest element; `None` if the queue is empty. Never panics.
    pub fn front(&self) -> Option<&T> {
        self.get(0)
    }

    /// The element that leaves after `index` others; `None` if there is none. Never panics.
    pub fn get(&self, index: usize) -> Option<&T> {
        if index >= self.len {
            return None;
        }
        self.storage.get(self.position(index))
    }

    /// The elements, oldest first. Never panics.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        (0..self.len.min(self.capacity())).filter_map(|index| self.get(index))
    }

    /// Removes all elements; the high-water mark stays. Never panics.
    pub fn clear(&mut self) {
        self.head = 0;
        self.len = 0;
    }

    /// Where the oldest element lies in the storage, as an index; what [`with_parts`](Self::with_parts) needs to
    /// rebuild this view. Never panics.
    pub const fn head(&self) -> usize {
        self.head
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

    /// Checks the structure: length within the capacity, high-water mark between the two, head inside the storage
    /// (0 if there is none). Never panics.
    ///
    /// # Errors
    ///
    /// [`IntegrityError::Length`], [`IntegrityError::Peak`] or [`IntegrityError::Head`].
    // @need-ids: REQ_VERIFY_002
    pub const fn validate(&self) -> Result<(), IntegrityError> {
        let head = self.head;
        let capacity = self.storage.len();
        if head > 0 && head >= capacity {
            return Err(IntegrityError::Head { head, capacity });
        }
        check_counts(self.len, self.peak, capacity)
    }

    /// Index into the storage of the `index`-th element, for an index up to the capacity. With a damaged head the
    /// result may lie outside, which the caller's checked access then finds.
    const fn position(&self, index: usize) -> usize {
        let to_end = self.storage.len().saturating_sub(self.head);
        match index.checked_sub(to_end) {
            Some(wrapped) => wrapped,
            None => self.head.saturating_add(index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    // @need-ids: REQ_RESOURCE_002, REQ_ERROR_001
    #[test]
    fn a_full_queue_refuses_and_stays_as_it_was() {
        let mut storage = [0; 2];
        let mut q = BoundedQueue::new(&mut storage);
        assert_eq!((q.push(1), q.push(2)), (Ok(()), Ok(())));
        assert_eq!(q.push(3), Err(CapacityError { capacity: 2 }));
        assert_eq!((q.pop(), q.pop(), q.pop()), (Some(1), Some(2), None));
        assert_eq!(q.peak(), 2);
    }

    // @need-ids: REQ_RESOURCE_002
    #[test]
    fn a_queue_without_storage_is_both_empty_and_full() {
        let mut q = BoundedQueue::<u8>::new(&mut []);
        assert!(q.is_empty() && q.is_full());
        assert_eq!(q.pop(), None);
        assert_eq!(q.push(1), Err(CapacityError { capacity: 0 }));
        assert_eq!(q.validate(), Ok(()));
        assert!(BoundedQueue::<u8>::with_parts(&mut [], 0, 0).is_ok());
    }

    // @need-ids: REQ_VERIFY_003
    #[test]
    fn a_view_is_rebuilt_only_from_possible_parts() {
        let mut storage = [7, 8, 9];
        let mut q = BoundedQueue::with_parts(&mut storage, 2, 2).unwrap();
        assert!(q.iter().eq(&[9, 7]));
        assert_eq!((q.head(), q.len(), q.peak()), (2, 2, 2));
        q.clear();
        assert_eq!((q.head(), q.len(), q.peak()), (0, 0, 2));
        assert_eq!(
            BoundedQueue::with_parts(&mut storage, 0, 4).unwrap_err(),
            IntegrityError::Length { len: 4, capacity: 3 }
        );
        assert_eq!(
            BoundedQueue::with_parts(&mut storage, 3, 0).unwrap_err(),
            IntegrityError::Head { head: 3, capacity: 3 }
        );
    }

    // @need-ids: REQ_VERIFY_002
    #[test]
    fn damage_is_named_and_neither_panics_nor_reaches_outside() {
        let mut storage = [1, 2, 3];
        let mut q = BoundedQueue::new(&mut storage);
        let capacity = 3;
        let max = usize::MAX;
        for (head, len, peak, error) in [
            (0, 4, 4, IntegrityError::Length { len: 4, capacity }),
            (1, max, max, IntegrityError::Length { len: max, capacity }),
            (0, 1, 0, IntegrityError::Peak { peak: 0, len: 1, capacity }),
            (3, 1, 1, IntegrityError::Head { head: 3, capacity }),
            (max, 2, 2, IntegrityError::Head { head: max, capacity }),
        ] {
            (q.head, q.len, q.peak) = (head, len, peak);
            assert_eq!(q.validate(), Err(error));
            let _ = q.push(1);
            let _ = q.get(max);
            assert!(q.iter().count() <= capacity);
            let _ = q.pop();
        }
    }

    proptest! {
        // @need-ids: REQ_RESOURCE_002, REQ_ERROR_001, REQ_VERIFY_002
        #[test]
        fn behaves_as_a_vec_deque_with_a_bound(
            capacity in 0..6_usize,
            // Below 140 push that value, then pop, then rebuild, then clear: pushes and pops keep it near full.
            steps in vec(any::<u8>(), 0..80),
        ) {
            let mut storage = [0; 6];
            let mut model = VecDeque::new();
            let mut q = BoundedQueue::new(&mut storage[..capacity]);
            let mut peak = 0;
            for step in steps {
                match step {
                    0..140 => {
                        let fits = model.len() < capacity;
                        if fits {
                            model.push_back(step);
                        }
                        prop_assert_eq!(q.push(step).is_ok(), fits);
                    }
                    140..240 => prop_assert_eq!(q.pop(), model.pop_front()),
                    240..250 => {
                        let (head, len) = (q.head(), q.len());
                        q = BoundedQueue::with_parts(q.storage, head, len).unwrap();
                        peak = len;
                    }
                    _ => {
                        q.clear();
                        model.clear();
                    }
                }
                peak = peak.max(model.len());
                prop_assert!(q.iter().eq(&model));
                prop_assert_eq!(q.front(), model.front());
                prop_assert_eq!(q.get(2), model.get(2));
                prop_assert_eq!(q.is_empty(), model.is_empty());
                prop_assert_eq!(q.is_full(), model.len() == capacity);
                prop_assert_eq!(q.peak(), peak);
                prop_assert_eq!(q.validate(), Ok(()));
            }
        }
    }
}
