//! A chain of compartments, each emptying into the next.

use super::Problem;
use crate::math;

/// y₀' = −r₀ y₀, y_j' = r_{j−1} y_{j−1} − r_j y_j, with rates r_j = 10^(2 − j), 5 compartments,
/// all in the first at the start. Linear, the exact solution is Bateman's (1910).
#[derive(Debug, Clone, Copy)]
pub struct DecayChain;

const RATES: [f64; 5] = [100.0, 10.0, 1.0, 0.1, 0.01];

impl DecayChain {
    /// Exact state at time `t` by Bateman's formula.
    pub fn exact(&self, t: f64) -> Vec<f64> {
        (0..RATES.len()).map(|compartment| bateman(compartment, t)).collect()
    }
}

/// Π_{i<n} r_i · Σ_{j≤n} e^(−r_j t) / Π_{k≤n, k≠j} (r_k − r_j).
fn bateman(compartment: usize, t: f64) -> f64 {
    let fed: f64 = RATES[..compartment].iter().product();
    let term = |j: usize| {
        let others = (0..=compartment).filter(|&k| k != j);
        let divisor: f64 = others.map(|k| RATES[k] - RATES[j]).product();
        math::exp(-RATES[j] * t) / divisor
    };
    fed * (0..=compartment).map(term).sum::<f64>()
}

impl Problem for DecayChain {
    fn name(&self) -> &'static str {
        "decay chain"
    }

    fn start(&self) -> Vec<f64> {
        vec![1.0, 0.0, 0.0, 0.0, 0.0]
    }

    fn end(&self) -> f64 {
        5.0
    }

    fn solution(&self) -> Vec<f64> {
        self.exact(self.end())
    }

    fn entries(&self) -> Vec<(u32, u32)> {
        vec![(0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (4, 3), (4, 4)]
    }

    fn derivatives(&self, _t: f64, y: &[f64], dy: &mut [f64]) {
        dy[0] = -RATES[0] * y[0];
        for state in 1..RATES.len() {
            dy[state] = RATES[state - 1] * y[state - 1] - RATES[state] * y[state];
        }
    }

    fn jacobian(&self, _t: f64, _y: &[f64], jacobian: &mut [f64], dfdt: &mut [f64]) {
        jacobian[0] = -RATES[0];
        for state in 1..RATES.len() {
            jacobian[2 * state - 1] = RATES[state - 1];
            jacobian[2 * state] = -RATES[state];
        }
        dfdt.fill(0.0);
    }
}
