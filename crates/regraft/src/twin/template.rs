//! The trial that a twin lives: its population, its visits and endpoints, one arm for each regimen.

use regraft_model::{Diagnostic, SourceId, Sources, Span, nearest};
use regraft_trial::TrialFile as File;
use regraft_trial::endpoint::{Clock, Endpoint, EndpointKind, EventKind, EventRule};
use regraft_trial::name::Name;
use regraft_trial::trial_file::{
    Analysis, AnalysisRole, AnalysisSet, Arm, ArmRole, LabVisits, Method, TimeZero, TrialFile, Visits,
};

use super::Asked;
use super::facts::{self, Setting};
use crate::explore::product_of;
use crate::library::Library;
use crate::outcomes::ending::DAYS_PER_YEAR;
use crate::study::{StudyError, near_or_known};

/// What was chosen for a twin, and why.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The trial.
    pub file: TrialFile,
    /// Endpoints whose clock was set from the graft to the decision.
    pub made: Vec<Endpoint>,
    /// Endpoints of the pattern; what other trials look at is left out where it never happens.
    pub own: Vec<String>,
    /// Why this population, in words.
    pub why: String,
    /// The trial of the library whose visits and endpoints are taken.
    pub pattern: String,
    /// Length of that trial, days.
    pub pattern_days: f64,
    /// Other populations of the disease.
    pub others: Vec<String>,
    /// By arm: populations of the disease's trials in which this therapy was given.
    pub studied_in: Vec<Vec<String>>,
}

/// Id of the trial; no card can have it.
const TRIAL: &str = "twin";

/// The id of a disease.
pub fn disease(library: &Library, id: &str) -> Result<String, StudyError> {
    if library.cards.diseases.contains_key(id) {
        return Ok(id.to_string());
    }
    let help = near_or_known(id, library.cards.diseases.keys().map(String::as_str));
    Err(StudyError::Usage(format!("there is no disease `{id}` in the library{help}")))
}

/// A regimen with its product.
struct Given {
    regimen: String,
    product: Option<String>,
}

/// Chooses the population and writes the trial; `None` where a name is unknown, which is in the list.
pub fn choose(
    library: &Library,
    disease: &str,
    asked: &Asked,
    settings: &[Setting],
    words: &mut Sources,
    problems: &mut Vec<Diagnostic>,
) -> Result<Option<Chosen>, StudyError> {
    let mut regimens = regimens(library, disease, asked, words, problems);
    let population = population(library, disease, asked, settings, &regimens, words, problems);
    let Some((population, why)) = population else { return Ok(None) };
    let trials = trials_of(library, disease, &population);
    let Some(pattern) = pattern(&trials) else {
        return Err(StudyError::Usage(format!(
            "no trial of the library has the population `{population}`, so nothing says what is looked at in it"
        )));
    };
    if regimens.is_empty() {
        // No regimen is right, which is in the list; with one of the pattern the facts are judged all the same.
        regimens = pattern.arms.iter().take(1).map(given).collect();
    }
    let horizon = asked.years.map_or(pattern.horizon_days, |years| years * DAYS_PER_YEAR);
    let span = library.cards.diseases[disease].id.span;
    let arms = arms(library, disease, &regimens, span);
    let grafts = arms.iter().filter(|arm| arm.product.is_some()).map(|arm| arm.day_zero_at);
    let latest_graft = grafts.fold(0.0, f64::max);
    let mut made = Vec::new();
    let file = TrialFile {
        id: name(TRIAL, span),
        title: "One patient".into(),
        question: String::new(),
        summary: None,
        disease: name(disease, span),
        population: name(&population, span),
        horizon_days: horizon,
        time_zero: TimeZero::StartOfTreatment,
        why_time_zero: None,
        analysis_set: AnalysisSet::IntentionToTreat,
        provenance: None,
        arms,
        follow_up: None,
        design: None,
        search: None,
        visits: visits(pattern, horizon),
        analyses: analyses(library, disease, &trials, pattern, (horizon, latest_graft), &mut made),
    };
    let others = library.cards.populations.values().filter(|card| card.disease.text == disease);
    let others = others.map(|card| card.id.text.clone()).filter(|id| *id != population).collect();
    let studied_in = regimens.iter().map(|given| studied_in(library, disease, &given.regimen)).collect();
    let looked_at = pattern.analyses.iter().map(|one| one.endpoint.text.as_str());
    let looked_at: Vec<&str> = looked_at.collect();
    let own = file.analyses.iter().map(|one| one.endpoint.text.clone());
    let own = own.filter(|id| looked_at.contains(&original(id))).collect();
    Ok(Some(Chosen {
        file,
        made,
        own,
        why,
        pattern: pattern.id.text.clone(),
        pattern_days: pattern.horizon_days,
        others,
        studied_in,
    }))
}

