//! Loads, stores and the bulk operators' bounds: how operators meet the bytes of a linear memory.
//!
//! A memory is a byte slice at its current size. Nothing here panics: an access outside is `None` or a [`Trap`].

// @need-ids: REQ_MEM_SAFETY_003, REQ_018

use crate::trap::Trap;

/// A byte position in a slice for a 64-bit address; one beyond this machine's address space is out of every slice.
#[inline(always)]
pub const fn position(address: u64) -> usize {
    #[cfg(target_pointer_width = "64")]
    return address as usize;
    #[cfg(not(target_pointer_width = "64"))]
    if address > usize::MAX as u64 { usize::MAX } else { address as usize }
}

/// `N` bytes of `memory` at byte offset `at`, or `None` where they are not all inside.
// One compare and branch: a wrapped end is below its start, which `get` refuses too.
// @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
#[inline(always)]
pub fn read<const N: usize>(memory: &[u8], at: usize) -> Option<[u8; N]> {
    memory.get(at..at.wrapping_add(N))?.first_chunk::<N>().copied()
}

/// Puts `bytes` into `memory` at byte offset `at`; `None`, and nothing written, where they do not all fit.
// @need-ids: REQ_MEM_SAFETY_001, REQ_MEM_SAFETY_003
#[inline(always)]
pub fn write<const N: usize>(memory: &mut [u8], at: usize, bytes: [u8; N]) -> Option<()> {
    *memory.get_mut(at..at.wrapping_add(N))?.first_chunk_mut::<N>()? = bytes;
    Some(())
}

/// Whether `length` units at `start` lie inside `size` units (core 4.6.9 ff., the bulk operators' first check).
#[inline(always)]
pub const fn in_bounds(start: u64, length: u64, size: u64) -> bool {
    length <= size && start <= size - length
}

/// A load operator with its static offset: the plain form of its execution (core 4.6.9, "exec-load").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLoad {
    /// Which load.
    pub operator: crate::operator::LoadOp,
    /// Static offset in bytes.
    pub offset: u64,
}

impl MemoryLoad {
    /// The slot that the load gives at the dynamic `address`, in bytes.
    ///
    /// # Errors
    /// [`Trap::MemoryOutOfBounds`] where any byte lies outside `memory`.
    // @need-ids: REQ_MEM_SAFETY_001, REQ_018
    pub fn execute(&self, memory: &[u8], address: u64) -> Result<u64, Trap> {
        let at = address.checked_add(self.offset).ok_or(Trap::MemoryOutOfBounds)?;
        self.operator.load(memory, position(at)).ok_or(Trap::MemoryOutOfBounds)
    }
}

/// A store operator with its static offset: the plain form of its execution (core 4.6.9, "exec-store").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryStore {
    /// Which store.
    pub operator: crate::operator::StoreOp,
    /// Static offset in bytes.
    pub offset: u64,
}

impl MemoryStore {
    /// Stores the value in `slot` at the dynamic `address`, in bytes.
    ///
    /// # Errors
    /// [`Trap::MemoryOutOfBounds`], with nothing written, where any byte lies outside `memory`.
    // @need-ids: REQ_MEM_SAFETY_001, REQ_018
    pub fn execute(&self, memory: &mut [u8], address: u64, slot: u64) -> Result<(), Trap> {
        let at = address.checked_add(self.offset).ok_or(Trap::MemoryOutOfBounds)?;
        self.operator.store(memory, position(at), slot).ok_or(Trap::MemoryOutOfBounds)
    }
}

/// Base-2 logarithm of the size of a page that is not custom.
const PAGE_LOG2: u32 = 16;

/// `memory.size` of a memory with pages of `1 << page_log2` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemorySize {
    /// Base-2 logarithm of the page size in bytes: 16, or 0 with custom page sizes.
    pub page_log2: u8,
}

impl MemorySize {
    /// The size in pages of a memory of `bytes` bytes.
    pub const fn execute(&self, bytes: u64) -> u64 {
        // Pages have two sizes: nothing has to be shifted by a variable, which takes many instructions on processors of 32 bits.
        if cfg!(feature = "small") {
            return if self.page_log2 == 0 { bytes } else { bytes >> PAGE_LOG2 };
        }
        match bytes.checked_shr(self.page_log2 as u32) {
            Some(pages) => pages,
            None => 0,
        }
    }
}

/// `memory.grow` of a memory with pages of `1 << page_log2` bytes: the arithmetic of it; storage is the engine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryGrow {
    /// Base-2 logarithm of the page size in bytes: 16, or 0 with custom page sizes.
    pub page_log2: u8,
    /// The largest size in pages: the lower of the type's maximum and the limits'.
    pub max_pages: u64,
}

impl MemoryGrow {
    /// The new size in bytes when `delta` pages are added to `bytes`, or `None` where growing fails (the operator then gives -1).
    pub const fn execute(&self, bytes: u64, delta: u64) -> Option<u64> {
        let pages = MemorySize { page_log2: self.page_log2 }.execute(bytes);
        let mut size = match pages.checked_add(delta) {
            Some(sum) if sum <= self.max_pages => sum,
            _ => return None,
        };
        if cfg!(feature = "small") {
            return if self.page_log2 == 0 { Some(size) } else { size.checked_mul(1 << PAGE_LOG2) };
        }
        // Doubled, not shifted: less code, and growing is seldom.
        let mut doublings = self.page_log2;
        while doublings > 0 {
            size = match size.checked_mul(2) {
                Some(size) => size,
                None => return None,
            };
            doublings = doublings.wrapping_sub(1);
        }
        Some(size)
    }
}

