//! Estimates against R, and the coverage of their intervals.

use super::*;
use crate::random::Seed;
use crate::reference::{Tolerance::*, table};

#[test]
fn wilson_agrees_with_prop_test() {
    for row in table("wilson") {
        let (low, high) = wilson(row.number("events"), row.number("n"), row.number("level"));
        row.agrees("low", low, Mixed(1e-14));
        row.agrees("high", high, Mixed(1e-14));
    }
}

#[test]
fn rate_agrees_with_poisson_test() {
    for row in table("garwood") {
        let rate = rate(row.number("events"), row.number("person_time"), row.number("level"));
        row.agrees("low", rate.low, Relative(1e-11));
        row.agrees("high", rate.high, Relative(1e-11));
        assert_eq!(rate.value, row.number("events") / row.number("person_time"));
    }
}

fn sample(data: &str) -> Vec<f64> {
    let mut values: Vec<f64> = table("sample_data")
        .iter()
        .filter(|row| row.text("data") == data)
        .map(|row| row.number("value"))
        .collect();
    values.sort_by(f64::total_cmp);
    values
}

#[test]
fn mean_and_median_agree_with_r() {
    for row in table("sample_intervals") {
        let (values, level) = (sample(row.text("data")), row.number("level"));
        let mean = mean_interval(&values, level);
        row.agrees("mean", mean.value, Relative(1e-14));
        row.agrees("mean_low", mean.low, Mixed(1e-11));
        row.agrees("mean_high", mean.high, Mixed(1e-11));
        let median = median_interval(&values, level);
        row.agrees("median", median.value, Relative(0.0));
        row.agrees("median_low", median.low, Relative(0.0));
        row.agrees("median_high", median.high, Relative(0.0));
    }
}

#[test]
fn a_mean_of_counts_is_that_of_the_values() {
    let values = [1.5, 1.5, 4.0, -2.0, 4.0, 4.0];
    let (own, counted) =
        (mean_interval(&values, 0.9), mean_interval_of(&[(-2.0, 1), (1.5, 2), (4.0, 3)], 0.9));
    for (a, b) in [(own.value, counted.value), (own.low, counted.low), (own.high, counted.high)] {
        assert!((a - b).abs() < 1e-14, "{own:?} {counted:?}");
    }
    assert!(mean_interval_of(&[], 0.9).value.is_nan());
}

#[test]
fn quantile_agrees_with_r_type_7() {
    for row in table("sample_quantiles") {
        row.agrees("quantile", quantile(&sample(row.text("data")), row.number("p")), Mixed(1e-13));
    }
}

#[test]
fn nothing_in_gives_nothing_out() {
    assert!(
        quantile(&[], 0.5).is_nan() && quantile(&[1.0], 1.1).is_nan() && quantile(&[1.0], f64::NAN).is_nan()
    );
    assert!(mean_interval(&[], 0.95).value.is_nan());
    let one = mean_interval(&[3.0], 0.95);
    assert!(one.value == 3.0 && one.low.is_nan() && one.high.is_nan());
    let one = median_interval(&[3.0], 0.95);
    assert!(one.value == 3.0 && one.low.is_nan() && one.high.is_nan());
    for (events, n) in [(1.0, 0.0), (3.0, 2.0), (-1.0, 2.0), (f64::NAN, 2.0), (1.0, f64::NAN)] {
        assert!(proportion(events, n, 0.95).value.is_nan(), "{events} of {n}");
    }
    for (events, time) in [(1.0, 0.0), (-1.0, 2.0), (f64::NAN, 2.0), (1.0, f64::INFINITY)] {
        assert!(rate(events, time, 0.95).value.is_nan(), "{events} in {time}");
    }
}

#[test]
fn no_events_give_zero_with_an_upper_end() {
    let rate = rate(0.0, 100.0, 0.95);
    // The upper end without events is −ln(α/2)/T.
    assert!(rate.value == 0.0 && rate.low == 0.0 && (rate.high - 0.036_888_794_541_139_36).abs() < 1e-15);
    let share = proportion(0.0, 24.0, 0.95);
    assert!(share.low == 0.0 && share.value == 0.0 && (0.13..0.14).contains(&share.high));
}

/// Counts without bound stay quick, and come to the normal interval 1 ± 1.96/√events.
#[test]
fn huge_counts_give_the_normal_interval() {
    for events in [1e9, 1e11, 1e15, 1e18] {
        let rate = rate(events, events, 0.95);
        let half = 1.959_963_984_540_054 / events.sqrt();
        // The skewness moves both ends by about 1/events.
        assert!((rate.high - 1.0 - half).abs() < 3.0 / events + 1e-15, "{events}: {rate:?}");
        assert!((1.0 - rate.low - half).abs() < 3.0 / events + 1e-15, "{events}: {rate:?}");
    }
}

/// Wilson's true coverage at p = 0.3, n = 50 is 0.957 by summing the binomial; 4,000 trials have a
/// standard error of 0.0032, and five of them are allowed.
#[test]
fn wilson_covers_as_it_should() {
    let covered = (0..4000).filter(|trial| {
        let stream = Seed(11).stream(*trial, "wilson");
        let events = (0..50).filter(|index| stream.uniform(*index) < 0.3).count();
        let (low, high) = wilson(events as f64, 50.0, 0.95);
        low <= 0.3 && 0.3 <= high
    });
    let coverage = covered.count() as f64 / 4000.0;
    assert!((coverage - exact_wilson_coverage(50, 0.3)).abs() < 0.016, "{coverage}");
}

fn exact_wilson_coverage(n: u32, p: f64) -> f64 {
    let mass = |k: u32| {
        let choose = (0..k).fold(1.0, |product, i| product * f64::from(n - i) / f64::from(i + 1));
        choose * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32)
    };
    let covers = |k: &u32| {
        let (low, high) = wilson(f64::from(*k), f64::from(n), 0.95);
        low <= p && p <= high
    };
    (0..=n).filter(covers).map(mass).sum()
}

/// Exact intervals cover at least the level: 4,000 trials, three standard errors of 0.0034 below 0.95.
#[test]
fn median_and_rate_intervals_cover_at_least_their_level() {
    let n_trials = 4000;
    let (mut median_covered, mut rate_covered) = (0, 0);
    for trial in 0..n_trials {
        let stream = Seed(12).stream(trial, "median");
        let mut values: Vec<f64> = (0..25).map(|index| stream.exponential(index)).collect();
        values.sort_by(f64::total_cmp);
        let median = median_interval(&values, 0.95);
        median_covered += usize::from((median.low..=median.high).contains(&std::f64::consts::LN_2));
        let rate = rate(stream.poisson(99, 4.0) as f64, 8.0, 0.95);
        rate_covered += usize::from((rate.low..=rate.high).contains(&0.5));
    }
    for covered in [median_covered, rate_covered] {
        assert!(covered as f64 / n_trials as f64 > 0.95 - 0.0103, "{covered}");
    }
}

#[test]
fn a_variance_needs_two_values() {
    assert_eq!(variance(&[1.0, 2.0, 3.0, 6.0]), 14.0 / 3.0);
    assert!(variance(&[1.0]).is_nan() && variance(&[]).is_nan());
    // The share below it is 95 in 100.
    assert!((math::normal_cdf(Z90) - 0.95).abs() < 1e-15);
}
