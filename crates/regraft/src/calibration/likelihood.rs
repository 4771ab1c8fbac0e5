//! How likely the published numbers are at given parameters.

mod density;

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use regraft_ode::math;

use super::emulator::Emulator;
use super::targets::{Kind, Target};

pub use density::{Density, SPREAD_SD};

/// Correlation of the errors of two numbers of one endpoint of one arm at different days. Assumed: most patients of a
/// later number are those of the earlier one; neighboring points of a survival curve correlate by 0.7 to 0.95.
const SAME_ENDPOINT: f64 = 0.8;

/// Correlation of the errors of numbers of different endpoints of one arm and kind. Assumed: they tell of the same
/// patients, often of the same events.
const OTHER_ENDPOINT: f64 = 0.4;

/// Degrees of freedom of the errors of a group. Chosen: few, so that a trial that is unlike all others weighs little.
pub(super) const FREEDOM: f64 = 4.0;

/// A target with its function.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// The target.
    pub target: Target,
    /// Its value as a function of the parameters.
    pub emulator: Emulator,
    /// Standard error of the published number on the scale of its kind.
    pub error: f64,
    /// What one unit of the spread between trials is there: 1, of means the standard deviation between patients.
    pub unit: f64,
}

impl Fitted {
    /// A target whose error is known or can be made from its patients.
    pub fn new(target: Target, emulator: Emulator) -> Option<Fitted> {
        let sd = emulator.patient_sd;
        let made = || {
            let n = target.n?;
            let natural = target.kind.unlinked(target.observed);
            // Pseudo-values of ratios are logarithms, so their spread is on the scale already.
            let slope = if target.kind == Kind::Ratio { 1.0 } else { target.kind.slope(natural) };
            Some(sd * slope / n.sqrt())
        };
        let error = target.error.or_else(made).filter(|error| error.is_finite() && *error > 0.0)?;
        let unit = if target.kind == Kind::Mean { sd.max(1e-12) } else { 1.0 };
        Some(Fitted { target, emulator, error, unit })
    }
}

/// Targets whose errors belong together: those of one published arm and one kind, which share what is peculiar to
/// their trial.
#[derive(Debug, Clone)]
struct Group {
    kind: Kind,
    /// Positions among the targets.
    rows: Vec<usize>,
    weight: f64,
}

/// All targets, grouped.
#[derive(Debug, Clone)]
pub struct Likelihood {
    /// The targets.
    pub fitted: Vec<Fitted>,
    groups: Vec<Group>,
    /// Standard errors of the functions where they are used, `[target]`.
    function_errors: Vec<f64>,
}

/// Spreads between trials, in the order of [`Kind::ALL`].
pub type Spreads = [f64; 4];

impl Likelihood {
    /// Groups the targets; the errors of the functions are those at `features`.
    pub fn new(fitted: Vec<Fitted>, features: &[f64]) -> Likelihood {
        let mut groups: Vec<(String, Group)> = Vec::new();
        for (row, one) in fitted.iter().enumerate() {
            let published = &one.target.published;
            let name = format!("{}/{}/{:?}", published.trial_id, published.arm_id, one.target.kind);
            match groups.iter_mut().find(|(known, _)| *known == name) {
                Some((_, group)) => group.rows.push(row),
                None => groups.push((name, Group { kind: one.target.kind, rows: vec![row], weight: 1.0 })),
            }
        }
        for (_, group) in &mut groups {
            let total: f64 = group.rows.iter().map(|row| fitted[*row].target.weight).sum();
            group.weight = total / group.rows.len() as f64;
        }
        let function_errors = fitted.iter().map(|one| one.emulator.error(features)).collect();
        Likelihood { fitted, groups: groups.into_iter().map(|(_, group)| group).collect(), function_errors }
    }

    /// The same groups and errors with other published numbers, each of patients of its own: all count whole.
    pub(super) fn with(&self, fitted: Vec<Fitted>) -> Likelihood {
        let whole = |group: &Group| Group { weight: 1.0, ..group.clone() };
        let groups = self.groups.iter().map(whole).collect();
        Likelihood { fitted, groups, ..self.clone() }
    }

    /// Positions of the targets of each group, and the scale of their errors.
    pub(super) fn scales(&self, spreads: Spreads) -> Vec<(Vec<usize>, DMatrix<f64>)> {
        self.groups.iter().map(|group| (group.rows.clone(), self.scale(group, spreads))).collect()
    }

