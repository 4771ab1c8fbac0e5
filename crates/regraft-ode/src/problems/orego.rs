//! OREGO: the Oregonator.

use super::Problem;

/// The Belousov–Zhabotinskii reaction, stiff relaxation oscillations, 3 states.
///
/// Source: F. Mazzia & C. Magherini, Test Set for Initial Value Problem Solvers, release 2.4,
/// University of Bari (2008), problem OREGO, with its reference solution.
#[derive(Debug, Clone, Copy)]
pub struct Orego;

const S: f64 = 77.27;
const W: f64 = 0.161;
const Q: f64 = 8.375e-6;

impl Problem for Orego {
    fn name(&self) -> &'static str {
        "OREGO"
    }

    fn start(&self) -> Vec<f64> {
        vec![1.0, 2.0, 3.0]
    }

    fn end(&self) -> f64 {
        360.0
    }

    fn solution(&self) -> Vec<f64> {
        vec![0.1000814870318523e1, 0.1228178521549917e4, 0.1320554942846706e3]
    }

    fn entries(&self) -> Vec<(u32, u32)> {
        vec![(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0), (2, 2)]
    }

    fn derivatives(&self, _t: f64, y: &[f64], dy: &mut [f64]) {
        dy[0] = S * (y[1] + y[0] * (1.0 - Q * y[0] - y[1]));
        dy[1] = (y[2] - (1.0 + y[0]) * y[1]) / S;
        dy[2] = W * (y[0] - y[2]);
    }

    fn jacobian(&self, _t: f64, y: &[f64], jacobian: &mut [f64], dfdt: &mut [f64]) {
        jacobian.copy_from_slice(&[
            S * (1.0 - 2.0 * Q * y[0] - y[1]),
            S * (1.0 - y[0]),
            -y[1] / S,
            -(1.0 + y[0]) / S,
            1.0 / S,
            W,
            -W,
        ]);
        dfdt.fill(0.0);
    }
}
