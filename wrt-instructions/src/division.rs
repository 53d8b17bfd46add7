//! Division of 64-bit integers: by the compiler's, or with the feature `small` by a loop, which takes a tenth of the flash on
//! processors of 32 bits.

// @need-ids: REQ_018, REQ_TABLE_001

#[cfg(not(feature = "small"))]
pub(crate) use by_compiler::{div_s, div_u, rem_s, rem_u};
pub(crate) use by_loop::divided;
#[cfg(feature = "small")]
pub(crate) use by_loop::{div_s, div_u, rem_s, rem_u};

/// Each is `None` where the result is not defined, but for the remainder of the division that overflows, which is 0.
#[cfg(any(not(feature = "small"), test))]
mod by_compiler {
    #[inline(always)]
    pub(crate) const fn div_u(x: u64, y: u64) -> Option<u64> {
        x.checked_div(y)
    }

    #[inline(always)]
    pub(crate) const fn rem_u(x: u64, y: u64) -> Option<u64> {
        x.checked_rem(y)
    }

    #[inline(always)]
    pub(crate) const fn div_s(x: i64, y: i64) -> Option<i64> {
        x.checked_div(y)
    }

    #[inline(always)]
    pub(crate) const fn rem_s(x: i64, y: i64) -> Option<i64> {
        if y == 0 { None } else { Some(x.wrapping_rem(y)) }
    }
}

#[cfg_attr(not(any(feature = "small", test)), allow(dead_code, reason = "all but one are the compiler's then"))]
mod by_loop {
    /// The quotient or the remainder, by a bit of the quotient each time round. `None` for a divisor of zero; a quotient that
    /// does not fit wraps.
    pub(crate) fn divided(x: u64, y: u64, signed: bool, wants_remainder: bool) -> Option<u64> {
        if y == 0 {
            return None;
        }
        // All ones for a negative number, with which it is negated.
        let sign = |value: u64| if signed { ((value as i64) >> 63) as u64 } else { 0 };
        let negated = |value: u64, sign: u64| (value ^ sign).wrapping_sub(sign);
        let signs = (sign(x), sign(y));
        let (mut quotient, y) = (negated(x, signs.0), negated(y, signs.1));
        let mut remainder = 0_u64;
        for _ in 0..u64::BITS {
            // The dividend leaves at the top, and the quotient comes in at the bottom. Of the remainder no bit is lost: it has 63 at most
            // before the last turn.
            remainder = remainder << 1 | quotient >> 63;
            quotient <<= 1;
            if remainder >= y {
                remainder = remainder.wrapping_sub(y);
                quotient |= 1;
            }
        }
        let (value, sign) = if wants_remainder { (remainder, signs.0) } else { (quotient, signs.0 ^ signs.1) };
        Some(negated(value, sign))
    }

    pub(crate) fn div_u(x: u64, y: u64) -> Option<u64> {
        divided(x, y, false, false)
    }

    pub(crate) fn rem_u(x: u64, y: u64) -> Option<u64> {
        divided(x, y, false, true)
    }

    pub(crate) fn div_s(x: i64, y: i64) -> Option<i64> {
        let quotient = divided(x as u64, y as u64, true, false)? as i64;
        // The one that does not fit.
        if x == i64::MIN && y == -1 { None } else { Some(quotient) }
    }

    pub(crate) fn rem_s(x: i64, y: i64) -> Option<i64> {
        divided(x as u64, y as u64, true, true).map(|remainder| remainder as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::{by_compiler, by_loop};
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    fn same(x: u64, y: u64) {
        assert_eq!(by_loop::div_u(x, y), by_compiler::div_u(x, y), "{x} {y}");
        assert_eq!(by_loop::rem_u(x, y), by_compiler::rem_u(x, y), "{x} {y}");
        let (x, y) = (x as i64, y as i64);
        assert_eq!(by_loop::div_s(x, y), by_compiler::div_s(x, y), "{x} {y}");
        assert_eq!(by_loop::rem_s(x, y), by_compiler::rem_s(x, y), "{x} {y}");
    }

    // @need-ids: REQ_TABLE_001, REQ_018
    #[test]
    fn both_divide_alike_at_the_edges() {
        // An interpreter of the compiler's own code takes a thousand times as long: there, the first, a middle and the last but one.
        let powers = (0..64).step_by(if cfg!(miri) { 31 } else { 1 }).map(|bit| 1_u64 << bit);
        let near = powers.flat_map(|power| [power.wrapping_sub(1), power, power.wrapping_add(1)]);
        let values: std::vec::Vec<u64> = near.flat_map(|value| [value, value.wrapping_neg(), !value]).collect();
        for &x in &values {
            for &y in &values {
                same(x, y);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, rng_seed: RngSeed::Fixed(64), ..ProptestConfig::default() })]
        // @need-ids: REQ_TABLE_001, REQ_018
        #[test]
        fn both_divide_alike(x: u64, y: u64, right in 0_u32..64, shift in 0_u32..64) {
            same(x >> right, y >> shift);
        }
    }
}
