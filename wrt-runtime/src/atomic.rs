//! Atomic operators, apart from where an engine has their operands; and what an agent that waits asks of its embedder.
//!
//! Agents take turns: an engine runs one call at a time, so that an access is atomic as it is. To wait is to stop with
//! [`Outcome::Wait`]; to notify is the embedder's too ([`Outcome::Notify`]), because only it knows which calls wait. Either is
//! answered through [`Stack::answer`](crate::Stack::answer), whatever engine goes on with the call.

// @need-ids: REQ_THREADS_001, REQ_MEMORY64_001

use crate::bulk::memory_trap;
use crate::execute::{Outcome, TrapInfo};
use crate::storage::Storage;
use wrt_instructions::Trap;
use wrt_instructions::atomic::{AtomicOp, AtomicPlain, check_alignment};
use wrt_instructions::memory_ops::{position, read};

/// What `memory.atomic.wait32` and `wait64` give.
pub mod waited {
    /// Another agent notified.
    pub const OK: u32 = 0;
    /// The value was not the expected one.
    pub const NOT_EQUAL: u32 = 1;
    /// The time was over.
    pub const TIMED_OUT: u32 = 2;
}

/// Static offsets from here on are beyond every memory, and an instruction has 40 bits for one.
pub const FAR_OFFSET: u64 = 0xFF << 32;

/// What an instruction has of a static offset: of one that is beyond every memory, how it is aligned.
pub const fn instruction_offset(offset: u64) -> u64 {
    if offset < FAR_OFFSET { offset } else { FAR_OFFSET | offset & 0b111 }
}

/// Where an operator got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is done; it gives nothing.
    Done,
    /// It is done, and gives this value.
    Value(u64),
    /// It traps.
    Trap(TrapInfo),
    /// It waits for something.
    Wait(Outcome),
}

/// Which memory an operator accesses, and its static offset in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accessed {
    pub(crate) instance: u32,
    pub(crate) memory: u32,
    pub(crate) offset: u64,
}

impl Accessed {
    /// The effective address of `bytes` bytes, which are inside of the memory.
    fn address(self, storage: &mut dyn Storage, base: u64, bytes: usize) -> Option<Result<u64, Step>> {
        let size = storage.memory(self.instance, self.memory)?.len();
        // How it is aligned is the same where 64 bits do not hold the sum.
        let (address, beyond) = base.overflowing_add(self.offset);
        if let Err(trap) = check_alignment(address, bytes) {
            return Some(Err(Step::Trap(trap.into())));
        }
        if beyond || self.offset >= FAR_OFFSET {
            return Some(Err(Step::Trap(memory_trap(u64::MAX, bytes as u64, size))));
        }
        if address.checked_add(bytes as u64).is_none_or(|end| end > size) {
            return Some(Err(Step::Trap(memory_trap(address, bytes as u64, size))));
        }
        Some(Ok(address))
    }
}

/// An access whose operands, the address first, are `operands`. `None` here and below: an instance without what its code asks for.
// @need-ids: REQ_THREADS_001, REQ_MEM_SAFETY_001
pub(crate) fn access(
    storage: &mut dyn Storage,
    accessed: Accessed,
    op: AtomicOp,
    [base, first, second]: [u64; 3],
) -> Option<Step> {
    let address = match accessed.address(storage, base, op.bytes())? {
        Ok(address) => address,
        Err(step) => return Some(step),
    };
    let memory = storage.memory(accessed.instance, accessed.memory)?.into_data();
    Some(match op.execute(memory, address, [first, second]) {
        Ok(old) if op.has_result() => Step::Value(old),
        Ok(_) => Step::Done,
        Err(trap) => Step::Trap(trap.into()),
    })
}

/// `memory.atomic.notify`, or a wait: the first time it asks, and once it is answered, that is what it gives.
// @need-ids: REQ_THREADS_002, REQ_001
pub(crate) fn agent(
    storage: &mut dyn Storage,
    accessed: Accessed,
    op: AtomicPlain,
    [base, second, third]: [u64; 3],
    answer: &mut Option<u32>,
) -> Option<Step> {
    let bytes = if op == AtomicPlain::MemoryAtomicWait64 { 8 } else { 4 };
    let address = match accessed.address(storage, base, bytes)? {
        Ok(address) => address,
        Err(step) => return Some(step),
    };
    if let Some(answer) = answer.take() {
        return Some(Step::Value(answer.into()));
    }
    let Accessed { instance, memory, .. } = accessed;
    let stored = storage.memory(instance, memory)?;
    if op == AtomicPlain::MemoryAtomicNotify {
        // Nobody can wait on a memory that is not shared.
        if !stored.is_shared() {
            return Some(Step::Value(0));
        }
        return Some(Step::Wait(Outcome::Notify { instance, memory, address, count: second as u32 }));
    }
    if !stored.is_shared() {
        return Some(Step::Trap(Trap::ExpectedSharedMemory.into()));
    }
    let value = match bytes {
        8 => u64::from_le_bytes(read(stored.data(), position(address))?),
        _ => u32::from_le_bytes(read(stored.data(), position(address))?).into(),
    };
    if value != second {
        return Some(Step::Value(waited::NOT_EQUAL.into()));
    }
    Some(Step::Wait(Outcome::Wait { instance, memory, address, timeout: third as i64 }))
}
