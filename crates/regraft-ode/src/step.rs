//! One step attempt of Rodas5P in every lane.

use crate::control::{StepControl, Tolerances};
use crate::lanes::Rows;
use crate::linear::{Factorize, LuPlan, Product};
use crate::system::System;
use crate::tableau::{A, C, GAMMA, NODES, STAGES, TIME_WEIGHTS};
use crate::vector::{self, Kernel, Vector};

/// Arrays of a step attempt, all `[row][lane]`; nothing here outlives the attempt but what dense output needs.
pub(crate) struct Step {
    plan: LuPlan,
    lanes: usize,
    /// Step size, `[lane]`; set by the caller, finite and above 0 in every lane.
    pub h: Rows,
    inverse_h: Rows,
    diagonal: Rows,
    pub stage_time: Rows,
    jacobian: Rows,
    dfdt: Rows,
    factors: Rows,
    /// Derivatives at the stage, `[state][lane]`.
    pub slope: Rows,
    /// k, `[stage][state][lane]`.
    pub k: Rows,
    /// State of the stage; after the attempt the new state, `[state][lane]`.
    pub state: Rows,
    /// Scaled error, `[lane]`; NaN where something was not finite.
    pub error: Rows,
    /// 1 where the factorization was sound, else 0, `[lane]`.
    pub sound: Rows,
    /// Below this a new state is set to 0, `[state]`.
    pub floor: Vec<f64>,
    relative: f64,
    absolute: Vec<f64>,
}

impl Step {
    pub fn new(system: &impl System, tolerances: Tolerances, control: &StepControl) -> Self {
        let (lanes, n) = (system.lanes(), system.n_states());
        let plan = LuPlan::new(system.pattern());
        let absolute = tolerances.absolute.iter().map(|&a| a.max(f64::MIN_POSITIVE)).collect();
        Self {
            lanes,
            h: Rows::new(1, lanes),
            inverse_h: Rows::new(1, lanes),
            diagonal: Rows::new(1, lanes),
            stage_time: Rows::new(1, lanes),
            jacobian: Rows::new(system.pattern().n_nonzeros(), lanes),
            dfdt: Rows::new(n, lanes),
            factors: Rows::new(plan.n_slots, lanes),
            slope: Rows::new(n, lanes),
            k: Rows::new(STAGES * n, lanes),
            state: Rows::new(n, lanes),
            error: Rows::new(1, lanes),
            sound: Rows::new(1, lanes),
            floor: (0..n).map(|state| control.floor_of(state)).collect(),
            relative: tolerances.relative,
            absolute,
            plan,
        }
    }

    /// Scale of state `state` at size `size`: absolute + relative · size.
    pub fn scale(&self, state: usize, size: f64) -> f64 {
        self.absolute[state] + self.relative * size
    }

    /// Tries a step of size `h` from (`t`, `y`) in every lane.
    ///
    /// Afterwards `state` is the new state, `error` its scaled error and `k` holds the
    /// stages for dense output.
    pub fn attempt(&mut self, system: &mut impl System, t: &[f64], y: &[f64]) {
        for lane in 0..self.lanes {
            self.inverse_h[lane] = 1.0 / self.h[lane];
            self.diagonal[lane] = self.inverse_h[lane] / GAMMA;
        }
        system.derivatives_and_jacobian(t, y, &mut self.slope, &mut self.jacobian, &mut self.dfdt);
        self.factorize();
        for stage in 0..STAGES {
            if stage > 0 {
                for lane in 0..self.lanes {
                    self.stage_time[lane] = t[lane] + NODES[stage] * self.h[lane];
                }
                system.derivatives(&self.stage_time, &self.state, &mut self.slope);
            }
            self.solve_stage(stage, y);
        }
        self.judge(y);
    }

    fn factorize(&mut self) {
        let work = Factorize {
            plan: &self.plan,
            lanes: self.lanes,
            jacobian: &self.jacobian,
            diagonal: &self.diagonal,
            factors: &mut self.factors,
            sound: &mut self.sound,
        };
        vector::run(self.lanes, work);
    }

    fn solve_stage(&mut self, stage: usize, y: &[f64]) {
        let (k_before, rest) = self.k.split_at_mut(stage * self.slope.len());
        let work = SolveStage {
            plan: &self.plan,
            n: self.absolute.len(),
            lanes: self.lanes,
            factors: &self.factors,
            slope: &self.slope,
            dfdt: &self.dfdt,
            h: &self.h,
            inverse_h: &self.inverse_h,
            time_weight: TIME_WEIGHTS[stage],
            couplings: C[stage],
            k_before,
            k: &mut rest[..self.slope.len()],
            y,
            next: A.get(stage).copied(),
            state: &mut self.state,
        };
        vector::run(self.lanes, work);
    }

