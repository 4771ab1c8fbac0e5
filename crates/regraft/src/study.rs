//! The study: from a trial's name to findings, following the verbs of the pipeline.
//!
//! [`prepare`] reads and resolves, [`run`] screens a cohort, simulates every arm, assesses outcomes and
//! analyzes them. What a person sees is made in [`crate::report`] from what is found here.

pub(crate) mod arms;
pub(crate) mod before;
pub(crate) mod cohort;
mod compile;
mod doubt;
mod fates;
mod figures;
pub(crate) mod given;
mod lived;
mod names;
mod output;
pub(crate) mod past;
mod prepare;
mod present;
mod record;
mod tables;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use regraft_sim::{Engine, SimError};
use regraft_stats::Seed;
use thiserror::Error;

use crate::findings::{ArmCount, Findings, FollowUps, Setting, analyze};
use crate::library::{Library, LibraryError};
use crate::outcomes::{Outcome, assess};
use crate::run_folder::manifest::Manifest;
use crate::run_folder::{RunFolder, WriteError};
use fates::again;
use tables::Tables;

pub use arms::ArmRun;
pub(crate) use arms::simulate_arm;
pub(crate) use cohort::Screening;
pub use cohort::{Entered, ScreenFailure, Screened};
pub use doubt::DOUBT;
pub(crate) use doubt::{fates, told, too_few, with_draws};
pub(crate) use fates::{is_ensemble, with_other_fate};
pub(crate) use given::{sim_options, with_settings};
pub(crate) use lived::{Lived, Patients, live};
pub(crate) use names::{did_you_mean, near_names, near_or_known};
pub use output::Run;
pub(crate) use output::{inputs, relative_tolerance};
pub use prepare::{ModelTexts, Prepared, card_kind, check, model_texts, prepare};
pub(crate) use prepare::{find_trial, lower_keeping_model, lower_resolved, prepare_made, with_arms};
pub(crate) use present::{arm_drawn, number_sources};
pub use record::{Acted, ArmRecord, KEPT, Record};

/// Why a study could not be done.
#[derive(Debug, Error)]
pub enum StudyError {
    /// No trial of that name, and no such file.
    #[error("there is no trial `{name}` in the library{}", names::hint(near))]
    UnknownTrial {
        /// What was asked for.
        name: String,
        /// Ids that may be meant.
        near: Vec<String>,
    },
    /// Wrong use of a command.
    #[error("{0}")]
    Usage(String),
    /// A folder or file could not be read.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The folder of the run could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The simulation refused the call.
    #[error("the simulation could not start: {0}")]
    Simulation(SimError),
    /// The user stopped the run.
    #[error("stopped; nothing was written")]
    Cancelled,
    /// Too few of the screened were eligible.
    #[error(
        "only {found} of {screened} screened patients could enter, {wanted} were asked for{}",
        reasons(funnel)
    )]
    TooFewEligible {
        /// Patients found.
        found: usize,
        /// Patients asked for.
        wanted: usize,
        /// Patients screened.
        screened: usize,
        /// Reasons and numbers.
        funnel: Vec<(String, usize)>,
    },
    /// Too many patients could not be solved.
    #[error("{failed} of {n} patients could not be solved in {} (more than {} in 100 are not accepted): {example}", place(arm), (100.0 * MOST_FAILED) as u32)]
    TooManyFailed {
        /// Which arm, or `before entry`.
        arm: String,
        /// Patients not solved.
        failed: usize,
        /// Patients tried.
        n: usize,
        /// The first cause.
        example: String,
    },
}

/// Where patients failed: an arm, or the time before entry.
fn place(arm: &str) -> String {
    if arm == BEFORE_ENTRY { "the time before entry".to_string() } else { format!("arm `{arm}`") }
}

/// Stands for the time before entry where an arm is named.
pub(crate) const BEFORE_ENTRY: &str = "before entry";

fn reasons(funnel: &[(String, usize)]) -> String {
    let list: Vec<String> = funnel.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    if list.is_empty() { String::new() } else { format!(": {}", list.join(", ")) }
}

impl From<SimError> for StudyError {
    fn from(error: SimError) -> Self {
        match error {
            SimError::Cancelled => StudyError::Cancelled,
            other => StudyError::Simulation(other),
        }
    }
}

/// Share of patients that may fail before a trial is refused. Chosen: what fails is not random (see
/// `docs/design/failed-patients.md`), and one in twenty already moves a rare outcome.
pub const MOST_FAILED: f64 = 0.05;

/// Resamples behind each bootstrap interval, and trials behind each prediction interval. Chosen: the ends of a
/// 95 % interval then wobble by about a tenth of its width between seeds.
pub const RESAMPLES: usize = 1000;

