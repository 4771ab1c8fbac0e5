//! One candidate: made from values, planned, lived by patients who were screened before.

use regraft_sim::SimError;
use regraft_stats::Seed;
use regraft_trial::TrialArm;

use super::prepare::PreparedSearch;
use super::value::Judge;
use crate::outcomes::{CompiledEndpoint, Outcome, assess};
use crate::study::cohort::{before_entry, sim_options};
use crate::study::{
    Entered, MOST_FAILED, Prepared, Quiet, RunOptions, Screening, StudyError, Watch, simulate_arm, with_arms,
};

/// Patients who have entered and wait for a regimen.
pub struct Patients {
    /// In pieces that fit into memory.
    pub pieces: Vec<Entered>,
    /// Seed of their fates.
    pub seed: Seed,
    /// The member with whose parameters each lives; `None` without members.
    pub members: Option<Vec<usize>>,
}

/// Most patients simulated together.
const PIECE: usize = 512;

impl Patients {
    /// Screens the cohort of a trial.
    ///
    /// # Errors
    /// Those of screening.
    pub fn screen(trial: &Prepared, options: &RunOptions, watch: &dyn Watch) -> Result<Patients, StudyError> {
        let seed = Seed(options.seed);
        let mut screening = Screening::new(trial, options.patients);
        let mut pieces = Vec::new();
        while let Some(entered) = screening.next(PIECE, seed, options, watch)? {
            pieces.push(entered);
        }
        let numbers = || pieces.iter().flat_map(|piece| &piece.cohort.numbers);
        let members = trial.members.as_ref().map(|bound| numbers().map(|n| bound.member_of(*n)).collect());
        Ok(Patients { pieces, seed, members })
    }

    /// The same people at the entry of another trial: same numbers, so same traits and same fates. Nobody is asked
    /// whether they may enter.
    ///
    /// # Errors
    /// Those of simulating the time before entry.
    pub fn in_trial(
        &self,
        trial: &Prepared,
        options: &RunOptions,
        watch: &dyn Watch,
    ) -> Result<Patients, StudyError> {
        let day = trial.protocol.arms.iter().map(|arm| arm.start_days).fold(0.0, f64::min);
        let mut pieces = Vec::new();
        for piece in &self.pieces {
            let cohort = trial.recipe.draw_cohort(self.seed, &piece.cohort.numbers);
            let before = before_entry(trial, &cohort, day, self.seed, options, &Quiet(watch))?;
            pieces.push(Entered { cohort, snapshots: before.end, day });
        }
        Ok(Patients { pieces, seed: self.seed, members: self.members.clone() })
    }

    /// Relative tolerance with which they are simulated.
    pub fn relative_tolerance(seed: u64) -> f64 {
        sim_options(Seed(seed), &RunOptions::new(0, seed, None)).relative_tolerance
    }

    /// Their number.
    pub fn n(&self) -> usize {
        self.pieces.iter().map(|piece| piece.cohort.numbers.len()).sum()
    }

    /// First day of their course.
    fn day(&self) -> f64 {
        self.pieces.first().map_or(0.0, |piece| piece.day)
    }
}

/// An arm that was lived.
pub struct Lived {
    /// Endpoints of the arm.
    pub endpoints: Vec<CompiledEndpoint>,
    /// Outcomes, `[endpoint]`.
    pub outcomes: Vec<Outcome>,
}

/// What became of values.
pub enum Fate {
    /// They were lived.
    Lived(Lived),
    /// They make no regimen, or none that may be tried; by how much, and why.
    Refused(f64, String),
}

/// One arm of a trial lived by patients; `Err` within where too many could not be solved.
///
/// # Errors
/// [`StudyError`]: stopped by the user, or the simulation refused the call.
pub fn live(
    trial: &Prepared,
    arm: usize,
    patients: &Patients,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<Result<Lived, String>, StudyError> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut failed: Vec<String> = Vec::new();
    for piece in &patients.pieces {
        let run = simulate_arm(trial, arm, piece, patients.seed, options, watch)?;
        failed.extend(run.failures.iter().map(|failure| failure.cause.clone()));
        let found = assess(&trial.endpoints[arm], &run.grid, &run.observed);
        match outcomes.is_empty() {
            true => outcomes = found,
            false => outcomes.iter_mut().zip(&found).for_each(|(all, more)| all.append(more, usize::MAX)),
        }
    }
    if failed.len() as f64 > MOST_FAILED * patients.n() as f64 {
        let (n, of) = (failed.len(), patients.n());
        return Ok(Err(format!("{n} of {of} patients could not be solved: {}", failed[0])));
    }
    Ok(Ok(Lived { endpoints: trial.endpoints[arm].clone(), outcomes }))
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
    /// As [`live`].
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
