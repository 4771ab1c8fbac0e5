//! Results of a patient in a trial, for a sensitivity analysis.

use regraft_model::Found;
use regraft_sim::{Outputs, Start, simulate};
use regraft_stats::Seed;
use regraft_trial::cohort::{BODY_SURFACE, HEIGHT, WEIGHT, body_surface_m2};

use super::ExploreError;
use super::sensitivity::{Answers, Design, Input, Spread, TOGETHER, means, readable};
use super::subject::usage;
use crate::outcomes::{CompiledKind, assess};
use crate::study::before::before_entry;
use crate::study::cohort::Entered;
use crate::study::given::sim_options;
use crate::study::{Prepared, RunOptions, StudyError, Watch, arms, near_or_known};

/// What is read of a patient in a trial.
enum Read {
    /// An endpoint of the trial.
    Endpoint(usize),
    /// A quantity of the model.
    Quantity(Found),
}

/// A result of a trial's arm, or the difference between two arms, over traits of its population.
pub struct OfTrial<'a> {
    trial: &'a Prepared,
    /// Column of the cohort of each input.
    columns: Vec<usize>,
    /// Values of all columns at their middle.
    middle: Vec<f64>,
    read: Read,
    name: String,
    /// Day after the trial's time zero.
    day: f64,
    arms: (usize, Option<usize>),
}

impl<'a> OfTrial<'a> {
    /// `endpoint` is one that the trial analyses, or a quantity of its model; `traits` are names of what is drawn per
    /// patient, all if empty.
    ///
    /// # Errors
    /// [`ExploreError::Usage`] for unknown names.
    pub fn new(
        trial: &'a Prepared,
        endpoint: &str,
        day: f64,
        traits: &[String],
        arm: Option<&str>,
        versus: Option<&str>,
    ) -> Result<(OfTrial<'a>, Vec<Input>), ExploreError> {
        let read = match trial.endpoint_ids.iter().position(|id| id == endpoint) {
            Some(index) => Read::Endpoint(index),
            None => Read::Quantity(readable(&trial.program, endpoint)?),
        };
        if !(day > 0.0 && day <= trial.protocol.horizon_days) {
            let last = trial.protocol.horizon_days;
            return Err(usage(format!("--at must lie within the trial, up to day {last}")));
        }
        let arm_of = |name: &str| {
            trial.arm_ids.iter().position(|id| id == name).ok_or_else(|| {
                let near = near_or_known(name, trial.arm_ids.iter().map(String::as_str));
                usage(format!("the trial has no arm `{name}`{near}"))
            })
        };
        let arms = (arm.map_or(Ok(0), arm_of)?, versus.map(arm_of).transpose()?);
        let drawn = trial.recipe.columns();
        let all: Vec<String> = drawn.iter().map(|column| column.name.clone()).collect();
        let names = if traits.is_empty() { &all } else { traits };
        let (mut columns, mut inputs) = (Vec::new(), Vec::new());
        for name in names {
            let index = all.iter().position(|known| known == name).ok_or_else(|| {
                let near = near_or_known(name, all.iter().map(String::as_str));
                usage(format!("no trait `{name}` is drawn in this trial{near}"))
            })?;
            if columns.contains(&index) {
                return Err(usage(format!("`{name}` is named twice")));
            }
            columns.push(index);
            inputs
                .push(Input { name: name.clone(), spread: Spread::Drawn(drawn[index].distribution.clone()) });
        }
        let middle = drawn.iter().map(|column| column.distribution.at_rank(0.5)).collect();
        Ok((OfTrial { trial, columns, middle, read, name: endpoint.to_string(), day, arms }, inputs))
    }

