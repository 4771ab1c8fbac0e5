//! The way of a pack through the pipeline: each group simulated, each row predicted.

use std::time::Instant;

use regraft_stats::Seed;

use super::between::{Comparison, word_of};
use super::effect::{TrialEffect, Trials};
use super::group::{Group, Lowered};
use super::map::Target;
use super::plan::Prepared;
use super::predict::{Prediction, predict, predict_pair};
use super::simulate::{Cohort, simulate};
use super::summary::summarize;
use super::unseen::{self, Miss};
use super::view::View;
use super::wording::printed;
use super::{RunFacts, ScoreRow, Scored, Simulated, SimulatedArm};
use crate::library::Library;
use crate::posterior::Posterior;
use crate::study::{RunOptions, StudyError, Watch, sim_options};

/// Simulates every group of a pack and scores every row.
///
/// # Errors
/// [`StudyError`]: stopped by the user. A group that cannot be simulated gives reasons, no error.
pub fn run(
    prepared: &Prepared,
    library: &mut Library,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<Scored, StudyError> {
    let start = Instant::now();
    let [effect, read] = effects(library);
    let mut rows = blank_rows(prepared);
    let (mut differences, mut tests) = (Vec::new(), Vec::new());
    let (mut simulations, mut texts, mut misses) = (Vec::new(), Vec::new(), Vec::new());
    let mut members = 1;
    for (number, group) in prepared.groups.iter().enumerate() {
        let own = if prepared.was_read(group) { read } else { effect };
        let trials = Trials { seed: Seed(options.seed), effect: own };
        watch.stage(&group.trial_id, options.patients as u64);
        let (lowered, cohort, level) = match simulated(group, library, options, watch) {
            Ok(done) => done,
            Err(NotDone::Stopped(error)) => return Err(error),
            Err(NotDone::Because(reason)) => {
                for (row, _, _) in group.targets.iter().filter(|(_, _, target)| !target.only_test) {
                    rows[*row].skipped = Some(reason.clone());
                }
                continue;
            }
        };
        members = members.max(cohort.n_members);
        let scored = group.targets.iter().enumerate().filter(|(_, (_, _, target))| !target.only_test);
        for (place, (row, arm, target)) in scored {
            let observed = rows[*row].observed;
            let found =
                predicted(prepared, group, &lowered, &cohort, &trials, (place, *arm, target), observed);
            fill(
                &mut rows[*row],
                target,
                found.map(|(found, miss)| {
                    misses.extend(miss);
                    found
                }),
            );
        }
        let comparison = Comparison {
            vocabulary: &library.vocabulary,
            pack: &prepared.pack,
            group,
            lowered: &lowered,
            cohort: &cohort,
            trials: &trials,
        };
        let (more_differences, more_tests) = comparison.all();
        differences.extend(more_differences);
        tests.extend(more_tests);
        simulations.push(told(prepared, group, &lowered, &cohort, level));
        texts.push((format!("{:03}-{}.toml", number + 1, file_name(&group.trial_id)), lowered.text.clone()));
    }
    let facts = RunFacts {
        command: options.command.clone(),
        seconds: start.elapsed().as_secs_f64(),
        relative_tolerance: sim_options(Seed(options.seed), options).relative_tolerance,
        texts,
    };
    let summary = summarize(&rows, &differences, &tests, prepared.unopened, Seed(options.seed));
    Ok(Scored {
        evidence: prepared.evidence.clone(),
        asked: prepared.asked.word(),
        version: env!("CARGO_PKG_VERSION").to_string(),
        seed: options.seed,
        patients: options.patients,
        trial_effect: effect,
        trial_effect_of_read: read,
        members,
        summary,
        rows,
        differences,
        tests,
        simulations,
        misses,
        facts,
    })
}

/// Effects of trials that nobody has read, and of those whose words were read when the rules of scoring were made.
fn effects(library: &Library) -> [TrialEffect; 2] {
    let posterior = library.posterior.as_ref();
    let spreads = [posterior.map(Posterior::spread_of_new), posterior.map(Posterior::spread_of_read)];
    spreads.map(TrialEffect::new)
}

/// Why a group was not simulated.
enum NotDone {
    Stopped(StudyError),
    Because(String),
}

/// Tries the group with all that its arms state, then with age and sex alone, then as the population is.
fn simulated(
    group: &Group,
    library: &mut Library,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<(Lowered, Cohort, usize), NotDone> {
    let mut last = String::new();
    for level in 0..3 {
        let lowered = group.lower(library, level).map_err(NotDone::Because)?;
        match simulate(&lowered, options, watch) {
            Ok(cohort) => return Ok((lowered, cohort, level)),
            Err(StudyError::Cancelled) => return Err(NotDone::Stopped(StudyError::Cancelled)),
            Err(error) => last = error.to_string(),
        }
        if lowered.put_in.is_empty() {
            break;
        }
    }
    Err(NotDone::Because(last))
}

/// The prediction of a row, and how far the published number lies from its middle.
fn predicted(
    prepared: &Prepared,
    group: &Group,
    lowered: &Lowered,
    cohort: &Cohort,
    trials: &Trials,
    (place, arm, target): (usize, usize, &Target),
    observed: Option<f64>,
) -> Result<(Prediction, Option<Miss>), String> {
    let at = *lowered.places[place].as_ref().map_err(Clone::clone)?;
    let own = View::new(cohort, arm, at, target)?;
    let name = &group.trial_id;
    let exact = observed.filter(|_| prepared.with_misses && target.bound.is_none());
    let with_miss = |found: Prediction, versus| {
        let miss = exact.and_then(|exact| unseen::miss(&own, versus, &found.still, name, exact));
        (found, miss)
    };
    if !target.stat.compares() {
        return Ok(with_miss(predict(&own, trials, name)?, None));
    }
    let row = &prepared.pack.rows[group.targets[place].0];
    let names: Vec<&str> = group.arms.iter().map(|own| prepared.pack.arms[own.arm].arm_id.as_str()).collect();
    let words = format!("{} {}", row.definition, row.arm_id);
    let versus = group.versus(arm, &words, &names).ok_or("there is no arm of comparison")?;
    let others = target.of_versus(row, &prepared.pack.arms[group.arms[versus].arm]);
    let other = View::new(cohort, versus, at, &others)?;
    Ok(with_miss(predict_pair(&own, &other, trials, name)?, Some(&other)))
}

/// Every row as published, with why it is not simulated where that is known.
fn blank_rows(prepared: &Prepared) -> Vec<ScoreRow> {
    let blank = |(index, row): (usize, &regraft_trial::pack::PackRow)| {
        let arm = prepared.pack.arm_of(row);
        let mapped = arm.and_then(|arm| prepared.arms[arm].as_ref().ok());
        ScoreRow {
            trial_id: row.trial_id.clone(),
            arm_id: row.arm_id.clone(),
            outcome: row.outcome.clone(),
            definition: row.definition.clone(),
            time_value: row.time_value,
            time_unit: row.time_unit.clone(),
            unit: row.unit.clone(),
            n: row.n.or_else(|| arm.and_then(|arm| prepared.pack.arms[arm].n)),
            usage: word_of(row.usage),
            observed: row.value,
            predicted: None,
            low: None,
            high: None,
            inside: None,
            bound: None,
            width_ratio: None,
            parts: None,
            rank: None,
            skipped: prepared.skipped[index].clone(),
            disease: mapped.map(|mapped| mapped.disease.clone()),
            regimen: mapped.map(|mapped| mapped.regimen.clone()),
            endpoint: None,
            method: None,
            rule: None,
            line: row.line,
            note: String::new(),
        }
    };
    prepared.pack.rows.iter().enumerate().map(blank).collect()
}

fn fill(row: &mut ScoreRow, target: &Target, found: Result<Prediction, String>) {
    row.endpoint = Some(target.endpoint.clone());
    row.method = Some(target.stat.word());
    row.rule = Some(target.rule);
    let assumed = format!("the pack does not say how many: {} assumed", target.n);
    let notes =
        [target.bound.map(|bound| bound.words().to_string()), (!target.n_is_known).then_some(assumed)];
    row.note = notes.into_iter().flatten().collect::<Vec<String>>().join("; ");
    row.bound = target.bound;
    let found = found.and_then(|found| {
        let finite = [found.median, found.low, found.high].iter().all(|value| value.is_finite());
        finite.then_some(found).ok_or_else(|| "the prediction has no finite interval".to_string())
    });
    match found {
        Err(reason) => row.skipped = Some(reason),
        Ok(found) => {
            row.predicted = Some(found.median);
            let per_cent = target.stat.is_share() && target.factor == 100.0;
            let (low, high) = if per_cent { printed(found.low, found.high) } else { (found.low, found.high) };
            (row.low, row.high) = (Some(low), Some(high));
            row.inside = row.observed.map(|value| match target.bound {
                Some(bound) => bound.allows(value, low, high),
                None => low <= value && value <= high,
            });
            let ratio = (found.high - found.low) / found.chance;
            row.width_ratio = Some(ratio).filter(|ratio| ratio.is_finite());
            row.parts = found.parts;
            row.rank = row.observed.map(|value| found.rank(value));
        }
    }
}

fn told(prepared: &Prepared, group: &Group, lowered: &Lowered, cohort: &Cohort, level: usize) -> Simulated {
    let arm = |own: &super::group::GroupArm| SimulatedArm {
        arm_id: prepared.pack.arms[own.arm].arm_id.clone(),
        regimen: own.mapped.regimen.clone(),
        product: own.mapped.product.clone(),
        rules: own.mapped.rules.clone(),
    };
    Simulated {
        trial_id: group.trial_id.clone(),
        arms: group.arms.iter().map(arm).collect(),
        disease: group.arms[0].mapped.disease.clone(),
        population: group.population(),
        put_in: lowered.put_in.clone(),
        left_out: level > 0,
        randomised: group.is_randomised(),
        patients: cohort.n_patients(),
        screened: cohort.screened,
        failed: cohort.failed,
    }
}

/// A trial's name as part of a file's.
fn file_name(trial_id: &str) -> String {
    trial_id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}
