//! Curves, tests and ratios against R's `survival` and `cmprsk`, at the borders, and by simulation.

use super::*;
use crate::random::Seed;
use crate::reference::{Row, Tolerance::*, distinct, table};

/// Follow-up of one data set of `survival_data.csv`, all groups (`None`) or one.
fn follow_up(data: &str, group: Option<u8>) -> Vec<Survival> {
    table("survival_data")
        .iter()
        .filter(|row| row.text("data") == data && group.is_none_or(|g| row.number("group") == f64::from(g)))
        .map(|row| Survival { time: row.number("time"), status: row.number("status") as u8 })
        .collect()
}

/// Sums of a few hundred terms in another order than R's.
const CLOSE: f64 = 1e-10;

#[test]
fn kaplan_meier_agrees_with_survfit() {
    let rows = table("kaplan_meier");
    for data in distinct(&rows, "data") {
        for level in [0.9, 0.95] {
            let curve = kaplan_meier(&follow_up(&data, None), level);
            let rows: Vec<&Row> =
                rows.iter().filter(|row| row.text("data") == data && row.number("level") == level).collect();
            assert_kaplan_meier(&curve, &rows);
        }
    }
}

fn assert_kaplan_meier(curve: &Curve, rows: &[&Row]) {
    let n_events_steps = curve.events.iter().filter(|events| **events > 0).count();
    assert_eq!(n_events_steps, rows.len(), "steps of {}", rows[0].text("data"));
    for row in rows {
        let step =
            curve.times.iter().position(|time| *time == row.number("time")).expect("the event has a step");
        row.agrees("estimate", curve.estimate[step], Mixed(CLOSE));
        row.agrees("standard_error", curve.standard_error[step], Mixed(CLOSE));
        row.agrees("low", curve.low[step], Mixed(CLOSE));
        row.agrees("high", curve.high[step], Mixed(CLOSE));
        row.agrees("at_risk", curve.at_risk[step] as f64, Relative(0.0));
        row.agrees("events", curve.events[step] as f64, Relative(0.0));
    }
}

#[test]
fn median_and_restricted_mean_agree_with_survfit() {
    for row in table("survival_summary") {
        let curve = kaplan_meier(&follow_up(row.text("data"), None), 0.95);
        row.agrees("median", median_time(&curve).unwrap_or(f64::NAN), Relative(1e-14));
        let mean = restricted_mean(&curve, row.number("horizon")).expect("followed so far");
        row.agrees("restricted_mean", mean.value, Mixed(CLOSE));
        let standard_error = (mean.high - mean.low) / (2.0 * crate::estimate::critical_value(0.95));
        row.agrees("restricted_mean_se", standard_error, Mixed(CLOSE));
    }
}

#[test]
fn cumulative_incidence_agrees_with_cuminc() {
    let mut seen = 0;
    let rows = table("cumulative_incidence");
    for data in distinct(&rows, "data") {
        let follow_up = follow_up(&data, None);
        for cause in 1..=3 {
            let curve = cumulative_incidence(&follow_up, cause, 0.95);
            let of_cause =
                rows.iter().filter(|row| row.text("data") == data && row.number("cause") == f64::from(cause));
            for row in of_cause {
                let step = curve.times.iter().position(|time| *time == row.number("time")).expect("a step");
                row.agrees("estimate", curve.estimate[step], Mixed(CLOSE));
                row.agrees("standard_error", curve.standard_error[step], Mixed(CLOSE));
                row.agrees("low", curve.low[step], Mixed(CLOSE));
                row.agrees("high", curve.high[step], Mixed(CLOSE));
                seen += 1;
            }
        }
    }
    assert_eq!(seen, rows.len(), "every row was compared");
}

#[test]
fn cumulative_incidence_agrees_with_survfit_on_states() {
    for row in table("cumulative_incidence_survfit") {
        let follow_up = follow_up(row.text("data"), None);
        for cause in [1, 2] {
            let point =
                cumulative_incidence(&follow_up, cause, 0.95).at(row.number("time")).expect("followed");
            row.agrees(&format!("cause_{cause}"), point.estimate, Mixed(CLOSE));
        }
    }
}

