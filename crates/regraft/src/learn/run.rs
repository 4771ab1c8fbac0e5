//! The arms lived by patients of many members, and the worth of all that could be learned.

use regraft_stats::Seed;
use regraft_stats::decision::{Worth, measured, partial, perfect, trial};
use regraft_trial::protocol::ArmPlan;
use serde::Serialize;

use super::doubt::{Difference, Fates};
use super::grouped::{FEWEST, Grouped};
use super::page::page;
use super::prepare::Learning;
use crate::findings::Parts;
use crate::outcomes::Outcome;
use crate::report::words::count;
use crate::run_folder::manifest::{Manifest, ManifestArm, ManifestDoubt, STREAM_VERSION};
use crate::run_folder::{RunFolder, WriteError};
use crate::study::{Lived, Patients, RunOptions, StudyError, Watch, fates, live, near_or_known};

/// What can be chosen.
#[derive(Debug, Clone)]
pub struct LearnOptions {
    /// Patients, seed, threads and engine.
    pub run: RunOptions,
    /// Patients in each arm of the trials that are judged.
    pub sizes: Vec<u32>,
    /// What an arm costs, by its id, in the unit of the utility.
    pub costs: Vec<(String, f64)>,
}

impl LearnOptions {
    /// What an arm costs.
    fn cost(&self, arm: &str) -> f64 {
        self.costs.iter().filter(|(id, _)| *id == arm).map(|(_, cost)| cost).sum()
    }
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// Version of regraft.
    pub version: String,
    /// Trial id.
    pub trial: String,
    /// Title of the trial.
    pub title: String,
    /// What is to be large, in words.
    pub utility: String,
    /// Its unit.
    pub unit: String,
    /// Day after time zero on which it is read.
    pub at_day: f64,
    /// Seed.
    pub seed: u64,
    /// Patients.
    pub patients: usize,
    /// With whose parameters they live.
    pub members: String,
    /// Members that were used: those with enough patients.
    pub n_members: usize,
    /// The options, in the order of the trial.
    pub arms: Vec<ArmFound>,
    /// Why the doubt is not split into parameters, patients and chance; null where it is.
    pub not_split: Option<String>,
    /// What could be learned, of highest worth first.
    pub lessons: Vec<Lesson>,
    /// The command that repeats it.
    pub command: String,
}

impl Found {
    /// The arm of the highest mean.
    pub fn best(&self) -> Option<&ArmFound> {
        self.arms.iter().find(|arm| arm.against_best.is_none())
    }
}

/// One option.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArmFound {
    /// Arm id.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// What it costs, in the unit of the utility.
    pub cost: f64,
    /// Mean utility less the cost.
    pub mean: f64,
    /// Standard error of it by the finite cohort.
    pub error: f64,
    /// Standard deviation between patients of one member.
    pub between_patients: f64,
    /// Standard deviation between members, luck of few patients taken out.
    pub between_members: f64,
    /// Share of members in which it is best, luck taken out.
    pub best: f64,
    /// Where the doubt of the mean utility comes from; null where it is not split.
    pub parts: Option<Parts>,
    /// How much less it gives than the arm of the highest mean; null for that arm.
    pub against_best: Option<Difference>,
}

/// What kind of knowledge it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Every parameter (EVPI).
    Everything,
    /// A trial of all arms (EVSI).
    Trial,
    /// One parameter, wholly (EVPPI).
    Parameter,
}

/// Something that could be learned.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lesson {
    /// What kind.
    pub kind: Kind,
    /// Name of the parameter, or `everything`, or `trial_N`.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// Patients in each arm of a trial.
    pub n_per_arm: Option<u32>,
    /// Worth of it per patient, in the unit of the utility.
    pub worth: f64,
    /// Standard error of it by the finite number of members and of their patients.
    pub error: f64,
    /// What of the error lies in the few patients of each member.
    pub error_by_patients: f64,
    /// Of a parameter: worth of a measurement that is as uncertain as the parameter is now (EVSI).
    pub measured: Option<f64>,
}

/// What was found, with the seconds it took.
#[derive(Debug)]
pub struct Learned {
    /// What was found.
    pub found: Found,
    /// Seconds.
    pub seconds: f64,
    /// Patients who could not be solved, by arm.
    failed: Vec<ManifestArm>,
    /// Who lived once more.
    doubt: ManifestDoubt,
}