// The loads and stores of the table: bytes to value and value to bytes.

/// `i32.load`.
#[inline(always)]
pub const fn i32_load(bytes: [u8; 4]) -> u32 {
    u32::from_le_bytes(bytes)
}

/// `i64.load`.
#[inline(always)]
pub const fn i64_load(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes)
}

/// `f32.load`.
#[inline(always)]
pub const fn f32_load(bytes: [u8; 4]) -> u32 {
    u32::from_le_bytes(bytes)
}

/// `f64.load`.
#[inline(always)]
pub const fn f64_load(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes)
}

/// `i32.load8_s`.
#[inline(always)]
pub const fn i32_load8_s(bytes: [u8; 1]) -> u32 {
    i8::from_le_bytes(bytes) as i32 as u32
}

/// `i32.load8_u`.
#[inline(always)]
pub const fn i32_load8_u(bytes: [u8; 1]) -> u32 {
    u8::from_le_bytes(bytes) as u32
}

/// `i32.load16_s`.
#[inline(always)]
pub const fn i32_load16_s(bytes: [u8; 2]) -> u32 {
    i16::from_le_bytes(bytes) as i32 as u32
}

/// `i32.load16_u`.
#[inline(always)]
pub const fn i32_load16_u(bytes: [u8; 2]) -> u32 {
    u16::from_le_bytes(bytes) as u32
}

/// `i64.load8_s`.
#[inline(always)]
pub const fn i64_load8_s(bytes: [u8; 1]) -> u64 {
    i8::from_le_bytes(bytes) as i64 as u64
}

/// `i64.load8_u`.
#[inline(always)]
pub const fn i64_load8_u(bytes: [u8; 1]) -> u64 {
    u8::from_le_bytes(bytes) as u64
}

/// `i64.load16_s`.
#[inline(always)]
pub const fn i64_load16_s(bytes: [u8; 2]) -> u64 {
    i16::from_le_bytes(bytes) as i64 as u64
}

/// `i64.load16_u`.
#[inline(always)]
pub const fn i64_load16_u(bytes: [u8; 2]) -> u64 {
    u16::from_le_bytes(bytes) as u64
}

/// `i64.load32_s`.
#[inline(always)]
pub const fn i64_load32_s(bytes: [u8; 4]) -> u64 {
    i32::from_le_bytes(bytes) as i64 as u64
}

/// `i64.load32_u`.
#[inline(always)]
pub const fn i64_load32_u(bytes: [u8; 4]) -> u64 {
    u32::from_le_bytes(bytes) as u64
}

/// `i32.store`.
#[inline(always)]
pub const fn i32_store(x: u32) -> [u8; 4] {
    x.to_le_bytes()
}

/// `i64.store`.
#[inline(always)]
pub const fn i64_store(x: u64) -> [u8; 8] {
    x.to_le_bytes()
}

/// `f32.store`.
#[inline(always)]
pub const fn f32_store(x: u32) -> [u8; 4] {
    x.to_le_bytes()
}

/// `f64.store`.
#[inline(always)]
pub const fn f64_store(x: u64) -> [u8; 8] {
    x.to_le_bytes()
}

/// `i32.store8`.
#[inline(always)]
pub const fn i32_store8(x: u32) -> [u8; 1] {
    (x as u8).to_le_bytes()
}

/// `i32.store16`.
#[inline(always)]
pub const fn i32_store16(x: u32) -> [u8; 2] {
    (x as u16).to_le_bytes()
}

/// `i64.store8`.
#[inline(always)]
pub const fn i64_store8(x: u64) -> [u8; 1] {
    (x as u8).to_le_bytes()
}

/// `i64.store16`.
#[inline(always)]
pub const fn i64_store16(x: u64) -> [u8; 2] {
    (x as u16).to_le_bytes()
}

/// `i64.store32`.
#[inline(always)]
pub const fn i64_store32(x: u64) -> [u8; 4] {
    (x as u32).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_MEM_SAFETY_003
    #[test]
    fn sizes_and_growth_that_no_number_holds_are_none() {
        let grow = |page_log2, max_pages, bytes, delta| MemoryGrow { page_log2, max_pages }.execute(bytes, delta);
        assert_eq!(grow(16, 3, 65_536, 2), Some(3 * 65_536));
        assert_eq!(grow(16, 3, 65_536, 3), None, "more than there may be");
        assert_eq!(grow(16, u64::MAX, 65_536, u64::MAX), None, "more pages than a number holds");
        assert_eq!(grow(16, u64::MAX, 65_536, 1 << 48), None, "more bytes than a number holds");
        assert_eq!(grow(0, u64::MAX, 1, u64::MAX - 1), Some(u64::MAX));
        let pages = |page_log2, bytes| MemorySize { page_log2 }.execute(bytes);
        assert_eq!((pages(16, 131_071), pages(0, 131_071)), (1, 131_071));
        if !cfg!(feature = "small") {
            assert_eq!(pages(64, u64::MAX), 0, "no such pages");
        }
    }
}
