//! What is explored: a disease card or a model file, as a program with its settings and starts; and names to indices.

use regraft_model::program::{Binary, Node, NodeId};
use regraft_model::{Diagnostic, Found, Model, NameError, Program, Target, lower};
use regraft_trial::quantity::{Origin, Setting, SettingValue};

use super::ExploreError;
use super::diagram::Question;
use crate::library::Library;
use crate::study::{did_you_mean, near_names};

/// A program with what is set in it before a diagram is made.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Id of the disease, or name of the model.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// The program.
    pub program: Program,
    /// The disease's parameters, and what its burn-in sets; empty for a model file.
    pub settings: Vec<(Target, f64)>,
    /// Those of the settings by which the burn-in keeps the disease still: no events, no new damage.
    pub still: Vec<(Target, f64)>,
    /// The disease's starting states; empty for a model file.
    pub diseased: Vec<(Target, f64)>,
    /// State shown unless another is asked for.
    pub state: Option<String>,
}

/// What the user asks, in names.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// What is varied.
    pub over: String,
    /// First and last value.
    pub range: (f64, f64),
    /// Values of the grid.
    pub points: usize,
    /// The state shown.
    pub state: Option<String>,
    /// Settings on top of the card's.
    pub sets: Vec<(String, f64)>,
    /// More starts: what differs from the model's own.
    pub starts: Vec<Vec<(String, f64)>>,
    /// States held at their starting value.
    pub holds: Vec<String>,
    /// How long a start is simulated.
    pub settle: f64,
}

/// The state shown of a disease's model, if it has one of that name.
const SHOWN: &str = "autoreactive_memory";

/// A disease of the library; `None` where a file has errors.
///
/// # Errors
/// [`ExploreError::Usage`] if there is no such disease.
pub fn of_disease(
    library: &mut Library,
    id: &str,
) -> Result<(Option<Subject>, Vec<Diagnostic>), ExploreError> {
    let Some(disease) = library.cards.diseases.get(id).cloned() else {
        let known = library.cards.diseases.keys().map(String::as_str);
        return Err(usage(unknown("disease", id, known, "diseases")));
    };
    let mut problems = library.diagnostics.clone();
    let Some((model, found)) = library.read_disease_model(&disease) else {
        let message = format!("there is no model `{}` in the library", disease.model.text);
        problems.push(Diagnostic::error("T090", disease.model.span, message));
        return Ok((None, problems));
    };
    problems.extend(found);
    let program = match lower(&model) {
        Ok(program) => program,
        Err(found) => {
            problems
                .extend(found.into_iter().filter(|problem| !problems.contains(problem)).collect::<Vec<_>>());
            return Ok((None, problems));
        }
    };
    let burn_in = disease.burn_in.as_ref().map_or(&[] as &[Setting], |phase| phase.set.as_slice());
    let still = values(burn_in, &model, &program, &mut problems);
    let mut settings = values(&disease.parameters, &model, &program, &mut problems);
    settings.extend(&still);
    let diseased = values(&disease.initial, &model, &program, &mut problems);
    if problems.iter().any(Diagnostic::is_error) {
        return Ok((None, problems));
    }
    let state = shown(&program, SHOWN).is_ok().then(|| SHOWN.to_string());
    let title = disease.title.clone();
    Ok((Some(Subject { id: id.to_string(), title, program, settings, still, diseased, state }), problems))
}

/// A model file that has been read.
pub fn of_model(model: &Model, program: Program) -> Subject {
    let title = if model.label.is_empty() { model.name.clone() } else { model.label.clone() };
    Subject {
        id: model.name.clone(),
        title,
        program,
        settings: Vec::new(),
        still: Vec::new(),
        diseased: Vec::new(),
        state: None,
    }
}

/// A card's settings in the model's units.
fn values(
    settings: &[Setting],
    model: &Model,
    program: &Program,
    problems: &mut Vec<Diagnostic>,
) -> Vec<(Target, f64)> {
    let mut found = Vec::new();
    for setting in settings {
        let SettingValue::Fixed(number) = &setting.value else { continue };
        let target = match target(program, &setting.target.text) {
            Ok(target) => target,
            Err(message) => {
                problems.push(Diagnostic::error("T030", setting.target.span, message));
                continue;
            }
        };
        let (_, unit) = super::diagram::target_name(program, target);
        let as_it_is = number.origin() == Origin::Switch || unit.is_empty() || unit == number.unit;
        match if as_it_is { Ok(1.0) } else { model.convert_factor(&number.unit, &unit) } {
            Ok(factor) => found.push((target, number.value * factor)),
            Err(error) => problems.push(Diagnostic::error("T034", number.span, error.to_string())),
        }
    }
    found
}

