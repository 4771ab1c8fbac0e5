//! From a program and its patients to trajectories: the crate's one verb.

use std::sync::{Mutex, PoisonError};

use regraft_model::Program;
use regraft_ode::Counters;

use crate::course::Record;
use crate::error::SimError;
use crate::options::{Options, Outputs, Watch};
use crate::patients::{Patients, Snapshots, Start};
use crate::plan::Plan;
use crate::result::{Simulation, SolveStatus, Trajectories};
use crate::setting::Setting;
use crate::worker::{Job, work};

/// Simulates every patient from the start to the end of a plan.
///
/// Row `i` of the result is row `i` of `patients`; it depends on that row, the program, the plan, the
/// outputs' tolerances and the seed alone, bit for bit. Patients share nothing, so the order of rows, the
/// number of lanes and the number of threads move no bit.
///
/// Random draws of the program's stream `name` come from the stream `model:<name>` of the patient's number,
/// the n-th use taking draw n: two plans share a patient's fate.
///
/// # Errors
/// [`SimError`] for a call that cannot be done, and [`SimError::Cancelled`]. What goes wrong in one patient
/// is in [`Simulation::status`].
pub fn simulate(
    program: &Program,
    patients: &Patients,
    start: Start,
    plan: &Plan,
    outputs: &Outputs,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Simulation, SimError> {
    let setting = Setting::new(program, patients, start, plan, outputs, options)?;
    let mut simulation = blank(&setting);
    let records = Mutex::new(Some(Vec::new()));
    let queue = Mutex::new(Jobs::over(&mut simulation));
    in_threads(options.threads, |n_threads| {
        let share = patients.n_patients().div_ceil(n_threads);
        let next = || lock(&queue).next();
        let done = work(&setting, share, next, watch);
        let mut all = lock(&records);
        match (all.as_mut(), done) {
            (Some(all), Some(done)) => all.extend(done),
            _ => *all = None,
        }
    })?;
    let records = records.into_inner().unwrap_or_else(PoisonError::into_inner).ok_or(SimError::Cancelled)?;
    file(records, &mut simulation);
    Ok(simulation)
}

/// Runs `work` on every thread of a pool; it is told how many threads there are.
fn in_threads(threads: Option<usize>, work: impl Fn(usize) + Sync) -> Result<(), SimError> {
    let broadcast = || {
        rayon::broadcast(|context| work(context.num_threads()));
    };
    match threads {
        None => broadcast(),
        Some(1) => work(1),
        Some(n) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
            pool.map_err(|error| SimError::Threads { reason: error.to_string() })?.install(broadcast);
        }
    }
    Ok(())
}

/// The value behind a lock; a worker that panicked takes the whole simulation down anyway.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The result with its places still empty.
fn blank(setting: &Setting) -> Simulation {
    let n_patients = setting.patients.n_patients();
    let (n_times, n_observables) = (setting.outputs.times.len(), setting.outputs.observables.len());
    let program = setting.program;
    Simulation {
        trajectories: Trajectories {
            n_patients,
            n_times,
            n_observables,
            values: vec![f64::NAN; n_patients * n_times * n_observables],
        },
        events: Vec::new(),
        decisions: Vec::new(),
        status: vec![SolveStatus::NotStarted; n_patients],
        end: Snapshots {
            states: vec![f64::NAN; n_patients * program.states.len()],
            parameters: vec![f64::NAN; n_patients * program.parameters.len()],
            draws: vec![0; n_patients * program.streams.len()],
            usable: vec![false; n_patients],
            common: setting.common(),
        },
        counters: vec![Counters::default(); n_patients],
        cost: setting.cost(),
    }
}

/// Hands out the patients one by one, each with its own places in the result.
struct Jobs<'a> {
    next: usize,
    end: usize,
    values: &'a mut [f64],
    states: &'a mut [f64],
    parameters: &'a mut [f64],
    draws: &'a mut [u32],
}

impl<'a> Jobs<'a> {
    fn over(simulation: &'a mut Simulation) -> Jobs<'a> {
        Jobs {
            next: 0,
            end: simulation.status.len(),
            values: &mut simulation.trajectories.values,
            states: &mut simulation.end.states,
            parameters: &mut simulation.end.parameters,
            draws: &mut simulation.end.draws,
        }
    }
}

impl<'a> Iterator for Jobs<'a> {
    type Item = Job<'a>;

    fn next(&mut self) -> Option<Job<'a>> {
        let left = self.end - self.next;
        if left == 0 {
            return None;
        }
        self.next += 1;
        Some(Job {
            row: self.next - 1,
            values: take(&mut self.values, left),
            states: take(&mut self.states, left),
            parameters: take(&mut self.parameters, left),
            draws: take(&mut self.draws, left),
        })
    }
}

/// The first of `left` equal parts of a table; the table keeps the rest.
fn take<'a, T>(table: &mut &'a mut [T], left: usize) -> &'a mut [T] {
    let width = table.len() / left;
    let (first, rest) = std::mem::take(table).split_at_mut(width);
    *table = rest;
    first
}

/// Puts the patients' records into the result, by row.
fn file(mut records: Vec<Record>, simulation: &mut Simulation) {
    records.sort_unstable_by_key(|record| record.row);
    for record in records {
        simulation.events.extend(record.events);
        simulation.decisions.extend(record.decisions);
        simulation.end.usable[record.row] = record.status == SolveStatus::Finished;
        simulation.counters[record.row] = record.counters;
        simulation.status[record.row] = record.status;
    }
}
