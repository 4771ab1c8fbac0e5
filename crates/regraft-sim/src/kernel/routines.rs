//! The routines of a step, ready to run.

use regraft_ode::flops_of_attempt;
use regraft_ode::tableau::STAGES;
use regraft_tape::{Compiled, Engine, Routine};

use super::flow::{Flow, SLOTS};

/// The routines of a step for rows of a fixed number of lanes; shared by all engines.
pub(crate) struct Routines {
    pub begin: Compiled,
    pub stage: Compiled,
    /// Interpreted: for single lanes.
    pub derivatives: Compiled,
    pub roots: Compiled,
    /// The same, interpreted: for single lanes.
    pub roots_of_lane: Compiled,
    pub outputs: Compiled,
    pub n_roots: usize,
    /// States that the root functions read.
    pub root_states: Vec<u32>,
    pub is_autonomous: bool,
    /// Lanes of an engine.
    pub width: usize,
    /// Rows of scratch that any of them needs.
    pub scratch_rows: usize,
}

impl Routines {
    /// Prepares the routines of `flow` for `width` lanes. `numbers` are the rows of slots with one number in all
    /// lanes, and the number.
    pub fn new(
        flow: &Flow,
        n_roots: usize,
        width: usize,
        engine: Engine,
        numbers: &[(u32, f64)],
    ) -> Routines {
        let compiled =
            |routine: &Routine| Compiled::new(&routine.with_numbers(SLOTS, numbers), width, engine);
        let (begin, stage) = (compiled(&flow.begin), compiled(&flow.stage));
        let (roots, outputs) = (compiled(&flow.roots), compiled(&flow.outputs));
        let interpreted = |routine| Compiled::new(routine, width, Engine { machine_code: false, ..engine });
        let (derivatives, roots_of_lane) = (interpreted(&flow.derivatives), interpreted(&flow.roots));
        let all = [&begin, &stage, &roots, &outputs, &derivatives, &roots_of_lane];
        let scratch = all.map(|routine| routine.scratch_rows());
        Routines {
            begin,
            stage,
            derivatives,
            roots,
            roots_of_lane,
            outputs,
            n_roots,
            root_states: flow.root_states(),
            is_autonomous: flow.is_autonomous,
            width,
            scratch_rows: scratch.into_iter().fold(0, usize::max),
        }
    }

    /// Floating-point operations of a step attempt in one lane.
    pub fn flops_of_attempt(&self, n_states: usize) -> u64 {
        let later = (STAGES as u64 - 1) * self.stage.flops();
        self.begin.flops() + later + flops_of_attempt(n_states)
    }
}
