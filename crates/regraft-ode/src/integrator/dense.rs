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
        let work = Evaluate {
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
    lanes: usize,
    shares: &'a [f64],
    weights: &'a [f64],
    floor: &'a [f64],
    y_from: &'a [f64],
    y_to: &'a [f64],
    k: &'a [f64],
    out: &'a mut [f64],
}

impl Kernel for Evaluate<'_> {
    #[inline(always)]
    fn run<V: Vector>(self) {
        let (lanes, n) = (self.lanes, self.floor.len());
        assert!(
            self.y_from.len() == n * lanes && self.y_to.len() == n * lanes && self.out.len() >= n * lanes
        );
        assert!(self.k.len() == n * STAGES * lanes);
        for block in 0..lanes / V::WIDTH {
            let (theta, rest) = (V::at(self.shares, 0, lanes, block), V::at(self.shares, 1, lanes, block));
            let mut weights = [theta; STAGES];
            for (stage, weight) in weights.iter_mut().enumerate() {
                *weight = V::at(self.weights, stage, lanes, block);
            }
            for (row, &floor) in self.floor.iter().enumerate() {
                // SAFETY: all arrays have their n or n · STAGES rows, by the assertions above.
                unsafe {
                    let term = |stage: usize| {
                        weights[stage].mul(V::at_unchecked(self.k, row * STAGES + stage, lanes, block))
                    };
                    // In pairs, as for one lane alone.
                    let early = term(0).add(term(1)).add(term(2).add(term(3)));
                    let late = term(4).add(term(5)).add(term(6).add(term(7)));
                    let from = rest.mul(V::at_unchecked(self.y_from, row, lanes, block));
                    let to = theta.mul(V::at_unchecked(self.y_to, row, lanes, block));
                    let value = from.add(to.add(early.add(late)));
                    value.zero_below(V::splat(floor)).put_unchecked(self.out, row, lanes, block);
                }
            }
        }
    }
}
