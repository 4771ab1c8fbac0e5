//! What the clinic reads of a course: rounding, noise, counts, laboratory values.

use super::*;
use crate::outcomes::{CompiledEndpoint, CompiledKind, Outcome, SeriesOf, assess};

/// Trajectories of one patient with one column: the value on each day of the grid.
fn course(values: Vec<f64>) -> Trajectories {
    Trajectories { n_patients: 1, n_times: values.len(), n_observables: 1, values }
}

fn finished(end: f64) -> Course {
    Course {
        status: SolveStatus::Finished,
        end,
        grafted: false,
        events: Vec::new(),
        acted: Vec::new(),
        terminal: Some(7),
    }
}

fn score(name: &str, noise_sd: f64) -> ScoreReading {
    ScoreReading {
        name: name.into(),
        column: 0,
        step: 0.5,
        low: 0.0,
        high: 10.0,
        noise_sd,
        higher_is_worse: true,
    }
}

fn visits(n: usize) -> Vec<f64> {
    (1..n).map(|visit| visit as f64).collect()
}

/// Reads `values`, one per visit, the first at entry.
fn read(readings: &Readings, patient: u64, values: &[f64]) -> Observed {
    let days = visits(values.len());
    let grid = Grid::new(0.0, 1e6, &days, &days, &days);
    let course_of = finished(1e6);
    Observed::read(Seed(5), patient, 0, &course(values.to_vec()), readings, &grid, course_of)
}

fn reading_score(noise_sd: f64) -> Readings {
    Readings { scores: vec![score("scale", noise_sd)], ..Readings::default() }
}

#[test]
fn a_score_is_rounded_to_its_steps_and_kept_on_its_scale() {
    let read = read(&reading_score(0.0), 1, &[2.2, 2.25, 2.74, -3.0, -0.1, 11.0, f64::NAN]);
    let shown = read.score(0);
    assert_eq!(shown[..6], [2.0, 2.5, 2.5, 0.0, 0.0, 10.0]);
    assert!(shown[6].is_nan());
    assert!(shown[4].is_sign_positive(), "no −0 in tables");
}

#[test]
fn noise_has_its_spread_and_no_bias() {
    let readings =
        Readings { scores: vec![ScoreReading { step: 1e-6, ..score("scale", 0.35) }], ..Readings::default() };
    let n = 4000;
    let read = read(&readings, 1, &vec![5.0; n]);
    let mean = read.score(0).iter().sum::<f64>() / n as f64;
    let variance = read.score(0).iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64;
    // Standard errors: 0.35/√4000 = 0.0055 and 0.35/√8000 = 0.0039; four of each.
    assert!((mean - 5.0).abs() < 0.022, "{mean}");
    assert!((variance.sqrt() - 0.35).abs() < 0.016, "{}", variance.sqrt());
}

#[test]
fn noise_depends_on_patient_score_and_visit_alone() {
    let quiet = vec![5.0; 20];
    let mut other_course = quiet.clone();
    other_course[3..].fill(7.0);
    let readings = reading_score(0.35);
    let (a, b) = (read(&readings, 1, &quiet), read(&readings, 1, &other_course));
    assert_eq!(a.score(0)[..3], b.score(0)[..3], "the arm does not matter");
    let shifted: Vec<f64> = b.score(0)[3..].iter().map(|x| x - 2.0).collect();
    assert_eq!(a.score(0)[3..], shifted, "the same error on another value");
    assert_ne!(a.score(0), read(&readings, 2, &quiet).score(0), "another patient");
    // A second score, a count and a laboratory value move nothing.
    let more = Readings {
        scores: vec![score("other", 0.35), score("scale", 0.35)],
        counts: vec![CountReading { name: "scale".into(), column: 0 }],
        labs: vec![LabReading { name: "scale".into(), column: 0, cv: 0.2, lower_limit: 0.0 }],
        others: vec![0],
    };
    let c = read(&more, 1, &quiet);
    assert_eq!(c.score(1), a.score(0));
    assert_ne!(c.score(0), a.score(0), "scores have errors of their own");
}

fn counting() -> Readings {
    Readings { counts: vec![CountReading { name: "lesions".into(), column: 0 }], ..Readings::default() }
}

/// Over 2,000 patients the counts of four visits add up to the whole rise of the mean, 2.4, wherever the
/// visits lie; standard error √(2.4/2000) = 0.035, four of them.
#[test]
fn counts_over_visits_add_up_to_the_rise_of_their_mean() {
    for means in [[1.0, 1.3, 1.3, 2.8, 3.4], [1.0, 1.1, 3.2, 3.3, 3.4]] {
        let total: u64 =
            (0..2000).map(|patient| read(&counting(), patient, &means).count(0).iter().sum::<u64>()).sum();
        let mean = total as f64 / 2000.0;
        assert!((mean - 2.4).abs() < 0.14, "{mean}");
    }
}

#[test]
fn a_visit_without_a_rise_counts_nothing() {
    let read = read(&counting(), 3, &[5.0, 5.0, 4.0, f64::NAN, f64::NAN]);
    assert_eq!(read.count(0), [0; 5]);
}

