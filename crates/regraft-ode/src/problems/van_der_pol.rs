//! VDPOL: the oscillator of van der Pol.

use super::Problem;

/// Van der Pol's oscillator with damping 1000, stiff with two fast transitions, 2 states.
///
/// Source: F. Mazzia & C. Magherini, Test Set for Initial Value Problem Solvers, release 2.4,
/// University of Bari (2008), problem VDPOL (μ = 1000, to t = 2000), with its reference solution.
#[derive(Debug, Clone, Copy)]
pub struct VanDerPol;

const MU: f64 = 1000.0;

impl Problem for VanDerPol {
    fn name(&self) -> &'static str {
        "VDPOL"
    }

    fn start(&self) -> Vec<f64> {
        vec![2.0, 0.0]
    }

    fn end(&self) -> f64 {
        2000.0
    }

    fn solution(&self) -> Vec<f64> {
        vec![1.706167732170469, -0.8928097010248125e-3]
    }

    fn entries(&self) -> Vec<(u32, u32)> {
        vec![(0, 1), (1, 0), (1, 1)]
    }

    fn derivatives(&self, _t: f64, y: &[f64], dy: &mut [f64]) {
        dy[0] = y[1];
        dy[1] = MU * (1.0 - y[0] * y[0]) * y[1] - y[0];
    }

    fn jacobian(&self, _t: f64, y: &[f64], jacobian: &mut [f64], dfdt: &mut [f64]) {
        jacobian.copy_from_slice(&[1.0, -2.0 * MU * y[0] * y[1] - 1.0, MU * (1.0 - y[0] * y[0])]);
        dfdt.fill(0.0);
    }
}

/// The same oscillator in slow time, as the test set has it: ε y₁'' = (1 − y₁²) y₁' − y₁ with ε = 1e-6, to t = 2.
///
/// Source: as [`VanDerPol`], file `vdpol.f`, with its reference solution.
#[derive(Debug, Clone, Copy)]
pub struct ScaledVanDerPol;

const EPSILON: f64 = 1e-6;

impl Problem for ScaledVanDerPol {
    fn name(&self) -> &'static str {
        "VDPOL 1e-6"
    }

    fn start(&self) -> Vec<f64> {
        vec![2.0, 0.0]
    }

    fn end(&self) -> f64 {
        2.0
    }

    fn solution(&self) -> Vec<f64> {
        vec![1.706167732170483, -0.8928097010247975]
    }

    fn entries(&self) -> Vec<(u32, u32)> {
        vec![(0, 1), (1, 0), (1, 1)]
    }

    fn derivatives(&self, _t: f64, y: &[f64], dy: &mut [f64]) {
        dy[0] = y[1];
        dy[1] = ((1.0 - y[0] * y[0]) * y[1] - y[0]) / EPSILON;
    }

    fn jacobian(&self, _t: f64, y: &[f64], jacobian: &mut [f64], dfdt: &mut [f64]) {
        let (by_0, by_1) = (-2.0 * y[0] * y[1] - 1.0, 1.0 - y[0] * y[0]);
        jacobian.copy_from_slice(&[1.0, by_0 / EPSILON, by_1 / EPSILON]);
        dfdt.fill(0.0);
    }
}
