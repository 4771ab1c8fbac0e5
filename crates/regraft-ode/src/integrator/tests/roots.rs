//! Roots: their time, the earliest, ties, signs afterward.

use super::oscillators::Oscillators;
use crate::outcome::LaneOutcome;
use crate::{Factored, Integrator, StepControl, Tolerances};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_3, PI};

/// Undamped oscillators x = cos(t − phase) in as many lanes as phases, with exactness 1e-10.
fn cosines(phases: &[f64], end: f64) -> Integrator<Factored<Oscillators>> {
    let tolerances = Tolerances { relative: 1e-10, absolute: vec![1e-12; 3] };
    let system = Oscillators::new(&vec![0.0; phases.len()]);
    let mut integrator = Integrator::new(system, tolerances, StepControl::default());
    for (lane, phase) in phases.iter().enumerate() {
        integrator.start(lane, 0.0, &[(-phase).cos(), -(-phase).sin(), 0.0], end, None);
    }
    integrator
}

/// Time and functions of every root of lane 0 until its stop.
fn all_roots(integrator: &mut Integrator<Factored<Oscillators>>, lane: usize) -> Vec<(f64, Vec<u32>)> {
    let mut found = Vec::new();
    loop {
        match integrator.advance()[lane] {
            LaneOutcome::Root { to, .. } => found.push((to, integrator.changed_roots(lane).to_vec())),
            LaneOutcome::Stopped { .. } => return found,
            LaneOutcome::Failed { failure, .. } => panic!("{failure}"),
            _ => {}
        }
    }
}

#[test]
fn every_crossing_is_found_once_in_order_with_ties_together() {
    // Starts at x = cos 0.2, v = −sin(−0.2) > 0: v crosses at 0.2, then x at 0.5, 0, …
    let phase = 0.2;
    let mut integrator = cosines(&[phase], phase + 6.0);
    let found = all_roots(&mut integrator, 0);
    let expected = [
        (0.0, vec![2]),
        (FRAC_PI_3, vec![1]),
        (FRAC_PI_2, vec![0, 3]),
        (PI, vec![2]),
        (1.5 * PI, vec![0, 3]),
        (2.0 * PI - FRAC_PI_3, vec![1]),
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for ((t, roots), (after, expected)) in found.iter().zip(expected) {
        assert_eq!(*roots, expected, "at {t}");
        assert!((t - phase - after).abs() < 1e-8, "at {t}, expected {}", phase + after);
    }
}

#[test]
fn the_state_lies_just_after_the_change() {
    let mut integrator = cosines(&[0.2], 2.0);
    loop {
        integrator.advance();
        match integrator.outcome(0) {
            LaneOutcome::Root { from, to } if integrator.changed_roots(0) == [1] => {
                let beyond = 0.5 - integrator.state(0, 0);
                assert!(beyond > 0.0 && beyond < 1e-11, "0.5 − x = {beyond:e}");
                assert!(integrator.root_is_positive(0, 1));
                assert_eq!(integrator.time(0), to);
                assert!(from < to);
                assert_eq!(integrator.interpolate_state(0, to, 0), integrator.state(0, 0));
                return;
            }
            LaneOutcome::Stopped { .. } => panic!("the root was missed"),
            _ => {}
        }
    }
}

#[test]
fn many_lanes_search_at_once_and_find_their_own_roots() {
    let phases: Vec<f64> = (0..16).map(|lane| 0.05 + 0.06 * f64::from(lane)).collect();
    let mut together = cosines(&phases, 6.0);
    let mut found = vec![Vec::new(); 16];
    while (0..16).any(|lane| together.is_active(lane)) {
        together.advance();
        for lane in 0..16 {
            match together.outcome(lane) {
                LaneOutcome::Root { to, .. } => found[lane].push((to, together.changed_roots(lane).to_vec())),
                LaneOutcome::Stopped { .. } => together.release(lane),
                LaneOutcome::Failed { failure, .. } => panic!("{failure}"),
                _ => {}
            }
        }
    }
    for (lane, &phase) in phases.iter().enumerate() {
        assert_eq!(found[lane], all_roots(&mut cosines(&[phase], 6.0), 0), "lane {lane}");
    }
}

#[test]
fn a_change_by_the_caller_is_no_root() {
    let mut integrator = cosines(&[0.0], 0.3);
    while !matches!(integrator.advance()[0], LaneOutcome::Stopped { .. }) {}
    integrator.set_state(0, 0, -1.0);
    integrator.set_state(0, 1, -0.1);
    integrator.restart(0, None);
    integrator.set_stop(0, 0.31);
    assert_eq!(all_roots(&mut integrator, 0), []);
    assert!(!integrator.root_is_positive(0, 0) && integrator.root_is_positive(0, 1));
}

#[test]
fn a_function_that_starts_at_zero_and_rises_is_a_root_at_once() {
    let mut integrator = cosines(&[FRAC_PI_2], 1.0);
    // x = 0 exactly, rising.
    integrator.set_state(0, 0, 0.0);
    let found = all_roots(&mut integrator, 0);
    assert_eq!(found[0].1, [0, 3]);
    assert!(found[0].0 > 0.0 && found[0].0 < 1e-11, "{found:?}");
}

#[test]
fn a_stop_just_after_a_root_is_still_met() {
    let mut integrator = cosines(&[0.2], 0.2 + FRAC_PI_2 + 1e-9);
    let found = all_roots(&mut integrator, 0);
    assert_eq!(found.last().map(|root| root.1.clone()), Some(vec![0, 3]));
    assert_eq!(integrator.time(0), 0.2 + FRAC_PI_2 + 1e-9);
}

#[test]
fn few_evaluations_are_needed() {
    // One lane, one smooth root: the secant closes in long before bisection would.
    let mut integrator = cosines(&[0.2], 3.0);
    let rounds = loop {
        if matches!(integrator.advance()[0], LaneOutcome::Root { .. }) {
            break integrator.locator.rounds();
        }
    };
    assert!(rounds <= 12, "{rounds} rounds");
}
