//! Types on their way into an image: what they have in common of their parts stands there once.
//!
//! A type's run is its parts, with its supertype before them. Runs that are the same, inside one another, or of which one ends as
//! the other begins, lie over each other. Where each begins is in its record, so no reader can tell.

use crate::error::Error;
use crate::image_writer::small;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use wrt_runtime::image::format::{TypeRecord, ValType};
use wrt_runtime::typing::Types;
use zerocopy::IntoBytes;

/// How many runs are compared with each other, which takes time by the square of it: the first of the module.
const COMPARED: usize = 256;
/// The longest run that is compared.
const SHORT: usize = 32;

/// The same types, by fewer value types. What comes out of it comes out of that again.
// @need-ids: REQ_IMAGE_003
pub(crate) fn laid_over(types: Types<'_>) -> Result<(Vec<TypeRecord>, Vec<ValType>), Error> {
    let mut runs = Vec::new();
    let mut known = BTreeMap::new();
    let number_of = |record: &TypeRecord| {
        let run = run(types, *record);
        *known.entry(run.as_bytes()).or_insert_with(|| {
            runs.push(run);
            runs.len().wrapping_sub(1)
        })
    };
    let numbers: Vec<usize> = types.records.iter().map(number_of).collect();
    let mut pool = over_each_other(&runs);
    let laid = pool.len();
    let mut starts = Vec::new();
    for (number, run) in runs.iter().enumerate() {
        let known = if is_compared(number, run) { place(pool.get(..laid).unwrap_or_default(), run) } else { None };
        starts.push(small(known.unwrap_or(pool.len()))?);
        if known.is_none() {
            pool.extend_from_slice(run);
        }
    }
    let moved = |(record, number): (&TypeRecord, &usize)| {
        let start = starts.get(*number).map_or(0, |start| start.get());
        TypeRecord { start: start.saturating_add(record.has_supertype().into()).into(), ..*record }
    };
    Ok((types.records.iter().zip(&numbers).map(moved).collect(), pool))
}

fn run(types: Types<'_>, record: TypeRecord) -> &[ValType] {
    let start = record.start.get() as usize;
    let count = usize::from(record.params.get()).saturating_add(record.results().into());
    let first = start.saturating_sub(record.has_supertype().into());
    types.val_types.get(first..start.saturating_add(count)).unwrap_or_default()
}

fn is_compared(number: usize, run: &[ValType]) -> bool {
    number < COMPARED && run.len() <= SHORT
}

fn place(pool: &[ValType], run: &[ValType]) -> Option<usize> {
    if run.is_empty() { Some(0) } else { pool.windows(run.len()).position(|window| window == run) }
}

/// The runs that are compared, in one list. Of all pairs of which one ends as the other begins, those that have most in common
/// stand behind each other: the shortest list is dear to find, and this one is close to it.
fn over_each_other(runs: &[&[ValType]]) -> Vec<ValType> {
    let mut compared: Vec<&[ValType]> =
        runs.iter().enumerate().filter(|(number, run)| is_compared(*number, run)).map(|(_, run)| *run).collect();
    compared.sort_by_key(|run| core::cmp::Reverse(run.len()));
    let mut apart: Vec<&[ValType]> = Vec::new();
    for run in compared {
        if !apart.iter().any(|longer| place(longer, run).is_some()) {
            apart.push(run);
        }
    }
    let next = successors(&apart);
    let mut is_first = vec![true; apart.len()];
    for (to, _) in next.iter().flatten() {
        if let Some(first) = is_first.get_mut(*to) {
            *first = false;
        }
    }
    let mut pool = Vec::new();
    for (first, _) in is_first.iter().enumerate().filter(|(_, first)| **first) {
        let (mut at, mut common) = (Some(first), 0);
        while let Some(run) = at.and_then(|at| apart.get(at)) {
            pool.extend_from_slice(run.get(common..).unwrap_or_default());
            let following = at.and_then(|at| next.get(at).copied().flatten());
            (at, common) = (following.map(|(to, _)| to), following.map_or(0, |(_, common)| common));
        }
    }
    pool
}

