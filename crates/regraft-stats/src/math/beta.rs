//! Incomplete beta function, and the quantiles of the beta and of Student's distribution.

use super::elementary::{exp, ln, ln_1_plus};
use super::gamma::{ln_gamma, nonzero, stirling_error};
use super::normal_quantile::normal_quantile;
use super::solve::increasing_root;

/// Density of the beta distribution at x in (0, 1), shapes a, b > 0.
pub fn beta_density(a: f64, b: f64, x: f64) -> f64 {
    if !(0.0..=1.0).contains(&x) {
        return 0.0;
    }
    exp((a - 1.0) * ln(x) + (b - 1.0) * ln_1_plus(-x) - ln_beta(a, b))
}

/// ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b), its large parts cancelled by hand where both are large.
fn ln_beta(a: f64, b: f64) -> f64 {
    if a.min(b) < 10.0 {
        return ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    }
    // (x − ½) ln x − x + ½ ln 2π + δ(x) for each of the three.
    const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_8;
    let corrections = stirling_error(a) + stirling_error(b) - stirling_error(a + b);
    -(a - 0.5) * ln_1_plus(b / a) - b * ln_1_plus(a / b) - 0.5 * ln(b) + HALF_LN_2_PI + corrections
}

/// Regularized incomplete beta function Iₓ(a, b), shapes a, b > 0 and below 10⁹, x in [0, 1].
pub fn beta_regularized(a: f64, b: f64, x: f64) -> f64 {
    tails(a, b, x).0
}

/// (Iₓ(a, b), 1 − Iₓ(a, b)).
fn tails(a: f64, b: f64, x: f64) -> (f64, f64) {
    if a.is_nan() || b.is_nan() || x.is_nan() || a <= 0.0 || b <= 0.0 {
        return (f64::NAN, f64::NAN);
    }
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x >= 1.0 {
        return (1.0, 0.0);
    }
    let prefix = exp(a * ln(x) + b * ln_1_plus(-x) - ln_beta(a, b));
    if x < (a + 1.0) / (a + b + 2.0) {
        let lower = prefix * fraction(a, b, x) / a;
        (lower, 1.0 - lower)
    } else {
        let upper = prefix * fraction(b, a, 1.0 - x) / b;
        (1.0 - upper, upper)
    }
}

/// 1/(1 + d₁/(1 + d₂/(1 + …))) (DLMF 8.17.22) by Lentz's method:
/// d₂ₘ = m(b−m)x / ((a+2m−1)(a+2m)), d₂ₘ₊₁ = −(a+m)(a+b+m)x / ((a+2m)(a+2m+1)).
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..100_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut factor = 1.0;
        for coefficient in [even, odd] {
            d = 1.0 / nonzero(1.0 + coefficient * d);
            c = nonzero(1.0 + coefficient / c);
            factor = c * d;
            value *= factor;
        }
        if (factor - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}

/// Quantile of the beta distribution with shapes a, b > 0 for the lower tail p in [0, 1].
pub fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    if a.is_nan() || b.is_nan() || a <= 0.0 || b <= 0.0 || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return p;
    }
    increasing_root(0.0, 1.0, a / (a + b), |x| {
        let (lower, upper) = tails(a, b, x);
        let value = if p < 0.5 { lower - p } else { (1.0 - p) - upper };
        (value, beta_density(a, b, x))
    })
}

/// Quantile of Student's t with `df` > 0 degrees of freedom for the lower tail p in (0, 1).
///
/// P(T > t) = ½ I_x(df/2, ½) with x = df / (df + t²); the root is found in t ≥ 0.
pub fn student_quantile(df: f64, p: f64) -> f64 {
    if df.is_nan() || df <= 0.0 || p.is_nan() || p <= 0.0 || p >= 1.0 {
        return f64::NAN;
    }
    let tail = p.min(1.0 - p);
    let upper = |t: f64| 0.5 * beta_regularized(0.5 * df, 0.5, df / (df + t * t));
    let start = -normal_quantile(tail);
    let mut high = 1.0 + start;
    while upper(high) > tail && high < 1e150 {
        high *= 2.0;
    }
    let log_scale = -ln_beta(0.5 * df, 0.5) - 0.5 * ln(df);
    let t = increasing_root(0.0, high, start, |t| {
        (tail - upper(t), exp(log_scale - 0.5 * (df + 1.0) * ln_1_plus(t * t / df)))
    });
    if p < 0.5 { -t } else { t }
}

/// P(|T| > |t|) of Student's t with `df` > 0 degrees of freedom: I_x(df/2, ½) with x = df / (df + t²).
pub fn student_two_sided_p(t: f64, df: f64) -> f64 {
    if t.is_nan() || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    beta_regularized(0.5 * df, 0.5, df / (df + t * t))
}
