//! Starting values: the program's list, in order, with a patient's overrides in place.

use regraft_model::Target;

use crate::draws::{DrawSource, Middle, Once};
use crate::kernel::{Kernel, Tapes};

/// Computes the starting values of one lane into `y` and the lane's parameters.
///
/// An override replaces the entry it names; entries after it that refer to it follow. A draw that
/// several entries share is made once.
pub(crate) fn start_values(
    kernel: &mut Kernel,
    lane: usize,
    t: f64,
    overrides: &[(Target, f64)],
    draws: &mut dyn DrawSource,
    y: &mut [f64],
) {
    let tapes = kernel.tapes();
    let mut draws = Once::new(draws);
    y.fill(0.0);
    kernel.load(t, y);
    for entry in &tapes.initial {
        let given = overrides.iter().rev().find(|(target, _)| *target == entry.target);
        let value = match given {
            Some(&(_, value)) => value,
            None => {
                kernel.run_lane(&entry.value, lane, &mut draws);
                kernel.value(lane, entry.value.results[0])
            }
        };
        match entry.target {
            Target::State(state) => {
                y[state as usize] = value;
                kernel.load_state(state, value);
            }
            Target::Parameter(parameter) => kernel.set_parameter(lane, parameter, value),
        }
    }
}

/// The program's own starting states, `[state]`, without overrides and with draws at their middle.
pub(crate) fn central_states(tapes: &Tapes) -> Vec<f64> {
    let mut y = vec![0.0; tapes.n_states];
    start_values(&mut Kernel::standing(tapes, 1), 0, 0.0, &[], &mut Middle, &mut y);
    y
}
