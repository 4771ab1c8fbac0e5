//! Events of the program: located, ordered, delayed, random.

use regraft_model::program::{Binary, Distribution};
use regraft_model::{Program, Target};
use regraft_stats::Seed;

use super::build::Build;
use super::{assert_near, options, run, run_one, states_at};
use crate::{Happening, Options, Outputs, Patients, Plan, SolveStatus, Start, simulate};

/// A clock: y' = 1.
fn clock(build: &mut Build) -> u32 {
    build.state("clock", 0.0);
    let one = build.number(1.0);
    build.rate(0, one);
    0
}

fn times_of(events: &[Happening], event: u32) -> Vec<f64> {
    events.iter().filter(|happening| happening.event == event).map(|happening| happening.time).collect()
}

#[test]
fn a_crossing_is_located_to_a_billionth() {
    let mut build = Build::default();
    let y = build.state("y", 5.0);
    let k = build.parameter("k", 0.31);
    build.decays(0, y, k);
    let limit = build.number(1.7);
    let event = build.compare(Binary::Less, y, limit, Vec::new());
    let program = build.finish();
    let options = Options { relative_tolerance: 1e-10, ..options() };
    let plan = Plan { end: 20.0, ..Plan::default() };
    let result =
        simulate(&program, &Patients::alike([0]), Start::Fresh, &plan, &Outputs::default(), &options, &())
            .expect("the call is possible");
    let exact = (5.0f64 / 1.7).ln() / 0.31;
    let found = times_of(&result.events, event);
    assert_eq!(found.len(), 1);
    assert_near(found[0], exact, 1e-9);
}

/// A clock with an event at each whole number: when clock > next: next = next + 1, count = count + 1.
fn counting() -> Program {
    let mut build = Build::default();
    let state = clock(&mut build);
    let clock = build.node(regraft_model::program::Node::State(state));
    let next = build.parameter("next", 1.0);
    let count = build.parameter("count", 0.0);
    let one = build.number(1.0);
    let (next_up, count_up) = (build.binary(Binary::Add, next, one), build.binary(Binary::Add, count, one));
    build.above(clock, next, vec![(Target::Parameter(0), next_up), (Target::Parameter(1), count_up)]);
    build.finish()
}

#[test]
fn an_event_is_armed_again_when_its_condition_has_been_false() {
    let result = run_one(&counting(), &Plan { end: 10.5, ..Plan::default() }, &[10.5]);
    let found = times_of(&result.events, 0);
    assert_eq!(found.len(), 10);
    for (index, time) in found.iter().enumerate() {
        assert_near(*time, (index + 1) as f64, 1e-9);
    }
    assert_eq!(result.end.parameters, [11.0, 10.0]);
}

#[test]
fn right_hand_sides_are_read_before_anything_is_assigned() {
    let mut build = Build::default();
    clock(&mut build);
    let time = build.time();
    let (a, b) = (build.parameter("a", 1.0), build.parameter("b", 2.0));
    let limit = build.number(1.0);
    build.above(time, limit, vec![(Target::Parameter(0), b), (Target::Parameter(1), a)]);
    let result = run_one(&build.finish(), &Plan { end: 2.0, ..Plan::default() }, &[]);
    assert_eq!(result.end.parameters, [2.0, 1.0]);
}

/// Three events at 1 that append the digits 1, 2, 3 to a number; the last has the highest priority.
fn digits(values_from_trigger: bool) -> f64 {
    let mut build = Build::default();
    clock(&mut build);
    let time = build.time();
    let limit = build.number(1.0);
    let word = build.parameter("word", 0.0);
    let ten = build.number(10.0);
    for digit in 1..=3 {
        let digit = build.number(f64::from(digit));
        let shifted = build.times(word, ten);
        let longer = build.binary(Binary::Add, shifted, digit);
        let event = build.above(time, limit, vec![(Target::Parameter(0), longer)]);
        build.event_mut(event).values_from_trigger = values_from_trigger;
    }
    let first = build.number(5.0);
    build.event_mut(2).priority = Some(first);
    let result = run_one(&build.finish(), &Plan { end: 2.0, ..Plan::default() }, &[]);
    assert_eq!(result.events.iter().map(|happening| happening.event).collect::<Vec<_>>(), [2, 0, 1]);
    result.end.parameters[0]
}

