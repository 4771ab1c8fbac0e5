//! Read and resolve: from the name of a trial to a protocol on a program.

use std::path::Path;

use regraft_model::{Diagnostic, Label, Model, Program, lower, nearest};
use regraft_trial::cohort::Recipe;
use regraft_trial::endpoint::Endpoint;
use regraft_trial::protocol::Protocol;
use regraft_trial::{Card, CardKind, Condition, Evidence, Trial, TrialArm, TrialFile, plan, resolve};

use super::names::near_names;
use super::{StudyError, compile};
use crate::findings::AnalysisPlan;
use crate::library::{Library, read_bytes};
use crate::outcomes::{CompiledEndpoint, Readings};
use crate::posterior::BoundMembers;

/// A trial ready to run. From here on no mistake of a user's file is possible.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Trial id.
    pub id: String,
    /// The trial with its cards.
    pub trial: Trial,
    /// Its model, made flat, with the conditions of the cards among the observables.
    pub program: Program,
    /// The trial in days and indices.
    pub protocol: Protocol,
    /// What is drawn per patient.
    pub recipe: Recipe,
    /// Arm ids.
    pub arm_ids: Vec<String>,
    /// Published number of patients per arm.
    pub published_sizes: Vec<Option<usize>>,
    /// What is read at visits.
    pub readings: Readings,
    /// Columns that the simulation writes.
    pub columns: Vec<regraft_model::Found>,
    /// Endpoint ids, in the order of the columns of outcomes.
    pub endpoint_ids: Vec<String>,
    /// Endpoints with indices, `[arm][endpoint]`.
    pub endpoints: Vec<Vec<CompiledEndpoint>>,
    /// Analyses with indices.
    pub analyses: Vec<AnalysisPlan>,
    /// The uncertain parameters with which the patients live; those of the cards where there are none.
    pub members: Option<BoundMembers>,
    /// Path of the trial's file inside the library, or of the user's file.
    pub path: String,
}

impl Prepared {
    /// The uncertain parameters with which the patients live, in words; `None` for those of the cards.
    pub fn posterior(&self) -> Option<String> {
        self.members.as_ref().map(|members| members.members().title.clone())
    }

    /// The member of the posterior to which each of these patients belongs; `None` where all live with the same
    /// parameters.
    pub fn members_of(&self, patients: impl Iterator<Item = u64>) -> Option<Vec<usize>> {
        let members = self.members.as_ref().filter(|members| members.n_members() > 1)?;
        Some(patients.map(|number| members.member_of(number)).collect())
    }
}

/// What a file is by its place or its content; `None` if it cannot be told.
pub fn card_kind(path: &Path) -> Option<CardKind> {
    CardKind::of_path(&path.to_string_lossy()).or_else(|| {
        let text = String::from_utf8_lossy(&read_bytes(path).unwrap_or_default()).into_owned();
        text.lines().any(|line| line.trim() == "[[arm]]").then_some(CardKind::Trial)
    })
}

/// Finds a trial by id or path, reads everything it needs and lowers it.
///
/// Problems are in the list, all at once; `None` if any of them is an error.
///
/// # Errors
/// [`StudyError::UnknownTrial`] or [`StudyError::Library`] if there is nothing to read.
pub fn prepare(
    library: &mut Library,
    trial: &str,
) -> Result<(Option<Prepared>, Vec<Diagnostic>), StudyError> {
    let id = find_trial(library, trial)?;
    let mut problems = library.diagnostics.clone();
    let prepared = lower_trial(library, &id, &mut problems);
    let broken = problems.iter().any(Diagnostic::is_error);
    Ok((prepared.filter(|_| !broken), problems))
}

/// Prepares a trial that was made, not read, with endpoints that were made for it; nothing of it is left in the
/// library.
///
/// # Errors
/// As [`prepare`].
pub(crate) fn prepare_made(
    library: &mut Library,
    file: TrialFile,
    endpoints: &[Endpoint],
) -> Result<(Option<Prepared>, Vec<Diagnostic>), StudyError> {
    let id = file.id.text.clone();
    library.cards.insert(Card::Trial(Box::new(file)));
    let made = endpoints.iter().map(|endpoint| (endpoint.id.text.clone(), endpoint.clone()));
    library.cards.endpoints.extend(made);
    let prepared = prepare(library, &id);
    library.cards.trials.remove(&id);
    endpoints.iter().for_each(|endpoint| {
        library.cards.endpoints.remove(&endpoint.id.text);
    });
    prepared
}

/// Finds a trial by id or path and gives the texts of its model, the disease's first; none where the trial has errors.
///
/// # Errors
/// As [`prepare`].
pub fn model_texts(library: &mut Library, trial: &str) -> Result<(ModelTexts, Vec<Diagnostic>), StudyError> {
    let (prepared, problems) = prepare(library, trial)?;
    let texts = prepared.and_then(|prepared| library.trial_model_texts(&prepared.trial));
    Ok((texts.unwrap_or_default(), problems))
}

/// Texts of a model, each with the name under which the others import it.
pub type ModelTexts = Vec<(String, String)>;

/// Problems of a trial that is in the library, with everything it names.
pub fn check(library: &mut Library, trial: &str) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    lower_trial(library, trial, &mut problems);
    problems
}

