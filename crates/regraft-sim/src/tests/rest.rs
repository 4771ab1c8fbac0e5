//! States at rest: not integrated, and nobody can tell.

use regraft_model::program::Binary;
use regraft_model::{Found, Program, Target};

use super::build::Build;
use super::{options, states_at};
use crate::{
    Action, Amount, Cause, Common, Dose, Impossible, Patients, Plan, Rule, Simulation, Snapshots,
    SolveStatus, Start, Trigger, simulate,
};

/// States of [`program`].
const X: u32 = 0;
const A: u32 = 1;
const B: u32 = 2;
const DRUG: u32 = 3;
const EFFECT: u32 = 4;
/// Parameters of [`program`].
const SCALE: u32 = 1;
const INFLOW: u32 = 2;

/// A population x; a and b that feed each other (a' = k b − a, b' = a − b); a drug and its effect, which takes x away
/// and has its own inflow. All but x begin at 0 and stay there.
fn program() -> Program {
    let mut build = Build::default();
    let (x, a, b) = (build.state("x", 1.0), build.state("a", 0.0), build.state("b", 0.0));
    let (drug, effect) = (build.state("drug", 0.0), build.state("effect", 0.0));
    let (k, scale) = (build.parameter("k", 0.5), build.parameter("scale", 2.0));
    let inflow = build.parameter("inflow", 0.0);
    let one = build.number(1.0);
    // x' = 1 / (1 + x) + t / 100 − x (k + effect / (effect + scale)) + a b / x
    let room = build.binary(Binary::Add, one, x);
    let gain = build.binary(Binary::Divide, one, room);
    let (time, hundredth) = (build.time(), build.number(0.01));
    let slow = build.times(time, hundredth);
    let gain = build.binary(Binary::Add, gain, slow);
    let half = build.binary(Binary::Add, effect, scale);
    let share = build.binary(Binary::Divide, effect, half);
    let loss = build.binary(Binary::Add, k, share);
    let loss = build.times(x, loss);
    let rate = build.binary(Binary::Subtract, gain, loss);
    let both = build.times(a, b);
    let both = build.binary(Binary::Divide, both, x);
    let rate = build.binary(Binary::Add, rate, both);
    build.rate(X, rate);
    let fed = build.times(k, b);
    let rate = build.binary(Binary::Subtract, fed, a);
    build.rate(A, rate);
    let rate = build.binary(Binary::Subtract, a, b);
    build.rate(B, rate);
    build.decays(DRUG, drug, k);
    // effect' = drug x / scale + inflow x − effect
    let reached = build.times(drug, x);
    let reached = build.binary(Binary::Divide, reached, scale);
    let leaked = build.times(inflow, x);
    let gain = build.binary(Binary::Add, reached, leaked);
    let rate = build.binary(Binary::Subtract, gain, effect);
    build.rate(EFFECT, rate);
    build.finish()
}

const N: u64 = 70;

fn spread(number: u64) -> f64 {
    ((number * 7919) % 101) as f64 / 101.0
}

/// Patients who differ in k.
fn patients() -> Patients {
    Patients {
        overrides: vec![Target::Parameter(0)],
        values: (0..N).map(|number| 0.2 + spread(number)).collect(),
        ..Patients::alike(0..N)
    }
}

fn go(program: &Program, patients: &Patients, start: Start, plan: &Plan) -> Simulation {
    let times: Vec<f64> = (0..=20).map(|step| plan.start + 0.5 * f64::from(step)).collect();
    simulate(program, patients, start, plan, &states_at(program, &times), &options(), &()).expect("possible")
}

/// From day 0 to day 10.
fn plan(doses: Vec<Dose>) -> Plan {
    Plan { end: 10.0, doses, ..Plan::default() }
}

fn at_rest(program: &Program, plan: &Plan) -> Vec<u32> {
    go(program, &patients(), Start::Fresh, plan).end.common.at_rest
}

fn add(state: u32, amount: f64) -> Action {
    Action::Add { state, amount: Amount::fixed(amount) }
}

/// Every bit of two results but what they say of the states at rest.
fn assert_same(a: &Simulation, b: &Simulation) {
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<u64>>();
    assert_eq!(a.status, b.status);
    assert_eq!(a.counters, b.counters);
    assert_eq!(bits(&a.trajectories.values), bits(&b.trajectories.values));
    assert_eq!(bits(&a.end.states), bits(&b.end.states));
}

