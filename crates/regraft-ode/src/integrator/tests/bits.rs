//! A lane's bits do not depend on the number of lanes, its place, or its neighbors.

use super::oscillators::Oscillators;
use crate::outcome::{Counters, LaneOutcome};
use crate::{Factored, Integrator, StepControl, Tolerances, Work};

/// One patient: damping, start, stops on the way, first step.
#[derive(Clone, Copy)]
struct Patient {
    damping: f64,
    start: f64,
    y: [f64; 3],
    hint: Option<f64>,
}

fn patient(number: usize) -> Patient {
    let spread = (number * 37 % 23) as f64;
    Patient {
        damping: 0.1 * spread * spread,
        start: -0.3 * spread,
        y: [2.0 - 0.05 * spread, 0.1 * spread, 0.0],
        hint: number.is_multiple_of(3).then_some(0.01),
    }
}

/// What is compared: bits of times and states at stops, roots and a point within each step.
type Record = (Vec<u64>, Counters);

/// Runs patients through `lanes` lanes, each lane taking the next patient as soon as it is
/// free; `first` only at first, so that starts are ragged.
fn run(lanes: usize, patients: &[Patient]) -> Vec<Option<Record>> {
    run_with(integrator(lanes), patients, &mut Work::default(), |_, _| {})
}

fn integrator(lanes: usize) -> Integrator<Factored<Oscillators>> {
    let tolerances = Tolerances { relative: 1e-5, absolute: vec![1e-8; 3] };
    Integrator::new(Oscillators::new(&vec![0.0; lanes]), tolerances, StepControl::default())
}

/// The same; `between` is called before each round.
fn run_with(
    mut integrator: Integrator<Factored<Oscillators>>,
    patients: &[Patient],
    work: &mut Work,
    mut between: impl FnMut(&mut Integrator<Factored<Oscillators>>, &mut Work),
) -> Vec<Option<Record>> {
    let lanes = integrator.lanes();
    let mut records: Vec<Option<Record>> = vec![Some(Default::default()); patients.len()];
    let mut seated: Vec<Option<usize>> = vec![None; lanes];
    let mut waiting = 0..patients.len();
    let mut rounds = 0;
    loop {
        for lane in 0..lanes {
            // One lane is filled per round at the start: no two begin together.
            if seated[lane].is_none() && lane <= rounds {
                seated[lane] = waiting.next();
                if let Some(number) = seated[lane] {
                    let Patient { damping, start, y, hint } = patients[number];
                    integrator.system.equations.damping[lane] = damping;
                    integrator.start(lane, start, &y, start + 4.0, hint);
                }
            }
        }
        if rounds >= lanes && seated.iter().all(Option::is_none) {
            return records;
        }
        rounds += 1;
        between(&mut integrator, work);
        integrator.advance();
        for lane in 0..lanes {
            if let Some(number) = seated[lane]
                && follow(&mut integrator, lane, &patients[number], &mut records[number])
            {
                seated[lane] = None;
            }
        }
    }
}

/// Notes the outcome of a lane; gives a dose at the first stop; whether the patient is done.
fn follow(
    integrator: &mut Integrator<Factored<Oscillators>>,
    lane: usize,
    patient: &Patient,
    record: &mut Option<Record>,
) -> bool {
    let outcome = integrator.outcome(lane);
    let (from, to) = match outcome {
        LaneOutcome::Failed { .. } => {
            *record = None;
            return true;
        }
        LaneOutcome::Accepted { from, to }
        | LaneOutcome::Stopped { from, to }
        | LaneOutcome::Root { from, to } => (from, to),
        LaneOutcome::Idle | LaneOutcome::Rejected => return false,
    };
    let Some((bits, counters)) = record else { return true };
    let mut y = [0.0; 3];
    integrator.interpolate(lane, from + 0.3 * (to - from), &mut y);
    bits.push(to.to_bits());
    bits.extend(y.map(f64::to_bits));
    integrator.copy_state(lane, &mut y);
    bits.extend(y.map(f64::to_bits));
    bits.extend(integrator.changed_roots(lane).iter().map(|&root| u64::from(root)));
    if !matches!(outcome, LaneOutcome::Stopped { .. }) {
        return false;
    }
    if to < patient.start + 5.0 {
        integrator.set_state(lane, 0, integrator.state(lane, 0) + 1.0);
        integrator.restart(lane, patient.hint);
        integrator.set_stop(lane, patient.start + 9.0);
        return false;
    }
    *counters = integrator.counters(lane);
    integrator.release(lane);
    true
}

#[test]
fn bits_are_the_same_for_1_4_8_16_and_32_lanes_with_ragged_starts() {
    let patients: Vec<Patient> = (0..40).map(patient).collect();
    let alone = run(1, &patients);
    assert!(alone.iter().all(Option::is_some));
    let steps: u64 = alone.iter().flatten().map(|(_, counters)| counters.accepted).sum();
    assert!(steps > 1000, "the test integrates something: {steps} steps");
    for lanes in [3, 4, 8, 16, 32, 40] {
        assert_eq!(run(lanes, &patients), alone, "{lanes} lanes");
    }
}

#[test]
fn bits_do_not_depend_on_whose_working_memory_it_is() {
    let patients: Vec<Patient> = (0..20).map(patient).collect();
    let mut work = Work::default();
    integrator(8).swap_work(&mut work);
    // Two memories in turn: each round begins with what another one has left there.
    let swapped = run_with(integrator(8), &patients, &mut work, Integrator::swap_work);
    assert_eq!(swapped, run(8, &patients));
}

#[test]
fn bits_do_not_depend_on_who_is_beside() {
    let patients: Vec<Patient> = (0..32).map(patient).collect();
    let mut reversed = patients.clone();
    reversed.reverse();
    let mut backward = run(8, &reversed);
    backward.reverse();
    assert_eq!(run(8, &patients), backward);
}

#[test]
fn a_failing_neighbor_changes_nothing_but_itself() {
    let sound: Vec<Patient> = (0..32).map(patient).collect();
    let mut mixed = sound.clone();
    for number in (0..32).step_by(3) {
        match number % 4 {
            0 => mixed[number].damping = f64::NAN,
            1 => mixed[number].damping = f64::INFINITY,
            2 => mixed[number].y[1] = 1e300,
            _ => mixed[number].y[0] = f64::NAN,
        }
    }
    for lanes in [4, 16, 32] {
        let (with, without) = (run(lanes, &mixed), run(lanes, &sound));
        for number in 0..32 {
            match number % 3 {
                0 => assert!(with[number].is_none(), "patient {number} fails"),
                _ => assert_eq!(with[number], without[number], "patient {number}, {lanes} lanes"),
            }
        }
    }
}
