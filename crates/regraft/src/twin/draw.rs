//! Candidates who are like the patient: drawn given what is fixed, lived through the time before entry, asked the entry
//! conditions, weighed by what was read.
//!
//! Candidates are taken in the order of their numbers, each with the probability of the likelihood (accept–reject), so
//! twins count alike and more of them extend fewer. Where too few would pass, the probability is raised to
//! min(1, w/c) and whoever passes counts max(w, c): the estimates stay unbiased, and Kish's effective number says what
//! is left [FearnheadClifford2003].

use regraft_model::Found;
use regraft_sim::{Outputs, Patients, Plan, Snapshots, SolveStatus, Start, simulate};
use regraft_stats::math::{exp, ln};
use regraft_stats::{Seed, effective_size};
use regraft_trial::Cohort;

use super::Question;
use super::data::Row;
use crate::posterior::ByMember;
use crate::study::before::{before_entry_reading, ill_since};
use crate::study::cohort::{Entered, append};
use crate::study::given::{conditions, sim_options};
use crate::study::{Quiet, RunOptions, StudyError, Watch, arms, past};

/// Candidates drawn and simulated together. Moves no result.
const BATCH: usize = 512;
/// Candidates tried per twin asked for.
const PER_TWIN: usize = 25;
/// Candidates tried at least, where few twins are asked for.
const AT_LEAST: usize = 2048;

/// The twins at entry.
#[derive(Debug)]
pub struct Likes {
    /// Who they are and where they stand.
    pub entered: Entered,
    /// What each counts, at most 1.
    pub weights: Vec<f64>,
    /// Kish's effective number of them.
    pub effective: f64,
    /// The member of the posterior to which each belongs; `None` where all live with the same parameters.
    pub members: Option<Vec<usize>>,
    /// Candidates tried.
    pub tried: usize,
    /// Candidates that met the entry conditions.
    pub eligible: usize,
    /// Entry conditions that the facts contradict, so nobody was asked.
    pub waived: Vec<String>,
}

impl Likes {
    /// The twins by the members of the posterior.
    pub fn by_member(&self) -> ByMember<'_> {
        ByMember { members: self.members.as_deref(), weights: &self.weights }
    }
}

/// Candidates that met the entry conditions.
struct Pool {
    entered: Entered,
    /// Logarithm of the likelihood of everything read.
    logs: Vec<f64>,
    /// The draw by which each is taken.
    marks: Vec<f64>,
    tried: usize,
    failed: usize,
    refused: Vec<usize>,
    /// By condition: whether the facts decide it, and whether a candidate met it.
    decided: Vec<(bool, bool)>,
}

/// Draws the twins of a question.
pub fn draw(question: &Question, watch: &dyn Watch) -> Result<Likes, StudyError> {
    let wanted = question.asked.patients;
    watch.stage("finding patients who are alike", wanted as u64);
    let most = (PER_TWIN * wanted).max(AT_LEAST);
    tried(question, wanted, most, watch)?.choose(question, wanted)
}

/// Draws people who are like the patient by plain accept–reject, so that all count alike: as many as are wanted, or as
/// are found among the first `most` candidates.
pub fn draw_alike(
    question: &Question,
    wanted: usize,
    most: usize,
    watch: &dyn Watch,
) -> Result<Entered, StudyError> {
    let pool = tried(question, wanted, most, watch)?;
    let rows: Vec<usize> = (0..pool.logs.len()).filter(|row| pool.is_taken(*row, 0.0)).take(wanted).collect();
    Ok(pool.entered.select(&rows))
}

/// Candidates until as many as are wanted would be taken, or `most` were tried.
fn tried(question: &Question, wanted: usize, most: usize, watch: &dyn Watch) -> Result<Pool, StudyError> {
    let trial = &question.trial;
    let given = trial.recipe.given(&question.facts.fixed()).map_err(|error| {
        StudyError::Usage(format!("the correlations of the population do not hold with these facts: {error}"))
    })?;
    let entry_day = trial.protocol.arms.iter().map(|arm| arm.start_days).fold(0.0, f64::min);
    let decided = trial.trial.population.eligible.iter().map(|one| question.facts.decide(&one.when.text));
    let mut pool = Pool {
        entered: Entered {
            cohort: trial.recipe.draw_cohort(Seed(0), &[]),
            snapshots: Snapshots::default(),
            day: entry_day,
        },
        logs: Vec::new(),
        marks: Vec::new(),
        tried: 0,
        failed: 0,
        refused: vec![0; trial.protocol.eligibility.len() + 1],
        decided: decided.map(|decided| (decided, false)).collect(),
    };
    let mut told = 0;
    while pool.accepted() < wanted && pool.tried < most {
        let numbers: Vec<u64> = (pool.tried..most.min(pool.tried + BATCH)).map(|n| n as u64).collect();
        let (cohort, weights) = given.draw_cohort(question.seed(), &numbers);
        pool.try_all(question, cohort, &weights, watch)?;
        let accepted = pool.accepted().min(wanted);
        watch.advance((accepted - told) as u64);
        told = accepted;
        if watch.cancelled() {
            return Err(StudyError::Cancelled);
        }
    }
    Ok(pool)
}