#[test]
fn log_rank_agrees_with_survdiff() {
    for row in table("two_groups") {
        let test = log_rank(&follow_up(row.text("data"), Some(1)), &follow_up(row.text("data"), Some(0)));
        row.agrees("chi_square", test.chi_square, Relative(CLOSE));
        row.agrees("p", test.p, Relative(CLOSE));
        row.agrees("observed", test.observed[0], Relative(0.0));
        row.agrees("expected", test.expected[0], Relative(CLOSE));
        row.agrees("variance", test.variance, Relative(CLOSE));
    }
}

#[test]
fn hazard_ratio_agrees_with_coxph() {
    for row in table("two_groups") {
        let data = row.text("data");
        let found = cox_two_groups(&follow_up(data, Some(1)), &follow_up(data, Some(0)), 0.95).expect(data);
        row.agrees("log_ratio", found.log_ratio, Mixed(CLOSE));
        row.agrees("standard_error", found.standard_error, Mixed(CLOSE));
        row.agrees("low", found.low, Relative(CLOSE));
        row.agrees("high", found.high, Relative(CLOSE));
    }
}

fn patients(pairs: &[(f64, u8)]) -> Vec<Survival> {
    pairs.iter().map(|(time, status)| Survival { time: *time, status: *status }).collect()
}

#[test]
fn without_patients_there_is_no_curve() {
    for curve in [kaplan_meier(&[], 0.95), cumulative_incidence(&[], 1, 0.95)] {
        assert_eq!(curve.at(0.0), None);
        assert_eq!(median_time(&curve), None);
        assert_eq!(restricted_mean(&curve, 1.0), None);
    }
    assert_eq!(at_risk(&[], &[0.0, 1.0]), [0, 0]);
}

#[test]
fn without_events_the_curve_is_flat_and_has_no_interval() {
    let curve = kaplan_meier(&patients(&[(2.0, 0), (5.0, 0)]), 0.95);
    let point = curve.at(4.9).expect("one is followed to 5");
    assert_eq!((point.estimate, point.interval()), (1.0, None));
    assert_eq!(curve.at(5.1), None);
    let curve = cumulative_incidence(&patients(&[(2.0, 2), (5.0, 0)]), 1, 0.95);
    let point = curve.at(3.0).expect("one is followed to 5");
    assert_eq!((point.estimate, point.interval()), (0.0, None));
}

#[test]
fn a_curve_is_known_as_far_as_somebody_is_followed() {
    let censored_last = kaplan_meier(&patients(&[(1.0, 1), (3.0, 0)]), 0.95);
    assert_eq!(censored_last.at(0.999).map(|point| point.estimate), Some(1.0));
    assert_eq!(censored_last.at(1.0).map(|point| point.estimate), Some(0.5));
    assert_eq!(censored_last.at(3.0).map(|point| point.estimate), Some(0.5));
    assert_eq!([-0.1, 3.1, f64::NAN].map(|time| censored_last.at(time)), [None; 3]);
    let event_last = kaplan_meier(&patients(&[(1.0, 0), (3.0, 1)]), 0.95);
    let after = event_last.at(100.0).expect("nobody is left, for good");
    assert_eq!((after.estimate, after.interval()), (0.0, None));
}

#[test]
fn at_risk_counts_those_whose_time_it_is() {
    let data = patients(&[(1.0, 1), (2.0, 0), (2.0, 1), (5.0, 0)]);
    assert_eq!(at_risk(&data, &[0.0, 1.0, 1.5, 2.0, 5.0, 5.1]), [4, 4, 3, 3, 1, 0]);
}

#[test]
fn incidences_and_survival_add_to_one() {
    let data = follow_up("ties", None);
    let causes = [1, 2, 3].map(|cause| cumulative_incidence(&data, cause, 0.95));
    let any: Vec<Survival> =
        data.iter().map(|p| Survival { time: p.time, status: p.status.min(1) }).collect();
    let free = kaplan_meier(&any, 0.95);
    for time in [0.0, 0.3, 1.0, 2.25, 3.0] {
        let sum: f64 = causes.iter().map(|curve| curve.at(time).expect("followed").estimate).sum();
        let free = free.at(time).expect("followed").estimate;
        assert!((sum + free - 1.0).abs() < 1e-14, "at {time}");
    }
}

