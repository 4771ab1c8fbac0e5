//! A system that depends on time.

use super::Problem;

/// x' = −λ (x − φ(t)) + φ'(t), z' = −x z t, with φ(t) = 1/(1+t) and λ = 50, from x = φ(0), z = 1.
///
/// Exact: x = φ(t), z = (1+t) e^{−t}. The first equation is that of Prothero & Robinson (1974),
/// on which the stage order of a stiff method shows.
#[derive(Debug, Clone, Copy)]
pub struct Forced;

/// Stiffness λ.
const STIFFNESS: f64 = 50.0;

impl Problem for Forced {
    fn name(&self) -> &'static str {
        "forced"
    }

    fn start(&self) -> Vec<f64> {
        vec![1.0, 1.0]
    }

    fn end(&self) -> f64 {
        2.0
    }

    fn solution(&self) -> Vec<f64> {
        vec![1.0 / 3.0, 3.0 * crate::math::exp(-2.0)]
    }

    fn entries(&self) -> Vec<(u32, u32)> {
        vec![(0, 0), (1, 0), (1, 1)]
    }

    fn derivatives(&self, t: f64, y: &[f64], dy: &mut [f64]) {
        let phi = 1.0 / (1.0 + t);
        dy[0] = -STIFFNESS * (y[0] - phi) - phi * phi;
        dy[1] = -y[0] * y[1] * t;
    }

    fn jacobian(&self, t: f64, y: &[f64], jacobian: &mut [f64], dfdt: &mut [f64]) {
        let phi = 1.0 / (1.0 + t);
        jacobian.copy_from_slice(&[-STIFFNESS, -y[1] * t, -y[0] * t]);
        dfdt[0] = -STIFFNESS * phi * phi + 2.0 * phi * phi * phi;
        dfdt[1] = -y[0] * y[1];
    }
}
