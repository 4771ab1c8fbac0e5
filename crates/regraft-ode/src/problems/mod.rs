//! Test problems with known solutions, for tests and benches of this and other crates.
//!
//! A [`Problem`] is written for one patient; [`Problem::system`] puts it on lanes.

mod decay_chain;
mod e5;
mod forced;
mod hires;
mod logistic;
mod medical_akzo_nobel;
mod orego;
mod pollution;
mod reactions;
mod rober;
mod van_der_pol;

pub use decay_chain::DecayChain;
pub use e5::E5;
pub use forced::Forced;
pub use hires::Hires;
pub use logistic::Logistic;
pub use medical_akzo_nobel::MedicalAkzoNobel;
pub use orego::Orego;
pub use pollution::Pollution;
pub use rober::Rober;
pub use van_der_pol::{ScaledVanDerPol, VanDerPol};

use crate::linear::Factored;
use crate::system::{Equations, SparsityPattern};

/// An initial value problem with its solution at the end.
pub trait Problem: Clone {
    /// Name as in the literature.
    fn name(&self) -> &'static str;
    /// State at time 0.
    fn start(&self) -> Vec<f64>;
    /// End of the time span.
    fn end(&self) -> f64;
    /// State at the end.
    fn solution(&self) -> Vec<f64>;
    /// Rows and columns of the Jacobian's non-zeros, by row, then column.
    fn entries(&self) -> Vec<(u32, u32)>;
    /// f(t, y).
    fn derivatives(&self, t: f64, y: &[f64], dy: &mut [f64]);
    /// Non-zeros of ∂f/∂y in the order of [`Problem::entries`], and ∂f/∂t.
    fn jacobian(&self, t: f64, y: &[f64], jacobian: &mut [f64], dfdt: &mut [f64]);

    /// The problem in every one of `lanes` lanes.
    fn system(&self, lanes: usize) -> Factored<OnLanes<Self>> {
        Factored::new(OnLanes::new(self.clone(), lanes))
    }
}

/// A problem on lanes: each lane is gathered, evaluated and scattered.
#[derive(Debug, Clone)]
pub struct OnLanes<P> {
    problem: P,
    lanes: usize,
    pattern: SparsityPattern,
    y: Vec<f64>,
    dy: Vec<f64>,
    jacobian: Vec<f64>,
}

impl<P: Problem> OnLanes<P> {
    fn new(problem: P, lanes: usize) -> Self {
        let n = problem.start().len();
        let pattern = SparsityPattern::from_entries(n, &problem.entries());
        let jacobian = vec![0.0; pattern.n_nonzeros()];
        Self { problem, lanes, pattern, y: vec![0.0; n], dy: vec![0.0; n], jacobian }
    }

    fn gather(&mut self, y: &[f64], lane: usize) {
        for (state, value) in self.y.iter_mut().enumerate() {
            *value = y[state * self.lanes + lane];
        }
    }
}

fn scatter(values: &[f64], out: &mut [f64], lanes: usize, lane: usize) {
    for (row, &value) in values.iter().enumerate() {
        out[row * lanes + lane] = value;
    }
}

impl<P: Problem> Equations for OnLanes<P> {
    fn n_states(&self) -> usize {
        self.y.len()
    }

    fn lanes(&self) -> usize {
        self.lanes
    }

    fn pattern(&self) -> &SparsityPattern {
        &self.pattern
    }

    fn derivatives(&mut self, t: &[f64], y: &[f64], dy: &mut [f64]) {
        for lane in 0..self.lanes {
            self.gather(y, lane);
            self.problem.derivatives(t[lane], &self.y, &mut self.dy);
            scatter(&self.dy, dy, self.lanes, lane);
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
        for lane in 0..self.lanes {
            self.gather(y, lane);
            self.problem.jacobian(t[lane], &self.y, &mut self.jacobian, &mut self.dy);
            scatter(&self.jacobian, jacobian, self.lanes, lane);
            scatter(&self.dy, dfdt, self.lanes, lane);
        }
    }
}

#[cfg(test)]
mod tests;
