//! What a simulation is given of a cohort: options, settings as overrides, factors of doses, entry conditions.

use regraft_model::Found;
use regraft_sim::{Amount, Options, Patients};
use regraft_stats::Seed;
use regraft_trial::Cohort;
use regraft_trial::protocol::{PlannedAmount, PlannedSetting};

use super::{Prepared, RunOptions};

/// The entry conditions among the observables, in their order.
pub(crate) fn conditions(trial: &Prepared) -> Vec<Found> {
    trial.protocol.eligibility.iter().map(|c| Found::Observable(c.observable)).collect()
}

/// Relative tolerance of every simulation of a run. Far below what visits, draws and parameters leave open; near
/// enough to exact that a patient's fate in two arms differs by what differs between the arms: against 4e-8 no event
/// of 3,282 is there or not there, 99 of 100 come within 0.006 days, and no finding moves by a thousandth of its
/// interval (`mist` and `lunar`, 200 patients).
pub(crate) const RELATIVE_TOLERANCE: f64 = 4e-5;

/// Options of every simulation of a run.
pub fn sim_options(seed: Seed, options: &RunOptions) -> Options {
    Options {
        relative_tolerance: RELATIVE_TOLERANCE,
        threads: options.threads,
        engine: options.engine,
        ..Options::new(seed)
    }
}

/// Patients with settings as overrides.
pub fn with_settings(cohort: &Cohort, settings: &[PlannedSetting]) -> Patients {
    let value = |row: usize, setting: &PlannedSetting| amount_of(cohort, row, &setting.amount);
    Patients {
        numbers: cohort.numbers.clone(),
        overrides: settings.iter().map(|setting| setting.target).collect(),
        values: (0..cohort.numbers.len())
            .flat_map(|row| settings.iter().map(move |s| value(row, s)))
            .collect(),
        n_factors: 0,
        factors: Vec::new(),
    }
}

fn amount_of(cohort: &Cohort, row: usize, amount: &PlannedAmount) -> f64 {
    let factor = amount.factor.as_ref().map(|factor| {
        let column = cohort.column(factor.column()).expect("planning refuses factors that are not drawn");
        cohort.value(row, column)
    });
    amount.value * factor.unwrap_or(1.0)
}

/// Columns of factors, collected while doses are written.
pub struct Factors<'a> {
    cohort: &'a Cohort,
    columns: Vec<Vec<f64>>,
}

impl<'a> Factors<'a> {
    /// No columns yet.
    pub fn new(cohort: &'a Cohort) -> Self {
        Factors { cohort, columns: Vec::new() }
    }

    /// Adds a column, one value per patient; an equal column is used again.
    pub fn column(&mut self, values: Vec<f64>) -> u32 {
        let same =
            |known: &Vec<f64>| known.iter().map(|v| v.to_bits()).eq(values.iter().map(|v| v.to_bits()));
        let at = self.columns.iter().position(same).unwrap_or_else(|| {
            self.columns.push(values);
            self.columns.len() - 1
        });
        at as u32
    }

    /// An amount whose factor is a drawn column.
    pub fn amount(&mut self, amount: &PlannedAmount) -> Amount {
        let factor = amount.factor.as_ref().map(|factor| {
            let column =
                self.cohort.column(factor.column()).expect("planning refuses factors that are not drawn");
            self.column((0..self.cohort.numbers.len()).map(|row| self.cohort.value(row, column)).collect())
        });
        Amount { value: amount.value, factor, second_factor: None }
    }

    /// Writes the columns into `patients`.
    pub fn fill(self, patients: &mut Patients) {
        patients.n_factors = self.columns.len();
        let rows = 0..patients.n_patients();
        patients.factors = rows.flat_map(|row| self.columns.iter().map(move |column| column[row])).collect();
    }
}
