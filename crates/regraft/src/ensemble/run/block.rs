//! One block: its patients by what is done to them, each group simulated as one.

use std::ops::Range;

use regraft_sim::{Counters, Options, Outputs, SimError, Watch};
use regraft_stats::Seed;

use super::alike::Alike;
use super::group::{Group, GroupResult};
use super::{Block, Ensemble, EnsembleError, FailedPatient, Request};
use crate::ensemble::sizes::{Doses, Sizes};
use crate::ensemble::steady::add;

/// Simulates blocks.
pub(super) struct Runner<'a> {
    ensemble: &'a Ensemble<'a>,
    outputs: &'a Outputs,
    request: &'a Request,
    watch: &'a dyn Watch,
    n_threads: usize,
    sizes: Sizes<'a>,
}

impl<'a> Runner<'a> {
    pub fn new(
        ensemble: &'a Ensemble<'a>,
        outputs: &'a Outputs,
        request: &'a Request,
        watch: &'a dyn Watch,
        n_threads: usize,
    ) -> Runner<'a> {
        let sizes = Sizes::new(ensemble, request, watch);
        Runner { ensemble, outputs, request, watch, n_threads, sizes }
    }

    /// The values of some rows of the table.
    pub fn run(&self, rows: Range<usize>) -> Result<Block, EnsembleError> {
        let numbers = &self.ensemble.patients.patients.numbers[rows.clone()];
        let groups = Alike::groups(self.ensemble, rows.clone(), self.request.end);
        let mut results = self.run_groups(&groups)?;
        let mut counters = Counters::default();
        results.iter().for_each(|result| add(&mut counters, &result.counters));
        let (values, failed) = match results.as_mut_slice() {
            [all] => (std::mem::take(&mut all.values), std::mem::take(&mut all.failures)),
            _ => self.join(rows, &groups, results),
        };
        Ok(Block {
            patients: numbers.to_vec(),
            times: self.outputs.times.clone(),
            n_columns: self.outputs.observables.len(),
            values,
            failed: failed.into_iter().map(|(_, failure)| failure).collect(),
            counters,
        })
    }

    /// Many groups side by side, each in one thread; few one after the other, each in all threads.
    fn run_groups(&self, groups: &[Alike]) -> Result<Vec<GroupResult>, EnsembleError> {
        let n_threads = self.n_threads;
        if n_threads < 2 || groups.len() < n_threads {
            return groups.iter().map(|group| Ok(self.run_group(group, n_threads)?)).collect();
        }
        let mut results: Vec<(usize, Result<GroupResult, SimError>)> = std::thread::scope(|scope| {
            let part = |first: usize| {
                let mine = (first..groups.len()).step_by(n_threads);
                move || mine.map(|index| (index, self.run_group(&groups[index], 1))).collect::<Vec<_>>()
            };
            let threads: Vec<_> = (0..n_threads).map(|first| scope.spawn(part(first))).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("no group panics")).collect()
        });
        results.sort_unstable_by_key(|(index, _)| *index);
        results.into_iter().map(|(_, result)| Ok(result?)).collect()
    }

    fn run_group(&self, group: &Alike, n_threads: usize) -> Result<GroupResult, SimError> {
        let patients = group.patients(&self.ensemble.patients.patients);
        let options = self.options(&group.doses, n_threads)?;
        let (program, outputs, watch) = (self.ensemble.program, self.outputs, self.watch);
        Group { program, patients: &patients, course: &group.course, outputs, options, watch }.run()
    }

    fn options(&self, doses: &Doses, n_threads: usize) -> Result<Options, SimError> {
        let mut options = Options::new(Seed(self.request.seed));
        let relative = self.request.relative_tolerance;
        options.relative_tolerance = relative;
        options.threads = Some(n_threads);
        options.engine = self.request.engine;
        if options.engine.machine_code {
            options.lanes = LANES;
        }
        options.absolute_tolerances = Some(match self.request.absolute_tolerance {
            Some(absolute) => vec![absolute; self.ensemble.program.states.len()],
            None => self.sizes.of(doses)?.iter().map(|size| least(1e-2 * relative * size)).collect(),
        });
        Ok(options)
    }

    /// Puts the groups' values into the order of the table.
    fn join(
        &self,
        rows: Range<usize>,
        groups: &[Alike],
        results: Vec<GroupResult>,
    ) -> (Vec<f64>, Vec<(usize, FailedPatient)>) {
        let per_patient = self.outputs.times.len() * self.outputs.observables.len();
        let mut values = vec![f64::NAN; rows.len() * per_patient];
        let mut failed = Vec::new();
        for (group, result) in groups.iter().zip(results) {
            for (index, &row) in group.rows.iter().enumerate() {
                let to = (row - rows.start) * per_patient;
                let from = index * per_patient;
                values[to..to + per_patient].copy_from_slice(&result.values[from..from + per_patient]);
            }
            failed.extend(result.failures.into_iter().map(|(index, failure)| (group.rows[index], failure)));
        }
        failed.sort_by_key(|(row, _)| *row);
        (values, failed)
    }
}

/// Patients side by side where machine code runs: one engine, so that the last of a block, some of whom may take a
/// thousand times as many steps as others, share its lanes instead of having an engine each.
const LANES: usize = 8;

/// A tolerance that is above 0 however small a size is.
fn least(tolerance: f64) -> f64 {
    tolerance.max(f64::MIN_POSITIVE)
}
