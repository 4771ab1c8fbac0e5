//! The routines of a step, ready to run.

use regraft_ode::flops_of_attempt;
use regraft_ode::tableau::STAGES;
use regraft_tape::{Compiled, Engine, Routine};

use super::Setup;
use super::flow::SLOTS;
use super::live::{Known, Live};
use super::op::Tape;
use super::run::SINGLE;
use super::tapes::Tapes;

/// The routines of a step for rows of a fixed number of lanes; shared by all engines.
pub(crate) struct Routines {
    /// The states that are integrated, those that are not at rest, ascending: states of the routines are these.
    pub states: Vec<u32>,
    /// Slots that only stood in the rates beside states at rest.
    pub beside: Vec<u32>,
    pub begin: Compiled,
    pub stage: Compiled,
    /// Interpreted: for single lanes.
    pub derivatives: Compiled,
    pub roots: Compiled,
    pub outputs: Compiled,
    pub n_roots: usize,
    /// States that the root functions read.
    pub root_states: Vec<u32>,
    pub is_autonomous: bool,
    /// Where each slot stands that every lane would keep: its row, or marked [`SINGLE`] its place in memory that all
    /// lanes share, for what is one number in all of them.
    pub slots: Vec<u32>,
    /// Rows that every lane keeps.
    pub n_rows: usize,
    /// Memory of one lane at a time before any tape has run: constants and what the set-up makes of what is the same
    /// in all lanes, then those numbers in the order of their places.
    pub single: Vec<f64>,
    /// What depends on one lane's own parameters alone.
    pub setup: Setup,
    /// Lanes of an engine.
    pub width: usize,
    /// Rows of scratch that any of them needs.
    pub scratch_rows: usize,
}

/// What the set-up comes to where parameters are the same in all lanes.
pub(crate) struct Shared {
    /// The rows of lanes that hold one number in all lanes, ascending, with the number.
    pub numbers: Vec<(u32, f64)>,
    /// The rest of the set-up: what each lane has to compute for itself.
    pub setup: Tape,
    /// Memory of one lane at a time in which everything stands that this rest takes as known.
    pub single: Vec<f64>,
}

impl Routines {
    /// Prepares the routines of a program for `width` lanes. The states at rest are found by what is `known` of the
    /// whole call; they and what only serves them are left out.
    pub fn new(
        tapes: &Tapes,
        width: usize,
        engine: Engine,
        known: Known,
        Shared { mut numbers, setup, mut single }: Shared,
    ) -> Routines {
        let flow = tapes.flow.as_ref().expect("the routines of a step were asked for");
        let live = Live::new(flow, known);
        numbers.extend(live.idle_slots.iter().map(|&slot| (slot, 0.0)));
        let (slots, n_rows) = places(tapes, &numbers);
        let here = |routine: &Routine| routine.with_numbers(SLOTS, &numbers).with_rows(SLOTS, &slots);
        let compiled = |routine: &Routine| Compiled::new(&here(routine), width, engine);
        let (begin, stage) = (compiled(&live.begin), compiled(&live.stage));
        let (roots, outputs) = (compiled(&live.roots), compiled(&live.outputs));
        let interpreted = |routine: &Routine| {
            Compiled::new(&here(routine), width, Engine { machine_code: false, ..engine })
        };
        let derivatives = interpreted(&live.derivatives);
        let all = [&begin, &stage, &roots, &outputs, &derivatives];
        let scratch = all.map(|routine| routine.scratch_rows());
        single.extend(numbers.iter().map(|&(_, number)| number));
        Routines {
            begin,
            stage,
            derivatives,
            roots,
            outputs,
            n_roots: live.n_roots,
            root_states: live.root_states(),
            states: live.states,
            beside: live.beside,
            is_autonomous: flow.is_autonomous,
            n_rows,
            single,
            setup: Setup::new(setup),
            width,
            scratch_rows: scratch.into_iter().fold(0, usize::max),
            slots,
        }
    }

    /// What belongs to the states that are integrated, of something that belongs to each state.
    pub fn of_states(&self, all: &[f64]) -> Vec<f64> {
        self.states.iter().map(|&state| all[state as usize]).collect()
    }

    /// Floating-point operations of a step attempt in one lane.
    pub fn flops_of_attempt(&self) -> u64 {
        let later = (STAGES as u64 - 1) * self.stage.flops();
        self.begin.flops() + later + flops_of_attempt(self.states.len())
    }
}

/// The place of each slot, and the number of rows that are left.
fn places(tapes: &Tapes, numbers: &[(u32, f64)]) -> (Vec<u32>, usize) {
    let mut slots = vec![u32::MAX; tapes.n_rows];
    for (index, &(slot, _)) in numbers.iter().enumerate() {
        slots[slot as usize] = SINGLE | (tapes.n_single + index) as u32;
    }
    let mut n_rows = 0;
    for place in slots.iter_mut().filter(|place| **place == u32::MAX) {
        *place = n_rows;
        n_rows += 1;
    }
    (slots, n_rows as usize)
}