/// What can be chosen for a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOptions {
    /// Size of the cohort.
    pub patients: usize,
    /// Root of all random streams.
    pub seed: u64,
    /// Threads; all cores if `None`. Moves no result.
    pub threads: Option<usize>,
    /// How the arithmetic is carried out. Moves no result.
    pub engine: Engine,
    /// Whether `observables.parquet` holds every patient, not the first [`KEPT`] alone.
    pub trajectories: bool,
    /// Most patients who live once more, so that a run can say where the doubt of its findings comes from.
    pub doubt: usize,
    /// The command that repeats the run, for the report.
    pub command: String,
}

impl RunOptions {
    /// The fastest engine, no more trajectories than are always kept, and no command.
    pub fn new(patients: usize, seed: u64, threads: Option<usize>) -> RunOptions {
        let (engine, command) = (Engine::best(), String::new());
        RunOptions { patients, seed, threads, engine, trajectories: false, doubt: DOUBT, command }
    }
}

/// Someone who watches a run and may stop it.
pub trait Watch: Sync {
    /// A stage begins: what it is and how many patients it holds.
    fn stage(&self, what: &str, patients: u64);
    /// So many more patients are done.
    fn advance(&self, patients: u64);
    /// Whether to stop.
    fn cancelled(&self) -> bool;
}

/// Nobody watches.
impl Watch for () {
    fn stage(&self, _what: &str, _patients: u64) {}
    fn advance(&self, _patients: u64) {}
    fn cancelled(&self) -> bool {
        false
    }
}

/// Passes the simulator's progress on.
struct SimWatch<'a>(&'a dyn Watch);

impl regraft_sim::Watch for SimWatch<'_> {
    fn patients_done(&self, n: usize) {
        self.0.advance(n as u64);
    }

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// Passes on the wish to stop, not the progress.
pub(crate) struct Quiet<'a>(pub(crate) &'a dyn Watch);

impl regraft_sim::Watch for Quiet<'_> {
    fn patients_done(&self, _n: usize) {}

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// How many patients are held in memory.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    /// Simulated together, with their trajectories. Moves no result.
    chunk: usize,
    /// Kept one by one to the end.
    kept: usize,
    /// Of the first patients, how many live once more with another fate.
    again: usize,
}

/// Chunk chosen: the cores idle at the end of a chunk for a few hundredths of its time, and its trajectories
/// take some ten megabytes.
const SIZES: Sizes = Sizes { chunk: 512, kept: KEPT, again: 0 };

/// Simulates a prepared trial and writes its tables into `folder`.
///
/// Patients go through the trial chunk by chunk; what is needed of them is counted up or written, the rest is
/// dropped, so memory does not grow with their number.
///
/// # Errors
/// [`StudyError`]: too few eligible, too many unsolved, stopped by the user, folder not writable.
pub fn run(
    trial: &Prepared,
    library: &Library,
    options: &RunOptions,
    folder: &RunFolder,
    watch: &dyn Watch,
) -> Result<Run, StudyError> {
    let start = std::time::Instant::now();
    let mut tables = Tables::create(folder, trial, options)?;
    // Patients who live with draws are no ground to tell a fate from a draw; others live beside them then.
    let again = if is_ensemble(trial) { 0 } else { fates(options) };
    let (record, screened) = simulate(trial, options, Sizes { again, ..SIZES }, Some(&mut tables), watch)?;
    let simulation_seconds = start.elapsed().as_secs_f64();
    let beside = doubt::live(trial, library, options, watch)?;
    watch.stage("analyzing", 0);
    let setting = setting(trial, Seed(options.seed), &record);
    let mut findings = find(trial, options, &record, &setting, watch)?;
    beside.split(trial, options, &record, &mut findings);
    let doubt = beside.manifest(options, &record);
    let inputs = inputs(trial, library);
    let report = present::report_data(
        trial, library, &inputs, options, &screened, &record, &findings, &setting, &doubt,
    );
    let tables = tables.close(&screened, &record.arms)?;
    let manifest = output::manifest(trial, inputs, options, &screened, &record, simulation_seconds);
    let manifest = Manifest { doubt: Some(doubt), ..manifest };
    Ok(Run { findings, report, manifest, tables })
}

/// Simulates a prepared trial and keeps what the findings need, in memory alone; the first `kept` patients one by one.
///
/// # Errors
/// As [`run`], but for the folder.
pub(crate) fn record(
    trial: &Prepared,
    options: &RunOptions,
    kept: usize,
    watch: &dyn Watch,
) -> Result<Record, StudyError> {
    let sizes = Sizes { kept, ..SIZES };
    simulate(trial, options, sizes, None, watch).map(|(record, _)| record)
}

