//! xʸ.

use super::exponential::exp_of_sum;
use super::logarithm::split;
use super::pair::{LN2, Pair, fast_two_sum, product, quotient, sum, times, two_sum};
use super::whole::is_whole;

/// 2/3 to 106 bits.
const TWO_THIRDS: Pair = Pair { high: 2.0 / 3.0, low: 3.700743415417188e-17 };

/// 2/(2k+1) for k = 2 … 11.
const SERIES: [f64; 10] = [
    2.0 / 5.0,
    2.0 / 7.0,
    2.0 / 9.0,
    2.0 / 11.0,
    2.0 / 13.0,
    2.0 / 15.0,
    2.0 / 17.0,
    2.0 / 19.0,
    2.0 / 21.0,
    2.0 / 23.0,
];

/// xʸ, within 1 unit in the last place where the result is normal, with the special values
/// of IEEE 754: x⁰ = 1 and 1ʸ = 1 even for NaN, whole y of a negative x keep the parity of y,
/// other y of a negative x are NaN.
///
/// e^(y ln|x|) with the logarithm and the product in pairs of doubles.
#[inline(always)]
pub fn pow(x: f64, y: f64) -> f64 {
    let size = x.abs();
    // Beyond this |y ln x| overflows for every x but 1, and products of y must not.
    let limited = if y > 1e20 { 1e20 } else { y };
    let limited = if limited < -1e20 { -1e20 } else { limited };
    let exponent = times(ln_pair(size), limited);
    let finite = exp_of_sum(exponent.high, exponent.low);
    special_cases(x, y, finite)
}

/// Replaces e^(y ln|x|) where x or y is special or x is negative.
#[inline(always)]
fn special_cases(x: f64, y: f64, finite: f64) -> f64 {
    let size = x.abs();
    let (whole, odd) = parity(y);
    let grows = (size > 1.0) == (y > 0.0);
    let end = if grows { f64::INFINITY } else { 0.0 };
    let extreme = size == 0.0 || size == f64::INFINITY || (y.abs() == f64::INFINITY && size != 1.0);
    let result = if extreme { end } else { finite };
    let result = if size == 1.0 { 1.0 } else { result };
    let negative = x.is_sign_negative();
    let result = if negative && odd { -result } else { result };
    let undefined = negative && size != 0.0 && size != f64::INFINITY && !whole;
    let result = if undefined { f64::NAN } else { result };
    let result = if x.is_nan() || y.is_nan() { f64::NAN } else { result };
    if y == 0.0 || x == 1.0 { 1.0 } else { result }
}

/// Whether y is whole (infinities count), and whether it is odd.
#[inline(always)]
fn parity(y: f64) -> (bool, bool) {
    let size = y.abs();
    let whole = is_whole(size);
    (whole, whole && !is_whole(0.5 * size))
}

/// ln x for positive finite x to about 2⁻⁶⁴ of its size.
///
/// x = 2ᵏ m, s = (m−1)/(m+1), ln x = k ln 2 + 2s + (2/3) s³ + Σ 2 s^(2k+1)/(2k+1).
#[inline(always)]
pub(super) fn ln_pair(x: f64) -> Pair {
    let (k, m) = split(x);
    let f = m - 1.0;
    let s = quotient(f, two_sum(2.0, f));
    let square = product(s, s);
    let cube = product(square, s);
    let z = square.high;
    let tail = SERIES.iter().rev().fold(0.0, |sum, &term| sum * z + term) * z * cube.high;
    let third = product(cube, TWO_THIRDS);
    let small = fast_two_sum(third.high, third.low + tail);
    let mantissa = sum(Pair { high: 2.0 * s.high, low: 2.0 * s.low }, small);
    sum(times(LN2, k), mantissa)
}
