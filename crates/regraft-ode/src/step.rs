//! One step attempt of Rodas5P in every lane.

use crate::control::{AIM, StepControl, Tolerances};
use crate::lanes::{self, LaneLoop, Rows, blocks, blocks_mut};
use crate::system::{System, control_row};
use crate::tableau::{A, C, GAMMA, NODES, STAGES, TIME_WEIGHTS};
use crate::vector::{self, Kernel, Vector};

/// Arrays of a step attempt, all `[row][lane]`; nothing here outlives the attempt but what dense output needs.
#[derive(Default)]
pub(crate) struct Step {
    lanes: usize,
    autonomous: bool,
    /// Step size, `[lane]`; set by the caller, finite and above 0 in every lane.
    pub h: Rows,
    inverse_h: Rows,
    /// What is shared with the system; see [`control_row`].
    control: Rows,
    /// k, `[state][stage][lane]`.
    pub k: Rows,
    /// State of the stage; after the attempt the new state, `[state][lane]`.
    pub state: Rows,
    /// Scaled error, `[lane]`; NaN where something was not finite.
    pub error: Rows,
    /// What the step is to be multiplied by for its error, `[lane]`.
    pub factor: Rows,
    /// The lanes whose later stages see 0 in place of negative traces, as a rule none; set by the caller. See
    /// [`hide_traces`](Self::hide_traces).
    pub hiding: Vec<usize>,
    /// What was hidden in the present stage: place in `state`, and value.
    hidden: Vec<(usize, f64)>,
    /// Below this a new state is set to 0, `[state]`.
    pub floor: Vec<f64>,
    /// What a step may err by: the tolerances over [`AIM`], and per state, `[state]`.
    relative: f64,
    absolute: Vec<f64>,
}

impl Step {
    pub fn new(system: &impl System, tolerances: Tolerances, control: &StepControl) -> Self {
        let (lanes, n) = (system.lanes(), system.n_states());
        let autonomous = system.is_autonomous();
        let by_time = if autonomous { 0 } else { n };
        Self {
            lanes,
            autonomous,
            h: Rows::new(1, lanes),
            inverse_h: Rows::new(1, lanes),
            control: Rows::new(control_row::BY_TIME + by_time, lanes),
            k: Rows::new(STAGES * n, lanes),
            state: Rows::new(n, lanes),
            error: Rows::new(1, lanes),
            factor: Rows::new(1, lanes),
            hiding: Vec::with_capacity(lanes),
            hidden: Vec::new(),
            floor: (0..n).map(|state| control.floor_of(state)).collect(),
            relative: tolerances.relative / AIM,
            absolute: tolerances.absolute.iter().map(|&a| (a / AIM).max(f64::MIN_POSITIVE)).collect(),
        }
    }

    /// What a step may err by in state `state` at size `size`: absolute + relative · size.
    pub fn scale(&self, state: usize, size: f64) -> f64 {
        self.absolute[state] + self.relative * size
    }

    /// Numbers kept per lane.
    pub fn numbers_per_lane(&self) -> usize {
        let rows = [&self.h, &self.inverse_h, &self.control, &self.k, &self.state, &self.error, &self.factor];
        rows.iter().map(|rows| rows.len() / self.lanes).sum()
    }

    /// Whether the factorization of a lane was sound in the last attempt.
    pub fn is_sound(&self, lane: usize) -> bool {
        self.control[control_row::SOUND * self.lanes + lane] != 0.0
    }

    /// Tries a step of size `h` from (`t`, `y`) in every lane.
    ///
    /// Afterwards `state` is the new state, `error` its scaled error, `factor` what the control makes of it, and
    /// `k` holds the stages for dense output.
    pub fn attempt(&mut self, system: &mut impl System, control: &StepControl, t: &[f64], y: &[f64]) {
        for lane in 0..self.lanes {
            self.inverse_h[lane] = 1.0 / self.h[lane];
            self.control[control_row::DIAGONAL * self.lanes + lane] = self.inverse_h[lane] / GAMMA;
            self.control[control_row::IN_TIME * self.lanes + lane] = TIME_WEIGHTS[0] * self.h[lane];
        }
        self.set_time(t, 0);
        system.begin(y, &mut self.k, &mut self.control);
        self.prepare_next(0, y);
        for stage in 1..STAGES {
            self.set_time(t, stage);
            if !self.hiding.is_empty() {
                self.hide_traces(y);
            }
            // Without states there are no rows of k.
            let k = self.k.get_mut(stage * self.lanes..).unwrap_or_default();
            system.stage(&self.state, k, &mut self.control);
            while let Some((at, value)) = self.hidden.pop() {
                self.state[at] = value;
            }
            if stage + 1 < STAGES {
                self.prepare_next(stage, y);
            }
        }
        self.judge(control, y);
    }

