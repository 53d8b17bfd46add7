//! Memories and tables against plain vectors: any sequence of operations does the same to both.

use proptest::prelude::*;
use wrt_instructions::Trap;
use wrt_runtime::memory::{Growth, MemoryBudget, MemoryMetrics, MemoryState};
use wrt_runtime::table::TableState;
use wrt_runtime::{Memory, Table};
use wrt_safety::VerificationLevel;

#[derive(Clone, Debug)]
enum Step {
    Read(u64, usize),
    Write(u64, Vec<u8>),
    Slice(u64, u64),
    Grow(u64),
}

/// Addresses around what there is, and absurd ones.
fn address() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..80_u64, 1 => Just(u64::MAX), 1 => any::<u64>()]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (address(), 0..40_usize).prop_map(|(at, length)| Step::Read(at, length)),
        (address(), prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(at, bytes)| Step::Write(at, bytes)),
        (address(), prop_oneof![0..40_u64, any::<u64>()]).prop_map(|(at, length)| Step::Slice(at, length)),
        prop_oneof![4 => 0..20_u64, 1 => any::<u64>()].prop_map(Step::Grow),
    ]
}

/// The bytes at `at`, where they are all inside.
fn inside(model: &[u8], at: u64, length: u64) -> Option<std::ops::Range<usize>> {
    let end = at.checked_add(length).filter(|end| *end <= model.len() as u64)?;
    Some(at as usize..end as usize)
}

// @need-ids: REQ_RESOURCE_003
#[cfg(not(feature = "compact"))]
#[test]
fn a_memory_over_zeros_writes_none_when_it_grows_and_any_other_does() {
    for over_zeros in [false, true] {
        // What it is told is not so: what is not written shows.
        let mut bytes = [0xAA; 24];
        let mut state = MemoryState { bytes: 8, max_pages: 20, page_log2: 0, ..MemoryState::default() };
        let (metrics, budget) = (MemoryMetrics::new(), MemoryBudget::default());
        let memory =
            Memory::new(&mut bytes, &mut state, &metrics, &budget).expect("the storage holds the initial size");
        let mut memory = if over_zeros { memory.over_zeros() } else { memory };
        assert_eq!(memory.grow(12), Growth::Grown(8));
        assert_eq!(memory.grow(1), Growth::Refused);
        assert_eq!(memory.data().len(), 20);
        assert!(memory.data()[8..].iter().all(|byte| *byte == if over_zeros { 0xAA } else { 0 }));
        assert_eq!(bytes[20..], [0xAA; 4], "nothing behind it");
    }
}

proptest! {
    // @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_002, REQ_MEM_SAFETY_003, REQ_RESOURCE_003
    #[test]
    fn a_memory_does_what_a_vector_does_and_nothing_outside(
        start in 0..32_usize,
        max in 32..100_u64,
        storage in 32..100_usize,
        steps in prop::collection::vec(step(), 0..60),
    ) {
        // Whatever lies in the storage must not show through after growth.
        let mut bytes = vec![0xAA; storage];
        bytes[..start].fill(0);
        let mut state = MemoryState { bytes: start, max_pages: max, page_log2: 0, ..MemoryState::default() };
        let metrics = MemoryMetrics::new();
        let budget = MemoryBudget::default();
        let mut memory = Memory::new(&mut bytes, &mut state, &metrics, &budget).expect("the storage holds the initial size");
        let mut model = vec![0_u8; start];
        let mut accesses = 0;
        for step in steps {
            match step {
                Step::Read(at, length) => {
                    let mut buffer = vec![0x55; length];
                    let expected = inside(&model, at, length as u64);
                    accesses += 1;
                    prop_assert_eq!(memory.read(at, &mut buffer).is_ok(), expected.is_some());
                    prop_assert_eq!(buffer, expected.map_or(vec![0x55; length], |range| model[range].to_vec()));
                }
                Step::Write(at, bytes) => {
                    let expected = inside(&model, at, bytes.len() as u64);
                    accesses += 1;
                    let written = memory.write(at, &bytes);
                    prop_assert_eq!(written, if expected.is_some() { Ok(()) } else { Err(Trap::MemoryOutOfBounds) });
                    if let Some(range) = expected {
                        model[range].copy_from_slice(&bytes);
                    }
                }
                Step::Slice(at, length) => {
                    let expected = inside(&model, at, length);
                    accesses += 1;
                    match memory.get_safe_slice(at, length, VerificationLevel::Full) {
                        Ok(slice) => {
                            let found = slice.get(0, length as usize).expect("the slice has its length");
                            prop_assert_eq!(found, &model[expected.expect("only what is inside")]);
                            prop_assert!(slice.verify().is_ok());
                        }
                        Err(trap) => prop_assert_eq!((trap, expected), (Trap::MemoryOutOfBounds, None)),
                    }
                }
                Step::Grow(delta) => {
                    let size = model.len() as u64;
                    let wanted = size.checked_add(delta).filter(|wanted| *wanted <= max);
                    let expected = match wanted {
                        None => Growth::Refused,
                        Some(wanted) if wanted > storage as u64 => Growth::NeedsStorage(wanted),
                        Some(wanted) => {
                            model.resize(wanted as usize, 0);
                            Growth::Grown(size)
                        }
                    };
                    prop_assert_eq!(memory.grow(delta), expected);
                }
            }
            prop_assert_eq!(memory.data(), &model[..]);
            prop_assert_eq!(memory.size(), model.len() as u64);
            prop_assert_eq!(memory.peak_memory(), model.len());
            prop_assert_eq!(memory.access_count(), accesses);
        }
    }

    // @need-ids: REQ_RESOURCE_002, REQ_RESOURCE_001
    #[test]
    fn a_table_does_what_a_vector_does(
        start in 0..10_u32,
        max in 10..40_u32,
        storage in 10..40_usize,
        steps in prop::collection::vec((0..4_u8, address(), 0..20_u64, any::<u32>()), 0..60),
    ) {
        let mut elements = vec![0xAAAA; storage];
        elements[..start as usize].fill(0);
        let mut state = TableState { size: start, max, index64: false };
        let mut table = Table::new(&mut elements, &mut state).expect("the storage holds the initial size");
        let mut model = vec![0_u32; start as usize];
        let source = [9, 8, 7, 6, 5];
        for (kind, at, count, value) in steps {
            let index = usize::try_from(at).ok().filter(|index| *index < model.len());
            match kind {
                0 => prop_assert_eq!(table.get(at).ok(), index.map(|index| model[index])),
                1 => {
                    prop_assert_eq!(table.set(at, value).is_ok(), index.is_some());
                    if let Some(index) = index {
                        model[index] = value;
                    }
                }
                2 => {
                    let size = model.len() as u64;
                    let wanted = size + count;
                    let expected = if wanted > u64::from(max) {
                        Growth::Refused
                    } else if wanted > storage as u64 {
                        Growth::NeedsStorage(wanted)
                    } else {
                        model.resize(wanted as usize, value);
                        Growth::Grown(size)
                    };
                    prop_assert_eq!(table.grow(count, value), expected);
                }
                _ => {
                    let fits = at.checked_add(count).is_some_and(|end| end <= model.len() as u64) && count <= 5;
                    prop_assert_eq!(table.init(at, &source, 0, count).is_ok(), fits);
                    if fits {
                        model[at as usize..(at + count) as usize].copy_from_slice(&source[..count as usize]);
                    }
                }
            }
            prop_assert_eq!(table.elements(), &model[..]);
        }
    }
}
