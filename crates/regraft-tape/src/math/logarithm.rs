//! ln x.

use super::{LN2_HIGH, LN2_LOW, TWO_52};

/// Bits of ¾, the least mantissa in [`split`].
pub(crate) const LEAST_BITS: u64 = 0x3fe8000000000000;

/// Bits of 1.
pub(crate) const ONE_BITS: u64 = 0x3ff0000000000000;

/// The bits of a double below its exponent.
pub(crate) const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;

/// 2⁵⁴, which makes every subnormal number normal.
pub(crate) const TWO_54: f64 = 4.0 * TWO_52;

/// Coefficients of (ln((1+s)/(1−s)) − 2s) / s³ in s² ≤ 0.04, minimax for the relative error
/// of the logarithm, which is below 2⁻⁶²·⁶ (Remez in 50 digits, then rounded).
pub(crate) const SERIES: [f64; 8] = [
    0.666666666666666,
    0.400000000000559,
    0.2857142855601484,
    0.22222224275492336,
    0.18181667124637207,
    0.15391071400887973,
    0.13174277177180846,
    0.1383847348204063,
];

/// ln x, within 1 unit in the last place. ln 0 = −∞, NaN below 0.
///
/// x = 2ᵏ (1+f) with ¾ ≤ 1+f < 1½, s = f/(2+f), ln(1+f) = f − f²/2 + s (f²/2 + s² P(s²)).
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    let (k, m) = split(x);
    let f = m - 1.0;
    let s = f / (m + 1.0);
    let half = 0.5 * f;
    let square = s * s;
    let rest = square.mul_add(even_and_odd(square, &SERIES), half * f);
    let correction = s.mul_add(rest, k * LN2_LOW);
    let finite = k.mul_add(LN2_HIGH, f - half.mul_add(f, -correction));
    if x < 0.0 { f64::NAN } else { finite }
}

/// A polynomial with eight coefficients as two of four in the square of its argument.
#[inline(always)]
pub(super) fn even_and_odd(z: f64, coefficients: &[f64; 8]) -> f64 {
    let square = z * z;
    let half = |first: usize| {
        let high = square.mul_add(coefficients[first + 6], coefficients[first + 4]);
        square.mul_add(square.mul_add(high, coefficients[first + 2]), coefficients[first])
    };
    z.mul_add(half(1), half(0))
}

/// (k, m) with |x| = 2ᵏ m, ¾ ≤ m < 1½, subnormal x included. k is −∞ for 0, ∞ for infinite x
/// and NaN for NaN; m is 1 for these. Without meaning for finite x below 0.
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = if subnormal { x * TWO_54 } else { x };
    let bias = if subnormal { TWO_52 + 1077.0 } else { TWO_52 + 1023.0 };
    // Adding 1 − ¾ in the bits carries into the exponent where the mantissa is 1½ or more.
    let bits = scaled.to_bits().wrapping_add(ONE_BITS - LEAST_BITS);
    let k = f64::from_bits((bits >> 52) | TWO_52.to_bits()) - bias;
    let m = f64::from_bits((bits & MANTISSA) + LEAST_BITS);
    let k = if x < f64::INFINITY { k } else { x };
    let k = if x == 0.0 { f64::NEG_INFINITY } else { k };
    (k, m)
}
