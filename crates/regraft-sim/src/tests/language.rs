//! Models written in Antimony, read and run.

use regraft_model::{Found, Program, Target};
use regraft_stats::Seed;

use super::edges::program;
use super::{assert_near, options, run, run_one};
use crate::{Options, Outputs, Patients, Plan, SolveStatus, Start, simulate};

fn found(program: &Program, name: &str) -> Found {
    program.find(name).expect("the name is in the text")
}

fn target(program: &Program, name: &str) -> Target {
    match found(program, name) {
        Found::State(index) => Target::State(index),
        Found::Parameter(index) => Target::Parameter(index),
        other => panic!("{name} is {other:?}"),
    }
}

#[test]
fn starting_values_that_are_computed_follow_an_override() {
    let program = program(
        "model m()
           weight = 70;
           volume = 0.6*weight;
           amount = 5*volume;
           concentration := amount/volume;
           amount' = 0;
         end",
    );
    let patients = Patients {
        overrides: vec![target(&program, "weight")],
        values: vec![50.0, 100.0],
        ..Patients::alike([0, 1])
    };
    let names = ["volume", "amount", "concentration"];
    let outputs = Outputs { times: vec![0.0], observables: names.map(|name| found(&program, name)).to_vec() };
    let result = run(&program, &patients, &Plan { end: 1.0, ..Plan::default() }, &outputs);
    assert_eq!(result.trajectories.values, [30.0, 150.0, 5.0, 60.0, 300.0, 5.0]);
}

#[test]
fn a_predator_and_its_prey_keep_their_invariant() {
    let program = program(
        "model m()
           prey = 2; predator = 1;
           prey' = prey - prey*predator;
           predator' = prey*predator - predator;
         end",
    );
    let times: Vec<f64> = (0..=40).map(|step| 0.5 * f64::from(step)).collect();
    let result = run_one(&program, &Plan { end: 20.0, ..Plan::default() }, &times);
    // x − ln x + y − ln y is constant along the exact solution.
    let invariant = |values: &[f64]| values.iter().map(|value| value - value.ln()).sum::<f64>();
    for time in 0..times.len() {
        assert_near(invariant(result.trajectories.at(0, time)), invariant(&[2.0, 1.0]), 1e-6);
    }
}

#[test]
fn recurrent_events_with_draws_share_a_patients_fate_between_plans() {
    let program = program(
        "model m()
           risk = 0; rate = 0.1; limit = exponential(1); count = 0; damage = 0;
           risk' = rate; damage' = 0;
           relapse: at (risk > limit): limit = risk + exponential(1), count = count + 1, damage = damage + uniform(0, 1);
         end",
    );
    let plan = Plan { end: 100.0, ..Plan::default() };
    let with_rate = |rate: f64| {
        let patients = Patients {
            overrides: vec![target(&program, "rate")],
            values: vec![rate; 30],
            ..Patients::alike(0..30)
        };
        let outputs = Outputs { times: vec![100.0], observables: vec![found(&program, "count")] };
        run(&program, &patients, &plan, &outputs)
    };
    let (slow, fast) = (with_rate(0.05), with_rate(0.1));
    for patient in 0..30 {
        let times = |result: &crate::Simulation| -> Vec<f64> {
            result.events.iter().filter(|event| event.patient == patient).map(|event| event.time).collect()
        };
        let (slow, fast) = (times(&slow), times(&fast));
        assert!(slow.len() <= fast.len());
        // The same thresholds are met at half the rate in twice the time.
        for (slow, fast) in slow.iter().zip(&fast) {
            assert_near(*slow, 2.0 * fast, 1e-6 * slow);
        }
    }
    assert!(slow.events.len() > 100, "the test would show nothing");
}

#[test]
fn a_draw_at_the_start_differs_between_patients_and_keeps_its_distribution() {
    let program = program("model m()\n  x = normal(10, 2);\n  x' = 0;\nend");
    let patients = Patients::alike(0..4000);
    let outputs = Outputs { times: vec![0.0], observables: vec![found(&program, "x")] };
    let result = run(&program, &patients, &Plan { end: 0.0, ..Plan::default() }, &outputs);
    let values = &result.trajectories.values;
    let mean = values.iter().sum::<f64>() / 4000.0;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 3999.0;
    // Four standard errors: of the mean σ/√n, of the variance σ² √(2/n).
    assert_near(mean, 10.0, 4.0 * 2.0 / 4000.0f64.sqrt());
    assert_near(variance, 4.0, 4.0 * 4.0 * (2.0 / 4000.0f64).sqrt());
    assert_eq!(result.end.draws, vec![1; 4000]);
}

#[test]
fn a_logarithm_of_what_is_not_positive_on_the_way_fails_by_name() {
    let program = program("model m()\n  x = 1; y = 0;\n  x' = -1; y' = ln(x);\nend");
    let result = run_one(&program, &Plan { end: 3.0, ..Plan::default() }, &[0.5, 2.0]);
    let SolveStatus::Failed { day, cause } = &result.status[0] else { panic!("{:?}", result.status) };
    assert_near(*day, 1.0, 1e-3);
    let words = cause.describe(&program);
    assert!(words.starts_with("integration failed: a value is not finite: the logarithm of "), "{words}");
    assert!(words.ends_with(" in the rate of `y`"), "{words}");
    assert!(!result.trajectories.at(0, 0)[0].is_nan() && result.trajectories.at(0, 1)[0].is_nan());
}

#[test]
fn dense_output_is_as_exact_as_the_steps() {
    let program = program("model m()\n  x = 1; y = 0;\n  x' = y; y' = -x;\nend");
    let times: Vec<f64> = (0..=2000).map(|step| 0.01 * f64::from(step)).collect();
    let outputs = Outputs { times: times.clone(), observables: vec![Found::State(0)] };
    let options = Options { relative_tolerance: 1e-8, ..Options { seed: Seed(1), ..options() } };
    let plan = Plan { end: 20.0, ..Plan::default() };
    let result = simulate(&program, &Patients::alike([0]), Start::Fresh, &plan, &outputs, &options, &())
        .expect("possible");
    let errors = times.iter().zip(&result.trajectories.values).map(|(t, value)| (value - t.cos()).abs());
    let (steps, largest) = (result.counters[0].accepted, errors.fold(0.0, f64::max));
    assert!(largest < 1e-8, "error {largest:e} in {steps} steps");
}