impl Pool {
    /// Whether a candidate is taken, by probabilities that are raised so far.
    fn is_taken(&self, row: usize, floor: f64) -> bool {
        self.marks[row] < exp((self.logs[row] - floor).min(0.0))
    }

    /// How many would be taken by plain accept–reject.
    fn accepted(&self) -> usize {
        self.logs.iter().zip(&self.marks).filter(|(log, mark)| **mark < exp(**log)).count()
    }

    fn try_all(
        &mut self,
        question: &Question,
        cohort: Cohort,
        weights: &[f64],
        watch: &dyn Watch,
    ) -> Result<(), StudyError> {
        let (trial, seed, options) = (&question.trial, question.seed(), question.options());
        let day = self.entered.day;
        let history: Vec<&Row> = question.rows.iter().filter(|row| row.day < day).collect();
        let mut times: Vec<f64> = history.iter().map(|row| row.day).chain([day]).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        let n_conditions = trial.protocol.eligibility.len();
        let mut observables = conditions(trial);
        observables.extend(history.iter().map(|row| row.reading.of));
        let outputs = Outputs { times: times.clone(), observables };
        let quiet = Quiet(watch);
        let before = before_entry_reading(trial, &cohort, day, outputs, seed, &options, &quiet)?;
        self.tried += cohort.numbers.len();
        let (mut rows, mut logs) = (Vec::new(), Vec::new());
        for (row, weight) in weights.iter().enumerate() {
            match &before.status[row] {
                SolveStatus::Finished => {}
                SolveStatus::Stopped { .. } => {
                    self.refused[n_conditions] += 1;
                    continue;
                }
                _ => {
                    self.failed += 1;
                    continue;
                }
            }
            let answers = before.trajectories.at(row, times.len() - 1);
            if let Some(reason) = self.refusal(&answers[..n_conditions]) {
                self.refused[reason] += 1;
                continue;
            }
            let of = |(place, row_of): (usize, &&Row)| {
                let time = times.partition_point(|time| *time < row_of.day);
                // Whoever was not yet ill cannot be the patient who was examined.
                if row_of.day < ill_since(trial, &cohort, row, day) {
                    return f64::NEG_INFINITY;
                }
                let x = before.trajectories.at(row, time)[n_conditions + place];
                row_of.reading.log_likelihood(x, row_of.value)
            };
            logs.push(ln(weight.max(f64::MIN_POSITIVE)) + history.iter().enumerate().map(of).sum::<f64>());
            rows.push(row);
        }
        let entered = Entered { cohort: cohort.select(&rows), snapshots: before.end.select(&rows), day };
        if let Some(years) = question.facts.years() {
            let weights = past::log_weights(trial, &entered.cohort, years, seed, &options, &quiet)?;
            logs.iter_mut().zip(weights).for_each(|(log, weight)| *log += weight);
        }
        self.at_entry(question, &entered, &mut logs, &options, watch)?;
        self.under_treatment(question, &entered, &mut logs, &options)?;
        for patient in &entered.cohort.numbers {
            self.marks.push(seed.stream(*patient, "twin:taken").uniform(0));
        }
        self.logs.extend(logs);
        append(&mut self.entered.cohort, &entered.cohort);
        self.entered.snapshots.append(&entered.snapshots);
        Ok(())
    }

    /// The first condition that is not met and that the facts do not decide.
    fn refusal(&mut self, answers: &[f64]) -> Option<usize> {
        let met = |answer: f64| answer != 0.0 && !answer.is_nan();
        for (place, answer) in answers.iter().enumerate() {
            self.decided[place].1 |= met(*answer);
        }
        (0..answers.len()).find(|place| !met(answers[*place]) && !self.decided[*place].0)
    }

    /// Weighs by what was read on the day of entry.
    fn at_entry(
        &self,
        question: &Question,
        entered: &Entered,
        logs: &mut [f64],
        options: &RunOptions,
        watch: &dyn Watch,
    ) -> Result<(), StudyError> {
        let rows = question.rows.iter().filter(|row| row.day == entered.day);
        let read: Vec<_> =
            question.facts.weighed().into_iter().chain(rows.map(|row| (&row.reading, row.value))).collect();
        if read.is_empty() || entered.cohort.numbers.is_empty() {
            return Ok(());
        }
        let observables: Vec<Found> = read.iter().map(|(reading, _)| reading.of).collect();
        let outputs = Outputs { times: vec![entered.day], observables };
        let moment = Plan { start: entered.day, end: entered.day, ..Plan::default() };
        let patients = Patients::alike(entered.cohort.numbers.iter().copied());
        let (start, sim) = (Start::From(&entered.snapshots), sim_options(question.seed(), options));
        let at = simulate(&question.trial.program, &patients, start, &moment, &outputs, &sim, &Quiet(watch))?;
        for (row, log) in logs.iter_mut().enumerate() {
            let values = at.trajectories.at(row, 0);
            *log += read
                .iter()
                .zip(values)
                .map(|((reading, value), x)| reading.log_likelihood(*x, *value))
                .sum::<f64>();
        }
        Ok(())
    }