    /// Patients with the given traits, each in every fate.
    fn cohort(&self, rows: &[Vec<f64>], fates: usize) -> regraft_trial::Cohort {
        let mut cohort = self.trial.recipe.draw_cohort(Seed(0), &[]);
        let place = |name: &str| cohort.names.iter().position(|known| known == name);
        let body = place(WEIGHT).zip(place(HEIGHT)).filter(|_| place(BODY_SURFACE).is_some());
        for row in rows {
            let mut values = self.middle.clone();
            self.columns.iter().zip(row).for_each(|(column, value)| values[*column] = *value);
            if let Some((weight, height)) = body {
                values.push(body_surface_m2(values[weight], values[height]));
            }
            for fate in 0..fates as u64 {
                cohort.numbers.push(fate);
                cohort.values.extend(&values);
            }
        }
        cohort
    }

    fn options(&self, design: &Design) -> RunOptions {
        RunOptions::new(0, design.seed, design.threads)
    }

    /// One value per patient in an arm.
    fn in_arm(&self, arm: usize, entered: &Entered, design: &Design) -> Result<Vec<f64>, ExploreError> {
        let (seed, options) = (Seed(design.seed), self.options(design));
        match self.read {
            Read::Endpoint(endpoint) => {
                let run = arms::simulate_arm(self.trial, arm, entered, seed, &options, &())?;
                let endpoints = &self.trial.endpoints[arm][endpoint..=endpoint];
                let outcomes = assess(endpoints, &run.grid, &run.observed);
                Ok(outcomes
                    .first()
                    .map_or(Vec::new(), |outcome| outcome.by_day(self.day - endpoints[0].zero, false)))
            }
            Read::Quantity(found) => {
                let course = arms::course(self.trial, arm, entered, seed, &options, &())?.until(self.day);
                let outputs = Outputs { times: vec![self.day], observables: vec![found] };
                let start = Start::From(&entered.snapshots);
                let sim = sim_options(seed, &options);
                let run = simulate(
                    &self.trial.program,
                    &course.patients,
                    start,
                    &course.plan,
                    &outputs,
                    &sim,
                    &(),
                )?;
                Ok(run.trajectories.values)
            }
        }
    }
}

impl Answers for OfTrial<'_> {
    fn results(
        &self,
        rows: &[Vec<f64>],
        design: &Design,
        watch: &dyn Watch,
    ) -> Result<Vec<f64>, ExploreError> {
        let mut all = Vec::with_capacity(rows.len());
        let entry_day = self.trial.protocol.arms.iter().map(|arm| arm.start_days).fold(0.0, f64::min);
        let (seed, options) = (Seed(design.seed), self.options(design));
        watch.stage("simulating", (rows.len() * design.fates) as u64);
        for rows in rows.chunks((TOGETHER / design.fates).max(1)) {
            let cohort = self.cohort(rows, design.fates);
            let before = before_entry(self.trial, &cohort, entry_day, seed, &options, &())?;
            let entered = Entered { cohort, snapshots: before.end, day: entry_day };
            let mut results = self.in_arm(self.arms.0, &entered, design)?;
            if let Some(versus) = self.arms.1 {
                let other = self.in_arm(versus, &entered, design)?;
                results.iter_mut().zip(other).for_each(|(value, other)| *value -= other);
            }
            if watch.cancelled() {
                return Err(StudyError::Cancelled.into());
            }
            watch.advance(results.len() as u64);
            all.extend(means(&results, design.fates));
        }
        Ok(all)
    }

    fn words(&self) -> String {
        let arm = |index: usize| self.trial.arm_ids[index].as_str();
        let what = match self.arms.1 {
            None => format!("in arm {}", arm(self.arms.0)),
            Some(versus) => format!("in arm {} minus arm {}", arm(self.arms.0), arm(versus)),
        };
        let comes = match self.read {
            Read::Endpoint(endpoint) => {
                matches!(self.trial.endpoints[self.arms.0][endpoint].kind, CompiledKind::TimeToEvent { .. })
            }
            Read::Quantity(_) => false,
        };
        let share = if comes { ", share in whom its event has come," } else { "" };
        format!("{}{share} by day {} {what}", self.name, self.day)
    }

    fn held(&self) -> String {
        "traits not named at their middle; the correlations of the population are left out and nobody is turned away \
         at entry; the same fates (thresholds of events, reading errors, choices of drugs) for every set of traits"
            .to_string()
    }
}
