//! Linear memories over the caller's storage.

// @need-ids: REQ_MEM_SAFETY_002, REQ_MEMORY64_001

use core::sync::atomic::{AtomicUsize, Ordering};

use crate::moves::fill;
use wrt_instructions::Trap;
use wrt_instructions::memory_ops::{self, MemoryGrow, MemorySize};
use wrt_safety::{SafeSlice, VerificationLevel};

/// Figures of one memory that another thread may read while the guest runs.
///
/// There is one writer, the engine that holds the memory, so plain atomic loads and stores do: no CPU needs a
/// compare-and-swap for it. Counts wrap at the size of `usize`.
// @need-ids: REQ_012
#[derive(Debug, Default)]
pub struct MemoryMetrics {
    peak: AtomicUsize,
    accesses: AtomicUsize,
}

impl MemoryMetrics {
    /// Figures of a memory not used yet.
    pub const fn new() -> Self {
        Self { peak: AtomicUsize::new(0), accesses: AtomicUsize::new(0) }
    }
    /// The largest size so far, in bytes.
    pub fn peak_bytes(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }
    /// How often the memory was accessed: by the host through [`Memory`], and by the guest where its run was observed.
    pub fn accesses(&self) -> usize {
        self.accesses.load(Ordering::Relaxed)
    }
    /// Adds to the count of accesses. For the one writer.
    pub fn add_accesses(&self, n: usize) {
        self.accesses.store(self.accesses.load(Ordering::Relaxed).wrapping_add(n), Ordering::Relaxed);
    }
    fn raise_peak(&self, bytes: usize) {
        if bytes > self.peak.load(Ordering::Relaxed) {
            self.peak.store(bytes, Ordering::Relaxed);
        }
    }
}

/// How many bytes the memories of a store may still grow by, together (`max-total-memory-bytes`).
///
/// There is one writer, as for [`MemoryMetrics`]. More than a machine can address counts as all that it can.
// @need-ids: REQ_RESOURCE_003
#[derive(Debug)]
pub struct MemoryBudget {
    all: usize,
    left: AtomicUsize,
}

impl MemoryBudget {
    /// A store without memories, whose limit is `bytes`.
    pub const fn new(bytes: u64) -> Self {
        let all = memory_ops::position(bytes);
        Self { all, left: AtomicUsize::new(all) }
    }
    /// What all memories may take, in bytes.
    pub(crate) const fn all(&self) -> usize {
        self.all
    }
    /// What memories took so far, in bytes.
    pub fn used(&self) -> u64 {
        self.all.saturating_sub(self.left()) as u64
    }
    /// What is left, in bytes.
    pub fn left(&self) -> usize {
        self.left.load(Ordering::Relaxed)
    }
    /// Takes `bytes` out of it; `None`, and nothing taken, where fewer are left.
    pub fn take(&self, bytes: usize) -> Option<()> {
        self.left.store(self.left().checked_sub(bytes)?, Ordering::Relaxed);
        Some(())
    }
    /// Of all that there is, memories have taken `bytes`; nothing is left where that is more.
    pub(crate) fn set_used(&self, bytes: usize) {
        self.left.store(self.all.saturating_sub(bytes), Ordering::Relaxed);
    }
    /// Gives `bytes` back that were taken.
    pub fn give(&self, bytes: usize) {
        self.left.store(self.left().saturating_add(bytes).min(self.all), Ordering::Relaxed);
    }
}

impl Default for MemoryBudget {
    /// Without a limit.
    fn default() -> Self {
        Self::new(u64::MAX)
    }
}

/// The part of a memory that is plain data: everything but its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryState {
    /// Size in bytes.
    pub bytes: usize,
    /// The most pages it may have: the lower of its type's maximum and the limits'.
    pub max_pages: u64,
    /// Base-2 logarithm of its page size in bytes.
    pub page_log2: u8,
    /// Whether its addresses have 64 bits.
    pub index64: bool,
    /// Whether it is shared between agents.
    #[cfg(feature = "threads")]
    pub shared: bool,
}

impl MemoryState {
    /// No pages, and never any.
    pub const EMPTY: Self = Self {
        bytes: 0,
        max_pages: 0,
        page_log2: 0,
        index64: false,
        #[cfg(feature = "threads")]
        shared: false,
    };
}

/// What `memory.grow` came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// Grown; the size before, in pages.
    Grown(u64),
    /// Refused by the type's maximum or the limits: the guest sees -1.
    Refused,
    /// Allowed, but the storage is shorter than these bytes: the embedder enlarges it and tries again.
    NeedsStorage(u64),
}

/// A linear memory: a view over storage that its caller owns (core 4.2.9, "memory instances").
// @need-ids: REQ_MEM_SAFETY_002, REQ_018
#[derive(Debug)]
pub struct Memory<'a> {
    storage: &'a mut [u8],
    state: &'a mut MemoryState,
    metrics: &'a MemoryMetrics,
    budget: &'a MemoryBudget,
    /// Whether what lies behind its bytes is zero.
    #[cfg(not(feature = "compact"))]
    cleared: bool,
}

impl<'a> Memory<'a> {
    /// A view of the memory described by `state`, whose bytes are the first `state.bytes` of `storage`.
    ///
    /// It grows by no more than `budget` has left. `None` where the storage is shorter than its size.
    pub fn new(
        storage: &'a mut [u8],
        state: &'a mut MemoryState,
        metrics: &'a MemoryMetrics,
        budget: &'a MemoryBudget,
    ) -> Option<Self> {
        if storage.len() < state.bytes {
            return None;
        }
        metrics.raise_peak(state.bytes);
        Some(Self {
            storage,
            state,
            metrics,
            budget,
            #[cfg(not(feature = "compact"))]
            cleared: false,
        })
    }

