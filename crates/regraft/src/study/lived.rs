//! Patients who enter once and then live any number of arms, of this trial or of another.

use regraft_stats::Seed;

use super::before::before_entry;
use super::fates::with_other_fate;
use super::given::sim_options;
use super::{Entered, MOST_FAILED, Prepared, Quiet, RunOptions, Screening, StudyError, Watch, simulate_arm};
use crate::outcomes::{CompiledEndpoint, Outcome, assess};

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

    /// The first of them, at most so many, who will have another fate from entry on.
    pub fn again(&self, trial: &Prepared, most: usize) -> Patients {
        let (mut left, mut pieces) = (most, Vec::new());
        for piece in &self.pieces {
            let first = piece.first(left);
            left -= first.cohort.numbers.len();
            if !first.cohort.numbers.is_empty() {
                pieces.push(with_other_fate(trial, &first, self.seed));
            }
        }
        let members = self.members.as_ref().map(|members| members[..most - left].to_vec());
        Patients { pieces, seed: self.seed, members }
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
    pub fn day(&self) -> f64 {
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
