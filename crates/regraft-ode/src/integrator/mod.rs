//! The integrator: every lane with its own time, step, stop and roots.

mod advance;
mod begin;
mod dense;
mod lane;
mod locate;

use crate::control::{StepControl, Tolerances};
use crate::lanes::Rows;
use crate::outcome::{Counters, LaneOutcome};
use crate::step::Step;
use crate::system::System;
use crate::tableau::{STAGES, dense_weights};
use dense::DenseOutput;
use lane::{Lane, Phase};
use locate::Locator;

/// Steps a [`System`] through time, each lane for itself.
///
/// A lane is at rest until [`start`](Integrator::start), then takes one step attempt in each
/// [`advance`](Integrator::advance) until it is released or fails. No lane waits for another.
pub struct Integrator<S: System> {
    /// What is integrated. Parameters of a lane may be changed between calls of `advance`;
    /// tell the integrator by [`restart`](Integrator::restart).
    pub system: S,
    control: StepControl,
    n: usize,
    n_lanes: usize,
    lanes: Vec<Lane>,
    /// Present time, `[lane]`.
    t: Rows,
    /// Present state, `[state][lane]`.
    y: Rows,
    /// State at the start of the last step, `[state][lane]`.
    y_from: Rows,
    /// 1 where the last step was accepted, else 0, `[lane]`.
    accepted: Rows,
    step: Step,
    locator: Locator,
    dense: DenseOutput,
    /// Time and state at which something is tried or wanted, `[lane]` and `[state][lane]`.
    trial_time: Rows,
    trial: Rows,
    outcomes: Vec<LaneOutcome>,
}

/// Memory of an integrator that nothing is kept in from one [`advance`](Integrator::advance) to the next: integrators
/// of one size that take turns need it once. See [`swap_work`](Integrator::swap_work).
#[derive(Default)]
pub struct Work {
    y_from: Rows,
    step: Step,
    dense: DenseOutput,
    trial_time: Rows,
    trial: Rows,
}

impl<S: System> Integrator<S> {
    /// An integrator with all lanes at rest at time 0 and state 0.
    ///
    /// # Panics
    /// If the system has no lanes, or if the absolute tolerances or floors do not have one
    /// entry per state: a mistake in the calling code.
    pub fn new(system: S, tolerances: Tolerances, control: StepControl) -> Self {
        let (n, n_lanes) = (system.n_states(), system.lanes());
        assert!(n_lanes > 0, "a system has at least one lane");
        assert_eq!(tolerances.absolute.len(), n, "one absolute tolerance per state");
        assert!(control.floor.is_empty() || control.floor.len() == n, "one floor per state, or none");
        let step = Step::new(&system, tolerances, &control);
        let locator = Locator::new(system.n_roots(), n_lanes);
        Self {
            control,
            n,
            n_lanes,
            lanes: vec![Lane::default(); n_lanes],
            t: Rows::new(1, n_lanes),
            y: Rows::new(n, n_lanes),
            y_from: Rows::new(n, n_lanes),
            accepted: Rows::new(1, n_lanes),
            step,
            trial_time: Rows::new(1, n_lanes),
            trial: Rows::new(n, n_lanes),
            locator,
            dense: DenseOutput::new(n_lanes),
            outcomes: vec![LaneOutcome::Idle; n_lanes],
            system,
        }
    }

    /// Loads a lane: its time, its state `[state]` and its next stop (at or after `t`; may
    /// be infinite). The first step is `h_hint` if that is finite and above 0, else estimated.
    /// Counters start at zero.
    ///
    /// # Panics
    /// If `y` does not have one value per state.
    pub fn start(&mut self, lane: usize, t: f64, y: &[f64], stop: f64, h_hint: Option<f64>) {
        assert_eq!(y.len(), self.n, "one value per state");
        self.t[lane] = t;
        for (state, &value) in y.iter().enumerate() {
            self.y[state * self.n_lanes + lane] = value;
        }
        self.lanes[lane].start(stop, h_hint);
        self.outcomes[lane] = LaneOutcome::Idle;
    }

    /// Sets the next stop of a lane, at or after its time.
    pub fn set_stop(&mut self, lane: usize, stop: f64) {
        self.lanes[lane].stop = stop;
    }

    /// Tells that the caller changed the state or parameters of a lane at its present time:
    /// signs of roots are read again, the step is `h_hint` or estimated anew.
    pub fn restart(&mut self, lane: usize, h_hint: Option<f64>) {
        self.lanes[lane].restart(h_hint);
    }

    /// Puts a lane to rest. Its time and state stay readable.
    pub fn release(&mut self, lane: usize) {
        self.lanes[lane].phase = Phase::Idle;
    }

    /// Whether a lane is started and neither released nor failed.
    pub fn is_active(&self, lane: usize) -> bool {
        self.lanes[lane].phase != Phase::Idle
    }

    /// Gives its working memory for another one of the same system, tolerances and control, or for an empty one.
    ///
    /// An integrator with an empty one may be asked for times and states, and lanes may be started, changed and
    /// released; it must not advance, nor interpolate. What is interpolated after an advance is lost with it.
    pub fn swap_work(&mut self, work: &mut Work) {
        std::mem::swap(&mut self.y_from, &mut work.y_from);
        std::mem::swap(&mut self.step, &mut work.step);
        std::mem::swap(&mut self.dense, &mut work.dense);
        std::mem::swap(&mut self.trial_time, &mut work.trial_time);
        std::mem::swap(&mut self.trial, &mut work.trial);
    }

