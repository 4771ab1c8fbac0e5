//! Going on from where a plan ended.

use regraft_model::Target;

use super::build::decay;
use super::events::poisson_process;
use super::{assert_near, options, states_at};
use crate::{
    Action, Amount, Dose, Options, Patients, Plan, Simulation, Snapshots, SolveStatus, Start, simulate,
};
use regraft_model::Program;

fn go(program: &Program, patients: &Patients, start: Start, from: f64, to: f64) -> Simulation {
    let plan = Plan { start: from, end: to, ..Plan::default() };
    let options = Options { relative_tolerance: 1e-9, ..options() };
    simulate(program, patients, start, &plan, &states_at(program, &[to]), &options, &()).expect("possible")
}

#[test]
fn a_course_in_two_parts_is_the_course_in_one() {
    let program = poisson_process(0.05);
    let patients = Patients::alike(0..20);
    let whole = go(&program, &patients, Start::Fresh, 0.0, 200.0);
    let first = go(&program, &patients, Start::Fresh, 0.0, 100.0);
    let second = go(&program, &patients, Start::From(&first.end), 100.0, 200.0);
    let mut parts: Vec<_> = first.events.iter().chain(&second.events).collect();
    parts.sort_by_key(|happening| happening.patient);
    assert_eq!(parts.len(), whole.events.len());
    for (part, one) in parts.iter().zip(&whole.events) {
        assert_eq!((part.patient, part.event), (one.patient, one.event));
        assert_near(part.time, one.time, 1e-7);
    }
    assert_eq!(second.end.draws, whole.end.draws);
    for (part, one) in second.end.states.iter().zip(&whole.end.states) {
        assert_near(*part, *one, 1e-7 * one.abs());
    }
}

#[test]
fn overrides_are_set_on_top_of_a_snapshot_and_rows_can_be_chosen() {
    let program = decay(8.0, 1.0);
    let first = go(&program, &Patients::alike([3, 4]), Start::Fresh, 0.0, 1.0);
    let chosen = first.end.select(&[1, 1, 0]);
    let patients = Patients {
        overrides: vec![Target::Parameter(0)],
        values: vec![1.0, 0.0, 2.0],
        ..Patients::alike([4, 14, 3])
    };
    let second = go(&program, &patients, Start::From(&chosen), 1.0, 2.0);
    let start = 8.0 * (-1.0f64).exp();
    for (row, rate) in [1.0f64, 0.0, 2.0].into_iter().enumerate() {
        assert_near(second.trajectories.at(row, 0)[0], start * (-rate).exp(), 1e-7);
    }
}

#[test]
fn a_condition_that_already_holds_does_not_fire_again() {
    let mut program = poisson_process(1.0);
    // The event no longer moves its threshold, so its condition stays true.
    program.events[0].assignments.clear();
    program.events[0].true_before_start = false;
    let first = go(&program, &Patients::alike([1]), Start::Fresh, 0.0, 50.0);
    let second = go(&program, &Patients::alike([1]), Start::From(&first.end), 50.0, 90.0);
    assert_eq!(first.events.len(), 1);
    assert_eq!(second.events, []);
}

#[test]
fn patients_who_stopped_do_not_start_again() {
    let program = decay(1.0, 1.0);
    let stop = Dose { given_if: Some(0), ..Dose::new(1.0, Action::Stop) };
    let dose = Dose::new(1.5, Action::Add { state: 0, amount: Amount::fixed(1.0) });
    let patients = Patients { n_factors: 1, factors: vec![1.0, 0.0], ..Patients::alike([0, 1]) };
    let plan = Plan { end: 2.0, doses: vec![stop, dose], ..Plan::default() };
    let outputs = states_at(&program, &[]);
    let first =
        simulate(&program, &patients, Start::Fresh, &plan, &outputs, &options(), &()).expect("possible");
    assert_eq!(first.end.usable, [false, true]);
    let second = go(&program, &patients, Start::From(&first.end), 2.0, 3.0);
    assert_eq!(second.status, [SolveStatus::NotStarted, SolveStatus::Finished]);
    assert!(second.trajectories.at(0, 0)[0].is_nan());
}

#[test]
fn a_snapshot_of_another_size_is_refused() {
    let program = decay(1.0, 1.0);
    let result = simulate(
        &program,
        &Patients::alike([0]),
        Start::From(&Snapshots::default()),
        &Plan::default(),
        &states_at(&program, &[]),
        &options(),
        &(),
    );
    assert_eq!(
        result.expect_err("there is no row to start from").to_string(),
        "usable rows of the snapshot has 0 entries, expected 1"
    );
}
