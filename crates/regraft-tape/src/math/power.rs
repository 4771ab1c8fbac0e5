//! xʸ.

use super::exponential::exp_of_sum;
use super::logarithm::{even_and_odd, split};
use super::pair::Pair;
use super::whole::is_whole;
use super::{LN2_HIGH, LN2_LOW};

/// 2/3.
pub(crate) const TWO_THIRDS: f64 = 2.0 / 3.0;

/// 2/3 − [`TWO_THIRDS`].
pub(crate) const TWO_THIRDS_LOW: f64 = 3.700743415417188e-17;

/// Coefficients of ((ln((1+s)/(1−s)) − 2s) / s³ − 2/3) / s² in s² ≤ 0.04, minimax for the
/// relative error of the logarithm, which is below 2⁻⁶⁸ (Remez in 50 digits, then rounded).
pub(crate) const SERIES: [f64; 8] = [
    0.3999999999999981,
    0.2857142857154474,
    0.2222222219610532,
    0.18181821150034302,
    0.15384423170567335,
    0.13340728596638696,
    0.11597951648421487,
    0.12540254711408463,
];

/// xʸ, with the special values of IEEE 754: x⁰ = 1 and 1ʸ = 1 even for NaN, whole y of a negative x keep the
/// parity of y, other y of a negative x are NaN.
///
/// Results from 1e−100 to 1e100 are within 1 unit in the last place, all normal ones within 2.
///
/// e^(y ln|x|) with the logarithm and the product in pairs of doubles.
#[inline(always)]
pub fn pow(x: f64, y: f64) -> f64 {
    let logarithm = ln_pair(x.abs());
    let high = logarithm.high * y;
    let low = logarithm.low.mul_add(y, logarithm.high.mul_add(y, -high));
    special_cases(x, y, exp_of_sum(high, low))
}

/// Replaces e^(y ln|x|) where it is not xʸ. For |x| of 0 and ∞ and for infinite y it is, but
/// for the sign, as ln 0 = −∞ and ln ∞ = ∞.
#[inline(always)]
fn special_cases(x: f64, y: f64, power: f64) -> f64 {
    let (whole, odd) = parity(y);
    let size = if x.abs() == 1.0 { 1.0 } else { power };
    let result = if x.is_sign_negative() && odd { -size } else { size };
    let undefined = x < 0.0 && x != f64::NEG_INFINITY && !whole;
    let result = if undefined { f64::NAN } else { result };
    if y == 0.0 { 1.0 } else { result }
}

/// Whether y is whole (infinities count), and whether it is odd.
#[inline(always)]
fn parity(y: f64) -> (bool, bool) {
    let size = y.abs();
    let whole = is_whole(size);
    (whole, whole && !is_whole(0.5 * size))
}

/// ln x for positive x to about 2⁻⁶² of its size; the low part is without meaning for x of 0 and ∞.
///
/// x = 2ᵏ m, s = (m−1)/(m+1), ln x = k ln 2 + s (2 + s² (2/3 + s² Q(s²))).
#[inline(always)]
pub(super) fn ln_pair(x: f64) -> Pair {
    let (k, m) = split(x);
    let s = ratio(m);
    let mantissa = logarithm_of_ratio(s);
    let high = k.mul_add(LN2_HIGH, mantissa.high);
    // k ln 2 is larger than the mantissa's share, or 0; its high part is exact.
    let lost = k.mul_add(LN2_HIGH, -high) + mantissa.high;
    Pair { high, low: lost + k.mul_add(LN2_LOW, mantissa.low) }
}

/// (m − 1)/(m + 1) for ¾ ≤ m < 1½, with one division.
#[inline(always)]
fn ratio(m: f64) -> Pair {
    let f = m - 1.0;
    let sum = m + 1.0;
    let sum_low = m - (sum - 1.0);
    let inverse = 1.0 / sum;
    let high = f * inverse;
    let rest = (-high).mul_add(sum_low, (-high).mul_add(sum, f));
    Pair { high, low: rest * inverse }
}

/// ln((1+s)/(1−s)).
#[inline(always)]
fn logarithm_of_ratio(s: Pair) -> Pair {
    // s²
    let square = s.high * s.high;
    let square_low = (s.high + s.high).mul_add(s.low, s.high.mul_add(s.high, -square));
    // 2/3 + s² Q
    let small = square.mul_add(even_and_odd(square, &SERIES), TWO_THIRDS_LOW);
    let third = TWO_THIRDS + small;
    let third_low = (TWO_THIRDS - third) + small;
    // s² (2/3 + s² Q)
    let above = square * third;
    let above_low = square_low.mul_add(third, square.mul_add(third_low, square.mul_add(third, -above)));
    // 2 + s² (…)
    let factor = 2.0 + above;
    let factor_low = ((2.0 - factor) + above) + above_low;
    let high = s.high * factor;
    Pair { high, low: s.low.mul_add(factor, s.high.mul_add(factor_low, s.high.mul_add(factor, -high))) }
}
