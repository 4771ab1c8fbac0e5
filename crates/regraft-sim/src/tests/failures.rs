//! What goes wrong in one patient stays with that patient; what cannot be done is refused.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use regraft_model::program::{Binary, Distribution, Unary};
use regraft_model::{Found, Program, Target};

use super::build::{Build, decay};
use super::{options, run, states_at};
use crate::{
    Action, Amount, Cause, Dose, Impossible, Options, Outputs, Patients, Plan, SimError, SolveStatus, Start,
    Watch, simulate,
};

/// y' = ln(room) − y / divisor.
fn fragile() -> Program {
    let mut build = Build::default();
    let y = build.state("y", 1.0);
    let (room, divisor) = (build.parameter("room", 2.0), build.parameter("divisor", 1.0));
    let gain = build.unary(Unary::Ln, room);
    let loss = build.binary(Binary::Divide, y, divisor);
    let rate = build.binary(Binary::Subtract, gain, loss);
    build.rate(0, rate);
    build.finish()
}

#[test]
fn a_patient_who_fails_does_not_disturb_the_others() {
    let program = fragile();
    let sound = vec![2.0, 1.0, 3.0, 0.5, 1.5, 2.0];
    let broken = vec![2.0, 1.0, -1.0, 1.0, 3.0, 0.5, 2.0, 0.0, 1.5, 2.0];
    let overrides = vec![Target::Parameter(0), Target::Parameter(1)];
    let plan = Plan { end: 10.0, ..Plan::default() };
    let outputs = states_at(&program, &[1.0, 5.0, 10.0]);
    let cohort = |numbers: &[u64], values| Patients {
        overrides: overrides.clone(),
        values,
        ..Patients::alike(numbers.to_vec())
    };
    let without = run(&program, &cohort(&[0, 2, 4], sound), &plan, &outputs);
    let with = run(&program, &cohort(&[0, 1, 2, 3, 4], broken), &plan, &outputs);
    for (row, same) in [(0, 0), (2, 1), (4, 2)] {
        assert_eq!(with.status[row], SolveStatus::Finished);
        for time in 0..3 {
            assert_eq!(with.trajectories.at(row, time), without.trajectories.at(same, time));
        }
    }
    for row in [1, 3] {
        let SolveStatus::Failed { day, cause } = &with.status[row] else { panic!("{:?}", with.status[row]) };
        assert_eq!(*day, 0.0);
        let operation = if row == 1 { Impossible::Logarithm(-1.0) } else { Impossible::Division(1.0) };
        assert_eq!(*cause, Cause::RateNotFinite { state: 0, operation });
        assert!(with.trajectories.at(row, 1)[0].is_nan());
        assert!(!with.end.usable[row] && with.end.states[row].is_nan());
    }
}

#[test]
fn a_starting_value_that_is_not_finite_is_named() {
    let program = decay(1.0, 1.0);
    for (target, value) in [(Target::State(0), f64::NAN), (Target::Parameter(0), f64::INFINITY)] {
        let patients =
            Patients { overrides: vec![target], values: vec![value, 1.0], ..Patients::alike([0, 1]) };
        let plan = Plan { end: 1.0, ..Plan::default() };
        let result = run(&program, &patients, &plan, &states_at(&program, &[0.0, 1.0]));
        assert_eq!(result.status[0], SolveStatus::Failed { day: 0.0, cause: Cause::StartNotFinite(target) });
        assert_eq!(result.status[1], SolveStatus::Finished);
        assert!(result.trajectories.at(0, 0)[0].is_nan());
    }
    let said = Cause::StartNotFinite(Target::Parameter(0)).describe(&program);
    assert_eq!(said, "starting value of `k` is not finite");
}

