//! Measured orders: 5 for the solution, local order 5 for dense output, 4 + 1 for the error estimate.

use super::oscillators::Oscillators;
use super::run_to_stop;
use crate::problems::{Forced, Logistic, Problem};
use crate::system::System;
use crate::{Integrator, StepControl, Tolerances};

/// An integrator that takes equal steps of `h`, whatever the error.
fn equal_steps<S: System>(system: S, h: f64) -> Integrator<S> {
    let tolerances = Tolerances { relative: 1.0, absolute: vec![1e9; system.n_states()] };
    Integrator::new(system, tolerances, StepControl { h_max: h, ..StepControl::default() })
}

/// State after `steps` equal steps to `end`.
fn solve<S: System>(system: S, start: &[f64], end: f64, steps: u32) -> Vec<f64> {
    let h = end / f64::from(steps);
    let mut integrator = equal_steps(system, h);
    integrator.start(0, 0.0, start, end, Some(h));
    run_to_stop(&mut integrator, 0);
    assert_eq!(integrator.counters(0).accepted, u64::from(steps));
    let mut y = start.to_vec();
    integrator.copy_state(0, &mut y);
    y
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Slope of log error over log step by least squares over runs with 1, 2, 4, … times `steps`.
fn slope(errors: &[f64]) -> f64 {
    let n = errors.len() as f64;
    let logs: Vec<f64> = errors.iter().map(|error| -error.log2()).collect();
    let mean = logs.iter().sum::<f64>() / n;
    let center = (n - 1.0) / 2.0;
    let (mut above, mut below) = (0.0, 0.0);
    for (index, log) in logs.iter().enumerate() {
        let x = index as f64 - center;
        above += x * (log - mean);
        below += x * x;
    }
    above / below
}

/// Order of the error at the end over runs with `steps`, 2 `steps`, 4 `steps`, 8 `steps`.
fn measured(name: &str, steps: u32, end: &[f64], solve: impl Fn(u32) -> Vec<f64>) -> f64 {
    let errors: Vec<f64> = (0..4).map(|i| largest_difference(&solve(steps << i), end)).collect();
    let order = slope(&errors);
    println!("{name}: order {order:.3}, errors {errors:?}");
    order
}

#[test]
fn the_order_is_five_on_a_nonlinear_problem_with_exact_solution() {
    let order = measured("logistic", 24, &Logistic.solution(), |n| {
        solve(Logistic.system(1), &Logistic.start(), 3.0, n)
    });
    assert!((order - 5.0).abs() < 0.2, "{order}");
}

#[test]
fn the_order_is_five_on_a_problem_that_depends_on_time() {
    let order =
        measured("forced", 48, &Forced.solution(), |n| solve(Forced.system(1), &Forced.start(), 2.0, n));
    assert!((order - 5.0).abs() < 0.2, "{order}");
}

#[test]
fn the_order_is_five_on_nonlinear_oscillators() {
    for (damping, steps) in [(1.0, 16), (5.0, 48)] {
        let run = |n| solve(Oscillators::new(&[damping]), &[2.0, -0.5, 0.0], 0.9, n);
        let order = measured(&format!("van der Pol, damping {damping}"), steps, &run(1024), run);
        assert!((order - 5.0).abs() < 0.2, "{order}");
    }
}

/// On linear systems the method gains an order: the stability function agrees with eᶻ to z⁶.
#[test]
fn the_order_is_six_on_a_linear_oscillator() {
    let exact = [2.0 * 1f64.cos(), -2.0 * 1f64.sin(), 0.5];
    let order =
        measured("harmonic", 2, &exact, |n| solve(Oscillators::new(&[0.0]), &[2.0, 0.0, 0.0], 1.0, n));
    assert!((order - 6.0).abs() < 0.2, "{order}");
}

/// One step from an exact start: the largest error within is of order h⁵, that at its end h⁶.
#[test]
fn dense_output_has_local_order_five_and_the_end_six() {
    let start = [2.0, -0.5, 0.0];
    let (mut within, mut at_end) = (Vec::new(), Vec::new());
    for halving in 0..4 {
        let h = 0.08 / f64::from(1 << halving);
        let mut integrator = equal_steps(Oscillators::new(&[1.0]), h);
        integrator.start(0, 0.0, &start, 10.0, Some(h));
        integrator.advance();
        assert_eq!(integrator.time(0), h);
        let error = |share: f64| {
            let mut y = [0.0; 3];
            integrator.interpolate(0, share * h, &mut y);
            largest_difference(&y, &solve(Oscillators::new(&[1.0]), &start, share * h, 32))
        };
        within.push((1..10).map(|tick| error(0.1 * f64::from(tick))).fold(0.0, f64::max));
        at_end.push(error(1.0));
    }
    println!("dense {:.3} {within:?}, end {:.3} {at_end:?}", slope(&within), slope(&at_end));
    assert!((slope(&within) - 5.0).abs() < 0.2, "dense output: {}", slope(&within));
    assert!((slope(&at_end) - 6.0).abs() < 0.3, "end: {}", slope(&at_end));
}

#[test]
fn dense_output_meets_both_ends_and_outlives_a_change_of_the_state() {
    let mut integrator = equal_steps(Forced.system(1), 0.1);
    integrator.start(0, 0.0, &Forced.start(), 2.0, Some(0.1));
    integrator.advance();
    let (from, to) = (integrator.time(0), 0.2);
    integrator.advance();
    assert_eq!(integrator.time(0), to);
    let end = integrator.state(0, 1);
    integrator.set_state(0, 1, 77.0);
    assert_eq!(integrator.interpolate_state(0, to, 1), end);
    let mut within = [0.0; 2];
    integrator.interpolate(0, 0.5 * (from + to), &mut within);
    let expected = (1.0 + 0.15) * f64::exp(-0.15);
    assert!((within[1] - expected).abs() < 1e-6, "{} {expected}", within[1]);
}

/// As the tolerance tightens tenfold, the steps grow by 10^(1/5) and the error shrinks along.
#[test]
fn steps_and_errors_follow_the_tolerance() {
    let run = |relative: f64| {
        let tolerances = Tolerances { relative, absolute: vec![relative] };
        let mut integrator = Integrator::new(Logistic.system(1), tolerances, StepControl::default());
        integrator.start(0, 0.0, &[0.01], 8.0, None);
        run_to_stop(&mut integrator, 0);
        ((integrator.state(0, 0) - Logistic.exact(0.01, 8.0)).abs(), integrator.counters(0).accepted)
    };
    let (_, coarse) = run(1e-6);
    let (error, fine) = run(1e-11);
    let ratio = fine as f64 / coarse as f64;
    assert!((8.0..12.0).contains(&ratio), "10^(5/5) more steps: {coarse} {fine}");
    assert!(error < 1e-10, "{error:e}");
}
