//! Gamma function, incomplete gamma functions and the Poisson distribution.
//!
//! The prefix xᵃ e⁻ˣ / Γ(a + 1) is formed by the saddle-point expansion of \[Loader2000\], which loses
//! nothing when a and x are large and close.

use std::f64::consts::PI;
use std::sync::LazyLock;

use super::elementary::{exp, ln, ln_1_plus};
use super::normal_quantile::normal_quantile;
use super::solve::increasing_root;

/// ½ ln 2π.
const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_8;
/// Relative size below which a term of a series or fraction no longer counts.
const NEGLIGIBLE: f64 = 1e-17;
/// Shapes above this use the normal approximation.
const HUGE_SHAPE: f64 = 1e10;
/// Means above this use the expansion of the quantile; its error, about 1/mean, is far below one count.
const LARGE_MEAN: f64 = 1e7;

/// ln Γ(x) for x > 0; +∞ at 0, NaN below.
///
/// ln Γ(x) = (x − ½) ln x − x + ½ ln 2π + δ(x), δ as in `stirling_error`.
pub fn ln_gamma(x: f64) -> f64 {
    if x == 0.0 || x == f64::INFINITY {
        return f64::INFINITY;
    }
    if x.is_nan() || x < 0.0 {
        return f64::NAN;
    }
    if x == 1.0 || x == 2.0 {
        return 0.0;
    }
    (x - 0.5) * ln(x) - x + HALF_LN_2_PI + stirling_error(x)
}

/// δ(n) = ln Γ(n + 1) − (n + ½) ln n + n − ½ ln 2π, n > 0.
///
/// From 16 on by its asymptotic series 1/12n − 1/360n³ + …; below by
/// δ(n) = δ(n + 1) + (n + ½) ln(1 + 1/n) − 1.
///
/// That of ½, which every normal distribution function needs, is computed once.
pub(super) fn stirling_error(n: f64) -> f64 {
    static OF_HALF: LazyLock<f64> = LazyLock::new(|| shifted_stirling_error(0.5));
    if n == 0.5 { *OF_HALF } else { shifted_stirling_error(n) }
}

fn shifted_stirling_error(n: f64) -> f64 {
    let mut shift = 0.0;
    let mut m = n;
    while m < 16.0 {
        shift += (m + 0.5) * ln_1_plus(1.0 / m) - 1.0;
        m += 1.0;
    }
    let z = 1.0 / (m * m);
    let series =
        1.0 / 12.0 - z * (1.0 / 360.0 - z * (1.0 / 1260.0 - z * (1.0 / 1680.0 - z * (1.0 / 1188.0))));
    shift + series / m
}

