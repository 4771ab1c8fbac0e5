//! The study: from a trial's name to findings, following the verbs of the pipeline.
//!
//! [`prepare`] reads and resolves, [`run`] screens a cohort, simulates every arm, assesses outcomes and
//! analyzes them. What a person sees is made in [`crate::report`] from what is found here.

mod arms;
mod cohort;
mod compile;
mod figures;
mod output;
mod prepare;
mod present;

use std::path::PathBuf;

use regraft_sim::SimError;
use regraft_stats::Seed;
use thiserror::Error;

use crate::findings::{ArmCount, Findings, FollowUps, Setting, analyze};
use crate::library::{Library, LibraryError};
use crate::outcomes::{Outcome, assess};

pub use arms::ArmRun;
pub use cohort::{Entered, ScreenFailure};
pub use output::Run;
pub use prepare::{Prepared, card_kind, check, prepare};

/// Why a study could not be done.
#[derive(Debug, Error)]
pub enum StudyError {
    /// No trial of that name, and no such file.
    #[error("there is no trial `{name}` in the library{}", hint(nearest))]
    UnknownTrial {
        /// What was asked for.
        name: String,
        /// The nearest id.
        nearest: Option<String>,
    },
    /// Wrong use of a command.
    #[error("{0}")]
    Usage(String),
    /// A folder or file could not be read.
    #[error(transparent)]
    Library(#[from] LibraryError),
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

fn hint(nearest: &Option<String>) -> String {
    match nearest {
        Some(near) => format!(": did you mean `{near}`?"),
        None => ": `regraft library list` shows them all".to_string(),
    }
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
    /// The command that repeats the run, for the report.
    pub command: String,
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
struct Quiet<'a>(&'a dyn Watch);

impl regraft_sim::Watch for Quiet<'_> {
    fn patients_done(&self, _n: usize) {}

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// Simulates a prepared trial.
///
/// # Errors
/// [`StudyError`]: too few eligible, too many unsolved, stopped by the user.
pub fn run(
    trial: &Prepared,
    library: &Library,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<Run, StudyError> {
    let start = std::time::Instant::now();
    let seed = Seed(options.seed);
    let entered = cohort::screen(trial, seed, options, watch)?;
    let mut arms = Vec::new();
    for arm in 0..trial.protocol.arms.len() {
        arms.push(arms::simulate_arm(trial, arm, &entered, seed, options, watch)?);
    }
    let simulation_seconds = start.elapsed().as_secs_f64();
    let outcomes: Vec<Vec<Outcome>> = arms
        .iter()
        .enumerate()
        .map(|(arm, run)| assess(&trial.endpoints[arm], &run.grid, &run.observed))
        .collect();
    watch.stage("analyzing", 0);
    let setting = setting(trial, options, &outcomes, entered.cohort.numbers.len());
    let findings = find(trial, options, &arms, &setting, watch)?;
    let report = present::report_data(trial, library, options, &entered, &arms, &findings, &setting);
    Ok(Run::new(trial, library, options, entered, arms, outcomes, findings, report, simulation_seconds))
}

/// What the analyses of a run share.
fn setting<'a>(
    trial: &'a Prepared,
    options: &RunOptions,
    outcomes: &'a [Vec<Outcome>],
    n_patients: usize,
) -> Setting<'a> {
    let seed = Seed(options.seed);
    let follow_up = trial.trial.file.follow_up.as_ref().map(|follow_up| &follow_up.distribution);
    let largest = trial.published_sizes.iter().flatten().copied().max().unwrap_or(0);
    Setting {
        seed,
        n_patients,
        arm_ids: &trial.arm_ids,
        outcomes,
        published_sizes: &trial.published_sizes,
        follow_ups: FollowUps::draw(follow_up, largest, RESAMPLES, seed),
        resamples: RESAMPLES,
        trials: RESAMPLES,
    }
}

fn find(
    trial: &Prepared,
    options: &RunOptions,
    arms: &[ArmRun],
    setting: &Setting<'_>,
    watch: &dyn Watch,
) -> Result<Findings, StudyError> {
    let mut findings = Vec::new();
    for plan in &trial.analyses {
        if watch.cancelled() {
            return Err(StudyError::Cancelled);
        }
        findings.extend(analyze(plan, setting));
    }
    let count = |(arm, run): (usize, &ArmRun)| ArmCount {
        id: trial.arm_ids[arm].clone(),
        title: trial.protocol.arms[arm].title.clone(),
        n: run.observed.len(),
        failed: run.failures.len(),
    };
    Ok(Findings {
        trial: trial.id.clone(),
        seed: options.seed,
        version: env!("CARGO_PKG_VERSION").to_string(),
        arms: arms.iter().enumerate().map(count).collect(),
        findings,
    })
}

/// Where a run goes if nothing else is said.
pub fn default_folder(trial: &str, seed: u64) -> PathBuf {
    PathBuf::from("runs").join(format!("{trial}-{seed}"))
}

#[cfg(test)]
mod toy;

#[cfg(test)]
mod tests;
