//! Data segments on their way into an image: those that lie side by side become one.
//!
//! A segment takes a record and a constant expression, which is more than the zeros between two that some linkers leave out. No code
//! can tell: what names segments is only allowed after a data count (core 5.5.16), without which this is done.

use crate::error::Error;
use crate::image_writer::small;
use alloc::vec::Vec;
use wrt_instructions::operator::StructuralOp;
use wrt_runtime::Image;
use wrt_runtime::image::format::{ConstInstr, ConstRange, DataRecord, MemoryRecord, Range, flag, mode};
use wrt_runtime::types::MemoryType;

/// Fewer zeros than this between two segments take less room than a segment of their own, in bytes.
const GAP: u64 = (size_of::<DataRecord>() + size_of::<ConstInstr>()) as u64;

/// Data segments and the constant expressions of the whole image.
#[derive(Default)]
pub(crate) struct Segments {
    pub(crate) records: Vec<DataRecord>,
    pub(crate) consts: Vec<ConstInstr>,
}

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

impl Segments {
    /// The segments as they are.
    pub(crate) fn copied(image: &Image<'_>, blob: &mut Vec<u8>) -> Result<Self, Error> {
        let records = image.data.iter().map(|segment| append(image, segment, blob)).collect::<Result<_, _>>()?;
        Ok(Self { records, consts: image.consts.to_vec() })
    }

    /// The segments of a module without a data count.
    ///
    /// An active one becomes part of the one before if both surely fit into the same memory, so that neither traps, and if
    /// what is between them is nothing, or zeros that nothing was copied over.
    // @need-ids: REQ_IMAGE_003
    pub(crate) fn merged(image: &Image<'_>, blob: &mut Vec<u8>) -> Result<Self, Error> {
        // The data section comes last (core 5.5.2), and so do its constant expressions.
        let offsets = image.data.iter().filter(|segment| segment.offset.length.get() > 0);
        let first = offsets.map(|segment| segment.offset.start.get() as usize).min();
        let (others, _) = image.consts.split_at_checked(first.unwrap_or(usize::MAX)).unwrap_or((image.consts, &[]));
        let mut this = Self { records: Vec::new(), consts: others.to_vec() };
        let mut memories: Vec<Known> = image.memories.iter().map(Known::from).collect();
        let mut last: Option<Place> = None;
        for segment in image.data {
            let place = place(image, segment, &memories);
            let gap = last.zip(place).and_then(|(last, next)| gap(last, next, &memories));
            if let (Some(gap), Some(record)) = (gap, this.records.last_mut()) {
                blob.resize(blob.len().saturating_add(gap as usize), 0);
                blob.extend_from_slice(image.bytes(segment.bytes));
                record.bytes.length = small(blob.len().saturating_sub(record.bytes.start.get() as usize))?;
            } else {
                let start = small(this.consts.len())?;
                this.consts.extend_from_slice(offset(image, segment));
                let offset = ConstRange { start, ..segment.offset };
                this.records.push(DataRecord { offset, ..append(image, segment, blob)? });
            }
            if segment.mode.get() == mode::ACTIVE {
                touch(&mut memories, segment.memory.get(), place);
            }
            last = place;
        }
        Ok(this)
    }
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

/// The constant expression of a segment's offset.
fn offset<'i>(image: &Image<'i>, segment: &DataRecord) -> &'i [ConstInstr] {
    let (start, length) = (segment.offset.start.get() as usize, segment.offset.length.get() as usize);
    image.consts.get(start..).and_then(|consts| consts.get(..length)).unwrap_or_default()
}

fn place(image: &Image<'_>, segment: &DataRecord, memories: &[Known]) -> Option<Place> {
    let [constant] = offset(image, segment) else { return None };
    let is = |operator: StructuralOp| constant.opcode.get() == operator.info().opcode;
    let known = is(StructuralOp::I32Const) || is(StructuralOp::I64Const);
    let (memory, start) = (segment.memory.get(), constant.immediate.get());
    let end = start.checked_add(segment.bytes.length.get().into())?;
    let fits = memories.get(memory as usize)?.size >= end;
    (known && fits && segment.mode.get() == mode::ACTIVE).then_some(Place { memory, start, end })
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
