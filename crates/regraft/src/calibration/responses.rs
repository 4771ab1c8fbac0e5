//! What the members of a design show for each target: one cohort per trial, kept on disk so that a stage can be resumed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use regraft_ode::math;
use regraft_stats::Seed;

use super::emulator::Responses;
use super::targets::{Kind, Target};
use crate::findings::pseudo::of_groups;
use crate::findings::statistic::{Sample, statistics};
use crate::findings::{AnalysisPlan, FollowUps, Setting};
use crate::library::Library;
use crate::posterior::Members;
use crate::study::{self, Prepared, RunOptions, StudyError, Watch, in_threads};

/// Runs a trial with the members of a design, left out in groups, and reads its targets, in their order; `None` where the whole cohort has
/// no number.
///
/// # Errors
/// As [`study::run`].
pub(super) fn of_trial(
    trial: &Prepared,
    targets: &[&Target],
    groups: usize,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<Vec<Option<Responses>>, StudyError> {
    let members = trial.members.as_ref().expect("the trial was prepared with a design");
    let record = study::record(trial, options, options.patients, watch)?;
    let setting = Setting {
        seed: Seed(options.seed),
        n_patients: record.cohort.numbers.len(),
        arm_ids: &trial.arm_ids,
        outcomes: &record.outcomes,
        crowd: None,
        published_sizes: &trial.published_sizes,
        follow_ups: FollowUps::default(),
        resamples: 0,
        trials: 0,
    };
    let mut rows_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, number) in record.cohort.numbers.iter().enumerate() {
        rows_of.entry(members.member_of(*number) % groups).or_default().push(row);
    }
    // Targets of one analysis and arm share their statistics; a median is asked for a day of its own.
    let asked = |target: &Target| {
        let plan = &trial.analyses[target.analysis];
        let own_day = (target.method != plan.method).then_some(target.day).flatten();
        (target.analysis, target.arm_index, own_day.map(f64::to_bits))
    };
    let mut first: Vec<&Target> = Vec::new();
    for target in targets {
        if first.iter().all(|known| asked(known) != asked(target)) {
            first.push(target);
        }
    }
    let done = in_threads(options.threads, &first, |target| {
        let plan = &trial.analyses[target.analysis];
        let own_day = [target.day];
        let days = if target.method == plan.method { &plan.at_days[..] } else { &own_day[..] };
        pseudo_values(&setting, target, days, plan, &rows_of)
    });
    let of = |target: &&Target| {
        let place = first.iter().position(|known| asked(known) == asked(target)).expect("all were asked");
        let day = if done[place].len() == 1 { 0 } else { target.day_index };
        done[place][day].clone()
    };
    let found = targets.iter().map(of).collect();
    Ok(found)
}

/// Pseudo-values of one analysis in one arm, `[day]`.
fn pseudo_values(
    setting: &Setting<'_>,
    target: &Target,
    days: &[Option<f64>],
    plan: &AnalysisPlan,
    rows_of: &BTreeMap<usize, Vec<usize>>,
) -> Vec<Option<Responses>> {
    let of = |rows: &[usize]| -> Vec<Option<f64>> {
        let sample = |arm: usize| -> Sample<'_> { setting.sample(plan, arm, rows) };
        let found = statistics(target.method, sample(target.arm_index), plan.versus.map(sample), days);
        found.into_iter().map(|value| value.ok().and_then(|value| on_scale(target.kind, value))).collect()
    };
    let groups: Vec<Vec<usize>> = rows_of.values().cloned().collect();
    let found = of_groups(setting.n_patients, &groups, of);
    let of_day = |(day, whole): (usize, &Option<f64>)| {
        let mut responses = Responses { whole: (*whole)?, ..Responses::default() };
        for (values, (member, rows)) in found.values.iter().zip(rows_of) {
            let Some(value) = values[day] else { continue };
            responses.members.push(*member);
            responses.values.push(value);
            responses.weights.push(rows.len() as f64);
        }
        Some(responses).filter(|responses| responses.members.len() >= FEWEST)
    };
    found.whole.iter().enumerate().map(of_day).collect()
}

/// Fewest members of which a function is fitted.
const FEWEST: usize = 20;

/// A finding's number as pseudo-values are made of it: natural, of a ratio its logarithm.
fn on_scale(kind: Kind, value: f64) -> Option<f64> {
    let natural = kind.natural(value);
    match kind {
        Kind::Ratio => Some(math::ln(natural)).filter(|_| natural > 0.0),
        _ => Some(natural),
    }
}

/// A stage: a design, lived by cohorts of every trial.
pub(super) struct Stage<'a> {
    /// The members.
    pub design: Arc<Members>,
    /// Folder in which its trials are kept.
    pub folder: PathBuf,
    /// Members are left out in so many groups: all of them one by one, or, where the spread alone is asked for, fewer.
    pub groups: usize,
    /// Size of the cohorts, and the rest.
    pub options: &'a RunOptions,
}

/// What is kept of a trial.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    /// Tells whether it is of the same design, library and size.
    key: String,
    /// Why the trial could not be run.
    refused: Option<String>,
    /// `[target]`
    responses: Vec<Option<Responses>>,
}

impl Stage<'_> {
    /// The responses of a trial's targets: read if they were kept for the same key, else simulated and kept.
    ///
    /// A trial whose cohort cannot be found or solved with these members gives none, and why.
    ///
    /// # Errors
    /// A folder that cannot be written, or the user's wish to stop.
    pub fn responses(
        &self,
        library: &mut Library,
        id: &str,
        targets: &[&Target],
        key: &str,
        watch: &dyn Watch,
    ) -> Result<(Vec<Option<Responses>>, Option<String>), StudyError> {
        let path = self.folder.join(format!("{id}.json"));
        if let Some(kept) =
            read(&path).filter(|kept| kept.key == key && kept.responses.len() == targets.len())
        {
            return Ok((kept.responses, kept.refused));
        }
        library.members = Some(self.design.clone());
        let (trial, _) = study::prepare(library, id)?;
        let found = match &trial {
            Some(trial) => of_trial(trial, targets, self.groups, self.options, watch),
            None => Err(StudyError::Usage(format!("trial `{id}` has errors"))),
        };
        let (responses, refused) = match found {
            Ok(responses) => (responses, None),
            Err(StudyError::Cancelled) => return Err(StudyError::Cancelled),
            Err(error) => (vec![None; targets.len()], Some(error.to_string())),
        };
        let kept = Kept { key: key.to_string(), refused, responses };
        write(&path, &kept)
            .map_err(|source| StudyError::Library(crate::library::LibraryError::Io { path, source }))?;
        Ok((kept.responses, kept.refused))
    }
}

fn read(path: &Path) -> Option<Kept> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Written beside its place and renamed, so that a stage that is stopped leaves nothing half.
fn write(path: &Path, kept: &Kept) -> std::io::Result<()> {
    std::fs::create_dir_all(path.parent().expect("a file of a stage lies in its folder"))?;
    let text = serde_json::to_vec(kept).expect("numbers and texts alone");
    let part = path.with_extension("part");
    std::fs::write(&part, text)?;
    std::fs::rename(part, path)
}
