//! Claims that are made for a therapy, each tried by findings of trials that are run.
//!
//! A claim of the library names findings and the bar that each must pass. Its verdict is drawn from two things: where
//! the simulation lies against the bars, and how well trials have proven the therapy in that disease.

mod page;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regraft_model::Diagnostic;
use regraft_trial::claim::{Claim, Holds, Test};
use regraft_trial::codes;
use serde::Serialize;

use crate::findings::{AnalysisPlan, Finding, Findings, Published};
use crate::library::Library;
use crate::run_folder::RunFolder;
use crate::study::{self, Prepared, RunOptions, StudyError, Watch, did_you_mean, near_or_known};

pub use page::page;
pub use verdict::{Outcome, Verdict};

/// Claims with the trials that try them.
#[derive(Debug)]
pub struct PreparedClaims {
    claims: Vec<Claim>,
    trials: BTreeMap<String, Prepared>,
}

/// What was found of all claims.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claims {
    /// Version of regraft.
    pub version: String,
    /// Seed.
    pub seed: u64,
    /// Patients of each trial.
    pub patients: usize,
    /// The claims, in their order.
    pub claims: Vec<ClaimFound>,
}

/// What was found of one claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClaimFound {
    /// Identifier.
    pub id: String,
    /// The claim in a few words.
    pub title: String,
    /// What is claimed.
    pub statement: String,
    /// What trials say, in words.
    pub trials_say: String,
    /// Source of that.
    pub source: String,
    /// Supported, partly, not supported, unknown.
    pub verdict: Verdict,
    /// The verdict's grounds, in words.
    pub why: String,
    /// What was looked at.
    pub tests: Vec<TestFound>,
}

/// One finding against its bar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestFound {
    /// What is looked at, in words.
    pub title: String,
    /// Trial id.
    pub trial: String,
    /// Arm id.
    pub arm: String,
    /// The arm it is compared with.
    pub versus: Option<String>,
    /// Day after time zero.
    pub at_day: Option<f64>,
    /// Estimate in `unit`.
    pub estimate: Option<f64>,
    /// Simulation error: lower end.
    pub ci_low: Option<f64>,
    /// Simulation error: upper end.
    pub ci_high: Option<f64>,
    /// What a trial of the published size would show: lower end.
    pub predicted_low: Option<f64>,
    /// What a trial of the published size would show: upper end.
    pub predicted_high: Option<f64>,
    /// Unit.
    pub unit: String,
    /// `above` or `below`: the side on which the claim holds.
    pub holds: &'static str,
    /// The bar.
    pub bar: f64,
    /// Why this bar.
    pub why_bar: String,
    /// Where the simulation lies.
    pub outcome: Outcome,
    /// How well the arm's therapy is proven in the disease; null where it is not graded.
    pub grade: Option<String>,
    /// Published values of the same quantity.
    pub published: Vec<Published>,
}

/// Finds the trials of the claims `ids`, or of all where none is named.
///
/// # Errors
/// [`StudyError::Usage`] if there is no such claim; those of [`study::prepare`].
pub fn prepare(
    library: &mut Library,
    ids: &[String],
) -> Result<(Option<PreparedClaims>, Vec<Diagnostic>), StudyError> {
    let claims = chosen(library, ids)?;
    let mut problems = library.diagnostics.clone();
    let (mut trials, mut seen) = (BTreeMap::new(), BTreeSet::new());
    for test in claims.iter().flat_map(|claim| &claim.tests) {
        if test.trial.is_missing() || seen.contains(&test.trial.text) {
            continue;
        }
        // What is wrong with the library comes first with every trial, and is said once.
        let said = library.diagnostics.len();
        match study::prepare(library, &test.trial.text) {
            Err(StudyError::UnknownTrial { near, .. }) => problems.push(unknown_trial(test, &near)),
            other => {
                let (trial, found) = other?;
                problems.extend(found.into_iter().skip(said));
                seen.insert(test.trial.text.clone());
                trials.extend(trial.map(|trial| (test.trial.text.clone(), trial)));
            }
        }
    }
    for test in claims.iter().flat_map(|claim| &claim.tests) {
        problems.extend(trials.get(&test.trial.text).and_then(|trial| no_such_finding(trial, test)));
    }
    let broken = problems.iter().any(Diagnostic::is_error);
    Ok(((!broken).then_some(PreparedClaims { claims, trials }), problems))
}

fn chosen(library: &Library, ids: &[String]) -> Result<Vec<Claim>, StudyError> {
    let known = &library.claims;
    if let Some(id) = ids.iter().find(|id| !known.contains_key(*id)) {
        let near = near_or_known(id, known.keys().map(String::as_str));
        let message = format!("there is no claim `{id}` in the library{near}");
        return Err(StudyError::Usage(message));
    }
    let asked = |claim: &&Claim| ids.is_empty() || ids.contains(&claim.id.text);
    let mut claims: Vec<Claim> = known.values().filter(asked).cloned().collect();
    claims.sort_by_key(|claim| claim.place);
    Ok(claims)
}

fn unknown_trial(test: &Test, near: &[String]) -> Diagnostic {
    let message = format!("unknown trial `{}`", test.trial.text);
    let problem = Diagnostic::error(codes::UNKNOWN_WORD, test.trial.span, message);
    match did_you_mean(near) {
        help if help.is_empty() => problem,
        help => problem.with_help(help.trim_start_matches(": ")),
    }
}

