//! The likelihood made ready for a sampler: with its gradient, and at a hundredth of the work.
//!
//! The scale of a group is B + τ² u uᵀ with B the same at all parameters and spreads. B is factored once; with
//! a = B⁻¹m, q = mᵀa, r = uᵀa and c = uᵀB⁻¹u the squared distance is q − τ² r²/(1 + τ² c) and ln |scale| is
//! ln |B| + ln(1 + τ² c) (Sherman, Morrison and Woodbury).

use nalgebra::{Cholesky, DVector, Dyn};
use regraft_ode::math;
use regraft_trial::UncertainParameter;

use super::{FREEDOM, Likelihood, Spreads};
use crate::calibration::emulator::polynomial::Polynomial;
use crate::calibration::targets::Kind;

/// ln τ varies before looking by this much around its assumed value: two thirds lie between 0.6 and 1.6 of it.
pub const SPREAD_SD: f64 = 0.5;

/// ln L of a point: parameters z, then of each kind t = ln(τ / assumed τ)/[`SPREAD_SD`]. Before looking all of them are
/// independent standard normal.
#[derive(Debug, Clone)]
pub struct Density<'a> {
    parameters: &'a [UncertainParameter],
    assumed: Spreads,
    functions: Vec<Polynomial>,
    observed: Vec<f64>,
    groups: Vec<Ready>,
}

/// A group with B factored.
#[derive(Debug, Clone)]
struct Ready {
    kind: usize,
    rows: Vec<usize>,
    weight: f64,
    /// B⁻¹, row by row.
    inverse: Vec<f64>,
    log_det: f64,
    /// B⁻¹ u.
    pulled: Vec<f64>,
    /// uᵀ B⁻¹ u
    c: f64,
}

impl<'a> Density<'a> {
    /// The density of these numbers; `assumed` are the spreads at t = 0.
    pub fn new(
        parameters: &'a [UncertainParameter],
        likelihood: &Likelihood,
        assumed: Spreads,
    ) -> Density<'a> {
        let ready = |group: &super::Group| {
            let cholesky = Cholesky::<f64, Dyn>::new(likelihood.scale(group, [0.0; 4]))?;
            let unit = DVector::from_iterator(
                group.rows.len(),
                group.rows.iter().map(|row| likelihood.fitted[*row].unit),
            );
            let pulled = cholesky.solve(&unit);
            Some(Ready {
                kind: Kind::ALL.iter().position(|kind| *kind == group.kind)?,
                rows: group.rows.clone(),
                weight: group.weight,
                inverse: cholesky.inverse().as_slice().to_vec(),
                log_det: 2.0 * cholesky.l_dirty().diagonal().iter().map(|d| math::ln(*d)).sum::<f64>(),
                c: unit.dot(&pulled),
                pulled: pulled.as_slice().to_vec(),
            })
        };
        Density {
            parameters,
            assumed,
            functions: likelihood.fitted.iter().map(|one| one.emulator.polynomial()).collect(),
            observed: likelihood.fitted.iter().map(|one| one.target.observed).collect(),
            groups: likelihood.groups.iter().filter_map(ready).collect(),
        }
    }

    /// The spreads of a point.
    pub fn spreads(&self, point: &[f64]) -> Spreads {
        let own = &point[self.parameters.len()..];
        std::array::from_fn(|kind| self.assumed[kind] * math::exp(SPREAD_SD * own[kind]))
    }

    /// ln L at a point; its gradient replaces what `gradient` holds.
    pub fn log(&self, point: &[f64], gradient: &mut [f64]) -> f64 {
        let n = self.parameters.len();
        let features: Vec<f64> =
            self.parameters.iter().zip(point).map(|(parameter, z)| parameter.feature(*z)).collect();
        let misses: Vec<f64> = self
            .functions
            .iter()
            .zip(&self.observed)
            .map(|(function, observed)| observed - function.of(&features))
            .collect();
        let squares = self.spreads(point).map(|spread| spread * spread);
        let mut pulls = vec![0.0; misses.len()];
        gradient.fill(0.0);
        let mut sum = 0.0;
        for group in &self.groups {
            let (own, by_square) = group.log(&misses, squares[group.kind], &mut pulls);
            sum += own;
            gradient[n + group.kind] += by_square * 2.0 * SPREAD_SD * squares[group.kind];
        }
        for (function, pull) in self.functions.iter().zip(&pulls) {
            function.add_slopes(&features, *pull, gradient);
        }
        for (p, parameter) in self.parameters.iter().enumerate() {
            gradient[p] *= parameter.feature_slope(point[p]);
        }
        sum
    }

    /// About how much the numbers say of each t at t = 0: of a t distribution with ν degrees the information on
    /// ln σ is 2ν/(ν + 3), of which the spread between trials makes the share τ² c/(1 + τ² c), squared.
    pub fn information_on_spreads(&self) -> Spreads {
        let mut sums = [0.0; 4];
        for group in &self.groups {
            let part = group.c * self.assumed[group.kind] * self.assumed[group.kind];
            let share = part / (1.0 + part);
            sums[group.kind] +=
                group.weight * SPREAD_SD * SPREAD_SD * share * share * 2.0 * FREEDOM / (FREEDOM + 3.0);
        }
        sums
    }
}

impl Ready {
    /// ln L of the group and its derivative by τ²; its pulls on the functions are written to `pulls`.
    fn log(&self, misses: &[f64], square: f64, pulls: &mut [f64]) -> (f64, f64) {
        let k = self.rows.len();
        let (mut q, mut r) = (0.0, 0.0);
        for (i, row) in self.rows.iter().enumerate() {
            let inverse = &self.inverse[i * k..(i + 1) * k];
            let solved: f64 = inverse.iter().zip(&self.rows).map(|(b, other)| b * misses[*other]).sum();
            pulls[*row] = solved;
            q += misses[*row] * solved;
            r += misses[*row] * self.pulled[i];
        }
        let widened = 1.0 + square * self.c;
        let share = r / widened;
        let distance = q - square * r * share;
        let freedom = FREEDOM + k as f64;
        let pull = self.weight * freedom / (FREEDOM + distance);
        for (row, pulled) in self.rows.iter().zip(&self.pulled) {
            pulls[*row] = pull * (pulls[*row] - square * share * pulled);
        }
        let log =
            -0.5 * (self.log_det + math::ln(widened)) - 0.5 * freedom * math::ln(1.0 + distance / FREEDOM);
        (self.weight * log, 0.5 * (pull * share * share - self.weight * self.c / widened))
    }
}