/// Lives every arm and judges what could be learned.
///
/// # Errors
/// [`StudyError`]: too few eligible, too many unsolved, stopped by the user; [`StudyError::Usage`] where there are too
/// few patients for the members.
pub fn run(learning: &Learning, options: &LearnOptions, watch: &dyn Watch) -> Result<Learned, StudyError> {
    let start = std::time::Instant::now();
    let trial = &learning.prepared;
    let known = || trial.arm_ids.iter().map(String::as_str);
    let unknown = options.costs.iter().filter(|(id, _)| !trial.arm_ids.contains(id));
    let wrong = unknown.map(|(id, _)| format!("no arm `{id}` can be chosen{}", near_or_known(id, known())));
    let wrong: Vec<String> = wrong.collect();
    if !wrong.is_empty() {
        return Err(StudyError::Usage(wrong.join("\n")));
    }
    watch.stage("screening", options.run.patients as u64);
    let patients = Patients::screen(trial, &options.run, watch)?;
    let n = patients.n();
    watch.stage("living the arms", (n * trial.protocol.arms.len()) as u64);
    let own = utilities(learning, options, &patients, watch)?;
    let again = patients.again(trial, fates(&options.run));
    watch.stage("living the arms once more", (again.n() * trial.protocol.arms.len()) as u64);
    let before = std::time::Instant::now();
    let other = if again.n() > 0 { utilities(learning, options, &again, watch)? } else { Vec::new() };
    let lived = Fates { own, other };
    let doubt = ManifestDoubt {
        other_fate: lived.n_again(),
        not_split: lived.not_split(options.run.doubt).filter(|_| options.run.doubt > 0),
        seconds: before.elapsed().as_secs_f64(),
        ..ManifestDoubt::default()
    };
    let missing = |arm: &Vec<f64>| arm.iter().filter(|value| value.is_nan()).count();
    let arms = trial.protocol.arms.iter().zip(&lived.own);
    let failed =
        arms.map(|(plan, values)| ManifestArm { id: plan.id.clone(), patients: n, failed: missing(values) });
    let failed = failed.collect();
    let grouped = Grouped::of(&lived.own, patients.members.as_deref().unwrap_or(&[]));
    if grouped.members.len() < 8 {
        let message = format!(
            "{} of the members have {FEWEST} patients or more, at least 8 are needed: more --patients, or fewer --members",
            grouped.members.len()
        );
        return Err(StudyError::Usage(message));
    }
    watch.stage("judging what could be learned", 0);
    let found = found(learning, options, &lived, &grouped, watch)?;
    Ok(Learned { found, seconds: start.elapsed().as_secs_f64(), failed, doubt })
}

/// What every arm gives these patients less its cost, `[arm][patient]`.
fn utilities(
    learning: &Learning,
    options: &LearnOptions,
    patients: &Patients,
    watch: &dyn Watch,
) -> Result<Vec<Vec<f64>>, StudyError> {
    let trial = &learning.prepared;
    let of_arm = |(arm, plan): (usize, &ArmPlan)| {
        let lived = live(trial, arm, patients, &options.run, watch)?;
        let lived = lived.map_err(|why| StudyError::Usage(format!("arm `{}`: {why}", plan.id)))?;
        let cost = options.cost(&plan.id);
        Ok(of_patients(learning, &lived).iter().map(|value| value - cost).collect())
    };
    trial.protocol.arms.iter().enumerate().map(of_arm).collect()
}

/// Utility of each patient in one arm; NaN where a part of it is not known. One who died keeps the last score.
fn of_patients(learning: &Learning, lived: &Lived) -> Vec<f64> {
    let n = lived.outcomes.first().map_or(0, Outcome::n_patients);
    let mut sum = vec![0.0; n];
    for (endpoint, weight) in &learning.parts {
        let day = learning.day - lived.endpoints[*endpoint].zero;
        let values = lived.outcomes[*endpoint].by_day(day, true);
        sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += weight * value);
    }
    sum
}

fn found(
    learning: &Learning,
    options: &LearnOptions,
    lived: &Fates,
    grouped: &Grouped,
    watch: &dyn Watch,
) -> Result<Found, StudyError> {
    let trial = &learning.prepared;
    let bound = trial.members.as_ref();
    Ok(Found {
        version: env!("CARGO_PKG_VERSION").to_string(),
        trial: learning.id.clone(),
        title: trial.trial.file.title.clone(),
        utility: learning.words.clone(),
        unit: learning.unit.clone(),
        at_day: learning.day,
        seed: options.run.seed,
        patients: lived.own.first().map_or(0, Vec::len),
        members: bound.map(|bound| bound.members().title.clone()).unwrap_or_default(),
        n_members: grouped.members.len(),
        arms: arms(learning, options, lived, grouped),
        not_split: lived.not_split(options.run.doubt),
        lessons: lessons(learning, options, grouped, watch)?,
        command: options.run.command.clone(),
    })
}

