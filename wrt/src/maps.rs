//! Where references are while a function stands still: lists of slots by position, as the collector reads them.
//!
//! While operators are gone through, lists are chains from the topmost operand down to the locals: one goes on where that of fewer
//! operands begins, so that a position takes as long as what was pushed since the last one. A chain that is the same at many
//! positions is written out once.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use wrt_runtime::heap::roots::RefMaps;
use wrt_runtime::image::format::{NONE, RefMapRecord};
use wrt_runtime::instr::{WIDE_LIMIT, WIDE_SCRATCH};
use zerocopy::byteorder::little_endian::U32;

/// Maps of functions, one behind the other as their code is.
#[derive(Debug, Default)]
pub(crate) struct MapLists {
    pub(crate) records: Vec<RefMapRecord>,
    pub(crate) slots: Vec<U32>,
}

impl MapLists {
    /// Bytes that they take.
    pub(crate) fn bytes(&self) -> u64 {
        (size_of_val(self.records.as_slice()) as u64).saturating_add(size_of_val(self.slots.as_slice()) as u64)
    }

    /// The view that engines take.
    pub(crate) fn view(&self) -> RefMaps<'_> {
        RefMaps { records: &self.records, slots: &self.slots }
    }

    /// A copy of what an image has.
    pub(crate) fn copied(maps: RefMaps<'_>) -> Self {
        Self { records: maps.records.to_vec(), slots: maps.slots.to_vec() }
    }

    /// Adds those of the next function, which count its slots from 0.
    pub(crate) fn append(&mut self, function: Self) {
        let before = u32::try_from(self.slots.len()).unwrap_or(NONE);
        let records = function.records.into_iter();
        self.records.extend(
            records.map(|record| RefMapRecord { start: record.start.get().saturating_add(before).into(), ..record }),
        );
        self.slots.extend(function.slots);
    }
}

/// A link of a chain: slots side by side, and the link below.
#[derive(Clone, Copy, Debug)]
struct Link {
    slot: u32,
    count: u32,
    next: u32,
    /// Slots of the whole chain from here on.
    total: u32,
    /// Whether the chain is written out.
    noted: bool,
}

/// The references of a function while its operators are gone through.
#[derive(Debug, Default)]
pub(crate) struct References {
    links: Vec<Link>,
    /// The link of an operand's slot and what is below it.
    known: BTreeMap<(u32, u32), u32>,
    /// The chains of the parameters, and of all locals.
    params: Option<u32>,
    locals: Option<u32>,
    /// The slots of operands that are references, ascending; and the chain that begins with each, as far as they were asked for.
    operands: Vec<(u32, Option<u32>)>,
    /// The chain at each position.
    noted: Vec<(u32, u32)>,
    /// Slots of all chains that are written out.
    slots: u64,
}

impl References {
    fn link(&mut self, slot: u32, count: u32, next: Option<u32>) -> u32 {
        let below = next.and_then(|next| self.links.get(next as usize)).map_or(0, |link| link.total);
        let total = below.saturating_add(count);
        self.links.push(Link { slot, count, next: next.unwrap_or(NONE), total, noted: false });
        u32::try_from(self.links.len()).unwrap_or(NONE).saturating_sub(1)
    }

    /// Adds locals that are references.
    pub(crate) fn declare(&mut self, slot: u32, count: u32) {
        if count > 0 {
            self.locals = Some(self.link(slot, count, self.locals));
        }
    }

    /// The locals so far are parameters: the others are not there before the function begins.
    pub(crate) const fn end_params(&mut self) {
        self.params = self.locals;
    }

    /// The operand in this slot, the topmost one, is a reference.
    pub(crate) fn push(&mut self, slot: u32) {
        self.operands.push((slot, None));
    }

    /// Operands from this slot on are taken away.
    pub(crate) fn cut(&mut self, slot: u32) {
        while self.operands.pop_if(|(operand, _)| *operand >= slot).is_some() {}
    }

    /// Whether the operand in a slot is a reference.
    pub(crate) fn has(&self, slot: u32) -> bool {
        self.operands.binary_search_by_key(&slot, |(operand, _)| *operand).is_ok()
    }

