//! Quantiles and the median from sorted values.

use super::Estimate;
use crate::math;

/// Quantile of `sorted` (ascending) at `p` in [0, 1]: linear between order statistics at (n − 1) p
/// [HyndmanFan1996, type 7; R's default]. NaN for no values or p outside [0, 1].
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    if sorted.is_empty() || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let position = (sorted.len() - 1) as f64 * p;
    let below = sorted[position as usize];
    let above = sorted[(position.ceil() as usize).min(sorted.len() - 1)];
    let share = position.fract();
    // Without the test, 0 · ∞ between infinite values would be NaN.
    if share == 0.0 || below == above { below } else { below + share * (above - below) }
}

/// Median of `sorted` (ascending) with the interval between order statistics k and n + 1 − k.
///
/// k is the largest with P(Bin(n, ½) ≤ k − 1) ≤ (1 − level)/2, so the coverage is at least `level` for
/// any continuous distribution. NaN ends where n is too small for that (below 6 values at 95 %), all NaN
/// for no values.
pub fn median_interval(sorted: &[f64], level: f64) -> Estimate {
    let value = quantile(sorted, 0.5);
    match rank_from_end(sorted.len(), 0.5 * (1.0 - level)) {
        Some(k) => Estimate { value, low: sorted[k - 1], high: sorted[sorted.len() - k] },
        None => Estimate { value, low: f64::NAN, high: f64::NAN },
    }
}

/// Largest k ≥ 1 with P(Bin(n, ½) ≤ k − 1) ≤ `tail`; P(Bin(n, ½) ≤ k − 1) = I½(n − k + 1, k).
fn rank_from_end(n: usize, tail: f64) -> Option<usize> {
    let at_most = |k: usize| math::beta_regularized((n - k + 1) as f64, k as f64, 0.5);
    let (mut fits, mut fails) = (0, n / 2 + 1);
    while fails - fits > 1 {
        let k = fits + (fails - fits) / 2;
        if at_most(k) <= tail {
            fits = k;
        } else {
            fails = k;
        }
    }
    (fits > 0).then_some(fits)
}
