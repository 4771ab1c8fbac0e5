//! One simulation of the scorecard: patients are screened, grafted and measured, chunk by chunk.

use regraft_model::{Found, Target};
use regraft_sim::{Outputs, Plan, Start, simulate as solve};
use regraft_stats::Seed;
use regraft_trial::protocol::PlannedSetting;

use super::measure::{Series, measure, quantile};
use super::plan::{PlannedSimulation, Quantity, Reading};
use super::{Course, Simulated};
use crate::findings::bins::Sketch;
use crate::outcomes::Observed;
use crate::study::{
    self, Entered, MOST_FAILED, Quiet, RunOptions, Screening, StudyError, Watch, sim_options, simulate_arm,
    with_settings,
};

/// Patients simulated together. Moves no result.
const CHUNK: usize = 512;

/// What is kept of a simulation.
pub(super) struct Done {
    pub screened: usize,
    pub grafted: usize,
    pub failed: usize,
    /// Values of each task, ascending, without those of whom nothing can be said.
    pub tasks: Vec<Vec<f64>>,
    /// Values before treatment and of healthy people, `[quantity]`, ascending.
    pub baselines: Vec<Vec<f64>>,
    pub controls: Vec<Vec<f64>>,
    /// Days after the graft; values of patients on each, `[quantity][day]`.
    days: Vec<f64>,
    levels: Vec<Vec<Sketch>>,
}

/// The relative tolerance of the integration.
pub(super) fn relative_tolerance(options: &RunOptions) -> f64 {
    sim_options(Seed(options.seed), options).relative_tolerance
}

/// Simulates the arm and measures every task in every grafted patient.
pub(super) fn simulate(
    planned: &PlannedSimulation,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<Done, StudyError> {
    let seed = Seed(options.seed);
    let mut done = Done::nobody(planned);
    let mut screening = Screening::new(&planned.study, options.patients);
    // A patient is done once the arm is: screening tells nobody.
    let quiet = Untold(watch);
    while let Some(entered) = screening.next(CHUNK, seed, options, &quiet)? {
        let run = simulate_arm(&planned.study, 0, &entered, seed, options, watch)?;
        for failure in &run.failures {
            done.failed += 1;
            if done.failed as f64 > MOST_FAILED * options.patients as f64 {
                return Err(StudyError::TooManyFailed {
                    arm: planned.id.clone(),
                    failed: done.failed,
                    n: options.patients,
                    example: failure.cause.clone(),
                });
            }
        }
        done.add_controls(planned, &healthy(planned, &entered, seed, options, watch)?);
        let graft = graft_day(planned);
        done.days = run.grid.lab_days.iter().map(|day| day - graft).collect();
        for patient in run.observed.iter().filter(|patient| !patient.failed && patient.grafted) {
            done.add(planned, patient, graft);
        }
    }
    done.screened = screening.into_screened().screened;
    done.sort();
    Ok(done)
}

/// Passes on the wish to stop, not the progress.
struct Untold<'a>(&'a dyn Watch);

impl Watch for Untold<'_> {
    fn stage(&self, _what: &str, _patients: u64) {}
    fn advance(&self, _patients: u64) {}
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

fn graft_day(planned: &PlannedSimulation) -> f64 {
    let arm = &planned.study.protocol.arms[0];
    arm.graft_days.unwrap_or(arm.day_zero_days)
}

