//! The routines of a step for the states that are not at rest.
//!
//! A state is at rest where it is 0 in every patient of a call and nothing can change that: no dose, no event, and
//! with all such states at 0 its rate is 0 whatever the other states are. The order of elimination and what is fused
//! are those of the whole model. So what is left is computed as in the whole model, operation by operation, and which
//! states are at rest moves no bit.

use regraft_ode::system::control_row;
use regraft_ode::tableau::STAGES;
use regraft_tape::{Instruction, Place, Routine, Settled};
use rustc_hash::FxHashMap as HashMap;

use super::flow::{CONTROL, Flow, RESULTS, SLOTS, STATES};

/// What is known of a call before any patient is looked at, in terms of the routines.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known<'a> {
    /// States that begin at 0 and that nothing sets.
    pub still: &'a [u32],
    /// Slots with one number in all lanes, with the number.
    pub slots: &'a [(u32, f64)],
}

/// A step without the states at rest. Rows of states, and of what is computed for them, are those of `states`.
pub(super) struct Live {
    /// The states that are integrated, ascending.
    pub states: Vec<u32>,
    pub begin: Routine,
    pub stage: Routine,
    pub derivatives: Routine,
    pub roots: Routine,
    pub n_roots: usize,
    pub outputs: Routine,
    /// Slots that only stood in the rates beside states at rest, ascending. Were one infinite, the rates would be no
    /// numbers where they are written out.
    pub beside: Vec<u32>,
    /// Slots that no routine speaks of any more.
    pub idle_slots: Vec<u32>,
}

impl Live {
    /// Finds the states at rest and takes them out of the routines.
    pub fn new(flow: &Flow, known: Known) -> Live {
        let n = flow.live_slots.len();
        let mut rests = Rests { flow, slots: known.slots.iter().copied().collect(), at_rest: vec![false; n] };
        known.still.iter().for_each(|&state| rests.at_rest[state as usize] = true);
        // All that could be at rest, until none of them is moved by anything but the others.
        loop {
            let (begin, stage) = rests.step();
            let woken: Vec<usize> = rests.woken(&begin).chain(rests.woken(&stage)).collect();
            if woken.is_empty() {
                return rests.live(&begin, &stage);
            }
            woken.into_iter().for_each(|state| rests.at_rest[state] = false);
        }
    }

    /// States that the root functions read, ascending, by their rows.
    pub fn root_states(&self) -> Vec<u32> {
        loaded(&self.roots, STATES)
    }
}

/// The rows of a bank that a routine reads, ascending.
fn loaded(routine: &Routine, bank: u8) -> Vec<u32> {
    let read = |instruction: &Instruction| match instruction {
        Instruction::Load(place) if place.bank == bank => Some(place.row),
        _ => None,
    };
    let mut rows: Vec<u32> = routine.instructions().iter().filter_map(read).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// The states that may be at rest, as far as is known.
struct Rests<'f> {
    flow: &'f Flow,
    slots: HashMap<u32, f64>,
    /// `[state]`
    at_rest: Vec<bool>,
}

