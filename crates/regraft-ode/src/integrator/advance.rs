//! One step attempt in every active lane.

use super::Integrator;
use super::lane::{Attempt, Dense, Phase};
use crate::outcome::{Failure, LaneOutcome};
use crate::system::System;
use crate::tableau::{GAMMA, STAGES};
use crate::vector::{self, Kernel, Vector};

/// Halvings in a row after which a step whose later stages give no number is taken as an Euler step: by then it is
/// a millionth of what the error control would have tried.
const EULER_AFTER: u32 = 20;

impl<S: System> Integrator<S> {
    /// One step attempt for every active lane; what happened, `[lane]`.
    ///
    /// A lane that already is at its stop gives [`LaneOutcome::Stopped`] without a step.
    pub fn advance(&mut self) -> &[LaneOutcome] {
        self.outcomes.fill(LaneOutcome::Idle);
        for lane in &mut self.lanes {
            lane.dense = None;
        }
        self.begin_fresh_lanes();
        if self.plan_attempts() {
            self.step.attempt(&mut self.system, &self.control, &self.t, &self.y);
            for lane in 0..self.n_lanes {
                if let Some(attempt) = self.lanes[lane].attempt {
                    self.judge(lane, attempt);
                }
            }
            self.take_over_accepted();
            self.cut_at_roots();
        }
        &self.outcomes
    }

    /// Chooses each lane's step; whether any lane takes one.
    fn plan_attempts(&mut self) -> bool {
        let mut any = false;
        self.step.hiding.clear();
        for lane in 0..self.n_lanes {
            self.lanes[lane].attempt = None;
            self.step.h[lane] = 1.0;
            if self.lanes[lane].phase == Phase::Running
                && let Some(attempt) = self.plan_attempt(lane)
            {
                self.lanes[lane].attempt = Some(attempt);
                self.step.h[lane] = attempt.h;
                if self.lanes[lane].hides_traces {
                    self.step.hiding.push(lane);
                }
                any = true;
            }
        }
        any
    }

    /// The step of one lane, or none if it stands at its stop or fails.
    ///
    /// A step that would nearly reach the stop is stretched to it by at most 1 %; the way is
    /// halved where one step would leave a short rest.
    fn plan_attempt(&mut self, lane: usize) -> Option<Attempt> {
        let (t, stop) = (self.t[lane], self.lanes[lane].stop);
        if t == stop {
            self.outcomes[lane] = LaneOutcome::Stopped { from: t, to: t };
            return None;
        }
        if stop.is_nan() || stop < t {
            self.fail(lane, Failure::StopBehind);
            return None;
        }
        let counters = self.lanes[lane].counters;
        if counters.accepted + counters.rejected >= self.control.max_steps {
            self.fail(lane, Failure::TooManySteps);
            return None;
        }
        let way = stop - t;
        let wanted = self.lanes[lane].h.min(self.control.h_max).max(self.control.smallest_step(t));
        if way <= 1.01 * wanted {
            return Some(Attempt { h: way, to: stop, stops: true });
        }
        let to = t + if way < 2.0 * wanted { 0.5 * way } else { wanted };
        Some(Attempt { h: to - t, to, stops: false })
    }

    /// Accepts or rejects the attempt of a lane and chooses its next step.
    fn judge(&mut self, lane: usize, attempt: Attempt) {
        let error = self.step.error[lane];
        let singular = !self.step.is_sound(lane);
        let counters = &mut self.lanes[lane].counters;
        counters.derivatives += STAGES as u64;
        counters.jacobians += 1;
        if singular || error.is_nan() || error == f64::INFINITY {
            let failure = if singular { Failure::SingularMatrix } else { Failure::NotFinite };
            if !singular && self.clear_negative_traces(lane) {
                self.lanes[lane].counters.rejected += 1;
                self.outcomes[lane] = LaneOutcome::Rejected;
                return;
            }
            self.lanes[lane].hides_traces |= !singular;
            if singular || self.lanes[lane].halvings < EULER_AFTER || !self.creep(lane, attempt) {
                self.halve(lane, attempt, failure);
            }
        } else if error > 1.0 {
            self.reject(lane, attempt);
        } else {
            self.accept(lane, attempt);
        }
    }

    /// Where already the first stage gives no number, sets negative states within their absolute tolerance to 0:
    /// an amount that is gone may be as negative as the error, and then has no power and no logarithm. Says whether
    /// there was any.
    fn clear_negative_traces(&mut self, lane: usize) -> bool {
        let first = |state: usize| self.step.k[state * STAGES * self.n_lanes + lane];
        let is_lost = (0..self.n).any(|state| !first(state).is_finite());
        is_lost && self.clear(lane, |value, trace| value < 0.0 && -value <= trace)
    }

    /// Sets states to 0 of which `is_trace` says so, given their absolute tolerance. Says whether there was any.
    fn clear(&mut self, lane: usize, is_trace: impl Fn(f64, f64) -> bool) -> bool {
        let mut any = false;
        for state in 0..self.n {
            let value = &mut self.y[state * self.n_lanes + lane];
            if is_trace(*value, self.step.scale(state, 0.0)) {
                *value = 0.0;
                any = true;
            }
        }
        any
    }

