//! What two states differ in.

// @need-ids: REQ_LOCKSTEP_001

use crate::state::{self, FrameState};
use crate::storage::StoreStorage;
use crate::store::StackMemory;
use alloc::string::String;
use core::error::Error;
use core::fmt;
use wrt_runtime::Outcome;

/// Two engines that ran the same call on the same state disagree: one of them, its code or its memory is at fault.
// @need-ids: REQ_LOCKSTEP_001, REQ_ERROR_003
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The first difference.
    pub difference: Difference,
    /// The fuel left when it was found.
    pub fuel: u64,
}

/// What differs: in the state of the stackless engine first, then in that of the traditional one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// One stopped for something else.
    Outcome(Outcome, Outcome),
    /// One used more fuel: what was left of the slice.
    Fuel(u64, u64),
    /// The number of frames.
    Depth(usize, usize),
    /// Another function or position in a frame, counted from the running one.
    Frame {
        /// Number of the frame.
        frame: usize,
        /// Instance, function and offset.
        found: (u32, u32, u32),
        /// Instance, function and offset.
        expected: (u32, u32, u32),
    },
    /// A local or operand.
    Slot {
        /// Number of the frame.
        frame: usize,
        /// Its function.
        func: u32,
        /// Number of the slot: locals, then operands.
        slot: usize,
        /// Its value, or `None` for a frame of fewer.
        found: Option<u64>,
        /// Its value, or `None` for a frame of fewer.
        expected: Option<u64>,
    },
    /// An argument of a host function, or a result of the call.
    Passed {
        /// Number of the slot among them.
        slot: usize,
        /// Its value.
        found: u64,
        /// Its value.
        expected: u64,
    },
    /// Bytes of a memory.
    Memory {
        /// Address of the memory in the store.
        memory: usize,
        /// The first byte that differs.
        first: usize,
        /// One past the last.
        end: usize,
    },
    /// An element of a table.
    Table {
        /// Address of the table in the store.
        table: usize,
        /// The first element that differs.
        element: usize,
    },
    /// A slot of the globals.
    Global {
        /// Number of the slot in the store.
        slot: usize,
        /// Its value.
        found: u64,
        /// Its value.
        expected: u64,
    },
    /// The heap: what is in use of it, objects, or handles.
    Heap {
        /// The first word that differs.
        word: usize,
    },
    /// A segment that only one of them dropped, or its references.
    Segment {
        /// Number of the instance.
        instance: usize,
    },
    /// What a trap tells.
    Trap(String, String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outcome(found, expected) => write!(f, "one stopped with {found:?}, the other with {expected:?}"),
            Self::Fuel(found, expected) => write!(f, "{found} units of a slice are left, or {expected}"),
            Self::Depth(found, expected) => write!(f, "{found} frames, or {expected}"),
            Self::Frame { frame, found, expected } => {
                let ((i, func, at), (j, other, there)) = (found, expected);
                write!(
                    f,
                    "frame {frame} is function {func} of instance {i} at {at:#x}, or {other} of {j} at {there:#x}"
                )
            }
            Self::Slot { frame, func, slot, found, expected } => {
                let shown = |value: &Option<u64>| match value {
                    Some(value) => alloc::format!("{value:#x}"),
                    None => "not there".into(),
                };
                write!(f, "slot {slot} of frame {frame}, function {func}, is {}, or {}", shown(found), shown(expected))
            }
            Self::Passed { slot, found, expected } => {
                write!(f, "slot {slot} of what is passed to the host is {found:#x}, or {expected:#x}")
            }
            Self::Memory { memory, first, end } => {
                write!(f, "memory {memory} differs from byte {first:#x} to {end:#x}")
            }
            Self::Table { table, element } => write!(f, "table {table} differs at element {element}"),
            Self::Global { slot, found, expected } => write!(f, "global slot {slot} is {found:#x}, or {expected:#x}"),
            Self::Heap { word } => write!(f, "the heap differs from word {word} on, or its handles do"),
            Self::Segment { instance } => write!(f, "a segment of instance {instance} differs"),
            Self::Trap(found, expected) => write!(f, "one trapped with {found}, the other with {expected}"),
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the engines disagree: {} (with {} units of fuel left)", self.difference, self.fuel)
    }
}

impl Error for Divergence {}

