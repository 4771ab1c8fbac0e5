//! Whether chains of draws agree, and how much they say.

use crate::estimate::variance;

/// Whether chains of one quantity agree, and how much they say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Potential scale reduction of the halves of the chains, ≥ about 1: 1 where all are alike \[Gelman2013, 11.4\].
    pub r_hat: f64,
    /// Independent draws that would say as much of the mean.
    pub effective: f64,
}

/// Agreement of chains of equal length, `[chain][draw]`.
///
/// R̂ = √(((n − 1)/n W + B/n) / W) over halves of chains of length n; the effective number is
/// mn / (1 + 2 Σ ρ̂), summed until the sum of two neighbors falls below 0 \[Gelman2013, 11.5\]. Chains that
/// do not move at all agree, with as many effective draws as there are draws.
///
/// # Panics
/// If there are no chains, or fewer than four draws in one.
pub fn agreement(chains: &[Vec<f64>]) -> Agreement {
    let n = chains[0].len() / 2;
    assert!(n >= 2, "a half of a chain needs two draws");
    let halves: Vec<&[f64]> =
        chains.iter().flat_map(|chain| [&chain[..n], &chain[chain.len() - n..]]).collect();
    let (m, length) = (halves.len() as f64, n as f64);
    let means: Vec<f64> = halves.iter().map(|half| mean(half)).collect();
    let within = halves.iter().map(|half| variance(half)).sum::<f64>() / m;
    let between = length * variance(&means);
    if within <= 0.0 {
        return Agreement { r_hat: if between > 0.0 { f64::INFINITY } else { 1.0 }, effective: m * length };
    }
    let total = (length - 1.0) / length * within + between / length;
    let correlation = |lag: usize| {
        let differences = halves.iter().map(|half| {
            half.iter().zip(&half[lag..]).map(|(a, b)| (b - a) * (b - a)).sum::<f64>() / (n - lag) as f64
        });
        1.0 - differences.sum::<f64>() / m / (2.0 * total)
    };
    let mut sum = 0.0;
    let mut lag = 1;
    while lag + 1 < n {
        let pair = correlation(lag) + correlation(lag + 1);
        if pair < 0.0 {
            break;
        }
        sum += pair;
        lag += 2;
    }
    let effective = (m * length / (1.0 + 2.0 * sum)).min(m * length);
    Agreement { r_hat: (total / within).sqrt(), effective }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests;
