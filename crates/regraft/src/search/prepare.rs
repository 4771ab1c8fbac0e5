//! From a trial file with `[search]` to a space in which any candidate can be lived by the same patients.

use regraft_model::{Diagnostic, Model};
use regraft_trial::endpoint::{Direction, Endpoint};
use regraft_trial::name::Name;
use regraft_trial::search::{Aim, Formulas, Measure, SearchSpace, Values, usual_method};
use regraft_trial::trial::Shelf;
use regraft_trial::trial_file::{Analysis, AnalysisRole, Arm, ArmRole, TrialFile};
use regraft_trial::{Cards, TrialArm, resolve};

use super::compare::{self, Compared};
use super::value::{Objective, objectives};
use crate::library::Library;
use crate::study::{self, Prepared, StudyError, lower_keeping_model};

/// A search that can begin.
#[derive(Debug)]
pub struct PreparedSearch {
    /// Trial id.
    pub id: String,
    /// The space.
    pub(super) space: SearchSpace,
    /// The trial with its own arms, followed by one candidate for each product.
    pub(super) prepared: Prepared,
    /// Number of its own arms.
    pub(super) own_arms: usize,
    /// The model, for its units.
    pub(super) model: Model,
    /// The arm that is varied, under the id of candidates.
    pub(super) base: TrialArm,
    pub(super) formulas: Formulas,
    /// `[objective]`, aims first.
    pub(super) objectives: Vec<Objective>,
    /// How many of them are aims; the values of the rest are shown.
    pub(super) n_aims: usize,
    /// Cards that candidates take up.
    pub(super) cards: Cards,
    /// Regimens that are set beside.
    pub(super) compared: Vec<Compared>,
    /// Those that cannot be, with the reason.
    pub(super) not_compared: Vec<(String, String)>,
}

/// Id of the arm of a candidate.
pub(super) const CANDIDATE: &str = "searched";

impl PreparedSearch {
    /// The drugs and products that candidates take up.
    pub(super) fn shelf(&self) -> Shelf<'_> {
        Shelf { drugs: &self.cards.drugs, products: &self.cards.products }
    }

    /// Whether more of each objective is wanted.
    pub(super) fn maximize(&self) -> Vec<bool> {
        self.space.objectives.iter().map(|one| one.aim == Aim::Maximize).collect()
    }

    /// The trial file with these arms in place of its own and an id of its own.
    pub(super) fn file_with(&self, id: &str, arms: Vec<Arm>) -> TrialFile {
        let file = &self.prepared.trial.file;
        let id = Name { text: id.to_string(), span: file.id.span };
        TrialFile { id, arms, ..file.clone() }
    }
}

/// Reads a trial with its space; `only` names the objectives that count, all if empty.
///
/// Problems are in the list, all at once; `None` if any of them is an error.
///
/// # Errors
/// [`StudyError::UnknownTrial`], [`StudyError::Library`]; [`StudyError::Usage`] where the trial has no space, or no
/// objective of a name that is asked for.
pub fn prepare(
    library: &mut Library,
    trial: &str,
    only: &[String],
) -> Result<(Option<PreparedSearch>, Vec<Diagnostic>), StudyError> {
    let id = study::find_trial(library, trial)?;
    let mut problems = study::check(library, &id);
    problems.extend(
        library.diagnostics.iter().filter(|one| !problems.contains(one)).cloned().collect::<Vec<_>>(),
    );
    if problems.iter().any(Diagnostic::is_error) {
        return Ok((None, problems));
    }
    let file = library.cards.trials[&id].clone();
    let Some(mut space) = file.search.clone() else { return Err(no_space(library, &id)) };
    let n_aims = aims_first(&mut space, only)?;
    let found = lower(library, &file, space, n_aims, &mut problems);
    Ok((found.filter(|_| !problems.iter().any(Diagnostic::is_error)), problems))
}

fn no_space(library: &Library, id: &str) -> StudyError {
    let with = library.cards.trials.values().filter(|trial| trial.search.is_some());
    let known: Vec<&str> = with.map(|trial| trial.id.text.as_str()).collect();
    let known = if known.is_empty() { "none of the library has one".into() } else { known.join(", ") };
    StudyError::Usage(format!(
        "trial `{id}` has no table [search] that says what may be varied; trials that have one: {known}"
    ))
}