/// The question in indices.
///
/// # Errors
/// [`ExploreError::Usage`] for a name that means nothing here or a range that is none.
pub fn question(subject: &Subject, asked: &Asked) -> Result<Question, ExploreError> {
    let (from, to) = asked.range;
    if !(from.is_finite() && to.is_finite() && from < to) {
        return Err(usage(format!("the range from {from} to {to} is empty: --from must be below --to")));
    }
    let program = &subject.program;
    let set = |(name, value): &(String, f64)| Ok((target(program, name).map_err(usage)?, *value));
    let sets: Vec<(Target, f64)> = asked.sets.iter().map(set).collect::<Result<_, ExploreError>>()?;
    let name = asked.state.as_ref().or(subject.state.as_ref());
    let name = name.ok_or_else(|| usage("say with --state which state is shown".into()))?;
    let mut settings = subject.settings.clone();
    settings.extend(sets);
    let mut starts = vec![(HEALTHY.to_string(), Vec::new())];
    if !subject.diseased.is_empty() {
        starts.push((DISEASED.to_string(), subject.diseased.clone()));
    }
    for (index, start) in asked.starts.iter().enumerate() {
        let more = start.iter().map(set).collect::<Result<Vec<_>, ExploreError>>()?;
        starts.push((format!("start {}", index + 1), more));
    }
    Ok(Question {
        over: target(program, &asked.over).map_err(usage)?,
        from,
        to,
        points: asked.points.max(2),
        state: shown(program, name)?,
        holds: asked.holds.iter().map(|name| state(program, name)).collect::<Result<_, _>>()?,
        settle: asked.settle,
        settings,
        starts,
    })
}

/// The start that is the model's own.
const HEALTHY: &str = "the model's own start";
/// The start that the disease card gives.
const DISEASED: &str = "the diseased start of the card";

/// What is shown: a state, or a sum of states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Full name.
    pub name: String,
    /// Unit as declared.
    pub unit: String,
    /// The states that add up to it.
    pub parts: Vec<usize>,
}

impl Shown {
    /// Its value where all states are `states`.
    pub fn value(&self, states: &[f64]) -> f64 {
        self.parts.iter().map(|part| states[*part]).sum()
    }
}

/// A state or a sum of states by name.
///
/// # Errors
/// [`ExploreError::Usage`].
pub(super) fn shown(program: &Program, name: &str) -> Result<Shown, ExploreError> {
    let (quantity, parts) = match find(program, name).map_err(usage)? {
        Found::State(index) => (&program.states[index as usize], Some(vec![index as usize])),
        Found::Observable(index) => {
            let node = program.observable_nodes[index as usize];
            (&program.observables[index as usize], summed(program, node))
        }
        _ => return Err(no_state(name)),
    };
    let parts = parts.ok_or_else(|| no_state(name))?;
    Ok(Shown { name: quantity.name.clone(), unit: quantity.unit.clone(), parts })
}

/// The states that an expression adds up; `None` if it is anything but a sum of states.
fn summed(program: &Program, node: NodeId) -> Option<Vec<usize>> {
    match &program.nodes[node as usize] {
        Node::State(index) => Some(vec![*index as usize]),
        Node::Binary(Binary::Add, first, second) => {
            let mut parts = summed(program, *first)?;
            parts.extend(summed(program, *second)?);
            Some(parts)
        }
        _ => None,
    }
}

fn no_state(name: &str) -> ExploreError {
    usage(format!("`{name}` is no state of the model: it has no rate of change"))
}

/// A state by name.
///
/// # Errors
/// [`ExploreError::Usage`].
pub(super) fn state(program: &Program, name: &str) -> Result<u32, ExploreError> {
    match find(program, name).map_err(usage)? {
        Found::State(index) => Ok(index),
        _ => Err(no_state(name)),
    }
}

fn find(program: &Program, name: &str) -> Result<Found, String> {
    program.find(name).map_err(|error| match error {
        NameError::Unknown(near) => unknown_in_model(program, name, near.as_deref()),
        NameError::Ambiguous(names) => {
            format!(
                "`{name}` is the last part of several names of the model: write one of {}",
                names.join(", ")
            )
        }
    })
}

/// Something that can be set, by name.
pub(super) fn target(program: &Program, name: &str) -> Result<Target, String> {
    match find(program, name)? {
        Found::State(index) => Ok(Target::State(index)),
        Found::Parameter(index) => Ok(Target::Parameter(index)),
        Found::Observable(_) => Err(format!("`{name}` is computed by the model, so it cannot be set")),
        Found::Event(_) => Err(format!("`{name}` is an event of the model, so it cannot be set")),
    }
}

fn unknown_in_model(program: &Program, name: &str, near: Option<&str>) -> String {
    let quantities = program.parameters.iter().chain(&program.states).chain(&program.observables);
    let leaves: Vec<&str> = quantities.map(|one| one.name.rsplit('.').next().unwrap_or(&one.name)).collect();
    let near = near.map_or_else(|| near_names(name, &leaves), |near| vec![near]);
    format!("the model has no `{name}`{}", did_you_mean(&near))
}

/// `there is no … in the library: did you mean …?`; `folder` is that of its kind in the library.
pub(super) fn unknown<'a>(
    kind: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
    folder: &str,
) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let near = near_names(name, &known);
    let end = if near.is_empty() {
        format!(": `regraft library list {folder}` shows them all")
    } else {
        did_you_mean(&near)
    };
    format!("there is no {kind} `{name}` in the library{end}")
}

pub(super) fn usage(message: String) -> ExploreError {
    ExploreError::Usage(message)
}
