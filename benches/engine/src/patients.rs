//! The virtual patients of the benchmark: one disease, and log-normal differences between people.

use anyhow::Result;
use regraft_model::{Program, Target};
use regraft_sim::Patients;
use regraft_stats::Seed;

use crate::model::{rows, target};
use crate::person::at_start;

/// Root of the draws; fixed, so that every tool and every day meets the same people.
const SEED: Seed = Seed(20_261_122);

/// The recipe: fixed overrides of the disease, and what varies.
pub struct Recipe {
    /// What is overridden, the disease first, then what varies.
    overrides: Vec<Target>,
    /// Values of the disease's part.
    disease: Vec<f64>,
    /// Central value and standard deviation of the logarithm of the varying part.
    varied: Vec<(f64, f64)>,
}

impl Recipe {
    /// Reads the disease from the reference trajectories and the spreads from `benches/varied.csv`.
    pub fn read(program: &Program) -> Result<Recipe> {
        let central = at_start(program, &Patients::alike([0]))?;
        let mut recipe = Recipe { overrides: Vec::new(), disease: Vec::new(), varied: Vec::new() };
        for row in rows("benches/varied.csv")? {
            let what = target(program, &row[0])?;
            let value = match what {
                Target::State(state) => central.states[state as usize],
                Target::Parameter(parameter) => central.parameters[parameter as usize],
            };
            recipe.overrides.push(what);
            recipe.varied.push((value, row[1].parse()?));
        }
        let (mut disease, mut values) = (Vec::new(), Vec::new());
        for row in rows("tests/reference/trajectories/overrides.csv")? {
            let is_threshold = row[4].ends_with("_threshold");
            if row[0] != "beam_atg" || row[4].is_empty() || is_threshold {
                continue;
            }
            let (what, value) = (target(program, &row[4])?, row[5].parse()?);
            match recipe.overrides.iter().position(|other| *other == what) {
                Some(varied) => recipe.varied[varied].0 = value,
                None => {
                    disease.push(what);
                    values.push(value);
                }
            }
        }
        disease.append(&mut recipe.overrides);
        Ok(Recipe { overrides: disease, disease: values, varied: recipe.varied })
    }

    /// Patients `from` to `to`; patient n is the same person in every call.
    pub fn patients(&self, from: usize, to: usize) -> Patients {
        let numbers = from as u64..to as u64;
        Patients {
            overrides: self.overrides.clone(),
            values: numbers.clone().flat_map(|number| self.person(number)).collect(),
            ..Patients::alike(numbers)
        }
    }

    /// The values of one patient: center · e^(spread · z), z standard normal.
    fn person(&self, number: u64) -> Vec<f64> {
        let stream = SEED.stream(number, "bench");
        let own = self.varied.iter().enumerate();
        let own = own.map(|(index, (center, spread))| center * (spread * stream.normal(index as u64)).exp());
        self.disease.iter().copied().chain(own).collect()
    }
}