#[test]
fn a_dose_that_is_not_finite_is_named() {
    let program = decay(1.0, 1.0);
    let amount = Amount { value: 1.0, factor: Some(0), second_factor: None };
    let patients = Patients { n_factors: 1, factors: vec![f64::NAN], ..Patients::alike([0]) };
    let plan =
        Plan { end: 2.0, doses: vec![Dose::new(1.0, Action::Add { state: 0, amount })], ..Plan::default() };
    let result = run(&program, &patients, &plan, &Outputs::default());
    let cause = Cause::DoseNotFinite(Target::State(0));
    assert_eq!(result.status, [SolveStatus::Failed { day: 1.0, cause }]);
}

/// A clock, and an event at 1 that assigns `value` to parameter 0.
fn at_one(value: impl FnOnce(&mut Build) -> u32) -> Build {
    let mut build = Build::default();
    let clock = build.state("clock", 0.0);
    let one = build.number(1.0);
    build.rate(0, one);
    build.parameter("p", 0.0);
    let value = value(&mut build);
    build.above(clock, one, vec![(Target::Parameter(0), value)]);
    build
}

fn status_of(program: &Program) -> SolveStatus {
    run(program, &Patients::alike([0]), &Plan { end: 3.0, ..Plan::default() }, &Outputs::default()).status[0]
        .clone()
}

#[test]
fn an_assignment_or_a_delay_that_is_not_possible_is_named() {
    let program = at_one(|build| build.number(f64::NAN)).finish();
    let SolveStatus::Failed { cause, .. } = status_of(&program) else { panic!("it did not fail") };
    assert_eq!(cause, Cause::AssignmentNotFinite { event: 0, target: Target::Parameter(0) });
    assert_eq!(cause.describe(&program), "event `event0` assigns a value to `p` that is not finite");
    let mut build = at_one(|build| build.number(1.0));
    let delay = build.number(-1.0);
    build.event_mut(0).delay = Some(delay);
    let SolveStatus::Failed { cause, .. } = status_of(&build.finish()) else { panic!("it did not fail") };
    assert_eq!(cause, Cause::DelayNotPossible { event: 0 });
}

#[test]
fn a_draw_from_a_distribution_that_does_not_exist_is_named() {
    for (distribution, first, second) in [
        (Distribution::Exponential, 0.0, 0.0),
        (Distribution::Exponential, -1.0, 0.0),
        (Distribution::Normal, 0.0, -1.0),
        (Distribution::Uniform, 1.0, 0.0),
        (Distribution::LogNormal, 0.0, f64::INFINITY),
        (Distribution::Poisson, -2.0, 0.0),
    ] {
        let program = at_one(|build| build.draw("wrong", distribution, first, second)).finish();
        let SolveStatus::Failed { cause, .. } = status_of(&program) else {
            panic!("{distribution:?} did not fail")
        };
        assert_eq!(cause, Cause::AssignmentNotFinite { event: 0, target: Target::Parameter(0) });
    }
}

#[test]
fn events_that_wake_each_other_without_end_fail_the_patient() {
    let mut build = at_one(|build| build.number(1.0));
    // Now two events toggle `p`: 1 → 0 and 0 → 1 for ever.
    let p = build.node(regraft_model::program::Node::Parameter(0));
    let (half, zero, one) = (build.number(0.5), build.number(0.0), build.number(1.0));
    build.compare(Binary::Greater, p, half, vec![(Target::Parameter(0), zero)]);
    build.compare(Binary::Less, p, half, vec![(Target::Parameter(0), one)]);
    let status = status_of(&build.finish());
    assert!(
        matches!(status, SolveStatus::Failed { cause: Cause::EventsWithoutEnd { event: 1 | 2 }, .. }),
        "{status:?}"
    );
}

#[test]
fn a_random_draw_in_the_flow_is_refused() {
    let mut build = Build::default();
    build.state("y", 0.0);
    let zero = build.number(0.0);
    build.rate(0, zero);
    let draw = build.draw("noise", Distribution::Normal, 0.0, 1.0);
    let mut program = build.finish();
    program.derivatives[0] = draw;
    let outputs = Outputs::default();
    let result =
        simulate(&program, &Patients::alike([0]), Start::Fresh, &Plan::default(), &outputs, &options(), &());
    assert_eq!(result, Err(SimError::DrawInFlow { place: "a derivative" }));
}