#[test]
fn states_at_rest_are_left_out_and_move_no_bit() {
    let program = program();
    for (doses, expected) in [
        (vec![], vec![A, B, DRUG, EFFECT]),
        (vec![Dose::new(1.3, add(DRUG, 2.0)), Dose::new(4.0, add(X, 1.0))], vec![A, B]),
        (vec![Dose::new(1.3, add(B, 2.0))], vec![DRUG, EFFECT]),
    ] {
        let plan = plan(doses);
        let without = go(&program, &patients(), Start::Fresh, &plan);
        assert_eq!(without.end.common.at_rest, expected);
        // Who is given what could move a state is not at rest, even if it is given nothing.
        let mut given = patients();
        given.overrides.extend([A, DRUG, EFFECT].map(Target::State));
        given.values = (0..N).flat_map(|number| [0.2 + spread(number), 0.0, 0.0, 0.0]).collect();
        let with = go(&program, &given, Start::Fresh, &plan);
        assert_eq!(with.end.common.at_rest, []);
        assert!(with.cost.bytes_per_lane > without.cost.bytes_per_lane);
        assert!(with.cost.flops_of_attempt > without.cost.flops_of_attempt);
        assert_same(&with, &without);
        // Going on from there, with what is known of the states at rest and without.
        let later = Plan { start: 10.0, end: 20.0, ..Plan::default() };
        let alike = Patients::alike(0..N);
        let known = go(&program, &alike, Start::From(&without.end), &later);
        assert_eq!(known.end.common.at_rest, expected);
        let unknown = Snapshots { common: Common::default(), ..without.end.clone() };
        let unknown = go(&program, &alike, Start::From(&unknown), &later);
        assert_eq!(unknown.end.common.at_rest, []);
        assert_same(&known, &unknown);
    }
}

#[test]
fn what_can_move_a_state_wakes_it_and_what_it_moves() {
    let program = program();
    let rest = |plan: &Plan| at_rest(&program, plan);
    assert_eq!(rest(&plan(vec![Dose::new(1.0, add(A, 1.0))])), [DRUG, EFFECT]);
    let infusion = Action::Infuse { state: B, amount: Amount::fixed(1.0), duration_days: 1.0 };
    assert_eq!(rest(&plan(vec![Dose::new(1.0, infusion)])), [DRUG, EFFECT]);
    let set = Action::Set { target: Target::State(EFFECT), value: Amount::fixed(1.0) };
    assert_eq!(rest(&plan(vec![Dose::new(1.0, set)])), [A, B, DRUG]);
    let set = Action::Set { target: Target::Parameter(INFLOW), value: Amount::fixed(1.0) };
    assert_eq!(rest(&plan(vec![Dose::new(1.0, set)])), [A, B, DRUG]);
    let rule = Rule::new(Trigger::Times(vec![2.0]), vec![(0.5, add(DRUG, 1.0))]);
    assert_eq!(rest(&Plan { rules: vec![rule], ..plan(vec![]) }), [A, B]);
    let mut overridden = patients();
    overridden.overrides.push(Target::Parameter(INFLOW));
    overridden.values = (0..N).flat_map(|number| [0.2 + spread(number), 0.0]).collect();
    let result = go(&program, &overridden, Start::Fresh, &plan(vec![]));
    assert_eq!(result.end.common.at_rest, [A, B, DRUG]);
    let mut other = program.clone();
    other.initial[B as usize].1 = other.initial[X as usize].1;
    assert_eq!(at_rest(&other, &plan(vec![])), [DRUG, EFFECT]);
}

#[test]
fn an_event_wakes_what_it_assigns() {
    let mut build = Build::default();
    let (x, y) = (build.state("x", 1.0), build.state("y", 0.0));
    let k = build.parameter("k", 0.5);
    build.decays(0, x, k);
    build.decays(1, y, k);
    let (half, one) = (build.number(0.5), build.number(1.0));
    build.above(half, x, vec![(Target::State(1), one)]);
    let program = build.finish();
    let result = go(&program, &patients(), Start::Fresh, &plan(vec![]));
    assert_eq!(result.end.common.at_rest, []);
    assert!(result.end.states_of(3)[1] > 0.0);
}

/// x decays; where cells are `given`, an event adds them to y and readies `next`, whose own event sets z once x is
/// below 1/2. Nobody is given any.
fn waiting() -> (Program, [Target; 3]) {
    let mut build = Build::default();
    let (x, y, z) = (build.state("x", 1.0), build.state("y", 0.0), build.state("z", 0.0));
    let (k, given) = (build.parameter("k", 0.5), build.parameter("given", 0.0));
    let next = build.parameter("next", 0.0);
    [(0, x), (1, y), (2, z)].into_iter().for_each(|(state, node)| build.decays(state, node, k));
    let (zero, half, one) = (build.number(0.0), build.number(0.5), build.number(1.0));
    let more = build.binary(Binary::Add, y, given);
    let target = [Target::State(1), Target::Parameter(1), Target::Parameter(2)];
    build.above(given, zero, vec![(target[0], more), (target[1], zero), (target[2], one)]);
    let is_ready = build.binary(Binary::Greater, next, half);
    let is_low = build.binary(Binary::Less, x, half);
    let both = build.binary(Binary::And, is_ready, is_low);
    let event = build.above(half, x, vec![(Target::State(2), one), (target[2], zero)]);
    build.event_mut(event).condition = both;
    (build.finish(), target)
}

