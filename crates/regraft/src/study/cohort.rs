//! Screening: patients are drawn, brought to their own diseased state, lived through the year before, and
//! asked the entry conditions in order. The first N who may enter are the cohort.
//!
//! Candidates are numbered from 0 and judged alone, so a larger cohort extends a smaller one.

use std::ops::Range;

use regraft_sim::{Snapshots, SolveStatus};
use regraft_stats::Seed;
use regraft_trial::Cohort;

use super::before::{Before, before_entry};
use super::{BEFORE_ENTRY, MOST_FAILED, Prepared, Quiet, RunOptions, StudyError, Watch};

/// Candidates drawn and simulated together. Moves no result.
const BATCH: usize = 512;

/// Why a candidate did not enter.
#[derive(Debug, Clone, PartialEq)]
pub struct ScreenFailure {
    /// Number of the candidate.
    pub patient: u64,
    /// Day after the trial's time zero on which the simulation ended.
    pub day: f64,
    /// Cause.
    pub cause: String,
}

/// Patients at entry: some of the cohort, in its order.
#[derive(Debug, Clone)]
pub struct Entered {
    /// Traits, `[patient]`.
    pub cohort: Cohort,
    /// Where they stand at entry.
    pub snapshots: Snapshots,
    /// Day of entry after the trial's time zero, ≤ 0.
    pub day: f64,
}

impl Entered {
    /// The first of them.
    pub(crate) fn first(&self, most: usize) -> Entered {
        self.part(0, most.min(self.cohort.numbers.len()))
    }

    /// Those of rows `from` to before `to`.
    fn part(&self, from: usize, to: usize) -> Entered {
        self.select(&(from..to).collect::<Vec<_>>())
    }

    /// Those of some rows.
    pub(crate) fn select(&self, rows: &[usize]) -> Entered {
        let Entered { cohort, snapshots, day } = self;
        Entered { cohort: cohort.select(rows), snapshots: snapshots.select(rows), day: *day }
    }
}

/// What became of the candidates.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Screened {
    /// Candidates screened: up to and with the last who entered.
    pub screened: usize,
    /// Reason and number of those who did not enter, in the order of the entry conditions.
    pub not_entered: Vec<(String, usize)>,
    /// Candidates that could not be solved before entry.
    pub failures: Vec<ScreenFailure>,
}

/// What became of a candidate.
enum Fate {
    Entered,
    /// For this one of the [`reasons`].
    Refused(usize),
    /// On this day, for this cause.
    Failed(f64, String),
}

/// Screening on its way: it hands out the cohort piece by piece.
pub struct Screening<'a> {
    trial: &'a Prepared,
    /// Patients that are to enter.
    wanted: usize,
    entry_day: f64,
    /// Candidates drawn and simulated together.
    batch: usize,
    /// Number of the next candidate.
    next: u64,
    /// Patients that may enter so far.
    found: usize,
    /// Those of them that were not handed out yet.
    waiting: Entered,
    /// Candidates up to the last who is needed.
    screened: usize,
    /// Of these, refused for each reason of [`reasons`].
    refused: Vec<usize>,
    failures: Vec<ScreenFailure>,
    /// Candidates that could not be solved, among all that were tried; the first cause.
    unsolved: (usize, Option<String>),
}

impl<'a> Screening<'a> {
    /// Nobody screened yet; `wanted` patients are to enter.
    pub fn new(trial: &'a Prepared, wanted: usize) -> Self {
        let entry_day = trial.protocol.arms.iter().map(|arm| arm.start_days).fold(0.0, f64::min);
        let cohort = trial.recipe.draw_cohort(Seed(0), &[]);
        Screening {
            trial,
            wanted,
            entry_day,
            batch: BATCH,
            next: 0,
            found: 0,
            waiting: Entered { cohort, snapshots: Snapshots::default(), day: entry_day },
            screened: 0,
            refused: vec![0; reasons(trial).len()],
            failures: Vec::new(),
            unsolved: (0, None),
        }
    }

    /// The next patients of the cohort: `most` of them, fewer at its end; `None` after that.
    ///
    /// Screens on until there are so many; `watch` is told how many more may enter.
    ///
    /// # Errors
    /// [`StudyError`]: too few eligible, too many unsolved, stopped by the user.
    pub fn next(
        &mut self,
        most: usize,
        seed: Seed,
        options: &RunOptions,
        watch: &dyn Watch,
    ) -> Result<Option<Entered>, StudyError> {
        let per_patient = u64::from(self.trial.protocol.max_screened_per_patient);
        let limit = (self.wanted as u64).saturating_mul(per_patient);
        while self.found < self.wanted && self.n_waiting() < most {
            if self.next >= limit || self.is_hopeless() {
                return Err(self.too_few());
            }
            let before = self.found;
            self.screen(self.next..limit.min(self.next + self.batch as u64), seed, options, watch)?;
            watch.advance((self.found - before) as u64);
            self.refuse_if_broken()?;
        }
        Ok((self.n_waiting() > 0).then(|| self.hand_out(most)))
    }

    /// Day of entry after the trial's time zero, ≤ 0.
    pub fn entry_day(&self) -> f64 {
        self.entry_day
    }

