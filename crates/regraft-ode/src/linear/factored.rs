//! Equations written by hand, with the factorization and the solves of a step.

use super::plan::{Finish, LuPlan, NONE, Product};
use crate::lanes::Rows;
use crate::system::{Equations, System, control_row};
use crate::tableau::STAGES;

/// A pivot at most this share of 1/(γh) counts as vanished.
pub const PIVOT_LIMIT: f64 = 1e-12;

/// A [`System`] from [`Equations`]: the lists of a [`LuPlan`], executed lane by lane.
pub struct Factored<E> {
    /// What is integrated.
    pub equations: E,
    plan: LuPlan,
    jacobian: Rows,
    factors: Rows,
    slope: Rows,
    by_time: Rows,
    all_states: Vec<u32>,
}

impl<E: Equations> Factored<E> {
    /// Plans the factorization for the pattern of the equations.
    ///
    /// # Panics
    /// If the pattern is not that of `n_states()`: a mistake in the calling code.
    pub fn new(equations: E) -> Self {
        let (lanes, n) = (equations.lanes(), equations.n_states());
        assert_eq!(equations.pattern().n, n, "the sparsity pattern is not that of the states");
        let plan = LuPlan::new(equations.pattern());
        Factored {
            jacobian: Rows::new(equations.pattern().n_nonzeros(), lanes),
            factors: Rows::new(plan.n_slots, lanes),
            slope: Rows::new(n, lanes),
            by_time: Rows::new(n, lanes),
            all_states: (0..n as u32).collect(),
            plan,
            equations,
        }
    }

    /// Factorizes in one lane; whether all pivots are sound.
    fn factorize(&mut self, lane: usize, diagonal: f64) -> bool {
        let lanes = self.equations.lanes();
        let mut sound = true;
        let mut begin = 0;
        for entry in &self.plan.entries {
            let at = |slot: u32| slot as usize * lanes + lane;
            let mut sum = if entry.source == NONE { 0.0 } else { self.jacobian[at(entry.source)] };
            if entry.finish == Finish::Pivot {
                sum -= diagonal;
            }
            let end = entry.products_end as usize;
            for product in &self.plan.products[begin..end] {
                sum = self.factors[at(product.left)].mul_add(self.factors[at(product.right)], sum);
            }
            begin = end;
            self.factors[at(entry.slot)] = match entry.finish {
                Finish::Keep => sum,
                Finish::Scale(pivot) => sum * self.factors[at(pivot)],
                Finish::Pivot => {
                    sound &= sum.is_finite() && sum.abs() > PIVOT_LIMIT * diagonal;
                    -1.0 / sum
                }
            };
        }
        sound
    }

    /// k = W⁻¹ k in one lane.
    fn solve(&self, lane: usize, k: &mut [f64]) {
        let lanes = self.equations.lanes();
        let of = |state: u32| state as usize * STAGES * lanes + lane;
        let factor = |slot: u32| self.factors[slot as usize * lanes + lane];
        let dot = |sum: f64, products: &[Product], k: &[f64]| {
            products.iter().fold(sum, |sum, product| factor(product.left).mul_add(k[of(product.right)], sum))
        };
        let mut begin = 0;
        for row in &self.plan.forward {
            let end = row.products_end as usize;
            let sum = dot(k[of(row.state)], &self.plan.forward_products[begin..end], k);
            k[of(row.state)] = sum * factor(row.pivot);
            begin = end;
        }
        begin = 0;
        for row in &self.plan.backward {
            let end = row.products_end as usize;
            k[of(row.state)] = dot(k[of(row.state)], &self.plan.backward_products[begin..end], k);
            begin = end;
        }
    }
}

impl<E: Equations> System for Factored<E> {
    fn n_states(&self) -> usize {
        self.equations.n_states()
    }

    fn lanes(&self) -> usize {
        self.equations.lanes()
    }

    fn is_autonomous(&self) -> bool {
        false
    }

    fn begin(&mut self, y: &[f64], k: &mut [f64], control: &mut [f64]) {
        let (lanes, n) = (self.lanes(), self.n_states());
        let time = &control[control_row::TIME * lanes..][..lanes];
        let Self { equations, slope, jacobian, by_time, .. } = self;
        equations.derivatives_and_jacobian(time, y, slope, jacobian, by_time);
        for lane in 0..lanes {
            let sound = self.factorize(lane, control[control_row::DIAGONAL * lanes + lane]);
            control[control_row::SOUND * lanes + lane] = f64::from(u8::from(sound));
            let in_time = control[control_row::IN_TIME * lanes + lane];
            for state in 0..n {
                let at = state * lanes + lane;
                control[control_row::BY_TIME * lanes + at] = self.by_time[at];
                k[state * STAGES * lanes + lane] = in_time.mul_add(self.by_time[at], self.slope[at]);
            }
            self.solve(lane, k);
        }
    }

    fn stage(&mut self, u: &[f64], k: &mut [f64], control: &mut [f64]) {
        let (lanes, n) = (self.lanes(), self.n_states());
        let time = &control[control_row::TIME * lanes..][..lanes];
        self.equations.derivatives(time, u, &mut self.slope);
        for lane in 0..lanes {
            for state in 0..n {
                k[state * STAGES * lanes + lane] += self.slope[state * lanes + lane];
            }
            self.solve(lane, k);
        }
    }

    fn derivatives(&mut self, _lane: usize, t: &[f64], y: &[f64], dy: &mut [f64]) {
        self.equations.derivatives(t, y, dy);
    }

    fn n_roots(&self) -> usize {
        self.equations.n_roots()
    }

    fn roots(&mut self, t: &[f64], y: &[f64], g: &mut [f64]) {
        self.equations.roots(t, y, g);
    }

    fn root_states(&self) -> &[u32] {
        &self.all_states
    }
}
