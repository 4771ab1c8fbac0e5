//! Stops, failures by name, flushing, hints, and no allocation in a step.

use super::oscillators::Oscillators;
use super::run_to_stop;
use crate::counting::allocations;
use crate::outcome::{Failure, LaneOutcome};
use crate::problems::{DecayChain, Forced, Hires, Logistic, Problem};
use crate::system::{Equations, SparsityPattern, System};
use crate::tableau::GAMMA;
use crate::{Factored, Integrator, StepControl, Tolerances};

/// y' = f(y) of one state, with f and its derivative given.
struct Scalar {
    f: fn(f64) -> f64,
    derivative: fn(f64) -> f64,
    pattern: SparsityPattern,
}

fn scalar(f: fn(f64) -> f64, derivative: fn(f64) -> f64) -> Integrator<Factored<Scalar>> {
    scalar_with(f, derivative, StepControl::default())
}

fn scalar_with(
    f: fn(f64) -> f64,
    derivative: fn(f64) -> f64,
    control: StepControl,
) -> Integrator<Factored<Scalar>> {
    let system = Factored::new(Scalar { f, derivative, pattern: SparsityPattern::dense(1) });
    Integrator::new(system, Tolerances { relative: 1e-6, absolute: vec![1e-9] }, control)
}

impl Equations for Scalar {
    fn n_states(&self) -> usize {
        1
    }

    fn lanes(&self) -> usize {
        1
    }

    fn pattern(&self) -> &SparsityPattern {
        &self.pattern
    }

    fn derivatives(&mut self, _t: &[f64], y: &[f64], dy: &mut [f64]) {
        dy[0] = (self.f)(y[0]);
    }

    fn derivatives_and_jacobian(
        &mut self,
        t: &[f64],
        y: &[f64],
        dy: &mut [f64],
        jacobian: &mut [f64],
        dfdt: &mut [f64],
    ) {
        self.derivatives(t, y, dy);
        jacobian[0] = (self.derivative)(y[0]);
        dfdt[0] = 0.0;
    }
}

/// Advances until lane 0 fails; when and why.
fn failure<S: System>(integrator: &mut Integrator<S>) -> (f64, Failure) {
    for _ in 0..100_000 {
        if let LaneOutcome::Failed { at, failure } = integrator.advance()[0] {
            assert_eq!(integrator.advance()[0], LaneOutcome::Idle, "a failed lane is at rest");
            assert_eq!(integrator.time(0), at);
            return (at, failure);
        }
    }
    panic!("the lane did not fail");
}

#[test]
fn an_explosion_is_told_near_its_time() {
    // y = 1/(1 − t).
    let mut integrator = scalar(|y| y * y, |y| 2.0 * y);
    integrator.start(0, 0.0, &[1.0], 2.0, None);
    let (at, failure) = failure(&mut integrator);
    assert!(matches!(failure, Failure::StepTooSmall | Failure::NotFinite), "{failure}");
    assert!((at - 1.0).abs() < 1e-5, "at {at}");
}

#[test]
fn a_derivative_that_stays_nan_is_told() {
    let mut integrator = scalar(|_| f64::NAN, |_| 0.0);
    integrator.start(0, 3.0, &[1.0], 4.0, None);
    assert_eq!(failure(&mut integrator), (3.0, Failure::NotFinite));
}

#[test]
fn a_start_that_is_not_finite_is_told() {
    let mut integrator = scalar(|y| -y, |_| -1.0);
    integrator.start(0, 0.0, &[f64::INFINITY], 4.0, None);
    assert_eq!(failure(&mut integrator), (0.0, Failure::NotFinite));
}

#[test]
fn an_infinite_jacobian_is_told_as_singular() {
    let mut integrator = scalar(|y| -y, |_| f64::INFINITY);
    integrator.start(0, 0.0, &[1.0], 4.0, Some(0.1));
    assert_eq!(failure(&mut integrator), (0.0, Failure::SingularMatrix));
    assert_eq!(integrator.counters(0).halved, u64::from(StepControl::default().max_halvings) + 1);
}

#[test]
fn a_pivot_that_vanishes_once_costs_a_halving_and_no_more() {
    // 1/(γh) = J = 1/2 exactly where h = 2/γ.
    let mut integrator = scalar(|y| 0.5 * y, |_| 0.5);
    integrator.start(0, 0.0, &[1e-9], 2.0 / GAMMA, Some(2.0 / GAMMA));
    assert_eq!(integrator.advance()[0], LaneOutcome::Rejected);
    assert_eq!(integrator.counters(0).halved, 1);
    run_to_stop(&mut integrator, 0);
    let expected = 1e-9 * (1.0 / GAMMA).exp();
    assert!((integrator.state(0, 0) - expected).abs() < 1e-5 * expected + 1e-8);
}

