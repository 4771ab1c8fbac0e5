//! Years of illness of the toy: people of pace p reach p points a year, and all enter with five points.

use super::*;
use crate::study::toy::{options, toy};

const YEARS: [(&str, &str, &str); 3] = [
    (
        "models/toy.ant",
        "  entered = 0;\n",
        "  entered = 0;\n  years_ill = 1;\n  entry_points = 5;\n  points := pace*years_ill;\n",
    ),
    (
        "diseases/toy.toml",
        "[burn_in]",
        "[past]\nyears = \"years_ill\"\nscore = \"points\"\nentry = \"entry_points\"\nspread = { value = 1, unit = \"\", source = \"assumed\", why = \"a test\" }\nonset_age = { value = 30, unit = \"\", source = \"assumed\", why = \"a test\" }\nonset_spread = { value = 9, unit = \"\", source = \"assumed\", why = \"a test\" }\n[burn_in]",
    ),
    (
        "populations/people.toml",
        "[run_in]",
        "[duration]\ntitle = \"Years\"\nunit = \"\"\ndistribution = { kind = \"lognormal\", median = 5, cv = 0.6, low = 0.5, high = 30 }\nsource = \"assumed\"\nwhy = \"a test\"\n[run_in]",
    ),
];

fn people(trial: &Prepared, n: u64) -> Cohort {
    let cohort = trial.recipe.draw_cohort(Seed(11), &(0..n).collect::<Vec<u64>>());
    let flaw = cohort.column("flaw").expect("it is drawn");
    let solved: Vec<usize> = (0..n as usize).filter(|row| cohort.value(*row, flaw) == 0.0).collect();
    cohort.select(&solved)
}

fn weights(trial: &Prepared, cohort: &Cohort, years: f64) -> Vec<f64> {
    let logs = log_weights(trial, cohort, years, Seed(11), &options(1), &()).expect("it runs");
    logs.into_iter().map(|log| MOST_LIKELY * exp(log)).collect()
}

fn paces(cohort: &Cohort) -> Vec<f64> {
    let column = cohort.column("pace").expect("it is drawn");
    (0..cohort.numbers.len()).map(|row| cohort.value(row, column)).collect()
}

fn mean(values: &[f64], weights: &[f64]) -> f64 {
    values.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>() / weights.iter().sum::<f64>()
}

/// Over the years of the population every person's weights have the mean 1: whoever they are, nobody is lost or gained.
#[test]
fn over_all_years_everyone_counts_one() {
    let (trial, _) = toy(&YEARS);
    let cohort = people(&trial, 12);
    let ill = trial.trial.population.duration.as_ref().expect("it is there");
    let mut sums = vec![0.0; cohort.numbers.len()];
    for rank in 0..RANKS {
        let years = ill.distribution.at_rank((rank as f64 + 0.5) / RANKS as f64);
        let own = weights(&trial, &cohort, years);
        sums.iter_mut().zip(own).for_each(|(sum, weight)| *sum += weight / RANKS as f64);
    }
    assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-9), "{sums:?}");
}

/// The weight is the likelihood of the score by the person's own pace: at five points after T years it is highest for
/// a pace of 5/T.
#[test]
fn more_years_to_the_same_score_are_a_slower_pace() {
    let (trial, _) = toy(&YEARS);
    let cohort = people(&trial, 400);
    let paces = paces(&cohort);
    let of = |years: f64| mean(&paces, &weights(&trial, &cohort, years));
    let (soon, usual, late) = (of(3.0), of(5.0), of(9.0));
    assert!(soon > usual + 0.05 && usual > late + 0.05, "{soon} {usual} {late}");
}

/// Who is drawn with some years and then described by them is drawn again from the population: the mean over all.
#[test]
fn people_described_by_their_years_are_the_population() {
    let (trial, _) = toy(&YEARS);
    let cohort = people(&trial, 300);
    let paces = paces(&cohort);
    let own = drawn(&trial, &cohort, Seed(11), &options(1), &()).expect("it runs");
    assert!(own.iter().all(|years| (0.5..=30.0).contains(years)));
    let of = |years: &f64| mean(&paces, &weights(&trial, &cohort, *years));
    let means: Vec<f64> = own.iter().take(60).map(of).collect();
    let everyone = mean(&paces, &vec![1.0; paces.len()]);
    let told = means.iter().sum::<f64>() / means.len() as f64;
    assert!((told - everyone).abs() < 0.03, "{told} and {everyone}");
    let spread = |values: &[f64], about: f64| values.iter().map(|x| (x - about).powi(2)).sum::<f64>();
    assert!(spread(&means, told) > 0.0, "years tell something");
    // The slow have been ill longer.
    let slow = |slow: bool| {
        let chosen =
            own.iter().zip(&paces).filter(|(_, pace)| (**pace < 1.0) == slow).map(|(years, _)| *years);
        let chosen: Vec<f64> = chosen.collect();
        chosen.iter().sum::<f64>() / chosen.len() as f64
    };
    assert!(slow(true) > slow(false) + 0.5, "{} and {}", slow(true), slow(false));
}

/// An onset before birth cannot be, and years that lead far from the usual age at onset count little.
#[test]
fn the_age_limits_the_years() {
    let aged = (
        "populations/people.toml",
        "[[trait]]\nname = \"pace\"",
        "[[trait]]\nname = \"age\"\nunit = \"year\"\ndistribution = { kind = \"constant\", value = 20 }\nsource = \"assumed\"\nwhy = \"a test\"\n[[trait]]\nname = \"pace\"",
    );
    let edits: Vec<_> = YEARS.iter().copied().chain([aged]).collect();
    let (trial, _) = toy(&edits);
    let cohort = people(&trial, 20);
    assert!(weights(&trial, &cohort, 21.0).iter().all(|weight| *weight == 0.0));
    let own = drawn(&trial, &cohort, Seed(11), &options(1), &()).expect("it runs");
    assert!(own.iter().all(|years| *years <= 20.0), "{own:?}");
}
