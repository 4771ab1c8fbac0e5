//! Steroid withdrawal returns the disease: prednisone holds it, and once it is stopped activity is back where it would
//! have been without.
//!
//! The same patients of a trial live once with prednisone for half a year and then without, and once without it all along.
//! No other treatment is given, nobody dies, and self-antigen stands still, so that nothing else comes and goes.

use regraft_sim::{Action, Amount, Dose, Outputs, Plan, Start, simulate};
use regraft_stats::Seed;

use super::bench::{Bench, N_PATIENTS, found, override_with, target};
use crate::study::arms::course;
use crate::study::sim_options;

/// Trials, and what is read of their disease: the share of inflamed tissue, and what is seen of it.
const DISEASES: [(&str, &str, &str); 2] = [
    ("crohn_natural_course", "immune.organs.inflamed_total", "disease.signs.cdai_latent"),
    ("bliss_52", "immune.organs.inflamed_total", "disease.signs.sledai_latent"),
];
/// Prednisone, mg a day, and for how long.
const DOSE: f64 = 40.0;
const HELD_DAYS: f64 = 180.0;
/// From the last dose on.
const WITHDRAWN_DAYS: f64 = 365.0;

/// Means of what is read, before, at the end of prednisone and a year later, `[day][what]`.
fn means(bench: &Bench, dose: f64, read: [&str; 2]) -> [[f64; 2]; 3] {
    let Bench { trial, entered, options } = bench;
    let program = &trial.program;
    let prepared = course(trial, 0, entered, Seed(1), options, &()).expect("a course");
    let mut patients = prepared.patients;
    override_with(&mut patients, target(program, "immune.fluctuation.amplitude"), 0.0);
    override_with(&mut patients, target(program, "immune.hazards.events_on"), 0.0);
    let daily = target(program, "immune.drugs.prednisone.daily_dose");
    let set = |day: f64, value: f64| {
        let value = Amount { value, factor: None, second_factor: None };
        Dose::new(entered.day + day, Action::Set { target: daily, value })
    };
    let days = [0.0, HELD_DAYS, HELD_DAYS + WITHDRAWN_DAYS].map(|day| entered.day + day);
    let plan = Plan {
        start: entered.day,
        end: days[2],
        doses: vec![set(0.0, dose), set(HELD_DAYS, 0.0)],
        ..Plan::default()
    };
    let outputs =
        Outputs { times: days.to_vec(), observables: read.map(|name| found(program, name)).to_vec() };
    let options = sim_options(Seed(1), options);
    let done = simulate(program, &patients, Start::From(&entered.snapshots), &plan, &outputs, &options, &());
    let done = done.expect("it starts");
    std::array::from_fn(|day| {
        std::array::from_fn(|what| {
            let values = (0..N_PATIENTS).map(|row| done.trajectories.at(row, day)[what]);
            values.sum::<f64>() / N_PATIENTS as f64
        })
    })
}

#[test]
fn steroid_withdrawal_returns_the_disease() {
    for (trial, inflamed, sign) in DISEASES {
        let bench = Bench::new(trial);
        let [_, held, withdrawn] = means(&bench, DOSE, [inflamed, sign]);
        let [_, without, later] = means(&bench, 0.0, [inflamed, sign]);
        for (what, name) in [inflamed, sign].into_iter().enumerate() {
            let told = format!(
                "{trial}, {name}: held {}, withdrawn {}; without prednisone {}, {}",
                held[what], withdrawn[what], without[what], later[what]
            );
            assert!(held[what] < 0.8 * without[what], "prednisone does not hold it: {told}");
            assert!(withdrawn[what] > 1.2 * held[what], "it does not return: {told}");
            assert!(withdrawn[what] > 0.85 * later[what], "it returns in part: {told}");
            assert!(withdrawn[what] < 1.05 * later[what], "it returns as more than it was: {told}");
        }
    }
}
