//! Logistic growth, into which a dose is given.

use super::Problem;
use crate::math;

/// y' = r y (1 − y), r = 2, from y = 0.1; non-linear with an exact solution from any state,
/// so that a dose may be given on the way.
#[derive(Debug, Clone, Copy)]
pub struct Logistic;

/// Growth rate.
const RATE: f64 = 2.0;

impl Logistic {
    /// Exact state a time `t` after the state was `y`: y e^{rt} / (1 + y (e^{rt} − 1)).
    pub fn exact(&self, y: f64, t: f64) -> f64 {
        let growth = math::exp(RATE * t);
        y * growth / (1.0 + y * (growth - 1.0))
    }
}

impl Problem for Logistic {
    fn name(&self) -> &'static str {
        "logistic growth"
    }

    fn start(&self) -> Vec<f64> {
        vec![0.1]
    }

    fn end(&self) -> f64 {
        3.0
    }

    fn solution(&self) -> Vec<f64> {
        vec![self.exact(0.1, self.end())]
    }

    fn entries(&self) -> Vec<(u32, u32)> {
        vec![(0, 0)]
    }

    fn derivatives(&self, _t: f64, y: &[f64], dy: &mut [f64]) {
        dy[0] = RATE * y[0] * (1.0 - y[0]);
    }

    fn jacobian(&self, _t: f64, y: &[f64], jacobian: &mut [f64], dfdt: &mut [f64]) {
        jacobian[0] = RATE * (1.0 - 2.0 * y[0]);
        dfdt[0] = 0.0;
    }
}
