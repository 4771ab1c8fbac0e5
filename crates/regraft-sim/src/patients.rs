//! Rows of patients as plain numbers, and where a patient's course starts.

use regraft_model::Target;

/// Patients as numbers: who they are and in what they differ.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Patients {
    /// Patient number of each row; the key of all that patient's draws.
    pub numbers: Vec<u64>,
    /// What differs between patients; the columns of `values`.
    pub overrides: Vec<Target>,
    /// `[patient, override]`, in the program's units.
    pub values: Vec<f64>,
    /// Number of columns of `factors`.
    pub n_factors: usize,
    /// `[patient, factor]`: multipliers of doses (weight, body surface) and switches (0 or 1).
    pub factors: Vec<f64>,
}

impl Patients {
    /// Patients with the given numbers, without overrides and factors.
    pub fn alike(numbers: impl IntoIterator<Item = u64>) -> Patients {
        Patients { numbers: numbers.into_iter().collect(), ..Patients::default() }
    }

    /// Number of patients.
    pub fn n_patients(&self) -> usize {
        self.numbers.len()
    }

    /// The overriding values of one row, `[override]`.
    pub fn values_of(&self, row: usize) -> &[f64] {
        let width = self.overrides.len();
        &self.values[row * width..(row + 1) * width]
    }

    /// The factors of one row, `[factor]`.
    pub fn factors_of(&self, row: usize) -> &[f64] {
        &self.factors[row * self.n_factors..(row + 1) * self.n_factors]
    }

    /// The given rows, in the given order.
    pub fn select(&self, rows: &[usize]) -> Patients {
        Patients {
            numbers: rows.iter().map(|&row| self.numbers[row]).collect(),
            overrides: self.overrides.clone(),
            values: rows.iter().flat_map(|&row| self.values_of(row)).copied().collect(),
            n_factors: self.n_factors,
            factors: rows.iter().flat_map(|&row| self.factors_of(row)).copied().collect(),
        }
    }
}

/// Where patients stand at the end of a plan, so that another plan can go on from there.
///
/// It holds the model's own memory only. Infusions still running, doses still to come from a rule, and
/// events waiting for their delay belong to the plan that ended and are not carried over.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshots {
    /// `[patient, state]`; NaN for a patient who failed.
    pub states: Vec<f64>,
    /// `[patient, parameter]`; NaN for a patient who failed.
    pub parameters: Vec<f64>,
    /// `[patient, stream]`: draws used so far; the next draw continues there.
    pub draws: Vec<u32>,
    /// Whether the patient reached the end of the plan (neither failed nor stopped); `[patient]`.
    pub usable: Vec<bool>,
    /// What is the same in all patients, whoever they are.
    pub common: Common,
}

/// What is the same in all patients of a snapshot by the program, the plan and what was overridden, whatever the
/// patients' own values: the same in all parts of a cohort. It spares work, and nothing depends on it: where a
/// snapshot was changed since, what it says of the changed values is not believed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Common {
    /// States that are 0, and that nothing but a dose, an event or an override could have moved.
    pub at_rest: Vec<u32>,
    /// Parameters with one value.
    pub parameters: Vec<u32>,
}

impl Snapshots {
    /// Number of patients.
    pub fn n_patients(&self) -> usize {
        self.usable.len()
    }

    /// The states of one row, `[state]`.
    pub fn states_of(&self, row: usize) -> &[f64] {
        part(&self.states, self.n_patients(), row)
    }

    /// The parameters of one row, `[parameter]`.
    pub fn parameters_of(&self, row: usize) -> &[f64] {
        part(&self.parameters, self.n_patients(), row)
    }

    /// The draws used by one row, `[stream]`.
    pub fn draws_of(&self, row: usize) -> &[u32] {
        part(&self.draws, self.n_patients(), row)
    }

    /// The given rows, in the given order; a row may be taken several times.
    pub fn select(&self, rows: &[usize]) -> Snapshots {
        Snapshots {
            states: rows.iter().flat_map(|&row| self.states_of(row)).copied().collect(),
            parameters: rows.iter().flat_map(|&row| self.parameters_of(row)).copied().collect(),
            draws: rows.iter().flat_map(|&row| self.draws_of(row)).copied().collect(),
            usable: rows.iter().map(|&row| self.usable[row]).collect(),
            common: self.common.clone(),
        }
    }

    /// Appends the rows of other snapshots of the same program.
    pub fn append(&mut self, more: &Snapshots) {
        if self.n_patients() == 0 {
            self.common.clone_from(&more.common);
        }
        self.common.at_rest.retain(|state| more.common.at_rest.contains(state));
        self.common.parameters.retain(|parameter| more.common.parameters.contains(parameter));
        self.states.extend(&more.states);
        self.parameters.extend(&more.parameters);
        self.draws.extend(&more.draws);
        self.usable.extend(&more.usable);
    }
}

/// Row `row` of a table of `n_rows` rows.
fn part<T>(table: &[T], n_rows: usize, row: usize) -> &[T] {
    let width = table.len() / n_rows.max(1);
    &table[row * width..(row + 1) * width]
}

/// Where the patients' courses start.
#[derive(Debug, Clone, Copy)]
pub enum Start<'a> {
    /// From the program's starting values; an override replaces the starting value it names, and values
    /// computed from it follow.
    Fresh,
    /// From where the patients stood. Overrides are set on top of it, and nothing is computed from them.
    /// Conditions of events are read anew, so one that already holds does not fire.
    From(&'a Snapshots),
}