    fn judge(&mut self, y: &[f64]) {
        let last = (STAGES - 1) * self.slope.len();
        let work = Judge {
            lanes: self.lanes,
            relative: self.relative,
            absolute: &self.absolute,
            floor: &self.floor,
            y,
            k: &self.k[last..],
            state: &mut self.state,
            error: &mut self.error,
        };
        vector::run(self.lanes, work);
    }
}

/// Solves for one stage and forms the state of the next.
///
/// Forward: k = slope + Σ C_j k_j / h + h d f_t − L k. Backward: k = (k − U k) / pivot.
/// Next state: y + Σ a_j k_j where the next stage has its own row of a, else state + k.
struct SolveStage<'a> {
    plan: &'a LuPlan,
    n: usize,
    lanes: usize,
    factors: &'a [f64],
    slope: &'a [f64],
    dfdt: &'a [f64],
    h: &'a [f64],
    inverse_h: &'a [f64],
    time_weight: f64,
    couplings: &'a [f64],
    k_before: &'a [f64],
    k: &'a mut [f64],
    y: &'a [f64],
    next: Option<&'a [f64]>,
    state: &'a mut [f64],
}

impl SolveStage<'_> {
    /// slope + Σ C_j k_j / h + h d f_t for one row.
    #[inline(always)]
    fn right_hand_side<V: Vector>(&self, row: usize, block: usize) -> V {
        let mut coupled = V::splat(0.0);
        for (stage, &coupling) in self.couplings.iter().enumerate() {
            let before = V::at(self.k_before, stage * self.n + row, self.lanes, block);
            coupled = coupled.add(V::splat(coupling).mul(before));
        }
        let scaled = coupled.mul(V::at(self.inverse_h, 0, self.lanes, block));
        let in_time = V::splat(self.time_weight).mul(V::at(self.h, 0, self.lanes, block));
        let in_time = in_time.mul(V::at(self.dfdt, row, self.lanes, block));
        V::at(self.slope, row, self.lanes, block).add(scaled.add(in_time))
    }

    /// `sum` − Σ factor · k over the products.
    #[inline(always)]
    fn substitute<V: Vector>(&self, mut sum: V, products: &[Product], block: usize) -> V {
        for product in products {
            let left = V::at(self.factors, product.left as usize, self.lanes, block);
            let right = V::at(self.k, product.right as usize, self.lanes, block);
            sum = sum.sub(left.mul(right));
        }
        sum
    }

    /// State of the next stage for one row, with its newest k.
    #[inline(always)]
    fn next_state<V: Vector>(&self, row: usize, block: usize, newest: V) -> V {
        let Some((&own, earlier)) = self.next.and_then(<[f64]>::split_last) else {
            return V::at(self.state, row, self.lanes, block).add(newest);
        };
        let mut next = V::at(self.y, row, self.lanes, block);
        for (stage, &weight) in earlier.iter().enumerate() {
            let before = V::at(self.k_before, stage * self.n + row, self.lanes, block);
            next = next.add(V::splat(weight).mul(before));
        }
        next.add(V::splat(own).mul(newest))
    }
}

impl Kernel for SolveStage<'_> {
    #[inline(always)]
    fn run<V: Vector>(self) {
        for block in 0..self.lanes / V::WIDTH {
            let mut begin = 0;
            for row in &self.plan.forward {
                let (state, end) = (row.state as usize, row.products_end as usize);
                let right = self.right_hand_side::<V>(state, block);
                let sum = self.substitute(right, &self.plan.forward_products[begin..end], block);
                sum.put(self.k, state, self.lanes, block);
                begin = end;
            }
            begin = 0;
            for row in &self.plan.backward {
                let (state, end) = (row.state as usize, row.products_end as usize);
                let sum = V::at(self.k, state, self.lanes, block);
                let sum = self.substitute(sum, &self.plan.backward_products[begin..end], block);
                let solved = sum.mul(V::at(self.factors, row.pivot as usize, self.lanes, block));
                solved.put(self.k, state, self.lanes, block);
                let next = self.next_state(state, block, solved);
                next.put(self.state, state, self.lanes, block);
                begin = end;
            }
        }
    }
}

/// Sets decayed amounts to zero and takes the scaled error, max over states.
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
        for block in 0..self.lanes / V::WIDTH {
            let mut worst = V::splat(0.0);
            for (row, (&absolute, &floor)) in self.absolute.iter().zip(self.floor).enumerate() {
                let new = V::at(self.state, row, self.lanes, block);
                let size = V::at(self.y, row, self.lanes, block).abs().max_or_nan(new.abs());
                let scale = V::splat(absolute).add(V::splat(self.relative).mul(size));
                // An infinite new state must not hide in the scale: 0 · ∞ is NaN.
                let scaled = V::at(self.k, row, self.lanes, block).abs().div(scale);
                worst = worst.max_or_nan(scaled.add(V::splat(0.0).mul(new)));
                new.zero_below(V::splat(floor)).put(self.state, row, self.lanes, block);
            }
            worst.put(self.error, 0, self.lanes, block);
        }
    }
}
