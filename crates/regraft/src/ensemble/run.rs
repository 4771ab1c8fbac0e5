//! Running an ensemble, block by block.

use regraft_model::Program;
use regraft_sim::{Counters, Options, Outputs, Patients, SimError, default_absolute_tolerances};
use regraft_stats::Seed;
use thiserror::Error;

use super::columns::Columns;
use super::course::{Course, clean};
use super::events::{Events, Record};
use super::patients::PatientTable;

mod group;

use group::{Group, GroupResult};

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Last moment, in the model's time unit, ≥ 0.
    pub end: f64,
    /// Time between values, > 0; the first is at 0.
    pub every: f64,
    /// Relative tolerance of each step.
    pub relative_tolerance: f64,
    /// Absolute tolerance of every state; without it that of the simulator, see
    /// [`default_absolute_tolerances`].
    pub absolute_tolerance: Option<f64>,
    /// Worker threads; `None` for as many as there are cores. It moves no result.
    pub threads: Option<usize>,
}

/// Why an ensemble could not be run as a whole.
#[derive(Debug, Error)]
pub enum EnsembleError {
    /// What was asked for is not possible.
    #[error("{0}")]
    Request(String),
    /// The simulator refused.
    #[error(transparent)]
    Simulation(#[from] SimError),
    /// The values could not be written.
    #[error("cannot write: {0}")]
    Output(#[from] std::io::Error),
}

/// A patient who could not be simulated to the end.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedPatient {
    /// Number of the patient.
    pub patient: u64,
    /// When, in the model's time unit.
    pub time: f64,
    /// Why, for a person.
    pub cause: String,
    /// Work done until then.
    pub counters: Counters,
}

/// The values of some patients who follow each other in the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Numbers, `[patient]`.
    pub patients: Vec<u64>,
    /// Times, `[time]`.
    pub times: Vec<f64>,
    /// Number of columns.
    pub n_columns: usize,
    /// `[patient, time, column]`; NaN after a patient failed. A value at the time of a dose is after it.
    pub values: Vec<f64>,
}

/// Who receives the values.
pub trait Sink {
    /// Takes the next block; blocks come in the order of the table.
    ///
    /// # Errors
    /// What prevents it from being written.
    fn block(&mut self, block: &Block) -> std::io::Result<()>;
}

/// How an ensemble went.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Patients in the table.
    pub n_patients: usize,
    /// Those who failed, in the order of the table.
    pub failed: Vec<FailedPatient>,
}

/// Values held at once, in a block; chosen: 32 MB.
const VALUES_PER_BLOCK: usize = 1 << 22;
/// Most patients in a block; chosen: enough for all lanes of many threads.
const PATIENTS_PER_BLOCK: usize = 1 << 14;
/// Most times; chosen: a gigabyte for a patient with ten columns.
const MOST_TIMES: f64 = 1e7;

/// Simulates every patient of the table and hands the values on in blocks.
///
/// A patient's values depend on the program, the patient's own row and events, the columns' order and the
/// tolerances alone.
///
/// # Errors
/// [`EnsembleError`]; what goes wrong in one patient is in the tally.
pub fn simulate(
    program: &Program,
    table: &PatientTable,
    events: &Events,
    columns: &Columns,
    request: &Request,
    sink: &mut dyn Sink,
) -> Result<Tally, EnsembleError> {
    let times = times(request)?;
    let outputs = Outputs { times, observables: columns.found.clone() };
    let n = table.patients.n_patients();
    let per_patient = (outputs.times.len() * columns.found.len()).max(1);
    let size = (VALUES_PER_BLOCK / per_patient).clamp(1, PATIENTS_PER_BLOCK);
    let mut tally = Tally { n_patients: n, failed: Vec::new() };
    for start in (0..n).step_by(size) {
        let rows: Vec<usize> = (start..n.min(start + size)).collect();
        let patients = table.patients.select(&rows);
        let (block, failed) = run_block(program, &patients, events, &outputs, request)?;
        sink.block(&block)?;
        tally.failed.extend(failed);
    }
    Ok(tally)
}

