//! Results of a model file, for a sensitivity analysis.

use regraft_model::{Found, Program, Target, at_start};
use regraft_sim::{Options, Outputs, Patients, Plan, Start, simulate};
use regraft_stats::Seed;

use super::ExploreError;
use super::sensitivity::{Answers, Design, Input, Spread, TOGETHER, means, readable};
use super::subject::{target, usage};
use crate::study::{StudyError, Watch};

/// A quantity of a model file at a time.
pub struct OfModel<'a> {
    program: &'a Program,
    targets: Vec<Target>,
    read: Found,
    name: String,
    time: f64,
}

impl<'a> OfModel<'a> {
    /// The quantity `endpoint` at `time`, over `parameters` with their ranges; without a range it is 20 % to either
    /// side of the model's own value.
    ///
    /// # Errors
    /// [`ExploreError::Usage`] for unknown names and ranges that are none.
    pub fn new(
        program: &'a Program,
        endpoint: &str,
        time: f64,
        parameters: &[(String, Option<(f64, f64)>)],
    ) -> Result<(OfModel<'a>, Vec<Input>), ExploreError> {
        let read = readable(program, endpoint)?;
        let start = at_start(program);
        let (mut targets, mut inputs) = (Vec::new(), Vec::new());
        for (name, range) in parameters {
            let target = target(program, name).map_err(usage)?;
            let own = match target {
                Target::State(index) => start.states[index as usize],
                Target::Parameter(index) => start.parameters[index as usize],
            };
            let (low, high) = range.unwrap_or((own - 0.2 * own.abs(), own + 0.2 * own.abs()));
            if !(low < high && low.is_finite() && high.is_finite()) {
                return Err(usage(format!("`{name}` has no range: write it as {name}=LOW:HIGH")));
            }
            if targets.contains(&target) {
                return Err(usage(format!("`{name}` is named twice")));
            }
            targets.push(target);
            inputs.push(Input { name: name.clone(), spread: Spread::Even(low, high) });
        }
        Ok((OfModel { program, targets, read, name: endpoint.to_string(), time }, inputs))
    }
}

impl Answers for OfModel<'_> {
    fn results(
        &self,
        rows: &[Vec<f64>],
        design: &Design,
        watch: &dyn Watch,
    ) -> Result<Vec<f64>, ExploreError> {
        let mut all = Vec::with_capacity(rows.len());
        watch.stage("simulating", (rows.len() * design.fates) as u64);
        for rows in rows.chunks((TOGETHER / design.fates).max(1)) {
            let copies = rows.iter().flat_map(|row| (0..design.fates as u64).map(move |fate| (row, fate)));
            let patients = Patients {
                numbers: copies.clone().map(|(_, fate)| fate).collect(),
                overrides: self.targets.clone(),
                values: copies.flat_map(|(row, _)| row.iter().copied()).collect(),
                n_factors: 0,
                factors: Vec::new(),
            };
            let plan = Plan { end: self.time, ..Plan::default() };
            let outputs = Outputs { times: vec![self.time], observables: vec![self.read] };
            let options = Options {
                threads: design.threads,
                relative_tolerance: 4e-8,
                ..Options::new(Seed(design.seed))
            };
            let run = simulate(self.program, &patients, Start::Fresh, &plan, &outputs, &options, &())?;
            if watch.cancelled() {
                return Err(StudyError::Cancelled.into());
            }
            watch.advance(patients.n_patients() as u64);
            all.extend(means(&run.trajectories.values, design.fates));
        }
        Ok(all)
    }

    fn words(&self) -> String {
        format!("{} at time {}", self.name, self.time)
    }

    fn held(&self) -> String {
        "every other parameter and starting value of the model, and its random draws".to_string()
    }
}