#[test]
fn without_competition_incidence_mirrors_survival() {
    let data = follow_up("heavy", None);
    let survival = kaplan_meier(&data, 0.95);
    let incidence = cumulative_incidence(&data, 1, 0.95);
    assert_eq!(survival.times, incidence.times);
    for step in 0..survival.times.len() {
        assert!((survival.estimate[step] + incidence.estimate[step] - 1.0).abs() < 1e-14);
        // The variances differ by n against n − 1: within 5 % while 20 are at risk.
        if survival.at_risk[step] > 20 {
            assert!((survival.low[step] + incidence.high[step] - 1.0).abs() < 0.02);
        }
    }
}

#[test]
fn ignoring_competition_overstates_incidence() {
    let data = follow_up("mgus2", None);
    let incidence = cumulative_incidence(&data, 1, 0.95).at(150.0).expect("followed");
    let naive = 1.0 - kaplan_meier(&data, 0.95).at(150.0).expect("followed").estimate;
    assert!(incidence.estimate < naive, "{} {naive}", incidence.estimate);
}

#[test]
fn a_hazard_ratio_without_a_maximum_is_refused() {
    let events = patients(&[(1.0, 1), (2.0, 1)]);
    let none = patients(&[(1.0, 0), (9.0, 2)]);
    let late = patients(&[(5.0, 1), (6.0, 1)]);
    let ratio = |treated: &[Survival], control: &[Survival]| cox_two_groups(treated, control, 0.95);
    let (treated, control, both) = (Group::Treated, Group::Control, Group::Both);
    assert_eq!(ratio(&[], &events), Err(NotEstimable::NoPatients { which: treated }));
    assert_eq!(ratio(&none, &events), Err(NotEstimable::NoEvents { which: treated }));
    assert_eq!(ratio(&events, &none), Err(NotEstimable::NoEvents { which: control }));
    assert_eq!(ratio(&none, &none), Err(NotEstimable::NoEvents { which: both }));
    assert_eq!(ratio(&late, &events), Err(NotEstimable::NoOverlap { which: treated }));
    assert_eq!(NotEstimable::NoEvents { which: both }.to_string(), "no events in either group");
}

#[test]
fn groups_exchanged_invert_the_hazard_ratio() {
    let (a, b) = (follow_up("ties", Some(1)), follow_up("ties", Some(0)));
    let one = cox_two_groups(&a, &b, 0.95).expect("events in both");
    let other = cox_two_groups(&b, &a, 0.95).expect("events in both");
    assert!((one.ratio * other.ratio - 1.0).abs() < 1e-13);
    assert!((one.low * other.high - 1.0).abs() < 1e-13);
}

#[test]
fn strong_effects_still_find_the_maximum() {
    // 200 treated with one early event against 200 controls that nearly all have theirs.
    let treated: Vec<Survival> =
        (0..200).map(|i| Survival { time: 0.5 + f64::from(i), status: u8::from(i == 0) }).collect();
    let control: Vec<Survival> =
        (0..200).map(|i| Survival { time: 0.01 * f64::from(i + 1), status: 1 }).collect();
    let found = cox_two_groups(&treated, &control, 0.95).expect("overlap");
    assert!(found.ratio < 0.01 && found.low > 0.0 && found.high < 0.1, "{found:?}");
}

#[test]
fn log_rank_without_information_is_nan() {
    let test = log_rank(&patients(&[(1.0, 0)]), &patients(&[(2.0, 1)]));
    assert!(test.chi_square.is_nan() && test.p.is_nan());
    assert_eq!((test.observed, test.variance), ([0.0, 1.0], 0.0));
}

