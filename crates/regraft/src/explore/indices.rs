//! Sobol' indices: which share of the variance of a result is due to each of its inputs.
//!
//! First-order index Sⱼ: the share that vanishes if input j were known. Total index Tⱼ: the share that remains if all
//! others were known; Tⱼ − Sⱼ is what j does together with others. With two independent samples A and B and ABⱼ, which
//! is A with column j of B (Saltelli and others 2010, Jansen 1999; recalled):
//!
//! Sⱼ = mean(f(B)·(f(ABⱼ) − f(A)))/V,   Tⱼ = mean((f(A) − f(ABⱼ))²)/(2V),   V the variance of f(A) and f(B) together.

use regraft_stats::Seed;
use serde::Serialize;

/// An estimate with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimated {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Indices of one input.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Index {
    /// First-order index.
    pub first: Estimated,
    /// Total index.
    pub total: Estimated,
}

/// Inputs that can be sampled: two columns each in a sequence of 256.
pub const MOST_INPUTS: usize = 128;
/// Points that can be sampled.
pub const MOST_POINTS: usize = 1 << 16;
/// Resamples behind an interval.
const RESAMPLES: usize = 1000;

/// The samples A and B, `[point][input]` in (0, 1): the two halves of the columns of Owen-scrambled Sobol' points.
pub fn samples(points: usize, inputs: usize, seed: u64) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let scramble = (seed ^ (seed >> 32)) as u32;
    let value = |point: usize, column: usize| {
        let drawn = f64::from(sobol_burley::sample(point as u32, column as u32, scramble));
        drawn.clamp(1e-7, 1.0 - 1e-7)
    };
    let half = |offset: usize| {
        let row = |point: usize| (0..inputs).map(|input| value(point, offset + input)).collect();
        (0..points).map(row).collect()
    };
    (half(0), half(inputs))
}

/// All points at which the result is needed: A, B, then ABⱼ for each input.
pub fn design(a: &[Vec<f64>], b: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let inputs = a.first().map_or(0, Vec::len);
    let mut all: Vec<Vec<f64>> = a.iter().chain(b).cloned().collect();
    for input in 0..inputs {
        all.extend(a.iter().zip(b).map(|(a, b)| {
            let mut row = a.clone();
            row[input] = b[input];
            row
        }));
    }
    all
}

/// Indices from the results of a [`design`] of so many points, with bootstrap intervals over the points; `None` if the
/// result does not vary. A point with a result that is not finite in any of its rows is left out everywhere.
pub fn indices(results: &[f64], points: usize, seed: Seed) -> Option<Vec<Index>> {
    let part = |which: usize, point: usize| results[which * points + point];
    let inputs = (results.len() / points.max(1)).checked_sub(2)?;
    let whole: Vec<usize> =
        (0..points).filter(|point| (0..inputs + 2).all(|which| part(which, *point).is_finite())).collect();
    let n = whole.len();
    if n < 2 {
        return None;
    }
    let mean = whole.iter().map(|point| part(0, *point) + part(1, *point)).sum::<f64>() / (2 * n) as f64;
    let centered = |which: usize, point: usize| part(which, point) - mean;
    let of = |points: &[usize], input: usize| -> Option<(f64, f64)> {
        let (mut variance, mut shift, mut first, mut total) = (0.0, 0.0, 0.0, 0.0);
        for &point in points {
            let (a, b, ab) = (centered(0, point), centered(1, point), centered(2 + input, point));
            variance += a * a + b * b;
            shift += a + b;
            first += b * (ab - a);
            total += (a - ab) * (a - ab);
        }
        let n = points.len() as f64;
        let variance = variance / (2.0 * n) - (shift / (2.0 * n)).powi(2);
        (variance > 0.0).then(|| (first / n / variance, total / (2.0 * n) / variance))
    };
    let drawn: Vec<Vec<usize>> = (0..RESAMPLES as u64)
        .map(|number| {
            regraft_stats::resample(n, seed, "sobol", number).into_iter().map(|at| whole[at]).collect()
        })
        .collect();
    (0..inputs)
        .map(|input| {
            let (first, total) = of(&whole, input)?;
            let again: Vec<(f64, f64)> = drawn.iter().filter_map(|points| of(points, input)).collect();
            let interval = |value: f64, pick: fn(&(f64, f64)) -> f64| {
                let mut values: Vec<f64> = again.iter().map(pick).chain([value]).collect();
                values.sort_by(f64::total_cmp);
                let at = |share: f64| values[(share * (values.len() - 1) as f64).round() as usize];
                Estimated { value, low: at(0.025), high: at(0.975) }
            };
            Some(Index { first: interval(first, |pair| pair.0), total: interval(total, |pair| pair.1) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    fn of(f: impl Fn(&[f64]) -> f64, inputs: usize) -> Vec<Index> {
        let points = 4096;
        let (a, b) = samples(points, inputs, 7);
        let results: Vec<f64> = design(&a, &b).iter().map(|row| f(row)).collect();
        indices(&results, points, Seed(1)).expect("it varies")
    }

    fn is_near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 0.02, "{found} is not {expected}");
    }

    /// Ishigami: sin x₁ + 7 sin² x₂ + 0.1 x₃⁴ sin x₁ on (−π, π)³; closed form of its variances.
    #[test]
    fn ishigami_function() {
        let (a, b) = (7.0, 0.1);
        let found = of(
            |u| {
                let x: Vec<f64> = u.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
                x[0].sin() + a * x[1].sin().powi(2) + b * x[2].powi(4) * x[0].sin()
            },
            3,
        );
        let first = 0.5 * (1.0 + b * PI.powi(4) / 5.0).powi(2);
        let (second, both) = (a * a / 8.0, b * b * PI.powi(8) * 8.0 / 225.0);
        let all = first + second + both;
        for (index, (s, t)) in found.iter().zip([(first, first + both), (second, second), (0.0, both)]) {
            is_near(index.first.value, s / all);
            is_near(index.total.value, t / all);
            assert!(index.total.low <= index.total.value && index.total.value <= index.total.high);
        }
    }

    /// The g-function Π (|4xⱼ − 2| + aⱼ)/(1 + aⱼ): the variance of a factor is 1/(3 (1 + aⱼ)²).
    #[test]
    fn g_function() {
        let weights: [f64; 6] = [0.0, 0.5, 3.0, 9.0, 99.0, 99.0];
        let found =
            of(|u| u.iter().zip(weights).map(|(u, a)| ((4.0 * u - 2.0).abs() + a) / (1.0 + a)).product(), 6);
        let part: Vec<f64> = weights.iter().map(|a| 1.0 / (3.0 * (1.0 + a) * (1.0 + a))).collect();
        let product: f64 = part.iter().map(|v| 1.0 + v).product();
        for (index, own) in found.iter().zip(&part) {
            is_near(index.first.value, own / (product - 1.0));
            is_near(index.total.value, own * product / (1.0 + own) / (product - 1.0));
        }
    }

    #[test]
    fn a_result_that_does_not_vary_has_no_indices() {
        let (a, b) = samples(16, 2, 1);
        let results = vec![3.0; design(&a, &b).len()];
        assert!(indices(&results, 16, Seed(1)).is_none());
        assert!(indices(&[], 0, Seed(1)).is_none());
    }
}