#[test]
fn values_beyond_a_domain_are_rejected_and_the_solution_found() {
    // NaN below 0, as a logarithm gives; the solution decays to 0 and stays above.
    let root = |y: f64| if y < 0.0 { f64::NAN } else { -y.sqrt() * y };
    let mut integrator = scalar(root, |y| -1.5 * y.sqrt());
    integrator.start(0, 0.0, &[1.0], 50.0, Some(40.0));
    run_to_stop(&mut integrator, 0);
    // y = (1 + t/2)^−2.
    assert!((integrator.state(0, 0) - 26f64.powi(-2)).abs() < 1e-7);
}

#[test]
fn too_many_steps_are_told() {
    let control = StepControl { max_steps: 7, h_max: 0.1, ..StepControl::default() };
    let mut integrator = scalar_with(|y| -y, |_| -1.0, control);
    integrator.start(0, 0.0, &[1.0], 10.0, Some(0.1));
    assert_eq!(failure(&mut integrator).1, Failure::TooManySteps);
    assert_eq!(integrator.counters(0).accepted, 7);
    assert!((integrator.time(0) - 0.7).abs() < 1e-12);
}

#[test]
fn a_stop_in_the_past_is_told() {
    for stop in [-1.0, f64::NAN] {
        let mut integrator = scalar(|y| -y, |_| -1.0);
        integrator.start(0, 0.0, &[1.0], stop, None);
        assert_eq!(failure(&mut integrator), (0.0, Failure::StopBehind));
    }
}

#[test]
fn stops_are_met_exactly_and_a_stop_at_hand_takes_no_step() {
    let tolerances = Tolerances { relative: 1e-6, absolute: vec![1e-9] };
    let mut integrator = Integrator::new(Logistic.system(1), tolerances, StepControl::default());
    integrator.start(0, 0.0, &[0.1], 0.0, None);
    assert_eq!(integrator.advance()[0], LaneOutcome::Stopped { from: 0.0, to: 0.0 });
    for stop in [0.1, 0.1 + 1e-13, 0.3, 1.0 / 3.0, 2.7] {
        integrator.set_stop(0, stop);
        run_to_stop(&mut integrator, 0);
        assert_eq!(integrator.time(0).to_bits(), f64::to_bits(stop));
        let expected = Logistic.exact(0.1, stop);
        assert!((integrator.state(0, 0) - expected).abs() < 1e-6, "at {stop}");
    }
}

#[test]
fn a_close_stop_does_not_shorten_the_step_after_it() {
    let tolerances = Tolerances { relative: 1e-6, absolute: vec![1e-9; 5] };
    let mut integrator = Integrator::new(DecayChain.system(1), tolerances, StepControl::default());
    integrator.start(0, 0.0, &DecayChain.start(), 5.0, None);
    run_to_stop(&mut integrator, 0);
    let before = integrator.next_step(0);
    integrator.set_stop(0, 5.0 + 1e-6);
    run_to_stop(&mut integrator, 0);
    assert!(integrator.next_step(0) >= before);
}

#[test]
fn a_dose_restarts_with_the_hint_and_keeps_the_tolerance() {
    let tolerances = Tolerances { relative: 1e-8, absolute: vec![1e-10] };
    let mut integrator = Integrator::new(Logistic.system(1), tolerances, StepControl::default());
    integrator.start(0, 0.0, &[0.1], 1.5, None);
    run_to_stop(&mut integrator, 0);
    let before = Logistic.exact(0.1, 1.5);
    integrator.set_state(0, 0, integrator.state(0, 0) + 0.5);
    integrator.restart(0, Some(0.02));
    integrator.set_stop(0, 3.0);
    assert_eq!(integrator.advance()[0], LaneOutcome::Accepted { from: 1.5, to: 1.52 });
    run_to_stop(&mut integrator, 0);
    assert!((integrator.state(0, 0) - Logistic.exact(before + 0.5, 1.5)).abs() < 1e-7);
}

