//! A group simulated in memory: the patients' outcomes, arm by arm, endpoint by endpoint.

use regraft_stats::Seed;

use super::group::Lowered;
use crate::outcomes::{Outcome, assess};
use crate::study::{MOST_FAILED, Prepared, RunOptions, Screening, StudyError, Watch, simulate_arm};

/// Patients simulated together. Moves no result.
const CHUNK: usize = 512;

/// The patients of a group.
#[derive(Debug, Clone)]
pub struct Cohort {
    /// `[arm][endpoint]`
    pub outcomes: Vec<Vec<Outcome>>,
    /// Member of the posterior with whose parameters each patient lives, `[patient]`.
    pub members: Vec<usize>,
    /// Number of members.
    pub n_members: usize,
    /// Day of the endpoint's clock after time zero, `[arm][endpoint]`.
    pub zeros: Vec<Vec<f64>>,
    /// Candidates screened.
    pub screened: usize,
    /// Patients that could not be solved.
    pub failed: usize,
}

impl Cohort {
    /// Number of patients.
    pub fn n_patients(&self) -> usize {
        self.members.len()
    }

    /// Patients of one member.
    pub fn rows_of(&self, member: usize) -> Vec<usize> {
        (0..self.n_patients()).filter(|row| self.members[*row] == member).collect()
    }
}

/// Simulates every arm in the same patients.
///
/// # Errors
/// [`StudyError`]: too few eligible, too many unsolved, stopped by the user.
pub fn simulate(lowered: &Lowered, options: &RunOptions, watch: &dyn Watch) -> Result<Cohort, StudyError> {
    let study = &lowered.study;
    let seed = Seed(options.seed);
    let n_arms = study.protocol.arms.len();
    let mut screening = Screening::new(study, options.patients);
    let mut outcomes: Vec<Vec<Outcome>> = vec![Vec::new(); n_arms];
    let mut members = Vec::new();
    let mut failed = 0;
    while let Some(entered) = screening.next(CHUNK, seed, options, watch)? {
        members.extend(entered.cohort.numbers.iter().map(|patient| member(study, *patient)));
        for (arm, all) in outcomes.iter_mut().enumerate() {
            let run = simulate_arm(study, arm, &entered, seed, options, watch)?;
            failed += run.failures.len();
            if let Some(failure) = run.failures.first()
                && failed as f64 > MOST_FAILED * (options.patients * n_arms) as f64
            {
                return Err(StudyError::TooManyFailed {
                    arm: study.arm_ids[arm].clone(),
                    failed,
                    n: options.patients,
                    example: failure.cause.clone(),
                });
            }
            let more = assess(&study.endpoints[arm], &run.grid, &run.observed);
            if all.is_empty() {
                all.extend(more.iter().map(Outcome::of_nobody));
            }
            all.iter_mut().zip(&more).for_each(|(all, more)| all.append(more, entered.cohort.numbers.len()));
        }
    }
    let zeros = study.endpoints.iter().map(|of_arm| of_arm.iter().map(|one| one.zero).collect()).collect();
    let screened = screening.into_screened().screened;
    let n_members = study.members.as_ref().map_or(1, |members| members.n_members());
    Ok(Cohort { outcomes, members, n_members, zeros, screened, failed })
}

/// The member with whose parameters a patient lives; 0 where all live with the same.
fn member(study: &Prepared, patient: u64) -> usize {
    study.members.as_ref().map_or(0, |members| members.member_of(patient))
}