/// Screens, simulates every arm, assesses and writes where there are tables to write, chunk by chunk.
fn simulate(
    trial: &Prepared,
    options: &RunOptions,
    sizes: Sizes,
    mut tables: Option<&mut Tables>,
    watch: &dyn Watch,
) -> Result<(Record, Screened), StudyError> {
    let seed = Seed(options.seed);
    let n_arms = trial.protocol.arms.len();
    watch.stage("simulating", options.patients as u64);
    let watch = &Shared { watch, parts: 1 + n_arms as u64, done: AtomicU64::new(0) };
    let mut screening = Screening::new(trial, options.patients);
    let mut record = Record::new(trial, options.patients, sizes.kept, screening.entry_day());
    while let Some(entered) = screening.next(sizes.chunk, seed, options, watch)? {
        let runs = (0..n_arms).map(|arm| simulate_arm(trial, arm, &entered, seed, options, watch));
        let runs: Vec<ArmRun> = runs.collect::<Result<_, _>>()?;
        let of_arm = |(arm, run): (usize, &ArmRun)| assess(&trial.endpoints[arm], &run.grid, &run.observed);
        let outcomes: Vec<Vec<Outcome>> = runs.iter().enumerate().map(of_arm).collect();
        if let Some(tables) = &mut tables {
            tables.add(trial, &entered, &runs, &outcomes)?;
        }
        let twice = sizes.again.saturating_sub(record.n_patients).min(entered.cohort.numbers.len());
        record.add(trial, &entered, &runs, &outcomes);
        if twice > 0 {
            record.add_again(&again(trial, &entered.first(twice), seed, options, watch)?);
        }
        refuse_if_too_many_failed(trial, &record, options.patients)?;
    }
    Ok((record, screening.into_screened()))
}

/// More failed than may fail in the whole cohort: what is still to come cannot mend it.
fn refuse_if_too_many_failed(trial: &Prepared, record: &Record, n: usize) -> Result<(), StudyError> {
    let broken = |arm: &ArmRecord| arm.failures.len() as f64 > MOST_FAILED * n as f64;
    let Some(arm) = record.arms.iter().position(broken) else { return Ok(()) };
    let failures = &record.arms[arm].failures;
    Err(StudyError::TooManyFailed {
        arm: trial.arm_ids[arm].clone(),
        failed: failures.len(),
        n,
        example: failures[0].cause.clone(),
    })
}

/// Progress of patients who go through several parts: screening and every arm.
struct Shared<'a> {
    watch: &'a dyn Watch,
    parts: u64,
    /// Parts done by all patients.
    done: AtomicU64,
}

impl Watch for Shared<'_> {
    fn stage(&self, what: &str, patients: u64) {
        self.watch.stage(what, patients);
    }

    fn advance(&self, patients: u64) {
        let before = self.done.fetch_add(patients, Ordering::Relaxed);
        self.watch.advance((before + patients) / self.parts - before / self.parts);
    }

    fn cancelled(&self) -> bool {
        self.watch.cancelled()
    }
}

/// What the analyses of a run share.
fn setting<'a>(trial: &'a Prepared, seed: Seed, record: &'a Record) -> Setting<'a> {
    let follow_up = trial.trial.file.follow_up.as_ref().map(|follow_up| &follow_up.distribution);
    let largest = trial.published_sizes.iter().flatten().copied().max().unwrap_or(0);
    Setting {
        seed,
        n_patients: record.cohort.numbers.len(),
        arm_ids: &trial.arm_ids,
        outcomes: &record.outcomes,
        crowd: record.crowd.as_ref(),
        published_sizes: &trial.published_sizes,
        follow_ups: FollowUps::draw(follow_up, largest, RESAMPLES, seed),
        resamples: RESAMPLES,
        trials: RESAMPLES,
    }
}

fn find(
    trial: &Prepared,
    options: &RunOptions,
    record: &Record,
    setting: &Setting<'_>,
    watch: &dyn Watch,
) -> Result<Findings, StudyError> {
    let found = in_threads(options.threads, &trial.analyses, |plan| {
        if watch.cancelled() { Vec::new() } else { analyze(plan, setting) }
    });
    if watch.cancelled() {
        return Err(StudyError::Cancelled);
    }
    let count = |(arm, of): (usize, &ArmRecord)| ArmCount {
        id: trial.arm_ids[arm].clone(),
        title: trial.protocol.arms[arm].title.clone(),
        n: record.n_patients,
        failed: of.failures.len(),
    };
    Ok(Findings {
        trial: trial.id.clone(),
        seed: options.seed,
        version: env!("CARGO_PKG_VERSION").to_string(),
        arms: record.arms.iter().enumerate().map(count).collect(),
        findings: found.into_iter().flatten().collect(),
    })
}

/// `work` on every item, in the order of the items, on several threads (all cores if `None`).
pub(crate) fn in_threads<T: Sync, R: Send>(
    threads: Option<usize>,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let share = || {
        let take = || {
            let index = next.fetch_add(1, Ordering::Relaxed);
            items.get(index).map(|item| (index, work(item)))
        };
        std::iter::from_fn(take).collect::<Vec<_>>()
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.unwrap_or_else(cores)).map(|_| scope.spawn(share)).collect();
        let joined = workers.into_iter().map(|worker| worker.join().expect("a worker does not panic"));
        joined.flatten().collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
pub(crate) mod toy;

#[cfg(test)]
mod tests;
