//! Statistics against numbers worked out by hand.

use super::super::hand_made::times;
use super::*;
use crate::outcomes::{Counted, TimeToEvent};

/// Whole outcome of one arm with `n` patients.
fn whole<'a>(outcome: &'a Outcome, rows: &'a [usize]) -> Sample<'a> {
    Sample { outcome, rows, follow_up: &[], zero: 0.0 }
}

const SIX: [usize; 6] = [0, 1, 2, 3, 4, 5];

/// Events on days 10 and 30, a rival on day 20, censored on days 25, 40, 50.
fn six() -> Outcome {
    times(&[(10.0, 1), (20.0, 2), (25.0, 0), (30.0, 1), (40.0, 0), (50.0, 0)])
}

fn on(method: Method, outcome: &Outcome, day: f64) -> Result<f64, NoNumber> {
    statistics(method, whole(outcome, &SIX), None, &[Some(day)]).remove(0)
}

fn near(found: Result<f64, NoNumber>, expected: f64) {
    let found = found.expect("there is a number");
    assert!((found - expected).abs() < 1e-10, "{found} is not {expected}");
}

#[test]
fn curves_agree_with_the_hand() {
    // Survival: 5/6 after day 10, · 2/3 after day 30 (three at risk).
    near(on(Method::KaplanMeier, &six(), 9.0), 100.0);
    near(on(Method::KaplanMeier, &six(), 29.0), 100.0 * 5.0 / 6.0);
    near(on(Method::KaplanMeier, &six(), 30.0), 100.0 * 10.0 / 18.0);
    near(on(Method::KaplanMeierComplement, &six(), 30.0), 100.0 * 8.0 / 18.0);
    // Incidence: 1/6, then S = 4/6 before day 30, of which a third has the event.
    near(on(Method::CumulativeIncidence, &six(), 29.0), 100.0 / 6.0);
    near(on(Method::CumulativeIncidence, &six(), 30.0), 100.0 * (1.0 / 6.0 + 4.0 / 18.0));
    near(on(Method::Proportion, &six(), 30.0), 100.0 * 2.0 / 6.0);
    near(on(Method::Proportion, &six(), 29.0), 100.0 / 6.0);
}

#[test]
fn all_days_come_from_one_curve() {
    let days = [9.0, 30.0, 60.0].map(Some);
    let found = statistics(Method::KaplanMeier, whole(&six(), &SIX), None, &days);
    for (day, found) in days.iter().zip(found) {
        assert_eq!(found, on(Method::KaplanMeier, &six(), day.unwrap()));
    }
    assert_eq!(
        on(Method::KaplanMeier, &six(), 60.0).unwrap_err().reason,
        "no patient is followed until that day"
    );
}

#[test]
fn a_median_is_the_day_at_which_half_had_the_event() {
    let median = |ends: &[(f64, u8)], n: usize| {
        let outcome = times(ends);
        let rows: Vec<usize> = (0..n).collect();
        statistics(Method::MedianDay, whole(&outcome, &rows), None, &[None]).remove(0)
    };
    assert_eq!(median(&[(8.0, 1), (9.0, 1), (12.0, 1)], 3), Ok(9.0));
    let not_reached = median(&[(8.0, 1), (9.0, 0), (12.0, 0)], 3).unwrap_err();
    assert_eq!(not_reached.limit, Some(f64::INFINITY), "it lies beyond what was followed");
    assert_eq!(median(&[], 0).unwrap_err().limit, None, "nobody was followed at all");
}

#[test]
fn a_rate_is_events_over_years() {
    let counted = |to: f64, days: &[f64]| Some(Counted { from: 0.0, to, days: days.to_vec(), scans: None });
    let rates = Outcome::Rates(vec![
        counted(365.25, &[10.0, 200.0]),
        counted(730.5, &[]),
        None,
        counted(91.3125, &[50.0]),
    ]);
    let rows = [0, 1, 2, 3];
    let rate = |sample| statistics(Method::AnnualRate, sample, None, &[None]).remove(0);
    near(rate(whole(&rates, &rows)), 3.0 / 3.25);
    assert_eq!(whole(&rates, &rows).n(None), 3);
    // Followed for 100 days: two events in 100 + 100 + 91.3125 days.
    let cut = Sample { follow_up: &[100.0; 4], ..whole(&rates, &rows) };
    near(rate(cut), 2.0 / (291.3125 / 365.25));
    assert!(rate(whole(&rates, &[2])).is_err());
}

#[test]
fn a_rate_ratio_divides_the_rates_of_two_arms() {
    let counted = |to: f64, days: &[f64]| Some(Counted { from: 0.0, to, days: days.to_vec(), scans: None });
    let some = Outcome::Rates(vec![counted(365.25, &[10.0, 200.0]), counted(365.25, &[30.0])]);
    let fewer = Outcome::Rates(vec![counted(730.5, &[10.0]), counted(365.25, &[])]);
    let none = Outcome::Rates(vec![counted(365.25, &[]), counted(365.25, &[])]);
    let ratio = |own, other| {
        statistics(Method::RateRatio, whole(own, &[0, 1]), Some(whole(other, &[0, 1])), &[None]).remove(0)
    };
    near(ratio(&fewer, &some), (1.0 / 3.0) / 1.5);
    assert_eq!(ratio(&none, &some), Ok(0.0));
    assert_eq!(ratio(&some, &none).unwrap_err().limit, Some(f64::INFINITY));
    assert_eq!(ratio(&none, &none).unwrap_err().limit, None);
}

