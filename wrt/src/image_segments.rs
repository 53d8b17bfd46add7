//! Data segments on their way into an image: those that lie side by side become one.
//!
//! A segment takes a record, which is more than the zeros between two that some linkers leave out. No code
//! can tell: what names segments is only allowed after a data count (core 5.5.16), without which this is done.

use crate::error::Error;
use crate::image_writer::small;
use alloc::vec::Vec;
use wrt_runtime::Image;
use wrt_runtime::image::format::{DataRecord, MemoryRecord, Range, flag, mode};
use wrt_runtime::types::MemoryType;

/// Fewer zeros than this between two segments take less room than a segment of their own, in bytes.
const GAP: u64 = size_of::<DataRecord>() as u64;

/// Where an active segment goes that surely fits into its memory: the memory's index, and the bytes of it.
#[derive(Clone, Copy)]
struct Place {
    memory: u32,
    start: u64,
    end: u64,
}

/// A memory, as far as is known before the module is linked.
struct Known {
    /// Its least size, in bytes.
    size: u64,
    /// It is zero where no segment was copied to.
    zeroed: bool,
    /// Nothing was copied to this address or above.
    untouched: u64,
}

/// The segments as they are.
pub(crate) fn copied(image: &Image<'_>, blob: &mut Vec<u8>) -> Result<Vec<DataRecord>, Error> {
    image.data.iter().map(|segment| append(image, segment, blob)).collect()
}

/// The segments of a module without a data count.
///
/// An active one becomes part of the one before if both surely fit into the same memory, so that neither traps, and if
/// what is between them is nothing, or zeros that nothing was copied over.
// @need-ids: REQ_IMAGE_003
pub(crate) fn merged(image: &Image<'_>, blob: &mut Vec<u8>) -> Result<Vec<DataRecord>, Error> {
    let mut records: Vec<DataRecord> = Vec::new();
    let mut memories: Vec<Known> = image.memories.iter().map(Known::from).collect();
    let mut last: Option<Place> = None;
    for segment in image.data {
        let place = place(segment, &memories);
        let gap = last.zip(place).and_then(|(last, next)| gap(last, next, &memories));
        if let (Some(gap), Some(record)) = (gap, records.last_mut()) {
            blob.resize(blob.len().saturating_add(gap as usize), 0);
            blob.extend_from_slice(image.bytes(segment.bytes));
            record.bytes.length = small(blob.len().saturating_sub(record.bytes.start.get() as usize))?;
        } else {
            records.push(append(image, segment, blob)?);
        }
        if mode::is_active(segment.mode.get()) {
            touch(&mut memories, segment.memory.get(), place);
        }
        last = place;
    }
    Ok(records)
}

impl From<&MemoryRecord> for Known {
    fn from(record: &MemoryRecord) -> Self {
        let zeroed = record.flags.get() & flag::IMPORTED == 0;
        Self { size: MemoryType::from(record).bytes().unwrap_or(u64::MAX), zeroed, untouched: 0 }
    }
}

/// A segment with its bytes at the end of the blob.
fn append(image: &Image<'_>, segment: &DataRecord, blob: &mut Vec<u8>) -> Result<DataRecord, Error> {
    let bytes = image.bytes(segment.bytes);
    let range = Range { start: small(blob.len())?, length: small(bytes.len())? };
    blob.extend_from_slice(bytes);
    Ok(DataRecord { bytes: range, ..*segment })
}

fn place(segment: &DataRecord, memories: &[Known]) -> Option<Place> {
    let (memory, start) = (segment.memory.get(), segment.offset.get());
    let end = start.checked_add(segment.bytes.length.get().into())?;
    let fits = memories.get(memory as usize)?.size >= end;
    (fits && segment.mode.get() == mode::ACTIVE).then_some(Place { memory, start, end })
}

/// How many zeros make one segment of two, if they can be one.
fn gap(last: Place, next: Place, memories: &[Known]) -> Option<u64> {
    let gap = next.start.checked_sub(last.end).filter(|gap| *gap < GAP && last.memory == next.memory)?;
    let memory = memories.get(last.memory as usize)?;
    (gap == 0 || memory.zeroed && memory.untouched <= last.end).then_some(gap)
}

/// Something is copied to a memory, maybe anywhere.
fn touch(memories: &mut [Known], memory: u32, place: Option<Place>) {
    if let Some(memory) = memories.get_mut(memory as usize) {
        memory.untouched = memory.untouched.max(place.map_or(u64::MAX, |place| place.end));
    }
}
