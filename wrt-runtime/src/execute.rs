//! What engines have in common: outcomes, traps with their operands, and the trait [`Execute`].

// @need-ids: REQ_ERROR_003, REQ_TRAP_001

use crate::heap::Wanted;
use crate::stack::Stack;
use crate::storage::Storage;
use core::fmt;
use wrt_instructions::Trap;

/// A trap with the operands that explain it.
// @need-ids: REQ_TRAP_001, REQ_ERROR_003
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TrapInfo {
    /// Which trap.
    pub trap: Trap,
    /// What it is about.
    pub detail: Detail,
}

/// The operands of a trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Detail {
    /// Nothing beyond the trap itself.
    None,
    /// An access of `length` bytes at `address` of a memory of `size` bytes.
    Memory {
        /// Effective address of the first byte.
        address: u64,
        /// Bytes accessed.
        length: u64,
        /// Size of the memory in bytes.
        size: u64,
    },
    /// An access to element `index` (or `length` of them) of a table or segment of `size` elements.
    Table {
        /// First element.
        index: u64,
        /// Elements accessed.
        length: u64,
        /// Size in elements.
        size: u64,
    },
    /// An access to element `index` (or `length` of them) of an array of `size` elements.
    Array {
        /// First element.
        index: u64,
        /// Elements accessed.
        length: u64,
        /// Size in elements.
        size: u32,
    },
    /// An indirect call that expected one type of the store and found another.
    Type {
        /// The type expected, by the store's number.
        expected: u32,
        /// The type found.
        actual: u32,
    },
    /// An exception with the tag `index` of the instance that threw it.
    Tag {
        /// Index of the tag.
        index: u32,
    },
}

impl From<Trap> for TrapInfo {
    fn from(trap: Trap) -> Self {
        Self { trap, detail: Detail::None }
    }
}

/// Something that is wrong with the engine's surroundings rather than with the guest.
// @need-ids: REQ_ERROR_003, REQ_VERIFY_004
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Fault {
    /// The storage lacks what code asks for.
    Missing(Missing),
    /// The machine state broke a rule ([`Stack::validate`]).
    Integrity(Broken),
}

/// What a storage lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Missing {
    /// The instance that runs.
    Instance,
    /// A function.
    Function,
    /// The bytecode of the instance that runs.
    Bytecode,
    /// The position in the bytecode at which a frame stands.
    Position,
    /// The heap.
    Heap,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Instance => "instance",
            Self::Function => "function",
            Self::Bytecode => "bytecode",
            Self::Position => "position",
            Self::Heap => "heap",
        })
    }
}

/// A rule that the machine state broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Broken {
    /// There are more frames than storage for them.
    Depth,
    /// A frame begins above its callee.
    Order,
    /// A frame begins above the slots.
    Base,
    /// The frames that are marks were counted wrong.
    Marks,
    /// Two engines in step came to different states.
    Step,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Depth => "more frames than storage",
            Self::Order => "a frame begins above its callee",
            Self::Base => "a frame begins above the slots",
            Self::Marks => "frame marks are miscounted",
            Self::Step => "the engines disagree",
        })
    }
}

/// Where a run stopped.
///
/// Nothing is borrowed and nothing lost: each of the stops that is not an end can be answered and the run gone on with.
// @need-ids: REQ_001, REQ_003
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Outcome {
    /// The call returned. Its results stand in the slots from [`CallState::base`](crate::stack::CallState::base) on.
    Finished,
    /// The next step costs `needed` units, and there are fewer. Add fuel and run on.
    OutOfFuel {
        /// Units that must be there for the next step.
        needed: u64,
    },
    /// The guest trapped; [`CallState::trap`](crate::stack::CallState::trap) says how. Frames stand for a backtrace until unwound.
    Trapped(Trap),
    /// The host's function `func` is called. Arguments stand in the slots from `base` on; put the results there and run on.
    HostCall {
        /// Number of the host function.
        func: u32,
        /// First slot of arguments and results.
        base: u32,
    },
    /// The function that the host's function `func` called ([`StacklessEngine::reenter`](crate::StacklessEngine::reenter))
    /// returned: the host function goes on. As in [`HostCall`](Self::HostCall), put its results at `base` and run on, or
    /// let it call again.
    HostAgain {
        /// Number of the host function.
        func: u32,
        /// First slot of its arguments, which are as they were, and of its results.
        base: u32,
        /// First slot of the results of the function that it called. [`Waiting`](crate::stack::Waiting) reads the words
        /// below it.
        results: u32,
    },
    /// Function `func` of `instance` has no code yet. Provide it and run on.
    NeedsCode {
        /// Instance.
        instance: u32,
        /// Function index.
        func: u32,
    },
    /// The storage of a memory must be at least `bytes` long. Enlarge it and run on.
    NeedsMemory {
        /// Instance in whose index space the memory is named.
        instance: u32,
        /// Memory index.
        memory: u32,
        /// Bytes wanted.
        bytes: u64,
    },
    /// The storage of a table must be at least `elements` long. Enlarge it and run on.
    NeedsTable {
        /// Instance in whose index space the table is named.
        instance: u32,
        /// Table index.
        table: u32,
        /// Elements wanted.
        elements: u64,
    },
    /// The storage of the heap must have so many words and handles. Enlarge it and run on.
    NeedsHeap(Wanted),
    /// The agent waits until another notifies it at this place of a shared memory (`memory.atomic.wait32` and `wait64`), or until
    /// the time is over. [Answer](crate::Stack::answer) with what the operator is to give ([`waited`](crate::atomic::waited)) and
    /// run on.
    #[cfg(feature = "threads")]
    Wait {
        /// Instance in whose index space the memory is named.
        instance: u32,
        /// Memory index.
        memory: u32,
        /// Effective address in bytes.
        address: u64,
        /// Nanoseconds; less than 0 for ever.
        timeout: i64,
    },
    /// At most `count` agents that wait at this place of a shared memory go on, those first that have waited longest
    /// (`memory.atomic.notify`). [Answer](crate::Stack::answer) with how many they are and run on.
    #[cfg(feature = "threads")]
    Notify {
        /// Instance in whose index space the memory is named.
        instance: u32,
        /// Memory index.
        memory: u32,
        /// Effective address in bytes.
        address: u64,
        /// The most agents to go on.
        count: u32,
    },
    /// A call does not fit into the stack's slots or frames, and there can be more
    /// ([`Stack::growable`](crate::Stack::growable)). Keep what is there, enlarge the storage and run on.
    NeedsStack,
    /// Something is wrong around the guest; the call cannot go on.
    Fault(Fault),
}

/// An engine: something that moves a machine state on.
// @need-ids: REQ_001, REQ_003, REQ_007
pub trait Execute {
    /// Sets the fuel left, in units of the fuel schedule. `u64::MAX` is as good as unlimited, and still counted.
    fn set_fuel(&mut self, fuel: u64);
    /// The fuel left.
    fn remaining_fuel(&self) -> u64;
    /// Starts a call of an instance's function on top of `stack`, its frame at slot `base`, and runs it.
    ///
    /// Arguments are slots; their number and types are the caller's duty, as is that `base` lies above everything in use.
    fn execute(
        &mut self,
        storage: &mut dyn Storage,
        stack: &mut Stack<'_>,
        instance_idx: u32,
        func_idx: u32,
        base: u32,
        args: &[u64],
    ) -> Outcome;
    /// Goes on where the last outcome stopped.
    fn resume(&mut self, storage: &mut dyn Storage, stack: &mut Stack<'_>) -> Outcome;
}
