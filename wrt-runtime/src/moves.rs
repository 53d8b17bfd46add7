//! Copying inside one slice, without a way to panic.
//!
//! `copy_within` of the standard library checks its range with a panic, and what is optimised for size keeps that check
//! however the caller proves that it holds.

// @need-ids: REQ_MEM_SAFETY_001, REQ_018

use core::cell::Cell;

/// Bytes copied at a time where ranges overlap: what they pass through lies on the native stack. With 256, overlapping
/// copies of bytes are as fast as `copy_within` (x86-64: 34 ms for 1 GiB in pieces of 64 KiB; 38 with 128, 73 with 64).
const CHUNK_BYTES: usize = 256;
/// For memories: elements in a chunk.
pub(crate) const BYTES: usize = CHUNK_BYTES;
/// For tables.
pub(crate) const REFS: usize = CHUNK_BYTES / size_of::<u32>();
/// For stacks.
pub(crate) const SLOTS: usize = CHUNK_BYTES / size_of::<u64>();

pub(crate) fn copy<T: Copy>(to: &mut [T], from: &[T]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

/// As `slice::fill`. With the feature `compact` by a loop that no compiler takes for a routine of the C library, whose are large.
pub(crate) fn fill<T: Copy + PartialEq>(all: &mut [T], value: T) {
    if cfg!(feature = "compact") {
        all.iter_mut().filter(|element| **element != value).for_each(|element| *element = value);
    } else {
        all.fill(value);
    }
}

/// Whether there are the same bytes, as `==` says; the loop for the same reason.
pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b)
}

/// Copies `count` elements from index `from` to index `to`, as if all were read before any is written.
///
/// `None`, and nothing copied, where one of the ranges leaves `all`. Where they overlap, `CHUNK` elements at a time, but singly
/// with the feature `compact`.
// @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
pub(crate) fn move_within<const CHUNK: usize, T: Copy + Default>(
    all: &mut [T],
    from: usize,
    to: usize,
    count: usize,
) -> Option<()> {
    if cfg!(feature = "compact") { singly(all, from, to, count) } else { by_chunks::<CHUNK, _>(all, from, to, count) }
}

fn by_chunks<const CHUNK: usize, T: Copy + Default>(all: &mut [T], from: usize, to: usize, count: usize) -> Option<()> {
    let (low, high) = (from.min(to), from.max(to));
    if high.checked_add(count)? > all.len() {
        return None;
    }
    let distance = high.checked_sub(low)?;
    if distance >= count {
        let (below, above) = all.split_at_mut_checked(high)?;
        let (below, above) = (below.get_mut(low..)?.get_mut(..count)?, above.get_mut(..count)?);
        if from < to {
            copy(above, below);
        } else {
            copy(below, above);
        }
        return Some(());
    }
    // Overlapping: from the front where elements move down, from the end where they move up.
    let mut chunk = [T::default(); CHUNK];
    let mut done = 0_usize;
    while done < count {
        let length = count.saturating_sub(done).min(CHUNK);
        let skip = if to < from { done } else { count.saturating_sub(done).saturating_sub(length) };
        let chunk = chunk.get_mut(..length)?;
        copy(chunk, all.get(from.saturating_add(skip)..)?.get(..length)?);
        copy(all.get_mut(to.saturating_add(skip)..)?.get_mut(..length)?, chunk);
        done = done.saturating_add(length);
    }
    Some(())
}

/// A third of the flash, and nothing of the native stack.
fn singly<T: Copy>(all: &mut [T], from: usize, to: usize, count: usize) -> Option<()> {
    let all = Cell::from_mut(all).as_slice_of_cells();
    let pairs = all.get(to..)?.get(..count)?.iter().zip(all.get(from..)?.get(..count)?);
    let copy = |(to, from): (&Cell<T>, &Cell<T>)| to.set(from.get());
    // From the front where elements move down, from the end where they move up.
    if to < from {
        pairs.for_each(copy);
    } else {
        pairs.rev().for_each(copy);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    // @need-ids: REQ_MEM_SAFETY_001, REQ_018
    #[test]
    fn elements_move_as_if_all_were_read_first_and_never_beyond_the_end() {
        let start: Vec<u8> = (0..100).collect();
        // An interpreter of the compiler's own code takes a thousand times as long.
        let places = || (0..100).step_by(if cfg!(miri) { 24 } else { 1 });
        for from in places() {
            for to in places().chain([usize::MAX]) {
                for count in [0, 1, 2, 31, 32, 33, 64, 65, 99, 100, usize::MAX] {
                    let fits = |at: usize| at.checked_add(count).is_some_and(|end| end <= 100);
                    let mut expected = start.clone();
                    if fits(from) && fits(to) {
                        expected.copy_within(from..from + count, to);
                    }
                    for way in [by_chunks::<32, u8>, singly] {
                        let mut moved = start.clone();
                        let done = way(&mut moved, from, to, count);
                        assert_eq!(done.is_some(), fits(from) && fits(to), "{from} {to} {count}");
                        assert_eq!(moved, expected, "{from} {to} {count}");
                    }
                }
            }
        }
    }
}
