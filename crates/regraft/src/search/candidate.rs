//! One candidate: made from values, planned, lived by patients who were screened before.

use regraft_sim::SimError;
use regraft_trial::TrialArm;

use super::prepare::PreparedSearch;
use super::value::Judge;
use crate::study::{Lived, Patients, RunOptions, StudyError, Watch, live, with_arms};

/// What became of values.
pub enum Fate {
    /// They were lived.
    Lived(Lived),
    /// They make no regimen, or none that may be tried; by how much, and why.
    Refused(f64, String),
}

impl PreparedSearch {
    /// The arm that values make, or why there is none.
    pub fn arm_of(&self, values: &[f64]) -> Result<TrialArm, (f64, String)> {
        let broken: Vec<&str> = self
            .formulas
            .constraints(values)
            .iter()
            .zip(&self.space.constraints)
            .filter(|(holds, _)| !**holds)
            .map(|(_, constraint)| constraint.name.text.as_str())
            .collect();
        if let Some(first) = broken.first() {
            return Err((broken.len() as f64, format!("constraint broken: {first}")));
        }
        self.space.apply(values, &self.base, self.shelf()).map_err(|refused| (NO_REGIMEN, refused.0))
    }

    /// Makes, plans and lives the arm of these values.
    ///
    /// # Errors
    /// As `live`.
    pub fn try_out(
        &self,
        values: &[f64],
        patients: &Patients,
        options: &RunOptions,
        watch: &dyn Watch,
    ) -> Result<Fate, StudyError> {
        let arm = match self.arm_of(values) {
            Ok(arm) => arm,
            Err((by, why)) => return Ok(Fate::Refused(by, why)),
        };
        let planned = match with_arms(&self.prepared, &self.model, vec![arm]) {
            Ok(planned) => planned,
            Err(problems) => {
                let why = problems.into_iter().find(|problem| problem.is_error());
                let why = why.map_or("it cannot be planned".to_string(), |problem| problem.message);
                return Ok(Fate::Refused(NO_REGIMEN, why));
            }
        };
        let early = patients.day() - planned.protocol.arms[0].start_days;
        if early > 0.0 {
            let why = "it begins before the patients enter".to_string();
            return Ok(Fate::Refused(early, why));
        }
        match live(&planned, 0, patients, options, watch) {
            Ok(Ok(lived)) => Ok(Fate::Lived(lived)),
            Ok(Err(why)) => Ok(Fate::Refused(NO_REGIMEN, why)),
            Err(StudyError::Simulation(why)) if !matches!(why, SimError::Cancelled) => {
                Ok(Fate::Refused(NO_REGIMEN, format!("it cannot be simulated: {why}")))
            }
            Err(other) => Err(other),
        }
    }

    /// Judges an arm that was lived.
    pub fn judge<'a>(&'a self, lived: &'a Lived, variables: &'a [f64]) -> Judge<'a> {
        Judge {
            objectives: &self.objectives,
            formulas: &self.formulas,
            endpoints: &lived.endpoints,
            outcomes: &lived.outcomes,
            variables,
        }
    }
}

/// Violation of values that make no regimen at all: more than any number of broken constraints.
const NO_REGIMEN: f64 = 1e6;