    fn n_waiting(&self) -> usize {
        self.waiting.cohort.numbers.len()
    }

    fn hand_out(&mut self, most: usize) -> Entered {
        let n = self.n_waiting();
        let first = self.waiting.first(most);
        self.waiting = self.waiting.part(most.min(n), n);
        first
    }

    /// Nobody among so many that, were one in `max_screened_per_patient` able to enter, someone would be found
    /// but for one time in 22,000 (e⁻¹⁰).
    fn is_hopeless(&self) -> bool {
        self.found == 0 && self.next >= 10 * u64::from(self.trial.protocol.max_screened_per_patient)
    }

    /// Draws, simulates and judges the candidates of the given numbers.
    fn screen(
        &mut self,
        numbers: Range<u64>,
        seed: Seed,
        options: &RunOptions,
        watch: &dyn Watch,
    ) -> Result<(), StudyError> {
        self.next = numbers.end;
        let numbers: Vec<u64> = numbers.collect();
        let drawn = self.trial.recipe.draw_cohort(seed, &numbers);
        // Screening counts those who enter, not those who are tried.
        let quiet = Quiet(watch);
        let outcome = before_entry(self.trial, &drawn, self.entry_day, seed, options, &quiet)?;
        let mut entered = Vec::new();
        for (row, patient) in numbers.into_iter().enumerate() {
            if self.count(patient, judge(self.trial, &outcome, row)) {
                entered.push(row);
            }
        }
        append(&mut self.waiting.cohort, &drawn.select(&entered));
        self.waiting.snapshots.append(&outcome.end.select(&entered));
        Ok(())
    }

    /// Counts a candidate and says whether the cohort takes them in. Candidates after the last of the cohort
    /// are not counted among the screened.
    fn count(&mut self, patient: u64, fate: Fate) -> bool {
        let is_needed = self.found < self.wanted;
        self.screened += usize::from(is_needed);
        match fate {
            Fate::Entered => {
                self.found += usize::from(is_needed);
                return is_needed;
            }
            Fate::Refused(reason) => self.refused[reason] += usize::from(is_needed),
            Fate::Failed(day, cause) => {
                self.unsolved.0 += 1;
                self.unsolved.1.get_or_insert_with(|| cause.clone());
                self.failures.extend(is_needed.then_some(ScreenFailure { patient, day, cause }));
            }
        }
        false
    }

    /// A model that cannot be solved for most candidates is refused before thousands are tried; few
    /// candidates say little about a share.
    fn refuse_if_broken(&self) -> Result<(), StudyError> {
        if self.next < BATCH as u64 { Ok(()) } else { self.too_many_failed().map_or(Ok(()), Err) }
    }

    fn too_many_failed(&self) -> Option<StudyError> {
        let (failed, n) = (self.unsolved.0, self.next as usize);
        let example = self.unsolved.1.clone().filter(|_| failed as f64 > MOST_FAILED * n as f64)?;
        Some(StudyError::TooManyFailed { arm: BEFORE_ENTRY.into(), failed, n, example })
    }

    /// Why not enough were found: few are eligible, or few can be solved.
    fn too_few(&self) -> StudyError {
        self.too_many_failed().unwrap_or_else(|| StudyError::TooFewEligible {
            found: self.found,
            wanted: self.wanted,
            screened: self.screened,
            funnel: self.funnel(),
        })
    }

    /// Reasons and how many were refused for them, in the order of the entry conditions.
    fn funnel(&self) -> Vec<(String, usize)> {
        let counted = reasons(self.trial).into_iter().zip(self.refused.iter().copied());
        counted.filter(|(_, n)| *n > 0).collect()
    }

    /// What became of the candidates.
    pub fn into_screened(self) -> Screened {
        Screened { screened: self.screened, not_entered: self.funnel(), failures: self.failures }
    }
}

/// Why a candidate may not enter, the entry conditions first.
fn reasons(trial: &Prepared) -> Vec<String> {
    let conditions = trial.protocol.eligibility.iter().map(|condition| condition.name.clone());
    conditions.chain([DIED.to_string()]).collect()
}

const DIED: &str = "died before entry";

fn judge(trial: &Prepared, outcome: &Before, row: usize) -> Fate {
    match &outcome.status[row] {
        SolveStatus::Failed { day, cause } => Fate::Failed(*day, cause.describe(&trial.program)),
        SolveStatus::NotStarted => Fate::Failed(f64::NAN, "not started".into()),
        SolveStatus::Stopped { .. } => Fate::Refused(trial.protocol.eligibility.len()),
        SolveStatus::Finished => {
            let answers =
                if outcome.trajectories.n_times > 0 { outcome.trajectories.at(row, 0) } else { &[] };
            let refused = answers.iter().position(|answer| *answer == 0.0 || answer.is_nan());
            refused.map_or(Fate::Entered, Fate::Refused)
        }
    }
}

/// Appends patients of the same recipe.
pub fn append(cohort: &mut Cohort, more: &Cohort) {
    cohort.numbers.extend(&more.numbers);
    cohort.values.extend(&more.values);
}

#[cfg(test)]
mod tests;
