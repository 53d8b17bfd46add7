//! Fuel schedule v1: what an operator costs, decided from validated bytecode alone.
//!
//! The table's price column is the base; the functions here add what follows from immediates and types.
//! `docs/fuel-schedule` is the normative text.

// @need-ids: REQ_FUEL_SCHEDULE_001, REQ_007

use crate::operator::OperatorInfo;

/// The version of the schedule; it changes only if some program's fuel changes.
pub const SCHEDULE_VERSION: u16 = 1;

/// The most that one segment may cost before the operator that would exceed it opens a new segment.
pub const SEGMENT_MAX: u32 = 256;

/// Bytes that one unit of fuel copies, fills or adds to a memory.
pub const BYTES_PER_UNIT: u64 = 64;

/// Table elements that one unit of fuel copies, fills or adds to a table.
pub const ELEMENTS_PER_UNIT: u64 = 16;

/// Words of the heap in use, handles, and places where references are looked for, of which one unit of fuel collects so many.
pub const COLLECTED_PER_UNIT: u64 = 1;

/// What entering a function adds: an eighth of its local slots, parameters included, rounded down.
// @need-ids: REQ_FUEL_SCHEDULE_001
pub const fn entry(local_slots: u32) -> u32 {
    local_slots / 8
}

/// The price of an operator that moves `arity` slots besides its base: branches, calls and returns.
// @need-ids: REQ_FUEL_SCHEDULE_001
pub const fn with_arity(base: u32, arity: u32) -> u32 {
    base.saturating_add(arity)
}

/// The proportional part of a bulk operator on `n` bytes.
// @need-ids: REQ_FUEL_SCHEDULE_001
pub const fn bytes(n: u64) -> u64 {
    n.div_ceil(BYTES_PER_UNIT)
}

/// The proportional part of a table operator on `n` elements.
// @need-ids: REQ_FUEL_SCHEDULE_001
pub const fn elements(n: u64) -> u64 {
    n.div_ceil(ELEMENTS_PER_UNIT)
}

/// What a collection costs: of a heap with so many words in use, so many handles, and so many places where references are looked
/// for.
// @need-ids: REQ_FUEL_SCHEDULE_001, REQ_GC_004
pub const fn collection(words: u32, handles: u32, roots: u64) -> u64 {
    // Far from what 64 bits count.
    (words as u64).wrapping_add(handles as u64).saturating_add(roots).div_ceil(COLLECTED_PER_UNIT)
}

/// A hash (FNV-1a, 64 bits) of the whole schedule: every opcode with its base price, and the constants above.
/// Images and snapshots carry it, so that state metered by another schedule is refused.
// @need-ids: REQ_FUEL_SCHEDULE_001
pub const SCHEDULE_HASH: u64 = {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    hash = fold_rows(hash, crate::operator::OPERATORS);
    hash = fold_rows(hash, crate::vector::OPERATORS);
    hash = fold_rows(hash, crate::atomic::OPERATORS);
    hash = fold(hash, SCHEDULE_VERSION as u64);
    hash = fold(hash, SEGMENT_MAX as u64);
    hash = fold(hash, BYTES_PER_UNIT);
    hash = fold(hash, ELEMENTS_PER_UNIT);
    fold(hash, COLLECTED_PER_UNIT)
};

const fn fold_rows(mut hash: u64, rows: &[OperatorInfo]) -> u64 {
    let mut i = 0;
    while i < rows.len() {
        hash = fold(hash, rows[i].opcode as u64);
        hash = fold(hash, rows[i].price as u64);
        i += 1;
    }
    hash
}

const fn fold(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(0x0000_0100_0000_01B3)
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_FUEL_SCHEDULE_001
    // @inspection
    #[test]
    fn the_schedule_is_the_one_of_its_version() {
        // Prices of a version never change; operators that come to it change the hash, and nothing else may.
        assert_eq!((SCHEDULE_VERSION, SCHEDULE_HASH), (1, 0xE08B_1C0A_2E2F_ECEE));
        let tables = [crate::operator::OPERATORS, crate::vector::OPERATORS, crate::atomic::OPERATORS];
        let rows = tables.into_iter().flatten().flat_map(|row| [u64::from(row.opcode), u64::from(row.price)]);
        let constants =
            [SCHEDULE_VERSION as u64, SEGMENT_MAX as u64, BYTES_PER_UNIT, ELEMENTS_PER_UNIT, COLLECTED_PER_UNIT];
        // FNV-1a, on numbers instead of bytes.
        let hash = rows
            .chain(constants)
            .fold(0xCBF2_9CE4_8422_2325_u64, |hash, value| (hash ^ value).wrapping_mul(0x0000_0100_0000_01B3));
        assert_eq!(SCHEDULE_HASH, hash);
    }

    // @need-ids: REQ_FUEL_SCHEDULE_001
    #[test]
    fn proportional_parts_round_up_and_zero_is_free() {
        assert_eq!((bytes(0), bytes(1), bytes(64), bytes(65)), (0, 1, 1, 2));
        assert_eq!((elements(0), elements(16), elements(17)), (0, 1, 2));
        assert_eq!(bytes(u64::MAX), u64::MAX / 64 + 1);
        assert_eq!((entry(7), entry(8), entry(u32::MAX)), (0, 1, u32::MAX / 8));
    }
}
