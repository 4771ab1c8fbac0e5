//! The stages, one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use regraft_stats::Seed;
use regraft_trial::UncertainParameter;
use serde::Serialize;

use super::fit::{Chains, Lengths, Mode, chains, features, mode, named};
use super::identify::{Identified, LITTLE, identify};
use super::likelihood::{FREEDOM, Fitted, Likelihood};
use super::recovery::{Recovery, recover};
use super::responses::Stage;
use super::targets::{self, LeftOut, Target};
use super::{Emulator, Responses, design};
use crate::library::Library;
use crate::posterior::{BoundMembers, Members, Posterior, PosteriorUse, Unseen};
use crate::scoring::{self, Asked};
use crate::study::{self, RunOptions, StudyError, Watch, in_threads};

/// What can be chosen for a calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibrationOptions {
    /// Version of the posterior: the name of its folder.
    pub version: String,
    /// Members of a stage, and of the check.
    pub members: usize,
    /// Stages, each around what the one before left.
    pub stages: usize,
    /// Chains.
    pub lengths: Lengths,
    /// Trials whose published numbers are fitted; all of the library if empty.
    pub trials: Vec<String>,
    /// Worlds of known parameters in which the fit is tried; none if 0.
    pub worlds: usize,
    /// Patients of each cohort in which trials that nothing was fitted to are predicted; not looked at if 0.
    pub unseen_patients: usize,
    /// Size of each cohort, seed and threads.
    pub run: RunOptions,
}

/// What came of a calibration.
#[derive(Debug, Clone)]
pub struct Calibrated {
    /// The posterior.
    pub posterior: Posterior,
    /// What the numbers say of the parameters.
    pub identified: Identified,
    /// Numbers that were not fitted, and why.
    pub left_out: Vec<LeftOut>,
    /// Each fitted number beside cohorts of draws of the posterior that nothing was fitted to.
    pub checked: Vec<Checked>,
    /// Whether known parameters are found again, where that was asked for.
    pub recovery: Option<Recovery>,
    /// How it was done.
    pub provenance: serde_json::Value,
}

/// A fitted number, held against cohorts of draws of the posterior.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    /// `TRIAL/ARM/outcome`, with the day.
    pub row: String,
    /// Trial of the library in which it is simulated.
    pub trial: String,
    /// Published, natural.
    pub published: f64,
    /// By the function, over the same draws.
    pub function: f64,
    /// Simulated with these draws.
    pub simulated: f64,
    /// Miss of the function on the scale of the errors, in standard errors of the published number.
    pub miss: f64,
    /// What patients and draws alone would make of that miss: its standard error in the same unit.
    pub noise: f64,
}

/// How much wider than the posterior a later stage looks. Chosen: the tails of the posterior lie inside.
const WIDER: f64 = 1.5;

/// Runs all stages in `folder`, where an earlier calibration with the same choices is taken up again.
///
/// # Errors
/// [`StudyError`]: the user's wish to stop, a folder that cannot be written, an unknown trial, no number to fit.
pub fn calibrate(
    library: &mut Library,
    options: &CalibrationOptions,
    folder: &Path,
    watch: &dyn Watch,
) -> Result<Calibrated, StudyError> {
    let start = std::time::Instant::now();
    all_known(library, &options.trials)?;
    let parameters: Vec<UncertainParameter> = library.uncertain_parameters().cloned().collect();
    let (mut all, left_out, acting) = collect(library, options, &parameters, watch)?;
    let shown = shown(library, &all, &left_out);
    targets::weigh(&mut all, &library.overlaps);
    if all.is_empty() {
        return Err(StudyError::Usage("no published number of these trials may be fitted".into()));
    }
    let key = key(library, options);
    let mut refused = BTreeMap::new();
    let (likelihood, found) =
        stages(library, options, &parameters, &all, &acting, folder, &key, watch, &mut refused)?;
    watch.stage("sampling", 0);
    let chains = chains(
        &parameters,
        &likelihood,
        &found,
        options.lengths,
        options.run.threads,
        Seed(options.run.seed),
    );
    let mut posterior = posterior(&parameters, &chains, &options.version);
    let identified = identify(&parameters, &likelihood, &chains);
    let said = identified.parameters.iter().enumerate().filter(|(_, row)| row.shrinkage >= LITTLE);
    let judged: Vec<usize> = said.map(|(p, _)| p).collect();
    let recovery = (options.worlds > 0 && !judged.is_empty()).then(|| {
        watch.stage("finding known parameters again", 0);
        let seed = Seed(options.run.seed);
        recover(&parameters, &likelihood, &judged, options.worlds, options.run.threads, seed)
    });
    let checked = check(library, options, &likelihood, &posterior, folder, &key, watch, &mut refused)?;
    posterior.unseen = unseen(library, options, &posterior, &shown, watch)?;
    let provenance = provenance(library, options, &likelihood, parameters.len(), &refused, start.elapsed());
    Ok(Calibrated { posterior, identified, left_out, checked, recovery, provenance })
}