/// Compares where two engines stopped, and the fuel that is left.
pub(super) fn of_stop(found: (Outcome, u64), expected: (Outcome, u64)) -> Option<Difference> {
    if found.0 != expected.0 {
        return Some(Difference::Outcome(found.0, expected.0));
    }
    (found.1 != expected.1).then_some(Difference::Fuel(found.1, expected.1))
}

/// Compares all that two states hold.
pub(super) fn of_states(
    (storage, stack): (&StoreStorage, &StackMemory),
    (twin_storage, twin): (&StoreStorage, &StackMemory),
    outcome: Outcome,
) -> Option<Difference> {
    if let Outcome::Trapped(_) = outcome
        && stack.state.trap != twin.state.trap
    {
        let shown = |stack: &StackMemory| alloc::format!("{:?}", stack.state.trap);
        return Some(Difference::Trap(shown(stack), shown(twin)));
    }
    let callee = match outcome {
        Outcome::HostCall { base, .. } | Outcome::HostAgain { base, .. } => Some(base),
        _ => None,
    };
    // Of a call that ended there are no frames; of one that trapped, where it did is all that both know.
    let ended = matches!(outcome, Outcome::Finished | Outcome::Trapped(_));
    let frames = if ended { None } else { of_frames((storage, stack), (twin_storage, twin), callee) };
    frames.or_else(|| of_contents(storage, twin_storage))
}

fn of_frames(
    (storage, stack): (&StoreStorage, &StackMemory),
    (twin_storage, twin): (&StoreStorage, &StackMemory),
    callee: Option<u32>,
) -> Option<Difference> {
    let found = state::frames_at(storage, stack, callee);
    let expected = state::frames_at(twin_storage, twin, callee);
    if found.len() != expected.len() {
        return Some(Difference::Depth(found.len(), expected.len()));
    }
    found.iter().zip(&expected).enumerate().find_map(|(frame, (found, expected))| {
        let place = |frame: &FrameState| (frame.instance, frame.func, frame.offset);
        if place(found) != place(expected) {
            return Some(Difference::Frame { frame, found: place(found), expected: place(expected) });
        }
        // What lies above the operands of the running frame means nothing; the side table knows how many there are.
        let known = expected.slots.len();
        (0..known).find_map(|slot| {
            let values = (found.slots.get(slot).copied(), expected.slots.get(slot).copied());
            let (func, (found, expected)) = (expected.func, values);
            (found != expected).then_some(Difference::Slot { frame, func, slot, found, expected })
        })
    })
}

/// Compares memories, tables, globals and segments.
fn of_contents(storage: &StoreStorage, twin: &StoreStorage) -> Option<Difference> {
    let globals = storage.globals.iter().zip(&twin.globals).enumerate();
    for (slot, (found, expected)) in globals {
        if found != expected {
            return Some(Difference::Global { slot, found: *found, expected: *expected });
        }
    }
    for (memory, (found, expected)) in storage.memories.iter().zip(&twin.memories).enumerate() {
        let (found, expected) = (found.data(), expected.data());
        if found != expected {
            let differs = |at: &usize| found.get(*at) != expected.get(*at);
            let length = found.len().max(expected.len());
            let first = (0..length).find(differs).unwrap_or_default();
            let last = (first..length).rev().find(differs).unwrap_or(first);
            return Some(Difference::Memory { memory, first, end: last.saturating_add(1) });
        }
    }
    for (table, (found, expected)) in storage.tables.iter().zip(&twin.tables).enumerate() {
        let (found, expected) = (found.elements(), expected.elements());
        if found != expected {
            let length = found.len().max(expected.len());
            let element = (0..length).find(|at| found.get(*at) != expected.get(*at)).unwrap_or_default();
            return Some(Difference::Table { table, element });
        }
    }
    if storage.heap.state != twin.heap.state || storage.heap.contents() != twin.heap.contents() {
        let (found, expected) = (storage.heap.contents().0, twin.heap.contents().0);
        let word = found.iter().zip(expected).take_while(|(found, expected)| found == expected).count();
        return Some(Difference::Heap { word });
    }
    let segments = storage.instances.iter().zip(&twin.instances);
    let instance = segments.enumerate().find(|(_, (found, expected))| !found.has_same_segments(expected))?.0;
    Some(Difference::Segment { instance })
}
