//! Twins who have lived every regimen.

use regraft_trial::Cohort;

use super::Question;
use super::draw::Likes;
use crate::outcomes::{Grid, Observed, Outcome, assess};
use crate::study::cohort::Entered;
use crate::study::{MOST_FAILED, Prepared, RunOptions, StudyError, Watch, simulate_arm};

/// Patients simulated together. Moves no result.
const CHUNK: usize = 512;

/// The same patients in every arm, one by one.
#[derive(Debug)]
pub struct Cases {
    /// Their traits.
    pub cohort: Cohort,
    /// By arm.
    pub arms: Vec<Course>,
}

/// What happened in one arm.
#[derive(Debug)]
pub struct Course {
    /// When something was read.
    pub grid: Grid,
    /// `[patient]`
    pub observed: Vec<Observed>,
    /// `[endpoint]`
    pub outcomes: Vec<Outcome>,
    /// Patients who could not be solved.
    pub failed: usize,
}

/// Twins who have lived.
#[derive(Debug)]
pub struct Lived {
    pub likes: Likes,
    pub cases: Cases,
}

/// Lets the twins live every regimen.
pub fn live(question: &Question, likes: Likes, watch: &dyn Watch) -> Result<Lived, StudyError> {
    let cases = Cases::of(&question.trial, &likes.entered, &question.options(), watch)?;
    Ok(Lived { likes, cases })
}

impl Cases {
    /// Simulates patients in every arm of a trial and keeps all that is read of them.
    ///
    /// # Errors
    /// [`StudyError`]: too many unsolved, stopped by the user.
    pub fn of(
        trial: &Prepared,
        entered: &Entered,
        options: &RunOptions,
        watch: &dyn Watch,
    ) -> Result<Cases, StudyError> {
        let n = entered.cohort.numbers.len();
        let seed = regraft_stats::Seed(options.seed);
        watch.stage("simulating", (n * trial.protocol.arms.len()) as u64);
        let mut arms = Vec::new();
        for arm in 0..trial.protocol.arms.len() {
            let mut course: Option<Course> = None;
            for from in (0..n).step_by(CHUNK) {
                let rows: Vec<usize> = (from..n.min(from + CHUNK)).collect();
                let part = entered.select(&rows);
                let run = simulate_arm(trial, arm, &part, seed, options, watch)?;
                let outcomes = assess(&trial.endpoints[arm], &run.grid, &run.observed);
                match &mut course {
                    None => {
                        course = Some(Course {
                            grid: run.grid,
                            observed: run.observed,
                            outcomes,
                            failed: run.failures.len(),
                        });
                    }
                    Some(course) => {
                        course.observed.extend(run.observed);
                        course.failed += run.failures.len();
                        let all = course.outcomes.iter_mut().zip(&outcomes);
                        all.for_each(|(all, more)| all.append(more, rows.len()));
                    }
                }
                let failed = course.as_ref().map_or(0, |course| course.failed);
                if failed as f64 > MOST_FAILED * n as f64 && failed > 1 {
                    let example = run.failures.first().map_or(String::new(), |one| one.cause.clone());
                    return Err(StudyError::TooManyFailed {
                        arm: trial.arm_ids[arm].clone(),
                        failed,
                        n,
                        example,
                    });
                }
            }
            arms.extend(course);
        }
        Ok(Cases { cohort: entered.cohort.clone(), arms })
    }
}