/// For each run the one behind it, and how many value types the two have in common there: no run is behind itself.
fn successors(runs: &[&[ValType]]) -> Vec<Option<(usize, usize)>> {
    let mut pairs = Vec::new();
    for (from, before) in runs.iter().enumerate() {
        for (to, behind) in runs.iter().enumerate().filter(|(to, _)| *to != from) {
            let most = before.len().min(behind.len());
            let common = (1..most).rev().find(|count| before.ends_with(behind.get(..*count).unwrap_or_default()));
            pairs.extend(common.map(|common| (core::cmp::Reverse(common), from, to)));
        }
    }
    pairs.sort_unstable();
    let mut next = vec![None; runs.len()];
    // The last run of the chain that begins with a run; of others nothing.
    let mut last: Vec<Option<usize>> = (0..runs.len()).map(Some).collect();
    // And the first of the one that ends with it.
    let mut first = last.clone();
    for (core::cmp::Reverse(common), from, to) in pairs {
        let (begin, end) = (first.get(from).copied().flatten(), last.get(to).copied().flatten());
        let (Some(begin), Some(end)) = (begin, end) else { continue };
        if begin == to {
            continue;
        }
        put(&mut next, from, Some((to, common)));
        put(&mut first, from, None);
        put(&mut last, to, None);
        put(&mut first, end, Some(begin));
        put(&mut last, begin, Some(end));
    }
    next
}

fn put<T>(list: &mut [T], at: usize, value: T) {
    if let Some(place) = list.get_mut(at) {
        *place = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wrt_runtime::image::format::{NONE, Sub};

    const LETTERS: [ValType; 4] = [ValType::I32, ValType::I64, ValType::F32, ValType::F64];

    /// Types with these parts, each with a supertype where its number says so.
    fn types(parts: &[Vec<ValType>]) -> (Vec<TypeRecord>, Vec<ValType>) {
        let (mut records, mut pool) = (Vec::new(), Vec::new());
        for (index, parts) in parts.iter().enumerate() {
            let sub = Sub { supertype: if index % 5 == 4 { index as u32 / 2 } else { NONE }, ..Sub::PLAIN };
            pool.extend(sub.word());
            records.push(sub.record(pool.len() as u32, parts.len() as u16, 0));
            pool.extend_from_slice(parts);
        }
        (records, pool)
    }

    /// Lays them over each other, looks whether they say the same, and gives what they take.
    fn laid(parts: &[Vec<ValType>]) -> usize {
        let (records, pool) = types(parts);
        let before = Types { records: &records, val_types: &pool };
        let (moved, smaller) = laid_over(before).expect("few");
        let after = Types { records: &moved, val_types: &smaller };
        for (old, new) in records.iter().zip(&moved) {
            assert_eq!(run(before, *old), run(after, *new));
            assert_eq!(before.sub(old), after.sub(new));
            assert_eq!((old.params, old.results), (new.params, new.results));
        }
        assert_eq!(laid_over(after).expect("few"), (moved.clone(), smaller.clone()), "once more changes nothing");
        smaller.len()
    }

    fn word(letters: &[usize]) -> Vec<ValType> {
        letters.iter().map(|letter| LETTERS[*letter % LETTERS.len()]).collect()
    }

    // @need-ids: REQ_IMAGE_003
    #[test]
    fn what_types_have_in_common_stands_there_once() {
        // One inside another, one as another begins, one as another ends, the same again, and nothing.
        assert_eq!(laid(&[word(&[0, 1, 2, 3]), word(&[1, 2]), word(&[3, 3]), word(&[2, 0])]), 6);
        assert_eq!(laid(&[word(&[0, 1]), word(&[0, 1]), word(&[]), word(&[0, 1])]), 2);
        // Each ends as the other begins: one of the two ways is gone.
        assert_eq!(laid(&[word(&[0, 1, 0, 2, 0]), word(&[0, 2, 0, 1, 0])]), 7);
        assert_eq!(laid(&[]), 0);
    }

    // @need-ids: REQ_IMAGE_003
    #[test]
    fn any_types_say_the_same_laid_over_each_other() {
        let mut state = 1_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        // The last ones have more types than are compared, and longer ones.
        for (count, longest) in [(3, 4), (20, 3), (60, 8), (300, 6), (300, 60)] {
            let parts: Vec<_> =
                (0..count).map(|_| (0..next(longest)).map(|_| LETTERS[next(4) as usize]).collect()).collect();
            let alone: usize = types(&parts).1.len();
            assert!(laid(&parts) < alone, "{count} types of up to {longest}");
        }
    }
}
