//! A system for tests: an oscillator in each lane, with its own damping.

use crate::linear::Factored;
use crate::system::{Equations, SparsityPattern};

/// x' = v, v' = μ (1 − x²) v − x, w' = t; root functions x, 0.5 − x, v, 3x.
///
/// μ is per lane; NaN makes the lane fail.
#[derive(Debug, Clone)]
pub struct Oscillators {
    pub damping: Vec<f64>,
    pattern: SparsityPattern,
}

impl Oscillators {
    pub fn new(damping: &[f64]) -> Factored<Self> {
        let entries = [(0, 1), (1, 0), (1, 1)];
        Factored::new(Self { damping: damping.to_vec(), pattern: SparsityPattern::from_entries(3, &entries) })
    }
}

impl Equations for Oscillators {
    fn n_states(&self) -> usize {
        3
    }

    fn lanes(&self) -> usize {
        self.damping.len()
    }

    fn pattern(&self) -> &SparsityPattern {
        &self.pattern
    }

    fn derivatives(&mut self, t: &[f64], y: &[f64], dy: &mut [f64]) {
        let lanes = self.lanes();
        for lane in 0..lanes {
            let (x, v) = (y[lane], y[lanes + lane]);
            dy[lane] = v;
            dy[lanes + lane] = self.damping[lane] * (1.0 - x * x) * v - x;
            dy[2 * lanes + lane] = t[lane];
        }
    }

    fn derivatives_and_jacobian(
        &mut self,
        t: &[f64],
        y: &[f64],
        dy: &mut [f64],
        jacobian: &mut [f64],
        dfdt: &mut [f64],
    ) {
        self.derivatives(t, y, dy);
        let lanes = self.lanes();
        for lane in 0..lanes {
            let (x, v) = (y[lane], y[lanes + lane]);
            jacobian[lane] = 1.0;
            jacobian[lanes + lane] = -2.0 * self.damping[lane] * x * v - 1.0;
            jacobian[2 * lanes + lane] = self.damping[lane] * (1.0 - x * x);
            dfdt[lane] = 0.0;
            dfdt[lanes + lane] = 0.0;
            dfdt[2 * lanes + lane] = 1.0;
        }
    }

    fn n_roots(&self) -> usize {
        4
    }

    fn roots(&mut self, _t: &[f64], y: &[f64], g: &mut [f64]) {
        let lanes = self.lanes();
        for lane in 0..lanes {
            let (x, v) = (y[lane], y[lanes + lane]);
            g[lane] = x;
            g[lanes + lane] = 0.5 - x;
            g[2 * lanes + lane] = v;
            g[3 * lanes + lane] = 3.0 * x;
        }
    }
}