impl Rests<'_> {
    /// What is known of a place at the beginning of a step.
    fn known(&self, place: Place) -> Option<f64> {
        match place.bank {
            STATES => self.at_rest[place.row as usize].then_some(0.0),
            SLOTS if self.flow.live_slots.contains(&place.row) => {
                let counts = !self.at_rest[(place.row - self.flow.live_slots.start) as usize];
                Some(f64::from(u8::from(counts)))
            }
            SLOTS => self.slots.get(&place.row).copied(),
            _ => None,
        }
    }

    /// The first stage, and a later one given what is known of the factors from the first.
    fn step(&self) -> (Settled, Settled) {
        let begin = self.flow.begin.settle(|place| self.known(place));
        let factor =
            |(place, number): (Place, Option<f64>)| (place.bank == SLOTS).then_some((place, number?));
        let factors: HashMap<Place, f64> = begin.stores().filter_map(factor).collect();
        let stage = self.flow.stage.settle(|place| match place.bank {
            RESULTS => self.at_rest[place.row as usize / STAGES].then_some(0.0),
            _ => self.known(place).or_else(|| factors.get(&place).copied()),
        });
        (begin, stage)
    }

    /// States taken to be at rest that a stage may move.
    fn woken(&self, stage: &Settled) -> impl Iterator<Item = usize> {
        let moved = |(place, number): (Place, Option<f64>)| {
            (place.bank == RESULTS && number != Some(0.0)).then_some(place.row as usize / STAGES)
        };
        stage.stores().filter_map(moved).filter(|&state| self.at_rest[state])
    }

    /// Whether each result depends on time or a state that is not at rest, `[result]`.
    fn moving(&self, routine: &Routine) -> Vec<bool> {
        let mut results = vec![false; routine.rows()[RESULTS as usize]];
        let mut moves = Vec::with_capacity(routine.instructions().len());
        for instruction in routine.instructions() {
            let by_arguments = instruction.arguments().iter().any(|&value| moves[value as usize]);
            moves.push(match *instruction {
                Instruction::Load(Place { bank: STATES, row }) => !self.at_rest[row as usize],
                Instruction::Load(place) => place.bank == CONTROL,
                _ => by_arguments,
            });
            if let Instruction::Store(place, _) = *instruction {
                results[place.row as usize] = by_arguments;
            }
        }
        results
    }

    fn live(&self, begin: &Settled, stage: &Settled) -> Live {
        let n = self.at_rest.len();
        let of_live = |place: Place| place.bank != RESULTS || !self.at_rest[place.row as usize / STAGES];
        let stage = stage.routine(of_live);
        let used = loaded(&stage, SLOTS);
        let begin = begin.routine(|place| match place.bank {
            SLOTS => used.binary_search(&place.row).is_ok(),
            CONTROL if place.row as usize >= control_row::BY_TIME => {
                !self.at_rest[place.row as usize - control_row::BY_TIME]
            }
            _ => of_live(place),
        });
        let derivatives = self.flow.derivatives.settle(|place| self.known(place));
        let derivatives =
            derivatives.routine(|place| place.bank != RESULTS || !self.at_rest[place.row as usize]);
        let zeros: Vec<(u32, f64)> = (0..n).filter(|&s| self.at_rest[s]).map(|s| (s as u32, 0.0)).collect();
        let still_there = loaded(&derivatives, SLOTS);
        let mut beside = loaded(&self.flow.derivatives, SLOTS);
        beside.retain(|slot| still_there.binary_search(slot).is_err() && !self.slots.contains_key(slot));
        let rows = Rows::new(&self.at_rest);
        let idle_factors = self.flow.factor_slots.clone().filter(|slot| used.binary_search(slot).is_err());
        // A root function of parameters and states at rest alone changes its sign when one of them is set, and then
        // nothing looks for it in a step. One that moves cuts the step, whether its event may happen or not.
        let is_looked_at = self.moving(&self.flow.roots);
        let roots = self.flow.roots.storing(|place| is_looked_at[place.row as usize]);
        let (n_roots, root_rows) = numbered(&is_looked_at);
        Live {
            states: (0..n as u32).filter(|&state| !self.at_rest[state as usize]).collect(),
            begin: rows.of_stage(&begin),
            stage: rows.of_stage(&stage),
            derivatives: derivatives.with_rows(STATES, &rows.states).with_rows(RESULTS, &rows.states),
            // What is looked at, not integrated, is computed as it is written, 0 divided by 0 included.
            roots: roots
                .with_numbers(STATES, &zeros)
                .with_rows(STATES, &rows.states)
                .with_rows(RESULTS, &root_rows),
            n_roots,
            outputs: self.flow.outputs.with_numbers(STATES, &zeros).with_rows(STATES, &rows.states),
            beside,
            idle_slots: self.flow.live_slots.clone().chain(idle_factors).collect(),
        }
    }
}

/// How many are kept, and a new row for each that is.
fn numbered(is_kept: &[bool]) -> (usize, Vec<u32>) {
    let mut next = 0;
    let mut row = |&is_kept: &bool| {
        next += u32::from(is_kept);
        if is_kept { next - 1 } else { u32::MAX }
    };
    let rows = is_kept.iter().map(&mut row).collect();
    (next as usize, rows)
}

/// New rows of the states, of their k and of what belongs to them in the control block.
struct Rows {
    states: Vec<u32>,
    stages: Vec<u32>,
    control: Vec<u32>,
}

impl Rows {
    fn new(at_rest: &[bool]) -> Rows {
        let is_live: Vec<bool> = at_rest.iter().map(|at_rest| !at_rest).collect();
        let (_, states) = numbered(&is_live);
        let stages = |&state: &u32| {
            (0..STAGES as u32).map(move |stage| state.wrapping_mul(STAGES as u32).wrapping_add(stage))
        };
        let by_time = |&state: &u32| state.wrapping_add(control_row::BY_TIME as u32);
        Rows {
            stages: states.iter().flat_map(stages).collect(),
            control: (0..control_row::BY_TIME as u32).chain(states.iter().map(by_time)).collect(),
            states,
        }
    }

    fn of_stage(&self, routine: &Routine) -> Routine {
        let routine = routine.with_rows(STATES, &self.states).with_rows(RESULTS, &self.stages);
        routine.with_rows(CONTROL, &self.control)
    }
}
