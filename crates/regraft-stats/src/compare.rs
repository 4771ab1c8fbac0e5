//! What a difference between arms is worth: resampling of patients, and trials of a given size.
//!
//! Patients are drawn by index, so the caller's statistic decides what is compared. A resample for which the
//! statistic has no value is counted, never passed over in silence.

use crate::estimate::quantile;
use crate::random::{Seed, Stream};

/// Quantiles of a statistic over resamples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Resamples for which the statistic had no value (`None` or NaN); the interval is that of the others.
    pub n_failed_resamples: usize,
}

/// Percentile bootstrap interval over patients [EfronTibshirani1993, 13.3].
///
/// Every resample draws `n_patients` of 0 … n_patients − 1 with replacement; both arms of a patient stay
/// together, so the interval knows that the arms share their patients. With enough patients it shrinks to
/// a point: it is simulation error, not what a trial of the published size would show
/// ([`prediction_interval`]). `statistic` gets the drawn patients. `level` in (0, 1). Resample r depends
/// on `seed`, `name` and r alone. `None` for no patients, no resamples, or if the statistic never had a
/// value.
pub fn paired_bootstrap(
    n_patients: usize,
    n_resamples: usize,
    seed: Seed,
    name: &str,
    statistic: &mut dyn FnMut(&[usize]) -> Option<f64>,
    level: f64,
) -> Option<Interval> {
    if n_patients == 0 {
        return None;
    }
    let values = (0..n_resamples as u64).map(|number| statistic(&resample(n_patients, seed, name, number)));
    percentile_interval(values, level)
}

/// The patients of resample number `number`: as many as there are, of 0 … n_patients − 1, with replacement.
pub fn resample(n_patients: usize, seed: Seed, name: &str, number: u64) -> Vec<usize> {
    draw_arm(&seed.stream(number, name), 0, n_patients, n_patients)
}

/// Interval in which a trial of the given size would find the statistic, `level` of the time.
///
/// Runs [`trial_of_size`] for trial 0 … n_trials − 1 and takes the quantiles of `statistic`, which gets
/// the patients of each arm, `[arm][patient]`. It holds the play of chance in a small trial, not the
/// error of the simulation. `None` for no patients, no trials, or if the statistic never had a value.
pub fn prediction_interval(
    n_patients: usize,
    sizes: &[usize],
    n_trials: usize,
    seed: Seed,
    name: &str,
    statistic: &mut dyn FnMut(&[Vec<usize>]) -> Option<f64>,
    level: f64,
) -> Option<Interval> {
    if n_patients == 0 {
        return None;
    }
    let values =
        (0..n_trials as u64).map(|trial| statistic(&trial_of_size(n_patients, sizes, seed, name, trial)));
    percentile_interval(values, level)
}

/// The patients of trial number `trial`: `sizes[arm]` of 0 … n_patients − 1 for each arm, `[arm][patient]`.
///
/// Each arm draws for itself, with replacement: unlike the simulated arms, those of a real trial hold
/// different people. A larger arm extends a smaller one. Empty arms for no patients.
pub fn trial_of_size(
    n_patients: usize,
    sizes: &[usize],
    seed: Seed,
    name: &str,
    trial: u64,
) -> Vec<Vec<usize>> {
    let stream = seed.stream(trial, name);
    sizes.iter().enumerate().map(|(arm, size)| draw_arm(&stream, arm, *size, n_patients)).collect()
}

fn draw_arm(stream: &Stream, arm: usize, size: usize, n_patients: usize) -> Vec<usize> {
    let size = if n_patients == 0 { 0 } else { size };
    // Each arm has 2³² indices of its own.
    (0..size as u64).map(|patient| stream.below((arm as u64) << 32 | patient, n_patients)).collect()
}

/// The central `level` of the values, type 7 quantiles.
fn percentile_interval(values: impl Iterator<Item = Option<f64>>, level: f64) -> Option<Interval> {
    let mut found = Vec::new();
    let mut n_failed_resamples = 0;
    for value in values {
        match value {
            Some(value) if !value.is_nan() => found.push(value),
            _ => n_failed_resamples += 1,
        }
    }
    if found.is_empty() {
        return None;
    }
    found.sort_by(f64::total_cmp);
    let tail = 0.5 * (1.0 - level);
    Some(Interval { low: quantile(&found, tail), high: quantile(&found, 1.0 - tail), n_failed_resamples })
}

#[cfg(test)]
mod tests;
