//! Lanes that were just started or restarted: signs of roots and the first step.

use super::Integrator;
use super::lane::Phase;
use crate::math;
use crate::outcome::Failure;
use crate::system::System;
use crate::tableau::EMBEDDED_ORDER;

impl<S: System> Integrator<S> {
    /// Makes every fresh lane ready to step.
    pub(super) fn begin_fresh_lanes(&mut self) {
        let fresh = |lane: &super::Lane| lane.phase == Phase::Fresh;
        if !self.lanes.iter().any(fresh) {
            return;
        }
        self.refuse_unsound_starts();
        self.read_root_signs();
        for lane in 0..self.n_lanes {
            if fresh(&self.lanes[lane]) && self.lanes[lane].hint.is_none() {
                self.lanes[lane].h = self.estimate_first_step(lane);
            }
        }
        for lane in &mut self.lanes {
            if lane.phase == Phase::Fresh {
                lane.h = lane.hint.take().unwrap_or(lane.h);
                lane.phase = Phase::Running;
            }
        }
    }

    fn refuse_unsound_starts(&mut self) {
        for lane in 0..self.n_lanes {
            if self.lanes[lane].phase == Phase::Fresh {
                let finite = (0..self.n).all(|state| self.state(lane, state).is_finite());
                if !(finite && self.t[lane].is_finite()) {
                    self.fail(lane, Failure::NotFinite);
                }
            }
        }
    }

    fn read_root_signs(&mut self) {
        if self.locator.n_roots() == 0 {
            return;
        }
        self.system.roots(&self.t, &self.y, &mut self.locator.g);
        for lane in 0..self.n_lanes {
            if self.lanes[lane].phase == Phase::Fresh {
                self.locator.read_signs(lane);
            }
        }
    }

    /// First step by [Hairer, Nørsett & Wanner, Solving ODEs I, II.4]: the smaller of one on
    /// which an explicit Euler step changes y by 1 %, times 100, and one on which the second
    /// derivative, were it the fifth, would give an error of 1 % of what a step may err by.
    ///
    /// The arrays of the step serve meanwhile: slopes in `k`.
    fn estimate_first_step(&mut self, lane: usize) -> f64 {
        let (n_lanes, size) = (self.n_lanes, self.y.len());
        self.system.derivatives(lane, &self.t, &self.y, &mut self.step.k[..size]);
        let length = self.scaled_norm(lane, |at| self.y[at]);
        let slope = self.scaled_norm(lane, |at| self.step.k[at]);
        let guess = if length < 1e-5 || slope < 1e-5 { 1e-6 } else { 0.01 * length / slope };
        let guess = self.within_limits(lane, guess);
        for state in 0..self.n {
            let at = state * n_lanes + lane;
            self.step.state[at] = self.y[at] + guess * self.step.k[at];
        }
        self.trial_time[lane] = self.t[lane] + guess;
        self.system.derivatives(lane, &self.trial_time, &self.step.state, &mut self.step.k[size..2 * size]);
        let bend = self.scaled_norm(lane, |at| self.step.k[size + at] - self.step.k[at]) / guess;
        let steepest = if bend > slope { bend } else { slope };
        let order = f64::from(EMBEDDED_ORDER) + 1.0;
        let second = match steepest <= 1e-15 {
            true => (guess * 1e-3).max(1e-6),
            false => math::exp(math::ln(0.01 / steepest) / order),
        };
        let h = (100.0 * guess).min(second);
        self.within_limits(lane, if h.is_finite() { h } else { guess })
    }

    /// A first step no longer than the way to the stop and `h_max`, no shorter than time resolves.
    fn within_limits(&self, lane: usize, h: f64) -> f64 {
        let way = self.lanes[lane].stop - self.t[lane];
        let longest = if way > 0.0 { way.min(self.control.h_max) } else { self.control.h_max };
        let smallest = self.control.smallest_step(self.t[lane]);
        let h = if h.is_finite() { h } else { smallest };
        h.min(longest).max(smallest)
    }

    /// max over states of |value| / (absolute + relative · |y|).
    fn scaled_norm(&self, lane: usize, value: impl Fn(usize) -> f64) -> f64 {
        let mut worst = 0.0;
        for state in 0..self.n {
            let at = state * self.n_lanes + lane;
            let scaled = value(at).abs() / self.step.scale(state, self.y[at].abs());
            worst = if scaled > worst || scaled.is_nan() { scaled } else { worst };
        }
        worst
    }
}