/// 2,000 cohorts of 60 with hazard 1 and censoring at rate ½: survival at 0.7 is e^−0.7, incidence of one
/// of two equal causes half the rest. The standard error of a coverage of 0.95 is 0.0049; five are
/// allowed, and half a percent for what log-log misses at this size.
#[test]
fn intervals_of_curves_cover_as_they_should() {
    let n_trials = 2000;
    let truth = (-0.7_f64).exp();
    let (mut survival_covered, mut incidence_covered) = (0, 0);
    for trial in 0..n_trials {
        let cohort = exponential_cohort(trial, 60);
        let any: Vec<Survival> =
            cohort.iter().map(|p| Survival { time: p.time, status: p.status.min(1) }).collect();
        let survival = kaplan_meier(&any, 0.95).at(0.7).expect("somebody is followed");
        survival_covered += usize::from((survival.low..=survival.high).contains(&truth));
        let incidence = cumulative_incidence(&cohort, 1, 0.95).at(0.7).expect("somebody is followed");
        incidence_covered += usize::from((incidence.low..=incidence.high).contains(&(0.5 * (1.0 - truth))));
    }
    for covered in [survival_covered, incidence_covered] {
        let coverage = covered as f64 / n_trials as f64;
        assert!((coverage - 0.95).abs() < 0.0245 + 0.005, "{coverage}");
    }
}

/// 600 trials of 80 per arm with hazard ratio 0.5: Wald's interval covers 0.95 (standard error 0.0089,
/// four allowed), and the mean log ratio is ln 0.5 within four standard errors of 0.2/√600 and the bias
/// of this size, below 0.02.
#[test]
fn the_hazard_ratio_is_found_and_covered() {
    let n_trials = 600;
    let (mut covered, mut sum) = (0, 0.0);
    for trial in 0..n_trials {
        let control = exponential_cohort(trial, 80);
        let treated: Vec<Survival> = exponential_cohort(10_000 + trial, 80)
            .iter()
            .map(|p| Survival { time: 2.0 * p.time, ..*p })
            .collect();
        let any = |group: &[Survival]| -> Vec<Survival> {
            group.iter().map(|p| Survival { status: p.status.min(1), ..*p }).collect()
        };
        let found = cox_two_groups(&any(&treated), &any(&control), 0.95).expect("events in both");
        covered += usize::from((found.low..=found.high).contains(&0.5));
        sum += found.log_ratio;
    }
    let coverage = covered as f64 / n_trials as f64;
    assert!((coverage - 0.95).abs() < 0.036, "{coverage}");
    assert!((sum / n_trials as f64 - 0.5_f64.ln()).abs() < 0.033 + 0.02, "{}", sum / n_trials as f64);
}

fn exponential_cohort(trial: u64, n: u64) -> Vec<Survival> {
    let stream = Seed(21).stream(trial, "cohort");
    (0..n)
        .map(|patient| {
            let (event, censoring) =
                (stream.exponential(3 * patient), 2.0 * stream.exponential(3 * patient + 1));
            let cause = 1 + u8::from(stream.uniform(3 * patient + 2) < 0.5);
            Survival { time: event.min(censoring), status: if event <= censoring { cause } else { 0 } }
        })
        .collect()
}

/// Counted up in two pieces, follow-up gives the same risk sets as patient by patient.
#[test]
fn follow_up_counted_up_has_the_same_patients_at_risk() {
    let data = follow_up("lung", None);
    let endings = count_endings(&data);
    assert_eq!(endings.iter().map(Endings::total).sum::<usize>(), 228);
    assert!(endings.windows(2).all(|pair| pair[0].time < pair[1].time));
    let times = [0.0, 59.0, 60.0, 400.0, 1022.0, 5000.0];
    assert_eq!(at_risk_of(&endings, &times), at_risk(&data, &times));
}

#[test]
fn subdistribution_hazard_ratio_agrees_with_crr() {
    for row in table("fine_gray") {
        let data = row.text("data");
        let found =
            fine_gray_two_groups(&follow_up(data, Some(1)), &follow_up(data, Some(0)), 0.95).expect(data);
        // R's iteration ends at a step of 1e-9.
        row.agrees("log_ratio", found.log_ratio, Mixed(1e-8));
        row.agrees("standard_error", found.standard_error, Relative(1e-7));
    }
    assert_eq!(
        fine_gray_two_groups(&patients(&[(1.0, 2)]), &patients(&[(1.0, 1)]), 0.95),
        Err(NotEstimable::NoEvents { which: Group::Treated })
    );
}