    /// The same, of a storage that is zero wherever the memory does not reach yet: growing does not write zeros there, and pages that a
    /// host backs when they are first touched stay untouched.
    ///
    /// Whoever says so of another storage shows the guest what lay there.
    #[cfg(not(feature = "compact"))]
    #[must_use]
    pub fn over_zeros(self) -> Self {
        Self { cleared: true, ..self }
    }

    /// Size in pages.
    pub fn size(&self) -> u64 {
        MemorySize { page_log2: self.state.page_log2 }.execute(self.state.bytes as u64)
    }

    /// Size in bytes.
    pub fn len(&self) -> u64 {
        self.state.bytes as u64
    }

    /// Whether its addresses have 64 bits.
    pub fn index64(&self) -> bool {
        self.state.index64
    }

    /// Whether it is shared between agents.
    #[cfg(feature = "threads")]
    pub fn is_shared(&self) -> bool {
        self.state.shared
    }

    /// Whether it has no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.state.bytes == 0
    }

    /// The size in bytes after growing by `delta` pages, or `None` where its type or the limits refuse that.
    #[cfg_attr(feature = "compact", inline(always))]
    pub fn growth(&self, delta: u64) -> Option<usize> {
        let rule = MemoryGrow { page_log2: self.state.page_log2, max_pages: self.state.max_pages };
        let bytes = usize::try_from(rule.execute(self.state.bytes as u64, delta)?).ok()?;
        (bytes.wrapping_sub(self.state.bytes) <= self.budget.left()).then_some(bytes)
    }

    /// Grows by `delta` pages; new bytes are zero (core 4.6.9, `memory.grow`).
    // @need-ids: REQ_RESOURCE_001, REQ_RESOURCE_003
    pub fn grow(&mut self, delta: u64) -> Growth {
        let old = self.size();
        let Some(bytes) = self.growth(delta) else { return Growth::Refused };
        match self.extend(bytes) {
            Some(()) => Growth::Grown(old),
            None => Growth::NeedsStorage(bytes as u64),
        }
    }

    /// Makes it `bytes` long, as [`growth`](Self::growth) said that it may be; `None` where the storage is shorter.
    pub(crate) fn extend(&mut self, bytes: usize) -> Option<()> {
        let new = self.storage.get_mut(self.state.bytes..bytes)?;
        self.budget.take(new.len())?;
        #[cfg(not(feature = "compact"))]
        let cleared = self.cleared;
        #[cfg(feature = "compact")]
        let cleared = false;
        if !cleared {
            fill(new, 0);
        }
        self.state.bytes = bytes;
        self.metrics.raise_peak(bytes);
        Some(())
    }

    /// All bytes.
    pub fn data(&self) -> &[u8] {
        self.storage.get(..self.state.bytes).unwrap_or_default()
    }

    /// All bytes, to change.
    pub fn data_mut(&mut self) -> &mut [u8] {
        self.storage.get_mut(..self.state.bytes).unwrap_or_default()
    }

    /// All bytes, for as long as the storage is borrowed.
    pub fn into_data(self) -> &'a mut [u8] {
        self.storage.get_mut(..self.state.bytes).unwrap_or_default()
    }

    /// Copies the bytes at `address` into `buffer`.
    ///
    /// # Errors
    /// [`Trap::MemoryOutOfBounds`], with the buffer unchanged, where any byte lies outside.
    // @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003, REQ_PERF_002
    pub fn read(&self, address: u64, buffer: &mut [u8]) -> Result<(), Trap> {
        self.metrics.add_accesses(1);
        let at = memory_ops::position(address);
        let source = self.data().get(at..at.saturating_add(buffer.len())).ok_or(Trap::MemoryOutOfBounds)?;
        for (to, from) in buffer.iter_mut().zip(source) {
            *to = *from;
        }
        Ok(())
    }

    /// Copies `bytes` to `address`.
    ///
    /// # Errors
    /// [`Trap::MemoryOutOfBounds`], with nothing written, where any byte lies outside.
    // @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003, REQ_PERF_002
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), Trap> {
        self.metrics.add_accesses(1);
        let at = memory_ops::position(address);
        let target = self.data_mut().get_mut(at..at.saturating_add(bytes.len())).ok_or(Trap::MemoryOutOfBounds)?;
        for (to, from) in target.iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(())
    }

    /// A checked read-only view of `length` bytes at `address`.
    ///
    /// # Errors
    /// [`Trap::MemoryOutOfBounds`] where any byte lies outside.
    // @need-ids: REQ_MEM_SAFETY_002
    pub fn get_safe_slice(&self, address: u64, length: u64, level: VerificationLevel) -> Result<SafeSlice<'_>, Trap> {
        self.metrics.add_accesses(1);
        let at = memory_ops::position(address);
        let bytes =
            self.data().get(at..at.saturating_add(memory_ops::position(length))).ok_or(Trap::MemoryOutOfBounds)?;
        Ok(SafeSlice::new(bytes, level))
    }

    /// The largest size so far, in bytes.
    pub fn peak_memory(&self) -> usize {
        self.metrics.peak_bytes()
    }

    /// How often it was accessed ([`MemoryMetrics::accesses`]).
    pub fn access_count(&self) -> usize {
        self.metrics.accesses()
    }
}
