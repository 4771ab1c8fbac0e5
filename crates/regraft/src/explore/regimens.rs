//! Regimens as the arms of a trial without visits and analyses, so that patients enter and are treated as in any trial.

use regraft_sim::Engine;
use regraft_trial::name::Name;
use regraft_trial::regimen::StepKind;
use regraft_trial::trial_file::{AnalysisSet, Arm, ArmRole, TimeZero, TrialFile, Visits};

use super::ExploreError;
use super::subject::{self, Subject, usage};
use crate::library::Library;

/// Which patients are followed after which regimens.
#[derive(Debug, Clone)]
pub struct After {
    /// Regimens, each with its product if one is named.
    pub regimens: Vec<(String, Option<String>)>,
    /// Population; if `None` that of the first trial that gives the first regimen, or else the first of the disease.
    pub population: Option<String>,
    /// Patients of each regimen, the same in all.
    pub patients: usize,
    /// Day of the position, counted from the regimen's day zero.
    pub day: f64,
    /// Years after that day at which the end is read.
    pub years: f64,
    /// What is varied in the diagram.
    pub over: String,
    /// The state shown.
    pub state: String,
    /// States that are scaled; empty for the cells of the clone.
    pub scale: Vec<String>,
    /// Settings of the user.
    pub sets: Vec<(String, f64)>,
    /// Root of the draws.
    pub seed: u64,
    /// Threads.
    pub threads: Option<usize>,
    /// How the arithmetic is carried out.
    pub engine: Engine,
}

/// Id of the trial that holds the regimens as arms; no card can have it.
const TRIAL: &str = "regimens explored";

/// A trial with one arm per regimen, without visits and analyses.
pub(super) fn trial_file(
    library: &Library,
    subject: &Subject,
    after: &After,
) -> Result<TrialFile, ExploreError> {
    let cards = &library.cards;
    let span = cards.diseases.get(&subject.id).map(|disease| disease.id.span);
    let span = span.ok_or_else(|| usage("regimens need a disease of the library".into()))?;
    let name = |text: &str| Name { text: text.to_string(), span };
    let population = match &after.population {
        Some(id) if cards.populations.contains_key(id) => id.clone(),
        Some(id) => {
            let known = cards.populations.keys().map(String::as_str);
            return Err(usage(subject::unknown("population", id, known, "populations")));
        }
        None => usual_population(library, subject, after)
            .ok_or_else(|| usage(format!("no population of the library has `{}`", subject.id)))?,
    };
    let mut arms: Vec<Arm> = Vec::new();
    for (regimen, product) in &after.regimens {
        let product = product_of(library, regimen, product.as_deref())?;
        if arms.iter().any(|arm| arm.regimen.text == *regimen) {
            return Err(usage(format!("regimen `{regimen}` is asked for twice")));
        }
        arms.push(Arm {
            id: name(regimen),
            title: cards.regimens[regimen].title.clone(),
            role: ArmRole::Studied,
            regimen: name(regimen),
            product: product.map(|product| name(&product)),
            day_zero_at: 0.0,
            why_day_zero_at: None,
            evidence: None,
            n_published: None,
            span,
        });
    }
    Ok(TrialFile {
        id: name(TRIAL),
        title: TRIAL.into(),
        question: String::new(),
        summary: None,
        disease: name(&subject.id),
        population: name(&population),
        horizon_days: after.day,
        time_zero: TimeZero::Graft,
        why_time_zero: None,
        analysis_set: AnalysisSet::IntentionToTreat,
        provenance: None,
        arms,
        follow_up: None,
        visits: Visits::default(),
        analyses: Vec::new(),
        design: None,
        search: None,
    })
}

/// The population of the first trial of the disease that gives the first regimen, else the first of the disease.
fn usual_population(library: &Library, subject: &Subject, after: &After) -> Option<String> {
    let (regimen, _) = after.regimens.first()?;
    let of_disease = |trial: &&TrialFile| trial.disease.text == subject.id;
    let gives = |trial: &&TrialFile| trial.arms.iter().any(|arm| arm.regimen.text == *regimen);
    let usual = library.cards.trials.values().filter(of_disease).find(gives);
    let populations = &library.cards.populations;
    let first = || populations.values().find(|card| card.disease.text == subject.id);
    usual.map(|trial| trial.population.text.clone()).or_else(|| Some(first()?.id.text.clone()))
}

/// The product a regimen infuses: the one named, else that of the first trial that gives the regimen.
///
/// # Errors
/// [`ExploreError::Usage`]: unknown names, or no product known.
pub(crate) fn product_of(
    library: &Library,
    regimen: &str,
    named: Option<&str>,
) -> Result<Option<String>, ExploreError> {
    let cards = &library.cards;
    if !cards.regimens.contains_key(regimen) {
        let known = cards.regimens.keys().map(String::as_str);
        return Err(usage(subject::unknown("regimen", regimen, known, "regimens")));
    }
    if let Some(product) = named {
        if !cards.products.contains_key(product) {
            let known = cards.products.keys().map(String::as_str);
            return Err(usage(subject::unknown("product", product, known, "products")));
        }
        return Ok(Some(product.to_string()));
    }
    let infuses = cards.regimens[regimen].steps.iter().any(|step| step.kind == StepKind::Infuse);
    if !infuses {
        return Ok(None);
    }
    let mut arms = cards.trials.values().flat_map(|trial| &trial.arms);
    let known = arms.find(|arm| arm.regimen.text == regimen).and_then(|arm| arm.product.clone());
    match known.map(|product| product.text).or_else(|| cards.products.keys().next().cloned()) {
        Some(product) => Ok(Some(product)),
        None => Err(usage(format!("regimen `{regimen}` infuses cells: name them as `{regimen}:PRODUCT`"))),
    }
}