    /// ln L: each group multivariate t with `FREEDOM` degrees, scale E R E + τ² u uᵀ; E errors of the rows and of
    /// their functions, R their correlation, τ the spread between trials, u its unit.
    pub fn log(&self, features: &[f64], spreads: Spreads) -> f64 {
        let misses: Vec<f64> = self.misses(features);
        self.groups.iter().map(|group| group.weight * self.of_group(group, &misses, spreads)).sum()
    }

    /// Published minus computed, linked, `[target]`.
    pub fn misses(&self, features: &[f64]) -> Vec<f64> {
        self.fitted.iter().map(|one| one.target.observed - one.emulator.linked(features)).collect()
    }

    fn scale(&self, group: &Group, spreads: Spreads) -> DMatrix<f64> {
        let spread =
            spreads[Kind::ALL.iter().position(|kind| *kind == group.kind).expect("all kinds are there")];
        DMatrix::from_fn(group.rows.len(), group.rows.len(), |i, j| {
            let (a, b) = (group.rows[i], group.rows[j]);
            let (one, other) = (&self.fitted[a], &self.fitted[b]);
            let correlation = match (i == j, one.target.endpoint == other.target.endpoint) {
                (true, _) => 1.0,
                (_, true) => SAME_ENDPOINT,
                _ => OTHER_ENDPOINT,
            };
            let own = if i == j { self.function_errors[a] * self.function_errors[a] } else { 0.0 };
            one.error * other.error * correlation + own + spread * spread * one.unit * other.unit
        })
    }

    fn of_group(&self, group: &Group, misses: &[f64], spreads: Spreads) -> f64 {
        let k = group.rows.len() as f64;
        let Some((square, log_det)) = self.distance(group, misses, spreads) else { return f64::NEG_INFINITY };
        -0.5 * log_det - 0.5 * (FREEDOM + k) * math::ln(1.0 + square / FREEDOM)
    }

    /// Squared distance of a group's misses and ln |scale|.
    fn distance(&self, group: &Group, misses: &[f64], spreads: Spreads) -> Option<(f64, f64)> {
        let miss = DVector::from_iterator(group.rows.len(), group.rows.iter().map(|row| misses[*row]));
        let cholesky = Cholesky::<f64, Dyn>::new(self.scale(group, spreads))?;
        let log_det = 2.0 * cholesky.l_dirty().diagonal().iter().map(|d| math::ln(*d)).sum::<f64>();
        Some((miss.dot(&cholesky.solve(&miss)), log_det))
    }

    /// Information on the linked means, `[target, target]` in blocks, weighted as the t distribution weighs a group at
    /// its present misses, and the pull Σ weight · scale⁻¹ · miss on each.
    pub fn pulls(&self, features: &[f64], spreads: Spreads) -> (DMatrix<f64>, DVector<f64>) {
        let n = self.fitted.len();
        let misses = self.misses(features);
        let mut information = DMatrix::zeros(n, n);
        let mut pull = DVector::zeros(n);
        for group in &self.groups {
            let k = group.rows.len();
            let Some(cholesky) = Cholesky::<f64, Dyn>::new(self.scale(group, spreads)) else { continue };
            let miss = DVector::from_iterator(k, group.rows.iter().map(|row| misses[*row]));
            let solved = cholesky.solve(&miss);
            let weight = group.weight * (FREEDOM + k as f64) / (FREEDOM + miss.dot(&solved));
            let inverse = cholesky.inverse();
            for (i, a) in group.rows.iter().enumerate() {
                pull[*a] += weight * solved[i];
                for (j, b) in group.rows.iter().enumerate() {
                    information[(*a, *b)] += weight * inverse[(i, j)];
                }
            }
        }
        (information, pull)
    }

    /// How far each published number lies from its function, in standard deviations of row, function and trial.
    pub fn standardized(&self, features: &[f64], spreads: Spreads) -> Vec<f64> {
        let misses = self.misses(features);
        let mut all = vec![0.0; self.fitted.len()];
        for group in &self.groups {
            let scale = self.scale(group, spreads);
            for (i, row) in group.rows.iter().enumerate() {
                all[*row] = misses[*row] / scale[(i, i)].sqrt();
            }
        }
        all
    }
}

#[cfg(test)]
mod tests;
