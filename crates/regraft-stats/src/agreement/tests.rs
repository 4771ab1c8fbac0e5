//! Chains of which it is known how well they agree.

use super::*;
use crate::random::Seed;

/// An autoregressive chain x' = r x + √(1 − r²) e around `center`.
fn chain(number: u64, r: f64, center: f64, n: usize) -> Vec<f64> {
    let stream = Seed(3).stream(number, "chain");
    let mut x = stream.normal(0);
    (1..=n as u64)
        .map(|step| {
            x = r * x + (1.0 - r * r).sqrt() * stream.normal(step);
            center + x
        })
        .collect()
}

#[test]
fn independent_draws_count_fully_and_correlated_ones_as_theory_says() {
    let independent: Vec<Vec<f64>> = (0..4).map(|c| chain(c, 0.0, 0.0, 4000)).collect();
    let found = agreement(&independent);
    assert!((found.r_hat - 1.0).abs() < 0.005 && found.effective > 14_000.0, "{found:?}");
    // (1 − r)/(1 + r) of the draws count: a third of them at r = 1/2.
    let correlated: Vec<Vec<f64>> = (0..4).map(|c| chain(c, 0.5, 0.0, 4000)).collect();
    let found = agreement(&correlated);
    assert!((found.effective / 16_000.0 - 1.0 / 3.0).abs() < 0.05, "{found:?}");
}

#[test]
fn chains_apart_are_told_from_chains_together() {
    let apart: Vec<Vec<f64>> = (0..4).map(|c| chain(c, 0.0, c as f64, 500)).collect();
    assert!(agreement(&apart).r_hat > 1.3);
    let still = vec![vec![1.0; 10]; 2];
    assert_eq!(agreement(&still), Agreement { r_hat: 1.0, effective: 20.0 });
    let stuck = vec![vec![1.0; 10], vec![2.0; 10]];
    assert_eq!(agreement(&stuck).r_hat, f64::INFINITY);
}