#[test]
fn simultaneous_events_happen_by_priority_then_declaration() {
    // Each sees what those before it assigned, or all see the moment of the trigger.
    assert_eq!(digits(false), 312.0);
    assert_eq!(digits(true), 2.0);
}

#[test]
fn a_delayed_event_uses_values_from_its_trigger_or_from_its_execution() {
    let mut build = Build::default();
    clock(&mut build);
    let time = build.time();
    let (limit, delay) = (build.number(1.0), build.number(2.5));
    build.parameter("at_trigger", 0.0);
    build.parameter("at_execution", 0.0);
    let early = build.above(time, limit, vec![(Target::Parameter(0), time)]);
    let late = build.above(time, limit, vec![(Target::Parameter(1), time)]);
    for event in [early, late] {
        build.event_mut(event).delay = Some(delay);
    }
    build.event_mut(late).values_from_trigger = false;
    let result = run_one(&build.finish(), &Plan { end: 5.0, ..Plan::default() }, &[]);
    assert_near(result.end.parameters[0], 1.0, 1e-9);
    assert_near(result.end.parameters[1], 3.5, 1e-9);
    assert_near(times_of(&result.events, early)[0], 3.5, 1e-9);
}

#[test]
fn a_delayed_event_that_is_not_persistent_is_dropped_when_its_condition_goes_false() {
    for (persistent, expected) in [(true, 1), (false, 0)] {
        let mut build = Build::default();
        let y = build.state("y", 0.0);
        let time = build.time();
        let rate = build.unary(regraft_model::program::Unary::Cos, time);
        build.rate(0, rate);
        let (half, delay) = (build.number(0.5), build.number(4.0));
        // sin t > 0.5 from π/6 to 5π/6, shorter than the delay, and again from 2π + π/6 on.
        let event = build.above(y, half, Vec::new());
        build.event_mut(event).delay = Some(delay);
        build.event_mut(event).persistent = persistent;
        let result = run_one(&build.finish(), &Plan { end: 6.5, ..Plan::default() }, &[]);
        assert_eq!(result.events.len(), expected, "persistent: {persistent}");
    }
}

#[test]
fn an_event_fires_at_the_start_only_if_its_condition_counts_as_false_before() {
    for (true_before, expected) in [(true, vec![]), (false, vec![0.0])] {
        let mut build = Build::default();
        clock(&mut build);
        let (two, one) = (build.number(2.0), build.number(1.0));
        let event = build.above(two, one, Vec::new());
        build.event_mut(event).true_before_start = true_before;
        let result = run_one(&build.finish(), &Plan { end: 1.0, ..Plan::default() }, &[]);
        assert_eq!(times_of(&result.events, event), expected);
    }
}

#[test]
fn a_falling_strict_comparison_fires_even_when_it_is_hit_exactly() {
    let mut build = Build::default();
    let y = build.state("y", 3.0);
    let minus_one = build.number(-1.0);
    build.rate(0, minus_one);
    let limit = build.number(1.0);
    let event = build.compare(Binary::Less, y, limit, Vec::new());
    let result = run_one(&build.finish(), &Plan { end: 4.0, ..Plan::default() }, &[]);
    let found = times_of(&result.events, event);
    assert_eq!(found.len(), 1);
    assert_near(found[0], 2.0, 1e-8);
}