fn name(text: &str, span: Span) -> Name {
    Name { text: text.to_string(), span }
}

/// The regimen of an arm.
fn given(arm: &Arm) -> Given {
    let product = arm.product.as_ref().map(|product| product.text.clone());
    Given { regimen: arm.regimen.text.clone(), product }
}

/// Regimens that the trials of a disease give, by id.
fn given_in<'a>(library: &'a Library, disease: &str) -> Vec<&'a str> {
    let trials = library.cards.trials.values().filter(|trial| trial.disease.text == disease);
    let mut found: Vec<&str> =
        trials.flat_map(|trial| &trial.arms).map(|arm| arm.regimen.text.as_str()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The regimens that were named; what is unknown is in the list.
fn regimens(
    library: &Library,
    disease: &str,
    asked: &Asked,
    words: &mut Sources,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Given> {
    let source = words.add("--regimen", asked.regimens.join("\n"));
    let mut found: Vec<Given> = Vec::new();
    let mut start = 0;
    for text in &asked.regimens {
        let span = Span::new(source, start, start + text.len());
        start += text.len() + 1;
        let (regimen, product) = match text.split_once(':') {
            Some((regimen, product)) => (regimen, Some(product)),
            None => (text.as_str(), None),
        };
        match product_of(library, regimen, product) {
            Err(error) => problems.push(Diagnostic::error("W001", span, error.to_string())),
            Ok(_) if found.iter().any(|given| given.regimen == regimen) => {
                problems.push(Diagnostic::error(
                    "W001",
                    span,
                    format!("regimen `{regimen}` is asked for twice"),
                ));
            }
            Ok(product) => found.push(Given { regimen: regimen.to_string(), product }),
        }
    }
    if asked.regimens.is_empty() {
        let span = Span::new(source, 0, 0);
        let problem = Diagnostic::error("W001", span, "no regimen is asked for");
        let known = given_in(library, disease).join(", ");
        let help = "name two or more, each behind `--regimen`; the others are compared with the last";
        problems.push(problem.with_help(help).with_help(format!("trials of this disease give {known}")));
    }
    found
}

/// The population that a question without a word on regimens would get.
pub fn population_for(
    library: &Library,
    disease: &str,
    asked: &Asked,
    settings: &[Setting],
    words: &mut Sources,
    problems: &mut Vec<Diagnostic>,
) -> Option<String> {
    let given = if asked.regimens.is_empty() {
        Vec::new()
    } else {
        regimens(library, disease, asked, words, problems)
    };
    population(library, disease, asked, settings, &given, words, problems).map(|(id, _)| id)
}

/// The population that was named, else the one by rule, with the reason.
///
/// The rule: the population that holds most of the given facts in its range; of these the one in whose trials most of
/// the regimens were given; of these the one with most analyses; of these the first by name.
fn population(
    library: &Library,
    disease: &str,
    asked: &Asked,
    settings: &[Setting],
    regimens: &[Given],
    words: &mut Sources,
    problems: &mut Vec<Diagnostic>,
) -> Option<(String, String)> {
    let own: Vec<&str> = library
        .cards
        .populations
        .values()
        .filter(|card| card.disease.text == disease)
        .map(|card| card.id.text.as_str())
        .collect();
    if let Some(id) = &asked.population {
        if own.contains(&id.as_str()) {
            return Some((id.clone(), "named with --population".into()));
        }
        let source: SourceId = words.add("--population", id.clone());
        let message = format!("no population `{id}` has `{disease}`");
        let problem = Diagnostic::error("W002", Span::new(source, 0, id.len()), message);
        problems.push(match nearest(id, own.iter().copied()) {
            Some(near) => problem.with_help(format!("did you mean `{near}`?")),
            None => problem.with_help(format!("those that have it: {}", own.join(", "))),
        });
        // The facts are judged all the same, in the population by rule.
    }
    let score = |id: &&str| {
        let held = library.cards.populations.get(*id).map_or(0, |card| facts::held(card, settings));
        let trials = trials_of(library, disease, id);
        let gives = |given: &&Given| {
            trials.iter().any(|trial| trial.arms.iter().any(|arm| arm.regimen.text == given.regimen))
        };
        let given = regimens.iter().filter(gives).count();
        (held, given, trials.iter().map(|trial| trial.analyses.len()).sum::<usize>())
    };
    // The first of equals: `max_by_key` would take the last.
    let best = own.iter().rev().max_by_key(|id| score(id))?;
    let (held, given, _) = score(best);
    let why = format!(
        "chosen by rule: it holds {held} of the {} facts that name a trait, and {given} of the {} regimens were given in its trials",
        facts::judged(library, &own, settings),
        regimens.len()
    );
    Some(((*best).to_string(), why))
}

/// Trials of the disease with this population, by id.
fn trials_of<'a>(library: &'a Library, disease: &str, population: &str) -> Vec<&'a File> {
    let of = |trial: &&File| trial.disease.text == disease && trial.population.text == population;
    library.cards.trials.values().filter(of).collect()
}