/// A test must name an analysis of its trial, down to the arm and the day.
fn no_such_finding(trial: &Prepared, test: &Test) -> Option<Diagnostic> {
    if trial.analyses.iter().any(|plan| makes(trial, plan, test)) {
        return None;
    }
    let message = format!("no analysis of `{}` gives this finding", test.trial.text);
    let known = trial.analyses.iter().filter(|plan| plan.endpoint_id == test.endpoint.text);
    let words: Vec<String> = known.map(|plan| in_words(trial, plan)).collect();
    let help = match words.as_slice() {
        [] => format!("it has no analysis of `{}`", test.endpoint.text),
        some => format!("of `{}` it gives: {}", test.endpoint.text, some.join("; ")),
    };
    Some(Diagnostic::error(codes::UNKNOWN_ENDPOINT, test.span, message).with_help(help))
}

fn in_words(trial: &Prepared, plan: &AnalysisPlan) -> String {
    let arms: Vec<&str> = plan.arms.iter().map(|arm| trial.arm_ids[*arm].as_str()).collect();
    let versus = plan.versus.map(|arm| format!(" versus {}", trial.arm_ids[arm])).unwrap_or_default();
    let days: Vec<String> = plan.at_days.iter().flatten().map(|day| format!("{day}")).collect();
    let days = if days.is_empty() { String::new() } else { format!(" at day {}", days.join(", ")) };
    format!("{} of {}{versus}{days}", plan.method.word(), arms.join(", "))
}

fn makes(trial: &Prepared, plan: &AnalysisPlan, test: &Test) -> bool {
    let arm = |name: &str| trial.arm_ids.iter().position(|id| id == name);
    let own = arm(&test.arm.text).is_some_and(|own| plan.arms.contains(&own) && plan.versus != Some(own));
    plan.endpoint_id == test.endpoint.text
        && plan.method == test.method
        && own
        && plan.versus == test.versus.as_ref().and_then(|versus| arm(&versus.text))
        && plan.at_days.contains(&test.at_day)
}

/// Runs every trial once, each into a folder of its own under `out`, and tries the claims. `command` gives the one
/// that repeats the run of a trial.
///
/// # Errors
/// Those of [`study::run`].
pub fn run(
    prepared: &PreparedClaims,
    library: &Library,
    options: &RunOptions,
    command: &dyn Fn(&str) -> String,
    out: &Path,
    watch: &dyn Watch,
) -> Result<Claims, StudyError> {
    let mut found: BTreeMap<&str, Findings> = BTreeMap::new();
    for (id, trial) in &prepared.trials {
        let folder = RunFolder::create(&out.join(id))?;
        let options = RunOptions { command: command(id), ..options.clone() };
        let run = study::run(trial, library, &options, &folder, watch)?;
        run.write(&folder)?;
        if watch.cancelled() {
            return Err(StudyError::Cancelled);
        }
        folder.finish()?;
        found.insert(id, run.findings);
    }
    let claims = prepared.claims.iter().map(|claim| tried(claim, &prepared.trials, &found)).collect();
    Ok(Claims {
        version: env!("CARGO_PKG_VERSION").to_string(),
        seed: options.seed,
        patients: options.patients,
        claims,
    })
}

fn tried(claim: &Claim, trials: &BTreeMap<String, Prepared>, found: &BTreeMap<&str, Findings>) -> ClaimFound {
    let of = |test: &Test| test_found(test, &trials[&test.trial.text], &found[test.trial.text.as_str()]);
    let tests: Vec<TestFound> = claim.tests.iter().map(of).collect();
    let (verdict, why) = verdict::of_claim(&tests);
    ClaimFound {
        id: claim.id.text.clone(),
        title: claim.title.clone(),
        statement: claim.statement.clone(),
        trials_say: claim.trials_say.clone(),
        source: claim.provenance.source.clone(),
        verdict,
        why,
        tests,
    }
}

fn test_found(test: &Test, trial: &Prepared, findings: &Findings) -> TestFound {
    let is_it = |finding: &&Finding| {
        finding.endpoint == test.endpoint.text
            && finding.method == test.method.word()
            && finding.arm == test.arm.text
            && finding.versus.as_deref() == test.versus.as_ref().map(|versus| versus.text.as_str())
            && finding.time_days == test.at_day
    };
    let finding = findings.findings.iter().find(is_it);
    let grade = trial.trial.arms.iter().find(|arm| arm.arm.id.text == test.arm.text);
    let grade = grade.and_then(|arm| trial.trial.grade(arm)).map(|grade| grade.grade.clone());
    let number = |of: fn(&Finding) -> Option<f64>| finding.and_then(of);
    let ends = number(|f| f.ci_low).zip(number(|f| f.ci_high));
    TestFound {
        title: test.title.clone(),
        trial: test.trial.text.clone(),
        arm: test.arm.text.clone(),
        versus: test.versus.as_ref().map(|versus| versus.text.clone()),
        at_day: test.at_day,
        estimate: number(|f| f.estimate),
        ci_low: number(|f| f.ci_low),
        ci_high: number(|f| f.ci_high),
        predicted_low: number(|f| f.predicted_low),
        predicted_high: number(|f| f.predicted_high),
        unit: finding.map(|f| f.unit.clone()).unwrap_or_default(),
        holds: if test.holds == Holds::Above { "above" } else { "below" },
        bar: test.bar,
        why_bar: test.why.clone(),
        outcome: Outcome::of(ends, test.holds, test.bar),
        grade,
        published: finding.map(|f| f.published.clone()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
