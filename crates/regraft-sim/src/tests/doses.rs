//! Boluses, infusions and settings against exact solutions of linear decay.

use regraft_model::{Found, Target};

use super::build::{Build, decay};
use super::{assert_near, run, run_one};
use crate::{Action, Amount, Dose, Outputs, Patients, Plan, SolveStatus};

fn add(amount: f64) -> Action {
    Action::Add { state: 0, amount: Amount::fixed(amount) }
}

fn infuse(amount: f64, duration_days: f64) -> Action {
    Action::Infuse { state: 0, amount: Amount::fixed(amount), duration_days }
}

#[test]
fn decay_follows_the_exponential_between_and_after_boluses() {
    let program = decay(10.0, 0.7);
    let plan = Plan {
        end: 10.0,
        doses: vec![Dose::new(4.0, add(5.0)), Dose::new(2.5, add(3.0))],
        ..Plan::default()
    };
    let times = [0.0, 1.0, 2.5, 3.0, 4.0, 7.25, 10.0];
    let result = run_one(&program, &plan, &times);
    let exact = |t: f64| {
        let since = |from: f64, amount: f64| if t >= from { amount * (-0.7 * (t - from)).exp() } else { 0.0 };
        since(0.0, 10.0) + since(2.5, 3.0) + since(4.0, 5.0)
    };
    for (index, &t) in times.iter().enumerate() {
        // Ten times the step tolerance: errors of several steps add up.
        assert_near(result.trajectories.at(0, index)[0], exact(t), 1e-7 * exact(t));
    }
    assert_eq!(result.status, [SolveStatus::Finished]);
}

#[test]
fn a_value_at_the_time_of_a_dose_is_after_the_dose() {
    let program = decay(0.0, 1.0);
    let doses = vec![Dose::new(0.0, add(1.0)), Dose::new(3.0, add(100.0)), Dose::new(5.0, add(7.0))];
    let result = run_one(&program, &Plan { end: 5.0, doses, ..Plan::default() }, &[0.0, 3.0, 5.0]);
    let at = |time| result.trajectories.at(0, time)[0];
    assert_eq!(at(0), 1.0);
    assert_near(at(1), 100.0 + (-3.0f64).exp(), 1e-6);
    assert_near(at(2), 7.0 + 100.0 * (-2.0f64).exp() + (-5.0f64).exp(), 1e-5);
}

/// Amount at t from an infusion of `amount` over `duration` from `from`, elimination k.
fn infused(t: f64, from: f64, amount: f64, duration: f64, k: f64) -> f64 {
    let run = (t - from).clamp(0.0, duration);
    let rest = (t - from - duration).max(0.0);
    amount / duration / k * (1.0 - (-k * run).exp()) * (-k * rest).exp()
}

#[test]
fn overlapping_infusions_add_up_and_end_on_time() {
    let k = 1.3;
    let program = decay(0.0, k);
    let doses = vec![
        Dose::new(1.0, infuse(12.0, 2.0)),
        Dose::new(2.0, infuse(5.0, 0.25)),
        Dose::new(2.5, infuse(8.0, 4.0)),
    ];
    let times: Vec<f64> = (0..=40).map(|step| 0.25 * f64::from(step)).collect();
    let result = run_one(&program, &Plan { end: 10.0, doses, ..Plan::default() }, &times);
    for (index, &t) in times.iter().enumerate() {
        let exact =
            infused(t, 1.0, 12.0, 2.0, k) + infused(t, 2.0, 5.0, 0.25, k) + infused(t, 2.5, 8.0, 4.0, k);
        assert_near(result.trajectories.at(0, index)[0], exact, 1e-7 * (exact + 1e-2));
    }
}

#[test]
fn amounts_are_multiplied_by_the_patients_factors_and_given_only_where_the_switch_is_on() {
    let program = decay(0.0, 1.0);
    let amount = Amount { value: 2.0, factor: Some(0), second_factor: Some(1) };
    let dose = Dose { given_if: Some(2), ..Dose::new(1.0, Action::Add { state: 0, amount }) };
    let patients = Patients {
        numbers: vec![1, 2, 3],
        n_factors: 3,
        factors: vec![70.0, 0.5, 1.0, 50.0, 1.0, 0.0, 80.0, 0.25, 1.0],
        ..Patients::default()
    };
    let outputs = Outputs { times: vec![1.0], observables: vec![Found::State(0)] };
    let result = run(&program, &patients, &Plan { end: 2.0, doses: vec![dose], ..Plan::default() }, &outputs);
    assert_eq!(result.trajectories.values, [70.0, 0.0, 40.0]);
}

#[test]
fn setting_a_parameter_changes_the_flow_from_then_on() {
    let program = decay(1.0, 1.0);
    let stop_decay = Action::Set { target: Target::Parameter(0), value: Amount::fixed(0.0) };
    let plan = Plan { end: 3.0, doses: vec![Dose::new(2.0, stop_decay)], ..Plan::default() };
    let outputs =
        Outputs { times: vec![1.0, 2.0, 3.0], observables: vec![Found::State(0), Found::Parameter(0)] };
    let result = run(&program, &Patients::alike([0]), &plan, &outputs);
    assert_eq!(result.trajectories.at(0, 0)[1], 1.0);
    assert_eq!(result.trajectories.at(0, 1)[1], 0.0);
    assert_near(result.trajectories.at(0, 2)[0], (-2.0f64).exp(), 1e-8);
}