/// The trial with most analyses, the first by name of equals.
fn pattern<'a>(trials: &[&'a File]) -> Option<&'a File> {
    trials.iter().rev().max_by_key(|trial| trial.analyses.len()).copied()
}

/// Populations of the disease's trials that gave a regimen of the same therapy.
fn studied_in(library: &Library, disease: &str, regimen: &str) -> Vec<String> {
    let cards = &library.cards;
    let therapy = &cards.regimens[regimen].therapy.text;
    let same =
        |arm: &Arm| cards.regimens.get(&arm.regimen.text).is_some_and(|card| card.therapy.text == *therapy);
    let mut found: Vec<String> = Vec::new();
    for trial in cards.trials.values().filter(|trial| trial.disease.text == disease) {
        // An arm without a published counterpart is a question, no data.
        let published = |arm: &&Arm| same(arm) && (arm.evidence.is_some() || arm.n_published.is_some());
        if trial.arms.iter().any(|arm| published(&arm)) && !found.contains(&trial.population.text) {
            found.push(trial.population.text.clone());
        }
    }
    found
}

/// One arm for each regimen; the last is what the others are compared with.
fn arms(library: &Library, disease: &str, regimens: &[Given], span: Span) -> Vec<Arm> {
    let last = regimens.len().saturating_sub(1);
    let arm = |(place, given): (usize, &Given)| Arm {
        id: name(&given.regimen, span),
        title: library.cards.regimens[&given.regimen].title.clone(),
        role: if place == last && last > 0 { ArmRole::Comparator } else { ArmRole::Studied },
        regimen: name(&given.regimen, span),
        product: given.product.as_ref().map(|product| name(product, span)),
        day_zero_at: day_zero(library, disease, &given.regimen),
        why_day_zero_at: None,
        evidence: None,
        n_published: None,
        span,
    };
    regimens.iter().enumerate().map(arm).collect()
}

/// The regimen's first step falls on the day of the decision, or later where a trial that counts from randomisation
/// says so: getting to a graft takes its time.
fn day_zero(library: &Library, disease: &str, regimen: &str) -> f64 {
    let first = library.cards.regimens[regimen].first_day().unwrap_or(0.0);
    let lag = (-first).max(0.0);
    let counts = |trial: &&File| trial.disease.text == disease && trial.time_zero == TimeZero::Randomisation;
    let arms = library.cards.trials.values().filter(counts).flat_map(|trial| &trial.arms);
    let known = arms.filter(|arm| arm.regimen.text == regimen).map(|arm| arm.day_zero_at);
    // Of several arms the one that waits least: another may wait to be crossed over.
    let shortest = known.filter(|day| *day >= lag).fold(f64::INFINITY, f64::min);
    if shortest.is_finite() { shortest } else { lag }
}

/// The visits of the pattern; beyond its end they go on as they were at last.
fn visits(pattern: &File, horizon: f64) -> Visits {
    let go_on = |days: &[f64]| {
        let mut days: Vec<f64> = days.iter().copied().filter(|day| *day <= horizon).collect();
        let before = days.len().checked_sub(2).map(|place| days[place]);
        let Some(last) = days.last().copied().filter(|_| horizon > pattern.horizon_days) else { return days };
        let gap = last - before.unwrap_or(0.0);
        let mut day = last + gap;
        while gap > 0.0 && day <= horizon {
            days.push(day);
            day += gap;
        }
        days
    };
    let mut labs = pattern.visits.labs.clone();
    if let Some(last) = labs.iter_mut().max_by(|a, b| a.to_day.total_cmp(&b.to_day))
        && horizon > pattern.horizon_days
    {
        *last = LabVisits { to_day: horizon, ..*last };
    }
    Visits {
        score_days: go_on(&pattern.visits.score_days),
        imaging_days: go_on(&pattern.visits.imaging_days),
        labs,
    }
}

