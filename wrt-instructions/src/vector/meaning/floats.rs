//! Float lanes. Every NaN that an operator makes is the canonical one; those that only move or choose lanes keep bits.
//!
//! Choices between lanes are made on bits, as a compiler takes all NaNs for one.

use super::{Lanes, lanewise};
use crate::vector::V128;
use wide::{CmpEq, CmpGe, CmpGt, CmpLe, CmpLt, CmpNe, f32x4, f64x2, u32x4, u64x2};

/// Functions on float lanes, and what makes their NaNs canonical, for one width.
// @need-ids: REQ_NAN_001, REQ_017
macro_rules! floats {
    (
        $module:ident: $float:ident, $bits:ident, $nan:literal, $sign:literal, $one:literal, $whole:literal, $root:ident;
        $abs:ident $neg:ident $sqrt:ident $ceil:ident $floor:ident $trunc:ident $nearest:ident
        $add:ident $sub:ident $mul:ident $div:ident $min:ident $max:ident $pmin:ident $pmax:ident
        $eq:ident $ne:ident $lt:ident $gt:ident $le:ident $ge:ident
    ) => {
        lanewise! {
            $abs(x: $bits) (x & !$module::SIGN);
            $neg(x: $bits) (x ^ $module::SIGN);
            $eq(x, y: $float) x.cmp_eq(y);
            $ne(x, y: $float) x.cmp_ne(y);
            $lt(x, y: $float) x.cmp_lt(y);
            $gt(x, y: $float) x.cmp_gt(y);
            $le(x, y: $float) x.cmp_le(y);
            $ge(x, y: $float) x.cmp_ge(y);
            $add(x, y: $float) $module::canonical(x + y);
            $sub(x, y: $float) $module::canonical(x - y);
            $mul(x, y: $float) $module::canonical(x * y);
            $div(x, y: $float) $module::canonical(x / y);
            $sqrt(x: $float) $module::canonical($module::square_root(x));
            // Equal numbers differ in the sign of zero at most: the smaller has what signs there are, the larger both.
            $min(x, y: $float) $module::pick(x, y, x.cmp_lt(y), x.cmp_gt(y), $bits::of(x.v128()) | $bits::of(y.v128()));
            $max(x, y: $float) $module::pick(x, y, x.cmp_gt(y), x.cmp_lt(y), $bits::of(x.v128()) & $bits::of(y.v128()));
            $pmin(x, y: $float) $module::choose(y.cmp_lt(x), y, x);
            $pmax(x, y: $float) $module::choose(x.cmp_lt(y), y, x);
            $nearest(x: $float) $module::rounded(x, |whole, _| whole);
            $ceil(x: $float) $module::rounded(x, |whole, x| whole + (whole.cmp_lt(x) & $module::ONE));
            $floor(x: $float) $module::rounded(x, |whole, x| whole - (whole.cmp_gt(x) & $module::ONE));
            $trunc(x: $float) {
                let magnitude = $float::of($abs(x.v128()));
                let whole = $module::rounded(magnitude, |whole, x| whole - (whole.cmp_gt(x) & $module::ONE));
                // A NaN keeps the sign it was given: none.
                let number = $bits::of(x.cmp_eq(x).v128());
                whole | ($bits::of(x.v128()) & number & $module::SIGN)
            };
        }

        pub(super) mod $module {
            use super::*;

            const NAN: $bits = $bits::new([$nan; 16 / size_of_val(&$nan)]);
            pub(super) const SIGN: $bits = $bits::new([$sign; 16 / size_of_val(&$sign)]);
            pub(super) const ONE: $float = $float::new([$one; 16 / size_of_val(&$one)]);
            /// From here on every number is whole.
            const WHOLE: $float = $float::new([$whole; 16 / size_of_val(&$whole)]);

            /// The lanes, canonical where they are NaNs.
            #[inline(always)]
            pub(in super::super) fn canonical(x: $float) -> $bits {
                let number = x.cmp_eq(x);
                // A NaN is rare. Choosing lanes would sit on the critical path of every loop, and a test that is foreseen does not.
                if cfg!(target_arch = "x86_64") && number.all() {
                    return $bits::of(x.v128());
                }
                let number = $bits::of(number.v128());
                ($bits::of(x.v128()) & number) | (NAN & !number)
            }

            /// `x` where the mask is set, else `y`.
            #[inline(always)]
            pub(super) fn choose(mask: $float, x: $float, y: $float) -> $bits {
                let mask = $bits::of(mask.v128());
                ($bits::of(x.v128()) & mask) | ($bits::of(y.v128()) & !mask)
            }

            /// `x` or `y` where their masks are set, `equal` where they are equal, and else, for NaNs, the canonical one.
            #[inline(always)]
            pub(super) fn pick(x: $float, y: $float, first: $float, second: $float, equal: $bits) -> $bits {
                let bits = |lanes: $float| $bits::of(lanes.v128());
                let same = bits(x.cmp_eq(y));
                let (first, second) = (bits(first), bits(second));
                let number = same | first | second;
                (bits(x) & first) | (bits(y) & second) | (equal & same) | (NAN & !number)
            }

            /// Whole numbers by `adjust`, which gets the nearest ones and the lanes themselves.
            ///
            /// Adding and taking away a number that leaves no room for a fraction rounds to the nearest, ties to even. A zero
            /// takes the lane's sign.
            #[inline(always)]
            pub(super) fn rounded(x: $float, adjust: impl FnOnce($float, $float) -> $float) -> $bits {
                let bits = $bits::of(x.v128());
                let sign = bits & SIGN;
                let large = $float::of(($bits::of(WHOLE.v128()) | sign).v128());
                let whole = adjust((x + large) - large, x);
                let fraction = $bits::of($float::of((bits & !SIGN).v128()).cmp_lt(WHOLE).v128());
                let rounded = (($bits::of(whole.v128()) | sign) & fraction) | (bits & !fraction);
                canonical($float::of(rounded.v128()))
            }

            /// By the processor's instruction, or lane by lane: the library's own has no such promise.
            #[inline(always)]
            pub(super) fn square_root(x: $float) -> $float {
                if cfg!(any(target_feature = "sse2", all(target_feature = "neon", target_arch = "aarch64"))) {
                    x.sqrt()
                } else {
                    $float::new(x.to_array().map(crate::numeric::$root))
                }
            }
        }
    };
}

floats! {
    single: f32x4, u32x4, 0x7FC0_0000_u32, 0x8000_0000_u32, 1.0_f32, 8_388_608.0_f32, f32_sqrt;
    f32x4_abs f32x4_neg f32x4_sqrt f32x4_ceil f32x4_floor f32x4_trunc f32x4_nearest
    f32x4_add f32x4_sub f32x4_mul f32x4_div f32x4_min f32x4_max f32x4_pmin f32x4_pmax
    f32x4_eq f32x4_ne f32x4_lt f32x4_gt f32x4_le f32x4_ge
}

floats! {
    double: f64x2, u64x2, 0x7FF8_0000_0000_0000_u64, 0x8000_0000_0000_0000_u64, 1.0_f64, 4_503_599_627_370_496.0_f64, f64_sqrt;
    f64x2_abs f64x2_neg f64x2_sqrt f64x2_ceil f64x2_floor f64x2_trunc f64x2_nearest
    f64x2_add f64x2_sub f64x2_mul f64x2_div f64x2_min f64x2_max f64x2_pmin f64x2_pmax
    f64x2_eq f64x2_ne f64x2_lt f64x2_gt f64x2_le f64x2_ge
}
