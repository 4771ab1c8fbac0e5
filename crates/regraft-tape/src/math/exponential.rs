//! eˣ.

use super::{LN2_HIGH, LN2_LOW, ROUNDER};

/// 1/ln 2.
const INVERSE_LN2: f64 = std::f64::consts::LOG2_E;

/// Above this eˣ is infinite.
pub(crate) const LARGEST: f64 = 710.0;

/// Below this eˣ is 0.
pub(crate) const SMALLEST: f64 = -746.0;

/// Coefficients of (eʳ − 1 − r)/r² on |r| ≤ (ln 2)/2, minimax for the relative error of eʳ,
/// which is below 2⁻⁵⁷·⁹ (Remez in 50 digits, then rounded).
pub(crate) const SERIES: [f64; 10] = [
    0.5000000000000011,
    0.16666666666666413,
    0.04166666666653016,
    0.008333333333494555,
    0.0013888888943629745,
    0.00019841269506377436,
    2.4801493098910945e-05,
    2.755758654867036e-06,
    2.7630248485211326e-07,
    2.5000008332431763e-08,
];

/// eˣ, within 1 unit in the last place; results below 2⁻¹⁰²² are rounded to subnormals.
///
/// eˣ = 2ᵏ eʳ with k = round(x/ln 2), |r| ≤ (ln 2)/2, eʳ = 1 + r (1 + r q(r)).
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let x = limit(x);
    let shifted = x.mul_add(INVERSE_LN2, ROUNDER);
    let k = shifted - ROUNDER;
    let r = (-k).mul_add(LN2_LOW, (-k).mul_add(LN2_HIGH, x));
    scale_by_power_of_two(near_one(r), shifted)
}

/// e^(x + low) for |low| below the last place of x; `low` may be anything where eˣ is 0 or infinite.
/// Little more than the last rounding is lost, so powers that are whole numbers come out whole.
#[inline(always)]
pub(super) fn exp_of_sum(x: f64, low: f64) -> f64 {
    let limited = limit(x);
    let low = if limited == x { low } else { 0.0 };
    let shifted = limited.mul_add(INVERSE_LN2, ROUNDER);
    let k = shifted - ROUNDER;
    let high = (-k).mul_add(LN2_HIGH, limited);
    let tail = (-k).mul_add(LN2_LOW, low);
    let r = high + tail;
    let one_r = 1.0 + r;
    let rest = (high - (one_r - 1.0)) + tail;
    scale_by_power_of_two(one_r + (r * r).mul_add(above_linear(r), rest), shifted)
}

/// Beyond the limits the result is 0 or infinite anyway; NaN passes.
#[inline(always)]
fn limit(x: f64) -> f64 {
    let x = if LARGEST < x { LARGEST } else { x };
    if SMALLEST > x { SMALLEST } else { x }
}

/// eʳ for |r| ≤ (ln 2)/2.
#[inline(always)]
fn near_one(r: f64) -> f64 {
    let slope = r.mul_add(above_linear(r), 1.0);
    r.mul_add(slope, 1.0)
}

/// x = k ln 2 + r + tail, |r| ≤ (ln 2)/2, tail below the last place of r.
pub(super) struct Reduced {
    /// k + [`ROUNDER`].
    pub shifted: f64,
    pub r: f64,
    pub tail: f64,
}

/// Takes the multiple of ln 2 off x, for |x| < 2¹⁹.
#[inline(always)]
pub(super) fn reduce(x: f64) -> Reduced {
    let shifted = x.mul_add(INVERSE_LN2, ROUNDER);
    let k = shifted - ROUNDER;
    let high = (-k).mul_add(LN2_HIGH, x);
    let r = (-k).mul_add(LN2_LOW, high);
    Reduced { shifted, r, tail: (-k).mul_add(LN2_LOW, high - r) }
}

/// (eʳ − 1 − r) / r², the terms in pairs.
#[inline(always)]
pub(super) fn above_linear(r: f64) -> f64 {
    let r2 = r * r;
    let r4 = r2 * r2;
    let pair = |first: usize| r.mul_add(SERIES[first + 1], SERIES[first]);
    let low = r2.mul_add(pair(2), pair(0));
    let middle = r2.mul_add(pair(6), pair(4));
    let high = r4.mul_add(pair(8), middle);
    r4.mul_add(high, low)
}

/// value · 2ᵏ, where k sits in the low bits of `shifted` = k + [`ROUNDER`]. Two factors, so
/// that neither overflows and subnormal results are rounded once.
#[inline(always)]
fn scale_by_power_of_two(value: f64, shifted: f64) -> f64 {
    let biased = low_bits(shifted).wrapping_add(2046);
    let first = biased >> 1;
    let second = biased.wrapping_sub(first);
    value * f64::from_bits(first << 52) * f64::from_bits(second << 52)
}

/// 2ᵏ for −1022 ≤ k ≤ 1023.
#[inline(always)]
pub(super) fn power_of_two(shifted: f64) -> f64 {
    f64::from_bits(low_bits(shifted).wrapping_add(1023) << 52)
}

/// k, as a two's complement number, from k + [`ROUNDER`].
#[inline(always)]
fn low_bits(shifted: f64) -> u64 {
    shifted.to_bits().wrapping_sub(ROUNDER.to_bits())
}
