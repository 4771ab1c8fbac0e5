//! From a trial and a utility to a decision whose arms can be lived.

use std::sync::Arc;

use regraft_model::Diagnostic;
use regraft_trial::endpoint::{Direction, Measured};
use regraft_trial::name::Name;
use regraft_trial::resolve;
use regraft_trial::search::usual_method;
use regraft_trial::trial_file::{Analysis, AnalysisRole, Arm, TrialFile};

use crate::library::Library;
use crate::posterior::{Members, PosteriorUse};
use crate::study::{self, Prepared, StudyError, did_you_mean, lower_resolved, near_names, near_or_known};

/// One part of a utility: an endpoint and its weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Utility {
    /// Endpoint of the library.
    pub endpoint: String,
    /// What one unit of it is worth; `None` for 1, or −1 where more of it is harm.
    pub weight: Option<f64>,
}

/// A decision that can be lived.
#[derive(Debug)]
pub struct Learning {
    /// Trial id.
    pub id: String,
    pub(super) prepared: Prepared,
    /// Index of the endpoint of each part of the utility, with its weight.
    pub(super) parts: Vec<(usize, f64)>,
    /// The utility in words.
    pub(super) words: String,
    /// Its unit.
    pub(super) unit: String,
    /// Day after time zero on which it is read.
    pub(super) day: f64,
}

/// The utility where none is named.
const USUAL: &str = "quality_adjusted_years";

/// Reads a trial as a decision between its `arms` (all if empty), judged by a utility on a day (the last day on which
/// scores are read if `None`), with so many members.
///
/// Where the library has no posterior, members are drawn as before looking at outcomes, and called so.
///
/// # Errors
/// [`StudyError::UnknownTrial`], [`StudyError::Library`]; [`StudyError::Usage`] for everything unknown among endpoints
/// and arms at once, and a day beyond the trial.
pub fn prepare(
    library: &mut Library,
    trial: &str,
    arms: &[String],
    utility: &[Utility],
    day: Option<f64>,
    members: usize,
) -> Result<(Option<Learning>, Vec<Diagnostic>), StudyError> {
    let id = study::find_trial(library, trial)?;
    let mut problems = library.diagnostics.clone();
    problems.extend(study::check(library, &id).into_iter().filter(|one| !library.diagnostics.contains(one)));
    if problems.iter().any(Diagnostic::is_error) {
        return Ok((None, problems));
    }
    library.use_posterior(PosteriorUse::Ensemble(members));
    if library.members.is_none() {
        let parameters = library.uncertain_parameters().cloned().collect();
        library.members = Some(Arc::new(Members::before_looking(parameters, members)));
    }
    let file = library.cards.trials[&id].clone();
    let mut wrong = Vec::new();
    let utility = parts(library, &file, utility, &mut wrong);
    let arms = chosen(&file, arms, &mut wrong);
    let last = file.visits.score_days.last().copied().unwrap_or(file.horizon_days);
    let day = day.unwrap_or(last);
    if !(day > 0.0 && day <= file.horizon_days) {
        wrong.push(format!("--at must lie within the trial, up to day {}", file.horizon_days));
    }
    if !wrong.is_empty() {
        return Err(StudyError::Usage(wrong.join("\n")));
    }
    let decided = TrialFile {
        design: None,
        arms,
        follow_up: None,
        analyses: utility.iter().map(|part| analysis(library, &file, part, day)).collect(),
        search: None,
        ..file
    };
    let (trial, found) = resolve(&decided, &library.cards, &library.sources);
    problems.extend(found.into_iter().filter(|one| !problems.contains(one)).collect::<Vec<_>>());
    let prepared = trial.and_then(|trial| lower_resolved(library, &id, trial, &[], &mut problems));
    let broken = problems.iter().any(Diagnostic::is_error);
    let learning = prepared.filter(|_| !broken).map(|prepared| learning(id, prepared, &utility, day));
    Ok((learning, problems))
}

