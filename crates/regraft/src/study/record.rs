//! What is kept of patients once they are done: what the findings and the report need, whatever their number.
//!
//! The first patients are kept one by one; everyone is counted up. Patients are added in the order of
//! the cohort, so the pieces in which they come move no result.

use regraft_sim::DecisionKind;
use regraft_stats::Seed;
use regraft_trial::Cohort;

use super::cohort::append;
use super::present::misses::Causes;
use super::{ArmRun, Entered, Prepared, ScreenFailure, arms};
use crate::findings::bins::Sketch;
use crate::findings::crowd::Crowd;
use crate::outcomes::{Grid, Observed, Outcome};

/// Patients whose outcomes are kept one by one; in a larger cohort the whole is counted up. Chosen: small trials
/// drawn from so many differ little from those drawn from more, and resampling them takes seconds.
pub const KEPT: usize = 4096;

/// A cohort that is done, as far as it is done.
#[derive(Debug, Clone)]
pub struct Record {
    /// Patients so far.
    pub n_patients: usize,
    /// Patients that are kept one by one, [`KEPT`] of them.
    pub kept: usize,
    /// Traits of these, `[patient]`.
    pub cohort: Cohort,
    /// What happened in each arm.
    pub arms: Vec<ArmRecord>,
    /// Outcomes of these, `[arm][endpoint]`.
    pub outcomes: Vec<Vec<Outcome>>,
    /// Outcomes of the first of them with another fate from entry on, `[arm][endpoint]`.
    pub again: Vec<Vec<Outcome>>,
    /// Everyone's outcomes, where the cohort is larger than that.
    pub crowd: Option<Crowd>,
}

/// What is kept of one arm.
#[derive(Debug, Clone)]
pub struct ArmRecord {
    /// When something was read.
    pub grid: Grid,
    /// The patients that are kept one by one, without laboratory values.
    pub observed: Vec<Observed>,
    /// Patients that could not be solved.
    pub failures: Vec<ScreenFailure>,
    /// How often each rule acted, and in how many patients, in the order of their first appearance in the plan.
    pub acted: Vec<Acted>,
    /// What the events of the endpoints with published values were.
    pub causes: Vec<Causes>,
    /// Values among the grafted under observation, `[lab][laboratory day]`; empty in an arm without graft.
    pub labs: Vec<Vec<Sketch>>,
}

/// How often a rule of treatment acted. Rules of one id are one rule for people.
#[derive(Debug, Clone, PartialEq)]
pub struct Acted {
    /// Id of the rule.
    pub rule: String,
    /// Times.
    pub times: usize,
    /// Patients.
    pub patients: usize,
}

impl Record {
    /// Nobody yet, of a cohort of `wanted` patients of whom `kept` are kept one by one.
    pub fn new(trial: &Prepared, wanted: usize, kept: usize, entry_day: f64) -> Record {
        let n_arms = trial.protocol.arms.len();
        Record {
            n_patients: 0,
            kept,
            cohort: trial.recipe.draw_cohort(Seed(0), &[]),
            arms: (0..n_arms).map(|arm| ArmRecord::new(trial, arm, entry_day)).collect(),
            outcomes: vec![Vec::new(); n_arms],
            again: vec![Vec::new(); n_arms],
            crowd: (wanted > kept).then(|| Crowd::new(n_arms, &trial.analyses)),
        }
    }

    /// Adds the next patients: their courses `[arm]` and outcomes `[arm][endpoint]`.
    pub fn add(&mut self, trial: &Prepared, entered: &Entered, runs: &[ArmRun], outcomes: &[Vec<Outcome>]) {
        let n = entered.cohort.numbers.len();
        let kept = self.kept.saturating_sub(self.n_patients).min(n);
        let rows: Vec<usize> = (0..kept).collect();
        append(&mut self.cohort, &entered.cohort.select(&rows));
        for (arm, run) in runs.iter().enumerate() {
            self.arms[arm].add(trial, arm, run, kept);
            keep(&mut self.outcomes[arm], &outcomes[arm], kept);
            if let Some(crowd) = &mut self.crowd {
                crowd.add(arm, self.n_patients, &outcomes[arm]);
            }
        }
        self.n_patients += n;
    }

    /// Adds the outcomes of another fate of the patients who were added last, `[arm][endpoint]`.
    pub fn add_again(&mut self, outcomes: &[Vec<Outcome>]) {
        for (all, more) in self.again.iter_mut().zip(outcomes) {
            let had = all.first().map_or(0, Outcome::n_patients);
            keep(all, more, self.kept.saturating_sub(had));
        }
    }
}

/// Appends the first `most` patients' outcomes of every endpoint.
fn keep(all: &mut Vec<Outcome>, more: &[Outcome], most: usize) {
    if all.is_empty() {
        all.extend(more.iter().map(Outcome::of_nobody));
    }
    all.iter_mut().zip(more).for_each(|(all, more)| all.append(more, most));
}

impl ArmRecord {
    fn new(trial: &Prepared, arm: usize, entry_day: f64) -> ArmRecord {
        let plan = &trial.protocol.arms[arm];
        let grid = arms::grid(trial, arm, entry_day);
        let mut acted: Vec<Acted> = Vec::new();
        for rule in &plan.rules {
            if acted.iter().all(|known| known.rule != rule.id) {
                acted.push(Acted { rule: rule.id.clone(), times: 0, patients: 0 });
            }
        }
        let n_labs = if plan.graft_days.is_some() { trial.readings.labs.len() } else { 0 };
        ArmRecord {
            observed: Vec::new(),
            failures: Vec::new(),
            acted,
            causes: Causes::asked_for(trial, arm),
            labs: vec![vec![Sketch::default(); grid.lab_days.len()]; n_labs],
            grid,
        }
    }

    fn add(&mut self, trial: &Prepared, arm: usize, run: &ArmRun, kept: usize) {
        self.observed.extend(run.observed[..kept].iter().map(Observed::without_labs));
        self.failures.extend_from_slice(&run.failures);
        self.count_acted(trial, arm, run);
        for causes in &mut self.causes {
            run.observed.iter().for_each(|patient| causes.add(trial, arm, &run.grid, patient));
        }
        for patient in run.observed.iter().filter(|patient| !patient.failed && patient.grafted) {
            self.read_labs(patient);
        }
    }

    fn count_acted(&mut self, trial: &Prepared, arm: usize, run: &ArmRun) {
        let rules = &trial.protocol.arms[arm].rules;
        for acted in &mut self.acted {
            let own = |d: &&(u32, f64, u32, DecisionKind)| {
                d.3 == DecisionKind::Acted && rules[d.2 as usize].id == acted.rule
            };
            let mut patients: Vec<u32> = run.decisions.iter().filter(own).map(|d| d.0).collect();
            acted.times += patients.len();
            patients.dedup();
            acted.patients += patients.len();
        }
    }

    fn read_labs(&mut self, patient: &Observed) {
        for (lab, sketches) in self.labs.iter_mut().enumerate() {
            let days = self.grid.lab_days.iter().zip(patient.lab(lab));
            for (sketch, (day, value)) in sketches.iter_mut().zip(days) {
                if *day <= patient.end && value.is_finite() {
                    sketch.add(*value);
                }
            }
        }
    }
}
