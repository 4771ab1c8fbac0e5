//! Every problem is solved to its known end; its Jacobian is that of its right-hand side.

mod precision;

use super::*;
use crate::{Counters, Integrator, LaneOutcome, StepControl, Tolerances};

/// Solves from a state at `from` to `to` in lane 0 of 1; leaves the state there.
pub(crate) fn solve_from<P: Problem>(
    problem: &P,
    from: f64,
    to: f64,
    state: &mut [f64],
    relative: f64,
    absolute: &[f64],
) -> Counters {
    let tolerances = Tolerances { relative, absolute: absolute.to_vec() };
    let mut integrator = Integrator::new(problem.system(1), tolerances, StepControl::default());
    integrator.start(0, from, state, to, None);
    loop {
        match integrator.advance()[0] {
            LaneOutcome::Stopped { to: at, .. } => {
                assert_eq!(at, to);
                break;
            }
            LaneOutcome::Failed { at, failure } => panic!("{}: {failure} at {at}", problem.name()),
            _ => {}
        }
    }
    integrator.copy_state(0, state);
    integrator.counters(0)
}

/// Largest error at the end against relative · |y| + absolute.
fn error_in_tolerances(solution: &[f64], end: &[f64], relative: f64, absolute: &[f64]) -> f64 {
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
        let mut end = problem.start();
        let work = solve_from(problem, 0.0, problem.end(), &mut end, relative, &absolute);
        let error = error_in_tolerances(&problem.solution(), &end, relative, &absolute);
        let steps = work.accepted;
        println!("{:16} rtol 1e-{exponent}: {steps:6} steps, error {error:8.3} tolerances", problem.name());
        assert!(error < 10.0, "{} at rtol {relative:e}: error is {error} tolerances", problem.name());
    }
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
    check_jacobian(&ScaledVanDerPol, 0.0, &[1.5, -0.3]);
    check_jacobian(&Pollution::default(), 0.0, &(1..=20).map(|i| 0.01 * f64::from(i)).collect::<Vec<f64>>());
    check_jacobian(&E5::default(), 0.0, &[0.4, 0.3, 0.2, 0.1]);
    check_jacobian(
        &MedicalAkzoNobel::default(),
        0.0,
        &(0..400).map(|i| 1.0 + 0.1 * f64::from(i % 7)).collect::<Vec<f64>>(),
    );
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

#[test]
fn the_computed_end_of_medical_akzo_nobel_is_the_published_one() {
    // The published one was found at tolerances of 1e-10.
    let solution = MedicalAkzoNobel::default().solution();
    for (state, published) in MedicalAkzoNobel::published() {
        let error = (solution[state] - published).abs();
        assert!(error < 2e-10, "state {state}: {} {published}", solution[state]);
    }
}

#[test]
fn the_computed_end_of_e5_is_the_published_one() {
    let solution = E5::default().solution();
    for (state, published) in E5::PUBLISHED.into_iter().enumerate() {
        let error = (solution[state] - published).abs();
        assert!(error <= 8e-4 * published, "state {state}: {} {published}", solution[state]);
    }
    // The roundoff in y₂ − y₃ moves the two apart; their mean is free of it.
    let mean = 0.5 * (E5::PUBLISHED[1] + E5::PUBLISHED[2]);
    assert!((mean - solution[1]).abs() < 3e-7 * mean, "{mean} {}", solution[1]);
}
