//! What `wrt-safety` offers.

use wrt_safety::verification::{Event, Verifier};
use wrt_safety::{BoundedMap, BoundedQueue, BoundedVec, Limits, SafeSlice, SafeSliceMut, VerificationLevel, crc32};

use crate::{any, keep};

#[inline(never)]
pub fn exercise_safety() {
    vector();
    queue();
    map();
    slices();
    levels_and_limits();
}

fn vector() {
    let mut storage = any([0_u32; 8]);
    keep(BoundedVec::with_len(&mut storage, any(9)).is_ok());
    let mut vec = BoundedVec::new(&mut storage);
    keep(vec.push(any(1)));
    keep(vec.extend_from_slice(&any([1, 2, 3])));
    keep(vec.pop());
    vec.truncate(any(1));
    keep(vec.get(any(7)).copied());
    if let Some(value) = vec.get_mut(any(7)) {
        *value = any(1);
    }
    keep(vec.last().copied());
    keep(vec.iter().sum::<u32>());
    keep(vec.as_slice().len());
    keep((vec.len(), vec.capacity(), vec.is_full(), vec.peak()));
    keep(vec.validate());
    vec.clear();
}

fn queue() {
    let mut storage = any([0_u32; 8]);
    keep(BoundedQueue::with_parts(&mut storage, any(9), any(9)).is_ok());
    let mut queue = BoundedQueue::new(&mut storage);
    keep(queue.push(any(1)));
    keep(queue.pop());
    keep(queue.front().copied());
    keep(queue.get(any(7)).copied());
    keep(queue.iter().copied().fold(0_u32, u32::wrapping_add));
    keep((queue.len(), queue.capacity(), queue.is_full(), queue.peak(), queue.head()));
    keep(queue.validate());
    queue.clear();
}

fn map() {
    let mut storage = any([(0_u32, 0_u32); 8]);
    keep(BoundedMap::with_len(&mut storage, any(9)).is_ok());
    let mut map = BoundedMap::new(&mut storage);
    keep(map.insert(any(1), any(2)));
    keep(map.remove(&any(1)));
    keep(map.get(&any(1)).copied());
    if let Some(value) = map.get_mut(&any(1)) {
        *value = any(1);
    }
    keep(map.iter().count());
    keep(map.validate());
    map.clear();
}

fn slices() {
    let mut bytes = any([0_u8; 32]);
    let level = any(VerificationLevel::Full);
    let slice = SafeSlice::new(&bytes, level);
    keep(slice.get(any(31), any(2)).map(<[u8]>::len));
    keep(slice.sub_slice(any(31), any(2)).is_ok());
    keep(slice.read_u8(any(32)));
    keep(slice.read_u16(any(32)));
    keep(slice.read_u32(any(32)));
    keep(slice.read_u64(any(32)));
    keep(slice.verify());
    let mut slice = SafeSliceMut::new(&mut bytes, level);
    keep(slice.write(any(31), &any([1, 2, 3])));
    keep(slice.write_u8(any(32), any(1)));
    keep(slice.write_u16(any(32), any(1)));
    keep(slice.write_u32(any(32), any(1)));
    keep(slice.write_u64(any(32), any(1)));
    keep(slice.verify());
    keep(crc32(&bytes));
}

fn levels_and_limits() {
    let mut verifier = Verifier::new(any(VerificationLevel::Sampling));
    keep(verifier.should_verify(any(Event::Pause)));
    keep(any("full").parse::<VerificationLevel>());
    let mut limits = any(Limits::DEVICE);
    keep(limits.set(any("max-frames"), any(1)));
    keep(limits.get(any("max-frames")));
    keep(limits.validate());
}