#[test]
fn calls_that_cannot_be_done_say_why() {
    let program = decay(1.0, 1.0);
    let patients = Patients::alike([0]);
    let add = |state| Action::Add { state, amount: Amount::fixed(1.0) };
    let say = |plan: &Plan, outputs: &Outputs| {
        let result = simulate(&program, &patients, Start::Fresh, plan, outputs, &options(), &());
        result.expect_err("the call cannot be done").to_string()
    };
    let plan = Plan { end: 1.0, ..Plan::default() };
    let none = Outputs::default();
    let late = Plan { doses: vec![Dose::new(2.0, add(0))], ..plan.clone() };
    assert_eq!(say(&late, &none), "time of a dose is 2, but must be within the plan");
    let unknown = Plan { doses: vec![Dose::new(1.0, add(1))], ..plan.clone() };
    assert_eq!(say(&unknown, &none), "a dose refers to number 1, but there are only 1");
    let backwards = Plan { start: 2.0, ..plan.clone() };
    assert_eq!(say(&backwards, &none), "end of the plan is 1, but must be finite and not before its start");
    let outputs = Outputs { times: vec![0.5, 0.25], observables: vec![Found::State(0)] };
    assert_eq!(say(&plan, &outputs), "time of an output is 0.25, but must be within the plan and ascending");
}

/// Counts patients and gives up after some.
struct Impatient {
    done: AtomicUsize,
    gave_up: AtomicBool,
    limit: usize,
}

impl Watch for Impatient {
    fn patients_done(&self, n: usize) {
        if self.done.fetch_add(n, Ordering::Relaxed) + n >= self.limit {
            self.gave_up.store(true, Ordering::Relaxed);
        }
    }

    fn cancelled(&self) -> bool {
        self.gave_up.load(Ordering::Relaxed)
    }
}

fn watched(limit: usize) -> (Result<crate::Simulation, SimError>, usize) {
    let program = decay(1.0, 1.0);
    let watch = Impatient { done: AtomicUsize::new(0), gave_up: AtomicBool::new(false), limit };
    let plan = Plan { end: 50.0, ..Plan::default() };
    let options = Options { threads: Some(2), lanes: 4, ..options() };
    let patients = Patients::alike(0..500);
    let result = simulate(&program, &patients, Start::Fresh, &plan, &Outputs::default(), &options, &watch);
    (result, watch.done.into_inner())
}

#[test]
fn a_watch_counts_every_patient_and_can_cancel() {
    let (result, done) = watched(10_000);
    assert!(result.is_ok());
    assert_eq!(done, 500);
    let (result, done) = watched(20);
    assert_eq!(result, Err(SimError::Cancelled));
    assert!((20..500).contains(&done), "{done} patients were done before it was noticed");
}

#[test]
fn events_that_go_on_for_ever_fail_the_patient() {
    let program = super::edges::program(
        "model m()
           clock = 0; clock' = 1;
           tick: at (clock > 1): clock = 0;
         end",
    );
    let plan = Plan { end: 1e9, ..Plan::default() };
    let options = Options { max_steps: 10_000_000, ..options() };
    let patients = Patients::alike([0]);
    let result = simulate(&program, &patients, Start::Fresh, &plan, &Outputs::default(), &options, &())
        .expect("the call is possible");
    let SolveStatus::Failed { cause, .. } = &result.status[0] else { panic!("{:?}", result.status[0]) };
    assert!(matches!(cause, Cause::TooManyEvents { .. }), "{cause:?}");
    assert!(cause.describe(&program).starts_with("more than 300,000 events, the next would be `"));
    assert_eq!(result.events.len(), 300_000);
}
