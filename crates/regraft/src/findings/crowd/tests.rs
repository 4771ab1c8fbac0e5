//! A crowd against the same patients one by one.

use super::super::hand_made::{against, plan};
use super::super::resample::{Ends, jackknife, median_ends};
use super::super::statistic::{Sample, statistics};
use super::*;
use crate::outcomes::{Counted as Rate, TimeToEvent};
use regraft_ode::math;
use regraft_stats::{Seed, kaplan_meier_of};

/// Exponential times at this rate per day, followed for 1,000 days; 1 in 10 events competes. `who` names the
/// patients' draws: two arms of one name hold the same people.
fn arm(n: u64, rate: f64, who: &str) -> Outcome {
    let stream = Seed(8).stream(0, who);
    let one = |patient: u64| {
        let time = -math::ln(stream.uniform(2 * patient)) / rate;
        let status = if stream.uniform(2 * patient + 1) < 0.1 { 2 } else { 1 };
        let (time, status) = if time > 1000.0 { (1000.0, 0) } else { (time, status) };
        Some(TimeToEvent { time, status, known: time, until_known: None })
    };
    Outcome::Times((0..n).map(|patient| one(patient).filter(|_| patient % 50 != 7)).collect())
}

fn scores(n: u64) -> Outcome {
    let stream = Seed(8).stream(1, "scores");
    let values =
        (0..2 * n).map(|k| if k % 9 == 5 { f64::NAN } else { (6.0 * stream.uniform(k)).round() * 0.5 });
    Outcome::Scores { days: vec![0.0, 180.0], values: values.collect() }
}

fn rates(n: u64) -> Outcome {
    let stream = Seed(8).stream(2, "rates");
    let one = |patient: u64| {
        let to = 200.0 + 500.0 * stream.uniform(2 * patient);
        let days = (0..stream.poisson(2 * patient + 1, to / 300.0)).map(|k| 10.0 + k as f64).collect();
        Some(Rate { from: 0.0, to, days, scans: None }).filter(|_| patient % 20 != 3)
    };
    Outcome::Rates((0..n).map(one).collect())
}

fn crowd(arms: &[&Outcome], plans: &[AnalysisPlan]) -> Crowd {
    let mut crowd = Crowd::new(arms.len(), plans);
    for (arm, outcome) in arms.iter().enumerate() {
        crowd.add(arm, 0, std::slice::from_ref(*outcome));
    }
    crowd
}

/// Estimates of the patients one by one and counted up.
fn both(method: Method, outcome: &Outcome, day: Option<f64>) -> (f64, f64, usize, usize) {
    let plan = plan(method, &day.map_or(vec![], |day| vec![day]));
    let rows: Vec<usize> = (0..outcome.n_patients()).collect();
    let sample = Sample { outcome, rows: &rows, follow_up: &[], zero: 0.0 };
    let crowd = crowd(&[outcome], std::slice::from_ref(&plan));
    let counts = crowd.seen(&plan, 0);
    let one = statistics(method, sample, None, &plan.at_days).remove(0).unwrap();
    let all = statistics(method, &counts, None, &plan.at_days).remove(0).unwrap();
    (one, all, sample.n(day), (&counts).n(day))
}

#[test]
fn estimates_are_those_of_the_patients_one_by_one() {
    // Fewer different times than bins: nothing is rounded.
    let times = arm(6000, 0.001, "a");
    for method in
        [Method::KaplanMeier, Method::CumulativeIncidence, Method::Proportion, Method::KaplanMeierComplement]
    {
        let (one, all, n, m) = both(method, &times, Some(700.0));
        assert_eq!((one, n), (all, m), "{method:?}");
    }
    let (one, all, n, m) = both(Method::MedianDay, &times, None);
    assert_eq!((one, n), (all, m));
    let (one, all, n, m) = both(Method::Mean, &scores(5000), Some(180.0));
    assert_eq!((one, n), (all, m));
    let (one, all, n, m) = both(Method::AnnualRate, &rates(5000), None);
    assert_eq!((one, n), (all, m));
}

#[test]
fn rounded_times_hardly_move_an_estimate() {
    let times = arm(60_000, 0.001, "a");
    for day in [50.0, 300.0, 999.0] {
        let (one, all, n, m) = both(Method::KaplanMeier, &times, Some(day));
        // Bins of an eighth of a day hold 0.012 % of the patients each.
        assert!((one - all).abs() < 0.0125 && n == m, "day {day}: {one} {all}");
    }
}

#[test]
fn pieces_do_not_matter() {
    let (times, plan) = (arm(5000, 0.002, "a"), plan(Method::MedianDay, &[]));
    let whole = crowd(&[&times], std::slice::from_ref(&plan));
    let Outcome::Times(all) = &times else { panic!("they are times") };
    let mut pieces = Crowd::new(1, std::slice::from_ref(&plan));
    for (number, piece) in all.chunks(333).enumerate() {
        pieces.add(0, number * 333, &[Outcome::Times(piece.to_vec())]);
    }
    assert_eq!(whole.seen(&plan, 0), pieces.seen(&plan, 0));
    assert_eq!(whole.without(&plan, 0, 17), pieces.without(&plan, 0, 17));
}

#[test]
fn parts_share_out_the_patients() {
    let (times, plan) = (arm(5000, 0.002, "a"), plan(Method::MedianDay, &[]));
    let crowd = crowd(&[&times], std::slice::from_ref(&plan));
    let all = (&crowd.seen(&plan, 0)).n(None);
    let left: usize = (0..PARTS).map(|part| (&crowd.without(&plan, 0, part)).n(None)).sum();
    assert_eq!(left, (PARTS - 1) * all);
}

