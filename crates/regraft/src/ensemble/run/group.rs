//! Patients with the same events, stretch by stretch.

use regraft_model::Program;
use regraft_sim::{
    Counters, Options, Outputs, Patients, Plan, SimError, Simulation, Snapshots, SolveStatus, Start, Watch,
    simulate,
};

use super::{FailedPatient, OnlyCancel};
use crate::ensemble::course::{Course, Opening, Stretch};
use crate::ensemble::dose::{Dose, Steady};
use crate::ensemble::steady::{Found, Search, add};

/// Patients with one course.
pub(super) struct Group<'a> {
    pub program: &'a Program,
    pub patients: &'a Patients,
    pub course: &'a Course,
    pub outputs: &'a Outputs,
    /// With absolute tolerances.
    pub options: Options,
    pub watch: &'a dyn Watch,
}

/// What became of a group.
pub(super) struct GroupResult {
    /// `[patient, time, column]`
    pub values: Vec<f64>,
    /// By row within the group.
    pub failures: Vec<(usize, FailedPatient)>,
    /// Work done for all.
    pub counters: Counters,
}

/// A group on the way.
struct Progress {
    values: Vec<f64>,
    /// Time and cause, `[patient]`.
    failures: Vec<Option<(f64, String)>>,
    /// `[patient]`
    counters: Vec<Counters>,
}

impl Group<'_> {
    pub fn run(&self) -> Result<GroupResult, SimError> {
        let n = self.patients.n_patients();
        let per_patient = self.outputs.times.len() * self.outputs.observables.len();
        let stretches = &self.course.stretches;
        let whole = stretches.len() == 1;
        let mut progress = Progress {
            values: if whole { Vec::new() } else { vec![f64::NAN; n * per_patient] },
            failures: vec![None; n],
            counters: vec![Counters::default(); n],
        };
        let starts = if whole { Snapshots::default() } else { self.starts()? };
        // Overrides are in the snapshots from then on.
        let later = Patients::alike(self.patients.numbers.iter().copied());
        let mut now: Option<Snapshots> = None;
        for (index, stretch) in stretches.iter().enumerate() {
            if let Some(now) = &mut now {
                for opening in &stretch.openings {
                    self.open(opening, stretch.start, &starts, now, &mut progress)?;
                }
            }
            let is_last = index + 1 == stretches.len();
            let outputs = self.outputs_within(stretch, is_last);
            let plan = plan(stretch);
            let (patients, start) = match &now {
                None => (self.patients, Start::Fresh),
                Some(now) => (&later, Start::From(now)),
            };
            let quiet = OnlyCancel(self.watch);
            let watch = if is_last { self.watch } else { &quiet };
            let mut part = simulate(self.program, patients, start, &plan, &outputs.1, &self.options, watch)?;
            if whole {
                progress.values = std::mem::take(&mut part.trajectories.values);
            } else {
                self.file_values(&part, outputs.0, &mut progress.values);
            }
            self.note_failures(&part, &mut progress);
            now = Some(part.end);
        }
        Ok(self.close(progress))
    }

    /// Where the patients stand at time 0, before anything is given.
    fn starts(&self) -> Result<Snapshots, SimError> {
        let (plan, nothing) = (Plan::default(), Outputs::default());
        simulate(
            self.program,
            self.patients,
            Start::Fresh,
            &plan,
            &nothing,
            &self.options,
            &OnlyCancel(self.watch),
        )
        .map(|result| result.end)
    }

    /// The output times of a stretch and the position of the first. A time at which the next stretch
    /// begins belongs to that one: its value is after what is done there.
    fn outputs_within(&self, stretch: &Stretch, is_last: bool) -> (usize, Outputs) {
        let times = &self.outputs.times;
        let from = times.partition_point(|&time| time < stretch.start);
        let to = if is_last { times.len() } else { times.partition_point(|&time| time < stretch.end) };
        let times = times[from..to.max(from)].to_vec();
        (from, Outputs { times, observables: self.outputs.observables.clone() })
    }

    /// Puts the values of a stretch into their place.
    fn file_values(&self, part: &Simulation, first_time: usize, values: &mut [f64]) {
        let n_columns = self.outputs.observables.len();
        let per_patient = self.outputs.times.len() * n_columns;
        let width = part.trajectories.n_times * n_columns;
        for row in 0..part.status.len() {
            let to = row * per_patient + first_time * n_columns;
            let found = &part.trajectories.values[row * width..(row + 1) * width];
            values[to..to + width].copy_from_slice(found);
        }
    }

    fn note_failures(&self, part: &Simulation, progress: &mut Progress) {
        for (row, status) in part.status.iter().enumerate() {
            add(&mut progress.counters[row], &part.counters[row]);
            if let SolveStatus::Failed { day, cause } = status {
                progress.failures[row].get_or_insert_with(|| (*day, cause.describe(self.program)));
            }
        }
    }

    fn open(
        &self,
        opening: &Opening,
        time: f64,
        starts: &Snapshots,
        now: &mut Snapshots,
        progress: &mut Progress,
    ) -> Result<(), SimError> {
        match opening {
            Opening::Reset => {
                now.states.clone_from(&starts.states);
                Ok(())
            }
            Opening::Steady(dose) => self.reach_steady(dose, time, starts, now, progress),
        }
    }

    /// Replaces the states by a steady state, or adds what it differs by from the starting values.
    fn reach_steady(
        &self,
        dose: &Dose,
        time: f64,
        starts: &Snapshots,
        now: &mut Snapshots,
        progress: &mut Progress,
    ) -> Result<(), SimError> {
        let rows = (0..now.n_patients()).filter(|&row| now.usable[row]).collect();
        let search = Search::new(self.program, starts, &self.patients.numbers, &self.options, self.watch);
        let n_states = self.program.states.len();
        for (row, (found, work)) in search.find(dose, rows)?.into_iter().enumerate() {
            add(&mut progress.counters[row], &work);
            let states = &mut now.states[row * n_states..(row + 1) * n_states];
            match found {
                Found::Nothing => {}
                Found::States(steady) if dose.steady == Steady::Add => {
                    let change =
                        steady.iter().zip(starts.states_of(row)).map(|(steady, start)| steady - start);
                    states.iter_mut().zip(change).for_each(|(state, change)| *state += change);
                }
                Found::States(steady) => states.copy_from_slice(&steady),
                Found::Not(cause) => {
                    now.usable[row] = false;
                    progress.failures[row] = Some((time, cause));
                }
            }
        }
        Ok(())
    }

    fn close(&self, progress: Progress) -> GroupResult {
        let failures = progress.failures.into_iter().enumerate().filter_map(|(row, failure)| {
            let (time, cause) = failure?;
            let patient = self.patients.numbers[row];
            Some((row, FailedPatient { patient, time, cause, counters: progress.counters[row] }))
        });
        let mut counters = Counters::default();
        progress.counters.iter().for_each(|one| add(&mut counters, one));
        GroupResult { failures: failures.collect(), values: progress.values, counters }
    }
}

fn plan(stretch: &Stretch) -> Plan {
    Plan { start: stretch.start, end: stretch.end, doses: stretch.orders.clone(), ..Plan::default() }
}