    /// Weighs by what was read under the first regimen.
    fn under_treatment(
        &self,
        question: &Question,
        entered: &Entered,
        logs: &mut [f64],
        options: &RunOptions,
    ) -> Result<(), StudyError> {
        let rows: Vec<&Row> = question.rows.iter().filter(|row| row.day > entered.day).collect();
        let Some(last) = rows.iter().map(|row| row.day).max_by(f64::total_cmp) else { return Ok(()) };
        if entered.cohort.numbers.is_empty() {
            return Ok(());
        }
        let trial = &question.trial;
        let course = arms::course(trial, 0, entered, question.seed(), options, &())?.until(last);
        let mut times: Vec<f64> = rows.iter().map(|row| row.day).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        let outputs =
            Outputs { times: times.clone(), observables: rows.iter().map(|row| row.reading.of).collect() };
        let (start, sim) = (Start::From(&entered.snapshots), sim_options(question.seed(), options));
        let run = simulate(&trial.program, &course.patients, start, &course.plan, &outputs, &sim, &())?;
        for (patient, log) in logs.iter_mut().enumerate() {
            for (place, row) in rows.iter().enumerate() {
                let time = times.partition_point(|time| *time < row.day);
                // Who died before the day has no value and cannot be the patient.
                *log += row.reading.log_likelihood(run.trajectories.at(patient, time)[place], row.value);
            }
        }
        Ok(())
    }

    /// The twins: those taken by plain accept–reject, or, where they are too few, by raised probabilities.
    fn choose(self, question: &Question, wanted: usize) -> Result<Likes, StudyError> {
        let trial = &question.trial;
        let is_thin = self.accepted() < wanted;
        let floor = if is_thin { level(&self.logs, wanted) } else { 0.0 };
        let taken = |row: &usize| self.is_taken(*row, floor);
        let rows: Vec<usize> = (0..self.logs.len()).filter(taken).take(wanted).collect();
        if rows.is_empty() {
            return Err(self.nobody(question));
        }
        let weights: Vec<f64> = rows.iter().map(|row| (self.logs[*row] - floor).max(0.0)).collect();
        let most = weights.iter().copied().fold(0.0, f64::max);
        let weights: Vec<f64> = weights.into_iter().map(|log| exp(log - most)).collect();
        let eligible = self.logs.len();
        let conditions = trial.protocol.eligibility.iter().zip(&self.decided);
        let waived = conditions.filter(|(_, (decided, met))| *decided && !met);
        Ok(Likes {
            effective: effective_size(&weights),
            members: trial.members_of(rows.iter().map(|row| self.entered.cohort.numbers[*row])),
            waived: waived.map(|(condition, _)| condition.name.clone()).collect(),
            entered: self.entered.select(&rows),
            weights,
            tried: self.tried,
            eligible,
        })
    }

    fn nobody(&self, question: &Question) -> StudyError {
        if self.logs.is_empty() {
            let names = question.trial.protocol.eligibility.iter().map(|one| one.name.clone());
            let names = names.chain(["died before entry".to_string()]);
            let funnel = names.zip(self.refused.iter().copied()).filter(|(_, n)| *n > 0).collect();
            return StudyError::TooFewEligible {
                found: 0,
                wanted: question.asked.patients,
                screened: self.tried,
                funnel,
            };
        }
        StudyError::Usage(format!(
            "none of {} candidates of `{}` is like this patient: leave a fact out, or give it a tolerance as NAME=VALUE~TOLERANCE",
            self.tried, question.trial.trial.population.id.text
        ))
    }
}

/// Logarithm of the c at which Σ min(1, w/c) is `wanted`, or as many as have any weight.
fn level(logs: &[f64], wanted: usize) -> f64 {
    let finite: Vec<f64> = logs.iter().copied().filter(|log| log.is_finite()).collect();
    let highest = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if highest == f64::NEG_INFINITY {
        return 0.0;
    }
    let expected = |floor: f64| finite.iter().map(|log| exp((log - floor).min(0.0))).sum::<f64>();
    let (mut low, mut high) = (highest - FAR, highest.max(0.0));
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if expected(middle) > wanted as f64 { low = middle } else { high = middle }
    }
    high
}

/// Candidates whose likelihood is e⁻²⁰ of the best are never needed.
const FAR: f64 = 20.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_lets_through_as_many_as_are_wanted() {
        let logs: Vec<f64> = (0..1000).map(|n| -0.01 * f64::from(n)).collect();
        let floor = level(&logs, 300);
        let expected: f64 = logs.iter().map(|log| exp((log - floor).min(0.0))).sum();
        assert!((expected - 300.0).abs() < 1.0, "{expected}");
        assert_eq!(level(&[f64::NEG_INFINITY], 3), 0.0);
    }
}
