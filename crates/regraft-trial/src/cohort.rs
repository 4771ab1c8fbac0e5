//! Drawing patients: one stream per trait and patient, correlations by a Gaussian copula.
//!
//! A patient depends on the seed and their number alone, so a larger cohort extends a smaller one
//! and every arm meets the same people. A new trait changes no other trait's draw; a new correlation
//! changes only the traits it names, and among those never one that was correlated before it.

mod given;

pub use given::Given;

use regraft_model::Diagnostic;
use regraft_stats::{Distribution, Sampler, Seed, Streams, cholesky, correlate};

use crate::codes;
use crate::distribution::DistributionSpec;
use crate::population::{Correlation, Population, Trait};

/// Name of the trait that holds the weight in kg, by which doses per kg are multiplied.
pub const WEIGHT: &str = "weight";

/// Name of the trait that holds the height in cm.
pub const HEIGHT: &str = "height";

/// Name of the column that is computed from weight and height.
pub const BODY_SURFACE: &str = "body_surface_m2";

/// All that is drawn for a patient of a trial, ready to draw from.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    columns: Vec<Column>,
    /// Columns that are correlated, in the order in which the card first names them.
    correlated: Vec<usize>,
    /// Lower Cholesky factor of their correlations, `[row, column]`.
    factor: Vec<f64>,
    /// Columns of weight and height, if both are drawn.
    body: Option<(usize, usize)>,
}

/// One drawn quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name: the trait's; `product.trait` for a product's; `drug.quantity` for a drug's.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// How it is distributed.
    pub distribution: DistributionSpec,
    /// Name of the stream of its draws.
    stream: String,
    /// The distribution, ready to draw from.
    sampler: Sampler,
}

impl Column {
    fn new(name: String, unit: &str, distribution: &DistributionSpec) -> Column {
        Column {
            stream: format!("trait:{name}"),
            sampler: Sampler::new(&distribution.distribution),
            name,
            unit: unit.to_string(),
            distribution: distribution.clone(),
        }
    }

    /// The value that has the rank of the standard normal `z`.
    fn value_of_normal(&self, z: f64) -> f64 {
        self.distribution.value_of(self.sampler.from_normal(z))
    }
}

/// Drawn patients.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// Number of each patient: the key of all their random streams.
    pub numbers: Vec<u64>,
    /// Names of the columns; the last is [`BODY_SURFACE`] where weight and height are drawn.
    pub names: Vec<String>,
    /// Units of the columns.
    pub units: Vec<String>,
    /// Drawn values, `[patient, column]`.
    pub values: Vec<f64>,
}

impl Cohort {
    /// Position of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// The value of patient `row` in column `column`.
    ///
    /// # Panics
    /// If there is no such row or column.
    pub fn value(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.names.len() + column]
    }

    /// The patients of these rows, in this order.
    pub fn select(&self, rows: &[usize]) -> Cohort {
        let width = self.names.len();
        let values = rows.iter().flat_map(|row| self.values[row * width..(row + 1) * width].iter().copied());
        Cohort {
            numbers: rows.iter().map(|row| self.numbers[*row]).collect(),
            names: self.names.clone(),
            units: self.units.clone(),
            values: values.collect(),
        }
    }
}

/// Name of the column of a product's trait.
pub fn product_column(product: &str, name: &str) -> String {
    format!("{product}.{name}")
}

/// Name of the column of a quantity that a drug draws per patient.
pub fn drug_column(drug: &str, target: &str) -> String {
    format!("{drug}.{target}")
}

impl Recipe {
    /// The traits of a population alone.
    ///
    /// # Errors
    /// A diagnostic where the correlations cannot hold together.
    pub fn of_population(population: &Population) -> Result<Recipe, Diagnostic> {
        let mut recipe =
            Recipe { columns: Vec::new(), correlated: Vec::new(), factor: Vec::new(), body: None };
        for one in &population.traits {
            recipe.add(one.name.text.clone(), &one.unit, &one.distribution);
        }
        recipe.body = recipe.column(WEIGHT).zip(recipe.column(HEIGHT));
        recipe.correlate(&population.correlations)?;
        Ok(recipe)
    }