/// The functions of the last stage with the mode under them: each stage lives around what the one before left.
#[allow(clippy::too_many_arguments)] // one call site
fn stages(
    library: &mut Library,
    options: &CalibrationOptions,
    parameters: &[UncertainParameter],
    all: &[Target],
    acting: &BTreeMap<String, Vec<usize>>,
    folder: &Path,
    key: &str,
    watch: &dyn Watch,
    refused: &mut BTreeMap<String, String>,
) -> Result<(Likelihood, Mode), StudyError> {
    let mut design = design::before_looking(parameters, options.members, options.run.seed as u32);
    let mut functions: Vec<Option<Emulator>> = vec![None; all.len()];
    let mut last = None;
    for stage in 1..=options.stages.max(1) {
        let at = Stage {
            design: Arc::new(design.clone()),
            folder: folder.join(format!("stage-{stage}")),
            groups: design.n_members(),
            options: &options.run,
        };
        let responses = live(library, &at, all, &of_design(key, &design), watch, refused)?;
        watch.stage("fitting", 0);
        functions = fit(all, &responses, &design, parameters, acting, functions, options);
        let fitted: Vec<Fitted> = all
            .iter()
            .zip(&functions)
            .filter_map(|(target, function)| Fitted::new(target.clone(), function.clone()?))
            .collect();
        let neutral: Vec<f64> = parameters.iter().map(UncertainParameter::neutral).collect();
        let first = mode(parameters, &Likelihood::new(fitted.clone(), &features(parameters, &neutral)));
        let likelihood = Likelihood::new(fitted, &features(parameters, first.z.as_slice()));
        let found = mode(parameters, &likelihood);
        let seed = options.run.seed as u32 + stage as u32;
        design = design::around(parameters, &found, WIDER, options.members, seed);
        last = Some((likelihood, found));
    }
    Ok(last.expect("there is one stage at least"))
}

/// How the calibration was done, for the folder of the posterior.
fn provenance(
    library: &Library,
    options: &CalibrationOptions,
    likelihood: &Likelihood,
    parameters: usize,
    refused: &BTreeMap<String, String>,
    took: Duration,
) -> serde_json::Value {
    let target = |(t, one): (usize, &Fitted)| {
        serde_json::json!({
            "row": super::identify::label(likelihood, t), "trial": one.target.trial, "weight": one.target.weight,
        })
    };
    serde_json::json!({
        "regraft": env!("CARGO_PKG_VERSION"),
        "library_blake3": library_hash(library),
        "seed": options.run.seed,
        "members": options.members,
        "patients_per_trial": options.run.patients,
        "stages": options.stages,
        "chains": options.lengths,
        "command": options.run.command,
        "parameters": parameters,
        "targets": likelihood.fitted.iter().enumerate().map(target).collect::<Vec<_>>(),
        "refused": refused,
        "seconds": took.as_secs_f64(),
    })
}

/// Targets, what is left out, and which parameters act in each trial.
type Collected = (Vec<Target>, Vec<LeftOut>, BTreeMap<String, Vec<usize>>);

/// Reads the targets of all trials.
fn collect(
    library: &mut Library,
    options: &CalibrationOptions,
    parameters: &[UncertainParameter],
    watch: &dyn Watch,
) -> Result<Collected, StudyError> {
    let ids: Vec<String> = match options.trials.is_empty() {
        true => library.cards.trials.keys().cloned().collect(),
        false => options.trials.clone(),
    };
    watch.stage("reading", ids.len() as u64);
    let neutral = parameters.iter().map(UncertainParameter::neutral).collect();
    let members = Members { title: String::new(), parameters: parameters.to_vec(), z: neutral };
    library.members = Some(Arc::new(members));
    let (mut all, mut left_out, mut acting) = (Vec::new(), Vec::new(), BTreeMap::new());
    for id in &ids {
        let (trial, problems) = study::prepare(library, id)?;
        let Some(trial) = trial else {
            let first = problems.iter().find(|problem| problem.is_error());
            let why = first.map_or("unknown", |problem| problem.message.as_str());
            return Err(StudyError::Usage(format!("trial `{id}` has errors: {why}")));
        };
        let (found, out) = targets::of_trial(&trial);
        all.extend(found);
        left_out.extend(out);
        acting.insert(id.clone(), trial.members.as_ref().map(BoundMembers::acting).unwrap_or_default());
        watch.advance(1);
        if watch.cancelled() {
            return Err(StudyError::Cancelled);
        }
    }
    Ok((all, left_out, acting))
}

