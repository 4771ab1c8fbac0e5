//! Resampling: sameness, pairing, counted failures, coverage.

use super::*;

fn mean_of(values: &[f64]) -> impl FnMut(&[usize]) -> Option<f64> {
    |patients| Some(patients.iter().map(|patient| values[*patient]).sum::<f64>() / patients.len() as f64)
}

fn normals(trial: u64, n: u64) -> Vec<f64> {
    let stream = Seed(31).stream(trial, "values");
    (0..n).map(|index| stream.normal(index)).collect()
}

#[test]
fn a_bootstrap_repeats_itself_and_listens_to_its_seed() {
    let values = normals(0, 40);
    let run = |seed, name| paired_bootstrap(40, 300, Seed(seed), name, &mut mean_of(&values), 0.9);
    assert_eq!(run(1, "a"), run(1, "a"));
    assert_ne!(run(1, "a"), run(2, "a"));
    assert_ne!(run(1, "a"), run(1, "b"));
}

#[test]
fn failed_resamples_are_counted_not_skipped() {
    let mut call = 0;
    let mut every_fourth_fails = |_: &[usize]| {
        call += 1;
        match call % 4 {
            0 => None,
            1 => Some(f64::NAN),
            _ => Some(1.0),
        }
    };
    let interval =
        paired_bootstrap(5, 100, Seed(1), "x", &mut every_fourth_fails, 0.95).expect("half have a value");
    assert_eq!(interval, Interval { low: 1.0, high: 1.0, n_failed_resamples: 50 });
    assert_eq!(call, 100);
}

#[test]
fn without_values_there_is_no_interval() {
    let bootstrap = |n, resamples| paired_bootstrap(n, resamples, Seed(1), "x", &mut |_| None, 0.95);
    assert_eq!([bootstrap(0, 10), bootstrap(10, 0), bootstrap(10, 10)], [None; 3]);
    assert_eq!(prediction_interval(0, &[5], 10, Seed(1), "x", &mut |_| Some(1.0), 0.95), None);
    assert_eq!(trial_of_size(0, &[5, 3], Seed(1), "x", 0), [vec![], vec![]]);
}

/// The difference between arms that differ by exactly 1 in every patient is known without error when
/// resampled in pairs.
#[test]
fn pairing_removes_what_the_arms_share() {
    let control = normals(1, 50);
    let mut difference = |patients: &[usize]| {
        let sum: f64 = patients.iter().map(|patient| (control[*patient] + 1.0) - control[*patient]).sum();
        Some(sum / patients.len() as f64)
    };
    let interval = paired_bootstrap(50, 200, Seed(1), "x", &mut difference, 0.95).expect("a value each time");
    assert!((interval.low - 1.0).abs() < 1e-12 && (interval.high - 1.0).abs() < 1e-12);
}

/// A trial of 25 per arm: the same arms without pairing differ by 1 ± 1.96 √(2/25) = 0.45 … 1.55.
#[test]
fn a_prediction_interval_has_the_width_of_a_trial() {
    let control = normals(2, 5000);
    let mut difference = |arms: &[Vec<usize>]| {
        assert_eq!((arms[0].len(), arms[1].len()), (25, 25));
        let mean =
            |arm: &[usize]| arm.iter().map(|patient| control[*patient]).sum::<f64>() / arm.len() as f64;
        Some(1.0 + mean(&arms[0]) - mean(&arms[1]))
    };
    let found =
        prediction_interval(5000, &[25, 25], 4000, Seed(1), "x", &mut difference, 0.95).expect("values");
    // A 2.5 % quantile of 4,000 normals has a standard error of 2.7 % of their standard deviation 0.28,
    // the standard deviation of 5,000 patients one of 1 %: five standard errors are 0.045.
    assert!((found.low - 0.446).abs() < 0.045 && (found.high - 1.554).abs() < 0.045, "{found:?}");
}

#[test]
fn a_larger_trial_extends_a_smaller_one() {
    let small = trial_of_size(1000, &[10, 20], Seed(1), "x", 3);
    let large = trial_of_size(1000, &[15, 30], Seed(1), "x", 3);
    assert_eq!(small[0], large[0][..10]);
    assert_eq!(small[1], large[1][..20]);
    assert_ne!(small[0], large[1][..10], "the arms draw for themselves");
    assert_ne!(small, trial_of_size(1000, &[10, 20], Seed(1), "x", 4));
}

/// 1,000 samples of 60 normals: the percentile interval of the mean covers about 0.942 here, being
/// narrower than Student's by √(59/60) and z/t. Standard error 0.0072; four are allowed.
#[test]
fn bootstrap_intervals_cover_as_they_should() {
    let covered = (0..1000).filter(|trial| {
        let values = normals(100 + trial, 60);
        let interval = paired_bootstrap(60, 400, Seed(*trial), "coverage", &mut mean_of(&values), 0.95);
        let interval = interval.expect("a mean each time");
        interval.low <= 0.0 && 0.0 <= interval.high
    });
    let coverage = covered.count() as f64 / 1000.0;
    assert!((coverage - 0.942).abs() < 0.029, "{coverage}");
}
