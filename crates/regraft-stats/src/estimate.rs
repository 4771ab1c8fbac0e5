//! One-sample estimates with intervals: proportions, rates, means, quantiles.
//!
//! What cannot be estimated is NaN, and each function says when.

mod counts;
mod order;

use crate::math;

pub use counts::{proportion, rate, wilson};
pub use order::{median_interval, quantile};

/// An estimate with its interval. NaN where not estimable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Estimate {
    /// Nothing can be said.
    pub const UNKNOWN: Estimate = Estimate { value: f64::NAN, low: f64::NAN, high: f64::NAN };
}

/// Mean with Student's interval: x̄ ± t(n − 1) s/√n.
///
/// `level` in (0, 1). No value: all NaN. One value: an estimate without interval.
pub fn mean_interval(values: &[f64], level: f64) -> Estimate {
    let n = values.len() as f64;
    if values.is_empty() {
        return Estimate::UNKNOWN;
    }
    let mean = values.iter().sum::<f64>() / n;
    // One correction removes the rounding of the first sum.
    let mean = mean + values.iter().map(|x| x - mean).sum::<f64>() / n;
    student(n, mean, values.iter().map(|x| (x - mean) * (x - mean)).sum(), level)
}

/// [`mean_interval`] of values counted up, (value, how often); the order of the sums apart the same.
pub fn mean_interval_of(counted: &[(f64, usize)], level: f64) -> Estimate {
    let n = counted.iter().map(|(_, count)| count).sum::<usize>() as f64;
    if n == 0.0 {
        return Estimate::UNKNOWN;
    }
    let sum = |of: &dyn Fn(f64) -> f64| counted.iter().map(|(x, count)| *count as f64 * of(*x)).sum::<f64>();
    let mean = sum(&|x| x) / n;
    let mean = mean + sum(&|x| x - mean) / n;
    student(n, mean, sum(&|x| (x - mean) * (x - mean)), level)
}

/// x̄ ± t(n − 1) √(Σ(x − x̄)²/(n − 1)/n).
fn student(n: f64, mean: f64, squares: f64, level: f64) -> Estimate {
    let half = math::student_quantile(n - 1.0, 0.5 + 0.5 * level) * (squares / (n - 1.0) / n).sqrt();
    Estimate { value: mean, low: mean - half, high: mean + half }
}

/// Sample variance Σ(x − x̄)²/(n − 1). Fewer than two values: NaN.
pub fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if values.len() < 2 {
        return f64::NAN;
    }
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0)
}

/// Standard normal of which 95 in 100 lie below: so many standard errors to either end of a 90 % interval.
pub const Z90: f64 = 1.644_853_626_951_472_7;

/// z with P(|Z| < z) = `level`.
pub(crate) fn critical_value(level: f64) -> f64 {
    -math::normal_quantile(0.5 * (1.0 - level))
}

#[cfg(test)]
mod tests;