    /// Lets the next stage see 0 where a state that is not negative at the begin of the step is as negative as a step may
    /// err by: rates that have no number there, as x^1.03, are continued by their value at 0. The sums over stages keep
    /// what they have.
    fn hide_traces(&mut self, y: &[f64]) {
        for &lane in &self.hiding {
            for (state, &trace) in self.absolute.iter().enumerate() {
                let at = state * self.lanes + lane;
                let value = self.state[at];
                if value < 0.0 && -value <= trace && y[at] >= 0.0 {
                    self.hidden.push((at, value));
                    self.state[at] = 0.0;
                }
            }
        }
    }

    fn set_time(&mut self, t: &[f64], stage: usize) {
        let time = &mut self.control[control_row::TIME * self.lanes..][..self.lanes];
        let node = NODES[stage];
        // Pairs without bounds to look at: two lanes at once.
        for ((time, t), h) in time.iter_mut().zip(t).zip(self.h.iter()) {
            *time = t + node * h;
        }
    }

    /// State of the next stage, and what is to be added to its right-hand side.
    fn prepare_next(&mut self, stage: usize, y: &[f64]) {
        let work = Next {
            stage,
            lanes: self.lanes,
            y,
            h: &self.h,
            inverse_h: &self.inverse_h,
            by_time: if self.autonomous { &[] } else { &self.control[control_row::BY_TIME * self.lanes..] },
            k: &mut self.k,
            state: &mut self.state,
        };
        vector::run(self.lanes, work);
    }

    fn judge(&mut self, control: &StepControl, y: &[f64]) {
        let work = Judge {
            lanes: self.lanes,
            relative: self.relative,
            absolute: &self.absolute,
            floor: &self.floor,
            y,
            k: &self.k,
            state: &mut self.state,
            error: &mut self.error,
        };
        vector::run(self.lanes, work);
        let work = Factors { control, error: &self.error, factor: &mut self.factor };
        lanes::run_lanes(self.lanes, work);
    }
}

/// The step to the next stage: state, and what is added to its f; both need the same k.
///
/// u = y + Σ a_j k_j where the next stage has its own row of a, else u + k.
/// Added: Σ C_j k_j / h + h d f_t.
struct Next<'a> {
    /// Stage that was just solved, 0 to 6.
    stage: usize,
    lanes: usize,
    y: &'a [f64],
    h: &'a [f64],
    inverse_h: &'a [f64],
    /// ∂f/∂t, `[state][lane]`; empty for an autonomous system.
    by_time: &'a [f64],
    k: &'a mut [f64],
    state: &'a mut [f64],
}

impl Next<'_> {
    /// One pass over the states for a stage known when this is compiled: all loops over stages are unrolled.
    #[inline(always)]
    fn pass<V: Vector, const STAGE: usize>(self) {
        let lanes = self.lanes;
        let n = self.state.len() / lanes;
        let in_time = TIME_WEIGHTS[STAGE + 1] != 0.0 && !self.by_time.is_empty();
        assert!(self.y.len() == n * lanes && self.k.len() == n * STAGES * lanes);
        assert!(self.h.len() == lanes && self.inverse_h.len() == lanes);
        assert!(!in_time || self.by_time.len() >= n * lanes);
        for block in 0..lanes / V::WIDTH {
            let inverse_h = V::at(self.inverse_h, 0, lanes, block);
            let in_time_h = V::splat(TIME_WEIGHTS[STAGE + 1]).mul(V::at(self.h, 0, lanes, block));
            for row in 0..n {
                let stages = row * STAGES;
                // SAFETY: all arrays have their n or n · STAGES rows, by the assertions above.
                unsafe {
                    let mut coupled = V::splat(0.0);
                    let mut next = match STAGE < A.len() {
                        true => V::at_unchecked(self.y, row, lanes, block),
                        false => V::at_unchecked(self.state, row, lanes, block),
                    };
                    for stage in 0..=STAGE {
                        let k = V::at_unchecked(self.k, stages + stage, lanes, block);
                        coupled = k.mul_add(V::splat(C[STAGE + 1][stage]), coupled);
                        if STAGE < A.len() {
                            next = k.mul_add(V::splat(A[STAGE][stage]), next);
                        } else if stage == STAGE {
                            next = next.add(k);
                        }
                    }
                    let mut added = coupled.mul(inverse_h);
                    if in_time {
                        added = in_time_h.mul_add(V::at_unchecked(self.by_time, row, lanes, block), added);
                    }
                    next.put_unchecked(self.state, row, lanes, block);
                    added.put_unchecked(self.k, stages + STAGE + 1, lanes, block);
                }
            }
        }
    }
}