#[test]
fn restarting_or_advancing_a_lane_at_rest_does_nothing() {
    let mut integrator = scalar(|y| -y, |_| -1.0);
    integrator.restart(0, Some(1.0));
    assert_eq!(integrator.advance()[0], LaneOutcome::Idle);
    integrator.start(0, 0.0, &[1.0], 9.0, None);
    integrator.advance();
    integrator.release(0);
    let (t, y) = (integrator.time(0), integrator.state(0, 0));
    assert_eq!(integrator.advance()[0], LaneOutcome::Idle);
    assert_eq!((integrator.time(0), integrator.state(0, 0)), (t, y));
}

#[test]
fn decayed_amounts_become_exactly_zero_and_never_subnormal() {
    let control = StepControl { h_max: 5.0, ..StepControl::default() };
    let mut integrator = scalar_with(|y| -y, |_| -1.0, control);
    integrator.start(0, 0.0, &[1.0], 1e4, None);
    let mut seen_zero = false;
    loop {
        let outcome = integrator.advance()[0];
        let y = integrator.state(0, 0);
        assert!(y == 0.0 || y.abs() >= 1e-280, "{y:e}");
        seen_zero |= y == 0.0;
        if matches!(outcome, LaneOutcome::Stopped { .. }) {
            break;
        }
    }
    assert!(seen_zero);
}

#[test]
fn a_floor_of_a_state_is_kept_to_that_state() {
    let control = StepControl { floor: vec![1e-3, 0.0, 0.0, 0.0, 0.0], ..StepControl::default() };
    let tolerances = Tolerances { relative: 1e-6, absolute: vec![1e-12; 5] };
    let mut integrator = Integrator::new(DecayChain.system(1), tolerances, control);
    integrator.start(0, 0.0, &DecayChain.start(), 0.2, None);
    run_to_stop(&mut integrator, 0);
    assert_eq!(integrator.state(0, 0), 0.0, "2e-9 is below the floor");
    assert!(integrator.state(0, 4) > 0.0 && integrator.state(0, 4) < 1e-3);
}

#[test]
fn an_endless_stop_is_allowed() {
    let mut integrator = scalar(|y| 1.0 - y, |_| -1.0);
    integrator.start(0, 0.0, &[0.0], f64::INFINITY, None);
    for _ in 0..100 {
        integrator.advance();
    }
    assert!(integrator.time(0) > 20.0);
    assert!((integrator.state(0, 0) - 1.0).abs() < 1e-5);
}

/// Counters of two runs at rtol 1e-6: more steps would be slower, fewer less exact.
#[test]
fn the_number_of_steps_stays_what_it_is() {
    let steps = |absolute: Vec<f64>, run: &dyn Fn(Tolerances) -> crate::Counters| {
        run(Tolerances { relative: 1e-6, absolute })
    };
    let hires = steps(vec![1e-10; 8], &|tolerances| {
        let mut integrator = Integrator::new(Hires.system(1), tolerances, StepControl::default());
        integrator.start(0, 0.0, &Hires.start(), Hires.end(), None);
        run_to_stop(&mut integrator, 0);
        integrator.counters(0)
    });
    let forced = steps(vec![1e-8; 2], &|tolerances| {
        let mut integrator = Integrator::new(Forced.system(1), tolerances, StepControl::default());
        integrator.start(0, 0.0, &Forced.start(), Forced.end(), None);
        run_to_stop(&mut integrator, 0);
        integrator.counters(0)
    });
    println!("{hires:?} {forced:?}");
    assert_eq!(hires.derivatives, 8 * hires.jacobians);
    assert_eq!(hires.jacobians, hires.accepted + hires.rejected);
    assert_eq!((hires.accepted, hires.rejected), (409, 4));
    assert_eq!((forced.accepted, forced.rejected), (25, 0));
}

#[test]
fn steps_roots_and_restarts_allocate_nothing() {
    let tolerances = Tolerances { relative: 1e-6, absolute: vec![1e-9; 3] };
    let system = Oscillators::new(&[0.0, 1.0, 5.0, f64::NAN]);
    let mut integrator = Integrator::new(system, tolerances, StepControl::default());
    let before = allocations();
    for lane in 0..4 {
        integrator.start(lane, 0.0, &[2.0, 0.0, 0.0], 100.0, None);
    }
    let mut out = [0.0; 3];
    let mut roots = 0;
    for _ in 0..500 {
        integrator.advance();
        for lane in 0..4 {
            if !integrator.changed_roots(lane).is_empty() {
                roots += 1;
                integrator.restart(lane, None);
            }
            integrator.interpolate(lane, integrator.time(lane), &mut out);
        }
    }
    assert!(roots > 20, "{roots} roots");
    assert_eq!(allocations(), before);
}