#[test]
fn an_event_that_waits_for_what_nobody_is_given_wakes_nothing() {
    let (program, target) = waiting();
    let without = go(&program, &patients(), Start::Fresh, &plan(vec![]));
    assert_eq!(without.end.common.at_rest, [1, 2]);
    assert_eq!(without.events, []);
    // Who is given nothing lives as before, though it might be something.
    let set = |value: f64| Action::Set { target: target[1], value: Amount::fixed(value) };
    let nothing = go(&program, &patients(), Start::Fresh, &plan(vec![Dose::new(0.0, set(0.0))]));
    assert_eq!(nothing.end.common.at_rest, []);
    assert_same(&without, &nothing);
    assert!(nothing.cost.bytes_per_lane > without.cost.bytes_per_lane);
    // One event makes the other possible.
    let given = go(&program, &patients(), Start::Fresh, &plan(vec![Dose::new(1.0, set(3.0))]));
    assert_eq!(given.events.iter().filter(|happened| happened.event == 0).count(), N as usize);
    assert_eq!(given.events.iter().filter(|happened| happened.event == 1).count(), N as usize);
    // What was never given is still never given in a later call, and may be there.
    let later = Plan { start: 10.0, end: 20.0, ..Plan::default() };
    let alike = Patients::alike(0..N);
    let after = go(&program, &alike, Start::From(&without.end), &later);
    assert_eq!(after.end.common.at_rest, [1, 2]);
    let dosed = Plan { doses: vec![Dose::new(11.0, set(3.0))], ..later };
    let after = go(&program, &alike, Start::From(&without.end), &dosed);
    assert_eq!(after.end.common.at_rest, []);
    assert!(after.end.states_of(4)[1] > 0.0 && after.end.states_of(4)[2] > 0.0);
}

#[test]
fn a_dose_moves_a_cycle_as_a_whole() {
    let program = program();
    let result = go(&program, &patients(), Start::Fresh, &plan(vec![Dose::new(0.0, add(A, 1.0))]));
    assert!(result.end.states_of(0)[A as usize] > 0.0 && result.end.states_of(0)[B as usize] > 0.0);
    assert_eq!(result.end.common.at_rest, [DRUG, EFFECT]);
}

#[test]
fn a_model_all_of_whose_states_rest_has_its_times() {
    let mut build = Build::default();
    let y = build.state("y", 0.0);
    let k = build.parameter("k", 0.5);
    build.decays(0, y, k);
    let (time, three) = (build.time(), build.number(3.0));
    build.observable("clock", time);
    build.above(time, three, vec![]);
    let program = build.finish();
    let mut outputs = states_at(&program, &[0.0, 2.5, 10.0]);
    outputs.observables.push(Found::Observable(0));
    let plan = plan(vec![]);
    let result =
        simulate(&program, &patients(), Start::Fresh, &plan, &outputs, &options(), &()).expect("possible");
    assert_eq!(result.end.common.at_rest, [0]);
    assert_eq!(result.events.len(), N as usize);
    super::assert_near(result.events[0].time, 3.0, 1e-9);
    assert_eq!(result.trajectories.at(5, 1), [0.0, 2.5]);
    assert_eq!(result.trajectories.at(5, 2), [0.0, 10.0]);
}

#[test]
fn a_snapshot_that_was_changed_is_believed_by_its_values() {
    let program = program();
    let first = go(&program, &patients(), Start::Fresh, &plan(vec![]));
    let mut changed = first.end.clone();
    changed.states[5 * program.states.len() + DRUG as usize] = 1.0;
    let later = Plan { start: 10.0, end: 20.0, ..Plan::default() };
    let result = go(&program, &Patients::alike(0..N), Start::From(&changed), &later);
    assert_eq!(result.end.common.at_rest, [A, B]);
    assert!(result.end.states_of(5)[EFFECT as usize] > 0.0);
    assert_eq!(result.end.states_of(6)[EFFECT as usize], 0.0);
    // Of two snapshots together what both say.
    let dosed = go(&program, &patients(), Start::Fresh, &plan(vec![Dose::new(1.0, add(DRUG, 1.0))]));
    let mut both = Snapshots::default();
    both.append(&first.end);
    assert_eq!(both, first.end);
    both.append(&dosed.end);
    assert_eq!(both.common.at_rest, [A, B]);
    assert_eq!(both.n_patients(), 2 * N as usize);
}

#[test]
fn a_rate_at_rest_that_is_no_number_in_one_patient_fails_that_patient() {
    let program = program();
    let patients = Patients {
        overrides: vec![Target::Parameter(SCALE)],
        values: (0..N).map(|number| if number == 7 { 0.0 } else { 1.0 + spread(number) }).collect(),
        ..Patients::alike(0..N)
    };
    let result = go(&program, &patients, Start::Fresh, &plan(vec![]));
    assert_eq!(result.end.common.at_rest, [A, B, DRUG, EFFECT]);
    let operation = Impossible::Division(0.0);
    let cause = Cause::RateNotFinite { state: X, operation };
    assert_eq!(result.status[7], SolveStatus::Failed { day: 0.0, cause });
    assert!(result.status.iter().enumerate().all(|(row, s)| row == 7 || *s == SolveStatus::Finished));
}