#[test]
fn a_step_of_a_ladder_acts_within_its_bounds_alone() {
    let program = decay(1.0, 1.0);
    let target = Target::Parameter(0);
    let step = |above, to, value| Action::SetBetween { target, above, to, value: Amount::fixed(value) };
    // Rungs 0, 0.5 and 1, a step down at 1 and at 2 days: rung by rung and not to the bottom at once.
    let down = |time| {
        [(0.0, 0.5, 0.0), (0.5, 1.0, 0.5), (1.0, f64::INFINITY, 1.0)]
            .map(|(above, to, value)| Dose::new(time, step(above, to, value)))
    };
    let doses = [down(1.0), down(2.0)].concat();
    let plan = Plan { end: 3.0, doses, ..Plan::default() };
    let outputs = Outputs { times: vec![0.5, 1.5, 2.5], observables: vec![Found::Parameter(0)] };
    let result = run(&program, &Patients::alike([0]), &plan, &outputs);
    let course: Vec<f64> = (0..3).map(|at| result.trajectories.at(0, at)[0]).collect();
    assert_eq!(course, [1.0, 0.5, 0.0]);
}

#[test]
fn a_ladder_climbs_rung_by_rung_and_stays_at_the_last() {
    // A parameter of 1 that lies between the rungs 0.5 and 1.5; above them 2.
    let program = decay(1.0, 1.0);
    let target = Target::Parameter(0);
    let step = |above, to, value| Action::SetBetween { target, above, to, value: Amount::fixed(value) };
    let up = |time| {
        let (low, mid, high) = (0.5f64.next_down(), 1.5f64.next_down(), 2.0f64.next_down());
        [(mid, high, 2.0), (low, mid, 1.5), (f64::NEG_INFINITY, low, 0.5)]
            .map(|(above, to, value)| Dose::new(time, step(above, to, value)))
    };
    let plan = Plan { end: 4.0, doses: [up(1.0), up(2.0), up(3.0)].concat(), ..Plan::default() };
    let outputs = Outputs { times: vec![0.5, 1.5, 2.5, 3.5], observables: vec![Found::Parameter(0)] };
    let result = run(&program, &Patients::alike([0]), &plan, &outputs);
    let course: Vec<f64> = (0..4).map(|at| result.trajectories.at(0, at)[0]).collect();
    assert_eq!(course, [1.0, 1.5, 2.0, 2.0]);
}

#[test]
fn scaling_multiplies_what_is_there_at_the_moment() {
    let program = decay(1.0, 1.0);
    let scale = |target, by| Action::Scale { target, factor: Amount::fixed(by) };
    let doses = vec![
        Dose::new(1.0, scale(Target::State(0), 3.0)),
        Dose::new(2.0, scale(Target::Parameter(0), 0.5)),
        Dose::new(2.0, scale(Target::Parameter(0), 0.5)),
    ];
    let plan = Plan { end: 3.0, doses, ..Plan::default() };
    let outputs = Outputs { times: vec![2.0, 3.0], observables: vec![Found::State(0), Found::Parameter(0)] };
    let result = run(&program, &Patients::alike([0]), &plan, &outputs);
    assert_near(result.trajectories.at(0, 0)[0], 3.0 * (-2.0f64).exp(), 1e-8);
    assert_eq!(result.trajectories.at(0, 0)[1], 0.25);
    assert_near(result.trajectories.at(0, 1)[0], 3.0 * (-2.25f64).exp(), 1e-8);
}

#[test]
fn a_stop_ends_the_course_and_leaves_nan_after_it() {
    let program = decay(1.0, 1.0);
    let plan = Plan {
        end: 4.0,
        doses: vec![Dose::new(2.0, Action::Stop), Dose::new(2.0, add(9.0))],
        ..Plan::default()
    };
    let result = run_one(&program, &plan, &[1.0, 2.0, 3.0]);
    assert_eq!(result.status, [SolveStatus::Stopped { day: 2.0, event: None }]);
    assert_near(result.trajectories.at(0, 1)[0], (-2.0f64).exp(), 1e-8);
    assert!(result.trajectories.at(0, 2)[0].is_nan());
    assert_eq!(result.end.usable, [false]);
    assert_near(result.end.states[0], (-2.0f64).exp(), 1e-8);
}

#[test]
fn moments_that_differ_by_rounding_are_one_moment() {
    let program = decay(0.0, 1.0);
    // 0.1 + 0.2 is 0.30000000000000004: the infusion ends where the bolus is due.
    let doses = vec![Dose::new(0.1, infuse(1.0, 0.2)), Dose::new(0.3, add(1.0))];
    let result = run_one(&program, &Plan { end: 1.0, doses, ..Plan::default() }, &[0.3, 1.0]);
    let exact = infused(0.3, 0.1, 1.0, 0.2, 1.0) + 1.0;
    assert_near(result.trajectories.at(0, 0)[0], exact, 1e-7);
    assert_near(result.trajectories.at(0, 1)[0], exact * (-0.7f64).exp(), 1e-7);
}

#[test]
fn a_flow_that_depends_on_time_is_integrated_with_it() {
    let mut build = Build::default();
    build.state("y", 0.0);
    let time = build.time();
    let rate = build.unary(regraft_model::program::Unary::Cos, time);
    build.rate(0, rate);
    let times: Vec<f64> = (0..=20).map(f64::from).collect();
    let result = run_one(&build.finish(), &Plan { end: 20.0, ..Plan::default() }, &times);
    for (index, &t) in times.iter().enumerate() {
        assert_near(result.trajectories.at(0, index)[0], t.sin(), 2e-7);
    }
}

#[test]
fn a_plan_without_length_gives_the_start() {
    let program = decay(3.0, 1.0);
    let result = run_one(
        &program,
        &Plan { start: 5.0, end: 5.0, doses: vec![Dose::new(5.0, add(1.0))], ..Plan::default() },
        &[5.0],
    );
    assert_eq!(result.trajectories.values, [4.0]);
    assert_eq!(result.status, [SolveStatus::Finished]);
}
