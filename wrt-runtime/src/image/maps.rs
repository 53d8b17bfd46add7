//! The optional sections that the collector reads: which slots of frames hold references.
//!
//! A map that is wrong makes a collection keep too much or free too much: nonsense in the instance itself, as wrong code is.

use super::Image;
use super::error::{FileRule, ImageError};
use super::format::{OptionalHeader, OptionalSection};
use super::reader::{all, place_of, require};
use crate::heap::roots::RefMaps;

const RECORDS: u32 = OptionalSection::RefMaps as u32;
const SLOTS: u32 = OptionalSection::RefSlots as u32;
const SIDE_RECORDS: u32 = OptionalSection::SideRefMaps as u32;
const SIDE_SLOTS: u32 = OptionalSection::SideRefSlots as u32;

impl<'a> Image<'a> {
    /// Reads the maps, which an image may lack.
    ///
    /// # Errors
    /// [`ImageError::File`] for the first rule that does not hold.
    // @need-ids: REQ_GC_003, REQ_IMAGE_001
    pub(crate) fn read_maps(&mut self, bytes: &'a [u8]) -> Result<(), ImageError> {
        let maps = self.maps(bytes)?;
        self.ref_maps.iter_mut().zip(maps).for_each(|(to, maps)| *to = maps);
        Ok(())
    }

    /// The maps of each kind of code, whether or not this build collects.
    fn maps(&self, bytes: &'a [u8]) -> Result<[RefMaps<'a>; 2], ImageError> {
        let (mut code, mut side) = (RefMaps::default(), RefMaps::default());
        let mut rest = self.optional;
        while !rest.is_empty() {
            let offset = bytes.len().saturating_sub(rest.len());
            rest = section(rest, &mut code, &mut side).map_err(|rule| ImageError::File { offset, rule })?;
        }
        Ok([code, side])
    }
}

impl<'a> Image<'a> {
    /// Reads the maps, with what the collector does not ask for: that they are sorted, and complete.
    // @need-ids: REQ_GC_003, REQ_IMAGE_001
    pub(super) fn check_maps(&mut self, bytes: &'a [u8]) -> Result<(), ImageError> {
        self.read_maps(bytes)?;
        for maps in self.maps(bytes)? {
            let mut next = 0;
            for record in maps.records {
                let (pc, start, count) = (record.pc.get(), record.start.get(), record.count.get());
                let inside = start.checked_add(count).is_some_and(|end| end as usize <= maps.slots.len());
                let place = place_of(record, bytes.as_ptr().addr());
                require(pc >= next && inside, FileRule::Order)
                    .map_err(|rule| ImageError::File { offset: place, rule })?;
                next = pc.saturating_add(1);
            }
        }
        Ok(())
    }
}

/// Notes where the first section of `rest` is, if it is one of these; what follows it.
fn section<'a>(rest: &'a [u8], code: &mut RefMaps<'a>, side: &mut RefMaps<'a>) -> Result<&'a [u8], FileRule> {
    let (header, after) = OptionalHeader::read(rest).ok_or(FileRule::SectionPlace)?;
    let (bytes, after) = after.split_at_checked(header.length.get() as usize).ok_or(FileRule::SectionPlace)?;
    let whole = match header.kind.get() {
        RECORDS => all(bytes, &mut code.records),
        SLOTS => all(bytes, &mut code.slots),
        SIDE_RECORDS => all(bytes, &mut side.records),
        SIDE_SLOTS => all(bytes, &mut side.slots),
        _ => true,
    };
    require(whole, FileRule::SectionLength)?;
    Ok(after)
}
