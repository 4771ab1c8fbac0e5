//! Rounding to whole numbers.

use super::TWO_52;

/// Largest whole number ≤ x. Exact.
#[inline(always)]
pub fn floor(x: f64) -> f64 {
    let nearest = round_half_even(x);
    let result = if nearest > x { nearest - 1.0 } else { nearest };
    result.copysign(x)
}

/// Smallest whole number ≥ x. Exact.
#[inline(always)]
pub fn ceil(x: f64) -> f64 {
    -floor(-x)
}

/// The nearest whole number, halves to the even one. Exact.
#[inline(always)]
pub fn round_half_even(x: f64) -> f64 {
    let size = x.abs();
    let rounded = (size + TWO_52) - TWO_52;
    // From 2⁵² on every double is whole; NaN passes.
    let rounded = if size < TWO_52 { rounded } else { size };
    rounded.copysign(x)
}

/// Whether a number not below 0 is whole.
#[inline(always)]
pub(super) fn is_whole(size: f64) -> bool {
    size >= TWO_52 || (size + TWO_52) - TWO_52 == size
}