fn endings(outcome: &Outcome) -> Vec<Endings> {
    let plan = plan(Method::MedianDay, &[]);
    (&crowd(&[outcome], std::slice::from_ref(&plan)).seen(&plan, 0)).endings()
}

fn ends(plan: &AnalysisPlan, arms: &[&Outcome]) -> (f64, Ends) {
    let crowd = crowd(arms, std::slice::from_ref(plan));
    let versus = plan.versus.map(|other| crowd.seen(plan, other));
    let estimates = statistics(plan.method, &crowd.seen(plan, 0), versus.as_ref(), &plan.at_days);
    let ends = jackknife(plan, &crowd, 0, &estimates).remove(0).unwrap();
    (estimates[0].clone().unwrap(), ends)
}

/// Half the width over that of the theory; 63 degrees of freedom let it wobble by 9 %, four of which are
/// allowed.
fn near_theory(found: &Ends, standard_error: f64) {
    let ratio = 0.5 * (found.high - found.low) / (1.96 * standard_error);
    assert!((0.64..1.4).contains(&ratio), "{found:?} {ratio}");
}

#[test]
fn left_out_parts_show_the_error_of_theory() {
    let (n, rate) = (20_000, 0.001);
    let (a, b) = (arm(n, rate, "a"), arm(n, 2.0 * rate, "b"));
    let (ratio, found) = ends(&against(Method::HazardRatio, &[]), &[&a, &b]);
    assert!(found.low < ratio && ratio < found.high && (ratio - 0.5).abs() < 0.03);
    // Events of interest are 9 in 10 of those who end before day 1,000.
    let events = |rate: f64| 0.9 * 0.98 * n as f64 * (1.0 - (-1000.0 * rate).exp());
    let log_error = (1.0 / events(rate) + 1.0 / events(2.0 * rate)).sqrt();
    near_theory(&Ends { low: found.low.ln(), high: found.high.ln() }, log_error);
    let found = median_ends(&kaplan_meier_of(&endings(&arm(n, 2.0 * rate, "b")), 0.95)).unwrap();
    let median = 0.5 * (found.low + found.high);
    let hazard = 0.9 * 2.0 * rate;
    assert!((median - 2f64.ln() / hazard).abs() < 20.0, "{median}");
    // 1/(2 f √n) with density f = hazard/2, 2 % more for those who compete: the interval of the curve.
    let ratio = 0.5 * (found.high - found.low) / (1.96 * 1.02 / (hazard * (0.98 * n as f64).sqrt()));
    assert!((0.9..1.1).contains(&ratio), "{found:?} {ratio}");
    let (_, found) = ends(&plan(Method::AnnualRate, &[]), &[&rates(n)]);
    // Poisson: the standard error of a rate is √events / years.
    let counts = crowd(&[&rates(n)], &[]).seen(&plan(Method::AnnualRate, &[]), 0);
    let (events, years) = (&counts).rate();
    near_theory(&found, events.sqrt() / years);
}

/// Arms that hold the same people differ by less than chance between different people.
#[test]
fn both_arms_of_a_patient_are_left_out_together() {
    let (a, same, other) = (arm(8000, 0.001, "a"), arm(8000, 0.0011, "a"), arm(8000, 0.0011, "b"));
    let width = |b: &Outcome| {
        let (_, ends) = ends(&against(Method::KaplanMeier, &[500.0]), &[&a, b]);
        ends.high - ends.low
    };
    assert!(width(&same) < 0.5 * width(&other), "{} {}", width(&same), width(&other));
}

#[test]
fn what_cannot_be_said_without_a_part_has_no_interval() {
    // The only event is in one part.
    let ends = |events: u64| {
        let one = |k: u64| {
            let time = if k < events { 5.0 } else { 9.0 };
            Some(TimeToEvent { time, status: u8::from(k < events), known: time, until_known: None })
        };
        Outcome::Times((0..6400).map(one).collect())
    };
    let (one, many) = (ends(1), ends(3000));
    let plan = against(Method::HazardRatio, &[]);
    let crowd = crowd(&[&one, &many], std::slice::from_ref(&plan));
    let estimates =
        statistics(plan.method, &crowd.seen(&plan, 0), Some(&crowd.seen(&plan, 1)), &plan.at_days);
    assert!(estimates[0].is_ok());
    assert!(jackknife(&plan, &crowd, 0, &estimates)[0].is_err());
}

/// Half have the event at visits: the interval reaches from the visit at which the lower end of the curve passes
/// one half to that at which the upper one does.
#[test]
fn a_median_on_a_grid_of_visits_is_as_wide_as_the_curve_says() {
    let visits = |first: usize, second: usize| {
        let one = |k: usize| {
            let (time, status) = match k {
                k if k < first => (180.0, 1),
                k if k < first + second => (360.0, 1),
                _ => (900.0, 0),
            };
            Some(TimeToEvent { time, status, known: time, until_known: None })
        };
        median_ends(&kaplan_meier_of(&endings(&Outcome::Times((0..10_000).map(one).collect())), 0.95))
    };
    // Standard error of a share of one half of 10,000: 0.5 %.
    assert_eq!(visits(4960, 2000).unwrap(), Ends { low: 180.0, high: 360.0 });
    assert_eq!(visits(4500, 2000).unwrap(), Ends { low: 360.0, high: 360.0 });
    assert_eq!(visits(4500, 530).unwrap(), Ends { low: 360.0, high: f64::INFINITY });
    assert!(visits(100, 100).is_err());
}
