use regraft_trial::evidence::reconstitution::Measure;

use super::measure::{NEVER_BELOW, Series, measure, quantile};
use super::plan::Task;

fn of(task: (Measure, Option<f64>, Option<f64>), days: &[f64], values: &[f64], end: f64) -> f64 {
    let (measured, level, day) = task;
    let task = Task { quantity: 0, measure: measured, level, day };
    measure(&task, &Series { days, values, baseline: values[0], end })
}

const DAYS: [f64; 10] = [-5.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
const FALL_AND_RISE: [f64; 10] = [4.0, 2.0, 0.3, 0.1, 0.2, 0.6, 0.4, 0.7, 0.9, 1.5];

#[test]
fn a_threshold_is_passed_on_the_first_of_three_days_after_the_lowest() {
    let task = (Measure::DayAbove, Some(0.5), None);
    assert_eq!(of(task, &DAYS, &FALL_AND_RISE, 8.0), 6.0);
    assert_eq!(of(task, &DAYS, &FALL_AND_RISE, 7.0), f64::INFINITY, "two days are seen");
    assert_eq!(of((Measure::DayAbove, Some(0.05), None), &DAYS, &FALL_AND_RISE, 8.0), NEVER_BELOW);
    assert_eq!(of((Measure::ShareRecovered, Some(0.5), Some(6.0)), &DAYS, &FALL_AND_RISE, 8.0), 1.0);
    assert_eq!(of((Measure::ShareRecovered, Some(0.5), Some(5.0)), &DAYS, &FALL_AND_RISE, 8.0), 0.0);
}

#[test]
fn a_level_falls_below_after_its_highest() {
    let task = (Measure::DayBelow, Some(0.5), None);
    assert_eq!(of(task, &DAYS, &FALL_AND_RISE, 8.0), 1.0);
    assert!(of((Measure::DayBelow, Some(9.0), None), &DAYS, &FALL_AND_RISE, 8.0).is_nan(), "never above");
}

#[test]
fn levels_and_ratios_are_read_on_the_day_while_the_patient_is_seen() {
    assert_eq!(of((Measure::ValueAt, None, Some(7.0)), &DAYS, &FALL_AND_RISE, 8.0), 0.9);
    assert_eq!(of((Measure::RatioToBaseline, None, Some(0.0)), &DAYS, &FALL_AND_RISE, 8.0), 0.5);
    assert!(of((Measure::ValueAt, None, Some(7.0)), &DAYS, &FALL_AND_RISE, 6.5).is_nan());
    assert!(of((Measure::ValueAt, None, Some(9.0)), &DAYS, &FALL_AND_RISE, 20.0).is_nan());
}

#[test]
fn normal_is_what_stays_normal_for_a_month() {
    let days = [0.0, 30.0, 60.0, 90.0, 120.0];
    let values = [1.0, 6.0, 4.0, 6.0, 7.0];
    assert_eq!(of((Measure::DaysToNormal, Some(5.0), None), &days, &values, 120.0), 90.0);
}

#[test]
fn a_quantile_beyond_the_last_day_is_infinite() {
    let values = [1.0, 2.0, 3.0, f64::INFINITY];
    assert_eq!((quantile(&values, 0.5), quantile(&values, 0.9)), (Some(2.5), Some(f64::INFINITY)));
    assert_eq!(quantile(&[], 0.5), None);
}
