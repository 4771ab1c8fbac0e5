//! A patient's bits do not depend on lanes, threads, order or company.

use regraft_model::program::{Binary, Unary};
use regraft_model::{Found, Program, Target};

use super::build::Build;
use super::options;
use crate::{
    Action, Amount, Dose, Options, Outputs, Patients, Plan, Rule, Simulation, Start, Trigger, simulate,
};
use regraft_model::program::Distribution;

/// Two coupled states with a saturating rate, a hazard with random thresholds, and a jump at each event.
fn program() -> Program {
    let mut build = Build::default();
    let (x, y, hazard) = (build.state("x", 1.0), build.state("y", 2.0), build.state("hazard", 0.0));
    let (growth, loss) = (build.parameter("growth", 0.4), build.parameter("loss", 0.15));
    let one = build.number(1.0);
    let room = build.binary(Binary::Add, one, x);
    let grown = build.times(growth, y);
    let grown = build.binary(Binary::Divide, grown, room);
    let lost = build.times(loss, x);
    let dx = build.binary(Binary::Subtract, grown, lost);
    build.rate(0, dx);
    let ln = build.unary(Unary::Ln, room);
    let dy = build.binary(Binary::Subtract, ln, y);
    build.rate(1, dy);
    let tenth = build.number(0.1);
    let rate = build.times(tenth, x);
    build.rate(2, rate);
    let first = build.draw("hit", Distribution::Exponential, 1.0, 0.0);
    let threshold = build.parameter_from("threshold", first);
    let further = build.draw("hit", Distribution::Exponential, 1.0, 0.0);
    let next = build.binary(Binary::Add, hazard, further);
    let half = build.number(0.5);
    let hit = build.times(half, x);
    build.above(hazard, threshold, vec![(Target::Parameter(2), next), (Target::State(0), hit)]);
    let high = build.binary(Binary::Greater, x, one);
    build.observable("high", high);
    build.finish()
}

fn patients(numbers: &[u64]) -> Patients {
    // Growth and dose factor follow from the patient's number, so a row is the same person anywhere.
    let spread = |number: u64| ((number * 7919) % 101) as f64 / 101.0;
    Patients {
        numbers: numbers.to_vec(),
        overrides: vec![Target::Parameter(0)],
        values: numbers.iter().map(|&number| 0.2 + spread(number)).collect(),
        n_factors: 1,
        factors: numbers.iter().map(|&number| 50.0 + 40.0 * spread(number + 3)).collect(),
    }
}

fn go(numbers: &[u64], lanes: usize, threads: usize) -> Simulation {
    let by_weight = Amount { value: 0.01, factor: Some(0), second_factor: None };
    let infusion = Action::Infuse { state: 1, amount: by_weight, duration_days: 0.3 };
    let doses = (0..10).map(|dose| Dose::new(3.0 * f64::from(dose), infusion)).collect();
    let bolus = Action::Add { state: 1, amount: by_weight };
    let on_event =
        Rule { condition: Some(0), ..Rule::new(Trigger::Event(0), vec![(0.7, bolus), (1.4, infusion)]) };
    let plan = Plan { end: 40.0, doses, rules: vec![on_event], ..Plan::default() };
    let outputs = Outputs {
        times: (0..=80).map(|half| 0.5 * f64::from(half)).collect(),
        observables: vec![Found::State(0), Found::State(1), Found::Observable(0), Found::Parameter(2)],
    };
    let options = Options { lanes, threads: Some(threads), relative_tolerance: 1e-6, ..options() };
    simulate(&program(), &patients(numbers), Start::Fresh, &plan, &outputs, &options, &()).expect("possible")
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn assert_same(a: &Simulation, b: &Simulation, what: &str) {
    assert_eq!(bits(&a.trajectories.values), bits(&b.trajectories.values), "{what}: trajectories");
    assert_eq!(a.events, b.events, "{what}: events");
    assert_eq!(a.decisions, b.decisions, "{what}: decisions");
    assert_eq!(a.counters, b.counters, "{what}: counters");
    assert_eq!(bits(&a.end.states), bits(&b.end.states), "{what}: ends");
    assert_eq!(a.end.draws, b.end.draws, "{what}: draws");
}

#[test]
fn lanes_and_threads_move_no_bit() {
    let numbers: Vec<u64> = (0..77).collect();
    let one = go(&numbers, 1, 1);
    assert!(one.events.len() > 50 && !one.decisions.is_empty(), "the test would show nothing");
    for (lanes, threads) in [(8, 1), (16, 1), (32, 1), (24, 1), (5, 1), (16, 2), (1, 2), (8, 3)] {
        assert_same(&one, &go(&numbers, lanes, threads), &format!("{lanes} lanes, {threads} threads"));
    }
}

#[test]
fn order_and_company_move_no_bit() {
    let numbers: Vec<u64> = (0..40).collect();
    let all = go(&numbers, 16, 1);
    let backwards: Vec<u64> = numbers.iter().rev().copied().collect();
    let reversed = go(&backwards, 16, 1);
    let alone = go(&numbers[13..16], 16, 1);
    let of = |result: &Simulation, row: usize| -> Vec<u64> {
        let times = 0..result.trajectories.n_times;
        times.flat_map(|time| bits(result.trajectories.at(row, time))).collect()
    };
    for row in 0..40 {
        assert_eq!(of(&all, row), of(&reversed, 39 - row), "patient {row} in another order");
    }
    for row in 0..3 {
        assert_eq!(of(&all, 13 + row), of(&alone, row), "patient {} in smaller company", 13 + row);
    }
}
