//! Every problem is solved to its known end; its Jacobian is that of its right-hand side.

use super::*;
use crate::{Integrator, LaneOutcome, StepControl, Tolerances};

/// Solves to the end in lane 0 of 1; the state there and the number of accepted steps.
pub(crate) fn solve<P: Problem>(problem: &P, relative: f64, absolute: &[f64]) -> (Vec<f64>, u64) {
    let tolerances = Tolerances { relative, absolute: absolute.to_vec() };
    let mut integrator = Integrator::new(problem.system(1), tolerances, StepControl::default());
    integrator.start(0, 0.0, &problem.start(), problem.end(), None);
    loop {
        match integrator.advance()[0] {
            LaneOutcome::Stopped { to, .. } => {
                assert_eq!(to, problem.end());
                break;
            }
            LaneOutcome::Failed { at, failure } => panic!("{}: {failure} at {at}", problem.name()),
            _ => {}
        }
    }
    let mut end = problem.start();
    integrator.copy_state(0, &mut end);
    (end, integrator.counters(0).accepted)
}

/// Largest error at the end against relative · |y| + absolute.
fn error<P: Problem>(problem: &P, end: &[f64], relative: f64, absolute: &[f64]) -> f64 {
    let solution = problem.solution();
    let scaled =
        (0..end.len()).map(|i| (end[i] - solution[i]).abs() / (relative * solution[i].abs() + absolute[i]));
    scaled.fold(0.0, f64::max)
}

/// The error at the end is within ten tolerances for relative tolerances 1e-3 … 1e-9;
/// the absolute one is the typical size of a state times a hundredth of the relative.
fn check<P: Problem>(problem: &P, sizes: &[f64]) {
    for exponent in 3..=9 {
        let relative = 10f64.powi(-exponent);
        let absolute: Vec<f64> = sizes.iter().map(|size| 0.01 * relative * size).collect();
        let (end, steps) = solve(problem, relative, &absolute);
        let error = error(problem, &end, relative, &absolute);
        println!("{:16} rtol 1e-{exponent}: {steps:6} steps, error {error:8.3} tolerances", problem.name());
        assert!(error < 10.0, "{} at rtol {relative:e}: error is {error} tolerances", problem.name());
    }
}

#[test]
fn hires_reaches_its_published_end() {
    check(&Hires, &[1e-1, 1e-2, 1e-3, 1e-1, 1e-1, 1e-1, 1e-3, 1e-3]);
}

#[test]
fn rober_reaches_its_published_end() {
    check(&Rober, &[1e-6, 1e-12, 1.0]);
}

#[test]
fn orego_reaches_its_published_end() {
    check(&Orego, &[1.0, 1.0, 1.0]);
}

#[test]
fn van_der_pol_reaches_its_published_end() {
    check(&VanDerPol, &[1.0, 1e-3]);
}

#[test]
fn decay_chain_reaches_its_exact_end() {
    check(&DecayChain, &[1.0; 5]);
}

#[test]
fn logistic_growth_reaches_its_exact_end() {
    check(&Logistic, &[1.0]);
}

#[test]
fn forced_reaches_its_exact_end() {
    check(&Forced, &[1.0, 1.0]);
}

/// Central differences with a step of 1e-6 agree to about 1e-9 of the size of the terms.
fn check_jacobian<P: Problem>(problem: &P, t: f64, y: &[f64]) {
    let n = y.len();
    let entries = problem.entries();
    let (mut jacobian, mut dfdt) = (vec![0.0; entries.len()], vec![0.0; n]);
    problem.jacobian(t, y, &mut jacobian, &mut dfdt);
    let difference = |at: &dyn Fn(f64) -> (f64, Vec<f64>), row: usize, step: f64| {
        let (mut up, mut down) = (vec![0.0; n], vec![0.0; n]);
        let ((t_up, y_up), (t_down, y_down)) = (at(step), at(-step));
        problem.derivatives(t_up, &y_up, &mut up);
        problem.derivatives(t_down, &y_down, &mut down);
        ((up[row] - down[row]) / (2.0 * step), 1e-9 * (up[row].abs() + 1.0) / step * 1e-6)
    };
    for row in 0..n {
        for column in 0..n {
            let step = 1e-6 * y[column].abs().max(1e-3);
            let shifted = |by: f64| {
                let mut y = y.to_vec();
                y[column] += by;
                (t, y)
            };
            let (expected, allowed) = difference(&shifted, row, step);
            let found =
                entries.iter().position(|&e| e == (row as u32, column as u32)).map_or(0.0, |at| jacobian[at]);
            let allowed = allowed + 1e-6 * expected.abs();
            assert!(
                (found - expected).abs() <= allowed,
                "{} ∂f{row}/∂y{column}: {found} {expected}",
                problem.name()
            );
        }
        let (expected, allowed) = difference(&|by| (t + by, y.to_vec()), row, 1e-6);
        assert!(
            (dfdt[row] - expected).abs() <= allowed + 1e-6 * expected.abs(),
            "{} ∂f{row}/∂t",
            problem.name()
        );
    }
}

#[test]
fn jacobians_agree_with_differences() {
    check_jacobian(&Hires, 0.0, &[0.5, 0.1, 0.02, 0.3, 0.2, 0.4, 0.003, 0.0027]);
    check_jacobian(&Rober, 0.0, &[0.7, 2e-5, 0.3]);
    check_jacobian(&Orego, 0.0, &[3.0, 5.0, 7.0]);
    check_jacobian(&VanDerPol, 0.0, &[1.5, -0.3]);
    check_jacobian(&DecayChain, 0.0, &[0.5, 0.4, 0.3, 0.2, 0.1]);
    check_jacobian(&Logistic, 0.0, &[0.3]);
    check_jacobian(&Forced, 0.7, &[0.6, 0.8]);
}

#[test]
fn exact_solutions_solve_their_equations() {
    let (mut dy, t, step) = (vec![0.0; 5], 0.3, 1e-5);
    let y = DecayChain.exact(t);
    DecayChain.derivatives(t, &y, &mut dy);
    let (up, down) = (DecayChain.exact(t + step), DecayChain.exact(t - step));
    for i in 0..5 {
        let slope = (up[i] - down[i]) / (2.0 * step);
        assert!((slope - dy[i]).abs() < 1e-7, "compartment {i}: {slope} {}", dy[i]);
    }
}