/// Responses of all targets to the members of a stage, in their order.
fn live(
    library: &mut Library,
    stage: &Stage<'_>,
    all: &[Target],
    key: &str,
    watch: &dyn Watch,
    refused: &mut BTreeMap<String, String>,
) -> Result<Vec<Option<Responses>>, StudyError> {
    let mut found: Vec<Option<Responses>> = vec![None; all.len()];
    let mut of_trials: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, target) in all.iter().enumerate() {
        of_trials.entry(&target.trial).or_default().push(at);
    }
    for (id, rows) in of_trials {
        let own: Vec<&Target> = rows.iter().map(|row| &all[*row]).collect();
        let (responses, why) = stage.responses(library, id, &own, key, watch)?;
        refused.extend(why.map(|why| (id.to_string(), why)));
        for (row, response) in rows.into_iter().zip(responses) {
            found[row] = response;
        }
    }
    Ok(found)
}

/// The functions of all targets; a target that a later stage does not show keeps its function of the stage before.
fn fit(
    all: &[Target],
    responses: &[Option<Responses>],
    design: &Members,
    parameters: &[UncertainParameter],
    acting: &BTreeMap<String, Vec<usize>>,
    earlier: Vec<Option<Emulator>>,
    options: &CalibrationOptions,
) -> Vec<Option<Emulator>> {
    let features: Vec<Vec<f64>> =
        (0..design.n_members()).map(|member| features(parameters, design.z_of(member))).collect();
    let rows: Vec<usize> = (0..all.len()).collect();
    in_threads(options.run.threads, &rows, |row| {
        let (target, base) = (&all[*row], earlier[*row].clone());
        match &responses[*row] {
            Some(responses) => {
                Some(Emulator::fit(target.kind, responses, &features, &acting[&target.trial], base))
            }
            None => base,
        }
    })
}

/// Published trials that a trial of the library stands beside, and those that share patients with one of them.
fn shown(library: &Library, all: &[Target], left_out: &[LeftOut]) -> BTreeSet<String> {
    let fitted = all.iter().map(|target| target.published.trial_id.clone());
    let others = left_out.iter().map(|row| row.published.clone());
    let mut names: BTreeSet<String> = fitted.chain(others).collect();
    let touched = library.overlaps.iter().filter(|group| group.iter().any(|name| names.contains(name)));
    let more: Vec<String> = touched.flatten().cloned().collect();
    names.extend(more);
    names
}

/// Refuses trials that the library does not have, all of them at once.
fn all_known(library: &mut Library, trials: &[String]) -> Result<(), StudyError> {
    let mut unknown = Vec::new();
    for trial in trials {
        match study::find_trial(library, trial) {
            Err(error @ StudyError::UnknownTrial { .. }) => unknown.push(error),
            found => _ = found?,
        }
    }
    match unknown.len() {
        0 | 1 => unknown.pop().map_or(Ok(()), Err),
        _ => {
            let all: Vec<String> = unknown.iter().map(ToString::to_string).collect();
            Err(StudyError::Usage(all.join("\n       ")))
        }
    }
}

/// Members in whom trials that nothing was fitted to are predicted.
const UNSEEN_MEMBERS: usize = 64;

/// How far such trials of the evidence lie from what the posterior predicts of them.
fn unseen(
    library: &mut Library,
    options: &CalibrationOptions,
    posterior: &Posterior,
    shown: &BTreeSet<String>,
    watch: &dyn Watch,
) -> Result<Option<Unseen>, StudyError> {
    if options.unseen_patients == 0 {
        return Ok(None);
    }
    let parameters = library.uncertain_parameters().cloned().collect();
    library.members =
        Members::of(posterior, parameters, PosteriorUse::Ensemble(UNSEEN_MEMBERS)).map(Arc::new);
    let (prepared, _) = scoring::prepare(library, None, Asked::Calibrate)?;
    let Some(prepared) = prepared else { return Ok(None) };
    let run = RunOptions { patients: options.unseen_patients, ..options.run.clone() };
    let scored = scoring::run(&prepared.unseen(shown), library, &run, watch)?;
    Ok(scoring::estimate(&scored.misses))
}