    /// The drawn columns; [`BODY_SURFACE`] is computed and not among them.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    pub(crate) fn add(&mut self, name: String, unit: &str, distribution: &DistributionSpec) {
        if self.column(&name).is_none() {
            self.columns.push(Column::new(name, unit, distribution));
        }
    }

    fn correlate(&mut self, correlations: &[Correlation]) -> Result<(), Diagnostic> {
        // Values outside were reported when the card was read.
        let pairs: Vec<(usize, usize, f64)> = correlations
            .iter()
            .filter(|one| one.value.abs() < 1.0)
            .filter_map(|one| {
                Some((self.column(&one.first.text)?, self.column(&one.second.text)?, one.value))
            })
            .collect();
        for (first, second, _) in &pairs {
            for column in [*first, *second] {
                if !self.correlated.contains(&column) {
                    self.correlated.push(column);
                }
            }
        }
        let n = self.correlated.len();
        let mut matrix = vec![0.0; n * n];
        let place = |column: usize| self.correlated.iter().position(|known| *known == column);
        for index in 0..n {
            matrix[index * n + index] = 1.0;
        }
        for (first, second, value) in pairs {
            let (row, column) =
                place(first).zip(place(second)).expect("every pair was put in the list above");
            matrix[row * n + column] = value;
            matrix[column * n + row] = value;
        }
        self.factor = cholesky(n, &matrix).map_err(|_| impossible(correlations))?;
        Ok(())
    }

    /// The values of one patient, `[column]`, with the body surface last where it is computed.
    pub fn draw_traits(&self, seed: Seed, patient: u64) -> Vec<f64> {
        self.draw_from(&self.streams(seed), patient)
    }

    /// The streams of the columns.
    fn streams(&self, seed: Seed) -> Vec<Streams> {
        self.columns.iter().map(|column| seed.streams(&column.stream)).collect()
    }

    fn draw_from(&self, streams: &[Streams], patient: u64) -> Vec<f64> {
        let mut ranks: Vec<f64> = streams.iter().map(|streams| streams.of(patient).normal(0)).collect();
        let mut group: Vec<f64> = self.correlated.iter().map(|column| ranks[*column]).collect();
        correlate(&self.factor, &mut group);
        for (column, rank) in self.correlated.iter().zip(group) {
            ranks[*column] = rank;
        }
        let drawn = self.columns.iter().zip(&ranks).map(|(column, rank)| column.value_of_normal(*rank));
        let mut values: Vec<f64> = drawn.collect();
        if let Some((weight, height)) = self.body {
            values.push(body_surface_m2(values[weight], values[height]));
        }
        values
    }

    /// The patients of these numbers, row after row.
    pub fn draw_cohort(&self, seed: Seed, numbers: &[u64]) -> Cohort {
        let mut names: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        let mut units: Vec<String> = self.columns.iter().map(|column| column.unit.clone()).collect();
        if self.body.is_some() {
            names.push(BODY_SURFACE.to_string());
            units.push("m2".to_string());
        }
        let streams = self.streams(seed);
        let values = numbers.iter().flat_map(|patient| self.draw_from(&streams, *patient)).collect();
        Cohort { numbers: numbers.to_vec(), names, units, values }
    }
}

fn impossible(correlations: &[Correlation]) -> Diagnostic {
    let (first, others) =
        correlations.split_first().expect("without correlations the matrix is the identity");
    let message = "these correlations cannot all hold together (their matrix is not positive definite)";
    let mut problem = Diagnostic::error(codes::CORRELATION, first.span, message);
    for other in others {
        problem = problem.with_label(other.span, "with this one");
    }
    problem.with_help("bring them nearer to 0")
}

/// Body surface √(height · weight / 3600) in m², weight in kg, height in cm \[Mosteller1987\].
pub fn body_surface_m2(weight_kg: f64, height_cm: f64) -> f64 {
    (weight_kg * height_cm / 3600.0).sqrt()
}

/// Which of several treatments a patient gets: the position in `weights`, drawn from the stream
/// `choice` of the patient. Weights are ≥ 0 with a positive sum.
pub fn choose(seed: Seed, patient: u64, choice: &str, weights: &[f64]) -> usize {
    let distribution = Distribution::Categorical { weights: weights.to_vec() };
    distribution.quantile(seed.stream(patient, choice).uniform(0)) as usize
}

/// The trait of that name.
pub(crate) fn find_trait<'a>(population: &'a Population, name: &str) -> Option<&'a Trait> {
    population.traits.iter().find(|one| one.name.text == name)
}

#[cfg(test)]
mod tests;
