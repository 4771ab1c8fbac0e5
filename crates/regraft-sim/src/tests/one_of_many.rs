//! A patient who cannot be simulated, among others who can: reported by row with day, cause and counters,
//! and no bit of the others moves.

use regraft_model::{Found, Program, Target};

use super::edges::program;
use super::options;
use crate::{
    Cause, Counters, Failure, Impossible, Options, Outputs, Patients, Plan, Simulation, SolveStatus, Start,
    simulate,
};

/// Values of one parameter for five sound patients.
type Sound = [f64; 5];

/// Simulates patients who differ in the parameter `p`, to day 3.
fn with(program: &Program, numbers: &[u64], values: &[f64], options: &Options) -> Simulation {
    let Ok(Found::Parameter(p)) = program.find("p") else { panic!("the model has a parameter p") };
    let patients = Patients {
        overrides: vec![Target::Parameter(p)],
        values: values.to_vec(),
        ..Patients::alike(numbers.to_vec())
    };
    let observables = (0..program.states.len() as u32).map(Found::State).collect();
    let outputs = Outputs { times: vec![0.0, 1.0, 2.0, 3.0], observables };
    let plan = Plan { end: 3.0, ..Plan::default() };
    simulate(program, &patients, Start::Fresh, &plan, &outputs, options, &()).expect("the call is possible")
}

/// Puts a broken patient between sound ones, on a lane beside them and on one alone, and holds that nothing
/// of theirs changes. How the broken one ended: day, cause, counters.
fn break_one(text: &str, sound: Sound, broken: f64, options: &Options) -> (f64, Cause, Counters) {
    let program = program(text);
    let values = [sound[0], sound[1], broken, sound[2], sound[3], sound[4]];
    let mut ends = Vec::new();
    for lanes in [1, 8] {
        let options = Options { lanes, ..options.clone() };
        let without = with(&program, &[10, 11, 13, 14, 15], &sound, &options);
        let all = with(&program, &[10, 11, 12, 13, 14, 15], &values, &options);
        for (row, same) in [(0, 0), (1, 1), (3, 2), (4, 3), (5, 4)] {
            assert_eq!(all.status[row], SolveStatus::Finished);
            assert_eq!(all.counters[row], without.counters[same]);
            for time in 0..4 {
                let bits = |from: &Simulation, row| -> Vec<u64> {
                    from.trajectories.at(row, time).iter().map(|value| value.to_bits()).collect()
                };
                assert_eq!(bits(&all, row), bits(&without, same), "row {row} at output {time}");
            }
        }
        let SolveStatus::Failed { day, cause } = all.status[2].clone() else {
            panic!("it did not fail: {:?}", all.status[2])
        };
        assert!(all.trajectories.at(2, 3).iter().all(|value| value.is_nan()), "values after the failure");
        assert!(!all.end.usable[2]);
        ends.push((day, cause, all.counters[2]));
    }
    assert_eq!(ends[0], ends[1], "the failure depends on the lanes");
    ends.swap_remove(0)
}

const FINE: Sound = [0.01, 0.02, 0.03, 0.05, 0.1];

#[test]
fn a_logarithm_of_a_negative_number_on_the_way() {
    let text = "model m()\n  x = 1; y = 0; p = 1;\n  x' = -p; y' = ln(x);\nend";
    let (day, cause, counters) = break_one(text, FINE, 0.5, &options());
    assert!((day - 2.0).abs() < 1e-3, "day {day}");
    let Cause::RateNotFinite { state: 1, operation: Impossible::Logarithm(x) } = cause else {
        panic!("{cause:?}")
    };
    assert!(x <= 0.0 && x > -1e-3, "logarithm of {x}");
    assert!(counters.halved > 0 && counters.accepted > 0, "{counters:?}");
}

#[test]
fn a_logarithm_of_zero_at_the_start() {
    let text = "model m()\n  y = 0; p = 1;\n  y' = ln(p) - y;\nend";
    let (day, cause, counters) = break_one(text, FINE, 0.0, &options());
    assert_eq!((day, counters.accepted), (0.0, 0));
    assert_eq!(cause, Cause::RateNotFinite { state: 0, operation: Impossible::Logarithm(0.0) });
}

