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
