//! eˣ.

use super::{LN2_HIGH, LN2_LOW, ROUNDER};

/// 1/ln 2.
const INVERSE_LN2: f64 = std::f64::consts::LOG2_E;

/// 1/k! for k = 2 … 13.
const TAYLOR: [f64; 12] = [
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5040.0,
    1.0 / 40320.0,
    1.0 / 362880.0,
    1.0 / 3628800.0,
    1.0 / 39916800.0,
    1.0 / 479001600.0,
    1.0 / 6227020800.0,
];

/// eˣ, within 1 unit in the last place; results below 2⁻¹⁰²² are rounded to subnormals.
///
/// eˣ = 2ᵏ eʳ with k = round(x/ln 2), |r| ≤ (ln 2)/2, and the Taylor polynomial of degree 13
/// (its remainder is below 5e-18).
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    exp_of_sum(x, 0.0)
}

/// e^(x + low) for |low| much smaller than |x|.
#[inline(always)]
pub(super) fn exp_of_sum(x: f64, low: f64) -> f64 {
    // Beyond these the result is 0 or infinite anyway; NaN passes.
    let low = if x.abs() > 746.0 { 0.0 } else { low };
    let x = if x > 710.0 { 710.0 } else { x };
    let x = if x < -746.0 { -746.0 } else { x };
    let Reduced { shifted, r, tail } = reduce(x, low);
    let one_r = 1.0 + r;
    let rest = (1.0 - one_r) + r;
    let unscaled = one_r + (rest + (tail + r * r * above_linear(r)));
    scale_by_power_of_two(unscaled, shifted)
}

/// x = k ln 2 + r + tail, |r| ≤ (ln 2)/2, tail below the last place of r.
pub(super) struct Reduced {
    /// k + [`ROUNDER`].
    pub shifted: f64,
    pub r: f64,
    pub tail: f64,
}

/// Takes the multiple of ln 2 off x + low, for |x| < 2¹⁹.
#[inline(always)]
pub(super) fn reduce(x: f64, low: f64) -> Reduced {
    let shifted = x * INVERSE_LN2 + ROUNDER;
    let k = shifted - ROUNDER;
    let high = x - k * LN2_HIGH;
    let tail = low - k * LN2_LOW;
    let r = high + tail;
    Reduced { shifted, r, tail: (high - r) + tail }
}

/// (eʳ − 1 − r) / r².
#[inline(always)]
pub(super) fn above_linear(r: f64) -> f64 {
    let r2 = r * r;
    let r4 = r2 * r2;
    let low = (TAYLOR[0] + r * TAYLOR[1]) + r2 * (TAYLOR[2] + r * TAYLOR[3]);
    let middle = (TAYLOR[4] + r * TAYLOR[5]) + r2 * (TAYLOR[6] + r * TAYLOR[7]);
    let high = (TAYLOR[8] + r * TAYLOR[9]) + r2 * (TAYLOR[10] + r * TAYLOR[11]);
    low + r4 * (middle + r4 * high)
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
