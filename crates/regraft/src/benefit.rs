//! Who benefits: every patient of a cohort lives two arms with the same fate, and a short rule is sought that tells
//! from what a clinic knows at entry in whom the difference is larger.
//!
//! The difference of one patient in one fate is mostly chance: only means over many patients are reported, and every
//! figure of the rule comes from patients who did not make it.

mod answer;
mod effects;
mod ground;
mod holdout;
mod known;
mod means;
pub mod page;
mod rule;
mod subgroups;

use regraft_sim::Engine;

pub use answer::{Answer, Group, Leaf, Performance, Quarter, Set, Step, Value};
pub use effects::{Effect, Effects, Fate, Feature};
pub use ground::Ground;
pub use known::{Known, KnownRow};
pub use rule::RuleError;
pub use subgroups::Subgroup;

use crate::library::Library;
use crate::run_folder::manifest::STREAM_VERSION;
use crate::run_folder::manifest::{Manifest, ManifestArm};
use crate::run_folder::{RunFolder, WriteError};
use crate::study::{Prepared, RunOptions, StudyError, Watch, fates, inputs, relative_tolerance};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The arm that may benefit; the first studied one if `None`.
    pub arm: Option<String>,
    /// What it is compared with; the first other arm, a comparator before others, if `None`.
    pub versus: Option<String>,
    /// The endpoint that is the benefit; the trial's primary one if `None`.
    pub endpoint: Option<String>,
    /// Endpoints of which any is a harm; death, or else the first harm of the trial, if empty.
    pub harms: Vec<String>,
    /// How many units of the benefit one harm outweighs.
    pub harm_weight: f64,
    /// Day at which both are read; the end of the trial if `None`.
    pub day: Option<f64>,
    /// Eligibility rules.
    pub rules: Vec<String>,
    /// Further traits that the rule may use, though no clinic knows them.
    pub with: Vec<String>,
    /// Splits in a row that the rule may have.
    pub depth: usize,
    /// Patients.
    pub patients: usize,
    /// Most people who live beside them with a draw of the posterior each, and most patients who live once more with
    /// another fate.
    pub doubt: usize,
    /// Root of the draws.
    pub seed: u64,
    /// Threads.
    pub threads: Option<usize>,
    /// How the arithmetic is carried out.
    pub engine: Engine,
    /// The command that repeats it.
    pub command: String,
}

impl Asked {
    fn options(&self) -> RunOptions {
        RunOptions {
            engine: self.engine,
            doubt: self.doubt,
            command: self.command.clone(),
            ..RunOptions::new(self.patients, self.seed, self.threads)
        }
    }
}

/// Simulates the cohort in both arms and looks for who benefits.
///
/// # Errors
/// [`StudyError`]: unknown arms, endpoints, names in rules (all at once), too few eligible, too many unsolved.
pub fn benefit(
    library: &Library,
    trial: &Prepared,
    asked: &Asked,
    watch: &dyn Watch,
) -> Result<(Answer, Ground), StudyError> {
    let plan = effects::plan(trial, asked)?;
    let rules = rule::read_all(&plan, &asked.rules)?;
    let effects = effects::effects(trial, asked, &plan, fates(&asked.options()), watch)?;
    let ground = Ground::new(library, trial, asked, &plan, effects, watch)?;
    watch.stage("looking for a rule", 0);
    let known = known::known(library, trial, &plan, &ground.effects);
    let answer = answer::answer(trial, asked, &plan, &rules, &ground, known);
    if watch.cancelled() { Err(StudyError::Cancelled) } else { Ok((answer, ground)) }
}

/// Writes the answer, its page, the patients one by one and last the manifest.
///
/// # Errors
/// [`WriteError`].
pub fn write(
    library: &Library,
    trial: &Prepared,
    asked: &Asked,
    (answer, ground): (&Answer, &Ground),
    folder: &RunFolder,
) -> Result<(), WriteError> {
    folder.text("benefit.json", &(answer.json() + "\n"))?;
    folder.text("benefit.html", &page::page(answer))?;
    folder.table("patients.parquet", &ground.effects.table())?;
    let arm = |id: &String| ManifestArm { id: id.clone(), patients: answer.n, failed: answer.left_out };
    let manifest = Manifest {
        format: 1,
        version: answer.version.clone(),
        stream_version: STREAM_VERSION,
        trial: format!("benefit in {}", trial.id),
        seed: asked.seed,
        patients: asked.patients,
        screened: answer.screened,
        relative_tolerance: relative_tolerance(&asked.options()),
        arms: vec![arm(&answer.arm.0), arm(&answer.versus.0)],
        inputs: inputs(trial, library),
        outputs: Vec::new(),
        doubt: Some(ground.manifest(asked)),
        written: String::new(),
        simulation_seconds: ground.effects.seconds,
        command: asked.command.clone(),
        posterior: trial.posterior(),
    };
    folder.seal(["benefit.json", "benefit.html", "patients.parquet"], manifest)
}

#[cfg(test)]
mod tests;
