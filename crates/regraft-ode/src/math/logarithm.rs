//! ln x.

use super::{LN2_HIGH, LN2_LOW, TWO_52};

/// √½ as bits, the least mantissa in [`split`].
const ROOT_HALF_BITS: u64 = 0x3fe6a09e667f3bcd;

/// Bits of 1.
const ONE_BITS: u64 = 0x3ff0000000000000;

/// Coefficients of the even part of ln((1+s)/(1−s)) − 2s, Remez on s² ≤ 0.02944
/// [Sun Microsystems, fdlibm `e_log.c`, 1993].
const REMEZ: [f64; 7] = [
    0.6666666666666735,
    0.3999999999940942,
    0.2857142874366239,
    0.22222198432149784,
    0.1818357216161805,
    0.15313837699209373,
    0.14798198605116586,
];

/// ln x, within 1 unit in the last place. ln 0 = −∞, NaN below 0.
///
/// x = 2ᵏ (1+f) with √½ ≤ 1+f < √2, s = f/(2+f), ln(1+f) = f − f²/2 + s (f²/2 + R(s²)).
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    let (k, m) = split(x);
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let odd = w * (REMEZ[1] + w * (REMEZ[3] + w * REMEZ[5]));
    let even = z * (REMEZ[0] + w * (REMEZ[2] + w * (REMEZ[4] + w * REMEZ[6])));
    let half_square = 0.5 * f * f;
    let finite = k * LN2_HIGH - ((half_square - (s * (half_square + (odd + even)) + k * LN2_LOW)) - f);
    special_cases(x, finite)
}

/// Replaces the result where x is not positive and finite.
#[inline(always)]
fn special_cases(x: f64, finite: f64) -> f64 {
    let result = if x == f64::INFINITY { x } else { finite };
    let result = if x == 0.0 { f64::NEG_INFINITY } else { result };
    let result = if x < 0.0 { f64::NAN } else { result };
    if x.is_nan() { x } else { result }
}

/// (k, m) with x = 2ᵏ m, √½ ≤ m < √2, for positive finite x, subnormal ones included.
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = if subnormal { x * (4.0 * TWO_52) } else { x };
    let bias = if subnormal { 1023.0 + 54.0 } else { 1023.0 };
    // Adding 1 − √½ in the bits carries into the exponent where the mantissa is √2 or more.
    let bits = scaled.to_bits().wrapping_add(ONE_BITS - ROOT_HALF_BITS);
    let exponent = f64::from_bits((bits >> 52) | TWO_52.to_bits()) - TWO_52;
    let mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) + ROOT_HALF_BITS);
    (exponent - bias, mantissa)
}
