//! Branch tables: words behind a `br_table`, with a distance for each entry that is known when all code is there.

use super::Failure;
use super::jumps;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use wrt_runtime::Instr;
use wrt_runtime::instr::{ENTRIES_PER_WORD, is_packed};

/// The branch tables of a function.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Index of each `br_table` in the code, with its first entry.
    all: Vec<(usize, usize)>,
    /// The label of each entry, table by table.
    entries: Vec<usize>,
    /// Where each label is in the code: of each table its own.
    labels: Vec<usize>,
    /// Labels that are the ends of blocks which are still open, by the index of these.
    waiting: BTreeMap<usize, Vec<usize>>,
    /// Whether code is so long that all entries lead to jumps right behind their table.
    pub(super) is_far: bool,
}

impl Tables {
    /// A table behind the instruction at this index.
    pub(super) fn begin(&mut self, at: usize) {
        self.all.push((at, self.entries.len()));
    }

    /// A new label, which is somewhere.
    pub(super) fn label(&mut self) -> usize {
        self.labels.push(usize::MAX);
        self.labels.len() - 1
    }

    /// The last table's next entry.
    pub(super) fn entry(&mut self, label: usize) {
        self.entries.push(label);
    }

    /// Says where a label is.
    pub(super) fn land(&mut self, label: usize, index: usize) {
        if let Some(label) = self.labels.get_mut(label) {
            *label = index;
        }
    }

    /// Says that a label is the end of the block at this index among those that are open.
    pub(super) fn wait(&mut self, label: usize, block: usize) {
        self.waiting.entry(block).or_default().push(label);
    }

    /// Says where the end of a block is; whether a label was waiting for it.
    pub(super) fn land_at_end(&mut self, block: usize, index: usize) -> bool {
        let labels = self.waiting.remove(&block);
        labels.iter().flatten().for_each(|label| self.land(*label, index));
        labels.is_some()
    }

    /// Writes the tables of `code`, which begins at position `at`; gives the instructions that they lead to.
    ///
    /// # Errors
    /// [`Failure::Far`] where one of them is too far away.
    pub(super) fn write(&self, code: &mut [Instr], at: u32) -> Result<Vec<usize>, Failure> {
        // A jump that was put near the table may lead to what is far.
        let ends: Vec<_> = self.labels.iter().map(|label| [jumps::end(code, at, *label), *label]).collect();
        let mut targets = Vec::new();
        for (index, (table, first)) in self.all.iter().enumerate() {
            let last = self.all.get(index + 1).map_or(self.entries.len(), |(_, next)| *next);
            let entries = self.entries.get(*first..last).unwrap_or_default();
            if !is_packed(last_of(entries)) {
                for (word, label) in (table + 1..).zip(entries) {
                    let [target, _] = *ends.get(*label).ok_or(Failure::Far)?;
                    let distance = i32::try_from(target as i64 - (table + 1) as i64).map_err(|_| Failure::Far)?;
                    targets.push(target);
                    if let Some(word) = code.get_mut(word) {
                        *word = Instr::far_entry(distance);
                    }
                }
                continue;
            }
            for (word, labels) in (table + 1..).zip(entries.chunks(ENTRIES_PER_WORD as usize)) {
                let mut distances = [0; ENTRIES_PER_WORD as usize];
                // The last entry stands for those that are not there.
                let last = labels.last().into_iter().cycle();
                for (to, label) in distances.iter_mut().zip(labels.iter().chain(last)) {
                    let ends = ends.get(*label).into_iter().flatten();
                    let mut near = ends.filter_map(|to| Some((*to, distance(table + 1, *to)?)));
                    let (target, distance) = near.next().ok_or(Failure::Far)?;
                    *to = distance;
                    targets.push(target);
                }
                if let Some(word) = code.get_mut(word) {
                    *word = Instr::entries(distances);
                }
            }
        }
        Ok(targets)
    }
}

/// What a `br_table` with these entries says of their number.
fn last_of(entries: &[usize]) -> u32 {
    u32::try_from(entries.len().saturating_sub(1)).unwrap_or(u32::MAX)
}

fn distance(from: usize, to: usize) -> Option<i16> {
    i16::try_from(to as i64 - from as i64).ok()
}
