//! Events whose conditions hold for less than a step.

use regraft_stats::Seed;

use super::edges::program;
use super::{assert_near, options, run_one, states_at};
use crate::{Options, Patients, Plan, Start, simulate};

/// How often each event happens until `end` at a relative tolerance.
fn counts(text: &str, end: f64, tolerance: f64) -> Vec<usize> {
    let program = program(text);
    let options = Options { relative_tolerance: tolerance, seed: Seed(1), ..options() };
    let plan = Plan { end, ..Plan::default() };
    let outputs = states_at(&program, &[end]);
    let result = simulate(&program, &Patients::alike([0]), Start::Fresh, &plan, &outputs, &options, &())
        .expect("possible");
    let count =
        |event: usize| result.events.iter().filter(|happened| happened.event as usize == event).count();
    (0..program.events.len()).map(count).collect()
}

#[test]
fn limits_just_below_a_peak_are_passed_at_every_peak() {
    // Ten peaks of a sine; it is above 0.999 for 0.09 of a turn of 6.28, where a step takes 0.2 to 0.4.
    let text = "model m()
        x = 0; y = 1; n = 0; m = 0;
        x' = y; y' = -x;
        above: at x > 0.999: n = n + 1;
        below: at x < -0.99: m = m + 1;
      end";
    for tolerance in [1e-6, 1e-8] {
        assert_eq!(counts(text, 63.0, tolerance), [10, 10], "at {tolerance:e}");
    }
}

#[test]
fn a_limit_that_no_peak_reaches_is_never_passed() {
    let text = "model m()
        x = 0; y = 1; n = 0;
        x' = y; y' = -x;
        above: at x > 1.0001: n = n + 1;
      end";
    assert_eq!(counts(text, 63.0, 1e-6), [0]);
}

#[test]
fn a_ball_that_bounces_within_one_step_bounces() {
    let text = "model m()
        x = 1; v = 0;
        x' = v; v' = -9.81;
        at x < 0: x = 0, v = -0.8*v;
      end";
    // First at √(2/g), then after 2 · 0.8 · that, and so on: 8 times until 3.3.
    let first = (2.0f64 / 9.81).sqrt();
    let bounces: Vec<f64> = (0..8)
        .scan((first, 2.0 * 0.8 * first), |(at, way), _| {
            let now = *at;
            (*at, *way) = (*at + *way, 0.8 * *way);
            Some(now)
        })
        .collect();
    let result = run_one(&program(text), &Plan { end: 3.4, ..Plan::default() }, &[3.4]);
    assert_eq!(result.events.len(), bounces.iter().filter(|at| **at < 3.4).count());
    for (happened, expected) in result.events.iter().zip(&bounces) {
        assert_near(happened.time, *expected, 1e-8);
    }
}

#[test]
fn a_condition_on_the_remainder_of_time_is_met_in_every_turn() {
    // Roundoff puts some of the jumps of the remainder just before their moment.
    let text = "model m()
        x = 0; x' = 1; n = 0;
        at time % 5 < 0.01: n = n + 1;
      end";
    assert_eq!(counts(text, 502.0, 1e-6), [100]);
}

#[test]
fn an_event_at_a_moment_has_happened_at_that_moment_and_one_behind_it_has_not() {
    let text = "model m()
        x = 0; y = 0; z = 0; turn = 1;
        x' = -x; y' = -y; z' = -z;
        at time >= 2.5: x = x + 1;
        at time > 2.5: y = y + 1;
        at time >= 2.5*turn: z = z + 1, turn = turn + 1;
      end";
    let result = run_one(&program(text), &Plan { end: 10.0, ..Plan::default() }, &[2.5, 5.0]);
    let (first, second) = (result.trajectories.at(0, 0), result.trajectories.at(0, 1));
    assert_eq!(first, [1.0, 0.0, 1.0]);
    let left = (-2.5f64).exp();
    assert_near(second[0], left, 1e-7);
    assert_near(second[1], left, 1e-7);
    assert_near(second[2], 1.0 + left, 1e-7);
}
