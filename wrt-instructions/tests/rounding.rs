//! Rounding and square roots come from `libm` or from the standard library, by how the crate is built: the bits are the same.

use wrt_instructions::numeric;

type Pair<T> = (fn(T) -> T, fn(T) -> T, fn(T) -> T);

// @need-ids: REQ_010, REQ_017
#[test]
fn rounding_and_roots_have_the_same_bits_by_libm_and_by_the_standard_library() {
    let small: [Pair<f32>; 5] = [
        (numeric::f32_ceil, libm::ceilf, f32::ceil),
        (numeric::f32_floor, libm::floorf, f32::floor),
        (numeric::f32_trunc, libm::truncf, f32::trunc),
        (numeric::f32_nearest, libm::rintf, f32::round_ties_even),
        (numeric::f32_sqrt, libm::sqrtf, f32::sqrt),
    ];
    let large: [Pair<f64>; 5] = [
        (numeric::f64_ceil, libm::ceil, f64::ceil),
        (numeric::f64_floor, libm::floor, f64::floor),
        (numeric::f64_trunc, libm::trunc, f64::trunc),
        (numeric::f64_nearest, libm::rint, f64::round_ties_even),
        (numeric::f64_sqrt, libm::sqrt, f64::sqrt),
    ];
    // Every exponent and sign, with mantissas all over; which bits a NaN has, canonical says. An interpreter of the compiler's own
    // code (Miri) takes a thousand times as long: there, one of a thousand.
    let every = if cfg!(miri) { 1009 } else { 1 };
    for x in (0..=u32::MAX).step_by(65_521 * every).map(f32::from_bits).filter(|x| !x.is_nan()) {
        for (ours, libm, std) in small {
            let bits = [ours(x), libm(x), std(x)].map(|y| if y.is_nan() { 0 } else { y.to_bits() });
            assert_eq!(bits, [bits[0]; 3], "of {x:e}");
        }
    }
    for x in (0..=u64::MAX).step_by(281_474_976_710_597 * every).map(f64::from_bits).filter(|x| !x.is_nan()) {
        for (ours, libm, std) in large {
            let bits = [ours(x), libm(x), std(x)].map(|y| if y.is_nan() { 0 } else { y.to_bits() });
            assert_eq!(bits, [bits[0]; 3], "of {x:e}");
        }
    }
}