fn arms(learning: &Learning, options: &LearnOptions, lived: &Fates, grouped: &Grouped) -> Vec<ArmFound> {
    let k = grouped.utilities.n_options;
    let truth = grouped.utilities.without_luck();
    let n = grouped.members.len() as f64;
    let best = |row: &[f64]| (0..k).fold(0, |best, arm| if row[arm] > row[best] { arm } else { best });
    let means: Vec<f64> = grouped.of_arms.iter().map(|arm| arm[0]).collect();
    let first = best(&means);
    let one = |(place, plan): (usize, &ArmPlan)| {
        let [mean, error, between_patients] = grouped.of_arms[place];
        let values = truth.iter().skip(place).step_by(k);
        let middle = values.clone().sum::<f64>() / n;
        let spread = values.map(|value| (value - middle).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
        ArmFound {
            id: plan.id.clone(),
            title: plan.title.clone(),
            cost: options.cost(&plan.id),
            mean,
            error,
            between_patients,
            between_members: spread.sqrt(),
            best: truth.chunks(k).filter(|row| best(row) == place).count() as f64 / n,
            parts: lived.difference(grouped, place, None).parts,
            against_best: (place != first).then(|| lived.difference(grouped, place, Some(first))),
        }
    };
    learning.prepared.protocol.arms.iter().enumerate().map(one).collect()
}

fn lessons(
    learning: &Learning,
    options: &LearnOptions,
    grouped: &Grouped,
    watch: &dyn Watch,
) -> Result<Vec<Lesson>, StudyError> {
    let of = &grouped.utilities;
    let known = |error: f64| if error.is_finite() { error } else { 0.0 };
    let lesson = |kind, name: String, title: String, n_per_arm, worth: Worth, measured| {
        let error = known(worth.error);
        // Both errors come from twenty values, so the part may seem larger than the whole.
        let error_by_patients = known(worth.error_by_patients).min(error);
        Lesson { kind, name, title, n_per_arm, worth: worth.value, error, error_by_patients, measured }
    };
    let everything = "Everything that is uncertain".to_string();
    let mut all = vec![lesson(Kind::Everything, "everything".into(), everything, None, perfect(of), None)];
    let between: Vec<f64> = grouped.of_arms.iter().map(|arm| arm[2]).collect();
    let arms: Vec<usize> = (0..of.n_options).collect();
    for n in &options.sizes {
        let worth = trial(of, &arms, &between, f64::from(*n), Seed(options.run.seed));
        let title = format!("A trial with {} patients in each arm", count(*n as usize));
        all.push(lesson(Kind::Trial, format!("trial_{n}"), title, Some(*n), worth, None));
    }
    let bound = learning.prepared.members.as_ref();
    for column in bound.map(|bound| bound.acting()).unwrap_or_default() {
        if watch.cancelled() {
            return Err(StudyError::Cancelled);
        }
        let members = bound.expect("a column acts of members that are there").members();
        let parameter = &members.parameters[column];
        let feature = |member: &usize| parameter.feature(members.z_of(*member)[column]);
        let values: Vec<f64> = grouped.members.iter().map(feature).collect();
        let half = measured(of, &values, 0.5).value;
        let (name, title) = (parameter.name.text.clone(), parameter.title.clone());
        all.push(lesson(Kind::Parameter, name, title, None, partial(of, &values), Some(half)));
    }
    all.sort_by(|a, b| {
        (b.kind == Kind::Everything).cmp(&(a.kind == Kind::Everything)).then(b.worth.total_cmp(&a.worth))
    });
    Ok(all)
}

/// Writes `learn.html`, `learn.json` and last `manifest.json`.
///
/// # Errors
/// [`WriteError`].
pub fn write(done: &Learned, folder: &RunFolder) -> Result<(), WriteError> {
    let found = &done.found;
    let json =
        serde_json::to_string_pretty(found).expect("what is found holds only numbers, texts and lists");
    let manifest = Manifest {
        format: 1,
        version: found.version.clone(),
        stream_version: STREAM_VERSION,
        trial: format!("learn {}", found.trial),
        seed: found.seed,
        patients: found.patients,
        screened: 0,
        posterior: Some(found.members.clone()),
        relative_tolerance: Patients::relative_tolerance(found.seed),
        arms: done.failed.clone(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        doubt: Some(done.doubt.clone()),
        written: String::new(),
        simulation_seconds: done.seconds,
        command: found.command.clone(),
    };
    folder.texts(&[("learn.html".into(), page(found)), ("learn.json".into(), json + "\n")], manifest)
}
