//! Patients of whom some columns are known: the rest is drawn from what the copula leaves of it.
//!
//! The known columns come first in the order of the Cholesky factor, so their independent normals follow from their
//! values and the others keep their own draws. A known category leaves an interval of its normal: the draw is cut to
//! it, and the patient carries the probability of the interval as a weight (the simulator
//! of Geweke, Hajivassiliou and Keane). With nothing known the patients are those of the recipe, bit for bit.

use regraft_stats::math::{normal_cdf, normal_quantile};
use regraft_stats::{Seed, StatsError, cholesky};

use super::{BODY_SURFACE, Cohort, Recipe, body_surface_m2};
use crate::distribution::DistributionSpec;

/// Ranks beyond which a known value is no further from the middle: a value outside the population says of the others
/// what the 1st of 1,000 says.
const FARTHEST_RANK: f64 = 0.001;

/// A recipe of which some columns are known.
#[derive(Debug, Clone)]
pub struct Given<'a> {
    recipe: &'a Recipe,
    /// Known values by column.
    known: Vec<Option<f64>>,
    /// Correlated columns: known points, known categories, the others in the order of the recipe.
    order: Vec<usize>,
    /// What is known of each of these.
    places: Vec<Place>,
    /// Lower Cholesky factor in this order, `[row, column]`.
    factor: Vec<f64>,
}

/// What is known of the normal under a column.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    /// Nothing.
    Free,
    /// Its value.
    Point(f64),
    /// That it lies between these.
    Within(f64, f64),
}

impl Recipe {
    /// Patients whose columns `known` (position in [`Recipe::columns`], value) have these values.
    ///
    /// # Errors
    /// [`StatsError`] where the correlations, in the other order, cannot be factorized.
    ///
    /// # Panics
    /// If a position is not one of a column.
    pub fn given(&self, known: &[(usize, f64)]) -> Result<Given<'_>, StatsError> {
        let mut values = vec![None; self.columns.len()];
        known.iter().for_each(|(column, value)| values[*column] = Some(*value));
        let place = |column: usize| match values[column] {
            None => Place::Free,
            Some(value) => place(&self.columns[column].distribution, value),
        };
        let rank = |column: &usize| match place(*column) {
            Place::Point(_) => 0,
            Place::Within(..) => 1,
            Place::Free => 2,
        };
        let mut order = self.correlated.clone();
        order.sort_by_key(rank);
        let factor = if known.is_empty() { self.factor.clone() } else { self.factor_in(&order)? };
        let places = order.iter().map(|column| place(*column)).collect();
        Ok(Given { recipe: self, known: values, order, places, factor })
    }

    /// The factor of the correlations with the columns in another order.
    fn factor_in(&self, order: &[usize]) -> Result<Vec<f64>, StatsError> {
        let n = order.len();
        let old = |column: usize| self.correlated.iter().position(|known| *known == column).unwrap_or(0);
        let row = |column: usize| &self.factor[old(column) * n..(old(column) + 1) * n];
        let mut matrix = vec![0.0; n * n];
        for first in 0..n {
            for second in 0..n {
                let products = row(order[first]).iter().zip(row(order[second])).map(|(a, b)| a * b);
                matrix[first * n + second] = if first == second { 1.0 } else { products.sum() };
            }
        }
        cholesky(n, &matrix)
    }
}

/// What a value says of the normal under it.
fn place(spec: &DistributionSpec, value: f64) -> Place {
    let distribution = &spec.distribution;
    let normal = |share: f64| normal_quantile(share.clamp(FARTHEST_RANK, 1.0 - FARTHEST_RANK));
    let end = |share: f64| match share {
        share if share <= 0.0 => f64::NEG_INFINITY,
        share if share >= 1.0 => f64::INFINITY,
        share => normal_quantile(share),
    };
    match spec.kind {
        "constant" => Place::Free,
        "bernoulli" | "discrete" => {
            let index = if spec.kind == "discrete" {
                spec.categories.iter().position(|one| (one - value).abs() < 1e-9).unwrap_or(0) as f64
            } else {
                value
            };
            Place::Within(end(distribution.cdf(index - 0.5)), end(distribution.cdf(index + 0.5)))
        }
        "zero_or_lognormal" if value == 0.0 => Place::Within(f64::NEG_INFINITY, end(distribution.cdf(0.0))),
        _ => Place::Point(normal(distribution.cdf(value))),
    }
}

/// Φ, also at the ends of the line.
fn below(z: f64) -> f64 {
    if z.is_finite() { normal_cdf(z) } else { f64::from(u8::from(z > 0.0)) }
}

impl Given<'_> {
    /// The values of one patient, `[column]` with the body surface last where it is computed, and the patient's
    /// weight: the probability of the known categories given what was drawn before them, up to a factor that is the
    /// same for all patients.
    pub fn draw_traits(&self, seed: Seed, patient: u64) -> (Vec<f64>, f64) {
        let recipe = self.recipe;
        let own =
            |column: usize| seed.stream(patient, &format!("trait:{}", recipe.columns[column].name)).normal(0);
        let mut ranks: Vec<f64> = (0..recipe.columns.len()).map(own).collect();
        let weight = self.correlate(&mut ranks);
        let drawn = recipe.columns.iter().zip(&ranks).zip(&self.known);
        let value = |((column, rank), known): ((&super::Column, &f64), &Option<f64>)| {
            known.unwrap_or_else(|| column.distribution.from_normal(*rank))
        };
        let mut values: Vec<f64> = drawn.map(value).collect();
        if let Some((weight, height)) = recipe.body {
            values.push(body_surface_m2(values[weight], values[height]));
        }
        (values, weight)
    }

    /// Turns the columns' own normals into correlated ones; gives the weight.
    fn correlate(&self, ranks: &mut [f64]) -> f64 {
        let n = self.order.len();
        let mut independent: Vec<f64> = Vec::with_capacity(n);
        let mut weight = 1.0;
        let mut first = true;
        for (row, place) in self.places.iter().enumerate() {
            let weights = &self.factor[row * n..row * n + row];
            let mean: f64 = weights.iter().zip(&independent).map(|(weight, value)| weight * value).sum();
            let spread = self.factor[row * n + row];
            let own = ranks[self.order[row]];
            independent.push(match place {
                Place::Free => own,
                Place::Point(rank) => (rank - mean) / spread,
                Place::Within(low, high) => {
                    let ends = (below((low - mean) / spread), below((high - mean) / spread));
                    // Of the first category the probability is the same for everyone.
                    weight *= if first { 1.0 } else { ends.1 - ends.0 };
                    first = false;
                    let share = ends.0 + normal_cdf(own) * (ends.1 - ends.0);
                    normal_quantile(share.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON))
                }
            });
        }
        regraft_stats::correlate(&self.factor, &mut independent);
        self.order.iter().zip(independent).for_each(|(column, rank)| ranks[*column] = rank);
        weight
    }

    /// The patients of these numbers with their weights.
    pub fn draw_cohort(&self, seed: Seed, numbers: &[u64]) -> (Cohort, Vec<f64>) {
        let mut cohort = self.recipe.draw_cohort(seed, &[]);
        debug_assert!(self.recipe.body.is_none() || cohort.names.iter().any(|name| name == BODY_SURFACE));
        cohort.numbers = numbers.to_vec();
        let mut weights = Vec::with_capacity(numbers.len());
        for patient in numbers {
            let (values, weight) = self.draw_traits(seed, *patient);
            cohort.values.extend(values);
            weights.push(weight);
        }
        (cohort, weights)
    }
}

#[cfg(test)]
mod tests;