impl Kernel for Next<'_> {
    #[inline(always)]
    fn run<V: Vector>(self) {
        match self.stage {
            0 => self.pass::<V, 0>(),
            1 => self.pass::<V, 1>(),
            2 => self.pass::<V, 2>(),
            3 => self.pass::<V, 3>(),
            4 => self.pass::<V, 4>(),
            5 => self.pass::<V, 5>(),
            _ => self.pass::<V, 6>(),
        }
    }
}

/// The new state, decayed amounts set to zero, and the scaled error, max over states.
struct Judge<'a> {
    lanes: usize,
    relative: f64,
    absolute: &'a [f64],
    floor: &'a [f64],
    y: &'a [f64],
    k: &'a [f64],
    state: &'a mut [f64],
    error: &'a mut [f64],
}

impl Kernel for Judge<'_> {
    #[inline(always)]
    fn run<V: Vector>(self) {
        let lanes = self.lanes;
        let n = self.absolute.len();
        assert!(self.floor.len() == n && self.y.len() == n * lanes && self.state.len() == n * lanes);
        assert!(self.k.len() == n * STAGES * lanes && self.error.len() == lanes);
        for block in 0..lanes / V::WIDTH {
            let mut worst = V::splat(0.0);
            for (row, (&absolute, &floor)) in self.absolute.iter().zip(self.floor).enumerate() {
                // SAFETY: all arrays have their n or n · STAGES rows, by the assertions above.
                unsafe {
                    let last = V::at_unchecked(self.k, row * STAGES + STAGES - 1, lanes, block);
                    let new = V::at_unchecked(self.state, row, lanes, block).add(last);
                    let size = V::at_unchecked(self.y, row, lanes, block).abs().max_or_nan(new.abs());
                    let scale = size.mul_add(V::splat(self.relative), V::splat(absolute));
                    // An infinite new state must not hide in the scale: 0 · ∞ is NaN.
                    let scaled = V::splat(0.0).mul_add(new, last.abs().mul(scale.rough_inverse()));
                    worst = worst.max_or_nan(scaled);
                    new.zero_below(V::splat(floor)).put_unchecked(self.state, row, lanes, block);
                }
            }
            worst.put(self.error, 0, lanes, block);
        }
    }
}

/// Floating-point operations of an attempt in one lane besides those of the system: the sums of the stages and
/// the error of `n` states, a fused multiply-add counted as two.
pub fn flops_of_attempt(n: usize) -> u64 {
    let coupled: usize = C.iter().map(|row| 2 * row.len() + usize::from(!row.is_empty())).sum();
    let states: usize = A.iter().map(|row| 2 * row.len()).sum::<usize>() + (STAGES - 1 - A.len());
    // New state, scale, inverse by three steps of Newton, scaled error, not-a-number guard.
    let error = 1 + 2 + 12 + 1 + 2;
    (n * (coupled + states + error)) as u64
}

/// [`StepControl::factor`] of every lane.
struct Factors<'a> {
    control: &'a StepControl,
    error: &'a [f64],
    factor: &'a mut [f64],
}

impl LaneLoop for Factors<'_> {
    #[inline(always)]
    fn run<const W: usize>(self) {
        for (factor, error) in blocks_mut::<W>(self.factor).iter_mut().zip(blocks::<W>(self.error)) {
            for lane in 0..W {
                factor[lane] = self.control.factor(error[lane]);
            }
        }
    }
}