    /// Notes the references of a frame that stands at `pc`, all operands in their slots.
    // @need-ids: REQ_GC_003
    pub(crate) fn note(&mut self, pc: u32) {
        let from = self.operands.iter().rposition(|(_, chain)| chain.is_some()).map_or(0, |at| at.saturating_add(1));
        let below = from.checked_sub(1).and_then(|at| self.operands.get(at)).and_then(|(_, chain)| *chain);
        let mut chain = below.or(self.locals);
        for at in from..self.operands.len() {
            let Some((slot, _)) = self.operands.get(at).copied() else { break };
            let key = (slot, chain.unwrap_or(NONE));
            let link = match self.known.get(&key) {
                Some(link) => *link,
                None => self.link(slot, 1, chain),
            };
            self.known.insert(key, link);
            if let Some((_, known)) = self.operands.get_mut(at) {
                *known = Some(link);
            }
            chain = Some(link);
        }
        self.note_chain(pc, chain);
    }

    /// Notes the references of a frame that has not begun.
    pub(crate) fn note_entry(&mut self, pc: u32) {
        self.note_chain(pc, self.params);
    }

    fn note_chain(&mut self, pc: u32, chain: Option<u32>) {
        let Some(first) = chain else { return };
        let Some(link) = self.links.get_mut(first as usize) else { return };
        if !link.noted {
            link.noted = true;
            self.slots = self.slots.saturating_add(link.total.into());
        }
        self.noted.push((pc, first));
    }

    /// Bytes of the maps so far.
    pub(crate) fn bytes(&self) -> u64 {
        let records = (self.noted.len() as u64).saturating_mul(size_of::<RefMapRecord>() as u64);
        self.slots.saturating_mul(size_of::<U32>() as u64).saturating_add(records)
    }

    /// All maps of the function. The slots of a wide frame make way for its scratch registers.
    pub(crate) fn finish(self, wide: bool) -> MapLists {
        let mut lists = MapLists::default();
        let mut written = BTreeMap::new();
        for (pc, first) in self.noted {
            let start = *written.entry(first).or_insert_with(|| {
                let start = u32::try_from(lists.slots.len()).unwrap_or(NONE);
                let mut next = first;
                while let Some(link) = self.links.get(next as usize) {
                    let slots = link.slot..link.slot.saturating_add(link.count);
                    let placed = |slot: u32| if wide && slot >= WIDE_LIMIT { slot + WIDE_SCRATCH } else { slot };
                    lists.slots.extend(slots.map(placed).map(U32::new));
                    next = link.next;
                }
                start
            });
            let count = self.links.get(first as usize).map_or(0, |link| link.total);
            lists.records.push(RefMapRecord { pc: pc.into(), start: start.into(), count: count.into() });
        }
        lists
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(maps: &MapLists, pc: u32) -> Vec<u32> {
        let Some(record) = maps.records.iter().find(|record| record.pc.get() == pc) else { return Vec::new() };
        let slots = maps.slots.iter().skip(record.start.get() as usize).take(record.count.get() as usize);
        slots.map(|slot| slot.get()).collect()
    }

    // @need-ids: REQ_GC_003
    #[test]
    fn a_position_has_the_operands_that_are_there_and_the_locals() {
        let mut references = References::default();
        references.declare(1, 1);
        references.end_params();
        references.declare(4, 2);
        references.note_entry(0);
        references.push(7);
        references.note(1);
        references.push(9);
        references.note(2);
        references.cut(9);
        assert!(references.has(7) && !references.has(9));
        references.note(3);
        references.push(9);
        references.note(4);
        references.cut(0);
        references.note(5);
        let bytes = references.bytes();
        let maps = references.finish(false);
        assert_eq!(maps.bytes(), bytes);
        assert_eq!(at(&maps, 0), [1]);
        for (pc, operands) in [(1, &[7][..]), (2, &[9, 7]), (3, &[7]), (4, &[9, 7]), (5, &[])] {
            assert_eq!(at(&maps, pc), [operands, &[4, 5, 1]].concat(), "{pc}");
        }
        assert_eq!(at(&maps, 6), []);
        // What was there before is the same list.
        assert_eq!(maps.slots.len(), 1 + 4 + 5 + 3);
    }

    // @need-ids: REQ_GC_003
    #[test]
    fn lists_of_a_wide_frame_make_way_for_its_scratch_registers() {
        let mut all = MapLists::default();
        for pc in [9, 10] {
            let mut references = References::default();
            references.declare(246, 5);
            references.push(300);
            references.note(pc);
            all.append(references.finish(true));
        }
        for pc in [9, 10] {
            assert_eq!(at(&all, pc), [308, 246, 247, 256, 257, 258]);
        }
    }
}
