//! The interpreter: a program's expressions, evaluated for all lanes at once or for one.
//!
//! Values live in slots, `[slot][lane]` with the lane fastest. First come the states, then time, then the
//! parameters, then constants and intermediate values. A [`Tape`] is a straight list of operations over
//! slots; [`Tapes`] holds one per purpose. What depends on parameters alone is computed when they change.

mod compile;
mod functions;
mod op;
mod run;
mod tapes;

use regraft_ode::lanes::run_lanes;
use regraft_ode::{SparsityPattern, System};

use crate::draws::{DrawSource, NoDraws};

pub(crate) use op::Tape;
pub(crate) use tapes::{EventTapes, Tapes};

/// The slots of one engine, with the tapes that fill them.
pub(crate) struct Kernel<'p> {
    tapes: &'p Tapes,
    lanes: usize,
    slots: Vec<f64>,
    /// States that may receive infusions.
    input_states: Vec<u32>,
    /// Sum of the running rates, `[input][lane]`.
    inputs: Vec<f64>,
}

impl<'p> Kernel<'p> {
    /// A kernel in which `input_states` may receive infusions.
    pub fn new(tapes: &'p Tapes, lanes: usize, input_states: Vec<u32>) -> Kernel<'p> {
        let mut slots = vec![0.0; tapes.n_slots * lanes];
        for &(slot, value) in &tapes.constants {
            slots[slot as usize * lanes..][..lanes].fill(value);
        }
        let inputs = vec![0.0; input_states.len() * lanes];
        Kernel { tapes, lanes, slots, input_states, inputs }
    }

    /// The tapes, independent of the kernel's own borrow.
    pub fn tapes(&self) -> &'p Tapes {
        self.tapes
    }

    /// Loads time and states of one lane.
    pub fn load(&mut self, lane: usize, t: f64, y: &[f64]) {
        for (state, &value) in y.iter().enumerate() {
            self.slots[state * self.lanes + lane] = value;
        }
        self.slots[self.tapes.time_slot * self.lanes + lane] = t;
    }

    /// Sets a parameter of one lane; [`refresh`](Self::refresh) before the next evaluation.
    pub fn set_parameter(&mut self, lane: usize, parameter: u32, value: f64) {
        let slot = self.tapes.parameter_slot + parameter as usize;
        self.slots[slot * self.lanes + lane] = value;
    }

    /// Value of a parameter in one lane.
    pub fn parameter(&self, lane: usize, parameter: u32) -> f64 {
        self.slots[(self.tapes.parameter_slot + parameter as usize) * self.lanes + lane]
    }

    /// Computes what depends on one lane's parameters alone.
    pub fn refresh(&mut self, lane: usize) {
        self.run_lane(&self.tapes.setup, lane, &mut NoDraws);
    }

    /// Runs a tape for one lane.
    pub fn run_lane(&mut self, tape: &Tape, lane: usize, draws: &mut dyn DrawSource) {
        let mut window = run::Window::one(&mut self.slots, self.lanes, lane);
        run::run(&tape.ops, &mut window, draws);
    }

    /// Value of a slot in one lane.
    pub fn value(&self, lane: usize, slot: u32) -> f64 {
        self.slots[slot as usize * self.lanes + lane]
    }

    /// Sets the infusion rate into a state of one lane.
    pub fn set_input(&mut self, lane: usize, state: u32, rate: f64) {
        if let Some(input) = self.input_states.iter().position(|&other| other == state) {
            self.inputs[input * self.lanes + lane] = rate;
        }
    }

    /// Runs a tape for all lanes at their `t` and `y`.
    fn run_all(&mut self, tape: &Tape, t: &[f64], y: &[f64]) {
        self.slots[..y.len()].copy_from_slice(y);
        self.slots[self.tapes.time_slot * self.lanes..][..self.lanes].copy_from_slice(t);
        run_lanes(self.lanes, run::AllLanes { ops: &tape.ops, slots: &mut self.slots, lanes: self.lanes });
    }

    /// Copies slots, one row of `out` each.
    fn gather(&self, slots: &[u32], out: &mut [f64]) {
        for (row, &slot) in out.chunks_exact_mut(self.lanes).zip(slots) {
            row.copy_from_slice(&self.slots[slot as usize * self.lanes..][..self.lanes]);
        }
    }

    fn add_inputs(&self, dy: &mut [f64]) {
        for (&state, rates) in self.input_states.iter().zip(self.inputs.chunks_exact(self.lanes)) {
            let row = &mut dy[state as usize * self.lanes..][..self.lanes];
            row.iter_mut().zip(rates).for_each(|(rate, input)| *rate += input);
        }
    }
}

impl System for Kernel<'_> {
    fn n_states(&self) -> usize {
        self.tapes.n_states
    }

    fn lanes(&self) -> usize {
        self.lanes
    }

    fn pattern(&self) -> &SparsityPattern {
        &self.tapes.pattern
    }

    fn derivatives(&mut self, t: &[f64], y: &[f64], dy: &mut [f64]) {
        let tapes = self.tapes;
        self.run_all(&tapes.flow, t, y);
        self.gather(&tapes.flow.results, dy);
        self.add_inputs(dy);
    }

    fn derivatives_and_jacobian(
        &mut self,
        t: &[f64],
        y: &[f64],
        dy: &mut [f64],
        jacobian: &mut [f64],
        dfdt: &mut [f64],
    ) {
        let tapes = self.tapes;
        self.run_all(&tapes.flow_and_jacobian, t, y);
        let (derivatives, rest) = tapes.flow_and_jacobian.results.split_at(tapes.n_states);
        let (entries, by_time) = rest.split_at(tapes.pattern.rows.len());
        self.gather(derivatives, dy);
        self.gather(entries, jacobian);
        self.gather(by_time, dfdt);
        self.add_inputs(dy);
    }

    fn n_roots(&self) -> usize {
        self.tapes.roots.results.len()
    }

    fn roots(&mut self, t: &[f64], y: &[f64], g: &mut [f64]) {
        let tapes = self.tapes;
        self.run_all(&tapes.roots, t, y);
        self.gather(&tapes.roots.results, g);
    }
}

#[cfg(test)]
mod tests;