#[test]
fn nothing_divided_by_nothing_at_the_start() {
    let text = "model m()\n  y = 1; p = 1;\n  y' = -p/(p*p)*0.001*y;\nend";
    let (day, cause, counters) = break_one(text, FINE, 0.0, &options());
    assert_eq!((day, counters.accepted), (0.0, 0));
    assert_eq!(cause, Cause::RateNotFinite { state: 0, operation: Impossible::Division(0.0) });
}

#[test]
fn an_explosion_in_finite_time() {
    // x = 1 / (1 − p t).
    let text = "model m()\n  x = 1; p = 1;\n  x' = p*x^2;\nend";
    let (day, cause, counters) = break_one(text, FINE, 0.5, &options());
    assert!((day - 2.0).abs() < 1e-5, "day {day}");
    assert_eq!(cause, Cause::Solver(Failure::StepTooSmall));
    assert!(counters.accepted > 100, "{counters:?}");
}

#[test]
fn a_growth_beyond_all_numbers() {
    // e^{pt} is the largest number at p t = 709.78.
    let text = "model m()\n  x = 1; p = 1;\n  x' = p*x;\nend";
    let (day, cause, counters) = break_one(text, FINE, 1000.0, &options());
    assert!((0.69..0.7098).contains(&day), "day {day}");
    let overflow = Cause::RateNotFinite { state: 0, operation: Impossible::Overflow };
    assert!([overflow, Cause::Solver(Failure::NotFinite)].contains(&cause), "{cause:?}");
    assert!(counters.halved > 0, "{counters:?}");
}

#[test]
fn a_pole_on_the_way() {
    let text = "model m()\n  x = 1; y = 0; p = 1;\n  x' = -p; y' = 1/(x - 0.5);\nend";
    let (day, cause, counters) = break_one(text, FINE, 1.0, &options());
    assert!((day - 0.5).abs() < 1e-6, "day {day}");
    assert!(matches!(cause, Cause::Solver(Failure::StepTooSmall) | Cause::RateNotFinite { .. }), "{cause:?}");
    assert!(counters.rejected > 0, "{counters:?}");
}

#[test]
fn a_pivot_that_vanishes_at_every_step_that_is_tried() {
    // With p = 2¹⁰⁰⁰ the second pivot, 1/(γh) + p − p²/(1/(γh) + p), is exactly 0.
    let text = "model m()\n  x = 1; y = 1; p = 1;\n  x' = p*(y - x); y' = p*(x - y);\nend";
    let (day, cause, counters) = break_one(text, FINE, 2f64.powi(1000), &options());
    assert_eq!((day, cause), (0.0, Cause::Solver(Failure::SingularMatrix)));
    assert_eq!((counters.accepted, counters.rejected), (0, counters.halved));
}

#[test]
fn a_budget_of_steps_that_is_used_up() {
    let text = "model m()\n  x = 1; y = 0; p = 1;\n  x' = p*y; y' = -p*x;\nend";
    let options = Options { max_steps: 500, ..options() };
    let (day, cause, counters) = break_one(text, FINE, 1e4, &options);
    assert_eq!(cause, Cause::Solver(Failure::TooManySteps));
    assert!(day > 0.0 && day < 3.0, "day {day}");
    assert_eq!(counters.accepted + counters.rejected, 500);
}

#[test]
fn a_rule_that_switches_without_end() {
    // At x = 0 the two branches push against each other: no solution goes on from there.
    let text = "model m()\n  x = 0.3; p = 1;\n  x' = piecewise(-p, x > 0, 1);\nend";
    let options = Options { max_steps: 5000, ..options() };
    let (day, cause, counters) = break_one(text, FINE, 1.0, &options);
    assert_eq!(cause, Cause::Solver(Failure::TooManySteps));
    assert!((day - 0.3).abs() < 1e-3, "day {day}");
    assert!(counters.rejected > 0, "{counters:?}");
}
