//! ROBER: Robertson's chemical kinetics.

use super::Problem;

/// Robertson's reaction over eleven decades of time, very stiff, 3 states.
///
/// Source: F. Mazzia & C. Magherini, Test Set for Initial Value Problem Solvers, release 2.4,
/// University of Bari (2008), problem ROBER, with its reference solution.
#[derive(Debug, Clone, Copy)]
pub struct Rober;

impl Problem for Rober {
    fn name(&self) -> &'static str {
        "ROBER"
    }

    fn start(&self) -> Vec<f64> {
        vec![1.0, 0.0, 0.0]
    }

    fn end(&self) -> f64 {
        1e11
    }

    fn solution(&self) -> Vec<f64> {
        vec![0.2083340149701255e-7, 0.8333360770334713e-13, 0.999_999_979_166_505]
    }

    fn entries(&self) -> Vec<(u32, u32)> {
        vec![(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 1)]
    }

    fn derivatives(&self, _t: f64, y: &[f64], dy: &mut [f64]) {
        dy[0] = -0.04 * y[0] + 1e4 * y[1] * y[2];
        dy[2] = 3e7 * y[1] * y[1];
        dy[1] = -dy[0] - dy[2];
    }

    fn jacobian(&self, _t: f64, y: &[f64], jacobian: &mut [f64], dfdt: &mut [f64]) {
        let (a, b, c) = (1e4 * y[2], 1e4 * y[1], 6e7 * y[1]);
        jacobian.copy_from_slice(&[-0.04, a, b, 0.04, -a - c, -b, c]);
        dfdt.fill(0.0);
    }
}