fn posterior(parameters: &[UncertainParameter], chains: &Chains, version: &str) -> Posterior {
    Posterior {
        version: version.to_string(),
        parameters: parameters.iter().map(|parameter| parameter.name.text.clone()).collect(),
        draws: chains.all().flatten().copied().collect(),
        // A t distribution of ν degrees has √(ν/(ν − 2)) of its scale as its standard deviation.
        spread: named(chains.spread().map(|scale| scale * (FREEDOM / (FREEDOM - 2.0)).sqrt())),
        unseen: None,
    }
}

/// Groups in which the members of the check are left out. Chosen: the spread between patients, which is all that is asked
/// of them, is then known to an eighth.
const GROUPS: usize = 32;

/// Cohorts of draws of the posterior beside what the functions say of the same draws.
#[allow(clippy::too_many_arguments)] // one call site
fn check(
    library: &mut Library,
    options: &CalibrationOptions,
    likelihood: &Likelihood,
    posterior: &Posterior,
    folder: &Path,
    key: &str,
    watch: &dyn Watch,
    refused: &mut BTreeMap<String, String>,
) -> Result<Vec<Checked>, StudyError> {
    let parameters: Vec<UncertainParameter> = library.uncertain_parameters().cloned().collect();
    let width = parameters.len();
    let every = (posterior.n_draws() / options.members.max(1)).max(1);
    let rows = (0..posterior.n_draws()).step_by(every).take(options.members);
    let z = rows.flat_map(|row| posterior.draws[row * width..(row + 1) * width].iter().copied()).collect();
    let design = Arc::new(Members { title: "draws of the posterior".into(), parameters, z });
    let run = RunOptions { seed: options.run.seed.wrapping_add(1), ..options.run.clone() };
    let stage = Stage { design: design.clone(), folder: folder.join("check"), groups: GROUPS, options: &run };
    let all: Vec<Target> = likelihood.fitted.iter().map(|one| one.target.clone()).collect();
    let key = format!("{} in {GROUPS} groups", of_design(key, &design));
    let found = live(library, &stage, &all, &key, watch, refused)?;
    let features: Vec<Vec<f64>> =
        (0..design.n_members()).map(|member| features(&design.parameters, design.z_of(member))).collect();
    let checked = |(t, response): (usize, Option<Responses>)| {
        let (one, response) = (&likelihood.fitted[t], response?);
        let weight: f64 = response.weights.iter().sum();
        // The patients of a group are dealt to its members.
        let mean = |group: usize| {
            let own: Vec<f64> =
                features.iter().skip(group).step_by(GROUPS).map(|x| one.emulator.pseudo_mean(x)).collect();
            own.iter().sum::<f64>() / own.len() as f64
        };
        let means = response.members.iter().zip(&response.weights);
        let function = means.map(|(group, w)| w * mean(*group)).sum::<f64>() / weight;
        let kind = one.target.kind;
        let natural =
            |pseudo: f64| if kind == super::Kind::Ratio { regraft_ode::math::exp(pseudo) } else { pseudo };
        let (function, simulated) = (natural(function), natural(response.whole));
        let miss = kind.linked(function)? - kind.linked(simulated)?;
        let slope = if kind == super::Kind::Ratio { 1.0 } else { kind.slope(function) };
        Some(Checked {
            row: super::identify::label(likelihood, t),
            trial: one.target.trial.clone(),
            published: kind.unlinked(one.target.observed),
            function,
            simulated,
            miss: miss / one.error,
            noise: response.patient_sd() * slope / weight.sqrt() / one.error,
        })
    };
    Ok(found.into_iter().enumerate().filter_map(checked).collect())
}

/// A key with the members of a design in it.
fn of_design(key: &str, design: &Members) -> String {
    let bytes: Vec<u8> = design.z.iter().flat_map(|value| value.to_le_bytes()).collect();
    format!("{key} {}", blake3::hash(&bytes).to_hex())
}

/// Hash of all texts of the library.
fn library_hash(library: &Library) -> String {
    let all: String =
        library.hashes(|_| true).into_iter().map(|(path, hash)| format!("{path} {hash}\n")).collect();
    blake3::hash(all.as_bytes()).to_hex().to_string()
}

/// Tells whether what is kept in a stage is of the same choices.
fn key(library: &Library, options: &CalibrationOptions) -> String {
    let hash = library_hash(library);
    format!("{hash} seed {} members {} patients {}", options.run.seed, options.members, options.run.patients)
}