/// Two patients, visits on days 0, 100 and 200; the second is not seen at the last.
fn scores() -> Outcome {
    Outcome::Scores { days: vec![0.0, 100.0, 200.0], values: vec![0.0, 1.0, 3.0, 0.0, 2.0, f64::NAN] }
}

#[test]
fn a_mean_is_of_those_seen_at_the_visit() {
    let outcome = scores();
    let sample = whole(&outcome, &[0, 1]);
    let mean = |sample, day| statistics(Method::Mean, sample, None, &[Some(day)]).remove(0);
    near(mean(sample, 100.0), 1.5);
    near(mean(sample, 107.0), 1.5);
    near(mean(sample, 200.0), 3.0);
    assert!(mean(sample, 150.0).is_err(), "no visit is near");
    assert_eq!((sample.n(Some(100.0)), sample.n(Some(200.0)), sample.n(None)), (2, 1, 0));
    near(mean(Sample { follow_up: &[99.0, 300.0], ..sample }, 100.0), 2.0);
}

#[test]
fn follow_up_counts_from_time_zero_and_the_outcome_from_its_own_clock() {
    let outcome = times(&[(60.0, 1), (60.0, 1), (60.0, 1)]);
    let sample = Sample { outcome: &outcome, rows: &[0, 1, 2], follow_up: &[104.0, 105.0, 30.0], zero: 45.0 };
    let seen: Vec<(f64, u8)> = sample.times().iter().map(|end| (end.time, end.status)).collect();
    // 104 − 45 = 59 days: not yet; 60 days: seen; the third left before the clock started.
    assert_eq!(seen, [(59.0, 0), (60.0, 1)]);
}

#[test]
fn an_unconfirmed_event_is_not_seen_by_the_end_of_follow_up() {
    let end = TimeToEvent {
        time: 100.0,
        status: 1,
        known: 280.0,
        until_known: Some(Survival { time: 500.0, status: 0 }),
    };
    let outcome = Outcome::Times(vec![Some(end); 2]);
    let sample = Sample { outcome: &outcome, rows: &[0, 1], follow_up: &[200.0, 280.0], zero: 0.0 };
    let seen: Vec<(f64, u8)> = sample.times().iter().map(|end| (end.time, end.status)).collect();
    assert_eq!(seen, [(200.0, 0), (100.0, 1)]);
}

fn ratio(a: &[(f64, u8)], b: &[(f64, u8)]) -> Result<f64, NoNumber> {
    let (first, second) = (times(a), times(b));
    let (all, others): (Vec<usize>, Vec<usize>) = ((0..a.len()).collect(), (0..b.len()).collect());
    statistics(Method::HazardRatio, whole(&first, &all), Some(whole(&second, &others)), &[None]).remove(0)
}

/// One event in each arm: with e^β = θ the likelihood θ/(2θ + 2) · 1/(θ + 2) is largest at θ = √2.
#[test]
fn a_hazard_ratio_agrees_with_the_hand() {
    near(ratio(&[(1.0, 1), (9.0, 0)], &[(2.0, 1), (9.0, 0)]), 2.0f64.sqrt());
    // A competing event censors.
    near(ratio(&[(1.0, 1), (9.0, 2)], &[(2.0, 1), (9.0, 2)]), 2.0f64.sqrt());
}

#[test]
fn a_ratio_without_events_says_why_and_where_it_runs() {
    let (none, some) = ([(9.0, 0), (9.0, 0)], [(2.0, 1), (9.0, 0)]);
    let missing = ratio(&none, &some).unwrap_err();
    assert_eq!(
        (missing.reason.as_str(), missing.limit),
        ("no events in this arm: there is no ratio", Some(0.0))
    );
    let missing = ratio(&some, &none).unwrap_err();
    assert_eq!(missing.limit, Some(f64::INFINITY));
    assert_eq!(ratio(&none, &none).unwrap_err().limit, None);
    assert_eq!(ratio(&[], &some).unwrap_err().limit, None);
    let alone = statistics(Method::HazardRatio, whole(&six(), &SIX), None, &[None]).remove(0);
    assert!(alone.is_err());
}

#[test]
fn a_difference_is_first_minus_second_and_has_no_limit() {
    let (a, b) = (six(), times(&[(5.0, 1), (90.0, 0)]));
    let versus = Some(whole(&b, &[0, 1]));
    near(statistics(Method::KaplanMeier, whole(&a, &SIX), versus, &[Some(9.0)]).remove(0), 50.0);
    let never = times(&[(90.0, 0), (90.0, 0)]);
    let versus = Some(whole(&never, &[0, 1]));
    let missing = statistics(Method::MedianDay, whole(&b, &[0, 1]), versus, &[None]).remove(0);
    assert_eq!(missing.unwrap_err().limit, None);
}

#[test]
fn rows_outside_the_analysis_set_are_left_out() {
    let end = TimeToEvent { time: 5.0, status: 1, known: 5.0, until_known: None };
    let outcome = Outcome::Times(vec![Some(end), None, Some(TimeToEvent { status: 0, ..end })]);
    let sample = whole(&outcome, &[0, 1, 2, 1, 1]);
    assert_eq!((sample.times().len(), sample.n(None)), (2, 2));
    near(statistics(Method::Proportion, sample, None, &[None]).remove(0), 50.0);
    assert_eq!(
        statistics(Method::Proportion, whole(&outcome, &[1]), None, &[None])[0].as_ref().unwrap_err().reason,
        "no patients"
    );
}
