//! Slots: the 64-bit cells in which the machine state keeps values.

// @need-ids: REQ_SAFEPOINT_001, REQ_TABLE_001

/// The float accumulator: registers of the floating-point unit where it costs nothing to hand them on. The second has the lower
/// half of the first. An `f32` is taken from there: its upper half has to be cleared in the first, which takes a way through the
/// integer unit, and what is computed next would wait for that.
#[cfg(target_pointer_width = "64")]
pub type Facc = (f64, f32);
/// The float accumulator: none. Small processors have few registers, and a value is only ever taken from the
/// accumulator by the instruction after the one that made it, so the other one serves both kinds.
#[cfg(not(target_pointer_width = "64"))]
pub type Facc = ();

/// The slot that the float accumulator holds.
#[inline(always)]
pub fn float_slot(acc: u64, facc: Facc) -> u64 {
    #[cfg(target_pointer_width = "64")]
    let (_, slot) = (acc, facc.0.to_bits());
    #[cfg(not(target_pointer_width = "64"))]
    let (slot, ()) = (acc, facc);
    slot
}

/// The accumulators after `slot` was put into the float one.
#[inline(always)]
pub fn accumulate_float(slot: u64, acc: u64, facc: Facc) -> (u64, Facc) {
    #[cfg(target_pointer_width = "64")]
    let (accumulators, _) = ((acc, (f64::from_bits(slot), f32::from_bits(slot as u32))), facc);
    #[cfg(not(target_pointer_width = "64"))]
    let (accumulators, _) = ((slot, facc), acc);
    accumulators
}

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
    fn from_accumulators(acc: u64, _facc: Facc) -> Self {
        Self::from_slot(acc)
    }
    /// The accumulators after an instruction that made this value.
    #[inline(always)]
    fn accumulate(self, _acc: u64, facc: Facc) -> (u64, Facc) {
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
    #[inline(always)]
    fn from_accumulators(acc: u64, facc: Facc) -> Self {
        #[cfg(target_pointer_width = "64")]
        let (_, value) = (acc, facc.1);
        #[cfg(not(target_pointer_width = "64"))]
        let value = Self::from_slot(float_slot(acc, facc));
        value
    }
    #[inline(always)]
    fn accumulate(self, acc: u64, facc: Facc) -> (u64, Facc) {
        #[cfg(target_pointer_width = "64")]
        let (accumulators, _) = ((acc, (f64::from_bits(self.to_slot()), self)), facc);
        #[cfg(not(target_pointer_width = "64"))]
        let accumulators = accumulate_float(self.to_slot(), acc, facc);
        accumulators
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
    fn from_accumulators(acc: u64, facc: Facc) -> Self {
        Self::from_slot(float_slot(acc, facc))
    }
    #[inline(always)]
    fn accumulate(self, acc: u64, facc: Facc) -> (u64, Facc) {
        accumulate_float(self.to_slot(), acc, facc)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Through a slot, and through an immediate where there is one.
    fn returns<T: Slot>(value: T, has_immediate: bool) {
        let slot = value.to_slot();
        assert_eq!(T::from_slot(slot), value);
        assert_eq!(T::immediate(slot).map(T::from_immediate), has_immediate.then_some(value), "{value:?}");
        let (acc, facc) = value.accumulate(7, Facc::default());
        assert_eq!(T::from_accumulators(acc, facc), value, "{value:?}");
    }

    // @need-ids: REQ_TABLE_001, REQ_SAFEPOINT_001
    #[test]
    fn a_value_comes_back_from_where_it_was_put() {
        for value in [0, 1, 0x8000_0000, u32::MAX] {
            returns(value, true);
            assert_eq!(value.to_slot() >> 32, 0, "upper bits are zero");
        }
        // As a 32-bit number that is extended.
        returns(u64::from(u32::MAX >> 1), true);
        returns(u64::MAX, true);
        returns(1_u64 << 40, false);
        returns(-1.5_f32, true);
        returns(0.5_f64, true);
        returns(0.1_f64, false);
        returns(true, true);
        returns(false, true);
    }
}
