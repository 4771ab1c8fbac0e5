//! Rules: windows, conditions, ends, delays, and the log of decisions.

use regraft_model::program::{Binary, Node};
use regraft_model::{Found, Program, Target};

use super::build::Build;
use super::{assert_near, run, run_one};
use crate::DecisionKind::{self, *};
use crate::{Action, Amount, Dose, Outputs, Patients, Plan, Rule, Simulation, Trigger};

const CLOCK: u32 = 0;
const GIVEN: u32 = 1;
const LATE: u32 = 0;
const NEAR_START: u32 = 1;

/// y' = 1 and a store that only doses change; observables `late` (clock > 5.5) and `near start` (clock < 2.5);
/// an event at 0.75, 1.75, 2.75, ….
fn program() -> Program {
    let mut build = Build::default();
    let clock = build.state("clock", 0.0);
    build.state("given", 0.0);
    let (one, zero) = (build.number(1.0), build.number(0.0));
    build.rate(CLOCK, one);
    build.rate(GIVEN, zero);
    let (limit, two_and_half) = (build.number(5.5), build.number(2.5));
    let late = build.binary(Binary::Greater, clock, limit);
    let near_start = build.binary(Binary::Less, clock, two_and_half);
    build.observable("late", late);
    build.observable("near_start", near_start);
    let next = build.parameter("next", 0.75);
    let further = build.binary(Binary::Add, next, one);
    build.above(clock, next, vec![(Target::Parameter(0), further)]);
    build.finish()
}

fn give(amount: f64) -> Action {
    Action::Add { state: GIVEN, amount: Amount::fixed(amount) }
}

fn daily() -> Trigger {
    Trigger::Times((0..=20).map(f64::from).collect())
}

fn with_rule(rule: Rule) -> Simulation {
    let times: Vec<f64> = (0..=10).map(f64::from).collect();
    run_one(&program(), &Plan { end: 10.0, rules: vec![rule], ..Plan::default() }, &times)
}

fn log(result: &Simulation) -> Vec<(f64, DecisionKind)> {
    // Event times are located, not exact.
    result.decisions.iter().map(|decision| ((decision.time * 1e6).round() / 1e6, decision.kind)).collect()
}

fn given(result: &Simulation, day: usize) -> f64 {
    result.trajectories.at(0, day)[GIVEN as usize]
}

#[test]
fn a_rule_with_times_acts_at_each_of_them_within_its_window_and_the_plan() {
    let result = with_rule(Rule { from: 3.0, to: 6.0, ..Rule::new(daily(), vec![(0.0, give(1.0))]) });
    assert_eq!(log(&result), [(3.0, Acted), (4.0, Acted), (5.0, Acted), (6.0, Acted)]);
    assert_eq!([given(&result, 2), given(&result, 3), given(&result, 10)], [0.0, 1.0, 4.0]);
}

#[test]
fn a_rule_woken_by_an_event_acts_when_it_happens() {
    let result = with_rule(Rule::new(Trigger::Event(0), vec![(0.0, give(1.0)), (0.5, give(10.0))]));
    assert_eq!(result.events.len(), 10);
    assert_eq!(log(&result)[..2], [(0.75, Acted), (1.75, Acted)]);
    assert_eq!([given(&result, 1), given(&result, 2)], [1.0, 12.0]);
    // The last event, at 9.75, has its second dose after the end.
    assert_eq!(result.end.states[GIVEN as usize], 10.0 + 9.0 * 10.0);
}

#[test]
fn once_its_end_condition_holds_a_rule_is_over() {
    let result = with_rule(Rule { until: Some(LATE), ..Rule::new(daily(), vec![(0.0, give(1.0))]) });
    let expected: Vec<_> = (0..=5).map(|day| (f64::from(day), Acted)).chain([(6.0, Ended)]).collect();
    assert_eq!(log(&result), expected);
    assert_eq!(given(&result, 10), 6.0);
}

#[test]
fn a_rule_acts_only_where_its_condition_holds_and_logs_a_run_of_refusals_once() {
    let result =
        with_rule(Rule { condition: Some(NEAR_START), ..Rule::new(daily(), vec![(0.0, give(1.0))]) });
    assert_eq!(log(&result), [(0.0, Acted), (1.0, Acted), (2.0, Acted), (3.0, ConditionFalse)]);
    let by_event =
        with_rule(Rule { condition: Some(LATE), ..Rule::new(Trigger::Event(0), vec![(0.0, give(1.0))]) });
    let kinds: Vec<_> = log(&by_event).into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(kinds[..5], [ConditionFalse; 5]);
    assert_eq!(kinds[5..], [Acted; 5]);
}

#[test]
fn a_rule_rests_after_it_has_acted_and_ends_when_exhausted() {
    let rule = Rule::new(Trigger::Event(0), vec![(0.0, give(1.0))]);
    let result = with_rule(Rule { refractory_days: 2.5, max_times: Some(2), ..rule });
    assert_eq!(
        log(&result),
        [(0.75, Acted), (1.75, Refractory), (2.75, Refractory), (3.75, Acted), (4.75, Exhausted)]
    );
    assert_eq!(given(&result, 10), 2.0);
}