#[test]
fn an_event_that_ends_courses_ends_them_there() {
    let program = counting();
    let plan = Plan { end: 10.0, stop_on: vec![0], ..Plan::default() };
    let result = run_one(&program, &plan, &[0.5, 1.5]);
    let SolveStatus::Stopped { day, event } = result.status[0] else { panic!("{:?}", result.status) };
    assert_near(day, 1.0, 1e-9);
    assert_eq!(event, Some(0));
    assert_near(result.trajectories.at(0, 0)[0], 0.5, 1e-9);
    assert!(result.trajectories.at(0, 1)[0].is_nan());
    assert_eq!(result.events.len(), 1);
}

/// A hazard of `rate` per day; each time it passes its threshold the next is an Exp(1) further on.
pub fn poisson_process(rate: f64) -> Program {
    let mut build = Build::default();
    let hazard = build.state("hazard", 0.0);
    let rate = build.parameter("rate", rate);
    build.rate(0, rate);
    let first = build.draw("relapse", Distribution::Exponential, 1.0, 0.0);
    let threshold = build.parameter_from("threshold", first);
    let further = build.draw("relapse", Distribution::Exponential, 1.0, 0.0);
    let next = build.binary(Binary::Add, hazard, further);
    build.above(hazard, threshold, vec![(Target::Parameter(1), next)]);
    build.finish()
}

#[test]
fn exponential_thresholds_give_a_poisson_process() {
    let (n, rate, end) = (5000u32, 0.02, 100.0);
    let patients = Patients::alike((0..n).map(u64::from));
    let plan = Plan { end, ..Plan::default() };
    let result = run(&poisson_process(rate), &patients, &plan, &Outputs::default());
    let mut counts = vec![0u32; n as usize];
    for happening in &result.events {
        counts[happening.patient as usize] += 1;
    }
    let n = f64::from(n);
    let mean = counts.iter().map(|&count| f64::from(count)).sum::<f64>() / n;
    let variance = counts.iter().map(|&count| (f64::from(count) - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let none = counts.iter().filter(|count| **count == 0).count() as f64 / n;
    // Poisson with mean 2. Four standard errors: of the mean √(2/n), of the variance √((2 + 2·2²)/n),
    // of the share without event √(p(1−p)/n).
    let p = (-2.0f64).exp();
    assert_near(mean, 2.0, 4.0 * (2.0 / n).sqrt());
    assert_near(variance, 2.0, 4.0 * (10.0 / n).sqrt());
    assert_near(none, p, 4.0 * (p * (1.0 - p) / n).sqrt());
    // Times to the first event are uniform in 1 − e^(−rate t): Kolmogorov's statistic at 4 standard errors.
    let mut first: Vec<f64> = Vec::new();
    let mut seen = vec![false; n as usize];
    for happening in &result.events {
        if !std::mem::replace(&mut seen[happening.patient as usize], true) {
            first.push(1.0 - (-rate * happening.time).exp());
        }
    }
    first.sort_by(f64::total_cmp);
    let span = 1.0 - p;
    let size = first.len() as f64;
    let distance = |(index, u): (usize, &f64)| (u / span - (index as f64 + 0.5) / size).abs();
    let largest = first.iter().enumerate().map(distance).fold(0.0, f64::max);
    assert!(largest < 2.0 / size.sqrt(), "Kolmogorov distance {largest}");
}

#[test]
fn draws_belong_to_the_seed_and_the_patient_number() {
    let program = poisson_process(0.05);
    let plan = Plan { end: 100.0, ..Plan::default() };
    let events = |seed, number| {
        let options = Options { seed: Seed(seed), ..options() };
        let patients = Patients::alike([number]);
        simulate(&program, &patients, Start::Fresh, &plan, &states_at(&program, &[]), &options, &())
            .expect("the call is possible")
            .events
    };
    assert_eq!(events(1, 5), events(1, 5));
    assert_ne!(events(1, 5), events(2, 5));
    assert_ne!(events(1, 5), events(1, 6));
}