/// Every endpoint that counts from time zero: all of the pattern, then of the population's other trials, then the
/// harms of the disease's other trials that are events of the model.
fn analyses(
    library: &Library,
    disease: &str,
    trials: &[&File],
    pattern: &File,
    (horizon, latest_graft): (f64, f64),
    made: &mut Vec<Endpoint>,
) -> Vec<Analysis> {
    let mut found: Vec<Analysis> = Vec::new();
    let own = std::iter::once(pattern).chain(trials.iter().copied().filter(|trial| trial.id != pattern.id));
    let others = library.cards.trials.values().filter(|trial| trial.disease.text == disease);
    for trial in own.chain(others) {
        for analysis in &trial.analyses {
            let is_pattern = trial.id == pattern.id;
            let wanted = analysis.role == AnalysisRole::Harm
                || is_pattern && analysis.role != AnalysisRole::Engraftment;
            let known = found.iter().any(|one| original(&one.endpoint.text) == analysis.endpoint.text);
            if wanted && !known {
                found.extend(restated(library, trial, analysis, is_pattern, (horizon, latest_graft), made));
            }
        }
    }
    found
}

/// What the id of an endpoint ends with where its clock was set to the decision.
const FROM_DECISION: &str = "_from_decision";

/// The id in the library of an endpoint of a twin's trial.
pub fn original(id: &str) -> &str {
    id.strip_suffix(FROM_DECISION).unwrap_or(id)
}

/// The analysis as one estimate for each arm; `None` for endpoints that cannot be asked of a twin: those of other
/// trials that are read at visits of their own, and scores and rates that count from the graft.
///
/// Harms that count from the graft and are events of the model are counted from the decision instead, so that regimens
/// with and without a graft can be set side by side; the changed card is in `made`. Times to event go to the end; a
/// share by a day after the graft is one by that day after the latest graft.
fn restated(
    library: &Library,
    trial: &File,
    analysis: &Analysis,
    is_pattern: bool,
    (horizon, latest_graft): (f64, f64),
    made: &mut Vec<Endpoint>,
) -> Option<Analysis> {
    let mut endpoint = library.cards.endpoints.get(&analysis.endpoint.text)?.clone();
    if !(is_pattern || is_event_of_model(&endpoint.kind)) {
        return None;
    }
    let from_graft = endpoint.clock == Clock::DayZero;
    if from_graft {
        endpoint = from_decision(endpoint).filter(|_| analysis.role == AnalysisRole::Harm)?;
    }
    let method = match endpoint.kind {
        EndpointKind::TimeToEvent { .. } => of_one_arm(analysis.method),
        EndpointKind::Change { .. } => Method::MeanChange,
        EndpointKind::Mean { .. } => Method::Mean,
        EndpointKind::AnnualRate { .. } => Method::AnnualRate,
        EndpointKind::Proportion { .. } => Method::Proportion,
    };
    let of_it = trial.analyses.iter().filter(|one| one.endpoint.text == analysis.endpoint.text);
    let mut at_days: Vec<f64> = of_it.flat_map(|one| one.at_days.iter().copied()).collect();
    at_days.retain(|day| *day <= horizon);
    at_days.sort_by(f64::total_cmp);
    at_days.dedup();
    if from_graft {
        let last = at_days.last().copied();
        at_days = vec![horizon];
        if let EndpointKind::Proportion { by_day, .. } = &mut endpoint.kind {
            let day = (by_day.or(last)? + latest_graft).min(horizon);
            *by_day = Some(day);
            at_days = vec![day];
        }
        made.push(endpoint.clone());
    }
    Some(Analysis {
        endpoint: Name { text: endpoint.id.text.clone(), ..analysis.endpoint.clone() },
        method,
        title: Some(endpoint.counted().to_string()),
        arms: Vec::new(),
        versus: None,
        at_days,
        as_published: false,
        published: Vec::new(),
        ..analysis.clone()
    })
}

/// The trial's own method for the time to an event, where it tells of one arm; else the cumulative incidence.
fn of_one_arm(method: Method) -> Method {
    match method {
        Method::KaplanMeier | Method::KaplanMeierComplement => method,
        _ => Method::CumulativeIncidence,
    }
}

/// The endpoint with its clock at the decision, if it waits for events of the model alone.
fn from_decision(mut endpoint: Endpoint) -> Option<Endpoint> {
    if !is_event_of_model(&endpoint.kind) {
        return None;
    }
    let only_death = |rule: &EventRule| matches!(rule.kind, EventKind::Death { .. });
    let (EndpointKind::TimeToEvent { events, .. } | EndpointKind::Proportion { events, .. }) = &endpoint.kind
    else {
        return None;
    };
    if events.iter().all(only_death) {
        return None;
    }
    endpoint.id.text.push_str(FROM_DECISION);
    endpoint.clock = Clock::TimeZero;
    Some(endpoint)
}

/// Whether an endpoint waits for events of the model or death alone: then it does not depend on the visits.
fn is_event_of_model(kind: &EndpointKind) -> bool {
    let free = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::ModelEvent { .. }
                | EventKind::Death { .. }
                | EventKind::Decision { .. }
                | EventKind::NoGraft
        )
    };
    let rules = kind.rules();
    !rules.is_empty() && rules.iter().all(|rule| free(&rule.kind))
}
