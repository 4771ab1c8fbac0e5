//! Γ(x), and with it the factorial.

use super::exponential::exp_of_sum;
use super::pair::{Pair, exactly, product, sum, times, two_sum};
use super::power::ln_pair;
use super::trigonometric::sin;
use super::whole::{floor, is_whole};

/// ln √(2π).
const HALF_LN_2_PI: Pair = Pair { high: 0.9189385332046728, low: -3.8782941580672414e-17 };

/// B_2k / (2k (2k−1)): Stirling's series in 1/x, 1/x³, … [DLMF 5.11.1].
const STIRLING: [f64; 8] = [
    1.0 / 12.0,
    -1.0 / 360.0,
    1.0 / 1260.0,
    -1.0 / 1680.0,
    1.0 / 1188.0,
    -691.0 / 360360.0,
    1.0 / 156.0,
    -3617.0 / 122400.0,
];

/// From here Stirling's series with eight terms is exact to double precision.
const LARGE: f64 = 16.0;

/// Γ(x), within 3 units in the last place for x > 0, 5 below 0.
///
/// ±∞ at ±0, NaN at negative whole numbers, ∞ above 171.62. Whole x up to 23 are exact.
pub fn gamma(x: f64) -> f64 {
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x == 0.0 {
        return f64::INFINITY.copysign(x);
    }
    if x < 0.0 {
        return if is_whole(-x) { f64::NAN } else { reflected(x) };
    }
    if is_whole(x) && x <= 23.0 {
        return (2..x as u64).map(|factor| factor as f64).product();
    }
    positive(exactly(x))
}

/// Γ(x) for x > 0, for small x by Γ(x+n) / (x (x+1) … (x+n−1)).
fn positive(x: Pair) -> f64 {
    if x.high > 172.0 {
        return f64::INFINITY;
    }
    let mut shifted = x;
    let mut rising = exactly(1.0);
    while shifted.high < LARGE {
        rising = product(rising, shifted);
        shifted = sum(shifted, exactly(1.0));
    }
    stirling(shifted) / rising.high
}

/// e^((x−½) ln x − x + ln √(2π) + series).
fn stirling(x: Pair) -> f64 {
    let inverse = 1.0 / x.high;
    let square = inverse * inverse;
    let series = inverse * STIRLING.iter().rev().fold(0.0, |sum, &term| sum * square + term);
    // ln(high + low) = ln high + low/high.
    let logarithm = sum(ln_pair(x.high), exactly(x.low * inverse));
    let main = product(sum(x, exactly(-0.5)), logarithm);
    let rest = sum(HALF_LN_2_PI, two_sum(-x.high, series - x.low));
    let exponent = sum(main, rest);
    exp_of_sum(exponent.high, exponent.low)
}

/// Γ(x) = π / (sin(πx) Γ(1−x)) for x < 0.
fn reflected(x: f64) -> f64 {
    let below = floor(x);
    let fraction = x - below;
    let near = if fraction > 0.5 { 1.0 - fraction } else { fraction };
    let sine = sin(times(exactly(std::f64::consts::PI), near).high);
    let odd = !is_whole(-0.5 * below);
    let size = std::f64::consts::PI / sine / positive(two_sum(1.0, -x));
    if odd { -size } else { size }
}

/// a! by multiplication for whole a up to 170, else Γ(a + 1).
pub fn factorial(a: f64) -> f64 {
    if a.fract() == 0.0 && (0.0..=170.0).contains(&a) {
        return (2..=a as u32).map(f64::from).product();
    }
    gamma(a + 1.0)
}