/// The same people had they no disease: the healthy start of the model with their traits, but those that the disease
/// card sets. `[column][patient]`
fn healthy(
    planned: &PlannedSimulation,
    entered: &Entered,
    seed: Seed,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<Vec<Vec<f64>>, StudyError> {
    let study::Prepared { program, protocol, trial, columns, .. } = &planned.study;
    let of_disease = |target: Target| {
        let settings = trial.disease.parameters.iter().chain(&trial.disease.initial);
        settings.into_iter().any(|setting| match program.find(&setting.target.text) {
            Ok(Found::State(index)) => target == Target::State(index),
            Ok(Found::Parameter(index)) => target == Target::Parameter(index),
            _ => false,
        })
    };
    let settings: Vec<PlannedSetting> =
        protocol.settings.iter().filter(|setting| !of_disease(setting.target)).cloned().collect();
    let mut patients = with_settings(&entered.cohort, &settings);
    if let Some(members) = &planned.study.members {
        members.apply(&mut patients, true);
    }
    let moment = Plan { start: entered.day, end: entered.day, ..Plan::default() };
    let outputs = Outputs { times: vec![entered.day], observables: columns.clone() };
    let quiet = Quiet(watch);
    let at_start =
        solve(program, &patients, Start::Fresh, &moment, &outputs, &sim_options(seed, options), &quiet)?;
    let value = |row: usize, column: usize| at_start.trajectories.at(row, 0)[column];
    let rows = 0..entered.cohort.numbers.len();
    Ok((0..columns.len()).map(|column| rows.clone().map(|row| value(row, column)).collect()).collect())
}

impl Done {
    fn nobody(planned: &PlannedSimulation) -> Done {
        let n = planned.quantities.len();
        Done {
            screened: 0,
            grafted: 0,
            failed: 0,
            tasks: vec![Vec::new(); planned.tasks.len()],
            baselines: vec![Vec::new(); n],
            controls: vec![Vec::new(); n],
            days: Vec::new(),
            levels: vec![Vec::new(); n],
        }
    }

    fn add_controls(&mut self, planned: &PlannedSimulation, columns: &[Vec<f64>]) {
        for (quantity, all) in planned.quantities.iter().zip(&mut self.controls) {
            let readings = &planned.study.readings;
            let column = match quantity.reading {
                Reading::Lab(index) => readings.labs[index].column,
                Reading::Other(index) => readings.others[index],
            };
            all.extend(columns[column].iter().copied().filter(|value| value.is_finite()));
        }
    }

    fn add(&mut self, planned: &PlannedSimulation, patient: &Observed, graft: f64) {
        self.grafted += 1;
        let end = patient.end - graft;
        for (index, quantity) in planned.quantities.iter().enumerate() {
            let values = read(patient, quantity);
            // The first day is that of entry, before any treatment.
            self.baselines[index].extend(values.first().copied().filter(|value| value.is_finite()));
            let levels = &mut self.levels[index];
            levels.resize(self.days.len(), Sketch::default());
            let seen = self.days.iter().zip(values).zip(levels);
            seen.filter(|((day, value), _)| **day <= end && value.is_finite())
                .for_each(|((_, value), level)| level.add(*value));
        }
        for (task, all) in planned.tasks.iter().zip(&mut self.tasks) {
            let values = read(patient, &planned.quantities[task.quantity]);
            let baseline = values.first().copied().unwrap_or(f64::NAN);
            let series = Series { days: &self.days, values, baseline, end };
            all.extend(Some(measure(task, &series)).filter(|number| !number.is_nan()));
        }
    }

    fn sort(&mut self) {
        let lists = self.tasks.iter_mut().chain(&mut self.baselines).chain(&mut self.controls);
        lists.for_each(|list| list.sort_by(f64::total_cmp));
    }

    /// Of all days from the graft to `last` the one with the lowest median: tenth, fiftieth and ninetieth percentile
    /// of patients then; `None` where nothing was seen.
    pub fn lowest_median(&self, quantity: usize, last: f64) -> Option<[f64; 3]> {
        let seen = self.days.iter().zip(&self.levels[quantity]);
        let asked = seen.filter(|(day, values)| (0.0..=last).contains(*day) && !values.is_empty());
        let levels = asked.map(|(_, values)| values.quantiles([0.1, 0.5, 0.9]));
        levels.min_by(|a, b| a[1].total_cmp(&b[1]))
    }

    /// What is told of the simulation.
    pub fn told(&self, planned: &PlannedSimulation) -> Simulated {
        let spec = &planned.spec;
        Simulated {
            id: planned.id.clone(),
            title: spec.title.clone(),
            trial: spec.trial.text.clone(),
            arm: spec.arm.text.clone(),
            why: spec.why.clone(),
            horizon_days: spec.horizon_days,
            grafted: self.grafted,
            failed: self.failed,
        }
    }

    /// The courses that are drawn.
    pub fn courses(&self, planned: &PlannedSimulation) -> Vec<Course> {
        let course = |(index, quantity): (usize, &Quantity)| {
            let seen = self.days.iter().zip(&self.levels[index]).filter(|(_, values)| !values.is_empty());
            let (days, quantiles) =
                seen.map(|(day, values)| (*day, values.quantiles([0.1, 0.5, 0.9]))).unzip();
            Course {
                simulation: planned.id.clone(),
                quantity: quantity.id.clone(),
                title: quantity.title.clone(),
                unit: quantity.unit.clone(),
                log_scale: quantity.log_scale,
                days,
                quantiles,
                baseline: quantile(&self.baselines[index], 0.5),
                controls: quantile(&self.controls[index], 0.5),
                normal: quantity.normal,
            }
        };
        planned.quantities.iter().enumerate().map(course).collect()
    }
}

fn read<'a>(patient: &'a Observed, quantity: &Quantity) -> &'a [f64] {
    match quantity.reading {
        Reading::Lab(index) => patient.lab(index),
        Reading::Other(index) => patient.other(index),
    }
}