/// Puts the objectives that count before those that are shown alone, and says how many count: those that are asked for,
/// else those that are not optional.
fn aims_first(space: &mut SearchSpace, only: &[String]) -> Result<usize, StudyError> {
    let known: Vec<String> = space.objectives.iter().map(|one| one.name.text.clone()).collect();
    let unknown = |name: &String| {
        let near = regraft_model::nearest(name, known.iter().map(String::as_str));
        format!("there is no objective `{name}`{}", regraft_model::did_you_mean(near))
    };
    let wrong: Vec<String> = only.iter().filter(|name| !known.contains(name)).map(unknown).collect();
    if !wrong.is_empty() {
        return Err(StudyError::Usage(format!("{}; known here: {}", wrong.join("; "), known.join(", "))));
    }
    let is_aim = |one: &regraft_trial::search::Objective| match only {
        [] => !one.optional,
        names => names.contains(&one.name.text),
    };
    let (aims, shown): (Vec<_>, Vec<_>) = space.objectives.drain(..).partition(is_aim);
    let n_aims = aims.len();
    space.objectives = aims.into_iter().chain(shown).collect();
    Ok(n_aims)
}

fn lower(
    library: &mut Library,
    file: &TrialFile,
    space: SearchSpace,
    n_aims: usize,
    problems: &mut Vec<Diagnostic>,
) -> Option<PreparedSearch> {
    let own = file.arms.iter().find(|arm| arm.id.text == space.arm.text)?;
    let mut cards = library.cards.clone();
    let mut regimen = cards.regimens.get(&own.regimen.text)?.clone();
    regimen.id.text = format!("{}_{CANDIDATE}", regimen.id.text);
    let base = Arm {
        id: Name { text: CANDIDATE.into(), span: own.id.span },
        title: format!("{}, searched", own.title),
        role: ArmRole::Studied,
        regimen: regimen.id.clone(),
        ..bare(own)
    };
    cards.regimens.insert(regimen.id.text.clone(), regimen.clone());
    let mut arms: Vec<Arm> = file.arms.iter().map(bare).collect();
    let own_arms = arms.len();
    arms.extend(candidates(&base, &space));
    let searched = TrialFile {
        arms,
        follow_up: None,
        analyses: analyses(&space, &cards),
        search: None,
        design: None,
        ..file.clone()
    };
    let (trial, found) = resolve(&searched, &cards, &library.sources);
    extend(problems, found);
    let product = base.product.as_ref().and_then(|name| cards.products.get(&name.text)).cloned();
    let (formulas, found) = Formulas::of(&space);
    extend(problems, found);
    let (prepared, model) = lower_keeping_model(library, &file.id.text, trial?, &[], problems)?;
    let method = |id: &str| usual_method(&prepared.trial.endpoints[id]);
    let objectives = objectives(&space, &prepared.endpoint_ids, &method);
    let (compared, not_compared) = compare::prepare(library, &cards, &searched, own_arms, &space, problems);
    Some(PreparedSearch {
        id: file.id.text.clone(),
        base: TrialArm { arm: base, regimen, product },
        formulas: formulas?,
        objectives,
        n_aims,
        own_arms,
        model,
        cards,
        compared,
        not_compared,
        prepared,
        space,
    })
}

/// Adds problems that were not found before.
pub(super) fn extend(problems: &mut Vec<Diagnostic>, found: Vec<Diagnostic>) {
    let new: Vec<Diagnostic> = found.into_iter().filter(|one| !problems.contains(one)).collect();
    problems.extend(new);
}

/// An arm without what was published of it.
fn bare(arm: &Arm) -> Arm {
    Arm { evidence: None, n_published: None, ..arm.clone() }
}

/// One candidate for each product, so that all their tests are known to the program.
fn candidates(base: &Arm, space: &SearchSpace) -> Vec<Arm> {
    let products = space.variables.iter().filter_map(|one| match &one.values {
        Values::Products(products) => Some(products),
        Values::Range { .. } => None,
    });
    let mut arms = vec![base.clone()];
    for product in products.flatten().filter(|product| base.product.as_ref() != Some(product)) {
        let id = Name { text: format!("{CANDIDATE}_{}", arms.len() + 1), span: base.id.span };
        arms.push(Arm { id, product: Some(product.clone()), ..base.clone() });
    }
    arms
}

/// One analysis of all arms for each objective that is an endpoint.
fn analyses(space: &SearchSpace, cards: &Cards) -> Vec<Analysis> {
    let one = |objective: &regraft_trial::search::Objective| {
        let Measure::Endpoint { endpoint, method, at_day } = &objective.measure else { return None };
        let card: &Endpoint = cards.endpoints.get(&endpoint.text)?;
        let harm = card.direction == Direction::Harm && objective.aim == Aim::Minimize;
        Some(Analysis {
            endpoint: endpoint.clone(),
            method: method.unwrap_or(usual_method(card)),
            title: Some(objective.title.clone()),
            arms: Vec::new(),
            versus: None,
            at_days: at_day.iter().copied().collect(),
            role: if harm { AnalysisRole::Harm } else { AnalysisRole::Benefit },
            as_published: false,
            level: 0.95,
            published: Vec::new(),
            span: objective.span,
        })
    };
    space.objectives.iter().filter_map(one).collect()
}
