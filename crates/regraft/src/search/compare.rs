//! Regimens beside the frontier: those that the file names, else those of the library's trials in the disease, lived
//! by the same patients.

use std::collections::BTreeMap;

use regraft_model::Diagnostic;
use regraft_trial::name::Name;
use regraft_trial::regimen::DayZero;
use regraft_trial::search::SearchSpace;
use regraft_trial::trial_file::{Arm, ArmRole, TrialFile};
use regraft_trial::{Cards, resolve};

use super::prepare::extend;
use crate::library::Library;
use crate::study::{Prepared, lower_resolved};

/// A regimen that can be lived.
#[derive(Debug)]
pub struct Compared {
    /// Title for people.
    pub title: String,
    /// Its regimen.
    pub regimen: String,
    /// Its product.
    pub product: Option<String>,
    /// A trial of the same patients, whose last arm it is.
    pub prepared: Prepared,
    /// Values of the variables, for formulas; NaN where none is known.
    pub variables: Vec<f64>,
}

/// A regimen that is to be set beside.
struct Wanted {
    title: String,
    arm: Arm,
    values: BTreeMap<String, f64>,
    /// Whether the file asks for it: then what is wrong with it is a problem.
    asked: bool,
}

/// Title and reason of each regimen that cannot be set beside.
type NotCompared = Vec<(String, String)>;

/// Every regimen that is set beside; `searched` is the trial whose first `own_arms` arms are its own.
pub fn prepare(
    library: &mut Library,
    cards: &Cards,
    searched: &TrialFile,
    own_arms: usize,
    space: &SearchSpace,
    problems: &mut Vec<Diagnostic>,
) -> (Vec<Compared>, NotCompared) {
    let own = &searched.arms[..own_arms];
    let Some(base) = own.iter().find(|arm| arm.id.text == space.arm.text) else { return Default::default() };
    let wanted = if space.compare.is_empty() {
        of_library(cards, searched, own, base)
    } else {
        of_file(cards, space, base)
    };
    let (mut compared, mut not_compared) = (Vec::new(), Vec::new());
    for wanted in wanted {
        let arms = own.iter().cloned().chain([wanted.arm.clone()]).collect();
        let file = TrialFile { arms, ..searched.clone() };
        let (trial, mut found) = resolve(&file, cards, &library.sources);
        let prepared = trial
            .filter(|_| !found.iter().any(Diagnostic::is_error))
            .and_then(|trial| lower_resolved(library, &file.id.text, trial, &[], &mut found));
        let reason = found.iter().find(|problem| problem.is_error()).map(|problem| problem.message.clone());
        match (prepared, reason) {
            (Some(prepared), None) => {
                let value =
                    |one: &regraft_trial::search::Variable| wanted.values.get(&one.name.text).copied();
                compared.push(Compared {
                    title: wanted.title,
                    regimen: wanted.arm.regimen.text.clone(),
                    product: wanted.arm.product.map(|product| product.text),
                    variables: space.variables.iter().map(|one| value(one).unwrap_or(f64::NAN)).collect(),
                    prepared,
                });
            }
            (_, reason) if !wanted.asked => {
                not_compared.push((wanted.title, reason.unwrap_or_else(|| "it cannot be planned".into())));
            }
            _ => extend(problems, found),
        }
    }
    (compared, not_compared)
}

/// Those that the file names.
fn of_file(cards: &Cards, space: &SearchSpace, base: &Arm) -> Vec<Wanted> {
    let one = |(place, compare): (usize, &regraft_trial::search::Compare)| {
        let regimen = cards.regimens.get(&compare.regimen.text)?;
        let title = compare.title.clone().unwrap_or_else(|| regimen.title.clone());
        let day = compare.day_zero_at.unwrap_or(usual_day(cards, base, regimen.day_zero, 0.0));
        let arm = arm(base, place, &title, compare.regimen.clone(), compare.product.clone(), day);
        let values = compare.values.iter().map(|(name, value)| (name.text.clone(), *value)).collect();
        Some(Wanted { title, arm, values, asked: true })
    };
    space.compare.iter().enumerate().filter_map(one).collect()
}

/// Those of the library's trials in the same disease, each with the product it has there, once.
fn of_library(cards: &Cards, searched: &TrialFile, own: &[Arm], base: &Arm) -> Vec<Wanted> {
    let mut seen: Vec<(String, Option<String>)> = own.iter().map(key).collect();
    let mut wanted = Vec::new();
    let trials = cards.trials.values().filter(|trial| trial.disease.text == searched.disease.text);
    for other in trials.flat_map(|trial| &trial.arms) {
        let Some(regimen) = cards.regimens.get(&other.regimen.text) else { continue };
        if seen.contains(&key(other)) {
            continue;
        }
        seen.push(key(other));
        let day = usual_day(cards, base, regimen.day_zero, other.day_zero_at);
        let arm = arm(base, wanted.len(), &regimen.title, other.regimen.clone(), other.product.clone(), day);
        wanted.push(Wanted { title: regimen.title.clone(), arm, values: BTreeMap::new(), asked: false });
    }
    // One regimen with several products: the product tells them apart.
    let titles: Vec<String> = wanted.iter().map(|one| one.title.clone()).collect();
    for one in &mut wanted {
        let twice = titles.iter().filter(|title| **title == one.title).count() > 1;
        let product = one.arm.product.as_ref().and_then(|name| cards.products.get(&name.text));
        if let Some(product) = product.filter(|_| twice) {
            one.title = format!("{}; {}", one.title, product.title);
        }
    }
    wanted
}

fn key(arm: &Arm) -> (String, Option<String>) {
    (arm.regimen.text.clone(), arm.product.as_ref().map(|product| product.text.clone()))
}

/// A transplant happens on the day of the one that is varied, so that its patients have waited as long.
fn usual_day(cards: &Cards, base: &Arm, day_zero: DayZero, else_day: f64) -> f64 {
    let own = cards.regimens.get(&base.regimen.text).map(|regimen| regimen.day_zero);
    if day_zero == DayZero::Graft && own == Some(DayZero::Graft) { base.day_zero_at } else { else_day }
}

fn arm(base: &Arm, place: usize, title: &str, regimen: Name, product: Option<Name>, day: f64) -> Arm {
    Arm {
        id: Name { text: format!("beside_{}", place + 1), span: base.id.span },
        title: title.to_string(),
        role: ArmRole::Comparator,
        regimen,
        product,
        day_zero_at: day,
        why_day_zero_at: None,
        evidence: None,
        n_published: None,
        span: base.span,
    }
}
