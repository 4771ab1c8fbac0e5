//! What is asked for, how exactly, and who watches.

use regraft_model::{Found, Program};
use regraft_stats::Seed;
use regraft_tape::Engine;

use crate::error::SimError;
use crate::initial;
use crate::kernel::Tapes;
use crate::plan::Plan;

/// What is written down, and when.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outputs {
    /// Times, ascending, within the plan.
    pub times: Vec<f64>,
    /// What: states, parameters, observables.
    pub observables: Vec<Found>,
}

/// How the work is done. None but `seed` and the tolerances moves a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Root of all draws.
    pub seed: Seed,
    /// Relative tolerance, > 0: what a result may err by. A step may err by a part of it, see [`regraft_ode::AIM`].
    pub relative_tolerance: f64,
    /// Absolute tolerance, `[state]`, > 0; default [`default_absolute_tolerances`].
    pub absolute_tolerances: Option<Vec<f64>>,
    /// Size at which each state matters, `[state]`, 0 where unknown; used by the default tolerances.
    pub typical_sizes: Vec<f64>,
    /// Amounts below this are set to 0 after a step, `[state]`; empty for none.
    pub floors: Vec<f64>,
    /// Patients side by side on a thread, 1 to 1024; a multiple of 8 is fastest.
    pub lanes: usize,
    /// How the arithmetic is carried out; default the fastest of this machine.
    pub engine: Engine,
    /// Worker threads; `None` for as many as there are cores.
    pub threads: Option<usize>,
    /// Step attempts allowed per patient.
    pub max_steps: u64,
}

impl Options {
    /// Tolerance 1e-6, 32 lanes, all cores.
    pub fn new(seed: Seed) -> Options {
        Options {
            seed,
            relative_tolerance: 1e-6,
            absolute_tolerances: None,
            typical_sizes: Vec::new(),
            floors: Vec::new(),
            lanes: 32,
            engine: Engine::best(),
            threads: None,
            max_steps: 1_000_000,
        }
    }
}

/// Absolute tolerance per state: relative tolerance times the largest of
/// 10⁻² · 10⁻³, 10⁻² · [`Options::typical_sizes`], 10⁻² · |starting value| and, for a state that starts at 0, such as
/// a drug or what an infection leaves behind, 10⁻¹ · the largest amount the plan adds to it at a time (before factors)
/// or the largest |value| that an event would give it at the start.
///
/// Starting values are the program's own, without overrides and with draws at their middle, so that the
/// tolerances, and with them a patient's numbers, do not depend on the cohort; nor does a dose to come
/// change what happens before it.
///
/// 10⁻² as in the work-precision runs of the engine study, and as there ten times that for drugs: their decay to
/// nothing decided two of five steps. That takes 11 to 16 % of all attempts away, and no error of another state grows
/// (`docs/design/engine.md`). 10⁻³ chosen: a state of which nothing is known is followed to a thousandth of its unit,
/// times the factor above. Without the sizes of doses, drugs would be followed through twelve orders of magnitude:
/// half as many steps again for the same error. Without those of events it is 3 in 100 more, with one event a year.
///
/// # Errors
/// [`SimError::DrawInFlow`] if the program cannot be run at all.
pub fn default_absolute_tolerances(
    program: &Program,
    plan: &Plan,
    options: &Options,
) -> Result<Vec<f64>, SimError> {
    Ok(absolute_tolerances(&Tapes::new(program, &[], None)?, plan, options))
}

/// As [`default_absolute_tolerances`], for a program already compiled.
pub(crate) fn absolute_tolerances(tapes: &Tapes, plan: &Plan, options: &Options) -> Vec<f64> {
    let (starts, by_events) = initial::central_states(tapes);
    let doses = plan.largest_doses(starts.len());
    let of = |state: usize| {
        let declared = options.typical_sizes.get(state).copied().unwrap_or(0.0);
        let start = starts[state].abs();
        let added = if start == 0.0 { doses[state].max(by_events[state]) } else { 0.0 };
        let parts = [(SHARE, LEAST_SIZE), (SHARE, declared), (SHARE, start), (SHARE_OF_ADDED, added)];
        let tolerances = parts.map(|(share, size)| share * options.relative_tolerance * size);
        tolerances.into_iter().filter(|tolerance| tolerance.is_finite()).fold(0.0, f64::max)
    };
    (0..starts.len()).map(of).collect()
}

/// Absolute tolerance over relative tolerance and typical size.
const SHARE: f64 = 1e-2;
/// The same for a state that starts at 0 and decays again after what is added to it.
const SHARE_OF_ADDED: f64 = 1e-1;

/// Typical size of a state about which nothing is known, in its own unit.
const LEAST_SIZE: f64 = 1e-3;

/// Someone who watches a simulation and may stop it.
pub trait Watch: Sync {
    /// `n` more patients are done. Called from worker threads.
    fn patients_done(&self, n: usize);
    /// Whether to give up; asked every few steps.
    fn cancelled(&self) -> bool;
}

/// Nobody watches.
impl Watch for () {
    fn patients_done(&self, _n: usize) {}

    fn cancelled(&self) -> bool {
        false
    }
}
