//! The integrator: control of the step, roots, dense output, order, and lanes that do not
//! notice each other.

mod bits;
mod control;
mod order;
mod oscillators;
mod roots;

use super::Integrator;
use crate::outcome::LaneOutcome;
use crate::system::System;

/// Advances until `lane` stops; panics if it fails or meets a root.
fn run_to_stop<S: System>(integrator: &mut Integrator<S>, lane: usize) {
    loop {
        match integrator.advance()[lane] {
            LaneOutcome::Stopped { .. } => return,
            LaneOutcome::Accepted { .. } | LaneOutcome::Rejected => {}
            other => panic!("lane {lane}: {other:?}"),
        }
    }
}
