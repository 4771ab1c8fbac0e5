//! Hamiltonian Monte Carlo on a ladder of flattened likelihoods, for a posterior whose prior is standard normal.
//!
//! A trajectory follows the gradient, so that a step goes as far as the posterior is wide \[Neal2011\]. Places between
//! which no trajectory goes are joined by replica exchange \[Geyer1991\]: rung k has the density L(x)^β N(x; 0, I) with
//! β from 1 down, and neighbors exchange their points in turn, the even pairs and then the odd ones, which makes
//! points wander straight instead of to and fro \[Syed2022\].

use nalgebra::{Cholesky, DMatrix, Dyn};
use regraft_ode::math;
use regraft_stats::Stream;

/// What a ladder needs of a likelihood: ln L at a point, its gradient written to the second.
pub(super) trait LogLikelihood {
    /// ln L; the gradient replaces what is there.
    fn log(&self, point: &[f64], gradient: &mut [f64]) -> f64;
}

impl LogLikelihood for super::likelihood::Density<'_> {
    fn log(&self, point: &[f64], gradient: &mut [f64]) -> f64 {
        super::likelihood::Density::log(self, point, gradient)
    }
}

/// Where uniform and normal draws of a ladder come from, taken one after the other.
pub(super) struct Draws {
    stream: Stream,
    index: u64,
}

impl Draws {
    /// From the first on.
    pub fn of(stream: Stream) -> Draws {
        Draws { stream, index: 0 }
    }

    fn uniform(&mut self) -> f64 {
        self.index += 1;
        self.stream.uniform(self.index - 1)
    }

    fn normal(&mut self) -> f64 {
        self.index += 1;
        self.stream.normal(self.index - 1)
    }
}

/// A lower triangle F with F Fᵀ the covariance along which trajectories are straightened.
#[derive(Debug, Clone)]
struct Shape {
    /// Column by column from the diagonal down.
    columns: Vec<Vec<f64>>,
}

impl Shape {
    fn of(covariance: DMatrix<f64>) -> Shape {
        let n = covariance.nrows();
        let factor = Cholesky::<f64, Dyn>::new(covariance).map_or_else(|| DMatrix::identity(n, n), |c| c.l());
        Shape { columns: (0..n).map(|j| factor.column(j).rows(j, n - j).iter().copied().collect()).collect() }
    }

    /// Adds `by` F v to `to`.
    fn add(&self, v: &[f64], by: f64, to: &mut [f64]) {
        for (j, (column, v)) in self.columns.iter().zip(v).enumerate() {
            let by = by * v;
            to[j..].iter_mut().zip(column).for_each(|(to, f)| *to += by * f);
        }
    }

    /// Adds `by` Fᵀ v to `to`.
    fn add_transposed(&self, v: &[f64], by: f64, to: &mut [f64]) {
        for (j, column) in self.columns.iter().enumerate() {
            to[j] += by * column.iter().zip(&v[j..]).map(|(f, v)| f * v).sum::<f64>();
        }
    }
}

/// A place on a rung.
#[derive(Debug, Clone)]
struct Place {
    point: Vec<f64>,
    log: f64,
    gradient: Vec<f64>,
}

/// One flattened likelihood.
#[derive(Debug, Clone)]
struct Rung {
    beta: f64,
    shape: Shape,
    place: Place,
    pace: Pace,
}

/// The length of a step, found while warming up.
#[derive(Debug, Clone)]
struct Pace {
    log_step: f64,
    /// Mean of `log_step` over the later part of warming up.
    mean: f64,
    count: f64,
}

/// Share of trajectories that shall be kept \[Beskos2013\].
const KEPT: f64 = 0.8;

/// Length of a trajectory where the posterior is normal and straightened: between half and one and a half times a
/// quarter of its turn, drawn anew each time, so that none comes back to where it began.
const QUARTER: f64 = std::f64::consts::FRAC_PI_2;

/// Most steps of a trajectory.
const MOST_STEPS: f64 = 48.0;

/// Replicas at flattened likelihoods.
pub(super) struct Ladder<'a, L> {
    likelihood: &'a L,
    rungs: Vec<Rung>,
    draws: Draws,
    sweeps: u64,
}