    /// Number of lanes.
    pub fn lanes(&self) -> usize {
        self.n_lanes
    }

    /// Numbers kept per lane, those of the system and of [`Work`] not counted.
    pub fn numbers_per_lane(&self) -> usize {
        let rows = [&self.t, &self.y, &self.accepted];
        rows.iter().map(|rows| rows.len() / self.n_lanes).sum::<usize>() + 6 * self.locator.n_roots() + 7
    }

    /// Numbers of [`Work`] per lane.
    pub fn work_per_lane(&self) -> usize {
        let rows = [&self.y_from, &self.trial_time, &self.trial];
        rows.iter().map(|rows| rows.len() / self.n_lanes).sum::<usize>() + self.step.numbers_per_lane()
    }

    /// Outcome of a lane in the last [`advance`](Integrator::advance).
    pub fn outcome(&self, lane: usize) -> LaneOutcome {
        self.outcomes[lane]
    }

    /// Present time of a lane.
    pub fn time(&self, lane: usize) -> f64 {
        self.t[lane]
    }

    /// The step a lane would try next, were there no stop; a good hint for a later
    /// [`restart`](Integrator::restart) under like conditions. 0 before the first step.
    pub fn next_step(&self, lane: usize) -> f64 {
        self.lanes[lane].h
    }

    /// Value of one state of a lane at its present time.
    pub fn state(&self, lane: usize, index: usize) -> f64 {
        self.y[index * self.n_lanes + lane]
    }

    /// Changes one state of a lane; call [`restart`](Integrator::restart) when done.
    pub fn set_state(&mut self, lane: usize, index: usize, value: f64) {
        self.y[index * self.n_lanes + lane] = value;
    }

    /// Copies the state of a lane, `[state]`.
    pub fn copy_state(&self, lane: usize, out: &mut [f64]) {
        for (state, value) in out.iter_mut().enumerate().take(self.n) {
            *value = self.y[state * self.n_lanes + lane];
        }
    }

    /// State of a lane, `[state]`, at a time within its last step, by dense output of order 4.
    ///
    /// Holds until the next `advance`, also after [`set_state`](Integrator::set_state): it is
    /// the state before that change. A lane that did not step in the last `advance` gives its
    /// present state.
    pub fn interpolate(&self, lane: usize, t: f64, out: &mut [f64]) {
        let Some(dense) = self.lanes[lane].dense else { return self.copy_state(lane, out) };
        let theta = dense.theta(t);
        let weights = dense_weights(theta);
        for (state, value) in out.iter_mut().enumerate().take(self.n) {
            *value = self.dense_value(lane, state, theta, &weights);
        }
    }

    /// Interpolates all lanes, each at its own time `t[lane]`; as [`interpolate`](Integrator::interpolate) for lanes
    /// that stepped in the last `advance`, without meaning for the others.
    pub fn interpolate_all(&mut self, t: &[f64]) {
        for lane in 0..self.n_lanes {
            let theta = self.lanes[lane].dense.map_or(1.0, |dense| dense.theta(t[lane]));
            self.dense.set(lane, theta);
        }
        self.dense.evaluate(&self.y_from, &self.step, &mut self.trial);
    }

    /// The system, and the states `[state][lane]` that [`interpolate_all`](Integrator::interpolate_all) has found.
    pub fn interpolated(&mut self) -> (&mut S, &[f64]) {
        (&mut self.system, &self.trial)
    }

    /// One state of a lane at a time within its last step; as [`interpolate`](Integrator::interpolate).
    pub fn interpolate_state(&self, lane: usize, t: f64, index: usize) -> f64 {
        let Some(dense) = self.lanes[lane].dense else { return self.state(lane, index) };
        let theta = dense.theta(t);
        self.dense_value(lane, index, theta, &dense_weights(theta))
    }

    /// Root functions that changed sign at the end of the last step of a lane, ascending.
    /// Empty unless its outcome is [`LaneOutcome::Root`].
    pub fn changed_roots(&self, lane: usize) -> &[u32] {
        match self.outcomes[lane] {
            LaneOutcome::Root { .. } => self.locator.changed(lane),
            _ => &[],
        }
    }

    /// Whether a root function was above 0 when last looked at, at the start or the end of
    /// a step of the lane.
    pub fn root_is_positive(&self, lane: usize, root: usize) -> bool {
        self.locator.is_positive(lane, root)
    }

    /// Work of a lane since it was started.
    pub fn counters(&self, lane: usize) -> Counters {
        self.lanes[lane].counters
    }

    /// y(θ) of a state in a lane, decayed amounts set to zero.
    #[inline]
    fn dense_value(&self, lane: usize, state: usize, theta: f64, weights: &[f64; STAGES]) -> f64 {
        let lanes = self.n_lanes;
        let k = &self.step.k[state * STAGES * lanes..][..STAGES * lanes];
        let term = |stage: usize| weights[stage] * k[stage * lanes + lane];
        // In pairs: no sum waits for seven before it.
        let early = (term(0) + term(1)) + (term(2) + term(3));
        let late = (term(4) + term(5)) + (term(6) + term(7));
        let at = state * lanes + lane;
        let value = (1.0 - theta) * self.y_from[at] + (theta * self.step.state[at] + (early + late));
        if value.abs() < self.step.floor[state] { 0.0 } else { value }
    }
}

#[cfg(test)]
mod tests;
