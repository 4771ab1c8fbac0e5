//! Running an ensemble, block by block.

use regraft_model::Program;
use regraft_sim::{Counters, Engine, Outputs, SimError, Watch};
use thiserror::Error;

use super::columns::Columns;
use super::course::clean;
use super::events::Events;
use super::patients::PatientTable;

mod alike;
mod block;
mod group;
mod pipeline;
mod watch;

pub(super) use watch::OnlyCancel;

/// What is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Ensemble<'a> {
    /// The model.
    pub program: &'a Program,
    /// Who.
    pub patients: &'a PatientTable,
    /// What is done to whom.
    pub events: &'a Events,
    /// What is handed on.
    pub columns: &'a Columns,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Last moment, in the model's time unit, ≥ 0.
    pub end: f64,
    /// Time between values, > 0; the first is at 0.
    pub every: f64,
    /// Relative tolerance: what a result may err by.
    pub relative_tolerance: f64,
    /// Absolute tolerance of every state; without it 10⁻² · relative tolerance · typical size, see
    /// `docs/reference/commands.md`.
    pub absolute_tolerance: Option<f64>,
    /// Root of the draws of a model that draws.
    pub seed: u64,
    /// Worker threads; `None` for as many as there are cores. It moves no result.
    pub threads: Option<usize>,
    /// How the arithmetic is carried out. It moves no result.
    pub engine: Engine,
}

/// Why an ensemble could not be run as a whole.
#[derive(Debug, Error)]
pub enum EnsembleError {
    /// What was asked for is not possible.
    #[error("{0}")]
    Request(String),
    /// The simulator refused, or was stopped.
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
    /// Those who failed, in the order of the table.
    pub failed: Vec<FailedPatient>,
    /// Work done for all of them.
    pub counters: Counters,
}

/// Who receives the values.
pub trait Sink {
    /// Takes the next block; blocks come in the order of the table. How the table is cut into blocks may
    /// differ from run to run.
    ///
    /// # Errors
    /// What prevents it from being written.
    fn block(&mut self, block: &Block) -> std::io::Result<()>;
}

/// How an ensemble went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Patients in the table.
    pub n_patients: usize,
    /// Those who failed.
    pub n_failed: usize,
    /// Work done for all.
    pub counters: Counters,
}

/// Most times; chosen: a gigabyte for a patient with ten columns.
const MOST_TIMES: f64 = 1e7;

/// Simulates every patient of the table and hands the values on in blocks.
///
/// A patient's values depend on the program, the patient's own row and events, the columns' order, the seed,
/// the length of the course and the tolerances alone, bit for bit.
///
/// # Errors
/// [`EnsembleError`]; what goes wrong in one patient is in its block.
pub fn simulate(
    ensemble: &Ensemble,
    request: &Request,
    sink: &mut dyn Sink,
    watch: &dyn Watch,
) -> Result<Tally, EnsembleError> {
    let outputs = Outputs { times: request.times()?, observables: ensemble.columns.found.clone() };
    pipeline::run(ensemble, &outputs, request, sink, watch)
}

impl Request {
    /// 0, `every`, … up to `end`; the last one counts although its product may be a little beyond.
    ///
    /// # Errors
    /// [`EnsembleError::Request`] if the end or the time between values is not possible.
    pub fn times(&self) -> Result<Vec<f64>, EnsembleError> {
        let Request { end, every, .. } = *self;
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

    /// Threads to be used.
    fn n_threads(&self) -> usize {
        self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |cores| cores.get()))
    }
}