#[test]
fn a_rule_that_rests_for_exactly_its_spacing_acts_each_time() {
    let rule = Rule::new(daily(), vec![(0.0, give(1.0))]);
    let result = with_rule(Rule { refractory_days: 2.0, ..rule });
    let acted: Vec<f64> =
        log(&result).into_iter().filter(|(_, kind)| *kind == Acted).map(|(t, _)| t).collect();
    assert_eq!(acted, [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
}

#[test]
fn delayed_actions_come_after_their_delay_and_infuse_if_asked() {
    let infusion = Action::Infuse { state: GIVEN, amount: Amount::fixed(4.0), duration_days: 2.0 };
    let result = with_rule(Rule::new(Trigger::Times(vec![1.0]), vec![(3.0, infusion), (1.0, give(1.0))]));
    for (day, expected) in [(1, 0.0), (2, 1.0), (4, 1.0), (5, 3.0), (6, 5.0), (7, 5.0)] {
        assert_near(given(&result, day), expected, 1e-9);
    }
}

#[test]
fn a_rule_sees_the_state_after_the_doses_and_events_of_the_moment() {
    let mut build = Build::default();
    let y = build.state("y", 0.0);
    let zero = build.number(0.0);
    build.rate(0, zero);
    let ten = build.number(10.0);
    let large = build.binary(Binary::Greater, y, ten);
    build.observable("large", large);
    let doubled = build.binary(Binary::Add, y, y);
    let six = build.number(6.0);
    build.above(y, six, vec![(Target::State(0), doubled)]);
    let add = |amount| Action::Add { state: 0, amount: Amount::fixed(amount) };
    let rule = Rule { condition: Some(0), ..Rule::new(Trigger::Times(vec![1.0]), vec![(0.0, add(100.0))]) };
    let plan = Plan { end: 2.0, doses: vec![Dose::new(1.0, add(7.0))], rules: vec![rule], ..Plan::default() };
    let result = run_one(&build.finish(), &plan, &[1.0]);
    // 7 by the dose, 14 by the event, which is above 10.
    assert_eq!(result.trajectories.values, [114.0]);
}

#[test]
fn a_dose_is_no_longer_given_once_a_rule_has_acted() {
    let mut plan = Plan { end: 10.0, ..Plan::default() };
    plan.rules.push(Rule::new(Trigger::Times(vec![3.0]), vec![]));
    plan.doses =
        (0..=5).map(|day| Dose { until_rule: Some(0), ..Dose::new(f64::from(day), give(1.0)) }).collect();
    // The dose of day 3 comes before the rule of day 3.
    assert_eq!(run_one(&program(), &plan, &[]).end.states[GIVEN as usize], 4.0);
}

#[test]
fn a_rule_exists_only_for_patients_whose_switch_is_on() {
    let rule = Rule { given_if: Some(0), ..Rule::new(Trigger::Times(vec![1.0]), vec![(0.0, give(1.0))]) };
    let patients = Patients { n_factors: 1, factors: vec![0.0, 1.0], ..Patients::alike([0, 1]) };
    let outputs = Outputs { times: vec![2.0], observables: vec![Found::State(GIVEN)] };
    let result =
        run(&program(), &patients, &Plan { end: 2.0, rules: vec![rule], ..Plan::default() }, &outputs);
    assert_eq!(result.trajectories.values, [0.0, 1.0]);
    assert_eq!(result.decisions.len(), 1);
    assert_eq!(result.decisions[0].patient, 1);
}

#[test]
fn an_event_at_the_very_moment_of_a_visit_and_an_output_does_not_split_it() {
    let mut program = program();
    // The event now falls on whole days, and its located time on either side of them.
    let first = program.nodes.iter().position(|node| *node == Node::Constant(0.75)).expect("it is there");
    program.nodes[first] = Node::Constant(1.0);
    let rule = Rule::new(daily(), vec![(0.0, give(1.0))]);
    let times: Vec<f64> = (0..=10).map(f64::from).collect();
    let result = run_one(&program, &Plan { end: 10.0, rules: vec![rule], ..Plan::default() }, &times);
    assert_eq!(log(&result).len(), 11);
    for day in 0..=10 {
        assert_eq!(given(&result, day), day as f64 + 1.0);
    }
}

#[test]
fn what_a_rule_does_can_wake_events() {
    let mut build = Build::default();
    let y = build.state("y", 0.0);
    let zero = build.number(0.0);
    build.rate(0, zero);
    let one = build.number(1.0);
    build.parameter("flag", 0.0);
    build.above(y, one, vec![(Target::Parameter(0), one)]);
    let action = Action::Set { target: Target::State(0), value: Amount::fixed(5.0) };
    let plan = Plan {
        end: 2.0,
        rules: vec![Rule::new(Trigger::Times(vec![1.0]), vec![(0.0, action)])],
        ..Plan::default()
    };
    let result = run_one(&build.finish(), &plan, &[]);
    assert_eq!(result.end.parameters, [1.0]);
    assert_eq!(result.events[0].time, 1.0);
}
