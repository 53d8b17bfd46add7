//! Slots: the 64-bit cells in which the machine state keeps values.

/// A type that lives in a slot, with the upper bits of a narrower value zero.
pub trait Slot: Copy + PartialEq + core::fmt::Debug {
    /// Whether values travel in the float accumulator.
    const FLOAT: bool = false;
    /// The value a slot holds; upper bits beyond the type are ignored.
    fn from_slot(slot: u64) -> Self;
    /// The slot for this value.
    fn to_slot(self) -> u64;
    /// The value that an instruction's 32-bit immediate stands for.
    fn from_immediate(immediate: u32) -> Self;
    /// The immediate that stands for the value in `slot`, if there is one.
    fn immediate(slot: u64) -> Option<u32>;
    /// The value from the accumulators that the previous instruction left.
    #[inline(always)]
    fn from_accumulators(acc: u64, _facc: f64) -> Self {
        Self::from_slot(acc)
    }
    /// The accumulators after an instruction that made this value.
    #[inline(always)]
    fn accumulate(self, _acc: u64, facc: f64) -> (u64, f64) {
        (self.to_slot(), facc)
    }
}

impl Slot for u32 {
    #[inline(always)]
    fn from_slot(slot: u64) -> Self {
        slot as Self
    }
    #[inline(always)]
    fn to_slot(self) -> u64 {
        self as u64
    }
    #[inline(always)]
    fn from_immediate(immediate: u32) -> Self {
        immediate
    }
    fn immediate(slot: u64) -> Option<u32> {
        Some(slot as u32)
    }
}

impl Slot for u64 {
    #[inline(always)]
    fn from_slot(slot: u64) -> Self {
        slot
    }
    #[inline(always)]
    fn to_slot(self) -> u64 {
        self
    }
    #[inline(always)]
    fn from_immediate(immediate: u32) -> Self {
        immediate as i32 as i64 as u64
    }
    fn immediate(slot: u64) -> Option<u32> {
        (slot as i32 as i64 as u64 == slot).then_some(slot as u32)
    }
}

impl Slot for f32 {
    const FLOAT: bool = true;
    #[inline(always)]
    fn from_slot(slot: u64) -> Self {
        Self::from_bits(slot as u32)
    }
    #[inline(always)]
    fn to_slot(self) -> u64 {
        self.to_bits() as u64
    }
    #[inline(always)]
    fn from_immediate(immediate: u32) -> Self {
        Self::from_bits(immediate)
    }
    fn immediate(slot: u64) -> Option<u32> {
        Some(slot as u32)
    }
    // The lower half of the float register: no move between register files.
    #[inline(always)]
    fn from_accumulators(_acc: u64, facc: f64) -> Self {
        Self::from_bits(facc.to_bits() as u32)
    }
    #[inline(always)]
    fn accumulate(self, acc: u64, _facc: f64) -> (u64, f64) {
        (acc, f64::from_bits(self.to_bits() as u64))
    }
}

impl Slot for f64 {
    const FLOAT: bool = true;
    #[inline(always)]
    fn from_slot(slot: u64) -> Self {
        Self::from_bits(slot)
    }
    #[inline(always)]
    fn to_slot(self) -> u64 {
        self.to_bits()
    }
    // Constants such as 1.0, 0.5 or -2.0 have nothing in their lower half.
    #[inline(always)]
    fn from_immediate(immediate: u32) -> Self {
        Self::from_bits((immediate as u64) << 32)
    }
    fn immediate(slot: u64) -> Option<u32> {
        (slot as u32 == 0).then_some((slot >> 32) as u32)
    }
    #[inline(always)]
    fn from_accumulators(_acc: u64, facc: f64) -> Self {
        facc
    }
    #[inline(always)]
    fn accumulate(self, acc: u64, _facc: f64) -> (u64, f64) {
        (acc, self)
    }
}

impl Slot for bool {
    #[inline(always)]
    fn from_slot(slot: u64) -> Self {
        slot as u32 != 0
    }
    #[inline(always)]
    fn to_slot(self) -> u64 {
        self as u64
    }
    #[inline(always)]
    fn from_immediate(immediate: u32) -> Self {
        immediate != 0
    }
    fn immediate(slot: u64) -> Option<u32> {
        Some(slot as u32)
    }
}