/// Endpoints with their weights; what is wrong is told in `wrong`.
fn parts(
    library: &Library,
    file: &TrialFile,
    utility: &[Utility],
    wrong: &mut Vec<String>,
) -> Vec<(String, f64)> {
    let known = &library.cards.endpoints;
    let usual = [Utility { endpoint: USUAL.into(), weight: None }];
    let asked = if utility.is_empty() { &usual[..] } else { utility };
    let mut parts = Vec::new();
    for part in asked {
        let Some(card) = known.get(&part.endpoint) else {
            let help = near_or_used(library, file, &part.endpoint);
            wrong.push(format!("there is no endpoint `{}` in the library{help}", part.endpoint));
            continue;
        };
        let disease = library.cards.diseases.get(&file.disease.text);
        let lacks = |score: &str| {
            disease.is_some_and(|disease| disease.scores.iter().all(|one| one.name.text != score))
        };
        let unread = matches!(card.kind.measured(), Some(Measured::Score(score)) if lacks(&score.text));
        if utility.is_empty() && unread {
            wrong.push(format!(
                "`{USUAL}` is not read in `{}`: name the utility, such as --utility ENDPOINT or --utility ENDPOINT=WEIGHT; \
                 the trial analyses {}",
                file.disease.text,
                analyzed(file).join(", ")
            ));
        }
        let sign = if card.direction == Direction::Harm { -1.0 } else { 1.0 };
        parts.push((part.endpoint.clone(), part.weight.unwrap_or(sign)));
    }
    parts
}

/// Endpoints of a trial's analyses, each once.
fn analyzed(file: &TrialFile) -> Vec<&str> {
    let mut names = Vec::new();
    for analysis in &file.analyses {
        let name = analysis.endpoint.text.as_str();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Endpoints of the library that may be meant, else those of the trial: all of the library are too many.
fn near_or_used(library: &Library, file: &TrialFile, wrong: &str) -> String {
    let all: Vec<&str> = library.cards.endpoints.keys().map(String::as_str).collect();
    match near_names(wrong, &all) {
        near if near.is_empty() => {
            let used = analyzed(file).join(", ");
            format!(
                ": the trial analyses {used}; `regraft library list endpoints` shows all that can be read"
            )
        }
        near => did_you_mean(&near),
    }
}

/// The arms that are asked for; what is wrong is told in `wrong`.
fn chosen(file: &TrialFile, arms: &[String], wrong: &mut Vec<String>) -> Vec<Arm> {
    let known: Vec<&str> = file.arms.iter().map(|arm| arm.id.text.as_str()).collect();
    let unknown: Vec<&String> = arms.iter().filter(|arm| !known.contains(&arm.as_str())).collect();
    for name in &unknown {
        let help = near_or_known(name, known.iter().copied());
        wrong.push(format!("the trial has no arm `{name}`{help}"));
    }
    let asked = |arm: &&Arm| arms.is_empty() || arms.contains(&arm.id.text);
    let bare = |arm: &Arm| Arm { evidence: None, n_published: None, ..arm.clone() };
    let chosen: Vec<Arm> = file.arms.iter().filter(asked).map(bare).collect();
    if unknown.is_empty() && chosen.len() < 2 {
        wrong.push(format!("a decision needs two arms or more: known are {}", known.join(", ")));
    }
    chosen
}

fn analysis(library: &Library, file: &TrialFile, (endpoint, _): &(String, f64), day: f64) -> Analysis {
    let span = file.id.span;
    Analysis {
        endpoint: Name { text: endpoint.clone(), span },
        method: usual_method(&library.cards.endpoints[endpoint]),
        title: None,
        arms: Vec::new(),
        versus: None,
        at_days: vec![day],
        role: AnalysisRole::Primary,
        as_published: false,
        level: 0.95,
        published: Vec::new(),
        span,
    }
}

fn learning(id: String, prepared: Prepared, utility: &[(String, f64)], day: f64) -> Learning {
    let place = |endpoint: &str| prepared.endpoint_ids.iter().position(|known| known == endpoint);
    let parts: Vec<(usize, f64)> =
        utility.iter().filter_map(|(endpoint, weight)| Some((place(endpoint)?, *weight))).collect();
    let card = |endpoint: &str| &prepared.trial.endpoints[endpoint];
    let one = |(endpoint, weight): &(String, f64)| match *weight {
        1.0 => card(endpoint).title.clone(),
        weight => format!("{weight} × {}", card(endpoint).title),
    };
    let words = utility.iter().map(one).collect::<Vec<_>>().join(" + ");
    let plain = utility.len() == 1 && utility[0].1 == 1.0;
    let unit = if plain { card(&utility[0].0).unit.clone().unwrap_or_default() } else { String::new() };
    Learning { id, prepared, parts, words, unit, day }
}