/// 0, `every`, … up to `end`; the last one counts although its product may be a little beyond.
fn times(request: &Request) -> Result<Vec<f64>, EnsembleError> {
    let Request { end, every, .. } = *request;
    let wrong = |text: String| Err(EnsembleError::Request(text));
    if !(end.is_finite() && end >= 0.0) {
        return wrong(format!("the end is {end}, must be 0 or more"));
    }
    if !(every.is_finite() && every > 0.0) {
        return wrong(format!("the time between values is {every}, must be above 0"));
    }
    let steps = (end / every + 1e-9).floor();
    if steps > MOST_TIMES {
        return wrong(format!("{steps} times per patient are too many, at most {MOST_TIMES}"));
    }
    Ok((0..=steps as usize).map(|step| clean(step as f64 * every).min(end)).collect())
}

fn run_block(
    program: &Program,
    patients: &Patients,
    events: &Events,
    outputs: &Outputs,
    request: &Request,
) -> Result<(Block, Vec<FailedPatient>), EnsembleError> {
    let per_patient = outputs.times.len() * outputs.observables.len();
    let mut values = vec![f64::NAN; patients.n_patients() * per_patient];
    let mut failed = Vec::new();
    for (rows, result) in run_groups(program, patients, &alike(patients, events), outputs, request)? {
        let GroupResult { values: found, failures } = result;
        for (index, &row) in rows.iter().enumerate() {
            values[row * per_patient..(row + 1) * per_patient]
                .copy_from_slice(&found[index * per_patient..(index + 1) * per_patient]);
        }
        failed.extend(failures.into_iter().map(|(index, failure)| (rows[index], failure)));
    }
    failed.sort_by_key(|(row, _)| *row);
    let block = Block {
        patients: patients.numbers.clone(),
        times: outputs.times.clone(),
        n_columns: outputs.observables.len(),
        values,
    };
    Ok((block, failed.into_iter().map(|(_, failure)| failure).collect()))
}

/// Patients with the same events, and their rows.
type Alike<'a> = (&'a [Record], Vec<usize>);

/// Runs the groups: many side by side, each in one thread; few one after the other, each in all threads.
fn run_groups<'a>(
    program: &Program,
    patients: &Patients,
    groups: &'a [Alike<'_>],
    outputs: &Outputs,
    request: &Request,
) -> Result<Vec<(&'a [usize], GroupResult)>, EnsembleError> {
    let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let n_threads = request.threads.unwrap_or_else(cores);
    let run =
        |group: &'a Alike<'_>, threads: Option<usize>| -> Result<(&'a [usize], GroupResult), SimError> {
            let (records, rows) = group;
            let course = Course::new(records, request.end);
            let options = Options { threads, ..options(program, &course, request)? };
            let selected = patients.select(rows);
            let group = Group { program, patients: &selected, course: &course, outputs, options };
            Ok((rows.as_slice(), group.run()?))
        };
    if n_threads < 2 || groups.len() < n_threads {
        return groups.iter().map(|group| Ok(run(group, request.threads)?)).collect();
    }
    let run = &run;
    let parts: Vec<Vec<_>> = std::thread::scope(|scope| {
        let part = |first: usize| {
            move || groups.iter().skip(first).step_by(n_threads).map(|group| run(group, Some(1))).collect()
        };
        let threads: Vec<_> = (0..n_threads).map(|first| scope.spawn(part(first))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no group panics")).collect()
    });
    parts.into_iter().flatten().map(|result| Ok(result?)).collect()
}

/// Rows of patients with the same events.
fn alike<'a>(patients: &Patients, events: &'a Events) -> Vec<Alike<'a>> {
    let mut groups: Vec<Alike<'a>> = Vec::new();
    for (row, &number) in patients.numbers.iter().enumerate() {
        let records = events.of(number);
        match groups.iter_mut().find(|group| group.0 == records) {
            Some(group) => group.1.push(row),
            None => groups.push((records, vec![row])),
        }
    }
    groups
}

fn options(program: &Program, course: &Course, request: &Request) -> Result<Options, SimError> {
    // Draws of a model belong to the patient's number; there is no other randomness.
    let mut options = Options::new(Seed(1));
    options.relative_tolerance = request.relative_tolerance;
    options.absolute_tolerances = Some(match request.absolute_tolerance {
        Some(absolute) => vec![absolute; program.states.len()],
        None => default_absolute_tolerances(program, &course.whole, &options)?,
    });
    Ok(options)
}