    /// Takes the attempt as a linearly implicit Euler step, y + k₁/γ, if that is finite. Says whether it did.
    ///
    /// The later stages of the method look to both sides of the solution, at any step size: from x = 0 with a rate
    /// in √x they never see a number. By now the step is so short that order 1 does.
    fn creep(&mut self, lane: usize, attempt: Attempt) -> bool {
        let lanes = self.n_lanes;
        let first = |state: usize| state * STAGES * lanes + lane;
        let new: Vec<f64> = (0..self.n)
            .map(|state| self.y[state * lanes + lane] + self.step.k[first(state)] / GAMMA)
            .collect();
        if !new.iter().all(|value| value.is_finite()) {
            return false;
        }
        for (state, &value) in new.iter().enumerate() {
            self.step.state[state * lanes + lane] = value;
            // Dense output is then the straight line.
            (0..STAGES).for_each(|stage| self.step.k[first(state) + stage * lanes] = 0.0);
        }
        self.step.factor[lane] = 1.0;
        self.accept(lane, attempt);
        true
    }

    fn halve(&mut self, lane: usize, attempt: Attempt, failure: Failure) {
        let state = &mut self.lanes[lane];
        state.counters.rejected += 1;
        state.counters.halved += 1;
        state.halvings += 1;
        state.after_rejection = true;
        let h = 0.5 * attempt.h;
        self.outcomes[lane] = LaneOutcome::Rejected;
        let too_small = h < self.control.smallest_step(self.t[lane]);
        if too_small || self.lanes[lane].halvings > self.control.max_halvings {
            // The last resort: what is less than its tolerance is gone, as x in x' = −√x at its end.
            let may_clear = failure == Failure::NotFinite;
            if may_clear && self.clear(lane, |value, trace| value != 0.0 && value.abs() <= trace) {
                self.lanes[lane].halvings = 0;
                return;
            }
            self.fail(lane, failure);
        } else {
            self.lanes[lane].h = h;
        }
    }

    fn reject(&mut self, lane: usize, attempt: Attempt) {
        let state = &mut self.lanes[lane];
        state.counters.rejected += 1;
        state.halvings = 0;
        state.after_rejection = true;
        let h = attempt.h * self.step.factor[lane].min(1.0);
        self.outcomes[lane] = LaneOutcome::Rejected;
        if h < self.control.smallest_step(self.t[lane]) {
            self.fail(lane, Failure::StepTooSmall);
        } else {
            self.lanes[lane].h = h;
        }
    }

    /// No growth right after a rejection. A step shortened for a stop does not shorten the
    /// next one, unless its own error says so.
    fn accept(&mut self, lane: usize, attempt: Attempt) {
        let factor = self.step.factor[lane];
        let state = &mut self.lanes[lane];
        let from = self.t[lane];
        let grown = attempt.h * if state.after_rejection { factor.min(1.0) } else { factor };
        state.h = if factor >= 1.0 { grown.max(state.h) } else { grown };
        state.h = state.h.min(self.control.h_max);
        state.counters.accepted += 1;
        state.halvings = 0;
        state.after_rejection = false;
        state.dense = Some(Dense { from, h: attempt.h, to: attempt.to, share: 1.0 });
        self.t[lane] = attempt.to;
        self.outcomes[lane] = match attempt.stops {
            true => LaneOutcome::Stopped { from, to: attempt.to },
            false => LaneOutcome::Accepted { from, to: attempt.to },
        };
    }

    /// Puts a lane to rest for good.
    pub(super) fn fail(&mut self, lane: usize, failure: Failure) {
        self.lanes[lane].phase = Phase::Idle;
        self.outcomes[lane] = LaneOutcome::Failed { at: self.t[lane], failure };
    }

    /// Keeps the old states for dense output and takes the new ones where accepted.
    fn take_over_accepted(&mut self) {
        for lane in 0..self.n_lanes {
            self.accepted[lane] = f64::from(u8::from(self.lanes[lane].dense.is_some()));
        }
        std::mem::swap(&mut self.y, &mut self.y_from);
        let work = TakeOver {
            lanes: self.n_lanes,
            accepted: &self.accepted,
            new: &self.step.state,
            old: &self.y_from,
            present: &mut self.y,
        };
        vector::run(self.n_lanes, work);
    }
}

/// present = new where accepted, else old.
struct TakeOver<'a> {
    lanes: usize,
    accepted: &'a [f64],
    new: &'a [f64],
    old: &'a [f64],
    present: &'a mut [f64],
}

impl Kernel for TakeOver<'_> {
    #[inline(always)]
    fn run<V: Vector>(self) {
        let len = self.present.len();
        assert!(self.old.len() == len && self.new.len() == len);
        for block in 0..self.lanes / V::WIDTH {
            let accepted = V::at(self.accepted, 0, self.lanes, block);
            for row in 0..len / self.lanes {
                // SAFETY: the arrays have the same number of rows, by the assertion above.
                unsafe {
                    let old = V::at_unchecked(self.old, row, self.lanes, block);
                    let new = V::at_unchecked(self.new, row, self.lanes, block);
                    accepted.choose(new, old).put_unchecked(self.present, row, self.lanes, block);
                }
            }
        }
    }
}
