//! Dense output of all lanes at once, each at its own share of its step.

use crate::lanes::Rows;
use crate::step::Step;
use crate::tableau::{STAGES, dense_weights};
use crate::vector::{self, Kernel, Vector};

/// Where in its step each lane is wanted.
#[derive(Default)]
pub(super) struct DenseOutput {
    lanes: usize,
    /// θ and 1 − θ, `[2][lane]`.
    shares: Rows,
    /// `[stage][lane]`
    weights: Rows,
}

impl DenseOutput {
    pub fn new(lanes: usize) -> Self {
        Self { lanes, shares: Rows::new(2, lanes), weights: Rows::new(STAGES, lanes) }
    }

    /// Sets the share of the step of one lane.
    pub fn set(&mut self, lane: usize, theta: f64) {
        self.shares[lane] = theta;
        self.shares[self.lanes + lane] = 1.0 - theta;
        for (stage, weight) in dense_weights(theta).into_iter().enumerate() {
            self.weights[stage * self.lanes + lane] = weight;
        }
    }

    /// y(θ), `[state][lane]`, decayed amounts set to zero; `y_from` are the states at the start of the step.
    pub fn evaluate(&self, y_from: &[f64], step: &Step, out: &mut [f64]) {
        self.run(None, y_from, step, out);
    }

    /// The same of some states, each below their number; the others are left as they are.
    pub fn evaluate_some(&self, states: &[u32], y_from: &[f64], step: &Step, out: &mut [f64]) {
        self.run(Some(states), y_from, step, out);
    }

    fn run(&self, states: Option<&[u32]>, y_from: &[f64], step: &Step, out: &mut [f64]) {
        let work = Evaluate {
            states,
            lanes: self.lanes,
            shares: &self.shares,
            weights: &self.weights,
            floor: &step.floor,
            y_from,
            y_to: &step.state,
            k: &step.k,
            out,
        };
        vector::run(self.lanes, work);
    }
}

struct Evaluate<'a> {
    /// Those wanted; `None` for all.
    states: Option<&'a [u32]>,
    lanes: usize,
    shares: &'a [f64],
    weights: &'a [f64],
    floor: &'a [f64],
    y_from: &'a [f64],
    y_to: &'a [f64],
    k: &'a [f64],
    out: &'a mut [f64],
}

/// Shares and weights of a block of lanes.
struct At<V> {
    block: usize,
    theta: V,
    rest: V,
    weights: [V; STAGES],
}

impl Evaluate<'_> {
    /// One state of a block.
    ///
    /// # Safety
    /// All arrays must have the row, `k` its `STAGES`.
    #[inline(always)]
    unsafe fn row<V: Vector>(&mut self, at: &At<V>, row: usize) {
        let (lanes, block) = (self.lanes, at.block);
        // SAFETY: the caller's promise.
        unsafe {
            let term = |stage: usize| {
                at.weights[stage].mul(V::at_unchecked(self.k, row * STAGES + stage, lanes, block))
            };
            // In pairs, as for one lane alone.
            let early = term(0).add(term(1)).add(term(2).add(term(3)));
            let late = term(4).add(term(5)).add(term(6).add(term(7)));
            let from = at.rest.mul(V::at_unchecked(self.y_from, row, lanes, block));
            let to = at.theta.mul(V::at_unchecked(self.y_to, row, lanes, block));
            let value = from.add(to.add(early.add(late)));
            let floor = V::splat(*self.floor.get_unchecked(row));
            value.zero_below(floor).put_unchecked(self.out, row, lanes, block);
        }
    }
}

impl Kernel for Evaluate<'_> {
    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let (lanes, n) = (self.lanes, self.floor.len());
        assert!(
            self.y_from.len() == n * lanes && self.y_to.len() == n * lanes && self.out.len() >= n * lanes
        );
        assert!(self.k.len() == n * STAGES * lanes);
        assert!(self.states.is_none_or(|states| states.iter().all(|&state| (state as usize) < n)));
        for block in 0..lanes / V::WIDTH {
            let (theta, rest) = (V::at(self.shares, 0, lanes, block), V::at(self.shares, 1, lanes, block));
            let mut weights = [theta; STAGES];
            for (stage, weight) in weights.iter_mut().enumerate() {
                *weight = V::at(self.weights, stage, lanes, block);
            }
            let at = At { block, theta, rest, weights };
            // SAFETY: all arrays have their n or n · STAGES rows, and no state is beyond, by the assertions above.
            unsafe {
                match self.states {
                    None => {
                        for row in 0..n {
                            self.row(&at, row);
                        }
                    }
                    Some(states) => {
                        for &state in states {
                            self.row(&at, state as usize);
                        }
                    }
                }
            }
        }
    }
}