/// The id of a trial that is in the library, or of a file that becomes part of it.
pub(crate) fn find_trial(library: &mut Library, trial: &str) -> Result<String, StudyError> {
    if library.cards.trials.contains_key(trial) {
        return Ok(trial.to_string());
    }
    let path = Path::new(trial);
    if path.exists() || path.extension().is_some() || path.components().count() > 1 {
        return Ok(library.add_file(CardKind::Trial, path)?);
    }
    let known: Vec<&str> = library.cards.trials.keys().map(String::as_str).collect();
    let near = near_names(trial, &known).into_iter().map(str::to_string).collect();
    Err(StudyError::UnknownTrial { name: trial.to_string(), near })
}

fn lower_trial(library: &mut Library, id: &str, problems: &mut Vec<Diagnostic>) -> Option<Prepared> {
    let file = library.cards.trials.get(id)?.clone();
    let (trial, found) = resolve(&file, &library.cards, &library.sources);
    // Drugs and their sensitivities were held against each other when the library was opened.
    let new: Vec<Diagnostic> = found.into_iter().filter(|problem| !problems.contains(problem)).collect();
    problems.extend(new);
    lower_resolved(library, id, trial?, &[], problems)
}

/// Lowers a trial whose cards are known; `more` are further expressions that become observables of its model.
pub(crate) fn lower_resolved(
    library: &mut Library,
    id: &str,
    trial: Trial,
    more: &[Condition],
    problems: &mut Vec<Diagnostic>,
) -> Option<Prepared> {
    lower_keeping_model(library, id, trial, more, problems).map(|(prepared, _)| prepared)
}

/// As [`lower_resolved`], with the model from which the program was made, whose units further arms need.
pub(crate) fn lower_keeping_model(
    library: &mut Library,
    id: &str,
    trial: Trial,
    more: &[Condition],
    problems: &mut Vec<Diagnostic>,
) -> Option<(Prepared, Model)> {
    let recipe = Recipe::of(&trial).map_err(|problem| problems.push(problem)).ok()?;
    let Some((mut model, found)) = library.read_trial_model(&trial) else {
        problems.push(no_model(library, &trial));
        return None;
    };
    problems.extend(found);
    for condition in trial.conditions().iter().chain(more) {
        problems.extend(model.add_observable(&condition.name, "", &condition.expression, condition.span));
    }
    if problems.iter().any(Diagnostic::is_error) {
        return None;
    }
    let program = lower(&model).map_err(|found| problems.extend(found)).ok()?;
    let convert =
        |value: f64, from: &str, to: &str| model.convert_factor(from, to).ok().map(|factor| value * factor);
    let (protocol, found) = plan(&trial, &program, &convert);
    problems.extend(found);
    let protocol = protocol?;
    let members = library.members.clone().map(|members| {
        let (bound, found) = BoundMembers::new(members, &program, &trial);
        problems.extend(found);
        bound
    });
    let compiled = compile::compile(&trial, &protocol, &library.evidence, problems);
    let prepared = Prepared {
        id: id.to_string(),
        path: library.path_of(CardKind::Trial, id).unwrap_or_default().to_string(),
        arm_ids: protocol.arms.iter().map(|arm| arm.id.clone()).collect(),
        published_sizes: trial.arms.iter().map(|arm| arm.arm.n_published.map(|n| n as usize)).collect(),
        readings: compiled.readings,
        columns: compiled.columns,
        endpoint_ids: compiled.endpoint_ids,
        endpoints: compiled.endpoints,
        analyses: compiled.analyses,
        members,
        trial,
        program,
        protocol,
        recipe,
    };
    Some((prepared, model))
}

/// The trial with other arms in place of its own, on the same program: each needs nothing of the model that some arm
/// of the trial does not need, so their patients enter as before.
///
/// # Errors
/// Why they cannot be planned.
pub(crate) fn with_arms(
    of: &Prepared,
    model: &Model,
    arms: Vec<TrialArm>,
) -> Result<Prepared, Vec<Diagnostic>> {
    let mut trial = of.trial.clone();
    trial.file.arms = arms.iter().map(|arm| arm.arm.clone()).collect();
    trial.arms = arms;
    let convert =
        |value: f64, from: &str, to: &str| model.convert_factor(from, to).ok().map(|factor| value * factor);
    let (protocol, mut problems) = plan(&trial, &of.program, &convert);
    let Some(protocol) = protocol else { return Err(problems) };
    let compiled = compile::compile(&trial, &protocol, &Evidence::default(), &mut problems);
    Ok(Prepared {
        arm_ids: protocol.arms.iter().map(|arm| arm.id.clone()).collect(),
        published_sizes: vec![None; protocol.arms.len()],
        readings: compiled.readings,
        columns: compiled.columns,
        endpoints: compiled.endpoints,
        analyses: compiled.analyses,
        trial,
        protocol,
        ..of.clone()
    })
}

fn no_model(library: &Library, trial: &Trial) -> Diagnostic {
    let name = &trial.disease.model;
    let known = library.model_paths();
    let mut problem =
        Diagnostic::error("T090", name.span, format!("there is no model `{}` in the library", name.text));
    problem.labels = vec![Label { span: name.span, text: String::new() }];
    match nearest(&name.text, known.iter().map(String::as_str)) {
        Some(near) => problem.with_help(format!("did you mean `{near}`?")),
        None => problem.with_help(format!("known here: {}", known.join(", "))),
    }
}