#[test]
fn a_laboratory_value_has_its_median_and_spread_and_a_floor() {
    let reading = |cv, lower_limit| Readings {
        labs: vec![LabReading { name: "cells".into(), column: 0, cv, lower_limit }],
        ..Readings::default()
    };
    assert_eq!(read(&reading(0.0, 0.5), 1, &[3.0, 0.2, 0.5]).lab(0), [3.0, 0.5, 0.5]);
    let n = 4001;
    let read = read(&reading(0.3, 0.0), 1, &vec![4.0; n]);
    let mut values = read.lab(0).to_vec();
    values.sort_by(f64::total_cmp);
    // Median 4 (standard error 4 · 0.294 · 1.25/√4001 = 0.023), cv 0.3 (standard error about 0.004).
    assert!((values[n / 2] - 4.0).abs() < 0.1, "{}", values[n / 2]);
    let mean = values.iter().sum::<f64>() / n as f64;
    let sd = (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64).sqrt();
    assert!((sd / mean - 0.3).abs() < 0.02, "{}", sd / mean);
    assert!((mean / 4.0 - (1.0f64 + 0.09).sqrt()).abs() < 0.02, "a log-normal has its mean above its median");
}

#[test]
fn a_course_that_ends_ends_the_observation() {
    let grid = Grid::new(0.0, 10.0, &[5.0], &[], &[]);
    let read = |status| {
        let course_of = Course { status, ..finished(10.0) };
        let read =
            Observed::read(Seed(1), 4, 0, &course(vec![1.0; 2]), &reading_score(0.0), &grid, course_of);
        (read.failed, read.end, read.died)
    };
    assert_eq!(read(SolveStatus::Finished), (false, 10.0, None));
    assert_eq!(read(SolveStatus::Stopped { day: 6.0, event: Some(7) }), (false, 6.0, Some(6.0)));
    assert_eq!(read(SolveStatus::Stopped { day: 6.0, event: Some(2) }), (false, 6.0, None));
    assert_eq!(read(SolveStatus::Stopped { day: 6.0, event: None }), (false, 6.0, None));
    let cause = regraft_sim::Cause::DelayNotPossible { event: 0 };
    assert_eq!(read(SolveStatus::Failed { day: 6.0, cause }), (true, 6.0, None));
    assert!(read(SolveStatus::NotStarted).0);
}

#[test]
fn a_grid_holds_the_entry_first_and_nothing_outside_the_trial() {
    let grid = Grid::new(-30.0, 100.0, &[50.0, -40.0, 200.0, 100.0], &[50.0], &[-30.0, 0.5]);
    assert_eq!(grid.score_days, [-30.0, 50.0, 100.0]);
    assert_eq!(grid.imaging_days, [-30.0, 50.0]);
    assert_eq!(grid.lab_days, [-30.0, 0.5]);
    assert_eq!(grid.days, [-30.0, 0.5, 50.0, 100.0]);
    assert_eq!(
        (grid.score_index, grid.imaging_index, grid.lab_index),
        (vec![0, 2, 3], vec![0, 2], vec![0, 1])
    );
}

fn score_outcome(change: bool, zero: f64, patients: &[Observed]) -> (Vec<f64>, Vec<f64>) {
    let grid = Grid::new(-30.0, 200.0, &[100.0, 200.0], &[], &[]);
    let endpoint = CompiledEndpoint {
        kind: CompiledKind::Value { of: SeriesOf::Score(0), change, at: Vec::new() },
        zero,
        day_zero: zero,
        only_grafted: false,
        only_reached: true,
        horizon: 200.0,
    };
    let outcomes = assess(&[endpoint], &grid, patients);
    let Outcome::Scores { days, values } = &outcomes[0] else { panic!("a score") };
    (days.clone(), values.clone())
}

#[test]
fn scores_stand_at_the_days_of_the_clock_and_end_with_the_patient() {
    let mut failed = Observed::quiet(200.0).with_score(&[1.0, 1.0, 1.0]);
    failed.failed = true;
    let patients = [
        Observed::quiet(200.0).with_score(&[3.0, 2.0, 4.0]),
        Observed::quiet(200.0).with_score(&[3.0, 2.5, 9.0]).dying(150.0),
        failed,
    ];
    let (days, values) = score_outcome(true, 45.0, &patients);
    assert_eq!(days, [0.0, 55.0, 155.0], "the entry is day 0 of every clock");
    assert_eq!(values[..5], [0.0, -1.0, 1.0, 0.0, -0.5]);
    assert!(values[5..].iter().all(|value| value.is_nan()));
    assert_eq!(score_outcome(false, 0.0, &patients).1[..3], [3.0, 2.0, 4.0]);
}

/// A laboratory value has many days: only those that an analysis asks for are kept.
#[test]
fn a_mean_of_a_laboratory_value_is_taken_at_the_days_asked_for() {
    let grid = Grid::new(-30.0, 200.0, &[], &[], &[0.0, 10.0, 20.0, 99.0, 200.0]);
    let endpoint = CompiledEndpoint {
        kind: CompiledKind::Value { of: SeriesOf::Lab(0), change: true, at: vec![10.0, 97.0, 150.0] },
        zero: 0.0,
        day_zero: 0.0,
        only_grafted: false,
        only_reached: false,
        horizon: 200.0,
    };
    let patient = Observed::quiet(200.0).with_lab(&[4.0, 3.0, 2.0, 1.0, 5.0, 6.0]);
    let outcomes = assess(&[endpoint], &grid, &[patient]);
    let Outcome::Scores { days, values } = &outcomes[0] else { panic!("values at visits") };
    assert_eq!((days.as_slice(), values.as_slice()), (&[0.0, 10.0, 99.0][..], &[0.0, -2.0, 1.0][..]));
}