impl<'a, L: LogLikelihood> Ladder<'a, L> {
    /// Rungs of the powers `betas`, 1 first. `information` is the curvature of −ln L at `center`, around which the
    /// replicas start, each at a place of its own.
    pub fn new(
        likelihood: &'a L,
        betas: &[f64],
        center: &[f64],
        information: &DMatrix<f64>,
        mut draws: Draws,
    ) -> Ladder<'a, L> {
        let n = center.len();
        let mut rung = |beta: &f64| {
            let precision = information * *beta + DMatrix::identity(n, n);
            let covariance =
                Cholesky::<f64, Dyn>::new(precision).map_or_else(|| DMatrix::identity(n, n), |c| c.inverse());
            let shape = Shape::of(covariance);
            let away: Vec<f64> = (0..n).map(|_| draws.normal()).collect();
            let mut point = center.to_vec();
            shape.add(&away, 1.0, &mut point);
            let mut gradient = vec![0.0; n];
            let log = likelihood.log(&point, &mut gradient);
            let place = Place { point, log, gradient };
            let pace = Pace { log_step: math::ln(0.2), mean: math::ln(0.2), count: 0.0 };
            Rung { beta: *beta, shape, place, pace }
        };
        let rungs = betas.iter().map(&mut rung).collect();
        Ladder { likelihood, rungs, draws, sweeps: 0 }
    }

    /// The point of the posterior itself.
    pub fn point(&self) -> &[f64] {
        &self.rungs[0].place.point
    }

    /// A trajectory on every rung, then exchanges; while `warming` the steps are set.
    pub fn sweep(&mut self, warming: bool) {
        for rung in &mut self.rungs {
            let kept = rung.trajectory(self.likelihood, warming, &mut self.draws);
            if warming {
                rung.pace.learn(kept);
            }
        }
        let first = (self.sweeps % 2) as usize;
        for low in (first..self.rungs.len() - 1).step_by(2) {
            let (one, other) = self.rungs.split_at_mut(low + 1);
            let (one, other) = (&mut one[low], &mut other[0]);
            let gain = (one.beta - other.beta) * (other.place.log - one.place.log);
            if math::ln(self.draws.uniform()) < gain {
                std::mem::swap(&mut one.place, &mut other.place);
            }
        }
        self.sweeps += 1;
    }
}

impl Pace {
    /// Robbins and Monro's method on the logarithm of the step; what it settles to is the mean of its later half.
    fn learn(&mut self, kept: f64) {
        self.count += 1.0;
        self.log_step += (kept - KEPT) / (1.0 + 0.3 * self.count).sqrt();
        let weight = (4.0 / (self.count + 3.0)).min(1.0);
        self.mean += weight * (self.log_step - self.mean);
    }
}

impl Rung {
    /// One trajectory by the leapfrog method; gives the probability with which it was kept.
    fn trajectory(&mut self, likelihood: &impl LogLikelihood, warming: bool, draws: &mut Draws) -> f64 {
        let n = self.place.point.len();
        let step = math::exp(if warming { self.pace.log_step } else { self.pace.mean });
        let steps = (QUARTER * (0.5 + draws.uniform()) / step).ceil().clamp(1.0, MOST_STEPS) as usize;
        let mut momentum: Vec<f64> = (0..n).map(|_| draws.normal()).collect();
        let before = self.energy(&self.place, &momentum);
        let mut to = self.place.clone();
        self.push(&to, 0.5 * step, &mut momentum);
        for left in (0..steps).rev() {
            self.shape.add(&momentum, step, &mut to.point);
            to.log = likelihood.log(&to.point, &mut to.gradient);
            self.push(&to, if left == 0 { 0.5 * step } else { step }, &mut momentum);
        }
        let gain = before - self.energy(&to, &momentum);
        let kept = if gain.is_finite() { math::exp(gain.min(0.0)) } else { 0.0 };
        if draws.uniform() < kept {
            self.place = to;
        }
        kept
    }

    /// −ln of the density of place and momentum.
    fn energy(&self, place: &Place, momentum: &[f64]) -> f64 {
        let square = |values: &[f64]| 0.5 * values.iter().map(|v| v * v).sum::<f64>();
        square(&place.point) - self.beta * place.log + square(momentum)
    }

    /// Moves the momentum along the gradient for a time.
    fn push(&self, place: &Place, time: f64, momentum: &mut [f64]) {
        let slope: Vec<f64> =
            place.gradient.iter().zip(&place.point).map(|(g, x)| self.beta * g - x).collect();
        self.shape.add_transposed(&slope, time, momentum);
    }
}

#[cfg(test)]
mod tests;
