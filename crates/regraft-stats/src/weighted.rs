//! Estimates from patients with weights. Weights are ≥ 0 and finite; only their ratios matter.

use super::{Estimate, wilson};
use crate::math;
use crate::survival::Survival;

/// Kish's effective number of values: (Σw)² / Σw² \[Kish1965\]; 0 for no weight at all.
pub fn effective_size(weights: &[f64]) -> f64 {
    let sum: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

/// Mean Σwx/Σw with Student's interval on the effective number of values: s² = Σw(x − x̄)²/Σw · n/(n − 1).
///
/// With equal weights it is [`mean_interval`](super::mean_interval). All NaN without weight; without interval where
/// the effective number is 1.
pub fn weighted_mean(values: &[f64], weights: &[f64], level: f64) -> Estimate {
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return Estimate::UNKNOWN;
    }
    let total =
        |of: &dyn Fn(f64) -> f64| -> f64 { values.iter().zip(weights).map(|(x, w)| w * of(*x)).sum() };
    let mean = total(&|x| x) / sum;
    let n = effective_size(weights);
    let half = math::student_quantile(n - 1.0, 0.5 + 0.5 * level)
        * (total(&|x| (x - mean) * (x - mean)) / sum / (n - 1.0)).sqrt();
    Estimate { value: mean, low: mean - half, high: mean + half }
}

/// Quantile at `p` in [0, 1] of weighted values, sorted by value: linear between them, each at
/// (W₋ + w/2 − w₁/2) / (W − w₁/2 − wₙ/2), where W₋ is the weight before it.
///
/// With equal weights it is [`quantile`](super::quantile). NaN for no values.
pub fn weighted_quantile(sorted: &[(f64, f64)], p: f64) -> f64 {
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return f64::NAN };
    let all: f64 = sorted.iter().map(|(_, weight)| weight).sum();
    let aim = p * (all - 0.5 * (first.1 + last.1));
    let mut at = 0.0;
    for pair in sorted.windows(2) {
        let step = 0.5 * (pair[0].1 + pair[1].1);
        if at + step >= aim && step > 0.0 {
            let share = ((aim - at) / step).clamp(0.0, 1.0);
            return if pair[0].0 == pair[1].0 {
                pair[0].0
            } else {
                pair[0].0 + share * (pair[1].0 - pair[0].0)
            };
        }
        at += step;
    }
    last.0
}

/// Probability of the event (status 1) by `day` with competing events (status 2) and censoring (status 0): the
/// estimator of Aalen and Johansen with every patient counted by weight, and Wilson's interval on the effective number
/// of patients.
///
/// Without censoring before `day` it is the weighted share of patients with the event. All NaN without weight.
pub fn weighted_incidence(ends: &[Survival], weights: &[f64], day: f64, level: f64) -> Estimate {
    let value = incidence(ends, weights, day);
    if value.is_nan() {
        return Estimate::UNKNOWN;
    }
    let n = effective_size(weights);
    let (low, high) = wilson((value * n).clamp(0.0, n), n, level);
    Estimate { value, low, high }
}

/// The estimate of [`weighted_incidence`] alone.
pub fn incidence(ends: &[Survival], weights: &[f64], day: f64) -> f64 {
    let mut order: Vec<usize> = (0..ends.len()).collect();
    order.sort_by(|a, b| ends[*a].time.total_cmp(&ends[*b].time));
    let mut at_risk: f64 = weights.iter().sum();
    if at_risk <= 0.0 {
        return f64::NAN;
    }
    let (mut free, mut found) = (1.0, 0.0);
    let mut place = 0;
    while place < order.len() && ends[order[place]].time <= day {
        let time = ends[order[place]].time;
        let (mut events, mut others, mut left) = (0.0, 0.0, 0.0);
        while place < order.len() && ends[order[place]].time == time {
            let weight = weights[order[place]];
            match ends[order[place]].status {
                1 => events += weight,
                2 => others += weight,
                _ => left += weight,
            }
            place += 1;
        }
        if events + others > 0.0 && at_risk > 0.0 {
            found += free * events / at_risk;
            free *= (1.0 - (events + others) / at_risk).max(0.0);
        }
        at_risk -= events + others + left;
    }
    found.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::{mean_interval, quantile};
    use crate::random::Seed;
    use crate::survival::cumulative_incidence;

    fn values(n: usize) -> Vec<f64> {
        let stream = Seed(2).stream(0, "weighted");
        (0..n as u64).map(|index| stream.normal(index)).collect()
    }

    #[test]
    fn equal_weights_are_no_weights() {
        let x = values(41);
        let ones = vec![0.7; 41];
        let (plain, weighted) = (mean_interval(&x, 0.95), weighted_mean(&x, &ones, 0.95));
        for (a, b) in [(plain.value, weighted.value), (plain.low, weighted.low), (plain.high, weighted.high)]
        {
            assert!((a - b).abs() < 1e-9, "{a} and {b}");
        }
        let mut sorted = x;
        sorted.sort_by(f64::total_cmp);
        let pairs: Vec<(f64, f64)> = sorted.iter().map(|x| (*x, 0.7)).collect();
        for p in [0.0, 0.05, 0.31, 0.5, 0.95, 1.0] {
            assert!((quantile(&sorted, p) - weighted_quantile(&pairs, p)).abs() < 1e-9, "{p}");
        }
        assert!((effective_size(&ones) - 41.0).abs() < 1e-9);
    }

    #[test]
    fn a_weight_of_three_is_three_patients() {
        let stream = Seed(5).stream(0, "ends");
        let end = |i: u64| Survival {
            time: (20.0 * stream.uniform(2 * i)).ceil(),
            status: (3.0 * stream.uniform(2 * i + 1)) as u8,
        };
        let ends: Vec<Survival> = (0..60).map(end).collect();
        let weights: Vec<f64> = (0..60).map(|i| f64::from(i % 4)).collect();
        let copies: Vec<Survival> = ends
            .iter()
            .zip(&weights)
            .flat_map(|(end, weight)| std::iter::repeat_n(*end, *weight as usize))
            .collect();
        let curve = cumulative_incidence(&copies, 1, 0.95);
        for day in [1.0, 5.0, 9.0, 14.0] {
            let expected = curve.at(day).map_or(f64::NAN, |point| point.estimate);
            let found = weighted_incidence(&ends, &weights, day, 0.95).value;
            assert!((expected - found).abs() < 1e-12, "day {day}: {expected} and {found}");
        }
    }

    #[test]
    fn nobody_has_no_estimate() {
        assert!(weighted_mean(&[], &[], 0.95).value.is_nan());
        assert!(weighted_incidence(&[], &[], 1.0, 0.95).value.is_nan());
        assert!(weighted_quantile(&[], 0.5).is_nan());
        assert_eq!(effective_size(&[0.0, 0.0]), 0.0);
    }
}