/// a ln(a / x) + x − a ≥ 0 without cancellation, a and x > 0 \[Loader2000\].
///
/// Near x = a, with v = (a − x)/(a + x): (a − x) v + 2 a (v³/3 + v⁵/5 + …).
pub(super) fn deviance(a: f64, x: f64) -> f64 {
    let difference = a - x;
    if difference.abs() >= 0.1 * (a + x) {
        return a * ln(a / x) - difference;
    }
    let v = difference / (a + x);
    let mut sum = difference * v;
    let mut power = 2.0 * a * v;
    for order in 1..1000 {
        power *= v * v;
        let next = sum + power / f64::from(2 * order + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// Poisson mass mean^k e^(−mean) / Γ(k + 1), for real k ≥ 0 and mean ≥ 0.
pub fn poisson_mass(k: f64, mean: f64) -> f64 {
    if k == 0.0 {
        return exp(-mean);
    }
    if mean == 0.0 {
        return 0.0;
    }
    exp(-stirling_error(k) - deviance(k, mean)) / (2.0 * PI * k).sqrt()
}

/// Regularized lower incomplete gamma function P(a, x), a > 0, x ≥ 0.
pub fn gamma_lower(a: f64, x: f64) -> f64 {
    incomplete(a, x).0
}

/// Regularized upper incomplete gamma function Q(a, x) = 1 − P(a, x), a > 0, x ≥ 0.
pub fn gamma_upper(a: f64, x: f64) -> f64 {
    incomplete(a, x).1
}

/// (P, Q), the smaller one computed, the other as its complement.
///
/// Above a = 10¹⁰ by the normal approximation of [`wilson_hilferty`], whose error is then below 10⁻⁹; the series
/// would need √a terms.
fn incomplete(a: f64, x: f64) -> (f64, f64) {
    if a.is_nan() || x.is_nan() || a <= 0.0 || x < 0.0 || a == f64::INFINITY {
        return (f64::NAN, f64::NAN);
    }
    if x == 0.0 {
        return (0.0, 1.0);
    }
    if x == f64::INFINITY {
        return (1.0, 0.0);
    }
    if a > HUGE_SHAPE {
        let z = 3.0 * a.sqrt() * (exp(ln(x / a) / 3.0) - 1.0 + 1.0 / (9.0 * a));
        // Φ(−|z|) = ½ Q(½, z²/2).
        let tail = 0.5 * incomplete(0.5, 0.5 * z * z).1;
        return if z < 0.0 { (tail, 1.0 - tail) } else { (1.0 - tail, tail) };
    }
    if x < a + 1.0 {
        let lower = poisson_mass(a, x) * lower_series(a, x);
        (lower, 1.0 - lower)
    } else {
        let upper = poisson_mass(a, x) * a * upper_fraction(a, x);
        (1.0 - upper, upper)
    }
}

/// 1 + x/(a+1) + x²/((a+1)(a+2)) + … (DLMF 8.7.1).
fn lower_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, a);
    while term > sum * NEGLIGIBLE {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    sum
}

/// 1/(x+1−a− 1(1−a)/(x+3−a− 2(2−a)/(x+5−a− …))) (DLMF 8.9.2), by Lentz's method; x > a.
fn upper_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / f64::MIN_POSITIVE;
    let mut d = 1.0 / b;
    let mut value = d;
    for n in 1..1_000_000 {
        let n = f64::from(n);
        let numerator = -n * (n - a);
        b += 2.0;
        d = 1.0 / nonzero(numerator * d + b);
        c = nonzero(b + numerator / c);
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}

/// Lentz's guard against a division by zero.
pub(super) fn nonzero(x: f64) -> f64 {
    if x.abs() < 1e-300 { 1e-300 } else { x }
}

/// Quantile of the gamma distribution with shape a and scale 1 for the lower tail p in [0, 1].
pub fn gamma_quantile(a: f64, p: f64) -> f64 {
    if a.is_nan() || p.is_nan() || a <= 0.0 || !(0.0..=1.0).contains(&p) || a == f64::INFINITY {
        return f64::NAN;
    }
    if p == 0.0 {
        return 0.0;
    }
    if p == 1.0 {
        return f64::INFINITY;
    }
    let mut high = a + 1.0;
    while gamma_lower(a, high) < p {
        high *= 2.0;
    }
    increasing_root(0.0, high, wilson_hilferty(a, p), |x| gamma_residual(a, p, x))
}

/// (P(a, x) − p, density), the difference taken in the smaller tail.
fn gamma_residual(a: f64, p: f64, x: f64) -> (f64, f64) {
    let (lower, upper) = incomplete(a, x);
    let value = if p < 0.5 { lower - p } else { (1.0 - p) - upper };
    (value, if x == 0.0 { 0.0 } else { poisson_mass(a, x) * a / x })
}

/// a (1 − 1/9a + z/(3√a))³, the start of the search; above 0.
fn wilson_hilferty(a: f64, p: f64) -> f64 {
    let root = 1.0 - 1.0 / (9.0 * a) + normal_quantile(p) / (3.0 * a.sqrt());
    if root > 0.1 { a * root * root * root } else { exp((ln(p) + ln_gamma(a + 1.0)) / a) }
}

/// Smallest k with Poisson distribution function ≥ u, for u in (0, 1); 0 where the mean is not positive.
///
/// Falls with neither u nor mean: the same u gives common random numbers across means.
pub fn poisson_quantile(u: f64, mean: f64) -> u64 {
    if mean.is_nan() || u.is_nan() || mean <= 0.0 || u <= 0.0 {
        0
    } else if u >= 1.0 {
        u64::MAX
    } else if mean < 32.0 {
        poisson_by_sum(u, mean)
    } else if mean < LARGE_MEAN {
        poisson_by_search(u, mean)
    } else {
        cornish_fisher(u, mean) as u64
    }
}

/// Adds the masses from 0 upwards until they reach u.
fn poisson_by_sum(u: f64, mean: f64) -> u64 {
    let mut mass = exp(-mean);
    let mut cumulative = mass;
    let mut k = 0;
    // Above the mean the masses fall; one that no longer counts ends the sum though rounding kept it below u.
    while cumulative < u && !(k as f64 > mean && mass < f64::EPSILON * 0.01) {
        k += 1;
        mass *= mean / k as f64;
        cumulative += mass;
    }
    k
}

/// Walks to the quantile from the Cornish–Fisher value; the distribution function at k is Q(k + 1, mean).
fn poisson_by_search(u: f64, mean: f64) -> u64 {
    let mut k = cornish_fisher(u, mean);
    // The tail that is compared is the smaller one.
    let reaches = |k: f64| {
        let (above, up_to) = incomplete(k + 1.0, mean);
        if u > 0.5 { above <= 1.0 - u } else { up_to >= u }
    };
    while !reaches(k) {
        k += 1.0;
    }
    while k > 0.0 && reaches(k - 1.0) {
        k -= 1.0;
    }
    k as u64
}

/// Continuous quantile μ + σz + (z² − 1)/6 + (z − z³)/(72σ), less the half of the continuity correction,
/// rounded up to a count.
fn cornish_fisher(u: f64, mean: f64) -> f64 {
    let z = normal_quantile(u);
    let sd = mean.sqrt();
    let continuous = mean + sd * z + (z * z - 1.0) / 6.0 + (z - z * z * z) / (72.0 * sd);
    (continuous - 0.5).ceil().max(0.0)
}
