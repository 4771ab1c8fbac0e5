//! One patient at one moment: what can be read and what can be changed.

use regraft_model::Target;

use crate::draws::{DrawSource, NoDraws};
use crate::kernel::{Kernel, Tape};

/// One lane's time, states and parameters, with time standing still.
pub(crate) struct Scene<'s, 'p> {
    kernel: &'s mut Kernel<'p>,
    lane: usize,
    t: f64,
    y: &'s mut [f64],
    loaded: bool,
    refreshed: bool,
    touched: bool,
}

impl<'s, 'p> Scene<'s, 'p> {
    /// A lane at time `t` with states `y`; its parameters are those in the kernel.
    pub fn new(kernel: &'s mut Kernel<'p>, lane: usize, t: f64, y: &'s mut [f64]) -> Self {
        Scene { kernel, lane, t, y, loaded: false, refreshed: true, touched: false }
    }

    /// The moment.
    pub fn t(&self) -> f64 {
        self.t
    }

    /// Whether the future has changed since the scene began.
    pub fn touched(&self) -> bool {
        self.touched
    }

    /// Runs a tape here; its results can be had with [`result`](Self::result) until the next run.
    pub fn run(&mut self, tape: &Tape, draws: &mut dyn DrawSource) {
        self.sync();
        self.kernel.run_lane(tape, self.lane, draws);
    }

    /// A result of a tape that was run.
    pub fn result(&self, slot: u32) -> f64 {
        self.kernel.value(self.lane, slot)
    }

    /// The only result of a tape without draws.
    pub fn value(&mut self, tape: &Tape) -> f64 {
        self.run(tape, &mut NoDraws);
        self.result(tape.results[0])
    }

    /// Whether an observable holds: is neither 0 nor NaN.
    pub fn holds(&mut self, observable: u32) -> bool {
        let value = self.value(&self.kernel.tapes().observables[observable as usize]);
        value != 0.0 && !value.is_nan()
    }

    /// Writes what was asked for, `[observable]`.
    pub fn write_outputs(&mut self, values: &mut [f64]) {
        let tape = &self.kernel.tapes().outputs;
        self.run(tape, &mut NoDraws);
        for (value, &slot) in values.iter_mut().zip(&tape.results) {
            *value = self.result(slot);
        }
    }

    /// Present value of a state or parameter.
    pub fn get(&self, target: Target) -> f64 {
        match target {
            Target::State(state) => self.y[state as usize],
            Target::Parameter(parameter) => self.kernel.parameter(self.lane, parameter),
        }
    }

    /// Sets a state or parameter.
    pub fn set(&mut self, target: Target, value: f64) {
        match target {
            Target::State(state) => {
                self.y[state as usize] = value;
                self.loaded = false;
            }
            Target::Parameter(parameter) => {
                self.refreshed &= !self.kernel.change_parameter(self.lane, parameter, value);
            }
        }
        self.touched = true;
    }

    /// Sets the rate at which a state is infused.
    pub fn set_input(&mut self, state: u32, rate: f64) {
        self.kernel.set_input(self.lane, state, rate);
        self.touched = true;
    }

    /// Brings the kernel up to date with what was set. Call it before the scene is left.
    pub fn sync(&mut self) {
        if !self.refreshed {
            self.kernel.renew(self.lane);
            self.refreshed = true;
        }
        if !self.loaded {
            self.kernel.load(self.t, self.y);
            self.loaded = true;
        }
    }
}
